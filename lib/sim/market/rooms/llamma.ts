/** A LLAMMA market: loans that convert along bands as arbitrageurs follow the price, and the hard liquidation of what conversion did not save. */
import {
  type LlammaAction,
  type LlammaMarket,
  type LlammaState,
  llamma,
  llammaMarket,
  llammaRules,
} from '../../../mechanisms/index.ts'
import { fixedToNumber, type Moment } from '../../../model/index.ts'
import { llammaArbitrage } from '../../agents/llamma-arbitrageur.ts'
import { type Chore, type ChoreView, type RoomMaker, roomOf, type Standing } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const MARKET = 'market'
const FEED = 'coin/stable'
/** Trades of one arbitrageur in one step: after the last one little is left. */
const TRADES = 4
/** How often a trade is halved when its own slippage outside eats the profit. */
const HALVINGS = 6

/** LLAMMA. */
export const llammaRoom: RoomKind = {
  id: 'llamma',
  title: 'LLAMMA: soft liquidation along bands',
  exactness: 'bytecode',
  params: {
    bands: { value: 10, least: 4, most: 50, whole: true, says: 'bands a loan spreads over, N' },
    amplification: { value: 100, least: 2, most: 1_000, whole: true, says: 'a band is 1/A wide, A' },
    fee: { value: 0.006, least: 0.0001, most: 0.1, says: 'fee of an exchange, a fraction' },
    loanDiscount: {
      value: 0.09,
      least: 0.002,
      most: 0.5,
      says: 'taken off collateral when a loan is made, a fraction',
    },
    liquidationDiscount: {
      value: 0.06,
      least: 0.001,
      most: 0.49,
      says: 'taken off collateral when health is judged, a fraction',
    },
    average: { value: 0, least: 0, most: 7_200, says: 'memory of the market’s own price average, seconds; 0: none' },
    margin: {
      value: 0.0005,
      least: 0,
      most: 0.05,
      says: 'least profit of an arbitrageur, a fraction of the coins traded',
    },
    arbitrageGas: { value: 300_000, least: 0, most: 1e7, says: 'gas of one exchange, units' },
  },
  order: [['liquidationDiscount', 'loanDiscount']],
  line: ({ loanDiscount = 0 }) => 1 - loanDiscount,
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const params = paramsOf(llammaRoom, setup.params)
  const { bands = 0, amplification = 0, fee = 0, loanDiscount = 0, liquidationDiscount = 0, average = 0 } = params
  const debt = setup.borrowers.reduce((sum, one) => sum + one.debt, 0)
  const price = scaled(setup.price, 18)
  const market = llammaMarket({
    ...{ collateral: 'COIN', borrowed: 'STABLE', feed: FEED, A: Math.round(amplification), basePrice: price },
    ...{ fee: wad(fee), loanDiscount: wad(loanDiscount), liquidationDiscount: wad(liquidationDiscount) },
    ...{ ceiling: wad(debt * 10), time: BigInt(setup.start) },
    emaSeconds: average >= 1 ? BigInt(Math.round(average)) : undefined,
  })
  const state: LlammaState = { markets: new Map([[MARKET, market]]) }
  openBook(
    llamma,
    state,
    momentOf(setup.start, { [FEED]: price }),
    setup.borrowers.map(({ id, coins, debt: own }) => ({
      who: id,
      action: {
        ...{ do: 'create', market: MARKET, account: id, collateral: wad(coins), debt: wad(own) },
        bands: Math.round(bands),
      } as const,
    })),
  )
  const usd = setup.debtSymbol ?? 'USD'
  return roomOf<LlammaState, LlammaAction>({
    ...{ id: setup.id, mechanism: llamma, state, faults: setup.faults },
    assets: new Map([
      ['COIN', { symbol: setup.symbol, decimals: 18 }],
      ['STABLE', { symbol: usd, decimals: 18 }],
    ]),
    feeds: new Map([[FEED, { symbol: setup.symbol, quote: setup.debtSymbol, decimals: 18, oracle: setup.oracle }]]),
    breached: converting,
    near: (now, target, at) => isNear(now.markets.get(MARKET), target.slice(MARKET.length + 1), at),
    chores: (now, view) => arbitrage(now, view, setup, params),
    standings: (now, at) => standings(now, at, setup, usd),
    // The stablecoin is minted, nobody lends it: what a loan is short of is the protocol's.
    protocol: 'rest',
  })
}

