/** The mechanisms page as its address writes it: which tab, and the words of its fields that are not the default. */
import { fixedToNumber, isBreakwaterError, parseFixed } from '../../../lib/model/index.ts'
import type { Scale } from './position.ts'

/** The tabs in their order, with what a reader calls them. */
export const MECHANISM_TABS = [
  ['llamma', 'LLAMMA', 'Curve'],
  ['bamm', 'BAMM', 'Frax'],
  ['fx', 'f(x) v2', 'ticks'],
  ['fx1', 'f(x) v1', 'tokens'],
  ['bob', 'BOB', 'bitcoin'],
  ['infinifi', 'InfiniFi', 'tranches'],
  ['rwa', 'RWA exit', 'gate'],
  ['kamino', 'Kamino', 'bonus'],
  ['pre', 'Pre-liquidation', 'Morpho'],
  ['pool', 'Stability pool', 'Liquity'],
  ['clip', 'Dutch auction', 'Maker'],
] as const
/** A tab. */
export type MechanismTab = (typeof MECHANISM_TABS)[number][0]

/** Words of the address. */
export type MechanismWords = Readonly<Record<string, string>>

/** The tab that the words name; the first one where they name none. */
export function tabOf(words: MechanismWords): MechanismTab {
  return MECHANISM_TABS.find(([id]) => id === words['m'])?.[0] ?? 'llamma'
}

/** A field that is a number: typed, and moved by a slider whose ends may depend on the other numbers. */
export type NumberField = {
  readonly kind: 'number'
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly initial: string
  readonly scale?: Scale | ((numbers: Numbers) => Scale) | undefined
  readonly over?: number | undefined
  readonly least?: number | undefined
  readonly most?: number | undefined
  readonly whole?: boolean | undefined
  readonly hint?: string | undefined
}
/** A field that is one of a few words. */
export type ChoiceField = {
  readonly kind: 'choice'
  readonly key: string
  readonly label: string
  readonly initial: string
  readonly options: readonly string[]
  readonly hint?: string | undefined
}
/** A field that is a list of `weeks:amount`. */
export type PairsField = {
  readonly kind: 'pairs'
  readonly key: string
  readonly label: string
  readonly initial: string
  readonly hint?: string | undefined
}
/** A field of a mechanism's form. */
export type MechanismField = NumberField | ChoiceField | PairsField

/** Numbers by field. */
export type Numbers = Readonly<Record<string, number>>
/** A pair of a list: weeks, amount. */
export type WeeksAmount = { readonly weeks: number; readonly amount: number }
/** What the fields mean. A word that means nothing leaves the default in its place and a sentence in `complaints`. */
export type MechanismInput = {
  readonly numbers: Numbers
  readonly words: MechanismWords
  readonly pairs: Readonly<Record<string, readonly WeeksAmount[]>>
  readonly complaints: MechanismWords
}

const DECIMALS = 18
const MOST_PAIRS = 20

/** Reads the words of a tab. */
export function readMechanism(fields: readonly MechanismField[], words: MechanismWords): MechanismInput {
  const numbers: Record<string, number> = {}
  const chosen: Record<string, string> = {}
  const pairs: Record<string, readonly WeeksAmount[]> = {}
  const complaints: Record<string, string> = {}
  for (const field of fields) {
    const { key, initial } = field
    const word = words[key] ?? initial
    if (field.kind === 'number') {
      const read = readNumber(word, field)
      numbers[key] = typeof read === 'number' ? read : Number(initial)
      if (typeof read === 'string') complaints[key] = read
    } else if (field.kind === 'choice') {
      const known = field.options.includes(word)
      chosen[key] = known ? word : initial
      if (!known) complaints[key] = `'${word}' is none of ${field.options.join(', ')}.`
    } else {
      const read = readPairs(word)
      pairs[key] = typeof read === 'string' ? (readPairs(initial) as readonly WeeksAmount[]) : read
      if (typeof read === 'string') complaints[key] = read
    }
  }
  return { numbers, words: chosen, pairs, complaints }
}

/** Words as the address writes them: the tab unless it is the first, and what is not the default. */
export function writeMechanism(
  tab: MechanismTab,
  fields: readonly MechanismField[],
  words: MechanismWords,
): MechanismWords {
  const changed = fields.flatMap(({ key, initial }) => {
    const word = words[key]
    return word === undefined || word === '' || word === initial ? [] : [[key, word] as const]
  })
  return Object.fromEntries([...(tab === 'llamma' ? [] : [['m', tab] as const]), ...changed])
}

function readNumber(text: string, { over, least, most, whole }: NumberField): number | string {
  let value: number
  try {
    value = fixedToNumber(parseFixed(text, DECIMALS), DECIMALS)
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

function readPairs(text: string): readonly WeeksAmount[] | string {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > MOST_PAIRS) return `more than ${MOST_PAIRS} pairs.`
  const pairs = parts.map((part) => {
    const match = /^(\d{1,3}):(\d{1,12}(?:\.\d{1,6})?)$/.exec(part)
    return match ? { weeks: Number(match[1]), amount: Number(match[2]) } : part
  })
  const wrong = pairs.find((pair) => typeof pair === 'string')
  return wrong === undefined
    ? (pairs as readonly WeeksAmount[])
    : `'${wrong}' is not a whole number, a colon and an amount, such as 8:120.`
}
