/**
 * Loans of one protocol with everything that a person is shown of them: legs with amounts and dollars, what each feed's answer means, and a state
 * that holds one account alone. One maker per protocol that can be read: Aave v3, Morpho Blue, Compound v3.
 */
import {
  type AaveAction,
  type AaveBook,
  type AaveState,
  aaveV3Account,
  aaveWithCloseFactor,
  type CometAction,
  type CometState,
  cometRules,
  compoundV3,
  type Mechanism,
  type MorphoAction,
  type MorphoState,
  morphoBlue,
  morphoRules,
} from '../mechanisms/index.ts'
import { assert, type FeedId, type Moment } from '../model/index.ts'
import { TABLE_BOOKS, TABLE_PROTOCOLS } from './lending-accounts.ts'
import type { LoanBook } from './lending-ladder.ts'
import type { AssetWorth } from './lending-liquidation.ts'
import {
  AAVE_CLOSE_FACTOR,
  aaveParameters,
  type BookParameter,
  cometParameters,
  morphoParameters,
} from './lending-parameters.ts'
import type { FeedMeaning, PriceMap } from './lending-shock.ts'

/** One side of a loan in one asset. `counts`: false for collateral that backs nothing; `threshold`: what of it counts, a fraction. */
export type LoanLeg = {
  readonly side: 'collateral' | 'debt'
  readonly asset: string
  readonly feed: FeedId
  readonly atoms: bigint
  readonly decimals: number
  readonly counts: boolean
  readonly threshold: number | undefined
}

/** How a feed's answer reads: with so many `decimals` it is `quote` per whole `asset`. */
export type FeedReading = { readonly asset: string; readonly quote: string; readonly decimals: number }

/** A book to be shown. `worthAt` gives 1e-8 dollars for atoms by the oracles that a target is judged with, `worth` dollars for a unit of its value. */
export type LendingBook<S = unknown, A = unknown> = Omit<LoanBook<S, A>, 'worth'> & {
  /** As its rows name it: `aave-v3` where the mechanism is `aave-v3.6`. */
  readonly protocol: string
  readonly worth: (target: string, at: Moment) => number
  readonly account: (target: string) => string
  /** The symbol of an asset that the state knows by another name (an address). */
  readonly nameOf: (asset: string) => string
  readonly legs: (target: string) => readonly LoanLeg[]
  readonly worthAt: (at: Moment, target: string) => AssetWorth
  readonly reading: (feed: FeedId) => FeedReading
  /** The state with one account only: cheap to copy. */
  readonly alone: (target: string) => S
  /** The same book with another state at another moment: what became of it. */
  with(state: S, at: Moment): LendingBook<S, A>
  /** What of the protocol's terms may be changed, each with the book that the change gives. */
  readonly parameters: () => readonly BookParameter<LendingBook<S, A>>[]
  /** Other rules that the same loans can be judged by: ids, and the book by one of them. */
  readonly rules?: { readonly ids: readonly string[]; readonly set: (id: string) => LendingBook<S, A> } | undefined
  /** Targets that a liquidation may leave for sale, with what it took. */
  readonly sales?: ((target: string) => readonly string[]) | undefined
}

/** Dollars have eight decimals. */
export const USD_DECIMALS = 8
/** One unit of them. */
export const USD_UNIT = 1e-8

type Common = {
  readonly protocol: string
  readonly at: Moment
  readonly map: PriceMap
  /** Symbols by the name that the state has for an asset. */
  readonly names?: ReadonlyMap<string, string> | undefined
}

const naming =
  (names: ReadonlyMap<string, string> | undefined) =>
  (asset: string): string =>
    names?.get(asset) ?? asset

/** An Aave v3 market whose feeds answer dollars with eight decimals. */
export function aaveLendingBook(
  book: AaveBook,
  mechanism: Mechanism<AaveState, AaveAction>,
  state: AaveState,
  common: Common & { readonly closeFactor?: bigint | undefined },
): LendingBook<AaveState, AaveAction> {
  const { protocol, at, map, names, closeFactor } = common
  const baseOf = (feed: FeedId) => map.feeds.get(feed)?.base ?? feed
  return {
    ...{ protocol, mechanism, state, at, map },
    worth: () => USD_UNIT,
    account: (target) => target,
    nameOf: naming(names),
    with: (next, moment) => aaveLendingBook(book, mechanism, next, { ...common, at: moment }),
    parameters: () =>
      aaveParameters(
        state,
        naming(names),
        (next) => aaveLendingBook(book, mechanism, next, common),
        aaveWithCloseFactor(book.id, AAVE_CLOSE_FACTOR) && {
          now: closeFactor ?? AAVE_CLOSE_FACTOR,
          make: (bps) => aaveByCloseFactor(book.id, state, common, bps),
        },
      ),
    rules: { ids: [...TABLE_BOOKS.keys()], set: (id) => aaveByRules(id, state, common) },
    legs: (target) => aaveLegs(book, state, target, at),
    worthAt: (moment) => (asset) => {
      const reserve = state.reserves.get(asset)
      const value = reserve && moment.price(reserve.config.feed)
      return reserve && value !== undefined ? { value, per: 10n ** reserve.config.decimals } : undefined
    },
    reading: (feed) => ({ asset: baseOf(feed), quote: 'USD', decimals: USD_DECIMALS }),
    alone: (target) => {
      const keep = [target, state.treasury].flatMap((id) => {
        const account = state.accounts.get(id)
        return account ? [[id, account] as const] : []
      })
      return { ...state, accounts: new Map(keep) }
    },
  }
}

