/** Section A of the vectors: margin, liquidation and bankruptcy prices, funding and deleveraging of centralised venues. */
import { z } from 'zod'
import {
  bankruptcyPrice,
  crossings,
  deductionsOf,
  deleverageFills,
  fundingOver,
  fundingRate,
  initialMargin,
  type Leg,
  legOf,
  liquidationPrice,
  maintenanceAt,
  notionalAt,
  type PerpPosition,
  queueLights,
  singleTier,
} from '../../mechanisms/index.ts'
import { type Answer, type Form, form, num, nums, sideOf, sign } from './form.ts'

const linearOf = (mmr: number, cum = 0) =>
  ({ payoff: 'linear', maintenance: { kind: 'tiers', table: singleTier(mmr, cum) } }) as const
const inverseOf = (mmr: number) =>
  ({ payoff: 'inverse', maintenance: { kind: 'tiers', table: { ...singleTier(mmr), unit: 'coin' } } }) as const

function priceOf(found: { readonly price: number } | undefined): Answer {
  return found ? found.price : null
}

/** Names by which the whole of Binance's formula may be written, in the words of its FAQ or ours. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  wb: ['wb', 'walletbalance', 'wallet'],
  tmm: [
    'tmm',
    'tmm1',
    'tmmother',
    'tmmothers',
    'mmother',
    'mmothers',
    'maintother',
    'maintothers',
    'othermm',
    'othertmm',
    'mmex',
    'mmex1',
    'tmmex',
    'tmmrest',
  ],
  upnl: [
    'upnl',
    'upnl1',
    'upnlother',
    'upnlothers',
    'pnlother',
    'otherupnl',
    'otherpnl',
    'upnlex',
    'upnlex1',
    'upnlrest',
  ],
  side: ['side', 's', 'side1both', 'sideboth'],
  q: ['q', 'qty', 'size', 'amount', 'position1both', 'positionboth', 'qboth', 'qb'],
  ep: ['ep', 'entry', 'openrate', 'ep1both', 'epboth', 'epb'],
  mmr: ['mmr', 'r', 'mmratio', 'mmrb', 'mmrboth'],
  cum: ['cum', 'c', 'maintamount', 'maintenanceamt', 'cumb', 'cumboth'],
  lev: ['lev', 'leverage', 'l'],
  fee: ['fee', 'takerfee'],
  ql: ['ql', 'qlong', 'longq', 'longqty', 'position1long', 'positionlong'],
  epl: ['epl', 'eplong', 'longep', 'ep1long'],
  mmrl: ['mmrl', 'mmrlong', 'longmmr'],
  cuml: ['cuml', 'cumlong', 'longcum'],
  qs: ['qs', 'qshort', 'shortq', 'shortqty', 'position1short', 'positionshort'],
  eps: ['eps', 'epshort', 'shortep', 'ep1short'],
  mmrs: ['mmrs', 'mmrshort', 'shortmmr'],
  cums: ['cums', 'cumshort', 'shortcum'],
}

type Known = Readonly<Partial<Record<string, number>>>

function knownNames(inputs: unknown): Known | undefined {
  const entries = z.record(z.string(), z.number()).safeParse(inputs)
  if (!entries.success) return undefined
  const known: Record<string, number> = {}
  for (const [key, value] of Object.entries(entries.data)) {
    const plain = key.toLowerCase().replaceAll('_', '')
    const name = Object.keys(NAMES).find((one) => NAMES[one]?.includes(plain))
    if (name === undefined) return undefined
    known[name] = value
  }
  return legsOf(known).length > 0 && (known.wb !== undefined || known.lev !== undefined) ? known : undefined
}

function legsOf(known: Known): readonly Leg[] {
  const legs: Leg[] = []
  const add = (
    side: 1 | -1,
    q: number | undefined,
    ep: number | undefined,
    mmr: number | undefined,
    cum: number | undefined,
  ) => {
    if (q === undefined || ep === undefined || mmr === undefined || q === 0) return
    legs.push(legOf(linearOf(mmr, cum), { side: sideOf(side), size: Math.abs(q), entryPrice: ep }, known.fee ?? 0))
  }
  const side = known.side ?? Math.sign(known.q ?? 1)
  add(side < 0 ? -1 : 1, known.q, known.ep, known.mmr, known.cum)
  add(1, known.ql, known.epl, known.mmrl ?? known.mmr, known.cuml)
  add(-1, known.qs, known.eps, known.mmrs ?? known.mmr, known.cums)
  return legs
}

/** `LP = (WB − TMM' + UPNL' + Σc − Σ s·q·EP) / Σ(q·r − s·q)`: the crossing below for a net long, above for a net short. */
function wholeFormula(known: Known): Answer {
  const legs = legsOf(known)
  const wallet = known.wb ?? legs.reduce((sum, { size, entry }) => sum + size * entry, 0) / (known.lev as number)
  const net = legs.reduce((sum, leg) => sum + leg.sign * leg.size, 0)
  const { below, above } = crossings(
    { legs, money: wallet - (known.tmm ?? 0) + (known.upnl ?? 0), part: 1 },
    net >= 0 ? Number.MAX_VALUE : 0,
  )
  return (net >= 0 ? below : above) ?? null
}

