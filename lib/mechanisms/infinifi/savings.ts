/** siUSD: shares of saved iUSD; profit is paid out evenly over the epoch after it came. */
import { ensure, mul } from '../solidity.ts'
import { EPOCH, epochOf } from './rules.ts'
import type { InfinifiState } from './state.ts'

/** Saved tokens that count now: without the next epoch's rewards and what this epoch has not paid out yet. */
export function savedTokens({ savings }: InfinifiState, time: bigint): bigint {
  const epoch = epochOf(time)
  const [next, current] = [savings.rewards.get(String(epoch + 1n)) ?? 0n, savings.rewards.get(String(epoch)) ?? 0n]
  const paid = mul(current, time - epoch * EPOCH) / EPOCH
  return savings.tokens - next - (current - paid)
}

/** Saves tokens for shares, rounded down; one virtual token and share stand against inflation (ERC-4626). In place. */
export function stake(state: InfinifiState, account: string, tokens: bigint, time: bigint): void {
  const { savings } = state
  const shares = mul(tokens, savings.shares + 1n) / (savedTokens(state, time) + 1n)
  savings.holders.set(account, (savings.holders.get(account) ?? 0n) + shares)
  savings.shares += shares
  savings.tokens += tokens
}

/** Gives up shares for tokens, rounded down. In place. */
export function unstake(state: InfinifiState, account: string, shares: bigint, time: bigint): bigint {
  const { savings } = state
  const held = savings.holders.get(account) ?? 0n
  ensure(shares > 0n && held >= shares, 'ERC4626ExceededMaxRedeem')
  const tokens = mul(shares, savedTokens(state, time) + 1n) / (savings.shares + 1n)
  savings.holders.set(account, held - shares)
  savings.shares -= shares
  savings.tokens -= tokens
  return tokens
}
