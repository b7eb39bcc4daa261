/**
 * A BAMM: borrowers rent √k of a pair and withdraw their dollars out of what they rented. No price can liquidate them, interest can; what a price
 * move costs is carried by the lenders, whose liquidity arbitrageurs trade against.
 *
 * A borrower of C coins who wants D dollars rents x coins and x·p dollars; LTV = x·√p / √((C + x)(x·p − D)). For a given LTV L this is
 * x²p(1 − L²) − L²x(Cp − D) + L²CD = 0, whose smaller root rents least. Where it has no root the loan is too large for the LTV: D becomes the
 * largest that has one, and all loans are then multiplied so that the book's debt is what it was.
 */
import {
  type BammAction,
  type BammState,
  bamm,
  bammAccrued,
  bammRules,
  bammState,
  twap,
} from '../../../mechanisms/index.ts'
import { fixedToNumber } from '../../../model/index.ts'
import { type Chore, type ChoreView, type RoomMaker, roomOf, type Standing, UNTRADED } from '../room.ts'
import type { Borrower } from './borrowers.ts'
import { bestPart } from './llamma.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, wad } from './room-kind.ts'

const FEED = 'pair average'
const AVERAGE_SECONDS = 1_800
const KEPT = 9_970n

/** BAMM. */
export const bammRoom: RoomKind = {
  id: 'bamm',
  title: 'BAMM: rented liquidity (loans cut to what its LTV allows)',
  exactness: 'bytecode',
  looksAt: 'the pair’s own 30-minute average',
  params: {
    ltv: { value: 0.95, least: 0.05, most: 0.979, says: 'rented √k per √k held when loans are made, a fraction' },
    utilisation: {
      value: 0.8,
      least: 0.05,
      most: 0.949,
      says: 'rented part of the lent liquidity at the start, a fraction',
    },
    deviation: {
      value: 0.1,
      least: 0.0001,
      most: 10,
      says: 'how far the pair may be from its 30-minute average, a fraction',
    },
    margin: {
      value: 0.0005,
      least: 0,
      most: 0.05,
      says: 'least profit of an arbitrageur, a fraction of the coins traded',
    },
    arbitrageGas: { value: 150_000, least: 0, most: 1e7, says: 'gas of one swap, units' },
  },
  make,
}

/** Coins that a borrower rents at a price for an LTV; `undefined`: no LTV that low bears the loan. */
export function bammRent(
  { coins, debt }: Pick<Borrower, 'coins' | 'debt'>,
  price: number,
  ltv: number,
): number | undefined {
  const [square, worth] = [ltv * ltv, coins * price]
  const [a, b, c] = [price * (1 - square), square * (worth - debt), square * coins * debt]
  const inside = b * b - 4 * a * c
  // The smaller root in the form that does not cancel.
  return inside >= 0 && b > 0 ? (2 * c) / (b + Math.sqrt(inside)) : undefined
}

/** Part of a collateral's value that an LTV lends at most: L²(1 − d)² = 4(1 − L²)d. */
export function bammMostDebt(ltv: number): number {
  const t = (2 * (1 - ltv * ltv)) / (ltv * ltv)
  return 1 + t - Math.sqrt(t * (2 + t))
}

/** The book with loans cut to what the LTV allows, a hair below, and multiplied to the debt that it had. */
export function bammBook(borrowers: readonly Borrower[], price: number, ltv: number): readonly Borrower[] {
  const most = bammMostDebt(ltv) * (1 - 1e-6)
  const cut = borrowers.map((one) => ({ ...one, debt: Math.min(one.debt, most * one.coins * price) }))
  const sum = (book: readonly Borrower[]) => book.reduce((total, { debt }) => total + debt, 0)
  const times = sum(borrowers) / sum(cut)
  return cut.map(({ id, coins, debt }) => ({ id, coins: coins * times, debt: debt * times }))
}

