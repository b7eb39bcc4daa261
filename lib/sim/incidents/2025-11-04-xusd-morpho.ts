/**
 * November 2025: xUSD falls from $1.26 to $0.06 and no loan on Morpho is liquidated, because the oracle of the market never heard of it. The real positions
 * under the fixed price and under the market's. Needs the tables of GabePZ/MorphoxUSDDepegDashboard from a data directory.
 */
import { morphoRules, type OracleFault, pushFeed } from '../../mechanisms/index.ts'
import { breakwaterError, type UnixSeconds } from '../../model/index.ts'
import { liquidator } from '../agents/liquidator.ts'
import { linearImpact } from '../impact.ts'
import { type Borrower, depthOf, ledgerOf, morphoRoom, runMarket } from '../market/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const FOLDER = 'morpho-xusd-2025-11'
const PRICES = `${FOLDER}/collateral_prices.json`
const POSITIONS = `${FOLDER}/market_top_positions.json`
const LIQUIDATIONS = `${FOLDER}/liquidations.json`
/** xUSD/USDC on Arbitrum, and its chain. */
const MARKET = '0x9e90aec7d768403dacc9dd0d8320307fda3f980eed4df43e3e52168a1c667709'
const CHAIN = 42_161
const LLTV = 0.915
const DAY = 86_400

/** The incident. */
export const xusdMorpho: Incident = {
  id: '2025-11-04-xusd-morpho',
  kind: 'incident',
  day: '2025-11-04',
  until: '2025-11-30',
  title: 'xUSD on Morpho: liquidations that did not happen',
  story: [
    'Stream Finance reports a loss; its dollar token xUSD falls from $1.26 to $0.24 in two days, and to $0.06 by the end of the month.',
    'Markets on Morpho lend USDC against it at 91.5 %; their oracles hold the price of before.',
    'No loan ever crosses its line, so nobody can liquidate and no bad debt is written down.',
    'Later interest at 800 % a year lifts loans over the line: then nobody wants the collateral at the oracle’s price.',
    'In two months there are two liquidations in all of these markets, of 0.000002 and of 1.003543 USDC.',
  ],
  sources: [
    {
      what: 'GabePZ/MorphoxUSDDepegDashboard: markets, positions, liquidations, prices',
      url: 'https://github.com/GabePZ/MorphoxUSDDepegDashboard',
      asOf: 'commit 0b886ab72da0',
      certainty: 'S',
    },
    { what: 'Dune: liquidation events of the three markets', asOf: '2026-03-24', certainty: 'S' },
    { what: 'MEV Capital, post-mortem: $916K and $700K of losses', asOf: '2025-11', certainty: 'N' },
  ],
  disputed: [
    {
      figure: 'bad debt, USD',
      told: [
        { value: '0', by: 'events of the contracts', certainty: 'S' },
        { value: '700K to 916K', by: 'MEV Capital, losses of its vaults', certainty: 'N' },
      ],
      says: 'Both are right: a loss that no liquidation writes down is on no event.',
    },
    {
      figure: 'price that the oracle held, USD',
      told: [
        { value: '1.00', by: 'the dashboard, for all markets', certainty: 'N' },
        { value: '1.0706', by: 'the liquidation of 26 November in the sdeUSD market, computed', certainty: 'D' },
      ],
    },
  ],
  initial: [
    'the 25 largest loans of xUSD/USDC on Arbitrum: their collateral as recorded, their debts at most at the line (interest since then taken out)',
  ],
  path: 'daily prices of xUSD of November 2025',
  rules: ['Morpho Blue: 91.5 %, incentive 2.62 %, no close factor, the oracle as the market was made with it'],
  figures: [
    {
      ...{
        id: 'liquidations',
        name: 'liquidations that anybody would have wanted',
        unit: 'loans',
        published: 0,
        tolerance: 'exact',
      },
      ...{ certainty: 'S', how: 'liquidators who must gain, at the price the oracle held' },
    },
    {
      ...{ id: 'written', name: 'bad debt written down', unit: 'USD', published: 0, tolerance: 'exact' },
      ...{ certainty: 'S', how: 'Morpho’s own events in the run' },
    },
    {
      ...{
        id: 'uncovered',
        name: 'debt that the collateral does not cover at the end',
        unit: 'USD',
        published: [700_000, 916_000],
      },
      ...{ tolerance: 'exact', certainty: 'N', how: 'debt less collateral at the last market price' },
    },
    {
      ...{
        id: 'oracle',
        name: 'price the sdeUSD oracle held on 26 November',
        unit: 'USD',
        published: 1.067,
        tolerance: { relative: 0.005 },
      },
      ...{
        certainty: 'S',
        how: 'recorded repayment · incentive / recorded collateral, against the price of 5 November',
      },
    },
    {
      ...{
        id: 'dust',
        name: 'repaid in all liquidations on record',
        unit: 'USD',
        published: 1.003545,
        tolerance: { absolute: 1e-6 },
      },
      ...{ certainty: 'S', how: 'sum of the recorded events' },
    },
  ],
  measures: [
    { id: 'accounts', name: 'loans', unit: 'loans' },
    { id: 'debt', name: 'their debt at the start', unit: 'USD' },
    { id: 'fired', name: 'liquidations', unit: 'loans' },
    { id: 'badDebt', name: 'bad debt written down', unit: 'USD' },
    { id: 'recovered', name: 'repaid by liquidators', unit: 'USD' },
  ],
  fitted: [],
  limits: [
    'The table is of March 2026: interest is taken out by letting the market stand at its line before the fall, an upper bound of the debts.',
    'With a market oracle liquidators sell at the market price without moving it, the best that could have happened.',
    'Prices are daily: between $0.95 and $0.24 there is no step at which more could have been saved.',
  ],
  settings: [
    { name: 'oracle', says: 'what the oracle answers', value: 'fixed', words: ['fixed', 'market'] },
    { name: 'lltv', says: 'line of the market, a fraction', value: LLTV, least: 0.1, most: 0.98 },
    {
      name: 'hours',
      says: 'hours between two looks at the price (between days it moves evenly)',
      value: 24,
      least: 1,
      most: 24,
    },
  ],
  counterfactuals: [
    { id: 'market', says: 'the oracle asks the market, once a day', change: { oracle: 'market' } },
    {
      id: 'hourly',
      says: 'the same every hour, the price falling evenly between the days',
      change: { oracle: 'market', hours: 1 },
    },
    {
      id: 'lower',
      says: 'a market oracle, hourly, and a line of 77 %',
      change: { oracle: 'market', hours: 1, lltv: 0.77 },
    },
  ],
  compared: ['fired', 'recovered', 'badDebt', 'uncovered', 'debt'],
  files: [PRICES, POSITIONS, LIQUIDATIONS],
  simulate,
}

