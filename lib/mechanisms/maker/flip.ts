/**
 * Maker with Liquidations 1.x as a mechanism: vaults bitten in lots, English auctions in two phases, the Vow. Formulas stand in `cat-flip.ts`, the
 * core in `vat.ts`. DAI in rad (1e45), collateral in wad.
 *
 * Targets: vaults (`ETH-A/ann`) and auctions (`ETH-A#7`, without health): the offers on an auction are the least bid that is valid now, and the end
 * of it. A bid is paid at once; whoever was outbid, the owner of collateral that a dent gives back, and the winner at `deal` find it as their
 * balance in the Vat (`exit-dai`, `exit-gem`), so a bid's reward is no part of its offer. A deal below the vault's debt leaves bad debt in the queue.
 */
import type { Atoms, AuctionTaken, Fact, Moment, Offer } from '../../model/index.ts'
import type { Completed, Mechanism } from '../mechanism.ts'
import { applied, ensure, max, min, unlessReverted } from '../solidity.ts'
import {
  bite,
  type CatTerms,
  deal,
  dent,
  type FlipAuction,
  type FlipMoved,
  type FlipTerms,
  kickFlip,
  tend,
  tickFlip,
} from './cat-flip.ts'
import { radLeg, wadLeg } from './legs.ts'
import { add, sub, WAD } from './scale.ts'
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
  urnOf,
  vatHoldings,
  vatPart,
  vaultExposure,
  vaultTargets,
} from './vat.ts'

/** Terms of one Flipper and of the Cat for its collateral: `chop` is a ray for `lump`, a wad for `dunk`. */
export type MakerFlipper = FlipTerms & {
  readonly lot: { readonly kind: 'lump'; readonly lump: bigint } | { readonly kind: 'dunk'; readonly dunk: bigint }
  readonly chop: bigint
  kicks: bigint
}

/** An auction and the vault's debt that it stands for, rad. */
export type MakerFlipAuction = FlipAuction & { readonly due: bigint }

/** Maker with Liquidations 1.x. `box`: limit of DAI in auctions, `litter`: how much is in them, rad (from August 2020 on; ignored by `lump` lots). */
export type MakerFlipState = {
  readonly vat: MakerVat
  readonly cat: { readonly box: bigint; litter: bigint }
  readonly flippers: Map<string, MakerFlipper>
  readonly auctions: Map<string, Map<string, MakerFlipAuction>>
}

/** What may be done. `bid` in rad, `lot` in wad. */
export type MakerFlipAction =
  | MakerVatAction
  | { readonly do: 'bite'; readonly ilk: string; readonly account: string }
  | { readonly do: 'tend'; readonly ilk: string; readonly auction: string; readonly guy: string; readonly bid: bigint }
  | { readonly do: 'dent'; readonly ilk: string; readonly auction: string; readonly guy: string; readonly lot: bigint }
  | { readonly do: 'tick' | 'deal'; readonly ilk: string; readonly auction: string }

/** Who bids in an offer: put your own name. */
const BIDDER = 'bidder'

