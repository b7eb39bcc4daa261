/**
 * Where liquidations stand by price: points from exposures (exact) or from an estimate, clusters by bins, per side and source, and what is
 * liquidated if the price reaches a level. Amounts are in one unit that the caller chooses (coins, or value at present prices); longs and shorts
 * are never netted.
 */
import {
  amountFrom,
  amountUpTo,
  type BinRange,
  binTotals,
  type PriceBins,
  type PriceIndex,
  priceBins,
  priceIndex,
} from '../kernels/index.ts'
import { breakwaterError, type Exposure, type FeedId } from '../model/index.ts'

/** An amount that is liquidated once the price falls to `price` (a long) or rises to it (a short). `source`: venue or protocol. */
export type LevelPoint = {
  readonly side: 'long' | 'short'
  readonly price: number
  readonly amount: number
  readonly source: string
  readonly basis: 'exact' | 'estimated'
  readonly id?: string | undefined
}

/** A cluster: what stands from `from` up to, not including, `to`. */
export type LevelCluster = {
  readonly side: 'long' | 'short'
  readonly from: number
  readonly to: number
  readonly amount: number
  readonly share: number
  readonly bySource: ReadonlyMap<string, number>
}

/** Amounts per bin and side, in all and by source; the last entry of each array is what stands outside of the bins. */
export type LevelMap = {
  readonly bins: PriceBins
  readonly long: Float64Array
  readonly short: Float64Array
  readonly bySource: ReadonlyMap<string, { readonly long: Float64Array; readonly short: Float64Array }>
  /** `exact`, `estimated`, or `mixed`; undefined without points. */
  readonly basis: 'exact' | 'estimated' | 'mixed' | undefined
}

/** What a move to `price` liquidates: longs at it or above, shorts at it or below, of all that is not so at the present price; `already`: what is. */
export type ReachRow = { readonly price: number; readonly long: number; readonly short: number }

/** What stands between the present price and any other. */
export type Reach = {
  readonly present: number
  readonly already: { readonly long: number; readonly short: number }
  at(price: number): ReachRow
}

/** What an exposure is asked: which feeds move together, the price of each feed now, and the price that the level is told in. */
export type ExposureQuestion = {
  readonly moving: readonly FeedId[]
  readonly priceOf: (feed: FeedId) => number | undefined
  readonly present: number
}

/**
 * The price at which a position becomes liquidatable when the moving feeds all change by one factor and the others stay: backing = required on its
 * line. Undefined when no price above 0 does it. Throws missing-price for a feed without one.
 */
export function levelOf(
  { slopes, constant }: Exposure,
  { moving, priceOf, present }: ExposureQuestion,
): { readonly side: 'long' | 'short'; readonly price: number } | undefined {
  let [still, slope] = [constant.backing - constant.required, 0]
  for (const { feed, backing, required } of slopes) {
    const price = priceOf(feed)
    if (price === undefined || !(price > 0)) throw breakwaterError('missing-price', `${feed} has no price`, { feed })
    const worth = (backing - required) * price
    if (moving.includes(feed)) slope += worth
    else still += worth
  }
  const factor = -still / slope
  if (slope === 0 || !(factor > 0 && factor < Number.POSITIVE_INFINITY)) return undefined
  return { side: slope > 0 ? 'long' : 'short', price: factor * present }
}

/** Points as amounts per bin. Refuses (`bad-number`) prices that are not above 0 and amounts below 0. */
export function levelMap(points: readonly LevelPoint[], range: BinRange): LevelMap {
  const bins = priceBins(range)
  const sources = [...new Set(points.map(({ source }) => source))].sort()
  const totals = (side: 'long' | 'short', source?: string) =>
    binTotals(
      indexOf(points.filter((one) => one.side === side && (source === undefined || one.source === source))),
      bins,
    )
  const bases = new Set(points.map(({ basis }) => basis))
  return {
    bins,
    long: totals('long'),
    short: totals('short'),
    bySource: new Map(
      sources.map((source) => [source, { long: totals('long', source), short: totals('short', source) }]),
    ),
    basis: bases.size > 1 ? 'mixed' : [...bases][0],
  }
}

/** The largest clusters of both sides, the largest first; `share` of everything on its side, inside the bins or not. */
export function largestClusters(map: LevelMap, count: number): readonly LevelCluster[] {
  const clusters = (['long', 'short'] as const).flatMap((side) => {
    const amounts = map[side]
    const all = amounts.reduce((sum, one) => sum + one, 0)
    return Array.from({ length: map.bins.count }, (_, bin): LevelCluster => {
      const amount = amounts[bin] as number
      const parts = [...map.bySource].map(([source, of]) => [source, of[side][bin] as number] as const)
      return {
        ...{ side, amount, share: all > 0 ? amount / all : 0 },
        from: map.bins.edges[bin] as number,
        to: map.bins.edges[bin + 1] as number,
        bySource: new Map(parts.filter(([, one]) => one > 0)),
      }
    })
  })
  return clusters
    .filter(({ amount }) => amount > 0)
    .sort((a, b) => b.amount - a.amount || a.from - b.from)
    .slice(0, count)
}

/** What any price would liquidate, without any impact of its own: sorted once, a few steps per question. */
export function reachOf(points: readonly LevelPoint[], present: number): Reach {
  if (!(present > 0 && present < Number.POSITIVE_INFINITY))
    throw breakwaterError('missing-price', `the present price is ${present}`, { present })
  const longs = indexOf(points.filter(({ side }) => side === 'long'))
  const shorts = indexOf(points.filter(({ side }) => side === 'short'))
  const already = { long: amountFrom(longs, present), short: amountUpTo(shorts, present) }
  return {
    present,
    already,
    at: (price) => ({
      price,
      long: price < present ? amountFrom(longs, price) - already.long : 0,
      short: price > present ? amountUpTo(shorts, price) - already.short : 0,
    }),
  }
}

function indexOf(points: readonly LevelPoint[]): PriceIndex {
  return priceIndex(
    points.map(({ price }) => price),
    points.map(({ amount }) => amount),
  )
}
