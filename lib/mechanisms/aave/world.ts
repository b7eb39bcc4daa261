/** Random Aave worlds for the conformance suite: four assets, four accounts, prices that wander and crash, everything anybody may call. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { MAX_UINT256, max, min, unlessReverted } from '../solidity.ts'
import type { AaveAction, AaveBook } from './action.ts'
import { AAVE_V2_BOOK, AAVE_V30_BOOK } from './legacy-book.ts'
import { aaveMechanism, aavePairs } from './mechanism.ts'
import {
  type AaveAccount,
  type AaveEMode,
  type AaveReserve,
  type AaveState,
  emptyAccount,
  scaledSupplyOf,
} from './state.ts'
import { AAVE_V1_BOOK } from './v1-book.ts'
import type { AaveAccountData } from './v3-account.ts'
import { AAVE_V33_BOOK, AAVE_V34_BOOK, AAVE_V35_BOOK, AAVE_V36_BOOK, AAVE_V37_BOOK } from './v3-book.ts'
import { PERCENT, RAY } from './wad-ray.ts'

/** What a version's worlds have: base currency units per dollar, e-modes, isolation, caps, stable-rate debt. */
export type AaveWorldTerms = {
  readonly perDollar: bigint
  readonly eModes: 'none' | 'one-price' | 'bitmaps'
  readonly isolation: boolean
  readonly stable: boolean
  readonly protocolFee: boolean
}

const START = 1_700_000_000
const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const LIQUIDATOR = 'lin'
/** Symbol, decimals, dollars, threshold (bps). */
const ASSETS = [
  ['WETH', 18, 2_000, 8_250],
  ['WBTC', 8, 40_000, 7_500],
  ['USDC', 6, 1, 8_000],
  ['DAI', 18, 1, 7_700],
] as const
type Asset = (typeof ASSETS)[number][0]

/** Worlds for a book. `dress` fills in what only this version's reserves have. */
export function aaveWorld<S extends AaveState>(
  book: AaveBook<S>,
  terms: AaveWorldTerms,
  dress: (state: AaveState, chance: Prng) => S,
): (chance: Prng) => World<S, AaveAction> {
  return (chance) => {
    const state = dress(stateOf(terms, chance.fork('state')), chance.fork('dress'))
    const prices = new Map<string, bigint>(
      ASSETS.map(([asset, , dollars]) => [asset, BigInt(dollars) * terms.perDollar]),
    )
    return {
      state,
      at: momentOf(START, prices),
      next: (now, { time }) => {
        wander(prices, terms, chance)
        const at = momentOf(time + chance.int(chance.int(10) === 0 ? 20_000_000 : 200_000), prices)
        return { action: actionOf(book, now, at, chance), at }
      },
      attacks,
      toxic: (now, target, at) => isToxic(book, now, target, at),
      audit: (now, at) => auditOf(book, now, at, terms),
    }
  }
}

function stateOf(terms: AaveWorldTerms, chance: Prng): AaveState {
  return {
    reserves: new Map(ASSETS.map((asset) => [asset[0], reserveOf(asset, terms, chance)])),
    eModes: new Map(terms.eModes === 'none' ? [] : eModesOf(terms, chance)),
    accounts: new Map<string, AaveAccount>([...ACCOUNTS, LIQUIDATOR].map((id) => [id, emptyAccount()])),
    treasury: 'treasury',
  }
}

