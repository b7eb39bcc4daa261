/**
 * How a deficit is spread over winners: policies of auto-deleveraging as haircuts on what each winner has to lose (Chitra et al., arXiv 2512.01112).
 * A winner has capacity u (USD); a haircut h takes x = h · u; the budget B = θ · deficit is met exactly, or as far as all capacities reach.
 */
import { breakwaterError } from '../../model/index.ts'

/** A winner: capacity u (USD), place in the queue (1 = first), largest allowed haircut β (0..1) and risk weight w where a policy uses them. */
export type HaircutWinner = {
  readonly capacity: number
  readonly rank?: number | undefined
  readonly largest?: number | undefined
  readonly weight?: number | undefined
}

/** By queue, one rate for all, one rate up to each one's limit (water-filling), by risk weight, or whole lots by largest remainder. */
export type HaircutPolicy = 'queue' | 'pro-rata' | 'capped' | 'risk-aware' | 'integer'

/** Haircuts (fractions) and amounts (USD) in the winners' order, and what was not covered. */
export type Haircuts = {
  readonly haircuts: readonly number[]
  readonly taken: readonly number[]
  readonly uncovered: number
}

/** Spreads a budget. Refuses (`bad-number`) negative amounts. `lot`: smallest amount of the integer policy, USD. */
export function haircuts(policy: HaircutPolicy, winners: readonly HaircutWinner[], budget: number, lot = 1): Haircuts {
  if (!(budget >= 0) || winners.some(({ capacity }) => !(capacity >= 0)))
    throw breakwaterError('bad-number', 'a budget and its winners’ capacities are 0 or more', { budget })
  const taken = takenBy(policy, winners, budget, lot)
  const sum = taken.reduce((total, one) => total + one, 0)
  return {
    haircuts: taken.map((one, at) => (one === 0 ? 0 : one / (winners[at]?.capacity ?? 1))),
    taken,
    uncovered: Math.max(0, budget - sum),
  }
}

function takenBy(policy: HaircutPolicy, winners: readonly HaircutWinner[], budget: number, lot: number): number[] {
  const capacities = winners.map(({ capacity }) => capacity)
  const all = capacities.reduce((sum, one) => sum + one, 0)
  if (policy === 'queue') return queued(winners, budget)
  if (policy === 'pro-rata') {
    const rate = all > 0 ? Math.min(1, budget / all) : 0
    return capacities.map((one) => one * rate)
  }
  if (policy === 'integer') return wholeLots(capacities, budget, lot)
  const limits = winners.map(({ largest = 1 }) => Math.min(1, Math.max(0, largest)))
  const weights = winners.map(({ weight = 1 }) => (policy === 'capped' ? 1 : Math.max(0, weight)))
  return filled(capacities, limits, weights, budget)
}

function queued(winners: readonly HaircutWinner[], budget: number): number[] {
  const order = winners.map((_, at) => at)
  order.sort((a, b) => (winners[a]?.rank ?? a) - (winners[b]?.rank ?? b) || a - b)
  const taken = winners.map(() => 0)
  let left = budget
  for (const at of order) {
    taken[at] = Math.min(winners[at]?.capacity ?? 0, left)
    left -= taken[at] as number
  }
  return taken
}

/** min(β, τ · w) · u summed to the budget: τ grows from limit to limit, so that the budget is met exactly. */
function filled(
  capacities: readonly number[],
  limits: readonly number[],
  weights: readonly number[],
  budget: number,
): number[] {
  const order = capacities.map((_, at) => at).filter((at) => (weights[at] as number) > 0)
  const full = (at: number) => (limits[at] as number) / (weights[at] as number)
  order.sort((a, b) => full(a) - full(b))
  let left = budget
  let open = order.reduce((sum, at) => sum + (weights[at] as number) * (capacities[at] as number), 0)
  const taken = capacities.map(() => 0)
  for (let k = 0; k < order.length; k++) {
    const at = order[k] as number
    if (full(at) * open >= left) {
      const level = open > 0 ? left / open : 0
      for (const one of order.slice(k)) taken[one] = level * (weights[one] as number) * (capacities[one] as number)
      return taken
    }
    taken[at] = (limits[at] as number) * (capacities[at] as number)
    left -= taken[at] as number
    open -= (weights[at] as number) * (capacities[at] as number)
  }
  return taken
}

/** Pro rata in whole lots: floors first, then one lot each to the largest remainders, until the budget (rounded up to lots) is met. */
function wholeLots(capacities: readonly number[], budget: number, lot: number): number[] {
  const lots = capacities.map((one) => Math.floor(one / lot))
  const all = lots.reduce((sum, one) => sum + one, 0)
  const want = Math.min(all, Math.ceil(budget / lot))
  const exact = lots.map((one) => (all > 0 ? (one * want) / all : 0))
  const taken = exact.map(Math.floor)
  const order = exact.map((_, at) => at)
  order.sort((a, b) => ((exact[b] as number) % 1) - ((exact[a] as number) % 1) || a - b)
  let left = want - taken.reduce((sum, one) => sum + one, 0)
  for (const at of order) {
    if (left <= 0) break
    if ((taken[at] as number) < (lots[at] as number)) {
      taken[at] = (taken[at] as number) + 1
      left -= 1
    }
  }
  return taken.map((one) => one * lot)
}

/** The insurance fund that is cheapest to hold: the 1 − r/κ quantile of past deficits (`r` cost of holding, `κ` cost per unit of shortfall). */
export function insuranceLevel(deficits: readonly number[], holdingCost: number, shortfallCost: number): number {
  if (deficits.length === 0 || !(holdingCost >= 0 && shortfallCost > holdingCost))
    throw breakwaterError('bad-number', 'a level needs deficits and a shortfall that costs more than holding', {
      ...{ deficits: deficits.length, holdingCost, shortfallCost },
    })
  const sorted = [...deficits].sort((a, b) => a - b)
  const at = Math.ceil((1 - holdingCost / shortfallCost) * sorted.length) - 1
  return sorted[Math.min(sorted.length - 1, Math.max(0, at))] as number
}

/** Bankruptcy and liquidation price of a signed position opened at 1 with a collateral, maintenance rate μ of its value; 0 where none is above 0. */
export function unitPrices(
  size: number,
  collateral: number,
  maintenance: number,
): { readonly bankruptcy: number; readonly liquidation: number } {
  if (size === 0 || !Number.isFinite(size) || !Number.isFinite(collateral))
    throw breakwaterError('bad-position', `a position of ${size} with ${collateral} has no price`, { size, collateral })
  return {
    bankruptcy: Math.max(0, 1 - collateral / size),
    liquidation: Math.max(0, (size - collateral) / (size - maintenance * Math.abs(size))),
  }
}
