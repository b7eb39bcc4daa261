/** The table form of each answer: which columns its rows have in CSV and Parquet. */
import {
  type DayRecord,
  dimensionsOf,
  type SeriesPoint,
  type TotalsGroup,
  type VenueCoverage,
} from '../analytics/index.ts'
import type { Leg, MarketEvent } from '../model/index.ts'
import type { Policy } from '../venues/index.ts'
import type { Cell, Column } from './formats.ts'
import type { VenueCard } from './types.ts'

function text<Row>(name: string, of: (row: Row) => Cell): Column<Row> {
  return { name, type: 'STRING', of: (row) => of(row)?.toString() }
}
function number<Row>(name: string, of: (row: Row) => number | undefined): Column<Row> {
  return { name, type: 'DOUBLE', of }
}
function flag<Row>(name: string, of: (row: Row) => boolean): Column<Row> {
  return { name, type: 'BOOLEAN', of }
}

/** A field that only some kinds of event have. */
function field<T extends string | number>(event: MarketEvent, name: string): T | undefined {
  return (event as unknown as Record<string, T | undefined>)[name]
}
function leg(event: MarketEvent, ...names: string[]): Leg | undefined {
  const record = event as unknown as Record<string, Leg | undefined>
  return names.map((name) => record[name]).find((found) => found !== undefined)
}
function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
/** `eq` everything there was, `ge` a lower bound: a bare `=` is a formula to a spreadsheet. */
function boundWord({ bound }: { readonly bound: string }): string {
  return bound === '=' ? 'eq' : 'ge'
}
function policyWord(policy: Policy): string {
  if (policy.kind !== 'sampled') return policy.kind
  return `sampled: ${policy.keep} per ${policy.scope} per ${policy.perMs} ms`
}
function dimension(name: 'protocol' | 'chain' | 'coin'): Column<MarketEvent> {
  return text(name, (event) => dimensionsOf(event)[name] || undefined)
}
const place = (event: MarketEvent) => ('place' in event ? event.place : undefined)

/** Columns of events. */
export const EVENT_COLUMNS: readonly Column<MarketEvent>[] = [
  text('id', (e) => e.id),
  text('time', (e) => iso(e.time)),
  number('time_ms', (e) => e.time),
  text('time_kind', (e) => e.timeKind ?? 'venue'),
  text('received', (e) => iso(e.received)),
  text('source', (e) => e.source),
  text('venue', (e) => e.venue),
  text('type', (e) => e.type),
  dimension('protocol'),
  dimension('chain'),
  text('market', (e) => field(e, 'market')),
  text('instrument', (e) => field(e, 'instrument')),
  dimension('coin'),
  text('side', (e) => field(e, 'side')),
  number('size', (e) => field(e, 'size')),
  number('contracts', (e) => field(e, 'contracts')),
  number('price', (e) => field(e, 'price')),
  text('price_kind', (e) => field(e, 'priceKind')),
  number('usd', (e) => field(e, 'usd')),
  text('usd_basis', (e) => field(e, 'usdBasis')),
  number('rate', (e) => field(e, 'rate')),
  number('interval_hours', (e) => field(e, 'intervalHours')),
  text('account', (e) => field(e, 'account')),
  text('liquidator', (e) => field(e, 'liquidator')),
  text('repaid_asset', (e) => leg(e, 'repaid', 'due')?.asset),
  text('repaid_amount', (e) => leg(e, 'repaid', 'due')?.amount),
  text('seized_asset', (e) => leg(e, 'seized', 'lot')?.asset),
  text('seized_amount', (e) => leg(e, 'seized', 'lot')?.amount),
  text('tx', (e) => place(e)?.tx),
  number('block', (e) => place(e)?.block),
  number('log_index', (e) => place(e)?.logIndex),
  text('flags', (e) => e.flags?.join(' ')),
  text('receipt_file', (e) => e.receipt?.file),
  number('receipt_line', (e) => e.receipt?.line),
  number('receipt_offset', (e) => e.receipt?.offset),
]

