/** What the API says, as types: the terminal and other programs import these (types only). */
import type {
  Answer,
  CoverageSummary,
  DayRecord,
  Provenance,
  Records,
  Report,
  SeriesPoint,
  Totals,
} from '../analytics/index.ts'
import type { ConnectionStatus } from '../feed/index.ts'
import type { Gap, MarketEvent, Stamp } from '../model/index.ts'
import type { EventPage, StoreFacts, VenueCard } from '../store/index.ts'

/** A page of events and its cursor; a venue as the list of venues shows it. */
export type { EventPage, VenueCard } from '../store/index.ts'

/** The JSON form of a value: bigint becomes decimal text, branded numbers plain ones, what may be `undefined` may be absent. */
export type Wire<T> = T extends bigint
  ? string
  : T extends number
    ? number
    : T extends string | boolean | null | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly Wire<Item>[]
        : { readonly [K in keyof T as undefined extends T[K] ? never : K]: Wire<T[K]> } & {
            readonly [K in keyof T as undefined extends T[K] ? K : never]?: Wire<T[K]>
          }

/** One event as the API and the stream write it. */
export type WireEvent = Wire<MarketEvent>
/** One gap as the API and the stream write it. */
export type WireGap = Wire<Stamp & Gap>

/** Whether the program hears venues now, reads recordings, simulates, or can reach nothing. */
export type Mode = 'live' | 'recorded' | 'simulated' | 'offline'

/** How the whole program is doing. Times are ms since 1970. */
export type Status = {
  readonly mode: Mode
  /** One sentence for a person, e.g. what to do when no venue can be reached. */
  readonly message: string
  readonly version: string
  readonly startedAt: number
  readonly now: number
  readonly connections: readonly ConnectionStatus[]
  readonly store: StoreFacts
  readonly stream: StreamFacts
}

/** The stream's own numbers since the start. `seq` is the newest number of each topic. */
export type StreamFacts = {
  readonly clients: number
  readonly dropped: number
  readonly seq: Readonly<Record<StreamTopic, number>>
}

/** `GET /health`. */
export type Health = { readonly ok: boolean; readonly mode: Mode; readonly version: string; readonly store: string }

/** Every error of the API: RFC 9457 problem+json with the project's code, values and way out. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: string
  readonly values: Readonly<Record<string, string | number | boolean>>
  readonly fix: string
  readonly retryable: boolean
}

/** The answer of each route, by path, in its JSON form. */
export type Answers = {
  readonly '/v1/totals': Wire<Answer<Totals>>
  readonly '/v1/totals/history': Wire<Answer<readonly SeriesPoint[]>>
  readonly '/v1/liquidations': Wire<Answer<EventPage>>
  readonly '/v1/liquidations/{id}': Wire<Answer<MarketEvent>>
  readonly '/v1/largest': Wire<Answer<readonly MarketEvent[]>>
  readonly '/v1/records': Wire<Answer<Records>>
  readonly '/v1/report': Wire<Answer<Report>>
  readonly '/v1/coverage': Wire<Answer<CoverageSummary>>
  readonly '/v1/venues': Wire<Answer<readonly VenueCard[]>>
  readonly '/v1/oi': Wire<Answer<readonly MarketEvent[]>>
  readonly '/v1/funding': Wire<Answer<readonly MarketEvent[]>>
  readonly '/v1/status': Wire<Answer<Status>>
  readonly '/health': Wire<Health>
}

/** The provenance of any answer, in its JSON form. */
export type WireProvenance = Wire<Provenance>
/** One day of the record book, in its JSON form. */
export type WireDayRecord = Wire<DayRecord>

/** What can be subscribed to. */
export type StreamTopic = 'liquidations' | 'gaps' | 'status'

/** Narrows `liquidations` (and, by venue, `gaps`). Lists are "any of". Events of unknown dollar value never pass `minUsd`. */
export type StreamFilter = {
  readonly coin?: readonly string[] | undefined
  readonly venue?: readonly string[] | undefined
  readonly side?: readonly ('long' | 'short' | 'unknown')[] | undefined
  readonly minUsd?: number | undefined
}

/** Client to server. `resume`: the last `seq` seen per topic. A later `subscribe` of the same topic replaces the earlier one. */
export type StreamRequest =
  | {
      readonly op: 'subscribe'
      readonly args: readonly StreamTopic[]
      readonly resume?: Readonly<Partial<Record<StreamTopic, number>>>
      readonly filter?: StreamFilter
    }
  | { readonly op: 'unsubscribe'; readonly args: readonly StreamTopic[] }

/** What each topic carries: events, gaps, or the newest status (a state: only the last one counts). */
export type StreamData = {
  readonly liquidations: readonly WireEvent[]
  readonly gaps: readonly WireGap[]
  readonly status: Wire<Pick<Status, 'mode' | 'message' | 'connections'>>
}

/**
 * Server to client, per topic. `seq` counts the topic's events (it grows across restarts too); a message covers everything up to it.
 * - `subscribed`: the acknowledgement; what follows is newer than `seq`.
 * - `reset`: what was asked to resume from is too old for the server's memory: fetch the past from `/v1/liquidations`.
 * - `dropped`: this client was too slow; `dropped` events with `from` ≤ seq ≤ `to` were left out. Resume from `from - 1`, or fetch them.
 */
export type StreamMessage =
  | {
      readonly [T in StreamTopic]: {
        readonly topic: T
        readonly seq: number
        readonly sent: number
        readonly data: StreamData[T]
      }
    }[StreamTopic]
  | { readonly topic: StreamTopic; readonly subscribed: true; readonly seq: number }
  | { readonly topic: StreamTopic; readonly unsubscribed: true }
  | { readonly topic: StreamTopic; readonly reset: true; readonly seq: number }
  | { readonly topic: StreamTopic; readonly dropped: number; readonly from: number; readonly to: number }
  | { readonly error: Pick<Problem, 'code' | 'detail' | 'fix'> }
