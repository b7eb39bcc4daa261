/**
 * Fixed-point arithmetic of Aave: ray (1e27), wad (1e18), basis points (1e4), with the rounding in the name.
 * Half-up forms are those of every version (`WadRayMath`, `PercentageMath`); floor and ceil forms came with v3.5. What does not fit into 256 bits,
 * and division by zero, reverts without data, as v3's assembly does.
 */
import { MAX_UINT256, revert } from '../solidity.ts'

/** 1.0 in fixed-point with 27 decimals. */
export const RAY = 10n ** 27n
/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** 100 % in basis points. */
export const PERCENT = 10_000n
/** Seconds of Aave's year: 365 days. */
export const YEAR = 31_536_000n
const HALF_RAY = RAY / 2n

/** A revert without data. */
export const EMPTY_REVERT = '(empty)'

const add = (a: bigint, b: bigint) => fits(a + b)
const mul = (a: bigint, b: bigint) => fits(a * b)
const fits = (value: bigint) => (value > MAX_UINT256 ? failed('overflow') : value)
const div = (a: bigint, b: bigint) => (b === 0n ? failed('division by zero') : a / b)
const failed = (arithmetic: string) => revert(EMPTY_REVERT, `arithmetic: ${arithmetic}`, { arithmetic })

/** `a · b` in rays, half up. */
export function rayMul(a: bigint, b: bigint): bigint {
  return add(mul(a, b), HALF_RAY) / RAY
}
/** `a · b` in rays, rounded down. */
export function rayMulFloor(a: bigint, b: bigint): bigint {
  return mul(a, b) / RAY
}
/** `a · b` in rays, rounded up. */
export function rayMulCeil(a: bigint, b: bigint): bigint {
  return ceilDiv(mul(a, b), RAY)
}
/** `a / b` in rays, half up. */
export function rayDiv(a: bigint, b: bigint): bigint {
  return div(add(mul(a, RAY), b / 2n), b)
}
/** `a / b` in rays, rounded down. */
export function rayDivFloor(a: bigint, b: bigint): bigint {
  return div(mul(a, RAY), b)
}
/** `a / b` in rays, rounded up. */
export function rayDivCeil(a: bigint, b: bigint): bigint {
  return ceilDiv(mul(a, RAY), b)
}
/** `a / b` in wads, half up. */
export function wadDiv(a: bigint, b: bigint): bigint {
  return div(add(mul(a, WAD), b / 2n), b)
}
/** `a / b` in wads, rounded down. */
export function wadDivFloor(a: bigint, b: bigint): bigint {
  return div(mul(a, WAD), b)
}
/** `a` times basis points, half up. */
export function percentMul(a: bigint, bps: bigint): bigint {
  return add(mul(a, bps), PERCENT / 2n) / PERCENT
}
/** `a` times basis points, rounded down. */
export function percentMulFloor(a: bigint, bps: bigint): bigint {
  return mul(a, bps) / PERCENT
}
/** `a` times basis points, rounded up. */
export function percentMulCeil(a: bigint, bps: bigint): bigint {
  return ceilDiv(mul(a, bps), PERCENT)
}
/** `a` divided by basis points, half up. */
export function percentDiv(a: bigint, bps: bigint): bigint {
  return div(add(mul(a, PERCENT), bps / 2n), bps)
}
/** `a` divided by basis points, rounded down. */
export function percentDivFloor(a: bigint, bps: bigint): bigint {
  return div(mul(a, PERCENT), bps)
}
/** `a` divided by basis points, rounded up. */
export function percentDivCeil(a: bigint, bps: bigint): bigint {
  return ceilDiv(mul(a, PERCENT), bps)
}
/** `a` in wads as rays. */
export function wadToRay(a: bigint): bigint {
  return mul(a, 10n ** 9n)
}
/** `a · b / c` rounded up. */
export function mulDivCeil(a: bigint, b: bigint, c: bigint): bigint {
  return ceilDiv(mul(a, b), c)
}

const ceilDiv = (a: bigint, b: bigint) => div(a + (b === 0n ? 0n : b - 1n), b)

/** Growth of the liquidity index over `seconds`: `1 + rate · t / year`, ray, rounded down. */
export function linearInterest(rate: bigint, seconds: bigint): bigint {
  return RAY + mul(rate, seconds) / YEAR
}

/** e^(rate · t / year) as `1 + x + x · (x / 2 + x · (x / 6))`, ray, products half up (from v3.4; older versions use other polynomials). */
export function compoundedExponential(rate: bigint, seconds: bigint): bigint {
  const x = mul(rate, seconds) / YEAR
  return RAY + x + rayMul(x, x / 2n + rayMul(x, x / 6n))
}
