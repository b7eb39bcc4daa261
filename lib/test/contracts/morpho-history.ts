/** A short random life of Morpho in real transactions, with our mechanism beside it; our state is kept as it was at some of its blocks. */
import { getAddress } from 'viem'
import {
  emptyMorpho,
  type MorphoMarketParams,
  type MorphoState,
  morphoBlue,
  wasRefused,
} from '../../mechanisms/index.ts'
import { type FeedAnswer, prng, type UnixSeconds } from '../../model/index.ts'
import type { LocalChain } from './chain.ts'
import { nextMorphoAction } from './morpho-actions.ts'
import { ENABLED_LLTVS, type MorphoDeployment, marketIdOf, morphoCall } from './morpho-chain.ts'

/** Our state as it was at a block, and the oracles' prices. */
export type MorphoSnapshot = {
  readonly block: bigint
  readonly time: number
  readonly state: MorphoState
  readonly prices: ReadonlyMap<string, bigint>
}

/** A life: markets by id, who borrowed in which, and snapshots. */
export type MorphoHistory = {
  readonly markets: ReadonlyMap<string, MorphoMarketParams>
  readonly borrowers: ReadonlyMap<string, ReadonlySet<string>>
  readonly snapshots: readonly MorphoSnapshot[]
}

/** Lives so many steps; a snapshot after every tenth. What our mechanism refuses is not sent. */
export async function liveMorpho(
  chain: LocalChain,
  deployment: MorphoDeployment,
  seed: string | number,
  steps: number,
): Promise<MorphoHistory> {
  const chance = prng(`${seed}/history`)
  const state = emptyMorpho()
  state.enabled = { lltvs: [...ENABLED_LLTVS], rateModels: ['utilisation', 'none'] }
  const markets = marketsOf(deployment)
  const prices = new Map<string, bigint>()
  const borrowers = new Map<string, Set<string>>()
  const snapshots: MorphoSnapshot[] = []
  let { timestamp } = await chain.publicClient.getBlock()
  for (let index = 0; index < steps; index++) {
    const time = Number(timestamp) + 10 + Math.floor(10 ** (chance.next() * 5))
    const at = { time: time as UnixSeconds, price: (feed: string) => prices.get(feed) as FeedAnswer | undefined }
    const { action, prices: changed } = nextMorphoAction({ deployment, state, markets, prices, at, chance, index })
    for (const [feed, price] of changed) {
      const oracle = deployment.oracles.find(({ address }) => address === feed)
      if (oracle) await chain.write(oracle, 'setPrice', [price])
      prices.set(feed, price)
    }
    if (!wasRefused(morphoBlue.apply(state, action, at))) {
      await chain.testClient.setNextBlockTimestamp({ timestamp: BigInt(time) })
      await chain.send(morphoCall(deployment, markets, action))
      if (action.do === 'borrow')
        borrowers.set(action.market, (borrowers.get(action.market) ?? new Set()).add(getAddress(action.account)))
    }
    const block = await chain.publicClient.getBlock()
    timestamp = block.timestamp
    if (index % 10 === 9) {
      const copy = { state: structuredClone(state), prices: new Map(prices) }
      snapshots.push({ block: block.number, time: Number(timestamp), ...copy })
    }
  }
  return { markets, borrowers, snapshots }
}

/** One market whose rate follows utilisation and one without rates. */
function marketsOf(deployment: MorphoDeployment): Map<string, MorphoMarketParams> {
  const [one, other] = deployment.tokens
  return new Map(
    deployment.oracles.map((oracle, index) => {
      const [loan, collateral] = index === 0 ? [one.address, other.address] : [other.address, one.address]
      const rateModel = index === 0 ? ({ kind: 'utilisation' } as const) : ({ kind: 'none' } as const)
      const params = {
        loan,
        collateral,
        feed: oracle.address,
        lltv: index === 0 ? 860n * 10n ** 15n : 770n * 10n ** 15n,
        rateModel,
      }
      return [marketIdOf(deployment, params), params]
    }),
  )
}
