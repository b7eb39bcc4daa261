/**
 * Liquity v1: opening, changing and closing a trove, its fee, and redemption. The borrowing fee is 0.5 % plus the base rate (at most 5 %), none in
 * recovery mode; the base rate halves every 12 hours and grows by half of the part of the supply that a redemption takes.
 *
 * Source: liquity/dev@b9a16d05 `BorrowerOperations.sol`, `TroveManager.sol` (`redeemCollateral`, fee functions), `LiquityMath.sol` (`_decPow`).
 */
import { ensure, min, mul, revert } from '../solidity.ts'
import {
  applyPending,
  CCR,
  closeTrove,
  entireSystem,
  insertInOrder,
  LUSD_GAS_COMPENSATION,
  type LusdState,
  type LusdTrove,
  latestTrove,
  MCR,
  MIN_NET_DEBT,
  nominalRatioDown,
  ratioDown,
  subtract,
  totalRatio,
  updateStake,
  WAD,
} from './rules.ts'

const MINUTE_DECAY_FACTOR = 999_037_758_833_783_000n
const FEE_FLOOR = WAD / 200n
const MAX_BORROWING_FEE = WAD / 20n
const MOST_MINUTES = 525_600_000n
const BOOTSTRAP_PERIOD = 14n * 86_400n

/** The active trove of an account. */
export function troveOf(state: LusdState, account: string): LusdTrove {
  return state.troves.get(account) ?? revert('BorrowerOps: Trove does not exist or is closed')
}

/** `base^minutes` at 1e18 by squaring, every product half up. */
export function powerHalfUp(base: bigint, minutes: bigint): bigint {
  const times = (a: bigint, b: bigint) => (mul(a, b) + WAD / 2n) / WAD
  let [result, power, left] = [WAD, base, min(minutes, MOST_MINUTES)]
  if (left === 0n) return WAD
  while (left > 1n) {
    if (left % 2n === 1n) result = times(power, result)
    power = times(power, power)
    left /= 2n
  }
  return times(power, result)
}

/** The base rate as it has decayed by now, wad, rounded down. */
export function decayedBaseRate({ fees }: LusdState, time: bigint): bigint {
  const minutes = subtract(time, fees.lastFeeOperationTime) / 60n
  return mul(fees.baseRate, powerHalfUp(MINUTE_DECAY_FACTOR, minutes)) / WAD
}

function setBaseRate(state: LusdState, rate: bigint, time: bigint): void {
  state.fees.baseRate = rate
  if (time - state.fees.lastFeeOperationTime >= 60n) state.fees.lastFeeOperationTime = time
}

/** Charges the fee for new debt, LUSD rounded down; it goes to the stakers. */
function borrowingFee(state: LusdState, lusd: bigint, maxFee: bigint, time: bigint): bigint {
  setBaseRate(state, decayedBaseRate(state, time), time)
  const fee = mul(min(FEE_FLOOR + state.fees.baseRate, MAX_BORROWING_FEE), lusd) / WAD
  ensure(mul(fee, WAD) / lusd <= maxFee, 'Fee exceeded provided maximum')
  state.fees.stakersLUSD += fee
  return fee
}

function ensureFeeLimit(maxFee: bigint, recovery: boolean): void {
  if (recovery) ensure(maxFee <= WAD, 'Max fee percentage must less than or equal to 100%')
  else ensure(maxFee >= FEE_FLOOR && maxFee <= WAD, 'Max fee percentage must be between 0.5% and 100%')
}

function ensureNewTotal(state: LusdState, coll: bigint, debt: bigint, price: bigint): void {
  const whole = entireSystem(state)
  ensure(
    ratioDown(subtract(whole.coll + coll, 0n), subtract(whole.debt + debt, 0n), price) >= CCR,
    'BorrowerOps: An operation that would result in TCR < CCR is not permitted',
  )
}

const ensureCCR = (icr: bigint) => ensure(icr >= CCR, 'BorrowerOps: Operation must leave trove with ICR >= CCR')
const ensureMCR = (icr: bigint) =>
  ensure(icr >= MCR, 'BorrowerOps: An operation that would result in ICR < MCR is not permitted')
