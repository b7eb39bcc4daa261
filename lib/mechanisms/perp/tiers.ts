/** Tier tables: what makes one valid, which bracket owns a position, and what it asks. Source: Binance "leverage and margin" tables; Bybit, OKX and Hyperliquid alike. */
import { breakwaterError } from '../../model/index.ts'
import type { Tier, TierTable } from './profile.ts'

/** Relative error that published deductions may have: they are rounded to the cent or to eight decimals of a coin. */
const ROUNDED = 1e-9

/**
 * Deductions that make the maintenance margin continuous: `c_0 = 0`, `c_i = c_{i−1} + F_i · (r_i − r_{i−1})`, in the unit of the floors.
 * `brackets` are pairs of floor (notional) and rate (fraction), ascending.
 */
export function deductionsOf(brackets: readonly (readonly [floor: number, rate: number])[]): number[] {
  let deduction = 0
  return brackets.map(([floor, rate], at) => {
    const before = brackets[at - 1]
    if (before) deduction += floor * (rate - before[1])
    return deduction
  })
}

/**
 * The table, when it is one: brackets ascend from 0, rates lie in (0, 1] and do not fall, leverages are at least 1 and do not rise, the ceiling
 * lies above the last floor, and the margin has no jump at a floor (a `wholeRate` table has no deductions). Throws `bad-tiers` naming the bracket.
 */
export function checkTierTable(table: TierTable): TierTable {
  const { tiers, ceiling } = table
  if (tiers.length === 0) throw breakwaterError('bad-tiers', 'a tier table has no bracket', { brackets: 0 })
  if (tiers[0]?.floor !== 0)
    throw breakwaterError('bad-tiers', `the first bracket begins at ${tiers[0]?.floor}, not at 0`, {
      floor: tiers[0]?.floor,
    })
  const scale = (tiers.at(-1)?.floor ?? 0) + 1
  tiers.forEach((tier, at) => {
    checkBracket(table, tiers[at - 1], tier, at, scale)
  })
  const last = tiers.at(-1) as Tier
  if (!(ceiling > last.floor))
    throw breakwaterError('bad-tiers', `the ceiling ${ceiling} is not above the last floor ${last.floor}`, {
      ceiling,
      floor: last.floor,
    })
  return table
}

function checkBracket(table: TierTable, before: Tier | undefined, tier: Tier, at: number, scale: number): void {
  const { floor, rate, deduction, maxLeverage } = tier
  const bad = (what: string, values: Record<string, number>) => {
    throw breakwaterError('bad-tiers', `bracket ${at + 1}: ${what}`, { bracket: at + 1, ...values })
  }
  if (!(rate > 0 && rate <= 1)) bad(`the rate ${rate} is not in (0, 1]`, { rate })
  if (!(maxLeverage >= 1 && Number.isFinite(maxLeverage)))
    bad(`the leverage ${maxLeverage} is below 1`, { maxLeverage })
  if (!before) {
    if (deduction !== 0) bad(`the lowest bracket deducts ${deduction}, not 0`, { deduction })
    return
  }
  if (!(floor > before.floor && Number.isFinite(floor)))
    bad(`it begins at ${floor}, not above ${before.floor}`, { floor, before: before.floor })
  if (rate < before.rate) bad(`the rate ${rate} is below ${before.rate}`, { rate, before: before.rate })
  if (maxLeverage > before.maxLeverage)
    bad(`the leverage ${maxLeverage} is above ${before.maxLeverage}`, { maxLeverage, before: before.maxLeverage })
  const expected = table.wholeRate ? 0 : before.deduction + floor * (rate - before.rate)
  if (!(Math.abs(deduction - expected) <= ROUNDED * scale))
    bad(`the deduction ${deduction} leaves a jump; ${expected} would not`, { deduction, expected })
}

/** Number (from 0) of the bracket that owns a notional, in the table's unit. */
export function bracketAt({ tiers, boundary }: TierTable, notional: number): number {
  let at = 0
  for (let next = 1; next < tiers.length; next++) {
    const { floor } = tiers[next] as Tier
    if (boundary === 'higher' ? notional < floor : notional <= floor) break
    at = next
  }
  return at
}

/** The bracket of a number from {@link bracketAt}. */
export function tierOf(table: TierTable, at: number): Tier {
  const tier = table.tiers[at]
  if (!tier)
    throw breakwaterError('bad-tiers', `there is no bracket ${at + 1} of ${table.tiers.length}`, { bracket: at + 1 })
  return tier
}

/** One bracket for a rate (fraction) and a deduction, up to any notional: how a worked example states its maintenance. */
export function singleTier(rate: number, deduction = 0, maxLeverage = 1 / rate): TierTable {
  return {
    tiers: [{ floor: 0, rate, deduction, maxLeverage }],
    unit: 'quote',
    boundary: 'higher',
    ceiling: Number.POSITIVE_INFINITY,
  }
}
