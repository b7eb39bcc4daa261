import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { MAX_UINT256 } from '../solidity.ts'
import { type AaveAction, type AaveReserve, type AaveState, aaveV1 } from './index.ts'
import { RAY } from './wad-ray.ts'

const START = 1_700_000_000
const ETHER = 10n ** 18n

function reserve(asset: string): AaveReserve {
  return {
    config: {
      ...{ asset, feed: asset, decimals: 18n, ltv: 7_500n, liquidationThreshold: 8_000n, liquidationBonus: 10_500n },
      ...{ liquidationProtocolFee: 0n, reserveFactor: 0n, optimalUsage: 8_000n, baseRate: 0n, slope1: 400n },
      slope2: 6_000n,
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n },
    ...{ updated: BigInt(START), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n },
    ...{ paused: false, graceUntil: 0n },
  }
}

const at = (prices: Readonly<Record<string, bigint>>): Moment => ({
  time: START as UnixSeconds,
  price: (feed) => prices[feed] as FeedAnswer | undefined,
})
const EVEN = { A: ETHER, B: ETHER, C: ETHER }

/** Ann has 100 A and owes 50 B of Bob's; she also holds 1 C, which is no collateral of hers. */
function loan(): AaveState {
  const state: AaveState = {
    reserves: new Map(['A', 'B', 'C'].map((asset) => [asset, reserve(asset)])),
    ...{ eModes: new Map(), accounts: new Map(), treasury: 'treasury' },
  }
  for (const action of [
    { do: 'supply', account: 'bob', asset: 'B', amount: 1_000n * ETHER },
    { do: 'supply', account: 'ann', asset: 'A', amount: 100n * ETHER },
    { do: 'supply', account: 'ann', asset: 'C', amount: ETHER },
    { do: 'set-collateral', account: 'ann', asset: 'C', enabled: false },
    { do: 'borrow', account: 'ann', asset: 'B', amount: 50n * ETHER },
  ] satisfies AaveAction[])
    expect(aaveV1.apply(state, action, at(EVEN))).not.toHaveProperty('refused')
  return state
}

function codeOf(state: AaveState, action: AaveAction, moment: Moment): string {
  const done = aaveV1.apply(state, action, moment)
  return wasRefused(done) ? done.refused.code : 'completed'
}

describe('Aave v1 stops where its bytecode stopped', () => {
  const more = { do: 'borrow', account: 'ann', asset: 'B', amount: ETHER } as const
  const call = { do: 'liquidate', borrower: 'ann', liquidator: 'lin', collateral: 'A', debt: 'B' } as const

  it('values what is held although it is no collateral, and has no health where that does not fit', () => {
    const state = loan()
    const dear = at({ ...EVEN, C: 1n << 255n })
    expect(aaveV1.assess(state, 'ann', at(EVEN))?.liquidatable).toBe(false)
    expect(aaveV1.assess(state, 'ann', dear)).toBeUndefined()
    expect(codeOf(state, more, dear)).toBe('SafeMath: multiplication overflow')
    expect(codeOf(state, { ...call, debtToCover: 1n, receiveAToken: false }, dear)).toBe('Liquidation call failed')
  })

  it('names the operation that does not fit', () => {
    const state = loan()
    const deposit = (amount: bigint) => codeOf(state, { do: 'supply', account: 'bob', asset: 'B', amount }, at(EVEN))
    expect(deposit(MAX_UINT256 - 1n)).toBe('SafeMath: addition overflow')
    expect(deposit(10n ** 45n)).toBe('completed')
    // Its balance can no longer be read: a ray times an index does not fit.
    expect(deposit(1n)).toBe('SafeMath: multiplication overflow')
    const none = at({ ...EVEN, A: 0n })
    expect(codeOf(state, more, none)).toBe('The collateral balance is 0')
    expect(codeOf(state, { ...call, debtToCover: 1n, receiveAToken: false }, none)).toBe('Liquidation call failed')
  })
})
