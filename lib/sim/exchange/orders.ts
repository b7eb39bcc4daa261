/** Orders: placed after their margin is checked, matched, cancelled; every fill is booked on both sides to the last atom. */
import {
  ACCEPTED,
  BUY,
  FILL_WORDS,
  FOK,
  IOC,
  KILLED,
  LIMIT,
  MARKET,
  POST_ONLY,
  SELL,
  WOULD_TRADE,
} from '../../kernels/index.ts'
import { feeAtoms, initialCeil, largestNotional } from '../../mechanisms/index.ts'
import { record, TRADE } from './events.ts'
import {
  BASIS,
  BUY_LOTS,
  BUY_WORTH,
  FEES,
  FIRST_ACCOUNT,
  GENERATION,
  LEVERAGE,
  LINK,
  MAX_LOTS,
  ORDER_FLAGS,
  REDUCE_LOTS,
  REDUCE_ONLY,
  SELL_LOTS,
  SELL_WORTH,
  SIZE,
  SLOT,
  SLOT_INTS,
  WALLET,
} from './layout.ts'
import { accountOf, bookLots, isIsolated, isolatedReserve, syncReserve, unreserved } from './ledger.ts'
import { exposure, type GroupMargin, groupMargin, notionalOf, unrealised } from './margin.ts'
import { LAST_TICK, MARK, type Market, orderWorthPerLot, worthOfFill } from './market.ts'
import { count, link, takeOut, trimReduceOnly, unlink } from './open-orders.ts'
import {
  BAD_KIND,
  BAD_PRICE,
  BAD_SIZE,
  BOOK_FULL,
  CROSSES,
  NO_ACCOUNT,
  NO_MARGIN,
  NO_MARK,
  NO_ORDER,
  NOTHING_TO_REDUCE,
  refuse,
  UNFILLABLE,
} from './refusals.ts'
import { credit, type State } from './state.ts'

/** A market order trades at most this part away from the mark. */
export const MARKET_BAND = 0.05

const scratch: GroupMargin = { equity: 0, maintenance: 0, initial: 0 }

/** The slot of an account's position; `leg` 1 is the short one of hedge mode. */
export function slotOf(state: State, account: number, leg: number): number {
  return account * state.legs + (state.legs === 2 ? leg : 0)
}

/** A handle of an order: its number and how often that number was used, so that an old handle names nothing. */
function handleOf(market: Market, order: number): number {
  return (market.links[order * LINK + GENERATION] as number) * market.capacity + order
}

/** The order's number of a handle that rests and belongs to the account; −1 otherwise. */
export function orderOf(state: State, market: Market, account: number, handle: number): number {
  if (!(handle >= 0)) return -1
  // No remainder of floats: it costs more than the rest of a cancel.
  const generation = Math.floor(handle / market.capacity)
  const order = handle - generation * market.capacity
  if (generation !== market.links[order * LINK + GENERATION]) return -1
  const slot = market.book.ownerOf(order)
  return slot >= 0 && accountOf(state, slot) === account ? order : -1
}

/**
 * Places an order: returns its handle (also when it is gone at once: `market.book.rested` tells), or −1 with the refusal noted and nothing changed.
 * Self-trades are trades: both sides are booked, both fees are paid.
 */
