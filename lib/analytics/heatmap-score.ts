/** How good an estimate of liquidation levels is where the truth is known: rank correlation over bins, and how much mass stands in the wrong place. */
import type { BinRange } from '../kernels/index.ts'
import { breakwaterError } from '../model/index.ts'
import { type LevelPoint, levelMap } from './levels.ts'

/**
 * `rankCorrelation`: Spearman's over all bins of both sides; undefined when one of the two is even. `massError`: the share of the mass that stands in
 * another bin or side than it should, 0 to 1, both brought to the same total. `massRatio`: estimated over true amount inside the bins.
 */
export type HeatmapScore = {
  readonly bins: number
  readonly rankCorrelation: number | undefined
  readonly massError: number
  readonly massRatio: number
}

/** Scores an estimate over the bins of a range. Throws bad-number when one of the two has nothing inside them. */
export function scoreLevels(
  estimate: readonly LevelPoint[],
  truth: readonly LevelPoint[],
  range: BinRange,
): HeatmapScore {
  const inside = (points: readonly LevelPoint[]) => {
    const { long, short, bins } = levelMap(points, range)
    return [...long.subarray(0, bins.count), ...short.subarray(0, bins.count)]
  }
  const [guessed, real] = [inside(estimate), inside(truth)]
  const [guessedMass, realMass] = [guessed, real].map((one) => one.reduce((sum, x) => sum + x, 0)) as [number, number]
  if (!(guessedMass > 0 && realMass > 0))
    throw breakwaterError('bad-number', 'nothing stands inside of the bins', { guessedMass, realMass })
  const apart = guessed.reduce((sum, one, at) => sum + Math.abs(one / guessedMass - (real[at] as number) / realMass), 0)
  return {
    bins: real.length,
    rankCorrelation: rankCorrelation(guessed, real),
    massError: apart / 2,
    massRatio: guessedMass / realMass,
  }
}

/** Spearman's rank correlation, ties at their mean rank; undefined when either is the same throughout or the lengths differ. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length !== b.length) return undefined
  const [x, y] = [ranks(a), ranks(b)]
  const mean = (a.length + 1) / 2
  let [xy, xx, yy] = [0, 0, 0]
  x.forEach((rank, at) => {
    const [dx, dy] = [rank - mean, (y[at] as number) - mean]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  })
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : undefined
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number))
  const found = new Array<number>(values.length).fill(0)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++
    for (let at = from; at < to; at++) found[order[at] as number] = (from + to + 1) / 2
    from = to
  }
  return found
}
