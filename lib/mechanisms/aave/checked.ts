/**
 * Solidity's checked arithmetic for Aave's versions: compilers from 0.8 on panic, SafeMath of v1 and v2 names the operation that failed, which is why
 * a revert here carries it. And what fits into fewer bits: the versions cast amounts, indices and rates, each with its own refusal.
 * Sources: OpenZeppelin `SafeMath`, `SafeCast` (dependencies of protocol v2 1.0.1, core v3 1.19.3, aave-v3-origin).
 */
import type { Refusal } from '../mechanism.ts'
import { ensure, MAX_UINT128, MAX_UINT256, PANIC_ARITHMETIC, PANIC_DIVISION, revert } from '../solidity.ts'

const failed = (operation: Operation, code = PANIC_ARITHMETIC) => revert(code, `${operation} failed`, { operation })
type Operation = 'addition' | 'subtraction' | 'multiplication' | 'division'

/** `a + b`; reverts above 2^256 − 1. */
export function add(a: bigint, b: bigint): bigint {
  return a + b > MAX_UINT256 ? failed('addition') : a + b
}

/** `a − b`; reverts below zero. */
export function sub(a: bigint, b: bigint): bigint {
  return b > a ? failed('subtraction') : a - b
}

/** `a × b`; reverts above 2^256 − 1. */
export function mul(a: bigint, b: bigint): bigint {
  return a * b > MAX_UINT256 ? failed('multiplication') : a * b
}

/** `a / b` towards zero; reverts when `b` is zero. */
export function div(a: bigint, b: bigint): bigint {
  return b === 0n ? failed('division', PANIC_DIVISION) : a / b
}

/** What SafeMath says of a refusal of the functions above; `undefined` for any other. */
export function safeMathWord(refused: Refusal | undefined): string | undefined {
  const operation = refused?.values?.['operation'] as Operation | undefined
  if (operation === undefined) return undefined
  return operation === 'division' ? 'SafeMath: division by zero' : `SafeMath: ${operation} overflow`
}

/** `a + b` of two words of so many bits; reverts where the sum is none. */
export function sum(a: bigint, b: bigint, bits = 128n): bigint {
  return a + b >= 1n << bits ? failed('addition') : a + b
}

/** The value, when 128 bits hold it, in v3.0's word; in v2, which asks only where it stores indices and rates, in the `code` given. */
export function cast128(value: bigint, code = "SafeCast: value doesn't fit in 128 bits"): bigint {
  ensure(value <= MAX_UINT128, code, `${value} does not fit into 128 bits`)
  return value
}
