/**
 * 10 October 2025 on Hyperliquid, the first burst: 11,279 liquidations and as many auto-deleveraging fills in one timestamp, each coin by itself. A synthetic
 * replay through the program's own queue, and what a feed of one order per symbol and second would have shown of it.
 */
import { deleverageFills, deleverageQueue, type Winner } from '../../mechanisms/index.ts'
import { type Prng, prng } from '../../model/index.ts'
import { shownOf, THROTTLES } from '../throttle.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const BURST = 11_279
const COINS = 162
/** First liquidation and first auto-deleveraging, ms. */
const FIRST_LIQUIDATION = Date.UTC(2025, 9, 10, 21, 15, 3)
const FIRST_ADL = 1_760_130_964_831
/** $M auto-deleveraged and liquidated, the ten largest coins. */
const TOLD = [
  ['BTC', 620.9, 1_789.6],
  ['ETH', 458, 1_058.2],
  ['SOL', 276.2, 618.1],
  ['HYPE', 189.9, 492.1],
  ['XPL', 65.8, 178.7],
  ['PUMP', 57.3, 147.5],
  ['ENA', 42.5, 122.7],
  ['AVAX', 36.6, 105.1],
  ['XRP', 31.4, 83.1],
  ['ASTER', 27.2, 86.4],
] as const
const LIQUIDATED = 5_511_042_925
const DELEVERAGED = 2_103_111_431

