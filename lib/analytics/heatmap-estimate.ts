/**
 * Liquidation levels where no venue shows them, estimated from open interest, prices and a guess of leverages: what is opened in a bar is spread over
 * leverages at the bar's average price, a level goes when the price crosses it, and all shrink pro rata when more is closed than that. After every
 * bar the levels, with longs that no price reaches, add up to the open interest. Longs liquidate at P(1 − 1/L)/(1 − m), shorts at P(1 + 1/L)/(1 + m): isolated margin, flat maintenance
 * rate m, no fees, nothing added to the margin. All of that is assumed, and the result is labelled so.
 */
import { breakwaterError } from '../model/index.ts'
import type { LevelSnapshot } from './heatmap.ts'
import type { LevelPoint } from './levels.ts'

/** A bar: time (ms since 1970), extremes and volume-weighted average price, open interest at its end (coins are best: dollars move with the price). */
export type OpenInterestBar = {
  readonly time: number
  readonly high: number
  readonly low: number
  readonly vwap: number
  readonly openInterest: number
  /** Share of what is opened that is long: the takers' buys of all volume; a half when not known. */
  readonly longShare?: number | undefined
}

/** A leverage and its share of what is opened; shares add up to 1. */
export type LeverageShare = { readonly leverage: number; readonly share: number }

/** What is assumed. */
export type EstimateTerms = {
  readonly leverages: readonly LeverageShare[]
  /** Maintenance margin, fraction of notional. */
  readonly maintenance: number
  /** Width of the buckets that levels are kept in, as a fraction of price: 0.001 to 0.0025. */
  readonly bucket: number
  /** Share of each amount whose level stands at the nearest multiple of `clusterStep` instead. */
  readonly clusterShare?: number | undefined
  readonly clusterStep?: number | undefined
  /** Share of the open interest that closes in each bar and is opened anew at its price, beside what the interest itself says; none when left out. */
  readonly turnover?: number | undefined
  /** Name of the source that points carry. */
  readonly source: string
}

/** What an opening adds at one leverage. */
export type OpenedLevel = {
  readonly leverage: number
  readonly longPrice: number
  readonly shortPrice: number
  readonly long: number
  readonly short: number
}

/** An estimate under way. */
export type LevelEstimator = {
  /** Takes the next bar. Refuses (`bad-number`, `bad-time`) what no bar can be. */
  step(bar: OpenInterestBar): void
  /** All that is open, longs that no price above 0 liquidates included; `points` leaves those out. */
  readonly total: number
  points(): readonly LevelPoint[]
}

/** Levels of `amount` opened at `entry`, one row per leverage. */
export function openedLevels(
  entry: number,
  amount: number,
  longShare: number,
  { leverages, maintenance }: Pick<EstimateTerms, 'leverages' | 'maintenance'>,
): readonly OpenedLevel[] {
  return leverages.map(({ leverage, share }) => ({
    leverage,
    longPrice: (entry * (1 - 1 / leverage)) / (1 - maintenance),
    shortPrice: (entry * (1 + 1 / leverage)) / (1 + maintenance),
    long: amount * longShare * share,
    short: amount * (1 - longShare) * share,
  }))
}

/** An estimate without bars. Refuses (`bad-number`) shares that do not add up to 1, leverages that the maintenance rate forbids, and bad widths. */
export function levelEstimator(terms: EstimateTerms): LevelEstimator {
  checkTerms(terms)
  const { bucket, source } = terms
  const sides = { long: new Map<number, number>(), short: new Map<number, number>() }
  const priceOf = (key: number) => Math.exp((key + 0.5) * bucket)
  let last: number | undefined
  const total = () => sumOf(sides.long) + sumOf(sides.short)
  const put = (side: 'long' | 'short', price: number, amount: number) => {
    if (amount <= 0) return
    // Longs without leverage stand at 0 or below: no price reaches them, and they stay part of the open interest.
    const key = price > 0 ? Math.floor(Math.log(price) / bucket) : Number.NEGATIVE_INFINITY
    sides[side].set(key, (sides[side].get(key) ?? 0) + amount)
  }
  return {
    get total() {
      return total()
    },
    step(bar) {
      checkBar(bar, last)
      last = bar.time
      for (const key of sides.long.keys()) if (bar.low <= priceOf(key)) sides.long.delete(key)
      for (const key of sides.short.keys()) if (bar.high >= priceOf(key)) sides.short.delete(key)
      const left = total()
      const kept = Math.min(left, bar.openInterest) * (1 - (terms.turnover ?? 0))
      if (kept < left)
        for (const levels of [sides.long, sides.short])
          for (const [key, amount] of levels) levels.set(key, (amount * kept) / left)
      for (const { side, price, amount } of placed(bar.vwap, bar.openInterest - kept, bar.longShare ?? 0.5, terms))
        put(side, price, amount)
    },
    points: () =>
      (['long', 'short'] as const).flatMap((side) =>
        [...sides[side]]
          .filter(([key]) => key > Number.NEGATIVE_INFINITY)
          .sort(([a], [b]) => a - b)
          .map(([key, amount]) => ({ side, price: priceOf(key), amount, source, basis: 'estimated' as const })),
      ),
  }
}

