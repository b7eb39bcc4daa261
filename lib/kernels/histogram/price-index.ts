/** Amounts by price, sorted with prefix sums: how much stands below any price in a few steps, whatever the number of positions, and any histogram from that. */
import { breakwaterError } from '../../model/index.ts'
import { cellOf, type PriceBins } from './bins.ts'

/** Prices ascending; `sums[i]` = amounts of the first i of them. Whole amounts below 2^53 in all are exact. */
export type PriceIndex = {
  readonly prices: Float64Array
  readonly sums: Float64Array
  /** First position of each cell of prices, and the cell of the lowest price. */
  readonly starts: Int32Array
  readonly origin: number
}

/** Sorts once. Refuses (`bad-number`) prices that are not above 0 and amounts below 0. */
export function priceIndex(prices: ArrayLike<number>, amounts: ArrayLike<number>): PriceIndex {
  const count = prices.length
  for (let at = 0; at < count; at++) {
    const [price, amount] = [prices[at] as number, amounts[at] as number]
    if (!(price > 0 && price < Number.POSITIVE_INFINITY && amount >= 0 && amount < Number.POSITIVE_INFINITY))
      throw breakwaterError('bad-number', `position ${at} is ${amount} at ${price}`, { at, price, amount })
  }
  const order = Uint32Array.from({ length: count }, (_, at) => at).sort(
    (a, b) => (prices[a] as number) - (prices[b] as number) || a - b,
  )
  const sorted = Float64Array.from(order, (at) => prices[at] as number)
  const sums = new Float64Array(count + 1)
  for (let at = 0; at < count; at++) sums[at + 1] = (sums[at] as number) + (amounts[order[at] as number] as number)
  const origin = count > 0 ? cellOf(sorted[0] as number) : 0
  const last = count > 0 ? cellOf(sorted[count - 1] as number) : -1
  const starts = new Int32Array(last - origin + 2).fill(count)
  for (let at = count - 1; at >= 0; at--) starts[cellOf(sorted[at] as number) - origin] = at
  for (let cell = starts.length - 2; cell >= 0; cell--)
    starts[cell] = Math.min(starts[cell] as number, starts[cell + 1] as number)
  return { prices: sorted, sums, starts, origin }
}

/** How many prices lie below `price` (at it or below with `including`). */
export function rankOf({ prices, starts, origin }: PriceIndex, price: number, including = false): number {
  const count = prices.length
  if (count === 0 || !(price >= (prices[0] as number))) return 0
  if (price > (prices[count - 1] as number)) return count
  const cell = cellOf(price) - origin
  let from = starts[cell] as number
  let to = starts[cell + 1] as number
  while (from < to) {
    const middle = (from + to) >>> 1
    const at = prices[middle] as number
    if (at < price || (including && at === price)) from = middle + 1
    else to = middle
  }
  return from
}

/** Amount that stands below `price`. */
export function amountBelow(index: PriceIndex, price: number): number {
  return index.sums[rankOf(index, price)] as number
}

/** Amount that stands at `price` or above: of longs, what a fall to it liquidates. */
export function amountFrom(index: PriceIndex, price: number): number {
  return (index.sums[index.prices.length] as number) - amountBelow(index, price)
}

/** Amount that stands at `price` or below: of shorts, what a rise to it liquidates. */
export function amountUpTo(index: PriceIndex, price: number): number {
  return index.sums[rankOf(index, price, true)] as number
}

/** The histogram of all positions, with what lies outside last: one look per edge. */
export function binTotals(
  index: PriceIndex,
  { count, edges }: PriceBins,
  out = new Float64Array(count + 1),
): Float64Array {
  let before = amountBelow(index, edges[0] as number)
  const outsideBelow = before
  for (let bin = 0; bin < count; bin++) {
    const next = amountBelow(index, edges[bin + 1] as number)
    out[bin] = next - before
    before = next
  }
  out[count] = outsideBelow + ((index.sums[index.prices.length] as number) - before)
  return out
}
