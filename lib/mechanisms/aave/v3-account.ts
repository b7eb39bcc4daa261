/**
 * What an Aave v3.3+ account has, owes and may do: health factor, loan-to-value, e-mode, isolation, siloed borrowing.
 *
 * HF = Σ collateral · liquidation threshold / Σ debt (base currency, 8 decimals). Up to v3.4 the average threshold is rounded down to a basis point
 * first; from v3.5 it is not, balances round down and debts up.
 *
 * Sources: `GenericLogic.calculateUserAccountData`, `ValidationLogic`, `UserConfiguration`, `IsolationModeLogic`; reference, section C.1.
 */
import { MAX_UINT256 } from '../solidity.ts'
import { mul, sub } from './checked.ts'
import { type AaveAccount, type AaveReserve, type AaveState, anyAsset, onlyAsset } from './state.ts'
import { accruedAt } from './v3-interest.ts'
import { type AaveV3Rules, cast, need } from './v3-rules.ts'
import { mulDivCeil, PERCENT, percentDivCeil, percentMul, WAD, wadDiv } from './wad-ray.ts'

/** Health factor of an account without debt. */
export const NO_DEBT = MAX_UINT256
/** Decimals of a debt ceiling. */
const DEBT_CEILING_DECIMALS = 2n

/** Reads the price of a feed: base currency, 8 decimals (v3) or wei (v2, v1). Reverts where the oracle does. */
export type PriceOf = (feed: string) => bigint

/**
 * What an account has and owes in base currency, its average loan-to-value and threshold (bps, rounded down), health factor (wad), collateral times
 * threshold (base currency · bps, not rounded), and whether some of its collateral has a loan-to-value of zero.
 */
export type AaveAccountData = {
  readonly totalCollateralBase: bigint
  readonly totalDebtBase: bigint
  readonly ltv: bigint
  readonly liquidationThreshold: bigint
  readonly healthFactor: bigint
  readonly weighted: bigint
  readonly zeroLtv: boolean
}

/** Values an account at `time` with indices as they would be after accrual. Looks, changes nothing. */
export function accountData(
  rules: AaveV3Rules,
  state: AaveState,
  account: AaveAccount,
  price: PriceOf,
  time: bigint,
): AaveAccountData {
  let [collateral, debt, weighted, borrowable, zeroLtv] = [0n, 0n, 0n, 0n, false]
  for (const [asset, stored] of state.reserves) {
    const position = account.positions.get(asset)
    if (!position || !(position.usedAsCollateral || position.borrowing)) continue
    const { liquidityIndex, variableBorrowIndex, config } = accruedAt(rules, stored, time)
    const unit = 10n ** config.decimals
    const answer = price(config.feed)
    if (position.usedAsCollateral && (rules.minor >= 6 || config.liquidationThreshold !== 0n)) {
      const value = mul(rules.supplied(position.scaledCollateral, liquidityIndex), answer) / unit
      const ltv = countedLtv(rules, state, account.eMode, stored)
      collateral += value
      borrowable += value * ltv
      zeroLtv ||= ltv === 0n
      weighted += value * thresholdOf(state, account, stored)
    }
    if (position.borrowing) debt += debtBase(rules, rules.owed(position.scaledDebt, variableBorrowIndex), answer, unit)
  }
  const liquidationThreshold = collateral === 0n ? 0n : weighted / collateral
  return {
    ...{ totalCollateralBase: collateral, totalDebtBase: debt, liquidationThreshold, weighted, zeroLtv },
    ltv: collateral === 0n ? 0n : borrowable / collateral,
    healthFactor: healthFactorOf(rules, { collateral, debt, weighted, liquidationThreshold }),
  }
}

/** Value of a debt in base currency, in the version's rounding. */
export function debtBase({ minor }: AaveV3Rules, amount: bigint, price: bigint, unit: bigint): bigint {
  return minor >= 5 ? mulDivCeil(amount, price, unit) : mul(amount, price) / unit
}

/** Health factor, wad; {@link NO_DEBT} without debt. `weighted`: Σ collateral · threshold (base currency · bps). */
export function healthFactorOf(
  { minor }: AaveV3Rules,
  sums: {
    readonly collateral: bigint
    readonly debt: bigint
    readonly weighted: bigint
    readonly liquidationThreshold: bigint
  },
): bigint {
  if (sums.debt === 0n) return NO_DEBT
  if (minor >= 5) return wadDiv(sums.weighted, sums.debt) / PERCENT
  return wadDiv(percentMul(sums.collateral, sums.liquidationThreshold), sums.debt)
}

function modeOf(state: AaveState, eMode: number, asset: string) {
  const category = eMode === 0 ? undefined : state.eModes.get(eMode)
  return category?.collateral.includes(asset) ? category : undefined
}

/** The threshold that counts for an account: the category's where the asset is collateral in it. */
export function thresholdOf(state: AaveState, account: AaveAccount, { config }: AaveReserve): bigint {
  return (modeOf(state, account.eMode, config.asset) ?? config).liquidationThreshold
}

