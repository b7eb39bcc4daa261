/** The store over any SQL engine. What an append means is the same as in {@link memoryStore}; the contract suite compares them. */
import type { Aggregate, Filter, Page } from '../analytics/index.ts'
import { breakwaterError, DAY, type MarketEvent, type Rejected, type UnixMs } from '../model/index.ts'
import { type AccountsCache, accountsCache } from './accounts-cache.ts'
import { appendEvents, finishRetractions, knownOf } from './append.ts'
import { contentHasher } from './content.ts'
import type { SqlEngine } from './engine.ts'
import { instrumentKey, rejectedKey } from './memory.ts'
import { schemaVersion } from './migrate.ts'
import { writeParquet } from './parquet.ts'
import {
  type AccountsRow,
  accountsQuery,
  aggregateRows,
  condition,
  largestDaysQuery,
  largestSpans,
  type SumsRow,
  sumsQuery,
} from './queries.ts'
import { EVENT_SELECT, type EventRow, eventLine, eventOf } from './rows.ts'
import { localName } from './schema.ts'
import { instant, tabLine, text, textList, tokenOf } from './sql.ts'
import type { Store, StoreFacts } from './store.ts'

/** Rows fetched at once while scanning: bounds memory, and no cursor has to stay open in the engine. */
const SCAN_ROWS = 20_000

/** Opens the store of a migrated engine and repairs what a crash left half done. */
export async function sqlStore(engine: SqlEngine): Promise<Store> {
  let closed = false
  const open = (): SqlEngine => {
    if (closed) throw breakwaterError('store-closed', 'the store is closed', { engine: engine.name })
    return engine
  }
  const inTurn = queue()
  // Others may write to a server at any time; the embedded store is ours alone.
  const cache = engine.name === 'embedded' ? accountsCache() : undefined
  await finishRetractions(engine)
  const known = engine.name === 'embedded' ? await knownOf(engine) : undefined
  const scan = (where: Filter) => scanEvents(open, where)
  return {
    engine: engine.name,
    append: async (events) => {
      open()
      // While another batch is being written by the engine's threads, this one is put into words.
      const lines = events.map(eventLine)
      return inTurn(async () => {
        const done = await appendEvents(open(), events, lines, known)
        cache?.added(events)
        if (done.retracted > 0) cache?.removed()
        return done
      })
    },
    reject: (records) => inTurn(() => reject(open(), records)),
    scan,
    page: async (page) => pageOf(open(), page),
    get: async (id) => {
      const rows = await open().rows<EventRow>(`SELECT ${EVENT_SELECT} FROM events WHERE id = ${text(id)} LIMIT 1`)
      return rows[0] && eventOf(rows[0])
    },
    aggregate: async (question) => aggregate(open(), question, cache),
    latest: async (type, at, where = {}) => latest(open(), type, at, where),
    rejected: async (limit) => rejected(open(), limit),
    checkpoint: async (stream) => {
      const rows = await open().rows<{ position: string }>(
        `SELECT argMax(position, version) AS position FROM checkpoints WHERE stream = ${text(stream)} GROUP BY stream`,
      )
      return rows[0]?.position
    },
    setCheckpoints: (points) =>
      inTurn(async () => {
        if (points.length === 0) return
        const version = nextVersion()
        const lines = points.map(({ stream, position }) => tabLine([stream, position, version])).join('\n')
        await open().insert('checkpoints', ['stream', 'position', 'version'], lines, tokenOf(lines))
      }),
    query: async (sql, params) => open().rows(sql, params),
    forget: (before) =>
      inTurn(async () => {
        await forget(open(), before)
        cache?.removed()
      }),
    exportParquet: async (where, file) => writeParquet(scan(where), file),
    contentHash: async (where = {}) => {
      const hasher = contentHasher()
      for await (const event of scan(where)) hasher.add(event)
      return hasher.digest()
    },
    facts: async () => facts(open()),
    close: () =>
      inTurn(async () => {
        if (closed) return
        closed = true
        await engine.close()
      }),
  }
}

/** Runs tasks one after another, whatever becomes of each. */
function queue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const next = last.then(task, task)
    last = next.catch(() => undefined)
    return next
  }
}

let lastVersion = 0
/** Grows with every call, across processes as far as their clocks agree. */
function nextVersion(): number {
  lastVersion = Math.max(lastVersion + 1, Date.now() * 1000)
  return lastVersion
}

async function* scanEvents(open: () => SqlEngine, where: Filter): AsyncGenerator<MarketEvent> {
  let after: { time: number; id: string } | undefined
  for (;;) {
    const rows = await open().rows<EventRow>(eventsQuery(where, 'asc', SCAN_ROWS, after))
    for (const row of rows) yield eventOf(row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < SCAN_ROWS) return
    after = { time: last.ms, id: last.id }
  }
}

function eventsQuery(
  where: Filter,
  order: 'asc' | 'desc',
  limit: number,
  after: { time: number; id: string } | undefined,
): string {
  const sign = order === 'asc' ? '>' : '<'
  const start = after
    ? ` AND time ${sign}= ${instant(after.time)} AND (time ${sign} ${instant(after.time)} OR id ${sign} ${text(after.id)})`
    : ''
  return `SELECT ${EVENT_SELECT} FROM events WHERE ${condition(where)}${start} ORDER BY time ${order}, id ${order} LIMIT ${limit}`
}

async function pageOf(engine: SqlEngine, { where, order, limit, after }: Page): Promise<readonly MarketEvent[]> {
  if (order !== 'largest') return (await engine.rows<EventRow>(eventsQuery(where, order, limit, after))).map(eventOf)
  return largest(engine, where, limit)
}

