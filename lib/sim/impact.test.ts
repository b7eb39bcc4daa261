import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  exponentialImpact,
  fillPrice,
  type Impact,
  linearImpact,
  logPush,
  poolImpact,
  scaledImpact,
  squareRootImpact,
} from './impact.ts'
import { bookImpact, depthLeft, freshDepth, refilled, walkBook, withdrawn } from './impact-book.ts'

const rungs = Array.from({ length: 12 }, (_, at) => at + 1)
const MODELS: readonly Impact[] = [
  linearImpact(0.002),
  exponentialImpact(0.00003),
  squareRootImpact({ y: 1, dailyVolatility: 0.03, dailyVolume: 100_000 }),
  poolImpact({ reserve: 50_000, fee: 0.003 }),
  bookImpact({
    mid: 100,
    bids: rungs.map((at) => ({ price: 100 - at, size: 400 * at })),
    asks: rungs.map((at) => ({ price: 100 + at, size: 400 * at })),
  }),
]
const flows = fc.constantFrom('sell' as const, 'buy' as const)
const units = fc.double({ min: 0, max: 20_000, noNaN: true })

describe('models of impact', () => {
  it('push down on sales and up on purchases, further with more, from the external price on', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODELS), flows, units, units, (impact, flow, a, b) => {
        const sign = flow === 'sell' ? -1 : 1
        const [less, more] = [Math.min(a, b), Math.max(a, b)]
        expect(impact.price(100, flow, 0)).toBe(100)
        expect(sign * (impact.price(100, flow, more) - impact.price(100, flow, less))).toBeGreaterThanOrEqual(0)
        expect(impact.slope(100, flow, less)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 2000 },
    )
  })

  it('take the money under the price: the fill of a small part is the price there, parts add up', () => {
    const feeless = MODELS.map((one) => (one.id === 'pool' ? poolImpact({ reserve: 50_000 }) : one))
    fc.assert(
      fc.property(fc.constantFrom(...feeless), flows, units, units, (impact, flow, before, now) => {
        fc.pre(now > 1)
        let money = 0
        const parts = 2000
        for (let part = 0; part < parts; part++)
          money += (impact.price(100, flow, before + ((part + 0.5) * now) / parts) * now) / parts
        const fill = fillPrice(impact, 100, flow, { before, now })
        expect(fill / (money / now)).toBeCloseTo(1, 3)
      }),
      { numRuns: 300 },
    )
  })

  it('have the slope of their price', () => {
    for (const impact of MODELS.filter(({ id }) => id !== 'book'))
      for (const flow of ['sell', 'buy'] as const)
        for (const total of [10, 1000, 20_000]) {
          const step = total / 1e4
          const [low, high] = [total - step, total + step].map((at) => impact.price(100, flow, at)) as [number, number]
          const measured = Math.abs(high - low) / (2 * step)
          // The fee of a purchase is paid beside the pool; of a sale it reduces what moves the pool.
          expect(measured / impact.slope(100, flow, total), `${impact.id} ${flow} ${total}`).toBeCloseTo(1, 4)
        }
  })

  it('give the reference’s figures: 0.6 % for 4,000 of 100,000 a day at 3 %, 1.1 for five units of the book', () => {
    const law = squareRootImpact({ y: 1, dailyVolatility: 0.03, dailyVolume: 100_000 })
    expect(1 - law.price(1, 'sell', 4000)).toBeCloseTo(0.006, 12)
    const asks = [
      { price: 1, size: 1 },
      { price: 1.1, size: 3 },
      { price: 1.2, size: 10 },
    ]
    expect(walkBook(freshDepth(asks, 'buy'), 5).average).toBeCloseTo(1.1, 12)
  })

  it('scale: ten times the impact of every unit is a tenth of the depth', () => {
    for (const flow of ['sell', 'buy'] as const)
      for (const total of [0, 5, 900]) {
        const thin = poolImpact({ reserve: 5_000 })
        const scaled = scaledImpact(poolImpact({ reserve: 50_000 }), 10)
        expect(scaled.price(100, flow, total)).toBeCloseTo(thin.price(100, flow, total), 9)
        expect(scaled.money(100, flow, total)).toBeCloseTo(thin.money(100, flow, total), 6)
        expect(scaled.slope(100, flow, total)).toBeCloseTo(thin.slope(100, flow, total), 9)
      }
    expect(scaledImpact(linearImpact(1), 0).price(100, 'sell', 5)).toBe(100)
  })

  it('become a push on the logarithm that is finite even where no price is left', () => {
    const { sell, buy } = logPush(linearImpact(1), 100)
    expect([sell(0), buy(0)]).toEqual([0, 0])
    expect(sell(50)).toBeCloseTo(Math.log(0.5), 12)
    expect(buy(50)).toBeCloseTo(Math.log(1.5), 12)
    expect(sell(1000)).toBeCloseTo(Math.log(1e-6), 9)
    expect(logPush(poolImpact({ reserve: 10 }), 100).buy(10)).toBeCloseTo(-Math.log(1e-6), 9)
  })

  it('refuse what is no model', () => {
    expect(() => linearImpact(-1)).toThrow()
    expect(() => poolImpact({ reserve: 0 })).toThrow()
    expect(() => squareRootImpact({ y: 1, dailyVolatility: 0.1, dailyVolume: 0 })).toThrow()
    expect(() => bookImpact({ mid: 1, bids: [], asks: [{ price: 2, size: 1 }] })).toThrow(/no bids/)
  })
})

describe('depth of a book', () => {
  const bids = [
    { price: 99, size: 10 },
    { price: 98, size: 20 },
  ]

  it('is eaten best price first, and what is not there stays unfilled', () => {
    const walk = walkBook(freshDepth(bids, 'sell'), 15)
    expect(walk).toMatchObject({ filled: 15, unfilled: 0, average: (990 + 490) / 15, last: 98 })
    expect(walk.depth.taken).toEqual([10, 5])
    expect(walkBook(walk.depth, 100)).toMatchObject({ filled: 15, unfilled: 85, average: 98 })
    expect(walkBook(freshDepth([], 'sell'), 1)).toMatchObject({ filled: 0, unfilled: 1, average: undefined })
  })

  it('comes back by halves: a walk in two parts costs less the longer the wait', () => {
    const first = walkBook(freshDepth(bids, 'sell'), 15)
    const later = [0, 10, 1000].map((seconds) => walkBook(refilled(first.depth, seconds, 10), 10).average as number)
    expect(refilled(first.depth, 10, 10).taken).toEqual([5, 2.5])
    expect(later[0]).toBe(98)
    expect(later[1]).toBe((5 * 99 + 5 * 98) / 10)
    expect(later[2]).toBeCloseTo(99, 12)
  })

  it('thins with volatility', () => {
    expect(depthLeft(20, 0.05)).toBeCloseTo(Math.exp(-1), 12)
    expect(withdrawn(freshDepth(bids, 'sell'), 0.5).levels.map(({ size }) => size)).toEqual([5, 10])
  })

  it('must be best first', () => {
    expect(() => freshDepth(bids, 'buy')).toThrow(/no worse/)
    expect(() => freshDepth([...bids].reverse(), 'sell')).toThrow(/no worse/)
    expect(() => freshDepth([{ price: 1, size: 0 }], 'sell')).toThrow(/size of level 0/)
  })
})
