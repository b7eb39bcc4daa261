/**
 * What users of Aave v3.0 do besides liquidating: as v3.3, but half-up throughout, with stable-rate debt, one price per e-mode, and checks before.
 * Sources: core v3 1.19.3 `SupplyLogic`, `BorrowLogic`, `EModeLogic`, `ValidationLogic`, `StableDebtToken`. Codes are the contract's numbers.
 */
import { MAX_UINT256, min } from '../solidity.ts'
import { add, cast128, mul, sub, sum } from './checked.ts'
import { ensureNumbered } from './errors.ts'
import {
  accruedReserve,
  checkPaid,
  legacyAccountData,
  legacyBalances,
  legacyReserve,
  moveLegacyLiquidity,
} from './legacy-account.ts'
import { burnStable, mintStable, normalizedDebt, stableBalance } from './legacy-interest.ts'
import {
  type AaveAccount,
  type AaveReserve,
  type AaveState,
  accountOf,
  addScaled,
  anyAsset,
  onlyAsset,
  positionOf,
  scaledSupplyOf,
} from './state.ts'
import {
  type At,
  becomesCollateral,
  isBorrowableIn,
  isolatedUnits,
  isolationOf,
  mayBeCollateral,
  reduceIsolated,
} from './v3-account.ts'
import { AAVE_V33 } from './v3-rules.ts'
import { percentDiv, percentMul, rayDiv, rayMul, WAD } from './wad-ray.ts'

/** Part of the liquidity that one stable-rate loan may take, bps. */
const MAX_STABLE_RATE_BORROW_SIZE = 2_500n

type OnAsset = { readonly account: string; readonly asset: string }
type WithAmount = OnAsset & { readonly amount: bigint }
type WithMode = WithAmount & { readonly mode?: 'variable' | 'stable' | undefined }

function checkOpen(reserve: AaveReserve): void {
  ensureNumbered(reserve.active !== false, 'ReserveInactive')
  ensureNumbered(!reserve.paused, 'ReservePaused')
}

/** Supplies; a first supply becomes collateral where the rules let it. Gives the atoms paid in. */
export function supplyV30(state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  const reserve = accruedReserve('v3.0', state, asset, at)
  ensureNumbered(amount !== 0n, 'InvalidAmount')
  checkOpen(reserve)
  ensureNumbered(!reserve.frozen, 'ReserveFrozen')
  const cap = (reserve.config.supplyCap ?? 0n) * 10n ** reserve.config.decimals
  const supplied = cap === 0n ? 0n : scaledSupplyOf(state, reserve) + reserve.accruedToTreasury
  const within = cap === 0n || add(rayMul(supplied, reserve.liquidityIndex), amount) <= cap
  ensureNumbered(within, 'SupplyCapExceeded')
  moveLegacyLiquidity('v3.0', reserve, amount, at.time)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const scaled = rayDiv(amount, reserve.liquidityIndex)
  ensureNumbered(scaled !== 0n, 'InvalidMintAmount')
  const first = position.scaledCollateral === 0n
  sum(position.scaledCollateral, cast128(scaled))
  addScaled(reserve, position, scaled)
  if (first && becomesCollateral(AAVE_V33, state, holder, reserve)) position.usedAsCollateral = true
  return amount
}

/** Withdraws; `amount` 2^256 − 1 = everything. Gives the atoms paid out. */
export function withdrawV30(state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  const reserve = accruedReserve('v3.0', state, asset, at)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const balance = rayMul(position.scaledCollateral, reserve.liquidityIndex)
  const taken = amount === MAX_UINT256 ? balance : amount
  ensureNumbered(taken !== 0n, 'InvalidAmount')
  ensureNumbered(taken <= balance, 'NotEnoughAvailableUserBalance')
  checkOpen(reserve)
  moveLegacyLiquidity('v3.0', reserve, -taken, at.time)
  const wasCollateral = position.usedAsCollateral
  if (taken === balance) position.usedAsCollateral = false
  const scaled = rayDiv(taken, reserve.liquidityIndex)
  ensureNumbered(scaled !== 0n, 'InvalidBurnAmount')
  sub(position.scaledCollateral, scaled)
  addScaled(reserve, position, -scaled)
  checkPaid(reserve)
  if (wasCollateral && anyAsset(holder, 'borrowing')) checkRemaining(state, holder, reserve, at)
  return taken
}

