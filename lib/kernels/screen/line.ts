/**
 * The slack of an isolated position as a straight line, `slack = base + slope · x`, in which only its sign is asked: below zero means
 * liquidatable. `x` is the mark price of a linear contract and 1 / mark of an inverse one.
 */
import { assert } from '../../model/index.ts'

/** Slack at x = 0 and its change per unit of x. In the settle currency; of an inverse contract the coin. */
export type SlackLine = { readonly base: number; readonly slope: number }

/** One bracket of maintenance: `rate · notional − deduction`. A constant maintenance is rate 0 with the deduction negative. */
export type SlackBracket = { readonly rate: number; readonly deduction: number }

/** An isolated position: `size` signed (long > 0) in coins (linear) or quote units (inverse), `margin` in the settle currency. */
export type SlackPosition = { readonly size: number; readonly entry: number; readonly margin: number }

/** How a contract pays: in its quote currency, or in its coin. */
export type SlackPayoff = 'linear' | 'inverse'

/** Side and price of the trigger: a long is a candidate at marks ≤ `price`, a short at marks ≥ `price`. 0 or Infinity: never, or always. */
export type Trigger = { readonly side: 'long' | 'short'; readonly price: number }

/** Relative width by which lines are drawn too low, so that rounding makes no position look healthy that is not: 128 roundings. */
export const SLACK_GUARD = 2 ** -46

/**
 * The line of a position. Maintenance is continuous and convex in the notional, so it is the greatest of its brackets' lines and the slack
 * the least of `base_i + slope_i · x`, all rising or all falling in x: of the brackets, the one that is crossed first decides the sign at every x.
 * That one is returned, lowered by {@link SLACK_GUARD}. Brackets need 0 ≤ rate < 1; a position that fails this is our mistake.
 */
export function slackLine(
  position: SlackPosition,
  brackets: readonly SlackBracket[],
  payoff: SlackPayoff = 'linear',
): SlackLine {
  const { size, entry, margin } = position
  assert(Number.isFinite(margin) && Number.isFinite(size) && size !== 0 && entry > 0, 'a position has size and entry')
  assert(brackets.length > 0, 'a position has a maintenance bracket')
  const value = payoff === 'linear' ? -size * entry : size / entry
  const held = Math.abs(size)
  const direction = payoff === 'linear' ? size : -size
  let best: SlackLine | undefined
  let first = 0
  for (const { rate, deduction } of brackets) {
    assert(rate >= 0 && rate < 1 && Number.isFinite(deduction), 'a maintenance rate is at least 0 and below 1')
    const base = margin + value + deduction
    const slope = direction - held * rate
    const root = -base / slope
    if (best !== undefined && (slope > 0 ? root <= first : root >= first)) continue
    first = root
    const doubt = SLACK_GUARD * (Math.abs(margin) + Math.abs(value) + Math.abs(deduction))
    best = { base: base - doubt, slope: slope - SLACK_GUARD * held }
  }
  return best as SlackLine
}

/** Where a line crosses zero, as a mark price, drawn towards the market by its last roundings. */
export function triggerOf({ base, slope }: SlackLine, payoff: SlackPayoff = 'linear'): Trigger {
  const root = -base / slope
  const long = payoff === 'linear' ? slope > 0 : slope < 0
  const price = payoff === 'linear' ? Math.max(0, root) : root > 0 ? 1 / root : Number.POSITIVE_INFINITY
  return long ? { side: 'long', price: price * (1 + SLACK_GUARD) } : { side: 'short', price: price * (1 - SLACK_GUARD) }
}
