/** What every answer is made from, and the provenance that goes with it. */
import { createHash } from 'node:crypto'
import type {
  Answer,
  Bound,
  CoverageSummary,
  DayFigures,
  Filter,
  HeardVenue,
  Params,
  Window,
} from '../analytics/index.ts'
import { commandOf, coverageOf } from '../analytics/index.ts'
import { canonical, DAY, type MarketEvent, type Source, type UnixMs } from '../model/index.ts'
import type { Store } from './store.ts'

/** Days of one scope that ship with the package, computed by this program from public events. */
export type ShippedRecord = {
  readonly venue: string
  readonly kind: 'perp' | 'loan'
  /** What the figures were computed from, in words. */
  readonly from: string
  readonly method: string
  readonly days: readonly DayFigures[]
}

/** What answers read beside the question: the store, the present, the venues whose feed is silent now, and the shipped table. */
export type AnswerContext = {
  readonly store: Store
  readonly now: UnixMs
  readonly silent: readonly string[]
  readonly shipped: readonly ShippedRecord[]
}

/** Parts of a provenance that an answer brings itself. */
export type Told = {
  readonly method: string
  readonly command: string
  readonly sources: readonly Source[]
  readonly coverage: number
  readonly bound: Bound
  readonly silent: readonly string[]
}

/** An answer with its provenance: `hash` is sha-256 over the canonical text of `data`. */
export function answerOf<T>(context: AnswerContext, data: T, told: Told): Answer<T> {
  const hash = createHash('sha256').update(canonical(data)).digest('hex')
  return { data, provenance: { ...told, kind: 'reported', asOf: new Date(context.now).toISOString(), hash } }
}

/** What a coverage tells a provenance. `words` are those of the command, see `pinWindow`. */
export function toldBy(coverage: CoverageSummary, verb: string, words: Params, method: string): Told {
  const sources = [...new Set(coverage.venues.flatMap((venue) => venue.sources))].sort()
  return {
    method,
    command: commandOf(verb, words),
    sources,
    coverage: coverage.share,
    bound: coverage.bound,
    silent: coverage.silent,
  }
}

/** A gap that began longer ago than this before a window is not looked for. */
const LONGEST_GAP = 30 * DAY

/** Coverage of a window for a filter: which venues were heard at all, their deaf time, and what the feeds hold back. */
export async function coverageFor(
  context: AnswerContext,
  filter: Filter,
  window: Window,
  unpriced: number,
): Promise<CoverageSummary> {
  const { store, silent, now } = context
  const { venues, sources, kinds } = filter
  const gaps: MarketEvent[] = []
  const where = { from: (window.from - LONGEST_GAP) as UnixMs, to: window.to, types: ['gap'] as const, venues, sources }
  for await (const gap of store.scan(where)) gaps.push(gap)
  const heard = await heardVenues(context, filter, window)
  return coverageOf({ window, heard, gaps, silent, now, unpriced, kinds })
}

async function heardVenues(
  { store }: AnswerContext,
  { venues, sources, kinds, protocols, chains }: Filter,
  window: Window,
): Promise<HeardVenue[]> {
  const scope = { venues, sources, kinds, protocols, chains }
  const ever = await store.aggregate({ where: scope, by: ['venue', 'source'] })
  const inside = await store.aggregate({ where: { ...scope, ...window }, by: ['venue'] })
  const names = [...new Set([...(venues ?? []), ...ever.map((row) => String(row.keys.venue))])].sort()
  const list = await Promise.all(
    names.map(async (venue): Promise<HeardVenue> => {
      const rows = ever.filter((row) => row.keys.venue === venue)
      const here = inside.find((row) => row.keys.venue === venue)
      const [first, last] = await Promise.all(
        (['asc', 'desc'] as const).map(
          async (order) => (await store.page({ where: { venues: [venue], sources }, order, limit: 1 }))[0],
        ),
      )
      return {
        venue,
        events: here?.events ?? 0,
        sources: rows.map((row) => row.keys.source as Source),
        lastEvent: here?.last,
        first: first?.time,
        last: last?.time,
      }
    }),
  )
  // A recording of other years says nothing of this window; asked for by name, it says so itself.
  const speaks = ({ venue, sources: kept, first, last }: HeardVenue) =>
    venues?.includes(venue) ||
    kept.some((source) => source !== 'recorded') ||
    (first !== undefined && last !== undefined && first < window.to && last + DAY > window.from)
  return list.filter(speaks)
}
