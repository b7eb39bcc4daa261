/**
 * Market makers for a simulated venue: quotes on both sides around a fair price, wider and thinner the more the price moved of late. Depth that is
 * withdrawn when it is needed is what turns a fall into a crash. Seeded: the same seed quotes the same.
 */
import { BUY, POST_ONLY, SELL } from '../../kernels/index.ts'
import type { Prng } from '../../model/index.ts'
import type { Exchange } from '../exchange.ts'

/** How a maker quotes. Distances are fractions of the fair price, lots per level. */
export type MakerOptions = {
  readonly account: number
  readonly market: number
  readonly tickSize: number
  readonly levels: number
  readonly lots: number
  /** Half spread in calm, and how much a volatility of 1 % per step adds, in multiples of the calm one. */
  readonly halfSpread: number
  readonly widening: number
  /** Distance between levels. */
  readonly step: number
  /** Part of the lots that stays at a volatility of 1 % per step: 0.5 halves them per percent. */
  readonly staying: number
  /** Memory of the volatility, 0 (none) to below 1. */
  readonly memory: number
}

/** A maker. `quote` cancels what rests and quotes anew around the fair price; returns the lots it quoted. */
export type Maker = { quote(fair: number): number; readonly volatility: () => number }

/** Makes a maker on an exchange. */
export function createMaker(exchange: Exchange, options: MakerOptions, chance: Prng): Maker {
  const { account, market, tickSize, levels, lots, halfSpread, widening, step, staying, memory } = options
  let resting: number[] = []
  let last: number | undefined
  let volatility = 0
  return {
    volatility: () => volatility,
    quote(fair) {
      const move = last === undefined ? 0 : Math.abs(Math.log(fair / last))
      volatility = Math.max(move, memory * volatility + (1 - memory) * move)
      last = fair
      for (const order of resting) exchange.cancel(account, market, order)
      resting = []
      const calm = volatility * 100
      const half = halfSpread * (1 + widening * calm)
      const size = Math.floor(lots * staying ** calm)
      let quoted = 0
      for (let level = 0; level < levels; level++) {
        for (const side of [BUY, SELL]) {
          const away = half + level * step * (1 + widening * calm)
          const price = fair * (side === BUY ? 1 - away : 1 + away)
          const tick = side === BUY ? Math.floor(price / tickSize) : Math.ceil(price / tickSize)
          const amount = Math.floor(size * (0.5 + chance.next()))
          if (amount < 1) continue
          const order = exchange.place(account, market, side, POST_ONLY, tick, amount)
          if (order < 0) continue
          resting.push(order)
          quoted += amount
        }
      }
      return quoted
    },
  }
}
