/**
 * LLAMMA: candles a second of the float64 scan against its plain twin in TypeScript (and, where python3 is, against the same plain algorithm in
 * CPython) in the same run, and exchanges a second of the integer form against the float64 bands that follow it.
 */
import { spawnSync } from 'node:child_process'
import {
  floatExchange,
  type LlammaBands,
  type LlammaPath,
  llammaBands,
  llammaPath,
  llammaRunner,
  plainLlammaLoss,
} from '../kernels/index.ts'
import { type LlammaMarket, llamma, llammaMarket, llammaRules } from '../mechanisms/index.ts'
import { type FeedAnswer, fixedToNumber, prng, type UnixSeconds } from '../model/index.ts'
import type { BenchRow } from './row.ts'

const TERMS = { A: 100, bands: 10, fee: 0.006, outsideFee: 0.0005 }
const CANDLES = 100_000
/** Windows of a day of hours, and one window over everything. */
const WINDOWS = [24, CANDLES] as const
const EXCHANGES = 4_000

/** Rows of the scan and of the exchange. Throws when twins do not agree. */
export async function benchLlamma(): Promise<readonly BenchRow[]> {
  const path = llammaPath(candles(), { emaSeconds: 600, delay: 2 })
  return [...WINDOWS.flatMap((window) => scanRows(path, window)), ...exchangeRows()]
}

/** Hours of a market that moves by 0.8 % an hour and comes back to 2,000, so that loans are in their bands much of the time. */
function candles() {
  const chance = prng('llamma bench')
  let price = 2000
  return Array.from({ length: CANDLES }, (_, i) => {
    const open = price
    price *= Math.exp(0.008 * chance.normal() - 0.01 * Math.log(price / 1980))
    const high = Math.max(open, price) * (1 + 0.003 * chance.next())
    return { time: 3600 * i, open, high, low: Math.min(open, price) * (1 - 0.003 * chance.next()) }
  })
}

type Rate = { readonly rate: number; readonly sum: number }

function scanRows(path: LlammaPath, window: number): readonly BenchRow[] {
  const runner = llammaRunner(path, TERMS)
  const fast = measure(path, window, 20, (from, to) => runner.run(from, to))
  const plain = measure(path, window, 5, (from, to) => plainLlammaLoss(path, TERMS, from, to))
  if (!(Math.abs(fast.sum - plain.sum) < 1e-8))
    throw new Error(`the kernel loses ${fast.sum}, the plain twin ${plain.sum}`)
  const python = pythonRate(path, window, plain.sum)
  const name = `scan, N ${TERMS.bands}, windows of ${window}`
  const row = {
    workload: name,
    value: fast.rate,
    unit: 'candles/s',
    goal: '≥ 8M: 80 × the 89,000 to 100,000 of CPython’s simulator as published',
  }
  return [
    { ...row, against: 'plain TypeScript, same run', ratio: fast.rate / plain.rate },
    ...(python
      ? [
          {
            ...row,
            against: `the plain algorithm in CPython, same run (${Math.round(python)}/s)`,
            ratio: fast.rate / python,
          },
        ]
      : []),
  ]
}

/** The best of some rounds over all windows. */
function measure(path: LlammaPath, window: number, rounds: number, loss: (from: number, to: number) => number): Rate {
  let [seconds, sum] = [Number.POSITIVE_INFINITY, 0]
  const windows = Math.floor(path.count / window)
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    sum = 0
    for (let i = 0; i < windows; i++) sum += loss(i * window, (i + 1) * window)
    seconds = Math.min(seconds, (performance.now() - began) / 1000)
  }
  return { rate: (windows * window) / seconds, sum: sum / windows }
}

