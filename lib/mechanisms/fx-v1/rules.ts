/**
 * f(x) v1: a treasury of one base token split into a fractional token (f, quiet) and a leveraged one (x, the rest).
 *
 * - Invariant n·v = nf·vf + nx·vx. Collateral ratio CR = n·v / (nf·vf).
 * - vf = vf0 · (1 + β · (v − v0)/v0), with v0 the price of the last settlement: β 0.1 for fETH, 0 for fxUSD.
 * - Leverage of x = (1 − ρ·β·(1 + r)) / (1 − ρ), with ρ = nf·vf / (n·v), at most 100.
 * - CR below 1.30: no f is minted, x earns a bonus. Below 1.20: f is burned for base with an incentive λ that all remaining f pay by their price, and the
 *   rebalance pool's f is redeemed. Below 1.14: the protocol may buy f back with base. Below 1.00: only new base helps.
 * - Back to c*: redeem Δn = (c*·nf·vf − n·v) / ((c* − 1)·v); burn Δf = Δn·v / ((1 + λ)·vf); or mint x with Δn = (c*·nf·vf − n·v) / (v·(1 + λ·c*)).
 *
 * Amounts in atoms of 18 decimals, prices and ratios in wad, every division rounded down.
 * Sources: AladdinDAO/aladdin-v3-contracts `contracts/f(x)/math/FxLowVolatilityMath.sol` (MIT), `contracts/f(x)/v1/{Treasury,Market,FractionalToken}.sol`;
 * what happens under water as in `contracts/f(x)/v2/TreasuryV2.sol`.
 */
import { div, ensure, min, mul, sub } from '../solidity.ts'

/** 1.0 of prices and ratios. */
export const WAD = 10n ** 18n
/** Greatest leverage that is reported. */
export const MAX_LEVERAGE = 100n * WAD

/** Base tokens, their price, f tokens issued, their price. */
export type FxV1Side = {
  readonly base: bigint
  readonly price: bigint
  readonly fSupply: bigint
  readonly fNav: bigint
}

/** Collateral ratio, wad, rounded down; 1 for an empty treasury, 10^18 where nothing is owed. */
export function collateralRatioDown({ base, price, fSupply, fNav }: FxV1Side): bigint {
  if (base === 0n) return WAD
  if (fSupply === 0n || fNav === 0n) return WAD * WAD
  return mul(mul(base, price), WAD) / mul(fSupply, fNav)
}

/** What the base is worth beyond the f tokens, wad squared; 0 under water. */
export function xValue({ base, price, fSupply, fNav }: FxV1Side): bigint {
  const value = mul(base, price) - mul(fSupply, fNav)
  return value > 0n ? value : 0n
}

/** Price of f at a price of the base: a settled price moved by β of the return since. Signed division goes towards zero. */
export function fNavDown(settledNav: bigint, beta: bigint, price: bigint, settledPrice: bigint): bigint {
  const gain = div((price - settledPrice) * WAD, settledPrice)
  const multiple = (gain * beta) / WAD
  ensure(multiple > -WAD, 'multiple too small')
  return mul(settledNav, WAD + multiple) / WAD
}

/** The settled price of f that gives a price of f at a return: the way back of {@link fNavDown}. */
export function settledNavDown(fNav: bigint, beta: bigint, price: bigint, settledPrice: bigint): bigint {
  const multiple = (div((price - settledPrice) * WAD, settledPrice) * beta) / WAD
  return div(mul(fNav, WAD), WAD + multiple)
}

/** Leverage of x for a share ρ of f in the base's value, β and the return r since settlement (signed), wad; at most 100. Reverts from ρ = 1 on. */
export function leverageDown(rho: bigint, beta: bigint, gain: bigint): bigint {
  const quiet = (rho * beta * (WAD + gain)) / (WAD * WAD)
  return min(div(mul(sub(WAD, quiet), WAD), sub(WAD, rho)), MAX_LEVERAGE)
}

/** Base tokens, and the tokens that go with them. */
export type FxV1Most = { readonly base: bigint; readonly fToken: bigint }

/** How far the f tokens' value, times a ratio, exceeds the base (> 0) or falls short of it (< 0), wad cubed. */
function excess({ base, price, fSupply, fNav }: FxV1Side, ratio: bigint): bigint {
  return mul(mul(ratio, fSupply), fNav) - mul(mul(base, price), WAD)
}

