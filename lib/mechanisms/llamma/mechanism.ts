/** Curve's LLAMMA as a mechanism: loans that convert along bands by exchange, and the hard liquidation of what remains. Rules stand beside it. */
import {
  type AssetAmount,
  type Atoms,
  atoms,
  type Fact,
  fixedToNumber,
  type Health,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import { type Applied, type Completed, type Mechanism, wasRefused } from '../mechanism.ts'
import { applied, ensure, revert } from '../solidity.ts'
import { changeLoan, collectFees, createLoan, type LlammaFlow, liquidate, repay } from './controller.ts'
import { NO_DATA, WAD } from './exponential.ts'
import { slowly, sumXY } from './liquidity.ts'
import { debtOf, healthOf } from './loans.ts'
import { saveRate } from './policy.ts'
import { oraclePrice, upperPrice } from './price.ts'
import type { LlammaMarket, LlammaPolicy } from './state.ts'
import { exchange, type LlammaSell } from './swap.ts'

/** Markets by id. */
export type LlammaState = { readonly markets: Map<string, LlammaMarket> }

/**
 * What may be done. Amounts in the tokens' own units, fractions with 18 decimals; `by` who asks, the borrower where left out. `exchange`: `amount` in
 * for at least `bound`, or with `exact: 'out'` exactly `amount` out for at most `bound`. `save-rate` renews the inputs of an aggregate policy.
 */
export type LlammaAction =
  | {
      readonly do: 'create'
      readonly market: string
      readonly account: string
      readonly collateral: bigint
      readonly debt: bigint
      readonly bands: number
    }
  | {
      readonly do: 'borrow'
      readonly market: string
      readonly account: string
      readonly collateral: bigint
      readonly debt: bigint
    }
  | {
      readonly do: 'repay'
      readonly market: string
      readonly account: string
      readonly debt: bigint
      readonly by?: string | undefined
    }
  | {
      readonly do: 'add'
      readonly market: string
      readonly account: string
      readonly collateral: bigint
      readonly by?: string | undefined
    }
  | { readonly do: 'remove'; readonly market: string; readonly account: string; readonly collateral: bigint }
  | {
      readonly do: 'exchange'
      readonly market: string
      readonly sell: LlammaSell
      readonly amount: bigint
      readonly exact?: 'in' | 'out' | undefined
      readonly bound?: bigint | undefined
    }
  | {
      readonly do: 'liquidate'
      readonly market: string
      readonly account: string
      readonly by: string
      readonly fraction?: bigint | undefined
      readonly minimum?: bigint | undefined
    }
  | {
      readonly do: 'save-rate'
      readonly market: string
      readonly price?: bigint | undefined
      readonly pegKeeperDebt?: bigint | undefined
      readonly otherDebt?: bigint | undefined
    }
  | { readonly do: 'collect-fees'; readonly market: string }

/** Amounts at or above this leave the range in which the contract's products fit into 256 bits. */
const TOO_MUCH = 1n << 112n

/** Target id of an account in a market. */
export function llammaTarget(market: string, account: string): string {
  return `${market}/${account}`
}

/** The mechanism. Feeds answer with 18 decimals, stablecoin per collateral. Health lives on a curve in the price, so there is no exposure line. */
export const llamma: Mechanism<LlammaState, LlammaAction> = {
  id: 'llamma',
  targets,
  assess,
  offers,
  apply: (state, action, at) => asVyper(applied(() => act(state, action, at))),
  holdings,
}

/** Vyper reverts without data where Solidity panics. */
function asVyper(done: Applied): Applied {
  if (!wasRefused(done) || !done.refused.code.startsWith('Panic(')) return done
  return { refused: { ...done.refused, code: NO_DATA } }
}

function* targets(state: LlammaState): Iterable<string> {
  for (const [market, { loans }] of state.markets)
    for (const account of loans.keys()) yield llammaTarget(market, account)
}

type Sight = { readonly id: string; readonly account: string; readonly market: LlammaMarket; readonly owed: bigint }

function look(state: LlammaState, target: string, at: Moment): Sight | undefined {
  const cut = target.indexOf('/')
  const [id, account] = [target.slice(0, cut), target.slice(cut + 1)]
  const market = state.markets.get(id)
  if (!market?.loans.has(account) || BigInt(at.time) < market.rateTime) return undefined
  const seen = reverting(() => {
    oraclePrice(market, at)
    return { id, account, market, owed: debtOf(market, account, BigInt(at.time)) }
  })
  return seen && seen.owed > 0n ? seen : undefined
}

/** The value of a view, or nothing where the contract would revert. */
function reverting<T>(view: () => T): T | undefined {
  let value: T | undefined
  applied(() => {
    value = view()
    return { facts: [] }
  })
  return value
}

/** Backing: what a slow way down fetches, discounted, and while the bands are untouched the oracle's distance above them. Unit: the stablecoin's. */
function assess(state: LlammaState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { market, account, owed } = seen
  return reverting(() => {
    const discount = market.loans.get(account)?.liquidationDiscount ?? 0n
    const full = healthOf(market, account, owed, 'full', discount, at)
    const { price } = oraclePrice(market, at)
    const { x, y } = sumXY(market, account)
    const n1 = market.deposits.get(account)?.n1 ?? 0
    const up = n1 > market.activeBand ? upperPrice(market, n1, BigInt(at.time)) : price
    const above = price > up ? worth(market, y, price - up) : 0n
    const backing = (slowly(market, account, 'down', at) * (WAD - discount)) / WAD + above
    return { backing, required: owed, equity: x + worth(market, y, price) - owed, liquidatable: full < 0n }
  })
}

/** Collateral at a price, in the stablecoin's units, rounded down. */
function worth({ collateralPrecision, borrowedPrecision }: LlammaMarket, y: bigint, price: bigint): bigint {
  return (y * collateralPrecision * price) / (WAD * borrowedPrecision)
}

/** Whole and half hard liquidation. Soft liquidation is nobody's offer: it is what exchanges do to the bands. */
function offers(state: LlammaState, target: string, at: Moment): readonly Offer<LlammaAction>[] {
  const seen = look(state, target, at)
  if (!seen || !assess(state, target, at)?.liquidatable) return []
  return [WAD, WAD / 2n].flatMap((fraction) => {
    const action = {
      ...{ do: 'liquidate', market: seen.id, account: seen.account, by: 'anyone', fraction },
    } as const satisfies LlammaAction
    const done = llamma.apply({ markets: new Map([[seen.id, copyOf(seen.market)]]) }, action, at)
    if ('refused' in done) return []
    return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] } as const]
  })
}

