/**
 * Maker Liquidations 2.0: `Dog.bark` takes an unsafe vault (wholly, or as much as the limits leave room for) and starts a Dutch auction; the price
 * falls along a curve from `top` = oracle price · buf; anyone takes at the price of the moment, in part or whole; past `tail` or below `cusp` it
 * is to be restarted (`redo`).
 *
 * - ink, art: a vault's collateral and normalised debt, wad; debt = art · rate. tab: DAI to raise, rad; lot: collateral for sale, wad.
 * - chop: penalty, wad (1.13e18 = 13 %). Hole, hole: limits of DAI in auctions, rad; Dirt, dirt: how much is in them.
 * - chost: dust · chop, the least tab that may be left. tip, chip: flat and proportional incentive of whoever barks or redoes.
 *
 * Sources: makerdao/dss@fa4f6630 `src/dog.sol` (`bark`, `digs`), `src/clip.sol` (`kick`, `redo`, `take`, `status`), `src/abaci.sol`; recorded
 * cases: 400 golden ones.
 */
import { ensure, min } from '../solidity.ts'
import { add, div, mul, mulSigned, RAY, rdivDown, rmulDown, rpow, sub, WAD, wmulDown } from './scale.ts'

const BLN = 10n ** 9n
/** 2^255, the most that can be taken in one go. */
const INT_MIN = 1n << 255n

/** The falling price: to zero in `tau` seconds; by `cut` (ray) every `step` seconds; by `cut` every second. */
export type AuctionCurve =
  | { readonly type: 'linear'; readonly tau: bigint }
  | { readonly type: 'stairstep'; readonly cut: bigint; readonly step: bigint }
  | { readonly type: 'exponential'; readonly cut: bigint }

/** Price (ray) of an auction that began at `top`, `age` seconds ago; no step at all divides by zero. */
export function auctionPrice(curve: AuctionCurve, top: bigint, age: bigint): bigint {
  if (curve.type === 'linear') return age >= curve.tau ? 0n : rmulDown(top, mul(curve.tau - age, RAY) / curve.tau)
  return rmulDown(top, rpow(curve.cut, curve.type === 'stairstep' ? div(age, curve.step) : age))
}

/** A kind of collateral: normalised debt of all vaults, rate and spot (ray), dust (rad). */
export type Ilk = { Art: bigint; readonly rate: bigint; readonly spot: bigint; readonly dust: bigint }
/** A vault. */
export type Urn = { ink: bigint; art: bigint }
/** The Dog's limits for all and for one kind of collateral. */
export type Dog = {
  readonly Hole: bigint
  Dirt: bigint
  readonly chop: bigint
  readonly hole: bigint
  dirt: bigint
}
/** The Clipper's terms. `stopped`: 1 no kick, 2 also no redo, 3 also no take. */
export type Clip = {
  readonly buf: bigint
  readonly tail: bigint
  readonly cusp: bigint
  readonly chost: bigint
  readonly tip: bigint
  readonly chip: bigint
  readonly stopped: bigint
}
/** A running auction: rad, wad, unix seconds, ray. */
export type Sale = { tab: bigint; lot: bigint; tic: bigint; top: bigint }
/** The oracle: price wad, and whether it is valid; `par`: target price of DAI, ray. */
export type Pip = { readonly value: bigint; readonly has: boolean; readonly par: bigint }

/** Oracle price in DAI per collateral, ray, rounded down. */
export function feedPrice({ value, has, par }: Pip): bigint {
  ensure(has, 'Clipper/invalid-price')
  return rdivDown(mul(value, BLN), par)
}

function topPrice(price: bigint, buf: bigint): bigint {
  const top = rmulDown(price, buf)
  ensure(top > 0n, 'Clipper/zero-top-price')
  return top
}

/** How much of a vault an auction takes: normalised debt and collateral, wad, within the limits and the dust rule. */
export function barkSize(ilk: Ilk, urn: Urn, dog: Dog): { readonly dart: bigint; readonly dink: bigint } {
  const { ink, art } = urn
  ensure(ilk.spot > 0n && mul(ink, ilk.spot) < mul(art, ilk.rate), 'Dog/not-unsafe')
  ensure(dog.Hole > dog.Dirt && dog.hole > dog.dirt, 'Dog/liquidation-limit-hit')
  const room = min(dog.Hole - dog.Dirt, dog.hole - dog.dirt)
  let dart = min(art, div(div(mul(room, WAD), ilk.rate), dog.chop))
  if (art > dart) {
    if (mul(art - dart, ilk.rate) < ilk.dust) dart = art
    else ensure(mul(dart, ilk.rate) >= ilk.dust, 'Dog/dusty-auction-from-partial-liquidation')
  }
  const dink = mul(ink, dart) / art
  ensure(dink > 0n, 'Dog/null-auction')
  ensure(dart <= INT_MIN && dink <= INT_MIN, 'Dog/overflow')
  return { dart, dink }
}

/** What a bark did: `due` is the debt moved to the surplus buffer's queue, `coin` the keeper's incentive, rad. */
export type Barked = {
  readonly dink: bigint
  readonly dart: bigint
  readonly due: bigint
  readonly coin: bigint
  readonly sale: Sale
}

