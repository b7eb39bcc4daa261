/**
 * 10 October 2025 on Binance: USDe, margin of many accounts, was priced from the venue's own order book and counted $0.65; accounts that were sound at its
 * redemption price were liquidated. Drawn accounts under the margin rules of the program, with the index of that day and with others.
 */
import {
  type AccountPosition,
  accountMargin,
  marketOf,
  type PerpProfile,
  profileOfVenue,
} from '../../mechanisms/index.ts'
import { prng } from '../../model/index.ts'
import type { Incident, IncidentOutcome, IncidentWorld } from './incident.ts'

const ACCOUNTS = 3_000
const BTC = 110_000
/** What one USDe counts as margin, a fraction of its value: ours. */
const COUNTED = 0.99
/** Minutes of the window, and how the own book fell and came back in it. */
const FROM = Date.UTC(2025, 9, 10, 21, 36) / 60_000
const UNTIL = Date.UTC(2025, 9, 10, 22, 16) / 60_000
const LOW = 0.655

/** The incident. */
export const usdeCollateral: Incident = {
  id: '2025-10-10-usde-collateral',
  kind: 'incident',
  day: '2025-10-10',
  title: 'USDe at $0.65: collateral priced by one order book',
  story: [
    'USDe, wBETH and BNSOL count as margin on Binance; their index is the venue’s own order book.',
    'While everything falls, USDe trades at $0.65 to 0.66 there between 21:36 and 22:16 UTC, near $1 elsewhere and at redemption.',
    'Margin of accounts that hold it shrinks by a third; they are liquidated although their positions would have stood.',
    'The venue then puts the redemption price into the index and pays $283M.',
  ],
  sources: [
    { what: 'Binance: compensation of $283M, change of the index', asOf: '2025-10-12', certainty: 'N' },
    { what: 'Press: $0.65 to 0.66, 21:36 to 22:16 UTC', asOf: '2025-10-11', certainty: 'N' },
  ],
  disputed: [
    {
      figure: 'what happened to USDe',
      told: [
        { value: 'a depeg', by: 'press of the night', certainty: 'N' },
        { value: 'a price of one venue', by: 'Ethena: redemptions went on at $1', certainty: 'N' },
      ],
    },
  ],
  initial: [
    '3,000 accounts with USDe as their only margin and a long of BTC at 1 to 10 times of it (drawn); $4.7B of USDe in all (fitted)',
  ],
  path: 'BTC stands; USDe on the own book to $0.655 in ten minutes, ten there, and back by 22:16',
  rules: [
    'an account is liquidated when equity falls below maintenance (tiers of BTCUSDT); its USDe is taken at the index of that minute',
  ],
  figures: [
    {
      ...{
        id: 'minutes',
        name: 'minutes in which the index was wrong',
        unit: 'min',
        published: 40,
        tolerance: 'exact',
      },
      ...{ certainty: 'N', how: 'minutes of the run at which the own book stands below the redemption price' },
    },
    {
      ...{
        id: 'paid',
        name: 'what accounts lost to the index alone',
        unit: 'USD',
        published: 283e6,
        tolerance: { relative: 0.05 },
      },
      ...{
        certainty: 'N',
        how: 'USDe of those liquidated · (redemption price − index at that minute)',
        fitted: 'usde',
      },
    },
    {
      ...{
        id: 'sound',
        name: 'accounts liquidated with the redemption price in the index',
        unit: 'share',
        published: 0,
      },
      ...{ tolerance: 'exact', certainty: 'D', how: 'the same accounts, the same minutes' },
    },
  ],
  measures: [
    { id: 'hit', name: 'accounts liquidated', unit: 'share' },
    { id: 'lowest', name: 'lowest index', unit: 'USD' },
    { id: 'leverage', name: 'lowest leverage that was liquidated', unit: '' },
  ],
  fitted: [{ name: 'usde', value: 4.68e9, unit: 'USD', to: 'paid' }],
  limits: [
    'BTC is held still to see the index alone; that night it fell as well.',
    'Compensation was for wBETH and BNSOL too; all of it is put on USDe here, so the fitted sum is an upper bound.',
  ],
  settings: [
    {
      name: 'index',
      says: 'what prices the collateral',
      value: 'own-book',
      words: ['own-book', 'redemption', 'median'],
    },
    { name: 'low', says: 'lowest price on the own book, USD', value: LOW, least: 0.01, most: 1 },
    {
      name: 'floor',
      says: 'farthest that the index may lie below redemption, a fraction; 1 is no limit',
      value: 1,
      least: 0,
      most: 1,
    },
    { name: 'usde', says: 'USDe of all accounts, USD', value: 4.68e9, least: 1_000, most: 1e12 },
  ],
  counterfactuals: [
    { id: 'redemption', says: 'the redemption price is the index', change: { index: 'redemption' } },
    {
      id: 'median',
      says: 'the median of the own book, another venue near $1, and redemption',
      change: { index: 'median' },
    },
    { id: 'floor', says: 'the own book, at most 5 % below redemption', change: { floor: 0.05 } },
  ],
  compared: ['hit', 'paid', 'lowest', 'leverage'],
  files: [],
  simulate,
}

