/** A state that sells seized coins: over the counter, on the exchange by the plan of Almgren and Chriss, or the cheapest of both (`system/seized-sale.ts`). */
import { executionPlan } from '../../system/almgren-chriss.ts'
import { planSeizedSale, type SeizedSaleTerms } from '../../system/seized-sale.ts'
import type { Trader } from '../run.ts'

/** What is sold where, beginning `at` seconds after the start. */
export type SeizedSellerTerms = SeizedSaleTerms & {
  readonly id: string
  readonly symbol: string
  readonly at: number
  readonly road: 'cheapest' | 'exchange' | 'over-the-counter'
}

/** The seller. What goes over the counter does not touch the market: the dealer has bought it from the state and sells it in his own time. */
export function seizedSeller(terms: SeizedSellerTerms): Trader {
  const { id, symbol, at, road, execution } = terms
  const holdings =
    road === 'over-the-counter'
      ? [0]
      : road === 'exchange'
        ? executionPlan(execution).holdings
        : planSeizedSale(terms).plan.holdings
  const step = (execution.days * 86_400) / execution.steps
  let [begun, left] = [undefined as number | undefined, holdings[0] ?? 0]
  return {
    id,
    trade({ time }) {
      begun ??= time
      const wanted = heldAt(holdings, (time - begun - at) / step)
      const sold = left - wanted
      left = wanted
      return sold > 0 ? new Map([[symbol, -sold]]) : new Map()
    },
  }
}

/** Holdings at a time in steps: straight between two steps, all of it before the first. */
function heldAt(holdings: readonly number[], steps: number): number {
  const last = holdings.length - 1
  if (steps <= 0) return holdings[0] ?? 0
  if (steps >= last) return holdings[last] ?? 0
  const whole = Math.floor(steps)
  const [before, after] = [holdings[whole] as number, holdings[whole + 1] as number]
  return before + (after - before) * (steps - whole)
}
