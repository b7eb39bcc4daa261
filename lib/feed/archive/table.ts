/** Any table with a mapping file: CSV, NDJSON or Parquet rows become events. */
import { basename } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import {
  breakwaterError,
  coinOf,
  isDollar,
  type Leg,
  type LoanLiquidation,
  type PerpLiquidation,
  type UsdBasis,
  unixMs,
} from '../../model/index.ts'
import type { Decoded, Refused } from '../../venues/index.ts'
import { chunked, lineRecords, type Record } from './chunks.ts'
import { type CsvRow, csvReader } from './csv.ts'
import type { Importer } from './importer.ts'
import { type Cell, columnsOf, type LegMapping, type Mapping } from './mapping.ts'

const ROWS_A_READ = 20_000
const PER_MS = { s: 1 / 1000, ms: 1, us: 1_000, ns: 1_000_000 } as const

/** An importer made of a mapping; the table's form is told by its name: .parquet, .ndjson/.jsonl, else CSV. */
export function tableImporter(mapping: Mapping): Importer {
  return {
    id: 'table',
    what: 'CSV, NDJSON or Parquet with a mapping file',
    claims: () => false,
    read: (path, context) => chunked(tableRecords(path, mapping), basename(path), context),
  }
}

function tableRecords(path: string, mapping: Mapping): AsyncIterable<Record> {
  const seen = new Map<string, number>()
  const decode = (row: CsvRow) => {
    const venue = pick(mapping.venue, row)
    if (venue === undefined) return { decoded: [{ type: 'refused', reason: 'no venue' } as Refused] }
    return { decoded: decodeRow(row, mapping, seen), venue }
  }
  if (/\.parquet$/i.test(path)) return parquetRecords(path, mapping, decode)
  if (/\.(nd)?jsonl?(\.gz|\.lz4)?$/i.test(path))
    return lineRecords(path, 'import', ({ text }) => decodeJson(text, decode))
  let read: ReturnType<typeof csvReader> | undefined
  return lineRecords(path, 'import', ({ text }) => {
    if (!read) {
      read = csvReader(text, columnsOf(mapping), path)
      return { decoded: [] }
    }
    const { row, complete } = read(text)
    return complete
      ? decode(row)
      : { decoded: [{ type: 'refused', reason: 'the row has another number of cells than the header' }] }
  })
}

type RowDecoder = (row: CsvRow) => { decoded: readonly (Decoded | Refused)[]; venue?: string }

function decodeJson(text: string, decode: RowDecoder): ReturnType<RowDecoder> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { decoded: [{ type: 'refused', reason: 'the line is not JSON' }] }
  }
  if (typeof value !== 'object' || value === null)
    return { decoded: [{ type: 'refused', reason: 'the line is no object' }] }
  return decode(rowOf(value as { [column: string]: unknown }))
}

function rowOf(value: { [column: string]: unknown }): CsvRow {
  return (column) => {
    const found = value[column]
    if (found === undefined || found === null || found === '') return undefined
    return found instanceof Date ? found.toISOString() : String(found)
  }
}

async function* parquetRecords(path: string, mapping: Mapping, decode: RowDecoder): AsyncGenerator<Record> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file).catch((cause) => {
    throw breakwaterError('bad-file', `${path} is no Parquet file: ${(cause as Error).message}`, { path }, { cause })
  })
  const present = metadata.schema.map((element) => element.name)
  const missing = columnsOf(mapping).filter((name) => !present.includes(name))
  if (missing.length > 0)
    throw breakwaterError(
      'bad-file',
      `${path} lacks ${missing.join(', ')}; it has ${present.slice(1).join(', ')}`,
      { path },
      { fix: 'Correct the columns in the mapping file.' },
    )
  const total = Number(metadata.num_rows)
  for (let start = 0; start < total; start += ROWS_A_READ) {
    const rows = await parquetReadObjects({
      file,
      metadata,
      rowStart: start,
      rowEnd: Math.min(total, start + ROWS_A_READ),
      columns: columnsOf(mapping),
      compressors,
    })
    let number = start
    for (const value of rows) {
      number++
      const raw = JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
      yield { number, raw, venue: 'import', done: number, total, ...decode(rowOf(value)) }
    }
  }
}

