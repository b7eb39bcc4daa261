/**
 * Maker's core beneath both liquidation systems: vaults (`Vat.frob`), stability fee (`Jug.drip`), price with safety margin (`Spotter.poke`), what an
 * auction takes (`Vat.grab`) and the queue of unbacked debt (`Vow`).
 *
 * - ink, art: a vault's collateral and normalised debt, wad; its debt = art · rate, rad. mat: least collateral ratio, ray.
 * - spot = price / par / mat, ray. Anybody may poke, so spot is always that of the moment's price; a feed that does not answer makes it 0.
 * - duty + base: fee per second, ray; rate grows by rpow(base + duty, seconds), and the Vow is credited with what that adds to all debt.
 * - sin: unbacked DAI, rad. It waits `wait` seconds in the queue; then the Vow's own DAI may heal it, and what that cannot is the deficit.
 *
 * DAI is counted in rad (1e45): its asset id is {@link DAI}. What leaves an action goes to whoever acted; what others are given stays as their
 * balance in the Vat until they `exit`. Source: makerdao/dss@fa4f6630 `vat.sol`, `jug.sol`, `spot.sol`, `vow.sol`.
 */
import { type AssetAmount, atoms, type Exposure, type Health, type Moment } from '../../model/index.ts'
import type { Completed } from '../mechanism.ts'
import { ensure, MAX_UINT256 } from '../solidity.ts'
import { add, mul, mulSigned, RAY, rdivDown, rmulDown, rpow, sub } from './scale.ts'

/** Asset id of DAI in both mechanisms, in rad (45 decimals). */
export const DAI = 'DAI'
/** Decimals of a rad. */
export const RAD_DECIMALS = 45
const BLN = 10n ** 9n

/** A kind of collateral: asset and feed (DAI per whole unit, wad), terms, and what is owed. */
export type MakerIlk = {
  readonly gem: string
  readonly feed: string
  readonly mat: bigint
  readonly line: bigint
  readonly dust: bigint
  readonly duty: bigint
  Art: bigint
  rate: bigint
  /** When the fee was last collected, unix seconds. */
  rho: bigint
}

/** A vault. */
export type MakerUrn = { ink: bigint; art: bigint }

/** The core's state: DAI in rad, collateral in wad. `par`: target price of DAI, ray; `base`: fee for all kinds, ray per second. */
export type MakerVat = {
  readonly par: bigint
  readonly base: bigint
  readonly Line: bigint
  readonly ilks: Map<string, MakerIlk>
  readonly urns: Map<string, Map<string, MakerUrn>>
  /** Collateral that is in no vault, by kind, then owner. */
  readonly gem: Map<string, Map<string, bigint>>
  /** DAI inside the Vat, by owner; the Vow's own stands in `vow`. */
  readonly dai: Map<string, bigint>
  /** All DAI issued. */
  debt: bigint
  readonly vow: MakerVow
}

/** The system's own account. `queue`: unbacked debt by the second of its liquidation; `queued` is its sum. */
export type MakerVow = {
  readonly wait: bigint
  dai: bigint
  sin: bigint
  queued: bigint
  readonly queue: Map<string, bigint>
}

/** What anybody may do to the core. `dink`, `dart`: signed changes of a vault. */
export type MakerVatAction =
  | {
      readonly do: 'frob'
      readonly ilk: string
      readonly account: string
      readonly dink: bigint
      readonly dart: bigint
    }
  | { readonly do: 'drip'; readonly ilk: string }
  | { readonly do: 'flog'; readonly era: bigint }
  | { readonly do: 'heal'; readonly rad: bigint }
  | { readonly do: 'exit-gem'; readonly ilk: string; readonly account: string; readonly wad: bigint }
  | { readonly do: 'exit-dai'; readonly account: string; readonly rad: bigint }

/** Target id of a vault. */
export function makerVault(ilk: string, account: string): string {
  return `${ilk}/${account}`
}

/** The kind of collateral; refuses one that was never initialised with the `word` of the contract that was called. */
export function ilkOf(vat: MakerVat, id: string, word = 'Vat/ilk-not-init'): MakerIlk {
  const ilk = vat.ilks.get(id)
  ensure(ilk !== undefined && ilk.rate !== 0n, word)
  return ilk
}

/** A vault, an empty one where there is none; not yet stored. */
export function urnOf(vat: MakerVat, ilk: string, account: string): MakerUrn {
  return vat.urns.get(ilk)?.get(account) ?? { ink: 0n, art: 0n }
}

/** Price with safety margin, ray, each division rounded down; 0 without a price. */
export function spotDown({ par }: MakerVat, { feed, mat }: MakerIlk, at: Moment): bigint {
  const price = at.price(feed)
  return price === undefined ? 0n : rdivDown(rdivDown(mul(price, BLN), par), mat)
}

