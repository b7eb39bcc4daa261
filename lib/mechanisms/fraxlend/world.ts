/** Random FraxLend pairs for the conformance suite: lenders, borrowers, an oracle of two answers that wanders and jumps. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type FraxlendAction, fraxlend } from './mechanism.ts'
import type { FraxlendState } from './rules.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const START = 1_700_000_000
const WAD = 10n ** 18n
/** The asset has 18 decimals, the collateral 8 or 18; one collateral is worth about 20 of the asset. */
const WORTH = 20

/** A world of its own for every generator. */
export function fraxlendWorld(chance: Prng): World<FraxlendState, FraxlendAction> {
  const decimals = chance.pick([8, 18])
  const state = stateOf(chance)
  const market = { worth: WORTH, spread: 0 }
  return {
    state,
    at: momentOf(START, market, decimals),
    next: (now, { time }) => {
      wander(market, chance)
      const at = momentOf(time + chance.int(chance.int(8) === 0 ? 1_000_000 : 20_000), market, decimals)
      return { action: actionOf(now, at, market.worth, decimals, chance), at }
    },
    attacks: (now, account, { time }) => {
      const shares = now.borrowers.get(account)?.borrowShares ?? 0n
      return [{ do: 'liquidate', account, shares: (shares * BigInt(time % 3)) / 2n }]
    },
    toxic: isToxic,
    audit: auditOf,
  }
}

function stateOf(chance: Prng): FraxlendState {
  const clean = BigInt(2_000 + chance.int(10_000))
  return {
    config: {
      ...{ pair: 'WORTH/FRAX', asset: 'FRAX', collateral: 'WORTH', lowFeed: 'low', highFeed: 'high' },
      maxOracleDeviation: 5_000n,
      maxLtv: BigInt(50_000 + chance.int(40_000)),
      cleanLiquidationFee: clean,
      dirtyLiquidationFee: (clean * 9n) / 10n,
      protocolLiquidationFee: BigInt(chance.int(3)) * 10_000n,
      ...{ depositLimit: 10n ** 26n, borrowLimit: 10n ** 26n },
    },
    rate: {
      ...{ vertexUtilization: 80_000n, vertexRatePercentOfDelta: WAD / 5n, minTargetUtil: 75_000n },
      ...{ maxTargetUtil: 85_000n, zeroUtilizationRate: 158_247_046n, minFullUtilizationRate: 1_582_470_460n },
      ...{ maxFullUtilizationRate: 3_164_940_920_000n, rateHalfLife: 172_800n },
    },
    ...{ feeToProtocolRate: BigInt(chance.int(2)) * 10_000n, lastTimestamp: BigInt(START), ratePerSec: 158_247_046n },
    fullUtilizationRate: 15_824_704_600n,
    ...{ totalAsset: { amount: 0n, shares: 0n }, totalBorrow: { amount: 0n, shares: 0n }, totalCollateral: 0n },
    ...{ liquidatePaused: false, exchange: { lastTimestamp: 0n, low: 0n, high: 0n } },
    ...{ lenders: new Map(), borrowers: new Map(), own: { collateral: 0n, assetShares: 0n } },
  }
}

/** The collateral's worth moves a little and now and then halves; the answers lie apart, sometimes too far for a borrower. */
function wander(market: { worth: number; spread: number }, chance: Prng): void {
  const crash = chance.int(20) === 0 ? 0.55 : 1
  market.worth *= crash * (market.worth < WORTH / 4 ? 2 : 1) * Math.exp(chance.normal() * 0.05)
  market.spread = chance.int(6) === 0 ? 0.08 : chance.next() * 0.02
}

