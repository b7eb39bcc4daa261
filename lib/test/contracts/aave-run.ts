/** One test run against one version of Aave: markets with random parameters, histories in them, every call compared, everything counted. */
import type { Hex } from 'viem'
import { prng } from '../../model/index.ts'
import { type AaveStep, drawHistory, isLiquidation } from './aave-history.ts'
import { type AaveMarket, type AaveVersion, deployCoins } from './aave-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import { type AaveReader, decoder, deployReader, type Reading } from './aave-reading.ts'
import { type AaveTrial, tryHistory } from './aave-trial.ts'
import { deployAaveV2, deployAaveV2Code } from './aave-v2-market.ts'
import { deployAaveV30, deployAaveV30Code } from './aave-v3-0-market.ts'
import { deployAaveV36, deployAaveV36Code } from './aave-v3-6-market.ts'
import { callOf, type LocalChain, startChain } from './chain.ts'

/** What to run. `differences`: stop after so many histories that differ. */
export type AaveRunOptions = {
  readonly seed: string
  readonly liquidations: number
  readonly differences?: number | undefined
}

/** What was compared. `deficits`: liquidations after which the contract booked bad debt. */
export type AaveRun = {
  readonly markets: number
  readonly steps: number
  readonly liquidations: { readonly accepted: number; readonly refused: number }
  readonly others: { readonly accepted: number; readonly refused: number }
  readonly deficits: number
  readonly words: ReadonlyMap<string, number>
  readonly differences: readonly string[]
}

/** Deploys one market with all that it stands on. */
async function deployMarket(chain: LocalChain, version: AaveVersion, seed: string): Promise<AaveMarket> {
  const [coins, chance] = [await deployCoins(chain, version), prng(seed)]
  if (version === 'v2') return deployAaveV2(chain, await deployAaveV2Code(chain), coins, chance)
  if (version === 'v3.0') return deployAaveV30(chain, await deployAaveV30Code(chain), coins, chance)
  return deployAaveV36(chain, await deployAaveV36Code(chain), coins, chance)
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
  const deficits = steps.filter((step) => isLiquidation(step) && booksDeficit(step.applied)).length
  return { markets, steps: steps.length, deficits, ...sumOf(done.map(({ trial }) => trial)) }
}

type Done = { readonly trial: AaveTrial; readonly steps: readonly AaveStep[] }

const booksDeficit = (applied: object) =>
  'facts' in applied &&
  (applied.facts as readonly { type: string; badDebt?: unknown }[]).some(
    ({ type, badDebt }) => type === 'bad-debt' || badDebt !== undefined,
  )

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

/** Everything as it stands, and a time well after the last block's. */
async function readNow(market: AaveMarket, reader: AaveReader): Promise<{ reading: Reading; time: bigint }> {
  const { timestamp } = await market.chain.publicClient.getBlock()
  const [calls = []] = await market.chain.simulate([{ calls: [callOf(reader.contract, 'read')] }])
  return { reading: decoder(reader)(calls[0]?.data as Hex), time: timestamp + 1_000n }
}

/** The counts in one line. */
export function told(version: AaveVersion, seed: string, run: AaveRun): string {
  const { liquidations, others, words } = run
  const refusals = [...words].sort((a, b) => b[1] - a[1]).map(([word, count]) => `${word} ${count}`)
  return (
    `Aave ${version}, seed ${seed}: ${liquidations.accepted + liquidations.refused} liquidations ` +
    `(${liquidations.accepted} accepted, ${liquidations.refused} refused, ${run.deficits} with bad debt), ` +
    `${others.accepted + others.refused} other actions (${others.accepted} accepted, ${others.refused} refused) ` +
    `in ${run.markets} markets: ${run.differences.length} differences; refusals: ${refusals.join(', ')}`
  )
}
