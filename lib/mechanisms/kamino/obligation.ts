/**
 * Kamino (klend): an obligation (deposits as collateral, borrows) and what it is worth.
 *
 * - deposited: dollars of all collateral; allowed, unhealthy: weighted by loan-to-value and liquidation threshold.
 * - debt: dollars of all borrows; adjusted: each times its borrow factor. ltv = adjusted / deposited; liquidatable at ltv ≥ unhealthy / deposited.
 *
 * All values are fractions (2^60). Source: Kamino-Finance/klend@edd5ff5 `lending_operations.rs` (`refresh_obligation`), `state/obligation.rs`.
 */
import type { Moment } from '../../model/index.ts'
import { ensure, revert } from '../solidity.ts'
import { minus, ONE, overDown, percentDown, timesDown, toCeil, toNearest, whole } from './fraction.ts'
import { type KaminoMarketConfig, type KaminoReserve, liquidityOfClaimsDown, valueDown } from './market.ts'

/** A borrow: fraction of atoms, the reserve's cumulative rate when it was last looked at, and times in unix seconds. */
export type KaminoBorrow = {
  borrowedSf: bigint
  cumulativeRateSf: bigint
  lastBorrowedAt: bigint
  /** Atoms owed when its term ended; 0 = not yet. */
  atExpiration: bigint
}

/** An obligation: claims deposited by reserve, borrows by reserve, elevation group ('' = none), and a mark for deleveraging. */
export type KaminoObligation = {
  group: string
  readonly deposits: Map<string, bigint>
  readonly borrows: Map<string, KaminoBorrow>
  deleverageTargetPct: bigint
  /** Since when it is marked, unix seconds; 0 = it is not. */
  marginCallStarted: bigint
}

/** The market: reserves by id, obligations by account. Claims on `SOL` are the asset `kSOL`. */
export type KaminoState = {
  readonly config: KaminoMarketConfig
  readonly reserves: Map<string, KaminoReserve>
  readonly obligations: Map<string, KaminoObligation>
}

/** Worth of one leg and the terms it brings. */
export type KaminoLeg = { readonly reserve: string; readonly value: bigint; readonly weight: bigint }

/** What an obligation is worth at a moment. */
export type KaminoValues = {
  readonly deposited: bigint
  readonly allowed: bigint
  readonly unhealthy: bigint
  readonly debt: bigint
  readonly adjusted: bigint
  readonly collateral: readonly KaminoLeg[]
  readonly borrowed: readonly KaminoLeg[]
  /** Percent: the highest borrow factor of a debt, the lowest liquidation threshold of a collateral (255 = none). */
  readonly highestBorrowFactorPct: bigint
  readonly lowestThresholdPct: bigint
}

/** A reserve of the market. */
export function reserveOf({ reserves }: Pick<KaminoState, 'reserves'>, id: string): KaminoReserve {
  return reserves.get(id) ?? revert('InvalidAccountInput', `there is no reserve ${id}`)
}

/** Price of a reserve's token, fraction of dollars. Stops without one. */
export function priceOf(reserve: KaminoReserve, at: Moment): bigint {
  const price = at.price(reserve.feed)
  ensure(price !== undefined, 'PriceNotValid', `the feed ${reserve.feed} gives no price`)
  return price
}

/** Loan-to-value and liquidation threshold of a collateral, percent; those of the elevation group where one is chosen. */
export function thresholdsOf(state: KaminoState, obligation: KaminoObligation, reserve: KaminoReserve) {
  const group = state.config.groups.get(obligation.group)
  return group
    ? { ltvPct: group.ltvPct, thresholdPct: group.liquidationThresholdPct }
    : { ltvPct: reserve.config.loanToValuePct, thresholdPct: reserve.config.liquidationThresholdPct }
}

/** Borrow factor as a fraction, at least 1; 1 in an elevation group. */
export function borrowFactor(obligation: KaminoObligation, reserve: KaminoReserve): bigint {
  const factor = percentDown(reserve.config.borrowFactorPct)
  return obligation.group !== '' || factor < ONE ? ONE : factor
}

