/**
 * InfiniFi: deposits of one dollar token fund liquid farms and farms that mature later; the liabilities stand in tranches of duration.
 *
 * - **iUSD**: the receipt, redeemable now or through a first-in-first-out queue. **siUSD**: savings, paid over the next epoch. **liUSD-k**: locked for
 *   k = 1…13 weeks, reward weight w_k = 1 + 0.02·k; leaving takes k weekly epochs, over which the weight falls in equal steps to 1.
 * - Profit: safety buffer first, then by amount × weight (savings weigh `liquidReturn`).
 * - Loss: the buffer if it covers the whole loss, else locked and unwinding pro rata → savings → the price of iUSD.
 * - Duration rule: for every t, assets that mature after t ≤ liabilities locked beyond t.
 *
 * Amounts of iUSD and of the deposit token with 18 decimals, price and ratios in wad; epochs are weeks that begin on Thursdays (unix time / 7 days).
 * Sources (MIT): InfiniFi-Labs/infinifi-protocol `src/finance/YieldSharing.sol`, `src/locking/LockingController.sol`, `UnwindingModule.sol`,
 * `src/funding/RedemptionPool.sol`, `RedeemController.sol`; the unwinding's first epoch as in its tests of 2025 (no rewards until the next epoch).
 */
import { breakwaterError } from '../../model/index.ts'
import { div, ensure, min, mul } from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** Seconds of an epoch: a week. */
export const EPOCH = 604_800n
/** Most tickets that may wait for redemption. */
export const MAX_QUEUE_LENGTH = 10_000
/** Reward weight of a lock of `weeks`, wad: the deployment's 1 + 0.02 · weeks. */
export function lockMultiplier(weeks: number): bigint {
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > 13)
    throw breakwaterError('bad-number', `a lock of ${weeks} weeks: there are 1 to 13`, { weeks })
  return WAD + 2n * 10n ** 16n * BigInt(weeks)
}

/** `a · b / WAD`, rounded down. */
export function wadMulDown(a: bigint, b: bigint): bigint {
  return mul(a, b) / WAD
}
/** `a · WAD / b`, rounded down. */
export function wadDivDown(a: bigint, b: bigint): bigint {
  return div(mul(a, WAD), b)
}
/** Epoch of a time, unix seconds. */
export function epochOf(time: bigint): bigint {
  return time / EPOCH
}

/** What a lock of one duration holds: tokens, and shares by holder. */
export type LockBucket = { tokens: bigint; shares: bigint; readonly holders: Map<string, bigint> }

/** A position on its way out: shares of all that unwinds, first and last epoch, weight at the first one and its fall per epoch (before slashing). */
export type Unwinding = {
  readonly owner: string
  shares: bigint
  readonly from: bigint
  readonly to: bigint
  readonly weight: bigint
  readonly fall: bigint
}

/** Everything that unwinds: tokens and shares, the slashing index (wad), positions by id. */
export type UnwindingPool = {
  tokens: bigint
  shares: bigint
  slashIndex: bigint
  readonly positions: Map<string, Unwinding>
}

/** Weight of a position at an epoch, before slashing: nothing until its first epoch, then a fall per epoch down to its amount. */
export function unwindingWeight(position: Unwinding, epoch: bigint): bigint {
  if (epoch < position.from) return 0n
  return position.weight - position.fall * (min(epoch, position.to) - position.from)
}

/** Weight of all positions, slashing included, rounded down. */
export function poolWeight(pool: UnwindingPool, epoch: bigint): bigint {
  let sum = 0n
  for (const position of pool.positions.values()) sum += unwindingWeight(position, epoch)
  return wadMulDown(sum, pool.slashIndex)
}

/** Tokens that a position's shares are worth, rounded down. */
export function unwindingBalance(pool: UnwindingPool, position: Unwinding): bigint {
  return pool.shares === 0n ? 0n : mul(position.shares, pool.tokens) / pool.shares
}

