/**
 * `liquidationCall` of Aave v3.3 and later: checks, sizes, and every balance it moves, on a state that the caller may throw away. When nothing is
 * left as collateral all debts become the reserves' deficit.
 * Source: `LiquidationLogic` at tags v3.3.0 to v3.6.0 and `main` (3.7); recorded in 600 golden cases of 3.6.0.
 */
import { ensure } from '../solidity.ts'
import { mul, sub } from './checked.ts'
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
import { type AaveAccountData, type At, accountData, becomesCollateral, bonusOf, reduceIsolated } from './v3-account.ts'
import { accrue, accruedAt, moveLiquidity } from './v3-interest.ts'
import { type AaveV3Rules, balanceBits, burntAtMost, grown, need } from './v3-rules.ts'
import { type AaveLiquidationTerms, type AaveSizes, liquidationSizes } from './v3-sizes.ts'
import { EMPTY_REVERT, WAD } from './wad-ray.ts'

/** A call to liquidate. Amounts in asset atoms; `debtToCover` may be 2^256 − 1. */
export type AaveLiquidationCall = {
  readonly borrower: string
  readonly liquidator: string
  readonly collateral: string
  readonly debt: string
  readonly debtToCover: bigint
  readonly receiveAToken: boolean
}

/** Debt written off, asset atoms. */
export type AaveDeficit = { readonly asset: string; readonly amount: bigint }

/** What a liquidation did. `deficits` in the order in which the contract books them. */
export type AaveLiquidated = AaveSizes & {
  readonly feeScaled: bigint
  readonly receivedScaled: bigint
  readonly deficits: readonly AaveDeficit[]
}

/** Balances, prices and terms of one pair, as the rule sees them at a moment. Looks only; both reserves are accrued. */
export function termsOf(
  rules: AaveV3Rules,
  state: AaveState,
  account: AaveAccount,
  pair: { readonly debt: AaveReserve; readonly collateral: AaveReserve },
  data: Pick<AaveAccountData, 'totalDebtBase' | 'healthFactor'>,
  { price }: Pick<At, 'price'>,
): AaveLiquidationTerms {
  const { debt, collateral } = pair
  const held = account.positions.get(collateral.config.asset)?.scaledCollateral ?? 0n
  const owed = account.positions.get(debt.config.asset)?.scaledDebt ?? 0n
  return {
    reserveDebt: rules.owed(owed, debt.variableBorrowIndex),
    collateralBalance: rules.supplied(held, collateral.liquidityIndex),
    ...{ totalDebtBase: data.totalDebtBase, healthFactor: data.healthFactor },
    collateralPrice: price(collateral.config.feed),
    collateralUnit: 10n ** collateral.config.decimals,
    debtPrice: price(debt.config.feed),
    debtUnit: 10n ** debt.config.decimals,
    bonus: bonusOf(state, account, collateral),
    protocolFee: collateral.config.liquidationProtocolFee,
  }
}

/** Executes the call on `state` in place. Reverts where the contract does; the state is then to be thrown away. */
export function liquidationCall(
  rules: AaveV3Rules,
  state: AaveState,
  call: AaveLiquidationCall,
  at: At,
): AaveLiquidated {
  const borrower = state.accounts.get(call.borrower) ?? emptyAccount()
  const debtReserve = state.reserves.get(call.debt)
  ensure(debtReserve !== undefined, EMPTY_REVERT, `no reserve of ${call.debt}`)
  const collateralReserve = state.reserves.get(call.collateral)
  ensure(collateralReserve !== undefined, EMPTY_REVERT, `no reserve of ${call.collateral}`)
  accrueBoth(rules, debtReserve, collateralReserve, at.time)
  const collateral = accruedAt(rules, collateralReserve, at.time)
  const data = accountData(rules, state, borrower, at.price, at.time)
  const owed = rules.owed(positionOf(borrower, call.debt).scaledDebt, debtReserve.variableBorrowIndex)
  validate(rules, call, borrower, { debt: debtReserve, collateral, owed, data, time: at.time })
  const pair = { debt: debtReserve, collateral }
  const terms = termsOf(rules, state, borrower, pair, data, at)
  const sizes = liquidationSizes(rules, terms, call.debtToCover)
  const nothingLeft = dropFlag(rules, positionOf(borrower, call.collateral), collateral, terms, sizes, data)
  const deficits: AaveDeficit[] = []
  burnDebt(rules, debtReserve, borrower, { owed, repaid: sizes.repaid, nothingLeft }, deficits)
  if (rules.minor < 7 && (collateral.config.debtCeiling ?? 0n) !== 0n)
    reduceIsolated(rules, collateralReserve, debtReserve, sizes.repaid)
  const received = moveCollateral(rules, state, call, collateralReserve, borrower, sizes, terms, at)
  if (nothingLeft) burnBadDebt(rules, state, borrower, at.time, deficits)
  return { ...sizes, ...received, deficits }
}

