/** What is on the screen, and its address: the URL is the state, defaults are left out. */
import { DEFAULT_WORDS, formatPosition, type PositionWords, parsePosition } from './position.ts'

/** The pages, by the letter that goes there after `g`. */
export const PAGES = {
  ...{ overview: 'o', tape: 't', records: 'r', venues: 'v', heatmap: 'h', lending: 'l' },
  ...{ cascade: 'c', arena: 'm', incidents: 'i', mechanisms: 'd', position: 'p' },
} as const
/** A page. */
export type Page = keyof typeof PAGES

/** Pages whose address is words of their own: they compute from a question, not from what is stored, so filters of the tape mean nothing there. */
export const OWN_WORDS: readonly Page[] = ['heatmap', 'lending', 'cascade', 'arena', 'incidents', 'mechanisms']
/** Longer words are cut, and further ones left out: an address is no place for a book. */
const LONGEST_WORD = 400
const MOST_WORDS = 60

/** The windows, by digit: `1` is the first. */
export const WINDOWS = ['1h', '4h', '12h', '24h', '7d', '30d'] as const
/** The window when none is named. */
export const DEFAULT_WINDOW = '24h'

/** Perps and loans are never summed silently: `both` shows them side by side. */
export type Kind = 'both' | 'perp' | 'loan'

/** Everything that the address says. Lists are "any of"; empty lists and `undefined` do not filter. */
export type View = {
  readonly page: Page
  readonly window: string
  /** The time machine: a UTC day, or the instant at which the window ends. */
  readonly at: string | undefined
  readonly src: string | undefined
  readonly venue: readonly string[]
  readonly protocol: readonly string[]
  readonly chain: readonly string[]
  readonly coin: readonly string[]
  readonly side: readonly string[]
  readonly kind: Kind
  readonly minUsd: number | undefined
  readonly account: string | undefined
  /** The event whose receipt is open. */
  readonly event: string | undefined
  readonly order: 'worst' | 'recent'
  /** Charts that are shown as tables. */
  readonly table: readonly string[]
  /** The page "My position": there `venue` and `side` are words of the position, and filter nothing. */
  readonly position: PositionWords
  /** Words of a page in {@link OWN_WORDS}, as typed; defaults are left out by the page itself. */
  readonly own: Readonly<Record<string, string>>
}

/** The view of an address without a query. */
export const EMPTY_VIEW: View = {
  page: 'overview',
  window: DEFAULT_WINDOW,
  at: undefined,
  src: undefined,
  venue: [],
  protocol: [],
  chain: [],
  coin: [],
  side: [],
  kind: 'both',
  minUsd: undefined,
  account: undefined,
  event: undefined,
  order: 'worst',
  table: [],
  position: DEFAULT_WORDS,
  own: {},
}

/** The lists of a view that narrow what is counted. */
export const LISTS = ['venue', 'protocol', 'chain', 'coin', 'side'] as const

/** Reads an address. What means nothing is left out, so that an old link still opens. */
export function parseView(pathname: string, search: string): View {
  const query = new URLSearchParams(search)
  const name = pathname.replace(/^\/|\/$/g, '')
  const word = (key: string) => query.get(key)?.trim() || undefined
  const list = (key: string) => [...new Set((word(key) ?? '').split(',').filter((item) => item !== ''))]
  const minUsd = Number(word('minUsd'))
  const kind = word('kind')
  const page = name in PAGES ? (name as Page) : 'overview'
  if (OWN_WORDS.includes(page)) return ownView(page, query)
  return tidied({
    page,
    window: /^\d{1,4}[mhdw]$/.test(word('window') ?? '') ? (word('window') as string) : DEFAULT_WINDOW,
    at: word('at'),
    src: word('src'),
    venue: list('venue'),
    protocol: list('protocol'),
    chain: list('chain'),
    coin: list('coin').map((coin) => coin.toUpperCase()),
    side: list('side').filter((side) => ['long', 'short', 'unknown'].includes(side)),
    kind: kind === 'perp' || kind === 'loan' ? kind : 'both',
    minUsd: minUsd > 0 && Number.isFinite(minUsd) ? minUsd : undefined,
    account: word('account'),
    event: word('event'),
    order: word('order') === 'recent' ? 'recent' : 'worst',
    table: list('table'),
    position: page === 'position' ? parsePosition(query) : DEFAULT_WORDS,
    own: {},
  })
}

