/**
 * Liquidation of Aave v1: at most half of one reserve's debt, collateral with the asset's bonus, no share for the protocol; the borrower's origination
 * fee is liquidated along with it, from what collateral is left. What no collateral covers stays the account's debt.
 *
 * Sizes: the published source multiplies atoms by prices without regard to decimals; the deployed manager
 * (0x31cceeb1fA3DbEAf7baaD25125b972A17624A40a) scales by units, as here, which is the same for assets of equal decimals. The manager that replaced it
 * when v1 was wound down liquidates any position, wholly, the healthy ones at a bonus of 1 %: not modelled.
 *
 * Source: aave/aave-protocol @4b4545f `LendingPoolLiquidationManager`, `LendingPoolCore.updateStateOnLiquidation`.
 */
import type { Refusal } from '../mechanism.ts'
import { ensure, min, revert } from '../solidity.ts'
import { div, mul } from './checked.ts'
import {
  type AaveAccount,
  type AavePosition,
  type AaveReserve,
  type AaveState,
  accountOf,
  addScaled,
  emptyAccount,
  positionOf,
} from './state.ts'
import { activeReserveV1, burnV1, cumulateV1, reduceDebtV1 } from './v1-actions.ts'
import { accountDataV1, accrueV1, aTokensV1, BPS, debtV1, updateRatesV1, v1Terms } from './v1-rules.ts'
import type { AaveAccountData, At } from './v3-account.ts'
import type { AaveLiquidationCall } from './v3-liquidate.ts'
import type { AaveLiquidationTerms, AaveSizes } from './v3-sizes.ts'
import { WAD } from './wad-ray.ts'

/** What a liquidation did, asset atoms: repaid and received, and the origination fee with the collateral that paid for it. */
export type AaveV1Liquidated = {
  readonly repaid: bigint
  readonly toLiquidator: bigint
  readonly feeLiquidated: bigint
  readonly collateralForFee: bigint
}

/** Executes the call on `state` in place. The manager's answers are its own; every other failure surfaces as one sentence. */
export function liquidateV1(state: AaveState, call: AaveLiquidationCall, at: At): AaveV1Liquidated {
  const debt = activeReserveV1(state, call.debt)
  const collateral = activeReserveV1(state, call.collateral)
  try {
    return execute(state, call, debt, collateral, at)
  } catch (error) {
    const refused = (error as { refusal?: Refusal }).refusal
    if (refused === undefined || refused.code.startsWith(ANSWER) || refused.code === 'missing-price') throw error
    return revert('Liquidation call failed', `the inner call failed: ${refused.message}`)
  }
}

const ANSWER = 'Liquidation failed: '

function answer(condition: boolean, sentence: string): asserts condition {
  ensure(condition, `${ANSWER}${sentence}`)
}

/** Balances, prices and terms of one pair, as the rule sees them at a moment. Looks only. */
export function termsV1(
  account: AaveAccount,
  { debt, collateral }: { readonly debt: AaveReserve; readonly collateral: AaveReserve },
  data: Pick<AaveAccountData, 'totalDebtBase' | 'healthFactor'>,
  { price, time }: At,
): AaveLiquidationTerms {
  return {
    reserveDebt: debtV1(debt, positionOf(account, debt.config.asset), time),
    collateralBalance: aTokensV1(collateral, positionOf(account, collateral.config.asset), time),
    ...{ totalDebtBase: data.totalDebtBase, healthFactor: data.healthFactor },
    collateralPrice: price(collateral.config.feed),
    collateralUnit: 10n ** collateral.config.decimals,
    debtPrice: price(debt.config.feed),
    debtUnit: 10n ** debt.config.decimals,
    ...{ bonus: collateral.config.liquidationBonus, protocolFee: 0n },
  }
}

/** How much is repaid and seized: at most half of the debt, or what the collateral pays for. */
export function sizesV1(terms: AaveLiquidationTerms, debtToCover: bigint): AaveSizes {
  const cover = min(debtToCover, mul(terms.reserveDebt, 50n) / 100n)
  const { seized, needed } = exchange(terms, cover, terms.collateralBalance)
  return { repaid: min(needed, cover), toLiquidator: seized, fee: 0n }
}

/** Collateral for an amount of debt with the bonus, within a balance; and the debt that it pays for. Everything rounded down. */
function exchange(terms: AaveLiquidationTerms, amount: bigint, balance: bigint) {
  const { debtPrice, collateralPrice, debtUnit, collateralUnit } = terms
  const bonus = terms.bonus / BPS
  const base = div(mul(mul(debtPrice, amount), collateralUnit), mul(collateralPrice, debtUnit))
  const seized = mul(base, bonus) / 100n
  if (seized <= balance) return { seized, needed: amount }
  const worth = div(mul(mul(collateralPrice, balance), debtUnit), mul(debtPrice, collateralUnit))
  return { seized: balance, needed: div(mul(worth, 100n), bonus) }
}

