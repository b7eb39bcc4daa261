/** A table of prices by symbol and hour: the price at an instant, if one is recent enough. */
import { HOUR, type UnixMs } from '../../model/index.ts'
import { csvReader } from './csv.ts'
import { readLines } from './lines.ts'

/** USD per unit of a symbol at a time, or `undefined` where the last price is six hours old or older. */
export type HourlyPrices = (symbol: string, time: UnixMs) => number | undefined

const LIMIT = 6 * HOUR

/** Reads `symbol,timestamp (ms),USD_price`. Without a file no price is known. Symbols are compared without case. */
export async function readHourlyPrices(path: string | undefined): Promise<HourlyPrices> {
  const points = new Map<string, { time: number; usd: number }[]>()
  let read: ReturnType<typeof csvReader> | undefined
  for await (const { text } of path === undefined ? [] : readLines(path)) {
    if (!read) {
      read = csvReader(text, ['symbol', 'timestamp', 'USD_price'], path as string)
      continue
    }
    const { row } = read(text)
    const symbol = row('symbol')?.toUpperCase()
    const [time, usd] = [Number(row('timestamp')), Number(row('USD_price'))]
    if (symbol === undefined || !(time > 0) || !(usd > 0)) continue
    const list = points.get(symbol)
    if (list) list.push({ time, usd })
    else points.set(symbol, [{ time, usd }])
  }
  for (const list of points.values()) list.sort((a, b) => a.time - b.time)
  return (symbol, time) => priceAt(points.get(symbol.toUpperCase()) ?? [], time)
}

/** The last point at or before `time`; before the first point, the first; either way less than six hours away. */
function priceAt(list: readonly { time: number; usd: number }[], time: number): number | undefined {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] as { time: number }).time <= time) low = middle + 1
    else high = middle
  }
  const point = list[Math.max(0, low - 1)]
  return point && Math.abs(time - point.time) < LIMIT ? point.usd : undefined
}
