/** Five days of which totals were published: what the sources say, what agrees among them, and the book that the model needs for it. */
import { baseOfMultiple } from '../system/index.ts'
import { dayOfTotals } from './day-of-totals.ts'
import type { Incident } from './incident.ts'

/** 22 February 2021. */
export const february2021: Incident = dayOfTotals({
  ...{
    id: '2021-02-22-february-drop',
    day: '2021-02-22',
    title: '22 February 2021: one day, two totals',
    coin: 'ETH',
    book: 'loans',
  },
  story: [
    'ETH falls from $1,935 to $1,551 within a day.',
    'DeBank counts $24.1M of liquidations in DeFi in that week; later its series says $129.6M for the same day.',
    'The record day three months later is measured against the second number.',
  ],
  sources: [
    { what: 'DeBank as quoted in the week (bitdesk)', asOf: '2021-02', certainty: 'N' },
    { what: 'DeBank’s later series (CoinDesk, 19 May 2021)', asOf: '2021-05-19', certainty: 'N' },
    { what: 'Hourly ETHUSDT', asOf: '2021-02-23', certainty: 'S' },
  ],
  disputed: [
    {
      figure: 'liquidated, USD',
      told: [
        { value: '24.1M', by: 'DeBank at the time', certainty: 'N' },
        { value: '129.6M', by: 'DeBank, restated', certainty: 'N' },
      ],
      says: 'Nothing says what was added; both are kept with their dates.',
    },
  ],
  ...{ before: 1_935, low: 1_551, total: 129_600_000, certainty: 'N', interest: 7.75e8, volume: 4e6, volatility: 0.06 },
  relations: [
    {
      ...{
        id: 'multiple',
        name: '662M of 19 May over this day',
        unit: '',
        published: 5.1,
        tolerance: { absolute: 0.05 },
      },
      ...{ certainty: 'D', how: 'ratio of the two totals', model: 662 / 129.6 },
    },
    {
      ...{
        id: 'base',
        name: 'what "14-fold to 662M" was a rise from',
        unit: 'USD',
        published: 47.3e6,
        tolerance: { relative: 0.002 },
      },
      ...{ certainty: 'D', how: 'total / multiple', model: baseOfMultiple(662e6, 14) },
    },
  ],
  limits: ['No account of that day is in the program.'],
})

/** 5 August 2024. */
export const august2024: Incident = dayOfTotals({
  ...{
    id: '2024-08-05-yen-unwind',
    day: '2024-08-05',
    title: '5 August 2024: the yen turns, loans on ETH fall',
    coin: 'ETH',
    book: 'loans',
  },
  story: [
    'The yen rises, carry trades are closed; ETH falls from about $2,900 on Sunday to $2,111 in the night.',
    'Gas on Ethereum reaches 710 gwei.',
    'DeFi liquidates about $341M, Aave v3 alone $253M: more than half of all it had liquidated until then.',
    'A map computed before had $92M at $1,950 and $271M at $1,790.',
  ],
  sources: [
    { what: 'The Defiant, Block Analitica', asOf: '2024-08-06', certainty: 'N' },
    { what: 'Hourly ETHUSDT', asOf: '2024-08-06', certainty: 'S' },
  ],
  disputed: [
    {
      figure: 'liquidated in DeFi, USD',
      told: [
        { value: '341M', by: 'Block Analitica', certainty: 'N' },
        { value: '436M', by: 'an article of 2025', certainty: '?' },
      ],
    },
    {
      figure: 'LLAMMA against the others',
      told: [{ value: '$4K against $436M', by: 'an article of 2025', certainty: '?' }],
      says: 'Not found anywhere, and not like with like: the page Mechanisms runs the same path through both kinds, by debt.',
    },
  ],
  ...{ before: 2_900, low: 2_111, total: 341_000_000, certainty: 'N', interest: 1.41e9, volume: 6e6, volatility: 0.05 },
  relations: [
    {
      ...{
        id: 'parts',
        name: 'Aave v3, Spark, Compound and Morpho together',
        unit: 'USD',
        published: 341e6,
        tolerance: { relative: 0.005 },
      },
      ...{ certainty: 'N', how: '253.4 + 35 + 34.8 + 18.1 million', model: (253.4 + 35 + 34.8 + 18.1) * 1e6 },
    },
    {
      ...{
        id: 'history',
        name: 'the day’s part of all of Aave v3’s liquidations until then',
        unit: 'share',
        published: 0.59,
      },
      ...{ tolerance: { absolute: 0.005 }, certainty: 'N', how: '253.4 / 428.9', model: 253.4 / 428.9 },
    },
  ],
  limits: [
    'The two points of the map cannot be met together with the total: the map is of another moment and other debts.',
  ],
})