const PYTHON = `
import sys, struct, time
from math import sqrt
def main():
    raw = sys.stdin.buffer.read()
    head = struct.unpack('8d', raw[:64]); n = int(head[0]); A, N, fee, ext, window, count = head[1], int(head[2]), head[3], head[4], int(head[5]), int(head[6])
    cols = [struct.unpack('%dd' % n, raw[64 + 8*n*k:64 + 8*n*(k+1)]) for k in range(5)]
    opens, highs, lows, oracles, fees = cols
    k = (A - 1) / A
    def run(a, b):
        top = opens[a] * (1 + 1e-4 * (1 - 1 / A)); xs = {}; ys = {i: 1 / N for i in range(N)}; act = 0
        up = lambda i: top * k ** i
        def band(i, po):
            x, y, u = xs.get(i, 0.0), ys.get(i, 0.0), up(i)
            bb = u / po * (A - 1) * x + po ** 2 / u * A * y
            y0 = (bb + sqrt(bb ** 2 + 4 * po * A * x * y)) / (2 * po * A)
            f = A * y0 * po ** 2 / u; g = (A - 1) * y0 * u / po
            return x, y, y0, f, g, (f + x) * (g + y)
        def charge(i, po, base):
            d = po ** 3 / up(i) ** 2; c = po ** 3 / up(i + 1) ** 2
            return max(base, (d - po) / d / 4) if po < d else max(base, (po - c) / po / 4) if po > c else base
        def fetches(po):
            s = 0.0
            for i in range(N):
                x, y, y0, f, g, inv = band(i, po); u = up(i); d = up(i + 1)
                if x == 0 and y == 0: continue
                if po > u: s += (inv / f - g) * u * sqrt(k)
                elif po < d: s += inv / g - f
                else:
                    h = A * y0 * (1 - d / po); s += inv / (g + h) - f + h * sqrt(d * po)
            return s
        start = fetches(top * (1 + 1 / (A - 1)))
        for c in range(a, b):
            po = oracles[c]; base = max(fee, fees[c]); p = highs[c] * (1 - ext)
            while True:
                if ys.get(act, 0.0) > 0:
                    q = charge(act, po, base); t = p * (1 - q)
                    if t <= po ** 3 / up(act) ** 2: break
                    x, y, y0, f, g, inv = band(act, po); left = sqrt(inv / t) - g
                    if left >= y: break
                    r = max(left, 0.0); ys[act] = r; xs[act] = x + (inv / (g + r) - f - x) / (1 - q)
                    if left > 0: break
                if act == N - 1: break
                act += 1
            p = lows[c] * (1 + ext)
            while True:
                if xs.get(act, 0.0) > 0:
                    q = charge(act, po, base); t = p / (1 - q)
                    if t >= po ** 3 / up(act + 1) ** 2: break
                    x, y, y0, f, g, inv = band(act, po); left = sqrt(inv * t) - f
                    if left >= x: break
                    r = max(left, 0.0); xs[act] = r; ys[act] = y + (inv / (f + r) - g - y) / (1 - q)
                    if left > 0: break
                if act == 0: break
                act -= 1
        return 1 - fetches(oracles[b - 1]) / start
    t = time.perf_counter(); s = 0.0; w = count // window
    for i in range(w): s += run(i * window, (i + 1) * window)
    print(w * window / (time.perf_counter() - t), s / w)
main()
`

