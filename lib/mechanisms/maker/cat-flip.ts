/**
 * Maker Liquidations 1.x: `Cat.bite` takes an unsafe vault in lots, `Flip` sells each in an English auction of two phases: bids rise for the whole
 * lot until they reach the tab (tend), then bids accept ever less collateral for it (dent). Every bid sets a short clock (`tic`), a long one ends the
 * auction anyway (`end`); `deal` pays out; `tick` restarts an auction without a bid.
 *
 * Amounts: lot wad, bid and tab rad, beg wad (1.05e18 = 5 % step); clocks in unix seconds.
 * Sources: makerdao/dss `src/cat.sol`, `src/flip.sol` (tags of 2019-11 and 2020-08); parameters of 2020-03-12: lump 50 ETH, ttl 10 min, tau 6 h.
 */
import { ensure, min } from '../solidity.ts'
import { grab, type Ilk, type Urn } from './dog-clip.ts'
import { add, div, mul, sub, WAD } from './scale.ts'

/** 2^255, the most that can be taken in one go. */
const INT_MIN = 1n << 255n

/** The Cat's terms. Before August 2020 lots were capped by collateral (`lump`, wad), afterwards by DAI (`dunk`, rad) within a `box` (rad). */
export type CatTerms =
  | { readonly kind: 'lump'; readonly lump: bigint; readonly chop: bigint }
  | { readonly kind: 'dunk'; readonly dunk: bigint; readonly chop: bigint; readonly box: bigint; litter: bigint }

/** What a bite did: collateral and normalised debt taken, DAI to raise. */
export type Bitten = { readonly dink: bigint; readonly dart: bigint; readonly tab: bigint }

/** Takes one lot of a vault. In place: urn, ilk and litter change. `chop` is a ray for `lump`, a wad for `dunk`. */
export function bite(ilk: Ilk, urn: Urn, cat: CatTerms): Bitten {
  const { ink, art } = urn
  ensure(ilk.spot > 0n && mul(ink, ilk.spot) < mul(art, ilk.rate), 'Cat/not-unsafe')
  const { dink, dart } = cat.kind === 'lump' ? lumpSize(urn, cat.lump) : dunkSize(ilk, urn, cat)
  // The first Cat had no such check: a lot whose part of the debt rounds to nothing was sold for nothing.
  ensure(cat.kind === 'lump' || (dart > 0n && dink > 0n), 'Cat/null-auction')
  ensure(dart <= INT_MIN && dink <= INT_MIN, 'Cat/overflow')
  const due = grab(ilk, urn, dink, dart)
  const tab = cat.kind === 'lump' ? mul(due, cat.chop) / 10n ** 27n : mul(due, cat.chop) / WAD
  if (cat.kind === 'dunk') cat.litter = add(cat.litter, tab)
  return { dink, dart, tab }
}

function lumpSize({ ink, art }: Urn, lump: bigint) {
  const dink = min(ink, lump)
  return { dink, dart: min(art, div(mul(dink, art), ink)) }
}

function dunkSize(ilk: Ilk, { ink, art }: Urn, cat: Extract<CatTerms, { kind: 'dunk' }>) {
  // Subtracted before it is compared (`cat.sol` l. 145): a box lowered below what is in it reverts without a word.
  const room = sub(cat.box, cat.litter)
  ensure(room > 0n && room >= ilk.dust, 'Cat/liquidation-limit-hit')
  const dart = min(art, div(div(mul(min(cat.dunk, room), WAD), ilk.rate), cat.chop))
  return { dink: min(ink, mul(ink, dart) / art), dart }
}

/** The Flip's terms. */
export type FlipTerms = { readonly beg: bigint; readonly ttl: bigint; readonly tau: bigint }

/** A running auction. `tic` 0 = no bid yet. */
export type FlipAuction = {
  bid: bigint
  lot: bigint
  guy: string
  tic: bigint
  end: bigint
  readonly tab: bigint
  readonly owner: string
}

/** What a bid moved: DAI paid by the bidder (refund of the outbid one included) and collateral that went back to the vault's owner. */
export type FlipMoved = { readonly refunded: bigint; readonly raised: bigint; readonly returnedToOwner: bigint }

/** Starts an auction. */
export function kickFlip(terms: FlipTerms, bitten: Bitten, owner: string, time: bigint): FlipAuction {
  return { bid: 0n, lot: bitten.dink, guy: 'cat', tic: 0n, end: time + terms.tau, tab: bitten.tab, owner }
}

/** Restarts an auction whose time ran out without a bid. */
export function tickFlip(terms: FlipTerms, auction: FlipAuction, time: bigint): void {
  ensure(auction.end < time, 'Flipper/not-finished')
  ensure(auction.tic === 0n, 'Flipper/bid-already-placed')
  auction.end = time + terms.tau
}

function ensureRunning(auction: FlipAuction, time: bigint): void {
  ensure(auction.guy !== '', 'Flipper/guy-not-set')
  ensure(auction.tic > time || auction.tic === 0n, 'Flipper/already-finished-tic')
  ensure(auction.end > time, 'Flipper/already-finished-end')
}

/** Bids more DAI for the whole lot. In place. */
export function tend(terms: FlipTerms, auction: FlipAuction, guy: string, bid: bigint, time: bigint): FlipMoved {
  ensureRunning(auction, time)
  ensure(bid <= auction.tab, 'Flipper/higher-than-tab')
  ensure(bid > auction.bid, 'Flipper/bid-not-higher')
  ensure(mul(bid, WAD) >= mul(terms.beg, auction.bid) || bid === auction.tab, 'Flipper/insufficient-increase')
  const moved = { refunded: auction.bid, raised: bid - auction.bid, returnedToOwner: 0n }
  auction.guy = guy
  auction.bid = bid
  auction.tic = time + terms.ttl
  return moved
}

/** Accepts less collateral for the tab. In place. */
export function dent(terms: FlipTerms, auction: FlipAuction, guy: string, lot: bigint, time: bigint): FlipMoved {
  ensureRunning(auction, time)
  ensure(auction.bid === auction.tab, 'Flipper/tend-not-finished')
  ensure(lot < auction.lot, 'Flipper/lot-not-lower')
  ensure(mul(terms.beg, lot) <= mul(auction.lot, WAD), 'Flipper/insufficient-decrease')
  const moved = { refunded: auction.bid, raised: 0n, returnedToOwner: auction.lot - lot }
  auction.guy = guy
  auction.lot = lot
  auction.tic = time + terms.ttl
  return moved
}

/** Pays out an ended auction: the lot to the last bidder, for his bid. In place: nothing is left of the auction. */
export function deal(
  auction: FlipAuction,
  time: bigint,
): { readonly guy: string; readonly lot: bigint; readonly bid: bigint } {
  ensure(auction.tic !== 0n && (auction.tic < time || auction.end < time), 'Flipper/not-finished')
  const won = { guy: auction.guy, lot: auction.lot, bid: auction.bid }
  auction.guy = ''
  auction.lot = 0n
  return won
}
