/**
 * What prices did on the days of the library, to be done again to a book of today: per coin the move from the price before to the low, and where a path
 * was recorded, how much of the move had happened when.
 */
import { breakwaterError } from '../../model/index.ts'
import { HISTORIC_HOURS } from './historic-hours.ts'
import { INCIDENTS } from './library.ts'

/** A coin's move. `against`: the coin it lost its peg to. `path`: seconds after the start and the part of the move (1 = the low) at that time. */
export type HistoricMove = {
  readonly coin: string
  readonly against?: string | undefined
  readonly from: number
  readonly to: number
  readonly seconds: number
  readonly path?: readonly (readonly [seconds: number, part: number])[] | undefined
}

/** A day of the library with its moves. */
export type Historic = {
  readonly id: string
  readonly day: string
  readonly says: string
  readonly moves: readonly HistoricMove[]
}

/** Moves that no candle tells, as the incidents' own sources have them: dollars, or a ratio, before and at the worst. */
const TOLD: Readonly<Record<string, readonly HistoricMove[]>> = {
  '2025-10-10-usde-collateral': [{ coin: 'USDe', from: 1, to: 0.655, seconds: 600 }],
  '2026-03-10-wsteth-cap': [{ coin: 'wstETH', against: 'stETH', from: 1.2285, to: 1.1939, seconds: 60 }],
  '2026-05-28-spacex-hip3': [{ coin: 'SPACEX', from: 2_277, to: 1_254, seconds: 1_800 }],
}

const HOUR = 3_600

/** Every day and incident whose moves are known, oldest first. */
export const HISTORICS: readonly Historic[] = [
  ...Object.entries(HISTORIC_HOURS).map(
    ([day, hours]): Historic => ({
      ...{ id: day, day, says: `hours from 12:00 UTC of the day before ${day}` },
      moves: Object.entries(hours).map(([coin, prices]) => moveOf(coin, prices)),
    }),
  ),
  ...INCIDENTS.flatMap(({ id, day, title }): readonly Historic[] =>
    Object.hasOwn(TOLD, id) ? [{ id, day, says: title, moves: TOLD[id] ?? [] }] : [],
  ),
].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))

function moveOf(coin: string, prices: readonly number[]): HistoricMove {
  const from = prices[0] as number
  const to = Math.min(...prices)
  const path = prices.map((price, hour) => [hour * HOUR, (from - price) / (from - to)] as const)
  return { coin, from, to, seconds: prices.indexOf(to) * HOUR, path }
}

/**
 * The moves of a day (`2020-03-12`; every entry of that day) or of an incident (its id or a part of it; where it has no moves of its own, those of its day).
 * Refuses (`not-found`) days and incidents whose prices are not known, naming those that are.
 */
export function historicOf(name: string): Historic {
  const own = HISTORICS.filter((one) => one.id === name || one.day === name)
  const incidents = INCIDENTS.filter(({ id }) => id === name || (name.length > 2 && id.includes(name)))
  const days = incidents.flatMap(({ day, until = day }) =>
    HISTORICS.filter((one) => one.day >= day && one.day <= until),
  )
  const told = own.length > 0 ? own : incidents.flatMap(({ id }) => HISTORICS.filter((one) => one.id === id))
  const found = told.length > 0 ? told : days
  const [first] = found
  if (!first) throw unknown(name)
  const coins = new Map(
    found
      .flatMap(({ moves }) => moves)
      .reverse()
      .map((move) => [move.coin, move] as const),
  )
  const title = incidents.length === 1 ? incidents[0]?.title : undefined
  return { id: first.id, day: first.day, says: title ?? first.says, moves: [...coins.values()].reverse() }
}

function unknown(name: string) {
  const known = HISTORICS.map(({ id }) => id)
  return breakwaterError(
    'not-found',
    `no prices of '${name.slice(0, 60)}' are in the library`,
    { name: name.slice(0, 60) },
    { fix: `Shock by one of ${known.join(', ')}, or by an incident of those days.` },
  )
}

/** The part of a move that has happened at a time, straight between two hours: 0 before the start, the last one after the end. */
export function partAt(path: NonNullable<HistoricMove['path']>, seconds: number): number {
  let before = path[0] ?? [0, 0]
  for (const point of path) {
    if (point[0] > seconds) {
      const span = point[0] - before[0]
      return span <= 0 ? before[1] : before[1] + (point[1] - before[1]) * ((seconds - before[0]) / span)
    }
    before = point
  }
  return before[1]
}