/** The same algorithm in CPython over as many windows, or nothing without python3. Throws when it does not agree. */
function pythonRate(path: LlammaPath, window: number, sum: number): number | undefined {
  const head = Float64Array.of(path.count, TERMS.A, TERMS.bands, TERMS.fee, TERMS.outsideFee, window, path.count, 0)
  const parts = [head, path.open, path.high, path.low, path.oracle, path.oracleFee]
  const input = Buffer.concat(parts.map((part) => new Uint8Array(part.buffer)))
  const { status, stdout } = spawnSync('python3', ['-c', PYTHON], { input, encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) return undefined
  const [rate, loss] = stdout.trim().split(' ').map(Number)
  if (!(Math.abs((loss ?? Number.NaN) - sum) < 1e-8)) throw new Error(`CPython loses ${loss}, the plain twin ${sum}`)
  return rate
}

/** A market with one wide loan whose price wanders through its bands: integer exchanges, then the same on float64 bands. */
function exchangeRows(): readonly BenchRow[] {
  const trades = plannedTrades()
  let market = wideMarket()
  const bands = bandsOf(market)
  let exact = 0
  for (let round = 0; round < 5; round++) {
    market = wideMarket()
    const began = performance.now()
    for (const { sell, amount, time, price } of trades) {
      const at = { time: time as UnixSeconds, price: () => price as FeedAnswer }
      llammaRules.exchange(market, sell, 'in', amount, 0n, at)
    }
    exact = Math.max(exact, EXCHANGES / ((performance.now() - began) / 1000))
  }
  let float = 0
  for (let round = 0; round < 10; round++) {
    const copy = { ...bands, x: bands.x.slice(), y: bands.y.slice() }
    const start = performance.now()
    for (const trade of trades) floatExchange(copy, trade.sell, trade.floatAmount, trade.terms)
    float = Math.max(float, EXCHANGES / ((performance.now() - start) / 1000))
    if (round === 9) checkTwins(market, copy)
  }
  return [
    {
      workload: 'exchange, integers',
      value: exact,
      unit: 'steps/s',
      against: 'nothing of this run',
      ratio: undefined,
      goal: '≥ 100,000: 2.5 × the 37,000 to 40,000 that crvusdsim is known for',
    },
    {
      workload: 'exchange, float64',
      value: float,
      unit: 'steps/s',
      against: 'integers of the same run',
      ratio: float / exact,
    },
  ]
}

type Trade = {
  readonly sell: 'borrowed' | 'collateral'
  readonly amount: bigint
  readonly time: number
  readonly price: bigint
  readonly floatAmount: number
  readonly terms: Parameters<typeof floatExchange>[3]
}

/** Trades to prices near a wandering oracle, planned on a market of their own so that only the exchanges are timed. */
function plannedTrades(): readonly Trade[] {
  const market = wideMarket()
  const chance = prng('llamma exchanges')
  let price = 2500
  return Array.from({ length: EXCHANGES }, (_, i) => {
    price *= Math.exp(0.004 * chance.normal() - 0.02 * Math.log(price / 2300))
    const oracle = BigInt(Math.round(price * 1e9)) * 10n ** 9n
    const at = { time: (2_000 + 600 * i) as UnixSeconds, price: () => oracle as FeedAnswer }
    const target = (oracle * BigInt(990 + chance.int(21))) / 1000n
    const { amount, sell } = llammaRules.amountForPrice(market, target, at)
    llammaRules.exchange(market, sell, 'in', amount, 0n, at)
    const terms = { oracle: fixedToNumber(oracle, 18), fee: 0.006 }
    return { sell, amount, time: at.time, price: oracle, floatAmount: fixedToNumber(amount, 18), terms }
  })
}

function wideMarket(): LlammaMarket {
  const wad = 10n ** 18n
  const market = llammaMarket({
    ...{ collateral: 'WETH', borrowed: 'crvUSD', feed: 'eth', A: 100, basePrice: 2600n * wad, fee: 6n * 10n ** 15n },
    ...{ loanDiscount: 9n * 10n ** 16n, liquidationDiscount: 6n * 10n ** 16n, ceiling: 10n ** 30n, time: 1_000n },
  })
  const state = { markets: new Map([['m', market]]) }
  const loan = { account: 'one', collateral: 100n * wad, debt: 180_000n * wad, bands: 40 }
  const at = { time: 1_500 as UnixSeconds, price: () => (2600n * wad) as FeedAnswer }
  const done = llamma.apply(state, { do: 'create', market: 'm', ...loan }, at)
  if ('refused' in done) throw new Error(done.refused.message)
  return state.markets.get('m') as LlammaMarket
}

function bandsOf(market: LlammaMarket): LlammaBands {
  const bands = llammaBands(100, 2600, market.minBand, market.maxBand - market.minBand + 1)
  bands.active = market.activeBand - market.minBand
  for (const [band, y] of market.bandsY) bands.y[band - market.minBand] = fixedToNumber(y, 18)
  return bands
}

function checkTwins(market: LlammaMarket, bands: LlammaBands): void {
  for (let i = 0; i < bands.count; i++) {
    const y = fixedToNumber(llammaRules.yOf(market, bands.first + i), 18)
    if (Math.abs(y - (bands.y[i] as number)) > 1e-9) throw new Error(`band ${i} holds ${y} and ${bands.y[i]}`)
  }
}
