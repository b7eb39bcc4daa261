/** The cascade lab as its address writes it: book, shocks, market and chance, as typed; defaults are left out. */
import { fixedToNumber, isBreakwaterError, parseFixed } from '../../../lib/model/index.ts'
import { plain, type Scale } from './position.ts'

/** Models of impact, with what a reader calls them. */
export const IMPACT_MODELS = [
  ['exponential', 'exponential'],
  ['square-root', 'square root'],
  ['linear', 'straight line'],
  ['pool', 'constant-product pool'],
  ['book', 'order book'],
] as const
/** A model of impact. */
export type ImpactModel = (typeof IMPACT_MODELS)[number][0]

/** The words of the address. */
export const CASCADE_WORDS = {
  book: 'demo',
  seed: '7',
  coin: 'BTC',
  shock: 'BTC:-5,ETH:-6,SOL:-8',
  impact: 'exponential',
  depth: '1',
  kappa: '2',
  close: '100',
  fund: '20',
  fee: '0.5',
  volatility: '3',
  hours: '6',
  permanent: '60',
  halflife: '30',
  paths: '2000',
  round: '',
} as const
/** Words by field. */
export type CascadeWords = Readonly<Record<keyof typeof CASCADE_WORDS, string>>
/** A field. */
export type CascadeField = keyof CascadeWords

/** What is wrong with a number of the page's forms: a unit, ends, and how a slider moves it. */
export type NumberRule = {
  readonly label: string
  readonly unit: string
  readonly scale?: Scale
  readonly over?: number
  readonly least?: number
  readonly most?: number
  readonly whole?: boolean
  readonly hint?: string
}

/** The fields that are numbers, in the order of the form. */
export const CASCADE_NUMBERS = {
  depth: {
    ...{ label: 'Depth', unit: '× the book’s own', over: 0, most: 1_000 },
    ...{ scale: { kind: 'log', from: 0.1, to: 10, digits: 3 } as Scale, hint: '0.5: half as much stands in the book' },
  },
  kappa: {
    ...{ label: 'Maker withdrawal κ', unit: 'per 100 % of move', least: 0, most: 100 },
    ...{
      scale: { kind: 'linear', from: 0, to: 20, step: 0.1 } as Scale,
      hint: 'makers leave e^(−κ · |shock|) of their size',
    },
  },
  close: {
    ...{ label: 'Closed at a time', unit: '% of a position', over: 0, most: 100 },
    ...{ scale: { kind: 'linear', from: 5, to: 100, step: 5 } as Scale },
  },
  fund: {
    ...{ label: 'Insurance fund', unit: '$ M', least: 0, most: 1e6 },
    ...{ scale: { kind: 'linear', from: 0, to: 100, step: 1 } as Scale },
  },
  fee: {
    ...{ label: 'Liquidation fee', unit: '% of notional', least: 0, most: 20 },
    ...{ scale: { kind: 'linear', from: 0, to: 5, step: 0.05 } as Scale },
  },
  volatility: { label: 'Volatility', unit: '% per day', least: 0, most: 500 },
  hours: { label: 'Time after the shock', unit: 'h', over: 0, most: 72, whole: true },
  permanent: { label: 'Impact that stays', unit: '%', least: 0, most: 100 },
  halflife: { label: 'Half-life of the rest', unit: 'min', over: 0, most: 100_000 },
  paths: { label: 'Paths', unit: '', least: 1, most: 20_000, whole: true },
} as const satisfies Partial<Record<CascadeField, NumberRule>>
/** A field that is a number. */
export type CascadeNumber = keyof typeof CASCADE_NUMBERS

/** What the words mean; a word that means nothing leaves the default and a sentence. */
export type CascadeInput = {
  readonly book: 'demo' | 'own'
  readonly seed: string
  readonly coin: string
  /** Fraction by coin. */
  readonly shocks: ReadonlyMap<string, number>
  readonly impact: ImpactModel
  readonly numbers: Readonly<Record<CascadeNumber, number>>
  /** The round that the waterfall stands at; undefined: the last. */
  readonly round: number | undefined
  readonly complaints: Readonly<Partial<Record<CascadeField, string>>>
}

