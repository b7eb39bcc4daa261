/**
 * Kamino (klend) as a mechanism: a market's reserves and obligations, lending and borrowing, liquidation for all its reasons, deleveraging, bad debt
 * that the lenders bear. Rules stand in `market.ts`, `obligation.ts`, `liquidation.ts`, `actions.ts`.
 *
 * A liquidation may be due although the loan-to-value is within its bound (deleveraging, maturity, term): `liquidatable` says so, backing and required
 * do not. Reserves and the obligation are refreshed at the moment of every action, as klend demands of a transaction.
 */
import {
  type AssetAmount,
  type Atoms,
  atoms,
  type Exposure,
  type Fact,
  type Health,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import type { Completed, Mechanism } from '../mechanism.ts'
import { applied, ensure, revert, unlessReverted } from '../solidity.ts'
import * as act from './actions.ts'
import { amount64, ONE, toCeil, toFloor } from './fraction.ts'
import { reasonFor } from './liquidation.ts'
import { liquidityOfClaimsDown, redeemClaims, refreshReserve } from './market.ts'
import {
  borrowFactor,
  type KaminoObligation,
  type KaminoState,
  type KaminoValues,
  refreshBorrows,
  reserveOf,
  thresholdsOf,
  valuesOf,
} from './obligation.ts'

/** What may be done. Amounts in atoms, claims in the reserve's claims; 2^64 − 1 withdraws as many as the loan-to-value allows. `mark`, `socialize` and `set-limits` are the market owner's. */
export type KaminoAction =
  | { readonly do: 'refresh' | 'collect-fees'; readonly reserve: string }
  | { readonly do: 'lend'; readonly reserve: string; readonly amount: bigint }
  | { readonly do: 'redeem'; readonly reserve: string; readonly claims: bigint }
  | { readonly do: 'deposit'; readonly account: string; readonly reserve: string; readonly amount: bigint }
  | { readonly do: 'borrow' | 'repay'; readonly account: string; readonly reserve: string; readonly amount: bigint }
  | { readonly do: 'withdraw'; readonly account: string; readonly reserve: string; readonly claims: bigint }
  | { readonly do: 'elevate'; readonly account: string; readonly group: string }
  | {
      readonly do: 'liquidate'
      readonly account: string
      readonly debt: string
      readonly collateral: string
      readonly amount: bigint
      readonly minReceived: bigint
      readonly liquidator?: string | undefined
    }
  | { readonly do: 'socialize'; readonly account: string; readonly reserve: string; readonly amount: bigint }
  | { readonly do: 'mark'; readonly account: string; readonly targetPct: bigint }
  | { readonly do: 'set-limits'; readonly reserve: string; readonly depositLimit: bigint; readonly borrowLimit: bigint }

/** The mechanism. Feeds answer in dollars per whole token, times 2^60, as klend keeps its prices. */
export const kamino: Mechanism<KaminoState, KaminoAction> = {
  id: 'kamino',
  targets,
  assess: (state, account, at) => unlessReverted(() => assess(state, account, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => onCopy(state, action, at)),
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings,
}

/** Asset id of a reserve's claims (cTokens). */
export function kaminoClaims(reserve: string): string {
  return `k${reserve}`
}

function* targets({ obligations }: KaminoState): Iterable<string> {
  for (const [account, { borrows }] of obligations) if (borrows.size > 0) yield account
}

function emptyObligation(): KaminoObligation {
  return { group: '', deposits: new Map(), borrows: new Map(), deleverageTargetPct: 0n, marginCallStarted: 0n }
}

/** A copy of one obligation with its reserves, brought up to date. */
function partOf(state: KaminoState, account: string | undefined, more: readonly string[], at: Moment): KaminoState {
  const stored = account === undefined ? undefined : (state.obligations.get(account) ?? emptyObligation())
  const borrows = [...(stored?.borrows ?? [])].map(([id, borrow]) => [id, { ...borrow }] as const)
  const own = stored && { ...stored, deposits: new Map(stored.deposits), borrows: new Map(borrows) }
  const ids = new Set([...more, ...(own ? [...own.deposits.keys(), ...own.borrows.keys()] : [])])
  const part: KaminoState = {
    config: state.config,
    reserves: new Map([...ids].map((id) => [id, { ...reserveOf(state, id) }])),
    obligations: new Map(own && account !== undefined ? [[account, own]] : []),
  }
  for (const reserve of part.reserves.values()) refreshReserve(reserve, BigInt(at.time))
  if (own) refreshBorrows(part, own, BigInt(at.time))
  return part
}

/** Does an action on a copy and puts the copy in place when it completes. */
function onCopy(state: KaminoState, action: KaminoAction, at: Moment): Completed {
  const account = 'account' in action ? action.account : undefined
  if (account !== undefined && action.do !== 'deposit')
    ensure(state.obligations.has(account), 'InvalidAccountInput', `there is no obligation of ${account}`)
  const more =
    action.do === 'liquidate' ? [action.debt, action.collateral] : 'reserve' in action ? [action.reserve] : []
  const part = partOf(state, account, more, at)
  const obligation = (account === undefined ? undefined : part.obligations.get(account)) ?? emptyObligation()
  const done = run(part, obligation, action, at)
  for (const [id, reserve] of part.reserves) state.reserves.set(id, reserve)
  if (account !== undefined) {
    if (obligation.deposits.size + obligation.borrows.size === 0) state.obligations.delete(account)
    else state.obligations.set(account, obligation)
  }
  return done
}

function amount(asset: string, value: bigint): AssetAmount {
  return { asset, atoms: atoms(value) }
}

function run(part: KaminoState, obligation: KaminoObligation, action: KaminoAction, at: Moment): Completed {
  if (action.do === 'liquidate') return liquidate(part, obligation, action, at)
  if (action.do === 'mark') {
    act.mark(part, obligation, action.targetPct, BigInt(at.time))
    return { facts: [] }
  }
  if (action.do === 'elevate') {
    act.elevate(part, obligation, action.group, at)
    return { facts: [] }
  }
  const reserve = reserveOf(part, action.reserve)
  const { asset } = reserve
  switch (action.do) {
    case 'refresh':
      return { facts: [] }
    case 'collect-fees':
      return { facts: [], received: [amount(asset, act.collectFees(reserve))] }
    case 'set-limits': {
      reserve.depositLimit = amount64(action.depositLimit)
      reserve.borrowLimit = amount64(action.borrowLimit)
      refreshReserve(reserve, BigInt(at.time))
      return { facts: [] }
    }
    case 'socialize':
      return socialized(part, obligation, action)
    case 'borrow': {
      act.borrow(part, obligation, action.reserve, action.amount, at)
      return { facts: [], received: [amount(asset, action.amount)] }
    }
    case 'repay':
      return { facts: [], paid: [amount(asset, act.repay(part, obligation, action.reserve, action.amount, at))] }
    default:
      return moveClaims(part, obligation, action, at)
  }
}

type ClaimsAction = Extract<KaminoAction, { do: 'lend' | 'redeem' | 'withdraw' | 'deposit' }>

function moveClaims(part: KaminoState, obligation: KaminoObligation, action: ClaimsAction, at: Moment): Completed {
  const reserve = reserveOf(part, action.reserve)
  const { asset } = reserve
  const claimsAsset = kaminoClaims(action.reserve)
  if (action.do === 'lend') {
    const { claims, liquidity } = act.lend(reserve, action.amount)
    return { facts: [], paid: [amount(asset, liquidity)], received: [amount(claimsAsset, claims)] }
  }
  if (action.do === 'deposit') {
    const { claims, liquidity } = act.deposit(part, obligation, action.reserve, action.amount, at)
    return { facts: [], paid: [amount(asset, liquidity)], moved: { claims } }
  }
  if (action.do === 'withdraw') {
    const { claims, liquidity } = act.withdraw(part, obligation, action.reserve, action.claims, at)
    return { facts: [], received: [amount(asset, liquidity)], moved: { claims } }
  }
  ensure(action.claims > 0n && action.claims <= reserve.claims, 'InvalidAmount')
  const liquidity = redeemClaims(reserve, action.claims, BigInt(at.time))
  return { facts: [], paid: [amount(claimsAsset, action.claims)], received: [amount(asset, liquidity)] }
}

function liquidate(
  part: KaminoState,
  obligation: KaminoObligation,
  action: Extract<KaminoAction, { do: 'liquidate' }>,
  at: Moment,
): Completed {
  const done = act.liquidate(part, obligation, action, at)
  const [debt, collateral] = [reserveOf(part, action.debt), reserveOf(part, action.collateral)]
  const seized = done.received + done.fee + toFloor(liquidityOfClaimsDown(collateral, done.claimsReceived))
  const fact: Fact = {
    ...{ type: 'loan-liquidation', protocol: 'kamino', market: `${action.collateral}/${action.debt}` },
    ...{ account: action.account, liquidator: action.liquidator, usd: undefined },
    repaid: { asset: debt.asset, atoms: done.repaid, decimals: Number(debt.decimals) },
    seized: { asset: collateral.asset, atoms: seized, decimals: Number(collateral.decimals) },
  }
  const received = [amount(collateral.asset, done.received)]
  if (done.claimsReceived > 0n) received.push(amount(kaminoClaims(action.collateral), done.claimsReceived))
  const { reason, settledSf, repaid, claims, bonus, fee } = done
  const moved = { settledSf, repaid, claims, bonus, fee, [reason]: 1n }
  return { facts: [fact], paid: [amount(debt.asset, done.repaid)], received, moved }
}

function socialized(
  part: KaminoState,
  obligation: KaminoObligation,
  action: Extract<KaminoAction, { do: 'socialize' }>,
): Completed {
  const forgiven = act.socialize(part, obligation, action.reserve, action.amount)
  const { asset, decimals } = reserveOf(part, action.reserve)
  const loss = { asset, atoms: toCeil(forgiven), decimals: Number(decimals) }
  const fact: Fact = {
    type: 'bad-debt',
    protocol: 'kamino',
    market: action.reserve,
    account: action.account,
    loss,
    usd: undefined,
  }
  return { facts: [fact], moved: { forgivenSf: forgiven } }
}

/** An obligation as it stands; `undefined` when it or a price is missing. */
function look(
  state: KaminoState,
  account: string,
  at: Moment,
): { readonly part: KaminoState; readonly obligation: KaminoObligation; readonly values: KaminoValues } | undefined {
  if (!state.obligations.has(account)) return undefined
  return unlessReverted(() => {
    const part = partOf(state, account, [], at)
    const obligation = part.obligations.get(account) ?? revert('InvalidAccountInput')
    return { part, obligation, values: valuesOf(part, obligation, at) }
  })
}

function assess(state: KaminoState, account: string, at: Moment): Health | undefined {
  const seen = look(state, account, at)
  if (!seen) return undefined
  const { unhealthy, adjusted, deposited, debt } = seen.values
  return {
    backing: unhealthy,
    required: adjusted,
    equity: deposited - debt,
    liquidatable: [...pairsOf(seen, at)].length > 0,
  }
}

/** Debts and collaterals that some reason allows to liquidate. */
function* pairsOf(
  { part, obligation, values }: NonNullable<ReturnType<typeof look>>,
  at: Moment,
): Iterable<readonly [debt: string, collateral: string]> {
  if (values.deposited === 0n || values.adjusted === 0n) return
  for (const debt of obligation.borrows.keys())
    for (const collateral of obligation.deposits.keys()) {
      const { thresholdPct } = thresholdsOf(part, obligation, reserveOf(part, collateral))
      const pair = { state: part, obligation, values, debt, collateral, time: BigInt(at.time) }
      if (thresholdPct > 0n && reasonFor(pair) !== undefined) yield [debt, collateral]
    }
}

/** The first pair that klend lets through, for as much as it takes; without collateral, forgiving the debt (the owner's). */
function offers(state: KaminoState, target: string, at: Moment): readonly Offer<KaminoAction>[] {
  const seen = look(state, target, at)
  if (!seen) return []
  if (seen.obligation.deposits.size === 0)
    return [...seen.obligation.borrows].map(([reserve, { borrowedSf }]) => ({
      ...{ target, actor: 'engine', pay: [], receive: [] },
      action: { do: 'socialize', account: target, reserve, amount: toCeil(borrowedSf) },
    }))
  for (const [debt, collateral] of pairsOf(seen, at)) {
    const owed = toCeil(seen.obligation.borrows.get(debt)?.borrowedSf ?? 0n)
    const action: KaminoAction = { do: 'liquidate', account: target, debt, collateral, amount: owed, minReceived: 0n }
    const part = partOf(state, target, [], at)
    const tried = applied(() => liquidate(part, part.obligations.get(target) ?? emptyObligation(), action, at))
    if (!('refused' in tried))
      return [{ target, actor: 'anyone', action, pay: tried.paid ?? [], receive: tried.received ?? [] }]
  }
  return []
}

/** Backing = Σ collateral · threshold, required = Σ debt · borrow factor, in dollars times 2^60; slopes per feed. */
function exposure(state: KaminoState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { part, obligation } = seen
  const perAtom = (id: string) => 1 / Number(ONE) / 10 ** Number(reserveOf(part, id).decimals)
  const slopes = [
    ...[...obligation.deposits].map(([id, claims]) => {
      const reserve = reserveOf(part, id)
      const weight = Number(thresholdsOf(part, obligation, reserve).thresholdPct) / 100
      const backing = Number(liquidityOfClaimsDown(reserve, claims)) * perAtom(id) * weight
      return { feed: reserve.feed, backing, required: 0 }
    }),
    ...[...obligation.borrows].map(([id, { borrowedSf }]) => {
      const reserve = reserveOf(part, id)
      const factor = Number(borrowFactor(obligation, reserve)) / Number(ONE)
      return { feed: reserve.feed, backing: 0, required: Number(borrowedSf) * perAtom(id) * factor }
    }),
  ]
  return { slopes, constant: { backing: 0, required: 0 } }
}

/** Liquidity and fees of every reserve; claims in obligations less all claims issued. */
function holdings({ reserves, obligations }: KaminoState): ReadonlyMap<string, Atoms> {
  const held = new Map<string, bigint>()
  const put = (asset: string, value: bigint) => held.set(asset, (held.get(asset) ?? 0n) + value)
  for (const [id, { asset, available, feeVault, claims }] of reserves) {
    put(asset, available + feeVault)
    put(kaminoClaims(id), -claims)
  }
  for (const { deposits } of obligations.values()) for (const [id, claims] of deposits) put(kaminoClaims(id), claims)
  return held as Map<string, Atoms>
}
