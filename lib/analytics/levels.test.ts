import { describe, expect, it } from 'vitest'
import { prng } from '../model/index.ts'
import { heatmapOf } from './heatmap.ts'
import { type LevelPoint, largestClusters, levelMap, levelOf, reachOf } from './levels.ts'

const RANGE = { lowest: 50, highest: 150, count: 20, scale: 'linear' } as const

function randomPoints(seed: string, count: number): LevelPoint[] {
  const chance = prng(seed)
  return Array.from({ length: count }, () => ({
    side: chance.pick(['long', 'short'] as const),
    price: chance.next() < 0.3 ? 5 * (8 + chance.int(24)) : 40 + 120 * chance.next(),
    amount: chance.int(1000),
    source: chance.pick(['binance', 'hyperliquid', 'aave-v3']),
    basis: 'exact' as const,
  }))
}

const sum = (points: readonly LevelPoint[], holds: (one: LevelPoint) => boolean) =>
  points.reduce((all, one) => (holds(one) ? all + one.amount : all), 0)

describe('levels by price', () => {
  it('stand in the bin of their price, by side and source, and none is lost', () => {
    const points = randomPoints('levels', 500)
    const map = levelMap(points, RANGE)
    for (const side of ['long', 'short'] as const) {
      for (let bin = 0; bin < RANGE.count; bin++) {
        const [from, to] = [50 + 5 * bin, 55 + 5 * bin]
        const within = (one: LevelPoint) => one.side === side && one.price >= from && one.price < to
        expect(map[side][bin]).toBe(sum(points, within))
        for (const [source, amounts] of map.bySource)
          expect(amounts[side][bin]).toBe(sum(points, (one) => within(one) && one.source === source))
      }
      expect(map[side].reduce((a, b) => a + b)).toBe(sum(points, (one) => one.side === side))
    }
    expect([...map.bySource.keys()]).toEqual(['aave-v3', 'binance', 'hyperliquid'])
    expect(map.basis).toBe('exact')
    expect(levelMap([...points, { ...(points[0] as LevelPoint), basis: 'estimated' }], RANGE).basis).toBe('mixed')
    expect(levelMap([], RANGE).basis).toBeUndefined()
  })

  it('cluster: the largest bins first, with their sources and their share of the side', () => {
    const points = randomPoints('clusters', 300)
    const clusters = largestClusters(levelMap(points, RANGE), 7)
    expect(clusters).toHaveLength(7)
    clusters.forEach((one, at) => {
      expect(one.amount).toBeLessThanOrEqual(clusters[at - 1]?.amount ?? Number.POSITIVE_INFINITY)
      const here = (point: LevelPoint) => point.side === one.side && point.price >= one.from && point.price < one.to
      expect(one.amount).toBe(sum(points, here))
      expect(one.share).toBeCloseTo(one.amount / sum(points, ({ side }) => side === one.side), 12)
      expect([...one.bySource.values()].reduce((a, b) => a + b)).toBe(one.amount)
    })
    expect(largestClusters(levelMap([], RANGE), 3)).toEqual([])
  })

  it('add up to what a move liquidates: longs down to it, shorts up to it, and what is liquidatable already apart', () => {
    const points = randomPoints('reach', 400)
    const reach = reachOf(points, 100)
    const long = (price: number) => sum(points, (one) => one.side === 'long' && one.price >= price)
    const short = (price: number) => sum(points, (one) => one.side === 'short' && one.price <= price)
    expect(reach.already).toEqual({ long: long(100), short: short(100) })
    for (const price of [45, 60, 95, 99.99])
      expect(reach.at(price)).toEqual({ price, long: long(price) - long(100), short: 0 })
    for (const price of [100.01, 105, 140, 1000])
      expect(reach.at(price)).toEqual({ price, long: 0, short: short(price) - short(100) })
    expect(reach.at(100)).toEqual({ price: 100, long: 0, short: 0 })
    expect(() => reachOf(points, 0)).toThrow(/present price/)
  })
})

describe('the level of an exposure', () => {
  const question = { moving: ['ETH'], priceOf: (feed: string) => ({ ETH: 2000, BTC: 60_000 })[feed], present: 2000 }

  it('is where backing meets what is required, others standing still', () => {
    // 10 ETH at 80 % and half a bitcoin at 70 % back 30,000.
    const exposure = {
      slopes: [
        { feed: 'ETH', backing: 8, required: 0 },
        { feed: 'BTC', backing: 0.35, required: 0 },
      ],
      constant: { backing: 0, required: 30_000 },
    }
    expect(levelOf(exposure, question)).toEqual({ side: 'long', price: expect.closeTo((30_000 - 21_000) / 8, 9) })
    // Both fall together: 37,000 of backing must fall to 30,000.
    expect(levelOf(exposure, { ...question, moving: ['ETH', 'BTC'] })?.price).toBeCloseTo((2000 * 30) / 37, 9)
    expect(levelOf(exposure, { ...question, moving: ['SOL'] })).toBeUndefined()
  })

  it('of debt in the coin is a short, and a position that no price endangers has none', () => {
    const debt = { slopes: [{ feed: 'ETH', backing: 0, required: 5 }], constant: { backing: 15_000, required: 0 } }
    expect(levelOf(debt, question)).toEqual({ side: 'short', price: 3000 })
    const safe = { slopes: [{ feed: 'ETH', backing: 5, required: 0 }], constant: { backing: 10, required: 0 } }
    expect(levelOf(safe, question)).toBeUndefined()
    const unknown = { slopes: [{ feed: 'DOGE', backing: 5, required: 0 }], constant: { backing: 0, required: 1 } }
    expect(() => levelOf(unknown, question)).toThrow(/DOGE has no price/)
  })
})

describe('a heatmap over time', () => {
  it('has a column per snapshot, both sides, and keeps what lies outside', () => {
    const snapshots = [1, 2, 3].map((time) => ({ time, points: randomPoints(`heat ${time}`, 100) }))
    const heat = heatmapOf(snapshots, RANGE)
    expect([...heat.times]).toEqual([1, 2, 3])
    snapshots.forEach(({ points }, column) => {
      const map = levelMap(points, RANGE)
      for (const side of ['long', 'short'] as const) {
        expect([...heat[side].subarray(column * 20, column * 20 + 20)]).toEqual([...map[side].subarray(0, 20)])
        expect(heat.outside[side][column]).toBe(map[side][20])
      }
    })
    expect(heat.largest).toBe(Math.max(...heat.long, ...heat.short))
    expect(() => heatmapOf([...snapshots].reverse(), RANGE)).toThrow(/not later/)
    expect(heatmapOf([], RANGE)).toMatchObject({ largest: 0, basis: undefined })
  })
})
