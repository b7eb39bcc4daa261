/** One test run against one version of Aave: markets with random parameters, histories in them, every call compared, everything counted. */
import type { Hex } from 'viem'
import { prng } from '../../model/index.ts'
import { drawHistory, isLiquidation } from './aave-history.ts'
import { type AaveMarket, type AaveVersion, deployCoins } from './aave-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import { type AaveReader, decoder, deployReader, type Reading } from './aave-reading.ts'
import { type AaveTrial, tryHistory } from './aave-trial.ts'
import { deployAaveV2, deployAaveV2Code } from './aave-v2-market.ts'
import { deployAaveV30, deployAaveV30Code } from './aave-v3-0-market.ts'
import { deployAaveV36, deployAaveV36Code } from './aave-v3-6-market.ts'
import { callOf, type LocalChain } from './chain.ts'

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

/** Deploys what markets of a version share; gives the way to deploy one more. */
export async function aaveDeployer(
  chain: LocalChain,
  version: AaveVersion,
): Promise<(seed: string) => Promise<AaveMarket>> {
  const coins = await deployCoins(chain, version)
  if (version === 'v2') {
    const code = await deployAaveV2Code(chain)
    return (seed) => deployAaveV2(chain, code, coins, prng(seed))
  }
  if (version === 'v3.0') {
    const code = await deployAaveV30Code(chain)
    return (seed) => deployAaveV30(chain, code, coins, prng(seed))
  }
  const code = await deployAaveV36Code(chain)
  return (seed) => deployAaveV36(chain, code, coins, prng(seed))
}

/** Liquidations of one history: what fits into one request. */
const PER_HISTORY = 30
/** Histories of one market. */
const PER_MARKET = 3

/** Runs until so many liquidations were compared. */
export async function runAave(
  deploy: (seed: string) => Promise<AaveMarket>,
  ours: AaveOurs,
  { seed, liquidations, differences: most = 3 }: AaveRunOptions,
): Promise<AaveRun> {
  const trials: AaveTrial[] = []
  let [markets, compared, steps, deficits] = [0, 0, 0, 0]
  let site: { market: AaveMarket; reader: AaveReader; start: { reading: Reading; time: bigint } } | undefined
  for (let history = 0; compared < liquidations; history++) {
    if (site === undefined || history % PER_MARKET === 0) {
      const market = await deploy(`${seed}/market/${markets++}`)
      const reader = await deployReader(market)
      site = { market, reader, start: await readNow(market, reader) }
    }
    const { market, reader, start } = site
    const drawn = drawHistory(ours, market, start, PER_HISTORY, prng(`${seed}/history/${history}`))
    const trial = await tryHistory(ours, market, reader, start.reading, drawn)
    trials.push({
      ...trial,
      differences: trial.differences.map((what) => `seed ${seed}, market ${markets - 1}, history ${history}, ${what}`),
    })
    if (trials.filter((one) => one.differences.length > 0).length >= most) break
    compared += trial.liquidations.accepted + trial.liquidations.refused
    steps += drawn.length
    deficits += drawn.filter((step) => isLiquidation(step) && booksDeficit(step.applied)).length
  }
  return { markets, steps, deficits, ...sumOf(trials) }
}

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
