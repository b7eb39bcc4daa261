/** One column's result: what the crash did to it, in numbers that are the same for every mechanism. */
import type { ArenaColumn, ArenaQuestion } from './arena-question.ts'
import { ledgerOf, type PartyCosts } from './market/ledger.ts'
import type { Book, MarketRun } from './market/plan.ts'
import type { RoomMaker } from './market/room.ts'
import { paramsOf } from './market/rooms/room-kind.ts'

/** A parameter in force; `default`: nobody chose it. */
export type ArenaParam = {
  readonly name: string
  readonly value: number
  readonly default: boolean
  readonly says: string
}

/** Rows for the charts, one number a step: price on the market (USD), debt per collateral at it (null: no collateral is left), part of the accounts that is due. */
export type ArenaSeries = {
  readonly price: readonly number[]
  readonly ltv: readonly (number | null)[]
  readonly due: readonly number[]
}

/**
 * A column. Money in USD; parties' gains are signed, below 0 a loss, at the last outside prices, and add up to `sum`. `taken` is what acting took from
 * the borrowers at the outside prices of its own time (bonuses, slippage below the outside price, fees), each of whom is worth nothing at least;
 * `lendersCost` and `protocolCost` (insurance included) are those of the other two who can pay, below 0 a gain, and `socialCost` all three: what
 * liquidators, builders, gas and whoever bought below the outside price (`slippage`) got, less `waited` (what prices did to what liquidators waited for), and what
 * prices alone put on the lenders: `uncovered`, and `impermanent` where they lent liquidity.
 * `againstHolding`, `lenders` and the other parties: change to the end, at its prices. `recovered`: their equity at the end at the opening price, per equity at the start.
 */
export type ArenaRow = {
  readonly id: string
  readonly mechanism: string
  readonly title: string
  readonly exactness: 'bytecode' | 'formula' | 'model'
  readonly params: readonly ArenaParam[]
  readonly accounts: number
  readonly touched: number
  readonly taken: number
  readonly takenShare: number
  readonly lendersCost: number
  readonly lendersCostShare: number
  readonly protocolCost: number
  readonly protocolCostShare: number
  readonly socialCost: number
  readonly socialCostShare: number
  readonly slippage: number
  readonly uncovered: number
  readonly waited: number
  readonly impermanent: number
  readonly againstHolding: number
  readonly lenders: number
  readonly badDebt: number
  readonly badDebtShare: number
  readonly liquidators: number
  readonly builders: number
  readonly gas: number
  readonly others: number
  readonly sum: number
  /** Sold by force at the outside prices of the time: in all, and in the worst step. */
  readonly sold: number
  readonly peakSold: number
  readonly low: number
  /** How far the market fell below the outside price at worst, a fraction. */
  readonly overshoot: number
  readonly liquidations: number
  readonly medianSize: number | undefined
  readonly largestSize: number
  /** Positions that were below their mechanism's line; median of the seconds until above it again and settled, those counted in `dueAtEnd` waiting longest. */
  readonly breached: number
  /** Absent where nobody was below, or half or more were to the end. */
  readonly secondsToSafe: number | undefined
  readonly dueAtEnd: number
  readonly recovered: number
  readonly finished: boolean
  readonly series: ArenaSeries
}

