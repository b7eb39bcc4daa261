/**
 * Kamino (klend): whether an obligation may be liquidated, why, with which bonus, and how much.
 *
 * Reasons in their order: loan-to-value exceeded; marked for deleveraging by the market's owner and the margin call over; a reserve's limit exceeded
 * and its margin call over (the threshold falls from 100 % by so many basis points a day, the bonus grows); the reserve's debt mature; the borrow's
 * term over. The bonus grows one for one with the overshoot between its bounds and never exceeds what is left to 100 %; close to insolvency it is
 * what is left, or the bad-debt bonus.
 *
 * Source: Kamino-Finance/klend@edd5ff5 `state/liquidation_operations.rs`. User orders are not carried.
 */
import { ensure, max, min, revert } from '../solidity.ts'
import { bpsDown, minus, ONE, overDown, percentDown, timesDown, toCeil, toFloor, whole } from './fraction.ts'
import type { KaminoReserve, KaminoReserveConfig } from './market.ts'
import { totalSupply } from './market.ts'
import {
  type KaminoBorrow,
  type KaminoObligation,
  type KaminoState,
  type KaminoValues,
  loanToValue,
  plainLoanToValue,
  reserveOf,
  secondsPastTerm,
  thresholdsOf,
  unhealthyLoanToValue,
} from './obligation.ts'

const DAY = 86_400n
/** 0.99 to the nearest 2^-60. */
const NEARLY_INSOLVENT = (99n * ONE + 50n) / 100n
const NO_CAP = 65_535n

/** Why. */
export type KaminoReason =
  | 'ltv-exceeded'
  | 'individual-deleveraging'
  | 'market-wide-deleveraging'
  | 'debt-maturity'
  | 'debt-term'

/** Which debt is repaid from which collateral, and what the rules look at. */
export type KaminoPair = {
  readonly state: KaminoState
  readonly obligation: KaminoObligation
  readonly values: KaminoValues
  readonly debt: string
  readonly collateral: string
  readonly time: bigint
}

/** The reason that applies, and its bonus as a fraction. */
export type KaminoTerms = { readonly reason: KaminoReason; readonly bonus: bigint }

type Sight = KaminoPair & { readonly debtReserve: KaminoReserve; readonly collateralReserve: KaminoReserve }

/** The first reason that applies to this pair; `undefined` when the obligation is healthy. */
export function reasonFor(pair: KaminoPair): KaminoTerms | undefined {
  const { state, debt, collateral } = pair
  const seen: Sight = { ...pair, debtReserve: reserveOf(state, debt), collateralReserve: reserveOf(state, collateral) }
  return byLtv(seen) ?? byMark(seen) ?? byLimits(seen) ?? byMaturity(seen) ?? byTerm(seen)
}

function byLtv({ state, obligation, values, debtReserve, collateralReserve }: Sight): KaminoTerms | undefined {
  const [ltv, allowed] = [loanToValue(values), unhealthyLoanToValue(values)]
  if (ltv < allowed || state.config.priceLiquidationDisabled) return undefined
  const cap = groupCap(state, obligation, collateralReserve, debtReserve)
  const bonus = liquidationBonus(collateralReserve.config, debtReserve.config, {
    ...{ allowed, ltv, plainLtv: plainLoanToValue(values), capBps: cap },
  })
  return { reason: 'ltv-exceeded', bonus }
}

/** Terms that the bonus depends on. */
export type KaminoBonusTerms = Pick<
  KaminoReserveConfig,
  'minLiquidationBonusBps' | 'maxLiquidationBonusBps' | 'badDebtLiquidationBonusBps'
>

/** The dynamic bonus at a loan-to-value, fraction. `plainLtv` is without borrow factors; `capBps` the elevation group's cap. */
export function liquidationBonus(
  collateral: KaminoBonusTerms,
  debt: KaminoBonusTerms,
  at: { readonly allowed: bigint; readonly ltv: bigint; readonly plainLtv: bigint; readonly capBps?: bigint },
): bigint {
  const { allowed, ltv, plainLtv, capBps = NO_CAP } = at
  if (plainLtv >= NEARLY_INSOLVENT) {
    const flat = bpsDown(min(collateral.badDebtLiquidationBonusBps, debt.badDebtLiquidationBonusBps))
    return plainLtv < ONE ? max(flat, ONE - plainLtv) : flat
  }
  const most = min(max(collateral.maxLiquidationBonusBps, debt.maxLiquidationBonusBps), capBps)
  const least = bpsDown(max(collateral.minLiquidationBonusBps, debt.minLiquidationBonusBps))
  return min(min(max(least, minus(ltv, allowed)), bpsDown(most)), ONE - plainLtv)
}

