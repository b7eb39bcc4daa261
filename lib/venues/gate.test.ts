import { describe, expect, it } from 'vitest'
import type { Instrument, UnixMs } from '../model/index.ts'
import { gate } from './gate.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_790_000_000_500 as UnixMs
const time = 1_790_000_000_123
const list = gate.metadata[0]?.parse(
  JSON.stringify([
    { name: 'BTC_USDT', type: 'direct', quanto_multiplier: '0.0001' },
    { name: 'BTC_USD', type: 'inverse', quanto_multiplier: '0' },
    { name: 'ETH_USD', type: 'direct', quanto_multiplier: '0.000001' },
  ]),
) as readonly Instrument[]
const instruments = new Map(list.map((each) => [each.symbol, each]))
const decode = (frame: unknown) =>
  gate.decoder({ instruments })({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
const row = { price: '200', size: '-50', time, contract: 'BTC_USDT' }
const update = (result: unknown, channel = 'futures.public_liquidates') => ({
  ...{ channel, event: 'update', time: 1_790_000_000, time_ms: time, result },
})

describe('gate', () => {
  it('values contracts by their multiplier; what the sign means is unknown', () => {
    expect(decode(update([row, { ...row, size: '50' }]))).toEqual([
      expect.objectContaining({ side: undefined, contracts: 50, size: 0.005, price: 200, usd: 1, time }),
      expect.objectContaining({ side: undefined, contracts: 50 }),
    ])
  })

  it('takes the form before 2026-08-20 too: one row, time in seconds or time_ms', () => {
    const old = { price: 200, size: -50, contract: 'BTC_USDT' }
    expect(decode(update([{ ...old, time: 1_541_486_601 }]))[0]).toMatchObject({ time: 1_541_486_601_000 })
    expect(decode(update({ ...old, time: 1_541_486_601, time_ms: 1_541_486_601_123 }))[0]).toMatchObject({
      time: 1_541_486_601_123,
    })
  })

  it('knows dollars from bitcoins: inverse is exact, paid in another coin is no value', () => {
    expect(decode(update([{ ...row, contract: 'BTC_USD' }]))[0]).toMatchObject({ usd: 50, size: 0.25 })
    expect(instruments.get('ETH_USD')).toMatchObject({ payoff: 'quanto', settle: 'BTC' })
    expect(decode(update([{ ...row, contract: 'ETH_USD' }]))[0]).toMatchObject({ contracts: 50, usd: undefined })
    const [unlisted] = decode(update([{ ...row, contract: 'NEW_USDT' }]))
    expect(unlisted).toMatchObject({ coin: 'NEW', contracts: 50, size: undefined, usd: undefined })
  })

  it('keeps equal rows apart and refuses bad ones by themselves', () => {
    const keys = decode(update([row, row])).map((fact) => 'key' in fact && fact.key)
    expect(new Set(keys).size).toBe(2)
    for (const wrong of [{ size: '0' }, { price: '0' }, { time: 12 }, { contract: '' }])
      expect(decode(update([{ ...row, ...wrong }, row])).map((fact) => fact.type)).toEqual([
        'refused',
        'perp-liquidation',
      ])
  })

  it('reads mark, funding and open interest of a ticker, and tells repeated rows apart', () => {
    const rate = { mark_price: '100', index_price: '99', funding_rate: '0.0001', total_size: '10000' }
    const ticker = { contract: 'BTC_USDT', ...rate }
    const facts = decode(update([ticker, ticker], 'futures.tickers'))
    expect(facts.slice(0, 3)).toEqual([
      expect.objectContaining({ type: 'mark', price: 100, index: 99, time }),
      expect.objectContaining({ type: 'funding', rate: 0.0001, intervalHours: undefined }),
      expect.objectContaining({ type: 'open-interest', size: 1, usd: 100 }),
    ])
    expect(new Set(facts.map((fact) => 'key' in fact && fact.key)).size).toBe(6)
    expect(decode([ticker]).map((fact) => fact.type)).toEqual(['mark', 'funding', 'open-interest'])
  })

  it('asks each settlement currency for its own contracts', () => {
    const payloads = (symbols?: string[]) =>
      gate.plan({ channels: ['liquidations'], symbols, instruments }).map((plan) => {
        const [text] = (plan as SocketPlan).subscribe
        return [plan.name, JSON.parse(text as string).payload]
      })
    expect(payloads()).toEqual([
      ['liquidations-usdt', ['!all']],
      ['liquidations-btc', ['!all']],
    ])
    expect(payloads(['BTC_USDT', 'BTC_USD'])).toEqual([
      ['liquidations-usdt', ['BTC_USDT']],
      ['liquidations-btc', ['BTC_USD']],
    ])
    expect(payloads(['BTC_USDT'])).toEqual([['liquidations-usdt', ['BTC_USDT']]])
  })
})
