/** How much of a cascade made itself: an estimator of the branching ratio on drawn events whose ratio is known, at the three that were published of 10 October. */
import { prng } from '../../model/index.ts'
import { hawkesEstimate, hawkesTimes } from './hawkes.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const TOLD = [
  ['nucleation', 0.195],
  ['peak', 0.14],
  ['late', 0.032],
] as const
const EVENTS = 12_000
/** The estimate begins far from all of them. */
const FIRST = { base: 1, branching: 0.6, decay: 3 }

/** The benchmark. */
export const branchingRatio: Incident = {
  id: 'branching-ratio',
  kind: 'benchmark',
  day: '2025-10-10',
  title: 'Branching ratio: how many liquidations make another',
  story: [
    'A liquidation that forces others is a branching process; n is how many it forces on average.',
    'Below 1 a cascade ends by itself; 10 October on Hyperliquid was measured at 0.195, then 0.140, then 0.032.',
    'An estimator must find the ratio from the times of events alone.',
    'Here it is tried on events that were drawn with exactly these ratios.',
  ],
  sources: [{ what: 'Garcia Seuma 2026 (arXiv 2608.03616): 0.195, 0.140, 0.032', asOf: '2026', certainty: 'N' }],
  disputed: [],
  initial: ['12,000 events a phase, one a second from outside, delays of half a second (ours)'],
  path: 'none',
  rules: ['maximum likelihood by expectation and maximisation, no knowledge of the delays'],
  figures: TOLD.map(([name, ratio]) => ({
    ...{ id: name, name: `ratio found, drawn as in the phase "${name}"`, unit: '', published: ratio },
    ...{ tolerance: { absolute: 0.02 }, certainty: 'N' as const, how: 'estimate from drawn times' },
  })),
  measures: [
    { id: 'found', name: 'ratio found at the ratio asked for', unit: '' },
    { id: 'error', name: 'found − drawn', unit: '' },
    { id: 'events', name: 'events', unit: '' },
  ],
  fitted: [],
  limits: [
    'The published ratios are of the tape of that day, which is not in the program: that the estimator would find them there is not shown.',
    'Delays are exponential in the draw and in the estimate; a heavy tail would bias it.',
  ],
  settings: [
    { name: 'ratio', says: 'branching ratio to draw with', value: 0.195, least: 0, most: 0.95 },
    { name: 'events', says: 'events from outside', value: EVENTS, least: 500, most: 60_000 },
    { name: 'decay', says: 'rate of the delays, 1 / s', value: 2, least: 0.01, most: 50 },
  ],
  counterfactuals: [
    { id: 'few', says: 'a tenth of the events', change: { events: 1_200 } },
    { id: 'slow', says: 'delays of twenty seconds', change: { decay: 0.05, events: 5_000 } },
    { id: 'near-one', says: 'a cascade near running away', change: { ratio: 0.9, events: 1_000 } },
  ],
  compared: ['found', 'error', 'events'],
  files: [],
  simulate,
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const found = (name: string, branching: number, horizon: number, decay: number) => {
    const times = hawkesTimes({ base: 1, branching, decay }, horizon, prng(`branching/${world.seed}/${name}`))
    return { times, ...hawkesEstimate(times, horizon, FIRST) }
  }
  const own = found('own', world.number('ratio'), world.number('events'), world.number('decay'))
  const told = TOLD.map(([name, ratio]) => [name, found(name, ratio, EVENTS, 2).branching] as const)
  const perMinute = Array.from({ length: 60 }, (_, minute) => {
    const count = own.times.filter((time) => time >= minute * 60 && time < (minute + 1) * 60).length
    return [minute, count] as const
  })
  return {
    values: {
      ...Object.fromEntries(told),
      ...{ found: own.branching, error: own.branching - world.number('ratio'), events: own.times.length },
    },
    series: [
      {
        ...{ id: 'events', title: 'Drawn events of the first hour', x: 'minutes', y: 'events a minute' },
        lines: [{ name: 'events', points: perMinute.filter(([minute]) => minute * 60 < world.number('events')) }],
      },
    ],
  }
}
