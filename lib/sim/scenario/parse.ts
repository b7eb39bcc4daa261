/** A scenario file read and checked: every problem at once, each with its place in the file and how to mend it. */
import { parseFaults } from '../../mechanisms/index.ts'
import { breakwaterError, isBreakwaterError, nearest } from '../../model/index.ts'
import { ROOM_KINDS } from '../market/room-kinds.ts'
import { contradictions } from './contradictions.ts'
import { type Scenario, type ScenarioAsset, type ScenarioRoom, type ScenarioTrader, scenarioShape } from './fields.ts'
import { isRecord, jsonSchemaOf, problemsOf, type ScenarioProblem } from './shape.ts'

/** Most steps times rooms that a file may ask for, so that a slip of a zero does not run for a day. */
const MOST_STEPS = 100_000

/** Reads a scenario. Throws `bad-scenario` whose message has a line per problem; {@link scenarioProblems} gives them as data. */
export function parseScenario(text: string): Scenario {
  const { value, problems } = read(text)
  if (problems.length > 0) throw scenarioError(problems)
  return value as Scenario
}

/** Every problem of a scenario's text; none: it can be run. */
export function scenarioProblems(text: string): readonly ScenarioProblem[] {
  return read(text).problems
}

/** A scenario that is data already (a default of ours, a part of a program). Throws as {@link parseScenario}. */
export function checkedScenario(value: unknown): Scenario {
  const problems = problemsIn(value)
  if (problems.length > 0) throw scenarioError(problems)
  return value as Scenario
}

/** The JSON Schema of scenario files, for editors: put its address into `$schema`. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const { properties, ...rest } = jsonSchemaOf(scenarioShape) as { properties: Record<string, unknown> }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Breakwater scenario',
    ...rest,
    properties: { $schema: { type: 'string' }, ...properties },
  }
}

/** The error of problems: a line each, and how many there are. */
export function scenarioError(problems: readonly ScenarioProblem[]) {
  const lines = problems.map(({ place, message, fix }) => `${place} ${message}. ${fix}`)
  return breakwaterError(
    'bad-scenario',
    problems.length === 1 ? (lines[0] as string) : `${problems.length} problems:\n  ${lines.join('\n  ')}`,
    { problems: problems.length, places: problems.map(({ place }) => place).join(', ') },
  )
}

function read(text: string): { readonly value?: unknown; readonly problems: readonly ScenarioProblem[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const fix = 'Write one JSON object; numbers such as NaN and Infinity, comments and trailing commas are no JSON.'
    return { problems: [{ place: 'the file', message: `is no JSON: ${(error as Error).message}`, fix }] }
  }
  return { value, problems: problemsIn(value) }
}

function problemsIn(value: unknown): readonly ScenarioProblem[] {
  const problems = problemsOf(scenarioShape, value)
  if (!isRecord(value)) return problems
  // What stands beside a broken field is still looked at, as far as it has the form for it.
  const seen = new Set(problems.map(({ place }) => place))
  return [...problems, ...crossProblems(value).filter(({ place }) => !seen.has(place))]
}

type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
    : T | undefined

function crossProblems(raw: Record<string, unknown>): readonly ScenarioProblem[] {
  const problems: ScenarioProblem[] = []
  const say = (place: string, message: string, fix: string) => problems.push({ place, message, fix })
  const assets = isRecord(raw['assets']) ? (raw['assets'] as Record<string, Loose<ScenarioAsset>>) : {}
  const markets = marketNames(assets)
  const market = (place: string, name: unknown) => {
    if (typeof name !== 'string' || markets.includes(name)) return
    say(
      place,
      `is ${JSON.stringify(name)}, a market that no asset has`,
      `Write one of ${markets.join(', ') || '(the file has no asset)'}${nearest(name, markets)}.`,
    )
  }
  checkStart(raw, say)
  for (const [name, asset] of Object.entries(assets))
    if (isRecord(asset)) checkAsset(`assets.${name}`, asset, assets, raw, say)
  const oracles = isRecord(raw['oracles']) ? raw['oracles'] : {}
  for (const [name, oracle] of Object.entries(oracles)) checkOracle(`oracles.${name}`, oracle, assets, say)
  for (const [room, at] of objects(raw['rooms']))
    checkRoom(`rooms[${at}]`, room as Loose<ScenarioRoom>, { assets, oracles, market, say })
  sameNames(raw['rooms'], 'rooms', say)
  sameNames(raw['liquidators'], 'liquidators', say)
  const gas = raw['gas']
  if (isRecord(gas)) {
    market('gas.asset', gas['asset'])
    if (Array.isArray(gas['gwei'])) rising('gas.gwei', gas['gwei'], say)
  }
  objects(raw['liquidators']).forEach(([one, at]) => {
    objects(one['absent']).forEach(([gone, index]) => {
      if (Number(gone['until']) <= Number(gone['from']))
        say(`liquidators[${at}].absent[${index}].until`, `is not after ${gone['from']}`, 'Give a later second.')
    })
  })
  for (const [trader, at] of objects(raw['traders']))
    checkTrader(`traders[${at}]`, trader as Loose<ScenarioTrader>, market, say)
  sameNames(raw['traders'], 'traders', say)
  contradictions(raw, say)
  return problems
}