/** Does one of the core's actions. */
export function actOnVat(vat: MakerVat, action: MakerVatAction, at: Moment): Completed {
  const time = BigInt(at.time)
  if (action.do === 'frob') return frob(vat, action, at)
  if (action.do === 'drip') return drip(vat, action.ilk, time)
  if (action.do === 'flog') return flog(vat.vow, action.era, time)
  if (action.do === 'heal') return heal(vat, action.rad)
  if (action.do === 'exit-dai') {
    vat.dai.set(action.account, sub(vat.dai.get(action.account) ?? 0n, action.rad))
    return { facts: [], received: [rads(action.rad)] }
  }
  const ilk = ilkOf(vat, action.ilk)
  const own = vat.gem.get(action.ilk)?.get(action.account) ?? 0n
  giveGem(vat, action.ilk, action.account, sub(own, action.wad) - own)
  return { facts: [], received: [{ asset: ilk.gem, atoms: atoms(action.wad) }] }
}

/** An amount of DAI in rad. */
export function rads(amount: bigint): AssetAmount {
  return { asset: DAI, atoms: atoms(amount) }
}

function frob(
  vat: MakerVat,
  { ilk: id, account, dink, dart }: Extract<MakerVatAction, { do: 'frob' }>,
  at: Moment,
): Completed {
  const ilk = ilkOf(vat, id)
  const urn = urnOf(vat, id, account)
  const [ink, art, Art] = [signed(urn.ink, dink), signed(urn.art, dart), signed(ilk.Art, dart)]
  const dtab = mulSigned(ilk.rate, dart)
  const tab = mul(ilk.rate, art)
  const debt = signed(vat.debt, dtab)
  // `either` and `both` are functions (`vat.sol` l. 135): both sides are computed, and may revert, whatever the other says.
  const total = mul(Art, ilk.rate)
  ensure(dart <= 0n || (total <= ilk.line && debt <= vat.Line), 'Vat/ceiling-exceeded')
  const backed = mul(ink, spotDown(vat, ilk, at))
  ensure((dart <= 0n && dink >= 0n) || tab <= backed, 'Vat/not-safe')
  ensure(art === 0n || tab >= ilk.dust, 'Vat/dust')
  putUrn(vat, id, account, { ink, art })
  ilk.Art = Art
  vat.debt = debt
  const collateral = { asset: ilk.gem, atoms: atoms(dink < 0n ? -dink : dink) }
  const money = rads(dtab < 0n ? -dtab : dtab)
  return {
    facts: [],
    paid: [...(dink > 0n ? [collateral] : []), ...(dtab < 0n ? [money] : [])],
    received: [...(dink < 0n ? [collateral] : []), ...(dtab > 0n ? [money] : [])],
  }
}

/** Stores a vault. */
export function putUrn(vat: MakerVat, ilk: string, account: string, urn: MakerUrn): void {
  const urns = vat.urns.get(ilk) ?? new Map<string, MakerUrn>()
  urns.set(account, urn)
  vat.urns.set(ilk, urns)
}

/** `a + b` for a signed `b`; reverts outside 0..2^256 − 1. */
function signed(a: bigint, b: bigint): bigint {
  return b < 0n ? sub(a, -b) : add(a, b)
}

function drip(vat: MakerVat, id: string, time: bigint): Completed {
  const ilk = ilkOf(vat, id)
  ensure(time >= ilk.rho, 'Jug/invalid-now')
  const rate = rmulDown(rpow(add(vat.base, ilk.duty), time - ilk.rho), ilk.rate)
  // A rate must be an `int` (`jug.sol` `_diff`), and so must what it adds to all debt (`vat.sol` `fold`).
  mulSigned(rate, 1n)
  const fee = mulSigned(ilk.Art, rate - ilk.rate)
  vat.vow.dai = signed(vat.vow.dai, fee)
  vat.debt = signed(vat.debt, fee)
  ilk.rate = rate
  ilk.rho = time
  return { facts: [], moved: { rate, fee } }
}

/** Debt of a liquidated vault enters the queue (`grab` and `fess`). */
export function fess({ vow }: MakerVat, due: bigint, time: bigint): void {
  const era = String(time)
  vow.sin = add(vow.sin, due)
  vow.queued = add(vow.queued, due)
  vow.queue.set(era, (vow.queue.get(era) ?? 0n) + due)
}

/** Issues unbacked DAI for whoever acted: a keeper's incentive. */
export function suck(vat: MakerVat, coin: bigint): readonly AssetAmount[] {
  vat.vow.sin = add(vat.vow.sin, coin)
  vat.debt = add(vat.debt, coin)
  return coin === 0n ? [] : [rads(coin)]
}

