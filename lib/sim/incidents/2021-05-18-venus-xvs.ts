/**
 * 18 and 19 May 2021: Venus and its own token as collateral, part of the day on which DeBank counted $662M. The whale's account in Venus's own code: XVS
 * falls with what liquidators sell, until the collateral is gone and BTC and ETH are left unpaid. Facts: `mechanisms/venus/incidents.ts`.
 */
import {
  type CompoundMarket,
  type CompoundState,
  compoundMechanism,
  compoundRules,
  VENUS_XVS,
  wasRefused,
} from '../../mechanisms/index.ts'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const WAD = 10n ** 18n
const START = 1_621_373_880 as UnixSeconds
const BONUS = 0.1
/** Calls in which each debt is worked off; prices of BTC and ETH go from the first to the last of the night over them. */
const CALLS = 400
const venusCore = compoundMechanism('venus-core')

/** The incident. */
export const venusXvs: Incident = {
  id: '2021-05-18-venus-xvs',
  kind: 'incident',
  day: '2021-05-18',
  until: '2021-05-19',
  title: 'Venus: two million XVS, and the record day of May 2021',
  story: [
    'Governance raises the collateral factor of XVS, Venus’s own token, from 60 to 80 %.',
    'XVS goes from $70 to $144 in two and a half hours; 4,100 BTC and 9,600 ETH are borrowed on two million of them.',
    'XVS falls as fast; liquidators sell what they seize into the same market.',
    'The collateral is gone before the debt: 2,000 BTC and 5,700 ETH stay unpaid, $95M to 100M.',
    'On the next day everything falls: DeBank counts $662M of liquidations on Ethereum and BSC, the most until then.',
  ],
  sources: [
    { what: 'The Defiant; ChainCatcher 2061967: amounts and prices of XVS', asOf: '2021-05-20', certainty: 'N' },
    { what: 'CoinGecko, hourly BTC and ETH of the night', asOf: '2021-05-19', certainty: 'N' },
    { what: 'DeBank, daily liquidations', asOf: '2021-05-20', certainty: 'N' },
    {
      what: 'Aave v2 rows of 19 May (679 events, $156.8M repaid), read by this program from recorded events',
      asOf: '2026',
      certainty: 'D',
    },
  ],
  disputed: [
    {
      figure: 'liquidations of 19 May, USD',
      told: [
        { value: '662M', by: 'DeBank, all of Ethereum and BSC', certainty: 'N' },
        { value: 'over 200M', by: 'press, Venus alone', certainty: 'N' },
        { value: '156.8M', by: 'recorded events of Aave v2', certainty: 'D' },
      ],
    },
    {
      figure: '"14-fold"',
      told: [
        { value: '14 times 47M', by: 'an article, of 662M', certainty: '?' },
        { value: '17 times the 39M of 12 May', by: 'the same series', certainty: 'D' },
        { value: '5.1 times the 129.6M of 22 February', by: 'the same series, restated', certainty: 'D' },
      ],
    },
  ],
  initial: [
    '2M XVS at a factor of 80 % behind 4,100 BTC and 9,600 ETH, at the price of XVS at which the account breaks',
  ],
  path: 'XVS falls exponentially with what is sold; BTC $43,301 to $39,372 and ETH $3,443 to $2,935 over the night',
  rules: ['Venus core: an account with shortfall may be liquidated, half of a debt a call, bonus 10 %'],
  figures: [
    {
      ...{ id: 'btcLeft', name: 'BTC left unpaid', unit: 'BTC', published: 2_000, tolerance: { relative: 0.15 } },
      ...{ certainty: 'N', how: 'debt after the last call in Venus’s code', fitted: 'impact' },
    },
    {
      ...{ id: 'ethLeft', name: 'ETH left unpaid', unit: 'ETH', published: 5_700, tolerance: { relative: 0.15 } },
      ...{ certainty: 'N', how: 'debt after the last call in Venus’s code' },
    },
    {
      ...{ id: 'badDebt', name: 'bad debt, at the prices of the next morning', unit: 'USD', published: [95e6, 100e6] },
      ...{ tolerance: { relative: 0.05 }, certainty: 'N', how: 'both, at $39,372 and $2,935' },
    },
    {
      ...{ id: 'meanXvs', name: 'mean price at which XVS was seized', unit: 'USD', published: 57.75 },
      ...{ tolerance: { relative: 0.05 }, certainty: 'D', how: 'dollars repaid with the bonus / XVS seized' },
    },
    {
      ...{ id: 'lastXvs', name: 'XVS at the end', unit: 'USD', published: VENUS_XVS.priceTrough },
      ...{ tolerance: { relative: 0.1 }, certainty: 'N', how: 'price after the last sale' },
    },
  ],
  measures: [
    { id: 'repaidUsd', name: 'repaid', unit: 'USD' },
    { id: 'firstXvs', name: 'XVS at which the account breaks', unit: 'USD' },
    { id: 'seized', name: 'XVS seized', unit: 'XVS' },
  ],
  fitted: [{ name: 'impact', value: 1.95, unit: 'log of the price for 2M XVS', to: 'btcLeft' }],
  limits: [
    'An exponential fall that has the right mean ends too low: XVS fell at first without liquidations, and buyers came at $31.',
    'Which debt a liquidator repays is not modelled: both are repaid in equal parts.',
    'Aave v1, Aave v2 and Compound of the same day are told by their recorded or reported totals: their accounts are not in the program.',
  ],
  settings: [
    { name: 'impact', says: 'how far all 2M XVS push the log of the price', value: 1.95, least: 0, most: 10 },
    { name: 'factor', says: 'collateral factor of XVS', value: 0.8, least: 0.01, most: 0.9 },
    {
      name: 'opened',
      says: 'price of XVS on which the loan is sized: the rest of the loan is not given below 80 %, USD',
      value: 131.6,
      least: 1,
      most: 1_000,
    },
  ],
  counterfactuals: [
    {
      id: 'factor-60',
      says: 'the collateral factor of before: 60 %, a loan as large as it allows',
      change: { factor: 0.6 },
    },
    { id: 'factor-40', says: 'a factor of 40 %', change: { factor: 0.4 } },
    { id: 'deep', says: 'half the impact: twice the depth', change: { impact: 0.975 } },
    { id: 'before', says: 'lent on the price before the rise ($70)', change: { opened: 70 } },
  ],
  compared: ['badDebt', 'btcLeft', 'ethLeft', 'repaidUsd', 'firstXvs', 'lastXvs', 'seized'],
  files: [],
  simulate,
}

