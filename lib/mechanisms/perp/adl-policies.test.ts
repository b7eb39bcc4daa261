import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { haircuts, insuranceLevel } from './adl-policies.ts'

const winner = fc.record({
  capacity: fc.integer({ min: 0, max: 1000 }),
  rank: fc.integer({ min: 1, max: 9 }),
  largest: fc.double({ min: 0, max: 1, noNaN: true }),
  weight: fc.double({ min: 0.01, max: 5, noNaN: true }),
})

describe('policies of auto-deleveraging', () => {
  it.each([
    'queue',
    'pro-rata',
    'capped',
    'risk-aware',
    'integer',
  ] as const)('%s takes the budget exactly or all there is, never beyond anybody’s limit', (policy) => {
    fc.assert(
      fc.property(fc.array(winner, { maxLength: 8 }), fc.integer({ min: 0, max: 4000 }), (winners, budget) => {
        const { taken, uncovered, haircuts: cuts } = haircuts(policy, winners, budget)
        const limited = policy === 'capped' || policy === 'risk-aware'
        const reach = winners.reduce((sum, one) => sum + one.capacity * (limited ? one.largest : 1), 0)
        const sum = taken.reduce((total, one) => total + one, 0)
        expect(sum).toBeCloseTo(Math.min(budget, reach), 6)
        expect(uncovered).toBeCloseTo(Math.max(0, budget - reach), 6)
        taken.forEach((one, at) => {
          const { capacity = 0, largest = 1 } = winners[at] ?? {}
          expect(one).toBeLessThanOrEqual(capacity * (limited ? largest : 1) + 1e-9)
          expect(cuts[at]).toBeCloseTo(capacity > 0 ? one / capacity : 0, 9)
        })
      }),
    )
  })

  it('integer stays in whole lots and close to pro rata', () => {
    const { taken } = haircuts('integer', [{ capacity: 100 }, { capacity: 50 }, { capacity: 7 }], 33, 5)
    expect(taken.every((one) => one % 5 === 0)).toBe(true)
    expect(taken.reduce((sum, one) => sum + one, 0)).toBe(35)
    expect(taken).toEqual([25, 10, 0])
  })

  it('the fund’s level is a quantile of past deficits', () => {
    expect(insuranceLevel([5, 1, 3, 2, 4], 1, 5)).toBe(4)
    expect(insuranceLevel([5, 1, 3, 2, 4], 0, 5)).toBe(5)
    expect(() => insuranceLevel([], 1, 5)).toThrow(/needs deficits/)
    expect(() => haircuts('queue', [{ capacity: -1 }], 1)).toThrow(/0 or more/)
  })
})
