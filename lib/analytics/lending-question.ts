/**
 * A question about loans in words (options of the command line, parameters of the API, words of the page's address), read once for all doors: which
 * loans, which shock, what else. Every refusal names the word and its value.
 */
import { breakwaterError, parseFixed } from '../model/index.ts'
import { type AccountTable, parseAccounts, type RefusedRow, TABLE_BOOKS, type TableBook } from './lending-accounts.ts'
import { shareBps } from './lending-assets.ts'
import { aaveLendingBook, type LendingBook } from './lending-book.ts'
import { demoBooks } from './lending-demo.ts'
import { type LendingShock, parseShock } from './lending-shock.ts'

/** Parameters in text. */
export type LendingParams = Readonly<Record<string, string | undefined>>

/** Where loans come from: drawn from a seed, given as a table, or read from a chain at a block. */
export type LendingSource = {
  readonly kind: 'simulated' | 'given' | 'chain'
  readonly says: string
  readonly seed?: string | undefined
  readonly chain?: number | undefined
  readonly block?: string | undefined
  readonly rows?: number | undefined
  readonly refused: readonly RefusedRow[]
}

/** Loans with where they come from. */
export type LendingBooks = { readonly source: LendingSource; readonly books: readonly LendingBook[] }

/** The seed of the simulated book when none is named. */
export const DEMO_SEED = '7'
/** Drops of a ladder when none are named, percent. */
export const DEFAULT_DROPS: readonly number[] = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]
/** The shock of a ladder when none is named. */
export const DEFAULT_SHOCK = 'market:ETH=-20%'
/** Rows of a table of loans when `limit` is left out, and at most. */
export const DEFAULT_LIMIT = 25
const MOST_LOANS = 1_000
const MOST_DROPS = 40

/** The simulated book of a seed. */
export function simulatedBooks(seed: string = DEMO_SEED): LendingBooks {
  const says = `Simulated loans, drawn from seed ${seed}: nobody’s accounts.`
  return { source: { kind: 'simulated', says, seed, refused: [] }, books: demoBooks(seed) }
}

/**
 * The book of an account table: JSON when the text begins with a bracket, else CSV; `assets` beside it likewise; `protocol` for rows that name
 * none. Throws `bad-file` when it is no table, `bad-account` when no row of it can be taken.
 */
