import { describe, expect, it } from 'vitest'
import { type FeedAnswer, type Moment, prng, type UnixSeconds } from '../../model/index.ts'
import { type Mechanism, wasRefused } from '../mechanism.ts'
import { MAX_UINT256 } from '../solidity.ts'
import {
  AAVE_V1_BOOK,
  type AaveAction,
  type AaveEMode,
  type AaveReserve,
  type AaveReserveConfig,
  type AaveState,
  aaveV1,
  aaveV1World,
  aaveV2,
  aaveV30,
  aaveV33,
  aaveV34,
  aaveV35,
  aaveV36,
  aaveV37,
} from './index.ts'
import { RAY } from './wad-ray.ts'

const START = 1_700_000_000
const DOLLAR = { v1: 5n * 10n ** 14n, v2: 5n * 10n ** 14n, v3: 10n ** 8n } as const
const ALL = [aaveV1, aaveV2, aaveV30, aaveV33, aaveV34, aaveV35, aaveV36, aaveV37] as const
const MODERN = [aaveV33, aaveV34, aaveV35, aaveV36, aaveV37] as const

type AnyAave = Mechanism<AaveState, AaveAction>

function reserve(asset: string, decimals: number, terms: Partial<AaveReserveConfig> = {}): AaveReserve {
  return {
    config: {
      ...{ asset, feed: asset, decimals: BigInt(decimals), ltv: 7_500n, liquidationThreshold: 8_000n },
      ...{ liquidationBonus: 10_500n, liquidationProtocolFee: 1_000n, reserveFactor: 1_000n },
      ...{ optimalUsage: 8_000n, baseRate: 0n, slope1: 400n, slope2: 6_000n },
      ...terms,
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n },
    ...{ updated: BigInt(START), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n },
    ...{ paused: false, graceUntil: 0n },
  }
}

function stateOf(reserves: readonly AaveReserve[], eModes: readonly [number, AaveEMode][] = []): AaveState {
  return {
    reserves: new Map(reserves.map((one) => [one.config.asset, one])),
    ...{ eModes: new Map(eModes), accounts: new Map(), treasury: 'treasury' },
  }
}

const market = () => stateOf([reserve('WETH', 18), reserve('USDC', 6)])

function moment(mechanism: AnyAave, dollars: Readonly<Record<string, number>>, time = START): Moment {
  const unit = mechanism.id === 'aave-v1' ? DOLLAR.v1 : mechanism.id === 'aave-v2' ? DOLLAR.v2 : DOLLAR.v3
  return {
    time: time as UnixSeconds,
    price: (feed) =>
      dollars[feed] === undefined
        ? undefined
        : (((unit * BigInt(Math.round(dollars[feed] * 100))) / 100n) as FeedAnswer),
  }
}

function done(mechanism: AnyAave, state: AaveState, action: AaveAction, at: Moment) {
  const applied = mechanism.apply(state, action, at)
  if (wasRefused(applied)) throw new Error(`${mechanism.id} refused ${action.do}: ${applied.refused.code}`)
  return applied
}

function codeOf(mechanism: AnyAave, state: AaveState, action: AaveAction, at: Moment): string {
  const applied = mechanism.apply(state, action, at)
  return wasRefused(applied) ? applied.refused.code : 'completed'
}

const supply = (account: string, asset: string, amount: bigint): AaveAction => ({
  do: 'supply',
  account,
  asset,
  amount,
})
const borrow = (account: string, asset: string, amount: bigint): AaveAction => ({
  do: 'borrow',
  account,
  asset,
  amount,
})

/** Bob supplies dollars, Ann ether for 10,000 dollars and borrows 7,400 of Bob's. */
function withLoan(mechanism: AnyAave, state = market()): AaveState {
  const at = moment(mechanism, { WETH: 2_000, USDC: 1 })
  done(mechanism, state, supply('bob', 'USDC', 50_000n * 10n ** 6n), at)
  done(mechanism, state, supply('ann', 'WETH', 5n * 10n ** 18n), at)
  done(mechanism, state, borrow('ann', 'USDC', 7_400n * 10n ** 6n), at)
  return state
}

