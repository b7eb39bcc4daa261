import { describe, expect, it } from 'vitest'
import type { Instruments, UnixMs } from '../model/index.ts'
import { aster } from './aster.ts'
import { binanceCm } from './binance-cm.ts'
import { exchangeInfo } from './binance-family.ts'
import { binanceUm } from './binance-um.ts'
import type { SocketPlan, Venue } from './venue.ts'

const received = 1_790_000_000_500 as UnixMs
const none: Instruments = new Map()
const decode = (venue: Venue, frame: unknown, instruments = none) =>
  venue.decoder({ instruments })({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
const order = { s: 'BTCUSDT', S: 'SELL', q: '3', p: '90', ap: '100', X: 'FILLED', l: '1', z: '2', T: 1_790_000_000_000 }
const force = (o: object = {}, frame: object = {}) => ({ e: 'forceOrder', E: 1, o: { ...order, ...o }, ...frame })

describe('the forceOrder of Binance', () => {
  it('is what was filled at the fill price, not the last part at the limit', () => {
    expect(decode(binanceUm, force())).toEqual([
      expect.objectContaining({ coin: 'BTC', side: 'long', size: 2, price: 100, priceKind: 'fill', usd: 200, time: order.T }),
    ]) // biome-ignore format: one fact
    expect(decode(binanceUm, { stream: '!forceOrder@arr', data: force({ S: 'BUY' }) })[0]).toMatchObject({
      side: 'short',
    })
  })

  it('is counted by one family only, whichever way the merged stream marks it', () => {
    const coin = { s: 'BTCUSD_PERP', ps: 'BTCUSD' }
    const frames = [
      [force({}, { st: 1 }), force(coin, { st: 2 })],
      [force({ st: 1 }), force({ ...coin, st: 2 })],
      [force(), force(coin)],
      // The mark decides, not the name.
      [force(coin, { st: 1 }), force({}, { st: 2 })],
      [force({ s: 'BTCUSDT_260925' }), force({ ...coin, s: 'BTCUSD_260925' })],
      [force({ s: 'BTCBUSD_210129' }), force({ ...coin, s: 'BNBUSD_PERP' })],
    ]
    for (const [um, cm] of frames) {
      expect([decode(binanceUm, um).length, decode(binanceCm, um).length]).toEqual([1, 0])
      expect([decode(binanceUm, cm).length, decode(binanceCm, cm).length]).toEqual([0, 1])
    }
  })

  it('counts contracts on COIN-M: 100 dollars of bitcoin, 10 of others, or what the list says', () => {
    expect(decode(binanceCm, force({ s: 'BTCUSD_PERP' }))[0]).toMatchObject({ contracts: 2, usd: 200, size: 2 })
    expect(decode(binanceCm, force({ s: 'ETHUSD_PERP' }))[0]).toMatchObject({ coin: 'ETH', usd: 20, size: 0.2 })
    const row = { symbol: 'ETHUSD_PERP', baseAsset: 'ETH', quoteAsset: 'USD', marginAsset: 'ETH', contractSize: 50 }
    const listed = exchangeInfo(JSON.stringify({ symbols: [row] }))
    expect(
      decode(binanceCm, force({ s: 'ETHUSD_PERP' }), new Map(listed.map((each) => [each.symbol, each])))[0],
    ).toMatchObject({ usd: 100 })
  })

  it('keeps the quote: other than dollars there is no value', () => {
    expect(decode(binanceUm, force({ s: 'ETHBTC' }))[0]).toMatchObject({ coin: 'ETH', size: 2, usd: undefined })
    expect(decode(binanceUm, force({ s: '币安人生USDT' }))[0]).toMatchObject({ coin: '币安人生', usd: 200 })
  })

  it('refuses absurd rows with the row, and passes over acknowledgements', () => {
    for (const wrong of [{ z: '0' }, { z: '-1' }, { ap: 'x' }, { ap: '0' }, { T: 5 }, { S: 'HOLD' }, { s: '' }]) {
      expect(decode(binanceUm, force(wrong))).toEqual([
        expect.objectContaining({ type: 'refused', part: expect.stringContaining('forceOrder') }),
      ])
    }
    expect(decode(binanceUm, '{"result":null,"id":1}')).toEqual([])
    expect(decode(binanceUm, '{')[0]?.type).toBe('refused')
  })

  it('of Aster is the same', () => {
    expect(decode(aster, force())[0]).toMatchObject({ side: 'long', usd: 200 })
  })
})

describe('the pressure of Binance', () => {
  const mark = { e: 'markPriceUpdate', E: 1_790_000_000_000, s: 'BTCUSDT', p: '100', i: '99', r: '0.0001' }
  const grid = 1_790_006_400_000

  it('is mark and funding, the interval only where the eight-hour grid allows it', () => {
    const [first, second] = decode(binanceUm, [{ ...mark, T: grid }])
    expect(first).toMatchObject({ type: 'mark', price: 100, index: 99 })
    expect(second).toMatchObject({ type: 'funding', rate: 0.0001, intervalHours: 8, nextAt: grid })
    expect(decode(binanceUm, [{ ...mark, T: grid + 4 * 3_600_000 }])[1]).toMatchObject({ intervalHours: undefined })
    expect(decode(binanceUm, [{ ...mark, r: '', T: 0 }]).map((fact) => fact.type)).toEqual(['mark'])
  })

  it('is open interest in coins (USD-M) or dollars (COIN-M)', () => {
    const time = 1_790_000_000_000
    expect(decode(binanceUm, { symbol: 'BTCUSDT', openInterest: '7', time })).toEqual([
      expect.objectContaining({ type: 'open-interest', size: 7, usd: undefined, time }),
    ])
    expect(decode(binanceCm, { symbol: 'BTCUSD_PERP', openInterest: '7', time })[0]).toMatchObject({ usd: 700 })
    const polls = [binanceUm, binanceCm, aster].map((each) =>
      each.plan({ channels: ['open-interest'], symbols: ['A B'], instruments: none }).map((plan) => plan.kind === 'poll' && plan.url),
    ) // biome-ignore format: one line reads better
    expect(polls).toEqual([
      ['https://fapi.binance.com/fapi/v1/openInterest?symbol=A%20B'],
      ['https://dapi.binance.com/dapi/v1/openInterest?symbol=A%20B'],
      ['https://fapi.asterdex.com/fapi/v1/openInterest?symbol=A%20B'],
    ])
  })
})

describe('the socket of Binance', () => {
  const [socket] = binanceUm.plan({ channels: ['liquidations'], instruments: none }) as readonly SocketPlan[]
  it('is the market stream; the retired address would stay silent', () => {
    expect(socket?.url).toBe('wss://fstream.binance.com/market/ws/!forceOrder@arr')
  })
  it('knows a yes from a no', () => {
    expect(socket?.control?.('{"result":null,"id":1}')).toEqual({ kind: 'subscribed' })
    expect(socket?.control?.('{"error":{"code":2,"msg":"no"}}')).toMatchObject({ kind: 'refused' })
    expect(socket?.control?.(JSON.stringify(force()))).toBeUndefined()
  })
})
