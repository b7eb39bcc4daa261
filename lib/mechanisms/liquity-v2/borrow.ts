/**
 * Liquity v2: opening, changing and closing a trove, its interest rate, and shutting a branch down.
 * Source: liquity/bold@405f9122 `BorrowerOperations.sol`, `TroveManager.sol` (`onOpenTrove`, `onAdjustTrove`, `onCloseTrove`).
 */
import { ensure, min, mul, revert, sub, zeroFloorSub } from '../solidity.ts'
import {
  account,
  averageRateDown,
  type BoldBranch,
  type BoldTrove,
  below,
  branchRatio,
  ensureRunning,
  forgetTrove,
  insertByRate,
  latestOf,
  MIN_DEBT,
  movePending,
  noChange,
  openTroveOf,
  recordTrove,
  type TroveChange,
  updateStake,
} from './branch.ts'
import { GAS_DEPOSIT, hasOther, interestDown, mintInterest, WAD } from './rules.ts'

const UPFRONT_PERIOD = 7n * 86_400n
const RATE_COOLDOWN = 7n * 86_400n
const MIN_RATE = WAD / 200n
const MAX_RATE = (WAD * 5n) / 2n
/** Whoever closes a trove or sets its rate is asked by its token first, which a trove that is not open lacks. */
const NO_OWNER = 'ERC721: invalid token ID'

/** The moment as a branch sees it: price in wad, unix seconds. */
export type Now = { readonly price: bigint; readonly time: bigint }

function ensureRate(rate: bigint): void {
  ensure(rate >= MIN_RATE, 'InterestRateTooLow')
  ensure(rate <= MAX_RATE, 'InterestRateTooHigh')
}

function ensureSafe(branch: BoldBranch, coll: bigint, debt: bigint, price: bigint): void {
  ensure(mul(coll, price) / debt >= branch.config.mcr, 'ICRBelowMCR')
}

/** Sets the change's fee: seven days of the average rate on `debt`, rounded down. */
function chargeFee(branch: BoldBranch, change: TroveChange, debt: bigint, most: bigint, time: bigint): void {
  change.upfrontFee = interestDown(debt * averageRateDown(branch, change, time), UPFRONT_PERIOD)
  ensure(change.upfrontFee <= most, 'UpfrontFeeTooHigh')
}

/** What somebody asks for when opening a trove; he also leaves 0.0375 WETH. */
export type BoldOpening = {
  readonly trove: string
  readonly owner: string
  readonly coll: bigint
  readonly bold: bigint
  readonly rate: bigint
  readonly maxUpfrontFee: bigint
}

/** Opens a trove. */
export function openTrove(branch: BoldBranch, asked: BoldOpening, { price, time }: Now): TroveChange {
  const { trove: id, owner, coll, bold, rate } = asked
  ensureRate(rate)
  ensureRunning(branch)
  ensure(!branch.troves.has(id), 'TroveExists')
  const change = { ...noChange(), collIncrease: coll, debtIncrease: bold, newWeighted: bold * rate }
  chargeFee(branch, change, bold, asked.maxUpfrontFee, time)
  const debt = bold + change.upfrontFee
  ensure(debt >= MIN_DEBT, 'DebtBelowMin')
  change.newWeighted = debt * rate
  ensureSafe(branch, coll, debt, price)
  ensure(!below(branchRatio(branch, price, time, change), branch.config.ccr), 'TCRBelowCCR')
  account(branch, change, time)
  branch.active.collBalance += coll
  branch.gasPool += GAS_DEPOSIT
  const trove: BoldTrove = {
    ...{ open: true, debt: 0n, coll: 0n, stake: 0n, lastDebtUpdateTime: time, annualInterestRate: rate },
    ...{ snapshotColl: 0n, snapshotBoldDebt: 0n, owner, zombie: false, lastInterestRateAdjTime: time },
  }
  const none = { entireDebt: 0n, entireColl: 0n, redistBoldDebtGain: 0n, redistCollGain: 0n, accruedInterest: 0n }
  recordTrove(branch, trove, { debt, coll, latest: none }, time)
  updateStake(branch, trove)
  insertByRate(branch, id, rate)
  branch.troves.set(id, trove)
  return change
}

/** A change of a trove, amounts in and out. A zombie that is whole again returns to the order. */
export type BoldAdjustment = {
  readonly trove: string
  readonly collIn: bigint
  readonly collOut: bigint
  readonly boldIn: bigint
  readonly boldOut: bigint
  readonly maxUpfrontFee: bigint
}