/** The row of a run. `symbol` is the coin. */
export function arenaRow(
  { crash, debt }: ArenaQuestion,
  { id, kind, params }: ArenaColumn,
  room: RoomMaker,
  run: MarketRun,
  symbol: string,
): ArenaRow {
  const last = crash.prices[Math.max(0, run.steps.length - 1)] ?? 0
  const ledger = ledgerOf(run, room, () => last)
  const badDebt = ledger.badDebt + ledger.underwater
  return {
    ...{ id, mechanism: kind.id, title: kind.title, exactness: kind.exactness },
    params: Object.entries(paramsOf(kind, params)).map(([name, value]) => ({
      ...{ name, value, default: !Object.hasOwn(params, name), says: kind.params[name]?.says ?? '' },
    })),
    ...{ accounts: ledger.accounts, touched: ledger.touched, taken: ledger.taken, takenShare: ledger.taken / debt },
    ...costsOf(ledger.cost, debt),
    ...{ againstHolding: ledger.borrowers, lenders: ledger.lenders, badDebt, badDebtShare: badDebt / debt },
    ...{ liquidators: ledger.liquidators, builders: ledger.builders, gas: ledger.gas },
    ...{ others: ledger.others, sum: ledger.sum },
    ...pricesOf(crash.prices, run, symbol),
    ...{ liquidations: ledger.liquidations, medianSize: ledger.median, largestSize: ledger.largest },
    secondsToSafe: ledger.stepsToSafe === undefined ? undefined : ledger.stepsToSafe * crash.seconds,
    breached: ledger.breached,
    ...{ dueAtEnd: ledger.unsafeAtEnd, recovered: recoveredOf(run, room.id, symbol, crash.prices[0] ?? 0) },
    finished: run.finished,
    series: seriesOf(run, room.id, symbol, ledger.accounts),
  }
}

type Costs = Pick<
  ArenaRow,
  | 'lendersCost'
  | 'lendersCostShare'
  | 'protocolCost'
  | 'protocolCostShare'
  | 'socialCost'
  | 'socialCostShare'
  | 'slippage'
  | 'uncovered'
  | 'waited'
  | 'impermanent'
>

function costsOf({ lenders, protocol, social, ...more }: PartyCosts, debt: number): Costs {
  const { slippage, uncovered, waited, impermanent } = more
  return {
    ...{ lendersCost: lenders, lendersCostShare: lenders / debt, protocolCost: protocol },
    ...{ protocolCostShare: protocol / debt, socialCost: social, socialCostShare: social / debt },
    ...{ slippage, uncovered, waited, impermanent },
  }
}

function pricesOf(
  outside: readonly number[],
  run: MarketRun,
  symbol: string,
): Pick<ArenaRow, 'sold' | 'peakSold' | 'low' | 'overshoot'> {
  let [sold, peakSold, low, overshoot] = [0, 0, Number.POSITIVE_INFINITY, 0]
  for (const [at, step] of run.steps.entries()) {
    const [price, out] = [step.prices.get(symbol) ?? 0, outside[at] ?? 0]
    const usd = (step.sold.get(symbol) ?? 0) * out
    sold += usd
    peakSold = Math.max(peakSold, usd)
    low = Math.min(low, price)
    overshoot = Math.max(overshoot, 1 - price / out)
  }
  return { sold, peakSold, low, overshoot }
}

const sumAt = (units: Readonly<Record<string, number>>, symbol: string, price: number) => {
  let sum = 0
  for (const one in units) sum += (units[one] ?? 0) * (one === symbol ? price : 1)
  return sum
}

function recoveredOf(run: MarketRun, room: string, symbol: string, opening: number): number {
  const equity = (standings: MarketRun['before']) =>
    (standings.get(room) ?? []).reduce(
      (sum, { holds, owes }) => sum + sumAt(holds, symbol, opening) - sumAt(owes, symbol, opening),
      0,
    )
  const before = equity(run.before)
  return before > 0 ? equity(run.after) / before : 0
}

function seriesOf(run: MarketRun, room: string, symbol: string, accounts: number): ArenaSeries {
  const [price, ltv, due]: [number[], (number | null)[], number[]] = [[], [], []]
  for (const step of run.steps) {
    const now = step.prices.get(symbol) ?? 0
    price.push(six(now))
    ltv.push(ratioAt(step.books.get(room), symbol, now))
    due.push(six(step.unsafe / Math.max(1, accounts)))
  }
  return { price, ltv, due }
}

/** Debt per collateral; nothing where there is no collateral any more. */
function ratioAt(book: Book | undefined, symbol: string, price: number): number | null {
  const held = book ? sumAt(book.holds, symbol, price) : 0
  return book && held > 0 ? six(sumAt(book.owes, symbol, price) / held) : null
}

/** Six digits: a chart needs no more. */
const six = (value: number) => Number(value.toPrecision(6))
