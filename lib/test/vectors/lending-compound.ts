/** Lending vectors of Compound v2, Comet and Venus: seizure, store-front price, absorption, and Venus' XVS account of May 2021. */
import { z } from 'zod'
import {
  type CometState,
  type CompoundMarket,
  type CompoundState,
  cometRules,
  compoundLiquidation,
  compoundRules,
  VENUS_XVS,
} from '../../mechanisms/index.ts'
import { breakwaterError, fixedToNumber, parseFixed } from '../../model/index.ts'
import { type Form, form, num, nums } from './form.ts'

const WAD = 10n ** 18n

/** A number of a vector in fixed-point with 18 decimals: its float64, cut there. */
function wad(value: number): bigint {
  return parseFixed(value.toFixed(18), 18)
}

function compoundMarket(asset: string, terms: Partial<CompoundMarket>): CompoundMarket {
  return {
    ...{ asset, feed: asset, initialExchangeRate: WAD, collateralFactor: 0n, liquidationThreshold: 0n },
    model: { baseRatePerBlock: 0n, multiplierPerBlock: 0n, jumpMultiplierPerBlock: 0n, kink: WAD },
    ...{ liquidationIncentive: WAD, reserveFactor: 0n, protocolSeizeShare: 0n, forcedLiquidation: false },
    ...{ cash: 0n, totalBorrows: 0n, totalReserves: 0n, totalSupply: 0n, borrowIndex: WAD, accrualBlock: 0n },
    ...terms,
  }
}

/** Market tokens that one repayment seizes: `[exchange rate, price borrowed, price collateral, incentive, repaid]`. */
function seized(row: readonly number[]): number {
  const [rate = 0, priceBorrowed = 0, priceCollateral = 0, incentive = 0, repaid = 0] = row
  const collateral = compoundMarket('collateral', {
    initialExchangeRate: wad(rate),
    liquidationIncentive: wad(incentive),
  })
  const price = (feed: string) => wad(feed === 'collateral' ? priceCollateral : priceBorrowed)
  return fixedToNumber(compoundRules.seizeTokens(compoundMarket('borrowed', {}), collateral, wad(repaid), price), 18)
}

/** A Comet whose base and collaterals all have 18 decimals; nothing accrues. */
function comet(terms: { storeFront: number; liquidationFactor: number; collaterals: readonly string[] }): CometState {
  const curve = { kink: WAD, base: 0n, slopeLow: 0n, slopeHigh: 0n }
  return {
    config: {
      base: { symbol: 'base', feed: 'base', scale: WAD },
      storeFrontPriceFactor: wad(terms.storeFront),
      ...{ targetReserves: 0n, baseBorrowMin: 0n, supply: curve, borrow: curve },
      assets: terms.collaterals.map((symbol) => ({
        ...{ symbol, feed: symbol, scale: WAD, borrowCollateralFactor: 0n, liquidateCollateralFactor: 0n },
        liquidationFactor: wad(terms.liquidationFactor),
      })),
    },
    ...{ baseSupplyIndex: 10n ** 15n, baseBorrowIndex: 10n ** 15n, totalSupplyBase: 0n, totalBorrowBase: 0n },
    ...{ lastAccrualTime: 0n, baseBalance: 0n, owed: new Map(), held: new Map(), accounts: new Map() },
  }
}

/** One account with a debt against collaterals of these values is absorbed; the Comet holds nothing but what it is owed. */
function absorbed(debt: number, values: readonly number[], liqFactor: number) {
  const collaterals = values.map((_, index) => `collateral ${index}`)
  const state = comet({ storeFront: 0, liquidationFactor: liqFactor, collaterals })
  const collateral = new Map(collaterals.map((symbol, index) => [symbol, wad(values[index] ?? 0)]))
  state.totalBorrowBase = wad(debt)
  state.accounts.set('account', { principal: -wad(debt), collateral })
  for (const [symbol, amount] of collateral) {
    state.owed.set(symbol, amount)
    state.held.set(symbol, amount)
  }
  const before = cometRules.reservesAt(state, 0n)
  cometRules.absorb(state, ['account'], () => WAD, 0n)
  return {
    newBalance: fixedToNumber(cometRules.balanceOf(state, state.accounts.get('account')?.principal ?? 0n), 18),
    reservesBefore: fixedToNumber(before, 18),
    reservesAfter: fixedToNumber(cometRules.reservesAt(state, 0n), 18),
  }
}

type Debts = readonly (readonly [number, string])[]

