/**
 * What users and governors do in Compound v2 and Venus core, as the contracts do it: interest of the touched market first, then the comptroller's
 * word, then the move. Sources: compound-finance/compound-protocol@a3214f67 `CToken.sol` (`mintFresh`, `redeemFresh`, `borrowFresh`,
 * `repayBorrowFresh`), `Comptroller.sol`, `ErrorReporter.sol`; VenusProtocol/venus-protocol `VToken.sol`, `PolicyFacet.sol`, `MarketFacet.sol`,
 * `SetterFacet.sol`.
 */
import { add, div, ensure, MAX_UINT256, mul, revert, sub, unlessReverted } from '../solidity.ts'
import { isPaused, positionOf } from './liquidate.ts'
import {
  accountLiquidity,
  accrueMarket,
  borrowBalance,
  type CompoundEffect,
  type CompoundMarket,
  type CompoundPause,
  type CompoundPrice,
  type CompoundState,
  exchangeRate,
  mulWad,
  WAD,
} from './rules.ts'

const CLOSE_FACTOR_MIN = 5n * 10n ** 16n
const FACTOR_MAX = 9n * 10n ** 17n
const NOT_LISTED = 9n
/** Venus takes no setting that changes nothing (`SetterFacet.sol` l. 153). */
const SAME_VALUE = 'old value is same as new value'
const INSUFFICIENT_LIQUIDITY = 4n

/** What a user's action needs beside the state: who, where, prices, and the block. */
export type CompoundUse = {
  readonly account: string
  readonly market: string
  readonly price: CompoundPrice
  readonly block: bigint
}

/** The comptroller's code as each contract says it: Compound by a custom error, Venus by "math error" or a sentence. */
function rejected({ rules }: CompoundState, what: 'Redeem' | 'Borrow', code: bigint): never {
  return revert(rules === 'venus-core' ? 'math error' : `${what}ComptrollerRejection(${code})`, undefined, { code })
}

function marketOf(state: CompoundState, asset: string, what: string): CompoundMarket {
  const market = state.markets.get(asset)
  if (market) return market
  return revert(state.rules === 'venus-core' ? 'market not listed' : `${what}ComptrollerRejection(${NOT_LISTED})`)
}

function ensureRuns({ rules }: CompoundState, market: CompoundMarket, action: CompoundPause, compound: string): void {
  // Compound has no switch for what gives money back to the protocol or to its owner.
  if (rules === 'venus-core') ensure(!isPaused(market, action), 'action is paused')
  else if (action === 'mint' || action === 'borrow') ensure(!isPaused(market, action), compound)
}

/** `mint`: supplies atoms for tokens, rounded down. Gives the tokens. */
export function mint(state: CompoundState, { account, market: asset, block }: CompoundUse, amount: bigint): bigint {
  const market = marketOf(state, asset, 'Mint')
  accrueMarket(market, block, state.rules)
  ensureRuns(state, market, 'mint', 'mint is paused')
  if (market.supplyCap !== undefined) {
    ensure(market.supplyCap !== 0n, 'market supply cap is 0')
    const rate = inMathWords(state, () => exchangeRate(market))
    ensure(add(mulWad(rate, market.totalSupply), amount) <= market.supplyCap, 'market supply cap reached')
  }
  const tokens = inMathWords(state, () => div(mul(amount, WAD), exchangeRate(market)))
  market.cash = add(market.cash, amount)
  market.totalSupply = add(market.totalSupply, tokens)
  const position = positionOf(state, account, asset)
  position.tokens = add(position.tokens, tokens)
  return tokens
}

/** `redeem` by tokens or `redeemUnderlying` by atoms: both rounded down. Gives the atoms paid out. */
export function redeem(
  state: CompoundState,
  use: CompoundUse,
  call: { readonly tokens: bigint } | { readonly amount: bigint },
): bigint {
  const market = marketOf(state, use.market, 'Redeem')
  accrueMarket(market, use.block, state.rules)
  const { tokens, amount } = inMathWords(state, () => redeemed(exchangeRate(market), call))
  ensureRuns(state, market, 'redeem', '')
  const error = redeemError(state, use, tokens)
  if (error !== 0n) return rejected(state, 'Redeem', error)
  const venus = state.rules === 'venus-core'
  ensure(market.cash >= amount, venus ? 'math error' : 'RedeemTransferOutNotPossible')
  const position = positionOf(state, use.account, use.market)
  if (venus) ensure(market.totalSupply >= tokens && position.tokens >= tokens, 'math error')
  market.totalSupply = sub(market.totalSupply, tokens)
  position.tokens = sub(position.tokens, tokens)
  market.cash -= amount
  ensure(tokens !== 0n || amount === 0n, 'redeemTokens zero')
  return amount
}

