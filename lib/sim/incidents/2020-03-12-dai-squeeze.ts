/**
 * DAI above its peg while vaults deleveraged, 12 and 13 March 2020: the market clearing of Klages-Mundt and Minca in closed form, the same by search, and
 * the collateral below which no purchase helps.
 */
import { elasticDepth } from '../market/index.ts'
import { type SqueezeTerms, stableSqueeze } from '../system/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

/** Coins outstanding; every figure below scales with it. */
const SUPPLY = 100e6
const GRID = 1_000_000

/** The incident. */
export const daiSqueeze: Incident = {
  id: '2020-03-12-dai-squeeze',
  kind: 'incident',
  day: '2020-03-12',
  until: '2020-03-13',
  title: 'DAI above its peg: borrowers buy back what they owe',
  story: [
    'ETH falls; vaults must repay DAI or be liquidated, and everybody needs the same coin at once.',
    'Whoever lends against ETH now mints none: the supply only shrinks.',
    'DAI trades at $1.06 on Coinbase, for moments at $1.12, at $1.10 on Kraken.',
    'Each coin that is bought back makes the next one dearer, and eats into the collateral that it should save.',
    'Below a critical value of collateral no purchase restores the ratio: a deleveraging spiral. USDC as collateral ended it.',
  ],
  sources: [
    {
      what: 'Klages-Mundt and Minca, (In)stability for the blockchain',
      url: 'https://arxiv.org/abs/1906.02152',
      asOf: '2019',
      certainty: 'S',
    },
    {
      what: 'LongHash: prices of stablecoins on 12 March',
      url: 'https://www.longhash.com/en/news/3339',
      asOf: '2020-05-08',
      certainty: 'N',
    },
  ],
  disputed: [
    {
      figure: 'highest price of DAI, USD',
      told: [
        { value: '1.06', by: 'daily chart, Coinbase', certainty: 'N' },
        { value: '1.12', by: 'within the day, Coinbase', certainty: 'N' },
        { value: '1.10', by: 'Kraken', certainty: 'N' },
        { value: 'over 1.08', by: 'ethereumprice.org', certainty: 'N' },
      ],
    },
  ],
  initial: ['100M DAI at $1, collateral 2.566 times the debt (fitted), required 1.5 times'],
  path: 'ETH −43 %; demand for DAI stays the same number of dollars',
  rules: ['collateral after the purchase ≥ 1.5 · coins left; the price is demand / coins left'],
  figures: [
    {
      ...{ id: 'price', name: 'price of DAI', unit: 'USD', published: [1.06, 1.12], tolerance: 'exact' },
      ...{ certainty: 'N', how: 'market clearing after the fall', fitted: 'ratioBefore' },
    },
    {
      ...{ id: 'searched', name: 'coins bought back: search − closed form', unit: 'share of supply', published: 0 },
      ...{ tolerance: { absolute: 2e-6 }, certainty: 'D', how: 'the least purchase that holds, of a million tried' },
    },
    {
      ...{
        id: 'critical',
        name: 'collateral / supply below which nothing helps',
        unit: 'USD',
        published: 2 * Math.sqrt(1.5) - 1,
      },
      ...{
        tolerance: { absolute: 1e-6 },
        certainty: 'S',
        how: 'halving between a collateral that can be saved and one that cannot',
      },
    },
    {
      ...{ id: 'depth', name: 'price by buying coin by coin − closed form', unit: 'USD', published: 0 },
      ...{
        tolerance: { absolute: 1e-6 },
        certainty: 'D',
        how: 'the market’s own depth of a stablecoin, bought in 1,000 parts',
      },
    },
  ],
  measures: [
    { id: 'bought', name: 'bought back', unit: 'share of supply' },
    { id: 'atPar', name: 'bought back if the price stayed 1', unit: 'share of supply' },
    { id: 'room', name: 'fall of ETH at which the spiral begins', unit: 'share' },
  ],
  fitted: [{ name: 'ratioBefore', value: 2.566, unit: 'USD per DAI', to: 'price' }],
  limits: [
    'Demand that does not depend on the price is the paper’s simplification: sellers who come for the premium would dampen it.',
    'All vaults are one vault here. Near the critical value the price moves by cents for a tenth of a percent of ETH: the fit shows the mechanism, no more.',
  ],
  settings: [
    { name: 'ratioBefore', says: 'collateral / debt before the fall', value: 2.566, least: 1, most: 20 },
    { name: 'fall', says: 'fall of the collateral, a fraction', value: 0.43, least: 0, most: 0.99 },
    { name: 'required', says: 'collateral required per coin', value: 1.5, least: 1.01, most: 5 },
    { name: 'stable', says: 'part of the demand that coins minted against USDC serve', value: 0, least: 0, most: 0.9 },
  ],
  counterfactuals: [
    {
      id: 'usdc',
      says: 'USDC as collateral: coins minted against it serve a tenth of the demand',
      change: { stable: 0.1 },
    },
    { id: 'deeper', says: 'ETH −45 % instead of −43 %', change: { fall: 0.45 } },
    { id: 'safer', says: 'vaults at 300 % before the fall', change: { ratioBefore: 3 } },
  ],
  compared: ['price', 'bought', 'atPar', 'room'],
  files: [],
  simulate,
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const before = world.number('ratioBefore')
  const fall = world.number('fall')
  const terms = termsOf(world, fall)
  const found = stableSqueeze(terms)
  const supply = terms.supply
  const points = Array.from({ length: 101 }, (_, at) => at / 200).flatMap((drop) => {
    const { price } = stableSqueeze(termsOf(world, drop))
    return price === undefined ? [] : [[drop * 100, price] as const]
  })
  return {
    values: {
      ...{ price: found.price, searched: searched(terms), critical: critical(terms) / supply, depth: walked(terms) },
      bought: found.buyback === undefined ? undefined : found.buyback / supply,
      atPar: found.buybackAtPar === undefined ? undefined : found.buybackAtPar / supply,
      room: 1 - found.criticalCollateral / (before * supply),
    },
    series: [
      {
        ...{ id: 'price', title: 'Price of the stablecoin by the fall of its collateral' },
        ...{ x: 'fall, % (the line ends where no purchase helps)', y: 'USD', lines: [{ name: 'price', points }] },
      },
    ],
  }
}

