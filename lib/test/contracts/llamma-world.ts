/**
 * Wide random worlds of LLAMMA: amplifications from 2 to 1,000, prices from 0.1 to 100,000 that wander, fall and jump, coins of 18, 8 or 6 decimals, every
 * policy and oracle, and borrowers, arbitrageurs and liquidators who mostly do what works and often what is at its edge.
 */
import {
  type LlammaAction,
  type LlammaMarket,
  type LlammaPolicy,
  type LlammaState,
  type LlammaTerms,
  llamma,
  llammaRules,
} from '../../mechanisms/index.ts'
import { unlessReverted } from '../../mechanisms/solidity.ts'
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import { PEOPLE } from '../llamma-readings.ts'

const { WAD } = llammaRules
/** The one market's id, feed and collateral. */
export const MARKET = 'coin'

/** What a history starts from, and what happens next in it. */
export type LlammaWorld = {
  readonly terms: LlammaTerms
  next(state: LlammaState, time: number): { readonly action: LlammaAction; readonly at: Moment }
}

/** What a caller wants of a world whatever the dice say. */
export type LlammaWishes = Partial<Omit<LlammaTerms, 'basePrice' | 'time'>> & { readonly bands?: number | undefined }

type Draw = { readonly chance: Prng; readonly unit: bigint; readonly bands: number | undefined }

/** A world of its own for every generator. */
export function wideLlamma(chance: Prng, wishes: LlammaWishes = {}): LlammaWorld {
  let price = 10 ** (chance.next() * 6 - 1)
  const terms = termsOf(chance, price, wishes)
  const draw = { chance, unit: 10n ** BigInt(terms.collateralDecimals ?? 18), bands: wishes.bands }
  return {
    terms,
    next: (state, time) => {
      const jump = chance.next() < 0.06 ? chance.pick([-0.3, -0.15, -1, 0.2, 0.8]) : 0
      price = Math.max(price * Math.exp(0.03 * chance.normal() + jump), 1e-6)
      const wait = chance.next() < 0.05 ? 30_000_000 : 7
      const at = momentAt(time + chance.pick([0, 0, 1, 12, 60, 119, 120, 121, 3_600, chance.int(100_000), wait]), price)
      return { action: actionOf(state, at, draw), at }
    },
  }
}

/** A moment at which the one feed answers a price. */
function momentAt(time: number, price: number): Moment {
  return { time: time as UnixSeconds, price: () => wadOf(price) as FeedAnswer }
}

/** To nine decimals, at least one of them. */
function wadOf(price: number): bigint {
  return BigInt(Math.max(1, Math.round(price * 1e9))) * 10n ** 9n
}

function termsOf(chance: Prng, price: number, { bands: _bands, ...wishes }: LlammaWishes): LlammaTerms {
  const A = chance.pick([2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000])
  const liquidationDiscount = BigInt(10_000 + chance.int(200_000)) * 10n ** 12n
  return {
    ...{ collateral: MARKET, borrowed: 'crvusd', feed: MARKET, A, basePrice: wadOf(price), time: 0n },
    collateralDecimals: chance.pick([18, 18, 8, 6]),
    borrowedDecimals: chance.pick([18, 18, 18, 6]),
    fee: feeOf(chance, wishes.A ?? A),
    adminFee: chance.pick([0n, 0n, 1n, WAD / 2n, WAD - 1n]),
    loanDiscount: liquidationDiscount + BigInt(1_000 + chance.int(50_000)) * 10n ** 12n,
    liquidationDiscount,
    ceiling: chance.pick([10n ** 26n, 10n ** 30n, 10n ** 23n]),
    policy: chance.pick(POLICIES),
    emaSeconds: chance.next() < 0.3 ? BigInt(30 + chance.int(3_000)) : undefined,
    ...wishes,
  }
}

function feeOf(chance: Prng, A: number): bigint {
  const most = (4n * WAD) / BigInt(A) < WAD / 10n ? (4n * WAD) / BigInt(A) : WAD / 10n
  const usual = 6n * 10n ** 15n < most ? 6n * 10n ** 15n : most
  return chance.pick([1_000_000n, 1_000_000n + ((most - 1_000_000n) * BigInt(chance.int(1_000))) / 1_000n, usual])
}

const CANDLE = { earlier: 0n, later: 0n, time: 0n }

/** The aggregate policy, whose moving average begins at its target. */
export const AGGREGATE: Extract<LlammaPolicy, { kind: 'aggregate' }> = {
  ...{ kind: 'aggregate', rate0: 2_732_676_751n, sigma: 2n * 10n ** 16n, targetFraction: WAD / 10n, extra: 7n },
  ...{ price: WAD, pegKeeperDebt: 0n, otherDebt: 0n, total: CANDLE, own: CANDLE },
  ratio: { seconds: 86_400n, value: 0n, average: WAD / 10n, time: 0n },
}

const POLICIES: readonly LlammaPolicy[] = [
  { kind: 'constant', rate: 43_959_106_799n },
  { kind: 'constant', rate: 0n },
  { kind: 'semilog', minRate: 317_097_919n, maxRate: 15_854_895_991n },
]

function actionOf(state: LlammaState, at: Moment, draw: Draw): LlammaAction {
  const { chance } = draw
  const market = state.markets.get(MARKET) as LlammaMarket
  const offered = offeredTo(state, at, chance)
  if (offered) return offered
  const [account, dice] = [chance.pick(PEOPLE.slice(0, 3)), chance.int(24)]
  if (dice < 9) return exchangeOf(market, at, draw)
  if (!market.loans.has(account) && dice < 19) return openingOf(market, account, at, draw)
  return loanActionOf(market, account, dice, draw)
}

