/** What a client asks of the stream, checked; and which events pass its filter. */
import { z } from 'zod'
import { dimensionsOf } from '../../analytics/index.ts'
import {
  breakwaterError,
  canonical,
  coinOf,
  type Gap,
  isLiquidation,
  type Liquidation,
  type MarketEvent,
  type Retraction,
  type Stamp,
} from '../../model/index.ts'
import type { StreamFilter, StreamRequest, StreamTopic } from '../types.ts'

/** Every topic, in the order in which they are flushed. */
export const STREAM_TOPICS = ['liquidations', 'gaps', 'status'] as const satisfies readonly StreamTopic[]

/** What flows on `liquidations`: liquidations, and retractions of them. */
export type TapeEvent = Stamp & (Liquidation | Retraction)
/** What flows on `gaps`. */
export type GapEvent = Stamp & Gap

const topics = z.array(z.enum(STREAM_TOPICS)).min(1).max(STREAM_TOPICS.length)
const word = z.string().min(1).max(64)
const filter = z.strictObject({
  coin: z.array(word).max(200).optional(),
  venue: z.array(word).max(100).optional(),
  side: z
    .array(z.enum(['long', 'short', 'unknown']))
    .max(3)
    .optional(),
  minUsd: z.number().nonnegative().optional(),
})
const seq = z.number().int().nonnegative()
const request = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('subscribe'),
    args: topics,
    resume: z.strictObject({ liquidations: seq, gaps: seq, status: seq }).partial().optional(),
    filter: filter.optional(),
  }),
  z.strictObject({ op: z.literal('unsubscribe'), args: topics }),
])

/** Reads one message of a client. Refuses (`bad-query`) what is none, naming the place. */
export function parseStreamRequest(text: string): StreamRequest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw breakwaterError('bad-query', 'the message is not JSON', { message: text.slice(0, 80) }, { ...EXAMPLE, cause })
  }
  const parsed = request.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue?.path.join('.') || 'message'
  throw breakwaterError('bad-query', `${place}: ${issue?.message ?? 'not understood'}`, { place }, EXAMPLE)
}

const EXAMPLE = {
  fix: 'Send e.g. {"op":"subscribe","args":["liquidations","gaps"],"filter":{"coin":["ETH"],"minUsd":100000}}.',
}

/** The words of the stream's query, as server-sent events use them: comma lists. */
export type StreamQuery = {
  readonly topics?: string | undefined
  readonly coin?: string | undefined
  readonly venue?: string | undefined
  readonly side?: string | undefined
  readonly minUsd?: string | undefined
}

/** The subscription that a query asks for; `undefined` when it names no topic. `lastEventId` as written by this server. */
export function subscriptionOfQuery(query: StreamQuery, lastEventId?: string): StreamRequest | undefined {
  const args = list(query.topics)
  if (!args) return undefined
  const minUsd = query.minUsd === undefined ? undefined : Number(query.minUsd)
  const narrowed = { coin: list(query.coin), venue: list(query.venue), side: list(query.side), minUsd }
  return parseStreamRequest(
    JSON.stringify({
      op: 'subscribe',
      args,
      filter: narrowed,
      resume: lastEventId ? resumeOf(lastEventId) : undefined,
    }),
  )
}

/** The `id:` of a server-sent event: the newest number of each topic, e.g. `liquidations:17,gaps:3`. */
export function eventIdOf(seqs: ReadonlyMap<StreamTopic, number>): string {
  return [...seqs].map(([topic, number]) => `${topic}:${number}`).join(',')
}

function resumeOf(lastEventId: string): Record<string, number> {
  const parts = lastEventId.slice(0, 200).split(',')
  return Object.fromEntries(
    parts.map((part) => part.split(':')).map(([topic, number]) => [topic ?? '', Number(number)]),
  )
}

function list(text: string | undefined): string[] | undefined {
  const words = text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return words?.length ? words : undefined
}

/** What filters look at, taken from an event once; the event itself need not be kept. */
export type Facet = {
  readonly type: MarketEvent['type']
  readonly venue: string
  readonly coin: string
  readonly side: string
  readonly usd: number | undefined
}

/** The facet of an event. Simulated venues answer to the name of the venue they simulate. */
export function facetOf(event: TapeEvent | GapEvent): Facet {
  const { coin, side, usd } = dimensionsOf(event)
  return { type: event.type, venue: plainVenue(event.venue), coin, side, usd }
}

/** A filter ready to be asked, and the text under which equal filters share their batches. */
export type Sieve = { readonly key: string; passes(facet: Facet): boolean }

/** Everything passes. */
export const OPEN_SIEVE: Sieve = { key: '', passes: () => true }

/** A retraction passes every filter: the client may hold what it withdraws. Gaps are filtered by venue alone. */
export function sieve(filter: StreamFilter | undefined): Sieve {
  if (!filter) return OPEN_SIEVE
  const { minUsd } = filter
  const coins = setOf(filter.coin?.map(coinOf))
  const venues = setOf(filter.venue?.map(plainVenue))
  const sides = setOf(filter.side)
  if (!coins && !venues && !sides && minUsd === undefined) return OPEN_SIEVE
  const sorted = (set: ReadonlySet<string> | undefined) => (set ? [...set].sort() : undefined)
  return {
    key: canonical({ coin: sorted(coins), venue: sorted(venues), side: sorted(sides), minUsd }),
    passes: ({ type, venue, coin, side, usd }) => {
      if (type === 'retraction') return true
      if (venues && !venues.has(venue)) return false
      if (type === 'gap') return true
      if ((coins && !coins.has(coin)) || (sides && !sides.has(side))) return false
      return minUsd === undefined || (usd !== undefined && usd >= minUsd)
    },
  }
}

/** The topic an event belongs to; `undefined` for those that are not streamed (trades, marks, open interest …). */
export function topicOf(event: MarketEvent): 'liquidations' | 'gaps' | undefined {
  if (event.type === 'gap') return 'gaps'
  return isLiquidation(event) || event.type === 'retraction' ? 'liquidations' : undefined
}

function setOf(words: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return words?.length ? new Set(words) : undefined
}

function plainVenue(venue: string): string {
  return venue.startsWith('sim:') ? venue.slice(4) : venue
}
