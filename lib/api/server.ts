/** What every route works with, and the one way in which answers go out: the canonical text of data and provenance. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, type Bound, type Provenance, parseWindow, type WindowWords } from '../analytics/index.ts'
import { canonical, type UnixMs } from '../model/index.ts'
import type { AnswerContext, Store } from '../store/index.ts'
import { type Format, MEDIA } from './formats.ts'
import type { Metrics } from './metrics.ts'
import type { ApiOptions } from './options.ts'
import type { Hub } from './stream/hub.ts'

/** One running server. */
export type Server = {
  readonly options: ApiOptions
  /** The store, its calls timed. */
  readonly store: Store
  readonly hub: Hub
  readonly metrics: Metrics
  readonly startedAt: UnixMs
}

/** What the answers are made from, now. */
export function contextOf(server: Server): AnswerContext {
  const { options, store } = server
  return { store, now: options.clock.now(), silent: silentVenues(server), shipped: options.shipped ?? [] }
}

/** Venues of which no connection is open. */
export function silentVenues({ options }: Pick<Server, 'options'>): readonly string[] {
  const status = options.status()
  const open = new Set(status.filter(({ state }) => state === 'open').map(({ venue }) => venue))
  return [...new Set(status.map(({ venue }) => venue))].filter((venue) => !open.has(venue)).sort()
}

/** An answer about the program itself or about one event. */
export function plainAnswer<T>(
  data: T,
  method: string,
  command: string,
  from: Partial<Provenance>,
  now: UnixMs,
): Answer<T> {
  const hash = sha256(canonical(data))
  const rest = { kind: 'reported', asOf: new Date(now).toISOString(), coverage: 1, bound: '=' as Bound } as const
  return { data, provenance: { sources: [], silent: [], ...rest, ...from, method, command, hash } }
}

/** sha-256 of text, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/**
 * Sends the body of an answer with its validators. A question about a past window whose coverage is complete has one answer for ever:
 * strong ETag, immutable. Every other one is asked again, and costs nothing when its data stayed the same.
 */
export function sendBody(
  request: FastifyRequest,
  reply: FastifyReply,
  now: UnixMs,
  provenance: Provenance,
  format: Format,
  body: string | Buffer,
): FastifyReply {
  const settled = provenance.bound === '=' && provenance.coverage === 1 && isPast(request.query as WindowWords, now)
  const tag = settled
    ? `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
    : `W/"${provenance.hash.slice(0, 32)}-${format}"`
  reply.header('etag', tag)
  reply.header('cache-control', settled ? 'private, max-age=31536000, immutable' : 'private, no-cache')
  reply.header('vary', 'Accept')
  if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send()
  if (format !== 'json') reply.header('x-breakwater-provenance', headerText(provenance))
  return reply.type(MEDIA[format]).send(body)
}

/** Provenance as a header's text: JSON in ASCII. The hash is left out, it belongs to the JSON form. */
export function headerText(provenance: Provenance): string {
  return canonical({ ...provenance, hash: undefined }).replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** True when the question names the end of its window and that end has passed. */
function isPast(query: WindowWords, now: UnixMs): boolean {
  return (query.at ?? query.to) !== undefined && parseWindow(query, now).to <= now
}

/** Weak comparison (RFC 9110 §8.8.3.2), as If-None-Match asks for. */
function matches(header: string | undefined, tag: string): boolean {
  if (!header) return false
  const plain = (one: string) => one.trim().replace(/^W\//, '')
  return header.split(',').some((one) => one.trim() === '*' || plain(one) === plain(tag))
}
