import { describe, expect, it } from 'vitest'
import { BUY, FOK, IOC, LIMIT, MARKET, POST_ONLY, SELL } from '../kernels/index.ts'
import { liquidationPrice, marketOf, perpProfile } from '../mechanisms/index.ts'
import { prng, type UnixMs } from '../model/index.ts'
import { createMaker } from './agents/maker.ts'
import { sessionOn } from './exchange/session-fixture.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { publishedOf, shownOf, THROTTLES } from './throttle.ts'

const T0 = 1_760_000_000_000 as UnixMs
const USD = 1e6

/** A Hyperliquid venue with BTC, users paid in with 100,000 USDC each, marked at 60,000. Ticks are dollars, lots 1e-5 BTC. */
function hyperliquid(users = 6): Exchange {
  const exchange = createExchange({
    profile: perpProfile('hyperliquid'),
    markets: [{ symbol: 'BTC', minPrice: 1_000, maxPrice: 200_000, orders: 2_000 }],
    accounts: users,
    start: T0,
  })
  for (let user = 0; user < users; user++) exchange.deposit(4 + user, 0, 100_000 * USD)
  exchange.mark(0, 60_000)
  for (let user = 0; user < users; user++) exchange.setLeverage(4 + user, 0, 20)
  return exchange
}
const BTC = 100_000

