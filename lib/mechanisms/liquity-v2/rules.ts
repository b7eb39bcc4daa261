/**
 * Liquity v2 (BOLD): a trove below the minimum collateral ratio is closed. Its debt is offset against the stability pool as far as that reaches (one
 * BOLD always stays), collateral going to the depositors at a small penalty; the rest is redistributed over all troves by stake at a larger one; what
 * the penalties leave belongs to the owner. Interest is simple, per trove; the system's sum of it is minted first, rounded up.
 *
 * Amounts in wad; weighted debt in 1e36; `P` in 1e36 with scales of 1e9. Sources: liquity/bold@405f9122 `TroveManager.sol` (`batchLiquidateTroves`,
 * `_getOffsetAndRedistributionVals`), `StabilityPool.sol` (`offset`), `ActivePool.sol`; recorded cases: 200 golden ones. Batch managers are not
 * carried.
 */
import { div, ensure, max, min, mul, revert, sub } from '../solidity.ts'

/** 1.0 in fixed-point with 18 decimals. */
export const WAD = 10n ** 18n
const YEAR = 365n * 24n * 3600n
/** Where the pool's product begins. */
export const P_PRECISION = 10n ** 36n
const SCALE_FACTOR = 10n ** 9n
const SCALE_SPAN = 2n
/** After more scales than these nothing is left of a deposit. */
const MOST_SCALES = 8n
const GAS_DIVISOR = 200n
/** Most collateral that a liquidator gets of one trove. */
export const GAS_CAP = 2n * WAD
/** WETH that an owner leaves for whoever liquidates his trove. */
export const GAS_DEPOSIT = 37_500_000_000_000_000n
/** BOLD that always stays in the stability pool. */
export const MIN_BOLD = WAD
/** Part of minted interest that goes to the stability pool, wad. */
const POOL_SPLIT = 750_000_000_000_000_000n

/** Terms of a branch, wad. */
export type LiquityConfig = {
  readonly mcr: bigint
  readonly penaltyPool: bigint
  readonly penaltyRedistribution: bigint
}

/** A trove as recorded; `open`: active or zombie. Snapshots are the redistribution sums when it was last touched. */
export type Trove = {
  open: boolean
  debt: bigint
  coll: bigint
  stake: bigint
  lastDebtUpdateTime: bigint
  annualInterestRate: bigint
  snapshotColl: bigint
  snapshotBoldDebt: bigint
}

/** The stability pool; sums per scale. */
export type StabilityPool = {
  totalBoldDeposits: bigint
  P: bigint
  currentScale: bigint
  readonly scaleToS: bigint[]
  readonly scaleToB: bigint[]
  collBalance: bigint
  yieldGainsOwed: bigint
  yieldGainsPending: bigint
}

/** A branch. */
export type LiquityState = {
  readonly config: LiquityConfig
  readonly system: {
    totalStakes: bigint
    totalStakesSnapshot: bigint
    totalCollateralSnapshot: bigint
    L_coll: bigint
    L_boldDebt: bigint
    lastCollError: bigint
    lastBoldDebtError: bigint
  }
  readonly active: {
    collBalance: bigint
    aggRecordedDebt: bigint
    aggWeightedDebtSum: bigint
    lastAggUpdateTime: bigint
  }
  readonly redistributed: { collBalance: bigint; boldDebt: bigint }
  readonly pool: StabilityPool
  readonly troves: Map<string, Trove>
  /** When the branch was shut down, unix seconds: no interest from then on. */
  shutdownTime?: bigint | undefined
  /** BOLD of minted interest that did not go to the stability pool. */
  interestRouter?: bigint | undefined
}

/** A trove with interest and redistribution gains included. */
export type LatestTrove = {
  readonly entireDebt: bigint
  readonly entireColl: bigint
  readonly redistBoldDebtGain: bigint
  readonly redistCollGain: bigint
  readonly accruedInterest: bigint
}

