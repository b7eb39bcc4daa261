/**
 * Interest of Aave v3.3 and later: indices, the treasury's share, and both rates after every change of liquidity.
 * Sources: `ReserveLogic` (`_updateIndexes`, `_accrueToTreasury`, `updateInterestRatesAndVirtualBalance`), `DefaultReserveInterestRateStrategyV2`.
 */
import { MAX_UINT128, PANIC_ARITHMETIC, revert, sub } from '../solidity.ts'
import type { AaveReserve } from './state.ts'
import { type AaveV3Rules, cast } from './v3-rules.ts'
import { linearInterest, PERCENT, percentMul, RAY, rayDiv, rayMul, rayMulFloor } from './wad-ray.ts'

/** Brings indices and the treasury's share to `time`. `before`: the reserve as the caller read it (see the note on one asset on both sides). */
export function accrue(
  rules: AaveV3Rules,
  reserve: AaveReserve,
  time: bigint,
  before: AaveReserve = { ...reserve },
): void {
  if (before.updated === time) return
  const seconds = sub(time, before.updated)
  if (before.liquidityRate !== 0n)
    reserve.liquidityIndex = rayMul(linearInterest(before.liquidityRate, seconds), before.liquidityIndex)
  if (before.scaledDebt !== 0n)
    reserve.variableBorrowIndex = rayMul(
      rules.compounded(before.variableBorrowRate, seconds),
      before.variableBorrowIndex,
    )
  if (reserve.config.reserveFactor !== 0n) {
    const share = percentMul(interestOn(rules, before, reserve.variableBorrowIndex), reserve.config.reserveFactor)
    if (share !== 0n) reserve.accruedToTreasury += rules.minted(share, reserve.liquidityIndex)
  }
  reserve.updated = time
}

function interestOn(rules: AaveV3Rules, { scaledDebt, variableBorrowIndex }: AaveReserve, index: bigint): bigint {
  return rules.minor >= 5
    ? rayMulFloor(scaledDebt, index - variableBorrowIndex)
    : rayMul(scaledDebt, index) - rayMul(scaledDebt, variableBorrowIndex)
}

/** The reserve with indices of `time`; looked at only. */
export function accruedAt(rules: AaveV3Rules, stored: AaveReserve, time: bigint): AaveReserve {
  if (stored.updated === time) return stored
  const reserve = { ...stored }
  accrue(rules, reserve, time)
  return reserve
}

/** Adds liquidity (negative: takes it) and sets both rates. Reverts when more is taken than the pool counts as its own. */
export function moveLiquidity(rules: AaveV3Rules, reserve: AaveReserve, amount: bigint): void {
  const after = reserve.virtualBalance + amount
  if (after < 0n) revert(PANIC_ARITHMETIC, 'the pool has less liquidity than is taken')
  updateRates(rules, { ...reserve, virtualBalance: after }, reserve)
  if (amount > 0n) cast(amount, 128n)
  if (after > MAX_UINT128) revert(PANIC_ARITHMETIC)
  reserve.virtualBalance = after
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
  reserve.variableBorrowRate = rate
  reserve.liquidityRate = percentMul(rayMul(rate, supplyUsage), PERCENT - reserveFactor)
}

const toRay = (bps: bigint) => bps * 10n ** 23n
