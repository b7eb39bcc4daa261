/** Prices outside, one a step and coin, from what a scenario says of them: lists, shocks, straight lines, random walks with jumps, recorded points, news. */
import { breakwaterError, type Prng } from '../../model/index.ts'
import { factorPaths } from '../system/jumps.ts'
import type { Scenario, ScenarioAsset, ScenarioPath } from './fields.ts'

/** Paths of every coin that has one, `steps` prices each; a follower's are its ratio times its leader's. Checked scenarios only. */
export function pricePaths(scenario: Scenario, chance: Prng): ReadonlyMap<string, readonly number[]> {
  const walks = walksOf(scenario, chance)
  const paths = new Map<string, readonly number[]>()
  const pathOf = (name: string): readonly number[] => {
    const known = paths.get(name)
    if (known) return known
    const asset = scenario.assets[name] as ScenarioAsset
    const own = withNews(scenario, asset, ownPath(scenario, asset, walks.get(name)))
    const leader = asset.follows === undefined ? undefined : pathOf(asset.follows)
    const path = leader ? own.map((ratio, step) => ratio * (leader[step] as number)) : own
    paths.set(name, path)
    return path
  }
  for (const [name, { stablecoin }] of Object.entries(scenario.assets)) if (!stablecoin) pathOf(name)
  return paths
}

/** Random walks of all coins that have one: a common factor and an own part each, so that adding a coin moves no other. */
function walksOf({ assets, steps, stepSeconds }: Scenario, chance: Prng): ReadonlyMap<string, readonly number[]> {
  const days = stepSeconds / 86_400
  const walking = Object.entries(assets).flatMap(([id, { path, price }]) =>
    path?.kind === 'gbm'
      ? [
          {
            id,
            path,
            price: price ?? 1,
            volatility: path.volatility * Math.sqrt(days),
            beta: 0,
            correlation: path.correlation ?? 0,
          },
        ]
      : [],
  )
  const plain = factorPaths(walking, [], steps - 1, chance.fork('walks'))
  return new Map(
    walking.map(({ id, path }) => {
      const own = chance.fork(`jumps/${id}`)
      let shift = 0
      const walk = (plain.get(id) as readonly number[]).map((price, step) => {
        if (step > 0) shift += (path.drift ?? 0) * days + jumpOf(path.jumps, days, own)
        return price * Math.exp(shift)
      })
      return [id, walk] as const
    }),
  )
}

/** At most one jump a step: with more than a few a day they are told by the volatility. */
function jumpOf(jumps: Extract<ScenarioPath, { kind: 'gbm' }>['jumps'], days: number, chance: Prng): number {
  if (!jumps) return 0
  const [draw, size] = [chance.next(), chance.normal()]
  return draw < 1 - Math.exp(-jumps.perDay * days) ? jumps.mean + jumps.deviation * size : 0
}

function ownPath(
  { steps, stepSeconds }: Scenario,
  { path = { kind: 'still' }, price = 1 }: ScenarioAsset,
  walk: readonly number[] | undefined,
): readonly number[] {
  const end = (steps - 1) * stepSeconds
  if (path.kind === 'gbm') return walk ?? []
  if (path.kind === 'list') return path.prices
  const at = valueAt(path, price, end)
  return Array.from({ length: steps }, (_, step) => at(step * stepSeconds))
}

function valueAt(
  path: Exclude<ScenarioPath, { kind: 'gbm' | 'list' }>,
  price: number,
  end: number,
): (time: number) => number {
  switch (path.kind) {
    case 'still':
      return () => price
    case 'shock': {
      const { move, at = 0, over = 0, back } = path
      return (time) => {
        const done = over === 0 ? (time >= at ? 1 : 0) : clamp((time - at) / over)
        const returned =
          back === undefined ? 0 : back === 0 ? (time > at + over ? 1 : 0) : clamp((time - at - over) / back)
        return price * (1 + move * done * (1 - returned))
      }
    }
    case 'linear': {
      const { to, from = 0, until = end } = path
      return (time) =>
        price + (to - price) * (until === from ? (time >= from ? 1 : 0) : clamp((time - from) / (until - from)))
    }
    case 'recorded': {
      const { points } = path
      return (time) => {
        const after = points.findIndex(([when]) => when > time)
        return (points[after < 0 ? points.length - 1 : Math.max(0, after - 1)] as readonly [number, number])[1]
      }
    }
  }
}

const clamp = (share: number) => Math.min(1, Math.max(0, share))

function withNews({ news, stepSeconds }: Scenario, { beta = 1, follows }: ScenarioAsset, path: readonly number[]) {
  // A follower's ratio takes no news: its leader already did.
  if (!news || news.length === 0 || follows !== undefined) return path
  return path.map((price, step) => {
    const log = news.reduce((sum, { at, size }) => (step * stepSeconds >= at ? sum + beta * Math.log1p(size) : sum), 0)
    return price * Math.exp(log)
  })
}

/** A value between points of seconds and value, straight lines between them and flat beyond. Refuses (`bad-scenario`) no points. */
export function between(points: readonly (readonly [number, number])[], time: number): number {
  const first = points[0]
  if (!first) throw breakwaterError('bad-scenario', 'a line needs points', {})
  let before = first
  for (const point of points) {
    if (point[0] > time) {
      const span = point[0] - before[0]
      return span <= 0 ? before[1] : before[1] + (point[1] - before[1]) * clamp((time - before[0]) / span)
    }
    before = point
  }
  return before[1]
}
