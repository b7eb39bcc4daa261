/** Units: a number carries its scale in its type, so that a wei cannot be added to a wad by accident. */

declare const scale: unique symbol

/** An integer that stands for `value / 10^D`. */
export type Fixed<D extends number> = bigint & { readonly [scale]: D }
/** Fixed-point with 18 decimals (Maker's wad, most ERC-20 ratios). */
export type Wad = Fixed<18>
/** Fixed-point with 27 decimals (Aave's and Maker's ray). */
export type Ray = Fixed<27>
/** Basis points: 10 000 = 100 %. */
export type Bps = Fixed<4>
/** The smallest unit of an asset (wei, satoshi); its decimals belong to the asset. */
export type Atoms = bigint & { readonly [scale]: 'atoms' }
/** An oracle's answer exactly as the oracle says it; its decimals belong to the feed. */
export type FeedAnswer = bigint & { readonly [scale]: 'feed' }
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = number & { readonly [scale]: 'ms' }
/** Whole seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number & { readonly [scale]: 's' }

/** A second in milliseconds. */
export const SECOND = 1_000
/** A minute in milliseconds. */
export const MINUTE = 60_000
/** An hour in milliseconds. */
export const HOUR = 3_600_000
/** A day in milliseconds. */
export const DAY = 86_400_000

/** The earliest instant a record may carry: 2009-01-03, the first bitcoin block. */
export const EARLIEST = 1_230_940_800_000 as UnixMs
/** No record may carry this instant or a later one: 2100-01-01. */
export const LATEST = 4_102_444_800_000 as UnixMs

/** Milliseconds since 1970 when `value` is a whole number inside {@link EARLIEST}..{@link LATEST}, else `undefined`. */
export function unixMs(value: number): UnixMs | undefined {
  return Number.isSafeInteger(value) && value >= EARLIEST && value < LATEST ? (value as UnixMs) : undefined
}

/** Milliseconds from a time that a feed writes in seconds or in milliseconds: below 1e12 it is seconds. */
export function unixMsOfEither(value: number): UnixMs | undefined {
  return unixMs(Math.trunc(value < 1e12 ? value * 1000 : value))
}

/** Brands an integer as the smallest units of an asset. */
export function atoms(value: bigint): Atoms {
  return value as Atoms
}