/** The words of an address, defaults filled in. */
export function cascadeWords(own: Readonly<Record<string, string>>): CascadeWords {
  const known = Object.entries(own).filter(([key]) => key in CASCADE_WORDS)
  return { ...CASCADE_WORDS, ...Object.fromEntries(known) }
}

/** What the address says of them: all but the defaults. */
export function cascadeAddress(words: CascadeWords): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(words).filter(([key, word]) => word !== CASCADE_WORDS[key as CascadeField] && word !== ''),
  )
}

/** Reads the words. */
export function readCascade(words: CascadeWords): CascadeInput {
  const complaints: Partial<Record<CascadeField, string>> = {}
  const numbers = Object.fromEntries(
    Object.entries(CASCADE_NUMBERS).map(([field, rule]) => {
      const read = numberOf(words[field as CascadeNumber], rule)
      if (typeof read === 'string') complaints[field as CascadeNumber] = read
      return [field, typeof read === 'number' ? read : Number(CASCADE_WORDS[field as CascadeNumber])]
    }),
  ) as Record<CascadeNumber, number>
  const impact = IMPACT_MODELS.find(([id]) => id === words.impact)?.[0]
  if (!impact) complaints.impact = `'${words.impact}' is none of ${IMPACT_MODELS.map(([id]) => id).join(', ')}.`
  const shocks = parseShocks(words.shock)
  if (typeof shocks === 'string') complaints.shock = shocks
  if (words.book !== 'demo' && words.book !== 'own') complaints.book = `'${words.book}' is no book: demo or own.`
  const round = words.round === '' ? undefined : Number(words.round)
  return {
    ...{ book: words.book === 'own' ? 'own' : 'demo', seed: words.seed, coin: words.coin, numbers, complaints },
    shocks: typeof shocks === 'string' ? (parseShocks(CASCADE_WORDS.shock) as ReadonlyMap<string, number>) : shocks,
    impact: impact ?? 'exponential',
    round: round !== undefined && Number.isInteger(round) && round >= 0 ? round : undefined,
  }
}

/** `BTC:-10,ETH:-15` in percent as fractions by coin; a sentence where it is none. */
export function parseShocks(text: string): ReadonlyMap<string, number> | string {
  const found = new Map<string, number>()
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const match = /^\s*([A-Za-z0-9.$_/-]{1,24})\s*[:=]\s*([+−-]?\d{1,6}(?:\.\d{1,6})?)\s*%?\s*$/.exec(part)
    if (!match) return `'${part.trim()}' is no shock such as BTC:-10.`
    const percent = Number((match[2] as string).replace('−', '-'))
    if (!(percent > -100 && percent <= 1_000)) return `a shock of ${percent} % leaves no price.`
    found.set((match[1] as string).toUpperCase(), percent / 100)
  }
  return found
}

/** The shocks as the address writes them. */
export function formatShocks(shocks: ReadonlyMap<string, number>): string {
  return [...shocks].map(([coin, shock]) => `${coin}:${plain(Number((shock * 100).toPrecision(6)))}`).join(',')
}

/** A number typed into a form, or the sentence that says why it is none. */
export function numberOf(text: string, { over, least, most, whole }: NumberRule): number | string {
  let value: number
  try {
    value = fixedToNumber(parseFixed(text, 18), 18)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return `${error.message}. ${error.fix}`
  }
  if (whole && !Number.isInteger(value)) return `${text} is no whole number.`
  if (over !== undefined && value <= over) return `${text} is not above ${over}.`
  if (least !== undefined && value < least) return `${text} is below ${least}.`
  if (most !== undefined && value > most) return `${text} is above ${most}.`
  return value
}
