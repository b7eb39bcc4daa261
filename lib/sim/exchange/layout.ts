/** How the exchange lays its state out: one cache line of 64 bytes per position, whole numbers everywhere. */

/** Float64 words per position record. */
export const SLOT = 8
/** Int32 words per position record. */
export const SLOT_INTS = 16

/** Float64 word: signed lots, long above 0, short below. */
export const SIZE = 0
/** Float64 word: signed atoms, what the position's lots were worth when they came; unrealised = worth now − basis. */
export const BASIS = 1
/**
 * Float64 word: the wallet of the position's account in the market's currency, atoms, in the record of the currency's first market and first leg:
 * an order's check reads one cache line.
 */
export const WALLET = 2
/** Float64 word: atoms of notional of resting buys that may open, at their own limits. */
export const BUY_WORTH = 3
/** Float64 word: the same of resting sells. */
export const SELL_WORTH = 4

/** Int32 word: newest resting order + 1, 0 when none. */
export const HEAD = 10
/** Int32 word: lots of resting reduce-only orders. */
export const REDUCE_LOTS = 11
/** Int32 word: leverage chosen, a whole number. */
export const LEVERAGE = 12
/** Int32 word: bits, see {@link ISOLATED}. */
export const FLAGS = 13
/** Int32 word: lots of resting buys that are not reduce-only. */
export const BUY_LOTS = 14
/** Int32 word: lots of resting sells that are not reduce-only. */
export const SELL_LOTS = 15

/** Bit of {@link FLAGS}: the position has a margin of its own. */
export const ISOLATED = 1

/** Int32 words per order. */
export const LINK = 4
/** Word of an order: the next of the same position + 1. */
export const NEXT_ORDER = 0
/** Word of an order: the previous of the same position + 1. */
export const PREVIOUS_ORDER = 1
/** Word of an order: bits, see {@link REDUCE_ONLY}. */
export const ORDER_FLAGS = 2
/** Word of an order: how often its number was used. */
export const GENERATION = 3

/** Bit of {@link ORDER_FLAGS}: the order only reduces. */
export const REDUCE_ONLY = 1

/** The venue's account that insures: an insurance fund, or the liquidator vault where there is one. It may hold positions. */
export const FUND = 0
/** The venue's account that takes fees and pays rebates. */
export const FEES = 1
/** The venue's account of what rounding leaves over. */
export const ROUNDING = 2
/** The venue's account that is never above 0: losses that nobody paid. */
export const BAD_DEBT = 3
/** The least number that a user's account may have. */
export const FIRST_ACCOUNT = 4

/** Names of the venue's own accounts, by number. */
export const VENUE_ACCOUNTS = ['insurance-fund', 'fees', 'rounding', 'bad-debt'] as const

/** Most lots a position may have with its orders: sizes stay 32-bit. */
export const MAX_LOTS = 0x3fffffff
/** Most atoms the exchange may hold of one currency: half of what a float64 counts without gaps. */
export const MAX_ATOMS = 2 ** 52
/** Most atoms of notional a single position may have at the highest price. */
export const MAX_NOTIONAL = 2 ** 51
