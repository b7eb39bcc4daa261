/** The stamp: who heard it, where and when; and the id that stays the same when the same event is heard again. */
import { hash } from 'node:crypto'
import type { Fact, MarketEvent, Receipt, Source, Stamp, UnixMs } from '../model/index.ts'
import type { Decoded } from '../venues/index.ts'

/** The id of an event: the first 32 hex digits of sha-256 over the venue and the key that its decoder gave. */
export function eventId(venue: string, key: string): string {
  return hash('sha256', `${venue}\n${key}`, 'hex').slice(0, 32)
}

/**
 * Makes an event of a decoded fact. A decoder names the event it retracts by its key, as it knows no ids: `of` becomes the id
 * that the retracted event was given under the same venue. Without a time of the
 * venue's own, the time of receipt stands in and says so.
 */
export function stamp(
  venue: string,
  source: Source,
  decoded: Decoded,
  received: UnixMs,
  receipt?: Receipt,
): MarketEvent {
  const { key, time, flags, ...fact } = decoded
  const stamped: Stamp = {
    id: eventId(venue, key),
    venue,
    time: time ?? received,
    ...(time === undefined ? { timeKind: 'received' as const } : {}),
    received,
    source,
    ...(receipt ? { receipt } : {}),
    ...(flags?.length ? { flags } : {}),
  }
  if (fact.type === 'retraction') return { ...stamped, ...fact, of: eventId(venue, fact.of) }
  return { ...stamped, ...(fact as Fact) }
}