/** 3 February 2025. */
export const february2025: Incident = dayOfTotals({
  ...{
    id: '2025-02-03-undercount',
    day: '2025-02-03',
    title: '3 February 2025: a venue says that its feed shows a sixth',
    coin: 'ETH',
    book: 'perps',
  },
  story: [
    'Tariffs on Canada, Mexico and China; ETH falls from about $3,100 to $2,125 in a day.',
    'CoinGlass reports $2.2 to 2.3B, the largest day of a total until then.',
    'Bybit’s head says that his venue alone liquidated $2.1B, of which the public feed showed $333M.',
    'All feeds corrected alike make $8 to 10B; from 20 February on Bybit’s feed is complete.',
  ],
  sources: [
    { what: 'CoinGlass', asOf: '2025-02-03', certainty: 'N' },
    { what: 'Bybit’s chief executive on X', asOf: '2025-02-03', certainty: 'K' },
    { what: 'Hourly ETHUSDT', asOf: '2025-02-04', certainty: 'S' },
  ],
  disputed: [
    {
      figure: 'liquidated, USD',
      told: [
        { value: '2.2B to 2.3B', by: 'CoinGlass', certainty: 'N' },
        { value: '8B to 10B', by: 'Bybit’s head, all venues', certainty: 'K' },
      ],
      says: 'The first is a sum of throttled feeds: a lower bound. The second is an estimate.',
    },
  ],
  ...{
    before: 3_100,
    low: 2_125,
    total: 2_250_000_000,
    certainty: 'N',
    interest: 2.88e9,
    volume: 2e7,
    volatility: 0.06,
  },
  relations: [
    {
      ...{
        id: 'factor',
        name: 'liquidated over shown, at Bybit',
        unit: '',
        published: 6.3,
        tolerance: { absolute: 0.05 },
      },
      ...{ certainty: 'K', how: '2.1B / 333M', model: 2_100 / 333 },
    },
  ],
  limits: ['The total that is fitted is the reported one, so the book is of what was shown, not of what there was.'],
})

/** 25 February 2025. */
export const sellOff2025: Incident = dayOfTotals({
  ...{
    id: '2025-02-25-sell-off',
    day: '2025-02-25',
    title: '25 February 2025: stocks fall, bitcoin below $87,000',
    coin: 'BTC',
    book: 'perps',
  },
  story: [
    'Equities fall, money leaves the bitcoin funds; BTC goes from about $96,000 to $86,000 in a day.',
    'Trackers report about $1.5B of liquidations, nearly all of them longs.',
    'Nothing else was published that a model could be held against.',
  ],
  sources: [{ what: 'Press on CoinGlass totals', asOf: '2025-02-25', certainty: '?' }],
  disputed: [],
  ...{
    before: 96_000,
    low: 86_000,
    total: 1_500_000_000,
    certainty: '?',
    interest: 2.9e9,
    volume: 6e5,
    volatility: 0.03,
  },
  relations: [],
  limits: ['The total was not verified against a primary source.'],
})

/** 7 April 2025. */
export const april2025: Incident = dayOfTotals({
  ...{
    id: '2025-04-07-tariffs',
    day: '2025-04-07',
    title: '7 April 2025: tariffs over a weekend',
    coin: 'BTC',
    book: 'perps',
  },
  story: [
    'Tariffs are announced on 2 April and answered on 4 April; stocks are closed over the weekend, coins trade on.',
    'BTC falls from about $83,000 on Sunday to $74,508 in the night, ETH to $1,411.',
    'Trackers report about $1.4B of liquidations in 24 hours.',
  ],
  sources: [
    { what: 'Press on CoinGlass totals', asOf: '2025-04-07', certainty: '?' },
    { what: '5-minute BTCUSDT and ETHUSDT perps', asOf: '2025-04-07', certainty: 'S' },
  ],
  disputed: [],
  ...{
    before: 83_000,
    low: 74_508,
    total: 1_400_000_000,
    certainty: '?',
    interest: 2.7e9,
    volume: 6e5,
    volatility: 0.03,
  },
  relations: [],
  limits: ['The total was not verified against a primary source; when after the headline it came is not in it.'],
})
