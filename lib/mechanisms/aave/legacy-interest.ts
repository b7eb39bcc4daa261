/**
 * Interest of Aave v2 and v3.0: half-up arithmetic, binomial compounding, stable-rate debt, rates by utilisation.
 * Sources: Aave protocol v2 1.0.1 (`MathUtils`, `ReserveLogic`, `DefaultReserveInterestRateStrategy`, `StableDebtToken`) and core v3 1.19.3 (the same
 * names), as recorded in the golden cases of both.
 */
import { cast128, mul, sub, sum } from './checked.ts'
import type { AavePosition, AaveReserve, AaveStableDebt } from './state.ts'
import { linearInterest, PERCENT, percentMul, RAY, rayDiv, rayMul, wadToRay, YEAR } from './wad-ray.ts'

/** The two rule books that know stable-rate debt. */
export type AaveLegacy = 'v2' | 'v3.0'

/** (1 + rate per second)^seconds by the first three terms of the binomial series, ray; the versions divide by the year at different places. */
export function compoundedBinomial(rules: AaveLegacy, rate: bigint, seconds: bigint): bigint {
  if (seconds === 0n) return RAY
  const minusOne = seconds - 1n
  const minusTwo = seconds > 2n ? seconds - 2n : 0n
  const perSecond = rate / YEAR
  const two = rules === 'v2' ? rayMul(perSecond, perSecond) : rayMul(rate, rate) / (YEAR * YEAR)
  const three = rules === 'v2' ? rayMul(two, perSecond) : rayMul(two, rate) / YEAR
  const first = rules === 'v2' ? perSecond * seconds : mul(rate, seconds) / YEAR
  return RAY + first + (seconds * minusOne * two) / 2n + (seconds * minusOne * minusTwo * three) / 6n
}

/** Stable-rate debt at `time`: principal compounded at its rate, asset atoms. */
export function stableBalance(rules: AaveLegacy, debt: AaveStableDebt | undefined, time: bigint): bigint {
  if (!debt || debt.principal === 0n) return 0n
  return rayMul(debt.principal, compoundedBinomial(rules, debt.rate, sub(time, debt.updated)))
}

/** The liquidity index as balances see it at `time`, ray. */
export function normalizedIncome(reserve: AaveReserve, time: bigint): bigint {
  if (reserve.updated === time) return reserve.liquidityIndex
  return rayMul(linearInterest(reserve.liquidityRate, sub(time, reserve.updated)), reserve.liquidityIndex)
}

/** The borrow index as debts see it at `time`, ray. */
export function normalizedDebt(rules: AaveLegacy, reserve: AaveReserve, time: bigint): bigint {
  if (reserve.updated === time) return reserve.variableBorrowIndex
  const grown = compoundedBinomial(rules, reserve.variableBorrowRate, sub(time, reserve.updated))
  return rayMul(grown, reserve.variableBorrowIndex)
}

/** v2's refusals of an index or a rate that 128 bits do not hold; v3.0 casts. */
const TOO_BIG = {
  liquidityIndex: '51',
  variableBorrowIndex: '52',
  liquidityRate: '53',
  stableRate: '55',
  variableRate: '54',
}
const stored = (rules: AaveLegacy, value: bigint, what: keyof typeof TOO_BIG) =>
  cast128(value, rules === 'v2' ? TOO_BIG[what] : undefined)

/**
 * Brings stored indices and the treasury's share to `time`. In v2 nothing moves while suppliers earn nothing. Reverts where an index does not fit into
 * 128 bits: v2 1.0.1 `ReserveLogic._updateIndexes` lines 349-376, core v3 1.19.3 `ReserveLogic._updateIndexes` lines 284-320.
 */
export function accrueLegacy(rules: AaveLegacy, reserve: AaveReserve, time: bigint): void {
  if (rules === 'v3.0' && reserve.updated === time) return
  const { liquidityRate, scaledDebt, variableBorrowIndex: before } = reserve
  const income = normalizedIncome(reserve, time)
  const debtIndex = normalizedDebt(rules, reserve, time)
  if (liquidityRate !== 0n) reserve.liquidityIndex = stored(rules, income, 'liquidityIndex')
  if (scaledDebt !== 0n && (rules === 'v3.0' || liquidityRate !== 0n))
    reserve.variableBorrowIndex = stored(rules, debtIndex, 'variableBorrowIndex')
  accrueToTreasury(rules, reserve, before, time)
  reserve.updated = time
}

function accrueToTreasury(rules: AaveLegacy, reserve: AaveReserve, before: bigint, time: bigint): void {
  if (reserve.config.reserveFactor === 0n) return
  const { scaledDebt, stable } = reserve
  const variable = rayMul(scaledDebt, reserve.variableBorrowIndex) - rayMul(scaledDebt, before)
  const fixed = stableBalance(rules, stable, time) - stableBalance(rules, stable, stableSince(stable, reserve.updated))
  const share = percentMul(variable + fixed, reserve.config.reserveFactor)
  if (share === 0n) return
  const scaled = rayDiv(share, reserve.liquidityIndex)
  if (rules === 'v2') reserve.accruedToTreasury += scaled
  else reserve.accruedToTreasury = sum(reserve.accruedToTreasury, cast128(scaled))
}

const stableSince = (stable: AaveStableDebt | undefined, updated: bigint) =>
  stable && stable.updated > updated ? stable.updated : updated

