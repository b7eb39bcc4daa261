/**
 * Kamino (klend): what lenders, borrowers, liquidators and the market's owner do. Every function changes the state it is given and may stop half-way
 * with klend's error name: it works on a copy. Reserves and borrows are up to date when it begins, as klend demands of a transaction.
 *
 * Source: Kamino-Finance/klend@edd5ff5 `lending_market/lending_operations.rs`.
 */
import type { Moment } from '../../model/index.ts'
import { ensure, min, revert } from '../solidity.ts'
import {
  amount64,
  MAX_UINT64,
  minus,
  ONE,
  overDown,
  overUp,
  percentDown,
  timesDown,
  toCeil,
  toFloor,
  whole,
} from './fraction.ts'
import { type KaminoLiquidation, liquidation, protocolFeeUp } from './liquidation.ts'
import {
  depositOf,
  type KaminoReserve,
  liquidityOfClaimsDown,
  redeemableClaims,
  redeemClaims,
  repayReserve,
  totalSupply,
  valueDown,
} from './market.ts'
import {
  borrowFactor,
  type KaminoObligation,
  type KaminoState,
  type KaminoValues,
  loanToValue,
  priceOf,
  reserveOf,
  settleBorrow,
  takeClaims,
  thresholdsOf,
  unhealthyLoanToValue,
  valuesOf,
} from './obligation.ts'

const MOST_DEPOSITS = 8
const MOST_BORROWS = 5

/** Lends liquidity: what is really taken, and the claims minted. */
export function lend(reserve: KaminoReserve, liquidity: bigint) {
  ensure(liquidity > 0n, 'InvalidAmount')
  const done = depositOf(reserve, amount64(liquidity))
  ensure(done.liquidity <= liquidity, 'MathOverflow')
  ensure(whole(done.liquidity) + totalSupply(reserve) <= whole(reserve.depositLimit), 'DepositLimitExceeded')
  ensure(done.claims > 0n, 'DepositTooSmall')
  reserve.available = amount64(reserve.available + done.liquidity)
  reserve.claims = amount64(reserve.claims + done.claims)
  return done
}

/** Lends liquidity and puts the claims into an obligation. */
export function deposit(state: KaminoState, obligation: KaminoObligation, id: string, liquidity: bigint, at: Moment) {
  const reserve = reserveOf(state, id)
  const { group } = obligation
  const price = at.price(reserve.feed)
  // klend keeps the last price; without any a deposit is not judged by its worth.
  const before = price === undefined ? 0n : worthOf(reserve, obligation.deposits.get(id) ?? 0n, price)
  const done = lend(reserve, liquidity)
  ensure(group === '' || reserve.config.groups.includes(group), 'InconsistentElevationGroup')
  const backs = thresholdsOf(state, obligation, reserve).thresholdPct !== 0n
  ensure(backs || obligation.marginCallStarted === 0n, 'ObligationCurrentlyMarkedForDeleveraging')
  ensure(obligation.deposits.has(id) || obligation.deposits.size < MOST_DEPOSITS, 'ObligationReserveLimit')
  obligation.deposits.set(id, (obligation.deposits.get(id) ?? 0n) + done.claims)
  const after = price === undefined ? 0n : before + worthOf(reserve, done.claims, price)
  ensure(after === 0n || after >= state.config.minNetValue, 'NetValueRemainingTooSmall')
  return done
}

function worthOf(reserve: KaminoReserve, claims: bigint, price: bigint): bigint {
  return claims === 0n ? 0n : valueDown(reserve, liquidityOfClaimsDown(reserve, claims), price)
}

/** Takes claims (at most what is there) out of an obligation and redeems them: the claims and the liquidity. */
export function withdraw(state: KaminoState, obligation: KaminoObligation, id: string, wanted: bigint, at: Moment) {
  ensure(wanted > 0n, 'InvalidAmount')
  const reserve = reserveOf(state, id)
  ensure(obligation.deposits.size > 0, 'ObligationDepositsEmpty')
  const own = obligation.deposits.get(id) ?? revert('InvalidObligationCollateral')
  const claims =
    obligation.borrows.size > 0
      ? withdrawable(state, obligation, { id, reserve, own, wanted: amount64(wanted) }, at)
      : min(own, wanted)
  takeClaims(obligation, id, claims)
  return { claims, liquidity: redeemClaims(reserve, claims, BigInt(at.time)) }
}

