/**
 * Optimal execution of a large sale (Almgren and Chriss 2000, "Optimal execution of portfolio transactions", equations 8 to 20): an even sale costs
 * least impact, a fast one least risk; the trade between them is a sinh curve.
 *
 * η̃ = η − γτ/2, κ̃² = λσ²/η̃, κ = acosh(κ̃²τ²/2 + 1)/τ, x_j = X·sinh(κ(T − t_j))/sinh(κT),
 * E = ½γX² + εX + (η̃/τ)·Σ n_j², V = σ²τ·Σ x_j².
 */
import { breakwaterError } from '../../model/index.ts'

/** A sale to plan. Time in days; prices in quote per unit. */
export type ExecutionTerms = {
  /** Quantity to sell, units. */
  readonly quantity: number
  /** Horizon, days, and into how many equal steps it is cut. */
  readonly days: number
  readonly steps: number
  /** Volatility of the price, quote per √day (absolute, not a fraction). */
  readonly volatility: number
  /** Half the bid-ask spread, quote. */
  readonly halfSpread: number
  /** Permanent impact, quote per unit sold; temporary impact, quote per unit a day. */
  readonly permanent: number
  readonly temporary: number
  /** Aversion to variance, 1 / quote; 0 sells evenly. */
  readonly riskAversion: number
}

/** A plan: what is held at the start of each step and at the end, what it costs to expect (quote), and the variance of the cost (quote²). */
export type ExecutionPlan = {
  readonly holdings: readonly number[]
  readonly expectedCost: number
  readonly variance: number
  /** Speed of the curve, 1 / day; 0 for the even sale. */
  readonly kappa: number
  /** Days in which the trade falls to 1 / e in continuous time: 1 / κ̃; `undefined` for the even sale. */
  readonly halfLife: number | undefined
}

/** The best plan for the aversion given. Refuses (`bad-number`) what no sale can have, and impact that would pay the seller (η̃ ≤ 0). */
export function executionPlan(terms: ExecutionTerms): ExecutionPlan {
  const { quantity, days, steps, volatility, permanent, temporary, riskAversion } = terms
  for (const [name, value, least] of [
    ...([
      ['quantity', quantity, 0],
      ['days', days, 1e-9],
      ['volatility', volatility, 0],
    ] as const),
    ...([
      ['half spread', terms.halfSpread, 0],
      ['permanent impact', permanent, 0],
    ] as const),
    ...([
      ['temporary impact', temporary, 0],
      ['risk aversion', riskAversion, 0],
    ] as const),
  ] as const)
    if (!(Number.isFinite(value) && value >= least))
      throw breakwaterError('bad-number', `the ${name} is ${value}, not a number of ${least} or more`, {
        [name]: value,
      })
  if (!Number.isInteger(steps) || steps < 1)
    throw breakwaterError('bad-number', `a sale of ${steps} steps: give a whole number of 1 or more`, { steps })
  const tau = days / steps
  const adjusted = temporary - (permanent * tau) / 2
  if (adjusted <= 0)
    throw breakwaterError(
      'bad-number',
      `temporary impact ${temporary} is no more than half the permanent one per step`,
      {
        ...{ temporary, permanent, tau },
      },
    )
  const speed = Math.sqrt((riskAversion * volatility ** 2) / adjusted)
  const kappa = Math.acosh((speed * speed * tau * tau) / 2 + 1) / tau
  const holdings = Array.from({ length: steps + 1 }, (_, j) => held(quantity, days, kappa, j * tau, j / steps))
  return { holdings, ...costOf(holdings, terms), kappa, halfLife: speed > 0 ? 1 / speed : undefined }
}

function held(quantity: number, days: number, kappa: number, time: number, share: number): number {
  if (share === 1) return 0
  if (kappa * days < 1e-9) return quantity * (1 - share)
  if (kappa * days > 700) return quantity * Math.exp(-kappa * time)
  return (quantity * Math.sinh(kappa * (days - time))) / Math.sinh(kappa * days)
}

/** Expected cost and variance of any list of holdings, one a step and the last 0. */
export function costOf(
  holdings: readonly number[],
  terms: ExecutionTerms,
): { readonly expectedCost: number; readonly variance: number } {
  const tau = terms.days / terms.steps
  const adjusted = terms.temporary - (terms.permanent * tau) / 2
  let [squares, held2] = [0, 0]
  for (let j = 1; j < holdings.length; j++) {
    const [before, after] = [holdings[j - 1] as number, holdings[j] as number]
    squares += (before - after) ** 2
    held2 += after * after
  }
  const expectedCost =
    0.5 * terms.permanent * terms.quantity ** 2 + terms.halfSpread * terms.quantity + (adjusted / tau) * squares
  return { expectedCost, variance: terms.volatility ** 2 * tau * held2 }
}

/** Expected cost and variance of the best plan for each aversion: the frontier. */
export function executionFrontier(
  terms: Omit<ExecutionTerms, 'riskAversion'>,
  aversions: readonly number[],
): readonly ExecutionPlan[] {
  return aversions.map((riskAversion) => executionPlan({ ...terms, riskAversion }))
}
