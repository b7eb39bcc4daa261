/** The premium of a perp over its index: impact prices from a book, the premium index of one moment, and its averages over an interval. */
import { checkedFinite, checkedOptional, checkedPositive } from './mark-checks.ts'
import type { FundingRule } from './profile.ts'

/** One level of a book: price (quote per coin) and size (coins), best first. */
export type DepthLevel = { readonly price: number; readonly size: number }

/**
 * The notional whose execution gives the impact prices, in quote: `base / initialRate`, where `initialRate` is the initial margin rate at
 * maximum leverage. Binance: base 200 USDT (funding FAQ); dYdX: 500 USDC (help.dydx.trade 166992). Refuses (`bad-number`) values ≤ 0.
 */
export function impactNotional(base: number, initialRate: number): number {
  return checkedPositive('impact base', base) / checkedPositive('initial margin rate', initialRate)
}

/**
 * Average price (quote per coin) of executing `notional` quote into `levels`, best first: coins are bought or sold until their worth at the
 * levels' own prices is the notional. `undefined` when the book is not that deep. Refuses (`bad-number`) prices, sizes, notionals ≤ 0.
 */
export function impactPrice(levels: readonly DepthLevel[], notional: number): number | undefined {
  let left = checkedPositive('impact notional', notional)
  let coins = 0
  for (const { price, size } of levels) {
    const worth = checkedPositive('price of a level', price) * checkedPositive('size of a level', size)
    if (worth >= left) return notional / (coins + left / price)
    coins += size
    left -= worth
  }
  return undefined
}

/**
 * Premium index of one moment, a fraction: `[max(0, impactBid − index) − max(0, index − impactAsk)] / index`. A side whose book is too thin
 * for an impact price adds nothing (our choice). Prices in quote per coin; Hyperliquid and dYdX put the oracle price for the index, a hyperp
 * its own 8 h average. Refuses (`bad-number`) prices ≤ 0. Source: Binance funding FAQ; Hyperliquid documentation, "funding".
 */
export function premiumIndex(prices: {
  readonly impactBid: number | undefined
  readonly impactAsk: number | undefined
  readonly index: number
}): number {
  const index = checkedPositive('index', prices.index)
  const bid = checkedOptional('impact bid', prices.impactBid)
  const ask = checkedOptional('impact ask', prices.impactAsk)
  const above = bid === undefined ? 0 : Math.max(0, bid - index)
  const below = ask === undefined ? 0 : Math.max(0, index - ask)
  return (above - below) / index
}

/** Premiums of an interval so far: how many, their sum, and the sum of each times its number (from 1). Fractions. */
export type PremiumSamples = { readonly count: number; readonly sum: number; readonly weighted: number }

/** An interval without premiums. */
export const EMPTY_PREMIUMS: PremiumSamples = { count: 0, sum: 0, weighted: 0 }

/** Takes the next premium of the interval (a fraction). Refuses (`bad-number`) what is not finite. */
export function premiumStep({ count, sum, weighted }: PremiumSamples, premium: number): PremiumSamples {
  const value = checkedFinite('premium', premium)
  return { count: count + 1, sum: sum + value, weighted: weighted + (count + 1) * value }
}

/**
 * Average premium of the interval, a fraction: `Σ i·P_i / Σ i` (Binance; Gate since 2026-05-27) or the plain mean (Hyperliquid, dYdX).
 * `undefined` without samples.
 */
export function averagePremium(samples: PremiumSamples, average: FundingRule['average']): number | undefined {
  const { count, sum, weighted } = samples
  if (count === 0) return undefined
  return average === 'mean' ? sum / count : weighted / ((count * (count + 1)) / 2)
}
