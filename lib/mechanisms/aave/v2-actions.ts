/**
 * What users of Aave v2 do besides liquidating: checks on the account as it is, then interest, balances, flags and rates. Codes are the contract's.
 * Sources: protocol v2 1.0.1 `LendingPool`, `ValidationLogic`, `GenericLogic.balanceDecreaseAllowed`, `AToken`, `VariableDebtToken`, `StableDebtToken`.
 */
import { ensure, MAX_UINT256, min } from '../solidity.ts'
import { mul, sub } from './checked.ts'
import {
  accruedReserve,
  legacyAccountData,
  legacyBalances,
  legacyReserve,
  moveLegacyLiquidity,
} from './legacy-account.ts'
import { burnStable, mintStable } from './legacy-interest.ts'
import {
  type AaveAccount,
  type AaveReserve,
  type AaveState,
  accountOf,
  addScaled,
  anyAsset,
  positionOf,
} from './state.ts'
import type { At } from './v3-account.ts'
import { PERCENT, percentDiv, percentMul, rayDiv, WAD, wadDiv } from './wad-ray.ts'

/** Part of the liquidity that one stable-rate loan may take, bps. */
const MAX_STABLE_RATE_BORROW_SIZE = 2_500n

type OnAsset = { readonly account: string; readonly asset: string }
type WithAmount = OnAsset & { readonly amount: bigint }
type WithMode = WithAmount & { readonly mode?: 'variable' | 'stable' | undefined }

/** The pool pauses as a whole. */
function checkRunning(state: AaveState): void {
  for (const { paused } of state.reserves.values()) ensure(!paused, '64', 'LP_IS_PAUSED')
}

/** Deposits; a first deposit becomes collateral, always. Gives the atoms paid in. */
export function depositV2(state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  checkRunning(state)
  ensure(amount !== 0n, '1', 'VL_INVALID_AMOUNT')
  ensure(state.reserves.get(asset)?.active !== false && state.reserves.has(asset), '2', 'VL_NO_ACTIVE_RESERVE')
  ensure(!state.reserves.get(asset)?.frozen, '3', 'VL_RESERVE_FROZEN')
  const reserve = accruedReserve('v2', state, asset, at)
  moveLegacyLiquidity('v2', reserve, amount, at.time)
  const position = positionOf(accountOf(state, account), asset)
  const scaled = rayDiv(amount, reserve.liquidityIndex)
  ensure(scaled !== 0n, '56', 'CT_INVALID_MINT_AMOUNT')
  if (position.scaledCollateral === 0n) position.usedAsCollateral = true
  addScaled(reserve, position, scaled)
  return amount
}

/** Withdraws; `amount` 2^256 − 1 = everything. Gives the atoms paid out. */
export function withdrawV2(state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  checkRunning(state)
  const stored = legacyReserve(state, asset)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const { collateral: balance } = legacyBalances('v2', stored, position, at.time)
  const taken = amount === MAX_UINT256 ? balance : amount
  ensure(taken !== 0n, '1', 'VL_INVALID_AMOUNT')
  ensure(taken <= balance, '5', 'VL_NOT_ENOUGH_AVAILABLE_USER_BALANCE')
  ensure(stored.active !== false, '2', 'VL_NO_ACTIVE_RESERVE')
  ensure(mayDecrease(state, holder, stored, taken, at), '6', 'VL_TRANSFER_NOT_ALLOWED')
  const reserve = accruedReserve('v2', state, asset, at)
  moveLegacyLiquidity('v2', reserve, -taken, at.time)
  if (taken === balance) position.usedAsCollateral = false
  const scaled = rayDiv(taken, reserve.liquidityIndex)
  ensure(scaled !== 0n, '58', 'CT_INVALID_BURN_AMOUNT')
  sub(position.scaledCollateral, scaled)
  addScaled(reserve, position, -scaled)
  return taken
}

/** Whether an account stays at a health factor of at least 1 with so much less collateral, computed from its totals. */
function mayDecrease(state: AaveState, account: AaveAccount, reserve: AaveReserve, amount: bigint, at: At): boolean {
  const { config } = reserve
  if (!anyAsset(account, 'borrowing') || !account.positions.get(config.asset)?.usedAsCollateral) return true
  if (config.liquidationThreshold === 0n) return true
  const data = legacyAccountData('v2', state, account, at.price, at.time)
  if (data.totalDebtBase === 0n) return true
  const less = mul(at.price(config.feed), amount) / 10n ** config.decimals
  const left = sub(data.totalCollateralBase, less)
  if (left === 0n) return false
  const weighted = sub(data.totalCollateralBase * data.liquidationThreshold, less * config.liquidationThreshold)
  return wadDiv(percentMul(left, weighted / left), data.totalDebtBase) >= WAD
}

