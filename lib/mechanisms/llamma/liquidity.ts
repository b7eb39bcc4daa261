/**
 * Shares of bands: depositing collateral over a range, withdrawing a fraction, what an account owns, and what it would own after a slow move of the
 * price. Sources: `AMM.vy` `deposit_range`, `withdraw`, `get_xy_up`, `_get_xy`, `can_skip_bands`, `active_band_with_skip`.
 */
import type { Moment } from '../../model/index.ts'
import { div, ensure, revert, sub, zeroFloorSub } from '../solidity.ts'
import { NO_DATA, sqrtFloor, WAD } from './exponential.ts'
import { oraclePrice, upperPrice } from './price.ts'
import { DEAD_SHARES, type LlammaMarket, MAX_SKIP_TICKS, MAX_TICKS, setBand, xOf, yOf } from './state.ts'
import { curveOf } from './swap.ts'

const MAX_SHARES = (1n << 128n) - 1n

/** Amounts of stablecoin and collateral, in the tokens' own units unless said otherwise. */
export type LlammaAmounts = { readonly x: bigint; readonly y: bigint }

/** True when no band from the active one to `end` (not included) holds what a move there would have to trade. */
export function canSkipBands(market: LlammaMarket, end: number): boolean {
  let band = market.activeBand
  for (let i = 0; i < MAX_SKIP_TICKS; i++) {
    if (end > band) {
      if (yOf(market, band) !== 0n) return false
      band += 1
    } else {
      if (xOf(market, band) !== 0n) return false
      band -= 1
    }
    if (band === end) break
  }
  return true
}

/** The first band at or above the active one that holds stablecoin; far above when none does. */
export function activeBandWithSkip(market: LlammaMarket): number {
  let band = market.activeBand
  for (let i = 0; i < MAX_SKIP_TICKS; i++) {
    if (band < market.minBand) return market.activeBand - MAX_SKIP_TICKS
    if (xOf(market, band) !== 0n) break
    band -= 1
  }
  return band
}

/**
 * Deposits collateral (token's units) equally over the bands n1 … n2, the remainder into the first.
 * Reverts: more than 50 bands, under 101 units a band, an account that has a deposit, bands at or above stablecoin.
 */
export function depositRange(market: LlammaMarket, account: string, amount: bigint, n1: number, n2: number): void {
  const count = n2 - n1 + 1
  ensure(count >= 1 && count <= MAX_TICKS, NO_DATA, 'too many bands')
  const scaled = amount * market.collateralPrecision
  const perBand = scaled / BigInt(count)
  ensure(perBand > 100n, 'Amount too low')
  ensure(!market.deposits.has(account), NO_DATA, 'the account has bands already')
  skipTo(market, n1)
  const shares: bigint[] = []
  for (let band = n1; band <= n2; band++) {
    ensure(xOf(market, band) === 0n, 'Band not empty')
    const y = band === n1 ? scaled - perBand * BigInt(count - 1) : perBand
    const held = yOf(market, band)
    const total = market.totalShares.get(band) ?? 0n
    const minted = ((total + DEAD_SHARES) * y) / (held + 1n)
    ensure(minted > 0n, 'Amount too low')
    ensure(total + minted <= MAX_SHARES, NO_DATA, 'too many shares')
    shares.push(minted)
    market.totalShares.set(band, total + minted)
    setBand(market.bandsY, band, held + y)
  }
  market.minBand = Math.min(market.minBand, n1)
  market.maxBand = Math.max(market.maxBand, n2)
  market.deposits.set(account, { n1, n2, shares })
  market.balanceY += amount
}

/** Moves the active band up over empty bands until it is above n1. */
function skipTo(market: LlammaMarket, n1: number): void {
  let band = market.activeBand
  for (let i = 0; n1 <= band; i++) {
    ensure(xOf(market, band) === 0n && i < MAX_SKIP_TICKS, 'Deposit below current band')
    band -= 1
  }
  market.activeBand = band
}

