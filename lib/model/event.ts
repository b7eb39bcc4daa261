/** The one event type: what happened, to whom, and who heard it where and when. Observed and simulated alike. */
import type { UnixMs } from './units.ts'

/** Side of the POSITION that was closed: a liquidated long is a forced sale. */
export type Side = 'long' | 'short'
/** What a price means: the fill, the bankruptcy price, the mark price, the position's entry price, or the order's limit. */
export type PriceKind = 'fill' | 'bankruptcy' | 'mark' | 'entry' | 'limit'
/**
 * Where a dollar value comes from: `reported` by the venue; `notional` = size × price with the quote counted as dollars;
 * `dollar-par` = amount of a dollar stablecoin; `price-join` = amount × a price joined from another source.
 */
export type UsdBasis = 'reported' | 'notional' | 'dollar-par' | 'price-join'

/** An amount of an asset. `atoms` and `decimals` when read from a chain; `amount` is exact decimal text in whole units. */
export type Leg = {
  readonly asset: string
  readonly address?: string | undefined
  readonly amount?: string | undefined
  readonly atoms?: bigint | undefined
  readonly decimals?: number | undefined
  readonly usd?: number | undefined
}

/** Where on a chain: read from a log, enough to look it up again; tables that name only the chain leave the rest unknown. */
export type ChainPlace = {
  readonly chain: string
  readonly block?: number | undefined
  readonly blockHash?: string | undefined
  readonly tx?: string | undefined
  readonly logIndex?: number | undefined
  readonly address?: string | undefined
}

/** A leveraged derivatives position was closed by force, wholly or in part. `size` is in coins, `contracts` as the venue counts. */
export type PerpLiquidation = {
  readonly type: 'perp-liquidation'
  readonly instrument: string
  readonly coin: string
  readonly side: Side | undefined
  readonly size: number | undefined
  readonly contracts?: number | undefined
  readonly price: number
  readonly priceKind: PriceKind
  readonly usd: number | undefined
  readonly usdBasis?: UsdBasis | undefined
  readonly account?: string | undefined
  /** `market`: sold into the book; `backstop`: taken over by a vault or fund. */
  readonly method?: 'market' | 'backstop' | undefined
  readonly place?: ChainPlace | undefined
}

/** A loan was repaid by force against its collateral. `usd` is the value of what was repaid. */
export type LoanLiquidation = {
  readonly type: 'loan-liquidation'
  readonly protocol: string
  readonly market: string
  readonly account: string
  readonly liquidator?: string | undefined
  readonly repaid: Leg
  readonly seized: Leg
  readonly usd: number | undefined
  readonly usdBasis?: UsdBasis | undefined
  readonly badDebt?: Leg | undefined
  readonly place?: ChainPlace | undefined
}

/** A collateral auction began: the loan is closed, its collateral is for sale. `usd` is the debt to be raised. */
export type AuctionStarted = {
  readonly type: 'auction-started'
  readonly protocol: string
  readonly market: string
  readonly auction: string
  readonly account?: string | undefined
  readonly lot: Leg
  readonly due: Leg
  readonly usd: number | undefined
  readonly usdBasis?: UsdBasis | undefined
  readonly place?: ChainPlace | undefined
}

/** Somebody bought from a collateral auction or from a protocol's seized collateral. `usd` is what was paid. */
export type AuctionTaken = {
  readonly type: 'auction-taken'
  readonly protocol: string
  readonly market: string
  readonly auction?: string | undefined
  readonly taker?: string | undefined
  readonly paid?: Leg | undefined
  readonly bought?: Leg | undefined
  /** What is left to sell and to raise, where the log says that instead (Maker `Take`). */
  readonly lotLeft?: Leg | undefined
  readonly dueLeft?: Leg | undefined
  readonly price?: number | undefined
  readonly usd: number | undefined
  readonly usdBasis?: UsdBasis | undefined
  readonly place?: ChainPlace | undefined
}

/** Debt without collateral was written off, socialised or booked as a deficit. */
export type BadDebt = {
  readonly type: 'bad-debt'
  readonly protocol: string
  readonly market: string
  readonly account?: string | undefined
  readonly loss: Leg
  readonly usd: number | undefined
  readonly usdBasis?: UsdBasis | undefined
  readonly place?: ChainPlace | undefined
}

/** A profitable position was closed to cover a bankrupt one. `side` is the side of the position closed. */
export type AutoDeleveraging = {
  readonly type: 'auto-deleveraging'
  readonly instrument: string
  readonly coin: string
  readonly side: Side | undefined
  readonly size: number | undefined
  readonly price: number
  readonly usd: number | undefined
  readonly usdBasis?: UsdBasis | undefined
  readonly account?: string | undefined
}

