/** The plain twin of the histograms: every position is looked at for every bin. */

/** One position: its price and amount. */
export type PricedAmount = { readonly price: number; readonly amount: number }

/** Totals per bin between neighbouring edges, and what lies outside last. */
export function plainHistogram(positions: readonly PricedAmount[], edges: readonly number[]): number[] {
  const within = edges
    .slice(1)
    .map((high, bin) =>
      positions
        .filter(({ price }) => price >= (edges[bin] as number) && price < high)
        .reduce((sum, { amount }) => sum + amount, 0),
    )
  const all = positions.reduce((sum, { amount }) => sum + amount, 0)
  return [...within, all - within.reduce((sum, one) => sum + one, 0)]
}