/** Withdraws a fraction (18 decimals) of an account's shares; amounts rounded down to the tokens' units. Reverts without a deposit. */
export function withdraw(market: LlammaMarket, account: string, fraction: bigint): LlammaAmounts {
  const deposit = market.deposits.get(account)
  if (!deposit) return revert('No deposits')
  ensure(fraction >= 0n && fraction <= WAD, NO_DATA, 'more than the whole')
  let [totalX, totalY] = [0n, 0n]
  let minBand = market.minBand
  let maxBand = deposit.n1 - 1
  const shares: bigint[] = []
  for (const [i, owned] of deposit.shares.entries()) {
    const band = deposit.n1 + i
    const burnt = (fraction * owned) / WAD
    shares.push(owned - burnt)
    const total = market.totalShares.get(band) ?? 0n
    const rest = sub(total, burnt)
    const x = xOf(market, band)
    const y = yOf(market, band)
    const dx = ((x + 1n) * burnt) / (total + DEAD_SHARES)
    const dy = ((y + 1n) * burnt) / (total + DEAD_SHARES)
    let [leftX, leftY] = [sub(x, dx), sub(y, dy)]
    if (rest === 0n) {
      // The last one out leaves its dust to the admins.
      market.feesX += leftX / market.borrowedPrecision
      market.feesY += leftY / market.collateralPrecision
      leftX = 0n
      leftY = 0n
    }
    if (band === minBand && leftX === 0n && leftY === 0n) minBand += 1
    if (leftX > 0n || leftY > 0n) maxBand = band
    setBand(market.totalShares, band, rest)
    setBand(market.bandsX, band, leftX)
    setBand(market.bandsY, band, leftY)
    totalX += dx
    totalY += dy
  }
  if (fraction === WAD) market.deposits.delete(account)
  else market.deposits.set(account, { n1: deposit.n1, n2: deposit.n2, shares })
  market.minBand = minBand
  if (market.maxBand <= deposit.n2) market.maxBand = maxBand
  const amounts = { x: totalX / market.borrowedPrecision, y: totalY / market.collateralPrecision }
  market.balanceX -= amounts.x
  market.balanceY -= amounts.y
  return amounts
}

/** What an account owns now (`get_sum_xy`), rounded down. Nothing without a deposit. */
export function sumXY(market: LlammaMarket, account: string): LlammaAmounts {
  const deposit = market.deposits.get(account)
  let [x, y] = [0n, 0n]
  for (const [i, owned] of deposit?.shares.entries() ?? []) {
    const band = (deposit as { n1: number }).n1 + i
    const total = (market.totalShares.get(band) ?? 0n) + DEAD_SHARES
    x += ((xOf(market, band) + 1n) * owned) / total
    y += ((yOf(market, band) + 1n) * owned) / total
  }
  return { x: x / market.borrowedPrecision, y: y / market.collateralPrecision }
}

/**
 * What an account would own if each of its bands were traded to the oracle's price and the price then went slowly through all of them: stablecoin on
 * the way down (`get_x_down`) or collateral on the way up (`get_y_up`). Rounded as the contract rounds, in the token's own units.
 */
export function slowly(market: LlammaMarket, account: string, way: 'down' | 'up', at: Moment): bigint {
  const deposit = market.deposits.get(account)
  if (!deposit) return 0n
  const oracle = oraclePrice(market, at).price
  let down = upperPrice(market, deposit.n1, BigInt(at.time))
  let sum = 0n
  for (const [i, owned] of deposit.shares.entries()) {
    const band = deposit.n1 + i
    const x = band <= market.activeBand ? xOf(market, band) : 0n
    const y = band >= market.activeBand ? yOf(market, band) : 0n
    const up = down
    down = (down * (market.A - 1n)) / market.A
    const total = market.totalShares.get(band) ?? 0n
    if ((x === 0n && y === 0n) || total === 0n || owned === 0n) continue
    sum += (throughBand(market, { x, y }, { oracle, up, down }, way) * owned) / (total + DEAD_SHARES)
  }
  return sum / (way === 'up' ? market.collateralPrecision : market.borrowedPrecision)
}

type Edges = { readonly oracle: bigint; readonly up: bigint; readonly down: bigint }

/** One whole band traded to the oracle's price and then slowly through all prices; 18 decimals. */
function throughBand(
  { A, sqrtBandRatio }: LlammaMarket,
  { x, y }: LlammaAmounts,
  { oracle, up, down }: Edges,
  way: 'down' | 'up',
): bigint {
  ensure(down > 0n, NO_DATA, 'the price of a band is zero')
  const asCollateral = (held: bigint) => (way === 'up' ? held : (held * up) / sqrtBandRatio)
  const asStablecoin = (held: bigint) => (way === 'up' ? (held * sqrtBandRatio) / up : held)
  if (x === 0n || y === 0n) {
    const middle = (((oracle * oracle) / down) * oracle) / up
    if (oracle > up) return asCollateral(y === 0n ? (x * WAD) / middle : y)
    if (oracle < down) return asStablecoin(x === 0n ? (y * middle) / WAD : x)
  }
  const { y0, f, g, invariant } = curveOf(A, x, y, oracle, up)
  if (oracle > up) return asCollateral(zeroFloorSub(div(invariant, f), g))
  if (oracle < down) return asStablecoin(zeroFloorSub(div(invariant, g), f))
  const heldY = (A * y0 * (oracle - down)) / oracle
  const heldX = zeroFloorSub(div(invariant, g + heldY), f)
  return way === 'up'
    ? heldY + (heldX * WAD) / sqrtFloor(up * oracle)
    : heldX + (heldY * sqrtFloor(down * oracle)) / WAD
}
