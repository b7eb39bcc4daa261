/**
 * One price path through f(x) v2 with a keeper that may be down: how many rebalances and liquidations it saw. "87 rebalances, 0 liquidations" is such a
 * count: a statistic of one path, of the keeper's hours on it, and of the size of its steps, no property of the mechanism.
 */
import {
  emptyFxV2,
  FX_V2_TERMS,
  type FxV2Action,
  type FxV2State,
  type FxV2Terms,
  fxV2,
  wasRefused,
} from '../mechanisms/index.ts'
import {
  breakwaterError,
  type FeedAnswer,
  fixedToNumber,
  type Moment,
  type Offer,
  type UnixSeconds,
} from '../model/index.ts'
import type { Agent, View } from './agent.ts'
import { scaled } from './market/rooms/room-kind.ts'

/** A position at the start: collateral in coins, and how often its equity it holds them. */
export type FxOpened = { readonly coins: number; readonly leverage: number }

/** What to run. Prices in USD, one a step; USD in the stable pool; coins in the reserve; gas of one transaction in USD. */
export type FxKeeperPlan = {
  readonly positions: readonly FxOpened[]
  readonly prices: readonly number[]
  readonly start: UnixSeconds
  readonly seconds: number
  readonly keeper: Agent<FxV2Action>
  readonly stablePool: number
  readonly reserve?: number | undefined
  readonly gasUsd?: number | undefined
  readonly terms?: Partial<FxV2Terms> | undefined
}

/** What happened: ticks or positions struck, fxUSD repaid, what both took in collateral beyond the debt (USD at the time), bad debt spread, fxUSD. */
export type FxKeeperCount = {
  readonly rebalances: number
  readonly liquidations: number
  readonly rebalanced: number
  readonly liquidated: number
  readonly bonus: number
  readonly badDebt: number
  /** Positions without debt at the end: closed by force. */
  readonly closed: number
}

/** Runs the path. Liquidations are open to anyone and never sleep; rebalances are the keeper's. Throws `bad-scenario` where a position cannot be opened. */
export function runFxKeeper(plan: FxKeeperPlan): FxKeeperCount {
  const state = opened(plan)
  const count = { rebalances: 0, liquidations: 0, rebalanced: 0, liquidated: 0, bonus: 0, badDebt: 0 }
  plan.prices.forEach((price, step) => {
    const at = momentAt(plan, step, price)
    for (const target of [...fxV2.targets(state)])
      for (const offer of fxV2.offers(state, target, at)) {
        const forced = offer.action.do === 'liquidate' || offer.action.do === 'liquidate-position'
        if (!forced && plan.keeper(viewOf(plan, offer, at, price)).length === 0) continue
        const done = fxV2.apply(state, offer.action, at)
        if (wasRefused(done)) continue
        for (const fact of done.facts) {
          if (fact.type !== 'loan-liquidation') continue
          const repaid = fixedToNumber(fact.repaid.atoms ?? 0n, 18)
          count[forced ? 'liquidations' : 'rebalances'] += 1
          count[forced ? 'liquidated' : 'rebalanced'] += repaid
          count.bonus += fixedToNumber(fact.seized.atoms ?? 0n, 18) * price - repaid
          count.badDebt += fixedToNumber(fact.badDebt?.atoms ?? 0n, 18)
        }
      }
  })
  const last = momentAt(plan, plan.prices.length - 1, plan.prices.at(-1) ?? 1)
  const closed = [...fxV2.targets(state)].filter((id) => (fxV2.assess(state, id, last)?.required ?? 0n) === 0n)
  return { ...count, closed: closed.length }
}

const FEEDS = { min: 'coin/usd', max: 'coin/usd', stable: 'usdc/usd' } as const

function momentAt({ start, seconds }: FxKeeperPlan, step: number, price: number): Moment {
  const answers: Readonly<Record<string, bigint>> = { 'coin/usd': scaled(price, 18), 'usdc/usd': 10n ** 18n }
  return {
    time: (start + step * seconds) as UnixSeconds,
    price: (feed) => answers[feed] as FeedAnswer | undefined,
  }
}

function opened(plan: FxKeeperPlan): FxV2State {
  const terms: FxV2Terms = { ...FX_V2_TERMS, ...plan.terms }
  const [price = 0] = plan.prices
  if (!(price > 0)) throw breakwaterError('bad-scenario', 'a path needs prices above 0', { price })
  const state = emptyFxV2(terms, FEEDS, BigInt(plan.start))
  const actions: FxV2Action[] = [
    { do: 'base-deposit', by: 'pool', token: 'stable', amount: scaled(plan.stablePool, 6) },
    ...plan.positions.map(({ coins, leverage }, at): FxV2Action => {
      const debt = scaled((coins * price * (leverage - 1)) / leverage, 18)
      return { do: 'operate', by: `owner-${at + 1}`, coll: scaled(coins, 18), debt }
    }),
  ]
  if (plan.reserve) actions.push({ do: 'fund-reserve', amount: scaled(plan.reserve, 18) })
  for (const action of actions) {
    const done = fxV2.apply(state, action, momentAt(plan, 0, price))
    if (wasRefused(done)) throw breakwaterError('bad-scenario', `${action.do}: ${done.refused.message}`, { price })
  }
  return state
}

/** What the keeper sees of one offer: it sells at the price and buys stablecoins at a dollar. */
function viewOf(plan: FxKeeperPlan, offer: Offer<FxV2Action>, at: Moment, price: number): View<FxV2Action> {
  const worth = (amounts: Offer<FxV2Action>['pay']) =>
    amounts.reduce((sum, { asset, atoms }) => {
      const [decimals, usd] = asset === 'collateral' ? [18, price] : asset === 'USDC' ? [6, 1] : [18, 1]
      return sum + fixedToNumber(atoms, decimals) * usd
    }, 0)
  return {
    ...{ time: at.time, offers: [offer], proceeds: worth, cost: worth },
    ...{ gasUsd: plan.gasUsd ?? 1, gasPrice: 0, capital: Number.POSITIVE_INFINITY },
  }
}