function reserveOf(
  [asset, decimals, , threshold]: (typeof ASSETS)[number],
  terms: AaveWorldTerms,
  chance: Prng,
): AaveReserve {
  const dollar = asset === 'USDC' || asset === 'DAI'
  const isolated = terms.isolation && asset === 'WBTC' && chance.int(3) === 0
  const ltv = chance.int(12) === 0 ? 0n : BigInt(threshold - 300 - chance.int(700))
  return {
    config: {
      ...{ asset, feed: asset, decimals: BigInt(decimals), ltv, liquidationThreshold: BigInt(threshold) },
      liquidationBonus: 10_000n + BigInt(chance.int(1_200)),
      liquidationProtocolFee: terms.protocolFee ? BigInt(chance.pick([0, 1_000, 2_000])) : 0n,
      reserveFactor: BigInt(chance.pick([0, 1_000, 2_500])),
      ...{ optimalUsage: 8_000n, baseRate: BigInt(chance.int(200)), slope1: 700n, slope2: 8_000n },
      ...(terms.stable
        ? {
            stable: {
              ...{ slope1: 200n, slope2: 6_000n, market: 3n * 10n ** 25n, baseOffset: 100n, excessOffset: 800n },
              ...{ optimalShare: 2_000n, enabled: chance.int(4) > 0 },
            },
          }
        : {}),
      ...(isolated ? { debtCeiling: 3_000_000n } : {}),
      ...(terms.isolation
        ? { borrowableInIsolation: dollar, siloed: chance.int(12) === 0, supplyCap: chance.int(4) ? 0n : 900_000n }
        : {}),
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n },
    ...{ updated: BigInt(START), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n },
    ...{ scaledSupply: chance.int(2) ? 0n : undefined, paused: false, graceUntil: 0n },
    ...(terms.stable ? { stableBorrowRate: 3n * 10n ** 25n } : {}),
  }
}

function eModesOf({ eModes, perDollar }: AaveWorldTerms, chance: Prng): [number, AaveEMode][] {
  const stables = { ltv: 9_300n, liquidationThreshold: 9_500n, liquidationBonus: 10_100n }
  const majors = { ltv: 8_500n, liquidationThreshold: 8_800n, liquidationBonus: 10_300n }
  if (eModes === 'one-price')
    return [
      [1, { ...stables, collateral: ['USDC', 'DAI'], ...(chance.int(2) && perDollar ? { feed: 'USDC' } : {}) }],
      [2, { ...majors, collateral: ['WETH'] }],
    ]
  return [
    [1, { ...stables, collateral: ['USDC', 'DAI'], ...(chance.int(4) ? {} : { ltvZero: ['DAI'] }) }],
    [2, { ...majors, collateral: ['WETH', 'WBTC'], borrowable: ['USDC', 'WETH'], isolated: chance.int(2) === 0 }],
  ]
}

/** Every price a few percent up or down, now and then a crash, pulled back towards where it began. */
function wander(prices: Map<string, bigint>, { perDollar }: AaveWorldTerms, chance: Prng): void {
  for (const [asset, , dollars] of ASSETS) {
    const usual = BigInt(dollars) * perDollar
    const now = prices.get(asset) ?? usual
    const permille = chance.int(18) === 0 ? 400 + chance.int(400) : 940 + chance.int(125)
    const moved = (now * BigInt(permille)) / 1_000n + BigInt(chance.int(7))
    prices.set(asset, max(usual / 20n, min(usual * 3n, moved < usual ? moved + usual / 60n : moved)))
  }
}

function momentOf(time: number, prices: ReadonlyMap<string, bigint>): Moment {
  const now = new Map(prices)
  return { time: time as UnixSeconds, price: (feed) => now.get(feed) as FeedAnswer | undefined }
}

function actionOf<S extends AaveState>(book: AaveBook<S>, state: S, at: Moment, chance: Prng): AaveAction {
  const account = chance.pick(ACCOUNTS)
  const asset = chance.pick(ASSETS)[0]
  const on = { account, asset }
  const mode = chance.int(4) === 0 ? ('stable' as const) : ('variable' as const)
  const dice = chance.int(100)
  if (dice < 30) return { do: 'supply', ...on, amount: atomsFor(book, asset, 10 ** (1 + chance.next() * 4.3), at) }
  if (dice < 60) return { do: 'borrow', ...on, amount: loanFor(book, state, account, asset, at, chance), mode }
  if (dice < 68)
    return { do: 'withdraw', ...on, amount: someOf(chance, atomsFor(book, asset, 10 ** (chance.next() * 4), at)) }
  if (dice < 76)
    return { do: 'repay', ...on, amount: someOf(chance, atomsFor(book, asset, 10 ** (chance.next() * 4), at)), mode }
  if (dice < 81) return { do: 'set-collateral', ...on, enabled: chance.int(2) === 0 }
  if (dice < 86) return { do: 'set-emode', account, category: chance.int(4) }
  return liquidationOf(book, state, at, chance)
}

const someOf = (chance: Prng, amount: bigint) => (chance.int(4) === 0 ? MAX_UINT256 : amount)

