/**
 * What a LLAMMA market remembers: the AMM's bands and shares, the Controller's loans, and the inputs of its rate. Source: curve-stablecoin at one
 * commit, e6fc18a0 of 2025-04-28: `AMM.vy`, `Controller.vy`, `ControllerFactory.vy`, `EmaPriceOracle.vy`, `SemilogMonetaryPolicy.vy`; the aggregate policy is younger,
 * `AggMonetaryPolicy4.vy` at 61f1a611 of 2026-06-04. `lib/test/contracts/llamma.slow.test.ts` holds this to their bytecode.
 *
 * Left out, each without a number of its own while it stays at its default: `extra_health` (what a borrower adds to his own loan discount, 0 unless
 * he sets it), approvals (who may act for a borrower: here the borrower himself), callbacks and `*_extended` of loans (the same loan, with the coins
 * taken through another contract), liquidity-mining callbacks (told of shares, they return nothing that counts), and the admin's setters.
 *
 * Older Controllers differ: until 2024-08-14 (20cbe7b5) `collect_fees` paid the AMM's admin fees out, until 2024-11-24 a partial liquidation's debt
 * was rounded down (6fb6ccdd) and anybody could add any collateral to a loan (3bd114c6).
 *
 * Glossary of the contract: x = the borrowed stablecoin, y = collateral, band n = prices from `p_base·((A−1)/A)^n` down to one step below, so that
 * greater n is lower; amounts inside of bands have 18 decimals whatever the token has; prices are stablecoin per collateral · 1e18.
 */
import { type AssetId, breakwaterError, type FeedId } from '../../model/index.ts'
import { lnHalving, lnWad, sqrtFloor, WAD } from './exponential.ts'

/** Most bands a loan spreads over, and most filled bands one exchange walks through. */
export const MAX_TICKS = 50
/** Fewest bands of a loan. */
export const MIN_TICKS = 4
/** Most empty bands that are skipped. */
export const MAX_SKIP_TICKS = 1024
/** Shares that nobody owns, so that a band's share price cannot be inflated. */
export const DEAD_SHARES = 1_000n

/** Shares of one account in the bands n1 … n2, first to last. */
export type LlammaDeposit = { readonly n1: number; readonly n2: number; readonly shares: readonly bigint[] }

/** A loan: its debt when the rate multiplier was `rateMul`, and its own liquidation discount (18 decimals). */
export type LlammaLoan = { readonly debt: bigint; readonly rateMul: bigint; readonly liquidationDiscount: bigint }

/** Where the outside price comes from: the feed as it is, or its exponential moving average with the memory of Curve's EMA oracle. */
export type LlammaOracle =
  | { readonly kind: 'feed' }
  | { readonly kind: 'ema'; readonly seconds: bigint; lastPrice: bigint; lastTime: bigint }

/** The least debt seen in the present and the past half day. */
export type DebtCandle = { earlier: bigint; later: bigint; time: bigint }

/**
 * How the rate per second is set (18 decimals). `aggregate` is AggMonetaryPolicy4: `price` of the stablecoin, `pegKeeperDebt` and `otherDebt` (of
 * the other markets of the stablecoin) are inputs that `save-rate` renews.
 */
export type LlammaPolicy =
  | { readonly kind: 'constant'; readonly rate: bigint }
  | { readonly kind: 'semilog'; readonly minRate: bigint; readonly maxRate: bigint }
  | {
      readonly kind: 'aggregate'
      readonly rate0: bigint
      readonly sigma: bigint
      readonly targetFraction: bigint
      readonly extra: bigint
      price: bigint
      pegKeeperDebt: bigint
      otherDebt: bigint
      readonly ratio: { readonly seconds: bigint; value: bigint; average: bigint; time: bigint }
      readonly total: DebtCandle
      readonly own: DebtCandle
    }

/** A market: constants, the AMM, the Controller. Bands without an entry are empty. */
export type LlammaMarket = {
  readonly collateral: AssetId
  readonly borrowed: AssetId
  readonly feed: FeedId
  /** 10^(18 − decimals). */
  readonly collateralPrecision: bigint
  readonly borrowedPrecision: bigint
  readonly A: bigint
  readonly basePrice: bigint
  /** √(A/(A − 1)) and ln(A/(A − 1)) as the factory gives them to the AMM, by halvings: the last two digits differ from the Controller's own. */
  readonly sqrtBandRatio: bigint
  readonly logARatio: bigint
  readonly controllerSqrtBandRatio: bigint
  readonly controllerLogARatio: bigint
  /** (A / (A − 1))^50: how far a band may be from the oracle before an exchange stops. */
  readonly maxOraclePower: bigint
  readonly fee: bigint
  readonly adminFee: bigint
  readonly oracle: LlammaOracle
  rate: bigint
  rateMul: bigint
  rateTime: bigint
  activeBand: number
  minBand: number
  maxBand: number
  /** The oracle price that counted last, the fee its moves left, and when. */
  oldPrice: bigint
  oldFee: bigint
  priceTime: bigint
  bandsX: Map<number, bigint>
  bandsY: Map<number, bigint>
  totalShares: Map<number, bigint>
  deposits: Map<string, LlammaDeposit>
  /** Admin fees in the tokens' own units, and what the AMM holds of each token. */
  feesX: bigint
  feesY: bigint
  balanceX: bigint
  balanceY: bigint
  readonly loanDiscount: bigint
  readonly liquidationDiscount: bigint
  readonly policy: LlammaPolicy
  loans: Map<string, LlammaLoan>
  totalDebt: bigint
  totalRateMul: bigint
  /** Stablecoins the Controller may lend, has lent (with interest taken as fees), and has got back. */
  readonly ceiling: bigint
  minted: bigint
  redeemed: bigint
}

