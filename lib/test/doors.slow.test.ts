/** One answer, many doors: library on memory, CLI on the embedded store, CLI on a ClickHouse server and HTTP give the same data, byte for byte. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi } from '../api/index.ts'
import { importFile } from '../cli/import.ts'
import { shippedDays } from '../cli/shipped.ts'
import { detect } from '../feed/index.ts'
import { canonical, prng, silent, type UnixMs } from '../model/index.ts'
import { type AnswerContext, memoryStore, recordsAnswer, reportAnswer, totalsAnswer } from '../store/index.ts'
import { type ClickhouseServer, clickhouseServer } from './clickhouse-server.ts'
import { compiled, run } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-doors-'))
const file = join(folder, 'liquidations.csv')
const random = prng('doors')
const rows = ['exchange,symbol,timestamp,local_timestamp,id,side,price,amount']
for (let i = 0; i < 4_000; i++) {
  const time = Date.UTC(2024, 7, 1) * 1000 + Math.floor(random.next() * 10 * 86_400e6)
  rows.push(
    `${random.pick(['binance-futures', 'bybit'])},${random.pick(['BTCUSDT', 'ETHUSDT'])},${time},${time},${i},${random.pick(['buy', 'sell'])},${(random.next() * 5e4 + 1).toFixed(1)},${(random.exponential(2) + 0.001).toFixed(3)}`,
  )
}
writeFileSync(file, `${rows.join('\n')}\n`)

const QUESTIONS = [
  ['totals', 'totals', { at: '2024-08-05', by: 'venue,side' }],
  ['worst', 'records', { venue: 'bybit', limit: '5' }],
  ['report', 'report', { at: '2024-08-05' }],
] as const

describe.skipIf(!compiled)('every door gives the same answer', () => {
  const context: AnswerContext = { store: memoryStore(), now: Date.now() as UnixMs, silent: [], shipped: [] }
  const expected = new Map<string, string>()
  let server: ClickhouseServer
  beforeAll(async () => {
    const shipped = await shippedDays()
    for (const task of (await detect(file)).tasks) await importFile(context.store, task, false)
    const answers = { totals: totalsAnswer, records: recordsAnswer, report: reportAnswer }
    for (const [, route, params] of QUESTIONS)
      expected.set(route, canonical((await answers[route]({ ...context, shipped }, params)).data))
    server = await clickhouseServer()
  })
  afterAll(() => server?.remove())

  const viaProgram = async (place: readonly string[]) => {
    const imported = await run(['import', file, '--json', ...place])
    expect(imported.code, imported.stderr).toBe(0)
    for (const [verb, route, params] of QUESTIONS) {
      const words = Object.entries(params).flatMap(([name, value]) => [`--${name}`, value])
      const { stdout, stderr } = await run([verb, ...words, '--json', ...place])
      expect(stderr).toBe('')
      expect(canonical((JSON.parse(stdout) as { data: unknown }).data), `${verb} ${place.join(' ')}`).toBe(
        expected.get(route),
      )
    }
  }
  it('the program on the embedded store', () => viaProgram(['--data', join(folder, 'embedded')]), 120_000)
  it(
    'the program on a ClickHouse server',
    () => viaProgram(['--clickhouse', server.url('doors'), '--data', join(folder, 'server')]),
    120_000,
  )
  it('HTTP', async () => {
    const api = await startApi({
      host: '127.0.0.1',
      port: 0,
      store: context.store,
      clock: { now: () => context.now },
      log: silent,
      status: () => [],
      mode: () => 'recorded',
      version: 'test',
      shipped: await shippedDays(),
    })
    try {
      for (const [, route, params] of QUESTIONS) {
        const text = await (await fetch(`${api.address}/v1/${route}?${new URLSearchParams(params)}`)).text()
        expect(text.includes(expected.get(route) as string), route).toBe(true)
      }
    } finally {
      await api.close()
    }
  })
})
