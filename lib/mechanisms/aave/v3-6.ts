/**
 * Aave v3.6 liquidation, in the contract's order and rounding: balances down, debts up, burns and fees in the protocol's favour.
 *
 * HF = Σ collateral · liquidation threshold / Σ debt (base currency, 8 decimals); below 1 anyone may repay up to the close factor (50 % of the
 * whole debt, or all when HF ≤ 0.95 or either side is below $2,000) and receives collateral with the bonus, less the protocol's share of the bonus;
 * neither side may be left between 0 and $1,000; when nothing is left as collateral all debts become the reserves' deficit.
 *
 * Sources: Aave v3.3–3.6 feature documents (close factor, dust, deficit; rounding of v3.5; compounding of v3.6) as collected in the reference,
 * section C.1.2; npm `@aave-dao/aave-v3-origin` 3.6.0 as recorded in 600 golden cases.
 */
import { ensure, min, mul, sub } from '../solidity.ts'
import type { AaveAccount, AaveReserve, AaveState } from './state.ts'
import {
  ceilDiv,
  linearInterest,
  PERCENT,
  percentDiv,
  percentDivCeil,
  percentMul,
  RAY,
  rayDiv,
  rayDivFloor,
  rayMul,
  rayMulCeil,
  rayMulFloor,
  wadDivFloor,
  YEAR,
} from './wad-ray.ts'

/** Health factor at or below which the whole debt may be repaid, wad. */
export const CLOSE_FACTOR_HF_THRESHOLD = 95n * 10n ** 16n
/** Below this value of either side the whole debt may be repaid: $2,000, 8 decimals. */
export const MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD = 2_000n * 10n ** 8n
/** What a liquidation must leave on either side, unless it leaves nothing: $1,000, 8 decimals. */
export const MIN_LEFTOVER_BASE = 1_000n * 10n ** 8n
const CLOSE_FACTOR = 5_000n
/** Health factor of an account without debt. */
export const NO_DEBT = (1n << 256n) - 1n

/** Reads the price of a feed: base currency, 8 decimals. */
export type PriceOf = (feed: string) => bigint

/** e^(rate · t / year) as `1 + x + x · (x / 2 + x · (x / 6))`, ray, products half up (v3.6; older versions use other polynomials). */
export function compoundedInterest(rate: bigint, seconds: bigint): bigint {
  const x = mul(rate, seconds) / YEAR
  return RAY + x + rayMul(x, x / 2n + rayMul(x, x / 6n))
}

/** Brings indices and the treasury's share to `time`. `before`: the reserve as the caller read it (see the note on one asset on both sides). */
export function accrue(reserve: AaveReserve, time: bigint, before: AaveReserve = { ...reserve }): void {
  if (before.updated === time) return
  const seconds = sub(time, before.updated)
  const treasuryIndex = before.variableBorrowIndex
  if (before.liquidityRate !== 0n)
    reserve.liquidityIndex = rayMul(linearInterest(before.liquidityRate, seconds), before.liquidityIndex)
  if (before.scaledDebt !== 0n)
    reserve.variableBorrowIndex = rayMul(
      compoundedInterest(before.variableBorrowRate, seconds),
      before.variableBorrowIndex,
    )
  if (reserve.config.reserveFactor !== 0n) {
    const accruedDebt = rayMulFloor(before.scaledDebt, reserve.variableBorrowIndex - treasuryIndex)
    const share = percentMul(accruedDebt, reserve.config.reserveFactor)
    if (share !== 0n) reserve.accruedToTreasury += rayDivFloor(share, reserve.liquidityIndex)
  }
  reserve.updated = time
}

/** Sets both rates for what the pool holds now. */
export function updateRates(reserve: AaveReserve): void {
  const { baseRate, slope1, slope2, optimalUsage, reserveFactor } = reserve.config
  const [base, first, second] = [toRay(baseRate), toRay(slope1), toRay(slope2)]
  const debt = rayMulCeil(reserve.scaledDebt, reserve.variableBorrowIndex)
  if (debt === 0n) {
    reserve.liquidityRate = 0n
    reserve.variableBorrowRate = base
    return
  }
  const optimal = toRay(optimalUsage)
  const whole = reserve.virtualBalance + debt
  const usage = rayDiv(debt, whole)
  const supplyUsage = rayDiv(debt, whole + reserve.deficit)
  const rate =
    usage > optimal
      ? base + first + rayMul(second, rayDiv(usage - optimal, RAY - optimal))
      : base + rayDiv(rayMul(first, usage), optimal)
  reserve.variableBorrowRate = rate
  reserve.liquidityRate = percentMul(rayMul(rate, supplyUsage), PERCENT - reserveFactor)
}

const toRay = (bps: bigint) => bps * 10n ** 23n

/** What an account has and owes in base currency (8 decimals), its average threshold (bps) and health factor (wad). */
export type AaveAccountData = {
  readonly totalCollateralBase: bigint
  readonly totalDebtBase: bigint
  readonly liquidationThreshold: bigint
  readonly healthFactor: bigint
}

