/** The rows of the tape: events and gaps by time, each once, newest first; what was withdrawn stays visible as withdrawn. */
import type { VenueCoverage } from '../../../lib/analytics/index.ts'
import type { WireEvent, WireGap } from '../../../lib/api/index.ts'

/** A liquidation as the API writes it. */
export type WireLiquidation = Extract<WireEvent, { type: 'perp-liquidation' | 'loan-liquidation' | 'auction-started' }>

/** One row. */
export type Row =
  | {
      readonly kind: 'event'
      readonly id: string
      readonly time: number
      readonly event: WireLiquidation
      readonly withdrawn: string | undefined
    }
  | {
      readonly kind: 'gap'
      readonly id: string
      readonly time: number
      readonly from: number
      readonly to: number
      readonly venue: string
      readonly why: string
      readonly lost: number | undefined
    }

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

/** The rows of gaps as the stream tells them. A gap stands where it ends. */
export function streamedGapRows(gaps: readonly WireGap[]): readonly Row[] {
  return gaps
    .filter((gap) => gap.channel === 'liquidations')
    .map(({ venue, from, to, why, lost }) => gapRow(venue, from, to, why, lost))
}

type Heard = Pick<VenueCoverage, 'venue'> & {
  readonly gaps: readonly { from: number; to: number; why: string; lost?: number }[]
}

/** The rows of the gaps that a coverage lists. */
export function coverageGapRows(venues: readonly Heard[]): readonly Row[] {
  return venues.flatMap(({ venue, gaps }) =>
    gaps.filter((gap) => gap.why !== FUTURE).map(({ from, to, why, lost }) => gapRow(venue, from, to, why, lost)),
  )
}

/** Time that has not come is not deaf. */
const FUTURE = 'in the future'

function gapRow(venue: string, from: number, to: number, why: string, lost: number | undefined): Row {
  // Coverage joins what the stream told piece by piece: what began together at a venue is one gap.
  return { kind: 'gap', id: `gap ${venue} ${from}`, time: to, from, to, venue, why, lost }
}

/** Adds rows; a row known already is replaced only by a longer gap. Newest first, at most `most`. */
export function mergeRows(rows: readonly Row[], incoming: readonly Row[], most: number): readonly Row[] {
  const known = new Map(rows.map((row) => [row.id, row]))
  let changed = false
  for (const row of incoming) {
    const old = known.get(row.id)
    if (old && !(old.kind === 'gap' && row.time > old.time)) continue
    known.set(row.id, row)
    changed = true
  }
  return changed ? [...known.values()].sort(newestFirst).slice(0, most) : rows
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
