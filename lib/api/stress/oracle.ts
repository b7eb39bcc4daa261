/** What an oracle answers under a fault, asked in words: the same over HTTP and on the command line. */
import { breakwaterError } from '../../model/index.ts'
import {
  type ArenaCrash,
  crashOf,
  type OracleAnswers,
  oracleAnswers,
  parseFault,
  parseOracle,
  partAt,
} from '../../sim/index.ts'
import { historicShocks } from './historic.ts'

/** The words of a question. `fault`: several by comma; `price`: dollars at the start. */
export type OracleQuestion = {
  readonly oracle?: string | undefined
  readonly fault?: string | undefined
  readonly path?: string | undefined
  readonly price?: string | undefined
}

/** What stands where a word is left out. */
export const ORACLE_DEFAULTS = { oracle: 'push', path: 'slide:-30%:6h', price: '2000' } as const
/** A feed of eight decimals keeps a hundred steps of the least price, and all digits of the greatest in a float64. */
const [LEAST_PRICE, MOST_PRICE] = [1e-6, 1e7]

/** Answers the question. Throws `bad-number` for the price, and as the oracle, its faults and the path do. */
export function oracleAnswer(words: OracleQuestion): OracleAnswers {
  const { oracle = ORACLE_DEFAULTS.oracle, fault, path = ORACLE_DEFAULTS.path, price = ORACLE_DEFAULTS.price } = words
  const dollars = Number(price)
  if (!(dollars >= LEAST_PRICE && dollars <= MOST_PRICE))
    throw breakwaterError(
      'bad-number',
      `'${price.slice(0, 40)}' is no price to start at`,
      { price: price.slice(0, 40) },
      { fix: `Write dollars from ${LEAST_PRICE} to ${MOST_PRICE}: price=${ORACLE_DEFAULTS.price}.` },
    )
  const faults = fault === undefined ? [] : fault.split(',').map(parseFault)
  return oracleAnswers({ ...parseOracle(oracle), faults }, oraclePath(path, dollars))
}

/** Steps of a recorded day as a path: five minutes. */
const PATH_SECONDS = 300

/** A path of one coin’s price: a shape (`v:-35%:6h`), or a day of history with its coin (`2020-03-12/ETH`), from `price` dollars on. Throws as both do. */
function oraclePath(text: string, price: number): ArenaCrash {
  const found = historicShocks(text)
  if (!found) return crashOf(text, price)
  const [first, ...more] = [...found.paths]
  const move = found.historic.moves.find(({ coin }) => coin === first?.[0])
  if (!first || !move || more.length > 0)
    throw breakwaterError(
      'bad-query',
      `${text} is the path of ${first ? 'several coins' : 'no coin by the hour'}`,
      { path: text },
      {
        fix: first ? `Name one: ${found.historic.id}/${first[0]}.` : 'Take another day, or a shape such as v:-35%:6h.',
      },
    )
  const [, points] = first
  const steps = (points.at(-1)?.[0] ?? 0) / PATH_SECONDS
  const fall = move.to / move.from - 1
  const prices = Array.from(
    { length: steps + 1 },
    (_, step) => price * (1 + fall * partAt(points, step * PATH_SECONDS)),
  )
  return { name: text.trim(), seconds: PATH_SECONDS, prices }
}