/** The mechanism. Feeds answer in DAI per whole unit of collateral, wad. */
export const makerFlip: Mechanism<MakerFlipState, MakerFlipAction> = {
  id: 'maker-flip',
  targets,
  assess: ({ vat }, target, at) => unlessReverted(() => assessVault(vat, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure: ({ vat }, target) => vaultExposure(vat, target),
  holdings,
}

function* targets({ vat, auctions }: MakerFlipState): Iterable<string> {
  yield* vaultTargets(vat)
  for (const [ilk, running] of auctions) for (const number of running.keys()) yield `${ilk}#${number}`
}

function offers(state: MakerFlipState, target: string, at: Moment): readonly Offer<MakerFlipAction>[] {
  const action = actionOn(state, target, at)
  if (!action) return []
  // The same code decides, on a copy of what it touches: what the contract would refuse is no offer.
  const done = makerFlip.apply(partOf(state, action), action, at)
  if ('refused' in done) return []
  return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
}

/** A copy of one vault or auction with what it needs. */
function partOf({ vat, cat, flippers, auctions }: MakerFlipState, action: VaultOrAuction): MakerFlipState {
  const [flipper, number] = [flippers.get(action.ilk), action.do === 'bite' ? undefined : action.auction]
  const running = number === undefined ? undefined : auctions.get(action.ilk)?.get(number)
  return {
    vat: vatPart(vat, action.ilk, action.do === 'bite' ? action.account : ''),
    cat: { ...cat },
    flippers: new Map(flipper ? [[action.ilk, { ...flipper }]] : []),
    auctions: new Map(running && number !== undefined ? [[action.ilk, new Map([[number, { ...running }]])]] : []),
  }
}

type VaultOrAuction = Extract<MakerFlipAction, { do: 'bite' | 'tend' | 'dent' | 'tick' | 'deal' }>

function actionOn(state: MakerFlipState, target: string, at: Moment): VaultOrAuction | undefined {
  const [cut, mark] = [target.indexOf('/'), target.indexOf('#')]
  if (mark < 0) {
    if (assessVault(state.vat, target, at)?.liquidatable !== true) return undefined
    return { do: 'bite', ilk: target.slice(0, cut), account: target.slice(cut + 1) }
  }
  const [ilk, number] = [target.slice(0, mark), target.slice(mark + 1)]
  const [terms, auction] = [state.flippers.get(ilk), state.auctions.get(ilk)?.get(number)]
  if (!terms || !auction) return undefined
  const time = BigInt(at.time)
  const place = { ilk, auction: number }
  const ended = auction.end <= time || (auction.tic !== 0n && auction.tic <= time)
  if (ended) return { do: auction.tic === 0n ? 'tick' : 'deal', ...place }
  if (auction.bid < auction.tab) return { do: 'tend', ...place, guy: BIDDER, bid: leastBidUp(terms, auction) }
  return { do: 'dent', ...place, guy: BIDDER, lot: greatestLotDown(terms, auction) }
}

/** The least bid that is valid now: a step of `beg` above the last one, at most the tab; rad. */
export function leastBidUp({ beg }: FlipTerms, { bid, tab }: FlipAuction): bigint {
  return min(tab, max(bid + 1n, (beg * bid + WAD - 1n) / WAD))
}

/** The greatest lot that is valid now: a step of `beg` below the last one; wad. */
export function greatestLotDown({ beg }: FlipTerms, { lot }: FlipAuction): bigint {
  return min(lot > 0n ? lot - 1n : 0n, (lot * WAD) / beg)
}

function act(state: MakerFlipState, action: MakerFlipAction, at: Moment): Completed {
  const time = BigInt(at.time)
  switch (action.do) {
    case 'bite':
      return doBite(state, action, at)
    case 'tend':
    case 'dent':
      return doBid(state, action, time)
    case 'tick': {
      const terms = flipperOf(state, action.ilk)
      const auction = state.auctions.get(action.ilk)?.get(action.auction)
      // The clocks of no auction are zero: the contract restarts it, to no effect (`flip.sol` l. 140).
      if (auction) tickFlip(terms, auction, time)
      return { facts: [] }
    }
    case 'deal':
      return doDeal(state, action.ilk, action.auction, time)
    default:
      return actOnVat(state.vat, action, at)
  }
}

function flipperOf({ flippers }: MakerFlipState, ilk: string): MakerFlipper {
  const flipper = flippers.get(ilk)
  ensure(flipper !== undefined, 'Vat/ilk-not-init')
  return flipper
}

/** A running auction; where there is none the action's first check fails with its `word`. */
function auctionOf(
  { auctions }: MakerFlipState,
  ilk: string,
  number: string,
  word = 'Flipper/guy-not-set',
): MakerFlipAuction {
  const auction = auctions.get(ilk)?.get(number)
  ensure(auction !== undefined, word)
  return auction
}

function doBite(state: MakerFlipState, action: Extract<MakerFlipAction, { do: 'bite' }>, at: Moment): Completed {
  const { vat, cat } = state
  // Of a kind that was never initialised the Cat reads zeros.
  const [ilk, flipper] = [ilkOf(vat, action.ilk, 'Cat/not-unsafe'), flipperOf(state, action.ilk)]
  const urn = { ...urnOf(vat, action.ilk, action.account) }
  const kind = { Art: ilk.Art, rate: ilk.rate, spot: spotDown(vat, ilk, at), dust: ilk.dust }
  const terms: CatTerms =
    flipper.lot.kind === 'lump'
      ? { ...flipper.lot, chop: flipper.chop }
      : { ...flipper.lot, chop: flipper.chop, box: cat.box, litter: cat.litter }
  const bitten = bite(kind, urn, terms)
  putUrn(vat, action.ilk, action.account, urn)
  ilk.Art = kind.Art
  if (terms.kind === 'dunk') cat.litter = terms.litter
  const time = BigInt(at.time)
  const due = bitten.dart * ilk.rate
  fess(vat, due, time)
  flipper.kicks += 1n
  const number = String(flipper.kicks)
  const running = state.auctions.get(action.ilk) ?? new Map<string, MakerFlipAuction>()
  running.set(number, { ...kickFlip(flipper, bitten, action.account, time), due })
  state.auctions.set(action.ilk, running)
  const started: Fact = {
    ...{ type: 'auction-started', protocol: 'maker-flip', market: action.ilk, auction: `${action.ilk}#${number}` },
    ...{ account: action.account, lot: wadLeg(ilk.gem, bitten.dink), due: radLeg(bitten.tab), usd: undefined },
  }
  return { facts: [started], moved: { ...bitten, due } }
}

/** A bid: the outbid bidder gets his own back as a balance in the Vat, the Vow what is added, the owner the collateral that is no longer needed. */
function doBid(
  state: MakerFlipState,
  action: Extract<MakerFlipAction, { do: 'tend' | 'dent' }>,
  time: bigint,
): Completed {
  const { vat } = state
  const terms = flipperOf(state, action.ilk)
  const auction = auctionOf(state, action.ilk, action.auction)
  const outbid = auction.guy
  const moved: FlipMoved =
    action.do === 'tend'
      ? tend(terms, auction, action.guy, action.bid, time)
      : dent(terms, auction, action.guy, action.lot, time)
  const refunded = outbid === action.guy ? 0n : moved.refunded
  if (refunded > 0n) vat.dai.set(outbid, (vat.dai.get(outbid) ?? 0n) + refunded)
  vat.vow.dai = add(vat.vow.dai, moved.raised)
  giveGem(vat, action.ilk, auction.owner, moved.returnedToOwner)
  return { facts: [], paid: [rads(moved.raised + refunded)], moved: { ...moved, refunded } }
}

function doDeal(state: MakerFlipState, ilk: string, number: string, time: bigint): Completed {
  const { vat, cat } = state
  const auction = auctionOf(state, ilk, number, 'Flipper/not-finished')
  const flipper = flipperOf(state, ilk)
  const ended = { ...auction }
  const { guy, lot, bid } = deal(ended, time)
  if (flipper.lot.kind === 'dunk') cat.litter = sub(cat.litter, auction.tab)
  giveGem(vat, ilk, guy, lot)
  state.auctions.get(ilk)?.delete(number)
  const { gem } = ilkOf(vat, ilk)
  const place = { protocol: 'maker-flip', market: ilk } as const
  const taken: AuctionTaken = {
    ...{ type: 'auction-taken', ...place, auction: `${ilk}#${number}`, taker: guy },
    ...{ paid: radLeg(bid), bought: wadLeg(gem, lot), usd: undefined },
  }
  const loss = auction.due - bid
  const facts: readonly Fact[] =
    loss > 0n
      ? [taken, { type: 'bad-debt', ...place, account: auction.owner, loss: radLeg(loss), usd: undefined }]
      : [taken]
  return { facts, moved: { lot, bid } }
}

function holdings({ vat, auctions }: MakerFlipState): ReadonlyMap<string, Atoms> {
  const held = vatHoldings(vat)
  for (const [ilk, running] of auctions) {
    const { gem } = ilkOf(vat, ilk)
    for (const { lot } of running.values()) held.set(gem, (held.get(gem) ?? 0n) + lot)
  }
  return held as Map<string, Atoms>
}
