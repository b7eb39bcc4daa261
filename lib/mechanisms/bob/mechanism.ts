/**
 * BOB's vault engine as a mechanism. Several liquidators may join one vault's liquidation, each with a claim of his own; a claim is paid when its path
 * has settled. States of a claim: FAST_PENDING → SETTLED, SLOW_ASSERTED → CHALLENGE → SETTLED; atomic ones need no claim. Rules stand in `rules.ts`.
 */
import {
  type Atoms,
  atoms,
  type Exposure,
  type Health,
  type LoanLiquidation,
  type Moment,
  type Offer,
  type UnixSeconds,
} from '../../model/index.ts'
import type { Applied, Completed, Mechanism } from '../mechanism.ts'
import { applied, ensure, min, mul, sub, unlessReverted } from '../solidity.ts'
import { type BobPath, type BobTerms, repayToTargetUp, seizedDown, valueDown, WAD } from './rules.ts'

const RAY = 10n ** 27n

/** A vault: satoshi still on Bitcoin, satoshi already bridged, debt in shares of the index, and the borrower's authorisation to mint. */
export type BobVault = {
  locked: bigint
  bridged: bigint
  debtShares: bigint
  /** Unix seconds until which an atomic mint is allowed; 0 = none or revoked. */
  authorisedUntil: bigint
}

/** A claim on bitcoin that is on its way: paid from `ready` on; a slow one can be disputed until then, which starts its window anew. */
export type BobClaim = {
  readonly vault: string
  readonly liquidator: string
  readonly sats: bigint
  readonly path: Exclude<BobPath, 'atomic'>
  ready: bigint
  disputes: number
}

/** Everything. `owed` = debt of all vaults lives in shares of `index` (ray); `supply` is the stablecoin issued; `badDebt` what was written off. */
export type BobState = {
  readonly terms: BobTerms
  readonly feed: string
  readonly vaults: Map<string, BobVault>
  readonly claims: Map<string, BobClaim>
  index: bigint
  updated: bigint
  supply: bigint
  badDebt: bigint
  nextClaim: number
}

/** What may be done. `path` of a liquidation: the fastest that is open when left out. */
export type BobAction =
  | { readonly do: 'lock' | 'unlock' | 'borrow' | 'repay'; readonly vault: string; readonly amount: bigint }
  | { readonly do: 'authorise'; readonly vault: string; readonly until: bigint }
  | { readonly do: 'revoke'; readonly vault: string }
  | {
      readonly do: 'liquidate'
      readonly vault: string
      readonly liquidator: string
      readonly repay: bigint
      readonly path?: BobPath | undefined
    }
  | { readonly do: 'settle' | 'dispute'; readonly claim: string }

/** Asset names of the state: satoshi, and the stablecoin with 18 decimals. */
export const BOB_ASSETS = { collateral: 'BTC', debt: 'USD' } as const

/** The mechanism. The feed answers USD per BTC × 1e8. */
export const bob: Mechanism<BobState, BobAction> = {
  id: 'bob',
  *targets(state) {
    for (const [id, { debtShares }] of state.vaults) if (debtShares > 0n) yield id
    for (const id of state.claims.keys()) yield id
  },
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings,
}

/** An empty engine. */
export function bobState(terms: BobTerms, feed: string, time: bigint): BobState {
  return {
    ...{ terms, feed, vaults: new Map(), claims: new Map(), index: RAY, updated: time },
    ...{ supply: 0n, badDebt: 0n, nextClaim: 1 },
  }
}

/** Index at a moment: simple interest between two touches, rounded down. */
function indexAt({ terms, index, updated }: BobState, at: Moment): bigint {
  const seconds = BigInt(at.time) > updated ? BigInt(at.time) - updated : 0n
  return index + mul(mul(index, terms.ratePerSecond), seconds) / WAD
}

/** Debt of a vault, rounded up. */
function debtAt(state: BobState, { debtShares }: BobVault, at: Moment): bigint {
  return (mul(debtShares, indexAt(state, at)) + RAY - 1n) / RAY
}

type Sight = { readonly vault: BobVault; readonly price: bigint; readonly debt: bigint; readonly value: bigint }

function look(state: BobState, id: string, at: Moment): Sight | undefined {
  const vault = state.vaults.get(id)
  const price = at.price(state.feed)
  if (!vault || price === undefined || price <= 0n) return undefined
  return { vault, price, debt: debtAt(state, vault, at), value: valueDown(vault.locked + vault.bridged, price) }
}

function assess(state: BobState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { debt, value } = seen
  const backing = mul(value, state.terms.liquidationLtv) / WAD
  return { backing, required: debt, equity: value - debt, liquidatable: debt > 0n && debt >= backing }
}

/**
 * What a liquidation repays and takes at most. Whoever pays all that the collateral is worth takes all of it; the rest of the debt is then written off.
 */
