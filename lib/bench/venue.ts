/**
 * The simulated venue (margin before each order, accounting, marks, liquidations, 100,000 accounts) on the public workload of two million messages,
 * against the bare book on the same messages in the same run.
 */
import { BUY, createBook, IOC, LIMIT } from '../kernels/index.ts'
import { perpProfile } from '../mechanisms/index.ts'
import { prng, type UnixMs } from '../model/index.ts'
import { createExchange, type Exchange } from '../sim/index.ts'
import { CANCEL, consensusWorkload, NEW, type Scenario, type Workload } from '../test/consensus.ts'
import type { BenchRow } from './row.ts'

const ACCOUNTS = 100_000
const MARK_EVERY = 10_000
const ROUNDS = 5
const MIN_TICK = 20_000
const MAX_TICK = 80_000
const ORDERS = 1 << 17
/** A lot of the workload is so many of ours, so that orders are worth hundreds to thousands of dollars. */
const LOTS = 300
/** What each account has, atoms (1e-6 dollars). */
const WALLET = 4_000_000_000

/** A quiet day and a crash of 60 %: a row each for speed, one for what happened. */
export async function benchVenue(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const scenario of ['normal', 'flash-crash'] as const) rows.push(...benchScenario(scenario))
  return rows
}

function benchScenario(scenario: Scenario): readonly BenchRow[] {
  const workload = consensusWorkload(scenario)
  const sent = learn(workload)
  let venue = Number.POSITIVE_INFINITY
  let bare = Number.POSITIVE_INFINITY
  let happened = ''
  let trades = 0
  let refused = 0
  for (let round = 0; round < ROUNDS; round++) {
    bare = Math.min(bare, bookSeconds(workload))
    const exchange = openVenue()
    const done = run(exchange, workload, sent)
    venue = Math.min(venue, done.seconds)
    refused = done.refused
    exchange.audit()
    const types = exchange.facts().map(({ fact }) => fact.type)
    const count = (type: string) => types.filter((one) => one === type).length.toLocaleString('en-US')
    happened = `${count('perp-liquidation')} liquidations, ${count('auto-deleveraging')} deleveraged, ${refused.toLocaleString('en-US')} refused; books audited`
    trades = exchange.state.eventTotal - exchange.state.eventCount
  }
  return [
    {
      workload: `venue ${scenario}, ${ACCOUNTS.toLocaleString('en-US')} accounts`,
      value: workload.length / venue,
      unit: 'msg/s',
      against: 'the bare book on the same messages (1 = as fast)',
      ratio: bare / venue,
      goal: '≥ 5M, must 3M msg/s',
    },
    {
      workload: `venue ${scenario}: trades of a run`,
      value: trades,
      unit: 'trades',
      against: happened,
      ratio: undefined,
    },
  ]
}

function openVenue(): Exchange {
  const exchange = createExchange({
    profile: perpProfile('hyperliquid'),
    markets: [{ symbol: 'BTC', minPrice: MIN_TICK, maxPrice: MAX_TICK, orders: ORDERS }],
    accounts: ACCOUNTS,
    start: 1_760_000_000_000 as UnixMs,
    events: false,
  })
  for (let user = 0; user < ACCOUNTS; user++) {
    exchange.setLeverage(exchange.firstAccount + user, 0, 5 + (user % 30))
    exchange.deposit(exchange.firstAccount + user, 0, WALLET)
  }
  exchange.mark(0, 33_504)
  return exchange
}

/** What a message carries beside the workload's columns: its account, and for cancels and amends the handle that the venue gave its order. */
type Sent = { readonly account: Int32Array; readonly handle: Float64Array }

/** Sends everything once to learn the handles: the same messages give the same handles again. */
function learn(workload: Workload): Sent {
  const { length, kind, order } = workload
  const chance = prng('accounts of the venue bench')
  const owners = Int32Array.from({ length: workload.newOrders + 1 }, () => 4 + chance.int(ACCOUNTS))
  const given = new Float64Array(workload.newOrders + 1).fill(-1)
  const account = Int32Array.from({ length }, (_, at) => owners[order[at] as number] as number)
  const sent = { account, handle: new Float64Array(length) }
  run(openVenue(), workload, sent, (at, result) => {
    const number = order[at] as number
    if (kind[at] === NEW || (kind[at] !== CANCEL && result >= 0)) given[number] = result
    const next = at + 1
    if (next < length) sent.handle[next] = given[order[next] as number] as number
  })
  return sent
}

/** Seconds, and how many requests were refused: for want of margin, or because their order was gone. */
function run(
  exchange: Exchange,
  { length, kind, side, ioc, tick, lots }: Workload,
  { account, handle }: Sent,
  told?: (at: number, result: number) => void,
): { readonly seconds: number; readonly refused: number } {
  let refused = 0
  const began = performance.now()
  for (let at = 0; at < length; at++) {
    if (at % MARK_EVERY === 0) markNow(exchange)
    const what = kind[at] as number
    const user = account[at] as number
    const wanted = (lots[at] as number) * LOTS
    const result =
      what === NEW
        ? exchange.place(user, 0, side[at] as number, ioc[at] === 1 ? IOC : LIMIT, tick[at] as number, wanted)
        : what === CANCEL
          ? exchange.cancel(user, 0, handle[at] as number)
          : exchange.amend(user, 0, handle[at] as number, tick[at] as number, wanted)
    if (result < 0) refused++
    if (told) told(at, result)
  }
  return { seconds: (performance.now() - began) / 1000, refused }
}

/** A second passes, and the middle of the book is the mark. */
function markNow(exchange: Exchange): void {
  const book = exchange.state.markets[0]?.book
  const [bid, ask] = [book?.bestBid() ?? -1, book?.bestAsk() ?? -1]
  if (bid < 0 || ask < 0) return
  exchange.advance((exchange.state.time + 1_000) as UnixMs)
  exchange.mark(0, (bid + ask) / 2)
}

function bookSeconds({ length, newOrders, kind, side, ioc, order, tick, lots }: Workload): number {
  const book = createBook({ minTick: MIN_TICK, maxTick: MAX_TICK, capacity: ORDERS, orderNumbers: newOrders + 1 })
  const began = performance.now()
  for (let at = 0; at < length; at++) {
    const what = kind[at] as number
    const number = order[at] as number
    if (what === NEW)
      book.place(number, BUY, side[at] as number, tick[at] as number, lots[at] as number, ioc[at] === 1 ? IOC : LIMIT)
    else if (what === CANCEL) book.cancel(number)
    else book.amend(number, tick[at] as number, lots[at] as number)
  }
  return (performance.now() - began) / 1000
}
