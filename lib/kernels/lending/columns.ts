/**
 * Loans of many accounts in columns, and their health factors in float64: collateral and debt legs one after the other (CSR), each leg an amount
 * and the number of a weight. A weight is price · threshold of a collateral or price of a debt, so a new price changes a small table and no loan.
 * A screen: what it finds near 1 the mechanism's integers decide.
 */
import { assert } from '../../model/index.ts'

/** A leg: which weight it takes, and how much there is (in the unit that the weight is per). */
export type LoanLeg = { readonly weight: number; readonly amount: number }

/** A loan as legs. */
export type Loan = { readonly collateral: readonly LoanLeg[]; readonly debt: readonly LoanLeg[] }

/** Loans in columns: legs of loan `i` are `starts[i]` … `starts[i + 1]`, collateral first, debts from `middles[i]` on. */
export type LoanColumns = {
  readonly loans: number
  readonly starts: Int32Array
  readonly middles: Int32Array
  readonly weights: Int32Array
  readonly amounts: Float64Array
}

/** Puts loans into columns. Amounts are finite and at least zero. */
export function loanColumns(loans: readonly Loan[]): LoanColumns {
  const legs = loans.reduce((sum, { collateral, debt }) => sum + collateral.length + debt.length, 0)
  const columns = {
    loans: loans.length,
    starts: new Int32Array(loans.length + 1),
    middles: new Int32Array(loans.length),
    weights: new Int32Array(legs),
    amounts: new Float64Array(legs),
  }
  let at = 0
  const put = ({ weight, amount }: LoanLeg) => {
    assert(amount >= 0 && amount < Number.POSITIVE_INFINITY, 'an amount is finite and at least zero')
    assert(Number.isInteger(weight) && weight >= 0, 'a weight is named by its number')
    columns.weights[at] = weight
    columns.amounts[at] = amount
    at++
  }
  loans.forEach(({ collateral, debt }, loan) => {
    collateral.forEach(put)
    columns.middles[loan] = at
    debt.forEach(put)
    columns.starts[loan + 1] = at
  })
  return columns
}

/**
 * Health factors of all loans into `out`: Σ collateral / Σ debt with the weights of this moment; Infinity where nothing is owed, so that
 * every comparison with a threshold holds.
 */
export function healthFactors(
  { loans, starts, middles, weights, amounts }: LoanColumns,
  table: Float64Array,
  out: Float64Array,
): void {
  let leg = 0
  for (let loan = 0; loan < loans; loan++) {
    const middle = middles[loan] as number
    const end = starts[loan + 1] as number
    let backing = 0
    for (; leg < middle; leg++) backing += (amounts[leg] as number) * (table[weights[leg] as number] as number)
    let required = 0
    for (; leg < end; leg++) required += (amounts[leg] as number) * (table[weights[leg] as number] as number)
    out[loan] = required > 0 ? backing / required : Number.POSITIVE_INFINITY
  }
}

/** Numbers of loans whose health factor is below `threshold` into `hits`, ascending; returns how many. A threshold a hair above 1 misses none. */
export function loansBelow(
  { loans, starts, middles, weights, amounts }: LoanColumns,
  table: Float64Array,
  threshold: number,
  hits: Int32Array,
): number {
  let leg = 0
  let found = 0
  for (let loan = 0; loan < loans; loan++) {
    const middle = middles[loan] as number
    const end = starts[loan + 1] as number
    let backing = 0
    for (; leg < middle; leg++) backing += (amounts[leg] as number) * (table[weights[leg] as number] as number)
    let required = 0
    for (; leg < end; leg++) required += (amounts[leg] as number) * (table[weights[leg] as number] as number)
    if (backing < threshold * required) hits[found++] = loan
  }
  return found
}
