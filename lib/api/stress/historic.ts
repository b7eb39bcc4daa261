/**
 * Shocks of history: `2020-03-12`, `incident:black-thursday` or `incident:2020-03-12/ETH` become the moves of that day, from the library's recorded paths.
 * A book has what it has: coins of the day that it does not know are left out, and said to be.
 */
import { type LendingParams, type LendingShock, parseShock, shockText } from '../../analytics/index.ts'
import { breakwaterError } from '../../model/index.ts'
import { type Historic, type HistoricMove, historicOf } from '../../sim/index.ts'

/** A day's shocks. `paths`: per coin how much of its move has happened when. */
export type HistoricShocks = {
  readonly historic: Historic
  readonly shocks: readonly LendingShock[]
  readonly paths: ReadonlyMap<string, NonNullable<HistoricMove['path']>>
}

/** Reads a shock of history; `undefined` for any other text. Throws `not-found` for days whose prices are not known, `unknown-asset` for coins of others. */
export function historicShocks(text: string): HistoricShocks | undefined {
  const trimmed = text.trim()
  const [, name, coin] =
    /^(?:incident|historic):([^/=]+)(?:\/([\w.-]+))?$/.exec(trimmed) ??
    /^(\d{4}-\d{2}-\d{2})(?:\/([\w.-]+))?$/.exec(trimmed) ??
    []
  if (name === undefined) return undefined
  const historic = historicOf(name)
  const moves = historic.moves.filter((move) => coin === undefined || move.coin.toLowerCase() === coin.toLowerCase())
  if (moves.length === 0)
    throw breakwaterError(
      'unknown-asset',
      `nothing is known of ${coin} on that day`,
      { coin },
      { fix: `Of ${name} there are ${historic.moves.map((move) => move.coin).join(', ')}.` },
    )
  return {
    historic,
    shocks: moves.map(shockOf),
    paths: new Map(moves.flatMap((move) => (move.path ? [[move.coin, move.path] as const] : []))),
  }
}

function shockOf({ coin, against, from, to }: HistoricMove): LendingShock {
  const move = Number((to / from - 1).toFixed(4))
  return against === undefined ? { kind: 'market', asset: coin, move } : { kind: 'depeg', asset: coin, against, move }
}

/** Words of a question about loans whose shocks of history are written as the moves they are. Throws as {@link singleShock} does. */
export function withoutHistory<P extends LendingParams>(words: P): P {
  const { shock, compare } = words
  return {
    ...words,
    ...(shock === undefined ? {} : { shock: shockText(singleShock(shock)) }),
    ...(compare === undefined ? {} : { compare: shockText(singleShock(compare)) }),
  }
}

/** A single shock for doors that take one: a day with one coin, or with one named. Other texts are as they are. Throws `bad-shock` where it is several. */
export function singleShock(text: string): LendingShock {
  const found = historicShocks(text)
  if (!found) return parseShock(text)
  const [first, ...more] = found.shocks
  if (first && more.length === 0) return first
  const coins = found.historic.moves.map(({ coin }) => coin)
  throw breakwaterError(
    'bad-shock',
    `${text} moved ${coins.join(' and ')}; a ladder is of one`,
    { shock: text },
    { fix: `Write incident:${found.historic.id}/${coins.at(-1)}; all at once: \`breakwater stress --shock ${text}\`.` },
  )
}