export function placeOrder(
  state: State,
  market: Market,
  account: number,
  side: number,
  how: number,
  tick: number,
  lots: number,
  reduceOnly: boolean,
  leg: number,
): number {
  if (!(account >= FIRST_ACCOUNT && account < state.accounts))
    return refuse(state, NO_ACCOUNT, account, state.accounts - 1)
  if (side !== BUY && side !== SELL) return refuse(state, BAD_KIND, side, SELL)
  if (how !== LIMIT && how !== IOC && how !== FOK && how !== POST_ONLY && how !== MARKET)
    return refuse(state, BAD_KIND, how, MARKET)
  if (!(Number.isInteger(lots) && lots >= 1 && lots <= market.maxLots))
    return refuse(state, BAD_SIZE, lots, market.maxLots)
  const mark = market.now[MARK] as number
  if (mark === 0) return refuse(state, NO_MARK, 0, 0)
  const limit = how === MARKET ? bandTick(market, side, mark) : tick
  if (!(Number.isInteger(limit) && limit >= market.minTick && limit <= market.maxTick))
    return refuse(state, BAD_PRICE, tick, market.maxTick)
  const slot = slotOf(state, account, leg)
  const closing = closesWith(market, slot, side)
  const only = reduceOnly || (state.legs === 2 && closingLeg(side, leg))
  let taken = lots
  if (only) {
    taken = Math.min(lots, reducible(market, slot, side))
    if (taken <= 0) return refuse(state, NOTHING_TO_REDUCE, lots, 0)
  } else if (!fitsMargin(state, market, slot, side, limit, lots))
    return refuse(state, NO_MARGIN, scratch.equity, scratch.initial)
  if ((market.freeCount[0] as number) === 0) return refuse(state, BOOK_FULL, market.capacity, market.capacity)
  if (!only && closing) trimReduceOnly(state, market, slot, lots)
  return send(state, market, slot, side, how === MARKET ? IOC : how, limit, taken, only)
}

/** In hedge mode a sell on the long leg and a buy on the short one only reduce. */
function closingLeg(side: number, leg: number): boolean {
  return leg === 0 ? side === SELL : side === BUY
}

/** The farthest tick that a market order of a side trades at. */
export function bandTick(market: Market, side: number, mark: number): number {
  const tick = mark / market.steps
  return side === BUY
    ? Math.min(market.maxTick, Math.ceil(tick * (1 + MARKET_BAND)))
    : Math.max(market.minTick, Math.floor(tick * (1 - MARKET_BAND)))
}

/** True when an order of this side would make the position smaller. */
function closesWith({ floats }: Market, slot: number, side: number): boolean {
  const size = floats[slot * SLOT + SIZE] as number
  return side === BUY ? size < 0 : size > 0
}

/** Lots of a position that no resting order closes yet. */
function reducible({ floats, ints }: Market, slot: number, side: number): number {
  const size = floats[slot * SLOT + SIZE] as number
  if (side === BUY ? size >= 0 : size <= 0) return 0
  const at = slot * SLOT_INTS
  const normal = ints[at + (side === BUY ? BUY_LOTS : SELL_LOTS)] as number
  return Math.abs(size) - normal - (ints[at + REDUCE_LOTS] as number)
}

/** True when the margin covers the order at its limit, its fee, and what it would lose at once against the mark. Only what asks for more is checked. */
function fitsMargin(state: State, market: Market, slot: number, side: number, tick: number, lots: number): boolean {
  const at = slot * SLOT
  const size = market.floats[at + SIZE] as number
  const buys = market.floats[at + BUY_WORTH] as number
  const sells = market.floats[at + SELL_WORTH] as number
  const ints = market.ints
  const open = (ints[slot * SLOT_INTS + (side === BUY ? BUY_LOTS : SELL_LOTS)] as number) + lots
  const leverage = ints[slot * SLOT_INTS + LEVERAGE] as number
  const atMark = Math.max(tick, Math.ceil((market.now[MARK] as number) / market.steps))
  const added = lots * orderWorthPerLot(market, market.inverse || side === BUY ? tick : atMark)
  const held = size === 0 ? 0 : notionalOf(market, slot)
  const before = exposure(size, held, buys, sells)
  const after = exposure(size, held, side === BUY ? buys + added : buys, side === BUY ? sells : sells + added)
  if (after <= before) return true
  if (open > MAX_LOTS || Math.abs(size) + open > market.maxLots) return false
  if (after > largest(market, leverage, Math.abs(size) + open)) return false
  const isolated = isIsolated(market, slot)
  const needed = feeAtoms(added, state.takerFee > 0 ? state.takerFee : 0) + adverse(market, side, tick, lots)
  if (!isolated && state.markets.length === 1 && state.legs === 1) {
    // The account has nothing else: its wallet and this position are the whole group, and no isolated order reserves anything.
    scratch.equity = (market.floats[at + WALLET] as number) + (size === 0 ? 0 : unrealised(market, slot))
    scratch.initial = initialCeil(after, leverage)
    return scratch.equity - scratch.initial >= needed
  }
  groupMargin(state, accountOf(state, slot), market.currency, scratch)
  const asked = isolated
    ? isolatedAsk(state, market, slot, side, added, leverage)
    : initialCeil(after, leverage) - initialCeil(before, leverage)
  return scratch.equity - scratch.initial >= asked + needed
}