/**
 * Up to v3.4 the collateral is accrued when it is burnt. In v3.5 and v3.6 both reserves are read before either is accrued: where they are one,
 * the treasury's share accrues twice.
 */
function accrueBoth(rules: AaveV3Rules, debt: AaveReserve, collateral: AaveReserve, time: bigint): void {
  const before = { ...collateral }
  accrue(rules, debt, time)
  if (rules.minor >= 7) accrue(rules, collateral, time)
  else if (rules.minor >= 5) accrue(rules, collateral, time, before)
}

function validate(
  rules: AaveV3Rules,
  call: AaveLiquidationCall,
  borrower: AaveAccount,
  seen: {
    readonly debt: AaveReserve
    readonly collateral: AaveReserve
    readonly owed: bigint
    readonly data: AaveAccountData
    readonly time: bigint
  },
): void {
  const { debt, collateral } = seen
  if (rules.minor >= 4) need(rules, call.borrower !== call.liquidator, 'SelfLiquidation')
  need(rules, debt.active !== false && collateral.active !== false, 'ReserveInactive')
  need(rules, !debt.paused && !collateral.paused, 'ReservePaused')
  const graceOver = collateral.graceUntil < seen.time && debt.graceUntil < seen.time
  need(rules, graceOver, 'LiquidationGraceSentinelCheckFailed')
  need(rules, seen.data.healthFactor < WAD, 'HealthFactorNotBelowThreshold')
  const enabled = borrower.positions.get(call.collateral)?.usedAsCollateral === true
  const counts = rules.minor >= 6 || collateral.config.liquidationThreshold !== 0n
  need(rules, enabled && counts, 'CollateralCannotBeLiquidated')
  need(rules, seen.owed !== 0n, 'SpecifiedCurrencyNotBorrowedByUser')
}

/** Unsets the collateral flag where the call takes everything; says whether no collateral is left anywhere, in base currency. */
function dropFlag(
  rules: AaveV3Rules,
  position: { readonly scaledCollateral: bigint; usedAsCollateral: boolean },
  collateral: AaveReserve,
  terms: AaveLiquidationTerms,
  { toLiquidator, fee }: AaveSizes,
  { totalCollateralBase }: AaveAccountData,
): boolean {
  const worth = (amount: bigint) => mul(amount, terms.collateralPrice) / terms.collateralUnit
  if (rules.minor < 7) {
    if (toLiquidator + fee === terms.collateralBalance) position.usedAsCollateral = false
    return worth(toLiquidator + fee) === totalCollateralBase
  }
  const index = collateral.liquidityIndex
  const taken = rules.burnt(toLiquidator, index) + rules.burnt(fee, index)
  const consumed = taken > position.scaledCollateral ? position.scaledCollateral : taken
  const nothingLeft = worth(rules.supplied(consumed, index)) === totalCollateralBase
  if (nothingLeft || consumed === position.scaledCollateral) position.usedAsCollateral = false
  return nothingLeft
}

/** Burns what is repaid; what is left of this debt becomes deficit when no collateral is left. */
function burnDebt(
  rules: AaveV3Rules,
  reserve: AaveReserve,
  borrower: AaveAccount,
  { owed, repaid, nothingLeft }: { readonly owed: bigint; readonly repaid: bigint; readonly nothingLeft: boolean },
  deficits: AaveDeficit[],
): void {
  const position = positionOf(borrower, reserve.config.asset)
  if (owed !== 0n) {
    const burnt = rules.repaid(nothingLeft ? owed : repaid, reserve.variableBorrowIndex)
    need(rules, burnt !== 0n, 'InvalidBurnAmount')
    position.scaledDebt = sub(position.scaledDebt, burnt)
    reserve.scaledDebt = sub(reserve.scaledDebt, burnt)
  }
  const outstanding = sub(owed, repaid)
  if (nothingLeft && outstanding !== 0n) {
    reserve.deficit = grown(rules, reserve.deficit, outstanding)
    deficits.push({ asset: reserve.config.asset, amount: outstanding })
  }
  if (rules.minor >= 4 ? position.scaledDebt === 0n : nothingLeft || outstanding === 0n) position.borrowing = false
  moveLiquidity(rules, reserve, repaid)
}

