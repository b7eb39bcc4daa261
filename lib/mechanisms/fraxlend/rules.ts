/**
 * FraxLend: one asset, one collateral, debts as shares of a growing amount. Insolvent above its largest loan-to-value at the low oracle answer.
 * A liquidator repays shares; if the clean fee on them would take all collateral he gets all of it and what is left of the debt is written off,
 * else he gets the repaid value and the dirty fee.
 *
 * Amounts in atoms; loan-to-value, utilisation and fees in 1e5; rates per second in wad; exchange rate: collateral atoms per 1e18 asset atoms.
 * Sources: FraxFinance/fraxlend@2bed49d4 `FraxlendPairCore.sol` (`_calculateInterest`, `_isSolvent`, `liquidate`, `_repayAsset`),
 * `VariableInterestRate.sol`, `VaultAccount.sol`; recorded cases: 200 golden ones.
 */
import { add, div, ensure, MAX_UINT128, mul, revert, sub } from '../solidity.ts'

const WAD = 10n ** 18n
const PRECISION = 100_000n
const DECAY = 10n ** 36n

/** A total: atoms, and the shares that divide them. */
export type VaultAccount = { amount: bigint; shares: bigint }

/** Fixed terms of a pair. Feeds answer in collateral atoms per 1e18 asset atoms; both may be one. */
export type FraxlendConfig = {
  readonly pair: string
  readonly asset: string
  readonly collateral: string
  readonly lowFeed: string
  readonly highFeed: string
  /** How far the two answers may lie apart for a borrower, of the higher one, 1e5. */
  readonly maxOracleDeviation: bigint
  /** Asset atoms; none: no limit. */
  readonly depositLimit?: bigint | undefined
  readonly borrowLimit?: bigint | undefined
  readonly maxLtv: bigint
  readonly cleanLiquidationFee: bigint
  readonly dirtyLiquidationFee: bigint
  readonly protocolLiquidationFee: bigint
}

/** The variable rate: two lines that meet at the vertex; the rate of full utilisation grows and decays by half-lives. */
export type FraxlendRate = {
  readonly vertexUtilization: bigint
  readonly vertexRatePercentOfDelta: bigint
  readonly minTargetUtil: bigint
  readonly maxTargetUtil: bigint
  readonly zeroUtilizationRate: bigint
  readonly minFullUtilizationRate: bigint
  readonly maxFullUtilizationRate: bigint
  readonly rateHalfLife: bigint
}

/** A pair. `own`: collateral and asset shares that belong to the pair itself (fees). */
export type FraxlendState = {
  readonly config: FraxlendConfig
  readonly rate: FraxlendRate
  feeToProtocolRate: bigint
  lastTimestamp: bigint
  ratePerSec: bigint
  fullUtilizationRate: bigint
  readonly totalAsset: VaultAccount
  readonly totalBorrow: VaultAccount
  totalCollateral: bigint
  readonly liquidatePaused: boolean
  paused?: readonly ('withdraw' | 'repay')[] | undefined
  /** The answers read last, and when: a second call in the same second reads these. */
  exchange: { readonly lastTimestamp: bigint; readonly low: bigint; readonly high: bigint }
  /** Asset shares of the lenders. */
  readonly lenders: Map<string, bigint>
  readonly borrowers: Map<string, FraxlendBorrower>
  readonly own: { collateral: bigint; assetShares: bigint }
}

/** A borrower: collateral in atoms and debt in shares. */
export type FraxlendBorrower = { collateral: bigint; borrowShares: bigint }

/** Atoms that shares are worth. */
export function toAmount({ amount, shares: all }: VaultAccount, shares: bigint, roundUp: boolean): bigint {
  if (all === 0n) return shares
  const worth = div(mul(shares, amount), all)
  return roundUp && div(mul(worth, all), amount) < shares ? worth + 1n : worth
}

/** Shares that atoms are worth. */
export function toShares({ amount: all, shares }: VaultAccount, amount: bigint, roundUp: boolean): bigint {
  if (all === 0n) return amount
  const part = div(mul(amount, shares), all)
  return roundUp && div(mul(part, all), shares) < amount ? part + 1n : part
}

