/**
 * Aave v2 and v3.0 liquidation, in the contracts' order and half-up rounding.
 *
 * v2: at most 50 % of one reserve's debt, ever; no protocol fee; the collateral must be in the pool. v3.0: 100 % when HF ≤ 0.95; e-mode; a protocol
 * share of the bonus. In both, what no collateral covers stays the account's debt.
 *
 * Sources: Aave protocol v2 1.0.1 `LendingPoolCollateralManager`, core v3 1.19.3 `LiquidationLogic` (constants: 5000 bps, 0.95e18), as recorded in
 * 300 golden cases each. Error codes are the contracts' own numbers.
 */
import type { Refusal } from '../mechanism.ts'
import { ensure, min, revert } from '../solidity.ts'
import { cast128, div, mul, sub, sum } from './checked.ts'
import {
  checkPaid,
  legacyAccountData,
  legacyBalances,
  legacyFeedOf,
  legacyReserve,
  moveLegacyLiquidity,
} from './legacy-account.ts'
import { type AaveLegacy, accrueLegacy, burnStable, normalizedIncome } from './legacy-interest.ts'
import {
  type AaveAccount,
  type AaveReserve,
  type AaveState,
  accountOf,
  addScaled,
  emptyAccount,
  positionOf,
} from './state.ts'
import { type AaveAccountData, type At, becomesCollateral, bonusOf, isolationOf, reduceIsolated } from './v3-account.ts'
import type { AaveLiquidationCall } from './v3-liquidate.ts'
import { AAVE_V33 } from './v3-rules.ts'
import { type AaveLiquidationTerms, type AaveSizes, CLOSE_FACTOR_HF_THRESHOLD } from './v3-sizes.ts'
import { PERCENT, percentDiv, percentMul, rayDiv, rayMul, WAD } from './wad-ray.ts'

const CLOSE_FACTOR = 5_000n

/** What a liquidation did, asset atoms and scaled aTokens. */
export type AaveLegacyLiquidated = {
  readonly repaid: bigint
  readonly toLiquidator: bigint
  readonly feeScaled: bigint
  readonly receivedScaled: bigint
}

/** Executes the call on `state` in place. Reverts where the contract does; the state is then to be thrown away. */
export function legacyLiquidationCall(
  rules: AaveLegacy,
  state: AaveState,
  call: AaveLiquidationCall,
  at: At,
): AaveLegacyLiquidated {
  if (rules === 'v3.0') return execute(rules, state, call, at)
  try {
    return execute(rules, state, call, at)
  } catch (error) {
    // v2 names its own refusals; every other failure of the inner call surfaces as code 23.
    const refused = (error as { refusal?: Refusal }).refusal
    if (refused === undefined || OWN_V2_CODES.has(refused.code)) throw error
    return revert('23', `the inner call failed: ${refused.message}`)
  }
}

/** A missing price is the mechanism's own refusal, no failure of the contract. */
const OWN_V2_CODES: ReadonlySet<string> = new Set(['2', '42', '43', '44', '45', '64', 'missing-price'])

/** Balances, prices and terms of one pair, as the rule sees them at a moment. Looks only. */
export function legacyTerms(
  rules: AaveLegacy,
  state: AaveState,
  account: AaveAccount,
  pair: { readonly debt: AaveReserve; readonly collateral: AaveReserve },
  data: Pick<AaveAccountData, 'totalDebtBase' | 'healthFactor'>,
  { price, time }: At,
): AaveLiquidationTerms {
  const { debt, collateral } = pair
  // In e-mode with a price of its own the debt takes that price, whatever it is.
  const debtFeed = state.eModes.get(account.eMode)?.feed ?? debt.config.feed
  return {
    reserveDebt: legacyBalances(rules, debt, positionOf(account, debt.config.asset), time).debt,
    collateralBalance: legacyBalances(rules, collateral, positionOf(account, collateral.config.asset), time).collateral,
    ...{ totalDebtBase: data.totalDebtBase, healthFactor: data.healthFactor },
    collateralPrice: price(legacyFeedOf(state, account, collateral)),
    collateralUnit: 10n ** collateral.config.decimals,
    debtPrice: price(debtFeed),
    debtUnit: 10n ** debt.config.decimals,
    bonus: bonusOf(state, account, collateral),
    protocolFee: rules === 'v2' ? 0n : collateral.config.liquidationProtocolFee,
  }
}

