import { describe, expect, it } from 'vitest'
import { isBreakwaterError, type Prng, prng } from '../../model/index.ts'
import { createBook } from './book.ts'
import { createPlainBook } from './plain.ts'
import {
  ACCEPTED,
  type Book,
  type BookOptions,
  BUY,
  DUPLICATE,
  FILL_WORDS,
  FOK,
  FULL,
  IOC,
  KILLED,
  LIMIT,
  MARKET,
  OUT_OF_RANGE,
  POST_ONLY,
  SELL,
  UNKNOWN,
  WOULD_TRADE,
} from './type.ts'

const MESSAGES = 30_000
/** Narrow and crowded, wide and sparse, over more than 2^15 and 2^20 rungs, small capacity, ladder from 0. */
const BOOKS: readonly (BookOptions & { readonly spread: number; readonly cancels: number })[] = [
  { minTick: 1, maxTick: 12, capacity: 60, orderNumbers: 90, spread: 12, cancels: 0.3 },
  { minTick: 0, maxTick: 40, capacity: 8, spread: 20, cancels: 0.2 },
  { minTick: 1_000, maxTick: 140_000, capacity: 150, orderNumbers: 1_000, spread: 60_000, cancels: 0.35 },
  { minTick: 2_000_000_000, maxTick: 2_004_000_000, capacity: 120, spread: 3_000_000, cancels: 0.3 },
  { minTick: 5, maxTick: 5, capacity: 40, spread: 3, cancels: 0.2 },
]

type Message = { readonly cancels: boolean; send(book: Book): number }

/** What a message did and what the best ticks are then. */
function told(book: Book, { cancels, send }: Message): unknown {
  const answer = send(book)
  const { fills, outcome, filled, rested, size } = book
  return {
    answer,
    fills: cancels ? [] : Array.from(fills.subarray(0, answer * FILL_WORDS)),
    outcome,
    filled,
    rested,
    size,
    best: [book.bestBid(), book.bestAsk()],
  }
}

function whole(book: Book, options: BookOptions, dice: Prng): unknown {
  const ticks = Array.from({ length: 8 }, () => options.minTick + dice.int(options.maxTick - options.minTick + 1))
  const numbers = Array.from({ length: 8 }, () => dice.int(options.orderNumbers ?? options.capacity))
  return {
    orders: book.orders(),
    levels: [BUY, SELL].map((side) => [book.levels(side, 3), book.levels(side, 1_000)]),
    lots: ticks.map((tick) => [BUY, SELL].map((side) => [book.lotsAt(side, tick), book.depthTo(side, tick)])),
    of: numbers.map((order) => [book.lotsOf(order), book.ownerOf(order), book.sideOf(order), book.tickOf(order)]),
    snapshot: Array.from(book.snapshot()),
  }
}

/** A random message, some of them absurd. */
function message(options: (typeof BOOKS)[number], dice: Prng): Message {
  const numbers = options.orderNumbers ?? options.capacity
  const order = dice.next() < 0.002 ? dice.pick([-1, 0.5, Number.NaN, numbers, 2 ** 32]) : dice.int(numbers)
  const middle = (options.minTick + options.maxTick) / 2
  const near = Math.round(middle + (dice.next() + dice.next() - 1) * options.spread)
  const tick = dice.next() < 0.002 ? dice.pick([-1, 1.5, Number.NaN, 2 ** 31, options.maxTick + 1]) : near
  const large = dice.next() < 0.02
  const lots =
    dice.next() < 0.002 ? dice.pick([0, -3, 0.5, Number.NaN, 2 ** 31]) : 1 + dice.int(large ? 2 ** 31 - 1 : 40)
  const draw = dice.next()
  if (draw < options.cancels) return { cancels: true, send: (book) => book.cancel(order) }
  if (draw < options.cancels + 0.15) return { cancels: false, send: (book) => book.amend(order, tick, lots) }
  if (draw < options.cancels + 0.2) {
    const same = Math.max(1, lots & 7)
    return { cancels: false, send: (book) => book.amend(order, book.tickOf(order), same) }
  }
  const owner = dice.next() < 0.002 ? dice.pick([-1, 0.1, 2 ** 31]) : dice.int(5)
  const side = dice.next() < 0.001 ? 2 : dice.int(2)
  const how = dice.next() < 0.001 ? 5 : dice.pick([LIMIT, LIMIT, LIMIT, LIMIT, IOC, FOK, POST_ONLY, MARKET])
  return { cancels: false, send: (book) => book.place(order, owner, side, tick, lots, how) }
}

