/**
 * One position walked through an adverse price: where it is warned, liquidated, reduced, taken over, and who pays. The same waterfall that the
 * exchange runs, with a book that is said instead of simulated.
 */
import { breakwaterError } from '../../model/index.ts'
import { coordinate, type Leg, legOf, pieceAt, profitAt, requiredBy } from './leg.ts'
import { liquidationPrice } from './liquidation-price.ts'
import { bankruptcyPrice } from './margin.ts'
import type { PerpPosition, PerpProfile, ProfileMarket } from './profile.ts'
import { signOf } from './profile.ts'
import { joined, markBeyond } from './walk-marks.ts'
import { BACKSTOP, nextStep, type Settlement, settle } from './waterfall.ts'

/** What is walked. Money is the market's settle currency. */
export type Walk = {
  readonly profile: PerpProfile
  readonly market: ProfileMarket
  readonly position: PerpPosition
  /** Margin beside the position, after what funding took: isolated margin, or the wallet in cross. */
  readonly margin: number
  /** First mark price, quote per coin. */
  readonly mark: number
  /** The walk ends when the mark is here. */
  readonly until: number
  /** Relative adverse move between two marks: 0 = every tick is a mark, 0.02 = the price gaps by 2 %. */
  readonly stride: number
  /** Relative adverse move per second, for cooldowns. */
  readonly perSecond: number
  /** Part of each liquidation order that the book takes, and how much worse than the mark, a fraction. */
  readonly depth: number
  readonly slippage: number
  /** What the insurance fund may pay, money. */
  readonly fund: number
  /** Dollars per unit of money, for rules with a dollar threshold: 1 for dollars; the price for coins when left out. */
  readonly dollars?: number | undefined
}

/** Where the position stands after a step. */
export type WalkState =
  | 'healthy'
  | 'margin-call'
  | 'liquidatable'
  | 'partial'
  | 'cured'
  | 'closed'
  | 'taken-over'
  | Settlement['outcome']

/**
 * One step. `size` and `margin` are what is left after it; `maintenance` is what the venue's test asks, the closing fee included where it is.
 * Prices quote per coin, time ms since the first mark, money of the settle currency.
 */
export type WalkStep = {
  readonly state: WalkState
  readonly mark: number
  readonly timeMs: number
  readonly size: number
  readonly margin: number
  readonly equity: number
  readonly maintenance: number
  /** How many like steps this one stands for; absent: one. */
  readonly times?: number
  readonly ordered?: number
  readonly closed?: number
  readonly fillPrice?: number
  readonly fee?: number
  readonly takenBy?: 'insurance-fund' | 'engine' | 'vault'
  readonly takeoverPrice?: number
  readonly settlement?: Settlement
}

/** More decisions than any walk takes. */
const MOST_STEPS = 100_000

type Place = {
  mark: number
  timeMs: number
  size: number
  margin: number
  partialAt: number | undefined
  warned: boolean
  /** The book took all it would of the last order. */
  resting: boolean
  /** An order was sent at this mark: the next decision is at another. */
  ordered: boolean
}

/** Walks until the position is gone or the mark is at `until`. Throws `bad-position` for what is no position, a mark on the wrong side, or bad parts. */
export function walkPosition(walk: Walk): readonly WalkStep[] {
  checkWalk(walk)
  const place: Place = {
    ...{ mark: walk.mark, timeMs: 0, size: walk.position.size, margin: walk.margin },
    ...{ partialAt: undefined, warned: false, resting: false, ordered: false },
  }
  const steps: WalkStep[] = []
  const tell = (state: WalkState, more: Partial<WalkStep> = {}) => steps.push({ ...stand(walk, place), state, ...more })
  tell('healthy')
  while (steps.length < MOST_STEPS) {
    const decision = decide(walk, place, false)
    if (decision.step === 'healthy' || decision.step === 'margin-call') {
      if (decision.step === 'margin-call' && !place.warned) tell('margin-call')
      place.warned ||= decision.step === 'margin-call'
      const warning = !place.warned && walk.profile.trigger.warnAt !== undefined
      if (moveOn(walk, place, warning)) continue
      tell('healthy')
      return joined(steps)
    }
    if (steps.at(-1)?.state !== 'partial') tell('liquidatable')
    if (liquidate(walk, place, decision, tell)) return joined(steps)
  }
  throw breakwaterError('bad-position', `the walk has not ended after ${MOST_STEPS} steps`, { steps: MOST_STEPS })
}