const isolated = (side: 1 | -1, q: number, ep: number, lev: number) => ({
  position: { side: sideOf(side), size: q, entryPrice: ep } satisfies PerpPosition,
  margin: (q * ep) / lev,
})

/** Every form of section A. */
export const PERP_FORMS: readonly Form[] = [
  form('A.binance.lp', { wb: num, side: sign, q: num, ep: num, mmr: num, cum: num }, ({ wb, side, q, ep, mmr, cum }) =>
    priceOf(liquidationPrice(linearOf(mmr, cum), { side: sideOf(side), size: q, entryPrice: ep }, { margin: wb })),
  ),
  form('A.binance.lp', { mmr: num, lev: nums }, ({ mmr, lev }) =>
    lev.map((leverage) => {
      const { position, margin } = isolated(1, 1, 1, leverage)
      const found = liquidationPrice(linearOf(mmr), position, { margin })
      return found ? found.price - 1 : null
    }),
  ),
  form(
    'A.binance.lp',
    { side: sign, q: num, ep: num, lev: num, mmr: num, cum: num },
    ({ side, q, ep, lev, mmr, cum }) => {
      const { position, margin } = isolated(side, q, ep, lev)
      return priceOf(liquidationPrice(linearOf(mmr, cum), position, { margin }))
    },
  ),
  {
    mech: 'A.binance.lp',
    accepts: (inputs) => knownNames(inputs) !== undefined,
    run: (inputs) => wholeFormula(knownNames(inputs) ?? {}),
  },
  form('A.binance.inverse', { wb: num, Q: num, ep: num, mmr: num }, ({ wb, Q, ep, mmr }) => {
    const at = (side: 'long' | 'short') =>
      priceOf(liquidationPrice(inverseOf(mmr), { side, size: Q, entryPrice: ep }, { margin: wb }))
    return { long: at('long'), short: at('short') }
  }),
  form('A.bybit.lp', { side: sign, ep: num, lev: num, mmr: num }, ({ side, ep, lev, mmr }) => {
    const { position, margin } = isolated(side, 1, ep, lev)
    return priceOf(liquidationPrice(linearOf(mmr), position, { margin, rule: 'at-entry' }))
  }),
  form(
    'A.bybit.inverse',
    { side: sign, qtyUsd: num, ep: num, lev: num, mmr: num },
    ({ side, qtyUsd, ep, lev, mmr }) => {
      const contract = inverseOf(mmr)
      const position = { side: sideOf(side), size: qtyUsd, entryPrice: ep }
      const im = initialMargin(contract, position, lev)
      const lp = priceOf(liquidationPrice(contract, position, { margin: im, rule: 'at-entry' }))
      return { pv: notionalAt(contract, position, ep), im, mm: maintenanceAt(contract, position, ep).margin, lp }
    },
  ),
  form(
    'A.bybit.inverse',
    { side: sign, qtyUsd: num, ep: num, balanceBtc: num, takerFee: num },
    ({ side, qtyUsd, ep, balanceBtc, takerFee }) =>
      bankruptcyPrice(
        { payoff: 'inverse' },
        { side: sideOf(side), size: qtyUsd, entryPrice: ep },
        balanceBtc,
        takerFee,
      ) ?? null,
  ),
  form('A.okx.lp', { side: sign, q: num, ep: num, lev: num, mmr: num, fee: num }, ({ side, q, ep, lev, mmr, fee }) => {
    const { position, margin } = isolated(side, q, ep, lev)
    return priceOf(liquidationPrice(linearOf(mmr), position, { margin, rule: 'fee-inclusive', fee }))
  }),
  form('A.bankruptcy', { side: sign, ep: num, lev: num }, ({ side, ep, lev }) => {
    const { position, margin } = isolated(side, 1, ep, lev)
    // A long bought with nothing borrowed is worth nothing at a price of 0 and not before.
    return bankruptcyPrice({ payoff: 'linear' }, position, margin) ?? (margin === ep ? 0 : null)
  }),
  form('A.tiers', { tiers: z.array(z.tuple([num, num])) }, ({ tiers }) => deductionsOf(tiers)),
  form('A.funding', { avgPremium: num, I: num, clamp: num, intervalH: num }, ({ avgPremium, I, clamp, intervalH }) =>
    fundingRate(avgPremium, { interest: I, clamp, intervalHours: intervalH }),
  ),
  form('A.funding', { rate: num, notional: num, perDay: num }, ({ rate, notional, perDay }) =>
    fundingOver(notional, rate, perDay),
  ),
  form(
    'A.adl.bitmex',
    {
      accounts: z.record(z.string(), z.strictObject({ qty: num, rank: num })),
      liquidated: z.strictObject({ side: z.enum(['long', 'short']), qty: num, price: num }),
    },
    ({ accounts, liquidated }) => {
      const queue = Object.entries(accounts)
        .sort(([, a], [, b]) => b.rank - a.rank)
        .map(([id, { qty }]) => ({ id, size: qty }))
      const { fills } = deleverageFills(queue, liquidated.qty)
      return {
        bars: Object.fromEntries(queueLights(queue)),
        fills: Object.fromEntries(fills.map(({ id, size }) => [id, size])),
      }
    },
  ),
]
