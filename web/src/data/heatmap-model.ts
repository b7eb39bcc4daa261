/**
 * What the heatmap shows, computed beside the page: the exact layer (every position of a simulated market, or of a pasted list) and the estimate
 * (from what that market showed of itself), never added to each other. Amounts are dollars at the level: notional that would be liquidated.
 */
import {
  type EstimateTerms,
  estimateHistory,
  estimateLevels,
  type HeatmapScore,
  type KnownLife,
  type KnownMarket,
  knownMarket,
  type LevelPoint,
  type LevelSnapshot,
  scoreLevels,
  type TruthTerms,
} from '../../../lib/analytics/index.ts'
import {
  amountFrom,
  amountUpTo,
  binOf,
  binTotals,
  type PriceHistogram,
  type PriceIndex,
  priceBins,
  priceHistogram,
  priceIndex,
  wasmPriceHistogram,
} from '../../../lib/kernels/index.ts'
import { prng } from '../../../lib/model/index.ts'
import { nine } from './cascade.ts'
import { parseBook } from './cascade-book.ts'

/** Sources of the simulated market, with the share of positions up to each. */
const DEMO_SOURCES = [
  ['sim:venue-a', 0.5],
  ['sim:venue-b', 0.8],
  ['sim:venue-c', 1],
] as const
/** Twenty days of hourly bars. */
const MARKET: TruthTerms = {
  ...{ bars: 480, barMs: 3_600_000, volatility: 0.0055, takers: 60, meanLife: 100, maxLeverage: 50 },
  ...{ leverage: { median: 8, spread: 0.75 }, crossShare: 0.2 },
}
/** Of a position told as several: their levels lie so far apart, a part of the price. */
const CROWD_SPREAD = 0.003
/** A snapshot of the estimate every so many bars. */
const ESTIMATE_EVERY = 6
/** Bins of the score and of the list of clusters, and how far they reach on each side, parts of the price. */
const SCORE = { count: 60, reach: 0.3 } as const
const LIST = { count: 100, reach: 0.5 } as const
/** Bins of the clusters of today. */
export const CLUSTER_BINS = 1_000

/** Positions in columns: dollars in whole ones, bars of opening and end. */
type Columns = {
  readonly side: Uint8Array
  readonly source: Uint8Array
  readonly price: Float64Array
  readonly usd: Float64Array
  readonly from: Int32Array
  readonly until: Int32Array
}

/** Amounts of one source and side that stand today: counted by bins, and sorted. */
type Standing = { readonly histogram: PriceHistogram; readonly index: PriceIndex; readonly wasm: boolean }

/** Everything that views are cut from. */
export type HeatWorld = {
  readonly price: number
  readonly bars: KnownMarket['bars']
  readonly sources: readonly string[]
  readonly positions: number
  readonly standing: number
  readonly wasm: boolean
  readonly refused: readonly string[]
  readonly columns: Columns
  readonly today: readonly { readonly long: Standing; readonly short: Standing }[]
  readonly truth: readonly LevelPoint[]
}

/** The simulated market of a seed. Where more than its own positions are asked for, those that stand today are told as several parts each. */
export function demoWorld(seed: string, positions: number, terms: TruthTerms = MARKET): HeatWorld {
  const chance = prng(seed).fork('heatmap')
  const market = knownMarket(terms, chance.fork('market'))
  const stands = ({ until }: KnownLife) => until === terms.bars
  const standing = market.lives.filter(stands).length
  const parts = Math.max(1, Math.ceil(positions / Math.max(1, standing)))
  const own = chance.fork('parts')
  const sourceOf = () => {
    const draw = own.next()
    return DEMO_SOURCES.findIndex(([, upTo]) => draw < upTo)
  }
  const rows = columnsOf(market.lives.length + standing * (parts - 1))
  let at = 0
  for (const life of market.lives) {
    const source = sourceOf()
    const count = stands(life) ? parts : 1
    for (let part = 0; part < count; part++) {
      const level = count === 1 ? life.level : life.level * Math.exp(CROWD_SPREAD * own.normal())
      put(rows, at, { ...life, level, amount: life.amount / count }, source)
      at += 1
    }
  }
  const sources = DEMO_SOURCES.map(([name]) => name)
  return worldOf(rows, { ...market, sources, refused: [] })
}

