/** The matching book on the public workload of two million messages, against `nodejs-order-book` and a C program's time of the same run. */
import { OrderBook, Side } from 'nodejs-order-book'
import { BUY, createBook, IOC, LIMIT, SELL } from '../kernels/index.ts'
import {
  CANCEL,
  consensusAnswers,
  consensusWorkload,
  NEW,
  SCENARIOS,
  type Scenario,
  type Workload,
} from '../test/consensus.ts'
import { boundOf } from './book-bound.ts'
import type { BenchRow } from './row.ts'

const ROUNDS = 7
const PEER_ROUNDS = 2
const MAX_TICK = 131_071
const CAPACITY = 65_536

/** What all three must agree on: lots traded, and the levels left on both sides. */
type Sums = { readonly traded: number; readonly levels: readonly (readonly number[])[] }

/** The peer walks whole levels to cancel: on the still price it would take minutes, so it gets a tenth of that workload, and so does the book beside it. */
const SHORT: Readonly<Partial<Record<Scenario, number>>> = { static: 100_000 }

/** Rows per scenario: the book against the peer and against the bound. Throws when the published hash is not reproduced or the bound trades otherwise. */
export async function benchBook(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const scenario of Object.keys(SCENARIOS) as Scenario[]) {
    const workload = consensusWorkload(scenario)
    if (consensusAnswers(bookFor(workload), workload).sha256 !== SCENARIOS[scenario][2])
      throw new Error(`the book does not reproduce the published hash of ${scenario}`)
    rows.push(peerRow(scenario))
    const ours = fastest(ROUNDS, () => ownRun(workload))
    const bound = boundOf(workload, { rounds: ROUNDS, maxTick: MAX_TICK })
    if (!bound) continue
    if (bound.traded !== ours.sums.traded)
      throw new Error(`the bound trades ${bound.traded} lots on ${scenario}, not ${ours.sums.traded}`)
    const value = workload.length / ours.seconds
    rows.push({
      workload: `book ${scenario}`,
      value,
      unit: 'msg/s',
      against: `${bound.name} (1 = as fast)`,
      ratio: bound.seconds / ours.seconds,
    })
  }
  return rows
}

function peerRow(scenario: Scenario): BenchRow {
  const orders = SHORT[scenario]
  const workload = orders === undefined ? consensusWorkload(scenario) : consensusWorkload(scenario, orders)
  const ours = fastest(ROUNDS, () => ownRun(workload))
  const peer = fastest(PEER_ROUNDS, () => peerRun(workload))
  const agree = JSON.stringify(peer.sums.levels) === JSON.stringify(ours.sums.levels)
  return {
    workload: `book ${scenario}${orders === undefined ? '' : `, ${orders.toLocaleString('en-US')} orders`}`,
    value: workload.length / ours.seconds,
    unit: 'msg/s',
    against: `nodejs-order-book (${agree ? 'same levels at the end' : 'amends by other rules: other levels'})`,
    ratio: peer.seconds / ours.seconds,
    goal: '≥ 20, must 10',
  }
}

type Run = { readonly seconds: number; readonly sums: Sums }

/** The fastest of some runs: the one that the rest of the machine disturbed least. */
function fastest(rounds: number, run: () => Run): Run {
  let best = run()
  for (let round = 1; round < rounds; round++) {
    const next = run()
    if (next.seconds < best.seconds) best = next
  }
  return best
}

function bookFor({ newOrders }: Workload) {
  return createBook({ minTick: 0, maxTick: MAX_TICK, capacity: CAPACITY, orderNumbers: newOrders + 1 })
}

function ownRun(workload: Workload): Run {
  const { length, kind, side, ioc, order, tick, lots } = workload
  const book = bookFor(workload)
  let traded = 0
  const began = performance.now()
  for (let at = 0; at < length; at++) {
    const what = kind[at] as number
    const number = order[at] as number
    if (what === NEW) {
      book.place(number, 0, side[at] as number, tick[at] as number, lots[at] as number, ioc[at] === 1 ? IOC : LIMIT)
      traded += book.filled
    } else if (what === CANCEL) book.cancel(number)
    else {
      book.amend(number, tick[at] as number, lots[at] as number)
      traded += book.filled
    }
  }
  const seconds = (performance.now() - began) / 1000
  return { seconds, sums: { traded, levels: [BUY, SELL].map((which) => book.levels(which, MAX_TICK)) } }
}

/** Its enum of these words is not exported. */
type Force = NonNullable<Parameters<OrderBook['limit']>[0]['timeInForce']>

/** The peer's own calls; its order ids are texts, made before the clock starts. */
function peerRun(workload: Workload): Run {
  const { length, kind, side, ioc, order, tick, lots } = workload
  const ids = Array.from({ length: workload.newOrders + 1 }, (_, number) => String(number))
  const [immediate, resting] = ['IOC', 'GTC'] as unknown as readonly [Force, Force]
  const book = new OrderBook()
  let traded = 0
  const began = performance.now()
  for (let at = 0; at < length; at++) {
    const what = kind[at] as number
    const id = ids[order[at] as number] as string
    const size = lots[at] as number
    const price = tick[at] as number
    if (what === NEW) {
      const mine = side[at] === BUY ? Side.BUY : Side.SELL
      const done = book.limit({ id, side: mine, size, price, timeInForce: ioc[at] === 1 ? immediate : resting })
      if (done.done.length > 0 || done.partial) traded += size - done.quantityLeft
    } else if (what === CANCEL) book.cancel(id)
    else book.modify(id, { price, size })
  }
  const seconds = (performance.now() - began) / 1000
  const [asks, bids] = book.depth()
  return { seconds, sums: { traded, levels: [bids.flat(), asks.flat()] } }
}
