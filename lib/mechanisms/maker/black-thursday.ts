/**
 * Black Thursday, 12–13 March 2020, as inputs of a scenario: terms of the ETH auctions on that day and afterwards, the price path, what gas and oracle
 * did, and the published figures that a replay is measured against.
 *
 * Sources: Whiterabbit, "Black Thursday for MakerDAO: $8.32 million was liquidated for 0 DAI" (Medium, 2020-03-14); CoinDesk and The Bulletin (2020-05,
 * deficit of 6.65M); Dragonfly Research, "Daos Ex Machina" (2020-03-24); Glassnode by Block Stock and Barrel (mean gas price); Binance ETHUSDT hourly
 * candles. Not confirmed by a primary source: `ttl` and `tau` before that day and the exact `beg` in production (the code's own default stands here).
 */
import type { MakerClipper } from './clip.ts'
import type { MakerFlipper } from './flip.ts'
import { RAY, WAD } from './scale.ts'

const RAD = 10n ** 45n

/** Facts of the day. Money in DAI or dollars, prices in dollars per ETH, times in unix seconds, shares as fractions. */
export type BlackThursday = {
  readonly begins: number
  readonly ends: number
  /** Least collateral ratio of ETH-A. */
  readonly liquidationRatio: number
  /** Most ETH in one auction. */
  readonly lotEth: number
  /** Hour by hour where it moved: [unix seconds, dollars]; the market, not Maker's oracle. */
  readonly ethPath: readonly (readonly [time: number, price: number])[]
  /** The lowest trade of the two days on that market. */
  readonly ethLow: number
  /** Maker's oracle: delay of the security module in seconds, and by how many dollars the medianizer lagged at most. */
  readonly oracleDelay: number
  readonly medianizerLagUsd: number
  /** Gas in gwei: about what it was before, and at the peak. */
  readonly gas: { readonly before: number; readonly peak: number }
  /** Share of liquidations won at (nearly) nothing; what that ETH was worth. */
  readonly zeroBidShare: number
  readonly zeroBidUsd: number
  /** The deficit as it was quoted over time. */
  readonly deficitDai: readonly number[]
  /** What the best liquidator gained and the worst vault lost. */
  readonly bestLiquidatorEth: number
  readonly worstVaultEth: number
  /** Bids of how many addresses took the zero-bid lots. */
  readonly zeroBidders: number
}

const at = (day: number, hour: number) => Date.UTC(2020, 2, day, hour) / 1_000

/** The day's facts. */
export const BLACK_THURSDAY: BlackThursday = {
  begins: at(12, 0),
  ends: at(14, 0),
  liquidationRatio: 1.5,
  lotEth: 50,
  ethPath: [
    [at(12, 0), 194.6],
    [at(12, 2), 185],
    [at(12, 6), 181.8],
    [at(12, 7), 173.8],
    [at(12, 10), 168],
    [at(12, 11), 132.9],
    [at(12, 14), 135],
    [at(12, 16), 141.1],
    [at(12, 20), 138.4],
    [at(12, 21), 128.8],
    [at(12, 23), 127.3],
    [at(13, 0), 107.8],
    [at(13, 2), 96.6],
    [at(13, 3), 111.1],
    [at(13, 4), 124.2],
    [at(13, 5), 109.7],
    [at(13, 7), 126.1],
    [at(13, 12), 127.6],
    [at(13, 18), 123.6],
    [at(14, 0), 134.1],
  ],
  ethLow: 86,
  oracleDelay: 3_600,
  medianizerLagUsd: 30,
  gas: { before: 33, peak: 200 },
  zeroBidShare: 0.36,
  zeroBidUsd: 8_320_000,
  deficitDai: [4_500_000, 5_670_000, 6_650_000],
  bestLiquidatorEth: 30_000,
  worstVaultEth: 35_000,
  zeroBidders: 4,
}

/** ETH-A's auctions on the day: lots of 50 ETH, a bid stands 10 minutes, an auction 6 hours, penalty 13 %. */
export function blackThursdayFlipper(): MakerFlipper {
  return {
    lot: { kind: 'lump', lump: 50n * WAD },
    ...{ chop: (RAY * 113n) / 100n, beg: (WAD * 105n) / 100n, ttl: 600n, tau: 21_600n, kicks: 0n },
  }
}

/** The same auctions as governance changed them within days: lots of 500 ETH, a bid stands 6 hours. */
export function afterBlackThursdayFlipper(): MakerFlipper {
  return { ...blackThursdayFlipper(), lot: { kind: 'lump', lump: 500n * WAD }, ttl: 21_600n }
}

/** What if: ETH-A under Liquidations 2.0 as first set in 2021 (start 30 % above the oracle, 1 % down each 90 s, reset at 40 % or after 140 min). */
export function blackThursdayClipper(): MakerClipper {
  return {
    curve: { type: 'stairstep', cut: (RAY * 99n) / 100n, step: 90n },
    ...{ chop: (WAD * 113n) / 100n, hole: 40_000_000n * RAD, dirt: 0n },
    ...{ buf: (RAY * 130n) / 100n, tail: 8_400n, cusp: (RAY * 40n) / 100n },
    ...{ tip: 300n * RAD, chip: WAD / 1_000n, stopped: 0n, kicks: 0n },
  }
}

/** Lots that a value of collateral makes at a price: value / (lot · price). */
export function impliedLots(
  { zeroBidUsd, lotEth }: Pick<BlackThursday, 'zeroBidUsd' | 'lotEth'>,
  price: number,
): number {
  return zeroBidUsd / (lotEth * price)
}

/** The market's price at a time, dollars: the last point of the path that is not later; before the path its first. */
export function blackThursdayPrice(time: number): number {
  let price = BLACK_THURSDAY.ethPath[0]?.[1] ?? 0
  for (const [from, then] of BLACK_THURSDAY.ethPath) if (from <= time) price = then
  return price
}