/** A loan that holds less than this part of itself in stablecoin holds none: the contract leaves atoms behind. */
const DUST = 10n ** 9n
const WAD = 10n ** 18n

/** Loans whose bands the oracle's price has entered, or that hold stablecoin: until all of it is collateral again above them, or they are gone. */
function* converting(state: LlammaState, at: Moment): Iterable<string> {
  const market = state.markets.get(MARKET)
  const price = at.price(FEED)
  if (!market) return
  for (const [account, { n1 }] of market.deposits) {
    const entered = price !== undefined && price <= llammaRules.upperPrice(market, n1, BigInt(at.time))
    const { x, y } = llammaRules.sumXY(market, account)
    if (entered || x * DUST > (y * (price ?? 0n)) / WAD) yield `${MARKET}/${account}`
  }
}

/**
 * A loan whose bands lie below the active band and below the oracle's price has converted nothing, and was opened with more than the liquidation
 * discount asks: without interest it cannot be due.
 */
function isNear(market: LlammaMarket | undefined, account: string, at: Moment): boolean {
  const deposit = market?.deposits.get(account)
  const price = at.price(FEED)
  if (!market || !deposit || price === undefined) return false
  return deposit.n1 <= market.activeBand || price <= llammaRules.upperPrice(market, deposit.n1, BigInt(at.time))
}

/** Trades that move the AMM towards the market's price while one still pays, slippage outside and gas included. */
function* arbitrage(
  state: LlammaState,
  view: ChoreView,
  { symbol, debtSymbol = 'USD' }: RoomSetup,
  { margin = 0, arbitrageGas = 0 }: Readonly<Record<string, number>>,
): Iterable<Chore<LlammaAction>> {
  for (let trade = 0; trade < TRADES; trade++) {
    const market = state.markets.get(MARKET)
    if (!market) return
    const money = view.price(debtSymbol)
    const gas = view.gasUsd(arbitrageGas)
    const wanted = llammaArbitrage(
      MARKET,
      market,
      view.price(symbol) / money,
      { outsideFee: margin, gas: gas / money },
      view.at,
    )
    if (!wanted) return
    const { sell } = wanted.action
    const pays = (amount: bigint) => {
      const { sold, bought } = llammaRules.quote(market, sell, 'in', amount, view.at)
      const [out, into] = [fixedToNumber(bought, 18), fixedToNumber(sold, 18)]
      const [got, spent] = sell === 'borrowed' ? [symbol, debtSymbol] : [debtSymbol, symbol]
      const turned = view.proceeds(got, out) + view.proceeds(spent, -into)
      return turned - margin * view.price(symbol) * (sell === 'borrowed' ? out : into) - gas
    }
    const amount = bestPart(wanted.action.amount, pays)
    if (amount === undefined) return
    yield { actor: 'arbitrageur', gas: arbitrageGas, action: { ...wanted.action, amount } }
  }
}

/** The best of an amount and its halves, when one of them leaves something. */
export function bestPart(whole: bigint, profit: (amount: bigint) => number): bigint | undefined {
  let best: { readonly amount: bigint; readonly leaves: number } | undefined
  for (let at = 0, amount = whole; at <= HALVINGS && amount > 0n; at++, amount /= 2n) {
    const leaves = profit(amount)
    if (leaves <= (best?.leaves ?? 0)) {
      if (best) break
      continue
    }
    best = { amount, leaves }
  }
  return best?.amount
}

function standings(state: LlammaState, at: Moment, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  const market = state.markets.get(MARKET)
  return borrowers.map(({ id }) => {
    if (!market?.loans.has(id)) return { id, holds: {}, owes: {} }
    const { x, y } = llammaRules.sumXY(market, id)
    const debt = llammaRules.debtOf(market, id, BigInt(at.time))
    return {
      id,
      holds: { [symbol]: fixedToNumber(y, 18), [usd]: fixedToNumber(x, 18) },
      owes: { [usd]: fixedToNumber(debt, 18) },
    }
  })
}
