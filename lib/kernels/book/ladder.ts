/** The ladder under the matching book: price levels at every tick, a three-level 32-ary bitmap of those that hold orders, order records. */
import { ACCEPTED, type BookOptions, FILL_WORDS } from './type.ts'

/** Words of an order record: order, owner, rung, lots, the next and previous order of its level, side, and one spare: 32 bytes. */
export const RECORD_WORDS = 8
/** Word of a record: the order number. */
export const ORDER = 0
/** Word of a record: the owner. */
export const OWNER = 1
/** Word of a record: the rung, tick − minTick. */
export const RUNG = 2
/** Word of a record: lots left. */
export const LOTS = 3
/** Word of a record: the next order of the level, 0 at its end. */
export const NEXT = 4
/** Word of a record: the previous order of the level, 0 at its head. */
export const PREVIOUS = 5
/** Word of a record: BUY or SELL. */
export const SIDE = 6

/**
 * State of a book. A rung is a tick less the ladder's least tick. Record 0 stands for "none", so that zeroed memory is an empty book. Bids
 * and asks share the ladder: a bid is always below every ask.
 */
export type Ladder = {
  readonly minTick: number
  readonly rungs: number
  readonly capacity: number
  readonly orderNumbers: number
  /** Four words per rung: first record, last record, and the bytes of {@link totals}. */
  readonly levels: Int32Array
  /** Lots of a rung at `2 * rung + 1`; the same memory as {@link levels}. */
  readonly totals: Float64Array
  /** A bit per rung with orders; a bit per word of the level below that is not zero. Each has one word more than needed. */
  readonly bits: Int32Array
  readonly bits32: Int32Array
  readonly bits1024: Int32Array
  /** Record of each order number, 0 when it is not in the book. */
  readonly recordOf: Int32Array
  readonly records: Int32Array
  /** The record freed last; freed records are linked by {@link NEXT}. */
  free: number
  /** The least record never used. */
  fresh: number
  size: number
  /** Best rungs: −1 without bids, `rungs` without asks. */
  bid: number
  ask: number
  /** Results of the last place or amend; `count` fills stand in `fills`. */
  fills: Int32Array
  count: number
  outcome: number
  filled: number
  rested: number
}

/** An empty ladder: one literal, so that every book has the same hidden class and no call site sees a second one. */
export function createLadder({ minTick, maxTick, capacity, orderNumbers }: Required<BookOptions>): Ladder {
  const rungs = maxTick - minTick + 1
  const memory = new ArrayBuffer(rungs * 16)
  const words = (count: number) => new Int32Array((count >>> 5) + 2)
  return {
    minTick,
    rungs,
    capacity,
    orderNumbers,
    levels: new Int32Array(memory),
    totals: new Float64Array(memory),
    bits: words(rungs),
    bits32: words(rungs >>> 5),
    bits1024: words(rungs >>> 10),
    recordOf: new Int32Array(orderNumbers),
    records: new Int32Array((capacity + 1) * RECORD_WORDS),
    free: 0,
    fresh: 1,
    size: 0,
    bid: -1,
    ask: rungs,
    fills: new Int32Array(64 * FILL_WORDS),
    count: 0,
    outcome: ACCEPTED,
    filled: 0,
    rested: 0,
  }
}

/** Empties the ladder. */
export function clearLadder(ladder: Ladder): void {
  for (const array of [ladder.levels, ladder.bits, ladder.bits32, ladder.bits1024, ladder.recordOf]) array.fill(0)
  ladder.free = 0
  ladder.fresh = 1
  ladder.size = 0
  ladder.bid = -1
  ladder.ask = ladder.rungs
}

/** Takes a record that is not in use. There must be one. */
export function takeRecord(ladder: Ladder): number {
  const record = ladder.free
  if (record === 0) return ladder.fresh++
  ladder.free = ladder.records[record * RECORD_WORDS + NEXT] as number
  return record
}

/** Gives the record of an order that is gone back. */
export function freeRecord(ladder: Ladder, record: number): void {
  const at = record * RECORD_WORDS
  ladder.recordOf[ladder.records[at + ORDER] as number] = 0
  ladder.records[at + NEXT] = ladder.free
  ladder.free = record
  ladder.size--
}

