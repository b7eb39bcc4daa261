/** InfiniFi as a mechanism: one target, the protocol itself; a loss that farms have made is shared out by whoever accrues. Rules in `rules.ts`. */
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
import type { Applied, Completed, Mechanism } from '../mechanism.ts'
import { applied, ensure, min, mul, sub, unlessReverted } from '../solidity.ts'
import { createLock, startLeaving, unwindAgain, withdrawUnwound } from './locking.ts'
import {
  epochOf,
  fundQueue,
  lockedWeight,
  lossSplit,
  MAX_QUEUE_LENGTH,
  poolWeight,
  profitSplit,
  rewardLocks,
  rewardUnwinding,
  slashLocks,
  slashUnwinding,
  WAD,
  wadDivDown,
  wadMulDown,
} from './rules.ts'
import { stake, unstake } from './savings.ts'
import { INFINIFI_ASSETS, type InfinifiAction, type InfinifiState } from './state.ts'

/** The one target. */
export const INFINIFI_TARGET = 'protocol'

/** The mechanism. Feeds give USD per unit of a farm in wad. */
export const infinifi: Mechanism<InfinifiState, InfinifiAction> = {
  id: 'infinifi',
  *targets({ supply }) {
    if (supply > 0n) yield INFINIFI_TARGET
  },
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure,
  holdings,
}

/** Value of all assets that claims do not wait for, USD in wad; `undefined` where a farm with units has no price. */
export function infinifiAssets(state: InfinifiState, at: Moment): bigint | undefined {
  let sum = state.idle
  for (const { feed, units } of state.farms.values()) {
    if (units === 0n) continue
    const price = at.price(feed)
    if (price === undefined) return undefined
    sum += wadMulDown(units, price)
  }
  return sum
}

/** Profit (above 0) or loss since the last accrual, iUSD atoms. */
export function unaccruedYield(state: InfinifiState, at: Moment): bigint | undefined {
  const assets = infinifiAssets(state, at)
  if (assets === undefined || state.price === 0n) return undefined
  return wadDivDown(assets, state.price) - state.supply
}

function assess(state: InfinifiState, target: string, at: Moment): Health | undefined {
  const backing = infinifiAssets(state, at)
  const profit = unaccruedYield(state, at)
  if (target !== INFINIFI_TARGET || backing === undefined || profit === undefined || state.supply === 0n)
    return undefined
  const required = wadMulDown(state.supply, state.price)
  return { backing, required, equity: backing - required, liquidatable: profit < 0n }
}

function offers(state: InfinifiState, target: string, at: Moment): readonly Offer<InfinifiAction>[] {
  const profit = unaccruedYield(state, at)
  if (target !== INFINIFI_TARGET || state.paused || profit === undefined || profit >= 0n) return []
  if (BigInt(at.time) < state.updated || -profit > wadMulDown(state.supply, state.terms.maxLoss)) return []
  return [{ target, actor: 'anyone', action: { do: 'accrue' }, pay: [], receive: [] }]
}

function act(state: InfinifiState, action: InfinifiAction, at: Moment): Applied {
  const time = BigInt(at.time)
  ensure(time >= state.updated, 'TimeRunsBack')
  if (action.do === 'unpause') {
    state.paused = false
    return { facts: [] }
  }
  ensure(!state.paused, 'Pausable: paused')
  const draft = structuredClone(state)
  const done = step(draft, action, at, epochOf(time))
  draft.updated = time
  Object.assign(state, draft)
  return done
}

const flow = (asset: string, amount: bigint): AssetAmount => ({ asset, atoms: atoms(amount) })

function step(
  state: InfinifiState,
  action: Exclude<InfinifiAction, { do: 'unpause' }>,
  at: Moment,
  epoch: bigint,
): Completed {
  switch (action.do) {
    case 'accrue':
      return accrue(state, at, epoch)
    case 'mint': {
      ensure(action.amount > 0n, 'AmountZero')
      const minted = wadDivDown(action.amount, state.price)
      state.idle += action.amount
      state.supply += minted
      credit(state, action.account, minted)
      return {
        facts: [],
        paid: [flow(INFINIFI_ASSETS.deposit, action.amount)],
        received: [flow(INFINIFI_ASSETS.receipt, minted)],
      }
    }
    case 'redeem':
      return redeem(state, action.account, action.amount)
    case 'claim': {
      const due = state.claims.get(action.account) ?? 0n
      ensure(due > 0n, 'NoPendingClaims')
      state.claims.delete(action.account)
      state.owed -= due
      return { facts: [], received: [flow(INFINIFI_ASSETS.deposit, due)] }
    }
    case 'fund':
      return fund(state)
    case 'deploy':
    case 'exit':
      return moveFarm(state, action, at)
    default:
      return tranche(state, action, BigInt(at.time), epoch)
  }
}

