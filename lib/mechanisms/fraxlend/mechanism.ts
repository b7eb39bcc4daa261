/**
 * A FraxLend pair as a mechanism: lenders, borrowers, liquidations. Health counts in collateral atoms at the oracle's LOW answer, as a liquidation
 * does; what a borrower may do is judged at the high one. Rules stand in `rules.ts`, user actions in `actions.ts`.
 */
import { type Atoms, atoms, type Exposure, type Health, type Moment, type Offer } from '../../model/index.ts'
import type { Applied, Completed, Mechanism } from '../mechanism.ts'
import { applied, unlessReverted } from '../solidity.ts'
import {
  addCollateral,
  availableOf,
  borrowAsset,
  deposit,
  type FraxlendOracle,
  redeem,
  removeCollateral,
  repayAsset,
  updateExchangeRate,
  withdrawFees,
} from './actions.ts'
import { addInterest, type FraxlendState, isSolvent, leastCleanShares, liquidate, toAmount } from './rules.ts'

type ByAmount<D extends string> = { readonly do: D; readonly account: string; readonly amount: bigint }
type ByShares<D extends string> = { readonly do: D; readonly account: string; readonly shares: bigint }

/** What may be done. Amounts in atoms, shares of assets or of debt; `deadline` in Unix seconds (left out: none). */
export type FraxlendAction =
  | { readonly do: 'accrue' }
  | { readonly do: 'withdraw-fees' }
  | ByAmount<'deposit'>
  | ByAmount<'withdraw'>
  | ByShares<'redeem'>
  | ByShares<'repay'>
  | (ByAmount<'borrow'> & { readonly collateral: bigint })
  | ByAmount<'add-collateral'>
  | ByAmount<'remove-collateral'>
  | (ByShares<'liquidate'> & { readonly deadline?: bigint | undefined; readonly liquidator?: string | undefined })

/** The mechanism: one pair. Feeds answer in collateral atoms per 1e18 asset atoms; a missing one is an oracle that reverts. */
export const fraxlend: Mechanism<FraxlendState, FraxlendAction> = {
  id: 'fraxlend',
  targets,
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply,
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings,
}

function* targets(state: FraxlendState): Iterable<string> {
  for (const [name, { borrowShares }] of state.borrowers) if (borrowShares > 0n) yield name
}

/** The oracle sorts its answers itself: the low feed is its low one. */
function oracleOf({ config }: FraxlendState, at: Moment): FraxlendOracle {
  return () => {
    const [low, high] = [at.price(config.lowFeed), at.price(config.highFeed)]
    return low === undefined || high === undefined || low < 0n || high < 0n ? undefined : { low, high }
  }
}

/** The pair with interest and the oracle as a call at this moment would find them; `undefined` where that call would revert. */
function look(state: FraxlendState, target: string, at: Moment): FraxlendState | undefined {
  if (!state.borrowers.has(target)) return undefined
  const copy = copyOf(state, [target])
  const done = applied(() => {
    addInterest(copy, BigInt(at.time))
    updateExchangeRate(copy, oracleOf(state, at), BigInt(at.time))
    return { facts: [] }
  })
  return 'refused' in done ? undefined : copy
}

const WAD = 10n ** 18n
const PRECISION = 100_000n

function assess(state: FraxlendState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  const borrower = seen?.borrowers.get(target)
  if (!seen || !borrower) return undefined
  const owed = toAmount(seen.totalBorrow, borrower.borrowShares, true)
  const { low } = seen.exchange
  // Rounded up, so that who owes something never shows nothing; the verdict rounds as the contract does.
  const required = owed === 0n ? 0n : (owed * low + WAD - 1n) / WAD
  const backing = (borrower.collateral * seen.config.maxLtv) / PRECISION
  return { backing, required, equity: borrower.collateral - required, liquidatable: !isSolvent(seen, borrower, low) }
}

/** One offer: the least shares whose clean fee takes all collateral, else the whole debt at the dirty fee. */
function offers(state: FraxlendState, target: string, at: Moment): readonly Offer<FraxlendAction>[] {
  const seen = look(state, target, at)
  const borrower = seen?.borrowers.get(target)
  if (!seen || !borrower || isSolvent(seen, borrower, seen.exchange.low)) return []
  let shares = borrower.borrowShares
  const least = applied(() => {
    shares = leastCleanShares(seen, borrower, seen.exchange.low) ?? shares
    return { facts: [] }
  })
  if ('refused' in least) return []
  const action: FraxlendAction = { do: 'liquidate', account: target, shares }
  const done = applied(() => run(copyOf(state, [target]), action, at))
  if ('refused' in done) return []
  return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
}

function apply(state: FraxlendState, action: FraxlendAction, at: Moment): Applied {
  const copy = copyOf(state, 'account' in action ? [action.account] : [])
  const done = applied(() => run(copy, action, at))
  if ('refused' in done) return done
  const { borrowers, lenders, ...totals } = copy
  Object.assign(state, totals)
  for (const [name, borrower] of borrowers) state.borrowers.set(name, borrower)
  for (const [name, shares] of lenders) state.lenders.set(name, shares)
  return done
}

