/** The forms of an answer beside JSON: CSV, NDJSON, Parquet and Markdown, chosen by `Accept`. */
import { parquetWriteBuffer } from 'hyparquet-writer'
import { breakwaterError, canonical } from '../model/index.ts'

/** The forms by name, with the media type they are asked for and sent as. */
export const MEDIA = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  markdown: 'text/markdown; charset=utf-8',
} as const

/** The name of a form. */
export type Format = keyof typeof MEDIA

const ALIASES: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'text/*': 'csv',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
  'application/x-parquet': 'parquet',
  'text/markdown': 'markdown',
}

/** The form to answer in; JSON when nothing is asked. A browser's `text/html` gets JSON too. Refuses (`unknown-format`) when none fits. */
export function formatFor(accept: string | undefined, offered: readonly Format[]): Format {
  if (!accept) return 'json'
  const wanted = accept
    .slice(0, 500)
    .split(',')
    .map((part, place) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const q = parameters.find((parameter) => parameter.startsWith('q='))
      return { type, place, q: q ? Number(q.slice(2)) || 0 : 1 }
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q || a.place - b.place)
  for (const { type } of wanted) {
    const format = type === 'text/html' ? 'json' : ALIASES[type]
    if (format && offered.includes(format)) return format
    if (type === 'text/*') return offered.includes('markdown') ? 'markdown' : 'json'
  }
  const media = offered.map((format) => MEDIA[format].split(';')[0])
  throw breakwaterError(
    'unknown-format',
    `'${accept.slice(0, 80)}' is not offered here`,
    {},
    { fix: `Accept one of: ${media.join(', ')}.` },
  )
}

/** What a table cell holds; `undefined` = unknown, an empty cell. */
export type Cell = string | number | boolean | undefined
/** One column of the table form of a row. */
export type Column<Row> = {
  readonly name: string
  readonly type: 'STRING' | 'DOUBLE' | 'BOOLEAN'
  readonly of: (row: Row) => Cell
}

/** The head line of a CSV table. */
export function csvHead<Row>(columns: readonly Column<Row>[]): string {
  return `${columns.map(({ name }) => name).join(',')}\r\n`
}

/** Rows as CSV (RFC 4180). Text that a spreadsheet would take for a formula is led by an apostrophe. */
export function csvRows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows.map((row) => `${columns.map((column) => csvCell(column.of(row))).join(',')}\r\n`).join('')
}

function csvCell(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as NDJSON: one canonical line each. */
export function ndjsonRows(rows: readonly unknown[]): string {
  return rows.map((row) => `${canonical(row)}\n`).join('')
}

/** Rows as a Parquet file. Unknown values are null. */
export function parquetFile<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer {
  const columnData = columns.map(({ name, type, of }) => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) => of(row) ?? null),
  }))
  return Buffer.from(parquetWriteBuffer({ columnData }))
}
