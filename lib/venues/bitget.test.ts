import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { bitget } from './bitget.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_790_000_000_500 as UnixMs
const ts = '1790000000000'
const decode = (frame: unknown) =>
  bitget.decoder({ instruments: new Map() })({
    received,
    text: typeof frame === 'string' ? frame : JSON.stringify(frame),
  })
const row = { symbol: 'APEUSDT', side: 'buy', price: '0.1649', amount: '13.70319', ts }
const frame = (topic: string, ...data: object[]) => ({ action: 'update', arg: { instType: 'x', topic }, data, ts: 1_790_000_000_100 }) // biome-ignore format: one frame

describe('bitget', () => {
  it('reads the position’s side, and coins from an amount in dollars', () => {
    expect(decode(frame('liquidation', row, { ...row, side: 'sell' }))).toEqual([
      expect.objectContaining({ side: 'long', size: 83.1, usd: 13.70319, usdBasis: 'reported', time: Number(ts) }),
      expect.objectContaining({ side: 'short' }),
    ])
    expect(decode(frame('liquidation', { ...row, symbol: 'BTCPERP' }))[0]).toMatchObject({ coin: 'BTC', usd: 13.70319 })
  })

  it('refuses bad rows by themselves', () => {
    for (const wrong of [{ amount: '0' }, { price: '' }, { ts: '3' }, { side: 'up' }, { symbol: '' }])
      expect(decode(frame('liquidation', { ...row, ...wrong }, row)).map((fact) => fact.type)).toEqual([
        'refused',
        'perp-liquidation',
      ])
  })

  it('reads open interest in coins on every contract, the inverse ones too', () => {
    const ticker = { symbol: 'BTCUSDT', markPrice: '50', indexPrice: '49', openInterest: '3' }
    const funding = { fundingRate: '0.0001', nextFundingTime: '1790006400000' }
    expect(decode(frame('ticker', { ...ticker, ...funding }))).toEqual([
      expect.objectContaining({ type: 'mark', price: 50, index: 49 }),
      expect.objectContaining({ type: 'funding', rate: 0.0001, intervalHours: 8 }),
      expect.objectContaining({ type: 'open-interest', size: 3, usd: 150 }),
    ])
    const dated = { ...ticker, symbol: 'BTCUSDZ26', fundingRate: '0', nextFundingTime: '0' }
    expect(decode(frame('ticker', dated))).toEqual([
      expect.objectContaining({ type: 'mark', coin: 'BTC' }),
      expect.objectContaining({ type: 'open-interest', coin: 'BTC', size: 3, usd: 150 }),
    ])
    expect(decode({ code: '00000', requestTime: Number(ts), data: [ticker] }).map((fact) => fact.type)).toEqual([
      'mark',
      'open-interest',
    ])
  })

  it('takes the contract’s name from the argument where the row has none', () => {
    const arg = { instType: 'usdt-futures', topic: 'ticker', symbol: 'ETHUSDT' }
    expect(decode({ action: 'snapshot', arg, data: [{ markPrice: '50' }], ts: Number(ts) })).toEqual([
      expect.objectContaining({ type: 'mark', instrument: 'ETHUSDT', price: 50 }),
    ])
  })

  it('speaks text pings and knows a no', () => {
    const [plan] = bitget.plan({ channels: ['liquidations'], instruments: new Map() }) as readonly SocketPlan[]
    expect(plan?.ping).toEqual({ everyMs: 30_000, send: { text: 'ping' } })
    expect(plan?.control?.('pong')).toEqual({ kind: 'heartbeat' })
    expect(plan?.control?.('{"event":"error","code":30001,"msg":"x"}')).toEqual({ kind: 'refused', why: '30001 x' })
    expect(decode('pong')).toEqual([])
  })
})
