/** The answers as schemas: OpenAPI is made of these, and the tests hold every answer against them. */
import { z } from 'zod'
import type {
  CoverageSummary,
  DayRecord,
  Provenance,
  Records,
  Report,
  SeriesPoint,
  Totals,
} from '../../analytics/index.ts'
import { FACT_TYPES } from '../../model/index.ts'
import type { EventPage, Health, Problem, Status, VenueCard, Wire } from '../types.ts'
import { event } from './event.ts'

const text = z.string()
const number = z.number()
const ms = z.number().int().meta({ description: 'ms since 1970-01-01T00:00:00Z' })
const bound = z.enum(['=', '≥']).meta({ description: '`=` everything there was; `≥` a lower bound.' })
const source = z.enum(['live', 'recorded', 'simulated'])
const part = z.strictObject({ usd: number, events: number })
const parts = { long: part, short: part, unknownSide: part }
const window = z.strictObject({ from: ms, to: ms })
const largest = z.strictObject({ id: text, usd: number }).optional()

const policy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('complete') }),
  z.strictObject({
    kind: z.literal('sampled'),
    keep: z.enum(['latest', 'largest', 'unknown']),
    perMs: number,
    scope: z.enum(['symbol', 'symbol-and-side']),
  }),
  z.strictObject({ kind: z.literal('none') }),
])

const filter = z.strictObject({
  from: ms.optional(),
  to: ms.optional(),
  sources: z.array(source).optional(),
  venues: z.array(text).optional(),
  protocols: z.array(text).optional(),
  chains: z.array(text).optional(),
  coins: z.array(text).optional(),
  sides: z.array(z.enum(['long', 'short', 'unknown'])).optional(),
  kinds: z.array(z.enum(['perp', 'loan'])).optional(),
  types: z.array(z.enum(FACT_TYPES)).optional(),
  account: text.optional(),
  minUsd: number.optional(),
})

const venueCoverage = z.strictObject({
  ...{ venue: text, name: text, policy, since: text.optional(), bound, share: number },
  gaps: z.array(z.strictObject({ from: ms, to: ms, why: text, lost: number.optional() })),
  ...{ events: number, sources: z.array(source), lastEvent: ms.optional(), accounts: z.boolean(), page: text },
  note: text.optional(),
})

/** How much was heard. */
export const coverage = z
  .strictObject({
    ...{ share: number, bound, venues: z.array(venueCoverage), silent: z.array(text) },
    ...{ without: z.array(text), reasons: z.array(text) },
  })
  .meta({ id: 'Coverage' }) satisfies z.ZodType<Wire<CoverageSummary>>

const group = z.strictObject({
  keys: z.record(text, z.union([text, number])),
  ...{ usd: number, bound, share: number.optional(), events: number, unpriced: number, accounts: number.optional() },
  ...{ ...parts, largest },
})

/** A total over a window. */
export const totals = z
  .strictObject({
    ...{ window, scope: text, filter, bound, countBound: bound, usd: number, events: number, unpriced: number },
    ...{ accounts: number.optional(), accountsComplete: z.boolean(), ...parts, longShare: number.optional() },
    ...{ largest: event.optional(), groups: z.array(group), coverage, method: text },
  })
  .meta({ id: 'Totals' }) satisfies z.ZodType<Wire<Totals>>

/** A series of UTC minutes, hours or days. */
export const series = z.array(
  z.strictObject({ time: ms, usd: number, events: number, unpriced: number, ...parts }),
) satisfies z.ZodType<Wire<readonly SeriesPoint[]>>

/** One day of the record book. */
export const dayRecord = z
  .strictObject({
    ...{ day: text, usd: number, bound, events: number, unpriced: number, accounts: number.optional() },
    largest: z.strictObject({ id: text.optional(), usd: number }).optional(),
    ...{ rank: number, ofDays: number },
    worstSince: z.strictObject({ day: text, usd: number }).optional(),
    previousRecord: z.strictObject({ day: text, usd: number, multiple: number }).optional(),
    versus: z
      .strictObject({
        ...{ days: number, mean: number, median: number },
        ...{ meanMultiple: number.optional(), medianMultiple: number.optional() },
      })
      .optional(),
  })
  .meta({ id: 'DayRecord' }) satisfies z.ZodType<Wire<DayRecord>>

