/**
 * 10 October 2025 on Hyperliquid: what each wave of auto-deleveraging took from winners against what its deficit needed, and what other policies would
 * have taken. Needs the derived tables of pluriholonomic/autodeleveraging-analysis (MIT; Chitra et al., arXiv 2512.01112), read from a data directory.
 */
import { type HaircutPolicy, haircuts, insuranceLevel } from '../../mechanisms/index.ts'
import { type CsvRow, csvRows } from './csv.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const FOLDER = 'hl-adl-waves-2025-10-10'
const WAVES = `${FOLDER}/policy_per_wave_metrics.csv`
const SHOCKS = `${FOLDER}/per_shock_metrics_queue.csv`
/** The deficit of one account that the published table repeats, USD. */
const REPEATED = 10_925_707.159377944
/** Smallest amount of the integer policy, USD. */
const LOT = 1
const POLICIES = ['queue', 'pro-rata', 'capped', 'risk-aware', 'integer'] as const satisfies readonly HaircutPolicy[]

/** The incident. */
export const adlWaves: Incident = {
  id: '2025-10-10-adl-waves',
  kind: 'incident',
  day: '2025-10-10',
  title: 'Hyperliquid: what auto-deleveraging took, wave by wave',
  story: [
    'Prices fall within minutes; at 21:15:03 UTC the first of $5.51B is liquidated on Hyperliquid.',
    '61 s later the backstop is exhausted: winners are closed against losers by a queue, coin by coin.',
    'In twelve minutes 34,983 fills close $2.10B of winning positions in 162 coins.',
    'A queue closes whole positions: what it takes need not be what the deficit of the wave needs.',
    'Over all waves the venue took $45.0M more than needed, and in six of them less.',
  ],
  sources: [
    {
      what: 'Chitra et al., Autodeleveraging (arXiv 2512.01112)',
      url: 'https://arxiv.org/abs/2512.01112',
      asOf: '2025-12',
      certainty: 'S',
    },
    {
      what: 'Tables by wave and by coin (MIT)',
      url: 'https://github.com/pluriholonomic/autodeleveraging-analysis',
      asOf: 'commit aae0be8600e6',
      certainty: 'S',
    },
    {
      what: 'Reconstruction of twelve minutes',
      url: 'https://github.com/ConejoCapital/HyperMultiAssetedADL',
      asOf: '2025-11',
      certainty: 'S',
    },
  ],
  disputed: [
    {
      figure: 'deficit of all waves',
      told: [
        { value: '$100.1M', by: 'the table, added', certainty: 'S' },
        { value: '$12.7M', by: 'the same with one account counted once', certainty: 'D' },
      ],
      says: 'One account’s $10,925,707.16 stands in nine waves of the table.',
    },
    {
      figure: 'overshoot',
      told: [
        { value: '$653.6M', by: 'queue in wealth space', certainty: 'S' },
        { value: '$45.0M', by: 'production less needed budgets', certainty: 'S' },
        { value: '$47.5M to 51.7M', by: 'the same, looked at 0.5 to 5 s later', certainty: 'S' },
      ],
      says: 'Three definitions; the second is a net number: $49.4M too much in ten waves, $4.4M too little in six.',
    },
  ],
  initial: ['16 waves, separated by gaps of more than 5 s, with 1,125 coins’ winners and what they could lose'],
  path: 'the waves as they came; each budget is spread over the winners of its own wave',
  rules: [
    'production: by score (mark / entry · leverage), whole positions, at the mark before',
    'needed: what the paper’s replay of equity says the wave needed',
  ],
  figures: figures(),
  measures: [
    { id: 'taken', name: 'taken from winners', unit: 'USD' },
    { id: 'overshoot', name: 'taken beyond the needed budgets', unit: 'USD' },
    { id: 'wiped', name: 'winners (coin and time) that lost everything takeable', unit: 'winners' },
    { id: 'largest', name: 'largest haircut', unit: 'share' },
    { id: 'positive', name: 'too much, in the waves above', unit: 'USD' },
    { id: 'negative', name: 'too little, in the waves below', unit: 'USD' },
    { id: 'budget', name: 'needed budgets', unit: 'USD' },
    { id: 'insurance', name: 'fund that covers nine waves in ten', unit: 'USD' },
  ],
  fitted: [],
  limits: [
    'Deficits, needed budgets and capacities are the paper’s, partly modelled there; this program spreads them and adds them up.',
    'With the repeated account counted once, a wave’s budget is its part of deficit (needed / deficit of the table) times the remaining deficit.',
    'Scores are not in the tables either: the queue here begins with the largest capacity.',
    'A winner is a coin at a time, not an account: haircuts of accounts are not in the tables.',
  ],
  settings: [
    { name: 'policy', says: 'how a budget is spread', value: 'production', words: ['production', ...POLICIES] },
    {
      name: 'deficits',
      says: 'the repeated account in every wave, or in its first',
      value: 'as-published',
      words: ['as-published', 'once'],
    },
  ],
  counterfactuals: [
    { id: 'queue', says: 'a queue that stops at the needed budget', change: { policy: 'queue' } },
    { id: 'pro-rata', says: 'the same part from every winner', change: { policy: 'pro-rata' } },
    { id: 'capped', says: 'the same part, at most half of anybody’s', change: { policy: 'capped' } },
    { id: 'risk-aware', says: 'by what each had at risk', change: { policy: 'risk-aware' } },
    { id: 'integer', says: 'whole dollars', change: { policy: 'integer' } },
    {
      id: 'once',
      says: 'pro rata, the repeated account counted once',
      change: { policy: 'pro-rata', deficits: 'once' },
    },
  ],
  compared: ['budget', 'taken', 'overshoot', 'positive', 'negative', 'wiped', 'largest'],
  files: [WAVES, SHOCKS],
  simulate,
}