/** Puts an order's record at the back of its rung's queue; `rung`, `side` and `lots` are written to it. */
export function enqueue(ladder: Ladder, record: number, side: number, rung: number, lots: number): void {
  const { levels, records } = ladder
  const at = record * RECORD_WORDS
  const level = rung << 2
  const last = levels[level + 1] as number
  records[at + RUNG] = rung
  records[at + LOTS] = lots
  records[at + NEXT] = 0
  records[at + PREVIOUS] = last
  records[at + SIDE] = side
  levels[level + 1] = record
  const total = (rung << 1) + 1
  ladder.totals[total] = (ladder.totals[total] as number) + lots
  if (last !== 0) {
    records[last * RECORD_WORDS + NEXT] = record
    return
  }
  levels[level] = record
  mark(ladder, rung)
  if (side === 0) {
    if (rung > ladder.bid) ladder.bid = rung
  } else if (rung < ladder.ask) ladder.ask = rung
}

/** Takes a record out of its rung's queue. */
export function dequeue(ladder: Ladder, record: number): void {
  const { levels, records } = ladder
  const at = record * RECORD_WORDS
  const rung = records[at + RUNG] as number
  const next = records[at + NEXT] as number
  const previous = records[at + PREVIOUS] as number
  const level = rung << 2
  const total = (rung << 1) + 1
  ladder.totals[total] = (ladder.totals[total] as number) - (records[at + LOTS] as number)
  if (next !== 0) records[next * RECORD_WORDS + PREVIOUS] = previous
  else levels[level + 1] = previous
  if (previous !== 0) records[previous * RECORD_WORDS + NEXT] = next
  else {
    levels[level] = next
    if (next === 0) emptied(ladder, rung)
  }
}

/** Notes that a rung holds no orders any more. */
export function emptied(ladder: Ladder, rung: number): void {
  const { bits, bits32, bits1024 } = ladder
  const word = rung >>> 5
  const left = (bits[word] as number) & ~(1 << rung)
  bits[word] = left
  if (left === 0) {
    const word32 = rung >>> 10
    const left32 = (bits32[word32] as number) & ~(1 << word)
    bits32[word32] = left32
    if (left32 === 0) bits1024[rung >>> 15] = (bits1024[rung >>> 15] as number) & ~(1 << word32)
  }
  if (rung === ladder.ask) ladder.ask = rungAbove(ladder, rung)
  else if (rung === ladder.bid) ladder.bid = rungBelow(ladder, rung)
}

function mark(ladder: Ladder, rung: number): void {
  const { bits, bits32, bits1024 } = ladder
  const word = rung >>> 5
  const before = bits[word] as number
  bits[word] = before | (1 << rung)
  if (before !== 0) return
  const word32 = rung >>> 10
  const before32 = bits32[word32] as number
  bits32[word32] = before32 | (1 << word)
  if (before32 === 0) bits1024[rung >>> 15] = (bits1024[rung >>> 15] as number) | (1 << word32)
}

/** The least rung with orders above this one; the number of rungs when there is none. */
export function rungAbove(ladder: Ladder, rung: number): number {
  const { bits, bits32, bits1024 } = ladder
  let from = rung + 1
  let found = (bits[from >>> 5] as number) & (-1 << from)
  if (found !== 0) return (from & ~31) + lowest(found)
  from = (from >>> 5) + 1
  found = (bits32[from >>> 5] as number) & (-1 << from)
  if (found === 0) {
    from = (from >>> 5) + 1
    let word = from >>> 5
    if (word >= bits1024.length) return ladder.rungs
    found = (bits1024[word] as number) & (-1 << from)
    while (found === 0) {
      if (++word >= bits1024.length) return ladder.rungs
      found = bits1024[word] as number
    }
    from = (word << 5) + lowest(found)
    found = bits32[from] as number
    from <<= 5
  }
  const word = (from & ~31) + lowest(found)
  return (word << 5) + lowest(bits[word] as number)
}

/** The greatest rung with orders below this one; −1 when there is none. */
export function rungBelow(ladder: Ladder, rung: number): number {
  if (rung <= 0) return -1
  const { bits, bits32, bits1024 } = ladder
  let from = rung - 1
  let found = (bits[from >>> 5] as number) & (-1 >>> (31 - (from & 31)))
  if (found !== 0) return (from & ~31) + highest(found)
  from = (from >>> 5) - 1
  if (from < 0) return -1
  found = (bits32[from >>> 5] as number) & (-1 >>> (31 - (from & 31)))
  if (found === 0) {
    from = (from >>> 5) - 1
    if (from < 0) return -1
    let word = from >>> 5
    found = (bits1024[word] as number) & (-1 >>> (31 - (from & 31)))
    while (found === 0) {
      if (--word < 0) return -1
      found = bits1024[word] as number
    }
    from = (word << 5) + highest(found)
    found = bits32[from] as number
    from <<= 5
  }
  const word = (from & ~31) + highest(found)
  return (word << 5) + highest(bits[word] as number)
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

function highest(bits: number): number {
  return 31 - Math.clz32(bits)
}
