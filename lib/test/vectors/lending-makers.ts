/** Section C of the vectors, its stablecoin makers and Kamino: Maker's auctions, Liquity's pools, the dynamic bonus. */

import {
  BLACK_THURSDAY,
  impliedLots,
  kaminoFraction,
  kaminoLiquidations,
  liquityV1Pool,
  liquityV2Rules,
  makerClipRules,
  makerFlipRules,
} from '../../mechanisms/index.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { fixedToNumber, parseFixed } from '../../model/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

const RAY = 10n ** 27n

/** A plain number as it is written, scaled; what has more decimals is cut. */
function scaled(value: number, decimals: number): bigint {
  const text = String(value)
  return (
    (parseFixed(/^\d+(\.\d{1,18})?$/.test(text) ? text : value.toFixed(18), 18) * 10n ** BigInt(decimals)) / 10n ** 18n
  )
}
const wad = (value: number) => scaled(value, 18)
const wads = (value: bigint) => fixedToNumber(value, 18)

/** Clip: the price of a falling auction at some ages. */
function clipPrices({ top, cut, step, at }: { top: number; cut: number; step: number; at: number[] }): Answer {
  const curve = { type: 'stairstep', cut: scaled(cut, 27), step: BigInt(step) } as const
  return at.map((age) => fixedToNumber(makerClipRules.auctionPrice(curve, scaled(top, 27), BigInt(age)), 27))
}

type TakeInputs = { tab: number; lot: number; price: number; amt: number; chost: number }

function clipTake({ tab, lot, price, amt, chost }: TakeInputs): Answer {
  const sale = { tab: scaled(tab, 45), lot: wad(lot) }
  const { owe, slice } = makerClipRules.takeSize(sale, wad(amt), scaled(price, 27), scaled(chost, 45))
  return {
    ...{ owe: fixedToNumber(owe, 45), slice: wads(slice) },
    ...{ tab: fixedToNumber(sale.tab - owe, 45), lot: wads(sale.lot - slice) },
  }
}

type BarkInputs = { ink: number; art: number; chop: number; hole: number; dust: number }

/** Dog: how much of a vault at rate 1 an empty limit takes. The price is one that makes the vault unsafe. */
function dogBark({ ink, art, chop, hole, dust }: BarkInputs): Answer {
  const ilk = { Art: wad(art), rate: RAY, spot: 1n, dust: scaled(dust, 45) }
  const urn = { ink: wad(ink), art: wad(art) }
  const limit = scaled(hole, 45)
  const dog = { Hole: limit, Dirt: 0n, chop: wad(chop), hole: limit, dirt: 0n }
  const clip = { buf: RAY, tip: 0n, chip: 0n, stopped: 0n }
  const { sale } = makerClipRules.bark(ilk, urn, dog, clip, { value: 10n ** 18n, has: true, par: RAY }, 0n)
  return { tab: fixedToNumber(sale.tab, 45), lot: wads(sale.lot), leftInk: wads(urn.ink), leftArt: wads(urn.art) }
}

const accepted = (run: () => void) =>
  !(
    'refused' in
    applied(() => {
      run()
      return { facts: [] }
    })
  )

/** Pairs [from, to] that a vector asks about; the third entry, its answer, is not looked at. */
function pairsOf(asked: unknown, key: 'tend' | 'dent', usual: readonly (readonly [number, number])[]) {
  const rows = (asked as { readonly [name: string]: unknown } | undefined)?.[key]
  if (!Array.isArray(rows)) return usual
  return rows.map((row) => [Number(row?.[0]), Number(row?.[1])] as const)
}

/** Flip: which bids and lots are a valid step, and what the last accepted lot gives back. */
function flipSteps({ tab, lot, beg }: { tab: number; lot: number; beg: number }, asked: unknown): Answer {
  const terms = { beg: wad(beg), ttl: 10n, tau: 100n }
  const auction = (bid: number, left: number) => ({
    ...{ bid: scaled(bid, 45), lot: wad(left), guy: 'kim', tic: 0n, end: 100n, tab: scaled(tab, 45), owner: 'ann' },
  })
  const tends = pairsOf(asked, 'tend', [
    [1, 1.01],
    [1, 1.07],
    [tab - 1, tab],
  ])
  const dents = pairsOf(asked, 'dent', [
    [lot, lot * 0.99],
    [lot, lot * 0.95],
  ])
  let returned = 0
  const dent = dents.map(([from, to]) => {
    const ok = accepted(() => {
      returned = wads(makerFlipRules.dent(terms, auction(tab, from), 'lin', wad(to), 0n).returnedToOwner)
    })
    return [from, to, ok]
  })
  const tend = tends.map(([from, to]) => [
    ...[from, to],
    accepted(() => void makerFlipRules.tend(terms, auction(from, lot), 'lin', scaled(to, 45), 0n)),
  ])
  return { tend, dent, dent95ReturnsToUser: returned }
}

type BlackThursdayInputs = { lotEth: number; zeroBidShare: number; zeroBidUsd: number; deficitDai: number[] }

