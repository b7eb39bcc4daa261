/** The Dutch auction's tab: one lot, three curves, and the moment from which on a taker gains. */
import { makerClipRules } from '../../../../lib/mechanisms/index.ts'
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import { type Figures, type LinesChart, type Look, type MechanismPanel, type StateKind, steps } from './panel.ts'
import { amount, digits, dollars, duration, fixed, float, part } from './words.ts'

type Curve = Parameters<typeof makerClipRules.auctionPrice>[0]

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'age',
      label: 'Time since the auction began',
      unit: 's',
      initial: '1800',
      least: 0,
      most: 86_400,
      whole: true,
    },
    scale: ({ tail = 8_400 }) => ({ kind: 'linear', from: 0, to: Math.round(tail * 1.1), step: 10 }),
  },
  {
    ...{
      kind: 'choice',
      key: 'curve',
      label: 'Curve',
      initial: 'stairstep',
      options: ['linear', 'stairstep', 'exponential'],
    },
  },
  {
    ...{ kind: 'number', key: 'price', label: 'Outside price now', unit: 'DAI', initial: '2000', over: 0, most: 1e8 },
    scale: ({ oracle = 2_000 }) => ({ kind: 'linear', from: oracle * 0.4, to: oracle * 1.2, step: oracle / 400 }),
    hint: 'the oracle’s price at the start decides the first price only',
  },
  {
    ...{
      kind: 'number',
      key: 'oracle',
      label: 'Oracle price at the start',
      unit: 'DAI',
      initial: '2000',
      over: 0,
      most: 1e8,
    },
    scale: { kind: 'log', from: 100, to: 20_000, digits: 3 },
  },
  {
    ...{
      kind: 'number',
      key: 'buf',
      label: 'First price above the oracle’s',
      unit: '%',
      initial: '20',
      least: 0,
      most: 200,
    },
    scale: { kind: 'linear', from: 0, to: 60, step: 1 },
  },
  {
    ...{
      kind: 'number',
      key: 'tau',
      label: 'Linear: zero after',
      unit: 's',
      initial: '6000',
      over: 0,
      most: 1e6,
      whole: true,
    },
    scale: { kind: 'linear', from: 600, to: 20_000, step: 100 },
  },
  {
    ...{ kind: 'number', key: 'cut', label: 'Stairstep: falls by', unit: '% a step', initial: '1', over: 0, most: 50 },
    scale: { kind: 'linear', from: 0.25, to: 5, step: 0.25 },
    hint: 'exponential: the same fall, spread over the seconds of a step',
  },
  {
    ...{
      kind: 'number',
      key: 'every',
      label: 'Stairstep: a step every',
      unit: 's',
      initial: '90',
      over: 0,
      most: 10_000,
      whole: true,
    },
    scale: { kind: 'linear', from: 10, to: 300, step: 10 },
  },
  {
    ...{
      kind: 'number',
      key: 'tail',
      label: 'Runs out after (tail)',
      unit: 's',
      initial: '8400',
      over: 0,
      most: 86_400,
      whole: true,
    },
    scale: { kind: 'linear', from: 600, to: 20_000, step: 100 },
  },
  {
    ...{
      kind: 'number',
      key: 'cusp',
      label: 'or below (cusp)',
      unit: '% of the first price',
      initial: '40',
      over: 0,
      most: 99,
    },
    scale: { kind: 'linear', from: 5, to: 95, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'lot', label: 'Collateral for sale', unit: 'ETH', initial: '10', over: 0, most: 1e9 },
    scale: { kind: 'log', from: 1, to: 1_000, digits: 2 },
  },
  {
    ...{
      kind: 'number',
      key: 'tab',
      label: 'To be raised, penalty included',
      unit: 'DAI',
      initial: '16000',
      over: 0,
      most: 1e12,
    },
    scale: ({ lot = 10, oracle = 2_000 }) => ({
      kind: 'linear',
      from: lot * oracle * 0.2,
      to: lot * oracle * 1.5,
      step: (lot * oracle) / 200,
    }),
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'Dutch auction: Maker’s Clipper',
  summary:
    'A vault’s collateral is offered at a price above the market that falls along a curve; whoever gains first takes it, wholly or in part, in one transaction and without bidding, and an auction nobody took is started again.',
  exact: {
    kind: 'bytecode',
    says: 'compared with the compiled Dog, Clipper and the three curves on 26,000 random calls and in lives beside Vat, Jug and Vow: no difference; 400 recorded calls are replayed by `npm run golden`',
  },
  formulas: [
    {
      says: 'Price = first price · (1 − age/τ) (linear), · cut^⌊age/step⌋ (stairstep), or · cut^age (exponential); first price = oracle · buf. Past tail or below cusp nobody may take until somebody restarts it.',
      source: 'abaci.sol; clip.sol: status',
      url: 'https://github.com/makerdao/dss/blob/master/src/abaci.sol',
    },
    {
      says: 'A taker pays slice · price, never more than the tab; what is left of the lot when the tab is paid goes back to the owner; a tab that is left when the lot is gone is bad debt.',
      source: 'clip.sol: take',
      url: 'https://github.com/makerdao/dss/blob/master/src/clip.sol',
    },
  ],
  fields: FIELDS,
  slider: 'age',
  figures: figuresOf,
}

