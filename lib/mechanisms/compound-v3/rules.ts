/**
 * Compound III (Comet): one borrowable base asset against several collaterals, without close factor. An account whose debt exceeds
 * Σ collateral · price · liquidate collateral factor is absorbed whole: the protocol takes all collateral, credits Σ value · liquidation factor, and
 * what is missing comes out of reserves (a positive rest becomes supply). The taken collateral is then sold at a discount while reserves are low.
 *
 * Principals are signed: supply ≥ 0, debt < 0; present value = principal · index / 1e15. Prices USD, 8 decimals; factors wad.
 * Sources: compound-finance/comet@d5a30b0a `Comet.sol` (`isLiquidatable`, `absorbInternal`, `quoteCollateral`, `getReserves`), documentation of
 * "absorb" and "buyCollateral"; recorded cases: 300 golden ones.
 */
import { add, div, ensure, mul, revert, sub, zeroFloorSub } from '../solidity.ts'
import { add64, moved104, mulSigned, principalSize, safe64, safe128, signed256 } from './widths.ts'

const WAD = 10n ** 18n
const INDEX_SCALE = 10n ** 15n

/** A collateral asset's terms: atoms per unit, and factors in wad. */
export type CometAsset = {
  readonly symbol: string
  readonly feed: string
  readonly scale: bigint
  /** What counts when borrowing and withdrawing; the liquidate one is higher. */
  readonly borrowCollateralFactor: bigint
  readonly liquidateCollateralFactor: bigint
  readonly liquidationFactor: bigint
  /** Atoms that may be supplied in all; none: no cap. */
  readonly supplyCap?: bigint | undefined
}

/** A kinked rate per second, wad. */
export type CometCurve = {
  readonly kink: bigint
  readonly base: bigint
  readonly slopeLow: bigint
  readonly slopeHigh: bigint
}

/** Fixed terms of a Comet. */
export type CometConfig = {
  readonly base: { readonly symbol: string; readonly feed: string; readonly scale: bigint }
  readonly storeFrontPriceFactor: bigint
  readonly targetReserves: bigint
  /** The least debt, base atoms. */
  readonly baseBorrowMin: bigint
  readonly supply: CometCurve
  readonly borrow: CometCurve
  readonly assets: readonly CometAsset[]
}

/** An account: signed principal and collateral by symbol. */
export type CometAccount = { principal: bigint; readonly collateral: Map<string, bigint> }

/** What a guardian can stop. */
export type CometPause = 'supply' | 'transfer' | 'withdraw' | 'absorb' | 'buy'

/** A Comet. `owed` and `held`: collateral owed to suppliers and held, atoms; the difference is the collateral reserve. */
export type CometState = {
  readonly config: CometConfig
  baseSupplyIndex: bigint
  baseBorrowIndex: bigint
  totalSupplyBase: bigint
  totalBorrowBase: bigint
  lastAccrualTime: bigint
  baseBalance: bigint
  paused?: readonly CometPause[] | undefined
  readonly owed: Map<string, bigint>
  readonly held: Map<string, bigint>
  readonly accounts: Map<string, CometAccount>
}

/** Reads a price, USD 8 decimals; an answer of 0 or less is refused when it is read. */
export type CometPrice = (feed: string) => bigint

const mulFactor = (amount: bigint, factor: bigint) => mul(amount, factor) / WAD
const mulPrice = (amount: bigint, price: bigint, scale: bigint) => mul(amount, price) / scale

/** Reads a price; reverts where it is not above 0. */
export function readPrice(price: CometPrice, feed: string): bigint {
  const answer = price(feed)
  return answer <= 0n ? revert('BadPrice') : answer
}

/** What a positive principal is worth, rounded down. */
export function presentSupply(index: bigint, principal: bigint): bigint {
  return mul(principal, index) / INDEX_SCALE
}

/** Both indices at `time`, from the stored ones (`accruedInterestIndices`, l. 403): both rates are read before either index grows; 64 bits each. */
export function indicesAt(state: CometState, time: bigint): { readonly supply: bigint; readonly borrow: bigint } {
  const { baseSupplyIndex, baseBorrowIndex, config } = state
  const elapsed = sub(time, state.lastAccrualTime)
  if (elapsed === 0n) return { supply: baseSupplyIndex, borrow: baseBorrowIndex }
  const supplied = presentSupply(baseSupplyIndex, state.totalSupplyBase)
  const borrowed = presentSupply(baseBorrowIndex, state.totalBorrowBase)
  const usage = supplied === 0n ? 0n : mul(borrowed, WAD) / supplied
  const [supplyRate, borrowRate] = [rateOf(config.supply, usage), rateOf(config.borrow, usage)]
  const grown = (index: bigint, rate: bigint) => add64(index, safe64(mulFactor(index, mul(rate, elapsed))))
  return { supply: grown(baseSupplyIndex, supplyRate), borrow: grown(baseBorrowIndex, borrowRate) }
}

