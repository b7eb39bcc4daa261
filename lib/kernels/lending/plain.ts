/** The plain twins: the same questions about loans asked of ordinary objects, one after the other. The kernels must agree with them. */
import type { Loan, LoanLeg } from './columns.ts'
import type { ShockLines, ShockRung } from './kill-index.ts'

/** Health factor of one loan: Σ collateral / Σ debt; Infinity when nothing is owed. */
export function plainHealthFactor({ collateral, debt }: Loan, table: ArrayLike<number>): number {
  const sum = (legs: readonly LoanLeg[]) =>
    legs.reduce((total, { weight, amount }) => total + amount * (table[weight] as number), 0)
  const required = sum(debt)
  return required > 0 ? sum(collateral) / required : Number.POSITIVE_INFINITY
}

/** Numbers of the loans below a threshold, ascending. */
export function plainLoansBelow(loans: readonly Loan[], table: ArrayLike<number>, threshold: number): number[] {
  return loans.flatMap((loan, index) => {
    const sum = (legs: readonly LoanLeg[]) =>
      legs.reduce((total, { weight, amount }) => total + amount * (table[weight] as number), 0)
    return sum(loan.collateral) < threshold * sum(loan.debt) ? [index] : []
  })
}

/** A rung by looking at every loan. */
export function plainRung(lines: ShockLines, factor: number): ShockRung {
  const rung = { loans: 0, collateral: 0, debt: 0, badDebt: 0 }
  for (let loan = 0; loan < lines.loans; loan++) {
    const line = (base: Float64Array, slope: Float64Array) => (base[loan] as number) + factor * (slope[loan] as number)
    const required = line(lines.required, lines.requiredSlope)
    const collateral = line(lines.collateral, lines.collateralSlope)
    if (line(lines.backing, lines.backingSlope) < required) {
      rung.loans++
      rung.collateral += collateral
      rung.debt += required
    }
    if (collateral < required) rung.badDebt += required - collateral
  }
  return rung
}
