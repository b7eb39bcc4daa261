/**
 * What users of Aave v1 do besides liquidating; refusals are the contract's own sentences.
 * Sources: aave/aave-protocol @4b4545f `LendingPool`, `LendingPoolCore`, `AToken.redeem`, `FeeProvider`, `LendingPoolParametersProvider`.
 */
import { ensure, MAX_UINT256, min } from '../solidity.ts'
import { add, mul, sub } from './checked.ts'
import {
  type AaveAccount,
  type AavePosition,
  type AaveReserve,
  type AaveState,
  accountOf,
  addScaled,
  positionOf,
} from './state.ts'
import {
  accountDataV1,
  accrueV1,
  aTokensV1,
  BPS,
  debtV1,
  decreaseStableV1,
  decreaseVariableV1,
  increaseStableV1,
  increaseVariableV1,
  mayDecreaseV1,
  normalizedIncomeV1,
  updateRatesV1,
  v1Terms,
} from './v1-rules.ts'
import type { At } from './v3-account.ts'
import { WAD } from './wad-ray.ts'

/** Part of a loan that is owed as origination fee, wad: 0.25 %. */
export const ORIGINATION_FEE = 25n * 10n ** 14n
/** Part of the liquidity that one stable-rate loan may take, percent. */
const MAX_STABLE_RATE_BORROW_SIZE = 25n

type OnAsset = { readonly account: string; readonly asset: string }
type WithAmount = OnAsset & { readonly amount: bigint }
type WithMode = WithAmount & { readonly mode?: 'variable' | 'stable' | undefined }

/** The reserve of an asset, when it is active. */
export function activeReserveV1(state: AaveState, asset: string): AaveReserve {
  const reserve = state.reserves.get(asset)
  ensure(reserve !== undefined && reserve.active !== false, 'Action requires an active reserve')
  return reserve
}

/** Adds the interest of its aTokens to a position's principal; the index follows. Gives the balance. */
export function cumulateV1(reserve: AaveReserve, position: AavePosition, time: bigint): bigint {
  const balance = aTokensV1(reserve, position, time)
  addScaled(reserve, position, sub(balance, position.scaledCollateral))
  position.v1 = { ...v1Terms(position), index: normalizedIncomeV1(reserve, time) }
  return balance
}

/** Takes aTokens off a position whose interest was added; an empty one forgets its index. */
export function burnV1(reserve: AaveReserve, position: AavePosition, amount: bigint): void {
  addScaled(reserve, position, -amount)
  if (position.scaledCollateral === 0n) position.v1 = { ...v1Terms(position), index: 0n }
}

/** Deposits; a first deposit becomes collateral. Gives the atoms paid in. */
export function depositV1(state: AaveState, { account, asset, amount }: WithAmount, { time }: At): bigint {
  const reserve = activeReserveV1(state, asset)
  ensure(!reserve.frozen, 'Action requires an unfreezed reserve')
  ensure(amount > 0n, 'Amount must be greater than 0')
  const position = positionOf(accountOf(state, account), asset)
  const first = aTokensV1(reserve, position, time) === 0n
  accrueV1(reserve, time)
  updateRatesV1(reserve, amount, time)
  if (first) position.usedAsCollateral = true
  cumulateV1(reserve, position, time)
  addScaled(reserve, position, amount)
  reserve.virtualBalance += amount
  return amount
}

/** Redeems aTokens; `amount` 2^256 − 1 = all. Gives the atoms paid out. */
export function redeemV1(state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  ensure(amount > 0n, 'Amount to redeem needs to be > 0')
  const reserve = state.reserves.get(asset)
  ensure(reserve !== undefined, 'Action requires an active reserve')
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const balance = cumulateV1(reserve, position, at.time)
  const taken = amount === MAX_UINT256 ? balance : amount
  ensure(taken <= balance, 'User cannot redeem more than the available balance')
  ensure(mayDecreaseV1(state, holder, reserve, taken, at), 'Transfer cannot be allowed.')
  burnV1(reserve, position, taken)
  activeReserveV1(state, asset)
  ensure(taken > 0n, 'Amount must be greater than 0')
  ensure(reserve.virtualBalance >= taken, 'There is not enough liquidity available to redeem')
  accrueV1(reserve, at.time)
  updateRatesV1(reserve, -taken, at.time)
  if (taken === balance) position.usedAsCollateral = false
  reserve.virtualBalance -= taken
  return taken
}

