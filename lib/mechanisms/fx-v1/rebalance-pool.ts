/**
 * f(x) v1's rebalance pool: deposits of f that are redeemed together when the collateral ratio falls below the pool's line; the base that they bring is
 * shared by deposits. Source: AladdinDAO/aladdin-v3-contracts@814b87c `contracts/f(x)/rebalance-pool/RebalancePool.sol`.
 */
import type { Completed } from '../mechanism.ts'
import { div, ensure, min, mul } from '../solidity.ts'
import { collateralRatioDown, mostRedeemableFDown } from './rules.ts'
import type { FxV1Action, FxV1Depositor, FxV1State } from './state.ts'
import { burned, type FxV1Desk, flow, redeemF, sideAt } from './treasury.ts'

const SCALE = 1n << 128n

/** A depositor with everything that has happened until now. */
function settled(state: FxV1State, id: string): FxV1Depositor {
  const { epoch, perShare } = state.book
  const found = state.depositors.get(id)
  if (!found) return { shares: 0n, epoch, seen: perShare, owed: 0n }
  const until = found.epoch === epoch ? perShare : (state.closed.get(String(found.epoch)) ?? found.seen)
  const owed = found.owed + (found.shares * (until - found.seen)) / SCALE
  return { shares: found.epoch === epoch ? found.shares : 0n, epoch, seen: perShare, owed }
}

/** Deposit, withdrawal, claim: on a copy of the book; depositors change with the last line. */
export function actPool(
  state: FxV1State,
  { book }: FxV1Desk,
  action: Extract<FxV1Action, { readonly by: string }>,
): Completed {
  const holder = settled(state, action.by)
  if (action.do === 'pool-deposit') {
    ensure(action.fToken > 0n, 'deposit zero amount')
    ensure(action.fToken <= book.fSupply - book.poolF, 'ERC20: transfer amount exceeds balance')
    const shares = book.poolShares === 0n ? action.fToken : div(mul(action.fToken, book.poolShares), book.poolF)
    ensure(shares > 0n, 'deposit too small')
    book.poolF += action.fToken
    book.poolShares += shares
    state.depositors.set(action.by, { ...holder, shares: holder.shares + shares })
    return { facts: [], paid: [flow('fToken', action.fToken)], moved: { shares } }
  }
  if (action.do === 'pool-withdraw') {
    ensure(action.shares > 0n && action.shares <= holder.shares, 'withdraw zero amount')
    const fToken = mul(action.shares, book.poolF) / book.poolShares
    book.poolF -= fToken
    book.poolShares -= action.shares
    state.depositors.set(action.by, { ...holder, shares: holder.shares - action.shares })
    return { facts: [], received: [flow('fToken', fToken)] }
  }
  ensure(holder.owed > 0n, 'nothing to claim')
  book.poolBase -= holder.owed
  state.depositors.set(action.by, { ...holder, owed: 0n })
  return { facts: [], received: [flow('base', holder.owed)] }
}

/** Redeems the pool's f until the ratio is at the pool's line again, or the pool is empty. */
export function poolLiquidate(state: FxV1State, desk: FxV1Desk, most: bigint | undefined): Completed {
  const { book, terms, price } = desk
  const side = sideAt(desk, price)
  ensure(book.base > 0n && collateralRatioDown(side) < terms.poolLine, 'cannot liquidate')
  const wanted = mostRedeemableFDown(side, terms.poolLine).fToken
  const fToken = min(min(wanted, most ?? wanted), book.poolF)
  const { base, fee } = redeemF(desk, fToken)
  book.poolF -= fToken
  book.poolBase += base
  book.perShare += (base * SCALE) / book.poolShares
  if (book.poolF === 0n) {
    state.closed.set(String(book.epoch), book.perShare)
    Object.assign(book, { epoch: book.epoch + 1, perShare: 0n, poolShares: 0n })
  }
  return { facts: [burned(fToken, base + fee)], moved: { fToken, base, fee } }
}