function figures(): Incident['figures'] {
  const sum = 'added over the waves of the table'
  const engine = 'the policy engine on the winners of each wave'
  const tight = { tolerance: { relative: 1e-6 }, certainty: 'S' } as const
  const near = { tolerance: { absolute: 0.01 }, certainty: 'S', how: engine } as const
  return [
    {
      id: 'net',
      name: 'production less needed, all waves',
      unit: 'USD',
      published: 45_028_665.7191367,
      ...tight,
      how: sum,
    },
    {
      id: 'queueOver',
      name: 'overshoot of the queue in wealth space',
      unit: 'USD',
      published: 653_552_663.5146928,
      ...tight,
      how: 'budget less deficit where above, added over coins',
    },
    { id: 'needed13', name: 'wave 13: needed', unit: 'USD', published: 5_584_123.65, ...tight, how: engine },
    { id: 'production13', name: 'wave 13: production', unit: 'USD', published: 38_449_033.21, ...tight, how: sum },
    { id: 'over13', name: 'wave 13: overshoot', unit: 'USD', published: 32_864_909.56, ...tight, how: sum },
    {
      id: 'proRata',
      name: 'pro rata: worst difference of a wave from its needed budget',
      unit: 'share',
      published: 0,
      ...near,
    },
    { id: 'capped', name: 'capped: worst difference', unit: 'share', published: 0, ...near },
    { id: 'integer', name: 'whole dollars: worst difference', unit: 'share', published: 0, ...near },
    {
      id: 'below',
      name: 'waves with less than needed',
      unit: 'waves',
      published: 6,
      tolerance: 'exact',
      certainty: 'D',
      how: sum,
    },
    {
      id: 'repeats',
      name: 'waves that count the same account',
      unit: 'waves',
      published: 9,
      tolerance: 'exact',
      certainty: 'D',
      how: sum,
    },
    { id: 'deficitAll', name: 'deficit, as published', unit: 'USD', published: 100_063_386.69, ...tight, how: sum },
    {
      ...{ id: 'deficitOnce', name: 'deficit, the repeated account counted once', unit: 'USD' },
      ...{ published: 100_063_386.69 - 8 * REPEATED, tolerance: { relative: 1e-6 }, certainty: 'D', how: sum },
    },
  ]
}

type Wave = {
  readonly id: string
  readonly needed: number
  readonly production: number
  readonly deficit: number
  /** Deficit and budget as the setting counts the repeated account. */
  readonly ownDeficit: number
  readonly budget: number
  readonly capacities: readonly number[]
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const [waveText, shockText] = [world.file(WAVES), world.file(SHOCKS)]
  if (waveText === undefined || shockText === undefined) return { values: {}, series: [] }
  const shocks = csvRows(shockText, SHOCKS)
  const once = world.word('deficits') === 'once'
  const waves = wavesOf(csvRows(waveText, WAVES), shocks, once)
  const policy = world.word('policy')
  const spread = waves.map((wave) => spreadOf(wave, policy))
  const sum = (pick: (wave: Wave, at: number) => number) => waves.reduce((total, wave, at) => total + pick(wave, at), 0)
  const over = (wave: Wave, at: number) => (spread[at]?.taken ?? 0) - wave.budget
  const thirteen = waves.find(({ id }) => id === '13')
  const published = wavesOf(csvRows(waveText, WAVES), shocks, false)
  return {
    values: {
      net: sum(({ needed, production }) => production - needed),
      queueOver: shocks.reduce(
        (total, row) => total + Math.max(0, row.number('budget_queue_usd') - row.number('deficit_usd')),
        0,
      ),
      needed13: thirteen && spreadOf({ ...thirteen, budget: thirteen.needed }, 'pro-rata').taken,
      ...{ production13: thirteen?.production, over13: thirteen && thirteen.production - thirteen.needed },
      ...{
        proRata: worst(published, 'pro-rata'),
        capped: worst(published, 'capped'),
        integer: worst(published, 'integer'),
      },
      below: waves.filter(({ needed, production }) => production < needed).length,
      repeats: published.filter(({ deficit }) => deficit >= REPEATED).length,
      deficitAll: published.reduce((total, { deficit }) => total + deficit, 0),
      deficitOnce: wavesOf(csvRows(waveText, WAVES), shocks, true).reduce((total, one) => total + one.ownDeficit, 0),
      budget: sum(({ budget }) => budget),
      ...{ taken: sum((_, at) => spread[at]?.taken ?? 0), overshoot: sum(over) },
      positive: sum((wave, at) => Math.max(0, over(wave, at))),
      negative: sum((wave, at) => Math.min(0, over(wave, at))),
      ...(policy === 'production' ? {} : { wiped: sum((_, at) => spread[at]?.wiped ?? 0) }),
      ...(policy === 'production' ? {} : { largest: Math.max(...spread.map(({ largest }) => largest)) }),
      insurance: insuranceLevel(
        waves.map(({ ownDeficit }) => ownDeficit),
        0.1,
        1,
      ),
    },
    series: [
      seriesOf(
        waves,
        spread.map(({ taken }) => taken),
        policy,
      ),
      countedOf(published, wavesOf(csvRows(waveText, WAVES), shocks, true)),
    ],
  }
}

