/**
 * f(x) v2's ticks: 1.0015^tick is a ratio of debt shares to collateral shares, as a multiple of 2^96. Whole-number logarithm and power as the contract
 * computes them, its tables derived here: nearest 2^128 / 1.0015^(2^i) for the power, ⌊1.0015^(2^i) · 10^26⌋ of that power for the logarithm.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/libraries/TickMath.sol`, `contracts/core/pool/TickLogic.sol` (`_getTick`).
 */
import { ensure, MAX_UINT256 } from '../solidity.ts'

/** 2^96: the scale of a ratio. */
export const E96 = 1n << 96n
/** Highest tick, and minus the lowest one. */
export const MAX_TICK = 32_767
/** What stands for "no tick": the smallest 16-bit number. */
export const NO_TICK = -32_768

const BITS = 15
const PRECISION = 10n ** 26n

/** Nearest whole 2^128 · (2000/2003)^(2^i) for i = 0…14. */
const POWERS: readonly bigint[] = Array.from({ length: BITS }, (_, i) => {
  const exponent = 1n << BigInt(i)
  const below = 2003n ** exponent
  return (2n * (1n << 128n) * 2000n ** exponent + below) / (2n * below)
})

/** 1.0015^tick · 2^96: rounded down below tick 0, up above it. Reverts beyond ±32,767. */
export function ratioAtTick(tick: number): bigint {
  const size = Math.abs(tick)
  ensure(Number.isInteger(tick) && size <= MAX_TICK, 'tick out of range', `there is no tick ${tick}`)
  let value = 1n << 128n
  for (let i = 0; i < BITS; i++) if ((size >> i) & 1) value = (value * (POWERS[i] as bigint)) >> 128n
  if (tick < 0) return value >> 32n
  const inverse = MAX_UINT256 / value
  // Rounded up, so that the tick of a tick's ratio is that tick.
  return (inverse >> 32n) + (inverse % (1n << 32n) === 0n ? 0n : 1n)
}

/** 1.0015^(2^i) · 10^26 rounded down. */
const LOGS: readonly bigint[] = POWERS.map((_, i) => (ratioAtTick(1 << i) * PRECISION) / E96)
const MIN_RATIO = ratioAtTick(-MAX_TICK)
const MAX_RATIO = ratioAtTick(MAX_TICK)

/** The highest tick whose ratio is at most this one (· 2^96), rounded down for negative ticks too. Reverts outside of the ratios of all ticks. */
export function tickAtRatioDown(ratio: bigint): number {
  ensure(ratio >= MIN_RATIO && ratio <= MAX_RATIO, 'ratio out of range', `no tick has the ratio ${ratio}`)
  const negative = ratio < E96
  let value = negative ? (E96 * PRECISION) / ratio : (ratio * PRECISION) / E96
  let tick = 0
  for (let i = BITS - 1; i >= 0; i--) {
    const step = LOGS[i] as bigint
    if (value < step) continue
    tick |= 1 << i
    value = (value * PRECISION) / step
  }
  return negative ? ~tick : tick
}

/** The first tick whose ratio is at least debts / colls. Reverts without collateral. */
export function tickOfUp(colls: bigint, debts: bigint): number {
  ensure(colls > 0n, 'Panic(0x12)', 'a tick needs collateral')
  const ratio = (debts * E96) / colls
  const tick = Math.max(-MAX_TICK, tickAtRatioDown(ratio))
  return Math.min(MAX_TICK, ratioAtTick(tick) < ratio ? tick + 1 : tick)
}