type Prices = readonly {
  readonly chainId: number
  readonly symbol: string
  readonly historicalPriceUsd: readonly { readonly x: number; readonly y: number | null }[]
}[]
type Positions = Readonly<
  Record<
    string,
    readonly { readonly state: { readonly borrowAssets: number | string; readonly collateral: number | string } }[]
  >
>
type Liquidations = readonly {
  readonly timestamp: number
  readonly data: { readonly seizedAssets: number | string; readonly repaidAssets: number | string }
}[]

function parsed<T>(world: IncidentWorld, name: string): T | undefined {
  const text = world.file(name)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    throw breakwaterError('bad-scenario', `${name} is no JSON`, { name })
  }
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const [prices, positions] = [parsed<Prices>(world, PRICES), parsed<Positions>(world, POSITIONS)]
  const events = parsed<Liquidations>(world, LIQUIDATIONS)
  if (!prices || !positions || !events) return { values: {}, series: [] }
  const daily = dailyOf(prices)
  const first = daily[0]?.[1] ?? 1
  const borrowers = borrowersOf(positions[MARKET] ?? [], first, world.number('lltv'))
  const path = pathOf(daily, world.number('hours'))
  const run = runOf(world, borrowers, path)
  const last = path.at(-1) ?? first
  const debt = borrowers.reduce((sum, one) => sum + one.debt, 0)
  const told = ledgerOf(run.run, run.room, () => last)
  const recovered = run.run.entries.reduce((sum, { paid }) => sum + (paid.get('USD') ?? 0), 0)
  return {
    values: {
      ...{ liquidations: told.liquidations, written: told.badDebt, uncovered: told.underwater + told.badDebt },
      ...{
        oracle: heldPrice(events),
        dust: events.reduce((sum, { data }) => sum + Number(data.repaidAssets), 0) / 1e6,
      },
      ...{ accounts: borrowers.length, debt, fired: told.liquidations, badDebt: told.badDebt, recovered },
    },
    series: [
      {
        ...{ id: 'price', title: 'xUSD on the market, and in the oracle', x: 'days after 1 November', y: 'USD' },
        lines: [
          { name: 'market', points: daily.map(([, price], day) => [day, price] as const) },
          {
            name: 'oracle',
            points: daily.map(([, price], day) => [day, world.word('oracle') === 'fixed' ? first : price] as const),
          },
        ],
      },
    ],
  }
}

