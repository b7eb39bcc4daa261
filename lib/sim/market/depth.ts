/** The market of one coin at work: an outside price, an impact model, and how what was forced on it fades again. */
import { breakwaterError } from '../../model/index.ts'
import { type Impact, moneyWithin, pricedWithin } from '../impact.ts'

/** A coin's market. Prices in USD per coin, quantities in coins. */
export type Depth = {
  /** Price now: outside price with the displacement of what was sold or bought. */
  price(): number
  outside(): number
  /** USD that selling (> 0) would bring or, below 0, buying would cost as a negative number. Looks, changes nothing. */
  quote(quantity: number): number
  /** Does it. */
  trade(quantity: number): number
  /** The outside price of a new step, and the seconds since the last one. */
  advance(outside: number, seconds: number): void
}

/** How a displacement behaves. */
export type DepthTerms = {
  readonly impact: Impact
  /** Part of every forced quantity whose push stays for good, 0..1. */
  readonly permanent?: number | undefined
  /** Seconds in which half of the rest is refilled; `undefined`: it stays as well. */
  readonly halfLife?: number | undefined
  /** Makers withdraw: depth × e^(−κ · volatility of late), κ per 1.0 of volatility per √hour. */
  readonly withdrawal?: number | undefined
}

/** A market by its terms. Refuses (`bad-number`) parts outside 0..1 and half-lives of 0 or less. */
export function depthOf({ impact, permanent = 0, halfLife, withdrawal = 0 }: DepthTerms, start: number): Depth {
  if (!(permanent >= 0 && permanent <= 1 && withdrawal >= 0 && (halfLife ?? 1) > 0 && start > 0))
    throw breakwaterError('bad-number', 'a market needs a price above 0, a part from 0 to 1 and times above 0', {
      ...{ permanent, halfLife, withdrawal, start },
    })
  // Coins sold by force so far, less those bought by force: what stays, and what fades.
  let [stays, fades] = [0, 0]
  let external = start
  let variance = 0
  let thin = 1
  const priceAt = (sold: number) => {
    const flow = sold >= 0 ? 'sell' : 'buy'
    return pricedWithin(impact, external, flow, thin * Math.abs(sold)).price
  }
  const moneyAt = (sold: number) =>
    sold >= 0
      ? moneyWithin(impact, external, 'sell', thin * sold) / thin
      : -moneyWithin(impact, external, 'buy', -thin * sold) / thin
  const quote = (quantity: number) => {
    const before = stays + fades
    const usd = moneyAt(before + quantity) - moneyAt(before)
    return quantity > 0 ? Math.max(0, usd) : usd
  }
  return {
    price: () => priceAt(stays + fades),
    outside: () => external,
    quote,
    trade(quantity) {
      const usd = quote(quantity)
      stays += permanent * quantity
      fades += (1 - permanent) * quantity
      return usd
    },
    advance(outside, seconds) {
      if (seconds > 0 && halfLife !== undefined) fades *= 0.5 ** (seconds / halfLife)
      if (withdrawal > 0 && seconds > 0) {
        const hours = seconds / 3_600
        const memory = 0.5 ** hours
        variance = memory * variance + (1 - memory) * (Math.log(outside / external) ** 2 / hours)
        thin = Math.exp(withdrawal * Math.sqrt(variance))
      }
      external = outside
    },
  }
}

/**
 * A stablecoin whose demand is a sum of dollars whatever its price: price = demand / supply, so that buying coins to repay debt lifts it above the
 * peg, coin by coin. Source: Klages-Mundt and Minca, arXiv 1906.02152; see `stable-squeeze.ts` for its closed form.
 */
export function elasticDepth({ demand, supply }: { readonly demand: number; readonly supply: number }): Depth {
  if (!(demand > 0 && supply > 0))
    throw breakwaterError('bad-number', 'a stablecoin needs demand and supply above 0', { demand, supply })
  let left = supply
  // Above the last thousandth of the supply nobody sells at any price a buyer would pay.
  const after = (quantity: number) => Math.max(left + quantity, supply * 1e-3)
  return {
    price: () => demand / left,
    outside: () => demand / supply,
    quote: (quantity) => demand * Math.log(after(quantity) / left),
    trade(quantity) {
      const usd = demand * Math.log(after(quantity) / left)
      left = after(quantity)
      return usd
    },
    advance: () => undefined,
  }
}
