/**
 * A perp venue of one contract as a mechanism: isolated longs against shorts, an insurance fund, and the engine's steps as actions. A long of C
 * coins at entry E on margin M holds C coins and owes C·E − M dollars, to the shorts; so it stands beside loans. What is due and what the engine may
 * do comes from the venue's profile (`mechanisms/perp`); this file moves the coins and the money. Coins have 8 decimals, dollars 6, prices 8.
 */
import {
  type Applied,
  type Completed,
  checkLeverage,
  deleverageFills,
  deleveragePrice,
  deleverageQueue,
  equityAt,
  isTriggered,
  type Leg,
  legOf,
  type Mechanism,
  maintenanceOfLeg,
  type PerpProfile,
  type ProfileMarket,
  pieceAt,
  type Winner,
} from '../../../mechanisms/index.ts'
import {
  type AssetAmount,
  type Atoms,
  atoms,
  type Exposure,
  type Fact,
  type Health,
  isBreakwaterError,
  type Moment,
} from '../../../model/index.ts'

/** Coins held and dollars owed (below 0: money that is free); `partialAt`: time of the last partial liquidation, seconds. */
export type VenueLong = { coins: bigint; debt: bigint; partialAt?: number | undefined }

/** Coins owed and dollars held (value at entry with the margin). */
export type VenueShort = { coins: bigint; cash: bigint; readonly entry: number; readonly margin: number }

/** The venue. `fund`: dollars of the insurance fund or vault and coins that it took over; `mark` and `previousMark` in dollars. */
export type VenueState = {
  readonly profile: PerpProfile
  readonly market: ProfileMarket
  readonly feed: string
  readonly longs: Map<string, VenueLong>
  readonly shorts: Map<string, VenueShort>
  readonly fund: { cash: bigint; coins: bigint }
  mark: number
  previousMark: number
}

/** What may be done. `usd`: what the book paid for the coins. */
export type VenueAction =
  | { readonly do: 'open-long'; readonly account: string; readonly coins: bigint; readonly debt: bigint }
  | { readonly do: 'open-short'; readonly account: string; readonly coins: bigint; readonly cash: bigint }
  | { readonly do: 'fund'; readonly usd: bigint }
  | { readonly do: 'mark' }
  | { readonly do: 'sell'; readonly account: string; readonly coins: bigint; readonly usd: bigint }
  | { readonly do: 'take-over'; readonly account: string }
  | { readonly do: 'deleverage'; readonly account: string }
  | { readonly do: 'unwind'; readonly coins: bigint; readonly usd: bigint }

/** Dollars with 6 decimals of coins with 8 at a price. */
const usdOf = (coins: bigint, price: number) => BigInt(Math.round((Number(coins) / 1e8) * price * 1e6))
const COIN_DECIMALS = 8
const USD_DECIMALS = 6

/** The mechanism. The engine acts, so nobody is offered anything. */
export const perpVenue: Mechanism<VenueState, VenueAction> = {
  id: 'perp-venue',
  *targets({ longs }) {
    for (const [id, { coins }] of longs) if (coins > 0n) yield id
  },
  assess,
  offers: () => [],
  apply,
  exposure,
  holdings({ longs, shorts, fund }) {
    let [coins, usd] = [fund.coins, fund.cash]
    for (const long of longs.values()) [coins, usd] = [coins + long.coins, usd - long.debt]
    for (const short of shorts.values()) [coins, usd] = [coins - short.coins, usd + short.cash]
    return new Map<string, Atoms>([
      ['COIN', atoms(coins)],
      ['USD', atoms(usd)],
    ])
  },
}

/** What the rules look at: the leg entered at its bankruptcy price, on no margin beside it: the same line as the position's. Money in dollars. */
export type VenueSight = {
  readonly leg: Leg
  readonly equity: number
  readonly maintenance: number
  readonly closingFee: number
  readonly mark: number
}

/** Looks at a long; `undefined` without a mark or a position. */
export function lookAtLong(state: VenueState, account: string, at: Moment): VenueSight | undefined {
  const [long, mark] = [state.longs.get(account), markOf(state, at)]
  if (!long || long.coins <= 0n || mark === undefined) return undefined
  const coins = Number(long.coins) / 1e8
  const owed = Number(long.debt) / 1e6
  const leg = legOf(state.market, { side: 'long', size: coins, entryPrice: Math.max(owed / coins, mark * 1e-9) })
  const equity = coins * mark - owed
  const closingFee = coins * mark * (state.profile.fees.taker + state.profile.order.fee)
  return { leg, equity, maintenance: maintenanceOfLeg(leg, mark).margin, closingFee, mark }
}

function markOf({ feed }: VenueState, at: Moment): number | undefined {
  const answer = at.price(feed)
  return answer === undefined ? undefined : Number(answer) / 1e8
}

function assess(state: VenueState, target: string, at: Moment): Health | undefined {
  const seen = lookAtLong(state, target, at)
  if (!seen) return undefined
  const { equity, maintenance, closingFee } = seen
  const liquidatable = isTriggered(state.profile, equity, maintenance, closingFee)
  const [backing, required] = [BigInt(Math.round(equity * 1e6)), BigInt(Math.ceil(maintenance * 1e6))]
  return { backing, required, equity: backing, liquidatable }
}

