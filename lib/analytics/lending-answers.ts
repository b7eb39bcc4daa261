/** Answers about a book of loans, the same at every door: the loans nearest to liquidation, and the ladder of a shock. */
import { breakwaterError, isBreakwaterError, type Moment } from '../model/index.ts'
import type { LendingBook, LoanLeg } from './lending-book.ts'
import { factorOf } from './lending-health.ts'
import { type BrokenLoan, type ScreenedLoans, screenedLoans } from './lending-ladder.ts'
import type { AssetWorth } from './lending-liquidation.ts'
import { type LoanFigures, loanFigures } from './lending-loan.ts'
import { DEFAULT_SHOCK, type LendingQuestion, type LendingSource } from './lending-question.ts'
import {
  healthUnder,
  type LendingShock,
  parseShock,
  shockedMoment,
  shockSentence,
  shockText,
  withMove,
} from './lending-shock.ts'
import { type ViableLoans, viableLoans } from './lending-viable.ts'
import { compareWords } from './lending-words.ts'

/** Where the loans come from, as an answer says it: of refused rows all are counted and the first are told. */
export type SourceCard = Omit<LendingSource, 'refused'> & {
  readonly refusedRows: number
  readonly refused: readonly { readonly line: number; readonly raw: string; readonly why: string }[]
}

/** Loans, the nearest to liquidation first; `unjudged` could not be judged (a price is missing). */
export type HealthAnswer = {
  readonly source: SourceCard
  readonly shock: string | undefined
  readonly sentence: string | undefined
  readonly loans: number
  readonly unjudged: number
  readonly liquidatable: number
  readonly listed: readonly LoanFigures[]
}

/** A part of what is at risk: the collateral of one asset in one protocol, dollars at the moved prices and at today's. */
export type LadderGroup = {
  readonly protocol: string
  readonly asset: string
  readonly collateral: number
  readonly today: number
}

/** A rung, dollars at the moved prices; `today`: the collateral at today's. `largest`: the part of the debt that is the largest loan's. */
export type LadderRung = {
  readonly accounts: number
  readonly collateral: number
  readonly today: number
  readonly debt: number
  readonly badDebt: number
  readonly largest: number | undefined
  readonly groups: readonly LadderGroup[]
}

/** A loan that the shock makes liquidatable. */
export type BrokenCard = {
  readonly protocol: string
  readonly account: string
  readonly target: string
  readonly healthFactor: number | undefined
  readonly collateral: number
  readonly debt: number
  readonly before: boolean
}

/** The ladder of a shock's kind, with the asked move itself, what is liquidatable without any, and the same book under another shock. */
export type LadderAnswer = {
  readonly source: SourceCard
  readonly shock: string
  readonly sentence: string
  readonly loans: number
  readonly unjudged: number
  readonly collateral: number
  readonly debt: number
  readonly now: LadderRung
  readonly asked: LadderRung & { readonly move: number; readonly broken: readonly BrokenCard[] }
  /** `viable`: loans whose liquidation pays after costs, where that was asked and there are not too many to try. */
  readonly rows: readonly (LadderRung & { readonly drop: number; readonly viable?: ViableLoans | undefined })[]
  readonly compare: Comparison | undefined
}

/** The other shock: `ratio` = its debt over the first one's, absent when that is nothing. */
export type Comparison = {
  readonly shock: string
  readonly sentence: string
  readonly accounts: number
  readonly debt: number
  readonly ratio: number | undefined
  readonly why: string | undefined
}

/** Refused rows that are told one by one. */
const MOST_REFUSED = 20

/** The card of a source: of refused rows all are counted and the first are told. */
export function sourceCard({ refused, ...source }: LendingSource): SourceCard {
  const told = refused.slice(0, MOST_REFUSED).map(({ line, raw, problems }) => ({
    ...{ line, raw: raw.slice(0, 200) },
    why: problems.map(({ code, message }) => `${message} (${code})`).join('; '),
  }))
  return { ...source, refusedRows: refused.length, refused: told }
}

type Judged = {
  readonly book: LendingBook
  readonly target: string
  readonly factor: number
  readonly liquidatable: boolean
}

/** Every loan with its health under the shock, the nearest to liquidation first; loans without a price are counted. */
export function judgedLoans(books: readonly LendingBook[], shock: LendingShock | undefined) {
  const judged: Judged[] = []
  let unjudged = 0
  for (const book of books) {
    const moment = shock ? shockedMoment(book.at, shock, book.map) : { collateral: book.at, debt: book.at }
    for (const target of targetsOf(book)) {
      try {
        const health = healthUnder(
          book.mechanism,
          book.state,
          target,
          shock ? moment : { ...moment, debt: moment.collateral },
        )
        judged.push({
          ...{ book, target, liquidatable: health.liquidatable },
          factor: factorOf(health) ?? Number.POSITIVE_INFINITY,
        })
      } catch (error) {
        if (!isBreakwaterError(error)) throw error
        unjudged += 1
      }
    }
  }
  return { judged: judged.sort((a, b) => a.factor - b.factor), unjudged }
}

