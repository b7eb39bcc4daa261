/** f(x) v1's tab: a treasury split into a quiet and a levered token, its modes over the price, and what brings it back. */
import { FX_V1_TERMS, type FxV1Mode, type FxV1Side, fxV1Rules } from '../../../../lib/mechanisms/index.ts'
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import {
  type FigureOf,
  type Figures,
  type LinesChart,
  type MechanismPanel,
  type Refusal,
  type StateKind,
  steps,
} from './panel.ts'
import { amount, change, digits, dollars, fixed, float, part } from './words.ts'

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'price',
      label: 'Price of the base now',
      unit: '$ per ETH',
      initial: '1100',
      over: 0,
      most: 1e7,
    },
    scale: ({ open = 2_000 }) => ({ kind: 'linear', from: open * 0.4, to: open * 1.5, step: open / 1_000 }),
  },
  {
    ...{
      kind: 'number',
      key: 'open',
      label: 'Price at the settlement',
      unit: '$ per ETH',
      initial: '2000',
      over: 0,
      most: 1e7,
    },
    scale: { kind: 'log', from: 200, to: 20_000, digits: 3 },
  },
  {
    ...{ kind: 'number', key: 'base', label: 'Base in the treasury', unit: 'ETH', initial: '1000', over: 0, most: 1e9 },
    scale: { kind: 'log', from: 10, to: 100_000, digits: 2 },
  },
  {
    ...{
      kind: 'number',
      key: 'rho',
      label: 'Quiet token’s part then',
      unit: '% of value',
      initial: '50',
      least: 1,
      most: 99,
    },
    scale: { kind: 'linear', from: 10, to: 90, step: 1 },
  },
  {
    ...{
      kind: 'number',
      key: 'beta',
      label: 'β: of a move the quiet token takes',
      unit: '%',
      initial: '10',
      least: 0,
      most: 100,
    },
    scale: { kind: 'linear', from: 0, to: 50, step: 1 },
    hint: '10 % for fETH, 0 for fxUSD',
  },
  {
    ...{ kind: 'number', key: 'lambda', label: 'Incentive of burning f', unit: '%', initial: '10', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 20, step: 0.5 },
    hint: 'in the liquidation mode; paid by all remaining f through its price',
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'f(x) v1: a quiet and a levered token out of one treasury',
  summary:
    'The quiet token takes a tenth of every move, the levered one all the rest; when the collateral ratio falls, modes begin one after the other that stop minting, pay for burning the quiet token and use the rebalance pool, so that nobody’s position is seized.',
  exact: {
    kind: 'formula',
    says: 'the integers of the published mathematics and contracts, each division rounded down, held to published vectors; not compared with their compiled code',
  },
  formulas: [
    {
      says: 'n·v = nf·vf + nx·vx. vf = vf₀·(1 + β·r); leverage of x = (1 − ρ·β·(1 + r)) / (1 − ρ), ρ = nf·vf/(n·v), at most 100; collateral ratio = 1/ρ.',
      source: 'FxLowVolatilityMath.sol',
      url: 'https://github.com/AladdinDAO/aladdin-v3-contracts/tree/main/contracts/f%28x%29/math',
    },
    {
      says: 'Below 130 % no quiet token is minted; below 120 % burning it is paid for and the rebalance pool is used; below 114 % the protocol buys it back; below 100 % only new base helps. Back to c*: base out (c*·nf·vf − n·v) / ((c* − 1)·v).',
      source: 'Market.sol, RebalancePool.sol',
      url: 'https://github.com/AladdinDAO/aladdin-v3-contracts/tree/main/contracts/f%28x%29',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

type Treasury = { readonly open: bigint; readonly base: bigint; readonly fSupply: bigint; readonly beta: bigint }
type Seen = {
  readonly side: FxV1Side
  readonly ratio: bigint
  readonly mode: FxV1Mode
  readonly x: number
  /** Missing from ρ = 1 on, where the contract reverts. */
  readonly leverage: number | undefined
}

function figuresOf({ numbers }: MechanismInput): Figures | Refusal {
  const { price = 0, open = 0, base = 0, rho = 0, beta = 0, lambda = 0 } = numbers
  const treasury: Treasury = {
    ...{ open: fixed(open), base: fixed(base), beta: fixed(beta / 100) },
    fSupply: fixed((base * open * rho) / 100),
  }
  const [now, first] = [seenAt(treasury, price), seenAt(treasury, open)]
  const { lines } = FX_V1_TERMS
  return {
    state: stateOf(now.mode, float(now.ratio)),
    conditions: [
      {
        ...{ name: 'burning f is paid for', holds: now.ratio < lines.liquidation },
        says: `the collateral ratio is ${part(float(now.ratio), 1)}; below ${part(float(lines.liquidation), 0)} the rebalance pool may be used, that is at ${dollars(priceAt(treasury, lines.liquidation))} and below.`,
      },
      {
        ...{ name: 'anything is left for x', holds: now.x > 0 },
        says: `the levered token is worth nothing at ${dollars(priceAt(treasury, lines.recapitalisation))} and below; the quiet one is short from there on.`,
      },
    ],
    facts: factsOf(now, first, lambda / 100, price / open - 1),
    charts: [
      ratioChart(treasury, price, open),
      valueChart(treasury, price, open, first.x),
      leverageChart(treasury, price, open),
    ],
    code: `import { fxV1Rules } from 'breakwater/mechanisms'

const fNav = fxV1Rules.fNavDown(10n ** 18n, ${treasury.beta}n, ${fixed(price)}n, ${treasury.open}n)
const side = { base: ${treasury.base}n, price: ${fixed(price)}n, fSupply: ${treasury.fSupply}n, fNav }
console.log(Number(fxV1Rules.collateralRatioDown(side)) / 1e18)`,
    notes: [
      'Nobody mints, redeems or burns on the way, and nothing is settled again: each price is seen from the settlement.',
    ],
  }
}

/** The treasury at a price, as its contract would see it. */
function seenAt({ open, base, fSupply, beta }: Treasury, at: number): Seen {
  const price = fixed(at)
  const fNav = fxV1Rules.fNavDown(10n ** 18n, beta, price, open)
  const side = { base, price, fSupply, fNav }
  const ratio = fxV1Rules.collateralRatioDown(side)
  const rho = (fSupply * fNav * 10n ** 18n) / (base * price)
  const gain = ((price - open) * 10n ** 18n) / open
  return {
    ...{ side, ratio, mode: fxV1Rules.modeOf(ratio, FX_V1_TERMS.lines) },
    x: Number(fxV1Rules.xValue(side)) / 1e36,
    leverage: rho >= 10n ** 18n ? undefined : float(fxV1Rules.leverageDown(rho, beta, gain)),
  }
}

/** The greatest price with a ratio below the line, dollars: the ratio rises with the price. */
function priceAt(treasury: Treasury, line: bigint): number {
  let [low, high] = [0, float(treasury.open) * 20]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (middle > 0 && seenAt(treasury, middle).ratio >= line) high = middle
    else low = middle
  }
  return high
}

function factsOf(now: Seen, first: Seen, lambda: number, move: number): readonly FigureOf[] {
  const { liquidation, stability } = FX_V1_TERMS.lines
  const burnt = fxV1Rules.mostLiquidatableDown(now.side, liquidation, fixed(lambda))
  const fresh = fxV1Rules.baseForXDown(now.side, stability)
  const nav = float(now.side.fNav)
  return [
    {
      id: 'ratio',
      label: 'collateral ratio',
      value: part(float(now.ratio), 1),
      note: `was ${part(float(first.ratio), 0)}`,
      big: true,
    },
    {
      ...{ id: 'leverage', label: 'leverage of x', big: true },
      ...{
        value: now.leverage === undefined ? 'none' : `${digits(now.leverage, 4)}×`,
        note: `was ${digits(first.leverage ?? 0, 4)}×`,
      },
    },
    { id: 'f', label: 'quiet token', value: nav.toFixed(4), note: `${change(nav - 1)} of a move of ${change(move)}` },
    {
      id: 'x',
      label: 'levered token',
      value: digits(first.x > 0 ? now.x / first.x : 0, 4),
      note: `${change(first.x > 0 ? now.x / first.x - 1 : 0)}, was 1`,
    },
    {
      ...{ id: 'burn', label: 'f to burn, back to 120 %' },
      ...{
        value: burnt.fToken > 0n ? amount(float(burnt.fToken)) : 'none',
        note: burnt.base > 0n ? `for ${digits(float(burnt.base), 5)} ETH` : '',
      },
    },
    { id: 'mint', label: 'or new base for x, to 130 %', value: fresh > 0n ? `${digits(float(fresh), 5)} ETH` : 'none' },
    { id: 'buffer', label: 'value of all x', value: dollars(now.x) },
  ]
}

function stateOf(mode: FxV1Mode, ratio: number): { name: string; kind: StateKind; says: string } {
  const says: Readonly<Record<FxV1Mode, string>> = {
    normal: 'Both tokens are minted and redeemed at their usual fees.',
    stability: 'No quiet token is minted; whoever mints the levered one earns a bonus.',
    liquidation: 'Burning the quiet token is paid for, and the rebalance pool’s is redeemed.',
    'self-liquidation': 'The protocol may buy the quiet token back with base.',
    recapitalisation: 'The quiet token is worth more than the treasury: only new base helps.',
  }
  const kinds: Readonly<Record<FxV1Mode, StateKind>> = {
    ...{ normal: 'calm', stability: 'calm', liquidation: 'soft', 'self-liquidation': 'hard', recapitalisation: 'lost' },
  }
  return { name: mode, kind: kinds[mode], says: `${says[mode]} The ratio is ${part(ratio, 1)}.` }
}

function samples(now: number, open: number): readonly number[] {
  return [...new Set([...steps(open * 0.4, open * 1.5, 110), now])].sort((a, b) => a - b)
}

const spanOf = (now: number, open: number) => ({ from: Math.min(now, open * 0.4), to: Math.max(now, open * 1.5) })
const every = (points: readonly number[]) => points.filter((_, index) => index % 5 === 0)

function ratioChart(treasury: Treasury, now: number, open: number): LinesChart {
  const prices = samples(now, open)
  const { lines } = FX_V1_TERMS
  const ratios = prices.map((price) => [price, float(seenAt(treasury, price).ratio)] as const)
  const cut = (name: string, line: bigint, lost = false) => ({
    name,
    look: lost ? ('lost' as const) : ('warn' as const),
    y: float(line),
  })
  return {
    ...{ kind: 'lines', id: 'ratio', title: 'Collateral ratio and modes over the price', now },
    summary: `${part(float(seenAt(treasury, now).ratio), 1)} at ${dollars(now)}; modes begin below 130, 120, 114 and 100 %.`,
    x: { label: 'price of the base', ...spanOf(now, open), say: dollars },
    y: {
      label: 'ratio',
      from: Math.min(0.8, ratios[0]?.[1] ?? 0.8),
      to: Math.max(1.6, ...ratios.map(([, ratio]) => ratio)),
      say: (value) => part(value, 0),
    },
    lines: [{ name: 'collateral ratio', look: 'main', points: ratios }],
    cuts: [
      cut('no minting of f', lines.stability),
      cut('burning is paid', lines.liquidation),
      cut('bought back', lines.selfLiquidation),
      cut('recapitalisation', lines.recapitalisation, true),
    ],
    rows: every(prices),
  }
}

function valueChart(treasury: Treasury, now: number, open: number, whole: number): LinesChart {
  const prices = samples(now, open)
  const all = prices.map((price) => ({ price, seen: seenAt(treasury, price) }))
  const x = all.map(({ price, seen }) => [price, whole > 0 ? seen.x / whole : 0] as const)
  return {
    ...{ kind: 'lines', id: 'values', title: 'What the two tokens are worth, 1 at the settlement', now },
    summary: `At ${dollars(now)}: quiet ${float(seenAt(treasury, now).side.fNav).toFixed(4)}, levered ${digits(whole > 0 ? seenAt(treasury, now).x / whole : 0, 4)}.`,
    x: { label: 'price of the base', ...spanOf(now, open), say: dollars },
    y: {
      label: 'per token',
      from: 0,
      to: Math.max(1.2, ...x.map(([, value]) => value)) * 1.05,
      say: (value) => digits(value, 4),
    },
    lines: [
      {
        name: 'quiet (f)',
        look: 'kept',
        points: all.map(({ price, seen }) => [price, float(seen.side.fNav)] as const),
      },
      { name: 'levered (x)', look: 'sold', points: x },
      { name: 'base alone', look: 'second', points: prices.map((price) => [price, price / open] as const) },
    ],
    rows: every(prices),
  }
}

function leverageChart(treasury: Treasury, now: number, open: number): LinesChart {
  const prices = samples(now, open)
  const points = prices.flatMap((price) => {
    const { leverage } = seenAt(treasury, price)
    return leverage === undefined || leverage > 20 ? [] : [[price, leverage] as const]
  })
  return {
    ...{ kind: 'lines', id: 'leverage', title: 'Leverage of x, as far as 20×', now },
    summary: 'It grows as the price falls: the levered token carries the same debt on less value.',
    x: { label: 'price of the base', ...spanOf(now, open), say: dollars },
    y: {
      label: 'leverage',
      from: 0,
      to: Math.max(4, ...points.map(([, leverage]) => leverage)) * 1.05,
      say: (value) => `${digits(value, 3)}×`,
    },
    lines: [{ name: 'leverage of x', look: 'main', points }],
    rows: every(prices),
  }
}