function sizeOf(
  { terms }: BobState,
  { vault, price, debt, value }: Sight,
  wanted: bigint,
): { readonly repay: bigint; readonly sats: bigint } {
  const held = vault.locked + vault.bridged
  const most = repayToTargetUp(terms, debt, value)
  const repay = min(wanted, most)
  const whole = repay === most && repay < debt && mul(value, WAD) / (WAD + terms.bonus) <= most
  return { repay, sats: whole ? held : seizedDown(terms, repay, price, held) }
}

/** The fastest path that is open to a vault: what is bridged or authorised goes at once. */
function openPath({ terms }: BobState, vault: BobVault, sats: bigint, at: Moment): BobPath {
  if (vault.bridged >= sats || vault.authorisedUntil >= BigInt(at.time)) return 'atomic'
  return terms.fastSeconds === undefined ? 'slow' : 'fast'
}

function readyAt({ terms }: BobState, path: Exclude<BobPath, 'atomic'>, at: Moment): bigint {
  const wait = path === 'fast' ? (terms.fastSeconds ?? 0n) : terms.assertSeconds + terms.challengeSeconds
  return BigInt(at.time) + wait
}

function offers(state: BobState, target: string, at: Moment): readonly Offer<BobAction>[] {
  const claim = state.claims.get(target)
  if (claim) {
    if (BigInt(at.time) < claim.ready) return []
    const receive = [{ asset: BOB_ASSETS.collateral, atoms: atoms(claim.sats) }]
    return [{ target, actor: 'engine', action: { do: 'settle', claim: target }, pay: [], receive }]
  }
  const seen = look(state, target, at)
  if (!seen || !assess(state, target, at)?.liquidatable) return []
  const { vault } = seen
  const { repay, sats } = sizeOf(state, seen, seen.debt)
  if (repay === 0n || sats === 0n) return []
  const path = openPath(state, vault, sats, at)
  const seized = [{ asset: BOB_ASSETS.collateral, atoms: atoms(sats) }]
  const offer = {
    ...{ target, actor: 'anyone' as const },
    action: { do: 'liquidate', vault: target, liquidator: 'anyone', repay } as const,
    pay: [{ asset: BOB_ASSETS.debt, atoms: atoms(repay) }],
  }
  if (path === 'atomic') return [{ ...offer, receive: seized }]
  return [{ ...offer, receive: [], later: { amounts: seized, at: Number(readyAt(state, path, at)) as UnixSeconds } }]
}

function act(state: BobState, action: BobAction, at: Moment): Applied {
  ensure(BigInt(at.time) >= state.updated, 'Bob/time-runs-back')
  if ('claim' in action) return onClaim(state, action, at)
  return onVault(state, action, at)
}

function onVault(state: BobState, action: Exclude<BobAction, { readonly claim: string }>, at: Moment): Completed {
  const before = state.vaults.get(action.vault)
  const vault: BobVault = before ? { ...before } : { locked: 0n, bridged: 0n, debtShares: 0n, authorisedUntil: 0n }
  const index = indexAt(state, at)
  let done: Completed
  if (action.do === 'liquidate') done = liquidate(state, vault, action, at)
  else if (action.do === 'authorise' || action.do === 'revoke') {
    vault.authorisedUntil = action.do === 'revoke' ? 0n : action.until
    done = { facts: [] }
  } else done = adjust(state, vault, action, index, at)
  state.index = index
  state.updated = BigInt(at.time)
  state.vaults.set(action.vault, vault)
  return done
}

function adjust(
  state: BobState,
  vault: BobVault,
  action: Extract<BobAction, { do: 'lock' | 'unlock' | 'borrow' | 'repay' }>,
  index: bigint,
  at: Moment,
): Completed {
  const { amount } = action
  ensure(amount > 0n, 'Bob/zero-amount')
  const sats = [{ asset: BOB_ASSETS.collateral, atoms: atoms(amount) }]
  if (action.do === 'lock') {
    vault.locked += amount
    return { facts: [], paid: sats }
  }
  if (action.do === 'unlock') {
    vault.locked = sub(vault.locked, amount)
    ensureSafe(state, vault, index, at)
    return { facts: [], received: sats }
  }
  if (action.do === 'borrow') {
    vault.debtShares += (mul(amount, RAY) + index - 1n) / index
    ensureSafe(state, vault, index, at)
    state.supply += amount
    return { facts: [], received: [{ asset: BOB_ASSETS.debt, atoms: atoms(amount) }] }
  }
  const debt = (mul(vault.debtShares, index) + RAY - 1n) / RAY
  const paid = min(amount, debt)
  ensure(paid > 0n, 'Bob/no-debt')
  repaid(state, vault, paid, debt, index)
  return { facts: [], paid: [{ asset: BOB_ASSETS.debt, atoms: atoms(paid) }] }
}

/** Burns what is paid in; shares leave rounded down, all of them with the last atom. Interest that was never issued goes below zero: surplus. */
function repaid(state: BobState, vault: BobVault, paid: bigint, debt: bigint, index: bigint): void {
  vault.debtShares = paid === debt ? 0n : sub(vault.debtShares, mul(paid, RAY) / index)
  state.supply -= paid
}

