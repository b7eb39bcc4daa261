/**
 * A what-if from its words to its whole answer, for every door: the subject with its changes, what the shocks do to it, the same against another run, and
 * the inverse question.
 */
import { type LendingBooks, withMove } from '../../analytics/index.ts'
import { breakwaterError } from '../../model/index.ts'
import type { PositionList, Scenario, ScenarioChange, ScenarioFiles } from '../../sim/index.ts'
import { figureChanges, loanChanges, type StressDiff } from './diff.ts'
import { type StressAnswer, type StressFigure, stressFigures } from './figures.ts'
import { STRESS_WORDS, type StressParams, stressQuestion } from './question.ts'
import { type StressSolve, stressSolve } from './solve.ts'
import { knobText } from './solve-words.ts'
import {
  type Asked,
  loanSubject,
  positionSubject,
  type StressChange,
  type StressSubject,
  scenarioSubject,
} from './subject.ts'
import type { Watched } from './watched.ts'

/** What a what-if is asked of. */
export type StressGiven =
  | { readonly kind: 'loans'; readonly books: LendingBooks }
  | { readonly kind: 'positions'; readonly list: PositionList }
  | { readonly kind: 'scenario'; readonly scenario: Scenario; readonly files: ScenarioFiles }

/** An answer, with what was changed of the book, the other run it was compared with, and what was solved. */
export type WhatIf = StressAnswer & {
  readonly changes?: readonly StressChange[] | undefined
  readonly diff?: StressDiff | undefined
  readonly solve?: StressSolve | undefined
}

/** Answers a what-if. Throws as its parts do. Stopped, it gives what is there, and says what is not whole. */
export function whatIf(given: StressGiven, params: StressParams, watched?: Watched): WhatIf {
  const plain = subjectOf(given)
  const question = plain.heard(stressQuestion(params))
  const changed = plain.changed(question.set, question.rules)
  const answer = changed.subject.ask(question, watched)
  const asked = { subject: changed.subject, question }
  return {
    ...answer,
    ...(changed.changes.length > 0 ? { changes: changed.changes } : {}),
    ...(question.diff ? { diff: diffOf({ plain, asked, answer, params }, watched) } : {}),
    ...(question.solve ? { solve: stressSolve(asked, question.solve, watched) } : {}),
  }
}

/** Whether an answer was interrupted before it was whole. */
export function isPartial(answer: WhatIf): boolean {
  const market =
    answer.book === 'loans' ? answer.cascade?.market.finished : answer.book === 'scenario' ? answer.finished : true
  return market === false || answer.diff?.finished === false || answer.solve?.partial === true
}

/** The subject of what was given. */
export function subjectOf(given: StressGiven): StressSubject {
  if (given.kind === 'loans') return loanSubject(given.books)
  return given.kind === 'positions' ? positionSubject(given.list) : scenarioSubject(given.scenario, given.files)
}

type Run = {
  readonly plain: StressSubject
  readonly asked: Asked
  readonly answer: StressAnswer
  readonly params: StressParams
}

/** This run against another: without its changes, or with words that differ. */
function diffOf({ plain, asked, answer, params }: Run, watched: Watched | undefined): StressDiff {
  const words = asked.question.diff ?? []
  const own = [...asked.question.set, ...(asked.question.rules ? [`rules=${asked.question.rules}`] : [])]
  const other = words.length === 0 ? without(params) : withWords(params, words)
  const question = plain.heard(stressQuestion(other))
  const subject = plain.changed(question.set, question.rules).subject
  // Bare, the changes are what is asked about: the run without them is the one before.
  const bare = words.length === 0
  const before = bare || own.length === 0 ? 'as it is' : own.join(' ')
  const after = bare ? own.join(' ') : words.join(' ')
  const none = { figures: [], now: undefined, breaks: undefined, spared: undefined, ladder: undefined }
  if (isPartial(answer)) return { before, after, finished: false, ...none }
  const second = subject.ask(question, watched)
  if (isPartial(second)) return { before, after, finished: false, ...none }
  const [mine, theirs] = [
    { answer, books: asked.subject.books, question: asked.question },
    { answer: second, books: subject.books, question },
  ]
  const [one, two] = bare ? [theirs, mine] : [mine, theirs]
  const loans =
    one.books && two.books
      ? loanChanges({ ...one, books: one.books }, { ...two, books: two.books }, asked.question.limit)
      : { now: undefined, breaks: undefined, spared: undefined, ladder: undefined }
  return { before, after, finished: true, figures: figureChanges(one.answer, two.answer), ...loans }
}

const without = ({
  set: _set,
  rules: _rules,
  diff: _diff,
  solve: _s,
  until: _u,
  maxBadDebt: _m,
  ...rest
}: StressParams) => rest

/** Words of the question replace its own; every other one is a change of the book, after its own changes. */
function withWords(params: StressParams, words: readonly string[]): StressParams {
  const { diff: _d, solve: _s, until: _u, maxBadDebt: _m, ...rest } = params
  const next: Record<string, string | undefined> = rest
  for (const word of words) {
    const cut = word.indexOf('=')
    const name = word.slice(0, cut).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (cut > 0 && DIFFERING.has(name)) next[name] = word.slice(cut + 1)
    else next['set'] = `${next['set'] ?? ''} ${word}`.trim()
  }
  return next
}

const DIFFERING: ReadonlySet<string> = new Set(
  STRESS_WORDS.filter(
    (word) => !['set', 'diff', 'solve', 'until', 'maxBadDebt', 'limit', 'compare', 'paths'].includes(word),
  ),
)

/** A point of a grid: the subject and the question with knobs at its values; `shock` and `depth` multiply. Throws `bad-query` for other names. */
export function gridFigures(
  given: StressGiven,
  params: StressParams,
  point: readonly ScenarioChange[],
  watched?: Watched,
): readonly StressFigure[] {
  const plain = subjectOf(given)
  const first = plain.heard(stressQuestion(params))
  let asked: Asked = { subject: plain.changed(first.set, first.rules).subject, question: first }
  for (const { name, value } of point) asked = turnedBy(asked, name, value)
  return stressFigures(asked.subject.ask({ ...asked.question, limit: 0, compare: undefined }, watched))
}

function turnedBy({ subject, question }: Asked, name: string, value: number): Asked {
  if (name === 'shock')
    return { subject, question: { ...question, shocks: question.shocks.map((one) => withMove(one, one.move * value)) } }
  if (name === 'withdrawal' && value >= 0)
    return { subject, question: { ...question, market: { ...question.market, withdrawal: value } } }
  const knobs = subject.knobs(question)
  const knob = knobs.find((one) => one.name.toLowerCase() === name.toLowerCase())
  const least = knob?.name === 'depth' ? Number.MIN_VALUE : (knob?.least ?? 0)
  const most =
    knob?.name === 'depth' || knob?.name === 'halfLife' || knob?.name === 'fund'
      ? Number.POSITIVE_INFINITY
      : (knob?.most ?? 0)
  if (knob && value >= least && value <= most) return subject.turned(knob, value, question)
  const names = [
    'shock',
    'withdrawal',
    ...knobs.map((one) => one.name).filter((one) => one !== 'shock' && !one.includes(':')),
  ]
  throw breakwaterError(
    'bad-query',
    knob ? `${name} cannot be ${knobText(knob.unit, value)}` : `'${name}=${value}' is no axis here`,
    { name, value },
    {
      fix: knob
        ? `It lies between ${knobText(knob.unit, knob.least)} and ${knobText(knob.unit, knob.most)}.`
        : `Axes are ${names.slice(0, 60).join(', ')}; shock and depth are multiples.`,
    },
  )
}
