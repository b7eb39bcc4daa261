/**
 * Cascades: Monte Carlo paths over a book of levels against an array scan of the same paths, against the same idea written plainly, and on two
 * workers; a heatmap of a million positions counted anew, kept up to date and read off the sorted index, against objects. Results must agree.
 */
import { Worker } from 'node:worker_threads'
import {
  amountFrom,
  type BinRange,
  binTotals,
  fillNormals,
  type LevelBook,
  type LiquidationLevel,
  type LogPush,
  levelBook,
  mergeChunks,
  type PathChunk,
  type PathOptions,
  type PriceBins,
  type PriceHistogram,
  pathChance,
  priceBins,
  priceHistogram,
  priceIndex,
  runPaths,
  wasmPriceHistogram,
} from '../kernels/index.ts'
import { prng } from '../model/index.ts'
import { exponentialImpact, logPush } from '../sim/index.ts'
import { pointerPaths, scanPath } from './cascade-scan.ts'
import type { CascadeJob } from './cascade-worker.ts'
import type { BenchRow } from './row.ts'

const START = 60_000
const LEVELS = 100_000
const STEPS = 1440
const PATHS = 10_000
/** Paths are timed in pieces, each by its fastest round: other work on the machine comes and goes. */
const PIECE = 500
const ROUNDS = 7
/** Paths that workers run, and how often. */
const SHARED = 4000
const SHARED_ROUNDS = 15
/** Paths that the slow peers run; the kernel must give the same on them. */
const SCANNED = 2
const POINTED = 2000
const POSITIONS = 1_000_000
const RANGE: BinRange = { lowest: 40_000, highest: 90_000, count: 1000, scale: 'log' }

type Lab = {
  readonly levels: readonly LiquidationLevel[]
  readonly push: LogPush
  readonly options: PathOptions
  readonly book: LevelBook
}

/** Rows of paths and heatmap. Throws when a peer finds something else. */
export async function benchCascade(): Promise<readonly BenchRow[]> {
  const lab = makeLab()
  const all = timePaths(lab)
  const rows = [scanRow(lab, all), pointerRow(lab, all), normalsRow(), await workersRow(lab, all.chunk)]
  return [...rows, ...heatmapRows()]
}

/** Longs and shorts between 0.5 and 50 % away, denser near the price; all of them sold at once would cost a sixth of it. A day in minutes at 3 %. */
function makeLab(): Lab {
  const chance = prng('cascade bench')
  const levels = Array.from({ length: LEVELS }, (): LiquidationLevel => {
    const side = chance.next() < 0.5 ? 'long' : 'short'
    const sign = side === 'long' ? -1 : 1
    const price = START * (1 + sign * (0.005 + 0.5 * chance.next() ** 1.5))
    return { side, price, quantity: 1 + Math.floor(chance.exponential(500)), bankruptcy: price * (1 + sign * 0.004) }
  })
  const lots = levels.reduce((sum, { quantity }) => sum + quantity, 0)
  const push = logPush(exponentialImpact(Math.log(1.2) / lots), START)
  const moves = { steps: STEPS, drift: 0, volatility: 0.03 / Math.sqrt(STEPS) }
  const options = { start: START, shock: 0, moves, permanent: 1, keep: 1, seed: 'bench' }
  return { levels, push, options, book: levelBook(levels, push) }
}

type Timed = { readonly chunk: PathChunk; readonly perSecond: number }

function timePaths({ book, options }: Lab): Timed {
  const fastest = new Float64Array(PATHS / PIECE).fill(Number.POSITIVE_INFINITY)
  let chunks: PathChunk[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    chunks = Array.from(fastest, (before, piece) => {
      const began = performance.now()
      const chunk = runPaths(book, options, piece * PIECE, (piece + 1) * PIECE)
      fastest[piece] = Math.min(before, performance.now() - began)
      return chunk
    })
  }
  const seconds = fastest.reduce((sum, one) => sum + one, 0) / 1000
  return { chunk: mergeChunks(chunks), perSecond: PATHS / seconds }
}

function scanRow({ levels, push, options }: Lab, { chunk, perSecond }: Timed): BenchRow {
  scanPath(levels.slice(0, 1000), push, options, 0)
  const began = performance.now()
  const scanned = Array.from({ length: SCANNED }, (_, path) => scanPath(levels, push, options, path))
  const scansPerSecond = SCANNED / ((performance.now() - began) / 1000)
  scanned.forEach((one, path) => {
    mustAgree(`path ${path} of the scan`, [one.levels, one.rounds, one.price], atPath(chunk, path))
  })
  const mean = (name: 'levels' | 'rounds') => Math.round(chunk[name].reduce((sum, one) => sum + one, 0) / PATHS)
  return {
    workload: `paths, 100k levels × 1440 steps (${mean('levels')} forced, ${mean('rounds')} rounds)`,
    value: perSecond,
    unit: 'paths/s',
    against: `${scansPerSecond.toFixed(2)} paths/s of an array scan`,
    ratio: perSecond / scansPerSecond,
    goal: '≥ 1,000 ×, 30k paths/s',
  }
}

