/** Words for time become windows: `24h`, a day, an instant, a span. All UTC. */
import { breakwaterError, DAY, HOUR, MINUTE, type UnixMs, unixMs } from '../model/index.ts'
import type { Window } from './answers.ts'

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY }
const LONGEST = 20 * 365 * DAY

/** The text parameters that name a window. */
export type WindowWords = {
  readonly window?: string | undefined
  readonly at?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Milliseconds of `15m`, `24h`, `7d`, `2w`. Refuses (`bad-query`) anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,5})(m|h|d|w)$/.exec(text.trim())
  const length = match ? Number(match[1]) * (UNITS[match[2] as string] as number) : 0
  if (length <= 0 || length > LONGEST)
    throw breakwaterError(
      'bad-query',
      `window '${text.slice(0, 40)}' is no length of time`,
      { window: text.slice(0, 40) },
      { fix: 'Write 15m, 1h, 24h, 7d or 30d.' },
    )
  return length
}

/** The instant of a text: `now`, milliseconds, ISO date or ISO time (UTC where no zone is written). Refuses (`bad-time`) anything else. */
export function parseInstant(text: string, now: UnixMs): UnixMs {
  const trimmed = text.trim()
  if (trimmed === 'now') return now
  const zoned = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$/.test(trimmed)
    ? `${trimmed.replace(' ', 'T')}${trimmed.length > 10 ? 'Z' : ''}`
    : trimmed
  const value = /^\d{12,14}$/.test(trimmed)
    ? Number(trimmed)
    : /^\d{4}-\d\d-\d\d(T|$)/.test(zoned)
      ? Date.parse(zoned)
      : Number.NaN
  const time = unixMs(value)
  // Date.parse takes 31 February as 3 March; a day that comes back as another day was none.
  const real =
    time !== undefined &&
    (/^\d+$/.test(trimmed) || /[+-]\d\d:?\d\d$/.test(trimmed) || dayOf(time) === trimmed.slice(0, 10))
  if (!real) throw breakwaterError('bad-time', `'${trimmed.slice(0, 40)}' is no time`, { time: trimmed.slice(0, 40) })
  return time
}

/** True for text that names a whole UTC day. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text.trim())
}

/**
 * The window that words name. `at` alone: a day is that UTC day, an instant ends a window of `window` (24 h unless told).
 * `from` (inclusive) and `to` (exclusive: a day means its midnight); `from` alone ends now. Nothing: the last 24 hours.
 */
export function parseWindow(words: WindowWords, now: UnixMs, fallback = '24h'): Window {
  const { at, from, to, window } = words
  if ((from !== undefined || to !== undefined) && (at !== undefined || window !== undefined))
    throw breakwaterError(
      'bad-query',
      'from and to exclude at and window',
      {},
      { fix: 'Name the window either by from and to, or by at and window.' },
    )
  if (from !== undefined || to !== undefined) {
    const end = to === undefined ? now : parseInstant(to, now)
    const start = from === undefined ? end - DAY : parseInstant(from, now)
    if (start >= end) throw breakwaterError('bad-query', `from must lie before to`, { from, to }, { fix: 'Swap them.' })
    return { from: start as UnixMs, to: end as UnixMs }
  }
  if (at !== undefined && isDay(at) && window === undefined) {
    const start = parseInstant(at, now)
    return { from: start, to: (start + DAY) as UnixMs }
  }
  const end = at === undefined ? now : isDay(at) ? parseInstant(at, now) + DAY : parseInstant(at, now)
  return { from: (end - parseDuration(window ?? fallback)) as UnixMs, to: end as UnixMs }
}

/** The same words with a moving end written out, so that the command asked again tomorrow gives the same window. */
export function pinWindow<W extends WindowWords>(words: W, now: UnixMs): W {
  const instant = new Date(now).toISOString()
  if (words.from !== undefined || words.to !== undefined) {
    return words.to === undefined || words.to.trim() === 'now' ? { ...words, to: instant } : words
  }
  return words.at === undefined || words.at.trim() === 'now' ? { ...words, at: instant } : words
}

/** The UTC day of an instant, `2021-05-19`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** The start of a UTC day, ms. */
export function startOfDay(day: string): UnixMs {
  return Date.parse(day) as UnixMs
}
