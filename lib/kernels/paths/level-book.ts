/**
 * Liquidation levels laid out for many price paths: per side sorted log prices, prefix sums of quantity, the price push of each prefix, and a grid
 * that finds how far a price reaches in one look. Plain typed arrays, so that a book can be handed to a worker.
 */
import { assert, breakwaterError } from '../../model/index.ts'

/**
 * One position's liquidation: a long is sold when the price falls to `price` or below, a short is bought back when it rises to it or above.
 * `quantity` in lots, whole. `bankruptcy`: the fill price beyond which its loss is bad debt; without it the position leaves none.
 */
export type LiquidationLevel = {
  readonly side: 'long' | 'short'
  readonly price: number
  readonly quantity: number
  readonly bankruptcy?: number | undefined
}

/** What forced lots do to the logarithm of the price: `sell` gives 0 or less, `buy` 0 or more, both 0 for no lots, neither ever turning back. */
export type LogPush = {
  readonly sell: (lots: number) => number
  readonly buy: (lots: number) => number
}

/** One side, mirrored so that both read alike: key = log price of longs, − log price of shorts, falling from the first that is reached to the last. */
export type LevelSide = {
  readonly sign: 1 | -1
  readonly keys: Float64Array
  readonly quantity: Float64Array
  readonly bankruptcy: Float64Array
  /** Lots of the first so many levels. */
  readonly lots: Float64Array
  /** Change of the log price once the first so many levels were forced. */
  readonly push: Float64Array
  /** How many levels stand in this cell of the grid or one nearer to the market; one more entry than cells. */
  readonly above: Int32Array
  readonly lowest: number
  readonly scale: number
  /** Largest sign · log(bankruptcy / price): no level leaves bad debt on fills nearer than that. */
  readonly reach: number
}

/** Both sides of a book. */
export type LevelBook = { readonly long: LevelSide; readonly short: LevelSide }

/** Cells of the grid of each side: 32,768, as many as three levels of 100,000 each. */
const CELLS = 1 << 15

/** Lays levels out. Throws bad-position for a price that is not above 0, lots that are not whole, or more than 2^53 of them. */
export function levelBook(levels: readonly LiquidationLevel[], push: LogPush): LevelBook {
  levels.forEach(check)
  return {
    long: side(
      levels.filter((level) => level.side === 'long'),
      1,
      push.sell,
    ),
    short: side(
      levels.filter((level) => level.side === 'short'),
      -1,
      push.buy,
    ),
  }
}

/** How many levels of a side a log price reaches: all with key ≥ sign · log price. */
export function reachedBy({ sign, keys, above, lowest, scale }: LevelSide, logPrice: number): number {
  const key = sign * logPrice
  const last = keys.length
  if (last === 0 || key > (keys[0] as number)) return 0
  if (key <= lowest) return last
  // The cell is a monotone function of the key, so levels of other cells are decided by their cell alone.
  const cell = Math.min(Math.floor((key - lowest) * scale), CELLS - 1)
  let from = above[cell + 1] as number
  let to = above[cell] as number
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((keys[middle] as number) >= key) from = middle + 1
    else to = middle
  }
  return from
}

function check({ price, quantity, bankruptcy }: LiquidationLevel, at: number): void {
  const wrong = (what: string, value: number) =>
    breakwaterError('bad-position', `level ${at}: ${what} is ${value}`, { level: at, value })
  if (!(price > 0 && price < Number.POSITIVE_INFINITY)) throw wrong('the price', price)
  if (!(Number.isSafeInteger(quantity) && quantity >= 0)) throw wrong('the number of lots', quantity)
  if (bankruptcy !== undefined && !(bankruptcy > 0 && bankruptcy < Number.POSITIVE_INFINITY))
    throw wrong('the bankruptcy price', bankruptcy)
}

function side(levels: readonly LiquidationLevel[], sign: 1 | -1, pushOf: (lots: number) => number): LevelSide {
  const count = levels.length
  const logs = Float64Array.from(levels, ({ price }) => sign * Math.log(price))
  const order = Uint32Array.from(levels, (_, at) => at).sort(
    (a, b) => (logs[b] as number) - (logs[a] as number) || a - b,
  )
  const keys = Float64Array.from(order, (at) => logs[at] as number)
  const quantity = Float64Array.from(order, (at) => levels[at]?.quantity as number)
  const never = sign === 1 ? 0 : Number.POSITIVE_INFINITY
  const bankruptcy = Float64Array.from(order, (at) => levels[at]?.bankruptcy ?? never)
  const lots = new Float64Array(count + 1)
  for (let at = 0; at < count; at++) lots[at + 1] = (lots[at] as number) + (quantity[at] as number)
  if (!Number.isSafeInteger(lots[count]))
    throw breakwaterError('bad-position', 'the lots of a side together exceed 2^53', { lots: lots[count] })
  const push = Float64Array.from(lots, pushOf)
  assert(push[0] === 0, 'no lots push no price')
  for (let at = 0; at < count; at++)
    assert(sign * (push[at + 1] as number) <= sign * (push[at] as number), 'a push never turns back')
  const lowest = keys[count - 1] ?? 0
  const scale = count > 0 && (keys[0] as number) > lowest ? CELLS / ((keys[0] as number) - lowest) : 0
  const above = grid(keys, lowest, scale)
  let reach = Number.NEGATIVE_INFINITY
  for (let at = 0; at < count; at++)
    reach = Math.max(reach, sign * Math.log(bankruptcy[at] as number) - (keys[at] as number))
  return { sign, keys, quantity, bankruptcy, lots, push, above, lowest, scale, reach }
}

function grid(keys: Float64Array, lowest: number, scale: number): Int32Array {
  const above = new Int32Array(CELLS + 1)
  for (const key of keys) {
    const cell = Math.min(Math.floor((key - lowest) * scale), CELLS - 1)
    above[cell] = (above[cell] as number) + 1
  }
  for (let cell = CELLS - 1; cell >= 0; cell--) above[cell] = (above[cell] as number) + (above[cell + 1] as number)
  return above
}