/** The bonus that counts for an account, bps. */
export function bonusOf(state: AaveState, account: AaveAccount, { config }: AaveReserve): bigint {
  return (modeOf(state, account.eMode, config.asset) ?? config).liquidationBonus
}

/** The loan-to-value of an asset in an e-mode, by the rules from v3.6 on, bps; from v3.7 an isolated e-mode leaves none to other assets. */
export function ltvIn({ minor }: AaveV3Rules, state: AaveState, eMode: number, { config }: AaveReserve): bigint {
  const category = modeOf(state, eMode, config.asset)
  if (category) return category.ltvZero?.includes(config.asset) ? 0n : category.ltv
  return minor >= 7 && eMode !== 0 && state.eModes.get(eMode)?.isolated ? 0n : config.ltv
}

/** Up to v3.5 a reserve's own loan-to-value decides whether it counts, and the category's how much. */
function countedLtv(rules: AaveV3Rules, state: AaveState, eMode: number, reserve: AaveReserve): bigint {
  if (rules.minor >= 6) return ltvIn(rules, state, eMode, reserve)
  return reserve.config.ltv === 0n ? 0n : (modeOf(state, eMode, reserve.config.asset) ?? reserve.config).ltv
}

/** True when the asset may be borrowed in the category. */
export function isBorrowableIn(state: AaveState, eMode: number, asset: string): boolean {
  const category = state.eModes.get(eMode)
  return (category?.borrowable ?? category?.collateral ?? []).includes(asset)
}

/** The isolated collateral of an account, with its ceiling; `undefined` when it is not in isolation mode. */
export function isolationOf(state: AaveState, account: AaveAccount): AaveReserve | undefined {
  const only = onlyAsset(state, account, 'usedAsCollateral')
  const reserve = only === undefined ? undefined : state.reserves.get(only)
  return (reserve?.config.debtCeiling ?? 0n) === 0n ? undefined : reserve
}

/** Debt in the units of a debt ceiling, rounded down. Reverts where 128 bits do not hold it: `IsolationModeLogic`. */
export function isolatedUnits(rules: AaveV3Rules, { config }: AaveReserve, amount: bigint): bigint {
  return cast(rules, amount / 10n ** sub(config.decimals, DEBT_CEILING_DECIMALS), 128n)
}

/** Takes repaid debt off what counts against an isolated collateral, to no less than zero. */
export function reduceIsolated(
  rules: AaveV3Rules,
  isolated: AaveReserve | undefined,
  debt: AaveReserve,
  repaid: bigint,
): void {
  if (!isolated) return
  const left = (isolated.isolationDebt ?? 0n) - isolatedUnits(rules, debt, repaid)
  isolated.isolationDebt = left > 0n ? left : 0n
}

/** Whether an asset may become an account's collateral: some loan-to-value, and no isolation beside another. */
export function mayBeCollateral(
  rules: AaveV3Rules,
  state: AaveState,
  account: AaveAccount,
  reserve: AaveReserve,
): boolean {
  const ltv = rules.minor >= 6 ? ltvIn(rules, state, account.eMode, reserve) : reserve.config.ltv
  if (ltv === 0n) return false
  if (rules.minor >= 7 || !anyAsset(account, 'usedAsCollateral')) return true
  return isolationOf(state, account) === undefined && (reserve.config.debtCeiling ?? 0n) === 0n
}

/** Whether it becomes collateral by itself when first supplied: never when isolated. */
export function becomesCollateral(
  rules: AaveV3Rules,
  state: AaveState,
  account: AaveAccount,
  reserve: AaveReserve,
): boolean {
  if (rules.minor < 7 && (reserve.config.debtCeiling ?? 0n) !== 0n) return false
  return mayBeCollateral(rules, state, account, reserve)
}

/** After collateral left: health factor at least 1, and collateral without loan-to-value goes first. */
export function checkRemaining(rules: AaveV3Rules, state: AaveState, account: AaveAccount, left: AaveReserve, at: At) {
  const { healthFactor, zeroLtv } = accountData(rules, state, account, at.price, at.time)
  need(rules, healthFactor >= WAD, 'HealthFactorLowerThanLiquidationThreshold')
  const ltv = rules.minor >= 6 ? ltvIn(rules, state, account.eMode, left) : left.config.ltv
  need(rules, !zeroLtv || ltv === 0n, 'LtvValidationFailed')
}

/** When and at what prices an action happens. */
export type At = { readonly price: PriceOf; readonly time: bigint }

/** After a debt grew (from v3.5): loan-to-value above zero, health factor at least 1, collateral covers the debt. */
export function checkBorrowed(rules: AaveV3Rules, state: AaveState, account: AaveAccount, at: At): void {
  const data = accountData(rules, state, account, at.price, at.time)
  need(rules, data.ltv !== 0n, 'LtvValidationFailed')
  need(rules, data.healthFactor >= WAD, 'HealthFactorLowerThanLiquidationThreshold')
  const covered = data.totalCollateralBase >= percentDivCeil(data.totalDebtBase, data.ltv)
  need(rules, covered, 'CollateralCannotCoverNewBorrow')
}
