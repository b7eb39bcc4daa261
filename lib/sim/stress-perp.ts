/**
 * A list of perp positions under a shock: who is liquidated, at what fills, what the insurance fund pays, who is deleveraged, who is next, and who paid.
 * Every position stands for itself (isolated, or a cross account whose other positions do not move). Perps are a game of sum zero between all holders,
 * so what the list gains or loses on its net side somebody outside of the list loses or gains.
 */
import { haircuts } from '../mechanisms/index.ts'
import { breakwaterError } from '../model/index.ts'
import { type CascadeLevel, cascade, cascadeSide, shockedPrice } from './cascade.ts'
import type { Impact } from './impact.ts'
import { type CoreOutcome, stressCore } from './stress-core.ts'

/** A position: size in coins above 0, entry and liquidation price in dollars, margin in dollars. */
export type PerpPosition = {
  readonly account: string
  readonly coin: string
  readonly side: 'long' | 'short'
  readonly size: number
  readonly entry: number
  readonly margin: number
  readonly liquidation: number
}

/** What is asked of one coin's positions: the price now, the shock, depth, the fund (dollars), and how many to name. */
export type PerpQuestion = {
  readonly coin: string
  readonly positions: readonly PerpPosition[]
  readonly start: number
  readonly shock: number
  readonly impact: Impact
  readonly fund: number
  readonly limit: number
}

/** Dollars; each party's change of wealth from the price before the shock to the resting price. `sum`: 0 but for the last bits of floats. */
export type PerpPayers = {
  readonly liquidated: number
  readonly survivors: number
  readonly deleveraged: number
  readonly fund: number
  /** Claims that nobody paid: the venue owes them. */
  readonly venue: number
  /** Whoever bought what was sold by force (sold what was bought). */
  readonly takers: number
  /** Holders outside of the list, the other side of its net position. */
  readonly counterparties: number
  readonly sum: number
}

/** A position that is named: its line, what it would take to reach it from the resting price, and its dollars. */
export type PerpNamed = {
  readonly account: string
  readonly side: 'long' | 'short'
  readonly size: number
  readonly liquidation: number
  readonly further: number
  readonly usd: number
}

/** The outcome of one coin. Dollars at the price before the shock for `usd`. */
export type PerpStress = {
  readonly coin: string
  readonly positions: number
  readonly liquidated: number
  readonly longUsd: number
  readonly shortUsd: number
  readonly core: CoreOutcome
  readonly deficit: number
  readonly insurance: { readonly before: number; readonly paid: number; readonly left: number }
  readonly deleveraged: { readonly accounts: number; readonly usd: number }
  readonly badDebt: number
  readonly largest: readonly PerpNamed[]
  readonly next: readonly PerpNamed[]
  readonly payers: PerpPayers
}

/** Levels of positions, with the price at which the margin is gone. */
export function perpLevels(
  positions: readonly PerpPosition[],
): readonly (CascadeLevel & { readonly bankruptcy: number })[] {
  return positions.map(({ account, side, size, entry, margin, liquidation }) => ({
    ...{ id: account, side, price: liquidation, quantity: size },
    bankruptcy: Math.max(1e-9 * entry, entry - signOf(side) * (margin / size)),
  }))
}

const signOf = (side: 'long' | 'short') => (side === 'long' ? 1 : -1)