/** Takes a vault and starts its auction. In place: urn, ilk and dog change. */
export function bark(
  ilk: Ilk,
  urn: Urn,
  dog: Dog,
  clip: Omit<Clip, 'tail' | 'cusp' | 'chost'>,
  pip: Pip,
  time: bigint,
): Barked {
  const { dart, dink } = barkSize(ilk, urn, dog)
  const due = grab(ilk, urn, dink, dart)
  const tab = mul(due, dog.chop) / WAD
  dog.Dirt = add(dog.Dirt, tab)
  dog.dirt = add(dog.dirt, tab)
  ensure(clip.stopped < 1n, 'Clipper/stopped-incorrect')
  ensure(tab > 0n, 'Clipper/zero-tab')
  const top = topPrice(feedPrice(pip), clip.buf)
  const coin = incentive(clip, tab)
  return { dink, dart, due, coin, sale: { tab, lot: dink, tic: time, top } }
}

/**
 * Takes collateral and normalised debt out of a vault (`Vat.grab`, `vat.sol` l. 207); gives the debt in rad. In place. Signed arithmetic: the debt
 * taken must be an `int`, and the kind's sum of debts hold it.
 */
export function grab(ilk: Pick<Ilk, 'Art' | 'rate'>, urn: Urn, dink: bigint, dart: bigint): bigint {
  urn.ink = sub(urn.ink, dink)
  urn.art = sub(urn.art, dart)
  ilk.Art = sub(ilk.Art, dart)
  return -mulSigned(ilk.rate, -dart)
}

function incentive({ tip, chip }: Pick<Clip, 'tip' | 'chip'>, tab: bigint): bigint {
  return tip > 0n || chip > 0n ? add(tip, wmulDown(tab, chip)) : 0n
}

/** The price now, ray, and whether the auction has run out. */
export function auctionStatus(
  { tail, cusp }: Pick<Clip, 'tail' | 'cusp'>,
  curve: AuctionCurve,
  sale: Sale,
  time: bigint,
): { readonly price: bigint; readonly done: boolean } {
  const age = sub(time, sale.tic)
  const price = auctionPrice(curve, sale.top, age)
  return { price, done: age > tail || rdivDown(price, sale.top) < cusp }
}

/** Restarts an auction that ran out; the incentive is paid when enough is left of both sides. In place: the sale changes. */
export function redo(
  clip: Clip,
  curve: AuctionCurve,
  sale: Sale | undefined,
  pip: Pip,
  time: bigint,
): { readonly coin: bigint } {
  ensure(clip.stopped < 2n, 'Clipper/stopped-incorrect')
  ensure(sale !== undefined, 'Clipper/not-running-auction')
  ensure(auctionStatus(clip, curve, sale, time).done, 'Clipper/cannot-reset')
  const price = feedPrice(pip)
  sale.tic = time
  sale.top = topPrice(price, clip.buf)
  // What is left is only weighed where there is something to pay (`clip.sol` l. 297).
  if (clip.tip === 0n && clip.chip === 0n) return { coin: 0n }
  const worthIt = sale.tab >= clip.chost && mul(sale.lot, price) >= clip.chost
  return { coin: worthIt ? incentive(clip, sale.tab) : 0n }
}

/** What a take did. `tabLeft`, `lotLeft` as its event says them: what remains after it. */
export type Taken = {
  readonly price: bigint
  readonly owe: bigint
  readonly slice: bigint
  readonly tabLeft: bigint
  readonly lotLeft: bigint
  readonly closed: boolean
  readonly returnedToOwner: bigint
}

/** DAI owed and collateral received for `amt` at a price: never more than the tab, never leaving less than `chost` of it. */
export function takeSize(
  { tab, lot }: Pick<Sale, 'tab' | 'lot'>,
  amt: bigint,
  price: bigint,
  chost: bigint,
): { readonly owe: bigint; readonly slice: bigint } {
  const slice = min(lot, amt)
  const owe = mul(slice, price)
  if (owe > tab) return { owe: tab, slice: tab / price }
  if (owe < tab && slice < lot && tab - owe < chost) {
    ensure(tab > chost, 'Clipper/no-partial-purchase')
    return { owe: tab - chost, slice: (tab - chost) / price }
  }
  return { owe, slice }
}

/** Buys up to `amt` (wad) at the price of the moment, at most `max` (ray). In place: sale and dog change; a closed sale keeps zeros. */
export function take(
  clip: Pick<Clip, 'tail' | 'cusp' | 'chost' | 'stopped'>,
  curve: AuctionCurve,
  sale: Sale | undefined,
  dog: Pick<Dog, 'Dirt' | 'dirt'>,
  call: { readonly amt: bigint; readonly max: bigint },
  time: bigint,
): Taken {
  ensure(clip.stopped < 3n, 'Clipper/stopped-incorrect')
  ensure(sale !== undefined, 'Clipper/not-running-auction')
  const { price, done } = auctionStatus(clip, curve, sale, time)
  ensure(!done, 'Clipper/needs-reset')
  ensure(call.max >= price, 'Clipper/too-expensive')
  const { owe, slice } = takeSize(sale, call.amt, price, clip.chost)
  const tabLeft = sale.tab - owe
  const lotLeft = sale.lot - slice
  // When the lot is sold out, the whole rest of the tab leaves the limits: it will never be raised.
  const dug = lotLeft === 0n ? sale.tab : owe
  dog.Dirt = sub(dog.Dirt, dug)
  dog.dirt = sub(dog.dirt, dug)
  const closed = lotLeft === 0n || tabLeft === 0n
  const returnedToOwner = lotLeft !== 0n && tabLeft === 0n ? lotLeft : 0n
  sale.tab = closed ? 0n : tabLeft
  sale.lot = closed ? 0n : lotLeft
  return { price, owe, slice, tabLeft, lotLeft, closed, returnedToOwner }
}