const ensureMinimum = (net: bigint) =>
  ensure(net >= MIN_NET_DEBT, "BorrowerOps: Trove's net debt must be greater than minimum")

/** Opens a trove: `coll` ETH in, `lusd` out; the debt is that with fee and reserve. Returns the fee. */
export function openTrove(
  state: LusdState,
  { account, coll, lusd, maxFee }: { account: string; coll: bigint; lusd: bigint; maxFee: bigint },
  price: bigint,
  time: bigint,
): bigint {
  const recovery = totalRatio(state, price) < CCR
  ensureFeeLimit(maxFee, recovery)
  ensure(!state.troves.has(account), 'BorrowerOps: Trove is active')
  ensure(lusd > 0n || recovery, 'SafeMath: division by zero')
  const fee = recovery ? 0n : borrowingFee(state, lusd, maxFee, time)
  ensureMinimum(lusd + fee)
  const debt = lusd + fee + LUSD_GAS_COMPENSATION
  const icr = ratioDown(coll, debt, price)
  if (recovery) ensureCCR(icr)
  else {
    ensureMCR(icr)
    ensureNewTotal(state, coll, debt, price)
  }
  const { L_ETH, L_LUSDDebt } = state.system
  const trove: LusdTrove = { debt, coll, stake: 0n, snapshotETH: L_ETH, snapshotLUSDDebt: L_LUSDDebt }
  updateStake(state, trove)
  insertInOrder(state, account, nominalRatioDown(coll, debt))
  state.troves.set(account, trove)
  state.active.coll += coll
  state.active.debt += debt
  state.fees.gasPool += LUSD_GAS_COMPENSATION
  return fee
}

/** A change of a trove: ETH and LUSD, in or out. */
export type LusdChange = {
  readonly account: string
  readonly collIn: bigint
  readonly collOut: bigint
  readonly lusdIn: bigint
  readonly lusdOut: bigint
  readonly maxFee: bigint
}

/** Changes a trove. Returns the fee. */
export function adjustTrove(state: LusdState, change: LusdChange, price: bigint, time: bigint): bigint {
  const { account, collIn, collOut, lusdIn, lusdOut } = change
  const recovery = totalRatio(state, price) < CCR
  if (lusdOut > 0n) ensureFeeLimit(change.maxFee, recovery)
  ensure(lusdIn === 0n || lusdOut === 0n, 'BorrowerOps: There must be either a collateral change or a debt change')
  ensure(collIn === 0n || collOut === 0n, 'BorrowerOperations: Cannot withdraw and add coll')
  ensure(
    collIn + collOut + lusdIn + lusdOut > 0n,
    'BorrowerOps: There must be either a collateral change or a debt change',
  )
  const trove = troveOf(state, account)
  applyPending(state, trove)
  const fee = lusdOut > 0n && !recovery ? borrowingFee(state, lusdOut, change.maxFee, time) : 0n
  const [coll, debt] = [subtract(trove.coll + collIn, collOut), subtract(trove.debt + lusdOut + fee, lusdIn)]
  const [before, after] = [ratioDown(trove.coll, trove.debt, price), ratioDown(coll, debt, price)]
  if (recovery) {
    ensure(collOut === 0n, 'BorrowerOps: Collateral withdrawal not permitted Recovery Mode')
    if (lusdOut > 0n) {
      ensureCCR(after)
      ensure(after >= before, "BorrowerOps: Cannot decrease your Trove's ICR in Recovery Mode")
    }
  } else {
    ensureMCR(after)
    ensureNewTotal(state, collIn - collOut, lusdOut + fee - lusdIn, price)
  }
  if (lusdIn > 0n) ensureMinimum(subtract(subtract(trove.debt, LUSD_GAS_COMPENSATION), lusdIn))
  state.active.coll += coll - trove.coll
  state.active.debt += debt - trove.debt
  trove.coll = coll
  trove.debt = debt
  updateStake(state, trove)
  reinsert(state, account, nominalRatioDown(coll, debt))
  return fee
}

function reinsert(state: LusdState, account: string, nicr: bigint): void {
  state.order.splice(state.order.indexOf(account), 1)
  insertInOrder(state, account, nicr)
}

