/**
 * Real ticker frames of the exchanges with liquidation streams, against what another normaliser (tardis-node) made of them.
 * Theirs repeats what it heard before; ours says what the frame says, so each fact of ours must be among theirs.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Instrument, UnixMs } from '../model/index.ts'
import { type Decoded, venue } from '../venues/index.ts'

const FILE = resolve('../shared/data/ws-fixtures/tardis_raw_to_normalized.json')

type Numbers = { markPrice: number | null; indexPrice: number | null; fundingRate: number | null; openInterest: number | null } // biome-ignore format: one record
type Ticker = Numbers & { type: string; symbol: string; timestamp: string }
type Pair = { exchange: string; seq: number; raw: unknown; normalized: Ticker[] }

const VENUES: Readonly<Record<string, string>> = {
  'binance-futures': 'binance-um',
  'binance-delivery': 'binance-cm',
  bybit: 'bybit',
  'okex-futures': 'okx',
  'okex-swap': 'okx',
  'bitget-futures': 'bitget',
  'gate-io-futures': 'gate',
}
/** The facts of each frame of a channel of ours. */
const FACTS: Readonly<Record<string, string>> = {
  'binance-futures#3': 'mark funding',
  'binance-futures#9': 'open-interest',
  'binance-futures#10': 'mark funding',
  'binance-futures#14': 'mark',
  'binance-delivery#4': 'mark',
  'binance-delivery#8': 'open-interest',
  'bybit#45': 'mark funding open-interest',
  'bybit#46': 'funding open-interest',
  'bybit#47': 'mark open-interest',
  'bybit#49': 'mark funding open-interest',
  'okex-futures#21': 'mark',
  'okex-futures#22': 'open-interest',
  'okex-futures#29': 'mark',
  'okex-swap#15': 'funding',
  'okex-swap#19': 'mark',
  'okex-swap#20': 'open-interest',
  'okex-swap#21': '',
  'bitget-futures#6': 'mark funding open-interest',
  'bitget-futures#8': 'mark funding open-interest',
  'bitget-futures#9': 'mark open-interest',
  'gate-io-futures#5': 'mark funding mark funding',
  'gate-io-futures#16': 'mark funding',
  'gate-io-futures#21': 'mark funding open-interest',
}
const GATE: Instrument = { symbol: 'BTC_USDT', coin: 'BTC', quote: 'USDT', settle: 'USDT', payoff: 'linear', contractSize: 0.0001 } // biome-ignore format: one record
/** Open interest in contracts, which theirs gives, for one contract's worth of ours. */
const WORTH: Readonly<Record<string, number>> = { 'binance-delivery#8': 100, 'gate-io-futures#21': 0.0001 }

const exists = existsSync(FILE)
const pairs: Pair[] = exists ? JSON.parse(readFileSync(FILE, 'utf8')).pairs : []
const tickers = pairs.filter(({ exchange, normalized }) => VENUES[exchange] && normalized.some((each) => each.type === 'derivative_ticker')) // biome-ignore format: one condition
const decode = ({ exchange, raw }: Pair) =>
  venue(VENUES[exchange] as string).decoder({ instruments: new Map([[GATE.symbol, GATE]]) })({
    received: 1_600_000_000_000 as UnixMs,
    text: JSON.stringify(raw),
  })

describe.skipIf(!exists)('tickers of the exchanges', () => {
  it('of channels that are not ours are refused, none is passed over', () => {
    const foreign = tickers.filter(({ exchange, seq }) => FACTS[`${exchange}#${seq}`] === undefined)
    expect(foreign.length + Object.keys(FACTS).length).toBe(tickers.length)
    for (const pair of foreign) {
      const reasons = decode(pair).map((fact) => (fact.type === 'refused' ? fact.reason : fact.type))
      expect(reasons).toEqual([expect.stringMatching(/^unknown (event|topic|channel)/)])
    }
  })
  for (const pair of tickers) {
    const name = `${pair.exchange}#${pair.seq}`
    if (FACTS[name] === undefined) continue
    it(`${name}: ${FACTS[name] || 'nothing yet'}`, () => {
      const facts = decode(pair) as Decoded[]
      expect(facts.map((fact) => fact.type).join(' ')).toBe(FACTS[name])
      for (const fact of facts) agrees(fact, pair.normalized[0] as Ticker, WORTH[name] ?? 1)
    })
  }
})

function agrees(fact: Decoded, their: Ticker, worth: number) {
  expect('instrument' in fact && fact.instrument).toBe(their.symbol)
  if (fact.type === 'mark')
    expect([fact.price, fact.index ?? their.indexPrice]).toEqual([their.markPrice, their.indexPrice])
  if (fact.type === 'funding') expect(fact.rate).toBe(their.fundingRate)
  if (fact.type === 'open-interest') {
    const said = [fact.contracts, fact.size, fact.usd].map((value) =>
      Number(((value ?? Number.NaN) / worth).toPrecision(12)),
    )
    expect(said).toContain(their.openInterest)
  }
}
