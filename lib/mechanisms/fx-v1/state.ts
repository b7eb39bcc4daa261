/** f(x) v1's state as plain data, its terms and its actions. */
import { type FxV1Lines, WAD } from './rules.ts'

/** A fee ratio and what is added to it in stability mode (may be negative), wad. */
export type FxV1Fee = { readonly usual: bigint; readonly extra: bigint }

/** Ratios in wad. */
export type FxV1Terms = {
  readonly lines: FxV1Lines
  /** Below this ratio the rebalance pool's f is redeemed. */
  readonly poolLine: bigint
  readonly beta: bigint
  /** Part of the first base that becomes f. */
  readonly initialPart: bigint
  readonly incentives: { readonly stability: bigint; readonly liquidation: bigint; readonly selfLiquidation: bigint }
  readonly fees: {
    readonly mintF: FxV1Fee
    readonly mintX: FxV1Fee
    readonly redeemF: FxV1Fee
    readonly redeemX: FxV1Fee
  }
  /** What the reserve adds to base that helps in stability mode while the rebalance pool is empty, a part of it. */
  readonly bonus: bigint
  readonly cap: bigint
  /** With CR below 1: every redemption stops (fETH), or f is worth its part of the base (fxUSD's treasury). */
  readonly underWater: 'stops' | 'shares'
}

/** Everything that is one number. `fNav` and `price` are those of the last settlement. */
export type FxV1Book = {
  base: bigint
  fSupply: bigint
  xSupply: bigint
  fNav: bigint
  price: bigint
  reserve: bigint
  feesKept: bigint
  /** The rebalance pool: f in it, base that its depositors may claim, shares, base per share (· 2^128) of this epoch, and its number. */
  poolF: bigint
  poolBase: bigint
  poolShares: bigint
  perShare: bigint
  epoch: number
}

/** A depositor of the rebalance pool: shares of an epoch, base per share when last looked at, base owed from before. */
export type FxV1Depositor = {
  readonly shares: bigint
  readonly epoch: number
  readonly seen: bigint
  readonly owed: bigint
}

/** Everything. `closed`: base per share at the end of each epoch, which ends when the pool's last f is burned. */
export type FxV1State = {
  terms: FxV1Terms
  readonly feed: string
  book: FxV1Book
  readonly depositors: Map<string, FxV1Depositor>
  readonly closed: Map<string, bigint>
}

/** What may be done. Amounts: base, f or x as the name says. */
export type FxV1Action =
  | {
      readonly do: 'init' | 'mint-f' | 'mint-x' | 'add-base' | 'recapitalise' | 'fund-reserve'
      readonly base: bigint
    }
  | { readonly do: 'redeem-f' | 'liquidate' | 'self-liquidate'; readonly fToken: bigint }
  | { readonly do: 'redeem-x'; readonly xToken: bigint }
  | { readonly do: 'pool-deposit'; readonly by: string; readonly fToken: bigint }
  | { readonly do: 'pool-withdraw'; readonly by: string; readonly shares: bigint }
  | { readonly do: 'pool-claim'; readonly by: string }
  | { readonly do: 'pool-liquidate'; readonly most?: bigint | undefined }
  | { readonly do: 'settle' }
  | { readonly do: 'set-terms'; readonly terms: Partial<FxV1Terms> }

const percent = (value: bigint) => (value * WAD) / 100n

/** Lines of the contracts' tests (1.30, 1.20, 1.14, 1.00); β 0.1 as for fETH. */
export const FX_V1_TERMS: FxV1Terms = {
  lines: {
    ...{ stability: percent(130n), liquidation: percent(120n), selfLiquidation: percent(114n) },
    recapitalisation: WAD,
  },
  ...{ poolLine: percent(120n), beta: percent(10n), initialPart: percent(50n) },
  incentives: { stability: percent(15n), liquidation: percent(10n), selfLiquidation: percent(5n) },
  fees: {
    mintF: { usual: percent(1n) / 4n, extra: percent(5n) },
    mintX: { usual: percent(1n), extra: -percent(1n) },
    redeemF: { usual: percent(1n) / 4n, extra: -(percent(1n) / 4n) },
    redeemX: { usual: percent(1n), extra: percent(7n) },
  },
  ...{ bonus: percent(5n), cap: 10n ** 27n, underWater: 'stops' },
}

/** A treasury with nothing in it. `price` of the base, wad. */
export function emptyFxV1(terms: FxV1Terms, feed: string, price: bigint): FxV1State {
  return {
    ...{ terms, feed, depositors: new Map(), closed: new Map() },
    book: {
      ...{ base: 0n, fSupply: 0n, xSupply: 0n, fNav: WAD, price, reserve: 0n, feesKept: 0n },
      ...{ poolF: 0n, poolBase: 0n, poolShares: 0n, perShare: 0n, epoch: 1 },
    },
  }
}
