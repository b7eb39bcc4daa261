/** An arena's question: words as the command line, the API and an address write them, read into numbers with every complaint at once. */
import { breakwaterError, isBreakwaterError } from '../model/index.ts'
import { type ArenaCrash, crashOf, secondsOf } from './arena-crash.ts'
import { ROOM_KINDS } from './market/room-kinds.ts'
import { paramsOf, type RoomKind } from './market/rooms/room-kind.ts'

/** Words of a question; what is left out has its default in {@link ARENA_DEFAULTS}. */
export type ArenaWords = {
  readonly crash?: string | undefined
  /** Kinds of room with their parameters, by comma: `aave-v3,llamma:bands=10:fee=0.01`. */
  readonly mechanisms?: string | undefined
  readonly accounts?: string | undefined
  /** Debt of the book: `100M`. */
  readonly normalise?: string | undefined
  readonly seed?: string | undefined
  /** Switches of {@link ARENA_FAILURES}, by comma: `liquidators=10m,congestion=500@1h`. */
  readonly failure?: string | undefined
  readonly price?: string | undefined
  /** Loan-to-values of the book: `40-80%`. */
  readonly ltv?: string | undefined
  readonly liquidators?: string | undefined
  /** Dollars that move the price by 1 %. */
  readonly depth?: string | undefined
  /** Gas price, gwei. */
  readonly gas?: string | undefined
}

/** The words where none are given. */
export const ARENA_DEFAULTS = {
  crash: 'v:-35%:6h',
  mechanisms:
    'aave-v3,morpho,pre-liquidation,kamino,maker-clip,maker-flip,stability-pool,fx,llamma,bamm,bob,perp-hyperliquid',
  accounts: '200',
  normalise: '100M',
  seed: '7',
  failure: '',
  price: '2000',
  ltv: '40-80%',
  liquidators: '3',
  depth: '10M',
  gas: '30',
} as const satisfies Required<ArenaWords>

/** What may fail, and what its value is. Without `@time` a failure begins when half of the fall has happened. */
export const ARENA_FAILURES = {
  liquidators: { value: 'duration', says: 'nobody takes offers or bids, for so long' },
  rpc: {
    value: 'duration',
    says: 'keepers, arbitrageurs and depositors get no transaction in, for so long; liquidators do',
  },
  stale: { value: 'duration', says: 'the oracle’s answer stands still, for so long' },
  down: { value: 'duration', says: 'the oracle does not answer, for so long' },
  late: { value: 'duration', says: 'the oracle says what it would have said so long ago, to the end' },
  congestion: { value: 'gwei', says: 'gas costs so much, to the end' },
} as const satisfies Readonly<Record<string, { readonly value: 'duration' | 'gwei'; readonly says: string }>>

/** A switch that is on: its value in seconds or gwei, and when it begins, seconds from the start (`undefined`: at half of the fall). */
export type ArenaFailure = {
  readonly kind: keyof typeof ARENA_FAILURES
  readonly value: number
  readonly from: number | undefined
}

/** One column: the kind with the parameters that differ from its own. */
export type ArenaColumn = {
  readonly id: string
  readonly kind: RoomKind
  readonly params: Readonly<Record<string, number>>
}

/** A checked question. Money in dollars, times in seconds, shares as fractions. */
export type ArenaQuestion = {
  readonly crash: ArenaCrash
  readonly columns: readonly ArenaColumn[]
  readonly accounts: number
  readonly debt: number
  readonly seed: string
  readonly failures: readonly ArenaFailure[]
  readonly lowLtv: number
  readonly highLtv: number
  readonly liquidators: number
  readonly depth: number
  readonly gas: number
  /** The words it was made of, defaults left out. */
  readonly words: ArenaWords
}

/** The command that asks the same, its options always in one order. */
export function arenaCommand(words: ArenaWords): string {
  const short = shortened(stripped(words))
  const names = Object.keys(ARENA_DEFAULTS) as (keyof ArenaWords)[]
  const options = names.flatMap((name) => (short[name] === undefined ? [] : [` --${name} ${short[name]}`]))
  return `breakwater compare${options.join('')}`
}

/** Most columns and accounts of one question. */
export const ARENA_MOST = { columns: 24, accounts: 5_000 } as const

