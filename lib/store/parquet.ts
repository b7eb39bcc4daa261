/** Events as a Parquet file: the same columns from every engine, the last of them the whole event as its wire text. */
import { open, rename, rm } from 'node:fs/promises'
import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { dimensionsOf } from '../analytics/index.ts'
import { type MarketEvent, toWire } from '../model/index.ts'

/** Rows per row group: bounds the memory that an export takes. */
const GROUP_ROWS = 50_000

type Column = {
  readonly name: string
  readonly type: 'STRING' | 'TIMESTAMP' | 'DOUBLE'
  readonly of: (event: MarketEvent) => string | Date | number | undefined
}

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'STRING', of: (event) => event.id },
  { name: 'time', type: 'TIMESTAMP', of: (event) => new Date(event.time) },
  { name: 'received', type: 'TIMESTAMP', of: (event) => new Date(event.received) },
  { name: 'venue', type: 'STRING', of: (event) => event.venue },
  { name: 'source', type: 'STRING', of: (event) => event.source },
  { name: 'type', type: 'STRING', of: (event) => event.type },
  { name: 'kind', type: 'STRING', of: (event) => dimensionsOf(event).kind },
  { name: 'protocol', type: 'STRING', of: (event) => dimensionsOf(event).protocol },
  { name: 'chain', type: 'STRING', of: (event) => dimensionsOf(event).chain },
  { name: 'coin', type: 'STRING', of: (event) => dimensionsOf(event).coin },
  { name: 'side', type: 'STRING', of: (event) => dimensionsOf(event).side },
  { name: 'account', type: 'STRING', of: (event) => dimensionsOf(event).account },
  { name: 'usd', type: 'DOUBLE', of: (event) => dimensionsOf(event).usd },
  { name: 'event', type: 'STRING', of: toWire },
]

/**
 * Writes events to a Parquet file, 50 000 rows in memory at a time, and returns how many there were. The file appears under its
 * name only when it is whole and synced. `usd` is null where it is not known; times are UTC milliseconds.
 */
export async function writeParquet(
  events: Iterable<MarketEvent> | AsyncIterable<MarketEvent>,
  file: string,
): Promise<number> {
  const partial = `${file}.partial`
  // Creating it first turns a missing folder or permission into this error, with its path, before anything is read.
  await (await open(partial, 'w')).close()
  try {
    const schema = schemaFromColumnData({ columnData: columnsOf([]) })
    const writer = new ParquetWriter({ writer: fileWriter(partial), schema })
    let rows: MarketEvent[] = []
    let count = 0
    for await (const event of events) {
      rows.push(event)
      if (rows.length < GROUP_ROWS) continue
      await writer.write({ columnData: columnsOf(rows), rowGroupSize: GROUP_ROWS })
      count += rows.length
      rows = []
    }
    if (rows.length > 0) await writer.write({ columnData: columnsOf(rows), rowGroupSize: GROUP_ROWS })
    await writer.finish()
    const handle = await open(partial, 'r+')
    await handle.sync()
    await handle.close()
    await rename(partial, file)
    return count + rows.length
  } catch (cause) {
    await rm(partial, { force: true })
    throw cause
  }
}

function columnsOf(events: readonly MarketEvent[]): ColumnSource[] {
  return COLUMNS.map(({ name, type, of }) => ({ name, type, nullable: name === 'usd', data: events.map(of) }))
}
