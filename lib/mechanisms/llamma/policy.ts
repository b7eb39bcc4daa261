/**
 * The interest of a market per second (18 decimals): constant, semi-logarithmic in utilisation (LlamaLend), or crvUSD's aggregate policy with the
 * stablecoin's price and its peg keepers as inputs. Sources: `SemilogMonetaryPolicy.vy` at e6fc18a0, `AggMonetaryPolicy4.vy` at 61f1a611 with curve-std's
 * `ema.vy` and snekmate 0.1's exponential; both round down.
 */
import { min } from '../solidity.ts'
import { expFloor, expWad, lnHalving, WAD } from './exponential.ts'
import { rateMulAt } from './price.ts'
import type { DebtCandle, LlammaMarket, LlammaPolicy } from './state.ts'

/** The Controller takes no more per second: 300 % a year. */
export const MAX_RATE = 43_959_106_799n
const MAX_EXP = 1_000n * WAD
/** The rate is ×1.9 when this share of the ceiling is left. */
const TARGET_REMAINDER = WAD / 10n
const HALF_DAY = 43_200n

type Aggregate = Extract<LlammaPolicy, { kind: 'aggregate' }>

/** `exp` of the policies: 0 far below, at most 1,000. */
function boundedExp(power: bigint): bigint {
  if (power <= -41_446_531_673_892_821_376n) return 0n
  return power >= 135_305_999_368_893_231_589n ? MAX_EXP : min(expFloor(power), MAX_EXP)
}

/** Semi-log rate: rmin·(rmax/rmin)^u with u = debt / (debt + idle), the exponent rounded towards zero. */
export function semilogRate(minRate: bigint, maxRate: bigint, debt: bigint, idle: bigint): bigint {
  if (debt === 0n) return minRate
  const low = lnHalving(minRate)
  const power = (debt * (lnHalving(maxRate) - low)) / (debt + idle) + low
  return power <= -41_446_531_673_892_821_376n ? 0n : expWad(power)
}

/** 1 + how much fuller than empty a market is, as the rate counts it: `0.9 + 0.1/(1 − debt/ceiling)`, the debt at most 99.99 % of the ceiling. */
export function ceilingMultiplier(debt: bigint, ceiling: bigint): bigint {
  const most = WAD - TARGET_REMAINDER / 1_000n
  const fraction = ceiling > 0n ? min(most, (debt * WAD) / ceiling) : most
  return WAD - TARGET_REMAINDER + (TARGET_REMAINDER * WAD) / (WAD - fraction)
}

/**
 * Aggregate rate: `(r0·exp((1 − price)/σ − ratio/target) + extra)·ceilingMultiplier`, at most {@link MAX_RATE}. `ratio` is the average share of peg
 * keepers' debt in all debt.
 */
export function aggregateRate(
  {
    rate0,
    sigma,
    targetFraction,
    extra,
    price,
  }: Pick<Aggregate, 'rate0' | 'sigma' | 'targetFraction' | 'extra' | 'price'>,
  ratio: bigint,
  debt: bigint,
  ceiling: bigint,
): bigint {
  const power = ((WAD - price) * WAD) / sigma - (ratio * WAD) / targetFraction
  const rate = (rate0 * boundedExp(power)) / WAD + extra
  return min((rate * ceilingMultiplier(debt, ceiling)) / WAD, MAX_RATE)
}

/** Asks the policy, which remembers debts, and sets the market's rate from now on (`_save_rate`). */
export function saveRate(market: LlammaMarket, time: bigint): void {
  const rate = min(nextRate(market, time), MAX_RATE)
  market.rateMul = rateMulAt(market, time)
  market.rateTime = time
  market.rate = rate
}

function nextRate(market: LlammaMarket, time: bigint): bigint {
  const { policy } = market
  if (policy.kind === 'constant') return policy.rate
  const debt = (market.totalDebt * rateMulAt(market, time)) / market.totalRateMul
  if (policy.kind === 'semilog') {
    const idle = market.ceiling + market.redeemed - market.minted
    return semilogRate(policy.minRate, policy.maxRate, debt, idle)
  }
  const total = debt + policy.otherDebt
  remember(policy.total, total, time)
  remember(policy.own, debt, time)
  const leastTotal = leastDebt(policy.total, time) || total
  const leastOwn = leastDebt(policy.own, time) || debt
  const average = averageRatio(policy, time)
  const rate = aggregateRate(policy, average, leastOwn, market.ceiling)
  policy.ratio.average = average
  policy.ratio.value = leastTotal > 0n ? (policy.pegKeeperDebt * WAD) / leastTotal : 0n
  policy.ratio.time = time
  return rate
}

/** The moving average of the peg keepers' ratio: the last written value weighs in with the time it stood. */
function averageRatio({ ratio }: Aggregate, time: bigint): bigint {
  if (time <= ratio.time) return ratio.average
  const power = -(((time - ratio.time) * WAD) / ratio.seconds)
  const alpha = expFloor(power)
  return (ratio.value * (WAD - alpha) + ratio.average * alpha) / WAD
}

/** The least debt of the present and past half day; 0: nothing is known. */
function leastDebt({ earlier, later, time: at }: DebtCandle, time: bigint): bigint {
  const begun = (at / HALF_DAY) * HALF_DAY
  if (time < begun + HALF_DAY) return earlier > 0n ? min(earlier, later) : later
  return time < begun + 2n * HALF_DAY ? later : 0n
}

function remember(candle: DebtCandle, debt: bigint, time: bigint): void {
  if (candle.time === 0n && debt === 0n) return
  const begun = (candle.time / HALF_DAY) * HALF_DAY
  if (time < begun + HALF_DAY) candle.later = min(candle.later, debt)
  else {
    candle.earlier = time < begun + 2n * HALF_DAY ? candle.later : debt
    candle.later = debt
  }
  candle.time = time
}
