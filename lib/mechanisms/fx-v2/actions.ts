/** What may be done with f(x) v2, and what each of it does in the end. */
import type { FxV2Terms } from './state.ts'

/**
 * How a rebalance or liquidation is paid. `base`: through the stable pool, which uses its fxUSD and then its USDC and is paid back in `token` by
 * whoever came, at most `most` of it (everything the pool has when left out). `own`: directly, while the stable pool is small.
 */
export type FxV2Payment =
  | { readonly from: 'base'; readonly token: 'fxUsd' | 'stable'; readonly most?: bigint | undefined }
  | { readonly from: 'own'; readonly fxUsd: bigint; readonly stable: bigint }

/** What is rebalanced or liquidated. Positions until March 2025, ticks since then, one tick always. */
export type FxV2ForcedAction = { readonly pay: FxV2Payment; readonly minColl?: bigint | undefined } & (
  | { readonly do: 'rebalance-tick'; readonly tick: number }
  | { readonly do: 'rebalance-position' | 'liquidate-position'; readonly position: string }
  | { readonly do: 'rebalance' | 'liquidate' }
)

/** Tokens in (> 0) or out (< 0) of a position, fxUSD out (> 0) or in (< 0); `all`: everything out, or the whole debt back. */
export type FxV2OperateAction = {
  readonly do: 'operate'
  readonly by: string
  /** Left out: a new one. */
  readonly position?: string | undefined
  readonly coll: bigint | 'all'
  readonly debt: bigint | 'all'
  /** Repays in USDC; `debt` is then USDC. */
  readonly inStable?: boolean | undefined
}

/** The stable pool's own actions. */
export type FxV2BaseAction =
  | { readonly do: 'base-deposit'; readonly by: string; readonly token: 'fxUsd' | 'stable'; readonly amount: bigint }
  | {
      readonly do: 'base-request' | 'base-redeem' | 'base-instant-redeem'
      readonly by: string
      readonly shares: bigint
    }

/** Everything that may be done. */
export type FxV2Action =
  | FxV2OperateAction
  | FxV2ForcedAction
  | FxV2BaseAction
  | { readonly do: 'redeem'; readonly debt: bigint; readonly minColl?: bigint | undefined }
  | { readonly do: 'harvest' }
  | { readonly do: 'fund-reserve'; readonly amount: bigint }
  | { readonly do: 'reduce-debt'; readonly amount: bigint }
  | { readonly do: 'set-terms'; readonly terms: Partial<FxV2Terms> }