function atomsFor<S extends AaveState>(book: AaveBook<S>, asset: Asset, dollars: number, at: Moment): bigint {
  const decimals = ASSETS.find(([name]) => name === asset)?.[1] ?? 0
  const perDollar = book.baseUsd === undefined ? 5n * 10n ** 14n : 10n ** 8n
  const price = at.price(asset) ?? 1n
  return (BigInt(Math.ceil(dollars * 1e6)) * perDollar * 10n ** BigInt(decimals)) / (1_000_000n * price)
}

/** What the account may still borrow, a part of it; now and then more. */
function loanFor<S extends AaveState>(
  book: AaveBook<S>,
  state: S,
  id: string,
  asset: Asset,
  at: Moment,
  chance: Prng,
): bigint {
  const data = dataOf(book, state, id, at)
  const price = at.price(asset) ?? 1n
  const unit = 10n ** (state.reserves.get(asset)?.config.decimals ?? 0n)
  const room = data ? (data.totalCollateralBase * data.ltv) / PERCENT - data.totalDebtBase : 0n
  const asked = (max(room, 0n) * BigInt(300 + chance.int(720)) * unit) / (1_000n * price)
  return max(1n, min(asked, state.reserves.get(asset)?.virtualBalance ?? 0n))
}

function dataOf<S extends AaveState>(book: AaveBook<S>, state: S, id: string, at: Moment): AaveAccountData | undefined {
  const account = state.accounts.get(id)
  const price = (feed: string) => at.price(feed) ?? 0n
  return account && unlessReverted(() => book.data(state, account, { time: BigInt(at.time), price }))
}

/** A pair that may be liquidated, wholly or in part, for tokens or aTokens; or anything at all. */
function liquidationOf<S extends AaveState>(book: AaveBook<S>, state: S, at: Moment, chance: Prng): AaveAction {
  const liquidator = chance.pick([...ACCOUNTS, LIQUIDATOR, LIQUIDATOR])
  const pairs = ACCOUNTS.flatMap((borrower) =>
    aavePairs(book, state, borrower, at).map((pair) => ({ ...pair, borrower })),
  )
  const any = {
    borrower: chance.pick(ACCOUNTS),
    collateral: chance.pick(ASSETS)[0],
    debt: chance.pick(ASSETS)[0],
    cover: 0n,
  }
  const { borrower, collateral, debt, cover } = pairs.length > 0 && chance.int(8) > 0 ? chance.pick(pairs) : any
  const debtToCover = chance.pick([cover, MAX_UINT256, (cover * BigInt(chance.int(1_000))) / 1_000n, 1n])
  return { do: 'liquidate', borrower, liquidator, collateral, debt, debtToCover, receiveAToken: chance.int(3) === 0 }
}

/** One attack every third second: everything for tokens, or one atom for aTokens. */
function attacks(state: AaveState, target: string, { time }: Moment): readonly AaveAction[] {
  const flagged = (flag: 'usedAsCollateral' | 'borrowing') =>
    [...(state.accounts.get(target)?.positions ?? [])].find(([, position]) => position[flag])?.[0] ?? 'WETH'
  if (time % 3 !== 0) return []
  const [collateral, debt] = [flagged('usedAsCollateral'), flagged('borrowing')]
  const all = time % 2 === 0
  const debtToCover = all ? MAX_UINT256 : 1n
  return [
    { do: 'liquidate', borrower: target, liquidator: LIQUIDATOR, collateral, debt, debtToCover, receiveAToken: !all },
  ]
}

/** Health falls when threshold · bonus of some collateral exceeds it; where cents move, roundings decide. */
function isToxic<S extends AaveState>(book: AaveBook<S>, state: S, target: string, at: Moment): boolean {
  const health = aaveMechanism(book).assess(state, target, at)
  const account = state.accounts.get(target)
  if (!health || !account) return false
  if (health.required < 1_000_000n) return true
  const mode = state.eModes.get(account.eMode)
  let worst = 0n
  for (const [asset, { config, virtualBalance }] of state.reserves) {
    if (!account.positions.get(asset)?.usedAsCollateral) continue
    const payable = ((at.price(config.feed) ?? 0n) * virtualBalance) / 10n ** config.decimals
    if (payable < 1_000_000n) return true
    const { liquidationThreshold, liquidationBonus } = mode?.collateral.includes(asset) ? mode : config
    worst = max(worst, liquidationThreshold * liquidationBonus)
  }
  return health.backing * PERCENT * 9_990n < health.required * worst
}

