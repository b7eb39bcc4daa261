/** Morpho Blue as a mechanism: markets and positions, the actions that move them, offers to liquidators. Rules stand in `rules.ts`. */
import {
  type Atoms,
  atoms,
  type Exposure,
  fixedToNumber,
  type Health,
  type LoanLiquidation,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import type { Applied, Mechanism } from '../mechanism.ts'
import { applied, ensure, sub, zeroFloorSub } from '../solidity.ts'
import {
  accrued,
  isHealthy,
  liquidation,
  type MorphoMarket,
  type MorphoPosition,
  maxBorrowDown,
  ORACLE_PRICE_SCALE,
  toAssetsUp,
  toSharesDown,
  toSharesUp,
  uint128,
} from './rules.ts'

/** Markets by id; positions by market id, then account. */
export type MorphoState = {
  readonly markets: Map<string, MorphoMarket>
  readonly positions: Map<string, Map<string, MorphoPosition>>
}

/** What may be done. In `liquidate` exactly one of `seizedAssets` and `repaidShares` is above zero. */
export type MorphoAction =
  | { readonly do: 'accrue'; readonly market: string }
  | {
      readonly do: 'supply' | 'withdraw' | 'supply-collateral' | 'withdraw-collateral' | 'borrow' | 'repay'
      readonly market: string
      readonly account: string
      readonly assets: bigint
    }
  | {
      readonly do: 'liquidate'
      readonly market: string
      readonly account: string
      readonly seizedAssets: bigint
      readonly repaidShares: bigint
      readonly liquidator?: string | undefined
    }

/** Target id of an account in a market. */
export function morphoTarget(market: string, account: string): string {
  return `${market}/${account}`
}

/** The mechanism. Feeds answer in Morpho's oracle scale; 0 is an answer, a missing feed is none. */
export const morphoBlue: Mechanism<MorphoState, MorphoAction> = {
  id: 'morpho-blue',
  targets,
  assess,
  offers,
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure,
  holdings,
}

function* targets(state: MorphoState): Iterable<string> {
  for (const [market, positions] of state.positions)
    for (const [account, { borrowShares }] of positions) if (borrowShares > 0n) yield morphoTarget(market, account)
}

/** A target as it stands at a moment: interest accrued, price read. */
type Sight = {
  readonly id: string
  readonly account: string
  readonly market: MorphoMarket
  readonly position: MorphoPosition
  readonly price: bigint
}

function look(state: MorphoState, target: string, at: Moment): Sight | undefined {
  const cut = target.indexOf('/')
  const [id, account] = [target.slice(0, cut), target.slice(cut + 1)]
  const stored = state.markets.get(id)
  const position = state.positions.get(id)?.get(account)
  if (!stored || stored.lastUpdate === 0n || !position || BigInt(at.time) < stored.lastUpdate) return undefined
  const price = at.price(stored.feed)
  if (price === undefined) return undefined
  return { id, account, market: accrued(stored, BigInt(at.time)).totals, position, price }
}

function assess(state: MorphoState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { market, position, price } = seen
  const required = toAssetsUp(position.borrowShares, market.totalBorrowAssets, market.totalBorrowShares)
  const backing = maxBorrowDown(position.collateral, price, market.lltv)
  const equity = (position.collateral * price) / ORACLE_PRICE_SCALE - required
  return { backing, required, equity, liquidatable: !isHealthy(market, position, price) }
}

/** One offer: repay everything, or as much as the collateral pays for; what the contract would take now. */
function offers(state: MorphoState, target: string, at: Moment): readonly Offer<MorphoAction>[] {
  const seen = look(state, target, at)
  if (!seen || seen.price === 0n || isHealthy(seen.market, seen.position, seen.price)) return []
  const { id, account, market, position, price } = seen
  for (const call of [
    { seizedAssets: 0n, repaidShares: position.borrowShares },
    { seizedAssets: position.collateral, repaidShares: 0n },
  ]) {
    let moved: ReturnType<typeof liquidation>['moved'] | undefined
    const tried = applied(() => {
      moved = liquidation(market, position, price, call).moved
      return { facts: [] }
    })
    if ('refused' in tried || !moved) continue
    const action: MorphoAction = { do: 'liquidate', market: id, account, ...call }
    return [
      {
        ...{ target, actor: 'anyone', action },
        pay: [{ asset: market.loan, atoms: atoms(moved.repaidAssets) }],
        receive: [{ asset: market.collateral, atoms: atoms(moved.seizedAssets) }],
      },
    ]
  }
  return []
}

function act(state: MorphoState, action: MorphoAction, at: Moment): Applied {
  const stored = state.markets.get(action.market)
  ensure(stored !== undefined && stored.lastUpdate !== 0n, 'market not created')
  if (action.do === 'liquidate')
    ensure((action.seizedAssets === 0n) !== (action.repaidShares === 0n), 'inconsistent input')
  const { totals, feeShares } = accrued(stored, BigInt(at.time))
  const moved = { ...totals }
  const account = action.do === 'accrue' ? undefined : action.account
  const position = account === undefined ? undefined : { ...positionOf(state, action.market, account) }
  const done: Done = position && action.do !== 'accrue' ? change(moved, position, action, at) : { facts: [] }
  Object.assign(stored, moved)
  if (account !== undefined && position) put(state, action.market, account, position)
  if (feeShares > 0n) {
    const fees = positionOf(state, action.market, stored.feeRecipient)
    put(state, action.market, stored.feeRecipient, { ...fees, supplyShares: fees.supplyShares + feeShares })
  }
  return done
}

type Done = Exclude<Applied, { refused: unknown }>
type AccountAction = Exclude<MorphoAction, { do: 'accrue' }>

/** Moves one account's position and the market's totals, both copies; what happened as facts. */
function change(market: MorphoMarket, position: MorphoPosition, action: AccountAction, at: Moment): Done {
  if (action.do === 'liquidate') return liquidate(market, position, action, priceOf(market, at))
  move(market, position, action)
  if (action.do === 'borrow' || action.do === 'withdraw-collateral')
    ensure(isHealthy(market, position, priceOf(market, at)), 'insufficient collateral')
  if (action.do === 'borrow' || action.do === 'withdraw')
    ensure(market.totalBorrowAssets <= market.totalSupplyAssets, 'insufficient liquidity')
  const asset = /collateral/.test(action.do) ? market.collateral : market.loan
  const flow = [{ asset, atoms: atoms(action.assets) }]
  return OUTWARD.has(action.do) ? { facts: [], received: flow } : { facts: [], paid: flow }
}

const OUTWARD: ReadonlySet<AccountAction['do']> = new Set(['withdraw', 'borrow', 'withdraw-collateral'])

function move(
  market: MorphoMarket,
  position: MorphoPosition,
  action: Exclude<AccountAction, { do: 'liquidate' }>,
): void {
  const { assets } = action
  if (action.do === 'supply-collateral') position.collateral = uint128(position.collateral + assets)
  else if (action.do === 'withdraw-collateral') position.collateral = sub(position.collateral, assets)
  else if (action.do === 'supply' || action.do === 'withdraw') {
    const { totalSupplyAssets, totalSupplyShares } = market
    const sign = action.do === 'supply' ? 1n : -1n
    const shares =
      sign * (action.do === 'supply' ? toSharesDown : toSharesUp)(assets, totalSupplyAssets, totalSupplyShares)
    position.supplyShares = unsigned(position.supplyShares + shares)
    market.totalSupplyShares = uint128(unsigned(totalSupplyShares + shares))
    market.totalSupplyAssets = uint128(unsigned(totalSupplyAssets + sign * assets))
  } else {
    const { totalBorrowAssets, totalBorrowShares } = market
    const sign = action.do === 'borrow' ? 1n : -1n
    const shares =
      sign * (action.do === 'borrow' ? toSharesUp : toSharesDown)(assets, totalBorrowAssets, totalBorrowShares)
    position.borrowShares = uint128(unsigned(position.borrowShares + shares))
    market.totalBorrowShares = uint128(unsigned(totalBorrowShares + shares))
    market.totalBorrowAssets = sign > 0n ? uint128(totalBorrowAssets + assets) : zeroFloorSub(totalBorrowAssets, assets)
    if (sign < 0n) market.excess = (market.excess ?? 0n) + zeroFloorSub(assets, totalBorrowAssets)
  }
}

function liquidate(
  market: MorphoMarket,
  position: MorphoPosition,
  action: Extract<MorphoAction, { do: 'liquidate' }>,
  price: bigint,
): Done {
  const done = liquidation(market, position, price, action)
  Object.assign(market, done.market)
  Object.assign(position, done.position)
  const { repaidAssets, seizedAssets, badDebtAssets } = done.moved
  const fact: LoanLiquidation = {
    type: 'loan-liquidation',
    protocol: 'morpho-blue',
    market: action.market,
    account: action.account,
    liquidator: action.liquidator,
    repaid: { asset: market.loan, atoms: repaidAssets },
    seized: { asset: market.collateral, atoms: seizedAssets },
    usd: undefined,
    badDebt: badDebtAssets > 0n ? { asset: market.loan, atoms: badDebtAssets } : undefined,
  }
  return {
    facts: [fact],
    paid: [{ asset: market.loan, atoms: atoms(repaidAssets) }],
    received: [{ asset: market.collateral, atoms: atoms(seizedAssets) }],
    moved: done.moved,
  }
}

function priceOf(market: MorphoMarket, at: Moment): bigint {
  const price = at.price(market.feed)
  ensure(price !== undefined, 'oracle', `the feed ${market.feed} gives no price`)
  return price
}

const unsigned = (value: bigint) => (value < 0n ? sub(0n, 1n) : value)

function positionOf(state: MorphoState, market: string, account: string): MorphoPosition {
  return state.positions.get(market)?.get(account) ?? { supplyShares: 0n, borrowShares: 0n, collateral: 0n }
}

function put(state: MorphoState, market: string, account: string, position: MorphoPosition): void {
  const positions = state.positions.get(market) ?? new Map<string, MorphoPosition>()
  positions.set(account, position)
  state.positions.set(market, positions)
}

/** Backing = collateral · price · LLTV; required = debt; float64, price in the feed's own scale. */
function exposure(state: MorphoState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { market, position } = seen
  const debt = toAssetsUp(position.borrowShares, market.totalBorrowAssets, market.totalBorrowShares)
  const backing = (Number(position.collateral) * fixedToNumber(market.lltv, 18)) / Number(ORACLE_PRICE_SCALE)
  return {
    slopes: [{ feed: market.feed, backing, required: 0 }],
    constant: { backing: 0, required: Number(debt) },
  }
}

/** Tokens that the contract holds: collateral, supplied but not borrowed loan assets, and what rounding left over. */
function holdings(state: MorphoState): ReadonlyMap<string, Atoms> {
  const held = new Map<string, Atoms>()
  const put = (asset: string, amount: bigint) => held.set(asset, atoms((held.get(asset) ?? 0n) + amount))
  for (const [id, market] of state.markets) {
    put(market.loan, market.totalSupplyAssets - market.totalBorrowAssets + (market.excess ?? 0n))
    for (const { collateral } of state.positions.get(id)?.values() ?? []) put(market.collateral, collateral)
  }
  return held
}
