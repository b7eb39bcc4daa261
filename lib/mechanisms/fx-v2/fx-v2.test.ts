/** Figures of AladdinDAO/fx-protocol-contracts `test/core/PoolManager.spec.ts`, to the atom; then what goes wrong. */
import { describe, expect, it } from 'vitest'
import { canonical, type FeedAnswer, type Moment, parseFixed, type UnixSeconds } from '../../model/index.ts'
import { gains, ME } from '../../test/round-trips.ts'
import { type Completed, wasRefused } from '../mechanism.ts'
import {
  emptyFxV2,
  FX_V2_TERMS,
  type FxV2Action,
  type FxV2Payment,
  type FxV2State,
  type FxV2Terms,
  fxV2,
  fxV2Look,
  fxV2World,
} from './index.ts'

const wad = (text: string) => parseFixed(text, 18)
const START = 1_700_000_000
const NO_FEES = { ...FX_V2_TERMS.fees, supply: 0n, withdraw: 0n, borrow: 0n, repay: 0n, redeem: 10_000_000n }
const SPEC: FxV2Terms = {
  ...FX_V2_TERMS,
  ...{ liquidateRatio: wad('0.92'), liquidateBonus: 50_000_000n, fees: NO_FEES },
  funding: { below: 0n, crowded: 0n, maxFxUsdRatio: 0n },
}
const FEEDS = { min: 'min', max: 'max', rate: 'rate', stable: 'usdc' }

function moment(prices: Partial<Record<string, string>> = {}, time = START): Moment {
  const all: Partial<Record<string, string>> = { min: '2999', max: '3001', rate: '1.23', usdc: '0.991', ...prices }
  return {
    time: time as UnixSeconds,
    price: (feed) => {
      const text = all[feed]
      return text === undefined ? undefined : (wad(text) as bigint as FeedAnswer)
    },
  }
}
const at = (price: string, time = START) => moment({ min: price, max: price }, time)

function did(state: FxV2State, action: FxV2Action, when: Moment): Completed {
  const done = fxV2.apply(state, action, when)
  if (wasRefused(done)) throw new Error(`${action.do}: ${done.refused.code} ${done.refused.message}`)
  return done
}
function refused(state: FxV2State, action: FxV2Action, when: Moment): string {
  const before = canonical(state)
  const done = fxV2.apply(state, action, when)
  expect(canonical(state)).toBe(before)
  return wasRefused(done) ? done.refused.code : 'completed'
}

/** A pool with positions of these units and debts, all by ann. */
function pool(positions: readonly (readonly [string, string])[], terms: Partial<FxV2Terms> = {}): FxV2State {
  const state = emptyFxV2({ ...SPEC, ...terms }, FEEDS, BigInt(START))
  for (const [coll, debt] of positions)
    did(state, { do: 'operate', by: 'ann', coll: wad(coll), debt: wad(debt) }, moment())
  return state
}
const THREE = [
  ['0.1', '220'],
  ['1', '2200'],
  ['10', '22000'],
] as const
const SPREAD = [
  ['0.1', '220'],
  ['1', '1000'],
  ['10', '10000'],
] as const
const LOOSE = { minDebtRatio: 0n, maxDebtRatio: wad('1') }
const BY_STABLE: FxV2Payment = { from: 'base', token: 'stable' }
const deposit = (token: 'fxUsd' | 'stable', amount: bigint): FxV2Action => ({
  ...{ do: 'base-deposit', by: 'len', token, amount },
})
const rich = (state: FxV2State) => did(state, deposit('stable', 10n ** 13n), moment({ usdc: '1' }))