/** Sets the three rates for what the pool holds now; `struck`: what {@link burnStable} gave, atoms. */
export function updateLegacyRates(rules: AaveLegacy, reserve: AaveReserve, time: bigint, struck = 0n): void {
  const { config, virtualBalance } = reserve
  const fixed = stableBalance(rules, reserve.stable, time) + struck
  const variable = rayMul(reserve.scaledDebt, reserve.variableBorrowIndex)
  const debt = fixed + variable
  const usage = debt === 0n ? 0n : rayDiv(debt, virtualBalance + debt)
  const optimal = toRay(config.optimalUsage)
  const over = usage > optimal
  const excess = over ? rayDiv(usage - optimal, RAY - optimal) : 0n
  const [slope1, slope2, base] = [toRay(config.slope1), toRay(config.slope2), toRay(config.baseRate)]
  const variableRate = over ? base + slope1 + rayMul(slope2, excess) : base + rayDiv(rayMul(usage, slope1), optimal)
  const fixedRate = stableRate(rules, reserve, { usage, optimal, over, excess, fixed, debt })
  const overall =
    debt === 0n
      ? 0n
      : rayDiv(
          rayMul(wadToRay(variable), variableRate) + rayMul(wadToRay(fixed), reserve.stable?.rate ?? 0n),
          wadToRay(debt),
        )
  const liquidityRate = percentMul(rayMul(overall, usage), PERCENT - config.reserveFactor)
  reserve.liquidityRate = stored(rules, liquidityRate, 'liquidityRate')
  reserve.stableBorrowRate = stored(rules, fixedRate, 'stableRate')
  reserve.variableBorrowRate = stored(rules, variableRate, 'variableRate')
}

function stableRate(
  rules: AaveLegacy,
  { config }: AaveReserve,
  at: { usage: bigint; optimal: bigint; over: boolean; excess: bigint; fixed: bigint; debt: bigint },
): bigint {
  const curve = config.stable
  if (!curve) return 0n
  const [slope1, slope2] = [toRay(curve.slope1), toRay(curve.slope2)]
  const steep = slope1 + rayMul(slope2, at.excess)
  if (rules === 'v2') return (curve.market ?? 0n) + (at.over ? steep : rayMul(slope1, rayDiv(at.usage, at.optimal)))
  let rate = toRay(config.slope1) + toRay(curve.baseOffset ?? 0n)
  if (at.debt === 0n) return rate
  rate += at.over ? steep : rayDiv(rayMul(slope1, at.usage), at.optimal)
  const share = rayDiv(at.fixed, at.debt)
  const best = toRay(curve.optimalShare ?? 0n)
  if (share > best) rate += rayMul(toRay(curve.excessOffset ?? 0n), rayDiv(share - best, RAY - best))
  return rate
}

/**
 * Adds `amount` (atoms) at `rate` to a stable-rate debt: the user's after it, at the average of both, and the reserve's total. The user's rate fits into
 * 128 bits (v2: 79), in v3.0 the average and the principal too: `StableDebtToken.mint` of both.
 */
export function mintStable(
  rules: AaveLegacy,
  reserve: AaveReserve,
  debt: AaveStableDebt | undefined,
  { amount, rate, time }: { readonly amount: bigint; readonly rate: bigint; readonly time: bigint },
): AaveStableDebt {
  const added = (to: AaveStableDebt | undefined): AaveStableDebt => {
    const before = stableBalance(rules, to, time)
    const weight = rayMul(to?.rate ?? 0n, wadToRay(before)) + rayMul(rate, wadToRay(amount))
    return { principal: before + amount, rate: rayDiv(weight, wadToRay(before + amount)), updated: time }
  }
  const [after, total] = [added(debt), added(reserve.stable)]
  cast128(after.rate, rules === 'v2' ? '79' : undefined)
  if (rules === 'v3.0') {
    cast128(total.rate)
    const was = debt?.principal ?? 0n
    sum(was, cast128(after.principal - was))
  }
  reserve.stable = total
  return after
}

/**
 * Takes `amount` (atoms) off the stable-rate debt `debt` of `position`, and off the reserve's total, whose average rate follows.
 * Where the average would fall to nothing, the token strikes out the rest of the total. v2 sets its rates by the total as it then is; v3.0 by the
 * burn's answer, which still names the rest: that is what is given (atoms, else 0), for {@link updateLegacyRates}.
 * Source: core v3 1.19.3 `StableDebtToken.burn` lines 178-244, `LiquidationLogic._burnDebtTokens`, `BorrowLogic.executeRepay`.
 */
export function burnStable(
  rules: AaveLegacy,
  reserve: AaveReserve,
  position: AavePosition,
  debt: AaveStableDebt,
  amount: bigint,
  time: bigint,
): bigint {
  const balance = stableBalance(rules, debt, time)
  const supply = stableBalance(rules, reserve.stable, time)
  const first = rayMul(reserve.stable?.rate ?? 0n, wadToRay(supply))
  const second = rayMul(debt.rate, wadToRay(amount))
  const rest = supply > amount ? supply - amount : 0n
  const keeps = rest !== 0n && second < first
  const rate = keeps ? rayDiv(first - second, wadToRay(rest)) : 0n
  if (rules === 'v3.0') cast128(rate)
  reserve.stable = keeps ? { principal: rest, rate, updated: time } : undefined
  const left = sub(balance, amount)
  if (rules === 'v3.0' && left > debt.principal) sum(debt.principal, cast128(left - debt.principal))
  position.stable = amount === balance ? undefined : { principal: left, rate: debt.rate, updated: time }
  return keeps || rules === 'v2' ? 0n : rest
}

const toRay = (bps: bigint) => bps * 10n ** 23n
