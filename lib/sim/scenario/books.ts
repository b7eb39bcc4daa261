/** Whose loans stand in a room: written in the scenario, drawn from its seed, or read from a file of loans beside it. */
import { breakwaterError, type Prng } from '../../model/index.ts'
import { type Borrower, drawBorrowers } from '../market/rooms/borrowers.ts'
import type { ScenarioRoom } from './fields.ts'

/** Texts of the files that a scenario names, by the name it gives them. */
export type ScenarioFiles = ReadonlyMap<string, string>

/** Borrowers of a room whose collateral costs `price` dollars. Refuses (`bad-scenario`, `bad-file`) a file that is missing or none. */
export function borrowersOf(
  { book, name, collateral }: ScenarioRoom,
  price: number,
  chance: Prng,
  files: ScenarioFiles,
): readonly Borrower[] {
  if (book.kind === 'borrowers') return book.borrowers
  if (book.kind === 'drawn') {
    const { accounts, debt, lowLtv, highLtv, crowding = 1, sizeSpread = 1, seed = name } = book
    const terms = { accounts, debt, lowLtv, highLtv, crowding, sizeSpread, price }
    return drawBorrowers(terms, chance.fork(`book/${seed}`))
  }
  const text = files.get(book.file)
  if (text === undefined)
    throw breakwaterError('bad-scenario', `the file ${book.file} was not given`, { file: book.file })
  const loans = parseBorrowers(text, collateral.split('@')[0] as string)
  return loans.filter(({ coins, debt }) => debt <= (book.mostLtv ?? Number.POSITIVE_INFINITY) * coins * price)
}

const COLUMNS = {
  id: ['id', 'account', 'user', 'owner'],
  coins: ['coins', 'collateralAmount'],
  debt: ['debt', 'debtAmount'],
  asset: ['collateral', 'collateralAsset'],
} as const

/**
 * Loans of a CSV (with a head line) or a JSON list: `id` (or account), `coins` (collateralAmount), `debt` (debtAmount, dollars). Where a column
 * `collateral` names the coin, only rows of `coin` count. Rows without debt are left out. A JSON object with `userStates` is a list of crvUSD's users as its subgraph
 * gives them: what soft liquidation has converted counts against the debt. Refuses (`bad-file`) every bad row at once.
 */
export function parseBorrowers(text: string, coin: string): readonly Borrower[] {
  const rows = /^\s*[[{]/.test(text) ? jsonRows(text) : csvRows(text)
  const problems: string[] = []
  const found = new Map<string, Borrower>()
  rows.forEach((row, at) => {
    const of = (column: keyof typeof COLUMNS) => {
      const name = COLUMNS[column].find((one) => row[one] !== undefined)
      return name === undefined ? undefined : row[name]
    }
    if (of('asset') !== undefined && String(of('asset')) !== coin) return
    const [id, coins, debt] = [of('id'), Number(of('coins')), Number(of('debt') === '' ? 0 : of('debt'))]
    if (id === undefined || id === '') problems.push(`row ${at + 1} has no id`)
    else if (!(coins > 0 && Number.isFinite(coins)) || !(debt >= 0 && Number.isFinite(debt)))
      problems.push(
        `row ${at + 1} (${String(id).slice(0, 40)}) has ${String(of('coins'))} coins and a debt of ${String(of('debt'))}`,
      )
    else if (debt > 0) {
      // Several rows of one account are one loan.
      const before = found.get(String(id))
      found.set(String(id), { id: String(id), coins: coins + (before?.coins ?? 0), debt: debt + (before?.debt ?? 0) })
    }
  })
  if (problems.length > 0)
    throw breakwaterError('bad-file', `${problems.length} rows are no loans: ${problems.slice(0, 5).join('; ')}`, {
      rows: problems.length,
    })
  if (found.size === 0)
    throw breakwaterError('bad-file', `no loan against ${coin} in the file`, { rows: rows.length, coin })
  return [...found.values()]
}

type Row = Readonly<Record<string, unknown>>

function jsonRows(text: string): readonly Row[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw breakwaterError('bad-file', `the loans are no JSON: ${(error as Error).message}`, {})
  }
  const users = (value as { readonly userStates?: unknown }).userStates
  const list = Array.isArray(users) ? users.map(userRow) : value
  if (!Array.isArray(list)) throw breakwaterError('bad-file', 'there is no list of loans', {})
  return list.filter((one): one is Row => typeof one === 'object' && one !== null)
}

/** A user of LLAMMA; coins that the AMM holds as stablecoins are so much less debt. */
function userRow(user: unknown): Row {
  const { user: owner, collateral, stablecoin, debt } = user as Record<string, unknown>
  const left = Number(debt) - Number(stablecoin ?? 0)
  // Wholly converted loans have no coins left to be a loan of.
  if (!(Number(collateral) > 0)) return { id: 'gone', coins: 1, debt: 0 }
  return { id: (owner as { readonly id?: unknown } | undefined)?.id, coins: collateral, debt: Math.max(0, left) }
}

/** Plain CSV: no quotes are needed for ids and numbers. */
function csvRows(text: string): readonly Row[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const columns = head.split(',').map((name) => name.trim().replace(/^"|"$/g, ''))
  return lines.map((line) => {
    const cells = line.split(',').map((cell) => cell.trim().replace(/^"|"$/g, ''))
    return Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? '']))
  })
}