describe('bad input', () => {
  it.each(ALL.map((one) => [one.id, one] as const))('%s answers in its own words or refuses', (_id, mechanism) => {
    const state = withLoan(mechanism)
    const empty = moment(mechanism, {})
    const at = moment(mechanism, { WETH: 2_000, USDC: 1 })
    expect(mechanism.assess(state, 'ann', empty)).toBeUndefined()
    expect(mechanism.offers(state, 'ann', empty)).toEqual([])
    expect(codeOf(mechanism, state, borrow('ann', 'USDC', 1_000_000n), empty)).toBe('missing-price')
    expect(mechanism.assess(state, 'nobody', at)).toBeUndefined()
    expect(mechanism.exposure?.(state, 'nobody', at)).toBeUndefined()
    for (const action of [
      supply('ann', 'NONE', 1n),
      borrow('ann', 'NONE', 1n),
      { do: 'withdraw', account: 'ann', asset: 'NONE', amount: 1n },
      { do: 'repay', account: 'ann', asset: 'NONE', amount: 1n },
      { do: 'set-collateral', account: 'ann', asset: 'NONE', enabled: true },
      supply('ann', 'WETH', 0n),
      supply('ann', 'WETH', -1n),
      borrow('ann', 'USDC', MAX_UINT256 + 1n),
      borrow('ann', 'USDC', MAX_UINT256),
      { do: 'set-emode', account: 'ann', category: 9 },
      { do: 'set-emode', account: 'ann', category: 1.5 },
    ] satisfies AaveAction[]) {
      const before = structuredClone(state)
      expect(codeOf(mechanism, state, action, at)).not.toBe('completed')
      expect(state).toEqual(before)
    }
  })

  it.each(ALL.map((one) => [one.id, one] as const))('%s: an account without debt needs nothing', (_id, mechanism) => {
    const state = market()
    const at = moment(mechanism, { WETH: 2_000, USDC: 1 })
    done(mechanism, state, supply('ann', 'WETH', 10n ** 18n), at)
    expect([...mechanism.targets(state)]).toEqual([])
    expect(mechanism.assess(state, 'ann', at)).toMatchObject({ required: 0n, liquidatable: false })
    state.accounts.set('new', { eMode: 0, positions: new Map() })
    const nothing = { backing: 0n, required: 0n, equity: 0n, liquidatable: false }
    expect(mechanism.assess(state, 'new', at)).toEqual(nothing)
  })

  it('a price of zero: v3 reverts without data, v1 and v2 take it as worth nothing', () => {
    for (const mechanism of ALL) {
      const state = withLoan(mechanism)
      const health = mechanism.assess(state, 'ann', moment(mechanism, { WETH: 0, USDC: 1 }))
      if (mechanism.id.startsWith('aave-v3')) expect(health).toBeUndefined()
      else expect(health).toMatchObject({ backing: 0n, liquidatable: true })
    }
    const state = withLoan(aaveV36)
    const at = moment(aaveV36, { WETH: 0, USDC: 1 })
    expect(codeOf(aaveV36, state, borrow('ann', 'USDC', 1n), at)).toBe('(empty)')
  })

  it('a clock that runs backwards is refused', () => {
    for (const mechanism of ALL) {
      const state = withLoan(mechanism)
      const at = moment(mechanism, { WETH: 2_000, USDC: 1 }, START - 10)
      expect(codeOf(mechanism, state, { do: 'repay', account: 'ann', asset: 'USDC', amount: 5n }, at)).not.toBe(
        'completed',
      )
    }
  })
})

