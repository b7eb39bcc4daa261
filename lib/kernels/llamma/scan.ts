/**
 * What a loan loses while it is soft-liquidated along a price path, as llamma-simulator asks: one unit of collateral over N bands just below the first
 * price, an arbitrageur at each candle's high and low, and what all of it fetches on a slow way down at the end against the beginning.
 */
import { breakwaterError } from '../../model/index.ts'
import { arbitrageDown, arbitrageUp, type LlammaInstant, llammaInstant } from './arbitrage.ts'
import { allSlowly, type LlammaBands, llammaBands } from './bands.ts'
import type { LlammaPath } from './path.ts'

/** Amplification, bands of the loan, the AMM's base fee, and what a trade costs the arbitrageur outside (fractions of the amount). */
export type ScanTerms = {
  readonly A: number
  readonly bands: number
  readonly fee: number
  readonly outsideFee: number
}

/** How far the loan's first band begins above the first price. */
const START_SHIFT = 1e-4

/** A runner keeps its arrays from run to run. */
export type LlammaRunner = {
  /** The loss (a fraction; below 0 is a gain) over candles `from` … `to` − 1. Throws `bad-scenario` when the path has no such window. */
  run(from: number, to: number): number
  /** The bands as the last run left them. */
  readonly bands: LlammaBands
}

/** A runner over one path. Throws `bad-scenario` for terms outside of what LLAMMA allows. */
export function llammaRunner(path: LlammaPath, terms: ScanTerms): LlammaRunner {
  checkTerms(terms)
  // The table of prices belongs to a loan that begins at price 1: every run scales the path instead of the table.
  const bands = llammaBands(terms.A, 1, 0, terms.bands)
  fill(bands)
  const start = allSlowly(bands, 1 + 1 / (terms.A - 1), 'down')
  const started = { ...terms, start, now: llammaInstant() }
  return { bands, run: (from, to) => runPath(path, bands, started, from, to) }
}

type Started = ScanTerms & { readonly start: number; readonly now: LlammaInstant }

function runPath(
  path: LlammaPath,
  bands: LlammaBands,
  { A, fee, outsideFee, start, now }: Started,
  from: number,
  to: number,
): number {
  const { high, low, oracle, oracleFee } = path
  if (!(from >= 0 && to > from && to <= path.count))
    throw breakwaterError('bad-scenario', `no window ${from} … ${to} in ${path.count} candles`, { from, to })
  fill(bands)
  const scale = 1 / ((path.open[from] as number) * (1 + START_SHIFT * (1 - 1 / A)))
  const sell = scale * (1 - outsideFee)
  const buy = scale * (1 + outsideFee)
  for (let i = from; i < to; i++) {
    const p = (oracle[i] as number) * scale
    const moved = oracleFee[i] as number
    // As setInstant writes it, without boxing.
    now[0] = p
    now[1] = 1 / p
    now[2] = moved > fee ? moved : fee
    now[3] = (high[i] as number) * sell
    now[4] = (low[i] as number) * buy
    arbitrageUp(bands, now)
    arbitrageDown(bands, now)
  }
  return 1 - allSlowly(bands, (oracle[to - 1] as number) * scale, 'down') / start
}

/** One unit of collateral spread over all bands. */
function fill(bands: LlammaBands): void {
  const part = 1 / bands.count
  for (let i = 0; i < bands.count; i++) {
    bands.x[i] = 0
    bands.y[i] = part
  }
  bands.active = 0
}

function checkTerms({ A, bands, fee, outsideFee }: ScanTerms): void {
  const right = A >= 2 && Number.isInteger(bands) && bands >= 1 && bands <= 50 && fee >= 0 && fee < 1 && outsideFee >= 0
  if (right && outsideFee < 1) return
  throw breakwaterError('bad-scenario', `A ${A}, ${bands} bands, fee ${fee}, outside fee ${outsideFee} are no loan`, {
    ...{ A, bands, fee, outsideFee },
  })
}

/** Losses over all windows of `length` candles that begin every `stride` candles: their mean, and the mean of the `top` greatest. */
export type ScanResult = { readonly windows: number; readonly mean: number; readonly worst: number }

/** Scans a path. Throws `bad-scenario` when no window fits. */
export function scanLoss(
  path: LlammaPath,
  terms: ScanTerms,
  { length, stride, top }: { readonly length: number; readonly stride: number; readonly top: number },
): ScanResult {
  const runner = llammaRunner(path, terms)
  const losses: number[] = []
  for (let from = 0; from + length <= path.count; from += stride) losses.push(runner.run(from, from + length))
  if (losses.length === 0)
    throw breakwaterError('bad-scenario', `a window of ${length} candles does not fit into ${path.count}`, { length })
  const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length
  const greatest = Float64Array.from(losses).sort().subarray(-top)
  return { windows: losses.length, mean, worst: greatest.reduce((sum, one) => sum + one, 0) / greatest.length }
}
