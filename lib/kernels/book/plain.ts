/** The book's plain twin: one sorted list per side, for tests and for reading. The kernel in `book.ts` must agree with it in everything. */
import { bookOptions, decodeSnapshot, encodeSnapshot } from './snapshot.ts'
import {
  ACCEPTED,
  type Book,
  type BookOptions,
  BUY,
  DUPLICATE,
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

type Resting = { readonly order: number; readonly owner: number; readonly side: number; tick: number; lots: number }

type Plain = {
  readonly options: Required<BookOptions>
  /** Bids and asks, each in priority order. */
  sides: [Resting[], Resting[]]
  fills: number[]
  outcome: number
  filled: number
  rested: number
}

/** Makes an empty plain book. Throws `bad-config` for options that no book can have. */
export function createPlainBook(given: BookOptions): Book {
  const options = bookOptions(given)
  const plain: Plain = { options, sides: [[], []], fills: [], outcome: ACCEPTED, filled: 0, rested: 0 }
  const both = () => [...plain.sides[BUY], ...plain.sides[SELL]]
  const find = (order: number) => both().find((resting) => resting.order === order)
  const sum = (list: readonly Resting[]) => list.reduce((lots, resting) => lots + resting.lots, 0)
  const sideOf = (side: number) => plain.sides[side === BUY ? BUY : SELL]
  const orders = () => both().flatMap(({ order, owner, side, tick, lots }) => [order, owner, side, tick, lots])
  return {
    place: (order, owner, side, tick, lots, how) =>
      settle(plain, refusal(plain, order, owner, side, tick, lots, how), { order, owner, side, tick, lots }, how),
    cancel(order) {
      const resting = find(order)
      if (resting) remove(plain, resting)
      return resting?.lots ?? 0
    },
    amend(order, tick, lots) {
      const resting = find(order)
      if (!resting) return settle(plain, UNKNOWN)
      if (!isTick(options, tick) || !isLots(lots)) return settle(plain, OUT_OF_RANGE)
      if (tick !== resting.tick || lots > resting.lots) {
        remove(plain, resting)
        return settle(plain, ACCEPTED, { ...resting, tick, lots }, LIMIT)
      }
      resting.lots = lots
      settle(plain, ACCEPTED)
      plain.rested = lots
      return 0
    },
    get fills() {
      return Int32Array.from(plain.fills)
    },
    get outcome() {
      return plain.outcome
    },
    get filled() {
      return plain.filled
    },
    get rested() {
      return plain.rested
    },
    get size() {
      return both().length
    },
    bestBid: () => plain.sides[BUY][0]?.tick ?? -1,
    bestAsk: () => plain.sides[SELL][0]?.tick ?? -1,
    lotsAt: (side, tick) => sum(sideOf(side).filter((resting) => resting.tick === tick)),
    depthTo: (side, tick) => sum(sideOf(side).filter((resting) => reaches(1 - side, tick, resting.tick))),
    lotsOf: (order) => find(order)?.lots ?? 0,
    ownerOf: (order) => find(order)?.owner ?? -1,
    sideOf: (order) => find(order)?.side ?? -1,
    tickOf: (order) => find(order)?.tick ?? -1,
    levels(side, max) {
      const byTick = new Map<number, number>()
      for (const { tick, lots } of sideOf(side)) byTick.set(tick, (byTick.get(tick) ?? 0) + lots)
      return [...byTick].slice(0, max).flat()
    },
    orders,
    snapshot: () => encodeSnapshot(options, orders()),
    restore(snapshot) {
      const words = decodeSnapshot(options, snapshot)
      plain.sides = [[], []]
      for (let at = 0; at < words.length; at += ORDER_WORDS) {
        const [order, owner, side, tick, lots] = words.subarray(at, at + ORDER_WORDS) as unknown as FiveNumbers
        add(plain, { order, owner, side, tick, lots })
      }
      settle(plain, ACCEPTED)
    },
  }
}

type FiveNumbers = [number, number, number, number, number]

function isLots(lots: number): boolean {
  return Number.isInteger(lots) && lots >= 1 && lots <= 0x7fffffff
}

function isTick({ minTick, maxTick }: BookOptions, tick: number): boolean {
  return Number.isInteger(tick) && tick >= minTick && tick <= maxTick
}

/** Whether an order of `side` at `tick` trades with, or as a depth counts, the other side's orders at `maker`. */
function reaches(side: number, tick: number, maker: number): boolean {
  return side === BUY ? maker <= tick : maker >= tick
}

function refusal(
  { options, sides }: Plain,
  order: number,
  owner: number,
  side: number,
  tick: number,
  lots: number,
  how: number,
): number {
  const known = Number.isInteger(order) && order >= 0 && order < options.orderNumbers
  const owned = Number.isInteger(owner) && owner >= 0 && owner <= 0x7fffffff
  const priced = how === MARKET || isTick(options, tick)
  if (!known || !owned || !priced || !isLots(lots)) return OUT_OF_RANGE
  if (![BUY, SELL].includes(side) || !Number.isInteger(how) || how < LIMIT || how > MARKET) return OUT_OF_RANGE
  const all = [...sides[BUY], ...sides[SELL]]
  if (all.some((resting) => resting.order === order)) return DUPLICATE
  if ((how === LIMIT || how === POST_ONLY) && all.length === options.capacity) return FULL
  const within = sides[side === BUY ? SELL : BUY].filter((maker) => reaches(side, tick, maker.tick))
  if (how === POST_ONLY && within.length > 0) return WOULD_TRADE
  if (how === FOK && within.reduce((sum, maker) => sum + maker.lots, 0) < lots) return KILLED
  return ACCEPTED
}

/** Sets the results of a call, after trading and resting the order if there is one and it is not refused. */
function settle(plain: Plain, outcome: number, taker?: Resting, how: number = LIMIT): number {
  plain.outcome = outcome
  plain.fills = []
  plain.filled = 0
  plain.rested = 0
  if (!taker || outcome !== ACCEPTED) return 0
  const makers = plain.sides[taker.side === BUY ? SELL : BUY]
  let left = taker.lots
  for (;;) {
    const maker = makers[0]
    if (!maker || left === 0 || (how !== MARKET && !reaches(taker.side, taker.tick, maker.tick))) break
    const lots = Math.min(left, maker.lots)
    left -= lots
    maker.lots -= lots
    plain.fills.push(maker.order, maker.owner, maker.tick, lots, maker.lots)
    if (maker.lots === 0) makers.shift()
  }
  plain.filled = taker.lots - left
  if (left > 0 && (how === LIMIT || how === POST_ONLY)) {
    add(plain, { ...taker, lots: left })
    plain.rested = left
  }
  return plain.fills.length / 5
}

function add(plain: Plain, resting: Resting): void {
  const list = plain.sides[resting.side === BUY ? BUY : SELL]
  const behind = list.findIndex(({ tick }) => (resting.side === BUY ? tick < resting.tick : tick > resting.tick))
  list.splice(behind < 0 ? list.length : behind, 0, resting)
}

function remove(plain: Plain, resting: Resting): void {
  const list = plain.sides[resting.side === BUY ? BUY : SELL]
  list.splice(list.indexOf(resting), 1)
}
