/** One event as one row of `events`, and back without loss: columns for what is asked about, the rest of the wire text beside them. */
import { dimensionsOf } from '../analytics/index.ts'
import { fromWire, type MarketEvent } from '../model/index.ts'
import { tabLine } from './sql.ts'

/** The columns of an event row, in the order of {@link eventLine}. */
export const EVENT_COLUMNS = [
  'id', 'time', 'received', 'venue', 'source', 'type', 'kind', 'protocol', 'chain', 'coin', 'side', 'instrument', 'account', 'usd', 'rest',
] as const // biome-ignore format: one list reads better than one a line

/** The columns that {@link eventOf} needs, as SQL. */
export const EVENT_SELECT =
  'id, toUnixTimestamp64Milli(time) AS ms, toUnixTimestamp64Milli(received) AS heard, venue, source, type, account, usd, rest'

/** A row as selected by {@link EVENT_SELECT}. */
export type EventRow = {
  readonly id: string
  readonly ms: number
  readonly heard: number
  readonly venue: string
  readonly source: string
  readonly type: string
  readonly account: string
  readonly usd: number | null
  readonly rest: string
}

/** One line of `TabSeparated`. */
export function eventLine(event: MarketEvent): string {
  const of = dimensionsOf(event)
  return tabLine([
    event.id,
    event.time,
    event.received,
    event.venue,
    event.source,
    event.type,
    of.kind,
    of.protocol,
    of.chain,
    of.coin,
    of.side,
    'instrument' in event ? event.instrument : '',
    of.account,
    of.usd ?? null,
    restOf(event),
  ])
}

/** Fields that stand in columns of their own. */
const IN_COLUMNS: ReadonlySet<string> = new Set(['id', 'venue', 'time', 'received', 'source', 'type', 'usd', 'account'])

/** What the columns do not hold, as JSON, assembled field by field: copying and trimming the event would cost three times as much. */
function restOf(event: MarketEvent): string {
  let text = ''
  const fields = event as unknown as Readonly<Record<string, unknown>>
  for (const name in fields) {
    const value = fields[name]
    if (value === undefined || (IN_COLUMNS.has(name) && !(name === 'account' && value === ''))) continue
    text += `${text === '' ? '{' : ','}${nameText(name)}${jsonText(value)}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** JSON of a plain value with bigint as decimal text; the same text as `toWire` writes, without its callback for every field. */
function jsonText(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : 'null'
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  let text = ''
  const fields = value as Readonly<Record<string, unknown>>
  for (const name in fields) {
    const inner = fields[name]
    if (inner !== undefined) text += `${text === '' ? '{' : ','}${nameText(name)}${jsonText(inner)}`
  }
  return text === '' ? '{}' : `${text}}`
}

const names = new Map<string, string>()
/** `"name":`; the names of fields are few, so they are written once. */
function nameText(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  const text = `${JSON.stringify(name)}:`
  if (names.size < 1000) names.set(name, text)
  return text
}

/** The event of a row. */
export function eventOf(row: EventRow): MarketEvent {
  const { ms: time, heard: received, id, venue, source, type, usd, account } = row
  const head = JSON.stringify({
    id,
    time,
    venue,
    received,
    source,
    type,
    ...(usd === null ? {} : { usd }),
    ...(account === '' ? {} : { account }),
  })
  return fromWire(row.rest === '{}' ? head : `${head.slice(0, -1)},${row.rest.slice(1)}`)
}
