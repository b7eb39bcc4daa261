/**
 * Exchange across bands: what an amount in gives, what an amount out costs, and how much moves the AMM to a price.
 * Sources: `AMM.vy` `calc_swap_out`, `calc_swap_in`, `_exchange`, `get_amount_for_price`; order of operations and rounding as there: what goes in is
 * rounded up, what goes out down.
 */
import type { Moment } from '../../model/index.ts'
import { div, ensure, max, min, sub, zeroFloorSub } from '../solidity.ts'
import { sqrtFloor, WAD } from './exponential.ts'
import { distanceFee, type OraclePrice, oraclePrice, priceIn, rememberPrice, upperPrice, y0Of } from './price.ts'
import { type LlammaMarket, MAX_SKIP_TICKS, MAX_TICKS, setBand, xOf, yOf } from './state.ts'

const WAD_SQUARED = WAD * WAD

/** Which token goes in: selling collateral moves the AMM's price down, selling the stablecoin moves it up. */
export type LlammaSell = 'borrowed' | 'collateral'

/** A trade worked out and not yet done: amounts with 18 decimals, first and last band, what the walked bands hold of the token in. */
export type LlammaTrade = {
  readonly inAmount: bigint
  readonly outAmount: bigint
  readonly n1: number
  readonly n2: number
  readonly ticksIn: readonly bigint[]
  /** What the last band keeps of the token out. */
  readonly lastOut: bigint
  readonly adminFee: bigint
}

/** What an exchange did, in the tokens' own units. */
export type LlammaExchanged = { readonly sold: bigint; readonly bought: bigint; readonly adminFee: bigint }

/** The curve of a band: y0, offsets f (of x) and g (of y), and (f + x)(g + y). */
export type BandCurve = { readonly y0: bigint; readonly f: bigint; readonly g: bigint; readonly invariant: bigint }

/** Offsets and invariant of a band, as an exchange rounds them. Needs x or y above 0. */
export function curveOf(A: bigint, x: bigint, y: bigint, oracle: bigint, up: bigint): BandCurve {
  const y0 = y0Of(A, x, y, oracle, up)
  const f = (((A * y0 * oracle) / up) * oracle) / WAD
  const g = ((A - 1n) * y0 * up) / oracle
  return { y0, f, g, invariant: (f + x) * (g + y) }
}

/** 1 / (1 − fee), 18 decimals, rounded down; fee below 1. */
export function antiFee(fee: bigint): bigint {
  return WAD_SQUARED / (WAD - min(fee, WAD - 1n))
}

type Walk = {
  readonly market: LlammaMarket
  readonly pump: boolean
  readonly exact: 'in' | 'out'
  readonly amount: bigint
  readonly oracle: OraclePrice
  readonly baseFee: bigint
  left: bigint
  inAmount: bigint
  outAmount: bigint
  n1: number
  n2: number
  up: bigint
  x: bigint
  y: bigint
  lastOut: bigint
  adminFee: bigint
  readonly ticksIn: bigint[]
}

/** Works out a trade of `amount` (18 decimals) of the token in (`exact` 'in') or out ('out') at an oracle price. Changes nothing. */
export function workOut(
  market: LlammaMarket,
  sell: LlammaSell,
  exact: 'in' | 'out',
  amount: bigint,
  oracle: OraclePrice,
  time: bigint,
): LlammaTrade {
  const band = market.activeBand
  const walk: Walk = {
    market,
    pump: sell === 'borrowed',
    exact,
    amount,
    oracle,
    baseFee: max(market.fee, oracle.fee),
    left: amount,
    inAmount: 0n,
    outAmount: 0n,
    n1: 0,
    n2: band,
    up: upperPrice(market, band, time),
    x: xOf(market, band),
    y: yOf(market, band),
    lastOut: 0n,
    adminFee: 0n,
    ticksIn: [],
  }
  let started = false
  for (let i = 0; i < MAX_TICKS + MAX_SKIP_TICKS; i++) {
    if (!started && (walk.x > 0n || walk.y > 0n)) {
      started = true
      walk.n1 = walk.n2
    }
    if (started) walk.ticksIn.push(walk.pump ? walk.x : walk.y)
    if (walkBand(walk) || i === MAX_TICKS + MAX_SKIP_TICKS - 1 || !stepOn(walk)) break
  }
  const [inPrecision, outPrecision] = precisions(market, walk.pump)
  return {
    inAmount: ((walk.inAmount + inPrecision - 1n) / inPrecision) * inPrecision,
    outAmount: (walk.outAmount / outPrecision) * outPrecision,
    n1: walk.n1,
    n2: walk.n2,
    ticksIn: walk.ticksIn,
    lastOut: walk.lastOut,
    adminFee: walk.adminFee,
  }
}

