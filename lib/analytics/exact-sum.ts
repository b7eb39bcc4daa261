/**
 * Sums of dollars that do not depend on the order of the events: whole millionths of a dollar, added as integers.
 * Float addition is not associative, so two engines (or two shards) would give two totals and two hashes for one truth.
 */

/** Beyond this many dollars a single value counts as this many, so that integer columns of 64 bits hold it. */
export const USD_CEILING = 9e12
const MICRO = 1_000_000

/**
 * A dollar value as whole millionths of a dollar, nearest (halves up), within ±{@link USD_CEILING}. Written with the operations
 * that SQL has too (`floor(x * 1e6 + 0.5)`), in the same order, so that both give the same integer.
 */
function roundToMicros(usd: number): number {
  return Math.floor(Math.min(USD_CEILING, Math.max(-USD_CEILING, usd)) * MICRO + 0.5)
}

/** Dollars of a sum of millionths. */
export function usdOfMicros(micros: bigint): number {
  return Number(micros) / MICRO
}

/** A running sum: `low` collects small values fast, `high` takes over before `low` leaves the safe integers. */
export type ExactSum = { low: number; high: bigint }

/** An empty sum. */
export function exactSum(): ExactSum {
  return { low: 0, high: 0n }
}

/** Adds dollars to a sum. */
export function addUsd(sum: ExactSum, usd: number): void {
  const micros = roundToMicros(usd)
  if (Math.abs(micros) > 2 ** 51) sum.high += BigInt(micros)
  else sum.low += micros
  if (Math.abs(sum.low) > 2 ** 51) {
    sum.high += BigInt(sum.low)
    sum.low = 0
  }
}

/** The dollars of a sum. */
export function usdOf(sum: ExactSum): number {
  return usdOfMicros(sum.high + BigInt(sum.low))
}
