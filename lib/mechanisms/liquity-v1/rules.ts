/**
 * Liquity v1 (LUSD): state, ratios, what a liquidation takes, and how losses spread over the other troves.
 *
 * - ICR, TCR: collateral · price / debt of one trove and of all, wad. MCR 110 %, CCR 150 %: below it the system is in recovery mode.
 * - debt includes the fee and 200 LUSD for whoever liquidates; he also gets 0.5 % of the collateral.
 * - stake: a trove's claim in redistributions; corrected by snapshots so that later troves do not share earlier gains.
 * - L_ETH, L_LUSDDebt: collateral and debt redistributed per unit staked; what division leaves is carried to the next time.
 *
 * Amounts in wad. Source: liquity/dev@b9a16d05 (as deployed in April 2021), `TroveManager.sol` (`_getOffsetAndRedistributionVals`,
 * `_getCappedOffsetVals`, `_redistributeDebtAndColl`, `_computeNewStake`), `LiquityBase.sol`, `LiquityMath.sol`, `SortedTroves.sol`.
 */
import { ensure, MAX_UINT256, min, mul, revert } from '../solidity.ts'
import type { LusdPool } from './pool.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
/** Least ratio of a trove, wad. */
export const MCR = 1_100_000_000_000_000_000n
/** Below this ratio of all troves together recovery mode begins, wad. */
export const CCR = 1_500_000_000_000_000_000n
/** LUSD set aside when a trove is opened, for whoever liquidates it. */
export const LUSD_GAS_COMPENSATION = 200n * WAD
/** Least debt of a trove without the reserve, LUSD. */
export const MIN_NET_DEBT = 1_800n * WAD
/** The liquidator's part of the collateral is one in so many. */
const PERCENT_DIVISOR = 200n
const NICR_PRECISION = 10n ** 20n

/** An open trove. Snapshots are the redistribution sums when it was last touched. */
export type LusdTrove = { debt: bigint; coll: bigint; stake: bigint; snapshotETH: bigint; snapshotLUSDDebt: bigint }

/** The whole system. `order`: accounts by falling nominal ratio; the last one is the riskiest. */
export type LusdState = {
  /** Feed of dollars per ETH, wad. */
  readonly feed: string
  /** No redemptions during the first 14 days after this, unix seconds. */
  readonly deployedAt: bigint
  readonly troves: Map<string, LusdTrove>
  readonly order: string[]
  readonly system: {
    totalStakes: bigint
    totalStakesSnapshot: bigint
    totalCollateralSnapshot: bigint
    L_ETH: bigint
    L_LUSDDebt: bigint
    lastETHError: bigint
    lastLUSDDebtError: bigint
  }
  /** Collateral and debt of the troves as recorded, and what was redistributed but not yet added to them. */
  readonly active: { coll: bigint; debt: bigint }
  readonly redistributed: { coll: bigint; debt: bigint }
  /** What owners may claim after a redemption or a capped liquidation, ETH. */
  readonly surplus: Map<string, bigint>
  readonly fees: {
    baseRate: bigint
    /** Unix seconds. */
    lastFeeOperationTime: bigint
    /** LUSD set aside for liquidators; fees that belong to LQTY stakers. */
    gasPool: bigint
    stakersLUSD: bigint
    stakersETH: bigint
  }
  readonly pool: LusdPool
}

/** `a − b`; reverts with SafeMath's own words. */
export function subtract(a: bigint, b: bigint): bigint {
  return b > a ? revert('SafeMath: subtraction overflow') : a - b
}

/** Ratio, wad, rounded down; the greatest integer without debt. */
export function ratioDown(coll: bigint, debt: bigint, price: bigint): bigint {
  return debt > 0n ? mul(coll, price) / debt : MAX_UINT256
}

/** Ratio without price, for the order of troves. */
export function nominalRatioDown(coll: bigint, debt: bigint): bigint {
  return debt > 0n ? mul(coll, NICR_PRECISION) / debt : MAX_UINT256
}

/** A trove with what was redistributed to it, rounded down. */
export type LatestLusdTrove = {
  readonly debt: bigint
  readonly coll: bigint
  readonly pendingDebt: bigint
  readonly pendingColl: bigint
}

/** A trove as it stands. */
export function latestTrove({ system }: LusdState, trove: LusdTrove): LatestLusdTrove {
  const pendingColl = (trove.stake * (system.L_ETH - trove.snapshotETH)) / WAD
  const pendingDebt = (trove.stake * (system.L_LUSDDebt - trove.snapshotLUSDDebt)) / WAD
  return { debt: trove.debt + pendingDebt, coll: trove.coll + pendingColl, pendingDebt, pendingColl }
}

/** Collateral and debt of all troves. */
export function entireSystem({ active, redistributed }: LusdState): { readonly coll: bigint; readonly debt: bigint } {
  return { coll: active.coll + redistributed.coll, debt: active.debt + redistributed.debt }
}

/** Ratio of all troves together, wad. */
export function totalRatio(state: LusdState, price: bigint): bigint {
  const { coll, debt } = entireSystem(state)
  return ratioDown(coll, debt, price)
}

/** How one trove's debt and collateral are divided; `collSurplus` stays the owner's. */
export type LusdDivision = {
  readonly entireDebt: bigint
  readonly entireColl: bigint
  readonly collGasCompensation: bigint
  readonly debtToOffset: bigint
  readonly collToPool: bigint
  readonly debtToRedistribute: bigint
  readonly collToRedistribute: bigint
  readonly collSurplus: bigint
}

