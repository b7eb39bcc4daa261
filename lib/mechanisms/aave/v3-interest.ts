/**
 * Interest of Aave v3.3 and later: indices, the treasury's share, and both rates after every change of liquidity.
 * Sources: `ReserveLogic` (`_updateIndexes`, `_accrueToTreasury`, `updateInterestRatesAndVirtualBalance`), `DefaultReserveInterestRateStrategyV2`.
 */
import { add, sub } from './checked.ts'
import type { AaveReserve } from './state.ts'
import { type AaveV3Rules, cast, grown } from './v3-rules.ts'
import { linearInterest, PERCENT, percentMul, RAY, rayDiv, rayMul, rayMulFloor } from './wad-ray.ts'

/**
 * Brings indices and the treasury's share to `time`. `before`: the reserve as the caller read it (see the note on one asset on both sides). Reverts
 * where an index or the share does not fit into 128 bits (`ReserveLogic._updateIndexes`, `_accrueToTreasury`: `toUint128`).
 */
export function accrue(
  rules: AaveV3Rules,
  reserve: AaveReserve,
  time: bigint,
  before: AaveReserve = { ...reserve },
): void {
  if (before.updated === time) return
  const { liquidityIndex, variableBorrowIndex } = indicesAt(rules, before, time)
  if (before.liquidityRate !== 0n) reserve.liquidityIndex = cast(rules, liquidityIndex, 128n)
  if (before.scaledDebt !== 0n) reserve.variableBorrowIndex = cast(rules, variableBorrowIndex, 128n)
  if (reserve.config.reserveFactor !== 0n) {
    const share = percentMul(interestOn(rules, before, reserve.variableBorrowIndex), reserve.config.reserveFactor)
    if (share !== 0n)
      reserve.accruedToTreasury = grown(rules, reserve.accruedToTreasury, rules.minted(share, reserve.liquidityIndex))
  }
  reserve.updated = time
}

function interestOn(rules: AaveV3Rules, { scaledDebt, variableBorrowIndex }: AaveReserve, index: bigint): bigint {
  return rules.minor >= 5
    ? rayMulFloor(scaledDebt, index - variableBorrowIndex)
    : rayMul(scaledDebt, index) - rayMul(scaledDebt, variableBorrowIndex)
}

/** What the indices have grown to, ray: the views, which cast nothing (`ReserveLogic.getNormalizedIncome`, `getNormalizedDebt`). */
function indicesAt(rules: AaveV3Rules, stored: AaveReserve, time: bigint) {
  const seconds = sub(time, stored.updated)
  const { liquidityRate, liquidityIndex: income, variableBorrowRate, variableBorrowIndex: debt } = stored
  return {
    liquidityIndex: liquidityRate === 0n ? income : rayMul(linearInterest(liquidityRate, seconds), income),
    variableBorrowIndex: stored.scaledDebt === 0n ? debt : rayMul(rules.compounded(variableBorrowRate, seconds), debt),
  }
}

/** The reserve with indices of `time`; looked at only, the rest is as it was stored. */
export function accruedAt(rules: AaveV3Rules, stored: AaveReserve, time: bigint): AaveReserve {
  if (stored.updated === time) return stored
  return { ...stored, ...indicesAt(rules, stored, time) }
}

/**
 * Adds liquidity (negative: takes it) and sets both rates. Reverts when more is taken than the pool counts as its own, which the rates notice where there
 * is debt, else the balance: `ReserveLogic.updateInterestRatesAndVirtualBalance`.
 */
export function moveLiquidity(rules: AaveV3Rules, reserve: AaveReserve, amount: bigint): void {
  const { virtualBalance: before } = reserve
  const after = () => (amount < 0n ? sub(before, -amount) : add(before, amount))
  updateRates(rules, reserve.scaledDebt === 0n ? reserve : { ...reserve, virtualBalance: after() }, reserve)
  if (amount >= 0n) reserve.virtualBalance = grown(rules, before, amount)
  else reserve.virtualBalance = sub(before, cast(rules, -amount, 128n))
}

/** Both rates for what the pool holds in `seen`, set in `reserve`. */
function updateRates(rules: AaveV3Rules, seen: AaveReserve, reserve: AaveReserve): void {
  const { baseRate, slope1, slope2, optimalUsage, reserveFactor } = seen.config
  const [base, first, second] = [toRay(baseRate), toRay(slope1), toRay(slope2)]
  const debt = rules.owed(seen.scaledDebt, seen.variableBorrowIndex)
  if (debt === 0n) {
    reserve.liquidityRate = 0n
    reserve.variableBorrowRate = base
    return
  }
  const optimal = toRay(optimalUsage)
  const whole = seen.virtualBalance + debt
  const usage = rayDiv(debt, whole)
  const supplyUsage = rayDiv(debt, whole + seen.deficit)
  const rate =
    usage > optimal
      ? base + first + rayMul(second, rayDiv(usage - optimal, RAY - optimal))
      : base + rayDiv(rayMul(first, usage), optimal)
  reserve.liquidityRate = cast(rules, percentMul(rayMul(rate, supplyUsage), PERCENT - reserveFactor), 128n)
  reserve.variableBorrowRate = cast(rules, rate, 128n)
}

const toRay = (bps: bigint) => bps * 10n ** 23n
