/**
 * The same borrowers along the same prices through a soft and a hard way to be liquidated: who is liquidated by force, what arbitrageurs and
 * liquidators take out of each loan at the outside price of the moment, and where each loan ends.
 */
import { type Mechanism, wasRefused } from '../../mechanisms/index.ts'
import { breakwaterError, type Moment, type Offer } from '../../model/index.ts'

/** A price of the path: seconds, stablecoins per collateral. */
export type PathPrice = { readonly time: number; readonly price: number }

/** A borrower in whole units. */
export type ComparedBorrower = { readonly account: string; readonly collateral: number; readonly debt: number }

/** What a loan holds and owes, in whole units: x in stablecoins, y in collateral. */
export type LoanStanding = { readonly x: number; readonly y: number; readonly debt: number }

/** What acting costs: outside as a fraction of the amount sold or bought, gas of one transaction in stablecoins; seconds between looks of liquidators. */
export type ActingCosts = {
  readonly outsideFee: number
  readonly gas: number
  readonly lookSeconds?: number | undefined
}

/** One way to be liquidated, ready to run: `state` is changed by the run. */
export type ComparedBook<S, A> = {
  readonly name: string
  readonly mechanism: Mechanism<S, A>
  readonly state: S
  readonly moment: (price: PathPrice) => Moment
  readonly target: (account: string) => string
  readonly standing: (state: S, account: string, at: Moment) => LoanStanding
  /** Worth of an offer's amounts in stablecoins at a price. */
  readonly worth: (amounts: Offer<A>['pay'], price: number) => number
  /** What an arbitrageur does first at each price, if anything. */
  readonly arbitrage?: ((state: S, price: PathPrice, at: Moment) => A | undefined) | undefined
}

/** What happened to one borrower, in stablecoins. */
export type BorrowerResult = {
  readonly account: string
  readonly debt: number
  /** Debt that liquidators repaid. */
  readonly liquidated: number
  /** Value taken out by trades and liquidations, each at the outside price of its moment; below 0 is a gain from fees. */
  readonly taken: number
  /** The part of `taken` that liquidators took. */
  readonly takenByForce: number
  /** Equity at the end less that of a loan nobody touched. */
  readonly againstHolding: number
}

/** What happened to all of them. */
export type BookResult = {
  readonly name: string
  readonly debt: number
  readonly liquidated: number
  readonly taken: number
  readonly takenByForce: number
  readonly againstHolding: number
  readonly trades: number
  readonly liquidations: number
  readonly borrowers: readonly BorrowerResult[]
}

/** At most so many liquidations of one loan at one price. */
const ROUNDS = 8

/** Runs a book along a path. Liquidators take what leaves a profit after costs, best first. Throws `bad-scenario` for an empty path. */
export function runBook<S, A>(
  book: ComparedBook<S, A>,
  borrowers: readonly ComparedBorrower[],
  path: readonly PathPrice[],
  costs: ActingCosts,
): BookResult {
  const last = path.at(-1)
  if (!last || path.some(({ price }) => !(price > 0)))
    throw breakwaterError('bad-scenario', 'a path needs prices above 0', { prices: path.length })
  const run: Run<S, A> = {
    book,
    costs,
    tallies: borrowers.map((one) => ({ ...one, liquidated: 0, taken: 0, takenByForce: 0 })),
  }
  let [trades, liquidations, looked] = [0, 0, Number.NEGATIVE_INFINITY]
  for (const price of path) {
    const at = book.moment(price)
    const action = book.arbitrage?.(book.state, price, at)
    if (action !== undefined && acting(run, run.tallies, action, price, at)) trades += 1
    if (price.time - looked < (costs.lookSeconds ?? 0)) continue
    looked = price.time
    for (const tally of run.tallies) liquidations += liquidateAll(run, tally, price, at)
  }
  return { ...resultOf(run, last), trades, liquidations }
}

type Tally = ComparedBorrower & { liquidated: number; taken: number; takenByForce: number }
type Run<S, A> = {
  readonly book: ComparedBook<S, A>
  readonly costs: ActingCosts
  readonly tallies: readonly Tally[]
}

const equityOf = ({ x, y, debt }: LoanStanding, price: number) => x + y * price - debt

/** Does an action and books what it took out of the loans that it may have touched. */
function acting<S, A>(
  { book }: Run<S, A>,
  touched: readonly Tally[],
  action: A,
  { price }: PathPrice,
  at: Moment,
): boolean {
  const before = touched.map(({ account }) => book.standing(book.state, account, at))
  if (wasRefused(book.mechanism.apply(book.state, action, at))) return false
  for (const [i, tally] of touched.entries()) {
    const after = book.standing(book.state, tally.account, at)
    const was = before[i] as LoanStanding
    tally.taken += equityOf(was, price) - equityOf(after, price)
  }
  return true
}

function liquidateAll<S, A>(run: Run<S, A>, tally: Tally, price: PathPrice, at: Moment): number {
  const { book, costs } = run
  for (let round = 0; round < ROUNDS; round++) {
    const offers = book.mechanism.offers(book.state, book.target(tally.account), at)
    const profits = offers.map(({ pay, receive }) => {
      const got = book.worth(receive, price.price) * (1 - costs.outsideFee)
      return got - book.worth(pay, price.price) - costs.gas
    })
    const best = Math.max(...profits)
    const offer = offers[profits.indexOf(best)]
    if (!offer || !(best > 0)) return round
    const { debt } = book.standing(book.state, tally.account, at)
    const before = tally.taken
    if (!acting(run, [tally], offer.action, price, at)) return round
    tally.liquidated += debt - book.standing(book.state, tally.account, at).debt
    tally.takenByForce += tally.taken - before
  }
  return ROUNDS
}

function resultOf<S, A>({ book, tallies }: Run<S, A>, last: PathPrice): Omit<BookResult, 'trades' | 'liquidations'> {
  const at = book.moment(last)
  const borrowers = tallies.map(({ account, collateral, debt, ...sums }) => {
    const end = equityOf(book.standing(book.state, account, at), last.price)
    return { account, debt, ...sums, againstHolding: end - (collateral * last.price - debt) }
  })
  const sum = (key: Exclude<keyof BorrowerResult, 'account'>) => borrowers.reduce((total, one) => total + one[key], 0)
  return {
    name: book.name,
    ...{ debt: sum('debt'), liquidated: sum('liquidated'), taken: sum('taken') },
    takenByForce: sum('takenByForce'),
    againstHolding: sum('againstHolding'),
    borrowers,
  }
}
