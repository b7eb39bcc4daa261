/** Round trips on random worlds: what a fresh account does and undoes must not gain. Shared by the tests of all mechanisms. */
import { type Completed, type Mechanism, type World, wasRefused } from '../mechanisms/index.ts'
import { type Prng, prng } from '../model/index.ts'

/** What a fresh account does and undoes; the second action may depend on what the first one left. */
export type Trip<S, A> = readonly [A, (state: S, first: Completed) => A]

/** The fresh account. */
export const ME = 'eve'

/** Runs worlds, and tries the trips on copies along the way. Gives how many were completed, and what was gained. */
export function gains<S, A>(
  mechanism: Mechanism<S, A>,
  world: (chance: Prng) => World<S, A>,
  trips: (amount: bigint) => readonly Trip<S, A>[],
  prepare: readonly A[] = [],
): { readonly completed: number; readonly gained: readonly bigint[] } {
  const gained: bigint[] = []
  let completed = 0
  for (let index = 0; index < 12; index++) {
    const chance = prng(`round trips/${mechanism.id}/${index}`)
    const made = world(chance.fork('world'))
    let at = made.at
    for (let step = 0; step < 60; step++) {
      const next = made.next(made.state, at)
      at = next.at
      mechanism.apply(made.state, next.action, at)
      for (const [first, undo] of trips(BigInt(1 + chance.int(10 ** (1 + chance.int(8)))))) {
        const copy = structuredClone(made.state)
        for (const action of prepare) mechanism.apply(copy, action, at)
        const there = mechanism.apply(copy, first, at)
        if (wasRefused(there)) continue
        const back = mechanism.apply(copy, undo(copy, there), at)
        if (wasRefused(back)) continue
        completed += 1
        const gain = total(there, 'received') + total(back, 'received') - total(there, 'paid') - total(back, 'paid')
        if (gain > 0n) gained.push(gain)
      }
    }
  }
  return { completed, gained }
}

function total(done: Completed, side: 'paid' | 'received'): bigint {
  return (done[side] ?? []).reduce((sum, { atoms }) => sum + atoms, 0n)
}
