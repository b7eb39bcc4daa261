/**
 * f(x) v2's rebalances, liquidations and redemptions with all their money: who pays (the stable pool and whoever pays it back, or the caller alone while
 * that pool is small), what the reserve adds, what the protocol keeps.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/{PoolManager,FxUSDBasePool,ReservePool}.sol`.
 */
import type { AssetAmount, Fact, Moment } from '../../model/index.ts'
import type { Completed } from '../mechanism.ts'
import { ensure, min, revert, sub } from '../solidity.ts'
import type { FxV2Action, FxV2ForcedAction, FxV2Payment } from './actions.ts'
import {
  bookCollateral,
  bookDebt,
  burnFxUsd,
  FX_V2_ASSETS,
  flow,
  keepStable,
  outsideFxUsd,
  payOut,
  scaleOf,
  stableScaleOf,
} from './books.ts'
import {
  type FxV2Struck,
  liquidateAll,
  liquidatePosition,
  rebalanceAll,
  rebalancePosition,
  rebalanceTick,
  redeemable,
  redeemTicks,
} from './pool.ts'
import { FEE, MIN_FORCED, MIN_REDEEM, scaleDown, scaleDownUp, scaleUp, WAD } from './rules.ts'
import type { FxV2Draft } from './state.ts'

/** What may be used: fxUSD and USDC. */
type Budget = { readonly fxUsd: bigint; readonly stable: bigint }

/** A rebalance or liquidation on the draft. */
export function force(draft: FxV2Draft, action: FxV2ForcedAction, at: Moment): Completed {
  const scale = scaleOf(draft, at)
  const stable = stableScaleOf(draft, at)
  const budget = budgetOf(draft, action.pay, stable)
  const most = budget.fxUsd + scaleUp(budget.stable, stable)
  const isLiquidation = action.do === 'liquidate' || action.do === 'liquidate-position'
  ensure(most >= MIN_FORCED, isLiquidation ? 'ErrorLiquidateDebtsTooSmall' : 'ErrorRebalanceDebtsTooSmall')
  const struck = strike(draft, action, most, scaleUp(draft.book.reserve, scale), at)
  const sum = (of: (one: FxV2Struck) => bigint) => struck.reduce((total, one) => total + of(one), 0n)
  const whole = {
    rawDebt: sum(({ rawDebt }) => rawDebt),
    rawColl: sum(({ rawColl }) => rawColl),
    bonus: sum(({ bonus }) => bonus),
  }
  const drawn = draw(
    draft,
    sum(({ fromReserve }) => fromReserve),
    scale,
  )
  const out = payOut(draft, whole, scale)
  ensure(out.colls >= (action.minColl ?? 0n), 'ErrorInsufficientOutput')
  const fxUsd = min(whole.rawDebt, budget.fxUsd)
  const usdc = whole.rawDebt > fxUsd ? scaleDownUp(whole.rawDebt - fxUsd, stable) : 0n
  const paid = settle(draft, action.pay, { fxUsd, usdc, rest: whole.rawDebt - fxUsd }, stable, at)
  return {
    facts: struck.filter(({ rawDebt, spread }) => rawDebt > 0n || spread > 0n).map((one) => factOf(one, scale)),
    ...{ paid, received: [flow('collateral', out.colls)] },
    moved: { ...whole, fxUsd, usdc, colls: out.colls, fee: out.fee, fromReserve: drawn },
  }
}

function budgetOf({ book, terms }: FxV2Draft, pay: FxV2Payment, stable: bigint): Budget {
  if (pay.from === 'own') {
    ensure(book.baseShares < terms.permissionedFrom, 'ErrorCallerNotFxUSDSave')
    return pay
  }
  const { baseFxUsd, baseStable } = book
  if (pay.most === undefined) return { fxUsd: baseFxUsd, stable: baseStable }
  const most = pay.token === 'fxUsd' ? pay.most : scaleUp(pay.most, stable)
  if (most < baseFxUsd) return { fxUsd: most, stable: 0n }
  return { fxUsd: baseFxUsd, stable: min(scaleDown(most - baseFxUsd, stable), baseStable) }
}

function strike(
  draft: FxV2Draft,
  action: FxV2ForcedAction,
  most: bigint,
  reserve: bigint,
  at: Moment,
): readonly FxV2Struck[] {
  const { calls } = draft.terms
  if (action.do === 'rebalance-tick') return rebalanceTick(draft, action.tick, most, at)
  const single = action.do === 'rebalance-position' || action.do === 'liquidate-position'
  if (single !== (calls === 'positions')) revert('no such function', `${action.do} is not among the calls on ${calls}`)
  if (action.do === 'rebalance-position') return rebalancePosition(draft, action.position, most, at)
  if (action.do === 'liquidate-position') return liquidatePosition(draft, action.position, most, reserve, at)
  if (action.do === 'rebalance') return rebalanceAll(draft, most, at)
  return liquidateAll(draft, most, reserve, at)
}

/** The reserve's part comes into the pool's books first. */
function draw(draft: FxV2Draft, raw: bigint, scale: bigint): bigint {
  if (raw === 0n) return 0n
  const tokens = scaleDown(raw, scale)
  const given = min(tokens, draft.book.reserve)
  draft.book.reserve -= given
  draft.book.tokens += given
  bookCollateral(draft, tokens, raw)
  return given
}

