/**
 * What forced orders do to a price: a walk through a book's levels with refill and withdrawal of makers, the square-root law, a straight line
 * (Kyle 1985; Almgren and Chriss 2000), the exponential of Cifuentes, Ferrucci and Shin (2005), and a constant-product pool. One small interface
 * for all, both directions: sales push down, forced purchases push up. Prices in quote per unit, quantities in units, float64.
 */
import { breakwaterError } from '../model/index.ts'

/** Which way forced orders go: liquidated longs are sold, liquidated shorts are bought back. */
export type ForcedFlow = 'sell' | 'buy'

/**
 * A model of impact. `price(external, flow, total)`: where the price stands once `total` units were forced below (above) an external price.
 * `money`: what those units brought (cost), the area under the price. `slope`: how far one more unit moves it, per unit, 0 or more. `price` falls
 * (rises) with `total`, and some models' beyond any meaning: {@link pricedWithin} says where depth is exhausted.
 */
export type Impact = {
  readonly id: 'book' | 'square-root' | 'linear' | 'exponential' | 'pool'
  readonly price: (external: number, flow: ForcedFlow, total: number) => number
  readonly money: (external: number, flow: ForcedFlow, total: number) => number
  readonly slope: (external: number, flow: ForcedFlow, total: number) => number
}

/** −1 for sales, +1 for purchases. */
export function flowSign(flow: ForcedFlow): 1 | -1 {
  return flow === 'sell' ? -1 : 1
}

/** Depth is exhausted where a price is this part of the external one, or so many times it: next to nothing, or out of reach. */
const LEAST_FACTOR = 1e-6
const MOST_FACTOR = 1e6

/** The price, which stops where depth is exhausted. */
export function pricedWithin(
  impact: Impact,
  external: number,
  flow: ForcedFlow,
  total: number,
): { readonly price: number; readonly exhausted: boolean } {
  const price = impact.price(external, flow, total)
  const [least, most] = [external * LEAST_FACTOR, external * MOST_FACTOR]
  if (price > least && price < most) return { price, exhausted: false }
  // A purchase of all that a pool has leaves no number at all.
  return { price: flow === 'sell' ? least : most, exhausted: true }
}

/** What units brought (cost): those sold into exhausted depth bring nothing, those bought there cost the price at which it ends. */
export function moneyWithin(impact: Impact, external: number, flow: ForcedFlow, total: number): number {
  if (!pricedWithin(impact, external, flow, total).exhausted) return impact.money(external, flow, total)
  let [from, to] = [0, total]
  for (let halving = 0; halving < 200 && from < to; halving++) {
    const middle = (from + to) / 2
    if (middle === from || middle === to) break
    if (pricedWithin(impact, external, flow, middle).exhausted) to = middle
    else from = middle
  }
  return impact.money(external, flow, from) + (flow === 'sell' ? 0 : (total - from) * external * MOST_FACTOR)
}

/** Average price of `now` units forced after `before` others; of none, the price at which they would begin. */
export function fillPrice(
  impact: Impact,
  external: number,
  flow: ForcedFlow,
  { before, now }: { readonly before: number; readonly now: number },
): number {
  if (now === 0) return pricedWithin(impact, external, flow, before).price
  return (moneyWithin(impact, external, flow, before + now) - moneyWithin(impact, external, flow, before)) / now
}

/** Straight line: `k` of price per unit, whatever the price. */
export function linearImpact(k: number): Impact {
  notBelowZero(k, 'the impact per unit')
  return {
    id: 'linear',
    price: (external, flow, total) => external + flowSign(flow) * k * total,
    money: (external, flow, total) => total * (external + (flowSign(flow) * k * total) / 2),
    slope: () => k,
  }
}