function act(state: LlammaState, action: LlammaAction, at: Moment): Applied {
  const market = state.markets.get(action.market)
  if (!market) return revert('market not created', `there is no market ${action.market}`)
  checkAmounts(action)
  // An exchange reverts before it writes; everything else works on a copy.
  if (action.do === 'exchange') return trade(market, action, at)
  const copy = copyOf(market)
  const flow = change(copy, action, at)
  const done: Completed = {
    facts: action.do === 'liquidate' ? [factOf(market, action, flow)] : [],
    paid: amountsOf(market, flow.paid),
    received: amountsOf(market, flow.received),
    moved: flow.moved,
  }
  state.markets.set(action.market, copy)
  return done
}

function checkAmounts(action: LlammaAction): void {
  for (const [name, value] of Object.entries(action))
    if (typeof value === 'bigint') {
      ensure(value >= 0n, 'negative amount', `${name} ${value} is below 0`)
      ensure(value < TOO_MUCH, NO_DATA, `${name} ${value} is beyond 2^112`)
    }
}

type LoanAction = Exclude<LlammaAction, { do: 'exchange' }>

function change(market: LlammaMarket, action: LoanAction, at: Moment): LlammaFlow {
  const none: LlammaFlow = { paid: { x: 0n, y: 0n }, received: { x: 0n, y: 0n } }
  switch (action.do) {
    case 'create':
      return createLoan(market, action.account, action, at)
    case 'borrow':
      if (action.debt === 0n) return none
      return changeLoan(market, action.account, { ...action, by: action.account }, at)
    case 'add':
    case 'remove': {
      if (action.collateral === 0n) return none
      const by = action.do === 'add' ? (action.by ?? action.account) : action.account
      const collateral = action.do === 'add' ? action.collateral : -action.collateral
      return changeLoan(market, action.account, { collateral, debt: 0n, by }, at)
    }
    case 'repay':
      return repay(market, action.account, { debt: action.debt, by: action.by ?? action.account }, at)
    case 'liquidate':
      return liquidate(
        market,
        action.account,
        { fraction: action.fraction ?? WAD, minimum: action.minimum ?? 0n, by: action.by },
        at,
      )
    case 'collect-fees':
      return collectFees(market, at)
    case 'save-rate':
      renewInputs(market.policy, action)
      saveRate(market, BigInt(at.time))
      return none
  }
}

