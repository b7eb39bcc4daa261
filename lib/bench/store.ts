/** The embedded store: acknowledged inserts against the bare engine, and the questions of the terminal against their bare SQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from 'chdb'
import { DAY, type MarketEvent, prng, type UnixMs } from '../model/index.ts'
import { batchingWriter, embeddedStore, type Store } from '../store/index.ts'
import { EVENT_COLUMNS, eventLine } from '../store/rows.ts'
import { randomLiquidation } from '../store/sample.ts'
import type { BenchRow } from './row.ts'

const BATCH = 10_000
const FIRST = 1_660_000_000_000
/** Two years, so that a day holds `rows` / 730. */
const SPAN = 730 * DAY

/** Runs all of it on a fresh directory with `rows` rows (20 000 000 for the published figures) and `inserts` acknowledged inserts. */
export async function benchStore(rows = 2_000_000, inserts = 200_000): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-bench-'))
  const store = await embeddedStore(directory)
  try {
    const insert = await benchInserts(store, join(directory, 'store'), inserts)
    await store.query('TRUNCATE TABLE events')
    await generate(store, rows)
    await store.query('OPTIMIZE TABLE events FINAL')
    return [...insert, ...(await benchQuestions(store, rows)), await bytesPerRow(store, rows)]
  } finally {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function benchInserts(store: Store, path: string, count: number): Promise<BenchRow[]> {
  const random = prng('bench')
  const events = Array.from({ length: count }, (_, i): MarketEvent => {
    const id = `${random
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0')}${i.toString(16).padStart(24, '0')}`
    return { ...randomLiquidation(random, id, 'bench'), time: (FIRST + i) as UnixMs, received: (FIRST + i) as UnixMs }
  })
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => events.slice(i * BATCH, (i + 1) * BATCH))
  const lines = batches.map((batch) => Buffer.from(batch.map(eventLine).join('\n')))
  const bare = new Session(path)
  bare.query('USE breakwater')
  bare.query('CREATE TABLE bare AS events ENGINE = MergeTree ORDER BY (time, id)')
  for (const projection of ['by_day', 'by_hour', 'by_day_and_coin'])
    bare.query(`ALTER TABLE bare DROP PROJECTION ${projection}`)
  const started = performance.now()
  for (const values of lines)
    await bare.insert({ table: 'bare', columns: EVENT_COLUMNS, values, format: 'TabSeparated' })
  const bareRate = count / ((performance.now() - started) / 1000)
  bare.query('DROP TABLE bare')
  bare.close()
  const begun = performance.now()
  const writer = batchingWriter(store, { maxRows: BATCH, maxQueued: 4 * BATCH })
  const durable: Promise<unknown>[] = []
  for (const batch of batches) {
    await writer.ready()
    durable.push(writer.append(batch))
  }
  await Promise.all(durable)
  const rate = count / ((performance.now() - begun) / 1000)
  return [
    {
      workload: `store: acknowledged inserts, batches of ${BATCH}`,
      value: Math.round(rate),
      unit: 'events/s',
      against: `the same lines into a bare table without look-up, sums and fsync: ${Math.round(bareRate)} events/s`,
      ratio: rate / bareRate,
      goal: '≥ 200 000 events/s',
    },
  ]
}

/** Rows made by the engine itself, through the same table and sums: 12 venues, 200 coins, 12 % with one of 40 000 accounts. */
async function generate(store: Store, rows: number): Promise<void> {
  const step = 2_000_000
  for (let start = 0; start < rows; start += step)
    await store.query(`INSERT INTO events (${EVENT_COLUMNS.join(', ')})
      WITH sipHash64(number, 1) AS a, sipHash64(number, 2) AS b, a % 100 AS share,
        concat('C', toString(toUInt32(sqrt((b % 200) * 200)))) AS name,
        round(exp(2 + 8 * toFloat64(b) / 18446744073709551615), 4) AS size,
        fromUnixTimestamp64Milli(toInt64(${FIRST} + number * ${SPAN / rows} + b % 1000)) AS at
      SELECT lower(hex(sipHash128(number))), at, at,
        multiIf(share < 12, 'hyperliquid', share < 40, 'binance-um', share < 60, 'bybit', share < 75, 'okx', concat('venue-', toString(share % 8))),
        'live', 'perp-liquidation', 'perp', '', '', name, if(b % 2 = 0, 'long', 'short'), concat(name, 'USDT'),
        if(share < 12, concat('0x', lower(hex(sipHash128(b % 40000))), '00000000'), ''), size * 1.37,
        concat('{"instrument":"', name, 'USDT","coin":"', name, '","side":"', if(b % 2 = 0, 'long', 'short'), '","size":', toString(size),
          ',"price":1.37,"priceKind":"fill","usdBasis":"notional","receipt":{"file":"live/2022.rec","segment":"1","offset":', toString(number * 120), '}}')
      FROM numbers(${start}, ${Math.min(step, rows - start)})`)
}