/** Gives collateral to an owner's balance in the Vat, or takes it (negative). */
export function giveGem(vat: MakerVat, ilk: string, account: string, wad: bigint): void {
  if (wad === 0n) return
  const owners = vat.gem.get(ilk) ?? new Map<string, bigint>()
  owners.set(account, (owners.get(account) ?? 0n) + wad)
  vat.gem.set(ilk, owners)
}

function flog(vow: MakerVow, era: bigint, time: bigint): Completed {
  ensure(add(era, vow.wait) <= time, 'Vow/wait-not-finished')
  const due = vow.queue.get(String(era)) ?? 0n
  vow.queued = sub(vow.queued, due)
  vow.queue.delete(String(era))
  return { facts: [], moved: { due } }
}

function heal(vat: MakerVat, rad: bigint): Completed {
  const { vow } = vat
  ensure(rad <= vow.dai, 'Vow/insufficient-surplus')
  ensure(rad <= sub(vow.sin, vow.queued), 'Vow/insufficient-debt')
  vow.sin -= rad
  vow.dai -= rad
  vat.debt = sub(vat.debt, rad)
  return { facts: [] }
}

/** The system's deficit if every running auction raised nothing more: unbacked debt beyond the Vow's own DAI, rad; 0 with a surplus. */
export function makerDeficit({ vow }: MakerVat): bigint {
  return vow.sin > vow.dai ? vow.sin - vow.dai : 0n
}

/** Vaults that owe something. */
export function* vaultTargets(vat: MakerVat): Iterable<string> {
  for (const [ilk, urns] of vat.urns)
    for (const [account, { art }] of urns) if (art > 0n) yield makerVault(ilk, account)
}

/** A vault by its target id. */
export type MakerSight = {
  readonly id: string
  readonly account: string
  readonly ilk: MakerIlk
  readonly urn: MakerUrn
}

/** Looks a vault up; `undefined` where there is none. */
export function lookVault(vat: MakerVat, target: string): MakerSight | undefined {
  const cut = target.indexOf('/')
  const [id, account] = [target.slice(0, cut), target.slice(cut + 1)]
  const [ilk, urn] = [vat.ilks.get(id), vat.urns.get(id)?.get(account)]
  return ilk && urn ? { id, account, ilk, urn } : undefined
}

/** A copy of the core with one kind of collateral and at most one vault: enough to try an action on. */
export function vatPart(vat: MakerVat, id: string, account: string): MakerVat {
  const [ilk, urn] = [vat.ilks.get(id), vat.urns.get(id)?.get(account)]
  return {
    ...vat,
    ilks: new Map(ilk ? [[id, { ...ilk }]] : []),
    urns: new Map(urn ? [[id, new Map([[account, { ...urn }]])]] : []),
    ...{ gem: new Map(), dai: new Map() },
    vow: { ...vat.vow, queue: new Map() },
  }
}

/** Safety of a vault in rad at the rate last dripped. Like the contract it is never liquidatable at a price of 0. */
export function assessVault(vat: MakerVat, target: string, at: Moment): Health | undefined {
  const seen = lookVault(vat, target)
  if (!seen) return undefined
  const { ilk, urn } = seen
  const price = at.price(ilk.feed)
  if (price === undefined || price > MAX_UINT256 / RAY / BLN) return undefined
  const spot = spotDown(vat, ilk, at)
  const [backing, required] = [urn.ink * spot, urn.art * ilk.rate]
  const equity = urn.ink * rdivDown(price * BLN, vat.par) - required
  return { backing, required, equity, liquidatable: spot > 0n && backing < required }
}

/** Backing = ink · price / par / mat, required = art · rate, in rad; price in wad. */
export function vaultExposure(vat: MakerVat, target: string): Exposure | undefined {
  const seen = lookVault(vat, target)
  if (!seen) return undefined
  const { ilk, urn } = seen
  const perPrice = (Number(BLN) * Number(RAY) * Number(RAY)) / Number(vat.par) / Number(ilk.mat)
  return {
    slopes: [{ feed: ilk.feed, backing: Number(urn.ink) * perPrice, required: 0 }],
    constant: { backing: 0, required: Number(urn.art * ilk.rate) },
  }
}

/** What the core holds: collateral in vaults and balances; DAI of the Vow and of owners less all DAI issued. */
export function vatHoldings(vat: MakerVat): Map<string, bigint> {
  const held = new Map<string, bigint>()
  const put = (asset: string, amount: bigint) => held.set(asset, (held.get(asset) ?? 0n) + amount)
  put(DAI, vat.vow.dai - vat.debt)
  for (const own of vat.dai.values()) put(DAI, own)
  for (const [id, { gem }] of vat.ilks) {
    for (const { ink } of vat.urns.get(id)?.values() ?? []) put(gem, ink)
    for (const own of vat.gem.get(id)?.values() ?? []) put(gem, own)
  }
  return held
}
