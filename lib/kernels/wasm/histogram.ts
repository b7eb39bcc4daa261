/** The full count of a histogram in WebAssembly: the same sums in the same order, at the speed of memory. */
import { assert } from '../../model/index.ts'
import { MOST_BINS, type PriceBins } from '../histogram/bins.ts'
import { histogramOver, type PriceHistogram, priceHistogram } from '../histogram/histogram.ts'
import { histogramModule } from './histogram-module.ts'
import { wasmInstance } from './instance.ts'

type Count = (totals: number, places: number, amounts: number, positions: number) => void

/** A histogram counted by WebAssembly, or `undefined` where it is not to be had. Throws RangeError when memory for the columns is not. */
export function wasmPriceHistogram(capacity: number, bins: PriceBins): PriceHistogram | undefined {
  assert(Number.isInteger(capacity) && capacity > 0, 'a histogram holds at least one position')
  const rows = Math.ceil(capacity / 8) * 8
  const amountsAt = (MOST_BINS + 1) * 8
  const placesAt = amountsAt + rows * 8
  const instance = wasmInstance(histogramModule, placesAt + rows * 2)
  if (!instance) return undefined
  const { buffer, exports } = instance
  const count = exports['count'] as Count
  const columns = {
    totals: new Float64Array(buffer, 0, MOST_BINS + 1),
    amounts: new Float64Array(buffer, amountsAt, capacity),
    places: new Uint16Array(buffer, placesAt, capacity),
    addAll: () => count(0, placesAt, amountsAt, capacity),
  }
  return histogramOver(columns, bins)
}

/** The fastest histogram to be had here. */
export function fastestPriceHistogram(capacity: number, bins: PriceBins): PriceHistogram {
  return wasmPriceHistogram(capacity, bins) ?? priceHistogram(capacity, bins)
}
