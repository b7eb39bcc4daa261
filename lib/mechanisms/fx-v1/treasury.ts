/**
 * f(x) v1's market and treasury: minting, redeeming, and the three ways back to a safe ratio, check by check in the contract's order, in place on a copy
 * of the book. Source: AladdinDAO/aladdin-v3-contracts@814b87c `contracts/f(x)/v1/{Market,Treasury}.sol`, `reserve-pool/ReservePool.sol`; protocol
 * self-liquidation and recapitalisation from f(x)'s whitepaper, "stability mechanisms".
 */
import { type AssetAmount, atoms, type Fact, type Moment } from '../../model/index.ts'
import type { Completed } from '../mechanism.ts'
import { add, div, ensure, min, mul, sub } from '../solidity.ts'
import {
  baseForXDown,
  collateralRatioDown,
  type FxV1Side,
  fNavDown,
  incentivisedXDown,
  liquidationDown,
  modeOf,
  mostLiquidatableDown,
  mostMintableFDown,
  mostRedeemableFDown,
  mostRedeemableXDown,
  settledNavDown,
  steppedFeeDown,
  WAD,
  xValue,
} from './rules.ts'
import type { FxV1Action, FxV1Book, FxV1Fee, FxV1State, FxV1Terms } from './state.ts'

/** Asset names of the state. */
export const FX_V1_ASSETS = { base: 'base', fToken: 'fToken', xToken: 'xToken' } as const

/** An amount of one of the assets. */
export function flow(asset: keyof typeof FX_V1_ASSETS, amount: bigint): AssetAmount {
  return { asset: FX_V1_ASSETS[asset], atoms: atoms(amount) }
}

/** A book on which an action works, with its terms and the price of the moment. */
export type FxV1Desk = { readonly book: FxV1Book; readonly terms: FxV1Terms; readonly price: bigint }

/** The price of the base. A feed that gives nothing, zero or less stops the action. */
export function basePrice({ feed }: Pick<FxV1State, 'feed'>, at: Moment): bigint {
  const price = at.price(feed)
  ensure(price !== undefined && price > 0n, 'oracle price is invalid', `the feed ${feed} gives no price`)
  return price
}

/** The treasury at a price. */
export function sideAt({ book, terms }: Pick<FxV1State, 'book' | 'terms'>, price: bigint): FxV1Side {
  const fNav = book.base === 0n ? WAD : fNavDown(book.fNav, terms.beta, price, book.price)
  return { base: book.base, price, fSupply: book.fSupply, fNav }
}

const sideOf = (desk: FxV1Desk) => sideAt(desk, desk.price)

/** Price of x; 1 where there is none. Under water the contract's subtraction reverts. */
function xNavOf({ book }: FxV1Desk, side: FxV1Side): bigint {
  if (book.xSupply === 0n) return WAD
  return sub(mul(side.base, side.price), mul(side.fSupply, side.fNav)) / book.xSupply
}

/** Base in, and what it makes. */
export function takeBase(desk: FxV1Desk, action: Extract<FxV1Action, { readonly base: bigint }>): Completed {
  ensure(action.base > 0n, 'mint zero amount')
  if (action.do === 'init') return init(desk, action.base)
  if (action.do === 'mint-f') return mintF(desk, action.base)
  if (action.do === 'mint-x') return mintX(desk, action.base)
  if (action.do === 'add-base') return addBase(desk, action.base)
  if (action.do === 'fund-reserve') desk.book.reserve += action.base
  else {
    const ratio = collateralRatioDown(sideOf(desk))
    ensure(desk.book.base > 0n && ratio < desk.terms.lines.recapitalisation, 'Not recapitalisation mode')
    put(desk, action.base)
  }
  return { facts: [], paid: [flow('base', action.base)] }
}

function put({ book, terms }: FxV1Desk, base: bigint): void {
  book.base = add(book.base, base)
  ensure(book.base <= terms.cap, 'Exceed total cap')
}

function init(desk: FxV1Desk, base: bigint): Completed {
  const { book, terms, price } = desk
  ensure(book.base === 0n && book.fSupply === 0n, 'only initialize once')
  const value = mul(base, price)
  const fToken = mul(value, terms.initialPart) / WAD / WAD
  const xToken = sub(value / WAD, fToken)
  put(desk, base)
  Object.assign(book, { fNav: WAD, price, fSupply: fToken, xSupply: book.xSupply + xToken })
  return { facts: [], paid: [flow('base', base)], received: [flow('fToken', fToken), flow('xToken', xToken)] }
}

