/** Funding: longs pay shorts at a positive rate, in whole atoms; what rounding leaves over goes to the venue's rounding account. */
import { mulDivCeil, mulDivFloor } from '../../mechanisms/index.ts'
import { FUNDING, record } from './events.ts'
import { FUND, ROUNDING, SIZE, SLOT } from './layout.ts'
import { accountOf, isIsolated, touch } from './ledger.ts'
import { INDEX, MARK, type Market, notionalCeil } from './market.ts'
import { credit, type State } from './state.ts'

/** A funding rate counts billionths of notional. */
export const RATE_WHOLE = 1_000_000_000

/**
 * Pays one interval at a rate (billionths of notional; above 0: longs pay), on the price that the profile names: mark, or index (oracle). Payers
 * pay rounded up, receivers get rounded down. Returns what was paid, atoms.
 */
export function payFunding(state: State, market: Market, rate: number): number {
  const { paidOn } = state.profile.funding
  const index = market.now[INDEX] as number
  const price = paidOn === 'mark' || index === 0 ? (market.now[MARK] as number) : index
  let [paid, received] = [0, 0]
  for (let slot = FUND * state.legs; slot < state.accounts * state.legs; slot++) {
    const size = market.floats[slot * SLOT + SIZE] as number
    if (size === 0) continue
    const notional = notionalCeil(market, size, price)
    const pays = size > 0 === rate > 0
    const amount = pays
      ? mulDivCeil(notional, Math.abs(rate), RATE_WHOLE)
      : mulDivFloor(notional, Math.abs(rate), RATE_WHOLE)
    if (pays) paid += amount
    else received += amount
    move(state, market, slot, pays ? -amount : amount)
    record(state, FUNDING, market.at, accountOf(state, slot), -1, size, rate, pays ? amount : -amount, 0, 0)
  }
  credit(state, ROUNDING, market.currency, paid - received)
  return paid
}

function move(state: State, market: Market, slot: number, atoms: number): void {
  if (isIsolated(market, slot)) market.margins[slot] = (market.margins[slot] as number) + atoms
  else credit(state, accountOf(state, slot), market.currency, atoms)
  touch(state, market, slot)
}
