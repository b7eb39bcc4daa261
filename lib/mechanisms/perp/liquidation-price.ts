/**
 * Liquidation prices: where equity meets what is required. Solved bracket by bracket; a root counts only inside its own bracket; none when ≤ 0.
 * Sources: Binance FAQ b3c689c1f50a44cabb3a84e663b81d93 (linear, cross, hedge), Bybit help (inverse), Hyperliquid documentation "liquidations".
 */
import { breakwaterError } from '../../model/index.ts'
import {
  checkAmount,
  coordinate,
  type Leg,
  legOf,
  type PerpContract,
  pieceAt,
  piecesOf,
  profitAt,
  requiredBy,
} from './leg.ts'
import type { IsolatedRule, PerpPosition } from './profile.ts'

/** A root and the bracket (counted from 1) of the first leg there. */
export type LiquidationPrice = { readonly price: number; readonly bracket: number }

/**
 * Legs of one market that stand on the same money: `money` is everything that does not move with this market's price (wallet, profits and
 * minus the requirements of other markets). `part` scales the requirement: 1 liquidation, 2/3 Hyperliquid's backstop, 0 bankruptcy.
 */
export type Standing = { readonly legs: readonly Leg[]; readonly money: number; readonly part: number }

/** Equity minus `part` of the requirement at x, money: liquidatable below 0. */
export function slackAt({ legs, money, part }: Standing, x: number): number {
  let slack = money
  for (const leg of legs) slack += profitAt(leg, x) - part * requiredBy(pieceAt(leg, x), leg.size, x)
  return slack
}

/** An interval of x on which the slack is `at0 + slope·x − square·x²`. */
type Stretch = {
  readonly from: number
  readonly to: number
  readonly at0: number
  readonly slope: number
  readonly square: number
}

function stretchesOf({ legs, money, part }: Standing): readonly Stretch[] {
  const pieces = legs.map(piecesOf)
  const edges = [...new Set([0, ...pieces.flat().map(({ from }) => from), Number.POSITIVE_INFINITY])].sort(
    (a, b) => a - b,
  )
  const stretches: Stretch[] = []
  for (let at = 0; at + 1 < edges.length; at++) {
    const from = edges[at] as number
    const to = edges[at + 1] as number
    let at0 = money
    let slope = 0
    let square = 0
    legs.forEach(({ sign, size, entry }, index) => {
      const piece = pieces[index]?.find((one) => one.from <= from && to <= one.to)
      if (!piece) return
      at0 += part * piece.deduction - sign * size * entry
      slope += sign * size - part * (piece.rate * size - piece.perX)
      square += part * piece.square
    })
    stretches.push({ from, to, at0, slope, square })
  }
  return stretches
}

/** Roots of a stretch inside it (a hair beyond, for what rounding does at an edge). */
function rootsIn({ from, to, at0, slope, square }: Stretch): readonly number[] {
  const hair = 1e-12
  const within = (x: number) => x > 0 && x >= from * (1 - hair) && x <= to * (1 + hair)
  if (square === 0) {
    const x = slope === 0 ? Number.NaN : -at0 / slope
    return within(x) ? [x] : []
  }
  // square·x² − slope·x − at0 = 0, in the form that does not cancel.
  const root = Math.sqrt(slope * slope + 4 * square * at0)
  const far = (slope + (slope >= 0 ? root : -root)) / 2
  return [far / square, -at0 / far].filter(within)
}

/**
 * The nearest x below and above `from` at which the slack changes its sign, jumps at bracket floors included. When it is liquidatable at `from`
 * already, these are where it would be healthy again.
 */
export function crossings(
  standing: Standing,
  from: number,
): { readonly below: number | undefined; readonly above: number | undefined } {
  const stretches = stretchesOf(standing)
  const candidates: number[] = []
  stretches.forEach((stretch, at) => {
    candidates.push(...rootsIn(stretch))
    const next = stretches[at + 1]
    if (next && jumps(stretch, next)) candidates.push(stretch.to)
  })
  const below = candidates.filter((x) => x <= from)
  const above = candidates.filter((x) => x >= from)
  return {
    below: below.length > 0 ? Math.max(...below) : undefined,
    above: above.length > 0 ? Math.min(...above) : undefined,
  }
}