/** In one bracket a straight line: coins against what is owed and the maintenance of their value. */
function exposure(state: VenueState, target: string, at: Moment): Exposure | undefined {
  const seen = lookAtLong(state, target, at)
  const long = state.longs.get(target)
  if (!seen || !long) return undefined
  const { rate, deduction, perX } = pieceAt(seen.leg, seen.mark)
  const coins = Number(long.coins) / 1e8
  const fee = state.profile.trigger.withFee ? state.profile.fees.taker + state.profile.order.fee : 0
  return {
    slopes: [{ feed: state.feed, backing: coins / 1e8, required: (coins * (rate + fee) - perX) / 1e8 }],
    constant: { backing: 0, required: Number(long.debt) / 1e6 - deduction },
  }
}

const refuse = (code: string, message: string): Applied => ({ refused: { code, message } })

function apply(state: VenueState, action: VenueAction, at: Moment): Applied {
  switch (action.do) {
    case 'open-long':
      return openLong(state, action, at)
    case 'open-short':
      return openShort(state, action, at)
    case 'fund':
      state.fund.cash += action.usd
      return { facts: [], paid: [usd(action.usd)] }
    case 'mark':
      state.previousMark = state.mark
      state.mark = markOf(state, at) ?? state.mark
      return { facts: [] }
    case 'unwind':
      if (action.coins <= 0n || action.coins > state.fund.coins)
        return refuse('no-position', 'the fund has not so many coins')
      state.fund.coins -= action.coins
      state.fund.cash += action.usd
      return { facts: [], paid: [usd(action.usd)], received: [coin(action.coins)] }
    default:
      return liquidate(state, action, at)
  }
}

const usd = (amount: bigint): AssetAmount => ({ asset: 'USD', atoms: atoms(amount) })
const coin = (amount: bigint): AssetAmount => ({ asset: 'COIN', atoms: atoms(amount) })

/** A long of so much margin as the venue's largest leverage asks. */
function openLong(
  state: VenueState,
  { account, coins, debt }: Extract<VenueAction, { do: 'open-long' }>,
  at: Moment,
): Applied {
  const mark = markOf(state, at)
  if (mark === undefined || coins <= 0n || debt < 0n || state.longs.has(account))
    return refuse('bad-position', `${account} cannot open`)
  const margin = usdOf(coins, mark) - debt
  if (!bears(state, Number(coins) / 1e8, mark, Number(margin) / 1e6))
    return refuse('over-leverage', `${account}: the margin is below the venue's least`)
  state.longs.set(account, { coins, debt })
  return { facts: [], paid: [coin(coins)], received: [usd(debt)] }
}

/** True where the venue lets a position of this size have so little margin. */
function bears({ market }: VenueState, size: number, price: number, margin: number): boolean {
  try {
    return margin > 0 && checkLeverage(market, size, price, Math.max(1, (size * price) / margin)) > 0
  } catch (error) {
    if (isBreakwaterError(error)) return false
    throw error
  }
}

function openShort(
  state: VenueState,
  { account, coins, cash }: Extract<VenueAction, { do: 'open-short' }>,
  at: Moment,
): Applied {
  const entry = markOf(state, at)
  if (entry === undefined || coins <= 0n || state.shorts.has(account))
    return refuse('bad-position', `${account} cannot open`)
  const margin = Number(cash - usdOf(coins, entry)) / 1e6
  if (!(margin > 0)) return refuse('over-leverage', `${account}: a short needs margin`)
  state.shorts.set(account, { coins, cash, entry, margin })
  return { facts: [], paid: [usd(cash)], received: [coin(coins)] }
}

type Liquidation = Extract<VenueAction, { do: 'sell' | 'take-over' | 'deleverage' }>

function liquidate(state: VenueState, action: Liquidation, at: Moment): Applied {
  const [seen, long] = [lookAtLong(state, action.account, at), state.longs.get(action.account)]
  if (!seen || !long) return refuse('no-position', `${action.account} has no position`)
  if (!isTriggered(state.profile, seen.equity, seen.maintenance, seen.closingFee))
    return refuse('healthy', `${action.account} is healthy`)
  if (action.do === 'sell') return sell(state, action, long, seen, at)
  if (action.do === 'take-over') return takeOver(state, action.account, long, seen)
  return deleverage(state, action.account, long, seen)
}

