/** Random Euler v2 vaults for the conformance suite: two collaterals, a few accounts, ramps of loan-to-values, prices that wander and crash. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type EulerAction, eulerV2 } from './mechanism.ts'
import { AS_MUCH_AS_ALLOWED, type EulerState, liquidationLtvAt } from './rules.ts'
import { currentOwed, type EulerVault, toAssetsUp } from './vault.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const START = 1_700_000_000
const RAY = 10n ** 27n
/** Asset, decimals, dollars. */
const ASSETS = [
  ['USDC', 6, 1],
  ['eWETH', 18, 2_000],
  ['eWBTC', 8, 40_000],
] as const
const COLLATERALS = [ASSETS[1], ASSETS[2]] as const

/** A world of its own for every generator. */
export function eulerWorld(chance: Prng): World<EulerState, EulerAction> {
  const state = stateOf(chance)
  const dollars: Map<string, number> = new Map(ASSETS.map(([asset, , price]) => [asset, price]))
  return {
    state,
    at: momentOf(START, dollars),
    next: (now, { time }) => {
      wander(dollars, chance)
      const at = momentOf(time + chance.int(chance.int(8) === 0 ? 2_000_000 : 20_000), dollars)
      return { action: actionOf(now, at, dollars, chance), at }
    },
    // Asking for as much as allowed is no attack: on a healthy account it succeeds as a liquidation of nothing.
    attacks: (now, account, { time }) => {
      const collateral = now.accounts.get(account)?.enabled[0] ?? 'eWETH'
      const repayAssets = time % 2 === 0 ? 1n : owedBy(now, account) / 2n + 1n
      return [{ do: 'liquidate', account, collateral, repayAssets, minYield: 0n, settle: true }]
    },
    toxic: isToxic,
    audit: auditOf,
  }
}

function stateOf(chance: Prng): EulerState {
  const vault: EulerVault = {
    ...{ lastUpdate: BigInt(START), cash: 0n, totalBorrows: 0n, totalShares: 0n, accumulatedFees: 0n },
    ...{ interestAccumulator: RAY, interestRate: 0n, interestFee: BigInt(chance.int(5)) * 1_000n },
    rateModel: {
      ...{ kind: 'linear-kink', baseRate: BigInt(chance.int(3)) * 10n ** 17n, kink: 3_435_973_836n },
      ...{ slope1: BigInt(chance.int(800)) * 10n ** 6n, slope2: BigInt(chance.int(30)) * 10n ** 9n },
    },
    ...{ supplyCap: 10n ** 14n, borrowCap: 10n ** 14n },
  }
  const ltvs = COLLATERALS.map(([asset]) => {
    const liquidation = BigInt(6_500 + chance.int(2_800))
    const terms = { liquidation, borrow: liquidation - 300n, initial: liquidation, rampDuration: 0n }
    return [asset, { ...terms, targetTimestamp: BigInt(START) }] as const
  })
  return {
    ...{ vault, asset: 'USDC', name: 'eUSDC', ltvs: new Map(ltvs), accounts: new Map() },
    maxLiquidationDiscount: BigInt(500 + chance.int(2_000)),
    ...{ liquidationCoolOffTime: BigInt(chance.int(2) * 60), socializeDebt: chance.int(5) > 0 },
  }
}

/** Prices move a little; now and then a collateral loses 45 %, and comes back later. */
function wander(dollars: Map<string, number>, chance: Prng): void {
  for (const [asset, , price] of COLLATERALS) {
    const now = dollars.get(asset) ?? price
    const crash = chance.int(12) === 0 ? 0.55 : 1
    dollars.set(asset, now * crash * (now < price / 3 ? 1.5 : 1) * Math.exp(chance.normal() * 0.05))
  }
}

function momentOf(time: number, dollars: ReadonlyMap<string, number>): Moment {
  const prices = new Map(
    ASSETS.map(([asset, decimals, price]) => {
      const micros = BigInt(Math.round((dollars.get(asset) ?? price) * 1e6))
      return [asset as string, micros * 10n ** BigInt(30 - decimals)]
    }),
  )
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
}