/** The incident. */
export const hyperliquidBurst: Incident = {
  id: '2025-10-10-hyperliquid-burst',
  kind: 'incident',
  day: '2025-10-10',
  title: 'Hyperliquid: 11,279 liquidations in one timestamp',
  story: [
    'A tariff headline; within minutes alts lose half and more on thin books.',
    'On Hyperliquid $5.51B are liquidated in 63,637 events within twelve minutes.',
    '61 s after the first the vault can take no more: winners are closed against losers.',
    'In the first timestamp of it 11,279 fills stand on either side; no coin is ever matched with another.',
    'All venues together report $19.2B: those that push one order per symbol and second leave most of it out.',
  ],
  sources: [
    {
      what: 'ConejoCapital/HyperMultiAssetedADL, twelve minutes of the chain',
      url: 'https://github.com/ConejoCapital/HyperMultiAssetedADL',
      asOf: '2025-11',
      certainty: 'S',
    },
    { what: 'CoinGlass: $16.7B long and $2.456B short, 1.6M accounts', asOf: '2025-10-11', certainty: 'N' },
    { what: 'Garcia Seuma 2026 (arXiv 2608.03616): branching ratio 0.195, 0.140, 0.032', asOf: '2026', certainty: 'N' },
  ],
  disputed: [
    {
      figure: 'liquidated that day, USD',
      told: [
        { value: '19.16B', by: 'CoinGlass, all venues', certainty: 'N' },
        { value: '5.51B', by: 'Hyperliquid’s chain, twelve minutes', certainty: 'S' },
      ],
      says: 'The chain shows everything; most feeds of the others are throttled, so their sum is a lower bound.',
    },
  ],
  initial: ['162 coins; losers and winners drawn coin by coin, sizes lognormal, as many as the burst has fills'],
  path: 'none: the moment at which the backstop is exhausted',
  rules: [
    'each coin by itself; winners by mark / entry · leverage, the highest first, until the coin’s residual is gone',
  ],
  figures: [
    {
      id: 'total',
      name: 'liquidated and deleveraged',
      unit: 'USD',
      published: 7_614_154_356,
      tolerance: 'exact',
      certainty: 'S',
      how: 'the two published sums, added',
    },
    {
      ...{
        id: 'lag',
        name: 'first liquidation to first deleveraging',
        unit: 's',
        published: 61,
        tolerance: { absolute: 1 },
      },
      ...{ certainty: 'S', how: 'difference of the recorded times' },
    },
    {
      id: 'liquidations',
      name: 'liquidation rows in the burst',
      unit: 'rows',
      published: BURST,
      tolerance: 'exact',
      certainty: 'S',
      how: 'rows of losers in the replay',
    },
    {
      id: 'fills',
      name: 'deleveraging fills in the burst',
      unit: 'rows',
      published: BURST,
      tolerance: 'exact',
      certainty: 'S',
      how: 'rows of winners in the replay',
    },
    {
      id: 'cross',
      name: 'fills against another coin',
      unit: 'rows',
      published: 0,
      tolerance: 'exact',
      certainty: 'S',
      how: 'coins of both sides of each fill',
    },
    {
      id: 'imbalance',
      name: 'closed on one side and not on the other',
      unit: 'USD',
      published: 0,
      tolerance: { absolute: 1e-3 },
      certainty: 'D',
      how: 'largest difference over the coins',
    },
    {
      id: 'shown',
      name: 'orders that a feed of one per symbol and second shows',
      unit: 'orders',
      published: COINS,
      tolerance: 'exact',
      certainty: 'D',
      how: 'the burst through the throttle',
    },
    {
      id: 'adlShare',
      name: 'ten largest coins’ part of the deleveraged',
      unit: 'share',
      published: 1_805.8e6 / DELEVERAGED,
      tolerance: { relative: 1e-6 },
      certainty: 'S',
      how: 'the table of coins, added',
    },
  ],
  measures: [
    { id: 'ratio', name: 'liquidations per order shown', unit: '' },
    { id: 'hit', name: 'winners touched', unit: 'winners' },
    { id: 'leverage', name: 'mean leverage of those touched / of all winners', unit: '' },
    { id: 'perLiquidation', name: 'mean liquidation of the twelve minutes', unit: 'USD' },
  ],
  fitted: [],
  limits: [
    'The number of rows is an input of the replay; that both sides have as many, in the same coins and for the same dollars, is what it shows.',
    'Accounts that were winners in one coin and losers in another are not drawn.',
  ],
  settings: [
    {
      name: 'rank',
      says: 'how winners are ordered',
      value: 'hyperliquid',
      words: ['hyperliquid', 'leveraged-return', 'pnl-of-account', 'bitmex'],
    },
    { name: 'throttle', says: 'what a venue’s feed shows', value: 'latest', words: Object.keys(THROTTLES) },
  ],
  counterfactuals: [
    { id: 'bybit', says: 'winners by return on margin (Bybit, OKX, Gate)', change: { rank: 'leveraged-return' } },
    { id: 'account', says: 'winners by profit of their account', change: { rank: 'pnl-of-account' } },
    { id: 'full-feed', says: 'a feed that shows everything', change: { throttle: 'all' } },
  ],
  compared: ['shown', 'ratio', 'hit', 'leverage'],
  files: [],
  simulate,
}

type Row = { readonly loser: string; readonly winner: string; readonly usd: number }

function simulate(world: IncidentWorld): IncidentOutcome {
  const chance = prng(`burst/${world.seed}`)
  const rank = world.word('rank') as 'hyperliquid'
  const counts = countsOf()
  const coins = counts.map((count, at) => ({
    coin: coinOf(at),
    ...burstOf(coinOf(at), count, rank, chance.fork(coinOf(at))),
  }))
  const rows = coins.flatMap((one) => one.rows)
  const shown = shownOf(
    coins.flatMap(({ coin, rows: own }) => own.map(({ usd }) => ({ symbol: coin, time: FIRST_ADL, value: usd }))),
    THROTTLES[world.word('throttle') as keyof typeof THROTTLES],
  )
  const touched = coins.flatMap((one) => one.touched)
  const all = coins.flatMap((one) => one.winners)
  return {
    values: {
      ...{ total: LIQUIDATED + DELEVERAGED, lag: (FIRST_ADL - FIRST_LIQUIDATION) / 1_000 },
      ...{ liquidations: rows.length, fills: rows.filter(({ winner }) => winner !== '').length },
      cross: rows.filter(({ loser, winner }) => loser.split('/')[0] !== winner.split('/')[0]).length,
      imbalance: Math.max(...coins.map((one) => Math.abs(one.lost - one.won))),
      ...{ shown: shown.shownEvents, ratio: shown.events / shown.shownEvents, hit: touched.length },
      adlShare: TOLD.reduce((sum, [, adl]) => sum + adl * 1e6, 0) / DELEVERAGED,
      leverage: mean(touched.map(leverageOf)) / mean(all.map(leverageOf)),
      perLiquidation: LIQUIDATED / 63_637,
    },
    series: [
      {
        ...{
          id: 'coins',
          title: 'Part of what was liquidated that winners had to take',
          x: 'coin, largest first',
          y: '%',
        },
        lines: [
          {
            name: 'deleveraged / liquidated',
            points: TOLD.map(([, adl, liquidated], at) => [at + 1, (adl / liquidated) * 100] as const),
          },
        ],
      },
    ],
  }
}

