/**
 * 10 March 2026: a cap below the real exchange rate priced wstETH 2.85 % too low on Aave. The loss from the gap alone, and again from Aave's own code:
 * accounts of the e-mode, the fault laid over their oracle, and liquidators who take every offer. Facts: `mechanisms/oracles/capo-incident.ts`.
 */
import { CAPO_WSTETH_2026_03_10, capIncidentLoss, pushFeed } from '../../mechanisms/index.ts'
import { prng, type UnixSeconds } from '../../model/index.ts'
import { liquidator } from '../agents/liquidator.ts'
import { linearImpact } from '../impact.ts'
import { aaveRoom, type Borrower, depthOf, type MarketRun, runMarket } from '../market/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const { model, published } = CAPO_WSTETH_2026_03_10
const START = (CAPO_WSTETH_2026_03_10.faults[0]?.start ?? 0) as UnixSeconds
/** The e-mode of wstETH and WETH: liquidation threshold; the protocol's share of the bonus. Fractions. */
const THRESHOLD = 0.955
const PROTOCOL_FEE = 0.1
/** The cap as it stood, ETH per wstETH, and the middle of the real ratio as it was given. */
const CAP = 1.1939
const REAL_RATIO = 1.2285
const STEP = 60

/** The incident. */
export const wstethCap: Incident = {
  id: '2026-03-10-wsteth-cap',
  kind: 'incident',
  day: '2026-03-10',
  title: 'A cap that was too low: healthy wstETH loops liquidated on Aave',
  story: [
    'Aave prices wstETH by its exchange rate, capped so that nobody can push it up.',
    'A new cap took a ratio that was limited to +3 % in three days together with the time of an anchor seven days old.',
    'The cap came out at 1.1939 ETH, below the real ratio of 1.228 to 1.229: wstETH counted 2.85 % too little.',
    'Every account of the wstETH/WETH e-mode with a health factor below 1.0294 could be liquidated; 34 were, 10,938 wstETH in all.',
    'No bad debt; the owners were made whole: 141.60 ETH came back from block builders, 13.32 from fees, the rest from the DAO.',
  ],
  sources: [
    {
      what: 'Post-mortem in the Aave forum',
      url: 'https://governance.aave.com/t/24269',
      asOf: '2026-03-10',
      certainty: 'S',
    },
    {
      what: 'Threshold 95.5 % and bonus 1 % of the e-mode, protocol fee 10 % of the bonus',
      asOf: '2026-03-10',
      certainty: 'K',
    },
  ],
  disputed: [
    {
      figure: 'loss in all, ETH',
      told: [
        { value: '513.19', by: 'the post, as its total', certainty: 'S' },
        { value: '513.48', by: 'the post’s own parts, added', certainty: 'D' },
      ],
      says: 'The post does not explain the difference of 0.29 ETH.',
    },
    {
      figure: 'liquidated',
      told: [
        { value: '10,938 wstETH, about $26 to 27M', by: 'the post', certainty: 'S' },
        { value: '$10.9M', by: 'press', certainty: 'N' },
      ],
      says: 'The press took the number of wstETH for dollars.',
    },
  ],
  initial: [
    '34 accounts with health factors between 1.0005 and 1.0294 at the true ratio (drawn), wstETH against WETH',
    'nobody’s sale moves the price: the liquidated wstETH could be redeemed',
  ],
  path: 'the true ratio stands at 1.228; the oracle shows 2.85 % less',
  rules: ['Aave v3.6: half of a debt until a health factor of 0.95, whole below it or below $2,000; bonus 1 %'],
  figures: figures(),
  measures: [
    { id: 'hit', name: 'accounts liquidated', unit: 'accounts' },
    { id: 'lossEth', name: 'what borrowers lost', unit: 'ETH' },
    { id: 'seizedAny', name: 'wstETH liquidated', unit: 'wstETH' },
    { id: 'ownGap', name: 'gap that the oracle showed', unit: 'share' },
  ],
  fitted: [{ name: 'collateral', value: 11_838, unit: 'wstETH', to: 'seized' }],
  limits: [
    'The accounts are drawn: their number was published, their debts were not.',
    'The published loss follows from gap, bonus and amount alone; that Aave’s code gives the same is the test.',
    'Who got the builders’ part, and in which order, is not modelled.',
  ],
  settings: [
    { name: 'gap', says: 'how far the cap lies below the ratio, a fraction', value: model.gap, least: 0, most: 0.2 },
    {
      name: 'guard',
      says: 'the largest gap that a guard lets pass before it holds the price, a fraction',
      value: 1,
      least: 0,
      most: 1,
    },
    {
      name: 'bonus',
      says: 'what a liquidator receives beyond the repayment, a fraction',
      value: model.bonus,
      least: 0,
      most: 0.1,
    },
    { name: 'accounts', says: 'how many accounts', value: published.accounts, least: 1, most: 2_000 },
  ],
  counterfactuals: [
    { id: 'guard', says: 'a guard: no cap may lie more than 1 % below the market ratio', change: { guard: 0.01 } },
    { id: 'guard-half', says: 'the same guard at 0.5 %', change: { guard: 0.005 } },
    { id: 'no-bonus', says: 'no liquidation bonus in the e-mode', change: { bonus: 0 } },
  ],
  compared: ['ownGap', 'hit', 'seizedAny', 'lossEth', 'oracleRun', 'bonusRun'],
  files: [],
  simulate,
}

