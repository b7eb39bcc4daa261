/**
 * The demo's market: a seeded one-second world of coins whose longs and shorts are liquidated, with one crash.
 * It is an illustration, not a model of any real day: prices follow a random walk with a scripted fall and rebound,
 * liquidations arrive as a self-exciting process (Hawkes 1971) whose rate grows with the move of the last ten minutes.
 */
import { MINUTE, type Prng, prng, SECOND, type Side, type UnixMs } from '../../model/index.ts'

/** A coin of the demo: starting price (USD), weight in liquidations, sensitivity to the market, tick size (USD). */
export type DemoCoin = {
  readonly coin: string
  readonly price: number
  readonly weight: number
  readonly beta: number
  readonly decimals: number
}

/** The coins of the demo. Prices are round starting values, not quotes. */
export const DEMO_COINS: readonly DemoCoin[] = [
  { coin: 'BTC', price: 90_000, weight: 0.36, beta: 1, decimals: 1 },
  { coin: 'ETH', price: 3_000, weight: 0.28, beta: 1.25, decimals: 2 },
  { coin: 'SOL', price: 150, weight: 0.14, beta: 1.5, decimals: 3 },
  { coin: 'XRP', price: 2.2, weight: 0.08, beta: 1.3, decimals: 4 },
  { coin: 'DOGE', price: 0.18, weight: 0.08, beta: 1.6, decimals: 5 },
  { coin: 'HYPE', price: 30, weight: 0.06, beta: 1.7, decimals: 3 },
]

/** A latent liquidation: what truly happened, before any venue's throttle. */
export type DemoLiquidation = {
  readonly time: UnixMs
  readonly coin: DemoCoin
  readonly side: Side
  readonly usd: number
  readonly price: number
}

/** One second of the demo's market. */
export type DemoSecond = {
  readonly time: UnixMs
  readonly prices: ReadonlyMap<string, number>
  readonly liquidations: readonly DemoLiquidation[]
}

const SECOND_VOLATILITY = 0.55 / Math.sqrt(31_536_000)
const CRASH_LENGTH = 38 * MINUTE
const CRASH_DEPTH = 0.13
const REBOUND_LENGTH = 90 * MINUTE
const REBOUND = 0.045
const CALM_PER_SECOND = 0.06
const EXCITATION_DECAY = Math.log(2) / 45
const LOOKBACK_SECONDS = 600
const MOST_PER_SECOND = 60

type CoinState = {
  readonly coin: DemoCoin
  price: number
  history: Float64Array
  excited: { long: number; short: number }
}

/** Seconds from `from` on, without end. The crash begins at `crashAt`; the same arguments give the same seconds. */
export function* demoMarket(seed: string | number, from: UnixMs, crashAt: UnixMs): Generator<DemoSecond> {
  const root = prng(seed).fork('demo/market')
  const prices = root.fork('prices')
  const orders = root.fork('orders')
  const states: CoinState[] = DEMO_COINS.map((coin) => ({
    coin,
    price: coin.price,
    history: new Float64Array(LOOKBACK_SECONDS).fill(coin.price),
    excited: { long: 0, short: 0 },
  }))
  for (let index = 0; ; index++) {
    const time = (from + index * SECOND) as UnixMs
    const drift = crashDrift(time - crashAt)
    const market = prices.normal() * SECOND_VOLATILITY * (1 + 12 * Math.abs(drift) * 1_000) + drift
    const liquidations: DemoLiquidation[] = []
    for (const state of states) {
      const own = prices.normal() * SECOND_VOLATILITY * 0.6
      state.price *= Math.exp(state.coin.beta * market + own)
      const slot = index % LOOKBACK_SECONDS
      const move = state.price / (state.history[slot] as number) - 1
      state.history[slot] = state.price
      liquidate(state, move, time, orders, liquidations)
    }
    liquidations.sort((a, b) => a.time - b.time)
    yield { time, prices: new Map(states.map((state) => [state.coin.coin, state.price])), liquidations }
  }
}

/** Log return per second of the scripted crash, `elapsed` ms after its beginning. */
function crashDrift(elapsed: number): number {
  if (elapsed < 0) return 0
  if (elapsed < CRASH_LENGTH) {
    // Slow, fast, slow: a squared sine integrates to half its length.
    const shape = 2 * Math.sin((Math.PI * elapsed) / CRASH_LENGTH) ** 2
    return (Math.log(1 - CRASH_DEPTH) / (CRASH_LENGTH / SECOND)) * shape
  }
  if (elapsed < CRASH_LENGTH + REBOUND_LENGTH) return Math.log(1 + REBOUND) / (REBOUND_LENGTH / SECOND)
  return 0
}

function liquidate(state: CoinState, move: number, time: UnixMs, orders: Prng, into: DemoLiquidation[]): void {
  for (const side of ['long', 'short'] as const) {
    const against = side === 'long' ? -move : move
    const base = CALM_PER_SECOND * state.coin.weight * Math.exp(Math.min(60 * against, 4.5))
    const rate = base + state.excited[side]
    const count = Math.min(poisson(rate, orders), MOST_PER_SECOND)
    state.excited[side] = state.excited[side] * Math.exp(-EXCITATION_DECAY) + 0.011 * count
    for (let i = 0; i < count; i++) {
      const usd = Math.min(Math.exp(Math.log(2_400) + 1.75 * orders.normal()), 25_000_000)
      const slip = 1 + (side === 'long' ? -1 : 1) * Math.abs(orders.normal()) * 0.0006
      into.push({ time: (time + orders.int(SECOND)) as UnixMs, coin: state.coin, side, usd, price: state.price * slip })
    }
  }
}

/** A Poisson draw by multiplication (Knuth), good for the small means used here. */
function poisson(mean: number, random: Prng): number {
  const limit = Math.exp(-Math.min(mean, 100))
  let product = random.next()
  let count = 0
  while (product > limit) {
    product *= random.next()
    count++
  }
  return count
}