type Say = (place: string, message: string, fix: string) => void

const objects = (value: unknown): readonly (readonly [Record<string, unknown>, number])[] =>
  Array.isArray(value) ? value.flatMap((one, at) => (isRecord(one) ? [[one, at] as const] : [])) : []

/** Every market by its symbol: the main one of each coin, and `coin@name` for the others. */
export function marketNames(
  assets: Readonly<Record<string, { readonly venues?: unknown } | undefined>>,
): readonly string[] {
  return Object.entries(assets).flatMap(([name, asset]) => [
    name,
    ...Object.keys(isRecord(asset?.venues) ? asset.venues : {}).map((venue) => `${name}@${venue}`),
  ])
}

function checkStart({ start, steps, stepSeconds }: Record<string, unknown>, say: Say): void {
  if (typeof start === 'string' && !isZoned(start))
    say(
      'start',
      `is ${JSON.stringify(start)}, no time with its zone`,
      'Write it as 2026-11-20T00:00:00Z, or unix seconds.',
    )
  if (typeof steps === 'number' && typeof stepSeconds === 'number' && steps > MOST_STEPS)
    say('steps', `is ${steps}`, `Write at most ${MOST_STEPS}, or longer steps.`)
}

const isZoned = (text: string) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && Number.isFinite(Date.parse(text))

function checkAsset(
  place: string,
  asset: Loose<ScenarioAsset>,
  assets: Record<string, Loose<ScenarioAsset>>,
  raw: Record<string, unknown>,
  say: Say,
): void {
  const { path, follows, stablecoin, price, market } = asset
  if (isRecord(market)) checkDepth(`${place}.market.impact`, market['impact'], say)
  for (const [venue, one] of Object.entries(isRecord(asset.venues) ? asset.venues : {}))
    if (isRecord(one)) checkDepth(`${place}.venues.${venue}.impact`, one['impact'], say)
  if (stablecoin && (path || market || follows || asset.venues))
    say(
      place,
      'is a stablecoin with elastic demand and has a path or a market',
      'Leave those out: demand over supply is its price.',
    )
  if (!stablecoin && price === undefined && path?.kind !== 'list' && path?.kind !== 'recorded')
    say(`${place}.price`, 'is missing', 'Add the price at the start; only a list or recorded points bring their own.')
  const first = path?.kind === 'list' ? path.prices?.[0] : path?.kind === 'recorded' ? path.points?.[0]?.[1] : price
  if (price !== undefined && first !== undefined && first !== price)
    say(`${place}.price`, `is ${price}, and its path begins at ${first}`, 'Leave it out: the path brings its own.')
  if (typeof follows === 'string') {
    const names = Object.keys(assets)
    if (!names.includes(follows))
      say(
        `${place}.follows`,
        `is ${JSON.stringify(follows)}, no asset of the file`,
        `Write one of ${names.join(', ')}.`,
      )
    else if (circles(place.slice('assets.'.length), assets))
      say(`${place}.follows`, 'goes in a circle', 'Let one of them stand alone.')
    else if (assets[follows]?.stablecoin)
      say(`${place}.follows`, 'is a stablecoin with elastic demand', 'Follow a coin with a price.')
  }
  if (!isRecord(path)) return
  if (
    path.kind === 'list' &&
    Array.isArray(path.prices) &&
    path.prices.length !== raw['steps'] &&
    path.prices.length > 0
  )
    say(
      `${place}.path.prices`,
      `has ${path.prices.length} prices for ${String(raw['steps'])} steps`,
      'Give one price a step, without holes.',
    )
  if (path.kind === 'recorded' && Array.isArray(path.points)) rising(`${place}.path.points`, path.points, say)
  if (path.kind === 'linear' && Number(path.until) < Number(path.from ?? 0))
    say(`${place}.path.until`, `is before ${path.from}`, 'Give a later second.')
}

