/**
 * Morpho's pre-liquidation: a contract beside a Morpho market, to which a borrower opts in by authorising it. Between its own threshold and the
 * market's LLTV anybody may repay a part of the debt for collateral, at an incentive that grows with the loan-to-value.
 *
 * - preLltv: loan-to-value from which on it applies (wad), below the market's LLTV.
 * - quotient = (ltv − preLltv) / (LLTV − preLltv), rounded down; ltv = debt / collateral value, rounded up.
 * - preLIF = preLIF1 + quotient · (preLIF2 − preLIF1): incentive factor, rounded down. 1 ≤ preLIF1 ≤ preLIF2 ≤ 1 / LLTV.
 * - preLCF = preLCF1 + quotient · (preLCF2 − preLCF1): most of the debt's shares that one call may repay, rounded down. preLCF1 ≤ 1; preLCF2 may
 *   exceed it, then everything may be repaid before the LLTV is reached.
 *
 * Refused where Morpho itself could liquidate (ltv > LLTV), and where the position would not be healthy on Morpho afterwards.
 * Source: morpho-org/pre-liquidation, `src/PreLiquidation.sol` (constructor, `preLiquidate`, `onMorphoRepay`), README; compared with its compiled code
 * on 905 completed and 2,464 refused calls and 300 creations without a difference, of which `pre-liquidation.recorded.json` keeps 42.
 */
import { add, ensure, mul, revert, sub } from '../solidity.ts'
import {
  type MorphoMarket,
  type MorphoPosition,
  mulDivDown,
  mulDivUp,
  ORACLE_PRICE_SCALE,
  toAssetsDown,
  toAssetsUp,
  toSharesUp,
  WAD,
} from './rules.ts'

/** What a pre-liquidation contract is made of, wad; `feed` is its own oracle, in Morpho's oracle scale. */
export type PreLiquidationParams = {
  readonly preLltv: bigint
  readonly preLCF1: bigint
  readonly preLCF2: bigint
  readonly preLIF1: bigint
  readonly preLIF2: bigint
  readonly feed: string
}

/** Reverts, with the constructor's own error, unless a contract with these parameters can be made for a market of this LLTV. */
export function ensurePreLiquidation(params: PreLiquidationParams, lltv: bigint): void {
  ensure(params.preLltv < lltv, 'PreLltvTooHigh')
  ensure(params.preLCF1 <= params.preLCF2, 'PreLCFDecreasing')
  ensure(params.preLCF1 <= WAD, 'PreLCFTooHigh')
  ensure(WAD <= params.preLIF1, 'PreLIFTooLow')
  ensure(params.preLIF1 <= params.preLIF2, 'PreLIFDecreasing')
  ensure(params.preLIF2 <= mulDivDown(WAD, WAD, lltv), 'PreLIFTooHigh')
}

/** Quotient, close factor and incentive factor at a loan-to-value of at least preLltv; wad, rounded down at each step. */
export function preFactorsDown(
  params: Omit<PreLiquidationParams, 'feed'>,
  lltv: bigint,
  ltv: bigint,
): { readonly quotient: bigint; readonly preLCF: bigint; readonly preLIF: bigint } {
  const quotient = mulDivDown(sub(ltv, params.preLltv), WAD, sub(lltv, params.preLltv))
  const between = (from: bigint, to: bigint) => add(mul(quotient, sub(to, from)) / WAD, from)
  return { quotient, preLCF: between(params.preLCF1, params.preLCF2), preLIF: between(params.preLIF1, params.preLIF2) }
}

/** Where a position stands for a pre-liquidation contract: values in loan atoms. */
export type PreStanding = {
  readonly collateralQuoted: bigint
  readonly borrowed: bigint
  /** Most debt below which the contract does nothing. */
  readonly threshold: bigint
  /** Most debt above which only Morpho liquidates. */
  readonly limit: bigint
}

/** A position of an accrued market at the contract's price. */
export function preStanding(
  { preLltv }: Pick<PreLiquidationParams, 'preLltv'>,
  market: MorphoMarket,
  position: MorphoPosition,
  price: bigint,
): PreStanding {
  const collateralQuoted = mulDivDown(position.collateral, price, ORACLE_PRICE_SCALE)
  return {
    collateralQuoted,
    borrowed: toAssetsUp(position.borrowShares, market.totalBorrowAssets, market.totalBorrowShares),
    threshold: mulDivDown(collateralQuoted, preLltv, WAD),
    limit: mulDivDown(collateralQuoted, market.lltv, WAD),
  }
}

/** Factors of a position that can be pre-liquidated now; reverts when it cannot. */
export function preFactorsOf(
  params: PreLiquidationParams,
  market: MorphoMarket,
  position: MorphoPosition,
  price: bigint,
): ReturnType<typeof preFactorsDown> {
  const { collateralQuoted, borrowed, threshold, limit } = preStanding(params, market, position, price)
  ensure(borrowed <= limit, 'LiquidatablePosition')
  ensure(borrowed > threshold, 'NotPreLiquidatablePosition')
  return preFactorsDown(params, market.lltv, mulDivUp(borrowed, WAD, collateralQuoted))
}

/** Most shares of a position's debt that one call may repay, rounded down, at most all of them. */
export function repayableSharesDown({ borrowShares }: MorphoPosition, preLCF: bigint): bigint {
  const shares = mulDivDown(borrowShares, preLCF, WAD)
  return shares < borrowShares ? shares : borrowShares
}

/**
 * Both sides of a pre-liquidation from the one that is given: shares rounded up when seizing, collateral rounded down when repaying. Reverts as the
 * contract does; what Morpho says about repaying and withdrawing comes after.
 */
export function preLiquidationSizes(
  params: PreLiquidationParams,
  market: MorphoMarket,
  position: MorphoPosition,
  price: bigint,
  call: { readonly seizedAssets: bigint; readonly repaidShares: bigint },
): { readonly seizedAssets: bigint; readonly repaidShares: bigint } {
  const { preLCF, preLIF } = preFactorsOf(params, market, position, price)
  let { seizedAssets, repaidShares } = call
  const { totalBorrowAssets, totalBorrowShares } = market
  if (seizedAssets > 0n) {
    const quoted = mulDivUp(seizedAssets, price, ORACLE_PRICE_SCALE)
    repaidShares = toSharesUp(mulDivUp(quoted, WAD, preLIF), totalBorrowAssets, totalBorrowShares)
  } else {
    const repaid = toAssetsDown(repaidShares, totalBorrowAssets, totalBorrowShares)
    seizedAssets = mulDivDown(mulDivDown(repaid, preLIF, WAD), ORACLE_PRICE_SCALE, price)
  }
  const repayableShares = mulDivDown(position.borrowShares, preLCF, WAD)
  if (repaidShares > repayableShares)
    revert('PreLiquidationTooLarge', 'more of the debt than the close factor allows', { repaidShares, repayableShares })
  return { seizedAssets, repaidShares }
}