export function givenBooks(text: string, assets: string | undefined, protocol: string | undefined): LendingBooks {
  const format = /^\s*[[{]/.test(text) ? 'json' : 'csv'
  const table = parseAccounts(text, format, { protocol, assets: assets?.trim() === '' ? undefined : assets })
  if (table.accounts === 0) throw noLoans(table)
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
  const says = `${many(table.accounts, 'account')} of a table of ${many(table.rows, 'row')}${table.refused.length > 0 ? `; ${many(table.refused.length, 'row')} refused` : ''}.`
  return {
    source: { kind: 'given', says, rows: table.rows, refused: table.refused },
    books: table.books.map(bookOfTable),
  }
}

function noLoans({ rows, refused }: AccountTable) {
  const first = refused[0]?.problems[0]
  const why = first ? `: line ${first.line}: ${first.message}` : ''
  return breakwaterError(
    first?.code ?? 'bad-file',
    rows === 0 ? 'the table has no rows' : `none of the ${rows} rows can be taken${why}`,
    { rows, refused: refused.length },
  )
}

function bookOfTable({ protocol, mechanism, state, at, map }: TableBook): LendingBook {
  const book = TABLE_BOOKS.get(mechanism.id)
  if (!book) throw breakwaterError('unknown-protocol', `${mechanism.id} has no rule book`, { protocol })
  return aaveLendingBook(book, mechanism, state, { protocol, at, map }) as unknown as LendingBook
}

/** What a liquidator pays beside the debt: basis points of the collateral's value and of the flash loan, and gas in 1e-8 dollars. */
export type LiquidatorCosts = { readonly slippageBps: number; readonly flashFeeBps: number; readonly gas: bigint }

/** A question: loans, a shock (or none), another to compare with, drops, one account, how many to list, and what a liquidator pays. */
export type LendingQuestion = LendingBooks & {
  readonly shock: LendingShock | undefined
  readonly compare: LendingShock | undefined
  readonly drops: readonly number[]
  readonly account: string | undefined
  readonly limit: number
  readonly costs: LiquidatorCosts
  /** Whether a ladder counts the loans whose liquidation pays after costs: each is then liquidated once, which takes its time. */
  readonly viable?: boolean | undefined
}

/**
 * Reads `protocol` (only its loans), `shock` and `compare` (`market:ETH=-20%` …), `drops` (percents, comma list), `account`, `limit`, `slippage`
 * (0.3%), `flash` (0.05%), `gas` (dollars, 20). Throws `bad-shock`, `bad-query`, `bad-number`, `bad-state`, `unknown-protocol`.
 */
export function lendingQuestion(params: LendingParams, { source, books }: LendingBooks): LendingQuestion {
  const { shock, compare, drops, account, limit } = params
  return {
    source,
    books: ofProtocol(books, params['protocol']),
    shock: shock === undefined ? undefined : parseShock(shock),
    compare: compare === undefined ? undefined : parseShock(compare),
    drops: drops === undefined ? DEFAULT_DROPS : dropsOf(drops),
    account: account?.trim() || undefined,
    ...(viableOf(params['viable']) ? { viable: true } : {}),
    limit: limit === undefined ? DEFAULT_LIMIT : wholeOf('limit', limit, MOST_LOANS),
    costs: {
      slippageBps: bpsOf('slippage', params['slippage'] ?? '0.3%'),
      flashFeeBps: bpsOf('flash', params['flash'] ?? '0.05%'),
      gas: gasOf(params['gas'] ?? '20'),
    },
  }
}

function viableOf(text: string | undefined): boolean {
  if (text === undefined || text === 'true' || text === 'false') return text === 'true'
  throw breakwaterError('bad-query', `viable '${text.slice(0, 20)}' is neither true nor false`, {
    viable: text.slice(0, 20),
  })
}

function ofProtocol(books: readonly LendingBook[], name: string | undefined): readonly LendingBook[] {
  if (name === undefined || name === '') return books
  const wanted = books.filter(({ protocol, mechanism }) => protocol === name || mechanism.id === name)
  if (wanted.length > 0) return wanted
  const there = books.map(({ protocol }) => protocol).join(', ')
  throw breakwaterError(
    'unknown-protocol',
    `no loan here is of ${name.slice(0, 60)}`,
    { protocol: name.slice(0, 60) },
    { fix: `The loans are of ${there}; \`breakwater lending protocols\` lists every protocol.` },
  )
}

function dropsOf(text: string): readonly number[] {
  const drops = text.split(',').map((one) => Number(one.trim().replace(/%$/, '')))
  if (drops.length > MOST_DROPS || drops.some((drop) => !(drop > 0 && drop < 100)))
    throw breakwaterError(
      'bad-query',
      `drops '${text.slice(0, 60)}' are no percents above 0 and below 100`,
      { drops: text.slice(0, 60) },
      { fix: 'Write --drops 5,10,20,30: at most 40 of them.' },
    )
  return [...new Set(drops)].sort((a, b) => a - b)
}

function wholeOf(word: string, text: string, most: number): number {
  const value = Number(text)
  if (/^\d{1,6}$/.test(text.trim()) && value >= 1 && value <= most) return value
  throw breakwaterError('bad-query', `${word} '${text.slice(0, 20)}' is no whole number from 1 to ${most}`, {
    [word]: text.slice(0, 20),
  })
}

function bpsOf(word: string, text: string): number {
  try {
    return Number(shareBps(text.trim()))
  } catch {
    throw breakwaterError(
      'bad-number',
      `${word} '${text.slice(0, 20)}' is no share in whole basis points`,
      { [word]: text.slice(0, 20) },
      { fix: `Write --${word} 0.3%.` },
    )
  }
}

function gasOf(text: string): bigint {
  const value = /^\d{1,12}(\.\d{1,8})?$/.test(text.trim()) ? parseFixed(text, 8) : undefined
  if (value !== undefined) return value
  throw breakwaterError('bad-number', `gas '${text.slice(0, 20)}' is no amount of dollars`, { gas: text.slice(0, 20) })
}