/** A book is best first on both sides of its middle: otherwise selling would lift the price, or make money. */
function checkDepth(place: string, impact: unknown, say: Say): void {
  if (!isRecord(impact) || impact['kind'] !== 'book') return
  const mid = Number(impact['mid'])
  for (const side of ['bids', 'asks'] as const) {
    const levels = Array.isArray(impact[side]) ? impact[side] : []
    const sign = side === 'bids' ? -1 : 1
    levels.forEach((level: unknown, at) => {
      if (!Array.isArray(level)) return
      const [price, before] = [Number(level[0]), at === 0 ? mid : Number(levels[at - 1]?.[0])]
      const away = sign * (price - before)
      if (away > 0 || (at === 0 && away === 0) || !Number.isFinite(away)) return
      say(
        `${place}.${side}[${at}]`,
        `is at ${price}, ${at === 0 ? `on the wrong side of mid ${mid}` : `no worse than ${before} before it`}`,
        `Put ${side} ${side === 'bids' ? 'below mid, the highest' : 'above mid, the lowest'} first.`,
      )
    })
  }
}

function circles(name: string, assets: Record<string, Loose<ScenarioAsset>>): boolean {
  let at = assets[name]?.follows
  for (let steps = 0; typeof at === 'string'; steps++) {
    if (at === name || steps > Object.keys(assets).length) return true
    at = assets[at]?.follows
  }
  return false
}

function rising(place: string, points: readonly unknown[], say: Say): void {
  points.forEach((point, at) => {
    const before = points[at - 1]
    if (Array.isArray(point) && Array.isArray(before) && !(Number(point[0]) > Number(before[0])))
      say(
        `${place}[${at}]`,
        `is at ${String(point[0])} s, not after ${String(before[0])} s`,
        'Put the points in the order of their times.',
      )
  })
}

function checkOracle(place: string, oracle: unknown, assets: Record<string, unknown>, say: Say): void {
  if (!isRecord(oracle)) return
  if (oracle['kind'] === 'capo' && typeof oracle['base'] === 'string' && !(oracle['base'] in assets))
    say(
      `${place}.base`,
      `is ${JSON.stringify(oracle['base'])}, no asset of the file`,
      `Write one of ${Object.keys(assets).join(', ')}.`,
    )
  if (oracle['faults'] === undefined) return
  try {
    parseFaults(oracle['faults'], `${place}.faults`)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    for (const problem of error.message.split(/; (?=oracles\.)/)) {
      const space = problem.indexOf(' ')
      say(
        problem.slice(0, space),
        problem.slice(space + 1),
        'See “Faults” in docs/scenarios.md; start counts from the start of the run.',
      )
    }
  }
}

type Around = {
  readonly assets: Record<string, Loose<ScenarioAsset>>
  readonly oracles: Record<string, unknown>
  readonly market: (place: string, name: unknown) => void
  readonly say: Say
}