type Withdrawal = {
  readonly id: string
  readonly reserve: KaminoReserve
  readonly own: bigint
  readonly wanted: bigint
}

/** The claims that may leave an obligation with debts: those that are wanted, or with 2^64 − 1 as many as its loan-to-value allows. */
function withdrawable(
  state: KaminoState,
  obligation: KaminoObligation,
  { id, reserve, own, wanted }: Withdrawal,
  at: Moment,
): bigint {
  const values = valuesOf(state, obligation, at)
  ensure(values.deposited !== 0n, 'ObligationDepositsZero')
  const value = values.collateral.find((leg) => leg.reserve === id)?.value ?? 0n
  const { ltvPct, thresholdPct } = thresholdsOf(state, obligation, reserve)
  ensure(values.allowed > values.adjusted, 'MaximumWithdrawValueZero')
  const most = ltvPct === 0n ? value : ((values.allowed - values.adjusted) * 100n) / ltvPct
  ensure(most !== 0n, 'MaximumWithdrawValueZero')
  const all = wanted === MAX_UINT64
  const claims = all ? min(own, (overDown(min(most, value), value) * own) / ONE) : min(own, wanted)
  ensure(all || timesDown(value, overUp(whole(claims), whole(own))) <= most, 'WithdrawTooLarge')
  ensure(claims !== 0n, 'WithdrawTooSmall')
  ensureAfterWithdrawal(state, values, { reserve, value, thresholdPct }, { claims, at })
  return claims
}

function ensureAfterWithdrawal(
  state: KaminoState,
  values: KaminoValues,
  leg: { readonly reserve: KaminoReserve; readonly value: bigint; readonly thresholdPct: bigint },
  { claims, at }: { readonly claims: bigint; readonly at: Moment },
): void {
  const { reserve, value, thresholdPct } = leg
  const taken = valueDown(reserve, liquidityOfClaimsDown(reserve, claims), priceOf(reserve, at))
  const left = minus(values.deposited, taken)
  ensure(value === taken || minus(value, taken) >= state.config.minNetValue, 'NetValueRemainingTooSmall')
  // A debt of so few atoms that it is worth nothing holds nothing back.
  ensure(left !== 0n || values.adjusted === 0n, 'LiabilitiesBiggerThanAssets')
  if (left === 0n) return
  ensure(values.debt < left, 'LiabilitiesBiggerThanAssets')
  const unhealthy = values.unhealthy - min(values.unhealthy, timesDown(taken, percentDown(thresholdPct)))
  const ltv = overDown(values.adjusted, left)
  ensure(ltv === 0n || ltv < overDown(unhealthy, left), 'WorseLtvThanUnhealthyLtv')
}

