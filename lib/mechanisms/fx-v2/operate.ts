/**
 * f(x) v2's owners: open a position, add, borrow, repay, withdraw, check by check in the contract's order. Prices: the least one.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/pool/BasePool.sol` (`operate`), `contracts/core/PoolManager.sol` (`operate`).
 */
import type { AssetAmount, Moment } from '../../model/index.ts'
import type { Completed } from '../mechanism.ts'
import { ensure, min, sub } from '../solidity.ts'
import type { FxV2OperateAction } from './actions.ts'
import {
  accrue,
  answerOf,
  bookCollateral,
  bookDebt,
  burnFxUsd,
  flow,
  interestNow,
  keepStable,
  pegOf,
  scaleOf,
  stableScaleOf,
} from './books.ts'
import {
  collSharesDown,
  collSharesUp,
  debtSharesUp,
  FEE,
  MIN_AMOUNT,
  rawCollDown,
  rawDebtDown,
  rawDebtUp,
  scaleDown,
  scaleUp,
  WAD,
} from './rules.ts'
import type { FxV2Draft, FxV2Position } from './state.ts'
import { addToTick, removeFromTick, updatedPosition } from './tree.ts'

const UINT96 = (1n << 96n) - 1n

/** Does it on the draft. The new position's number is among what moved. */
export function operate(draft: FxV2Draft, action: FxV2OperateAction, at: Moment): Completed {
  const { terms, book } = draft
  const scale = scaleOf(draft, at)
  const repaysStable = action.inStable === true
  if (repaysStable)
    ensure(
      action.position !== undefined && !(action.coll !== 'all' && action.coll > 0n) && !isMore(action.debt),
      'ErrorInvalidOperation',
    )
  const stable = repaysStable ? stableScaleOf(draft, at) : 0n
  const supplied = action.coll !== 'all' && action.coll > 0n ? action.coll : 0n
  const supplyFee = (supplied * supplyFeeOf(draft, at)) / FEE
  const coll = action.coll === 'all' ? 'all' : scaleUp(action.coll - supplyFee, scale)
  const debt = action.debt === 'all' || !repaysStable ? action.debt : scaleUp(action.debt, stable)
  const done = change(draft, action, coll, debt, at)

  const paid: AssetAmount[] = []
  const received: AssetAmount[] = []
  const tokens = scaleDown(done.rawColl, scale)
  bookDebt(draft, done.rawDebt)
  if (supplied > 0n) {
    book.feesKept += supplyFee
    book.tokens += supplied
    paid.push(flow('collateral', supplied))
  }
  if (done.rawColl > 0n) bookCollateral(draft, tokens, done.rawColl)
  else if (done.rawColl < 0n) {
    bookCollateral(draft, tokens, done.rawColl)
    const fee = (-tokens * terms.fees.withdraw) / FEE
    book.feesKept += fee
    book.tokens = sub(book.tokens, -tokens - fee)
    received.push(flow('collateral', -tokens - fee))
  }
  if (done.rawDebt > 0n) {
    // The borrow fee is minted too, for the protocol: all of it is owed.
    book.supply += done.rawDebt
    received.push(flow('fxUsd', done.rawDebt))
  } else if (done.rawDebt < 0n) repay(draft, -done.rawDebt, stable, paid, received, at)
  return {
    ...{ facts: [], paid, received },
    moved: { position: BigInt(done.position), rawColl: done.rawColl, rawDebt: done.rawDebt },
  }
}

const isMore = (amount: bigint | 'all') => amount !== 'all' && amount >= 0n
const isLess = (amount: bigint | 'all') => amount === 'all' || amount < 0n

function supplyFeeOf(draft: FxV2Draft, at: Moment): bigint {
  const { supply, supplyStep } = draft.terms.fees
  if (supply === 0n || supplyStep === 0n) return supply
  const rate = interestNow(draft, at)
  return min(rate <= supplyStep ? supply : ((rate - 1n) / supplyStep) * supply, FEE)
}

function repay(
  draft: FxV2Draft,
  amount: bigint,
  stable: bigint,
  paid: AssetAmount[],
  received: AssetAmount[],
  at: Moment,
): void {
  if (stable > 0n) {
    const usdc = scaleDown(amount, stable)
    keepStable(draft, usdc, amount, at)
    paid.push(flow('stable', usdc))
    return
  }
  // The fee is burned from whoever repays and minted for the protocol.
  const fee = (amount * draft.terms.fees.repay) / FEE
  burnFxUsd(draft, amount + fee)
  draft.book.supply += fee
  paid.push(flow('fxUsd', amount + fee))
  if (fee > 0n) received.push(flow('fxUsd', fee))
}

