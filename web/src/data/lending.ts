/** The book of loans and its answers: computed here in the browser, by the same code as at every other door. */
import {
  factorOf,
  givenBooks,
  type HealthAnswer,
  healthAnswer,
  healthUnder,
  judgedLoans,
  type LadderAnswer,
  type LadderDesk,
  type LendingBook,
  type LendingBooks,
  type LendingQuestion,
  type LoanFigures,
  ladderAnswer,
  ladderDesk,
  lendingQuestion,
  loanFigures,
  shockedMoment,
  shockText,
  simulatedBooks,
  withMove,
} from '../../../lib/analytics/index.ts'
import { isBreakwaterError } from '../../../lib/model/index.ts'
import { type LendingWords, otherShock, readShock, type ShockChoices } from '../state/lending.ts'

/** A table of loans that was given to the page. */
export type OwnTable = { readonly name: string; readonly accounts: string; readonly assets: string }

/** What went wrong, and what to do. */
export type Trouble = { readonly problem: string; readonly fix: string }

const KEY = 'breakwater.lending.table'

/** The table kept in this browser; `undefined`: there is none. */
export function keptTable(): OwnTable | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<OwnTable> | null
    if (typeof found?.accounts !== 'string') return undefined
    return { name: String(found.name ?? 'table'), accounts: found.accounts, assets: String(found.assets ?? '') }
  } catch {
    // A browser that keeps nothing, or something else under our name: there is no table.
    return undefined
  }
}

/** Keeps a table, or forgets it; true when it will be there after a reload. */
export function keepTable(table: OwnTable | undefined): boolean {
  try {
    if (table) localStorage.setItem(KEY, JSON.stringify(table))
    else localStorage.removeItem(KEY)
    return true
  } catch {
    return false
  }
}

/** The loans that the words name. */
export function booksOf(
  { accounts, seed }: Pick<LendingWords, 'accounts' | 'seed'>,
  table: OwnTable | undefined,
): LendingBooks | Trouble {
  if (accounts === 'demo') return simulatedBooks(seed)
  if (!table)
    return {
      problem: 'This address speaks of a table of loans that is not in this browser.',
      fix: 'Open the table below, or look at the simulated loans.',
    }
  return tried(() => givenBooks(table.accounts, table.assets, undefined))
}

/** The answer, or the trouble of an error of the world's. */
export function tried<T>(ask: () => T): T | Trouble {
  try {
    return ask()
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return { problem: `${error.message}.`, fix: error.fix }
  }
}

/** True for what went wrong. */
export function isTrouble(value: object): value is Trouble {
  return 'problem' in value && 'fix' in value
}

/** The question of the words; the shock that is compared with is the other one unless the words name it. */
export function questionOf(words: LendingWords, books: LendingBooks, shock: string): LendingQuestion | Trouble {
  return tried(() => {
    const read = readShock(shock)
    const other = 'shock' in read ? otherShock(read.shock, choicesOf(books.books)) : undefined
    const compare = words.compare || (other && shockText(other))
    const { slippage, flash, gas } = words
    return lendingQuestion({ shock, compare, slippage, flash, gas, protocol: words.protocol || undefined }, books)
  })
}

/** What may be shocked in these books: leaders first. */
export function choicesOf(books: readonly LendingBook[]): ShockChoices {
  const bases = books.flatMap(({ map }) => [...map.feeds.values()].map(({ base }) => base))
  const known = new Set(bases)
  for (const { map } of books)
    for (let found = true; found; ) {
      found = false
      for (const [one, leader] of map.follows)
        if (known.has(one) && !known.has(leader)) {
          known.add(leader)
          found = true
        }
    }
  const follows = new Map(books.flatMap(({ map }) => [...map.follows].filter(([one]) => known.has(one))))
  const leads = new Set(follows.values())
  const first = (one: string) => (leads.has(one) && !follows.has(one) ? 0 : follows.has(one) ? 2 : 1)
  const chained = (one: string) => (leads.has(one) ? 0 : 1)
  return {
    assets: [...known].sort((a, b) => first(a) - first(b)),
    // What others follow too stands first: stETH before what wraps it.
    pairs: [...follows]
      .filter(([one]) => one !== 'WETH' && one !== 'WBTC')
      .sort(([a], [b]) => chained(a) - chained(b))
      .map(([one, leader]) => `${one}/${leader}`),
    feeds: [...new Set(books.flatMap(({ map }) => [...map.feeds.keys()]))],
  }
}

/** Looks at the loans once. */
export function deskOf({ books }: LendingQuestion): LadderDesk {
  return ladderDesk(books)
}

