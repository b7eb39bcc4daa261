/** A seeded session of a venue: makers, traders of every kind, marks that wander and crash. What the tests and the bench drive a venue with. */
import { BUY, FOK, IOC, LIMIT, MARKET, POST_ONLY, SELL } from '../../kernels/index.ts'
import type { Prng, UnixMs } from '../../model/index.ts'
import type { Exchange } from '../exchange.ts'

/** What of a market the session needs: prices in quote per coin. */
export type SessionMarket = { readonly tickSize: number; readonly price: number; readonly lots: number }

/** How a session goes: users beyond the first account, atoms each is given, marks every so many messages, size of a mark's random move. */
export type SessionOptions = {
  readonly users: number
  readonly atoms: readonly number[]
  readonly markets: readonly SessionMarket[]
  readonly markEvery: number
  readonly sigma: number
  /** Every so many marks the price jumps by `crash`, down and up in turn; 0 = never. */
  readonly crashEvery: number
  readonly crash: number
  readonly legs: 1 | 2
  readonly largestLeverage: number
  readonly isolatedPart: number
}

/** A session under way. */
export type Session = {
  /** Sends so many messages, with marks, funding and time between them. */
  run(messages: number): void
  readonly counts: { sent: number; refused: number; marks: number; looked: number }
}

type Running = {
  readonly exchange: Exchange
  readonly options: SessionOptions
  readonly chance: Prng
  readonly prices: number[]
  readonly handles: readonly Float64Array[]
  readonly owners: readonly Int32Array[]
  readonly counts: { sent: number; refused: number; marks: number; looked: number }
}

/** How many of the orders that rest are remembered per market, to be cancelled or amended. */
const REMEMBERED = 4096

/** Opens a session: pays every user in, sets leverages and modes. */
export function openSession(exchange: Exchange, options: SessionOptions, chance: Prng): Session {
  const { markets } = options
  const running: Running = {
    exchange,
    options,
    chance,
    prices: markets.map(({ price }) => price),
    handles: markets.map(() => new Float64Array(REMEMBERED).fill(-1)),
    owners: markets.map(() => new Int32Array(REMEMBERED)),
    counts: { sent: 0, refused: 0, marks: 0, looked: 0 },
  }
  payIn(running)
  return {
    counts: running.counts,
    run(messages) {
      for (let sent = 0; sent < messages; sent++) {
        sendOne(running)
        if (running.counts.sent % options.markEvery === 0) markAll(running)
      }
    },
  }
}

function payIn({ exchange, options, chance, prices }: Running): void {
  const first = exchange.firstAccount
  options.atoms.forEach((atoms, currency) => {
    exchange.deposit(0, currency, Math.floor(atoms * 5))
    for (let user = 0; user < options.users; user++)
      exchange.deposit(first + user, currency, Math.floor(atoms * (0.2 + 1.6 * chance.next())))
  })
  prices.forEach((price, market) => {
    exchange.mark(market, price)
    exchange.index(market, price)
    for (let user = 0; user < options.users; user++) {
      for (let leg = 0; leg < options.legs; leg++) {
        exchange.setLeverage(first + user, market, 1 + chance.int(options.largestLeverage), leg)
        if (chance.next() < options.isolatedPart) exchange.setMode(first + user, market, 'isolated', leg)
      }
    }
  })
}

/** One message of a random user: an order of any kind, a cancel, an amend. */
function sendOne(running: Running): void {
  const { exchange, options, chance, prices, counts } = running
  const market = chance.int(prices.length)
  const { tickSize, lots } = options.markets[market] as SessionMarket
  const known = chance.int(REMEMBERED)
  const handles = running.handles[market] as Float64Array
  const owners = running.owners[market] as Int32Array
  const handle = handles[known] as number
  const owner = owners[known] as number
  const middle = (prices[market] as number) / tickSize
  const tick = Math.max(1, Math.round(middle * (1 + 0.01 * chance.normal() * (1 - 0.8 * chance.next()))))
  const draw = chance.next()
  counts.sent++
  let result: number
  if (draw < 0.25 && handle >= 0) result = exchange.cancel(owner, market, handle)
  else if (draw < 0.35 && handle >= 0) result = exchange.amend(owner, market, handle, tick, 1 + chance.int(lots))
  else {
    const account = exchange.firstAccount + chance.int(options.users)
    const how = draw < 0.8 ? LIMIT : draw < 0.86 ? MARKET : draw < 0.92 ? IOC : draw < 0.96 ? POST_ONLY : FOK
    const side = chance.next() < 0.5 ? BUY : SELL
    const only = chance.next() < 0.1
    result = exchange.place(account, market, side, how, tick, 1 + chance.int(lots), only, chance.int(options.legs))
    if (result >= 0 && (how === LIMIT || how === POST_ONLY)) {
      handles[known] = result
      owners[known] = account
    }
  }
  if (result < 0) counts.refused++
}

/** A second passes: every market gets a mark, now and then a crash, an index and funding. */
function markAll({ exchange, options, chance, prices, counts }: Running): void {
  counts.marks++
  exchange.advance((exchange.state.time + 1_000) as UnixMs)
  const { crashEvery, crash, sigma } = options
  const jump = crashEvery > 0 && counts.marks % crashEvery === 0
  const direction = Math.floor(counts.marks / Math.max(1, crashEvery)) % 2 === 0 ? 1 : -1
  options.markets.forEach(({ price, tickSize }, market) => {
    const last = prices[market] as number
    const drift = jump ? direction * crash : sigma * chance.normal() - 0.02 * Math.log(last / price)
    const next = Math.max(tickSize * 10, last * Math.exp(drift))
    prices[market] = next
    counts.looked += Math.max(0, exchange.mark(market, next))
    if (counts.marks % 50 !== 0) return
    exchange.index(market, next)
    exchange.fund(market, Math.round(chance.normal() * 100_000))
  })
}
