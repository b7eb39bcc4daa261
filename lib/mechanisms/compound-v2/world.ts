/** Random worlds of Compound v2 and Venus for the conformance suite: four markets, a few accounts, prices that wander and crash. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type CompoundAction, compoundPrices, compoundV2 } from './mechanism.ts'
import {
  accountLiquidity,
  borrowBalance,
  type CompoundMarket,
  type CompoundRules,
  type CompoundState,
  exchangeRate,
  type JumpRateModel,
  mulWad,
  WAD,
  weightOf,
} from './rules.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const START = 1_700_000_000
/** Asset, decimals, dollars, exchange rate of the first token. */
const ASSETS = [
  ['ETH', 18, 2_000, 2n * 10n ** 26n],
  ['USDC', 6, 1, 2n * 10n ** 14n],
  ['WBTC', 8, 40_000, 2n * 10n ** 16n],
  ['DAI', 18, 1, 2n * 10n ** 26n],
] as const

/** A world of Compound v2. */
export function compoundWorld(chance: Prng): World<CompoundState, CompoundAction> {
  return compoundWorldOf('compound-v2', chance)
}

/** A world of one of the two rule books. */
export function compoundWorldOf(rules: CompoundRules, chance: Prng): World<CompoundState, CompoundAction> {
  const state: CompoundState = {
    rules,
    clock: { time: BigInt(START), block: 1_000n, blocks: 1n, seconds: rules === 'venus-core' ? 3n : 12n },
    closeFactor: BigInt(300 + chance.int(600)) * 10n ** 15n,
    markets: new Map(ASSETS.map(([asset, , , rate]) => [asset, marketOf(rules, asset, rate, chance)])),
    accounts: new Map(),
  }
  const dollars: Map<string, number> = new Map(ASSETS.map(([asset, , price]) => [asset, price]))
  return {
    state,
    at: momentOf(START, dollars),
    next: (now, at) => {
      const time = at.time + chance.int(chance.int(8) === 0 ? 2_000_000 : 20_000)
      wander(dollars, chance)
      const moment = momentOf(time, dollars)
      return { action: actionOf(now, moment, dollars, chance), at: moment }
    },
    attacks: attacksOn,
    toxic: isToxic,
    audit: auditOf,
  }
}

function marketOf(rules: CompoundRules, asset: string, initialExchangeRate: bigint, chance: Prng): CompoundMarket {
  const factor = BigInt(400 + chance.int(450)) * 10n ** 15n
  const model: JumpRateModel = {
    baseRatePerBlock: BigInt(chance.int(10)) * 10n ** 9n,
    multiplierPerBlock: BigInt(1 + chance.int(200)) * 10n ** 9n,
    jumpMultiplierPerBlock: BigInt(100 + chance.int(1_000)) * 10n ** 9n,
    kink: BigInt(500 + chance.int(400)) * 10n ** 15n,
  }
  return {
    ...{ asset, feed: asset, model, initialExchangeRate, collateralFactor: factor },
    liquidationThreshold: rules === 'venus-core' ? factor + 5n * 10n ** 16n : factor,
    liquidationIncentive: rules === 'venus-core' ? WAD + BigInt(40 + chance.int(100)) * 10n ** 15n : 108n * 10n ** 16n,
    reserveFactor: BigInt(chance.int(300)) * 10n ** 15n,
    protocolSeizeShare: rules === 'venus-core' ? 0n : 28n * 10n ** 15n,
    forcedLiquidation: false,
    ...{ cash: 0n, totalBorrows: 0n, totalReserves: 0n, totalSupply: 0n, borrowIndex: WAD, accrualBlock: 1_000n },
  }
}

/** Prices move a little; now and then one halves or recovers, so that debts outgrow their collateral. */
function wander(dollars: Map<string, number>, chance: Prng): void {
  for (const [asset, , price] of ASSETS) {
    const now = dollars.get(asset) ?? price
    const crash = chance.int(40) === 0 ? 0.5 : 1
    const back = now < price / 3 ? 1.5 : 1
    dollars.set(asset, now * crash * back * Math.exp(chance.normal() * 0.04))
  }
}

function momentOf(time: number, dollars: ReadonlyMap<string, number>): Moment {
  const prices = new Map(
    ASSETS.map(([asset, decimals, price]) => [
      asset as string,
      BigInt(Math.round((dollars.get(asset) ?? price) * 1e6)) * 10n ** BigInt(30 - decimals),
    ]),
  )
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
}