const whole = ({ usual, extra }: FxV1Fee) => usual + extra

/** Fee on base that comes in: the part that fits under a bound (after its own fee) pays the first ratio, the rest the other. */
function mintFee(base: bigint, bound: bigint, first: bigint, then: bigint): bigint {
  return steppedFeeDown(base, div(mul(bound, WAD), sub(WAD, first)), first, then)
}

function mintF(desk: FxV1Desk, given: bigint): Completed {
  const { book, terms } = desk
  const side = sideOf(desk)
  ensure(book.base > 0n, 'not initialized')
  ensure(collateralRatioDown(side) > terms.lines.stability, 'fToken mint paused')
  const bound = mostMintableFDown(side, terms.lines.stability).base
  const base = min(given, bound)
  const fee = mintFee(base, bound, terms.fees.mintF.usual, whole(terms.fees.mintF))
  const fToken = div(mul(base - fee, side.price), side.fNav)
  put(desk, base - fee)
  book.feesKept += fee
  book.fSupply += fToken
  return { facts: [], paid: [flow('base', base)], received: [flow('fToken', fToken)] }
}

function mintX(desk: FxV1Desk, base: bigint): Completed {
  const { book, terms } = desk
  const side = sideOf(desk)
  ensure(book.base > 0n, 'not initialized')
  const bound = baseForXDown(side, terms.lines.stability)
  const fee = mintFee(base, bound, whole(terms.fees.mintX), terms.fees.mintX.usual)
  const net = base - fee
  const beyond = sub(mul(side.base, side.price), mul(side.fSupply, side.fNav))
  const xToken = div(mul(mul(net, side.price), book.xSupply), beyond)
  put(desk, net)
  book.feesKept += fee
  book.xSupply += xToken
  const bonus = bonusOf(desk, min(net, bound))
  return {
    ...{ facts: [], paid: [flow('base', base)], received: [flow('xToken', xToken), flow('base', bonus)] },
    moved: { fee, xToken, bonus },
  }
}

/** What the reserve adds while the rebalance pool is empty. */
function bonusOf({ book, terms }: FxV1Desk, base: bigint): bigint {
  if (book.poolShares > 0n) return 0n
  const bonus = min(mul(base, terms.bonus) / WAD, book.reserve)
  book.reserve -= bonus
  return bonus
}

function addBase(desk: FxV1Desk, given: bigint): Completed {
  const { book, terms } = desk
  const side = sideOf(desk)
  const ratio = collateralRatioDown(side)
  const { recapitalisation, stability } = terms.lines
  ensure(book.base > 0n && recapitalisation <= ratio && ratio < stability, 'Not system stability mode')
  const feeRatio = whole(terms.fees.mintX)
  const bound = baseForXDown(side, stability, terms.incentives.stability)
  const base = min(given, div(mul(bound, WAD), sub(WAD, feeRatio)))
  const fee = mul(base, feeRatio) / WAD
  const xNav = xNavOf(desk, side)
  const { xToken, navLoss } = incentivisedXDown(side, xNav, base - fee, terms.incentives.stability)
  put(desk, base - fee)
  setNav(desk, sub(side.fNav, navLoss))
  book.feesKept += fee
  book.xSupply += xToken
  return { facts: [], paid: [flow('base', base)], received: [flow('xToken', xToken)], moved: { fee, xToken, navLoss } }
}

function setNav({ book, terms, price }: FxV1Desk, fNav: bigint): void {
  book.fNav = settledNavDown(fNav, terms.beta, price, book.price)
}

/** What f brings in base at its price, in place: f out of issue, base out of the treasury less the fee. Under water as the terms say. */
export function redeemF(desk: FxV1Desk, fToken: bigint): { readonly base: bigint; readonly fee: bigint } {
  const { book, terms } = desk
  const side = sideOf(desk)
  ensure(fToken > 0n, 'redeem zero amount')
  const under = mul(side.base, side.price) < mul(side.fSupply, side.fNav)
  ensure(!under || terms.underWater === 'shares', 'SafeMath: subtraction overflow', 'the treasury is under water')
  const before = mostRedeemableFDown(side, terms.lines.stability).fToken
  const base = under ? div(mul(fToken, side.base), side.fSupply) : mul(fToken, side.fNav) / side.price
  const fee = mul(base, feeRatioOf(fToken, before, whole(terms.fees.redeemF), terms.fees.redeemF.usual)) / WAD
  book.fSupply = sub(book.fSupply, fToken)
  book.base = sub(book.base, base)
  book.feesKept += fee
  return { base: base - fee, fee }
}

