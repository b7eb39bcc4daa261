/**
 * Compound v2 and Venus core: pooled markets whose claims are tokens with an exchange rate; interest per block; an account is liquidatable when
 * Σ borrow value > Σ collateral value · factor (Compound: the collateral factor; Venus: a liquidation threshold of its own).
 *
 * seized tokens = repaid · incentive · price(borrowed) / (price(collateral) · exchange rate), each product and quotient rounded down at 1e18.
 *
 * Sources: compound-finance/compound-protocol@a3214f67 `CToken.sol`, `ComptrollerG7.sol`, `ExponentialNoError.sol`, `BaseJumpRateModelV2.sol`;
 * @venusprotocol/venus-protocol 10.3.0 (`VToken`, `ComptrollerLens`); recorded cases: 300 and 200 golden ones.
 */
import {
  add,
  div,
  ensure,
  MAX_UINT256,
  mul,
  PANIC_ARITHMETIC,
  PANIC_DIVISION,
  revert,
  sub,
  unlessReverted,
} from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n

/** Above it (per block, wad) a market refuses everything: "borrow rate is absurdly high". */
const MAX_BORROW_RATE = 5n * 10n ** 12n

/** The two rule books: same bones, other bounds and refusals. */
export type CompoundRules = 'compound-v2' | 'venus-core'

/** Kinked interest: per block, wad. */
export type JumpRateModel = {
  readonly baseRatePerBlock: bigint
  readonly multiplierPerBlock: bigint
  readonly jumpMultiplierPerBlock: bigint
  readonly kink: bigint
}

/** What a guardian can stop in a market. */
export type CompoundPause = 'mint' | 'redeem' | 'borrow' | 'repay' | 'liquidate' | 'seize' | 'enter' | 'exit'

/** A market. Factors in wad; amounts in underlying atoms; tokens in the market token's atoms. Totals as of `accrualBlock`. */
export type CompoundMarket = {
  readonly asset: string
  readonly feed: string
  readonly model: JumpRateModel
  readonly initialExchangeRate: bigint
  collateralFactor: bigint
  /** Venus: what counts against liquidation; Compound: the collateral factor again. */
  liquidationThreshold: bigint
  /** 1.08e18 = 8 % on top. Compound has one for all markets, Venus one per market. */
  liquidationIncentive: bigint
  reserveFactor: bigint
  /** Share of seized tokens that goes to reserves; 0 in Venus. */
  readonly protocolSeizeShare: bigint
  /** Venus: any debt of it may be liquidated whole, healthy or not. */
  forcedLiquidation: boolean
  /** Underlying atoms that may be supplied or borrowed at most; none: no cap. */
  readonly supplyCap?: bigint | undefined
  readonly borrowCap?: bigint | undefined
  paused?: readonly CompoundPause[] | undefined
  cash: bigint
  totalBorrows: bigint
  totalReserves: bigint
  totalSupply: bigint
  borrowIndex: bigint
  accrualBlock: bigint
}

/** An account in a market: claim tokens, and debt as of the index at the last touch. */
export type CompoundPosition = {
  tokens: bigint
  entered: boolean
  borrowPrincipal: bigint
  borrowInterestIndex: bigint
}

/** How a chain's blocks follow its seconds: `block` at `time`, then `blocks` in `seconds`. Interest counts blocks. */
export type BlockClock = {
  readonly time: bigint
  readonly block: bigint
  readonly blocks: bigint
  readonly seconds: bigint
}

/** Markets by asset in listing order; positions by account, then asset. */
export type CompoundState = {
  readonly rules: CompoundRules
  readonly clock: BlockClock
  closeFactor: bigint
  readonly markets: Map<string, CompoundMarket>
  readonly accounts: Map<string, Map<string, CompoundPosition>>
}

/** Reads an oracle mantissa: USD scaled 1e(36 − underlying decimals); 0 = no price. */
export type CompoundPrice = (feed: string) => bigint

/** `a · b / 1e18`, rounded down. */
export function mulWad(a: bigint, b: bigint): bigint {
  return mul(a, b) / WAD
}