/** Closes an account's own trove: what he pays and gets back. */
export function closeOwnTrove(
  state: LusdState,
  account: string,
  price: bigint,
): { readonly lusd: bigint; readonly coll: bigint } {
  const trove = troveOf(state, account)
  ensure(totalRatio(state, price) >= CCR, 'BorrowerOps: Operation not permitted during Recovery Mode')
  applyPending(state, trove)
  const { coll, debt } = trove
  ensureNewTotal(state, -coll, -debt, price)
  closeTrove(state, account, trove)
  state.active.debt = subtract(state.active.debt, debt)
  state.active.coll = subtract(state.active.coll, coll)
  state.fees.gasPool -= LUSD_GAS_COMPENSATION
  return { lusd: debt - LUSD_GAS_COMPENSATION, coll }
}

/** What a redemption moved: LUSD burned, ETH drawn, and the part of it that is the fee. */
export type LusdRedemption = { readonly lusd: bigint; readonly drawn: bigint; readonly fee: bigint }

/** Swaps LUSD for ETH at face value against the riskiest troves above 110 %, hints taken as exact. */
export function redeem(
  state: LusdState,
  { lusd, maxFee, mostTroves }: { lusd: bigint; maxFee: bigint; mostTroves: number },
  price: bigint,
  time: bigint,
): LusdRedemption {
  ensureFeeLimit(maxFee, false)
  ensure(
    time >= state.deployedAt + BOOTSTRAP_PERIOD,
    'TroveManager: Redemptions are not allowed during bootstrap phase',
  )
  ensure(totalRatio(state, price) >= MCR, 'TroveManager: Cannot redeem when TCR < MCR')
  ensure(lusd > 0n, 'TroveManager: Amount must be greater than zero')
  const supply = entireSystem(state).debt
  let [left, drawn, tries] = [lusd, 0n, mostTroves === 0 ? Number.POSITIVE_INFINITY : mostTroves]
  for (const account of [...state.order].reverse()) {
    if (left === 0n || tries === 0) break
    const trove = troveOf(state, account)
    const latest = latestTrove(state, trove)
    if (drawn === 0n && ratioDown(latest.coll, latest.debt, price) < MCR) continue
    tries -= 1
    const taken = redeemFrom(state, account, trove, left, price)
    if (!taken) break
    left -= taken.lusd
    drawn += taken.coll
  }
  ensure(drawn > 0n, 'TroveManager: Unable to redeem any amount')
  const grown = decayedBaseRate(state, time) + mul(drawn, price) / supply / 2n
  setBaseRate(state, min(grown, WAD), time)
  ensure(state.fees.baseRate > 0n, 'invalid opcode')
  const fee = mul(min(FEE_FLOOR + state.fees.baseRate, WAD), drawn) / WAD
  ensure(fee < drawn, 'TroveManager: Fee would eat up all returned collateral')
  ensure(mul(fee, WAD) / drawn <= maxFee, 'Fee exceeded provided maximum')
  state.active.debt = subtract(state.active.debt, lusd - left)
  state.active.coll = subtract(state.active.coll, drawn)
  state.fees.stakersETH += fee
  return { lusd: lusd - left, drawn, fee }
}

/** Takes from one trove; `undefined` when the rest would be too small a debt. */
function redeemFrom(state: LusdState, account: string, trove: LusdTrove, most: bigint, price: bigint) {
  applyPending(state, trove)
  const lusd = min(most, subtract(trove.debt, LUSD_GAS_COMPENSATION))
  const taken = { lusd, coll: mul(lusd, WAD) / price }
  const [debt, coll] = [trove.debt - lusd, subtract(trove.coll, taken.coll)]
  if (debt === LUSD_GAS_COMPENSATION) {
    closeTrove(state, account, trove)
    state.fees.gasPool -= LUSD_GAS_COMPENSATION
    state.active.debt = subtract(state.active.debt, LUSD_GAS_COMPENSATION)
    state.surplus.set(account, (state.surplus.get(account) ?? 0n) + coll)
    state.active.coll = subtract(state.active.coll, coll)
    return taken
  }
  if (debt - LUSD_GAS_COMPENSATION < MIN_NET_DEBT) return undefined
  trove.debt = debt
  trove.coll = coll
  updateStake(state, trove)
  reinsert(state, account, nominalRatioDown(coll, debt))
  return taken
}
