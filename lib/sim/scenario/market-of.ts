/** A scenario as a market that can be run: paths, depths, oracles, rooms, liquidators, gas and traders made from it and its seed. */
import { isBreakwaterError, type Prng, prng, type UnixSeconds } from '../../model/index.ts'
import { liquidator, OWN_MONEY_WAITS } from '../agents/liquidator.ts'
import { exponentialImpact, type Impact, linearImpact, poolImpact, squareRootImpact } from '../impact.ts'
import { bookImpact } from '../impact-book.ts'
import { type Depth, depthOf, elasticDepth } from '../market/depth.ts'
import type { RoomMaker } from '../market/room.ts'
import { ROOM_KINDS } from '../market/room-kinds.ts'
import type { RoomKind } from '../market/rooms/room-kind.ts'
import type { Competitor, MarketPlan } from '../market/run.ts'
import { wrappedDepth } from '../market/wrapped-depth.ts'
import { borrowersOf, type ScenarioFiles } from './books.ts'
import type { Scenario, ScenarioLiquidator, ScenarioMarket, ScenarioOracle, ScenarioRoom } from './fields.ts'
import { marketOracle } from './oracles.ts'
import { scenarioError } from './parse.ts'
import { between, pricePaths } from './price-paths.ts'
import type { ScenarioProblem } from './shape.ts'
import { tradersOf } from './traders.ts'

/** When a scenario begins, unix seconds. */
export function scenarioStart({ start }: Scenario): UnixSeconds {
  return (typeof start === 'number' ? start : Math.floor(Date.parse(start) / 1_000)) as UnixSeconds
}

/**
 * The market of a checked scenario: to be run once, as its depths and traders remember. Call it again for another run: the same scenario and files
 * give the same market. `files`: texts of the files that it names. Throws `bad-scenario` with every room or trader that cannot be made.
 */
export function marketOf(scenario: Scenario, files: ScenarioFiles = new Map()): MarketPlan {
  const chance = prng(`scenario/${scenario.seed}`)
  const paths = pricePaths(scenario, chance.fork('paths'))
  const depths = depthsOf(scenario, paths)
  const start = scenarioStart(scenario)
  const market = { scenario, paths, depths, start, chance: chance.fork('books'), files }
  const problems: ScenarioProblem[] = []
  const attempt = <T>(place: string, make: () => T): T | undefined => {
    try {
      return make()
    } catch (error) {
      if (!isBreakwaterError(error)) throw error
      problems.push({ place, message: `cannot be: ${error.message}`, fix: error.fix })
      return undefined
    }
  }
  const rooms = scenario.rooms.flatMap((room, at) => attempt(`rooms[${at}]`, () => roomIn(market, room)) ?? [])
  const traders = tradersOf(scenario, { depths, chance: chance.fork('traders'), attempt })
  if (problems.length > 0) throw scenarioError(problems)
  const { gas, competition = 'sealed-bids', liquidators = [], stepSeconds } = scenario
  return {
    ...{ start, seconds: stepSeconds, depths, rooms, traders, competition },
    outside: outsideOf(scenario, paths),
    competitors: liquidators.flatMap((one) => competitorsOf(one, stepSeconds)),
    gas: gas && {
      ...{ units: gas.units, symbol: gas.asset },
      gwei:
        typeof gas.gwei === 'number'
          ? () => gas.gwei as number
          : (step) => between(gas.gwei as never, step * stepSeconds),
    },
  }
}

type Making = {
  readonly scenario: Scenario
  readonly paths: ReadonlyMap<string, readonly number[]>
  readonly depths: ReadonlyMap<string, Depth>
  readonly start: UnixSeconds
  readonly chance: Prng
  readonly files: ScenarioFiles
}

