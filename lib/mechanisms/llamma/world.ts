/** Random LLAMMA worlds for the conformance suite: a market of 18 or 8 decimals, any policy, borrowers, arbitrage and prices that sometimes fall. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { applied } from '../solidity.ts'
import { WAD } from './exponential.ts'
import { maxBorrowable } from './loans.ts'
import { type LlammaAction, type LlammaState, llamma } from './mechanism.ts'
import { type LlammaMarket, type LlammaPolicy, llammaMarket } from './state.ts'
import { amountForPrice } from './swap.ts'

const ACCOUNTS = ['ann', 'bob', 'cid'] as const
const MARKETS = ['weth', 'wbtc'] as const
const START = 1_700_000_000

/** A world of its own for every generator. */
export function llammaWorld(chance: Prng): World<LlammaState, LlammaAction> {
  const only = chance.pick(MARKETS)
  const prices = { weth: 2_000 * (0.7 + chance.next()), wbtc: 40_000 * (0.7 + chance.next()) }
  const state: LlammaState = {
    markets: new Map([[only, marketOf(only, prices[only], chance)]]),
  }
  const moment = (time: number): Moment => {
    const now = new Map(MARKETS.map((id) => [id, BigInt(Math.round(prices[id] * 1e9)) * 10n ** 9n] as const))
    return { time: time as UnixSeconds, price: (feed) => now.get(feed as never) as FeedAnswer | undefined }
  }
  return {
    state,
    at: moment(START),
    next: (now, { time }) => {
      prices[only] *= Math.exp(0.02 * chance.normal() - (chance.next() < 0.05 ? 0.15 : 0))
      const at = moment(time + chance.int(2_000))
      return { action: actionOf(now, only, chance, at), at }
    },
    attacks: (_now, target) => {
      const [market = '', account = ''] = target.split('/')
      return [{ do: 'liquidate', market, account, by: 'lin', fraction: WAD / BigInt(1 + chance.int(9)) }]
    },
    toxic: (now, target, at) => isToxic(now, target, at),
    audit: (now) => auditOf(now),
  }
}

function marketOf(id: (typeof MARKETS)[number], price: number, chance: Prng): LlammaMarket {
  return llammaMarket({
    ...{ collateral: id, borrowed: 'crvusd', feed: id, collateralDecimals: id === 'wbtc' ? 8 : 18 },
    A: chance.pick([20, 50, 100, 200]),
    basePrice: BigInt(Math.round(price * 1e6)) * 10n ** 12n,
    fee: 6n * 10n ** 15n,
    adminFee: chance.pick([0n, 1n, WAD / 2n]),
    loanDiscount: 9n * 10n ** 16n,
    liquidationDiscount: 6n * 10n ** 16n,
    ceiling: 10n ** 26n,
    time: BigInt(START),
    policy: policyOf(chance),
    emaSeconds: chance.next() < 0.3 ? 600n : undefined,
  })
}

function policyOf(chance: Prng): LlammaPolicy {
  const candle = () => ({ earlier: 0n, later: 0n, time: 0n })
  return chance.pick<LlammaPolicy>([
    { kind: 'constant', rate: 3_000_000_000n },
    { kind: 'semilog', minRate: 317_097_919n, maxRate: 15_854_895_991n },
    {
      ...{ kind: 'aggregate', rate0: 2_732_676_751n, sigma: 2n * 10n ** 16n, targetFraction: WAD / 10n, extra: 0n },
      ...{ price: WAD, pegKeeperDebt: 10n ** 24n, otherDebt: 10n ** 25n, total: candle(), own: candle() },
      ratio: { seconds: 86_400n, value: WAD / 10n, average: WAD / 10n, time: BigInt(START) },
    },
  ])
}

