/**
 * What happens to a position that is not safe, step by step, as the venue's profile says:
 * healthy → (margin call) → liquidatable → reduction* → cured | closed | taken over → surplus | insurance draw | auto-deleveraging | socialised.
 * One decision per call: whoever holds the position (exchange, walk, risk map) carries it out, looks anew, and asks again.
 */
import type { Leg } from './leg.ts'
import { measureOf, pieceAt, piecesOf, profitAt } from './leg.ts'
import type { GrowingRate, PerpProfile, ReductionRule } from './profile.ts'

/** What the decision looks at, at the price of the trigger rule. Money is the settle currency of the position, or dollars of a unified account. */
export type Situation = {
  readonly equity: number
  readonly maintenance: number
  /** Fee for closing at this price, money: counted where the trigger says `withFee`. */
  readonly closingFee: number
  /** The position that would be reduced, and the x (see leg.ts) of the price. */
  readonly leg: Leg
  readonly x: number
  /** Value of the position in dollars, for rules with a dollar threshold. */
  readonly notional: number
  /** Time since the last partial liquidation of this user, ms; `undefined` when there was none. */
  readonly sincePartialMs?: number | undefined
  /** A liquidation order of this round came back with a rest. */
  readonly unfilled?: boolean | undefined
}

/** One decision. `part` is a fraction of the position's size; 1 = the whole of it. */
export type WaterfallStep =
  | { readonly step: 'healthy' }
  | { readonly step: 'margin-call' }
  | { readonly step: 'reduce'; readonly part: number }
  | { readonly step: 'take-over'; readonly by: 'insurance-fund' | 'engine' | 'vault' }
  | { readonly step: 'deleverage' }

/** Ratio of equity to maintenance below which a vault takes over. Source: Hyperliquid documentation, "liquidations". */
export const BACKSTOP = 2 / 3

/** True when the venue's test says liquidatable. */
export function isTriggered(
  { trigger }: Pick<PerpProfile, 'trigger'>,
  equity: number,
  maintenance: number,
  closingFee = 0,
): boolean {
  const required = trigger.withFee ? maintenance + closingFee : maintenance
  return trigger.test === 'below' ? equity < required : equity <= required
}

/** What the venue does next. */
export function nextStep(
  profile: Pick<PerpProfile, 'trigger' | 'takeover' | 'reduction' | 'fees' | 'order'>,
  now: Situation,
): WaterfallStep {
  const { trigger, takeover } = profile
  const { equity, maintenance } = now
  if (!isTriggered(profile, equity, maintenance, now.closingFee)) {
    const required = trigger.withFee ? maintenance + now.closingFee : maintenance
    const warned = trigger.warnAt !== undefined && required >= trigger.warnAt * equity
    return { step: warned ? 'margin-call' : 'healthy' }
  }
  // Underwater is beyond any vault, and beyond a book that nobody stands behind: it goes to the winners.
  if (equity < 0 && (takeover.by === 'vault' || takeover.by === 'nobody')) return { step: 'deleverage' }
  if (takeover.by !== 'nobody' && isTakenOver(takeover.when, now)) return { step: 'take-over', by: takeover.by }
  return { step: 'reduce', part: partToClose(profile.reduction, now, profile.fees.taker + profile.order.fee) }
}

function isTakenOver(when: PerpProfile['takeover']['when'], { equity, maintenance, unfilled }: Situation): boolean {
  if (when === 'two-thirds') return equity < BACKSTOP * maintenance
  if (when === 'bankrupt') return equity < 0
  return unfilled === true
}

/** Fraction of the position that the next order closes, in (0, 1]. `fee` on what is closed, a fraction of its value. */
export function partToClose(rule: ReductionRule, now: Situation, fee: number): number {
  switch (rule.kind) {
    case 'whole':
      return 1
    case 'fraction':
      return partAbove(rule, now.notional, now.sincePartialMs)
    case 'tiers':
      return partByBrackets(rule, now)
    case 'needed':
      return Math.min(1, Math.max(rule.minPart, partNeeded(now, fee)))
  }
}

/** Hyperliquid's rule: a part of what is above the threshold, but all of it within the cooldown after a partial liquidation. */
export function partAbove(
  { part, above, cooldownMs }: Extract<ReductionRule, { kind: 'fraction' }>,
  notional: number,
  sincePartialMs: number | undefined,
): number {
  const cooling = sincePartialMs !== undefined && sincePartialMs < cooldownMs
  return notional > above && !cooling ? part : 1
}

