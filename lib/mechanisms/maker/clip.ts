/**
 * Maker with Liquidations 2.0 as a mechanism: vaults, Dutch auctions, their limits and circuit breaker, the keeper's incentives, the Vow. Formulas
 * stand in `dog-clip.ts`, the core in `vat.ts`. DAI in rad (1e45), collateral in wad.
 *
 * Two kinds of target: vaults (`ETH-A/ann`), and running auctions (`ETH-A#7`) which have no health: an offer on one is a take of the whole lot, or
 * a restart. What a taker buys and a keeper's incentive leave at once; collateral that goes back to an owner waits in the Vat for his `exit-gem`.
 * When a lot is gone and less than the vault's debt was raised, the rest is bad debt: it stays in the Vow's queue.
 */
import { type Atoms, type AuctionTaken, atoms, type Fact, type Moment, type Offer } from '../../model/index.ts'
import type { Completed, Mechanism } from '../mechanism.ts'
import { applied, ensure, MAX_UINT256, unlessReverted } from '../solidity.ts'
import {
  type AuctionCurve,
  auctionStatus,
  bark,
  type Clip,
  type Dog,
  type Pip,
  redo,
  type Sale,
  take,
} from './dog-clip.ts'
import { radLeg, wadLeg } from './legs.ts'
import { add, wmulDown } from './scale.ts'
import {
  actOnVat,
  assessVault,
  fess,
  giveGem,
  ilkOf,
  type MakerVat,
  type MakerVatAction,
  putUrn,
  rads,
  spotDown,
  suck,
  urnOf,
  vatHoldings,
  vatPart,
  vaultExposure,
  vaultTargets,
} from './vat.ts'

/** Terms of one Clipper and its share of the limits: penalty `chop` wad, limit `hole` and what is in it, rad; the rest as in `dog-clip.ts`. */
export type MakerClipper = {
  readonly curve: AuctionCurve
  readonly chop: bigint
  readonly hole: bigint
  dirt: bigint
  readonly buf: bigint
  readonly tail: bigint
  readonly cusp: bigint
  readonly tip: bigint
  readonly chip: bigint
  stopped: bigint
  kicks: bigint
}

/** A running auction, the vault's debt that it stands for, and what it has raised of it so far, rad. */
export type MakerSale = Sale & { readonly owner: string; readonly due: bigint; raised: bigint }

/** Maker with Liquidations 2.0. Sales by kind of collateral, then number. */
export type MakerClipState = {
  readonly vat: MakerVat
  readonly dog: { readonly Hole: bigint; Dirt: bigint }
  readonly clippers: Map<string, MakerClipper>
  readonly sales: Map<string, Map<string, MakerSale>>
}

/** What may be done. `amt` wad, `max` ray. `stop` is governance's circuit breaker: 0 open, 1 no kick, 2 also no redo, 3 also no take. */
export type MakerClipAction =
  | MakerVatAction
  | { readonly do: 'bark'; readonly ilk: string; readonly account: string }
  | { readonly do: 'redo'; readonly ilk: string; readonly sale: string }
  | {
      readonly do: 'take'
      readonly ilk: string
      readonly sale: string
      readonly amt: bigint
      readonly max: bigint
      readonly taker?: string | undefined
    }
  | { readonly do: 'stop'; readonly ilk: string; readonly level: bigint }

