/**
 * The best way to liquidate against a close factor: repay first just less than what cures the loan, so that it may be liquidated again. Found by
 * trying splits on the real mechanism; beside it the closed form of Qin, Zhou, Livshits and Gervais, "An Empirical Study of DeFi Liquidations"
 * (IMC 2021), section 5.2.
 */
import { type Mechanism, wasRefused } from '../mechanisms/index.ts'
import { breakwaterError, type Moment } from '../model/index.ts'
import { type AssetWorth, maxLiquidation, valueDown } from './lending-liquidation.ts'

/** One step: the action, and value paid and received at the oracle. */
export type SequenceStep<A> = { readonly action: A; readonly paid: bigint; readonly received: bigint }

/** A sequence and what it comes to, values at the oracle. */
export type LiquidationSequence<A> = {
  readonly steps: readonly SequenceStep<A>[]
  readonly paid: bigint
  readonly received: bigint
  readonly gain: bigint
}

/** What may be tried: `repay` makes the action that repays so many atoms, at most `most`; at most `steps` steps, `splits` sizes tried at each. */
export type SequenceQuestion<S, A> = {
  readonly mechanism: Mechanism<S, A>
  readonly state: S
  readonly target: string
  readonly at: Moment
  readonly worth: AssetWorth
  readonly repay: (atoms: bigint) => A
  readonly most: bigint
  readonly steps?: number | undefined
  readonly splits?: number | undefined
}

/** The best sequence beside the best single liquidation; `undefined` when nothing may be liquidated. `better`: more gain, as a fraction. */
export type BestSequence<A> = {
  readonly best: LiquidationSequence<A>
  readonly single: LiquidationSequence<A>
  readonly better: number | undefined
}

/** Searches. Every step was accepted by the mechanism on a copy of the state. */
export function bestSequence<S, A>(question: SequenceQuestion<S, A>): BestSequence<A> | undefined {
  const { state, steps = 2, splits = 8 } = question
  if (!Number.isInteger(steps) || steps < 1 || steps > 6 || !Number.isInteger(splits) || splits < 1 || splits > 64)
    throw breakwaterError('bad-query', `${steps} steps of ${splits} splits: 1 to 6 steps and 1 to 64 splits`, {
      steps,
      splits,
    })
  const single = finish(question, state)
  if (!single) return undefined
  const best = search(question, state, steps, splits) ?? single
  return { best, single, better: single.gain > 0n ? Number(best.gain) / Number(single.gain) - 1 : undefined }
}

const NOTHING = { steps: [], paid: 0n, received: 0n, gain: 0n } as const

/** The largest liquidation that is offered, as the last step. */
function finish<S, A>(question: SequenceQuestion<S, A>, state: S): LiquidationSequence<A> | undefined {
  const { mechanism, target, at, worth } = question
  const open = maxLiquidation(mechanism, state, target, at, worth)
  return open && before({ action: open.offer.action, paid: open.paid, received: open.received }, NOTHING)
}

function before<A>(step: SequenceStep<A>, rest: LiquidationSequence<A>): LiquidationSequence<A> {
  const [paid, received] = [step.paid + rest.paid, step.received + rest.received]
  return { steps: [step, ...rest.steps], paid, received, gain: received - paid }
}

function search<S, A>(
  question: SequenceQuestion<S, A>,
  state: S,
  steps: number,
  splits: number,
): LiquidationSequence<A> | undefined {
  let best = finish(question, state)
  if (steps === 1 || !best) return best
  for (const amount of firstRepays(question, state, splits)) {
    const tried = attempt(question, state, amount)
    const rest = tried && search(question, tried.state, steps - 1, splits)
    if (!rest) continue
    const whole = before(tried.step, rest)
    if (whole.gain > best.gain) best = whole
  }
  return best
}

/** Sizes worth trying first: equal parts of the most, and the largest that leaves the loan liquidatable. */
function firstRepays<S, A>(question: SequenceQuestion<S, A>, state: S, splits: number): bigint[] {
  const { most } = question
  const parts = Array.from({ length: splits }, (_, index) => (most * BigInt(index + 1)) / BigInt(splits + 1))
  const open = (amount: bigint) => attempt(question, state, amount)?.open === true
  let low = parts.findLast(open) ?? 0n
  let high = most
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (open(middle)) low = middle
    else high = middle
  }
  return [...new Set([...parts.filter((amount) => amount > 0n && amount < low), ...(low > 0n ? [low] : [])])]
}

function attempt<S, A>({ mechanism, target, at, worth, repay }: SequenceQuestion<S, A>, state: S, amount: bigint) {
  const copy = structuredClone(state)
  const action = repay(amount)
  const done = mechanism.apply(copy, action, at)
  if (wasRefused(done)) return undefined
  const step: SequenceStep<A> = {
    action,
    paid: valueDown(done.paid ?? [], worth),
    received: valueDown(done.received ?? [], worth),
  }
  return { state: copy, step, open: mechanism.assess(copy, target, at)?.liquidatable === true }
}

/** Collateral and debt value, liquidation threshold, spread and close factor, the last three as fractions. */
export type TwoSteps = {
  readonly collateral: number
  readonly debt: number
  readonly threshold: number
  readonly spread: number
  readonly closeFactor: number
}

/**
 * The two repayments of the closed form: first (D − LT·C) / (1 − LT·(1 + LS)), which just does not cure; then the close factor of the rest; the
 * single repayment up to the close factor; `gain` = how much more is repaid in all, as a fraction. Where the first would exceed the close factor,
 * it is the close factor. Refuses `bad-number` for a loan that is healthy, or where a liquidation cures nothing (LT·(1 + LS) ≥ 1).
 */
export function twoStepRepayments({ collateral, debt, threshold, spread, closeFactor }: TwoSteps): {
  readonly first: number
  readonly second: number
  readonly single: number
  readonly gain: number
} {
  const cure = 1 - threshold * (1 + spread)
  const short = debt - threshold * collateral
  if (!(cure > 0 && short >= 0 && debt > 0 && closeFactor > 0 && closeFactor <= 1))
    throw breakwaterError('bad-number', 'the loan is healthy, or no repayment cures it', {
      collateral,
      debt,
      threshold,
      spread,
      closeFactor,
    })
  const single = closeFactor * debt
  const first = Math.min(short / cure, single)
  const second = closeFactor * (debt - first)
  return { first, second, single, gain: (first + second) / single - 1 }
}