/** A liquidation that pays, sometimes of an odd part, sometimes with too high a minimum. */
function offeredTo(state: LlammaState, at: Moment, chance: Prng): LlammaAction | undefined {
  for (const target of llamma.targets(state)) {
    const offer = chance.next() < 0.3 ? llamma.offers(state, target, at)[chance.int(2)] : undefined
    if (offer?.action.do !== 'liquidate') continue
    const part = chance.next() < 0.3 ? { fraction: BigInt(chance.int(1_000_000_000)) * 10n ** 9n } : {}
    return { ...offer.action, by: 'anyone', ...part, ...(chance.next() < 0.1 ? { minimum: 10n ** 20n } : {}) }
  }
  return undefined
}

/** Mostly the trade to a price around the oracle's, give or take some units; else any trade, for an exact amount out half of the time. */
function exchangeOf(market: LlammaMarket, at: Moment, { chance, unit }: Draw): LlammaAction {
  const call = { do: 'exchange', market: MARKET } as const
  if (chance.next() < 0.6) {
    const target = ((at.price(MARKET) ?? 0n) * BigInt(500 + chance.int(1_000))) / 1_000n
    const wanted = unlessReverted(() => llammaRules.amountForPrice(market, target, at))
    if (wanted && wanted.amount < 1n << 100n)
      return { ...call, sell: wanted.sell, amount: wanted.amount + BigInt(chance.int(3)) }
  }
  const [sell, exact] = [chance.pick(['borrowed', 'collateral'] as const), chance.pick(['in', 'out'] as const)]
  const ofCollateral = (sell === 'collateral') === (exact === 'in')
  const held = ofCollateral ? market.balanceY : market.balanceX
  const small = ofCollateral ? unit / 1_000_000n : WAD / market.borrowedPrecision / 10_000n
  const dice = chance.next()
  const any = BigInt(Math.floor(10 ** (chance.next() * 12))) * (small > 0n ? small : 1n)
  const amount =
    dice < 0.3 && held > 0n ? (held * BigInt(chance.int(1_200))) / 1_000n : dice < 0.45 ? BigInt(chance.int(5)) : any
  const bounded = chance.next() < 0.1 ? { bound: amount } : {}
  return { ...call, sell, exact, amount, ...bounded }
}

/** A loan near the most that its collateral bears, sometimes beyond, sometimes of dust, with sometimes too few or too many bands. */
function openingOf(market: LlammaMarket, account: string, at: Moment, draw: Draw): LlammaAction {
  const { chance } = draw
  const collateral = amountOf(draw)
  const bands = draw.bands ?? chance.pick([4, 4, 5, 10, 20, 50, 3, 51, 4 + chance.int(47)])
  const most = unlessReverted(() => llammaRules.maxBorrowable(market, collateral, bands, 0n, at)) ?? WAD
  const share = BigInt(Math.floor(10 ** (chance.next() * 0.3 - 0.3) * 1_006))
  const debt = chance.next() < 0.1 ? BigInt(chance.int(3)) : (most * share) / 1_000n
  return { do: 'create', market: MARKET, account, collateral, bands, debt }
}

function loanActionOf(market: LlammaMarket, account: string, dice: number, draw: Draw): LlammaAction {
  const { chance } = draw
  const call = { market: MARKET, account } as const
  const some = ((market.loans.get(account)?.debt ?? WAD) * BigInt(chance.int(1_100))) / 1_000n
  const dust = (odds: number, most: number, other: bigint) => (chance.next() < odds ? BigInt(chance.int(most)) : other)
  if (dice < 11) return { do: 'add', ...call, collateral: dust(0.3, 4, amountOf(draw)), by: chance.pick(PEOPLE) }
  if (dice < 13) return { do: 'remove', ...call, collateral: dust(0.3, 4, amountOf(draw) / 10n) }
  if (dice < 15) return { do: 'borrow', ...call, collateral: amountOf(draw) / 10n, debt: dust(0.2, 3, some / 3n) }
  if (dice < 18) {
    const debt = dust(0.2, 4, chance.next() < 0.2 ? 10n ** 32n : some)
    return { do: 'repay', ...call, debt, by: chance.next() < 0.3 ? chance.pick(PEOPLE) : account }
  }
  if (dice < 21) {
    const fraction = chance.pick([undefined, WAD, WAD / 3n, WAD * 2n, 0n, 1n, WAD - 1n])
    return { do: 'liquidate', ...call, by: chance.pick(['lin', 'lin', account]), fraction }
  }
  if (dice < 22) return { do: 'collect-fees', market: MARKET }
  if (market.policy.kind !== 'aggregate') return { do: 'save-rate', market: MARKET }
  const debt = () => BigInt(Math.floor(10 ** (chance.next() * 9))) * 10n ** 18n
  return {
    ...{ do: 'save-rate', market: MARKET, price: (WAD * BigInt(950 + chance.int(100))) / 1_000n },
    ...{ pegKeeperDebt: chance.next() < 0.2 ? 0n : debt() / 10n, otherDebt: chance.next() < 0.1 ? 0n : debt() },
  }
}

/** Of collateral: a millionth to a thousand. */
function amountOf({ chance, unit }: Draw): bigint {
  return (BigInt(Math.floor(10 ** (chance.next() * 9) * 1_000)) * unit) / 1_000_000_000n
}
