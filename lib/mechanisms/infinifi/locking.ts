/** Locks of 1 to 13 weeks, and the way out of them. */
import { ensure, mul } from '../solidity.ts'
import { startUnwinding, unwindingBalance } from './rules.ts'
import type { InfinifiState } from './state.ts'

/** Locks tokens for shares of the bucket, rounded down. In place. */
export function createLock(state: InfinifiState, account: string, tokens: bigint, weeks: number): void {
  const bucket = state.locks.get(weeks)
  ensure(bucket !== undefined, 'InvalidBucket')
  ensure(bucket.shares === 0n || bucket.tokens > 0n, 'Panic(0x12)')
  const shares = bucket.shares === 0n ? tokens : mul(tokens, bucket.shares) / bucket.tokens
  bucket.holders.set(account, (bucket.holders.get(account) ?? 0n) + shares)
  bucket.shares += shares
  bucket.tokens += tokens
}

/** Starts the way out of a whole lock. In place. */
export function startLeaving(
  state: InfinifiState,
  { account, weeks, id }: { readonly account: string; readonly weeks: number; readonly id: string },
  epoch: bigint,
): void {
  const bucket = state.locks.get(weeks)
  ensure(bucket !== undefined, 'InvalidBucket')
  const shares = bucket.holders.get(account) ?? 0n
  ensure(shares > 0n, 'ERC20InsufficientBalance')
  const tokens = mul(shares, bucket.tokens) / bucket.shares
  startUnwinding(state.unwinding, id, account, tokens, weeks, state.terms.multipliers.get(weeks) ?? 0n, epoch)
  bucket.holders.delete(account)
  bucket.shares -= shares
  bucket.tokens -= tokens
}

/** Ends an unwinding early: what it is worth is locked again, at least as long as it still had to go. In place. */
export function unwindAgain(
  state: InfinifiState,
  { id, weeks }: { readonly id: string; readonly weeks: number },
  epoch: bigint,
): void {
  const position = state.unwinding.positions.get(id)
  ensure(position !== undefined && epoch < position.to, 'UserNotUnwinding')
  ensure(epoch >= position.from, 'UserUnwindingNotStarted')
  ensure(BigInt(weeks) >= position.to - epoch, 'InvalidUnwindingEpochs')
  createLock(state, position.owner, leave(state, id), weeks)
}

/** Takes what has unwound. In place. */
export function withdrawUnwound(
  state: InfinifiState,
  id: string,
  epoch: bigint,
): { readonly owner: string; readonly tokens: bigint } {
  const position = state.unwinding.positions.get(id)
  ensure(position !== undefined, 'UserNotUnwinding')
  ensure(epoch >= position.to, 'UserUnwindingInprogress')
  return { owner: position.owner, tokens: leave(state, id) }
}

function leave({ unwinding }: InfinifiState, id: string): bigint {
  const position = unwinding.positions.get(id)
  ensure(position !== undefined, 'UserNotUnwinding')
  const tokens = unwindingBalance(unwinding, position)
  unwinding.positions.delete(id)
  unwinding.shares -= position.shares
  unwinding.tokens -= tokens
  return tokens
}