describe('a rebalance of a tick', () => {
  it('moves three positions at once, paid in fxUSD', () => {
    const state = pool(THREE)
    expect([state.book.topTick, state.book.nextNode]).toEqual([4_997, 2])
    did(state, deposit('fxUsd', wad('24420')), moment())
    const done = did(state, { do: 'rebalance-tick', tick: 4_997, pay: BY_STABLE }, at('2000'))
    expect(done.moved).toMatchObject({
      rawDebt: wad('3986.938775510204081632'),
      colls: wad('1.657172722747635639'),
      fee: wad('0.004051767048282727'),
      usdc: 0n,
    })
    expect((done.moved?.rawColl ?? 0n) + (done.moved?.bonus ?? 0n)).toBe(wad('2.043306122448979591'))
    // Each position lost the same part, and all stand at 88 % again.
    for (const id of ['1', '2', '3']) {
      const side = fxV2Look(state, id, at('2000'))?.side
      const ratio = ((side?.rawDebt ?? 0n) * wad('1')) / (((side?.rawColl ?? 1n) * wad('2000')) / wad('1'))
      expect(Number(ratio) / 1e18).toBeCloseTo(0.88, 12)
    }
    expect(state.book.rawCollateral).toBe(state.book.collShares)
  })

  it('is paid in USDC at its price, rounded up, where the stable pool has no fxUSD', () => {
    const state = pool(THREE)
    did(state, deposit('stable', 10n ** 10n), moment({ usdc: '1' }))
    const done = did(state, { do: 'rebalance-tick', tick: 4_997, pay: BY_STABLE }, at('2000'))
    expect(done.moved).toMatchObject({ usdc: 4_023_147_100n, fxUsd: 0n, colls: wad('1.657172722747635639') })
    expect(state.book.stableManaged).toBe(wad('3986.938775510204081632'))
  })

  it('gives the same for everything from the top down', () => {
    const state = pool(THREE)
    rich(state)
    const done = did(state, { do: 'rebalance', pay: BY_STABLE }, at('2000'))
    expect(done.moved).toMatchObject({ rawDebt: wad('3986.938775510204081632'), colls: wad('1.657172722747635639') })
  })

  it('takes 8 decimals of collateral as well as 18', () => {
    const state = emptyFxV2(SPEC, FEEDS, BigInt(START), { decimals: 8n })
    for (const [coll, debt] of THREE)
      did(state, { do: 'operate', by: 'ann', coll: parseFixed(coll, 8), debt: wad(debt) }, moment())
    rich(state)
    const done = did(state, { do: 'rebalance-tick', tick: 4_997, pay: BY_STABLE }, at('2000'))
    expect(done.moved).toMatchObject({ colls: 165_717_272n, fee: 405_176n })
  })
})

describe('a liquidation', () => {
  const liquidation: FxV2Action = { do: 'liquidate', pay: BY_STABLE }
  const single: FxV2Action = { do: 'liquidate-position', position: '1', pay: BY_STABLE }

  it.each([
    ['ticks', liquidation],
    ['positions', single],
  ] as const)('pays its bonus out of the collateral, then out of the reserve: calls on %s', (calls, action) => {
    const covered = pool(SPREAD, { ...LOOSE, calls })
    rich(covered)
    const done = did(covered, action, at('1900'))
    expect(done.moved).toMatchObject({ rawDebt: wad('220'), fee: wad('0.000470688917415489'), fromReserve: 0n })
    expect(Number(done.moved?.colls)).toBeCloseTo(Number(wad('0.098373983739837398')), -1)

    const short = pool(SPREAD, { ...LOOSE, calls })
    rich(short)
    did(short, { do: 'fund-reserve', amount: wad('1') }, moment())
    expect(did(short, action, at('1850')).moved).toMatchObject({
      colls: wad('0.101032740057130300'),
      fee: wad('0.000483410239507800'),
      fromReserve: wad('0.001516150296638100'),
    })

    const poor = pool(SPREAD, { ...LOOSE, calls, fees: { ...NO_FEES, liquidation: 0n } })
    rich(poor)
    did(poor, { do: 'fund-reserve', amount: wad('0.001') }, moment())
    expect(did(poor, action, at('1850')).moved).toMatchObject({ colls: wad('0.101'), fromReserve: wad('0.001') })
    expect(poor.book.reserve).toBe(0n)
  })

  it.each(['ticks', 'positions'] as const)('spreads what nothing covers over the others: calls on %s', (calls) => {
    const state = pool(SPREAD, { ...LOOSE, calls })
    rich(state)
    const before = ['2', '3'].map((id) => fxV2Look(state, id, at('1500'))?.side.rawDebt ?? 0n)
    const done = did(state, calls === 'ticks' ? liquidation : single, at('1500'))
    // 0.123 of collateral at 1,500 repay 184.5; the rest of 220 is borne by 11,000 of debt.
    expect(done.moved?.rawDebt).toBe(wad('184.5'))
    expect(done.facts).toMatchObject([{ badDebt: { atoms: wad('35.5') } }])
    const after = ['2', '3'].map((id) => fxV2Look(state, id, at('1500'))?.side.rawDebt ?? 0n)
    after.forEach((debt, i) => {
      expect(Number(debt) / Number(before[i])).toBeCloseTo(1 + 35.5 / 11_000, 12)
    })
    expect(fxV2Look(state, '1', at('1500'))?.side).toMatchObject({ rawColl: 0n, rawDebt: 0n })
    expect(state.book.supply).toBe(state.book.debt + state.book.stableManaged)
  })

  it('cannot spread the last position’s debt over nobody', () => {
    const state = pool([['1', '2200']])
    rich(state)
    expect(refused(state, liquidation, at('1500'))).toBe('Panic(0x12)')
    expect(fxV2.assess(state, '1', at('1500'))).toMatchObject({ liquidatable: true })
    expect(fxV2.offers(state, '1', at('1500'))).toEqual([])
  })

  it('is for the stable pool alone while that is large, and for anyone when it is small', () => {
    const own: FxV2Action = { do: 'liquidate', pay: { from: 'own', fxUsd: wad('1000'), stable: 0n } }
    const state = pool(SPREAD, LOOSE)
    expect(did(structuredClone(state), own, at('1900')).paid).toMatchObject([{ atoms: wad('220') }, { atoms: 0n }])
    rich(state)
    expect(refused(state, own, at('1900'))).toBe('ErrorCallerNotFxUSDSave')
  })
})