function actionOf(state: CompoundState, at: Moment, dollars: Map<string, number>, chance: Prng): CompoundAction {
  const [asset, decimals, price] = chance.pick(ASSETS)
  const account = chance.pick(ACCOUNTS)
  const worth = 10 ** (1 + chance.next() * 5)
  const amount = BigInt(Math.floor((worth / (dollars.get(asset) ?? price)) * 10 ** Math.min(decimals, 9)))
  const atoms = amount * 10n ** BigInt(decimals - Math.min(decimals, 9))
  const dice = chance.int(20)
  if (dice < 6) return { do: 'mint', account, market: asset, amount: atoms }
  if (dice < 8) return { do: 'enter', account, market: asset }
  if (dice < 13) return { do: 'borrow', account, market: asset, amount: borrowable(state, account, asset, at, chance) }
  if (dice < 14) return { do: 'redeem', account, market: asset, tokens: part(tokensOf(state, account, asset), chance) }
  if (dice < 15) return { do: 'redeem-underlying', account, market: asset, amount: atoms / 10n }
  if (dice < 17) return { do: 'repay', account, market: asset, amount: part(owedBy(state, account, asset), chance) }
  if (dice < 18) return chance.int(3) === 0 ? { do: 'exit', account, market: asset } : { do: 'accrue', market: asset }
  if (dice < 19 && chance.int(3) === 0) return governed(state, asset, chance)
  const offer = compoundV2.offers(state, account, at)[0]
  if (offer) return { ...offer.action, liquidator: 'lin' } as CompoundAction
  const collateralMarket = chance.pick(ASSETS)[0]
  return { do: 'liquidate', account, borrowMarket: asset, collateralMarket, repayAmount: atoms, liquidator: 'lin' }
}

function governed(state: CompoundState, market: string, chance: Prng): CompoundAction {
  const value = BigInt(chance.int(1_100)) * 10n ** 15n
  const dice = chance.int(4)
  if (dice === 0) return { do: 'govern', setting: { set: 'close-factor', value: value / 2n + 25n * 10n ** 16n } }
  if (dice === 1) return { do: 'govern', setting: { set: 'reserve-factor', market, value: value / 4n } }
  if (dice === 2 || state.rules === 'compound-v2')
    return { do: 'govern', setting: { set: 'collateral-factor', market, value, threshold: value } }
  return { do: 'govern', setting: { set: 'forced-liquidation', market, on: chance.int(2) === 0 } }
}

/** Mostly nearly all that the account may still borrow, sometimes a little too much. */
function borrowable(state: CompoundState, account: string, asset: string, at: Moment, chance: Prng): bigint {
  const price = compoundPrices(at)
  const { liquidity } = accountLiquidity(state, account, price, { weight: 'borrow' })
  const market = state.markets.get(asset)
  if (!market || liquidity === 0n) return 1n
  const most = (liquidity * WAD) / price(market.feed)
  const wished = (most * BigInt(300 + chance.int(710))) / 1_000n
  return chance.int(4) > 0 && wished > market.cash ? market.cash : wished
}

function part(amount: bigint, chance: Prng): bigint {
  return (amount * BigInt(1 + chance.int(1_010))) / 1_000n
}

function tokensOf(state: CompoundState, account: string, asset: string): bigint {
  return state.accounts.get(account)?.get(asset)?.tokens ?? 0n
}

function owedBy(state: CompoundState, account: string, asset: string): bigint {
  const market = state.markets.get(asset)
  return market ? borrowBalance(market, state.accounts.get(account)?.get(asset)) : 0n
}

/** A third of the first debt against one of the collaterals held, in turn. */
function attacksOn(state: CompoundState, account: string, at: Moment): readonly CompoundAction[] {
  const positions = [...(state.accounts.get(account) ?? [])]
  const borrowMarket = positions.find(([, { borrowPrincipal }]) => borrowPrincipal > 0n)?.[0] ?? 'DAI'
  const held = positions.filter(([, { tokens }]) => tokens > 0n).map(([asset]) => asset)
  const collateralMarket = held[at.time % (held.length || 1)] ?? 'ETH'
  const repayAmount = owedBy(state, account, borrowMarket) / 3n + 1n
  return [{ do: 'liquidate', account, borrowMarket, collateralMarket, repayAmount, liquidator: 'lin' }]
}

/** Health falls when factor · incentive of some collateral exceeds backing / required; below ten dollars whole tokens are lost to rounding. */
function isToxic(state: CompoundState, account: string, at: Moment): boolean {
  const health = compoundV2.assess(state, account, at)
  if (!health) return false
  const { backing, required } = health
  if (backing < 10n * WAD || required < 10n * WAD) return true
  return [...state.markets.values()].some((market) => {
    if (!state.accounts.get(account)?.get(market.asset)?.entered) return false
    const borne = mulWad(weightOf(state, market, 'liquidation'), market.liquidationIncentive)
    return backing * WAD <= (required * borne * 1_001n) / 1_000n
  })
}

function auditOf(state: CompoundState): string | undefined {
  for (const [asset, market] of state.markets) {
    const positions = [...state.accounts.values()].flatMap((all) => all.get(asset) ?? [])
    const tokens = positions.reduce((sum, one) => sum + one.tokens, 0n)
    if (tokens !== market.totalSupply) return `${asset}: tokens of accounts are ${tokens}, not ${market.totalSupply}`
    if (market.cash < 0n) return `${asset}: cash is ${market.cash}`
    const owed = positions.reduce((sum, one) => sum + borrowBalance(market, one), 0n)
    // Rounding of interest runs both ways in these contracts, by an atom for each accrual and account.
    if (owed > market.totalBorrows + market.totalBorrows / 10n ** 6n + 1_000n)
      return `${asset}: accounts owe ${owed}, more than the total ${market.totalBorrows}`
    if (market.totalSupply > 0n && exchangeRate(market) === 0n) return `${asset}: tokens are worth nothing`
  }
  return undefined
}