function feeRatioOf(amount: bigint, before: bigint, first: bigint, then: bigint): bigint {
  return amount <= before ? first : (mul(before, first) + mul(amount - before, then)) / amount
}

/** f back for base, by its holders. */
export function redeemHeldF(desk: FxV1Desk, fToken: bigint): Completed {
  const { book, terms } = desk
  ensureHeld(book, fToken)
  const most = mostRedeemableFDown(sideOf(desk), terms.lines.stability).base
  const { base, fee } = redeemF(desk, fToken)
  const helped = min(base + fee, most)
  const bonus = bonusOf(desk, helped - (helped * whole(terms.fees.redeemF)) / WAD)
  return {
    ...{ facts: [], paid: [flow('fToken', fToken)], received: [flow('base', base + bonus)] },
    moved: { base, fee, bonus },
  }
}

function ensureHeld({ fSupply, poolF }: FxV1Book, fToken: bigint): void {
  ensure(fToken <= fSupply - poolF, 'ERC20: burn amount exceeds balance')
}

/** x back for base; not below the stability line, and only down to it. */
export function redeemX(desk: FxV1Desk, given: bigint): Completed {
  const { book, terms } = desk
  const side = sideOf(desk)
  ensure(given > 0n, 'redeem zero amount')
  ensure(given <= book.xSupply, 'ERC20: burn amount exceeds balance')
  ensure(collateralRatioDown(side) > terms.lines.stability, 'xToken redeem paused')
  const bound = div(mostRedeemableXDown(side, terms.lines.stability).value, xNavOf(desk, side))
  const xToken = min(given, bound)
  const base = div(mul(xToken, xValue(side)), book.xSupply) / side.price
  const fee = xToken === 0n ? 0n : mul(base, terms.fees.redeemX.usual) / WAD
  book.xSupply -= xToken
  book.base = sub(book.base, base)
  book.feesKept += fee
  return { facts: [], paid: [flow('xToken', xToken)], received: [flow('base', base - fee)], moved: { fee } }
}

/** f burned for base with an incentive that the remaining f pay: by anyone below the liquidation line, by the protocol below its own. */
export function liquidate(desk: FxV1Desk, given: bigint, own: boolean): Completed {
  const { book, terms } = desk
  const side = sideOf(desk)
  const mode = modeOf(collateralRatioDown(side), terms.lines)
  const line = own ? terms.lines.selfLiquidation : terms.lines.liquidation
  const incentive = own ? terms.incentives.selfLiquidation : terms.incentives.liquidation
  const open = mode === 'self-liquidation' || (mode === 'liquidation' && !own)
  ensure(book.base > 0n && open, own ? 'Not self liquidation mode' : 'Not liquidation mode')
  const fToken = min(given, mostLiquidatableDown(side, line, incentive).fToken)
  ensure(fToken > 0n, 'redeem zero amount')
  ensureHeld(book, fToken)
  const { base, navLoss } = liquidationDown(side, fToken, incentive)
  book.base = sub(book.base, base)
  book.fSupply -= fToken
  setNav(desk, sub(side.fNav, navLoss))
  const fee = mul(base, whole(terms.fees.redeemF)) / WAD
  book.feesKept += fee
  return {
    ...{ facts: [burned(fToken, base)], paid: [flow('fToken', fToken)], received: [flow('base', base - fee)] },
    moved: { fToken, base, fee, navLoss },
  }
}

/** The fact of f burned by force. */
export function burned(fToken: bigint, base: bigint): Fact {
  return {
    ...{ type: 'loan-liquidation', protocol: 'fx-v1', market: 'treasury', account: 'treasury', usd: undefined },
    repaid: { asset: FX_V1_ASSETS.fToken, atoms: fToken },
    seized: { asset: FX_V1_ASSETS.base, atoms: base },
  }
}

/** Takes the price of the moment as the new starting point for f. */
export function settle(desk: FxV1Desk): Completed {
  const { book, price } = desk
  if (book.base > 0n) {
    book.fNav = sideOf(desk).fNav
    book.price = price
  }
  return { facts: [] }
}
