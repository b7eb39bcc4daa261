/** LLAMMA's tab: one loan, its bands, and a price that goes down, or down and part of the way back. */

import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import { roundPlaces } from '../round-steps.ts'
import {
  bandsOf,
  openLoan,
  rangeOf,
  type Standing,
  standingOf,
  stepTo,
  thereAndBack,
  type Walked,
  type WalkTerms,
  walkTo,
} from './llamma-walk.ts'
import type { BandsChart, FigureOf, Figures, LinesChart, MechanismPanel, Refusal, StateKind } from './panel.ts'
import { amount, change, digits, part } from './words.ts'

const FIELDS: readonly MechanismField[] = [
  {
    ...{ kind: 'number', key: 'price', label: 'Outside price now', unit: 'crvUSD', initial: '1650', over: 0 },
    most: 1e9,
    scale: ({ open = 2_000 }) => ({
      kind: 'linear',
      from: round(open * 0.6),
      to: round(open * 1.1),
      step: open / 2_000,
    }),
  },
  {
    ...{ kind: 'choice', key: 'way', label: 'Way of the price', initial: 'straight', options: ['straight', 'via low'] },
    hint: 'via low: first down to the lowest price, then back up to the price now',
  },
  {
    ...{ kind: 'number', key: 'low', label: 'Lowest price on the way', unit: 'crvUSD', initial: '1600', over: 0 },
    most: 1e9,
    scale: ({ open = 2_000 }) => ({ kind: 'linear', from: round(open * 0.6), to: round(open), step: open / 2_000 }),
  },
  {
    ...{ kind: 'number', key: 'coll', label: 'Collateral', unit: 'ETH', initial: '10', least: 0.001, most: 1e9 },
    scale: { kind: 'log', from: 1, to: 1_000, digits: 2 },
  },
  {
    ...{ kind: 'number', key: 'debt', label: 'Debt', unit: 'crvUSD', initial: '15000', over: 0, most: 1e12 },
    scale: ({ coll = 10, open = 2_000 }) => ({
      ...{ kind: 'linear', from: round(coll * open * 0.2), to: round(coll * open * 0.9), step: (coll * open) / 1_000 },
    }),
  },
  {
    ...{ kind: 'number', key: 'n', label: 'Bands N', unit: '4 … 50', initial: '10', least: 4, most: 50, whole: true },
    scale: { kind: 'linear', from: 4, to: 50, step: 1 },
    hint: 'more bands: converted earlier, more slowly, with less loss',
  },
  {
    ...{
      kind: 'number',
      key: 'a',
      label: 'Amplification A',
      unit: '',
      initial: '100',
      least: 2,
      most: 1_000,
      whole: true,
    },
    scale: { kind: 'linear', from: 10, to: 300, step: 5 },
    hint: 'a band is 1/A of the price wide',
  },
  {
    ...{ kind: 'number', key: 'open', label: 'Price when opened', unit: 'crvUSD', initial: '2000', over: 0, most: 1e9 },
    scale: { kind: 'log', from: 200, to: 20_000, digits: 3 },
  },
  {
    ...{ kind: 'number', key: 'fee', label: 'AMM fee', unit: '%', initial: '0.6', least: 0.0001, most: 10 },
    scale: { kind: 'linear', from: 0.05, to: 2, step: 0.05 },
  },
  {
    ...{ kind: 'number', key: 'ld', label: 'Loan discount', unit: '%', initial: '9', over: 0, most: 90 },
    scale: { kind: 'linear', from: 2, to: 30, step: 0.5 },
  },
  {
    ...{ kind: 'number', key: 'liqd', label: 'Liquidation discount', unit: '%', initial: '6', over: 0, most: 89 },
    scale: { kind: 'linear', from: 1, to: 29, step: 0.5 },
  },
  {
    ...{ kind: 'number', key: 'step', label: 'Step of the price', unit: '%', initial: '1', least: 0.25, most: 20 },
    scale: { kind: 'linear', from: 0.25, to: 10, step: 0.25 },
    hint: 'an arbitrageur trades after each step; one step through all bands is a gap',
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'LLAMMA: Curve’s soft liquidation along bands',
  summary:
    'Collateral lies in bands of price; while the price is inside them an AMM sells it for stablecoin on the way down and buys it back on the way up, so a loan is converted instead of seized, and it is liquidated only if its health falls below 0.',
  exact: {
    kind: 'bytecode',
    says: 'compared with the compiled contracts of curve-stablecoin e6fc18a0 in random lives on a local chain: bands, prices, debts, healths, fees, quotes, no difference; ten of these lives are replayed by every test run',
  },
  formulas: [
    {
      says: 'Band n spans oracle prices from base · ((A − 1)/A)^n down to one step below. Inside it (f + x)(g + y) stays constant, and the AMM’s own price moves as the cube of the oracle’s, so arbitrageurs convert the band.',
      source: 'AMM.vy: get_p, _get_y0, exchange',
      url: 'https://github.com/curvefi/curve-stablecoin/blob/e6fc18a0/contracts/AMM.vy',
    },
    {
      says: 'Health = (stablecoin that a slow way down through all bands fetches · (1 − liquidation discount)) / debt − 1; full health adds how far the oracle is above untouched bands. Below 0 anybody may pay the debt and take what is in the bands.',
      source: 'Controller.vy: _health, liquidate',
      url: 'https://github.com/curvefi/curve-stablecoin/blob/e6fc18a0/contracts/Controller.vy',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: (input) => figuresOf(input),
}

type Kept = {
  readonly key: string
  readonly opened: ReturnType<typeof openLoan>
  readonly down: Walked[]
  up: Walked[]
  upFrom: number
}
/** The last loan's steps: a dragged price walks on from them. */
let kept: Kept | undefined

function keptFor(terms: WalkTerms): Kept {
  const key = JSON.stringify(terms)
  if (kept?.key !== key) kept = { key, opened: openLoan(terms), down: [], up: [], upFrom: Number.NaN }
  return kept
}

function figuresOf({ numbers, words }: MechanismInput): Figures | Refusal {
  const terms = termsOf(numbers)
  if (terms.liquidationDiscount >= terms.loanDiscount)
    return { refused: 'The liquidation discount must be below the loan discount.', field: 'liqd' }
  if (terms.fee > Math.min(4 / terms.A, 0.1))
    return { refused: `The fee of A ${terms.A} is at most ${part(Math.min(4 / terms.A, 0.1))}.`, field: 'fee' }
  const keep = keptFor(terms)
  if ('refused' in keep.opened) return { refused: `The contract says: ${keep.opened.refused}.`, field: 'debt' }
  const { price = 0, low = 0 } = numbers
  const back = words['way'] === 'via low' && low < price
  const path = pathOf(keep, keep.opened, terms, back ? [low, price] : [price])
  const last = path[path.length - 1] as Walked
  return told(terms, path, last, hardPrice(keep, keep.opened, terms), back ? low : undefined)
}

function termsOf(numbers: MechanismInput['numbers']): WalkTerms {
  const { open = 0, coll = 0, debt = 0, n = 0, a = 0, fee = 0, ld = 0, liqd = 0, step = 0 } = numbers
  return {
    ...{ open, collateral: coll, debt, bands: n, A: a, fee: fee / 100 },
    ...{ loanDiscount: ld / 100, liquidationDiscount: liqd / 100, step: step / 100 },
  }
}

function pathOf(keep: Kept, opened: Walked, terms: WalkTerms, prices: readonly number[]): readonly Walked[] {
  const [first = terms.open, second] = prices
  if (second === undefined)
    return first < terms.open ? walkTo(opened, first, terms.step, keep.down) : [opened, stepTo(opened, first)]
  const down = first < terms.open ? walkTo(opened, first, terms.step, keep.down) : [opened]
  const bottom = down[down.length - 1] as Walked
  if (keep.upFrom !== first) Object.assign(keep, { up: [], upFrom: first })
  return [...down.slice(0, -1), ...walkTo(bottom, second, terms.step, keep.up)]
}

/** The first price of the straight way down at which health is below 0; none where the way ends healthy, all in stablecoin. */
function hardPrice(keep: Kept, opened: Walked, terms: WalkTerms): number | undefined {
  const bands = bandsOf(opened)
  const bottom = (bands[bands.length - 1]?.down ?? terms.open) * 0.8
  const way = walkTo(opened, Math.min(bottom, terms.open * 0.9), terms.step, keep.down)
  if (!standingOf(way[way.length - 1] as Walked).hard) return undefined
  let [healthy, hard] = [0, way.length - 1]
  while (hard - healthy > 1) {
    const middle = (healthy + hard) >> 1
    if (standingOf(way[middle] as Walked).hard) hard = middle
    else healthy = middle
  }
  return (way[hard] as Walked).price
}

function told(
  terms: WalkTerms,
  path: readonly Walked[],
  last: Walked,
  hard: number | undefined,
  low: number | undefined,
): Figures {
  const now = standingOf(last)
  const { n1, n2 } = rangeOf(last)
  const bands = bandsOf(last)
  const [top, bottom] = [bands[0]?.up ?? 0, bands[bands.length - 1]?.down ?? 0]
  const inside = now.price <= top && now.price >= bottom
  const range = `${amount(bottom)} … ${amount(top)} crvUSD (bands ${n1} … ${n2})`
  return {
    state: stateOf(now, { top, bottom, low, debt: terms.debt }),
    conditions: [
      {
        name: 'soft range',
        holds: inside,
        says: `${range}: the price is ${inside ? 'inside' : now.price > top ? 'above' : 'below'}. Inside, collateral is converted both ways; that alone lets nobody seize it.`,
      },
      {
        name: 'hard liquidation',
        holds: now.hard,
        says: `health ${part(now.full)}: anybody may pay the debt and take the bands below 0 %. ${
          hard === undefined
            ? 'A straight fall in these steps never gets there.'
            : `A straight fall in these steps gets there at ${amount(hard)}.`
        }`,
      },
    ],
    facts: factsOf(terms, now, n1, low ?? now.price),
    charts: [bandsChart(path, now, bands, hard, [top, bottom]), healthChart(path)],
    code: codeOf(terms, path),
    notes: [
      'The oracle is the outside price, one hour a step: neither the limiter nor an average delays it. Interest is off.',
      'The arbitrageur pays no gas and no fee of his own; with costs he trades later and takes less.',
    ],
  }
}

function stateOf(
  now: Standing,
  {
    top,
    bottom,
    low,
    debt,
  }: { readonly top: number; readonly bottom: number; readonly low: number | undefined; readonly debt: number },
): { name: string; kind: StateKind; says: string } {
  if (now.hard)
    return {
      name: 'hard liquidation',
      kind: 'hard',
      says: 'Health is below 0: anybody may pay the debt and take what is in the bands.',
    }
  if (now.coins < 1e-9)
    return {
      ...{ name: 'below the bands: all stablecoin', kind: 'soft' },
      says: `Everything is converted: ${amount(now.stable)} crvUSD against ${amount(debt)} of debt. Lower prices change nothing; only interest does.`,
    }
  if (now.stable === 0)
    return now.price > top
      ? {
          name: 'above the bands: all collateral',
          kind: 'calm',
          says: `Nothing is converted until the price falls to ${amount(top)}.`,
        }
      : {
          name: 'in the range, nothing converted yet',
          kind: 'calm',
          says: 'The price has entered the bands by less than the AMM’s fee.',
        }
  if (low !== undefined)
    return {
      ...{ name: 'de-liquidation', kind: 'soft' },
      says: `The price rose from ${amount(low)}: stablecoin is sold back for collateral${now.price > top ? ', and the AMM has nothing more to give at this price' : ''}.`,
    }
  return {
    ...{ name: 'soft-liquidation', kind: 'soft' },
    says: `Collateral is being converted. De-liquidation begins as soon as the price rises by more than the fee${now.price < bottom ? '; the rest converts with the next move' : ''}.`,
  }
}

function factsOf(terms: WalkTerms, now: Standing, n1: number, low: number): readonly FigureOf[] {
  const held = terms.collateral * now.price
  const ltv = terms.debt / (now.stable + now.coins * now.price)
  const against = now.stable + now.coins * now.price - held
  const back = thereAndBack(terms, n1, Math.min(low, terms.open))
  const lost = back.y + back.x / terms.open - terms.collateral
  const converted = 1 - now.coins / terms.collateral
  return [
    {
      id: 'health',
      label: 'health, full',
      value: part(now.full),
      note: `quick ${part(now.quick)}, debt/value ${part(ltv, 1)}`,
      big: true,
    },
    { id: 'converted', label: 'collateral converted', value: part(Math.max(0, converted), 1), big: true },
    { id: 'coins', label: 'collateral left', value: `${digits(now.coins)} ETH` },
    { id: 'stable', label: 'stablecoin in the bands', value: `${amount(now.stable)} crvUSD` },
    {
      id: 'against',
      label: 'against holding, now',
      value: `${amount(against)} crvUSD`,
      note: change(against / held),
    },
    {
      id: 'taken',
      label: 'arbitrageurs took',
      value: `${amount(now.taken)} crvUSD`,
      note: `${now.trades} trades`,
    },
    {
      ...{ id: 'round-trip', label: `to ${amount(low)} and back to ${amount(terms.open)}` },
      ...{ value: change(lost / terms.collateral), note: `${digits(lost, 4)} ETH` },
    },
  ]
}

function bandsChart(
  path: readonly Walked[],
  now: Standing,
  bands: ReturnType<typeof bandsOf>,
  hard: number | undefined,
  range: readonly [number, number],
): BandsChart {
  const along = alongOf(path)
  const shown = path.map((walked, step) => {
    const { price, amm, full, coins } = standingOf(walked)
    return { price, along: along[step] ?? 0, amm, health: full, coins }
  })
  const prices = [...shown.map(({ price }) => price), ...range]
  const [lowest, highest] = [Math.min(...prices), Math.max(...prices)]
  const room = (highest - lowest) * 0.06
  return {
    ...{ kind: 'bands', id: 'bands', title: 'Bands and price on one axis', drags: 'price', say: (at) => amount(at) },
    summary: `Price ${amount(now.price)}, liquidation range ${amount(range[1])} … ${amount(range[0])}; ${amount(now.stable)} crvUSD and ${digits(now.coins)} ETH in ${bands.length} bands.`,
    bands: bands.map((band) => ({ ...band, coins: band.coins * Math.sqrt(band.up * band.down) })),
    path: shown,
    ...{ low: lowest - room, high: highest + room, oracle: now.price, amm: now.amm, range, hard },
  }
}

/** How far the price has gone at each place: the last step of a path is shorter than the others. */
function alongOf(path: readonly Walked[]): readonly number[] {
  let sum = 0
  return path.map(({ price }, step) => {
    sum += step === 0 ? 0 : Math.abs(Math.log(price / (path[step - 1] as Walked).price))
    return sum
  })
}

function healthChart(path: readonly Walked[]): LinesChart {
  const all = path.map(standingOf)
  const along = alongOf(path)
  const way = along[along.length - 1] || 1
  const nearest = (at: number) =>
    all[along.reduce((best, one, step) => (Math.abs(one - at) < Math.abs((along[best] ?? 0) - at) ? step : best), 0)]
  const healths = all.flatMap(({ full, quick }) => [full, quick])
  const [least, most] = [Math.min(0, ...healths), Math.max(0.05, ...healths)]
  const room = (most - least) * 0.08
  const points = (pick: (one: Standing) => number) => all.map((one, step) => [along[step] ?? 0, pick(one)] as const)
  return {
    ...{ kind: 'lines', id: 'health', title: 'Health along the path' },
    summary: `Full health ${part(all[0]?.full ?? 0)} at the opening, ${part(all[all.length - 1]?.full ?? 0)} now; hard liquidation below 0 %.`,
    x: {
      label: 'price along the path, crvUSD',
      from: 0,
      to: way,
      ticks: roundPlaces(
        all.map(({ price }) => price),
        along,
      ).map(({ at, value }) => ({ at, label: amount(value) })),
      say: (at) => amount(nearest(at)?.price ?? 0),
    },
    y: { label: 'health', from: least - room, to: most + room, say: (value) => part(value, 1) },
    lines: [
      { name: 'full', look: 'main', points: points(({ full }) => full) },
      { name: 'quick (bands only)', look: 'second', points: points(({ quick }) => quick) },
    ],
    cuts: [{ name: 'hard liquidation below', look: 'lost', y: 0 }],
  }
}

/** The same with the published library. Prices of the path as they were walked. */
function codeOf(terms: WalkTerms, path: readonly Walked[]): string {
  const wad = (value: number) => `wad(${digits(value, 15).replaceAll(',', '')})`
  return `import { llamma, llammaMarket } from 'breakwater/mechanisms'
import { llammaArbitrage } from 'breakwater/sim'

const wad = (value) => BigInt(Math.round(value * 1e9)) * 10n ** 9n
const at = (time, price) => ({ time, price: () => wad(price) })
const terms = { collateral: 'ETH', borrowed: 'crvUSD', feed: 'ETH', time: 0n, ceiling: 10n ** 33n, A: ${terms.A},
  basePrice: ${wad(terms.open)}, fee: ${wad(terms.fee)}, loanDiscount: ${wad(terms.loanDiscount)}, liquidationDiscount: ${wad(terms.liquidationDiscount)} }
const state = { markets: new Map([['m', llammaMarket(terms)]]) }
const loan = { do: 'create', market: 'm', account: 'a', bands: ${terms.bands}, collateral: ${wad(terms.collateral)}, debt: ${wad(terms.debt)} }
llamma.apply(state, loan, at(0, ${terms.open}))
const path = [${path
    .slice(1)
    .map(({ price }) => Number(price.toPrecision(9)))
    .join(', ')}]
path.forEach((price, step) => {
  const now = at((step + 1) * 3600, price)
  const trade = llammaArbitrage('m', state.markets.get('m'), price, { outsideFee: 0, gas: 0 }, now)
  if (trade) llamma.apply(state, trade.action, now)
})
const { backing, required } = llamma.assess(state, 'm/a', at(path.length * 3600, path.at(-1)))
console.log(Number(backing) / Number(required) - 1)`
}

function round(value: number): number {
  return Number(value.toPrecision(6))
}