type Debt = (typeof VENUS_XVS)['debts'][number]

function simulate(world: IncidentWorld): IncidentOutcome {
  const [impact, factor] = [world.number('impact'), world.number('factor')]
  const whole = VENUS_XVS.debts.reduce((sum, { borrowed, priceBegin }) => sum + borrowed * priceBegin, 0)
  // The whale borrows as much as the factor allows at the price it is opened on, and never more than it did.
  const most = VENUS_XVS.collateralAmount * factor * world.number('opened')
  const scale = Math.min(1, most / whole)
  const first = (whole * scale) / (VENUS_XVS.collateralAmount * factor)
  const state = stateOf(factor, scale)
  const points: (readonly [number, number])[] = []
  let [seized, repaidUsd] = [0, 0]
  const priceOf = () => first * 0.9999 * Math.exp((-impact * seized) / VENUS_XVS.collateralAmount)
  for (let call = 0; call < CALLS && tokensOf(state) > 0; call++)
    for (const debt of VENUS_XVS.debts) {
      const price = priceOf()
      points.push([seized / 1e6, price])
      const done = repay(state, debt, scale, { price, part: call / CALLS })
      seized += done.seized
      repaidUsd += done.usd
    }
  const left = (asset: string) => debtOf(state, asset)
  const badDebt = VENUS_XVS.debts.reduce((sum, { asset, priceEnd }) => sum + left(asset) * priceEnd, 0)
  const open = tokensOf(state) * priceOf()
  return {
    values: {
      ...{ btcLeft: left('BTC'), ethLeft: left('ETH'), badDebt: Math.max(0, badDebt - open), repaidUsd, seized },
      meanXvs: seized > 0 ? (repaidUsd * (1 + BONUS)) / seized : undefined,
      ...{ lastXvs: priceOf(), firstXvs: first },
    },
    series: [
      {
        ...{ id: 'xvs', title: 'XVS as it is seized and sold', x: 'XVS sold, millions', y: 'USD' },
        lines: [{ name: 'XVS', points: points.filter((_, at) => at % 4 === 0) }],
      },
    ],
  }
}

