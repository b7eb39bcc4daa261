/** Lenders of coin-backed loans who call margin and sell what is not cured (`system/margin-calls.ts`), on a market that others use too. */
import { breakwaterError, type Prng } from '../../../model/index.ts'
import { type CoinLoan, type LenderTerms, marginDesk } from '../../system/margin-calls.ts'
import type { Depth } from '../depth.ts'
import type { Trader } from '../run.ts'

/** Their terms: the market they sell into, and its depth, by which each sees what its own sales of the hour have done so far. */
export type MarginLendersTerms = {
  readonly id: string
  readonly symbol: string
  readonly lenders: readonly LenderTerms[]
  readonly loans: readonly CoinLoan[]
  readonly depth: Depth
}

/** Lenders who look once an hour each on their own schedule. */
export function marginLenders({ id, symbol, lenders, loans, depth }: MarginLendersTerms, chance: Prng): Trader {
  const desk = marginDesk({ lenders, loans }, chance)
  let [begun, looked] = [undefined as number | undefined, -1]
  return {
    id,
    trade({ time, price }) {
      begun ??= time
      const hour = Math.floor((time - begun) / 3_600)
      let sold = 0
      // A step may pass over several hours: each has its look.
      for (let at = looked + 1; at <= hour; at++)
        desk.look(
          at,
          () => priceAfter(depth, price(symbol), sold),
          (coins) => {
            sold += coins
          },
        )
      looked = Math.max(looked, hour)
      return sold > 0 ? new Map([[symbol, -sold]]) : new Map()
    },
  }
}

/** Where the price stands when so many coins have been sold at it: what the next thousandth would bring. */
function priceAfter(depth: Depth, price: number, sold: number): number {
  if (sold === 0) return price
  const more = sold * 1e-3
  return (depth.quote(sold + more) - depth.quote(sold)) / more
}

/** Loans drawn around a mean loan-to-value, dealt out to lenders by their shares. Debts are equal and add up to `debt`. */
export function drawLoans(
  terms: { readonly count: number; readonly debt: number; readonly ltv: number; readonly spread: number },
  lenders: readonly { readonly id: string; readonly share: number }[],
  price: number,
  chance: Prng,
): readonly CoinLoan[] {
  const whole = lenders.reduce((sum, { share }) => sum + share, 0)
  if (!(whole > 0)) throw breakwaterError('bad-scenario', 'lenders need shares above 0', { whole })
  return Array.from({ length: terms.count }, (_, at) => {
    const lender = lenderAt(lenders, ((at + 0.5) / terms.count) * whole)
    // A loan of no collateral, or of none to speak of, is none: the drawn ratio stays within 5 and 95 %.
    const ltv = Math.min(0.95, Math.max(0.05, terms.ltv + terms.spread * chance.normal()))
    const debt = terms.debt / terms.count
    return { id: `loan-${at + 1}`, lender, debt, coins: debt / (ltv * price) }
  })
}

/** Whose part of the whole a place falls into. */
function lenderAt(lenders: readonly { readonly id: string; readonly share: number }[], place: number): string {
  let passed = 0
  for (const { id, share } of lenders) {
    passed += share
    if (place < passed) return id
  }
  return lenders[lenders.length - 1]?.id ?? ''
}