/** No tokens are no atoms: the contracts divide by the rate in both cases. */
function redeemed(rate: bigint, call: { readonly tokens: bigint } | { readonly amount: bigint }) {
  if ('tokens' in call && call.tokens > 0n) return { tokens: call.tokens, amount: mulWad(rate, call.tokens) }
  const amount = 'tokens' in call ? 0n : call.amount
  return { tokens: div(mul(amount, WAD), rate), amount }
}

/** What panics in Compound is "math error" in a market of Venus, whose arithmetic gives codes. */
function inMathWords<T>({ rules }: CompoundState, look: () => T): T {
  return rules === 'venus-core' ? (unlessReverted(look) ?? revert('math error')) : look()
}

function redeemError(state: CompoundState, { account, market, price }: CompoundUse, redeemTokens: bigint): bigint {
  if (!state.accounts.get(account)?.get(market)?.entered) return 0n
  return hypothetical(state, account, price, { asset: market, redeemTokens, borrowAmount: 0n })
}

/** 0, or the comptroller's code: 4 would be short, 13 a price is missing. */
function hypothetical(state: CompoundState, account: string, price: CompoundPrice, effect: CompoundEffect): bigint {
  const { error, shortfall } = accountLiquidity(state, account, price, { weight: 'borrow', effect })
  if (error !== 0n) return error
  return shortfall > 0n ? INSUFFICIENT_LIQUIDITY : 0n
}

/** `borrow`: enters the market by itself, then weighs the account by collateral factors at stored values of the other markets. */
export function borrow(state: CompoundState, use: CompoundUse, amount: bigint): void {
  const market = marketOf(state, use.market, 'Borrow')
  accrueMarket(market, use.block, state.rules)
  ensureRuns(state, market, 'borrow', 'borrow is paused')
  const venus = state.rules === 'venus-core'
  const cap = market.borrowCap
  if (venus) ensure(cap !== 0n, 'market borrow cap is 0')
  const position = positionOf(state, use.account, use.market)
  position.entered = true
  if (use.price(market.feed) === 0n) rejected(state, 'Borrow', 13n)
  // Compound: 0 is no cap, and the cap itself cannot be reached; Venus: it can.
  if (cap !== undefined && cap !== 0n) {
    const next = add(market.totalBorrows, amount)
    ensure(venus ? next <= cap : next < cap, 'market borrow cap reached')
  }
  const effect = { asset: use.market, redeemTokens: 0n, borrowAmount: amount }
  const error = hypothetical(state, use.account, use.price, effect)
  if (error !== 0n) rejected(state, 'Borrow', error)
  ensure(market.cash >= amount, venus ? 'math error' : 'BorrowCashNotAvailable')
  position.borrowPrincipal = add(borrowBalance(market, position), amount)
  position.borrowInterestIndex = market.borrowIndex
  market.totalBorrows = add(market.totalBorrows, amount)
  market.cash -= amount
}

/** `repayBorrow`: 2^256 − 1 repays everything; more than is owed refuses in Compound and repays everything in Venus. Gives the atoms repaid. */
export function repay(state: CompoundState, { account, market: asset, block }: CompoundUse, amount: bigint): bigint {
  const market = marketOf(state, asset, 'RepayBorrow')
  accrueMarket(market, block, state.rules)
  ensureRuns(state, market, 'repay', '')
  const position = positionOf(state, account, asset)
  const debt = borrowBalance(market, position)
  const venus = state.rules === 'venus-core'
  const repaid = amount === MAX_UINT256 || (venus && amount > debt) ? debt : amount
  if (venus) ensure(repaid <= market.totalBorrows, 'math error')
  position.borrowPrincipal = sub(debt, repaid)
  position.borrowInterestIndex = market.borrowIndex
  market.totalBorrows = sub(market.totalBorrows, repaid)
  market.cash = add(market.cash, repaid)
  return repaid
}

/** `enterMarkets`: from now on the market counts, as collateral and as debt. Accrues nothing. */
export function enterMarket(state: CompoundState, account: string, asset: string): void {
  const market = state.markets.get(asset) ?? revert(`MARKET_NOT_LISTED(${NOT_LISTED})`)
  if (state.rules === 'venus-core') ensure(!isPaused(market, 'enter'), 'action is paused')
  positionOf(state, account, asset).entered = true
}

