/**
 * Liquity v1 as a mechanism: troves in their order, stability pool, liquidations in both modes, redemption. Rules stand in `rules.ts`, `pool.ts`,
 * `liquidate.ts`, `borrow.ts`.
 *
 * A liquidator pays nothing and gets 200 LUSD and 0.5 % of the collateral. There is no bad debt: what the pool does not take is redistributed over
 * the other troves, whatever it is worth. In recovery mode a trove may be liquidatable although it backs its 110 %.
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
import { applied, ensure, min, unlessReverted } from '../solidity.ts'
import { adjustTrove, closeOwnTrove, openTrove, redeem } from './borrow.ts'
import { type LusdCall, liquidateTroves } from './liquidate.ts'
import { compoundedDeposit, depositGain, putDeposit } from './pool.ts'
import {
  CCR,
  divideNormal,
  divideRecovery,
  LUSD_GAS_COMPENSATION,
  type LusdDivision,
  type LusdState,
  latestTrove,
  MCR,
  ratioDown,
  totalRatio,
} from './rules.ts'

/** What may be done. Amounts in wad; `maxFee` a wad share. Hints of the contract are taken as exact. */
export type LusdAction =
  | {
      readonly do: 'open'
      readonly account: string
      readonly coll: bigint
      readonly lusd: bigint
      readonly maxFee: bigint
    }
  | {
      readonly do: 'adjust'
      readonly account: string
      readonly collIn?: bigint
      readonly collOut?: bigint
      readonly lusdIn?: bigint
      readonly lusdOut?: bigint
      readonly maxFee?: bigint
    }
  | { readonly do: 'close' | 'claim-surplus' | 'gain-to-trove'; readonly account: string }
  | { readonly do: 'provide' | 'withdraw'; readonly account: string; readonly lusd: bigint }
  | { readonly do: 'liquidate'; readonly account: string; readonly liquidator?: string | undefined }
  | { readonly do: 'liquidate-batch'; readonly accounts: readonly string[]; readonly liquidator?: string | undefined }
  | { readonly do: 'liquidate-troves'; readonly most: number; readonly liquidator?: string | undefined }
  | { readonly do: 'redeem'; readonly lusd: bigint; readonly maxFee: bigint; readonly mostTroves?: number | undefined }

const [ETH, LUSD] = ['ETH', 'LUSD']

/** The mechanism. The feed answers in dollars per ETH, wad. */
export const liquityV1: Mechanism<LusdState, LusdAction> = {
  id: 'liquity-v1',
  targets: (state) => state.troves.keys(),
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => orAsBefore(keepsOf(state, action), () => act(state, action, at))),
  exposure,
  holdings,
}

/** How a liquidation of this trove alone would divide it; `undefined` where the contract would not take it. */
function verdict(state: LusdState, account: string, price: bigint): LusdDivision | undefined {
  const trove = state.troves.get(account)
  if (!trove || state.order.length <= 1) return undefined
  const latest = latestTrove(state, trove)
  const tcr = totalRatio(state, price)
  if (tcr < CCR) return divideRecovery(latest, state.pool.totalDeposits, price, tcr)
  const icr = ratioDown(latest.coll, latest.debt, price)
  return icr < MCR ? divideNormal(latest, state.pool.totalDeposits) : undefined
}

/** Backing = collateral · price, required = 110 % of the debt, both in 1e36 dollars; equity likewise. */
function assess(state: LusdState, account: string, at: Moment): Health | undefined {
  const [trove, price] = [state.troves.get(account), at.price(state.feed)]
  if (!trove || price === undefined) return undefined
  const { coll, debt } = latestTrove(state, trove)
  const backing = coll * price
  return {
    ...{ backing, required: debt * MCR, equity: backing - debt * 10n ** 18n },
    liquidatable: verdict(state, account, price) !== undefined,
  }
}

function offers(state: LusdState, target: string, at: Moment): readonly Offer<LusdAction>[] {
  const price = at.price(state.feed)
  const division = price === undefined ? undefined : verdict(state, target, price)
  if (!division) return []
  const receive = compensation(LUSD_GAS_COMPENSATION, division.collGasCompensation)
  return [{ target, actor: 'anyone', action: { do: 'liquidate', account: target }, pay: [], receive }]
}

function compensation(lusd: bigint, eth: bigint): readonly AssetAmount[] {
  return [amount(LUSD, lusd), ...(eth > 0n ? [amount(ETH, eth)] : [])]
}