/** Lets an obligation's debts follow their reserves, and notes what was owed when a term ended. In place. */
export function refreshBorrows(state: KaminoState, obligation: KaminoObligation, time: bigint): void {
  for (const [id, borrow] of obligation.borrows) {
    const reserve = reserveOf(state, id)
    ensure(reserve.cumulativeRateSf >= borrow.cumulativeRateSf, 'NegativeInterestRate')
    borrow.borrowedSf = (borrow.borrowedSf * reserve.cumulativeRateSf) / borrow.cumulativeRateSf
    borrow.cumulativeRateSf = reserve.cumulativeRateSf
    if (borrow.atExpiration === 0n && secondsPastTerm(borrow, reserve, time) !== undefined)
      borrow.atExpiration = toCeil(borrow.borrowedSf)
  }
}

/** Seconds since a borrow's term ended; `undefined` before that or without a term. */
export function secondsPastTerm(borrow: KaminoBorrow, { config }: KaminoReserve, time: bigint): bigint | undefined {
  if (config.debtTermSeconds === 0n || borrow.lastBorrowedAt === 0n) return undefined
  const end = borrow.lastBorrowedAt + config.debtTermSeconds
  return time >= end ? time - end : undefined
}

/** Values an obligation whose borrows are up to date. */
export function valuesOf(state: KaminoState, obligation: KaminoObligation, at: Moment): KaminoValues {
  let [deposited, allowed, unhealthy, debt, adjusted] = [0n, 0n, 0n, 0n, 0n]
  let [highest, lowest] = [ONE, 255n]
  const [collateral, borrowed]: KaminoLeg[][] = [[], []]
  for (const [id, borrow] of obligation.borrows) {
    const reserve = reserveOf(state, id)
    const value = valueDown(reserve, borrow.borrowedSf, priceOf(reserve, at))
    const factor = borrowFactor(obligation, reserve)
    if (factor > highest && value >= whole(state.config.minValueBorrowFactorChecks)) highest = factor
    debt += value
    adjusted += timesDown(value, factor)
    borrowed?.push({ reserve: id, value, weight: factor })
  }
  for (const [id, claims] of obligation.deposits) {
    const reserve = reserveOf(state, id)
    const value = valueDown(reserve, liquidityOfClaimsDown(reserve, claims), priceOf(reserve, at))
    const { ltvPct, thresholdPct } = thresholdsOf(state, obligation, reserve)
    const counts = thresholdPct > 0n && value >= whole(state.config.minValueThresholdChecks)
    if (counts && thresholdPct < lowest) lowest = thresholdPct
    deposited += value
    allowed += timesDown(value, percentDown(ltvPct))
    unhealthy += timesDown(value, percentDown(thresholdPct))
    collateral?.push({ reserve: id, value, weight: percentDown(thresholdPct) })
  }
  const most = whole(state.config.globalAllowedBorrowValue)
  return {
    ...{ deposited, allowed: allowed < most ? allowed : most, unhealthy, debt, adjusted },
    ...{ collateral: collateral ?? [], borrowed: borrowed ?? [] },
    ...{ highestBorrowFactorPct: toNearest(highest * 100n), lowestThresholdPct: lowest },
  }
}

/** Adjusted debt per deposited dollar. */
export function loanToValue({ adjusted, deposited }: KaminoValues): bigint {
  return overDown(adjusted, deposited)
}
/** Debt without borrow factors per deposited dollar. */
export function plainLoanToValue({ debt, deposited }: KaminoValues): bigint {
  return overDown(debt, deposited)
}
/** The loan-to-value at which the obligation is liquidatable. */
export function unhealthyLoanToValue({ unhealthy, deposited }: KaminoValues): bigint {
  return overDown(unhealthy, deposited)
}

/** Takes a settled amount off a borrow; one that is wholly settled is forgotten. In place. */
export function settleBorrow(obligation: KaminoObligation, id: string, settledSf: bigint): void {
  const borrow = obligation.borrows.get(id)
  ensure(borrow !== undefined, 'InvalidObligationLiquidity')
  if (settledSf === borrow.borrowedSf) obligation.borrows.delete(id)
  else borrow.borrowedSf = minus(borrow.borrowedSf, settledSf)
}

/** Takes claims out of a deposit; an emptied one is forgotten. In place. */
export function takeClaims(obligation: KaminoObligation, id: string, claims: bigint): void {
  const own = obligation.deposits.get(id) ?? revert('InvalidObligationCollateral')
  if (claims === own) obligation.deposits.delete(id)
  else obligation.deposits.set(id, minus(own, claims))
}
