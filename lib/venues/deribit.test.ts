import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { deribit } from './deribit.ts'
import type { Raw, SocketPlan } from './venue.ts'

const at = 1_700_000_000_500 as UnixMs
const raw = (frame: unknown): Raw => ({ received: at, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
const decode = (frame: unknown) => deribit.decoder({ instruments: new Map() })(raw(frame))
const trades = (...data: object[]) => ({
  method: 'subscription',
  params: { channel: 'trades.future.BTC.100ms', data },
})
const trade = (more: object) => ({
  trade_id: '7',
  timestamp: 1_700_000_000_000,
  price: 50_000,
  instrument_name: 'BTC-PERPETUAL',
  direction: 'sell',
  amount: 1_000,
  ...more,
})

describe('deribit', () => {
  it('says the taker was closed by T, the maker by M, both by MT', () => {
    const sides = (liquidation: string, direction: string) =>
      decode(trades(trade({ liquidation, direction }))).map((fact) => 'side' in fact && fact.side)
    expect(sides('T', 'sell')).toEqual(['long'])
    expect(sides('T', 'buy')).toEqual(['short'])
    expect(sides('M', 'sell')).toEqual(['short'])
    expect(sides('M', 'buy')).toEqual(['long'])
    expect(sides('MT', 'buy')).toEqual(['short', 'long'])
    const both = decode(trades(trade({ liquidation: 'MT' }))).map((fact) => 'key' in fact && fact.key)
    expect(new Set(both).size).toBe(2)
  })

  it('counts dollars on inverse contracts and coins on linear ones', () => {
    const [inverse, linear] = decode(
      trades(
        trade({ liquidation: 'T' }),
        trade({ liquidation: 'T', instrument_name: 'SOL_USDC-PERPETUAL', price: 150, amount: 4 }),
      ),
    )
    expect(inverse).toMatchObject({ coin: 'BTC', usd: 1_000, size: 0.02, usdBasis: 'notional' })
    expect(linear).toMatchObject({ coin: 'SOL', usd: 600, size: 4 })
  })

  it('passes ordinary trades by and refuses what it cannot read', () => {
    expect(decode(trades(trade({}), trade({ liquidation: 'none' })))).toEqual([])
    const reasons = decode(
      trades(
        trade({ liquidation: 'Z' }),
        trade({ liquidation: 'T', price: 0 }),
        trade({ liquidation: 'T', amount: -1 }),
        trade({ liquidation: 'T', timestamp: 5 }),
        trade({ liquidation: 'T', direction: undefined }),
        trade({ liquidation: 'T', instrument_name: 'BTC-27DEC24-60000-C' }),
      ),
    )
    expect(reasons.map((fact) => fact.type)).toEqual(Array(6).fill('refused'))
    expect(decode('{')[0]).toMatchObject({ type: 'refused', reason: 'not JSON' })
  })

  it('reads funding, mark and one-sided open interest from a ticker, and nothing from a combination', () => {
    const ticker = (data: object) => ({ method: 'subscription', params: { channel: 'ticker.X.agg2', data } })
    const row = { timestamp: 1_700_000_000_000, mark_price: 50_000, index_price: 49_990, open_interest: 1e6 }
    expect(decode(ticker({ ...row, instrument_name: 'BTC-PERPETUAL', current_funding: 0.0001 }))).toEqual([
      expect.objectContaining({ type: 'mark', price: 50_000, index: 49_990, time: 1_700_000_000_000 }),
      expect.objectContaining({ type: 'funding', rate: 0.0001, intervalHours: 8 }),
      expect.objectContaining({ type: 'open-interest', usd: 1e6, size: 20 }),
    ])
    expect(decode(ticker({ ...row, instrument_name: 'BTC-FS-30SEP22_PERP' }))).toEqual([])
  })

  it('asks for a heartbeat first and answers its test', () => {
    const [socket] = deribit.plan({ channels: ['liquidations'], instruments: new Map() }) as [SocketPlan]
    expect(JSON.parse(socket.subscribe[0] as string).method).toBe('public/set_heartbeat')
    expect(socket.subscribe[1]).toContain('trades.future.BTC.100ms')
    const test = '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}'
    expect(JSON.parse(socket.reply?.(test) as string).method).toBe('public/test')
    expect(socket.reply?.('{"method":"subscription"}')).toBeUndefined()
    expect(socket.control?.(test)).toEqual({ kind: 'heartbeat' })
    expect(socket.control?.('{"id":2,"result":["trades.future.BTC.100ms"]}')).toEqual({ kind: 'subscribed' })
    expect(socket.control?.('{"id":2,"error":{"code":13009,"message":"unauthorized"}}')).toMatchObject({
      kind: 'refused',
      why: '13009: unauthorized',
    })
  })

  it('reads the list of contracts with amounts as units', () => {
    const row = {
      kind: 'future',
      instrument_name: 'BTC-PERPETUAL',
      base_currency: 'BTC',
      quote_currency: 'USD',
      settlement_currency: 'BTC',
      instrument_type: 'reversed',
      contract_size: 10,
    }
    const parsed = deribit.metadata[0]?.parse(JSON.stringify({ result: [row, { kind: 'option' }] }))
    expect(parsed).toEqual([
      { symbol: 'BTC-PERPETUAL', coin: 'BTC', quote: 'USD', settle: 'BTC', payoff: 'inverse', contractSize: 1 },
    ])
    expect(deribit.metadata[0]?.parse('nonsense')).toEqual([])
  })
})
