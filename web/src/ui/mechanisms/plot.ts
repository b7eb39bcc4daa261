/** What the charts of the mechanisms share: their width, places on axes, and labels that do not touch. */
import { createSignal, onCleanup, onMount } from 'solid-js'

/** Room around a plot, px: at its foot the marks of the axis and its name. */
export const ROOM = { left: 64, right: 14, foot: 38 } as const

const MINUTE = 60
const DAY = 86_400
const TIMES = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * DAY),
]

/** Marks of a time axis at whole seconds, minutes, hours or days, at most `count` and one; `seconds` are in one of the axis. */
export function timeSteps(from: number, to: number, count: number, seconds: number): readonly number[] {
  const raw = ((to - from) * seconds) / count
  const step = TIMES.find((one) => one >= raw) ?? Math.ceil(raw / (364 * DAY)) * 364 * DAY
  const first = Math.ceil((from * seconds) / step)
  const last = Math.floor((to * seconds) / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ((first + index) * step) / seconds)
}

/** The width of an element, followed. `set` is its ref. */
export function createWidth(first = 700) {
  const [width, setWidth] = createSignal(first)
  let home: HTMLElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(220, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  return {
    width,
    set: (element: HTMLElement) => {
      home = element
    },
  }
}

/** A line through places. */
export function lineOf(places: readonly (readonly [x: number, y: number])[]): string {
  return places.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}

/** A label above or beside a plot. */
export type Label = {
  readonly text: string
  readonly look: string
  readonly at: number
  readonly place: number
  readonly lane: number
  readonly anchor: 'start' | 'middle' | 'end'
}

/** Gives labels along a line lanes of their own where they would touch; `room` is the line's ends. */
export function inLanes(
  labels: readonly { readonly text: string; readonly look: string; readonly at: number }[],
  room: readonly [from: number, to: number],
  lanes = 2,
): readonly Label[] {
  const taken: number[] = []
  return [...labels]
    .sort((a, b) => a.at - b.at)
    .map((label) => {
      const half = label.text.length * 3.1
      const anchor = label.at - half < room[0] ? 'start' : label.at + half > room[1] ? 'end' : 'middle'
      const begins = anchor === 'start' ? label.at : anchor === 'end' ? label.at - 2 * half : label.at - half
      const free = Array.from({ length: lanes }, (_, lane) => lane).find((lane) => (taken[lane] ?? -1e9) + 8 < begins)
      const lane = free ?? lanes - 1
      taken[lane] = Math.max(taken[lane] ?? 0, begins + 2 * half)
      return { ...label, place: label.at, lane, anchor }
    })
}

/** Moves labels on a vertical line apart so that each keeps `gap` px; order is kept. */
export function apart(places: readonly number[], gap: number, low: number, high: number): readonly number[] {
  const order = places.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at)
  let last = low - gap
  for (const one of order) {
    one.at = Math.max(one.at, last + gap)
    last = one.at
  }
  let next = high + gap
  for (const one of order.reverse()) {
    one.at = Math.min(one.at, next - gap)
    next = one.at
  }
  const moved = [...places]
  for (const { at, index } of order) moved[index] = at
  return moved
}

/** The value of a line at x: between its points, or of the last point before for steps; none outside. */
export function valueAt(
  { points, step }: { readonly points: readonly (readonly [number, number])[]; readonly step?: boolean | undefined },
  x: number,
): number | undefined {
  const next = points.findIndex(([at]) => at >= x)
  if (next < 0) return undefined
  const [b, q] = points[next] as readonly [number, number]
  if (b === x) return step ? (points.findLast(([at]) => at === x) as readonly [number, number])[1] : q
  const before = points[next - 1]
  if (!before) return undefined
  return step ? before[1] : before[1] + ((q - before[1]) * (x - before[0])) / (b - before[0])
}
