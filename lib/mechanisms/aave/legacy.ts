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
import { div, ensure, min, mul, revert, sub } from '../solidity.ts'
import {
  type AaveLegacy,
  accrueLegacy,
  burnStable,
  normalizedDebt,
  normalizedIncome,
  stableBalance,
  updateLegacyRates,
} from './legacy-interest.ts'
import { type AaveAccount, type AaveReserve, type AaveState, positionOf } from './state.ts'
import { type AaveAccountData, bonusOf, NO_DEBT, type PriceOf, thresholdOf } from './v3-account.ts'
import type { AaveLiquidationCall } from './v3-liquidate.ts'
import { CLOSE_FACTOR_HF_THRESHOLD } from './v3-sizes.ts'
import { PERCENT, percentDiv, percentMul, rayDiv, rayMul, WAD, wadDiv } from './wad-ray.ts'

const CLOSE_FACTOR = 5_000n

/** What a liquidation did, asset atoms and scaled aTokens. */
export type AaveLegacyLiquidated = {
  readonly repaid: bigint
  readonly toLiquidator: bigint
  readonly feeScaled: bigint
  readonly receivedScaled: bigint
}

/** Values an account at `time`, base currency of the version. Looks, changes nothing. */
export function legacyAccountData(
  rules: AaveLegacy,
  state: AaveState,
  account: AaveAccount,
  price: PriceOf,
  time: bigint,
): AaveAccountData {
  let [collateral, debt, weighted] = [0n, 0n, 0n]
  for (const [asset, reserve] of state.reserves) {
    const position = account.positions.get(asset)
    if (!position || !(position.usedAsCollateral || position.borrowing)) continue
    const unit = 10n ** reserve.config.decimals
    const answer = price(reserve.config.feed)
    const threshold = thresholdOf(state, account, reserve)
    if (position.usedAsCollateral && threshold !== 0n) {
      const value = mul(rayMul(position.scaledCollateral, normalizedIncome(reserve, time)), answer) / unit
      collateral += value
      weighted += value * threshold
    }
    if (position.borrowing) debt += mul(debtOf(rules, reserve, account, time).whole, answer) / unit
  }
  const liquidationThreshold = collateral === 0n ? 0n : weighted / collateral
  return {
    totalCollateralBase: collateral,
    totalDebtBase: debt,
    ...{ liquidationThreshold, weighted, ltv: 0n, zeroLtv: false },
    healthFactor: debt === 0n ? NO_DEBT : wadDiv(percentMul(collateral, liquidationThreshold), debt),
  }
}

function debtOf(rules: AaveLegacy, reserve: AaveReserve, account: AaveAccount, time: bigint) {
  const position = account.positions.get(reserve.config.asset)
  const variable = rayMul(position?.scaledDebt ?? 0n, normalizedDebt(rules, reserve, time))
  const whole = variable + stableBalance(rules, position?.stable, time)
  return { variable, whole }
}

/** Executes the call on `state` in place. Reverts where the contract does; the state is then to be thrown away. */
export function legacyLiquidationCall(
  rules: AaveLegacy,
  state: AaveState,
  call: AaveLiquidationCall,
  price: PriceOf,
  time: bigint,
): AaveLegacyLiquidated {
  if (rules === 'v3.0') return execute(rules, state, call, price, time)
  try {
    return execute(rules, state, call, price, time)
  } catch (error) {
    // v2 names its own refusals; every other failure of the inner call surfaces as code 23.
    const refused = (error as { refusal?: Refusal }).refusal
    if (refused === undefined || OWN_V2_CODES.has(refused.code)) throw error
    return revert('23', `the inner call failed: ${refused.message}`)
  }
}

const OWN_V2_CODES: ReadonlySet<string> = new Set(['42', '43', '44', '45', '64'])

function execute(
  rules: AaveLegacy,
  state: AaveState,
  call: AaveLiquidationCall,
  price: PriceOf,
  time: bigint,
): AaveLegacyLiquidated {
  const borrower = state.accounts.get(call.borrower) ?? { eMode: 0, positions: new Map() }
  const debtReserve = state.reserves.get(call.debt)
  const collateralReserve = state.reserves.get(call.collateral)
  ensure(debtReserve !== undefined && collateralReserve !== undefined, rules === 'v2' ? '2' : '27')
  if (rules === 'v3.0') accrueLegacy(rules, debtReserve, time)
  const { healthFactor } = legacyAccountData(rules, state, borrower, price, time)
  const owed = debtOf(rules, debtReserve, borrower, time)
  validate(rules, state, borrower, debtReserve, collateralReserve, { healthFactor, owed: owed.whole })
  const balance = rayMul(
    positionOf(borrower, call.collateral).scaledCollateral,
    normalizedIncome(collateralReserve, time),
  )
  const all = rules === 'v3.0' && healthFactor <= CLOSE_FACTOR_HF_THRESHOLD
  const allowed = percentMul(owed.whole, all ? PERCENT : CLOSE_FACTOR)
  const sizes = sizesOf(rules, price, debtReserve, collateralReserve, {
    cover: min(call.debtToCover, allowed),
    balance,
    bonus: bonusOf(state, borrower, collateralReserve),
  })
  if (rules === 'v2') {
    ensure(call.receiveAToken || collateralReserve.virtualBalance >= sizes.toLiquidator, '45')
    accrueLegacy(rules, debtReserve, time)
  }
  burnDebt(rules, debtReserve, borrower, owed, sizes.repaid, time)
  const received = moveCollateral(rules, state, call, borrower, collateralReserve, sizes, time)
  if (sizes.toLiquidator + sizes.fee === balance) positionOf(borrower, call.collateral).usedAsCollateral = false
  return { repaid: sizes.repaid, toLiquidator: sizes.toLiquidator, ...received }
}

