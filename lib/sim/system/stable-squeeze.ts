/**
 * The squeeze of a stablecoin above its peg while borrowers deleverage (market clearing of Klages-Mundt and Minca, arXiv 1906.02152): demand for the
 * coin is D dollars whatever its price, so that buying Δ of L coins back lifts the price to D / (L − Δ), and each further coin costs more.
 *
 * Needed: collateral value after the purchase ≥ β · coins left. With u = L − Δ: β·u² − (np + D)·u + D·L ≤ 0; the largest root u ≤ L is the
 * smallest purchase. Without a real root no purchase helps: a deleveraging spiral.
 */
import { breakwaterError } from '../../model/index.ts'

/** The market before the purchase: collateral (USD), coins outstanding, demand (USD), required collateral per coin (1.5 = 150 %). */
export type SqueezeTerms = {
  readonly collateral: number
  readonly supply: number
  readonly demand: number
  readonly required: number
}

/** What clears the market. `undefined` buyback: no purchase restores the ratio. */
export type Squeeze = {
  /** Coins bought back, and the price of one afterwards, USD. */
  readonly buyback: number | undefined
  readonly price: number | undefined
  /** Coins bought back if the price stayed 1. */
  readonly buybackAtPar: number | undefined
  /** Collateral value (USD) below which no purchase helps any more. */
  readonly criticalCollateral: number
}

/** Solves the squeeze. Refuses (`bad-number`) supply or demand of 0 and a required ratio of 1 or less. */
export function stableSqueeze({ collateral, supply, demand, required }: SqueezeTerms): Squeeze {
  if (!(collateral >= 0 && supply > 0 && demand > 0 && required > 1))
    throw breakwaterError('bad-number', 'a squeeze needs collateral ≥ 0, supply and demand above 0, a ratio above 1', {
      ...{ collateral, supply, demand, required },
    })
  const criticalCollateral = 2 * Math.sqrt(required * demand * supply) - demand
  const atPar = Math.max(0, (required * supply - collateral) / (required - 1))
  const buybackAtPar = atPar <= supply ? atPar : undefined
  if (collateral >= required * supply)
    return { buyback: 0, price: demand / supply, buybackAtPar: 0, criticalCollateral }
  const half = (collateral + demand) / (2 * required)
  const square = half * half - (demand * supply) / required
  const left = square < 0 ? Number.NaN : half + Math.sqrt(square)
  // A root above the supply belongs to issuing, not to buying back; then both roots lie there or the ratio already held.
  if (!(left <= supply)) return { buyback: undefined, price: undefined, buybackAtPar, criticalCollateral }
  return { buyback: supply - left, price: demand / left, buybackAtPar, criticalCollateral }
}
