/** Rounding never favours who borrows or who supplies: a loan repaid at once costs at least what was lent, a deposit taken back gives at most what came. */
import { describe, expect, it } from 'vitest'
import { type Prng, prng } from '../model/index.ts'
import { type CompoundAction, type CompoundState, compoundV2, compoundWorld } from './compound-v2/index.ts'
import { type CometAction, type CometState, cometWorld, compoundV3 } from './compound-v3/index.ts'
import type { World } from './conformance.ts'
import { type EulerAction, type EulerState, eulerV2, eulerWorld } from './euler-v2/index.ts'
import { type FraxlendAction, type FraxlendState, fraxlend, fraxlendWorld } from './fraxlend/index.ts'
import { type Completed, type Mechanism, wasRefused } from './mechanism.ts'
import { MAX_UINT256 } from './solidity.ts'
import { venusCore, venusWorld } from './venus/index.ts'

/** What a fresh account does and undoes; the second action may depend on what the first one left. */
type Trip<S, A> = readonly [A, (state: S, first: Completed) => A]
const ME = 'eve'

/** Runs worlds, and tries the trips on copies along the way. Gives how many were completed, and what was gained. */
function gains<S, A>(
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

const rich = 10n ** 24n

describe('round trips', () => {
  it.each([
    ['compound-v2', compoundV2, compoundWorld],
    ['venus-core', venusCore, venusWorld],
  ] as const)('%s', (_id, mechanism, world) => {
    const report = gains<CompoundState, CompoundAction>(
      mechanism,
      world,
      (amount) => [
        [
          { do: 'mint', account: ME, market: 'USDC', amount },
          (_state, { moved }) => ({ do: 'redeem', account: ME, market: 'USDC', tokens: moved?.['tokens'] ?? 0n }),
        ],
        [
          { do: 'borrow', account: ME, market: 'USDC', amount },
          () => ({ do: 'repay', account: ME, market: 'USDC', amount: MAX_UINT256 }),
        ],
      ],
      [
        { do: 'mint', account: ME, market: 'DAI', amount: rich },
        { do: 'enter', account: ME, market: 'DAI' },
      ],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('compound-v3', () => {
    const report = gains<CometState, CometAction>(
      compoundV3,
      cometWorld,
      (amount) => [
        [
          { do: 'supply', account: ME, asset: 'USDC', amount },
          () => ({ do: 'withdraw', account: ME, asset: 'USDC', amount: MAX_UINT256 }),
        ],
        [
          { do: 'withdraw', account: ME, asset: 'USDC', amount: amount + 10n ** 8n },
          () => ({ do: 'supply', account: ME, asset: 'USDC', amount: MAX_UINT256 }),
        ],
      ],
      [{ do: 'supply', account: ME, asset: 'WETH', amount: 10n ** 22n }],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('euler-v2', () => {
    const report = gains<EulerState, EulerAction>(
      eulerV2,
      eulerWorld,
      (amount) => [
        [{ do: 'deposit', account: ME, amount }, () => ({ do: 'redeem', account: ME, shares: MAX_UINT256 })],
        [{ do: 'borrow', account: ME, amount }, () => ({ do: 'repay', account: ME, amount: MAX_UINT256 })],
      ],
      [
        { do: 'add-collateral', account: ME, asset: 'eWETH', amount: rich },
        { do: 'enable-collateral', account: ME, asset: 'eWETH', on: true },
      ],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('fraxlend', () => {
    const report = gains<FraxlendState, FraxlendAction>(
      fraxlend,
      fraxlendWorld,
      (amount) => [
        [
          { do: 'deposit', account: ME, amount },
          (state) => ({ do: 'redeem', account: ME, shares: state.lenders.get(ME) ?? 0n }),
        ],
        [
          { do: 'borrow', account: ME, amount, collateral: 0n },
          (state) => ({ do: 'repay', account: ME, shares: state.borrowers.get(ME)?.borrowShares ?? 0n }),
        ],
      ],
      [{ do: 'add-collateral', account: ME, amount: rich }],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })
})