/** Borrow rate per block, wad, rounded down; a market that only reserves have lent from has none. */
export function borrowRatePerBlock(market: CompoundMarket, rules: CompoundRules): bigint {
  const { model } = market
  const usage = market.totalBorrows === 0n ? 0n : usageOf(market, rules === 'venus-core' ? SAFE_MATH : PANICS)
  if (usage <= model.kink) return mulWad(usage, model.multiplierPerBlock) + model.baseRatePerBlock
  const normal = mulWad(model.kink, model.multiplierPerBlock) + model.baseRatePerBlock
  return mulWad(usage - model.kink, model.jumpMultiplierPerBlock) + normal
}

const PANICS = { add: PANIC_ARITHMETIC, sub: PANIC_ARITHMETIC, mul: PANIC_ARITHMETIC, div: PANIC_DIVISION }
/** Venus keeps its rate models in SafeMath (`JumpRateModel.sol`). */
const SAFE_MATH: typeof PANICS = {
  add: 'SafeMath: addition overflow',
  sub: 'SafeMath: subtraction overflow',
  mul: 'SafeMath: multiplication overflow',
  div: 'SafeMath: division by zero',
}

/** What is lent of all that is there less the reserves, wad, rounded down. */
function usageOf({ cash, totalBorrows, totalReserves }: CompoundMarket, words: typeof PANICS): bigint {
  const [lent, all] = [totalBorrows * WAD, cash + totalBorrows]
  ensure(lent <= MAX_UINT256, words.mul)
  ensure(all <= MAX_UINT256, words.add)
  ensure(all >= totalReserves, words.sub)
  ensure(all > totalReserves, words.div)
  return lent / (all - totalReserves)
}

/** Brings a market's borrows, reserves and index to `block`, simple interest over the blocks since. */
export function accrueMarket(market: CompoundMarket, block: bigint, rules: CompoundRules): void {
  if (market.accrualBlock === block) return
  const rate = borrowRatePerBlock(market, rules)
  ensure(rate <= MAX_BORROW_RATE, 'borrow rate is absurdly high')
  ensure(rules === 'compound-v2' || block > market.accrualBlock, 'math error')
  const factor = mul(rate, sub(block, market.accrualBlock))
  const interest = mulWad(factor, market.totalBorrows)
  market.totalReserves = add(mulWad(market.reserveFactor, interest), market.totalReserves)
  market.totalBorrows = add(interest, market.totalBorrows)
  market.borrowIndex = add(mulWad(factor, market.borrowIndex), market.borrowIndex)
  market.accrualBlock = block
}

/** Underlying per token, wad, at stored totals. */
export function exchangeRate(market: CompoundMarket): bigint {
  const { totalSupply, cash, totalBorrows, totalReserves } = market
  if (totalSupply === 0n) return market.initialExchangeRate
  return mul(sub(add(cash, totalBorrows), totalReserves), WAD) / totalSupply
}

/** An account's debt at the market's stored index, rounded down. */
export function borrowBalance(market: CompoundMarket, position: CompoundPosition | undefined): bigint {
  if (!position || position.borrowPrincipal === 0n) return 0n
  return div(mul(position.borrowPrincipal, market.borrowIndex), position.borrowInterestIndex)
}

/** What an account could still borrow, or is short of, USD wad; `error` 13 = a price is missing. Other markets count at stale values. */
export type Liquidity = { readonly error: bigint; readonly liquidity: bigint; readonly shortfall: bigint }

/** The price is missing. */
export const PRICE_ERROR = 13n
/** Venus: a market cannot say what its tokens are worth, since its reserves exceed what it has and is owed. */
export const SNAPSHOT_ERROR = 15n

/** What is imagined on top of an account: tokens redeemed and atoms borrowed in one market. */
export type CompoundEffect = { readonly asset: string; readonly redeemTokens: bigint; readonly borrowAmount: bigint }

/** Which factor weighs: Venus liquidates by the threshold and lends by the collateral factor; Compound has one for both. */
export type CompoundWeight = 'liquidation' | 'borrow'

/** The factor of a market for a purpose, wad. */
export function weightOf({ rules }: CompoundState, market: CompoundMarket, weight: CompoundWeight): bigint {
  return rules === 'venus-core' && weight === 'liquidation' ? market.liquidationThreshold : market.collateralFactor
}

