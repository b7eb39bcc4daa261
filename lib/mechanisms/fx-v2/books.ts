/**
 * f(x) v2's books beside the pool: prices of a moment, funding, capacities, tokens in and out, fxUSD issued and burned, USDC that stands for fxUSD.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/{PoolManager,PoolConfiguration,FxUSDPriceOracle,FxUSDRegeneracy}.sol`.
 */
import { type AssetAmount, atoms, type Moment } from '../../model/index.ts'
import { ensure, MAX_UINT128, mul, sub } from '../solidity.ts'
import { averageRateDown, FEE, fundedIndexDown, MIN_SNAPSHOT_DELAY, scaleDown, WAD } from './rules.ts'
import type { FxV2Book, FxV2Draft, FxV2Feeds, FxV2State } from './state.ts'

/** Asset names of the state. */
export const FX_V2_ASSETS = { collateral: 'collateral', fxUsd: 'fxUSD', stable: 'USDC', base: 'fxBASE' } as const

/** An amount of one of the assets. */
export function flow(asset: keyof typeof FX_V2_ASSETS, amount: bigint): AssetAmount {
  return { asset: FX_V2_ASSETS[asset], atoms: atoms(amount) }
}

/** What a feed says. One that gives nothing, zero or less stops the action. */
export function answerOf(feed: string, at: Moment): bigint {
  const answer = at.price(feed)
  ensure(answer !== undefined && answer > 0n, 'oracle', `the feed ${feed} gives no price`)
  return answer
}

type Rated = { readonly feeds: FxV2Feeds; readonly scalar: bigint }

/** Raw units per token of collateral, wad times the scalar. */
export function scaleOf({ feeds, scalar }: Rated, at: Moment): bigint {
  return scalar * (feeds.rate === undefined ? WAD : answerOf(feeds.rate, at))
}

/** Atoms of fxUSD per atom of USDC, wad. */
export function stableScaleOf(draft: Pick<FxV2State, 'feeds' | 'stableScale'>, at: Moment): bigint {
  return draft.stableScale * answerOf(draft.feeds.stable, at)
}

type Configured = Pick<FxV2State, 'terms' | 'feeds' | 'book'>

/** Where fxUSD stands: without a feed nowhere beyond its bounds, and every rule is open. */
export function pegOf({ terms, feeds }: Configured, at: Moment): 'below' | 'within' | 'above' | 'unwatched' {
  if (feeds.fxUsd === undefined) return 'unwatched'
  const price = answerOf(feeds.fxUsd, at)
  if (price < WAD - terms.peg.down) return 'below'
  return price > WAD + terms.peg.up ? 'above' : 'within'
}

/** Average interest a year now, wad. */
export function interestNow({ feeds, book }: Configured, at: Moment): bigint {
  const index = feeds.borrowIndex === undefined ? book.interest.index : answerOf(feeds.borrowIndex, at)
  return averageRateDown(book.interest, index, BigInt(at.time))
}

/** What longs pay a year, wad: nothing while fxUSD stands at its peg and the stable pool is not full of it. */
export function fundingRate(state: Configured & Pick<FxV2State, 'stableScale'>, at: Moment): bigint {
  const { terms, book, stableScale } = state
  const { below, crowded, maxFxUsdRatio } = terms.funding
  if (below === 0n && crowded === 0n) return 0n
  if (pegOf(state, at) === 'below') return (below * interestNow(state, at)) / WAD
  const all = book.baseStable * stableScale + book.baseFxUsd
  const ratio = all === 0n ? maxFxUsdRatio : (book.baseFxUsd * WAD) / all
  return ratio >= maxFxUsdRatio ? (crowded * interestNow(state, at)) / WAD : 0n
}

/** The collateral index at a moment, funding since the last action included. */
export function collIndexAt(state: Configured & Pick<FxV2State, 'stableScale'>, at: Moment): bigint {
  const { collIndex, collShares, updated } = state.book
  const seconds = BigInt(at.time) - updated
  return seconds <= 0n ? collIndex : fundedIndexDown(collIndex, collShares, fundingRate(state, at), seconds)
}

/** Charges funding up to a moment and measures interest anew. In place. */
export function accrue(draft: FxV2Draft, at: Moment): void {
  const { book, feeds } = draft
  const time = BigInt(at.time)
  ensure(time >= book.updated, 'Panic(0x11)', 'time does not run backwards')
  if (time === book.updated) return
  book.collIndex = collIndexAt(draft, at) & MAX_UINT128
  if (time - book.interest.time >= MIN_SNAPSHOT_DELAY) {
    const index = feeds.borrowIndex === undefined ? book.interest.index : answerOf(feeds.borrowIndex, at)
    book.interest = { index, rate: interestNow(draft, at), time }
  }
  book.updated = time
}

/** Books tokens and raw collateral for the pool (or away from it), within its capacity. In place. */
export function bookCollateral({ book, terms }: FxV2Draft, tokens: bigint, raw: bigint): void {
  book.collateral += tokens
  book.rawCollateral += raw
  ensure(book.collateral >= 0n && book.collateral <= terms.collateralCapacity, 'ErrorCollateralExceedCapacity')
  ensure(book.rawCollateral >= 0n, 'Panic(0x11)', 'more raw collateral leaves than was booked')
}

/** Books debt for the pool (or away from it), within its capacity. In place. */
export function bookDebt({ book, terms }: FxV2Draft, raw: bigint): void {
  book.debt += raw
  ensure(book.debt >= 0n && book.debt <= terms.debtCapacity, 'ErrorDebtExceedCapacity')
}

/** fxUSD that nobody in the protocol holds. */
export function outsideFxUsd({ supply, baseFxUsd }: Pick<FxV2Book, 'supply' | 'baseFxUsd'>): bigint {
  return supply - baseFxUsd
}

/** Burns fxUSD that comes from outside. In place. */
export function burnFxUsd({ book }: FxV2Draft, amount: bigint): void {
  ensure(amount <= outsideFxUsd(book), 'ERC20InsufficientBalance', 'more fxUSD than stands outside of the protocol')
  book.supply -= amount
}

/** Takes USDC in place of fxUSD: the debt goes, the fxUSD stays in circulation against it. In place. */
export function keepStable(draft: FxV2Draft, stable: bigint, fxUsd: bigint, at: Moment): void {
  const peg = pegOf(draft, at)
  const taken = peg === 'unwatched' || (peg === 'above' && answerOf(draft.feeds.stable, at) > draft.terms.peg.depeg)
  ensure(taken, 'ErrorStableRepayNotAllowed')
  draft.book.stableOwned += stable
  draft.book.stableManaged += fxUsd
}

/** Books what a rebalance or liquidation took, keeps the protocol's part of the bonus, and gives the tokens that go out. In place. */
export function payOut(
  draft: FxV2Draft,
  { rawColl, bonus, rawDebt }: { readonly rawColl: bigint; readonly bonus: bigint; readonly rawDebt: bigint },
  scale: bigint,
): { readonly colls: bigint; readonly fee: bigint } {
  const whole = scaleDown(rawColl + bonus, scale)
  bookCollateral(draft, -whole, -(rawColl + bonus))
  bookDebt(draft, -rawDebt)
  const fee = mul(scaleDown(bonus, scale), draft.terms.fees.liquidation) / FEE
  draft.book.feesKept += fee
  const colls = sub(whole, fee)
  draft.book.tokens = sub(draft.book.tokens, colls)
  return { colls, fee }
}
