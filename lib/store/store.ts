/** What a store is: it remembers events once, and answers the one question. Memory, embedded and cluster behave alike. */
import type { Aggregate, AggregateRow, Filter, Page } from '../analytics/index.ts'
import type { MarketEvent, Rejected, UnixMs } from '../model/index.ts'

/** What `append` did. When it resolves, everything counted here survives a crash of the process. */
export type Appended = { readonly stored: number; readonly duplicates: number; readonly retracted: number }

/** What is inside, for `doctor`, `/health` and tests. */
export type StoreFacts = {
  readonly engine: 'memory' | 'embedded' | 'clickhouse'
  readonly schemaVersion: number
  readonly events: number
  readonly rejected: number
  readonly first: UnixMs | undefined
  readonly last: UnixMs | undefined
  readonly diskBytes: number | undefined
}

/** Where a venue's recording has been stored up to, so that a restart goes on from there. */
export type Checkpoint = { readonly stream: string; readonly position: string }

/** Remembers. Every method may refuse with a `BreakwaterError`; none loses what was acknowledged. */
export type Store = {
  readonly engine: StoreFacts['engine']
  /** Acknowledged write. The same id twice keeps one; a `retraction` removes the event it names (whenever that arrives). */
  append(events: readonly MarketEvent[]): Promise<Appended>
  /** Keeps records that were refused. The same (venue, receipt or raw) twice keeps one. */
  reject(records: readonly Rejected[]): Promise<void>
  /** Every event (of all types) that passes, by (time, id). */
  scan(where: Filter): AsyncIterable<MarketEvent>
  page(page: Page): Promise<readonly MarketEvent[]>
  get(id: string): Promise<MarketEvent | undefined>
  aggregate(question: Aggregate): Promise<readonly AggregateRow[]>
  /** The newest open-interest, funding or mark event per (venue, instrument) not after `at`. */
  latest(type: 'open-interest' | 'funding' | 'mark', at: UnixMs, where?: Filter): Promise<readonly MarketEvent[]>
  /** Refused records, newest first, and their count by (venue, code). */
  rejected(limit: number): Promise<{ readonly counts: readonly RejectedCount[]; readonly newest: readonly Rejected[] }>
  checkpoint(stream: string): Promise<string | undefined>
  setCheckpoints(points: readonly Checkpoint[]): Promise<void>
  /** SQL of the engine (ClickHouse dialect). The memory engine refuses with `store-unsupported`. */
  query<R>(sql: string, params?: Readonly<Record<string, string | number>>): Promise<readonly R[]>
  /** Removes events older than `before` (retention). */
  forget(before: UnixMs): Promise<void>
  /** Writes the events that pass to a Parquet file; returns how many. */
  exportParquet(where: Filter, file: string): Promise<number>
  /** A hash of the content (sorted by id), equal for equal content on every engine, whatever the order and times of receipt. */
  contentHash(where?: Filter): Promise<string>
  facts(): Promise<StoreFacts>
  close(): Promise<void>
}

/** How many records were refused, by venue and code. */
export type RejectedCount = { readonly venue: string; readonly code: string; readonly count: number }
