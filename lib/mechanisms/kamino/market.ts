/**
 * Kamino (klend): a market's terms, its reserves with their interest, and the exchange between liquidity and the claims on it (cTokens).
 *
 * - borrow rate: from a curve of up to eleven points over utilisation; interest per slot (two slots a second) by the first terms of the binomial
 *   series; the protocol keeps a part of it, which is no longer the lenders'.
 * - claims: liquidity = claims · total supply / all claims, rounded down; depositing rounds the liquidity taken up.
 * - cumulative rate: grows with the debt; an obligation's debt follows it, rounded down.
 *
 * Not carried: referrers, borrow and flash-loan fees, withdrawal caps and queues, user orders, rollovers.
 * Source: Kamino-Finance/klend@edd5ff5 (1.16.0) `state/reserve.rs`, `state/lending_market.rs`, `utils/borrow_rate_curve.rs`.
 */
import { ensure } from '../solidity.ts'
import {
  amount64,
  bpsDown,
  fit,
  minus,
  ONE,
  overDown,
  percentDown,
  timesDown,
  toCeil,
  toFloor,
  toNearest,
  whole,
} from './fraction.ts'

const SLOTS_PER_SECOND = 2n
const SLOTS_PER_YEAR = SLOTS_PER_SECOND * 86_400n * 365n

/** An elevation group: better terms for one debt against chosen collateral. Percent and basis points. */
export type KaminoGroup = {
  readonly debtReserve: string
  readonly ltvPct: bigint
  readonly liquidationThresholdPct: bigint
  readonly maxLiquidationBonusBps: bigint
}

/** A market's terms. Values in whole dollars; percent; seconds. */
export type KaminoMarketConfig = {
  readonly closeFactorPct: bigint
  readonly insolvencyLtvPct: bigint
  readonly maxDebtValueAtOnce: bigint
  readonly minFullLiquidationValue: bigint
  readonly autodeleverage: boolean
  readonly individualMarginCallPeriod: bigint
  readonly priceLiquidationDisabled: boolean
  readonly maturityLiquidation: boolean
  readonly termLiquidation: boolean
  /** Debt past its term becomes liquidatable over so many seconds; 0 = at once. */
  readonly fullLiquidationDuration: bigint
  readonly globalAllowedBorrowValue: bigint
  /** Least net value of a leg that a user may leave, as a fraction. */
  readonly minNetValue: bigint
  /** From which value on a debt counts for the highest borrow factor, a collateral for the lowest threshold. */
  readonly minValueBorrowFactorChecks: bigint
  readonly minValueThresholdChecks: bigint
  readonly groups: ReadonlyMap<string, KaminoGroup>
}

/** The market's defaults of the code: close factor 20 %, insolvency 95 %, $500,000 at once, whole below $2. */
export const KAMINO_DEFAULTS: KaminoMarketConfig = {
  ...{ closeFactorPct: 20n, insolvencyLtvPct: 95n, maxDebtValueAtOnce: 500_000n, minFullLiquidationValue: 2n },
  ...{ autodeleverage: true, individualMarginCallPeriod: 259_200n, priceLiquidationDisabled: false },
  ...{ maturityLiquidation: true, termLiquidation: true, fullLiquidationDuration: 0n },
  ...{ globalAllowedBorrowValue: 45_000_000n, minNetValue: ONE / 1_000_000n, groups: new Map() },
  ...{ minValueBorrowFactorChecks: 0n, minValueThresholdChecks: 0n },
}

