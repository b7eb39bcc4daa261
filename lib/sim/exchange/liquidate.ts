/** The liquidation engine: on each mark, what is not safe goes down the venue's waterfall until it is cured, closed, or somebody else's. */
import { ACCEPTED, BUY, FILL_WORDS, FOK, IOC, SELL } from '../../kernels/index.ts'
import { feeAtoms, type Leg, nextStep, type WaterfallStep } from '../../mechanisms/index.ts'
import { deleveragePosition, takeOver, unwindFund } from './deleverage.ts'
import { LIQUIDATION, record, TRIGGERED } from './events.ts'
import { FIRST_ACCOUNT, FUND, SIZE, SLOT } from './layout.ts'
import { accountOf, isIsolated, touch, touchGroup } from './ledger.ts'
import { coverLoss } from './losses.ts'
import { type GroupMargin, notionalOf, requiredOf, setTrigger, standingOf } from './margin.ts'
import { MARK, type Market, PREVIOUS_MARK } from './market.ts'
import { cancelAll } from './open-orders.ts'
import { bandTick, send } from './orders.ts'
import { credit, type State, walletOf } from './state.ts'

/** Orders sent for one position on one mark at most: a book that takes only crumbs is asked again on the next. */
const MOST_ORDERS = 12

const standing: GroupMargin = { equity: 0, maintenance: 0, initial: 0 }

/** Takes a mark price (mark steps) and liquidates what it makes unsafe; returns how many positions were looked at. */
export function setMark(state: State, market: Market, mark: number): number {
  const { now, low, high } = market
  now[PREVIOUS_MARK] = now[MARK] === 0 ? mark : (now[MARK] as number)
  now[MARK] = mark
  let looked = 0
  const end = state.accounts * state.legs
  for (let slot = FIRST_ACCOUNT * state.legs; slot < end; slot++) {
    if (mark > (low[slot] as number) && mark < (high[slot] as number)) continue
    looked++
    look(state, market, slot)
  }
  unwindFund(state, market)
  for (const { queues } of state.markets) queues.fill(undefined)
  return looked
}

function isLiquidatable(state: State, { equity, maintenance }: GroupMargin): boolean {
  return state.profile.trigger.test === 'below' ? equity < maintenance : equity <= maintenance
}

function look(state: State, market: Market, slot: number): void {
  if (market.floats[slot * SLOT + SIZE] === 0) {
    setTrigger(state, market, slot, 0)
    return
  }
  standingOf(state, market, slot, standing)
  if (!isLiquidatable(state, standing)) {
    setTrigger(state, market, slot, standing.equity - standing.maintenance)
    return
  }
  record(
    state,
    TRIGGERED,
    market.at,
    accountOf(state, slot),
    -1,
    market.floats[slot * SLOT + SIZE] as number,
    market.now[MARK] as number,
    standing.equity,
    standing.maintenance,
    0,
  )
  liquidate(state, market, slot)
}

/** Runs the waterfall for what stands behind a position: itself when isolated, its whole wallet group when cross. */
function liquidate(state: State, market: Market, slot: number): void {
  const isolated = isIsolated(market, slot)
  if (isolated) cancelAll(state, market, slot)
  else cancelGroup(state, accountOf(state, slot), market.currency)
  let unfilled = false
  for (let order = 0; order < MOST_ORDERS; order++) {
    const at = isolated ? { market, slot } : largestOf(state, accountOf(state, slot), market.currency)
    if (!at || at.market.floats[at.slot * SLOT + SIZE] === 0) break
    standingOf(state, at.market, at.slot, standing)
    if (!isLiquidatable(state, standing)) break
    const decision = decide(state, at.market, at.slot, unfilled)
    if (decision.step === 'healthy' || decision.step === 'margin-call') break
    if (decision.step === 'deleverage') deleveragePosition(state, at.market, at.slot, standing.equity)
    else if (decision.step === 'take-over') takeOver(state, at.market, at.slot, standing.equity)
    else {
      const rest = sendLiquidation(state, at.market, at.slot, decision.part, standing.equity)
      if (rest && (unfilled || state.profile.takeover.when !== 'unfilled')) break
      unfilled = rest
    }
  }
  settleLoss(state, market, slot)
  touch(state, market, slot)
  if (!isolated) touchGroup(state, accountOf(state, slot), market.currency)
}

function decide(state: State, market: Market, slot: number, unfilled: boolean): WaterfallStep {
  const { equity, maintenance } = standing
  const lots = market.floats[slot * SLOT + SIZE] as number
  const notional = notionalOf(market, slot)
  const partial = state.partials.get(accountOf(state, slot))
  const leg = legOf(market, lots, notional)
  return nextStep(state.profile, {
    equity,
    maintenance,
    closingFee: 0,
    leg,
    x: notional / leg.size,
    notional: dollarsOf(state, market, notional),
    sincePartialMs: partial === undefined ? undefined : state.time - partial,
    unfilled,
  })
}

/** The position with lots as its size and atoms as its money: see the rules in lots. */
function legOf(market: Market, lots: number, notional: number): Leg {
  const sign = lots > 0 !== market.inverse ? 1 : -1
  const size = lots < 0 ? -lots : lots
  return { sign, size, entry: notional / size, payoff: market.rules.payoff, rule: market.lotRules, fee: 0 }
}

/** Dollars of a notional in atoms: the quote is taken for dollars. */
function dollarsOf(state: State, market: Market, notional: number): number {
  const units = notional / 10 ** (state.decimals[market.currency] as number)
  return market.inverse ? (units * (market.now[MARK] as number) * market.rules.tickSize) / market.steps : units
}