describe('the close factor of v3.3 and later', () => {
  const three = () =>
    stateOf(['WETH', 'GHO', 'USDC', 'DAI'].map((asset) => reserve(asset, 18, { liquidationProtocolFee: 0n })))

  it.each(
    MODERN.map((one) => [one.id, one] as const),
  )('%s: half of the whole debt may be one reserve wholly', (_id, mechanism) => {
    const state = three()
    const at = moment(mechanism, { WETH: 3_000, GHO: 1, USDC: 1, DAI: 1 })
    for (const asset of ['GHO', 'USDC', 'DAI']) done(mechanism, state, supply('bob', asset, 10_000n * 10n ** 18n), at)
    done(mechanism, state, supply('ann', 'WETH', 4n * 10n ** 18n), at)
    for (const asset of ['GHO', 'USDC', 'DAI']) done(mechanism, state, borrow('ann', asset, 3_000n * 10n ** 18n), at)
    const worse = moment(mechanism, { WETH: 2_800, GHO: 1, USDC: 1, DAI: 1 })
    const liquidated = done(
      mechanism,
      state,
      {
        ...{ do: 'liquidate', borrower: 'ann', liquidator: 'lin', collateral: 'WETH', debt: 'GHO' },
        ...{ debtToCover: MAX_UINT256, receiveAToken: false },
      },
      worse,
    )
    expect(liquidated.paid).toEqual([{ asset: 'GHO', atoms: 3_000n * 10n ** 18n }])
    expect(state.accounts.get('ann')?.positions.get('GHO')?.borrowing).toBe(false)
  })

  it('v3.0 takes half of that one reserve instead', () => {
    const state = three()
    const at = moment(aaveV30, { WETH: 3_000, GHO: 1, USDC: 1, DAI: 1 })
    for (const asset of ['GHO', 'USDC', 'DAI']) done(aaveV30, state, supply('bob', asset, 10_000n * 10n ** 18n), at)
    done(aaveV30, state, supply('ann', 'WETH', 4n * 10n ** 18n), at)
    for (const asset of ['GHO', 'USDC', 'DAI']) done(aaveV30, state, borrow('ann', asset, 3_000n * 10n ** 18n), at)
    const [offer] = aaveV30.offers(state, 'ann', moment(aaveV30, { WETH: 2_800, GHO: 1, USDC: 1, DAI: 1 }))
    expect(offer?.pay[0]?.atoms).toBe(1_500n * 10n ** 18n)
  })
})

describe('bad debt', () => {
  it.each(
    MODERN.map((one) => [one.id, one] as const),
  )('%s books it as a deficit when no collateral is left', (_id, mechanism) => {
    const state = withLoan(mechanism)
    const at = moment(mechanism, { WETH: 1_000, USDC: 1 })
    const [offer] = mechanism.offers(state, 'ann', at)
    if (!offer) throw new Error('no offer')
    const { facts } = done(mechanism, state, offer.action, at)
    const deficit = state.reserves.get('USDC')?.deficit ?? 0n
    expect(Number(deficit)).toBeCloseTo(7_400e6 - 5_000e6 / 1.05, -1)
    expect(facts).toMatchObject([{ type: 'loan-liquidation', badDebt: { asset: 'USDC', atoms: deficit } }])
    expect(state.accounts.get('ann')?.positions.get('USDC')).toMatchObject({ scaledDebt: 0n, borrowing: false })
    expect([...mechanism.targets(state)]).toEqual([])
  })

  it('v1, v2 and v3.0 leave it with the account', () => {
    for (const mechanism of [aaveV1, aaveV2, aaveV30]) {
      const state = withLoan(mechanism)
      const at = moment(mechanism, { WETH: 1_000, USDC: 1 })
      for (let round = 0; round < 40; round++) {
        const [offer] = mechanism.offers(state, 'ann', at)
        if (!offer) break
        done(mechanism, state, offer.action, at)
      }
      const health = mechanism.assess(state, 'ann', at)
      expect(health?.liquidatable).toBe(true)
      expect((health?.backing ?? 1n) * 100_000n).toBeLessThan(health?.required ?? 0n)
      expect([...mechanism.targets(state)]).toEqual(['ann'])
    }
  })
})

