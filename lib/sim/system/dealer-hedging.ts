/**
 * What options dealers must sell when the price falls: Black–Scholes without interest (r = 0). Customers who are long puts leave dealers short gamma,
 * so that dealers sell as the price falls and buy as it rises; the sign is an assumption and an argument.
 */
import { breakwaterError } from '../../model/index.ts'
import { normalCdf, normalDensity } from './normal.ts'

/** A strike's open interest. Volatility per year (0.55 = 55 %), time in days of a 365-day year, notional in USD at the index. */
export type StrikeInterest = {
  readonly strike: number
  readonly volatility: number
  readonly days: number
  /** Contracts of one coin each = notional / index price (Deribit's convention). */
  readonly notional: number
  /** Share of it that dealers are short: 1 = all puts bought by customers, −1 = dealers long. */
  readonly dealersShort?: number | undefined
}

/** Put delta (−1..0), gamma (1 / USD) of one contract. */
export function putGreeks(
  index: number,
  { strike, volatility, days }: Pick<StrikeInterest, 'strike' | 'volatility' | 'days'>,
): { readonly delta: number; readonly gamma: number } {
  if (!(index > 0 && strike > 0 && volatility > 0 && days > 0))
    throw breakwaterError('bad-number', 'an option needs a price, strike, volatility and time above 0', {
      ...{ index, strike, volatility, days },
    })
  const spread = volatility * Math.sqrt(days / 365)
  const d1 = (Math.log(index / strike) + (spread * spread) / 2) / spread
  return { delta: normalCdf(d1) - 1, gamma: normalDensity(d1) / (index * spread) }
}

/** What dealers do for a fall of 1 %. `sellPerPercent`: coins sold for each 1 % that the price falls (negative: bought). */
export type DealerHedge = {
  readonly delta: number
  readonly gamma: number
  readonly contracts: number
  readonly sellPerPercent: number
}

/** The hedge of one strike at an index price. */
export function dealerHedge(index: number, interest: StrikeInterest): DealerHedge {
  const { delta, gamma } = putGreeks(index, interest)
  const contracts = interest.notional / index
  const sellPerPercent = (interest.dealersShort ?? 1) * contracts * gamma * 0.01 * index
  return { delta, gamma, contracts, sellPerPercent }
}

/** Coins that dealers sell while the index moves from one price to another, all strikes together: the change of their hedge, exact in delta. */
export function dealerSales(
  from: number,
  to: number,
  interests: readonly (StrikeInterest & { readonly contracts: number })[],
): number {
  return interests.reduce((sum, interest) => {
    const change = putGreeks(from, interest).delta - putGreeks(to, interest).delta
    return sum + (interest.dealersShort ?? 1) * interest.contracts * change
  }, 0)
}
