/** One what-if against another: what changed, figure by figure, whose loans turn, and for loans the ladder before and after. */
import {
  DEFAULT_DROPS,
  type LadderRung,
  type LendingBook,
  ladderDesk,
  rungOf,
  withMove,
} from '../../analytics/index.ts'
import { type StressAnswer, type StressFigure, stressFigures } from './figures.ts'
import { namedLoan, type StruckLoan } from './loans.ts'
import type { StressQuestion } from './question.ts'
import { type ShockedLoan, shockedLoans } from './shocked.ts'

/** A figure of both runs. `change`: after − before, absent where one of them is not known. */
export type FigureChange = {
  readonly name: string
  readonly unit: StressFigure['unit']
  readonly before: number | undefined
  readonly after: number | undefined
  readonly change: number | undefined
}

/** A rung of both ladders, dollars at the moved prices. */
export type RungChange = { readonly drop: number } & Readonly<
  Record<'before' | 'after', { readonly accounts: number; readonly debt: number; readonly badDebt: number }>
>

/** Loans that turn: how many, and the largest by name. */
export type Turned = { readonly accounts: number; readonly debt: number; readonly listed: readonly StruckLoan[] }

/** The comparison. `now`: liquidatable without any shock, because of the change alone. Absent parts are of other books than loans. */
export type StressDiff = {
  readonly before: string
  readonly after: string
  /** False: interrupted before both runs were finished; then there is nothing else. */
  readonly finished: boolean
  readonly figures: readonly FigureChange[]
  readonly now: Turned | undefined
  readonly breaks: Turned | undefined
  readonly spared: Turned | undefined
  readonly ladder: readonly RungChange[] | undefined
}

/** Figures of two answers side by side, in the order of the first; what only one of them has is unknown in the other. */
export function figureChanges(before: StressAnswer, after: StressAnswer): readonly FigureChange[] {
  const [first, second] = [stressFigures(before), stressFigures(after)]
  const names = [...new Set([...first, ...second].map(({ name }) => name))]
  return names.map((name) => {
    const [one, other] = [first.find((f) => f.name === name), second.find((f) => f.name === name)]
    const [was, is] = [one?.value, other?.value]
    const change = was === undefined || is === undefined ? undefined : is - was
    return { name, unit: (one ?? other)?.unit ?? 'count', before: was, after: is, change }
  })
}

type Side = { readonly books: readonly LendingBook[]; readonly question: StressQuestion }

/** Who turns between two runs of loans, and their ladders where one coin is shocked by a fall in both. */
export function loanChanges(
  before: Side,
  after: Side,
  limit: number,
): Pick<StressDiff, 'now' | 'breaks' | 'spared' | 'ladder'> {
  const [was, is] = [before, after].map(({ books, question }) => shockedLoans(books, question.shocks).loans) as [
    readonly ShockedLoan[],
    readonly ShockedLoan[],
  ]
  // By the place of its book: other rules give the book another name, the loans are the same.
  const places = new Map([before, after].flatMap(({ books }) => books.map((book, at) => [book, at] as const)))
  const keyOf = ({ book, target }: ShockedLoan) => `${places.get(book)}\u0000${target}`
  const keys = (loans: readonly ShockedLoan[], of: (loan: ShockedLoan) => boolean) =>
    new Set(loans.filter(of).map(keyOf))
  const broken = ({ health }: ShockedLoan) => health.liquidatable
  const [stood, stands] = [keys(was, ({ before }) => before), keys(was, broken)]
  const breaks = keys(is, broken)
  return {
    now: turned(
      is.filter((one) => one.before && !stood.has(keyOf(one))),
      limit,
    ),
    breaks: turned(
      is.filter((one) => broken(one) && !stands.has(keyOf(one))),
      limit,
    ),
    spared: turned(
      was.filter((one) => broken(one) && !breaks.has(keyOf(one))),
      limit,
    ),
    ladder: laddersOf(before, after),
  }
}

function turned(loans: readonly ShockedLoan[], limit: number): Turned {
  const listed = [...loans].sort((a, b) => b.debt - a.debt).slice(0, limit)
  return {
    accounts: loans.length,
    debt: loans.reduce((sum, { debt }) => sum + debt, 0),
    listed: listed.map(namedLoan),
  }
}

function laddersOf(before: Side, after: Side): readonly RungChange[] | undefined {
  const [one, other] = [before.question.shocks[0], after.question.shocks[0]]
  const single = before.question.shocks.length === 1 && after.question.shocks.length === 1
  if (!one || !other || !single || one.move >= 0 || other.move >= 0) return undefined
  const sides = [before, after].map(({ books, question }) => {
    const shock = question.shocks[0] as typeof one
    const desk = ladderDesk(books)
    return (drop: number) => brief(rungOf(desk, withMove(shock, -drop / 100)))
  }) as [(drop: number) => RungChange['before'], (drop: number) => RungChange['before']]
  return DEFAULT_DROPS.map((drop) => ({ drop, before: sides[0](drop), after: sides[1](drop) }))
}

const brief = ({ accounts, debt, badDebt }: LadderRung) => ({ accounts, debt, badDebt })