/** Atoms beyond the reserve of now; more than the wallet holds is never covered by profits elsewhere. */
function isolatedAsk(
  state: State,
  market: Market,
  slot: number,
  side: number,
  added: number,
  leverage: number,
): number {
  const at = slot * SLOT
  const entry = Math.abs(market.floats[at + BASIS] as number)
  const size = market.floats[at + SIZE] as number
  const buys = (market.floats[at + BUY_WORTH] as number) + (side === BUY ? added : 0)
  const sells = (market.floats[at + SELL_WORTH] as number) + (side === BUY ? 0 : added)
  const asked =
    initialCeil(exposure(size, entry, buys, sells), leverage) -
    initialCeil(entry, leverage) -
    isolatedReserve(market, slot)
  return asked > unreserved(state, accountOf(state, slot), market.currency) ? Number.POSITIVE_INFINITY : asked
}

/** Largest exposure in atoms at a leverage; sizes that brackets count are judged by lots. */
function largest(market: Market, leverage: number, lots: number): number {
  const most = largestNotional(market.maintenance, leverage)
  if (!market.bySize) return most
  return lots <= most ? Number.POSITIVE_INFINITY : 0
}

/** What an order that trades at its limit would lose at once against the mark, atoms. */
function adverse(market: Market, side: number, tick: number, lots: number): number {
  const mark = market.now[MARK] as number
  const away = side === BUY ? tick * market.steps - mark : mark - tick * market.steps
  if (away <= 0) return 0
  if (!market.inverse) return away * market.unit * lots
  return Math.ceil(Math.abs((market.unit / mark - market.unit / (tick * market.steps)) * lots))
}

/** Sends an order into the book and books its fills. Whoever calls has checked everything but what only the book knows. */
export function send(
  state: State,
  market: Market,
  slot: number,
  side: number,
  how: number,
  tick: number,
  lots: number,
  only: boolean,
): number {
  const { book, free, freeCount, links } = market
  const order = free[(freeCount[0] as number) - 1] as number
  const fills = book.place(order, slot, side, tick, lots, how)
  const { outcome } = book
  if (outcome !== ACCEPTED) {
    if (outcome === WOULD_TRADE) return refuse(state, CROSSES, tick, side === BUY ? book.bestAsk() : book.bestBid())
    if (outcome === KILLED) return refuse(state, UNFILLABLE, lots, book.depthTo(side === BUY ? SELL : BUY, tick))
    return refuse(state, BOOK_FULL, market.capacity, market.capacity)
  }
  const rested = book.rested
  links[order * LINK + GENERATION] = (links[order * LINK + GENERATION] as number) + 1
  const handle = handleOf(market, order)
  if (rested > 0) {
    freeCount[0] = (freeCount[0] as number) - 1
    link(market, slot, order, only)
    count(market, slot, side, tick, rested, only)
  }
  if (fills > 0) bookFills(state, market, slot, side, fills)
  syncReserve(state, market, slot)
  return handle
}

