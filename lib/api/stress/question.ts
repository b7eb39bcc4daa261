/** A what-if in words (options of the command line, the body of a request), read once for both doors: which shocks, how deep the markets, which paths. */
import { type LendingShock, parseShock, shockText } from '../../analytics/index.ts'
import { breakwaterError } from '../../model/index.ts'
import { historicShocks } from './historic.ts'
import type { MarketTerms } from './loan-market.ts'
import { moneyOf } from './money.ts'
import { parseMark, type SolveWords } from './solve-mark.ts'

/** Parameters in text. */
export type StressParams = Readonly<Record<string, string | undefined>>

/** Words of a what-if, for doors that list them. */
export const STRESS_WORDS = [
  ...[
    'shock',
    'compare',
    'depth',
    'halfLife',
    'permanent',
    'withdrawal',
    'steps',
    'stepSeconds',
    'flash',
    'leastProfit',
  ],
  ...['limit', 'seed', 'price', 'fund', 'paths', 'volatility', 'drift', 'jumps', 'days', 'cascade'],
  ...['set', 'rules', 'diff', 'solve', 'until', 'maxBadDebt'],
] as const

/** A what-if read. `prices`: dollars by coin where the book has none. */
export type StressQuestion = {
  readonly shocks: readonly LendingShock[]
  readonly compare: readonly LendingShock[] | undefined
  readonly cascade: boolean
  readonly market: MarketTerms
  /** Coins whose depth was named: the book has to know them. */
  readonly depthCoins: readonly string[]
  readonly paths: PathTerms | undefined
  readonly prices: ReadonlyMap<string, number>
  /** Coins of a day of history: where the book does not know one of them, it is left out. */
  readonly optional: ReadonlySet<string>
  readonly fund: number
  readonly limit: number
  readonly seed: string
  /** Changes of the book or scenario, as they are written, and the rules its loans are judged by instead of their own. */
  readonly set: readonly string[]
  readonly rules: string | undefined
  /** Another run to be compared with: words that differ; none: this one without its changes. `undefined`: no comparison. */
  readonly diff: readonly string[] | undefined
  readonly solve: SolveWords | undefined
  /** What days of history are as shocks, in sentences. */
  readonly said: readonly string[]
  /** What was not said and so assumed, in sentences. */
  readonly assumed: readonly string[]
}

/** Paths to follow: volatility per √day and drift per day of the logarithm, days, jumps a day. */
export type PathTerms = {
  readonly paths: number
  readonly volatility: number
  readonly drift: number
  readonly days: number
  readonly jumps: { readonly perDay: number; readonly mean: number; readonly deviation: number } | undefined
}

/** Dollars of sales that move a coin by 2 %, where nothing is said. */
const DEPTH_USD = 50e6
const HALF_LIFE = 1_800
const VOLATILITY = 0.04
const STEPS = 60
/** Of a recorded path of two days: a quarter of an hour each. */
const PATH_STEPS = 192
/** Jumps a day: one a step of a minute. */
const MOST_JUMPS = 1_440

