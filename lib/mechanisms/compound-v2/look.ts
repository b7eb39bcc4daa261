/** How an account of Compound v2 or Venus stands: its health with interest to now, whether a call would be accepted, what to offer, its line. */
import type { Exposure, Moment, Offer } from '../../model/index.ts'
import type { Applied } from '../mechanism.ts'
import { applied, min, unlessReverted } from '../solidity.ts'
import { copyOfCompound, isForced, isPaused } from './liquidate.ts'
import type { CompoundAction } from './mechanism.ts'
import {
  accountLiquidity,
  accountSums,
  accrueMarket,
  blockAt,
  borrowBalance,
  type CompoundMarket,
  type CompoundPosition,
  type CompoundPrice,
  type CompoundState,
  exchangeRate,
  maxClose,
  mulWad,
  seizeTokens,
  WAD,
  weightOf,
} from './rules.ts'

/** An account with all of its markets accrued. Values USD wad; `required` is at least 1 where anything is owed. */
export type CompoundSight = {
  readonly block: bigint
  readonly accrued: CompoundState
  readonly backing: bigint
  readonly required: bigint
  readonly equity: bigint
}

/** Looks at an account; `undefined`: no such account, a price is missing (0), a market cannot accrue, or the time lies before its last accrual. */
export function compoundSight(
  state: CompoundState,
  account: string,
  price: CompoundPrice,
  time: bigint,
): CompoundSight | undefined {
  const positions = state.accounts.get(account)
  if (!positions) return undefined
  let seen: CompoundSight | undefined
  applied(() => {
    const block = blockAt(state.clock, time)
    const accrued = withAccrued(state, account, block, (position) => inUse(position))
    const { error, collateral, borrows } = accountSums(accrued, account, price, 'liquidation')
    if (error !== 0n) return { facts: [] }
    const equity = worthOf(accrued, positions, price) - borrows
    // A debt of dust is worth 0 in wad; it is a debt still, and Venus lets it be liquidated where a market is forced.
    const owes = debtsOf(accrued, account).length > 0
    seen = { block, accrued, backing: collateral, required: owes && borrows === 0n ? 1n : borrows, equity }
    return { facts: [] }
  })
  return seen
}

const inUse = ({ tokens, borrowPrincipal }: CompoundPosition) => tokens > 0n || borrowPrincipal > 0n

function worthOf(state: CompoundState, positions: Map<string, CompoundPosition>, price: CompoundPrice): bigint {
  let worth = 0n
  for (const [asset, market] of state.markets) {
    const position = positions.get(asset)
    if (position?.entered) worth += mulWad(price(market.feed), mulWad(exchangeRate(market), position.tokens))
  }
  return worth
}

/** The state of one account with those markets accrued that are wanted; the others stay stale, as the contracts leave them. */
function withAccrued(
  state: CompoundState,
  account: string,
  block: bigint,
  wanted: (position: CompoundPosition, asset: string) => boolean,
): CompoundState {
  const positions = state.accounts.get(account) ?? new Map<string, CompoundPosition>()
  const markets = new Map<string, CompoundMarket>()
  for (const [asset, market] of state.markets) {
    const position = positions.get(asset)
    if (!position || !wanted(position, asset)) {
      markets.set(asset, market)
      continue
    }
    const copy = { ...market }
    accrueMarket(copy, block, state.rules)
    markets.set(asset, copy)
  }
  return { ...state, markets, accounts: new Map([[account, positions]]) }
}

/**
 * Whether some liquidation of an account would be accepted now. A call accrues its two markets only, so each pair of a debt and a collateral is
 * asked; first the account at its worst (debts accrued, collateral stale), which settles it for the healthy.
 */
export function isCompoundLiquidatable(
  state: CompoundState,
  account: string,
  price: CompoundPrice,
  block: bigint,
): boolean {
  const debts = debtsOf(state, account)
  if (debts.some((asset) => isForced(state, marketOf(state, asset)))) return true
  if (!couldBeShort(state, account, price, block)) return false
  return debts.some((debt) =>
    [...state.markets.keys()].some((collateral) => pairShortfall(state, account, debt, collateral, price, block)),
  )
}

function couldBeShort(state: CompoundState, account: string, price: CompoundPrice, block: bigint): boolean {
  const fresh = withAccrued(state, account, block, inUse)
  const owed = accountSums(fresh, account, price, 'liquidation')
  const backed = accountSums(state, account, price, 'liquidation')
  return owed.error === 0n && owed.borrows > backed.collateral
}