/** What a new market is made of. Prices, fees, discounts and rates have 18 decimals. */
export type LlammaTerms = {
  readonly collateral: AssetId
  readonly borrowed: AssetId
  readonly feed: FeedId
  readonly collateralDecimals?: number | undefined
  readonly borrowedDecimals?: number | undefined
  readonly A: number
  readonly basePrice: bigint
  readonly fee: bigint
  readonly adminFee?: bigint | undefined
  readonly loanDiscount: bigint
  readonly liquidationDiscount: bigint
  readonly ceiling: bigint
  readonly time: bigint
  readonly policy?: LlammaPolicy | undefined
  /** Seconds of the oracle's moving average; none: the feed as it is. */
  readonly emaSeconds?: bigint | undefined
}

/**
 * A market without loans, its oracle at the base price.
 * Throws `bad-state` for an amplification outside of 2 … 10,000, a base price that is not above 0, a fee outside of 1e-12 … min(4/A, 10 %), an admin
 * fee above 1, more than 18 decimals, or discounts that are not 0 < liquidation < loan < 1.
 */
export function llammaMarket(terms: LlammaTerms): LlammaMarket {
  const { collateralDecimals = 18, borrowedDecimals = 18, adminFee = 0n, time, basePrice, emaSeconds } = terms
  checkTerms(terms)
  const A = BigInt(terms.A)
  const ratio = (A * WAD) / (A - 1n)
  return {
    ...{ collateral: terms.collateral, borrowed: terms.borrowed, feed: terms.feed },
    collateralPrecision: 10n ** BigInt(18 - collateralDecimals),
    borrowedPrecision: 10n ** BigInt(18 - borrowedDecimals),
    ...{ A, basePrice, fee: terms.fee, adminFee },
    sqrtBandRatio: sqrtFloor(ratio * WAD),
    logARatio: lnHalving(ratio),
    controllerSqrtBandRatio: sqrtFloor((10n ** 36n * A) / (A - 1n)),
    controllerLogARatio: lnWad(ratio),
    maxOraclePower: powerOf(A),
    oracle:
      emaSeconds === undefined
        ? { kind: 'feed' }
        : { kind: 'ema', seconds: emaSeconds, lastPrice: basePrice, lastTime: time },
    ...{ rate: 0n, rateMul: WAD, rateTime: time, activeBand: 0, minBand: 0, maxBand: 0 },
    ...{ oldPrice: basePrice, oldFee: 0n, priceTime: time },
    ...{ bandsX: new Map(), bandsY: new Map(), totalShares: new Map(), deposits: new Map() },
    ...{ feesX: 0n, feesY: 0n, balanceX: 0n, balanceY: 0n },
    loanDiscount: terms.loanDiscount,
    liquidationDiscount: terms.liquidationDiscount,
    policy: terms.policy ?? { kind: 'constant', rate: 0n },
    ...{ loans: new Map(), totalDebt: 0n, totalRateMul: WAD, ceiling: terms.ceiling, minted: 0n, redeemed: 0n },
  }
}

/** (A / (A − 1))^50 as the constructor multiplies it up, each step rounded down. */
function powerOf(A: bigint): bigint {
  let power = WAD
  for (let i = 0; i < 50; i++) power = (power * A) / (A - 1n)
  return power
}

function checkTerms(terms: LlammaTerms): void {
  const { A, basePrice, fee, adminFee = 0n, loanDiscount, liquidationDiscount } = terms
  const bad = (message: string, values: Record<string, number | bigint>) => {
    const text = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))
    throw breakwaterError('bad-state', message, text)
  }
  if (!Number.isInteger(A) || A < 2 || A > 10_000) bad(`amplification ${A} is not a whole number of 2 … 10,000`, { A })
  if (basePrice <= 0n || basePrice >= 1n << 96n) bad(`base price ${basePrice} is not above 0`, { basePrice })
  const most = (4n * WAD) / BigInt(A) < WAD / 10n ? (4n * WAD) / BigInt(A) : WAD / 10n
  if (fee < 1_000_000n || fee > most) bad(`fee ${fee} is not 1e-12 … min(4/A, 10 %) = ${most}`, { fee, most })
  if (adminFee < 0n || adminFee > WAD) bad(`admin fee ${adminFee} is not 0 … 1e18`, { adminFee })
  if (!(liquidationDiscount > 0n && liquidationDiscount < loanDiscount && loanDiscount < WAD))
    bad('discounts must be 0 < liquidation < loan < 1e18', { loanDiscount, liquidationDiscount })
  for (const decimals of [terms.collateralDecimals ?? 18, terms.borrowedDecimals ?? 18])
    if (!Number.isInteger(decimals) || decimals < 0 || decimals > 18)
      bad(`${decimals} decimals are not 0 … 18`, { decimals })
}

/** Stablecoin of a band, 18 decimals. */
export function xOf(market: LlammaMarket, band: number): bigint {
  return market.bandsX.get(band) ?? 0n
}

/** Collateral of a band, 18 decimals. */
export function yOf(market: LlammaMarket, band: number): bigint {
  return market.bandsY.get(band) ?? 0n
}

/** Writes an amount of a band; an empty band has no entry, so that equal states are equal maps. */
export function setBand(bands: Map<number, bigint>, band: number, amount: bigint): void {
  if (amount === 0n) bands.delete(band)
  else bands.set(band, amount)
}