/** A trove as of a time: interest rounded down. */
export function latestTrove({ system, shutdownTime }: LiquityState, trove: Trove, time: bigint): LatestTrove {
  const redistBoldDebtGain = (trove.stake * (system.L_boldDebt - trove.snapshotBoldDebt)) / WAD
  const redistCollGain = (trove.stake * (system.L_coll - trove.snapshotColl)) / WAD
  const until = shutdownTime === undefined ? time : max(shutdownTime, trove.lastDebtUpdateTime)
  const accruedInterest = interestDown(trove.debt * trove.annualInterestRate, until - trove.lastDebtUpdateTime)
  const entireDebt = trove.debt + redistBoldDebtGain + accruedInterest
  return { entireDebt, entireColl: trove.coll + redistCollGain, redistBoldDebtGain, redistCollGain, accruedInterest }
}

/** Simple interest of a weighted debt (debt · rate, 1e36) over a period in seconds. */
export function interestDown(weightedDebt: bigint, period: bigint): bigint {
  return (weightedDebt * period) / YEAR / WAD
}

/** Collateral ratio, wad; `undefined` without debt. */
export function collateralRatio({ entireColl, entireDebt }: LatestTrove, price: bigint): bigint | undefined {
  return entireDebt === 0n ? undefined : mul(entireColl, price) / entireDebt
}

/** How one trove's debt and collateral are divided. */
export type Division = {
  readonly debtToOffset: bigint
  readonly collToPool: bigint
  readonly collGasCompensation: bigint
  readonly debtToRedistribute: bigint
  readonly collToRedistribute: bigint
  readonly collSurplus: bigint
}

/** What a penalty allows to seize of a collateral for a debt (rounded down), and what is left for the owner. */
export function seizedOf(
  coll: bigint,
  debt: bigint,
  penalty: bigint,
  price: bigint,
): readonly [seized: bigint, surplus: bigint] {
  const most = div(mul(debt, WAD + penalty), price)
  return coll > most ? [most, coll - most] : [coll, 0n]
}

/** Divides a trove between pool, redistribution, liquidator and owner; `boldForOffsets` is what the pool may still give. */
export function divide(
  { penaltyPool, penaltyRedistribution }: LiquityConfig,
  debt: bigint,
  coll: bigint,
  boldForOffsets: bigint,
  price: bigint,
): Division {
  let [debtToOffset, portion, collGasCompensation, collToPool, collSurplus] = [0n, 0n, 0n, 0n, 0n]
  if (boldForOffsets > 0n) {
    debtToOffset = min(debt, boldForOffsets)
    portion = (coll * debtToOffset) / debt
    collGasCompensation = min(portion / GAS_DIVISOR, GAS_CAP)
    ;[collToPool, collSurplus] = seizedOf(portion - collGasCompensation, debtToOffset, penaltyPool, price)
  }
  const debtToRedistribute = debt - debtToOffset
  let collToRedistribute = 0n
  // The surplus of the offset part can be eaten up by the penalty of the redistributed one.
  if (debtToRedistribute > 0n && coll > portion)
    [collToRedistribute, collSurplus] = seizedOf(
      coll - portion + collSurplus,
      debtToRedistribute,
      penaltyRedistribution,
      price,
    )
  return { debtToOffset, collToPool, collGasCompensation, debtToRedistribute, collToRedistribute, collSurplus }
}

/** One closed trove. */
export type ClosedTrove = LatestTrove & { readonly trove: string; readonly division: Division }

/** What a call did: sums of the divisions, deposits of gas paid out, and the troves in order. */
export type LiquityLiquidation = Division & {
  readonly ethGasCompensation: bigint
  readonly closed: readonly ClosedTrove[]
}