function execute(
  state: AaveState,
  call: AaveLiquidationCall,
  debt: AaveReserve,
  collateral: AaveReserve,
  at: At,
): AaveV1Liquidated {
  const borrower = state.accounts.get(call.borrower) ?? emptyAccount()
  const data = accountDataV1(state, borrower, at)
  answer(data.healthFactor < WAD, 'Health factor is not below the threshold')
  const terms = termsV1(borrower, { debt, collateral }, data, at)
  answer(terms.collateralBalance !== 0n, 'Invalid collateral to liquidate')
  const held = positionOf(borrower, call.collateral)
  const enabled = collateral.config.liquidationThreshold !== 0n && held.usedAsCollateral
  answer(enabled, 'The collateral chosen cannot be liquidated')
  answer(terms.reserveDebt !== 0n, 'User did not borrow the specified currency')
  const { repaid, toLiquidator } = sizesV1(terms, call.debtToCover)
  const owed = positionOf(borrower, call.debt)
  const { fee } = v1Terms(owed)
  const left = terms.collateralBalance - toLiquidator
  const forFee = fee > 0n ? exchange(terms, fee, left) : { seized: 0n, needed: 0n }
  const liquid = call.receiveAToken || collateral.virtualBalance >= toLiquidator
  answer(liquid, "There isn't enough liquidity available to liquidate")
  const moved = { repaid, toLiquidator, feeLiquidated: forFee.needed, collateralForFee: forFee.seized }
  settle(debt, collateral, owed, terms.reserveDebt, moved, call.receiveAToken, at.time)
  if (call.receiveAToken) transfer(state, collateral, held, call.liquidator, toLiquidator, at.time)
  else take(collateral, held, toLiquidator, at.time)
  debt.virtualBalance += repaid
  if (moved.feeLiquidated === 0n) return { ...moved, collateralForFee: 0n }
  take(collateral, held, moved.collateralForFee, at.time)
  collateral.feesCollected = (collateral.feesCollected ?? 0n) + moved.collateralForFee
  return moved
}

/** Indices, totals, the debt and the rates. A collateral paid in aTokens keeps its old time, so that its interest accrues twice: as deployed. */
function settle(
  debt: AaveReserve,
  collateral: AaveReserve,
  owed: AavePosition,
  compounded: bigint,
  { repaid, toLiquidator, feeLiquidated, collateralForFee }: AaveV1Liquidated,
  receiveAToken: boolean,
  time: bigint,
): void {
  accrueV1(debt, time)
  reduceDebtV1(debt, owed, compounded, repaid)
  accrueV1(collateral, time)
  const { stableRate, debtIndex, fee } = v1Terms(owed)
  const variable = owed.scaledDebt > 0n && stableRate === 0n
  owed.v1 = {
    ...v1Terms(owed),
    debtIndex: variable ? debt.variableBorrowIndex : debtIndex,
    ...{ fee: fee - feeLiquidated, updated: time },
  }
  updateRatesV1(debt, repaid, time)
  if (!receiveAToken) updateRatesV1(collateral, -(toLiquidator + collateralForFee), time)
}

/** Burns aTokens and pays the underlying out. */
function take(reserve: AaveReserve, position: AavePosition, amount: bigint, time: bigint): void {
  const balance = cumulateV1(reserve, position, time)
  ensure(balance >= amount, 'SafeMath: subtraction overflow')
  burnV1(reserve, position, amount)
  ensure(reserve.virtualBalance >= amount, 'SafeERC20: low-level call failed')
  reserve.virtualBalance -= amount
}

/** Moves aTokens. One's own move to oneself forgets the index of an emptied balance although it is full again: as deployed. */
function transfer(
  state: AaveState,
  reserve: AaveReserve,
  from: AavePosition,
  liquidator: string,
  amount: bigint,
  time: bigint,
): void {
  ensure(amount > 0n, 'Transferred amount needs to be greater than zero')
  const to = positionOf(accountOf(state, liquidator), reserve.config.asset)
  const balance = cumulateV1(reserve, from, time)
  cumulateV1(reserve, to, time)
  ensure(balance >= amount, 'SafeMath: subtraction overflow')
  addScaled(reserve, from, -amount)
  addScaled(reserve, to, amount)
  if (balance === amount) from.v1 = { ...v1Terms(from), index: 0n }
}
