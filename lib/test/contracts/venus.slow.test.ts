/** Venus core's own bytecode against our mechanism, where `BREAKWATER_VENUS` names its package: every amount, total, index, balance and refusal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { venusCore, wasRefused } from '../../mechanisms/index.ts'
import { SEED } from '../seed.ts'
import { type LocalChain, startChain, whyNoChain } from './chain.ts'
import { deployVenus, VENUS_FOLDER, type VenusDeployment } from './venus-chain.ts'
import { runVenus, type VenusApply } from './venus-world.ts'

const FOLDER = VENUS_FOLDER ?? ''
const REASON = FOLDER === '' ? 'BREAKWATER_VENUS names no folder of @venusprotocol/venus-protocol' : whyNoChain()
const TITLE = 'Venus core on a chain'

describe.skipIf(REASON !== undefined)(REASON === undefined ? TITLE : `${TITLE} (skipped: ${REASON})`, () => {
  let chain: LocalChain
  let deployment: VenusDeployment
  beforeAll(async () => {
    chain = await startChain()
    deployment = await deployVenus(chain, FOLDER, SEED)
  })
  afterAll(() => chain?.stop())

  it('does what our mechanism does, in 1,000 liquidations and everything between them', async () => {
    const run = await runVenus(chain, deployment, { seed: SEED, liquidations: 1_000 })
    const counts = (map: ReadonlyMap<string, number>) => [...map].map(([word, n]) => `${word} ${n}`).join(', ')
    console.info(
      `Venus core, seed ${SEED}: ${run.steps} steps, ${run.liquidations} liquidations, ${run.differences.length} differences; ` +
        `completed: ${counts(run.completed)}; refused: ${counts(run.refused)}; of liquidations: ${counts(run.refusedLiquidations)}`,
    )
    expect(run.differences).toEqual([])
    expect(run.liquidations).toBeGreaterThanOrEqual(1_000)
    for (const word of ['Failure(3,18,3)', 'Failure(3,18,17)', 'Failure(3,18,13)', 'LIQUIDATE_SEIZE_TOO_MUCH'])
      expect(run.refusedLiquidations.get(word) ?? 0, word).toBeGreaterThan(0)
  })

  it.each<[string, VenusApply, RegExp]>([
    ['an index one unit ahead', aheadByOne, /borrowIndex of \w+: ours \d+, the contract's \d+/],
    ['a token too many for the liquidator', tokenTooMany, /balanceOf of \w+: ours \d+, the contract's \d+/],
  ])('shows %s as a difference', async (_what, apply, expected) => {
    const run = await runVenus(chain, deployment, { seed: SEED, liquidations: 1_000, apply })
    expect(run.differences.join('\n')).toMatch(expected)
  })
})

const aheadByOne: VenusApply = (state, action, at) => {
  const done = venusCore.apply(state, action, at)
  const market = action.do === 'liquidate' && !wasRefused(done) ? state.markets.get(action.borrowMarket) : undefined
  if (market) market.borrowIndex += 1n
  return done
}

const tokenTooMany: VenusApply = (state, action, at) => {
  const done = venusCore.apply(state, action, at)
  if (action.do !== 'liquidate' || wasRefused(done)) return done
  const held = state.accounts.get(action.liquidator ?? 'lin')?.get(action.collateralMarket)
  if (held) held.tokens += 1n
  return done
}
