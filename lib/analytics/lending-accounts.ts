/**
 * Accounts from a table, as books of Aave's rules that every question can be asked of. A row that cannot be taken is refused with its reasons, its
 * line and its raw text, and with it every other row of the same account: a loan without one of its legs would be judged wrongly.
 */
import {
  AAVE_V2_BOOK,
  AAVE_V30_BOOK,
  AAVE_V33_BOOK,
  AAVE_V34_BOOK,
  AAVE_V35_BOOK,
  AAVE_V36_BOOK,
  AAVE_V37_BOOK,
  type AaveAction,
  type AaveBook,
  type AaveState,
  aaveV2,
  aaveV30,
  aaveV33,
  aaveV34,
  aaveV35,
  aaveV36,
  aaveV37,
  type Mechanism,
} from '../mechanisms/index.ts'
import { type FeedAnswer, isBreakwaterError, type Moment, parseFixed, type UnixSeconds } from '../model/index.ts'
import {
  judgedAssets,
  judgedEModes,
  TABLE_PRICE_DECIMALS,
  type TableAsset,
  type TableAssets,
  type TableEMode,
  type TableProblem,
} from './lending-assets.ts'
import type { LoanBook } from './lending-ladder.ts'
import type { AssetWorth } from './lending-liquidation.ts'
import { type RawRow, readAccountTable, readAssetTable } from './lending-rows.ts'
import type { FeedMeaning } from './lending-shock.ts'

/** A row that was not taken: where it stands, why, and what it said. */
export type RefusedRow = { readonly line: number; readonly raw: string; readonly problems: readonly TableProblem[] }

/** Loans of one protocol, with what an atom of each asset is worth. */
export type TableBook = LoanBook<AaveState, AaveAction> & { readonly protocol: string; readonly assetWorth: AssetWorth }

/** A table that was read: one book a protocol, how many rows and accounts were taken, and every row that was not. */
export type AccountTable = {
  readonly books: readonly TableBook[]
  readonly accounts: number
  readonly rows: number
  readonly refused: readonly RefusedRow[]
}

/** Rules that an account table may name. `aave-v3` is the version of the day; v2 counts in dollars here as the others do, not in ether. */
export const TABLE_PROTOCOLS: ReadonlyMap<string, Mechanism<AaveState, AaveAction>> = new Map([
  ['aave-v3', aaveV36],
  ...[aaveV2, aaveV30, aaveV33, aaveV34, aaveV35, aaveV36, aaveV37].map(
    (mechanism) => [mechanism.id, mechanism] as const,
  ),
])

/** Rule books of those rules, by the mechanism's id. */
export const TABLE_BOOKS: ReadonlyMap<string, AaveBook> = new Map(
  [AAVE_V2_BOOK, AAVE_V30_BOOK, AAVE_V33_BOOK, AAVE_V34_BOOK, AAVE_V35_BOOK, AAVE_V36_BOOK, AAVE_V37_BOOK].map(
    (book) => [book.id, book],
  ),
)

/** Defaults: `protocol` of rows that name none, the asset table beside the accounts, unix seconds of the moment (1 when left out). */
export type AccountTableOptions = {
  readonly protocol?: string | undefined
  readonly assets?: string | undefined
  readonly time?: number | undefined
}

