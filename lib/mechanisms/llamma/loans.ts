/**
 * What a loan is worth: debt with interest, the band its debt puts it into, health, the part that a partial liquidation removes, and the bounds of
 * borrowing. Sources: `Controller.vy` `_debt`, `get_y_effective`, `_calculate_debt_n1`, `_health`, `_get_f_remove`, `max_borrowable`, `min_collateral`.
 */
import type { Moment } from '../../model/index.ts'
import { div, ensure, max, min, revert, zeroFloorSub } from '../solidity.ts'
import { lnWad, WAD } from './exponential.ts'
import { activeBandWithSkip, canSkipBands, slowly, sumXY } from './liquidity.ts'
import { oraclePrice, rateMulAt, upperPrice } from './price.ts'
import { DEAD_SHARES, type LlammaMarket, MAX_SKIP_TICKS, MAX_TICKS, MIN_TICKS } from './state.ts'

/** Bands around the oracle's in which the highest free band is looked for. */
const MAX_P_BASE_BANDS = 5
/** 1 − 1e-4: what bounds of borrowing leave for rounding. */
const ALMOST = WAD - 10n ** 14n

/** Debt with interest: rounded up when there are other loans, else down. 0 without a loan. */
export function debtOf(market: LlammaMarket, account: string, time: bigint): bigint {
  const loan = market.loans.get(account)
  if (!loan) return 0n
  const grown = loan.debt * rateMulAt(market, time)
  const up = grown % loan.rateMul > 0n && market.loans.size > 1
  return (up ? grown + loan.rateMul - 1n : grown) / loan.rateMul
}

/** Debt of all loans with interest, rounded down. */
export function totalDebt(market: LlammaMarket, time: bigint): bigint {
  return (market.totalDebt * rateMulAt(market, time)) / market.totalRateMul
}

/** Refuses a number of bands outside of 4 … 50 with the contract's words. */
export function checkBands(bands: number): void {
  ensure(Number.isInteger(bands) && bands >= MIN_TICKS, 'Need more ticks', `${bands} bands are fewer than ${MIN_TICKS}`)
  ensure(bands <= MAX_TICKS, 'Need less ticks', `${bands} bands are more than ${MAX_TICKS}`)
}

/**
 * Collateral (18 decimals) weighted by the prices of N bands below the first band's upper price and discounted: what it would fetch on a slow way
 * down is this times that price. Rounded down, with room for {@link DEAD_SHARES}.
 */
export function effectiveY(market: LlammaMarket, collateral: bigint, bands: number, discount: bigint): bigint {
  const n = BigInt(bands)
  const dead = (DEAD_SHARES * WAD) / max(collateral / n, DEAD_SHARES)
  let part = (collateral * (WAD - min(discount + dead, WAD))) / (market.controllerSqrtBandRatio * n)
  let sum = part
  for (let k = 1; k < bands; k++) {
    part = (part * (market.A - 1n)) / market.A
    sum += part
  }
  return sum
}

/** `floor(ln(value)/ln(A/(A − 1)))` as the Controller floors negative numbers. */
function bandsOf(market: LlammaMarket, value: bigint): number {
  let n = lnWad(value)
  if (n < 0n) n -= market.controllerLogARatio - 1n
  return Number(n / market.controllerLogARatio)
}

/**
 * Highest band of a loan of `debt` against `collateral` (tokens' units) over `bands`.
 * Reverts `Debt too high` where that is at or above the oracle or among bands that cannot be skipped, `No loan`, `Amount too low`.
 */
export function debtN1(market: LlammaMarket, collateral: bigint, debt: bigint, bands: number, at: Moment): number {
  ensure(debt > 0n, 'No loan')
  checkBands(bands)
  const time = BigInt(at.time)
  const active = market.activeBand
  const base = upperPrice(market, active, time)
  const effective = effectiveY(market, collateral * market.collateralPrecision, bands, market.loanDiscount)
  const ratio = (effective * base) / (debt * market.borrowedPrecision + 1n)
  ensure(ratio > 0n, 'Amount too low')
  const n1 = Math.min(bandsOf(market, ratio), MAX_SKIP_TICKS - bands) + active
  if (n1 <= active) ensure(canSkipBands(market, n1 - 1), 'Debt too high')
  ensure(upperPrice(market, n1, time) < oraclePrice(market, at).price, 'Debt too high')
  return n1
}

