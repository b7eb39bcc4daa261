import { describe, expect, it } from 'vitest'
import type { Instrument, UnixMs } from '../model/index.ts'
import { lighter } from './lighter.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_776_690_000_000 as UnixMs
const bitcoin: Instrument = {
  symbol: '1',
  coin: 'BTC',
  quote: 'USD',
  settle: 'USDC',
  payoff: 'linear',
  contractSize: 1,
}
const decode = (frame: unknown, instruments = new Map([['1', bitcoin]])) =>
  lighter.decoder({ instruments })({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
const row = {
  trade_id: 9,
  trade_id_str: '9',
  type: 'liquidation',
  market_id: 1,
  size: '0.5',
  price: '60000',
  usd_amount: '30000.00',
  ask_account_id: 11,
  bid_account_id: 22,
  is_maker_ask: true,
  timestamp: 1_776_687_656_653,
}
const trades = (...list: object[]) => ({
  type: 'update/trade',
  channel: 'trade:1',
  trades: [],
  liquidation_trades: list,
})

describe('lighter', () => {
  it('takes the taker for the one who is closed, with its account and the dollars the venue states', () => {
    expect(decode(trades(row, { ...row, is_maker_ask: false }))).toEqual([
      expect.objectContaining({ side: 'short', account: '22', usd: 30_000, usdBasis: 'reported', size: 0.5, key: '9' }),
      expect.objectContaining({ side: 'long', account: '11' }),
    ])
  })

  it('believes the positions before the trade over the rule', () => {
    const proven = { ...row, taker_position_size_before: '-0.5', maker_position_size_before: '0' }
    expect(decode(trades(proven))[0]).toMatchObject({ side: 'short', account: '22' })
    const maker = { ...row, taker_position_size_before: '1', maker_position_size_before: '2' }
    expect(decode(trades(maker))[0]).toMatchObject({ side: 'long', account: '11' })
    const neither = { ...row, taker_position_size_before: '1', maker_position_size_before: '-2' }
    expect(decode(trades(neither))[0]).toMatchObject({ side: undefined, flags: ['side-contradicted'] })
  })

  it('keeps deleveraging apart, passes settlements by, refuses what it cannot read', () => {
    expect(decode(trades({ ...row, type: 'deleverage' }))).toEqual([
      expect.objectContaining({ type: 'auto-deleveraging', side: undefined, usd: 30_000 }),
    ])
    expect(decode(trades({ ...row, type: 'market-settlement' }))).toEqual([])
    for (const wrong of [{ size: '0' }, { price: 'x' }, { timestamp: 1 }, { is_maker_ask: 1 }, { market_id: 5 }]) {
      expect(decode(trades({ ...row, ...wrong })).map((fact) => fact.type)).toEqual(['refused'])
    }
    expect(decode('{"type":')[0]?.type).toBe('refused')
  })

  it('reads funding as per cent an hour and open interest in dollars', () => {
    const market = {
      symbol: 'BTC',
      market_id: 1,
      mark_price: '60000',
      index_price: '60010',
      open_interest: '1200.5',
      current_funding_rate: '0.0012',
    }
    const frame = { type: 'update/market_stats', timestamp: 1_776_694_043_874, market_stats: { '1': market } }
    const facts = decode(frame, new Map())
    expect(facts).toEqual([
      expect.objectContaining({ type: 'mark', coin: 'BTC', price: 60_000, index: 60_010 }),
      expect.objectContaining({ type: 'funding', intervalHours: 1 }),
      expect.objectContaining({ type: 'open-interest', usd: 1_200.5, size: undefined }),
    ])
    expect(facts[1]).toHaveProperty('rate', expect.closeTo(0.000012, 12))
    expect(decode({ ...frame, market_stats: market }).length).toBe(3)
  })

  it('subscribes market by market and answers pings', () => {
    const list = lighter.metadata[0]?.parse(JSON.stringify({ order_book_details: [{ symbol: 'ETH', market_id: 0 }] }))
    expect(list).toMatchObject([{ symbol: '0', coin: 'ETH' }])
    const symbols = Array.from({ length: 100 }, (_, index) => String(index))
    const plans = lighter.plan({ channels: ['liquidations', 'mark'], symbols, instruments: new Map() }) as SocketPlan[]
    expect(plans.map((plan) => plan.subscribe.length)).toEqual([90, 10, 1])
    expect(plans[0]?.subscribe[1]).toBe('{"type":"subscribe","channel":"trade/1"}')
    expect(plans[0]?.reply?.('{"type":"ping"}')).toBe('{"type":"pong"}')
    expect(plans[0]?.reply?.('{"type":"update/trade"}')).toBeUndefined()
    expect(plans[0]?.control?.('{"type":"pong"}')).toEqual({ kind: 'heartbeat' })
  })
})
