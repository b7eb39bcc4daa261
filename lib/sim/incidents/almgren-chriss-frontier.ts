/** The frontier of optimal execution (Almgren and Chriss 2000): a sale's expected cost against its variance, checked against the paper's own example. */
import { costOf, type ExecutionTerms, executionFrontier, executionPlan } from '../system/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

/** Table 1 of the paper: a million shares in five days; quote and days as there. */
const PAPER: ExecutionTerms = {
  ...{ quantity: 1e6, days: 5, steps: 5, volatility: 0.95, halfSpread: 0.0625 },
  ...{ permanent: 2.5e-7, temporary: 2.5e-6, riskAversion: 1e-6 },
}

/** The benchmark. */
export const almgrenChriss: Incident = {
  id: 'almgren-chriss-frontier',
  kind: 'benchmark',
  day: '2000-12-01',
  title: 'Almgren–Chriss: what haste costs and what waiting risks',
  story: [
    'A large sale moves the price: the faster, the more it costs.',
    'A slow one waits in a price that moves by itself: the slower, the more may be lost.',
    'Between the even sale and the immediate one lies a curve of plans, each cheapest for one aversion to risk.',
    'The paper prints one example; another program printed two more points of its frontier.',
    'The sale of seized coins is planned with the same formulas.',
  ],
  sources: [
    {
      what: 'Almgren and Chriss, Optimal execution of portfolio transactions, equations 8 to 20 and table 1',
      asOf: '2000',
      certainty: 'S',
    },
    {
      what: 'lakshmidrip/DROP, output of its AlmgrenChriss sample',
      url: 'https://github.com/lakshmidrip/DROP',
      asOf: '2026',
      certainty: 'S',
    },
  ],
  disputed: [],
  initial: ['1,000,000 units, five days in five steps, volatility 0.95 per √day, half spread 0.0625'],
  path: 'none: cost and variance are expectations',
  rules: ['permanent impact 2.5e−7 and temporary 2.5e−6 per unit and day, both straight lines'],
  figures: figures(),
  measures: [
    { id: 'cost', name: 'expected cost of the plan', unit: 'quote' },
    { id: 'risk', name: 'standard deviation of the cost', unit: 'quote' },
    { id: 'firstDay', name: 'sold on the first day', unit: 'share' },
    { id: 'halfLife', name: 'days in which the rest falls to 1 / e', unit: 'days' },
  ],
  fitted: [],
  limits: ['Impact is a straight line here; the square-root law of large sales is elsewhere in the program.'],
  settings: [
    { name: 'riskAversion', says: 'aversion to variance, 1 / quote', value: PAPER.riskAversion, least: 0, most: 1 },
    { name: 'days', says: 'horizon, days', value: PAPER.days, least: 0.5, most: 365 },
    { name: 'volatility', says: 'quote per √day', value: PAPER.volatility, least: 0, most: 100 },
  ],
  counterfactuals: [
    { id: 'even', says: 'no aversion: sell evenly', change: { riskAversion: 0 } },
    { id: 'hasty', says: 'ten times the aversion', change: { riskAversion: 1e-5 } },
    { id: 'ten-days', says: 'ten days', change: { days: 10 } },
  ],
  compared: ['cost', 'risk', 'firstDay', 'halfLife'],
  files: [],
  simulate,
}

