/**
 * Aave v1: interest, balances and the health of an account. Principals with an index of their own; half-up rays; percentages are whole (config in bps
 * is divided by 100); borrowers also owe an origination fee; debts compound by exponentiation, and never stand still: at least one atom a touch.
 *
 * Not modelled: interest streams redirected to other accounts, flash loans, rebalancing of stable rates.
 *
 * Sources: aave/aave-protocol @4b4545f `CoreLibrary`, `WadRayMath`, `LendingPoolCore`, `LendingPoolDataProvider`, `DefaultReserveInterestRateStrategy`,
 * `AToken`.
 */
import { ensure } from '../solidity.ts'
import { add, mul, sub } from './checked.ts'
import type { AaveAccount, AavePosition, AaveReserve, AaveState, AaveV1Terms } from './state.ts'
import { type AaveAccountData, type At, NO_DEBT } from './v3-account.ts'
import { RAY, rayDiv, rayMul, WAD, wadDiv, wadToRay, YEAR } from './wad-ray.ts'

const RATIO = 10n ** 9n
/** Basis points of a whole percent. */
export const BPS = 100n
const NONE: AaveV1Terms = { index: 0n, debtIndex: 0n, fee: 0n, stableRate: 0n, updated: 0n }

/** What v1 stores of a position; nothing yet where it stores nothing. */
export function v1Terms({ v1 }: AavePosition): AaveV1Terms {
  return v1 ?? NONE
}

const rayToWad = (a: bigint) => add(RATIO / 2n, a) / RATIO

/** `x` to the power of `n` in rays, by squaring, half up at every step. */
export function rayPow(x: bigint, n: bigint): bigint {
  let [base, power] = [x, n / 2n]
  let result = n % 2n !== 0n ? x : RAY
  for (; power !== 0n; power /= 2n) {
    base = rayMul(base, base)
    if (power % 2n !== 0n) result = rayMul(result, base)
  }
  return result
}

/** Growth of a debt over `seconds` at a yearly rate, ray. */
export function compoundedV1(rate: bigint, seconds: bigint): bigint {
  return rayPow(rate / YEAR + RAY, seconds)
}

/** The liquidity index at `time`, ray. */
export function normalizedIncomeV1(reserve: AaveReserve, time: bigint): bigint {
  const years = rayDiv(sub(time, reserve.updated) * RATIO, YEAR * RATIO)
  return rayMul(add(rayMul(reserve.liquidityRate, years), RAY), reserve.liquidityIndex)
}

/** Brings both indices to `time` where anything is borrowed. The reserve's time is set with its rates. */
export function accrueV1(reserve: AaveReserve, time: bigint): void {
  if (add(reserve.stable?.principal ?? 0n, reserve.scaledDebt) === 0n) return
  const income = normalizedIncomeV1(reserve, time)
  const grown = compoundedV1(reserve.variableBorrowRate, sub(time, reserve.updated))
  reserve.liquidityIndex = income
  reserve.variableBorrowIndex = rayMul(grown, reserve.variableBorrowIndex)
}

/** aTokens of a position at `time`, asset atoms. */
export function aTokensV1(reserve: AaveReserve, position: AavePosition, time: bigint): bigint {
  if (position.scaledCollateral === 0n) return 0n
  const grown = rayMul(wadToRay(position.scaledCollateral), normalizedIncomeV1(reserve, time))
  return rayToWad(rayDiv(grown, v1Terms(position).index))
}

/** Debt of a position at `time` without its fee, asset atoms. */
export function debtV1(reserve: AaveReserve, position: AavePosition, time: bigint): bigint {
  const { scaledDebt: principal } = position
  if (principal === 0n) return 0n
  const { stableRate, debtIndex, updated } = v1Terms(position)
  const grown =
    stableRate > 0n
      ? compoundedV1(stableRate, sub(time, updated))
      : rayDiv(
          rayMul(compoundedV1(reserve.variableBorrowRate, sub(time, reserve.updated)), reserve.variableBorrowIndex),
          debtIndex,
        )
  const balance = rayToWad(rayMul(wadToRay(principal), grown))
  return balance === principal && updated !== time ? principal + 1n : balance
}

/** Sets the rates for the liquidity that will be there after `added` (negative: taken), and the reserve's time. */
export function updateRatesV1(reserve: AaveReserve, added: bigint, time: bigint): void {
  const { config, scaledDebt: variable, stable } = reserve
  const liquidity = added < 0n ? sub(reserve.virtualBalance, -added) : add(reserve.virtualBalance, added)
  const fixed = stable?.principal ?? 0n
  const debt = add(fixed, variable)
  const usage = debt === 0n ? 0n : rayDiv(debt, add(liquidity, debt))
  const optimal = toRay(config.optimalUsage)
  const [base, slope1, slope2] = [toRay(config.baseRate), toRay(config.slope1), toRay(config.slope2)]
  const [fixed1, fixed2] = [toRay(config.stable?.slope1 ?? 0n), toRay(config.stable?.slope2 ?? 0n)]
  const market = config.stable?.market ?? 0n
  if (usage > optimal) {
    const excess = rayDiv(usage - optimal, RAY - optimal)
    reserve.stableBorrowRate = add(add(market, fixed1), rayMul(fixed2, excess))
    reserve.variableBorrowRate = add(add(base, slope1), rayMul(slope2, excess))
  } else {
    const share = rayDiv(usage, optimal)
    reserve.stableBorrowRate = add(market, rayMul(fixed1, share))
    reserve.variableBorrowRate = add(base, rayMul(share, slope1))
  }
  const byRate = rayMul(wadToRay(variable), reserve.variableBorrowRate)
  const weighted = add(byRate, rayMul(wadToRay(fixed), stable?.rate ?? 0n))
  reserve.liquidityRate = debt === 0n ? 0n : rayMul(rayDiv(weighted, wadToRay(debt)), usage)
  reserve.updated = time
}

