/**
 * The sale of seized coins: custody and brokerage apart, then over the counter or on exchange. SEIZED → CUSTODY → VALUED → RFQ → SETTLED.
 * Sell over the counter when the dealer's discount is below what the exchange costs: expected impact + λ · variance + the cost of being seen.
 */
import { breakwaterError } from '../../model/index.ts'
import { type ExecutionPlan, type ExecutionTerms, executionPlan } from './almgren-chriss.ts'

/** The steps a seized lot goes through, in their order. */
export const SEIZED_STATES = ['seized', 'custody', 'valued', 'rfq', 'settled'] as const
/** Where a seized lot stands. */
export type SeizedState = (typeof SEIZED_STATES)[number]

/** The next step; a settled lot stays settled. */
export function nextSeizedState(state: SeizedState): SeizedState {
  return SEIZED_STATES[Math.min(SEIZED_STATES.indexOf(state) + 1, SEIZED_STATES.length - 1)] as SeizedState
}

/** Both roads. `signalling`: quote per unit that others take by trading ahead of a sale that is announced. */
export type SeizedSaleTerms = {
  readonly execution: ExecutionTerms
  /** What a dealer takes off the price per unit when `share` of the whole lot is offered to him: base + slope · share, quote. */
  readonly dealer: { readonly base: number; readonly slope: number }
  readonly signalling: number
}

/** The cheapest split: share over the counter (0..1), its cost and the plan for the rest. Costs in quote, risk included. */
export type SeizedSale = {
  readonly otcShare: number
  readonly cost: number
  readonly allOtc: number
  readonly allExchange: number
  readonly plan: ExecutionPlan
}

/** Finds the split by trying `grid` + 1 shares from 0 to 1. */
export function planSeizedSale(terms: SeizedSaleTerms, grid = 100): SeizedSale {
  if (!(terms.dealer.base >= 0 && terms.dealer.slope >= 0 && terms.signalling >= 0))
    throw breakwaterError('bad-number', 'discounts of a dealer and the cost of being seen are 0 or more', {
      ...{ base: terms.dealer.base, slope: terms.dealer.slope, signalling: terms.signalling },
    })
  const tried = Array.from({ length: grid + 1 }, (_, at) => costOfShare(terms, at / grid))
  const best = tried.reduce((least, one) => (one.cost < least.cost ? one : least))
  const [first, last] = [tried[0] as Tried, tried[grid] as Tried]
  return { otcShare: best.share, cost: best.cost, plan: best.plan, allExchange: first.cost, allOtc: last.cost }
}

type Tried = { readonly share: number; readonly cost: number; readonly plan: ExecutionPlan }

function costOfShare({ execution, dealer, signalling }: SeizedSaleTerms, share: number): Tried {
  const [otc, rest] = [execution.quantity * share, execution.quantity * (1 - share)]
  const plan = executionPlan({ ...execution, quantity: rest })
  const exchange = plan.expectedCost + execution.riskAversion * plan.variance + signalling * rest
  return { share, cost: otc * (dealer.base + dealer.slope * share) + exchange, plan }
}
