/** The one line that searches and filters: `coin:ETH >100k side:long venue:bybit`, `BTC`, `0xabc…`, `2021-05-19`, `7d`. */
import { coinOf } from '../../../lib/model/index.ts'
import { type Kind, LISTS, PAGES, type Page, type View } from './view.ts'

/** What a line asks for, and the words of it that mean nothing. */
export type Parsed = { readonly patch: Partial<View>; readonly unknown: readonly string[] }

const LIST_KEYS: Readonly<Record<string, 'venue' | 'protocol' | 'chain' | 'coin' | 'side'>> = {
  venue: 'venue',
  v: 'venue',
  protocol: 'protocol',
  chain: 'chain',
  coin: 'coin',
  c: 'coin',
  side: 'side',
}
const KINDS: Readonly<Record<string, Kind>> = {
  perp: 'perp',
  perps: 'perp',
  loan: 'loan',
  loans: 'loan',
  both: 'both',
}

/** Reads a line. `venues` are the ids that are heard here: a bare `bybit` means `sim:bybit` where only the simulated one is. */
export function parseLine(line: string, venues: readonly string[] = []): Parsed {
  const patch: Record<string, unknown> = {}
  const unknown: string[] = []
  const add = (key: string, items: readonly string[]) => {
    patch[key] = [...new Set([...((patch[key] as string[] | undefined) ?? []), ...items])]
  }
  for (const word of line.trim().split(/\s+/).filter(Boolean)) {
    const [, key, value] = /^([a-z]+):(.+)$/i.exec(word) ?? []
    const understood =
      key !== undefined && value !== undefined
        ? named(key.toLowerCase(), value, venues, patch, add)
        : bare(word, venues, patch, add)
    if (!understood) unknown.push(word)
  }
  return { patch: patch as Partial<View>, unknown }
}

type Patch = Record<string, unknown>
type Add = (key: string, items: readonly string[]) => void

function named(key: string, value: string, venues: readonly string[], patch: Patch, add: Add): boolean {
  const list = LIST_KEYS[key]
  const items = value.split(',').filter(Boolean)
  if (list === 'side') {
    const sides = items.map((item) => item.toLowerCase())
    if (!sides.every((side) => ['long', 'short', 'unknown'].includes(side))) return false
    add('side', sides)
  } else if (list === 'coin') add('coin', items.map(coinOf))
  else if (list === 'venue')
    add(
      'venue',
      items.map((item) => heardAs(item.toLowerCase(), venues)),
    )
  else if (list) add(list, list === 'chain' ? items.map((item) => item.toLowerCase()) : items)
  else if (key === 'kind') {
    const kind = KINDS[value.toLowerCase()]
    if (!kind) return false
    patch['kind'] = kind
  } else if (key === 'account' || key === 'src' || key === 'at') patch[key] = value
  else if (key === 'min' || key === 'minusd') {
    const amount = parseAmount(value)
    if (amount === undefined) return false
    patch['minUsd'] = amount
  } else if (key === 'window' && /^\d{1,4}[mhdw]$/.test(value)) patch['window'] = value
  else return false
  return true
}

function bare(word: string, venues: readonly string[], patch: Patch, add: Add): boolean {
  const lower = word.toLowerCase()
  const amount = /^>=?(.+)$/.exec(word)?.[1]
  if (amount !== undefined) {
    const usd = parseAmount(amount)
    if (usd === undefined) return false
    patch['minUsd'] = usd
  } else if (/^0x[0-9a-f]{6,}$/i.test(word)) patch['account'] = word
  else if (/^\d{4}-\d\d-\d\d(T[\d:.]+Z?)?$/.test(word)) patch['at'] = word
  else if (/^\d{1,4}[mhdw]$/.test(lower)) patch['window'] = lower
  else if (lower === 'long' || lower === 'short') add('side', [lower])
  else if (lower in KINDS) patch['kind'] = KINDS[lower]
  else if (lower in PAGES) patch['page'] = lower as Page
  else if (lower === 'now') patch['at'] = undefined
  else if (isVenue(lower, venues)) add('venue', [heardAs(lower, venues)])
  else if (/^[a-z0-9.$_-]{1,24}$/i.test(word)) add('coin', [coinOf(word)])
  else return false
  return true
}

function isVenue(word: string, venues: readonly string[]): boolean {
  return venues.includes(word) || venues.includes(`sim:${word}`)
}

function heardAs(id: string, venues: readonly string[]): string {
  return !venues.includes(id) && venues.includes(`sim:${id}`) ? `sim:${id}` : id
}

/** Dollars of `100k`, `1.5M`, `250000`; `undefined` for anything else. */
export function parseAmount(text: string): number | undefined {
  const [, digits, unit = ''] = /^\$?(\d+(?:\.\d+)?)([kmb]?)$/i.exec(text.trim()) ?? []
  if (digits === undefined) return undefined
  return Number(digits) * ({ '': 1, k: 1e3, m: 1e6, b: 1e9 }[unit.toLowerCase()] ?? 1)
}

/** A patch on top of a view: what is typed narrows by more values of a list, it does not forget the others. */
export function narrowed(view: View, patch: Partial<View>): Partial<View> {
  const lists = LISTS.filter((key) => patch[key] !== undefined)
  const merged = lists.map((key) => [key, [...new Set([...view[key], ...(patch[key] ?? [])])]])
  return { ...patch, ...Object.fromEntries(merged) }
}

/** One word of the filter in force, and the view without it. */
export type Chip = { readonly text: string; readonly without: Partial<View> }

/** The filter in force, word by word, as one would type it. */
export function chipsOf(view: View): readonly Chip[] {
  const chips: Chip[] = []
  for (const key of ['coin', 'side', 'venue', 'protocol', 'chain'] as const)
    for (const item of view[key])
      chips.push({ text: `${key}:${item}`, without: { [key]: view[key].filter((other) => other !== item) } })
  if (view.minUsd !== undefined) chips.push({ text: `>${shortAmount(view.minUsd)}`, without: { minUsd: undefined } })
  if (view.account) chips.push({ text: `account:${view.account}`, without: { account: undefined } })
  if (view.src) chips.push({ text: `src:${view.src}`, without: { src: undefined } })
  return chips
}

function shortAmount(usd: number): string {
  if (usd >= 1e9 && usd % 1e8 === 0) return `${usd / 1e9}B`
  if (usd >= 1e6 && usd % 1e5 === 0) return `${usd / 1e6}M`
  return usd >= 1e3 && usd % 100 === 0 ? `${usd / 1e3}k` : String(usd)
}
