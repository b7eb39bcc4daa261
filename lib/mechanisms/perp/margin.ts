/** Margin of one position in floats: views, not verdicts. Money is quote for linear contracts and coin for inverse ones. */
import { breakwaterError } from '../../model/index.ts'
import {
  checkAmount,
  coordinate,
  type Leg,
  legOf,
  measureOf,
  type PerpContract,
  pieceAt,
  profitAt,
  requiredBy,
} from './leg.ts'
import type { PerpPosition } from './profile.ts'
import { bracketAt, tierOf } from './tiers.ts'

/** Value of a position at a price: `q·P` in quote (linear) or `Q/P` in coin (inverse). */
export function notionalAt(contract: PerpContract, position: Pick<PerpPosition, 'size'>, price: number): number {
  return checkAmount('size', position.size) * coordinate(contract.payoff, checkAmount('price', price))
}

/** Unrealised profit at a price: `s·q·(P − EP)` in quote, or `s·Q·(1/EP − 1/P)` in coin. */
export function unrealisedAt(contract: PerpContract, position: PerpPosition, price: number): number {
  return profitAt(legOf(contract, position), coordinate(contract.payoff, checkAmount('price', price)))
}

/** Maintenance margin at a price, with the rate and bracket (counted from 1) that ask it: `N·r − c`. */
export type Maintenance = {
  readonly margin: number
  readonly rate: number
  readonly deduction: number
  readonly bracket: number
}

/** Maintenance margin of a position at a price. Throws `bad-position` for sizes and prices not above 0. */
export function maintenanceAt(contract: PerpContract, position: PerpPosition, price: number): Maintenance {
  const leg = legOf(contract, position)
  const x = coordinate(contract.payoff, checkAmount('price', price))
  return maintenanceOfLeg(leg, x)
}

/** As {@link maintenanceAt}, of a leg at x. `rate` is the marginal rate without the growth of a growing one. */
export function maintenanceOfLeg(leg: Leg, x: number): Maintenance {
  const piece = pieceAt(leg, x)
  return {
    margin: requiredBy(piece, leg.size, x),
    rate: piece.rate + (piece.square * x) / leg.size,
    deduction: piece.deduction + piece.perX * x,
    bracket: piece.bracket + 1,
  }
}

/** Largest leverage that the venue allows a position of this size at a price. */
export function maxLeverageAt({ payoff, maintenance }: PerpContract, size: number, price: number): number {
  if (maintenance.kind === 'growing') return maintenance.rate.maxLeverage
  const { table } = maintenance
  const measure = measureOf(payoff, table, checkAmount('size', size), coordinate(payoff, checkAmount('price', price)))
  if (measure > table.ceiling)
    throw breakwaterError('over-leverage', `a position of ${measure} is above the venue's largest, ${table.ceiling}`, {
      measure,
      ceiling: table.ceiling,
    })
  return tierOf(table, bracketAt(table, measure)).maxLeverage
}

/** The leverage when it is a number from 1 to what the venue allows at this size and price. Throws `over-leverage` with value and limit. */
export function checkLeverage(contract: PerpContract, size: number, price: number, leverage: number): number {
  checkAmount('leverage', leverage)
  const limit = maxLeverageAt(contract, size, price)
  if (leverage > limit)
    throw breakwaterError(
      'over-leverage',
      `a leverage of ${leverage} is above ${limit}, the most for a position of this size`,
      {
        leverage,
        limit,
        size,
        price,
      },
    )
  return leverage
}

/** Initial margin: value at entry / leverage. Throws `over-leverage` above what the bracket allows. */
export function initialMargin(contract: PerpContract, position: PerpPosition, leverage: number): number {
  checkLeverage(contract, position.size, position.entryPrice, leverage)
  return notionalAt(contract, position, position.entryPrice) / leverage
}

/** Margin ratio, maintenance / equity, a fraction: 1 is liquidation. Infinity when no equity is left. */
export function marginRatio(maintenance: number, equity: number): number {
  return equity > 0 ? maintenance / equity : Number.POSITIVE_INFINITY
}

/** Effective leverage: value at the price / equity at the price. `undefined` when no equity is left. */
export function effectiveLeverage(notional: number, equity: number): number | undefined {
  return equity > 0 ? notional / equity : undefined
}

/** Distance from a price to another as a signed fraction: −0.0964 = 9.64 % below. */
export function distanceTo(price: number, other: number): number {
  return other / checkAmount('price', price) - 1
}

/**
 * Bankruptcy price: where margin + profit is exactly 0; with `fee` (fraction), where the rest pays just the closing fee. `margin` is money beside
 * the position. `undefined` when there is no such price above 0. Linear `EP − s·M/q`; inverse `s·Q / (M + s·Q/EP)`.
 */
export function bankruptcyPrice(
  contract: Pick<PerpContract, 'payoff'>,
  position: PerpPosition,
  margin: number,
  fee = 0,
): number | undefined {
  const { sign, size, entry } = legOf({ payoff: contract.payoff, maintenance: NO_RULE }, position)
  // margin + sign·size·(x − entry) = fee·size·x
  const x = (sign * size * entry - margin) / (size * (sign - fee))
  return x > 0 && Number.isFinite(x) ? coordinate(contract.payoff, x) : undefined
}

const NO_RULE = { kind: 'growing', rate: { base: 0, perCoin: 0, cap: 0, maxLeverage: 1 } } as const