function curvesOf({ tau = 1, cut = 1, every = 1 }: MechanismInput['numbers']): Readonly<Record<string, Curve>> {
  const kept = 1 - cut / 100
  return {
    linear: { type: 'linear', tau: BigInt(tau) },
    stairstep: { type: 'stairstep', cut: fixed(kept, 27), step: BigInt(every) },
    exponential: { type: 'exponential', cut: fixed(kept ** (1 / every), 27) },
  }
}

function figuresOf({ numbers, words }: MechanismInput): Figures {
  const { age = 0, price = 0, oracle = 0, buf = 0, lot = 0, tab = 0, tail = 0, cusp = 0 } = numbers
  const curves = curvesOf(numbers)
  const curve = curves[words['curve'] ?? ''] as Curve
  const top = fixed(oracle * (1 + buf / 100), 27)
  const sale = { tab: fixed(tab, 45), lot: fixed(lot), tic: 0n, top }
  const limits = { tail: BigInt(tail), cusp: fixed(cusp / 100, 27) }
  const at = (seconds: number) => makerClipRules.auctionStatus(limits, curve, sale, BigInt(seconds))
  const now = at(age)
  const ask = float(now.price, 27)
  const { owe, slice } = makerClipRules.takeSize(sale, sale.lot, now.price, 0n)
  const [paid, taken] = [float(owe, 45), float(slice)]
  const profit = taken * price - paid
  const end = firstSecond(tail + 1, (second) => at(second).done)
  const gains = firstSecond(end ?? tail + 1, (second) => float(at(second).price, 27) < price && !at(second).done)
  return {
    state: stateOf(now.done, profit, end, gains, age),
    conditions: [
      {
        name: 'may be taken',
        holds: !now.done,
        says: now.done
          ? 'it has run out: past the tail or below the cusp; a restart sets the price anew.'
          : `at ${dollars(ask)}, until ${duration(end ?? tail)} after the start.`,
      },
      {
        name: 'a taker gains',
        holds: !now.done && profit > 0,
        says:
          gains === undefined
            ? 'not before it runs out: the market is below the whole curve.'
            : `from ${duration(gains)} on, where the price first is below the market’s ${dollars(price)}.`,
      },
    ],
    facts: [
      {
        id: 'ask',
        label: 'auction price now',
        value: dollars(ask),
        note: `${part(ask / price - 1, 1)} against the market`,
        big: true,
      },
      { id: 'profit', label: 'profit of a taker of all, before gas', value: dollars(profit), big: true },
      { id: 'top', label: 'first price', value: dollars(float(top, 27)) },
      { id: 'paid', label: 'he pays', value: dollars(paid), note: `for ${digits(taken, 5)} ETH` },
      {
        id: 'returned',
        label: 'back to the owner',
        value: paid >= tab - 1e-6 ? `${digits(lot - taken, 5)} ETH` : 'nothing',
      },
      {
        id: 'short',
        label: 'not raised',
        value: tab - paid > 1e-6 ? `${amount(tab - paid)} DAI` : 'nothing',
        note: tab - paid > 1e-6 ? 'bad debt if the whole lot is taken' : '',
      },
      { id: 'gains', label: 'gain begins after', value: gains === undefined ? 'never' : duration(gains) },
      { id: 'end', label: 'runs out after', value: end === undefined ? 'never' : duration(end) },
    ],
    charts: [curvesChart(numbers, curves, top, words['curve'] ?? '')],
    code: `import { makerClipRules } from 'breakwater/mechanisms'

const curve = ${said(curve)}
console.log(Number(makerClipRules.auctionPrice(curve, ${top}n, ${age}n)) / 1e27)`,
    notes: [
      'One of the three curves is set for each kind of collateral; the other two stand beside it for comparison.',
    ],
  }
}