/** Books the fills that stand in the book after a place or amend: taker and each maker, fees, the makers' open orders. */
function bookFills(state: State, market: Market, slot: number, side: number, fills: number): void {
  const { book } = market
  const taker = accountOf(state, slot)
  for (let fill = 0; fill < fills; fill++) {
    const at = fill * FILL_WORDS
    const order = book.fills[at] as number
    const maker = book.fills[at + 1] as number
    const tick = book.fills[at + 2] as number
    const lots = book.fills[at + 3] as number
    const signed = side === BUY ? lots : -lots
    const worth = worthOfFill(market, signed, tick)
    const value = worth < 0 ? -worth : worth
    makerFilled(
      state,
      market,
      maker,
      order,
      side === BUY ? SELL : BUY,
      tick,
      lots,
      book.fills[at + 4] as number,
      -signed,
      -worth,
    )
    bookLots(state, market, slot, signed, worth)
    const takerFee = pay(state, taker, market.currency, feeAtoms(value, state.takerFee))
    const makerFee = pay(state, accountOf(state, maker), market.currency, feeAtoms(value, state.makerFee))
    market.now[LAST_TICK] = tick
    record(state, TRADE, market.at, taker, accountOf(state, maker), signed, tick, worth, takerFee, makerFee)
  }
  trimReduceOnly(state, market, slot, 0)
}

function pay(state: State, account: number, currency: number, fee: number): number {
  if (fee === 0) return 0
  credit(state, account, currency, -fee)
  credit(state, FEES, currency, fee)
  return fee
}

function makerFilled(
  state: State,
  market: Market,
  slot: number,
  order: number,
  side: number,
  tick: number,
  lots: number,
  left: number,
  signed: number,
  worth: number,
): void {
  const only = ((market.links[order * LINK + ORDER_FLAGS] as number) & REDUCE_ONLY) !== 0
  count(market, slot, side, tick, -lots, only)
  if (left === 0) unlink(market, slot, order)
  bookLots(state, market, slot, signed, worth)
  syncReserve(state, market, slot)
}

/** Takes an order of an account out; returns the lots that rested, −1 when there is none. */
export function cancelOrder(state: State, market: Market, account: number, handle: number): number {
  const order = orderOf(state, market, account, handle)
  return order < 0 ? refuse(state, NO_ORDER, handle, 0) : takeOut(state, market, order)
}

/**
 * Changes price or lots of a resting order; fewer lots at the same tick keep the place in the queue. Anything that asks for more margin is taken
 * out and placed anew, at the back, under the same rules as a new order. Returns the handle (a new one when placed anew), −1 when refused: then the
 * order rests as before.
 */
export function amendOrder(
  state: State,
  market: Market,
  account: number,
  handle: number,
  tick: number,
  lots: number,
): number {
  const order = orderOf(state, market, account, handle)
  if (order < 0) return refuse(state, NO_ORDER, handle, 0)
  if (!(Number.isInteger(lots) && lots >= 1 && lots <= market.maxLots))
    return refuse(state, BAD_SIZE, lots, market.maxLots)
  if (!(Number.isInteger(tick) && tick >= market.minTick && tick <= market.maxTick))
    return refuse(state, BAD_PRICE, tick, market.maxTick)
  const { book } = market
  const slot = book.ownerOf(order)
  const side = book.sideOf(order)
  const oldTick = book.tickOf(order)
  const oldLots = book.lotsOf(order)
  const only = ((market.links[order * LINK + ORDER_FLAGS] as number) & REDUCE_ONLY) !== 0
  if (tick === oldTick && lots <= oldLots) {
    book.amend(order, tick, lots)
    count(market, slot, side, tick, lots - oldLots, only)
    syncReserve(state, market, slot)
    return handle
  }
  if (only ? lots - oldLots > reducible(market, slot, side) : !fitsMargin(state, market, slot, side, tick, lots))
    return refuse(state, NO_MARGIN, lots, oldLots)
  takeOut(state, market, order)
  if (!only && closesWith(market, slot, side)) trimReduceOnly(state, market, slot, lots)
  return send(state, market, slot, side, LIMIT, tick, lots, only)
}
