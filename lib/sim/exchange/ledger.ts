/** The ledger of positions: what a fill or a transfer does to size, basis, margin and wallet, to the last atom. */
import { initialCeil, mulDivFloor } from '../../mechanisms/index.ts'
import { assert } from '../../model/index.ts'
import { BASIS, BUY_WORTH, FLAGS, ISOLATED, LEVERAGE, SELL_WORTH, SIZE, SLOT, SLOT_INTS } from './layout.ts'
import { type Market, OPEN_LOTS } from './market.ts'
import { credit, type State, walletOf } from './state.ts'

/**
 * Books signed lots worth signed atoms (see `worthOfFill`) to a position. What closes is realised: its share of the basis, rounded towards zero,
 * leaves with it, so that wallet − basis changes by exactly −worth. What opens an isolated position takes its initial margin from the wallet.
 */
export function bookLots(state: State, market: Market, slot: number, lots: number, worth: number): void {
  const { floats, ints, now } = market
  const at = slot * SLOT
  const size = floats[at + SIZE] as number
  const basis = floats[at + BASIS] as number
  const after = size + lots
  assert(after <= 0x7fffffff && after >= -0x7fffffff, 'a position leaves 32 bits')
  now[OPEN_LOTS] = (now[OPEN_LOTS] as number) + (after > 0 ? after : 0) - (size > 0 ? size : 0)
  floats[at + SIZE] = after
  const isolated = ((ints[slot * SLOT_INTS + FLAGS] as number) & ISOLATED) !== 0
  if (size === 0 || size > 0 === lots > 0) {
    floats[at + BASIS] = basis + worth
    if (isolated) takeMargin(state, market, slot, worth)
  } else {
    const held = size < 0 ? -size : size
    const came = lots < 0 ? -lots : lots
    if (came <= held) closePart(state, market, slot, basis, worth, came, held, isolated)
    else {
      const closing = shareOf(worth, held, came)
      closePart(state, market, slot, basis, closing, held, held, isolated)
      floats[at + BASIS] = worth - closing
      if (isolated) takeMargin(state, market, slot, worth - closing)
    }
  }
  if (isolated) syncReserve(state, market, slot)
  touch(state, market, slot)
}

function closePart(
  state: State,
  market: Market,
  slot: number,
  basis: number,
  worth: number,
  closed: number,
  held: number,
  isolated: boolean,
): void {
  const { floats } = market
  const at = slot * SLOT
  const share = shareOf(basis, closed, held)
  floats[at + BASIS] = basis - share
  const realised = -worth - share
  const account = accountOf(state, slot)
  if (!isolated) {
    credit(state, account, market.currency, realised)
    return
  }
  const margin = market.margins[slot] as number
  const released = shareOf(margin, closed, held)
  const paid = released + realised
  if (closed < held) {
    // What a partial close loses beyond its own share of the margin is taken from what stays.
    market.margins[slot] = margin - released + (paid < 0 ? paid : 0)
    if (paid > 0) credit(state, account, market.currency, paid)
    return
  }
  // What an isolated margin does not cover is for the liquidation to settle: it stays as the margin of an empty position, below 0.
  market.margins[slot] = paid < 0 ? paid : 0
  if (paid > 0) credit(state, account, market.currency, paid)
}

function takeMargin(state: State, market: Market, slot: number, worth: number): void {
  const leverage = market.ints[slot * SLOT_INTS + LEVERAGE] as number
  const wanted = initialCeil(worth < 0 ? -worth : worth, leverage)
  const account = accountOf(state, slot)
  const margin = Math.min(wanted, Math.max(0, walletOf(state, account, market.currency)))
  credit(state, account, market.currency, -margin)
  market.margins[slot] = (market.margins[slot] as number) + margin
}

/** `value × part / whole` rounded towards zero, of a signed value; the whole of it when `part` is `whole`. */
export function shareOf(value: number, part: number, whole: number): number {
  if (part === whole) return value
  return value < 0 ? -mulDivFloor(-value, part, whole) : mulDivFloor(value, part, whole)
}

/** The account whose position this is. */
export function accountOf(state: State, slot: number): number {
  return state.legs === 1 ? slot : slot >> 1
}

/** Says that a position must be looked at on the next mark, whatever the mark. */
export function touch(state: State, market: Market, slot: number): void {
  market.low[slot] = Number.POSITIVE_INFINITY
  if (state.markets.length > 1 && !isIsolated(market, slot)) touchGroup(state, accountOf(state, slot), market.currency)
}

/** Says the same of every cross position of an account in a currency: they stand on one wallet. */
export function touchGroup(state: State, account: number, currency: number): void {
  for (const market of state.markets) {
    if (market.currency !== currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const slot = account * state.legs + leg
      if (market.floats[slot * SLOT + SIZE] !== 0) market.low[slot] = Number.POSITIVE_INFINITY
    }
  }
}

/** True for a position with a margin of its own. */
export function isIsolated({ ints }: Market, slot: number): boolean {
  return ((ints[slot * SLOT_INTS + FLAGS] as number) & ISOLATED) !== 0
}

/** What a position's resting orders ask of the wallet beyond the position's own margin, in atoms (isolated only). */
export function isolatedReserve({ floats, ints }: Market, slot: number): number {
  const at = slot * SLOT
  const buys = floats[at + BUY_WORTH] as number
  const sells = floats[at + SELL_WORTH] as number
  if (buys === 0 && sells === 0) return 0
  const basis = floats[at + BASIS] as number
  const entry = basis < 0 ? -basis : basis
  const long = (floats[at + SIZE] as number) > 0
  const signed = long ? entry : -entry
  const most = Math.max(Math.abs(signed + buys), Math.abs(signed - sells), entry)
  const leverage = ints[slot * SLOT_INTS + LEVERAGE] as number
  return initialCeil(most, leverage) - initialCeil(entry, leverage)
}

/** Notes what the orders of an isolated position reserve now. Called after every change of its size or orders; calling it again changes nothing. */
export function syncReserve(state: State, market: Market, slot: number): void {
  const wanted = isIsolated(market, slot) ? isolatedReserve(market, slot) : 0
  const noted = market.reserves[slot] as number
  if (wanted === noted) return
  market.reserves[slot] = wanted
  const at = accountOf(state, slot) * state.currencies.length + market.currency
  state.reserved[at] = (state.reserved[at] as number) + wanted - noted
}

/** Wallet minus what isolated orders reserve, atoms. */
export function unreserved(state: State, account: number, currency: number): number {
  return walletOf(state, account, currency) - (state.reserved[account * state.currencies.length + currency] as number)
}