describe('a venue', () => {
  it('matches, books both sides and takes fees to the atom', () => {
    const venue = hyperliquid()
    const ask = venue.place(4, 0, SELL, LIMIT, 60_000, 2 * BTC)
    expect(venue.place(5, 0, BUY, IOC, 60_100, 1 * BTC)).toBeGreaterThanOrEqual(0)
    expect(venue.position(5, 0)).toMatchObject({ lots: BTC, entryPrice: 60_000 })
    expect(venue.position(4, 0)).toMatchObject({ lots: -BTC, entryPrice: 60_000 })
    expect(venue.wallet(5, 0)).toBe(100_000 * USD - 60_000 * USD * 0.00045)
    expect(venue.wallet(4, 0)).toBe(100_000 * USD - 60_000 * USD * 0.00015)
    expect(venue.cancel(4, 0, ask)).toBe(BTC)
    expect(venue.cancel(4, 0, ask)).toBe(-1)
    expect(venue.refusal()).toMatchObject({ code: 'not-found' })
    venue.mark(0, 61_000)
    expect(venue.margin(5, 0).equity).toBe(venue.wallet(5, 0) + 1_000 * USD)
    venue.audit()
  })

  it('pays funding from longs to shorts on the oracle price, hourly', () => {
    const venue = hyperliquid()
    venue.place(4, 0, SELL, LIMIT, 60_000, BTC)
    venue.place(5, 0, BUY, IOC, 60_000, BTC)
    const before = [venue.wallet(4, 0), venue.wallet(5, 0)]
    venue.index(0, 50_000)
    expect(venue.fund(0, 12_500)).toBe(0.625 * USD)
    expect([venue.wallet(4, 0), venue.wallet(5, 0)]).toEqual([
      (before[0] as number) + 0.625 * USD,
      (before[1] as number) - 0.625 * USD,
    ])
    venue.audit()
  })

  it('liquidates an isolated long at the first mark beyond the exact price, and returns the rest', () => {
    const venue = hyperliquid()
    venue.setMode(5, 0, 'isolated')
    venue.place(4, 0, SELL, LIMIT, 60_000, BTC)
    venue.place(5, 0, BUY, IOC, 60_000, BTC)
    const { margin } = venue.position(5, 0)
    expect(margin).toBe(3_000 * USD)
    const market = marketOf(perpProfile('hyperliquid'), 'BTC')
    const exact = liquidationPrice(market, { side: 'long', size: 1, entryPrice: 60_000 }, { margin: 3_000 })
      ?.price as number
    venue.mark(0, Math.ceil(exact))
    expect(venue.position(5, 0).lots).toBe(BTC)
    // The book takes it at 57,700, better than the mark.
    venue.place(6, 0, BUY, LIMIT, 57_700, 5 * BTC)
    venue.mark(0, Math.floor(exact))
    expect(venue.position(5, 0)).toMatchObject({ lots: 0, margin: 0 })
    expect(venue.wallet(5, 0)).toBe(Math.round((100_000 - 60_000 * 0.00045 - 2_300 - 57_700 * 0.00045) * USD))
    expect(venue.facts().map(({ fact }) => fact)).toMatchObject([
      {
        type: 'perp-liquidation',
        side: 'long',
        size: 1,
        method: 'market',
        price: 57_700,
        priceKind: 'fill',
        account: '5',
        coin: 'BTC',
      },
    ])
    venue.audit()
  })

  it('takes a fifth of a large position, then all of it within 30 s, then a fifth again', () => {
    const venue = hyperliquid()
    venue.place(4, 0, SELL, LIMIT, 60_000, 20 * BTC)
    venue.place(5, 0, BUY, IOC, 60_000, 20 * BTC)
    venue.place(6, 0, BUY, LIMIT, 55_600, 4 * BTC)
    venue.mark(0, 55_600)
    expect(venue.position(5, 0).lots).toBe(16 * BTC)
    venue.advance((T0 + 29_000) as UnixMs)
    venue.place(7, 0, BUY, LIMIT, 55_400, 5 * BTC)
    venue.mark(0, 55_400)
    // Within the cooldown the order is for all 16: the book had 5.
    expect(venue.position(5, 0).lots).toBe(11 * BTC)
    venue.audit()
  })

  it('hands what the book left to the vault below two thirds, with all margin; the vault unwinds', () => {
    const venue = hyperliquid()
    venue.place(4, 0, SELL, LIMIT, 60_000, 10 * BTC)
    venue.place(5, 0, BUY, IOC, 60_000, 10 * BTC)
    venue.mark(0, 50_400)
    expect(venue.position(5, 0).lots).toBe(0)
    expect(venue.wallet(5, 0)).toBe(0)
    expect(venue.position(0, 0).lots).toBe(10 * BTC)
    expect(venue.facts().at(-1)?.fact).toMatchObject({ type: 'perp-liquidation', method: 'backstop' })
    venue.place(6, 0, BUY, LIMIT, 50_300, 2 * BTC)
    venue.mark(0, 50_300)
    expect(venue.position(0, 0).lots).toBe(9 * BTC)
    venue.audit()
  })

  it('closes winners at the mark before when an account is underwater: highest score first, zero-sum', () => {
    const venue = hyperliquid()
    venue.place(4, 0, SELL, LIMIT, 60_000, 3 * BTC)
    venue.place(6, 0, SELL, LIMIT, 60_000, 7 * BTC)
    venue.place(5, 0, BUY, IOC, 60_000, 10 * BTC)
    venue.mark(0, 58_000)
    const sum = [4, 5, 6].reduce((total, account) => total + venue.margin(account, 0).equity, 0)
    venue.mark(0, 40_000)
    expect(venue.position(5, 0).lots).toBe(0)
    expect([venue.position(4, 0).lots, venue.position(6, 0).lots]).toEqual([0, 0])
    const adl = venue.facts().flatMap(({ fact }) => (fact.type === 'auto-deleveraging' ? [fact] : []))
    expect(adl.map(({ account, size }) => [account, size])).toEqual([
      ['6', 7],
      ['4', 3],
    ])
    expect([4, 5, 6].reduce((total, account) => total + venue.wallet(account, 0), 0)).toBe(sum)
    venue.audit()
  })

  it('lets an insurance fund take over at bankruptcy, and winners stand in for an empty fund', () => {
    for (const fund of [0, 1_000_000]) {
      const venue = createExchange({
        profile: perpProfile('binance-usdm'),
        markets: [{ symbol: 'BTCUSDT', minPrice: 1_000, maxPrice: 200_000 }],
        accounts: 4,
        start: T0,
      })
      for (const user of [4, 5, 6]) venue.deposit(user, 0, 100_000 * USD)
      if (fund > 0) venue.deposit(0, 0, fund * USD)
      venue.mark(0, 60_000)
      for (const user of [4, 5]) venue.setLeverage(user, 0, 10)
      venue.place(4, 0, SELL, LIMIT, 600_000, 10_000)
      expect(venue.place(5, 0, BUY, IOC, 600_000, 10_000)).toBeGreaterThanOrEqual(0)
      venue.mark(0, 45_000)
      expect(venue.position(5, 0).lots).toBe(0)
      expect(venue.wallet(5, 0)).toBe(0)
      expect(venue.position(0, 0).lots).toBe(fund > 0 ? 10_000 : 0)
      expect(venue.position(4, 0).lots).toBe(fund > 0 ? -10_000 : 0)
      expect(venue.wallet(3, 0)).toBe(0)
      venue.audit()
    }
  })

  it('keeps reduce-only orders to the position, and post-only and fill-or-kill to their word', () => {
    const venue = hyperliquid()
    venue.place(4, 0, SELL, LIMIT, 60_000, 2 * BTC)
    venue.place(5, 0, BUY, IOC, 60_000, BTC)
    const stop = venue.place(5, 0, SELL, LIMIT, 61_000, 5 * BTC, true)
    expect(venue.cancel(5, 0, stop)).toBe(BTC)
    venue.place(5, 0, SELL, LIMIT, 61_000, BTC, true)
    venue.place(6, 0, BUY, LIMIT, 59_000, BTC)
    venue.place(5, 0, SELL, IOC, 59_000, BTC / 2)
    venue.place(7, 0, BUY, IOC, 61_000, 3 * BTC)
    expect(venue.position(5, 0).lots).toBe(0)
    expect(venue.place(5, 0, SELL, LIMIT, 61_000, BTC, true)).toBe(-1)
    expect(venue.place(7, 0, SELL, POST_ONLY, 58_000, BTC)).toBe(-1)
    expect(venue.refusal()?.message).toMatch(/post-only/)
    expect(venue.place(7, 0, SELL, FOK, 59_000, BTC)).toBe(-1)
    expect(venue.refusal()?.message).toMatch(/cannot fill/)
    venue.audit()
  })

  it('refuses what is none, names value and limit, and changes nothing', () => {
    const venue = hyperliquid()
    venue.place(4, 0, SELL, LIMIT, 60_000, BTC)
    const before = venue.snapshot()
    const refused = (request: () => number, code: string, words: RegExp) => {
      expect(request()).toBe(-1)
      expect(venue.refusal()).toMatchObject({ code, message: expect.stringMatching(words) })
    }
    refused(() => venue.place(4, 0, BUY, LIMIT, 60_000, -5), 'bad-position', /size.*: -5, limit/)
    refused(() => venue.place(4, 0, BUY, LIMIT, 60_000, Number.NaN), 'bad-position', /NaN/)
    refused(() => venue.place(4, 0, BUY, LIMIT, 0, 5), 'bad-number', /price.*: 0, limit 200000/)
    refused(() => venue.place(4, 0, BUY, LIMIT, 200_001, 5), 'bad-number', /200001/)
    refused(() => venue.place(4, 0, BUY, 9, 60_000, 5), 'bad-config', /9/)
    refused(() => venue.place(99, 0, BUY, LIMIT, 60_000, 5), 'not-found', /99, limit 9/)
    refused(() => venue.place(5, 0, BUY, LIMIT, 60_000, 5_000 * BTC), 'bad-position', /margin does not cover/)
    refused(() => venue.setLeverage(4, 0, 41), 'over-leverage', /41, limit 40/)
    refused(() => venue.setLeverage(4, 0, 10), 'bad-position', /open/)
    refused(() => venue.mark(0, Number.NaN), 'bad-number', /NaN/)
    refused(() => venue.mark(0, 0), 'bad-number', /0/)
    refused(() => venue.withdraw(5, 0, 100_001 * USD), 'bad-number', /limit 100000000000/)
    refused(() => venue.deposit(4, 7, 5), 'bad-number', /5/)
    expect(() => venue.place(4, 3, BUY, LIMIT, 60_000, 5)).toThrow(/no market 3/)
    expect(() => venue.advance(1 as UnixMs)).toThrow(/before/)
    expect(Buffer.from(venue.snapshot()).equals(Buffer.from(before))).toBe(true)
    expect(() =>
      createExchange({
        profile: perpProfile('hyperliquid'),
        markets: [{ symbol: 'NOSUCH', maxPrice: 5 }],
        accounts: 1,
        start: T0,
      }),
    ).toThrow(/no market NOSUCH/)
    expect(() => venue.restore(new Uint8Array(50))).toThrow(expect.objectContaining({ code: 'bad-file' }))
  })

  it('keeps a tenth of all notional when margin leaves, since March 2025', () => {
    const venue = hyperliquid()
    venue.setLeverage(5, 0, 40)
    venue.place(4, 0, SELL, LIMIT, 60_000, 10 * BTC)
    venue.place(5, 0, BUY, IOC, 60_000, 10 * BTC)
    const free = venue.wallet(5, 0) - 60_000 * USD
    expect(venue.withdraw(5, 0, free + 1)).toBe(-1)
    expect(venue.withdraw(5, 0, free)).toBe(free)
    venue.audit()
  })

  it('has makers that withdraw their depth as volatility rises', () => {
    const venue = hyperliquid()
    const maker = createMaker(
      venue,
      {
        account: 4,
        market: 0,
        tickSize: 1,
        levels: 5,
        lots: 10_000,
        halfSpread: 0.0005,
        widening: 2,
        step: 0.0005,
        staying: 0.5,
        memory: 0.9,
      },
      prng('maker'),
    )
    const calm = maker.quote(60_000)
    const gap = venue.state.markets[0]?.book.bestAsk() as number
    venue.mark(0, 57_000)
    const wild = maker.quote(57_000)
    expect(wild).toBeLessThan(calm / 4)
    expect((venue.state.markets[0]?.book.bestAsk() as number) / 57_000).toBeGreaterThan(gap / 60_000)
    venue.audit()
  })
})

