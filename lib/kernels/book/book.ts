/** The matching book: price-time priority over a dense ladder of ticks. No call allocates, save where a list is asked for or fills must grow. */
import {
  clearLadder,
  createLadder,
  dequeue,
  emptied,
  enqueue,
  freeRecord,
  type Ladder,
  LOTS,
  NEXT,
  ORDER,
  OWNER,
  PREVIOUS,
  RECORD_WORDS,
  RUNG,
  rungAbove,
  rungBelow,
  SIDE,
  takeRecord,
} from './ladder.ts'
import { bookOptions, decodeSnapshot, encodeSnapshot } from './snapshot.ts'
import {
  ACCEPTED,
  type Book,
  type BookOptions,
  BUY,
  DUPLICATE,
  FILL_WORDS,
  FOK,
  FULL,
  KILLED,
  LIMIT,
  MARKET,
  ORDER_WORDS,
  OUT_OF_RANGE,
  POST_ONLY,
  SELL,
  UNKNOWN,
  WOULD_TRADE,
} from './type.ts'

/** Makes an empty book. Throws `bad-config` for a ladder that is too long or a capacity that is too large. */
export function createBook(given: BookOptions): Book {
  const options = bookOptions(given)
  const book = createLadder(options)
  const { minTick } = options
  const word = (order: number, at: number, none: number) => {
    const record = recordFor(book, order)
    return record === 0 ? none : (book.records[record * RECORD_WORDS + at] as number)
  }
  return {
    place: (order, owner, side, tick, lots, how) => place(book, order, owner, side, tick, lots, how),
    cancel(order) {
      const record = recordFor(book, order)
      if (record === 0) return 0
      dequeue(book, record)
      freeRecord(book, record)
      return book.records[record * RECORD_WORDS + LOTS] as number
    },
    amend: (order, tick, lots) => amend(book, order, tick, lots),
    get fills() {
      return book.fills
    },
    get outcome() {
      return book.outcome
    },
    get filled() {
      return book.filled
    },
    get rested() {
      return book.rested
    },
    get size() {
      return book.size
    },
    bestBid: () => (book.bid < 0 ? -1 : book.bid + minTick),
    bestAsk: () => (book.ask === book.rungs ? -1 : book.ask + minTick),
    lotsAt: (side, tick) => lotsAt(book, side, tick),
    depthTo: (side, tick) => depthTo(book, side, tick),
    lotsOf: (order) => word(order, LOTS, 0),
    ownerOf: (order) => word(order, OWNER, -1),
    sideOf: (order) => word(order, SIDE, -1),
    tickOf: (order) => word(order, RUNG, -1 - minTick) + minTick,
    levels: (side, max) => levels(book, side, max),
    orders: () => orders(book),
    snapshot: () => encodeSnapshot(options, orders(book)),
    restore: (snapshot) => restore(book, decodeSnapshot(options, snapshot)),
  }
}

function recordFor(book: Ladder, order: number): number {
  if ((order | 0) !== order || order < 0 || order >= book.orderNumbers) return 0
  return book.recordOf[order] as number
}

function place(
  book: Ladder,
  order: number,
  owner: number,
  side: number,
  tick: number,
  lots: number,
  how: number,
): number {
  book.count = 0
  book.filled = 0
  book.rested = 0
  let rung = (tick - book.minTick) | 0
  const outcome = refusal(book, order, owner, side, tick, lots, how)
  book.outcome = outcome
  if (outcome !== ACCEPTED) return 0
  if (how === MARKET) rung = side === BUY ? book.rungs - 1 : 0
  else if (how === FOK && !covers(book, side, rung, lots)) {
    book.outcome = KILLED
    return 0
  }
  let left = lots
  if (side === BUY ? rung >= book.ask : rung <= book.bid) {
    if (how === POST_ONLY) {
      book.outcome = WOULD_TRADE
      return 0
    }
    left = match(book, side, rung, lots)
    book.filled = lots - left
  }
  if (left > 0 && (how === LIMIT || how === POST_ONLY)) {
    const record = takeRecord(book)
    const at = record * RECORD_WORDS
    book.records[at + ORDER] = order
    book.records[at + OWNER] = owner
    book.recordOf[order] = record
    book.size++
    enqueue(book, record, side, rung, left)
    book.rested = left
  }
  return book.count
}

function refusal(
  book: Ladder,
  order: number,
  owner: number,
  side: number,
  tick: number,
  lots: number,
  how: number,
): number {
  if ((order | 0) !== order || order < 0 || order >= book.orderNumbers) return OUT_OF_RANGE
  if ((owner | 0) !== owner || owner < 0 || (lots | 0) !== lots || lots < 1) return OUT_OF_RANGE
  if ((side !== BUY && side !== SELL) || (how | 0) !== how || how < LIMIT || how > MARKET) return OUT_OF_RANGE
  if (how !== MARKET && !onLadder(book, tick)) return OUT_OF_RANGE
  if (book.recordOf[order] !== 0) return DUPLICATE
  if (book.size === book.capacity && (how === LIMIT || how === POST_ONLY)) return FULL
  return ACCEPTED
}

function onLadder(book: Ladder, tick: number): boolean {
  const rung = tick - book.minTick
  return (rung | 0) === rung && rung >= 0 && rung < book.rungs
}