/** Sends the liquidation order and takes the clearance fee of what it closed; true when the book left a rest. */
function sendLiquidation(state: State, market: Market, slot: number, part: number, equity: number): boolean {
  const { order } = state.profile
  const size = market.floats[slot * SLOT + SIZE] as number
  const held = Math.abs(size)
  const lots = Math.min(held, Math.max(1, Math.ceil(part * held - 1e-9)))
  const side = size > 0 ? SELL : BUY
  const mark = market.now[MARK] as number
  const limit = order.limit === 'bankruptcy' ? bankruptcyTick(market, slot, equity) : bandTick(market, side, mark)
  const account = accountOf(state, slot)
  const before = walletOf(state, account, market.currency)
  const sent = send(state, market, slot, side, order.timeInForce === 'fok' ? FOK : IOC, limit, lots, false)
  const closed = sent < 0 || market.book.outcome !== ACCEPTED ? 0 : market.book.filled
  if (closed === 0) return true
  const price = averageSteps(market, closed)
  const fee = chargeClearance(state, market, slot, before, lotsValue(market, closed))
  record(state, LIQUIDATION, market.at, account, -1, side === SELL ? -closed : closed, price, equity, fee, limit)
  if (part < 1) state.partials.set(account, state.time)
  return closed < lots
}

/** The average price, mark steps, of the fills that stand in the book: by size, or by value where the contract is inverse. */
function averageSteps({ book, steps, inverse }: Market, closed: number): number {
  let sum = 0
  for (let fill = 0, lots = 0; lots < closed; fill++) {
    const tick = book.fills[fill * FILL_WORDS + 2] as number
    const filled = book.fills[fill * FILL_WORDS + 3] as number
    sum += inverse ? filled / tick : filled * tick
    lots += filled
  }
  return (inverse ? closed / sum : sum / closed) * steps
}

/** Value of lots at the mark, atoms, rounded down. */
function lotsValue(market: Market, lots: number): number {
  const mark = market.now[MARK] as number
  return market.inverse ? Math.floor((lots * market.unit) / mark) : lots * mark * market.unit
}

/** The clearance fee on what was closed, at most what is left: from the isolated margin and what came back of it, or the wallet. Goes to the fund. */
function chargeClearance(state: State, market: Market, slot: number, walletBefore: number, value: number): number {
  if (state.liquidationFee === 0) return 0
  const account = accountOf(state, slot)
  const { currency } = market
  const wanted = feeAtoms(value, state.liquidationFee)
  standingOf(state, market, slot, standing)
  const wallet = walletOf(state, account, currency)
  if (!isIsolated(market, slot)) {
    const fee = Math.max(0, Math.min(wanted, standing.equity))
    credit(state, account, currency, -fee)
    credit(state, FUND, currency, fee)
    return fee
  }
  const margin = market.margins[slot] as number
  const fromMargin = Math.max(0, Math.min(wanted, margin, standing.equity))
  const fromWallet = Math.max(0, Math.min(wanted - fromMargin, wallet - walletBefore))
  market.margins[slot] = margin - fromMargin
  credit(state, account, currency, -fromWallet)
  credit(state, FUND, currency, fromMargin + fromWallet)
  return fromMargin + fromWallet
}

/** The tick at which the position's standing is worth nothing, rounded in favour of the one who pays. */
function bankruptcyTick(market: Market, slot: number, equity: number): number {
  const size = market.floats[slot * SLOT + SIZE] as number
  const mark = market.now[MARK] as number
  const held = Math.abs(size)
  const notional = (held * market.unit) / mark
  const steps = market.inverse
    ? (held * market.unit) / Math.max(1, size > 0 ? notional + equity : notional - equity)
    : mark - equity / (size * market.unit)
  const tick = steps / market.steps
  const rounded = size > 0 ? Math.ceil(tick - 1e-9) : Math.floor(tick + 1e-9)
  return Math.min(market.maxTick, Math.max(market.minTick, rounded))
}

/** The cross position of an account whose requirement is largest: the one that goes first. */
function largestOf(state: State, account: number, currency: number): { market: Market; slot: number } | undefined {
  let most = -1
  let found: { market: Market; slot: number } | undefined
  for (const market of state.markets) {
    if (market.currency !== currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const slot = account * state.legs + leg
      if (market.floats[slot * SLOT + SIZE] === 0 || isIsolated(market, slot)) continue
      const required = requiredOf(state, market, slot)
      if (required <= most) continue
      most = required
      found = { market, slot }
    }
  }
  return found
}

function cancelGroup(state: State, account: number, currency: number): void {
  for (const market of state.markets) {
    if (market.currency !== currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const slot = account * state.legs + leg
      if (!isIsolated(market, slot)) cancelAll(state, market, slot)
    }
  }
}

/** A loss beyond the margin of what is closed is paid by the waterfall's last steps. */
function settleLoss(state: State, market: Market, slot: number): void {
  const account = accountOf(state, slot)
  const { currency } = market
  const at = slot * SLOT
  if (isIsolated(market, slot)) {
    const margin = market.margins[slot] as number
    if (market.floats[at + SIZE] !== 0 || margin >= 0) return
    market.margins[slot] = 0
    credit(state, account, currency, margin)
    coverLoss(state, account, currency, -margin)
    return
  }
  const wallet = walletOf(state, account, currency)
  if (wallet < 0 && largestOf(state, account, currency) === undefined) coverLoss(state, account, currency, -wallet)
}
