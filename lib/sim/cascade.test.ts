import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { levelBook, runPaths } from '../kernels/index.ts'
import { prng } from '../model/index.ts'
import {
  type CascadeLevel,
  type CascadeSide,
  cascade,
  cascadeSide,
  flowOf,
  restingPlace,
  shockedPrice,
} from './cascade.ts'
import {
  amplificationOf,
  branchingRatio,
  densityNear,
  findCliff,
  localBranching,
  valueThatForcesAll,
} from './cascade-branching.ts'
import { exponentialImpact, type Impact, linearImpact, logPush, poolImpact, squareRootImpact } from './impact.ts'
import { bookImpact } from './impact-book.ts'

/** The reference's toy book: price and units of its levels, start 100. */
const TOY = (
  [
    [97, 10],
    [95.5, 20],
    [94, 40],
    [90, 80],
    [80, 200],
  ] as const
).map(([price, quantity]) => ({ side: 'long', price, quantity }) as const)
const toy = cascadeSide(TOY, 'long')
const atShock = (shock: number, k: number) => cascade(toy, linearImpact(k), shockedPrice(100, shock), 100)

const IMPACTS: readonly ((strength: number) => Impact)[] = [
  (strength) => linearImpact(strength),
  (strength) => exponentialImpact(strength / 100),
  (strength) => squareRootImpact({ y: strength, dailyVolatility: 0.05, dailyVolume: 2 }),
  (strength) => poolImpact({ reserve: 100 / (strength + 0.001), fee: 0.003 }),
  (strength) => {
    const size = 1 / (strength + 0.01)
    const rungs = Array.from({ length: 30 }, (_, at) => at + 1)
    return bookImpact({
      mid: 100,
      bids: rungs.map((at) => ({ price: 100 - at / 2, size })),
      asks: rungs.map((at) => ({ price: 100 + at / 2, size })),
    })
  },
]

/** Every set of levels that explains its own price, tried one by one; the price nearest to the external one. */
function bestOfAllSubsets({ side, levels }: CascadeSide, impact: Impact, external: number): number {
  const sign = side === 'long' ? 1 : -1
  let best: number | undefined
  for (let subset = 0; subset < 2 ** levels.length; subset++) {
    let total = 0
    levels.forEach(({ quantity }, at) => {
      if (subset & (1 << at)) total += quantity
    })
    const price = impact.price(external, flowOf(side), total)
    const explained = levels.every(
      (level, at) => ((subset & (1 << at)) !== 0) === (side === 'long' ? price <= level.price : price >= level.price),
    )
    if (explained && (best === undefined || sign * price > sign * best)) best = price
  }
  return best as number
}

