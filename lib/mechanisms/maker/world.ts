/** Random Maker worlds for the conformance suite, for both liquidation systems: two kinds of collateral, prices that wander and sometimes crash. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import type { MakerClipAction, MakerClipper, MakerClipState } from './clip.ts'
import { greatestLotDown, leastBidUp, type MakerFlipAction, type MakerFlipper, type MakerFlipState } from './flip.ts'
import { RAY, WAD } from './scale.ts'
import { type MakerIlk, type MakerVat, type MakerVatAction, vaultTargets } from './vat.ts'

const ACCOUNTS = ['ann', 'bob', 'cid', 'dot'] as const
const KEEPERS = ['kim', 'lin'] as const
const ILKS = ['ETH-A', 'WBTC-A'] as const
const START = 1_700_000_000
const RAD = 10n ** 45n

/** A world of Liquidations 2.0. */
export function makerClipWorld(chance: Prng): World<MakerClipState, MakerClipAction> {
  const state: MakerClipState = {
    vat: vatOf(chance),
    dog: { Hole: BigInt(20_000 + chance.int(200_000)) * RAD, Dirt: 0n },
    clippers: new Map(ILKS.map((id) => [id, clipperOf(chance)])),
    sales: new Map(),
  }
  const outside = walk(chance)
  return {
    state,
    at: outside(START),
    next: (now, { time }) => ({
      action: clipAction(now, chance),
      at: outside(time + chance.int(chance.pick([900, 6_000]))),
    }),
    attacks: (_now, target) => [{ do: 'bark', ...placeOf(target) }],
    audit: (now) => auditVat(now.vat) ?? auditDirt(now),
  }
}

/** A world of Liquidations 1.x, half of them with lots capped by collateral, as in March 2020. */
export function makerFlipWorld(chance: Prng): World<MakerFlipState, MakerFlipAction> {
  const kind = chance.pick(['lump', 'dunk'] as const)
  const state: MakerFlipState = {
    vat: vatOf(chance),
    cat: { box: BigInt(20_000 + chance.int(200_000)) * RAD, litter: 0n },
    flippers: new Map(ILKS.map((id) => [id, flipperOf(kind, chance)])),
    auctions: new Map(),
  }
  const outside = walk(chance)
  return {
    state,
    at: outside(START),
    next: (now, { time }) => ({
      action: flipAction(now, chance),
      at: outside(time + chance.int(chance.pick([500, 4_000]))),
    }),
    attacks: (_now, target) => [{ do: 'bite', ...placeOf(target) }],
    // A lot capped by collateral takes its share of the debt rounded down: one atom of debt may stay too much.
    toxic: (now, target) => now.flippers.get(placeOf(target).ilk)?.lot.kind === 'lump',
    audit: (now) => auditVat(now.vat),
  }
}

function placeOf(target: string): { readonly ilk: string; readonly account: string } {
  const [ilk = '', account = ''] = target.split('/')
  return { ilk, account }
}

function vatOf(chance: Prng): MakerVat {
  return {
    par: RAY,
    base: 0n,
    Line: 10_000_000n * RAD,
    ilks: new Map(ILKS.map((id) => [id, kindOf(id, chance)])),
    ...{ urns: new Map(), gem: new Map(), dai: new Map(), debt: 0n },
    vow: { wait: BigInt(chance.int(20_000)), dai: 0n, sin: 0n, queued: 0n, queue: new Map() },
  }
}

function kindOf(id: string, chance: Prng): MakerIlk {
  return {
    ...{ gem: id.split('-')[0] ?? id, feed: id },
    mat: BigInt(110 + chance.int(60)) * 10n ** 25n,
    line: 1_000_000n * RAD,
    dust: BigInt(chance.int(3_000)) * RAD,
    // Up to 20 % a year, far up in one world out of four so that debts move within a run.
    duty: RAY + BigInt(chance.int(chance.pick([6, 6, 6, 3_000]))) * 10n ** 18n,
    ...{ Art: 0n, rate: RAY, rho: BigInt(START) },
  }
}