type Changed = { readonly position: string; readonly rawColl: bigint; readonly rawDebt: bigint }

/** The pool's part: shares in and out of the tick tree. */
function change(
  draft: FxV2Draft,
  { by, position: given }: FxV2OperateAction,
  coll: bigint | 'all',
  debt: bigint | 'all',
  at: Moment,
): Changed {
  const { terms, book } = draft
  ensure(coll !== 0n || debt !== 0n, 'ErrorNoSupplyAndNoBorrow')
  ensure(coll === 'all' || coll === 0n || abs(coll) >= MIN_AMOUNT, 'ErrorCollateralTooSmall')
  ensure(debt === 'all' || debt === 0n || abs(debt) >= MIN_AMOUNT, 'ErrorDebtTooSmall')
  const borrows = debt !== 'all' && debt > 0n
  if (borrows) ensure(!terms.borrowPaused && pegOf(draft, at) !== 'below', 'ErrorBorrowPaused')
  const price = answerOf(draft.feeds.min, at)
  accrue(draft, at)
  const id = given ?? String(book.nextPosition++)
  let now: FxV2Position = { owner: by, node: '', colls: 0n, debts: 0n }
  if (given !== undefined) {
    const found = draft.positions.get(given)
    ensure(found !== undefined, 'ERC721NonexistentToken', `there is no position ${given}`)
    ensure(found.owner === by || !(isLess(coll) || borrows), 'ErrorNotPositionOwner')
    now = updatedPosition(draft, given, found)
    removeFromTick(draft, now)
    if (isLess(coll) || borrows) {
      const { rawColl, rawDebt } = rawOf(now, book)
      const over = rawDebt * WAD * WAD > terms.liquidateRatio * rawColl * price
      ensure(!over, 'ErrorPositionInLiquidationMode')
    }
  }
  const moved = { ...moveColl(now, coll, book), ...moveDebt(now, debt, book) }
  const [colls, debts] = [now.colls + moved.colls, sub(now.debts + moved.debts, 0n)]
  const { rawColl, rawDebt } = rawOf({ colls, debts }, book)
  ensure(rawDebt * WAD * WAD <= terms.maxDebtRatio * rawColl * price, 'ErrorDebtRatioTooLarge')
  ensure(rawDebt * WAD * WAD >= terms.minDebtRatio * rawColl * price, 'ErrorDebtRatioTooSmall')
  const node = addToTick(draft, colls, debts, true)
  ensure(colls <= UINT96 && debts <= UINT96, 'ErrorOverflow')
  draft.positions.set(id, { owner: now.owner, node, colls, debts })
  book.collShares += moved.colls
  book.debtShares = sub(book.debtShares + moved.debts, 0n)
  return { position: id, rawColl: moved.rawColl, rawDebt: moved.rawDebt }
}

const abs = (value: bigint) => (value < 0n ? -value : value)

type Shares = Pick<FxV2Position, 'colls' | 'debts'>
type Indexes = { readonly collIndex: bigint; readonly debtIndex: bigint }

function rawOf({ colls, debts }: Shares, { collIndex, debtIndex }: Indexes) {
  return { rawColl: rawCollDown(colls, collIndex), rawDebt: rawDebtDown(debts, debtIndex) }
}

/** Shares and raw amount that change: what comes in is rounded down, what goes out up. */
function moveColl(now: Shares, coll: bigint | 'all', { collIndex }: Indexes) {
  if (coll === 'all') return { colls: -now.colls, rawColl: -rawCollDown(now.colls, collIndex) }
  if (coll >= 0n) return { colls: collSharesDown(coll, collIndex), rawColl: coll }
  const out = collSharesUp(-coll, collIndex)
  ensure(out <= now.colls, 'ErrorWithdrawExceedSupply')
  return { colls: -out, rawColl: coll }
}

/** Debt is rounded up both ways; repaying everything costs an atom more rather than less. */
function moveDebt(now: Shares, debt: bigint | 'all', { debtIndex }: Indexes) {
  if (debt === 'all') return { debts: -now.debts, rawDebt: -rawDebtUp(now.debts, debtIndex) }
  return { debts: debt >= 0n ? debtSharesUp(debt, debtIndex) : -debtSharesUp(-debt, debtIndex), rawDebt: debt }
}
