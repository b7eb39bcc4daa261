/**
 * Loans as a market: every protocol of a book is a room with its own rules and present state, every coin has a depth, wrapped coins are sold as what
 * they wrap, dollars are dollars. The first step is the market as it is; then the shocks come, and liquidators do what pays.
 */
import { isOrFollows, type LendingBook, type LendingShock } from '../../analytics/index.ts'
import { pushFeed } from '../../mechanisms/index.ts'
import { type AssetId, assert, breakwaterError, type Moment, type UnixSeconds } from '../../model/index.ts'
import {
  type Chore,
  type Depth,
  depthOf,
  impactOf,
  linearImpact,
  liquidator,
  type MarketPlan,
  partAt,
  type RoomAsset,
  type RoomFeed,
  type RoomMaker,
  roomOf,
  type ScenarioMarket,
  type Standing,
  UNTRADED,
  wrappedDepth,
} from '../../sim/index.ts'
import { priceOfCoin } from './loan-levels.ts'
import { targetsOf } from './shocked.ts'

/** How the market behaves. `depthUsd`: dollars of sales that move a coin's price by 2 %; `depth` multiplies all; seconds; fractions. */
export type MarketTerms = {
  readonly depthUsd: (coin: string) => number
  readonly depth: number
  readonly halfLife: number | undefined
  readonly permanent: number
  readonly withdrawal: number
  readonly steps: number
  readonly stepSeconds: number
  /** How much of a coin's move has happened when, seconds after the start, where its path was recorded; all of it at the first step where not. */
  readonly paths: ReadonlyMap<string, readonly (readonly [seconds: number, part: number])[]>
  readonly flashFee: number
  readonly leastProfit: number
}

/** Coins within this of a dollar, that follow nothing and are not shocked, are bought without moving. */
const DOLLAR = { least: 0.9, most: 1.1 }

/** The plan of a market. Refuses (`bad-shock`) what no market can show: one coin with two prices, or a feed that lies about all of them. */
export function loanMarket(
  books: readonly LendingBook[],
  shocks: readonly LendingShock[],
  terms: MarketTerms,
): MarketPlan {
  checkKinds(books, shocks)
  const coins = coinsOf(books, shocks)
  const depths = new Map<string, Depth>()
  for (const coin of coins.values()) {
    const { root, price, dollar } = coin
    if (dollar) depths.set(coin.name, depthOf({ impact: linearImpact(0) }, price))
    else if (root === coin.name) depths.set(root, rootDepth(coin, terms))
  }
  // What is wrapped advances after what it wraps, so it comes last.
  for (const { name, root, price } of coins.values())
    if (!depths.has(name))
      depths.set(name, wrappedDepth(depths.get(root) as Depth, price / (coins.get(root) as Coin).price))
  const hits = new Map([...coins.keys()].map((name) => [name, shocks.filter((shock) => movedBy(shock, name, books))]))
  const outside = [...coins.values()].map(({ name, price }) => {
    const own = hits.get(name) ?? []
    const at = (step: number) =>
      own.reduce((product, shock) => product * (1 + shock.move * happened(shock, step, terms)), price)
    return [name, Array.from({ length: terms.steps }, (_, step) => (step === 0 ? price : at(step)))] as const
  })
  return {
    ...{ seconds: terms.stepSeconds, depths, competition: 'sealed-bids' },
    start: Math.max(...books.map(({ at }) => at.time)) as UnixSeconds,
    outside: new Map(outside),
    rooms: books.map((book, at) => roomOfBook(book, roomName(books, at))),
    competitors: [
      {
        ...{ id: 'liquidator', capital: 0, latency: 0 },
        agent: liquidator<unknown>({ leastProfit: terms.leastProfit, tipShare: 0, flashFee: terms.flashFee }),
      },
    ],
  }
}

/** A room is called as its protocol, with a number where several are. */
export function roomName(books: readonly LendingBook[], at: number): string {
  const name = (books[at] as LendingBook).protocol
  const same = books.filter(({ protocol }) => protocol === name)
  return same.length === 1 ? name : `${name}-${same.indexOf(books[at] as LendingBook) + 1}`
}

function checkKinds(books: readonly LendingBook[], shocks: readonly LendingShock[]): void {
  for (const shock of shocks) {
    if (shock.kind === 'feed')
      throw breakwaterError(
        'bad-shock',
        'a feed that lies cannot be told from its coin’s price here',
        { feed: shock.feed },
        { fix: 'Write a scenario whose oracle has a fault: docs/scenarios.md.' },
      )
    if (shock.kind !== 'only') continue
    const owed = books.some((book) =>
      targetsOf(book).some((target) =>
        book
          .legs(target)
          .some(({ side, asset }) => side === 'debt' && isOrFollows(book.nameOf(asset), shock.asset, book.map.follows)),
      ),
    )
    if (owed)
      throw breakwaterError(
        'bad-shock',
        `${shock.asset} is owed too: one market cannot give it two prices`,
        { asset: shock.asset },
        {
          fix: `Ask for market:${shock.asset} or a depeg with --cascade; only:${shock.asset} stands without it.`,
        },
      )
  }
}

const movedBy = (shock: LendingShock, coin: string, books: readonly LendingBook[]) =>
  shock.kind !== 'feed' && books.some(({ map }) => isOrFollows(coin, shock.asset, map.follows))

function happened(shock: LendingShock, step: number, { paths, stepSeconds }: MarketTerms): number {
  const path = shock.kind === 'feed' ? undefined : paths.get(shock.asset)
  return path ? partAt(path, step * stepSeconds) : 1
}