function checkRemaining(state: AaveState, holder: AaveAccount, { config }: AaveReserve, at: At): void {
  const { healthFactor, zeroLtv } = legacyAccountData('v3.0', state, holder, at.price, at.time)
  ensureNumbered(healthFactor >= WAD, 'HealthFactorLowerThanLiquidationThreshold')
  ensureNumbered(!zeroLtv || config.ltv === 0n, 'LtvValidationFailed')
}

/** Borrows. Gives the atoms paid out. */
export function borrowV30(state: AaveState, { account, asset, amount, mode = 'variable' }: WithMode, at: At): bigint {
  const reserve = accruedReserve('v3.0', state, asset, at)
  const holder = accountOf(state, account)
  ensureNumbered(amount !== 0n, 'InvalidAmount')
  checkOpen(reserve)
  ensureNumbered(!reserve.frozen, 'ReserveFrozen')
  ensureNumbered(reserve.config.borrowing !== false, 'BorrowingNotEnabled')
  checkCaps(state, holder, reserve, amount, at)
  checkCovered(state, holder, reserve, amount, at)
  if (mode === 'stable') checkStable(holder, reserve, amount)
  checkSiloed(state, holder, reserve)
  const position = positionOf(holder, asset)
  const first = mode === 'stable' ? (position.stable?.principal ?? 0n) === 0n : position.scaledDebt === 0n
  if (mode === 'stable')
    position.stable = mintStable('v3.0', reserve, position.stable, {
      ...{ amount, rate: reserve.stableBorrowRate ?? 0n, time: at.time },
    })
  else {
    const scaled = rayDiv(amount, reserve.variableBorrowIndex)
    ensureNumbered(scaled !== 0n, 'InvalidMintAmount')
    position.scaledDebt = sum(position.scaledDebt, cast128(scaled))
    reserve.scaledDebt += scaled
  }
  if (first) position.borrowing = true
  const isolated = isolationOf(state, holder)
  if (isolated) isolated.isolationDebt = sum(isolated.isolationDebt ?? 0n, isolatedUnits(AAVE_V33, reserve, amount))
  moveLegacyLiquidity('v3.0', reserve, -amount, at.time)
  return amount
}

/** Borrow cap, isolation and e-mode, in this order. */
function checkCaps(state: AaveState, holder: AaveAccount, reserve: AaveReserve, amount: bigint, { time }: At): void {
  const cap = (reserve.config.borrowCap ?? 0n) * 10n ** reserve.config.decimals
  const owed = stableBalance('v3.0', reserve.stable, time) + rayMul(reserve.scaledDebt, reserve.variableBorrowIndex)
  ensureNumbered(cap === 0n || add(owed, amount) <= cap, 'BorrowCapExceeded')
  const isolated = isolationOf(state, holder)
  if (isolated) {
    ensureNumbered(reserve.config.borrowableInIsolation === true, 'AssetNotBorrowableInIsolation')
    const after = sum(isolated.isolationDebt ?? 0n, isolatedUnits(AAVE_V33, reserve, amount))
    ensureNumbered(after <= (isolated.config.debtCeiling ?? 0n), 'DebtCeilingExceeded')
  }
  const inMode = holder.eMode === 0 || isBorrowableIn(state, holder.eMode, reserve.config.asset)
  ensureNumbered(inMode, 'InconsistentEModeCategory')
}

/** The account as it is, and whether its collateral covers what it owes with the new debt. */
function checkCovered(state: AaveState, holder: AaveAccount, { config }: AaveReserve, amount: bigint, at: At): void {
  const data = legacyAccountData('v3.0', state, holder, at.price, at.time)
  ensureNumbered(data.totalCollateralBase !== 0n, 'CollateralBalanceIsZero')
  ensureNumbered(data.ltv !== 0n, 'LtvValidationFailed')
  ensureNumbered(data.healthFactor > WAD, 'HealthFactorLowerThanLiquidationThreshold')
  const feed = state.eModes.get(holder.eMode)?.feed ?? config.feed
  const value = mul(at.price(feed), amount) / 10n ** config.decimals
  const needed = percentDiv(add(data.totalDebtBase, value), data.ltv)
  ensureNumbered(needed <= data.totalCollateralBase, 'CollateralCannotCoverNewBorrow')
}