/** A pasted list: levels as they stand now, without a past. */
export function ownWorld(text: string, coin: string): HeatWorld | undefined {
  const book = parseBook(text)
  const name = book.coins.has(coin) ? coin : [...book.coins.keys()][0]
  const market = name === undefined ? undefined : book.coins.get(name)
  if (!market) return undefined
  const mine = book.positions.filter((one) => one.coin === name)
  const sources = [...new Set(mine.map(({ kind }) => (kind === 'loan' ? 'loans' : 'perps')))]
  const rows = columnsOf(mine.length)
  mine.forEach(({ side, liquidation, size, kind }, at) => {
    const life = { side, amount: size, level: liquidation, from: 0, until: 1 }
    put(rows, at, life, sources.indexOf(kind === 'loan' ? 'loans' : 'perps'))
  })
  const bar = { time: 0, high: market.price, low: market.price, vwap: market.price, openInterest: 0 }
  return worldOf(rows, { price: market.price, bars: [bar], truth: [], sources, refused: book.refused })
}

function columnsOf(count: number): Columns {
  return {
    ...{ side: new Uint8Array(count), source: new Uint8Array(count), price: new Float64Array(count) },
    ...{ usd: new Float64Array(count), from: new Int32Array(count), until: new Int32Array(count) },
  }
}

function put(rows: Columns, at: number, { side, level, amount, from, until }: KnownLife, source: number): void {
  rows.side[at] = side === 'long' ? 0 : 1
  rows.source[at] = source
  // Nine digits: engines differ in the last bits of exp.
  rows.price[at] = nine(level)
  rows.usd[at] = Math.round(level * amount)
  rows.from[at] = from
  rows.until[at] = until
}

type WorldFacts = Pick<HeatWorld, 'price' | 'bars' | 'truth' | 'sources' | 'refused'>

function worldOf(columns: Columns, { price, bars, truth, sources, refused }: WorldFacts): HeatWorld {
  const today = sources.map((_, source) => ({
    long: standingOf(columns, { source, side: 0, last: bars.length }),
    short: standingOf(columns, { source, side: 1, last: bars.length }),
  }))
  const standing = today.reduce((sum, one) => sum + one.long.index.prices.length + one.short.index.prices.length, 0)
  const wasm = today.every((one) => one.long.wasm && one.short.wasm)
  return {
    ...{ price, bars, sources, refused, truth, columns, today, standing, wasm },
    positions: columns.price.length,
  }
}

function standingOf(rows: Columns, which: { source: number; side: number; last: number }): Standing {
  const mine: number[] = []
  for (let at = 0; at < rows.price.length; at++)
    if (rows.source[at] === which.source && rows.side[at] === which.side && rows.until[at] === which.last) mine.push(at)
  const prices = Float64Array.from(mine, (at) => rows.price[at] as number)
  const amounts = Float64Array.from(mine, (at) => rows.usd[at] as number)
  const bins = priceBins({ lowest: 1, highest: 2, count: 1, scale: 'linear' })
  const capacity = Math.max(1, mine.length)
  const fast = wasmPriceHistogram(capacity, bins)
  const histogram = fast ?? priceHistogram(capacity, bins)
  for (let id = 0; id < mine.length; id++) histogram.set(id, prices[id] as number, amounts[id] as number)
  return { histogram, index: priceIndex(prices, amounts), wasm: fast !== undefined }
}

/** The part that is shown: prices, bars, how finely, and which sources (by number). */
export type HeatView = {
  readonly low: number
  readonly high: number
  readonly from: number
  readonly to: number
  readonly rows: number
  readonly columns: number
  readonly shown: readonly number[]
}

/** Amounts by cell, `[column × rows + row]`, both sides; `largest` cell. */
export type HeatGrid = { readonly long: Float64Array; readonly short: Float64Array; readonly largest: number }

/** Bars of each column: the last of its share of the time shown. */
export function columnBars({ from, to, columns }: Pick<HeatView, 'from' | 'to' | 'columns'>): Int32Array {
  const last = Math.max(from, to - 1)
  return Int32Array.from({ length: columns }, (_, at) =>
    columns === 1 ? last : Math.round(from + ((last - from) * at) / (columns - 1)),
  )
}

