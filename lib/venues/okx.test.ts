import { describe, expect, it } from 'vitest'
import type { Instrument, UnixMs } from '../model/index.ts'
import { okx } from './okx.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_790_000_000_500 as UnixMs
const ts = '1790000000000'
const list = okx.metadata[0]?.parse(
  JSON.stringify({
    code: '0',
    data: [
      { instId: 'SOL-USDT-SWAP', ctVal: '10', ctMult: '1', ctType: 'linear', settleCcy: 'USDT' },
      { instId: 'BTC-USD-SWAP', ctVal: '100', ctMult: '1', ctType: 'inverse', settleCcy: 'BTC' },
      { instId: 'BTC-USD_UM-SWAP', ctVal: '0.01', ctMult: '1', ctType: 'linear', settleCcy: 'USDC' },
    ],
  }),
) as readonly Instrument[]
const instruments = new Map(list.map((each) => [each.symbol, each]))
const decode = (frame: unknown) =>
  okx.decoder({ instruments })({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
const detail = { bkPx: '200', posSide: 'short', side: 'buy', sz: '3', ts }
const orders = (instId: string, ...details: object[]) => ({
  arg: { channel: 'liquidation-orders', instType: 'SWAP' },
  data: [{ instId, instType: 'SWAP', details }],
})

describe('okx', () => {
  it('values contracts by the list: coins when linear, dollars when inverse', () => {
    expect(decode(orders('SOL-USDT-SWAP', detail))[0]).toMatchObject({
      ...{ coin: 'SOL', side: 'short', contracts: 3, size: 30, price: 200, priceKind: 'bankruptcy', usd: 6_000 },
    })
    expect(decode(orders('BTC-USD-SWAP', detail))[0]).toMatchObject({ usd: 300, size: 1.5, contracts: 3 })
    expect(decode(orders('BTC-USD_UM-SWAP', detail))[0]).toMatchObject({ coin: 'BTC', size: 0.03, usd: 6 })
  })

  it('takes every detail; where posSide is net the order’s side tells', () => {
    const net = { ...detail, posSide: 'net' }
    const facts = decode(orders('SOL-USDT-SWAP', { ...net, side: 'sell' }, net, net))
    expect(facts.map((fact) => 'side' in fact && fact.side)).toEqual(['long', 'short', 'short'])
    expect(new Set(facts.map((fact) => 'key' in fact && fact.key)).size).toBe(3)
    expect(decode(orders('SOL-USDT-SWAP', { ...detail, side: 'sell' }))[0]).toMatchObject({ side: 'short' })
    expect(decode(orders('SOL-USDT-SWAP', { ...detail, posSide: 'long' }))[0]).toMatchObject({ side: 'long' })
  })

  it('keeps the contracts of an unlisted instrument and guesses nothing', () => {
    const [fact] = decode(orders('NEW-USDT-SWAP', detail))
    expect(fact).toMatchObject({ coin: 'NEW', contracts: 3, size: undefined, usd: undefined })
    expect(fact).not.toHaveProperty('usdBasis')
  })

  it('refuses bad rows one by one', () => {
    for (const wrong of [{ sz: '0' }, { bkPx: '' }, { ts: '1' }, { posSide: 'net', side: 'up' }]) {
      expect(decode(orders('SOL-USDT-SWAP', { ...detail, ...wrong }, detail)).map((fact) => fact.type)).toEqual([
        'refused',
        'perp-liquidation',
      ])
    }
    for (const instId of ['', '-0', 'SOL']) expect(decode(orders(instId, detail))[0]?.type).toBe('refused')
    expect(decode(orders('SOL-USDT-SWAP'))[0]?.type).toBe('refused')
  })

  it('reads the insurance fund from adl-warning', () => {
    const data = [{ instType: 'SWAP', instFamily: 'BTC-USDT', state: 'warning', bal: '1000', ccy: 'USDT', ts }]
    expect(decode({ arg: { channel: 'adl-warning' }, data })[0]).toMatchObject({
      ...{ type: 'insurance-draw', fund: 'BTC-USDT', balance: 1_000, state: 'warning' },
    })
  })

  it('reads open interest, funding (with its own interval) and mark, by socket and by REST', () => {
    const oi = { instId: 'SOL-USDT-SWAP', oi: '5', oiCcy: '50', oiUsd: '10000', ts }
    const expected = { type: 'open-interest', contracts: 5, size: 50, usd: 10_000 }
    expect(decode({ arg: { channel: 'open-interest' }, data: [oi] })[0]).toMatchObject(expected)
    expect(decode({ code: '0', data: [oi] })[0]).toMatchObject(expected)
    expect(decode({ code: '0', data: [{ instId: 'SOL-USDT-SWAP', markPx: '200', ts }] })[0]).toMatchObject({ price: 200 })
    const next = { fundingTime: '1790006400000', nextFundingTime: '1790020800000' }
    const rate = { instId: 'SOL-USDT-SWAP', fundingRate: '-0.0002', ts, ...next }
    expect(decode({ arg: { channel: 'funding-rate' }, data: [rate] })[0]).toMatchObject({
      ...{ type: 'funding', rate: -0.0002, intervalHours: 4, nextAt: 1_790_006_400_000 },
    })
  }) // biome-ignore format: rows read better whole

  it('stays within 480 subscriptions, and speaks its text pings', () => {
    const symbols = Array.from({ length: 900 }, (_, index) => `C${index}-USDT-SWAP`)
    const plans = okx.plan({ channels: ['liquidations', 'funding'], symbols, instruments }) as readonly SocketPlan[]
    for (const plan of plans) {
      const topics = plan.subscribe.flatMap((text) => JSON.parse(text).args as object[])
      expect(topics.length).toBeLessThanOrEqual(480)
      expect(plan.ping).toEqual({ everyMs: 20_000, send: { text: 'ping' } })
    }
    expect(plans[0]?.control?.('pong')).toEqual({ kind: 'heartbeat' })
    expect(plans[0]?.control?.('{"event":"error","code":"60012","msg":"Illegal request"}')?.kind).toBe('refused')
    expect(decode('pong')).toEqual([])
  })
})
