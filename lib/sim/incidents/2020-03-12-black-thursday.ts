/**
 * Black Thursday, 12–13 March 2020: vaults of Maker auctioned in English auctions while the chain was congested, a third of them won at nothing; the
 * same vaults on the same path under the Dutch auctions of 2021. Facts, path and terms: `mechanisms/maker/black-thursday.ts`.
 */
import { BLACK_THURSDAY, blackThursdayPrice, osm } from '../../mechanisms/index.ts'
import { type Prng, prng, type UnixSeconds } from '../../model/index.ts'
import { liquidator } from '../agents/liquidator.ts'
import { poolImpact } from '../impact.ts'
import {
  clipRoom,
  depthOf,
  drawBorrowers,
  flipRoom,
  type MarketPlan,
  type MarketRun,
  runMarket,
} from '../market/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

/** Seconds of a step, and how many there are: two days. */
const STEP = 180
const STEPS = (BLACK_THURSDAY.ends - BLACK_THURSDAY.begins) / STEP
/** A bid below this part of the lot's worth is next to nothing. */
const NEXT_TO_NOTHING = 0.01
const KEEPERS = 6
/** Spread of the log of the gas prices that keepers' scripts bear: the room's own default. */
const GAS_SPREAD = 0.8
/** Gas fluctuates around the hour's level: seconds in which a fluctuation is half forgotten. */
const GAS_MEMORY = 1_200

/** From which hour of 12 March gas stands at so many gwei: 33 before and 200 at the peak were published, the steps between are ours. */
const GAS_HOURS = [
  [0, 33],
  [8, 60],
  [11, 200],
  [18, 120],
  [30, 60],
] as const

/** The incident. */
export const blackThursday: Incident = {
  id: '2020-03-12-black-thursday',
  kind: 'incident',
  day: '2020-03-12',
  until: '2020-03-13',
  title: 'Black Thursday: auctions of Maker won at 0 DAI',
  story: [
    'ETH falls by 43 to 50 % in a day; everybody sells, and Ethereum’s blocks are full.',
    'Maker’s oracle is an hour behind; at each of its updates hundreds of vaults are opened for auction in lots of 50 ETH.',
    'Most keepers run scripts that cannot raise their gas price: their bids do not get in, and DAI is scarce.',
    'Whoever gets in alone bids next to nothing. A bid stands for ten minutes; nobody answers; 36 % of the lots go for 0 DAI.',
    'Maker is left with millions of DAI that nothing backs, prints MKR to fill the hole, and takes USDC as collateral within days.',
  ],
  sources: [
    {
      what: 'Whiterabbit: $8.32 million was liquidated for 0 DAI',
      url: 'https://medium.com/@whiterabbit_hq/black-thursday-for-makerdao-8-32-million-was-liquidated-for-0-dai-36b83cac56b6',
      asOf: '2020-03-14',
      certainty: 'S',
    },
    {
      what: 'Press of the following weeks: deficit of 6.65M DAI, more than 20,000 MKR minted',
      asOf: '2020-05-04',
      certainty: 'N',
    },
    { what: 'Hourly candles of ETHUSDT (Binance spot)', asOf: '2020-03-14', certainty: 'S' },
    { what: 'Number of auctions of the two days, 3,994, of them 1,462 at nothing', asOf: '2020-03-14', certainty: 'K' },
  ],
  disputed: [
    {
      figure: 'deficit, DAI',
      told: [
        { value: '4.5M', by: 'first reports', certainty: 'N' },
        { value: '5.67M', by: 'Whiterabbit, 14 March', certainty: 'S' },
        { value: '6.65M', by: 'press, May 2020', certainty: 'N' },
      ],
      says: 'Interest and later auctions moved it; the first two count the two days only.',
    },
    {
      figure: 'day',
      told: [
        { value: 'Tuesday, 11 March', by: 'an article of 2025', certainty: '?' },
        { value: 'Thursday, 12 March', by: 'everybody else', certainty: 'S' },
      ],
    },
  ],
  initial: [
    'ETH at $194.60; 600 vaults with loan-to-values between 25 and 66 %, sizes lognormal (drawn; the real vaults are not in the program)',
    'six keepers with 2M DAI each; the gas prices that their scripts bear lie at the quantiles of a lognormal',
  ],
  path: 'hourly ETHUSDT of 12 and 13 March; gas 33 gwei before, about 200 at the peak, fluctuating in between',
  rules: [
    'ETH-A of that day: 150 %, penalty 13 %, lots of 50 ETH, a bid stands 10 minutes, an auction 6 hours, steps of 5 % (the last three not confirmed by a primary source)',
    'prices wait an hour in the Oracle Security Module',
  ],
  figures: figures(),
  measures: [
    { id: 'zeroLots', name: 'lots won at nothing', unit: 'lots' },
    { id: 'zeroEth', name: 'ETH won at nothing', unit: 'ETH' },
    { id: 'zeroShareAny', name: 'share of lots won at nothing', unit: 'share' },
    { id: 'deficitAny', name: 'debt left without backing', unit: 'DAI' },
    { id: 'auctionsAny', name: 'auctions', unit: 'auctions' },
  ],
  fitted: [
    { name: 'gasMedian', value: 90, unit: 'gwei', to: 'zeroShare' },
    { name: 'gasDraw', value: 6, unit: '', to: 'zeroShare' },
    { name: 'debt', value: 22.7e6, unit: 'DAI', to: 'zeroUsd' },
  ],
  limits: [
    'The share depends on which hour congestion and the oracle’s updates meet: eight draws of the same fluctuation give 7 to 73 %, 42 % on average at this median.',
    'Non-zero bids of the model leave more debt uncovered than those of the day, so its deficit lies above the first count and near the last.',
    'Whoever outbids a bid of nothing offers the least step more, so longer auctions do not help in the model as they did later.',
    'Flop auctions, the scarcity of DAI above its peg, and vaults other than ETH-A are left out.',
    'Under Dutch auctions the keepers take what pays; a single one who waits for a lower price is not modelled.',
  ],
  settings: settings(),
  counterfactuals: [
    { id: 'clip', says: 'Dutch auctions as set in 2021 (Liquidations 2.0)', change: { mechanism: 'maker-clip' } },
    { id: 'no-congestion', says: 'the same fall, gas as before', change: { congestion: 0 } },
    { id: 'scripts', says: 'keepers whose scripts raise their gas price', change: { gasMedian: 1_000 } },
    { id: 'usdc', says: 'a third of the debt stands against USDC instead of ETH', change: { stableShare: 0.33 } },
  ],
  compared: ['zeroShareAny', 'zeroLots', 'zeroEth', 'deficitAny', 'auctionsAny'],
  files: [],
  simulate,
}

