/** Random Morpho worlds for the conformance suite: two markets, a few accounts, prices that wander, everything anybody may call. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { min } from '../solidity.ts'
import { morphoBlue } from './mechanism.ts'
import { incentiveFactorDown, type MorphoMarket, maxBorrowDown, ORACLE_PRICE_SCALE, WAD } from './rules.ts'
import { created, emptyMorpho, type MorphoAction, type MorphoState, newMorphoMarket, positionIn } from './state.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const MARKETS = ['weth-usdc', 'wbtc-dai'] as const

/** A world of its own for every generator. */
export function morphoWorld(chance: Prng): World<MorphoState, MorphoAction> {
  const state = emptyMorpho('fees')
  for (const id of MARKETS) state.markets.set(id, marketOf(id, chance))
  return {
    state,
    at: momentOf(1_700_000_000, chance),
    next: (now, { time }) => {
      const at = momentOf(time + chance.int(200_000), chance)
      return { action: chance.int(4) === 0 ? nearLimit(now, at, chance) : actionOf(chance), at }
    },
    attacks: (now, target) => {
      const [market = '', account = ''] = target.split('/')
      const position = now.positions.get(market)?.get(account)
      return [
        { do: 'liquidate', market, account, seizedAssets: 0n, repaidShares: position?.borrowShares ?? 1n },
        { do: 'liquidate', market, account, seizedAssets: 1n, repaidShares: 0n },
      ]
    },
    toxic: (now, target, at) => isToxic(now, target, at),
    audit: (now, at) => auditOf(now, at),
  }
}

function marketOf(id: string, chance: Prng): MorphoMarket {
  const [collateral = '', loan = ''] = id.split('-')
  const rateModel = chance.pick([
    { kind: 'none' },
    { kind: 'utilisation' },
    { kind: 'fixed', rate: 10n ** 9n },
    { kind: 'adaptive', rateAtTarget: 0n },
  ] as const)
  const lltv = BigInt(500 + chance.int(480)) * 10n ** 15n
  const market = newMorphoMarket({ loan, collateral, feed: id, lltv, rateModel }, 1_700_000_000n)
  return { ...market, fee: BigInt(chance.int(25)) * 10n ** 16n }
}

/** Prices around 1, now and then far away, as Morpho scales them. */
function momentOf(time: number, chance: Prng): Moment {
  const prices = new Map(
    MARKETS.map((id) => [id, (ORACLE_PRICE_SCALE * BigInt(200 + chance.int(1_800))) / 1_000n] as const),
  )
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed as never) as FeedAnswer | undefined }
}

/** A loan close to what its collateral and the market bear, sometimes beyond it; of such loans the next prices make liquidations. */
function nearLimit(state: MorphoState, at: Moment, chance: Prng): MorphoAction {
  const [market, account] = [chance.pick(MARKETS), chance.pick(ACCOUNTS)]
  const { lltv, totalSupplyAssets, totalBorrowAssets } = created(state, market)
  const { collateral } = positionIn(state, market, account)
  const most = maxBorrowDown(collateral, at.price(market) ?? 0n, lltv)
  const idle = totalSupplyAssets - totalBorrowAssets
  return { do: 'borrow', market, account, assets: (min(most, idle) * BigInt(300 + chance.int(750))) / 1_000n }
}

function actionOf(chance: Prng): MorphoAction {
  const market = chance.pick(MARKETS)
  const account = chance.pick(ACCOUNTS)
  const assets = BigInt(Math.floor(10 ** (chance.next() * 12)))
  const size = chance.int(4) === 0 ? { shares: assets * 1_000_000n } : { assets }
  const dice = chance.int(25)
  if (dice < 6) return { do: 'supply', market, account, ...size }
  if (dice < 10) return { do: 'supply-collateral', market, account, assets }
  if (dice < 16) return { do: 'borrow', market, account, ...size }
  if (dice < 18) return { do: 'repay', market, account, ...size }
  if (dice < 19) return { do: 'withdraw-collateral', market, account, assets }
  if (dice < 20) return { do: 'withdraw', market, account: chance.pick([account, 'fees']), ...size }
  if (dice < 24) {
    const whole = { repaidShares: assets * 1_000_000n, seizedAssets: 0n }
    const sides = chance.int(2) === 0 ? { seizedAssets: assets, repaidShares: 0n } : whole
    return { do: 'liquidate', market, account, ...sides, liquidator: 'lin' }
  }
  return chance.pick([
    { do: 'set-fee', market, fee: BigInt(chance.int(30)) * 10n ** 16n },
    { do: 'set-fee-recipient', account: chance.pick(['fees', 'dot']) },
    { do: 'accrue', market },
  ] as const)
}

/** Health falls when LLTV · LIF exceeds backing / required; a position of a few atoms also loses whole units to rounding. */
function isToxic(state: MorphoState, target: string, at: Moment): boolean {
  const market = state.markets.get(target.split('/')[0] ?? '')
  const health = morphoBlue.assess(state, target, at)
  if (!market || !health) return false
  const borne = (market.lltv * incentiveFactorDown(market.lltv)) / WAD
  return health.backing < 1_000_000n || health.backing * WAD < health.required * borne
}

function auditOf(state: MorphoState, at: Moment): string | undefined {
  for (const [id, market] of state.markets) {
    const positions = [...(state.positions.get(id)?.values() ?? [])]
    const sum = (key: 'supplyShares' | 'borrowShares') => positions.reduce((total, one) => total + one[key], 0n)
    if (sum('supplyShares') !== market.totalSupplyShares) return `${id}: supply shares do not add up at ${at.time}`
    if (sum('borrowShares') !== market.totalBorrowShares) return `${id}: borrow shares do not add up at ${at.time}`
    if (market.totalBorrowAssets > market.totalSupplyAssets) return `${id}: more is borrowed than was supplied`
  }
  return undefined
}
