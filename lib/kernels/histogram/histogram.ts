/**
 * How much stands in each price bin, for many positions: each keeps the number of its bin, so that counting all anew is one pass over ten bytes each,
 * and a change is two additions. Whole amounts (lots, cents) below 2^53 in all give exact sums, whichever way they were reached.
 */
import { assert } from '../../model/index.ts'
import { binOf, MOST_BINS, type PriceBins } from './bins.ts'

/** Positions by number, from 0 up to the capacity; none at first. `totals[bin]`, and `totals[bins.count]` for what lies outside of all bins. */
export type PriceHistogram = {
  readonly capacity: number
  readonly bins: PriceBins
  readonly totals: Float64Array
  /** Adds or replaces a position; `amount` 0 or more. */
  set(id: number, price: number, amount: number): void
  /** Takes a position out; one that is not there stays away. */
  remove(id: number): void
  /** Counts everything anew into `totals`. */
  count(): void
  /** Puts every position into other bins and counts anew. */
  rebin(bins: PriceBins): void
}

/** The columns of a histogram, and the pass that adds every amount to the total of its place, in order. */
export type HistogramColumns = {
  readonly places: Uint16Array
  readonly amounts: Float64Array
  /** Room for as many totals as there can be bins, and one. */
  readonly totals: Float64Array
  readonly addAll: () => void
}

/** An empty histogram, counted in TypeScript. */
export function priceHistogram(capacity: number, first: PriceBins): PriceHistogram {
  assert(Number.isInteger(capacity) && capacity > 0, 'a histogram holds at least one position')
  const places = new Uint16Array(capacity)
  const amounts = new Float64Array(capacity)
  const totals = new Float64Array(MOST_BINS + 1)
  return histogramOver({ places, amounts, totals, addAll: () => addAll(totals, places, amounts) }, first)
}

/** An empty histogram over columns that something else adds up. */
export function histogramOver({ places, amounts, totals, addAll }: HistogramColumns, first: PriceBins): PriceHistogram {
  const capacity = amounts.length
  const prices = new Float64Array(capacity)
  let bins = first
  let shown = totals.subarray(0, bins.count + 1)
  places.fill(first.count)
  const count = () => {
    shown.fill(0)
    addAll()
  }
  return {
    capacity,
    get bins() {
      return bins
    },
    get totals() {
      return shown
    },
    set(id, price, amount) {
      assert(id >= 0 && id < capacity, 'a position number lies within the capacity')
      assert(price > 0 && amount >= 0, 'a price is above 0 and an amount at least 0')
      const was = places[id] as number
      const now = binOf(bins, price)
      totals[was] = (totals[was] as number) - (amounts[id] as number)
      totals[now] = (totals[now] as number) + amount
      prices[id] = price
      amounts[id] = amount
      places[id] = now
    },
    remove(id) {
      assert(id >= 0 && id < capacity, 'a position number lies within the capacity')
      const was = places[id] as number
      totals[was] = (totals[was] as number) - (amounts[id] as number)
      amounts[id] = 0
    },
    count,
    rebin(next) {
      bins = next
      shown = totals.subarray(0, next.count + 1)
      for (let id = 0; id < capacity; id++) places[id] = binOf(next, prices[id] as number)
      count()
    },
  }
}

/** Eight at a time, all read before any is written: V8 reads the columns' addresses anew after every write. */
function addAll(totals: Float64Array, places: Uint16Array, amounts: Float64Array): void {
  const whole = amounts.length & ~7
  for (let i = 0; i < whole; i += 8) {
    const p0 = places[i] as number
    const p1 = places[i + 1] as number
    const p2 = places[i + 2] as number
    const p3 = places[i + 3] as number
    const p4 = places[i + 4] as number
    const p5 = places[i + 5] as number
    const p6 = places[i + 6] as number
    const p7 = places[i + 7] as number
    const a0 = amounts[i] as number
    const a1 = amounts[i + 1] as number
    const a2 = amounts[i + 2] as number
    const a3 = amounts[i + 3] as number
    const a4 = amounts[i + 4] as number
    const a5 = amounts[i + 5] as number
    const a6 = amounts[i + 6] as number
    const a7 = amounts[i + 7] as number
    totals[p0] = (totals[p0] as number) + a0
    totals[p1] = (totals[p1] as number) + a1
    totals[p2] = (totals[p2] as number) + a2
    totals[p3] = (totals[p3] as number) + a3
    totals[p4] = (totals[p4] as number) + a4
    totals[p5] = (totals[p5] as number) + a5
    totals[p6] = (totals[p6] as number) + a6
    totals[p7] = (totals[p7] as number) + a7
  }
  for (let i = whole; i < amounts.length; i++) {
    const place = places[i] as number
    totals[place] = (totals[place] as number) + (amounts[i] as number)
  }
}
