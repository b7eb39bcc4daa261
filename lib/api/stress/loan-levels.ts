/**
 * Loans as levels of one coin: the price of the coin at which each becomes liquidatable while the shock goes on, and the coins that its liquidation
 * then sells (less those it buys back). Three looks make a straight line where the rule is one; where it is not, the way is halved.
 */
import {
  isOrFollows,
  type LendingBook,
  type LendingShock,
  maxLiquidation,
  type ShockedMoment,
  valueDown,
  withMove,
} from '../../analytics/index.ts'
import { type AssetAmount, breakwaterError, type Health, isBreakwaterError } from '../../model/index.ts'
import { judged, momentUnder, targetsOf } from './shocked.ts'

/** A level: who, which side, the coin's price, net coins sold, and the price at which collateral no longer covers the debt. */
export type LoanLevel = {
  readonly id: string
  readonly protocol: string
  readonly side: 'long' | 'short'
  readonly price: number
  readonly quantity: number
  readonly bankruptcy: number | undefined
}

/** A coin's price, dollars, and the coin whose price that is. */
export type CoinPrice = { readonly price: number; readonly pricedAs: string }

/** Dollars of a coin, or of whatever in the book follows it most closely. Refuses (`missing-price`) a coin that nothing prices. */
export function priceOfCoin(books: readonly LendingBook[], coin: string): CoinPrice {
  let follower: CoinPrice | undefined
  for (const { at, map, reading } of books)
    for (const [feed, { base, pair }] of map.feeds) {
      const { quote, decimals } = reading(feed)
      const answer = at.price(feed)
      if (pair !== undefined || quote !== 'USD' || answer === undefined) continue
      const price = Number(answer) / 10 ** decimals
      if (base === coin) return { price, pricedAs: base }
      // The one that follows it directly comes before what follows that: WETH is ether, wstETH is worth more.
      if (map.follows.get(base) === coin && price < (follower?.price ?? Number.POSITIVE_INFINITY))
        follower = { price, pricedAs: base }
    }
  if (follower !== undefined) return follower
  throw breakwaterError(
    'missing-price',
    `nothing in the book gives the price of ${coin}`,
    { coin },
    { fix: `Add it with --price ${coin}=DOLLARS.` },
  )
}

/** Factors of the coin's price at which a loan is looked at: the first two make the line, the third tries it. */
const LOOKS = [1, 0.5, 0.75] as const
const TOLERANCE = 1e-7
const HALVINGS = 24
/** A loan is liquidated a little beyond its line, where offers stand. */
const BEYOND = 1e-4

/** Levels of every loan that the shock's kind can break. `present`: the coin's price now; loans that are liquidatable now have their level there. */
export function loanLevels(books: readonly LendingBook[], shock: LendingShock, present: number): readonly LoanLevel[] {
  if (shock.kind === 'feed')
    throw breakwaterError(
      'bad-shock',
      'a wrong feed sells nothing at a true price',
      { feed: shock.feed },
      { fix: 'Ask for the market, only the collateral, or a depeg.' },
    )
  return books.flatMap((book) => {
    const at = (factor: number) => momentUnder(book, factor === 1 ? [] : [withMove(shock, factor - 1)])
    const moments = LOOKS.map(at)
    return targetsOf(book).flatMap((target) => {
      const line = lineOf(book, target, moments, at)
      return line ? levelAt(book, target, shock.asset, present, line, at) : []
    })
  })
}

type Line = { readonly side: 'long' | 'short'; readonly factor: number; readonly empty: number | undefined }

/** The factor of the coin's price at which the verdict turns, and at which the equity is gone. */
function lineOf(
  book: LendingBook,
  target: string,
  moments: readonly ShockedMoment[],
  at: (factor: number) => ShockedMoment,
): Line | undefined {
  const [now, half, tried] = moments.map((moment) => judged(book, target, moment))
  if (!now || !half || !tried || now.required === 0n) return undefined
  const slack = ({ backing, required }: Health) => Number(backing - required)
  const slope = (slack(now) - slack(half)) / 0.5
  const start = slack(now) - slope
  const scale = Math.max(Number(now.backing), Number(now.required))
  const straight = Math.abs(start + slope * 0.75 - slack(tried)) <= TOLERANCE * scale
  const equitySlope = Number(now.equity - half.equity) / 0.5
  const empty = equitySlope === 0 ? undefined : (equitySlope - Number(now.equity)) / equitySlope
  const fine = (factor: number, side: Line['side']): Line | undefined =>
    factor > 0 && Number.isFinite(factor)
      ? { side, factor, empty: empty !== undefined && empty > 0 ? empty : undefined }
      : undefined
  if (Math.abs(slope) <= TOLERANCE * scale) return undefined
  const side = slope > 0 ? 'long' : 'short'
  if (now.liquidatable) return fine(1, side)
  return fine(straight ? -start / slope : halved(book, target, at, side), side)
}

function halved(
  book: LendingBook,
  target: string,
  at: (factor: number) => ShockedMoment,
  side: 'long' | 'short',
): number {
  const broken = (factor: number) => judged(book, target, at(factor))?.liquidatable === true
  let [safe, gone] = [1, side === 'long' ? 1e-3 : 10]
  if (!broken(gone)) return Number.NaN
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (safe + gone) / 2
    if (broken(middle)) gone = middle
    else safe = middle
  }
  return gone
}

function levelAt(
  book: LendingBook,
  target: string,
  coin: string,
  present: number,
  { side, factor, empty }: Line,
  at: (factor: number) => ShockedMoment,
): readonly LoanLevel[] {
  const beyond = factor * (side === 'long' ? 1 - BEYOND : 1 + BEYOND)
  if (beyond > 10.9) return []
  const net = soldAt(book, target, coin, at(beyond)) / (present * beyond)
  const quantity = side === 'long' ? net : -net
  if (!(quantity > 0)) return []
  const bankruptcy = empty === undefined ? undefined : empty * present
  return [{ id: book.account(target), protocol: book.protocol, side, price: factor * present, quantity, bankruptcy }]
}

/** Dollars of the coin (and what follows it) that a liquidation brings onto the market, less those it must buy. */
function soldAt(book: LendingBook, target: string, coin: string, { collateral, debt }: ShockedMoment): number {
  const worth = { collateral: book.worthAt(collateral, target), debt: book.worthAt(debt, target) }
  const hits = (asset: string) => isOrFollows(book.nameOf(asset), coin, book.map.follows)
  const dollars = (amounts: readonly AssetAmount[], side: 'collateral' | 'debt') =>
    Number(
      valueDown(
        amounts.filter(({ asset }) => hits(asset)),
        worth[side],
      ),
    ) / 1e8
  try {
    const open = maxLiquidation(book.mechanism, book.state, target, collateral, worth.collateral)
    if (open && open.offer.receive.length > 0)
      return dollars(open.offer.receive, 'collateral') - dollars(open.offer.pay, 'debt')
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
  }
  // Where liquidation and sale are two steps (absorption, auctions) all collateral comes onto the market.
  const legs = book.legs(target)
  const amounts = (side: 'collateral' | 'debt') =>
    legs.filter((leg) => leg.side === side && leg.counts).map(({ asset, atoms }) => ({ asset, atoms }) as AssetAmount)
  return dollars(amounts('collateral'), 'collateral') - dollars(amounts('debt'), 'debt')
}
