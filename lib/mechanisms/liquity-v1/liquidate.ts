/**
 * Liquity v1: which troves a call closes, and what that moves. A batch takes the given ones; a sequence climbs from the riskiest. In recovery mode
 * the call itself may lift the system out of it; from there on only troves below 110 % are taken.
 *
 * As deployed, a batch does not subtract surplus and compensation from the collateral it judges the mode by, and a sequence not the
 * compensation. Source: liquity/dev@b9a16d05 `TroveManager.sol` (`liquidateTroves`, `batchLiquidateTroves` and their four inner loops).
 */
import { ensure } from '../solidity.ts'
import { offset } from './pool.ts'
import {
  CCR,
  closeTrove,
  divideNormal,
  divideRecovery,
  entireSystem,
  LUSD_GAS_COMPENSATION,
  type LusdDivision,
  type LusdState,
  latestTrove,
  MCR,
  movePending,
  ratioDown,
  redistribute,
  subtract,
  totalRatio,
} from './rules.ts'

/** A closed trove. */
export type ClosedLusdTrove = { readonly account: string; readonly division: LusdDivision }

/** What a call did: the troves in order, and what the caller got. */
export type LusdLiquidation = {
  readonly closed: readonly ClosedLusdTrove[]
  readonly lusdGasCompensation: bigint
  readonly collGasCompensation: bigint
}

/** Which troves to try: given ones, or up to `most` from the riskiest on. */
export type LusdCall = { readonly accounts: readonly string[] } | { readonly most: number }

/** A call on its way: what the pool can still give and, in recovery mode, the system as the loop sees it. */
type Sweep = {
  readonly state: LusdState
  readonly price: bigint
  readonly call: LusdCall
  readonly closed: ClosedLusdTrove[]
  poolLeft: bigint
  recovery: boolean
  coll: bigint
  debt: bigint
}

/** Closes troves. In place; reverts with the contract's words, possibly half-way: the caller restores the state then. */
export function liquidateTroves(state: LusdState, call: LusdCall, price: bigint): LusdLiquidation {
  if ('accounts' in call) ensure(call.accounts.length !== 0, 'TroveManager: Calldata address array must not be empty')
  const sweep: Sweep = {
    ...{ state, price, call, closed: [], poolLeft: state.pool.totalDeposits },
    ...{ recovery: totalRatio(state, price) < CCR, ...entireSystem(state) },
  }
  if ('accounts' in call) for (const account of call.accounts) tryTrove(sweep, account)
  else climb(sweep, call.most)
  const { closed } = sweep
  const sum = (pick: (one: LusdDivision) => bigint) =>
    closed.reduce((total, { division }) => total + pick(division), 0n)
  ensure(sum((one) => one.entireDebt) > 0n, 'TroveManager: nothing to liquidate')
  settle(state, sum)
  return {
    closed,
    lusdGasCompensation: LUSD_GAS_COMPENSATION * BigInt(closed.length),
    collGasCompensation: sum((one) => one.collGasCompensation),
  }
}

/** From the riskiest upwards, until one is left alone; in recovery mode never the safest. */
function climb(sweep: Sweep, most: number): void {
  const { state } = sweep
  const risky = state.order.slice(-most).reverse()
  const first = state.order[0]
  const began = sweep.recovery
  for (const account of most > 0 ? risky : []) {
    if (began && account === first) break
    const before = sweep.closed.length
    const wasRecovery = sweep.recovery
    if (tryTrove(sweep, account) === 'stop') break
    // In recovery mode a trove may be passed over; otherwise the first that is not taken ends the climb.
    if (!wasRecovery && sweep.closed.length === before) break
  }
}

function tryTrove(sweep: Sweep, account: string): 'stop' | undefined {
  const { state, price } = sweep
  const trove = state.troves.get(account)
  if (!trove) return undefined
  const latest = latestTrove(state, trove)
  const icr = ratioDown(latest.coll, latest.debt, price)
  if (sweep.recovery && icr >= MCR && sweep.poolLeft === 0n) return 'stop'
  if (!sweep.recovery && icr >= MCR) return undefined
  const division = sweep.recovery ? recoveryDivision(sweep, latest) : divideNormal(latest, sweep.poolLeft)
  if (division) {
    movePending(state, latest)
    closeTrove(state, account, trove)
    if (division.collSurplus > 0n) state.surplus.set(account, (state.surplus.get(account) ?? 0n) + division.collSurplus)
    sweep.poolLeft -= division.debtToOffset
    sweep.closed.push({ account, division })
  }
  if (sweep.recovery) watchMode(sweep, division)
  return undefined
}

function recoveryDivision({ state, price, poolLeft, coll, debt }: Sweep, latest: ReturnType<typeof latestTrove>) {
  if (state.order.length <= 1) return undefined
  return divideRecovery(latest, poolLeft, price, ratioDown(coll, debt, price))
}

function watchMode(sweep: Sweep, division: LusdDivision | undefined): void {
  if (division) {
    const surplus = 'accounts' in sweep.call ? 0n : division.collSurplus
    sweep.debt = subtract(sweep.debt, division.debtToOffset)
    sweep.coll = subtract(sweep.coll, division.collToPool + surplus)
  }
  sweep.recovery = ratioDown(sweep.coll, sweep.debt, sweep.price) < CCR
}

/** Moves the sums: to the pool, to the other troves, to owners and the caller; then takes the snapshots. */
function settle(state: LusdState, sum: (pick: (one: LusdDivision) => bigint) => bigint): void {
  const { active, system, pool, fees } = state
  const [debt, coll] = [sum((one) => one.debtToOffset), sum((one) => one.collToPool)]
  if (pool.totalDeposits > 0n && debt > 0n) {
    offset(pool, debt, coll)
    active.debt = subtract(active.debt, debt)
    active.coll = subtract(active.coll, coll)
  }
  redistribute(
    state,
    sum((one) => one.debtToRedistribute),
    sum((one) => one.collToRedistribute),
  )
  active.coll = subtract(
    active.coll,
    sum((one) => one.collSurplus),
  )
  active.coll = subtract(
    active.coll,
    sum((one) => one.collGasCompensation),
  )
  system.totalStakesSnapshot = system.totalStakes
  system.totalCollateralSnapshot = active.coll + state.redistributed.coll
  const closed = sum(() => 1n)
  fees.gasPool = subtract(fees.gasPool, LUSD_GAS_COMPENSATION * closed)
}