/** Puts tokens from a lock on its way out. In place. */
export function startUnwinding(
  pool: UnwindingPool,
  id: string,
  owner: string,
  tokens: bigint,
  weeks: number,
  multiplier: bigint,
  epoch: bigint,
): void {
  ensure(!pool.positions.has(id), 'UserUnwindingInprogress')
  const weight = wadDivDown(wadMulDown(tokens, multiplier), pool.slashIndex)
  const target = wadDivDown(tokens, pool.slashIndex)
  const fall = (weight - target) / BigInt(weeks)
  const shares = pool.tokens === 0n ? tokens : mul(tokens, pool.shares) / pool.tokens
  pool.positions.set(id, {
    ...{ owner, shares, fall, from: epoch + 1n, to: epoch + 1n + BigInt(weeks) },
    // The steps' rounding is taken off the first weight, so that the last one is the amount itself.
    weight: target + fall * BigInt(weeks),
  })
  pool.shares += shares
  pool.tokens += tokens
}

/** Adds rewards by weight; what rounding keeps belongs to all. In place. */
export function rewardUnwinding(pool: UnwindingPool, tokens: bigint, epoch: bigint): void {
  if (tokens === 0n) return
  const minted = pool.tokens === 0n ? tokens : mul(tokens, pool.shares) / pool.tokens
  let whole = 0n
  for (const position of pool.positions.values()) whole += unwindingWeight(position, epoch)
  for (const position of pool.positions.values())
    position.shares += mul(minted, unwindingWeight(position, epoch)) / whole
  pool.shares += minted
  pool.tokens += tokens
}

/** Takes a loss from all that unwinds. In place. */
export function slashUnwinding(pool: UnwindingPool, loss: bigint): void {
  if (loss === 0n) return
  pool.slashIndex = mul(pool.slashIndex, pool.tokens - loss) / pool.tokens
  pool.tokens -= loss
}

/** Weight of all locks, wad-rounded bucket by bucket. */
export function lockedWeight(buckets: ReadonlyMap<number, LockBucket>, multiplier: (weeks: number) => bigint): bigint {
  let sum = 0n
  for (const [weeks, { tokens }] of buckets) sum += wadMulDown(tokens, multiplier(weeks))
  return sum
}

/** Adds rewards to the locks by weight; returns what rounding left over. In place. */
export function rewardLocks(
  buckets: ReadonlyMap<number, LockBucket>,
  multiplier: (weeks: number) => bigint,
  tokens: bigint,
): bigint {
  const whole = lockedWeight(buckets, multiplier)
  if (whole === 0n) return tokens
  let left = tokens
  const parts = [...buckets].map(([weeks, bucket]) => {
    const part = mul(tokens, wadMulDown(bucket.tokens, multiplier(weeks))) / whole
    left -= part
    return [bucket, part] as const
  })
  for (const [bucket, part] of parts) bucket.tokens += part
  return left
}

/** Takes a loss from the locks pro rata, rounded up bucket by bucket until it is used up. In place. */
export function slashLocks(buckets: ReadonlyMap<number, LockBucket>, loss: bigint): bigint {
  let [left, whole] = [loss, 0n]
  for (const { tokens } of buckets.values()) whole += tokens
  let taken = 0n
  for (const bucket of buckets.values()) {
    if (bucket.tokens === 0n || whole === 0n) continue
    const part = min(min((mul(bucket.tokens, loss) + whole - 1n) / whole, bucket.tokens), left)
    bucket.tokens -= part
    left -= part
    taken += part
  }
  return taken
}

/** Where a loss goes, iUSD atoms; `priceAfter` in wad where iUSD itself loses. */
export type LossSplit = {
  readonly buffer: bigint
  readonly locked: bigint
  readonly savings: bigint
  /** Loss that iUSD in circulation carries by its price. */
  readonly circulation: bigint
  readonly priceAfter: bigint
}