/** Money in and out of the tranches: iUSD that leaves a wallet is paid, iUSD that comes back is received. */
function tranche(
  state: InfinifiState,
  action: Extract<
    InfinifiAction,
    { do: 'stake' | 'unstake' | 'lock' | 'start-unwinding' | 'cancel-unwinding' | 'withdraw' }
  >,
  time: bigint,
  epoch: bigint,
): Completed {
  switch (action.do) {
    case 'stake':
      debit(state, action.account, action.amount)
      stake(state, action.account, action.amount, time)
      return { facts: [], paid: [flow(INFINIFI_ASSETS.receipt, action.amount)] }
    case 'unstake': {
      const tokens = unstake(state, action.account, action.amount, time)
      credit(state, action.account, tokens)
      return { facts: [], received: [flow(INFINIFI_ASSETS.receipt, tokens)] }
    }
    case 'lock':
      debit(state, action.account, action.amount)
      createLock(state, action.account, action.amount, action.weeks)
      return { facts: [], paid: [flow(INFINIFI_ASSETS.receipt, action.amount)] }
    case 'start-unwinding':
      startLeaving(state, action, epoch)
      return { facts: [] }
    case 'cancel-unwinding':
      unwindAgain(state, action, epoch)
      return { facts: [] }
    case 'withdraw': {
      const { owner, tokens } = withdrawUnwound(state, action.id, epoch)
      credit(state, owner, tokens)
      return { facts: [], received: [flow(INFINIFI_ASSETS.receipt, tokens)] }
    }
  }
}

function credit(state: InfinifiState, account: string, amount: bigint): void {
  state.wallets.set(account, (state.wallets.get(account) ?? 0n) + amount)
}

function debit(state: InfinifiState, account: string, amount: bigint): void {
  ensure(amount > 0n, 'AmountZero')
  const held = state.wallets.get(account) ?? 0n
  ensure(held >= amount, 'ERC20InsufficientBalance')
  state.wallets.set(account, held - amount)
}

/** What is at hand goes at once, the rest waits in the queue. */
function redeem(state: InfinifiState, account: string, amount: bigint): Completed {
  debit(state, account, amount)
  const wanted = wadMulDown(amount, state.price)
  const paid = min(wanted, state.idle)
  const burnt = paid === wanted ? amount : wadDivDown(paid, state.price)
  if (burnt < amount) {
    ensure(state.queue.length < MAX_QUEUE_LENGTH, 'QueueTooLong')
    state.queue = [...state.queue, { recipient: account, amount: amount - burnt }]
  }
  state.idle -= paid
  state.supply -= burnt
  return { facts: [], paid: [flow(INFINIFI_ASSETS.receipt, amount)], received: [flow(INFINIFI_ASSETS.deposit, paid)] }
}

function fund(state: InfinifiState): Completed {
  ensure(state.idle > 0n, 'FundingAmountZero')
  const { queue, claims, burnt, unused } = fundQueue(state.queue, state.idle, state.price)
  state.queue = [...queue]
  for (const { recipient, assets } of claims) state.claims.set(recipient, (state.claims.get(recipient) ?? 0n) + assets)
  state.owed += state.idle - unused
  state.idle = unused
  state.supply -= burnt
  return { facts: [], moved: { burnt } }
}

function moveFarm(
  state: InfinifiState,
  action: Extract<InfinifiAction, { do: 'deploy' | 'exit' }>,
  at: Moment,
): Completed {
  const farm = state.farms.get(action.farm)
  ensure(farm !== undefined, 'InvalidFarm')
  ensure(action.units > 0n && action.assets >= 0n, 'AmountZero')
  const [units, money] = [flow(action.farm, action.units), flow(INFINIFI_ASSETS.deposit, action.assets)]
  if (action.do === 'deploy') {
    ensure(farm.maturity === 0n || farm.maturity > BigInt(at.time), 'MaturityPassed')
    ensure(state.idle >= action.assets, 'InsufficientLiquidity')
    state.idle -= action.assets
    farm.units += action.units
    return { facts: [], paid: [units], received: [money] }
  }
  farm.units = sub(farm.units, action.units)
  state.idle += action.assets
  return { facts: [], paid: [money], received: [units] }
}

function accrue(state: InfinifiState, at: Moment, epoch: bigint): Completed {
  const profit = unaccruedYield(state, at)
  ensure(profit !== undefined, 'NoPrice', 'a farm with units has no price')
  if (profit > 0n) return share(state, profit, epoch)
  if (profit === 0n) return { facts: [] }
  const loss = -profit
  // A loss that no step of the waterfall was made for stops everything until governance has looked at it.
  if (loss > wadMulDown(state.supply, state.terms.maxLoss)) {
    state.paused = true
    return { facts: [], moved: { paused: 1n } }
  }
  return lose(state, loss, epoch)
}