/** Values an account at `time` with indices as they would be after accrual. Looks, changes nothing. */
export function accountData(state: AaveState, account: AaveAccount, price: PriceOf, time: bigint): AaveAccountData {
  let [collateral, debt, weighted] = [0n, 0n, 0n]
  for (const [asset, stored] of state.reserves) {
    const position = account.positions.get(asset)
    if (!position || !(position.usedAsCollateral || position.borrowing)) continue
    const { liquidityIndex, variableBorrowIndex } = indices(stored, time)
    const unit = 10n ** stored.config.decimals
    const answer = price(stored.config.feed)
    if (position.usedAsCollateral && thresholdOf(state, account, stored) !== 0n) {
      const value = mul(rayMulFloor(position.scaledCollateral, liquidityIndex), answer) / unit
      collateral += value
      weighted += value * thresholdOf(state, account, stored)
    }
    if (position.borrowing) debt += ceilDiv(mul(rayMulCeil(position.scaledDebt, variableBorrowIndex), answer), unit)
  }
  return {
    totalCollateralBase: collateral,
    totalDebtBase: debt,
    liquidationThreshold: collateral === 0n ? 0n : weighted / collateral,
    healthFactor: debt === 0n ? NO_DEBT : wadDivFloor(weighted, debt * PERCENT),
  }
}

/** Indices at `time`, both looked at only. */
export function indices(stored: AaveReserve, time: bigint): AaveReserve {
  const reserve = { ...stored }
  accrue(reserve, time)
  return reserve
}

/** The threshold that counts for an account: the category's where the asset is collateral in it. */
export function thresholdOf(state: AaveState, account: AaveAccount, { config }: AaveReserve): bigint {
  const category = state.eModes.get(account.eMode)
  return category?.collateral.includes(config.asset) ? category.liquidationThreshold : config.liquidationThreshold
}

/** The bonus that counts for an account, bps. */
export function bonusOf(state: AaveState, account: AaveAccount, { config }: AaveReserve): bigint {
  const category = state.eModes.get(account.eMode)
  return category?.collateral.includes(config.asset) ? category.liquidationBonus : config.liquidationBonus
}

/** A call to liquidate. Amounts in asset atoms; `debtToCover` may be 2^256 − 1. */
export type AaveLiquidationCall = {
  readonly borrower: string
  readonly liquidator: string
  readonly collateral: string
  readonly debt: string
  readonly debtToCover: bigint
  readonly receiveAToken: boolean
}

/** Atoms that a liquidation moves. */
export type AaveSizes = { readonly repaid: bigint; readonly toLiquidator: bigint; readonly fee: bigint }

/** How much is repaid and seized for balances, prices and terms given: C.1.2, in its order. Reverts with `MustNotLeaveDust`. */
export function liquidationSizes(terms: {
  readonly debtToCover: bigint
  readonly reserveDebt: bigint
  readonly collateralBalance: bigint
  readonly totalDebtBase: bigint
  readonly healthFactor: bigint
  readonly debtPrice: bigint
  readonly collateralPrice: bigint
  readonly debtUnit: bigint
  readonly collateralUnit: bigint
  readonly bonus: bigint
  readonly protocolFee: bigint
}): AaveSizes {
  const { reserveDebt, collateralBalance, debtPrice, collateralPrice, debtUnit, collateralUnit, bonus } = terms
  const debtBase = ceilDiv(mul(reserveDebt, debtPrice), debtUnit)
  const collateralBase = mul(collateralBalance, collateralPrice) / collateralUnit
  let maxDebt = reserveDebt
  if (
    collateralBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&
    debtBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&
    terms.healthFactor > CLOSE_FACTOR_HF_THRESHOLD
  ) {
    const cap = percentMul(terms.totalDebtBase, CLOSE_FACTOR)
    if (debtBase > cap) maxDebt = mul(cap, debtUnit) / debtPrice
  }
  let repaid = min(terms.debtToCover, maxDebt)
  const base = mul(mul(debtPrice, repaid), collateralUnit) / mul(collateralPrice, debtUnit)
  let seized = percentMul(base, bonus)
  if (seized > collateralBalance) {
    seized = collateralBalance
    repaid = percentDivCeil(mul(mul(collateralPrice, seized), debtUnit) / mul(debtPrice, collateralUnit), bonus)
  }
  const fee = terms.protocolFee === 0n ? 0n : percentMul(seized - percentDiv(seized, bonus), terms.protocolFee)
  if (repaid < reserveDebt && seized < collateralBalance) {
    const debtLeft = mul(reserveDebt - repaid, debtPrice) / debtUnit
    const collateralLeft = mul(collateralBalance - seized, collateralPrice) / collateralUnit
    ensure(debtLeft >= MIN_LEFTOVER_BASE && collateralLeft >= MIN_LEFTOVER_BASE, 'MustNotLeaveDust')
  }
  return { repaid, toLiquidator: seized - fee, fee }
}
