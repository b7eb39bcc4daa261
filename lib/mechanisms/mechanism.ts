/** The one shape of a mechanism that the simulator drives, the keeper reads offers from, and the risk map reads exposures from. */
import type { AssetId, Atoms, Exposure, Fact, Health, Moment, Offer } from '../model/index.ts'

/** Why an action was refused: the contract's own word (revert string, error name or code), a sentence, and the values it looked at. */
export type Refusal = {
  readonly code: string
  readonly message: string
  readonly values?: Readonly<Record<string, string | number | bigint>> | undefined
}

/**
 * What an action did: it completed, with its facts and the amounts that it moved by the contract's own names, or it was refused and the state
 * is as before.
 */
export type Applied =
  | { readonly facts: readonly Fact[]; readonly moved?: Readonly<Record<string, bigint>> | undefined }
  | { readonly refused: Refusal }

/**
 * One way to be liquidated. `S` is plain data (bigints, maps, arrays), `A` the actions that `apply` understands. `apply` is the only writer: it
 * completes or refuses, never half of both. `holdings` counts everything the state holds or owes per asset, so that tests can show that nothing
 * appears and nothing is lost.
 */
export type Mechanism<S, A> = {
  readonly id: string
  targets(state: S): Iterable<string>
  /** `undefined`: no such target, or a price it needs is missing. */
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
