/**
 * 22 November 2022: one short of 92M CRV on Aave v2, liquidated in hundreds of small steps whose purchases lift the price they pay. Aave v2's own
 * `liquidationCall`; the price answers what is bought. Toxicity: Warmuz et al. (arXiv 2212.07306).
 */
import { type AaveReserve, type AaveState, aaveState, aaveV2, toxicLtv, wasRefused } from '../../mechanisms/index.ts'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const BORROWED = 92e6
const COLLATERAL = 63.6e6
const THRESHOLD = 0.88
const LIQUIDATIONS = 385
const REPAID = 89.6e6
const RAY = 10n ** 27n
const START = 1_669_132_800 as UnixSeconds

/** The incident. */
export const crvAave: Incident = {
  id: '2022-11-22-crv-aave-v2',
  kind: 'incident',
  day: '2022-11-22',
  title: 'CRV on Aave v2: a liquidation that pays for its own failure',
  story: [
    'An account borrows about 92M CRV against $63.6M of USDC within days and sells them.',
    'The price rises instead; at a loan-to-value of 88 % liquidators begin: they buy CRV, repay, and take USDC with a bonus.',
    'There is not enough CRV to buy: 385 liquidations in 50 minutes lift the price that the next one pays.',
    'Above 95.7 % each liquidation takes more value than it repays: the loan gets worse until the collateral is gone.',
    'Aave is left without collateral for 2.4 to 2.7M CRV, about $1.6M, which its treasury bought back two months later.',
  ],
  sources: [
    {
      what: 'Llama and Gauntlet, proposal to repay the excess debt',
      url: 'https://governance.aave.com/t/10779',
      asOf: '2022-11-23',
      certainty: 'S',
    },
    {
      what: 'Blockworks: $63.6M of USDC, threshold 88 %, 385 liquidations in 50 minutes',
      url: 'https://blockworks.co/news/aave-curve-bad-debt',
      asOf: '2022-11-23',
      certainty: 'N',
    },
    { what: 'Liquidation bonus 4.5 % of USDC on Aave v2', asOf: '2022-11', certainty: 'K' },
  ],
  disputed: [
    {
      figure: 'CRV left unpaid',
      told: [
        { value: '2.39M', by: '92M borrowed less 89.6M repaid', certainty: 'N' },
        { value: '2.64M', by: 'Blockworks', certainty: 'N' },
        { value: '2.656M', by: 'Aave, January 2023', certainty: 'N' },
      ],
      says: 'Interest went on growing on the debt that was left.',
    },
    {
      figure: 'loss',
      told: [
        { value: '$1.3M', by: 'one source', certainty: '?' },
        { value: '$1.60M to 1.65M', by: 'Llama and Gauntlet', certainty: 'S' },
        { value: '$1.7M to 1.78M', by: 'press', certainty: 'N' },
      ],
    },
  ],
  initial: ['92M CRV owed against 63.6M USDC, at the price at which 88 % is reached'],
  path: 'the price begins at the line and rises with what liquidators buy',
  rules: ['Aave v2: health factor below 1, half of the debt at most in one call, bonus 4.5 %, no stop at toxicity'],
  figures: [
    {
      ...{ id: 'left', name: 'CRV left unpaid', unit: 'CRV', published: 2_390_000, tolerance: { relative: 0.15 } },
      ...{ certainty: 'N', how: 'debt after the last liquidation in Aave v2’s code', fitted: 'impact' },
    },
    {
      ...{
        id: 'loss',
        name: 'loss, at the price of the end',
        unit: 'USD',
        published: 1_600_000,
        tolerance: { relative: 0.15 },
      },
      ...{ certainty: 'S', how: 'CRV left · price after the last purchase' },
    },
    {
      ...{ id: 'repaid', name: 'CRV repaid', unit: 'CRV', published: REPAID, tolerance: { relative: 0.01 } },
      ...{ certainty: 'N', how: 'sum of what the calls repaid' },
    },
    {
      ...{ id: 'calls', name: 'liquidations', unit: 'calls', published: LIQUIDATIONS, tolerance: { relative: 0.02 } },
      ...{ certainty: 'N', how: 'calls of 232,727 CRV until no collateral is left', fitted: 'chunk' },
    },
    {
      ...{ id: 'toxic', name: 'loan-to-value from which a liquidation makes it worse', unit: 'share' },
      ...{ published: 1 / 1.045, tolerance: { absolute: 0.003 }, certainty: 'D' },
      how: 'loan-to-value at the first call that raised it at an unchanged price',
    },
  ],
  measures: [
    { id: 'lastPrice', name: 'price at the end', unit: 'USD' },
    { id: 'meanPrice', name: 'mean price paid', unit: 'USD' },
    { id: 'shortfall', name: 'debt that no collateral covers at the last price', unit: 'USD' },
    { id: 'kept', name: 'USDC left to the borrower or as cover', unit: 'USD' },
  ],
  fitted: [
    { name: 'impact', value: 0.238, unit: 'of the price for 92M CRV', to: 'left' },
    { name: 'chunk', value: 232_727, unit: 'CRV', to: 'calls' },
  ],
  limits: [
    'One straight line stands for every market of CRV; others who bought for their own reasons are in it too.',
    'The price feed is as fast as the purchases here.',
  ],
  settings: [
    {
      name: 'impact',
      says: 'rise of the price, a fraction, when all 92M CRV are bought',
      value: 0.238,
      least: 0,
      most: 10,
    },
    { name: 'bonus', says: 'liquidation bonus, a fraction', value: 0.045, least: 0, most: 0.3 },
    { name: 'chunk', says: 'CRV that one liquidation repays', value: REPAID / LIQUIDATIONS, least: 1_000, most: 46e6 },
    {
      name: 'stopAt',
      says: 'loan-to-value above which nobody may liquidate, a fraction; a million is never',
      value: 1e6,
      least: 0.88,
      most: 1e6,
    },
    { name: 'rally', says: 'rise of the price while liquidators wait, a fraction in all', value: 0, least: 0, most: 2 },
  ],
  counterfactuals: [
    { id: 'stop', says: 'no liquidation above 95.7 %, where it turns toxic', change: { stopAt: 0.957 } },
    { id: 'no-bonus', says: 'no bonus', change: { bonus: 0 } },
    { id: 'deep', says: 'twice the depth', change: { impact: 0.119 } },
    { id: 'thin', says: 'half the depth', change: { impact: 0.476 } },
  ],
  compared: ['left', 'shortfall', 'calls', 'lastPrice', 'meanPrice', 'kept'],
  files: [],
  simulate,
}

