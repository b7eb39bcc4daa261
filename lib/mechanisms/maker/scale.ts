/** Maker's arithmetic: wad (1e18), ray (1e27), rad (1e45); products round down, powers round half up. Source: makerdao/dss `lib`, `abaci.sol`. */
import { div, mul } from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** 1.0 in fixed-point with 27 decimals. */
export const RAY = 10n ** 27n

/** `x · y` at 1e18, rounded down. */
export function wmulDown(x: bigint, y: bigint): bigint {
  return mul(x, y) / WAD
}
/** `x · y` at 1e27, rounded down. */
export function rmulDown(x: bigint, y: bigint): bigint {
  return mul(x, y) / RAY
}
/** `x / y` at 1e27, rounded down. */
export function rdivDown(x: bigint, y: bigint): bigint {
  return div(mul(x, RAY), y)
}

/** `x^n` at 1e27 by squaring; every product half up (`abaci.sol` `rpow`). */
export function rpow(x: bigint, n: bigint): bigint {
  if (x === 0n) return n === 0n ? RAY : 0n
  const half = RAY / 2n
  let [power, base] = [n % 2n === 0n ? RAY : x, x]
  for (let left = n / 2n; left > 0n; left /= 2n) {
    base = (mul(base, base) + half) / RAY
    if (left % 2n === 1n) power = (mul(power, base) + half) / RAY
  }
  return power
}
