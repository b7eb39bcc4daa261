/** f(x) v2's tab: one levered position on a falling price, two lines, and a keeper who may be down. */
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import { type FxPlace, type FxStanding, type FxTerms, fall, fxStanding, moveTo, openFx } from './fx-walk.ts'
import type { BarsChart, FigureOf, Figures, LinesChart, MechanismPanel, Refusal, StateKind } from './panel.ts'
import { amount, change, digits, dollars, fixed, part } from './words.ts'

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'price',
      label: 'Price of the collateral now',
      unit: '$',
      initial: '1780',
      over: 0,
      most: 1e8,
    },
    scale: ({ open = 2_000 }) => ({ kind: 'linear', from: open * 0.5, to: open, step: open / 1_000 }),
  },
  {
    ...{ kind: 'choice', key: 'keeper', label: 'Keeper', initial: 'up', options: ['up', 'down', 'back now'] },
    hint: 'up: calls after each step; down: never; back now: was down on the way and calls at the price now',
  },
  {
    ...{ kind: 'number', key: 'lev', label: 'Leverage', unit: '×', initial: '5', least: 1.1, most: 7 },
    scale: { kind: 'linear', from: 2, to: 7, step: 0.1 },
  },
  {
    ...{ kind: 'number', key: 'coins', label: 'Collateral', unit: 'ETH', initial: '10', least: 0.1, most: 1e6 },
    scale: { kind: 'log', from: 1, to: 1_000, digits: 2 },
  },
  {
    ...{ kind: 'number', key: 'open', label: 'Price when opened', unit: '$', initial: '2000', over: 0, most: 1e7 },
    scale: { kind: 'log', from: 200, to: 20_000, digits: 3 },
  },
  {
    ...{
      kind: 'number',
      key: 'line',
      label: 'Rebalance from',
      unit: '% debt ratio',
      initial: '88',
      least: 50,
      most: 98,
    },
    scale: { kind: 'linear', from: 70, to: 97, step: 0.5 },
  },
  {
    ...{
      kind: 'number',
      key: 'hard',
      label: 'Liquidation from',
      unit: '% debt ratio',
      initial: '95',
      least: 51,
      most: 99.9,
    },
    scale: { kind: 'linear', from: 75, to: 99, step: 0.5 },
  },
  {
    ...{ kind: 'number', key: 'b1', label: 'Bonus of a rebalance', unit: '%', initial: '2.5', least: 0, most: 10 },
    scale: { kind: 'linear', from: 0, to: 10, step: 0.1 },
  },
  {
    ...{ kind: 'number', key: 'b2', label: 'Bonus of a liquidation', unit: '%', initial: '4', least: 0, most: 20 },
    scale: { kind: 'linear', from: 0, to: 10, step: 0.1 },
  },
  {
    ...{ kind: 'number', key: 'reserve', label: 'Reserve pool', unit: 'ETH', initial: '0', least: 0, most: 1e6 },
    scale: { kind: 'linear', from: 0, to: 5, step: 0.1 },
    hint: 'pays what collateral does not cover; what is left then is spread over all positions',
  },
  {
    ...{ kind: 'number', key: 'step', label: 'Step of the price', unit: '%', initial: '0.5', least: 0.1, most: 20 },
    scale: { kind: 'linear', from: 0.1, to: 15, step: 0.1 },
    hint: 'a step larger than the way from 88 to 95 % jumps over the rebalance',
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'f(x) v2: rebalanced at one line, liquidated at the next',
  summary:
    'From a debt ratio of 88 % on anybody repays just enough debt of the whole tick to be back at 88 %, so a position shrinks instead of being seized; if nobody calls, or the price jumps, it reaches 95 % and is liquidated.',
  exact: {
    kind: 'formula',
    says: 'the contracts’ integers and tick tree, to the atom on the figures of their own test suite; not compared with their compiled code',
  },
  formulas: [
    {
      says: 'Debt ratio = debt / (collateral · price); ticks are steps of 0.15 % of it. A rebalance repays x = (D − T·p·C) / (1 − T·(1 + b)), T the line, b the bonus, and takes x·(1 + b)/p.',
      source: 'BasePool.sol: rebalance',
      url: 'https://github.com/AladdinDAO/fx-protocol-contracts/blob/5e198e9/contracts/core/pool/BasePool.sol',
    },
    {
      says: 'A liquidation repays the whole debt for its collateral and a bonus; the reserve pool adds what is missing, and debt that is still left is spread over all positions by the debt index.',
      source: 'PoolManager.sol: liquidate',
      url: 'https://github.com/AladdinDAO/fx-protocol-contracts/blob/5e198e9/contracts/core/PoolManager.sol',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

type Kept = {
  readonly key: string
  readonly opened: ReturnType<typeof openFx>
  readonly up: FxPlace[]
  readonly down: FxPlace[]
}
/** The last position's steps with a keeper and without: a dragged price walks on from them. */
let kept: Kept | undefined

function figuresOf({ numbers, words }: MechanismInput): Figures | Refusal {
  const { price: asked = 0, open = 0, line = 0, hard = 0 } = numbers
  if (line >= hard) return { refused: 'The rebalance line must be below the liquidation line.', field: 'line' }
  if (asked > open)
    return { refused: `This path only falls: at most the opening price, ${amount(open)}.`, field: 'price' }
  const terms = termsOf(numbers)
  const key = JSON.stringify(terms)
  if (kept?.key !== key) kept = { key, opened: openFx(terms), up: [], down: [] }
  const { opened, up, down } = kept
  if ('refused' in opened) return { refused: `The contract says: ${opened.refused}.`, field: 'lev' }
  const ways = {
    with: fall(opened, asked, terms.step, true, up),
    without: fall(opened, asked, terms.step, false, down),
  }
  const keeper = words['keeper'] ?? 'up'
  const alone = ways.without[ways.without.length - 1] as FxPlace
  const last =
    keeper === 'up'
      ? (ways.with[ways.with.length - 1] as FxPlace)
      : keeper === 'down'
        ? alone
        : moveTo(alone, asked, true)
  return told(terms, ways, last, keeper, fxStanding(opened))
}

function termsOf(numbers: MechanismInput['numbers']): FxTerms {
  const { open = 0, coins = 0, lev = 0, line = 0, hard = 0, b1 = 0, b2 = 0, reserve = 0, step = 0 } = numbers
  return {
    ...{ open, coins, leverage: lev, rebalanceLine: line / 100, liquidateLine: hard / 100, reserve },
    ...{ rebalanceBonus: b1 / 100, liquidateBonus: b2 / 100, step: step / 100 },
  }
}

type Ways = { readonly with: readonly FxPlace[]; readonly without: readonly FxPlace[] }

function told(terms: FxTerms, ways: Ways, last: FxPlace, keeper: string, first: FxStanding): Figures {
  const now = fxStanding(last)
  const lineAt = (ratio: number) => (terms.open * (1 - 1 / terms.leverage)) / ratio
  return {
    state: stateOf(now, last, keeper),
    conditions: [
      {
        ...{ name: 'rebalance', holds: now.stage === 'rebalance' },
        says: `from ${part(terms.rebalanceLine, 1)} on; without any call that is at ${dollars(lineAt(terms.rebalanceLine))}, ${change(lineAt(terms.rebalanceLine) / terms.open - 1)} from the opening.`,
      },
      {
        ...{ name: 'liquidation', holds: now.stage === 'liquidate' },
        says: `from ${part(terms.liquidateLine, 1)} on; without any call that is at ${dollars(lineAt(terms.liquidateLine))}, ${change(lineAt(terms.liquidateLine) / terms.open - 1)}.`,
      },
    ],
    facts: factsOf(terms, last, keeper, first),
    charts: [ratioChart(terms, ways, last), leverageChart(terms), shrinkChart(terms, ways)],
    code: codeOf(terms),
    notes: [
      'The price used is the same for least, greatest and anchor price; fees and funding are off; fxUSD stands at its peg.',
      'Beside the position stands one ten times as large at 2×, and a stable pool that can pay for everything.',
    ],
  }
}

function factsOf(terms: FxTerms, last: FxPlace, keeper: string, first: FxStanding): readonly FigureOf[] {
  const now = fxStanding(last)
  const equity = now.coins * last.price - now.debt
  const opening = terms.coins * terms.open - first.debt
  const held = terms.coins * last.price - first.debt
  return [
    {
      id: 'ratio',
      label: 'debt ratio',
      value: now.ratio === undefined ? 'no debt left' : part(now.ratio),
      note: now.tick === undefined ? 'in no tick' : `tick ${now.tick}`,
      big: true,
    },
    {
      id: 'calls',
      label: 'rebalances, liquidations',
      value: `${last.rebalances}, ${last.liquidations}`,
      note: `keeper ${keeper}`,
      big: true,
    },
    {
      id: 'coins',
      label: 'collateral left',
      value: `${digits(now.coins, 5)} ETH`,
      note: part(now.coins / terms.coins, 1),
    },
    {
      id: 'debt',
      label: 'debt left',
      value: `${amount(now.debt)} fxUSD`,
      note: first.debt > 0 ? part(now.debt / first.debt, 1) : '',
    },
    {
      id: 'leverage',
      label: 'leverage now',
      value: equity > 0 ? `${digits((now.coins * last.price) / equity, 4)}×` : 'none',
    },
    { id: 'equity', label: 'equity', value: dollars(equity), note: change(equity / opening - 1, 1) },
    {
      id: 'against',
      label: 'against an untouched position',
      value: dollars(equity - Math.max(0, held)),
      note: held <= 0 ? 'that one would be under water' : 'at this price',
    },
    {
      id: 'spread',
      label: 'debt spread over others',
      value: last.spread > 0 ? `${amount(last.spread)} fxUSD` : 'none',
    },
  ]
}

function stateOf(
  now: FxStanding,
  { rebalances, liquidations, spread }: FxPlace,
  keeper: string,
): { name: string; kind: StateKind; says: string } {
  if (spread > 0)
    return {
      name: 'liquidated, debt redistributed',
      kind: 'lost',
      says: `The collateral did not cover the debt: ${amount(spread)} fxUSD are now owed by all other positions.`,
    }
  if (liquidations > 0)
    return {
      name: 'liquidated',
      kind: 'hard',
      says: 'The whole debt was repaid for its collateral and a bonus; what was left stays with the owner.',
    }
  if (now.stage === 'liquidate')
    return {
      name: 'liquidatable, nobody calls',
      kind: 'hard',
      says: 'The ratio passed both lines: a call takes the whole debt, and every further fall takes from the bonus, the reserve, then others.',
    }
  if (now.stage === 'rebalance')
    return {
      name: 'to be rebalanced, nobody calls',
      kind: 'soft',
      says: `With the keeper ${keeper} the position waits between the two lines.`,
    }
  if (rebalances > 0)
    return {
      name: 'rebalanced',
      kind: 'soft',
      says: `${rebalances} calls shrank the position back to its line: collateral was sold to repay debt, leverage stays there.`,
    }
  return { name: 'normal', kind: 'calm', says: 'Below the first line nobody may touch it.' }
}

function ratioChart(terms: FxTerms, { with: kept, without }: Ways, last: FxPlace): LinesChart {
  const places = (way: readonly FxPlace[]) =>
    way
      .flatMap((place) => {
        const { ratio } = fxStanding(place)
        return ratio === undefined ? [] : [[place.price, ratio] as const]
      })
      .reverse()
  const [up, down] = [places(kept), places(without)]
  const ratios = [...up, ...down].map(([, ratio]) => ratio)
  const [least, most] = [
    Math.min(...ratios, terms.rebalanceLine) - 0.01,
    Math.min(1.08, Math.max(...ratios, terms.liquidateLine) + 0.015),
  ]
  const from = Math.min(last.price, (terms.open * (1 - 1 / terms.leverage)) / terms.liquidateLine) * 0.99
  return {
    ...{ kind: 'lines', id: 'ratio', title: 'Debt ratio as the price falls', now: last.price },
    summary: `Lines at ${part(terms.rebalanceLine, 1)} and ${part(terms.liquidateLine, 1)}; the path goes from ${dollars(terms.open)} down to ${dollars(last.price)}.`,
    x: { label: 'price of the collateral', from, to: terms.open * 1.005, say: dollars },
    y: { label: 'debt ratio', from: least, to: most, say: (value) => part(value, 1) },
    lines: [
      { name: 'keeper up', look: 'main', points: up },
      { name: 'keeper down', look: 'second', points: down.filter(([, ratio]) => ratio <= most) },
    ],
    cuts: [
      { name: 'rebalance', look: 'warn', y: terms.rebalanceLine },
      { name: 'liquidation', look: 'lost', y: terms.liquidateLine },
    ],
    rows: down.filter((_, index) => index % Math.ceil(down.length / 24) === 0).map(([price]) => price),
  }
}

function leverageChart(terms: FxTerms): BarsChart {
  const fallTo = (leverage: number, ratio: number) => Math.max(0, 1 - (1 - 1 / leverage) / ratio)
  const levels = [...new Set([2, 3, 4, 5, 6, 7, terms.leverage])].sort((a, b) => a - b)
  return {
    ...{ kind: 'bars', id: 'leverages', title: 'What a leverage survives', say: (value) => part(-value) },
    summary: 'Fall of the price until the first line, and how much further until the second.',
    rows: levels.map((leverage) => {
      const [soft, hard] = [fallTo(leverage, terms.rebalanceLine), fallTo(leverage, terms.liquidateLine)]
      return {
        name: `${digits(leverage, 3)}×`,
        note: leverage === terms.leverage ? 'this one' : '',
        parts: [
          { name: 'to a rebalance', look: 'held' as const, value: soft },
          { name: 'further, to a liquidation', look: 'sold' as const, value: hard - soft },
        ],
      }
    }),
  }
}

function shrinkChart(terms: FxTerms, { with: way }: Ways): LinesChart {
  const first = fxStanding(way[0] as FxPlace)
  const all = way.map((place) => ({ price: place.price, ...fxStanding(place) })).reverse()
  return {
    ...{ kind: 'lines', id: 'shrink', title: 'With the keeper up: how the position shrinks' },
    summary: `${part((all[0]?.coins ?? 0) / terms.coins, 1)} of the collateral and ${part(first.debt > 0 ? (all[0]?.debt ?? 0) / first.debt : 0, 1)} of the debt are left.`,
    x: { label: 'price of the collateral', from: (all[0]?.price ?? 0) * 0.995, to: terms.open * 1.005, say: dollars },
    y: { label: 'of the opening', from: 0, to: 1.08, say: (value) => part(value, 0) },
    lines: [
      {
        name: 'collateral',
        look: 'main',
        points: all.map(({ price, coins }) => [price, coins / terms.coins] as const),
      },
      {
        name: 'debt',
        look: 'sold',
        points: all.map(({ price, debt }) => [price, first.debt > 0 ? debt / first.debt : 0] as const),
      },
    ],
    rows: all.filter((_, index) => index % Math.ceil(all.length / 24) === 0).map(({ price }) => price),
  }
}

/** The size of one rebalance at the first price below the line. */
function codeOf(terms: FxTerms): string {
  const debt = terms.coins * terms.open * (1 - 1 / terms.leverage)
  const price = (debt / terms.coins / terms.rebalanceLine) * (1 - terms.step)
  const side = { rawColl: fixed(terms.coins), rawDebt: fixed(debt), price: fixed(price) }
  const said = Object.entries(side).map(([key, value]) => `${key}: ${value}n`)
  return `import { fxV2Rules } from 'breakwater/mechanisms'

// The first rebalance, one step below the line: fxUSD repaid.
const side = { ${said.join(', ')} }
console.log(Number(fxV2Rules.rebalanceOf(side, ${fixed(terms.rebalanceLine)}n, ${fixed(terms.rebalanceBonus, 9)}n, 10n ** 30n).rawDebt) / 1e18)`
}
