/**
 * A book's levels as depth that forced orders eat: walked best price first, refilled with a half-life, withdrawn with volatility. Refill: what was
 * taken halves every `halfLife` seconds (resilience; Obizhaeva and Wang 2013). Withdrawal: makers leave e^(−κσ) of their size.
 */
import type { DepthLevel } from '../mechanisms/index.ts'
import { breakwaterError } from '../model/index.ts'
import { aboveZero, type ForcedFlow, flowSign, type Impact, notBelowZero } from './impact.ts'

/** One side of a book, best first (bids fall, asks rise), and the units taken of each level. */
export type BookDepth = { readonly levels: readonly DepthLevel[]; readonly taken: readonly number[] }

/** What a walk gave: the book after it, units filled and not, their average price, and the price of the last unit; none filled, no prices. */
export type BookWalk = {
  readonly depth: BookDepth
  readonly filled: number
  readonly unfilled: number
  readonly average: number | undefined
  readonly last: number | undefined
}

/** Both sides of a book around its middle price. */
export type TwoSidedDepth = {
  readonly mid: number
  readonly bids: readonly DepthLevel[]
  readonly asks: readonly DepthLevel[]
}

/** Untouched depth. Refuses (`bad-number`) prices or sizes that are not above 0 and levels that are not best first for the flow that eats them. */
export function freshDepth(levels: readonly DepthLevel[], flow: ForcedFlow): BookDepth {
  levels.forEach(({ price, size }, at) => {
    aboveZero(price, `the price of level ${at}`)
    aboveZero(size, `the size of level ${at}`)
    const before = levels[at - 1]?.price
    if (before !== undefined && !(flowSign(flow) * (price - before) > 0))
      throw breakwaterError('bad-number', `level ${at} at ${price} is no worse than the one before at ${before}`, {
        price,
        before,
      })
  })
  return { levels, taken: levels.map(() => 0) }
}

/** Takes `quantity` units, best price first. What the book does not hold stays unfilled. */
export function walkBook({ levels, taken }: BookDepth, quantity: number): BookWalk {
  notBelowZero(quantity, 'the quantity')
  let left = quantity
  let money = 0
  let last: number | undefined
  const after = levels.map(({ price, size }, at) => {
    const was = taken[at] as number
    const now = Math.min(left, size - was)
    if (now <= 0) return was
    left -= now
    money += now * price
    last = price
    return was + now
  })
  const filled = quantity - left
  return {
    depth: { levels, taken: after },
    filled,
    unfilled: left,
    average: filled > 0 ? money / filled : undefined,
    last,
  }
}

/** The book some seconds later: of what was taken, half comes back in each half-life. */
export function refilled({ levels, taken }: BookDepth, seconds: number, halfLife: number): BookDepth {
  notBelowZero(seconds, 'the time')
  aboveZero(halfLife, 'the half-life')
  const left = 2 ** (-seconds / halfLife)
  return { levels, taken: taken.map((one) => one * left) }
}

/** The share of their size that makers leave at a volatility σ: e^(−κσ), κ and σ of the same period. */
export function depthLeft(kappa: number, volatility: number): number {
  notBelowZero(kappa, 'κ')
  notBelowZero(volatility, 'the volatility')
  return Math.exp(-kappa * volatility)
}

/** The book with every size (and what was taken of it) at this share, above 0. */
export function withdrawn({ levels, taken }: BookDepth, share: number): BookDepth {
  aboveZero(share, 'the share')
  return {
    levels: levels.map(({ price, size }) => ({ price, size: size * share })),
    taken: taken.map((one) => one * share),
  }
}

/**
 * A book as a model of impact. The whole book stands around the external price (levels keep their ratio to the middle), and the price is the
 * level that the next unit would take. Beyond the last level the price goes on at the book's mean slope, as a thinner and thinner book would not:
 * what lies there is a guess on the mild side. A side without levels has no price: `bad-number`.
 */
export function bookImpact({ mid, bids, asks }: TwoSidedDepth): Impact {
  aboveZero(mid, 'the middle price')
  const sides = { sell: ladder(bids, 'sell', mid), buy: ladder(asks, 'buy', mid) }
  return {
    id: 'book',
    price: (external, flow, total) => external * placeOf(sides[flow], total).ratio,
    money: (external, flow, total) => external * placeOf(sides[flow], total).money,
    slope: (external, flow) => external * sides[flow].slope,
  }
}

/** A side in ratios to the middle: per level its end in units, and the money up to its start; the mean slope per unit, 0 or more. */
type Ladder = {
  readonly flow: ForcedFlow
  readonly ratios: readonly number[]
  readonly ends: readonly number[]
  readonly moneyBefore: readonly number[]
  readonly slope: number
}

function ladder(levels: readonly DepthLevel[], flow: ForcedFlow, mid: number): Ladder {
  freshDepth(levels, flow)
  if (levels.length === 0) throw breakwaterError('bad-number', `the book has no ${flow === 'sell' ? 'bids' : 'asks'}`)
  const ends: number[] = []
  const moneyBefore: number[] = []
  let [units, money] = [0, 0]
  for (const { price, size } of levels) {
    moneyBefore.push(money)
    units += size
    money += (size * price) / mid
    ends.push(units)
  }
  const ratios = levels.map(({ price }) => price / mid)
  return { flow, ratios, ends, moneyBefore, slope: Math.abs(1 - (ratios[ratios.length - 1] as number)) / units }
}

/** Where a walk of `total` units stands: the ratio of the next unit's price, and the money of all units before it. */
function placeOf({ flow, ratios, ends, moneyBefore, slope }: Ladder, total: number): { ratio: number; money: number } {
  if (total === 0) return { ratio: 1, money: 0 }
  let [from, to] = [0, ends.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ends[middle] as number) <= total) from = middle + 1
    else to = middle
  }
  const start = from === 0 ? 0 : (ends[from - 1] as number)
  const at = Math.min(from, ratios.length - 1)
  const ratio = ratios[at] as number
  if (from < ratios.length) return { ratio, money: (moneyBefore[at] as number) + (total - start) * ratio }
  const beyond = total - start
  const money = (moneyBefore[at] as number) + (start - (ends[at - 1] ?? 0)) * ratio
  const further = flowSign(flow) * slope * beyond
  return { ratio: ratio + further, money: money + beyond * (ratio + further / 2) }
}
