/**
 * 26 November 2020: Compound’s feed took a price of DAI that stood 30 % too high for minutes; whoever had borrowed DAI near his limit was liquidated. A
 * drawn book in Compound v2’s own code, with the spike and with rules that would have held it. Facts: `mechanisms/compound-v2/incidents.ts`.
 */
import {
  COMPOUND_DAI_ORACLE,
  type CompoundMarket,
  type CompoundState,
  compoundV2,
  wasRefused,
} from '../../mechanisms/index.ts'
import { type FeedAnswer, type Moment, type Prng, prng, type UnixSeconds } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const WAD = 10n ** 18n
const START = 1_606_374_000 as UnixSeconds
const SPIKE = Number(COMPOUND_DAI_ORACLE.factorBps) / 10_000
const BONUS = 0.08
const FACTOR = 0.75
const ACCOUNTS = 120

/** The incident. */
export const compoundDai: Incident = {
  id: '2020-11-26-compound-dai',
  kind: 'incident',
  day: '2020-11-26',
  title: 'Compound: DAI at $1.30 for some minutes',
  story: [
    'Compound’s prices come from a signed feed of one exchange, held against a decentralised average.',
    'On that exchange DAI trades at up to $1.30 for minutes; the average follows far enough to let it through.',
    'To everybody who had borrowed DAI his debt counts 30 % more than it is worth.',
    'Accounts that were sound at $1.00 are liquidated at a bonus of 8 %: $88.4M in a day.',
    'No oracle was broken: the rule asked one market what a dollar is worth.',
  ],
  sources: [
    { what: 'DeBank, daily liquidations, as cited by bitdesk', asOf: '2021-02', certainty: 'N' },
    {
      what: 'Compound’s close factor 50 %, incentive 8 %, factor of USDC and ETH 75 %',
      asOf: '2020-11',
      certainty: 'K',
    },
  ],
  disputed: [],
  initial: ['120 loans of DAI against USDC that use 50 to 99 % of their limit (drawn), $281M in all (fitted)'],
  path: 'DAI at $1.00, at $1.30 for minutes, at $1.00 again; the collateral stands',
  rules: [
    'Compound v2: an account with shortfall may be liquidated, half of the debt a call, 8 % on top, again while shortfall lasts',
  ],
  figures: [
    {
      ...{
        id: 'liquidated',
        name: 'liquidated, at true prices',
        unit: 'USD',
        published: COMPOUND_DAI_ORACLE.liquidatedUsd,
      },
      ...{
        tolerance: { relative: 0.05 },
        certainty: 'N',
        how: 'DAI repaid in Compound’s code at the spike',
        fitted: 'debt',
      },
    },
    {
      ...{
        id: 'line',
        name: 'use of the limit from which a sound account is hit',
        unit: 'share',
        published: 1 / SPIKE,
      },
      ...{ tolerance: { absolute: 0.01 }, certainty: 'D', how: 'the least used account that was liquidated' },
    },
  ],
  measures: [
    { id: 'hit', name: 'sound accounts liquidated', unit: 'accounts' },
    { id: 'lost', name: 'what their owners lost, at true prices', unit: 'USD' },
    { id: 'told', name: 'the same liquidations at the prices of the feed', unit: 'USD' },
  ],
  fitted: [{ name: 'debt', value: 280.6e6, unit: 'USD', to: 'liquidated' }],
  limits: [
    'The loans are drawn and their sum is fitted: the model says which accounts are hit and what it costs them, not how much was borrowed.',
    'Liquidators are taken to find DAI at the feed’s price: the squeeze of DAI itself is another entry of the library.',
  ],
  settings: [
    { name: 'spike', says: 'what the feed says of DAI, USD', value: SPIKE, least: 0.5, most: 5 },
    {
      name: 'guard',
      says: 'farthest from $1 that a price of a stablecoin may be, a fraction; 9 is no limit',
      value: 9,
      least: 0,
      most: 9,
    },
    { name: 'bonus', says: 'liquidation bonus, a fraction', value: BONUS, least: 0, most: 0.5 },
    { name: 'debt', says: 'DAI borrowed in all', value: 280.6e6, least: 1_000, most: 1e11 },
  ],
  counterfactuals: [
    { id: 'guard', says: 'a stablecoin’s price may leave $1 by 5 % at most', change: { guard: 0.05 } },
    { id: 'guard-20', says: 'by 20 %: the width of the anchor that the feed had', change: { guard: 0.2 } },
    { id: 'half', says: 'a spike half as high', change: { spike: 1.15 } },
    { id: 'bonus', says: 'a bonus of 3 %', change: { bonus: 0.03 } },
  ],
  compared: ['hit', 'liquidated', 'lost', 'told'],
  files: [],
  simulate,
}

type Loan = { readonly id: string; readonly debt: number; readonly used: number }