function checkStable(
  holder: AaveAccount,
  { config, liquidityIndex, virtualBalance }: AaveReserve,
  amount: bigint,
): void {
  ensureNumbered(config.stable !== undefined && config.stable.enabled !== false, 'StableBorrowingNotEnabled')
  const position = holder.positions.get(config.asset)
  const secured = position?.usedAsCollateral && config.ltv !== 0n
  const held = rayMul(position?.scaledCollateral ?? 0n, liquidityIndex)
  ensureNumbered(!secured || amount > held, 'CollateralSameAsBorrowingCurrency')
  const most = percentMul(virtualBalance, MAX_STABLE_RATE_BORROW_SIZE)
  ensureNumbered(amount <= most, 'AmountBiggerThanMaxLoanSizeStable')
}

function checkSiloed(state: AaveState, holder: AaveAccount, { config }: AaveReserve): void {
  if (!anyAsset(holder, 'borrowing')) return
  const only = onlyAsset(state, holder, 'borrowing')
  const siloed = only !== undefined && state.reserves.get(only)?.config.siloed === true
  ensureNumbered(siloed ? only === config.asset : config.siloed !== true, 'SiloedBorrowingViolation')
}

/** Repays debt of one rate mode; `amount` 2^256 − 1 = all of it. Gives the atoms paid in. */
export function repayV30(state: AaveState, { account, asset, amount, mode = 'variable' }: WithMode, at: At): bigint {
  const reserve = accruedReserve('v3.0', state, asset, at)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const variable = rayMul(position.scaledDebt, normalizedDebt('v3.0', reserve, at.time))
  const stable = stableBalance('v3.0', position.stable, at.time)
  ensureNumbered(amount !== 0n, 'InvalidAmount')
  checkOpen(reserve)
  const debt = mode === 'stable' ? stable : variable
  ensureNumbered(debt !== 0n, 'NoDebtOfSelectedType')
  const paid = min(amount, debt)
  let struck = 0n
  if (mode === 'stable' && position.stable)
    struck = burnStable('v3.0', reserve, position, position.stable, paid, at.time)
  else {
    const scaled = rayDiv(paid, reserve.variableBorrowIndex)
    ensureNumbered(scaled !== 0n, 'InvalidBurnAmount')
    position.scaledDebt = sub(position.scaledDebt, scaled)
    reserve.scaledDebt = sub(reserve.scaledDebt, scaled)
  }
  moveLegacyLiquidity('v3.0', reserve, paid, at.time, struck)
  if (stable + variable - paid === 0n) position.borrowing = false
  reduceIsolated(AAVE_V33, isolationOf(state, holder), reserve, paid)
  return paid
}

/** Makes an asset collateral, or no longer. */
export function setCollateralV30(
  state: AaveState,
  { account, asset, enabled }: OnAsset & { readonly enabled: boolean },
  at: At,
): void {
  const reserve = legacyReserve(state, asset)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const { collateral } = legacyBalances('v3.0', reserve, position, at.time)
  ensureNumbered(collateral !== 0n, 'UnderlyingBalanceZero')
  checkOpen(reserve)
  if (position.usedAsCollateral === enabled) return
  const may = !enabled || mayBeCollateral(AAVE_V33, state, holder, reserve)
  ensureNumbered(may, 'UserInIsolationModeOrLtvZero')
  position.usedAsCollateral = enabled
  if (!enabled) checkRemaining(state, holder, reserve, at)
}

/** Enters an e-mode, or leaves it (0); health is checked when leaving one. */
export function setEModeV30(
  state: AaveState,
  { account, category }: { readonly account: string; readonly category: number },
  at: At,
): void {
  const holder = accountOf(state, account)
  const threshold = state.eModes.get(category)?.liquidationThreshold ?? 0n
  ensureNumbered(category === 0 || threshold !== 0n, 'InconsistentEModeCategory')
  for (const [asset, { borrowing }] of holder.positions)
    if (borrowing && category !== 0) ensureNumbered(isBorrowableIn(state, category, asset), 'InconsistentEModeCategory')
  const before = holder.eMode
  holder.eMode = category
  if (before === 0) return
  const { healthFactor } = legacyAccountData('v3.0', state, holder, at.price, at.time)
  ensureNumbered(healthFactor >= WAD, 'HealthFactorLowerThanLiquidationThreshold')
}
