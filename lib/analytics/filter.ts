/** Words become a filter, the sentence of its scope, and the command line that asks the same. One vocabulary for CLI and HTTP. */
import { breakwaterError, type Source } from '../model/index.ts'
import { venues } from '../venues/index.ts'
import type { Filter, GroupKey } from './question.ts'

/** Parameters in text. */
export type Params = Readonly<Record<string, string | undefined>>

/** The words that narrow a question, in the order a command prints them. */
export const FILTER_WORDS = ['src', 'venue', 'protocol', 'chain', 'coin', 'side', 'kind', 'minUsd', 'account'] as const
/** The words that name its window. */
export const WINDOW_WORDS = ['window', 'at', 'from', 'to'] as const

const SOURCES: readonly Source[] = ['live', 'recorded', 'simulated']
const SIDES = ['long', 'short', 'unknown'] as const
const GROUPS: readonly GroupKey[] = [
  'venue',
  'protocol',
  'chain',
  'coin',
  'side',
  'kind',
  'source',
  'minute',
  'hour',
  'day',
]
const MOST_ITEMS = 50

/** Refuses (`bad-query`) words that this question does not know, naming those it does. */
export function checkWords(params: Params, allowed: readonly string[]): void {
  const unknown = Object.keys(params).filter((name) => params[name] !== undefined && !allowed.includes(name))
  if (unknown.length > 0)
    throw breakwaterError(
      'bad-query',
      `unknown parameter ${unknown.slice(0, 5).join(', ')}`,
      { unknown: unknown.join(',').slice(0, 200) },
      { fix: `Use ${allowed.join(', ')}.` },
    )
}

/** The filter of words, without its window. Refuses (`bad-query`, `unknown-venue`) values that mean nothing. */
export function parseFilter(params: Params): Filter {
  const { src, minUsd, account } = params
  const source = SOURCES.find((candidate) => candidate === (src === 'demo' ? 'simulated' : src))
  const named = list('venue', params)?.map(checkVenue)
  if (src !== undefined && source === undefined && named)
    throw breakwaterError('bad-query', 'src and venue both name a venue', { src }, { fix: 'Use one of them.' })
  const kind = params['kind']
  if (kind !== undefined && kind !== 'perp' && kind !== 'loan' && kind !== 'both')
    throw breakwaterError('bad-query', `kind '${kind}' is none`, { kind }, { fix: 'Use perp, loan or both.' })
  return dropUndefined({
    sources: source ? [source] : undefined,
    venues: src !== undefined && source === undefined ? [checkVenue(src)] : named,
    protocols: list('protocol', params),
    chains: list('chain', params)?.map((chain) => chain.toLowerCase()),
    coins: list('coin', params)?.map((coin) => coin.toUpperCase()),
    sides: list('side', params)?.map((side) => oneOf('side', side, SIDES)),
    kinds: kind === 'perp' || kind === 'loan' ? [kind] : undefined,
    minUsd: minUsd === undefined ? undefined : amount('minUsd', minUsd),
    account: account === undefined ? undefined : account.trim(),
  })
}

/** The group keys of `by=venue,coin`. */
export function parseGroups(text: string | undefined): readonly GroupKey[] {
  if (text === undefined || text === '') return []
  const keys = text.split(',').map((key) => oneOf('by', key.trim(), GROUPS))
  return [...new Set(keys)]
}

/** A whole number in bounds, or the fallback when absent. */
export function parseWhole(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < min || value > max || text.trim() === '')
    throw breakwaterError(
      'bad-query',
      `${name} '${text.slice(0, 40)}' must be a whole number from ${min} to ${max}`,
      { [name]: text.slice(0, 40) },
      { fix: `Use a number from ${min} to ${max}.` },
    )
  return value
}

