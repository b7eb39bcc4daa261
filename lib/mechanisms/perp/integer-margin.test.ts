import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { marketOf, perpProfile } from '../perp-venues/registry.ts'
import {
  FEE_WHOLE,
  feeAtoms,
  feeRate,
  initialCeil,
  integerMaintenance,
  largestNotional,
  maintenanceCeil,
  rateAt,
} from './integer-margin.ts'
import { mulDivCeil, mulDivFloor, ratioOf, sharedDenominator } from './integer-math.ts'
import { maintenanceAt } from './margin.ts'

const SAFE = Number.MAX_SAFE_INTEGER
/** Numbers of every size: uniform in their exponent. */
const whole = (max: number) =>
  fc.noBias(fc.integer({ min: 0, max: 1_000_000 })).map((place) => Math.floor(max ** (place / 1_000_000)))

describe('products and quotients of safe integers', () => {
  it('are what bigint makes of them, beyond 2^53 too', () => {
    let large = 0
    fc.assert(
      fc.property(whole(SAFE), whole(SAFE), whole(SAFE), (a, b, drawn) => {
        const c = drawn + 1
        const product = BigInt(a) * BigInt(b)
        const exact = product / BigInt(c)
        if (exact > BigInt(SAFE) - 1n) return
        if (product > BigInt(SAFE)) large++
        expect(BigInt(mulDivFloor(a, b, c))).toBe(exact)
        expect(BigInt(mulDivCeil(a, b, c))).toBe((product + BigInt(c) - 1n) / BigInt(c))
      }),
      { seed: 9, numRuns: 5_000 },
    )
    expect(large).toBeGreaterThan(100)
    expect(() => mulDivFloor(SAFE, SAFE, 1)).toThrow(/leaves the safe integers/)
  })

  it('share a denominator, exactly where there is one', () => {
    expect(ratioOf(1 / 6)).toEqual({ part: 1, whole: 6 })
    expect(sharedDenominator([0.004, 0.0065, 1 / 40], 1 << 26)).toMatchObject({ exact: true })
    const { whole: shared, parts, exact } = sharedDenominator([Math.PI / 10, 1 / 3], 1_000)
    expect(exact).toBe(false)
    parts.forEach((part, at) => {
      expect(part / shared).toBeGreaterThanOrEqual([Math.PI / 10, 1 / 3][at] as number)
    })
  })
})

describe('maintenance margin in atoms', () => {
  it.each([
    ['binance-usdm', 'BTCUSDT', 1e6],
    ['hyperliquid', 'ETH', 1e6],
    ['dydx-v4', 'BTC-USD', 1e6],
    ['bybit-linear', 'BTCUSDT', 1e6],
    ['binance-coinm', 'BTCUSD_PERP', 1e8],
  ] as const)('is the rule’s, rounded up: never below, by at most two atoms above: %s %s', (id, symbol, atomsPerUnit) => {
    const market = marketOf(perpProfile(id), symbol)
    const rule = integerMaintenance(market.maintenance, atomsPerUnit)
    const most = market.payoff === 'linear' ? 500e6 : 300
    fc.assert(
      fc.property(whole(most * atomsPerUnit), (drawn) => {
        const atoms = drawn + 1
        // A position of this notional: one coin per unit at price 1.
        const exact =
          maintenanceAt(
            { ...market, payoff: market.payoff },
            { side: 'long', size: atoms / atomsPerUnit, entryPrice: 1 },
            1,
          ).margin * atomsPerUnit
        const got = maintenanceCeil(rule, atoms)
        expect(got - exact).toBeGreaterThanOrEqual(-1e-3 - exact * 1e-12)
        expect(got - exact).toBeLessThanOrEqual(2 + exact * 1e-9)
      }),
      { seed: 10, numRuns: 500 },
    )
  })

  it('grows with the position where the rate does, up to its cap', () => {
    const rule = integerMaintenance(
      { kind: 'growing', rate: { base: 0.01, perCoin: 0.00005, cap: 0.02, maxLeverage: 50 } },
      1e8,
    )
    expect(rateAt(rule, 100 * 1e8) / rule.whole).toBeCloseTo(0.015, 9)
    expect(rateAt(rule, 1_000 * 1e8) / rule.whole).toBe(0.02)
  })

  it('bounds the notional by leverage, rounds initial margin up and fees against the payer', () => {
    const rule = integerMaintenance(marketOf(perpProfile('hyperliquid'), 'BTC').maintenance, 1)
    expect(largestNotional(rule, 40)).toBe(149_999_999)
    expect(largestNotional(rule, 20)).toBe(SAFE)
    expect(largestNotional(rule, 41)).toBe(0)
    expect(initialCeil(10, 3)).toBe(4)
    expect([feeAtoms(10, feeRate(0.00045)), feeAtoms(10_000_001, feeRate(-0.00025))]).toEqual([1, -2_500])
    expect(feeRate(1 / FEE_WHOLE)).toBe(1)
    expect(() => feeRate(1e-8)).toThrow(/ten-millionths/)
    expect(() =>
      integerMaintenance({ kind: 'tiers', table: { tiers: [], unit: 'quote', boundary: 'higher', ceiling: 1 } }, 1),
    ).toThrow(/begin at a notional of 0/)
  })
})
