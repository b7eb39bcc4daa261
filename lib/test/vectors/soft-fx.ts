/** Section D of the vectors: f(x) v1's leverage and liquidation amounts, f(x) v2's ticks, rebalances, liquidations and redemptions. */
import { z } from 'zod'
import { FX_V2_TERMS, fxV1Rules, fxV2Rules } from '../../mechanisms/index.ts'
import { parseFixed } from '../../model/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

const { debtRatioDown, E96, fallToRatio, FEE, liquidationOfTick, rebalanceOf, scaleDown, tickOfUp } = fxV2Rules
const ONE = 10n ** 18n

/** Wad of a number by its decimal digits. */
function wad(value: number): bigint {
  const short = String(value)
  return parseFixed(/e/.test(short) || (short.split('.')[1] ?? '').length > 18 ? value.toFixed(18) : short, 18)
}
const float = (value: bigint) => Number(value) / 1e18
const fee = (value: number) => BigInt(Math.round(value * 1e9))

const none = 1n << 200n
const revenuePart = (bonus: bigint, rate: bigint, part: bigint) => (scaleDown(bonus, rate) * part) / FEE

/** One liquidation of a tick in the pool's own shares; `reserve` raw collateral at hand. */
function liquidated(
  { debt, rawColl, bonus, rate }: { debt: number; rawColl: number; bonus: number; rate: number },
  price: number,
  reserve: bigint,
) {
  const side = { rawColl: wad(rawColl), rawDebt: wad(debt), price: wad(price) }
  const shares = { ...side, colls: side.rawColl, debts: side.rawDebt, collIndex: E96, debtIndex: E96 }
  const done = liquidationOfTick(shares, fee(bonus), none, reserve)
  const colls = scaleDown(done.rawColl + done.bonus, wad(rate))
  // A tenth of the bonus is the protocol's, as in the deployment of the test.
  const kept = revenuePart(done.bonus, wad(rate), FEE / 10n)
  return { colls, kept, toPool: colls - kept, reserve: scaleDown(done.fromReserve, wad(rate)) }
}

/** Answers named by price: by the numbers in the question's own names where they are no prices, in their order. */
function byPrice(prices: readonly number[], asked: unknown, answer: (kind: string, at: number) => number): Answer {
  const names =
    typeof asked === 'object' && asked !== null
      ? Object.keys(asked)
      : prices.flatMap((one) => ['colls', 'toPool', 'fee', 'collsFromReserve'].map((kind) => `${kind}${one}`))
  const numbers = [...new Set(names.map((name) => Number(/[\d.]+$/.exec(name)?.[0])))].sort((a, b) => b - a)
  const sorted = prices.map((price, at) => ({ price, at })).sort((a, b) => b.price - a.price)
  return Object.fromEntries(
    names.map((name) => {
      const [, kind = '', digits = ''] = /^([A-Za-z]+)([\d.]+)$/.exec(name) ?? []
      const exact = prices.indexOf(Number(digits))
      return [name, answer(kind, exact >= 0 ? exact : (sorted[numbers.indexOf(Number(digits))]?.at ?? 0))]
    }),
  )
}

const V1 = 'D.fx.v1'
const V2 = 'D.fx.v2'

/** Every form of f(x). */
export const FX_FORMS: readonly Form[] = [
  form(V1, { rho: num, beta: num, r: num }, ({ rho, beta, r }) =>
    float(fxV1Rules.leverageDown(wad(rho), wad(beta), wad(r))),
  ),
  form(V1, { n: num, v: num, nf: num, vf: num, ncr: num, lam: num }, ({ n, v, nf, vf, ncr, lam }) => {
    const side = { base: wad(n), price: wad(v), fSupply: wad(nf), fNav: wad(vf) }
    const { base, fToken } = fxV1Rules.mostLiquidatableDown(side, wad(ncr), wad(lam))
    return { baseOut: float(base), fIn: float(fToken) }
  }),
  form(
    V2,
    { positions: z.array(z.tuple([num, num])), rate: num, price: num, T: num, bonus: num, revenueShare: num },
    ({ positions, rate, price, T, bonus, revenueShare }) => {
      const rawColl = positions.reduce((sum, [units]) => sum + (wad(units) * wad(rate)) / ONE, 0n)
      const rawDebt = positions.reduce((sum, [, debt]) => sum + wad(debt), 0n)
      const side = { rawColl, rawDebt, price: wad(price) }
      const done = rebalanceOf(side, wad(T), fee(bonus), none)
      const whole = done.rawColl + done.bonus
      const kept = revenuePart(done.bonus, wad(rate), fee(revenueShare))
      const colls = scaleDown(whole, wad(rate))
      return {
        debtRatio: float(debtRatioDown(side) ?? 0n),
        fxusd: float(done.rawDebt),
        rawColl: float(whole),
        colls: float(colls),
        toProtocol: float(kept),
        toPool: float(colls - kept),
      }
    },
  ),
  form(V2, { debt: num, rawColl: num }, ({ debt, rawColl }) => tickOfUp(wad(rawColl), wad(debt))),
  form(V2, { debt: num, rawColl: num, price: nums.min(1), bonus: num, rate: num }, (inputs, asked) =>
    byPrice(inputs.price, asked, (kind, at) => {
      // What the collateral does not cover comes from the reserve, which has enough.
      const done = liquidated(inputs, inputs.price[at] ?? 0, none)
      const answers: Record<string, bigint> = {
        ...{ colls: done.colls, toPool: done.toPool, fee: done.kept },
        collsFromReserve: done.reserve,
      }
      return float(answers[kind] ?? 0n)
    }),
  ),
  form(V2, { debt: num, price: num, rate: num, fee: num }, ({ debt, price, rate, fee: part }) => {
    const coll = scaleDown((wad(debt) * ONE) / wad(price), wad(rate))
    return { coll: float(coll), net: float(coll - (coll * fee(part)) / FEE) }
  }),
  form(V2, { lev: nums }, ({ lev }) => {
    const { rebalanceRatio, liquidateRatio } = FX_V2_TERMS
    const move = (line: bigint) => lev.map((one) => 100 * fallToRatio(one, float(line)))
    return { rebalance: move(rebalanceRatio), liquidate: move(liquidateRatio) }
  }),
]