function checkWalk({ position, mark, until, depth, slippage, stride, perSecond, fund, market }: Walk): void {
  legOf(market, position)
  const sign = signOf(position.side)
  const bad = (what: string, value: number) => {
    throw breakwaterError('bad-position', `${what} is ${value}`, { value })
  }
  if (!(mark > 0 && Number.isFinite(mark))) bad('the first mark', mark)
  if (!(until > 0 && sign * (mark - until) >= 0))
    bad(`the end of a ${position.side}'s walk must be ${sign === 1 ? 'below' : 'above'} ${mark}, and it`, until)
  if (!(depth >= 0 && depth <= 1)) bad('the part that the book takes must be from 0 to 1, and', depth)
  if (!(slippage >= 0 && slippage < 1)) bad('the slippage must be from 0 to below 1, and', slippage)
  if (!(stride >= 0 && stride < 1)) bad('the stride must be from 0 to below 1, and', stride)
  if (!(perSecond > 0)) bad('the move per second must be above 0, and', perSecond)
  if (!(fund >= 0)) bad('the insurance fund must be at least 0, and', fund)
}

/** The leg at its present size, with the venue's own definition of what it requires. */
function legNow({ profile, market, position }: Walk, size: number): Leg {
  const leg = legOf(market, { ...position, size })
  if (profile.isolated !== 'at-entry') return leg
  return { ...leg, rule: { kind: 'fixed', margin: requiredBy(pieceAt(leg, leg.entry), size, leg.entry) } }
}

function feeOf({ profile }: Walk): number {
  return profile.trigger.withFee || profile.isolated === 'fee-inclusive' ? profile.fees.taker : 0
}

function stand(walk: Walk, { mark, timeMs, size, margin }: Place): Omit<WalkStep, 'state'> {
  if (size <= 0) return { mark, timeMs, size: 0, margin, equity: margin, maintenance: 0 }
  const leg = legNow(walk, size)
  const x = coordinate(walk.market.payoff, mark)
  const maintenance = requiredBy(pieceAt(leg, x), size, x) + feeOf(walk) * size * x
  return { mark, timeMs, size, margin, equity: margin + profitAt(leg, x), maintenance }
}

function decide(walk: Walk, place: Place, unfilled: boolean) {
  const { profile, market } = walk
  const { equity, maintenance } = stand(walk, place)
  const x = coordinate(market.payoff, place.mark)
  const value = place.size * x
  const closingFee = feeOf(walk) * value
  return nextStep(profile, {
    equity,
    maintenance: maintenance - closingFee,
    closingFee,
    leg: legOf(market, { ...walk.position, size: place.size }),
    x,
    notional: value * (walk.dollars ?? (market.payoff === 'inverse' ? place.mark : 1)),
    sincePartialMs: place.partialAt === undefined ? undefined : place.timeMs - place.partialAt,
    unfilled,
  })
}

/** Part of the requirement that the next event waits for. */
function partAhead({ profile: { takeover, trigger } }: Walk, { resting }: Place, warning: boolean): number {
  if (resting) return takeover.when === 'two-thirds' ? BACKSTOP : 0
  return warning && trigger.warnAt !== undefined ? 1 / trigger.warnAt : 1
}

/** Moves the mark to the next price at which something happens; false when `until` comes first. */
function moveOn(walk: Walk, place: Place, warning: boolean): boolean {
  const { profile, market, position } = walk
  const fee = feeOf(walk)
  const terms = { margin: place.margin, rule: fee > 0 ? ('fee-inclusive' as const) : profile.isolated, fee }
  const part = partAhead(walk, place, warning)
  const found = liquidationPrice(market, { ...position, size: place.size }, { ...terms, part })
  const sign = signOf(position.side)
  const target = found?.price ?? (sign === 1 ? 0 : Number.POSITIVE_INFINITY)
  const next = markBeyond(walk, place.mark, target, place.ordered)
  const ended = sign * (next - walk.until) < 0
  const to = ended ? walk.until : next
  const seconds = Math.abs(Math.log(to / place.mark)) / Math.log1p(walk.perSecond)
  place.timeMs += Math.round(seconds * 1000)
  place.mark = to
  place.ordered = false
  return !ended
}

type Tell = (state: WalkState, more?: Partial<WalkStep>) => void

