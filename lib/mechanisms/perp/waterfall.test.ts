import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deleverageFills, deleveragePrice, deleverageQueue, deleverageScore, queueLights, type Winner } from './adl.ts'
import { fundCapacity, fundPeak, fundStep, openFund } from './insurance.ts'
import { legOf } from './leg.ts'
import { maintenanceAt, notionalAt, unrealisedAt } from './margin.ts'
import type { InsuranceRule, PerpPosition, PerpProfile } from './profile.ts'
import { singleTier } from './tiers.ts'
import { nextStep, partToClose, type Situation, settle } from './waterfall.ts'

type Rules = Pick<PerpProfile, 'trigger' | 'takeover' | 'reduction' | 'fees' | 'order'>

const trigger = { price: 'mark', test: 'below', withFee: false, warnAt: undefined } as const
const order = { timeInForce: 'ioc', limit: 'bankruptcy', fee: 0 } as const
const fees = { maker: 0, taker: 0 } as const
const HYPERLIQUID: Rules = {
  trigger,
  order,
  fees,
  reduction: { kind: 'fraction', part: 0.2, above: 100_000, cooldownMs: 30_000 },
  takeover: { by: 'vault', when: 'two-thirds', price: 'mark', scope: 'account', rest: 'kept' },
}
const FUND: Rules = {
  trigger: { ...trigger, test: 'at-or-below', warnAt: 0.8 },
  order,
  fees,
  reduction: { kind: 'needed', minPart: 0 },
  takeover: { by: 'insurance-fund', when: 'unfilled', price: 'bankruptcy', scope: 'position', rest: 'kept' },
}
const contract = { payoff: 'linear', maintenance: { kind: 'tiers', table: singleTier(0.05) } } as const

function situation(equity: number, size: number, price: number, more: Partial<Situation> = {}): Situation {
  const position = { side: 'long', size, entryPrice: price } as const
  const leg = legOf(contract, position)
  return { equity, maintenance: 0.05 * size * price, closingFee: 0, leg, x: price, notional: size * price, ...more }
}

