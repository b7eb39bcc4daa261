/**
 * Real frames with what another normaliser (tardis-node) made of them: every liquidation and every ticker of a venue of ours must agree,
 * or the difference stands below with its reason.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Instrument, Payoff, UnixMs } from '../model/index.ts'
import { type Decoded, type Refused, venue, venues } from '../venues/index.ts'

const FOLDER = resolve('../shared/data/ws-fixtures')
const FILE = `${FOLDER}/tardis_raw_to_normalized.json`

type Liquidation = {
  type: 'liquidation'
  symbol: string
  price: number
  amount: number
  side: string
  timestamp: string
}
type Ticker = {
  type: 'derivative_ticker'
  symbol: string
  openInterest: number | null
  fundingRate: number | null
  indexPrice: number | null
  markPrice: number | null
}
type Pair = { exchange: string; seq: number; raw: unknown; normalized: (Liquidation | Ticker | { type: 'trade' })[] }

const contract = (symbol: string, coin: string, payoff: Payoff, contractSize: number): [string, Instrument] => {
  const quote = payoff === 'inverse' ? 'USD' : 'USDT'
  return [symbol, { symbol, coin, quote, settle: payoff === 'inverse' ? coin : quote, payoff, contractSize }]
}

/** What tardis's `amount` counts: dollars, coins, contracts as the venue's own list values them. */
type Unit = 'dollars' | 'coins' | 'contracts'
type Rule = { venue: string; amount: Unit; instruments?: [string, Instrument][]; differs?: string }

/** One line per exchange of the fixtures that is a venue of ours. `differs`: what we do otherwise, and why. */
const RULES: Record<string, Rule> = {
  deribit: { venue: 'deribit', amount: 'dollars' },
  cryptofacilities: { venue: 'kraken', amount: 'dollars' },
  'bitfinex-derivatives': {
    venue: 'bitfinex',
    amount: 'coins',
    differs: 'the same number as price, but we call it what the page calls it: the entry price',
  },
  bitmex: {
    venue: 'bitmex',
    amount: 'dollars',
    differs: 'no time in the frame: tardis takes its own clock, we leave it unknown and the stamp says received',
  },
  'dydx-v4': { venue: 'dydx', amount: 'coins' },
  lighter: { venue: 'lighter', amount: 'coins', instruments: [contract('1', 'BTC', 'linear', 1)] },
  'binance-futures': {
    venue: 'binance-um',
    amount: 'coins',
    instruments: [contract('BTCUSDT', 'BTC', 'linear', 1)],
    differs: 'tardis takes the order’s limit `p`; we take `ap`, what the order was filled at',
  },
  'binance-delivery': {
    venue: 'binance-cm',
    amount: 'contracts',
    instruments: [contract('BTCUSD_200925', 'BTC', 'inverse', 100)],
    differs: 'tardis takes `p` and leaves contracts; we take `ap` and value contracts of 100 dollars',
  },
  bybit: {
    venue: 'bybit',
    amount: 'coins',
    instruments: [
      contract('PIPPINUSDT', 'PIPPIN', 'linear', 1),
      contract('BTCUSDT', 'BTC', 'linear', 1),
      contract('GALAUSDT', 'GALA', 'linear', 1),
      contract('BTCUSD', 'BTC', 'inverse', 1),
      contract('ETHUSD', 'ETH', 'inverse', 1),
      contract('XRPUSD', 'XRP', 'inverse', 1),
    ],
  },
  'okex-futures': {
    venue: 'okx',
    amount: 'contracts',
    instruments: [
      contract('XRP-USD-230929', 'XRP', 'inverse', 10),
      contract('ETH-USD-210326', 'ETH', 'inverse', 10),
      contract('BTC-USD-210326', 'BTC', 'inverse', 100),
      contract('BTC-USD-220624', 'BTC', 'inverse', 100),
      contract('BTC-USDT-211231', 'BTC', 'linear', 0.01),
    ],
    differs: 'tardis leaves contracts; we value them',
  },
  'okex-swap': {
    venue: 'okx',
    amount: 'contracts',
    instruments: [contract('UNI-USD-SWAP', 'UNI', 'inverse', 10), contract('BTC-USDT-SWAP', 'BTC', 'linear', 0.01)],
    differs: 'tardis leaves contracts; we value them',
  },
  'huobi-dm': {
    venue: 'htx',
    amount: 'contracts',
    instruments: [contract('BTC200925', 'BTC', 'inverse', 100), contract('BTC200703', 'BTC', 'inverse', 100)],
    differs: 'tardis leaves contracts and renames BTC200925 to BTC_CQ; we value them and keep the code of the row',
  },
  'huobi-dm-swap': {
    venue: 'htx',
    amount: 'contracts',
    instruments: [contract('ETH-USD', 'ETH', 'inverse', 10), contract('BSV-USD', 'BSV', 'inverse', 10)],
    differs: 'tardis leaves contracts; we value them',
  },
  'huobi-dm-linear-swap': {
    venue: 'htx',
    amount: 'contracts',
    instruments: [contract('BTC-USDT', 'BTC', 'linear', 0.001)],
    differs:
      'tardis takes `volume` (contracts); we take `amount` (coins) and `trade_turnover` (dollars) of the same row',
  },
  'bitget-futures': {
    venue: 'bitget',
    amount: 'dollars',
    differs: 'tardis takes `amount` for coins; amount / price gives round lots (83.1, 286.5), so it is the quote',
  },
}

