/** What InfiniFi stores, and what may be done to it. */
import type { LockBucket, Ticket, UnwindingPool } from './rules.ts'

/** A farm: units of something that pays the deposit token; liquid where `maturity` is 0 (unix seconds). Its feed gives USD per unit in wad. */
export type InfinifiFarm = { readonly feed: string; readonly maturity: bigint; units: bigint }

/** Governance's choices: wad, weeks. */
export type InfinifiTerms = {
  readonly multipliers: ReadonlyMap<number, bigint>
  readonly liquidReturn: bigint
  readonly targetIlliquidRatio: bigint
  readonly performanceFee: bigint
  readonly safetyBuffer: bigint
  /** A loss above this share of the supply pauses instead of being shared out. */
  readonly maxLoss: bigint
}

/** Everything. iUSD and deposit token with 18 decimals; `idle` is deposit token at hand, `owed` what claims wait for. */
export type InfinifiState = {
  readonly terms: InfinifiTerms
  /** USD per iUSD, wad. */
  price: bigint
  supply: bigint
  idle: bigint
  owed: bigint
  buffer: bigint
  fees: bigint
  readonly farms: Map<string, InfinifiFarm>
  /** iUSD held by anybody directly. */
  readonly wallets: Map<string, bigint>
  /** Savings: tokens, shares by holder, and rewards that are paid out over an epoch. */
  readonly savings: {
    tokens: bigint
    shares: bigint
    readonly holders: Map<string, bigint>
    readonly rewards: Map<string, bigint>
  }
  readonly locks: Map<number, LockBucket>
  readonly unwinding: UnwindingPool
  queue: Ticket[]
  readonly claims: Map<string, bigint>
  paused: boolean
  updated: bigint
}

/** What may be done. Amounts in atoms; `id` names an unwinding. */
export type InfinifiAction =
  | { readonly do: 'mint' | 'redeem'; readonly account: string; readonly amount: bigint }
  | { readonly do: 'stake' | 'unstake'; readonly account: string; readonly amount: bigint }
  | { readonly do: 'lock'; readonly account: string; readonly amount: bigint; readonly weeks: number }
  | { readonly do: 'start-unwinding'; readonly account: string; readonly weeks: number; readonly id: string }
  | { readonly do: 'cancel-unwinding'; readonly id: string; readonly weeks: number }
  | { readonly do: 'withdraw'; readonly id: string }
  | { readonly do: 'claim'; readonly account: string }
  | { readonly do: 'fund' }
  | { readonly do: 'accrue' }
  | { readonly do: 'unpause' }
  /** Buys units of a farm with idle money, or gives units up for `assets` (matured, redeemed, or sold to whoever bids). */
  | { readonly do: 'deploy' | 'exit'; readonly farm: string; readonly units: bigint; readonly assets: bigint }

/** Asset names: deposit token, receipt; farms go by their own names. */
export const INFINIFI_ASSETS = { deposit: 'USDC', receipt: 'iUSD' } as const

/** A protocol without deposits. */
export function infinifiState(
  terms: InfinifiTerms,
  farms: ReadonlyMap<string, Omit<InfinifiFarm, 'units'>>,
  time: bigint,
): InfinifiState {
  return {
    ...{ terms, price: 10n ** 18n, supply: 0n, idle: 0n, owed: 0n, buffer: 0n, fees: 0n, paused: false, updated: time },
    farms: new Map([...farms].map(([id, farm]) => [id, { ...farm, units: 0n }])),
    wallets: new Map(),
    savings: { tokens: 0n, shares: 0n, holders: new Map(), rewards: new Map() },
    locks: new Map(
      [...terms.multipliers.keys()].map((weeks) => [weeks, { tokens: 0n, shares: 0n, holders: new Map() }]),
    ),
    unwinding: { tokens: 0n, shares: 0n, slashIndex: 10n ** 18n, positions: new Map() },
    ...{ queue: [], claims: new Map() },
  }
}
