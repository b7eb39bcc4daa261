/**
 * A simulated book of loans for whoever has no file: three protocols with their own rules, drawn from a seed. Borrowers are of the kinds that real
 * books are made of (dollars against ETH, staked ETH looped into ETH, several collaterals, shorts); sizes and health factors are drawn, nobody is real.
 */
import {
  AAVE_V36_BOOK,
  type AaveAction,
  aaveV36,
  type CometAsset,
  type CometState,
  emptyMorpho,
  type Mechanism,
  type MorphoAction,
  type MorphoState,
  morphoBlue,
  newMorphoMarket,
  wasRefused,
} from '../mechanisms/index.ts'
import { assert, type FeedAnswer, type Moment, type Prng, prng, type UnixSeconds } from '../model/index.ts'
import { parseAccounts } from './lending-accounts.ts'
import { aaveLendingBook, cometLendingBook, type LendingBook, morphoLendingBook, usdFeed } from './lending-book.ts'
import type { FeedMeaning } from './lending-shock.ts'

type Coin = { readonly price: number; readonly decimals: number; readonly follows?: string }

/** Assets of the simulated markets, dollars per unit. */
const COINS: Readonly<Record<string, Coin>> = {
  ETH: { price: 3_000, decimals: 18 },
  wstETH: { price: 3_600, decimals: 18, follows: 'stETH' },
  weETH: { price: 3_180, decimals: 18, follows: 'ETH' },
  WBTC: { price: 90_000, decimals: 8, follows: 'BTC' },
  LINK: { price: 15, decimals: 18 },
  USDC: { price: 1, decimals: 6 },
  USDT: { price: 1, decimals: 6 },
}
/** Every simulated book is of this second, so that nothing accrues. */
const TIME = 1_700_000_000 as UnixSeconds
const E8 = 1e8

const AT: Moment = { time: TIME, price: (feed) => PRICES.get(feed) }
const PRICES: ReadonlyMap<string, FeedAnswer> = new Map([
  ...Object.entries(COINS).map(([asset, { price }]) => [usdFeed(asset), BigInt(Math.round(price * E8))] as const),
  ...morphoPairs().map(({ collateral, loan, feed }) => [feed, oracleAnswer(collateral, loan)] as const),
] as [string, FeedAnswer][])

const FOLLOWS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(COINS).flatMap(([asset, { follows }]) => (follows ? [[asset, follows] as const] : [])),
  // Staked ether follows ether, as what wraps it does.
  ['stETH', 'ETH'] as const,
])

/** The books of a seed: the same for the same seed. */
export function demoBooks(seed: string): readonly LendingBook[] {
  const chance = prng(`lending/${seed}`)
  return [aaveDemo(chance.fork('aave')), cometDemo(chance.fork('comet')), morphoDemo(chance.fork('morpho'))].map(
    (book) => book as unknown as LendingBook,
  )
}

/** Dollars of a loan: many small, few large. */
const sizeOf = (chance: Prng) => Math.min(2e7, 300_000 * Math.exp(1.4 * chance.normal()))
/** A health factor: most far from 1, some close, one in a hundred below. */
const healthFor = (chance: Prng, near: number) =>
  chance.next() < 0.012 ? 1 - 0.03 * chance.next() : 1.004 + near * chance.exponential(1) * (0.25 + chance.next())
const digits = (value: number) => value.toPrecision(6)
const units = (asset: string, usd: number) => usd / (COINS[asset] as Coin).price

type Kind = { readonly weight: number; readonly near: number; readonly eMode?: number } & Readonly<
  Record<'collateral' | 'debt', Readonly<Record<string, number>>>
>

/** Who borrows of Aave: parts of collateral and of debt by asset, and how near to 1 the health factors lie. */
const AAVE_KINDS: readonly Kind[] = [
  { weight: 30, near: 0.6, collateral: { ETH: 1 }, debt: { USDC: 1 } },
  { weight: 12, near: 0.55, collateral: { ETH: 1 }, debt: { USDT: 1 } },
  { weight: 22, near: 0.07, eMode: 1, collateral: { wstETH: 1 }, debt: { ETH: 1 } },
  { weight: 10, near: 0.08, eMode: 1, collateral: { weETH: 1 }, debt: { ETH: 1 } },
  { weight: 10, near: 0.5, collateral: { wstETH: 1 }, debt: { USDC: 0.7, ETH: 0.3 } },
  { weight: 16, near: 0.6, collateral: { WBTC: 1 }, debt: { USDC: 0.6, USDT: 0.4 } },
  { weight: 8, near: 0.7, collateral: { ETH: 0.5, WBTC: 0.5 }, debt: { USDC: 1 } },
  { weight: 6, near: 0.8, collateral: { LINK: 1 }, debt: { USDT: 1 } },
  { weight: 6, near: 0.5, collateral: { USDC: 1 }, debt: { ETH: 1 } },
]
const AAVE_ACCOUNTS = 260
const THRESHOLDS: Readonly<Record<string, readonly [threshold: string, bonus: string]>> = {
  ETH: ['83%', '5%'],
  wstETH: ['81%', '6%'],
  weETH: ['80%', '7%'],
  WBTC: ['78%', '5%'],
  LINK: ['71%', '7%'],
  USDC: ['78%', '4.5%'],
  USDT: ['78%', '4.5%'],
}
const EMODE = { id: 1, liquidationThreshold: '95%', liquidationBonus: '1%', collateral: ['ETH', 'wstETH', 'weETH'] }