/** Debts of the incident's assets at the prices of its begin; what the account still owed when its collateral was gone, from the incident. */
function venus({
  xvs,
  cf,
  pPeak,
  debt,
  bonus,
}: {
  xvs: number
  cf: number
  pPeak: number
  debt: Debts
  bonus: number
}) {
  const rows = debt.map(([amount, asset]) => {
    const known = VENUS_XVS.debts.find((one) => one.asset === asset)
    if (!known) throw breakwaterError('unknown-asset', `the incident knows no debt in ${asset}`, { asset })
    return { ...known, amount, left: Math.min(known.left, amount) }
  })
  const state = venusState(xvs, cf, bonus, rows)
  const price = (xvsPrice: bigint) => (feed: string) =>
    feed === 'XVS' ? xvsPrice : wad(rows.find(({ asset }) => asset === feed)?.priceBegin ?? 0)
  // At its peak the collateral carried the loan; the price at which repaying what was repaid took all XVS is the average of the sales.
  const { error } = compoundRules.accountLiquidity(state, 'whale', price(wad(pPeak)))
  if (error !== 0n) throw breakwaterError('missing-price', 'an asset of the account has no price')
  const atOneDollar = rows.reduce((sum, { asset, amount, left }) => {
    const [borrowed, collateral] = [state.markets.get(asset), state.markets.get('XVS')]
    if (!borrowed || !collateral) return sum
    return sum + compoundRules.seizeTokens(borrowed, collateral, wad(amount - left), price(WAD))
  }, 0n)
  const even = (atOneDollar * WAD) / wad(xvs)
  // A hair dearer, so that the roundings of several calls together still fit into the collateral.
  const average = even + even / 10n ** 15n + 1n
  liquidateAll(state, rows, price(average))
  const owed = rows.map(({ asset }) => {
    const market = state.markets.get(asset)
    const position = state.accounts.get('whale')?.get(asset)
    return market ? fixedToNumber(compoundRules.borrowBalance(market, position), 18) : 0
  })
  const worth = (key: 'priceBegin' | 'priceEnd') => rows.reduce((sum, one, at) => sum + (owed[at] ?? 0) * one[key], 0)
  return {
    badDebtUsd: [worth('priceEnd'), worth('priceBegin')].sort((a, b) => a - b),
    badDebtAssets: Object.fromEntries(rows.map(({ asset }, at) => [asset, owed[at] ?? 0])),
    impliedAvgPrice: fixedToNumber(average, 18),
  }
}

type Row = { readonly asset: string; readonly amount: number; readonly left: number }

function venusState(xvs: number, cf: number, bonus: number, rows: readonly Row[]): CompoundState {
  const collateral = compoundMarket('XVS', {
    ...{ collateralFactor: wad(cf), liquidationThreshold: wad(cf), liquidationIncentive: WAD + wad(bonus) },
    ...{ cash: wad(xvs), totalSupply: wad(xvs) },
  })
  const debts = rows.map(({ asset, amount }) => compoundMarket(asset, { totalBorrows: wad(amount) }))
  const positions = new Map([
    ['XVS', { tokens: wad(xvs), entered: true, borrowPrincipal: 0n, borrowInterestIndex: WAD }],
    ...rows.map(
      ({ asset, amount }) =>
        [asset, { tokens: 0n, entered: true, borrowPrincipal: wad(amount), borrowInterestIndex: WAD }] as const,
    ),
  ])
  return {
    ...{ rules: 'venus-core', closeFactor: WAD, accounts: new Map([['whale', positions]]) },
    clock: { time: 0n, block: 0n, blocks: 1n, seconds: 3n },
    markets: new Map([collateral, ...debts].map((market) => [market.asset, market])),
  }
}

/** Repays what the incident saw repaid, as the contract does, until the collateral is gone. */
function liquidateAll(state: CompoundState, rows: readonly Row[], price: (feed: string) => bigint): void {
  for (const { asset: borrowMarket, amount, left } of rows) {
    const repayAmount = wad(amount - left)
    if (repayAmount === 0n) continue
    const call = { borrower: 'whale', liquidator: 'liquidator', borrowMarket, collateralMarket: 'XVS', repayAmount }
    compoundLiquidation.liquidateBorrow(state, call, price, 0n)
  }
}

/** Every form of Compound and Venus. */
export const COMPOUND_FORMS: readonly Form[] = [
  form('C.compound.v2', { rows: z.array(z.array(num)) }, ({ rows }) => rows.map(seized)),
  form('C.comet', { sfpf: num, liqFactor: num, price: num, base: num }, ({ sfpf, liqFactor, price, base }) => {
    const state = comet({ storeFront: sfpf, liquidationFactor: liqFactor, collaterals: ['collateral'] })
    const prices = (feed: string) => (feed === 'base' ? WAD : wad(price))
    return fixedToNumber(cometRules.quoteCollateral(state, 'collateral', wad(base), prices), 18)
  }),
  form('C.comet', { debt: num, coll: nums, liqFactor: num }, ({ debt, coll, liqFactor }) =>
    absorbed(debt, coll, liqFactor),
  ),
  form('C.venus', { xvs: num, cf: num, pPeak: num, debt: z.array(z.tuple([num, z.string()])), bonus: num }, (inputs) =>
    venus(inputs),
  ),
]
