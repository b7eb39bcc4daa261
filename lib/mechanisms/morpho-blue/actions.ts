/** Morpho Blue's actions, check by check in the contract's order (`src/Morpho.sol`): each completes or reverts. */
import { atoms, type LoanLiquidation, type Moment } from '../../model/index.ts'
import type { Completed } from '../mechanism.ts'
import { add, ensure, sub, zeroFloorSub } from '../solidity.ts'
import {
  add128,
  borrowRate,
  isHealthy,
  liquidation,
  type MorphoMarket,
  type MorphoPosition,
  sub128,
  toAssetsDown,
  toAssetsUp,
  toSharesDown,
  toSharesUp,
  uint128,
  WAD,
} from './rules.ts'
import {
  created,
  draftOf,
  MORPHO_NOBODY,
  type MorphoAction,
  type MorphoCollateralAction,
  type MorphoDraft,
  type MorphoLiquidateAction,
  type MorphoLoanAction,
  type MorphoOwnerAction,
  type MorphoState,
  newMorphoMarket,
} from './state.ts'

/** Largest share of interest that may be a fee: 25 %. */
export const MORPHO_MAX_FEE = WAD / 4n

/** Does an action, or reverts with the state untouched. */
export function actMorpho(state: MorphoState, action: MorphoAction, at: Moment): Completed {
  const time = BigInt(at.time)
  switch (action.do) {
    case 'accrue':
      draftOf(state, action.market, time).commit()
      return { facts: [] }
    case 'supply':
    case 'withdraw':
    case 'borrow':
    case 'repay': {
      created(state, action.market)
      const { assets = 0n, shares = 0n } = action
      ensure((assets === 0n) !== (shares === 0n), 'inconsistent input')
      if (action.do === 'supply' || action.do === 'repay') ensureSomebody(action.account)
      return committed(draftOf(state, action.market, time), (draft) => lend(draft, action, at))
    }
    case 'supply-collateral':
    case 'withdraw-collateral': {
      created(state, action.market)
      ensure(action.assets !== 0n, 'zero assets')
      if (action.do === 'supply-collateral') ensureSomebody(action.account)
      // Adding collateral is the one action that accrues nothing.
      const draft = draftOf(state, action.market, action.do === 'supply-collateral' ? undefined : time)
      return committed(draft, () => moveCollateral(draft, action, at))
    }
    case 'liquidate':
      created(state, action.market)
      ensure((action.seizedAssets === 0n) !== (action.repaidShares === 0n), 'inconsistent input')
      return committed(draftOf(state, action.market, time), (draft) => liquidate(draft, action, at))
    default:
      return administer(state, action, time)
  }
}

function committed(draft: MorphoDraft, action: (draft: MorphoDraft) => Completed): Completed {
  const done = action(draft)
  draft.commit()
  return done
}

function ensureSomebody(account: string): void {
  ensure(account !== MORPHO_NOBODY, 'zero address')
}

/** The price a market reads. An oracle that does not answer stops the action. */
export function morphoPrice(feed: string, at: Moment): bigint {
  const price = at.price(feed)
  ensure(price !== undefined, 'oracle', `the feed ${feed} gives no price`)
  return price
}

function ensureHealthy(market: MorphoMarket, position: MorphoPosition, at: Moment): void {
  // Without debt the oracle is not asked, so a broken one locks nobody's collateral.
  if (position.borrowShares === 0n) return
  ensure(isHealthy(market, position, morphoPrice(market.feed, at)), 'insufficient collateral')
}