/** Rate of full utilisation after `elapsed` seconds at a utilisation, wad per second. */
export function fullUtilizationRate(rate: FraxlendRate, elapsed: bigint, utilization: bigint, before: bigint): bigint {
  const { minTargetUtil, maxTargetUtil, rateHalfLife, minFullUtilizationRate, maxFullUtilizationRate } = rate
  const whole = rateHalfLife * DECAY
  let next = before
  if (utilization < minTargetUtil) {
    const delta = ((minTargetUtil - utilization) * WAD) / minTargetUtil
    next = div(before * whole, whole + delta * delta * elapsed)
  } else if (utilization > maxTargetUtil) {
    const delta = div((utilization - maxTargetUtil) * WAD, sub(PRECISION, maxTargetUtil))
    next = div(mul(before, whole + mul(delta * delta, elapsed)), whole)
  }
  // The contract narrows to 64 bits before it bounds.
  next = uint64(next)
  if (next > maxFullUtilizationRate) return maxFullUtilizationRate
  return next < minFullUtilizationRate ? minFullUtilizationRate : next
}

/** Rate per second at a utilisation, wad, with the rate of full utilisation given; narrowed to 64 bits as the contract's answer is. */
export function rateAt(
  { vertexUtilization, vertexRatePercentOfDelta, zeroUtilizationRate }: FraxlendRate,
  utilization: bigint,
  full: bigint,
): bigint {
  const vertex = (sub(full, zeroUtilizationRate) * vertexRatePercentOfDelta) / WAD + zeroUtilizationRate
  if (utilization < vertexUtilization)
    return uint64(zeroUtilizationRate + (utilization * (vertex - zeroUtilizationRate)) / vertexUtilization)
  const above = mul(utilization - vertexUtilization, sub(full, vertex))
  return uint64(vertex + div(above, sub(PRECISION, vertexUtilization)))
}

const uint64 = (value: bigint) => BigInt.asUintN(64, value)

/** The value, when 128 bits hold it. */
export function uint128(value: bigint): bigint {
  return value > MAX_UINT128 ? revert("SafeCast: value doesn't fit in 128 bits") : value
}

/** What interest did: earned atoms, and the shares that the protocol was given for its part. */
export type FraxlendInterest = { readonly interestEarned: bigint; readonly feesShare: bigint }

/** Accrues to `time`. Interest that would leave 128 bits is not accrued, as in the contract. */
export function addInterest(state: FraxlendState, time: bigint): FraxlendInterest {
  const nothing = { interestEarned: 0n, feesShare: 0n }
  if (time === state.lastTimestamp) return nothing
  const { totalAsset, totalBorrow, rate } = state
  const elapsed = sub(time, state.lastTimestamp)
  const utilization = totalAsset.amount === 0n ? 0n : (PRECISION * totalBorrow.amount) / totalAsset.amount
  const full = fullUtilizationRate(rate, elapsed, utilization, state.fullUtilizationRate)
  const perSecond = rateAt(rate, utilization, full)
  const interestEarned = (elapsed * totalBorrow.amount * perSecond) / WAD
  state.ratePerSec = perSecond
  state.fullUtilizationRate = full
  state.lastTimestamp = time
  const fits = interestEarned + totalBorrow.amount <= MAX_UINT128 && interestEarned + totalAsset.amount <= MAX_UINT128
  if (interestEarned === 0n || !fits) return { interestEarned, feesShare: 0n }
  totalBorrow.amount += interestEarned
  totalAsset.amount += interestEarned
  const fees = (interestEarned * state.feeToProtocolRate) / PRECISION
  const feesShare = state.feeToProtocolRate > 0n ? (fees * totalAsset.shares) / (totalAsset.amount - fees) : 0n
  totalAsset.shares += feesShare
  state.own.assetShares += feesShare
  return { interestEarned, feesShare }
}

/** True while the loan-to-value is at most the pair's largest, at an exchange rate. */
export function isSolvent(
  { config, totalBorrow }: FraxlendState,
  { collateral, borrowShares }: FraxlendBorrower,
  exchangeRate: bigint,
): boolean {
  if (config.maxLtv === 0n) return true
  const owed = toAmount(totalBorrow, borrowShares, true)
  if (owed === 0n) return true
  if (collateral === 0n) return false
  return div(mul(div(mul(owed, exchangeRate), WAD), PRECISION), collateral) <= config.maxLtv
}