/** Black Thursday: the number of lots as a formula in the price `px`; with the day's own figures it is that of the scenario's data. */
function blackThursday({ lotEth, zeroBidUsd }: BlackThursdayInputs): Answer {
  const facts = { ...BLACK_THURSDAY, lotEth, zeroBidUsd }
  const value = impliedLots(facts, 1) * lotEth
  return { impliedLots: `${value.toExponential().replace('e+', 'e')}/(${lotEth}*px)` }
}

type PoolInputs = { depositors: number[]; liquidations: number; debt: number; coll: number; gasComp: number }

/**
 * Liquity v1: what the first depositor has left and has gained after one, two, three… equal liquidations; where the vector asks about as many rows
 * as there are depositors and not liquidations, what each of them has after all.
 */
function stabilityPool({ depositors, liquidations, debt, coll, gasComp }: PoolInputs, asked: unknown): Answer {
  const pool = liquityV1Pool.emptyPool()
  depositors.forEach((initial, at) => {
    pool.totalDeposits += wad(initial)
    liquityV1Pool.putDeposit(pool, String(at), wad(initial))
  })
  const standing = (id: number) => {
    const own = pool.deposits.get(String(id))
    return [wads(liquityV1Pool.compoundedDeposit(pool, own)), wads(liquityV1Pool.depositGain(pool, own))] as const
  }
  const rows: (readonly [number, number])[] = []
  for (let at = 0; at < liquidations; at++) {
    const offset = wad(debt) < pool.totalDeposits ? wad(debt) : pool.totalDeposits
    liquityV1Pool.offset(pool, offset, ((wad(coll) - wad(coll * gasComp)) * offset) / wad(debt))
    rows.push(standing(0))
  }
  const wanted = (asked as { readonly deposits?: unknown } | undefined)?.deposits
  const each = Array.isArray(wanted) && wanted.length !== liquidations && wanted.length === depositors.length
  const shown = each ? depositors.map((_, at) => standing(at)) : rows
  return { deposits: shown.map(([left]) => left), ethEach: shown.map(([, gain]) => gain) }
}

type BoldInputs = { coll: number; debt: number; price: number; penalty: number; gasComp?: number | undefined }

/** Liquity v2: what the pool gets of a trove and what its owner keeps; without another share the liquidator gets 0.5 %, at most 2. */
function boldOffset({ coll, debt, price, penalty, gasComp = 0.005 }: BoldInputs): Answer {
  const gas = wad(coll * gasComp)
  const left = wad(coll) - (gas < liquityV2Rules.GAS_CAP ? gas : liquityV2Rules.GAS_CAP)
  const [toSP, surplus] = liquityV2Rules.seizedOf(left, wad(debt), wad(penalty), wad(price))
  return { toSP: wads(toSP), surplus: wads(surplus) }
}

type BonusInputs = { liqLtv: number; minB: number; maxB: number; ltv: number[] }

/** Kamino: the dynamic bonus at some loan-to-values, without borrow factors and bad-debt bonus. */
function kaminoBonus({ liqLtv, minB, maxB, ltv }: BonusInputs): Answer {
  const { ONE } = kaminoFraction
  const fraction = (value: number) => (wad(value) * ONE) / 10n ** 18n
  const bps = (value: number) => BigInt(Math.round(value * 10_000))
  const terms = { minLiquidationBonusBps: bps(minB), maxLiquidationBonusBps: bps(maxB), badDebtLiquidationBonusBps: 0n }
  return ltv.map((value) => {
    const at = fraction(value)
    const allowed = fraction(Math.min(liqLtv, value))
    return Number(kaminoLiquidations.liquidationBonus(terms, terms, { allowed, ltv: at, plainLtv: at })) / Number(ONE)
  })
}

const bold = { coll: num, debt: num, price: num, penalty: num }

/** Maker, both auction systems. */
export const MAKER_FORMS: readonly Form[] = [
  form('C.maker.clip', { top: num, cut: num, step: num, at: nums }, clipPrices),
  form('C.maker.clip', { tab: num, lot: num, price: num, amt: num, chost: num }, clipTake),
  form('C.maker.dog', { ink: num, art: num, chop: num, hole: num, dust: num }, dogBark),
  form('C.maker.flip', { tab: num, lot: num, beg: num }, flipSteps),
  form('C.maker.blackthursday', { lotEth: num, zeroBidShare: num, zeroBidUsd: num, deficitDai: nums }, blackThursday),
]

/** Liquity v1 and v2. */
export const LIQUITY_FORMS: readonly Form[] = [
  form('C.liquity.v1', { depositors: nums, liquidations: num, debt: num, coll: num, gasComp: num }, stabilityPool),
  form('C.liquity.v2', { ...bold, gasComp: num }, boldOffset),
  form('C.liquity.v2', bold, boldOffset),
]

/** Kamino. */
export const KAMINO_FORMS: readonly Form[] = [
  form('C.kamino', { liqLtv: num, minB: num, maxB: num, ltv: nums }, kaminoBonus),
]