/** The estimate after all bars. */
export function estimateLevels(bars: readonly OpenInterestBar[], terms: EstimateTerms): readonly LevelPoint[] {
  const estimator = levelEstimator(terms)
  for (const bar of bars) estimator.step(bar)
  return estimator.points()
}

/** The estimate as it stood after each bar, or after every so many: what a heatmap over time is made from. The last bar is always there. */
export function estimateHistory(
  bars: readonly OpenInterestBar[],
  terms: EstimateTerms,
  every = 1,
): readonly LevelSnapshot[] {
  if (!(Number.isInteger(every) && every >= 1))
    throw breakwaterError('bad-number', `a column every ${every} bars is none`, { every })
  const estimator = levelEstimator(terms)
  return bars.flatMap((bar, at) => {
    estimator.step(bar)
    return (bars.length - 1 - at) % every === 0 ? [{ time: bar.time, points: estimator.points() }] : []
  })
}

type Placed = { readonly side: 'long' | 'short'; readonly price: number; readonly amount: number }

/** What is opened, with its share at round numbers: the nearest multiple that still lies beyond the entry price. */
function placed(entry: number, amount: number, longShare: number, terms: EstimateTerms): readonly Placed[] {
  const { clusterShare = 0, clusterStep } = terms
  return openedLevels(entry, amount, longShare, terms).flatMap(({ longPrice, shortPrice, long, short }) => {
    const levels = [
      { side: 'long', price: longPrice, amount: long } as const,
      { side: 'short', price: shortPrice, amount: short } as const,
    ]
    if (clusterShare === 0 || clusterStep === undefined) return levels
    return levels.flatMap((level) => {
      const round = roundNumber(level.price, entry, level.side, clusterStep)
      // Where no multiple lies on the side of the level, nothing clusters.
      if (round === undefined) return [level]
      return [
        { ...level, amount: level.amount * (1 - clusterShare) },
        { ...level, price: round, amount: level.amount * clusterShare },
      ]
    })
  })
}

function roundNumber(price: number, entry: number, side: 'long' | 'short', step: number): number | undefined {
  let round = Math.round(price / step) * step
  if (side === 'long' && round >= entry) round = Math.ceil(entry / step - 1) * step
  if (side === 'short' && round <= entry) round = Math.floor(entry / step + 1) * step
  return round > 0 ? round : undefined
}

function checkTerms({
  leverages,
  maintenance,
  bucket,
  clusterShare = 0,
  clusterStep,
  turnover = 0,
}: EstimateTerms): void {
  const wrong = (what: string, value: number | undefined) =>
    breakwaterError('bad-number', `${what} is ${value}`, { value })
  if (!(maintenance >= 0 && maintenance < 1)) throw wrong('the maintenance rate', maintenance)
  if (!(bucket > 0 && bucket <= 0.1)) throw wrong('the width of buckets', bucket)
  if (!(clusterShare >= 0 && clusterShare <= 1)) throw wrong('the share at round numbers', clusterShare)
  if (clusterShare > 0 && !(clusterStep !== undefined && clusterStep > 0))
    throw wrong('the step of round numbers', clusterStep)
  if (!(turnover >= 0 && turnover < 1)) throw wrong('the share that turns over in a bar', turnover)
  for (const { leverage, share } of leverages) {
    if (!(leverage > 0 && 1 / leverage > maintenance)) throw wrong('a leverage', leverage)
    if (!(share >= 0)) throw wrong('the share of a leverage', share)
  }
  const sum = leverages.reduce((all, { share }) => all + share, 0)
  if (!(Math.abs(sum - 1) < 1e-9)) throw wrong('the sum of the shares of leverages', sum)
}

function checkBar(
  { time, high, low, vwap, openInterest, longShare = 0.5 }: OpenInterestBar,
  last: number | undefined,
): void {
  if (!Number.isFinite(time) || (last !== undefined && time <= last))
    throw breakwaterError('bad-time', `a bar at ${time} does not come after ${last}`, { time, last })
  if (!(low > 0 && low <= vwap && vwap <= high && high < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-number', `a bar from ${low} to ${high} has the average ${vwap}`, { low, high, vwap })
  if (!(openInterest >= 0 && openInterest < Number.POSITIVE_INFINITY && longShare >= 0 && longShare <= 1))
    throw breakwaterError('bad-number', `open interest is ${openInterest}, long ${longShare}`, {
      openInterest,
      longShare,
    })
}

function sumOf(levels: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const amount of levels.values()) sum += amount
  return sum
}