function figures(): Incident['figures'] {
  const formula = 'V = seized · ratio; oracle profit V · gap; bonus V · (1 − gap) · (1 − 1/(1 + b))'
  const code = 'Aave v3.6’s liquidationCall on drawn accounts, the oracle capped 2.85 % too low'
  return [
    {
      ...{ id: 'oracleProfit', name: 'oracle profit', unit: 'ETH', published: published.oracleProfitEth },
      ...{ tolerance: { relative: 0.005 }, certainty: 'S', how: formula },
    },
    {
      ...{ id: 'bonus', name: 'liquidation bonus', unit: 'ETH', published: published.bonusEth },
      ...{ tolerance: { relative: 0.006 }, certainty: 'S', how: formula },
    },
    {
      ...{ id: 'total', name: 'both with 1 ETH of goodwill', unit: 'ETH', published: published.totalEth },
      ...{ tolerance: { relative: 0.005 }, certainty: 'S', how: formula },
    },
    {
      ...{ id: 'threshold', name: 'health factor below which accounts are hit', unit: '', published: 1.0294 },
      ...{ tolerance: { absolute: 0.0001 }, certainty: 'S', how: '1 / (1 − gap)' },
    },
    {
      ...{ id: 'capGap', name: 'gap, from cap 1.1939 and a ratio of 1.228 to 1.229', unit: 'share', published: 0.0285 },
      ...{ tolerance: { absolute: 0.0005 }, certainty: 'S', how: '1 − cap / middle of the ratio' },
    },
    {
      ...{
        id: 'seized',
        name: 'wstETH liquidated, run in Aave’s code',
        unit: 'wstETH',
        published: published.seizedWsteth,
      },
      ...{ tolerance: { relative: 0.005 }, certainty: 'S', how: code, fitted: 'collateral' },
    },
    {
      ...{
        id: 'accountsHit',
        name: 'accounts hit, run in Aave’s code',
        unit: 'accounts',
        published: published.accounts,
      },
      ...{ tolerance: 'exact', certainty: 'S', how: code },
    },
    {
      ...{
        id: 'oracleRun',
        name: 'oracle profit, run in Aave’s code',
        unit: 'ETH',
        published: published.oracleProfitEth,
      },
      ...{ tolerance: { relative: 0.006 }, certainty: 'S', how: code },
    },
    {
      ...{ id: 'bonusRun', name: 'liquidation bonus, run in Aave’s code', unit: 'ETH', published: published.bonusEth },
      ...{ tolerance: { relative: 0.006 }, certainty: 'S', how: code },
    },
    {
      ...{ id: 'fees', name: 'protocol’s part of the bonus', unit: 'ETH', published: published.recoveredFromFeesEth },
      ...{ tolerance: { relative: 0.05 }, certainty: 'S', how: code },
    },
    {
      ...{ id: 'badDebt', name: 'bad debt', unit: 'ETH', published: published.badDebtEth, tolerance: 'exact' },
      ...{ certainty: 'S', how: code },
    },
  ]
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const gap = Math.min(world.number('gap'), world.number('guard'))
  const bonus = world.number('bonus')
  const loss = capIncidentLoss({ ...model, gap, bonus })
  const borrowers = fittedAccounts(world)
  const run = runOf(borrowers, gap, bonus)
  const told = toldBy(run)
  const value = told.seized * model.ratio
  const oracleRun = value * gap
  const bonusRun = value * (1 - gap) - told.repaid
  return {
    values: {
      ...{ oracleProfit: loss.oracleProfit, bonus: loss.bonus, total: loss.total, threshold: loss.healthThreshold },
      ...{ capGap: 1 - CAP / REAL_RATIO, seized: told.seized, accountsHit: told.hit, oracleRun, bonusRun },
      ...{ fees: told.seized * model.ratio - told.received * model.ratio, badDebt: told.badDebt },
      ...{ hit: told.hit, lossEth: oracleRun + bonusRun, seizedAny: told.seized, ownGap: gap },
    },
    series: [lossByGap(world)],
  }
}