type Point = { readonly bought: number; readonly price: number; readonly ltv: number }

function simulate(world: IncidentWorld): IncidentOutcome {
  const [impact, chunk, stopAt] = [world.number('impact'), world.number('chunk'), world.number('stopAt')]
  const first = (THRESHOLD * COLLATERAL) / BORROWED
  const state = stateOf(world.number('bonus'))
  const points: Point[] = []
  let [bought, paid, calls] = [0, 0, 0]
  let toxic: number | undefined
  const priceAt = () =>
    first * 1.0001 * (1 + (impact * bought) / BORROWED + world.number('rally') * (calls / LIQUIDATIONS))
  while (calls < 100_000) {
    const [price, at] = [priceAt(), momentOf(priceAt())]
    const { debt, collateral } = standing(state)
    const ltv = (debt * price) / collateral
    points.push({ bought, price, ltv })
    if (collateral < 1 || ltv > stopAt || !aaveV2.assess(state, 'short', at)?.liquidatable) break
    const call = { collateral: 'USDC', debt: 'CRV', borrower: 'short', liquidator: 'anyone', receiveAToken: false }
    const done = aaveV2.apply(
      state,
      { do: 'liquidate', ...call, debtToCover: BigInt(Math.round(chunk)) * 10n ** 18n },
      at,
    )
    if (wasRefused(done)) break
    const repaid = debt - standing(state).debt
    const after = standing(state)
    if (toxic === undefined && after.collateral > 1 && (after.debt * price) / after.collateral > ltv) toxic = ltv
    bought += repaid
    paid += repaid * price
    calls += 1
  }
  const { debt, collateral } = standing(state)
  const last = points.at(-1)?.price ?? first
  return {
    values: {
      ...{ left: debt, loss: debt * last, repaid: bought, calls, toxic, lastPrice: last },
      ...{ meanPrice: bought > 0 ? paid / bought : undefined, kept: collateral },
      shortfall: Math.max(0, debt * last - collateral),
    },
    series: [
      {
        ...{
          id: 'ltv',
          title: 'Loan-to-value as CRV are bought back',
          x: 'CRV bought, millions',
          y: 'loan-to-value, %',
        },
        lines: [
          { name: 'the loan', points: told(points, ({ ltv }) => ltv * 100).filter(([, ltv]) => ltv < 200) },
          {
            name: 'toxic from here',
            points: [0, bought / 1e6].map((x) => [x, toxicLtv(world.number('bonus')) * 100] as const),
          },
        ],
      },
      {
        ...{ id: 'price', title: 'Price of CRV', x: 'CRV bought, millions', y: 'USD' },
        lines: [{ name: 'price', points: told(points, ({ price }) => price) }],
      },
    ],
  }
}

