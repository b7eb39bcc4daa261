/**
 * What a what-if is asked of, as one thing whatever it is made of: loans, positions or a scenario. It answers, can be changed by name, and says what of
 * it may be solved for and between which bounds.
 */
import {
  type BookChange,
  changedBooks,
  type LendingBook,
  type LendingBooks,
  type LendingShock,
  parseBookChange,
  withMove,
} from '../../analytics/index.ts'
import { breakwaterError, nearest } from '../../model/index.ts'
import {
  changedScenario,
  type PositionList,
  parseChange,
  ROOM_KINDS,
  type Scenario,
  type ScenarioFiles,
} from '../../sim/index.ts'
import { coinFigures, type StressAnswer, type StressFigure, stressFigures, strikeFigures } from './figures.ts'
import { loanCoins, loanStress, loanStrike } from './loans.ts'
import { positionStress } from './positions.ts'
import type { StressQuestion } from './question.ts'
import { questionedScenario, scenarioStress } from './scenarios.ts'
import { knownShocks } from './shocked.ts'
import type { Watched } from './watched.ts'

/** Something that was changed, in words and numbers. */
export type StressChange = {
  readonly of: string
  readonly name: string
  readonly before: number
  readonly after: number
}

/** What may be turned. `log`: bounds are far apart, and what lies between is looked at by factors. `finest`: differences below it mean nothing. */
export type StressKnob = {
  readonly name: string
  readonly unit: 'share' | 'multiple' | 'seconds' | 'usd' | 'number'
  readonly value: number
  readonly least: number
  readonly most: number
  readonly scale: 'linear' | 'log'
  readonly finest: number
}

/** A subject. */
export type StressSubject = {
  readonly book: StressAnswer['book']
  /** Of loans: their books. */
  readonly books?: readonly LendingBook[] | undefined
  /** The subject with changes, and what they were. Throws `bad-query` for what it does not have. */
  readonly changed: (
    set: readonly string[],
    rules: string | undefined,
  ) => { readonly subject: StressSubject; readonly changes: readonly StressChange[] }
  /** The question without what a day of history did to coins that are not here. */
  readonly heard: (question: StressQuestion) => StressQuestion
  readonly ask: (question: StressQuestion, watched?: Watched) => StressAnswer
  /** Figures; of names that are cheap to know nothing else is computed. */
  readonly figures: (question: StressQuestion, name: string, watched?: Watched) => readonly StressFigure[]
  /** Names of what may be turned under a question. */
  readonly knobs: (question: StressQuestion) => readonly StressKnob[]
  /** The subject and the question with a knob at another value. */
  readonly turned: (knob: StressKnob, value: number, question: StressQuestion) => Asked
}

/** A question with its subject. */
export type Asked = { readonly subject: StressSubject; readonly question: StressQuestion }

/** Falls are solved for to a hundredth of a percent, up to where no price is left. */
const FURTHEST_FALL = 0.9999
const FURTHEST_RISE = 10
const FINEST_MOVE = 1e-4

function shockKnob({ shocks }: StressQuestion): readonly StressKnob[] {
  const first = shocks[0]
  if (!first || first.move === 0) return []
  const bounds =
    first.move < 0 ? { least: -FURTHEST_FALL, most: -FINEST_MOVE } : { least: FINEST_MOVE, most: FURTHEST_RISE }
  return [{ name: 'shock', unit: 'share', value: first.move, ...bounds, scale: 'linear', finest: FINEST_MOVE }]
}

/** All shocks in proportion to the first one, none beyond what leaves a price. */
function withShock(question: StressQuestion, move: number): StressQuestion {
  const first = question.shocks[0]?.move ?? move
  const shocks = question.shocks.map((one) =>
    withMove(one, Math.max(-FURTHEST_FALL, Number(((one.move * move) / first).toPrecision(12)))),
  )
  return { ...question, shocks }
}

