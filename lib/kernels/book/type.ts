/** What a matching book is: one instrument, price-time priority, whole ticks and whole lots, order numbers chosen by the caller. */

/** Side of an order. */
export const BUY = 0
/** Side of an order. */
export const SELL = 1

/** How an order behaves: rest what does not trade. */
export const LIMIT = 0
/** Trade at the limit or better at once, cancel the rest. */
export const IOC = 1
/** Trade wholly at the limit or better at once, or not at all. */
export const FOK = 2
/** Rest without trading, or be refused. */
export const POST_ONLY = 3
/** Trade at any price at once, cancel the rest. */
export const MARKET = 4

/** What became of an order: taken (see `filled` and `rested`). */
export const ACCEPTED = 0
/** A post-only order would have traded. */
export const WOULD_TRADE = 1
/** A fill-or-kill order could not be filled wholly. */
export const KILLED = 2
/** The order number is in the book already. */
export const DUPLICATE = 3
/** The book holds as many orders as it can: nothing that might rest is taken, whether it would trade or not. */
export const FULL = 4
/** Order number, owner, tick or lots outside of what the book can hold, or no such side or way to behave. */
export const OUT_OF_RANGE = 5
/** No such order. */
export const UNKNOWN = 6

/** Integers per fill record in `fills`: maker's order number, maker's owner, tick, lots, lots left of the maker's order. */
export const FILL_WORDS = 5

/** Integers per order in `orders()`: order, owner, side, tick, lots. */
export const ORDER_WORDS = 5

/**
 * A book. Prices are ticks, sizes are lots: 32-bit integers, ticks from 0 and lots from 1. `order` numbers are integers in
 * [0, orderNumbers), free for re-use once the order is gone; `owner` is any 32-bit integer ≥ 0. Everything is synchronous; results stand in
 * the fields until the next place or amend. What is refused leaves the book as it was, with no fills, `filled` 0 and `rested` 0.
 */
export type Book = {
  /**
   * Places an order; returns how many fills stand in {@link fills}. Taker fills happen at the makers' ticks, oldest order first. A market
   * order's `tick` means nothing. Checks in this order: OUT_OF_RANGE, DUPLICATE, FULL, WOULD_TRADE, KILLED.
   */
  place(order: number, owner: number, side: number, tick: number, lots: number, how: number): number
  /** Takes an order out; returns the lots that were resting, 0 when there is no such order. */
  cancel(order: number): number
  /**
   * Changes price or size; `lots` is what is to be left of it. No more lots than now at the same tick keep the place in the queue; anything
   * else goes to the back and may trade, as a limit order would. Returns fills. UNKNOWN comes before OUT_OF_RANGE.
   */
  amend(order: number, tick: number, lots: number): number
  /** Fill records of the last place or amend, {@link FILL_WORDS} integers each. The array is replaced when it must grow: read it anew after each call. */
  readonly fills: Int32Array
  /** What became of the last placed or amended order. */
  readonly outcome: number
  /** Lots traded and lots resting of the last placed or amended order. */
  readonly filled: number
  readonly rested: number
  /** How many orders rest. */
  readonly size: number
  /** Best ticks, −1 when the side is empty. */
  bestBid(): number
  bestAsk(): number
  /** Lots resting on a side at a tick. */
  lotsAt(side: number, tick: number): number
  /** Lots on a side at `tick` or better. */
  depthTo(side: number, tick: number): number
  /** Lots left of an order, 0 when it is not in the book. */
  lotsOf(order: number): number
  /** Owner, side and tick of a resting order, −1 when it is not in the book. */
  ownerOf(order: number): number
  sideOf(order: number): number
  tickOf(order: number): number
  /** Up to `max` levels from the best: tick and lots alternating. */
  levels(side: number, max: number): number[]
  /** Every resting order in priority order, bids before asks: {@link ORDER_WORDS} integers each. */
  orders(): number[]
  /** The whole state, to be put back by {@link restore} into a book of the same options: what follows is the same as had it not been interrupted. */
  snapshot(): Uint8Array
  /** Puts a snapshot's orders in place of those here. Throws `bad-file` on bytes that are no snapshot of a book of these options, and changes nothing. */
  restore(snapshot: Uint8Array): void
}

/**
 * `minTick` and `maxTick` bound the ladder (inclusive, at most {@link MAX_LADDER} ticks); `capacity` bounds the orders resting at once;
 * `orderNumbers` bounds the order numbers (the same as `capacity` unless given).
 */
export type BookOptions = {
  readonly minTick: number
  readonly maxTick: number
  readonly capacity: number
  readonly orderNumbers?: number | undefined
}

/** Ticks a ladder may span: 16 bytes each. A wider market needs a coarser tick. */
export const MAX_LADDER = 1 << 22
/** Orders that may rest at once, 32 bytes each. */
export const MAX_CAPACITY = 1 << 24
/** Order numbers, 4 bytes each. */
export const MAX_ORDER_NUMBERS = 1 << 26
