/** What happens to a position that the book did not take: somebody takes it over, or winners are closed against it. Zero-sum to the atom. */
import { BUY, IOC, SELL } from '../../kernels/index.ts'
import { deleverageScore, type Winner } from '../../mechanisms/index.ts'
import { DELEVERAGE, record, TAKEOVER } from './events.ts'
import { BASIS, FIRST_ACCOUNT, FUND, SIZE, SLOT } from './layout.ts'
import { accountOf, bookLots, isIsolated, shareOf } from './ledger.ts'
import { capacityOf, coverLoss } from './losses.ts'
import { type GroupMargin, notionalOf, requiredOf, standingOf, unrealised } from './margin.ts'
import { MARK, type Market, PREVIOUS_MARK, worthFloor } from './market.ts'
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
  const queue = state.profile.deleverage.rank === 'none' ? undefined : queueOf(state, market, size > 0 ? -1 : 1)
  const all = Math.abs(size)
  let [leftLots, leftWorth] = [size, worth]
  while (queue && leftLots !== 0) {
    const winner = nextWinner(market, queue)
    if (winner < 0) break
    const lots = Math.min(Math.abs(leftLots), Math.abs(market.floats[winner * SLOT + SIZE] as number))
    const signed = size > 0 ? lots : -lots
    const share = signed === leftLots ? leftWorth : shareOf(worth, lots, all)
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

/**
 * Users' positions of a side in the order in which they are closed: scored once per mark, as venues do, best first, then by number. A heap, because
 * few of many are ever taken.
 */
export type Queue = { readonly sign: 1 | -1; readonly heap: Int32Array; readonly scores: Float64Array; length: number }

function queueOf(state: State, market: Market, sign: 1 | -1): Queue {
  const side = sign === 1 ? 0 : 1
  const known = market.queues[side]
  if (known) return known
  const slots = state.accounts * state.legs
  const queue: Queue = { sign, heap: new Int32Array(slots), scores: new Float64Array(slots), length: 0 }
  for (let slot = FIRST_ACCOUNT * state.legs; slot < slots; slot++) {
    if ((market.floats[slot * SLOT + SIZE] as number) * sign <= 0) continue
    queue.scores[slot] = scoreOf(state, market, slot)
    queue.heap[queue.length++] = slot
  }
  for (let at = (queue.length >> 1) - 1; at >= 0; at--) sink(queue, at)
  market.queues[side] = queue
  return queue
}

/** True when slot `a` is closed before slot `b`. */
function isBefore({ scores }: Queue, a: number, b: number): boolean {
  const [x, y] = [scores[a] as number, scores[b] as number]
  return x > y || (x === y && a < b)
}

function sink(queue: Queue, from: number): void {
  const { heap, length } = queue
  let at = from
  const slot = heap[at] as number
  for (;;) {
    let child = 2 * at + 1
    if (child >= length) break
    if (child + 1 < length && isBefore(queue, heap[child + 1] as number, heap[child] as number)) child++
    if (!isBefore(queue, heap[child] as number, slot)) break
    heap[at] = heap[child] as number
    at = child
  }
  heap[at] = slot
}

/** The best position that is still there, −1 when none is; it stays at the head until its lots are gone. */
function nextWinner({ floats }: Market, queue: Queue): number {
  while (queue.length > 0) {
    const slot = queue.heap[0] as number
    if ((floats[slot * SLOT + SIZE] as number) * queue.sign > 0) return slot
    queue.length--
    queue.heap[0] = queue.heap[queue.length] as number
    sink(queue, 0)
  }
  return -1
}

type Scored = { -readonly [K in keyof Winner]: Winner[K] }
const scored: Scored = {
  id: '',
  side: 'long',
  size: 0,
  entryPrice: 0,
  markPrice: 0,
  notional: 0,
  entryValue: 0,
  unrealised: 0,
  equity: 0,
  maintenance: 0,
}

/** The venue's score of a position; prices in mark steps, which is as good as in quote: only their ratio counts. */
function scoreOf(state: State, market: Market, slot: number): number {
  const size = market.floats[slot * SLOT + SIZE] as number
  const basis = market.floats[slot * SLOT + BASIS] as number
  standingOf(state, market, slot, standing)
  scored.side = size > 0 ? 'long' : 'short'
  scored.size = Math.abs(size)
  scored.entryPrice = market.inverse ? (size * market.unit) / -basis : basis / (size * market.unit)
  scored.markPrice = market.now[MARK] as number
  scored.notional = notionalOf(market, slot)
  scored.entryValue = Math.max(1, Math.abs(basis))
  scored.unrealised = unrealised(market, slot)
  scored.equity = standing.equity
  scored.maintenance = requiredOf(state, market, slot)
  return deleverageScore(state.profile.deleverage.rank, scored)
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
  const { heap, length, sign } = queueOf(state, market, size > 0 ? -1 : 1)
  let there = 0
  for (let at = 0; at < length; at++)
    there += Math.max(0, (market.floats[(heap[at] as number) * SLOT + SIZE] as number) * sign)
  if (there >= Math.abs(size)) deleveragePosition(state, market, slot, equity)
}

function holdsAnything(state: State, currency: number): boolean {
  return state.markets.some(
    (market) =>
      market.currency === currency && [0, 1].some((leg) => market.floats[slotOf(state, FUND, leg) * SLOT + SIZE] !== 0),
  )
}