/** The waves with their winners: the coins that were deleveraged within it. The repeated account stays where it came first. */
function wavesOf(rows: readonly CsvRow[], shocks: readonly CsvRow[], once: boolean): readonly Wave[] {
  let seen = false
  return rows.map((row) => {
    const [needed, deficit] = [row.number('budget_needed'), row.number('deficit_usd')]
    const again = once && seen && deficit >= REPEATED
    if (deficit >= REPEATED) seen = true
    const ownDeficit = deficit - (again ? REPEATED : 0)
    const [start, end] = [row.text('t_start'), row.text('t_end')]
    return {
      ...{ id: row.text('wave'), needed, deficit, ownDeficit, production: row.number('budget_prod') },
      budget: again ? (needed / deficit) * ownDeficit : needed,
      capacities: shocks
        .filter((shock) => shock.text('t_start') >= start && shock.text('t_start') <= end)
        .map((shock) => shock.number('total_capacity_usd')),
    }
  })
}

type Spread = { readonly taken: number; readonly wiped: number; readonly largest: number }

function spreadOf({ capacities, budget, production }: Wave, policy: string): Spread {
  if (policy === 'production') return { taken: production, wiped: 0, largest: 0 }
  const ranks = capacities.map((_, at) => at).sort((a, b) => (capacities[b] ?? 0) - (capacities[a] ?? 0))
  const rankOf = new Map(ranks.map((at, rank) => [at, rank + 1]))
  const winners = capacities.map((capacity, at) => ({
    ...{ capacity, rank: rankOf.get(at), weight: Math.sqrt(capacity) },
    largest: policy === 'capped' ? 0.5 : 1,
  }))
  const done = haircuts(policy as HaircutPolicy, winners, budget, LOT)
  return {
    taken: done.taken.reduce((total, one) => total + one, 0),
    wiped: done.haircuts.filter((one) => one > 1 - 1e-12).length,
    largest: Math.max(0, ...done.haircuts),
  }
}

/** Largest |taken − needed| / needed over the waves. */
function worst(waves: readonly Wave[], policy: HaircutPolicy): number {
  return Math.max(...waves.map((wave) => Math.abs(spreadOf(wave, policy).taken / wave.budget - 1)))
}

function seriesOf(waves: readonly Wave[], taken: readonly number[], policy: string): IncidentOutcome['series'][number] {
  const line = (values: readonly number[]) => waves.map(({ id }, at) => [Number(id), values[at] ?? 0] as const)
  return {
    ...{ id: 'waves', title: 'Taken against needed, by wave', x: 'wave', y: 'USD' },
    lines: [
      { name: 'needed', points: line(waves.map(({ budget }) => budget)) },
      { name: policy, points: line(taken) },
    ],
  }
}

/** Deficits and budgets of each wave with the repeated account in every one, and in its first alone. */
function countedOf(published: readonly Wave[], once: readonly Wave[]): IncidentOutcome['series'][number] {
  const line = (name: string, waves: readonly Wave[], pick: (wave: Wave) => number) => ({
    name,
    points: waves.map((wave) => [Number(wave.id), pick(wave)] as const),
  })
  return {
    ...{ id: 'counted', title: 'The same account in nine waves, and once', x: 'wave', y: 'USD' },
    lines: [
      line('deficit as published', published, ({ ownDeficit }) => ownDeficit),
      line('deficit, once', once, ({ ownDeficit }) => ownDeficit),
      line('budget as published', published, ({ budget }) => budget),
      line('budget, once', once, ({ budget }) => budget),
    ],
  }
}
