/**
 * Health factors to the wei over many accounts: the valuation of Aave v3.5 and later in bigint, with everything that does not depend on the account
 * (index at the moment, price, unit, threshold) taken out of the loop. Equal to the mechanism's own, which its test holds it to.
 */
import { assert } from '../../model/index.ts'

const RAY = 10n ** 27n
const WAD = 10n ** 18n
const PERCENT = 10_000n
/** RAY = 2^27 · 5^27, and 5^27 fits into one machine word: dividing by the two parts one after the other is exact and twice as fast. */
const FIVES = 5n ** 27n
/** Health factor of a loan without debt: 2^256 − 1. */
export const EXACT_NO_DEBT = (1n << 256n) - 1n

/**
 * A market at one moment, by weight number: `index` in ray (liquidity index of a collateral, borrow index of a debt), `price` in base currency,
 * `unit` = 10^decimals, `threshold` in bps (not used of a debt).
 */
export type ExactWeight = {
  readonly index: bigint
  readonly price: bigint
  readonly unit: bigint
  readonly threshold: bigint
}

/** A leg in scaled atoms. */
export type ExactLeg = { readonly weight: number; readonly scaled: bigint }

/** A loan as legs. */
export type ExactLoan = { readonly collateral: readonly ExactLeg[]; readonly debt: readonly ExactLeg[] }

/** Loans in columns, as {@link LoanColumns} with scaled atoms. */
export type ExactColumns = {
  readonly loans: number
  readonly starts: Int32Array
  readonly middles: Int32Array
  readonly weights: Int32Array
  readonly scaled: readonly bigint[]
}

/** Puts loans into columns. Legs of one threshold stand best side by side. */
export function exactColumns(loans: readonly ExactLoan[]): ExactColumns {
  const legs = loans.flatMap(({ collateral, debt }) => [...collateral, ...debt])
  const starts = new Int32Array(loans.length + 1)
  const middles = new Int32Array(loans.length)
  loans.forEach(({ collateral, debt }, loan) => {
    assert(
      [...collateral, ...debt].every(({ scaled }) => scaled >= 0n),
      'scaled amounts are at least zero',
    )
    middles[loan] = (starts[loan] as number) + collateral.length
    starts[loan + 1] = (middles[loan] as number) + debt.length
  })
  const weights = Int32Array.from(legs, ({ weight }) => weight)
  return { loans: loans.length, starts, middles, weights, scaled: legs.map(({ scaled }) => scaled) }
}

/** The table of a moment as the loop wants it. */
export type ExactTable = {
  readonly indices: readonly bigint[]
  readonly prices: readonly bigint[]
  readonly units: readonly bigint[]
  /** Units less one: what makes a division round up. */
  readonly last: readonly bigint[]
  readonly thresholds: readonly bigint[]
}

/** Takes the weights of a moment apart. */
export function exactTable(weights: readonly ExactWeight[]): ExactTable {
  return {
    indices: weights.map(({ index }) => index),
    prices: weights.map(({ price }) => price),
    units: weights.map(({ unit }) => unit),
    last: weights.map(({ unit }) => unit - 1n),
    thresholds: weights.map(({ threshold }) => threshold),
  }
}

/** Health factors in wad into `out`, one loan after the other; see {@link exactHealthFactor}. */
export function exactHealthFactors(columns: ExactColumns, table: ExactTable, out: bigint[]): void {
  for (let loan = 0; loan < columns.loans; loan++) out[loan] = exactHealthFactor(columns, table, loan)
}

/**
 * The health factor of one loan, wad: balances and values of collateral down, debts up, the quotient half up and then down
 * (`GenericLogic.calculateUserAccountData` of v3.5); {@link EXACT_NO_DEBT} when nothing is owed.
 */
export function exactHealthFactor(columns: ExactColumns, table: ExactTable, loan: number): bigint {
  const { starts, middles, weights, scaled } = columns
  const { indices, prices, units, last, thresholds } = table
  const middle = middles[loan] as number
  const end = starts[loan + 1] as number
  let [weighted, threshold, value] = [0n, 0n, 0n]
  let leg = starts[loan] as number
  for (; leg < middle; leg++) {
    const weight = weights[leg] as number
    const own = thresholds[weight] as bigint
    if (own !== threshold) {
      weighted += value * threshold
      threshold = own
      value = 0n
    }
    const balance = (((scaled[leg] as bigint) * (indices[weight] as bigint)) >> 27n) / FIVES
    value += (balance * (prices[weight] as bigint)) / (units[weight] as bigint)
  }
  weighted += value * threshold
  let owed = 0n
  for (; leg < end; leg++) {
    const weight = weights[leg] as number
    const amount = (((scaled[leg] as bigint) * (indices[weight] as bigint) + (RAY - 1n)) >> 27n) / FIVES
    owed += (amount * (prices[weight] as bigint) + (last[weight] as bigint)) / (units[weight] as bigint)
  }
  return owed === 0n ? EXACT_NO_DEBT : (weighted * WAD + (owed >> 1n)) / (owed * PERCENT)
}
