/**
 * What a venue shows of its liquidations: all of them, or one per symbol and window. With the truth beside it, what a total leaves out can be
 * counted. Sources of the dated list: the venues' pages, as told in the reference's venues page.
 */
import { breakwaterError, type Fact } from '../model/index.ts'

/** One liquidation as the throttle sees it: time in ms, `value` in one unit throughout (usually dollars). */
export type Throttled = {
  readonly symbol: string
  readonly side?: 'long' | 'short' | undefined
  readonly time: number
  readonly value: number
}

/** Which liquidation of a window is shown, of a symbol or of each of its sides; how long a window is, ms. Windows begin at whole multiples of it. */
export type ThrottleRule =
  | { readonly shows: 'all' }
  | { readonly shows: 'latest' | 'largest'; readonly of: 'symbol' | 'side'; readonly windowMs: number }

/** The kinds that there are: everything, the latest, the largest per symbol and second, and the largest of each side. */
export const THROTTLES = {
  all: { shows: 'all' },
  latest: { shows: 'latest', of: 'symbol', windowMs: 1_000 },
  largest: { shows: 'largest', of: 'symbol', windowMs: 1_000 },
  'largest-per-side': { shows: 'largest', of: 'side', windowMs: 1_000 },
} as const satisfies Readonly<Record<string, ThrottleRule>>

/** Name of a throttle. */
export type ThrottleName = keyof typeof THROTTLES

/** Which throttle a venue's feed has from a day on (YYYY-MM-DD, UTC), newest last; '' is as far back as is known. A venue that is not listed shows all, or nothing. */
export const VENUE_THROTTLES: Readonly<
  Record<string, readonly { readonly from: string; readonly throttle: ThrottleName }[]>
> = {
  binance: [
    { from: '2019-09-08', throttle: 'all' },
    { from: '2021-04-27', throttle: 'latest' },
    { from: '2026-04-10', throttle: 'largest' },
  ],
  bybit: [
    { from: '2021-09-01', throttle: 'latest' },
    { from: '2025-02-20', throttle: 'all' },
  ],
  okx: [{ from: '', throttle: 'latest' }],
  gate: [
    { from: '', throttle: 'latest' },
    { from: '2026-08-20', throttle: 'all' },
  ],
  bitget: [{ from: '', throttle: 'largest-per-side' }],
}

/** The rule of a venue's feed on a day (YYYY-MM-DD): `all` before its first entry and for venues that are not listed. */
export function throttleOf(venue: string, day: string): ThrottleRule {
  const entry = VENUE_THROTTLES[venue]?.findLast(({ from }) => from <= day)
  return THROTTLES[entry?.throttle ?? 'all']
}

/** A throttle that is fed one liquidation after the other, in order of time. */
export type Throttle<T extends Throttled> = {
  /** Takes a liquidation; returns what is shown now: itself when everything is, else those of windows that it closed, by time. */
  push(event: T): readonly T[]
  /** Shows what is still held back, by time. */
  flush(): readonly T[]
}

/** Makes a throttle. Throws `bad-time` when time runs backwards. */
export function throttle<T extends Throttled>(rule: ThrottleRule): Throttle<T> {
  const held = new Map<string, T>()
  let window = Number.NEGATIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  const release = () => {
    const shown = [...held.values()].sort((a, b) => a.time - b.time)
    held.clear()
    return shown
  }
  return {
    push(event) {
      if (!(event.time >= last))
        throw breakwaterError('bad-time', `a liquidation of ${event.time} came after one of ${last}`, {
          time: event.time,
          last,
        })
      last = event.time
      if (rule.shows === 'all') return [event]
      const at = Math.floor(event.time / rule.windowMs)
      const shown = at === window ? [] : release()
      window = at
      const key = rule.of === 'side' ? `${event.symbol} ${event.side}` : event.symbol
      const before = held.get(key)
      if (!before || rule.shows === 'latest' || event.value > before.value) held.set(key, event)
      return shown
    },
    flush: release,
  }
}

/** How much of the truth a throttle shows: counts and values of both, and the shares (1 = everything; 1 of nothing). */
export type Shown = {
  readonly events: number
  readonly value: number
  readonly shownEvents: number
  readonly shownValue: number
  readonly shareOfEvents: number
  readonly shareOfValue: number
}

/** Runs liquidations (in order of time) through a throttle and compares. */
export function shownOf(events: readonly Throttled[], rule: ThrottleRule): Shown {
  const feed = throttle(rule)
  let [value, shownEvents, shownValue] = [0, 0, 0]
  const count = (shown: readonly Throttled[]) => {
    for (const one of shown) {
      shownEvents++
      shownValue += one.value
    }
  }
  for (const event of events) {
    value += event.value
    count(feed.push(event))
  }
  count(feed.flush())
  return {
    events: events.length,
    value,
    shownEvents,
    shownValue,
    shareOfEvents: events.length > 0 ? shownEvents / events.length : 1,
    shareOfValue: value > 0 ? shownValue / value : 1,
  }
}

/** Facts with their times through a throttle: what the venue's feed would have shown of its liquidations; every other fact is left out. */
export function publishedOf<T extends { readonly time: number; readonly fact: Fact }>(
  facts: readonly T[],
  rule: ThrottleRule,
): readonly T[] {
  const feed = throttle<Throttled & { readonly told: T }>(rule)
  const shown = facts.flatMap((told) => {
    const { fact, time } = told
    if (fact.type !== 'perp-liquidation') return []
    return feed.push({ symbol: fact.instrument, side: fact.side, time, value: fact.usd ?? 0, told })
  })
  return [...shown, ...feed.flush()].map(({ told }) => told)
}
