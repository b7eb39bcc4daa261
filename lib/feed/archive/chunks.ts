/** From records of a file to chunks of stamped events: one loop for every importer. */
import type { MarketEvent, Receipt, Rejected, UnixMs } from '../../model/index.ts'
import type { Decoded, Refused } from '../../venues/index.ts'
import { stamp } from '../stamp.ts'
import type { Chunk, ImportContext } from './importer.ts'
import { type Line, readLines } from './lines.ts'

/** One record of a file: what it says, on which line, and how far the file has been read. */
export type Record = {
  readonly number: number
  readonly raw: string
  readonly decoded: readonly (Decoded | Refused)[]
  /** The venue of these facts. */
  readonly venue: string
  /** When it was heard, where the file says so; else the time of the event itself, so that the same bytes give the same events. */
  readonly received?: UnixMs | undefined
  readonly done: number
  readonly total: number
}

const EVENTS_A_CHUNK = 5_000
const RAW_KEPT = 64 * 1024

/** Groups records into chunks of about 5,000 events and stamps them `recorded`. `name` is the file in receipts. Skips what was read before. */
export async function* chunked(
  records: AsyncIterable<Record>,
  name: string,
  context: ImportContext,
): AsyncGenerator<Chunk> {
  const from = context.from === undefined ? 0 : Number(context.from)
  let events: MarketEvent[] = []
  let rejected: Rejected[] = []
  let last: Record | undefined
  const cut = (record: Record): Chunk => {
    const chunk = { events, rejected, position: String(record.number), done: record.done, total: record.total }
    events = []
    rejected = []
    return chunk
  }
  for await (const record of records) {
    if (record.number <= from) continue
    last = record
    const receipt: Receipt = { file: name, line: record.number }
    for (const item of record.decoded) {
      const received = record.received ?? (item.type === 'refused' ? undefined : item.time) ?? context.received
      if (item.type === 'refused') rejected.push(refusal(record, item, received, receipt))
      else events.push(stamp(record.venue, 'recorded', item, received, receipt))
    }
    if (events.length + rejected.length >= EVENTS_A_CHUNK) yield cut(record)
  }
  if (last) yield cut({ ...last, done: last.total })
}

function refusal(record: Record, item: Refused, received: UnixMs, receipt: Receipt): Rejected {
  return {
    venue: record.venue,
    received,
    code: 'bad-frame',
    reason: item.reason,
    raw: (item.part ?? record.raw).slice(0, RAW_KEPT),
    receipt,
  }
}

/** Decodes each line of a file on its own. Empty lines are passed over; a line beyond the limit becomes a refusal. */
export async function* lineRecords(
  path: string,
  venue: string,
  decode: (line: Line) => { decoded: readonly (Decoded | Refused)[]; venue?: string; received?: UnixMs | undefined },
): AsyncGenerator<Record> {
  for await (const line of readLines(path)) {
    const { number, text: raw, done, total, tooLong } = line
    if (tooLong) {
      const reason = `line-too-long: ${tooLong.bytes} bytes; only its beginning is kept`
      yield { number, raw, decoded: [{ type: 'refused', reason }], venue, done, total }
    } else if (raw.trim() !== '') {
      yield { number, raw, venue, done, total, ...decode(line) }
    }
  }
}