/** In normal mode, and in recovery mode between 100 and 110 %: against the pool as far as it reaches, the rest to the other troves. */
export function divideNormal({ debt, coll }: LatestLusdTrove, poolLeft: bigint): LusdDivision {
  const collGasCompensation = coll / PERCENT_DIVISOR
  const left = coll - collGasCompensation
  const debtToOffset = min(debt, poolLeft)
  const collToPool = debtToOffset === 0n ? 0n : mul(left, debtToOffset) / debt
  return {
    ...{ entireDebt: debt, entireColl: coll, collGasCompensation, debtToOffset, collToPool },
    ...{ debtToRedistribute: debt - debtToOffset, collToRedistribute: left - collToPool, collSurplus: 0n },
  }
}

/** In recovery mode: by the trove's ratio one of three ways; `undefined` where it is left alone. */
export function divideRecovery(
  trove: LatestLusdTrove,
  poolLeft: bigint,
  price: bigint,
  tcr: bigint,
): LusdDivision | undefined {
  const icr = ratioDown(trove.coll, trove.debt, price)
  // At or below 100 % the pool would lose: everything goes to the other troves.
  if (icr <= WAD) return divideNormal(trove, 0n)
  if (icr < MCR) return divideNormal(trove, poolLeft)
  if (icr >= tcr || trove.debt > poolLeft) return undefined
  const capped = mul(trove.debt, MCR) / price
  const collGasCompensation = capped / PERCENT_DIVISOR
  return {
    ...{ entireDebt: trove.debt, entireColl: trove.coll, collGasCompensation, debtToOffset: trove.debt },
    ...{ collToPool: capped - collGasCompensation, collSurplus: subtract(trove.coll, capped) },
    ...{ debtToRedistribute: 0n, collToRedistribute: 0n },
  }
}

/** Moves what was redistributed to a trove from the default pool to the active one. */
export function movePending({ active, redistributed }: LusdState, { pendingDebt, pendingColl }: LatestLusdTrove): void {
  redistributed.debt = subtract(redistributed.debt, pendingDebt)
  redistributed.coll = subtract(redistributed.coll, pendingColl)
  active.debt += pendingDebt
  active.coll += pendingColl
}

/** Adds what was redistributed to a trove to it (`_applyPendingRewards`). */
export function applyPending(state: LusdState, trove: LusdTrove): void {
  if (trove.snapshotETH >= state.system.L_ETH) return
  const latest = latestTrove(state, trove)
  trove.coll = latest.coll
  trove.debt = latest.debt
  trove.snapshotETH = state.system.L_ETH
  trove.snapshotLUSDDebt = state.system.L_LUSDDebt
  movePending(state, latest)
}

/** Gives a trove the stake of its collateral. */
export function updateStake({ system }: LusdState, trove: LusdTrove): void {
  const { totalStakesSnapshot, totalCollateralSnapshot } = system
  ensure(totalCollateralSnapshot === 0n || totalStakesSnapshot > 0n, 'invalid opcode')
  const stake =
    totalCollateralSnapshot === 0n ? trove.coll : mul(trove.coll, totalStakesSnapshot) / totalCollateralSnapshot
  system.totalStakes = subtract(system.totalStakes, trove.stake) + stake
  trove.stake = stake
}

/** Takes a trove out of the system: stake, record, order. The last one may not leave. */
export function closeTrove(state: LusdState, account: string, trove: LusdTrove): void {
  state.system.totalStakes = subtract(state.system.totalStakes, trove.stake)
  ensure(state.order.length > 1, 'TroveManager: Only one trove in the system')
  state.troves.delete(account)
  state.order.splice(state.order.indexOf(account), 1)
}

/** Puts a trove at its place: before the first whose nominal ratio is not greater, as the contract does without hints. */
export function insertInOrder(state: LusdState, account: string, nicr: bigint): void {
  let [low, high] = [0, state.order.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = state.troves.get(state.order[middle] ?? '')
    const latest = other ? latestTrove(state, other) : { coll: 0n, debt: 0n }
    if (nominalRatioDown(latest.coll, latest.debt) > nicr) low = middle + 1
    else high = middle
  }
  state.order.splice(low, 0, account)
}

/** Spreads debt and collateral over all stakes; what division leaves is carried to the next time. */
export function redistribute({ system, active, redistributed }: LusdState, debt: bigint, coll: bigint): void {
  if (debt === 0n) return
  const collNumerator = mul(coll, WAD) + system.lastETHError
  const debtNumerator = mul(debt, WAD) + system.lastLUSDDebtError
  ensure(system.totalStakes > 0n, 'SafeMath: division by zero')
  const collPerUnit = collNumerator / system.totalStakes
  const debtPerUnit = debtNumerator / system.totalStakes
  system.lastETHError = collNumerator - collPerUnit * system.totalStakes
  system.lastLUSDDebtError = debtNumerator - debtPerUnit * system.totalStakes
  system.L_ETH += collPerUnit
  system.L_LUSDDebt += debtPerUnit
  active.debt = subtract(active.debt, debt)
  redistributed.debt += debt
  active.coll = subtract(active.coll, coll)
  redistributed.coll += coll
}