function rateOf({ kink, base, slopeLow, slopeHigh }: CometCurve, usage: bigint): bigint {
  if (usage <= kink) return safe64(add(base, mulFactor(slopeLow, usage)))
  return safe64(add(base + mulFactor(slopeLow, kink), mulFactor(slopeHigh, usage - kink)))
}

/** Brings the indices to `time`. */
export function accrueComet(state: CometState, time: bigint): void {
  const { supply, borrow } = indicesAt(state, time)
  state.baseSupplyIndex = supply
  state.baseBorrowIndex = borrow
  state.lastAccrualTime = time
}

/** Base reserves at `time`, signed: what is held less what is owed plus what is lent. */
export function reservesAt(state: CometState, time: bigint): bigint {
  const { supply, borrow } = indicesAt(state, time)
  const lent = presentSupply(borrow, state.totalBorrowBase)
  return signed256(state.baseBalance) - presentSupply(supply, state.totalSupplyBase) + lent
}

/** Signed base balance of a principal at the stored indices. */
export function balanceOf(state: CometState, principal: bigint): bigint {
  return principal >= 0n
    ? presentSupply(state.baseSupplyIndex, principal)
    : -presentSupply(state.baseBorrowIndex, -principal)
}

/** Principal of a signed balance at the stored indices: supply rounded down, debt rounded up. */
export function principalOf(state: CometState, balance: bigint): bigint {
  const scaled = mul(balance < 0n ? -balance : balance, INDEX_SCALE)
  const principal =
    balance < 0n
      ? div(sub(add(scaled, state.baseBorrowIndex), 1n), state.baseBorrowIndex)
      : div(scaled, state.baseSupplyIndex)
  return balance < 0n ? -principalSize(principal) : principalSize(principal)
}

/** True when the debt is not covered by what counts against liquidation. */
export function isLiquidatable(state: CometState, account: CometAccount, price: CometPrice): boolean {
  return account.principal < 0n && isShort(state, account, price, 'liquidateCollateralFactor')
}

/** True when the debt is covered by what counts for borrowing. */
export function isBorrowCollateralized(state: CometState, account: CometAccount, price: CometPrice): boolean {
  return account.principal >= 0n || !isShort(state, account, price, 'borrowCollateralFactor')
}

/** True when collateral leaves some debt open. Prices are read in asset order, and only until the sum turns non-negative. */
function isShort(
  state: CometState,
  account: CometAccount,
  price: CometPrice,
  factor: 'liquidateCollateralFactor' | 'borrowCollateralFactor',
): boolean {
  const { base, assets } = state.config
  const owed = balanceOf(state, account.principal)
  let liquidity = mulSigned(owed, readPrice(price, base.feed)) / base.scale
  for (const asset of assets) {
    const amount = account.collateral.get(asset.symbol) ?? 0n
    if (amount === 0n) continue
    if (liquidity >= 0n) return false
    liquidity += signed256(mulFactor(mulPrice(amount, readPrice(price, asset.feed), asset.scale), asset[factor]))
  }
  return liquidity < 0n
}

/**
 * What an absorption did to one account: base paid out of reserves, collateral taken, values USD 8 decimals. `uncovered`: base atoms of the debt
 * beyond what the collateral was credited for.
 */
export type CometAbsorbed = {
  readonly account: string
  readonly basePaidOut: bigint
  readonly uncovered: bigint
  readonly usdValue: bigint
  readonly taken: readonly { readonly asset: string; readonly amount: bigint; readonly usdValue: bigint }[]
}

/** `absorb`: accrues, then ends each account in order; one that is not liquidatable refuses the whole call. In place: the caller keeps a copy. */
export function absorb(
  state: CometState,
  accounts: readonly string[],
  price: CometPrice,
  time: bigint,
): readonly CometAbsorbed[] {
  ensure(!state.paused?.includes('absorb'), 'Paused')
  accrueComet(state, time)
  return accounts.map((id) => {
    const account = state.accounts.get(id)
    ensure(account !== undefined && isLiquidatable(state, account, price), 'NotLiquidatable')
    return absorbOne(state, id, account, price)
  })
}