/** The greatest values: first the days they lie in and the least that can be among them, from stored sums; then the events. */
async function largest(engine: SqlEngine, where: Filter, limit: number): Promise<readonly MarketEvent[]> {
  const sql = largestDaysQuery(where, limit)
  const found = sql === undefined ? [] : await engine.rows<{ day: number; best: number | null }>(sql)
  const days = found.filter((one): one is { day: number; best: number } => one.best !== null)
  const spans =
    sql === undefined
      ? ''
      : ` AND ${largestSpans(
          where,
          days.map(({ day }) => day),
        )}`
  const least = days.length < limit ? '' : ` AND usd >= ${Math.min(...days.map(({ best }) => best))}`
  const rows = await engine.rows<EventRow>(
    `SELECT ${EVENT_SELECT} FROM events WHERE ${condition(where)}${spans} AND isNotNull(usd)${least} ORDER BY usd DESC, id LIMIT ${limit}`,
  )
  return rows.map(eventOf)
}

async function latest(engine: SqlEngine, type: string, at: UnixMs, where: Filter): Promise<readonly MarketEvent[]> {
  const rows = await engine.rows<EventRow>(
    `SELECT ${EVENT_SELECT} FROM events WHERE (venue, instrument, time, id) IN (
      SELECT venue, instrument, (max((time, id)) AS newest).1, newest.2 FROM events
      WHERE type = ${text(type)} AND time <= ${instant(at)} AND ${condition(where)} GROUP BY venue, instrument)`,
  )
  const keyed = rows.map(eventOf).map((event) => ({ event, key: instrumentKey(event) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ event }) => event)
}

type RejectRow = {
  readonly venue: string
  readonly ms: number
  readonly code: string
  readonly reason: string
  readonly raw: string
  readonly receipt: string
}

async function reject(engine: SqlEngine, records: readonly Rejected[]): Promise<void> {
  const fresh = new Map(records.map((record) => [tokenOf(rejectedKey(record)), record]))
  if (fresh.size === 0) return
  const known = await engine.rows<{ key: string }>(
    `SELECT key FROM rejects WHERE key IN ${textList([...fresh.keys()])} GROUP BY key`,
  )
  for (const { key } of known) fresh.delete(key)
  if (fresh.size === 0) return
  const lines = [...fresh.entries()].map(([key, { venue, received, code, reason, raw, receipt }]) =>
    tabLine([key, venue, received, code, reason, raw, receipt ? JSON.stringify(receipt) : '']),
  )
  const columns = ['key', 'venue', 'received', 'code', 'reason', 'raw', 'receipt']
  await engine.insert('rejects', columns, lines.join('\n'), tokenOf(lines.join('\n')))
}

async function rejected(engine: SqlEngine, limit: number) {
  const counts = await engine.rows<{ venue: string; code: string; count: number }>(
    'SELECT venue, code, uniqExact(key) AS count FROM rejects GROUP BY venue, code ORDER BY venue, code',
  )
  const rows = await engine.rows<RejectRow>(
    `SELECT venue, toUnixTimestamp64Milli(received) AS ms, code, reason, raw, receipt FROM rejects ORDER BY received DESC, key LIMIT 1 BY key LIMIT ${limit}`,
  )
  const newest = rows.map(
    ({ venue, ms, code, reason, raw, receipt }): Rejected => ({
      venue,
      received: ms as UnixMs,
      code,
      reason,
      raw,
      ...(receipt === '' ? {} : { receipt: JSON.parse(receipt) }),
    }),
  )
  return { counts, newest }
}

async function aggregate(engine: SqlEngine, question: Aggregate, cache: AccountsCache | undefined) {
  const ask = (days?: readonly number[]) => engine.rows<AccountsRow>(accountsQuery(question, days))
  const sums = engine.rows<SumsRow>(sumsQuery(question))
  const { from, to } = question.where
  // A short window is asked both at once; a long one asks for accounts only where there are any.
  if (from !== undefined && to !== undefined && to - from <= 3 * DAY)
    return aggregateRows(question.by, ...(await Promise.all([sums, ask()])))
  const rows = await sums
  if (!rows.some((row) => row.accountEvents > 0)) return aggregateRows(question.by, rows, [])
  return aggregateRows(question.by, rows, await (cache ? cache.answer(question, ask) : ask()))
}

async function forget(engine: SqlEngine, before: UnixMs): Promise<void> {
  const place = { cluster: engine.cluster }
  const deletion = (table: string, column: string) =>
    `ALTER TABLE ${localName(table, place)} DELETE WHERE ${column} < ${instant(before)} SETTINGS mutations_sync = 1`
  await engine.everywhere(deletion('events', 'time'), 'any')
  await engine.everywhere(deletion('rejects', 'received'), 'any')
}

async function facts(engine: SqlEngine): Promise<StoreFacts> {
  const [events] = await engine.rows<{ n: number; first: number; last: number }>(
    'SELECT count() AS n, toUnixTimestamp64Milli(min(time)) AS first, toUnixTimestamp64Milli(max(time)) AS last FROM events',
  )
  const [rejects] = await engine.rows<{ n: number }>('SELECT uniqExact(key) AS n FROM rejects')
  const [disk] = await engine.rows<{ bytes: number }>(
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()`,
  )
  const n = events?.n ?? 0
  return {
    engine: engine.name,
    schemaVersion: await schemaVersion(engine),
    events: n,
    rejected: rejects?.n ?? 0,
    first: n === 0 ? undefined : (events?.first as UnixMs),
    last: n === 0 ? undefined : (events?.last as UnixMs),
    diskBytes: disk?.bytes,
  }
}
