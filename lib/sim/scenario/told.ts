/** A run as it is told: a summary, one row a step, and its facts in the vocabulary of real events, with market names, amounts and dollars. */
import { type AssetId, type Fact, formatFixed, type Leg, type UnixSeconds } from '../../model/index.ts'
import type { RoomAsset, RoomMaker } from '../market/room.ts'
import type { MarketPlan, MarketRun } from '../market/run.ts'
import { type MarketLedger, marketLedger } from '../stress-ledger.ts'
import type { Scenario } from './fields.ts'

/** What a market's price did: dollars; `external`: without anybody being forced. `overshoot`: what forced orders added at the worst, a fraction of the start. */
export type AssetOutcome = {
  readonly symbol: string
  readonly start: number
  readonly end: number
  readonly lowest: number
  readonly highest: number
  readonly external: { readonly end: number; readonly lowest: number; readonly highest: number }
  readonly overshoot: number
  /** Fall with forced orders over the fall without; absent where there was no fall. */
  readonly amplification: number | undefined
  /** Coins sold by force. */
  readonly sold: number
}

/** A run in numbers. `finished` false: it was interrupted after `steps`. */
export type ScenarioSummary = MarketLedger & {
  readonly name: string
  readonly kind: 'simulated'
  readonly seed: string
  readonly start: number
  readonly seconds: number
  readonly steps: number
  readonly asked: number
  readonly finished: boolean
  readonly assets: readonly AssetOutcome[]
  readonly badDebt: number
  readonly liquidations: number
  readonly missedBids: number
  readonly unsafeAtEnd: number
}

/** Sums up a run of `plan`. */
export function scenarioSummary(
  { name, seed, steps: asked }: Pick<Scenario, 'name' | 'seed' | 'steps'>,
  plan: MarketPlan,
  run: MarketRun,
): ScenarioSummary {
  const last = run.steps.length - 1
  const outside = (symbol: string) => outsideAt(plan, symbol, last)
  const ledger = marketLedger(run, plan.rooms, outside)
  const total = (key: 'badDebt' | 'liquidations') => ledger.rooms.reduce((sum, one) => sum + one[key], 0)
  return {
    ...{ name, kind: 'simulated', seed: String(seed), start: plan.start, seconds: plan.seconds },
    ...{ steps: run.steps.length, asked, finished: run.finished, ...ledger },
    assets: [...plan.depths.keys()].map((symbol) => assetOutcome(plan, run, symbol)),
    ...{ badDebt: total('badDebt'), liquidations: total('liquidations') },
    ...{ missedBids: run.missedBids, unsafeAtEnd: run.unsafeAtEnd },
  }
}

function outsideAt(plan: MarketPlan, symbol: string, step: number): number {
  const path = plan.outside.get(symbol)
  return path?.[Math.min(Math.max(step, 0), path.length - 1)] ?? plan.depths.get(symbol)?.outside() ?? 1
}

function assetOutcome(plan: MarketPlan, run: MarketRun, symbol: string): AssetOutcome {
  const start = outsideAt(plan, symbol, 0)
  const prices = run.steps.map((step) => step.prices.get(symbol) as number)
  const external = run.steps.map((_, step) => outsideAt(plan, symbol, step))
  const [lowest, outsideLowest] = [least(prices, start), least(external, start)]
  const fall = start - outsideLowest
  return {
    ...{ symbol, start, lowest, end: prices[prices.length - 1] ?? start, highest: greatest(prices, start) },
    external: {
      end: external[external.length - 1] ?? start,
      lowest: outsideLowest,
      highest: greatest(external, start),
    },
    overshoot: (lowest - outsideLowest) / start,
    amplification: fall > 0 ? (start - lowest) / fall : undefined,
    sold: run.steps.reduce((sum, { sold }) => sum + (sold.get(symbol) ?? 0), 0),
  }
}

const least = (values: readonly number[], first: number) => values.reduce((low, one) => Math.min(low, one), first)
const greatest = (values: readonly number[], first: number) => values.reduce((high, one) => Math.max(high, one), first)