/** A reserve's terms: percent, basis points, seconds, limits in atoms. `curve`: [utilisation, yearly rate], basis points, from 0 to 10,000. */
export type KaminoReserveConfig = {
  readonly loanToValuePct: bigint
  readonly liquidationThresholdPct: bigint
  readonly borrowFactorPct: bigint
  readonly minLiquidationBonusBps: bigint
  readonly maxLiquidationBonusBps: bigint
  readonly badDebtLiquidationBonusBps: bigint
  readonly protocolLiquidationFeePct: bigint
  readonly protocolTakeRatePct: bigint
  readonly hostFixedInterestRateBps: bigint
  readonly utilizationLimitPct: bigint
  readonly curve: readonly (readonly [utilisation: bigint, rate: bigint])[]
  readonly autodeleverage: boolean
  readonly marginCallPeriod: bigint
  readonly thresholdDecreaseBpsPerDay: bigint
  readonly minDeleveragingBonusBps: bigint
  readonly bonusIncreaseBpsPerDay: bigint
  /** Unix seconds when all debt of the reserve falls due; 0 = never. Seconds after which a borrow does; 0 = never. */
  readonly debtMaturity: bigint
  readonly debtTermSeconds: bigint
  readonly groups: readonly string[]
}

/** A reserve. `available` and `claims` in atoms; `…Sf` are fractions; prices come from `feed` as a fraction of dollars per whole token. */
export type KaminoReserve = {
  readonly asset: string
  readonly feed: string
  readonly decimals: bigint
  readonly config: KaminoReserveConfig
  depositLimit: bigint
  borrowLimit: bigint
  available: bigint
  borrowedSf: bigint
  /** May exceed 128 bits. */
  cumulativeRateSf: bigint
  protocolFeesSf: bigint
  claims: bigint
  /** Since when a limit is exceeded, unix seconds; 0 = it is not. */
  depositLimitCrossed: bigint
  borrowLimitCrossed: bigint
  lastSlot: bigint
  /** Protocol's part of liquidation bonuses, atoms. */
  feeVault: bigint
}

/** Slot of a time: two a second, as klend counts. */
export function slotOf(time: bigint): bigint {
  return time * SLOTS_PER_SECOND
}

/** What lenders own: available + borrowed − the protocol's fees. */
export function totalSupply({ available, borrowedSf, protocolFeesSf }: KaminoReserve): bigint {
  return minus(whole(available) + borrowedSf, protocolFeesSf)
}

/** Yearly borrow rate now. */
export function borrowRateDown(reserve: KaminoReserve): bigint {
  const supply = totalSupply(reserve)
  const used = supply === 0n ? 0n : overDown(reserve.borrowedSf, supply)
  const utilisation = used > ONE ? ONE : used
  const bps = toNearest(utilisation * 10_000n)
  const { curve } = reserve.config
  const at = curve.findIndex((from, index) => bps >= from[0] && bps <= (curve[index + 1]?.[0] ?? -1n))
  const [start, end] = [curve[at], curve[at + 1]]
  ensure(start !== undefined && end !== undefined, 'InvalidBorrowRateCurvePoint')
  if (bps === start[0]) return bpsDown(start[1])
  if (bps === end[0]) return bpsDown(end[1])
  const coefficient = minus(utilisation, bpsDown(start[0]))
  return (coefficient * (end[1] - start[1])) / (end[0] - start[0]) + bpsDown(start[1])
}

/** (1 + rate / slots of a year)^slots: exact up to four slots, else the first four terms of the series, whose powers keep few of their 60 bits. */
export function compoundedDown(rate: bigint, slots: bigint): bigint {
  const base = rate / SLOTS_PER_YEAR
  const step = ONE + base
  if (slots === 0n) return ONE
  if (slots === 1n) return step
  const square = timesDown(step, step)
  if (slots === 2n) return square
  if (slots === 3n) return timesDown(square, step)
  if (slots === 4n) return timesDown(square, square)
  const second = timesDown(base, base)
  const third = timesDown(second, base)
  return ONE + base * slots + (second * slots * (slots - 1n)) / 2n + (third * slots * (slots - 1n) * (slots - 2n)) / 6n
}

/** Brings a reserve up to date: interest, and since when its limits are exceeded. In place. */
export function refreshReserve(reserve: KaminoReserve, time: bigint): void {
  const slots = slotOf(time) - reserve.lastSlot
  ensure(slots >= 0n, 'MathOverflow')
  if (slots > 0n) accrue(reserve, slots)
  reserve.lastSlot = slotOf(time)
  refreshLimits(reserve, time)
}