/** How much f may be minted before a ratio is reached; nothing below it. */
export function mostMintableFDown(side: FxV1Side, ratio: bigint): FxV1Most {
  const room = -excess(side, ratio)
  if (room <= 0n) return { base: 0n, fToken: 0n }
  const beyond = sub(ratio, WAD)
  return { base: div(room, mul(side.price, beyond)), fToken: div(room, mul(side.fNav, beyond)) }
}

/** Base whose minting of x restores a ratio, with an incentive λ paid by f (0: without); nothing above it. */
export function baseForXDown(side: FxV1Side, ratio: bigint, incentive = 0n): bigint {
  const short = excess(side, ratio)
  return short <= 0n ? 0n : div(short, mul(side.price, WAD + (incentive * ratio) / WAD))
}

/** How much f must be redeemed at its price to restore a ratio; nothing above it. */
export function mostRedeemableFDown(side: FxV1Side, ratio: bigint): FxV1Most {
  return mostLiquidatableDown(side, ratio, 0n)
}

/** How much f must be burned with an incentive λ to restore a ratio, and the base that goes out; nothing above it. */
export function mostLiquidatableDown(side: FxV1Side, ratio: bigint, incentive: bigint): FxV1Most {
  const short = excess(side, ratio)
  if (short <= 0n) return { base: 0n, fToken: 0n }
  const beyond = sub(ratio, WAD)
  const base = div(short, mul(side.price, beyond))
  const fToken =
    incentive === 0n
      ? div(short, mul(beyond, side.fNav))
      : div(mul(div(short, beyond), WAD), mul(WAD + incentive, side.fNav))
  return { base, fToken }
}

/** How much x may be redeemed before a ratio is reached: base, and value beyond (wad squared) to be divided by the price of x. */
export function mostRedeemableXDown(side: FxV1Side, ratio: bigint): { readonly base: bigint; readonly value: bigint } {
  const room = -excess(side, ratio)
  return room <= 0n ? { base: 0n, value: 0n } : { base: div(room, mul(side.price, WAD)), value: room / WAD }
}

/** What f burned with an incentive brings in base, and by how much the price of the remaining f falls for it. Reverts when nobody is left to pay. */
export function liquidationDown(
  { price, fSupply, fNav }: FxV1Side,
  fToken: bigint,
  incentive: bigint,
): { readonly base: bigint; readonly navLoss: bigint } {
  const value = mul(fToken, fNav)
  return {
    base: div(mul(value, WAD + incentive) / WAD, price),
    navLoss: div(mul(value, incentive) / WAD, sub(fSupply, fToken)),
  }
}

/** What base brings in x with an incentive, and by how much the price of f falls for it. `xNav`: price of x, wad. */
export function incentivisedXDown(
  { price, fSupply }: FxV1Side,
  xNav: bigint,
  base: bigint,
  incentive: bigint,
): { readonly xToken: bigint; readonly navLoss: bigint } {
  const value = mul(base, price)
  return {
    xToken: div(mul(value, WAD + incentive) / WAD, xNav),
    navLoss: div(mul(value, incentive) / WAD, fSupply),
  }
}

/** A fee on an amount, of which the part up to `before` pays one ratio and the rest another. */
export function steppedFeeDown(amount: bigint, before: bigint, first: bigint, then: bigint): bigint {
  if (amount <= before) return (amount * first) / WAD
  return (before * first) / WAD + ((amount - before) * then) / WAD
}

/** The modes, from the quiet one down. */
export type FxV1Mode = 'normal' | 'stability' | 'liquidation' | 'self-liquidation' | 'recapitalisation'

/** Collateral ratios below which each mode begins, wad, falling. */
export type FxV1Lines = {
  readonly stability: bigint
  readonly liquidation: bigint
  readonly selfLiquidation: bigint
  readonly recapitalisation: bigint
}

/** The mode of a collateral ratio: a mode holds strictly below its line. */
export function modeOf(ratio: bigint, lines: FxV1Lines): FxV1Mode {
  if (ratio < lines.recapitalisation) return 'recapitalisation'
  if (ratio < lines.selfLiquidation) return 'self-liquidation'
  if (ratio < lines.liquidation) return 'liquidation'
  return ratio < lines.stability ? 'stability' : 'normal'
}
