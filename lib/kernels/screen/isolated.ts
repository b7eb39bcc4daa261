/** The full scan: every isolated position of one contract against one price, 16 bytes each in two columns. */
import { assert } from '../../model/index.ts'
import type { SlackLine } from './line.ts'

/**
 * Positions of one contract by number, and which of them a price makes liquidatable. Numbers are whole, from 0 up to the capacity, chosen by
 * the caller. A hit is a candidate: its line lies a little too low (see `slackLine`), so the venue's own rule has the last word; none is missed.
 */
export type IsolatedScreen = {
  readonly capacity: number
  /** Adds a position, or replaces it. */
  set(id: number, line: SlackLine): void
  /** Takes a position out; one that is not there stays away. */
  remove(id: number): void
  /** Finds all with `base + slope · x < 0`; returns how many. Their numbers stand in {@link hits}, ascending. `x`: mark, or 1 / mark if inverse. */
  scan(x: number): number
  /** Numbers found by the last scan; only the first so many that it returned. */
  readonly hits: Int32Array
}

/** Columns of a screen, wherever their memory lies, and how they are scanned from 0 up to `count`. */
export type IsolatedColumns = {
  readonly base: Float64Array
  readonly slope: Float64Array
  readonly hits: Int32Array
  readonly scan: (x: number, count: number) => number
}

/** A screen in plain TypeScript. */
export function isolatedScreen(capacity: number): IsolatedScreen {
  assert(Number.isInteger(capacity) && capacity > 0, 'a screen holds at least one position')
  const base = new Float64Array(capacity)
  const slope = new Float64Array(capacity)
  const hits = new Int32Array(capacity)
  return screenOver({ base, slope, hits, scan: (x, count) => scanColumns(base, slope, hits, x, count) })
}

/** A screen over given columns. A place without a position has base 0 and slope 0: its slack is never below zero. */
export function screenOver({ base, slope, hits, scan }: IsolatedColumns): IsolatedScreen {
  const capacity = hits.length
  let count = 0
  return {
    capacity,
    hits,
    set(id, line) {
      assert(Number.isInteger(id) && id >= 0 && id < capacity, 'a position number lies within the capacity')
      assert(Number.isFinite(line.base) && Number.isFinite(line.slope), 'a slack line is finite')
      base[id] = line.base
      slope[id] = line.slope
      if (id >= count) count = id + 1
    },
    remove(id) {
      assert(Number.isInteger(id) && id >= 0 && id < capacity, 'a position number lies within the capacity')
      base[id] = 0
      slope[id] = 0
      while (count > 0 && base[count - 1] === 0 && slope[count - 1] === 0) count--
    },
    scan(x) {
      assert(x > 0 && x < Number.POSITIVE_INFINITY, 'a price is above zero')
      return scan(x, count)
    },
  }
}

/** The loop itself. Columns are arguments, and the search for the next block is a loop that writes nothing: each halves its time in V8. */
function scanColumns(base: Float64Array, slope: Float64Array, hits: Int32Array, x: number, count: number): number {
  const whole = count & ~7
  let found = 0
  for (let i = 0; i < whole; i += 8) {
    i = nextBlock(base, slope, x, i, whole)
    if (i < whole) found = scanBlock(base, slope, hits, x, i, i + 8, found)
  }
  return scanBlock(base, slope, hits, x, whole, count, found)
}

/** The first block of eight, from `from` on, in which a slack is below zero; `to` when there is none. */
function nextBlock(base: Float64Array, slope: Float64Array, x: number, from: number, to: number): number {
  for (let i = from; i < to; i += 8) {
    if (
      (base[i] as number) + x * (slope[i] as number) < 0 ||
      (base[i + 1] as number) + x * (slope[i + 1] as number) < 0 ||
      (base[i + 2] as number) + x * (slope[i + 2] as number) < 0 ||
      (base[i + 3] as number) + x * (slope[i + 3] as number) < 0 ||
      (base[i + 4] as number) + x * (slope[i + 4] as number) < 0 ||
      (base[i + 5] as number) + x * (slope[i + 5] as number) < 0 ||
      (base[i + 6] as number) + x * (slope[i + 6] as number) < 0 ||
      (base[i + 7] as number) + x * (slope[i + 7] as number) < 0
    )
      return i
  }
  return to
}

function scanBlock(
  base: Float64Array,
  slope: Float64Array,
  hits: Int32Array,
  x: number,
  from: number,
  to: number,
  already: number,
): number {
  let found = already
  for (let i = from; i < to; i++) {
    if ((base[i] as number) + x * (slope[i] as number) < 0) hits[found++] = i
  }
  return found
}
