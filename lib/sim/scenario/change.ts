/** One thing of a scenario changed by its name: what-ifs (`--set room.param=value`) and the axes of a parameter grid. */
import { breakwaterError, nearest } from '../../model/index.ts'
import type { Scenario, ScenarioMarket } from './fields.ts'
import { checkedScenario } from './parse.ts'

/** A change: a name and a number. */
export type ScenarioChange = { readonly name: string; readonly value: number }

/** What may be changed for every market and liquidator at once, and what the number means. */
export const SCENARIO_KNOBS = {
  depth: 'multiplies the depth of every market',
  halfLife: 'seconds in which half of a push is refilled, in every market',
  permanent: 'part of a push that stays, in every market',
  withdrawal: 'κ of makers’ withdrawal, in every market',
  shock: 'multiplies the move of every shocked path',
  gas: 'multiplies the gas price',
  tipShare: 'part of the profit given for being first, of every liquidator',
  latency: 'steps until a bid, of every liquidator',
  capital: 'dollars of every liquidator',
} as const

/**
 * The scenario with changes: a knob, or `room.param` of a room's mechanism. Throws `bad-query` for unknown names and for knobs that nothing of the
 * scenario hangs on, `bad-scenario` for values out of bounds.
 */
export function changedScenario(scenario: Scenario, changes: readonly ScenarioChange[]): Scenario {
  return checkedScenario(changes.reduce(changed, scenario))
}

function changed(scenario: Scenario, { name, value }: ScenarioChange): Scenario {
  if (!Number.isFinite(value)) throw breakwaterError('bad-number', `${name} is ${value}`, { name, value })
  const dot = name.indexOf('.')
  if (dot > 0) return withRoomParam(scenario, name.slice(0, dot), name.slice(dot + 1), value)
  if (Object.hasOwn(SCENARIO_KNOBS, name)) refuseIdle(scenario, name as keyof typeof SCENARIO_KNOBS)
  switch (name) {
    case 'depth':
      return withMarkets(scenario, (market) => ({ ...market, impact: deepened(market.impact, value) }))
    case 'halfLife':
    case 'permanent':
    case 'withdrawal':
      return withMarkets(scenario, (market) => ({ ...market, [name]: value }))
    case 'shock':
      return withAssets(scenario, (asset) =>
        asset.path?.kind === 'shock' ? { ...asset, path: { ...asset.path, move: asset.path.move * value } } : asset,
      )
    case 'gas': {
      const { gas } = scenario
      if (!gas) return scenario
      const gwei =
        typeof gas.gwei === 'number' ? gas.gwei * value : gas.gwei.map(([at, one]) => [at, one * value] as const)
      return { ...scenario, gas: { ...gas, gwei } }
    }
    case 'tipShare':
    case 'latency':
    case 'capital':
      return { ...scenario, liquidators: scenario.liquidators?.map((one) => ({ ...one, [name]: value })) }
    default:
      throw unknown(name, scenario)
  }
}

/** Nobody takes the answer to a question that was not heard: a knob needs something that it turns. */
function refuseIdle({ assets, gas, liquidators = [] }: Scenario, name: keyof typeof SCENARIO_KNOBS): void {
  const coins = Object.values(assets)
  const markets = coins.flatMap(({ market, venues = {} }) => [...(market ? [market] : []), ...Object.values(venues)])
  const missing =
    name === 'gas'
      ? !gas && 'gas'
      : name === 'shock'
        ? !coins.some(({ path }) => path?.kind === 'shock') && 'path of the kind shock'
        : name === 'tipShare' || name === 'latency' || name === 'capital'
          ? liquidators.length === 0 && 'liquidators'
          : !markets.some(({ impact }) => impact.kind !== 'none') && 'market with an impact'
  if (missing)
    throw breakwaterError(
      'bad-query',
      `${name} changes nothing here: the scenario has no ${missing}`,
      { name },
      {
        fix: `Leave ${name} out, or give the scenario ${missing === 'gas' || missing === 'liquidators' ? '' : 'a '}${missing}.`,
      },
    )
}

function unknown(name: string, { rooms }: Scenario) {
  const knobs = [...Object.keys(SCENARIO_KNOBS), ...rooms.map((room) => `${room.name}.<parameter>`)]
  return breakwaterError(
    'bad-query',
    `'${name.slice(0, 60)}' cannot be changed`,
    { name: name.slice(0, 60) },
    {
      fix: `Name one of ${knobs.join(', ')}${nearest(name, knobs)}.`,
    },
  )
}

function withRoomParam(scenario: Scenario, room: string, param: string, value: number): Scenario {
  if (!scenario.rooms.some(({ name }) => name === room)) throw unknown(`${room}.${param}`, scenario)
  const rooms = scenario.rooms.map((one) =>
    one.name === room ? { ...one, params: { ...one.params, [param]: value } } : one,
  )
  return { ...scenario, rooms }
}