describe('what the versions differ in', () => {
  const stables: AaveEMode = {
    ...{ ltv: 9_300n, liquidationThreshold: 9_500n, liquidationBonus: 10_100n },
    ...{ collateral: ['WETH'], borrowable: ['USDC'], isolated: true },
  }

  it('a first supply of isolated collateral is no collateral by itself, its debt is capped, and v3.7 knows none of it', () => {
    const isolated = () =>
      stateOf([
        reserve('WETH', 18, { debtCeiling: 1_000_00n }),
        reserve('USDC', 6, { borrowableInIsolation: true }),
        reserve('DAI', 18),
      ])
    for (const mechanism of [aaveV30, aaveV33, aaveV34, aaveV35, aaveV36]) {
      const state = isolated()
      const at = moment(mechanism, { WETH: 2_000, USDC: 1, DAI: 1 })
      done(mechanism, state, supply('bob', 'USDC', 50_000n * 10n ** 6n), at)
      done(mechanism, state, supply('bob', 'DAI', 50_000n * 10n ** 18n), at)
      done(mechanism, state, supply('ann', 'WETH', 10n ** 18n), at)
      const numbered = mechanism === aaveV30 || mechanism === aaveV33
      expect(state.accounts.get('ann')?.positions.get('WETH')?.usedAsCollateral).toBe(false)
      done(mechanism, state, { do: 'set-collateral', account: 'ann', asset: 'WETH', enabled: true }, at)
      expect(codeOf(mechanism, state, borrow('ann', 'DAI', 10n ** 18n), at)).toBe(
        numbered ? '60' : 'AssetNotBorrowableInIsolation',
      )
      done(mechanism, state, borrow('ann', 'USDC', 999n * 10n ** 6n), at)
      expect(state.reserves.get('WETH')?.isolationDebt).toBe(999_00n)
      expect(codeOf(mechanism, state, borrow('ann', 'USDC', 2n * 10n ** 6n), at)).toBe(
        numbered ? '53' : 'DebtCeilingExceeded',
      )
      done(mechanism, state, { do: 'repay', account: 'ann', asset: 'USDC', amount: MAX_UINT256 }, at)
      expect(state.reserves.get('WETH')?.isolationDebt).toBe(0n)
    }
    const state = isolated()
    const at = moment(aaveV37, { WETH: 2_000, USDC: 1, DAI: 1 })
    done(aaveV37, state, supply('ann', 'WETH', 10n ** 18n), at)
    expect(state.accounts.get('ann')?.positions.get('WETH')?.usedAsCollateral).toBe(true)
  })

  it('a siloed asset is borrowed alone', () => {
    for (const mechanism of [aaveV30, aaveV33, aaveV34, aaveV35, aaveV36]) {
      const state = stateOf([reserve('WETH', 18), reserve('USDC', 6), reserve('DAI', 18, { siloed: true })])
      const at = moment(mechanism, { WETH: 2_000, USDC: 1, DAI: 1 })
      for (const [asset, amount] of [
        ['USDC', 10n ** 10n],
        ['DAI', 10n ** 22n],
      ] as const)
        done(mechanism, state, supply('bob', asset, amount), at)
      done(mechanism, state, supply('ann', 'WETH', 10n ** 18n), at)
      done(mechanism, state, borrow('ann', 'USDC', 10n ** 6n), at)
      const numbered = mechanism === aaveV30 || mechanism === aaveV33
      const code = numbered ? '89' : 'SiloedBorrowingViolation'
      expect(codeOf(mechanism, state, borrow('ann', 'DAI', 10n ** 18n), at)).toBe(code)
    }
  })

  it('in v3.7 an isolated e-mode lets no other collateral borrow, in v3.6 it does', () => {
    for (const [mechanism, code] of [
      [aaveV36, 'completed'],
      [aaveV37, 'InvalidCollateralInEmode'],
    ] as const) {
      const state = stateOf([reserve('WETH', 18), reserve('USDC', 6), reserve('DAI', 18)], [[1, stables]])
      const at = moment(mechanism, { WETH: 2_000, USDC: 1, DAI: 1 })
      done(mechanism, state, supply('ann', 'DAI', 10n ** 20n), at)
      expect(codeOf(mechanism, state, { do: 'set-emode', account: 'ann', category: 1 }, at)).toBe(code)
    }
  })

  it('from v3.6 a liquidator’s first aTokens are no collateral by themselves', () => {
    for (const mechanism of [aaveV2, aaveV30, aaveV33, aaveV34, aaveV35, aaveV36, aaveV37]) {
      const state = withLoan(mechanism)
      done(
        mechanism,
        state,
        {
          ...{ do: 'liquidate', borrower: 'ann', liquidator: 'lin', collateral: 'WETH', debt: 'USDC' },
          ...{ debtToCover: 3_000n * 10n ** 6n, receiveAToken: true },
        },
        moment(mechanism, { WETH: 1_800, USDC: 1 }),
      )
      const held = state.accounts.get('lin')?.positions.get('WETH')
      expect(held?.scaledCollateral).toBeGreaterThan(0n)
      expect(held?.usedAsCollateral).toBe(mechanism !== aaveV36 && mechanism !== aaveV37)
    }
  })

  it('where a repayment strikes out the stable-rate total, v3.0 still sets its rates by the rest, v2 by nothing', () => {
    for (const mechanism of [aaveV2, aaveV30]) {
      const state = withLoan(mechanism)
      const usdc = state.reserves.get('USDC')
      const ann = state.accounts.get('ann')?.positions.get('USDC')
      if (!usdc || !ann) throw new Error('no loan')
      const updated = BigInt(START)
      ann.stable = { principal: 999n * 10n ** 6n, rate: RAY / 10n, updated }
      usdc.stable = { principal: 1_000n * 10n ** 6n, rate: RAY / 20n, updated }
      for (const mode of ['variable', 'stable'] as const) {
        const repay: AaveAction = { do: 'repay', account: 'ann', asset: 'USDC', amount: MAX_UINT256, mode }
        done(mechanism, state, repay, moment(mechanism, { WETH: 2_000, USDC: 1 }))
      }
      expect(usdc.stable).toBeUndefined()
      // One dollar is still counted as lent; the slope is 4 % of a year at a usage of 80 %.
      const rate = (10n ** 6n * RAY) / (usdc.virtualBalance + 10n ** 6n) / 20n
      const difference = usdc.variableBorrowRate - (mechanism === aaveV2 ? 0n : rate)
      expect([-1n, 0n, 1n]).toContain(difference)
    }
  })

  it('v1 liquidates the origination fee along with half of the debt', () => {
    const state = withLoan(aaveV1)
    const fee = (7_400n * 10n ** 6n * 25n) / 10_000n
    expect(state.accounts.get('ann')?.positions.get('USDC')?.v1?.fee).toBe(fee)
    const at = moment(aaveV1, { WETH: 1_800, USDC: 1 })
    const [offer] = aaveV1.offers(state, 'ann', at)
    if (!offer) throw new Error('no offer')
    const { moved } = done(aaveV1, state, offer.action, at)
    expect(moved).toMatchObject({ repaid: 3_700n * 10n ** 6n, feeLiquidated: fee })
    expect(state.accounts.get('ann')?.positions.get('USDC')?.v1?.fee).toBe(0n)
    expect(state.reserves.get('WETH')?.feesCollected).toBe(moved?.['collateralForFee'])
  })

  it('v1 forgets the index of who liquidates himself for all of his aTokens: every look and action on them then fails', () => {
    const state = withLoan(aaveV1)
    const at = moment(aaveV1, { WETH: 400, USDC: 1 })
    const own = { do: 'liquidate', borrower: 'ann', liquidator: 'ann', collateral: 'WETH', debt: 'USDC' } as const
    done(aaveV1, state, { ...own, debtToCover: MAX_UINT256, receiveAToken: true }, at)
    const position = state.accounts.get('ann')?.positions.get('WETH')
    expect(position).toMatchObject({ scaledCollateral: 5n * 10n ** 18n, v1: { index: 0n } })
    expect(() => AAVE_V1_BOOK.balancesOf(state.reserves.get('WETH')!, position!, BigInt(at.time))).toThrow(/division/)
    expect([...aaveV1.targets(state)]).toEqual(['ann'])
    expect(aaveV1.assess(state, 'ann', at)).toBeUndefined()
    expect(aaveV1.offers(state, 'ann', at)).toEqual([])
    expect(aaveV1.exposure?.(state, 'ann', at)).toBeUndefined()
    expect(codeOf(aaveV1, state, supply('ann', 'WETH', 1n), at)).toBe('SafeMath: division by zero')
    expect(codeOf(aaveV1, state, { ...own, debtToCover: 1n, receiveAToken: false }, at)).toBe('Liquidation call failed')
    const world = aaveV1World(prng(1))
    for (const [id, account] of state.accounts) world.state.accounts.set(id, account)
    expect(() => world.audit?.(world.state, world.at)).not.toThrow()
    expect(() => Array.from({ length: 40 }, () => world.next(world.state, world.at))).not.toThrow()
  })
})
