/** Arithmetic as Solidity does it: unsigned, checked, and a revert as the way out. Inside a mechanism only; `apply` turns reverts into refusals. */
import type { Applied, Refusal } from './mechanism.ts'

/** 2^256 − 1. */
export const MAX_UINT256 = (1n << 256n) - 1n
/** 2^128 − 1. */
export const MAX_UINT128 = (1n << 128n) - 1n

/** Solidity's panic for arithmetic under- or overflow. */
export const PANIC_ARITHMETIC = 'Panic(0x11)'
/** Solidity's panic for division by zero. */
export const PANIC_DIVISION = 'Panic(0x12)'

/** Stops the action with the contract's own word. */
export function revert(code: string, message = code, values?: Refusal['values']): never {
  throw Object.assign(new Error(message), { refusal: { code, message, values } satisfies Refusal })
}

/** Reverts with `code` unless the condition holds. */
export function ensure(condition: boolean, code: string, message = code): asserts condition {
  if (!condition) revert(code, message)
}

/** Runs an action that may revert. Anything that is no revert is a bug and goes on. */
export function applied(action: () => Applied): Applied {
  try {
    return action()
  } catch (error) {
    const refused = (error as { refusal?: Refusal }).refusal
    if (refused === undefined) throw error
    return { refused }
  }
}

/** What a look gives; `undefined` where the contract's arithmetic would revert. */
export function unlessReverted<T>(look: () => T): T | undefined {
  let seen: T | undefined
  applied(() => {
    seen = look()
    return { facts: [] }
  })
  return seen
}

/** `a + b`; reverts above 2^256 − 1. */
export function add(a: bigint, b: bigint): bigint {
  const sum = a + b
  return sum > MAX_UINT256 ? revert(PANIC_ARITHMETIC) : sum
}

/** `a − b`; reverts below zero. */
export function sub(a: bigint, b: bigint): bigint {
  return b > a ? revert(PANIC_ARITHMETIC) : a - b
}

/** `a × b`; reverts above 2^256 − 1. */
export function mul(a: bigint, b: bigint): bigint {
  const product = a * b
  return product > MAX_UINT256 ? revert(PANIC_ARITHMETIC) : product
}

/** `a / b` towards zero; reverts when `b` is zero. */
export function div(a: bigint, b: bigint): bigint {
  return b === 0n ? revert(PANIC_DIVISION) : a / b
}

/** `a − b`, zero when that is negative. */
export function zeroFloorSub(a: bigint, b: bigint): bigint {
  return a > b ? a - b : 0n
}

/** The smaller one. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** The greater one. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