describe('the matching book', () => {
  it.each(BOOKS)('does what its plain twin does, interrupted or not: ticks $minTick to $maxTick', (options) => {
    const dice = prng(`book ${options.maxTick}`)
    const plain = createPlainBook(options)
    const seen = new Map<number, number>()
    let book = createBook(options)
    let fills = 0
    for (let count = 0; count < MESSAGES; count++) {
      const sent = message(options, dice)
      const [expected, got] = [told(plain, sent), told(book, sent)]
      if (JSON.stringify(got) !== JSON.stringify(expected)) expect({ count, got }).toEqual({ count, got: expected })
      if (book.filled > 0) fills++
      seen.set(book.outcome, (seen.get(book.outcome) ?? 0) + 1)
      if (count % 250 !== 0) continue
      const draw = dice.next()
      expect(whole(book, options, prng(draw))).toEqual(whole(plain, options, prng(draw)))
      if (draw < 0.5) continue
      const resumed = draw < 0.75 ? createBook(options) : book
      const snapshot = book.snapshot()
      if (resumed === book) book.place(0, 0, BUY, options.minTick, 1, LIMIT)
      resumed.restore(snapshot)
      plain.restore(snapshot)
      expect(Array.from(resumed.snapshot())).toEqual(Array.from(snapshot))
      book = resumed
    }
    expect(fills).toBeGreaterThan(MESSAGES / 50)
    for (const outcome of [ACCEPTED, WOULD_TRADE, KILLED, DUPLICATE, OUT_OF_RANGE, UNKNOWN])
      expect(seen.get(outcome), String(outcome)).toBeGreaterThan(0)
  })

  it('refuses what might rest when it is full, and takes it when there is room again', () => {
    for (const book of [createBook, createPlainBook].map((create) =>
      create({ minTick: 1, maxTick: 9, capacity: 2, orderNumbers: 10 }),
    )) {
      book.place(0, 0, SELL, 5, 3, LIMIT)
      book.place(1, 0, SELL, 6, 3, LIMIT)
      expect([book.place(2, 1, BUY, 5, 1, LIMIT), book.outcome, book.size]).toEqual([0, FULL, 2])
      expect([book.place(2, 1, BUY, 5, 3, IOC), book.outcome, book.size]).toEqual([1, ACCEPTED, 1])
      expect([book.place(2, 1, BUY, 4, 3, POST_ONLY), book.outcome, book.rested]).toEqual([0, ACCEPTED, 3])
    }
  })

  it('keeps the place in the queue for fewer lots only', () => {
    for (const book of [createBook, createPlainBook].map((create) => create({ minTick: 1, maxTick: 9, capacity: 9 }))) {
      for (const order of [1, 2, 3]) book.place(order, 7, BUY, 5, 10, LIMIT)
      book.amend(1, 5, 4)
      book.amend(2, 5, 11)
      expect(book.place(4, 8, SELL, 5, 20, LIMIT)).toBe(3)
      expect(Array.from(book.fills.subarray(0, 15))).toEqual([1, 7, 5, 4, 0, 3, 7, 5, 10, 0, 2, 7, 5, 6, 5])
    }
  })

  it('grows its fills when one order meets thousands', () => {
    const book = createBook({ minTick: 1, maxTick: 9, capacity: 5_000 })
    for (let order = 0; order < 5_000; order++) book.place(order, order, SELL, 5, 2 ** 31 - 1, LIMIT)
    expect(book.lotsAt(SELL, 5)).toBe(5_000 * (2 ** 31 - 1))
    for (let order = 0; order < 5_000; order++) book.amend(order, 5, 1)
    expect(book.place(0, 0, BUY, 9, 5_000, FOK)).toBe(0)
    expect(book.outcome).toBe(DUPLICATE)
    book.cancel(0)
    expect([book.place(0, 0, BUY, 9, 5_000, FOK), book.outcome]).toEqual([0, KILLED])
    expect(book.place(0, 0, BUY, 9, 4_999, FOK)).toBe(4_999)
    expect(book.fills[4_998 * FILL_WORDS]).toBe(4_999)
  })

  it('names the option or the bytes that no book can have, and stays as it was', () => {
    const thrown = (run: () => unknown) => {
      try {
        run()
      } catch (error) {
        return isBreakwaterError(error) ? [error.code, ...Object.keys(error.values).slice(0, 1)] : error
      }
      return 'nothing'
    }
    for (const create of [createBook, createPlainBook]) {
      expect(thrown(() => create({ minTick: 1, maxTick: 2 ** 22 + 1, capacity: 1 }))).toEqual(['bad-config', 'maxTick'])
      expect(thrown(() => create({ minTick: -1, maxTick: 5, capacity: 1 }))).toEqual(['bad-config', 'minTick'])
      expect(thrown(() => create({ minTick: 1, maxTick: 5, capacity: 0 }))).toEqual(['bad-config', 'capacity'])
      const book = create({ minTick: 1, maxTick: 9, capacity: 9 })
      book.place(1, 0, BUY, 4, 2, LIMIT)
      book.place(2, 0, SELL, 5, 2, LIMIT)
      const sound = book.snapshot()
      const word = (at: number, value: number) => {
        const bytes = sound.slice()
        new DataView(bytes.buffer).setInt32(at * 4, value, true)
        return bytes
      }
      const bad = [sound.subarray(0, 20), sound.subarray(0, 60), word(0, 1), word(2, 8), word(5, 3)]
      // Order number out of range and twice, no such side, crossed, off the ladder, no lots.
      bad.push(word(6, 9), word(6, 2), word(8, 2), word(9, 5), word(14, 10), word(10, 0))
      for (const bytes of bad) expect((thrown(() => book.restore(bytes)) as string[])[0]).toBe('bad-file')
      expect(book.snapshot()).toEqual(sound)
      book.restore(sound)
      expect(book.orders()).toEqual([1, 0, BUY, 4, 2, 2, 0, SELL, 5, 2])
    }
  })
})
