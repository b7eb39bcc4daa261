/** Pre-liquidation's tab: two lines over the loan-to-value, between the contract's threshold and the market's. */
import { preLiquidationRules } from '../../../../lib/mechanisms/index.ts'
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import { type Figures, type LinesChart, type MechanismPanel, type Refusal, type StateKind, steps } from './panel.ts'
import { digits, dollars, fixed, float, part } from './words.ts'

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'price',
      label: 'Price of the collateral now',
      unit: '$',
      initial: '2080',
      over: 0,
      most: 1e8,
    },
    scale: ({ debt = 17_000, coll = 10 }) => ({
      kind: 'linear',
      from: (debt / coll) * 0.95,
      to: (debt / coll) * 1.6,
      step: debt / coll / 400,
    }),
  },
  {
    ...{ kind: 'number', key: 'coll', label: 'Collateral', unit: 'ETH', initial: '10', over: 0, most: 1e9 },
    scale: { kind: 'log', from: 1, to: 1_000, digits: 2 },
  },
  {
    ...{ kind: 'number', key: 'debt', label: 'Debt', unit: 'USDC', initial: '17000', over: 0, most: 1e12 },
    scale: ({ coll = 10, price = 2_080 }) => ({
      kind: 'linear',
      from: coll * price * 0.3,
      to: coll * price,
      step: (coll * price) / 400,
    }),
  },
  {
    ...{ kind: 'number', key: 'lltv', label: 'Market’s LLTV', unit: '%', initial: '86', over: 0, most: 98 },
    scale: { kind: 'linear', from: 38.5, to: 98, step: 0.5 },
  },
  {
    ...{ kind: 'number', key: 'pre', label: 'Pre-liquidation from', unit: '% LTV', initial: '78', over: 0, most: 97.9 },
    scale: { kind: 'linear', from: 30, to: 97, step: 0.5 },
  },
  {
    ...{
      kind: 'number',
      key: 'lcf1',
      label: 'Close factor there',
      unit: '% of the debt',
      initial: '5',
      least: 0,
      most: 100,
    },
    scale: { kind: 'linear', from: 0, to: 100, step: 1 },
  },
  {
    ...{
      kind: 'number',
      key: 'lcf2',
      label: 'Close factor at the LLTV',
      unit: '%',
      initial: '35',
      least: 0,
      most: 300,
    },
    scale: { kind: 'linear', from: 0, to: 150, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'lif1', label: 'Incentive there', unit: '%', initial: '1', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 10, step: 0.1 },
  },
  {
    ...{ kind: 'number', key: 'lif2', label: 'Incentive at the LLTV', unit: '%', initial: '4.4', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 16, step: 0.1 },
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'Pre-liquidation: a softer rule that a borrower signs',
  summary:
    'A contract beside a Morpho market, which the borrower opts into: before the market’s own line anybody may repay a small part of the debt at a small incentive, and both grow with the LTV.',
  exact: {
    kind: 'bytecode',
    says: 'compared with the compiled contract on 905 completed and 2,464 refused calls and 300 creations: no difference',
  },
  formulas: [
    {
      says: 'q = (LTV − preLLTV) / (LLTV − preLLTV). Close factor = LCF1 + q·(LCF2 − LCF1), incentive factor = LIF1 + q·(LIF2 − LIF1). Above the LLTV the market’s own liquidation applies instead.',
      source: 'PreLiquidation.sol: preLiquidate',
      url: 'https://github.com/morpho-org/pre-liquidation/blob/main/src/PreLiquidation.sol',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

type Params = Parameters<typeof preLiquidationRules.preFactorsDown>[0]

function figuresOf({ numbers }: MechanismInput): Figures | Refusal {
  const { price = 0, coll = 0, debt = 0, lltv: lltvPct = 0 } = numbers
  const params = paramsOf(numbers)
  const lltv = fixed(lltvPct / 100)
  const wrong = refusalOf(params, lltv)
  if (wrong) return wrong
  const ltv = debt / (coll * price)
  const [pre, line] = [float(params.preLltv), lltvPct / 100]
  const inside = ltv > pre && ltv <= line
  const now = inside ? factors(params, lltv, ltv) : undefined
  const closed = Math.min(1, now?.close ?? 0) * debt
  return {
    state: stateOf(ltv, pre, line),
    conditions: [
      {
        name: 'pre-liquidation',
        holds: inside,
        says: `LTV ${part(ltv)}: applies above ${part(pre, 1)} up to ${part(line, 1)}, that is from ${dollars(debt / coll / pre)} down to ${dollars(debt / coll / line)}.`,
      },
      {
        name: 'the market’s own liquidation',
        holds: ltv > line,
        says: `above ${part(line, 1)}: the whole debt at once, at the market’s incentive.`,
      },
    ],
    facts: [
      { id: 'ltv', label: 'LTV', value: part(ltv), big: true },
      {
        id: 'close',
        label: 'one call may repay',
        value: now ? part(Math.min(1, now.close)) : 'nothing',
        note: now ? dollars(closed) : 'here',
        big: true,
      },
      { id: 'incentive', label: 'incentive', value: now ? part(now.incentive - 1) : 'none' },
      {
        id: 'seized',
        label: 'collateral for it',
        value: now ? `${digits((closed * now.incentive) / price, 5)} ETH` : 'none',
      },
      { id: 'cost', label: 'costs the borrower', value: now ? dollars(closed * (now.incentive - 1)) : 'nothing' },
      {
        id: 'after',
        label: 'LTV after such a call',
        value: now ? part((debt - closed) / (coll * price - closed * now.incentive)) : part(ltv),
      },
    ],
    charts: [linesChart(params, lltv, ltv)],
    code: `import { preLiquidationRules } from 'breakwater/mechanisms'

const params = ${said(params)}
const { preLCF, preLIF } = preLiquidationRules.preFactorsDown(params, ${lltv}n, ${fixed(inside ? ltv : (pre + line) / 2)}n)
console.log(Number(preLCF) / 1e18, Number(preLIF) / 1e18)`,
    notes: ['The contract refuses a call after which Morpho itself would not find the position healthy.'],
  }
}

function said(params: Params): string {
  return `{ ${Object.entries(params)
    .map(([key, value]) => `${key}: ${value}n`)
    .join(', ')} }`
}

function paramsOf({ pre = 0, lcf1 = 0, lcf2 = 0, lif1 = 0, lif2 = 0 }: MechanismInput['numbers']): Params {
  return {
    preLltv: fixed(pre / 100),
    ...{
      preLCF1: fixed(lcf1 / 100),
      preLCF2: fixed(lcf2 / 100),
      preLIF1: fixed(1 + lif1 / 100),
      preLIF2: fixed(1 + lif2 / 100),
    },
  }
}

/** What the contract's constructor says to such parameters. */
function refusalOf(params: Params, lltv: bigint): Refusal | undefined {
  const most = float(lltv)
  if (params.preLltv >= lltv) return { refused: 'PreLltvTooHigh: it must be below the market’s LLTV.', field: 'pre' }
  if (params.preLCF1 > params.preLCF2)
    return { refused: 'PreLCFDecreasing: the close factor must not fall.', field: 'lcf1' }
  if (params.preLIF1 > params.preLIF2)
    return { refused: 'PreLIFDecreasing: the incentive must not fall.', field: 'lif1' }
  if (float(params.preLIF2) > 1 / most)
    return { refused: `PreLIFTooHigh: at most ${part(1 / most - 1)} at this LLTV.`, field: 'lif2' }
  return undefined
}

function factors(params: Params, lltv: bigint, ltv: number) {
  const { preLCF, preLIF } = preLiquidationRules.preFactorsDown(params, lltv, fixed(ltv))
  return { close: float(preLCF), incentive: float(preLIF) }
}

function stateOf(ltv: number, pre: number, line: number): { name: string; kind: StateKind; says: string } {
  if (ltv > 1)
    return {
      name: 'under water',
      kind: 'lost',
      says: 'The debt is worth more than the collateral: what a liquidation leaves is the lenders’ loss.',
    }
  if (ltv > line)
    return {
      name: 'liquidated by the market',
      kind: 'hard',
      says: 'Above the LLTV this contract refuses: Morpho’s own rule takes the whole debt.',
    }
  if (ltv > pre)
    return {
      name: 'pre-liquidation',
      kind: 'soft',
      says: 'Anybody may repay the part below, again and again, until the LTV is back at the threshold.',
    }
  return { name: 'healthy', kind: 'calm', says: `${part(pre - ltv)} of LTV below the threshold.` }
}

function linesChart(params: Params, lltv: bigint, ltv: number): LinesChart {
  const [pre, line] = [float(params.preLltv), float(lltv)]
  const at = steps(pre, line, 60)
  const all = at.map((one) => factors(params, lltv, one))
  const most = Math.max(0.05, ...all.flatMap(({ close, incentive }) => [close, incentive - 1]))
  const [from, to] = [pre - (line - pre) * 0.35, line + (line - pre) * 0.25]
  return {
    ...{
      kind: 'lines',
      id: 'factors',
      title: 'Close factor and incentive over LTV',
      now: ltv,
    },
    summary: `From ${part(all[0]?.close ?? 0, 1)} of the debt at ${part((all[0]?.incentive ?? 1) - 1)} to ${part(all[60]?.close ?? 0, 1)} at ${part((all[60]?.incentive ?? 1) - 1)}.`,
    x: { label: 'LTV', from, to, say: (value) => part(value, 1) },
    y: { label: 'of the debt', from: 0, to: most * 1.1, say: (value) => part(value, 1) },
    lines: [
      { name: 'close factor', look: 'sold', points: at.map((one, index) => [one, all[index]?.close ?? 0] as const) },
      {
        name: 'incentive',
        look: 'main',
        points: at.map((one, index) => [one, (all[index]?.incentive ?? 1) - 1] as const),
      },
    ],
    cuts: [
      { name: 'preLLTV', look: 'warn', x: pre },
      { name: 'LLTV', look: 'lost', x: line },
    ],
    rows: steps(pre, line, 10),
  }
}
