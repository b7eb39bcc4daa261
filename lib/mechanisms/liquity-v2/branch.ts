/**
 * Liquity v2: a branch (one collateral with its troves, pool and terms) and what every change of a trove does to it.
 *
 * - CCR: below it no new debt; SCR: below it anybody may shut the branch down: no interest, no new debt, debt may be paid with a 2 % bonus.
 * - upfront fee: seven days of interest at the branch's average rate, on new debt and on a rate changed within seven days.
 * - zombie: a trove that redemption left with less than 2,000 BOLD of debt; out of the order, but open.
 *
 * Amounts and rates in wad. Source: liquity/bold@405f9122 `ActivePool.sol`, `TroveManager.sol`, `SortedTroves.sol`, `Constants.sol`.
 */
import { ensure, revert, sub } from '../solidity.ts'
import {
  type LatestTrove,
  type LiquityConfig,
  type LiquityState,
  latestTrove,
  mintInterest,
  P_PRECISION,
  type PoolDeposit,
  pendingInterestUp,
  type Trove,
  WAD,
} from './rules.ts'

/** Least debt of a trove, BOLD. */
export const MIN_DEBT = 2_000n * WAD

/** Terms of a branch, wad. */
export type BoldConfig = LiquityConfig & { readonly ccr: bigint; readonly scr: bigint }

/** A trove with its owner and place. */
export type BoldTrove = Trove & { readonly owner: string; zombie: boolean; lastInterestRateAdjTime: bigint }

/** A branch. `order`: troves that are no zombies by falling interest rate; the last one is redeemed first. */
export type BoldBranch = Omit<LiquityState, 'config' | 'troves' | 'interestRouter'> & {
  readonly config: BoldConfig
  readonly collateral: string
  /** Feed of dollars per whole collateral, wad. */
  readonly feed: string
  readonly troves: Map<string, BoldTrove>
  readonly order: string[]
  /** The zombie that is redeemed before all others. */
  lastZombie: string
  readonly deposits: Map<string, PoolDeposit>
  /** Collateral gains that depositors left in the pool, and collateral that owners may claim. */
  readonly stashed: Map<string, bigint>
  readonly surplus: Map<string, bigint>
  /** WETH left for liquidators. */
  gasPool: bigint
  interestRouter: bigint
}

/** A branch without troves. */
export function emptyBranch(collateral: string, feed: string, config: BoldConfig): BoldBranch {
  return {
    ...{ collateral, feed, config, troves: new Map(), order: [], lastZombie: '', deposits: new Map() },
    ...{ stashed: new Map(), surplus: new Map(), gasPool: 0n, interestRouter: 0n, shutdownTime: undefined },
    system: {
      ...{ totalStakes: 0n, totalStakesSnapshot: 0n, totalCollateralSnapshot: 0n },
      ...{ L_coll: 0n, L_boldDebt: 0n, lastCollError: 0n, lastBoldDebtError: 0n },
    },
    active: { collBalance: 0n, aggRecordedDebt: 0n, aggWeightedDebtSum: 0n, lastAggUpdateTime: 0n },
    redistributed: { collBalance: 0n, boldDebt: 0n },
    pool: {
      ...{ totalBoldDeposits: 0n, P: P_PRECISION, currentScale: 0n, scaleToS: [], scaleToB: [] },
      ...{ collBalance: 0n, yieldGainsOwed: 0n, yieldGainsPending: 0n },
    },
  }
}

/** The terms of the WETH branch (110/150/110 %, redistribution 10 %) or of staked ether (120/160/120 %, 20 %). */
export function boldTerms(kind: 'WETH' | 'staked'): BoldConfig {
  const percent = WAD / 100n
  const [mcr, ccr] = kind === 'WETH' ? [110n, 150n] : [120n, 160n]
  return {
    ...{ mcr: mcr * percent, ccr: ccr * percent, scr: mcr * percent },
    ...{ penaltyPool: 5n * percent, penaltyRedistribution: (kind === 'WETH' ? 10n : 20n) * percent },
  }
}

/** An open trove of a branch. */
export function openTroveOf(branch: BoldBranch, id: string): BoldTrove {
  return branch.troves.get(id) ?? revert('TroveNotOpen')
}

/** Ratio of a branch, wad, rounded down; `undefined` without debt. */
export function branchRatio(branch: BoldBranch, price: bigint, time: bigint, change?: TroveChange): bigint | undefined {
  const coll = branch.active.collBalance + branch.redistributed.collBalance
  const newColl = sub(coll + (change?.collIncrease ?? 0n), change?.collDecrease ?? 0n)
  const added = (change?.debtIncrease ?? 0n) + (change?.upfrontFee ?? 0n)
  const debt = sub(branchDebt(branch, time) + added, change?.debtDecrease ?? 0n)
  return debt === 0n ? undefined : (newColl * price) / debt
}

