/**
 * The widths of Comet's integers and the word each cast refuses with: what does not fit a cast has an error of its own, what overflows a sum panics.
 * Source: compound-finance/comet@d5a30b0a `CometMath.sol`, types of `CometStorage.sol`.
 */
import { MAX_UINT128, PANIC_ARITHMETIC, revert } from '../solidity.ts'

const MAX_UINT64 = (1n << 64n) - 1n
const MAX_UINT104 = (1n << 104n) - 1n
const MAX_INT104 = (1n << 103n) - 1n
const MAX_INT256 = (1n << 255n) - 1n

function fit(value: bigint, most: bigint, word: string): bigint {
  return value > most ? revert(word) : value
}

/** A rate or the growth of an index (`safe64`). */
export function safe64(value: bigint): bigint {
  return fit(value, MAX_UINT64, 'InvalidUInt64')
}
/** The magnitude of a principal (`safe104`, then `signed104`). */
export function principalSize(value: bigint): bigint {
  return fit(fit(value, MAX_UINT104, 'InvalidUInt104'), MAX_INT104, 'InvalidInt104')
}
/** An amount of collateral (`safe128`). */
export function safe128(value: bigint): bigint {
  return fit(value, MAX_UINT128, 'InvalidUInt128')
}
/** An amount that becomes signed (`signed256`). */
export function signed256(value: bigint): bigint {
  return fit(value, MAX_INT256, 'InvalidInt256')
}

/** `a + b` of indices, `uint64`. */
export function add64(a: bigint, b: bigint): bigint {
  return fit(a + b, MAX_UINT64, PANIC_ARITHMETIC)
}
/** A sum of principals after a signed change, `uint104`. */
export function moved104(total: bigint, change: bigint): bigint {
  return total + change < 0n ? revert(PANIC_ARITHMETIC) : fit(total + change, MAX_UINT104, PANIC_ARITHMETIC)
}
/** `a + b` of collateral, `uint128`. */
export function add128(a: bigint, b: bigint): bigint {
  return fit(a + b, MAX_UINT128, PANIC_ARITHMETIC)
}
/** A signed product, `int256`; `a` may be below zero. */
export function mulSigned(a: bigint, b: bigint): bigint {
  const product = a * b
  return product > MAX_INT256 || product < -MAX_INT256 - 1n ? revert(PANIC_ARITHMETIC) : product
}
