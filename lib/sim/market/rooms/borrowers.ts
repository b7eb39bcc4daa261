/** Borrowers as every mechanism can take them: coins against dollars. The same people stand in every column of a comparison. */
import { breakwaterError, type Prng } from '../../../model/index.ts'

/** One loan: coins of collateral, debt in USD. */
export type Borrower = { readonly id: string; readonly coins: number; readonly debt: number }

/** How a drawn book looks: loan-to-value between two bounds, denser towards the upper one, sizes lognormal. */
export type BookTerms = {
  readonly accounts: number
  readonly price: number
  readonly lowLtv: number
  readonly highLtv: number
  /** 1: even between the bounds; above: more accounts near the upper one. */
  readonly crowding: number
  /** Spread of the log of sizes; 0: all the same. */
  readonly sizeSpread: number
  /** Debt of all together, USD. */
  readonly debt: number
}

/** Draws borrowers. The debt adds up to the terms' sum exactly as floats do. */
export function drawBorrowers(terms: BookTerms, chance: Prng): readonly Borrower[] {
  const { accounts, price, lowLtv, highLtv, crowding, sizeSpread, debt } = terms
  if (!(accounts >= 1 && price > 0 && lowLtv > 0 && highLtv >= lowLtv && highLtv < 1 && crowding > 0 && debt > 0))
    throw breakwaterError('bad-scenario', 'a book needs accounts, a price, debt, and loan-to-values between 0 and 1', {
      ...{ accounts, price, lowLtv, highLtv, crowding, debt },
    })
  const sizes = Array.from({ length: accounts }, () => Math.exp(sizeSpread * chance.normal()))
  const whole = sizes.reduce((sum, one) => sum + one, 0)
  return sizes.map((size, at) => {
    const own = (size / whole) * debt
    const ltv = lowLtv + (highLtv - lowLtv) * (1 - (1 - chance.next()) ** crowding)
    return { id: `account-${at + 1}`, coins: own / (ltv * price), debt: own }
  })
}

/** The same borrowers with all debts (and coins) multiplied so that the debts add up to a sum. */
export function normalised(borrowers: readonly Borrower[], debt: number): readonly Borrower[] {
  const whole = borrowers.reduce((sum, one) => sum + one.debt, 0)
  if (!(whole > 0 && debt > 0))
    throw breakwaterError('bad-scenario', 'a book without debt cannot be normalised', { whole, debt })
  return borrowers.map(({ id, coins, debt: own }) => ({
    id,
    coins: (coins * debt) / whole,
    debt: (own * debt) / whole,
  }))
}