/** The mechanism. Feeds answer in DAI per whole unit of collateral, wad. */
export const makerClip: Mechanism<MakerClipState, MakerClipAction> = {
  id: 'maker-clip',
  targets,
  assess: ({ vat }, target, at) => unlessReverted(() => assessVault(vat, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure: ({ vat }, target) => vaultExposure(vat, target),
  holdings,
}

/** Target id of an auction. */
export function makerAuction(ilk: string, number: string): string {
  return `${ilk}#${number}`
}

function* targets({ vat, sales }: MakerClipState): Iterable<string> {
  yield* vaultTargets(vat)
  for (const [ilk, running] of sales) for (const number of running.keys()) yield makerAuction(ilk, number)
}

function offers(state: MakerClipState, target: string, at: Moment): readonly Offer<MakerClipAction>[] {
  const action = actionOn(state, target, at)
  if (!action) return []
  // The same code decides, on a copy of what it touches: what the contract would refuse is no offer.
  const done = makerClip.apply(partOf(state, action), action, at)
  if ('refused' in done) return []
  return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
}

/** A copy of one vault or auction with what it needs. */
function partOf({ vat, dog, clippers, sales }: MakerClipState, action: VaultOrSale): MakerClipState {
  const [clipper, sale] = [clippers.get(action.ilk), action.do === 'bark' ? undefined : action.sale]
  const running = sale === undefined ? undefined : sales.get(action.ilk)?.get(sale)
  return {
    vat: vatPart(vat, action.ilk, action.do === 'bark' ? action.account : ''),
    dog: { ...dog },
    clippers: new Map(clipper ? [[action.ilk, { ...clipper }]] : []),
    sales: new Map(running && sale !== undefined ? [[action.ilk, new Map([[sale, { ...running }]])]] : []),
  }
}

type VaultOrSale = Extract<MakerClipAction, { do: 'bark' | 'redo' | 'take' }>

function actionOn(state: MakerClipState, target: string, at: Moment): VaultOrSale | undefined {
  const [cut, mark] = [target.indexOf('/'), target.indexOf('#')]
  if (mark < 0) {
    if (assessVault(state.vat, target, at)?.liquidatable !== true) return undefined
    return { do: 'bark', ilk: target.slice(0, cut), account: target.slice(cut + 1) }
  }
  const [ilk, number] = [target.slice(0, mark), target.slice(mark + 1)]
  const [clipper, sale] = [state.clippers.get(ilk), state.sales.get(ilk)?.get(number)]
  if (!clipper || !sale || BigInt(at.time) < sale.tic) return undefined
  const { price, done } = auctionStatus(clipper, clipper.curve, sale, BigInt(at.time))
  return done ? { do: 'redo', ilk, sale: number } : { do: 'take', ilk, sale: number, amt: sale.lot, max: price }
}

function act(state: MakerClipState, action: MakerClipAction, at: Moment): Completed {
  switch (action.do) {
    case 'bark':
      return doBark(state, action, at)
    case 'redo':
      return doRedo(state, action, at)
    case 'take':
      return doTake(state, action, BigInt(at.time))
    case 'stop': {
      ensure(action.level >= 0n && action.level <= MAX_UINT256, 'Clipper/file-unrecognized-param')
      clipperOf(state, action.ilk).stopped = action.level
      return { facts: [] }
    }
    default:
      return actOnVat(state.vat, action, at)
  }
}

function clipperOf(state: MakerClipState, ilk: string): MakerClipper {
  const clipper = state.clippers.get(ilk)
  ensure(clipper !== undefined, 'Vat/ilk-not-init')
  return clipper
}

function pipOf({ vat }: MakerClipState, ilk: string, at: Moment): Pip {
  const value = at.price(ilkOf(vat, ilk).feed)
  return { value: value ?? 0n, has: value !== undefined, par: vat.par }
}

/** Terms with the least tab that may be left: dust · chop (`upchost`). */
function termsOf({ vat }: MakerClipState, ilk: string, clipper: MakerClipper): Clip {
  return { ...clipper, chost: wmulDown(ilkOf(vat, ilk).dust, clipper.chop) }
}

function doBark(state: MakerClipState, action: Extract<MakerClipAction, { do: 'bark' }>, at: Moment): Completed {
  const { vat, dog } = state
  // Of a kind that was never initialised the Dog reads zeros.
  const [ilk, clipper] = [ilkOf(vat, action.ilk, 'Dog/not-unsafe'), clipperOf(state, action.ilk)]
  const urn = { ...urnOf(vat, action.ilk, action.account) }
  const kind = { Art: ilk.Art, rate: ilk.rate, spot: spotDown(vat, ilk, at), dust: ilk.dust }
  const limits: Dog = { ...dog, chop: clipper.chop, hole: clipper.hole, dirt: clipper.dirt }
  const time = BigInt(at.time)
  const done = bark(kind, urn, limits, clipper, pipOf(state, action.ilk, at), time)
  putUrn(vat, action.ilk, action.account, urn)
  ilk.Art = kind.Art
  dog.Dirt = limits.Dirt
  clipper.dirt = limits.dirt
  clipper.kicks += 1n
  fess(vat, done.due, time)
  const number = String(clipper.kicks)
  const running = state.sales.get(action.ilk) ?? new Map<string, MakerSale>()
  running.set(number, { ...done.sale, owner: action.account, due: done.due, raised: 0n })
  state.sales.set(action.ilk, running)
  const started: Fact = {
    type: 'auction-started',
    protocol: 'maker-clip',
    market: action.ilk,
    auction: makerAuction(action.ilk, number),
    account: action.account,
    lot: wadLeg(ilk.gem, done.sale.lot),
    due: radLeg(done.sale.tab),
    usd: undefined,
  }
  const { sale, ...moved } = done
  return { facts: [started], received: suck(vat, done.coin), moved: { ...moved, tab: sale.tab, top: sale.top } }
}

function doRedo(state: MakerClipState, { ilk, sale }: Extract<MakerClipAction, { do: 'redo' }>, at: Moment): Completed {
  const clipper = clipperOf(state, ilk)
  const running = state.sales.get(ilk)?.get(sale)
  const copy = running && { ...running }
  const pip = pipOf(state, ilk, at)
  const { coin } = redo(termsOf(state, ilk, clipper), clipper.curve, copy, pip, BigInt(at.time))
  Object.assign(running ?? {}, copy)
  return { facts: [], received: suck(state.vat, coin), moved: { coin, top: copy?.top ?? 0n } }
}

function doTake(state: MakerClipState, action: Extract<MakerClipAction, { do: 'take' }>, time: bigint): Completed {
  const { vat, dog } = state
  const clipper = clipperOf(state, action.ilk)
  const sale = state.sales.get(action.ilk)?.get(action.sale)
  const limits = { Dirt: dog.Dirt, dirt: clipper.dirt }
  const copy = sale && { ...sale }
  const taken = take(termsOf(state, action.ilk, clipper), clipper.curve, copy, limits, action, time)
  ensure(sale !== undefined && copy !== undefined, 'Clipper/not-running-auction')
  dog.Dirt = limits.Dirt
  clipper.dirt = limits.dirt
  vat.vow.dai = add(vat.vow.dai, taken.owe)
  copy.raised += taken.owe
  Object.assign(sale, copy)
  const { closed, ...moved } = taken
  if (closed) state.sales.get(action.ilk)?.delete(action.sale)
  giveGem(vat, action.ilk, sale.owner, taken.returnedToOwner)
  const { gem } = ilkOf(vat, action.ilk)
  return {
    facts: takeFacts(gem, action, sale, taken),
    paid: [rads(taken.owe)],
    received: [{ asset: gem, atoms: atoms(taken.slice) }],
    moved,
  }
}

function takeFacts(
  gem: string,
  { ilk, sale: number, taker }: Extract<MakerClipAction, { do: 'take' }>,
  sale: MakerSale,
  { owe, slice, lotLeft, tabLeft, closed, price }: ReturnType<typeof take>,
): readonly Fact[] {
  const place = { protocol: 'maker-clip', market: ilk } as const
  const taken: AuctionTaken = {
    ...{ type: 'auction-taken', ...place, auction: makerAuction(ilk, number), taker, usd: undefined },
    ...{ paid: radLeg(owe), bought: wadLeg(gem, slice), lotLeft: wadLeg(gem, lotLeft), dueLeft: radLeg(tabLeft) },
    price: Number(price) / 1e27,
  }
  if (!closed || sale.raised >= sale.due) return [taken]
  const loss = radLeg(sale.due - sale.raised)
  return [taken, { type: 'bad-debt', ...place, account: sale.owner, loss, usd: undefined }]
}

function holdings({ vat, sales }: MakerClipState): ReadonlyMap<string, Atoms> {
  const held = vatHoldings(vat)
  for (const [ilk, running] of sales) {
    const { gem } = ilkOf(vat, ilk)
    for (const { lot } of running.values()) held.set(gem, (held.get(gem) ?? 0n) + lot)
  }
  return held as Map<string, Atoms>
}
