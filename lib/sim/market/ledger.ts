/** Who paid for a crash: every party's change of wealth at the last outside prices. The parts add up to zero, or money appeared in the books. */
import { isLiquidation, type Leg } from '../../model/index.ts'
import type { RoomMaker, Standing } from './room.ts'
import type { MarketRun } from './run.ts'

/** A run's result for one room. Money in USD at the last outside prices; losses and gains of each party are signed: below 0 is a loss. */
export type RoomLedger = {
  readonly room: string
  /** Debt at the start, for normalising. */
  readonly debt: number
  /** Accounts, and how many of them lost anything to a liquidation. */
  readonly accounts: number
  readonly touched: number
  /** Against holding on to the end: above 0 where a sale on the way down saved more than it cost. */
  readonly borrowers: number
  /** What acting gave away at the prices of its own time: bonuses, fees, arbitrage; whoever in the room had to give it. */
  readonly penalty: number
  /** What acting took from the borrowers at the prices of its own time, who are worth nothing at least; below 0: it gave them something. */
  readonly taken: number
  readonly cost: PartyCosts
  /** Lenders and the protocol: what is left of the room when the borrowers' part is taken out, and what depositors received and sold. */
  readonly lenders: number
  /** With what they have paid for and wait for, `waiting`. */
  readonly liquidators: number
  readonly waiting: number
  readonly builders: number
  readonly gas: number
  /** Everybody who bought what was sold and sold what was bought, traders of the scenario included. */
  readonly others: number
  /** All parts together: 0 but for the last bits of floats. */
  readonly sum: number
  /** Debt written off or left without collateral: by the facts, and what stands under water at the end. */
  readonly badDebt: number
  readonly underwater: number
  readonly liquidations: number
  /** Sizes of liquidations at the last prices: what was seized, put up for auction or closed. */
  readonly median: number | undefined
  readonly largest: number
  readonly seized: number
  /** Positions that were below their line, the median steps until they were above it and settled again (0: within one), and how many were not at the end. */
  readonly breached: number
  /** The longest wait is that of those who are still below: absent where nobody was below, or half of all spells or more had not ended. */
  readonly stepsToSafe: number | undefined
  readonly unsafeAtEnd: number
}

/**
 * Who pays, USD at the outside prices of the time; below 0: who gains. `borrowers` lose equity, which is 0 at least; `lenders` lend, provide liquidity or
 * deposit; `protocol` is the protocol with its insurance. `social` is all three: what liquidators, builders, gas and `slippage` (everybody who bought
 * below or sold above the outside price) got of them, less `waited`, what prices did to what liquidators waited for; and what prices alone put on the
 * lenders: `uncovered`, because nothing was sold in time, and `impermanent`, what lent liquidity is worth less at the end than what was lent, beyond what
 * arbitrage had taken from it (0 where the price came back).
 */
export type PartyCosts = {
  readonly borrowers: number
  readonly lenders: number
  readonly protocol: number
  readonly social: number
  readonly slippage: number
  readonly uncovered: number
  readonly waited: number
  readonly impermanent: number
}

/** What a ledger must know of a room: {@link RoomMaker} has it. */
export type LedgerRoom = Pick<RoomMaker, 'id' | 'assets'> &
  Partial<Pick<RoomMaker, 'lenders' | 'spreads' | 'backs' | 'liquidity'>>

/** Prices by market symbol, USD; the dollar is added. */
export type Prices = (symbol: string) => number

