/** What every store must do, as one suite: run on memory, on the embedded engine, on a server and on a cluster. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Filter, GroupKey } from '../analytics/index.ts'
import { DAY, fromWire, HOUR, type MarketEvent, type UnixMs } from '../model/index.ts'
import { memoryStore } from './memory.ts'
import { everyEvent, randomBatches, refusal, SAMPLE_TIME } from './sample.ts'
import type { Store } from './store.ts'

const at = (ms: number) => ms as UnixMs
const MIDNIGHT = at(SAMPLE_TIME - (SAMPLE_TIME % DAY))

/** Questions whose answers must be equal on every engine: raw, by stored sums, with and without every filter. */
const GROUPS: readonly (readonly GroupKey[])[] = [
  [], ['day'], ['hour'], ['minute'], ['venue', 'side'], ['kind', 'source'], ['protocol', 'chain'], ['coin'], ['day', 'coin'], ['day', 'venue', 'kind'],
] // biome-ignore format: one list
const FILTERS: readonly Filter[] = [
  {},
  { from: MIDNIGHT, to: at(MIDNIGHT + 2 * DAY) },
  { from: at(MIDNIGHT + HOUR), to: at(MIDNIGHT + 30 * HOUR) },
  { from: at(SAMPLE_TIME + 1), to: at(SAMPLE_TIME + DAY + 1) },
  { from: at(SAMPLE_TIME - DAY + 1), to: at(SAMPLE_TIME + 2.5 * DAY + 1) },
  { from: at(SAMPLE_TIME - 4 * DAY), coins: ['ETH', 'BTC'] },
  { kinds: ['perp'], sides: ['long', 'unknown'] },
  { kinds: ['loan'], protocols: ['aave-v2', 'maker'], chains: ['ethereum'] },
  { coins: ['BTC', 'ETH'], minUsd: 100 },
  { account: '0x3', sources: ['live'] },
  { types: ['perp-liquidation', 'trade'], coins: ['SOL'] },
  { types: ['gap'] },
  { venues: [] },
]

async function all(store: Store, where: Filter): Promise<MarketEvent[]> {
  const events: MarketEvent[] = []
  for await (const event of store.scan(where)) events.push(event)
  return events
}

/** Compares everything that can be asked of two stores about some venues. */
export async function expectAlike(store: Store, model: Store, venues: readonly string[]): Promise<void> {
  for (const filter of FILTERS) {
    const where = { venues, ...filter }
    for (const by of GROUPS) expect(await store.aggregate({ where, by })).toEqual(await model.aggregate({ where, by }))
    for (const order of ['asc', 'desc', 'largest'] as const)
      expect(await store.page({ where, order, limit: 7 })).toEqual(await model.page({ where, order, limit: 7 }))
  }
  expect(await all(store, { venues })).toEqual(await all(model, { venues }))
  expect(await store.contentHash({ venues })).toBe(await model.contentHash({ venues }))
}

/** Runs the suite. `open` gives an empty store; `runs` random histories are compared with the memory store. */
export function storeContract(name: string, open: () => Promise<Store>, runs = 20): void {
  describe(`the ${name} store`, () => {
    let store: Store
    beforeAll(async () => {
      store = await open()
    })
    afterAll(async () => {
      await store?.close()
    })
    const get = () => store
    keepsEvents(get)
    pagesAndSides(get)
    keepsTheRest(get)
    it('answers random histories as the memory store does', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 120 }), async (seed, count) => {
          const venues: [string, string] = [`${name}-${run}-a`, `${name}-${run++}-b`]
          const model = memoryStore()
          for (const batch of randomBatches(`${run}/${seed}`, count, venues))
            expect(await store.append(batch)).toEqual(await model.append(batch))
          await expectAlike(store, model, venues)
        }),
        { numRuns: runs, endOnFailure: true },
      )
    })
    it('refuses work after it is closed', async () => {
      await store.close()
      await expect(store.append(everyEvent('closed'))).rejects.toMatchObject({ code: 'store-closed' })
      await expect(store.aggregate({ where: {}, by: [] })).rejects.toMatchObject({ code: 'store-closed' })
    })
  })
}

