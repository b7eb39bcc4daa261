/**
 * 19 June to 12 July 2024: Germany sells 49,858 seized bitcoin. What a plan of the same size would have cost on exchanges, over the counter, and split,
 * by Almgren and Chriss; the tender of the French agency is the same question without published figures.
 */
import { type ExecutionTerms, executionPlan, planSeizedSale } from '../system/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const COINS = 49_858
const PROCEEDS = 2.64e9
const DAYS = 23
/** Price before the first transfer and the lowest of the weeks, USD. */
const BEFORE = 65_000
const LOWEST = 53_500
/** Daily volume of BTC on exchanges that count, coins, and daily volatility, a fraction: ours. */
const VOLUME = 300_000
const VOLATILITY = 0.026

/** The incident. */
export const germanSale: Incident = {
  id: '2024-06-19-german-sale',
  kind: 'incident',
  day: '2024-06-19',
  until: '2024-07-12',
  title: 'Seized coins: Germany sells 49,858 BTC in three weeks',
  story: [
    'Saxony seizes bitcoin in a piracy case and must sell them before they lose value.',
    'From 19 June on they go to exchanges and dealers in many transfers that everybody watches.',
    'BTC falls from about $65,000 to $53,500 and comes back; how much of that was the sale is not known.',
    '€2.64B are taken in 23 days: about €52,950 a coin.',
    'France separates custody, valuation and brokerage for its own seized coins; no prices of it were published.',
  ],
  sources: [
    { what: 'General prosecutor in Dresden: 49,858 BTC, €2.64B', asOf: '2024-07-16', certainty: 'K' },
    { what: 'AGRASC: €60M of coins at the end of 2022, more than 500 seizures', asOf: '2022-12', certainty: 'N' },
    { what: 'Volume, volatility and impact of the model', asOf: '2026', certainty: '?' },
  ],
  disputed: [],
  initial: ['49,858 BTC at $65,000; 300,000 BTC a day trade elsewhere, volatility 2.6 % a day (ours)'],
  path: 'none: costs are expectations beyond the market’s own moves',
  rules: ['straight-line impact that the square-root law gives for an even sale: Y · σ · √(quantity a day / volume)'],
  figures: [
    {
      ...{ id: 'perCoin', name: 'taken a coin, in euro', unit: 'EUR', published: PROCEEDS / COINS },
      ...{
        tolerance: { relative: 0.05 },
        certainty: 'K',
        how: 'price before, halfway to the low of the weeks, less the plan’s cost, at 1.08 USD',
      },
    },
    {
      ...{
        id: 'evenIsSlowest',
        name: 'cheapest plan without aversion, sold on the first day',
        unit: 'share',
        published: 1 / DAYS,
      },
      ...{ tolerance: { relative: 1e-9 }, certainty: 'S', how: 'Almgren–Chriss at λ = 0 sells evenly' },
    },
  ],
  measures: [
    { id: 'cost', name: 'expected cost of the plan', unit: 'USD' },
    { id: 'costShare', name: 'the same, of the value', unit: 'share' },
    { id: 'risk', name: 'standard deviation', unit: 'USD' },
    { id: 'otcShare', name: 'best part over the counter', unit: 'share' },
    { id: 'splitCost', name: 'cost of that split, risk included', unit: 'USD' },
    { id: 'allOtc', name: 'all over the counter', unit: 'USD' },
    { id: 'allExchange', name: 'all on exchanges', unit: 'USD' },
  ],
  fitted: [],
  limits: [
    'The fall of the weeks was not only this sale: the model says what a sale of this size costs, not why BTC fell.',
    'Terms of dealers are ours: 0.3 % and another 3 % for the whole lot.',
    'Nothing was published on the French tender that a figure could be compared with.',
  ],
  settings: [
    { name: 'days', says: 'how many days the sale takes', value: DAYS, least: 1, most: 730 },
    { name: 'riskAversion', says: 'aversion to variance, 1 / USD', value: 1e-9, least: 0, most: 1e-3 },
    {
      name: 'signalling',
      says: 'what others take by trading ahead of a sale that is seen, a fraction of the price',
      value: 0.005,
      least: 0,
      most: 0.2,
    },
    {
      name: 'dealer',
      says: 'discount of a dealer for the whole lot beyond 0.3 %, a fraction',
      value: 0.03,
      least: 0,
      most: 0.5,
    },
    { name: 'volume', says: 'bitcoin that trade in a day', value: VOLUME, least: 1_000, most: 1e8 },
  ],
  counterfactuals: [
    { id: 'day', says: 'all in one day', change: { days: 1 } },
    { id: 'year', says: 'over a year', change: { days: 365 } },
    { id: 'unseen', says: 'nobody watches the transfers', change: { signalling: 0 } },
    { id: 'thin', says: 'a tenth of the volume', change: { volume: VOLUME / 10 } },
  ],
  compared: ['cost', 'costShare', 'risk', 'otcShare', 'splitCost', 'allOtc', 'allExchange'],
  files: [],
  simulate,
}

function termsOf(world: IncidentWorld): ExecutionTerms {
  const days = world.number('days')
  const steps = Math.max(1, Math.round(days))
  const aDay = COINS / days
  const push = BEFORE * VOLATILITY * Math.sqrt(aDay / world.number('volume'))
  // Two thirds of an even sale's push fade, a third stays (Donier and Bonart): per coin a day, and per coin.
  return {
    ...{ quantity: COINS, days, steps, volatility: BEFORE * VOLATILITY, halfSpread: 5 },
    ...{ temporary: ((2 / 3) * push) / aDay + push / aDay / 6, permanent: push / 3 / COINS },
    riskAversion: world.number('riskAversion'),
  }
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const terms = termsOf(world)
  const plan = executionPlan(terms)
  const even = executionPlan({ ...terms, riskAversion: 0 })
  const dealer = { base: BEFORE * 0.003, slope: BEFORE * world.number('dealer') }
  const sale = planSeizedSale({ execution: terms, dealer, signalling: BEFORE * world.number('signalling') })
  const middle = (BEFORE + LOWEST) / 2
  const points = plan.holdings.map((held, at) => [(at * terms.days) / terms.steps, held] as const)
  const split = Array.from({ length: 41 }, (_, at) => {
    const share = at / 40
    const rest = executionPlan({ ...terms, quantity: terms.quantity * (1 - share) })
    const otc = terms.quantity * share * (dealer.base + dealer.slope * share)
    const seen = BEFORE * world.number('signalling') * terms.quantity * (1 - share)
    return [share * 100, otc + rest.expectedCost + terms.riskAversion * rest.variance + seen] as const
  })
  return {
    values: {
      ...{ perCoin: (middle - plan.expectedCost / COINS) / 1.08, evenIsSlowest: 1 - (even.holdings[1] ?? 0) / COINS },
      ...{ cost: plan.expectedCost, costShare: plan.expectedCost / (COINS * BEFORE), risk: Math.sqrt(plan.variance) },
      ...{ otcShare: sale.otcShare, splitCost: sale.cost, allOtc: sale.allOtc, allExchange: sale.allExchange },
    },
    series: [
      {
        ...{
          id: 'split',
          title: 'Cost by the part sold over the counter',
          x: '% over the counter',
          y: 'USD, risk included',
        },
        lines: [{ name: 'cost', points: split }],
      },
      {
        ...{ id: 'held', title: 'What is still held', x: 'days', y: 'BTC' },
        lines: [
          { name: 'plan', points },
          { name: 'even sale', points: points.map(([day], at) => [day, even.holdings[at] ?? 0] as const) },
        ],
      },
    ],
  }
}
