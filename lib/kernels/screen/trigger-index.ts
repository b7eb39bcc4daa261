/**
 * Who becomes liquidatable on a tick, without looking at the others: trigger prices per side in buckets of about one basis point, each a list
 * threaded through the positions' own records of 16 bytes. A tick costs what it crosses; a change costs a few links.
 */
import { assert } from '../../model/index.ts'
import type { Trigger } from './line.ts'

/** Trigger prices of positions by number, from 0 up to the capacity, at a mark price that moves. */
export type TriggerIndex = {
  readonly capacity: number
  /** The mark price of the last tick. */
  readonly mark: number
  /** Adds a position, or replaces it. True when it is a candidate at the present mark already: no tick will tell of it. */
  set(id: number, trigger: Trigger): boolean
  /** Takes a position out; one that is not there stays away. */
  remove(id: number): void
  /** Moves the mark; returns how many positions are candidates now and were none before. Their numbers stand in {@link hits}, unordered. */
  tick(mark: number): number
  /** Numbers found by the last tick; only the first so many that it returned. */
  readonly hits: Int32Array
}

/** 2^13 buckets to an octave of price: each 0.6 to 1.2 basis points wide. The bucket is read off a float64's upper word, no logarithm taken. */
const SHIFT = 7
const OCTAVES = 12
const BUCKETS = OCTAVES << (20 - SHIFT)
/** In place of a link: the list ends here. */
const NONE = -1
/** In place of the link back: not in a list. Other negative links back name the bucket whose list begins here, as −1 − bucket. */
const ABSENT = -0x80000000
/** Empty buckets that are looked through for the next price before their edge is taken for it. */
const LOOK = 64

const [UPPER, LOWER] = new Int32Array(new Float64Array([1]).buffer)[1] === 0 ? [0, 1] : [1, 0]
const scratch = new Float64Array(1)
const scratchWords = new Int32Array(scratch.buffer)

/**
 * One side, `sign` 1 for longs and −1 for shorts, so that `sign · price` falls from triggered to healthy. No price of the side lies strictly
 * between `healthy` and `triggered` (both as `sign · price`), so a mark within (healthy, triggered] changes nothing.
 */
type Half = { readonly sign: 1 | -1; readonly offset: number; healthy: number; triggered: number }

/** Memory of an index: per position next, previous and `sign · price` (4 + 4 + 8 bytes); per bucket its first position, longs' buckets first. */
type Lists = {
  readonly links: Int32Array
  readonly keys: Float64Array
  readonly heads: Int32Array
  readonly hits: Int32Array
  /** Upper word of the lowest bucket's lower edge, shifted. */
  readonly origin: number
}

/** An empty index around `mark`: buckets reach from 1/64 to 64 times of it; prices beyond share the outermost ones. */
export function triggerIndex(capacity: number, mark: number): TriggerIndex {
  assert(Number.isInteger(capacity) && capacity > 0, 'an index holds at least one position')
  assert(mark > 0 && mark < Number.POSITIVE_INFINITY, 'a price is above zero')
  const records = new ArrayBuffer(capacity * 16)
  const links = new Int32Array(records)
  const keys = new Float64Array(records)
  const hits = new Int32Array(capacity)
  const heads = new Int32Array(2 * BUCKETS).fill(NONE)
  for (let id = 0; id < capacity; id++) links[4 * id + 1] = ABSENT
  scratch[0] = mark / 2 ** (OCTAVES / 2)
  const lists: Lists = { links, keys, heads, hits, origin: (scratchWords[UPPER] as number) >>> SHIFT }
  const longs = half(1, 0)
  const shorts = half(-1, BUCKETS)
  let present = mark
  return {
    capacity,
    hits,
    get mark() {
      return present
    },
    set(id, { side, price }) {
      assert(Number.isInteger(id) && id >= 0 && id < capacity, 'a position number lies within the capacity')
      assert(price >= 0, 'a trigger price is at least zero')
      const at = side === 'long' ? longs : shorts
      const key = at.sign * price
      place(lists, id, key)
      if (key >= at.sign * present) {
        if (key < at.triggered) at.triggered = key
        return true
      }
      if (key > at.healthy) at.healthy = key
      return false
    },
    remove(id) {
      assert(Number.isInteger(id) && id >= 0 && id < capacity, 'a position number lies within the capacity')
      if (links[4 * id + 1] !== ABSENT) unlink(links, heads, id)
    },
    tick(mark) {
      assert(mark > 0 && mark < Number.POSITIVE_INFINITY, 'a price is above zero')
      let found = 0
      if (mark <= longs.healthy || mark > longs.triggered) found = cross(lists, longs, present, mark, found)
      if (-mark <= shorts.healthy || -mark > shorts.triggered) found = cross(lists, shorts, present, mark, found)
      present = mark
      return found
    },
  }
}

