/**
 * Liquity v2 as a mechanism: branches with troves, pools and interest, liquidations, redemption over all branches, shutdown. Rules stand in
 * `rules.ts`, `branch.ts`, `borrow.ts`, `deposit.ts`, `redeem.ts`.
 *
 * A liquidator pays nothing and gets 0.0375 WETH and up to 0.5 % of what the pool takes. There is no bad debt: what the pool does not take is
 * redistributed over the branch's other troves, whatever it is worth.
 */
import {
  type AssetAmount,
  type Atoms,
  atoms,
  type Exposure,
  type Fact,
  type Health,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import type { Completed, Mechanism } from '../mechanism.ts'
import { keepEntries, keepFields, keepItems, orAsBefore, type Restore } from '../rollback.ts'
import { applied, ensure, min, revert, sub, unlessReverted } from '../solidity.ts'
import { adjustTrove, applyPendingDebt, closeTrove, type Now, openTrove, setRate, shutDown } from './borrow.ts'
import { type BoldBranch, below, forgetTrove, latestOf, type TroveChange } from './branch.ts'
import { claimStashed, type DepositMove, provide, withdraw } from './deposit.ts'
import { type BoldBase, redeem, redeemUrgently, supplyOf } from './redeem.ts'
import { batchLiquidate, collateralRatio, divide, GAS_DEPOSIT, hasOther, MIN_BOLD } from './rules.ts'

/** All branches and the redemption fee's memory. */
export type BoldState = { readonly branches: Map<string, BoldBranch>; readonly base: BoldBase }

/**
 * What may be done. Amounts in wad. Hints of the contract are taken as exact; batch managers are not carried. A trove is a name: where a closed one
 * is opened again, the contract wants its owner's next index.
 */
export type BoldAction =
  | {
      readonly do: 'open'
      readonly branch: string
      readonly trove: string
      readonly owner: string
      readonly coll: bigint
      readonly bold: bigint
      readonly rate: bigint
      readonly maxUpfrontFee: bigint
    }
  | {
      readonly do: 'adjust'
      readonly branch: string
      readonly trove: string
      readonly collIn?: bigint
      readonly collOut?: bigint
      readonly boldIn?: bigint
      readonly boldOut?: bigint
      readonly maxUpfrontFee?: bigint
    }
  | {
      readonly do: 'set-rate'
      readonly branch: string
      readonly trove: string
      readonly rate: bigint
      readonly maxUpfrontFee: bigint
    }
  | { readonly do: 'close' | 'apply-pending'; readonly branch: string; readonly trove: string }
  | {
      readonly do: 'provide' | 'withdraw'
      readonly branch: string
      readonly account: string
      readonly bold: bigint
      readonly claim: boolean
    }
  | { readonly do: 'claim-stashed' | 'claim-surplus'; readonly branch: string; readonly account: string }
  | {
      readonly do: 'liquidate'
      readonly branch: string
      readonly troves: readonly string[]
      readonly liquidator?: string | undefined
    }
  | { readonly do: 'redeem'; readonly bold: bigint; readonly maxFee: bigint; readonly mostTroves?: number | undefined }
  | {
      readonly do: 'redeem-urgently'
      readonly branch: string
      readonly bold: bigint
      readonly troves: readonly string[]
      readonly minColl: bigint
    }
  | { readonly do: 'shut-down'; readonly branch: string }

const [BOLD, WETH] = ['BOLD', 'WETH']

/** Target id of a trove. */
export function boldTarget(branch: string, trove: string): string {
  return `${branch}/${trove}`
}

/** The mechanism. Feeds answer in dollars per whole collateral, wad. */
export const liquityV2: Mechanism<BoldState, BoldAction> = {
  id: 'liquity-v2',
  targets,
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => orAsBefore(keepsOf(state, action), () => act(state, action, at))),
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings,
}

function* targets({ branches }: BoldState): Iterable<string> {
  for (const [id, { troves }] of branches) for (const trove of troves.keys()) yield boldTarget(id, trove)
}

/** A trove as it stands at a moment. */
function look({ branches }: BoldState, target: string, at: Moment) {
  const cut = target.indexOf('/')
  const [branchId, id] = [target.slice(0, cut), target.slice(cut + 1)]
  const branch = branches.get(branchId)
  const trove = branch?.troves.get(id)
  const price = branch ? at.price(branch.feed) : undefined
  const time = BigInt(at.time)
  if (!branch || !trove || price === undefined || time < trove.lastDebtUpdateTime) return undefined
  const latest = latestOf(branch, trove, time)
  const liquidatable = below(collateralRatio(latest, price), branch.config.mcr) && hasOther(branch, id)
  return { branchId, id, branch, price: price as bigint, latest, liquidatable }
}