/** Carries one decision out; true when the position is gone. */
function liquidate(walk: Walk, place: Place, decision: ReturnType<typeof nextStep>, tell: Tell): boolean {
  if (decision.step === 'take-over') return takeOver(walk, place, decision.by, tell)
  if (decision.step === 'deleverage') {
    const deficit = Math.max(0, -stand(walk, place).equity)
    end(place)
    tell('deleverage', {
      settlement: settle(
        { ...walk.profile, insurance: { ...walk.profile.insurance, scope: 'none' } },
        -deficit,
        0,
        false,
      ),
    })
    return true
  }
  if (decision.step !== 'reduce') return false
  // The book took all it would of the last order: the next thing that can happen is the backstop, or nothing.
  if (!place.resting && !place.ordered) return sendOrder(walk, place, decision.part, tell)
  if (moveOn(walk, place, false)) return false
  tell('liquidatable')
  return true
}

/** Least amount that is traded, in the position's unit. */
function lotOf({ market }: Walk): number {
  return market.lotSize * market.contractSize
}

function sendOrder(walk: Walk, place: Place, part: number, tell: Tell): boolean {
  const { profile, market, position } = walk
  const sign = signOf(position.side)
  const lot = lotOf(walk)
  const lots = (size: number, round: (value: number) => number) => Math.min(place.size, round(size / lot) * lot)
  const ordered = lots(place.size * part, (count) => Math.max(1, Math.ceil(count - 1e-9)))
  const fillPrice = place.mark * (1 - sign * walk.slippage)
  const bankrupt = bankruptcyPrice(market, { ...position, size: place.size }, place.margin)
  const limit = profile.order.limit === 'bankruptcy' ? bankrupt : undefined
  const none =
    (limit !== undefined && sign * (fillPrice - limit) < 0) || (profile.order.timeInForce === 'fok' && walk.depth < 1)
  const some = none ? 0 : lots(ordered * walk.depth, (count) => Math.floor(count + 1e-9))
  const closed = place.size - some < lot * 1e-6 ? place.size : some
  const x = coordinate(market.payoff, fillPrice)
  place.margin += profitAt({ ...legOf(market, { ...position, size: place.size }), size: closed }, x)
  // The clearance fee is taken from what is left, never from anybody else.
  const taker = closed * x * profile.fees.taker
  const left = Math.max(0, equityAfter(walk, place, closed) - taker)
  const fee = taker + Math.min(left, closed * x * profile.order.fee)
  place.margin -= fee
  place.size -= closed
  place.ordered = true
  const filled = { ordered, closed, fillPrice, fee }
  if (place.size === 0) {
    tell('closed', filled)
    const settlement = settle(profile, place.margin, walk.fund, false)
    tell(settlement.outcome, { settlement })
    return true
  }
  tell('partial', filled)
  if (part < 1 && closed > 0) place.partialAt = place.timeMs
  const rest = closed < ordered * (1 - 1e-12)
  const next = decide(walk, place, rest)
  if (next.step === 'healthy' || next.step === 'margin-call') {
    tell('cured')
    return false
  }
  if (next.step === 'take-over') return takeOver(walk, place, next.by, tell)
  place.resting = rest
  // The cooldown's order for the whole position comes with the next block, at the same mark.
  place.ordered = rest
  return false
}

/** Equity at the mark of what stays when `closed` is gone. */
function equityAfter(walk: Walk, { mark, margin, size }: Place, closed: number): number {
  if (size <= closed) return margin
  const leg = legOf(walk.market, { ...walk.position, size: size - closed })
  return margin + profitAt(leg, coordinate(walk.market.payoff, mark))
}

/** Another party takes what is left, at the venue's price, and closes it at the mark less slippage: what it gains or loses is settled. */
function takeOver(walk: Walk, place: Place, by: 'insurance-fund' | 'engine' | 'vault', tell: Tell): boolean {
  const { profile, market, position } = walk
  const sign = signOf(position.side)
  const left = { ...position, size: place.size }
  const bankrupt = bankruptcyPrice(market, left, place.margin)
  const takeoverPrice = profile.takeover.price === 'bankruptcy' && bankrupt !== undefined ? bankrupt : place.mark
  tell('taken-over', { takenBy: by, takeoverPrice })
  const x = coordinate(market.payoff, place.mark * (1 - sign * (by === 'vault' ? 0 : walk.slippage)))
  const result = place.margin + profitAt(legOf(market, left), x)
  end(place)
  const settlement = settle(profile, result, by === 'vault' ? 0 : walk.fund, true)
  tell(settlement.outcome, { settlement })
  return true
}

function end(place: Place): void {
  place.size = 0
  place.margin = 0
}
