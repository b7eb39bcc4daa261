/** Random Liquity v1 worlds for the conformance suite: five accounts, a price that wanders and crashes into recovery mode and back. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import type { LusdAction } from './mechanism.ts'
import { compoundedDeposit, depositGain, emptyPool } from './pool.ts'
import { entireSystem, LUSD_GAS_COMPENSATION, type LusdState, latestTrove, nominalRatioDown, WAD } from './rules.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot', 'eve'] as const
const START = 1_700_000_000

/** An empty system, redemptions allowed. */
export function emptyLusdState(feed: string, deployedAt: bigint): LusdState {
  return {
    ...{ feed, deployedAt, troves: new Map(), order: [] },
    system: {
      ...{ totalStakes: 0n, totalStakesSnapshot: 0n, totalCollateralSnapshot: 0n },
      ...{ L_ETH: 0n, L_LUSDDebt: 0n, lastETHError: 0n, lastLUSDDebtError: 0n },
    },
    ...{ active: { coll: 0n, debt: 0n }, redistributed: { coll: 0n, debt: 0n }, surplus: new Map() },
    fees: { baseRate: 0n, lastFeeOperationTime: deployedAt, gasPool: 0n, stakersLUSD: 0n, stakersETH: 0n },
    pool: emptyPool(),
  }
}

/** A world of its own for every generator. */
export function liquityV1World(chance: Prng): World<LusdState, LusdAction> {
  const state = emptyLusdState('eth', BigInt(START) - 13n * 86_400n)
  let dollars = 2_000
  const outside = (time: number): Moment => {
    const jump = chance.int(9) === 0 ? Math.log(0.6 + chance.next() * 0.6) : 0
    dollars *= Math.exp(Math.log(2_000 / dollars) * 0.15 + jump + 0.04 * chance.normal())
    const answer = BigInt(Math.round(dollars * 1e8)) * 10n ** 10n
    return { time: time as UnixSeconds, price: (feed) => (feed === 'eth' ? (answer as FeedAnswer) : undefined) }
  }
  return {
    state,
    at: outside(START),
    next: (now, { time, price }) => ({
      action: actionOf(now, Number(price('eth') ?? 0n) / 1e18, chance),
      at: outside(time + chance.int(chance.pick([100, 20_000]))),
    }),
    attacks: (_now, account) => [{ do: 'liquidate', account }],
    audit: auditOf,
  }
}

function actionOf(state: LusdState, dollars: number, chance: Prng): LusdAction {
  const account = chance.pick(ACCOUNTS)
  const dice = chance.int(20)
  const trove = state.troves.get(account)
  if (!trove || dice < 2) {
    const lusd = 1_700 + chance.int(20_000)
    const ratio = 1.05 + chance.next() * (state.order.length === 0 ? 2 : 0.9) + (chance.int(3) === 0 ? 0.6 : 0)
    const coll = wads(((lusd * 1.01 + 200) * ratio) / dollars)
    return { do: 'open', account, coll, lusd: wads(lusd), maxFee: WAD / 20n }
  }
  if (dice < 7) return adjustment(account, trove, chance)
  if (dice < 8) return { do: 'close', account }
  if (dice < 11) return { do: 'provide', account, lusd: wads(chance.int(8_000)) }
  if (dice < 13) return { do: 'withdraw', account, lusd: wads(chance.int(8_000)) }
  if (dice < 14) return { do: chance.pick(['claim-surplus', 'gain-to-trove'] as const), account }
  if (dice < 15) return { do: 'redeem', lusd: wads(100 + chance.int(5_000)), maxFee: WAD, mostTroves: chance.int(3) }
  const liquidator = 'lin'
  if (dice < 17) return { do: 'liquidate-troves', most: chance.int(4), liquidator }
  if (dice < 18)
    return { do: 'liquidate-batch', accounts: [account, chance.pick(ACCOUNTS), chance.pick(ACCOUNTS)], liquidator }
  return { do: 'liquidate', account: state.order.at(-1) ?? account, liquidator }
}

function adjustment(account: string, { coll, debt }: { coll: bigint; debt: bigint }, chance: Prng): LusdAction {
  const part = (of: bigint) => (of * BigInt(chance.int(40))) / 100n
  return {
    ...{ do: 'adjust', account, maxFee: WAD / 20n },
    ...(chance.int(2) === 0 ? { collIn: part(coll) } : chance.int(3) === 0 ? { collOut: part(coll) / 2n } : {}),
    ...(chance.int(2) === 0 ? { lusdOut: part(debt) } : chance.int(2) === 0 ? { lusdIn: part(debt) } : {}),
  }
}

const wads = (amount: number) => BigInt(Math.round(amount * 1e9)) * 10n ** 9n

/** Sums: recorded troves make the active pool, pending ones at most the default pool, deposits at most the pool; and the order holds. */
function auditOf(state: LusdState): string | undefined {
  const { troves, order, system, active, redistributed, fees, pool } = state
  if (order.length !== troves.size || order.some((account) => !troves.has(account)))
    return 'the order names other troves'
  let [coll, debt, stakes, pendingColl, pendingDebt] = [0n, 0n, 0n, 0n, 0n]
  for (const trove of troves.values()) {
    const latest = latestTrove(state, trove)
    coll += trove.coll
    debt += trove.debt
    stakes += trove.stake
    pendingColl += latest.pendingColl
    pendingDebt += latest.pendingDebt
  }
  if (coll !== active.coll || debt !== active.debt)
    return `troves make ${coll}/${debt}, active ${active.coll}/${active.debt}`
  if (stakes !== system.totalStakes) return 'stakes do not add up'
  if (pendingColl > redistributed.coll || pendingDebt > redistributed.debt)
    return 'more is pending than was redistributed'
  if (fees.gasPool !== LUSD_GAS_COMPENSATION * BigInt(troves.size)) return 'the reserve is not 200 LUSD a trove'
  const deposits = [...pool.deposits.values()]
  const held = deposits.reduce((sum, one) => sum + compoundedDeposit(pool, one), 0n)
  const gains = deposits.reduce((sum, one) => sum + depositGain(pool, one), 0n)
  // The fed-back rounding may leave the claims a few parts of P's last digit above the pool, as in the contract: the last to leave cannot take them.
  const slack = (of: bigint) => of + (of * 4n) / (pool.P === 0n ? 1n : pool.P) + 1n
  if (held > slack(pool.totalDeposits) || gains > slack(pool.coll))
    return `deposits of ${held}/${gains} exceed the pool`
  return entireSystem(state).debt < 0n ? 'the system owes less than nothing' : orderOf(state)
}

/** Rounding of what is pending may turn equals round: a difference below a billionth is none. */
function orderOf(state: LusdState): string | undefined {
  const ratios = state.order.map((account) => {
    const trove = state.troves.get(account)
    const { coll, debt } = trove ? latestTrove(state, trove) : { coll: 0n, debt: 1n }
    return nominalRatioDown(coll, debt)
  })
  const wrong = ratios.findIndex((ratio, at) => at > 0 && ratio - ratio / 10n ** 9n > (ratios[at - 1] ?? ratio))
  return wrong < 0 ? undefined : `trove ${state.order[wrong]} stands too far down`
}
