/**
 * A venue: books, margin, funding, liquidation, insurance and auto-deleveraging under a dated profile, in whole atoms. Synchronous and without a
 * clock or dice of its own: the same messages give the same bytes.
 */
import { breakwaterError, type UnixMs } from '../model/index.ts'
import { audit } from './exchange/audit.ts'
import { factsOf, type TimedFact } from './exchange/facts.ts'
import { payFunding } from './exchange/funding.ts'
import {
  BASIS,
  FIRST_ACCOUNT,
  FLAGS,
  FUND,
  HEAD,
  ISOLATED,
  LEVERAGE,
  SIZE,
  SLOT,
  SLOT_INTS,
} from './exchange/layout.ts'
import { isIsolated, touch, touchGroup } from './exchange/ledger.ts'
import { setMark } from './exchange/liquidate.ts'
import { type GroupMargin, groupMargin, standingOf } from './exchange/margin.ts'
import { INDEX, MARK, type Market, priceOfWorth, stepsOf } from './exchange/market.ts'
import { amendOrder, cancelOrder, placeOrder, slotOf } from './exchange/orders.ts'
import {
  BAD_AMOUNT,
  BAD_LEVERAGE,
  BAD_PRICE,
  IN_USE,
  NO_ACCOUNT,
  NOTHING,
  refusalOf,
  refuse,
} from './exchange/refusals.ts'
import { restoreSnapshot, takeSnapshot } from './exchange/snapshot.ts'
import { createState, credit, EVENT_WORDS, type ExchangeOptions, type State, walletOf } from './exchange/state.ts'

/** A position as its holder sees it: lots signed, margin and profit in atoms, entry quote per coin. */
export type HeldPosition = {
  readonly lots: number
  readonly entryPrice: number
  readonly margin: number
  readonly isolated: boolean
  readonly leverage: number
}

/**
 * The venue. Markets are numbered as in the options, accounts from `firstAccount`. Requests return −1 when refused: `refusal()` is then the typed
 * error with value and limit, and nothing has changed. Ticks, lots and atoms are whole numbers; sides and ways to order are those of the book.
 */
export type Exchange = {
  readonly state: State
  readonly firstAccount: number
  /** Pays atoms of a currency (by number) into a user's wallet, or into the insurance fund (account 0). */
  deposit(account: number, currency: number, atoms: number): number
  /** Takes atoms out: at most what the venue's transfer rule lets go. */
  withdraw(account: number, currency: number, atoms: number): number
  setLeverage(account: number, market: number, leverage: number, leg?: number): number
  /** Isolated or cross, while nothing is open. */
  setMode(account: number, market: number, mode: 'isolated' | 'cross', leg?: number): number
  /** Moves atoms between wallet and isolated margin: above 0 into the position. */
  addMargin(account: number, market: number, atoms: number, leg?: number): number
  place(
    account: number,
    market: number,
    side: number,
    how: number,
    tick: number,
    lots: number,
    reduceOnly?: boolean,
    leg?: number,
  ): number
  cancel(account: number, market: number, order: number): number
  amend(account: number, market: number, order: number, tick: number, lots: number): number
  /** Takes a mark price (quote per coin) and liquidates; returns how many positions were looked at. */
  mark(market: number, price: number): number
  /** The index price that funding may be paid on. */
  index(market: number, price: number): number
  /** Pays one funding interval; the rate counts billionths of notional. Returns atoms paid. */
  fund(market: number, rate: number): number
  /** Sets the venue's time, ms; it never runs backwards. */
  advance(time: UnixMs): void
  position(account: number, market: number, leg?: number): HeldPosition
  /** Equity, requirement and initial margin behind an account's cross positions in a currency, atoms. */
  margin(account: number, currency: number): GroupMargin
  wallet(account: number, currency: number): number
  refusal(): ReturnType<typeof refusalOf>
  /** Facts of the events since the last clearing; trades only when asked for. */
  facts(trades?: boolean): readonly TimedFact[]
  /** Event records since the last clearing, as bytes. */
  eventBytes(): Uint8Array
  clearEvents(): void
  /** Asserts that the books are true; see audit. */
  audit(): readonly number[]
  snapshot(): Uint8Array
  restore(bytes: Uint8Array): void
}