/** `batchLiquidateTroves(ids)`: those that are open and below the minimum ratio; the others are skipped. Reverts with the contract's error names. */
export function batchLiquidate(
  state: LiquityState,
  ids: readonly string[],
  price: bigint,
  time: bigint,
): LiquityLiquidation {
  ensure(ids.length > 0, 'EmptyData')
  const { pool, config } = state
  let left = pool.totalBoldDeposits - min(MIN_BOLD, pool.totalBoldDeposits)
  const closed: ClosedTrove[] = []
  let weighted = 0n
  for (const id of ids) {
    const trove = state.troves.get(id)
    if (!trove?.open) continue
    const latest = latestTrove(state, trove, time)
    const ratio = collateralRatio(latest, price)
    if (ratio === undefined || ratio >= config.mcr) continue
    // Divided first, as in the contract: at a price of zero the last trove meets the division before it is found to be the last.
    const division = divide(config, latest.entireDebt, latest.entireColl, left, price)
    ensure(hasOther(state, id), 'OnlyOneTroveLeft')
    left -= division.debtToOffset
    weighted += trove.debt * trove.annualInterestRate
    closeTrove(state, trove, latest)
    closed.push({ ...latest, trove: id, division })
  }
  if (closed.length === 0) revert('NothingToLiquidate')
  const sum = sumOf(closed.map(({ division }) => division))
  const gains = closed.reduce((total, one) => total + one.redistBoldDebtGain, 0n)
  const debts = closed.reduce((total, one) => total + one.entireDebt, 0n)
  mintInterest(state, time)
  state.active.aggRecordedDebt = sub(state.active.aggRecordedDebt + gains, debts)
  state.active.aggWeightedDebtSum = sub(state.active.aggWeightedDebtSum, weighted)
  if (sum.debtToOffset > 0n || sum.collToPool > 0n) offset(state, sum.debtToOffset, sum.collToPool)
  redistribute(state, sum.debtToRedistribute, sum.collToRedistribute)
  state.active.collBalance = sub(state.active.collBalance, sum.collSurplus)
  state.system.totalStakesSnapshot = state.system.totalStakes
  state.system.totalCollateralSnapshot =
    state.active.collBalance - sum.collGasCompensation + state.redistributed.collBalance
  state.active.collBalance = sub(state.active.collBalance, sum.collGasCompensation)
  return { ...sum, ethGasCompensation: GAS_DEPOSIT * BigInt(closed.length), closed }
}

/** True when another trove is open. */
export function hasOther({ troves }: LiquityState, id: string): boolean {
  for (const [other, { open }] of troves) if (open && other !== id) return true
  return false
}

/** Moves the trove's redistribution gains back to the active pool and wipes it out. */
function closeTrove({ system, active, redistributed }: LiquityState, trove: Trove, latest: LatestTrove): void {
  redistributed.boldDebt = sub(redistributed.boldDebt, latest.redistBoldDebtGain)
  redistributed.collBalance = sub(redistributed.collBalance, latest.redistCollGain)
  active.collBalance += latest.redistCollGain
  system.totalStakes -= trove.stake
  trove.open = false
  trove.debt = 0n
  trove.coll = 0n
  trove.stake = 0n
}

function sumOf(divisions: readonly Division[]): Division {
  const sum = (pick: (one: Division) => bigint) => divisions.reduce((total, one) => total + pick(one), 0n)
  return {
    debtToOffset: sum((one) => one.debtToOffset),
    collToPool: sum((one) => one.collToPool),
    collGasCompensation: sum((one) => one.collGasCompensation),
    debtToRedistribute: sum((one) => one.debtToRedistribute),
    collToRedistribute: sum((one) => one.collToRedistribute),
    collSurplus: sum((one) => one.collSurplus),
  }
}

/** Interest of all troves since the last time, rounded up; none after a shutdown. */
export function pendingInterestUp({ active, shutdownTime }: LiquityState, time: bigint): bigint {
  const due = active.aggWeightedDebtSum * (time - active.lastAggUpdateTime)
  return due === 0n || shutdownTime !== undefined ? 0n : (due - 1n) / (YEAR * WAD) + 1n
}

/** Mints that interest and an upfront fee; three quarters go to the stability pool. */
export function mintInterest(state: LiquityState, time: bigint, upfrontFee = 0n): void {
  const { active } = state
  const minted = pendingInterestUp(state, time) + upfrontFee
  active.aggRecordedDebt += minted
  active.lastAggUpdateTime = time
  const toPool = (POOL_SPLIT * minted) / WAD
  state.interestRouter = (state.interestRouter ?? 0n) + minted - toPool
  if (toPool > 0n) yieldToPool(state.pool, toPool)
}