/** Profit: performance fee, safety buffer up to its size, then savings and locks by weight. */
function share(state: InfinifiState, profit: bigint, epoch: bigint): Completed {
  const { terms } = state
  const multiplier = (weeks: number) => terms.multipliers.get(weeks) ?? WAD
  const savings = wadMulDown(state.savings.tokens, terms.liquidReturn)
  const weight = lockedWeight(state.locks, multiplier) + poolWeight(state.unwinding, epoch)
  const balance = lockedBalance(state)
  const factor = weight === 0n || balance === 0n ? WAD : wadDivDown(weight, balance)
  const least = wadMulDown(state.supply, terms.targetIlliquidRatio)
  const weighted = wadMulDown(balance > least ? balance : least, factor)
  state.supply += profit
  const fee = wadMulDown(profit, terms.performanceFee)
  state.fees += fee
  let left = profit - fee
  const filled = state.buffer < terms.safetyBuffer ? min(left, terms.safetyBuffer - state.buffer) : 0n
  state.buffer += filled
  left -= filled
  const { savings: saved, locked } = profitSplit(left, savings, weighted)
  if (savings + weighted === 0n) state.buffer += left
  if (saved > 0n) {
    state.savings.tokens += saved
    const next = String(epoch + 1n)
    state.savings.rewards.set(next, (state.savings.rewards.get(next) ?? 0n) + saved)
  }
  if (locked > 0n) state.fees += rewardLocked(state, locked, multiplier, epoch)
  return { facts: [], moved: { fee, buffer: filled, savings: saved, locked } }
}

/** Rewards of the locks and of what unwinds; what nobody can claim is returned. */
function rewardLocked(
  state: InfinifiState,
  locked: bigint,
  multiplier: (weeks: number) => bigint,
  epoch: bigint,
): bigint {
  const [inLocks, leaving] = [lockedWeight(state.locks, multiplier), poolWeight(state.unwinding, epoch)]
  if (inLocks + leaving === 0n) return locked
  const part = mul(locked, leaving) / (inLocks + leaving)
  rewardUnwinding(state.unwinding, part, epoch)
  return rewardLocks(state.locks, multiplier, locked - part)
}

function lockedBalance(state: InfinifiState): bigint {
  let sum = state.unwinding.tokens
  for (const { tokens } of state.locks.values()) sum += tokens
  return sum
}

function lose(state: InfinifiState, loss: bigint, epoch: bigint): Completed {
  const locked = lockedBalance(state)
  const split = lossSplit(loss, { ...state, locked, savings: state.savings.tokens })
  state.buffer -= split.buffer
  if (split.locked > 0n) {
    const leaving = mul(split.locked, state.unwinding.tokens) / locked
    slashUnwinding(state.unwinding, leaving)
    const taken = slashLocks(state.locks, split.locked - leaving)
    ensure(taken === split.locked - leaving, 'LossLeft')
  }
  slashSavings(state, split.savings, epoch)
  state.supply -= split.buffer + split.locked + split.savings
  state.price = split.priceAfter
  const fact: Fact = {
    ...{ type: 'bad-debt', protocol: 'infinifi', market: INFINIFI_ASSETS.receipt, usd: undefined },
    loss: { asset: INFINIFI_ASSETS.receipt, atoms: split.circulation, decimals: 18 },
  }
  const { priceAfter, ...moved } = split
  return { facts: split.circulation > 0n ? [fact] : [], moved: { ...moved, price: priceAfter } }
}

/** Rewards that are still to be paid out lose first: the next epoch's, this epoch's, then the principal. */
function slashSavings(state: InfinifiState, loss: bigint, epoch: bigint): void {
  let left = loss
  for (const key of [String(epoch + 1n), String(epoch)]) {
    const waiting = state.savings.rewards.get(key) ?? 0n
    const taken = min(waiting, left)
    if (taken > 0n) state.savings.rewards.set(key, waiting - taken)
    left -= taken
  }
  state.savings.tokens -= loss
}

function exposure(state: InfinifiState, target: string): Exposure | undefined {
  if (target !== INFINIFI_TARGET || state.supply === 0n) return undefined
  const slopes = [...state.farms.values()]
    .filter(({ units }) => units > 0n)
    .map(({ feed, units }) => ({ feed, backing: Number(units) / 1e18, required: 0 }))
  return { slopes, constant: { backing: Number(state.idle), required: Number(wadMulDown(state.supply, state.price)) } }
}

/** Deposit token at hand and owed, units of farms, and iUSD that is in somebody's wallet as owed to the outside. */
function holdings(state: InfinifiState): ReadonlyMap<string, Atoms> {
  let outside = 0n
  for (const amount of state.wallets.values()) outside += amount
  const held = new Map<string, Atoms>([
    [INFINIFI_ASSETS.deposit, atoms(state.idle + state.owed)],
    [INFINIFI_ASSETS.receipt, atoms(-outside)],
  ])
  for (const [id, { units }] of state.farms) held.set(id, atoms(units))
  return held
}