/** Changes a trove; a repayment is cut down to what leaves the least debt. */
export function adjustTrove(branch: BoldBranch, asked: BoldAdjustment, { price, time }: Now): TroveChange {
  const trove = branch.troves.get(asked.trove) ?? revert('TroveNotActive')
  ensureRunning(branch)
  const critical = below(branchRatio(branch, price, time), branch.config.ccr)
  const latest = latestOf(branch, trove, time)
  const repaid = min(asked.boldIn, zeroFloorSub(latest.entireDebt, MIN_DEBT))
  ensure(asked.collIn + asked.collOut + asked.boldOut + repaid > 0n, 'ZeroAdjustment')
  ensure(asked.collOut <= latest.entireColl, 'CollWithdrawalTooHigh')
  const coll = latest.entireColl + asked.collIn - asked.collOut
  let debt = sub(latest.entireDebt + asked.boldOut, repaid)
  const change: TroveChange = {
    ...noChange(),
    ...{ collIncrease: asked.collIn, collDecrease: asked.collOut, debtIncrease: asked.boldOut, debtDecrease: repaid },
    appliedDebtGain: latest.redistBoldDebtGain,
    oldWeighted: trove.debt * trove.annualInterestRate,
    newWeighted: debt * trove.annualInterestRate,
  }
  if (asked.boldOut > 0n) {
    chargeFee(branch, change, asked.boldOut, asked.maxUpfrontFee, time)
    debt += change.upfrontFee
    change.newWeighted = debt * trove.annualInterestRate
  }
  ensure(debt >= MIN_DEBT, 'DebtBelowMin')
  ensureSafe(branch, coll, debt, price)
  const newRatio = branchRatio(branch, price, time, change)
  if (critical) {
    ensure(asked.boldOut === 0n || !below(newRatio, branch.config.ccr), 'TCRBelowCCR')
    ensure(repaid * WAD >= asked.collOut * price, 'RepaymentNotMatchingCollWithdrawal')
  } else ensure(!below(newRatio, branch.config.ccr), 'TCRBelowCCR')
  recordTrove(branch, trove, { debt, coll, latest }, time)
  updateStake(branch, trove)
  account(branch, change, time)
  branch.active.collBalance = sub(branch.active.collBalance + asked.collIn, asked.collOut)
  if (trove.zombie) revive(branch, asked.trove, trove)
  return change
}

function revive(branch: BoldBranch, id: string, trove: BoldTrove): void {
  trove.zombie = false
  if (branch.lastZombie === id) branch.lastZombie = ''
  insertByRate(branch, id, trove.annualInterestRate)
}

/** Changes a trove's interest rate; within seven days of the last change the upfront fee is due on all its debt. */
export function setRate(
  branch: BoldBranch,
  asked: { readonly trove: string; readonly rate: bigint; readonly maxUpfrontFee: bigint },
  { price, time }: Now,
): TroveChange {
  ensureRunning(branch)
  ensureRate(asked.rate)
  const trove = branch.troves.get(asked.trove) ?? revert(NO_OWNER)
  ensure(!trove.zombie, 'TroveNotActive')
  ensure(trove.annualInterestRate !== asked.rate, 'InterestRateNotNew')
  const latest = latestOf(branch, trove, time)
  let debt = latest.entireDebt
  const change: TroveChange = {
    ...noChange(),
    appliedDebtGain: latest.redistBoldDebtGain,
    oldWeighted: trove.debt * trove.annualInterestRate,
    newWeighted: debt * asked.rate,
  }
  if (time < trove.lastInterestRateAdjTime + RATE_COOLDOWN) {
    chargeFee(branch, change, debt, asked.maxUpfrontFee, time)
    debt += change.upfrontFee
    ensureSafe(branch, latest.entireColl, debt, price)
    ensure(!below(branchRatio(branch, price, time, change), branch.config.ccr), 'TCRBelowCCR')
    change.newWeighted = debt * asked.rate
  }
  account(branch, change, time)
  trove.annualInterestRate = asked.rate
  trove.lastInterestRateAdjTime = time
  branch.order.splice(branch.order.indexOf(asked.trove), 1)
  insertByRate(branch, asked.trove, asked.rate)
  recordTrove(branch, trove, { debt, coll: latest.entireColl, latest }, time)
  return change
}

/** Adds interest and redistribution gains to a trove's record; a zombie with enough debt returns to the order. */
export function applyPendingDebt(branch: BoldBranch, id: string, time: bigint): void {
  ensureRunning(branch)
  const trove = openTroveOf(branch, id)
  const latest = latestOf(branch, trove, time)
  ensure(latest.entireDebt > 0n, 'TroveWithZeroDebt')
  const change: TroveChange = {
    ...noChange(),
    appliedDebtGain: latest.redistBoldDebtGain,
    oldWeighted: trove.debt * trove.annualInterestRate,
    newWeighted: latest.entireDebt * trove.annualInterestRate,
  }
  recordTrove(branch, trove, { debt: latest.entireDebt, coll: latest.entireColl, latest }, time)
  account(branch, change, time)
  if (trove.zombie && latest.entireDebt >= MIN_DEBT) revive(branch, id, trove)
}

/** Closes a trove for its owner: what he pays and gets back, beside the 0.0375 WETH. */
export function closeTrove(
  branch: BoldBranch,
  id: string,
  { price, time }: Now,
): { readonly bold: bigint; readonly coll: bigint } {
  const trove = branch.troves.get(id) ?? revert(NO_OWNER)
  const latest = latestOf(branch, trove, time)
  const change: TroveChange = {
    ...noChange(),
    ...{ collDecrease: latest.entireColl, debtDecrease: latest.entireDebt },
    appliedDebtGain: latest.redistBoldDebtGain,
    oldWeighted: trove.debt * trove.annualInterestRate,
  }
  if (branch.shutdownTime === undefined) {
    ensure(!below(branchRatio(branch, price, time, change), branch.config.ccr), 'TCRBelowCCR')
    ensure(hasOther(branch, id), 'OnlyOneTroveLeft')
  }
  branch.system.totalStakes = sub(branch.system.totalStakes, trove.stake)
  movePending(branch, latest)
  account(branch, change, time)
  branch.active.collBalance = sub(branch.active.collBalance, latest.entireColl)
  branch.gasPool = sub(branch.gasPool, GAS_DEPOSIT)
  forgetTrove(branch, id)
  return { bold: latest.entireDebt, coll: latest.entireColl }
}

/** Shuts a branch down whose ratio is below SCR. */
export function shutDown(branch: BoldBranch, { price, time }: Now): void {
  ensureRunning(branch)
  ensure(below(branchRatio(branch, price, time), branch.config.scr), 'TCRNotBelowSCR')
  mintInterest(branch, time)
  branch.shutdownTime = time
}