/** Day by day, oldest first. */
function dailyOf(prices: Prices): readonly (readonly [number, number])[] {
  const found = prices.find(({ chainId, symbol }) => chainId === CHAIN && symbol === 'xUSD')
  const days = (found?.historicalPriceUsd ?? []).flatMap(({ x, y }) => (y === null ? [] : [[x, y] as const]))
  if (days.length < 2) throw breakwaterError('bad-scenario', `${PRICES} has no prices of xUSD`, { file: PRICES })
  return [...days].sort((a, b) => a[0] - b[0])
}

function pathOf(daily: readonly (readonly [number, number])[], hours: number): readonly number[] {
  const perDay = Math.max(1, Math.round(24 / hours))
  return daily.flatMap(([, price], day) => {
    const next = daily[day + 1]?.[1]
    if (next === undefined) return [price]
    return Array.from({ length: perDay }, (_, at) => price + ((next - price) * at) / perDay)
  })
}

/** Loans as they may have stood before the fall: shares of the recorded debt, the market as a whole at its line, nobody above it. */
function borrowersOf(rows: Positions[string], price: number, lltv: number): readonly Borrower[] {
  const loans = rows
    .map(({ state }, at) => ({
      id: `loan-${at + 1}`,
      coins: Number(state.collateral) / 1e6,
      debt: Number(state.borrowAssets) / 1e6,
    }))
    .filter(({ coins, debt }) => coins > 0 && debt > 0)
  const line = loans.reduce((sum, { coins }) => sum + coins * price * lltv, 0)
  const scale = line / loans.reduce((sum, { debt }) => sum + debt, 0)
  return loans.map(({ id, coins, debt }) => ({ id, coins, debt: Math.min(debt * scale, coins * price * lltv * 0.999) }))
}

function runOf(world: IncidentWorld, borrowers: readonly Borrower[], path: readonly number[]) {
  const start = 1_761_955_200 as UnixSeconds
  const seconds = Math.round(DAY / Math.max(1, Math.round(24 / world.number('hours'))))
  const first = path[0] ?? 1
  // The feed of the room has 36 decimals; stuck there, it never answers less than on the first day.
  const held: OracleFault = {
    kind: 'stuck',
    least: BigInt(Math.round(first * 1e12)) * 10n ** 24n,
    start,
    duration: 400 * DAY,
  }
  const room = morphoRoom.make({
    ...{ id: 'morpho', symbol: 'xUSD', borrowers, price: first, start, params: { lltv: world.number('lltv') } },
    oracle: pushFeed({ deviationBps: 0, heartbeat: seconds }),
    faults: world.word('oracle') === 'fixed' ? [held] : [],
  })
  const agent = liquidator<unknown>({ leastProfit: 1, tipShare: 0, flashFee: 0 })
  const run = runMarket({
    ...{ start, seconds, rooms: [room], competition: 'fastest' },
    outside: new Map([['xUSD', path]]),
    depths: new Map([['xUSD', depthOf({ impact: linearImpact(0) }, first)]]),
    competitors: [{ id: 'lin', agent, capital: 0, latency: 0 }],
  })
  return { run, room }
}

/** What the oracle must have answered for the recorded liquidation: repaid · incentive / seized. Dust of single atoms is left out. */
function heldPrice(events: Liquidations): number | undefined {
  const event = events.find(({ data }) => Number(data.repaidAssets) > 1_000)
  if (!event) return undefined
  const incentive = Number(morphoRules.incentiveFactorDown(BigInt(Math.round(LLTV * 1e6)) * 10n ** 12n)) / 1e18
  return ((Number(event.data.repaidAssets) / 1e6) * incentive) / (Number(event.data.seizedAssets) / 1e18)
}
