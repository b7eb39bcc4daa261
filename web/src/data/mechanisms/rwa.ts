/** The tab of levered loops on a real-world fund: the way out through a quarterly gate, with and without somebody who holds to maturity. */
import { infinifiRules, loopLeverage, loopLiquidation, loopRuin, loopYield } from '../../../../lib/mechanisms/index.ts'
import { exponentialImpact, type RwaExit, rwaExitScenario } from '../../../../lib/sim/index.ts'
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import { type BarsChart, type Figures, type LinesChart, type MechanismPanel, type StateKind, steps } from './panel.ts'
import { digits, dollars, part } from './words.ts'

const DAYS = 122

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'fall',
      label: 'Restatement of the value',
      unit: '% down on day 14',
      initial: '25',
      least: 0,
      most: 90,
    },
    scale: { kind: 'linear', from: 0, to: 40, step: 0.25 },
  },
  {
    ...{
      kind: 'choice',
      key: 'holder',
      label: 'Buyer who holds to maturity',
      initial: 'present',
      options: ['present', 'absent'],
    },
    hint: 'asks for 15 % a year, has $200 M',
  },
  {
    ...{
      kind: 'number',
      key: 'depth',
      label: 'Market: $ M sold per 1 % of price',
      unit: '$ M',
      initial: '2',
      over: 0,
      most: 1e5,
    },
    scale: { kind: 'log', from: 0.1, to: 100, digits: 2 },
    hint: 'half of the pressure is gone after 5 days',
  },
  {
    ...{ kind: 'number', key: 'ltv', label: 'LTV of one loop', unit: '%', initial: '75', least: 0, most: 85.9 },
    scale: { kind: 'linear', from: 0, to: 85, step: 1 },
    hint: 'for the figures of one loop; the scenario has 3× and 4×',
  },
  {
    ...{ kind: 'number', key: 'yield', label: 'Asset yields', unit: '% a year', initial: '10', least: 0, most: 100 },
    scale: { kind: 'linear', from: 0, to: 20, step: 0.25 },
  },
  {
    ...{ kind: 'number', key: 'rate', label: 'Loan costs', unit: '% a year', initial: '6', least: 0, most: 100 },
    scale: { kind: 'linear', from: 0, to: 20, step: 0.25 },
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'RWA loops: getting out through a gate',
  summary:
    'A fund that redeems 5 % a quarter is collateral for loops on itself; when its value is restated, the loops must be sold on a thin market, wait at the gate, or go to a buyer who can hold to maturity.',
  exact: {
    kind: 'model',
    says: 'a model of the described design: forty loops of $1 M equity at 3× and 4× on a $1.3 bn fund, gate 5 % every 91 days, notice 31 days, LLTV 86 %, incentive 6 %',
  },
  formulas: [
    {
      says: 'Leverage L = 1 / (1 − LTV); yield on equity L·y − (L − 1)·r; equity is gone at a fall of 1/L; liquidatable at a fall of 1 − LTV/LLTV.',
      source: 'Gauntlet on levered sACRED; identities derived',
      url: 'https://www.gauntlet.xyz/resources/enhancing-rwa-returns-with-gauntlets-optimization-engine',
    },
    {
      says: 'The holder bids value · (1 − required yield · days/365 − expected loss), days until the gate has paid him behind everything that waits already.',
      source: 'holdToMaturityBid, derived from InfiniFi’s tranches',
      url: 'https://github.com/InfiniFi-Labs/infinifi-protocol',
    },
  ],
  fields: FIELDS,
  slider: 'fall',
  figures: figuresOf,
}

function figuresOf({ numbers, words }: MechanismInput): Figures {
  const { fall = 0, depth = 1, ltv = 0, rate = 0 } = numbers
  const market = exponentialImpact(0.01 / (depth * 1e6))
  const [held, alone] = [rwaExitScenario(true, market, fall / 100), rwaExitScenario(false, market, fall / 100)]
  const shown = words['holder'] === 'absent' ? alone : held
  const leverage = loopLeverage(ltv / 100)
  return {
    state: stateOf(shown, fall),
    conditions: [
      {
        name: 'loops are liquidatable',
        holds: fall / 100 > loopLiquidation(4, 0.86),
        says: `from a fall of ${part(loopLiquidation(4, 0.86), 1)} on at 4×, ${part(loopLiquidation(3, 0.86), 1)} at 3×.`,
      },
      {
        name: 'everybody is out',
        holds: shown.daysToExit !== undefined,
        says: shown.daysToExit === undefined ? `not within ${DAYS} days.` : `after ${shown.daysToExit} days.`,
      },
    ],
    facts: [
      { id: 'lenders', label: 'lenders lose', value: dollars(shown.lendersLost), big: true },
      { id: 'borrowers', label: 'borrowers lose to discounts', value: dollars(shown.borrowersLost), big: true },
      { id: 'liquidated', label: 'debt liquidated', value: dollars(shown.liquidated) },
      { id: 'worst', label: 'worst discount to the value', value: part(shown.worstDiscount, 1) },
      {
        id: 'holder',
        label: 'holder’s yield',
        value: shown.holderYield === undefined ? 'bought nothing' : `${part(shown.holderYield, 1)} a year`,
      },
      {
        id: 'bid',
        label: `his bid, ${DAYS} days to money`,
        value: digits(infinifiRules.holdToMaturityBid(0.15, DAYS, 0), 4),
        note: 'per 1 of value, 15 % a year',
      },
      {
        id: 'leverage',
        label: 'one loop',
        value: `${digits(leverage, 3)}×`,
        note: `${part(loopYield(leverage, (numbers['yield'] ?? 0) / 100, rate / 100), 1)} a year on equity`,
      },
      {
        id: 'ruin',
        label: 'its equity is gone at',
        value: part(-loopRuin(leverage), 1),
        note: `liquidatable at ${part(-loopLiquidation(leverage, 0.86), 1)}`,
      },
    ],
    charts: [
      compareChart(held, alone),
      pricesChart(held, alone, fall),
      fallsChart(lossesOf(depth, market), fall, [held, alone]),
    ],
    code: `import { exponentialImpact, rwaExitScenario } from 'breakwater/sim'

console.log(rwaExitScenario(${shown === held}, exponentialImpact(${0.01 / (depth * 1e6)}), ${fall / 100}).lendersLost)`,
    notes: [
      'The value is restated once, on day 14; until then nobody saw it fall. Rates of the scenario: asset 10 %, loan 6 % a year.',
    ],
  }
}

