/**
 * Bad debt of levered loops by the gap of their collateral (Gatto 2026, as collected in the reference, C.10): closed form, the same by drawn loops. The
 * published figures fit one loop at 12x exactly, at gaps that are not the ones beside them; the table shows both readings.
 */
import { loopLeverage } from '../../mechanisms/index.ts'
import { prng } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const THRESHOLD = 0.95
const BONUS = 0.01
const LEVERAGE = 12
/** Published: gap, and $M of bad debt for each $100M of loops. */
const TOLD = [
  [0.05, 0.58],
  [0.08, 4.54],
  [0.12, 12.46],
  [0.2, 27.31],
] as const
/** The gaps at which a 12x loop gives those figures. */
const FITS = [0.08, 0.12, 0.2, 0.35] as const

/** The benchmark. */
export const loopGap: Incident = {
  id: 'loop-gap-bad-debt',
  kind: 'benchmark',
  day: '2026-01-01',
  title: 'Levered loops: bad debt by the gap of the collateral',
  story: [
    'A loop borrows against a token to buy more of it: 12x at a threshold of 95 %.',
    'Its price does not fall, it jumps: a valuation, a depeg, a pause.',
    'Beyond a gap of D* no liquidator can be paid from what is left, and lenders lose.',
    'Published: $0.58M, 4.54M, 12.46M and 27.31M of each $100M at gaps of 5, 8, 12 and 20 %.',
    'The closed form gives exactly these four at 8, 12, 20 and 35 %.',
  ],
  sources: [{ what: 'Gatto 2026, as collected in the reference', asOf: '2026', certainty: '?' }],
  disputed: [
    {
      figure: 'gaps that belong to 0.58, 4.54, 12.46 and 27.31',
      told: [
        { value: '5, 8, 12, 20 %', by: 'the collected figures', certainty: '?' },
        { value: '8, 12, 20, 35 %', by: 'the closed form at 12x, each within 1 %', certainty: 'D' },
      ],
      says: 'The paper itself was not at hand: but no loop below its own line can lose more than $15.8M of $100M at a gap of 20 %.',
    },
  ],
  initial: ['$100M of collateral in loops at 12x, threshold 95 %, bonus 1 %'],
  path: 'one gap',
  rules: ['what is left pays debt · (1 + bonus) first; the rest is bad debt'],
  figures: [
    ...TOLD.map(([gap, told]) =>
      figureOf(`told${gap * 100}`, `bad debt at a gap of ${gap * 100} %, as labelled`, told * 1e6),
    ),
    ...TOLD.map(([, told], at) =>
      figureOf(
        `fits${(FITS[at] ?? 0) * 100}`,
        `the same figure, read at a gap of ${(FITS[at] ?? 0) * 100} %`,
        told * 1e6,
      ),
    ),
    {
      ...{ id: 'anchor', name: 'gap from which 12x leaves bad debt', unit: 'share', published: 0.0742 },
      ...{ tolerance: { absolute: 0.0001 }, certainty: '?', how: 'max(1 − 1/HF, 1 − (1 + b) · LT / HF)' },
    },
    {
      ...{ id: 'drawn', name: 'ten thousand equal loops − closed form, at 20 %', unit: 'USD', published: 0 },
      ...{ tolerance: { absolute: 1 }, certainty: 'D', how: 'loop by loop: debt less what the rest pays' },
    },
  ],
  measures: [
    { id: 'loss', name: 'bad debt at the gap asked for', unit: 'USD' },
    { id: 'first', name: 'gap from which the highest loop leaves bad debt', unit: 'share' },
    { id: 'hit', name: 'loops that leave bad debt', unit: 'share' },
  ],
  fitted: [],
  limits: ['Equal loops; a spread of leverage smooths the corner, and is a setting.'],
  settings: [
    { name: 'gap', says: 'gap of the collateral, a fraction', value: 0.12, least: 0, most: 0.95 },
    { name: 'leverage', says: 'leverage of the loops', value: LEVERAGE, least: 1.1, most: 19 },
    { name: 'spread', says: 'spread of the log of leverage', value: 0, least: 0, most: 1 },
    { name: 'bonus', says: 'liquidation bonus, a fraction', value: BONUS, least: 0, most: 0.2 },
  ],
  counterfactuals: [
    { id: 'eight', says: 'loops at 8x', change: { leverage: 8 } },
    { id: 'spread', says: 'leverage spread by 30 % around 12', change: { spread: 0.3 } },
    { id: 'bonus', says: 'a bonus of 5 %', change: { bonus: 0.05 } },
  ],
  compared: ['loss', 'hit', 'first'],
  files: [],
  simulate,
}

function figureOf(id: string, name: string, published: number): Incident['figures'][number] {
  return { id, name, unit: 'USD', published, tolerance: { relative: 0.05 }, certainty: '?', how: 'closed form at 12x' }
}

/** Loan-to-value of a leverage: L = 1 / (1 − LTV). */
const ltvOf = (leverage: number) => 1 - 1 / leverage

/** Bad debt of one dollar of collateral. */
function lossOf(ltv: number, gap: number, bonus: number): number {
  return Math.max(0, ltv - (1 - gap) / (1 + bonus))
}

/** Gap from which a loan leaves bad debt. */
function firstGap(ltv: number, bonus: number): number {
  const health = THRESHOLD / ltv
  return Math.max(1 - 1 / health, 1 - ((1 + bonus) * THRESHOLD) / health)
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const anchor = ltvOf(LEVERAGE)
  const at = (gap: number) => lossOf(anchor, gap, BONUS) * 100e6
  const loops = loopsOf(world, 10_000)
  const [gap, bonus] = [world.number('gap'), world.number('bonus')]
  const each = (one: number, ofBonus: number, ofGap: number) => (lossOf(one, ofGap, ofBonus) * 100e6) / loops.length
  const drawn = Array.from({ length: 10_000 }, () => ltvOf(loopLeverage(anchor))).reduce(
    (sum, one) => sum + (lossOf(one, 0.2, BONUS) * 100e6) / 10_000,
    0,
  )
  const sum = (ofGap: number) => loops.reduce((total, one) => total + each(one, bonus, ofGap), 0)
  return {
    values: {
      ...Object.fromEntries(TOLD.map(([told]) => [`told${told * 100}`, at(told)])),
      ...Object.fromEntries(FITS.map((fit) => [`fits${fit * 100}`, at(fit)])),
      ...{ anchor: firstGap(anchor, BONUS), drawn: drawn - at(0.2), loss: sum(gap) },
      first: Math.min(...loops.map((one) => firstGap(one, bonus))),
      hit: loops.filter((one) => lossOf(one, gap, bonus) > 0).length / loops.length,
    },
    series: [
      {
        ...{ id: 'gap', title: 'Bad debt of $100M of loops by the gap', x: 'gap, %', y: 'USD' },
        lines: [
          {
            name: 'closed form at 12x',
            points: Array.from({ length: 41 }, (_, step) => [step, at(step / 100)] as const),
          },
          { name: 'published, as labelled', points: TOLD.map(([told, usd]) => [told * 100, usd * 1e6] as const) },
        ],
      },
    ],
  }
}

function loopsOf(world: IncidentWorld, count: number): readonly number[] {
  const chance = prng(`loops/${world.seed}`)
  const spread = world.number('spread')
  return Array.from({ length: count }, () => {
    const leverage = world.number('leverage') * Math.exp(spread === 0 ? 0 : spread * chance.normal())
    // Nobody opens above the line.
    return Math.min(ltvOf(Math.max(1.01, leverage)), THRESHOLD * 0.999)
  })
}