/** OKX's and Bybit's rule: down to the cap of the bracket `down` below; whole in the lowest ones. */
function partByBrackets(
  { down, wholeBelow }: Extract<ReductionRule, { kind: 'tiers' }>,
  { leg, x }: Situation,
): number {
  if (leg.rule.kind !== 'tiers') return 1
  const { table } = leg.rule
  const bracket = pieceAt(leg, x).bracket + 1
  if (bracket <= wholeBelow || bracket <= down) return 1
  const cap = table.tiers[bracket - down]?.floor ?? 0
  return 1 - cap / measureOf(leg.payoff, table, leg.size, x)
}

/**
 * The least part whose closing at x leaves the rest healthy, in [0, 1]; 1 when no rest would be. Closing at x realises what stood unrealised, so
 * only the fee on it lowers the equity: the largest z' with `E − fee·(z − z')·x ≥ z'·x·r − c` in its own bracket.
 */
function partNeeded({ equity, leg, x }: Situation, fee: number): number {
  const { size } = leg
  const closing = fee * x
  if (leg.rule.kind === 'growing')
    return 1 - Math.min(size, keptOfGrowing(leg, leg.rule.rate, x, equity, closing)) / size
  let most = 0
  for (const { from, to, rate, deduction, perX } of piecesOf(leg)) {
    // Brackets are intervals of size · x: with the size changing at this x they are intervals of size.
    const [least, cap] = [(from * size) / x, (to * size) / x]
    const slope = rate * x - closing
    const room = equity - closing * size + deduction + perX * x
    const end = Math.min(cap, size)
    // Where closing costs more than it frees (slope ≤ 0), keeping more is easier: only the whole bracket's end can do.
    const kept = slope > 0 ? Math.min(room / slope, end) : end * slope <= room ? end : 0
    if (kept >= least && kept > most) most = kept
  }
  // What stands is not healthy, so keeping all of it is no answer.
  if (most >= size) return 0
  return 1 - Math.max(0, most) / size
}

/** As in {@link partNeeded}, where the rate grows with what is kept: `(base + perCoin·coins)·z'·x + closing·(size − z') ≤ equity`. */
function keptOfGrowing(
  { size, payoff }: Leg,
  { base, perCoin }: GrowingRate,
  x: number,
  equity: number,
  closing: number,
): number {
  const square = perCoin * x * (payoff === 'inverse' ? x : 1)
  const slope = base * x - closing
  const room = equity - closing * size
  if (room <= 0) return 0
  if (square === 0) return slope > 0 ? room / slope : 0
  return (2 * room) / (slope + Math.sqrt(slope * slope + 4 * square * room))
}

/** Who pays at the end, money: `surplus` to the trader or `kept` by fund or vault, or a deficit paid by the fund, then winners, then everyone. */
export type Settlement = {
  readonly outcome: 'surplus-returned' | 'rest-kept' | 'insurance-draw' | 'deleverage' | 'socialised' | 'bad-debt'
  readonly returned: number
  readonly kept: number
  readonly fund: number
  readonly uncovered: number
}

/**
 * Settles a position that is closed or taken over. `left` is its margin after everything (negative: a deficit), `fund` what the insurance fund
 * may pay (its drawdown rule already applied), `takenOver` whether another now holds it. `uncovered` falls on winners, everyone, or nobody.
 */
export function settle(
  profile: Pick<PerpProfile, 'takeover' | 'insurance' | 'deleverage'>,
  left: number,
  fund: number,
  takenOver: boolean,
): Settlement {
  const nothing = { returned: 0, kept: 0, fund: 0, uncovered: 0 }
  if (left >= 0) {
    if (takenOver && profile.takeover.rest === 'kept') return { ...nothing, outcome: 'rest-kept', kept: left }
    return { ...nothing, outcome: 'surplus-returned', returned: left }
  }
  const paid = profile.insurance.scope === 'none' ? 0 : Math.min(-left, Math.max(0, fund))
  const uncovered = -left - paid
  if (uncovered <= 0) return { ...nothing, outcome: 'insurance-draw', fund: paid }
  const outcome =
    profile.deleverage.rank !== 'none' ? 'deleverage' : profile.insurance.socialise ? 'socialised' : 'bad-debt'
  return { ...nothing, outcome, fund: paid, uncovered }
}

/** Equity of a leg on its margin at x, money. */
export function equityAt(leg: Leg, margin: number, x: number): number {
  return margin + profitAt(leg, x)
}