function figures(): Incident['figures'] {
  const how = 'vaults of ETH-A in the market room of Flip: Cat, Flipper and Vow on the recorded path'
  const same = 'the same vaults, path, gas and keepers in the room of Clip'
  return [
    {
      ...{ id: 'zeroShare', name: 'share of lots won at nothing (Flip)', unit: 'share', published: [0.3, 0.4] },
      ...{ tolerance: 'exact', certainty: 'S', how, fitted: 'gasMedian' },
    },
    {
      ...{ id: 'zeroUsd', name: 'worth of ETH won at nothing', unit: 'USD', published: BLACK_THURSDAY.zeroBidUsd },
      ...{ tolerance: { relative: 0.05 }, certainty: 'S', how, fitted: 'debt' },
    },
    {
      ...{ id: 'auctions', name: 'auctions of the two days', unit: 'auctions', published: 3_994 },
      ...{ tolerance: { relative: 0.1 }, certainty: 'K', how },
    },
    {
      ...{
        id: 'deficitTold',
        name: 'deficit, range as quoted over time',
        unit: 'DAI',
        published: [4_500_000, 6_650_000],
      },
      ...{ tolerance: { relative: 0.01 }, certainty: 'N', how },
    },
    {
      ...{ id: 'deficit', name: 'deficit, as of 14 March', unit: 'DAI', published: 5_670_000 },
      ...{ tolerance: { relative: 0.15 }, certainty: 'S', how },
    },
    {
      ...{ id: 'clipZeroShare', name: 'share of lots won at nothing under Clip', unit: 'share', published: [0, 0.01] },
      ...{ tolerance: 'exact', certainty: 'D', how: same },
    },
    {
      ...{ id: 'clipDeficitShare', name: 'deficit under Clip / under Flip', unit: 'share', published: [0, 0.1] },
      ...{ tolerance: 'exact', certainty: 'D', how: same },
    },
  ]
}

