/**
 * What an arbitrageur does to float64 bands: trades until the price net of fees is the outside's, writing a band only when it changes.
 * Up: buys collateral while the AMM sells it below the outside price; down: sells it while the AMM pays more. Fees stay in the bands.
 */
import type { LlammaBands } from './bands.ts'

/**
 * An instant: 0 oracle price, 1 its inverse, 2 base fee, 3 what the outside pays, 4 what the outside asks. In an array, because numbers handed from
 * function to function are boxed; with literal indices, because named constants of a module are loaded anew each time (half the speed, measured).
 */
export type LlammaInstant = Float64Array

/** An instant to write into. */
export function llammaInstant(): LlammaInstant {
  return new Float64Array(5)
}

/** Writes an instant. `pays` and `asks` are the outside's prices with the arbitrageur's own cost taken off and added. */
export function setInstant(now: LlammaInstant, oracle: number, fee: number, pays: number, asks: number): void {
  now[0] = oracle
  now[1] = 1 / oracle
  now[2] = fee
  now[3] = pays
  now[4] = asks
}

/** Buys collateral up to what the outside pays. A band away from the oracle asks for a quarter of the distance where that is above the fee. */
export function arbitrageUp(bands: LlammaBands, now: LlammaInstant): void {
  const { A, x, y, up, inverseUp } = bands
  const last = bands.count - 1
  const oracle = now[0] as number
  const inverse = now[1] as number
  const square = oracle * oracle
  const share = (A - 1) / A
  let i = bands.active
  for (; ; i++) {
    const held = y[i] as number
    if (held > 0) {
      const edge = up[i] as number
      const keep = 1 - distanceFee(square, edge, up[i + 1] as number, now[2] as number)
      const target = (now[3] as number) * keep
      if (target * edge * edge <= square * oracle) break
      const stable = x[i] as number
      const below = edge * inverse
      const above = oracle * (inverseUp[i] as number)
      const half = 0.5 * (below * share * stable * inverse + above * held)
      const y0 = stable === 0 ? above * held : half + Math.sqrt(half * half + (stable * held * inverse) / A)
      const g = (A - 1) * y0 * below
      const left = A * y0 * Math.sqrt(oracle / target) - g
      if (left >= held) break
      const f = A * y0 * above * oracle
      const rest = left > 0 ? left : 0
      y[i] = rest
      x[i] = stable + ((f + stable) * ((held - rest) / (g + rest))) / keep
      if (left > 0) break
    }
    if (i === last) break
  }
  bands.active = i
}

/** Sells collateral down to what the outside asks. */
export function arbitrageDown(bands: LlammaBands, now: LlammaInstant): void {
  const { A, x, y, up, inverseUp } = bands
  const oracle = now[0] as number
  const inverse = now[1] as number
  const square = oracle * oracle
  const share = (A - 1) / A
  let i = bands.active
  for (; ; i--) {
    const held = x[i] as number
    if (held > 0) {
      const edge = up[i] as number
      const low = up[i + 1] as number
      const keep = 1 - distanceFee(square, edge, low, now[2] as number)
      const target = (now[4] as number) / keep
      if (target * low * low >= square * oracle) break
      const collateral = y[i] as number
      const below = edge * inverse
      const above = oracle * (inverseUp[i] as number)
      const half = 0.5 * (below * share * held * inverse + above * collateral)
      const y0 = collateral === 0 ? 2 * half : half + Math.sqrt(half * half + (held * collateral * inverse) / A)
      const f = A * y0 * above * oracle
      const left = A * y0 * Math.sqrt(oracle * target) - f
      if (left >= held) break
      const g = (A - 1) * y0 * below
      const rest = left > 0 ? left : 0
      x[i] = rest
      y[i] = collateral + ((g + collateral) * ((held - rest) / (f + rest))) / keep
      if (left > 0) break
    }
    if (i === 0) break
  }
  bands.active = i
}

/** A quarter of the relative distance between a band's nearest AMM price and the oracle's, or `base`; `square` is the oracle price squared. */
function distanceFee(square: number, edge: number, low: number, base: number): number {
  if (edge * edge < square) return Math.max(base, 0.25 * (1 - (edge * edge) / square))
  if (low * low > square) return Math.max(base, 0.25 * (1 - square / (low * low)))
  return base
}