/** Sums an account over the markets it entered; what it did not enter counts neither as collateral nor as debt. */
export function accountLiquidity(
  state: CompoundState,
  account: string,
  price: CompoundPrice,
  { weight = 'liquidation', effect }: { readonly weight?: CompoundWeight; readonly effect?: CompoundEffect } = {},
): Liquidity {
  const { error, collateral, borrows } = accountSums(state, account, price, weight, effect)
  if (error !== 0n) return { error, liquidity: 0n, shortfall: 0n }
  return collateral > borrows
    ? { error: 0n, liquidity: collateral - borrows, shortfall: 0n }
    : { error: 0n, liquidity: 0n, shortfall: borrows - collateral }
}

/** Both sides of an account, USD wad, at stored values; `error` 13 where a price is missing, 15 where a market of Venus has no exchange rate. */
export function accountSums(
  state: CompoundState,
  account: string,
  price: CompoundPrice,
  weight: CompoundWeight,
  effect?: CompoundEffect,
): { readonly error: bigint; readonly collateral: bigint; readonly borrows: bigint } {
  let [collateral, borrows] = [0n, 0n]
  for (const [asset, market] of state.markets) {
    const position = state.accounts.get(account)?.get(asset)
    if (!position?.entered) continue
    // `getAccountSnapshot` comes before the price: what panics in Compound is a code in Venus (`CToken.sol` l. 186, `VToken.sol` l. 289).
    const venus = state.rules === 'venus-core'
    const seen = venus ? unlessReverted(() => snapshotOf(market, position)) : snapshotOf(market, position)
    if (!seen) return { error: SNAPSHOT_ERROR, collateral: 0n, borrows: 0n }
    // Venus asks for no price of what an account entered and left empty.
    if (venus && position.tokens === 0n && seen.owed === 0n && effect?.asset !== asset) continue
    const answer = price(market.feed)
    if (answer === 0n) return { error: PRICE_ERROR, collateral: 0n, borrows: 0n }
    const perToken = mulWad(mulWad(weightOf(state, market, weight), seen.rate), answer)
    collateral = add(collateral, mulWad(perToken, position.tokens))
    borrows = add(borrows, mulWad(answer, seen.owed))
    if (effect?.asset !== asset) continue
    borrows = add(borrows, mulWad(perToken, effect.redeemTokens))
    borrows = add(borrows, mulWad(answer, effect.borrowAmount))
  }
  return { error: 0n, collateral, borrows }
}

function snapshotOf(market: CompoundMarket, position: CompoundPosition): { owed: bigint; rate: bigint } {
  return { owed: borrowBalance(market, position), rate: exchangeRate(market) }
}

/** The block at a time; reverts before the clock's own. */
export function blockAt({ time, block, blocks, seconds }: BlockClock, at: bigint): bigint {
  return block + div(mul(sub(at, time), blocks), seconds)
}

/** The most that one call may repay of a debt, rounded down. */
export function maxClose(state: CompoundState, debt: bigint): bigint {
  return mulWad(state.closeFactor, debt)
}

/** Tokens of the collateral market for a repayment, rounded down at each step. */
export function seizeTokens(
  borrowed: CompoundMarket,
  collateral: CompoundMarket,
  repaid: bigint,
  price: CompoundPrice,
): bigint {
  const [priceBorrowed, priceCollateral] = [price(borrowed.feed), price(collateral.feed)]
  if (priceBorrowed === 0n || priceCollateral === 0n) revert('LIQUIDATE_COMPTROLLER_CALCULATE_AMOUNT_SEIZE_FAILED')
  const numerator = mulWad(collateral.liquidationIncentive, priceBorrowed)
  const denominator = mulWad(priceCollateral, exchangeRate(collateral))
  return mulWad(div(mul(numerator, WAD), denominator), repaid)
}

/** Tokens that go to reserves out of seized ones, and the underlying they stand for. */
export function protocolShare(collateral: CompoundMarket, seized: bigint): { tokens: bigint; amount: bigint } {
  const tokens = mulWad(seized, collateral.protocolSeizeShare)
  return { tokens, amount: mulWad(exchangeRate(collateral), tokens) }
}
