/**
 * Compound v2 and Venus core as mechanisms: the same bones with two rule books. Rules stand in `rules.ts`, user actions in `actions.ts`, the
 * liquidation in `liquidate.ts`. Accounts hold market tokens inside the state, so that only underlying comes and goes: a liquidator who also
 * redeems what was seized (`redeem`) does both calls in one transaction.
 */
import { type Atoms, atoms, type Exposure, type Health, type Moment } from '../../model/index.ts'
import type { Applied, Mechanism } from '../mechanism.ts'
import { applied, revert } from '../solidity.ts'
import {
  borrow,
  type CompoundSetting,
  type CompoundUse,
  enterMarket,
  exitMarket,
  govern,
  mint,
  redeem,
  repay,
} from './actions.ts'
import { accrueBoth, copyOfCompound, liquidateBorrow } from './liquidate.ts'
import { compoundLine, compoundSight, isCompoundLiquidatable, offersOf } from './look.ts'
import { accrueMarket, blockAt, type CompoundPrice, type CompoundRules, type CompoundState, mulWad } from './rules.ts'

/** What may be done. Amounts in underlying atoms, `tokens` in the market's own; repaying 2^256 − 1 repays everything. */
export type CompoundAction =
  | { readonly do: 'accrue'; readonly market: string }
  | {
      readonly do: 'mint' | 'borrow' | 'repay' | 'redeem-underlying'
      readonly account: string
      readonly market: string
      readonly amount: bigint
    }
  | { readonly do: 'redeem'; readonly account: string; readonly market: string; readonly tokens: bigint }
  | { readonly do: 'enter' | 'exit'; readonly account: string; readonly market: string }
  | {
      readonly do: 'liquidate'
      readonly account: string
      readonly borrowMarket: string
      readonly collateralMarket: string
      readonly repayAmount: bigint
      readonly liquidator?: string | undefined
      /** The liquidator redeems what he seized at once. */
      readonly redeem?: boolean | undefined
    }
  | { readonly do: 'govern'; readonly setting: CompoundSetting }

/** Who liquidates when nobody is named. */
export const COMPOUND_LIQUIDATOR = 'liquidator'

/** Compound v2. Feeds answer in oracle mantissas: USD · 1e(36 − underlying decimals); a missing feed is price 0, the contract's "no price". */
export const compoundV2: Mechanism<CompoundState, CompoundAction> = compoundMechanism('compound-v2')

/** A mechanism over one of the two rule books; the state names its own. */
export function compoundMechanism(id: CompoundRules): Mechanism<CompoundState, CompoundAction> {
  return { id, targets, assess, offers, apply, exposure, holdings }
}

/** Oracle mantissas of a moment, as the contracts read them. */
export function compoundPrices(at: Moment): CompoundPrice {
  return (feed) => {
    const answer = at.price(feed)
    return answer === undefined || answer < 0n ? 0n : answer
  }
}

function* targets(state: CompoundState): Iterable<string> {
  for (const [account, positions] of state.accounts)
    if ([...positions.values()].some(({ borrowPrincipal }) => borrowPrincipal > 0n)) yield account
}

/**
 * Backing and required with all of the account's markets accrued, USD wad; the verdict is the contract's own comparison: whether some call
 * would be accepted now, which accrues the two markets it names and no other.
 */
function assess(state: CompoundState, target: string, at: Moment): Health | undefined {
  const price = compoundPrices(at)
  const seen = compoundSight(state, target, price, BigInt(at.time))
  if (!seen) return undefined
  const { backing, required, equity } = seen
  return { backing, required, equity, liquidatable: isCompoundLiquidatable(state, target, price, seen.block) }
}

function exposure(state: CompoundState, target: string, at: Moment): Exposure | undefined {
  const seen = compoundSight(state, target, compoundPrices(at), BigInt(at.time))
  return seen && compoundLine(seen.accrued, target)
}

function offers(state: CompoundState, target: string, at: Moment) {
  return offersOf(state, target, at, compoundPrices(at), (slice, action) => run(slice, action, at))
}

/** Venus refuses some calls by a code and keeps the interest that they accrued first; every other refusal leaves no trace. */
function apply(state: CompoundState, action: CompoundAction, at: Moment): Applied {
  const slice = copyOfCompound(state, accountsOf(action))
  const done = applied(() => run(slice, action, at))
  if (!('refused' in done)) commit(state, slice)
  else if (done.refused.code.startsWith('Failure(')) {
    const accrual = copyOfCompound(state, [])
    const kept = applied(() => {
      accrueTouched(accrual, action, blockAt(state.clock, BigInt(at.time)))
      return { facts: [] }
    })
    if (!('refused' in kept)) commit(state, accrual)
  }
  return done
}