/** The exact layer over time: what stood at the end of each column's bar. Openings and ends are entered once and summed along the time. */
export function exactGrid({ columns: rows }: HeatWorld, view: HeatView): HeatGrid {
  const bins = priceBins({ lowest: view.low, highest: view.high, count: view.rows, scale: 'linear' })
  const bars = columnBars(view)
  const [long, short] = [new Float64Array(view.columns * view.rows), new Float64Array(view.columns * view.rows)]
  const shown = new Uint8Array(256)
  for (const source of view.shown) shown[source] = 1
  const columnOf = firstColumns(bars)
  for (let at = 0; at < rows.price.length; at++) {
    if (shown[rows.source[at] as number] === 0) continue
    const row = binOf(bins, rows.price[at] as number)
    if (row === view.rows) continue
    const first = columnOf(rows.from[at] as number)
    const end = columnOf(rows.until[at] as number)
    if (first >= end) continue
    const cells = rows.side[at] === 0 ? long : short
    const usd = rows.usd[at] as number
    cells[first * view.rows + row] = (cells[first * view.rows + row] as number) + usd
    if (end < view.columns) cells[end * view.rows + row] = (cells[end * view.rows + row] as number) - usd
  }
  for (const cells of [long, short])
    for (let cell = view.rows; cell < cells.length; cell++)
      cells[cell] = (cells[cell] as number) + (cells[cell - view.rows] as number)
  return { long, short, largest: largestOf(long, short) }
}

/** The first column whose bar is this one or later; the number of columns when none is. */
function firstColumns(bars: Int32Array): (bar: number) => number {
  const most = (bars[bars.length - 1] ?? 0) + 1
  const table = new Int32Array(most + 1).fill(bars.length)
  for (let column = bars.length - 1; column >= 0; column--) table[bars[column] as number] = column
  for (let bar = most - 1; bar >= 0; bar--) table[bar] = Math.min(table[bar] as number, table[bar + 1] as number)
  return (bar) => table[Math.min(Math.max(bar, 0), most)] as number
}

/** The largest sum of a cell over both sides. */
function largestOf(long: Float64Array, short: Float64Array): number {
  let most = 0
  for (let cell = 0; cell < long.length; cell++) most = Math.max(most, (long[cell] as number) + (short[cell] as number))
  return most
}

/** The estimate of a world: snapshots over time and the points of today, with its score against the truth where that is known. */
export type HeatEstimate = {
  readonly history: readonly { readonly bar: number; readonly points: readonly LevelPoint[] }[]
  readonly points: readonly LevelPoint[]
  readonly index: { readonly long: PriceIndex; readonly short: PriceIndex }
  readonly score: HeatmapScore | undefined
}

/** Estimates from the bars alone. Nothing without a past. */
export function estimateOf(world: HeatWorld, terms: EstimateTerms): HeatEstimate | undefined {
  const { bars, truth, price } = world
  if (bars.length < 2) return undefined
  const dollars = (points: readonly LevelPoint[]) => points.map((one) => ({ ...one, amount: one.amount * one.price }))
  const history = estimateHistory(bars, terms, ESTIMATE_EVERY).map(({ points }: LevelSnapshot, at, all) => ({
    bar: bars.length - 1 - (all.length - 1 - at) * ESTIMATE_EVERY,
    points: dollars(points),
  }))
  const today = estimateLevels(bars, terms)
  const points = dollars(today)
  const index = (side: 'long' | 'short') => {
    const mine = points.filter((one) => one.side === side)
    return priceIndex(
      mine.map((one) => one.price),
      mine.map((one) => one.amount),
    )
  }
  const range = {
    lowest: price * (1 - SCORE.reach),
    highest: price * (1 + SCORE.reach),
    count: SCORE.count,
    scale: 'log',
  } as const
  return {
    history,
    points,
    index: { long: index('long'), short: index('short') },
    score: scoreLevels(today, truth, range),
  }
}

/** The estimate over time: each column has the last snapshot at or before its bar. */
export function estimateGrid({ history }: HeatEstimate, view: HeatView): HeatGrid {
  const bins = priceBins({ lowest: view.low, highest: view.high, count: view.rows, scale: 'linear' })
  const [long, short] = [new Float64Array(view.columns * view.rows), new Float64Array(view.columns * view.rows)]
  columnBars(view).forEach((bar, column) => {
    const snapshot = history.findLast((one) => one.bar <= bar)
    for (const { side, price, amount } of snapshot?.points ?? []) {
      const row = binOf(bins, price)
      if (row === view.rows) continue
      const cells = side === 'long' ? long : short
      cells[column * view.rows + row] = (cells[column * view.rows + row] as number) + amount
    }
  })
  return { long, short, largest: largestOf(long, short) }
}

