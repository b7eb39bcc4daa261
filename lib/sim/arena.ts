/**
 * The arena: one crash, the same borrowers, depth and liquidators, through N mechanisms, each in a market of its own; and who paid in each. The
 * borrowers' debts are the same dollars in every column; lines at which they are due are each mechanism's own and stand among its parameters.
 */
import { type OracleFault, pushFeed } from '../mechanisms/index.ts'
import { prng, type UnixSeconds } from '../model/index.ts'
import { liquidator, OWN_MONEY_WAITS } from './agents/liquidator.ts'
import type { ArenaColumn, ArenaFailure, ArenaQuestion, ArenaWords } from './arena-question.ts'
import { type ArenaRow, arenaRow } from './arena-row.ts'
import { type ArenaPoint, conditionsOf, failureStart, paretoOf, verdictOf } from './arena-verdict.ts'
import { poolImpact } from './impact.ts'
import { depthOf } from './market/depth.ts'
import type { Competitor, MarketPlan } from './market/plan.ts'
import type { RoomMaker } from './market/room.ts'
import { type Borrower, drawBorrowers } from './market/rooms/borrowers.ts'
import { runMarket } from './market/run.ts'

/** The coin: its contracts, brackets and gas are Ethereum's. */
const SYMBOL = 'ETH'
const START = 1_700_000_000 as UnixSeconds
/** The crowding and spread of a drawn book: more loans near the upper bound, sizes lognormal. */
const BOOK = { crowding: 1.5, sizeSpread: 1 } as const
/** Half of a displacement fades in half an hour. */
const HALF_LIFE = 1_800
const GAS_UNITS = 500_000
/** A pool's price falls by 1 % when this part of a side is sold into it: √(1/0.99) − 1. */
const ONE_PERCENT = Math.sqrt(1 / 0.99) - 1
/** What liquidators give of their profit for being first, in their order and then over again. */
const TIPS = [0.5, 0.8, 0.7, 0.6] as const

/** Everything: what was asked, the outside prices, a row a column, and what it says. `simulated` is always true; `finished`: every column asked for ran to its end. */
export type Arena = {
  readonly simulated: true
  readonly finished: boolean
  readonly words: ArenaWords
  readonly conditions: string
  readonly crash: { readonly name: string; readonly seconds: number; readonly prices: readonly number[] }
  readonly rows: readonly ArenaRow[]
  readonly pareto: readonly ArenaPoint[]
  readonly verdict: string
}

/** Asked before each step of each column; a false one ends the run early, and the result says so. */
export type ArenaGoOn = (column: number, step: number, steps: number) => boolean

/** Runs all columns. The same question gives the same result. Throws `bad-scenario` where a mechanism refuses the book. */
export function arena(question: ArenaQuestion, goOn: ArenaGoOn = () => true): Arena {
  const rows: ArenaRow[] = []
  for (const row of arenaRows(question, goOn)) {
    rows.push(row)
    if (!row.finished) break
  }
  return arenaOf(question, rows)
}

/** Column by column, for whoever has something else to do in between. */
export function* arenaRows(question: ArenaQuestion, goOn: ArenaGoOn = () => true): Generator<ArenaRow, void> {
  const borrowers = arenaBook(question)
  for (const [at, column] of question.columns.entries()) {
    const room = roomOf(question, column, borrowers)
    const run = runMarket(planOf(question, room), (step) => goOn(at, step, question.crash.prices.length))
    yield arenaRow(question, column, room, run, SYMBOL)
  }
}

/** The result of rows that are there, all of them or not. */
export function arenaOf(question: ArenaQuestion, rows: readonly ArenaRow[]): Arena {
  const { crash, words } = question
  return {
    ...{
      simulated: true,
      finished: isFinished(question, rows),
      words,
      conditions: conditionsOf(question),
      crash,
      rows,
    },
    ...{ pareto: paretoOf(rows), verdict: verdictOf(question, rows) },
  }
}

const isFinished = ({ columns }: ArenaQuestion, rows: readonly ArenaRow[]) =>
  rows.length === columns.length && rows.every(({ finished }) => finished)

/** The borrowers of a question, the same for every column. */
export function arenaBook({ accounts, crash, lowLtv, highLtv, debt, seed }: ArenaQuestion): readonly Borrower[] {
  const price = crash.prices[0] ?? 0
  return drawBorrowers({ ...BOOK, accounts, price, lowLtv, highLtv, debt }, prng(`arena ${seed}`))
}

function roomOf(question: ArenaQuestion, { id, kind, params }: ArenaColumn, borrowers: readonly Borrower[]): RoomMaker {
  return kind.make({
    ...{ id, symbol: SYMBOL, price: question.crash.prices[0] ?? 0, start: START, borrowers, params },
    oracle: pushFeed({ deviationBps: 50, heartbeat: 3_600 }),
    faults: question.failures.flatMap((failure) => faultOf(question, failure)),
  })
}

function faultOf(question: ArenaQuestion, { kind, value, from }: ArenaFailure): readonly OracleFault[] {
  const start = START + failureStart(question, from)
  if (kind === 'stale' || kind === 'down') return [{ kind, start, duration: value }]
  return kind === 'late' ? [{ kind: 'delayed', by: value, start, duration: 1e9 }] : []
}

function planOf(question: ArenaQuestion, room: RoomMaker): MarketPlan {
  const { crash, depth, gas } = question
  const price = crash.prices[0] ?? 0
  const reserve = depth / price / ONE_PERCENT
  const during = (kind: ArenaFailure['kind']) => (step: number) =>
    question.failures.some((one) => {
      const since = step * crash.seconds - failureStart(question, one.from)
      return one.kind === kind && since >= 0 && since < one.value
    })
  const [absent, cut] = [during('liquidators'), during('rpc')]
  const liquidators = (step: number) => !absent(step)
  return {
    ...{ start: START, seconds: crash.seconds, rooms: [room], competition: 'sealed-bids' },
    outside: new Map([[SYMBOL, crash.prices]]),
    depths: new Map([[SYMBOL, depthOf({ impact: poolImpact({ reserve }), halfLife: HALF_LIFE }, price)]]),
    competitors: competitorsOf(question, liquidators),
    up: { liquidators, keepers: (step) => !cut(step) },
    gas: { gwei: (step) => gweiAt(question, gas, step), units: GAS_UNITS, symbol: SYMBOL },
  }
}

function gweiAt(question: ArenaQuestion, calm: number, step: number): number {
  const since = step * question.crash.seconds
  return question.failures.reduce(
    (most, { kind, value, from }) =>
      kind === 'congestion' && since >= failureStart(question, from) ? Math.max(most, value) : most,
    calm,
  )
}

/** Every third liquidator has money of his own, so that he can also wait for what is settled later; the others borrow for a transaction. */
function competitorsOf({ liquidators, debt }: ArenaQuestion, up: (step: number) => boolean): readonly Competitor[] {
  return Array.from({ length: liquidators }, (_, at) => {
    const tipShare = TIPS[at % TIPS.length] ?? 0.5
    const own = at % 3 === 2
    const terms = own ? { waiting: OWN_MONEY_WAITS } : { flashFee: 0.0005 }
    const agent = liquidator<unknown>({ leastProfit: 10, tipShare, ...terms })
    return { id: `liquidator-${at + 1}`, agent, capital: own ? debt / 20 : 0, latency: 0, up }
  })
}
