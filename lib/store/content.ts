/** What counts as the content of a store, and its hash: what happened, apart from who heard it, when, and in which order. */
import { createHash } from 'node:crypto'
import { canonical, type MarketEvent } from '../model/index.ts'

/** Orders events by (time, id). */
export function byTimeAndId(a: Pick<MarketEvent, 'time' | 'id'>, b: Pick<MarketEvent, 'time' | 'id'>): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** Collects events in any order. */
export type ContentHasher = { add(event: MarketEvent): void; digest(): string }

/**
 * A hash over a set of events with distinct ids: each event's sha-256, added modulo 2^256, then hashed with their number.
 * The sum does not depend on order, so no engine has to sort. Left out, because they tell of the hearing and not of the event:
 * `received`, `receipt`, `source`, and `time` where it is the time of receipt.
 */
export function contentHasher(): ContentHasher {
  let sum = 0n
  let count = 0
  return {
    add(event) {
      const { received: _, receipt: __, source: ___, time, ...rest } = event
      const text = canonical(event.timeKind === 'received' ? rest : { ...rest, time })
      sum = (sum + BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)) & MASK
      count++
    },
    digest: () =>
      createHash('sha256')
        .update(`${count}\n${sum.toString(16)}`)
        .digest('hex'),
  }
}

const MASK = (1n << 256n) - 1n
