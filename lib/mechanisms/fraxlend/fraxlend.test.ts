import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { type FraxlendState, fraxlend, fraxlendRules } from './index.ts'

const WAD = 10n ** 18n

function pair(): FraxlendState {
  return {
    config: {
      ...{ pair: 'p', asset: 'FRAX', collateral: 'COLL', lowFeed: 'low', highFeed: 'high', maxOracleDeviation: 5_000n },
      ...{ maxLtv: 75_000n, cleanLiquidationFee: 10_000n, dirtyLiquidationFee: 9_000n, protocolLiquidationFee: 0n },
    },
    rate: {
      ...{ vertexUtilization: 80_000n, vertexRatePercentOfDelta: WAD / 5n, minTargetUtil: 75_000n },
      ...{ maxTargetUtil: 85_000n, zeroUtilizationRate: 0n, minFullUtilizationRate: 0n },
      ...{ maxFullUtilizationRate: 0n, rateHalfLife: 172_800n },
    },
    ...{ feeToProtocolRate: 0n, lastTimestamp: 0n, ratePerSec: 0n, fullUtilizationRate: 0n },
    ...{ totalAsset: { amount: 0n, shares: 0n }, totalBorrow: { amount: 0n, shares: 0n }, totalCollateral: 0n },
    ...{ liquidatePaused: false, exchange: { lastTimestamp: 0n, low: 0n, high: 0n } },
    ...{ lenders: new Map(), borrowers: new Map(), own: { collateral: 0n, assetShares: 0n } },
  }
}

function moment(time: number, low: bigint | undefined, high = low): Moment {
  return { time: time as UnixSeconds, price: (feed) => (feed === 'low' ? low : high) as FeedAnswer | undefined }
}

/** Ann owes 70 FRAX on 100 COLL, one for one. */
function loan(): FraxlendState {
  const state = pair()
  const at = moment(100, WAD)
  for (const action of [
    { do: 'deposit', account: 'sue', amount: 1_000n * WAD },
    { do: 'borrow', account: 'ann', amount: 70n * WAD, collateral: 100n * WAD },
  ] as const)
    expect(wasRefused(fraxlend.apply(state, action, at))).toBe(false)
  return state
}

describe('FraxLend', () => {
  it('takes the dirty fee while collateral is left, all of it where the clean fee would take all, and writes the rest off', () => {
    // At 1.2 COLL a FRAX the debt is worth 84 of 100 COLL: 84 · 1.09 is taken.
    const dirty = fraxlend.offers(loan(), 'ann', moment(200, (WAD * 12n) / 10n))[0]
    expect(dirty?.pay[0]?.atoms).toBe(70n * WAD)
    expect(dirty?.receive[0]?.atoms).toBe((84n * 109n * WAD) / 100n)
    // At 2 COLL a FRAX 100 / 1.1 / 2 FRAX buy all collateral; the lenders lose what is left of 70.
    const state = loan()
    const at = moment(200, WAD * 2n)
    const clean = fraxlend.offers(state, 'ann', at)[0]
    expect(clean?.receive[0]?.atoms).toBe(100n * WAD)
    expect(Number(clean?.pay[0]?.atoms) / 1e18).toBeCloseTo(100 / 1.1 / 2, 9)
    const done = clean && fraxlend.apply(state, clean.action, at)
    expect(done).toMatchObject({ facts: [{ badDebt: { asset: 'FRAX' } }] })
    expect(Number(state.totalAsset.amount) / 1e18).toBeCloseTo(1_000 - (70 - 100 / 1.1 / 2), 9)
    expect(state.totalBorrow).toEqual({ amount: 0n, shares: 0n })
  })

  it('judges a borrower at the high answer and a liquidation at the low one', () => {
    const state = loan()
    const apart = moment(200, (WAD * 106n) / 100n, (WAD * 110n) / 100n)
    expect(fraxlend.assess(state, 'ann', apart)?.liquidatable).toBe(false)
    const more = { do: 'borrow', account: 'ann', amount: 1n, collateral: 0n } as const
    expect(fraxlend.apply(state, more, apart)).toMatchObject({ refused: { code: 'Insolvent' } })
    const far = moment(200, WAD, WAD * 2n)
    expect(fraxlend.apply(state, more, far)).toMatchObject({ refused: { code: 'ExceedsMaxOracleDeviation' } })
  })

  it('answers a missing or zero price with its own refusal, and finds the empty account healthy', () => {
    const state = loan()
    const more = { do: 'borrow', account: 'ann', amount: 1n, collateral: 0n } as const
    for (const [at, code] of [
      [moment(200, undefined), 'oracle'],
      [moment(200, 0n), 'Panic(0x12)'],
    ] as const) {
      expect(fraxlend.assess(state, 'ann', at)).toBeUndefined()
      expect(fraxlend.offers(state, 'ann', at)).toEqual([])
      expect(fraxlend.apply(state, more, at)).toMatchObject({ refused: { code } })
    }
    const at = moment(200, WAD)
    expect(fraxlend.assess(state, 'nobody', at)).toBeUndefined()
    expect(fraxlend.apply(state, { do: 'liquidate', account: 'nobody', shares: 1n }, at)).toMatchObject({
      refused: { code: 'BorrowerSolvent' },
    })
    fraxlend.apply(state, { do: 'add-collateral', account: 'cid', amount: 0n }, at)
    expect(fraxlend.assess(state, 'cid', at)).toEqual({ backing: 0n, required: 0n, equity: 0n, liquidatable: false })
  })

  it('casts before it subtracts: more shares than 128 bits hold as atoms, sums that overflow, rates cut to 64 bits', () => {
    const state = loan()
    const most = 2n ** 128n - 1n
    const at = moment(200, WAD * 2n)
    expect(fraxlend.apply(state, { do: 'liquidate', account: 'ann', shares: most }, at)).toMatchObject({
      refused: { code: 'Panic(0x11)' },
    })
    state.totalBorrow.amount += 1n
    expect(fraxlend.apply(state, { do: 'liquidate', account: 'ann', shares: most }, at)).toMatchObject({
      refused: { code: "SafeCast: value doesn't fit in 128 bits" },
    })
    const deposit = { do: 'deposit', account: 'sue', amount: most } as const
    expect(fraxlend.apply(state, deposit, at)).toMatchObject({ refused: { code: 'Panic(0x11)' } })
    expect(fraxlend.apply(state, { ...deposit, amount: most + 1n }, at)).toMatchObject({
      refused: { code: "SafeCast: value doesn't fit in 128 bits" },
    })
    const [full, vertex] = [2n ** 63n, 2n ** 63n / 5n]
    expect(fraxlendRules.rateAt(state.rate, 160_000n, full)).toBe((vertex + 4n * (full - vertex)) % 2n ** 64n)
    const bad = { ...state.rate, zeroUtilizationRate: 2n }
    expect(() => fraxlendRules.rateAt(bad, 10n, 1n)).toThrow('Panic(0x11)')
    expect(fraxlend.apply(state, { do: 'liquidate', account: 'ann', shares: 1n }, moment(300, 0n))).toMatchObject({
      refused: { code: 'Panic(0x12)' },
    })
  })
})