/** Depths by market; what is wrapped comes after what it wraps, so that it advances after it. */
function depthsOf({ assets }: Scenario, paths: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, Depth> {
  const depths = new Map<string, Depth>()
  const add = (name: string): Depth => {
    const known = depths.get(name)
    if (known) return known
    const { stablecoin, follows, market, venues = {} } = assets[name] as Scenario['assets'][string]
    if (stablecoin) return put(name, elasticDepth(stablecoin))
    const price = (paths.get(name) as readonly number[])[0] as number
    const inner = follows === undefined || market ? undefined : add(follows)
    const main = inner ? wrappedDepth(inner, price / inner.outside()) : depthIn(market, price)
    for (const [venue, terms] of Object.entries(venues)) put(`${name}@${venue}`, depthIn(terms, price))
    return put(name, main)
  }
  const put = (name: string, depth: Depth) => {
    depths.set(name, depth)
    return depth
  }
  for (const name of Object.keys(assets)) add(name)
  return depths
}

function depthIn(terms: ScenarioMarket | undefined, price: number): Depth {
  if (!terms) return depthOf({ impact: linearImpact(0) }, price)
  const { permanent, halfLife, withdrawal } = terms
  return depthOf({ impact: impactOf(terms.impact, price), permanent, halfLife, withdrawal }, price)
}

/** An impact model by its words; `price` turns dollars into coins. */
export function impactOf(terms: ScenarioMarket['impact'], price: number): Impact {
  switch (terms.kind) {
    case 'none':
      return linearImpact(0)
    case 'linear':
      return linearImpact(terms.perCoin)
    case 'exponential':
      return exponentialImpact(terms.perCoin)
    case 'two-percent':
      return exponentialImpact(-Math.log(0.98) / (terms.usd / price))
    case 'square-root':
      return squareRootImpact({
        y: terms.y ?? 1,
        dailyVolatility: terms.dailyVolatility,
        dailyVolume: terms.dailyVolume,
      })
    case 'pool':
      return poolImpact({ reserve: terms.reserve, fee: terms.fee ?? 0 })
    case 'book':
      return bookImpact({
        mid: terms.mid,
        bids: terms.bids.map(([at, size]) => ({ price: at, size })),
        asks: terms.asks.map(([at, size]) => ({ price: at, size })),
      })
  }
}

function outsideOf({ assets, steps }: Scenario, paths: ReadonlyMap<string, readonly number[]>) {
  const outside = new Map<string, readonly number[]>()
  for (const [name, { venues = {}, stablecoin }] of Object.entries(assets)) {
    // A stablecoin's outside price stands; its path only says how long the run is.
    const path = stablecoin
      ? Array.from({ length: steps }, () => stablecoin.demand / stablecoin.supply)
      : paths.get(name)
    outside.set(name, path as readonly number[])
    for (const venue of Object.keys(venues)) outside.set(`${name}@${venue}`, path as readonly number[])
  }
  return outside
}

function roomIn({ scenario, paths, depths, start, chance, files }: Making, room: ScenarioRoom): RoomMaker {
  const kind = ROOM_KINDS.get(room.mechanism) as RoomKind
  const coin = room.collateral.split('@')[0] as string
  const seen = room.price ?? coin
  const price = (paths.get(coin) as readonly number[])[0] as number
  const oracleTerms = room.oracle === undefined ? undefined : (scenario.oracles?.[room.oracle] as ScenarioOracle)
  const priceOf = (symbol: string) => (depths.get(symbol) as Depth).price()
  const made = kind.make({
    ...{ id: room.name, symbol: room.collateral, debtSymbol: room.debt, price, start, params: room.params },
    borrowers: borrowersOf(room, price, chance, files),
    ...marketOracle(oracleTerms, start, { own: () => priceOf(seen), of: priceOf }),
  })
  return seen === room.collateral ? made : seeing(made, room.collateral, seen)
}

/** A room that sells on one market of a coin while its oracle looks at another. */
function seeing(maker: RoomMaker, sold: string, seen: string): RoomMaker {
  return {
    ...maker,
    open: () => {
      const room = maker.open()
      return { ...room, open: (time, price) => room.open(time, (symbol) => price(symbol === sold ? seen : symbol)) }
    },
  }
}

function competitorsOf(terms: ScenarioLiquidator, stepSeconds: number): readonly Competitor[] {
  const {
    name,
    count = 1,
    capital = 0,
    flashFee,
    leastProfit = 0,
    tipShare = 0,
    latency = 0,
    gasCeiling,
    absent,
  } = terms
  // Own money can wait for what is settled later; a flash loan ends with its transaction.
  const agent = liquidator<unknown>({ leastProfit, tipShare, flashFee, gasCeiling, waiting: OWN_MONEY_WAITS })
  return Array.from({ length: count }, (_, at) => ({
    ...{ id: count === 1 ? name : `${name}-${at + 1}`, agent, capital, latency },
    up:
      absent && ((step) => !absent.some(({ from, until }) => step * stepSeconds >= from && step * stepSeconds < until)),
  }))
}
