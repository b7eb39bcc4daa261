/** Options of `breakwater stress` that mean nothing beside others: refused, so that nobody takes an answer for one to a question that was not heard. */
import { breakwaterError } from '../model/index.ts'

/** What is shocked: simulated loans, a table of loans, a list of positions, or a scenario. */
export type StressBook = 'demo' | 'loans' | 'positions' | 'scenario'

/** Options by their names as commander gives them; what was not said is undefined. */
export type SaidOptions = Readonly<Record<string, unknown>>

const PATHS = ['volatility', 'drift', 'jumps', 'days']
const MARKET = ['halfLife', 'permanent', 'withdrawal']
const STEPS = ['steps', 'stepSeconds', 'leastProfit', 'flash']
const LOANS = ['assets', 'protocol', 'compare']
const POSITIONS = ['price', 'fund']

/** Options that a book has no use for, and what to do. */
const NO_USE: Readonly<Record<StressBook, readonly (readonly [readonly string[], string])[]>> = {
  demo: [
    [['assets', 'protocol'], 'They belong to a table of loans: add --book FILE.'],
    [POSITIONS, 'They belong to a list of positions: add --book FILE.'],
  ],
  loans: [[POSITIONS, 'They belong to a list of positions.']],
  positions: [
    [LOANS, 'They belong to a table of loans.'],
    [STEPS, 'They belong to the market of loans; positions have a fixed point alone.'],
  ],
  scenario: [
    [LOANS, 'They belong to a table of loans.'],
    [POSITIONS, 'They belong to a list of positions.'],
    [['depth', ...MARKET, ...STEPS], 'A scenario has its own: change it with --set depth=0.5 halfLife=600.'],
  ],
}

/** Throws `bad-query` for the first option that the answer would not depend on. */
export function refuseIdle(options: SaidOptions, book: StressBook): void {
  for (const [names, fix] of NO_USE[book]) refuse(options, names, `beside ${WORDS[book]}`, fix)
  if (options['paths'] === undefined) refuse(options, PATHS, 'without --paths', 'Add --paths 10000, or leave it out.')
  const follows = options['cascade'] || options['grid'] || book === 'positions'
  if (!follows && options['paths'] === undefined && book !== 'scenario')
    refuse(options, ['depth', ...MARKET, ...STEPS], 'without --cascade', 'Add --cascade, or leave it out.')
}

const WORDS: Readonly<Record<StressBook, string>> = {
  demo: 'simulated loans',
  loans: 'a table of loans',
  positions: 'a list of positions',
  scenario: '--scenario',
}

function refuse(options: SaidOptions, names: readonly string[], beside: string, fix: string): void {
  const said = names.find((name) => options[name] !== undefined)
  if (said === undefined) return
  const flag = `--${said.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw breakwaterError('bad-query', `${flag} changes nothing ${beside}`, { option: flag }, { fix })
}
