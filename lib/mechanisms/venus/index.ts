/**
 * Venus core pool: the rule book of Compound v2 with its own words. Its refusals of a liquidation are silent (the transaction succeeds, a Failure is
 * logged, interest stays accrued); collateral must be entered; a liquidation threshold beside the collateral factor; an incentive for each market;
 * no share for the protocol; forced liquidation; a close factor between 5 and 90 %. Rules stand in `../compound-v2/`.
 */
import type { Prng } from '../../model/index.ts'
import { type CompoundAction, type CompoundState, compoundMechanism, compoundWorldOf } from '../compound-v2/index.ts'
import type { World } from '../conformance.ts'

export * from './incidents.ts'

/** Venus core. Feeds answer in oracle mantissas as in Compound v2. */
export const venusCore = compoundMechanism('venus-core')

/** A world of Venus for the conformance suite. */
export function venusWorld(chance: Prng): World<CompoundState, CompoundAction> {
  return compoundWorldOf('venus-core', chance)
}