function figures(): Incident['figures'] {
  const how = 'the plan’s sinh curve, its cost and variance summed step by step'
  const one = { tolerance: { relative: 1e-6 }, certainty: 'S', how } as const
  const rounded = { tolerance: { relative: 1e-5 }, certainty: 'D', how } as const
  const derived = { tolerance: { relative: 1e-6 }, certainty: 'D', how } as const
  return [
    { id: 'evenCost', name: 'expected cost of the even sale', unit: 'quote', published: 662_500, ...one },
    { id: 'evenVariance', name: 'variance of the even sale', unit: 'quote²', published: 1.083e12, ...one },
    { id: 'kappa', name: 'κ at λ 1e−6', unit: '1 / day', published: 0.6070761632470627, ...derived },
    { id: 'held1', name: 'held after the first day', unit: 'units', published: 541_955.5543739223, ...derived },
    { id: 'held2', name: 'held after the second', unit: 'units', published: 289_854.2194099351, ...derived },
    { id: 'held3', name: 'held after the third', unit: 'units', published: 147_897.4878217232, ...derived },
    { id: 'held4', name: 'held after the fourth', unit: 'units', published: 62_141.801605766035, ...derived },
    { id: 'bestCost', name: 'expected cost at λ 1e−6', unit: 'quote', published: 911_227, ...rounded },
    { id: 'bestVariance', name: 'variance at λ 1e−6', unit: 'quote²', published: 3.6413e11, ...rounded },
    { id: 'front1Cost', name: 'frontier at λ 1e−9: cost', unit: 'quote', published: 662_500.9036702958, ...one },
    {
      id: 'front1Variance',
      name: 'frontier at λ 1e−9: variance',
      unit: 'quote²',
      published: 1_081_191_800_978.231,
      ...one,
    },
    { id: 'front9Cost', name: 'frontier at λ 9e−9: cost', unit: 'quote', published: 662_572.0988200271, ...one },
    {
      id: 'front9Variance',
      name: 'frontier at λ 9e−9: variance',
      unit: 'quote²',
      published: 1_066_909_586_730.322,
      ...one,
    },
  ]
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const best = executionPlan(PAPER)
  const even = executionPlan({ ...PAPER, riskAversion: 0 })
  const [one, nine] = executionFrontier(PAPER, [1e-9, 9e-9])
  const terms = {
    ...PAPER,
    riskAversion: world.number('riskAversion'),
    days: world.number('days'),
    volatility: world.number('volatility'),
  }
  const own = executionPlan(terms)
  const aversions = Array.from({ length: 41 }, (_, at) => 10 ** (-9 + at / 10))
  const frontier = executionFrontier(terms, aversions)
  const even2 = Array.from({ length: terms.steps + 1 }, (_, at) => terms.quantity * (1 - at / terms.steps))
  const point = ({ expectedCost, variance }: { readonly expectedCost: number; readonly variance: number }) =>
    [Math.sqrt(variance), expectedCost] as const
  return {
    values: {
      ...{ evenCost: even.expectedCost, evenVariance: even.variance, kappa: best.kappa },
      ...{ held1: best.holdings[1], held2: best.holdings[2], held3: best.holdings[3], held4: best.holdings[4] },
      ...{ bestCost: best.expectedCost, bestVariance: best.variance },
      ...{ front1Cost: one?.expectedCost, front1Variance: one?.variance },
      ...{ front9Cost: nine?.expectedCost, front9Variance: nine?.variance },
      ...{ cost: own.expectedCost, risk: Math.sqrt(own.variance), halfLife: own.halfLife },
      firstDay: 1 - (own.holdings[Math.max(1, Math.round(terms.steps / terms.days))] ?? 0) / terms.quantity,
    },
    series: [
      {
        ...{ id: 'frontier', title: 'The frontier', x: 'standard deviation of the cost', y: 'expected cost' },
        lines: [
          {
            name: 'best plans',
            points: [point(costOf(even2, terms)), ...frontier.map(point)].sort((a, b) => a[0] - b[0]),
          },
        ],
      },
      {
        ...{ id: 'holdings', title: 'What is still held', x: 'days', y: 'units' },
        lines: [
          {
            name: 'best plan',
            points: own.holdings.map((held, at) => [(at * terms.days) / terms.steps, held] as const),
          },
          { name: 'even sale', points: even2.map((held, at) => [(at * terms.days) / terms.steps, held] as const) },
        ],
      },
    ],
  }
}
