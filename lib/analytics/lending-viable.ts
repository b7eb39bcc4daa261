/** Which of the loans that a shock breaks a liquidator would take: those whose largest accepted liquidation leaves something after slippage, flash loan and gas. */
import type { LendingBook } from './lending-book.ts'
import { standing } from './lending-loan.ts'
import type { LiquidatorCosts } from './lending-question.ts'
import { type LendingShock, type ShockedMoment, shockedMoment } from './lending-shock.ts'

/** Loans that pay, and their debt in dollars at the moved prices. */
export type ViableLoans = { readonly accounts: number; readonly debt: number }

/** More loans than this in one rung are not liquidated one by one: how many of them pay is then not known. */
export const MOST_VIABLE = 5_000

/** Counts them; `shock` absent: as prices are. `undefined` where there are too many to try. */
export function viableLoans(
  found: readonly { readonly book: LendingBook; readonly target: string }[],
  shock: LendingShock | undefined,
  moved: ReadonlySet<LendingBook>,
  costs: LiquidatorCosts,
): ViableLoans | undefined {
  if (found.length > MOST_VIABLE) return undefined
  const moments = new Map<LendingBook, ShockedMoment>()
  const momentOf = (book: LendingBook): ShockedMoment => {
    const known = moments.get(book)
    if (known) return known
    const made =
      shock && moved.has(book) ? shockedMoment(book.at, shock, book.map) : { collateral: book.at, debt: book.at }
    moments.set(book, made)
    return made
  }
  let [accounts, debt] = [0, 0]
  for (const { book, target } of found) {
    const { take, debt: owed } = standing({ ...book, state: book.alone(target) }, target, momentOf(book), costs)
    if (!take || take.profit <= 0) continue
    accounts += 1
    debt += owed
  }
  return { accounts, debt }
}