const VENUES: readonly (readonly [string, readonly string[], boolean])[] = [
  ['hyperliquid', ['BTC', 'ETH'], false],
  ['hyperliquid-hip3', ['xyz:TSLA'], false],
  ['binance-usdm', ['BTCUSDT', 'SOLUSDT'], true],
  ['binance-coinm', ['BTCUSD_PERP'], false],
  ['bybit-linear', ['BTCUSDT'], false],
  ['bybit-inverse', ['BTCUSD'], false],
  ['bybit-unified', ['BTCUSDT', 'ETHUSDT'], false],
  ['okx', ['BTC-USDT-SWAP'], false],
  ['gate', ['BTC_USDT'], false],
  ['bitmex', ['XBTUSD'], false],
  ['deribit', ['BTC-PERPETUAL', 'ETH-PERPETUAL'], false],
  ['dydx-v4', ['BTC-USD'], false],
]

describe('random orders through crashes, both directions', () => {
  it.each(VENUES)('conserve every atom on %s', (id, symbols, hedge) => {
    const { exchange, session } = sessionOn(id, symbols, { seed: `conserve ${id}`, hedge })
    for (let message = 0; message < 300; message++) {
      session.run(1)
      exchange.audit()
    }
    for (let part = 0; part < 5; part++) {
      session.run(4_000)
      exchange.audit()
    }
    const facts = exchange.facts().map(({ fact }) => fact.type)
    expect(facts.filter((type) => type === 'perp-liquidation').length).toBeGreaterThan(0)
    expect(session.counts.refused).toBeGreaterThan(0)
    expect(session.counts.refused).toBeLessThan(session.counts.sent)
  })

  it('reach every branch: partial, closed, taken over, drawn from the fund, deleveraged', () => {
    const seen = new Set<string>()
    for (const [id, symbols] of VENUES.filter(([one]) => ['hyperliquid', 'binance-usdm', 'dydx-v4'].includes(one))) {
      const { exchange, session } = sessionOn(id, symbols, { seed: 'branches' })
      session.run(60_000)
      for (const { fact } of exchange.facts())
        seen.add(fact.type === 'perp-liquidation' ? `${fact.type} ${fact.method} ${fact.side}` : fact.type)
    }
    for (const one of [
      'perp-liquidation market long',
      'perp-liquidation market short',
      'perp-liquidation backstop long',
      'perp-liquidation backstop short',
      'auto-deleveraging',
      'insurance-draw',
    ])
      expect([...seen]).toContain(one)
  })

  it('are the same again from the same seed, and from a snapshot half-way', () => {
    const run = (seed: string) => {
      const opened = sessionOn('binance-usdm', ['BTCUSDT', 'SOLUSDT'], { seed })
      opened.session.run(10_000)
      return opened
    }
    const [first, again, other] = [run('replay'), run('replay'), run('other')]
    expect(Buffer.compare(first.exchange.eventBytes(), again.exchange.eventBytes())).toBe(0)
    expect(Buffer.compare(first.exchange.eventBytes(), other.exchange.eventBytes())).not.toBe(0)
    const resumed = sessionOn('binance-usdm', ['BTCUSDT', 'SOLUSDT'], { seed: 'elsewhere' })
    resumed.exchange.restore(first.exchange.snapshot())
    expect(Buffer.compare(resumed.exchange.snapshot(), first.exchange.snapshot())).toBe(0)
    // The same messages to both from here on.
    const rest = prng('rest')
    for (const venue of [first.exchange, resumed.exchange]) {
      const chance = rest.fork('messages')
      let price = 60_000
      for (let at = 0; at < 6_000; at++) {
        const tick = Math.round(price * 10 * (1 + 0.003 * chance.normal()))
        venue.place(4 + chance.int(60), 0, chance.int(2), chance.pick([LIMIT, IOC, MARKET]), tick, 1 + chance.int(50))
        if (at % 100 !== 99) continue
        price *= at % 1_000 === 999 ? 0.88 : 1 + 0.002 * chance.normal()
        venue.advance((venue.state.time + 1_000) as UnixMs)
        venue.mark(0, price)
      }
      venue.audit()
    }
    expect(Buffer.compare(first.exchange.eventBytes(), resumed.exchange.eventBytes())).toBe(0)
    expect(first.exchange.state.eventTotal).toBeGreaterThan(1_000)
  })

  it('show less of themselves through a throttle than there was', () => {
    const { exchange, session } = sessionOn('hyperliquid', ['BTC', 'ETH'], { seed: 'throttle' })
    session.run(60_000)
    const facts = exchange.facts()
    const events = publishedOf(facts, THROTTLES.all).flatMap(({ time, fact }) =>
      fact.type === 'perp-liquidation'
        ? [{ symbol: fact.instrument, side: fact.side, time, value: fact.usd ?? 0 }]
        : [],
    )
    const all = shownOf(events, THROTTLES.all)
    const largest = shownOf(events, THROTTLES.largest)
    const latest = shownOf(events, THROTTLES.latest)
    expect(all.shareOfValue).toBe(1)
    expect(publishedOf(facts, THROTTLES.latest)).toHaveLength(latest.shownEvents)
    expect(largest.shownEvents).toBe(latest.shownEvents)
    expect(largest.shownEvents).toBeLessThan(events.length)
    expect(largest.shownValue).toBeGreaterThanOrEqual(latest.shownValue)
  })
})