/** Sold into the book: fees to the fund, the rest against what is owed; whoever has no coins left and still owes leaves the deficit behind. */
function sell(
  state: VenueState,
  { account, coins, usd: got }: Extract<VenueAction, { do: 'sell' }>,
  long: VenueLong,
  seen: VenueSight,
  at: Moment,
): Applied {
  if (coins <= 0n || coins > long.coins) return refuse('bad-size', `${account} has not so many coins`)
  const size = Number(coins) / 1e8
  const wanted = BigInt(Math.round(size * seen.mark * (state.profile.fees.taker + state.profile.order.fee) * 1e6))
  const whole = coins === long.coins
  // A fee is taken out of what is left: it never makes a deficit.
  const room = got - long.debt > 0n ? got - long.debt : 0n
  const fee = whole && wanted > room ? room : wanted
  long.coins -= coins
  long.debt -= got - fee
  state.fund.cash += fee
  if (!whole) long.partialAt = at.time
  const facts: Fact[] = [factOf(state, account, size, Number(got) / 1e6 / size, 'market')]
  if (whole && long.debt > 0n) facts.push(...deficit(state, account, long))
  return { facts, paid: [usd(got)], received: [coin(coins)] }
}

/** The fund or vault takes coins and debt; what margin is left is its own. */
function takeOver(state: VenueState, account: string, long: VenueLong, { mark }: VenueSight): Completed {
  const size = Number(long.coins) / 1e8
  state.fund.coins += long.coins
  state.fund.cash -= long.debt
  long.coins = 0n
  long.debt = 0n
  return { facts: [factOf(state, account, size, mark, 'backstop')] }
}

/** Shorts in the venue's order are closed against the long at the venue's price. */
function deleverage(state: VenueState, account: string, long: VenueLong, { mark, leg }: VenueSight): Applied {
  const price = deleveragePrice(state.profile.deleverage, {
    bankruptcy: leg.entry,
    mark,
    previousMark: state.previousMark,
  })
  const rank = state.profile.deleverage.rank
  const winners = [...state.shorts].flatMap(([id, short]) =>
    short.coins > 0n ? [winnerOf(state, id, short, mark)] : [],
  )
  if (winners.length === 0) return refuse('no-winners', 'nobody holds the other side')
  const { fills } = deleverageFills(deleverageQueue(rank, winners), Number(long.coins))
  const facts: Fact[] = []
  for (const { id, size } of fills) {
    const short = state.shorts.get(id)
    const coins = BigInt(size)
    if (!short) continue
    const paid = usdOf(coins, price)
    short.coins -= coins
    short.cash -= paid
    long.coins -= coins
    long.debt -= paid
    const whole = size / 1e8
    facts.push({
      ...{ type: 'auto-deleveraging', instrument: state.market.symbol, coin: state.market.coin, side: 'short' },
      ...{ size: whole, price, usd: whole * price, account: id },
    })
  }
  facts.unshift(factOf(state, account, fills.reduce((sum, { size }) => sum + size, 0) / 1e8, price, 'backstop'))
  if (long.coins === 0n && long.debt > 0n) facts.push(...deficit(state, account, long))
  return { facts }
}

function winnerOf(
  { market }: VenueState,
  id: string,
  { coins, cash, entry, margin }: VenueShort,
  mark: number,
): Winner {
  const size = Number(coins) / 1e8
  const leg = legOf(market, { side: 'short', size, entryPrice: entry })
  return {
    ...{ id, side: 'short', size: Number(coins), entryPrice: entry, markPrice: mark, notional: size * mark },
    ...{ entryValue: size * entry, unrealised: size * (entry - mark), equity: Number(cash) / 1e6 - size * mark },
    maintenance: maintenanceOfLeg(leg, equityAt(leg, margin, mark) > 0 ? mark : entry).margin,
  }
}

/** What a closed position still owes: the fund pays what it may, the winners the rest, in their order, out of their money. */
function deficit(state: VenueState, account: string, long: VenueLong): readonly Fact[] {
  const owed = long.debt
  const has = state.profile.insurance.scope === 'none' || state.fund.cash < 0n ? 0n : state.fund.cash
  const paid = owed < has ? owed : has
  state.fund.cash -= paid
  let left = owed - paid
  const winners = [...state.shorts].map(([id, short]) =>
    winnerOf(state, id, { ...short, coins: short.coins || 1n }, state.mark),
  )
  for (const { id } of left > 0n ? deleverageQueue(state.profile.deleverage.rank, winners) : []) {
    const short = state.shorts.get(id)
    if (!short || left === 0n) continue
    const free = short.cash - usdOf(short.coins, state.mark)
    const part = free < left ? (free > 0n ? free : 0n) : left
    short.cash -= part
    left -= part
  }
  // Where not even the winners have it the venue itself is short of it.
  state.fund.cash -= left
  long.debt = 0n
  return [
    {
      ...{
        type: 'bad-debt',
        protocol: state.profile.id,
        market: state.market.symbol,
        account,
        usd: Number(owed) / 1e6,
      },
      loss: { asset: 'USD', atoms: owed },
    },
  ]
}

function factOf(
  { market }: VenueState,
  account: string,
  size: number,
  price: number,
  method: 'market' | 'backstop',
): Fact {
  return {
    ...{ type: 'perp-liquidation', instrument: market.symbol, coin: market.coin, side: 'long', size, price },
    ...{ priceKind: method === 'market' ? 'fill' : 'mark', usd: size * price, usdBasis: 'notional', account, method },
  }
}

/** Coins with the state's decimals. */
export const VENUE_DECIMALS = { coin: COIN_DECIMALS, usd: USD_DECIMALS } as const
