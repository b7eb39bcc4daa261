/** The orders that rest for a position: a linked list of them, what they count, and how they leave. */
import { BUY } from '../../kernels/index.ts'
import {
  BUY_LOTS,
  BUY_WORTH,
  HEAD,
  LINK,
  NEXT_ORDER,
  ORDER_FLAGS,
  PREVIOUS_ORDER,
  REDUCE_LOTS,
  REDUCE_ONLY,
  SELL_LOTS,
  SELL_WORTH,
  SIZE,
  SLOT,
  SLOT_INTS,
} from './layout.ts'
import { syncReserve } from './ledger.ts'
import { type Market, orderWorthPerLot } from './market.ts'
import type { State } from './state.ts'

/** Adds signed lots of a resting order to what its position's orders count. */
export function count(market: Market, slot: number, side: number, tick: number, lots: number, only: boolean): void {
  const { floats, ints } = market
  const at = slot * SLOT_INTS
  if (only) {
    ints[at + REDUCE_LOTS] = (ints[at + REDUCE_LOTS] as number) + lots
    return
  }
  const lotsAt = at + (side === BUY ? BUY_LOTS : SELL_LOTS)
  const worthAt = slot * SLOT + (side === BUY ? BUY_WORTH : SELL_WORTH)
  ints[lotsAt] = (ints[lotsAt] as number) + lots
  floats[worthAt] = (floats[worthAt] as number) + lots * orderWorthPerLot(market, tick)
}

/** Puts an order at the head of its position's list. */
export function link({ links, ints }: Market, slot: number, order: number, only: boolean): void {
  const at = order * LINK
  const headAt = slot * SLOT_INTS + HEAD
  const head = ints[headAt] as number
  links[at + NEXT_ORDER] = head
  links[at + PREVIOUS_ORDER] = 0
  links[at + ORDER_FLAGS] = only ? REDUCE_ONLY : 0
  if (head > 0) links[(head - 1) * LINK + PREVIOUS_ORDER] = order + 1
  ints[headAt] = order + 1
}

/** Takes an order out of its position's list and frees its number. */
export function unlink(market: Market, slot: number, order: number): void {
  const { links, ints, free, freeCount } = market
  const at = order * LINK
  const next = links[at + NEXT_ORDER] as number
  const previous = links[at + PREVIOUS_ORDER] as number
  if (previous > 0) links[(previous - 1) * LINK + NEXT_ORDER] = next
  else ints[slot * SLOT_INTS + HEAD] = next
  if (next > 0) links[(next - 1) * LINK + PREVIOUS_ORDER] = previous
  free[freeCount[0] as number] = order
  freeCount[0] = (freeCount[0] as number) + 1
}

/** Takes a resting order out of the book and of its position's counts; returns its lots. */
export function takeOut(state: State, market: Market, order: number): number {
  const { book } = market
  const slot = book.ownerOf(order)
  const side = book.sideOf(order)
  const tick = book.tickOf(order)
  const lots = book.cancel(order)
  const only = ((market.links[order * LINK + ORDER_FLAGS] as number) & REDUCE_ONLY) !== 0
  count(market, slot, side, tick, -lots, only)
  unlink(market, slot, order)
  syncReserve(state, market, slot)
  return lots
}

/** Cancels every order of a position; returns how many. */
export function cancelAll(state: State, market: Market, slot: number): number {
  let cancelled = 0
  for (;;) {
    const head = market.ints[slot * SLOT_INTS + HEAD] as number
    if (head === 0) return cancelled
    takeOut(state, market, head - 1)
    cancelled++
  }
}

/**
 * Keeps what closes a position no larger than it: resting reduce-only lots + other closing lots (with `coming` more) ≤ size, newest reduce-only
 * orders first. So no sweep of the book can turn a position through an order that only reduces.
 */
export function trimReduceOnly(state: State, market: Market, slot: number, coming: number): void {
  const at = slot * SLOT_INTS
  const { ints, floats, links } = market
  while ((ints[at + REDUCE_LOTS] as number) > 0) {
    const size = floats[slot * SLOT + SIZE] as number
    const closing = size > 0 ? (ints[at + SELL_LOTS] as number) : size < 0 ? (ints[at + BUY_LOTS] as number) : 0
    const excess = (ints[at + REDUCE_LOTS] as number) + closing + coming - Math.abs(size)
    if (excess <= 0) return
    let order = (ints[at + HEAD] as number) - 1
    while (((links[order * LINK + ORDER_FLAGS] as number) & REDUCE_ONLY) === 0)
      order = (links[order * LINK + NEXT_ORDER] as number) - 1
    const lots = market.book.lotsOf(order)
    if (lots > excess) {
      market.book.amend(order, market.book.tickOf(order), lots - excess)
      ints[at + REDUCE_LOTS] = (ints[at + REDUCE_LOTS] as number) - excess
      return
    }
    takeOut(state, market, order)
  }
}
