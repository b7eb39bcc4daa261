/** Who is reimbursed after a crash, and how much: eligibility by loss and by share of net assets, a rule with floor and cap, a budget shared pro rata. */
import { breakwaterError } from '../../model/index.ts'

/** A programme's terms, USD; shares as fractions. */
export type ReimbursementTerms = {
  readonly leastLoss: number
  /** Loss / net assets at the snapshot. */
  readonly leastShare: number
  /** Part of the loss that is paid, then floor and cap of one payment. */
  readonly part: number
  readonly floor: number
  readonly cap: number
  readonly budget: number
}

/**
 * Binance "Together Initiative", 2025-10-14: loss ≥ $50 and ≥ 30 % of net assets at the snapshot of 9 October 23:59 UTC; vouchers of $4 to $6,000 from
 * $300 M. The venue drew the amount at random between factors; `part` is a deterministic rule of our own.
 */
export const TOGETHER_INITIATIVE: ReimbursementTerms = {
  ...{ leastLoss: 50, leastShare: 0.3, part: 0.1, floor: 4, cap: 6_000, budget: 300_000_000 },
}

/** What an account lost in the window, and what it had at the snapshot, USD. */
export type LossClaim = { readonly loss: number; readonly netAssets: number }

/** True when the programme takes the claim. An account without net assets at the snapshot lost none of them. */
export function isEligible({ leastLoss, leastShare }: ReimbursementTerms, { loss, netAssets }: LossClaim): boolean {
  if (!(Number.isFinite(loss) && Number.isFinite(netAssets)))
    throw breakwaterError('bad-number', `a claim of ${loss} against ${netAssets} is no pair of numbers`, {
      loss,
      netAssets,
    })
  return loss >= leastLoss && netAssets > 0 && loss >= leastShare * netAssets
}

/** What each claim is paid, USD, in their order: 0 when not eligible; everybody in the same proportion when the budget does not suffice. */
export function reimbursements(terms: ReimbursementTerms, claims: readonly LossClaim[]): readonly number[] {
  const due = claims.map((claim) =>
    isEligible(terms, claim) ? Math.min(terms.cap, Math.max(terms.floor, terms.part * claim.loss)) : 0,
  )
  const sum = due.reduce((total, one) => total + one, 0)
  const scale = sum > terms.budget ? terms.budget / sum : 1
  return due.map((one) => one * scale)
}