/** Backing = collateral · price, required = debt · MCR, both in 1e36 dollars; equity likewise. */
function assess(state: BoldState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { branch, price, latest, liquidatable } = seen
  const backing = latest.entireColl * price
  const required = latest.entireDebt * branch.config.mcr
  return { backing, required, equity: backing - latest.entireDebt * 10n ** 18n, liquidatable }
}

function offers(state: BoldState, target: string, at: Moment): readonly Offer<BoldAction>[] {
  const seen = look(state, target, at)
  if (!seen?.liquidatable || seen.price === 0n) return []
  const { branchId, id, branch, price, latest } = seen
  const { totalBoldDeposits } = branch.pool
  const left = totalBoldDeposits - min(MIN_BOLD, totalBoldDeposits)
  const { collGasCompensation } = divide(branch.config, latest.entireDebt, latest.entireColl, left, price)
  const receive = [amount(WETH, GAS_DEPOSIT), amount(branch.collateral, collGasCompensation)]
  return [{ target, actor: 'anyone', action: { do: 'liquidate', branch: branchId, troves: [id] }, pay: [], receive }]
}

function amount(asset: string, value: bigint): AssetAmount {
  return { asset, atoms: atoms(value) }
}

function branchOf({ branches }: BoldState, id: string): BoldBranch {
  return branches.get(id) ?? revert('InvalidBranch', `there is no branch ${id}`)
}

function nowOf(branch: BoldBranch, at: Moment): Now {
  const price = at.price(branch.feed)
  ensure(price !== undefined, 'oracle', `the feed ${branch.feed} gives no price`)
  const time = BigInt(at.time)
  ensure(time >= branch.active.lastAggUpdateTime, 'Panic(0x11)')
  return { price, time }
}

function act(state: BoldState, action: BoldAction, at: Moment): Completed {
  if (action.do === 'redeem') return redeemAll(state, action, at)
  const branch = branchOf(state, action.branch)
  const now = nowOf(branch, at)
  switch (action.do) {
    case 'open':
      return {
        ...flows(branch, openTrove(branch, action, now)),
        paid: [amount(branch.collateral, action.coll), amount(WETH, GAS_DEPOSIT)],
      }
    case 'adjust': {
      const { collIn = 0n, collOut = 0n, boldIn = 0n, boldOut = 0n, maxUpfrontFee = 0n } = action
      const asked = { trove: action.trove, collIn, collOut, boldIn, boldOut, maxUpfrontFee }
      return flows(branch, adjustTrove(branch, asked, now))
    }
    case 'set-rate':
      return flows(branch, setRate(branch, action, now))
    case 'apply-pending': {
      applyPendingDebt(branch, action.trove, now.time)
      return { facts: [] }
    }
    case 'close': {
      const { bold, coll } = closeTrove(branch, action.trove, now)
      const received = [amount(branch.collateral, coll), amount(WETH, GAS_DEPOSIT)]
      return { facts: [], paid: [amount(BOLD, bold)], received }
    }
    case 'redeem-urgently': {
      const { debtDecrease, collDecrease } = redeemUrgently(branch, action, now)
      return { facts: [], paid: [amount(BOLD, debtDecrease)], received: [amount(branch.collateral, collDecrease)] }
    }
    case 'shut-down': {
      shutDown(branch, now)
      return { facts: [] }
    }
    case 'liquidate':
      return liquidate(branch, action, now)
    default:
      return actOnPool(branch, action, now.time)
  }
}

function flows({ collateral }: BoldBranch, change: TroveChange): Completed {
  return {
    facts: [],
    paid: [amount(collateral, change.collIncrease), amount(BOLD, change.debtDecrease)],
    received: [amount(collateral, change.collDecrease), amount(BOLD, change.debtIncrease)],
    moved: { upfrontFee: change.upfrontFee },
  }
}

type PoolAction = Extract<BoldAction, { do: 'provide' | 'withdraw' | 'claim-stashed' | 'claim-surplus' }>

function actOnPool(branch: BoldBranch, action: PoolAction, time: bigint): Completed {
  const { account } = action
  if (!('bold' in action)) {
    const stashed = action.do === 'claim-stashed'
    const coll = stashed ? claimStashed(branch, account, time) : claimSurplus(branch, account)
    return { facts: [], received: [amount(branch.collateral, coll)] }
  }
  const done: DepositMove = (action.do === 'provide' ? provide : withdraw)(
    branch,
    account,
    action.bold,
    action.claim,
    time,
  )
  return {
    facts: [],
    paid: action.do === 'provide' ? [amount(BOLD, action.bold)] : [],
    received: [amount(BOLD, done.bold), amount(branch.collateral, done.coll)],
    moved: { compounded: done.compounded, yieldGain: done.yieldGain, collGain: done.collGain },
  }
}