/** Opens a venue. Throws `bad-config` or `not-found` for what no venue can be. */
export function createExchange(options: ExchangeOptions): Exchange {
  const state = createState(options)
  for (const market of state.markets) {
    const isolated = !options.profile.modes.some((mode) => mode !== 'isolated')
    for (let slot = 0; slot < state.accounts * state.legs; slot++) {
      market.ints[slot * SLOT_INTS + LEVERAGE] = 1
      if (isolated && slot >= FIRST_ACCOUNT * state.legs) market.ints[slot * SLOT_INTS + FLAGS] = ISOLATED
    }
  }
  const at = (market: number): Market => {
    const found = state.markets[market]
    if (!found)
      throw breakwaterError('not-found', `there is no market ${market} of ${state.markets.length}`, { market })
    return found
  }
  const begin = () => {
    state.refusal = NOTHING
  }
  return {
    state,
    firstAccount: FIRST_ACCOUNT,
    ...moneyOf(state, at, begin),
    place(account, market, side, how, tick, lots, reduceOnly = false, leg = 0) {
      state.refusal = NOTHING
      return placeOrder(state, at(market), account, side, how, tick, lots, reduceOnly, leg)
    },
    cancel(account, market, order) {
      state.refusal = NOTHING
      return cancelOrder(state, at(market), account, order)
    },
    amend(account, market, order, tick, lots) {
      state.refusal = NOTHING
      return amendOrder(state, at(market), account, order, tick, lots)
    },
    ...feedsOf(state, at, begin),
    ...viewsOf(state, at),
  }
}

type At = (market: number) => Market

/** What moves money and margin without trading. */
function moneyOf(
  state: State,
  at: At,
  begin: () => void,
): Pick<Exchange, 'deposit' | 'withdraw' | 'setLeverage' | 'setMode' | 'addMargin'> {
  const isUser = (account: number) => Number.isInteger(account) && account >= FIRST_ACCOUNT && account < state.accounts
  const isAmount = (atoms: number) => Number.isSafeInteger(atoms) && atoms > 0 && atoms <= 2 ** 51
  const isCurrency = (currency: number) => state.currencies[currency] !== undefined
  return {
    deposit(account, currency, atoms) {
      begin()
      if (!isUser(account) && account !== FUND) return refuse(state, NO_ACCOUNT, account, state.accounts - 1)
      if (!isAmount(atoms) || !isCurrency(currency)) return refuse(state, BAD_AMOUNT, atoms, 2 ** 51)
      credit(state, account, currency, atoms)
      state.deposited[currency] = (state.deposited[currency] as number) + atoms
      touchGroup(state, account, currency)
      return atoms
    },
    withdraw(account, currency, atoms) {
      begin()
      if (!isUser(account)) return refuse(state, NO_ACCOUNT, account, state.accounts - 1)
      const free = isCurrency(currency) ? withdrawableOf(state, account, currency) : 0
      if (!isAmount(atoms) || atoms > free) return refuse(state, BAD_AMOUNT, atoms, free)
      credit(state, account, currency, -atoms)
      state.deposited[currency] = (state.deposited[currency] as number) - atoms
      touchGroup(state, account, currency)
      return atoms
    },
    setLeverage(account, marketAt, leverage, leg = 0) {
      begin()
      const market = at(marketAt)
      if (!isUser(account)) return refuse(state, NO_ACCOUNT, account, state.accounts - 1)
      const most = Math.floor((market.maintenance.leverages[0] as number) + 1e-9)
      if (!(Number.isInteger(leverage) && leverage >= 1 && leverage <= most))
        return refuse(state, BAD_LEVERAGE, leverage, most)
      const slot = slotOf(state, account, leg)
      if (market.floats[slot * SLOT + SIZE] !== 0 || market.ints[slot * SLOT_INTS + HEAD] !== 0)
        return refuse(state, IN_USE, leverage, 0)
      market.ints[slot * SLOT_INTS + LEVERAGE] = leverage
      return leverage
    },
    setMode(account, marketAt, mode, leg = 0) {
      begin()
      const market = at(marketAt)
      if (!isUser(account)) return refuse(state, NO_ACCOUNT, account, state.accounts - 1)
      if (!state.profile.modes.some((one) => (one === 'isolated') === (mode === 'isolated')))
        throw breakwaterError('bad-config', `${state.profile.name} has no ${mode} margin`, { mode })
      const slot = slotOf(state, account, leg)
      if (market.floats[slot * SLOT + SIZE] !== 0 || market.ints[slot * SLOT_INTS + HEAD] !== 0)
        return refuse(state, IN_USE, 0, 0)
      market.ints[slot * SLOT_INTS + FLAGS] = mode === 'isolated' ? ISOLATED : 0
      return 0
    },
    addMargin(account, marketAt, atoms, leg = 0) {
      begin()
      const market = at(marketAt)
      if (!isUser(account)) return refuse(state, NO_ACCOUNT, account, state.accounts - 1)
      const slot = slotOf(state, account, leg)
      const free = atoms > 0 ? withdrawableOf(state, account, market.currency) : removableOf(state, market, slot)
      const held = market.floats[slot * SLOT + SIZE] !== 0 && isIsolated(market, slot)
      if (!held || !isAmount(Math.abs(atoms)) || Math.abs(atoms) > free)
        return refuse(state, BAD_AMOUNT, atoms, held ? free : 0)
      credit(state, account, market.currency, -atoms)
      market.margins[slot] = (market.margins[slot] as number) + atoms
      touch(state, market, slot)
      touchGroup(state, account, market.currency)
      return atoms
    },
  }
}