/** Notes since when a reserve's limits are exceeded; one that is not any more is forgotten at once (`refresh_reserve_limit_timestamps`). */
function refreshLimits(reserve: KaminoReserve, time: bigint): void {
  const deposits = totalSupply(reserve) > whole(reserve.depositLimit)
  const borrows = reserve.borrowedSf > whole(reserve.borrowLimit)
  reserve.depositLimitCrossed = deposits ? reserve.depositLimitCrossed || time : 0n
  reserve.borrowLimitCrossed = borrows ? reserve.borrowLimitCrossed || time : 0n
}

function accrue(reserve: KaminoReserve, slots: bigint): void {
  const { config, borrowedSf: before } = reserve
  const fixed = bpsDown(config.hostFixedInterestRateBps)
  const growth = compoundedDown(borrowRateDown(reserve) + fixed, slots)
  const debt = timesDown(before, growth)
  const hostFee = timesDown(before, compoundedDown(fixed, slots)) - before
  const variable = minus(debt - before, hostFee)
  reserve.cumulativeRateSf = (reserve.cumulativeRateSf * growth) / ONE
  reserve.protocolFeesSf += hostFee + timesDown(variable, percentDown(config.protocolTakeRatePct))
  reserve.borrowedSf = debt
}

/** Liquidity that claims are worth, as a fraction rounded down; 1:1 in an empty reserve. */
export function liquidityOfClaimsDown(reserve: KaminoReserve, claims: bigint): bigint {
  const supply = totalSupply(reserve)
  if (reserve.claims === 0n || supply === 0n) return whole(claims)
  return (claims * supply) / reserve.claims
}

/** Claims for liquidity (rounded down), and the liquidity that is really taken for them (rounded up). */
export function depositOf(
  reserve: KaminoReserve,
  liquidity: bigint,
): { readonly claims: bigint; readonly liquidity: bigint } {
  const supply = totalSupply(reserve)
  const [all, backing] = reserve.claims === 0n || supply === 0n ? [1n, ONE] : [reserve.claims, supply]
  const claims = toFloor(((all * liquidity) << 120n) / backing)
  return { claims, liquidity: toCeil((claims * backing + all - 1n) / all) }
}

/** Takes claims back for liquidity, rounded down, and looks at the limits again. In place. */
export function redeemClaims(reserve: KaminoReserve, claims: bigint, time: bigint): bigint {
  const liquidity = toFloor(liquidityOfClaimsDown(reserve, claims))
  ensure(liquidity <= reserve.available, 'InsufficientLiquidity')
  reserve.available -= liquidity
  reserve.claims = minus(reserve.claims, claims)
  refreshLimits(reserve, time)
  return liquidity
}

/** The most claims that the available liquidity pays for: a claim's last part may be worth less than an atom, which nobody pays. */
export function redeemableClaims(reserve: KaminoReserve): bigint {
  const { available } = reserve
  const supply = totalSupply(reserve)
  if (reserve.claims === 0n || supply === 0n) return available
  const product = (reserve.claims * available) << 120n
  const up = toCeil((product + supply - 1n) / supply)
  return toFloor(liquidityOfClaimsDown(reserve, up)) <= available ? up : toFloor(product / supply)
}

/** Dollars of a (fractional) amount of liquidity at a price, rounded down; stops where 128 bits do not hold them (`full_mul_int_ratio`). */
export function valueDown({ decimals }: KaminoReserve, amountSf: bigint, priceSf: bigint): bigint {
  return fit((amountSf * priceSf) / (10n ** decimals * ONE))
}

/** Takes a repayment: `repaid` atoms come in, the debt falls by what they settle. In place. */
export function repayReserve(reserve: KaminoReserve, repaid: bigint, settledSf: bigint): void {
  reserve.available = amount64(reserve.available + repaid)
  reserve.borrowedSf -= settledSf < reserve.borrowedSf ? settledSf : reserve.borrowedSf
}