function keepsEvents(store: () => Store): void {
  it('gives back every field of every type without loss', async () => {
    const events = everyEvent('every')
    expect(await store().append(events)).toEqual({ stored: events.length, duplicates: 0, retracted: 0 })
    expect(await all(store(), { venues: ['every'] })).toEqual(events)
    expect(await store().get('every/2')).toEqual(events[2])
    expect(await store().get('every/nothing')).toBeUndefined()
  })

  it('keeps the same id once, within a batch and across batches, also when two are written at the same time', async () => {
    const [one, two] = everyEvent('twice') as [MarketEvent, MarketEvent]
    expect(await store().append([one, one, two])).toEqual({ stored: 2, duplicates: 1, retracted: 0 })
    const [a, b] = await Promise.all([store().append(everyEvent('twice')), store().append(everyEvent('twice'))])
    expect(a.stored + b.stored).toBe(everyEvent('twice').length - 2)
    expect(await all(store(), { venues: ['twice'] })).toHaveLength(everyEvent('twice').length)
    // Heard again much later, when only the time of receipt stands for its time.
    const later = { ...one, time: at(one.time + 40 * DAY), received: at(one.time + 40 * DAY) }
    expect(await store().append([later])).toEqual({ stored: 0, duplicates: 1, retracted: 0 })
  })

  it('takes a withdrawn event out of rows and sums, whichever comes first', async () => {
    const [one, two] = everyEvent('back').slice(2, 4) as [MarketEvent, MarketEvent]
    const withdraw = (of: MarketEvent): MarketEvent => {
      const { venue, time, received, source } = of
      return { id: `${of.id}/r`, venue, time, received, source, type: 'retraction', of: of.id, why: 'reorganised' }
    }
    const where = { venues: ['back'] }
    await store().append([one, withdraw(two)])
    expect((await store().aggregate({ where, by: ['day'] }))[0]).toMatchObject({ events: 1, usd: 1000 })
    expect(await store().append([two])).toEqual({ stored: 0, duplicates: 0, retracted: 1 })
    expect(await store().append([withdraw(one)])).toEqual({ stored: 1, duplicates: 0, retracted: 1 })
    expect(await store().aggregate({ where, by: ['day'] })).toEqual([])
    expect(await store().append([one, withdraw(one)])).toEqual({ stored: 0, duplicates: 1, retracted: 1 })
    expect((await all(store(), where)).map(({ type }) => type)).toEqual(['retraction', 'retraction'])
  })

  it('has one content hash, whatever the order, time and source of receipt', async () => {
    const events = everyEvent('hash').slice(1)
    await store().append(events)
    const other = memoryStore()
    const shifted = events.map((event) => ({ ...event, received: at(event.received + 9), source: 'live' as const }))
    for (const event of shifted.reverse()) await other.append([event])
    const where = { venues: ['hash'] }
    expect(await store().contentHash(where)).toBe(await other.contentHash(where))
    await other.append(everyEvent('hash').slice(0, 1))
    expect(await store().contentHash(where)).not.toBe(await other.contentHash(where))
  })
}

function pagesAndSides(store: () => Store): void {
  it('pages through everything once, both ways', async () => {
    for (const batch of randomBatches('pages', 90, ['pages'])) await store().append(batch)
    const where = { venues: ['pages'] }
    const whole = await all(store(), where)
    for (const order of ['asc', 'desc'] as const) {
      const seen: MarketEvent[] = []
      for (;;) {
        const last = seen.at(-1)
        const page = await store().page({ where, order, limit: 11, ...(last ? { after: last } : {}) })
        seen.push(...page)
        if (page.length < 11) break
      }
      expect(order === 'asc' ? seen : seen.reverse()).toEqual(whole)
    }
  })

  it('knows the newest of each instrument at any time', async () => {
    const mark = (instrument: string, ms: number, price: number): MarketEvent => ({
      id: `latest/${instrument}/${ms}`,
      venue: 'latest',
      time: at(SAMPLE_TIME + ms),
      received: at(SAMPLE_TIME + ms),
      source: 'live',
      type: 'mark',
      instrument,
      coin: instrument,
      price,
    })
    await store().append([mark('B', 2, 22), mark('A', 1, 11), mark('A', 3, 13), mark('B', 1, 21)])
    const prices = async (ms: number) =>
      (await store().latest('mark', at(SAMPLE_TIME + ms), { venues: ['latest'] })).map(
        (event) => event.type === 'mark' && event.price,
      )
    expect(await prices(9)).toEqual([13, 22])
    expect(await prices(1)).toEqual([11, 21])
    expect(await prices(0)).toEqual([])
  })
}

function keepsTheRest(store: () => Store): void {
  it('keeps refused records once, with their raw text', async () => {
    const records = [
      refusal('r', 'x\u0000\t"\\N\r\n\r', at(1.7e12)),
      refusal('r', 'y', at(1.8e12), 3),
      refusal('s', 'y', at(1.6e12)),
    ]
    await store().reject(records)
    await store().reject([...records, refusal('r', 'other text of the same line', at(1.9e12), 3)])
    const { counts, newest } = await store().rejected(2)
    expect(counts).toEqual([
      { venue: 'r', code: 'bad-frame', count: 2 },
      { venue: 's', code: 'bad-frame', count: 1 },
    ])
    expect(newest).toEqual([records[1], records[0]])
  })

  it('remembers the last checkpoint of each stream', async () => {
    expect(await store().checkpoint('a')).toBeUndefined()
    await store().setCheckpoints([
      { stream: 'a', position: '1' },
      { stream: "b'\\", position: 'p' },
    ])
    await store().setCheckpoints([{ stream: 'a', position: '2' }])
    expect(await store().checkpoint('a')).toBe('2')
    expect(await store().checkpoint("b'\\")).toBe('p')
  })

  it('exports what passes to Parquet, the whole event in its last column', async () => {
    const file = join(tmpdir(), `breakwater-${process.pid}-${Math.floor(performance.now() * 1e3)}.parquet`)
    const events = everyEvent('parquet')
    await store().append(events)
    expect(await store().exportParquet({ venues: ['parquet'] }, file)).toBe(events.length)
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) })
    rmSync(file)
    expect(rows.map((row) => fromWire(row['event'] as string))).toEqual(events)
    expect(rows[2]).toMatchObject({ id: 'parquet/2', coin: 'WETH', kind: 'loan', usd: 1000, side: 'unknown' })
    expect(rows[1]?.['usd'] ?? null).toBeNull()
  })

  it('forgets what is older than asked, and nothing else', async () => {
    await store().append(everyEvent('old').map((event) => ({ ...event, time: at(event.time - 900 * DAY) })))
    const before = (await store().facts()).events
    await store().forget(at(SAMPLE_TIME - 400 * DAY))
    const facts = await store().facts()
    expect(facts.events).toBe(before - everyEvent('old').length)
    expect(facts.first).toBeGreaterThan(SAMPLE_TIME - DAY)
    expect(await store().aggregate({ where: { venues: ['old'] }, by: ['day'] })).toEqual([])
  })
}
