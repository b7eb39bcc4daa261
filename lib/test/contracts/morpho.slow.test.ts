/** Morpho Blue's own bytecode against our mechanism: random lives of its markets, every amount, share, total, balance and refusal. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { morphoBlue, wasRefused } from '../../mechanisms/index.ts'
import { SEED } from '../seed.ts'
import { describeOnChain, type LocalChain, startChain } from './chain.ts'
import { deployMorpho, type MorphoDeployment } from './morpho-chain.ts'
import { type MorphoApply, runMorpho } from './morpho-world.ts'

describeOnChain('Morpho Blue on a chain', () => {
  let chain: LocalChain
  let deployment: MorphoDeployment
  beforeAll(async () => {
    chain = await startChain()
    deployment = await deployMorpho(chain)
  })
  afterAll(() => chain?.stop())

  it('does what our mechanism does, in 1,000 liquidations and everything between them', async () => {
    const run = await runMorpho(chain, deployment, { seed: SEED, liquidations: 1_000 })
    const counts = (map: ReadonlyMap<string, number>) => [...map].map(([word, n]) => `${word} ${n}`).join(', ')
    console.info(
      `Morpho Blue, seed ${SEED}: ${run.steps} steps, ${run.liquidations} liquidations (${run.badDebts} with bad debt), ` +
        `${run.differences.length} differences; completed: ${counts(run.completed)}; refused: ${counts(run.refused)}`,
    )
    expect(run.differences).toEqual([])
    expect(run.liquidations).toBeGreaterThanOrEqual(1_000)
    expect(run.badDebts).toBeGreaterThan(20)
    for (const word of [
      'position is healthy',
      'insufficient collateral',
      'insufficient liquidity',
      'inconsistent input',
    ])
      expect(run.refused.get(word) ?? 0, word).toBeGreaterThan(0)
  })

  it.each([
    ['a share too few when seizing', spoiled('repaidShares', 'totalBorrowShares')],
    ['an atom too much in the total when borrowing', spoiled('assets', 'totalBorrowAssets')],
  ])('shows %s as a difference', async (_what, apply) => {
    const run = await runMorpho(chain, deployment, { seed: SEED, liquidations: 1_000, apply })
    expect(run.differences.length).toBeGreaterThan(0)
    expect(run.differences[0]).toMatch(/ours \d+.*the contract's/)
  })
})

/** Our mechanism with one rounding turned round: after actions that move `amount`, one of the market's totals is one more. */
function spoiled(amount: string, total: 'totalBorrowShares' | 'totalBorrowAssets'): MorphoApply {
  return (state, action, at) => {
    const done = morphoBlue.apply(state, action, at)
    const market = 'market' in action ? state.markets.get(action.market) : undefined
    if (market && !wasRefused(done) && done.moved?.[amount] !== undefined) market[total] += 1n
    return done
  }
}