function aaveByCloseFactor(id: string, state: AaveState, common: Common, closeFactor: bigint) {
  const changed = aaveWithCloseFactor(id, closeFactor)
  assert(changed !== undefined, `${id} has a close factor of its own`)
  return aaveLendingBook(changed.book, changed.mechanism, state, { ...common, closeFactor })
}

/** Loans that never borrowed at a stable rate are the same state in every version; its rules judge them. */
function aaveByRules(id: string, state: AaveState, { protocol: _own, at, map, names }: Common) {
  const [book, mechanism] = [TABLE_BOOKS.get(id), TABLE_PROTOCOLS.get(id)]
  assert(book !== undefined && mechanism !== undefined, `${id} is one of the rule books of tables`)
  return aaveLendingBook(book, mechanism, state, { protocol: id, at, map, names })
}

function aaveLegs(book: AaveBook, state: AaveState, target: string, at: Moment): readonly LoanLeg[] {
  const account = state.accounts.get(target)
  if (!account) return []
  return [...account.positions].flatMap(([asset, position]): LoanLeg[] => {
    const reserve = state.reserves.get(asset)
    if (!reserve) return []
    const { collateral, debt } = book.balancesOf(reserve, position, BigInt(at.time))
    const threshold = Number(aaveV3Account.thresholdOf(state, account, reserve)) / 10_000
    const counts = position.usedAsCollateral && book.counts(reserve)
    const same = { asset, feed: book.feedOf(state, account, reserve), decimals: Number(reserve.config.decimals) }
    const legs: LoanLeg[] = []
    if (collateral > 0n) legs.push({ side: 'collateral', ...same, atoms: collateral, counts, threshold })
    if (debt > 0n) legs.push({ side: 'debt', ...same, atoms: debt, counts: true, threshold: undefined })
    return legs
  })
}

/** Morpho's markets. `decimals` of every asset; the moment also answers `<loan asset>/USD` (8 decimals), or the dollars of its loans are not known. */
export function morphoLendingBook(
  state: MorphoState,
  decimals: ReadonlyMap<string, number>,
  { protocol, at, map, names }: Common,
): LendingBook<MorphoState, MorphoAction> {
  const places = (asset: string) => decimals.get(asset) ?? 18
  const nameOf = (feed: FeedId) => map.feeds.get(feed)
  const marketOf = (target: string) => state.markets.get(target.slice(0, target.indexOf('/')))
  return {
    ...{ protocol, mechanism: morphoBlue, state, at, map },
    worth: (target, moment) => {
      const loan = marketOf(target)?.loan ?? ''
      return (Number(moment.price(usdFeed(loan)) ?? 0n) * USD_UNIT) / 10 ** places(loan)
    },
    account: (target) => target.slice(target.indexOf('/') + 1),
    nameOf: naming(names),
    with: (next, moment) => morphoLendingBook(next, decimals, { protocol, at: moment, map, names }),
    parameters: () =>
      morphoParameters(state, naming(names), (next) => morphoLendingBook(next, decimals, { protocol, at, map, names })),
    legs: (target) => morphoLegs(state, target, at, places),
    worthAt: (moment, target) => (asset) => {
      const market = marketOf(target)
      const loan = market && moment.price(usdFeed(market.loan))
      if (!market || loan === undefined) return undefined
      if (asset === market.loan) return { value: loan, per: 10n ** BigInt(places(asset)) }
      const price = asset === market.collateral ? moment.price(market.feed) : undefined
      if (price === undefined) return undefined
      return { value: price * loan, per: morphoRules.ORACLE_PRICE_SCALE * 10n ** BigInt(places(market.loan)) }
    },
    reading: (feed) => {
      const { base = feed, quote = 'USD', pair } = nameOf(feed) ?? {}
      return { asset: base, quote, decimals: pair ? 36 + places(quote) - places(base) : USD_DECIMALS }
    },
    alone: (target) => {
      const id = target.slice(0, target.indexOf('/'))
      const keep = [target.slice(target.indexOf('/') + 1), state.feeRecipient]
      const positions = [...(state.positions.get(id) ?? [])].filter(([account]) => keep.includes(account))
      const market = state.markets.get(id)
      return {
        ...state,
        markets: new Map(market ? [[id, market]] : []),
        positions: new Map([[id, new Map(positions)]]),
      }
    },
  }
}

