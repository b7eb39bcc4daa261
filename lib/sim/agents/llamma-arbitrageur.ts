/**
 * LLAMMA's arbitrageur: the trade that brings the AMM to the outside price net of the AMM's fee and its own costs, when that leaves a profit.
 * A pure function of what it sees. Fees: what the AMM takes of the amount in, so that buying stops at outside·(1 − cost)·(1 − fee) and selling at
 * outside·(1 + cost)/(1 − fee).
 */
import { type LlammaAction, type LlammaMarket, llammaRules } from '../../mechanisms/index.ts'
import { breakwaterError, fixedToNumber, type Moment, parseFixed } from '../../model/index.ts'

/** What trading costs: outside as a fraction of the amount, gas of one transaction and the least profit in stablecoins. */
export type ArbitrageTerms = {
  readonly outsideFee: number
  readonly gas: number
  readonly leastProfit?: number | undefined
}

/** A trade worth doing, and what it leaves after all costs, in stablecoins. */
export type Arbitrage = { readonly action: Extract<LlammaAction, { do: 'exchange' }>; readonly profit: number }

/** Parts of the whole way that are tried: away from the oracle the last bands can cost more than they bring. */
const PARTS = [1n, 2n, 4n] as const

/**
 * The trade, or nothing when none pays or the AMM cannot be asked (no oracle). `outside` in stablecoins per collateral.
 * Throws `missing-price` for an outside price that is not above 0.
 */
export function llammaArbitrage(
  id: string,
  market: LlammaMarket,
  outside: number,
  terms: ArbitrageTerms,
  at: Moment,
): Arbitrage | undefined {
  if (!(outside > 0) || !Number.isFinite(outside))
    throw breakwaterError('missing-price', `the outside price is ${outside}`, { outside: String(outside) })
  const spot = at.price(market.feed)
  if (spot === undefined || spot <= 0n) return undefined
  const price = fixedToNumber(llammaRules.ammPrice(market, at), 18)
  const costs = { buying: outside * (1 - terms.outsideFee), selling: outside * (1 + terms.outsideFee) }
  let best: Arbitrage | undefined
  for (const fee of feesNow(market, at)) {
    const keep = 1 - fee
    const target = price < costs.buying * keep ? costs.buying * keep : costs.selling / keep
    if (price <= target && price >= costs.buying * keep) continue
    const { amount, sell } = llammaRules.amountForPrice(market, toWad(target), at)
    for (const part of PARTS) {
      const tried = amount / part
      if (tried === 0n) break
      const profit = profitOf(market, sell, llammaRules.quote(market, sell, 'in', tried, at), costs) - terms.gas
      if (profit > (best?.profit ?? terms.leastProfit ?? 0))
        best = { action: { do: 'exchange', market: id, sell, amount: tried }, profit }
    }
  }
  return best
}

/** Fees at which the way may end, fractions: the market's (or that of the oracle's last move), and the active band's where its distance asks for more. */
function feesNow(market: LlammaMarket, at: Moment): readonly number[] {
  const { price, fee } = llammaRules.oraclePrice(market, at)
  const up = llammaRules.upperPrice(market, market.activeBand, BigInt(at.time))
  const base = fixedToNumber(fee > market.fee ? fee : market.fee, 18)
  const distance = fixedToNumber(llammaRules.distanceFee(market.A, price, up), 18)
  return distance > base ? [base, distance] : [base]
}

function profitOf(
  { borrowedPrecision, collateralPrecision }: LlammaMarket,
  sell: 'borrowed' | 'collateral',
  { sold, bought }: { readonly sold: bigint; readonly bought: bigint },
  { buying, selling }: { readonly buying: number; readonly selling: number },
): number {
  const stable = (amount: bigint) => fixedToNumber(amount * borrowedPrecision, 18)
  const coins = (amount: bigint) => fixedToNumber(amount * collateralPrecision, 18)
  return sell === 'borrowed' ? coins(bought) * buying - stable(sold) : stable(bought) - coins(sold) * selling
}

/** A price with 18 decimals, from its 15 leading digits. */
export function toWad(price: number): bigint {
  const decimals = Math.max(0, Math.min(18, 14 - Math.floor(Math.log10(price))))
  return parseFixed(price.toFixed(decimals), decimals) * 10n ** BigInt(18 - decimals)
}
