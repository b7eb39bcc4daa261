/**
 * Prices of LLAMMA: the oracle with its limiter, the growing base price, the edges of bands, the invariant of a band and the AMM's price.
 * Sources: `AMM.vy` (`limit_p_o`, `get_dynamic_fee`, `_rate_mul`, `_p_oracle_up`, `_get_y0`, `_get_p`), `EmaPriceOracle.vy`.
 */
import type { Moment } from '../../model/index.ts'
import { ensure, revert } from '../solidity.ts'
import { expWad, NO_DATA, sqrtFloor, WAD } from './exponential.ts'
import { type LlammaMarket, xOf, yOf } from './state.ts'

/** Seconds over which a move of the oracle counts. */
const LIMIT_DELAY = 120n
/** Most that the oracle may move within the delay: 1.25, so that its fee stays below a half. */
const MAX_CHANGE = 125n * 10n ** 16n
const LEAST_RATIO = (WAD * WAD) / MAX_CHANGE
const WAD_SQUARED = WAD * WAD
/** Prices beyond this leave the range in which the contract's products fit into 256 bits. */
const MAX_PRICE = 1n << 96n

/** The oracle price that counts, and the fee that its last moves ask for (both 18 decimals). */
export type OraclePrice = { readonly price: bigint; readonly fee: bigint }

/** The outside price before the limiter. Reverts when the feed is silent, zero, or beyond 2^96. */
export function outsidePrice({ feed, oracle }: LlammaMarket, at: Moment): bigint {
  const spot = at.price(feed)
  if (spot === undefined) return revert('oracle', `the feed ${feed} gives no price`)
  ensure(spot > 0n, 'oracle is zero', `the feed ${feed} answers ${spot}`)
  ensure(spot < MAX_PRICE, 'oracle too high', `the feed ${feed} answers ${spot}`)
  if (oracle.kind === 'feed') return spot
  const elapsed = BigInt(at.time) - oracle.lastTime
  if (elapsed <= 0n) return oracle.lastPrice
  const power = -((elapsed * WAD) / oracle.seconds)
  const alpha = power <= -41_446_531_673_892_821_376n ? 0n : expWad(power)
  return (spot * (WAD - alpha) + oracle.lastPrice * alpha) / WAD
}

/**
 * What of the outside price counts now: at most a factor 1.25 away from the price that counted within the last two minutes, with the fee
 * `(f' + 1 − ρ³)·(1 − elapsed/120 s)`, ρ = lower/higher price, f' the fee of the last move.
 */
export function limited(market: LlammaMarket, outside: bigint, time: bigint): OraclePrice {
  const elapsed = time - market.priceTime
  ensure(elapsed >= 0n, 'clock', `time ${time} is before the last price at ${market.priceTime}`)
  const left = elapsed >= LIMIT_DELAY ? 0n : LIMIT_DELAY - elapsed
  if (left === 0n) return { price: outside, fee: 0n }
  const old = market.oldPrice
  let price = outside
  let ratio = outside > old ? (old * WAD) / outside : (outside * WAD) / old
  if (ratio < LEAST_RATIO) {
    price = outside > old ? (old * MAX_CHANGE) / WAD : (old * WAD) / MAX_CHANGE
    ratio = LEAST_RATIO
  }
  const fee = ((WAD + market.oldFee - (ratio * ratio * ratio) / WAD_SQUARED) * left) / LIMIT_DELAY
  return { price, fee: fee < WAD - 1n ? fee : WAD - 1n }
}

/** The oracle price that counts at a moment. Reverts as {@link outsidePrice} does. */
export function oraclePrice(market: LlammaMarket, at: Moment): OraclePrice {
  return limited(market, outsidePrice(market, at), BigInt(at.time))
}

/** Remembers the price that counted, as each exchange does (`price_w`). */
export function rememberPrice(market: LlammaMarket, at: Moment, counted: OraclePrice): void {
  const { oracle } = market
  if (oracle.kind === 'ema' && BigInt(at.time) > oracle.lastTime) {
    oracle.lastPrice = outsidePrice(market, at)
    oracle.lastTime = BigInt(at.time)
  }
  market.priceTime = BigInt(at.time)
  market.oldPrice = counted.price
  market.oldFee = counted.fee
}

