/**
 * A seeded market whose liquidation prices are known, to hold an estimate against: takers open at every leverage, close, add margin and are
 * liquidated; out come the bars that a venue would show and the levels that it would not. Hyperliquid's rule: maintenance is half of the initial
 * margin at the coin's maximum leverage.
 */
import type { Prng } from '../model/index.ts'
import type { LeverageShare, OpenInterestBar } from './heatmap-estimate.ts'
import type { LevelPoint } from './levels.ts'

/** The market: bars and their length (ms), volatility per bar, takers per bar, mean bars until a position is closed, the coin's maximum leverage. */
export type TruthTerms = {
  readonly bars: number
  readonly barMs: number
  readonly volatility: number
  readonly takers: number
  readonly meanLife: number
  readonly maxLeverage: number
  /** Median leverage and spread of its logarithm. */
  readonly leverage: { readonly median: number; readonly spread: number }
  /** Share of takers with more margin than their leverage asks for (cross accounts), which moves their true level away from any estimate. */
  readonly crossShare: number
}

/** A position from its opening on: its level, and the bars in which it was opened and was gone (the number of bars: it stands at the end). */
export type KnownLife = {
  readonly side: 'long' | 'short'
  readonly amount: number
  readonly level: number
  readonly from: number
  readonly until: number
}

/** What the market showed, what it hid, its last price, and the leverages that were opened (by notional). `lives`: every position there was. */
export type KnownMarket = {
  readonly bars: readonly OpenInterestBar[]
  readonly truth: readonly LevelPoint[]
  readonly lives: readonly KnownLife[]
  readonly price: number
  readonly maintenance: number
  readonly leverages: readonly LeverageShare[]
}

type Held = KnownLife

/** Steps of the price inside a bar. */
const TICKS = 12
/** Leverages are told in these classes, each as the middle of its range on a log scale. */
const CLASSES = [1, 2, 3, 5, 8, 12, 18, 25, 35, 50] as const

/** Runs the market. Amounts are in coins. */
export function knownMarket(terms: TruthTerms, chance: Prng): KnownMarket {
  const maintenance = 1 / (2 * terms.maxLeverage)
  const opened = new Float64Array(CLASSES.length)
  const bars: OpenInterestBar[] = []
  const lives: KnownLife[] = []
  let held: Held[] = []
  let price = 60_000
  let trend = 0
  for (let bar = 0; bar < terms.bars; bar++) {
    const flow = { money: 0, volume: 0, buys: 0, high: price, low: price }
    const trade = (side: 'buy' | 'sell', amount: number) => {
      flow.money += amount * price
      flow.volume += amount
      if (side === 'buy') flow.buys += amount
    }
    for (let tick = 0; tick < TICKS; tick++) {
      const move = (terms.volatility / Math.sqrt(TICKS)) * chance.normal()
      price *= Math.exp(move)
      trend = 0.98 * trend + move
      flow.high = Math.max(flow.high, price)
      flow.low = Math.min(flow.low, price)
      held = held.filter((one) => {
        const stays = one.until > bar && (one.side === 'long' ? price > one.level : price < one.level)
        if (stays) return true
        trade(one.side === 'long' ? 'sell' : 'buy', one.amount)
        lives.push({ ...one, until: bar })
        return false
      })
      for (let taker = 0; taker < terms.takers / TICKS; taker++) {
        const one = open(terms, chance, { price, trend, bar, maintenance, opened })
        if (!one) continue
        trade(one.side === 'long' ? 'buy' : 'sell', one.amount)
        held.push(one)
      }
    }
    bars.push({
      ...{ time: bar * terms.barMs, high: flow.high, low: flow.low },
      vwap: flow.volume > 0 ? Math.min(Math.max(flow.money / flow.volume, flow.low), flow.high) : price,
      openInterest: held.reduce((sum, { amount }) => sum + amount, 0),
      longShare: flow.volume > 0 ? flow.buys / flow.volume : undefined,
    })
  }
  const truth = held.map(
    ({ side, amount, level }) => ({ side, amount, price: level, source: 'known', basis: 'exact' }) as const,
  )
  // Levels at or below 0 are never reached.
  for (const one of held) lives.push({ ...one, until: terms.bars })
  return {
    ...{ bars, price, maintenance, leverages: sharesOf(opened) },
    truth: truth.filter((one) => one.price > 0),
    lives: lives.filter(({ level }) => level > 0),
  }
}

type Opening = {
  readonly price: number
  readonly trend: number
  readonly bar: number
  readonly maintenance: number
  readonly opened: Float64Array
}

/** A taker who follows the trend a little; undefined for a leverage that the coin does not allow. */
function open(terms: TruthTerms, chance: Prng, now: Opening): Held | undefined {
  const leverage = terms.leverage.median * Math.exp(terms.leverage.spread * chance.normal())
  const side = chance.next() < 1 / (1 + Math.exp(-20 * now.trend)) ? 'long' : 'short'
  const amount = Math.exp(1.2 * chance.normal())
  const until = now.bar + 1 + Math.floor(chance.exponential(terms.meanLife))
  const extra = chance.next() < terms.crossShare ? 1 + chance.exponential(1) : 1
  if (leverage > terms.maxLeverage || leverage < 1.05) return undefined
  const place = CLASSES.findLastIndex((least) => leverage >= least)
  now.opened[place] = (now.opened[place] as number) + amount
  const margin = extra / leverage
  const level =
    side === 'long'
      ? (now.price * (1 - margin)) / (1 - now.maintenance)
      : (now.price * (1 + margin)) / (1 + now.maintenance)
  return { side, amount, level, from: now.bar, until }
}

function sharesOf(opened: Float64Array): readonly LeverageShare[] {
  const all = opened.reduce((sum, one) => sum + one, 0)
  return CLASSES.flatMap((least, at) => {
    const next = CLASSES[at + 1] ?? least * 1.01
    const share = (opened[at] as number) / all
    return share > 0 ? [{ leverage: Math.sqrt(least * next), share }] : []
  })
}
