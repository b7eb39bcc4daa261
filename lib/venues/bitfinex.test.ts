import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { bitfinex } from './bitfinex.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_700_000_000_500 as UnixMs
const decoder = () => {
  const decode = bitfinex.decoder({ instruments: new Map() })
  return (frame: unknown) => decode({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
}
const time = 1_700_000_000_000
const row = (amount: number, isMatch: unknown) => [
  'pos', 42, time, null, 'tBTCF0:USTF0', amount, 30_000, null, isMatch, 1, null, 29_000,
] // biome-ignore format: a row reads best on one line

describe('bitfinex', () => {
  it('counts the trigger once, by the sign of the position, at its entry price', () => {
    const decode = decoder()
    expect(decode([91_684, [row(0.5, 0)]])).toEqual([
      expect.objectContaining({
        instrument: 'BTCF0:USTF0',
        coin: 'BTC',
        side: 'long',
        size: 0.5,
        price: 30_000,
        priceKind: 'entry',
        usd: 15_000,
        time,
      }),
    ])
    expect(decode([91_684, [row(-2, 0)]])[0]).toMatchObject({ side: 'short', size: 2 })
    expect(decode([91_684, [row(0.5, 1)]])).toEqual([])
  })

  it('refuses rows it cannot read', () => {
    const decode = decoder()
    expect(decode([1, [row(0, 0)]])[0]).toMatchObject({ type: 'refused' })
    expect(decode([1, [row(1, null)]])[0]).toMatchObject({ type: 'refused' })
    expect(decode([1, [['pos', 1, 7, null, 'tBTCF0:USTF0', 1, 1, null, 0, 1]]])[0]).toMatchObject({ type: 'refused' })
    expect(decode('"text"')[0]).toMatchObject({ type: 'refused' })
    expect(decode('[')[0]).toMatchObject({ type: 'refused' })
  })

  it('knows a status channel only by its acknowledgement', () => {
    const status = [time, null, 30_010, 30_000, null, 1, null, time + 1, 0, 0, null, 0.0003, null, null, 30_005]
    const decode = decoder()
    expect(decode([7, status])[0]).toMatchObject({ type: 'refused', reason: 'a status of an unknown channel' })
    decode({ event: 'subscribed', channel: 'status', chanId: 7, key: 'deriv:tETHF0:USTF0' })
    expect(decode([7, [...status, null, null, 12.5]])).toEqual([
      expect.objectContaining({ type: 'mark', coin: 'ETH', price: 30_005, index: 30_000 }),
      expect.objectContaining({ type: 'funding', rate: 0.0003, intervalHours: 8, nextAt: time + 1 }),
      expect.objectContaining({ type: 'open-interest', size: 12.5, usd: 12.5 * 30_005 }),
    ])
    expect(decode([['tETHF0:USTF0', ...status]]).map((fact) => fact.type)).toEqual(['mark', 'funding'])
    expect(decode([7, 'hb'])).toEqual([])
  })

  it('plans one socket for all liquidations and hears its heartbeat', () => {
    const plans = bitfinex.plan({ channels: ['liquidations', 'funding'], instruments: new Map() })
    expect(plans.map((plan) => plan.kind)).toEqual(['socket', 'poll'])
    const socket = plans[0] as SocketPlan
    expect(socket.subscribe[0]).toContain('liq:global')
    expect(socket.control?.('[91684,"hb"]')).toEqual({ kind: 'heartbeat' })
    expect(socket.control?.('{"event":"error","msg":"dup","code":10301}')).toMatchObject({ harmless: true })
    expect(bitfinex.metadata[0]?.parse('[["BTCF0:USTF0"]]')).toMatchObject([{ coin: 'BTC', quote: 'USDT' }])
  })
})