function precisions(
  { borrowedPrecision, collateralPrecision }: LlammaMarket,
  pump: boolean,
): readonly [bigint, bigint] {
  return pump ? [borrowedPrecision, collateralPrecision] : [collateralPrecision, borrowedPrecision]
}

/** Trades in the present band; true when that ends the trade. The two directions differ only in which coin is which. */
function walkBand(walk: Walk): boolean {
  const { market, pump, oracle, x, y, up, left } = walk
  const [coinIn, coinOut] = pump ? [x, y] : [y, x]
  if (coinOut === 0n) return false
  const { f, g, invariant } = curveOf(market.A, x, y, oracle.price, up)
  const [offsetIn, offsetOut] = pump ? [f, g] : [g, f]
  if (offsetOut === 0n) return false
  // Inside of the band the distance is nothing, or units that the base fee, at least 1e6 of them, outweighs.
  const inside = oracle.price <= up && oracle.price * market.A >= up * (market.A - 1n)
  const anti = antiFee(inside ? walk.baseFee : max(distanceFee(market.A, oracle.price, up), walk.baseFee))
  if (walk.exact === 'out' && coinOut >= left) {
    walk.lastOut = coinOut - left
    const net = sub(sub(invariant / (offsetOut + walk.lastOut), offsetIn), coinIn)
    put(walk, coinIn, (net * anti) / WAD, net)
    walk.outAmount = walk.amount
    return true
  }
  const net = sub(invariant / offsetOut - offsetIn, coinIn)
  const gross = (net * anti) / WAD
  if (walk.exact === 'in' && gross >= left) {
    const part = (left * WAD) / anti
    walk.lastOut = min(sub(div(invariant, offsetIn + coinIn + part), offsetOut) + 1n, coinOut)
    put(walk, coinIn, left, part)
    walk.inAmount = walk.amount
    walk.outAmount += coinOut - walk.lastOut
    return true
  }
  // At least one unit goes in, so that no dust of the coin out stays behind.
  put(walk, coinIn, max(gross, 1n), net)
  walk.left -= walk.exact === 'in' ? max(gross, 1n) : coinOut
  walk.outAmount += coinOut
  return false
}

/** Puts what goes in into the band, less the admins' share of the fee. */
function put(walk: Walk, coinIn: bigint, gross: bigint, net: bigint): void {
  const share = ((gross - net) * walk.market.adminFee) / WAD
  walk.ticksIn[walk.ticksIn.length - 1] = coinIn + gross - share
  walk.inAmount += gross
  walk.adminFee += share
}

/** Goes to the next band of the direction; false when there is none, 50 were walked, or the band is 50 steps from the oracle. */
function stepOn(walk: Walk): boolean {
  const { market, pump, oracle } = walk
  if (walk.n2 === (pump ? market.maxBand : market.minBand) || walk.ticksIn.length === MAX_TICKS) return false
  const ratio = (walk.up * WAD) / oracle.price
  if (pump ? ratio < WAD_SQUARED / market.maxOraclePower : ratio > market.maxOraclePower) return false
  walk.n2 += pump ? 1 : -1
  walk.up = pump ? (walk.up * (market.A - 1n)) / market.A : (walk.up * market.A) / (market.A - 1n)
  walk.x = pump ? 0n : xOf(market, walk.n2)
  walk.y = pump ? yOf(market, walk.n2) : 0n
  return true
}

/** What a trade would move now, in the tokens' own units (`get_dxdy`, `get_dydx`). */
export function quote(
  market: LlammaMarket,
  sell: LlammaSell,
  exact: 'in' | 'out',
  amount: bigint,
  at: Moment,
): { readonly sold: bigint; readonly bought: bigint } {
  if (amount === 0n) return { sold: 0n, bought: 0n }
  const [inPrecision, outPrecision] = precisions(market, sell === 'borrowed')
  const scaled = amount * (exact === 'in' ? inPrecision : outPrecision)
  const trade = workOut(market, sell, exact, scaled, oraclePrice(market, at), BigInt(at.time))
  return { sold: trade.inAmount / inPrecision, bought: trade.outAmount / outPrecision }
}

/**
 * Exchanges: `amount` of the token in for at least `bound` ('in'), or exactly `amount` of the token out for at most `bound` ('out').
 * Every revert comes before the first write. Reverts `Slippage`, and as the oracle does.
 */
