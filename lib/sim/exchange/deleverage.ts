/** What happens to a position that the book did not take: somebody takes it over, or winners are closed against it. Zero-sum to the atom. */
import { BUY, IOC, SELL } from '../../kernels/index.ts'
import { deleverageFills, deleverageQueue, type Winner } from '../../mechanisms/index.ts'
import { DELEVERAGE, record, TAKEOVER } from './events.ts'
import { BASIS, FIRST_ACCOUNT, FUND, SIZE, SLOT } from './layout.ts'
import { accountOf, bookLots, isIsolated, shareOf } from './ledger.ts'
import { capacityOf, coverLoss } from './losses.ts'
import { type GroupMargin, notionalOf, requiredOf, standingOf, unrealised } from './margin.ts'
import { MARK, type Market, PREVIOUS_MARK, priceOfSteps, priceOfWorth, worthFloor } from './market.ts'
import { cancelAll, trimReduceOnly } from './open-orders.ts'
import { send, slotOf } from './orders.ts'
import { credit, type State, walletOf } from './state.ts'

/** Part of a taken-over position that its holder sells into the book per mark, and how far from the mark. */
const UNWIND = { part: 0.1, band: 0.01 }

const standing: GroupMargin = { equity: 0, maintenance: 0, initial: 0 }

/** Worth (signed atoms) at which a position leaves its account with nothing: worth now − what stands behind it. */
function bankruptWorth(market: Market, slot: number, equity: number): number {
  const size = market.floats[slot * SLOT + SIZE] as number
  return worthFloor(market, size, market.now[MARK] as number) - equity
}

/**
 * The fund or vault takes a position over: at bankruptcy its margin is its price; at mark the rest of the margin goes along, and of a whole account
 * everything cross. A fund that could not pay the loss of now leaves it to the winners instead.
 */
export function takeOver(state: State, market: Market, slot: number, equity: number): void {
  const { takeover } = state.profile
  if (takeover.by !== 'vault' && equity < 0 && -equity > capacityOf(state, market.currency)) {
    deleveragePosition(state, market, slot, equity)
    return
  }
  if (takeover.price === 'bankruptcy') {
    handOver(state, market, slot, bankruptWorth(market, slot, equity), 0)
    return
  }
  const account = accountOf(state, slot)
  if (isIsolated(market, slot) || takeover.scope === 'position') {
    const worth = worthFloor(market, market.floats[slot * SLOT + SIZE] as number, market.now[MARK] as number)
    const before = walletOf(state, account, market.currency)
    handOver(state, market, slot, worth, equity)
    keepRest(
      state,
      account,
      market.currency,
      isIsolated(market, slot) ? walletOf(state, account, market.currency) - before : equity,
    )
    return
  }
  for (const other of state.markets) {
    if (other.currency !== market.currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const at = slotOf(state, account, leg)
      const size = other.floats[at * SLOT + SIZE] as number
      if (size !== 0 && !isIsolated(other, at))
        handOver(state, other, at, worthFloor(other, size, other.now[MARK] as number), 0)
    }
  }
  keepRest(state, account, market.currency, walletOf(state, account, market.currency))
}

function keepRest(state: State, account: number, currency: number, rest: number): void {
  if (rest <= 0 || state.profile.takeover.rest !== 'kept') return
  credit(state, account, currency, -rest)
  credit(state, FUND, currency, rest)
}

/** Books the whole position at a worth to the venue's own account. */
function handOver(state: State, market: Market, slot: number, worth: number, margin: number): void {
  const size = market.floats[slot * SLOT + SIZE] as number
  const to = slotOf(state, FUND, size > 0 ? 0 : 1)
  bookLots(state, market, slot, -size, -worth)
  bookLots(state, market, to, size, worth)
  record(state, TAKEOVER, market.at, accountOf(state, slot), FUND, -size, market.now[MARK] as number, worth, margin, 0)
}

/**
 * Closes a whole position against the winners of the other side, best score first, at the venue's price: bankruptcy (the account is left with
 * nothing and owes nothing), mark, or the mark before. What finds no winner is taken over at the same price.
 */
