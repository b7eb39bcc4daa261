/**
 * 28 May 2026: a builder market on Hyperliquid fell by 45 % because its deployer's data were wrong. The clamp of HIP-3 (1 % an update, 2.5 s apart) slows
 * such a fall to 150 s and stops nothing; a limit over a window would. Rules: `mechanisms/perp/hip3.ts`, `mark.ts`.
 */
import {
  clampWindow,
  EMPTY_MARK,
  type MarkRule,
  markStep,
  type OracleClamp,
  type OracleUpdate,
  oracleStep,
  updatesBetween,
} from '../../mechanisms/index.ts'
import { prng } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const BEFORE = 2_277
const LOW = 1_254
const RULE = { maxStep: 0.01, minGapMs: 2_500, staleMs: 10_000 } as const satisfies OracleClamp
const MARK: MarkRule = { kind: 'hip3', ...RULE }
const MINUTE = 60_000

/** The incident. */
export const spacexHip3: Incident = {
  id: '2026-05-28-spacex-hip3',
  kind: 'incident',
  day: '2026-05-28',
  title: 'SPACEX-USDH −45 %: wrong data through a clamp',
  story: [
    'A market on the shares of SpaceX, built under HIP-3, takes its oracle price from its deployer.',
    'The deployer’s data provider delivers wrong prices; the mark falls from $2,277 to $1,254 within about 30 minutes.',
    '1,393 positions of 405 users are liquidated, $1.51M of notional in a market with less than $2.9M of open interest.',
    'The price is back at $2,157 to $2,174 soon after: the fall was in the data, and the thin book could not hold against it.',
    'Each update may move a price by 1 % and two are 2.5 s apart: a rule that slows a fault, and does not limit its sum.',
  ],
  sources: [
    { what: 'Ventuals (deployer) on the cause', asOf: '2026-05-28', certainty: 'N' },
    { what: 'Press: prices, positions, users, notional', asOf: '2026-05-29', certainty: 'N' },
    { what: 'Hyperliquid documentation, deploying HIP-3 assets', asOf: '2026-05', certainty: 'S' },
  ],
  disputed: [
    {
      figure: 'cause',
      told: [
        { value: 'a thinly traded market', by: 'press', certainty: 'N' },
        { value: 'wrong data from the provider', by: 'the deployer', certainty: 'N' },
      ],
      says: 'Both: the oracle led, and there was no book to disagree with it. The cause is the deployer’s own statement.',
    },
  ],
  initial: ['mark, oracle and book at $2,277; longs with leverage 2 to 10, drawn, median margin $31'],
  path: 'the provider’s price runs to $1,254 in `minutes`, stands there five minutes, and comes back in the same time',
  rules: [
    'an update moves a price by at most 1 %, two are at least 2.5 s apart; mark = median of the deployer’s prices and the local book',
  ],
  figures: [
    {
      ...{ id: 'updates', name: 'updates from 2,277 to 1,254 under the clamp', unit: 'updates', published: 60 },
      ...{ tolerance: 'exact', certainty: 'D', how: 'the clamp stepped update by update' },
    },
    {
      ...{ id: 'floorSeconds', name: 'shortest time of the fall', unit: 's', published: 150 },
      ...{ tolerance: 'exact', certainty: 'D', how: 'updates · 2.5 s, the gap before the first included' },
    },
    {
      ...{ id: 'move', name: 'the fall', unit: 'share', published: -0.4493, tolerance: { absolute: 0.0001 } },
      ...{ certainty: 'N', how: 'lowest mark / first mark − 1 in the run' },
    },
    {
      ...{ id: 'minutesToLow', name: 'minutes until the low in the run', unit: 'min', published: 30 },
      ...{
        tolerance: { absolute: 1 },
        certainty: 'N',
        how: 'mark of each 2.5 s while the provider falls for 30 minutes',
        fitted: 'minutes',
      },
    },
  ],
  measures: [
    { id: 'lowest', name: 'lowest mark', unit: 'USDH' },
    { id: 'worked', name: 'part of the clamp’s speed that the fall used', unit: 'share' },
    { id: 'liquidatedShare', name: 'part of longs’ notional liquidated', unit: 'share' },
    { id: 'usedUpdates', name: 'updates taken until the low', unit: 'updates' },
  ],
  fitted: [{ name: 'minutes', value: 30, unit: 'min', to: 'minutesToLow' }],
  limits: [
    'The positions are drawn: how many there were was published, their leverage was not, so 1,393 is no output.',
    'Liquidations do not push the book in the run: it would fall further in a thin one.',
  ],
  settings: [
    { name: 'fault', says: 'what is wrong', value: 'both', words: ['provider', 'thin-book', 'both', 'none'] },
    { name: 'minutes', says: 'how long the provider’s price takes to fall', value: 30, least: 0, most: 240 },
    {
      name: 'window',
      says: 'limit over 30 minutes, a fraction of the price; 1 is none',
      value: 1,
      least: 0.01,
      most: 1,
    },
    { name: 'externals', says: 'how many prices the deployer sends, 1 or 2', value: 2, least: 1, most: 2 },
  ],
  counterfactuals: [
    { id: 'window', says: 'a limit of 10 % over any 30 minutes, beside the clamp', change: { window: 0.1 } },
    {
      id: 'one-price',
      says: 'one price from the deployer and a book that holds',
      change: { fault: 'provider', externals: 1 },
    },
    { id: 'book-only', says: 'a thin book that falls, and right data', change: { fault: 'thin-book' } },
    { id: 'at-once', says: 'the provider’s price falls at once: the clamp sets the speed', change: { minutes: 0 } },
  ],
  compared: ['lowest', 'move', 'minutesToLow', 'usedUpdates', 'liquidatedShare'],
  files: [],
  simulate,
}