function pairShortfall(
  state: CompoundState,
  account: string,
  debt: string,
  collateral: string,
  price: CompoundPrice,
  block: bigint,
): boolean {
  // A market that cannot accrue refuses every call that names it.
  const seen = unlessReverted(() => {
    const pair = withAccrued(state, account, block, (_, asset) => asset === debt || asset === collateral)
    return accountLiquidity(pair, account, price)
  })
  return seen !== undefined && seen.error === 0n && seen.shortfall > 0n
}

function debtsOf(state: CompoundState, account: string): readonly string[] {
  const positions = state.accounts.get(account) ?? new Map<string, CompoundPosition>()
  return [...positions].filter(([, { borrowPrincipal }]) => borrowPrincipal > 0n).map(([asset]) => asset)
}

function marketOf(state: CompoundState, asset: string): CompoundMarket {
  return state.markets.get(asset) as CompoundMarket
}

type Try = (slice: CompoundState, action: CompoundAction) => Applied

/**
 * One offer for each debt and collateral of an account that the contract would accept: the most that close factor and collateral allow, redeemed
 * at once, or kept as market tokens where the market lacks the cash (then nothing is received).
 */
export function offersOf(
  state: CompoundState,
  account: string,
  at: Moment,
  price: CompoundPrice,
  attempt: Try,
): readonly Offer<CompoundAction>[] {
  const seen = compoundSight(state, account, price, BigInt(at.time))
  const positions = state.accounts.get(account)
  if (!seen || !positions || !isCompoundLiquidatable(state, account, price, seen.block)) return []
  const found: Offer<CompoundAction>[] = []
  for (const debt of debtsOf(state, account))
    for (const [collateral, { tokens, entered }] of positions) {
      if (tokens === 0n || (state.rules === 'venus-core' && !entered)) continue
      const repayAmount = mostRepayable(seen.accrued, account, debt, collateral, price)
      if (repayAmount === 0n) continue
      const call = { do: 'liquidate', account, borrowMarket: debt, collateralMarket: collateral, repayAmount } as const
      const offer = [true, false].map((now) => offerOf(state, account, { ...call, redeem: now }, attempt)).find(Boolean)
      if (offer) found.push(offer)
    }
  return found
}

function offerOf(
  state: CompoundState,
  target: string,
  action: Extract<CompoundAction, { do: 'liquidate' }>,
  attempt: Try,
): Offer<CompoundAction> | undefined {
  const done = applied(() => attempt(copyOfCompound(state, [target]), action))
  if ('refused' in done) return undefined
  return { target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }
}

/** The most of a debt that one call may repay, given the collateral: what the seizure can still pay for, rounded down. */
function mostRepayable(
  accrued: CompoundState,
  account: string,
  debt: string,
  collateral: string,
  price: CompoundPrice,
): bigint {
  const borrowed = marketOf(accrued, debt)
  const positions = accrued.accounts.get(account)
  const owed = borrowBalance(borrowed, positions?.get(debt))
  if (isPaused(borrowed, 'liquidate')) return 0n
  const most = isForced(accrued, borrowed) ? owed : maxClose(accrued, owed)
  const seizable = positions?.get(collateral)?.tokens ?? 0n
  let perAtom = 0n
  applied(() => {
    perAtom = seizeTokens(borrowed, marketOf(accrued, collateral), WAD, price)
    return { facts: [] }
  })
  // floor(perAtom · repaid / 1e18) ≤ tokens
  return perAtom === 0n ? 0n : min(most, ((seizable + 1n) * WAD - 1n) / perAtom)
}

/** The straight line of an accrued account: market tokens and debts are fixed, each price moves its own market. USD per unit of mantissa, wad. */
export function compoundLine(accrued: CompoundState, account: string): Exposure {
  const slopes: { feed: string; backing: number; required: number }[] = []
  for (const [asset, market] of accrued.markets) {
    const position = accrued.accounts.get(account)?.get(asset)
    if (!position?.entered || !inUse(position)) continue
    const factor = mulWad(weightOf(accrued, market, 'liquidation'), exchangeRate(market))
    const required = Number(borrowBalance(market, position)) / 1e18
    slopes.push({ feed: market.feed, backing: (Number(factor) * Number(position.tokens)) / 1e36, required })
  }
  return { slopes, constant: { backing: 0, required: 0 } }
}