/** Books in which the shock means something; refuses (`unknown-asset`) when it does in none. */
function touched(books: readonly LendingBook[], shock: LendingShock): ReadonlySet<LendingBook> {
  let first: unknown
  const found = books.filter((book) => {
    try {
      shockedMoment(book.at, shock, book.map)
      return true
    } catch (error) {
      if (!isBreakwaterError(error)) throw error
      first ??= error
      return false
    }
  })
  if (found.length === 0 && isBreakwaterError(first))
    throw breakwaterError(first.code, first.message, first.values, { fix: `Prices here are of ${pricedWords(books)}.` })
  return new Set(found)
}

/** What a shock may name: everything priced, and what it follows. */
function pricedWords(books: readonly LendingBook[]): string {
  const bases = books.flatMap(({ map }) => [...map.feeds.values()].map(({ base }) => base))
  const leaders = books.flatMap(({ map }) =>
    [...map.follows].flatMap(([one, leader]) => (bases.includes(one) ? [leader] : [])),
  )
  return [...new Set([...bases, ...leaders])].sort().slice(0, 40).join(', ')
}

/** How loans stand: one account in full, or the nearest to liquidation. Throws `bad-account` for an account that is not there. */
export function healthAnswer(question: LendingQuestion): HealthAnswer {
  const { books, shock, account, limit, costs, source } = question
  const moved = shock && touched(books, shock)
  const parts = books.map((book) => judgedLoans([book], moved?.has(book) ? shock : undefined))
  const judged = parts.flatMap((part) => part.judged).sort((a, b) => a.factor - b.factor)
  const wanted = account === undefined ? judged : judged.filter((one) => isNamed(one, account))
  if (account !== undefined && wanted.length === 0) throw noAccount(account, judged.length)
  return {
    source: sourceCard(source),
    shock: shock && shockText(shock),
    sentence: shock && shockSentence(shock),
    loans: judged.length,
    unjudged: parts.reduce((sum, { unjudged }) => sum + unjudged, 0),
    liquidatable: judged.filter(({ liquidatable }) => liquidatable).length,
    listed: wanted
      .slice(0, limit)
      .map(({ book, target }) => loanFigures(book, target, costs, moved?.has(book) ? shock : undefined)),
  }
}

function isNamed({ book, target }: Judged, account: string): boolean {
  const name = account.toLowerCase()
  return target.toLowerCase() === name || book.account(target).toLowerCase() === name
}

function noAccount(account: string, loans: number) {
  return breakwaterError(
    'bad-account',
    `no loan of ${account.slice(0, 80)} among ${loans}`,
    { account: account.slice(0, 80), loans },
    { fix: 'Leave --account out to list the loans nearest to liquidation.' },
  )
}

/** A book that was looked at once, for many ladders. */
export type LadderDesk = {
  readonly books: readonly (readonly [LendingBook, ScreenedLoans])[]
  readonly totals: Totals
  readonly legs: (book: LendingBook, target: string) => readonly LoanLeg[]
}

type Totals = {
  readonly collateral: number
  readonly debt: number
  readonly debts: readonly { readonly asset: string; readonly usd: number }[]
}

/** Looks at every loan once. */
export function ladderDesk(books: readonly LendingBook[]): LadderDesk {
  const legs = new Map(books.map((book) => [book, new Map(targetsOf(book).map((one) => [one, book.legs(one)]))]))
  const legsOf = (book: LendingBook, target: string) => legs.get(book)?.get(target) ?? []
  const sums = { collateral: 0, debt: 0 }
  const debts = new Map<string, number>()
  for (const book of books)
    for (const target of targetsOf(book))
      for (const { side, asset, atoms, counts } of legsOf(book, target)) {
        const usd = counts ? dollarsOf(book.worthAt(book.at, target), asset, atoms) : 0
        sums[side] += usd
        const name = book.nameOf(asset)
        if (side === 'debt') debts.set(name, (debts.get(name) ?? 0) + usd)
      }
  return {
    books: books.map((book) => [book, screenedLoans(book)] as const),
    totals: { ...sums, debts: [...debts].map(([asset, usd]) => ({ asset, usd })) },
    legs: legsOf,
  }
}

const targetsOf = ({ targets, mechanism, state }: LendingBook) => [...(targets ?? mechanism.targets(state))]

/** Dollars of atoms; 0 where nothing prices them: such a loan is not judged either. */
function dollarsOf(worth: AssetWorth, asset: string, atoms: bigint): number {
  const price = worth(asset)
  return price ? Number(atoms * price.value) / Number(price.per) / 1e8 : 0
}

type Found = { readonly book: LendingBook; readonly loan: BrokenLoan }

function brokenAt({ books }: LadderDesk, shock: LendingShock, moved: ReadonlySet<LendingBook>): readonly Found[] {
  return books.flatMap(([book, screen]) =>
    // A book that the shock does not touch is the same before and after it.
    (moved.has(book) ? screen.broken(shock, {}) : screen.standing()).map((loan) => ({ book, loan })),
  )
}

