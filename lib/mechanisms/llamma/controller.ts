/**
 * What borrowers and liquidators do: create, borrow more, repay, add or remove collateral, liquidate wholly or in part, and collect the interest.
 * Source: `Controller.vy` at e6fc18a0 (2025-04-28), order of operations and rounding as there; what older ones did and what is left out stands in
 * `state.ts`. A revert may come after a write: callers pass a copy.
 */
import type { Moment } from '../../model/index.ts'
import { ensure, min, zeroFloorSub } from '../solidity.ts'
import { NO_DATA, WAD } from './exponential.ts'
import { activeBandWithSkip, depositRange, type LlammaAmounts, withdraw } from './liquidity.ts'
import { checkBands, debtN1, healthOf, lendable, loanOf, removedFraction, totalDebt } from './loans.ts'
import { saveRate } from './policy.ts'
import { oraclePrice, rateMulAt } from './price.ts'
import type { LlammaMarket } from './state.ts'

/** Amounts in the tokens' own units that came in and went out. */
export type LlammaFlow = {
  readonly paid: LlammaAmounts
  readonly received: LlammaAmounts
  readonly moved?: Readonly<Record<string, bigint>> | undefined
}

const NONE: LlammaAmounts = { x: 0n, y: 0n }

/** Opens a loan over `bands`: collateral in, stablecoin out. */
export function createLoan(
  market: LlammaMarket,
  account: string,
  { collateral, debt, bands }: { readonly collateral: bigint; readonly debt: bigint; readonly bands: number },
  at: Moment,
): LlammaFlow {
  ensure(!market.loans.has(account), 'Loan already created')
  checkBands(bands)
  const time = BigInt(at.time)
  const n1 = debtN1(market, collateral, debt, bands, at)
  const rateMul = rateMulAt(market, time)
  market.loans.set(account, { debt, rateMul, liquidationDiscount: market.liquidationDiscount })
  growDebt(market, debt, time)
  depositRange(market, account, collateral, n1, n1 + bands - 1)
  lend(market, debt)
  saveRate(market, time)
  return { paid: { x: 0n, y: collateral }, received: { x: debt, y: 0n }, moved: { n1: BigInt(n1) } }
}

/**
 * Changes collateral and debt of an untouched loan, which moves to the bands that fit it. `by` is who asks; the liquidation discount follows the
 * market's only when that is the borrower. Reverts `Already in underwater mode` when stablecoin is in the bands, and without data when somebody else
 * adds collateral worth no more than two of the stablecoin's units, which rounding could turn against the borrower.
 */
export function changeLoan(
  market: LlammaMarket,
  account: string,
  change: { readonly collateral: bigint; readonly debt: bigint; readonly by: string },
  at: Moment,
): LlammaFlow {
  const time = BigInt(at.time)
  const loan = loanOf(market, account, time)
  const debt = loan.owed + change.debt
  const { n1: before, n2 } = market.deposits.get(account) as { n1: number; n2: number }
  const { x, y } = withdraw(market, account, WAD)
  ensure(x === 0n, 'Already in underwater mode')
  const collateral = y + change.collateral
  ensure(collateral >= 0n, NO_DATA, 'more collateral than the loan has')
  const own = change.by === account
  if (!own) {
    const least = (2n * WAD * market.borrowedPrecision) / market.collateralPrecision
    ensure(change.collateral * oraclePrice(market, at).price > least, NO_DATA, 'too little to add for somebody else')
  }
  const n1 = debtN1(market, collateral, debt, n2 - before + 1, at)
  depositRange(market, account, collateral, n1, n1 + n2 - before)
  market.loans.set(account, {
    debt,
    rateMul: rateMulAt(market, time),
    liquidationDiscount: own ? market.liquidationDiscount : loan.liquidationDiscount,
  })
  if (change.debt > 0n) {
    growDebt(market, change.debt, time)
    lend(market, change.debt)
  }
  saveRate(market, time)
  return {
    paid: { x: 0n, y: change.collateral > 0n ? change.collateral : 0n },
    received: { x: change.debt, y: change.collateral < 0n ? -change.collateral : 0n },
    moved: { n1: BigInt(n1) },
  }
}

/**
 * Repays at most the debt. A whole repayment gives everything back, also stablecoin when the borrower asks; a part moves an untouched loan to lower
 * bands and leaves a touched one where it is.
 */