export function deleveragePosition(state: State, market: Market, slot: number, equity: number): void {
  const size = market.floats[slot * SLOT + SIZE] as number
  if (size === 0) return
  const worth = deleverageWorth(state, market, slot, size, equity)
  const { rank } = state.profile.deleverage
  const queue = rank === 'none' ? [] : deleverageQueue(rank, winnersOf(state, market, size > 0 ? -1 : 1))
  const { fills } = deleverageFills(queue, Math.abs(size))
  let [leftLots, leftWorth] = [size, worth]
  for (const { id, size: lots } of fills) {
    const winner = Number(id)
    const signed = size > 0 ? lots : -lots
    const share = signed === leftLots ? leftWorth : shareOf(worth, lots, Math.abs(size))
    bookLots(state, market, slot, -signed, -share)
    bookLots(state, market, winner, signed, share)
    trimReduceOnly(state, market, winner, 0)
    leftLots -= signed
    leftWorth -= share
    record(
      state,
      DELEVERAGE,
      market.at,
      accountOf(state, winner),
      accountOf(state, slot),
      signed,
      market.now[MARK] as number,
      share,
      0,
      0,
    )
  }
  if (leftLots !== 0) handOver(state, market, slot, leftWorth, 0)
}

function deleverageWorth(state: State, market: Market, slot: number, size: number, equity: number): number {
  const { price } = state.profile.deleverage
  if (price === 'bankruptcy') return bankruptWorth(market, slot, equity)
  return worthFloor(market, size, market.now[price === 'mark' ? MARK : PREVIOUS_MARK] as number)
}

/** Users' positions of a side (sign of lots) as the ranking sees them; ids are slots. */
function winnersOf(state: State, market: Market, sign: 1 | -1): Winner[] {
  const winners: Winner[] = []
  for (let slot = FIRST_ACCOUNT * state.legs; slot < state.accounts * state.legs; slot++) {
    const size = market.floats[slot * SLOT + SIZE] as number
    if (size * sign <= 0) continue
    standingOf(state, market, slot, standing)
    const basis = market.floats[slot * SLOT + BASIS] as number
    const mark = market.now[MARK] as number
    winners.push({
      id: String(slot).padStart(9, '0'),
      side: sign === 1 ? 'long' : 'short',
      size: Math.abs(size),
      entryPrice: priceOfWorth(market, size, basis),
      markPrice: priceOfSteps(market, mark),
      notional: notionalOf(market, slot),
      entryValue: Math.max(1, Math.abs(basis)),
      unrealised: unrealised(market, slot),
      equity: standing.equity,
      maintenance: requiredOf(state, market, slot),
    })
  }
  return winners
}

/** The fund sells what it took over, a part per mark, near the mark; when its own money is gone its positions go to the winners. */
export function unwindFund(state: State, market: Market): void {
  for (let leg = 0; leg < state.legs; leg++) {
    const slot = slotOf(state, FUND, leg)
    const size = market.floats[slot * SLOT + SIZE] as number
    if (size === 0) continue
    standingOf(state, market, slot, standing)
    if (standing.equity < 0 && state.profile.deleverage.rank !== 'none') {
      deleverageFund(state, market, slot, standing.equity)
      continue
    }
    const mark = (market.now[MARK] as number) / market.steps
    const side = size > 0 ? SELL : BUY
    const limit = Math.round(mark * (side === SELL ? 1 - UNWIND.band : 1 + UNWIND.band))
    const lots = Math.max(1, Math.ceil(Math.abs(size) * UNWIND.part))
    send(state, market, slot, side, IOC, Math.min(market.maxTick, Math.max(market.minTick, limit)), lots, false)
  }
  const wallet = walletOf(state, FUND, market.currency)
  if (wallet < 0 && !holdsAnything(state, market.currency)) coverLoss(state, FUND, market.currency, -wallet)
}

function deleverageFund(state: State, market: Market, slot: number, equity: number): void {
  cancelAll(state, market, slot)
  const size = market.floats[slot * SLOT + SIZE] as number
  const winners = winnersOf(state, market, size > 0 ? -1 : 1)
  const there = winners.reduce((sum, winner) => sum + winner.size, 0)
  if (there >= Math.abs(size)) deleveragePosition(state, market, slot, equity)
}

function holdsAnything(state: State, currency: number): boolean {
  return state.markets.some(
    (market) =>
      market.currency === currency && [0, 1].some((leg) => market.floats[slotOf(state, FUND, leg) * SLOT + SIZE] !== 0),
  )
}