describe('a redemption', () => {
  it('takes a fifth of the top tick at the greatest price, and no more than moves it', () => {
    const state = pool([
      ['1', '2200'],
      ['1', '2100'],
      ['1', '2000'],
      ['1', '1900'],
    ])
    const done = did(state, { do: 'redeem', debt: wad('440') }, moment())
    const whole = wad('0.119201458592393321')
    expect(done.received).toEqual([{ asset: 'collateral', atoms: whole - whole / 100n }])
    const [first, second] = ['1', '2'].map((id) => fxV2Look(state, id, moment())?.side)
    expect(Math.abs(Number((first?.rawColl ?? 0n) - wad('1.083382205931356215')))).toBeLessThanOrEqual(10)
    expect(Math.abs(Number((first?.rawDebt ?? 0n) - wad('1760')))).toBeLessThanOrEqual(1e6)
    expect(second).toMatchObject({ rawColl: wad('1.23'), rawDebt: wad('2100') })
    expect(refused(state, { do: 'redeem', debt: wad('99') }, moment())).toBe('ErrorRedeemDebtsTooSmall')
    expect(refused(state, { do: 'redeem', debt: wad('9000') }, moment())).toBe('ErrorRedeemExceedBalance')
  })
})

describe('income of the pool', () => {
  it('is the yield of the collateral token and the fee for opening', () => {
    const state = pool([])
    did(state, { do: 'set-terms', terms: { fees: { ...NO_FEES, supply: 1_000_000n } } }, moment())
    did(state, { do: 'operate', by: 'ann', coll: wad('100'), debt: wad('220000') }, moment())
    const done = did(state, { do: 'harvest' }, moment({ rate: '1.3' }))
    expect(Number(done.moved?.rewards)).toBeCloseTo(Number(wad('5.379230769230769230')), -3)
    expect(done.moved).toMatchObject({ fees: wad('0.1'), funding: 0n })
    expect(did(state, { do: 'harvest' }, moment({ rate: '1.3' })).received).toEqual([
      { asset: 'collateral', atoms: 0n },
    ])
  })

  it('is funding below the peg: a year at 5 % takes a twentieth of all collateral', () => {
    const terms = { ...SPEC, funding: { below: wad('1'), crowded: 0n, maxFxUsdRatio: wad('1') } }
    const state = emptyFxV2(terms, { ...FEEDS, fxUsd: 'fxUSD' }, BigInt(START), { interest: wad('0.05') })
    did(state, { do: 'operate', by: 'ann', coll: wad('1'), debt: wad('2200') }, moment({ fxUSD: '1' }))
    const later = (fxUSD: string) => moment({ fxUSD }, START + 365 * 86_400)
    expect(fxV2Look(state, '1', later('1'))?.side.rawColl).toBe(wad('1.23'))
    const left = fxV2Look(state, '1', later('0.98'))?.side.rawColl ?? 0n
    expect(Number(left)).toBeCloseTo(1.23e18 * 0.95, -3)
    expect(did(state, { do: 'harvest' }, later('0.98')).moved?.funding).toBe(0n)
    did(state, { do: 'operate', by: 'ann', position: '1', coll: wad('0.1'), debt: 0n }, later('0.98'))
    const { funding = 0n } = did(state, { do: 'harvest' }, later('0.98')).moved ?? {}
    expect(Number(funding)).toBeCloseTo(0.05e18, -3)
    // Below its peg nobody borrows; at its peg nobody redeems.
    const borrow: FxV2Action = { do: 'operate', by: 'ann', position: '1', coll: 0n, debt: wad('10') }
    expect(refused(state, borrow, later('0.98'))).toBe('ErrorBorrowPaused')
    expect(refused(state, { do: 'redeem', debt: wad('200') }, later('1'))).toBe('ErrorRedeemNotAllowed')
  })
})