type Sides = Pick<SeriesPoint, 'usd' | 'events' | 'unpriced' | 'long' | 'short' | 'unknownSide'>
const SIDES: readonly Column<Sides>[] = [
  number('usd', (row) => row.usd),
  number('events', (row) => row.events),
  number('unpriced', (row) => row.unpriced),
  number('long_usd', (row) => row.long.usd),
  number('long_events', (row) => row.long.events),
  number('short_usd', (row) => row.short.usd),
  number('short_events', (row) => row.short.events),
  number('unknown_side_usd', (row) => row.unknownSide.usd),
  number('unknown_side_events', (row) => row.unknownSide.events),
]

/** Columns of a series. */
export const SERIES_COLUMNS: readonly Column<SeriesPoint>[] = [
  text('time', (p) => iso(p.time)),
  number('time_ms', (p) => p.time),
  ...SIDES,
]

/** Columns of the groups of a total: one per key that was grouped by. */
export function groupColumns(groups: readonly TotalsGroup[]): readonly Column<TotalsGroup>[] {
  const keys = Object.keys(groups[0]?.keys ?? {}) as (keyof TotalsGroup['keys'])[]
  return [
    ...keys.map((key) => text<TotalsGroup>(key, (group) => group.keys[key])),
    text<TotalsGroup>('bound', boundWord),
    ...SIDES,
    number('share', (group) => group.share),
    number('accounts', (group) => group.accounts),
    text('largest_id', (group) => group.largest?.id),
    number('largest_usd', (group) => group.largest?.usd),
  ]
}

/** Columns of the record book. */
export const DAY_COLUMNS: readonly Column<DayRecord>[] = [
  text('day', (d) => d.day),
  number('usd', (d) => d.usd),
  text('bound', boundWord),
  number('events', (d) => d.events),
  number('unpriced', (d) => d.unpriced),
  number('accounts', (d) => d.accounts),
  number('largest_usd', (d) => d.largest?.usd),
  number('rank', (d) => d.rank),
  number('of_days', (d) => d.ofDays),
  text('worst_since', (d) => d.worstSince?.day),
  text('previous_record', (d) => d.previousRecord?.day),
  number('previous_record_multiple', (d) => d.previousRecord?.multiple),
  number('mean_multiple', (d) => d.versus?.meanMultiple),
  number('median_multiple', (d) => d.versus?.medianMultiple),
]

/** Columns of the coverage table. */
export const COVERAGE_COLUMNS: readonly Column<VenueCoverage>[] = [
  text('venue', (v) => v.venue),
  text('name', (v) => v.name),
  text('policy', (v) => policyWord(v.policy)),
  text('since', (v) => v.since),
  text('bound', boundWord),
  number('share', (v) => v.share),
  number('gaps', (v) => v.gaps.length),
  number('events', (v) => v.events),
  text('sources', (v) => v.sources.join(' ')),
  text('last_event', (v) => iso(v.lastEvent)),
  flag('accounts', (v) => v.accounts),
  text('page', (v) => v.page),
  text('note', (v) => v.note),
]

/** One dated policy of one venue. */
export type PolicyRow = { readonly venue: VenueCard; readonly fact: VenueCard['coverage'][number] }
/** Columns of the venues' policies, one row per dated fact. */
export const POLICY_COLUMNS: readonly Column<PolicyRow>[] = [
  text('venue', ({ venue }) => venue.id),
  text('name', ({ venue }) => venue.name),
  text('kind', ({ venue }) => venue.kind),
  text('channel', ({ fact }) => fact.channel),
  text('since', ({ fact }) => fact.since),
  text('policy', ({ fact }) => policyWord(fact.policy)),
  text('ended', ({ venue }) => venue.ended),
  text('page', ({ fact }) => fact.page),
  text('note', ({ fact }) => fact.note),
]
