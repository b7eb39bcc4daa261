/**
 * Kamino's numbers: unsigned fixed point with 60 fraction bits in 128 bits (`Fraction`, here scaled integers of 2^60 = 1); every product and quotient
 * is rounded down. Overflow stops the call. Source: Kamino-Finance/klend@edd5ff5 `utils/fraction.rs` (`U68F60` of the crate `fixed`).
 */
import { ensure, MAX_UINT128, revert } from '../solidity.ts'

const BITS = 60n
/** 1.0. */
export const ONE = 1n << BITS
/** The greatest token amount, 2^64 − 1. */
export const MAX_UINT64 = (1n << 64n) - 1n

/** The value, when a fraction's 128 bits hold it. */
export function fit(value: bigint): bigint {
  return value > MAX_UINT128 ? revert('MathOverflow') : value
}

/** Checks that an amount fits 64 bits. */
export function amount64(value: bigint): bigint {
  return value < 0n || value > MAX_UINT64 ? revert('MathOverflow') : value
}

/** A whole number as a fraction. */
export function whole(value: bigint): bigint {
  return fit(value << BITS)
}
/** `a · b`, rounded down. */
export function timesDown(a: bigint, b: bigint): bigint {
  return fit((a * b) >> BITS)
}
/** `a / b`, rounded down. */
export function overDown(a: bigint, b: bigint): bigint {
  ensure(b !== 0n, 'DivisionByZero')
  return fit((a << BITS) / b)
}
/** `a / b`, rounded up. */
export function overUp(a: bigint, b: bigint): bigint {
  ensure(b !== 0n, 'DivisionByZero')
  return fit(((a << BITS) + b - 1n) / b)
}
/** `a − b`; stops below zero. */
export function minus(a: bigint, b: bigint): bigint {
  return b > a ? revert('MathOverflow') : a - b
}
/** Percent as a fraction, rounded down. */
export function percentDown(value: bigint): bigint {
  return whole(value) / 100n
}
/** Basis points as a fraction, rounded down. */
export function bpsDown(value: bigint): bigint {
  return whole(value) / 10_000n
}
/** The whole part. */
export function toFloor(value: bigint): bigint {
  return value >> BITS
}
/** The least whole number not below. */
export function toCeil(value: bigint): bigint {
  return (value + ONE - 1n) >> BITS
}
/** The nearest whole number, halves up. */
export function toNearest(value: bigint): bigint {
  return (value + (ONE >> 1n)) >> BITS
}
