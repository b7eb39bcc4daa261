/** The plain twin of the paths: ordinary objects, every position looked at in every round of every step. The kernel must agree exactly. */
import type { LiquidationLevel, LogPush } from './level-book.ts'
import { drawMoves } from './moves.ts'
import { checkOptions, faded, type PathColumn, type PathOptions } from './paths.ts'

/** What one path gives, by column. */
export type PlainPath = { readonly [column in PathColumn]: number }

type Held = LiquidationLevel & { readonly logPrice: number; forced: boolean }

/** Follows one path, step by step. */
export function plainPath(
  levels: readonly LiquidationLevel[],
  push: LogPush,
  options: PathOptions,
  path: number,
): PlainPath {
  checkOptions(options)
  const positions: Held[] = levels.map((level) => ({ ...level, logPrice: Math.log(level.price), forced: false }))
  const moves = new Float64Array(options.moves.steps)
  drawMoves(options.moves, options.seed, path, moves)
  const totals = { longLots: 0, shortLots: 0, levels: 0, rounds: 0, badDebt: 0 }
  let outside = Math.log(options.start * (1 + options.shock))
  let fading = 0
  let price = outside
  let lowest = price
  let highest = price
  for (let step = -1; step < moves.length; step++) {
    if (step >= 0) {
      outside += moves[step] as number
      fading = faded(fading, options.keep)
    }
    for (;;) {
      const before = push.sell(totals.longLots) + push.buy(totals.shortLots)
      price = outside + (options.permanent * before + fading)
      lowest = Math.min(lowest, price)
      highest = Math.max(highest, price)
      const reached = positions.filter((one) => !one.forced && isReached(one, price))
      if (reached.length === 0) break
      for (const one of reached) {
        one.forced = true
        totals[one.side === 'long' ? 'longLots' : 'shortLots'] += one.quantity
      }
      const after = push.sell(totals.longLots) + push.buy(totals.shortLots)
      fading += (1 - options.permanent) * (after - before)
      const fill = (Math.exp(price) + Math.exp(outside + (options.permanent * after + fading))) / 2
      totals.badDebt += lossOf(reached, 'long', fill)
      totals.badDebt += lossOf(reached, 'short', fill)
      totals.levels += reached.length
      totals.rounds++
    }
  }
  return { price: Math.exp(price), lowest: Math.exp(lowest), highest: Math.exp(highest), ...totals }
}

function isReached({ side, logPrice }: Held, price: number): boolean {
  return side === 'long' ? price <= logPrice : price >= logPrice
}

function lossOf(reached: readonly Held[], side: 'long' | 'short', fill: number): number {
  return reached
    .filter((one) => one.side === side)
    .sort((a, b) => (side === 'long' ? b.logPrice - a.logPrice : a.logPrice - b.logPrice))
    .reduce((sum, { quantity, bankruptcy }) => {
      if (bankruptcy === undefined) return sum
      const gap = side === 'long' ? bankruptcy - fill : fill - bankruptcy
      return gap > 0 ? sum + quantity * gap : sum
    }, 0)
}