/** `exitMarket`: refused by a returned code while something is owed there or the account needs it. Accrues nothing. */
export function exitMarket(state: CompoundState, { account, market: asset, price }: CompoundUse): void {
  const market = state.markets.get(asset) ?? revert(`MARKET_NOT_LISTED(${NOT_LISTED})`)
  if (state.rules === 'venus-core') ensure(!isPaused(market, 'exit'), 'action is paused')
  const position = positionOf(state, account, asset)
  const look = () => ({ rate: exchangeRate(market), owed: borrowBalance(market, position) })
  const seen = state.rules === 'venus-core' ? (unlessReverted(look) ?? revert('getAccountSnapshot failed')) : look()
  ensure(seen.owed === 0n, 'Failure(12,2,0)')
  if (!position.entered) return
  const redeemTokens = position.tokens
  const error = hypothetical(state, account, price, { asset, redeemTokens, borrowAmount: 0n })
  ensure(error === 0n, `Failure(14,3,${error})`)
  position.entered = false
}

/** What governance may set. Factors in wad. */
export type CompoundSetting =
  | { readonly set: 'close-factor'; readonly value: bigint }
  | { readonly set: 'collateral-factor'; readonly market: string; readonly value: bigint; readonly threshold?: bigint }
  | { readonly set: 'liquidation-incentive'; readonly market: string; readonly value: bigint }
  | { readonly set: 'reserve-factor'; readonly market: string; readonly value: bigint }
  | { readonly set: 'forced-liquidation'; readonly market: string; readonly on: boolean }
  | { readonly set: 'pause'; readonly market: string; readonly actions: readonly CompoundPause[] }

/** Sets a parameter within the protocol's own bounds; Compound has one incentive for all markets, Venus one each. */
export function govern(state: CompoundState, setting: CompoundSetting, price: CompoundPrice, block: bigint): void {
  const venus = state.rules === 'venus-core'
  if (setting.set === 'close-factor') {
    ensure(!venus || setting.value !== state.closeFactor, SAME_VALUE)
    if (venus) ensure(setting.value >= CLOSE_FACTOR_MIN && setting.value <= FACTOR_MAX, 'Failure(5,5,0)')
    state.closeFactor = setting.value
    return
  }
  const market = state.markets.get(setting.market)
  ensure(market !== undefined, venus ? 'market not listed' : 'Failure(9,7,0)')
  if (setting.set === 'collateral-factor') setCollateralFactor(state, market, setting, price)
  else if (setting.set === 'liquidation-incentive') {
    if (venus) {
      ensure(setting.value !== market.liquidationIncentive, SAME_VALUE)
      ensure(setting.value >= WAD, 'incentive < 1e18')
      ensureSafe(market.liquidationThreshold, setting.value)
    }
    for (const one of venus ? [market] : state.markets.values()) one.liquidationIncentive = setting.value
  } else if (setting.set === 'reserve-factor') {
    accrueMarket(market, block, state.rules)
    ensure(setting.value <= WAD, venus ? 'Failure(2,73,0)' : 'SetReserveFactorBoundsCheck')
    market.reserveFactor = setting.value
  } else if (setting.set === 'forced-liquidation') {
    ensure(venus, 'unknown function', 'only Venus can force liquidations')
    market.forcedLiquidation = setting.on
  } else market.paused = [...setting.actions]
}

/** Venus: a liquidation must lower the shortfall, threshold · incentive < 1 (`SetterFacet.sol` l. 970). */
function ensureSafe(threshold: bigint, incentive: bigint): void {
  ensure(mul(threshold, incentive) < WAD * WAD, 'UnsafeLiquidationParams')
}

function setCollateralFactor(
  state: CompoundState,
  market: CompoundMarket,
  setting: Extract<CompoundSetting, { set: 'collateral-factor' }>,
  price: CompoundPrice,
): void {
  const venus = state.rules === 'venus-core'
  const { value, threshold = venus ? market.liquidationThreshold : value } = setting
  ensure(value <= (venus ? WAD : FACTOR_MAX), 'Failure(6,8,0)')
  ensure(value === 0n || price(market.feed) !== 0n, 'Failure(13,9,0)')
  if (venus) {
    ensure(threshold <= WAD, 'Failure(20,25,0)')
    ensure(threshold >= value, 'Failure(20,26,0)')
    ensureSafe(threshold, market.liquidationIncentive)
  }
  market.collateralFactor = value
  market.liquidationThreshold = threshold
}