function amount(asset: string, value: bigint): AssetAmount {
  return { asset, atoms: atoms(value) }
}

function act(state: LusdState, action: LusdAction, at: Moment): Completed {
  const time = BigInt(at.time)
  switch (action.do) {
    case 'open': {
      const fee = openTrove(state, action, priceOf(state, at), time)
      const [paid, received] = [[amount(ETH, action.coll)], [amount(LUSD, action.lusd)]]
      return { facts: [], paid, received, moved: { fee } }
    }
    case 'adjust':
      return adjust(state, action, at)
    case 'close': {
      const { lusd, coll } = closeOwnTrove(state, action.account, priceOf(state, at))
      return { facts: [], paid: [amount(LUSD, lusd)], received: [amount(ETH, coll)] }
    }
    case 'claim-surplus': {
      const coll = state.surplus.get(action.account) ?? 0n
      ensure(coll > 0n, 'CollSurplusPool: No collateral available to claim')
      state.surplus.delete(action.account)
      return { facts: [], received: [amount(ETH, coll)] }
    }
    case 'gain-to-trove':
      return gainToTrove(state, action.account, at)
    case 'provide':
    case 'withdraw':
      return deposit(state, action, at)
    case 'redeem': {
      const call = { ...action, mostTroves: action.mostTroves ?? 0 }
      const moved = redeem(state, call, priceOf(state, at), time)
      return { facts: [], paid: [amount(LUSD, moved.lusd)], received: [amount(ETH, moved.drawn - moved.fee)], moved }
    }
    default:
      return liquidate(state, action, priceOf(state, at))
  }
}

function priceOf(state: LusdState, at: Moment): bigint {
  const price = at.price(state.feed)
  ensure(price !== undefined, 'oracle', `the feed ${state.feed} gives no price`)
  return price
}

function adjust(state: LusdState, action: Extract<LusdAction, { do: 'adjust' }>, at: Moment): Completed {
  const { account, collIn = 0n, collOut = 0n, lusdIn = 0n, lusdOut = 0n, maxFee = 0n } = action
  const change = { account, collIn, collOut, lusdIn, lusdOut, maxFee }
  const fee = adjustTrove(state, change, priceOf(state, at), BigInt(at.time))
  return {
    facts: [],
    paid: [amount(ETH, collIn), amount(LUSD, lusdIn)],
    received: [amount(ETH, collOut), amount(LUSD, lusdOut)],
    moved: { fee },
  }
}

/** Adds to a deposit or takes from it; its gains are paid out either way. */
function deposit(state: LusdState, action: Extract<LusdAction, { do: 'provide' | 'withdraw' }>, at: Moment): Completed {
  const { pool } = state
  const own = pool.deposits.get(action.account)
  if (action.do === 'provide') ensure(action.lusd > 0n, 'StabilityPool: Amount must be non-zero')
  else {
    if (action.lusd > 0n) ensureNoneBelowMinimum(state, at)
    ensure(own !== undefined, 'StabilityPool: User must have a non-zero deposit')
  }
  const [gain, left] = [depositGain(pool, own), compoundedDeposit(pool, own)]
  const lusd = action.do === 'provide' ? action.lusd : min(action.lusd, left)
  const signed = action.do === 'provide' ? lusd : -lusd
  putDeposit(pool, action.account, left + signed)
  pool.totalDeposits += signed
  ensure(gain <= pool.coll, 'SafeMath: subtraction overflow')
  pool.coll -= gain
  const moved = { gain, compounded: left }
  if (action.do === 'provide') return { facts: [], paid: [amount(LUSD, lusd)], received: [amount(ETH, gain)], moved }
  return { facts: [], received: [amount(LUSD, lusd), amount(ETH, gain)], moved }
}

function ensureNoneBelowMinimum(state: LusdState, at: Moment): void {
  const trove = state.troves.get(state.order.at(-1) ?? '')
  const price = priceOf(state, at)
  if (!trove) return
  const { coll, debt } = latestTrove(state, trove)
  ensure(ratioDown(coll, debt, price) >= MCR, 'StabilityPool: Cannot withdraw while there are troves with ICR < MCR')
}

