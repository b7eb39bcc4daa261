/** Random Liquity v2 worlds for the conformance suite: two branches, prices that wander and crash, everything anybody may call. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type BoldBranch, boldTerms, emptyBranch, latestOf } from './branch.ts'
import type { BoldAction, BoldState } from './mechanism.ts'
import { compoundedDeposit, depositCollGain, depositYieldGain, GAS_DEPOSIT, WAD } from './rules.ts'

const TROVES = ['ann', 'bob', 'cid'] as const
const BRANCHES = ['WETH', 'wstETH'] as const
const START = 1_700_000_000

/** A world of its own for every generator. */
export function liquityV2World(chance: Prng): World<BoldState, BoldAction> {
  const state: BoldState = {
    branches: new Map([
      ['WETH', emptyBranch('WETH', 'eth', boldTerms('WETH'))],
      ['wstETH', emptyBranch('wstETH', 'wsteth', boldTerms('staked'))],
    ]),
    base: { baseRate: WAD, lastFeeOperationTime: BigInt(START) - 86_400n },
  }
  for (const branch of state.branches.values()) branch.active.lastAggUpdateTime = BigInt(START)
  const outside = walk(chance)
  return {
    state,
    at: outside(START),
    next: (now, { time, price }) => ({
      action: actionOf(now, price, chance),
      at: outside(time + chance.int(chance.pick([100, 50_000, 2_000_000]))),
    }),
    attacks: (_now, target) => {
      const [branch = '', trove = ''] = target.split('/')
      return [{ do: 'liquidate', branch, troves: [trove] }]
    },
    audit: auditOf,
  }
}

function walk(chance: Prng): (time: number) => Moment {
  const prices = new Map([
    ['eth', 2_000],
    ['wsteth', 2_400],
  ])
  return (time) => {
    const jump = chance.int(8) === 0 ? Math.log(0.55 + chance.next() * 0.6) : 0
    for (const [feed, price] of prices) {
      const pull = Math.log((feed === 'eth' ? 2_000 : 2_400) / price) * 0.15
      prices.set(feed, price * Math.exp(pull + jump + 0.03 * chance.normal()))
    }
    const answers = new Map([...prices].map(([feed, price]) => [feed, BigInt(Math.round(price * 1e8)) * 10n ** 10n]))
    return { time: time as UnixSeconds, price: (feed) => answers.get(feed) as FeedAnswer | undefined }
  }
}

const wads = (amount: number) => BigInt(Math.round(amount * 1e9)) * 10n ** 9n

function actionOf(state: BoldState, price: Moment['price'], chance: Prng): BoldAction {
  const [id, trove, account] = [chance.pick(BRANCHES), chance.pick(TROVES), chance.pick(TROVES)]
  const branch = state.branches.get(id)
  const dollars = Number(price(branch?.feed ?? '') ?? 0n) / 1e18
  const known = branch?.troves.get(trove)
  const dice = chance.int(24)
  if (!branch || !known || dice < 2) return opening(id, trove, dollars, branch?.order.length === 0, chance)
  const part = (of: bigint) => (of * BigInt(chance.int(50))) / 100n
  if (dice < 6) {
    const coll =
      chance.int(2) === 0 ? { collIn: part(known.coll) } : chance.int(3) === 0 ? { collOut: part(known.coll) / 2n } : {}
    const bold =
      chance.int(2) === 0 ? { boldOut: part(known.debt) } : chance.int(2) === 0 ? { boldIn: part(known.debt) } : {}
    return { do: 'adjust', branch: id, trove, ...coll, ...bold, maxUpfrontFee: 10n ** 30n }
  }
  if (dice < 7) return { do: 'set-rate', branch: id, trove, rate: rateOf(chance), maxUpfrontFee: 10n ** 30n }
  if (dice < 9) return { do: chance.pick(['close', 'apply-pending', 'apply-pending'] as const), branch: id, trove }
  if (dice < 13)
    return { do: 'provide', branch: id, account, bold: wads(chance.int(5_000)), claim: chance.int(2) === 0 }
  if (dice < 15)
    return { do: 'withdraw', branch: id, account, bold: wads(chance.int(6_000)), claim: chance.int(2) === 0 }
  if (dice < 16) return { do: chance.pick(['claim-stashed', 'claim-surplus'] as const), branch: id, account }
  if (dice < 18) return { do: 'redeem', bold: wads(100 + chance.int(6_000)), maxFee: WAD, mostTroves: chance.int(3) }
  if (dice < 19 && chance.int(2) === 0) return { do: 'shut-down', branch: id }
  if (dice < 20) return { do: 'redeem-urgently', branch: id, bold: wads(3_000), troves: [trove, account], minColl: 0n }
  return {
    do: 'liquidate',
    branch: id,
    troves: chance.int(2) === 0 ? [trove] : [account, trove, account, 'nobody'],
    liquidator: 'lin',
  }
}

