/** The median that mark prices are made of, when inputs may be missing. */

/**
 * Median of the values that exist: of an even number the mean of the two in the middle, so of two their mean; `undefined` of none.
 * Venues do not publish what they do without an input; this is our choice. In the unit of the values.
 */
export function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined || sorted.length % 2 === 1) return upper
  return ((sorted[middle - 1] as number) + upper) / 2
}
