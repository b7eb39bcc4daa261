/** Loans under several shocks at once: their moments, who breaks, and who is next. The mechanisms' own verdicts, by way of `analytics/lending-shock.ts`. */
import {
  factorOf,
  healthUnder,
  type LendingBook,
  type LendingShock,
  type ShockedMoment,
  shockedMoment,
  withMove,
} from '../../analytics/index.ts'
import { breakwaterError, type Health, isBreakwaterError } from '../../model/index.ts'

/** A loan that can be judged under the shocks. */
export type ShockedLoan = {
  readonly book: LendingBook
  readonly target: string
  readonly health: Health
  readonly factor: number
  readonly before: boolean
  readonly collateral: number
  readonly debt: number
  readonly badDebt: number
}

/** Loans that can be judged, in the order of their books, and how many cannot (a price is missing). */
export type ShockedLoans = { readonly loans: readonly ShockedLoan[]; readonly unjudged: number }

/** The moment of a book after all shocks that mean something in it, one after the other. */
export function momentUnder({ at, map }: LendingBook, shocks: readonly LendingShock[]): ShockedMoment {
  let moment: ShockedMoment = { collateral: at, debt: at }
  for (const shock of shocks) {
    const { collateral, debt } = moment
    const first = quiet(() => shockedMoment(collateral, shock, map))
    if (!first) continue
    const second = collateral === debt ? first : shockedMoment(debt, shock, map)
    moment = { collateral: first.collateral, debt: second.debt }
  }
  return moment
}

/** What a book does not know moves nothing in it. */
function quiet<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch (error) {
    if (isBreakwaterError(error) && error.code === 'unknown-asset') return undefined
    throw error
  }
}

/** The shocks without those of optional coins that mean nothing in any of the books, as long as one is left. */
export function knownShocks(
  books: readonly LendingBook[],
  shocks: readonly LendingShock[],
  optional: ReadonlySet<string>,
): readonly LendingShock[] {
  const known = shocks.filter(
    (shock) =>
      shock.kind === 'feed' ||
      !optional.has(shock.asset) ||
      books.some(({ at, map }) => quiet(() => shockedMoment(at, shock, map)) !== undefined),
  )
  return known.length > 0 ? known : shocks
}

/** Refuses (`unknown-asset`) a shock that means nothing in any of the books. */
export function checkShocks(books: readonly LendingBook[], shocks: readonly LendingShock[]): void {
  for (const shock of shocks) {
    if (books.some(({ at, map }) => quiet(() => shockedMoment(at, shock, map)) !== undefined)) continue
    const priced = new Set(
      books.flatMap(({ map }) => [...[...map.feeds.values()].map(({ base }) => base), ...map.follows.values()]),
    )
    const name = shock.kind === 'feed' ? shock.feed : shock.asset
    throw breakwaterError(
      'unknown-asset',
      `nothing in the book is priced in ${name}`,
      { asset: name },
      {
        fix: `Prices here are of ${[...priced].sort().slice(0, 40).join(', ')}.`,
      },
    )
  }
}

/** Every loan under the shocks. */
export function shockedLoans(books: readonly LendingBook[], shocks: readonly LendingShock[]): ShockedLoans {
  const loans: ShockedLoan[] = []
  let unjudged = 0
  for (const book of books) {
    const moment = momentUnder(book, shocks)
    for (const target of targetsOf(book)) {
      const now = book.mechanism.assess(book.state, target, book.at)
      const health = now && judged(book, target, moment)
      if (!health) unjudged += 1
      else loans.push({ book, target, before: now.liquidatable, ...figuresOf(book, target, health, moment) })
    }
  }
  return { loans, unjudged }
}

/** Targets of a book. */
export function targetsOf({ targets, mechanism, state }: LendingBook): readonly string[] {
  return [...(targets ?? mechanism.targets(state))]
}

/** A target's health, or nothing where a price is missing. */
export function judged({ mechanism, state }: LendingBook, target: string, moment: ShockedMoment): Health | undefined {
  try {
    return healthUnder(mechanism, state, target, moment)
  } catch (error) {
    if (isBreakwaterError(error)) return undefined
    throw error
  }
}

function figuresOf(book: LendingBook, target: string, health: Health, moment: ShockedMoment) {
  const unit = book.worth(target, moment.debt)
  return {
    health,
    factor: factorOf(health) ?? Number.POSITIVE_INFINITY,
    collateral: Number(health.equity + health.required) * unit,
    debt: Number(health.required) * unit,
    badDebt: health.equity < 0n ? -Number(health.equity) * unit : 0,
  }
}

/** A loan that is still safe, and how much further (a fraction of the shocked prices) all shocks must go until it is not. */
export type NextLoan = { readonly loan: ShockedLoan; readonly further: number }

/** Halvings of the way: to a ten-thousandth. */
const HALVINGS = 14
/** The least health factors are looked at exactly: the nearest by factor need not be the nearest by price. */
const LOOKED_AT = 400
/** The furthest that is looked. */
const FURTHEST = 0.95

/** Who is next: safe loans by how little further the shocks must go. Loans that no further move breaks are left out. */
export function nextLoans(
  { loans }: ShockedLoans,
  shocks: readonly LendingShock[],
  limit: number,
): readonly NextLoan[] {
  const safe = loans.filter(({ health, factor }) => !health.liquidatable && Number.isFinite(factor))
  const near = safe.sort((a, b) => a.factor - b.factor).slice(0, Math.max(LOOKED_AT, limit))
  return near
    .flatMap((loan) => {
      const further = furtherFor(loan, shocks)
      return further === undefined ? [] : [{ loan, further }]
    })
    .sort((a, b) => Math.abs(a.further) - Math.abs(b.further))
    .slice(0, limit)
}

function furtherFor({ book, target }: ShockedLoan, shocks: readonly LendingShock[]): number | undefined {
  const breaks = (part: number) => {
    const moved = shocks.map((shock) => withMove(shock, (1 + shock.move) * (1 + signOf(shock) * part) - 1))
    return judged(book, target, momentUnder(book, moved))?.liquidatable === true
  }
  if (!breaks(FURTHEST)) return undefined
  let [safe, broken] = [0, FURTHEST]
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (safe + broken) / 2
    if (breaks(middle)) broken = middle
    else safe = middle
  }
  return signOf(shocks[0] as LendingShock) * broken
}

/** Which way a shock goes on. */
export function signOf({ move }: LendingShock): 1 | -1 {
  return move > 0 ? 1 : -1
}
