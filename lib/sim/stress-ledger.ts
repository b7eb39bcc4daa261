/** Who paid for a crash in which several rooms shared one market: the rooms' own parts, and the actors' money that cannot be told apart by room. */
import { type LedgerRoom, ledgerOf, type Prices, type RoomLedger } from './market/ledger.ts'
import type { MarketRun } from './market/run.ts'

/** One room's part, USD; signed: below 0 is a loss. */
export type RoomPart = Pick<
  RoomLedger,
  | 'room'
  | 'debt'
  | 'accounts'
  | 'touched'
  | 'borrowers'
  | 'lenders'
  | 'penalty'
  | 'taken'
  | 'badDebt'
  | 'underwater'
  | 'liquidations'
  | 'largest'
  | 'seized'
>

/** Change of wealth of each party at the last outside prices, USD. `sum` is all of them: 0 but for the last bits of floats. */
export type Payers = {
  readonly borrowers: number
  readonly lenders: number
  readonly liquidators: number
  readonly builders: number
  readonly gas: number
  readonly others: number
  readonly sum: number
}

/** The parts of a run: by room, and by party. */
export type MarketLedger = { readonly rooms: readonly RoomPart[]; readonly payers: Payers }

/** The ledger of any number of rooms. `last`: outside prices at the end, USD. */
export function marketLedger(run: MarketRun, rooms: readonly LedgerRoom[], last: Prices): MarketLedger {
  const ledgers = rooms.map((room) => ledgerOf(run, room, last))
  const parts = ledgers.map((one): RoomPart => {
    const {
      liquidators: _l,
      waiting: _w,
      builders: _b,
      gas: _g,
      others: _o,
      sum: _s,
      stepsToSafe: _t,
      unsafeAtEnd: _u,
      cost: _c,
      breached: _r,
      ...part
    } = one
    return part
  })
  // Money of actors is the same in every room's ledger: it is counted once. Without rooms nobody acted.
  const { builders = 0, gas = 0, others = 0 } = ledgers[0] ?? {}
  const lend = new Set(['builders', 'gas', ...rooms.flatMap((room) => room.lenders ?? [])])
  const own = [...run.cash].reduce((usd, [actor, cash]) => (lend.has(actor) ? usd : usd + cash), 0)
  const liquidators = ledgers.reduce((usd, { waiting }) => usd + waiting, own)
  const [borrowers, lenders] = [total(parts, 'borrowers'), total(parts, 'lenders')]
  const sum = borrowers + lenders + liquidators + builders + gas + others
  return { rooms: parts, payers: { borrowers, lenders, liquidators, builders, gas, others, sum } }
}

const total = (parts: readonly RoomPart[], key: 'borrowers' | 'lenders') =>
  parts.reduce((sum, one) => sum + one[key], 0)