const toRay = (bps: bigint) => bps * 10n ** 23n

/** Adds stable-rate debt to the reserve's total, at the average of both rates. */
export function increaseStableV1(reserve: AaveReserve, amount: bigint, rate: bigint): void {
  const { principal = 0n, rate: average = 0n } = reserve.stable ?? {}
  const all = add(principal, amount)
  const weight = add(rayMul(wadToRay(amount), rate), rayMul(wadToRay(principal), average))
  reserve.stable = { principal: all, rate: rayDiv(weight, wadToRay(all)), updated: 0n }
}

/** Takes stable-rate debt off the reserve's total. */
export function decreaseStableV1(reserve: AaveReserve, amount: bigint, rate: bigint): void {
  const { principal = 0n, rate: average = 0n } = reserve.stable ?? {}
  ensure(principal >= amount, 'Invalid amount to decrease')
  const left = principal - amount
  if (left === 0n) {
    reserve.stable = undefined
    return
  }
  const [before, less] = [rayMul(wadToRay(principal), average), rayMul(wadToRay(amount), rate)]
  ensure(before >= less, "The amounts to subtract don't match")
  reserve.stable = { principal: left, rate: rayDiv(before - less, wadToRay(left)), updated: 0n }
}

/** Takes variable debt off the reserve's total. */
export function decreaseVariableV1(reserve: AaveReserve, amount: bigint): void {
  const enough = reserve.scaledDebt >= amount
  ensure(enough, 'The amount that is being subtracted from the variable total borrows is incorrect')
  reserve.scaledDebt -= amount
}

/** Adds variable debt to the reserve's total. */
export function increaseVariableV1(reserve: AaveReserve, amount: bigint): void {
  reserve.scaledDebt = add(reserve.scaledDebt, amount)
}

/** An account of v1 valued: `totalDebtBase` counts the fees, which stand alone in `feesBase`. `ltv`, `liquidationThreshold`: whole percents in bps. */
export type AaveV1Data = AaveAccountData & { readonly borrowsBase: bigint; readonly feesBase: bigint }

/** Values an account at `time`, base currency (wei). Looks, changes nothing. */
export function accountDataV1(state: AaveState, account: AaveAccount, { price, time }: At): AaveV1Data {
  // What is held and no collateral is summed too: the contract gives it, and reverts where it does not fit.
  let [liquidity, collateral, borrows, fees, weighted, borrowable] = [0n, 0n, 0n, 0n, 0n, 0n]
  for (const [asset, reserve] of state.reserves) {
    const position = account.positions.get(asset)
    if (!position) continue
    const held = aTokensV1(reserve, position, time)
    const debt = debtV1(reserve, position, time)
    if (held === 0n && debt === 0n) continue
    const { config } = reserve
    const unit = 10n ** config.decimals
    const answer = price(config.feed)
    const value = mul(answer, held) / unit
    liquidity = add(liquidity, value)
    if (config.liquidationThreshold !== 0n && position.usedAsCollateral) {
      collateral = add(collateral, value)
      borrowable = add(borrowable, mul(value, config.ltv / BPS))
      weighted = add(weighted, mul(value, config.liquidationThreshold / BPS))
    }
    if (debt > 0n) {
      borrows = add(borrows, mul(answer, debt) / unit)
      fees = add(fees, mul(v1Terms(position).fee, answer) / unit)
    }
  }
  const threshold = collateral === 0n ? 0n : weighted / collateral
  return {
    ...{ totalCollateralBase: collateral, totalDebtBase: borrows === 0n ? 0n : borrows + fees },
    ...{ borrowsBase: borrows, feesBase: fees, weighted: weighted * BPS, zeroLtv: false },
    ltv: collateral === 0n ? 0n : (borrowable / collateral) * BPS,
    liquidationThreshold: threshold * BPS,
    healthFactor: healthFactorV1(collateral, borrows, fees, threshold),
  }
}

/** Health factor, wad. Values in base currency, threshold in whole percents. */
export function healthFactorV1(collateral: bigint, borrows: bigint, fees: bigint, threshold: bigint): bigint {
  if (borrows === 0n) return NO_DEBT
  return wadDiv(mul(collateral, threshold) / 100n, add(borrows, fees))
}

/** Whether an account stays above a health factor of 1 with so much less of an asset. */
export function mayDecreaseV1(
  state: AaveState,
  account: AaveAccount,
  { config }: AaveReserve,
  amount: bigint,
  at: At,
): boolean {
  if (config.liquidationThreshold === 0n || !account.positions.get(config.asset)?.usedAsCollateral) return true
  const data = accountDataV1(state, account, at)
  if (data.borrowsBase === 0n) return true
  const less = mul(at.price(config.feed), amount) / 10n ** config.decimals
  const left = sub(data.totalCollateralBase, less)
  if (left === 0n) return false
  const total = mul(data.totalCollateralBase, data.liquidationThreshold / BPS)
  const weighted = sub(total, mul(less, config.liquidationThreshold / BPS))
  return healthFactorV1(left, data.borrowsBase, data.feesBase, weighted / left) > WAD
}