function execute(rules: AaveLegacy, state: AaveState, call: AaveLiquidationCall, at: At): AaveLegacyLiquidated {
  const borrower = state.accounts.get(call.borrower) ?? emptyAccount()
  // v2 pauses the pool as a whole, before it looks at anything.
  if (rules === 'v2') ensure(![...state.reserves.values()].some(({ paused }) => paused), '64')
  const debtReserve = legacyReserve(state, call.debt)
  if (rules === 'v3.0') accrueLegacy(rules, debtReserve, at.time)
  const data = legacyAccountData(rules, state, borrower, at.price, at.time)
  const collateralReserve = state.reserves.get(call.collateral)
  ensure(collateralReserve !== undefined, rules === 'v2' ? '2' : '27', `no reserve of ${call.collateral}`)
  const owed = legacyBalances(rules, debtReserve, positionOf(borrower, call.debt), at.time)
  validate(rules, borrower, debtReserve, collateralReserve, { ...data, owed: owed.debt })
  const pair = { debt: debtReserve, collateral: collateralReserve }
  const terms = legacyTerms(rules, state, borrower, pair, data, at)
  const sizes = legacySizes(rules, terms, call.debtToCover)
  if (rules === 'v2') {
    ensure(call.receiveAToken || collateralReserve.virtualBalance >= sizes.toLiquidator, '45')
    accrueLegacy(rules, debtReserve, at.time)
  }
  const everything = sizes.toLiquidator + sizes.fee === terms.collateralBalance
  const position = positionOf(borrower, call.collateral)
  if (rules === 'v3.0' && everything) position.usedAsCollateral = false
  burnDebt(rules, debtReserve, borrower, { variable: owed.variable, whole: owed.debt }, sizes.repaid, at.time)
  if (rules === 'v3.0') reduceIsolated(AAVE_V33, isolationOf(state, borrower), debtReserve, sizes.repaid)
  const received = moveCollateral(rules, state, call, borrower, collateralReserve, sizes, at.time)
  if (rules === 'v2' && everything) position.usedAsCollateral = false
  return { repaid: sizes.repaid, toLiquidator: sizes.toLiquidator, ...received }
}

function validate(
  rules: AaveLegacy,
  borrower: AaveAccount,
  debtReserve: AaveReserve,
  collateralReserve: AaveReserve,
  { healthFactor, owed }: { readonly healthFactor: bigint; readonly owed: bigint },
): void {
  const active = debtReserve.active !== false && collateralReserve.active !== false
  ensure(active, rules === 'v2' ? '2' : '27')
  if (rules === 'v3.0') ensure(!debtReserve.paused && !collateralReserve.paused, '29')
  ensure(healthFactor < WAD, rules === 'v2' ? '42' : '45')
  const enabled = borrower.positions.get(collateralReserve.config.asset)?.usedAsCollateral === true
  ensure(enabled && collateralReserve.config.liquidationThreshold !== 0n, rules === 'v2' ? '43' : '46')
  ensure(owed !== 0n, rules === 'v2' ? '44' : '47')
}

/** The close factor, bps: half of one reserve's debt; in v3.0 all of it at a health factor of 0.95 or less. */
export function legacyCloseFactor(rules: AaveLegacy, healthFactor: bigint): bigint {
  return rules === 'v3.0' && healthFactor <= CLOSE_FACTOR_HF_THRESHOLD ? PERCENT : CLOSE_FACTOR
}

/** How much is repaid and seized, in the contracts' order. */
export function legacySizes(rules: AaveLegacy, terms: AaveLiquidationTerms, debtToCover: bigint): AaveSizes {
  const { collateralBalance: balance, debtPrice, collateralPrice, debtUnit, collateralUnit, bonus } = terms
  const cover = min(debtToCover, percentMul(terms.reserveDebt, legacyCloseFactor(rules, terms.healthFactor)))
  const value = mul(mul(debtPrice, cover), collateralUnit)
  const per = mul(collateralPrice, debtUnit)
  let seized = rules === 'v2' ? div(percentMul(value, bonus), per) : percentMul(div(value, per), bonus)
  let repaid = cover
  if (seized > balance) {
    seized = balance
    const worth = div(mul(mul(collateralPrice, seized), debtUnit), mul(debtPrice, collateralUnit))
    repaid = percentDiv(worth, bonus)
    if (rules === 'v2') repaid = min(repaid, cover)
  }
  const fee = terms.protocolFee === 0n ? 0n : percentMul(seized - percentDiv(seized, bonus), terms.protocolFee)
  return { repaid, toLiquidator: seized - fee, fee }
}