/** What a call accrues before it can be refused by a code: both markets of a liquidation, and the one whose reserve factor is set. */
function accrueTouched(state: CompoundState, action: CompoundAction, block: bigint): void {
  if (action.do === 'liquidate') accrueBoth(state, callOf(action), block)
  if (action.do !== 'govern' || action.setting.set !== 'reserve-factor') return
  const market = state.markets.get(action.setting.market)
  if (market) accrueMarket(market, block, state.rules)
}

function accountsOf(action: CompoundAction): readonly string[] {
  if (action.do === 'accrue' || action.do === 'govern') return []
  return action.do === 'liquidate' ? [action.account, callOf(action).liquidator] : [action.account]
}

function commit(state: CompoundState, slice: CompoundState): void {
  state.closeFactor = slice.closeFactor
  for (const [asset, market] of slice.markets) state.markets.set(asset, market)
  for (const [id, positions] of slice.accounts) state.accounts.set(id, positions)
}

function callOf(action: Extract<CompoundAction, { do: 'liquidate' }>) {
  const { account: borrower, liquidator = COMPOUND_LIQUIDATOR, borrowMarket, collateralMarket, repayAmount } = action
  return { borrower, liquidator, borrowMarket, collateralMarket, repayAmount }
}

/** Runs an action on a state that may be left half changed when it reverts. */
function run(state: CompoundState, action: CompoundAction, at: Moment): Applied {
  const price = compoundPrices(at)
  const block = blockAt(state.clock, BigInt(at.time))
  if (action.do === 'govern') {
    govern(state, action.setting, price, block)
    return { facts: [] }
  }
  if (action.do === 'liquidate') return liquidation(state, action, price, block)
  if (action.do === 'accrue') {
    accrueMarket(state.markets.get(action.market) ?? revert('market not listed'), block, state.rules)
    return { facts: [] }
  }
  const use: CompoundUse = { account: action.account, market: action.market, price, block }
  const flow = (amount: bigint) => [{ asset: action.market, atoms: atoms(amount) }]
  if (action.do === 'mint') {
    const tokens = mint(state, use, action.amount)
    return { facts: [], paid: flow(action.amount), moved: { tokens } }
  }
  if (action.do === 'repay') return { facts: [], paid: flow(repay(state, use, action.amount)) }
  if (action.do === 'borrow') {
    borrow(state, use, action.amount)
    return { facts: [], received: flow(action.amount) }
  }
  if (action.do === 'redeem') return { facts: [], received: flow(redeem(state, use, { tokens: action.tokens })) }
  if (action.do === 'redeem-underlying')
    return { facts: [], received: flow(redeem(state, use, { amount: action.amount })) }
  if (action.do === 'enter') enterMarket(state, action.account, action.market)
  else exitMarket(state, use)
  return { facts: [] }
}

/** The market token of an asset: `cETH`, `vETH`. */
export function compoundTokenOf(rules: CompoundRules, asset: string): string {
  return `${rules === 'venus-core' ? 'v' : 'c'}${asset}`
}

const TOKEN_DECIMALS = 8

function liquidation(
  state: CompoundState,
  action: Extract<CompoundAction, { do: 'liquidate' }>,
  price: CompoundPrice,
  block: bigint,
): Applied {
  const call = callOf(action)
  const moved = liquidateBorrow(state, call, price, block)
  const { borrower: account, liquidator, borrowMarket, collateralMarket, repayAmount } = call
  let redeemed: bigint | undefined
  if (action.redeem && moved.liquidatorTokens > 0n) {
    const use = { account: liquidator, market: collateralMarket, price, block }
    redeemed = redeem(state, use, { tokens: moved.liquidatorTokens })
  }
  const { rules } = state
  const feed = state.markets.get(borrowMarket)?.feed
  const usd = feed === undefined ? undefined : Number(mulWad(price(feed), repayAmount)) / 1e18
  return {
    facts: [
      {
        type: 'loan-liquidation',
        protocol: rules === 'venus-core' ? 'venus' : 'compound-v2',
        market: compoundTokenOf(rules, borrowMarket),
        account,
        liquidator,
        repaid: { asset: borrowMarket, atoms: repayAmount },
        seized: { asset: compoundTokenOf(rules, collateralMarket), atoms: moved.seizeTokens, decimals: TOKEN_DECIMALS },
        usd,
        usdBasis: 'price-join',
      },
    ],
    paid: [{ asset: borrowMarket, atoms: atoms(repayAmount) }],
    received: redeemed === undefined ? [] : [{ asset: collateralMarket, atoms: atoms(redeemed) }],
    moved: { ...moved, redeemed: redeemed ?? 0n },
  }
}

/** The cash of each market. Market tokens are claims inside the state, debts are owed to it: neither is held. */
function holdings(state: CompoundState): ReadonlyMap<string, Atoms> {
  return new Map([...state.markets].map(([asset, { cash }]) => [asset, atoms(cash)]))
}
