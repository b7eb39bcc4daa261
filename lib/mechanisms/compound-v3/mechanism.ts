/**
 * Compound III as a mechanism: one Comet with its accounts. Targets are the borrowers, and a sale for each collateral of which reserves hold some:
 * an absorption pays its caller nothing, the purchase of what was absorbed is where liquidators earn. Rules stand in `rules.ts`.
 */
import {
  type Atoms,
  type AuctionTaken,
  atoms,
  type Exposure,
  type Health,
  type Leg,
  type LoanLiquidation,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import type { Applied, Completed, Mechanism } from '../mechanism.ts'
import { applied } from '../solidity.ts'
import { supply, transfer, withdraw, withdrawReserves } from './actions.ts'
import {
  absorb,
  accrueComet,
  balanceOf,
  baseForCollateralDown,
  buyCollateral,
  type CometAbsorbed,
  type CometAccount,
  type CometPause,
  type CometPrice,
  type CometState,
  copyOfComet,
  isLiquidatable,
  readPrice,
} from './rules.ts'

/** What may be done. Amounts in atoms; 2^256 − 1 of base means all of it. */
export type CometAction =
  | { readonly do: 'accrue' }
  | { readonly do: 'supply' | 'withdraw'; readonly account: string; readonly asset: string; readonly amount: bigint }
  | {
      readonly do: 'transfer'
      readonly account: string
      readonly to: string
      readonly asset: string
      readonly amount: bigint
    }
  | { readonly do: 'absorb'; readonly accounts: readonly string[]; readonly liquidator?: string | undefined }
  | {
      readonly do: 'buy'
      readonly asset: string
      readonly minAmount: bigint
      readonly baseAmount: bigint
      readonly buyer?: string | undefined
    }
  | { readonly do: 'withdraw-reserves'; readonly amount: bigint }
  | { readonly do: 'pause'; readonly actions: readonly CometPause[] }

const SALE = 'sale/'
/** Comet values dollars with eight decimals. */
const USD = 1e8

/** Target id of the sale of a collateral. */
export function cometSale(asset: string): string {
  return `${SALE}${asset}`
}

/** The mechanism. Feeds answer in USD, 8 decimals; a missing feed and an answer of 0 or less are the contract's `BadPrice`. */
export const compoundV3: Mechanism<CometState, CometAction> = {
  id: 'compound-v3',
  targets,
  assess,
  offers,
  apply,
  exposure,
  holdings,
}

function pricesOf(at: Moment): CometPrice {
  return (feed) => at.price(feed) ?? 0n
}

function* targets(state: CometState): Iterable<string> {
  for (const [id, { principal }] of state.accounts) if (principal < 0n) yield id
  for (const { symbol } of state.config.assets) if (reserveOf(state, symbol) > 0n) yield cometSale(symbol)
}

function reserveOf(state: CometState, asset: string): bigint {
  return (state.held.get(asset) ?? 0n) - (state.owed.get(asset) ?? 0n)
}

/** An account as it stands at a moment: a state of its own, accrued. */
function look(
  state: CometState,
  target: string,
  at: Moment,
): { readonly accrued: CometState; readonly account: CometAccount } | undefined {
  const account = state.accounts.get(target)
  if (!account || BigInt(at.time) < state.lastAccrualTime) return undefined
  const accrued = { ...state }
  const done = applied(() => {
    accrueComet(accrued, BigInt(at.time))
    return { facts: [] }
  })
  return 'refused' in done ? undefined : { accrued, account }
}

/** Sides in USD, 8 decimals. The verdict reads prices as the contract does; the sides need all of them. */
function assess(state: CometState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { accrued, account } = seen
  const price = pricesOf(at)
  let health: Health | undefined
  applied(() => {
    const { base, assets } = accrued.config
    const owed = account.principal < 0n ? -balanceOf(accrued, account.principal) : 0n
    const required = owed === 0n ? 0n : (owed * readPrice(price, base.feed)) / base.scale
    let [backing, worth] = [0n, 0n]
    for (const asset of assets) {
      const amount = account.collateral.get(asset.symbol) ?? 0n
      if (amount === 0n) continue
      const value = (amount * readPrice(price, asset.feed)) / asset.scale
      worth += value
      backing += (value * asset.liquidateCollateralFactor) / 10n ** 18n
    }
    const liquidatable = isLiquidatable(accrued, account, price)
    health = { backing, required, equity: worth - required, liquidatable }
    return { facts: [] }
  })
  return health
}

function offers(state: CometState, target: string, at: Moment): readonly Offer<CometAction>[] {
  const action = target.startsWith(SALE) ? purchase(state, target.slice(SALE.length), at) : absorption(state, target)
  if (!action) return []
  const done = applied(() => run(copyOfComet(state, accountsOf(action)), action, at))
  if ('refused' in done) return []
  return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
}

function absorption(state: CometState, target: string): CometAction | undefined {
  const principal = state.accounts.get(target)?.principal ?? 0n
  return principal < 0n ? { do: 'absorb', accounts: [target] } : undefined
}

/** Everything that reserves hold of a collateral, for the most base whose quote does not exceed it. */
function purchase(state: CometState, asset: string, at: Moment): CometAction | undefined {
  const reserve = reserveOf(state, asset)
  let baseAmount = 0n
  applied(() => {
    baseAmount = reserve > 0n ? baseForCollateralDown(state, asset, reserve, pricesOf(at)) : 0n
    return { facts: [] }
  })
  return baseAmount > 0n ? { do: 'buy', asset, minAmount: 0n, baseAmount } : undefined
}

function accountsOf(action: CometAction): readonly string[] {
  if (action.do === 'absorb') return action.accounts
  if (action.do === 'transfer') return [action.account, action.to]
  return 'account' in action ? [action.account] : []
}

function apply(state: CometState, action: CometAction, at: Moment): Applied {
  const copy = copyOfComet(state, accountsOf(action))
  const done = applied(() => run(copy, action, at))
  if ('refused' in done) return done
  const { accounts, ...totals } = copy
  Object.assign(state, totals)
  for (const [id, account] of accounts) state.accounts.set(id, account)
  return done
}

/** Runs an action on a state that may be left half changed when it reverts. */
function run(state: CometState, action: CometAction, at: Moment): Completed {
  const price = pricesOf(at)
  const time = BigInt(at.time)
  const flow = (asset: string, amount: bigint) => [{ asset, atoms: atoms(amount) }]
  if (action.do === 'pause') {
    state.paused = [...action.actions]
    return { facts: [] }
  }
  if (action.do === 'supply') return { facts: [], paid: flow(action.asset, supply(state, action, time)) }
  if (action.do === 'withdraw') return { facts: [], received: flow(action.asset, withdraw(state, action, price, time)) }
  if (action.do === 'absorb') {
    const absorbed = absorb(state, action.accounts, price, time)
    return { facts: absorbed.map((one) => absorptionFact(state, one, action.liquidator)) }
  }
  if (action.do === 'buy') {
    const moved = buyCollateral(state, action, price, time)
    const base = state.config.base
    const usd = Number((moved.baseAmount * readPrice(price, base.feed)) / base.scale) / USD
    return {
      facts: [saleFact(state, action, moved.collateralAmount, usd)],
      paid: flow(base.symbol, moved.baseAmount),
      received: flow(action.asset, moved.collateralAmount),
      moved,
    }
  }
  if (action.do === 'withdraw-reserves') {
    withdrawReserves(state, action.amount, time)
    return { facts: [], received: flow(state.config.base.symbol, action.amount) }
  }
  if (action.do === 'transfer') transfer(state, action, price, time)
  else if (action.do === 'accrue') accrueComet(state, time)
  return { facts: [] }
}

/** One fact for an account, as the log counts it: its debt; what was seized is named when it is one asset. */
function absorptionFact(state: CometState, one: CometAbsorbed, liquidator: string | undefined): LoanLiquidation {
  const { base } = state.config
  const [first, ...others] = one.taken
  const seized: Leg =
    first && others.length === 0 ? { asset: first.asset, atoms: first.amount } : { asset: 'unknown', usd: worthOf(one) }
  return {
    type: 'loan-liquidation',
    protocol: 'compound-v3',
    market: `c${base.symbol}v3`,
    account: one.account,
    liquidator,
    repaid: { asset: base.symbol, atoms: one.basePaidOut },
    seized,
    usd: Number(one.usdValue) / USD,
    usdBasis: 'reported',
    badDebt: one.uncovered > 0n ? { asset: base.symbol, atoms: one.uncovered } : undefined,
  }
}

function worthOf({ taken }: CometAbsorbed): number {
  return taken.reduce((sum, { usdValue }) => sum + Number(usdValue) / USD, 0)
}

function saleFact(
  state: CometState,
  { asset, baseAmount, buyer }: Extract<CometAction, { do: 'buy' }>,
  collateralAmount: bigint,
  usd: number,
): AuctionTaken {
  const { base } = state.config
  return {
    type: 'auction-taken',
    protocol: 'compound-v3',
    market: `c${base.symbol}v3`,
    auction: cometSale(asset),
    taker: buyer,
    paid: { asset: base.symbol, atoms: baseAmount },
    bought: { asset, atoms: collateralAmount },
    usd,
    usdBasis: 'price-join',
  }
}

/** Collateral moves the backing, the base's price the debt. USD 8 decimals per unit of the feed. */
function exposure(state: CometState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { accrued, account } = seen
  const { base, assets } = accrued.config
  const owed = account.principal < 0n ? -balanceOf(accrued, account.principal) : 0n
  const slopes = [{ feed: base.feed, backing: 0, required: Number(owed) / Number(base.scale) }]
  for (const { symbol, feed, scale, liquidateCollateralFactor } of assets) {
    const amount = account.collateral.get(symbol) ?? 0n
    if (amount === 0n) continue
    const backing = (Number(amount) * Number(liquidateCollateralFactor)) / (Number(scale) * 1e18)
    slopes.push({ feed, backing, required: 0 })
  }
  return { slopes, constant: { backing: 0, required: 0 } }
}

/** Base and collateral that the contract holds. */
function holdings(state: CometState): ReadonlyMap<string, Atoms> {
  const { base, assets } = state.config
  return new Map([
    [base.symbol, atoms(state.baseBalance)],
    ...assets.map(({ symbol }): [string, Atoms] => [symbol, atoms(state.held.get(symbol) ?? 0n)]),
  ])
}
