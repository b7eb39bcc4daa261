/** Random Comets for the conformance suite: two collaterals, a few accounts, thin reserves, prices that wander and crash. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type CometAction, compoundV3 } from './mechanism.ts'
import type { CometAsset, CometState } from './rules.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const START = 1_700_000_000
const WAD = 10n ** 18n
const MAX = (1n << 256n) - 1n
/** Asset, decimals, dollars. */
const ASSETS = [
  ['WETH', 18, 2_000],
  ['WBTC', 8, 40_000],
  ['LINK', 18, 15],
] as const

/** A world of its own for every generator. */
export function cometWorld(chance: Prng): World<CometState, CometAction> {
  const state = stateOf(chance)
  const dollars: Map<string, number> = new Map([
    ['USDC', 1],
    ...ASSETS.map(([asset, , price]) => [asset, price] as const),
  ])
  return {
    state,
    at: momentOf(START, dollars),
    next: (now, { time }) => {
      wander(dollars, chance)
      const at = momentOf(time + chance.int(chance.int(8) === 0 ? 2_000_000 : 20_000), dollars)
      return { action: actionOf(now, at, dollars, chance), at }
    },
    attacks: (_, target) => [{ do: 'absorb', accounts: [target] }],
    audit: auditOf,
  }
}

function stateOf(chance: Prng): CometState {
  const per = (most: number) => BigInt(chance.int(most)) * 10n ** 8n
  const curve = () => ({
    ...{ kink: BigInt(700 + chance.int(250)) * 10n ** 15n, base: per(5) },
    ...{ slopeLow: per(30), slopeHigh: per(300) },
  })
  return {
    config: {
      base: { symbol: 'USDC', feed: 'USDC', scale: 10n ** 6n },
      storeFrontPriceFactor: BigInt(300 + chance.int(700)) * 10n ** 15n,
      targetReserves: BigInt(chance.int(200_000)) * 10n ** 6n,
      baseBorrowMin: BigInt(1 + chance.int(100)) * 10n ** 6n,
      ...{ supply: curve(), borrow: curve() },
      assets: ASSETS.map(([symbol, decimals]) => assetOf(symbol, decimals, chance)),
    },
    ...{ baseSupplyIndex: 10n ** 15n, baseBorrowIndex: 10n ** 15n, totalSupplyBase: 0n, totalBorrowBase: 0n },
    ...{ lastAccrualTime: BigInt(START), baseBalance: BigInt(chance.int(100_000)) * 10n ** 6n },
    ...{ owed: new Map(), held: new Map(), accounts: new Map() },
  }
}

function assetOf(symbol: string, decimals: number, chance: Prng): CometAsset {
  const liquidate = BigInt(600 + chance.int(330)) * 10n ** 15n
  return {
    ...{ symbol, feed: symbol, scale: 10n ** BigInt(decimals) },
    borrowCollateralFactor: liquidate - BigInt(20 + chance.int(80)) * 10n ** 15n,
    liquidateCollateralFactor: liquidate,
    liquidationFactor: liquidate + ((WAD - liquidate) * BigInt(chance.int(1_001))) / 1_000n,
    supplyCap: BigInt(1_000_000) * 10n ** BigInt(decimals),
  }
}

/** Prices move a little; now and then one halves, and comes back later. */
function wander(dollars: Map<string, number>, chance: Prng): void {
  for (const [asset, , price] of ASSETS) {
    const now = dollars.get(asset) ?? price
    const crash = chance.int(25) === 0 ? 0.5 : 1
    dollars.set(asset, now * crash * (now < price / 3 ? 1.5 : 1) * Math.exp(chance.normal() * 0.05))
  }
}

function momentOf(time: number, dollars: ReadonlyMap<string, number>): Moment {
  const prices = new Map([...dollars].map(([asset, price]) => [asset, BigInt(Math.round(price * 1e8))]))
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
}

function actionOf(state: CometState, at: Moment, dollars: ReadonlyMap<string, number>, chance: Prng): CometAction {
  const account = chance.pick(ACCOUNTS)
  const [asset, decimals, price] = chance.pick(ASSETS)
  const units = 10 ** (2 + chance.next() * 4) / (dollars.get(asset) ?? price)
  const amount = BigInt(Math.floor(units * 10 ** decimals))
  const base = BigInt(Math.floor(10 ** (8 + chance.next() * 4)))
  const dice = chance.int(20)
  if (dice < 3) return { do: 'supply', account, asset: 'USDC', amount: chance.int(6) === 0 ? MAX : base }
  if (dice < 8) return { do: 'supply', account, asset, amount }
  if (dice < 13)
    return {
      do: 'withdraw',
      account,
      asset: 'USDC',
      amount: chance.int(8) === 0 ? MAX : wish(state, account, at, chance),
    }
  if (dice < 15)
    return { do: 'withdraw', account, asset, amount: part(state.accounts.get(account)?.collateral.get(asset), chance) }
  if (dice < 16)
    return {
      do: 'transfer',
      account,
      to: chance.pick(ACCOUNTS),
      asset: chance.pick(['USDC', asset]),
      amount: base / 100n,
    }
  if (dice < 17) return chance.int(3) === 0 ? { do: 'withdraw-reserves', amount: base } : { do: 'accrue' }
  const offers = [...compoundV3.targets(state)].flatMap((target) => compoundV3.offers(state, target, at))
  if (offers.length > 0) return chance.pick(offers).action
  if (dice < 19) return { do: 'absorb', accounts: [account, chance.pick(ACCOUNTS)] }
  return { do: 'buy', asset, minAmount: 0n, baseAmount: base }
}

/** Mostly nearly all that the account may still borrow (at liquidation factors, so that some is too much), within what is there. */
function wish(state: CometState, account: string, at: Moment, chance: Prng): bigint {
  const health = compoundV3.assess(state, account, at)
  const room = health && health.backing > health.required ? (health.backing - health.required) / 100n : 10n ** 6n
  const wished = (room * BigInt(500 + chance.int(500))) / 1_000n
  return chance.int(4) > 0 && wished > state.baseBalance ? state.baseBalance : wished
}

function part(amount: bigint | undefined, chance: Prng): bigint {
  return ((amount ?? 0n) * BigInt(1 + chance.int(1_010))) / 1_000n
}

function auditOf(state: CometState): string | undefined {
  let [supplied, owed] = [0n, 0n]
  const collateral = new Map<string, bigint>()
  for (const account of state.accounts.values()) {
    if (account.principal > 0n) supplied += account.principal
    else owed -= account.principal
    for (const [asset, amount] of account.collateral) collateral.set(asset, (collateral.get(asset) ?? 0n) + amount)
  }
  // A withdrawal of nothing may turn an account's principal by one for rounding and leave the total.
  if (supplied > state.totalSupplyBase) return `accounts supplied ${supplied}, the total is ${state.totalSupplyBase}`
  if (owed > state.totalBorrowBase) return `accounts owe ${owed}, the total is ${state.totalBorrowBase}`
  for (const [asset, amount] of state.owed) {
    if ((collateral.get(asset) ?? 0n) !== amount)
      return `${asset}: accounts hold ${collateral.get(asset)}, not ${amount}`
    if ((state.held.get(asset) ?? 0n) < amount) return `${asset}: less is held than owed`
  }
  return state.baseBalance < 0n ? 'the base balance is below zero' : undefined
}
