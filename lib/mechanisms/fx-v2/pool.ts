/**
 * f(x) v2's pool under force: ticks and positions rebalanced or liquidated, everything from the top tick down, and fxUSD redeemed against the top ticks.
 * Everything here changes shares and indexes only, in place on a draft; tokens and fxUSD are the manager's.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/pool/BasePool.sol`; single positions @59551db.
 */
import type { Moment } from '../../model/index.ts'
import { ensure, MAX_UINT128, min, mul, PANIC_ARITHMETIC, PANIC_DIVISION, sub } from '../solidity.ts'
import { accrue, answerOf, pegOf } from './books.ts'
import {
  collSharesDown,
  debtSharesDown,
  FEE,
  type FxV2Liquidation,
  type FxV2Rebalance,
  type FxV2Shares,
  liquidationOfPosition,
  liquidationOfTick,
  MIN_AMOUNT,
  NO_TICK,
  rawCollDown,
  rawDebtDown,
  reaches,
  rebalanceOf,
  spreadIndexDown,
  stageOf,
  WAD,
} from './rules.ts'
import type { FxV2Book, FxV2Draft } from './state.ts'
import { addToTick, removeFromTick, sharesAt, takeFromTick, tickAtOrBelow, updatedPosition, wouldMove } from './tree.ts'

/** One tick or position that was rebalanced, liquidated or redeemed: raw amounts, what the reserve gave, and the bad debt that was spread. */
export type FxV2Struck = FxV2Rebalance & {
  readonly account: string
  readonly fromReserve: bigint
  readonly spread: bigint
}

/** Shares with their raw amounts at the draft's indexes. */
export function sideOf(
  { colls, debts }: { readonly colls: bigint; readonly debts: bigint },
  { collIndex, debtIndex }: Pick<FxV2Book, 'collIndex' | 'debtIndex'>,
  price: bigint,
): FxV2Shares {
  const raw = { rawColl: rawCollDown(colls, collIndex), rawDebt: rawDebtDown(debts, debtIndex) }
  return { ...raw, price, colls, debts, collIndex, debtIndex }
}

function ensureStage(draft: FxV2Draft, side: FxV2Shares): void {
  ensure(reaches(side, draft.terms.rebalanceRatio), 'ErrorRebalanceDebtRatioNotReached')
  ensure(!reaches(side, draft.terms.liquidateRatio), 'ErrorRebalanceOnLiquidatableTick')
}

/** Rebalances one tick. */
export function rebalanceTick(draft: FxV2Draft, tick: number, most: bigint, at: Moment): readonly FxV2Struck[] {
  accrue(draft, at)
  const side = sideOf(sharesAt(draft, tick), draft.book, answerOf(draft.feeds.min, at))
  ensureStage(draft, side)
  return [strikeTick(draft, tick, side, most)]
}

function strikeTick(draft: FxV2Draft, tick: number, side: FxV2Shares, most: bigint): FxV2Struck {
  const { rebalanceRatio, rebalanceBonus } = draft.terms
  const sizes = rebalanceOf(side, rebalanceRatio, rebalanceBonus, most)
  const { colls, debts } = sharesOf(sizes, side)
  takeFromTick(draft, tick, colls, debts)
  leave(draft, colls, debts)
  return { ...sizes, account: `tick:${tick}`, fromReserve: 0n, spread: 0n }
}

function sharesOf({ rawColl, bonus, rawDebt }: FxV2Rebalance, { collIndex, debtIndex }: FxV2Shares) {
  return { colls: collSharesDown(rawColl + bonus, collIndex), debts: debtSharesDown(rawDebt, debtIndex) }
}

function leave({ book }: FxV2Draft, colls: bigint, debts: bigint): void {
  book.collShares = sub(book.collShares, colls)
  book.debtShares = sub(book.debtShares, debts)
}

/** Rebalances one position. */
export function rebalancePosition(draft: FxV2Draft, id: string, most: bigint, at: Moment): readonly FxV2Struck[] {
  accrue(draft, at)
  const { position, side } = positionAt(draft, id, at)
  ensureStage(draft, side)
  removeFromTick(draft, position)
  const { rebalanceRatio, rebalanceBonus } = draft.terms
  const sizes = rebalanceOf(side, rebalanceRatio, rebalanceBonus, most)
  putBack(draft, id, sharesOf(sizes, side))
  return [{ ...sizes, account: id, fromReserve: 0n, spread: 0n }]
}

function positionAt(draft: FxV2Draft, id: string, at: Moment) {
  const found = draft.positions.get(id)
  ensure(found !== undefined, 'ERC721NonexistentToken', `there is no position ${id}`)
  const position = updatedPosition(draft, id, found)
  return { position, side: sideOf(position, draft.book, answerOf(draft.feeds.min, at)) }
}

/** Puts a position that was taken out of its tick back without some shares. */
function putBack(draft: FxV2Draft, id: string, gone: { readonly colls: bigint; readonly debts: bigint }): void {
  const before = draft.positions.get(id)
  if (before === undefined) return
  const [colls, debts] = [sub(before.colls, gone.colls), sub(before.debts, gone.debts)]
  draft.positions.set(id, { ...before, colls, debts, node: addToTick(draft, colls, debts, false) })
  leave(draft, gone.colls, gone.debts)
}

/** Liquidates one position with at most `most` debt repaid and `reserve` raw collateral at hand. */
export function liquidatePosition(
  draft: FxV2Draft,
  id: string,
  most: bigint,
  reserve: bigint,
  at: Moment,
): readonly FxV2Struck[] {
  accrue(draft, at)
  const { position, side } = positionAt(draft, id, at)
  ensure(reaches(side, draft.terms.liquidateRatio), 'ErrorLiquidateDebtRatioNotReached')
  removeFromTick(draft, position)
  const sizes = liquidationOfPosition(side, draft.terms.liquidateBonus, most, reserve)
  putBack(draft, id, sizes)
  const done = struck(draft, id, sizes)
  packIndexes(draft.book)
  return [done]
}