/** Reads a what-if. Throws `bad-shock`, `bad-query`, `bad-number` naming the word and its value. */
export function stressQuestion(params: StressParams): StressQuestion {
  const { shock, compare, depth, halfLife, volatility } = params
  if (shock === undefined)
    throw breakwaterError(
      'bad-query',
      'no shock is named',
      {},
      { fix: 'Add a shock: ETH=-20%, only:ETH=-20%, depeg:stETH/ETH=-5%; several with commas.' },
    )
  const depths = depth === undefined ? new Map<string, number>() : depthsOf(depth)
  const paths = pathsOf(params)
  const asked = shocksOf(shock)
  const other = compare === undefined ? undefined : shocksOf(compare)
  const end = Math.max(0, ...[...asked.paths.values()].map((path) => path.at(-1)?.[0] ?? 0))
  const steps = wholeOf(params, 'steps', end > 0 ? PATH_STEPS : STEPS, 2, 100_000)
  const stepSeconds = wholeOf(params, 'stepSeconds', end > 0 ? Math.max(60, Math.ceil(end / steps)) : 60, 1, 86_400)
  const assumed = [
    ...(depth === undefined ? [`Sales of ${DEPTH_USD / 1e6} M dollars move a market by 2 % (--depth).`] : []),
    ...(halfLife === undefined ? [`Half of a push is refilled in ${HALF_LIFE / 60} minutes (--half-life).`] : []),
    ...(paths && volatility === undefined ? [`Prices move by ${VOLATILITY * 100} % a √day (--volatility).`] : []),
  ]
  return {
    ...{
      shocks: asked.shocks,
      compare: other?.shocks,
      optional: new Set([...asked.optional, ...(other?.optional ?? [])]),
    },
    ...{ paths, assumed, said: asked.says },
    depthCoins: [...depths.keys()].filter((coin) => coin !== ''),
    cascade: params['cascade'] === 'true',
    market: {
      ...{ depthUsd: (coin) => depths.get(coin) ?? depths.get('') ?? DEPTH_USD, depth: 1 },
      halfLife: halfLife === 'none' ? undefined : numberOf(params, 'halfLife', HALF_LIFE, 1, 1e9),
      permanent: numberOf(params, 'permanent', 0, 0, 1),
      withdrawal: numberOf(params, 'withdrawal', 0, 0, 10_000),
      ...{ steps, stepSeconds, paths: asked.paths },
      flashFee: numberOf(params, 'flash', 0.0005, 0, 0.5),
      leastProfit: numberOf(params, 'leastProfit', 1, 0, 1e12),
    },
    prices: params['price'] === undefined ? new Map() : pairsOf('price', params['price']),
    fund: params['fund'] === undefined || params['fund'] === '0' ? 0 : moneyOf('fund', params['fund']),
    limit: wholeOf(params, 'limit', 10, 0, 1_000),
    seed: params['seed'] ?? '7',
    ...{
      set: listOf(params['set']?.replaceAll(',', ' ')),
      rules: params['rules'],
      diff: diffOf(params),
      solve: solveOf(params),
    },
  }
}

const listOf = (text: string | undefined) => (text ?? '').split(/\s+/).filter((one) => one !== '')

function diffOf(params: StressParams): readonly string[] | undefined {
  const { diff } = params
  if (diff === undefined) return undefined
  const words = diff === 'true' ? [] : listOf(diff)
  if (words.length === 0 && params['set'] === undefined && params['rules'] === undefined)
    throw breakwaterError(
      'bad-query',
      '--diff has nothing to compare with',
      {},
      { fix: 'Change something: --set ETH.LT=81% --diff, --rules aave-v2 --diff, or --diff depth=20M.' },
    )
  return words
}

function solveOf(params: StressParams): SolveWords | undefined {
  const { solve: knob, until, maxBadDebt } = params
  if (knob === undefined && until === undefined && maxBadDebt === undefined) return undefined
  const fix = "Write --solve shock --until 'badDebt>0', or --solve ETH.LT --max-bad-debt 1M."
  if (knob === undefined) throw breakwaterError('bad-query', 'it is not said what to solve for', {}, { fix })
  if ((until === undefined) === (maxBadDebt === undefined))
    throw breakwaterError(
      'bad-query',
      until === undefined ? 'it is not said until when to solve' : '--until and --max-bad-debt say two marks',
      {},
      { fix },
    )
  if (until !== undefined) return { knob, until: parseMark(until) }
  const most = maxBadDebt === '0' ? 0 : moneyOf('maxBadDebt', maxBadDebt as string)
  return { knob, until: { figure: 'badDebt', than: '<=', value: most } }
}

type Shocks = {
  readonly shocks: readonly LendingShock[]
  readonly paths: MarketTerms['paths']
  readonly optional: readonly string[]
  readonly says: readonly string[]
}

function shocksOf(text: string): Shocks {
  const [shocks, optional, says]: [LendingShock[], string[], string[]] = [[], [], []]
  const paths = new Map<string, readonly (readonly [number, number])[]>()
  for (const one of text.split(',')) {
    const found = historicShocks(one)
    if (!found) {
      shocks.push(parseShock(one))
      continue
    }
    shocks.push(...found.shocks)
    optional.push(...found.shocks.flatMap((shock) => ('asset' in shock ? [shock.asset] : [])))
    for (const [coin, path] of found.paths) paths.set(coin, path)
    says.push(
      `${one.trim()} is ${found.shocks.map(shockText).join(', ')}, from before to the low (${found.historic.says}); with --cascade hour by hour; coins that the book does not know are left out.`,
    )
  }
  const names = shocks.map((one) => (one.kind === 'feed' ? one.feed : one.asset))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw breakwaterError('bad-shock', `${twice} is shocked twice`, { asset: twice }, { fix: 'Shock each coin once.' })
  if (shocks.length > 20)
    throw breakwaterError('bad-shock', `${shocks.length} shocks; 20 is the most`, { shocks: shocks.length })
  return { shocks, paths, optional, says }
}

