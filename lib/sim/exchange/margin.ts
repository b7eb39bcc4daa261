/** Margin in atoms, exact: what an account has, what it must have, and at which mark it must be looked at again. */
import {
  bracketOf,
  feeAtoms,
  type IntegerMaintenance,
  initialCeil,
  maintenanceCeil,
  mulDivCeil,
  rateAt,
} from '../../mechanisms/index.ts'
import { BASIS, BUY_WORTH, FLAGS, ISOLATED, LEVERAGE, SELL_WORTH, SIZE, SLOT, SLOT_INTS } from './layout.ts'
import { accountOf, isIsolated, unreserved } from './ledger.ts'
import { MARK, type Market, measureOf, notionalCeil, worthFloor } from './market.ts'
import type { State } from './state.ts'

/** Unrealised profit of a position at its mark, atoms, rounded against the holder. */
export function unrealised(market: Market, slot: number): number {
  const at = slot * SLOT
  const size = market.floats[at + SIZE] as number
  if (size === 0) return 0
  return worthFloor(market, size, market.now[MARK] as number) - (market.floats[at + BASIS] as number)
}

/** Notional of a position at its mark, atoms, rounded up. */
export function notionalOf(market: Market, slot: number): number {
  return notionalCeil(market, market.floats[slot * SLOT + SIZE] as number, market.now[MARK] as number)
}

/** Maintenance margin of lots with this notional, atoms, rounded up. */
export function maintenanceOf(market: Market, lots: number, notional: number): number {
  const { maintenance, bySize } = market
  if (!bySize) return maintenanceCeil(maintenance, notional)
  const bracket = bracketOf(maintenance, measureOf(market, lots, notional))
  return mulDivCeil(notional, maintenance.rates[bracket] as number, maintenance.whole)
}

/** What the venue's test asks of a position at its mark, atoms: maintenance, fixed at entry where the venue fixes it, with the closing fee where it counts. */
export function requiredOf(state: State, market: Market, slot: number): number {
  const size = market.floats[slot * SLOT + SIZE] as number
  if (size === 0) return 0
  const notional = notionalOf(market, slot)
  const { isolated, trigger } = state.profile
  const fixed = isolated === 'at-entry' && isIsolated(market, slot)
  const basis = market.floats[slot * SLOT + BASIS] as number
  const maintenance = maintenanceOf(market, size, fixed ? Math.abs(basis) : notional)
  return trigger.withFee ? maintenance + feeAtoms(notional, state.takerFee) : maintenance
}

/** Initial margin that a cross position and its open orders ask, atoms: of the larger exposure that their fills could leave. */
export function initialOf(market: Market, slot: number): number {
  const at = slot * SLOT
  const size = market.floats[at + SIZE] as number
  const buys = market.floats[at + BUY_WORTH] as number
  const sells = market.floats[at + SELL_WORTH] as number
  if (size === 0 && buys === 0 && sells === 0) return 0
  const held = size === 0 ? 0 : notionalOf(market, slot)
  return initialCeil(exposure(size, held, buys, sells), market.ints[slot * SLOT_INTS + LEVERAGE] as number)
}

/** Largest notional, atoms, that a position and its orders can become. */
export function exposure(size: number, held: number, buys: number, sells: number): number {
  const bought = size < 0 ? Math.abs(buys - held) : held + buys
  const sold = size < 0 ? held + sells : Math.abs(held - sells)
  return Math.max(bought, sold, held)
}

/** What the cross positions of an account in a currency have and ask, atoms. */
export type GroupMargin = { equity: number; maintenance: number; initial: number }

/** Sums a wallet group into `out`: wallet less what isolated orders reserve, plus unrealised; what the trigger asks; what orders ask. */
export function groupMargin(state: State, account: number, currency: number, out: GroupMargin): GroupMargin {
  let equity = unreserved(state, account, currency)
  let maintenance = 0
  let initial = 0
  for (const market of state.markets) {
    if (market.currency !== currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const slot = account * state.legs + leg
      if (((market.ints[slot * SLOT_INTS + FLAGS] as number) & ISOLATED) !== 0) continue
      initial += initialOf(market, slot)
      if (market.floats[slot * SLOT + SIZE] === 0) continue
      equity += unrealised(market, slot)
      maintenance += requiredOf(state, market, slot)
    }
  }
  out.equity = equity
  out.maintenance = maintenance
  out.initial = initial
  return out
}

