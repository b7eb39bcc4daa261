/** Puts the results of paths together: chunks in any order merge to what one run would have given, and quantiles are values that occurred. */
import { breakwaterError } from '../../model/index.ts'
import { emptyChunk, PATH_COLUMNS, type PathChunk, type PathColumn } from './paths.ts'

/** Quantiles of one column: the smallest value that at least this share of the paths does not exceed, beside mean and extremes. */
export type Spread = {
  readonly mean: number
  readonly least: number
  readonly greatest: number
  readonly quantiles: readonly { readonly share: number; readonly value: number }[]
}

/** Chunks as one, by path number. Throws bad-number when two overlap or paths between them are missing. */
export function mergeChunks(chunks: readonly PathChunk[]): PathChunk {
  const sorted = chunks.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)
  const first = sorted[0]?.from ?? 0
  const last = sorted[sorted.length - 1]?.to ?? first
  let next = first
  for (const { from, to } of sorted) {
    if (from !== next)
      throw breakwaterError('bad-number', `paths ${next} to ${from} are ${from < next ? 'there twice' : 'missing'}`, {
        from,
        next,
      })
    next = to
  }
  const merged = emptyChunk(first, last)
  for (const chunk of sorted) for (const name of PATH_COLUMNS) merged[name].set(chunk[name], chunk.from - first)
  return merged
}

/** Mean, extremes and quantiles of a column over the paths of a chunk. Throws bad-number for shares outside [0, 1] or a chunk without paths. */
export function spreadOf(chunk: PathChunk, column: PathColumn, shares: readonly number[]): Spread {
  const sorted = chunk[column].slice().sort()
  const count = sorted.length
  if (count === 0) throw breakwaterError('bad-number', 'there are no paths to tell of', { column })
  const quantiles = shares.map((share) => {
    if (!(share >= 0 && share <= 1)) throw breakwaterError('bad-number', `a share is ${share}`, { share })
    return { share, value: sorted[Math.max(0, Math.ceil(share * count) - 1)] as number }
  })
  // Summed in ascending order, so that the mean does not depend on how paths were divided.
  let sum = 0
  for (const value of sorted) sum += value
  return { mean: sum / count, least: sorted[0] as number, greatest: sorted[count - 1] as number, quantiles }
}
