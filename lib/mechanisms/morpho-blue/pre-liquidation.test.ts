import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { FeedAnswer, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { morphoPreLiquidation, type PreLiquidationState } from './pre-liquidation.ts'
import { preFactorsDown } from './pre-liquidation-rules.ts'
import { WAD } from './rules.ts'
import { emptyMorpho, newMorphoMarket } from './state.ts'

/** Calls of the compiled contract (morpho-org/pre-liquidation at 9e8b7f4, solc 0.8.27) on Morpho 1.0.0, recorded on a local chain. */
type Recorded = {
  readonly rateModel: 'none' | 'utilisation'
  readonly params: Record<'preLltv' | 'preLCF1' | 'preLCF2' | 'preLIF1' | 'preLIF2', string>
  readonly market: Record<
    'totalSupplyAssets' | 'totalSupplyShares' | 'totalBorrowAssets' | 'totalBorrowShares',
    string
  > & {
    readonly lastUpdate: string
  }
  readonly position: Record<'borrowShares' | 'collateral', string>
  readonly authorised: boolean
  readonly time: number
  readonly out?: Record<string, string>
  readonly revert?: string
} & Record<'lltv' | 'price' | 'prePrice' | 'seizedAssets' | 'repaidShares', string>

const path = new URL('./pre-liquidation.recorded.json', import.meta.url)
const RECORDED = JSON.parse(readFileSync(path, 'utf8')) as readonly Recorded[]

const integers = <K extends string>(texts: Record<K, string>) =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, BigInt(text as string)])) as Record<K, bigint>

function stateOf(one: Recorded): PreLiquidationState {
  const morpho = emptyMorpho()
  const rateModel = { kind: one.rateModel }
  const made = newMorphoMarket(
    { loan: 'loan', collateral: 'coll', feed: 'feed', lltv: BigInt(one.lltv), rateModel },
    1n,
  )
  morpho.markets.set('m', { ...made, ...integers(one.market) })
  morpho.positions.set('m', new Map([['ann', { supplyShares: 0n, ...integers(one.position) }]]))
  const contract = { market: 'm', params: { ...integers(one.params), feed: 'pre-feed' } }
  return {
    ...{ morpho, contracts: new Map([['c', contract]]) },
    authorised: new Map([['ann', one.authorised ? ['c'] : []]]),
  }
}

describe('pre-liquidation', () => {
  it.each(
    RECORDED.map((one, index) => [index, one.revert ?? 'completed', one] as const),
  )('recorded call %i: %s', (_index, _word, one) => {
    const state = stateOf(one)
    const prices: Record<string, string> = { feed: one.price, 'pre-feed': one.prePrice }
    const at = { time: one.time as UnixSeconds, price: (feed: string) => BigInt(prices[feed] as string) as FeedAnswer }
    const call = { seizedAssets: BigInt(one.seizedAssets), repaidShares: BigInt(one.repaidShares) }
    const done = morphoPreLiquidation.apply(state, { do: 'pre-liquidate', contract: 'c', account: 'ann', ...call }, at)
    if (wasRefused(done)) return expect(done.refused.code).toBe(one.revert)
    const { totalBorrowAssets, totalBorrowShares } = state.morpho.markets.get('m') ?? {}
    const { borrowShares, collateral } = state.morpho.positions.get('m')?.get('ann') ?? {}
    const { seizedAssets, repaidAssets } = done.moved ?? {}
    expect({ seizedAssets, repaidAssets, totalBorrowAssets, totalBorrowShares, borrowShares, collateral }).toEqual(
      integers(one.out ?? {}),
    )
  })

  it('grows both factors in a straight line from preLltv to the LLTV', () => {
    const params = {
      preLltv: 80n * 10n ** 16n,
      preLCF1: WAD / 10n,
      preLCF2: WAD / 2n,
      preLIF1: WAD,
      preLIF2: (WAD * 11n) / 10n,
    }
    const lltv = 90n * 10n ** 16n
    const at = (ltv: bigint) => preFactorsDown(params, lltv, ltv)
    expect(at(params.preLltv)).toEqual({ quotient: 0n, preLCF: params.preLCF1, preLIF: params.preLIF1 })
    expect(at(lltv)).toEqual({ quotient: WAD, preLCF: params.preLCF2, preLIF: params.preLIF2 })
    expect(at(85n * 10n ** 16n).quotient).toBe(WAD / 2n)
  })
})
