/**
 * February 2026: the pool behind Ledn Issuer Trust 2026-1 under a fall of bitcoin; about a quarter of the loans was sold. A pool with the published mean and
 * one fitted spread under the margin desk of the program: what cures, staggered looks and a thin market change.
 */
import { prng } from '../../model/index.ts'
import { type CoinLoan, marginCalls, poolLtv } from '../system/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const LOANS = 5_441
const DEBT = 199.1e6
const COINS = 4_078.87
const PRICE = 87_500
const LINE = 0.814
const CALL = 0.7
const HOURS = 120
const LENDERS = 6

/** The incident. */
export const lednAbs: Incident = {
  id: '2026-02-05-ledn-abs',
  kind: 'incident',
  day: '2026-02-05',
  title: 'Loans against bitcoin in a securitisation: a quarter is liquidated',
  story: [
    'Ledn sells bonds on 5,441 loans, $199.1M against 4,078.87 BTC at $87,500: 55.8 % on average.',
    'Bitcoin falls to about $60,000 within days.',
    'A loan is sold when it reaches 81.4 %: about 1,300 loans, a quarter, are.',
    'The average loan reaches the line at −31.5 %: without a spread of the loans all or none would have been sold.',
    'The bonds lose nothing: the trust holds $150M of loans and $50M of cash afterwards.',
  ],
  sources: [
    { what: 'S&P Global Ratings, pre-sale of Ledn Issuer Trust 2026-1', asOf: '2026-01', certainty: 'N' },
    { what: 'Press on February: about 1,300 loans, −27 %', asOf: '2026-02', certainty: 'N' },
  ],
  disputed: [
    {
      figure: 'fall of bitcoin',
      told: [
        { value: '−31.4 %', by: '87,500 to 60,000', certainty: 'N' },
        { value: '−27 %', by: 'the report of the liquidations', certainty: 'N' },
      ],
      says: 'At −31.4 % about half would have been sold without top-ups: a spread fits either, or cures do.',
    },
  ],
  initial: ['5,441 loans, loan-to-value 55.79 % on average, normal with a spread of 5.4 points (fitted)'],
  path: 'bitcoin −27 % over two days, then flat',
  rules: ['sold at once at 81.4 %; called at 70 %, a called loan is sold after its cure time if it is not topped up'],
  figures: [
    {
      ...{ id: 'share', name: 'loans liquidated', unit: 'share', published: 0.25, tolerance: { absolute: 0.05 } },
      ...{ certainty: 'N', how: 'the margin desk on the drawn pool', fitted: 'spread' },
    },
    {
      ...{
        id: 'ltv',
        name: 'loan-to-value of the pool',
        unit: 'share',
        published: 0.5578,
        tolerance: { absolute: 0.001 },
      },
      ...{ certainty: 'N', how: 'debt / (coins · price)' },
    },
    {
      ...{ id: 'fall', name: 'fall at which the average reaches the line', unit: 'share', published: 0.315 },
      ...{ tolerance: { absolute: 0.001 }, certainty: 'D', how: '1 − loan-to-value / line' },
    },
  ],
  measures: [
    { id: 'liquidated', name: 'loans sold', unit: 'loans' },
    { id: 'cured', name: 'loans topped up', unit: 'loans' },
    { id: 'sold', name: 'bitcoin sold', unit: 'BTC' },
    { id: 'overshoot', name: 'what the sales add to the fall', unit: 'share' },
    { id: 'shortfall', name: 'debt that the coins did not cover', unit: 'USD' },
  ],
  fitted: [{ name: 'spread', value: 0.054, unit: 'of loan-to-value', to: 'share' }],
  limits: [
    'One spread explains one figure; top-ups would explain it too (at −31.4 % with fewer uncured). Neither was published.',
    'Everybody called is taken to top up before the price reaches the line; who cannot is `cure`.',
  ],
  settings: [
    { name: 'spread', says: 'spread of the loan-to-values, a fraction', value: 0.054, least: 0, most: 0.2 },
    { name: 'fallTo', says: 'fall of bitcoin, a fraction', value: 0.27, least: 0, most: 0.9 },
    { name: 'cure', says: 'chance that a called borrower tops up in time', value: 1, least: 0, most: 1 },
    { name: 'cureHours', says: 'hours that a call gives', value: 120, least: 1, most: 240 },
    { name: 'stagger', says: 'hours between the looks of six lenders; 0 is all at once', value: 0, least: 0, most: 24 },
    { name: 'impact', says: 'fall of the price for 1,000 BTC sold, a fraction', value: 0, least: 0, most: 0.5 },
  ],
  counterfactuals: [
    { id: 'deeper', says: 'the whole way to $60,000', change: { fallTo: 0.314 } },
    {
      id: 'cures',
      says: 'to $60,000, calls of 24 hours, three in four cured',
      change: { fallTo: 0.314, cureHours: 24, cure: 0.75 },
    },
    { id: 'thin', says: 'to $60,000 in a thin market, all lenders at once', change: { fallTo: 0.314, impact: 0.05 } },
    {
      id: 'staggered',
      says: 'the same, lenders at different hours',
      change: { fallTo: 0.314, impact: 0.05, stagger: 1 },
    },
  ],
  compared: ['share', 'liquidated', 'cured', 'sold', 'overshoot', 'shortfall'],
  files: [],
  simulate,
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const path = Array.from({ length: HOURS }, (_, hour) => PRICE * (1 - world.number('fallTo') * Math.min(1, hour / 48)))
  const stagger = world.number('stagger')
  const lenders = Array.from({ length: LENDERS }, (_, at) => ({
    ...{ id: `lender-${at + 1}`, callLtv: CALL, liquidationLtv: LINE, cureHours: world.number('cureHours') },
    ...{
      cureChance: world.number('cure'),
      cureLtv: 0.6,
      lookEvery: stagger > 0 ? LENDERS : 1,
      firstLook: at * stagger,
    },
  }))
  const loans = loansOf(world)
  const market = { path, impact: world.number('impact') / 1_000, recovery: 0.4 }
  const run = marginCalls({ lenders, loans }, market, prng(`ledn/${world.seed}/cures`))
  const { ltv, fall } = poolLtv(DEBT, COINS, PRICE, LINE)
  return {
    values: {
      ...{ share: run.liquidatedShare, ltv, fall, liquidated: run.liquidated, cured: run.cured, sold: run.coinsSold },
      ...{ overshoot: run.overshoot, shortfall: run.shortfall },
    },
    series: [
      {
        ...{ id: 'price', title: 'Bitcoin with the sales of the pool', x: 'hours', y: 'USD' },
        lines: [
          { name: 'outside', points: path.map((price, hour) => [hour, price] as const) },
          { name: 'with the sales', points: run.prices.map((price, hour) => [hour, price] as const) },
        ],
      },
      {
        ...{ id: 'fall', title: 'Loans at the line by the fall of bitcoin', x: 'fall, %', y: '% of loans' },
        lines: [
          {
            name: 'no top-ups',
            points: Array.from({ length: 51 }, (_, at) => [at, shareAt(loans, at / 100) * 100] as const),
          },
        ],
      },
    ],
  }
}

/** Loans with the published mean: all the same size, loan-to-values normal. */
function loansOf(world: IncidentWorld): readonly CoinLoan[] {
  const chance = prng(`ledn/${world.seed}/loans`)
  const debt = DEBT / LOANS
  const mean = DEBT / (COINS * PRICE)
  return Array.from({ length: LOANS }, (_, at) => {
    const ltv = Math.min(0.8, Math.max(0.05, mean + world.number('spread') * chance.normal()))
    return { id: `loan-${at + 1}`, lender: `lender-${(at % LENDERS) + 1}`, debt, coins: debt / (ltv * PRICE) }
  })
}

function shareAt(loans: readonly CoinLoan[], fall: number): number {
  return loans.filter(({ debt, coins }) => debt / (coins * PRICE * (1 - fall)) >= LINE).length / loans.length
}
