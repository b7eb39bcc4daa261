/** A random session on a venue's profile, sized so that crashes liquidate: for tests. */
import { perpProfile } from '../../mechanisms/index.ts'
import { prng, type UnixMs } from '../../model/index.ts'
import { createExchange, type Exchange } from '../exchange.ts'
import { openSession, type Session } from './session.ts'

const PRICES: Readonly<Record<string, number>> = { BTC: 60_000, ETH: 2_000, SOL: 200 }
const USERS = 60
/** Largest order, dollars. */
const ORDER_USD = 40_000
/** What a user has, dollars. */
const WALLET_USD = 20_000

/** Opens it. `messages` are sent by `session.run`. */
export function sessionOn(
  id: string,
  symbols: readonly string[],
  { seed, hedge = false, users = USERS }: { readonly seed: string; readonly hedge?: boolean; readonly users?: number },
): { readonly exchange: Exchange; readonly session: Session } {
  const profile = perpProfile(id)
  const rules = symbols.map((symbol) => {
    const found = profile.markets.find((market) => market.symbol === symbol)
    if (!found) throw new Error(`${id} has no ${symbol}`)
    return { ...found, price: PRICES[found.coin] ?? 300 }
  })
  const exchange = createExchange({
    profile,
    markets: rules.map(({ symbol, price, tickSize }) => {
      // A ladder has at most 4,194,304 ticks.
      const maxPrice = Math.min(price * 20, tickSize * 4_000_000)
      return { symbol, minPrice: price / 20, maxPrice, orders: 8_192 }
    }),
    accounts: users,
    start: 1_760_000_000_000 as UnixMs,
    hedge,
  })
  const { currencies, decimals } = exchange.state
  const markets = rules.map(({ price, payoff, tickSize, lotSize, contractSize }) => {
    const lotUsd = lotSize * contractSize * (payoff === 'linear' ? price : 1)
    return { tickSize, price, lots: Math.max(2, Math.floor(ORDER_USD / lotUsd)) }
  })
  const atoms = currencies.map((currency, at) => {
    const worth = currency.startsWith('USD') ? 1 : (PRICES[currency] ?? 1)
    return Math.floor((WALLET_USD / worth) * 10 ** (decimals[at] as number))
  })
  const mixed = profile.modes.includes('isolated') && profile.modes.length > 1
  const options = {
    users,
    atoms,
    markets,
    markEvery: 100,
    sigma: 0.004,
    crashEvery: 30,
    crash: 0.13,
    legs: hedge ? 2 : 1,
    largestLeverage: 20,
    isolatedPart: mixed ? 0.3 : 0,
  } as const
  return { exchange, session: openSession(exchange, options, prng(seed)) }
}