const scratch: GroupMargin = { equity: 0, maintenance: 0, initial: 0 }

/** Atoms that may leave a wallet: not what isolated orders reserve, not unrealised profit, and the venue's floor of all notional stays. */
function withdrawableOf(state: State, account: number, currency: number): number {
  const { equity, initial } = groupMargin(state, account, currency, scratch)
  const floor = state.profile.transferFloor ?? 0
  const asked = floor === 0 ? initial : Math.max(initial, Math.ceil(floor * notionalOfGroup(state, account, currency)))
  return Math.max(0, Math.min(walletOf(state, account, currency), equity - asked))
}

function notionalOfGroup(state: State, account: number, currency: number): number {
  let sum = 0
  for (const market of state.markets) {
    if (market.currency !== currency) continue
    for (let leg = 0; leg < state.legs; leg++) {
      const size = market.floats[slotOf(state, account, leg) * SLOT + SIZE] as number
      const mark = market.now[MARK] as number
      sum += market.inverse ? (Math.abs(size) * market.unit) / Math.max(1, mark) : Math.abs(size) * mark * market.unit
    }
  }
  return sum
}

/** Isolated margin that may be taken back: what is above the initial margin of the entry, and above what the trigger asks. */
function removableOf(state: State, market: Market, slot: number): number {
  const { equity, maintenance } = standingOf(state, market, slot, scratch)
  const margin = market.margins[slot] as number
  const entry = Math.abs(market.floats[slot * SLOT + BASIS] as number)
  const initial = Math.ceil(entry / (market.ints[slot * SLOT_INTS + LEVERAGE] as number))
  return Math.max(0, Math.min(margin - initial, equity - initial, equity - maintenance - 1))
}

/** Prices, funding and time. */
function feedsOf(state: State, at: At, begin: () => void): Pick<Exchange, 'mark' | 'index' | 'fund' | 'advance'> {
  const steps = (market: Market, price: number) => {
    const found = Number.isFinite(price) && price > 0 ? stepsOf(market, price) : 0
    return found >= market.minTick && found <= market.maxTick * market.steps ? found : 0
  }
  return {
    mark(marketAt, price) {
      begin()
      const market = at(marketAt)
      const found = steps(market, price)
      return found === 0 ? refuse(state, BAD_PRICE, price, market.maxTick) : setMark(state, market, found)
    },
    index(marketAt, price) {
      begin()
      const market = at(marketAt)
      const found = steps(market, price)
      if (found === 0) return refuse(state, BAD_PRICE, price, market.maxTick)
      market.now[INDEX] = found
      return 0
    },
    fund(marketAt, rate) {
      begin()
      if (!Number.isInteger(rate) || Math.abs(rate) > 1e8) return refuse(state, BAD_AMOUNT, rate, 1e8)
      return payFunding(state, at(marketAt), rate)
    },
    advance(time) {
      if (!(time >= state.time))
        throw breakwaterError('bad-time', `${time} is before ${state.time}`, { time, now: state.time })
      state.time = time
    },
  }
}

/** What is only read, and the whole state. */
function viewsOf(
  state: State,
  at: At,
): Pick<
  Exchange,
  | 'position'
  | 'margin'
  | 'wallet'
  | 'refusal'
  | 'facts'
  | 'eventBytes'
  | 'clearEvents'
  | 'audit'
  | 'snapshot'
  | 'restore'
> {
  return {
    position(account, marketAt, leg = 0) {
      const market = at(marketAt)
      const slot = slotOf(state, account, leg)
      const lots = market.floats[slot * SLOT + SIZE] as number
      return {
        lots,
        entryPrice: priceOfWorth(market, lots, market.floats[slot * SLOT + BASIS] as number),
        margin: market.margins[slot] as number,
        isolated: isIsolated(market, slot),
        leverage: market.ints[slot * SLOT_INTS + LEVERAGE] as number,
      }
    },
    margin: (account, currency) => groupMargin(state, account, currency, { equity: 0, maintenance: 0, initial: 0 }),
    wallet: (account, currency) => walletOf(state, account, currency),
    refusal: () => refusalOf(state),
    facts: (trades = false) => factsOf(state, 0, trades),
    eventBytes: () => new Uint8Array(state.events.slice(0, state.eventCount * EVENT_WORDS).buffer),
    clearEvents() {
      state.eventCount = 0
    },
    audit: () => audit(state),
    snapshot: () => takeSnapshot(state),
    restore(bytes) {
      restoreSnapshot(state, bytes)
    },
  }
}