function clipperOf(chance: Prng): MakerClipper {
  const cut = BigInt(900 + chance.int(99)) * 10n ** 24n
  const step = BigInt(30 + chance.int(200))
  return {
    curve: chance.pick([
      { type: 'linear', tau: BigInt(2_000 + chance.int(20_000)) },
      { type: 'stairstep', cut, step },
      { type: 'exponential', cut: RAY - 10n ** 23n * BigInt(1 + chance.int(9)) },
    ] as const),
    chop: WAD + BigInt(chance.int(20)) * 10n ** 16n,
    hole: BigInt(10_000 + chance.int(200_000)) * RAD,
    dirt: 0n,
    buf: BigInt(100 + chance.int(40)) * 10n ** 25n,
    tail: BigInt(2_000 + chance.int(10_000)),
    cusp: BigInt(5 + chance.int(50)) * 10n ** 25n,
    tip: BigInt(chance.int(300)) * RAD,
    chip: BigInt(chance.int(20)) * 10n ** 15n,
    ...{ stopped: 0n, kicks: 0n },
  }
}

function flipperOf(kind: 'lump' | 'dunk', chance: Prng): MakerFlipper {
  const penalty = BigInt(100 + chance.int(20))
  return {
    lot:
      kind === 'lump'
        ? { kind, lump: BigInt(1 + chance.int(50)) * WAD }
        : { kind, dunk: BigInt(2_000 + chance.int(50_000)) * RAD },
    chop: penalty * (kind === 'lump' ? RAY / 100n : WAD / 100n),
    beg: BigInt(101 + chance.int(9)) * 10n ** 16n,
    ttl: BigInt(300 + chance.int(1_500)),
    tau: BigInt(2_000 + chance.int(6_000)),
    kicks: 0n,
  }
}

/** Prices around 200 and 9,000 DAI that wander by some percent a step and now and then fall by up to half. */
function walk(chance: Prng): (time: number) => Moment {
  const prices = new Map(ILKS.map((id, at) => [id as string, at === 0 ? 200 : 9_000]))
  return (time) => {
    for (const [feed, price] of prices) {
      const pull = Math.log((feed === 'ETH-A' ? 200 : 9_000) / price) * 0.1
      const jump = chance.int(14) === 0 ? Math.log(0.5 + chance.next() / 2) : 0
      prices.set(feed, price * Math.exp(pull + jump + 0.05 * chance.normal()))
    }
    const answers = new Map([...prices].map(([feed, price]) => [feed, BigInt(Math.round(price * 1e6)) * 10n ** 12n]))
    return { time: time as UnixSeconds, price: (feed) => answers.get(feed) as FeedAnswer | undefined }
  }
}

function vatAction(vat: MakerVat, chance: Prng): MakerVatAction {
  const [ilk, account] = [chance.pick(ILKS), chance.pick(ACCOUNTS)]
  const scale = ilk === 'ETH-A' ? 200n : 9_000n
  const dice = chance.int(12)
  if (dice < 5) {
    const worth = BigInt(5_000 + chance.int(40_000))
    const lend = BigInt(40 + chance.int(35))
    return { do: 'frob', ilk, account, dink: (worth * WAD) / scale, dart: ((worth * lend) / 100n) * WAD }
  }
  if (dice < 7) {
    const urn = vat.urns.get(ilk)?.get(account)
    const part = BigInt(chance.int(101))
    return {
      do: 'frob',
      ilk,
      account,
      dink: -((urn?.ink ?? 0n) * part) / 300n,
      dart: -((urn?.art ?? 0n) * part) / 100n,
    }
  }
  if (dice < 9) return { do: 'drip', ilk }
  if (dice < 10) return { do: 'flog', era: BigInt([...vat.vow.queue.keys()][0] ?? 0) }
  if (dice < 11) {
    const most = vat.vow.sin - vat.vow.queued
    return { do: 'heal', rad: most < vat.vow.dai ? most : vat.vow.dai }
  }
  const someone = chance.pick([...ACCOUNTS, ...KEEPERS, 'bidder'])
  return chance.int(2) === 0
    ? { do: 'exit-gem', ilk, account: someone, wad: vat.gem.get(ilk)?.get(someone) ?? 1n }
    : { do: 'exit-dai', account: someone, rad: vat.dai.get(someone) ?? 1n }
}

