/**
 * Morpho Blue: isolated lending markets of one collateral and one loan asset. A position is liquidatable when its debt exceeds
 * collateral · price · LLTV; a liquidation repays at collateral value / LIF, without close factor; when no collateral is left the rest of the
 * debt is taken from the suppliers at once.
 *
 * - LLTV: liquidation loan-to-value, wad.
 * - LIF = min(1.15, 1 / (1 − 0.3 · (1 − LLTV))): liquidation incentive factor, wad, rounded down at each step.
 * - shares: claims on supply or debt; assets = shares · (total assets + 1) / (total shares + 1e6) (virtual amounts).
 * - price: loan assets per collateral asset, scaled 1e36 · 10^(loan decimals − collateral decimals).
 *
 * Sources: morpho-org/morpho-blue 1.0.0, `src/Morpho.sol` (`liquidate`, `_isHealthy`, `_accrueInterest`), `src/libraries/MathLib.sol`,
 * `SharesMathLib.sol`, `ConstantsLib.sol`; recorded cases: `morpho-blue` of the golden files; the live bytecode: `lib/test/contracts/`.
 */
import { add, div, ensure, MAX_UINT128, min, mul, PANIC_ARITHMETIC, revert, sub, zeroFloorSub } from '../solidity.ts'
import { adaptiveRate } from './adaptive-rate.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** Scale of a price: loan assets per collateral asset. */
export const ORACLE_PRICE_SCALE = 10n ** 36n
const LIQUIDATION_CURSOR = 3n * 10n ** 17n
const MAX_LIQUIDATION_INCENTIVE_FACTOR = 115n * 10n ** 16n
const VIRTUAL_SHARES = 10n ** 6n
const VIRTUAL_ASSETS = 1n

/**
 * Who answers the borrow rate of a market, wad per second: nobody, a constant, utilisation / 365 days (Morpho's `IrmMock`), or the adaptive curve
 * of the live markets with its rate at 90 % utilisation (0 before its first answer).
 */
export type MorphoRateModel =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly rate: bigint }
  | { readonly kind: 'utilisation' }
  | { readonly kind: 'adaptive'; readonly rateAtTarget: bigint }

/** A market: fixed parameters, and totals as of `lastUpdate`. Assets in atoms of the loan asset. */
export type MorphoMarket = {
  readonly loan: string
  readonly collateral: string
  readonly feed: string
  readonly lltv: bigint
  rateModel: MorphoRateModel
  totalSupplyAssets: bigint
  totalSupplyShares: bigint
  totalBorrowAssets: bigint
  totalBorrowShares: bigint
  /** Unix seconds; 0 = the market was not created. */
  lastUpdate: bigint
  /** Share of interest, wad. */
  fee: bigint
  /** Loan atoms repaid beyond the total debt (a repayment rounds up): held, and owed to nobody. */
  excess?: bigint | undefined
}

/** What an account has in a market. */
export type MorphoPosition = { supplyShares: bigint; borrowShares: bigint; collateral: bigint }

/** What a liquidation moved. */
export type MorphoLiquidation = {
  readonly repaidAssets: bigint
  readonly repaidShares: bigint
  readonly seizedAssets: bigint
  readonly badDebtAssets: bigint
  readonly badDebtShares: bigint
}

/** `a × b / c` rounded down; reverts on overflow and division by zero. */
export const mulDivDown = (a: bigint, b: bigint, c: bigint): bigint => div(mul(a, b), c)
/** `a × b / c` rounded up; reverts on overflow and division by zero. */
export const mulDivUp = (a: bigint, b: bigint, c: bigint): bigint => div(add(mul(a, b), sub(c, 1n)), c)

/** Assets that shares are worth, rounded down. */
export function toAssetsDown(shares: bigint, totalAssets: bigint, totalShares: bigint): bigint {
  return mulDivDown(shares, totalAssets + VIRTUAL_ASSETS, totalShares + VIRTUAL_SHARES)
}

/** Assets that shares are worth, rounded up. */
export function toAssetsUp(shares: bigint, totalAssets: bigint, totalShares: bigint): bigint {
  return mulDivUp(shares, totalAssets + VIRTUAL_ASSETS, totalShares + VIRTUAL_SHARES)
}

