/** A series made ready to be drawn: even buckets, how much of each was heard, and an axis that spans what it must. */
import { formatUsd } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { DAY, HOUR, MINUTE } from '../../../lib/model/index.ts'

/** A point of the API's series. */
export type Point = Answers['/v1/totals/history']['data'][number]
/** A venue of the API's coverage. */
export type Heard = Answers['/v1/coverage']['data']['venues'][number]

/** One column of a chart. `heard`: part of venue-time heard, 0..1; `undefined` where the coverage is not known. */
export type Bucket = {
  readonly from: number
  readonly to: number
  readonly long: number
  readonly short: number
  readonly unknown: number
  readonly usd: number
  readonly events: number
  readonly unpriced: number
  readonly heard: number | undefined
}

/** The interval to ask for and the width of a column, ms, for a window of this length. */
export function stepsFor(length: number): { readonly interval: 'minute' | 'hour' | 'day'; readonly step: number } {
  if (length <= 90 * MINUTE) return { interval: 'minute', step: length <= 45 * MINUTE ? MINUTE : 2 * MINUTE }
  if (length <= 6 * HOUR) return { interval: 'minute', step: 5 * MINUTE }
  if (length <= 16 * HOUR) return { interval: 'minute', step: 15 * MINUTE }
  if (length <= 3 * DAY) return { interval: 'hour', step: HOUR }
  if (length <= 14 * DAY) return { interval: 'hour', step: 4 * HOUR }
  return { interval: 'day', step: DAY }
}

/** The points in even columns over `[from, to)`. A column without points is zero dollars; how much was heard says what that is worth. */
export function bucketsOf(
  points: readonly Point[],
  window: { readonly from: number; readonly to: number },
  step: number,
  heard: readonly Heard[] | undefined,
): readonly Bucket[] {
  const first = Math.floor(window.from / step) * step
  const count = Math.max(1, Math.ceil((window.to - first) / step))
  const sums = Array.from({ length: count }, () => ({ long: 0, short: 0, unknown: 0, usd: 0, events: 0, unpriced: 0 }))
  for (const point of points) {
    const sum = sums[Math.floor((point.time - first) / step)]
    if (!sum) continue
    sum.long += point.long.usd
    sum.short += point.short.usd
    sum.unknown += point.unknownSide.usd
    sum.usd += point.usd
    sum.events += point.events
    sum.unpriced += point.unpriced
  }
  return sums.map((sum, index) => {
    const from = Math.max(window.from, first + index * step)
    const to = Math.min(window.to, first + (index + 1) * step)
    return { ...sum, from, to, heard: heardShare(heard, from, to) }
  })
}

/** Part of venue-time heard between two instants: the mean over the venues that are listened to. */
export function heardShare(venues: readonly Heard[] | undefined, from: number, to: number): number | undefined {
  if (!venues || venues.length === 0 || to <= from) return undefined
  let deaf = 0
  for (const { gaps } of venues)
    for (const gap of gaps) deaf += Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from))
  return Math.max(0, 1 - deaf / (venues.length * (to - from)))
}

/** An axis from zero: where a value stands (0..1), and its ticks. */
export type Axis = {
  readonly log: boolean
  readonly place: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/** A linear axis; a logarithmic one where the values span more than three decades. */
export function axisOf(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0)
  const most = Math.max(1, ...positive)
  const least = Math.min(most, ...positive)
  if (most / least <= 1_000) {
    const step = niceStep(most / 2)
    const top = Math.max(step, Math.ceil(most / step) * step)
    const ticks = Array.from({ length: Math.round(top / step) }, (_, index) => tick((index + 1) * step))
    return { log: false, place: (value) => Math.max(0, value) / top, ticks }
  }
  const top = 10 ** Math.ceil(Math.log10(most))
  const bottom = 10 ** Math.floor(Math.log10(least) - 1e-9)
  const decades = Math.log10(top / bottom)
  const skip = Math.ceil(decades / 3)
  const ticks = Array.from({ length: Math.floor(decades / skip) }, (_, index) => tick(top / 10 ** (index * skip)))
  return {
    log: true,
    place: (value) => (value <= bottom ? 0 : Math.log10(value / bottom) / decades),
    ticks: ticks.reverse(),
  }
}

function tick(value: number) {
  return { value, label: shortUsd(value) }
}

/** Round dollars without the zeros that say nothing: `$10 M`, `$2.5 M`. */
export function shortUsd(usd: number): string {
  return formatUsd(usd)
    .replace(/\.0+(?=\s|$)/, '')
    .replace(/(\.\d*?)0+(?=\s)/, '$1')
}

function niceStep(about: number): number {
  const power = 10 ** Math.floor(Math.log10(about))
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= about * 0.75) ?? 10) * power
}

/** The instants to label on a time axis, at most about `most` of them, on round UTC times. */
export function timeTicks(
  from: number,
  to: number,
  most: number,
): readonly { readonly at: number; readonly label: string }[] {
  const steps = [1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1_440, 2_880, 10_080, 20_160, 43_200].map(
    (minutes) => minutes * MINUTE,
  )
  const step = steps.find((size) => (to - from) / size <= most) ?? DAY * 60
  const ticks: { at: number; label: string }[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const text = new Date(at).toISOString()
    ticks.push({ at, label: at % DAY === 0 ? text.slice(5, 10) : text.slice(11, 16) })
  }
  return ticks
}