/** Whether the other side holds at least so many lots at `rung` or better. */
function covers(book: Ladder, side: number, rung: number, lots: number): boolean {
  let held = 0
  if (side === BUY) {
    for (let at = book.ask; at <= rung && held < lots; at = rungAbove(book, at)) held += total(book, at)
  } else {
    for (let at = book.bid; at >= rung && held < lots; at = rungBelow(book, at)) held += total(book, at)
  }
  return held >= lots
}

function total(book: Ladder, rung: number): number {
  return book.totals[(rung << 1) + 1] as number
}

/** Trades against the other side up to `rung`, best rung and oldest order first; returns the lots left. */
function match(book: Ladder, side: number, rung: number, lots: number): number {
  const { levels: ladder, records, totals, minTick } = book
  let left = lots
  while (left > 0) {
    const best = side === BUY ? book.ask : book.bid
    if (side === BUY ? best > rung : best < rung) break
    const level = best << 2
    const before = left
    let maker = ladder[level] as number
    while (maker !== 0) {
      const at = maker * RECORD_WORDS
      const held = records[at + LOTS] as number
      const traded = held < left ? held : left
      left -= traded
      note(book, records[at + ORDER] as number, records[at + OWNER] as number, best + minTick, traded, held - traded)
      if (traded < held) {
        records[at + LOTS] = held - traded
        break
      }
      const next = records[at + NEXT] as number
      freeRecord(book, maker)
      maker = next
      if (left === 0) break
    }
    totals[(best << 1) + 1] = (totals[(best << 1) + 1] as number) - (before - left)
    ladder[level] = maker
    if (maker !== 0) records[maker * RECORD_WORDS + PREVIOUS] = 0
    else {
      ladder[level + 1] = 0
      emptied(book, best)
    }
  }
  return left
}

function note(book: Ladder, order: number, owner: number, tick: number, lots: number, left: number): void {
  let fills = book.fills
  const at = book.count * FILL_WORDS
  if (at === fills.length) {
    fills = new Int32Array(at * 2)
    fills.set(book.fills)
    book.fills = fills
  }
  fills[at] = order
  fills[at + 1] = owner
  fills[at + 2] = tick
  fills[at + 3] = lots
  fills[at + 4] = left
  book.count++
}

function amend(book: Ladder, order: number, tick: number, lots: number): number {
  book.count = 0
  book.filled = 0
  book.rested = 0
  const record = recordFor(book, order)
  book.outcome =
    record === 0 ? UNKNOWN : onLadder(book, tick) && (lots | 0) === lots && lots >= 1 ? ACCEPTED : OUT_OF_RANGE
  if (book.outcome !== ACCEPTED) return 0
  const { records } = book
  const at = record * RECORD_WORDS
  const rung = tick - book.minTick
  const held = records[at + LOTS] as number
  book.rested = lots
  if (rung === records[at + RUNG] && lots <= held) {
    records[at + LOTS] = lots
    book.totals[(rung << 1) + 1] = total(book, rung) - (held - lots)
    return 0
  }
  const side = records[at + SIDE] as number
  dequeue(book, record)
  let left = lots
  if (side === BUY ? rung >= book.ask : rung <= book.bid) {
    left = match(book, side, rung, lots)
    book.filled = lots - left
    book.rested = left
  }
  if (left === 0) freeRecord(book, record)
  else enqueue(book, record, side, rung, left)
  return book.count
}

function lotsAt(book: Ladder, side: number, tick: number): number {
  if (!onLadder(book, tick)) return 0
  const rung = tick - book.minTick
  return (side === BUY ? rung <= book.bid : rung >= book.ask) ? total(book, rung) : 0
}

function depthTo(book: Ladder, side: number, tick: number): number {
  const rung = tick - book.minTick
  let lots = 0
  if (side === BUY) {
    for (let at = book.bid; at >= 0 && at >= rung; at = rungBelow(book, at)) lots += total(book, at)
  } else {
    for (let at = book.ask; at < book.rungs && at <= rung; at = rungAbove(book, at)) lots += total(book, at)
  }
  return lots
}

function levels(book: Ladder, side: number, max: number): number[] {
  const list: number[] = []
  let rung = side === BUY ? book.bid : book.ask
  while (rung >= 0 && rung < book.rungs && list.length < 2 * max) {
    list.push(rung + book.minTick, total(book, rung))
    rung = side === BUY ? rungBelow(book, rung) : rungAbove(book, rung)
  }
  return list
}

function orders(book: Ladder): number[] {
  const list: number[] = []
  const { records } = book
  for (const side of [BUY, SELL]) {
    const ticks = levels(book, side, book.rungs)
    for (let index = 0; index < ticks.length; index += 2) {
      const tick = ticks[index] as number
      let record = book.levels[(tick - book.minTick) << 2] as number
      while (record !== 0) {
        const at = record * RECORD_WORDS
        list.push(
          records[at + ORDER] as number,
          records[at + OWNER] as number,
          side,
          tick,
          records[at + LOTS] as number,
        )
        record = records[at + NEXT] as number
      }
    }
  }
  return list
}

function restore(book: Ladder, words: Int32Array): void {
  clearLadder(book)
  for (let at = 0; at < words.length; at += ORDER_WORDS) {
    const [order, owner, side, tick, lots] = words.subarray(at, at + ORDER_WORDS) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ]
    place(book, order, owner, side, tick, lots, LIMIT)
  }
  book.count = 0
  book.outcome = ACCEPTED
  book.filled = 0
  book.rested = 0
}
