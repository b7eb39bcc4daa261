/** What the cascade lab shows: the outcome of a shock for each coin of a book, who pays, how near the cliff is, and the links of the chain. */
import { canonical, hash32, isBreakwaterError } from '../../../lib/model/index.ts'
import {
  bookImpact,
  type CascadeLevel,
  type CascadeOutcome,
  type CascadeSide,
  cascade,
  cascadeSide,
  depthLeft,
  exponentialImpact,
  findCliff,
  type Impact,
  linearImpact,
  localBranching,
  poolImpact,
  scaledImpact,
  shockedPrice,
  squareRootImpact,
} from '../../../lib/sim/index.ts'
import type { CascadeInput, ImpactModel } from '../state/cascade.ts'
import { plain } from '../state/position.ts'
import type { BookPosition, CascadeBook, CoinMarket } from './cascade-book.ts'

/** A level and the position that it is of. */
export type HeldLevel = CascadeLevel & { readonly position: BookPosition }

/** Who paid for the forced orders of a coin, dollars, gains above 0; the parts add up to zero. */
export type Payers = {
  /** Equity of the liquidated that is gone, with the fees they paid. */
  readonly accounts: number
  /** Fees in, shortfalls out. */
  readonly insurance: number
  /** Shortfall that the fund did not have: bad debt, or profits taken back (ADL). */
  readonly uncovered: number
  /** The other side of the contracts, marked at the last price; of loans, the fall of the coin itself. */
  readonly counterparties: number
  /** Those who took the forced orders, marked at the last price. */
  readonly takers: number
  readonly sum: number
}

/** One coin's run. */
export type CoinRun = {
  readonly coin: string
  readonly market: CoinMarket
  readonly start: number
  readonly shock: number
  readonly impact: Impact
  readonly side: CascadeSide
  readonly outcome: CascadeOutcome
  /** Dollars forced, at the fill prices of the rounds. */
  readonly forcedUsd: number
  readonly accounts: number
  readonly payers: Payers
  /** Shortfall before the fund pays. */
  readonly shortfall: number
}

/** All coins of a book under one shock. */
export type CascadeRun = {
  readonly coins: readonly CoinRun[]
  readonly payers: Payers
  readonly forcedUsd: number
  readonly accounts: number
  /** What the fund has left, dollars. */
  readonly fundLeft: number
  /** Of every coin's figures, sixteen hexadecimal digits. */
  readonly hash: string
}

/** Levels of each coin and side, sorted once: a moved slider uses them again. */
export type SortedBook = {
  readonly book: CascadeBook
  readonly of: (coin: string, side: 'long' | 'short') => CascadeSide
}

/** Sorts a book. `close`: the share of each position that a liquidation closes. */
export function sortBook(book: CascadeBook, close: number): SortedBook {
  const sides = new Map<string, CascadeSide>()
  return {
    book,
    of: (coin, side) => {
      const key = `${coin}/${side}`
      const known = sides.get(key)
      if (known) return known
      const levels = book.positions
        .filter((one) => one.coin === coin && one.side === side)
        .map((position): HeldLevel => {
          const { liquidation: price, size, account: id } = position
          return { side, price, quantity: size * close, id, position }
        })
      const made = cascadeSide(levels, side)
      sides.set(key, made)
      return made
    },
  }
}

/** Rungs of the simulated order book and how far apart they are, as parts of the price. */
const RUNGS = 60
const RUNG = 0.0025

/** A model of impact with the coin's depth: all of them move the price about 1 % for what stands within 1 %. */
export function impactOf(
  model: ImpactModel,
  { price, onePercent, dailyVolume }: CoinMarket,
  volatility: number,
): Impact {
  switch (model) {
    case 'square-root':
      return squareRootImpact({ y: 1, dailyVolatility: volatility, dailyVolume })
    case 'linear':
      return linearImpact((0.01 * price) / onePercent)
    case 'exponential':
      return exponentialImpact(-Math.log(0.99) / onePercent)
    case 'pool':
      // (R / (R + q))² = 0.99 at q = onePercent.
      return poolImpact({ reserve: onePercent / (1 / Math.sqrt(0.99) - 1) })
    case 'book': {
      const size = onePercent / (0.01 / RUNG)
      const rungs = Array.from({ length: RUNGS }, (_, at) => at + 1)
      return bookImpact({
        mid: price,
        bids: rungs.map((at) => ({ price: price * (1 - RUNG * at), size })),
        asks: rungs.map((at) => ({ price: price * (1 + RUNG * at), size })),
      })
    }
  }
}

/** What the impact is multiplied by: makers who left and depth that is not there. */
export function impactTimes({ numbers }: CascadeInput, shock: number): number {
  return 1 / (numbers.depth * depthLeft(numbers.kappa, Math.abs(shock)))
}

