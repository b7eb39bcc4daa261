/** Where a fall of total value locked came from, and the small ratios that headlines quote. */
import { breakwaterError } from '../../model/index.ts'

/** An asset locked: units before, price before and after (USD), units that came in or left by themselves, and units taken by liquidation. */
export type LockedAsset = {
  readonly units: number
  readonly priceBefore: number
  readonly priceAfter: number
  readonly netFlow: number
  readonly liquidated: number
}

/** ΔTVL in its parts, USD: they add up to `total` exactly as floats do. Flows and liquidations count at the price after. */
export type LockedChange = {
  readonly byPrice: number
  readonly byFlow: number
  readonly byLiquidation: number
  readonly total: number
  /** total / value before; `undefined` when nothing was locked. */
  readonly relative: number | undefined
}

/** ΔTVL = Σ q·Δp + net flow − liquidated out. */
export function lockedChange(assets: readonly LockedAsset[]): LockedChange {
  const sum = (of: (asset: LockedAsset) => number) => assets.reduce((total, asset) => total + of(asset), 0)
  const byPrice = sum(({ units, priceBefore, priceAfter }) => units * (priceAfter - priceBefore))
  const byFlow = sum(({ netFlow, priceAfter }) => netFlow * priceAfter)
  const byLiquidation = -sum(({ liquidated, priceAfter }) => liquidated * priceAfter)
  const before = sum(({ units, priceBefore }) => units * priceBefore)
  const total = byPrice + byFlow + byLiquidation
  return { byPrice, byFlow, byLiquidation, total, relative: before > 0 ? total / before : undefined }
}

/** Change from one value to another as a fraction of the first. */
export function relativeChange(before: number, after: number): number {
  if (!(before > 0)) throw breakwaterError('bad-number', `a change from ${before} has no fraction`, { before, after })
  return after / before - 1
}

/** Longs' share of what was liquidated, 0..1. */
export function longShare(long: number, short: number): number {
  if (!(long >= 0 && short >= 0 && long + short > 0))
    throw breakwaterError('bad-number', `no share of ${long} long and ${short} short`, { long, short })
  return long / (long + short)
}

/** Borrowed / supplied. */
export function utilisation(borrowed: number, supplied: number): number {
  if (!(supplied > 0 && borrowed >= 0))
    throw breakwaterError('bad-number', `no utilisation of ${borrowed} of ${supplied}`, { borrowed, supplied })
  return borrowed / supplied
}

/** What "an n-fold rise to `total`" was a rise from. */
export function baseOfMultiple(total: number, multiple: number): number {
  if (!(multiple > 0)) throw breakwaterError('bad-number', `a ${multiple}-fold rise has no base`, { multiple })
  return total / multiple
}