/** Borrows; the whole debt takes the rate mode of the newest loan. Gives the atoms paid out. */
export function borrowV1(state: AaveState, { account, asset, amount, mode = 'variable' }: WithMode, at: At): bigint {
  const reserve = activeReserveV1(state, asset)
  ensure(!reserve.frozen, 'Action requires an unfreezed reserve')
  ensure(amount > 0n, 'Amount must be greater than 0')
  ensure(reserve.config.borrowing !== false, 'Reserve is not enabled for borrowing')
  ensure(reserve.virtualBalance >= amount, 'There is not enough liquidity available in the reserve')
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const fee = add(WAD / 2n, mul(amount, ORIGINATION_FEE)) / WAD
  checkCovered(state, holder, reserve, amount, fee, at)
  if (mode === 'stable') checkStable(reserve, position, amount, at)
  const debt = debtV1(reserve, position, at.time)
  accrueV1(reserve, at.time)
  const { stableRate, fee: owedFee } = v1Terms(position)
  if (position.scaledDebt > 0n) forgetDebt(reserve, position.scaledDebt, stableRate)
  const rate = mode === 'stable' ? (reserve.stableBorrowRate ?? 0n) : 0n
  const owed = add(debt, amount)
  if (mode === 'stable') increaseStableV1(reserve, owed, rate)
  else increaseVariableV1(reserve, owed)
  position.scaledDebt = owed
  position.borrowing = true
  const debtIndex = mode === 'stable' ? 0n : reserve.variableBorrowIndex
  position.v1 = { ...v1Terms(position), stableRate: rate, debtIndex, fee: add(owedFee, fee), updated: at.time }
  updateRatesV1(reserve, -amount, at.time)
  reserve.virtualBalance -= amount
  return amount
}

function forgetDebt(reserve: AaveReserve, principal: bigint, stableRate: bigint): void {
  if (stableRate > 0n) decreaseStableV1(reserve, principal, stableRate)
  else decreaseVariableV1(reserve, principal)
}

function checkCovered(
  state: AaveState,
  holder: AaveAccount,
  { config }: AaveReserve,
  amount: bigint,
  fee: bigint,
  at: At,
): void {
  const data = accountDataV1(state, holder, at)
  ensure(data.totalCollateralBase > 0n, 'The collateral balance is 0')
  ensure(data.healthFactor >= WAD, 'The borrower can already be liquidated so he cannot borrow more')
  ensure(fee > 0n, 'The amount to borrow is too small')
  const asked = mul(at.price(config.feed), add(amount, fee)) / 10n ** config.decimals
  ensure(data.ltv >= BPS, 'SafeMath: division by zero')
  const needed = mul(add(add(data.borrowsBase, data.feesBase), asked), 100n) / (data.ltv / BPS)
  ensure(needed <= data.totalCollateralBase, 'There is not enough collateral to cover a new borrow')
}

function checkStable(reserve: AaveReserve, position: AavePosition, amount: bigint, { time }: At): void {
  const { config, virtualBalance } = reserve
  const enabled = config.stable !== undefined && config.stable.enabled !== false
  const secured = position.usedAsCollateral && config.liquidationThreshold !== 0n
  const allowed = enabled && (!secured || amount > aTokensV1(reserve, position, time))
  ensure(allowed, 'User cannot borrow the selected amount with a stable rate')
  const most = mul(virtualBalance, MAX_STABLE_RATE_BORROW_SIZE) / 100n
  ensure(amount <= most, 'User is trying to borrow too much liquidity at a stable rate')
}

/** Repays, the origination fee first; `amount` 2^256 − 1 = everything. Gives the atoms paid in, the fee included. */
export function repayV1(state: AaveState, { account, asset, amount }: WithAmount, { time }: At): bigint {
  const reserve = activeReserveV1(state, asset)
  ensure(amount > 0n, 'Amount must be greater than 0')
  const position = positionOf(accountOf(state, account), asset)
  const debt = debtV1(reserve, position, time)
  ensure(debt > 0n, 'The user does not have any borrow pending')
  const { fee } = v1Terms(position)
  const paid = min(amount, add(debt, fee))
  const feePaid = min(paid, fee)
  const off = paid - feePaid
  accrueV1(reserve, time)
  reduceDebtV1(reserve, position, debt, off)
  const whole = off === debt
  const { stableRate } = v1Terms(position)
  position.v1 = {
    ...v1Terms(position),
    debtIndex: whole ? 0n : reserve.variableBorrowIndex,
    stableRate: whole ? 0n : stableRate,
    ...{ fee: fee - feePaid, updated: time },
  }
  updateRatesV1(reserve, off, time)
  reserve.virtualBalance += off
  reserve.feesCollected = (reserve.feesCollected ?? 0n) + feePaid
  return paid
}

/** Brings a debt and the reserve's total to the moment, and takes `off` from both. */
export function reduceDebtV1(reserve: AaveReserve, position: AavePosition, debt: bigint, off: bigint): void {
  const { stableRate } = v1Terms(position)
  const interest = sub(debt, position.scaledDebt)
  if (stableRate > 0n) {
    increaseStableV1(reserve, interest, stableRate)
    decreaseStableV1(reserve, off, stableRate)
  } else {
    increaseVariableV1(reserve, interest)
    decreaseVariableV1(reserve, off)
  }
  position.scaledDebt = debt - off
  position.borrowing = position.scaledDebt > 0n
}

/** Makes an asset collateral, or no longer. */
export function setCollateralV1(
  state: AaveState,
  { account, asset, enabled }: OnAsset & { readonly enabled: boolean },
  at: At,
): void {
  const reserve = activeReserveV1(state, asset)
  ensure(!reserve.frozen, 'Action requires an unfreezed reserve')
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const balance = aTokensV1(reserve, position, at.time)
  ensure(balance > 0n, 'User does not have any liquidity deposited')
  const free = mayDecreaseV1(state, holder, reserve, balance, at)
  ensure(free, 'User deposit is already being used as collateral')
  position.usedAsCollateral = enabled
}