/** Words that every page understands: the open receipt and charts shown as tables. */
const FRAME_WORDS: readonly string[] = ['event', 'table']

function ownView(page: Page, query: URLSearchParams): View {
  const words = [...query].filter(([key, value]) => !FRAME_WORDS.includes(key) && value.trim() !== '')
  const own = Object.fromEntries(
    words.slice(0, MOST_WORDS).map(([key, value]) => [key, value.trim().slice(0, LONGEST_WORD)]),
  )
  const table = (query.get('table') ?? '').split(',').filter((item) => item !== '')
  return { ...EMPTY_VIEW, page, own, table, event: query.get('event') ?? undefined }
}

/** On the page of a position `venue` and `side` are its own words: there they cannot filter. */
export function tidied(view: View): View {
  if (OWN_WORDS.includes(view.page))
    return { ...EMPTY_VIEW, page: view.page, own: view.own, event: view.event, table: view.table }
  if (Object.keys(view.own).length > 0) return tidied({ ...view, own: {} })
  return view.page === 'position' ? { ...view, venue: [], side: [] } : view
}

/** The address of a view. */
export function formatView(view: View): string {
  const query = new URLSearchParams()
  if (OWN_WORDS.includes(view.page)) {
    for (const [key, value] of Object.entries(view.own)) if (value !== '') query.set(key, value)
    if (view.event !== undefined) query.set('event', view.event)
    if (view.table.length > 0) query.set('table', view.table.join(','))
    return addressOf(view.page, query)
  }
  const put = (key: string, value: string | undefined) => value !== undefined && value !== '' && query.set(key, value)
  if (view.window !== DEFAULT_WINDOW) put('window', view.window)
  put('at', view.at)
  put('src', view.src)
  for (const key of LISTS) put(key, view[key].join(','))
  if (view.kind !== 'both') put('kind', view.kind)
  put('minUsd', view.minUsd === undefined ? undefined : String(view.minUsd))
  put('account', view.account)
  put('event', view.event)
  if (view.order !== 'worst') put('order', view.order)
  put('table', view.table.join(','))
  if (view.page === 'position') for (const [key, value] of formatPosition(view.position)) put(key, value)
  return addressOf(view.page, query)
}

function addressOf(page: Page, query: URLSearchParams): string {
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%3D', '=')
  return `/${page === 'overview' ? '' : page}${text === '' ? '' : `?${text}`}`
}

/** Parameters of a question, in text. */
export type Params = Readonly<Record<string, string | undefined>>

/** True for a time machine that is set to a whole UTC day. */
export function isDayView(view: View): boolean {
  return view.at !== undefined && /^\d{4}-\d\d-\d\d$/.test(view.at) && view.window === DEFAULT_WINDOW
}

/** The words of a view's window: a day alone is that UTC day, all else is a window that ends at `at` or now. */
export function windowWords(view: View): Params {
  return isDayView(view) ? { at: view.at } : { window: view.window, at: view.at }
}

/** The words of a view's filter. `kind` overrules the view's own. */
export function filterWords(view: View, kind: Kind = view.kind): Params {
  const list = (items: readonly string[]) => (items.length > 0 ? items.join(',') : undefined)
  return {
    src: view.src,
    venue: list(view.venue),
    protocol: list(view.protocol),
    chain: list(view.chain),
    coin: list(view.coin),
    side: list(view.side),
    kind: kind === 'both' ? undefined : kind,
    minUsd: view.minUsd === undefined ? undefined : String(view.minUsd),
    account: view.account,
  }
}

/** The window as a person says it: `24 h`, `7 d`, `19 May 2021`-like days stay ISO. */
export function windowLabel(view: View): string {
  if (isDayView(view)) return `${view.at} UTC`
  return view.window.replace(/^(\d+)([mhdw])$/, (_all, count, unit) => `${count} ${unit === 'm' ? 'min' : unit}`)
}