/** Reads a table. Refuses `bad-file` when the text is no table at all; everything else is told row by row. */
export function parseAccounts(text: string, format: 'csv' | 'json', options: AccountTableOptions = {}): AccountTable {
  const table = readAccountTable(text, format)
  const beside =
    options.assets === undefined
      ? []
      : readAssetTable(options.assets, options.assets.trimStart().startsWith('[') ? 'json' : 'csv')
  const assets = judgedAssets([...beside, ...table.assets, ...table.rows.flatMap((row) => row.assets)])
  const eModes = judgedEModes(table.eModes)
  const rows = table.rows.map((row) =>
    judgedRow(row, assets, eModes.eModes, options.protocol ?? 'aave-v3', eModes.problems),
  )
  const problems = spread(rows)
  const taken = rows.filter((_, index) => (problems[index] as readonly TableProblem[]).length === 0)
  const refused = rows.flatMap(({ line, raw }, index) =>
    (problems[index] as readonly TableProblem[]).length === 0
      ? []
      : [{ line, raw, problems: problems[index] as readonly TableProblem[] }],
  )
  const protocols = [...new Set(taken.map(({ protocol }) => protocol))]
  const books = protocols.map((protocol) =>
    bookOf(
      protocol,
      taken.filter((row) => row.protocol === protocol),
      assets.assets,
      eModes.eModes,
      options.time ?? 1,
    ),
  )
  return { books, accounts: books.reduce((sum, { state }) => sum + state.accounts.size, 0), rows: rows.length, refused }
}

type Leg = { readonly side: 'collateral' | 'debt'; readonly asset: TableAsset; readonly amount: bigint }
type Row = {
  readonly line: number
  readonly raw: string
  readonly account: string
  readonly protocol: string
  readonly eMode: number
  readonly legs: readonly Leg[]
  readonly problems: readonly TableProblem[]
}

function judgedRow(
  { line, raw, ...row }: RawRow,
  { assets, problems: assetProblems }: TableAssets,
  eModes: ReadonlyMap<number, TableEMode>,
  fallback: string,
  eModeProblems: readonly TableProblem[],
): Row {
  const problems: TableProblem[] = row.broken === undefined ? [] : [{ code: 'bad-account', line, message: row.broken }]
  const complain = (code: TableProblem['code'], message: string) => problems.push({ code, line, message })
  const protocol = row.protocol ?? fallback
  if (row.account === undefined) complain('bad-account', 'the row names no account')
  if (!TABLE_PROTOCOLS.has(protocol))
    complain('unknown-protocol', `${protocol} is none of ${[...TABLE_PROTOCOLS.keys()].join(', ')}`)
  const eMode = Number(row.eMode ?? 0)
  if (eMode !== 0 && !eModes.has(eMode)) {
    complain('bad-account', `the table has no e-mode ${row.eMode}`)
    problems.push(...eModeProblems)
  }
  const legs: Leg[] = []
  for (const { side, asset: name, amount: text } of row.legs) {
    const asset = assets.get(name)
    const wrong = assetProblems.get(name)
    if (wrong) problems.push(...wrong)
    else if (!asset) complain('unknown-asset', `nothing says what ${name} is`)
    else {
      const amount = amountOf(text, asset, (code, message) => complain(code, `${side} ${name}: ${message}`))
      if (amount !== undefined && amount > 0n) legs.push({ side, asset, amount })
    }
  }
  if (row.legs.length === 0 && row.broken === undefined)
    complain('bad-account', 'the row has neither collateral nor debt')
  return { line, raw, account: row.account ?? '', protocol, eMode, legs, problems }
}

function amountOf(
  text: string,
  { decimals }: TableAsset,
  complain: (code: TableProblem['code'], message: string) => void,
): bigint | undefined {
  try {
    const amount = parseFixed(text, decimals)
    if (amount >= 0n && amount < 1n << 128n) return amount
    complain('bad-account', `an amount of ${text.slice(0, 60)} is ${amount < 0n ? 'below 0' : 'above 128 bits'}`)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    complain(error.code, error.message)
  }
  return undefined
}

/** Problems of every row, with those that a row has because another row of its account has some, or says another e-mode. */
function spread(rows: readonly Row[]): readonly (readonly TableProblem[])[] {
  const accounts = new Map<string, Row[]>()
  const keyOf = ({ protocol, account }: Row) => `${protocol}\n${account}`
  for (const row of rows) if (row.account !== '') accounts.set(keyOf(row), [...(accounts.get(keyOf(row)) ?? []), row])
  return rows.map((row) => {
    const all = row.account === '' ? [row] : (accounts.get(keyOf(row)) as readonly Row[])
    const other = all.find((one) => one.eMode !== row.eMode)
    const problems = [...row.problems]
    if (other)
      problems.push({
        code: 'bad-account',
        line: row.line,
        message: `the account is in e-mode ${row.eMode} here and ${other.eMode} on line ${other.line}`,
      })
    const first = all.find((one) => one !== row && one.problems.length > 0)
    if (problems.length === 0 && first)
      problems.push({
        code: 'bad-account',
        line: row.line,
        message: `line ${first.line} of the same account was refused`,
      })
    return problems
  })
}