export function exchange(
  market: LlammaMarket,
  sell: LlammaSell,
  exact: 'in' | 'out',
  amount: bigint,
  bound: bigint,
  at: Moment,
): LlammaExchanged {
  const pump = sell === 'borrowed'
  const counted = oraclePrice(market, at)
  const nothing = { sold: 0n, bought: 0n, adminFee: 0n }
  if (amount === 0n) {
    rememberPrice(market, at, counted)
    return nothing
  }
  const [inPrecision, outPrecision] = precisions(market, pump)
  const scaled = amount * (exact === 'in' ? inPrecision : outPrecision)
  const trade = workOut(market, sell, exact, scaled, counted, BigInt(at.time))
  const sold = trade.inAmount / inPrecision
  const bought = trade.outAmount / outPrecision
  ensure(exact === 'in' ? bought >= bound : sold <= bound && bought === amount, 'Slippage')
  rememberPrice(market, at, counted)
  if (sold === 0n || bought === 0n) return nothing
  const adminFee = trade.adminFee / inPrecision
  write(market, pump, trade)
  if (pump) market.feesX += adminFee
  else market.feesY += adminFee
  market.balanceX += pump ? sold : -bought
  market.balanceY += pump ? -bought : sold
  return { sold, bought, adminFee }
}

function write(market: LlammaMarket, pump: boolean, { n1, n2, ticksIn, lastOut }: LlammaTrade): void {
  const [bandsIn, bandsOut] = pump ? [market.bandsX, market.bandsY] : [market.bandsY, market.bandsX]
  for (const [k, amount] of ticksIn.entries()) {
    const band = pump ? n1 + k : n1 - k
    setBand(bandsIn, band, amount)
    setBand(bandsOut, band, band === n2 ? lastOut : 0n)
  }
  market.activeBand = n2
}

/**
 * How much of which token moves the AMM's price to `target` at the present oracle (`get_amount_for_price`), in the token's own units, rounded up;
 * fees of the walked bands included.
 */
export function amountForPrice(
  market: LlammaMarket,
  target: bigint,
  at: Moment,
): { readonly amount: bigint; readonly sell: LlammaSell } {
  const { A } = market
  const oracle = oraclePrice(market, at)
  const p = oracle.price
  const [A2, below2] = [A * A, (A - 1n) * (A - 1n)]
  let band = market.activeBand
  let up = upperPrice(market, band, BigInt(at.time))
  let low = (((p * p) / up) * p) / up
  let high = (low * A2) / below2
  const pump = target >= priceIn(A, xOf(market, band), yOf(market, band), p, up)
  let [amount, walked] = [0n, 0]
  for (let i = 0; i < MAX_TICKS + MAX_SKIP_TICKS; i++) {
    const [x, y] = [xOf(market, band), yOf(market, band)]
    const filled = x > 0n || y > 0n
    if (filled || walked > 0) walked += 1
    const curve = filled ? curveOf(A, x, y, p, up) : undefined
    const anti = antiFee(max(filled ? distanceFee(A, p, up) : 0n, max(market.fee, oracle.fee)))
    if (target <= high && target >= low) {
      if (curve) amount += (amountInside(curve, { x, y }, target, pump) * anti) / WAD
      break
    }
    if (curve) {
      const { f, g, invariant } = curve
      const whole = pump ? sub(div(invariant, g) - f, x) : sub(div(invariant, f) - g, y)
      amount += (whole * anti) / WAD
    }
    const ratio = (up * WAD) / p
    if (band === (pump ? market.maxBand : market.minBand) || walked === MAX_TICKS) break
    if (pump ? ratio < WAD_SQUARED / market.maxOraclePower : ratio > market.maxOraclePower) break
    band += pump ? 1 : -1
    up = pump ? (up * (A - 1n)) / A : (up * A) / (A - 1n)
    ;[low, high] = pump ? [high, (high * A2) / below2] : [(low * below2) / A2, low]
  }
  const precision = pump ? market.borrowedPrecision : market.collateralPrecision
  return { amount: amount === 0n ? 0n : (amount - 1n) / precision + 1n, sell: pump ? 'borrowed' : 'collateral' }
}

/** What goes in so that a band's price becomes `target`, which is one of its prices; without the fee. */
function amountInside(
  { f, g, invariant }: BandCurve,
  { x, y }: { readonly x: bigint; readonly y: bigint },
  target: bigint,
  pump: boolean,
): bigint {
  const newY = zeroFloorSub(sqrtFloor(div(invariant * WAD, target)), g)
  const newX = zeroFloorSub(div(invariant, g + newY), f)
  return pump ? zeroFloorSub(newX, x) : zeroFloorSub(newY, y)
}
