/** Aave v3.6 `liquidationCall`: checks, sizes, and every balance it moves, on a state that the caller may throw away. Rules stand in `v3-6.ts`. */
import { ensure, min, mul } from '../solidity.ts'
import { type AaveAccount, type AaveReserve, type AaveState, positionOf } from './state.ts'
import {
  type AaveLiquidationCall,
  type AaveSizes,
  accountData,
  accrue,
  bonusOf,
  liquidationSizes,
  type PriceOf,
  thresholdOf,
  updateRates,
} from './v3-6.ts'
import { rayDivCeil, rayDivFloor, rayMulCeil, rayMulFloor, WAD } from './wad-ray.ts'

/** What a liquidation did. `deficits` in the order in which the contract books them. */
export type AaveLiquidated = AaveSizes & {
  readonly feeScaled: bigint
  readonly receivedScaled: bigint
  readonly deficits: readonly { readonly asset: string; readonly amount: bigint }[]
}

/** Executes the call on `state` in place. Reverts where the contract does; the state is then to be thrown away. */
export function liquidationCall(
  state: AaveState,
  call: AaveLiquidationCall,
  price: PriceOf,
  time: bigint,
): AaveLiquidated {
  const borrower = state.accounts.get(call.borrower) ?? { eMode: 0, positions: new Map() }
  const debtReserve = state.reserves.get(call.debt)
  const collateralReserve = state.reserves.get(call.collateral)
  ensure(debtReserve !== undefined && collateralReserve !== undefined, 'ReserveInactive')
  // Both reserves are read before either is accrued: where they are one, the treasury's share accrues twice.
  const collateralBefore = { ...collateralReserve }
  accrue(debtReserve, time)
  accrue(collateralReserve, time, collateralBefore)
  const data = accountData(state, borrower, price, time)
  validate(state, call, borrower, debtReserve, collateralReserve, data.healthFactor, time)
  const debtPosition = positionOf(borrower, call.debt)
  const collateralPosition = positionOf(borrower, call.collateral)
  const reserveDebt = rayMulCeil(debtPosition.scaledDebt, debtReserve.variableBorrowIndex)
  ensure(reserveDebt !== 0n, 'SpecifiedCurrencyNotBorrowedByUser')
  const collateralBalance = rayMulFloor(collateralPosition.scaledCollateral, collateralReserve.liquidityIndex)
  const collateralPrice = price(collateralReserve.config.feed)
  const collateralUnit = 10n ** collateralReserve.config.decimals
  const sizes = liquidationSizes({
    ...{ debtToCover: call.debtToCover, reserveDebt, collateralBalance, collateralPrice, collateralUnit },
    ...{ totalDebtBase: data.totalDebtBase, healthFactor: data.healthFactor },
    debtPrice: price(debtReserve.config.feed),
    debtUnit: 10n ** debtReserve.config.decimals,
    bonus: bonusOf(state, borrower, collateralReserve),
    protocolFee: collateralReserve.config.liquidationProtocolFee,
  })
  const seized = sizes.toLiquidator + sizes.fee
  const nothingLeft = mul(seized, collateralPrice) / collateralUnit === data.totalCollateralBase
  const deficits: { asset: string; amount: bigint }[] = []
  burnDebt(debtReserve, borrower, reserveDebt, sizes.repaid, nothingLeft, deficits)
  const received = moveCollateral(state, call, collateralReserve, borrower, sizes)
  if (seized === collateralBalance) collateralPosition.usedAsCollateral = false
  if (collateralPosition.scaledCollateral === 0n) collateralPosition.usedAsCollateral = false
  if (nothingLeft) burnBadDebt(state, borrower, call.debt, time, deficits)
  return { ...sizes, ...received, deficits }
}

function validate(
  state: AaveState,
  call: AaveLiquidationCall,
  borrower: AaveAccount,
  debtReserve: AaveReserve,
  collateralReserve: AaveReserve,
  healthFactor: bigint,
  time: bigint,
): void {
  ensure(call.borrower !== call.liquidator, 'SelfLiquidation')
  ensure(!debtReserve.paused && !collateralReserve.paused, 'ReservePaused')
  ensure(collateralReserve.graceUntil < time && debtReserve.graceUntil < time, 'LiquidationGraceSentinelCheckFailed')
  ensure(healthFactor < WAD, 'HealthFactorNotBelowThreshold')
  const enabled = borrower.positions.get(call.collateral)?.usedAsCollateral === true
  ensure(enabled && thresholdOf(state, borrower, collateralReserve) !== 0n, 'CollateralCannotBeLiquidated')
}

/** Burns what is repaid; what is left of this debt becomes deficit when no collateral is left. */
function burnDebt(
  reserve: AaveReserve,
  borrower: AaveAccount,
  reserveDebt: bigint,
  repaid: bigint,
  nothingLeft: boolean,
  deficits: { asset: string; amount: bigint }[],
): void {
  const position = positionOf(borrower, reserve.config.asset)
  const index = reserve.variableBorrowIndex
  const burnt = nothingLeft || repaid === reserveDebt ? position.scaledDebt : rayDivFloor(repaid, index)
  ensure(burnt !== 0n, 'InvalidBurnAmount')
  position.scaledDebt -= burnt
  reserve.scaledDebt -= burnt
  if (position.scaledDebt === 0n) position.borrowing = false
  const deficit = reserveDebt - repaid
  if (nothingLeft && deficit > 0n) {
    reserve.deficit += deficit
    deficits.push({ asset: reserve.config.asset, amount: deficit })
  }
  reserve.virtualBalance += repaid
  updateRates(reserve)
}

function moveCollateral(
  state: AaveState,
  call: AaveLiquidationCall,
  reserve: AaveReserve,
  borrower: AaveAccount,
  { toLiquidator, fee }: AaveSizes,
): { readonly feeScaled: bigint; readonly receivedScaled: bigint } {
  const position = positionOf(borrower, call.collateral)
  const index = reserve.liquidityIndex
  const scaled = min(rayDivCeil(toLiquidator, index), position.scaledCollateral)
  let receivedScaled = 0n
  position.scaledCollateral -= scaled
  if (call.receiveAToken) {
    receivedScaled = scaled
    positionIn(state, call.liquidator, call.collateral).scaledCollateral += scaled
  } else {
    reserve.virtualBalance -= toLiquidator
    updateRates(reserve)
  }
  let feeScaled = 0n
  if (fee !== 0n) {
    feeScaled = min(rayDivCeil(fee, index), position.scaledCollateral)
    position.scaledCollateral -= feeScaled
    positionIn(state, state.treasury, call.collateral).scaledCollateral += feeScaled
  }
  return { feeScaled, receivedScaled }
}

/** Writes off every other debt of an account that has no collateral left. */
function burnBadDebt(
  state: AaveState,
  borrower: AaveAccount,
  done: string,
  time: bigint,
  deficits: { asset: string; amount: bigint }[],
): void {
  for (const [asset, reserve] of state.reserves) {
    const position = borrower.positions.get(asset)
    if (asset === done || !position?.borrowing || position.scaledDebt === 0n) continue
    accrue(reserve, time)
    const debt = rayMulCeil(position.scaledDebt, reserve.variableBorrowIndex)
    burnDebt(reserve, borrower, debt, 0n, true, deficits)
  }
}

function positionIn(state: AaveState, id: string, asset: string) {
  const account = state.accounts.get(id) ?? { eMode: 0, positions: new Map() }
  state.accounts.set(id, account)
  return positionOf(account, asset)
}