function decodeRow(row: CsvRow, mapping: Mapping, seen: Map<string, number>): readonly (Decoded | Refused)[] {
  if (mapping.skip?.values.includes(row(mapping.skip.column) ?? '')) return []
  const time = timeOf(row(mapping.time.column), mapping.time.unit)
  if (time === undefined)
    return [
      {
        type: 'refused',
        reason: `${mapping.time.column} ${row(mapping.time.column)} is no time (${mapping.time.unit})`,
      },
    ]
  const usd = number(mapping.usd, row)
  if (usd === 'bad' || (usd !== undefined && usd < 0))
    return [{ type: 'refused', reason: `usd ${mapping.usd && pick(mapping.usd, row)} is no amount` }]
  const fact = mapping.type === 'perp-liquidation' ? perpFact(row, mapping, usd) : loanFact(row, mapping, usd)
  if (fact.type === 'refused') return [fact]
  const content = mapping.key
    ? mapping.key.map((column) => row(column) ?? '').join('|')
    : `${time}|${JSON.stringify(fact)}`
  const scope = `${pick(mapping.venue, row)}|${content}`
  const repeat = mapping.key ? 0 : (seen.get(scope) ?? 0)
  if (!mapping.key) seen.set(scope, repeat + 1)
  return [{ ...fact, key: `table|${content}${repeat === 0 ? '' : `#${repeat}`}`, time } as Decoded]
}

type Body = PerpLiquidation | LoanLiquidation | Refused

function perpFact(row: CsvRow, mapping: Extract<Mapping, { type: 'perp-liquidation' }>, usd: number | undefined): Body {
  const [price, size] = [number(mapping.price, row), number(mapping.size, row)]
  const [instrument, coin] = [pick(mapping.instrument, row), pick(mapping.coin, row)]
  if (instrument === undefined || coin === undefined) return { type: 'refused', reason: 'no instrument or no coin' }
  if (typeof price !== 'number' || !(price > 0))
    return { type: 'refused', reason: `price ${pick(mapping.price, row)} must be above zero` }
  if (size === 'bad' || (size !== undefined && !(size > 0)))
    return { type: 'refused', reason: 'size must be above zero' }
  const said = mapping.side ? (row(mapping.side.column) ?? '') : ''
  const side = mapping.side?.long.includes(said) ? 'long' : mapping.side?.short.includes(said) ? 'short' : undefined
  const account = mapping.account && pick(mapping.account, row)
  return {
    type: 'perp-liquidation',
    instrument,
    coin: coinOf(coin),
    side,
    size,
    price,
    priceKind: mapping.priceKind,
    usd,
    usdBasis: usd === undefined ? undefined : 'reported',
    account,
  }
}

function loanFact(row: CsvRow, mapping: Extract<Mapping, { type: 'loan-liquidation' }>, usd: number | undefined): Body {
  const protocol = pick(mapping.protocol, row)
  const account = mapping.account && pick(mapping.account, row)
  if (protocol === undefined || account === undefined) return { type: 'refused', reason: 'no protocol or no account' }
  const [repaid, seized] = [legOf(mapping.repaid, row), legOf(mapping.seized, row)]
  if (!repaid || !seized) return { type: 'refused', reason: 'a leg has an amount that is no number' }
  const par =
    usd === undefined && repaid.amount !== undefined && isDollar(repaid.asset) ? Number(repaid.amount) : undefined
  const value = usd ?? repaid.usd ?? par
  const usdBasis: UsdBasis | undefined = value === undefined ? undefined : value === par ? 'dollar-par' : 'reported'
  const chain = mapping.chain && pick(mapping.chain, row)
  const tx = mapping.tx && pick(mapping.tx, row)
  return {
    type: 'loan-liquidation',
    protocol,
    market: (mapping.market && pick(mapping.market, row)) ?? '',
    account,
    liquidator: mapping.liquidator && pick(mapping.liquidator, row),
    repaid,
    seized,
    usd: value,
    usdBasis,
    place: chain === undefined ? undefined : { chain, tx },
  }
}

function legOf(mapping: LegMapping, row: CsvRow): Leg | undefined {
  const usd = number(mapping.usd, row)
  const amount = mapping.amount && pick(mapping.amount, row)
  if (usd === 'bad' || (amount !== undefined && !Number.isFinite(Number(amount)))) return undefined
  const address = mapping.address && pick(mapping.address, row)
  return { asset: (mapping.asset && pick(mapping.asset, row)) ?? address ?? '', address, amount, usd }
}

function pick(cell: Cell, row: CsvRow): string | undefined {
  if (typeof cell === 'string') return row(cell)
  if ('value' in cell) return cell.value
  const found = row(cell.column)
  return found === undefined ? undefined : (cell.values?.[found] ?? (cell.lower ? found.toLowerCase() : found))
}

function number(cell: Cell | undefined, row: CsvRow): number | undefined | 'bad' {
  const text = cell === undefined ? undefined : pick(cell, row)
  if (text === undefined) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : 'bad'
}

function timeOf(text: string | undefined, unit: Mapping['time']['unit']) {
  if (text === undefined) return undefined
  if (unit === 'iso') return unixMs(Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`))
  return unixMs(Math.floor(Number(text) / PER_MS[unit]))
}
