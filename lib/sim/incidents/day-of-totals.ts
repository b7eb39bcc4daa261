/**
 * Days of which only totals were published. The cascade core on a drawn book whose size is fitted to the total: it shows what leverage, depth and the fall
 * would have changed, and cannot show that the total is right.
 */
import { prng } from '../../model/index.ts'
import { type CascadeLevel, cascade, cascadeSide } from '../cascade.ts'
import { squareRootImpact } from '../impact.ts'
import type { Incident, IncidentFigure, IncidentOutcome, IncidentWorld } from './incident.ts'

/** What differs from day to day. `total`: the fitted figure, USD; `before` and `low`: prices of the coin; `interest`: open interest or debt that meets it. */
export type DayOfTotals = Pick<Incident, 'id' | 'day' | 'title' | 'story' | 'sources' | 'disputed'> & {
  readonly coin: 'BTC' | 'ETH'
  readonly book: 'perps' | 'loans'
  readonly before: number
  readonly low: number
  readonly total: number
  readonly certainty: IncidentFigure['certainty']
  readonly interest: number
  /** Coins traded in a day, and volatility of a day, a fraction. */
  readonly volume: number
  readonly volatility: number
  /** Relations between published numbers, computed: no simulation in them. */
  readonly relations: readonly (IncidentFigure & { readonly model: number })[]
  readonly limits: readonly string[]
}

const LEVELS = 4_000
const LEVERAGES = [3, 5, 10, 20, 50] as const
/** Maintenance of perps, and the line of loans, fractions. */
const MAINTENANCE = 0.005
const LINE = 0.83

/** Makes the incident of a day. */
export function dayOfTotals(day: DayOfTotals): Incident {
  const fall = 1 - day.low / day.before
  return {
    ...{ id: day.id, kind: 'incident', day: day.day, title: day.title, story: day.story },
    ...{ sources: day.sources, disputed: day.disputed },
    initial: [
      day.book === 'perps'
        ? 'longs of one coin, leverage 3 to 50, entries within a few percent of the price before (drawn)'
        : 'loans against one coin, loan-to-values 35 to 82 % at the price before (drawn)',
    ],
    path: `${day.coin} from ${day.before} to ${day.low} USD; forced sales push it further by the square-root law`,
    rules: [
      day.book === 'perps' ? 'a long is closed whole at its maintenance of 0.5 %' : 'half of a loan is closed at 83 %',
    ],
    figures: [
      {
        ...{ id: 'total', name: 'liquidated', unit: 'USD', published: day.total, tolerance: { relative: 0.1 } },
        ...{ certainty: day.certainty, how: 'the cascade core on the drawn book', fitted: 'interest' },
      },
      ...day.relations.map(({ model: _own, ...figure }) => figure),
    ],
    measures: [
      { id: 'amplification', name: 'fall with the forced sales / without', unit: '' },
      { id: 'lowest', name: 'price where it ends', unit: 'USD' },
      { id: 'part', name: 'part of the book that is closed', unit: 'share' },
    ],
    fitted: [{ name: 'interest', value: day.interest, unit: 'USD', to: 'total' }],
    limits: [
      'The total is fitted: that it is met shows nothing. What other rules change is the model’s, for a drawn book.',
      ...day.limits,
    ],
    settings: [
      { name: 'interest', says: 'open interest or debt of the book, USD', value: day.interest, least: 1e5, most: 1e13 },
      { name: 'fall', says: 'fall of the coin from outside, a fraction', value: fall, least: 0, most: 0.95 },
      { name: 'mostLeverage', says: 'highest leverage that a venue gives (perps)', value: 50, least: 3, most: 50 },
      {
        name: 'close',
        says: 'part of a position that is closed at its line',
        value: day.book === 'perps' ? 1 : 0.5,
        least: 0.05,
        most: 1,
      },
      { name: 'depth', says: 'depth of the market, times the day’s', value: 1, least: 0.05, most: 100 },
    ],
    counterfactuals: [
      { id: 'half', says: 'half the fall', change: { fall: fall / 2 } },
      ...(day.book === 'perps'
        ? [{ id: 'ten', says: 'no leverage above 10', change: { mostLeverage: 10 } }]
        : [{ id: 'whole', says: 'loans closed whole', change: { close: 1 } }]),
      { id: 'partial', says: 'a fifth closed at the line', change: { close: 0.2 } },
      { id: 'thin', says: 'a quarter of the depth', change: { depth: 0.25 } },
    ],
    compared: ['total', 'part', 'lowest', 'amplification'],
    files: [],
    simulate: (world) => simulate(day, world),
  }
}

function simulate(day: DayOfTotals, world: IncidentWorld): IncidentOutcome {
  const interest = world.number('interest')
  const levels = day.book === 'perps' ? longsOf(day, world) : loansOf(day, world)
  const side = cascadeSide(levels, 'long')
  const depth = { y: 1, dailyVolatility: day.volatility, dailyVolume: day.volume * world.number('depth') }
  const impact = squareRootImpact(depth)
  const end = cascade(side, impact, day.before * (1 - world.number('fall')), day.before)
  const usd = (fired: number) =>
    side.levels.slice(0, fired).reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  const points = Array.from({ length: 41 }, (_, at) => {
    const fall = (at / 40) * Math.min(0.9, 1.4 * world.number('fall') + 0.01)
    return [fall * 100, usd(cascade(side, impact, day.before * (1 - fall), day.before).fired)] as const
  })
  return {
    values: {
      ...{ total: usd(end.fired), amplification: end.amplification, lowest: end.price },
      part: usd(end.fired) / interest,
      ...Object.fromEntries(day.relations.map(({ id, model }) => [id, model])),
    },
    series: [
      {
        ...{ id: 'fall', title: 'Liquidated by the fall from outside', x: 'fall, %', y: 'USD' },
        lines: [{ name: 'with feedback', points }],
      },
    ],
  }
}

function longsOf(day: DayOfTotals, world: IncidentWorld): readonly CascadeLevel[] {
  const chance = prng(`${day.id}/${world.seed}`)
  const usd = world.number('interest') / LEVELS
  return Array.from({ length: LEVELS }, () => {
    const leverage = Math.min(chance.pick(LEVERAGES), world.number('mostLeverage'))
    const entry = day.before * Math.exp(0.04 * chance.normal())
    // Whoever would stand above the price before was liquidated before.
    const price = Math.min((entry * (1 - 1 / leverage)) / (1 - MAINTENANCE), day.before * 0.999)
    return { side: 'long', price, quantity: (usd * world.number('close')) / day.before }
  })
}

function loansOf(day: DayOfTotals, world: IncidentWorld): readonly CascadeLevel[] {
  const chance = prng(`${day.id}/${world.seed}`)
  const usd = world.number('interest') / LEVELS
  return Array.from({ length: LEVELS }, () => {
    const price = day.before * ((0.35 + 0.47 * chance.next()) / LINE)
    return { side: 'long', price, quantity: (usd * world.number('close')) / price }
  })
}
