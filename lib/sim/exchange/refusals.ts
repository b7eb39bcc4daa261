/** Why a request was refused: a small number on the fast road, a typed error with value and limit at the door. */
import { type BreakwaterError, breakwaterError, type ErrorCode } from '../../model/index.ts'
import type { State } from './state.ts'

/** Nothing was refused. */
export const NOTHING = 0
/** No such account of a user. */
export const NO_ACCOUNT = 1
/** Size is no whole number of lots from 1 to the largest. */
export const BAD_SIZE = 2
/** Price is outside of what the market quotes. */
export const BAD_PRICE = 3
/** Leverage is no whole number from 1 to what the tiers allow. */
export const BAD_LEVERAGE = 4
/** The margin does not cover it. */
export const NO_MARGIN = 5
/** Nothing to reduce. */
export const NOTHING_TO_REDUCE = 6
/** A post-only order would have traded. */
export const CROSSES = 7
/** A fill-or-kill order cannot be filled wholly. */
export const UNFILLABLE = 8
/** The book is full. */
export const BOOK_FULL = 9
/** No such order of this account. */
export const NO_ORDER = 10
/** No mark price yet. */
export const NO_MARK = 11
/** No amount of atoms, or more than there is. */
export const BAD_AMOUNT = 12
/** Not while a position or order is open. */
export const IN_USE = 13
/** No such way to order. */
export const BAD_KIND = 14

const REASONS: Readonly<Record<number, readonly [code: ErrorCode, says: string, fix: string]>> = {
  [NO_ACCOUNT]: ['not-found', 'there is no account', 'Use the number of a user’s account.'],
  [BAD_SIZE]: [
    'bad-position',
    'the size is not a whole number of lots within the limit',
    'Give from 1 to the limit, in lots.',
  ],
  [BAD_PRICE]: ['bad-number', 'the price is not quoted here', 'Give a price on the grid, within the market’s range.'],
  [BAD_LEVERAGE]: [
    'over-leverage',
    'the leverage is not from 1 to the limit',
    'Choose a lower leverage or a smaller position.',
  ],
  [NO_MARGIN]: ['bad-position', 'the margin does not cover the order', 'Deposit, order less, or cancel other orders.'],
  [NOTHING_TO_REDUCE]: ['bad-position', 'there is nothing left to reduce', 'Send the order without reduce-only.'],
  [CROSSES]: ['bad-position', 'a post-only order would trade', 'Give a price on the own side of the book.'],
  [UNFILLABLE]: ['bad-position', 'the book cannot fill the whole order', 'Order less, or without fill-or-kill.'],
  [BOOK_FULL]: [
    'overloaded',
    'the book holds as many orders as it can',
    'Cancel orders, or open the market with more.',
  ],
  [NO_ORDER]: ['not-found', 'there is no such order of this account', 'It may be filled or cancelled already.'],
  [NO_MARK]: ['bad-position', 'the market has no mark price yet', 'Send a mark price first.'],
  [BAD_AMOUNT]: [
    'bad-number',
    'the amount is not within what may move',
    'Give a whole number of atoms within the limit.',
  ],
  [IN_USE]: ['bad-position', 'not while a position or an order is open', 'Close and cancel first.'],
  [BAD_KIND]: ['bad-config', 'there is no such order', 'See the kinds of orders of the book.'],
}

/** Notes a refusal; returns −1, which every request gives when refused. */
export function refuse(state: State, reason: number, value: number, limit: number): -1 {
  state.refusal = reason
  state.refusedValue = value
  state.refusedLimit = limit
  return -1
}

/** The last refusal as an error that names value and limit; `undefined` when nothing was refused. */
export function refusalOf(state: State): BreakwaterError | undefined {
  const reason = REASONS[state.refusal]
  if (!reason) return undefined
  const [code, says, fix] = reason
  const { refusedValue: value, refusedLimit: limit } = state
  return breakwaterError(code, `${says}: ${value}, limit ${limit}`, { value, limit }, { fix })
}
