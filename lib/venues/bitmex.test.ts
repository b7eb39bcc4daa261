import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { bitmex } from './bitmex.ts'
import { policyAt } from './venue.ts'

const received = 1_560_000_000_000 as UnixMs
const decoder = () => {
  const decode = bitmex.decoder({ instruments: new Map() })
  return (frame: unknown) => decode({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
}
const row = { orderID: 'o-1', symbol: 'XBTUSD', side: 'Sell', price: 10_000, leavesQty: 500 }
const table = (action: string, ...data: object[]) => ({ table: 'liquidation', action, data })
const contract = (more: object) => ({
  table: 'instrument',
  action: 'partial',
  data: [
    {
      symbol: 'ETHUSD',
      underlying: 'ETH',
      quoteCurrency: 'USD',
      settlCurrency: 'XBt',
      multiplier: 100,
      isQuanto: true,
      isInverse: false,
      timestamp: '2019-06-01T00:00:00.000Z',
      markPrice: 250,
      openInterest: 1_000,
      ...more,
    },
  ],
})

describe('bitmex', () => {
  it('counts an order when it enters the book, not its updates and its end', () => {
    const decode = decoder()
    expect(decode(table('insert', row))).toEqual([
      expect.objectContaining({
        side: 'long',
        size: 0.05,
        usd: 500,
        contracts: 500,
        priceKind: 'limit',
        time: undefined,
      }),
    ])
    expect(decode(table('update', { orderID: 'o-1', symbol: 'XBTUSD', leavesQty: 100 }))).toEqual([])
    expect(decode(table('delete', { orderID: 'o-1', symbol: 'XBTUSD' }))).toEqual([])
    expect(decode(table('insert', { ...row, side: 'Buy' }))[0]).toMatchObject({ side: 'short' })
  })

  it('learns contracts from the instrument table and does not value a quanto', () => {
    const decode = decoder()
    expect(decode(table('insert', { ...row, symbol: 'ETHUSD' }))[0]).toMatchObject({ type: 'refused' })
    decode(contract({}))
    expect(decode(table('insert', { ...row, symbol: 'ETHUSD', price: 250 }))[0]).toMatchObject({
      coin: 'ETH',
      size: undefined,
      usd: undefined,
      contracts: 500,
    })
    const linear = { symbol: 'XBTUSDT', underlying: 'XBT', quoteCurrency: 'USDT', settlCurrency: 'USDt', multiplier: 1 }
    decode(contract({ ...linear, isQuanto: false }))
    const [fact] = decode(table('insert', { ...row, symbol: 'XBTUSDT', leavesQty: 1_000_000 }))
    expect(fact).toMatchObject({ coin: 'BTC', size: 1, usd: 10_000 })
  })

  it('reads mark and open interest from the instrument table, and refuses changes of an unknown contract', () => {
    const facts = decoder()(contract({ fundingRate: 0.0001 }))
    expect(facts.map((fact) => fact.type)).toEqual(['mark', 'funding', 'open-interest'])
    const update = { table: 'instrument', action: 'update', data: [{ symbol: 'WHAT', markPrice: 1 }] }
    expect(decoder()(update)).toEqual([expect.objectContaining({ type: 'refused' })])
    expect(decoder()({ ...update, data: [{ symbol: 'WHAT', bidPrice: 1 }] })).toEqual([])
  })

  it('refuses absurd rows, and ends', () => {
    for (const wrong of [{ price: 0 }, { leavesQty: -5 }, { side: 'Hold' }, { orderID: '' }]) {
      expect(decoder()(table('insert', { ...row, ...wrong })).map((fact) => fact.type)).toEqual(['refused'])
    }
    expect(decoder()('{')[0]?.type).toBe('refused')
    expect(policyAt(bitmex, 'liquidations', Date.parse('2026-09-22') as UnixMs)).toEqual({ kind: 'complete' })
    expect(policyAt(bitmex, 'liquidations', Date.parse('2026-09-23') as UnixMs)).toEqual({ kind: 'none' })
  })
})