export function repay(
  market: LlammaMarket,
  account: string,
  { debt: offered, by }: { readonly debt: bigint; readonly by: string },
  at: Moment,
): LlammaFlow {
  const time = BigInt(at.time)
  const { owed, liquidationDiscount } = loanOf(market, account, time)
  if (offered === 0n) return { paid: NONE, received: NONE }
  const repaid = min(owed, offered)
  const rest = owed - repaid
  const own = by === account
  let back = NONE
  if (rest === 0n) {
    back = withdraw(market, account, WAD)
    ensure(back.x === 0n || own, NO_DATA, 'only the borrower may close a loan that holds stablecoin')
    market.loans.delete(account)
  } else {
    let discount = liquidationDiscount
    const { n1, n2 } = market.deposits.get(account) as { n1: number; n2: number }
    if (n1 > activeBandWithSkip(market)) {
      const { y } = withdraw(market, account, WAD)
      const next = debtN1(market, y, rest, n2 - n1 + 1, at)
      depositRange(market, account, y, next, next + n2 - n1)
      if (own) discount = market.liquidationDiscount
    }
    market.loans.set(account, { debt: rest, rateMul: rateMulAt(market, time), liquidationDiscount: discount })
    if (!own) ensure(healthOf(market, account, rest, 'quick', discount, at) > 0n, NO_DATA, 'the loan stays unhealthy')
  }
  market.redeemed += repaid
  shrinkDebt(market, repaid, time)
  saveRate(market, time)
  return { paid: { x: repaid, y: 0n }, received: back, moved: { repaid } }
}

/**
 * Liquidates `fraction` (18 decimals, more counts as all) of a loan: that part of its debt is paid, of its bands {@link removedFraction} is taken, and
 * the stablecoin in them pays first. Anyone may when full health is below 0; the borrower always. Reverts `Not enough rekt`, `Slippage`.
 */
export function liquidate(
  market: LlammaMarket,
  account: string,
  call: { readonly fraction: bigint; readonly minimum: bigint; readonly by: string },
  at: Moment,
): LlammaFlow {
  const time = BigInt(at.time)
  // The borrower's own call asks for no health, whose check is the one that has words for a missing loan.
  if (call.by === account) ensure(market.loans.has(account), NO_DATA, 'there is no loan')
  const { owed, liquidationDiscount } = loanOf(market, account, time)
  const limit = call.by === account ? 0n : liquidationDiscount
  if (limit !== 0n)
    ensure(healthOf(market, account, owed, 'full', limit, at) < 0n, 'Not enough rekt', 'the loan is healthy')
  const fraction = min(call.fraction, WAD)
  const debt = (owed * fraction + WAD - 1n) / WAD
  ensure(debt > 0n, NO_DATA, 'nothing to repay')
  const rest = owed - debt
  const removed = removedFraction(fraction, limit)
  const { x, y } = withdraw(market, account, removed)
  ensure(x >= call.minimum, 'Slippage')
  market.redeemed += debt
  if (rest === 0n) market.loans.delete(account)
  else market.loans.set(account, { debt: rest, rateMul: rateMulAt(market, time), liquidationDiscount })
  shrinkDebt(market, debt, time)
  saveRate(market, time)
  return {
    paid: { x: zeroFloorSub(debt, x), y: 0n },
    received: { x: zeroFloorSub(x, debt), y },
    moved: { debt, stablecoin: x, collateral: y, removed },
  }
}

/** Pays out what interest has made. What exchanges left as admin fees stays in the AMM: since 2024-08 no call of the Controller takes it. */
export function collectFees(market: LlammaMarket, at: Moment): LlammaFlow {
  const time = BigInt(at.time)
  market.totalDebt = totalDebt(market, time)
  market.totalRateMul = rateMulAt(market, time)
  saveRate(market, time)
  const interest = zeroFloorSub(market.totalDebt + market.redeemed, market.minted)
  lend(market, interest)
  return { paid: NONE, received: { x: interest, y: 0n }, moved: { interest } }
}

function lend(market: LlammaMarket, amount: bigint): void {
  ensure(amount <= lendable(market), NO_DATA, 'the debt ceiling is reached')
  market.minted += amount
}

function growDebt(market: LlammaMarket, amount: bigint, time: bigint): void {
  market.totalDebt = totalDebt(market, time) + amount
  market.totalRateMul = rateMulAt(market, time)
}

function shrinkDebt(market: LlammaMarket, amount: bigint, time: bigint): void {
  market.totalDebt = zeroFloorSub(totalDebt(market, time), amount)
  market.totalRateMul = rateMulAt(market, time)
}
