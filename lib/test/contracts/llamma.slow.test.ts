/** LLAMMA's own bytecode against our mechanism, where `BREAKWATER_LLAMMA` names it compiled: every band, price, debt, health, fee, balance and quote. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LlammaMarket, llamma, llammaRules, wasRefused } from '../../mechanisms/index.ts'
import { writeHistories } from '../llamma-recorded.ts'
import { SEED } from '../seed.ts'
import { type LocalChain, startChain, whyNoChain } from './chain.ts'
import { LLAMMA_FOLDER, type LlammaKit, llammaKit, whyNoAggregate, whyNoLlamma } from './llamma-chain.ts'
import { recordLlamma } from './llamma-recording.ts'
import { type LlammaApply, type LlammaRun, runLlamma } from './llamma-run.ts'
import { AGGREGATE, MARKET } from './llamma-world.ts'

const REASON = whyNoLlamma() ?? whyNoChain()
const TITLE = 'LLAMMA on a chain'
const NO_AGGREGATE = whyNoAggregate() ?? REASON

describe.skipIf(REASON !== undefined)(REASON === undefined ? TITLE : `${TITLE} (skipped: ${REASON})`, () => {
  let chain: LocalChain
  let kit: LlammaKit
  beforeAll(async () => {
    // A history with many bands is a request of several megabytes.
    chain = await startChain(['--no-request-size-limit'])
    kit = await llammaKit(chain, LLAMMA_FOLDER ?? '')
  })
  afterAll(() => chain?.stop())

  it('does what our mechanism does, in 20 markets of 55 steps', async () => {
    const run = await runLlamma(chain, kit, { seed: SEED, worlds: 20, steps: 55 })
    report(`seed ${SEED}`, run)
    expect(run.differences).toEqual([])
    for (const what of ['create', 'exchange', 'exchange exactly out', 'liquidate', 'repay', 'add', 'save-rate'])
      expect(run.completed.get(what) ?? 0, what).toBeGreaterThan(0)
    for (const word of ['Not enough rekt', 'Slippage', 'Already in underwater mode', 'Need more ticks', '(empty)'])
      expect(run.refused.get(word) ?? 0, word).toBeGreaterThan(0)
  })

  const aggregate = 'does so under the aggregate policy, with its price, peg keepers and other markets'
  it.skipIf(NO_AGGREGATE !== undefined)(
    NO_AGGREGATE === undefined ? aggregate : `${aggregate} (skipped: ${NO_AGGREGATE})`,
    async () => {
      const wishes = { policy: AGGREGATE }
      const run = await runLlamma(chain, kit, { seed: SEED, worlds: 10, steps: 55, wishes })
      report(`aggregate policy, seed ${SEED}`, run)
      expect(run.differences).toEqual([])
      expect(run.completed.get('save-rate') ?? 0).toBeGreaterThan(0)
    },
  )

  const record = process.env['BREAKWATER_LLAMMA_RECORD'] === '1'
  it.runIf(record && NO_AGGREGATE === undefined)('writes its recorded form anew', { timeout: 600_000 }, async () => {
    const file = resolve(import.meta.dirname, '../recorded/llamma.json')
    writeFileSync(file, writeHistories(await recordLlamma(chain, kit)))
    console.info(`LLAMMA's recorded form is written: ${file}`)
  })

  it.each<[string, LlammaApply, RegExp]>([
    [
      'a unit of an exchange that reaches no band',
      unitLost,
      /amm\.(bands_[xy]|get_\w+)\([^)]*\): ours .*, the contract's /,
    ],
    [
      'a partial liquidation’s debt rounded down, as before 2024-11',
      roundedDown,
      /redeemed\(\): ours \d+, the contract's \d+/,
    ],
  ])('shows %s as a difference', async (_what, apply, expected) => {
    const run = await runLlamma(chain, kit, { seed: SEED, worlds: 60, steps: 55, apply })
    expect(run.differences.join('\n')).toMatch(expected)
  })
})

function report(title: string, run: LlammaRun): void {
  const counts = (map: ReadonlyMap<string, number>) => [...map].map(([word, n]) => `${word} ${n}`).join(', ')
  console.info(
    `LLAMMA, ${title}: ${run.steps} steps, ${run.values} values, ${run.differences.length} differences; ` +
      `completed: ${counts(run.completed)}; refused: ${counts(run.refused)}`,
  )
}

const unitLost: LlammaApply = (state, action, at) => {
  const done = llamma.apply(state, action, at)
  const market = state.markets.get(MARKET) as LlammaMarket
  if (action.do !== 'exchange' || wasRefused(done) || (done.moved?.['sold'] ?? 0n) === 0n) return done
  const [bands, held] =
    action.sell === 'borrowed'
      ? [market.bandsX, llammaRules.xOf(market, market.activeBand)]
      : [market.bandsY, llammaRules.yOf(market, market.activeBand)]
  if (held > 0n) llammaRules.setBand(bands, market.activeBand, held - 1n)
  return done
}

const roundedDown: LlammaApply = (state, action, at) => {
  const done = llamma.apply(state, action, at)
  const market = state.markets.get(MARKET) as LlammaMarket
  if (action.do !== 'liquidate' || wasRefused(done) || action.fraction === undefined) return done
  const loan = market.loans.get(action.account)
  if (!loan) return done
  market.redeemed -= 1n
  market.loans.set(action.account, { ...loan, debt: loan.debt + 1n })
  return done
}
