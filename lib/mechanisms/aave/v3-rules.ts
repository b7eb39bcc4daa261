/**
 * What differs between the minor versions of Aave v3 from 3.3 on, as data: rounding between amounts and scaled units, growth of debts, refusals
 * by number or by name, and `minor` for the few places where the order of checks changed.
 *
 * - 3.3: deficit, close factor on the whole debt, $2,000 and $1,000 thresholds; half-up arithmetic, binomial compounding, numbered refusals.
 * - 3.4: compounding by the exponential's polynomial, named refusals, no self-liquidation, isolation checked after the debt is minted.
 * - 3.5: balances down, debts up, burns and mints in the pool's favour; health factor without a rounded average; borrowing checked afterwards.
 * - 3.6: e-mode decides loan-to-value and what may be borrowed; a liquidator's aTokens never become collateral by themselves.
 * - 3.7: no isolation, no siloed borrowing; isolated e-modes; seized amounts down and fees up; flags follow scaled units.
 *
 * Sources: aave-dao/aave-v3-origin at tags v3.3.0 to v3.6.0 and `main` (3.7, 2026-06-19), `docs/3.3` to `docs/3.7`.
 */
import { ensure, min } from '../solidity.ts'
import { sum } from './checked.ts'
import type { AaveV3Error } from './errors.ts'
import { ensureNamed, ensureNumbered } from './errors.ts'
import { compoundedBinomial } from './legacy-interest.ts'
import {
  compoundedExponential,
  percentDiv,
  percentDivCeil,
  percentDivFloor,
  percentMul,
  percentMulCeil,
  percentMulFloor,
  rayDiv,
  rayDivCeil,
  rayDivFloor,
  rayMul,
  rayMulCeil,
  rayMulFloor,
} from './wad-ray.ts'

type Binary = (a: bigint, b: bigint) => bigint

/** The rule book of one minor version. */
export type AaveV3Rules = {
  readonly id: `aave-v3.${3 | 4 | 5 | 6 | 7}`
  readonly minor: 3 | 4 | 5 | 6 | 7
  /** Growth of a debt: (rate per year in ray, seconds) to ray. */
  readonly compounded: (rate: bigint, seconds: bigint) => bigint
  /** Scaled aTokens to asset atoms, and scaled debt to asset atoms: (scaled, index). */
  readonly supplied: Binary
  readonly owed: Binary
  /** Asset atoms to scaled units: (amount, index) when supplying, withdrawing or moving aTokens, borrowing, repaying. */
  readonly minted: Binary
  readonly burnt: Binary
  readonly borrowed: Binary
  readonly repaid: Binary
  /** Seized = base collateral and bonus (bps); what it was before the bonus; the protocol's share of the bonus; the debt that pays for it. */
  readonly withBonus: Binary
  readonly withoutBonus: Binary
  readonly fee: Binary
  readonly needed: Binary
  /** Part of the whole debt that one call may repay while the health factor is above 0.95, bps; `undefined`: the contract's 5000. */
  readonly closeFactor?: bigint | undefined
}

const HALF_UP = { supplied: rayMul, owed: rayMul, minted: rayDiv, burnt: rayDiv, borrowed: rayDiv, repaid: rayDiv }
const FOR_THE_POOL = {
  ...{ supplied: rayMulFloor, owed: rayMulCeil },
  ...{ minted: rayDivFloor, burnt: rayDivCeil, borrowed: rayDivCeil, repaid: rayDivFloor },
}
const HALF_UP_SIZES = { withBonus: percentMul, withoutBonus: percentDiv, fee: percentMul, needed: percentDiv }

/** Aave v3.3. */
export const AAVE_V33: AaveV3Rules = {
  ...{ id: 'aave-v3.3', minor: 3, compounded: (rate, seconds) => compoundedBinomial('v3.0', rate, seconds) },
  ...HALF_UP,
  ...HALF_UP_SIZES,
}
/** Aave v3.4. */
export const AAVE_V34: AaveV3Rules = { ...AAVE_V33, id: 'aave-v3.4', minor: 4, compounded: compoundedExponential }
/** Aave v3.5. */
export const AAVE_V35: AaveV3Rules = {
  ...{ ...AAVE_V34, id: 'aave-v3.5', minor: 5 },
  ...FOR_THE_POOL,
  needed: percentDivCeil,
}
/** Aave v3.6. */
export const AAVE_V36: AaveV3Rules = { ...AAVE_V35, id: 'aave-v3.6', minor: 6 }
/** Aave v3.7. */
export const AAVE_V37: AaveV3Rules = {
  ...{ ...AAVE_V36, id: 'aave-v3.7', minor: 7 },
  ...{ withBonus: percentMulFloor, withoutBonus: percentDivFloor, fee: percentMulCeil },
}

/** Reverts with the version's own word unless the condition holds. */
export function need(rules: AaveV3Rules, condition: boolean, name: AaveV3Error): asserts condition {
  if (rules.minor === 3) ensureNumbered(condition, name)
  else ensureNamed(condition, name)
}

/** The value, when a cast to so many bits keeps it; v3.3 refuses with a sentence, later versions with a name. */
export function cast({ minor }: AaveV3Rules, value: bigint, bits: 120n | 128n): bigint {
  const code = minor === 3 ? `SafeCast: value doesn't fit in ${bits} bits` : 'SafeCastOverflowedUintDowncast'
  ensure(value < 1n << bits, code, `${value} does not fit into ${bits} bits`)
  return value
}

/** A stored word of 128 bits (`bits`) with a value added: the value must fit, then the sum. */
export function grown(rules: AaveV3Rules, word: bigint, value: bigint, bits: 120n | 128n = 128n): bigint {
  return sum(word, cast(rules, value, bits), bits)
}

/** Bits of a balance in scaled units: from v3.4 on it shares its word with a delegation. Source: `IncentivizedERC20.UserState`. */
export function balanceBits({ minor }: AaveV3Rules): 120n | 128n {
  return minor === 3 ? 128n : 120n
}

/** Scaled units that a burn or transfer of `amount` takes from a balance: never more than there is (rounding up may ask for one more). */
export function burntAtMost(rules: AaveV3Rules, amount: bigint, index: bigint, balance: bigint): bigint {
  return min(rules.burnt(amount, index), balance)
}