/** The record book. */
export const records = z.strictObject({
  ...{ scope: text, filter, begins: text.optional(), ends: text.optional(), daysWithEvents: number },
  ...{ days: z.array(dayRecord), method: text },
}) satisfies z.ZodType<Wire<Records>>

/** The article of a day or window. */
export const report = z.strictObject({
  ...{ window, scope: text, source: z.enum(['live', 'recorded', 'simulated', 'mixed']), headline: text },
  sentences: z.array(z.strictObject({ text, receipts: z.array(number) })),
  receipts: z.array(z.strictObject({ id: number, says: text, query: text, command: text, value: text })),
  ...{ totals, record: dayRecord.optional(), markdown: text },
}) satisfies z.ZodType<Wire<Report>>

/** A page of events. */
export const eventPage = z.strictObject({
  events: z.array(event),
  next: text.optional().meta({ description: 'Cursor of the next page; absent on the last.' }),
}) satisfies z.ZodType<Wire<EventPage>>

/** Events without pages. */
export const events = z.array(event)

/** Every venue with its dated policies. */
export const venueCards = z.array(
  z.strictObject({
    ...{ id: text, name: text, kind: z.enum(['cex', 'perp-dex', 'lending']), page: text, accounts: z.boolean() },
    ended: text.optional(),
    coverage: z.array(
      z.strictObject({
        channel: z.enum(['liquidations', 'trades', 'open-interest', 'funding', 'mark']),
        ...{ since: text.optional(), policy, page: text, note: text.optional() },
      }),
    ),
  }),
) satisfies z.ZodType<Wire<readonly VenueCard[]>>

const connection = z.strictObject({
  ...{
    venue: text,
    name: text,
    state: z.enum(['connecting', 'open', 'silent', 'waiting', 'closed']),
    why: text.optional(),
  },
  ...{ since: ms, lastFrame: ms.optional(), lastEvent: ms.optional(), frames: number, events: number },
  ...{ rejected: number, dropped: number, reconnects: number, skewMs: number.optional() },
})
const mode = z.enum(['live', 'recorded', 'simulated', 'offline'])

/** How the program is doing. */
export const status = z.strictObject({
  ...{ mode, message: text, version: text, startedAt: ms, now: ms, connections: z.array(connection) },
  store: z.strictObject({
    ...{
      engine: z.enum(['memory', 'embedded', 'clickhouse']),
      schemaVersion: number,
      events: number,
      rejected: number,
    },
    ...{ first: ms.optional(), last: ms.optional(), diskBytes: number.optional() },
  }),
  stream: z.strictObject({
    ...{ clients: number, dropped: number },
    seq: z.strictObject({ liquidations: number, gaps: number, status: number }),
  }),
}) satisfies z.ZodType<Wire<Status>>

/** Whether it serves. */
export const health = z.strictObject({ ok: z.boolean(), mode, version: text, store: text }) satisfies z.ZodType<Health>

/** Where an answer comes from. */
export const provenance = z
  .strictObject({
    ...{
      sources: z.array(source),
      kind: z.enum(['reported', 'computed']),
      method: text,
      asOf: text,
      coverage: number,
      bound,
    },
    ...{ silent: z.array(text), command: text },
    hash: text.meta({
      description: 'sha-256 of the canonical text of `data`, which is exactly how it stands in the answer.',
    }),
  })
  .meta({ id: 'Provenance' }) satisfies z.ZodType<Wire<Provenance>>

/** Every error. */
export const problem = z
  .strictObject({
    ...{ type: text, title: text, status: number, detail: text, instance: text, code: text },
    values: z.record(text, z.union([text, number, z.boolean()])),
    ...{ fix: text, retryable: z.boolean() },
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>

/** An answer: data and where it comes from. */
export function answer<T extends z.ZodType>(data: T) {
  return z.strictObject({ data, provenance })
}
