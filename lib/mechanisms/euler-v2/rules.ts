/**
 * Euler v2: a vault's borrower is in violation when collateral adjusted by liquidation LTVs is not above the liability. The discount is one minus the
 * health score, up to a largest; all of the debt may be taken over at it for one collateral. What is left without any collateral is socialised.
 * Source: euler-xyz/euler-vault-kit@5b98b420 `Liquidation.sol`, `LiquidityUtils.sol`, `LTVConfig.sol`; recorded cases: 200 golden ones.
 */
import { div, ensure, MAX_UINT256, mul, revert } from '../solidity.ts'
import {
  accrue,
  CONFIG_SCALE,
  currentOwed,
  decreaseBorrow,
  type EulerDebt,
  type EulerVault,
  toAssetsUp,
  transferBorrow,
} from './vault.ts'

const WAD = 10n ** 18n
/** Least liability value (unit of account) at which what is left is socialised. */
const MIN_SOCIALIZATION = 1_000_000n
/** `repayAssets` that means: as much as allowed. */
export const AS_MUCH_AS_ALLOWED = MAX_UINT256

/** A collateral's loan-to-values, 1e4; the liquidation one falls from `initial` until `targetTimestamp`. */
export type EulerLtv = {
  readonly liquidation: bigint
  readonly initial: bigint
  readonly targetTimestamp: bigint
  readonly rampDuration: bigint
}

/** A collateral: vault shares that the violator holds, and its terms (`undefined`: never configured). */
export type EulerCollateral = { balance: bigint; readonly ltv: EulerLtv | undefined; readonly enabled: boolean }

/** The liability vault with one violator and one liquidator. */
export type EulerState = {
  readonly vault: EulerVault
  readonly debts: Map<string, EulerDebt>
  /** By asset, in the order in which the violator enabled them. */
  readonly collaterals: Map<string, EulerCollateral>
  readonly maxLiquidationDiscount: bigint
  readonly liquidationCoolOffTime: bigint
  readonly lastStatusCheck: bigint
  readonly socializeDebt: boolean
}

/** Quotes an amount of an asset (collateral by name, '' the liability) in the unit of account, 18 decimals. */
export type EulerQuote = (asset: string, amount: bigint) => bigint

/** The liquidation LTV in force at a time, 1e4. */
export function liquidationLtvAt(
  { liquidation, initial, targetTimestamp, rampDuration }: EulerLtv,
  time: bigint,
): bigint {
  if (time >= targetTimestamp || liquidation >= initial) return liquidation
  return liquidation + ((initial - liquidation) * (targetTimestamp - time)) / rampDuration
}

/** Risk-adjusted collateral value and liability value in the unit of account. */
export type EulerLiquidity = { readonly collateralValue: bigint; readonly liabilityValue: bigint }

/** Both values for a violator, at liquidation LTVs and mid prices. The vault must be accrued. */
export function liquidityOf(state: EulerState, violator: string, quote: EulerQuote, time: bigint): EulerLiquidity {
  let collateralValue = 0n
  for (const [asset, { balance, ltv, enabled }] of state.collaterals) {
    const rate = ltv && enabled ? liquidationLtvAt(ltv, time) : 0n
    if (rate !== 0n && balance !== 0n) collateralValue += div(mul(quote(asset, balance), rate), CONFIG_SCALE)
  }
  const debt = state.debts.get(violator)
  const owed = debt ? toAssetsUp(currentOwed(state.vault, debt)) : 0n
  return { collateralValue, liabilityValue: owed === 0n ? 0n : quote('', owed) }
}

/** What a liquidation takes: atoms of debt, vault shares of collateral. */
type Taken = { readonly repay: bigint; readonly yieldBalance: bigint }