/**
 * Health, 18 decimals: below 0 the loan may be liquidated. Quick: what a slow way down fetches, less the discount, over the debt, less 1. Full adds
 * how far the oracle is above the loan's bands while they are untouched. Division towards zero, as in the contract. Reverts without a loan.
 */
export function healthOf(
  market: LlammaMarket,
  account: string,
  debt: bigint,
  kind: 'quick' | 'full',
  discount: bigint,
  at: Moment,
): bigint {
  ensure(debt > 0n, "Loan doesn't exist")
  const quick = (slowly(market, account, 'down', at) * (WAD - discount)) / debt - WAD
  return kind === 'quick' ? quick : quick + distanceAbove(market, account, debt, at)
}

function distanceAbove(market: LlammaMarket, account: string, debt: bigint, at: Moment): bigint {
  const n1 = market.deposits.get(account)?.n1 ?? 0
  if (n1 <= market.activeBand) return 0n
  const { price } = oraclePrice(market, at)
  const up = upperPrice(market, n1, BigInt(at.time))
  if (price <= up) return 0n
  const y = sumXY(market, account).y * market.collateralPrecision
  return ((price - up) * y) / (debt * market.borrowedPrecision)
}

/**
 * Share of a loan's bands that a liquidation of `fraction` of its debt removes (18 decimals): `((1 + h/2)/(1 + h)·(1 − fraction) + fraction)·fraction`,
 * h = the discount; each step rounded down.
 */
export function removedFraction(fraction: bigint, discount: bigint): bigint {
  if (fraction >= WAD) return WAD
  const base = ((WAD + discount / 2n) * (WAD - fraction)) / (WAD + discount)
  return ((base + fraction) * fraction) / WAD
}

/** Upper price of the highest band that a new deposit may reach (`max_p_base`). */
export function highestFreePrice(market: LlammaMarket, at: Moment): bigint {
  const time = BigInt(at.time)
  const { price } = oraclePrice(market, at)
  const basePrice = (market.basePrice * rateMulAt(market, time)) / WAD
  const least = activeBandWithSkip(market)
  let n1 = Math.max(bandsOf(market, (basePrice * WAD) / price) + MAX_P_BASE_BANDS, least + 1)
  let up = upperPrice(market, n1, time)
  for (let i = 0; i <= MAX_SKIP_TICKS; i++) {
    n1 -= 1
    if (n1 <= least) break
    const before = up
    up = (up * market.A) / (market.A - 1n)
    if (up > price) return before
  }
  return up
}

/** Most that may be borrowed against `collateral` (tokens' units) over `bands`, `owed` already borrowed; rounded down and 1e-4 less for rounding. */
export function maxBorrowable(
  market: LlammaMarket,
  collateral: bigint,
  bands: number,
  owed: bigint,
  at: Moment,
): bigint {
  checkBands(bands)
  const effective = effectiveY(market, collateral * market.collateralPrecision, bands, market.loanDiscount)
  const x = zeroFloorSub((effective * highestFreePrice(market, at)) / WAD, 1n)
  return min((x * ALMOST) / (WAD * market.borrowedPrecision), lendable(market) + owed)
}

/** Least collateral (token's units) for a debt over `bands`, 1e-4 more for rounding. */
export function minCollateral(market: LlammaMarket, debt: bigint, bands: number, at: Moment): bigint {
  checkBands(bands)
  const n = BigInt(bands)
  const perUnit = effectiveY(market, WAD, bands, market.loanDiscount)
  const scaled = div(((debt * WAD * market.borrowedPrecision) / highestFreePrice(market, at)) * WAD, perUnit)
  const room = n * (n + 2n * DEAD_SHARES) + market.collateralPrecision - 1n
  return (((scaled + room) / market.collateralPrecision) * WAD) / ALMOST
}

/** Stablecoins that the Controller still has to lend. */
export function lendable({ ceiling, minted, redeemed }: LlammaMarket): bigint {
  return ceiling - minted + redeemed
}

/** The loan and its debt now; reverts without one. */
export function loanOf(market: LlammaMarket, account: string, time: bigint) {
  const loan = market.loans.get(account)
  if (!loan) return revert("Loan doesn't exist")
  return { ...loan, owed: debtOf(market, account, time) }
}
