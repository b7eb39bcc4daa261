/**
 * f(x) v2's keeper: while it is up it takes every rebalance it sees that pays for its gas, each tick once. It is an off-chain program: when its node does
 * not answer it sees nothing, and positions that nobody rebalances in time meet the liquidation line.
 */
import type { FxV2Action } from '../../mechanisms/index.ts'
import type { UnixSeconds } from '../../model/index.ts'
import type { Agent } from '../agent.ts'
import { profitOf } from './liquidator.ts'

/** When a keeper works, and the least it wants to gain from one rebalance after gas, USD (0 where left out). */
export type FxKeeperTerms = {
  readonly up: (time: UnixSeconds) => boolean
  readonly leastProfit?: number | undefined
}

/** A keeper by its terms. */
export function fxKeeper({ up, leastProfit = 0 }: FxKeeperTerms): Agent<FxV2Action> {
  return (view) => {
    if (!up(view.time)) return []
    const taken = new Set<string>()
    return view.offers.flatMap((offer) => {
      const key = rebalanced(offer.action)
      if (key === undefined || taken.has(key) || profitOf({}, offer, view).profit < leastProfit) return []
      taken.add(key)
      return [{ offer, tip: 0 }]
    })
  }
}

/** What a rebalance moves; `undefined` for everything else. */
function rebalanced(action: FxV2Action): string | undefined {
  if (action.do === 'rebalance-tick') return `tick:${action.tick}`
  if (action.do === 'rebalance-position') return action.position
  return action.do === 'rebalance' ? 'all' : undefined
}

/** A keeper that is down between pairs of times (from, until), as data. */
export function upExcept(outages: readonly (readonly [number, number])[]): (time: UnixSeconds) => boolean {
  return (time) => !outages.some(([from, until]) => time >= from && time < until)
}