function vaultPlace(vat: MakerVat, chance: Prng) {
  return placeOf(chance.pick([...vaultTargets(vat), 'ETH-A/ann']))
}

function running<T>(auctions: Map<string, Map<string, T>>, chance: Prng): readonly [string, string, T] | undefined {
  const all = [...auctions].flatMap(([ilk, some]) => [...some].map(([number, one]) => [ilk, number, one] as const))
  return all.length === 0 ? undefined : chance.pick(all)
}

function clipAction({ vat, sales }: MakerClipState, chance: Prng): MakerClipAction {
  const dice = chance.int(12)
  if (dice < 5) return vatAction(vat, chance)
  const found = running(sales, chance)
  if (dice < 8 || !found) return { do: 'bark', ...vaultPlace(vat, chance) }
  const [ilk, sale, { lot, top }] = found
  if (dice < 9)
    return chance.int(6) > 0
      ? { do: 'redo', ilk, sale }
      : { do: 'stop', ilk, level: BigInt(chance.pick([0, 0, 0, 0, 1, 2, 3])) }
  const [amt, max] = [(lot * BigInt(1 + chance.int(100))) / 100n, chance.int(8) === 0 ? top / 2n : top]
  return { do: 'take', ilk, sale, amt, max, taker: chance.pick(KEEPERS) }
}

function flipAction({ vat, auctions, flippers }: MakerFlipState, chance: Prng): MakerFlipAction {
  const dice = chance.int(12)
  if (dice < 4) return vatAction(vat, chance)
  const found = running(auctions, chance)
  if (dice < 7 || !found) return { do: 'bite', ...vaultPlace(vat, chance) }
  const [ilk, number, auction] = found
  const terms = flippers.get(ilk)
  const place = { ilk, auction: number }
  if (dice < 9 || !terms) return { do: chance.pick(['deal', 'deal', 'tick'] as const), ...place }
  const guy = chance.pick(KEEPERS)
  if (auction.bid === auction.tab) return { do: 'dent', ...place, guy, lot: greatestLotDown(terms, auction) }
  const bid = chance.pick([auction.tab, leastBidUp(terms, auction), (auction.tab * BigInt(1 + chance.int(99))) / 100n])
  return { do: 'tend', ...place, guy, bid }
}

/** Maker's fundamental equation: all DAI issued = vaults' debt + unbacked debt; and every vault's debt is in its kind's sum. */
function auditVat(vat: MakerVat): string | undefined {
  let debt = vat.vow.sin
  for (const [id, ilk] of vat.ilks) {
    const arts = [...(vat.urns.get(id)?.values() ?? [])].reduce((sum, { art }) => sum + art, 0n)
    if (arts !== ilk.Art) return `${id}: vaults owe ${arts}, the sum says ${ilk.Art}`
    debt += ilk.Art * ilk.rate
  }
  if (debt !== vat.debt) return `issued ${vat.debt} DAI (rad), owed ${debt}`
  const queued = [...vat.vow.queue.values()].reduce((sum, one) => sum + one, 0n)
  return queued === vat.vow.queued ? undefined : 'the queue does not add up'
}

function auditDirt({ dog, clippers, sales }: MakerClipState): string | undefined {
  let all = 0n
  for (const [id, { dirt }] of clippers) {
    const tabs = [...(sales.get(id)?.values() ?? [])].reduce((sum, { tab }) => sum + tab, 0n)
    if (tabs !== dirt) return `${id}: tabs of ${tabs} run, dirt says ${dirt}`
    all += dirt
  }
  return all === dog.Dirt ? undefined : 'Dirt does not add up'
}