function withAssets(
  scenario: Scenario,
  change: (asset: Scenario['assets'][string]) => Scenario['assets'][string],
): Scenario {
  return {
    ...scenario,
    assets: Object.fromEntries(Object.entries(scenario.assets).map(([name, asset]) => [name, change(asset)])),
  }
}

function withMarkets(scenario: Scenario, change: (market: ScenarioMarket) => ScenarioMarket): Scenario {
  return withAssets(scenario, (asset) => ({
    ...asset,
    market: asset.market && change(asset.market),
    venues: asset.venues && Object.fromEntries(Object.entries(asset.venues).map(([name, one]) => [name, change(one)])),
  }))
}

/** The same market with its depth multiplied: of every push as if only a part of the coins had been forced. */
function deepened(impact: ScenarioMarket['impact'], times: number): ScenarioMarket['impact'] {
  if (!(times > 0)) throw breakwaterError('bad-number', `a depth of ${times} times is none`, { times })
  switch (impact.kind) {
    case 'none':
      return impact
    case 'linear':
    case 'exponential':
      return { ...impact, perCoin: impact.perCoin / times }
    case 'two-percent':
      return { ...impact, usd: impact.usd * times }
    case 'square-root':
      return { ...impact, dailyVolume: impact.dailyVolume * times }
    case 'pool':
      return { ...impact, reserve: impact.reserve * times }
    case 'book': {
      const deeper = (side: typeof impact.bids) => side.map(([price, size]) => [price, size * times] as const)
      return { ...impact, bids: deeper(impact.bids), asks: deeper(impact.asks) }
    }
  }
}

/** The scenario with coins shocked at its start, each by a fraction, instead of their own paths. Throws `unknown-asset` for others. */
export function shockedScenario(scenario: Scenario, shocks: ReadonlyMap<string, number>): Scenario {
  for (const coin of shocks.keys())
    if (!scenario.assets[coin] || scenario.assets[coin]?.stablecoin)
      throw breakwaterError(
        'unknown-asset',
        `the scenario has no coin ${coin} that can be shocked`,
        { coin },
        {
          fix: `Shock one of ${Object.keys(scenario.assets).join(', ')}.`,
        },
      )
  const assets = Object.entries(scenario.assets).map(([name, asset]) => {
    const move = shocks.get(name)
    if (move === undefined) return [name, asset] as const
    // The step before the shock shows the market as it was.
    return [
      name,
      { ...asset, price: startPrice(asset), path: { kind: 'shock' as const, move, at: scenario.stepSeconds } },
    ] as const
  })
  return checkedScenario({ ...scenario, assets: Object.fromEntries(assets) })
}

function startPrice({ price, path }: Scenario['assets'][string]): number {
  if (price !== undefined) return price
  return path?.kind === 'list'
    ? (path.prices[0] as number)
    : path?.kind === 'recorded'
      ? (path.points[0]?.[1] as number)
      : 1
}

/** The axes of a grid: `depth=0.25,0.5,1` and so on. Throws `bad-query` for one that is none, and for more than 2,000 points. */
export function parseGrid(axes: readonly string[]): readonly (readonly ScenarioChange[])[] {
  const parsed = axes.map((text) => {
    const [name = '', values = ''] = text.split('=')
    const numbers = values.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)))
    if (name.trim() === '' || numbers.some((one) => !Number.isFinite(one)))
      throw breakwaterError(
        'bad-query',
        `'${text.slice(0, 80)}' is no axis`,
        { grid: text.slice(0, 80) },
        { fix: 'Write --grid depth=0.25,0.5,1,2.' },
      )
    return numbers.map((value) => ({ name: name.trim(), value }))
  })
  const points = parsed.reduce<readonly (readonly ScenarioChange[])[]>(
    (found, axis) => found.flatMap((point) => axis.map((one) => [...point, one])),
    [[]],
  )
  if (points.length > 2_000)
    throw breakwaterError('bad-query', `the grid has ${points.length} points; 2,000 is the most`, {
      points: points.length,
    })
  return parsed.length === 0 ? [] : points
}

/** Reads `name=value`, the value a number or a percent. Throws `bad-query` for anything else. */
export function parseChange(text: string): ScenarioChange {
  const match = /^([A-Za-z][\w.@-]*)=([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(%?)$/.exec(text.trim())
  if (!match)
    throw breakwaterError(
      'bad-query',
      `'${text.slice(0, 80)}' is no change`,
      { set: text.slice(0, 80) },
      { fix: 'Write --set aave.bonus=0.08 or --set depth=0.5.' },
    )
  return { name: match[1] as string, value: Number(match[2]) / (match[3] === '%' ? 100 : 1) }
}