function actionOf(state: EulerState, at: Moment, dollars: ReadonlyMap<string, number>, chance: Prng): EulerAction {
  const account = chance.pick(ACCOUNTS)
  const [asset, decimals, price] = chance.pick(COLLATERALS)
  const worth = 10 ** (2 + chance.next() * 4)
  const usdc = BigInt(Math.floor(worth * 1e6))
  const shares = BigInt(Math.floor((worth / (dollars.get(asset) ?? price)) * 10 ** decimals))
  const dice = chance.int(24)
  if (dice < 3) return { do: 'deposit', account, amount: usdc }
  if (dice < 7) return { do: 'add-collateral', account, asset, amount: shares }
  if (dice < 10) return { do: 'enable-collateral', account, asset, on: chance.int(6) > 0 }
  if (dice < 15) return { do: 'borrow', account, amount: wish(state, account, at, chance) }
  if (dice < 16) return { do: 'repay', account, amount: part(owedBy(state, account), chance) }
  if (dice < 17) return { do: 'withdraw', account, amount: usdc / 10n }
  if (dice < 18) return { do: 'redeem', account, shares: part(state.accounts.get(account)?.shares ?? 0n, chance) }
  if (dice < 19) {
    const amount = part(state.accounts.get(account)?.collaterals.get(asset) ?? 0n, chance)
    return { do: 'remove-collateral', account, asset, amount }
  }
  if (dice < 20) return rare(state, account, asset, at, chance)
  const offers = [...eulerV2.targets(state)].flatMap((target) => eulerV2.offers(state, target, at))
  if (offers.length > 0) return chance.pick(offers).action
  const settle = chance.int(2) === 0
  return { do: 'liquidate', account, collateral: asset, repayAssets: AS_MUCH_AS_ALLOWED, minYield: 0n, settle }
}

function rare(state: EulerState, account: string, asset: string, at: Moment, chance: Prng): EulerAction {
  const dice = chance.int(4)
  if (dice === 0) return { do: 'pull-debt', account, from: chance.pick(ACCOUNTS), amount: AS_MUCH_AS_ALLOWED }
  if (dice === 1) return { do: 'disable-controller', account }
  if (dice === 2) return { do: 'accrue' }
  const now = state.ltvs.get(asset)
  const liquidation = now ? (liquidationLtvAt(now, BigInt(at.time)) * 9n) / 10n : 5_000n
  return { do: 'set-ltv', asset, borrow: liquidation / 2n, liquidation, rampDuration: 100_000n }
}

/** Nearly all that liquidation LTVs leave (so that some is too much for borrow LTVs), within the cash. */
function wish(state: EulerState, account: string, at: Moment, chance: Prng): bigint {
  const held = state.accounts.get(account)
  const worth = (held?.enabled ?? []).reduce((sum, asset) => {
    const ltv = state.ltvs.get(asset)
    const value = ((held?.collaterals.get(asset) ?? 0n) * (at.price(asset) ?? 0n)) / 10n ** 30n
    return sum + (ltv ? (value * liquidationLtvAt(ltv, BigInt(at.time))) / 10_000n : 0n)
  }, 0n)
  const owed = owedBy(state, account)
  const wished = ((worth > owed ? worth - owed : 10n ** 6n) * BigInt(500 + chance.int(500))) / 1_000n
  return chance.int(4) > 0 && wished > state.vault.cash ? state.vault.cash : wished
}

function owedBy({ vault, accounts }: EulerState, account: string): bigint {
  const debt = accounts.get(account)?.debt
  return debt ? toAssetsUp(currentOwed(vault, debt)) : 0n
}

function part(amount: bigint, chance: Prng): bigint {
  return (amount * BigInt(1 + chance.int(1_010))) / 1_000n
}

/** Taking a debt at the discount lowers health when a loan-to-value exceeds (1 − discount) · score; cents are lost to rounding. */
function isToxic(state: EulerState, account: string, at: Moment): boolean {
  const health = eulerV2.assess(state, account, at)
  if (!health || health.required < 10n ** 18n) return true
  const score = Number(health.backing) / Number(health.required)
  const factor = Math.max(score, 1 - Number(state.maxLiquidationDiscount) / 1e4)
  return (state.accounts.get(account)?.enabled ?? []).some((asset) => {
    const ltv = state.ltvs.get(asset)
    return ltv !== undefined && Number(liquidationLtvAt(ltv, BigInt(at.time))) / 1e4 >= factor * score * 0.9999
  })
}

function auditOf({ vault, accounts }: EulerState): string | undefined {
  const shares = [...accounts.values()].reduce((sum, one) => sum + one.shares, vault.accumulatedFees)
  if (shares !== vault.totalShares) return `shares are ${shares}, not ${vault.totalShares}`
  const owed = [...accounts.values()].reduce((sum, { debt }) => sum + currentOwed(vault, debt), 0n)
  // Exact debts and their sum are each rounded down at 2^-31 of an atom.
  const apart = owed > vault.totalBorrows ? owed - vault.totalBorrows : vault.totalBorrows - owed
  return apart > 1n << 40n ? `accounts owe ${owed}, the total is ${vault.totalBorrows}` : undefined
}
