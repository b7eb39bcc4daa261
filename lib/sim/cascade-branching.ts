/** How near a cascade is to running away: the branching ratio n = I′(L) · ρ(p), what it multiplies a small shock by, and the cliff where outcomes jump. */
import { breakwaterError } from '../model/index.ts'
import { type CascadeOutcome, type CascadeSide, cascade, flowOf, restingPlace } from './cascade.ts'
import { type Impact, notBelowZero } from './impact.ts'

/** n = slope of impact (price per unit) × density of forced quantity (units per unit of price): units forced by each forced unit. */
export function branchingRatio(slope: number, density: number): number {
  return slope * density
}

/** What a small shock is multiplied by: 1 / (1 − n); undefined at n ≥ 1, where nothing stops it until the density falls. */
export function amplificationOf(n: number): number | undefined {
  notBelowZero(n, 'the branching ratio')
  return n < 1 ? 1 / (1 - n) : undefined
}

/** Units per unit of price within `width` beyond `price` (below it for longs, above it for shorts). */
export function densityNear({ side, levels, units }: CascadeSide, price: number, width: number): number {
  if (!(width > 0)) throw breakwaterError('bad-number', `the width is ${width}`, { width })
  const sign = side === 'long' ? -1 : 1
  const upTo = (edge: number) => {
    let [from, to] = [0, levels.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (sign * (levels[middle]?.price as number) <= sign * edge) from = middle + 1
      else to = middle
    }
    return units[from] as number
  }
  return (upTo(price + sign * width) - upTo(price)) / width
}

/** The branching ratio of a book at a price after `fired` units, measured over the next `width` of price. */
export function localBranching(
  book: CascadeSide,
  impact: Impact,
  at: { readonly external: number; readonly price: number; readonly forced: number; readonly width: number },
): number {
  const slope = impact.slope(at.external, flowOf(book.side), at.forced)
  const density = densityNear(book, at.price, at.width)
  return density === 0 ? 0 : branchingRatio(slope, density)
}

/** A cliff: at `below` the cascade stops, at `above`, the next number that a float64 can tell or nearly, it runs on. `jump` in units. */
export type Cliff = {
  readonly below: { readonly value: number; readonly outcome: CascadeOutcome }
  readonly above: { readonly value: number; readonly outcome: CascadeOutcome }
  readonly jump: number
}

/**
 * The largest jump of the forced quantity as a parameter rises from `from` to `to`, where more of the parameter means more impact: an impact
 * coefficient, or the inverse of depth. Spans are halved, the widest jump first; a span that cannot hold a larger one is left. Undefined when nothing
 * jumps.
 */
export function findCliff(
  book: CascadeSide,
  impactAt: (value: number) => Impact,
  external: number,
  { from, to }: { readonly from: number; readonly to: number },
): Cliff | undefined {
  if (!(from >= 0 && to > from && to < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-number', `a cliff is looked for between ${from} and ${to}`, { from, to })
  const unitsAt = (value: number) => book.units[restingPlace(book, impactAt(value), external).fired] as number
  const spans: Span[] = [{ low: from, high: to, lowUnits: unitsAt(from), highUnits: unitsAt(to) }]
  let best: Span | undefined
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const rise = riseOf(span)
    if (rise <= (best ? riseOf(best) : 0)) continue
    const value = span.low + (span.high - span.low) / 2
    if (value <= span.low || value >= span.high || span.high - span.low <= 1e-15 * span.high) {
      best = span
      continue
    }
    const units = unitsAt(value)
    const halves = [
      { low: span.low, high: value, lowUnits: span.lowUnits, highUnits: units },
      { low: value, high: span.high, lowUnits: units, highUnits: span.highUnits },
    ]
    spans.push(...halves.sort((a, b) => riseOf(a) - riseOf(b)))
  }
  if (!best) return undefined
  const end = (value: number) => ({ value, outcome: cascade(book, impactAt(value), external) })
  return { below: end(best.low), above: end(best.high), jump: riseOf(best) }
}

/** A value at which every level is forced, doubling from `first`; undefined when even 2^200 times of it leaves some. */
export function valueThatForcesAll(
  book: CascadeSide,
  impactAt: (value: number) => Impact,
  external: number,
  first: number,
): number | undefined {
  for (let value = first, tries = 0; tries < 200; value *= 2, tries++)
    if (restingPlace(book, impactAt(value), external).fired === book.levels.length) return value
  return undefined
}

type Span = { readonly low: number; readonly high: number; readonly lowUnits: number; readonly highUnits: number }

function riseOf({ lowUnits, highUnits }: Span): number {
  return highUnits - lowUnits
}