describe('the next step', () => {
  it('of Hyperliquid: all up to 100,000, a fifth above, all in the cooldown, the vault at two thirds, deleveraging below 0', () => {
    const at = (equity: number, notional: number, sincePartialMs?: number) =>
      nextStep(HYPERLIQUID, situation(equity, notional / 100, 100, { sincePartialMs }))
    expect(at(5_000, 100_000)).toEqual({ step: 'healthy' })
    expect(at(4_999, 100_000)).toEqual({ step: 'reduce', part: 1 })
    expect(at(5_000, 100_001)).toEqual({ step: 'reduce', part: 0.2 })
    expect(at(5_000, 100_001, 29_999)).toEqual({ step: 'reduce', part: 1 })
    expect(at(5_000, 100_001, 30_000)).toEqual({ step: 'reduce', part: 0.2 })
    expect(at(3_333, 100_000)).toEqual({ step: 'take-over', by: 'vault' })
    expect(at(-1, 100_000)).toEqual({ step: 'deleverage' })
    const noVault: Rules = { ...HYPERLIQUID, takeover: { ...HYPERLIQUID.takeover, by: 'nobody', when: 'bankrupt' } }
    expect(nextStep(noVault, situation(3_333, 1_000, 100))).toEqual({ step: 'reduce', part: 1 })
    expect(nextStep(noVault, situation(-1, 1_000, 100))).toEqual({ step: 'deleverage' })
  })

  it('of a venue with a fund: margin call, the exact boundary, the fund after an unfilled order', () => {
    const at = (equity: number, unfilled = false) => nextStep(FUND, situation(equity, 1_000, 100, { unfilled }))
    expect(at(7_000)).toEqual({ step: 'healthy' })
    expect(at(6_250)).toEqual({ step: 'margin-call' })
    expect(at(5_000)).toMatchObject({ step: 'reduce' })
    expect(at(4_000)).toEqual({ step: 'reduce', part: expect.closeTo(0.2, 12) })
    expect(at(4_000, true)).toEqual({ step: 'take-over', by: 'insurance-fund' })
    expect(at(-10)).toEqual({ step: 'reduce', part: 1 })
  })

  it('closes 13,000 of 15,000 swaps in tier 3 (OKX’s own example)', () => {
    const table = {
      tiers: [0, 2_000, 10_000].map((floor, at) => ({
        floor,
        rate: 0.005 * (at + 1),
        deduction: 0,
        maxLeverage: 50 / (at + 1),
      })),
      unit: 'coin' as const,
      boundary: 'lower' as const,
      wholeRate: true as const,
      ceiling: 50_000,
    }
    const leg = legOf(
      { payoff: 'linear', maintenance: { kind: 'tiers', table } },
      { side: 'long', size: 15_000, entryPrice: 100 },
    )
    const now = { ...situation(0, 1, 100), leg, x: 90 }
    expect(partToClose({ kind: 'tiers', down: 2, wholeBelow: 2 }, now, 0) * 15_000).toBeCloseTo(13_000, 9)
    expect(partToClose({ kind: 'tiers', down: 2, wholeBelow: 2 }, { ...now, leg: { ...leg, size: 9_000 } }, 0)).toBe(1)
  })

  it('reduces just so much that the rest is healthy, fee included, and never worsens the violation', () => {
    let reduced = 0
    fc.assert(
      fc.property(
        fc.double({ min: 100, max: 4_900, noNaN: true }),
        fc.double({ min: 0, max: 0.02, noNaN: true }),
        (equity, fee) => {
          const now = situation(equity, 1_000, 100)
          const part = partToClose({ kind: 'needed', minPart: 0 }, now, fee)
          const left = 1_000 * (1 - part)
          const equityAfter = equity - fee * part * 100_000
          if (part === 1) return
          reduced++
          expect(equityAfter).toBeGreaterThanOrEqual(0.05 * left * 100 - 1e-6)
          expect(equityAfter).toBeLessThanOrEqual(0.05 * left * 100 + 1e-6)
        },
      ),
      { seed: 6, numRuns: 1000 },
    )
    expect(reduced).toBeGreaterThan(500)
  })

  it('does so where the rate grows with the position, in coins of both kinds', () => {
    for (const payoff of ['linear', 'inverse'] as const) {
      const rule = { kind: 'growing', rate: { base: 0.01, perCoin: 0.00005, cap: 1, maxLeverage: 50 } } as const
      const market = { payoff, maintenance: rule } as const
      const [price, coins, fee] = [50_000, 100, 0.0075]
      const size = payoff === 'linear' ? coins : coins * price
      const x = payoff === 'linear' ? price : 1 / price
      const leg = legOf(market, { side: 'long', size, entryPrice: price })
      const required = maintenanceAt(market, { side: 'long', size, entryPrice: price }, price).margin
      const now = { ...situation(0, 1, 1), leg, x, equity: required * 0.9, maintenance: required }
      const part = partToClose({ kind: 'needed', minPart: 0 }, now, fee)
      const kept = maintenanceAt(market, { side: 'long', size: size * (1 - part), entryPrice: price }, price).margin
      expect(part).toBeGreaterThan(0.05)
      expect(kept / (required * 0.9 - fee * part * size * x)).toBeCloseTo(1, 9)
    }
  })
})

describe('the settlement', () => {
  const insurance: InsuranceRule = { scope: 'venue', deleverage: { kind: 'empty' }, socialise: false }
  const rules = { takeover: FUND.takeover, insurance, deleverage: { rank: 'bitmex', price: 'bankruptcy' } } as const
  it.each([
    [5, 0, false, { outcome: 'surplus-returned', returned: 5 }],
    [5, 0, true, { outcome: 'rest-kept', kept: 5 }],
    [-5, 8, true, { outcome: 'insurance-draw', fund: 5, uncovered: 0 }],
    [-5, 2, true, { outcome: 'deleverage', fund: 2, uncovered: 3 }],
  ])('%d left, fund %d', (left, fund, takenOver, expected) => {
    expect(settle(rules, left, fund, takenOver)).toMatchObject(expected)
  })
  it('without queue or fund spreads the loss, or leaves it as bad debt', () => {
    const none = { ...rules, deleverage: { rank: 'none', price: 'mark' } as const }
    expect(settle({ ...none, insurance: { ...insurance, scope: 'none', socialise: true } }, -5, 9, true)).toMatchObject(
      { outcome: 'socialised', uncovered: 5 },
    )
    expect(settle(none, -5, 2, true)).toMatchObject({ outcome: 'bad-debt', fund: 2, uncovered: 3 })
  })
})