/** The ledger of a run with one room: with several, the actors' money cannot be told apart by room. */
export function ledgerOf(run: MarketRun, room: LedgerRoom, last: Prices): RoomLedger {
  const price: Prices = (symbol) => (symbol === 'USD' ? 1 : last(symbol))
  const [before, after] = [run.before.get(room.id) ?? [], run.after.get(room.id) ?? []]
  const now = new Map(after.map((one) => [one.id, one]))
  let [borrowers, touched] = [0, 0]
  for (const one of before) {
    const change = worth(now.get(one.id), price) - worth(one, price)
    borrowers += change
    if (change < -1e-9 * Math.max(1, owed(one, price))) touched += 1
  }
  let inside = 0
  for (const [symbol, units] of run.held.get(room.id) ?? []) inside += units * price(symbol)
  let others = 0
  for (const [symbol, { coins, usd }] of run.others) others += coins * price(symbol) - usd
  const cash = (pick: (actor: string) => boolean) =>
    [...run.cash].reduce((sum, [actor, usd]) => (pick(actor) ? sum + usd : sum), 0)
  const [builders, gas] = [cash((one) => one === 'builders'), cash((one) => one === 'gas')]
  const lend = (actor: string) => room.lenders?.includes(actor) ?? false
  const waiting = (run.costs.get(room.id)?.owed ?? []).reduce((usd, [symbol, units]) => usd + units * price(symbol), 0)
  const liquidators = waiting + cash((one) => one !== 'builders' && one !== 'gas' && !lend(one))
  const lenders = inside - borrowers - waiting + cash(lend)
  const counts = countsOf(run, room, price)
  return {
    ...{ room: room.id, accounts: before.length, touched, borrowers, liquidators, waiting },
    ...{ builders, gas, others, lenders, sum: borrowers + lenders + liquidators + builders + gas + others },
    debt: before.reduce((sum, one) => sum + owed(one, price), 0),
    underwater: after.reduce((sum, one) => sum + Math.max(0, -worth(one, price)), 0),
    ...counts,
    ...costsOf(run, room, { slippage: counts.penalty - cash(() => true), lent: cash(lend), lenders }),
    ...{ stepsToSafe: waitOf(run), unsafeAtEnd: run.unsafeAtEnd, breached: run.breached.get(room.id) ?? 0 },
  }
}

/** The parties' costs. `slippage`: what the market kept of what went out; `lent`: cash of those who lend; `lenders`: what they gained to the end. */
function costsOf(
  run: MarketRun,
  room: LedgerRoom,
  { slippage, lent, lenders: kept }: { readonly slippage: number; readonly lent: number; readonly lenders: number },
): { readonly taken: number; readonly cost: PartyCosts } {
  const none = { given: 0, borrowers: 0, accounts: 0, protocol: 0, short: 0, uncovered: 0, owed: [], waited: 0 }
  const { given, borrowers, accounts, protocol: part, short, uncovered, waited } = run.costs.get(room.id) ?? none
  const byActing = given - accounts - part - lent + (room.backs ? 0 : short)
  const impermanent = room.liquidity ? Math.max(0, -kept - byActing) : 0
  const lenders = byActing + impermanent
  const protocol = part + (room.backs ? short : 0)
  const social = borrowers + lenders + protocol
  return { taken: borrowers, cost: { borrowers, lenders, protocol, social, slippage, uncovered, waited, impermanent } }
}

const sumOf = (units: Readonly<Record<string, number>>, price: Prices) =>
  Object.entries(units).reduce((sum, [symbol, amount]) => sum + amount * price(symbol), 0)
const owed = (one: Standing, price: Prices) => sumOf(one.owes, price)
const worth = (one: Standing | undefined, price: Prices) => (one ? sumOf(one.holds, price) - owed(one, price) : 0)

function countsOf(
  run: MarketRun,
  room: LedgerRoom,
  price: Prices,
): Pick<RoomLedger, 'penalty' | 'badDebt' | 'liquidations' | 'median' | 'largest' | 'seized'> {
  const usd = (leg: Leg | undefined) => {
    const asset = room.assets.get(leg?.asset ?? '')
    if (leg?.atoms === undefined || !asset) return 0
    const unit = asset.symbol === '' ? (asset.worth?.(price) ?? 0) : price(asset.symbol)
    return (Number(leg.atoms) / 10 ** asset.decimals) * unit
  }
  let badDebt = 0
  const sizes: number[] = []
  const own = run.entries.filter((entry) => entry.room === room.id)
  for (const fact of own.flatMap(({ facts }) => facts)) {
    if (fact.type === 'bad-debt') badDebt += usd(fact.loss)
    if (fact.type === 'loan-liquidation' && !room.spreads) badDebt += usd(fact.badDebt)
    if (!isLiquidation(fact)) continue
    const size =
      fact.type === 'loan-liquidation'
        ? usd(fact.seized)
        : fact.type === 'auction-started'
          ? usd(fact.lot)
          : (fact.usd ?? 0)
    sizes.push(size)
  }
  return {
    penalty: own.reduce((sum, { given }) => sum + given, 0),
    ...{ badDebt, liquidations: sizes.length, median: median(sizes) },
    ...{
      largest: sizes.reduce((most, one) => Math.max(most, one), 0),
      seized: sizes.reduce((sum, one) => sum + one, 0),
    },
  }
}

/** The median of all spells, those that had not ended being the longest. */
function waitOf({ recoveries, unsafeAtEnd }: MarketRun): number | undefined {
  const open = Array.from({ length: unsafeAtEnd }, () => Number.POSITIVE_INFINITY)
  const found = median([...recoveries, ...open])
  return found !== undefined && Number.isFinite(found) ? found : undefined
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
