/**
 * BOB's liquidation engine for BTC vaults: bitcoin locked in a BitVM-style vault backs a stablecoin on an EVM chain. A liquidation repays only as much
 * as brings the loan back to a target loan-to-value, and is settled on the fastest path that is open.
 *
 * - LTV = debt / collateral value; liquidatable at or above the liquidation LTV.
 * - Partial size to the target τ with bonus b: r = (D − τ·V) / (1 − τ·(1 + b)); all debt where that is no less, or the collateral's value / (1 + b)
 *   where the collateral does not reach.
 * - Paths: **atomic** (bridged bitcoin, or a mint authorisation that the borrower signed in advance: one transaction), **fast** (signers or covenants:
 *   1 to 6 Bitcoin blocks), **slow** (an operator asserts, a challenge window passes: days). Fallback chain atomic → fast → slow.
 * - What a partial liquidation leaves in the vault is bridged with it, so that later ones are atomic.
 * - Waiting t days with price risk σ per √day needs a bonus of about σ·√t.
 *
 * Collateral in satoshi, debt in atoms of the stablecoin (18 decimals), price in USD per BTC × 1e8, ratios in wad; value rounds down, repayment up.
 * Source: bob-collective/bob `docs/static/liquidation-engine.pdf` (Harz, October 2025); sizes: the reference, D.4.
 */
import { breakwaterError } from '../../model/index.ts'
import { max, min, mul } from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** Stablecoin atoms per satoshi at a price of 1 (18 − 8 − 8 decimals). */
const SCALE = 100n

/** How a liquidation is settled, the fastest first. */
export const BOB_PATHS = ['atomic', 'fast', 'slow'] as const
/** A path of settlement. */
export type BobPath = (typeof BOB_PATHS)[number]

/** Terms of the engine: ratios in wad, times in seconds, interest per second in wad. */
export type BobTerms = {
  readonly liquidationLtv: bigint
  readonly targetLtv: bigint
  readonly bonus: bigint
  readonly ratePerSecond: bigint
  /** Time until a fast path pays out; `undefined`: there are no signers, the path does not exist. */
  readonly fastSeconds: bigint | undefined
  /** Time until an operator asserts, and the challenge window after it. */
  readonly assertSeconds: bigint
  readonly challengeSeconds: bigint
}

/** Value of satoshi in stablecoin atoms, rounded down. */
export function valueDown(sats: bigint, price: bigint): bigint {
  return mul(mul(sats, price), SCALE)
}

/** Satoshi worth an amount of stablecoin atoms, rounded down. */
export function satsDown(value: bigint, price: bigint): bigint {
  return value / (price * SCALE)
}

/** Repayment that brings a loan to the target, rounded up; at most the debt, at most what the collateral pays for. */
export function repayToTargetUp(terms: Pick<BobTerms, 'targetLtv' | 'bonus'>, debt: bigint, value: bigint): bigint {
  const { targetLtv, bonus } = terms
  const kept = WAD - mul(targetLtv, WAD + bonus) / WAD
  const excess = mul(debt, WAD) - mul(targetLtv, value)
  if (excess <= 0n) return 0n
  const wanted = kept <= 0n ? debt : (excess + kept - 1n) / kept
  return min(min(wanted, debt), max(0n, mul(value, WAD) / (WAD + bonus)))
}

/** Satoshi that a repayment takes with the bonus, rounded down; at most what is there. */
export function seizedDown(terms: Pick<BobTerms, 'bonus'>, repaid: bigint, price: bigint, sats: bigint): bigint {
  return min(sats, satsDown(mul(repaid, WAD + terms.bonus) / WAD, price))
}

/** The same algebra in floats, for views: repayment to the target, and what is left. Refuses (`bad-number`) a target without solution. */
export function partialToTarget(
  value: number,
  debt: number,
  target: number,
  bonus: number,
): { readonly repay: number; readonly debtAfter: number; readonly collateralAfter: number } {
  const kept = 1 - target * (1 + bonus)
  if (!(kept > 0))
    throw breakwaterError('bad-number', `no repayment reaches ${target} with a bonus of ${bonus}`, { target, bonus })
  const repay = Math.min(debt, Math.max(0, (debt - target * value) / kept))
  return { repay, debtAfter: debt - repay, collateralAfter: value - repay * (1 + bonus) }
}

/** Bonus that pays for the price risk of waiting: σ · √days, a fraction. */
export function waitingBonus(volatilityPerDay: number, days: number): number {
  if (!(volatilityPerDay >= 0 && days >= 0))
    throw breakwaterError('bad-number', 'volatility and waiting time are 0 or more', { volatilityPerDay, days })
  return volatilityPerDay * Math.sqrt(days)
}

/** What one path costs a liquidator: seconds of locked capital per unit repaid, capital · time (USD days), and the bonus that pays for the risk. */
export type PathCost = {
  readonly path: BobPath
  readonly seconds: number
  readonly capitalDays: number
  readonly neededBonus: number
}

/** Compares the paths for a repayment (USD) at a volatility per √day. */
export function pathCosts(terms: BobTerms, repay: number, volatilityPerDay: number): readonly PathCost[] {
  const seconds: Record<BobPath, number | undefined> = {
    atomic: 0,
    fast: terms.fastSeconds === undefined ? undefined : Number(terms.fastSeconds),
    slow: Number(terms.assertSeconds + terms.challengeSeconds),
  }
  return BOB_PATHS.flatMap((path) => {
    const wait = seconds[path]
    if (wait === undefined) return []
    const days = wait / 86_400
    return [{ path, seconds: wait, capitalDays: repay * days, neededBonus: waitingBonus(volatilityPerDay, days) }]
  })
}
