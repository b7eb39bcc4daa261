/**
 * Compound v2 and Venus core: pooled markets whose claims are tokens with an exchange rate; interest per block; an account is liquidatable when
 * Σ borrow value > Σ collateral value · factor (Compound: the collateral factor; Venus: a liquidation threshold of its own).
 *
 * seized tokens = repaid · incentive · price(borrowed) / (price(collateral) · exchange rate), each product and quotient rounded down at 1e18.
 *
 * Sources: compound-finance/compound-protocol@a3214f67 `CToken.sol`, `ComptrollerG7.sol`, `ExponentialNoError.sol`, `BaseJumpRateModelV2.sol`;
 * @venusprotocol/venus-protocol 10.3.0 (`VToken`, `ComptrollerLens`); recorded cases: 300 and 200 golden ones.
 */
import { add, div, mul, revert, sub } from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n

/** The two rule books: same bones, other bounds and refusals. */
export type CompoundRules = 'compound-v2' | 'venus-core'

/** Kinked interest: per block, wad. */
export type JumpRateModel = {
  readonly baseRatePerBlock: bigint
  readonly multiplierPerBlock: bigint
  readonly jumpMultiplierPerBlock: bigint
  readonly kink: bigint
}

/** A market. Factors in wad; amounts in underlying atoms; tokens in the market token's atoms. Totals as of `accrualBlock`. */
export type CompoundMarket = {
  readonly asset: string
  readonly feed: string
  readonly model: JumpRateModel
  readonly initialExchangeRate: bigint
  readonly collateralFactor: bigint
  /** Venus: what counts against liquidation; Compound: the collateral factor again. */
  readonly liquidationThreshold: bigint
  /** 1.08e18 = 8 % on top. Compound has one for all markets, Venus one per market. */
  readonly liquidationIncentive: bigint
  readonly reserveFactor: bigint
  /** Share of seized tokens that goes to reserves; 0 in Venus. */
  readonly protocolSeizeShare: bigint
  /** Any debt of it may be repaid whole, healthy or not. */
  readonly forcedLiquidation: boolean
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

/** Markets by asset in listing order; positions by account, then asset. */
export type CompoundState = {
  readonly rules: CompoundRules
  readonly closeFactor: bigint
  readonly markets: Map<string, CompoundMarket>
  readonly accounts: Map<string, Map<string, CompoundPosition>>
}

/** Reads an oracle mantissa: USD scaled 1e(36 − underlying decimals); 0 = no price. */
export type CompoundPrice = (feed: string) => bigint

const mulWad = (a: bigint, b: bigint) => mul(a, b) / WAD

/** Borrow rate per block, wad, rounded down. */
export function borrowRatePerBlock({ model, cash, totalBorrows, totalReserves }: CompoundMarket): bigint {
  const usage = totalBorrows === 0n ? 0n : div(mul(totalBorrows, WAD), sub(add(cash, totalBorrows), totalReserves))
  if (usage <= model.kink) return mulWad(usage, model.multiplierPerBlock) + model.baseRatePerBlock
  const normal = mulWad(model.kink, model.multiplierPerBlock) + model.baseRatePerBlock
  return mulWad(usage - model.kink, model.jumpMultiplierPerBlock) + normal
}

/** Brings a market's borrows, reserves and index to `block`, simple interest over the blocks since. */
export function accrueMarket(market: CompoundMarket, block: bigint): void {
  if (market.accrualBlock === block) return
  const factor = mul(borrowRatePerBlock(market), sub(block, market.accrualBlock))
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

/** Sums an account over the markets it entered; what it did not enter counts neither as collateral nor as debt. */
export function accountLiquidity(state: CompoundState, account: string, price: CompoundPrice): Liquidity {
  let [collateral, borrows] = [0n, 0n]
  for (const [asset, market] of state.markets) {
    const position = state.accounts.get(account)?.get(asset)
    if (!position?.entered) continue
    const answer = price(market.feed)
    if (answer === 0n) return { error: PRICE_ERROR, liquidity: 0n, shortfall: 0n }
    const factor = state.rules === 'venus-core' ? market.liquidationThreshold : market.collateralFactor
    const perToken = mulWad(mulWad(factor, exchangeRate(market)), answer)
    collateral = add(collateral, mulWad(perToken, position.tokens))
    borrows = add(borrows, mulWad(answer, borrowBalance(market, position)))
  }
  return collateral > borrows
    ? { error: 0n, liquidity: collateral - borrows, shortfall: 0n }
    : { error: 0n, liquidity: 0n, shortfall: borrows - collateral }
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