function stateOf(exit: RwaExit, fall: number): { name: string; kind: StateKind; says: string } {
  if (exit.lendersLost > 1)
    return {
      name: 'lenders lose',
      kind: 'lost',
      says: `The collateral did not cover what was owed: ${dollars(exit.lendersLost)} of debt had no value behind it.`,
    }
  if (exit.liquidated > 0)
    return {
      name: exit.boughtToHold > 0 ? 'bought to hold' : 'sold on the market',
      kind: exit.boughtToHold > 0 ? 'soft' : 'hard',
      says: `${dollars(exit.liquidated)} of debt is repaid by liquidators; ${dollars(exit.boughtToHold)} by the holder.`,
    }
  return {
    name: fall === 0 ? 'no restatement' : 'no loop is beyond its line',
    kind: 'calm',
    says: 'The loops keep their leverage or queue at the gate.',
  }
}

function compareChart(held: RwaExit, alone: RwaExit): BarsChart {
  const row = (name: string, exit: RwaExit) => ({
    name,
    note: exit.daysToExit === undefined ? `debt left after ${DAYS} days` : `out after ${exit.daysToExit} days`,
    parts: [
      { name: 'borrowers lose to discounts', look: 'sold' as const, value: exit.borrowersLost },
      { name: 'lenders lose', look: 'lost' as const, value: exit.lendersLost },
    ],
  })
  return {
    ...{ kind: 'bars', id: 'compare', title: 'Who loses, with and without the holder', say: dollars },
    summary: `With him lenders lose ${dollars(held.lendersLost)}, without him ${dollars(alone.lendersLost)}.`,
    rows: [row('with a holder', held), row('without', alone)],
  }
}

function pricesChart(held: RwaExit, alone: RwaExit, fall: number): LinesChart {
  const all = [...held.marketPrices, ...alone.marketPrices]
  const points = (prices: readonly number[]) => prices.map((price, day) => [day, price] as const)
  return {
    ...{ kind: 'lines', id: 'prices', title: 'Price on the secondary market' },
    summary: `Value 1 until day 14, ${digits(1 - fall / 100, 4)} from then on; lowest price ${digits(Math.min(...all), 4)}.`,
    x: { label: 'day', from: 0, to: DAYS, say: (day) => String(Math.round(day)) },
    y: { label: '$ per $1 of first value', from: Math.min(...all) - 0.02, to: 1.02, say: (value) => digits(value, 3) },
    lines: [
      { name: 'with a holder', look: 'main', points: points(held.marketPrices) },
      { name: 'without', look: 'sold', points: points(alone.marketPrices) },
    ],
    cuts: [
      { name: 'value restated', look: 'warn', x: 14 },
      { name: 'gate', look: 'edge', x: 91 },
    ],
    rows: [0, 7, 13, 14, 15, 17, 20, 25, 30, 45, 60, 75, 90, 91, 92, 105, DAYS],
  }
}

type Losses = { readonly key: number; readonly held: readonly Point[]; readonly alone: readonly Point[] }
type Point = readonly [fall: number, lost: number]
/** The losses of one market: moving the restatement runs nothing of them again. */
let losses: Losses | undefined

function lossesOf(depth: number, market: ReturnType<typeof exponentialImpact>): Losses {
  if (losses?.key === depth) return losses
  const runs = (holder: boolean) =>
    steps(0, 40, 20).map((fall) => [fall, rwaExitScenario(holder, market, fall / 100).lendersLost] as const)
  losses = { key: depth, held: runs(true), alone: runs(false) }
  return losses
}

/** Lenders' loss over the size of the restatement. */
function fallsChart(of: Losses, now: number, [held, alone]: readonly [RwaExit, RwaExit]): LinesChart {
  const withNow = (points: readonly Point[], lost: number) =>
    [...points.filter(([fall]) => fall !== now), [now, lost] as const].sort(([a], [b]) => a - b)
  const [first, second] = [withNow(of.held, held.lendersLost), withNow(of.alone, alone.lendersLost)]
  const most = Math.max(1e6, ...[...first, ...second].map(([, lost]) => lost))
  return {
    ...{ kind: 'lines', id: 'falls', title: 'Lenders’ loss over the size of the restatement', now },
    summary: `At ${part(now / 100, 1)}: ${dollars(held.lendersLost)} with a holder, ${dollars(alone.lendersLost)} without.`,
    x: {
      label: 'restatement',
      from: 0,
      to: Math.max(40, now),
      say: (fall) => (fall === 0 ? '0 %' : `−${digits(fall, 3)} %`),
    },
    y: { label: 'lenders lose, $', from: 0, to: most * 1.08, say: dollars },
    lines: [
      { name: 'with a holder', look: 'main', points: first },
      { name: 'without', look: 'sold', points: second },
    ],
    rows: first.map(([fall]) => fall),
  }
}
