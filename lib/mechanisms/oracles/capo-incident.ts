/**
 * 10 March 2026: a cap below the real exchange rate priced wstETH 2.85 % too low on Aave, and healthy accounts in the wstETH/WETH e-mode were
 * liquidated. The facts as published, the fault as a scenario loads it, and the loss computed from the gap.
 * Source: governance.aave.com/t/24269 (post-mortem), as collected in the reference, C.2 of the incidents and the published figures.
 */
import { breakwaterError } from '../../model/index.ts'
import type { OracleFault } from './faults.ts'

/** Fractions; `seized` in wstETH; `ratio` = ETH per wstETH; `goodwill` in ETH, paid on top. */
export type CapIncident = {
  readonly gap: number
  readonly bonus: number
  readonly seized: number
  readonly ratio: number
  readonly goodwill?: number | undefined
}

/** What it cost, in ETH: seized value bought too cheaply, the liquidation bonus, and all; accounts below the threshold at the true price are hit. */
export type CapIncidentLoss = {
  readonly seizedValue: number
  readonly oracleProfit: number
  readonly bonus: number
  readonly total: number
  readonly healthThreshold: number
}

/** V = seized · ratio; oracle profit = V · gap; bonus = V · (1 − gap) · (1 − 1/(1 + b)); hit are health factors below 1/(1 − gap). */
export function capIncidentLoss({ gap, bonus, seized, ratio, goodwill = 0 }: CapIncident): CapIncidentLoss {
  for (const [name, value, good] of [
    ['gap', gap, gap >= 0 && gap < 1],
    ['bonus', bonus, bonus >= 0 && bonus < 10],
    ['seized', seized, seized >= 0 && seized < 1e18],
    ['ratio', ratio, ratio > 0 && ratio < 1e18],
    ['goodwill', goodwill, goodwill >= 0 && goodwill < 1e18],
  ] as const)
    if (!good) throw breakwaterError('bad-scenario', `${name} is ${value}`, { name, value })
  const seizedValue = seized * ratio
  const oracleProfit = seizedValue * gap
  const bonusValue = seizedValue * (1 - gap) * (1 - 1 / (1 + bonus))
  const total = oracleProfit + bonusValue + goodwill
  return { seizedValue, oracleProfit, bonus: bonusValue, total, healthThreshold: 1 / (1 - gap) }
}

/** Feed that the fault lies on: wstETH in ETH. */
const FEED = 'wstETH/ETH'

/** The incident as data. The clock times of the fault were not published with the figures: the day's first minute, and a day, are ours. */
export const CAPO_WSTETH_2026_03_10 = {
  id: '2026-03-10-capo',
  day: '2026-03-10',
  story:
    'The cap took a new ratio, limited to +3 % in 3 days, with the time of a 7-day-old anchor: 1.1939 against a real 1.228 to 1.229.',
  feed: FEED,
  model: { gap: 0.0285, bonus: 0.01, seized: 10_938, ratio: 1.228, goodwill: 1 } satisfies CapIncident,
  faults: [
    { feed: FEED, kind: 'capped', gap: 0.0285, start: 1_773_100_800, duration: 86_400 },
  ] satisfies readonly OracleFault[],
  published: {
    accounts: 34,
    seizedWsteth: 10_938,
    oracleProfitEth: 382.76,
    bonusEth: 129.72,
    goodwillEth: 1,
    totalEth: 513.19,
    recoveredFromBuildersEth: 141.6,
    recoveredFromFeesEth: 13.32,
    badDebtEth: 0,
  },
  note: 'The published parts add to 513.48, not 513.19; the post does not explain the difference. Press figures of $10.9 M confuse wstETH with dollars.',
  sources: ['https://governance.aave.com/t/24269'],
} as const