const leverageOf = ({ notional, equity }: Winner) => notional / equity
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length)
const coinOf = (at: number) => TOLD[at]?.[0] ?? `ALT${at + 1}`

/** Rows of each coin: by the published dollars for ten, the rest evenly; together the burst. */
function countsOf(): readonly number[] {
  const whole = TOLD.reduce((sum, [, adl]) => sum + adl, 0)
  const named = TOLD.map(([, adl]) => Math.floor((BURST * adl * 1e6) / DELEVERAGED))
  const rest = BURST - named.reduce((sum, one) => sum + one, 0)
  const others = Array.from(
    { length: COINS - TOLD.length },
    (_, at) => Math.floor((rest * (at + 1)) / (COINS - TOLD.length)) - Math.floor((rest * at) / (COINS - TOLD.length)),
  )
  return whole > 0 ? [...named, ...others] : others
}

/** A coin's burst: one loser after the other is closed against the queue until there are so many rows. */
function burstOf(coin: string, count: number, rank: 'hyperliquid', chance: Prng) {
  const winners = Array.from({ length: count }, (_, at) => winnerOf(`${coin}/winner-${at + 1}`, chance))
  const left = new Map(winners.map(({ id, notional }) => [id, notional]))
  const queue = deleverageQueue(rank, winners)
  const rows: Row[] = []
  let [next, lost, won] = [0, 0, 0]
  for (let loser = 1; rows.length < count; loser++) {
    const open = queue.slice(next).map(({ id }) => ({ id, size: left.get(id) ?? 0 }))
    if (open.length === 0) break
    const { fills } = deleverageFills(open, 2_000 * Math.exp(chance.normal()))
    // The timestamp ends with the last row: a loser’s further fills belong to the next.
    for (const { id, size } of fills.slice(0, count - rows.length)) {
      rows.push({ loser: `${coin}/loser-${loser}`, winner: id, usd: size })
      left.set(id, (left.get(id) ?? 0) - size)
      lost += size
      won += size
    }
    while (next < queue.length && (left.get(queue[next]?.id ?? '') ?? 0) <= 1e-9) next += 1
  }
  const hit = new Set(rows.map(({ winner }) => winner))
  const taken = winners.reduce((sum, { id, notional }) => sum + notional - (left.get(id) ?? 0), 0)
  return { rows, winners, touched: winners.filter(({ id }) => hit.has(id)), lost, won: won > 0 ? taken : won }
}

/** A short in profit: mark 60 of an entry at 100, leverage 1 to 20 at entry. */
function winnerOf(id: string, chance: Prng): Winner {
  const [mark, leverage] = [60, 1 + 19 * chance.next()]
  const entryPrice = mark * (1 + 0.8 * chance.next())
  const entryValue = 6_000 * Math.exp(chance.normal())
  const notional = (entryValue * mark) / entryPrice
  const unrealised = entryValue - notional
  const equity = entryValue / leverage + unrealised
  return {
    id,
    side: 'short',
    size: notional / mark,
    entryPrice,
    markPrice: mark,
    notional,
    entryValue,
    unrealised,
    equity,
    maintenance: notional * 0.02,
  }
}
