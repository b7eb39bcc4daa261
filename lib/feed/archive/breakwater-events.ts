/** Our own export, one event per line (`breakwater export --format ndjson`): ids and times are kept, only the source becomes `recorded` where it was `live`. */
import { fromWire, isBreakwaterError, type MarketEvent, type Rejected } from '../../model/index.ts'
import type { Importer } from './importer.ts'
import { readLines } from './lines.ts'

const EVENTS_A_CHUNK = 5_000

/** Imports exported events. */
export const breakwaterEvents: Importer = {
  id: 'breakwater-events',
  what: 'events exported by `breakwater export --format ndjson`',
  claims: ({ head }) =>
    /^\{"id":"[^"]+","time":\d+,/.test(head) && head.includes('"venue":') && head.includes('"source":'),
  read: async function* (path, context) {
    let events: MarketEvent[] = []
    let rejected: Rejected[] = []
    let place = { number: 0, done: 0, total: 0 }
    for await (const line of readLines(path)) {
      if (line.number <= Number(context.from ?? 0) || line.text.trim() === '') continue
      place = line
      try {
        const event = fromWire(line.text)
        events.push(event.source === 'live' ? { ...event, source: 'recorded' } : event)
      } catch (error) {
        if (!isBreakwaterError(error)) throw error
        rejected.push({
          venue: 'import',
          received: context.received,
          code: error.code,
          reason: error.message,
          raw: line.text.slice(0, 65_536),
          receipt: { file: path, line: line.number },
        })
      }
      if (events.length + rejected.length >= EVENTS_A_CHUNK) {
        yield { events, rejected, position: String(line.number), done: line.done, total: line.total }
        events = []
        rejected = []
      }
    }
    yield { events, rejected, position: String(place.number), done: place.total, total: place.total }
  },
}