const marketKnobs = ({ market }: StressQuestion): readonly StressKnob[] => [
  { name: 'depth', unit: 'multiple', value: market.depth, least: 1 / 64, most: 64, scale: 'log', finest: 1e-3 },
  ...(market.halfLife === undefined
    ? []
    : [
        {
          ...({ name: 'halfLife', unit: 'seconds', value: market.halfLife, least: 1, most: 86_400 } as const),
          ...({ scale: 'log', finest: 1e-2 } as const),
        },
      ]),
  { name: 'permanent', unit: 'share', value: market.permanent, least: 0, most: 1, scale: 'linear', finest: 1e-4 },
]

const turnedMarket = (question: StressQuestion, name: string, value: number): StressQuestion =>
  name === 'shock' ? withShock(question, value) : { ...question, market: { ...question.market, [name]: value } }

/** Loans. */
export function loanSubject(given: LendingBooks): StressSubject {
  const parameters = (): readonly StressKnob[] => {
    const seen = new Set<string>()
    return given.books.flatMap((book) =>
      book.parameters().flatMap(({ name, value, least, most }) => {
        const knob = { value, least, most, unit: 'share', scale: 'linear', finest: 1e-4 } as const
        const own = { ...knob, name: `${book.protocol}:${name}` }
        const first = !seen.has(name)
        seen.add(name)
        return first ? [{ ...knob, name }, own] : [own]
      }),
    )
  }
  return {
    ...{ book: 'loans', books: given.books },
    changed(set, rules) {
      const { books, changed } = changedBooks(ruled(given, rules), set.map(parseBookChange))
      return {
        subject: loanSubject({ source: given.source, books }),
        changes: changed.map(({ protocol, ...one }) => ({ of: protocol, ...one })),
      }
    },
    heard(question) {
      const known = (shocks: readonly LendingShock[]) => knownShocks(given.books, shocks, question.optional)
      return { ...question, shocks: known(question.shocks), compare: question.compare && known(question.compare) }
    },
    ask: (question, watched) => loanStress(given, question, watched),
    figures(question, name, watched) {
      const struck = strikeFigures({ strike: loanStrike(given.books, question) }, question.cascade)
      if (!question.cascade || struck.some((one) => one.name === name)) return struck
      const coins = coinFigures(loanCoins(given.books, question))
      if (coins.some((one) => one.name === name)) return coins
      return stressFigures(loanStress(given, { ...question, compare: undefined, limit: 0 }, watched))
    },
    knobs: (question) => [...shockKnob(question), ...(question.cascade ? marketKnobs(question) : []), ...parameters()],
    turned(knob, value, question) {
      if (['shock', 'depth', 'halfLife', 'permanent'].includes(knob.name))
        return { subject: loanSubject(given), question: turnedMarket(question, knob.name, value) }
      const [protocol, name] = knob.name.includes(':') ? knob.name.split(':') : [undefined, knob.name]
      const change: BookChange = { protocol, name: name as string, value }
      return { subject: loanSubject({ ...given, books: changedBooks(given.books, [change]).books }), question }
    },
  }
}

function onlyOf(question: StressQuestion, has: (coin: string) => boolean): StressQuestion {
  const { optional, shocks } = question
  const known = shocks.filter((one) => one.kind === 'feed' || !optional.has(one.asset) || has(one.asset))
  return known.length > 0 ? { ...question, shocks: known } : question
}

/** The books by other rules, those that can be judged by them. */
function ruled({ books }: LendingBooks, id: string | undefined) {
  if (id === undefined) return books
  const known = [...new Set(books.flatMap(({ rules }) => rules?.ids ?? []))]
  if (!known.includes(id))
    throw breakwaterError(
      'unknown-protocol',
      known.length === 0
        ? 'no loan here can be judged by other rules'
        : `the loans cannot be judged by the rules of ${id.slice(0, 40)}`,
      { rules: id.slice(0, 40) },
      {
        fix: `Rules are of ${known.join(', ')}${nearest(id, known)}. Mechanisms of other kinds stand side by side in \`breakwater compare\`.`,
      },
    )
  return books.map((book) => (book.rules?.ids.includes(id) ? book.rules.set(id) : book))
}

