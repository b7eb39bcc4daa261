/**
 * A venue's rules of margin and liquidation on a date, as data: everything that `margin`, `mark`, `funding`, `waterfall`, `insurance` and `adl`
 * need to know about a venue stands here, so that the functions themselves know no venue by name.
 */
import type { Side } from '../../model/index.ts'

/** How sure a statement is: read in a primary source, reported, derived here, not looked up, or contradicted by another source. */
export type Certainty = 'source' | 'news' | 'derived' | 'unverified' | 'conflicting'

/** The families of rules in a profile; each must have at least one source. */
export type RuleFamily =
  | 'tiers'
  | 'trigger'
  | 'reduction'
  | 'order'
  | 'takeover'
  | 'insurance'
  | 'deleverage'
  | 'fees'
  | 'funding'
  | 'mark'
  | 'collateral'

/** Where a rule is written: the page or paper, the day it was read or published (YYYY-MM-DD), and which families of rules it is the source of. */
export type RuleSource = {
  readonly what: string
  readonly rules: readonly RuleFamily[]
  readonly url: string
  readonly date: string
  readonly certainty: Certainty
}

/** Margin modes: a margin of its own per position, the account's whole balance, or the account with haircut collateral of many coins. */
export type MarginMode = 'isolated' | 'cross' | 'unified'

/**
 * One bracket of a tier table. `floor` is notional in `TierTable.unit`; `rate` and `initialRate` are fractions of notional;
 * `deduction` (Binance "cum", OKX and Bybit "deduction") makes the maintenance margin continuous; `maxLeverage` is a ratio.
 */
export type Tier = {
  readonly floor: number
  readonly rate: number
  readonly deduction: number
  readonly maxLeverage: number
}

/** Brackets in ascending order of `floor`, the first at 0; `ceiling` is the largest notional that the venue allows (may be Infinity). */
export type TierTable = {
  readonly tiers: readonly Tier[]
  /**
   * What `floor` and `deduction` count: the quote currency (linear) or the coin (inverse). On a linear contract `coin` means that brackets are
   * chosen by size, whatever the price (OKX); on an inverse one `quote` means the same (contracts of fixed quote value).
   */
  readonly unit: 'quote' | 'coin'
  /** The bracket's rate asks for the whole position: deductions are 0 and the margin jumps at a floor (OKX). Absent: continuous. */
  readonly wholeRate?: true
  /** Which bracket owns a notional exactly on a floor: `higher` = the one that begins there. */
  readonly boundary: 'lower' | 'higher'
  readonly ceiling: number
}

/** Maintenance as one rate that grows with the position: `base + perCoin · coins`, at most `cap` (Deribit). */
export type GrowingRate = {
  readonly base: number
  readonly perCoin: number
  readonly cap: number
  readonly maxLeverage: number
}

/** What maintenance margin is asked: by brackets, or by a growing rate. */
export type MaintenanceRule =
  | { readonly kind: 'tiers'; readonly table: TierTable }
  | { readonly kind: 'growing'; readonly rate: GrowingRate }

/**
 * How the isolated liquidation price is defined:
 * - `at-price`: equity at the tested price against the maintenance of the notional at that price (Binance, Hyperliquid, dYdX);
 * - `at-entry`: maintenance fixed by the entry value (Bybit, BitMEX);
 * - `fee-inclusive`: maintenance plus the closing fee at the tested price (OKX, Gate).
 */
export type IsolatedRule = 'at-price' | 'at-entry' | 'fee-inclusive'

/** A price that a rule reads. They are never mixed: triggers read mark, funding reads index or oracle, fills happen at execution. */
export type ReadsPrice = 'mark' | 'index' | 'oracle' | 'last' | 'previous-mark'

/** When a position is liquidatable. `below`: equity < maintenance; `at-or-below`: equity ≤ maintenance (ratio ≥ 100 %). */
export type TriggerRule = {
  readonly price: ReadsPrice
  readonly test: 'below' | 'at-or-below'
  /** The closing fee is added to maintenance in the test. */
  readonly withFee: boolean
  /** Margin ratio (maintenance / equity) from which the account is warned, `undefined` when the venue has no margin call. */
  readonly warnAt: number | undefined
}

/**
 * How a position is made smaller before it is closed:
 * - `whole`: at once;
 * - `tiers`: down by `down` brackets at a time, whole once in the lowest `wholeBelow` brackets (counted from 1);
 * - `fraction`: `part` of the position while its notional is above `above`, then for `cooldownMs` only whole orders (Hyperliquid);
 * - `needed`: just so much that the requirement is met again (Binance's smart reduction, Deribit's small steps), at least `minPart` of the position.
 */
export type ReductionRule =
  | { readonly kind: 'whole' }
  | { readonly kind: 'tiers'; readonly down: number; readonly wholeBelow: number }
  | { readonly kind: 'fraction'; readonly part: number; readonly above: number; readonly cooldownMs: number }
  | { readonly kind: 'needed'; readonly minPart: number }

/** Who takes over what the book did not take, when, at which price. */
export type TakeoverRule = {
  readonly by: 'insurance-fund' | 'engine' | 'vault' | 'nobody'
  /** `unfilled`: as soon as the order left something; `two-thirds`: when equity < 2/3 of maintenance; `bankrupt`: when equity < 0. */
  readonly when: 'unfilled' | 'two-thirds' | 'bankrupt'
  readonly price: 'bankruptcy' | 'mark'
  /** `account`: cross positions go with all margin; `position`: one by one. */
  readonly scope: 'position' | 'account'
  /** What remains of the margin after a takeover: kept by the fund or vault, or returned. */
  readonly rest: 'kept' | 'returned'
}