async function benchQuestions(store: Store, rows: number): Promise<BenchRow[]> {
  const to = (FIRST + SPAN / 2 + 12_345) as UnixMs
  const day = { from: (to - DAY) as UnixMs, to }
  const sqlDay = `time >= fromUnixTimestamp64Milli(toInt64(${day.from})) AND time < fromUnixTimestamp64Milli(toInt64(${to}))`
  const bare = 'SETTINGS optimize_use_projections = 0'
  const sums = 'count(), sum(usd), max(usd), uniqExact(account)'
  const records = () => store.aggregate({ where: {}, by: ['day'] })
  const cold = performance.now()
  await records()
  const first = performance.now() - cold
  const measured: [string, () => Promise<unknown>, string][] = [
    [
      '24 h totals by venue and side',
      () => store.aggregate({ where: day, by: ['venue', 'side'] }),
      `SELECT venue, side, ${sums} FROM events WHERE ${sqlDay} GROUP BY venue, side ${bare}`,
    ],
    [
      '24 h totals',
      () => store.aggregate({ where: day, by: [] }),
      `SELECT ${sums} FROM events WHERE ${sqlDay} ${bare}`,
    ],
    ['day records, asked again', records, `SELECT toStartOfDay(time) AS d, ${sums} FROM events GROUP BY d ${bare}`],
    [
      'largest of all time',
      () => store.page({ where: {}, order: 'largest', limit: 10 }),
      `SELECT * FROM events ORDER BY usd DESC, id LIMIT 10 ${bare}`,
    ],
    [
      'newest page of 100',
      () => store.page({ where: { types: ['perp-liquidation'] }, order: 'desc', limit: 100 }),
      `SELECT * FROM events WHERE type = 'perp-liquidation' ORDER BY time DESC, id DESC LIMIT 100 ${bare}`,
    ],
  ]
  const result: BenchRow[] = []
  for (const [name, task, sql] of measured) {
    const ours = await median(task)
    const theirs = await median(() => store.query(sql))
    result.push(
      line(`store: ${name}, ${rows} rows`, ours, `the bare SQL over rows: ${theirs.toFixed(1)} ms`, ours / theirs),
    )
    if (sql.includes(' AS d'))
      result.push(
        line(
          `store: day records, first time (distinct accounts of ${rows} rows)`,
          first,
          `the bare SQL over rows: ${theirs.toFixed(1)} ms`,
          first / theirs,
        ),
      )
  }
  return result
}

function line(workload: string, ms: number, against: string, ratio: number): BenchRow {
  const goal = workload.includes('first time') ? undefined : '≤ 20 ms'
  return { workload, value: Math.round(ms * 10) / 10, unit: 'ms (median)', against, ratio, goal }
}

async function median(task: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 9; i++) {
    const started = performance.now()
    await task()
    times.push(performance.now() - started)
  }
  return times.sort((a, b) => a - b)[4] as number
}

async function bytesPerRow(store: Store, rows: number): Promise<BenchRow> {
  const { diskBytes } = await store.facts()
  const [raw] = await store.query<{ bytes: number }>(
    "SELECT sum(data_uncompressed_bytes) AS bytes FROM system.parts WHERE active AND table = 'events' AND database = currentDatabase()",
  )
  return {
    workload: 'store: bytes on disk per row, sums included',
    value: Math.round(((diskBytes ?? 0) / rows) * 10) / 10,
    unit: 'bytes',
    against: `uncompressed: ${Math.round((raw?.bytes ?? 0) / rows)} bytes`,
    ratio: (diskBytes ?? 0) / (raw?.bytes ?? 1),
    goal: '35–100 bytes',
  }
}
