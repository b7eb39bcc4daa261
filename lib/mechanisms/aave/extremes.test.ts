/** States and sums at the edge of what Aave's contracts can hold, as their bytecode answers them. */
import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { type Mechanism, wasRefused } from '../mechanism.ts'
import { MAX_UINT256 } from '../solidity.ts'
import {
  type AaveAction,
  type AaveReserve,
  type AaveReserveConfig,
  type AaveState,
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
const WHOLE = 10n ** 18n
type AnyAave = Mechanism<AaveState, AaveAction>

function reserve(asset: string, terms: Partial<AaveReserveConfig> = {}): AaveReserve {
  return {
    config: {
      ...{ asset, feed: asset, decimals: 18n, ltv: 7_500n, liquidationThreshold: 8_000n },
      ...{ liquidationBonus: 10_500n, liquidationProtocolFee: 1_000n, reserveFactor: 1_000n },
      ...{ optimalUsage: 8_000n, baseRate: 100n, slope1: 400n, slope2: 6_000n },
      ...terms,
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n },
    ...{ updated: BigInt(START), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n },
    ...{ paused: false, graceUntil: 0n },
  }
}

function stateOf(...reserves: readonly AaveReserve[]): AaveState {
  return {
    reserves: new Map(reserves.map((one) => [one.config.asset, one])),
    ...{ eModes: new Map(), accounts: new Map(), treasury: 'treasury' },
  }
}

const at = (mechanism: AnyAave, time = START): Moment => ({
  time: time as UnixSeconds,
  price: (feed) =>
    (feed === 'NONE' ? undefined : mechanism.id === 'aave-v2' ? 10n ** 18n : 2_000n * 10n ** 8n) as FeedAnswer,
})

const one = <D extends 'supply' | 'withdraw' | 'borrow' | 'repay'>(
  kind: D,
  account: string,
  asset: string,
  amount: bigint,
): AaveAction => ({ do: kind, account, asset, amount }) as AaveAction

function wordOf(mechanism: AnyAave, state: AaveState, action: AaveAction, time = START): string {
  const before = structuredClone(state)
  const applied = mechanism.apply(state, action, at(mechanism, time))
  if (!wasRefused(applied)) return 'completed'
  expect(state).toEqual(before)
  return applied.refused.code
}

/** Ann supplies A and owes B, of which Bob supplied; both reserves have some usage. */
function lent(mechanism: AnyAave, terms: Partial<AaveReserveConfig> = {}): AaveState {
  const state = stateOf(reserve('A', terms), reserve('B', terms))
  for (const action of [
    one('supply', 'bob', 'B', 100n * WHOLE),
    one('supply', 'ann', 'A', 100n * WHOLE),
    one('borrow', 'ann', 'B', 50n * WHOLE),
  ])
    expect(wordOf(mechanism, state, action)).toBe('completed')
  return state
}

const reserveOf = (state: AaveState, asset: string) => state.reserves.get(asset) as AaveReserve
const CAST = "SafeCast: value doesn't fit in 128 bits"
const NAMED = 'SafeCastOverflowedUintDowncast'
const PANIC = 'Panic(0x11)'
type Row = readonly [string, AnyAave, string]

const rows = (v2: string, v30: string, v33: string, v34: string, v35: string): readonly Row[] => [
  ['aave-v2', aaveV2, v2],
  ['aave-v3.0', aaveV30, v30],
  ['aave-v3.3', aaveV33, v33],
  ['aave-v3.4', aaveV34, v34],
  ...([aaveV35, aaveV36, aaveV37] as const).map((mechanism): Row => [mechanism.id, mechanism, v35]),
]

describe('sums that fit into no word', () => {
  it.each(
    rows('SafeMath: addition overflow', PANIC, PANIC, PANIC, '(empty)'),
  )('%s: everything there could ever be', (_id, mechanism, word) => {
    expect(wordOf(mechanism, lent(mechanism), one('supply', 'bob', 'B', MAX_UINT256))).toBe(word)
  })

  it.each(rows('completed', CAST, CAST, NAMED, NAMED))('%s: 2^128 of an asset', (_id, mechanism, word) => {
    expect(wordOf(mechanism, lent(mechanism), one('supply', 'bob', 'B', 1n << 128n))).toBe(word)
  })

  it.each(rows('completed', PANIC, PANIC, PANIC, PANIC))('%s: two halves of a balance', (id, mechanism, word) => {
    const half = 1n << (id === 'aave-v3.0' || id === 'aave-v3.3' || id === 'aave-v2' ? 127n : 119n)
    const state = stateOf(reserve('A'))
    expect(wordOf(mechanism, state, one('supply', 'ann', 'A', half))).toBe('completed')
    expect(wordOf(mechanism, state, one('supply', 'ann', 'A', half))).toBe(word)
  })

  it.each(rows('48', PANIC, PANIC, PANIC, '(empty)').slice(1))('%s: where there is a cap', (_id, mechanism, word) => {
    const state = lent(mechanism, { supplyCap: 1_000n })
    expect(wordOf(mechanism, state, one('supply', 'bob', 'B', MAX_UINT256))).toBe(word)
  })

  it.each(
    rows('SafeMath: multiplication overflow', PANIC, '26', 'InvalidAmount', '(empty)'),
  )('%s: a loan', (_id, mechanism, word) => {
    expect(wordOf(mechanism, lent(mechanism), one('borrow', 'ann', 'B', MAX_UINT256))).toBe(word)
  })
})

describe('indices that 128 bits do not hold', () => {
  it.each(rows('52', CAST, CAST, NAMED, NAMED))('%s stops the reserve, not the view', (_id, mechanism, word) => {
    const state = lent(mechanism)
    const lentOut = reserveOf(state, 'B')
    lentOut.variableBorrowIndex = (1n << 128n) - 1n
    expect(mechanism.assess(state, 'ann', at(mechanism, START + 1_000))).toBeDefined()
    expect(wordOf(mechanism, state, one('supply', 'bob', 'B', WHOLE), START + 1_000)).toBe(word)
  })

  it.each(rows('51', CAST, CAST, NAMED, NAMED))('%s: of suppliers', (_id, mechanism, word) => {
    const state = lent(mechanism)
    reserveOf(state, 'B').liquidityIndex = (1n << 128n) - 1n
    expect(wordOf(mechanism, state, one('supply', 'bob', 'B', 1n << 60n), START + 1_000)).toBe(word)
  })

  it.each(rows('completed', PANIC, PANIC, PANIC, PANIC).slice(1))('%s: the treasury', (_id, mechanism, word) => {
    const state = lent(mechanism)
    reserveOf(state, 'B').accruedToTreasury = (1n << 128n) - 1n
    expect(wordOf(mechanism, state, one('supply', 'bob', 'B', WHOLE), START + 1_000)).toBe(word)
  })
})

describe('what is there', () => {
  const own = (mechanism: AnyAave) => {
    const state = stateOf(reserve('A', { liquidationProtocolFee: 0n }))
    expect(wordOf(mechanism, state, one('supply', 'ann', 'A', 10n * WHOLE))).toBe('completed')
    expect(wordOf(mechanism, state, one('borrow', 'ann', 'A', 7n * WHOLE))).toBe('completed')
    const position = state.accounts.get('ann')?.positions.get('A')
    if (!position) throw new Error('no position')
    position.scaledDebt += 2n * WHOLE
    reserveOf(state, 'A').scaledDebt += 2n * WHOLE
    reserveOf(state, 'A').virtualBalance = 3n * WHOLE
    return state
  }

  it.each(
    rows('45', PANIC, PANIC, PANIC, PANIC),
  )('%s pays a liquidator before it is paid, also of one asset on both sides', (_id, mechanism, word) => {
    const state = own(mechanism)
    const call: AaveAction = {
      ...{ do: 'liquidate', borrower: 'ann', liquidator: 'lin', collateral: 'A', debt: 'A' },
      ...{ debtToCover: MAX_UINT256, receiveAToken: false },
    }
    expect(wordOf(mechanism, state, call)).toBe(word)
    const [offer] = mechanism.offers(state, 'ann', at(mechanism))
    expect(offer?.receive[0]?.atoms).toBeLessThanOrEqual(3n * WHOLE)
    expect(offer && wordOf(mechanism, state, offer.action)).toBe('completed')
    expect(wordOf(mechanism, own(mechanism), { ...call, receiveAToken: true })).toBe('completed')
  })

  it('v3.0 lets the token refuse where nothing is lent, after the burn', () => {
    const state = stateOf(reserve('A'))
    expect(wordOf(aaveV30, state, one('supply', 'ann', 'A', WHOLE))).toBe('completed')
    Object.assign(reserveOf(state, 'A'), { virtualBalance: 0n, liquidityIndex: 3n * RAY })
    expect(wordOf(aaveV30, state, one('withdraw', 'ann', 'A', 1n))).toBe('25')
    expect(wordOf(aaveV30, state, one('withdraw', 'ann', 'A', WHOLE))).toBe(PANIC)
  })

  it('v2 cannot be repaid in full while suppliers earn nothing: debts grow, their index does not', () => {
    const state = lent(aaveV2, { reserveFactor: 10_000n })
    const later = START + 31_536_000
    expect(wordOf(aaveV2, state, one('repay', 'ann', 'B', MAX_UINT256), later)).toBe('SafeMath: subtraction overflow')
    expect(wordOf(aaveV2, state, one('supply', 'bob', 'A', 50n * WHOLE))).toBe('completed')
    expect(wordOf(aaveV2, state, one('borrow', 'bob', 'B', 10n * WHOLE))).toBe('completed')
    expect(wordOf(aaveV2, state, one('repay', 'ann', 'B', MAX_UINT256), later)).toBe(
      'ERC20: burn amount exceeds balance',
    )
    expect(wordOf(aaveV2, state, one('repay', 'ann', 'B', 50n * WHOLE), later)).toBe('completed')
  })
})

describe('assets beside the list', () => {
  const call = (collateral: string, debt: string): AaveAction => ({
    ...{ do: 'liquidate', borrower: 'ann', liquidator: 'lin', collateral, debt },
    ...{ debtToCover: WHOLE, receiveAToken: false },
  })

  it.each(rows('2', '27', '(empty)', '(empty)', '(empty)'))('%s: a collateral', (_id, mechanism, word) => {
    expect(wordOf(mechanism, lent(mechanism), call('NONE', 'B'))).toBe(word)
  })

  it.each(rows('23', '(empty)', '(empty)', '(empty)', '(empty)'))('%s: a debt', (_id, mechanism, word) => {
    expect(wordOf(mechanism, lent(mechanism), call('A', 'NONE'))).toBe(word)
  })

  it('a paused v2 looks at nothing', () => {
    const state = lent(aaveV2)
    for (const one of state.reserves.values()) one.paused = true
    expect(wordOf(aaveV2, state, call('NONE', 'NONE'))).toBe('64')
  })

  it.each(
    rows('', PANIC, PANIC, PANIC, PANIC).filter(([id]) => id !== 'aave-v2' && id !== 'aave-v3.7'),
  )('%s: fewer decimals than a debt ceiling has', (_id, mechanism, word) => {
    const state = stateOf(reserve('A', { debtCeiling: 10n ** 9n }), {
      ...reserve('B', { decimals: 1n, borrowableInIsolation: true }),
    })
    for (const action of [
      one('supply', 'bob', 'B', 1_000n),
      one('supply', 'ann', 'A', WHOLE),
      { do: 'set-collateral', account: 'ann', asset: 'A', enabled: true } as const,
    ])
      expect(wordOf(mechanism, state, action)).toBe('completed')
    expect(wordOf(mechanism, state, one('borrow', 'ann', 'B', 1n))).toBe(word)
  })
})