/** What stands behind one position: itself when isolated, its wallet group when cross. Atoms. */
export function standingOf(state: State, market: Market, slot: number, out: GroupMargin): GroupMargin {
  if (!isIsolated(market, slot)) return groupMargin(state, accountOf(state, slot), market.currency, out)
  out.equity = (market.margins[slot] as number) + unrealised(market, slot)
  out.maintenance = requiredOf(state, market, slot)
  out.initial = 0
  return out
}

/**
 * Sets the marks at which a healthy position must be looked at again, never too late: until then it is healthy by arithmetic. `slack` = equity −
 * requirement > 0, atoms. A position that shares its wallet with others is looked at on every mark.
 */
export function setTrigger(state: State, market: Market, slot: number, slack: number): void {
  market.low[slot] = -1
  market.high[slot] = Number.POSITIVE_INFINITY
  const size = market.floats[slot * SLOT + SIZE] as number
  if (size === 0) return
  if (!isIsolated(market, slot) && sharesWallet(state, market, slot)) {
    market.low[slot] = Number.POSITIVE_INFINITY
    return
  }
  const mark = market.now[MARK] as number
  if (size > 0) market.low[slot] = Math.ceil(lowerMark(state, market, slot, mark, slack))
  else market.high[slot] = Math.floor(upperMark(state, market, slot, mark, slack))
}

function sharesWallet(state: State, market: Market, slot: number): boolean {
  const account = accountOf(state, slot)
  for (const other of state.markets) {
    if (other.currency !== market.currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const at = account * state.legs + leg
      if (other === market && at === slot) continue
      if (other.floats[at * SLOT + SIZE] !== 0 && !isIsolated(other, at)) return true
    }
  }
  return false
}

/** Two mark steps and a millionth: more than all roundings of one position together. */
function nearer(mark: number, found: number): number {
  const hair = 2 + mark * 1e-6
  return found < mark ? found + hair : found - hair
}

/** A long loses as the mark falls. Linear: notional falls too, so the requirement of now bounds it. Inverse: it grows, within a bracket by its rate. */
function lowerMark(state: State, market: Market, slot: number, mark: number, slack: number): number {
  const size = market.floats[slot * SLOT + SIZE] as number
  if (!market.inverse) return nearer(mark, mark - slack / (size * market.unit))
  const { rate, reach } = growth(state, market, slot)
  const notional = notionalOf(market, slot)
  const worse = notional + slack / (1 + rate)
  return nearer(mark, (mark * notional) / Math.min(worse, reach))
}

/** A short loses as the mark rises. Linear: notional grows. Inverse: it falls. */
function upperMark(state: State, market: Market, slot: number, mark: number, slack: number): number {
  const notional = notionalOf(market, slot)
  if (market.inverse) {
    const left = notional - slack
    return left <= 0 ? Number.POSITIVE_INFINITY : nearer(mark, (mark * notional) / left)
  }
  const { rate, reach } = growth(state, market, slot)
  const worse = notional + slack / (1 + rate)
  return nearer(mark, (mark * Math.min(worse, reach)) / notional)
}

/** The rate at which the requirement grows with notional, and up to which notional it does: the end of the bracket, or 2 % more of a growing rate. */
function growth(state: State, market: Market, slot: number): { rate: number; reach: number } {
  const fee = state.profile.trigger.withFee ? state.profile.fees.taker : 0
  const notional = notionalOf(market, slot)
  const rule: IntegerMaintenance = market.maintenance
  if (rule.growth !== 0) return { rate: fee + 2 * (rateAt(rule, notional * 1.02) / rule.whole), reach: notional * 1.02 }
  const measure = measureOf(market, market.floats[slot * SLOT + SIZE] as number, notional)
  const bracket = bracketOf(rule, measure)
  const end = market.bySize ? Number.POSITIVE_INFINITY : (rule.floors[bracket + 1] ?? Number.POSITIVE_INFINITY)
  return { rate: fee + (rule.rates[bracket] as number) / rule.whole, reach: end }
}
