/** The books are true: nothing appeared, nothing was lost, every count equals what it counts. */
import { BUY, ORDER_WORDS } from '../../kernels/index.ts'
import { assert } from '../../model/index.ts'
import {
  BASIS,
  BUY_LOTS,
  BUY_WORTH,
  LINK,
  ORDER_FLAGS,
  REDUCE_LOTS,
  REDUCE_ONLY,
  SELL_LOTS,
  SELL_WORTH,
  SIZE,
  SLOT,
  SLOT_INTS,
} from './layout.ts'
import { isIsolated, isolatedReserve } from './ledger.ts'
import { type Market, OPEN_LOTS, orderWorthPerLot } from './market.ts'
import { type State, walletOf } from './state.ts'

/**
 * Asserts, exactly: per currency Σ wallets (the venue's own included) + Σ isolated margins − Σ bases = deposits − withdrawals, which is the same as
 * wallets + unrealised + insurance + fees + bad debt staying constant; per market Σ lots = 0, open lots as counted, every order counted where it
 * belongs, reserves as computed. Returns the sums per currency.
 */
export function audit(state: State): readonly number[] {
  const sums = state.currencies.map((_, currency) => {
    let sum = 0
    for (let account = 0; account < state.accounts; account++) sum += walletOf(state, account, currency)
    return sum
  })
  for (const market of state.markets) {
    let [lots, open, money] = [0, 0, 0]
    for (let slot = 0; slot < state.accounts * state.legs; slot++) {
      const at = slot * SLOT
      const size = market.floats[at + SIZE] as number
      lots += size
      if (size > 0) open += size
      else assert(size !== 0 || market.floats[at + BASIS] === 0, `an empty position of slot ${slot} has a basis`)
      money += (market.margins[slot] as number) - (market.floats[at + BASIS] as number)
    }
    assert(lots === 0, `longs and shorts of ${market.rules.symbol} differ by ${lots} lots`)
    assert(
      open === market.now[OPEN_LOTS],
      `open lots of ${market.rules.symbol} are ${open}, counted ${market.now[OPEN_LOTS]}`,
    )
    sums[market.currency] = (sums[market.currency] as number) + money
    auditOrders(state, market)
  }
  sums.forEach((sum, currency) => {
    const deposited = state.deposited[currency]
    assert(sum === deposited, `${state.currencies[currency]}: ${sum} atoms are there, ${deposited} were paid in`)
  })
  auditReserves(state)
  return sums
}

function auditOrders(state: State, market: Market): void {
  const counted = new Map<number, [buys: number, sells: number, buyWorth: number, sellWorth: number, reduce: number]>()
  const orders = market.book.orders()
  for (let at = 0; at < orders.length; at += ORDER_WORDS) {
    const [order = 0, slot = 0, side = 0, tick = 0, lots = 0] = orders.slice(at, at + ORDER_WORDS)
    const sums = counted.get(slot) ?? [0, 0, 0, 0, 0]
    const only = ((market.links[order * LINK + ORDER_FLAGS] as number) & REDUCE_ONLY) !== 0
    if (only) sums[4] += lots
    else {
      sums[side === BUY ? 0 : 1] += lots
      sums[side === BUY ? 2 : 3] += lots * orderWorthPerLot(market, tick)
    }
    counted.set(slot, sums)
  }
  assert(market.book.size + (market.freeCount[0] as number) === market.capacity, 'an order number is lost')
  for (let slot = 0; slot < state.accounts * state.legs; slot++) {
    const [buys, sells, buyWorth, sellWorth, reduce] = counted.get(slot) ?? [0, 0, 0, 0, 0]
    const { floats, ints } = market
    const [at, intsAt] = [slot * SLOT, slot * SLOT_INTS]
    const same =
      ints[intsAt + BUY_LOTS] === buys &&
      ints[intsAt + SELL_LOTS] === sells &&
      ints[intsAt + REDUCE_LOTS] === reduce &&
      floats[at + BUY_WORTH] === buyWorth &&
      floats[at + SELL_WORTH] === sellWorth
    assert(same, `the orders of slot ${slot} are not as counted`)
    const size = floats[at + SIZE] as number
    const closing = size > 0 ? sells : size < 0 ? buys : 0
    assert(reduce === 0 || reduce + closing <= Math.abs(size), `reduce-only orders of slot ${slot} exceed its position`)
  }
}

function auditReserves(state: State): void {
  for (let account = 0; account < state.accounts; account++) {
    state.currencies.forEach((_, currency) => {
      let reserved = 0
      for (const market of state.markets) {
        if (market.currency !== currency) continue
        for (let leg = 0; leg < state.legs; leg++) {
          const slot = account * state.legs + leg
          if (isIsolated(market, slot)) reserved += isolatedReserve(market, slot)
        }
      }
      const noted = state.reserved[account * state.currencies.length + currency]
      assert(noted === reserved, `account ${account} reserves ${noted}, not ${reserved}`)
    })
  }
}