function groupCap(
  { config }: KaminoState,
  { group: id }: KaminoObligation,
  { config: collateral }: KaminoReserve,
  { config: debt }: KaminoReserve,
): bigint {
  const group = config.groups.get(id)
  if (!group || !collateral.groups.includes(id) || !debt.groups.includes(id)) return NO_CAP
  const cap = group.maxLiquidationBonusBps
  return cap > collateral.maxLiquidationBonusBps || cap > debt.maxLiquidationBonusBps || cap === 0n ? NO_CAP : cap
}

const days = (seconds: bigint) => whole(seconds) / DAY

function byMark(seen: Sight): KaminoTerms | undefined {
  const { state, obligation, values, time } = seen
  const period = state.config.individualMarginCallPeriod
  if (obligation.marginCallStarted === 0n || !state.config.autodeleverage || period === 0n) return undefined
  if (loanToValue(values) <= percentDown(obligation.deleverageTargetPct)) return undefined
  const since = max(time, obligation.marginCallStarted) - obligation.marginCallStarted
  if (since < period) return undefined
  return { reason: 'individual-deleveraging', bonus: bonusOfBoth(seen, days(since - period)) }
}

/** The growing bonus of whichever reserve offers more. */
function bonusOfBoth({ state, obligation, values, collateralReserve, debtReserve }: Sight, since: bigint): bigint {
  const key = ({ config }: KaminoReserve) =>
    [config.maxLiquidationBonusBps, config.bonusIncreaseBpsPerDay, config.minDeleveragingBonusBps] as const
  const [a, b] = [key(collateralReserve), key(debtReserve)]
  const first = a.findIndex((value, at) => value !== b[at])
  const collateralWins = first >= 0 && (a[first] ?? 0n) > (b[first] ?? 0n)
  const { config } = collateralWins ? collateralReserve : debtReserve
  const cap = groupCap(state, obligation, collateralReserve, debtReserve)
  return growingBonus(config, since, plainLoanToValue(values), cap)
}

/** The bonus of a deleveraging that began some days (fraction) ago, at most what is left to 100 %. */
export function growingBonus(
  config: Pick<KaminoReserveConfig, 'minDeleveragingBonusBps' | 'bonusIncreaseBpsPerDay' | 'maxLiquidationBonusBps'>,
  since: bigint,
  plainLtv: bigint,
  capBps = NO_CAP,
): bigint {
  const grown = bpsDown(config.minDeleveragingBonusBps) + timesDown(bpsDown(config.bonusIncreaseBpsPerDay), since)
  const most = bpsDown(min(config.maxLiquidationBonusBps, capBps))
  return min(grown, min(most, plainLtv < ONE ? ONE - plainLtv : 0n))
}

/** The loan-to-value at which a market-wide deleveraging reaches, some days (fraction) after it began. */
export function fallingThreshold({ thresholdDecreaseBpsPerDay }: KaminoReserveConfig, since: bigint): bigint {
  const fallen = timesDown(bpsDown(thresholdDecreaseBpsPerDay), since)
  return fallen < ONE ? ONE - fallen : 0n
}

function byLimits({ state, values, time, collateralReserve, debtReserve }: Sight): KaminoTerms | undefined {
  if (!state.config.autodeleverage) return undefined
  const deposits = totalSupply(collateralReserve) > whole(collateralReserve.depositLimit)
  const borrows = debtReserve.borrowedSf > whole(debtReserve.borrowLimit)
  return (
    limitTerms(collateralReserve, deposits ? collateralReserve.depositLimitCrossed : 0n, values, time) ??
    limitTerms(debtReserve, borrows ? debtReserve.borrowLimitCrossed : 0n, values, time)
  )
}

function limitTerms(
  { config }: KaminoReserve,
  crossed: bigint,
  values: KaminoValues,
  time: bigint,
): KaminoTerms | undefined {
  if (!config.autodeleverage || crossed === 0n || max(time, crossed) - crossed < config.marginCallPeriod)
    return undefined
  const since = days(time - crossed - config.marginCallPeriod)
  if (loanToValue(values) < fallingThreshold(config, since)) return undefined
  return { reason: 'market-wide-deleveraging', bonus: growingBonus(config, since, plainLoanToValue(values)) }
}

function byMaturity({ state, values, time, debtReserve: { config } }: Sight): KaminoTerms | undefined {
  if (config.debtMaturity === 0n || time < config.debtMaturity || !state.config.maturityLiquidation) return undefined
  const bonus = growingBonus(config, days(time - config.debtMaturity), plainLoanToValue(values))
  return { reason: 'debt-maturity', bonus }
}

function byTerm(seen: Sight): KaminoTerms | undefined {
  const borrow = seen.obligation.borrows.get(seen.debt)
  const since = borrow ? secondsPastTerm(borrow, seen.debtReserve, seen.time) : undefined
  if (since === undefined || !seen.state.config.termLiquidation) return undefined
  return { reason: 'debt-term', bonus: bonusOfBoth(seen, days(since)) }
}

/** What a liquidation moves: the debt settled (fraction), atoms paid, claims taken. */
export type KaminoLiquidation = KaminoTerms & {
  readonly settledSf: bigint
  readonly repaid: bigint
  readonly claims: bigint
}

