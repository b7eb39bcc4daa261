/**
 * Frax BAMM: lenders lend liquidity tokens (LP) of a constant-product pair; a borrower rents them as their two tokens and owes the square root of their
 * product, √k, times a multiplier that carries interest. Both sides of the loan move alike with the price, so a price cannot make it unsafe.
 *
 * - LTV = rented · multiplier / √(token0 · token1), wad. It must be below 98 % after whatever the borrower does.
 * - Between 98 and 99 % anybody repays a part of the debt (micro-liquidation): 0.2 % at 98 %, 20 % at 98.5 %, all above 99 %; the excess token is swapped
 *   in the pair first. Fee 0 to 1 % of what is repaid.
 * - "Liquidation-free" holds against prices only: interest raises the LTV, and so does every swap of the vault's own tokens by its fee. Fees that the
 *   pair earns do not: the debt is in √k, not in LP, so they fall to the LP that is still there.
 * - A guard compares the pair's price with its 30-minute average and refuses to liquidate while they differ: an oracle after all, an inner one.
 *
 * Token amounts in atoms, rents in √(atoms · atoms), multiplier and LTV in wad, rates in wad per second, utilisation in 1e-5.
 * Where a token's own contract stops first, for want of balance or allowance, its words are not modelled: the refusal is the next check's. The pair's
 * long-term orders and its protocol fee, and the factory's fee (a tenth of the interest, in receipts), are off, as where no `feeTo` is set.
 * Sources: FraxFinance/public-frax-bamm@88b53af9 `src/contracts/BAMM.sol` v0.5.2 (`microLiquidate`, `repayPercentage`, `getMaxSell`, `_syncVault`,
 * `_addInterest`), `VariableInterestRate.sol` v3.0.1 with the terms of `DeployVariableInterestRate.s.sol`, `BAMMFactory.sol`;
 * FraxFinance/dev-fraxswap@8f342f9 `FraxswapPair.sol`. Compared with their bytecode, call by call.
 */
import { div, ensure, max, min, mul, PANIC_DIVISION, sub } from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** LTV from which a vault is micro-liquidated, and above which it is liquidated wholly. */
export const LIQUIDATION_LTV = 98n * 10n ** 16n
/** See {@link LIQUIDATION_LTV}. */
export const FULL_LIQUIDATION_LTV = 99n * 10n ** 16n
/** Largest part of the lent liquidity that may be rented out. */
export const MAX_UTILITY_RATE = 95n * 10n ** 16n
/** Shares that nobody owns, against inflation of the first ones. */
export const MINIMUM_LIQUIDITY = 10_000n
/** LP of a pair that nobody owns. */
const PAIR_MINIMUM = 1_000n
/** What a pair stores of a reserve: 112 bits. */
const MAX_UINT112 = (1n << 112n) - 1n
/** Rate of full utilisation with which a BAMM begins (`BAMMFactory.createBamm`): 30 % a year, wad per second. */
export const START_FULL_RATE = 9_494_822_760n
const FEE_MILLIONTHS = 10_000n
const MILLION = 1_000_000n

