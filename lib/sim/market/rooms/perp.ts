/** Perp venues as rooms: the borrowers are isolated longs, the lenders are the shorts and the insurance fund, the venue's engine does everything. */
import { nextStep, type PerpProfile, perpProfile, pushFeed, settle } from '../../../mechanisms/index.ts'
import { assert, atoms } from '../../../model/index.ts'
import { type Chore, type ChoreView, type RoomMaker, roomOf, type Standing } from '../room.ts'
import {
  lookAtLong,
  perpVenue,
  VENUE_DECIMALS,
  type VenueAction,
  type VenueSight,
  type VenueState,
} from './perp-venue.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled } from './room-kind.ts'

const FEED = 'mark'
/** Orders of one position in one step of the clock. */
const ROUNDS = 6
/** Halvings when a limit order is sized: a book is walked to within a billionth. */
const HALVINGS = 30

/** A venue's latest rules with its ETH contract. */
function kindOf(id: string, profile: PerpProfile, what: string): RoomKind {
  const kind: RoomKind = {
    id,
    title: `${profile.name}: ${what}`,
    exactness: 'formula',
    looksAt: 'the venue’s mark, which follows its index at once',
    params: {
      fund: {
        value: 0.01,
        least: 0,
        most: 1,
        says: 'insurance fund or vault per dollar of the longs’ debt, a fraction',
      },
      unwind: {
        value: 60,
        least: 0,
        most: 10_000,
        says: 'minutes in which it sells what it took over; 0: it keeps it',
      },
      shortLeverage: { value: 3, least: 1, most: 25, says: 'leverage of the shorts at the start, a ratio' },
    },
    make: (setup) => make(kind, profile, setup),
  }
  return kind
}

/** Binance USD-M: reduced as needed, the insurance fund takes the rest at the bankruptcy price. */
export const perpBinanceRoom = kindOf('perp-binance', perpProfile('binance-usdm'), 'reduction, insurance fund, ADL')
/** Hyperliquid: 20 % first, then whole; the vault takes over below two thirds of maintenance. */
export const perpHyperliquidRoom = kindOf('perp-hyperliquid', perpProfile('hyperliquid'), 'partial close, vault, ADL')
/** dYdX v4: closed in parts, no one takes over, deleveraging at bankruptcy. */
export const perpDydxRoom = kindOf('perp-dydx', perpProfile('dydx-v4'), 'partial close, insurance fund, ADL')

function make(kind: RoomKind, profile: PerpProfile, setup: RoomSetup): RoomMaker {
  const { fund = 0, unwind = 0, shortLeverage = 1 } = paramsOf(kind, setup.params)
  const market =
    profile.markets.find((one) => one.coin === setup.symbol) ?? profile.markets.find(({ coin }) => coin === 'ETH')
  assert(market?.payoff === 'linear', `${profile.id} has no linear contract to stand for ${setup.symbol}`)
  const state: VenueState = {
    ...{ profile, market, feed: FEED, longs: new Map(), shorts: new Map(), fund: { cash: 0n, coins: 0n } },
    ...{ mark: setup.price, previousMark: setup.price },
  }
  const debt = setup.borrowers.reduce((sum, one) => sum + one.debt, 0)
  const coins = (value: number) => scaled(value, VENUE_DECIMALS.coin)
  const usd = (value: number) => scaled(value, VENUE_DECIMALS.usd)
  const value = (size: number) => size * setup.price
  openBook(perpVenue, state, momentOf(setup.start, { [FEED]: scaled(setup.price, 8) }), [
    { who: 'fund', action: { do: 'fund', usd: usd(debt * fund) } },
    ...setup.borrowers.flatMap(({ id, coins: size, debt: owed }): { who: string; action: VenueAction }[] => [
      { who: id, action: { do: 'open-long', account: id, coins: coins(size), debt: usd(owed) } },
      // The other side of every long: a short of its size, so that the open interest is one number.
      {
        who: id,
        action: {
          ...{ do: 'open-short', account: `short of ${id}`, coins: coins(size) },
          cash: usd(value(size) * (1 + 1 / shortLeverage)),
        },
      },
    ]),
  ])
  const money = setup.debtSymbol ?? 'USD'
  return roomOf<VenueState, VenueAction>({
    ...{ id: setup.id, mechanism: perpVenue, state, faults: setup.faults, choresBy: 'engine' },
    assets: new Map([
      ['COIN', { symbol: setup.symbol, decimals: VENUE_DECIMALS.coin }],
      ['USD', { symbol: money, decimals: VENUE_DECIMALS.usd }],
    ]),
    // A venue's mark follows its index at once; faults of oracles are faults of the index.
    feeds: new Map([
      [
        FEED,
        {
          ...{ symbol: setup.symbol, quote: setup.debtSymbol, decimals: 8 },
          oracle: pushFeed({ deviationBps: 0, heartbeat: 1 }),
        },
      ],
    ]),
    chores: (now, view) => engine(now, view, setup, unwind),
    standings: (now) => standings(now, setup, money),
    // The fund or vault; the shorts are who lends.
    protocol: ({ fund: own }) => [
      { asset: 'COIN', atoms: atoms(own.coins) },
      { asset: 'USD', atoms: atoms(own.cash) },
    ],
  })
}