function struck({ book }: FxV2Draft, account: string, sizes: FxV2Liquidation): FxV2Struck {
  const { rawDebt, rawColl, bonus, fromReserve, spread } = sizes
  if (spread > 0n) book.debtIndex = spreadIndexDown(book.debtIndex, spread, book.debtShares)
  return { account, rawDebt, rawColl, bonus, fromReserve, spread }
}

/** Ticks with debt from the top down. What moves to a lower tick meanwhile is met again. Without any, the contract stops in its own arithmetic. */
function* ticksDown(draft: FxV2Draft, panic = PANIC_ARITHMETIC): Generator<number> {
  ensure(draft.book.topTick !== NO_TICK, panic, 'nothing owes')
  for (let tick = draft.book.topTick; tick !== NO_TICK; tick = tickAtOrBelow(draft, tick - 1)) yield tick
}

/** Rebalances from the top tick down; ticks to be liquidated and dust are passed over. */
export function rebalanceAll(draft: FxV2Draft, most: bigint, at: Moment): readonly FxV2Struck[] {
  const { terms, book } = draft
  const price = answerOf(draft.feeds.min, at)
  accrue(draft, at)
  const done: FxV2Struck[] = []
  let left = most
  for (const tick of ticksDown(draft)) {
    if (left === 0n) break
    const side = sideOf(sharesAt(draft, tick), book, price)
    if (reaches(side, terms.liquidateRatio) || side.rawDebt < MIN_AMOUNT) continue
    if (!reaches(side, terms.rebalanceRatio)) break
    const one = strikeTick(draft, tick, side, left)
    left -= one.rawDebt
    done.push(one)
  }
  return done
}

/** Liquidates from the top tick down. */
export function liquidateAll(draft: FxV2Draft, most: bigint, reserve: bigint, at: Moment): readonly FxV2Struck[] {
  const { terms, book } = draft
  const price = answerOf(draft.feeds.min, at)
  accrue(draft, at)
  const done: FxV2Struck[] = []
  let [left, reserved] = [most, reserve]
  for (const tick of ticksDown(draft, PANIC_DIVISION)) {
    if (left === 0n) break
    const side = sideOf(sharesAt(draft, tick), book, price)
    if (!reaches(side, terms.liquidateRatio)) {
      if (side.rawDebt < MIN_AMOUNT) continue
      break
    }
    const sizes = liquidationOfTick(side, terms.liquidateBonus, left, reserved)
    leave(draft, sizes.colls, sizes.debts)
    reserved = sub(reserved, sizes.fromReserve)
    left = sub(left, sizes.rawDebt)
    done.push(struck(draft, `tick:${tick}`, sizes))
    takeFromTick(draft, tick, sizes.colls, sizes.debts)
  }
  packIndexes(book)
  return done
}

/**
 * Both indexes stand in one word of the contract, which checks no bounds: a debt index of more than 128 bits (bad debt spread over dust) loses its high
 * bits, and they fall onto the collateral index. In place.
 */
function packIndexes(book: FxV2Book): void {
  book.collIndex |= (book.debtIndex >> 128n) & MAX_UINT128
  book.debtIndex &= MAX_UINT128
}

/** Redeems fxUSD at the greatest price, at most a part of each tick, from the top down; stops where a tick would not move. */
export function redeemTicks(draft: FxV2Draft, debt: bigint, at: Moment): readonly FxV2Struck[] {
  const { terms, book } = draft
  ensure(!terms.redeemPaused, 'ErrorRedeemPaused')
  accrue(draft, at)
  const price = answerOf(draft.feeds.max, at)
  const whole = sideOf({ colls: book.collShares, debts: book.debtShares }, book, price)
  ensure(whole.rawDebt * WAD < whole.rawColl * price, 'ErrorPoolUnderCollateral')
  const done: FxV2Struck[] = []
  let left = debtSharesDown(debt, book.debtIndex)
  for (const tick of ticksDown(draft)) {
    if (left === 0n) break
    const side = sideOf(sharesAt(draft, tick), book, price)
    if (side.rawDebt * WAD > side.rawColl * price || side.debts < MIN_AMOUNT) continue
    const debts = min(mul(side.debts, terms.maxRedeemPart) / FEE, left)
    const rawDebt = rawDebtDown(debts, book.debtIndex)
    const rawColl = (rawDebt * WAD) / price
    const colls = collSharesDown(rawColl, book.collIndex)
    if (!wouldMove(draft, tick, colls, debts)) break
    takeFromTick(draft, tick, colls, debts)
    leave(draft, colls, debts)
    left -= debts
    done.push({ account: `tick:${tick}`, rawDebt, rawColl, bonus: 0n, fromReserve: 0n, spread: 0n })
  }
  return done
}

/** Redemptions are open only while fxUSD stands below its peg. */
export function redeemable(draft: FxV2Draft, at: Moment): boolean {
  const peg = pegOf(draft, at)
  return peg === 'below' || peg === 'unwatched'
}

/** The stage of what decides about a position: itself, or its tick. */
export function verdictOf(
  state: Pick<FxV2Draft, 'terms'>,
  position: FxV2Shares,
  tick: FxV2Shares | undefined,
): ReturnType<typeof stageOf> {
  if (position.rawDebt === 0n) return 'safe'
  return stageOf(state.terms.calls === 'ticks' && tick ? tick : position, state.terms)
}