type Coin = { readonly name: string; readonly root: string; readonly price: number; readonly dollar: boolean }

function coinsOf(books: readonly LendingBook[], shocks: readonly LendingShock[]): ReadonlyMap<string, Coin> {
  const follows = new Map(books.flatMap(({ map }) => [...map.follows]))
  const names = new Set(
    books.flatMap((book) =>
      [...book.map.feeds.values()].flatMap(({ base, quote }) => [base, ...(quote ? [quote] : [])]),
    ),
  )
  names.delete('USD')
  const rootOf = (name: string): string => {
    let root = name
    for (let steps = 0; follows.has(root) && steps <= follows.size; steps++) root = follows.get(root) as string
    return root
  }
  for (const name of [...names]) names.add(rootOf(name))
  const shocked = new Set(shocks.flatMap((shock) => (shock.kind === 'feed' ? [] : [shock.asset])))
  return new Map(
    [...names].sort().map((name) => {
      const price = dollarsOf(books, name)
      const root = rootOf(name)
      const dollar = root === name && price >= DOLLAR.least && price <= DOLLAR.most && !shocked.has(name)
      return [name, { name, root, price, dollar }] as const
    }),
  )
}

/** Dollars of a coin: by a feed of its own, or by the pair that prices it in a coin that has one. */
function dollarsOf(books: readonly LendingBook[], name: string): number {
  for (const { at, map, reading } of books)
    for (const [feed, { base, pair }] of map.feeds) {
      const { quote, decimals } = reading(feed)
      const answer = at.price(feed)
      if (base === name && pair === 'collateral-in-debt' && answer !== undefined && !hasOwnFeed(books, name))
        return (Number(answer) / 10 ** decimals) * priceOfCoin(books, quote).price
    }
  return priceOfCoin(books, name).price
}

function hasOwnFeed(books: readonly LendingBook[], name: string): boolean {
  return books.some(({ map, reading, at }) =>
    [...map.feeds].some(
      ([feed, { base, pair }]) =>
        base === name && pair === undefined && reading(feed).quote === 'USD' && at.price(feed) !== undefined,
    ),
  )
}

function rootDepth({ name, price }: Coin, { depthUsd, depth, halfLife, permanent, withdrawal }: MarketTerms): Depth {
  const impact: ScenarioMarket['impact'] = { kind: 'two-percent', usd: depthUsd(name) * depth }
  return depthOf({ impact: impactOf(impact, price), halfLife, permanent, withdrawal }, price)
}

/** A protocol with its loans as they stand, as a room. */
export function roomOfBook<S, A>(book: LendingBook<S, A>, id: string): RoomMaker {
  const { mechanism, state, map, reading } = book
  const feeds = new Map<string, RoomFeed>()
  for (const feed of map.feeds.keys()) {
    const { asset, quote, decimals } = reading(feed)
    const oracle = pushFeed({ deviationBps: 0, heartbeat: 1 })
    feeds.set(feed, { symbol: asset, decimals, oracle, ...(quote === 'USD' ? {} : { quote }) })
  }
  const assets = assetsOf(book)
  return roomOf<S, A>({
    ...{ id, mechanism, state, assets, feeds },
    chores: (now, { at }) => absorptions(book, now, at),
    standings: (now, at) => standingsOf(book, now, at, assets),
  })
}

/** What costs and gives nothing at once (Comet's absorption) no liquidator bids for: an absorber does it, and the collateral is then for sale. */
function absorptions<S, A>({ mechanism, targets }: LendingBook<S, A>, state: S, at: Moment): readonly Chore<A>[] {
  if (mechanism.id !== 'compound-v3') return []
  return (targets ?? []).flatMap((target) =>
    mechanism.assess(state, target, at)?.liquidatable
      ? mechanism
          .offers(state, target, at)
          .filter(({ actor, pay, receive }) => actor === 'anyone' && pay.length + receive.length === 0)
          .map(({ action }) => ({ actor: 'absorber', action }))
      : [],
  )
}

function assetsOf<S, A>(book: LendingBook<S, A>): ReadonlyMap<AssetId, RoomAsset> {
  const assets = new Map<AssetId, RoomAsset>()
  const targets = targetsOf(book as unknown as LendingBook)
  for (const target of targets)
    for (const { asset, decimals } of book.legs(target))
      if (!assets.has(asset)) assets.set(asset, { symbol: book.nameOf(asset), decimals })
  const worth = targets[0] === undefined ? undefined : book.worthAt(book.at, targets[0])
  for (const asset of book.mechanism.holdings(book.state).keys()) {
    if (assets.has(asset)) continue
    const price = worth?.(asset)
    // What nobody of the book has or owes: sold by nobody, unless its decimals are known from its price.
    assets.set(asset, price ? { symbol: book.nameOf(asset), decimals: price.per.toString().length - 1 } : UNTRADED)
  }
  return assets
}

function standingsOf<S, A>(
  book: LendingBook<S, A>,
  state: S,
  at: Moment,
  assets: ReadonlyMap<AssetId, RoomAsset>,
): readonly Standing[] {
  const now = book.with(state, at)
  return targetsOf(book as unknown as LendingBook).map((target) => {
    const [holds, owes]: Record<string, number>[] = [{}, {}]
    for (const { side, asset, atoms } of now.legs(target)) {
      const known = assets.get(asset)
      assert(known !== undefined && holds && owes, `the room knows ${asset}`)
      const sums = side === 'collateral' ? holds : owes
      sums[known.symbol] = (sums[known.symbol] ?? 0) + Number(atoms) / 10 ** known.decimals
    }
    return { id: target, holds: holds ?? {}, owes: owes ?? {} }
  })
}
