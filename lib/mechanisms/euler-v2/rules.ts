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

/** A collateral's loan-to-values, 1e4; the liquidation one falls from `initial` until `targetTimestamp` (0: never configured). */
export type EulerLtv = {
  readonly borrow: bigint
  readonly liquidation: bigint
  readonly initial: bigint
  readonly targetTimestamp: bigint
  readonly rampDuration: bigint
}

/** An account: debt and shares in the vault, collateral vaults' shares by asset, and which of them it enabled, in order. */
export type EulerAccount = {
  readonly debt: EulerDebt
  shares: bigint
  readonly collaterals: Map<string, bigint>
  enabled: readonly string[]
  /** The vault controls the account: it borrowed and has not been released. */
  controller: boolean
  lastStatusCheck: bigint
}

/** A liability vault, the terms of its collaterals by asset, and its accounts. */
export type EulerState = {
  readonly vault: EulerVault
  readonly asset: string
  readonly name: string
  readonly ltvs: Map<string, EulerLtv>
  readonly accounts: Map<string, EulerAccount>
  readonly maxLiquidationDiscount: bigint
  readonly liquidationCoolOffTime: bigint
  readonly socializeDebt: boolean
}

/** An account that has nothing yet. */
export function emptyAccount({ interestAccumulator: accumulator }: EulerVault): EulerAccount {
  const nothing = { shares: 0n, enabled: [], controller: false, lastStatusCheck: 0n }
  return { debt: { owed: 0n, accumulator }, collaterals: new Map(), ...nothing }
}

/** True when a vault knows a collateral. */
export function isRecognized({ ltvs }: EulerState, asset: string): boolean {
  return (ltvs.get(asset)?.targetTimestamp ?? 0n) !== 0n
}

/** Quotes an amount of an asset (collateral or liability, by name) in the unit of account, 18 decimals. */
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

/** Both values for an account at mid prices and liquidation LTVs. The vault must be accrued. */
export function liquidityOf(state: EulerState, account: EulerAccount, quote: EulerQuote, time: bigint): EulerLiquidity {
  const rateOf = (ltv: EulerLtv) => liquidationLtvAt(ltv, time)
  const collateralValue = account.enabled.reduce(
    (sum, asset) => sum + collateralValueOf(state, account, asset, rateOf, quote),
    0n,
  )
  return { collateralValue, liabilityValue: liabilityValueOf(state, account, quote) }
}

function collateralValueOf(
  { ltvs }: EulerState,
  { collaterals }: EulerAccount,
  asset: string,
  rateOf: (ltv: EulerLtv) => bigint,
  quote: EulerQuote,
): bigint {
  const ltv = ltvs.get(asset)
  const rate = ltv ? rateOf(ltv) : 0n
  const balance = collaterals.get(asset) ?? 0n
  return rate === 0n || balance === 0n ? 0n : div(mul(quote(asset, balance), rate), CONFIG_SCALE)
}

function liabilityValueOf({ vault, asset }: EulerState, { debt }: EulerAccount, quote: EulerQuote): bigint {
  const owed = toAssetsUp(currentOwed(vault, debt))
  return owed === 0n ? 0n : quote(asset, owed)
}

/**
 * True when collateral at borrow LTVs exceeds the liability. Collateral is looked at in the account's order and only until it is enough
 * (`LiquidityUtils.checkLiquidity`), so a missing price beyond that stops nobody. The vault must be accrued.
 */
export function isBacked(state: EulerState, account: EulerAccount, quote: EulerQuote): boolean {
  if (account.debt.owed === 0n) return true
  const liability = liabilityValueOf(state, account, quote)
  let sum = 0n
  return account.enabled.some((asset) => {
    sum += collateralValueOf(state, account, asset, ({ borrow }) => borrow, quote)
    return sum > liability
  })
}

const NOTHING_OWED: EulerLiquidity = { collateralValue: 0n, liabilityValue: 0n }

/** True when an account is in violation: it owes something of value, and its collateral is not worth more. */
export function isViolating({ collateralValue, liabilityValue }: EulerLiquidity): boolean {
  return liabilityValue > 0n && collateralValue <= liabilityValue
}

/** What a liquidation takes: atoms of debt, vault shares of collateral. */
type Taken = { readonly repay: bigint; readonly yieldBalance: bigint }

function largest(
  state: EulerState,
  { collateralValue: adjusted, liabilityValue }: EulerLiquidity,
  liability: bigint,
  [asset, balance]: readonly [string, bigint],
  quote: EulerQuote,
): Taken {
  if (adjusted > liabilityValue || liabilityValue === 0n) return { repay: 0n, yieldBalance: 0n }
  const score = div(mul(adjusted, WAD), liabilityValue)
  const least = WAD - (WAD * state.maxLiquidationDiscount) / CONFIG_SCALE
  const factor = score < least ? least : score
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
  const { vault } = state
  const { violator: name, liquidator, collateral: asset, time } = call
  accrue(vault, time)
  const violator = state.accounts.get(name) ?? emptyAccount(vault)
  allow(state, call, violator)
  const liability = toAssetsUp(currentOwed(vault, violator.debt))
  const balance = violator.collaterals.get(asset) ?? 0n
  // Who owes nothing is not looked at: `calculateLiquidation` returns before it asks for a price.
  const liquidity = liability === 0n ? NOTHING_OWED : liquidityOf(state, violator, quote, time)
  const none = { repay: 0n, yieldBalance: 0n }
  const most = liability === 0n ? none : largest(state, liquidity, liability, [asset, balance], quote)
  const taken = liability === 0n ? most : partOf(most, call.repayAssets)
  if (call.minYield > taken.yieldBalance) revert('E_MinYield')
  const to = state.accounts.get(liquidator) ?? emptyAccount(vault)
  state.accounts.set(liquidator, to)
  if (taken.repay > 0n) transferBorrow(vault, violator.debt, to.debt, taken.repay)
  violator.collaterals.set(asset, balance - taken.yieldBalance)
  to.collaterals.set(asset, (to.collaterals.get(asset) ?? 0n) + taken.yieldBalance)
  const empty = violator.enabled.every((one) => !isRecognized(state, one) || !violator.collaterals.get(one))
  const valued = liquidity.liabilityValue >= MIN_SOCIALIZATION
  const debtSocialized =
    valued && state.socializeDebt && liability > taken.repay && empty ? liability - taken.repay : 0n
  if (debtSocialized > 0n) decreaseBorrow(vault, violator.debt, debtSocialized)
  return { ...taken, debtSocialized }
}

function allow(state: EulerState, { violator, liquidator, collateral, time }: EulerCall, account: EulerAccount): void {
  ensure(violator !== liquidator, 'E_SelfLiquidation')
  ensure(isRecognized(state, collateral), 'E_BadCollateral')
  // `validateController` of the violator; the liquidator's own controller would be `E_ControllerDisabled`.
  ensure(account.controller, 'E_NoLiability')
  ensure(account.enabled.includes(collateral), 'E_CollateralDisabled')
  ensure(time >= account.lastStatusCheck + state.liquidationCoolOffTime, 'E_LiquidationCoolOff')
}

/** A wished amount of what is allowed, its collateral in proportion. */
function partOf(most: Taken, wished: bigint): Taken {
  if (wished === AS_MUCH_AS_ALLOWED) return most
  if (wished > most.repay) revert('E_ExcessiveRepayAmount')
  if (most.repay === 0n) return most
  return { repay: wished, yieldBalance: div(mul(wished, most.yieldBalance), most.repay) }
}
