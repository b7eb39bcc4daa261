/** Connected but silent: found by a venue's own habit and by what the other venues say meanwhile. */
import { HOUR, MINUTE, SECOND, type UnixMs } from '../model/index.ts'

/** Watches the liquidation channels of all venues together. */
export type Silence = {
  /** Events of a venue were received at this time. */
  heard(venue: string, at: UnixMs, events: number): void
  /** A venue's channel was opened, or opened again. */
  opened(venue: string, at: UnixMs): void
  /** Why the venue counts as silent now, in words, or `undefined`. */
  why(venue: string, now: UnixMs): string | undefined
}

/** No venue is called silent sooner than this by its own habit. */
const PATIENCE = 5 * MINUTE
/** Nor before this many of its own median intervals. Liquidations come in bursts, so the median is small against the mean. */
const MEDIANS = 40
/** Intervals kept per venue, and how many make a habit. */
const KEPT = 501
const HABIT = 20
/** A burst elsewhere: this many events of this many other venues in the last two minutes. */
const BURST = { withinMs: 2 * MINUTE, events: 10, venues: 2 }
/** A venue never heard since it was opened is silent when the others together said this much in ten minutes or more. */
const NEVER = { afterMs: 10 * MINUTE, events: 100, venues: 2 }

type Habit = {
  opened: UnixMs
  last: UnixMs | undefined
  readonly intervals: number[]
  /** Events by minute of receipt, for the last hour. */
  readonly minutes: Map<number, number>
  total: number
}

/** Opens a watch. It keeps a few hundred numbers per venue. */
export function watchSilence(): Silence {
  const habits = new Map<string, Habit>()
  return {
    opened: (venue, at) => {
      const habit = habits.get(venue)
      if (habit) habit.opened = at
      else habits.set(venue, { opened: at, last: undefined, intervals: [], minutes: new Map(), total: 0 })
    },
    heard: (venue, at, events) => {
      const habit = habits.get(venue)
      if (habit && events > 0) hear(habit, at, events)
    },
    why: (venue, now) => {
      const habit = habits.get(venue)
      return habit && (byHabit(habit, now) ?? byOthers(venue, habit, habits, now))
    },
  }
}

function hear(habit: Habit, at: UnixMs, events: number): void {
  if (habit.last !== undefined && at > habit.last) habit.intervals.push(at - habit.last)
  if (habit.intervals.length > KEPT) habit.intervals.shift()
  habit.last = at
  habit.total += events
  const minute = Math.floor(at / MINUTE)
  habit.minutes.set(minute, (habit.minutes.get(minute) ?? 0) + events)
  for (const old of habit.minutes.keys()) if (old < minute - 60) habit.minutes.delete(old)
}

function byHabit(habit: Habit, now: UnixMs): string | undefined {
  if (habit.last === undefined || habit.intervals.length < HABIT) return undefined
  const quiet = now - Math.max(habit.last, habit.opened)
  const median = medianOf(habit.intervals)
  if (quiet < Math.max(PATIENCE, MEDIANS * median)) return undefined
  return `No liquidations in ${words(quiet)}; normal is ${perHour(median)}`
}

function byOthers(venue: string, habit: Habit, habits: ReadonlyMap<string, Habit>, now: UnixMs): string | undefined {
  const others = [...habits].filter(([id]) => id !== venue).map(([, other]) => other)
  const quiet = now - Math.max(habit.last ?? habit.opened, habit.opened)
  if (habit.last === undefined) {
    const speaking = others.filter(({ last }) => last !== undefined && last >= habit.opened)
    const events = speaking.reduce((sum, other) => sum + eventsSince(other, habit.opened), 0)
    if (quiet < NEVER.afterMs || speaking.length < NEVER.venues || events < NEVER.events) return undefined
    return `No liquidations since it was opened ${words(quiet)} ago; ${speaking.length} other venues reported ${events}`
  }
  if (quiet < BURST.withinMs || habit.intervals.length < HABIT) return undefined
  // A venue that is slow by habit may well sleep through a burst.
  if (medianOf(habit.intervals) > BURST.withinMs / 4) return undefined
  const bursting = others.filter((other) => eventsSince(other, now - BURST.withinMs) >= BURST.events)
  if (bursting.length < BURST.venues) return undefined
  return `No liquidations in ${words(quiet)} while ${bursting.length} other venues burst; normal is ${perHour(medianOf(habit.intervals))}` // biome-ignore format: one sentence
}

function eventsSince({ minutes }: Habit, since: number): number {
  let events = 0
  for (const [minute, count] of minutes) if (minute >= Math.floor(since / MINUTE)) events += count
  return events
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

function perHour(median: number): string {
  const perHour = HOUR / median
  return perHour < 120 ? `one every ${words(median)}` : `${Math.round(perHour / 60)} a minute`
}

function words(ms: number): string {
  if (ms >= HOUR) return `${Math.round(ms / HOUR)} h`
  return ms >= MINUTE ? `${Math.round(ms / MINUTE)} min` : `${Math.max(1, Math.round(ms / SECOND))} s`
}