/** One call: an equal part of the debt as it was opened, or what the collateral still pays for. */
function repay(
  state: CompoundState,
  debt: Debt,
  scale: number,
  { price, part }: { readonly price: number; readonly part: number },
) {
  const at = momentOf(price, part)
  const usd = debt.priceBegin + (debt.priceEnd - debt.priceBegin) * part
  const pays = (tokensOf(state) * price) / (1 + BONUS) / usd
  const units = Math.min((debt.borrowed * scale) / CALLS, pays * (1 - 1e-12), debtOf(state, debt.asset) * 0.5)
  const before = tokensOf(state)
  const repayAmount = BigInt(Math.floor(units * 1e12)) * 10n ** 6n
  const call = { account: 'whale', borrowMarket: debt.asset, collateralMarket: 'XVS', repayAmount }
  const done = venusCore.apply(state, { do: 'liquidate', ...call }, at)
  if (repayAmount === 0n || wasRefused(done)) return { seized: 0, usd: 0 }
  return { seized: before - tokensOf(state), usd: units * usd }
}

function momentOf(xvs: number, part: number): Moment {
  const prices = new Map<string, number>([['XVS', xvs]])
  for (const { asset, priceBegin, priceEnd } of VENUS_XVS.debts)
    prices.set(asset, priceBegin + (priceEnd - priceBegin) * part)
  const answer = (feed: string) => {
    const price = prices.get(feed)
    return price === undefined ? undefined : BigInt(Math.round(price * 1e9)) * 10n ** 9n
  }
  return { time: START, price: (feed) => answer(feed) as FeedAnswer | undefined }
}

const tokensOf = (state: CompoundState) => Number(state.accounts.get('whale')?.get('XVS')?.tokens ?? 0n) / 1e18

function debtOf(state: CompoundState, asset: string): number {
  const [market, position] = [state.markets.get(asset), state.accounts.get('whale')?.get(asset)]
  return market ? Number(compoundRules.borrowBalance(market, position)) / 1e18 : 0
}

/** Three markets without interest, 18 decimals each, one token to one coin. */
function stateOf(factor: number, scale: number): CompoundState {
  const market = (asset: string, terms: Partial<CompoundMarket>): CompoundMarket => ({
    ...{ asset, feed: asset, initialExchangeRate: WAD, collateralFactor: 0n, liquidationThreshold: 0n },
    model: { baseRatePerBlock: 0n, multiplierPerBlock: 0n, jumpMultiplierPerBlock: 0n, kink: WAD },
    ...{ liquidationIncentive: (WAD * 11n) / 10n, reserveFactor: 0n, protocolSeizeShare: 0n, forcedLiquidation: false },
    ...{ cash: 0n, totalBorrows: 0n, totalReserves: 0n, totalSupply: 0n, borrowIndex: WAD, accrualBlock: 0n },
    ...terms,
  })
  const units = (value: number) => BigInt(Math.round(value * 1e6)) * 10n ** 12n
  const weight = units(factor)
  const xvs = units(VENUS_XVS.collateralAmount)
  const owed = VENUS_XVS.debts.map(({ asset, borrowed }) => [asset, units(borrowed * scale)] as const)
  return {
    ...{
      rules: 'venus-core',
      clock: { time: BigInt(START), block: 0n, blocks: 1n, seconds: 3n },
      closeFactor: WAD / 2n,
    },
    markets: new Map([
      ['XVS', market('XVS', { collateralFactor: weight, liquidationThreshold: weight, cash: xvs, totalSupply: xvs })],
      ...owed.map(
        ([asset, amount]) =>
          [asset, market(asset, { totalBorrows: amount, cash: amount, totalSupply: amount * 2n })] as const,
      ),
    ]),
    accounts: new Map([
      [
        'whale',
        new Map([
          ['XVS', { tokens: xvs, entered: true, borrowPrincipal: 0n, borrowInterestIndex: WAD }],
          ...owed.map(
            ([asset, amount]) =>
              [asset, { tokens: 0n, entered: true, borrowPrincipal: amount, borrowInterestIndex: WAD }] as const,
          ),
        ]),
      ],
    ]),
  }
}