function simulate(world: IncidentWorld): IncidentOutcome {
  const guard = world.number('guard')
  const dai = Math.min(1 + guard, Math.max(1 - guard, world.number('spike')))
  const loans = loansOf(world, prng(`compound-dai/${world.seed}`))
  const main = struck(loans, dai, world.number('bonus'))
  const spikes = Array.from({ length: 11 }, (_, at) => 1 + at * 0.04)
  return {
    values: {
      ...{ liquidated: main.repaid, hit: main.hit.length, lost: main.repaid * (dai * (1 + world.number('bonus')) - 1) },
      ...{
        told: main.repaid * dai,
        line: main.hit.length > 0 ? Math.min(...main.hit.map(({ used }) => used)) : undefined,
      },
    },
    series: [
      {
        ...{
          id: 'spike',
          title: 'Liquidated by how far the feed is wrong',
          x: 'DAI in the feed, USD',
          y: 'USD, at true prices',
        },
        lines: [
          {
            name: 'liquidated',
            points: spikes.map((spike) => [spike, struck(loans, spike, world.number('bonus')).repaid] as const),
          },
        ],
      },
    ],
  }
}

function loansOf(world: IncidentWorld, chance: Prng): readonly Loan[] {
  const sizes = Array.from({ length: ACCOUNTS }, () => Math.exp(chance.normal()))
  const whole = sizes.reduce((sum, one) => sum + one, 0)
  return sizes.map((size, at) => ({
    id: `account-${at + 1}`,
    debt: (size / whole) * world.number('debt'),
    used: 0.5 + 0.49 * ((at + chance.next()) / ACCOUNTS),
  }))
}

/** Every offer is taken until none is left; DAI repaid, and which accounts were hit. */
function struck(
  loans: readonly Loan[],
  dai: number,
  bonus: number,
): { readonly repaid: number; readonly hit: readonly Loan[] } {
  const state = stateOf(loans, bonus)
  const at = momentOf(dai)
  let repaid = 0
  const hit: Loan[] = []
  for (const loan of loans) {
    let calls = 0
    for (; calls < 60; calls++) {
      const offer = compoundV2.offers(state, loan.id, at)[0]
      if (offer?.action.do !== 'liquidate' || wasRefused(compoundV2.apply(state, offer.action, at))) break
      const units = Number(offer.action.repayAmount) / 1e18
      repaid += units
      // What is left after many halvings is dust.
      if (units < 1) break
    }
    if (calls > 0) hit.push(loan)
  }
  return { repaid, hit }
}

function momentOf(dai: number): Moment {
  const answers: Readonly<Record<string, bigint>> = { USDC: WAD, DAI: BigInt(Math.round(dai * 1e9)) * 10n ** 9n }
  return { time: START, price: (feed) => answers[feed] as FeedAnswer | undefined }
}

/** Two markets without interest, 18 decimals each, one token to one coin. */
function stateOf(loans: readonly Loan[], bonus: number): CompoundState {
  const units = (value: number) => BigInt(Math.round(value * 1e6)) * 10n ** 12n
  const rows = loans.map(({ id, debt, used }) => ({ id, debt: units(debt), coins: units(debt / used / FACTOR) }))
  const debt = rows.reduce((sum, one) => sum + one.debt, 0n)
  const coins = rows.reduce((sum, one) => sum + one.coins, 0n)
  const market = (asset: string, terms: Partial<CompoundMarket>): CompoundMarket => ({
    ...{
      asset,
      feed: asset,
      initialExchangeRate: WAD,
      collateralFactor: units(FACTOR),
      liquidationThreshold: units(FACTOR),
    },
    model: { baseRatePerBlock: 0n, multiplierPerBlock: 0n, jumpMultiplierPerBlock: 0n, kink: WAD },
    ...{
      liquidationIncentive: WAD + units(bonus),
      reserveFactor: 0n,
      protocolSeizeShare: 0n,
      forcedLiquidation: false,
    },
    ...{ cash: 0n, totalBorrows: 0n, totalReserves: 0n, totalSupply: 0n, borrowIndex: WAD, accrualBlock: 0n },
    ...terms,
  })
  const empty = { tokens: 0n, entered: true, borrowPrincipal: 0n, borrowInterestIndex: WAD }
  return {
    ...{
      rules: 'compound-v2',
      clock: { time: BigInt(START), block: 0n, blocks: 1n, seconds: 13n },
      closeFactor: WAD / 2n,
    },
    markets: new Map([
      ['USDC', market('USDC', { cash: coins, totalSupply: coins })],
      ['DAI', market('DAI', { totalBorrows: debt, cash: debt, totalSupply: debt * 2n })],
    ]),
    accounts: new Map(
      rows.map((row) => [
        row.id,
        new Map([
          ['USDC', { ...empty, tokens: row.coins }],
          ['DAI', { ...empty, borrowPrincipal: row.debt }],
        ]),
      ]),
    ),
  }
}