type Step = { readonly minute: number; readonly wanted: number; readonly mark: number; readonly update: number }

function simulate(world: IncidentWorld): IncidentOutcome {
  const steps = walk(world)
  const lowest = steps.reduce((least, one) => (one.mark < least.mark ? one : least))
  const floor = updatesBetween(BEFORE, LOW, RULE)
  const line = (pick: (step: Step) => number) =>
    steps.filter((_, at) => at % 12 === 0).map((step) => [step.minute, pick(step)] as const)
  return {
    values: {
      ...{ updates: stepped(), floorSeconds: floor.ms / 1_000, move: lowest.mark / BEFORE - 1 },
      ...{ minutesToLow: lowest.minute, worked: floor.ms / MINUTE / Math.max(lowest.minute, 1e-9) },
      ...{ lowest: lowest.mark, usedUpdates: lowest.update, liquidatedShare: liquidated(world, lowest.mark) },
    },
    series: [
      {
        ...{ id: 'mark', title: 'What the provider said, and the mark', x: 'minutes after the fault began', y: 'USDH' },
        lines: [
          { name: 'provider', points: line(({ wanted }) => wanted) },
          { name: 'mark', points: line(({ mark }) => mark) },
        ],
      },
    ],
  }
}

/** The clamp, one update after the other, until the low is reached: the count that the closed form has to give. */
function stepped(): number {
  let last: OracleUpdate = { price: BEFORE, time: 0 }
  let updates = 0
  while (last.price > LOW && updates < 10_000) {
    last = oracleStep(last, LOW, last.time + RULE.minGapMs, RULE)
    updates += 1
  }
  return updates
}

/** Marks every 2.5 s. */
function walk(world: IncidentWorld): readonly Step[] {
  const [fault, window] = [world.word('fault'), world.number('window')]
  const minutes = world.number('minutes')
  const externals = Math.round(world.number('externals'))
  const until = 2 * minutes + 15
  let state = markStep(MARK, EMPTY_MARK, inputs(0, BEFORE, BEFORE, externals))
  let marks: OracleUpdate[] = [{ price: BEFORE, time: 0 }]
  let sent = 0
  const steps: Step[] = [{ minute: 0, wanted: BEFORE, mark: BEFORE, update: 0 }]
  for (let now = RULE.minGapMs; now <= until * MINUTE; now += RULE.minGapMs) {
    const wrong = wrongPrice(now / MINUTE, minutes)
    const wanted = fault === 'provider' || fault === 'both' ? wrong : BEFORE
    const last = state.mark ?? BEFORE
    // A thin book follows what its makers see: the oracle under a wrong provider, the sellers when it falls by itself.
    const local = fault === 'both' ? last * 0.999 : fault === 'thin-book' ? wrong : BEFORE
    state = markStep(MARK, state, inputs(now, wanted, local, externals))
    if (window < 1) {
      const held = clampWindow(marks, state.mark ?? last, now, { maxMove: window, windowMs: 30 * MINUTE })
      state = { ...state, mark: held }
    }
    const mark = state.mark ?? last
    if (mark !== last) sent += 1
    marks = [...marks.filter(({ time }) => now - time < 30 * MINUTE), { price: mark, time: now }]
    steps.push({ minute: now / MINUTE, wanted, mark, update: sent })
  }
  return steps
}

function inputs(now: number, wanted: number, local: number, externals: number) {
  return { now, external: Array.from({ length: externals }, () => wanted), bid: local, ask: local, last: local }
}

/** Down in so many minutes, five there, and back: geometrically, so that each step is the same share. */
function wrongPrice(minute: number, minutes: number): number {
  const part = (passed: number) => (minutes === 0 ? 1 : Math.min(1, passed / minutes))
  const fallen = minute <= minutes + 5 ? part(minute) : 1 - part(minute - minutes - 5)
  return BEFORE * (LOW / BEFORE) ** fallen
}

/** Part of drawn longs' notional whose liquidation price (initial margin 1/L, maintenance half of it at 10x) lies at or above the lowest mark. */
function liquidated(world: IncidentWorld, lowest: number): number {
  const chance = prng(`spacex/${world.seed}`)
  const maintenance = 0.05
  let [hit, whole] = [0, 0]
  for (let at = 0; at < 2_000; at++) {
    const leverage = 2 + 8 * chance.next()
    const notional = 31 * Math.exp(chance.normal()) * leverage
    whole += notional
    if (lowest <= (BEFORE * (1 - 1 / leverage)) / (1 - maintenance)) hit += notional
  }
  return hit / whole
}
