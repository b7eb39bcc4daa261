/**
 * 22 August 2023: an index of the value locked in friend.tech, which anybody could raise by buying shares of a subject of his own. What the attack costs,
 * and what five indices make of the same purchase. Formulas: `mechanisms/perp/friend-index.ts`.
 */
import {
  attackBreakEven,
  EMPTY_EMA,
  emaStep,
  emaValue,
  friendAttack,
  friendAttackProfit,
  shareCost,
  subjectIndex,
  tvlIndex,
} from '../../mechanisms/index.ts'
import { prng } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const TVL = 7_200_000
const ETH = 1_650
const SUBJECTS = 20
/** The average's time constant and the distance of its samples, seconds: ours, as long as Hyperliquid's basis average. */
const TAU = 150
const SAMPLE = 3
/** Fee of a trade to the protocol and to the subject, fractions. */
const FEE = 0.05

/** The incident. */
export const friendIndex: Incident = {
  id: '2023-08-22-friend-index',
  kind: 'incident',
  day: '2023-08-22',
  title: 'FRIEND-USD: an index that anybody could move',
  story: [
    'Hyperliquid lists a perp on friend.tech; its index is the value locked there.',
    'White-hats show that one transaction can create a subject, buy its shares, and sell them again.',
    'The value locked rises for as long as one likes; an attacker who is the subject pays only the protocol’s fee.',
    'The index becomes the median price of twenty subjects, later the mean of the middle eight.',
    'Maintenance margins of liquidations between 01:48 and 14:00 UTC are refunded; the market is isolated-only from then on.',
  ],
  sources: [
    {
      what: 'Hyperliquid wiki, incidents; the announcement it links',
      url: 'https://x.com/HyperliquidX/status/1695102033437544783',
      asOf: '2023-08-25',
      certainty: 'N',
    },
    {
      what: 'Aevo’s FRIEND-PERP: value locked / 1e6',
      url: 'https://decrypt.co/153310',
      asOf: '2023-08',
      certainty: 'N',
    },
    { what: 'friend.tech’s share curve S² / 16000 ETH', asOf: '2023-08', certainty: 'S' },
  ],
  disputed: [
    {
      figure: 'date',
      told: [
        { value: '2025-02', by: 'an article of 2025', certainty: '?' },
        { value: '2023-08-22', by: 'the venue', certainty: 'N' },
      ],
      says: 'No money was taken: the refunds are for liquidations while the index was changed.',
    },
  ],
  initial: ['$7.2M locked, ETH at $1,650; twenty subjects with supplies between 60 and 300 shares (drawn)'],
  path: 'one purchase of 100 shares of the attacker’s own subject, held for `seconds`, then sold',
  rules: ['index = value locked / 1e6 until 22 August; fees 5 % to the protocol and 5 % to the subject, both ways'],
  figures: figures(),
  measures: [
    { id: 'moved', name: 'rise of the index', unit: 'share' },
    { id: 'profit', name: 'profit of a position of $1M on it', unit: 'USD' },
    { id: 'breakEven', name: 'position from which it pays', unit: 'USD' },
    { id: 'cost', name: 'what the purchase costs in fees', unit: 'USD' },
  ],
  fitted: [],
  limits: [
    'Nobody published an attack with a profit: what is met is the price of the purchase, not an event.',
    'A subject of the list itself can be bought too: the median then moves by a rank, at the fees of ten or more purchases.',
  ],
  settings: [
    { name: 'index', says: 'what the index is', value: 'tvl', words: ['tvl', 'ema', 'median', 'middle', 'mean'] },
    { name: 'shares', says: 'shares bought', value: 100, least: 1, most: 2_000 },
    { name: 'seconds', says: 'how long they are held; 0 is one transaction', value: 30, least: 0, most: 86_400 },
    {
      name: 'listed',
      says: 'how many subjects of the list are bought instead of the attacker’s own',
      value: 0,
      least: 0,
      most: 20,
    },
    { name: 'openInterest', says: 'cap of the position, USD', value: 1e6, least: 0, most: 1e9 },
  ],
  counterfactuals: [
    { id: 'ema', says: 'an exponential average of 150 s of the value locked', change: { index: 'ema' } },
    {
      id: 'median',
      says: 'the median of twenty subjects, the attacker’s own not among them',
      change: { index: 'median' },
    },
    {
      id: 'median-listed',
      says: 'the same, and six subjects of the list are bought',
      change: { index: 'median', listed: 6 },
    },
    {
      id: 'middle-listed',
      says: 'the mean of the middle eight, and six of the list are bought',
      change: { index: 'middle', listed: 6 },
    },
    { id: 'mean-listed', says: 'a plain mean, and one of the list is bought', change: { index: 'mean', listed: 1 } },
    { id: 'cap', says: 'open interest capped below the break-even', change: { openInterest: 500_000 } },
  ],
  compared: ['moved', 'cost', 'profit', 'breakEven'],
  files: [],
  simulate,
}

