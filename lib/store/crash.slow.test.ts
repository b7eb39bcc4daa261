/** What a power cut or a kill leaves behind, and who may open a data directory. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { DAY, type MarketEvent, prng, type UnixMs } from '../model/index.ts'
import { embeddedStore } from './embedded.ts'
import { openStore } from './open-store.ts'
import { sumsQuery } from './queries.ts'
import { everyEvent, randomLiquidation, SAMPLE_TIME } from './sample.ts'
import type { Store } from './store.ts'

const WRITER = fileURLToPath(new URL('../test/store-writer-process.ts', import.meta.url))
const fresh = () => mkdtempSync(join(tmpdir(), 'breakwater-crash-'))

/** Starts the writer at a batch and kills it the given time after its first acknowledgement; the last batch acknowledged. */
async function writeAndKill(directory: string, first: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, directory, `${first}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let last = first - 1
  let text = ''
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  child.stdout.on('data', (data) => {
    if (text === '') setTimeout(() => child.kill('SIGKILL'), afterMs)
    text += data
    last = Number(text.split('\n').at(-2))
  })
  await new Promise((resolve) => child.once('close', resolve))
  if (child.signalCode !== 'SIGKILL') throw new Error(`the writer ended by itself: ${said}`)
  return last
}

async function all(store: Store): Promise<MarketEvent[]> {
  const events: MarketEvent[] = []
  for await (const event of store.scan({})) events.push(event)
  return events
}

it('keeps every acknowledged event once through ten kills, with sums equal to rows', async () => {
  const directory = fresh()
  const random = prng(`${process.pid}`)
  let next = 0
  for (let round = 0; round < 10; round++) {
    const last = await writeAndKill(directory, next, random.int(400))
    const store = await embeddedStore(directory)
    const events = await all(store)
    const ids = new Set(events.map(({ id }) => id))
    expect(ids.size).toBe(events.length)
    const withdrawn = new Set(events.flatMap((event) => (event.type === 'retraction' ? [event.of] : [])))
    for (const id of withdrawn) expect(ids.has(id), `${id} was withdrawn`).toBe(false)
    const lost: string[] = []
    for (let batch = 0; batch <= last; batch++)
      for (let i = 0; i < 50; i++)
        if (!ids.has(`${batch}/${i}`) && !withdrawn.has(`${batch}/${i}`)) lost.push(`${batch}/${i}`)
    expect(lost).toEqual([])
    const question = { where: {}, by: ['day', 'kind'] as const }
    const rows = await store.query(`${sumsQuery(question)} ORDER BY ALL SETTINGS optimize_use_projections = 0`)
    const sums = await store.query(`${sumsQuery(question)} ORDER BY ALL SETTINGS force_optimize_projection = 1`)
    expect(sums).toEqual(rows)
    await store.close()
    // The batch that was under way is written again: what of it was stored already is not stored twice.
    next = last + 1
  }
})

it('belongs to one process at a time, and is taken over from a dead one', async () => {
  const directory = fresh()
  const store = await openStore({ data: directory, lockUrl: 'http://127.0.0.1:1234' })
  await expect(openStore({ data: directory })).rejects.toMatchObject({
    code: 'data-directory-locked',
    values: { pid: process.pid, url: 'http://127.0.0.1:1234' },
    fix: expect.stringContaining('--data'),
  })
  await store.append(everyEvent('kept'))
  await store.close()
  writeFileSync(join(directory, 'breakwater.lock'), JSON.stringify({ pid: 2 ** 30, started: '1' }))
  const next = await openStore({ data: directory })
  expect(JSON.parse(readFileSync(join(directory, 'breakwater.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
  expect((await next.facts()).events).toBe(everyEvent('kept').length)
  await next.close()
})

it('brings an older schema to this one without losing a row, and refuses a newer one', async () => {
  const directory = fresh()
  const store = await embeddedStore(directory)
  const random = prng('old')
  await store.append(Array.from({ length: 300 }, (_, i) => randomLiquidation(random, `${i}`, 'old')))
  const hash = await store.contentHash()
  const question = { where: { coins: ['BTC'] }, by: ['day'] as const }
  const answer = await store.aggregate(question)
  // What version 1 looked like.
  await store.query('ALTER TABLE events DROP PROJECTION by_day_and_coin SETTINGS mutations_sync = 1')
  await store.query('ALTER TABLE schema_versions DELETE WHERE version > 1 SETTINGS mutations_sync = 1')
  await store.close()
  const newer = await embeddedStore(directory)
  expect((await newer.facts()).schemaVersion).toBe(2)
  expect(await newer.contentHash()).toBe(hash)
  expect(await newer.aggregate(question)).toEqual(answer)
  await newer.query(`${sumsQuery(question)} SETTINGS force_optimize_projection = 1`)
  await newer.query("INSERT INTO schema_versions (version, about) VALUES (99, 'of tomorrow')")
  await newer.close()
  await expect(embeddedStore(directory)).rejects.toMatchObject({ code: 'store-unsupported', values: { found: 99 } })
})

it('answers whole days from stored sums, whatever the filter', async () => {
  const store = await embeddedStore(fresh())
  const random = prng('sums')
  await store.append(Array.from({ length: 300 }, (_, i) => randomLiquidation(random, `${i}`, 'sums')))
  const midnight = (SAMPLE_TIME - (SAMPLE_TIME % DAY)) as UnixMs
  const filters = [{}, { kinds: ['perp'] as const }, { venues: ['sums'], sides: ['long'] as const }, { from: midnight }]
  for (const where of filters)
    for (const by of [[], ['day'], ['venue', 'side'], ['hour']] as const)
      await store.query(`${sumsQuery({ where, by })} SETTINGS force_optimize_projection = 1`)
  await store.query(
    `${sumsQuery({ where: { coins: ['BTC'] }, by: ['day', 'coin'] })} SETTINGS force_optimize_projection = 1`,
  )
  await store.close()
})
