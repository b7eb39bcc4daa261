/**
 * f(x) v2's stable pool (fxBASE): deposits of fxUSD and USDC that rebalances and liquidations use first. Shares are worth a part of both.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/FxUSDBasePool.sol`.
 */
import type { Moment } from '../../model/index.ts'
import type { Completed } from '../mechanism.ts'
import { ensure, sub } from '../solidity.ts'
import type { FxV2BaseAction } from './actions.ts'
import { answerOf, flow, outsideFxUsd, stableScaleOf } from './books.ts'
import { lessInstantFee } from './forced.ts'
import { WAD } from './rules.ts'
import type { FxV2Draft, FxV2Shareholder } from './state.ts'

const NOTHING: FxV2Shareholder = { held: 0n, asked: 0n, unlockAt: 0n }

/** A deposit, a request to leave, or leaving, on the draft. */
export function actBase(draft: FxV2Draft, action: FxV2BaseAction, at: Moment): Completed {
  if (action.do === 'base-deposit') return deposit(draft, action, at)
  const holder = draft.shares.get(action.by) ?? NOTHING
  if (action.do === 'base-request') {
    ensure(action.shares >= 0n && holder.asked + action.shares <= holder.held, 'ErrorRedeemMoreThanBalance')
    const unlockAt = BigInt(at.time) + draft.terms.cooldown
    draft.shares.set(action.by, { ...holder, asked: holder.asked + action.shares, unlockAt })
    return { facts: [] }
  }
  if (action.do === 'base-redeem') {
    // Whoever asks for more than he asked back gets what he asked back.
    ensure(BigInt(at.time) >= holder.unlockAt, 'ErrorRedeemLockedShares')
    const shares = action.shares < holder.asked ? action.shares : holder.asked
    ensure(shares > 0n, 'ErrRedeemZeroShares')
    draft.shares.set(action.by, { ...holder, held: sub(holder.held, shares), asked: holder.asked - shares })
    return leave(draft, shares, 0n)
  }
  ensure(action.shares > 0n, 'ErrRedeemZeroShares')
  ensure(action.shares <= holder.held - holder.asked, 'ErrorInsufficientFreeBalance')
  draft.shares.set(action.by, { ...holder, held: holder.held - action.shares })
  return leave(draft, action.shares, draft.terms.fees.instantRedeem)
}

function deposit(draft: FxV2Draft, action: Extract<FxV2BaseAction, { do: 'base-deposit' }>, at: Moment): Completed {
  const { book, terms, feeds } = draft
  ensure(action.amount > 0n, 'ErrDepositZeroAmount')
  ensure(answerOf(feeds.stable, at) >= terms.peg.depeg, 'ErrorStableTokenDepeg')
  const price = stableScaleOf(draft, at)
  const usd = action.token === 'stable' ? (action.amount * price) / WAD : action.amount
  const all = book.baseFxUsd + (book.baseStable * price) / WAD
  ensure(book.baseShares === 0n || all > 0n, 'Panic(0x12)', 'the stable pool has shares and nothing else')
  const shares = book.baseShares === 0n ? usd : (usd * book.baseShares) / all
  if (action.token === 'stable') book.baseStable += action.amount
  else {
    ensure(action.amount <= outsideFxUsd(book), 'ERC20InsufficientBalance')
    book.baseFxUsd += action.amount
  }
  book.baseShares += shares
  const holder = draft.shares.get(action.by) ?? NOTHING
  draft.shares.set(action.by, { ...holder, held: holder.held + shares })
  return { facts: [], paid: [flow(action.token, action.amount)], received: [flow('base', shares)], moved: { shares } }
}

function leave({ book }: FxV2Draft, shares: bigint, fee: bigint): Completed {
  const part = (amount: bigint) => lessInstantFee((shares * amount) / book.baseShares, fee)
  const [fxUsd, stable] = [part(book.baseFxUsd), part(book.baseStable)]
  book.baseFxUsd -= fxUsd
  book.baseStable -= stable
  book.baseShares -= shares
  return { facts: [], paid: [flow('base', shares)], received: [flow('fxUsd', fxUsd), flow('stable', stable)] }
}