/** Frames of exchanges that are no venue of ours. */
const FOREIGN: Record<string, string> = { 'ftx#9': 'FTX ended in 2022' }

const exists = existsSync(FILE)
const pairs: Pair[] = exists ? JSON.parse(readFileSync(FILE, 'utf8')).pairs : []
const nameOf = ({ exchange, seq }: Pair) => `${exchange}#${seq}`
const received = Date.UTC(2019, 5, 1) as UnixMs

function decode(id: string, raw: unknown, instruments: [string, Instrument][] = [], before: unknown[] = []) {
  const decoder = venue(id).decoder({ instruments: new Map(instruments) })
  for (const frame of before) decoder({ received, text: JSON.stringify(frame) })
  return decoder({ received, text: JSON.stringify(raw) })
}

const liquidationsOf = (pair: Pair) =>
  pair.normalized.filter((each): each is Liquidation => each.type === 'liquidation')
const withLiquidations = pairs.filter((pair) => liquidationsOf(pair).length > 0)
const closed = (facts: readonly (Decoded | Refused)[]) => facts.filter((fact) => fact.type === 'perp-liquidation')

describe.skipIf(!exists)('liquidations of tardis fixtures', () => {
  it('are all spoken for: decoded here, or of an exchange that is no venue of ours', () => {
    expect(withLiquidations.flatMap(liquidationsOf)).toHaveLength(37)
    const unspoken = withLiquidations.filter((pair) => !FOREIGN[nameOf(pair)] && !RULES[pair.exchange]).map(nameOf)
    expect(unspoken).toEqual([])
  })

  for (const pair of withLiquidations.filter((each) => !FOREIGN[nameOf(each)])) {
    const rule = RULES[pair.exchange] as Rule
    it.skipIf(!venues.has(rule?.venue))(`${nameOf(pair)}${rule?.differs ? `: ${rule.differs}` : ''}`, () => {
      const ours = closed(decode(rule.venue, pair.raw, rule.instruments))
      const theirs = liquidationsOf(pair)
      expect(ours).toHaveLength(theirs.length)
      ours.forEach((fact, index) => {
        const their = theirs[index] as Liquidation
        const instrument = new Map(rule.instruments).get(fact.instrument)
        if (pair.exchange !== 'huobi-dm') expect(fact.instrument).toBe(their.symbol)
        // Theirs is the side of the order that closes, ours that of the position it closes.
        expect(fact.side).toBe(their.side === 'sell' ? 'long' : 'short')
        expect(fact.time).toBe(rule.venue === 'bitmex' ? undefined : Date.parse(their.timestamp))
        const filled = (pair.raw as { data?: { o?: { ap?: string } } }).data?.o?.ap
        expect(fact.price).toBe(filled === undefined ? their.price : Number(filled))
        const size =
          rule.amount === 'contracts' ? their.amount * (instrument?.contractSize ?? Number.NaN) : their.amount
        if (rule.amount === 'dollars' || instrument?.payoff === 'inverse') expect(fact.usd).toBeCloseTo(size, 6)
        else expect(fact.size).toBeCloseTo(size, 9)
      })
    })
  }
})