function ensureSafe(state: BobState, vault: BobVault, index: bigint, at: Moment): void {
  if (vault.debtShares === 0n) return
  const price = at.price(state.feed)
  ensure(price !== undefined && price > 0n, 'Bob/no-price')
  const debt = (mul(vault.debtShares, index) + RAY - 1n) / RAY
  const most = mul(valueDown(vault.locked + vault.bridged, price), state.terms.targetLtv) / WAD
  ensure(debt <= most, 'Bob/above-target-ltv')
}

function liquidate(
  state: BobState,
  vault: BobVault,
  action: Extract<BobAction, { do: 'liquidate' }>,
  at: Moment,
): Completed {
  const seen = look(state, action.vault, at)
  ensure(seen !== undefined, 'Bob/no-price', 'there is no such vault, or no price of its bitcoin')
  ensure(assess(state, action.vault, at)?.liquidatable === true, 'Bob/healthy')
  const { debt } = seen
  const { repay: paid, sats } = sizeOf(state, seen, action.repay)
  ensure(paid > 0n, 'Bob/nothing-to-repay')
  ensure(sats > 0n, 'Bob/nothing-to-seize')
  const path = action.path ?? openPath(state, vault, sats, at)
  if (path === 'atomic') ensure(openPath(state, vault, sats, at) === 'atomic', 'Bob/not-authorised')
  if (path === 'fast') ensure(state.terms.fastSeconds !== undefined, 'Bob/no-signers')
  repaid(state, vault, paid, debt, indexAt(state, at))
  take(vault, sats)
  const lost = vault.locked + vault.bridged === 0n ? debt - paid : 0n
  if (lost > 0n) {
    vault.debtShares = 0n
    state.badDebt += lost
  }
  if (path !== 'atomic')
    state.claims.set(`claim-${state.nextClaim++}`, {
      ...{ vault: action.vault, liquidator: action.liquidator, sats, path, disputes: 0 },
      ready: readyAt(state, path, at),
    })
  return {
    facts: [factOf(action, paid, sats, lost)],
    paid: [{ asset: BOB_ASSETS.debt, atoms: atoms(paid) }],
    received: path === 'atomic' ? [{ asset: BOB_ASSETS.collateral, atoms: atoms(sats) }] : [],
    moved: { repaid: paid, sats, lost },
  }
}

/** Bridged satoshi go first; the first liquidation bridges what it leaves, so that the next one is atomic. */
function take(vault: BobVault, sats: bigint): void {
  const left = vault.locked + vault.bridged - sats
  vault.locked = 0n
  vault.bridged = left
}

function factOf(
  { vault, liquidator }: { readonly vault: string; readonly liquidator: string },
  paid: bigint,
  sats: bigint,
  lost: bigint,
): LoanLiquidation {
  return {
    ...{ type: 'loan-liquidation', protocol: 'bob', market: 'BTC', account: vault, liquidator, usd: undefined },
    repaid: { asset: BOB_ASSETS.debt, atoms: paid, decimals: 18 },
    seized: { asset: BOB_ASSETS.collateral, atoms: sats, decimals: 8 },
    badDebt: lost > 0n ? { asset: BOB_ASSETS.debt, atoms: lost, decimals: 18 } : undefined,
  }
}

function onClaim(state: BobState, action: Extract<BobAction, { do: 'settle' | 'dispute' }>, at: Moment): Completed {
  const claim = state.claims.get(action.claim)
  ensure(claim !== undefined, 'Bob/no-claim')
  const time = BigInt(at.time)
  if (action.do === 'dispute') {
    ensure(claim.path === 'slow', 'Bob/nothing-to-dispute')
    const opens = claim.ready - state.terms.challengeSeconds
    ensure(time >= opens && time < claim.ready, 'Bob/outside-window')
    state.claims.set(action.claim, {
      ...claim,
      ready: time + state.terms.challengeSeconds,
      disputes: claim.disputes + 1,
    })
    return { facts: [] }
  }
  ensure(time >= claim.ready, 'Bob/not-settled')
  state.claims.delete(action.claim)
  return { facts: [], received: [{ asset: BOB_ASSETS.collateral, atoms: atoms(claim.sats) }] }
}

function exposure(state: BobState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const perPrice = Number(seen.vault.locked + seen.vault.bridged) * 100 * (Number(state.terms.liquidationLtv) / 1e18)
  return {
    slopes: [{ feed: state.feed, backing: perPrice, required: 0 }],
    constant: { backing: 0, required: Number(seen.debt) },
  }
}

/** Bitcoin in vaults and under claims; the stablecoin counts as owed to whoever holds it. */
function holdings(state: BobState): ReadonlyMap<string, Atoms> {
  let sats = 0n
  for (const { locked, bridged } of state.vaults.values()) sats += locked + bridged
  for (const claim of state.claims.values()) sats += claim.sats
  return new Map([
    [BOB_ASSETS.collateral, atoms(sats)],
    [BOB_ASSETS.debt, atoms(-state.supply)],
  ])
}