/** One step of the engine: marks, then every position that is due until it is healthy or gone, then the fund sells. */
function* engine(
  state: VenueState,
  view: ChoreView,
  { symbol, start }: RoomSetup,
  unwind: number,
): Iterable<Chore<VenueAction>> {
  yield { actor: 'engine', action: { do: 'mark' } }
  for (const account of perpVenue.targets(state)) {
    let unfilled = false
    for (let round = 0; round < ROUNDS; round++) {
      const decided = decide(state, account, view, symbol, unfilled)
      if (!decided) break
      unfilled = decided.unfilled
      if (decided.action) yield { actor: 'book', action: decided.action }
    }
  }
  const { coins } = state.fund
  const steps = view.step > 0 ? (unwind * 60 * view.step) / (view.at.time - start) : 0
  if (unwind === 0 || coins <= 0n || steps === 0) return
  const part = BigInt(Math.max(1, Math.floor(Number(coins) / Math.max(1, steps))))
  yield { actor: 'book', action: { do: 'unwind', coins: part, usd: proceedsOf(view, symbol, part) } }
}

const proceedsOf = (view: ChoreView, symbol: string, coins: bigint) =>
  scaled(view.proceeds(symbol, Number(coins) / 1e8), VENUE_DECIMALS.usd)

type Decision = { readonly action?: VenueAction; readonly unfilled: boolean }

/** What the venue's rules do next with a position; nothing when it is healthy or gone. */
function decide(
  state: VenueState,
  account: string,
  view: ChoreView,
  symbol: string,
  unfilled: boolean,
): Decision | undefined {
  const [seen, long] = [lookAtLong(state, account, view.at), state.longs.get(account)]
  if (!seen || !long) return undefined
  const { leg, equity, maintenance, closingFee, mark } = seen
  const sincePartialMs = long.partialAt === undefined ? undefined : (view.at.time - long.partialAt) * 1_000
  const situation = {
    equity,
    maintenance,
    closingFee,
    leg,
    x: mark,
    notional: leg.size * mark,
    sincePartialMs,
    unfilled,
  }
  const step = nextStep(state.profile, situation)
  if (step.step === 'healthy' || step.step === 'margin-call') return undefined
  if (step.step === 'deleverage') return { action: { do: 'deleverage', account }, unfilled: false }
  if (step.step === 'take-over') return { action: takeOver(state, account, seen), unfilled: false }
  const wanted = BigInt(Math.min(Number(long.coins), Math.ceil(step.part * Number(long.coins))))
  const coins = state.profile.order.limit === 'bankruptcy' ? sellable(view, symbol, wanted, leg.entry) : wanted
  // A venue with nobody to take over leaves the rest of an order for the next step of the clock.
  if (coins === 0n) return unfilled || state.profile.takeover.by === 'nobody' ? undefined : { unfilled: true }
  return {
    action: { do: 'sell', account, coins, usd: proceedsOf(view, symbol, coins) },
    unfilled: coins < wanted,
  }
}

/** The fund takes over what it can pay for; what it cannot goes to the winners. */
function takeOver({ profile, fund }: VenueState, account: string, { equity, mark }: VenueSight): VenueAction {
  const capacity = Number(fund.cash) / 1e6 + (Number(fund.coins) / 1e8) * mark
  const { outcome } = settle(profile, equity, capacity, true)
  return { do: outcome === 'deleverage' ? 'deleverage' : 'take-over', account }
}

/** Most coins, up to `wanted`, whose last one still brings the limit. */
function sellable(view: ChoreView, symbol: string, wanted: bigint, limit: number): bigint {
  const last = (size: number) => {
    const bit = size * 1e-6
    return (view.proceeds(symbol, size) - view.proceeds(symbol, size - bit)) / bit
  }
  const size = Number(wanted) / 1e8
  if (last(size) >= limit) return wanted
  let [low, high] = [0, size]
  for (let at = 0; at < HALVINGS; at++) {
    const middle = (low + high) / 2
    if (last(middle) >= limit) low = middle
    else high = middle
  }
  return BigInt(Math.floor(low * 1e8))
}

function standings({ longs }: VenueState, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  return borrowers.map(({ id }) => {
    const { coins, debt } = longs.get(id) ?? { coins: 0n, debt: 0n }
    const owed = Number(debt) / 1e6
    return {
      id,
      holds: { [symbol]: Number(coins) / 1e8, [usd]: Math.max(0, -owed) },
      owes: { [usd]: Math.max(0, owed) },
    }
  })
}