/** The amounts of a liquidation that offers `amount` atoms. Stops with klend's error names. */
export function liquidation(pair: KaminoPair, amount: bigint): KaminoLiquidation {
  const { state, obligation, values, debt, collateral } = pair
  const { thresholdPct } = thresholdsOf(state, obligation, reserveOf(state, collateral))
  ensure(thresholdPct !== 0n, 'CollateralNonLiquidatable')
  ensure(amount !== 0n, 'InvalidAmount')
  ensure(values.deposited !== 0n, 'ObligationDepositsZero')
  ensure(values.adjusted !== 0n, 'ObligationBorrowsZero')
  const borrow = obligation.borrows.get(debt) ?? revert('InvalidObligationLiquidity')
  const debtValue = values.borrowed.find(({ reserve }) => reserve === debt)?.value ?? 0n
  ensure(debtValue !== 0n, 'ObligationLiquidityEmpty')
  const claims = obligation.deposits.get(collateral) ?? revert('InvalidObligationCollateral')
  const value = values.collateral.find(({ reserve }) => reserve === collateral)?.value ?? 0n
  ensure(value !== 0n, 'ObligationCollateralEmpty')
  const terms = reasonFor(pair) ?? revert('ObligationHealthy')
  ensurePriority(pair, terms.reason, thresholdPct)
  const offered = min(whole(amount), borrow.borrowedSf)
  const wholly = debtValue < whole(state.config.minFullLiquidationValue)
  ensure(!wholly || offered >= borrow.borrowedSf, 'RepayTooSmallForFullLiquidation')
  const settled = wholly ? borrow.borrowedSf : min(mostRepaid(pair, terms.reason, borrow, debtValue), offered)
  const worth = timesDown(timesDown(debtValue, overDown(settled, borrow.borrowedSf)), terms.bonus + ONE)
  const moved = amounts(settled, worth, { claims, value }, wholly)
  ensure(moved.repaid !== 0n && moved.claims !== 0n, 'LiquidationTooSmall')
  return { ...terms, ...moved }
}

/** By price the riskiest debt is repaid first; the collateral with the lowest threshold is taken first, but for deleveraging. */
function ensurePriority({ state, values, debt }: KaminoPair, reason: KaminoReason, thresholdPct: bigint): void {
  const factor = reserveOf(state, debt).config.borrowFactorPct
  ensure(reason !== 'ltv-exceeded' || factor >= values.highestBorrowFactorPct, 'LiquidationBorrowFactorPriority')
  const anyCollateral = reason === 'individual-deleveraging' || reason === 'market-wide-deleveraging'
  ensure(anyCollateral || thresholdPct <= values.lowestThresholdPct, 'LiquidationLowestLiquidationLtvPriority')
}

/** The most of a debt that one call may repay, fraction of atoms. */
function mostRepaid(
  { state, values, time, debt }: KaminoPair,
  reason: KaminoReason,
  borrow: KaminoBorrow,
  debtValue: bigint,
): bigint {
  const { config } = state
  if (reason === 'debt-maturity') return borrow.borrowedSf
  if (reason === 'debt-term') {
    const duration = config.fullLiquidationDuration
    const since = secondsPastTerm(borrow, reserveOf(state, debt), time) ?? 0n
    const kept =
      duration === 0n ? 0n : (whole(borrow.atExpiration) * (duration > since ? duration - since : 0n)) / duration
    return borrow.borrowedSf > kept ? borrow.borrowedSf - kept : 0n
  }
  const risky = loanToValue(values) > percentDown(config.insolvencyLtvPct)
  const part = timesDown(values.debt, risky ? ONE : percentDown(config.closeFactorPct))
  const most = min(min(part, debtValue), whole(config.maxDebtValueAtOnce))
  return timesDown(borrow.borrowedSf, overDown(most, debtValue))
}

function amounts(
  debt: bigint,
  worth: bigint,
  { claims, value }: { readonly claims: bigint; readonly value: bigint },
  wholly: boolean,
): Pick<KaminoLiquidation, 'settledSf' | 'repaid' | 'claims'> {
  if (worth > value) {
    const settledSf = wholly ? debt : timesDown(debt, overDown(value, worth))
    return { settledSf, repaid: toCeil(settledSf), claims }
  }
  if (worth === value) return { settledSf: debt, repaid: toCeil(debt), claims }
  const taken = timesDown(whole(claims), overDown(worth, value))
  return { settledSf: debt, repaid: toCeil(debt), claims: wholly && taken < ONE ? 1n : toFloor(taken) }
}

/** The protocol's part of the bonus in the liquidity received, atoms rounded up, at least 1. */
export function protocolFeeUp(liquidity: bigint, bonus: bigint, feePct: bigint): bigint {
  const received = whole(liquidity)
  const extra = received - overDown(received, bonus + ONE)
  return max(toCeil(timesDown(extra, percentDown(feePct))), 1n)
}
