/**
 * Lives of a protocol as its contracts lived them: the opening state, every action with its time and prices, the contracts' outcome in clear, and
 * marks of their answers to every reading. What a file of them looks like, and how one is replayed through our mechanism.
 */
import { createHash } from 'node:crypto'
import { type Applied, type Mechanism, wasRefused } from '../mechanisms/index.ts'
import type { FeedAnswer, Moment, UnixSeconds } from '../model/index.ts'

/** A value that a view gives: whole numbers, truths, or several of them. */
export type Value = bigint | boolean | readonly (bigint | boolean)[]

/** A view: whom to ask, what, which fields of its answer count (all where left out), and our own answer as text. */
export type Reading = {
  readonly of: string
  readonly name: string
  readonly args: readonly (bigint | string)[]
  readonly fields?: readonly number[] | undefined
  readonly ours: string
}

/** What an action came to: the revert's word, or amounts by name. */
export type Outcome = string | Readonly<Record<string, bigint>>

/** Unix seconds, answers of the feeds, what was tried, what came of it, a letter for each kind of reading, a mark of all. */
export type RecordedStep<A> = {
  readonly time: number
  readonly prices: Readonly<Record<string, bigint>>
  readonly action: A
  readonly outcome: Outcome
  readonly letters: string
  readonly mark: string
}

/** A world and what happened in it. */
export type RecordedHistory<S, A> = {
  readonly name: string
  readonly state: S
  readonly steps: readonly RecordedStep<A>[]
}

/** How one mechanism is replayed: its outcome by the contracts' names, and what can be asked after a step. */
export type Replayable<S, A> = {
  readonly apply: Mechanism<S, A>['apply']
  readonly outcomeOf: (action: A, done: Exclude<Applied, { readonly refused: unknown }>, state: S) => Outcome
  readonly readingsOf: (state: S, at: Moment, step: number) => readonly Reading[]
}

/** An answer as text: numbers with commas between them, `revert` where there is none. */
export function answer(view: () => Value): string {
  try {
    const value = view()
    return typeof value === 'object' ? value.join(',') : String(value)
  } catch (error) {
    if ((error as { refusal?: unknown }).refusal === undefined) throw error
    return 'revert'
  }
}

/** What stays of a step's answers: a letter for each kind of reading, and one mark of all. */
export type Marks = { readonly letters: string; readonly mark: string }

/** Marks of texts, one for each kind of reading. */
export function marksOfTexts(texts: readonly string[]): Marks {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  return { letters: texts.map((text) => hash(text)[0]).join(''), mark: hash(texts.join('\n')).slice(0, 12) }
}

const kindOf = ({ of, name }: Reading) => `${of}.${name}`

/** Marks of answers, ours or the contracts', in the order of the readings; a kind is a view of one contract. */
export function marksOf(readings: readonly Reading[], answers: readonly string[]): Marks {
  const texts = new Map<string, string>()
  for (const [index, reading] of readings.entries()) {
    const kind = kindOf(reading)
    texts.set(kind, `${texts.get(kind) ?? kind} ${reading.args.join(',')}=${answers[index]}`)
  }
  return marksOfTexts([...texts.values()])
}

/** The file's text: a line for each step; whole numbers as text, maps as lists of pairs. */
export function writeHistories<S, A>(histories: readonly RecordedHistory<S, A>[]): string {
  const parts = histories.map(({ name, state, steps }) => {
    const lines = steps.map(({ time, prices, action, outcome, letters, mark }) =>
      textOf([time, prices, action, outcome, letters, mark]),
    )
    return `{"name":${textOf(name)},"state":${textOf(state)},"steps":[\n${lines.join(',\n')}\n]}`
  })
  return `[\n${parts.join(',\n')}\n]\n`
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, one) => {
    if (one instanceof Map) return { map: [...one] }
    return typeof one === 'bigint' ? String(one) : one
  })
}

type Line = readonly [number, Record<string, bigint>, unknown, Outcome, string, string]

/** What {@link writeHistories} wrote. */
export function readHistories<S, A>(text: string): readonly RecordedHistory<S, A>[] {
  const rows = JSON.parse(text) as { name: string; state: unknown; steps: readonly Line[] }[]
  return rows.map(({ name, state, steps }) => ({
    ...{ name, state: whole(state) as S },
    steps: steps.map(([time, prices, action, outcome, letters, mark]) => ({
      ...{ time, prices: whole(prices) as Record<string, bigint>, action: whole(action) as A },
      ...{ outcome: whole(outcome) as Outcome, letters, mark },
    })),
  }))
}

/** Text of digits as the whole number it is, and lists of pairs as the maps they were. */
function whole(value: unknown): unknown {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(whole)
  if ('map' in value) return new Map(whole(value.map) as [unknown, unknown][])
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one)]))
}

/** What a replay saw: how many steps agreed, the first differing step's differences, and which outcomes came of which actions. */
export type Replayed = {
  readonly steps: number
  readonly differences: readonly string[]
  readonly seen: ReadonlySet<string>
}

/** The moment of a step: a feed that gave nothing is not among the prices. */
export function momentOf({ time, prices }: Pick<RecordedStep<unknown>, 'time' | 'prices'>): Moment {
  return { time: time as UnixSeconds, price: (feed) => prices[feed] as FeedAnswer | undefined }
}

/** Replays a history, through the mechanism or one that was spoiled on purpose. */
export function replay<S, A extends { readonly do: string }>(
  { name, state: opening, steps }: RecordedHistory<S, A>,
  { apply, outcomeOf, readingsOf }: Replayable<S, A>,
): Replayed {
  const state = structuredClone(opening)
  const seen = new Set<string>()
  for (const [index, step] of steps.entries()) {
    const at = momentOf(step)
    const done = apply(state, step.action, at)
    const ours = wasRefused(done) ? done.refused.code : outcomeOf(step.action, done, state)
    const wrong = [...outcomeDifferences(ours, step.outcome), ...readingDifferences(step, readingsOf(state, at, index))]
    if (wrong.length > 0) {
      const place = `${name}, step ${index} (${step.action.do})`
      return { steps: index, differences: wrong.map((one) => `${place}: ${one}`), seen }
    }
    seen.add(`${step.action.do}: ${typeof ours === 'string' ? ours : 'done'}`)
  }
  return { steps: steps.length, differences: [], seen }
}

function outcomeDifferences(ours: Outcome, theirs: Outcome): string[] {
  if (typeof ours === 'string' || typeof theirs === 'string') {
    const say = (one: Outcome) => (typeof one === 'string' ? `refused: ${one}` : 'completed')
    return ours === theirs ? [] : [`outcome: ours ${say(ours)}, the contract's ${say(theirs)}`]
  }
  return Object.entries(theirs).flatMap(([name, amount]) =>
    ours[name] === amount ? [] : [`${name}: ours ${ours[name]}, the contract's ${amount}`],
  )
}

/** The first kind of reading whose letter differs; where the letters agree by chance, the mark still tells. */
function readingDifferences({ letters, mark }: RecordedStep<unknown>, readings: readonly Reading[]): string[] {
  const own = marksOf(
    readings,
    readings.map(({ ours }) => ours),
  )
  if (own.mark === mark) return []
  const kinds = [...new Set(readings.map(kindOf))]
  const first = [...own.letters].findIndex((letter, index) => letter !== letters[index])
  if (letters.length !== own.letters.length || first < 0) return [`${kinds.length} readings differ from the contract's`]
  return [`the first reading that differs: ${kinds[first]}`]
}