describe('the insurance fund', () => {
  const rule: InsuranceRule = {
    scope: 'pool',
    deleverage: { kind: 'drawdown', part: 0.3, windowMs: 8 * 3_600_000 },
    socialise: false,
  }
  it('pays down to 70 % of its highest of eight hours, and again when the peak is old', () => {
    let fund = openFund(100, 0)
    expect(fundCapacity(fund, 0, rule)).toBeCloseTo(30, 12)
    fund = fundStep(fund, -20, 1_000, rule)
    expect(fundPeak(fund, 1_000, rule)).toBe(100)
    expect(fundCapacity(fund, 1_000, rule)).toBeCloseTo(10, 12)
    fund = fundStep(fund, -10, 2_000, rule)
    expect(fundCapacity(fund, 3_000, rule)).toBe(0)
    expect(fundCapacity(fund, 8 * 3_600_000, rule)).toBeCloseTo(14, 12)
    fund = fundStep(fund, 50, 3_000, rule)
    expect(fundPeak(fund, 3_000, rule)).toBe(120)
    expect(() => fundStep(fund, -121, 4_000, rule)).toThrow(/cannot pay 121/)
    expect(fundCapacity(fund, 4_000, { ...rule, deleverage: { kind: 'empty' } })).toBe(120)
  })
})

describe('auto-deleveraging', () => {
  const winners = fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 1000 }),
      entryPrice: fc.double({ min: 50, max: 99, noNaN: true }),
      margin: fc.double({ min: 1, max: 5000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  const winner = (at: number, size: number, entryPrice: number, margin: number): Winner => {
    const position: PerpPosition = { side: 'long', size, entryPrice }
    const unrealised = unrealisedAt(contract, position, 100)
    return {
      ...position,
      id: `w${at}`,
      markPrice: 100,
      notional: notionalAt(contract, position, 100),
      entryValue: notionalAt(contract, position, entryPrice),
      unrealised,
      equity: margin + unrealised,
      maintenance: maintenanceAt(contract, position, 100).margin,
    }
  }

  it('closes exactly the residual, best score first, and is zero-sum at any of its prices', () => {
    fc.assert(
      fc.property(
        winners,
        fc.integer({ min: 1, max: 20_000 }),
        fc.constantFrom('bitmex', 'hyperliquid', 'leveraged-return', 'binance-quantile', 'pnl-of-account'),
        (drawn, residual, rank) => {
          const queue = deleverageQueue(
            rank as 'bitmex',
            drawn.map(({ size, entryPrice, margin }, at) => winner(at, size, entryPrice, margin)),
          )
          const scores = queue.map((one) => deleverageScore(rank as 'bitmex', one))
          expect(scores).toEqual([...scores].sort((a, b) => b - a))
          const { fills, left } = deleverageFills(queue, residual)
          const closed = fills.reduce((sum, fill) => sum + fill.size, 0)
          expect(closed + left).toBe(residual)
          expect(left === 0 || closed === queue.reduce((sum, { size }) => sum + size, 0)).toBe(true)
          expect(fills.slice(0, -1).every(({ id, size }) => queue.find((one) => one.id === id)?.size === size)).toBe(
            true,
          )
          // Longs sell to the underwater short at one price: what it pays is what they get.
          const price = deleveragePrice({ rank: 'bitmex', price: 'bankruptcy' }, { bankruptcy: 101, mark: 100 })
          const gained = fills.reduce((sum, { size }) => sum + size * price, 0)
          expect(gained - closed * price).toBe(0)
        },
      ),
      { seed: 7, numRuns: 500 },
    )
  })

  it('shows the lights of BitMEX’s example', () => {
    const ranks: Record<string, [number, number]> = {
      1: [10, 3],
      2: [10, 6],
      3: [20, 1],
      4: [30, 4],
      5: [20, 5],
      6: [10, 2],
    }
    const queue = Object.entries(ranks)
      .sort((a, b) => b[1][1] - a[1][1])
      .map(([id, [size]]) => ({ id, size }))
    expect(Object.fromEntries(queueLights(queue))).toEqual({ 1: 80, 2: 20, 3: 100, 4: 60, 5: 40, 6: 80 })
    expect(deleverageFills(queue, 20).fills).toEqual([
      { id: '2', size: 10 },
      { id: '5', size: 10 },
    ])
  })

  it('ranks losers last, and takes the mark before when that is the rule', () => {
    const loser = { ...winner(0, 10, 99, 100), unrealised: -50, equity: 50 }
    expect(deleverageScore('bitmex', loser)).toBeLessThan(0)
    expect(deleverageScore('none', loser)).toBe(0)
    expect(deleveragePrice({ rank: 'hyperliquid', price: 'previous-mark' }, { mark: 99, previousMark: 100 })).toBe(100)
    expect(() => deleveragePrice({ rank: 'bitmex', price: 'bankruptcy' }, { mark: 99 })).toThrow(/no bankruptcy price/)
    expect(() => deleverageFills([], -1)).toThrow(/residual/)
  })
})
