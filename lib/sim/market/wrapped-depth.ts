/** A coin that is another one in a wrapper: whoever sells it unwraps it (or is arbitraged) and sells what is inside, so both share one market. */
import type { Depth } from './depth.ts'

/**
 * The market of a wrapped coin over the inner coin's. `ratio`: inner coins per wrapped coin, found anew at each step from the two outside prices, so
 * that a wrapper that slips against its inner coin is told by its own outside price. The inner market must advance first.
 */
export function wrappedDepth(inner: Depth, ratio: number): Depth {
  let per = ratio
  return {
    price: () => per * inner.price(),
    outside: () => per * inner.outside(),
    quote: (quantity) => inner.quote(per * quantity),
    trade: (quantity) => inner.trade(per * quantity),
    advance: (outside) => {
      per = outside / inner.outside()
    },
  }
}