/** The feed of an asset's dollars, which Morpho's own oracles do not know. */
export const usdFeed = (asset: string): FeedId => `${asset}/USD`

function morphoLegs(
  state: MorphoState,
  target: string,
  at: Moment,
  places: (asset: string) => number,
): readonly LoanLeg[] {
  const [id, account] = [target.slice(0, target.indexOf('/')), target.slice(target.indexOf('/') + 1)]
  const [stored, position] = [state.markets.get(id), state.positions.get(id)?.get(account)]
  if (!stored || !position) return []
  const { totals } = morphoRules.accrued(stored, BigInt(at.time))
  const owed = morphoRules.toAssetsUp(position.borrowShares, totals.totalBorrowAssets, totals.totalBorrowShares)
  const { loan, collateral, feed, lltv } = stored
  const legs: LoanLeg[] = []
  if (position.collateral > 0n)
    legs.push({
      ...{ side: 'collateral', asset: collateral, feed, atoms: position.collateral, decimals: places(collateral) },
      ...{ counts: true, threshold: Number(lltv) / 1e18 },
    })
  if (position.borrowShares > 0n)
    legs.push({
      ...{ side: 'debt', asset: loan, feed, atoms: owed, decimals: places(loan), counts: true, threshold: undefined },
    })
  return legs
}

/** One Comet. Its feeds answer dollars with eight decimals, unless `dollars` says what one unit of its quote is worth. */
export function cometLendingBook(
  state: CometState,
  { protocol, at, map, names }: Common,
  dollars: (at: Moment) => number = () => 1,
): LendingBook<CometState, CometAction> {
  const { base, assets } = state.config
  const all = [base, ...assets]
  const meaning = (feed: FeedId): FeedMeaning => map.feeds.get(feed) ?? { base: feed }
  return {
    ...{ protocol, mechanism: compoundV3, state, at, map, targets: [...state.accounts.keys()].filter(owes) },
    worth: (_target, moment) => USD_UNIT * dollars(moment),
    account: (target) => target,
    nameOf: naming(names),
    with: (next, moment) => cometLendingBook(next, { protocol, at: moment, map, names }, dollars),
    parameters: () =>
      cometParameters(state, naming(names), (next) => cometLendingBook(next, { protocol, at, map, names }, dollars)),
    legs: (target) => cometLegs(state, target, at),
    worthAt: (moment) => (name) => {
      const asset = all.find(({ symbol }) => symbol === name)
      const value = asset && moment.price(asset.feed)
      if (!asset || value === undefined) return undefined
      return { value: BigInt(Math.round(Number(value) * dollars(moment))), per: asset.scale }
    },
    reading: (feed) => ({ asset: meaning(feed).base, quote: meaning(feed).quote ?? 'USD', decimals: USD_DECIMALS }),
    alone: (target) => {
      const account = state.accounts.get(target)
      // Without reserves from before: what is for sale afterwards is what was taken.
      return { ...state, held: new Map(state.owed), accounts: new Map(account ? [[target, account]] : []) }
    },
    sales: (target) => [...(state.accounts.get(target)?.collateral.keys() ?? [])].map((asset) => `sale/${asset}`),
  }

  function owes(id: string): boolean {
    return (state.accounts.get(id)?.principal ?? 0n) < 0n
  }
}

function cometLegs(state: CometState, target: string, at: Moment): readonly LoanLeg[] {
  const account = state.accounts.get(target)
  if (!account) return []
  const { base, assets } = state.config
  const decimalsOf = (scale: bigint) => scale.toString().length - 1
  const legs = assets.flatMap(({ symbol, feed, scale, liquidateCollateralFactor }): LoanLeg[] => {
    const atoms = account.collateral.get(symbol) ?? 0n
    const threshold = Number(liquidateCollateralFactor) / 1e18
    const leg = { side: 'collateral', asset: symbol, feed, atoms, decimals: decimalsOf(scale) } as const
    return atoms > 0n ? [{ ...leg, counts: true, threshold }] : []
  })
  if (account.principal >= 0n) return legs
  const { borrow } = cometRules.indicesAt(state, BigInt(at.time))
  const atoms = cometRules.presentSupply(borrow, -account.principal)
  const same = { asset: base.symbol, feed: base.feed, decimals: decimalsOf(base.scale) }
  return [...legs, { side: 'debt', ...same, atoms, counts: true, threshold: undefined }]
}