/** Borrows liquidity against an obligation. */
export function borrow(state: KaminoState, obligation: KaminoObligation, id: string, amount: bigint, at: Moment): void {
  ensure(amount > 0n, 'InvalidAmount')
  const [reserve, time] = [reserveOf(state, id), BigInt(at.time)]
  const { config } = reserve
  ensure(config.debtMaturity === 0n || time < config.debtMaturity, 'ReserveDebtMaturityReached')
  ensure(obligation.marginCallStarted === 0n, 'ObligationCurrentlyMarkedForDeleveraging')
  ensure(obligation.deposits.size > 0, 'ObligationDepositsEmpty')
  const values = valuesOf(state, obligation, at)
  ensure(values.deposited !== 0n, 'ObligationDepositsZero')
  ensure(obligation.group === '' || config.groups.includes(obligation.group), 'InconsistentElevationGroup')
  ensure(values.allowed > values.adjusted, 'BorrowTooLarge')
  ensure(reserve.borrowedSf < whole(reserve.borrowLimit), 'BorrowLimitExceeded')
  const wanted = whole(amount64(amount))
  const worth = valueDown(reserve, wanted, priceOf(reserve, at))
  const adjusted = timesDown(worth, borrowFactor(obligation, reserve))
  ensure(adjusted <= values.allowed - values.adjusted, 'BorrowTooLarge')
  ensure(reserve.borrowedSf + wanted <= whole(reserve.borrowLimit), 'BorrowLimitExceeded')
  ensure(amount <= reserve.available, 'InsufficientLiquidity')
  const used = overDown(reserve.borrowedSf + wanted, totalSupply(reserve))
  const limit = config.utilizationLimitPct
  ensure(limit === 0n || used < percentDown(limit), 'BorrowingAboveUtilizationRateDisabled')
  reserve.available -= amount
  reserve.borrowedSf += wanted
  const own = obligation.borrows.get(id)
  ensure(own !== undefined || obligation.borrows.size < MOST_BORROWS, 'ObligationReserveLimit')
  ensure(own === undefined || own.atExpiration === 0n, 'DebtReachedReserveDebtTerm')
  const group = state.config.groups.get(obligation.group)
  ensure(!group || group.debtReserve === id, 'ElevationGroupHasAnotherDebtReserve')
  ensureBorrowable(state, values, { worth, adjusted, own: legOf(values, id) })
  obligation.borrows.set(id, {
    borrowedSf: (own?.borrowedSf ?? 0n) + wanted,
    cumulativeRateSf: reserve.cumulativeRateSf,
    ...{ lastBorrowedAt: time, atExpiration: 0n },
  })
}

function legOf(values: KaminoValues, id: string): bigint {
  return values.borrowed.find(({ reserve }) => reserve === id)?.value ?? 0n
}

function ensureBorrowable(
  { config }: KaminoState,
  values: KaminoValues,
  added: { readonly worth: bigint; readonly adjusted: bigint; readonly own: bigint },
): void {
  const leg = added.own + added.worth
  ensure(leg === 0n || leg >= config.minNetValue, 'NetValueRemainingTooSmall')
  const ltv = overDown(values.adjusted + added.adjusted, values.deposited)
  ensure(ltv <= unhealthyLoanToValue(values), 'WorseLtvThanUnhealthyLtv')
  ensure(values.debt + added.worth < values.deposited, 'LiabilitiesBiggerThanAssets')
}

/** Repays a debt (at most all of it): atoms paid, rounded up. */
export function repay(
  state: KaminoState,
  obligation: KaminoObligation,
  id: string,
  amount: bigint,
  at: Moment,
): bigint {
  ensure(amount > 0n, 'InvalidAmount')
  const [reserve, own] = [reserveOf(state, id), obligation.borrows.get(id) ?? revert('InvalidObligationLiquidity')]
  const settled = min(whole(amount64(amount)), own.borrowedSf)
  const repaid = toCeil(settled)
  ensure(repaid > 0n, 'RepayTooSmall')
  const before = valueDown(reserve, own.borrowedSf, priceOf(reserve, at))
  const left = before - min(before, valueDown(reserve, settled, priceOf(reserve, at)))
  ensure(before === 0n || left === 0n || left >= state.config.minNetValue, 'NetValueRemainingTooSmall')
  repayReserve(reserve, repaid, settled)
  settleBorrow(obligation, id, settled)
  return repaid
}

/** What a liquidator paid and got: liquidity after the protocol's fee, and claims that the reserve could not redeem. */
export type KaminoLiquidated = KaminoLiquidation & {
  readonly received: bigint
  readonly fee: bigint
  readonly claimsReceived: bigint
}