/** The four loan actions on a draft: the side that is not given follows from the other, rounded against the account. */
export function lend(draft: MorphoDraft, action: MorphoLoanAction, at: Moment): Completed {
  const { market } = draft
  const position = draft.position(action.account)
  const ofDebt = action.do === 'borrow' || action.do === 'repay'
  const { assets, shares } = ofDebt
    ? sidesOf(action, market.totalBorrowAssets, market.totalBorrowShares)
    : sidesOf(action, market.totalSupplyAssets, market.totalSupplyShares)
  if (action.do === 'supply') {
    position.supplyShares = add(position.supplyShares, shares)
    market.totalSupplyShares = add128(market.totalSupplyShares, shares)
    market.totalSupplyAssets = add128(market.totalSupplyAssets, assets)
  } else if (action.do === 'withdraw') {
    position.supplyShares = sub(position.supplyShares, shares)
    market.totalSupplyShares = sub128(market.totalSupplyShares, shares)
    market.totalSupplyAssets = sub128(market.totalSupplyAssets, assets)
  } else if (action.do === 'borrow') {
    position.borrowShares = add128(position.borrowShares, shares)
    market.totalBorrowShares = add128(market.totalBorrowShares, shares)
    market.totalBorrowAssets = add128(market.totalBorrowAssets, assets)
    ensureHealthy(market, position, at)
  } else {
    position.borrowShares = sub128(position.borrowShares, shares)
    market.totalBorrowShares = sub128(market.totalBorrowShares, shares)
    // A repayment rounds up and may exceed the total by one: the contract keeps it, and owes it to nobody.
    const excess = zeroFloorSub(assets, market.totalBorrowAssets)
    if (excess > 0n) market.excess = (market.excess ?? 0n) + excess
    market.totalBorrowAssets = uint128(zeroFloorSub(market.totalBorrowAssets, assets))
  }
  const outward = action.do === 'borrow' || action.do === 'withdraw'
  if (outward) ensure(market.totalBorrowAssets <= market.totalSupplyAssets, 'insufficient liquidity')
  const flow = [{ asset: market.loan, atoms: atoms(assets) }]
  return { facts: [], ...(outward ? { received: flow } : { paid: flow }), moved: { assets, shares } }
}

function sidesOf(
  { do: verb, assets = 0n, shares = 0n }: MorphoLoanAction,
  totalAssets: bigint,
  totalShares: bigint,
): { readonly assets: bigint; readonly shares: bigint } {
  // What the account gives is worth fewer shares or costs more assets; what it takes, the other way round.
  const gives = verb === 'supply' || verb === 'repay'
  if (assets > 0n) return { assets, shares: (gives ? toSharesDown : toSharesUp)(assets, totalAssets, totalShares) }
  return { shares, assets: (gives ? toAssetsUp : toAssetsDown)(shares, totalAssets, totalShares) }
}

/** Collateral in or out of a draft. */
export function moveCollateral(draft: MorphoDraft, action: MorphoCollateralAction, at: Moment): Completed {
  const { market } = draft
  const position = draft.position(action.account)
  const flow = [{ asset: market.collateral, atoms: atoms(action.assets) }]
  if (action.do === 'supply-collateral') {
    position.collateral = add128(position.collateral, action.assets)
    return { facts: [], paid: flow }
  }
  position.collateral = sub128(position.collateral, action.assets)
  ensureHealthy(market, position, at)
  return { facts: [], received: flow }
}

function liquidate(draft: MorphoDraft, action: MorphoLiquidateAction, at: Moment): Completed {
  const { market } = draft
  const position = draft.position(action.account)
  const done = liquidation(market, position, morphoPrice(market.feed, at), action)
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

function administer(state: MorphoState, action: MorphoOwnerAction, time: bigint): Completed {
  switch (action.do) {
    case 'create-market':
      createMarket(state, action.market, newMorphoMarket(action.params, time))
      break
    case 'enable-lltv':
      state.enabled ??= { lltvs: [], rateModels: [] }
      ensure(!state.enabled.lltvs.includes(action.lltv), 'already set')
      ensure(action.lltv < WAD, 'max LLTV exceeded')
      state.enabled.lltvs.push(action.lltv)
      break
    case 'enable-rate-model':
      state.enabled ??= { lltvs: [], rateModels: [] }
      ensure(!state.enabled.rateModels.includes(action.kind), 'already set')
      state.enabled.rateModels.push(action.kind)
      break
    case 'set-fee': {
      ensure(created(state, action.market).fee !== action.fee, 'already set')
      ensure(action.fee <= MORPHO_MAX_FEE, 'max fee exceeded')
      // What accrued until now is charged by the old fee.
      const draft = draftOf(state, action.market, time)
      draft.market.fee = action.fee
      draft.commit()
      break
    }
    case 'set-fee-recipient':
      ensure(action.account !== state.feeRecipient, 'already set')
      state.feeRecipient = action.account
  }
  return { facts: [] }
}

function createMarket(state: MorphoState, id: string, market: MorphoMarket): void {
  const { lltv, rateModel, lastUpdate } = market
  ensure(state.enabled?.rateModels.includes(rateModel.kind) ?? true, 'IRM not enabled')
  ensure(state.enabled?.lltvs.includes(lltv) ?? lltv < WAD, 'LLTV not enabled')
  ensure((state.markets.get(id)?.lastUpdate ?? 0n) === 0n, 'market already created')
  // A rate model is asked once at the start, so that one with a memory begins it.
  state.markets.set(id, { ...market, rateModel: borrowRate(market, lastUpdate).rateModel })
}