function said(curve: Curve): string {
  return `{ ${Object.entries(curve)
    .map(([key, value]) => `${key}: ${typeof value === 'bigint' ? `${value}n` : `'${value}'`}`)
    .join(', ')} }`
}

/** The first second of 0 … end − 1 for which something is true, if it stays true from then on. */
function firstSecond(end: number, holds: (second: number) => boolean): number | undefined {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low < end ? low : undefined
}

function stateOf(
  done: boolean,
  profit: number,
  end: number | undefined,
  gains: number | undefined,
  age: number,
): { name: string; kind: StateKind; says: string } {
  if (done)
    return {
      name: 'run out',
      kind: 'lost',
      says: 'Nobody took it. Whoever restarts it gets the keeper’s incentive, and the first price is the oracle’s of then.',
    }
  if (profit > 0)
    return {
      name: 'worth taking',
      kind: 'hard',
      says: `The price is below the market: the first to call takes it. That began ${duration(age - (gains ?? age))} ago.`,
    }
  return {
    name: 'too dear',
    kind: 'calm',
    says:
      gains === undefined
        ? `The curve stays above the market until it runs out${end === undefined ? '' : ` after ${duration(end)}`}.`
        : `In ${duration(gains - age)} the price is at the market.`,
  }
}

const LOOKS: Readonly<Record<string, Look>> = { linear: 'second', stairstep: 'main', exponential: 'kept' }

function curvesChart(
  numbers: MechanismInput['numbers'],
  curves: Readonly<Record<string, Curve>>,
  top: bigint,
  chosen: string,
): LinesChart {
  const { age = 0, tail = 1, price = 0, cusp = 0 } = numbers
  const first = float(top, 27)
  const until = Math.round(tail * 1.1)
  const { every = 1 } = numbers
  // A staircase is drawn by its steps, the others by even samples; the slider's place stands in each.
  const stairs = Array.from({ length: Math.min(2_000, Math.floor(until / every) + 1) }, (_, step) => step * every)
  const even = steps(0, until, 160).map(Math.round)
  const seconds = (name: string) =>
    [...new Set([...(name === 'stairstep' ? stairs : even), age, until])]
      .filter((one) => one <= until)
      .sort((a, b) => a - b)
  const at = (curve: Curve, second: number) => float(makerClipRules.auctionPrice(curve, top, BigInt(second)), 27)
  return {
    ...{ kind: 'lines', id: 'curves', title: 'Price over time, three curves', now: age },
    summary: `From ${dollars(first)}; after ${duration(age)}: ${Object.entries(curves)
      .map(([name, curve]) => `${name} ${dollars(at(curve, age))}`)
      .join(', ')}.`,
    x: {
      label: 'time since the start',
      from: 0,
      to: until,
      seconds: 1,
      say: (second) => (second === 0 ? '0' : duration(Math.round(second))),
    },
    y: { label: 'DAI per ETH', from: 0, to: first * 1.04, say: dollars },
    lines: Object.entries(curves).map(([name, curve]) => ({
      name: name === chosen ? `${name} (set)` : name,
      look: LOOKS[name] as Look,
      step: name === 'stairstep',
      points: seconds(name).map((second) => [second, at(curve, second)] as const),
    })),
    cuts: [
      { name: 'outside price', look: 'sold', y: price },
      { name: 'cusp', look: 'lost', y: (first * cusp) / 100 },
      { name: 'tail', look: 'lost', x: tail },
    ],
    rows: [...new Set([...steps(0, until, 22).map(Math.round), age])].sort((a, b) => a - b),
  }
}
