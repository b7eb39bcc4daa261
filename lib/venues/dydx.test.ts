import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { dydx } from './dydx.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_700_000_000_500 as UnixMs
const decode = (frame: unknown) =>
  dydx.decoder({ instruments: new Map() })({
    received,
    text: typeof frame === 'string' ? frame : JSON.stringify(frame),
  })
const row = {
  id: '0a',
  side: 'SELL',
  size: '2',
  price: '3000',
  type: 'LIQUIDATED',
  createdAt: '2026-09-17T13:39:47.542Z',
}
const trades = (type: string, ...list: object[]) => ({
  type,
  id: 'ETH-USD',
  channel: 'v4_trades',
  contents: { trades: list },
})

describe('dydx', () => {
  it('takes a liquidated taker who sells for a long', () => {
    expect(decode(trades('channel_data', row, { ...row, id: '0b', side: 'BUY' }, { ...row, type: 'LIMIT' }))).toEqual([
      expect.objectContaining({ side: 'long', coin: 'ETH', size: 2, usd: 6_000, time: 1_789_652_387_542 }),
      expect.objectContaining({ side: 'short' }),
    ])
  })

  it('gives the same event the same key in the history that comes on subscribing, and in batches', () => {
    const [live] = decode(trades('channel_data', row))
    expect(decode(trades('subscribed', row))).toEqual([live])
    const batch = { type: 'channel_batch_data', id: 'ETH-USD', channel: 'v4_trades', contents: [{ trades: [row] }] }
    expect(decode(batch)).toEqual([live])
  })

  it('keeps deleveraging apart: the profitable position stands opposite the bankrupt taker', () => {
    expect(decode(trades('channel_data', { ...row, type: 'DELEVERAGED' }))).toEqual([
      expect.objectContaining({ type: 'auto-deleveraging', side: 'short', size: 2 }),
    ])
  })

  it('refuses absurd rows and broken text', () => {
    for (const wrong of [{ size: '0' }, { price: '-1' }, { createdAt: 'soon' }, { side: 'LONG' }, { id: undefined }]) {
      expect(decode(trades('channel_data', { ...row, ...wrong })).map((fact) => fact.type)).toEqual(['refused'])
    }
    expect(decode('nothing')[0]?.type).toBe('refused')
  })

  it('reads markets whole and in parts', () => {
    const market = { oraclePrice: '3000', nextFundingRate: '0.00001', openInterest: '10' }
    const whole = { type: 'subscribed', channel: 'v4_markets', contents: { markets: { 'ETH-USD': market } } }
    expect(decode(whole)).toEqual([
      expect.objectContaining({ type: 'mark', price: 3_000, time: undefined }),
      expect.objectContaining({ type: 'funding', rate: 0.00001, intervalHours: 1 }),
      expect.objectContaining({ type: 'open-interest', size: 10, usd: 30_000 }),
    ])
    const part = { trading: { 'ETH-USD': { openInterest: '11' } } }
    expect(decode({ type: 'channel_data', channel: 'v4_markets', contents: part })).toEqual([
      expect.objectContaining({ type: 'open-interest', size: 11, usd: undefined }),
    ])
  })

  it('spreads markets over sockets', () => {
    const symbols = Array.from({ length: 40 }, (_, index) => `C${index}-USD`)
    const plans = dydx.plan({ channels: ['liquidations'], symbols, instruments: new Map() }) as SocketPlan[]
    expect(plans.map((plan) => plan.subscribe.length)).toEqual([32, 8])
    expect(plans[0]?.control?.('{"type":"connected","connection_id":"x"}')).toEqual({ kind: 'heartbeat' })
    expect(plans[0]?.control?.('{"type":"error","message":"Invalid subscription id"}')).toMatchObject({
      kind: 'refused',
    })
    const list = dydx.metadata[0]?.parse(
      JSON.stringify({
        markets: { 'BTC-USD': {}, 'X,RAYDIUM,abc-USD': {}, 'OLD-USD': { status: 'FINAL_SETTLEMENT' } },
      }),
    )
    expect(list?.map((each) => each.coin)).toEqual(['BTC', 'X'])
  })
})
