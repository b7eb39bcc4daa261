/**
 * Maker's arithmetic: wad (1e18), ray (1e27), rad (1e45); products round down, powers round half up. It was written for Solidity 0.5 and 0.6, where a
 * check without a sentence and a division by zero (an invalid opcode) revert without data.
 * Source: makerdao/dss@fa4f6630 "Math" of `vat.sol`, `dog.sol`, `clip.sol`, `cat.sol`; `rpow` of `jug.sol` and `abaci.sol`.
 */
import { MAX_UINT256, revert } from '../solidity.ts'

/** A revert without data: `require(…)` without a sentence, or an invalid opcode. */
export const NO_DATA = '(empty)'
/** The greatest magnitude of Solidity's `int`: 2^255 below zero, one less above. */
const INT_RANGE = 1n << 255n

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** 1.0 in fixed-point with 27 decimals. */
export const RAY = 10n ** 27n

function checked(value: bigint): bigint {
  return value < 0n || value > MAX_UINT256 ? revert(NO_DATA, 'arithmetic reverted without data') : value
}

/** `a + b`; reverts above 2^256 − 1. */
export function add(a: bigint, b: bigint): bigint {
  return checked(a + b)
}
/** `a − b`; reverts below zero. */
export function sub(a: bigint, b: bigint): bigint {
  return checked(a - b)
}
/** `a · b`; reverts above 2^256 − 1. */
export function mul(a: bigint, b: bigint): bigint {
  return checked(a * b)
}
/** `a / b`, rounded down; reverts when `b` is zero. */
export function div(a: bigint, b: bigint): bigint {
  return b === 0n ? revert(NO_DATA, 'division by zero reverted without data') : a / b
}
/** `x · y` for a signed `y` (`Vat._mul`): reverts unless both `x` and the product are an `int`. */
export function mulSigned(x: bigint, y: bigint): bigint {
  const product = x * y
  const fits = x < INT_RANGE && product < INT_RANGE && product >= -INT_RANGE
  return fits ? product : revert(NO_DATA, 'arithmetic reverted without data')
}

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

/** `x^n` at 1e27 by squaring; every product half up (`rpow` of `abaci.sol`, `_rpow` of `jug.sol`). */
export function rpow(x: bigint, n: bigint): bigint {
  if (x === 0n) return n === 0n ? RAY : 0n
  const half = RAY / 2n
  let [power, base] = [n % 2n === 0n ? RAY : x, x]
  for (let left = n / 2n; left > 0n; left /= 2n) {
    base = add(mul(base, base), half) / RAY
    if (left % 2n === 1n) power = add(mul(power, base), half) / RAY
  }
  return power
}