function figures(): Incident['figures'] {
  const tight = { tolerance: { relative: 1e-9 }, certainty: 'D' } as const
  const how = 'the share curve summed from a supply of 1'
  return [
    { id: 'ethIn', name: '100 shares from a supply of 1', unit: 'ETH', published: 21.146875, ...tight, how },
    { id: 'tvlMove', name: 'rise of $7.2M locked', unit: 'share', published: 0.004846158854166667, ...tight, how },
    { id: 'costOwn', name: 'fees both ways for the subject’s owner', unit: 'ETH', published: 2.1146875, ...tight, how },
    {
      id: 'indexValue',
      name: 'index of $7.2M',
      unit: '',
      published: 7.2,
      ...tight,
      certainty: 'N',
      how: 'value locked / 1e6',
    },
    {
      ...{ id: 'bySum', name: 'the same purchase, share by share', unit: 'ETH', published: 21.146875, ...tight },
      how: 'each share at S² / 16000, one after the other',
    },
  ]
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const attack = { supply: 1, buy: 100, ethUsd: ETH, tvlUsd: TVL }
  const own = friendAttack(attack, true)
  const [moved, costEth] = movedBy(world)
  const position = world.number('openInterest')
  const seconds = Array.from({ length: 61 }, (_, at) => at * 5)
  return {
    values: {
      ...{ ethIn: own.ethIn, tvlMove: own.tvlMove, costOwn: own.costEth, indexValue: tvlIndex(TVL, 1e6) },
      ...{ bySum: sumOfShares(1, 100), moved, cost: costEth * ETH, profit: position * moved - costEth * ETH },
      breakEven: moved > 0 ? (costEth * ETH) / moved : undefined,
    },
    series: [
      {
        ...{
          id: 'profit',
          title: 'Profit by the size of the position (value-locked index)',
          x: 'position, USD',
          y: 'USD',
        },
        lines: [true, false].map((owns) => ({
          name: owns ? 'attacker is the subject' : 'somebody else’s subject',
          points: Array.from({ length: 31 }, (_, at) => {
            const notional = (at / 10) * attackBreakEven(TVL, true)
            return [notional, friendAttackProfit(notional, attack, owns)] as const
          }),
        })),
      },
      {
        ...{ id: 'held', title: 'Rise of the index by how long the shares are held', x: 'seconds', y: '%' },
        lines: [
          { name: 'value locked', points: seconds.map((at) => [at, own.tvlMove * 100] as const) },
          { name: 'average of 150 s', points: seconds.map((at) => [at, averaged(own.tvlMove, at) * 100] as const) },
        ],
      },
    ],
  }
}

function sumOfShares(supply: number, count: number): number {
  let sum = 0
  for (let at = supply; at < supply + count; at++) sum += (at * at) / 16_000
  return sum
}

/** Rise of the index (fraction) and the fees in ETH. */
function movedBy(world: IncidentWorld): readonly [moved: number, costEth: number] {
  const shares = Math.round(world.number('shares'))
  const listed = Math.round(world.number('listed'))
  const own = friendAttack({ supply: 1, buy: shares, ethUsd: ETH, tvlUsd: TVL }, true)
  const index = world.word('index')
  if (index === 'tvl') return [own.tvlMove, own.costEth]
  if (index === 'ema') return [averaged(own.tvlMove, world.number('seconds')), own.costEth]
  const chance = prng(`friend/${world.seed}`)
  const supplies = Array.from({ length: SUBJECTS }, () => 60 + chance.int(241)).sort((a, b) => a - b)
  // The cheapest ones first: they are the cheapest to lift above the middle.
  const lifted = supplies.map((supply, at) => (at < listed ? supply + shares : supply))
  const costEth = supplies
    .slice(0, listed)
    .reduce((sum, supply) => sum + shareCost(supply + 1, shares) * 4 * FEE, listed === 0 ? own.costEth : 0)
  const value = (list: readonly number[]) =>
    subjectIndex(list.map((supply) => (supply * supply) / 16_000))[index as 'median' | 'middle' | 'mean']
  return [value(lifted) / value(supplies) - 1, costEth]
}

/** What an average of samples makes of a move that lasts so many seconds. */
function averaged(move: number, seconds: number): number {
  let average = EMPTY_EMA
  for (let at = 0; at < 2_000; at++) average = emaStep(average, 1, SAMPLE, TAU)
  for (let at = SAMPLE; at <= seconds; at += SAMPLE) average = emaStep(average, 1 + move, SAMPLE, TAU)
  return (emaValue(average) ?? 1) - 1
}