const told = (points: readonly Point[], pick: (point: Point) => number) =>
  points
    .filter((point, at) => at % 4 === 0 && Number.isFinite(pick(point)))
    .map((point) => [point.bought / 1e6, pick(point)] as const)

/** Feeds answer in the base currency of the market, wad; dollars here. */
function momentOf(price: number): Moment {
  const answers: Readonly<Record<string, bigint>> = {
    CRV: BigInt(Math.round(price * 1e12)) * 10n ** 6n,
    USDC: 10n ** 18n,
  }
  return { time: START, price: (feed) => answers[feed] as FeedAnswer | undefined }
}

function standing(state: AaveState): { readonly debt: number; readonly collateral: number } {
  const account = state.accounts.get('short')
  const [crv, usdc] = [account?.positions.get('CRV'), account?.positions.get('USDC')]
  return { debt: Number(crv?.scaledDebt ?? 0n) / 1e18, collateral: Number(usdc?.scaledCollateral ?? 0n) / 1e6 }
}

/** Two reserves without interest, and the short: fifty minutes are run, not a year. */
function stateOf(bonus: number): AaveState {
  const reserve = (asset: string, decimals: bigint, terms: Partial<AaveReserve>): AaveReserve => ({
    config: {
      ...{ asset, feed: asset, decimals, ltv: 8_000n, liquidationThreshold: BigInt(Math.round(THRESHOLD * 10_000)) },
      ...{ liquidationBonus: 10_000n + BigInt(Math.round(bonus * 10_000)), liquidationProtocolFee: 0n },
      ...{ reserveFactor: 0n, optimalUsage: 8_000n, baseRate: 0n, slope1: 0n, slope2: 0n },
      stable: { slope1: 0n, slope2: 0n, market: 0n, enabled: false },
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n },
    ...{ updated: BigInt(START), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n },
    ...{ scaledSupply: undefined, paused: false, graceUntil: 0n, stableBorrowRate: 0n },
    ...terms,
  })
  const [debt, collateral] = [BigInt(BORROWED) * 10n ** 18n, BigInt(COLLATERAL) * 10n ** 6n]
  const position = (terms: { readonly scaledCollateral: bigint; readonly scaledDebt: bigint }) => ({
    ...terms,
    usedAsCollateral: terms.scaledCollateral > 0n,
    borrowing: terms.scaledDebt > 0n,
  })
  const short = aaveState.emptyAccount()
  short.positions.set('USDC', position({ scaledCollateral: collateral, scaledDebt: 0n }))
  short.positions.set('CRV', position({ scaledCollateral: 0n, scaledDebt: debt }))
  return {
    reserves: new Map([
      ['USDC', reserve('USDC', 6n, { virtualBalance: collateral * 10n })],
      ['CRV', reserve('CRV', 18n, { virtualBalance: debt, scaledDebt: debt })],
    ]),
    eModes: new Map(),
    accounts: new Map([['short', short]]),
    treasury: 'treasury',
  }
}
