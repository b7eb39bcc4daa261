/** A position as the address writes it: words with their defaults, read into numbers, each complaint at its field. */
import { fixedToNumber, isBreakwaterError, parseFixed } from '../../../lib/model/index.ts'

/** Every word of a position with its default. `mark` empty: the mark price is the entry price. */
export const DEFAULT_WORDS = {
  venue: 'binance',
  symbol: 'BTCUSDT',
  side: 'long',
  size: '0.5',
  entry: '60000',
  mark: '',
  leverage: '10',
  mode: 'isolated',
  extra: '0',
  funding: '0.01',
  days: '0',
} as const

/** One field of the page. */
export type Field = keyof typeof DEFAULT_WORDS
/** What the fields say, as typed. */
export type PositionWords = Readonly<Record<Field, string>>
/** Sentences about what is wrong, each at its field. */
export type Complaints = Readonly<Partial<Record<Field, string>>>

const FIELDS = Object.keys(DEFAULT_WORDS) as readonly Field[]
/** Longer words are cut: an address is no place for a book. */
const LONGEST = 40

/** Reads the query of the page. */
export function parsePosition(query: URLSearchParams): PositionWords {
  const entries = FIELDS.map((field) => [field, query.get(field)?.trim().slice(0, LONGEST) || DEFAULT_WORDS[field]])
  return Object.fromEntries(entries) as PositionWords
}

/** Writes the words that are not the default. */
export function formatPosition(words: PositionWords): readonly (readonly [Field, string])[] {
  return FIELDS.filter((field) => words[field] !== DEFAULT_WORDS[field]).map((field) => [field, words[field]] as const)
}

/** A position in numbers. Prices are quote per coin, `funding` is a fraction per interval of the chosen venue. */
export type Position = {
  readonly venue: string
  readonly symbol: string
  readonly side: 'long' | 'short'
  /** Coins (linear) or quote units of contract value (inverse). */
  readonly size: number
  readonly entry: number
  readonly mark: number
  readonly leverage: number
  readonly mode: 'isolated' | 'cross'
  /** Margin beyond the initial one, in the settle currency: added to the isolated margin, or the rest of the wallet (cross). */
  readonly extra: number
  readonly funding: number
  readonly days: number
}

/** What the words mean; `position` is missing as soon as one of them means nothing. */
export type Read = { readonly position: Position | undefined; readonly complaints: Complaints }

type Bounds = { readonly over?: number; readonly least?: number; readonly most?: number }

const BOUNDS: Readonly<Partial<Record<Field, Bounds>>> = {
  size: { over: 0 },
  entry: { over: 0 },
  mark: { over: 0 },
  leverage: { over: 0 },
  extra: { least: 0 },
  funding: { least: -100, most: 100 },
  days: { least: 0, most: 3_650 },
}

/** Reads the words. What a venue allows (its symbols, its largest leverage) is judged by its rules, not here. */
export function readPosition(words: PositionWords): Read {
  const complaints: Partial<Record<Field, string>> = {}
  const number = (field: Field): number => {
    const read = readNumber(words[field], BOUNDS[field] ?? {})
    if (typeof read === 'number') return read
    complaints[field] = read
    return Number.NaN
  }
  const entry = number('entry')
  const position: Position = {
    venue: words.venue,
    symbol: words.symbol,
    side: words.side === 'short' ? 'short' : 'long',
    size: number('size'),
    entry,
    mark: words.mark === '' ? entry : number('mark'),
    leverage: number('leverage'),
    mode: words.mode === 'cross' ? 'cross' : 'isolated',
    extra: number('extra'),
    funding: number('funding') / 100,
    days: number('days'),
  }
  if (words.side !== position.side) complaints.side = `'${words.side}' is no side: long or short.`
  if (words.mode !== position.mode) complaints.mode = `'${words.mode}' is no margin mode here: isolated or cross.`
  return { position: Object.keys(complaints).length === 0 ? position : undefined, complaints }
}

function readNumber(text: string, { over, least, most }: Bounds): number | string {
  let value: number
  try {
    value = fixedToNumber(parseFixed(text, DECIMALS), DECIMALS)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return `${error.message}. ${error.fix}`
  }
  if (over !== undefined && value <= over) return `${text} is not above ${over}.`
  if (least !== undefined && value < least) return `${text} is below ${least}.`
  if (most !== undefined && value > most) return `${text} is above ${most}.`
  return value
}

const DECIMALS = 18

/** How a slider maps its places to values: evenly by `step`, or so that each place is the same part more than the one before. */
export type Scale =
  | { readonly kind: 'linear'; readonly from: number; readonly to: number; readonly step: number }
  | { readonly kind: 'log'; readonly from: number; readonly to: number; readonly digits: number }

const LOG_PLACES = 1_000

/** The last place of a slider; the first is 0. One key press is one place, and another word. */
export function lastPlace(scale: Scale): number {
  return scale.kind === 'log' ? LOG_PLACES : Math.max(1, Math.round((scale.to - scale.from) / scale.step))
}

/** Where the slider stands for a value; values beyond its ends stand at the end. */
export function placeOf(scale: Scale, value: number): number {
  const part =
    scale.kind === 'linear'
      ? (value - scale.from) / (scale.to - scale.from)
      : Math.log(value / scale.from) / Math.log(scale.to / scale.from)
  return Number.isNaN(part) ? 0 : Math.round(Math.min(1, Math.max(0, part)) * lastPlace(scale))
}

/** The word for a place of the slider. */
export function wordAt(scale: Scale, place: number): string {
  const { from, to } = scale
  if (scale.kind === 'linear') return plain(Number(Math.min(to, from + place * scale.step).toPrecision(12)))
  return plain(Number((from * (to / from) ** (place / LOG_PLACES)).toPrecision(scale.digits)))
}

/** A number without an exponent, as the fields write it. */
export function plain(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Math.abs(value) > 1 ? String(BigInt(Math.round(value))) : value.toFixed(DECIMALS).replace(/\.?0+$/, '')
}
