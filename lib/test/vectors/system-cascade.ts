/** Section E of the vectors about price paths: cascades and their critical impact, branching, impact models, the estimated heatmap. */
import { z } from 'zod'
import { openedLevels } from '../../analytics/index.ts'
import {
  amplificationOf,
  branchingRatio,
  type CascadeOutcome,
  type CascadeSide,
  type Cliff,
  cascade,
  cascadeSide,
  findCliff,
  freshDepth,
  linearImpact,
  shockedPrice,
  squareRootImpact,
  valueThatForcesAll,
  walkBook,
} from '../../sim/index.ts'
import { type Answer, type Form, form, num } from './form.ts'

const pairs = z.array(z.tuple([num, num]))
const toy = { p0: num, shock: num, book: pairs }

/** Where a vector looks at the outcome: its own coefficients, on both sides of the critical one. */
const sides = z.object({ below: z.object({ k: num }), above: z.object({ k: num }) })

/** A positive shock is a fall and the book's levels are longs; a negative one is a rise, and they are shorts. */
function bookOf({ shock, book }: { readonly shock: number; readonly book: z.infer<typeof pairs> }) {
  const side = shock < 0 ? 'short' : 'long'
  return cascadeSide(
    book.map(([price, quantity]) => ({ side, price, quantity })),
    side,
  )
}

const roundsOf = ({ rounds }: CascadeOutcome): Answer =>
  rounds.map(({ levels, quantity, after }) => [levels.length, quantity, after])

/**
 * The cliff of the book. Which coefficients to show on its two sides is not part of the inputs: where the vector names a pair between which the outcome
 * jumps, it is computed at that pair; otherwise at the two numbers next to the largest jump.
 */
function critical(inputs: z.infer<z.ZodObject<typeof toy>>, asked: unknown): Answer {
  const book = bookOf(inputs)
  const external = shockedPrice(inputs.p0, -inputs.shock)
  const at = (k: number) => ({ k, outcome: cascade(book, linearImpact(k), external) })
  const named = sides.safeParse(asked).data
  const pair = named && { below: at(named.below.k), above: at(named.above.k) }
  const { below, above } =
    pair && pair.below.outcome.fired < pair.above.outcome.fired ? pair : largestJump(book, external)
  return {
    below: { k: below.k, p: below.outcome.price, rounds: below.outcome.rounds.length },
    above: { k: above.k, p: above.outcome.price, rounds: roundsOf(above.outcome) },
  }
}

function largestJump(book: CascadeSide, external: number) {
  const to = valueThatForcesAll(book, linearImpact, external, 1e-9)
  const cliff = to === undefined ? undefined : findCliff(book, linearImpact, external, { from: 0, to })
  if (!cliff) throw new Error('the outcome of this book does not jump')
  const side = ({ value, outcome }: Cliff['below']) => ({ k: value, outcome })
  return { below: side(cliff.below), above: side(cliff.above) }
}

/** The forms of section E that need a book, a price path or an estimate. */
export const CASCADE_FORMS: readonly Form[] = [
  form('E.cascade', { ...toy, k: num }, ({ p0, shock, k, book }) => {
    const outcome = cascade(bookOf({ shock, book }), linearImpact(k), shockedPrice(p0, -shock))
    return { pFinal: outcome.price, rounds: roundsOf(outcome) }
  }),
  form('E.cascade', toy, critical),
  form('E.cascade', { k: num, density: num }, ({ k, density }) => {
    const n = branchingRatio(linearImpact(k).slope(1, 'sell', 0), density)
    return { n, amplification: amplificationOf(n) ?? null }
  }),
  form('E.impact', { Q: num, V: num, sigma: num, Y: num }, ({ Q, V, sigma, Y }) => {
    const law = squareRootImpact({ y: Y, dailyVolatility: sigma, dailyVolume: V })
    return law.price(1, 'buy', Q) - 1
  }),
  form('E.impact', { asks: pairs, buy: num }, ({ asks, buy }) => {
    const levels = asks.map(([price, size]) => ({ price, size }))
    return walkBook(freshDepth(levels, 'buy'), buy).average ?? null
  }),
  form(
    'E.heatmap',
    { entry: num, dOI: num, longShare: num, lev: pairs, mmr: num },
    ({ entry, dOI, longShare, lev, mmr }) =>
      openedLevels(entry, dOI, longShare, {
        leverages: lev.map(([leverage, share]) => ({ leverage, share })),
        maintenance: mmr,
      }).map(({ leverage, longPrice, shortPrice, long, short }) => ({
        ...{ lev: leverage, longPx: longPrice, shortPx: shortPrice, longUsd: long, shortUsd: short },
      })),
  ),
]
