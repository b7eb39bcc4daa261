/** What all decoders share: rows, tickers and numbers that cannot be true. */
import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { venue } from './index.ts'
import { millisOf, numberOf, refusal, rowsOf, tickerFault } from './rows.ts'
import type { Decoded, Refused } from './venue.ts'

const time = 1_790_000_000_000
const decode = (id: string, frame: unknown) =>
  venue(id).decoder({ instruments: new Map() })({ received: (time + 1) as UnixMs, text: JSON.stringify(frame) })
const fact = (key: string): Decoded => ({ type: 'retraction', of: key, why: 'a test', key, time: undefined })

describe('rows', () => {
  it('are numbered where they are equal, and untouched where not', () => {
    const keys = (names: string[]) =>
      rowsOf(names, {}, (name) => fact(String(name))).map((each) => (each as Decoded).key)
    expect(keys(['a', 'b', 'a', 'a'])).toEqual(['a', 'b', 'a#1', 'a#2'])
    expect(keys(['a', 'b'])).toEqual(['a', 'b'])
    expect(keys([])).toEqual([])
  })

  it('may give several facts, or be refused beside good ones', () => {
    const facts = rowsOf([1, 2, 3], {}, (row) => (row === 2 ? refusal('two', row) : [fact(`${row}`), fact(`${row}x`)]))
    expect(facts.map((each) => each.type)).toEqual(['retraction', 'retraction', 'refused', 'retraction', 'retraction'])
    expect((facts[2] as Refused).part).toBe('2')
  })

  it('are missed when a frame that must have them has none, at every venue', () => {
    const bare: [string, object][] = [
      ['bybit', { topic: 'allLiquidation.BTCUSDT', data: 'x' }],
      ['bybit', { retCode: 10_001, retMsg: 'params error', result: {} }],
      ['okx', { arg: { channel: 'liquidation-orders', instType: 'SWAP' } }],
      ['okx', { arg: { channel: 'liquidation-orders' }, data: [{ instId: 'BTC-USDT-SWAP', details: 'x' }] }],
      ['htx', { op: 'notify', topic: 'public.*.liquidation_orders', data: null }],
      ['htx', { status: 'ok', data: 7 }],
      ['gate', { channel: 'futures.public_liquidates', event: 'update' }],
      ['bitget', { arg: { topic: 'liquidation' }, data: {} }],
    ]
    for (const [id, frame] of bare) expect([id, decode(id, frame).map((each) => each.type)]).toEqual([id, ['refused']])
  })
})

describe('tickers', () => {
  it('that cannot be true are refused; what is absent or empty says nothing', () => {
    const sound = { time, mark: '1.5', index: '', rate: '-0.01', open: '0' }
    expect(tickerFault({}, sound)).toBeUndefined()
    expect(tickerFault({}, {})).toBeUndefined()
    const wrong = [{ mark: '-1' }, { mark: 'x' }, { mark: [] }, { index: '1e999' }, { open: '-5' }, { rate: '1.5' }]
    for (const each of [...wrong, { time: 12 }, { time: 9e15 }, { time: 'soon' }])
      expect([each, tickerFault({}, { ...sound, ...each })?.type]).toEqual([each, 'refused'])
  })

  it('of Gate’s stream say how often funding is paid', () => {
    const row = {
      contract: 'T_USDT',
      funding_rate: '-0.001',
      funding_interval: 3_600,
      funding_next_apply: 1_790_002_800,
    }
    const frame = { channel: 'futures.tickers', event: 'update', time_ms: time, result: [row] }
    expect(decode('gate', frame)).toMatchObject([
      { type: 'funding', rate: -0.001, intervalHours: 1, nextAt: 1_790_002_800_000 },
    ])
  })

  it('are refused by every venue that has them', () => {
    const tickers: [string, object][] = [
      ['binance-um', { e: 'markPriceUpdate', E: time, s: 'BTCUSDT', p: '-1', r: '0.0001', T: time }],
      ['binance-um', { symbol: 'BTCUSDT', openInterest: '-1', time }],
      ['bybit', { topic: 'tickers.BTCUSDT', ts: 5, data: { symbol: 'BTCUSDT', markPrice: '1' } }],
      ['okx', { arg: { channel: 'mark-price' }, data: [{ instId: 'BTC-USDT-SWAP', markPx: 'NaN', ts: `${time}` }] }],
      ['htx', { status: 'ok', ts: time, data: [{ contract_code: 'BTC-USDT', volume: -1 }] }],
      ['gate', { channel: 'futures.tickers', event: 'update', time: 5, result: [{ contract: 'BTC_USDT' }] }],
      ['bitget', { arg: { topic: 'ticker' }, ts: time, data: [{ symbol: 'BTCUSDT', fundingRate: '3' }] }],
    ]
    for (const [id, frame] of tickers)
      expect([id, decode(id, frame).map((each) => each.type)]).toEqual([id, ['refused']])
  })
})

describe('older frames', () => {
  it('of Bybit come as one row or as several', () => {
    const row = { symbol: 'BTCUSD', side: 'Buy', qty: 50, price: 25_000, time }
    const facts = decode('bybit', { topic: 'liquidation.BTCUSD', data: [row, { ...row, side: 'Sell' }, 7] })
    expect(facts).toMatchObject([{ side: 'long', usd: 50, size: 0.002 }, { side: 'short' }, { type: 'refused' }])
    expect(decode('bybit', { topic: 'liquidation.BTCUSD', data: row })).toMatchObject([{ side: 'long' }])
  })

  it('of OKX come as a table, or as rows of one contract', () => {
    const row = {
      instrument_id: 'BTC-USD-210326',
      size: '8',
      price: '24515.8',
      created_at: new Date(time).toISOString(),
    }
    const table = (...data: object[]) => decode('okx', { table: 'futures/liquidation', data })
    expect(table({ ...row, type: '3' }, { ...row, type: '4' }, { ...row, type: '1' })).toMatchObject([
      { side: 'long', contracts: 8, size: undefined, priceKind: 'limit', time },
      { side: 'short' },
      { type: 'refused' },
    ])
    const rest = { bkPx: '51886.2', posSide: 'short', side: 'buy', sz: '12', ts: `${time}` }
    expect(decode('okx', { arg: { channel: 'liquidations', instId: 'BTC-USD-220624' }, data: [rest] })).toMatchObject([
      { instrument: 'BTC-USD-220624', side: 'short', contracts: 12, priceKind: 'bankruptcy', time },
    ])
  })
})

describe('the registry', () => {
  it('finds simulated venues by the venue they imitate, and names what there is otherwise', () => {
    expect(venue('sim:bybit')).toBe(venue('bybit'))
    expect(() => venue('nowhere')).toThrowError(/nowhere/)
    try {
      venue('sim:')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        code: 'unknown-venue',
        values: { known: expect.stringMatching(/^binance-um .*perp-v2$/) },
      })
    }
  })
})

describe('numbers and times', () => {
  it('are taken from numbers and decimal text alone', () => {
    expect(['1.5', 2, '-0.1', '1e-7'].map(numberOf)).toEqual([1.5, 2, -0.1, 1e-7])
    const none = ['', ' ', 'x', '0x10', '1e999', null, true, [], {}, Number.NaN, Number.POSITIVE_INFINITY]
    for (const value of none) expect([value, numberOf(value)]).toEqual([value, undefined])
    expect([millisOf('1790000000000'), millisOf(1_790_000_000_000.5), millisOf(0)]).toEqual([
      time,
      undefined,
      undefined,
    ])
  })
})