function settings(): Incident['settings'] {
  return [
    {
      name: 'mechanism',
      says: 'how collateral is auctioned',
      value: 'maker-flip',
      words: ['maker-flip', 'maker-clip'],
    },
    { name: 'debt', says: 'debt of all vaults, DAI', value: 22.7e6, least: 1e5, most: 1e8 },
    { name: 'stableShare', says: 'part of the debt that stands against USDC', value: 0, least: 0, most: 0.95 },
    {
      name: 'gasMedian',
      says: 'median of the gas prices that keepers’ scripts bear, gwei',
      value: 90,
      least: 1,
      most: 10_000,
    },
    { name: 'gasNoise', says: 'spread of the log of gas around the hour’s level', value: 0.5, least: 0, most: 3 },
    { name: 'gasDraw', says: 'which draw of that fluctuation', value: 6, least: 0, most: 1e6 },
    { name: 'congestion', says: 'how far gas rises, times the recorded rise', value: 1, least: 0, most: 10 },
    { name: 'cash', says: 'DAI of each keeper', value: 2e6, least: 0, most: 1e9 },
    { name: 'lot', says: 'most ETH in one auction of Flip', value: BLACK_THURSDAY.lotEth, least: 1, most: 1e5 },
    { name: 'ttl', says: 'seconds that a bid stands in Flip', value: 600, least: 10, most: 86_400 },
  ]
}

type Count = {
  readonly auctions: number
  readonly zero: number
  readonly zeroEth: number
  readonly zeroUsd: number
  readonly deficit: number
  readonly share: number | undefined
  /** Hours after the start, dollars won at nothing and DAI of deficit so far. */
  readonly zeroSoFar: readonly (readonly [number, number])[]
  readonly deficitSoFar: readonly (readonly [number, number])[]
}

function simulate(world: IncidentWorld): IncidentOutcome {
  const gwei = gasPath(world, prng(`black-thursday/gas/${world.number('gasDraw')}`))
  const count = (mechanism: string) => countOf(runOf(world, mechanism, gwei))
  const clip = count('maker-clip')
  const main = world.word('mechanism') === 'maker-clip' ? clip : count('maker-flip')
  const hours = (at: number) => (at * STEP) / 3_600
  return {
    values: {
      ...{ zeroShare: main.share, zeroUsd: main.zeroUsd, auctions: main.auctions, deficit: main.deficit },
      ...{ deficitTold: main.deficit, clipZeroShare: clip.share },
      clipDeficitShare: main.deficit > 0 ? clip.deficit / main.deficit : undefined,
      ...{ zeroLots: main.zero, zeroEth: main.zeroEth, zeroShareAny: main.share },
      ...{ deficitAny: main.deficit, auctionsAny: main.auctions },
    },
    series: [
      {
        ...{ id: 'deficit', title: 'Debt left without backing', x: 'hours after 12 March 00:00 UTC', y: 'DAI' },
        lines: [
          { name: world.word('mechanism'), points: main.deficitSoFar },
          ...(main === clip ? [] : [{ name: 'maker-clip, same path', points: clip.deficitSoFar }]),
        ],
      },
      {
        ...{ id: 'gas', title: 'Gas price', x: 'hours after 12 March 00:00 UTC', y: 'gwei' },
        lines: [{ name: 'gas', points: gwei.flatMap((one, at) => (at % 5 === 0 ? [[hours(at), one] as const] : [])) }],
      },
    ],
  }
}

/** Gwei at each step: the hour's level times a lognormal that forgets itself. */
function gasPath(world: IncidentWorld, chance: Prng): readonly number[] {
  const [noise, congestion, { before }] = [world.number('gasNoise'), world.number('congestion'), BLACK_THURSDAY.gas]
  const kept = 0.5 ** (STEP / GAS_MEMORY)
  let state = chance.normal()
  return Array.from({ length: STEPS }, (_, step) => {
    const level = GAS_HOURS.findLast(([from]) => from <= (step * STEP) / 3_600)?.[1] ?? before
    state = kept * state + Math.sqrt(1 - kept * kept) * chance.normal()
    return before + congestion * (level - before) * Math.exp(noise * state)
  })
}

