/** Random Kamino worlds for the conformance suite: three reserves, three accounts, prices that wander and crash, limits and marks that begin deleveraging. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { ONE, percentDown, timesDown, whole } from './fraction.ts'
import { KAMINO_DEFAULTS, type KaminoReserve, slotOf, totalSupply } from './market.ts'
import { type KaminoAction, kamino } from './mechanism.ts'
import { borrowFactor, type KaminoState, reserveOf, thresholdsOf } from './obligation.ts'

const ACCOUNTS = ['ann', 'bob', 'cid'] as const
const RESERVES = ['SOL', 'USDC', 'JLP'] as const
const PRICES = { SOL: 150, USDC: 1, JLP: 4 } as const
const START = 1_700_000_000
const DAY = 86_400

/** A world of its own for every generator. */
export function kaminoWorld(chance: Prng): World<KaminoState, KaminoAction> {
  const state: KaminoState = {
    config: {
      ...KAMINO_DEFAULTS,
      closeFactorPct: BigInt(10 + chance.int(30)),
      individualMarginCallPeriod: BigInt(1 + chance.int(2 * DAY)),
      fullLiquidationDuration: BigInt(chance.int(5 * DAY)),
      groups: new Map([
        ['stable', { debtReserve: 'USDC', ltvPct: 88n, liquidationThresholdPct: 92n, maxLiquidationBonusBps: 150n }],
      ]),
    },
    reserves: new Map(RESERVES.map((id) => [id, reserveIn(id, chance)])),
    obligations: new Map(),
  }
  const outside = walk(chance)
  return {
    state,
    at: outside(START),
    next: (now, at) => ({
      action: actionOf(now, at, chance),
      at: outside(at.time + chance.int(chance.pick([60, 40_000]))),
    }),
    attacks: (now, account) => attacksOn(now, account),
    toxic: isToxic,
    audit: auditOf,
  }
}

function reserveIn(id: (typeof RESERVES)[number], chance: Prng): KaminoReserve {
  const threshold = BigInt(60 + chance.int(30))
  const seed = id === 'USDC' ? 2_000_000_000_000n : 10_000_000_000_000n
  const min = BigInt(chance.int(300))
  return {
    ...{ asset: id, feed: id, decimals: id === 'SOL' ? 9n : 6n, depositLimit: seed * 10n, borrowLimit: seed * 10n },
    ...{ available: seed, borrowedSf: 0n, cumulativeRateSf: ONE, protocolFeesSf: 0n, claims: seed },
    ...{ depositLimitCrossed: 0n, borrowLimitCrossed: 0n, lastSlot: slotOf(BigInt(START)), feeVault: 0n },
    config: {
      ...{ loanToValuePct: threshold - 5n, liquidationThresholdPct: threshold },
      borrowFactorPct: BigInt(100 + chance.pick([0, 25, 50])),
      ...{ minLiquidationBonusBps: min, maxLiquidationBonusBps: min + BigInt(chance.int(1_000)) },
      ...{ badDebtLiquidationBonusBps: BigInt(chance.int(100)), protocolLiquidationFeePct: BigInt(chance.int(50)) },
      ...{ protocolTakeRatePct: 15n, hostFixedInterestRateBps: BigInt(chance.pick([0, 100])) },
      utilizationLimitPct: BigInt(chance.pick([0, 95])),
      curve: [
        [0n, 100n],
        [8_000n, 1_500n],
        [10_000n, 12_000n],
      ],
      ...{ autodeleverage: chance.int(2) === 0, marginCallPeriod: BigInt(chance.int(2 * DAY)) },
      ...{
        thresholdDecreaseBpsPerDay: BigInt(100 + chance.int(2_000)),
        minDeleveragingBonusBps: BigInt(chance.int(100)),
      },
      bonusIncreaseBpsPerDay: BigInt(chance.int(300)),
      debtMaturity: chance.int(8) === 0 ? BigInt(START + chance.int(12 * DAY)) : 0n,
      debtTermSeconds: BigInt(chance.pick([0, 0, 3 * DAY])),
      groups: id === 'SOL' && chance.int(2) === 0 ? [] : ['stable'],
    },
  }
}

function walk(chance: Prng): (time: number) => Moment {
  const prices = new Map<string, number>(Object.entries(PRICES))
  return (time) => {
    for (const [feed, price] of prices) {
      const home = PRICES[feed as keyof typeof PRICES]
      const jump = chance.int(10) === 0 ? Math.log(0.2 + chance.next() * 0.8) : 0
      const steps = Math.log(home / price) * 0.12 + jump + 0.03 * chance.normal()
      prices.set(feed, price * Math.exp(feed === 'USDC' ? steps * 0.05 : steps))
    }
    const answers = new Map(
      [...prices].map(([feed, price]) => [feed, (BigInt(Math.round(price * 1e9)) * ONE) / 1_000_000_000n]),
    )
    return { time: time as UnixSeconds, price: (feed) => answers.get(feed) as FeedAnswer | undefined }
  }
}

/** Atoms of a number of dollars at the home price. */
function dollars(id: (typeof RESERVES)[number], value: number): bigint {
  return BigInt(Math.round((value / PRICES[id]) * (id === 'SOL' ? 1e9 : 1e6)))
}