function make(setup: RoomSetup): RoomMaker {
  const params = paramsOf(bammRoom, setup.params)
  const { ltv = 0, utilisation = 1, deviation = 0 } = params
  const { price } = setup
  const rents = bammBook(setup.borrowers, price, ltv).map((one) => ({ ...one, rent: bammRent(one, price, ltv) ?? 0 }))
  const lent = rents.reduce((sum, { rent }) => sum + rent, 0) / utilisation
  const pair = { reserve0: wad(lent), reserve1: wad(lent * price), supply: wad(lent * Math.sqrt(price)), kept: KEPT }
  const bps = BigInt(Math.round(deviation * 10_000))
  const state = bammState(pair, bammRules.BAMM_RATE_TERMS, FEED, bps, BigInt(setup.start))
  openBook(bamm, state, momentOf(setup.start, { [FEED]: wad(1 / price) }), [
    { who: 'lenders', action: { do: 'lend', account: 'lenders', lp: pair.supply } },
    ...rents.map(({ id, coins, debt, rent }): { who: string; action: BammAction } => ({
      who: id,
      action: {
        ...{ do: 'adjust', vault: id, rent: wad(rent * Math.sqrt(price)) },
        ...{ token0: wad(coins), token1: -wad(debt) },
      },
    })),
  ])
  const usd = setup.debtSymbol ?? 'USD'
  return roomOf<BammState, BammAction>({
    ...{ id: setup.id, mechanism: bamm, state, faults: setup.faults },
    assets: new Map([
      ['token0', { symbol: setup.symbol, decimals: 18 }],
      ['token1', { symbol: usd, decimals: 18 }],
      // A unit of √k is 1/√p coins and √p dollars at the pair's price p.
      ['LP', { symbol: '', decimals: 18, worth: (price) => 2 * Math.sqrt(price(setup.symbol) * price(usd)) }],
      ['BAMM', UNTRADED],
    ]),
    feeds: new Map([[FEED, { symbol: usd, quote: setup.symbol, decimals: 18, oracle: twap(AVERAGE_SECONDS) }]]),
    chores: (now, view) => arbitrage(now, view, setup, params),
    standings: (now, moment) => standings(bammAccrued(now, moment), setup, usd),
    liquidity: true,
  })
}

/** One swap that brings the pair to the market's price net of both fees, as much of it as still pays with slippage outside and gas. */
function* arbitrage(
  { pair }: BammState,
  view: ChoreView,
  { symbol, debtSymbol = 'USD' }: RoomSetup,
  { margin = 0, arbitrageGas = 0 }: Readonly<Record<string, number>>,
): Iterable<Chore<BammAction>> {
  const [coins, money] = [fixedToNumber(pair.reserve0, 18), fixedToNumber(pair.reserve1, 18)]
  const outside = view.price(symbol) / view.price(debtSymbol)
  const kept = Number(pair.kept) / 10_000
  // What comes in counts `kept` of itself: the pair's price ends where the next atom brings nothing.
  const coinsIn = (Math.sqrt((kept * coins * money) / (outside * (1 + margin))) - coins) / kept
  const moneyIn = (Math.sqrt(kept * coins * money * outside * (1 - margin)) - money) / kept
  const zeroForOne = coinsIn > 0
  const wanted = zeroForOne ? coinsIn : moneyIn
  if (!(wanted > 0)) return
  const gas = view.gasUsd(arbitrageGas)
  const amountIn = bestPart(wad(wanted), (amount) => {
    const out = bammRules.swapPair({ ...pair }, zeroForOne, amount)
    const [into, got] = [fixedToNumber(amount, 18), fixedToNumber(out, 18)]
    const least = margin * view.price(symbol) * (zeroForOne ? into : got)
    const [spent, earned] = zeroForOne ? [symbol, debtSymbol] : [debtSymbol, symbol]
    return view.proceeds(earned, got) + view.proceeds(spent, -into) - least - gas
  })
  if (amountIn !== undefined)
    yield { actor: 'arbitrageur', gas: arbitrageGas, action: { do: 'swap', zeroForOne, amountIn } }
}

/** A vault's tokens, and what its rent takes out of the pair at the pair's present price. */
function standings(state: BammState, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  const { pair, multiplier, vaults } = state
  const price = Number(pair.reserve1) / Number(pair.reserve0)
  return borrowers.map(({ id }) => {
    const vault = vaults.get(id)
    const root = (Number(vault?.rented ?? 0n) / 1e18) * (Number(multiplier) / 1e18)
    return {
      id,
      holds: { [symbol]: fixedToNumber(vault?.token0 ?? 0n, 18), [usd]: fixedToNumber(vault?.token1 ?? 0n, 18) },
      owes: { [symbol]: root / Math.sqrt(price), [usd]: root * Math.sqrt(price) },
    }
  })
}