const rateOf = (chance: Prng) => (WAD * BigInt(4 + chance.int(chance.pick([100, 2_600])))) / 1_000n

function opening(branch: string, trove: string, dollars: number, first: boolean, chance: Prng): BoldAction {
  const bold = 1_950 + chance.int(20_000)
  const least = branch === 'WETH' ? 1.08 : 1.18
  const ratio = least + chance.next() * (first ? 2 : 0.9) + (chance.int(3) === 0 ? 0.6 : 0)
  return {
    ...{ do: 'open', branch, trove, owner: trove, coll: wads((bold * 1.01 * ratio) / dollars), bold: wads(bold) },
    ...{ rate: rateOf(chance), maxUpfrontFee: 10n ** 30n },
  }
}

/** Each branch: records make the sums, what is pending is at most what was redistributed, deposits at most the pool, the order holds. */
function auditOf({ branches }: BoldState, at: Moment): string | undefined {
  for (const [id, branch] of branches) {
    const wrong = auditBranch(branch, BigInt(at.time))
    if (wrong !== undefined) return `${id}: ${wrong}`
  }
  return undefined
}

function auditBranch(branch: BoldBranch, time: bigint): string | undefined {
  const { troves, order, system, active, redistributed, pool, deposits, stashed } = branch
  let [coll, weighted, stakes, debtGain, collGain, debt] = [0n, 0n, 0n, 0n, 0n, 0n]
  for (const trove of troves.values()) {
    const latest = latestOf(branch, trove, time)
    coll += trove.coll
    weighted += trove.debt * trove.annualInterestRate
    stakes += trove.stake
    debtGain += latest.redistBoldDebtGain
    collGain += latest.redistCollGain
    debt += trove.debt
  }
  if (coll !== active.collBalance) return `troves hold ${coll}, the active pool ${active.collBalance}`
  if (weighted !== active.aggWeightedDebtSum) return 'weighted debts do not add up'
  if (stakes !== system.totalStakes) return 'stakes do not add up'
  if (debt > active.aggRecordedDebt) return 'troves owe more than was minted'
  if (debtGain > redistributed.boldDebt || collGain > redistributed.collBalance)
    return 'more is pending than was redistributed'
  if (branch.gasPool !== GAS_DEPOSIT * BigInt(troves.size)) return 'the reserve is not 0.0375 WETH a trove'
  const active_ = [...troves].filter(([, { zombie }]) => !zombie)
  if (order.length !== active_.length) return 'the order names other troves'
  const rates = order.map((trove) => troves.get(trove)?.annualInterestRate ?? -1n)
  if (rates.some((rate, place) => place > 0 && rate > (rates[place - 1] ?? rate))) return 'the order does not fall'
  const own = [...deposits.values()]
  const sum = (pick: (one: (typeof own)[number]) => bigint) => own.reduce((total, one) => total + pick(one), 0n)
  if (sum((one) => compoundedDeposit(pool, one)) > pool.totalBoldDeposits) return 'deposits exceed the pool'
  if (sum((one) => depositYieldGain(pool, one)) > pool.yieldGainsOwed) return 'yields exceed what is owed'
  const left = [...stashed.values()].reduce((total, one) => total + one, 0n)
  return sum((one) => depositCollGain(pool, one)) + left > pool.collBalance ? 'gains exceed the pool' : undefined
}