/** The liquidation order that is sent to the book. `limit: 'bankruptcy'` never sells worse than the bankruptcy price. */
export type LiquidationOrderRule = {
  readonly timeInForce: 'ioc' | 'fok'
  readonly limit: 'bankruptcy' | 'none'
  /** Fee on the liquidated notional, to the insurance fund; a fraction. */
  readonly fee: number
}

/** Insurance fund: its scope, and what makes auto-deleveraging begin. */
export type InsuranceRule = {
  readonly scope: 'venue' | 'pool' | 'contract' | 'none'
  /** `empty`: when the fund cannot pay; `drawdown`: when it fell by `part` from its highest in `windowMs`. */
  readonly deleverage:
    | { readonly kind: 'empty' }
    | { readonly kind: 'drawdown'; readonly part: number; readonly windowMs: number }
  /** When there is neither fund nor queue: losses are spread over winners (OKEx 2018). */
  readonly socialise: boolean
}

/** Auto-deleveraging: how winners are ranked and at which price they are closed. */
export type DeleverageRule = {
  readonly rank: 'leveraged-return' | 'bitmex' | 'hyperliquid' | 'binance-quantile' | 'pnl-of-account' | 'none'
  readonly price: 'bankruptcy' | 'mark' | 'previous-mark'
}

/** Fees as fractions of notional at the base level; negative = rebate. */
export type FeeRule = { readonly maker: number; readonly taker: number }

/** Funding: `[average premium + clamp(interest − average premium)] / (8 / hours)`, bounded. Rates are fractions per 8 h unless said otherwise. */
export type FundingRule = {
  readonly intervalHours: number
  /** Interest, fraction per 8 h. */
  readonly interest: number
  /** Half width of the clamp, fraction per 8 h. */
  readonly clamp: number
  readonly sampleMs: number
  readonly average: 'time-weighted' | 'mean'
  /** `maintenance`: ± `ratio` × maintenance rate of the lowest bracket per interval; `per-hour`: ± `rate` per hour; `none`. */
  readonly bound:
    | { readonly kind: 'maintenance'; readonly ratio: number }
    | { readonly kind: 'initial-minus-maintenance'; readonly ratio: number }
    | { readonly kind: 'per-hour'; readonly rate: number }
    | { readonly kind: 'per-interval'; readonly rate: number }
    | { readonly kind: 'none' }
  /** The price whose notional pays. */
  readonly paidOn: 'mark' | 'index' | 'oracle'
}

/** How the mark price is made. */
export type MarkRule =
  | { readonly kind: 'binance-median'; readonly windowMs: number; readonly sampleMs: number }
  | { readonly kind: 'index-plus-basis'; readonly windowMs: number; readonly bound: number | undefined }
  | { readonly kind: 'fair-basis'; readonly impactNotional: number | undefined }
  | { readonly kind: 'hyperliquid'; readonly emaMs: number; readonly fallbackEmaMs: number }
  | { readonly kind: 'hip3'; readonly maxStep: number; readonly minGapMs: number; readonly staleMs: number }
  | { readonly kind: 'oracle' }

/** One contract with its rules of size and price and its maintenance. */
export type ProfileMarket = {
  readonly symbol: string
  readonly coin: string
  readonly quote: string
  readonly settle: string
  readonly payoff: 'linear' | 'inverse'
  /** Coins per contract (linear) or quote units per contract (inverse). */
  readonly contractSize: number
  /** Smallest step of price, quote per coin. */
  readonly tickSize: number
  /** Smallest step of size, in contracts. */
  readonly lotSize: number
  readonly maintenance: MaintenanceRule
  /** The day of which tiers and steps are (YYYY-MM-DD), and where they are written. */
  readonly asOf: string
  readonly source: string
}

/** A venue's rules in force from `from` (inclusive) until `until` (exclusive; open when undefined), days as YYYY-MM-DD. */
export type PerpProfile = {
  readonly id: string
  readonly venue: string
  readonly name: string
  readonly from: string
  readonly until: string | undefined
  readonly modes: readonly MarginMode[]
  readonly hedgeMode: boolean
  readonly isolated: IsolatedRule
  readonly trigger: TriggerRule
  readonly reduction: ReductionRule
  readonly order: LiquidationOrderRule
  readonly takeover: TakeoverRule
  readonly insurance: InsuranceRule
  readonly deleverage: DeleverageRule
  readonly fees: FeeRule
  readonly funding: FundingRule
  readonly mark: MarkRule
  /** Margin that a withdrawal or transfer must leave behind, as a fraction of all notional, when above the initial margin (Hyperliquid 0.1). */
  readonly transferFloor?: number
  readonly markets: readonly ProfileMarket[]
  /** Haircuts of collateral: fraction of value that counts, by coin, in brackets of dollars; `undefined` = settle currency only. */
  readonly collateral: readonly CollateralHaircut[] | undefined
  readonly sources: readonly RuleSource[]
  /** What a reader must know: simplifications, open questions, what the venue does not publish. */
  readonly notes: readonly string[]
}

/** Collateral of one coin: up to `upTo` units of account (dollars) count at `ratio`, brackets ascending, the last open-ended. */
export type CollateralHaircut = {
  readonly coin: string
  readonly brackets: readonly { readonly upTo: number; readonly ratio: number }[]
}

/** A position as margin sees it: `size` > 0 in coins (linear) or in quote units of contract value (inverse). */
export type PerpPosition = { readonly side: Side; readonly size: number; readonly entryPrice: number }

/** +1 for long, −1 for short. */
export function signOf(side: Side): 1 | -1 {
  return side === 'long' ? 1 : -1
}
