/**
 * What a rational liquidator makes of a fixed spread: when a liquidation worsens what it should heal, and how to repay more than the close factor
 * allows in one step. Values are plain numbers in one currency.
 *
 * Sources: Warmuz et al. 2022 (arXiv 2212.07306) and arXiv 2510.10171 for toxicity; Qin et al. 2021 (arXiv 2106.06389) §5.2 for the two steps.
 */
import { breakwaterError } from '../../model/index.ts'

/**
 * The loan-to-value above which a liquidation lowers the health factor: `1 / ((1 + incentive) · λ)`. `incentive`: 0.05 = 5 %;
 * `penalty` λ ≥ 1: how much worse than the oracle's the sale's own price is. A design is safe when its liquidation threshold is below this.
 */
export function toxicLtv(incentive: number, penalty = 1): number {
  const base = (1 + incentive) * penalty
  if (!(base > 0 && Number.isFinite(base)))
    throw breakwaterError(
      'bad-number',
      `an incentive of ${incentive} with penalty ${penalty} has no toxic loan-to-value`,
      {
        incentive,
        penalty,
      },
    )
  return 1 / base
}

/** A loan to liquidate: values of collateral and debt, liquidation threshold, spread (0.08 = 8 %) and close factor, both of 1. */
export type TwoStepLoan = {
  readonly collateral: number
  readonly debt: number
  readonly threshold: number
  readonly spread: number
  readonly closeFactor: number
}

/**
 * Two repayments: the first just less than what would cure the loan, the second the close factor of what is left; beside it what one repayment up to
 * the close factor is, and how much more the two are. `possible`: the loan is liquidatable and the first step is within the close factor.
 */
export type TwoSteps = {
  readonly first: number
  readonly second: number
  readonly upToCloseFactor: number
  readonly gain: number
  readonly possible: boolean
}

/** The two steps; `undefined` when the loan is toxic in design, so that no repayment ever cures it. */
export function optimalTwoStep(loan: TwoStepLoan): TwoSteps | undefined {
  const { collateral, debt, threshold, spread, closeFactor } = loan
  const cured = 1 - threshold * (1 + spread)
  if (!(cured > 0) || !(debt > 0) || !(closeFactor > 0)) return undefined
  const first = (debt - threshold * collateral) / cured
  const second = closeFactor * (debt - first)
  const upToCloseFactor = closeFactor * debt
  return {
    ...{ first, second, upToCloseFactor, gain: (first + second) / upToCloseFactor - 1 },
    possible: first > 0 && first <= upToCloseFactor,
  }
}