/** Gives BOLD to the depositors; it waits as long as the pool holds less than one. */
export function yieldToPool(pool: StabilityPool, amount: bigint): void {
  const yielded = pool.yieldGainsPending + amount
  if (yielded === 0n) return
  if (pool.totalBoldDeposits < MIN_BOLD) {
    pool.yieldGainsPending = yielded
    return
  }
  pool.yieldGainsOwed += yielded
  pool.yieldGainsPending = 0n
  addTo(pool.scaleToB, pool.currentScale, (pool.P * yielded) / pool.totalBoldDeposits)
}

function addTo(sums: bigint[], scale: bigint, amount: bigint): void {
  sums[Number(scale)] = (sums[Number(scale)] ?? 0n) + amount
}

/** Burns debt against the deposits and gives the depositors its collateral. */
function offset({ pool, active }: LiquityState, debt: bigint, coll: bigint): void {
  addTo(pool.scaleToS, pool.currentScale, (pool.P * coll) / pool.totalBoldDeposits)
  let numerator = pool.P * (pool.totalBoldDeposits - debt)
  let next = numerator / pool.totalBoldDeposits
  ensure(next > 0n, 'P must never decrease to 0')
  while (next < P_PRECISION / SCALE_FACTOR) {
    numerator *= SCALE_FACTOR
    next = numerator / pool.totalBoldDeposits
    pool.currentScale += 1n
  }
  pool.P = next
  pool.totalBoldDeposits -= debt
  pool.collBalance += coll
  active.collBalance = sub(active.collBalance, coll)
}

/** Adds debt and collateral to the sums per unit staked; what division leaves is carried to the next time. */
function redistribute({ system, active, redistributed }: LiquityState, debt: bigint, coll: bigint): void {
  if (debt === 0n) return
  const collNumerator = coll * WAD + system.lastCollError
  const debtNumerator = debt * WAD + system.lastBoldDebtError
  const collPerUnit = div(collNumerator, system.totalStakes)
  const debtPerUnit = div(debtNumerator, system.totalStakes)
  system.lastCollError = collNumerator - collPerUnit * system.totalStakes
  system.lastBoldDebtError = debtNumerator - debtPerUnit * system.totalStakes
  system.L_coll += collPerUnit
  system.L_boldDebt += debtPerUnit
  redistributed.boldDebt += debt
  redistributed.collBalance += coll
  active.collBalance = sub(active.collBalance, coll)
}

/** A deposit with the pool's sums of when it was made. */
export type PoolDeposit = {
  readonly initial: bigint
  readonly P: bigint
  readonly S: bigint
  readonly B?: bigint | undefined
  readonly scale: bigint
}

/** What is left of a deposit, BOLD: each scale passed divides by 1e9. */
export function compoundedDeposit({ P, currentScale }: StabilityPool, deposit: PoolDeposit): bigint {
  const passed = currentScale - deposit.scale
  return deposit.initial === 0n || passed > MOST_SCALES
    ? 0n
    : (deposit.initial * P) / deposit.P / SCALE_FACTOR ** passed
}

/** Collateral that a deposit has gained: from its own scale and the next two. */
export function depositCollGain({ scaleToS, collBalance }: StabilityPool, deposit: PoolDeposit): bigint {
  return min(gained(scaleToS, deposit, deposit.S), collBalance)
}

/** BOLD of interest that a deposit has gained, likewise. */
export function depositYieldGain({ scaleToB, yieldGainsOwed }: StabilityPool, deposit: PoolDeposit): bigint {
  return min(gained(scaleToB, deposit, deposit.B ?? 0n), yieldGainsOwed)
}

function gained(sums: readonly bigint[], { initial, P, scale }: PoolDeposit, since: bigint): bigint {
  if (initial === 0n) return 0n
  let gains = (sums[Number(scale)] ?? 0n) - since
  for (let ahead = 1n; ahead <= SCALE_SPAN; ahead++)
    gains += (sums[Number(scale + ahead)] ?? 0n) / SCALE_FACTOR ** ahead
  return (initial * gains) / P
}
