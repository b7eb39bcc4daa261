/** The store in memory: for tests and short looks. It defines what the other engines must do; nothing survives the process. */
import { aggregateEvents, type Filter, type Page, passes } from '../analytics/index.ts'
import { breakwaterError, canonical, type MarketEvent, type Rejected, type UnixMs } from '../model/index.ts'
import { byTimeAndId, contentHasher } from './content.ts'
import { writeParquet } from './parquet.ts'
import type { Appended, RejectedCount, Store, StoreFacts } from './store.ts'

type Memory = {
  events: Map<string, MarketEvent>
  /** By (time, id); `undefined` after a change. */
  sorted: readonly MarketEvent[] | undefined
  /** Ids named by retractions: they are not kept, whenever they arrive. */
  retracted: Set<string>
  rejected: Map<string, Rejected>
  checkpoints: Map<string, string>
  closed: boolean
}

/** Opens an empty store in memory. `query` refuses with `store-unsupported`: there is no SQL engine. */
export function memoryStore(): Store {
  const memory: Memory = {
    events: new Map(),
    sorted: undefined,
    retracted: new Set(),
    rejected: new Map(),
    checkpoints: new Map(),
    closed: false,
  }
  const open = (): Memory => {
    if (memory.closed) throw breakwaterError('store-closed', 'the memory store is closed')
    return memory
  }
  const matching = (where: Filter) => sortedOf(open()).filter((event) => passes(event, where))
  return {
    engine: 'memory',
    append: async (events) => append(open(), events),
    reject: async (records) => {
      for (const record of records) {
        const key = rejectedKey(record)
        if (!open().rejected.has(key)) memory.rejected.set(key, record)
      }
    },
    async *scan(where) {
      yield* matching(where)
    },
    page: async (page) => pageOf(matching(page.where), page),
    get: async (id) => open().events.get(id),
    aggregate: async (question) => aggregateEvents(sortedOf(open()), question),
    latest: async (type, at, where = {}) =>
      newestPerInstrument(matching(where).filter((event) => event.type === type && event.time <= at)),
    rejected: async (limit) => rejectedOf([...open().rejected.values()], limit),
    checkpoint: async (stream) => open().checkpoints.get(stream),
    setCheckpoints: async (points) => {
      for (const { stream, position } of points) open().checkpoints.set(stream, position)
    },
    query: async () => {
      throw breakwaterError('store-unsupported', 'the memory store has no SQL engine', { engine: 'memory' })
    },
    forget: async (before) => forget(open(), before),
    exportParquet: (where, file) => writeParquet(matching(where), file),
    contentHash: async (where = {}) => {
      const hasher = contentHasher()
      for (const event of matching(where)) hasher.add(event)
      return hasher.digest()
    },
    facts: async () => facts(open()),
    close: async () => {
      memory.closed = true
      memory.events.clear()
    },
  }
}

/** The key under which a refused record is kept once. */
export function rejectedKey(record: Rejected): string {
  return `${record.venue}\n${record.receipt ? canonical(record.receipt) : record.raw}`
}

function append(memory: Memory, events: readonly MarketEvent[]): Appended {
  let stored = 0
  let duplicates = 0
  let retracted = 0
  // Retractions first: within one batch an event and its withdrawal may stand in any order.
  for (const event of events) {
    if (event.type !== 'retraction' || memory.events.has(event.id)) continue
    memory.retracted.add(event.of)
    if (memory.events.delete(event.of)) retracted++
  }
  for (const event of events) {
    if (memory.events.has(event.id)) duplicates++
    else if (memory.retracted.has(event.id)) retracted++
    else {
      memory.events.set(event.id, event)
      stored++
    }
  }
  memory.sorted = undefined
  return { stored, duplicates, retracted }
}

function pageOf(events: MarketEvent[], { order, after, limit }: Page): MarketEvent[] {
  if (order === 'largest')
    return events
      .filter((event) => usdOf(event) !== undefined)
      .sort(byUsd)
      .slice(0, limit)
  const sign = order === 'asc' ? 1 : -1
  const rows = events.filter((event) => !after || sign * byTimeAndId(event, after) > 0)
  return (sign === 1 ? rows : rows.reverse()).slice(0, limit)
}

function forget(memory: Memory, before: UnixMs): void {
  for (const event of sortedOf(memory)) if (event.time < before) memory.events.delete(event.id)
  for (const [key, record] of memory.rejected) if (record.received < before) memory.rejected.delete(key)
  memory.sorted = undefined
}

function facts(memory: Memory): StoreFacts {
  const sorted = sortedOf(memory)
  return {
    engine: 'memory',
    schemaVersion: 0,
    events: sorted.length,
    rejected: memory.rejected.size,
    first: sorted[0]?.time,
    last: sorted.at(-1)?.time,
    diskBytes: undefined,
  }
}

function sortedOf(memory: Memory): readonly MarketEvent[] {
  memory.sorted ??= [...memory.events.values()].sort(byTimeAndId)
  return memory.sorted
}

function usdOf(event: MarketEvent): number | undefined {
  return 'usd' in event ? event.usd : undefined
}

function byUsd(a: MarketEvent, b: MarketEvent): number {
  return (usdOf(b) as number) - (usdOf(a) as number) || (a.id < b.id ? -1 : 1)
}

/** Of events by (time, id): the last per (venue, instrument), sorted by venue and instrument. */
function newestPerInstrument(events: readonly MarketEvent[]): MarketEvent[] {
  const newest = new Map<string, MarketEvent>()
  for (const event of events) newest.set(instrumentKey(event), event)
  return [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event)
}

/** Venue and instrument as one sortable text. */
export function instrumentKey(event: MarketEvent): string {
  return `${event.venue}\n${'instrument' in event ? event.instrument : ''}`
}

function rejectedOf(records: readonly Rejected[], limit: number) {
  const counts = new Map<string, RejectedCount>()
  for (const { venue, code } of records) {
    const key = `${venue}\n${code}`
    counts.set(key, { venue, code, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return {
    counts: [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count),
    newest: [...records]
      .sort((a, b) => b.received - a.received || (rejectedKey(a) < rejectedKey(b) ? -1 : 1))
      .slice(0, limit),
  }
}