function actionOf(state: LlammaState, id: string, chance: Prng, at: Moment): LlammaAction {
  const market = state.markets.get(id) as LlammaMarket
  const account = chance.pick(ACCOUNTS)
  const dice = chance.int(20)
  for (const target of llamma.targets(state)) {
    const offered = chance.next() < 0.5 ? llamma.offers(state, target, at)[chance.int(2)] : undefined
    if (offered) return offered.action
  }
  if (dice < 9) return arbitrage(id, market, chance, at)
  if (!market.loans.has(account) && dice < 18) return opening(id, market, account, chance, at)
  const amount = BigInt(Math.floor(10 ** (chance.next() * (id === 'wbtc' ? 8 : 18))))
  if (dice < 11) return { do: 'add', market: id, account, collateral: amount, by: chance.pick(ACCOUNTS) }
  if (dice < 12) return { do: 'remove', market: id, account, collateral: amount }
  if (dice < 14) return { do: 'borrow', market: id, account, collateral: amount, debt: amount }
  if (dice < 16) {
    const debt = chance.next() < 0.3 ? 10n ** 24n : BigInt(chance.int(1_000)) * WAD
    return { do: 'repay', market: id, account, debt, by: chance.next() < 0.2 ? chance.pick(ACCOUNTS) : account }
  }
  if (dice < 18) {
    const fraction = chance.pick([WAD, WAD / 3n, WAD * 2n, 0n])
    return { do: 'liquidate', market: id, account, by: chance.pick(['lin', account]), fraction }
  }
  if (dice < 19) return { do: 'collect-fees', market: id }
  return { do: 'save-rate', market: id, price: (WAD * BigInt(990 + chance.int(20))) / 1_000n }
}

/** Mostly the trade that brings the AMM to a price near the oracle's, sometimes any trade, now and then for an exact amount out. */
function arbitrage(id: string, market: LlammaMarket, chance: Prng, at: Moment): LlammaAction {
  const spot = at.price(id) ?? 1n
  let wanted: ReturnType<typeof amountForPrice> | undefined
  applied(() => {
    wanted = amountForPrice(market, (spot * BigInt(900 + chance.int(200))) / 1_000n, at)
    return { facts: [] }
  })
  if (wanted && chance.next() < 0.7) return { do: 'exchange', market: id, sell: wanted.sell, amount: wanted.amount }
  const sell = chance.pick(['borrowed', 'collateral'] as const)
  const exact = chance.pick(['in', 'out'] as const)
  const inCollateral = (sell === 'collateral') === (exact === 'in')
  const decimals = inCollateral && id === 'wbtc' ? 8 : 18
  const amount = BigInt(Math.floor(10 ** (decimals + chance.next() * 4 - 1)))
  return { do: 'exchange', market: id, sell, exact, amount, ...(exact === 'out' ? {} : { bound: 0n }) }
}

/** A loan near the most that its collateral bears, sometimes beyond, with sometimes too few or too many bands. */
function opening(id: string, market: LlammaMarket, account: string, chance: Prng, at: Moment): LlammaAction {
  const unit = id === 'wbtc' ? 10n ** 6n : 10n ** 17n
  const collateral = unit * BigInt(1 + chance.int(500))
  const bands = chance.next() < 0.05 ? chance.pick([0, 3, 51]) : 4 + chance.int(9)
  let most = WAD
  applied(() => {
    most = maxBorrowable(market, collateral, bands, 0n, at)
    return { facts: [] }
  })
  return { do: 'create', market: id, account, collateral, bands, debt: (most * BigInt(700 + chance.int(310))) / 1_000n }
}

/** A part is dearer than what it takes away when the loan is worth less than its debt and discount. */
function isToxic(state: LlammaState, target: string, at: Moment): boolean {
  const health = llamma.assess(state, target, at)
  return !health || health.backing < 1_000_000n || health.backing * 100n < health.required * 94n
}

/** Sums of the contract: bands and fees are covered by what the AMM holds, shares and bounds of bands agree, loans add up to the total. */
function auditOf(state: LlammaState): string | undefined {
  for (const [id, market] of state.markets) {
    const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, one) => total + one, 0n)
    for (const [bands, fees, balance, precision] of [
      [market.bandsX, market.feesX, market.balanceX, market.borrowedPrecision],
      [market.bandsY, market.feesY, market.balanceY, market.collateralPrecision],
    ] as const) {
      const owed = sum(bands.values()) + fees * precision
      if (owed > balance * precision) return `${id}: bands and fees hold ${owed}, the AMM ${balance * precision}`
      if (precision === 1n && owed !== balance) return `${id}: ${balance - owed} of the AMM's tokens are nobody's`
      for (const band of bands.keys())
        if (band < market.minBand || band > market.maxBand) return `${id}: band ${band} is outside of min … max`
    }
    const shares = new Map<number, bigint>()
    for (const { n1, shares: owned } of market.deposits.values())
      for (const [i, one] of owned.entries()) shares.set(n1 + i, (shares.get(n1 + i) ?? 0n) + one)
    for (const [band, total] of market.totalShares)
      if (shares.get(band) !== total) return `${id}: shares of band ${band} do not add up`
    for (const band of market.bandsX.keys())
      if (band > market.activeBand) return `${id}: stablecoin below the active band`
    for (const band of market.bandsY.keys())
      if (band < market.activeBand) return `${id}: collateral above the active band`
  }
  return undefined
}