/** Liquidates: repays `amount` atoms at most of one debt, takes one collateral with the bonus. */
export function liquidate(
  state: KaminoState,
  obligation: KaminoObligation,
  call: { readonly debt: string; readonly collateral: string; readonly amount: bigint; readonly minReceived: bigint },
  at: Moment,
): KaminoLiquidated {
  const [values, time] = [valuesOf(state, obligation, at), BigInt(at.time)]
  const done = liquidation({ state, obligation, values, ...call, time }, amount64(call.amount))
  const [debtReserve, reserve] = [reserveOf(state, call.debt), reserveOf(state, call.collateral)]
  repayReserve(debtReserve, done.repaid, done.settledSf)
  settleBorrow(obligation, call.debt, done.settledSf)
  takeClaims(obligation, call.collateral, done.claims)
  const redeemed = min(done.claims, redeemableClaims(reserve))
  if (redeemed === 0n) {
    ensure(toFloor(liquidityOfClaimsDown(reserve, done.claims)) >= call.minReceived, 'LiquidationRewardTooSmall')
    return { ...done, received: 0n, fee: 0n, claimsReceived: done.claims }
  }
  const liquidity = redeemClaims(reserve, redeemed, time)
  const fee = protocolFeeUp(liquidity, done.bonus, reserve.config.protocolLiquidationFeePct)
  const received = minus(liquidity, fee)
  ensure(received >= call.minReceived, 'LiquidationRewardTooSmall')
  reserve.feeVault += fee
  return { ...done, received, fee, claimsReceived: done.claims - redeemed }
}

/** Forgives debt of an obligation without collateral: its lenders bear it. Returns what was forgiven, fraction of atoms. */
export function socialize(state: KaminoState, obligation: KaminoObligation, id: string, amount: bigint): bigint {
  ensure(obligation.deposits.size === 0, 'CannotSocializeObligationWithCollateral')
  ensure(obligation.borrows.size > 0, 'ObligationEmpty')
  const [reserve, own] = [reserveOf(state, id), obligation.borrows.get(id) ?? revert('InvalidObligationLiquidity')]
  const forgiven = min(whole(amount64(amount)), own.borrowedSf)
  reserve.borrowedSf = minus(reserve.borrowedSf, forgiven)
  settleBorrow(obligation, id, forgiven)
  return forgiven
}

/** Marks an obligation for deleveraging to a loan-to-value, percent; 255 takes the mark away. */
export function mark({ config }: KaminoState, obligation: KaminoObligation, targetPct: bigint, time: bigint): void {
  if (targetPct === 255n) {
    obligation.marginCallStarted = 0n
    obligation.deleverageTargetPct = 0n
    return
  }
  ensure(targetPct >= 0n && targetPct <= 100n, 'InvalidConfig')
  ensure(obligation.marginCallStarted === 0n, 'ObligationCurrentlyMarkedForDeleveraging')
  ensure(config.individualMarginCallPeriod !== 0n, 'InvalidConfig')
  obligation.marginCallStarted = time
  obligation.deleverageTargetPct = targetPct
}

/** Moves an obligation into an elevation group, or out of it (''). */
export function elevate(state: KaminoState, obligation: KaminoObligation, id: string, at: Moment): void {
  ensure(obligation.group !== id, 'ElevationGroupAlreadyActivated')
  const before = valuesOf(state, obligation, at)
  ensure(before.deposited !== 0n, 'ObligationDepositsZero')
  const group = id === '' ? undefined : (state.config.groups.get(id) ?? revert('InvalidElevationGroup'))
  if (group) {
    for (const debt of obligation.borrows.keys())
      ensure(debt === group.debtReserve, 'ElevationGroupHasAnotherDebtReserve')
    for (const collateral of obligation.deposits.keys()) {
      ensure(reserveOf(state, collateral).config.groups.includes(id), 'InconsistentElevationGroup')
      ensure(collateral !== group.debtReserve, 'ElevationGroupDebtReserveAsCollateral')
    }
  }
  obligation.group = id
  const values = valuesOf(state, obligation, at)
  ensure(values.allowed >= values.adjusted, 'UnhealthyElevationGroupLtv')
  ensure(obligation.marginCallStarted === 0n || loanToValue(values) <= loanToValue(before), 'WorseLtvBlocked')
}

/** Pays out the protocol's fees as far as they are there: atoms. */
export function collectFees(reserve: KaminoReserve): bigint {
  const interest = min(reserve.available, toFloor(reserve.protocolFeesSf))
  reserve.available -= interest
  reserve.protocolFeesSf -= whole(interest)
  const bonuses = reserve.feeVault
  reserve.feeVault = 0n
  return interest + bonuses
}