/** Burns fxUSD, keeps USDC, and takes from whoever came what that cost the stable pool. */
function settle(
  draft: FxV2Draft,
  pay: FxV2Payment,
  used: { readonly fxUsd: bigint; readonly usdc: bigint; readonly rest: bigint },
  stable: bigint,
  at: Moment,
): readonly AssetAmount[] {
  const { book } = draft
  if (used.usdc > 0n) keepStable(draft, used.usdc, used.rest, at)
  if (pay.from === 'own') {
    burnFxUsd(draft, used.fxUsd)
    return [flow('fxUsd', used.fxUsd), flow('stable', used.usdc)]
  }
  book.supply = sub(book.supply, used.fxUsd)
  book.baseFxUsd = sub(book.baseFxUsd, used.fxUsd)
  book.baseStable = sub(book.baseStable, used.usdc)
  const usd = used.fxUsd + scaleUp(used.usdc, stable)
  if (pay.token === 'fxUsd') {
    ensure(usd <= outsideFxUsd(book), 'ERC20InsufficientBalance', 'more fxUSD than stands outside of the protocol')
    book.baseFxUsd += usd
    return [flow('fxUsd', usd)]
  }
  const usdc = scaleDownUp(usd, stable)
  book.baseStable += usdc
  return [flow('stable', usdc)]
}

function factOf({ account, rawDebt, rawColl, bonus, spread }: FxV2Struck, scale: bigint): Fact {
  return {
    ...{ type: 'loan-liquidation', protocol: 'fx-v2', market: 'pool', account, usd: undefined },
    repaid: { asset: FX_V2_ASSETS.fxUsd, atoms: rawDebt },
    seized: { asset: FX_V2_ASSETS.collateral, atoms: scaleDown(rawColl + bonus, scale) },
    badDebt: spread > 0n ? { asset: FX_V2_ASSETS.fxUsd, atoms: spread } : undefined,
  }
}

/** A redemption on the draft: only what ticks gave up is burned. */
export function redeem(draft: FxV2Draft, action: Extract<FxV2Action, { do: 'redeem' }>, at: Moment): Completed {
  ensure(action.debt <= outsideFxUsd(draft.book), 'ErrorRedeemExceedBalance')
  ensure(action.debt >= MIN_REDEEM, 'ErrorRedeemDebtsTooSmall')
  ensure(redeemable(draft, at), 'ErrorRedeemNotAllowed')
  const struck = redeemTicks(draft, action.debt, at)
  const scale = scaleOf(draft, at)
  const rawColl = struck.reduce((sum, one) => sum + one.rawColl, 0n)
  const rawDebt = struck.reduce((sum, one) => sum + one.rawDebt, 0n)
  const whole = scaleDown(rawColl, scale)
  bookCollateral(draft, -whole, -rawColl)
  bookDebt(draft, -rawDebt)
  const fee = (whole * draft.terms.fees.redeem) / FEE
  draft.book.feesKept += fee
  const colls = whole - fee
  ensure(colls >= (action.minColl ?? 0n), 'ErrorInsufficientRedeemedCollateral')
  draft.book.tokens = sub(draft.book.tokens, colls)
  burnFxUsd(draft, rawDebt)
  return {
    ...{ facts: [], paid: [flow('fxUsd', rawDebt)], received: [flow('collateral', colls)] },
    moved: { rawDebt, rawColl, colls, fee },
  }
}

/** Takes funding, yield and fees out of the manager. */
export function harvest(draft: FxV2Draft, at: Moment): Completed {
  const { book } = draft
  const scale = scaleOf(draft, at)
  const raw = (book.collShares * (1n << 96n)) / book.collIndex
  let [funding, rewards] = [0n, 0n]
  if (book.rawCollateral > raw) {
    funding = scaleDown(book.rawCollateral - raw, scale)
    bookCollateral(draft, -funding, raw - book.rawCollateral)
  }
  const now = scaleUp(book.collateral, scale)
  if (now > book.rawCollateral) {
    rewards = scaleDown(now - book.rawCollateral, scale)
    bookCollateral(draft, -rewards, 0n)
  }
  const fees = book.feesKept
  const all = funding + rewards + fees
  book.feesKept = 0n
  book.tokens = sub(book.tokens, all)
  return { facts: [], received: [flow('collateral', all)], moved: { funding, rewards, fees } }
}

/** Burns fxUSD for everybody's debt: at most a tenth of it at once. */
export function reduceDebt(draft: FxV2Draft, amount: bigint): Completed {
  const { book } = draft
  burnFxUsd(draft, amount)
  const raw = (book.debtShares * book.debtIndex) >> 96n
  ensure(amount * 10n <= raw && book.debtShares > 0n, 'ErrorReduceTooMuchDebt')
  book.debtIndex = sub(book.debtIndex, (amount << 96n) / book.debtShares)
  bookDebt(draft, -amount)
  return { facts: [], paid: [flow('fxUsd', amount)] }
}

/** Fee of what leaves the stable pool at once, wad. */
export function lessInstantFee(amount: bigint, fee: bigint): bigint {
  return amount - (amount * fee) / WAD
}
