/**
 * A cascade as a fixed point: forced orders push the price, the price forces orders. Longs: the outcome is the greatest price p with
 * p = T(p) = external − I(L(p)), where L(p) is what stands at p or above; shorts: the smallest price, mirrored. T is monotone, so iterating from the
 * external price, each round forcing all that is reached together, ends there after at most as many rounds as levels (Tarski; Cifuentes,
 * Ferrucci and Shin 2005). Prices in quote, quantities in units, float64.
 */
import { breakwaterError } from '../model/index.ts'
import { type ForcedFlow, fillPrice, type Impact, pricedWithin } from './impact.ts'

/** What is forced once the price reaches `price`: from above for longs, from below for shorts. `id` names account or venue. */
export type CascadeLevel = {
  readonly side: 'long' | 'short'
  readonly price: number
  readonly quantity: number
  readonly id?: string | undefined
}

/** The levels of one side, first reached first, with sums of their quantities: made once, run many times. */
export type CascadeSide = {
  readonly side: 'long' | 'short'
  readonly levels: readonly CascadeLevel[]
  /** Units of the first so many levels. */
  readonly units: Float64Array
}

/** One round: the levels that fired together, their units, average fill, the price before and after, and units per unit of the round before. */
export type CascadeRound = {
  readonly from: number
  readonly levels: readonly CascadeLevel[]
  readonly quantity: number
  readonly fill: number
  readonly before: number
  readonly after: number
  readonly offspring: number | undefined
}

/** How it ends: `depth exhausted` where forced orders were larger than everything the model could take, the price then being next to nothing. */
export type CascadeEnd = 'rests' | 'depth exhausted'

/** Where it ends. `fired` of the side's levels were forced; `next` is who would be; `end`: the price rests, or the impact model had none left. */
export type CascadeOutcome = {
  readonly side: 'long' | 'short'
  readonly external: number
  readonly price: number
  readonly quantity: number
  readonly fired: number
  readonly rounds: readonly CascadeRound[]
  readonly next: CascadeLevel | undefined
  /** All of the price's move away from `start`, over the external part of it; undefined when there was none. */
  readonly amplification: number | undefined
  /** A round forced at least as much as the round before it: the branching ratio was 1 or more there. */
  readonly runaway: boolean
  readonly exhausted: boolean
  readonly end: CascadeEnd
}

/** Sorts the levels of one side. Refuses (`bad-position`) prices not above 0 and quantities below 0. */
export function cascadeSide(levels: readonly CascadeLevel[], side: 'long' | 'short'): CascadeSide {
  levels.forEach(({ price, quantity }, at) => {
    if (!(price > 0 && price < Number.POSITIVE_INFINITY && quantity >= 0 && quantity < Number.POSITIVE_INFINITY))
      throw breakwaterError('bad-position', `level ${at} is ${quantity} at ${price}`, { level: at, price, quantity })
  })
  const sign = side === 'long' ? -1 : 1
  const sorted = levels.filter((one) => one.side === side).sort((a, b) => sign * (a.price - b.price))
  const units = new Float64Array(sorted.length + 1)
  sorted.forEach(({ quantity }, at) => {
    units[at + 1] = (units[at] as number) + quantity
  })
  return { side, levels: sorted, units }
}

/** Runs one side at an external price (the start price after its shock). `start` only measures the amplification. */
export function cascade(book: CascadeSide, impact: Impact, external: number, start: number = external): CascadeOutcome {
  if (!(external > 0 && external < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-shock', `the external price is ${external}`, { external })
  const { side, levels, units } = book
  const flow = flowOf(side)
  const rounds: CascadeRound[] = []
  let [fired, price] = [0, external]
  for (;;) {
    const reached = reachedAt(book, price, fired)
    if (reached === fired) break
    const before = units[fired] as number
    const quantity = (units[reached] as number) - before
    const after = pricedWithin(impact, external, flow, units[reached] as number).price
    const last = rounds[rounds.length - 1]?.quantity
    rounds.push({
      ...{ from: fired, levels: levels.slice(fired, reached), quantity, before: price, after },
      fill: fillPrice(impact, external, flow, { before, now: quantity }),
      offspring: last === undefined || last === 0 ? undefined : quantity / last,
    })
    fired = reached
    price = after
  }
  return {
    ...{ side, external, price, quantity: units[fired] as number, fired, rounds, next: levels[fired] },
    amplification: external === start ? undefined : (price - start) / (external - start),
    runaway: rounds.some(({ offspring }) => offspring !== undefined && offspring >= 1),
    exhausted: levels.length > 0 && fired === levels.length,
    end: pricedWithin(impact, external, flow, units[fired] as number).exhausted ? 'depth exhausted' : 'rests',
  }
}

/** The outcome without its trace: price and forced levels, for searches and sweeps. The same fixed point as {@link cascade}. */
export function restingPlace(book: CascadeSide, impact: Impact, external: number): { price: number; fired: number } {
  const flow = flowOf(book.side)
  let [fired, price] = [0, external]
  for (;;) {
    const reached = reachedAt(book, price, fired)
    if (reached === fired) return { price, fired }
    fired = reached
    price = pricedWithin(impact, external, flow, book.units[fired] as number).price
  }
}

/** Longs are sold, shorts are bought back. */
export function flowOf(side: 'long' | 'short'): ForcedFlow {
  return side === 'long' ? 'sell' : 'buy'
}

/** The external price after a shock (fraction: −0.1 is 10 % down). Refuses (`bad-shock`) −100 % and below. */
export function shockedPrice(start: number, shock: number): number {
  if (!(shock > -1 && shock < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-shock', `a shock of ${shock * 100} % leaves no price`, { shock })
  return start * (1 + shock)
}

/** How many levels a price reaches, from those already fired on: a level at the price itself is reached. */
function reachedAt({ side, levels }: CascadeSide, price: number, fired: number): number {
  let [from, to] = [fired, levels.length]
  // Steps that double, then halving: most rounds reach few levels, some reach all.
  for (let step = 1; from + step <= to; step *= 2) {
    if (!isReached(side, (levels[from + step - 1] as CascadeLevel).price, price)) {
      to = from + step - 1
      break
    }
    from += step
  }
  while (from < to) {
    const middle = (from + to) >>> 1
    if (isReached(side, (levels[middle] as CascadeLevel).price, price)) from = middle + 1
    else to = middle
  }
  return from
}

function isReached(side: 'long' | 'short', level: number, price: number): boolean {
  return side === 'long' ? price <= level : price >= level
}
