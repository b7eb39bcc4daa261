/** One test run against one version of Aave: markets with random parameters, histories in them, every call compared, everything counted. */
import type { Hex } from 'viem'
import { wasRefused } from '../../mechanisms/mechanism.ts'
import { prng } from '../../model/index.ts'
import { drawHistory } from './aave-history.ts'
import { type AaveMarket, type AaveVersion, deployCoins, TREASURY } from './aave-market.ts'
import { deployAaveOrigin, deployAaveOriginCode } from './aave-origin-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import { type AaveReader, decoder, deployReader, type Reading } from './aave-reading.ts'
import type { AaveStep } from './aave-steps.ts'
import { type AaveTrial, tryHistory } from './aave-trial.ts'
import { deployAaveV2, deployAaveV2Code } from './aave-v2-market.ts'
import { deployAaveV30, deployAaveV30Code } from './aave-v3-0-market.ts'
import { callOf, GENESIS, type LocalChain, startChain } from './chain.ts'

/** What to run. `differences`: stop after so many histories that differ. */
export type AaveRunOptions = {
  readonly seed: string
  readonly liquidations: number
  readonly differences?: number | undefined
}

/** What was compared. `kinds`: accepted liquidations by what was special about them. */
export type AaveRun = {
  readonly markets: number
  readonly steps: number
  readonly liquidations: { readonly accepted: number; readonly refused: number }
  readonly others: { readonly accepted: number; readonly refused: number }
  readonly kinds: ReadonlyMap<string, number>
  readonly words: ReadonlyMap<string, number>
  readonly differences: readonly string[]
}

/** Deploys one market with all that it stands on. */
async function deployMarket(chain: LocalChain, version: AaveVersion, seed: string): Promise<AaveMarket> {
  const [coins, chance] = [await deployCoins(chain, version), prng(seed)]
  if (version === 'v2') return deployAaveV2(chain, await deployAaveV2Code(chain), coins, chance)
  if (version === 'v3.0') return deployAaveV30(chain, await deployAaveV30Code(chain), coins, chance)
  return deployAaveOrigin(chain, await deployAaveOriginCode(chain, version), coins, chance)
}

/** Liquidations of one history: what fits into one request. */
const PER_HISTORY = 30
/** Histories of one market. Each market has a chain of its own: blocks take the longer the more a chain knows. */
const PER_MARKET = 6

/** Runs until so many liquidations were compared. */
export async function runAave(version: AaveVersion, ours: AaveOurs, options: AaveRunOptions): Promise<AaveRun> {
  const { seed, liquidations, differences: most = 3 } = options
  const done: Done[] = []
  let markets = 0
  const compared = () =>
    done.reduce((sum, { trial }) => sum + trial.liquidations.accepted + trial.liquidations.refused, 0)
  const differing = () => done.filter(({ trial }) => trial.differences.length > 0).length
  const goOn = () => compared() < liquidations && differing() < most
  for (; goOn(); markets++) {
    const chain = await startChain()
    try {
      const place = `${seed}/${markets}`
      const market = await deployMarket(chain, version, `${place}/market`)
      const reader = await deployReader(market)
      const start = await readNow(market, reader)
      for (let history = 0; history < PER_MARKET && goOn(); history++) {
        const steps = drawHistory(ours, market, start, PER_HISTORY, prng(`${place}/${history}`))
        const trial = await tryHistory(ours, market, reader, start.reading, steps)
        const differences = trial.differences.map(
          (what) => `seed ${seed}, market ${markets}, history ${history}, ${what}`,
        )
        done.push({ trial: { ...trial, differences }, steps })
      }
    } finally {
      await chain.stop()
    }
  }
  const steps = done.flatMap((one) => one.steps)
  return { markets, steps: steps.length, kinds: kindsOf(steps), ...sumOf(done.map(({ trial }) => trial)) }
}

type Done = { readonly trial: AaveTrial; readonly steps: readonly AaveStep[] }

/** What may be special about a liquidation. */
const KINDS: Readonly<Record<string, (step: AaveStep & { readonly action: Liquidate }) => boolean>> = {
  'several collaterals': ({ shape }) => shape.collaterals > 1,
  'several debts': ({ shape }) => shape.debts > 1,
  'in e-mode': ({ shape }) => shape.eMode !== 0,
  'stable-rate debt': ({ shape }) => shape.stable > 0,
  'one asset on both sides': ({ action }) => action.collateral === action.debt,
  'paid in aTokens': ({ action }) => action.receiveAToken,
  'isolated collateral': ({ terms, action }) => (terms.get(action.collateral)?.config.debtCeiling ?? 0n) > 0n,
  'the treasury': ({ action }) => action.liquidator === TREASURY || action.borrower === TREASURY,
  'bad debt': ({ applied }) =>
    !wasRefused(applied) &&
    applied.facts.some((fact) => fact.type === 'bad-debt' || (fact.type === 'loan-liquidation' && fact.badDebt)),
}

type Liquidate = Extract<AaveStep['action'], { readonly do: 'liquidate' }>

function kindsOf(steps: readonly AaveStep[]): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>()
  for (const step of steps) {
    const { action } = step
    if (action.do !== 'liquidate' || wasRefused(step.applied)) continue
    for (const [name, is] of Object.entries(KINDS))
      if (is({ ...step, action })) kinds.set(name, (kinds.get(name) ?? 0) + 1)
  }
  return kinds
}

function sumOf(trials: readonly AaveTrial[]): Pick<AaveRun, 'liquidations' | 'others' | 'words' | 'differences'> {
  const sum = (side: 'liquidations' | 'others', verdict: 'accepted' | 'refused') =>
    trials.reduce((total, trial) => total + trial[side][verdict], 0)
  const words = new Map<string, number>()
  for (const [word, count] of trials.flatMap((trial) => [...trial.words]))
    words.set(word, (words.get(word) ?? 0) + count)
  return {
    liquidations: { accepted: sum('liquidations', 'accepted'), refused: sum('liquidations', 'refused') },
    others: { accepted: sum('others', 'accepted'), refused: sum('others', 'refused') },
    words,
    differences: trials.flatMap(({ differences }) => differences),
  }
}

/** Everything as it stands, and the time at which histories begin: always the same, so that a seed gives the same run, and long after any deployment. */
async function readNow(market: AaveMarket, reader: AaveReader): Promise<{ reading: Reading; time: bigint }> {
  const [calls = []] = await market.chain.simulate([{ calls: [callOf(reader.contract, 'read')] }])
  return { reading: decoder(reader)(calls[0]?.data as Hex), time: BigInt(GENESIS) + 100_000n }
}

/** The counts in one line. */
export function told(version: AaveVersion, seed: string, run: AaveRun): string {
  const { liquidations, others, words, kinds } = run
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  return (
    `Aave ${version}, seed ${seed}: ${liquidations.accepted + liquidations.refused} liquidations ` +
    `(${liquidations.accepted} accepted, ${liquidations.refused} refused), ` +
    `${others.accepted + others.refused} other actions (${others.accepted} accepted, ${others.refused} refused) ` +
    `in ${run.markets} markets: ${run.differences.length} differences; ` +
    `accepted with ${list(kinds)}; refused with ${list(words)}`
  )
}
