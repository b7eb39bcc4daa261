/**
 * What a crash costs whom, at the outside prices of its time: after every step in which a room acted its parties are weighed anew, so that a price that
 * comes back later pays nobody's bill. A loan has no recourse: an account is worth nothing at least, and what it is short of is its lenders'.
 */
import type { Book } from './plan.ts'
import type { Room, Standing } from './room.ts'

/** Prices by market symbol, USD, the dollar included. */
type Price = (symbol: string) => number

/**
 * What was done in a room cost so much, USD, each step at its own outside prices; below 0: gained. `given`: what went out of the room less what came
 * in. `borrowers`: the accounts, worth nothing at least. `accounts`: the same accounts with what they are short of. `protocol`: what is the protocol's
 * and its insurance's. `short`: what accounts are short of at the end; `uncovered`: so much of it, and of what was written off, as prices alone put there.
 * `owed`: coins by symbol that actors have paid for and wait for, theirs from then on; `waited`: what prices did to those, USD.
 */
export type RoomCost = {
  readonly given: number
  readonly borrowers: number
  readonly accounts: number
  readonly protocol: number
  readonly short: number
  readonly uncovered: number
  readonly owed: readonly (readonly [symbol: string, units: number])[]
  readonly waited: number
}

/** A room between two weighings. */
export type Weighing = {
  /** Weighs what was done since the last time; `given`: what it gave away. */
  readonly weigh: (price: Price, given: number) => Book
  readonly cost: (price: Price) => RoomCost
}

/** Begins with the room as it stands. */
export function weighing(room: Room, price: Price): Weighing {
  let [standings, own, owed] = [room.standings(), room.protocol(), room.owed()]
  const cost = { given: 0, borrowers: 0, accounts: 0, protocol: 0 }
  const moved = { short: 0, owed: usdOf(owed, price) }
  const first = shortOf(standings, price)
  return {
    weigh(now, paid) {
      const [after, held, claims] = [room.standings(), room.protocol(), room.owed()]
      const short = shortOf(after, now) - shortOf(standings, now)
      const accounts = worthOf(standings, now) - worthOf(after, now)
      const owes = usdOf(claims, now) - usdOf(owed, now)
      const given = paid + owes
      cost.given += given
      cost.accounts += accounts
      cost.borrowers += accounts - short
      cost.protocol += room.keeps === 'rest' ? given - accounts : usdOf(own, now) - usdOf(held, now)
      moved.short += short
      moved.owed += owes
      ;[standings, own, owed] = [after, held, claims]
      return bookOf(after)
    },
    cost(now) {
      const short = shortOf(standings, now)
      return { ...cost, short, uncovered: short - first - moved.short, owed, waited: usdOf(owed, now) - moved.owed }
    },
  }
}

const sumOf = (units: Readonly<Record<string, number>>, price: Price) => {
  let usd = 0
  for (const symbol in units) usd += (units[symbol] ?? 0) * price(symbol)
  return usd
}

const usdOf = (units: readonly (readonly [string, number])[], price: Price) =>
  units.reduce((usd, [symbol, amount]) => usd + amount * price(symbol), 0)

const worthOf = (standings: readonly Standing[], price: Price) =>
  standings.reduce((sum, { holds, owes }) => sum + sumOf(holds, price) - sumOf(owes, price), 0)

const shortOf = (standings: readonly Standing[], price: Price) =>
  standings.reduce((sum, { holds, owes }) => sum + Math.max(0, sumOf(owes, price) - sumOf(holds, price)), 0)

/** All accounts together. */
export function bookOf(standings: readonly Standing[]): Book {
  const [holds, owes]: [Record<string, number>, Record<string, number>] = [{}, {}]
  for (const one of standings) {
    for (const symbol in one.holds) holds[symbol] = (holds[symbol] ?? 0) + (one.holds[symbol] ?? 0)
    for (const symbol in one.owes) owes[symbol] = (owes[symbol] ?? 0) + (one.owes[symbol] ?? 0)
  }
  return { holds, owes }
}
