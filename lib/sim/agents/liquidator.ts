/** The common liquidator: takes what pays after slippage, flash fee, gas and tip, best first, as far as its capital reaches. */
import type { Agent, Bid } from '../agent.ts'

/** How a liquidator decides. Shares are fractions; money is USD. */
export type LiquidatorTerms = {
  /** Least profit of one liquidation after everything. */
  readonly leastProfit: number
  /** Part of the profit (before the tip) that it gives for being first: sealed bundles pay 0.8 to 0.99, open auctions what the next one forces. */
  readonly tipShare: number
  /** Fee of borrowing what it pays in: 0.0005 with a flash loan; its own capital then sets no limit. `undefined`: own money only. */
  readonly flashFee?: number | undefined
  /** What waiting for a delayed settlement must earn: price risk per √day (a fraction of what is waited for), and interest per year. */
  readonly waiting?: { readonly perSqrtDay: number; readonly perYear: number } | undefined
  /** Gas price above which its transactions do not get in, gwei: scripts that cannot re-price. */
  readonly gasCeiling?: number | undefined
}

/** What waiting must earn of those who have money of their own: a coin's volatility of 4 % per √day, 5 % a year. */
export const OWN_MONEY_WAITS = { perSqrtDay: 0.04, perYear: 0.05 } as const

/** What an offer leaves after slippage, loan and gas, before any tip, USD. */
export function profitOf<A>(
  terms: Pick<LiquidatorTerms, 'flashFee' | 'waiting'>,
  offer: Parameters<Agent<A>>[0]['offers'][number],
  view: Parameters<Agent<A>>[0],
): { readonly profit: number; readonly cost: number } {
  const cost = view.cost(offer.pay)
  const loan = cost * (1 + (terms.flashFee ?? 0))
  return { profit: view.proceeds(offer.receive) + worthLater(terms, offer, view) - loan - view.gasUsd, cost }
}

/** What comes later, less the price risk and the interest of waiting; nothing for whoever cannot wait (a flash loan ends with the transaction). */
function worthLater<A>(
  { flashFee, waiting }: Pick<LiquidatorTerms, 'flashFee' | 'waiting'>,
  { later }: Parameters<Agent<A>>[0]['offers'][number],
  view: Parameters<Agent<A>>[0],
): number {
  if (!later || flashFee !== undefined || !waiting) return 0
  const days = Math.max(0, later.at - view.time) / 86_400
  const discount = waiting.perSqrtDay * Math.sqrt(days) + (waiting.perYear * days) / 365
  return view.proceeds(later.amounts) * Math.max(0, 1 - discount)
}

/** A liquidator by its terms. */
export function liquidator<A>(terms: LiquidatorTerms): Agent<A> {
  return (view) => {
    if (view.gasPrice > (terms.gasCeiling ?? Number.POSITIVE_INFINITY)) return []
    const wanted = view.offers
      .map((offer) => ({ offer, ...profitOf(terms, offer, view) }))
      .filter(({ profit }) => profit * (1 - terms.tipShare) >= terms.leastProfit)
      .sort((a, b) => b.profit - a.profit || (a.offer.target < b.offer.target ? -1 : 1))
    const bids: Bid<A>[] = []
    let free = view.capital
    for (const { offer, profit, cost } of wanted) {
      if (terms.flashFee === undefined && cost + view.gasUsd > free) continue
      if (terms.flashFee === undefined) free -= cost
      bids.push({ offer, tip: profit * terms.tipShare })
    }
    return bids
  }
}