/** Shares that assets are worth, rounded down. */
export function toSharesDown(assets: bigint, totalAssets: bigint, totalShares: bigint): bigint {
  return mulDivDown(assets, totalShares + VIRTUAL_SHARES, totalAssets + VIRTUAL_ASSETS)
}

/** Shares that assets are worth, rounded up. */
export function toSharesUp(assets: bigint, totalAssets: bigint, totalShares: bigint): bigint {
  return mulDivUp(assets, totalShares + VIRTUAL_SHARES, totalAssets + VIRTUAL_ASSETS)
}

/** e^(rate · seconds) − 1 by the first three terms of its series, wad, each rounded down (`MathLib.wTaylorCompounded`). */
export function taylorCompoundedDown(rate: bigint, seconds: bigint): bigint {
  const first = mul(rate, seconds)
  const second = mulDivDown(first, first, 2n * WAD)
  return add(add(first, second), mulDivDown(second, first, 3n * WAD))
}

/** Liquidation incentive factor of an LLTV, wad. */
export function incentiveFactorDown(lltv: bigint): bigint {
  const below = WAD - (LIQUIDATION_CURSOR * (WAD - lltv)) / WAD
  return min(MAX_LIQUIDATION_INCENTIVE_FACTOR, mulDivDown(WAD, WAD, below))
}

/** The LLTV below which the incentive factor stands at its cap of 1.15, wad, rounded down: 1 − (1 − 1 / 1.15) / 0.3. */
export function cappedBelowLltvDown(): bigint {
  const below = WAD - mulDivDown(WAD, WAD, MAX_LIQUIDATION_INCENTIVE_FACTOR)
  return WAD - mulDivUp(below, WAD, LIQUIDATION_CURSOR)
}

/** Average borrow rate of a market since its last update, wad per second, and its rate model after having been asked. */
export function borrowRate(
  market: MorphoMarket,
  time: bigint,
): { readonly rate: bigint; readonly rateModel: MorphoRateModel } {
  const model = market.rateModel
  if (model.kind === 'none') return { rate: 0n, rateModel: model }
  if (model.kind === 'fixed') return { rate: model.rate, rateModel: model }
  const { totalBorrowAssets, totalSupplyAssets, lastUpdate } = market
  const utilisation = totalSupplyAssets === 0n ? 0n : mulDivDown(totalBorrowAssets, WAD, totalSupplyAssets)
  if (model.kind === 'utilisation') return { rate: utilisation / SECONDS_OF_A_YEAR, rateModel: model }
  const { rate, rateAtTarget } = adaptiveRate(model.rateAtTarget, utilisation, sub(time, lastUpdate))
  return { rate, rateModel: { kind: 'adaptive', rateAtTarget } }
}

const SECONDS_OF_A_YEAR = 365n * 86_400n

/** Interest and the fee's shares that accrue until `time`, and the market after it. Looks, changes nothing. */
export function accrued(
  market: MorphoMarket,
  time: bigint,
): { readonly totals: MorphoMarket; readonly interest: bigint; readonly feeShares: bigint } {
  const elapsed = sub(time, market.lastUpdate)
  if (elapsed === 0n || market.rateModel.kind === 'none')
    return { totals: { ...market, lastUpdate: time }, interest: 0n, feeShares: 0n }
  const { rate, rateModel } = borrowRate(market, time)
  const interest = mulDivDown(market.totalBorrowAssets, taylorCompoundedDown(rate, elapsed), WAD)
  const totalBorrowAssets = add128(market.totalBorrowAssets, interest)
  const totalSupplyAssets = add128(market.totalSupplyAssets, interest)
  const feeAmount = mulDivDown(interest, market.fee, WAD)
  // The fee's shares are priced without the fee in the total, so that the fee takes its share of interest only.
  const feeShares =
    market.fee === 0n ? 0n : toSharesDown(feeAmount, totalSupplyAssets - feeAmount, market.totalSupplyShares)
  const totalSupplyShares = add128(market.totalSupplyShares, feeShares)
  const totals = { ...market, rateModel, totalBorrowAssets, totalSupplyAssets, totalSupplyShares, lastUpdate: time }
  return { totals, interest, feeShares }
}

/** The most debt that collateral allows, in loan atoms, rounded down. */
export function maxBorrowDown(collateral: bigint, price: bigint, lltv: bigint): bigint {
  return mulDivDown(mulDivDown(collateral, price, ORACLE_PRICE_SCALE), lltv, WAD)
}