function aaveDemo(chance: Prng): LendingBook<unknown, AaveAction> {
  const assets = Object.entries(COINS).map(([asset, { price, decimals }]) => {
    const [liquidationThreshold, liquidationBonus] = THRESHOLDS[asset] as readonly [string, string]
    return { asset, price: String(price), decimals, liquidationThreshold, liquidationBonus }
  })
  const accounts = Array.from({ length: AAVE_ACCOUNTS }, (_, index) => aaveAccount(chance, index))
  const table = parseAccounts(JSON.stringify({ assets, eModes: [EMODE], accounts }), 'json', { time: TIME })
  const [book] = table.books
  assert(book && table.refused.length === 0, 'the simulated accounts are a table')
  const feeds = new Map<string, FeedMeaning>(Object.keys(COINS).map((asset) => [usdFeed(asset), { base: asset }]))
  const common = { protocol: 'aave-v3', at: AT, map: { feeds, follows: FOLLOWS } }
  return aaveLendingBook(AAVE_V36_BOOK, aaveV36, book.state, common)
}

function aaveAccount(chance: Prng, index: number) {
  const kind = drawn(chance, AAVE_KINDS)
  const usd = sizeOf(chance)
  const thresholdOf = (asset: string) => (kind.eMode ? 0.95 : Number.parseFloat(THRESHOLDS[asset]?.[0] ?? '0') / 100)
  const backing = Object.entries(kind.collateral).reduce(
    (sum, [asset, part]) => sum + usd * part * thresholdOf(asset),
    0,
  )
  const debt = backing / healthFor(chance, kind.near)
  const amounts = (parts: Readonly<Record<string, number>>, whole: number) =>
    Object.fromEntries(Object.entries(parts).map(([asset, part]) => [asset, amountText(asset, whole * part)] as const))
  return {
    account: `sim-a${String(index + 1).padStart(3, '0')}`,
    eMode: kind.eMode ?? 0,
    collateral: amounts(kind.collateral, usd),
    debt: amounts(kind.debt, debt),
  }
}

function drawn(chance: Prng, kinds: readonly Kind[]): Kind {
  let left = chance.next() * kinds.reduce((sum, { weight }) => sum + weight, 0)
  for (const kind of kinds) {
    left -= kind.weight
    if (left < 0) return kind
  }
  return kinds[0] as Kind
}

/** Whole units of so many dollars, with no more decimals than the asset has. */
function amountText(asset: string, usd: number): string {
  const { decimals } = COINS[asset] as Coin
  return Number(digits(units(asset, usd))).toFixed(Math.min(decimals, 6))
}

const atomsOf = (asset: string, usd: number) =>
  (BigInt(Math.round(units(asset, usd) * 1e6)) * 10n ** BigInt((COINS[asset] as Coin).decimals)) / 1_000_000n

/** Comet's collaterals: factors to liquidate and paid back, cents of a dollar. */
const COMET: Readonly<Record<string, readonly [borrow: bigint, liquidate: bigint, paid: bigint]>> = {
  ETH: [83n, 90n, 95n],
  wstETH: [82n, 87n, 92n],
  WBTC: [70n, 77n, 90n],
  LINK: [75n, 80n, 85n],
}
const COMET_ACCOUNTS = 80
const CENT = 10n ** 16n

function cometDemo(chance: Prng): LendingBook<CometState, unknown> {
  const scaleOf = (asset: string) => 10n ** BigInt((COINS[asset] as Coin).decimals)
  const curve = { kink: 10n ** 18n, base: 0n, slopeLow: 0n, slopeHigh: 0n }
  const assets = Object.entries(COMET).map(
    ([symbol, [borrow, liquidate, paid]]): CometAsset => ({
      ...{ symbol, feed: usdFeed(symbol), scale: scaleOf(symbol), borrowCollateralFactor: borrow * CENT },
      ...{ liquidateCollateralFactor: liquidate * CENT, liquidationFactor: paid * CENT },
    }),
  )
  const base = { symbol: 'USDC', feed: usdFeed('USDC'), scale: scaleOf('USDC') }
  const state: CometState = {
    config: {
      ...{ base, assets, storeFrontPriceFactor: 60n * CENT, targetReserves: 10n ** 13n, baseBorrowMin: 0n },
      ...{ supply: curve, borrow: curve },
    },
    ...{ baseSupplyIndex: 10n ** 15n, baseBorrowIndex: 10n ** 15n, totalSupplyBase: 0n, totalBorrowBase: 0n },
    ...{ lastAccrualTime: BigInt(TIME), baseBalance: 0n, owed: new Map(), held: new Map(), accounts: new Map() },
  }
  for (let index = 0; index < COMET_ACCOUNTS; index++) addCometAccount(state, chance, index)
  state.totalSupplyBase = 2n * state.totalBorrowBase
  state.baseBalance = state.totalSupplyBase - state.totalBorrowBase
  const feeds = new Map([base, ...assets].map(({ symbol, feed }) => [feed, { base: symbol }]))
  return cometLendingBook(state, { protocol: 'compound-v3', at: AT, map: { feeds, follows: FOLLOWS } }) as LendingBook<
    CometState,
    unknown
  >
}

