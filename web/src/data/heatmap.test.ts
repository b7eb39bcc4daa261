import { describe, expect, it } from 'vitest'
import { heatmapOf, type LevelPoint, levelMap, reachOf } from '../../../lib/analytics/index.ts'
import { prng } from '../../../lib/model/index.ts'
import { HEATMAP_WORDS, heatmapAddress, heatmapWords, parseMix, readHeatmap } from '../state/heatmap.ts'
import {
  columnBars,
  demoWorld,
  estimateClusters,
  estimateGrid,
  estimateOf,
  exactClusters,
  exactGrid,
  type HeatEstimate,
  type HeatView,
  type HeatWorld,
  listedClusters,
  ownWorld,
  reachAt,
} from './heatmap-model.ts'

/** A smaller market than the page's. */
const MARKET = {
  ...{ bars: 240, barMs: 3_600_000, volatility: 0.0055, takers: 36, meanLife: 60, maxLeverage: 50 },
  ...{ leverage: { median: 8, spread: 0.75 }, crossShare: 0.2 },
}
const world = demoWorld('7', 0, MARKET)
const { terms } = readHeatmap(HEATMAP_WORDS)
const estimate = estimateOf(world, terms) as HeatEstimate
const all = world.sources.map((_, at) => at)
const view = (more: Partial<HeatView> = {}): HeatView => ({
  ...{
    low: world.price * 0.7,
    high: world.price * 1.3,
    from: 0,
    to: world.bars.length,
    rows: 40,
    columns: 12,
    shown: all,
  },
  ...more,
})

/** The positions that stood at the end of a bar, as the library's points. */
function pointsAt({ columns, sources }: HeatWorld, bar: number, shown: readonly number[]): LevelPoint[] {
  return Array.from(
    columns.price,
    (price, at): LevelPoint => ({
      ...{ side: columns.side[at] === 0 ? 'long' : 'short', price, amount: columns.usd[at] as number },
      ...{ source: sources[columns.source[at] as number] as string, basis: 'exact' },
    }),
  ).filter(
    (_, at) =>
      (columns.from[at] as number) <= bar &&
      bar < (columns.until[at] as number) &&
      shown.includes(columns.source[at] as number),
  )
}

describe('the exact layer', () => {
  it('is the library’s heatmap of the same positions, whole and zoomed, of some venues and of all', () => {
    for (const asked of [
      view(),
      view({ from: 100, to: 180, low: world.price * 0.9, high: world.price * 1.02, columns: 7 }),
      view({ shown: [1] }),
    ]) {
      const grid = exactGrid(world, asked)
      const bars = [...columnBars(asked)]
      const expected = heatmapOf(
        bars.map((bar) => ({ time: bar, points: pointsAt(world, bar, asked.shown) })),
        { lowest: asked.low, highest: asked.high, count: asked.rows, scale: 'linear' },
      )
      expect([...grid.long]).toEqual([...expected.long])
      expect([...grid.short]).toEqual([...expected.short])
      expect(grid.largest).toBeGreaterThan(0)
    }
  })

  it('has today’s clusters as the library counts them, and what a price reaches', () => {
    const asked = view({ shown: [0, 2] })
    const clusters = exactClusters(world, asked, (count) => count())
    const today = pointsAt(world, world.bars.length - 1, [0, 2])
    const map = levelMap(today, { lowest: asked.low, highest: asked.high, count: 1_000, scale: 'linear' })
    expect([...clusters.long]).toEqual([...map.long.slice(0, 1_000)])
    expect([...clusters.short]).toEqual([...map.short.slice(0, 1_000)])
    const reach = reachOf(today, world.price)
    for (const part of [0.6, 0.9, 0.99, 1, 1.01, 1.2]) {
      const price = world.price * part
      const { long, short } = reach.at(price)
      expect(reachAt(world, undefined, [0, 2], price).exact).toEqual({ long, short })
    }
    expect(reachAt(world, undefined, all, world.price * 0.8).exact.long).toBeGreaterThan(0)
  })

  it('tells the same money as many positions', () => {
    const crowd = demoWorld('7', 40_000, MARKET)
    expect(crowd.positions).toBeGreaterThanOrEqual(40_000)
    const sum = ({ columns }: HeatWorld) => columns.usd.reduce((total, one) => total + one, 0)
    expect(sum(crowd) / sum(world)).toBeCloseTo(1, 3)
    expect(demoWorld('7', 0, MARKET).columns.price).toEqual(world.columns.price)
    expect(demoWorld('8', 0, MARKET).price).not.toBe(world.price)
  })
})

