import { describe, expect, it } from 'vitest'
import type { Instrument, UnixMs } from '../model/index.ts'
import { htx } from './htx.ts'
import type { SocketPlan } from './venue.ts'

const received = 1_790_000_000_500 as UnixMs
const time = 1_790_000_000_000
const inverse = htx.metadata[1]?.parse(
  JSON.stringify({ status: 'ok', data: [{ contract_code: 'BTC-USD', symbol: 'BTC', contract_size: 100 }] }),
) as readonly Instrument[]
const listed = new Map(inverse.map((each) => [each.symbol, each]))
const decode = (frame: unknown, instruments = listed) =>
  htx.decoder({ instruments })({ received, text: typeof frame === 'string' ? frame : JSON.stringify(frame) })
const row = {
  ...{ symbol: 'ETH', contract_code: 'ETH-USDT', direction: 'buy', offset: 'close', volume: 500, price: 2_446.26 },
  ...{ created_at: time, amount: 5, trade_turnover: 12_231.3, trade_partition: 'USDT' },
}
const notify = (...data: object[]) => ({ op: 'notify', topic: 'public.*.liquidation_orders', ts: time, data })

describe('htx', () => {
  it('reads closing orders: buy to close ends a short; coins, and dollars as reported', () => {
    expect(decode(notify(row, { ...row, direction: 'sell' }))).toEqual([
      expect.objectContaining({ side: 'short', size: 5, contracts: 500, usd: 12_231.3, usdBasis: 'reported', time }),
      expect.objectContaining({ side: 'long' }),
    ])
    expect(decode(notify({ ...row, offset: 'open' }))[0]?.type).toBe('refused')
  })

  it('values coin-margined contracts by the list, else by their coins, else not at all', () => {
    const { amount: _amount, trade_turnover: _turnover, ...bare } = row
    const coin = { ...bare, symbol: 'BTC', contract_code: 'BTC-USD', volume: 4, price: 50_000 }
    expect(decode(notify(coin))[0]).toMatchObject({ usd: 400, size: 0.008, contracts: 4 })
    expect(decode(notify({ ...coin, amount: 0.008 }), new Map())[0]).toMatchObject({ usd: 400, size: 0.008 })
    const [unknown] = decode(notify(coin), new Map())
    expect(unknown).toMatchObject({ coin: 'BTC', contracts: 4, size: undefined, usd: undefined })
    expect(unknown).not.toHaveProperty('usdBasis')
  })

  it('refuses absurd rows, one by one', () => {
    for (const wrong of [{ amount: 0 }, { price: -1 }, { created_at: 0 }, { direction: 'up' }, { contract_code: '' }])
      expect(decode(notify({ ...row, ...wrong }, row)).map((fact) => fact.type)).toEqual([
        'refused',
        'perp-liquidation',
      ])
  })

  it('reads open interest and funding of both families by REST', () => {
    const linear = { contract_code: 'ETH-USDT', volume: 100, amount: 1, value: 2_400 }
    expect(decode({ status: 'ok', ts: time, data: [linear] })[0]).toMatchObject({ contracts: 100, size: 1, usd: 2_400 })
    const coin = { contract_code: 'BTC-USD', volume: 100, amount: 0.2 }
    expect(decode({ status: 'ok', ts: time, data: [coin] })[0]).toMatchObject({ size: 0.2, usd: 10_000 })
    const funding = { contract_code: 'ETH-USDT', funding_rate: '0.0001', funding_time: '1790006400000' }
    expect(decode({ status: 'ok', ts: time, data: [funding] })[0]).toMatchObject({ rate: 0.0001, intervalHours: 8 })
  })

  it('echoes the ping of either form, and takes a repeated subscription for harmless', () => {
    const [plan] = htx.plan({ channels: ['liquidations'], instruments: listed }) as readonly SocketPlan[]
    expect(plan?.gzip).toBe(true)
    expect(plan?.reply?.('{"op":"ping","ts":"1492420473058"}')).toBe('{"op":"pong","ts":"1492420473058"}')
    expect(plan?.reply?.('{"ping":1492420473027}')).toBe('{"pong":1492420473027}')
    expect(plan?.reply?.(JSON.stringify(notify(row)))).toBeUndefined()
    const refused = (code: number) => plan?.control?.(JSON.stringify({ op: 'sub', 'err-code': code, 'err-msg': 'x' }))
    expect(refused(2_014)).toMatchObject({ kind: 'refused', harmless: true })
    expect(refused(2_011)).toMatchObject({ kind: 'refused', harmless: false })
    expect(refused(0)).toEqual({ kind: 'subscribed' })
  })
})