/** The facts that each ticker frame of ours gives, per instrument; `-`: none, with the reason in TICKER_REASONS. */
const TICKERS: Record<string, string> = {
  'deribit#5': 'mark funding open-interest',
  'deribit#6': 'mark funding open-interest',
  'deribit#15': '-',
  'deribit#16': '-',
  'deribit#17': '-',
  'bitmex#4': 'mark open-interest',
  'bitmex#5': '-',
  'bitfinex-derivatives#2': '-',
  'bitfinex-derivatives#4': 'funding',
  'bitfinex-derivatives#5': 'mark funding',
  'bitfinex-derivatives#6': 'mark funding',
  'bitfinex-derivatives#10': 'mark funding open-interest',
  'cryptofacilities#2': 'mark open-interest',
  'cryptofacilities#3': 'mark funding open-interest',
  'cryptofacilities#6': 'mark funding open-interest',
  'cryptofacilities#12': 'mark open-interest',
  'cryptofacilities#13': 'mark funding open-interest',
  'cryptofacilities#15': 'mark funding open-interest',
  'dydx-v4#6': 'mark funding open-interest',
  'dydx-v4#7': 'open-interest',
  'dydx-v4#8': 'mark',
  'hyperliquid#7': 'mark funding open-interest',
  'lighter#2': 'mark funding open-interest',
}
const TICKER_REASONS: Record<string, string> = {
  'deribit#15': 'a combination of options has a price that may be below zero',
  'deribit#16': 'a combination of futures is not a contract of its own',
  'deribit#17': 'a combination of options has a price that may be below zero',
  'bitmex#5': 'a change of bid and ask alone; tardis repeats what it knew of mark and open interest',
  'bitfinex-derivatives#2': 'no mark, no open interest, no funding in force: tardis reports the last price',
}
/** The tickers where our funding rate is another number than theirs. */
const FUNDING: Record<string, { rate: number; why: string }> = {
  'cryptofacilities#3': { rate: 0.000104908704166667, why: 'they take the rate in dollars per contract before 2022' },
  'cryptofacilities#6': { rate: -5.7456135416667e-5, why: 'they take the rate in dollars per contract before 2022' },
  'cryptofacilities#13': { rate: 0.000156359265625, why: 'they take the rate in dollars per contract before 2022' },
  'lighter#2': { rate: Number.NaN, why: 'stated in per cent; the fixture is older than tardis’s own correction' },
}