/** The whole ladder. */
export function ladderOf(question: LendingQuestion, desk: LadderDesk): LadderAnswer | Trouble {
  return tried(() => ladderAnswer(question, desk))
}

/** The asked rung alone, while the hand is on the line. */
export function askedOf(question: LendingQuestion, desk: LadderDesk): LadderAnswer | Trouble {
  return tried(() => ladderAnswer({ ...question, drops: [] }, desk))
}

/** Rows of one page of the table of loans. */
export const PAGE_ROWS = 25

/** A page of the loans under the shock: the nearest to liquidation first, or the largest debt. */
export type LoanPage = {
  readonly loans: readonly LoanFigures[]
  readonly all: number
  readonly page: number
  readonly pages: number
}

/** One page of loans. A shock that does not touch a book leaves its loans as they are. */
export function loanPage(
  question: LendingQuestion,
  { order, rows }: Pick<LendingWords, 'order' | 'rows'>,
): LoanPage | Trouble {
  return tried(() => {
    const { books, shock, costs } = question
    const judged = books.flatMap((book) => judgedLoans([book], touches(book, question) ? shock : undefined).judged)
    inOrder(judged, order)
    const pages = Math.max(1, Math.ceil(judged.length / PAGE_ROWS))
    const page = Math.min(pages, Math.max(1, Number.parseInt(rows, 10) || 1))
    const shown = judged.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS)
    return {
      loans: shown.map(({ book, target }) =>
        loanFigures(book, target, costs, touches(book, question) ? shock : undefined),
      ),
      ...{ all: judged.length, page, pages },
    }
  })
}

/** Orders of the loans by their word; with a minus before it, turned round. `debt` begins with the largest, the others with the least. */
function inOrder(judged: ReturnType<typeof judgedLoans>['judged'], order: string): void {
  const by = order.replace(/^-/, '')
  const turn = order.startsWith('-') ? -1 : 1
  const worth = by === 'debt' ? new Map(judged.map((one) => [one, debtOf(one.book, one.target)])) : undefined
  const compare: Readonly<Record<string, (a: (typeof judged)[number], b: (typeof judged)[number]) => number>> = {
    debt: (a, b) => (worth?.get(b) ?? 0) - (worth?.get(a) ?? 0),
    account: (a, b) => (a.target < b.target ? -1 : 1),
    protocol: (a, b) => a.book.protocol.localeCompare(b.book.protocol) || a.factor - b.factor,
  }
  // Loans without debt have no factor that could be subtracted.
  const nearest = (a: (typeof judged)[number], b: (typeof judged)[number]) =>
    a.factor === b.factor ? 0 : a.factor < b.factor ? -1 : 1
  judged.sort((a, b) => turn * (compare[by] ?? nearest)(a, b))
}

function touches(book: LendingBook, { shock }: LendingQuestion): boolean {
  return shock === undefined || !isTrouble(tried(() => judgedLoans([{ ...book, targets: [] }], shock)))
}

function debtOf(book: LendingBook, target: string): number {
  const health = book.mechanism.assess(book.state, target, book.at)
  return health ? Number(health.required) * book.worth(target, book.at) : 0
}

/** Everything about one account: as `lending health --account` says it, and its health factor along a fall. */
export function accountOf(question: LendingQuestion, account: string): HealthAnswer | Trouble {
  return tried(() => healthAnswer({ ...question, account }))
}

/** A health factor at a fall, percent. */
export type CurvePoint = { readonly drop: number; readonly factor: number }

/** The health factor of a loan at falls from 0 to 90 % of a kind of shock; empty when the shock does not touch its book. */
export function healthCurve(question: LendingQuestion, { protocol, target }: LoanFigures): readonly CurvePoint[] {
  const book = question.books.find((one) => one.protocol === protocol && [...targetsOf(one)].includes(target))
  const { shock } = question
  if (!book || !shock || !touches(book, question)) return []
  const alone = { ...book, state: book.alone(target) }
  return Array.from({ length: CURVE_END + 1 }, (_, drop) => {
    const moment =
      drop === 0
        ? { collateral: book.at, debt: book.at }
        : shockedMoment(book.at, withMove(shock, -drop / 100), book.map)
    const health = healthUnder(
      alone.mechanism,
      alone.state,
      target,
      drop === 0 ? { ...moment, debt: moment.collateral } : moment,
    )
    return { drop, factor: factorOf(health) ?? Number.POSITIVE_INFINITY }
  })
}

/** Where the curve of a loan ends, percent. */
export const CURVE_END = 90

const targetsOf = ({ targets, mechanism, state }: LendingBook) => targets ?? mechanism.targets(state)