/** The same algorithm on both sides: what typed arrays, the grid and the drawing in blocks add to it. */
function pointerRow({ levels, push, options }: Lab, { chunk, perSecond }: Timed): BenchRow {
  const follow = pointerPaths(levels, push, options)
  const { steps, drift, volatility } = options.moves
  const plainMoves = (path: number) => {
    const chance = prng(`${options.seed}/${path}`)
    return Array.from({ length: steps }, () => drift + volatility * chance.normal())
  }
  for (let path = 0; path < 200; path++) follow(plainMoves(path))
  const began = performance.now()
  for (let path = 0; path < POINTED; path++) follow(plainMoves(path))
  const plainPerSecond = POINTED / ((performance.now() - began) / 1000)
  // With the kernel's own draws it must end where the kernel ends.
  const own = new Float64Array(steps)
  for (let path = 0; path < 50; path++) {
    fillNormals(pathChance(options.seed, path, 0), own, steps)
    const one = follow(Array.from(own, (z) => drift + volatility * z))
    mustAgree(`path ${path} with pointers`, [one.levels, one.rounds, one.price], atPath(chunk, path))
  }
  return {
    workload: 'paths, the same algorithm',
    value: perSecond,
    unit: 'paths/s',
    against: `${Math.round(plainPerSecond).toLocaleString('en-US')} paths/s of sorted objects, two pointers, Box–Muller`,
    ratio: perSecond / plainPerSecond,
  }
}

function normalsRow(): BenchRow {
  const out = new Float64Array(STEPS)
  const state = pathChance('normals', 0, 0)
  const chance = prng('normals')
  const ours = best(() => {
    for (let path = 0; path < 1000; path++) fillNormals(state, out, STEPS)
  })
  const plain = best(() => {
    for (let path = 0; path < 100; path++) for (let step = 0; step < STEPS; step++) out[step] = chance.normal()
  })
  const each = (ours * 1e9) / (1000 * STEPS)
  return {
    workload: 'normal draws of the paths',
    value: each,
    unit: 'ns each',
    against: `${((plain * 1e9) / (100 * STEPS)).toFixed(1)} ns of the house's generator (times as fast)`,
    ratio: (plain * 1e9) / (100 * STEPS) / each,
  }
}

