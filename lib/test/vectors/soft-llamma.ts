/** Section D.1 of the vectors: LLAMMA's bands, invariant, loans, health, discount, and the rate of a filling market. */
import { z } from 'zod'
import { llammaRules } from '../../mechanisms/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

const market = { A: num, pBase: num, pOracle: num }
/** Names under which the inputs of a loan's health come, in small letters without `_`; the first is the usual one. */
const NAMES = {
  collateral: ['coll', 'collateral', 'y'],
  debt: ['debt', 'd'],
  bands: ['n', 'bands'],
  n1: ['n1', 'band'],
  n2: ['n2'],
  discount: ['liqdiscount', 'liquidationdiscount', 'liqdisc', 'ld', 'discount'],
  loanDiscount: ['loandiscount', 'loandisc'],
  A: ['a'],
  base: ['pbase', 'base'],
  oracle: ['poracle', 'oracle', 'po', 'p', 'price'],
} as const

/** Health of an untouched loan. Where no band is given, it is the highest that the loan discount allows below the base price. */
const health: Form = {
  mech: 'D.llamma',
  accepts: (inputs) => {
    const read = z.record(z.string(), num).safeParse(inputs)
    if (!read.success) return false
    const data = plainNames(read.data)
    const has = (name: keyof typeof NAMES) => NAMES[name].some((key) => key in data)
    return NEEDED.every(has) && (has('bands') || has('n2')) && (has('n1') || has('loanDiscount'))
  },
  run: (inputs) => healthAnswer(plainNames(inputs as Readonly<Record<string, number>>)),
}

function plainNames(inputs: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key.toLowerCase().replaceAll('_', ''), value]),
  )
}

const NEEDED = ['collateral', 'debt', 'discount', 'A', 'base'] as const

function healthAnswer(inputs: Readonly<Record<string, number>>): Answer {
  const value = (name: keyof typeof NAMES) => NAMES[name].map((key) => inputs[key]).find((one) => one !== undefined)
  const must = (name: (typeof NEEDED)[number]) => value(name) as number
  const [A, base, collateral, debt] = [must('A'), must('base'), must('collateral'), must('debt')]
  const bands = value('bands') ?? (value('n2') ?? 0) - (value('n1') ?? 0) + 1
  const effective = llammaRules.effectiveCollateral(A, collateral, bands, value('loanDiscount') ?? 0)
  const n1 = value('n1') ?? llammaRules.bandsBelow(A, effective, base, debt)
  const oracle = value('oracle') ?? base
  const { up } = llammaRules.bandPrices(A, base, oracle, n1)
  const xDown = llammaRules.slowlyDown(A, collateral, bands, up)
  const { quick, full } = llammaRules.untouchedHealth({ collateral, debt, xDown, up }, must('discount'), oracle)
  return { xDown, health: quick, healthFull: full }
}

/** Every form of LLAMMA. */
export const LLAMMA_FORMS: readonly Form[] = [
  form('D.llamma', { ...market, n: nums }, ({ A, pBase, pOracle, n }) =>
    n.map((band) => ({ n: band, ...llammaRules.bandPrices(A, pBase, pOracle, band) })),
  ),
  form('D.llamma', { ...market, band: num, x: num, y: num }, ({ A, pBase, pOracle, band, x, y }) => {
    const { up } = llammaRules.bandPrices(A, pBase, pOracle, band)
    return { p: llammaRules.bandPrice(A, x, y, pOracle, up), y0: llammaRules.bandY0(A, x, y, pOracle, up) }
  }),
  form('D.llamma', { ...market, band: num, y: num }, ({ A, pBase, pOracle, band, y }) => {
    const { up } = llammaRules.bandPrices(A, pBase, pOracle, band)
    const after = llammaRules.tradedTo(A, { x: 0, y }, pOracle, up, pOracle)
    return {
      p0: llammaRules.bandPrice(A, 0, y, pOracle, up),
      y0: llammaRules.bandY0(A, 0, y, pOracle, up),
      xAtOracle: after.x,
      yAtOracle: after.y,
    }
  }),
  form(
    'D.llamma',
    { coll: num, debt: num, N: num, loanDiscount: num, A: num, pBase: num },
    ({ coll, debt, N, loanDiscount, A, pBase }) => {
      const yEff = llammaRules.effectiveCollateral(A, coll, N, loanDiscount)
      return { yEff, n1: llammaRules.bandsBelow(A, yEff, pBase, debt) }
    },
  ),
  form('D.llamma', { loss: num, A: num, N: num }, ({ loss, A, N }) => llammaRules.discountOf(loss, A, N)),
  form('D.llamma', { h: num, frac: num }, ({ h, frac }) => llammaRules.removedShare(h, frac)),
  health,
  form('D.llamma.mp', { debtFraction: num }, ({ debtFraction }) => llammaRules.ceilingFactor(debtFraction)),
]
