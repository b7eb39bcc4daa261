/**
 * Monte Carlo of price paths over a book of liquidation levels: each step the price moves, every level it reaches is forced, that pushes the price,
 * which may reach more, until it rests. Each rest is the greatest price (for longs; the smallest for shorts) that its own forced lots explain.
 * Per path two counters of levels, two displacements and a guard around the extremes so far: a step that sets no new one costs two comparisons.
 */
import { assert, breakwaterError } from '../../model/index.ts'
import { type LevelBook, type LevelSide, reachedBy } from './level-book.ts'
import { drawMoves, type Moves } from './moves.ts'

/**
 * What is run: `start` price above 0 and a `shock` (fraction, above −1) before the first step; of every push the share `permanent` stays, the rest
 * keeps `keep` of itself each step; `seed` names the chance.
 */
export type PathOptions = {
  readonly start: number
  readonly shock: number
  readonly moves: Moves
  readonly permanent: number
  readonly keep: number
  readonly seed: string | number
}

/** What a path gave: prices, lots forced of each side, how many levels, rounds of forcing, and the loss beyond bankruptcy (lots × price). */
export const PATH_COLUMNS = [
  'price',
  'lowest',
  'highest',
  'longLots',
  'shortLots',
  'levels',
  'rounds',
  'badDebt',
] as const

/** The name of one thing that a path gives. */
export type PathColumn = (typeof PATH_COLUMNS)[number]

/** Results of the paths `from` ≤ number < `to`, one array per column in the order of the numbers. */
export type PathChunk = { readonly from: number; readonly to: number } & {
  readonly [column in PathColumn]: Float64Array
}

/** Relative slack when whole stretches are passed over as free of bad debt: far above any rounding of a logarithm. */
const SLACK = 1e-9

/** Runs the paths `from` ≤ number < `to`. A path gives the same whoever runs it and with whichever others. Throws bad-shock, bad-number. */
export function runPaths(book: LevelBook, options: PathOptions, from: number, to: number): PathChunk {
  checkOptions(options)
  assert(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to, 'paths are numbered from 0')
  const chunk = emptyChunk(from, to)
  const moves = new Float64Array(options.moves.steps)
  const walk = walker(book, options)
  for (let path = from; path < to; path++) {
    drawMoves(options.moves, options.seed, path, moves)
    followPath(walk, moves)
    const at = path - from
    chunk.price[at] = Math.exp(walk.price)
    chunk.lowest[at] = Math.exp(walk.lowest)
    chunk.highest[at] = Math.exp(walk.highest)
    chunk.longLots[at] = book.long.lots[walk.longs] as number
    chunk.shortLots[at] = book.short.lots[walk.shorts] as number
    chunk.levels[at] = walk.longs + walk.shorts
    chunk.rounds[at] = walk.rounds
    chunk.badDebt[at] = walk.badDebt
  }
  return chunk
}

/** An empty chunk of so many paths. */
export function emptyChunk(from: number, to: number): PathChunk {
  const columns = Object.fromEntries(PATH_COLUMNS.map((name) => [name, new Float64Array(to - from)]))
  return { from, to, ...columns } as PathChunk
}

/** Refuses options that no path can have. */
export function checkOptions({ start, shock, moves, permanent, keep }: PathOptions): void {
  if (!(shock > -1 && shock <= 10))
    throw breakwaterError('bad-shock', `a shock of ${shock * 100} % leaves no price`, { shock })
  const { steps, drift, volatility, jumps } = moves
  const numbers: [string, number, boolean][] = [
    ['the start price', start, start > 0],
    ['the number of steps', steps, Number.isInteger(steps) && steps >= 0],
    ['the drift', drift, true],
    ['the volatility', volatility, volatility >= 0],
    ['the permanent share', permanent, permanent >= 0 && permanent <= 1],
    ['what a push keeps per step', keep, keep >= 0 && keep <= 1],
    ['jumps per step', jumps?.perStep ?? 0, (jumps?.perStep ?? 0) >= 0 && (jumps?.perStep ?? 0) <= 1],
    ['the mean jump', jumps?.mean ?? 0, true],
    ['the deviation of jumps', jumps?.deviation ?? 0, (jumps?.deviation ?? 0) >= 0],
  ]
  for (const [what, value, fine] of numbers)
    if (!fine || !Number.isFinite(value)) throw breakwaterError('bad-number', `${what} is ${value}`, { value })
}

/** One path under way. Prices are logarithms; `displacement` is what forced orders have added, of which `fading` passes. */
type Walk = {
  readonly book: LevelBook
  readonly options: PathOptions
  price: number
  lowest: number
  highest: number
  longs: number
  shorts: number
  displacement: number
  fading: number
  rounds: number
  badDebt: number
}

