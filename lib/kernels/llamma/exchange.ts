/** An exchange of an exact amount in over float64 bands: the walk of the contract without its rounding, writing bands only when they are crossed. */
import { bandFee, curveRoot, type LlammaBands } from './bands.ts'

/** What an exchange did: used of the token in, given of the token out, admins' share of the fee (in the token in). */
export type FloatExchange = { readonly sold: number; readonly bought: number; readonly adminFee: number }

/** How an exchange is charged: the oracle price that counts, the base fee (with the oracle's own), the admins' share of fees. */
export type FloatTerms = { readonly oracle: number; readonly fee: number; readonly adminFee?: number | undefined }

/** At most so many bands are walked once one was filled. */
const MAX_TICKS = 50

/**
 * Sells `amount` of the stablecoin ('borrowed', the AMM's price rises) or of collateral. Stops at the last band, after 50 bands, or 50 steps away from
 * the oracle; what was not used is not in `sold`. Amounts that are not above 0 do nothing.
 */
export function floatExchange(
  bands: LlammaBands,
  sell: 'borrowed' | 'collateral',
  amount: number,
  terms: FloatTerms,
): FloatExchange {
  if (!(amount > 0)) return { sold: 0, bought: 0, adminFee: 0 }
  const pump = sell === 'borrowed'
  const { A, count, up } = bands
  const farthest = (A / (A - 1)) ** MAX_TICKS
  const done: Done = { left: amount, bought: 0, adminFee: 0 }
  let index = bands.active
  let walked = 0
  for (;;) {
    if (walked > 0 || (bands.x[index] as number) > 0 || (bands.y[index] as number) > 0) walked += 1
    const ended = inBand(bands, index, pump, terms, done)
    if (ended || walked === MAX_TICKS || index === (pump ? count - 1 : 0)) break
    const ratio = (up[index] as number) / terms.oracle
    if (pump ? ratio < 1 / farthest : ratio > farthest) break
    index += pump ? 1 : -1
  }
  if (done.bought > 0) bands.active = index
  return { sold: amount - done.left, bought: done.bought, adminFee: done.adminFee }
}

type Done = { left: number; bought: number; adminFee: number }

/** Trades in one band; true when that ends the trade. */
function inBand(bands: LlammaBands, index: number, pump: boolean, terms: FloatTerms, done: Done): boolean {
  const { A } = bands
  const [ins, outs] = pump ? [bands.x, bands.y] : [bands.y, bands.x]
  const coinIn = ins[index] as number
  const coinOut = outs[index] as number
  if (coinOut === 0) return false
  const up = bands.up[index] as number
  const y0 = curveRoot(A, bands.x[index] as number, bands.y[index] as number, terms.oracle, up)
  const f = (A * y0 * terms.oracle * terms.oracle) / up
  const g = ((A - 1) * y0 * up) / terms.oracle
  const [offsetIn, offsetOut] = pump ? [f, g] : [g, f]
  const invariant = (offsetIn + coinIn) * (offsetOut + coinOut)
  const keep = 1 - bandFee(A, terms.oracle, up, terms.fee)
  const net = invariant / offsetOut - offsetIn - coinIn
  if (net / keep >= done.left) {
    const part = done.left * keep
    const rest = Math.min(Math.max(invariant / (offsetIn + coinIn + part) - offsetOut, 0), coinOut)
    settle(ins, index, coinIn, done.left, part, terms, done)
    outs[index] = rest
    done.bought += coinOut - rest
    done.left = 0
    return true
  }
  settle(ins, index, coinIn, net / keep, net, terms, done)
  outs[index] = 0
  done.bought += coinOut
  done.left -= net / keep
  return false
}

function settle(
  ins: Float64Array,
  index: number,
  held: number,
  gross: number,
  net: number,
  terms: FloatTerms,
  done: Done,
): void {
  const share = (gross - net) * (terms.adminFee ?? 0)
  ins[index] = held + gross - share
  done.adminFee += share
}