function half(sign: 1 | -1, offset: number): Half {
  return { sign, offset, healthy: Number.NEGATIVE_INFINITY, triggered: Number.POSITIVE_INFINITY }
}

/** Writes a key and puts its position at the head of its bucket, unless it stands in that bucket already. */
function place({ links, keys, heads, origin }: Lists, id: number, key: number): void {
  const old = links[4 * id + 2 + UPPER] as number
  keys[2 * id + 1] = key
  const head = headOf(links[4 * id + 2 + UPPER] as number, origin)
  if (links[4 * id + 1] !== ABSENT) {
    if (headOf(old, origin) === head) return
    unlink(links, heads, id)
  }
  const next = heads[head] as number
  links[4 * id] = next
  links[4 * id + 1] = -1 - head
  if (next !== NONE) links[4 * next + 1] = id
  heads[head] = id
}

/** Where the list of a key begins, by the upper word of the key: the sign tells the side, the rest the bucket. */
function headOf(upper: number, origin: number): number {
  const bucket = clamped(((upper & 0x7fffffff) >>> SHIFT) - origin)
  return upper < 0 ? bucket + BUCKETS : bucket
}

function unlink(links: Int32Array, heads: Int32Array, id: number): void {
  const next = links[4 * id] as number
  const previous = links[4 * id + 1] as number
  if (previous >= 0) links[4 * previous] = next
  else heads[-1 - previous] = next
  if (next !== NONE) links[4 * next + 1] = previous
  links[4 * id + 1] = ABSENT
}

function clamped(bucket: number): number {
  return bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket
}

function bucketOf(price: number, origin: number): number {
  scratch[0] = price
  return clamped(((scratchWords[UPPER] as number) >>> SHIFT) - origin)
}

/** Lower edge of a bucket; of the outermost ones that is −∞, and beyond the last +∞. */
function edge(bucket: number, origin: number): number {
  if (bucket <= 0) return Number.NEGATIVE_INFINITY
  if (bucket >= BUCKETS) return Number.POSITIVE_INFINITY
  scratchWords[UPPER] = (bucket + origin) << SHIFT
  scratchWords[LOWER] = 0
  return scratch[0] as number
}

/** Moves one side from `before` to `mark`: collects the positions between (towards the trigger only), and measures the gap around `mark` anew. */
function cross(lists: Lists, side: Half, before: number, mark: number, already: number): number {
  const { links, keys, heads, hits, origin } = lists
  const { sign, offset } = side
  const from = sign * before
  const to = sign * mark
  const last = bucketOf(mark, origin)
  let found = already
  let bucket = to < from ? bucketOf(Math.abs(Math.min(from, side.healthy)), origin) : last
  for (; bucket !== last; bucket -= sign) {
    for (let id = heads[offset + bucket] as number; id !== NONE; id = links[4 * id] as number) {
      if ((keys[2 * id + 1] as number) < from) hits[found++] = id
    }
  }
  let healthy = Number.NEGATIVE_INFINITY
  let triggered = Number.POSITIVE_INFINITY
  for (let id = heads[offset + last] as number; id !== NONE; id = links[4 * id] as number) {
    const key = keys[2 * id + 1] as number
    if (key < to) {
      if (key > healthy) healthy = key
    } else {
      if (key < triggered) triggered = key
      if (key < from) hits[found++] = id
    }
  }
  side.healthy = healthy > Number.NEGATIVE_INFINITY ? healthy : beyond(lists, side, last, -sign)
  side.triggered = triggered < Number.POSITIVE_INFINITY ? triggered : beyond(lists, side, last, sign)
  return found
}

/** `sign · price` of the edge behind which the next price lies, going from `bucket` by `step` over buckets that are empty. */
function beyond({ heads, origin }: Lists, { sign, offset }: Half, bucket: number, step: number): number {
  let at = bucket + step
  for (let looked = 0; looked < LOOK && at >= 0 && at < BUCKETS && heads[offset + at] === NONE; looked++) at += step
  return sign * edge(step > 0 ? at : at + 1, origin)
}