/** Coins minted against USDC serve their part of the demand at par: what is left of it bids for the coins that ETH backs. */
function termsOf(world: IncidentWorld, fall: number): SqueezeTerms {
  const collateral = world.number('ratioBefore') * SUPPLY * (1 - fall)
  const demand = SUPPLY * (1 - world.number('stable'))
  return { collateral, supply: SUPPLY, demand, required: world.number('required') }
}

const holds = ({ collateral, supply, demand, required }: SqueezeTerms, bought: number) =>
  collateral - (demand * bought) / (supply - bought) >= required * (supply - bought)

/** The least purchase of a grid that restores the ratio, less the closed form's, as a share of the supply. */
function searched(terms: SqueezeTerms): number | undefined {
  const { buyback } = stableSqueeze(terms)
  for (let at = 0; at < GRID; at++) {
    const bought = (at / GRID) * terms.supply
    if (holds(terms, bought)) return buyback === undefined ? undefined : (bought - buyback) / terms.supply
  }
  return undefined
}

/** The collateral below which no purchase helps, by halving; each side is asked coin by coin. */
function critical(terms: SqueezeTerms): number {
  const saved = (collateral: number) => {
    for (let at = 0; at < 20_000; at++) if (holds({ ...terms, collateral }, (at / 20_000) * terms.supply)) return true
    return false
  }
  let [low, high] = [0, terms.required * terms.supply]
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2
    if (saved(middle)) high = middle
    else low = middle
  }
  return high
}

/** Buys the closed form's coins in parts on the market's depth: its price less the closed form's. */
function walked(terms: SqueezeTerms): number | undefined {
  const { buyback, price } = stableSqueeze(terms)
  if (buyback === undefined || price === undefined) return undefined
  const depth = elasticDepth(terms)
  for (let part = 0; part < 1_000; part++) depth.trade(-buyback / 1_000)
  return depth.price() - price
}