function absorbOne(state: CometState, id: string, account: CometAccount, price: CometPrice): CometAbsorbed {
  const { base, assets } = state.config
  const before = account.principal
  const oldBalance = balanceOf(state, before)
  const basePrice = readPrice(price, base.feed)
  let credit = 0n
  const taken: { asset: string; amount: bigint; usdValue: bigint }[] = []
  for (const asset of assets) {
    const amount = account.collateral.get(asset.symbol) ?? 0n
    if (amount === 0n) continue
    const usdValue = mulPrice(amount, readPrice(price, asset.feed), asset.scale)
    credit = add(credit, mulFactor(usdValue, asset.liquidationFactor))
    account.collateral.delete(asset.symbol)
    state.owed.set(asset.symbol, sub(state.owed.get(asset.symbol) ?? 0n, amount))
    taken.push({ asset: asset.symbol, amount, usdValue })
  }
  const balance = oldBalance + signed256(mul(credit, base.scale) / basePrice)
  const newBalance = balance < 0n ? 0n : balance
  const after = principalOf(state, newBalance)
  account.principal = after
  state.totalSupplyBase = moved104(state.totalSupplyBase, after)
  state.totalBorrowBase = moved104(state.totalBorrowBase, before)
  const basePaidOut = newBalance - oldBalance
  const uncovered = balance < 0n ? -balance : 0n
  return { account: id, basePaidOut, uncovered, usdValue: mulPrice(basePaidOut, basePrice, base.scale), taken }
}

/** Price of a collateral at the store front, rounded down at each step. */
function discountedPrice({ config }: CometState, asset: CometAsset, price: CometPrice): bigint {
  const full = readPrice(price, asset.feed)
  return mulFactor(full, sub(WAD, mulFactor(config.storeFrontPriceFactor, sub(WAD, asset.liquidationFactor))))
}

function assetOf({ config }: CometState, symbol: string): CometAsset {
  return config.assets.find((one) => one.symbol === symbol) ?? revert('BadAsset')
}

/** The most base whose quote is no more than `amount` of a collateral. */
export function baseForCollateralDown(state: CometState, symbol: string, amount: bigint, price: CometPrice): bigint {
  const asset = assetOf(state, symbol)
  const { base } = state.config
  // quote = ⌊basePrice · b · scale / (discounted · baseScale)⌋ ≤ amount
  const numerator = (amount + 1n) * discountedPrice(state, asset, price) * base.scale
  return div(zeroFloorSub(numerator, 1n), readPrice(price, base.feed) * asset.scale)
}

/** Collateral that `baseAmount` buys now, at the store-front discount, rounded down. */
export function quoteCollateral(state: CometState, symbol: string, baseAmount: bigint, price: CometPrice): bigint {
  const { base } = state.config
  const asset = assetOf(state, symbol)
  const discounted = discountedPrice(state, asset, price)
  return div(mul(mul(readPrice(price, base.feed), baseAmount), asset.scale), discounted) / base.scale
}

/** `buyCollateral`: for sale while reserves are below target (at accrued indices, which are not stored). In place. */
export function buyCollateral(
  state: CometState,
  call: { readonly asset: string; readonly minAmount: bigint; readonly baseAmount: bigint },
  price: CometPrice,
  time: bigint,
): { readonly collateralAmount: bigint; readonly baseAmount: bigint } {
  ensure(!state.paused?.includes('buy'), 'Paused')
  ensure(reservesAt(state, time) < state.config.targetReserves, 'NotForSale')
  const collateralAmount = quoteCollateral(state, call.asset, call.baseAmount, price)
  ensure(collateralAmount >= call.minAmount, 'TooMuchSlippage')
  const held = state.held.get(call.asset) ?? 0n
  ensure(collateralAmount <= sub(held, state.owed.get(call.asset) ?? 0n), 'InsufficientReserves')
  safe128(collateralAmount)
  state.baseBalance += call.baseAmount
  state.held.set(call.asset, held - collateralAmount)
  return { collateralAmount, baseAmount: call.baseAmount }
}

/** A copy that can be changed without touching the original: totals, and the accounts named (all of them when none is). */
export function copyOfComet(state: CometState, names: Iterable<string> = state.accounts.keys()): CometState {
  const accounts = new Map<string, CometAccount>()
  for (const id of names) {
    const account = state.accounts.get(id)
    if (account) accounts.set(id, { principal: account.principal, collateral: new Map(account.collateral) })
  }
  return { ...state, owed: new Map(state.owed), held: new Map(state.held), accounts }
}