/** The rows of steps.csv, the head first: step, unix seconds, then per market its price, its outside price and coins sold by force, and who is unsafe. */
export function stepRows(plan: MarketPlan, run: MarketRun): readonly (readonly (string | number)[])[] {
  const symbols = [...plan.depths.keys()]
  const head = [
    'step',
    'time',
    ...symbols.flatMap((one) => [`price:${one}`, `outside:${one}`, `sold:${one}`]),
    'unsafe',
  ]
  const rows = run.steps.map(({ prices, sold, unsafe }, step) => [
    ...[step, plan.start + step * plan.seconds],
    ...symbols.flatMap((one) => [prices.get(one) ?? 1, outsideAt(plan, one, step), sold.get(one) ?? 0]),
    unsafe,
  ])
  return [head, ...rows]
}

/** A fact with where and when it happened: venue `sim:<room>`, unix seconds, and its number in the run, which makes its key. */
export type ToldFact = { readonly venue: string; readonly time: UnixSeconds; readonly key: string; readonly fact: Fact }

/** Every fact of a run, in its order. Amounts carry market names, decimals and whole units; dollars are at the market price of the step. */
export function factsOfRun(plan: MarketPlan, run: MarketRun): readonly ToldFact[] {
  const rooms = new Map(plan.rooms.map((room) => [room.id, room]))
  return run.entries.flatMap(({ room, step, facts, actor }, entry) => {
    const maker = rooms.get(room) as RoomMaker
    const price = (symbol: string) =>
      symbol === 'USD' ? 1 : (run.steps[step]?.prices.get(symbol) ?? outsideAt(plan, symbol, step))
    return facts.map((fact, at) => ({
      ...{ venue: `sim:${room}`, time: (plan.start + step * plan.seconds) as UnixSeconds, key: `${entry}/${at}` },
      fact: told(fact, actor, maker.assets, price),
    }))
  })
}

function told(
  fact: Fact,
  actor: string,
  assets: ReadonlyMap<AssetId, RoomAsset>,
  price: (symbol: string) => number,
): Fact {
  const leg = <L extends Leg | undefined>(one: L): L => (one && legIn(one, assets, price)) as L
  const worth = (one: Leg | undefined) => one?.usd
  switch (fact.type) {
    case 'loan-liquidation': {
      const [repaid, seized, badDebt] = [leg(fact.repaid), leg(fact.seized), leg(fact.badDebt)]
      return { ...fact, liquidator: actor, repaid, seized, badDebt, ...priced(worth(repaid)) }
    }
    case 'auction-started': {
      const [lot, due] = [leg(fact.lot), leg(fact.due)]
      return { ...fact, lot, due, ...priced(worth(due)) }
    }
    case 'auction-taken': {
      const [paid, bought] = [leg(fact.paid), leg(fact.bought)]
      return { ...fact, taker: actor, paid, bought, ...priced(worth(paid)) }
    }
    case 'bad-debt': {
      const loss = leg(fact.loss)
      return { ...fact, loss, ...priced(worth(loss)) }
    }
    default:
      return fact
  }
}

const priced = (usd: number | undefined) => ({ usd, usdBasis: usd === undefined ? undefined : ('price-join' as const) })

function legIn(leg: Leg, assets: ReadonlyMap<AssetId, RoomAsset>, price: (symbol: string) => number): Leg {
  const known = assets.get(leg.asset)
  // A claim that nobody trades keeps the mechanism's own name, and no dollars.
  if (!known || known.symbol === '') return leg
  // The coin, wherever it is sold.
  const { symbol: market, decimals } = known
  const symbol = market.split('@')[0] as string
  if (leg.atoms === undefined) return { ...leg, asset: symbol }
  const usd = (Number(leg.atoms) / 10 ** decimals) * price(market)
  return { ...leg, asset: symbol, decimals, amount: formatFixed(leg.atoms, decimals), usd }
}
