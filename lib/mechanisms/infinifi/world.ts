/** Random worlds of InfiniFi: deposits, locks and exits while farms gain, lose and now and then break. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { lockMultiplier, WAD } from './rules.ts'
import { type InfinifiAction, type InfinifiState, infinifiState } from './state.ts'

const ACCOUNTS = ['ann', 'bob', 'cid'] as const
const FARMS = ['bills', 'credit'] as const
const PERCENT = WAD / 100n

/** A world of its own for every generator. */
export function infinifiWorld(chance: Prng): World<InfinifiState, InfinifiAction> {
  const terms = {
    multipliers: new Map([1, 4, 13].map((weeks) => [weeks, lockMultiplier(weeks)])),
    liquidReturn: BigInt(70 + chance.int(40)) * PERCENT,
    targetIlliquidRatio: BigInt(chance.int(30)) * PERCENT,
    performanceFee: BigInt(chance.int(20)) * PERCENT,
    safetyBuffer: BigInt(chance.int(1_000)) * WAD,
    maxLoss: chance.next() < 0.3 ? 20n * PERCENT : WAD,
  }
  const prices = new Map<string, number>(FARMS.map((farm) => [farm, 1]))
  const momentOf = (time: number): Moment => {
    for (const farm of FARMS) {
      const jump = chance.next() < 0.06 ? 0.25 + 0.6 * chance.next() : Math.exp(0.01 * chance.normal() + 0.002)
      prices.set(farm, Math.min(3, Math.max(0.02, (prices.get(farm) ?? 1) * jump)))
    }
    const answers = new Map([...prices].map(([farm, price]) => [farm, BigInt(Math.round(price * 1e18)) as FeedAnswer]))
    return { time: time as UnixSeconds, price: (feed) => answers.get(feed) }
  }
  const start = 1_699_999_200
  let next = 0
  return {
    state: infinifiState(terms, new Map(FARMS.map((farm) => [farm, { feed: farm, maturity: 0n }])), BigInt(start)),
    at: momentOf(start),
    next: (state, { time }) => ({
      action: actionOf(state, chance, () => `exit-${next++}`),
      at: momentOf(time + chance.int(500_000)),
    }),
    attacks: () => [],
    audit: auditOf,
  }
}

function actionOf(state: InfinifiState, chance: Prng, id: () => string): InfinifiAction {
  const account = chance.pick(ACCOUNTS)
  const held = state.wallets.get(account) ?? 0n
  const part = (amount: bigint) => (amount * BigInt(1 + chance.int(100))) / 100n
  const farm = chance.pick(FARMS)
  const units = state.farms.get(farm)?.units ?? 0n
  const dice = chance.int(20)
  if (state.paused) return chance.next() < 0.5 ? { do: 'unpause' } : { do: 'accrue' }
  if (dice < 3 || held === 0n) return { do: 'mint', account, amount: BigInt(1 + chance.int(50_000)) * WAD }
  if (dice < 6) return { do: 'lock', account, amount: part(held), weeks: chance.pick([1, 4, 13, 2]) }
  if (dice < 8) return { do: 'stake', account, amount: part(held) }
  if (dice < 9) return { do: 'unstake', account, amount: part(state.savings.holders.get(account) ?? 1n) }
  if (dice < 10) return { do: 'redeem', account, amount: part(held) }
  if (dice < 12) return { do: 'start-unwinding', account, weeks: chance.pick([1, 4, 13]), id: id() }
  const leaving = [...state.unwinding.positions.keys()][0]
  if (dice < 13 && leaving)
    return { do: chance.pick(['withdraw', 'withdraw', 'cancel-unwinding'] as const), id: leaving, weeks: 13 }
  if (dice < 15) return { do: 'deploy', farm, units: part(state.idle), assets: part(state.idle) }
  if (dice < 16) return { do: 'exit', farm, units: part(units), assets: part(units) }
  if (dice < 17) return { do: 'fund' }
  if (dice < 18) return { do: 'claim', account }
  return { do: 'accrue' }
}

/** Everything issued is somewhere: in wallets, tranches, buffer, fees, or waiting. */
function auditOf(state: InfinifiState): string | undefined {
  let sum = state.buffer + state.fees + state.savings.tokens + state.unwinding.tokens
  for (const amount of state.wallets.values()) sum += amount
  for (const { tokens } of state.locks.values()) sum += tokens
  for (const { amount } of state.queue) sum += amount
  let due = 0n
  for (const amount of state.claims.values()) due += amount
  if (due !== state.owed) return `claims of ${due} against ${state.owed} set aside`
  return sum === state.supply ? undefined : `the tranches hold ${sum} of a supply of ${state.supply}`
}