/** Borrows. Gives the atoms paid out. */
export function borrowV2(state: AaveState, { account, asset, amount, mode = 'variable' }: WithMode, at: At): bigint {
  checkRunning(state)
  const stored = state.reserves.get(asset)
  ensure(stored !== undefined, '2', 'VL_NO_ACTIVE_RESERVE')
  const value = mul(at.price(stored.config.feed), amount)
  const holder = accountOf(state, account)
  checkBorrow(state, holder, stored, amount, value / 10n ** stored.config.decimals, at)
  if (mode === 'stable') checkStable(holder, stored, amount, at)
  const reserve = accruedReserve('v2', state, asset, at)
  const position = positionOf(holder, asset)
  const first = mode === 'stable' ? (position.stable?.principal ?? 0n) === 0n : position.scaledDebt === 0n
  if (mode === 'stable')
    position.stable = mintStable('v2', reserve, position.stable, {
      ...{ amount, rate: reserve.stableBorrowRate ?? 0n, time: at.time },
    })
  else {
    const scaled = rayDiv(amount, reserve.variableBorrowIndex)
    ensure(scaled !== 0n, '56', 'CT_INVALID_MINT_AMOUNT')
    position.scaledDebt += scaled
    reserve.scaledDebt += scaled
  }
  if (first) position.borrowing = true
  moveLegacyLiquidity('v2', reserve, -amount, at.time)
  return amount
}

function checkBorrow(
  state: AaveState,
  holder: AaveAccount,
  { active, frozen, config }: AaveReserve,
  amount: bigint,
  value: bigint,
  at: At,
): void {
  ensure(active !== false, '2', 'VL_NO_ACTIVE_RESERVE')
  ensure(!frozen, '3', 'VL_RESERVE_FROZEN')
  ensure(amount !== 0n, '1', 'VL_INVALID_AMOUNT')
  ensure(config.borrowing !== false, '7', 'VL_BORROWING_NOT_ENABLED')
  const data = legacyAccountData('v2', state, holder, at.price, at.time)
  ensure(data.totalCollateralBase > 0n, '9', 'VL_COLLATERAL_BALANCE_IS_0')
  ensure(data.healthFactor > WAD, '10', 'VL_HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD')
  const owed = data.totalDebtBase + value
  ensure(data.ltv !== 0n, '50', 'MATH_DIVISION_BY_ZERO')
  ensure(owed <= (MAX_UINT256 - data.ltv / 2n) / PERCENT, '48', 'MATH_MULTIPLICATION_OVERFLOW')
  ensure(percentDiv(owed, data.ltv) <= data.totalCollateralBase, '11', 'VL_COLLATERAL_CANNOT_COVER_NEW_BORROW')
}

function checkStable(holder: AaveAccount, reserve: AaveReserve, amount: bigint, { time }: At): void {
  const { config, virtualBalance } = reserve
  ensure(config.stable !== undefined && config.stable.enabled !== false, '12', 'VL_STABLE_BORROWING_NOT_ENABLED')
  const position = holder.positions.get(config.asset)
  const secured = position?.usedAsCollateral && config.ltv !== 0n
  const held = position ? legacyBalances('v2', reserve, position, time).collateral : 0n
  ensure(!secured || amount > held, '13', 'VL_COLLATERAL_SAME_AS_BORROWING_CURRENCY')
  const most = percentMul(virtualBalance, MAX_STABLE_RATE_BORROW_SIZE)
  ensure(amount <= most, '14', 'VL_AMOUNT_BIGGER_THAN_MAX_LOAN_SIZE_STABLE')
}

/** Repays debt of one rate mode; `amount` 2^256 − 1 = all of it. Gives the atoms paid in. */
export function repayV2(state: AaveState, { account, asset, amount, mode = 'variable' }: WithMode, at: At): bigint {
  checkRunning(state)
  const stored = legacyReserve(state, asset)
  const position = positionOf(accountOf(state, account), asset)
  const { stable, variable } = legacyBalances('v2', stored, position, at.time)
  ensure(stored.active !== false, '2', 'VL_NO_ACTIVE_RESERVE')
  ensure(amount !== 0n, '1', 'VL_INVALID_AMOUNT')
  const debt = mode === 'stable' ? stable : variable
  ensure(debt !== 0n, '15', 'VL_NO_DEBT_OF_SELECTED_TYPE')
  const paid = min(amount, debt)
  const reserve = accruedReserve('v2', state, asset, at)
  if (mode === 'stable' && position.stable) burnStable('v2', reserve, position, position.stable, paid, at.time)
  else {
    const scaled = rayDiv(paid, reserve.variableBorrowIndex)
    ensure(scaled !== 0n, '58', 'CT_INVALID_BURN_AMOUNT')
    // The debt is counted as if its index had grown, which it has not while suppliers earn nothing: then less was borrowed than is burnt.
    reserve.scaledDebt = sub(reserve.scaledDebt, scaled)
    ensure(position.scaledDebt >= scaled, 'ERC20: burn amount exceeds balance')
    position.scaledDebt -= scaled
  }
  moveLegacyLiquidity('v2', reserve, paid, at.time)
  if (stable + variable - paid === 0n) position.borrowing = false
  return paid
}

/** Makes an asset collateral, or no longer. */
export function setCollateralV2(
  state: AaveState,
  { account, asset, enabled }: OnAsset & { readonly enabled: boolean },
  at: At,
): void {
  checkRunning(state)
  const reserve = legacyReserve(state, asset)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const { collateral: balance } = legacyBalances('v2', reserve, position, at.time)
  ensure(balance > 0n, '19', 'VL_UNDERLYING_BALANCE_NOT_GREATER_THAN_0')
  ensure(enabled || mayDecrease(state, holder, reserve, balance, at), '20', 'VL_DEPOSIT_ALREADY_IN_USE')
  position.usedAsCollateral = enabled
}