function moveCollateral(
  rules: AaveV3Rules,
  state: AaveState,
  call: AaveLiquidationCall,
  reserve: AaveReserve,
  borrower: AaveAccount,
  { repaid, toLiquidator, fee }: AaveSizes,
  { collateralBalance }: AaveLiquidationTerms,
  { time }: At,
): { readonly feeScaled: bigint; readonly receivedScaled: bigint } {
  const position = positionOf(borrower, call.collateral)
  const index = accruedAt(rules, reserve, time).liquidityIndex
  const scaled = rules.burnt(toLiquidator, index)
  if (call.receiveAToken) {
    const everything = toLiquidator + fee === collateralBalance
    receiveATokens(rules, state, call, reserve, position, { scaled, index, everything })
  } else {
    accrue(rules, reserve, time)
    moveLiquidity(rules, reserve, -toLiquidator)
    need(rules, scaled !== 0n, 'InvalidBurnAmount')
    sub(position.scaledCollateral, scaled)
    addScaled(reserve, position, -scaled)
    // The liquidator is paid before it pays: one asset on both sides is taken from what the pool held before. Where it holds less, the token refuses.
    if (call.debt === call.collateral) sub(reserve.virtualBalance, repaid)
  }
  let feeScaled = 0n
  if (fee !== 0n) {
    feeScaled = feeUnits(rules, fee, index, position.scaledCollateral)
    addScaled(reserve, position, -feeScaled)
    give(rules, reserve, positionOf(accountOf(state, state.treasury), call.collateral), feeScaled)
  }
  return { feeScaled, receivedScaled: call.receiveAToken ? scaled : 0n }
}

function give(rules: AaveV3Rules, reserve: AaveReserve, to: AavePosition, scaled: bigint): void {
  grown(rules, to.scaledCollateral, scaled, balanceBits(rules))
  addScaled(reserve, to, scaled)
}

/** What the account has left bounds the fee; up to v3.4 the way there and back through the index rounds again. */
function feeUnits(rules: AaveV3Rules, fee: bigint, index: bigint, balance: bigint): bigint {
  if (rules.minor >= 5) return burntAtMost(rules, fee, index, balance)
  const wanted = rules.burnt(fee, index)
  return wanted > balance ? rules.burnt(rules.supplied(balance, index), index) : wanted
}

/** Moves aTokens; up to v3.5 they become the liquidator's collateral when they are its first. */
function receiveATokens(
  rules: AaveV3Rules,
  state: AaveState,
  call: AaveLiquidationCall,
  reserve: AaveReserve,
  from: ReturnType<typeof positionOf>,
  moved: { readonly scaled: bigint; readonly index: bigint; readonly everything: boolean },
): void {
  const liquidator = accountOf(state, call.liquidator)
  const to = positionOf(liquidator, call.collateral)
  const first =
    (rules.minor >= 4 ? to.scaledCollateral : rules.supplied(to.scaledCollateral, moved.index)) === 0n ||
    (rules.minor === 3 && call.liquidator === call.borrower && moved.everything)
  sub(from.scaledCollateral, moved.scaled)
  addScaled(reserve, from, -moved.scaled)
  give(rules, reserve, to, moved.scaled)
  if (rules.minor < 6 && first && becomesCollateral(rules, state, liquidator, reserve)) to.usedAsCollateral = true
}

/** Writes off every other debt of an account that has no collateral left, in the order of the reserves. */
function burnBadDebt(
  rules: AaveV3Rules,
  state: AaveState,
  borrower: AaveAccount,
  time: bigint,
  deficits: AaveDeficit[],
): void {
  for (const [asset, reserve] of state.reserves) {
    const position = borrower.positions.get(asset)
    if (!position?.borrowing || reserve.active === false) continue
    accrue(rules, reserve, time)
    const owed = rules.owed(position.scaledDebt, reserve.variableBorrowIndex)
    burnDebt(rules, reserve, borrower, { owed, repaid: 0n, nothingLeft: true }, deficits)
  }
}