/** The same paths from one worker and from two; both must give what this thread gives. */
async function workersRow({ book, options }: Lab, expected: PathChunk): Promise<BenchRow> {
  const workers = [0, 1].map(() => startWorker({ book, options }))
  const ask = (worker: Worker, from: number, to: number) =>
    new Promise<PathChunk>((resolve, reject) => {
      worker.once('error', reject)
      worker.once('message', (chunk: PathChunk) => {
        worker.off('error', reject)
        resolve(chunk)
      })
      worker.postMessage({ from, to })
    })
  const [first, second] = workers as [Worker, Worker]
  const half = SHARED / 2
  const seconds = { one: Number.POSITIVE_INFINITY, two: Number.POSITIVE_INFINITY }
  let merged = expected
  for (let round = 0; round <= SHARED_ROUNDS; round++) {
    let began = performance.now()
    await ask(first, 0, SHARED)
    if (round > 0) seconds.one = Math.min(seconds.one, (performance.now() - began) / 1000)
    began = performance.now()
    merged = mergeChunks(await Promise.all([ask(first, 0, half), ask(second, half, SHARED)]))
    if (round > 0) seconds.two = Math.min(seconds.two, (performance.now() - began) / 1000)
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  for (const name of ['price', 'lowest', 'badDebt', 'levels'] as const)
    mustAgree(`${name} on two workers`, [...merged[name]], [...expected[name].subarray(0, SHARED)])
  return {
    workload: 'paths on two workers',
    value: SHARED / seconds.two,
    unit: 'paths/s',
    against: `${Math.round(SHARED / seconds.one).toLocaleString('en-US')} paths/s of one worker`,
    ratio: seconds.one / seconds.two,
    goal: '≥ 1.7 ×',
  }
}

/** A worker of a TypeScript file: the bench runs under tsx, whose loader a worker of Node 20 has to ask for by itself. */
function startWorker(workerData: CascadeJob): Worker {
  const [loader, file] = ['tsx/esm/api', './cascade-worker.ts'].map((name) => JSON.stringify(import.meta.resolve(name)))
  return new Worker(`import(${loader}).then(({ register }) => (register(), import(${file})))`, {
    eval: true,
    workerData,
  })
}

type Columns = { readonly prices: Float64Array; readonly amounts: Float64Array }

function heatmapRows(): readonly BenchRow[] {
  const chance = prng('heatmap bench')
  const columns = {
    prices: Float64Array.from({ length: POSITIONS }, () => START * Math.exp(0.15 * chance.normal())),
    amounts: Float64Array.from({ length: POSITIONS }, () => 1 + chance.int(1_000_000)),
  }
  const bins = priceBins(RANGE)
  const naive = timeNaive(columns, bins)
  const rows: BenchRow[] = []
  const makers: [string, PriceHistogram | undefined][] = [
    ['TypeScript', priceHistogram(POSITIONS, bins)],
    ['WebAssembly', wasmPriceHistogram(POSITIONS, bins)],
  ]
  for (const [name, histogram] of makers) {
    if (!histogram) continue
    for (let id = 0; id < POSITIONS; id++)
      histogram.set(id, columns.prices[id] as number, columns.amounts[id] as number)
    const seconds = best(() => histogram.count(), 60)
    mustAgree(`heatmap in ${name}`, [...histogram.totals], naive.totals)
    rows.push({
      workload: `heatmap, 1M positions × 1000 bins, ${name}`,
      value: seconds * 1000,
      unit: 'ms',
      against: `${(naive.seconds * 1000).toFixed(0)} ms of objects, map, filter, reduce (times as fast)`,
      ratio: naive.seconds / seconds,
      goal: '≤ 1 ms, goal 0.6; ≥ 100 ×',
    })
    if (name === 'TypeScript') rows.push(changesRow(histogram, columns, seconds))
  }
  return [...rows, ...indexRows(columns, bins, naive)]
}

type Naive = { readonly seconds: number; readonly totals: readonly number[] }

function timeNaive({ prices, amounts }: Columns, bins: PriceBins): Naive {
  const positions = Array.from(prices, (price, id) => ({ price, amount: amounts[id] as number }))
  const edges = [...bins.edges]
  const width = Math.log(RANGE.highest / RANGE.lowest) / RANGE.count
  let totals: number[] = []
  const seconds = best(() => {
    totals = positions
      .map(({ price, amount }) => ({
        bin: binAt(price, edges, Math.floor(Math.log(price / RANGE.lowest) / width)),
        amount,
      }))
      .filter(({ bin }) => bin >= 0 && bin < RANGE.count)
      .reduce((sums, { bin, amount }) => {
        sums[bin] = (sums[bin] as number) + amount
        return sums
      }, new Array<number>(RANGE.count).fill(0))
  }, 5)
  const all = amounts.reduce((sum, one) => sum + one, 0)
  return { seconds, totals: [...totals, all - totals.reduce((sum, one) => sum + one, 0)] }
}

/** A logarithm is right to its last bit but one; the edges decide. */
function binAt(price: number, edges: readonly number[], guess: number): number {
  if (price >= (edges[guess + 1] as number)) return guess + 1
  return price < (edges[guess] as number) ? guess - 1 : guess
}

function changesRow(histogram: PriceHistogram, { prices, amounts }: Columns, fullSeconds: number): BenchRow {
  const changes = 200_000
  const seconds = best(() => {
    for (let change = 0; change < changes; change++) {
      const id = (change * 7) % POSITIONS
      histogram.set(id, prices[id] as number, amounts[id] as number)
    }
  })
  return {
    workload: 'heatmap, a position changes',
    value: (seconds / changes) * 1e9,
    unit: 'ns each',
    against: 'counting all anew (times as fast)',
    ratio: (fullSeconds * changes) / seconds,
  }
}

function indexRows({ prices, amounts }: Columns, bins: PriceBins, naive: Naive): readonly BenchRow[] {
  const index = priceIndex(prices, amounts)
  const out = new Float64Array(bins.count + 1)
  const seconds = best(() => binTotals(index, bins, out), 60)
  mustAgree('heatmap from the index', [...out], naive.totals)
  const shocks = Array.from({ length: 1000 }, (_, at) => START * (1 - at / 2500))
  let sum = 0
  const sweep = best(() => {
    for (const price of shocks) sum += amountFrom(index, price)
  }, 60)
  const positions = Array.from(prices, (price, id) => ({ price, amount: amounts[id] as number }))
  const scanned = best(() => {
    for (const price of shocks.slice(0, 3))
      sum -= positions.reduce((total, one) => (one.price >= price ? total + one.amount : total), 0)
  }, 3)
  const pairs = POSITIONS * shocks.length
  return [
    {
      workload: 'heatmap from the sorted index',
      value: seconds * 1000,
      unit: 'ms',
      against: `${(naive.seconds * 1000).toFixed(0)} ms of objects, map, filter, reduce (times as fast)`,
      ratio: naive.seconds / seconds,
    },
    {
      workload: 'shock sweep, 1M positions × 1000 prices',
      value: (sweep * 1e9) / pairs,
      unit: 'ns a pair',
      against: `${((scanned * 1e9) / (3 * POSITIONS)).toFixed(2)} ns of a scan over objects (times as fast; sum ${sum > 0 ? 'above' : 'not above'} 0)`,
      ratio: scanned / (3 * POSITIONS) / (sweep / pairs),
    },
  ]
}

function best(work: () => void, rounds = 20): number {
  let seconds = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    work()
    seconds = Math.min(seconds, (performance.now() - began) / 1000)
  }
  return seconds
}

function atPath({ levels, rounds, price }: PathChunk, path: number): readonly number[] {
  return [levels[path] as number, rounds[path] as number, price[path] as number]
}

function mustAgree(what: string, got: readonly number[], expected: readonly number[]): void {
  const at = expected.findIndex((one, place) => got[place] !== one)
  if (got.length !== expected.length || at >= 0) throw new Error(`${what}: ${got[at]} at ${at}, not ${expected[at]}`)
}