/** Perp positions: their terms are words of the question, so nothing of the list itself is changed. */
export function positionSubject(list: PositionList): StressSubject {
  return {
    book: 'positions',
    changed(set, rules) {
      if (set.length === 0 && rules === undefined) return { subject: positionSubject(list), changes: [] }
      throw breakwaterError(
        'bad-query',
        'a list of positions has no parameters of its own',
        { set: set.join(' ') },
        { fix: 'Change the words of the question: --diff fund=5M depth=20M.' },
      )
    },
    heard: (question) => onlyOf(question, (coin) => list.positions.some((one) => one.coin === coin.toUpperCase())),
    ask: (question) => positionStress(list, question),
    figures: (question) => stressFigures(positionStress(list, { ...question, limit: 0 })),
    knobs(question) {
      const { badDebt } = positionStress(list, { ...question, limit: 0 })
      const most = 2 * (question.fund + badDebt) + 1
      return [
        ...shockKnob(question),
        ...marketKnobs(question).filter(({ name }) => name === 'depth'),
        { name: 'fund', unit: 'usd', value: question.fund, least: 0, most, scale: 'linear', finest: most / 1e6 },
      ]
    },
    turned: (knob, value, question) => ({
      subject: positionSubject(list),
      question: knob.name === 'fund' ? { ...question, fund: value } : turnedMarket(question, knob.name, value),
    }),
  }
}

/** A scenario, shocked at its start. */
export function scenarioSubject(scenario: Scenario, files: ScenarioFiles): StressSubject {
  return {
    book: 'scenario',
    changed(set, rules) {
      if (rules !== undefined)
        throw breakwaterError(
          'bad-query',
          'a scenario’s rooms name their mechanisms',
          { rules },
          { fix: 'Write another mechanism into the room, or compare them: `breakwater compare`.' },
        )
      const changes = set.map(parseChange)
      const of = (name: string) => roomParams(scenario).find((one) => one.name === name)?.value ?? 1
      return {
        subject: scenarioSubject(changedScenario(scenario, changes), files),
        changes: changes.map(({ name, value }) => ({ of: scenario.name, name, before: of(name), after: value })),
      }
    },
    heard: (question) => onlyOf(question, (coin) => Object.hasOwn(scenario.assets, coin)),
    ask: (question, watched) => scenarioStress(questionedScenario(scenario, question), files, watched),
    figures: (question, _name, watched) =>
      stressFigures(scenarioStress(questionedScenario(scenario, question), files, watched)),
    knobs: (question) => [
      ...shockKnob(question),
      ...marketKnobs(question).filter(({ name }) => name === 'depth'),
      ...roomParams(scenario),
    ],
    turned(knob, value, question) {
      if (knob.name === 'shock')
        return { subject: scenarioSubject(scenario, files), question: withShock(question, value) }
      return { subject: scenarioSubject(changedScenario(scenario, [{ name: knob.name, value }]), files), question }
    },
  }
}

/** Parameters of the rooms' mechanisms, with the kinds' own bounds. */
function roomParams({ rooms }: Scenario): readonly StressKnob[] {
  return rooms.flatMap(({ name: room, mechanism, params = {} }) =>
    Object.entries(ROOM_KINDS.get(mechanism)?.params ?? {}).map(([name, { value, least, most }]): StressKnob => {
      const scale = least > 0 && most / least > 1_000 ? 'log' : 'linear'
      const finest = scale === 'log' ? 1e-3 : (most - least) / 1e5
      return { name: `${room}.${name}`, unit: 'number', value: params[name] ?? value, least, most, scale, finest }
    }),
  )
}
