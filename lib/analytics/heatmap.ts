/** Liquidation levels over time and price: one column per time, one row per price bin, long and short apart. */
import type { BinRange, PriceBins } from '../kernels/index.ts'
import { breakwaterError } from '../model/index.ts'
import { type LevelPoint, levelMap } from './levels.ts'

/** Amounts at `[column × bins + bin]`; `times` in milliseconds since 1970, one per column. What lies outside of the bins is summed per column. */
export type Heatmap = {
  readonly bins: PriceBins
  readonly times: Float64Array
  readonly long: Float64Array
  readonly short: Float64Array
  readonly outside: { readonly long: Float64Array; readonly short: Float64Array }
  readonly largest: number
  readonly basis: 'exact' | 'estimated' | 'mixed' | undefined
}

/** The levels as they stood at a time. */
export type LevelSnapshot = { readonly time: number; readonly points: readonly LevelPoint[] }

/** Snapshots in the order of time as a heatmap. Refuses (`bad-time`) times that do not rise. */
export function heatmapOf(snapshots: readonly LevelSnapshot[], range: BinRange): Heatmap {
  snapshots.forEach(({ time }, at) => {
    const before = snapshots[at - 1]?.time
    if (before !== undefined && !(time > before))
      throw breakwaterError('bad-time', `column ${at} is not later than the one before`, { time, before })
  })
  const maps = snapshots.map(({ points }) => levelMap(points, range))
  const bins = maps[0]?.bins ?? levelMap([], range).bins
  const cells = (side: 'long' | 'short') => {
    const all = new Float64Array(maps.length * bins.count)
    maps.forEach((map, column) => {
      all.set(map[side].subarray(0, bins.count), column * bins.count)
    })
    return all
  }
  const outside = (side: 'long' | 'short') => Float64Array.from(maps, (map) => map[side][bins.count] as number)
  const [long, short] = [cells('long'), cells('short')]
  const bases = new Set(maps.flatMap(({ basis }) => basis ?? []))
  return {
    bins,
    times: Float64Array.from(snapshots, ({ time }) => time),
    long,
    short,
    outside: { long: outside('long'), short: outside('short') },
    largest: [long, short].reduce((most, one) => one.reduce((a, b) => Math.max(a, b), most), 0),
    basis: bases.size > 1 ? 'mixed' : [...bases][0],
  }
}
