/** Kamino's tab: the bonus that grows with the overshoot, and the auto-deleverage that lowers the threshold day by day. */
import { KAMINO_DEFAULTS, kaminoFraction, kaminoLiquidations } from '../../../../lib/mechanisms/index.ts'
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import { type Figures, type LinesChart, type MechanismPanel, type Refusal, type StateKind, steps } from './panel.ts'
import { digits, dollars, part } from './words.ts'

const ONE = 2 ** 60

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'price',
      label: 'Price of the collateral now',
      unit: '$ per SOL',
      initial: '88',
      over: 0,
      most: 1e7,
    },
    scale: ({ debt = 7_200, coll = 100 }) => ({
      kind: 'linear',
      from: (debt / coll) * 0.95,
      to: (debt / coll) * 1.6,
      step: debt / coll / 400,
    }),
  },
  {
    ...{ kind: 'number', key: 'coll', label: 'Collateral', unit: 'SOL', initial: '100', over: 0, most: 1e9 },
    scale: { kind: 'log', from: 1, to: 10_000, digits: 2 },
  },
  {
    ...{ kind: 'number', key: 'debt', label: 'Debt', unit: 'USDC', initial: '7200', over: 0, most: 1e12 },
    scale: ({ coll = 100, price = 88 }) => ({
      kind: 'linear',
      from: coll * price * 0.3,
      to: coll * price * 1.05,
      step: (coll * price) / 400,
    }),
  },
  {
    ...{
      kind: 'number',
      key: 'line',
      label: 'Liquidation threshold',
      unit: '% LTV',
      initial: '80',
      over: 0,
      most: 98,
      whole: true,
    },
    scale: { kind: 'linear', from: 40, to: 95, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'least', label: 'Least bonus', unit: '%', initial: '2', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 10, step: 0.25 },
  },
  {
    ...{ kind: 'number', key: 'most', label: 'Most bonus', unit: '%', initial: '10', least: 0, most: 100 },
    scale: { kind: 'linear', from: 0, to: 25, step: 0.25 },
  },
  {
    ...{ kind: 'number', key: 'bad', label: 'Bonus of bad debt', unit: '%', initial: '0.99', least: 0, most: 10 },
    scale: { kind: 'linear', from: 0, to: 5, step: 0.01 },
  },
  {
    ...{
      kind: 'number',
      key: 'days',
      label: 'Days since the margin call ended',
      unit: 'd',
      initial: '2',
      least: 0,
      most: 60,
    },
    scale: { kind: 'linear', from: 0, to: 14, step: 0.25 },
    hint: 'auto-deleverage, after a limit of the reserve was lowered',
  },
  {
    ...{
      kind: 'number',
      key: 'fall',
      label: 'Threshold falls by',
      unit: '% a day',
      initial: '10',
      least: 0,
      most: 100,
    },
    scale: { kind: 'linear', from: 0, to: 25, step: 0.5 },
  },
  {
    ...{ kind: 'number', key: 'first', label: 'Its bonus begins at', unit: '%', initial: '0.5', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 5, step: 0.1 },
  },
  {
    ...{ kind: 'number', key: 'grows', label: 'and grows by', unit: '% a day', initial: '1', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 5, step: 0.1 },
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'Kamino: a bonus that follows the overshoot',
  summary:
    'A loan just above its threshold pays its liquidator little, one far above pays more, and never more than is left; where an owner lowers a limit, loans are unwound over days by a threshold that falls and a bonus that grows.',
  exact: {
    kind: 'formula',
    says: 'klend’s 60-bit fractions and their rounding, read from its source and held to published vectors; not run against the deployed program',
  },
  formulas: [
    {
      says: 'Bonus = max(least, LTV − threshold), at most the most, at most 100 % − LTV; from an LTV of 99 % on: the bonus of bad debt, or what is left.',
      source: 'liquidation_operations.rs: calculate_liquidation_bonus',
      url: 'https://github.com/Kamino-Finance/klend/blob/edd5ff5/programs/klend/src/state/liquidation_operations.rs',
    },
    {
      says: 'One call repays at most 20 % of the debt, all of it when the LTV is above 95 % or the debt is small. Auto-deleverage: threshold = 100 % − days · fall; bonus = first + days · growth.',
      source: 'liquidation_operations.rs: deleveraging',
      url: 'https://github.com/Kamino-Finance/klend/blob/edd5ff5/programs/klend/src/state/liquidation_operations.rs',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

const fraction = (value: number) =>
  BigInt(Math.round(value * 1e9)) * (kaminoFraction.ONE / 1_000_000_000n) +
  (BigInt(Math.round(value * 1e9)) * (kaminoFraction.ONE % 1_000_000_000n)) / 1_000_000_000n
const bps = (percent: number) => BigInt(Math.round(percent * 100))
const share = (value: bigint) => Number(value) / ONE

type Terms = {
  readonly minLiquidationBonusBps: bigint
  readonly maxLiquidationBonusBps: bigint
  readonly badDebtLiquidationBonusBps: bigint
}

function bonusAt(terms: Terms, line: number, ltv: number): number {
  if (ltv < line) return 0
  const at = { allowed: fraction(line), ltv: fraction(ltv), plainLtv: fraction(ltv) }
  return share(kaminoLiquidations.liquidationBonus(terms, terms, at))
}

function figuresOf({ numbers }: MechanismInput): Figures | Refusal {
  const { price = 0, coll = 0, debt = 0, line: linePct = 0, least = 0, most = 0, bad = 0, days = 0 } = numbers
  if (least > most) return { refused: 'The least bonus must not be above the most.', field: 'least' }
  const line = linePct / 100
  const ltv = debt / (coll * price)
  const terms = {
    minLiquidationBonusBps: bps(least),
    maxLiquidationBonusBps: bps(most),
    badDebtLiquidationBonusBps: bps(bad),
  }
  const bonus = bonusAt(terms, line, ltv)
  const due = ltv >= line
  const whole = ltv > Number(KAMINO_DEFAULTS.insolvencyLtvPct) / 100
  const closing = due
    ? Math.min(debt, (coll * price) / (1 + bonus)) * (whole ? 1 : Number(KAMINO_DEFAULTS.closeFactorPct) / 100)
    : 0
  const reach = deleverage(numbers, days)
  const byLimit = !due && ltv >= reach.threshold
  return {
    state: stateOf(ltv, line, bonus, byLimit),
    conditions: [
      {
        name: 'liquidatable by price',
        holds: due,
        says: `LTV ${part(ltv)}, threshold ${part(line, 0)}: at ${dollars(debt / coll / line)} and below.`,
      },
      {
        name: 'reached by auto-deleverage',
        holds: ltv >= reach.threshold,
        says: `${digits(days, 3)} days after the margin call the threshold is ${part(reach.threshold, 1)}, its bonus ${part(growing(numbers, days, ltv))}.`,
      },
    ],
    facts: [
      { id: 'ltv', label: 'LTV', value: part(ltv), big: true },
      {
        id: 'bonus',
        label: 'bonus now',
        value: due ? part(bonus) : 'none',
        note: due ? `overshoot ${part(ltv - line)}` : 'below the threshold',
        big: true,
      },
      {
        id: 'repay',
        label: 'one call repays up to',
        value: due ? dollars(closing) : 'nothing',
        note: whole ? 'all: LTV above 95 %' : '20 % of the debt',
      },
      { id: 'cost', label: 'the bonus costs the borrower', value: dollars(closing * bonus) },
      { id: 'left', label: 'equity', value: dollars(coll * price - debt) },
      {
        id: 'threshold',
        label: 'auto-deleverage reaches',
        value: part(reach.threshold, 1),
        note: `on day ${digits(days, 3)}`,
      },
    ],
    charts: [bonusChart(terms, line, ltv), daysChart(numbers, ltv)],
    code: `import { kaminoLiquidations } from 'breakwater/mechanisms'

const terms = { minLiquidationBonusBps: ${bps(least)}n, maxLiquidationBonusBps: ${bps(most)}n, badDebtLiquidationBonusBps: ${bps(bad)}n }
const at = { allowed: ${fraction(line)}n, ltv: ${fraction(ltv)}n, plainLtv: ${fraction(ltv)}n }
console.log(Number(kaminoLiquidations.liquidationBonus(terms, terms, at)) / 2 ** 60)`,
    notes: [
      'One debt and one collateral, borrow factor 100 %: with borrow factors the overshoot is measured on the weighted debt, the cap on the plain one.',
    ],
  }
}

function deleverage({ fall = 0 }: MechanismInput['numbers'], days: number) {
  const config = { thresholdDecreaseBpsPerDay: bps(fall) } as Parameters<typeof kaminoLiquidations.fallingThreshold>[0]
  return { threshold: share(kaminoLiquidations.fallingThreshold(config, fraction(days))) }
}

function growing({ first = 0, grows = 0, most = 0 }: MechanismInput['numbers'], days: number, ltv: number): number {
  const config = {
    minDeleveragingBonusBps: bps(first),
    bonusIncreaseBpsPerDay: bps(grows),
    maxLiquidationBonusBps: bps(most),
  }
  return share(kaminoLiquidations.growingBonus(config, fraction(days), fraction(ltv)))
}

function stateOf(
  ltv: number,
  line: number,
  bonus: number,
  byLimit: boolean,
): { name: string; kind: StateKind; says: string } {
  if (ltv >= 1)
    return {
      name: 'bad debt',
      kind: 'lost',
      says: 'The debt is worth more than the collateral: the flat bonus is paid, and what is missing falls to the lenders.',
    }
  if (ltv >= 0.99)
    return {
      name: 'nearly insolvent',
      kind: 'lost',
      says: `The bonus is what is left, ${part(bonus)}, or the one of bad debt.`,
    }
  if (ltv >= line)
    return {
      name: 'liquidatable',
      kind: 'hard',
      says: `The overshoot of ${part(ltv - line)} sets the bonus of ${part(bonus)}; it is cheaper for the borrower the earlier somebody comes.`,
    }
  if (byLimit)
    return {
      name: 'auto-deleverage',
      kind: 'soft',
      says: 'Healthy by price, but the reserve’s limit was lowered and its threshold has fallen to this loan.',
    }
  return { name: 'healthy', kind: 'calm', says: `${part(line - ltv)} of LTV below the threshold.` }
}

function bonusChart(terms: Terms, line: number, ltv: number): LinesChart {
  const [from, to] = [Math.max(0, line - 0.06), 1.03]
  const at = [...steps(from, line - 1e-9, 4), ...steps(line, 0.99 - 1e-6, 120), ...steps(0.99, to, 20)]
  const bonuses = at.map((one) => bonusAt(terms, line, one))
  return {
    ...{ kind: 'lines', id: 'bonus', title: 'Bonus over LTV', now: ltv },
    summary: `None below ${part(line, 0)}, then from ${part(bonusAt(terms, line, line))} up to ${part(Math.max(...bonuses))}, and down again to what is left.`,
    x: { label: 'LTV', from, to, say: (value) => part(value, 0) },
    y: {
      label: 'bonus, of what is repaid',
      from: 0,
      to: Math.max(0.02, ...bonuses) * 1.15,
      say: (value) => part(value, 1),
    },
    lines: [{ name: 'bonus', look: 'sold', points: at.map((one, index) => [one, bonuses[index] as number] as const) }],
    cuts: [
      { name: 'threshold', look: 'warn', x: line },
      { name: 'nothing left', look: 'lost', x: 1 },
    ],
    rows: steps(Math.round(from * 100), 103, 103 - Math.round(from * 100)).map((one) => Math.round(one) / 100),
  }
}

function daysChart(numbers: MechanismInput['numbers'], ltv: number): LinesChart {
  const { days = 0 } = numbers
  const until = Math.max(14, Math.ceil(days))
  const at = steps(0, until, until * 4)
  return {
    ...{ kind: 'lines', id: 'deleverage', title: 'Auto-deleverage over the days', now: days },
    summary: `The threshold falls to this loan’s ${part(ltv, 1)} ${reachedOn(numbers, ltv, until)}.`,
    x: { label: 'days since the margin call ended', from: 0, to: until, say: (day) => digits(day, 3) },
    y: { label: 'LTV, bonus', from: 0, to: 1.05, say: (value) => part(value, 1) },
    lines: [
      { name: 'threshold', look: 'main', points: at.map((day) => [day, deleverage(numbers, day).threshold] as const) },
      { name: 'bonus', look: 'sold', points: at.map((day) => [day, growing(numbers, day, ltv)] as const) },
    ],
    cuts: [{ name: 'this loan', look: 'warn', y: ltv }],
    rows: steps(0, until, until),
  }
}

function reachedOn(numbers: MechanismInput['numbers'], ltv: number, until: number): string {
  const day = steps(0, until, until * 24).find((one) => deleverage(numbers, one).threshold <= ltv)
  return day === undefined ? `not within ${until} days` : `on day ${digits(day, 3)}`
}