/** The collateral is not published: it is such that the recorded fault takes the published amount. */
function fittedAccounts(world: IncidentWorld): readonly Borrower[] {
  const drawn = accountsOf(world)
  const scale = published.seizedWsteth / toldBy(runOf(drawn, model.gap, model.bonus)).seized
  return drawn.map(({ id, coins, debt }) => ({ id, coins: coins * scale, debt: debt * scale }))
}

/** Accounts with health factors even between the line and the threshold of the real gap, sizes lognormal. */
function accountsOf(world: IncidentWorld): readonly Borrower[] {
  const chance = prng(`wsteth-cap/${world.seed}`)
  const count = Math.round(world.number('accounts'))
  const sizes = Array.from({ length: count }, () => Math.exp(chance.normal()))
  const whole = sizes.reduce((sum, one) => sum + one, 0)
  const most = 1 / (1 - model.gap)
  return sizes.map((size, at) => {
    const coins = (size / whole) * published.seizedWsteth
    const health = 1.0005 + (most - 1.0006) * ((at + chance.next()) / count)
    return { id: `account-${at + 1}`, coins, debt: (coins * model.ratio * THRESHOLD) / health }
  })
}

/** The room counts in ETH: its dollar is one ETH. Every offer is taken, whatever it earns. */
function runOf(borrowers: readonly Borrower[], gap: number, bonus: number): MarketRun {
  const room = aaveRoom.make({
    ...{ id: 'aave', symbol: 'wstETH', borrowers, price: model.ratio, start: START },
    oracle: pushFeed({ deviationBps: 0, heartbeat: STEP }),
    faults: gap > 0 ? [{ kind: 'capped', gap, start: START + STEP, duration: 86_400 }] : [],
    params: { liquidationThreshold: THRESHOLD, bonus, protocolFee: PROTOCOL_FEE },
  })
  return runMarket({
    ...{ start: START, seconds: STEP, rooms: [room], competition: 'fastest' },
    outside: new Map([['wstETH', Array.from({ length: 40 }, () => model.ratio)]]),
    depths: new Map([['wstETH', depthOf({ impact: linearImpact(0) }, model.ratio)]]),
    competitors: [{ id: 'lin', agent: liquidator<unknown>({ leastProfit: 0, tipShare: 0 }), capital: 1e9, latency: 0 }],
  })
}

/** Sums of a run: wstETH taken from borrowers and received by liquidators, ETH repaid and lost. */
function toldBy(run: MarketRun) {
  let [received, repaid, badDebt] = [0, 0, 0]
  const hit = new Set<string>()
  for (const entry of run.entries) {
    received += entry.received.get('wstETH') ?? 0
    repaid += entry.paid.get('USD') ?? 0
    for (const fact of entry.facts) {
      if (fact.type === 'bad-debt') badDebt += Number(fact.loss.atoms ?? 0n) / 1e18
      if (fact.type === 'loan-liquidation') hit.add(fact.account)
    }
  }
  // What borrowers lost: the protocol keeps its part of the bonus, so the liquidators receive less.
  const held = (standings: MarketRun['before']) =>
    [...standings.values()].flat().reduce((sum, one) => sum + (one.holds['wstETH'] ?? 0), 0)
  const seized = held(run.before) - held(run.after)
  return { seized, received, repaid, badDebt, hit: hit.size }
}

function lossByGap(world: IncidentWorld): IncidentOutcome['series'][number] {
  const points = Array.from({ length: 31 }, (_, at) => {
    const gap = at / 1_000
    const loss = capIncidentLoss({ ...model, gap, bonus: world.number('bonus'), goodwill: 0 })
    return [gap * 100, loss.oracleProfit + loss.bonus] as const
  })
  return {
    ...{ id: 'gap', title: 'Loss of the same 10,938 wstETH by the gap of the cap' },
    ...{ x: 'gap, %', y: 'ETH', lines: [{ name: 'oracle profit and bonus', points }] },
  }
}