/** What a liquidation moved: collateral atoms, shares and asset atoms; `toAdjust` is what was written off. */
export type FraxlendLiquidation = FraxlendInterest & {
  readonly collateralForLiquidator: bigint
  readonly amountLiquidatorToRepay: bigint
  readonly feesAmount: bigint
  readonly sharesToAdjust: bigint
  readonly amountToAdjust: bigint
}

/** What a call asks. `low` reads the lower of the oracle's answers, once interest is in. */
export type FraxlendCall = {
  readonly borrower: string
  readonly shares: bigint
  readonly deadline: bigint
  readonly low: () => bigint
  readonly time: bigint
}

function collateralValueDown({ totalBorrow }: FraxlendState, shares: bigint, low: bigint): bigint {
  return div(mul(toAmount(totalBorrow, shares, false), low), WAD)
}

function withFeeDown(value: bigint, fee: bigint): bigint {
  return div(mul(value, PRECISION + fee), PRECISION)
}

/** The least shares whose liquidation takes all collateral at the clean fee; `undefined` when the whole debt does not. Interest is in. */
export function leastCleanShares(state: FraxlendState, borrower: FraxlendBorrower, low: bigint): bigint | undefined {
  const fee = state.config.cleanLiquidationFee
  const takesAll = (shares: bigint) => borrower.collateral <= withFeeDown(collateralValueDown(state, shares, low), fee)
  if (!takesAll(borrower.borrowShares)) return undefined
  let [below, enough] = [-1n, borrower.borrowShares]
  while (enough - below > 1n) {
    const middle = (below + enough) / 2n
    if (middle >= 0n && takesAll(middle)) enough = middle
    else below = middle
  }
  return enough
}

/** `liquidate(sharesToLiquidate, deadline, borrower)`. Reverts with the contract's error names. */
export function liquidate(
  state: FraxlendState,
  { borrower: name, shares, deadline, low: read, time }: FraxlendCall,
): FraxlendLiquidation {
  ensure(name !== '', 'InvalidReceiver')
  ensure(!state.liquidatePaused, 'LiquidatePaused')
  ensure(time <= deadline, 'PastDeadline')
  const interest = addInterest(state, time)
  const low = read()
  const borrower = state.borrowers.get(name) ?? { collateral: 0n, borrowShares: 0n }
  if (isSolvent(state, borrower, low)) revert('BorrowerSolvent')
  const { config, totalBorrow, totalAsset } = state
  const value = collateralValueDown(state, shares, low)
  const clean = withFeeDown(value, config.cleanLiquidationFee)
  const takesAll = borrower.collateral <= clean
  const seized = takesAll ? borrower.collateral : withFeeDown(value, config.dirtyLiquidationFee)
  const feesAmount = div(mul(config.protocolLiquidationFee, seized), PRECISION)
  const repaid = uint128(toAmount(totalBorrow, shares, true))
  const sharesToAdjust = takesAll ? sub(borrower.borrowShares, shares) : 0n
  const amountToAdjust = sharesToAdjust > 0n ? uint128(toAmount(totalBorrow, sharesToAdjust, false)) : 0n
  const gone = add(shares, sharesToAdjust)
  // Everything is checked before anything is written.
  const amount = sub(sub(totalBorrow.amount, amountToAdjust), repaid)
  const left = { shares: sub(totalBorrow.shares, gone), borrowShares: sub(borrower.borrowShares, gone) }
  const collateral = sub(borrower.collateral, seized)
  totalAsset.amount = sub(totalAsset.amount, amountToAdjust)
  totalBorrow.amount = amount
  totalBorrow.shares = left.shares
  borrower.borrowShares = left.borrowShares
  borrower.collateral = collateral
  state.own.collateral += feesAmount
  const collateralForLiquidator = seized - feesAmount
  state.totalCollateral = sub(state.totalCollateral, collateralForLiquidator)
  return {
    ...interest,
    collateralForLiquidator,
    amountLiquidatorToRepay: repaid,
    feesAmount,
    sharesToAdjust,
    amountToAdjust,
  }
}
