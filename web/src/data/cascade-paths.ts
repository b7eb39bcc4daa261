/** The fan of prices after a shock: seeded random paths with forced orders fed back, chunk by chunk, so that a worker can stop between two of them. */
import {
  type LevelBook,
  type LiquidationLevel,
  levelBook,
  mergeChunks,
  type PathChunk,
  type PathOptions,
  runPaths,
  type Spread,
  spreadOf,
} from '../../../lib/kernels/index.ts'
import { logPush, scaledImpact } from '../../../lib/sim/index.ts'
import type { CascadeInput } from '../state/cascade.ts'
import { impactOf, impactTimes } from './cascade.ts'
import type { CascadeBook } from './cascade-book.ts'

/** Minutes of a step, and columns of the fan. */
const STEP_MINUTES = 5
const COLUMNS = 16
/** The shares that the fan shows. */
export const FAN_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const

/** Quantiles of the price at a time after the shock: with forced orders fed back, and of the price outside alone. */
export type FanColumn = {
  readonly hours: number
  readonly price: readonly number[]
  readonly outside: readonly number[]
}

/** The fan of so many paths. Lots are dollars at the start price. */
export type Fan = {
  readonly coin: string
  readonly paths: number
  readonly of: number
  readonly columns: readonly FanColumn[]
  readonly lowest: Spread
  readonly highest: Spread
  readonly forcedUsd: Spread
  /** Loss beyond bankruptcy, dollars. */
  readonly badDebt: Spread
}

/** A fan under way: each call of `next` runs some more paths and gives the fan so far. */
export type FanRun = { readonly done: () => boolean; readonly next: (paths: number) => Fan }

/** Opens the fan of a coin. Throws what {@link runPaths} refuses. */
export function fanRun(book: CascadeBook, input: CascadeInput, coin: string): FanRun | undefined {
  const market = book.coins.get(coin)
  if (!market) return undefined
  const { numbers } = input
  const shock = input.shocks.get(coin) ?? 0
  const steps = Math.max(1, Math.round((numbers.hours * 60) / STEP_MINUTES))
  const volatility = (numbers.volatility / 100) * Math.sqrt(STEP_MINUTES / 1_440)
  const options: PathOptions = {
    ...{ start: market.price, shock, permanent: numbers.permanent / 100, seed: `${input.seed}/${coin}` },
    moves: { steps, drift: -(volatility ** 2) / 2, volatility },
    keep: 2 ** (-STEP_MINUTES / numbers.halflife),
  }
  const impact = scaledImpact(impactOf(input.impact, market, numbers.volatility / 100), impactTimes(input, shock))
  const { sell, buy } = logPush(impact, market.price)
  const push = { sell: (lots: number) => sell(lots / market.price), buy: (lots: number) => buy(lots / market.price) }
  const full = levelBook(levelsOf(book, coin, { close: numbers.close / 100, price: market.price }), push)
  const stops = [...new Set(Array.from({ length: COLUMNS + 1 }, (_, at) => Math.round((steps * at) / COLUMNS)))]
  return columnsRun({ coin, full, options, stops, most: numbers.paths })
}

function levelsOf({ positions }: CascadeBook, coin: string, { close, price }: { close: number; price: number }) {
  return positions
    .filter((one) => one.coin === coin)
    .map(({ side, liquidation, bankruptcy, size }): LiquidationLevel => {
      return { side, price: liquidation, quantity: Math.round(size * close * price), bankruptcy }
    })
}

type Columns = {
  readonly coin: string
  readonly full: LevelBook
  readonly options: PathOptions
  readonly stops: readonly number[]
  readonly most: number
}

/** A path of so many steps is the beginning of a longer one of the same number: a column is the same paths, stopped there. */
function columnsRun({ coin, full, options, stops, most }: Columns): FanRun {
  const empty = levelBook([], { sell: () => 0, buy: () => 0 })
  const held: { fed: PathChunk[]; outside: PathChunk[] }[] = stops.map(() => ({ fed: [], outside: [] }))
  let ran = 0
  return {
    done: () => ran >= most,
    next: (paths) => {
      const to = Math.min(most, ran + paths)
      stops.forEach((steps, at) => {
        const stopped = { ...options, moves: { ...options.moves, steps } }
        held[at]?.fed.push(runPaths(full, stopped, ran, to))
        held[at]?.outside.push(runPaths(empty, stopped, ran, to))
      })
      ran = to
      const merged = held.map(({ fed, outside }) => ({ fed: mergeChunks(fed), outside: mergeChunks(outside) }))
      const values = (chunk: PathChunk) => spreadOf(chunk, 'price', FAN_SHARES).quantiles.map(({ value }) => value)
      const last = merged[merged.length - 1]?.fed as PathChunk
      const forced = { ...last, longLots: last.longLots.map((lots, path) => lots + (last.shortLots[path] as number)) }
      // The kernel counts a loss as lots × price, and a lot here is 1 / start coins.
      const badDebt = { ...last, badDebt: last.badDebt.map((loss) => loss / options.start) }
      return {
        ...{ coin, paths: ran, of: most },
        columns: merged.map(({ fed, outside }, at) => ({
          hours: ((stops[at] as number) * STEP_MINUTES) / 60,
          price: values(fed),
          outside: values(outside),
        })),
        lowest: spreadOf(last, 'lowest', FAN_SHARES),
        highest: spreadOf(last, 'highest', FAN_SHARES),
        forcedUsd: spreadOf(forced, 'longLots', FAN_SHARES),
        badDebt: spreadOf(badDebt, 'badDebt', FAN_SHARES),
      }
    },
  }
}
