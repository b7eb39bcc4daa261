/** Which cover of one collateral and one debt pays a liquidator best: the candidates that a version's limits leave, tried with its own rule. */
import { applied, min } from '../solidity.ts'
import type { AavePair } from './action.ts'
import type { AaveReserve } from './state.ts'
import type { AaveLiquidationTerms, AaveSizes } from './v3-sizes.ts'
import { mulDivCeil, PERCENT } from './wad-ray.ts'

/** A pair with what it is made of. `least`: what may be left on a side unless nothing is, base currency (0 = the version has no such rule). */
export type PairMarket = {
  readonly collateral: AaveReserve
  readonly debt: AaveReserve
  readonly terms: Pick<
    AaveLiquidationTerms,
    'reserveDebt' | 'collateralBalance' | 'debtPrice' | 'collateralPrice' | 'debtUnit' | 'collateralUnit' | 'bonus'
  >
  readonly least: bigint
}

/** The candidate with the largest profit that the rule takes and the pool can pay out; `undefined` when there is none. */
export function bestPair(market: PairMarket, sizes: (cover: bigint) => AaveSizes): AavePair | undefined {
  const { collateral, debt } = market
  let best: AavePair | undefined
  for (const cover of covers(market)) {
    let found: AaveSizes | undefined
    applied(() => {
      found = sizes(cover)
      return { facts: [] }
    })
    if (!found || found.repaid === 0n || found.toLiquidator === 0n) continue
    const { repaid, toLiquidator } = found
    // The liquidator is paid before it pays, also where both sides are one asset.
    if (toLiquidator > collateral.virtualBalance) continue
    const profit = profitOf(market, found)
    if (best && best.profit >= profit) continue
    best = { collateral: collateral.config.asset, debt: debt.config.asset, cover, repaid, toLiquidator, profit }
  }
  return best
}

function profitOf({ terms }: PairMarket, { repaid, toLiquidator }: AaveSizes): number {
  const received = (Number(toLiquidator) / Number(terms.collateralUnit)) * Number(terms.collateralPrice)
  return received - (Number(repaid) / Number(terms.debtUnit)) * Number(terms.debtPrice)
}

/** Everything; what leaves the least allowed on either side; what the pool can pay out; and both limits at once. */
function covers({ terms, collateral, least }: PairMarket): readonly bigint[] {
  const { reserveDebt, collateralBalance, debtPrice, collateralPrice, debtUnit, collateralUnit } = terms
  if (debtPrice === 0n || collateralPrice === 0n) return [reserveDebt]
  const leavingDebt = reserveDebt - mulDivCeil(least, debtUnit, debtPrice)
  const leavingCollateral = coverFor(terms, collateralBalance - mulDivCeil(least, collateralUnit, collateralPrice))
  const payable = coverFor(terms, collateral.virtualBalance)
  const some = [leavingDebt, leavingCollateral, min(leavingDebt, leavingCollateral)]
  const all = [reserveDebt, ...(least === 0n ? [] : some)]
  return [...all, ...all.map((cover) => min(cover, payable))].filter((cover) => cover > 0n)
}

/** The cover that seizes at most so much collateral, rounded down. */
function coverFor(
  { debtPrice, collateralPrice, debtUnit, collateralUnit, bonus }: PairMarket['terms'],
  seized: bigint,
): bigint {
  if (seized <= 0n) return 0n
  return (seized * collateralPrice * debtUnit * PERCENT) / (bonus * debtPrice * collateralUnit)
}
