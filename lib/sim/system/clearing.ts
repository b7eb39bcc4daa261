/**
 * Who can pay whom when everybody owes everybody: clearing vectors of Eisenberg and Noe (2001), with default costs of Rogers and Veraart (2013).
 * A firm pays all it owes when its own assets and what it receives suffice; otherwise it pays α of its own assets and β of what it receives.
 * Default costs make several answers possible: the greatest and the least are given.
 */
import { breakwaterError } from '../../model/index.ts'

/** Firms by number: own assets, what each owes (`owed[i][j]`: i to j), and the shares kept in default. α = β = 1: no default costs. */
export type ClearingTerms = {
  readonly assets: readonly number[]
  readonly owed: readonly (readonly number[])[]
  readonly alpha: number
  readonly beta: number
}

/** Payments in all, and who defaults. */
export type Clearing = { readonly payments: readonly number[]; readonly defaults: readonly boolean[] }

/** The greatest and the least clearing vector. Refuses (`bad-number`) negative amounts and shares outside 0..1. */
export function clearingVectors(terms: ClearingTerms): { readonly greatest: Clearing; readonly least: Clearing } {
  const { assets, owed, alpha, beta } = terms
  const bad =
    owed.length !== assets.length ||
    owed.some((row) => row.length !== assets.length || row.some((amount) => !(amount >= 0))) ||
    assets.some((amount) => !(amount >= 0))
  if (bad || !(alpha >= 0 && alpha <= 1 && beta >= 0 && beta <= 1))
    throw breakwaterError(
      'bad-number',
      'a network needs amounts of 0 or more, a square table, and shares from 0 to 1',
      {
        ...{ firms: assets.length, alpha, beta },
      },
    )
  return { greatest: fixedPoint(terms, false), least: fixedPoint(terms, true) }
}

/** Firms that each owe one sum, in equal parts to all the others. */
export function evenlyOwed(debts: readonly number[]): readonly (readonly number[])[] {
  return debts.map((debt, i) => debts.map((_, j) => (i === j || debts.length === 1 ? 0 : debt / (debts.length - 1))))
}

/** Starts with everybody (least) or nobody (greatest) in default and solves the payments for that set until the set stands. */
function fixedPoint(terms: ClearingTerms, allDefault: boolean): Clearing {
  const { assets, owed } = terms
  const debts = owed.map((row) => row.reduce((sum, amount) => sum + amount, 0))
  let defaults = assets.map((_, i) => allDefault && (debts[i] as number) > 0)
  let payments = paymentsFor(terms, debts, defaults)
  // Each round moves firms one way only, so there are at most as many rounds as firms.
  for (let round = 0; round <= assets.length; round++) {
    const next = assets.map((own, i) => {
      const short =
        own + inflow(owed, debts, payments, i) < (debts[i] as number) - 1e-12 * Math.max(1, debts[i] as number)
      return allDefault ? (defaults[i] as boolean) && short : (defaults[i] as boolean) || short
    })
    if (next.every((one, i) => one === defaults[i])) break
    defaults = next
    payments = paymentsFor(terms, debts, defaults)
  }
  return { payments, defaults }
}

function inflow(
  owed: ClearingTerms['owed'],
  debts: readonly number[],
  payments: readonly number[],
  to: number,
): number {
  return owed.reduce((sum, row, from) => {
    const debt = debts[from] as number
    return debt === 0 ? sum : sum + ((row[to] as number) / debt) * (payments[from] as number)
  }, 0)
}

/** Payments when exactly these firms default: linear, by relaxation from below (a contraction unless a closed ring keeps everything, where it stays least). */
function paymentsFor(
  { assets, owed, alpha, beta }: ClearingTerms,
  debts: readonly number[],
  defaults: readonly boolean[],
): readonly number[] {
  let payments: readonly number[] = debts.map((debt, i) => (defaults[i] ? 0 : debt))
  for (let turn = 0; turn < 100_000; turn++) {
    const next = debts.map((debt, i) =>
      defaults[i] ? Math.min(debt, alpha * (assets[i] as number) + beta * inflow(owed, debts, payments, i)) : debt,
    )
    const moved = next.reduce((most, one, i) => Math.max(most, Math.abs(one - (payments[i] as number))), 0)
    payments = next
    if (moved <= 1e-15 * Math.max(1, ...debts)) break
  }
  return payments
}