function runOf(world: IncidentWorld, mechanism: string, gwei: readonly number[]): MarketRun {
  const start = BLACK_THURSDAY.begins as UnixSeconds
  const price = blackThursdayPrice(start)
  const debt = world.number('debt') * (1 - world.number('stableShare'))
  const borrowers = drawBorrowers(
    { accounts: 600, price, lowLtv: 0.25, highLtv: 0.66, crowding: 1, sizeSpread: 1, debt },
    prng(`black-thursday/${world.seed}`).fork('book'),
  )
  const setup = { id: 'maker', symbol: 'ETH', borrowers, price, start, oracle: osm(BLACK_THURSDAY.oracleDelay) }
  const [cash, gasMedian] = [world.number('cash'), world.number('gasMedian')]
  const english = {
    keepers: KEEPERS,
    cash,
    gasMedian,
    gasSpread: GAS_SPREAD,
    lot: world.number('lot'),
    ttl: world.number('ttl'),
  }
  const vault = { liquidationRatio: BLACK_THURSDAY.liquidationRatio, penalty: 0.13 }
  const room =
    mechanism === 'maker-flip'
      ? flipRoom.make({ ...setup, params: { ...vault, ...english } })
      : clipRoom.make({ ...setup, params: { ...vault, buf: 1.3, cut: 0.99, step: 90, tail: 8_400, cusp: 0.4 } })
  return runMarket({
    ...{ start, seconds: STEP, rooms: [room], competition: 'open-auction' },
    outside: new Map([['ETH', Array.from({ length: STEPS }, (_, at) => blackThursdayPrice(start + at * STEP))]]),
    depths: new Map([['ETH', depthOf({ impact: poolImpact({ reserve: 2e6 }), halfLife: 1_800 }, price)]]),
    competitors: mechanism === 'maker-flip' ? [] : takers(cash, gasMedian),
    gas: { gwei: (step) => gwei[step] ?? BLACK_THURSDAY.gas.before, units: 200_000, symbol: 'ETH' },
  })
}

/** The keepers of the English auctions as takers of Dutch ones: same gas prices, same money. */
function takers(capital: number, gasMedian: number): MarketPlan['competitors'] {
  return Array.from({ length: KEEPERS }, (_, at) => {
    const p = (at + 0.5) / KEEPERS
    const gasCeiling = gasMedian * Math.exp((GAS_SPREAD * Math.sqrt(3) * Math.log(p / (1 - p))) / Math.PI)
    const agent = liquidator<unknown>({ leastProfit: 50, tipShare: 0, gasCeiling })
    return { id: `keeper-${at + 1}`, agent, capital, latency: 0 }
  })
}

function countOf(run: MarketRun): Count {
  let [auctions, ended, zero, zeroEth, zeroUsd, deficit] = [0, 0, 0, 0, 0, 0]
  const zeroSoFar: [number, number][] = [[0, 0]]
  const deficitSoFar: [number, number][] = [[0, 0]]
  for (const { facts, step } of run.entries)
    for (const fact of facts) {
      const hour = (step * STEP) / 3_600
      if (fact.type === 'auction-started') auctions += 1
      if (fact.type === 'bad-debt') {
        deficit += Number(fact.loss.atoms ?? 0n) / 1e45
        note(deficitSoFar, hour, deficit)
      }
      if (fact.type !== 'auction-taken') continue
      ended += 1
      const eth = Number(fact.bought?.atoms ?? 0n) / 1e18
      const worth = eth * (run.steps[step]?.prices.get('ETH') ?? 0)
      if (Number(fact.paid?.atoms ?? 0n) / 1e45 >= NEXT_TO_NOTHING * worth) continue
      zero += 1
      zeroEth += eth
      zeroUsd += worth
      note(zeroSoFar, hour, zeroUsd)
    }
  for (const line of [zeroSoFar, deficitSoFar]) line.push([48, line.at(-1)?.[1] ?? 0])
  return {
    auctions,
    zero,
    zeroEth,
    zeroUsd,
    deficit,
    share: ended > 0 ? zero / ended : undefined,
    zeroSoFar,
    deficitSoFar,
  }
}

/** One point a step. */
function note(line: [number, number][], hour: number, value: number): void {
  const last = line.at(-1)
  if (last && last[0] === hour) last[1] = value
  else line.push([hour, value])
}
