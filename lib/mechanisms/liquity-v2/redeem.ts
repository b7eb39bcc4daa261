/**
 * Liquity v2: redemption. BOLD is swapped for collateral at face value less the fee; it is divided over the branches by how much of their debt the
 * stability pool does not back, and within a branch the troves with the lowest interest rate pay first. After a shutdown anybody may redeem against
 * troves of his choice with a bonus of 2 %.
 * Source: liquity/bold@405f9122 `CollateralRegistry.sol`, `TroveManager.sol` (`redeemCollateral`, `urgentRedemption`).
 */
import { powerHalfUp } from '../liquity-v1/borrow.ts'
import { div, ensure, min, revert, sub, zeroFloorSub } from '../solidity.ts'
import type { Now } from './borrow.ts'
import {
  account,
  type BoldBranch,
  below,
  branchDebt,
  branchRatio,
  latestOf,
  MIN_DEBT,
  noChange,
  recordTrove,
  type TroveChange,
  updateStake,
} from './branch.ts'
import { collateralRatio, WAD } from './rules.ts'

const FEE_FLOOR = WAD / 200n
const MINUTE_DECAY_FACTOR = 998_076_443_575_628_800n
const URGENT_BONUS = WAD / 50n

/** The redemption fee's memory, for all branches. */
export type BoldBase = { baseRate: bigint; lastFeeOperationTime: bigint }

/** What a redemption took. */
export type BoldRedemption = { readonly bold: bigint; readonly coll: ReadonlyMap<string, bigint> }

/** The part of a branch's debt that its pool does not back, BOLD; 0 for a branch that is not redeemable. */
function unbackedOf(
  branch: BoldBranch,
  { price, time }: Now,
): { readonly redeemable: boolean; readonly unbacked: bigint } {
  const redeemable = branch.shutdownTime === undefined && !below(branchRatio(branch, price, time), branch.config.scr)
  return { redeemable, unbacked: zeroFloorSub(branchDebt(branch, time), branch.pool.totalBoldDeposits) }
}

/** The base rate after redeeming `bold` of `supply`: halved every six hours, then grown by that part. */
function grownRate(base: BoldBase, bold: bigint, supply: bigint, time: bigint): bigint {
  ensure(supply > 0n, 'Panic(0x12)')
  const decayed = (base.baseRate * powerHalfUp(MINUTE_DECAY_FACTOR, sub(time, base.lastFeeOperationTime) / 60n)) / WAD
  return min(decayed + (bold * WAD) / supply, WAD)
}

/** Redeems from all branches. `mostTroves` per branch, 0 = any number. */
export function redeem(
  branches: ReadonlyMap<string, BoldBranch>,
  base: BoldBase,
  asked: { readonly bold: bigint; readonly maxFee: bigint; readonly mostTroves: number },
  nows: ReadonlyMap<string, Now>,
  time: bigint,
): BoldRedemption {
  ensure(asked.maxFee >= FEE_FLOOR && asked.maxFee <= WAD, 'Max fee percentage must be between 0.5% and 100%')
  ensure(asked.bold > 0n, 'CollateralRegistry: Amount must be greater than zero')
  const supply = supplyOf(branches)
  const portions = portionsOf(branches, nows)
  let left = portions.byPool ? min(asked.bold, portions.total) : asked.bold
  const rate = min(FEE_FLOOR + grownRate(base, left, supply, time), WAD)
  ensure(rate <= asked.maxFee, 'CR: Fee exceeded provided maximum')
  let [unbacked, bold] = [portions.total, 0n]
  const coll = new Map<string, bigint>()
  for (const [id, portion] of portions.of) {
    const [branch, now] = [branches.get(id), nows.get(id)]
    if (!branch || !now || portion === 0n) continue
    const part = (left * portion) / unbacked
    if (part > 0n) {
      const taken = redeemFromBranch(branch, part, { rate, most: asked.mostTroves }, now)
      bold += taken.debtDecrease
      coll.set(id, taken.collDecrease)
    }
    left -= part
    unbacked -= portion
  }
  base.baseRate = grownRate(base, bold, supply, time)
  base.lastFeeOperationTime += ((time - base.lastFeeOperationTime) / 60n) * 60n
  return { bold, coll }
}

/** All BOLD issued: what the branches record as owed, interest to come left out. */
export function supplyOf(branches: ReadonlyMap<string, BoldBranch>): bigint {
  let supply = 0n
  for (const { active, redistributed } of branches.values()) supply += active.aggRecordedDebt + redistributed.boldDebt
  return supply
}