describe('round trips', () => {
  it('give nobody an atom', () => {
    const free = { ...FX_V2_TERMS.fees, supply: 0n, withdraw: 0n, borrow: 0n, repay: 0n, instantRedeem: 0n }
    const report = gains<FxV2State, FxV2Action>(
      fxV2,
      fxV2World,
      (amount) => [
        [
          { do: 'operate', by: ME, coll: amount * 10n ** 10n, debt: amount * 10n ** 13n },
          (_state, { moved }) => ({
            ...{ do: 'operate', by: ME, coll: 'all', debt: 'all' },
            position: String(moved?.['position']),
          }),
        ],
        [
          { do: 'base-deposit', by: ME, token: 'fxUsd', amount: amount * 10n ** 12n },
          (_state, { moved }) => ({ do: 'base-instant-redeem', by: ME, shares: moved?.['shares'] ?? 0n }),
        ],
      ],
      [{ do: 'set-terms', terms: { fees: free, minDebtRatio: 0n } }],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })
})

describe('what goes wrong', () => {
  it('without a price, or with one of zero, nothing is judged and nothing is done', () => {
    const state = pool(THREE)
    rich(state)
    for (const when of [moment({ min: undefined }), moment({ min: '0' })]) {
      expect(fxV2.assess(state, '1', when)).toBeUndefined()
      expect(fxV2.offers(state, '1', when)).toEqual([])
      expect(refused(state, { do: 'liquidate', pay: BY_STABLE }, when)).toBe('oracle')
      expect(refused(state, { do: 'operate', by: 'ann', position: '1', coll: -wad('0.01'), debt: 0n }, when)).toBe(
        'oracle',
      )
    }
    expect(refused(state, { do: 'rebalance', pay: BY_STABLE }, moment({ min: '2000', rate: undefined }))).toBe('oracle')
  })

  it('a jump through both lines leaves no rebalance, only the liquidation', () => {
    const state = pool(THREE, { liquidateRatio: wad('0.95') })
    rich(state)
    const rebalance: FxV2Action = { do: 'rebalance-tick', tick: 4_997, pay: BY_STABLE }
    expect(refused(state, rebalance, at('2100'))).toBe('ErrorRebalanceDebtRatioNotReached')
    expect(refused(state, rebalance, at('1870'))).toBe('ErrorRebalanceOnLiquidatableTick')
    expect(did(state, { do: 'rebalance', pay: BY_STABLE }, at('1870')).facts).toEqual([])
    expect(fxV2.offers(state, '1', at('1870'))).toMatchObject([{ action: { do: 'liquidate' } }])
    expect(did(state, { do: 'liquidate', pay: BY_STABLE }, at('1870')).moved?.rawDebt).toBe(wad('24420'))
  })

  it('owners are held to their bounds', () => {
    const state = pool([['1', '2200']])
    const operate = (coll: bigint | 'all', debt: bigint | 'all', more = {}) =>
      refused(state, { do: 'operate', by: 'ann', position: '1', coll, debt, ...more }, moment())
    expect(operate(0n, 0n)).toBe('ErrorNoSupplyAndNoBorrow')
    expect(operate(10n ** 8n, 0n)).toBe('ErrorCollateralTooSmall')
    expect(operate(0n, 10n ** 8n)).toBe('ErrorDebtTooSmall')
    expect(operate(0n, wad('1000'))).toBe('ErrorDebtRatioTooLarge')
    expect(operate(wad('1'), 0n)).toBe('ErrorDebtRatioTooSmall')
    expect(operate(-wad('2'), 0n)).toBe('ErrorWithdrawExceedSupply')
    expect(operate(-wad('0.01'), 0n, { by: 'eve' })).toBe('ErrorNotPositionOwner')
    expect(operate(-wad('0.01'), 0n, { position: '7' })).toBe('ERC721NonexistentToken')
    expect(refused(state, { do: 'liquidate-position', position: '1', pay: BY_STABLE }, moment())).toBe(
      'ErrorLiquidateDebtsTooSmall',
    )
    rich(state)
    expect(refused(state, { do: 'liquidate-position', position: '1', pay: BY_STABLE }, moment())).toBe(
      'no such function',
    )
    expect(did(state, { do: 'operate', by: 'ann', position: '1', coll: 'all', debt: 'all' }, moment())).toMatchObject({
      ...{ paid: [{ asset: 'fxUSD', atoms: wad('2200') }], received: [{ asset: 'collateral', atoms: wad('1') }] },
    })
    expect(state.book).toMatchObject({ collShares: 0n, debtShares: 0n, debt: 0n, supply: 0n, tokens: 0n })
  })

  it('bad debt on dust alone runs over the debt index and into the collateral index, as in the contract', () => {
    const state = pool(
      [
        ['1', '2200'],
        ['0.000000001', '0.000000001'],
      ],
      { ...LOOSE, calls: 'positions' },
    )
    rich(state)
    const before = state.book.collIndex
    const done = did(state, { do: 'liquidate-position', position: '1', pay: BY_STABLE }, at('1500'))
    expect(done.facts).toMatchObject([{ badDebt: { atoms: wad('355') } }])
    // 355 · 2^96 / 10^9 shares have more than 128 bits: the index keeps the low ones, and the rest falls onto its neighbour.
    const whole = (1n << 96n) + (wad('355') * (1n << 96n)) / 10n ** 9n
    expect(whole >> 128n).toBeGreaterThan(0n)
    expect(state.book).toMatchObject({ debtIndex: whole % (1n << 128n), collIndex: before | (whole >> 128n) })
    expect(state.book.supply).toBe(state.book.debt + state.book.stableManaged)
  })

  it('collateral left in a closed tick is reached twice by its part, as in the contract', () => {
    // Two positions in one tick, rebalanced (their node is hung under another), then liquidated whole with collateral left over.
    const few = [
      ['1', '2200'],
      ['1', '2200'],
      ['10', '16000'],
    ] as const
    const state = pool(few, { minDebtRatio: 0n, liquidateBonus: 10_000_000n })
    rich(state)
    did(state, { do: 'rebalance-tick', tick: 4_997, pay: BY_STABLE }, at('2000'))
    did(state, { do: 'liquidate', pay: BY_STABLE }, at('1900'))
    const left = fxV2Look(state, '1', at('1900'))?.side.rawColl ?? 0n
    expect(left).toBeGreaterThan(0n)
    expect(fxV2Look(state, '2', at('1900'))?.side.rawColl).toBe(left)
    did(state, { do: 'operate', by: 'ann', position: '1', coll: 'all', debt: 0n }, at('1900'))
    const second = fxV2Look(state, '2', at('1900'))?.side.rawColl ?? 0n
    expect(second).toBeLessThan(left / 2n)
    // What the second cannot reach stays booked with the pool.
    expect(state.book.tokens).toBeGreaterThanOrEqual(state.book.collateral)
  })
})