function momentOf(time: number, { worth, spread }: { worth: number; spread: number }, decimals: number): Moment {
  const per = 10 ** decimals / worth
  const prices = new Map([
    ['low', BigInt(Math.round(per))],
    ['high', BigInt(Math.round(per * (1 + spread)))],
  ])
  return { time: time as UnixSeconds, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
}

function actionOf(state: FraxlendState, at: Moment, worth: number, decimals: number, chance: Prng): FraxlendAction {
  const account = chance.pick(ACCOUNTS)
  const borrower = state.borrowers.get(account) ?? { collateral: 0n, borrowShares: 0n }
  const units = 10 ** (1 + chance.next() * 5)
  const amount = BigInt(Math.floor(units * 1e6)) * 10n ** 12n
  const collateral = BigInt(Math.floor((units / WORTH) * 10 ** decimals))
  const dice = chance.int(20)
  if (dice < 4) return { do: 'deposit', account, amount }
  if (dice < 7) return { do: 'add-collateral', account, amount: collateral }
  if (dice < 12) return borrowing(state, account, worth, decimals, chance)
  if (dice < 13) return { do: 'repay', account, shares: part(borrower.borrowShares, chance) }
  if (dice < 14) return { do: 'remove-collateral', account, amount: part(borrower.collateral / 4n, chance) }
  if (dice < 15) return { do: 'withdraw', account, amount: amount / 100n }
  if (dice < 16) return { do: 'redeem', account, shares: part(state.lenders.get(account) ?? 0n, chance) }
  if (dice < 17) return { do: chance.int(3) === 0 ? 'withdraw-fees' : 'accrue' }
  const offers = [...fraxlend.targets(state)].flatMap((target) => fraxlend.offers(state, target, at))
  const offer = offers[chance.int(offers.length || 1)]
  if (offer?.action.do !== 'liquidate') return { do: 'liquidate', account, shares: borrower.borrowShares }
  return { ...offer.action, shares: chance.int(2) === 0 ? offer.action.shares : part(offer.action.shares, chance) }
}

/** Nearly all that new and old collateral allow, within what is there. */
function borrowing(
  state: FraxlendState,
  account: string,
  worth: number,
  decimals: number,
  chance: Prng,
): FraxlendAction {
  const added = chance.int(2) === 0 ? BigInt(Math.floor(chance.next() * 1_000 * 10 ** decimals)) : 0n
  const collateral = (state.borrowers.get(account)?.collateral ?? 0n) + added
  const most = (Number(collateral) / 10 ** decimals) * worth * (Number(state.config.maxLtv) / 1e5)
  const wished = BigInt(Math.floor(most * (0.1 + 0.9 * chance.next()) * 1e6)) * 10n ** 12n
  const free = state.totalAsset.amount - state.totalBorrow.amount
  return { do: 'borrow', account, collateral: added, amount: wished > free && chance.int(4) > 0 ? free : wished }
}

function part(amount: bigint, chance: Prng): bigint {
  return (amount * BigInt(1 + chance.int(1_005))) / 1_000n
}

/** Health falls when the dirty fee on the largest loan-to-value exceeds backing / required; a few atoms also lose whole units to rounding. */
function isToxic(state: FraxlendState, account: string, at: Moment): boolean {
  const health = fraxlend.assess(state, account, at)
  if (!health) return false
  const { maxLtv, dirtyLiquidationFee } = state.config
  return (
    health.backing < 1_000_000n ||
    health.backing * 10n ** 10n <= health.required * maxLtv * (100_010n + dirtyLiquidationFee)
  )
}

function auditOf(state: FraxlendState): string | undefined {
  const borrowers = [...state.borrowers.values()]
  const debt = borrowers.reduce((sum, { borrowShares }) => sum + borrowShares, 0n)
  if (debt !== state.totalBorrow.shares) return `shares of debt are ${debt}, not ${state.totalBorrow.shares}`
  const pledged = borrowers.reduce((sum, { collateral }) => sum + collateral, state.own.collateral)
  if (pledged !== state.totalCollateral) return `collateral is ${pledged}, not ${state.totalCollateral}`
  const lent = [...state.lenders.values()].reduce((sum, shares) => sum + shares, state.own.assetShares)
  if (lent !== state.totalAsset.shares) return `shares of lenders are ${lent}, not ${state.totalAsset.shares}`
  return state.totalBorrow.amount > state.totalAsset.amount ? 'more is lent than there is' : undefined
}
