/** The arena as its address writes it: crash, mechanisms, book, market, switches, and how its table is sorted; defaults are left out. */
import { isBreakwaterError } from '../../../lib/model/index.ts'
import {
  ARENA_DEFAULTS,
  ARENA_FAILURES,
  ARENA_MEASURES,
  type ArenaQuestion,
  type ArenaWords,
  arenaQuestion,
  CRASH_SHAPES,
} from '../../../lib/sim/index.ts'

/** Words by field; `sort` is a measure's name, led by `-` where the largest comes first. */
export type ArenaPageWords = Readonly<Record<keyof ArenaWords | 'sort', string>>
/** A field. */
export type ArenaField = keyof ArenaPageWords

/** The words of an address without any. */
export const ARENA_WORDS: ArenaPageWords = { ...ARENA_DEFAULTS, sort: '' }

/** The words of an address, defaults filled in. */
export function arenaWords(own: Readonly<Record<string, string>>): ArenaPageWords {
  const known = Object.entries(own).filter(([key]) => key in ARENA_WORDS)
  return { ...ARENA_WORDS, ...Object.fromEntries(known) }
}

/** What the address says of them: all but the defaults. */
export function arenaAddress(words: ArenaPageWords): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(words).filter(([key, word]) => word !== ARENA_WORDS[key as ArenaField]))
}

/** The words of the question alone. */
export function questionWords({ sort: _, ...words }: ArenaPageWords): ArenaWords {
  return words
}

/** The question, or everything that is wrong with its words. */
export function readArena(
  words: ArenaPageWords,
): { readonly question: ArenaQuestion } | { readonly problems: readonly string[] } {
  try {
    return { question: arenaQuestion(questionWords(words)) }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    // A semicolon inside brackets belongs to its sentence.
    return { problems: error.message.split(/; (?![^(]*\))/) }
  }
}

/** A crash taken apart for the form; a shape that is none keeps what was typed. */
export function crashParts(word: string): { readonly shape: string; readonly fall: string; readonly time: string } {
  const [shape = '', fall = '', time = ''] = word.split(':')
  return { shape, fall: fall.replace(/^-|%$/g, '').replace('%', ''), time }
}

/** And put together again. */
export function crashWord({ shape, fall, time }: ReturnType<typeof crashParts>): string {
  return `${shape}:-${fall}%:${time}`
}

/** Shapes with what they are. */
export const SHAPES: readonly (readonly [string, string])[] = Object.entries(CRASH_SHAPES).map(([id, { says }]) => [
  id,
  `${id}: ${says}`,
])

/** Mechanisms without a kind, or with it, at the end. */
export function toggledKind(mechanisms: string, kind: string): string {
  const names = mechanisms.split(',').filter((one) => one.trim() !== '')
  const rest = names.filter((one) => kindOf(one) !== kind)
  return (rest.length < names.length ? rest : [...names, kind]).join(',')
}

/** The kinds that the words name. */
export function kindsIn(mechanisms: string): ReadonlySet<string> {
  return new Set(mechanisms.split(',').map(kindOf))
}

const kindOf = (name: string) => name.split(':')[0]?.trim() ?? ''

/** What the words say of a switch; '' is off. */
export function failureIn(failures: string, kind: string): string {
  const found = failures.split(',').find((one) => one.trim().split('=')[0] === kind)
  return found?.slice(found.indexOf('=') + 1) ?? ''
}

/** The switches with one of them set, or off with ''. */
export function withFailure(failures: string, kind: string, value: string): string {
  return Object.keys(ARENA_FAILURES)
    .map((one) => [one, one === kind ? value : failureIn(failures, one)] as const)
    .filter(([, set]) => set !== '')
    .map(([one, set]) => `${one}=${set}`)
    .join(',')
}

/** The measure and the direction of a sort word; without one the order of the words. */
export function sortOf(word: string): { readonly name: string; readonly down: boolean } | undefined {
  const name = word.replace(/^-/, '')
  return ARENA_MEASURES.some((one) => one.name === name) ? { name, down: word.startsWith('-') } : undefined
}