describe('a cascade', () => {
  it('is the greatest fixed point: no set of levels explains a better price, on random small books of every impact', () => {
    let [cascades, several] = [0, 0]
    const level = fc.record({ price: fc.integer({ min: 70, max: 130 }), quantity: fc.integer({ min: 0, max: 8 }) })
    fc.assert(
      fc.property(
        fc.array(level, { maxLength: 8 }),
        fc.constantFrom('long', 'short'),
        fc.constantFrom(...IMPACTS),
        fc.integer({ min: 0, max: 16 }),
        fc.integer({ min: 90, max: 110 }),
        (levels, side, impactOf, strength, external) => {
          const book = cascadeSide(
            levels.map((one) => ({ ...one, side }) as CascadeLevel),
            side as 'long',
          )
          const impact = impactOf(strength / 8)
          const outcome = cascade(book, impact, external)
          expect(outcome.price).toBe(bestOfAllSubsets(book, impact, external))
          expect(outcome.rounds.length).toBeLessThanOrEqual(levels.length)
          if (outcome.rounds.length > 1) several++
          if (outcome.fired > 0) cascades++
          expect(restingPlace(book, impact, external)).toEqual({ price: outcome.price, fired: outcome.fired })
        },
      ),
      { numRuns: 5000, seed: 1 },
    )
    expect(cascades).toBeGreaterThan(1500)
    expect(several).toBeGreaterThan(500)
  })

  it('tells each round: levels, units, prices, fill, and who would be next', () => {
    expect(atShock(-0.025, 0.05)).toMatchObject({ price: 97.5, rounds: [], quantity: 0, next: TOY[0] })
    const { rounds, price, next, amplification, runaway } = atShock(-0.03, 0.05)
    expect(rounds).toEqual([
      { from: 0, levels: [TOY[0]], quantity: 10, fill: 96.75, before: 97, after: 96.5, offspring: undefined },
    ])
    expect([price, next, amplification, runaway]).toEqual([96.5, TOY[1], 3.5 / 3, false])
    const all = atShock(-0.03, 0.15)
    expect(all.rounds.map(({ quantity, after }) => [quantity, after])).toEqual([
      [10, 95.5],
      [20, 92.5],
      [40, 86.5],
      [80, 74.5],
      [200, 44.5],
    ])
    expect(all).toMatchObject({ runaway: true, exhausted: true, next: undefined, quantity: 350 })
  })

  it('jumps at its critical impact: the toy book stops short below 0.15 and runs through at 0.15', () => {
    const cliff = findCliff(toy, linearImpact, 97, { from: 0, to: 1 })
    expect(cliff?.above.value).toBeCloseTo(0.15, 12)
    expect(cliff?.below.value).toBeLessThan(cliff?.above.value as number)
    expect(cliff?.below.outcome).toMatchObject({ quantity: 10 })
    expect(cliff?.below.outcome.price).toBeCloseTo(95.5, 9)
    expect(cliff?.above.outcome).toMatchObject({ quantity: 350, runaway: true })
    expect(cliff?.above.outcome.price).toBeCloseTo(44.5, 9)
    expect(cliff?.jump).toBe(340)
    expect(findCliff(cascadeSide([], 'long'), linearImpact, 97, { from: 0, to: 1 })).toBeUndefined()
  })

  it('has no larger jump than the cliff, and the cliff is where one stands, on random books', () => {
    const chance = prng('cliffs')
    for (let round = 0; round < 60; round++) {
      const side = round % 2 === 0 ? 'long' : 'short'
      const sign = side === 'long' ? -1 : 1
      const levels = Array.from({ length: 1 + chance.int(12) }, () => ({
        side,
        price: 100 + sign * 30 * chance.next(),
        quantity: 1 + chance.int(20),
      })) as CascadeLevel[]
      const book = cascadeSide(levels, side)
      const external = 100 + sign * 5
      const cliff = findCliff(book, linearImpact, external, { from: 0, to: 2 })
      // Where prefix j just reaches the level after it; the outcome jumps at the records among them.
      const critical = book.levels.map(({ price }, at) => (sign * (price - external)) / (book.units[at] as number))
      let [jump, seen] = [0, 0]
      for (const k of critical.filter((one) => one > 0 && one < 2)) {
        const units = (at: number) => cascade(book, linearImpact(at), external).quantity
        jump = Math.max(jump, units(k * (1 + 1e-12)) - units(k * (1 - 1e-12)))
        seen++
      }
      expect(cliff?.jump ?? 0).toBe(jump)
      if (!cliff) continue
      expect(seen).toBeGreaterThan(0)
      expect(critical.some((one) => Math.abs(one / cliff.above.value - 1) < 1e-12)).toBe(true)
      const all = valueThatForcesAll(book, linearImpact, external, 0.01)
      if (all !== undefined) expect(cascade(book, linearImpact(all), external).exhausted).toBe(true)
    }
  })

  it('agrees with the kernel of paths on the same shock, where impact is a factor on the price', () => {
    const chance = prng('core against kernel')
    let fired = 0
    for (let round = 0; round < 400; round++) {
      const impact = chance.pick([
        exponentialImpact(0.0004),
        squareRootImpact({ y: 1, dailyVolatility: 0.04, dailyVolume: 900 }),
        poolImpact({ reserve: 4000 }),
      ])
      const levels = Array.from({ length: 60 }, () => {
        const side = chance.next() < 0.5 ? 'long' : 'short'
        const distance = 0.25 * chance.next()
        return {
          side,
          price: 100 * (side === 'long' ? 1 - distance : 1 + distance),
          quantity: 1 + chance.int(30),
        } as const
      })
      const shock = chance.pick([-0.04, 0.05])
      const moves = { steps: 0, drift: 0, volatility: 0 }
      const options = { start: 100, shock, moves, permanent: 1, keep: 1, seed: 0 }
      const kernel = runPaths(levelBook(levels, logPush(impact, 100)), options, 0, 1)
      const core = cascade(cascadeSide(levels, shock < 0 ? 'long' : 'short'), impact, shockedPrice(100, shock))
      expect(kernel.levels[0]).toBe(core.fired)
      expect(kernel.rounds[0]).toBe(core.rounds.length)
      expect((kernel.price[0] as number) / core.price).toBeCloseTo(1, 12)
      fired += core.fired
    }
    expect(fired).toBeGreaterThan(2000)
  })

  it('amplifies a small shock by 1 / (1 − n) on an even book, and runs away at n ≥ 1', () => {
    expect(branchingRatio(0.0002, 1000)).toBe(0.2)
    expect(amplificationOf(0.2)).toBe(1.25)
    expect(amplificationOf(1)).toBeUndefined()
    // 1,000 units per unit of price, in levels of 0.1 unit.
    const levels = Array.from({ length: 100_000 }, (_, at) => ({
      side: 'long',
      price: 100 - at / 1e4,
      quantity: 0.1,
    })) as CascadeLevel[]
    const even = cascadeSide(levels, 'long')
    expect(densityNear(even, 99, 1)).toBeCloseTo(1000, 6)
    expect(localBranching(even, linearImpact(0.0002), { external: 99, price: 99, forced: 0, width: 1 })).toBeCloseTo(
      0.2,
      9,
    )
    expect(cascade(even, linearImpact(0.0002), 99, 100).amplification).toBeCloseTo(1.25, 3)
    const away = cascade(even, linearImpact(0.001001), 99.9, 100)
    expect([away.runaway, away.exhausted]).toEqual([true, true])
  })

  it('refuses what is no price, no level and no shock', () => {
    expect(() => cascadeSide([{ side: 'long', price: 0, quantity: 1 }], 'long')).toThrow(/level 0/)
    expect(() => cascade(toy, linearImpact(1), 0)).toThrow(/external price/)
    expect(() => shockedPrice(100, -1)).toThrow(/leaves no price/)
    expect(() => findCliff(toy, linearImpact, 97, { from: 1, to: 1 })).toThrow(/between 1 and 1/)
  })
})