/** True when the debt, rounded up, is at most what the collateral allows. */
export function isHealthy(market: MorphoMarket, position: MorphoPosition, price: bigint): boolean {
  if (position.borrowShares === 0n) return true
  const borrowed = toAssetsUp(position.borrowShares, market.totalBorrowAssets, market.totalBorrowShares)
  return maxBorrowDown(position.collateral, price, market.lltv) >= borrowed
}

/**
 * A liquidation of a position of an accrued market: computes what moves, and both states after it. Exactly one of `seizedAssets`, `repaidShares`
 * is above zero. Reverts as the contract does.
 */
export function liquidation(
  market: MorphoMarket,
  position: MorphoPosition,
  price: bigint,
  call: { readonly seizedAssets: bigint; readonly repaidShares: bigint },
): { readonly moved: MorphoLiquidation; readonly market: MorphoMarket; readonly position: MorphoPosition } {
  ensure(!isHealthy(market, position, price), 'position is healthy')
  const { repaidShares, seizedAssets } = sizes(market, price, call)
  const repaidAssets = toAssetsUp(repaidShares, market.totalBorrowAssets, market.totalBorrowShares)
  const after = { ...position }
  const totals = { ...market }
  after.borrowShares = sub128(position.borrowShares, repaidShares)
  totals.totalBorrowShares = sub128(market.totalBorrowShares, repaidShares)
  totals.totalBorrowAssets = zeroFloorSub(market.totalBorrowAssets, repaidAssets)
  totals.excess = (market.excess ?? 0n) + zeroFloorSub(repaidAssets, market.totalBorrowAssets)
  after.collateral = sub128(position.collateral, seizedAssets)
  let [badDebtAssets, badDebtShares] = [0n, 0n]
  if (after.collateral === 0n) {
    badDebtShares = after.borrowShares
    badDebtAssets = min(
      totals.totalBorrowAssets,
      toAssetsUp(badDebtShares, totals.totalBorrowAssets, totals.totalBorrowShares),
    )
    totals.totalBorrowAssets = sub(totals.totalBorrowAssets, badDebtAssets)
    totals.totalSupplyAssets = sub(totals.totalSupplyAssets, badDebtAssets)
    totals.totalBorrowShares = sub(totals.totalBorrowShares, badDebtShares)
    after.borrowShares = 0n
  }
  const moved = { repaidAssets, repaidShares, seizedAssets, badDebtAssets, badDebtShares }
  return { moved, market: totals, position: after }
}

/** Both sides of a liquidation from the one that is given: shares up when seizing, collateral down when repaying. */
function sizes(
  market: MorphoMarket,
  price: bigint,
  call: { readonly seizedAssets: bigint; readonly repaidShares: bigint },
) {
  const factor = incentiveFactorDown(market.lltv)
  const { totalBorrowAssets, totalBorrowShares } = market
  if (call.seizedAssets > 0n) {
    const value = mulDivUp(call.seizedAssets, price, ORACLE_PRICE_SCALE)
    const repaid = mulDivUp(value, WAD, factor)
    return { seizedAssets: call.seizedAssets, repaidShares: toSharesUp(repaid, totalBorrowAssets, totalBorrowShares) }
  }
  const repaid = toAssetsDown(call.repaidShares, totalBorrowAssets, totalBorrowShares)
  const value = mulDivDown(repaid, factor, WAD)
  return { repaidShares: call.repaidShares, seizedAssets: mulDivDown(value, ORACLE_PRICE_SCALE, price) }
}

/** The value, when it fits into 128 bits (`UtilsLib.toUint128`). */
export function uint128(value: bigint): bigint {
  return value > MAX_UINT128 ? revert('max uint128 exceeded') : value
}

/** `a + b` in 128 bits: `b` must fit (the contract's own word), and so must the sum (arithmetic panic). */
export function add128(a: bigint, b: bigint): bigint {
  const sum = a + uint128(b)
  return sum > MAX_UINT128 ? revert(PANIC_ARITHMETIC) : sum
}

/** `a − b` in 128 bits: `b` must fit (the contract's own word), and be at most `a` (arithmetic panic). */
export function sub128(a: bigint, b: bigint): bigint {
  return sub(a, uint128(b))
}