/** Whole square root, rounded down (Newton). */
export function sqrtDown(value: bigint): bigint {
  if (value < 2n) return value
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (x + value / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

/** A constant-product pair: reserves, LP issued, and what is kept of an amount that comes in, per 10,000. */
export type BammPair = { reserve0: bigint; reserve1: bigint; supply: bigint; readonly kept: bigint }
/** A borrower's tokens and rent. */
export type BammVault = { token0: bigint; token1: bigint; rented: bigint }

/** √(reserve0 · reserve1), rounded down. */
export function rootOf({ reserve0, reserve1 }: Pick<BammPair, 'reserve0' | 'reserve1'>): bigint {
  return sqrtDown(mul(reserve0, reserve1))
}

/** LTV of a vault, wad, rounded down; 0 without rent. A vault with rent and an empty side divides by zero. */
export function ltvDown({ token0, token1, rented }: BammVault, multiplier: bigint): bigint {
  return rented === 0n ? 0n : div(mul(rented, multiplier), sqrtDown(mul(token0, token1)))
}

/** Part of the debt that a micro-liquidation repays, wad: 0.2 % to 20 % to 100 % in two straight lines. */
export function repayShare(ltv: bigint): bigint {
  const kink = (FULL_LIQUIDATION_LTV + LIQUIDATION_LTV) / 2n
  if (ltv > FULL_LIQUIDATION_LTV) return WAD
  if (ltv > kink) return 2n * 10n ** 17n + (8n * 10n ** 17n * (ltv - kink)) / (FULL_LIQUIDATION_LTV - kink)
  return 2n * 10n ** 15n + (198n * 10n ** 15n * (ltv - LIQUIDATION_LTV)) / (kink - LIQUIDATION_LTV)
}

/** Fee of a liquidation in millionths of what is repaid: 0 at 98 %, 1 % from 99 % on. */
export function liquidationFee(ltv: bigint): bigint {
  if (ltv > FULL_LIQUIDATION_LTV) return FEE_MILLIONTHS
  return (FEE_MILLIONTHS * (ltv - LIQUIDATION_LTV)) / (FULL_LIQUIDATION_LTV - LIQUIDATION_LTV)
}

/** How much of the excess token makes the vault's ratio the pair's after the swap (without its fee), rounded down. */
export function maxSellDown(tokenIn: bigint, tokenOut: bigint, reserveIn: bigint, reserveOut: bigint): bigint {
  const product = mul(sqrtDown(mul(reserveOut, reserveIn)), sqrtDown(mul(reserveOut + tokenOut, reserveIn + tokenIn)))
  const minus = mul(reserveIn, tokenOut) + mul(reserveOut, reserveIn)
  return product > minus ? (product - minus) / (reserveOut + tokenOut) : 0n
}

/** What a pair gives for an amount, after its fee, rounded down. */
export function amountOutDown(reserveIn: bigint, reserveOut: bigint, amountIn: bigint, kept: bigint): bigint {
  ensure(amountIn > 0n && reserveIn > 0n && reserveOut > 0n, '(empty)')
  const counted = mul(amountIn, kept)
  return mul(counted, reserveOut) / (reserveIn * 10_000n + counted)
}

/** Swaps in the pair. In place; gives what came out. Reverts in the pair's words when that is nothing, or a reserve would not fit. */
export function swapPair(pair: BammPair, zeroForOne: boolean, amountIn: bigint): bigint {
  const out = zeroForOne
    ? amountOutDown(pair.reserve0, pair.reserve1, amountIn, pair.kept)
    : amountOutDown(pair.reserve1, pair.reserve0, amountIn, pair.kept)
  ensure(out > 0n, 'InsufficientOutputAmount', 'the swap gives nothing')
  store(pair, pair.reserve0 + (zeroForOne ? amountIn : -out), pair.reserve1 + (zeroForOne ? -out : amountIn))
  return out
}

/** LP and tokens that a rent (> 0) releases or a repayment (< 0) takes, signed; repayments are rounded up at every step. */
export function rentAmounts(
  pair: BammPair,
  rent: bigint,
  multiplier: bigint,
): { readonly lp: bigint; readonly token0: bigint; readonly token1: bigint } {
  const size = rent < 0n ? -rent : rent
  const up = rent < 0n
  const part = (a: bigint, b: bigint, c: bigint) => (up ? (mul(a, b) + c - 1n) / c : mul(a, b) / c)
  const root = rootOf(pair)
  ensure(root > 0n, PANIC_DIVISION)
  const lp = part(part(size, multiplier, WAD), pair.supply, root)
  const sign = up ? -1n : 1n
  return {
    lp: sign * lp,
    token0: sign * part(pair.reserve0, lp, pair.supply),
    token1: sign * part(pair.reserve1, lp, pair.supply),
  }
}

/** Takes LP out of the pair and gives its tokens, rounded down. In place. Reverts when either is nothing, as the pair does. */
export function burnLp(pair: BammPair, lp: bigint): { readonly token0: bigint; readonly token1: bigint } {
  const [token0, token1] = [div(mul(lp, pair.reserve0), pair.supply), div(mul(lp, pair.reserve1), pair.supply)]
  ensure(token0 > 0n && token1 > 0n, '(empty)', 'the LP releases nothing of a token')
  pair.reserve0 -= token0
  pair.reserve1 -= token1
  pair.supply -= lp
  return { token0, token1 }
}

/** Puts tokens into the pair for LP: the smaller side counts, rounded down; of the first LP a thousand stay with nobody. In place. */
export function mintLp(pair: BammPair, token0: bigint, token1: bigint): bigint {
  const first = pair.supply === 0n
  const lp = first
    ? sub(sqrtDown(mul(token0, token1)), PAIR_MINIMUM)
    : min(div(mul(token0, pair.supply), pair.reserve0), div(mul(token1, pair.supply), pair.reserve1))
  ensure(lp > 0n, '(empty)', 'so little makes no LP')
  store(pair, pair.reserve0 + token0, pair.reserve1 + token1)
  pair.supply += lp + (first ? PAIR_MINIMUM : 0n)
  return lp
}

function store(pair: BammPair, reserve0: bigint, reserve1: bigint): void {
  ensure(reserve0 <= MAX_UINT112 && reserve1 <= MAX_UINT112, 'Uint112Overflow')
  pair.reserve0 = reserve0
  pair.reserve1 = reserve1
}

/** `a · b / c`, rounded up. */
export function shareUp(a: bigint, b: bigint, c: bigint): bigint {
  return div(mul(a, b) + c - 1n, c)
}

/** Terms of the variable rate: utilisations in 1e-5, rates in wad per second, shares of the way from zero to full rate in wad. */
export type BammRateTerms = {
  readonly vertex: bigint
  readonly vertex2: bigint
  readonly vertexShare: bigint
  readonly vertex2Share: bigint
  readonly minTarget: bigint
  readonly maxTarget: bigint
  readonly zeroRate: bigint
  readonly minFullRate: bigint
  readonly maxFullRate: bigint
  readonly halfLife: bigint
}

/** Frax's deployment: kinks at 80 and 90 %, target 72.5 to 82.5 %, 0.1 %/yr at zero, 5 to 730 %/yr when full, half-life two days. */
export const BAMM_RATE_TERMS: BammRateTerms = {
  ...{ vertex: 80_000n, vertex2: 90_000n, vertexShare: 2n * 10n ** 17n, vertex2Share: 3n * 10n ** 17n },
  ...{ minTarget: 72_500n, maxTarget: 82_500n, zeroRate: 31_649_409n, minFullRate: 1_582_470_460n },
  ...{ maxFullRate: 231_040_686_000n, halfLife: 172_800n },
}

/** The rate for a utilisation (1e-5), and the rate of full utilisation after `seconds` of being above or below its target. */
export function bammRate(
  terms: BammRateTerms,
  fullRate: bigint,
  utilisation: bigint,
  seconds: bigint,
): { readonly rate: bigint; readonly fullRate: bigint } {
  const full = fullRateAfter(terms, fullRate, utilisation, seconds)
  const at = (share: bigint) => ((full - terms.zeroRate) * share) / WAD + terms.zeroRate
  const [first, second] = [at(terms.vertexShare), at(terms.vertex2Share)]
  if (utilisation < terms.vertex)
    return { rate: terms.zeroRate + (utilisation * (first - terms.zeroRate)) / terms.vertex, fullRate: full }
  if (utilisation < terms.vertex2)
    return {
      rate: first + ((utilisation - terms.vertex) * (second - first)) / (terms.vertex2 - terms.vertex),
      fullRate: full,
    }
  return {
    rate: second + ((utilisation - terms.vertex2) * (full - second)) / (100_000n - terms.vertex2),
    fullRate: full,
  }
}

function fullRateAfter(terms: BammRateTerms, fullRate: bigint, utilisation: bigint, seconds: bigint): bigint {
  const whole = terms.halfLife * 10n ** 36n
  let next = fullRate
  if (utilisation < terms.minTarget) {
    const off = ((terms.minTarget - utilisation) * WAD) / terms.minTarget
    next = (fullRate * whole) / (whole + off * off * seconds)
  } else if (utilisation > terms.maxTarget) {
    const off = ((utilisation - terms.maxTarget) * WAD) / (100_000n - terms.maxTarget)
    next = (fullRate * (whole + off * off * seconds)) / whole
  }
  return max(terms.minFullRate, min(terms.maxFullRate, next))
}

/** What a micro-liquidation does with a vault: swaps first, then how much √k goes back. In place: vault and pair. */
export function swapAndSize(
  vault: BammVault,
  pair: BammPair,
  ltv: bigint,
): { readonly share: bigint; readonly root: bigint } {
  let share = repayShare(ltv)
  const zero = vault.token0 > mul(vault.token1, pair.reserve0) / pair.reserve1
  const [tokenIn, tokenOut] = zero ? [vault.token0, vault.token1] : [vault.token1, vault.token0]
  const [reserveIn, reserveOut] = zero ? [pair.reserve0, pair.reserve1] : [pair.reserve1, pair.reserve0]
  const most = maxSellDown(tokenIn, tokenOut, reserveIn, reserveOut)
  // Twice what is repaid is swapped, so that the vault stays near the pair's ratio; at most a 350th of the reserve at once.
  const sellShare = share > 498n * 10n ** 15n ? WAD : 4n * 10n ** 15n + share * 2n
  const cap = reserveIn / 350n
  let sold = mul(most, sellShare) / WAD
  if (sellShare < 10n ** 17n && sold > cap) sold = cap
  let got = 0n
  if (sold > 0n) {
    got = amountOutDown(reserveIn, reserveOut, sold, pair.kept)
    if (sold === cap) share = min(share, mul(got, WAD) / (got + tokenOut))
    if (got > 0n) {
      swapPair(pair, zero, sold)
      vault.token0 += zero ? -sold : got
      vault.token1 += zero ? got : -sold
    }
  }
  const [out, reserve, other] = zero
    ? [vault.token1, pair.reserve1, pair.reserve0]
    : [vault.token0, pair.reserve0, pair.reserve1]
  if (ltv < FULL_LIQUIDATION_LTV && out * share > (reserve * WAD) / 25n) share = (reserve * WAD) / (25n * out)
  const liquid = mul(out, share) / WAD
  return { share, root: sqrtDown(mul(liquid, mul(liquid, other) / reserve)) }
}

/** What a fee of millionths on top of a repayment is, rounded down. */
export function feeOn(amount: bigint, fee: bigint): bigint {
  return mul(amount, fee) / (MILLION - fee)
}

/** A repayment less the fee that is taken from it, rounded down. */
export function lessFee(rent: bigint, fee: bigint): bigint {
  return mul(rent, MILLION - fee) / MILLION
}
