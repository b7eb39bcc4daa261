/**
 * LLAMMA's formulas in float64, in whole units, for screens, scans and charts; verdicts are the integer form's. Sources: `reference/mechanisms/30-soft.md`
 * D.1 and the same contracts; `discountOf` is the identity of llamma-simulator's scans.
 */

/** Prices of a band: oracle prices at its edges, and the AMM's price there when it holds only stablecoin (`pcu`) or only collateral (`pcd`). */
export type BandPrices = { readonly up: number; readonly down: number; readonly pcu: number; readonly pcd: number }

/** The prices of band n: up = p_base·((A−1)/A)^n, pcu = p_o³/down², pcd = p_o³/up². */
export function bandPrices(A: number, base: number, oracle: number, band: number): BandPrices {
  const up = base * ((A - 1) / A) ** band
  const down = base * ((A - 1) / A) ** (band + 1)
  return { up, down, pcu: (oracle / down) ** 2 * oracle, pcd: (oracle / up) ** 2 * oracle }
}

/** y0: positive root of `p_o·A·y0² − y0·(up/p_o·(A−1)·x + p_o²/up·A·y) − x·y = 0`. */
export function bandY0(A: number, x: number, y: number, oracle: number, up: number): number {
  const b = (up / oracle) * (A - 1) * x + ((oracle * oracle) / up) * A * y
  if (x === 0 || y === 0) return b / (A * oracle)
  return (b + Math.sqrt(b * b + 4 * oracle * A * x * y)) / (2 * oracle * A)
}

/** The curve of a band: y0, f, g and (f + x)(g + y). */
export function bandCurve(A: number, x: number, y: number, oracle: number, up: number) {
  const y0 = bandY0(A, x, y, oracle, up)
  const f = ((A * y0 * oracle) / up) * oracle
  const g = ((A - 1) * y0 * up) / oracle
  return { y0, f, g, invariant: (f + x) * (g + y) }
}

/** The AMM's price in a band that holds x and y: (f + x)/(g + y); the middle of an empty one. */
export function bandPrice(A: number, x: number, y: number, oracle: number, up: number): number {
  const low = (oracle / up) ** 2 * oracle
  if (x === 0 && y === 0) return (low * A) / (A - 1)
  const { f, g } = bandCurve(A, x, y, oracle, up)
  return (f + x) / (g + y)
}

/** What a band holds after a trade without fee to a price; at most all of one coin. */
export function tradedTo(
  A: number,
  held: { readonly x: number; readonly y: number },
  oracle: number,
  up: number,
  price: number,
) {
  const { f, g, invariant } = bandCurve(A, held.x, held.y, oracle, up)
  const x = Math.min(Math.max(Math.sqrt(invariant * price) - f, 0), invariant / g - f)
  return { x, y: Math.max(invariant / (f + x) - g, 0) }
}

/** Collateral weighted by the prices of N bands below the first one's upper price, less a discount. */
export function effectiveCollateral(A: number, collateral: number, bands: number, discount: number): number {
  let sum = 0
  for (let k = 0; k < bands; k++) sum += ((A - 1) / A) ** k
  return (collateral / bands) * Math.sqrt((A - 1) / A) * (1 - discount) * sum
}

/** Bands below the one with upper price `base` at which a loan of `debt` against effective collateral begins; rounded down. */
export function bandsBelow(A: number, effective: number, base: number, debt: number): number {
  return Math.floor(Math.log((effective * base) / debt) / Math.log(A / (A - 1)))
}

/** What untouched collateral over N bands from one with upper price `up` fetches on a slow way down. */
export function slowlyDown(A: number, collateral: number, bands: number, up: number): number {
  return effectiveCollateral(A, collateral, bands, 0) * up
}

/** Health of an untouched loan: quick, and full with the oracle's distance above its bands. */
export function untouchedHealth(
  loan: { readonly collateral: number; readonly debt: number; readonly xDown: number; readonly up: number },
  discount: number,
  oracle: number,
): { readonly quick: number; readonly full: number } {
  const quick = (loan.xDown * (1 - discount)) / loan.debt - 1
  return { quick, full: quick + (Math.max(oracle - loan.up, 0) * loan.collateral) / loan.debt }
}

/** Share of the bands that a liquidation of `fraction` of the debt removes, h = the liquidation discount. */
export function removedShare(h: number, fraction: number): number {
  return (((1 + h / 2) / (1 + h)) * (1 - fraction) + fraction) * fraction
}

/** The liquidation discount that a loss asks for: `1 − (1 − loss)·Σ_{k<N}((A−1)/A)^(k+½)/N`. */
export function discountOf(loss: number, A: number, bands: number): number {
  return 1 - (1 - loss) * effectiveCollateral(A, 1, bands, 0)
}

/** How much a market's rate is multiplied as its ceiling fills: 0.9 + 0.1/(1 − debt/ceiling), the debt at most 99.99 % of the ceiling. */
export function ceilingFactor(debtFraction: number): number {
  return 0.9 + 0.1 / (1 - Math.min(debtFraction, 0.9999))
}
