/**
 * Liquity v2: the stability pool's deposits. Interest is minted first; gains are paid out (`claim`) or kept: BOLD as more deposit, collateral stashed.
 * Source: liquity/bold@405f9122 `StabilityPool.sol` (`provideToSP`, `withdrawFromSP`, `claimAllCollGains`).
 */
import { ensure, min, sub } from '../solidity.ts'
import type { BoldBranch } from './branch.ts'
import {
  compoundedDeposit,
  depositCollGain,
  depositYieldGain,
  MIN_BOLD,
  mintInterest,
  type PoolDeposit,
  yieldToPool,
} from './rules.ts'

/** What goes out to the depositor, and what his deposit had become. */
export type DepositMove = {
  readonly bold: bigint
  readonly coll: bigint
  readonly compounded: bigint
  readonly yieldGain: bigint
  readonly collGain: bigint
}

const NONE: PoolDeposit = { initial: 0n, P: 1n, S: 0n, B: 0n, scale: 0n }

/** Adds `bold` to a deposit. */
export function provide(branch: BoldBranch, account: string, bold: bigint, claim: boolean, time: bigint): DepositMove {
  ensure(bold > 0n, 'StabilityPool: Amount must be non-zero')
  mintInterest(branch, time)
  const seen = settle(branch, account, claim)
  record(branch, account, seen.compounded + bold + seen.kept)
  branch.pool.totalBoldDeposits += bold + seen.kept
  branch.pool.yieldGainsOwed -= seen.yieldGain
  branch.pool.collBalance = sub(branch.pool.collBalance, seen.coll)
  yieldToPool(branch.pool, 0n)
  return { ...seen, bold: seen.yieldGain - seen.kept }
}

/** Takes up to `bold` out of a deposit; one BOLD must stay in the pool. */
export function withdraw(branch: BoldBranch, account: string, bold: bigint, claim: boolean, time: bigint): DepositMove {
  ensure(branch.deposits.has(account), 'StabilityPool: User must have a non-zero deposit')
  mintInterest(branch, time)
  const seen = settle(branch, account, claim)
  const taken = min(bold, seen.compounded)
  record(branch, account, seen.compounded - taken + seen.kept)
  const { pool } = branch
  pool.yieldGainsOwed -= seen.yieldGain
  pool.totalBoldDeposits = sub(pool.totalBoldDeposits + seen.kept, taken)
  pool.collBalance = sub(pool.collBalance, seen.coll)
  ensure(pool.totalBoldDeposits >= MIN_BOLD, 'Withdrawal must leave totalBoldDeposits >= MIN_BOLD_IN_SP')
  return { ...seen, bold: taken + seen.yieldGain - seen.kept }
}

/** Pays out the collateral that somebody without a deposit had left in the pool. */
export function claimStashed(branch: BoldBranch, account: string, time: bigint): bigint {
  ensure(!branch.deposits.has(account), 'StabilityPool: User must have no deposit')
  mintInterest(branch, time)
  const coll = branch.stashed.get(account) ?? 0n
  ensure(coll > 0n, 'StabilityPool: Amount must be non-zero')
  branch.stashed.delete(account)
  branch.pool.collBalance = sub(branch.pool.collBalance, coll)
  return coll
}

/** A deposit's gains as of now; collateral that is kept is stashed. */
function settle({ pool, deposits, stashed }: BoldBranch, account: string, claim: boolean) {
  const own = deposits.get(account) ?? NONE
  const [collGain, yieldGain] = [depositCollGain(pool, own), depositYieldGain(pool, own)]
  const all = (stashed.get(account) ?? 0n) + collGain
  if (claim || all === 0n) stashed.delete(account)
  else stashed.set(account, all)
  return {
    ...{ collGain, yieldGain, compounded: compoundedDeposit(pool, own) },
    ...{ kept: claim ? 0n : yieldGain, coll: claim ? all : 0n },
  }
}

function record({ pool, deposits }: BoldBranch, account: string, initial: bigint): void {
  const [scale, at] = [pool.currentScale, Number(pool.currentScale)]
  if (initial === 0n) deposits.delete(account)
  else deposits.set(account, { initial, P: pool.P, S: pool.scaleToS[at] ?? 0n, B: pool.scaleToB[at] ?? 0n, scale })
}