function claimSurplus({ surplus }: BoldBranch, account: string): bigint {
  const coll = surplus.get(account) ?? 0n
  ensure(coll > 0n, 'CollSurplusPool: No collateral available to claim')
  surplus.delete(account)
  return coll
}

function liquidate(
  branch: BoldBranch,
  action: Extract<BoldAction, { do: 'liquidate' }>,
  { price, time }: Now,
): Completed {
  const { closed, ethGasCompensation, ...sum } = batchLiquidate(branch, action.troves, price, time)
  const facts: Fact[] = []
  for (const { trove: id, division, entireDebt, entireColl } of closed) {
    const owner = branch.troves.get(id)?.owner ?? id
    forgetTrove(branch, id)
    if (division.collSurplus > 0n) branch.surplus.set(owner, (branch.surplus.get(owner) ?? 0n) + division.collSurplus)
    facts.push({
      ...{ type: 'loan-liquidation', protocol: 'liquity-v2', market: action.branch, account: id },
      liquidator: action.liquidator,
      repaid: { asset: BOLD, atoms: entireDebt, decimals: 18 },
      seized: { asset: branch.collateral, atoms: entireColl - division.collSurplus, decimals: 18 },
      usd: undefined,
    })
  }
  branch.gasPool = sub(branch.gasPool, ethGasCompensation)
  const received = [amount(WETH, ethGasCompensation), amount(branch.collateral, sum.collGasCompensation)]
  return { facts, received, moved: { ...sum, ethGasCompensation } }
}

function redeemAll(state: BoldState, action: Extract<BoldAction, { do: 'redeem' }>, at: Moment): Completed {
  const nows = new Map([...state.branches].map(([id, branch]) => [id, nowOf(branch, at)]))
  const asked = { ...action, mostTroves: action.mostTroves ?? 0 }
  const { bold, coll } = redeem(state.branches, state.base, asked, nows, BigInt(at.time))
  const received = [...coll].map(([id, value]) => amount(branchOf(state, id).collateral, value))
  return { facts: [], paid: [amount(BOLD, bold)], received }
}

/** What an action may touch, to be put back when it reverts half-way. */
function keepsOf({ branches, base }: BoldState, action: BoldAction): readonly Restore[] {
  if (action.do === 'redeem')
    return [
      keepFields(base),
      ...[...branches.values()].flatMap((one) => keepsOfBranch(one, one.troves.keys(), undefined)),
    ]
  const branch = branches.get(action.branch)
  if (!branch) return []
  const troves = 'troves' in action ? action.troves : 'trove' in action ? [action.trove] : []
  return keepsOfBranch(branch, troves, 'account' in action ? action.account : undefined)
}

function keepsOfBranch(branch: BoldBranch, troves: Iterable<string>, account: string | undefined): readonly Restore[] {
  const { system, active, redistributed, pool } = branch
  const ids = [...troves]
  const owners = ids.map((id) => branch.troves.get(id)?.owner ?? id)
  const own = account === undefined ? [] : [account]
  return [
    keepFields(branch, system, active, redistributed, pool),
    ...[keepItems(pool.scaleToS), keepItems(pool.scaleToB), keepItems(branch.order)],
    ...[keepEntries(branch.troves, ids), keepEntries(branch.surplus, [...owners, ...own])],
    ...[keepEntries(branch.deposits, own), keepEntries(branch.stashed, own)],
  ]
}

/** Backing = collateral · price, required = debt · MCR at this moment's interest, 1e36 dollars; price in wad. */
function exposure(state: BoldState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { branch, latest } = seen
  return {
    slopes: [{ feed: branch.feed, backing: Number(latest.entireColl), required: 0 }],
    constant: { backing: 0, required: Number(latest.entireDebt * branch.config.mcr) },
  }
}

/** Collateral of troves, pools and owners; WETH left for liquidators; BOLD of pools and interest less all BOLD issued. */
function holdings({ branches }: BoldState): ReadonlyMap<string, Atoms> {
  const held = new Map<string, bigint>([[BOLD, -supplyOf(branches)]])
  const put = (asset: string, value: bigint) => held.set(asset, (held.get(asset) ?? 0n) + value)
  for (const { collateral, active, redistributed, pool, surplus, gasPool, interestRouter } of branches.values()) {
    put(collateral, active.collBalance + redistributed.collBalance + pool.collBalance)
    for (const value of surplus.values()) put(collateral, value)
    put(WETH, gasPool)
    put(BOLD, pool.totalBoldDeposits + pool.yieldGainsOwed + pool.yieldGainsPending + interestRouter)
  }
  return held as Map<string, Atoms>
}
