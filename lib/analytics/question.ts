/** The one question that totals, series, records and reports are made of: filter, group, sum. Every store answers it alike. */
import type { Fact, Source, UnixMs } from '../model/index.ts'

/** Which events. Times are venue time: `from` inclusive, `to` exclusive. Lists are "any of"; an absent field does not filter. */
export type Filter = {
  readonly from?: UnixMs | undefined
  readonly to?: UnixMs | undefined
  readonly sources?: readonly Source[] | undefined
  readonly venues?: readonly string[] | undefined
  readonly protocols?: readonly string[] | undefined
  readonly chains?: readonly string[] | undefined
  /** Perp: the contract's coin. Loan: the collateral's symbol. Upper case. */
  readonly coins?: readonly string[] | undefined
  readonly sides?: readonly ('long' | 'short' | 'unknown')[] | undefined
  readonly kinds?: readonly ('perp' | 'loan')[] | undefined
  readonly types?: readonly Fact['type'][] | undefined
  readonly account?: string | undefined
  /** Events of unknown dollar value never pass this. */
  readonly minUsd?: number | undefined
}

/** What to group by. Time groups give the start of the UTC minute, hour or day in ms. */
export type GroupKey = 'venue' | 'protocol' | 'chain' | 'coin' | 'side' | 'kind' | 'source' | 'minute' | 'hour' | 'day'

/** Sums over LIQUIDATIONS only (`isLiquidation`), whatever `where.types` says beyond that. */
export type Aggregate = { readonly where: Filter; readonly by: readonly GroupKey[] }

/** One group. Counts are events; `usd` sums the known values only, `unpriced` counts the others. */
export type AggregateRow = {
  /** One entry per group key: text, or ms for a time group. `''` where an event has no such thing; side `unknown`. */
  readonly keys: Readonly<Partial<Record<GroupKey, string | number>>>
  readonly events: number
  readonly usd: number
  readonly unpriced: number
  readonly longEvents: number
  readonly longUsd: number
  readonly shortEvents: number
  readonly shortUsd: number
  /** Distinct accounts (exact) among the events that carry one, and how many events do. */
  readonly accounts: number
  readonly accountEvents: number
  /** The event of the greatest known value; ties: the smallest id. */
  readonly largest: { readonly id: string; readonly usd: number } | undefined
  readonly first: UnixMs
  readonly last: UnixMs
}

/** Rows come sorted by their keys in the order of `by`: numbers ascending, text by code unit. */
export type Ask = (question: Aggregate) => Promise<readonly AggregateRow[]>

/** A page of events: newest first (`desc`) or oldest first, ordered by (time, id); `largest` orders by (usd desc, id). */
export type Page = {
  readonly where: Filter
  readonly order: 'asc' | 'desc' | 'largest'
  readonly limit: number
  /** Exclusive start: the (time, id) of the last event of the previous page. Not with `largest`. */
  readonly after?: { readonly time: UnixMs; readonly id: string } | undefined
}
