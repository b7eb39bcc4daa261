/** The rows of the tape: events and gaps by time, each once, newest first; what was withdrawn stays visible as withdrawn. */
import type { VenueCoverage } from '../../../lib/analytics/index.ts'
import type { WireEvent, WireGap } from '../../../lib/api/index.ts'

/** A liquidation as the API writes it. */
export type WireLiquidation = Extract<WireEvent, { type: 'perp-liquidation' | 'loan-liquidation' | 'auction-started' }>

/** A row of a liquidation; `withdrawn` says why it no longer counts. */
export type EventRow = {
  readonly kind: 'event'
  readonly id: string
  readonly time: number
  readonly event: WireLiquidation
  readonly withdrawn: string | undefined
}
/** A row of time in which a venue was not heard. It stands where the gap ends. */
export type GapRow = {
  readonly kind: 'gap'
  readonly id: string
  readonly time: number
  readonly from: number
  readonly to: number
  readonly venue: string
  readonly why: string
  readonly lost: number | undefined
}
/** One row of the tape. */
export type Row = EventRow | GapRow

/** True for the events that the tape shows. */
export function isWireLiquidation(event: WireEvent): event is WireLiquidation {
  return event.type === 'perp-liquidation' || event.type === 'loan-liquidation' || event.type === 'auction-started'
}

/** Rows of events, in any order. */
export function eventRows(events: readonly WireEvent[]): readonly Row[] {
  return events
    .filter(isWireLiquidation)
    .map((event) => ({ kind: 'event', id: event.id, time: event.time, event, withdrawn: undefined }))
}

/** The rows of gaps as the stream tells them. */
export function streamedGapRows(gaps: readonly WireGap[]): readonly GapRow[] {
  return gaps
    .filter((gap) => gap.channel === 'liquidations')
    .map(({ venue, from, to, why, lost }) => gapRow(venue, from, to, why, lost))
}

type Heard = Pick<VenueCoverage, 'venue'> & {
  readonly gaps: readonly {
    readonly from: number
    readonly to: number
    readonly why: string
    readonly lost?: number | undefined
  }[]
}

/** The rows of the gaps that a coverage lists. */
export function coverageGapRows(venues: readonly Heard[]): readonly GapRow[] {
  return venues.flatMap(({ venue, gaps }) =>
    gaps.filter((gap) => gap.why !== FUTURE).map(({ from, to, why, lost }) => gapRow(venue, from, to, why, lost)),
  )
}

/** Time that has not come is not deaf. */
const FUTURE = 'in the future'

function gapRow(venue: string, from: number, to: number, why: string, lost: number | undefined): GapRow {
  return { kind: 'gap', id: `gap ${venue} ${from} ${to}`, time: to, from, to, venue, why, lost }
}

/** Adds rows of events, each once. Newest first, at most `most`. */
export function mergeRows(rows: readonly Row[], incoming: readonly Row[], most: number): readonly Row[] {
  const known = new Set(rows.map(({ id }) => id))
  const fresh = new Map(incoming.filter(({ id }) => !known.has(id)).map((row) => [row.id, row]))
  if (fresh.size === 0) return rows
  return [...fresh.values(), ...rows].sort(newestFirst).slice(0, most)
}

/**
 * Events and gaps together, newest first. The coverage joins what the stream told piece by piece, so a told gap that it covers is left out;
 * gaps that end before `since` belong to rows that are not loaded yet.
 */
export function joinGaps(
  rows: readonly Row[],
  covered: readonly GapRow[],
  told: readonly GapRow[],
  since: number,
): readonly Row[] {
  const inside = (gap: GapRow) =>
    covered.some((other) => other.venue === gap.venue && other.from <= gap.from && other.to >= gap.to)
  const gaps = [...covered, ...told.filter((gap) => !inside(gap))].filter(({ to }) => to >= since)
  return gaps.length === 0 ? rows : [...gaps, ...rows].sort(newestFirst)
}

/** Marks rows as withdrawn: their block was reorganised away. */
export function withdrawRows(rows: readonly Row[], withdrawn: ReadonlyMap<string, string>): readonly Row[] {
  if (withdrawn.size === 0 || !rows.some((row) => withdrawn.has(row.id))) return rows
  return rows.map((row) => {
    const why = row.kind === 'event' ? withdrawn.get(row.id) : undefined
    return row.kind === 'event' && why !== undefined ? { ...row, withdrawn: why } : row
  })
}

/** What a batch of the stream withdraws: id → why. */
export function withdrawals(events: readonly WireEvent[]): ReadonlyMap<string, string> {
  return new Map(events.flatMap((event) => (event.type === 'retraction' ? [[event.of, event.why] as const] : [])))
}

function newestFirst(a: Row, b: Row): number {
  return b.time - a.time || (a.id < b.id ? 1 : -1)
}
