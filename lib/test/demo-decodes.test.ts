/** The demo's frames are what the decoders expect: nothing refused, and what goes in as dollars and sides comes out. */
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, type UnixMs } from '../model/index.ts'
import { DEMO_VENUES, type DemoItem, demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { type Decoded, venue, venues } from '../venues/index.ts'

const from = Date.UTC(2026, 9, 1) as UnixMs

function session(): DemoItem[] {
  const items: DemoItem[] = []
  for (const item of demoSession({ seed: 7, from, crashAfterMs: 10 * MINUTE })) {
    if (receivedAt(item) > from + HOUR) return items
    items.push(item)
  }
  return items
}

const items = session()

/** Dollars and position side of every row as each venue's page describes them, read without a decoder. */
type Told = { readonly usd: number; readonly long: boolean | undefined; readonly coin: string }
type Rows = Record<string, string & number>
const rowsOf: Record<string, (frame: never) => Told[]> = {
  'binance-um': ({ e, o }: { e: string; o: Rows }) =>
    e === 'forceOrder' ? [{ usd: Number(o.z) * Number(o.ap), long: o.S === 'SELL', coin: coinFrom(o.s) }] : [],
  bybit: ({ topic, data }: { topic: string; data: Rows[] }) =>
    topic.startsWith('all')
      ? data.map((row) => ({ usd: Number(row.v) * Number(row.p), long: row.S === 'Buy', coin: coinFrom(row.s) }))
      : [],
  okx: ({ data }: { data: { instId: string; details?: Rows[] }[] }) =>
    data.flatMap(({ instId, details = [] }) =>
      details.map((row) => {
        const contract = demoInstruments('okx').get(instId)?.contractSize ?? Number.NaN
        return { usd: Number(row.sz) * contract * Number(row.bkPx), long: row.posSide === 'long', coin: coinFrom(instId) }
      }),
    ),
  htx: ({ data }: { data: Rows[] }) =>
    data.map((row) => ({ usd: Number(row.trade_turnover), long: row.direction === 'sell', coin: coinFrom(row.contract_code) })),
  gate: ({ result }: { result: Rows[] }) =>
    result.map((row) => {
      const contract = demoInstruments('gate').get(row.contract ?? '')?.contractSize ?? Number.NaN
      const usd = Math.abs(Number(row.size)) * contract * Number(row.price)
      return { usd, long: undefined, coin: coinFrom(row.contract) }
    }),
  bitget: ({ data }: { data: Rows[] }) =>
    data.map((row) => ({ usd: Number(row.amount), long: row.side === 'buy', coin: coinFrom(row.symbol) })),
  deribit: ({ params }: { params: { data: Rows[] } }) =>
    params.data.map((row) => ({ usd: Number(row.amount), long: row.direction === 'sell', coin: coinFrom(row.instrument_name) })),
  dydx: ({ id, contents }: { id: string; contents: { trades: Rows[] } }) =>
    contents.trades.map((row) => ({ usd: Number(row.size) * Number(row.price), long: row.side === 'SELL', coin: coinFrom(id) })),
} // biome-ignore format: one row a venue

function coinFrom(symbol: string | undefined): string {
  return /^(BTC|ETH|SOL|XRP|DOGE|HYPE)/.exec(symbol ?? '')?.[0] ?? ''
}

/** Dollars by coin and side. */
function sums(rows: readonly Told[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const { usd, long, coin } of rows) {
    const key = `${coin} ${long === undefined ? 'unknown' : long ? 'long' : 'short'}`
    sum[key] = (sum[key] ?? 0) + usd
  }
  return sum
}

describe.each(DEMO_VENUES.filter((id) => venues.has(id)))('the demo of %s', (id) => {
  const decode = venue(id).decoder({ instruments: demoInstruments(id) })
  const facts = items.flatMap((item) => (item.kind === 'frame' && item.venue === id ? decode(item) : []))
  it('is decoded without a refusal', () => {
    expect(facts.filter((fact) => fact.type === 'refused').slice(0, 3)).toEqual([])
    expect(facts.length).toBeGreaterThan(20)
  })
  it('has a key of its own for every event', () => {
    const keys = facts.map((fact) => (fact as Decoded).key)
    expect(new Set(keys).size).toBe(keys.length)
  })
  it('keeps every order, and its dollars by coin and side', () => {
    if (id === 'aave-v3')
      return expect(facts.every((fact) => fact.type === 'loan-liquidation' && fact.usd !== undefined)).toBe(true)
    const told = items.flatMap((item) =>
      item.kind === 'frame' && item.venue === id ? (rowsOf[id]?.(JSON.parse(item.text) as never) ?? []) : [],
    )
    const closed = facts.filter((fact) => fact.type === 'perp-liquidation')
    expect(closed).toHaveLength(told.length)
    const heard = sums(
      closed.map(({ usd, side, coin }) => ({
        usd: usd ?? Number.NaN,
        long: side && side === 'long',
        coin,
      })),
    )
    const expected = sums(told)
    expect(Object.keys(heard).sort()).toEqual(Object.keys(expected).sort())
    for (const [key, usd] of Object.entries(expected)) expect((heard[key] ?? 0) / usd).toBeCloseTo(1, 9)
    for (const fact of closed)
      expect(Math.abs((fact.usd ?? 0) / ((fact.size ?? 0) * fact.price) - 1)).toBeLessThan(1e-6)
  })
})
