/** The suite that every version of Aave runs: random histories with no difference, and planted errors of one atom that must be found. */
import { expect, it } from 'vitest'
import type { AaveBook } from '../../mechanisms/aave/action.ts'
import type { AaveState } from '../../mechanisms/aave/state.ts'
import { type Applied, wasRefused } from '../../mechanisms/mechanism.ts'
import { SEED } from '../seed.ts'
import type { AaveVersion } from './aave-market.ts'
import { type AaveOurs, oursOf } from './aave-ours.ts'
import { runAave, told } from './aave-run.ts'
import { describeOnChain } from './chain.ts'

/** What the run is drawn from. */

/** Declares the suite. `words` and `kinds`: refusals and sorts of accepted liquidations that a run of this size must have seen. */
export function aaveSuite(
  version: AaveVersion,
  book: AaveBook,
  liquidations: number,
  { words, kinds }: { readonly words: readonly string[]; readonly kinds: readonly string[] },
): void {
  describeOnChain(`Aave ${version} on a chain`, () => {
    const ours = oursOf(book)

    const timeout = 900_000

    it(`does what our mechanism does, in ${liquidations} liquidations and everything between them`, {
      timeout,
    }, async () => {
      const run = await runAave(version, ours, { seed: SEED, liquidations })
      console.info(told(version, SEED, run))
      expect(run.differences).toEqual([])
      const { accepted, refused } = run.liquidations
      expect(accepted + refused).toBeGreaterThanOrEqual(liquidations)
      expect(accepted).toBeGreaterThanOrEqual(liquidations / 2)
      expect(refused).toBeGreaterThan(liquidations / 20)
      for (const word of words) expect(run.words.get(word) ?? 0, word).toBeGreaterThan(0)
      for (const kind of [...ALWAYS, ...kinds]) expect(run.kinds.get(kind) ?? 0, kind).toBeGreaterThan(0)
    })

    it.each(PLANTED)('shows %s as a difference', { timeout }, async (_what, spoil, expected) => {
      const spoiled: AaveOurs = { ...ours, apply: (state, action, at) => spoil(state, ours.apply(state, action, at)) }
      const run = await runAave(version, spoiled, { seed: SEED, liquidations: 300, differences: 1 })
      expect(run.differences.join('\n')).toMatch(expected)
    })
  })
}

const ALWAYS = ['several collaterals', 'several debts', 'one asset on both sides', 'paid in aTokens']

type Spoil = (state: AaveState, applied: Applied) => Applied

const PLANTED: readonly (readonly [string, Spoil, RegExp])[] = [
  [
    'one atom more repaid than the contract says',
    (_state, applied) => moreRepaid(applied),
    /repaid \w+: \d+ instead of \d+/,
  ],
  [
    'a borrower who keeps one scaled unit of what was seized',
    (state, applied) => kept(state, applied),
    /scaledCollateral: \d+ instead of \d+/,
  ],
  [
    'a borrow index that is one unit ahead',
    (state, applied) => ahead(state, applied),
    /variableBorrowIndex: \d+ instead of \d+/,
  ],
]

function moreRepaid(applied: Applied): Applied {
  if (wasRefused(applied)) return applied
  const facts = applied.facts.map((fact) =>
    fact.type === 'loan-liquidation'
      ? { ...fact, repaid: { ...fact.repaid, atoms: (fact.repaid.atoms ?? 0n) + 1n } }
      : fact,
  )
  return { ...applied, facts }
}

function kept(state: AaveState, applied: Applied): Applied {
  if (wasRefused(applied)) return applied
  for (const fact of applied.facts) {
    const held =
      fact.type === 'loan-liquidation' && state.accounts.get(fact.account)?.positions.get(fact.seized.asset ?? '')
    if (held) held.scaledCollateral += 1n
  }
  return applied
}

function ahead(state: AaveState, applied: Applied): Applied {
  if (wasRefused(applied)) return applied
  for (const fact of applied.facts) {
    const reserve = fact.type === 'loan-liquidation' && state.reserves.get(fact.repaid.asset ?? '')
    if (reserve) reserve.variableBorrowIndex += 1n
  }
  return applied
}
