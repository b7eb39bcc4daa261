/**
 * Drift v1's liquidation, in integers: 1e-6 dollars and a margin ratio in 1e-4. Source: drift-labs/protocol-v1 @c77952e (2022-04-01),
 * programs/clearing_house/src/lib.rs `liquidate`, and its recorded `LiquidationHistory` of 1 and 2 April 2022.
 */
import { breakwaterError } from '../../model/index.ts'

/** What is liquidated: collateral, unrealised profit and value of all positions, in 1e-6 dollars. */
export type DriftAccount = { readonly collateral: bigint; readonly unrealised: bigint; readonly positionValue: bigint }

/** What it did, in 1e-6 dollars; `marginRatio` in 1e-4. */
export type DriftLiquidation = {
  readonly marginRatio: bigint
  readonly partial: boolean
  readonly closed: bigint
  readonly fee: bigint
  readonly toLiquidator: bigint
  readonly toInsuranceFund: bigint
}

/** Margin ratio that makes an account liquidatable: below 6.25 % a quarter is closed, below 5 % everything. In 1e-4. */
const PARTIAL_RATIO = 625n
const WHOLE_RATIO = 500n
/** An account with at most this much left is closed wholly, so that it is worth a liquidator's while. 1e-6 dollars. */
const DUST = 1_000_000n
/** Partial: closes at most 1/4 of each position for a penalty of 1/40 of the collateral (10 % of a quarter), half of it to the liquidator. */
const PARTIAL = { close: 4n, penalty: 40n, liquidator: 2n }
/** Whole: everything for all of the collateral, 1/20 of it to the liquidator. */
const WHOLE = { close: 1n, penalty: 1n, liquidator: 20n }

/** Margin ratio in 1e-4, rounded down: 10,000 · (collateral + profit) / value of the positions. Throws `bad-position` without positions. */
export function driftMarginRatio({ collateral, unrealised, positionValue }: DriftAccount): bigint {
  if (positionValue <= 0n)
    throw breakwaterError('bad-position', `positions worth ${positionValue} have no margin ratio`, {
      positionValue: String(positionValue),
    })
  const total = collateral + unrealised
  return total <= 0n ? 0n : (10_000n * total) / positionValue
}

/** Most that a liquidation closes of one position's value, 1e-6 dollars: less is closed when the price would slip too far, or when it is cured before. */
export function driftLargestClose(value: bigint, partial: boolean): bigint {
  return value / (partial ? PARTIAL : WHOLE).close
}

/**
 * A liquidation that closed these values, one per position, in order. The fee is counted and rounded down per position, the liquidator's share
 * rounded down, the insurance fund gets the rest. Throws `bad-position` for an account that is not liquidatable.
 */
export function driftLiquidation(account: DriftAccount, closed: readonly bigint[]): DriftLiquidation {
  const marginRatio = driftMarginRatio(account)
  if (marginRatio >= PARTIAL_RATIO)
    throw breakwaterError('bad-position', `a margin ratio of ${marginRatio} e-4 is not below ${PARTIAL_RATIO} e-4`, {
      marginRatio: String(marginRatio),
    })
  const total = account.collateral + account.unrealised
  const left = total > 0n ? total : 0n
  const partial = marginRatio >= WHOLE_RATIO && left > DUST
  const { penalty, liquidator } = partial ? PARTIAL : WHOLE
  const mostFee = left / penalty
  const mostClosed = driftLargestClose(account.positionValue, partial)
  let fee = 0n
  let sum = 0n
  for (const value of closed) {
    fee += (mostFee * value) / mostClosed
    sum += value
  }
  const toLiquidator = fee / liquidator
  return { marginRatio, partial, closed: sum, fee, toLiquidator, toInsuranceFund: fee - toLiquidator }
}
