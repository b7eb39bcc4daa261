import { describe, expect, it } from 'vitest'
import type { Instrument, UnixMs } from '../model/index.ts'
import { kraken } from './kraken.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_700_000_000_500 as UnixMs
const decode = (frame: unknown) =>
  kraken.decoder({ instruments: new Map() })({
    received,
    text: typeof frame === 'string' ? frame : JSON.stringify(frame),
  })
const trade = {
  feed: 'trade',
  product_id: 'PI_XBTUSD',
  uid: 'a-1',
  side: 'sell',
  type: 'liquidation',
  time: 1_700_000_000_000,
  qty: 500,
  price: 25_000,
}

describe('kraken', () => {
  it('takes liquidations only, the taker being the one who is closed', () => {
    expect(decode(trade)).toEqual([
      expect.objectContaining({ coin: 'BTC', side: 'long', size: 0.02, usd: 500, contracts: 500, priceKind: 'fill' }),
    ])
    expect(decode({ ...trade, side: 'buy' })[0]).toMatchObject({ side: 'short' })
    expect(decode({ ...trade, type: 'fill' })).toEqual([])
  })

  it('counts coins on PF_ contracts', () => {
    expect(decode({ ...trade, product_id: 'PF_SOLUSD', qty: 3, price: 150 })[0]).toMatchObject({
      coin: 'SOL',
      size: 3,
      usd: 450,
    })
  })

  it('leaves the snapshot of old trades out', () => {
    expect(decode({ feed: 'trade_snapshot', product_id: 'PI_XBTUSD', trades: [trade] })).toEqual([])
  })

  it('refuses absurd rows and broken text', () => {
    for (const wrong of [{ qty: 0 }, { price: 'NaN' }, { time: 1 }, { side: 'up' }, { uid: '' }, { product_id: '?' }]) {
      expect(decode({ ...trade, ...wrong }).map((fact) => fact.type)).toEqual(['refused'])
    }
    expect(decode('[1')[0]?.type).toBe('refused')
  })

  it('takes the relative funding rate, which is hourly, from the ticker', () => {
    const ticker = {
      feed: 'ticker',
      product_id: 'PI_XBTUSD',
      time: 1_700_000_000_000,
      markPrice: 25_000,
      index: 24_990,
      funding_rate: 2e-9,
      relative_funding_rate: 0.00005,
      next_funding_rate_time: 1_700_003_600_000,
      openInterest: 5e6,
    }
    expect(decode(ticker)).toEqual([
      expect.objectContaining({ type: 'mark', price: 25_000, index: 24_990 }),
      expect.objectContaining({ type: 'funding', rate: 0.00005, intervalHours: 1, nextAt: 1_700_003_600_000 }),
      expect.objectContaining({ type: 'open-interest', usd: 5e6, size: 200 }),
    ])
  })

  it('asks for every listed contract by name and hears the heartbeat', () => {
    const list = kraken.metadata[0]?.parse(
      JSON.stringify({
        instruments: [
          { symbol: 'PI_XBTUSD', contractSize: 1, tradeable: true },
          { symbol: 'PF_ETHUSD', contractSize: 1, tradeable: true },
          { symbol: 'PF_OLDUSD', tradeable: false },
          { symbol: 'rr_xbtusd' },
        ],
      }),
    ) as Instrument[]
    const instruments = new Map(list.map((each) => [each.symbol, each]))
    const [socket] = kraken.plan({ channels: ['liquidations'], instruments }) as [SocketPlan]
    expect(socket.subscribe.map((text) => JSON.parse(text))).toEqual([
      { event: 'subscribe', feed: 'heartbeat' },
      { event: 'subscribe', feed: 'trade', product_ids: ['PI_XBTUSD', 'PF_ETHUSD'] },
    ])
    expect(socket.control?.('{"feed":"heartbeat","time":1}')).toEqual({ kind: 'heartbeat' })
    expect(socket.control?.('{"event":"error","message":"Invalid product id"}')).toMatchObject({ kind: 'refused' })
    expect(kraken.plan({ channels: ['liquidations'], instruments: new Map() })).toEqual([])
  })
})
