/**
 * How much a liquidation of Aave v3.3+ repays and seizes, as pure arithmetic on balances and prices.
 *
 * Below a health factor of 1 anyone may repay up to the close factor (50 % of the whole debt, or all when HF ≤ 0.95 or either side is below $2,000)
 * and receives collateral with the bonus, less the protocol's share of the bonus; neither side may be left between 0 and $1,000.
 *
 * Source: `LiquidationLogic.executeLiquidationCall`, `_calculateAvailableCollateralToLiquidate`; reference, section C.1.2.
 */
import { min } from '../solidity.ts'
import { div, mul } from './checked.ts'
import { debtBase } from './v3-account.ts'
import { type AaveV3Rules, need } from './v3-rules.ts'
import { percentMul } from './wad-ray.ts'

/** Health factor at or below which the whole debt may be repaid, wad. */
export const CLOSE_FACTOR_HF_THRESHOLD = 95n * 10n ** 16n
/** Below this value of either side the whole debt may be repaid: $2,000, 8 decimals. */
export const MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD = 2_000n * 10n ** 8n
/** What a liquidation must leave on either side, unless it leaves nothing: $1,000, 8 decimals. */
export const MIN_LEFTOVER_BASE = 1_000n * 10n ** 8n
/** Part of the whole debt that may be repaid otherwise, bps. */
export const DEFAULT_CLOSE_FACTOR = 5_000n
const WHOLE = 10_000n

/** Balances (atoms), prices (base currency, 8 decimals) and terms (bps) of one collateral and one debt of an account. */
export type AaveLiquidationTerms = {
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
}

/** Atoms that a liquidation moves. */
export type AaveSizes = { readonly repaid: bigint; readonly toLiquidator: bigint; readonly fee: bigint }

/**
 * The close factor in bps: 10000, or `usual` of the account's whole debt. Values in base currency (8 decimals), health factor in wad. The contract
 * knows no other `usual` than 5000; another one is a rule that was changed to see what it would do.
 */
export function closeFactor(
  healthFactor: bigint,
  collateralBase: bigint,
  debtBase: bigint,
  usual: bigint = DEFAULT_CLOSE_FACTOR,
): bigint {
  const halved =
    collateralBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&
    debtBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&
    healthFactor > CLOSE_FACTOR_HF_THRESHOLD
  return halved ? usual : WHOLE
}

/** The most of a reserve's debt that one call may repay, asset atoms. */
export function maxLiquidatableDebt(rules: AaveV3Rules, terms: AaveLiquidationTerms): bigint {
  const { reserveDebt, debtPrice, debtUnit } = terms
  const debt = debtBase(rules, reserveDebt, debtPrice, debtUnit)
  const collateral = mul(terms.collateralBalance, terms.collateralPrice) / terms.collateralUnit
  const factor = closeFactor(terms.healthFactor, collateral, debt, rules.closeFactor)
  if (factor === WHOLE) return reserveDebt
  const cap = percentMul(terms.totalDebtBase, factor)
  return debt > cap ? div(mul(cap, debtUnit), debtPrice) : reserveDebt
}

/** Collateral for a repayment, or all of it and what that pays for; no close factor, no dust rule. */
export function collateralFor(
  rules: AaveV3Rules,
  terms: Omit<AaveLiquidationTerms, 'reserveDebt' | 'totalDebtBase' | 'healthFactor'>,
  cover: bigint,
): AaveSizes {
  const { collateralBalance, debtPrice, collateralPrice, debtUnit, collateralUnit, bonus, protocolFee } = terms
  const base = div(mul(mul(debtPrice, cover), collateralUnit), mul(collateralPrice, debtUnit))
  let repaid = cover
  let seized = rules.withBonus(base, bonus)
  if (seized > collateralBalance) {
    seized = collateralBalance
    const worth = div(mul(mul(collateralPrice, seized), debtUnit), mul(debtPrice, collateralUnit))
    repaid = rules.needed(worth, bonus)
  }
  const fee = protocolFee === 0n ? 0n : rules.fee(seized - rules.withoutBonus(seized, bonus), protocolFee)
  return { repaid, toLiquidator: seized - fee, fee }
}

/** How much is repaid and seized, in the contract's order. Reverts with `MustNotLeaveDust`. */
export function liquidationSizes(rules: AaveV3Rules, terms: AaveLiquidationTerms, debtToCover: bigint): AaveSizes {
  const { reserveDebt, collateralBalance, debtPrice, collateralPrice, debtUnit, collateralUnit } = terms
  const sizes = collateralFor(rules, terms, min(debtToCover, maxLiquidatableDebt(rules, terms)))
  const seized = sizes.toLiquidator + sizes.fee
  if (sizes.repaid < reserveDebt && seized < collateralBalance) {
    const debtLeft = debtBase(rules, reserveDebt - sizes.repaid, debtPrice, debtUnit)
    const collateralLeft = mul(collateralBalance - seized, collateralPrice) / collateralUnit
    need(rules, debtLeft >= MIN_LEFTOVER_BASE && collateralLeft >= MIN_LEFTOVER_BASE, 'MustNotLeaveDust')
  }
  return sizes
}