/** Runs every coin of the book under its shock; coins without one stay where they are. */
export function runCascade(sorted: SortedBook, input: CascadeInput): CascadeRun {
  const bare = [...sorted.book.coins].map(([coin, market]) => runCoin(sorted, input, coin, market))
  // One fund for all coins: what it lacks is spread by shortfall.
  const fund = input.numbers.fund * 1e6
  const fees = bare.reduce((sum, one) => sum + one.fees, 0)
  const shortfall = bare.reduce((sum, one) => sum + one.shortfall, 0)
  const draw = Math.min(shortfall, fund + fees)
  const coins = bare.map(({ fees: paid, accountsLoss, counterparties, takers, ...one }): CoinRun => {
    const drawn = shortfall > 0 ? (draw * one.shortfall) / shortfall : 0
    return {
      ...one,
      payers: payersOf({
        accounts: accountsLoss,
        insurance: paid - drawn,
        uncovered: drawn - one.shortfall,
        counterparties,
        takers,
      }),
    }
  })
  const total = (pick: (one: Payers) => number) => coins.reduce((sum, { payers }) => sum + pick(payers), 0)
  return {
    coins,
    payers: payersOf({
      ...{ accounts: total((one) => one.accounts), insurance: total((one) => one.insurance) },
      ...{ uncovered: total((one) => one.uncovered), counterparties: total((one) => one.counterparties) },
      takers: total((one) => one.takers),
    }),
    forcedUsd: coins.reduce((sum, one) => sum + one.forcedUsd, 0),
    accounts: coins.reduce((sum, one) => sum + one.accounts, 0),
    fundLeft: fund + fees - draw,
    hash: hashOf(coins.map(figuresOf)),
  }
}

/** The figures of a coin that its hash stands for: nine digits and cents, which every engine gives alike. */
export function figuresOf({ coin, start, outcome, forcedUsd, accounts, payers }: CoinRun) {
  const { fired, rounds } = outcome
  const [external, price, quantity] = [outcome.external, outcome.price, outcome.quantity].map(nine)
  const { sum: _, ...parts } = payers
  const cents = Object.fromEntries(Object.entries(parts).map(([party, usd]) => [party, Math.round(usd * 100)]))
  return {
    coin,
    start,
    external,
    price,
    quantity,
    fired,
    rounds: rounds.length,
    usd: Math.round(forcedUsd),
    accounts,
    cents,
  }
}

/** A number in nine digits. */
export function nine(value: number): number {
  return Number(value.toPrecision(9))
}

/** Sixteen hexadecimal digits of a value: the same figures give the same ones. Not for security. */
export function hashOf(value: unknown): string {
  const text = canonical(value)
  return [0, 1].map((lane) => hash32(`${lane}/${text}`).toString(16).padStart(8, '0')).join('')
}

function payersOf(parts: Omit<Payers, 'sum'>): Payers {
  return { ...parts, sum: parts.accounts + parts.insurance + parts.uncovered + parts.counterparties + parts.takers }
}

function runCoin(sorted: SortedBook, input: CascadeInput, coin: string, market: CoinMarket) {
  const shock = input.shocks.get(coin) ?? 0
  const start = market.price
  const side = sorted.of(coin, shock > 0 ? 'short' : 'long')
  const { numbers, impact: model } = input
  const impact = scaledImpact(impactOf(model, market, numbers.volatility / 100), impactTimes(input, shock))
  const outcome = cascade(side, impact, shockedPrice(start, shock), start)
  return { ...{ coin, market, start, shock, impact, side, outcome }, ...ledgerOf(outcome, start, numbers.fee / 100) }
}

/** The same money from each party's view, each summed on its own. */
function ledgerOf({ rounds, side, price: last }: CascadeOutcome, start: number, feeRate: number) {
  const sign = side === 'long' ? 1 : -1
  let [accountsLoss, fees, shortfall, counterparties, takers, forcedUsd, accounts] = [0, 0, 0, 0, 0, 0, 0]
  for (const { levels, fill } of rounds)
    for (const level of levels as readonly HeldLevel[]) {
      const { quantity, position } = level
      const equity = sign * quantity * (start - position.bankruptcy)
      const left = sign * quantity * (fill - position.bankruptcy)
      const fee = Math.min(Math.max(left, 0), feeRate * quantity * fill)
      fees += fee
      shortfall += Math.max(-left, 0)
      accountsLoss += Math.max(left, 0) - fee - equity
      counterparties += sign * quantity * (start - last)
      takers += sign * quantity * (last - fill)
      forcedUsd += quantity * fill
      accounts += 1
    }
  return { accountsLoss, fees, shortfall, counterparties, takers, forcedUsd, accounts }
}

/** How far the cliff is: at `times` of the present impact the outcome jumps by `jump` coins. */
export type CliffMeter = {
  readonly kind: 'ahead' | 'behind'
  /** Multiple of the present impact; its inverse is the multiple of the present depth. */
  readonly times: number
  /** Coins that go at once, and the price they end at. */
  readonly jump: number
  readonly price: number
}

/** Impact is looked at up to so many times the present one. */
const MOST_TIMES = 32
/** A jump counts as a cliff from this share of all that stands on the side on. */
const CLIFF_SHARE = 0.1

