/** A shock on the levels of one coin: where the price comes to rest, round by round, how much the forced orders added, and how far the cliff is. */
import { breakwaterError } from '../model/index.ts'
import { type CascadeEnd, type CascadeLevel, cascade, cascadeSide } from './cascade.ts'
import { findCliff, localBranching, valueThatForcesAll } from './cascade-branching.ts'
import { type Impact, scaledImpact } from './impact.ts'

/** What is asked: the coin's price before and after the shock, what is forced where, and what that does to the price. */
export type CoreQuestion = {
  readonly start: number
  readonly external: number
  readonly levels: readonly CascadeLevel[]
  readonly impact: Impact
}

/** One round: what fired, how many coins, the average fill, the price before and after. */
export type CoreRound = {
  readonly levels: number
  readonly coins: number
  readonly fill: number
  readonly before: number
  readonly after: number
}

/** Where the cliff is: the depth (a multiple of the present one) at which the outcome jumps most, and by how many coins. */
export type DepthCliff = { readonly depth: number; readonly jump: number }

/** The outcome. `overshoot`: what forced orders added, as a fraction of the start price (signed as the shock is); shares are of one side's levels. */
export type CoreOutcome = {
  readonly side: 'long' | 'short'
  readonly start: number
  readonly external: number
  readonly price: number
  readonly overshoot: number
  readonly coins: number
  readonly fired: number
  readonly levels: number
  readonly rounds: readonly CoreRound[]
  readonly amplification: number | undefined
  /** Coins forced by each forced coin at the resting price; undefined where the model has no slope. */
  readonly branching: number | undefined
  readonly runaway: boolean
  readonly exhausted: boolean
  /** `depth exhausted`: forced orders were larger than all depth, so the price is next to nothing and has no branching. */
  readonly end: CascadeEnd
  readonly cliff: DepthCliff | undefined
  /** The price at which the next level fires. */
  readonly next: number | undefined
}

/** How far around the resting price the density of levels is measured, as a fraction of it. */
const WIDTH = 0.02
/** A market a thousand times thinner than the present one has no meaning any more. */
const THINNEST = 1_000

/** Runs the side that the shock hits: longs for a fall, shorts for a rise. Refuses (`missing-price`) prices that are not above 0. */
export function stressCore({ start, external, levels, impact }: CoreQuestion): CoreOutcome {
  if (!(start > 0 && external > 0))
    throw breakwaterError('missing-price', 'a shock needs two prices above 0', { start, external })
  const side = external <= start ? 'long' : 'short'
  const book = cascadeSide(levels, side)
  const outcome = cascade(book, impact, external, start)
  const { price, quantity, fired, rounds, amplification, runaway, exhausted, end, next } = outcome
  const branching =
    end === 'rests'
      ? localBranching(book, impact, { external, price, forced: quantity, width: WIDTH * price })
      : Number.NaN
  return {
    ...{ side, start, external, price, coins: quantity, fired, levels: book.levels.length },
    overshoot: (price - external) / start,
    rounds: rounds.map(({ levels: one, quantity: coins, fill, before, after }) => ({
      ...{ levels: one.length, coins, fill, before, after },
    })),
    ...{ amplification, runaway, exhausted, end, next: next?.price },
    branching: Number.isFinite(branching) ? branching : undefined,
    cliff: cliffOf(book, impact, external),
  }
}

/** The largest jump over all depths from endless to a thousandth of the present one. */
function cliffOf(book: ReturnType<typeof cascadeSide>, impact: Impact, external: number): DepthCliff | undefined {
  if (book.levels.length === 0) return undefined
  const at = (times: number) => scaledImpact(impact, times)
  const most = Math.min(THINNEST, valueThatForcesAll(book, at, external, 1) ?? THINNEST)
  const cliff = findCliff(book, at, external, { from: 0, to: most })
  return cliff && { depth: 1 / cliff.above.value, jump: cliff.jump }
}
