/** Random worlds for pre-liquidation: two markets, a contract or two beside each, and prices that wander between the two thresholds. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { morphoPreLiquidation, type PreLiquidationAction, type PreLiquidationState } from './pre-liquidation.ts'
import { type PreLiquidationParams, preFactorsDown } from './pre-liquidation-rules.ts'
import { incentiveFactorDown, mulDivDown, ORACLE_PRICE_SCALE, WAD } from './rules.ts'
import { emptyMorpho, newMorphoMarket, positionIn } from './state.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const MARKETS = ['weth-usdc', 'wbtc-dai'] as const
const START = 1_700_000_000

/** A world of its own for every generator. */
export function preLiquidationWorld(chance: Prng): World<PreLiquidationState, PreLiquidationAction> {
  const morpho = emptyMorpho('fees')
  const state: PreLiquidationState = { morpho, contracts: new Map(), authorised: new Map() }
  for (const id of MARKETS) {
    const [collateral = '', loan = ''] = id.split('-')
    const lltv = BigInt(600 + chance.int(350)) * 10n ** 15n
    const rateModel = chance.pick([{ kind: 'none' }, { kind: 'adaptive', rateAtTarget: 0n }] as const)
    const market = newMorphoMarket({ loan, collateral, feed: id, lltv, rateModel }, BigInt(START))
    morpho.markets.set(id, { ...market, totalSupplyAssets: 10n ** 14n, totalSupplyShares: 10n ** 20n })
    morpho.positions.set(id, new Map([['fees', { supplyShares: 10n ** 20n, borrowShares: 0n, collateral: 0n }]]))
    state.contracts.set(`pre-${id}`, { market: id, params: paramsOf(lltv, id, chance) })
  }
  for (const account of ACCOUNTS) state.authorised.set(account, [...state.contracts.keys()])
  const level = new Map<string, number>(MARKETS.map((id) => [id, 1]))
  return {
    state,
    at: momentOf(START, level),
    next: (now, { time }) => {
      for (const id of MARKETS) level.set(id, (level.get(id) ?? 1) * Math.exp((chance.next() - 0.52) * 0.12))
      const at = momentOf(time + chance.int(50_000), level)
      return { action: actionOf(now, at, chance), at }
    },
    attacks: (now, target) => {
      const [contract = '', account = ''] = target.split('/')
      const market = now.contracts.get(contract)?.market ?? ''
      const { borrowShares } = positionIn(now.morpho, market, account)
      return [
        { do: 'pre-liquidate', contract, account, seizedAssets: 0n, repaidShares: borrowShares / 100n + 1n },
        { do: 'pre-liquidate', contract, account, seizedAssets: 1n, repaidShares: 0n },
      ]
    },
    toxic: (now, target, at) => isTight(now, target, at),
  }
}

function paramsOf(lltv: bigint, feed: string, chance: Prng): PreLiquidationParams {
  const most = mulDivDown(WAD, WAD, lltv)
  const part = (whole: bigint) => (whole * BigInt(chance.int(1_001))) / 1_000n
  const preLIF1 = WAD + part((most - WAD) / 2n)
  const preLCF1 = WAD / 100n + part(WAD / 2n)
  return {
    ...{ preLltv: lltv - WAD / 100n - part(WAD / 5n), feed, preLIF1, preLCF1 },
    preLIF2: preLIF1 + part(most - preLIF1),
    preLCF2: preLCF1 + part(WAD),
  }
}

function momentOf(time: number, level: ReadonlyMap<string, number>): Moment {
  const prices = new Map(
    [...level].map(([id, one]) => [id, (ORACLE_PRICE_SCALE * BigInt(Math.round(one * 1e9))) / 10n ** 9n]),
  )
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
}

function actionOf(state: PreLiquidationState, at: Moment, chance: Prng): PreLiquidationAction {
  const market = chance.pick(MARKETS)
  const [account, contract] = [chance.pick(ACCOUNTS), `pre-${market}`]
  const { collateral, borrowShares } = positionIn(state.morpho, market, account)
  const assets = BigInt(Math.floor(10 ** (4 + chance.next() * 8)))
  const dice = chance.int(20)
  if (dice < 4) return { do: 'supply-collateral', market, account, assets }
  if (dice < 10) {
    // Mostly as much as the collateral bears, so that the next move of the price matters.
    const value = (collateral * (at.price(market) ?? 0n)) / ORACLE_PRICE_SCALE
    const most = (value * (state.morpho.markets.get(market)?.lltv ?? 0n)) / WAD - borrowShares / 1_000_000n
    return { do: 'borrow', market, account, assets: most > 100n ? (most * BigInt(50 + chance.int(50))) / 100n : assets }
  }
  if (dice < 11) return { do: 'repay', market, account, shares: borrowShares / 2n }
  if (dice < 12) return { do: 'liquidate', market, account, seizedAssets: 0n, repaidShares: borrowShares }
  if (dice < 13) return { do: 'authorise', account, contract, allowed: chance.int(4) > 0 }
  if (dice < 14)
    return { do: 'deploy', contract: `${contract}-${chance.int(3)}`, market, params: badly(state, market, chance) }
  const seized = { seizedAssets: collateral / BigInt(2 + chance.int(40)), repaidShares: 0n }
  const repaid = { seizedAssets: 0n, repaidShares: borrowShares / BigInt(1 + chance.int(20)) }
  const sides = chance.int(2) === 0 ? seized : repaid
  return { do: 'pre-liquidate', contract, account, ...sides, liquidator: 'lin' }
}

/** Parameters that are sometimes refused. */
function badly({ morpho }: PreLiquidationState, market: string, chance: Prng): PreLiquidationParams {
  const params = paramsOf(morpho.markets.get(market)?.lltv ?? WAD, market, chance)
  const mistakes = [
    {},
    { preLltv: WAD },
    { preLCF1: params.preLCF2 + 1n },
    { preLCF1: WAD + 1n, preLCF2: 2n * WAD },
    { preLIF1: WAD - 1n },
    { preLIF1: params.preLIF2 + 1n },
    { preLIF2: incentiveFactorDown(0n) * 2n },
  ]
  return { ...params, ...chance.pick(mistakes) }
}

/** Health stands still where incentive · loan-to-value is 1: there, and on positions of few atoms, rounding decides. */
function isTight({ contracts, morpho }: PreLiquidationState, target: string, at: Moment): boolean {
  const state = { contracts, morpho, authorised: new Map([[target.split('/')[1] ?? '', [target.split('/')[0] ?? '']]]) }
  const health = morphoPreLiquidation.assess(state, target, at)
  const contract = contracts.get(target.split('/')[0] ?? '')
  const market = contract && morpho.markets.get(contract.market)
  if (!health || !market || !health.liquidatable) return true
  const ltv = (health.required * WAD) / (health.equity + health.required)
  if (ltv < contract.params.preLltv) return true
  const { preLIF } = preFactorsDown(contract.params, market.lltv, ltv)
  return health.required < 10_000n || (ltv * preLIF) / WAD > WAD - WAD / 1_000n
}