/** A copy that can be changed: totals, and the accounts named. */
function copyOf(state: FraxlendState, names: readonly string[]): FraxlendState {
  const borrowers = names.flatMap((name) => {
    const borrower = state.borrowers.get(name)
    return borrower ? [[name, { ...borrower }] as const] : []
  })
  const lenders = names.flatMap((name) => {
    const shares = state.lenders.get(name)
    return shares === undefined ? [] : [[name, shares] as const]
  })
  const { totalAsset, totalBorrow, own } = state
  return {
    ...{ ...state, totalAsset: { ...totalAsset }, totalBorrow: { ...totalBorrow }, own: { ...own } },
    ...{ borrowers: new Map(borrowers), lenders: new Map(lenders) },
  }
}

/** Runs an action on a state that may be left half changed when it reverts. */
function run(state: FraxlendState, action: FraxlendAction, at: Moment): Completed {
  const time = BigInt(at.time)
  const oracle = oracleOf(state, at)
  const { asset, collateral } = state.config
  const flow = (name: string, amount: bigint) => ({ asset: name, atoms: atoms(amount) })
  if (action.do === 'accrue') return { facts: [], moved: { ...addInterest(state, time) } }
  if (action.do === 'withdraw-fees') {
    const fees = withdrawFees(state)
    return { facts: [], received: [flow(asset, fees.amount), flow(collateral, fees.collateral)] }
  }
  const { account } = action
  if (action.do === 'liquidate') return liquidation(state, action, oracle, time)
  if (action.do === 'deposit') {
    deposit(state, account, action.amount, time)
    return { facts: [], paid: [flow(asset, action.amount)] }
  }
  if (action.do === 'withdraw' || action.do === 'redeem') {
    const call = action.do === 'redeem' ? { shares: action.shares } : { amount: action.amount }
    return { facts: [], received: [flow(asset, redeem(state, account, call, time))] }
  }
  if (action.do === 'repay') return { facts: [], paid: [flow(asset, repayAsset(state, account, action.shares, time))] }
  if (action.do === 'borrow') {
    borrowAsset(state, account, action, oracle, time)
    return {
      facts: [],
      paid: [flow(collateral, action.collateral)],
      received: [flow(asset, action.amount)],
    }
  }
  if (action.do === 'add-collateral') {
    addCollateral(state, account, action.amount, time)
    return { facts: [], paid: [flow(collateral, action.amount)] }
  }
  removeCollateral(state, account, action.amount, oracle, time)
  return { facts: [], received: [flow(collateral, action.amount)] }
}

function liquidation(
  state: FraxlendState,
  action: Extract<FraxlendAction, { do: 'liquidate' }>,
  oracle: FraxlendOracle,
  time: bigint,
): Completed {
  const { account: borrower, shares, deadline = time, liquidator } = action
  const { asset, collateral, pair } = state.config
  const low = () => {
    updateExchangeRate(state, oracle, time)
    return state.exchange.low
  }
  const moved = liquidate(state, { borrower, shares, deadline, low, time })
  const { amountLiquidatorToRepay: repaid, collateralForLiquidator: seized, amountToAdjust: lost } = moved
  return {
    facts: [
      {
        type: 'loan-liquidation',
        ...{ protocol: 'fraxlend', market: pair, account: borrower, liquidator },
        repaid: { asset, atoms: repaid },
        seized: { asset: collateral, atoms: seized },
        usd: undefined,
        badDebt: lost > 0n ? { asset, atoms: lost } : undefined,
      },
    ],
    paid: [{ asset, atoms: atoms(repaid) }],
    received: [{ asset: collateral, atoms: atoms(seized) }],
    moved: { ...moved },
  }
}

/** Collateral backs as it is; the debt grows with the low answer, collateral atoms per unit of the feed. */
function exposure(state: FraxlendState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  const borrower = seen?.borrowers.get(target)
  if (!seen || !borrower) return undefined
  const { lowFeed: feed, maxLtv } = seen.config
  // A second call in one second reads what is stored, which no feed moves.
  if (state.exchange.lastTimestamp === BigInt(at.time)) return undefined
  const owed = toAmount(seen.totalBorrow, borrower.borrowShares, true)
  return {
    slopes: [{ feed, backing: 0, required: Number(owed) / 1e18 }],
    constant: { backing: (Number(borrower.collateral) * Number(maxLtv)) / 1e5, required: 0 },
  }
}

/** Asset that is not lent, and all collateral (fees included). */
function holdings(state: FraxlendState): ReadonlyMap<string, Atoms> {
  const { asset, collateral } = state.config
  const held = new Map<string, Atoms>([[asset, atoms(availableOf(state))]])
  held.set(collateral, atoms((held.get(collateral) ?? 0n) + state.totalCollateral))
  return held
}