function largest(
  state: EulerState,
  { collateralValue: adjusted, liabilityValue }: EulerLiquidity,
  liability: bigint,
  asset: string,
  quote: EulerQuote,
): Taken {
  if (adjusted > liabilityValue || liabilityValue === 0n) return { repay: 0n, yieldBalance: 0n }
  const score = div(mul(adjusted, WAD), liabilityValue)
  const least = WAD - (WAD * state.maxLiquidationDiscount) / CONFIG_SCALE
  const factor = score < least ? least : score
  const balance = state.collaterals.get(asset)?.balance ?? 0n
  const worth = quote(asset, balance)
  // Worthless collateral is handed over for nothing.
  if (worth === 0n) return { repay: 0n, yieldBalance: balance }
  const wanted = div(mul(liabilityValue, WAD), factor)
  const [repayValue, yieldValue] = worth < wanted ? [div(mul(worth, factor), WAD), worth] : [liabilityValue, wanted]
  return { repay: div(mul(repayValue, liability), liabilityValue), yieldBalance: div(mul(yieldValue, balance), worth) }
}

/** A call: `minYield` in vault shares. */
export type EulerCall = {
  readonly violator: string
  readonly liquidator: string
  readonly collateral: string
  readonly repayAssets: bigint
  readonly minYield: bigint
  readonly time: bigint
}

/** What was moved: atoms repaid and socialised, vault shares handed over, and the liquidity before. */
export type EulerLiquidation = Taken & { readonly debtSocialized: bigint }

/** `liquidate(violator, collateral, repayAssets, minYieldBalance)`. Reverts with the contract's error names. */
export function liquidate(state: EulerState, call: EulerCall, quote: EulerQuote): EulerLiquidation {
  const { vault, collaterals } = state
  const { violator, liquidator, collateral: asset, time } = call
  accrue(vault, time)
  const debt = state.debts.get(violator) ?? { owed: 0n, accumulator: vault.interestAccumulator }
  const liability = toAssetsUp(currentOwed(vault, debt))
  ensure(violator !== liquidator, 'E_SelfLiquidation')
  const held = collaterals.get(asset)
  ensure(held?.ltv !== undefined && held.ltv.targetTimestamp !== 0n, 'E_BadCollateral')
  ensure(held.enabled, 'E_CollateralDisabled')
  ensure(time >= state.lastStatusCheck + state.liquidationCoolOffTime, 'E_LiquidationCoolOff')
  const liquidity = liquidityOf(state, violator, quote, time)
  const most = liability === 0n ? { repay: 0n, yieldBalance: 0n } : largest(state, liquidity, liability, asset, quote)
  const taken = liability === 0n ? most : partOf(most, call.repayAssets)
  if (call.minYield > taken.yieldBalance) revert('E_MinYield')
  if (taken.repay > 0n) {
    const to = state.debts.get(liquidator) ?? { owed: 0n, accumulator: vault.interestAccumulator }
    state.debts.set(liquidator, to)
    transferBorrow(vault, debt, to, taken.repay)
  }
  held.balance -= taken.yieldBalance
  const empty = [...collaterals.values()].every(
    ({ balance, ltv, enabled }) => !enabled || ltv === undefined || ltv.targetTimestamp === 0n || balance === 0n,
  )
  const computed = liability !== 0n && liquidity.liabilityValue >= MIN_SOCIALIZATION
  const debtSocialized =
    computed && state.socializeDebt && liability > taken.repay && empty ? liability - taken.repay : 0n
  if (debtSocialized > 0n) decreaseBorrow(vault, debt, debtSocialized)
  return { ...taken, debtSocialized }
}

/** A wished amount of what is allowed, its collateral in proportion. */
function partOf(most: Taken, wished: bigint): Taken {
  if (wished === AS_MUCH_AS_ALLOWED) return most
  if (wished > most.repay) revert('E_ExcessiveRepayAmount')
  if (most.repay === 0n) return most
  return { repay: wished, yieldBalance: div(mul(wished, most.yieldBalance), most.repay) }
}