/** `50M` for every market, or `ETH=50M,BTC=200M`. */
function depthsOf(text: string): ReadonlyMap<string, number> {
  return text.includes('=') ? pairsOf('depth', text) : new Map([['', moneyOf('depth', text)]])
}

function pairsOf(word: string, text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split(/[,\s]+/).map((one) => {
      const [coin = '', amount = ''] = one.split('=')
      if (coin === '' || amount === '')
        throw breakwaterError(
          'bad-query',
          `${word} '${text.slice(0, 60)}' is no list of pairs`,
          { [word]: text.slice(0, 60) },
          { fix: `Write ${word} as ETH=2000,BTC=60000.` },
        )
      return [coin, moneyOf(word, amount)] as const
    }),
  )
}

function numberOf(params: StressParams, word: string, otherwise: number, least: number, most: number): number {
  const text = params[word]
  if (text === undefined) return otherwise
  const percent = text.trim().endsWith('%')
  const value = Number(text.trim().replace(/%$/, '')) / (percent ? 100 : 1)
  if (text.trim() !== '' && value >= least && value <= most) return value
  throw breakwaterError('bad-number', `${word} '${text.slice(0, 40)}' is no number from ${least} to ${most}`, {
    [word]: text.slice(0, 40),
  })
}

/** A part that may be above 1, but then only as a percent: a bare 4 is more often 4 % than 400 %. */
function partOf(params: StressParams, word: string, otherwise: number, least: number, most: number): number {
  const value = numberOf(params, word, otherwise, least, most)
  const text = params[word]?.trim() ?? ''
  if (text.endsWith('%') || Math.abs(value) <= 1) return value
  throw breakwaterError(
    'bad-number',
    `${word} ${text} would be ${Math.round(value * 100)} % ${word === 'drift' ? 'a day' : 'a √day'}`,
    { [word]: text },
    { fix: `Write ${text}% if that is meant, or ${Math.round(value * 100)}%.` },
  )
}

function wholeOf(params: StressParams, word: string, otherwise: number, least: number, most: number): number {
  const value = numberOf(params, word, otherwise, least, most)
  if (Number.isInteger(value)) return value
  throw breakwaterError('bad-number', `${word} '${params[word]}' is no whole number`, { [word]: params[word] })
}

const areJumps = ([perDay = -1, mean = Number.NaN, deviation = -1, ...more]: readonly number[]) =>
  more.length === 0 && perDay >= 0 && perDay <= MOST_JUMPS && Math.abs(mean) <= 1 && deviation >= 0 && deviation <= 1

function pathsOf(params: StressParams): PathTerms | undefined {
  if (params['paths'] === undefined) return undefined
  const jumps = params['jumps']?.split(',').map((one) => Number(one.replace(/%$/, '')) / (one.endsWith('%') ? 100 : 1))
  if (jumps && !areJumps(jumps))
    throw breakwaterError(
      'bad-query',
      `jumps '${params['jumps']?.slice(0, 40)}' are none`,
      { jumps: params['jumps']?.slice(0, 40) },
      { fix: `Write how many a day (0 to ${MOST_JUMPS}), their mean (±100%), their deviation (0 to 100%): 2,-3%,4%.` },
    )
  return {
    paths: wholeOf(params, 'paths', 10_000, 1, 10_000_000),
    volatility: partOf(params, 'volatility', VOLATILITY, 0, 10),
    drift: partOf(params, 'drift', 0, -10, 10),
    days: numberOf(params, 'days', 1, 1 / 1_440, 365),
    jumps: jumps && { perDay: jumps[0] as number, mean: jumps[1] as number, deviation: jumps[2] as number },
  }
}
