/** Funding: the rate of an interval from its average premium, its bounds, what a position pays, and what that does to its margin. */
import type { Side } from '../../model/index.ts'
import { EMPTY_EMA, type Ema, emaStep } from './ema.ts'
import { checkedFinite, checkedNotNegative, checkedPositive } from './mark-checks.ts'
import { type FundingRule, signOf } from './profile.ts'

/** Hours to which interest, clamp and average premium refer. */
const PERIOD_HOURS = 8

/** What a rate is computed with: `interest` and `clamp` as fractions per 8 h, `intervalHours` between two payments. */
export type FundingTerms = Pick<FundingRule, 'interest' | 'clamp' | 'intervalHours'>

/**
 * Funding rate per 8 h, a fraction, before bounds: `P̄ + clamp(I − P̄, −c, +c)`.
 * Source: Binance funding FAQ; the same formula at Hyperliquid, Gate, Bybit; with I = 0 it is Deribit's dead zone of ± c.
 */
export function fundingRate8h(
  averagePremium: number,
  { interest, clamp }: Pick<FundingTerms, 'interest' | 'clamp'>,
): number {
  const premium = checkedFinite('average premium', averagePremium)
  const half = checkedNotNegative('clamp', clamp)
  return premium + Math.min(half, Math.max(-half, checkedFinite('interest', interest) - premium))
}

/** Funding rate of one interval, a fraction, before bounds: {@link fundingRate8h} / (8 / hours). */
export function fundingRate(averagePremium: number, terms: FundingTerms): number {
  return (
    fundingRate8h(averagePremium, terms) / (PERIOD_HOURS / checkedPositive('interval in hours', terms.intervalHours))
  )
}

/**
 * The largest absolute rate of one interval, a fraction; Infinity when the rule has none. `maintenanceRate` and `initialRate` are those of
 * the lowest bracket, fractions of notional. `initial-minus-maintenance` limits the rate per 8 h (dYdX, governance parameters), the others as named.
 */
export function fundingBound(
  { bound, intervalHours }: Pick<FundingRule, 'bound' | 'intervalHours'>,
  { maintenanceRate, initialRate }: { readonly maintenanceRate: number; readonly initialRate: number },
): number {
  const maintenance = checkedNotNegative('maintenance margin rate', maintenanceRate)
  const initial = checkedNotNegative('initial margin rate', initialRate)
  const hours = checkedPositive('interval in hours', intervalHours)
  switch (bound.kind) {
    case 'maintenance':
      return checkedNotNegative('ratio of the bound', bound.ratio) * maintenance
    case 'initial-minus-maintenance':
      return (
        (checkedNotNegative('ratio of the bound', bound.ratio) * Math.max(0, initial - maintenance) * hours) /
        PERIOD_HOURS
      )
    case 'per-hour':
      return checkedNotNegative('rate of the bound', bound.rate) * hours
    case 'per-interval':
      return checkedNotNegative('rate of the bound', bound.rate)
    case 'none':
      return Number.POSITIVE_INFINITY
  }
}

/** Funding rate of one interval within the venue's bounds, a fraction: {@link fundingRate} cut at ± {@link fundingBound}. */
export function boundedFundingRate(
  averagePremium: number,
  rule: FundingRule,
  rates: { readonly maintenanceRate: number; readonly initialRate: number },
): number {
  const limit = fundingBound(rule, rates)
  return Math.min(limit, Math.max(-limit, fundingRate(averagePremium, rule)))
}

/** A position as funding sees it: `size` > 0 in coins (linear) or quote units (inverse); `price` of the rule's `paidOn`, quote per coin. */
export type FundedPosition = {
  readonly side: Side
  readonly size: number
  readonly price: number
  readonly payoff: 'linear' | 'inverse'
}

/**
 * What the position pays in one interval at `rate` (fraction): `s·q·price·F` in quote (linear) or `s·(Q/price)·F` in coin (inverse).
 * Negative = received: at a positive rate longs pay shorts. Refuses (`bad-number`) sizes and prices ≤ 0 and rates that are not finite.
 */
export function fundingPayment({ side, size, price, payoff }: FundedPosition, rate: number): number {
  const held = checkedPositive('size', size)
  const at = checkedPositive('price', price)
  return signOf(side) * (payoff === 'linear' ? held * at : held / at) * checkedFinite('funding rate', rate)
}

/** What a long of `notional` pays (its currency) over `intervals` payments at a constant rate and price: `N·F·k`. */
export function fundingOver(notional: number, rate: number, intervals: number): number {
  return (
    checkedPositive('notional', notional) *
    checkedFinite('funding rate', rate) *
    checkedNotNegative('number of intervals', intervals)
  )
}

/** Margin after each of the payments, in their currency: `M_k = M_0 − Σ Pay_j`. It may go below 0; the caller liquidates before. */
export function marginAfterFunding(margin: number, payments: readonly number[]): number[] {
  let left = checkedFinite('margin', margin)
  return payments.map((payment) => {
    left -= checkedFinite('funding payment', payment)
    return left
  })
}

/**
 * How far paid funding moves the liquidation price of an isolated linear position, quote per coin: `ΔLP = s·ΣPay / (q·(1 − s·r))`; towards the
 * mark when the position paid. `size` in coins, `paid` in quote, `maintenanceRate` of the bracket in which the liquidation price stays.
 */
export function liquidationPriceShift(
  { side, size }: { readonly side: Side; readonly size: number },
  maintenanceRate: number,
  paid: number,
): number {
  const sign = signOf(side)
  const rate = checkedNotNegative('maintenance margin rate', maintenanceRate)
  const slope = checkedPositive('size', size) * checkedPositive('1 − s·maintenance margin rate', 1 - sign * rate)
  return (sign * checkedFinite('funding paid', paid)) / slope
}

/** Time constant of the average that stands for the index of a hyperp: 8 h, in ms. Source: Hyperliquid documentation, "hyperps". */
export const HYPERP_EMA_MS = 28_800_000

/** A hyperp's reference price before its first mark. */
export const EMPTY_HYPERP: Ema = EMPTY_EMA

/**
 * Takes a hyperp's own mark (quote per coin), `elapsedMs` after the last, into the 8 h average against which its premium is measured:
 * the value is `emaValue(state)`, to be given to `premiumIndex` as the index.
 */
export function hyperpStep(reference: Ema, mark: number, elapsedMs: number): Ema {
  return emaStep(reference, checkedPositive('mark', mark), elapsedMs, HYPERP_EMA_MS)
}
