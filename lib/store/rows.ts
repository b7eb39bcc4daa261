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
  let text = '{'
  const fields = event as unknown as Readonly<Record<string, unknown>>
  for (const name in fields) {
    const value = fields[name]
    if (value === undefined || (IN_COLUMNS.has(name) && !(name === 'account' && value === ''))) continue
    const json = typeof value === 'object' ? JSON.stringify(value, bigintAsText) : JSON.stringify(value)
    text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:${json}`
  }
  return `${text}}`
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
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