function gainToTrove(state: LusdState, account: string, at: Moment): Completed {
  const { pool } = state
  const own = pool.deposits.get(account)
  ensure(own !== undefined, 'StabilityPool: User must have a non-zero deposit')
  ensure(state.troves.has(account), 'StabilityPool: caller must have an active trove to withdraw ETHGain to')
  const gain = depositGain(pool, own)
  ensure(gain > 0n, 'StabilityPool: caller must have non-zero ETH Gain')
  ensure(gain <= pool.coll, 'SafeMath: subtraction overflow')
  putDeposit(pool, account, compoundedDeposit(pool, own))
  pool.coll -= gain
  const change = { account, collIn: gain, collOut: 0n, lusdIn: 0n, lusdOut: 0n, maxFee: 0n }
  adjustTrove(state, change, priceOf(state, at), BigInt(at.time))
  return { facts: [], moved: { gain } }
}

type LiquidateAction = Extract<LusdAction, { do: 'liquidate' | 'liquidate-batch' | 'liquidate-troves' }>

function callOf(action: LiquidateAction): LusdCall {
  if (action.do === 'liquidate') return { accounts: [action.account] }
  return action.do === 'liquidate-batch' ? { accounts: action.accounts } : { most: action.most }
}

function liquidate(state: LusdState, action: LiquidateAction, price: bigint): Completed {
  if (action.do === 'liquidate')
    ensure(state.troves.has(action.account), 'TroveManager: Trove does not exist or is closed')
  const { closed, lusdGasCompensation, collGasCompensation } = liquidateTroves(state, callOf(action), price)
  const facts: readonly Fact[] = closed.map(({ account, division }) => ({
    ...{ type: 'loan-liquidation', protocol: 'liquity-v1', market: ETH, account, liquidator: action.liquidator },
    repaid: { asset: LUSD, atoms: division.entireDebt, decimals: 18 },
    seized: { asset: ETH, atoms: division.entireColl - division.collSurplus, decimals: 18 },
    usd: undefined,
  }))
  const sum = (key: 'debtToOffset' | 'debtToRedistribute' | 'collToPool' | 'collToRedistribute' | 'collSurplus') =>
    closed.reduce((total, { division }) => total + division[key], 0n)
  return {
    facts,
    received: compensation(lusdGasCompensation, collGasCompensation),
    moved: {
      ...{ debtToOffset: sum('debtToOffset'), debtToRedistribute: sum('debtToRedistribute') },
      ...{ collToPool: sum('collToPool'), collToRedistribute: sum('collToRedistribute') },
      ...{ collSurplus: sum('collSurplus'), lusdGasCompensation, collGasCompensation },
    },
  }
}

/** What an action may touch, to be put back when it reverts half-way, as a call of several troves can. */
function keepsOf(state: LusdState, action: LusdAction): readonly Restore[] {
  const { system, active, redistributed, fees, pool, order } = state
  const touched = touchedBy(state, action)
  const own = 'account' in action ? [action.account] : []
  return [
    ...[keepFields(system, active, redistributed, fees, pool), keepItems(order), keepEntries(state.troves, touched)],
    ...[
      keepEntries(state.surplus, touched),
      keepEntries(pool.deposits, own),
      keepEntries(pool.sums, [`${pool.epoch}/${pool.scale}`]),
    ],
  ]
}

function touchedBy(state: LusdState, action: LusdAction): readonly string[] {
  if (action.do === 'redeem') return state.order
  if (action.do === 'liquidate-troves') return action.most > 0 ? state.order.slice(-action.most) : []
  return action.do === 'liquidate-batch' ? action.accounts : [action.account]
}

/** Backing = collateral · price, required = 110 % of the debt, 1e36 dollars; price in wad. */
function exposure(state: LusdState, account: string): Exposure | undefined {
  const trove = state.troves.get(account)
  if (!trove) return undefined
  const { coll, debt } = latestTrove(state, trove)
  return {
    slopes: [{ feed: state.feed, backing: Number(coll), required: 0 }],
    constant: { backing: 0, required: Number(debt * MCR) },
  }
}

/** ETH of troves, pool, owners and stakers; LUSD of pool, reserve and stakers less all LUSD issued, which is the troves' debt. */
function holdings({ active, redistributed, pool, surplus, fees }: LusdState): ReadonlyMap<string, Atoms> {
  const claims = [...surplus.values()].reduce((sum, one) => sum + one, 0n)
  const lusd = pool.totalDeposits + fees.gasPool + fees.stakersLUSD - active.debt - redistributed.debt
  return new Map([
    [ETH, atoms(active.coll + redistributed.coll + pool.coll + claims + fees.stakersETH)],
    [LUSD, atoms(lusd)],
  ])
}
