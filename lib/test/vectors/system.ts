/** Section E of the vectors without cascades: feeds, deleveraging policies, execution, networks, options, margin calls, squeezes, headline ratios. */
import { z } from 'zod'
import { haircuts, unitPrices } from '../../mechanisms/index.ts'
import {
  baseOfMultiple,
  clearingVectors,
  dealerHedge,
  type ExecutionPlan,
  evenlyOwed,
  executionFrontier,
  executionPlan,
  isEligible,
  longShare,
  poolLtv,
  relativeChange,
  shownOf,
  stableSqueeze,
  TOGETHER_INITIATIVE,
  utilisation,
} from '../../sim/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

/** Parameters of Almgren and Chriss (2000), table 1: what a vector means that names only its aversions. */
const PAPER = {
  ...{ quantity: 1e6, days: 5, steps: 5, volatility: 0.95, halfSpread: 0.0625, permanent: 2.5e-7, temporary: 2.5e-6 },
}
/** Billions of USD, first source article: TVL at the fall's start and end. */
const ARTICLE_TVL = { eth: [77, 66], bsc: [40, 29] } as const
/** Billions of USD, second source article: Kamino borrowed and supplied, Q1 2026. */
const ARTICLE_KAMINO = { borrowed: 1.15, supplied: 2.93 }

/** The column of the frontier that a plain list asks about: half-lives (days), unless its first number has the size of a cost (in 1e6). */
function columnOf(plans: readonly ExecutionPlan[], first: number): Answer {
  const halfLives = plans.map(({ halfLife }) => halfLife ?? null)
  const costs = plans.map(({ expectedCost }) => expectedCost / 1e6)
  const far = (value: number | null | undefined) => Math.abs(Math.log(first / (value ?? Number.POSITIVE_INFINITY)))
  return far(costs[0]) < far(halfLives[0]) ? costs : halfLives
}

/** The forms of section E that need no price path, and the headline ratios of the source articles. */
export const SYSTEM_FORMS: readonly Form[] = [
  form(
    'E.data',
    { events: num, reportedPerSymbolPerSecond: num, symbols: num },
    ({ events, reportedPerSymbolPerSecond, symbols }) => {
      // One second, `reported` windows in it, every event in each of them as evenly as can be.
      const windowMs = 1000 / reportedPerSymbolPerSecond
      const burst = Array.from({ length: events }, (_, at) => ({
        symbol: `S${at % symbols}`,
        time: Math.min(999, Math.ceil((Math.floor(at / symbols) % reportedPerSymbolPerSecond) * windowMs)),
        value: 1,
      })).sort((a, b) => a.time - b.time)
      return { maxReported: shownOf(burst, { shows: 'latest', of: 'symbol', windowMs }).shownEvents }
    },
  ),
  form('E.adl.model', { positions: z.array(z.tuple([num, num])), mu: num }, ({ positions, mu }) => {
    const prices = positions.map(([size, collateral]) => unitPrices(size, collateral, mu))
    return { bankruptcy: prices.map((one) => one.bankruptcy), liquidation: prices.map((one) => one.liquidation) }
  }),
  form(
    'E.adl.policies',
    { equity: nums, cap: nums, deficit: num, theta: num, rank: nums },
    ({ equity, cap, deficit, theta, rank }) => {
      const winners = cap.map((capacity, at) => ({ capacity, rank: rank[at] ?? at }))
      const spread = (policy: 'queue' | 'pro-rata') => {
        const { haircuts: h, taken: x } = haircuts(policy, winners, theta * deficit)
        return { h, x, after: x.map((one, at) => (equity[at] ?? 0) - one) }
      }
      return { queue: spread('queue'), proRata: spread('pro-rata') }
    },
  ),
  form(
    'E.exec',
    // The start price S0 is part of the paper's table and of no formula.
    { X: num, T: num, N: num, sigma: num, eps: num, gamma: num, eta: num, lam: num, S0: num.optional() },
    ({ X, T, N, sigma, eps, gamma, eta, lam }) => {
      const terms = {
        quantity: X,
        days: T,
        steps: N,
        volatility: sigma,
        halfSpread: eps,
        permanent: gamma,
        temporary: eta,
      }
      const even = executionPlan({ ...terms, riskAversion: 0 })
      const best = executionPlan({ ...terms, riskAversion: lam })
      return {
        ...{ naiveE: even.expectedCost, naiveV: even.variance, kappa: best.kappa },
        ...{ holdings: best.holdings, E: best.expectedCost, V: best.variance },
      }
    },
  ),
  // A frontier is asked for in pairs (cost, variance), or one column of its table in plain numbers.
  form('E.exec', { lam: nums }, ({ lam }, asked) => {
    const plans = executionFrontier(PAPER, lam)
    return Array.isArray(asked) && typeof asked[0] === 'number'
      ? columnOf(plans, asked[0])
      : plans.map(({ expectedCost, variance }) => [expectedCost / 1e6, variance / 1e12])
  }),
  form('E.network', { e: nums, alpha: num, beta: num, L: nums }, ({ e, alpha, beta, L }) => {
    const { greatest, least } = clearingVectors({ assets: e, owed: evenlyOwed(L), alpha, beta })
    return { greatest: greatest.payments, least: least.payments }
  }),
  form('E.options', { S: num, K: num, vol: num, days: num, notional: num }, ({ S, K, vol, days, notional }) => {
    const { delta, gamma, contracts, sellPerPercent } = dealerHedge(S, { strike: K, volatility: vol, days, notional })
    return { delta, gamma, contracts, hedgeSellBtcPer1pct: sellPerPercent }
  }),
  form('E.abs', { loans: num, btc: num, px: num, ltvLiq: num }, ({ loans, btc, px, ltvLiq }) => {
    const { ltv, fall } = poolLtv(loans, btc, px, ltvLiq)
    return { waLtv: ltv, dropForWA: fall }
  }),
  form('E.reimburse', { cases: z.array(z.tuple([num, num])) }, ({ cases }) =>
    cases.map(([loss, netAssets]) => isEligible(TOGETHER_INITIATIVE, { loss, netAssets })),
  ),
  form('E.spiral.stable', { collValue: num, L: num, D: num, beta: num }, ({ collValue, L, D, beta }) => {
    const answer = stableSqueeze({ collateral: collValue, supply: L, demand: D, required: beta })
    return {
      ...{ buyback: answer.buyback ?? null, stablePrice: answer.price ?? null },
      ...{ noImpactBuyback: answer.buybackAtPar ?? null, criticalCollValue: answer.criticalCollateral },
    }
  }),
  form('seed', { long: num, short: num }, ({ long, short }) => longShare(long, short)),
  form('seed', { total: num, multiple: num }, ({ total, multiple }) => baseOfMultiple(total, multiple)),
  // Inputs say nothing: the article's figure is meant whose form is asked for.
  form('seed', {}, (_, asked) =>
    typeof asked === 'number'
      ? utilisation(ARTICLE_KAMINO.borrowed, ARTICLE_KAMINO.supplied)
      : { eth: relativeChange(...ARTICLE_TVL.eth), bsc: relativeChange(...ARTICLE_TVL.bsc) },
  ),
]