/** The insurance fund's balance as a venue states it, and its auto-deleveraging state where given. */
export type InsuranceDraw = {
  readonly type: 'insurance-draw'
  readonly fund: string
  readonly currency: string
  readonly balance: number | undefined
  readonly drawn?: number | undefined
  readonly state?: string | undefined
}

/** An ordinary trade. `taker` is the side of the taker's order. */
export type Trade = {
  readonly type: 'trade'
  readonly instrument: string
  readonly coin: string
  readonly taker: 'buy' | 'sell' | undefined
  readonly size: number | undefined
  readonly price: number
  readonly usd: number | undefined
}

/** Mark price (and index price) of an instrument, quote per coin. */
export type Mark = {
  readonly type: 'mark'
  readonly instrument: string
  readonly coin: string
  readonly price: number
  readonly index?: number | undefined
}

/** Funding rate as a fraction per `intervalHours` (0.0001 = 1 basis point); positive: longs pay shorts. */
export type Funding = {
  readonly type: 'funding'
  readonly instrument: string
  readonly coin: string
  readonly rate: number
  readonly intervalHours: number | undefined
  readonly nextAt?: UnixMs | undefined
}

/** Open interest, one-sided: each open contract counted once. */
export type OpenInterest = {
  readonly type: 'open-interest'
  readonly instrument: string
  readonly coin: string
  readonly size: number | undefined
  readonly contracts?: number | undefined
  readonly usd: number | undefined
}

/** An account's position changed; `size` is signed coins after the change. */
export type PositionChange = {
  readonly type: 'position-change'
  readonly instrument: string
  readonly coin: string
  readonly account: string
  readonly size: number
  readonly entryPrice?: number | undefined
}

/** We were deaf: nothing was heard on `channel` between `from` and `to` (exclusive). A total over it is a lower bound. */
export type Gap = {
  readonly type: 'gap'
  readonly channel: string
  readonly from: UnixMs
  readonly to: UnixMs
  readonly why: string
  /** Events known to be lost, where a sequence number or a counter says so. */
  readonly lost?: number | undefined
}

/** An event is withdrawn, e.g. because its block was reorganised away. */
export type Retraction = { readonly type: 'retraction'; readonly of: string; readonly why: string }

/** Everything that can happen. */
export type Fact =
  | PerpLiquidation
  | LoanLiquidation
  | AuctionStarted
  | AuctionTaken
  | BadDebt
  | AutoDeleveraging
  | InsuranceDraw
  | Trade
  | Mark
  | Funding
  | OpenInterest
  | PositionChange
  | Gap
  | Retraction

/** Every value of `Fact['type']`, in one place for schemas and validation. */
export const FACT_TYPES = [
  'perp-liquidation',
  'loan-liquidation',
  'auction-started',
  'auction-taken',
  'bad-debt',
  'auto-deleveraging',
  'insurance-draw',
  'trade',
  'mark',
  'funding',
  'open-interest',
  'position-change',
  'gap',
  'retraction',
] as const satisfies readonly Fact['type'][]

/** How we came to know: heard now, read from a recording or table of real events, or made by a simulator. */
export type Source = 'live' | 'recorded' | 'simulated'

/** Where the raw text stands: the recording or file, and the byte offset or line number in it. */
export type Receipt = {
  readonly file: string
  readonly line?: number | undefined
  readonly segment?: string | undefined
  readonly offset?: number | undefined
  readonly index?: number | undefined
}

/** Who heard it where and when. `id` is the same whenever the same event is heard again. */
export type Stamp = {
  readonly id: string
  readonly venue: string
  /** The venue's time; where the venue gives none, the time of receipt and `timeKind: 'received'`. */
  readonly time: UnixMs
  readonly timeKind?: 'received' | undefined
  readonly received: UnixMs
  readonly source: Source
  readonly receipt?: Receipt | undefined
  /** Doubts worth keeping with the event, e.g. `implausible-price`. */
  readonly flags?: readonly string[] | undefined
}

/** A fact with its stamp: the unit of store, statistics, API and terminal. */
export type MarketEvent = Stamp & Fact

/** A record we could not take, kept with its reason and its raw text. */
export type Rejected = {
  readonly venue: string
  readonly received: UnixMs
  readonly code: string
  readonly reason: string
  readonly raw: string
  readonly receipt?: Receipt | undefined
}

/** The facts that count as one liquidation in a total. An auction counts when it starts, so its takes are not counted again. */
export type Liquidation = PerpLiquidation | LoanLiquidation | AuctionStarted

/** True for the facts that totals count. */
export function isLiquidation<F extends { readonly type: string }>(fact: F): fact is F & Liquidation {
  return fact.type === 'perp-liquidation' || fact.type === 'loan-liquidation' || fact.type === 'auction-started'
}

/** `perp` or `loan`: the two kinds of total that are never summed silently. */
export function kindOf(fact: Liquidation): 'perp' | 'loan' {
  return fact.type === 'perp-liquidation' ? 'perp' : 'loan'
}