/** Runs the shock. Refuses (`bad-position`) positions of other coins. */
export function perpStress(question: PerpQuestion): PerpStress {
  const { coin, start, shock, impact, fund, limit } = question
  const external = shockedPrice(start, shock)
  const positions = question.positions.map((one, at) => {
    if (one.coin !== coin)
      throw breakwaterError('bad-position', `position ${at} is of ${one.coin}, not ${coin}`, { at })
    return one
  })
  const levels = positions.map(
    (one, at): CascadeLevel => ({ ...one, price: one.liquidation, quantity: one.size, id: String(at) }),
  )
  const side = external <= start ? 'long' : 'short'
  const outcome = cascade(cascadeSide(levels, side), impact, external, start)
  const fills = new Map(
    outcome.rounds.flatMap((round) => round.levels.map(({ id }) => [Number(id), round.fill] as const)),
  )
  const rest = outcome.price
  const closed = positions.flatMap((one, at) => (fills.has(at) ? [{ one, fill: fills.get(at) as number }] : []))
  const alive = positions.filter((_, at) => !fills.has(at))
  const deficit = closed.reduce((sum, { one, fill }) => sum + Math.max(0, -equityAt(one, fill)), 0)
  const paid = Math.min(fund, deficit)
  const adl = deleverage(alive, rest, deficit - paid)
  const usd = (which: 'long' | 'short') =>
    closed.reduce((sum, { one }) => (one.side === which ? sum + one.size * start : sum), 0)
  const named = nameAt(start, rest)
  const away = (one: PerpPosition) => Math.abs(one.liquidation / rest - 1)
  return {
    ...{ coin, positions: positions.length, liquidated: closed.length, longUsd: usd('long'), shortUsd: usd('short') },
    core: stressCore({ start, external, levels, impact }),
    ...{ deficit, insurance: { before: fund, paid, left: fund - paid }, badDebt: adl.uncovered },
    deleveraged: { accounts: adl.taken.filter((one) => one > 0).length, usd: adl.usd },
    largest: [...closed]
      .sort((a, b) => b.one.size - a.one.size)
      .slice(0, limit)
      .map(({ one }) => named(one)),
    next: [...alive]
      .filter((one) => one.side === side)
      .sort((a, b) => away(a) - away(b))
      .slice(0, limit)
      .map(named),
    payers: payersOf({ positions, closed, alive, start, rest, paid, adl: adl.usd, venue: adl.uncovered }),
  }
}

const equityAt = ({ side, size, entry, margin }: PerpPosition, price: number) =>
  margin + signOf(side) * size * (price - entry)

const nameAt =
  (start: number, rest: number) =>
  ({ account, side, size, liquidation }: PerpPosition): PerpNamed => ({
    ...{ account, side, size, liquidation, further: liquidation / rest - 1, usd: size * start },
  })

/** Takes a deficit from those in profit, the highest return on margin first. */
function deleverage(alive: readonly PerpPosition[], price: number, deficit: number) {
  const winners = alive
    .map((one) => ({ one, profit: signOf(one.side) * one.size * (price - one.entry) }))
    .filter(({ profit }) => profit > 0)
    .sort((a, b) => b.profit / b.one.margin - a.profit / a.one.margin)
  const cut = haircuts(
    'queue',
    winners.map(({ profit }, rank) => ({ capacity: profit, rank })),
    deficit,
  )
  return { ...cut, usd: cut.taken.reduce((sum, one) => sum + one, 0) }
}

function payersOf(at: {
  readonly positions: readonly PerpPosition[]
  readonly closed: readonly { readonly one: PerpPosition; readonly fill: number }[]
  readonly alive: readonly PerpPosition[]
  readonly start: number
  readonly rest: number
  readonly paid: number
  readonly adl: number
  readonly venue: number
}): PerpPayers {
  const { positions, closed, alive, start, rest, paid, adl, venue } = at
  const moved = (list: readonly PerpPosition[]) =>
    list.reduce((sum, { side, size }) => sum + signOf(side) * size * (rest - start), 0)
  const liquidated = closed.reduce(
    (sum, { one, fill }) => sum + Math.max(0, equityAt(one, fill)) - equityAt(one, start),
    0,
  )
  const takers = closed.reduce((sum, { one, fill }) => sum + signOf(one.side) * one.size * (rest - fill), 0)
  const [survivors, counterparties] = [moved(alive), -moved(positions)]
  return {
    ...{ liquidated, survivors, deleveraged: -adl, fund: -paid, venue: -venue, takers, counterparties },
    sum: liquidated + survivors - adl - paid - venue + takers + counterparties,
  }
}