function checkRoom(place: string, room: Loose<ScenarioRoom>, { assets, oracles, market, say }: Around): void {
  market(`${place}.collateral`, room.collateral)
  market(`${place}.price`, room.price)
  if (typeof room.debt === 'string' && !assets[room.debt])
    say(
      `${place}.debt`,
      `is ${JSON.stringify(room.debt)}, no asset of the file`,
      `Write one of ${Object.keys(assets).join(', ')}, or leave it out for dollars.`,
    )
  if (typeof room.oracle === 'string' && !(room.oracle in oracles))
    say(
      `${place}.oracle`,
      `is ${JSON.stringify(room.oracle)}, no oracle of the file`,
      `Write one of ${Object.keys(oracles).join(', ') || '(none is there)'}, or leave it out.`,
    )
  const own = ROOM_KINDS.get(String(room.mechanism))?.looksAt
  const oracle = typeof room.oracle === 'string' ? oracles[room.oracle] : undefined
  if (own !== undefined && isRecord(oracle) && oracle['kind'] !== 'spot')
    say(
      `${place}.oracle`,
      `is of the kind ${String(oracle['kind'])}, and ${room.mechanism} looks at ${own}`,
      'Leave it out, or name one of the kind spot, whose faults count.',
    )
  if (typeof room.mechanism === 'string') checkMechanism(place, room.mechanism, room.params, say)
  const { book } = room
  if (book?.kind === 'drawn' && Number(book.highLtv) < Number(book.lowLtv))
    say(`${place}.book.highLtv`, `is below lowLtv ${book.lowLtv}`, 'Give the larger one.')
  if (book?.kind === 'borrowers') sameNames(book.borrowers, `${place}.book.borrowers`, say, 'id')
}

function checkMechanism(place: string, id: string, params: unknown, say: Say): void {
  const kind = ROOM_KINDS.get(id)
  const ids = [...ROOM_KINDS.keys()]
  if (!kind) {
    say(
      `${place}.mechanism`,
      `is ${JSON.stringify(id)}, no mechanism`,
      `Write one of ${ids.join(', ')}${nearest(id, ids)}.`,
    )
    return
  }
  if (!isRecord(params)) return
  const known = Object.keys(kind.params)
  for (const [name, value] of Object.entries(params)) {
    const bounds = kind.params[name]
    if (!bounds)
      say(
        `${place}.params.${name}`,
        `is no parameter of ${id}`,
        `Write one of ${known.join(', ')}${nearest(name, known)}.`,
      )
    else if (typeof value === 'number' && !(value >= bounds.least && value <= bounds.most))
      say(
        `${place}.params.${name}`,
        `is ${value}`,
        `Write a number from ${bounds.least} to ${bounds.most}: ${bounds.says}.`,
      )
  }
}

function checkTrader(place: string, trader: Loose<ScenarioTrader>, market: Around['market'], say: Say): void {
  if (trader.kind === 'arbitrage') {
    const markets = Array.isArray(trader.markets) ? trader.markets : []
    for (const [at, one] of markets.entries()) market(`${place}.markets[${at}]`, one)
    const coins = new Set(markets.map((one) => String(one).split('@')[0]))
    if (coins.size > 1) say(`${place}.markets`, `are of ${[...coins].join(' and ')}`, 'Name markets of one coin.')
    return
  }
  market(`${place}.market`, (trader as { readonly market?: unknown }).market)
  if (trader.kind !== 'margin-lenders') return
  const ids = objects(trader.lenders).map(([one]) => one['id'])
  sameNames(trader.lenders, `${place}.lenders`, say, 'id')
  objects(trader.lenders).forEach(([one, at]) => {
    if (Number(one['liquidationLtv']) <= Number(one['callLtv']))
      say(
        `${place}.lenders[${at}].liquidationLtv`,
        `is not above callLtv ${one['callLtv']}`,
        'A call comes before a sale.',
      )
  })
  if (trader.loans?.kind === 'list')
    objects(trader.loans.loans).forEach(([loan, at]) => {
      if (typeof loan['lender'] === 'string' && !ids.includes(loan['lender']))
        say(
          `${place}.loans.loans[${at}].lender`,
          `is ${JSON.stringify(loan['lender'])}, no lender here`,
          `Write one of ${ids.join(', ')}.`,
        )
    })
}

function sameNames(value: unknown, place: string, say: Say, key: 'name' | 'id' = 'name'): void {
  const seen = new Set<unknown>()
  objects(value).forEach(([one, at]) => {
    const name = one[key]
    if (typeof name !== 'string') return
    if (seen.has(name))
      say(`${place}[${at}].${key}`, `is ${JSON.stringify(name)} again`, 'Give every one a name of its own.')
    seen.add(name)
  })
}
