/** What happened, as records of numbers in one growing array: bytes that a replay must give again. */
import { EVENT_WORDS, type State } from './state.ts'

/** A trade: account = taker, other = maker, lots signed as the taker's, price = tick, worth signed, fee = taker's, more = maker's fee. */
export const TRADE = 1
/** A position was liquidated into the book: lots signed as closed (a long sold: below 0), price = average fill in mark steps, worth = equity before, fee = clearance fee, more = limit tick. */
export const LIQUIDATION = 2
/** A position was taken over: other = who, lots signed, worth signed, fee = margin that went along. */
export const TAKEOVER = 3
/** A winner was closed: account = winner, other = the liquidated, lots signed as closed, worth signed. */
export const DELEVERAGE = 4
/** The insurance fund paid (worth) for an account's loss. */
export const DRAW = 5
/** A loss that nobody paid: worth. */
export const LOSS = 6
/** Funding was paid: worth = paid by the account, price = rate in 1e-9. */
export const FUNDING = 7
/** An account's liquidation began: worth = equity, fee = requirement. */
export const TRIGGERED = 8
/** A loss was spread over winners: account = payer, worth. */
export const SOCIALISED = 9

/** Writes one record: kind, time, market, account, other, lots, price, worth, fee, more, position, number. */
export function record(
  state: State,
  kind: number,
  market: number,
  account: number,
  other: number,
  lots: number,
  price: number,
  worth: number,
  fee: number,
  more: number,
): void {
  state.eventTotal++
  if (state.options.events === false && kind === TRADE) return
  let at = state.eventCount * EVENT_WORDS
  if (at + EVENT_WORDS > state.events.length) {
    const wider = new Float64Array(state.events.length * 2)
    wider.set(state.events)
    state.events = wider
  }
  const { events } = state
  events[at++] = kind
  events[at++] = state.time
  events[at++] = market
  events[at++] = account
  events[at++] = other
  events[at++] = lots
  events[at++] = price
  events[at++] = worth
  events[at++] = fee
  events[at++] = more
  events[at++] = 0
  events[at] = state.eventTotal
  state.eventCount++
}