function validate(
  rules: AaveLegacy,
  state: AaveState,
  borrower: AaveAccount,
  debtReserve: AaveReserve,
  collateralReserve: AaveReserve,
  { healthFactor, owed }: { readonly healthFactor: bigint; readonly owed: bigint },
): void {
  ensure(!debtReserve.paused && !collateralReserve.paused, rules === 'v2' ? '64' : '29')
  ensure(healthFactor < WAD, rules === 'v2' ? '42' : '45')
  const enabled = borrower.positions.get(collateralReserve.config.asset)?.usedAsCollateral === true
  ensure(enabled && thresholdOf(state, borrower, collateralReserve) !== 0n, rules === 'v2' ? '43' : '46')
  ensure(owed !== 0n, rules === 'v2' ? '44' : '47')
}

type Sizes = { readonly repaid: bigint; readonly toLiquidator: bigint; readonly fee: bigint }

function sizesOf(
  rules: AaveLegacy,
  price: PriceOf,
  debtReserve: AaveReserve,
  collateralReserve: AaveReserve,
  { cover, balance, bonus }: { readonly cover: bigint; readonly balance: bigint; readonly bonus: bigint },
): Sizes {
  const [debtPrice, collateralPrice] = [price(debtReserve.config.feed), price(collateralReserve.config.feed)]
  const [debtUnit, collateralUnit] = [10n ** debtReserve.config.decimals, 10n ** collateralReserve.config.decimals]
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
  const share = rules === 'v2' ? 0n : collateralReserve.config.liquidationProtocolFee
  const fee = share === 0n ? 0n : percentMul(seized - percentDiv(seized, bonus), share)
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
  if (repaid > variable && position.stable)
    position.stable = burnStable(rules, reserve, position.stable, repaid - variable, time)
  reserve.virtualBalance += repaid
  updateLegacyRates(rules, reserve, time)
}

/** Refusal to burn nothing. */
const BURN_OF_ZERO: Readonly<Record<AaveLegacy, string>> = { v2: '58', 'v3.0': '25' }

function moveCollateral(
  rules: AaveLegacy,
  state: AaveState,
  call: AaveLiquidationCall,
  borrower: AaveAccount,
  reserve: AaveReserve,
  { repaid, toLiquidator, fee }: Sizes,
  time: bigint,
): { readonly feeScaled: bigint; readonly receivedScaled: bigint } {
  const position = positionOf(borrower, call.collateral)
  if (!call.receiveAToken) {
    accrueLegacy(rules, reserve, time)
    // The repayment is paid in at the end: where one asset is on both sides, these rates do not see it yet.
    const paidLater = call.debt === call.collateral ? repaid : 0n
    reserve.virtualBalance = sub(reserve.virtualBalance - paidLater, toLiquidator)
    updateLegacyRates(rules, reserve, time)
    reserve.virtualBalance += paidLater
  }
  const index = normalizedIncome(reserve, time)
  const scaled = rayDiv(toLiquidator, index)
  if (!call.receiveAToken) ensure(scaled !== 0n, BURN_OF_ZERO[rules])
  position.scaledCollateral = sub(position.scaledCollateral, scaled)
  if (call.receiveAToken) give(state, call.liquidator, call.collateral, scaled)
  let feeScaled = 0n
  if (fee !== 0n) {
    const wanted = rayDiv(fee, index)
    // What the account has left bounds the fee; the way there and back through the index rounds again.
    feeScaled = wanted > position.scaledCollateral ? rayDiv(rayMul(position.scaledCollateral, index), index) : wanted
    position.scaledCollateral = sub(position.scaledCollateral, feeScaled)
    give(state, state.treasury, call.collateral, feeScaled)
  }
  return { feeScaled, receivedScaled: call.receiveAToken ? scaled : 0n }
}

function give(state: AaveState, id: string, asset: string, scaled: bigint): void {
  const account = state.accounts.get(id) ?? { eMode: 0, positions: new Map() }
  state.accounts.set(id, account)
  positionOf(account, asset).scaledCollateral += scaled
}
