/** Initial and maintenance margin in whole atoms of the settle currency, compiled from a market's `MaintenanceRule`. */
import { assert, breakwaterError } from '../../model/index.ts'
import { mulDivCeil, mulDivFloor, sharedDenominator } from './integer-math.ts'
import type { MaintenanceRule, TierTable } from './profile.ts'

/** Denominators stay below 2^26, so that a remainder times a rate stays a safe integer. */
const MOST = 0x4000000

/**
 * A maintenance rule in integers. `floors`, `deductions` and `ceiling` are atoms of notional; `rates` are numerators over `whole`; bracket i owns
 * the notionals from `floors[i]` (inclusive when `higher`). A growing rate has one bracket, grows by `growth / growthWhole` of `whole` per atom
 * of notional, and stops at `cap`.
 */
export type IntegerMaintenance = {
  readonly whole: number
  readonly exact: boolean
  readonly higher: boolean
  readonly floors: Float64Array
  readonly rates: Float64Array
  readonly deductions: Float64Array
  readonly leverages: Float64Array
  readonly ceiling: number
  readonly growth: number
  readonly growthWhole: number
  readonly cap: number
}

/**
 * Compiles a rule for a market whose settle currency has `atomsPerUnit` atoms. `atomsPerCoin`: atoms of notional per coin for a growing rate: the
 * coin's own atoms (inverse), or the atoms of one coin's value at `price` (linear). Rates become ratios of whole numbers, rounded up where they
 * have none below 2^26; deductions are rounded down: integer maintenance is never below the rule's. Throws `bad-config` for a table with holes.
 */
export function integerMaintenance(
  rule: MaintenanceRule,
  atomsPerUnit: number,
  atomsPerCoin: number = atomsPerUnit,
): IntegerMaintenance {
  return rule.kind === 'tiers' ? fromTiers(rule.table, atomsPerUnit) : fromGrowing(rule.rate, atomsPerCoin)
}

function fromTiers(table: TierTable, atomsPerUnit: number): IntegerMaintenance {
  const { tiers } = table
  if (tiers.length === 0 || tiers[0]?.floor !== 0)
    throw breakwaterError('bad-config', 'a tier table must begin at a notional of 0', { floor: tiers[0]?.floor })
  const { whole, parts, exact } = sharedDenominator(
    tiers.map(({ rate }) => rate),
    MOST,
  )
  let last = -1
  for (const { floor, rate, deduction, maxLeverage } of tiers) {
    if (!(floor > last) || !(rate > 0) || !(rate <= 1) || !(deduction >= 0) || !(maxLeverage >= 1))
      throw breakwaterError(
        'bad-config',
        `no bracket can begin at ${floor} with rate ${rate}, deduction ${deduction}`,
        {
          floor,
          rate,
          deduction,
          maxLeverage,
        },
      )
    last = floor
  }
  return {
    whole,
    exact,
    higher: table.boundary === 'higher',
    floors: Float64Array.from(tiers, ({ floor }) => Math.round(floor * atomsPerUnit)),
    rates: Float64Array.from(parts),
    deductions: Float64Array.from(tiers, ({ deduction }) => Math.floor(deduction * atomsPerUnit + 1e-6)),
    leverages: Float64Array.from(tiers, ({ maxLeverage }) => maxLeverage),
    ceiling: Math.min(Number.MAX_SAFE_INTEGER, Math.floor(table.ceiling * atomsPerUnit)),
    growth: 0,
    growthWhole: 1,
    cap: whole,
  }
}

function fromGrowing(
  rate: { readonly base: number; readonly perCoin: number; readonly cap: number; readonly maxLeverage: number },
  atomsPerCoin: number,
): IntegerMaintenance {
  const { whole, parts, exact } = sharedDenominator([rate.base, rate.perCoin, rate.cap], MOST)
  const [base = 0, growth = 0, cap = 0] = parts
  return {
    whole,
    exact,
    higher: true,
    floors: Float64Array.of(0),
    rates: Float64Array.of(base),
    deductions: Float64Array.of(0),
    leverages: Float64Array.of(rate.maxLeverage),
    ceiling: Number.MAX_SAFE_INTEGER,
    growth,
    growthWhole: atomsPerCoin,
    cap,
  }
}

/** Which bracket owns a notional in atoms. */
export function bracketOf({ floors, higher }: IntegerMaintenance, notional: number): number {
  let at = 0
  for (let next = 1; next < floors.length; next++) {
    const floor = floors[next] as number
    if (higher ? notional < floor : notional <= floor) break
    at = next
  }
  return at
}

/** The rate in force at a notional, as numerator over `whole`. */
export function rateAt(rule: IntegerMaintenance, notional: number): number {
  const rate = rule.rates[bracketOf(rule, notional)] as number
  if (rule.growth === 0) return rate
  return Math.min(rule.cap, rate + mulDivCeil(notional, rule.growth, rule.growthWhole))
}

/** Maintenance margin in atoms of a notional in atoms, rounded up. */
export function maintenanceCeil(rule: IntegerMaintenance, notional: number): number {
  if (rule.growth !== 0) return mulDivCeil(notional, rateAt(rule, notional), rule.whole)
  const at = bracketOf(rule, notional)
  return mulDivCeil(notional, rule.rates[at] as number, rule.whole) - (rule.deductions[at] as number)
}

/** Initial margin in atoms of a notional in atoms at a leverage, rounded up. */
export function initialCeil(notional: number, leverage: number): number {
  return Math.ceil(notional / leverage)
}

/** The largest notional in atoms that the rule allows at a leverage, 0 when none. */
export function largestNotional(rule: IntegerMaintenance, leverage: number): number {
  let most = 0
  for (let at = 0; at < rule.floors.length; at++) {
    if ((rule.leverages[at] as number) < leverage) break
    const end = rule.floors[at + 1]
    most = end === undefined ? rule.ceiling : rule.higher ? end - 1 : end
  }
  return Math.min(most, rule.ceiling)
}

/** A fee in atoms of a notional in atoms: what is paid is rounded up, what is paid back (a negative rate) down. `rate` counts ten-millionths. */
export function feeAtoms(notional: number, rate: number): number {
  return rate >= 0 ? mulDivCeil(notional, rate, FEE_WHOLE) : -mulDivFloor(notional, -rate, FEE_WHOLE)
}

/** Fee rates count ten-millionths of notional. */
export const FEE_WHOLE = 10_000_000

/** A fee rate given as a fraction, in ten-millionths. Throws `bad-config` for a rate that is not whole there. */
export function feeRate(fraction: number): number {
  const rate = Math.round(fraction * FEE_WHOLE)
  if (!(Math.abs(rate - fraction * FEE_WHOLE) < 1e-6) || Math.abs(rate) >= FEE_WHOLE)
    throw breakwaterError('bad-config', `a fee of ${fraction} is no whole number of ten-millionths`, { fraction })
  assert(Number.isSafeInteger(rate), 'a fee rate is whole')
  return rate
}
