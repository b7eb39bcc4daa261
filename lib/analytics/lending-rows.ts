/** Text of an account table, CSV or JSON, as raw rows: cells are looked at, not judged. The format is described in `docs/lending-accounts.md`. */
import { breakwaterError } from '../model/index.ts'

/** One leg of a row as written: which side, the asset's name and its amount in whole units. */
export type RawLeg = { readonly side: 'collateral' | 'debt'; readonly asset: string; readonly amount: string }

/** Parameters of an asset as written, with the line (or the number of the JSON element) that wrote them. */
export type RawAsset = {
  readonly line: number
  readonly asset: string
  readonly fields: Readonly<Record<string, string>>
}

/** A row as written. */
export type RawRow = {
  readonly line: number
  readonly raw: string
  readonly account: string | undefined
  readonly protocol: string | undefined
  readonly eMode: string | undefined
  readonly legs: readonly RawLeg[]
  readonly assets: readonly RawAsset[]
  /** What makes the row unreadable, if anything. */
  readonly broken: string | undefined
}

/** An e-mode category as written: fractions as text, assets by name. */
export type RawEMode = { readonly line: number; readonly fields: Readonly<Record<string, unknown>> }

/** A table as written. */
export type RawTable = {
  readonly rows: readonly RawRow[]
  readonly assets: readonly RawAsset[]
  readonly eModes: readonly RawEMode[]
}

/** Parameters that an asset may have. */
export const ASSET_FIELDS = [
  'decimals', 'price', 'liquidationThreshold', 'liquidationBonus', 'liquidityIndex', 'borrowIndex', 'follows', 'feed',
] as const // biome-ignore format: one list

/** Columns of an account table that hold a parameter of the row's collateral or debt. */
const INLINE: Readonly<Record<string, readonly ['collateral' | 'debt', string]>> = {
  collateralPrice: ['collateral', 'price'],
  collateralDecimals: ['collateral', 'decimals'],
  collateralFollows: ['collateral', 'follows'],
  liquidationThreshold: ['collateral', 'liquidationThreshold'],
  liquidationBonus: ['collateral', 'liquidationBonus'],
  liquidityIndex: ['collateral', 'liquidityIndex'],
  debtPrice: ['debt', 'price'],
  debtDecimals: ['debt', 'decimals'],
  debtFollows: ['debt', 'follows'],
  borrowIndex: ['debt', 'borrowIndex'],
}
const COLUMNS = [
  'account',
  'protocol',
  'eMode',
  'collateral',
  'collateralAmount',
  'debt',
  'debtAmount',
  ...Object.keys(INLINE),
]

/** Reads an account table. Refuses `bad-file` when the text is no such table at all. */
export function readAccountTable(text: string, format: 'csv' | 'json'): RawTable {
  return format === 'csv' ? { rows: csvRows(text), assets: [], eModes: [] } : jsonTable(text)
}

/** Reads an asset table: CSV with the column `asset`, or a JSON list of objects. Refuses `bad-file` when the text is none. */
export function readAssetTable(text: string, format: 'csv' | 'json'): readonly RawAsset[] {
  if (format === 'json') return jsonAssets(parsed(text), 'the asset table')
  const { header, lines } = csvLines(text, ['asset'], ['asset', ...ASSET_FIELDS])
  return lines.map(({ number, cells }) => {
    const fields: Record<string, string> = {}
    header.forEach((name, index) => {
      if (name !== 'asset' && cells[index]) fields[name] = cells[index] as string
    })
    return { line: number, asset: cells[header.indexOf('asset')] ?? '', fields }
  })
}

function csvLines(text: string, needed: readonly string[], known: readonly string[]) {
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const header = csvCells(first)
  const missing = needed.filter((name) => !header.includes(name))
  const strange = header.filter((name) => !known.includes(name))
  const twice = header.filter((name, index) => header.indexOf(name) !== index)
  const wrong = [
    ...(missing.length > 0 ? [`lacks the column ${missing.join(', ')}`] : []),
    ...(strange.length > 0 ? [`has the unknown column ${strange.map((name) => `'${name}'`).join(', ')}`] : []),
    ...(twice.length > 0 ? [`has the column ${twice.join(', ')} twice`] : []),
  ]
  if (wrong.length > 0)
    throw breakwaterError(
      'bad-file',
      `the table ${wrong.join(' and ')}`,
      { header: first.slice(0, 200) },
      { fix: `Columns are ${known.join(', ')}.` },
    )
  const lines = rest.flatMap((raw, index) =>
    raw.trim() === '' ? [] : [{ number: index + 2, raw, cells: csvCells(raw) }],
  )
  return { header, lines }
}

