/**
 * Computes the table of daily figures that ships with the package (lib/data/daily.json) from public events, through our own importers and answers.
 * Usage: npx tsx scripts/make-daily.ts FOLDER-OF-DATA-SETS
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Records } from '../lib/analytics/index.ts'
import { importFile } from '../lib/cli/import.ts'
import { detect } from '../lib/feed/index.ts'
import type { UnixMs } from '../lib/model/index.ts'
import { type AnswerContext, memoryStore, recordsAnswer, type ShippedRecord } from '../lib/store/index.ts'

const SETS = [
  {
    folder: 'aave-v2-liquidations',
    venue: 'aave-v2',
    kind: 'loan',
    from: 'LiquidationCall events of Aave v2 on Ethereum, main and AMM pool, 2020-12-17 to 2022-04-03, hourly prices',
  },
] as const

const [data] = process.argv.slice(2)
if (data === undefined) throw new Error('usage: npx tsx scripts/make-daily.ts FOLDER-OF-DATA-SETS')

const records: ShippedRecord[] = []
for (const { folder, venue, kind, from } of SETS) {
  const context: AnswerContext = { store: memoryStore(), now: Date.now() as UnixMs, silent: [], shipped: [] }
  const { tasks } = await detect(join(data, folder))
  for (const task of tasks) await importFile(context.store, task, false)
  const answer = await recordsAnswer(context, { src: venue, limit: '5000', order: 'recent' })
  records.push({ venue, kind, from, method: answer.data.method, days: answer.data.days.map(figures).reverse() })
}
const lines = records.map(
  ({ days, ...record }) =>
    `${JSON.stringify(record).slice(0, -1)},"days":[\n${days.map((day) => JSON.stringify(day)).join(',\n')}\n]}`,
)
await writeFile(new URL('../lib/data/daily.json', import.meta.url), `{"records":[\n${lines.join(',\n')}\n]}\n`)
process.stdout.write(`${records.map(({ venue, days }) => `${venue}: ${days.length} days`).join('\n')}\n`)

function figures({
  day,
  usd,
  events,
  unpriced,
  accounts,
  largest,
  bound,
}: Records['days'][number]): ShippedRecord['days'][number] {
  return {
    day,
    usd: Math.round(usd * 100) / 100,
    events,
    unpriced,
    accounts,
    largest: largest && { usd: Math.round(largest.usd * 100) / 100 },
    bound,
  }
}