/** Reads words; `path` overrules the word `crash`. Throws `bad-scenario` with every complaint. */
export function arenaQuestion(words: ArenaWords, path?: ArenaCrash): ArenaQuestion {
  const all = { ...ARENA_DEFAULTS, ...stripped(words) }
  const wrong: string[] = []
  const number = (name: keyof ArenaWords, least: number, most: number, whole = false): number => {
    const value = amountOf(all[name])
    if (value !== undefined && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
    wrong.push(`${name} is '${all[name]}'; it must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
    return least
  }
  const price = path?.prices[0] ?? number('price', 1e-6, 1e9)
  const crash = path ?? trying(wrong, () => crashOf(all.crash, price)) ?? crashOf(ARENA_DEFAULTS.crash, price)
  const [lowLtv, highLtv] = ltvsOf(all.ltv, wrong)
  const question = {
    crash,
    columns: columnsOf(all.mechanisms, wrong),
    accounts: number('accounts', 1, ARENA_MOST.accounts, true),
    debt: number('normalise', 1_000, 1e12),
    seed: all.seed,
    failures: failuresOf(all.failure, wrong),
    ...{ lowLtv, highLtv },
    liquidators: number('liquidators', 0, 20, true),
    depth: number('depth', 1, 1e12),
    gas: number('gas', 0, 1e6),
    words: shortened({ ...stripped(words), ...(path ? { crash: path.name } : {}) }),
  }
  if (wrong.length > 0)
    throw breakwaterError('bad-scenario', wrong.join('; '), { problems: wrong.length, first: wrong[0] ?? '' })
  return question
}

function stripped(words: ArenaWords): ArenaWords {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined && value.trim() !== ''))
}

/** Words without those that say the default. */
function shortened(words: ArenaWords): ArenaWords {
  const same = ([name, value]: [string, string | undefined]) => ARENA_DEFAULTS[name as keyof ArenaWords] !== value
  return Object.fromEntries(Object.entries(words).filter(same))
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9 }

/** A number with an optional k, M or B. */
function amountOf(text: string): number | undefined {
  const found = /^\$?(\d+(?:\.\d+)?(?:e\d+)?)\s*([kmb]?)$/i.exec(text.trim())
  return found ? Number(found[1]) * (UNITS[(found[2] ?? '').toLowerCase()] ?? 1) : undefined
}

function ltvsOf(text: string, wrong: string[]): readonly [number, number] {
  const found = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?%$/.exec(text.trim())
  const [low, high] = [Number(found?.[1]) / 100, Number(found?.[2] ?? found?.[1]) / 100]
  if (found && low > 0 && high >= low && high < 1) return [low, high]
  wrong.push(`ltv is '${text}'; it must be a range such as 40-80%, above 0 and below 100 %`)
  return [0.4, 0.8]
}

/** The value, or its complaint on the list. */
function trying<T>(wrong: string[], make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    wrong.push(error.message)
    return undefined
  }
}

function columnsOf(text: string, wrong: string[]): readonly ArenaColumn[] {
  const names = text.split(',').map((one) => one.trim())
  if (names.length > ARENA_MOST.columns) wrong.push(`${names.length} mechanisms are more than ${ARENA_MOST.columns}`)
  const seen = new Map<string, number>()
  return names.slice(0, ARENA_MOST.columns).flatMap((name) => {
    const [id = '', ...rest] = name.split(':')
    const kind = ROOM_KINDS.get(id)
    if (!kind) {
      wrong.push(`there is no mechanism '${id}' (there are ${[...ROOM_KINDS.keys()].join(', ')})`)
      return []
    }
    const params = Object.fromEntries(
      rest.map((one) => {
        const [key = '', value = ''] = one.split('=')
        return [key.trim(), value.trim() === '' ? Number.NaN : Number(value)] as const
      }),
    )
    trying(wrong, () => paramsOf(kind, params))
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return [{ id: times > 1 ? `${name}#${times}` : name, kind, params }]
  })
}

function failuresOf(text: string, wrong: string[]): readonly ArenaFailure[] {
  const words = text.split(',').map((one) => one.trim())
  return words.flatMap((one) => {
    if (one === '') return []
    const [, name = '', said = '', at] = /^([^=@]*)=?([^@]*)(?:@(.*))?$/.exec(one) ?? []
    const known = Object.hasOwn(ARENA_FAILURES, name) ? ARENA_FAILURES[name as ArenaFailure['kind']] : undefined
    const value = known?.value === 'gwei' ? amountOf(said.replace(/gwei$/, '')) : secondsOf(said)
    const from = at === undefined ? undefined : secondsOf(at)
    if (known && value !== undefined && value > 0 && (at === undefined || from !== undefined))
      return [{ kind: name as ArenaFailure['kind'], value, from }]
    const kinds = Object.entries(ARENA_FAILURES).map(
      ([kind, { value: unit }]) => `${kind}=${unit === 'gwei' ? '500' : '10m'}`,
    )
    wrong.push(`the failure '${one}' is none of ${kinds.join(', ')}, each with an optional @1h for when it begins`)
    return []
  })
}
