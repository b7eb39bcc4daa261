import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { bybit } from './bybit.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_790_000_000_500 as UnixMs
const time = 1_790_000_000_000
const decode = (frame: unknown) =>
  bybit.decoder({ instruments: new Map() })({
    received,
    text: typeof frame === 'string' ? frame : JSON.stringify(frame),
  })
const row = { T: time, s: 'ICPUSDT', S: 'Buy', v: '2', p: '5' }
const all = (...data: object[]) => ({ topic: 'allLiquidation.ICPUSDT', type: 'snapshot', ts: time, data })

describe('bybit', () => {
  it('names the side of the position: Buy was long', () => {
    expect(decode(all(row, { ...row, S: 'Sell' }))).toEqual([
      expect.objectContaining({ side: 'long', size: 2, price: 5, priceKind: 'bankruptcy', usd: 10, time }),
      expect.objectContaining({ side: 'short' }),
    ])
  })

  it('counts dollars on inverse contracts', () => {
    expect(decode(all({ ...row, s: 'BTCUSD' }))[0]).toMatchObject({ coin: 'BTC', usd: 2, size: 0.4, contracts: 2 })
    expect(decode(all({ ...row, s: 'BTCUSDZ26' }))[0]).toMatchObject({ coin: 'BTC', usd: 2 })
  })

  it('reads coin and quote from names that no list has', () => {
    expect(decode(all({ ...row, s: 'BTCPERP' }))[0]).toMatchObject({ coin: 'BTC', usd: 10 })
    expect(decode(all({ ...row, s: 'ETH-26SEP26' }))[0]).toMatchObject({ coin: 'ETH', usd: 10 })
    expect(decode(all({ ...row, s: 'BTCUSDT-26SEP26' }))[0]).toMatchObject({
      coin: 'BTC',
      instrument: 'BTCUSDT-26SEP26',
    })
  })

  it('keeps equal rows of one frame apart, and knows them again', () => {
    const keys = decode(all(row, row)).map((fact) => 'key' in fact && fact.key)
    expect(new Set(keys).size).toBe(2)
    expect(decode(all(row, row)).map((fact) => 'key' in fact && fact.key)).toEqual(keys)
  })

  it('refuses one bad row and takes the others', () => {
    expect(decode(all({ ...row, v: '-2' }, row, { ...row, S: 'Up' })).map((fact) => fact.type)).toEqual([
      'refused',
      'perp-liquidation',
      'refused',
    ])
  })

  it('takes the topic before 2025-02-20, whose side is the position’s too', () => {
    const data = { updatedTime: time, symbol: 'GALAUSDT', side: 'Buy', size: '1637', price: '0.03803' }
    expect(decode({ topic: 'liquidation.GALAUSDT', type: 'snapshot', ts: time, data })).toEqual([
      expect.objectContaining({ side: 'long', size: 1637, price: 0.03803, time }),
    ])
  })

  it('takes of a ticker what is there, and the interval it states', () => {
    const grid = '1790006400000'
    const ticker = { symbol: 'BTCUSDT', markPrice: '10', openInterest: '3', fundingRate: '0.0001', nextFundingTime: grid }
    const frame = (data: object) => ({ topic: 'tickers.BTCUSDT', type: 'delta', ts: time, data })
    const [mark, funding, open] = decode(frame({ ...ticker, fundingIntervalHour: '4' }))
    expect(mark).toMatchObject({ type: 'mark', price: 10 })
    expect(funding).toMatchObject({ type: 'funding', intervalHours: 4 })
    expect(open).toMatchObject({ type: 'open-interest', size: 3, usd: 30 })
    expect(decode(frame({ symbol: 'BTCUSDT', openInterest: '3' }))).toEqual([
      expect.objectContaining({ type: 'open-interest', size: 3, usd: undefined }),
    ])
    expect(decode(frame({ symbol: 'BTCUSDT', bid1Price: '9' }))).toEqual([])
  }) // biome-ignore format: rows read better whole

  it('asks for every symbol by itself, in requests below 21,000 characters, on the address of its kind', () => {
    const symbols = [...Array.from({ length: 2_000 }, (_, index) => `COIN${index}USDT`), 'BTCUSD']
    const plans = bybit.plan({ channels: ['liquidations'], symbols, instruments: new Map() }) as readonly SocketPlan[]
    expect(plans.map((plan) => plan.url)).toEqual([
      'wss://stream.bybit.com/v5/public/linear',
      'wss://stream.bybit.com/v5/public/inverse',
    ])
    const requests = plans.flatMap((plan) => plan.subscribe)
    expect(Math.max(...requests.map((text) => text.length))).toBeLessThan(21_000)
    const topics = requests.flatMap((text) => JSON.parse(text).args as string[])
    expect(topics).toEqual(symbols.map((symbol) => `allLiquidation.${symbol}`))
  })

  it('knows a pong, a yes and a no', () => {
    const [plan] = bybit.plan({ channels: ['liquidations'], symbols: ['BTCUSDT'], instruments: new Map() })
    const control = (plan as SocketPlan).control
    expect(control?.('{"success":true,"ret_msg":"pong","op":"ping"}')).toEqual({ kind: 'heartbeat' })
    expect(control?.('{"success":true,"ret_msg":"","op":"subscribe"}')).toEqual({ kind: 'subscribed' })
    expect(control?.('{"success":false,"ret_msg":"error:handler not found","op":"subscribe"}')).toMatchObject({
      kind: 'refused',
      harmless: false,
    })
  })
})