/** The rung of a shock, with its parts by protocol and collateral. */
export function rungOf(desk: LadderDesk, shock: LendingShock, moved = touched(booksOf(desk), shock)): LadderRung {
  return rung(desk, brokenAt(desk, shock, moved), momentsOf(shock, moved))
}

const booksOf = ({ books }: LadderDesk) => books.map(([book]) => book)

/** Collateral's moment of each book under a shock. */
function momentsOf(shock: LendingShock | undefined, moved: ReadonlySet<LendingBook>): (book: LendingBook) => Moment {
  const moments = new Map<LendingBook, Moment>()
  return (book) => {
    const moment =
      moments.get(book) ?? (shock && moved.has(book) ? shockedMoment(book.at, shock, book.map).collateral : book.at)
    moments.set(book, moment)
    return moment
  }
}

function rung(desk: LadderDesk, found: readonly Found[], momentOf: (book: LendingBook) => Moment): LadderRung {
  const sum = (key: 'collateral' | 'debt' | 'badDebt') => found.reduce((total, { loan }) => total + loan[key], 0)
  const debt = sum('debt')
  const groups = new Map<string, { protocol: string; asset: string; collateral: number; today: number }>()
  for (const { book, loan } of found) {
    const [now, then] = [book.worthAt(book.at, loan.target), book.worthAt(momentOf(book), loan.target)]
    for (const { side, asset, atoms, counts } of desk.legs(book, loan.target)) {
      if (side === 'debt' || !counts) continue
      const name = book.nameOf(asset)
      const key = `${book.protocol}/${name}`
      const group = groups.get(key) ?? { protocol: book.protocol, asset: name, collateral: 0, today: 0 }
      group.collateral += dollarsOf(then, asset, atoms)
      group.today += dollarsOf(now, asset, atoms)
      groups.set(key, group)
    }
  }
  const parts = [...groups.values()].sort((a, b) => b.today - a.today)
  return {
    ...{ accounts: found.length, collateral: sum('collateral'), debt, badDebt: sum('badDebt') },
    today: parts.reduce((total, { today }) => total + today, 0),
    largest: debt > 0 ? Math.max(...found.map(({ loan }) => loan.debt)) / debt : undefined,
    groups: parts,
  }
}

/** The ladder. Every rung is decided by the protocols' own integers. Throws `unknown-asset` when the shock moves nothing here. */
export function ladderAnswer(question: LendingQuestion, desk: LadderDesk = ladderDesk(question.books)): LadderAnswer {
  const { books, drops, limit, source, compare } = question
  const shock = question.shock ?? parseShock(DEFAULT_SHOCK)
  const moved = touched(books, shock)
  const found = brokenAt(desk, shock, moved)
  const now = desk.books.flatMap(([book, screen]) => screen.standing().map((loan) => ({ book, loan })))
  const asked = rung(desk, found, momentsOf(shock, moved))
  return {
    source: sourceCard(source),
    ...{ shock: shockText(shock), sentence: shockSentence(shock) },
    loans: desk.books.reduce((sum, [, { loans }]) => sum + loans, 0),
    unjudged: desk.books.reduce((sum, [, { unjudged }]) => sum + unjudged, 0),
    ...{ collateral: desk.totals.collateral, debt: desk.totals.debt },
    now: rung(desk, now, ({ at }) => at),
    asked: { ...asked, move: shock.move, broken: cardsOf(found, limit) },
    rows: drops.map((drop) => {
      const fallen = withMove(shock, -drop / 100)
      const row = { drop, ...rungOf(desk, fallen, moved) }
      if (!question.viable) return row
      const broken = brokenAt(desk, fallen, moved).map(({ book, loan }) => ({ book, target: loan.target }))
      return { ...row, viable: viableLoans(broken, fallen, moved, question.costs) }
    }),
    compare: compare && comparison(desk, shock, asked.debt, compare),
  }
}

function cardsOf(found: readonly Found[], limit: number): readonly BrokenCard[] {
  return found
    .map(({ book, loan: { target, health, collateral, debt, before } }) => ({
      ...{ protocol: book.protocol, account: book.account(target), target, collateral, debt, before },
      healthFactor: factorOf(health),
    }))
    .sort((a, b) => b.debt - a.debt)
    .slice(0, limit)
}

/** The same book under another shock. */
export function comparison(desk: LadderDesk, first: LendingShock, firstDebt: number, other: LendingShock): Comparison {
  const { accounts, debt } = rungOf(desk, other)
  const follows = new Map(booksOf(desk).flatMap(({ map }) => [...map.follows]))
  return {
    ...{ shock: shockText(other), sentence: shockSentence(other), accounts, debt },
    ratio: firstDebt > 0 ? debt / firstDebt : undefined,
    why: compareWords(first, other, desk.totals.debts, follows),
  }
}