/** The scope in words: printed wherever a number of it is. `found`: the kinds that were found, for venues that the registry does not know. */
export function scopeOf(filter: Filter, found: readonly string[] = []): string {
  const parts: string[] = []
  const kinds = filter.kinds ?? kindsOf(filter.venues, found)
  const what = kinds.length === 1 ? `${kinds[0]} liquidations` : 'perp and loan liquidations'
  parts.push(what)
  parts.push(filter.venues ? `of ${filter.venues.map(venueName).join(', ')}` : 'of every venue in the store')
  if (filter.protocols) parts.push(`protocol ${filter.protocols.join(', ')}`)
  if (filter.chains) parts.push(`on ${filter.chains.join(', ')}`)
  if (filter.coins) parts.push(`coin ${filter.coins.join(', ')}`)
  if (filter.sides) parts.push(`side ${filter.sides.join(', ')}`)
  if (filter.minUsd !== undefined) parts.push(`from $${filter.minUsd} on`)
  if (filter.account !== undefined) parts.push(`account ${filter.account}`)
  if (filter.sources) parts.push(filter.sources.join(' and '))
  return parts.join(', ').replace(', of ', ' of ')
}

/** Which kinds of liquidation a list of venues can have. */
function kindsOf(ids: readonly string[] | undefined, found: readonly string[]): readonly string[] {
  const kinds = (ids ?? []).map((id) => venues.get(id.replace(/^sim:/, ''))?.kind)
  if (kinds.includes(undefined) && found.length > 0) return found
  if (kinds.length > 0 && kinds.every((kind) => kind === 'lending')) return ['loan']
  if (kinds.length > 0 && kinds.every((kind) => kind === 'cex' || kind === 'perp-dex')) return ['perp']
  return ['perp', 'loan']
}

/** A venue's name from its id; simulated ones say so. */
export function venueName(id: string): string {
  const simulated = id.startsWith('sim:')
  const name = venues.get(simulated ? id.slice(4) : id)?.name ?? id
  return simulated ? `${name} (simulated)` : name
}

/** The command line that asks the same question; the same words give the same line, whatever their order. */
export function commandOf(verb: string, params: Params): string {
  const order = [...FILTER_WORDS, ...WINDOW_WORDS] as readonly string[]
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const sorted = Object.entries(params).sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
  const words = sorted.flatMap(([name, value]) => {
    if (value === undefined) return []
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    return [`--${option} ${/^[\w.,:+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`]
  })
  return ['breakwater', verb, ...words].join(' ')
}

function list(name: string, params: Params): string[] | undefined {
  const text = params[name]
  if (text === undefined) return undefined
  const items = text.split(',').map((item) => item.trim())
  if (items.length > MOST_ITEMS || items.some((item) => item === '' || item.length > 80))
    throw breakwaterError(
      'bad-query',
      `${name} must be a list of 1 to ${MOST_ITEMS} names`,
      { [name]: text.slice(0, 80) },
      { fix: `Write ${name}=a,b.` },
    )
  return items
}

function checkVenue(id: string): string {
  if (!/^[\w:.-]{1,60}$/.test(id))
    throw breakwaterError('unknown-venue', `'${id.slice(0, 60)}' is no venue id`, { venue: id.slice(0, 60) })
  return id
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined)
    throw breakwaterError(
      'bad-query',
      `${name} '${value.slice(0, 40)}' is none`,
      { [name]: value.slice(0, 40) },
      { fix: `Use ${allowed.join(', ')}.` },
    )
  return found
}

function amount(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmb]?)$/i.exec(text.trim())
  if (!match)
    throw breakwaterError(
      'bad-query',
      `${name} '${text.slice(0, 40)}' is no amount`,
      { [name]: text.slice(0, 40) },
      { fix: 'Write 100000, 100k or 1.5M.' },
    )
  return Number(match[1]) * { '': 1, k: 1e3, m: 1e6, b: 1e9 }[(match[2] ?? '').toLowerCase() as '' | 'k' | 'm' | 'b']
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T
}
