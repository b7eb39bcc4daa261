/** A price path made ready for LLAMMA scans: candles as columns, the oracle's moving average, and the fee that its moves ask for. */
import { breakwaterError } from '../../model/index.ts'

/** A candle: open time in seconds, prices in stablecoin per collateral. */
export type PriceCandle = { readonly time: number; readonly open: number; readonly high: number; readonly low: number }

/** Columns of a path, one entry a candle. */
export type LlammaPath = {
  readonly count: number
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly oracle: Float64Array
  readonly oracleFee: Float64Array
}

/** `emaSeconds`: time constant of the oracle's average; `delay`: candles over which a move of the oracle counts for the fee, 1 for no such fee. */
export type PathTerms = { readonly emaSeconds: number; readonly delay: number }

/**
 * Prepares a path. The oracle takes the middle of each candle with weight 1 − e^(−elapsed/emaSeconds); its fee is
 * `(fee' + 1 − ρ³)·(delay − 1)/delay`, ρ = lower/higher of two successive oracle prices, fee' the fee before.
 * Throws `bad-scenario` for no candles, prices that are not above 0, times that run back, or terms that are none.
 */
export function llammaPath(candles: readonly PriceCandle[], { emaSeconds, delay }: PathTerms): LlammaPath {
  if (!(emaSeconds > 0) || !(delay >= 1) || candles.length === 0)
    throw breakwaterError('bad-scenario', `no path of ${candles.length} candles, EMA ${emaSeconds} s, delay ${delay}`, {
      ...{ emaSeconds, delay, candles: candles.length },
    })
  const column = () => new Float64Array(candles.length)
  const path = {
    ...{ count: candles.length, open: column(), high: column(), low: column(), oracle: column(), oracleFee: column() },
  }
  let [oracle, fee] = [candles[0]?.open ?? 0, 0]
  let last = candles[0]?.time ?? 0
  for (const [i, { time, open, high, low }] of candles.entries()) {
    if (!(time >= last) || !(low > 0) || !(high >= low) || !(open > 0))
      throw breakwaterError('bad-scenario', `candle ${i} at ${time} has open ${open}, high ${high}, low ${low}`, { i })
    const before = oracle
    oracle += ((low + high) / 2 - oracle) * -Math.expm1((last - time) / emaSeconds)
    const ratio = Math.min(oracle, before) / Math.max(oracle, before)
    fee = ((fee + 1 - ratio ** 3) * (delay - 1)) / delay
    last = time
    path.open[i] = open
    path.high[i] = high
    path.low[i] = low
    path.oracle[i] = oracle
    path.oracleFee[i] = Math.min(fee, 0.999)
  }
  return path
}

/** The same candles backwards in time, as scans append them so that a fall is also a rise. */
export function reversedCandles(candles: readonly PriceCandle[]): readonly PriceCandle[] {
  const last = candles.at(-1)?.time ?? 0
  return candles.toReversed().map((candle) => ({ ...candle, time: 2 * last - candle.time }))
}