function renewInputs(policy: LlammaPolicy, inputs: Extract<LlammaAction, { do: 'save-rate' }>): void {
  if (policy.kind !== 'aggregate') return
  policy.price = inputs.price ?? policy.price
  policy.pegKeeperDebt = inputs.pegKeeperDebt ?? policy.pegKeeperDebt
  policy.otherDebt = inputs.otherDebt ?? policy.otherDebt
}

function trade(market: LlammaMarket, action: Extract<LlammaAction, { do: 'exchange' }>, at: Moment): Completed {
  const exact = action.exact ?? 'in'
  const bound = action.bound ?? (exact === 'in' ? 0n : TOO_MUCH)
  const { sold, bought, adminFee } = exchange(market, action.sell, exact, action.amount, bound, at)
  const pump = action.sell === 'borrowed'
  const [x, y] = pump ? [sold, bought] : [bought, sold]
  const size = fixedToNumber(y * market.collateralPrecision, 18)
  const spent = fixedToNumber(x * market.borrowedPrecision, 18)
  const fact: Fact = {
    type: 'trade',
    instrument: `llamma:${action.market}`,
    coin: market.collateral,
    taker: pump ? 'buy' : 'sell',
    size,
    price: size > 0 ? spent / size : 0,
    usd: undefined,
  }
  return {
    facts: size > 0 ? [fact] : [],
    paid: amountsOf(market, pump ? { x: sold, y: 0n } : { x: 0n, y: sold }),
    received: amountsOf(market, pump ? { x: 0n, y: bought } : { x: bought, y: 0n }),
    moved: { sold, bought, adminFee },
  }
}

function factOf(
  market: LlammaMarket,
  { market: id, account, by }: Extract<LlammaAction, { do: 'liquidate' }>,
  { moved = {} }: LlammaFlow,
): Fact {
  return {
    type: 'loan-liquidation',
    protocol: 'llamma',
    market: id,
    account,
    liquidator: by,
    repaid: { asset: market.borrowed, atoms: moved.debt ?? 0n },
    seized: { asset: market.collateral, atoms: moved.collateral ?? 0n },
    usd: undefined,
  }
}

function amountsOf(market: LlammaMarket, { x, y }: { readonly x: bigint; readonly y: bigint }): readonly AssetAmount[] {
  const both = [
    { asset: market.borrowed, atoms: atoms(x) },
    { asset: market.collateral, atoms: atoms(y) },
  ]
  return both.filter((one) => one.atoms > 0n)
}

/** A copy whose change leaves the original. */
function copyOf(market: LlammaMarket): LlammaMarket {
  const { policy } = market
  return {
    ...market,
    oracle: { ...market.oracle },
    policy:
      policy.kind === 'aggregate'
        ? { ...policy, ratio: { ...policy.ratio }, total: { ...policy.total }, own: { ...policy.own } }
        : policy,
    bandsX: new Map(market.bandsX),
    bandsY: new Map(market.bandsY),
    totalShares: new Map(market.totalShares),
    deposits: new Map(market.deposits),
    loans: new Map(market.loans),
  }
}

/** What the AMMs hold of each token, less the stablecoins that were lent and have not come back: those are owed to the outside. */
function holdings(state: LlammaState): ReadonlyMap<string, Atoms> {
  const held = new Map<string, Atoms>()
  const put = (asset: string, amount: bigint) => held.set(asset, atoms((held.get(asset) ?? 0n) + amount))
  for (const { borrowed, collateral, balanceX, balanceY, minted, redeemed } of state.markets.values()) {
    put(borrowed, balanceX - minted + redeemed)
    put(collateral, balanceY)
  }
  return held
}
