/** Monte Carlo over a book of levels: a plan for the path kernel that can be cut into pieces anywhere, and the quantiles of what the pieces give. */
import {
  checkOptions,
  type LevelBook,
  levelBook,
  mergeChunks,
  type PathChunk,
  type PathOptions,
  type Spread,
  spreadOf,
} from '../kernels/index.ts'
import { breakwaterError } from '../model/index.ts'
import { type CascadeLevel, shockedPrice } from './cascade.ts'
import { type Impact, logPush } from './impact.ts'

/** What is run. Volatility per √day and drift per day of the log price; jumps a day; half-life of impact in seconds, none: it stays. */
export type MonteCarloTerms = {
  readonly levels: readonly (CascadeLevel & { readonly bankruptcy?: number | undefined })[]
  readonly impact: Impact
  readonly start: number
  readonly shock: number
  readonly steps: number
  readonly seconds: number
  readonly volatility: number
  readonly drift?: number | undefined
  readonly jumps?: { readonly perDay: number; readonly mean: number; readonly deviation: number } | undefined
  readonly permanent?: number | undefined
  readonly halfLife?: number | undefined
  readonly paths: number
  readonly seed: string
}

/** A plan: plain data, so that it can be handed to workers. `lot`: coins of one lot of the book. */
export type MonteCarloPlan = {
  readonly book: LevelBook
  readonly options: PathOptions
  readonly lot: number
  readonly paths: number
  readonly start: number
}

/** Lots of a whole book: small enough to add up exactly, fine enough that rounding is nothing. */
const LOTS = 2 ** 40
const DAY = 86_400
const MOST_PATHS = 10_000_000

/** Makes the plan. Refuses (`bad-number`, `bad-position`, `bad-shock`) what no path can have. */
export function monteCarloPlan(terms: MonteCarloTerms): MonteCarloPlan {
  const { levels, impact, start, shock, steps, seconds, volatility, drift = 0, jumps, paths, seed } = terms
  const { permanent = 0, halfLife } = terms
  if (!(Number.isInteger(paths) && paths >= 1 && paths <= MOST_PATHS))
    throw breakwaterError('bad-number', `${paths} paths: give a whole number from 1 to ${MOST_PATHS}`, { paths })
  if (!(seconds > 0 && (halfLife ?? 1) > 0))
    throw breakwaterError('bad-number', 'a step and a half-life are above 0 seconds', { seconds, halfLife })
  const all = levels.reduce((sum, { quantity }) => sum + quantity, 0)
  const lot = all > 0 ? all / LOTS : 1
  const push = logPush(impact, shockedPrice(start, shock))
  const days = seconds / DAY
  const book = levelBook(
    levels.map(({ side, price, quantity, bankruptcy }) => ({
      side,
      price,
      quantity: Math.round(quantity / lot),
      bankruptcy,
    })),
    { sell: (lots) => push.sell(lots * lot), buy: (lots) => push.buy(lots * lot) },
  )
  const options: PathOptions = {
    ...{ start, shock, permanent, seed, keep: halfLife === undefined ? 1 : 0.5 ** (seconds / halfLife) },
    moves: {
      ...{ steps, drift: drift * days, volatility: volatility * Math.sqrt(days) },
      jumps: jumps && { perStep: 1 - Math.exp(-jumps.perDay * days), mean: jumps.mean, deviation: jumps.deviation },
    },
  }
  // Here, and not first in a worker, from which an error comes back without its code.
  checkOptions(options)
  return { book, lot, paths, start, options }
}

/** The pieces of a plan, so many paths each. */
export function piecesOf(paths: number, size: number): readonly { readonly from: number; readonly to: number }[] {
  return Array.from({ length: Math.ceil(paths / size) }, (_, at) => ({
    from: at * size,
    to: Math.min(paths, (at + 1) * size),
  }))
}

/** Quantiles that are told. */
export const PATH_SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const

/** What the paths gave. Prices in dollars, `liquidated` in coins, `accounts` in levels, `badDebt` in dollars. */
export type MonteCarloSummary = {
  readonly kind: 'simulated'
  readonly seed: string
  /** Paths asked for, and paths that these numbers are of: fewer when the run was interrupted. */
  readonly asked: number
  readonly paths: number
  readonly partial: boolean
  readonly start: number
  readonly steps: number
  readonly price: Spread
  readonly lowest: Spread
  readonly highest: Spread
  readonly liquidated: Spread
  readonly accounts: Spread
  readonly badDebt: Spread
  /** Shares of the paths that liquidate anything, and that leave bad debt. */
  readonly shareLiquidating: number
  readonly shareWithBadDebt: number
}

/**
 * Sums up finished pieces: those that follow one another from path 0 on, so that an interrupted run gives what a smaller one would have given. Undefined
 * when the first piece is not there.
 */
export function monteCarloSummary(
  { options, lot, paths, start }: Pick<MonteCarloPlan, 'options' | 'lot' | 'paths' | 'start'>,
  chunks: readonly PathChunk[],
): MonteCarloSummary | undefined {
  const sorted = [...chunks].filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)
  let next = 0
  const whole = sorted.filter(({ from, to }) => {
    if (from !== next) return false
    next = to
    return true
  })
  if (next === 0) return undefined
  const merged = mergeChunks(whole)
  const coins = merged.longLots.map((lots, at) => (lots + (merged.shortLots[at] as number)) * lot)
  const all: PathChunk = { ...merged, longLots: coins, badDebt: merged.badDebt.map((one) => one * lot) }
  const share = (column: 'levels' | 'badDebt') => all[column].reduce((sum, one) => sum + (one > 0 ? 1 : 0), 0) / next
  return {
    ...{ kind: 'simulated', seed: String(options.seed), asked: paths, paths: next, partial: next < paths, start },
    steps: options.moves.steps,
    price: spreadOf(all, 'price', PATH_SHARES),
    lowest: spreadOf(all, 'lowest', PATH_SHARES),
    highest: spreadOf(all, 'highest', PATH_SHARES),
    liquidated: spreadOf(all, 'longLots', PATH_SHARES),
    accounts: spreadOf(all, 'levels', PATH_SHARES),
    badDebt: spreadOf(all, 'badDebt', PATH_SHARES),
    ...{ shareLiquidating: share('levels'), shareWithBadDebt: share('badDebt') },
  }
}
