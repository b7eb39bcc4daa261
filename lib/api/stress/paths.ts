/** Paths followed in this thread, for small questions; the command line has workers, and finds the same. */
import { runPaths } from '../../kernels/index.ts'
import { type MonteCarloSummary, monteCarloSummary } from '../../sim/index.ts'
import type { CoinPaths } from './loans.ts'

/** Paths of one coin, summed up. */
export type CoinSummary = { readonly coin: string } & MonteCarloSummary

/** Follows every path of every plan. */
export function followedPaths(plans: readonly CoinPaths[]): readonly CoinSummary[] {
  return plans.flatMap(({ coin, plan }) => {
    const summary = monteCarloSummary(plan, [runPaths(plan.book, plan.options, 0, plan.paths)])
    return summary ? [{ coin, ...summary }] : []
  })
}