/** The nearest cliff: ahead when the run stops, behind when it has run away. Undefined when nothing of size jumps on that side. */
export function cliffOf({ side, impact, outcome }: CoinRun): CliffMeter | undefined {
  const all = side.units[side.levels.length] as number
  if (all === 0) return undefined
  const find = (from: number, to: number) => {
    const found = findCliff(side, (times) => scaledImpact(impact, times), outcome.external, { from, to })
    return found && found.jump >= CLIFF_SHARE * all ? found : undefined
  }
  const behind = find(0, 1)
  const ahead = behind ? undefined : find(1, MOST_TIMES)
  const cliff = behind ?? ahead
  if (!cliff) return undefined
  const { value, outcome: end } = cliff.above
  return { kind: behind ? 'behind' : 'ahead', times: value, jump: cliff.jump, price: end.price }
}

/** A point of the branching curve. */
export type BranchingPoint = { readonly price: number; readonly n: number }

/** Points of the curve, and the width over which the density of levels is measured, a part of the price. */
const CURVE_POINTS = 160
const CURVE_WIDTH = 0.01

/** n at prices from the start to `beyond`: what one forced coin would force next if all up to that price were forced. */
export function branchingCurve({ side, impact, start }: CoinRun, beyond: number): readonly BranchingPoint[] {
  return Array.from({ length: CURVE_POINTS + 1 }, (_, at) => {
    const price = start + ((beyond - start) * at) / CURVE_POINTS
    const forced = side.units[firedAt(side, price)] as number
    const n = localBranching(side, impact, { external: start, price, forced, width: CURVE_WIDTH * start })
    return { price, n }
  })
}

/** Levels that stand between the market and a price, the price included. */
export function firedAt({ side, levels }: CascadeSide, price: number): number {
  let [from, to] = [0, levels.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    const at = (levels[middle] as CascadeLevel).price
    if (side === 'long' ? at >= price : at <= price) from = middle + 1
    else to = middle
  }
  return from
}

/** One link of the chain: `from` was forced in a round, moved the price, and the move reached `to` in the next; dollars of `to` by `from`'s share. */
export type CausalLink = {
  readonly coin: string
  readonly round: number
  readonly from: string | undefined
  readonly move: number
  readonly to: string
  readonly toPrice: number
  readonly usd: number
}

/** The largest links of a run. In the first round the shock itself is what forces. */
export function causalLinks({ coin, start, outcome }: CoinRun, count = 10): readonly CausalLink[] {
  const largest = (levels: readonly CascadeLevel[]) =>
    [...levels].sort((a, b) => b.quantity - a.quantity).slice(0, count)
  const links = outcome.rounds.flatMap(({ levels, fill, before }, at): CausalLink[] => {
    const last = outcome.rounds[at - 1]
    const move = (before - (last?.before ?? start)) / start
    return largest(levels).flatMap((to): CausalLink[] => {
      const usd = to.quantity * fill
      const link = { coin, round: at + 1, move, to: to.id ?? '', toPrice: to.price }
      if (!last) return [{ ...link, from: undefined, usd }]
      return largest(last.levels).map((from) => {
        const share = from.quantity / last.quantity
        return { ...link, from: from.id ?? '', move: move * share, usd: usd * share }
      })
    })
  })
  const chained = links.filter(({ from }) => from !== undefined)
  return (chained.length > 0 ? chained : links).sort((a, b) => b.usd - a.usd).slice(0, count)
}

/** The run or why there is none. */
export function tryRun(sorted: SortedBook, input: CascadeInput): CascadeRun | { readonly problem: string } {
  try {
    return runCascade(sorted, input)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return { problem: `${error.message}. ${error.fix}` }
  }
}

/**
 * The command line that gives the same resting prices and accounts from {@link bookCsv}'s file; undefined where the command knows no such market:
 * it has the exponential model, closes whole positions and reads no loans. Fees are this page's alone.
 */
export function commandOf({ book }: SortedBook, input: CascadeInput, file: string): string | undefined {
  const perps = book.positions.every(({ kind }) => kind === 'perp')
  if (input.impact !== 'exponential' || input.numbers.close !== 100 || !perps || !/^[\w.-]+$/.test(file))
    return undefined
  const coins = [...book.coins].flatMap(([coin, market]) => {
    const shock = input.shocks.get(coin) ?? 0
    return shock === 0 ? [] : [{ coin, market, shock }]
  })
  if (coins.length === 0) return undefined
  const list = (of: (one: (typeof coins)[number]) => string) => coins.map((one) => `${one.coin}=${of(one)}`).join(',')
  const twoPercent = ({ market, shock }: (typeof coins)[number]) =>
    ((Math.log(0.98) / Math.log(0.99)) * market.onePercent * market.price) / impactTimes(input, shock)
  const { fund } = input.numbers
  return [
    `breakwater stress --book ${file} --shock ${list(({ shock }) => `${Number((shock * 100).toPrecision(6))}%`)}`,
    `--price ${list(({ market }) => plain(market.price))} --depth ${list((one) => plain(Number(twoPercent(one).toPrecision(9))))}`,
    ...(fund > 0 ? [`--fund ${plain(fund * 1e6)}`] : []),
  ].join(' ')
}