/** True when the slack changes its sign by a jump between two stretches (whole-rate brackets). */
function jumps(before: Stretch, after: Stretch): boolean {
  const x = before.to
  const value = ({ at0, slope, square }: Stretch) => at0 + slope * x - square * x * x
  const [left, right] = [value(before), value(after)]
  return (
    left >= 0 !== right >= 0 &&
    Math.abs(left - right) > 1e-9 * Math.max(1, Math.abs(before.at0), Math.abs(before.slope * x))
  )
}

/** What an isolated position stands on: its margin (money; may be any sign after funding), the venue's rule, the closing fee, and `part`. */
export type IsolatedTerms = {
  readonly margin: number
  readonly rule?: IsolatedRule | undefined
  /** Closing fee as a fraction; counted by `fee-inclusive` only. */
  readonly fee?: number | undefined
  readonly part?: number | undefined
}

/**
 * Liquidation price of one position on its margin; `undefined` when there is none above 0 (an over-collateralised long).
 * Throws `bad-position` for what is no position.
 */
export function liquidationPrice(
  contract: PerpContract,
  position: PerpPosition,
  { margin, rule = 'at-price', fee = 0, part = 1 }: IsolatedTerms,
): LiquidationPrice | undefined {
  if (!Number.isFinite(margin))
    throw breakwaterError('bad-position', `the margin is ${margin}; it must be a finite number`, {
      field: 'margin',
      value: margin,
    })
  const plain = legOf(contract, position, rule === 'fee-inclusive' ? fee : 0)
  const leg: Leg = rule === 'at-entry' ? { ...plain, rule: { kind: 'fixed', margin: requiredAtEntry(plain) } } : plain
  const standing = { legs: [leg], money: margin, part }
  const { below, above } = crossings(standing, plain.entry)
  const healthy = slackAt(standing, plain.entry) >= 0
  // A healthy leg is liquidated where it loses; one that is not has its price on the other side.
  const x = (leg.sign === 1) === healthy ? below : above
  if (x === undefined) return undefined
  const asked = pieceAt(plain, rule === 'at-entry' ? plain.entry : x)
  return { price: coordinate(contract.payoff, x), bracket: asked.bracket + 1 }
}

function requiredAtEntry(leg: Leg): number {
  return requiredBy(pieceAt(leg, leg.entry), leg.size, leg.entry)
}

/** One position of an account: what it is, its market, and the mark price (quote per coin) at which the other positions are held still. */
export type MarkedPosition = { readonly contract: PerpContract; readonly position: PerpPosition; readonly mark: number }

/**
 * Liquidation prices of a market in an account of many positions, all other marks held still. `money`: wallet + Σ profit − Σ requirement of the
 * other markets, in this market's money (`WB − TMM' + UPNL'`). `legs`: one position, or both of hedge mode. Nearest below and above the mark;
 * a hedged pair may have either, both or none.
 */
export function crossLiquidationPrices(
  legs: readonly MarkedPosition[],
  money: number,
  { fee = 0, part = 1 }: { readonly fee?: number; readonly part?: number } = {},
): { readonly below: number | undefined; readonly above: number | undefined } {
  const first = legs[0]
  if (!first)
    throw breakwaterError('bad-position', 'an account without a position has no liquidation price', { positions: 0 })
  const { payoff } = first.contract
  const standing = { legs: legs.map(({ contract, position }) => legOf(contract, position, fee)), money, part }
  const { below, above } = crossings(standing, coordinate(payoff, checkAmount('mark price', first.mark)))
  const price = (x: number | undefined) => (x === undefined ? undefined : coordinate(payoff, x))
  return payoff === 'linear'
    ? { below: price(below), above: price(above) }
    : { below: price(above), above: price(below) }
}