type Holder = { readonly usde: number; readonly leverage: number }

function simulate(world: IncidentWorld): IncidentOutcome {
  // Whoever does not stand at the redemption price was liquidated before.
  const drawn = holdersOf(world)
  const before = liquidated(drawn, [1])
  const holders = drawn.filter((_, at) => before[at] === undefined)
  const own = minutesOf(world)
  const main = liquidated(
    holders,
    own.map(({ index }) => index),
  )
  const sound = liquidated(
    holders,
    own.map(() => 1),
  )
  const hit = main.filter((minute) => minute !== undefined).length
  const lost = main.reduce<number>(
    (sum, minute, at) =>
      minute === undefined ? sum : sum + (holders[at]?.usde ?? 0) * (1 - (own[minute]?.index ?? 1)),
    0,
  )
  const hitLeverage = holders.filter((_, at) => main[at] !== undefined).map(({ leverage }) => leverage)
  return {
    values: {
      minutes: own.filter(({ book }) => book < 1).length,
      ...{ paid: lost, sound: sound.filter((minute) => minute !== undefined).length / holders.length },
      ...{ hit: hit / holders.length, lowest: Math.min(...own.map(({ index }) => index)) },
      leverage: hitLeverage.length > 0 ? Math.min(...hitLeverage) : undefined,
    },
    series: [
      {
        ...{ id: 'index', title: 'USDe on the own book, and in the index', x: 'minutes after 21:36 UTC', y: 'USD' },
        lines: [
          { name: 'own book', points: own.map(({ book }, minute) => [minute, book] as const) },
          { name: 'index', points: own.map(({ index }, minute) => [minute, index] as const) },
        ],
      },
    ],
  }
}

/** Own book and index at each minute: down in ten, ten there, back in twenty. */
function minutesOf(world: IncidentWorld): readonly { readonly book: number; readonly index: number }[] {
  const [low, kind, floor] = [world.number('low'), world.word('index'), world.number('floor')]
  return Array.from({ length: UNTIL - FROM + 2 }, (_, minute) => {
    const part = minute <= 10 ? minute / 10 : minute <= 20 ? 1 : Math.max(0, 1 - (minute - 20) / 21)
    const book = minute === 0 ? 1 : 1 - (1 - low) * part
    const asked = kind === 'redemption' ? 1 : kind === 'median' ? [book, 0.985, 1].sort((a, b) => a - b)[1] : book
    return { book, index: Math.max(asked ?? 1, 1 - floor) }
  })
}

function holdersOf(world: IncidentWorld): readonly Holder[] {
  const chance = prng(`usde/${world.seed}`)
  const sizes = Array.from({ length: ACCOUNTS }, () => Math.exp(1.5 * chance.normal()))
  const whole = sizes.reduce((sum, one) => sum + one, 0)
  return sizes.map((size) => ({ usde: (size / whole) * world.number('usde'), leverage: 1 + 8.8 * chance.next() }))
}

/** The first minute at which each account stands below its maintenance, in the tiers of Binance. */
function liquidated(holders: readonly Holder[], index: readonly number[]): readonly (number | undefined)[] {
  const profile = profileOfVenue('binance', 'BTCUSDT') as PerpProfile
  const contract = marketOf(profile, 'BTCUSDT')
  return holders.map(({ usde, leverage }) => {
    const size = (usde * leverage) / BTC
    const position: AccountPosition = {
      contract,
      position: { side: 'long', size, entryPrice: BTC * 1.08 },
      mark: BTC,
      leverage: 1,
    }
    const at = index.findIndex((price) => {
      const collateral = [{ coin: 'USDe', amount: usde * COUNTED, price }]
      const { equity, maintenance } = accountMargin({ collateral, positions: [position] })
      return equity < maintenance
    })
    return at < 0 ? undefined : at
  })
}
