/** Peers of the path kernel: every position scanned in typed arrays each round of each step, and the kernel's own idea written plainly. */
import { drawMoves, type LiquidationLevel, type LogPush, type PathOptions } from '../kernels/index.ts'

/** What is compared: final price, levels forced, rounds. */
export type PeerPath = { readonly price: number; readonly levels: number; readonly rounds: number }

/** An array scan: columns of log price, side and quantity, a mark for what was forced, all looked at in every round. Permanent impact only. */
export function scanPath(
  levels: readonly LiquidationLevel[],
  push: LogPush,
  options: PathOptions,
  path: number,
): PeerPath {
  const count = levels.length
  const logs = Float64Array.from(levels, ({ price }) => Math.log(price))
  const long = Uint8Array.from(levels, ({ side }) => (side === 'long' ? 1 : 0))
  const quantity = Float64Array.from(levels, (level) => level.quantity)
  const forced = new Uint8Array(count)
  const moves = new Float64Array(options.moves.steps)
  drawMoves(options.moves, options.seed, path, moves)
  let outside = Math.log(options.start * (1 + options.shock))
  let [sold, bought, fired, rounds, price] = [0, 0, 0, 0, outside]
  for (let step = -1; step < moves.length; step++) {
    if (step >= 0) outside += moves[step] as number
    for (;;) {
      price = outside + (push.sell(sold) + push.buy(bought))
      let now = 0
      for (let at = 0; at < count; at++) {
        if (forced[at] === 1) continue
        if (long[at] === 1 ? price > (logs[at] as number) : price < (logs[at] as number)) continue
        forced[at] = 1
        now++
        if (long[at] === 1) sold += quantity[at] as number
        else bought += quantity[at] as number
      }
      if (now === 0) break
      fired += now
      rounds++
    }
  }
  return { price: Math.exp(price), levels: fired, rounds }
}

type Sorted = { readonly log: number; readonly quantity: number }

/** Sorted objects and two pointers that only move on: what the kernel does, as one would write it without thinking of machines. */
export function pointerPaths(levels: readonly LiquidationLevel[], push: LogPush, options: PathOptions) {
  const of = (side: 'long' | 'short'): Sorted[] =>
    levels
      .filter((level) => level.side === side)
      .map(({ price, quantity }) => ({ log: Math.log(price), quantity }))
      .sort((a, b) => (side === 'long' ? b.log - a.log : a.log - b.log))
  const [longs, shorts] = [of('long'), of('short')]
  return (moves: readonly number[]): PeerPath => {
    let outside = Math.log(options.start * (1 + options.shock))
    let [sold, bought, nextLong, nextShort, rounds, price] = [0, 0, 0, 0, 0, outside]
    for (let step = -1; step < moves.length; step++) {
      if (step >= 0) outside += moves[step] as number
      for (;;) {
        price = outside + (push.sell(sold) + push.buy(bought))
        const before = nextLong + nextShort
        while (nextLong < longs.length && price <= (longs[nextLong] as Sorted).log)
          sold += (longs[nextLong++] as Sorted).quantity
        while (nextShort < shorts.length && price >= (shorts[nextShort] as Sorted).log)
          bought += (shorts[nextShort++] as Sorted).quantity
        if (nextLong + nextShort === before) break
        rounds++
      }
    }
    return { price: Math.exp(price), levels: nextLong + nextShort, rounds }
  }
}