/** All debt of a branch with interest to come, BOLD. */
export function branchDebt(branch: BoldBranch, time: bigint): bigint {
  return branch.active.aggRecordedDebt + pendingInterestUp(branch, time) + branch.redistributed.boldDebt
}

/** True when a ratio is below a bound; without debt there is none. */
export function below(ratio: bigint | undefined, bound: bigint): boolean {
  return ratio !== undefined && ratio < bound
}

/** How an action changes a trove; weighted debts in 1e36. */
export type TroveChange = {
  collIncrease: bigint
  collDecrease: bigint
  debtIncrease: bigint
  debtDecrease: bigint
  upfrontFee: bigint
  appliedDebtGain: bigint
  oldWeighted: bigint
  newWeighted: bigint
}

/** No change. */
export function noChange(): TroveChange {
  return {
    ...{ collIncrease: 0n, collDecrease: 0n, debtIncrease: 0n, debtDecrease: 0n },
    ...{ upfrontFee: 0n, appliedDebtGain: 0n, oldWeighted: 0n, newWeighted: 0n },
  }
}

/** Average interest rate of the branch after a change, wad, rounded down. */
export function averageRateDown(branch: BoldBranch, change: TroveChange, time: bigint): bigint {
  const { active, shutdownTime } = branch
  if (shutdownTime !== undefined) return 0n
  const debt = active.aggRecordedDebt + pendingInterestUp(branch, time) + change.appliedDebtGain + change.debtIncrease
  const left = sub(debt, change.debtDecrease)
  return left === 0n ? 0n : sub(active.aggWeightedDebtSum + change.newWeighted, change.oldWeighted) / left
}

/** Mints interest and fee and books a change in the branch's sums. */
export function account(branch: BoldBranch, change: TroveChange, time: bigint): void {
  const { active } = branch
  mintInterest(branch, time, change.upfrontFee)
  active.aggRecordedDebt = sub(
    active.aggRecordedDebt + change.appliedDebtGain + change.debtIncrease,
    change.debtDecrease,
  )
  active.aggWeightedDebtSum = sub(active.aggWeightedDebtSum + change.newWeighted, change.oldWeighted)
}

/**
 * Records a trove's new debt and collateral as of now, its redistribution gains moved to the active pool. The stake stays: only opening, adjusting
 * and redeeming set it anew (`TroveManager.sol` `_updateStakeAndTotalStakes`); a new rate and applied debt do not (`onAdjustTroveInterestRate`,
 * `onApplyTroveInterest`).
 */
export function recordTrove(
  branch: BoldBranch,
  trove: BoldTrove,
  { debt, coll, latest }: { readonly debt: bigint; readonly coll: bigint; readonly latest: LatestTrove },
  time: bigint,
): void {
  trove.debt = debt
  trove.coll = coll
  trove.lastDebtUpdateTime = time
  movePending(branch, latest)
  trove.snapshotColl = branch.system.L_coll
  trove.snapshotBoldDebt = branch.system.L_boldDebt
}

/** Gives a trove the stake of its collateral, rounded down. */
export function updateStake({ system }: BoldBranch, trove: BoldTrove): void {
  const { totalStakesSnapshot, totalCollateralSnapshot } = system
  const stake =
    totalCollateralSnapshot === 0n ? trove.coll : (trove.coll * totalStakesSnapshot) / totalCollateralSnapshot
  system.totalStakes = sub(system.totalStakes, trove.stake) + stake
  trove.stake = stake
}

/** Moves redistribution gains from the default pool to the active one. */
export function movePending({ active, redistributed }: BoldBranch, latest: LatestTrove): void {
  redistributed.boldDebt = sub(redistributed.boldDebt, latest.redistBoldDebtGain)
  redistributed.collBalance = sub(redistributed.collBalance, latest.redistCollGain)
  active.collBalance += latest.redistCollGain
}

/** Puts a trove in the order: after all that pay as much or more. */
export function insertByRate(branch: BoldBranch, id: string, rate: bigint): void {
  let [low, high] = [0, branch.order.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((branch.troves.get(branch.order[middle] ?? '')?.annualInterestRate ?? 0n) >= rate) low = middle + 1
    else high = middle
  }
  branch.order.splice(low, 0, id)
}

/** Forgets a closed trove: order, zombie mark, record. Its stake is the caller's business. */
export function forgetTrove(branch: BoldBranch, id: string): void {
  const place = branch.order.indexOf(id)
  if (place >= 0) branch.order.splice(place, 1)
  if (branch.lastZombie === id) branch.lastZombie = ''
  branch.troves.delete(id)
}

/** A trove as of now. */
export function latestOf(branch: BoldBranch, trove: BoldTrove, time: bigint): LatestTrove {
  return latestTrove(branch, trove, time)
}

/** Refuses what a branch that was shut down no longer does. */
export function ensureRunning(branch: BoldBranch): void {
  ensure(branch.shutdownTime === undefined, 'IsShutDown')
}