/**
 * Debts add up, and what suppliers may claim is there: held, lent out, or booked as deficit. Not with stable rates: their total grows at an average
 * rate, so that it is never quite the sum of the accounts' debts.
 */
function auditOf<S extends AaveState>(
  book: AaveBook<S>,
  state: S,
  at: Moment,
  { stable }: AaveWorldTerms,
): string | undefined {
  for (const [asset, reserve] of state.reserves) {
    let [scaled, claims, owed] = [0n, 0n, 0n]
    for (const account of state.accounts.values()) {
      const position = account.positions.get(asset)
      // v1 keeps principals at either rate in one place.
      if ((position?.v1?.stableRate ?? 0n) === 0n) scaled += position?.scaledDebt ?? 0n
      // A balance that the contract itself cannot read is nobody's claim.
      const held = position && unlessReverted(() => book.balancesOf(reserve, position, BigInt(at.time)))
      if (!held) continue
      claims += held.collateral
      owed += held.debt
    }
    if (scaled !== reserve.scaledDebt) return `${asset}: debts add up to ${scaled}, not ${reserve.scaledDebt}`
    const supplied = [...state.accounts.values()].reduce(
      (sum, { positions }) => sum + (positions.get(asset)?.scaledCollateral ?? 0n),
      0n,
    )
    if (scaledSupplyOf(state, reserve) !== supplied) return `${asset}: aTokens do not add up`
    const there = reserve.virtualBalance + owed + reserve.deficit
    if (!stable && claims > there + SLACK) return `${asset}: suppliers may claim ${claims}, there is ${there}`
  }
  return undefined
}

/** Atoms that roundings may leave uncovered in a world. */
const SLACK = 200n

const V3 = { perDollar: 10n ** 8n, eModes: 'bitmaps', isolation: true, stable: false, protocolFee: true } as const
const asIs = (state: AaveState) => state

function wholePercents(state: AaveState): AaveState {
  const whole = (bps: bigint) => (bps / 100n) * 100n
  const reserves = [...state.reserves].map(([asset, reserve]) => {
    const { ltv, liquidationThreshold, liquidationBonus } = reserve.config
    const terms = {
      ...{ ltv: whole(ltv), liquidationThreshold: whole(liquidationThreshold) },
      liquidationBonus: whole(liquidationBonus),
    }
    return [asset, { ...reserve, config: { ...reserve.config, ...terms } }] as const
  })
  return { ...state, reserves: new Map(reserves) }
}

/** Worlds of v1: prices in wei of ether, terms in whole percents. */
export const aaveV1World = aaveWorld(
  AAVE_V1_BOOK,
  { perDollar: 5n * 10n ** 14n, eModes: 'none', isolation: false, stable: true, protocolFee: false },
  wholePercents,
)
/** Worlds of v2: prices in wei of ether. */
export const aaveV2World = aaveWorld(
  AAVE_V2_BOOK,
  { perDollar: 5n * 10n ** 14n, eModes: 'none', isolation: false, stable: true, protocolFee: false },
  asIs,
)
/** Worlds of v3.0. */
export const aaveV30World = aaveWorld(AAVE_V30_BOOK, { ...V3, eModes: 'one-price', stable: true }, asIs)
/** Worlds of v3.3. */
export const aaveV33World = aaveWorld(AAVE_V33_BOOK, V3, asIs)
/** Worlds of v3.4. */
export const aaveV34World = aaveWorld(AAVE_V34_BOOK, V3, asIs)
/** Worlds of v3.5. */
export const aaveV35World = aaveWorld(AAVE_V35_BOOK, V3, asIs)
/** Worlds of v3.6. */
export const aaveV36World = aaveWorld(AAVE_V36_BOOK, V3, asIs)
/** Worlds of v3.7. */
export const aaveV37World = aaveWorld(AAVE_V37_BOOK, { ...V3, isolation: false }, asIs)