function portionsOf(branches: ReadonlyMap<string, BoldBranch>, nows: ReadonlyMap<string, Now>) {
  const seen = [...branches].map(([id, branch]) => {
    const now = nows.get(id) ?? revert('oracle', `${id} has no price`)
    return [id, unbackedOf(branch, now), branchDebt(branch, now.time)] as const
  })
  const open = seen.filter(([, { redeemable }]) => redeemable)
  const total = open.reduce((sum, [, { unbacked }]) => sum + unbacked, 0n)
  // When the pools back everything, the branches pay by their whole debt.
  const byPool = total > 0n
  const of = open.map(([id, { unbacked }, debt]) => [id, byPool ? unbacked : debt] as const)
  return { of, byPool, total: of.reduce((sum, [, portion]) => sum + portion, 0n) }
}

function redeemFromBranch(
  branch: BoldBranch,
  bold: bigint,
  { rate, most }: { readonly rate: bigint; readonly most: number },
  { price, time }: Now,
): TroveChange {
  const sum = noChange()
  let [left, tries] = [bold, most === 0 ? Number.POSITIVE_INFINITY : most]
  const queue = [...(branch.lastZombie === '' ? [] : [branch.lastZombie]), ...[...branch.order].reverse()]
  for (const id of queue) {
    if (left === 0n || tries === 0) break
    tries -= 1
    const trove = branch.troves.get(id)
    if (!trove) continue
    const latest = latestOf(branch, trove, time)
    if (below(collateralRatio(latest, price), WAD)) continue
    const lot = min(left, latest.entireDebt)
    const worth = div(lot * WAD, price)
    const coll = worth - (worth * rate) / WAD
    take(branch, id, { bold: lot, coll }, sum, time)
    const debt = latest.entireDebt - lot
    if (debt < MIN_DEBT) bury(branch, id, debt)
    left -= lot
  }
  account(branch, sum, time)
  branch.active.collBalance = sub(branch.active.collBalance, sum.collDecrease)
  return sum
}

/** Takes BOLD of debt and collateral from one trove and adds that to the sum. */
function take(
  branch: BoldBranch,
  id: string,
  lot: { readonly bold: bigint; readonly coll: bigint },
  sum: TroveChange,
  time: bigint,
): void {
  const trove = branch.troves.get(id)
  if (!trove) return
  const latest = latestOf(branch, trove, time)
  const [debt, coll] = [sub(latest.entireDebt, lot.bold), sub(latest.entireColl, lot.coll)]
  sum.oldWeighted += trove.debt * trove.annualInterestRate
  sum.newWeighted += debt * trove.annualInterestRate
  sum.appliedDebtGain += latest.redistBoldDebtGain
  sum.debtDecrease += lot.bold
  sum.collDecrease += lot.coll
  recordTrove(branch, trove, { debt, coll, latest }, time)
  updateStake(branch, trove)
}

function bury(branch: BoldBranch, id: string, debt: bigint): void {
  const trove = branch.troves.get(id)
  if (!trove) return
  if (!trove.zombie) {
    trove.zombie = true
    branch.order.splice(branch.order.indexOf(id), 1)
    if (debt > 0n) branch.lastZombie = id
  } else if (debt === 0n) branch.lastZombie = ''
}

/** Redeems against chosen troves of a branch that was shut down, with a bonus of 2 %. */
export function redeemUrgently(
  branch: BoldBranch,
  asked: { readonly bold: bigint; readonly troves: readonly string[]; readonly minColl: bigint },
  { price, time }: Now,
): TroveChange {
  ensure(branch.shutdownTime !== undefined, 'NotShutDown')
  ensure(asked.bold > 0n, 'ZeroAmount')
  const sum = noChange()
  let left = asked.bold
  for (const id of asked.troves) {
    if (left === 0n) break
    const trove = branch.troves.get(id)
    if (!trove) continue
    const { entireDebt, entireColl } = latestOf(branch, trove, time)
    if (entireDebt === 0n) continue
    let bold = min(left, entireDebt)
    let coll = div(bold * (WAD + URGENT_BONUS), price)
    if (coll > entireColl) {
      coll = entireColl
      bold = (entireColl * price) / (WAD + URGENT_BONUS)
    }
    take(branch, id, { bold, coll }, sum, time)
    left -= bold
  }
  ensure(sum.collDecrease >= asked.minColl, 'MinCollNotReached')
  account(branch, sum, time)
  branch.active.collBalance = sub(branch.active.collBalance, sum.collDecrease)
  return sum
}
