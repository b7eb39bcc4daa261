/**
 * Liquity v1's stability pool: deposits that cancel the debt of liquidated troves and take their collateral, without a loop over depositors.
 *
 * - P: what a deposit shrinks by, as a running product, wad; below 1e9 it is multiplied by 1e9 and `scale` counts one more.
 * - S: collateral gained per unit of deposit times P, summed per epoch and scale. A deposit d made at (P0, S0) is now d · P / P0 and has
 *   gained d · (S − S0) / P0.
 * - epoch: counts how often the pool was emptied; deposits of an earlier one are nothing.
 * - The loss per unit is rounded up and the gain down; what the divisions leave is carried to the next liquidation.
 *
 * Amounts in wad. Source: liquity/dev@b9a16d05 `StabilityPool.sol` (`_computeRewardsPerUnitStaked`, `_updateRewardSumAndProduct`,
 * `_getCompoundedStakeFromSnapshots`, `_getETHGainFromSnapshots`). LQTY rewards are not carried.
 */
import { ensure, mul } from '../solidity.ts'

const WAD = 10n ** 18n
const SCALE_FACTOR = 10n ** 9n

/** A deposit with the pool's numbers of when it was last touched. */
export type LusdDeposit = {
  readonly initial: bigint
  readonly P: bigint
  readonly S: bigint
  readonly scale: bigint
  readonly epoch: bigint
}

/** The pool. `sums`: S by `epoch/scale`. */
export type LusdPool = {
  totalDeposits: bigint
  coll: bigint
  P: bigint
  scale: bigint
  epoch: bigint
  readonly sums: Map<string, bigint>
  lastETHError: bigint
  lastLUSDLossError: bigint
  readonly deposits: Map<string, LusdDeposit>
}

/** A pool without deposits. */
export function emptyPool(): LusdPool {
  return {
    ...{ totalDeposits: 0n, coll: 0n, P: WAD, scale: 0n, epoch: 0n, sums: new Map() },
    ...{ lastETHError: 0n, lastLUSDLossError: 0n, deposits: new Map() },
  }
}

const sumOf = ({ sums }: LusdPool, epoch: bigint, scale: bigint) => sums.get(`${epoch}/${scale}`) ?? 0n

/** Burns debt against the deposits and gives them the collateral. In place. */
export function offset(pool: LusdPool, debt: bigint, coll: bigint): void {
  if (pool.totalDeposits === 0n || debt === 0n) return
  ensure(debt <= pool.totalDeposits, 'invalid opcode', 'more debt than the pool holds')
  const collNumerator = mul(coll, WAD) + pool.lastETHError
  const loss = lossPerUnitUp(pool, debt)
  const gain = collNumerator / pool.totalDeposits
  pool.lastETHError = collNumerator - gain * pool.totalDeposits
  pool.sums.set(`${pool.epoch}/${pool.scale}`, sumOf(pool, pool.epoch, pool.scale) + mul(gain, pool.P))
  shrink(pool, WAD - loss)
  pool.totalDeposits -= debt
  pool.coll += coll
}

/** Loss per unit of deposit, wad; one more than the quotient, so that no deposit is ever worth too much. */
function lossPerUnitUp(pool: LusdPool, debt: bigint): bigint {
  if (debt === pool.totalDeposits) {
    pool.lastLUSDLossError = 0n
    return WAD
  }
  const wanted = mul(debt, WAD)
  ensure(wanted >= pool.lastLUSDLossError, 'SafeMath: subtraction overflow')
  const numerator = wanted - pool.lastLUSDLossError
  const loss = numerator / pool.totalDeposits + 1n
  pool.lastLUSDLossError = loss * pool.totalDeposits - numerator
  ensure(loss <= WAD, 'invalid opcode', 'the loss per unit exceeds one')
  return loss
}

function shrink(pool: LusdPool, factor: bigint): void {
  if (factor === 0n) {
    pool.epoch += 1n
    pool.scale = 0n
    pool.P = WAD
    return
  }
  const product = mul(pool.P, factor)
  if (product / WAD < SCALE_FACTOR) {
    pool.P = mul(product, SCALE_FACTOR) / WAD
    pool.scale += 1n
  } else pool.P = product / WAD
  ensure(pool.P > 0n, 'invalid opcode', 'the product would become zero')
}

/** What is left of a deposit, LUSD, rounded down; nothing below a billionth of it, after two scales or after an emptying. */
export function compoundedDeposit(pool: LusdPool, deposit: LusdDeposit | undefined): bigint {
  if (!deposit || deposit.epoch < pool.epoch) return 0n
  const scales = pool.scale - deposit.scale
  if (scales > 1n) return 0n
  const left = mul(deposit.initial, pool.P) / deposit.P / (scales === 1n ? SCALE_FACTOR : 1n)
  return left < deposit.initial / SCALE_FACTOR ? 0n : left
}

/** Collateral that a deposit has gained, rounded down: from its own scale and the next one. */
export function depositGain(pool: LusdPool, deposit: LusdDeposit | undefined): bigint {
  if (!deposit) return 0n
  const first = sumOf(pool, deposit.epoch, deposit.scale) - deposit.S
  const second = sumOf(pool, deposit.epoch, deposit.scale + 1n) / SCALE_FACTOR
  return mul(deposit.initial, first + second) / deposit.P / WAD
}

/** Records a deposit of a new size as of now; one of nothing is forgotten. */
export function putDeposit(pool: LusdPool, account: string, initial: bigint): void {
  if (initial === 0n) pool.deposits.delete(account)
  else {
    const { P, scale, epoch } = pool
    pool.deposits.set(account, { initial, P, S: sumOf(pool, epoch, scale), scale, epoch })
  }
}
