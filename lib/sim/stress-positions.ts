/** Lists of perp positions as exchanges and explorers give them: JSON or CSV, names of columns as Hyperliquid or as people write them. */
import { breakwaterError } from '../model/index.ts'
import type { PerpPosition } from './stress-perp.ts'

/** Columns by what they mean; the first that is there counts. A size below 0 is a short where no side is said. */
const COLUMNS = {
  account: ['account', 'user', 'address', 'id'],
  coin: ['coin', 'symbol', 'asset'],
  side: ['side', 'direction'],
  size: ['size', 'szi', 'coins', 'positionSize'],
  entry: ['entry', 'entryPx', 'entryPrice'],
  margin: ['margin', 'marginUsed', 'collateral'],
  liquidation: ['liquidation', 'liquidationPx', 'liquidationPrice'],
} as const
type Column = keyof typeof COLUMNS
type Row = Readonly<Record<string, unknown>>

/** A row that was not taken. */
export type RefusedPosition = { readonly row: number; readonly why: string }

/** Positions that were taken, and the rows that were not. `estimated`: positions whose liquidation price stands on the maintenance rate alone. */
export type PositionList = {
  readonly positions: readonly PerpPosition[]
  readonly refused: readonly RefusedPosition[]
  readonly estimated: number
}

/** Maintenance rate (fraction of the notional) for rows that give no liquidation price. */
export const DEFAULT_MAINTENANCE = 0.005

/** True for a text that looks like a position list rather than a table of loans: it has a coin, and a size or a side, which loans have not. */
export function isPositionList(text: string): boolean {
  const head = text.slice(0, 4_000)
  const has = (column: Column) =>
    COLUMNS[column].some((name) => new RegExp(`(^|[",{\\s])"?${name}"?\\s*([:,]|$)`, 'm').test(head))
  return has('coin') && (has('size') || has('side'))
}

/** Reads a list. Rows that cannot be taken are told with their reasons; a text without any that can is refused (`bad-file`). */
export function parsePositions(text: string, maintenance = DEFAULT_MAINTENANCE): PositionList {
  const rows = /^\s*[[{]/.test(text) ? jsonRows(text) : csvRows(text)
  const positions: PerpPosition[] = []
  const refused: RefusedPosition[] = []
  let estimated = 0
  rows.forEach((row, at) => {
    const one = positionOf(row, at, maintenance)
    if (typeof one === 'string') refused.push({ row: at + 1, why: one })
    else {
      positions.push(one)
      if (!COLUMNS.liquidation.some((name) => isGiven(row[name]))) estimated++
    }
  })
  if (positions.length === 0)
    throw breakwaterError(
      'bad-file',
      `none of the ${rows.length} rows is a position${refused[0] ? `: row 1 ${refused[0].why}` : ''}`,
      { rows: rows.length },
      { fix: 'A row has coin, side, size, entry and margin, numbers above 0; liquidation if it is known.' },
    )
  return { positions, refused, estimated }
}

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== ''

function positionOf(row: Row, at: number, maintenance: number): PerpPosition | string {
  const cell = (column: Column) => COLUMNS[column].map((name) => row[name]).find(isGiven)
  const number = (column: Column) => {
    const value = cell(column)
    return value === undefined ? undefined : Number(value)
  }
  const [coin, word, signed] = [cell('coin'), String(cell('side') ?? '').toLowerCase(), number('size') ?? Number.NaN]
  const [entry, margin, given] = [number('entry') ?? Number.NaN, number('margin') ?? Number.NaN, number('liquidation')]
  if (coin === undefined) return 'names no coin'
  const side = /^(long|buy|b)$/.test(word)
    ? 'long'
    : /^(short|sell|a|s)$/.test(word)
      ? 'short'
      : word === ''
        ? signed < 0
          ? 'short'
          : 'long'
        : undefined
  if (!side) return `has the side '${word.slice(0, 20)}'`
  const size = Math.abs(signed)
  const told = (what: string, column: Column) =>
    cell(column) === undefined ? `has no ${what}` : `has the ${what} ${String(cell(column)).slice(0, 40)}`
  if (!(size > 0 && size < 1e15)) return told('size', 'size')
  if (word !== '' && signed < 0 && side === 'long')
    return `is a long with the size ${signed}: leave the sign or the side out`
  if (!(entry > 0 && entry < 1e15)) return told('entry price', 'entry')
  if (!(margin > 0 && margin < 1e15)) return told('margin', 'margin')
  const sign = side === 'long' ? 1 : -1
  const liquidation = given ?? (entry - (sign * margin) / size) / (1 - sign * maintenance)
  // A long whose margin covers its whole notional has no liquidation price above 0.
  if (!(liquidation > 0 && liquidation < 1e15))
    return `has no liquidation price above 0 (${String(cell('liquidation') ?? liquidation)})`
  const account = String(cell('account') ?? `position-${at + 1}`)
  return { account, coin: String(coin).toUpperCase(), side, size, entry, margin, liquidation }
}

/** A list, an object with a list of positions, or Hyperliquid's `assetPositions` whose leverage and entry stand one level deeper. */
function jsonRows(text: string): readonly Row[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw breakwaterError('bad-file', `the positions are no JSON: ${(error as Error).message}`, {})
  }
  const holder = value as { readonly positions?: unknown; readonly assetPositions?: unknown }
  const list = Array.isArray(value) ? value : (holder.positions ?? holder.assetPositions)
  if (!Array.isArray(list)) throw breakwaterError('bad-file', 'there is no list of positions', {})
  return list.map((one) => {
    const row = (typeof one === 'object' && one !== null ? one : {}) as Row
    return typeof row['position'] === 'object' && row['position'] !== null
      ? { ...row, ...(row['position'] as Row) }
      : row
  })
}

function csvRows(text: string): readonly Row[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const columns = head.split(',').map(plain)
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [columns[at] ?? '', plain(cell)])))
}

const plain = (cell: string) => cell.trim().replace(/^"|"$/g, '')
