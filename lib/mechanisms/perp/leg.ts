/**
 * A position as a straight line, the one form in which linear and inverse contracts are the same. On a linear contract the coordinate x is the
 * price (quote per coin) and money is quote; on an inverse one x is 1 / price and money is coin: a long of Q dollars loses coin as x rises, so it
 * is a short of Q units of x. Everything below is linear in x within one bracket.
 */
import { breakwaterError } from '../../model/index.ts'
import type { GrowingRate, MaintenanceRule, PerpPosition, ProfileMarket, TierTable } from './profile.ts'
import { signOf } from './profile.ts'
import { bracketAt, tierOf } from './tiers.ts'

/** What of a market the formulas need. */
export type PerpContract = Pick<ProfileMarket, 'payoff' | 'maintenance'>

/** `sign` and `size` in x: value = size · x, profit = sign · size · (x − entry). `rule` may be a fixed margin (money) at any price. */
export type Leg = {
  readonly sign: 1 | -1
  readonly size: number
  readonly entry: number
  readonly payoff: 'linear' | 'inverse'
  readonly rule: MaintenanceRule | { readonly kind: 'fixed'; readonly margin: number }
  /** Added to the rate: the closing fee, where a venue's test includes it. Fraction. */
  readonly fee: number
}

/**
 * What a leg requires around x: `rate · size · x − deduction − perX · x + square · x²`, valid while x is in [from, to]. `bracket` counts from 0.
 */
export type Piece = {
  readonly from: number
  readonly to: number
  readonly rate: number
  readonly deduction: number
  readonly perX: number
  readonly square: number
  readonly bracket: number
}

/** x of a price, and price of an x. */
export function coordinate(payoff: 'linear' | 'inverse', value: number): number {
  return payoff === 'linear' ? value : 1 / value
}

/** The leg of a position. Throws `bad-position` naming the field for a side that is none, and sizes and prices that are not above 0. */
export function legOf({ payoff, maintenance }: PerpContract, position: PerpPosition, fee = 0): Leg {
  checkPosition(position)
  const sign = signOf(position.side)
  return {
    sign: payoff === 'linear' ? sign : sign === 1 ? -1 : 1,
    size: position.size,
    entry: coordinate(payoff, position.entryPrice),
    payoff,
    rule: maintenance,
    fee,
  }
}

/** Throws `bad-position` unless side is long or short, and size and entry price are finite and above 0. */
export function checkPosition({ side, size, entryPrice }: PerpPosition): void {
  if (side !== 'long' && side !== 'short')
    throw breakwaterError('bad-position', `the side is '${side}'; it must be long or short`, { side })
  checkAmount('size', size)
  checkAmount('entry price', entryPrice)
}

/** The value when it is finite and above 0. Throws `bad-position` naming the field. */
export function checkAmount(field: string, value: number): number {
  if (!(Number.isFinite(value) && value > 0))
    throw breakwaterError('bad-position', `the ${field} is ${value}; it must be a number above 0`, { field, value })
  return value
}

/** Profit at x, money. */
export function profitAt({ sign, size, entry }: Leg, x: number): number {
  return sign * size * (x - entry)
}

/** What brackets are chosen by: value in money, or the bare size where a table goes by size whatever the price. */
export function measureOf(payoff: 'linear' | 'inverse', table: TierTable, size: number, x: number): number {
  return isBySize(payoff, table) ? size : size * x
}

function isBySize(payoff: 'linear' | 'inverse', { unit }: TierTable): boolean {
  return (payoff === 'linear') !== (unit === 'quote')
}

/** Every piece of what a leg requires, ascending in x. */
export function piecesOf(leg: Leg): readonly Piece[] {
  const { rule, size, fee } = leg
  const whole = { from: 0, to: Number.POSITIVE_INFINITY, perX: 0, square: 0, bracket: 0 }
  if (rule.kind === 'fixed') return [{ ...whole, rate: fee, deduction: -rule.margin }]
  if (rule.kind === 'growing') return growingPieces(leg, rule.rate)
  const { table } = rule
  if (isBySize(leg.payoff, table)) {
    const bracket = bracketAt(table, size)
    const { rate, deduction } = tierOf(table, bracket)
    return [{ ...whole, rate: rate + fee, deduction: 0, perX: deduction, bracket }]
  }
  return table.tiers.map((_, bracket) => pieceOf(table, bracket, size, fee))
}

/** The piece of one bracket. */
function pieceOf(table: TierTable, bracket: number, size: number, fee: number): Piece {
  const { floor, rate, deduction } = tierOf(table, bracket)
  const to = (table.tiers[bracket + 1]?.floor ?? Number.POSITIVE_INFINITY) / size
  return { from: floor / size, to, rate: rate + fee, deduction, perX: 0, square: 0, bracket }
}

/** Linear: the size in coins does not move with the price, so the rate does not. Inverse: coins = size · x, so the margin has a square until its cap. */
function growingPieces({ payoff, size, fee }: Leg, { base, perCoin, cap }: GrowingRate): readonly Piece[] {
  const whole = { from: 0, to: Number.POSITIVE_INFINITY, deduction: 0, perX: 0, square: 0, bracket: 0 }
  if (payoff === 'linear') return [{ ...whole, rate: Math.min(cap, base + perCoin * size) + fee }]
  if (perCoin === 0) return [{ ...whole, rate: Math.min(cap, base) + fee }]
  const turn = (cap - base) / perCoin / size
  return [
    { ...whole, to: turn, rate: base + fee, square: perCoin * size * size },
    { ...whole, from: turn, rate: cap + fee },
  ]
}

/** The piece in force at x. */
export function pieceAt(leg: Leg, x: number): Piece {
  const { rule, payoff, size, fee } = leg
  if (rule.kind === 'tiers' && !isBySize(payoff, rule.table))
    return pieceOf(rule.table, rule.table.tiers.length > 1 ? bracketAt(rule.table, size * x) : 0, size, fee)
  const pieces = piecesOf(leg)
  return pieces.find(({ to }) => x <= to) ?? (pieces.at(-1) as Piece)
}

/** What a piece requires at x, money. */
export function requiredBy({ rate, deduction, perX, square }: Piece, size: number, x: number): number {
  return rate * size * x - deduction - perX * x + square * x * x
}