function walker(book: LevelBook, options: PathOptions): Walk {
  const zero = { price: 0, lowest: 0, highest: 0, displacement: 0.5, fading: 0.5, badDebt: 0.5 }
  return { book, options, ...zero, longs: 0, shorts: 0, rounds: 0 }
}

function followPath(walk: Walk, moves: Float64Array): void {
  const { options } = walk
  const { keep, permanent } = options
  let outside = Math.log(options.start * (1 + options.shock))
  walk.lowest = Number.POSITIVE_INFINITY
  walk.highest = Number.NEGATIVE_INFINITY
  walk.longs = walk.shorts = walk.rounds = 0
  walk.displacement = walk.fading = walk.badDebt = 0
  settle(walk, outside)
  let { displacement, fading, lowest, highest } = walk
  let steady = permanent * pushed(walk)
  const passing = keep !== 1 && permanent !== 1
  for (let step = 0; step < moves.length; step++) {
    outside += moves[step] as number
    if (passing && fading !== 0) {
      fading = faded(fading, keep)
      displacement = steady + fading
    }
    const price = outside + displacement
    // Every level beyond the extremes so far is still there, every level within them is gone: only a new extreme can reach one.
    if (price >= lowest && price <= highest) continue
    if (price < lowest) lowest = price
    if (price > highest) highest = price
    if (price > nextLong(walk) && price < nextShort(walk)) continue
    walk.displacement = displacement
    walk.fading = fading
    walk.lowest = lowest
    walk.highest = highest
    settle(walk, outside)
    displacement = walk.displacement
    fading = walk.fading
    lowest = walk.lowest
    highest = walk.highest
    steady = permanent * pushed(walk)
  }
  walk.lowest = lowest
  walk.highest = highest
  walk.price = outside + displacement
}

/** Forces what is reached, round by round, until a round reaches nothing more. */
function settle(walk: Walk, outside: number): void {
  const { long, short } = walk.book
  const { permanent } = walk.options
  let { longs, shorts, displacement, fading, rounds } = walk
  let push = (long.push[longs] as number) + (short.push[shorts] as number)
  for (;;) {
    const before = outside + displacement
    if (before < walk.lowest) walk.lowest = before
    if (before > walk.highest) walk.highest = before
    const fromLong = longs
    const fromShort = shorts
    if (longs < long.keys.length && before <= (long.keys[longs] as number)) longs = reachedBy(long, before)
    if (shorts < short.keys.length && -before <= (short.keys[shorts] as number)) shorts = reachedBy(short, before)
    if (longs === fromLong && shorts === fromShort) break
    const pushBefore = push
    push = (long.push[longs] as number) + (short.push[shorts] as number)
    fading += (1 - permanent) * (push - pushBefore)
    displacement = permanent * push + fading
    rounds++
    const after = outside + displacement
    if (longs > fromLong && (long.keys[fromLong] as number) + long.reach > after - SLACK)
      walk.badDebt += lossOf(long, fromLong, longs, { before, after })
    if (shorts > fromShort && (short.keys[fromShort] as number) + short.reach > -after - SLACK)
      walk.badDebt += lossOf(short, fromShort, shorts, { before, after })
  }
  walk.longs = longs
  walk.shorts = shorts
  walk.displacement = displacement
  walk.fading = fading
  walk.rounds = rounds
}

/** What is left of a passing push after one step; below 1e-18 of a log price nothing is. */
export function faded(fading: number, keep: number): number {
  const left = fading * keep
  return Math.abs(left) < 1e-18 ? 0 : left
}

function pushed({ book, longs, shorts }: Walk): number {
  return (book.long.push[longs] as number) + (book.short.push[shorts] as number)
}

/** Log price of the next long that was not forced yet: −Infinity when all were. */
function nextLong({ book, longs }: Walk): number {
  return longs < book.long.keys.length ? (book.long.keys[longs] as number) : Number.NEGATIVE_INFINITY
}

/** Log price of the next short that was not forced yet: Infinity when all were. */
function nextShort({ book, shorts }: Walk): number {
  return shorts < book.short.keys.length ? -(book.short.keys[shorts] as number) : Number.POSITIVE_INFINITY
}

/** Loss beyond bankruptcy of the levels `from` ≤ number < `to`, all filled at the mean of the round's prices before and after. */
function lossOf(side: LevelSide, from: number, to: number, round: { before: number; after: number }): number {
  const { sign, keys, reach, quantity, bankruptcy } = side
  const worst = sign * round.after - SLACK
  const fill = (Math.exp(round.before) + Math.exp(round.after)) / 2
  let loss = 0
  for (let at = from; at < to; at++) {
    if ((keys[at] as number) + reach <= worst) break
    const gap = sign * ((bankruptcy[at] as number) - fill)
    if (gap > 0) loss += (quantity[at] as number) * gap
  }
  return loss
}
