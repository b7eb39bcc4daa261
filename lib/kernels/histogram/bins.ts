/** Price bins, evenly wide in price or in log price, and the bin of a price without a logarithm: a table over a float64's upper bits, then a look at the edges. */
import { breakwaterError } from '../../model/index.ts'

/** How prices are divided: bin i holds prices from `edges[i]` up to, not including, `edges[i + 1]`. */
export type PriceBins = {
  readonly count: number
  readonly edges: Float64Array
  readonly table: Int32Array
  readonly origin: number
}

/** What bins are made from: prices above 0, `highest` above `lowest`; `log`: all bins equally wide as a ratio. */
export type BinRange = {
  readonly lowest: number
  readonly highest: number
  readonly count: number
  readonly scale: 'linear' | 'log'
}

/** 2^13 cells to an octave of price: each 0.6 to 1.2 basis points wide. */
const SHIFT = 7
const [UPPER] = new Int32Array(new Float64Array([1]).buffer)[1] === 0 ? [0] : [1]
const scratch = new Float64Array(1)
const words = new Uint32Array(scratch.buffer)
/** The most bins there can be: their numbers are kept in 16 bits, and one is left for "outside". */
export const MOST_BINS = 65_535

/** Makes bins. Throws bad-number for a range that is empty or not above 0, and for counts outside 1..65,535. */
export function priceBins({ lowest, highest, count, scale }: BinRange): PriceBins {
  if (!(lowest > 0 && highest > lowest && highest < Number.POSITIVE_INFINITY))
    throw breakwaterError('bad-number', `no prices lie from ${lowest} to ${highest}`, { lowest, highest })
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_BINS))
    throw breakwaterError('bad-number', `${count} bins are not between 1 and ${MOST_BINS}`, { count })
  const edges = new Float64Array(count + 1)
  const ratio = Math.log(highest / lowest)
  for (let at = 0; at <= count; at++)
    edges[at] = scale === 'log' ? lowest * Math.exp((ratio * at) / count) : lowest + ((highest - lowest) * at) / count
  edges[0] = lowest
  edges[count] = highest
  for (let at = 0; at < count; at++)
    if (!((edges[at + 1] as number) > (edges[at] as number)))
      throw breakwaterError(
        'bad-number',
        `${count} bins from ${lowest} to ${highest} are finer than prices can be told`,
        { count },
      )
  const origin = cellOf(lowest)
  const table = new Int32Array(cellOf(highest) - origin + 1)
  let bin = 0
  for (let cell = 0; cell < table.length; cell++) {
    // The first bin that a price of this cell can lie in.
    const start = lowerEdge(origin + cell)
    while (bin < count - 1 && (edges[bin + 1] as number) <= start) bin++
    table[cell] = bin
  }
  return { count, edges, table, origin }
}

/** The bin of a price: `count` for every price outside. */
export function binOf({ count, edges, table, origin }: PriceBins, price: number): number {
  if (!(price >= (edges[0] as number) && price < (edges[count] as number))) return count
  scratch[0] = price
  let bin = table[((words[UPPER as number] as number) >>> SHIFT) - origin] as number
  while ((edges[bin + 1] as number) <= price) bin++
  return bin
}

/** The cell of a price in tables over the upper bits of float64s; prices above 0. */
export function cellOf(price: number): number {
  scratch[0] = price
  return (words[UPPER as number] as number) >>> SHIFT
}

function lowerEdge(cell: number): number {
  scratch[0] = 0
  words[UPPER as number] = cell << SHIFT
  return scratch[0] as number
}
