/** Binance's brackets of several days: USD-M of 2021 and 2024, COIN-M of 2020 and 2021. */
import type { ProfileMarket } from '../perp/profile.ts'
import { brackets, market } from './parts.ts'

const OF_2024 = {
  asOf: '2024-10-24',
  source: 'Binance leverage brackets of 2024-10-24, as collected by freqtrade',
} as const
const OF_2021 = {
  asOf: '2021-03-26',
  source:
    'brackets read out of Binance’s web page on 2021-03-26; the deduction of 16,300 USDT is that of Binance’s own worked example; leverages follow from the rates as in 2024',
} as const

/** USD-M brackets of 2024-10-24. */
export const USDM_2024: readonly ProfileMarket[] = [
  market(
    ['BTCUSDT', 'BTC', 'USDT', 'USDT'],
    [1, 0.1, 0.001],
    brackets(
      [
        [0, 0.004, 125],
        [50_000, 0.005, 100],
        [600_000, 0.0065, 75],
        [3_000_000, 0.01, 50],
        [12_000_000, 0.02, 25],
        [70_000_000, 0.025, 20],
        [100_000_000, 0.05, 10],
        [230_000_000, 0.1, 5],
        [480_000_000, 0.125, 4],
        [600_000_000, 0.15, 3],
        [800_000_000, 0.25, 2],
        [1_200_000_000, 0.5, 1],
      ],
      1_800_000_000,
    ),
    OF_2024,
  ),
  market(
    ['ETHUSDT', 'ETH', 'USDT', 'USDT'],
    [1, 0.01, 0.001],
    brackets(
      [
        [0, 0.004, 125],
        [50_000, 0.005, 100],
        [600_000, 0.0065, 75],
        [3_000_000, 0.01, 50],
        [12_000_000, 0.02, 25],
        [50_000_000, 0.025, 20],
        [65_000_000, 0.05, 10],
        [150_000_000, 0.1, 5],
        [320_000_000, 0.125, 4],
        [400_000_000, 0.15, 3],
        [530_000_000, 0.25, 2],
        [800_000_000, 0.5, 1],
      ],
      1_200_000_000,
    ),
    OF_2024,
  ),
  market(
    ['SOLUSDT', 'SOL', 'USDT', 'USDT'],
    [1, 0.01, 1],
    brackets(
      [
        [0, 0.005, 100],
        [20_000, 0.0065, 75],
        [100_000, 0.01, 50],
        [800_000, 0.02, 25],
        [4_000_000, 0.025, 20],
        [8_000_000, 0.05, 10],
        [40_000_000, 0.1, 5],
        [80_000_000, 0.125, 4],
        [100_000_000, 0.25, 2],
        [200_000_000, 0.5, 1],
      ],
      400_000_000,
    ),
    OF_2024,
  ),
  market(
    ['1000PEPEUSDT', '1000PEPE', 'USDT', 'USDT'],
    [1, 0.0000001, 1],
    brackets(
      [
        [0, 0.0065, 75],
        [20_000, 0.01, 50],
        [200_000, 0.015, 40],
        [300_000, 0.02, 25],
        [1_500_000, 0.025, 20],
        [3_000_000, 0.05, 10],
        [15_000_000, 0.1, 5],
        [30_000_000, 0.125, 4],
        [37_500_000, 0.25, 2],
        [75_000_000, 0.5, 1],
      ],
      150_000_000,
    ),
    OF_2024,
  ),
]

/** USD-M brackets of spring 2021: BTCUSDT alone. */
export const USDM_2021: readonly ProfileMarket[] = [
  market(
    ['BTCUSDT', 'BTC', 'USDT', 'USDT'],
    [1, 0.01, 0.001],
    brackets(
      [
        [0, 0.004, 125],
        [50_000, 0.005, 100],
        [250_000, 0.01, 50],
        [1_000_000, 0.025, 20],
        [10_000_000, 0.05, 10],
        [20_000_000, 0.1, 5],
        [50_000_000, 0.125, 4],
        [100_000_000, 0.15, 3],
        [200_000_000, 0.25, 2],
        [300_000_000, 0.5, 1],
      ],
      500_000_000,
    ),
    OF_2021,
  ),
]

/** Rates of BTCUSD by the largest leverage, which the deductions 0.56, 1.81 and 11.81 BTC of Binance's examples confirm from 125x to 4x. */
const COINM_RATES = [
  [0.004, 125],
  [0.005, 100],
  [0.01, 50],
  [0.025, 20],
  [0.05, 10],
  [0.1, 5],
  [0.125, 4],
] as const

function btcusd(floors: readonly number[], ceiling: number, of: Pick<ProfileMarket, 'asOf' | 'source'>): ProfileMarket {
  const rows = COINM_RATES.map(([rate, leverage], at) => [floors[at] as number, rate, leverage] as const)
  return market(['BTCUSD_PERP', 'BTC', 'USD', 'BTC'], [100, 0.1, 1], brackets(rows, ceiling, { unit: 'coin' }), of)
}

/** COIN-M brackets of BTCUSD in 2020. */
export const COINM_2020: readonly ProfileMarket[] = [
  btcusd([0, 10, 20, 30, 50, 100, 200], 400, {
    asOf: '2020-06-11',
    source: 'leverages by notional of Binance’s page; the rates give its worked deductions 0.56, 1.81 and 11.81 BTC',
  }),
]

/** COIN-M brackets of BTCUSD since the lower limits of 2021. */
export const COINM_2021: readonly ProfileMarket[] = [
  btcusd([0, 5, 10, 20, 50, 100, 200], 400, {
    asOf: '2021-07-27',
    source: 'leverages by notional of Binance’s page as of 2021; the rates are taken to be those of 2020',
  }),
]