/** Cells of one line, trimmed; a cell that begins with a quote may hold commas and doubled quotes. */
function csvCells(line: string): string[] {
  const cells: string[] = []
  for (let at = 0; at <= line.length; ) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?=,|$)/.exec(line.slice(at))
    const end = quoted ? at + quoted[0].length : line.indexOf(',', at)
    const stop = end < 0 ? line.length : end
    cells.push(quoted ? (quoted[1] as string).replaceAll('""', '"') : line.slice(at, stop).trim())
    at = stop + 1
  }
  return cells
}

function csvRows(text: string): RawRow[] {
  const { header, lines } = csvLines(text, ['account'], COLUMNS)
  return lines.map(({ number: line, raw, cells }) => {
    const cell = (name: string) => cells[header.indexOf(name)] || undefined
    const legs: RawLeg[] = []
    const assets: RawAsset[] = []
    const problems: string[] = []
    for (const side of ['collateral', 'debt'] as const) {
      const [asset, amount] = [cell(side), cell(`${side}Amount`)]
      const fields: Record<string, string> = {}
      for (const [column, [of, field]] of Object.entries(INLINE)) {
        const value = cell(column)
        if (of === side && value !== undefined) fields[field] = value
      }
      if (asset !== undefined && Object.keys(fields).length > 0) assets.push({ line, asset, fields })
      if (asset !== undefined && amount !== undefined) legs.push({ side, asset, amount })
      else if (asset !== undefined || amount !== undefined) problems.push(`${side} and ${side}Amount go together`)
    }
    if (cells.length !== header.length) problems.push(`the row has ${cells.length} cells, the header ${header.length}`)
    return {
      ...{ line, raw, legs, assets, broken: problems.length > 0 ? problems.join('; ') : undefined },
      ...{ account: cell('account'), protocol: cell('protocol'), eMode: cell('eMode') },
    }
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw breakwaterError('bad-file', `the text is no JSON: ${(cause as Error).message}`, {}, { cause })
  }
}

function jsonTable(text: string): RawTable {
  const document = parsed(text)
  const { accounts, assets = [], eModes = [] } = isObject(document) ? document : { accounts: document }
  if (!Array.isArray(accounts) || !Array.isArray(eModes))
    throw breakwaterError(
      'bad-file',
      'the document holds no list of accounts',
      {},
      { fix: 'Write { "assets": [...], "accounts": [...] }.' },
    )
  return {
    rows: accounts.map((one, index) => jsonRow(one, index + 1)),
    assets: jsonAssets(assets, 'assets'),
    eModes: eModes.map((one, index) => ({ line: index + 1, fields: isObject(one) ? one : {} })),
  }
}

function jsonAssets(list: unknown, place: string): RawAsset[] {
  if (!Array.isArray(list) || !list.every(isObject)) throw breakwaterError('bad-file', `${place} is no list of objects`)
  return list.map((one, index) => {
    const fields: Record<string, string> = {}
    for (const [name, value] of Object.entries(one))
      if (name !== 'asset' && value !== null) fields[name] = textOf(value)
    return { line: index + 1, asset: textOf(one['asset'] ?? ''), fields }
  })
}

function jsonRow(one: unknown, line: number): RawRow {
  const raw = JSON.stringify(one)
  const none = { line, raw, legs: [], assets: [], account: undefined, protocol: undefined, eMode: undefined }
  if (!isObject(one)) return { ...none, broken: 'the element is no object' }
  const problems: string[] = []
  const legs = (['collateral', 'debt'] as const).flatMap((side) => {
    const legs = one[side] ?? {}
    if (isObject(legs)) return Object.entries(legs).map(([asset, amount]) => ({ side, asset, amount: textOf(amount) }))
    problems.push(`${side} is no object of asset and amount`)
    return []
  })
  const strange = Object.keys(one).filter(
    (name) => !['account', 'protocol', 'eMode', 'collateral', 'debt'].includes(name),
  )
  if (strange.length > 0) problems.push(`${strange.join(', ')} is not known of an account`)
  const text = (name: string) => (one[name] === undefined || one[name] === null ? undefined : textOf(one[name]))
  return {
    ...{ line, raw, legs, assets: [], broken: problems.length > 0 ? problems.join('; ') : undefined },
    ...{ account: text('account'), protocol: text('protocol'), eMode: text('eMode') },
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown) =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? '')
