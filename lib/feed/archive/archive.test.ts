/** Importers: wrappings, long lines, missing columns, broken rows, resumption, and the same ids from the same bytes. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { parquetWriteFile } from 'hyparquet-writer'
import * as lz4 from 'lz4js'
import { describe, expect, it } from 'vitest'
import type { MarketEvent, UnixMs } from '../../model/index.ts'
import { toWire } from '../../model/index.ts'
import { binanceSnapshot } from './binance-snapshot.ts'
import { breakwaterEvents } from './breakwater-events.ts'
import type { Chunk, Importer } from './importer.ts'
import { readLines } from './lines.ts'
import { type Mapping, readMapping } from './mapping.ts'
import { tableImporter } from './table.ts'
import { tardis } from './tardis.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-archive-'))
let files = 0
function file(content: string | Uint8Array, name = 'file.csv'): string {
  const path = join(folder, `${files++}-${name}`)
  writeFileSync(path, content)
  return path
}

async function all(
  importer: Importer,
  path: string,
  from?: string,
): Promise<{ events: MarketEvent[]; rejected: Chunk['rejected'][number][]; chunks: Chunk[] }> {
  const chunks: Chunk[] = []
  for await (const chunk of importer.read(path, { received: 1_700_000_000_000 as UnixMs, from })) chunks.push(chunk)
  return {
    events: chunks.flatMap((chunk) => chunk.events),
    rejected: chunks.flatMap((chunk) => chunk.rejected),
    chunks,
  }
}

async function lines(path: string, longest?: number) {
  const found = []
  for await (const line of readLines(path, longest)) found.push(line)
  return found
}

describe('lines', () => {
  it('are the same whatever the wrapping', async () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `row ${i} ${'é'.repeat(i % 7)}`).join('\n')
    const plain = (await lines(file(text))).map((line) => line.text)
    expect(plain).toEqual(text.split('\n'))
    expect((await lines(file(gzipSync(text)))).map((line) => line.text)).toEqual(plain)
    expect((await lines(file(lz4.compress(Buffer.from(text))))).map((line) => line.text)).toEqual(plain)
    const twoFrames = Buffer.concat([lz4.compress(Buffer.from(`${text}\n`)), lz4.compress(Buffer.from('end'))])
    expect((await lines(file(twoFrames))).map((line) => line.text)).toEqual([...plain, 'end'])
  })
  it('take any text, with \\n and \\r\\n', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string().map((text) => text.replace(/[\r\n]/g, ''))),
        fc.constantFrom('\n', '\r\n'),
        async (rows, newline) => {
          const read = await lines(file(rows.map((row) => row + newline).join('')))
          expect(read.map((line) => line.text)).toEqual(rows)
        },
      ),
      { numRuns: 30 },
    )
  })
  it('beyond the limit are reported with their length and beginning, and the next line is read', async () => {
    const read = await lines(file(`short\n${'x'.repeat(10_000)}\nafter`), 5_000)
    expect(read.map((line) => [line.text.slice(0, 5), line.tooLong?.bytes])).toEqual([
      ['short', undefined],
      ['xxxxx', 10_000],
      ['after', undefined],
    ])
    expect(read[1]?.text.length).toBeLessThan(5_000)
  })
  it('of a cut lz4 file are refused as damage, never silently ended', async () => {
    const whole = lz4.compress(Buffer.from('abc\n'.repeat(10_000)))
    await expect(lines(file(whole.slice(0, whole.length - 9)))).rejects.toThrowError(/damaged lz4/)
  })
})

const SNAPSHOT = `time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,accumulated_fill_quantity
1687651200123,SELL,LIMIT,IOC,0.500,30000.1,30100.0,FILLED,0.100,0.500
1687651201123,BUY,LIMIT,IOC,0.2,30000.1,30200.0,FILLED,0.2,0.2
1687651201123,BUY,LIMIT,IOC,0.2,30000.1,30200.0,FILLED,0.2,0.2
168765120112,BUY,LIMIT,IOC,0.2,30000.1,30200.0,FILLED,0.2,0.2
1687651202123,HOLD,LIMIT,IOC,0.2,30000.1,30200.0,FILLED,0.2,0.2
1687651203123,BUY,LIMIT,IOC,0.2,30000.1,NaN,FILLED,0.2,0.2
`

describe('binance-snapshot', () => {
  it('reads the position side and the accumulated size, keeps equal rows apart, and refuses broken ones', async () => {
    const { events, rejected } = await all(
      binanceSnapshot,
      fileNamed('BTCUSDT-liquidationSnapshot-2023-06-25.csv', SNAPSHOT),
    )
    expect(events).toMatchObject([
      {
        venue: 'binance-um',
        side: 'long',
        size: 0.5,
        price: 30_100,
        usd: 15_050,
        time: 1_687_651_200_123,
        source: 'recorded',
      },
      { side: 'short', size: 0.2 },
      { side: 'short', size: 0.2 },
    ])
    expect(new Set(events.map((event) => event.id)).size).toBe(3)
    expect(rejected.map((record) => record.receipt?.line)).toEqual([5, 6, 7])
    for (const record of rejected) expect(SNAPSHOT).toContain(record.raw)
  })
  it('counts COIN-M contracts in dollars', async () => {
    const { events } = await all(binanceSnapshot, fileNamed('ETHUSD_PERP-liquidationSnapshot-2023-06-25.csv', SNAPSHOT))
    expect(events[0]).toMatchObject({ venue: 'binance-cm', usd: 5, contracts: 0.5 })
  })
  it('names the missing column and those that are there', async () => {
    const path = fileNamed('BTCUSDT-liquidationSnapshot-2023-06-26.csv', 'time,side,price\n1,BUY,2\n')
    await expect(all(binanceSnapshot, path)).rejects.toThrowError(
      /lacks the columns average_price, accumulated_fill_quantity; it has time, side, price/,
    )
  })
})

function fileNamed(name: string, content: string): string {
  const path = join(mkdtempSync(join(folder, 'named-')), name)
  writeFileSync(path, content)
  return path
}

describe('tardis', () => {
  const header = 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n'
  it('turns the order side into the position side and knows what an amount is worth', async () => {
    const rows = [
      'binance-futures,BTCUSDT,1687651200123000,1687651200200000,,buy,30000,0.5',
      'deribit,BTC-PERPETUAL,1687651200123000,1687651200200000,77,sell,30000,3000',
      'okex-swap,BTC-USDT-SWAP,1687651200123000,1687651200200000,,sell,30000,7',
      'bitmex,ETHUSD,1687651200123000,1687651200200000,x,sell,1800,100',
      'nowhere,BTCUSDT,1687651200123000,1687651200200000,,buy,30000,0.5',
      'bybit,BTCUSDT,1687651200123000,1687651200200000,,buy,-3,0.5',
    ]
    const { events, rejected } = await all(tardis, file(header + rows.join('\n')))
    expect(events).toMatchObject([
      { venue: 'binance-um', coin: 'BTC', side: 'short', size: 0.5, usd: 15_000, received: 1_687_651_200_200 },
      { venue: 'deribit', coin: 'BTC', side: 'long', size: 0.1, usd: 3_000 },
      { venue: 'okx', coin: 'BTC', contracts: 7, usd: undefined, size: undefined },
      { venue: 'bitmex', coin: 'ETH', contracts: 100, usd: undefined },
    ])
    expect(rejected.map((record) => record.reason)).toEqual([
      expect.stringMatching(/exchange nowhere/),
      expect.stringMatching(/price -3/),
    ])
  })
})

const MAPPING: Mapping = {
  type: 'loan-liquidation',
  venue: { column: 'protocol', values: { aave_v3: 'aave-v3' } },
  protocol: { column: 'protocol', values: { aave_v3: 'aave-v3' } },
  time: { column: 'when', unit: 'iso' },
  key: ['id'],
  account: 'who',
  repaid: { asset: 'asset', amount: 'amount' },
  seized: { asset: 'coll' },
  chain: 'net',
}
const ROWS = [
  {
    id: 'a',
    protocol: 'aave_v3',
    when: '2026-08-06 13:15:55',
    who: '0x1',
    asset: 'USDC',
    amount: '12.5',
    coll: 'WETH',
    net: 'base',
  },
  {
    id: 'b',
    protocol: 'morpho',
    when: '2026-08-06T13:15:55+02:00',
    who: '0x2',
    asset: 'WETH',
    amount: '1',
    coll: 'WBTC',
    net: 'base',
  },
  { id: 'c', protocol: 'morpho', when: 'yesterday', who: '0x2', asset: 'WETH', amount: '1', coll: 'WBTC', net: 'base' },
]

describe('a table with a mapping', () => {
  const names = Object.keys(ROWS[0] as object) as (keyof (typeof ROWS)[number])[]
  const csv = file([names.join(','), ...ROWS.map((row) => names.map((name) => row[name]).join(','))].join('\n'))
  it('reads CSV, NDJSON and Parquet alike', async () => {
    const ndjson = file(ROWS.map((row) => JSON.stringify(row)).join('\n'), 'rows.ndjson')
    const parquet = join(folder, 'rows.parquet')
    await parquetWriteFile({
      filename: parquet,
      columnData: names.map((name) => ({ name, data: ROWS.map((row) => row[name]), type: 'STRING' as const })),
    })
    const read = await Promise.all([csv, ndjson, parquet].map((path) => all(tableImporter(MAPPING), path)))
    for (const { events, rejected } of read) {
      expect(events).toMatchObject([
        {
          venue: 'aave-v3',
          account: '0x1',
          usd: 12.5,
          usdBasis: 'dollar-par',
          time: Date.UTC(2026, 7, 6, 13, 15, 55),
          place: { chain: 'base' },
        },
        { venue: 'morpho', account: '0x2', usd: undefined, time: Date.UTC(2026, 7, 6, 11, 15, 55) },
      ])
      expect(rejected).toMatchObject([{ reason: expect.stringMatching(/when yesterday is no time/) }])
    }
    const ids = read.map(({ events }) => events.map((event) => event.id))
    expect(ids[1]).toEqual(ids[0])
    expect(ids[2]).toEqual(ids[0])
  })
  it('resumes after a position with the same ids', async () => {
    const whole = (await all(tableImporter(MAPPING), csv)).events
    expect((await all(tableImporter(MAPPING), csv, '2')).events).toEqual(whole.slice(1))
  })
  it('refuses a wrong mapping with the place of the mistake', async () => {
    const path = file(JSON.stringify({ ...MAPPING, time: { column: 'when', unit: 'weeks' }, colour: 'x' }), 'map.json')
    await expect(readMapping(path)).rejects.toThrowError(/time\.unit/)
    await expect(readMapping(join(folder, 'none.json'))).rejects.toThrowError(/no mapping file/)
    await expect(all(tableImporter({ ...MAPPING, account: 'nobody' }), csv)).rejects.toThrowError(
      /lacks the column nobody; it has id, protocol/,
    )
  })
})

describe('breakwater-events', () => {
  it('brings an export back with its ids, as recorded', async () => {
    const { events } = await all(
      tableImporter(MAPPING),
      file(`${Object.keys(ROWS[0] as object).join(',')}\n${Object.values(ROWS[0] as object).join(',')}`),
    )
    const exported = `${toWire({ ...(events[0] as MarketEvent), source: 'live' })}\nnot json\n`
    const back = await all(breakwaterEvents, file(exported, 'events.ndjson'))
    expect(back.events).toEqual(
      [{ ...events[0], source: 'recorded' }].map((event) => JSON.parse(toWire(event as MarketEvent))),
    )
    expect(back.rejected).toMatchObject([{ raw: 'not json' }])
  })
})
