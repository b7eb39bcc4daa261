/** One event as one row of `events`, and back without loss: columns for what is asked about, the rest of the wire text beside them. */
import { dimensionsOf } from '../analytics/index.ts'
import { fromWire, type MarketEvent } from '../model/index.ts'

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

/** One line of `JSONCompactEachRow`. */
export function eventLine(event: MarketEvent): string {
  const of = dimensionsOf(event)
  const instrument = 'instrument' in event ? event.instrument : ''
  return JSON.stringify([
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
    instrument,
    of.account,
    of.usd ?? null,
    restOf(event),
  ])
}

/** What the columns do not hold, as JSON. */
function restOf(event: MarketEvent): string {
  const { id: _, time: __, venue: ___, received: ____, source: _____, type: ______, ...rest } = event
  const left = rest as { usd?: unknown; account?: unknown }
  delete left.usd
  if (left.account !== '') delete left.account
  return JSON.stringify(left, bigintAsText)
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
