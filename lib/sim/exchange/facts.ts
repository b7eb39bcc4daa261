/** Event records as facts of the model: a simulated liquidation is the same type as an observed one. */
import type { Fact, UnixMs } from '../../model/index.ts'
import { DELEVERAGE, DRAW, LIQUIDATION, TAKEOVER, TRADE } from './events.ts'
import { VENUE_ACCOUNTS } from './layout.ts'
import { type Market, priceOfSteps, priceOfTick, sizeOfLots } from './market.ts'
import { EVENT_WORDS, type State } from './state.ts'

/** A fact with its venue time. */
export type TimedFact = { readonly time: UnixMs; readonly fact: Fact }

/** Facts of the event records from number `from` (counted since the last clearing). Trades only when asked for. */
export function factsOf(state: State, from = 0, trades = false): readonly TimedFact[] {
  const facts: TimedFact[] = []
  for (let number = from; number < state.eventCount; number++) {
    const words = state.events.subarray(number * EVENT_WORDS, (number + 1) * EVENT_WORDS)
    const fact = factOf(state, words, trades)
    if (fact) facts.push({ time: words[1] as UnixMs, fact })
  }
  return facts
}

function factOf(state: State, words: Float64Array, trades: boolean): Fact | undefined {
  const [kind = 0, , marketAt = 0, account = 0, , lots = 0, price = 0, worth = 0] = words
  if (kind === DRAW) return drawOf(state, lots, worth)
  const market = state.markets[marketAt]
  if (!market) return undefined
  const amount = amountOf(market, lots, kind === TRADE ? priceOfTick(market, price) : priceOfSteps(market, price))
  const named = { instrument: market.rules.symbol, coin: market.rules.coin }
  // Closing lots are sold (below 0) by longs and bought by shorts.
  const side = lots < 0 ? ('long' as const) : ('short' as const)
  const { usd, size } = amount
  if (kind === TRADE && trades)
    return {
      type: 'trade',
      ...named,
      taker: lots > 0 ? 'buy' : 'sell',
      size,
      price: amount.price,
      usd,
    }
  if (kind === LIQUIDATION || kind === TAKEOVER) {
    const sold = kind === LIQUIDATION
    const method = sold ? ('market' as const) : ('backstop' as const)
    const told = {
      ...amount,
      priceKind: sold ? ('fill' as const) : ('mark' as const),
      usdBasis: 'notional' as const,
      account: String(account),
      method,
    }
    return { type: 'perp-liquidation', ...named, side, ...told }
  }
  if (kind === DELEVERAGE)
    return {
      type: 'auto-deleveraging',
      ...named,
      side,
      size,
      price: amount.price,
      usd,
      usdBasis: 'notional',
      account: String(account),
    }
  return undefined
}

function amountOf(market: Market, lots: number, price: number): { size: number; price: number; usd: number } {
  const amount = sizeOfLots(market, Math.abs(lots))
  return market.inverse ? { size: amount / price, price, usd: amount } : { size: amount, price, usd: amount * price }
}

function drawOf(state: State, currency: number, atoms: number): Fact {
  const unit = 10 ** (state.decimals[currency] as number)
  return {
    type: 'insurance-draw',
    fund: VENUE_ACCOUNTS[0],
    currency: state.currencies[currency] as string,
    balance: undefined,
    drawn: atoms / unit,
  }
}