function addCometAccount(state: CometState, chance: Prng, index: number): void {
  const names = Object.keys(COMET)
  const first = chance.next() < 0.55 ? 'ETH' : chance.pick(names)
  const second = chance.pick(names)
  const usd = sizeOf(chance) * 0.6
  const parts = second === first || chance.next() < 0.6 ? { [first]: 1 } : { [first]: 0.6, [second]: 0.4 }
  let backing = 0
  const collateral = new Map<string, bigint>()
  for (const [asset, part] of Object.entries(parts)) {
    const atoms = atomsOf(asset, usd * part)
    collateral.set(asset, atoms)
    for (const pile of [state.owed, state.held]) pile.set(asset, (pile.get(asset) ?? 0n) + atoms)
    backing += usd * part * (Number(COMET[asset]?.[1]) / 100)
  }
  const owed = atomsOf('USDC', backing / healthFor(chance, 0.55))
  state.accounts.set(`sim-c${String(index + 1).padStart(3, '0')}`, { principal: -owed, collateral })
  state.totalBorrowBase += owed
}

/** Morpho's markets: collateral, loan, LLTV in tenths of a percent, accounts, and how near to 1 their health factors lie. */
function morphoPairs() {
  return (
    [
      ['wstETH', 'ETH', 945n, 45, 0.05],
      ['wstETH', 'USDC', 860n, 30, 0.5],
      ['WBTC', 'USDC', 860n, 45, 0.45],
      ['weETH', 'ETH', 860n, 20, 0.12],
    ] as const
  ).map(([collateral, loan, lltv, accounts, near]) => {
    const id = `${collateral}-${loan}-${Number(lltv) / 10}`
    return { id, collateral, loan, lltv: lltv * 10n ** 15n, accounts, near, feed: `${collateral}/${loan}` }
  })
}

/** What Morpho's oracle answers: loan atoms per collateral atom, scaled 1e36. */
function oracleAnswer(collateral: string, loan: string): FeedAnswer {
  const [of, by] = [COINS[collateral] as Coin, COINS[loan] as Coin]
  const price = BigInt(Math.round((of.price / by.price) * 1e9))
  return (price * 10n ** BigInt(36 - 9 + by.decimals - of.decimals)) as FeedAnswer
}

function morphoDemo(chance: Prng): LendingBook<MorphoState, MorphoAction> {
  const state = emptyMorpho('fees')
  const rich: Moment = { time: TIME, price: () => (10n ** 42n) as FeedAnswer }
  const act = (action: MorphoAction) => {
    const done = (morphoBlue as Mechanism<MorphoState, MorphoAction>).apply(state, action, rich)
    assert(!wasRefused(done), 'a simulated loan is taken')
  }
  const feeds = new Map<string, FeedMeaning>()
  let count = 0
  for (const { id, collateral, loan, lltv, accounts, near, feed } of morphoPairs()) {
    const params = { loan, collateral, feed, lltv, rateModel: { kind: 'none' } } as const
    state.markets.set(id, newMorphoMarket(params, BigInt(TIME)))
    feeds.set(feed, { base: collateral, quote: loan, pair: 'collateral-in-debt' }).set(usdFeed(loan), { base: loan })
    act({ do: 'supply', market: id, account: 'lenders', assets: atomsOf(loan, 4e9) })
    for (let index = 0; index < accounts; index++) {
      count += 1
      const [account, usd] = [`sim-m${String(count).padStart(3, '0')}`, sizeOf(chance)]
      const owed = (usd * Number(lltv)) / 1e18 / healthFor(chance, near)
      act({ do: 'supply-collateral', market: id, account, assets: atomsOf(collateral, usd) })
      act({ do: 'borrow', market: id, account, assets: atomsOf(loan, owed) })
    }
  }
  const decimals = new Map(Object.entries(COINS).map(([asset, coin]) => [asset, coin.decimals]))
  const common = { protocol: 'morpho-blue', at: AT, map: { feeds, follows: FOLLOWS } }
  return morphoLendingBook(state, decimals, common)
}
