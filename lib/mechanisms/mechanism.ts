/** The one shape of a mechanism that the simulator drives, the keeper reads offers from, and the risk map reads exposures from. */
import type { AssetAmount, AssetId, Atoms, Exposure, Fact, Health, Moment, Offer } from '../model/index.ts'

/** Why an action was refused: the contract's own word (revert string, error name or code), a sentence, and the values it looked at. */
export type Refusal = {
  readonly code: string
  readonly message: string
  readonly values?: Readonly<Record<string, string | number | bigint>> | undefined
}

/**
 * What a completed action did: its facts; what came into the mechanism (`paid`) and what went out to whoever acted or owned (`received`), so that
 * the change of `holdings` is exactly `paid` − `received`; and the amounts that it moved by the contract's own names.
 */
export type Completed = {
  readonly facts: readonly Fact[]
  readonly paid?: readonly AssetAmount[] | undefined
  readonly received?: readonly AssetAmount[] | undefined
  readonly moved?: Readonly<Record<string, bigint>> | undefined
}

/** An action completed, or it was refused and the state is as before. */
export type Applied = Completed | { readonly refused: Refusal }

/**
 * One way to be liquidated. `S` is plain data (bigints, maps, arrays; `structuredClone` copies it), `A` the actions that `apply` understands.
 * `apply` is the only writer: it completes or refuses, never half of both. `holdings` is what the state holds per asset less what it has issued of
 * it (a stablecoin's supply counts as owed to the outside), so that tests can show that nothing appears and nothing is lost.
 */
export type Mechanism<S, A> = {
  readonly id: string
  targets(state: S): Iterable<string>
  /** `undefined`: no such target, a price it needs is missing, or the target is an auction that has no health. */
  assess(state: S, target: string, at: Moment): Health | undefined
  /** Every offer is accepted by `apply` at the same moment and holds what it promises. */
  offers(state: S, target: string, at: Moment): readonly Offer<A>[]
  apply(state: S, action: A, at: Moment): Applied
  exposure?(state: S, target: string, at: Moment): Exposure | undefined
  holdings(state: S): ReadonlyMap<AssetId, Atoms>
}

/** True for a refusal. */
export function wasRefused(applied: Applied): applied is { readonly refused: Refusal } {
  return 'refused' in applied
}