/** Exponential: each unit multiplies the price by e^(∓alpha). */
export function exponentialImpact(alpha: number): Impact {
  notBelowZero(alpha, 'alpha')
  return {
    id: 'exponential',
    price: (external, flow, total) => external * Math.exp(flowSign(flow) * alpha * total),
    money: (external, flow, total) => {
      const exponent = flowSign(flow) * alpha * total
      return exponent === 0 ? external * total : (external * total * Math.expm1(exponent)) / exponent
    },
    slope: (external, flow, total) => alpha * external * Math.exp(flowSign(flow) * alpha * total),
  }
}

/** Terms of the square-root law: Y (about 1), volatility per day (fraction), volume per day (units). */
export type SquareRootTerms = { readonly y: number; readonly dailyVolatility: number; readonly dailyVolume: number }

/** Square-root law: |ΔP| / P = Y · σ · √(Q / V). Donier and Bonart, arXiv 1412.4503, for bitcoin. */
export function squareRootImpact({ y, dailyVolatility, dailyVolume }: SquareRootTerms): Impact {
  notBelowZero(y, 'Y')
  notBelowZero(dailyVolatility, 'the volatility')
  aboveZero(dailyVolume, 'the daily volume')
  const share = (total: number) => y * dailyVolatility * Math.sqrt(total / dailyVolume)
  return {
    id: 'square-root',
    price: (external, flow, total) => external * (1 + flowSign(flow) * share(total)),
    money: (external, flow, total) => external * total * (1 + (flowSign(flow) * 2 * share(total)) / 3),
    slope: (external, _, total) =>
      total === 0 ? Number.POSITIVE_INFINITY * (share(1) > 0 ? 1 : 0) || 0 : (external * share(total)) / (2 * total),
  }
}

/** Constant product x · y = k with `reserve` units at the external price; `fee` (fraction) is taken from what goes in. */
export function poolImpact({ reserve, fee = 0 }: { readonly reserve: number; readonly fee?: number }): Impact {
  aboveZero(reserve, 'the reserve')
  if (!(fee >= 0 && fee < 1)) throw breakwaterError('bad-number', `the fee is ${fee}`, { fee })
  // Arbitrage holds the pool at the external price until forced orders come; a purchase of the whole reserve has no price.
  const kept = 1 - fee
  const left = (flow: ForcedFlow, total: number) =>
    flow === 'sell' ? reserve + kept * total : Math.max(0, reserve - total)
  return {
    id: 'pool',
    price: (external, flow, total) => external * (reserve / left(flow, total)) ** 2,
    money: (external, flow, total) => {
      const gap = external * reserve * total
      return flow === 'sell' ? (gap * kept) / left(flow, total) : gap / (left(flow, total) * kept)
    },
    slope: (external, flow, total) =>
      ((2 * external * (flow === 'sell' ? kept : 1)) / left(flow, total)) * (reserve / left(flow, total)) ** 2,
  }
}

/** The same model with its impact multiplied: of every quantity as if it were `times` as large. Depth divided by `times` is the same thing. */
export function scaledImpact(impact: Impact, times: number): Impact {
  notBelowZero(times, 'the multiplier')
  return {
    id: impact.id,
    price: (external, flow, total) => impact.price(external, flow, times * total),
    money: (external, flow, total) =>
      times === 0 ? external * total : impact.money(external, flow, times * total) / times,
    slope: (external, flow, total) => {
      const slope = impact.slope(external, flow, times * total)
      return times === 0 ? 0 : times * slope
    },
  }
}

/** The model as a push on the logarithm of the price, for paths: exact where impact is a factor on the price; a straight line counts from `external`. */
export function logPush(impact: Impact, external: number): { sell(total: number): number; buy(total: number): number } {
  const push = (flow: ForcedFlow) => (total: number) =>
    Math.log(pricedWithin(impact, external, flow, total).price / external)
  return { sell: push('sell'), buy: push('buy') }
}

/** Refuses (`bad-number`) what is below 0 or not finite. */
export function notBelowZero(value: number, what: string): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-number', `${what} is ${value}`, { value })
}

/** Refuses (`bad-number`) what is not above 0 or not finite. */
export function aboveZero(value: number, what: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-number', `${what} is ${value}`, { value })
}