function bookOf(
  protocol: string,
  rows: readonly Row[],
  assets: ReadonlyMap<string, TableAsset>,
  eModes: ReadonlyMap<number, TableEMode>,
  time: number,
): TableBook {
  const state: AaveState = {
    reserves: new Map([...assets.values()].map((asset) => [asset.asset, reserveOf(asset, time)])),
    eModes: new Map([...eModes.values()].map(({ id, ...mode }) => [id, { ...mode, ltv: mode.liquidationThreshold }])),
    accounts: new Map(),
    treasury: 'treasury',
  }
  for (const { account: id, eMode, legs } of rows) {
    const account = state.accounts.get(id) ?? { eMode, positions: new Map() }
    state.accounts.set(id, account)
    for (const { side, asset, amount } of legs) {
      const empty = { scaledCollateral: 0n, usedAsCollateral: false, scaledDebt: 0n, borrowing: false }
      const position = account.positions.get(asset.asset) ?? empty
      account.positions.set(asset.asset, position)
      const reserve = state.reserves.get(asset.asset) as NonNullable<ReturnType<typeof state.reserves.get>>
      if (side === 'debt') {
        position.scaledDebt += amount
        position.borrowing = true
        reserve.scaledDebt += amount
      } else {
        position.scaledCollateral += amount
        position.usedAsCollateral = true
        // The pool is taken to have what its suppliers could withdraw: the table shows accounts, not the pool.
        reserve.virtualBalance += (amount * asset.liquidityIndex) / RAY
      }
    }
  }
  const feeds = new Map<string, FeedMeaning>([...assets.values()].map(({ asset, feed }) => [feed, { base: asset }]))
  const follows = new Map(
    [...assets.values()].flatMap(({ asset, follows }) => (follows === undefined ? [] : [[asset, follows] as const])),
  )
  return {
    ...{ protocol, mechanism: TABLE_PROTOCOLS.get(protocol) as Mechanism<AaveState, AaveAction>, state },
    at: momentOf(assets, time),
    map: { feeds, follows },
    worth: () => 10 ** -TABLE_PRICE_DECIMALS,
    assetWorth: (name) => {
      const asset = assets.get(name)
      return asset && { value: asset.price, per: 10n ** BigInt(asset.decimals) }
    },
  }
}

const RAY = 10n ** 27n

function momentOf(assets: ReadonlyMap<string, TableAsset>, time: number): Moment {
  const prices = new Map([...assets.values()].map(({ feed, price }) => [feed, price as FeedAnswer]))
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed) }
}

function reserveOf(asset: TableAsset, time: number) {
  return {
    config: {
      ...{ asset: asset.asset, feed: asset.feed, decimals: BigInt(asset.decimals), ltv: asset.liquidationThreshold },
      ...{ liquidationThreshold: asset.liquidationThreshold, liquidationBonus: asset.liquidationBonus },
      // Interest stands still: the table is one moment.
      ...{ liquidationProtocolFee: 0n, reserveFactor: 0n, optimalUsage: 9_000n, baseRate: 0n, slope1: 0n, slope2: 0n },
    },
    ...{ liquidityIndex: asset.liquidityIndex, liquidityRate: 0n, variableBorrowIndex: asset.borrowIndex },
    ...{ variableBorrowRate: 0n, updated: BigInt(time), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n },
    ...{ scaledDebt: 0n, paused: false, graceUntil: 0n },
  }
}
