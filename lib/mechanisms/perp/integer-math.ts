/** Products and quotients of safe integers, exact: what leaves 2^53 on the way goes through bigint. The rounding is in the name. */
import { assert } from '../../model/index.ts'

const SAFE = Number.MAX_SAFE_INTEGER

/** `a × b / c` rounded down, for whole `a`, `b` ≥ 0 and `c` > 0 below 2^53. Asserts that the result is below 2^53. */
export function mulDivFloor(a: number, b: number, c: number): number {
  const product = a * b
  if (product <= SAFE) return Math.floor(product / c)
  const whole = Math.floor(a / c)
  const rest = a - whole * c
  const part = rest * b
  const high = whole * b
  if (part <= SAFE && high <= SAFE) return high + Math.floor(part / c)
  const exact = Number((BigInt(a) * BigInt(b)) / BigInt(c))
  assert(exact <= SAFE, `${a} × ${b} / ${c} leaves the safe integers`)
  return exact
}

/** `a × b / c` rounded up, for whole `a`, `b` ≥ 0 and `c` > 0 below 2^53. Asserts that the result is below 2^53. */
export function mulDivCeil(a: number, b: number, c: number): number {
  const product = a * b
  if (product <= SAFE) return Math.ceil(product / c)
  const whole = Math.floor(a / c)
  const rest = a - whole * c
  const part = rest * b
  const high = whole * b
  if (part <= SAFE && high <= SAFE) return high + Math.ceil(part / c)
  const numerator = BigInt(a) * BigInt(b)
  const exact = Number((numerator + BigInt(c) - 1n) / BigInt(c))
  assert(exact <= SAFE, `${a} × ${b} / ${c} leaves the safe integers`)
  return exact
}

/** A fraction as a ratio of whole numbers: `part / whole`. */
export type Ratio = { readonly part: number; readonly whole: number }

/**
 * The whole numbers that several fractions share as denominator: the smallest up to `most` at which every fraction is whole to 1e-10 relative
 * (rates such as 1/6 of a 3x market have no finite decimal), else `most` with the fractions rounded up.
 */
export function sharedDenominator(
  fractions: readonly number[],
  most: number,
): { readonly whole: number; readonly parts: readonly number[]; readonly exact: boolean } {
  let whole = 1
  for (const fraction of fractions) {
    const { whole: own } = ratioOf(fraction)
    whole = (whole / gcd(whole, own)) * own
    if (whole > most) break
  }
  const shared = whole <= most ? whole : most
  const parts = fractions.map((fraction) => {
    const nearest = Math.round(fraction * shared)
    return near(nearest / shared, fraction) ? nearest : Math.ceil(fraction * shared)
  })
  const exact = parts.every((part, at) => near(part / shared, fractions[at] as number))
  return { whole: shared, parts, exact }
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-10 * Math.max(Math.abs(b), 1e-6)
}

/** The ratio of smallest whole numbers that is this fraction to 1e-10 (continued fraction, denominators below 2^26). */
export function ratioOf(fraction: number): Ratio {
  let [h0, h1, k0, k1] = [0, 1, 1, 0]
  let x = fraction
  for (let step = 0; step < 40; step++) {
    const a = Math.floor(x)
    ;[h0, h1] = [h1, a * h1 + h0]
    ;[k0, k1] = [k1, a * k1 + k0]
    if (k1 > 0x4000000) return { part: h0, whole: k0 }
    if (near(h1 / k1, fraction)) return { part: h1, whole: k1 }
    x = 1 / (x - a)
  }
  return { part: h1, whole: k1 }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
