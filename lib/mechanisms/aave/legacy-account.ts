/**
 * What an account of Aave v2 or v3.0 has, owes and may do: half-up balances, values rounded down, the average threshold rounded down to a basis point.
 * Sources: `GenericLogic.calculateUserAccountData` of protocol v2 1.0.1 and core v3 1.19.3 (there with e-mode's one price, `EModeLogic`).
 */
import { ensure } from '../solidity.ts'
import { add, mul, sub } from './checked.ts'
import {
  type AaveLegacy,
  accrueLegacy,
  normalizedDebt,
  normalizedIncome,
  stableBalance,
  updateLegacyRates,
} from './legacy-interest.ts'
import { type AaveAccount, type AavePosition, type AaveReserve, type AaveState, anyAsset } from './state.ts'
import { type AaveAccountData, type At, NO_DEBT, type PriceOf, thresholdOf } from './v3-account.ts'
import { EMPTY_REVERT, percentMul, rayMul, wadDiv } from './wad-ray.ts'

/** The category an account's asset belongs to, where the account is in it. */
function modeOf(state: AaveState, account: AaveAccount, asset: string) {
  const category = account.eMode === 0 ? undefined : state.eModes.get(account.eMode)
  return category?.collateral.includes(asset) ? category : undefined
}

/** The feed that prices an asset for an account: e-mode's where it has one and the asset is in it. */
export function legacyFeedOf(state: AaveState, account: AaveAccount, { config }: AaveReserve): string {
  return modeOf(state, account, config.asset)?.feed ?? config.feed
}

/** What a position holds, and owes at either rate, at a time, asset atoms. */
export function legacyBalances(rules: AaveLegacy, reserve: AaveReserve, position: AavePosition, time: bigint) {
  const variable = rayMul(position.scaledDebt, normalizedDebt(rules, reserve, time))
  const stable = stableBalance(rules, position.stable, time)
  const collateral = rayMul(position.scaledCollateral, normalizedIncome(reserve, time))
  return { collateral, variable, stable, debt: variable + stable }
}

/** Values an account at `time`, base currency of the version. Looks, changes nothing. */
export function legacyAccountData(
  rules: AaveLegacy,
  state: AaveState,
  account: AaveAccount,
  price: PriceOf,
  time: bigint,
): AaveAccountData {
  let [collateral, debt, weighted, borrowable, zeroLtv] = [0n, 0n, 0n, 0n, false]
  // The category's price is read even where no asset of the account is in it: without one the whole view reverts.
  const modeFeed = account.eMode === 0 ? undefined : state.eModes.get(account.eMode)?.feed
  if (modeFeed !== undefined && (anyAsset(account, 'usedAsCollateral') || anyAsset(account, 'borrowing')))
    price(modeFeed)
  for (const [asset, reserve] of state.reserves) {
    const position = account.positions.get(asset)
    if (!position || !(position.usedAsCollateral || position.borrowing)) continue
    const { config } = reserve
    const unit = 10n ** config.decimals
    const answer = price(legacyFeedOf(state, account, reserve))
    const balances = legacyBalances(rules, reserve, position, time)
    if (position.usedAsCollateral && config.liquidationThreshold !== 0n) {
      const value = mul(balances.collateral, answer) / unit
      collateral += value
      weighted += value * thresholdOf(state, account, reserve)
      borrowable += config.ltv === 0n ? 0n : value * (modeOf(state, account, asset) ?? config).ltv
      zeroLtv ||= config.ltv === 0n
    }
    if (position.borrowing) debt += mul(balances.debt, answer) / unit
  }
  const liquidationThreshold = collateral === 0n ? 0n : weighted / collateral
  return {
    ...{ totalCollateralBase: collateral, totalDebtBase: debt, liquidationThreshold, weighted, zeroLtv },
    ltv: collateral === 0n ? 0n : borrowable / collateral,
    healthFactor: debt === 0n ? NO_DEBT : wadDiv(percentMul(collateral, liquidationThreshold), debt),
  }
}

/**
 * Adds liquidity (negative: takes it) and sets the rates; `struck` as there. Reverts when more is taken than the pool holds: v2 always, v3.0 where there
 * is debt (`DefaultReserveInterestRateStrategy.calculateInterestRates` lines 165-172); else the token refuses when it is to pay, {@link checkPaid}.
 */
export function moveLegacyLiquidity(
  rules: AaveLegacy,
  reserve: AaveReserve,
  amount: bigint,
  time: bigint,
  struck = 0n,
): void {
  const { virtualBalance: before, scaledDebt, stable } = reserve
  const asked = rules === 'v2' || scaledDebt !== 0n || (stable?.principal ?? 0n) !== 0n || struck !== 0n
  if (asked && amount < 0n) sub(before, -amount)
  reserve.virtualBalance = amount > 0n ? add(before, amount) : before + amount
  updateLegacyRates(rules, reserve, time, struck)
}

/** Reverts as the token does when it was to pay out more than the pool holds. */
export function checkPaid({ virtualBalance }: AaveReserve): void {
  if (virtualBalance < 0n) sub(0n, -virtualBalance)
}

/** The reserve of an asset; a pool without it reverts without data. */
export function legacyReserve(state: AaveState, asset: string): AaveReserve {
  const reserve = state.reserves.get(asset)
  ensure(reserve !== undefined, EMPTY_REVERT, `no reserve of ${asset}`)
  return reserve
}

/** The reserve of an asset, accrued. */
export function accruedReserve(rules: AaveLegacy, state: AaveState, asset: string, { time }: At): AaveReserve {
  const reserve = legacyReserve(state, asset)
  accrueLegacy(rules, reserve, time)
  return reserve
}