/** Amounts of today by bin, both sides. */
export type HeatClusters = { readonly long: Float64Array; readonly short: Float64Array }

/** Today's clusters of the shown sources in {@link CLUSTER_BINS} bins, each histogram counted anew. `count` is told how to time it. */
export function exactClusters(world: HeatWorld, view: HeatView, timed: (count: () => void) => void): HeatClusters {
  const bins = priceBins({ lowest: view.low, highest: view.high, count: CLUSTER_BINS, scale: 'linear' })
  const shown = view.shown.flatMap((source) => world.today[source] ?? [])
  for (const { long, short } of shown) for (const { histogram } of [long, short]) histogram.rebin(bins)
  timed(() => {
    for (const { long, short } of shown) for (const { histogram } of [long, short]) histogram.count()
  })
  const sum = (side: 'long' | 'short') => {
    const all = new Float64Array(CLUSTER_BINS)
    for (const one of shown)
      for (let bin = 0; bin < CLUSTER_BINS; bin++)
        all[bin] = (all[bin] as number) + (one[side].histogram.totals[bin] as number)
    return all
  }
  return { long: sum('long'), short: sum('short') }
}

/** The same of the estimate. */
export function estimateClusters({ index }: HeatEstimate, view: HeatView): HeatClusters {
  const bins = priceBins({ lowest: view.low, highest: view.high, count: CLUSTER_BINS, scale: 'linear' })
  const of = (side: PriceIndex) => binTotals(side, bins).slice(0, CLUSTER_BINS)
  return { long: of(index.long), short: of(index.short) }
}

/** What a move to `price` liquidates, dollars, without any impact of its own; each layer for itself. */
export type HeatReach = {
  readonly price: number
  readonly exact: { readonly long: number; readonly short: number }
  readonly estimate: { readonly long: number; readonly short: number } | undefined
}

/** Asks both layers. */
export function reachAt(
  world: HeatWorld,
  estimate: HeatEstimate | undefined,
  shown: readonly number[],
  price: number,
): HeatReach {
  const move = (long: PriceIndex, short: PriceIndex) => ({
    long: price < world.price ? amountFrom(long, price) - amountFrom(long, world.price) : 0,
    short: price > world.price ? amountUpTo(short, price) - amountUpTo(short, world.price) : 0,
  })
  const parts = shown.flatMap((source) => world.today[source] ?? []).map((one) => move(one.long.index, one.short.index))
  return {
    price,
    exact: {
      long: parts.reduce((sum, { long }) => sum + long, 0),
      short: parts.reduce((sum, { short }) => sum + short, 0),
    },
    estimate: estimate && move(estimate.index.long, estimate.index.short),
  }
}

/** A cluster of the list: a percent wide, how far away, how much, and how much lies up to its far end. */
export type ListedCluster = {
  readonly side: 'long' | 'short'
  readonly from: number
  readonly to: number
  readonly usd: number
  readonly estimate: number | undefined
  readonly upTo: number
}

/** All clusters within half of the price, nearest first; amounts of the exact layer, the estimate beside them. */
export function listedClusters(
  world: HeatWorld,
  estimate: HeatEstimate | undefined,
  shown: readonly number[],
): readonly ListedCluster[] {
  const bins = priceBins({
    ...{ lowest: world.price * (1 - LIST.reach), highest: world.price * (1 + LIST.reach) },
    ...{ count: LIST.count, scale: 'linear' },
  })
  const far = (from: number) => Math.abs(from - world.price)
  return (['long', 'short'] as const)
    .flatMap((side) => {
      const parts = shown.flatMap((source) => world.today[source] ?? []).map((one) => binTotals(one[side].index, bins))
      const guess = estimate && binTotals(estimate.index[side], bins)
      return Array.from({ length: LIST.count }, (_, bin): ListedCluster => {
        const [from, to] = [bins.edges[bin] as number, bins.edges[bin + 1] as number]
        const end = reachAt(world, undefined, shown, side === 'long' ? from : to).exact
        return {
          side,
          from,
          to,
          usd: parts.reduce((sum, one) => sum + (one[bin] as number), 0),
          estimate: guess?.[bin],
          upTo: end[side],
        }
      })
    })
    .filter(({ usd, estimate: guess }) => usd > 0 || (guess ?? 0) > 0)
    .sort((a, b) => far((a.from + a.to) / 2) - far((b.from + b.to) / 2))
}