/** Fee of a band away from the oracle: a quarter of the relative distance between its nearest price and the oracle's (18 decimals). */
export function distanceFee(A: bigint, oracle: bigint, up: bigint): bigint {
  const low = (((oracle * oracle) / up) * oracle) / up
  if (oracle < low) return ((low - oracle) * (WAD / 4n)) / low
  const high = (((low * A) / (A - 1n)) * A) / (A - 1n)
  return oracle > high ? ((oracle - high) * (WAD / 4n)) / oracle : 0n
}

/** 1 + interest since the market began (18 decimals), rounded down. Reverts before the last accrual. */
export function rateMulAt({ rateMul, rate, rateTime }: LlammaMarket, time: bigint): bigint {
  ensure(time >= rateTime, 'clock', `time ${time} is before the last accrual at ${rateTime}`)
  return (rateMul * (WAD + rate * (time - rateTime))) / WAD
}

/** ((A − 1)/A)^n by ln((A)/(A − 1)) and band: the powers of a market never change, so they are computed once. */
const powers = new Map<bigint, Map<number, bigint>>()

function powerOf(logARatio: bigint, band: number): bigint {
  const known = powers.get(logARatio) ?? new Map<number, bigint>()
  if (known.size === 0) powers.set(logARatio, known)
  const cached = known.get(band)
  if (cached !== undefined) return cached
  const power = expWad(-BigInt(band) * logARatio)
  ensure(power > 1_000n, NO_DATA, `band ${band} is too far down`)
  if (known.size < 10_000) known.set(band, power)
  return power
}

/** Upper oracle price of a band: p_base·((A − 1)/A)^n, the base price growing with interest. Reverts for bands whose price no 18 decimals hold. */
export function upperPrice(market: LlammaMarket, band: number, time: bigint): bigint {
  const base = (market.basePrice * rateMulAt(market, time)) / WAD
  return (base * powerOf(market.logARatio, band)) / WAD
}

/** Lower oracle price of a band: the upper one of the next. */
export function lowerPrice(market: LlammaMarket, band: number, time: bigint): bigint {
  return upperPrice(market, band + 1, time)
}

/** The AMM's price at the upper edge (all stablecoin, `p_current_up`) or lower edge (all collateral, `p_current_down`) of a band. */
export function currentPrice(market: LlammaMarket, band: number, edge: 'upper' | 'lower', at: Moment): bigint {
  const up = upperPrice(market, edge === 'upper' ? band + 1 : band, BigInt(at.time))
  const { price } = oraclePrice(market, at)
  return (((price * price) / up) * price) / up
}

/** y0 of a band: collateral it would hold if it held only that at oracle = upper edge; the positive root of the invariant, rounded down. */
export function y0Of(A: bigint, x: bigint, y: bigint, oracle: bigint, up: bigint): bigint {
  let b = 0n
  if (x !== 0n) b = (up * (A - 1n) * x) / oracle
  if (y !== 0n) b += (((A * oracle * oracle) / up) * y) / WAD
  if (x === 0n || y === 0n) return (b * WAD) / (A * oracle)
  const discriminant = b * b + ((4n * A * oracle * y) / WAD) * x
  return ((b + sqrtFloor(discriminant)) * WAD) / (2n * A * oracle)
}

/** The AMM's price inside of a band that holds x and y (18 decimals), rounded as `_get_p`. An empty band quotes its middle. */
export function priceIn(A: bigint, x: bigint, y: bigint, oracle: bigint, up: bigint): bigint {
  ensure(up !== 0n, NO_DATA, 'the price of a band is zero')
  const low = () => (((oracle * oracle) / up) * oracle) / up
  if (x === 0n) return y === 0n ? (low() * A) / (A - 1n) : low()
  if (y === 0n) {
    const down = (up * (A - 1n)) / A
    return (((oracle * oracle) / down) * oracle) / down
  }
  const y0 = y0Of(A, x, y, oracle, up)
  const f = ((A * y0 * oracle) / up) * oracle
  const g = ((A - 1n) * y0 * up) / oracle
  return (f + x * WAD) / (g + y)
}

/** The AMM's price in its active band (`get_p`). */
export function ammPrice(market: LlammaMarket, at: Moment): bigint {
  const band = market.activeBand
  const { price } = oraclePrice(market, at)
  return priceIn(market.A, xOf(market, band), yOf(market, band), price, upperPrice(market, band, BigInt(at.time)))
}