function actionOf(state: KaminoState, at: Moment, chance: Prng): KaminoAction {
  const [account, reserve] = [chance.pick(ACCOUNTS), chance.pick(RESERVES)]
  const obligation = state.obligations.get(account)
  const [offer] = chance.int(2) === 0 ? kamino.offers(state, account, at) : []
  if (offer) return offer.action
  const dice = chance.int(24)
  if (!obligation || dice < 2)
    return {
      do: 'deposit',
      account,
      reserve,
      amount: dollars(reserve, 1 + chance.int(chance.pick([10, 50_000, 900_000]))),
    }
  if (dice < 10) return { do: 'borrow', account, reserve, amount: roomOf(state, account, reserve, at, chance) }
  if (dice < 12) return { do: 'repay', account, reserve, amount: dollars(reserve, 1 + chance.int(20_000)) }
  if (dice < 13) return { do: 'withdraw', account, reserve, claims: dollars(reserve, 1 + chance.int(10_000)) }
  if (dice < 14)
    return chance.int(2) === 0
      ? { do: 'lend', reserve, amount: dollars(reserve, 5_000) }
      : { do: 'redeem', reserve, claims: 5_000_000n }
  if (dice < 15) return { do: 'mark', account, targetPct: BigInt(chance.pick([40, 255, 255])) }
  if (dice < 16) return limits(state, reserve, chance)
  if (dice < 17)
    return chance.int(2) === 0
      ? { do: 'elevate', account, group: chance.pick(['stable', '']) }
      : { do: 'collect-fees', reserve }
  if (dice < 18) return { do: 'socialize', account, reserve, amount: dollars(reserve, 100_000) }
  const debts = [...obligation.borrows.keys(), reserve]
  const collaterals = [...obligation.deposits.keys(), reserve]
  return {
    ...{ do: 'liquidate', account, debt: chance.pick(debts), collateral: chance.pick(collaterals), liquidator: 'lin' },
    ...{ amount: dollars(reserve, 1 + chance.int(40_000)), minReceived: 0n },
  }
}

/** Most of what an account may still borrow, sometimes more, atoms. */
function roomOf(state: KaminoState, account: string, id: string, at: Moment, chance: Prng): bigint {
  const reserve = reserveOf(state, id)
  const [health, price] = [kamino.assess(state, account, at), at.price(reserve.feed) ?? ONE]
  const room = health ? (health.backing * 93n) / 100n - health.required : 0n
  const part = BigInt(20 + chance.int(90))
  return room <= 0n ? 1_000_000n : (room * part * 10n ** reserve.decimals) / price / 100n + 1n
}

function limits(state: KaminoState, id: string, chance: Prng): KaminoAction {
  const reserve = reserveOf(state, id)
  const [supply, debt] = [totalSupply(reserve) / ONE, reserve.borrowedSf / ONE]
  const part = (of: bigint) => (of * BigInt(chance.pick([90, 400, 1_000, 1_000]))) / 100n + 1n
  return { do: 'set-limits', reserve: id, depositLimit: part(supply), borrowLimit: part(debt) }
}

function attacksOn(state: KaminoState, account: string): readonly KaminoAction[] {
  const obligation = state.obligations.get(account)
  const [debt = 'USDC'] = obligation?.borrows.keys() ?? []
  const [collateral = 'SOL'] = obligation?.deposits.keys() ?? []
  return [{ do: 'liquidate', account, debt, collateral, amount: 1_000_000_000n, minReceived: 0n }]
}

/** Health falls when what is taken weighs more against what is repaid than backing does against debt; small legs lose to rounding. */
function isToxic(state: KaminoState, account: string, at: Moment): boolean {
  const obligation = state.obligations.get(account)
  const action = kamino.offers(state, account, at)[0]?.action
  const health = kamino.assess(state, account, at)
  if (!obligation || !health || action?.do !== 'liquidate') return false
  const done = kamino.apply(
    { ...state, reserves: new Map(state.reserves), obligations: new Map(state.obligations) },
    action,
    at,
  )
  // A leg of dust costs at least one atom of collateral, whatever it is worth.
  if ('refused' in done || health.required < whole(20n) || (done.moved?.['repaid'] ?? 0n) < 1_000n) return true
  const factor = borrowFactor(obligation, reserveOf(state, action.debt))
  const weight = percentDown(thresholdsOf(state, obligation, reserveOf(state, action.collateral)).thresholdPct)
  const taken = timesDown(weight, ONE + (done.moved?.['bonus'] ?? 0n)) + ONE / 10_000n
  return taken * health.required > health.backing * factor
}

/** Obligations' debts are what the reserves are owed, but for roundings; claims in obligations are at most those issued. */
function auditOf(state: KaminoState): string | undefined {
  for (const [id, reserve] of state.reserves) {
    let [debt, claims] = [0n, 0n]
    for (const { borrows, deposits } of state.obligations.values()) {
      const borrow = borrows.get(id)
      if (borrow) debt += (borrow.borrowedSf * reserve.cumulativeRateSf) / borrow.cumulativeRateSf
      claims += deposits.get(id) ?? 0n
    }
    const off = debt > reserve.borrowedSf ? debt - reserve.borrowedSf : reserve.borrowedSf - debt
    if (off > ONE) return `${id}: obligations owe ${debt}, the reserve is owed ${reserve.borrowedSf}`
    if (claims > reserve.claims) return `${id}: more claims are deposited than were issued`
    if (totalSupply(reserve) < 0n) return `${id}: the supply is negative`
  }
  return undefined
}