describe.skipIf(!exists)('tickers of tardis fixtures', () => {
  const ids: Record<string, string> = { hyperliquid: 'hyperliquid' }
  for (const [exchange, rule] of Object.entries(RULES)) ids[exchange] = rule.venue
  const mine = ['deribit', 'bitmex', 'bitfinex', 'kraken', 'dydx', 'hyperliquid', 'lighter']
  const ours = pairs.filter(
    (pair) =>
      mine.includes(ids[pair.exchange] ?? '') && pair.normalized.some((each) => each.type === 'derivative_ticker'),
  )
  // Bitfinex names a channel only in the acknowledgement of its subscription.
  const subscribed = { event: 'subscribed', channel: 'status', chanId: 127_758, key: 'deriv:tBTCF0:USTF0' }

  it('are all in the table', () => {
    const isTicker = (pair: Pair) => liquidationsOf(pair).length === 0
    expect(ours.filter(isTicker).map(nameOf).sort()).toEqual(Object.keys(TICKERS).sort())
    expect(
      Object.keys(TICKERS)
        .filter((name) => TICKERS[name] === '-')
        .sort(),
    ).toEqual(Object.keys(TICKER_REASONS).sort())
  })

  for (const pair of ours) {
    const name = nameOf(pair)
    if (TICKERS[name] === undefined) continue
    it(`${name}: ${TICKER_REASONS[name] ?? TICKERS[name]}`, () => {
      const before = pair.exchange === 'bitfinex-derivatives' ? [subscribed] : []
      const facts = decode(ids[pair.exchange] as string, pair.raw, [], before)
      const theirs = pair.normalized.filter((each): each is Ticker => each.type === 'derivative_ticker')
      if (TICKERS[name] === '-') expect(facts).toEqual([])
      else for (const their of theirs) agrees(name, facts, their)
    })
  }
})

function agrees(name: string, facts: readonly (Decoded | Refused)[], their: Ticker) {
  const own = facts.filter((fact) => 'instrument' in fact && fact.instrument === their.symbol)
  expect(own.map((fact) => fact.type).join(' ')).toBe(TICKERS[name])
  for (const fact of own) {
    if (fact.type === 'mark') {
      expect(fact.price).toBe(their.markPrice)
      expect(fact.index ?? null).toBe(their.indexPrice)
    }
    if (fact.type === 'funding') {
      const expected = FUNDING[name]?.rate ?? their.fundingRate
      expect(fact.rate).toBeCloseTo(Number.isNaN(expected) ? Number(their.fundingRate) / 100 : Number(expected), 15)
    }
    if (fact.type === 'open-interest') {
      const inDollars = /^(deribit|cryptofacilities|lighter)#/.test(name)
      expect(inDollars ? fact.usd : fact.size).toBe(their.openInterest)
    }
  }
}

const nautilus = (file: string): unknown => JSON.parse(readFileSync(`${FOLDER}/nautilus/${file}`, 'utf8'))

describe.skipIf(!exists)('liquidations of nautilus fixtures', () => {
  it('hyperliquid: a maker who opens a short met a short that was bought back', () => {
    expect(decode('hyperliquid', nautilus('hyperliquid__ws_user_fill_liquidation.json'))).toEqual([
      expect.objectContaining({
        side: 'short',
        size: 0.001,
        price: 66_653,
        account: '0x360878d351f05975e25f1807a27895e1e5e004fb',
        method: 'market',
        key: '745210434703679',
      }),
    ])
  })

  it('bitmex: the row of an insert', () => {
    const raw = { table: 'liquidation', action: 'insert', data: [nautilus('bitmex__ws_liquidation.json')] }
    expect(decode('bitmex', raw)).toEqual([expect.objectContaining({ side: 'short', usd: 1_000, price: 95_000 })])
  })

  it.skipIf(!venues.has('binance-um'))('binance: the fill price and the position’s side', () => {
    const [fact] = decode('binance-um', nautilus('binance__futures_market_data_json_liquidation_stream.json'), [
      contract('BTCUSDT', 'BTC', 'linear', 1),
    ])
    expect(fact).toMatchObject({ side: 'long', size: 0.014, price: 9_910.12345678, time: 1_568_014_460_893 })
  })

  it('private order frames are no public liquidations', () => {
    for (const [id, file] of [
      ['okx', 'okx__ws_orders_liquidation.json'],
      ['okx', 'okx__ws_orders_adl.json'],
      ['bybit', 'bybit__ws_account_execution_adl.json'],
      ['binance-um', 'binance__futures_user_data_json_order_update_adl.json'],
    ] as const) {
      if (venues.has(id)) expect([id, closed(decode(id, nautilus(file)))]).toEqual([id, []])
    }
  })
})