/** The waterfall of a loss. `supply` is what circulates before it, all tranches included. */
export function lossSplit(
  loss: bigint,
  at: {
    readonly buffer: bigint
    readonly locked: bigint
    readonly savings: bigint
    readonly supply: bigint
    readonly price: bigint
  },
): LossSplit {
  const none = { buffer: 0n, locked: 0n, savings: 0n, circulation: 0n, priceAfter: at.price }
  if (at.buffer >= loss) return { ...none, buffer: loss }
  const locked = min(loss, at.locked)
  const savings = min(loss - locked, at.savings)
  const circulation = loss - locked - savings
  if (circulation === 0n) return { ...none, locked, savings }
  const supply = at.supply - locked - savings
  const priceAfter = supply === 0n ? at.price : mul(at.price, supply > circulation ? supply - circulation : 0n) / supply
  return { ...none, locked, savings, circulation, priceAfter }
}

/** Splits a profit between savings and locks by weighted amounts, rounded down for savings. */
export function profitSplit(
  profit: bigint,
  savings: bigint,
  weightedLocks: bigint,
): { readonly savings: bigint; readonly locked: bigint } {
  const whole = savings + weightedLocks
  const part = whole === 0n ? 0n : mul(profit, savings) / whole
  return { savings: part, locked: whole === 0n ? 0n : profit - part }
}

/** A ticket of the redemption queue, iUSD atoms. */
export type Ticket = { readonly recipient: string; readonly amount: bigint }

/** What funding did: tickets that are left, claims made (deposit token), iUSD burnt, money not needed. */
export type Funded = {
  readonly queue: readonly Ticket[]
  readonly claims: readonly { readonly recipient: string; readonly assets: bigint }[]
  readonly burnt: bigint
  readonly unused: bigint
}

/** Funds tickets in their order, the last one in part. `ratio`: deposit tokens per iUSD, wad. */
export function fundQueue(queue: readonly Ticket[], assets: bigint, ratio: bigint): Funded {
  const claims: { recipient: string; assets: bigint }[] = []
  let [left, burnt, done] = [assets, 0n, 0]
  let rest: Ticket | undefined
  for (const { recipient, amount } of queue) {
    if (left === 0n) break
    const needed = wadMulDown(amount, ratio)
    const paid = min(needed, left)
    const burn = needed > left ? wadDivDown(left, ratio) : amount
    claims.push({ recipient, assets: paid })
    left -= paid
    burnt += burn
    done += 1
    if (burn < amount) rest = { recipient, amount: amount - burn }
  }
  return { queue: [...(rest ? [rest] : []), ...queue.slice(done)], claims, burnt, unused: left }
}

/** Assets that mature after a time, and liabilities locked beyond it, USD: the rule holds where `room` ≥ 0. */
export type DurationPoint = {
  readonly seconds: number
  readonly assets: number
  readonly liabilities: number
  readonly room: number
}

/** Checks the duration rule at every maturity and lock. Seconds from now. */
export function durationRule(
  assets: readonly { readonly value: number; readonly seconds: number }[],
  liabilities: readonly { readonly value: number; readonly seconds: number }[],
): readonly DurationPoint[] {
  const times = [...new Set([0, ...assets.map(({ seconds }) => seconds), ...liabilities.map(({ seconds }) => seconds)])]
  const beyond = (rows: readonly { readonly value: number; readonly seconds: number }[], time: number) =>
    rows.reduce((sum, { value, seconds }) => (seconds > time ? sum + value : sum), 0)
  return times
    .sort((a, b) => a - b)
    .map((seconds) => {
      const [held, locked] = [beyond(assets, seconds), beyond(liabilities, seconds)]
      return { seconds, assets: held, liabilities: locked, room: locked - held }
    })
}

/** What a buyer who holds to maturity bids for an asset of net asset value 1: 1 − (required yield) · days / 365 − expected loss. */
export function holdToMaturityBid(requiredYield: number, days: number, expectedLoss: number): number {
  if (!(requiredYield >= 0 && days >= 0 && expectedLoss >= 0 && expectedLoss <= 1))
    throw breakwaterError('bad-number', 'yield, days and loss of a bid are 0 or more', {
      requiredYield,
      days,
      expectedLoss,
    })
  return Math.max(0, 1 - (requiredYield * days) / 365 - expectedLoss)
}