/** Variable debt first, then stable; the rates follow. */
function burnDebt(
  rules: AaveLegacy,
  reserve: AaveReserve,
  borrower: AaveAccount,
  owed: { readonly variable: bigint; readonly whole: bigint },
  repaid: bigint,
  time: bigint,
): void {
  const position = positionOf(borrower, reserve.config.asset)
  if (rules === 'v3.0' && repaid === owed.whole) position.borrowing = false
  const variable = min(repaid, owed.variable)
  if (variable !== 0n || repaid === 0n) {
    const scaled = rayDiv(variable, reserve.variableBorrowIndex)
    ensure(scaled !== 0n, BURN_OF_ZERO[rules])
    position.scaledDebt = sub(position.scaledDebt, scaled)
    reserve.scaledDebt = sub(reserve.scaledDebt, scaled)
  }
  const { stable } = position
  const fixed = repaid - variable
  const struck = fixed !== 0n && stable ? burnStable(rules, reserve, position, stable, fixed, time) : 0n
  moveLegacyLiquidity(rules, reserve, repaid, time, struck)
}

/** Refusal to burn nothing. */
const BURN_OF_ZERO: Readonly<Record<AaveLegacy, string>> = { v2: '58', 'v3.0': '25' }

function moveCollateral(
  rules: AaveLegacy,
  state: AaveState,
  call: AaveLiquidationCall,
  borrower: AaveAccount,
  reserve: AaveReserve,
  { repaid, toLiquidator, fee }: AaveSizes,
  time: bigint,
): { readonly feeScaled: bigint; readonly receivedScaled: bigint } {
  const position = positionOf(borrower, call.collateral)
  // The repayment is paid in at the end: where one asset is on both sides, these rates do not see it yet, and nothing is paid from it.
  const paidLater = call.debt === call.collateral ? repaid : 0n
  if (!call.receiveAToken) {
    accrueLegacy(rules, reserve, time)
    reserve.virtualBalance -= paidLater
    moveLegacyLiquidity(rules, reserve, -toLiquidator, time)
    reserve.virtualBalance += paidLater
  }
  const index = normalizedIncome(reserve, time)
  const scaled = rayDiv(toLiquidator, index)
  if (!call.receiveAToken) ensure(scaled !== 0n, BURN_OF_ZERO[rules])
  sub(position.scaledCollateral, scaled)
  if (!call.receiveAToken) checkPaid({ ...reserve, virtualBalance: reserve.virtualBalance - paidLater })
  const first =
    call.receiveAToken &&
    rayMul(positionOf(accountOf(state, call.liquidator), call.collateral).scaledCollateral, index) === 0n
  addScaled(reserve, position, -scaled)
  if (call.receiveAToken) give(rules, state, reserve, call.liquidator, scaled)
  if (first) makeCollateral(rules, state, reserve, call.liquidator)
  let feeScaled = 0n
  if (fee !== 0n) {
    const wanted = rayDiv(fee, index)
    // What the account has left bounds the fee; the way there and back through the index rounds again.
    feeScaled = wanted > position.scaledCollateral ? rayDiv(rayMul(position.scaledCollateral, index), index) : wanted
    addScaled(reserve, position, -feeScaled)
    give(rules, state, reserve, state.treasury, feeScaled)
  }
  return { feeScaled, receivedScaled: call.receiveAToken ? scaled : 0n }
}

function give(rules: AaveLegacy, state: AaveState, reserve: AaveReserve, id: string, scaled: bigint): void {
  const position = positionOf(accountOf(state, id), reserve.config.asset)
  if (rules === 'v3.0') sum(position.scaledCollateral, cast128(scaled))
  addScaled(reserve, position, scaled)
}

/** A liquidator's first aTokens become its collateral: in v2 always, in v3.0 where the rules of a first supply let them. */
function makeCollateral(rules: AaveLegacy, state: AaveState, reserve: AaveReserve, id: string): void {
  const account = accountOf(state, id)
  if (rules === 'v2' || becomesCollateral(AAVE_V33, state, account, reserve))
    positionOf(account, reserve.config.asset).usedAsCollateral = true
}