describe('the estimate', () => {
  it('stands beside the truth with its score, and is only what the bars say', () => {
    expect(estimate.score?.massError).toBeGreaterThan(0)
    expect(estimate.score?.massError).toBeLessThan(0.5)
    expect(estimate.score?.rankCorrelation).toBeGreaterThan(0.7)
    const blind = estimateOf({ ...world, columns: demoWorld('other', 0, MARKET).columns, today: [] }, terms)
    expect(blind?.points).toEqual(estimate.points)
    const last = world.bars[world.bars.length - 1]
    const coins = estimate.points.reduce((sum, { amount, price }) => sum + amount / price, 0)
    expect(coins / (last?.openInterest as number)).toBeCloseTo(1, 9)
  })

  it('is the library’s heatmap of its snapshots', () => {
    const asked = view({ columns: 5 })
    const grid = estimateGrid(estimate, asked)
    const points = [...columnBars(asked)].map((bar) => estimate.history.findLast((one) => one.bar <= bar)?.points ?? [])
    const expected = heatmapOf(
      points.map((one, time) => ({ time, points: one })),
      { lowest: asked.low, highest: asked.high, count: asked.rows, scale: 'linear' },
    )
    grid.long.forEach((usd, cell) => {
      if (Math.abs(usd - (expected.long[cell] as number)) > 1e-6 * Math.max(1, usd))
        throw new Error(`cell ${cell}: ${usd}`)
    })
    const [clusters, whole] = [
      estimateClusters(estimate, view()),
      estimate.points.filter(({ side }) => side === 'long'),
    ]
    const inside = whole.filter(({ price }) => price >= view().low && price < view().high)
    const sum = inside.reduce((total, { amount }) => total + amount, 0)
    expect(clusters.long.reduce((total, one) => total + one, 0) / sum).toBeCloseTo(1, 9)
  })
})

describe('the list of clusters', () => {
  it('is nearest first, and what lies up to the far end rises with the distance', () => {
    const list = listedClusters(world, estimate, all)
    const longs = list.filter(({ side, usd }) => side === 'long' && usd > 0)
    expect(longs.length).toBeGreaterThan(10)
    longs.forEach(({ from, upTo }, at) => {
      const next = longs[at + 1]
      if (next && next.to <= world.price) expect([next.from < from, next.upTo >= upTo]).toEqual([true, true])
    })
    const chance = prng('list')
    const one = longs[chance.int(longs.length)]
    expect(one?.upTo).toBe(reachAt(world, undefined, all, one?.from as number).exact.long)
  })

  it('of a pasted list has no estimate and no past', () => {
    const own = ownWorld(
      'account,coin,side,size,entry,leverage,mark\na,BTC,long,2,100,10,101\nb,BTC,short,1,100,4,101',
      'BTC',
    )
    expect(own).toMatchObject({ price: 101, positions: 2, standing: 2, sources: ['perps'] })
    expect(estimateOf(own as HeatWorld, terms)).toBeUndefined()
    expect(reachAt(own as HeatWorld, undefined, [0], 80).exact.long).toBe(Math.round((2 * 90) / 0.995))
    expect(ownWorld('', 'BTC')).toBeUndefined()
  })
})

describe('the words of the heatmap', () => {
  it('leave defaults out, come back the same, and tell what means nothing', () => {
    expect(heatmapAddress(HEATMAP_WORDS)).toEqual({})
    const words = { ...HEATMAP_WORDS, layer: 'estimate', mix: '10:1', price: '81000' }
    expect(heatmapWords(heatmapAddress(words))).toEqual(words)
    expect(parseMix('10:1,20:3', 0.01)).toEqual([
      { leverage: 10, share: 0.25 },
      { leverage: 20, share: 0.75 },
    ])
    const { complaints } = readHeatmap({ ...words, mix: '200:1', layer: 'both', turnover: '99', positions: '1e9' })
    expect(Object.keys(complaints).sort()).toEqual(['layer', 'mix', 'positions', 'turnover'])
    expect(parseMix('ten', 0)).toContain('not leverage:share')
  })
})
