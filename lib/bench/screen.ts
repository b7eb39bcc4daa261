/**
 * Re-marking a million isolated positions: the full scan in TypeScript and in WebAssembly against a C program's time of the same run (or, without
 * a compiler, against reading the same bytes in TypeScript), and the index of triggers against the full scan over small moves.
 */
import { type IsolatedScreen, isolatedScreen, triggerIndex, wasmIsolatedScreen } from '../kernels/index.ts'
import { prng } from '../model/index.ts'
import { runC } from './book-bound.ts'
import type { BenchRow } from './row.ts'

const POSITIONS = 1_000_000
const ROUNDS = 400
/** Marks of the scan: about one position of a thousand is hit, as on a live book after a move. */
const MARK = 60_000
const MARKS = [MARK, MARK * 0.999, MARK * 1.001, MARK * 0.998]

const SOURCE = String.raw`
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
typedef double V __attribute__((vector_size(32)));
typedef int64_t I __attribute__((vector_size(32)));
__attribute__((noinline)) static int32_t scan(const double *restrict base, const double *restrict slope, int32_t *restrict hits, double x, int32_t n) {
  int32_t found = 0;
  const V *b = (const V *)base, *s = (const V *)slope;
  for (int32_t i = 0; i < n / 4; i += 4) {
    I any = (b[i] + x * s[i] < 0) | (b[i + 1] + x * s[i + 1] < 0) | (b[i + 2] + x * s[i + 2] < 0) | (b[i + 3] + x * s[i + 3] < 0);
    if (any[0] | any[1] | any[2] | any[3])
      for (int32_t k = 4 * i; k < 4 * i + 16; k++) if (base[k] + x * slope[k] < 0) hits[found++] = k;
  }
  return found;
}
int main(int argc, char **argv) {
  FILE *f = fopen(argv[1], "rb");
  double h[6];
  if (!f || fread(h, 8, 6, f) != 6) return 1;
  int32_t n = (int32_t)h[0], rounds = (int32_t)h[1];
  double *base = aligned_alloc(64, 8 * (size_t)n), *slope = aligned_alloc(64, 8 * (size_t)n);
  int32_t *hits = malloc(4 * (size_t)n);
  if (fread(base, 8, n, f) != (size_t)n || fread(slope, 8, n, f) != (size_t)n) return 1;
  double best = 1e9; int64_t found = 0;
  for (int32_t r = 0; r < rounds; r++) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    found = 0;
    for (int m = 0; m < 4; m++) found += scan(base, slope, hits, h[2 + m], n);
    clock_gettime(CLOCK_MONOTONIC, &b);
    double s = (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) * 1e-9;
    if (s < best) best = s;
  }
  printf("%.9f %lld\n", best, (long long)found);
  return 0;
}
`

type Columns = {
  readonly base: Float64Array
  readonly slope: Float64Array
  readonly prices: Float64Array
  readonly long: Uint8Array
}

/** Rows of the scan and of the index. Throws when the twins do not find the same. */
export async function benchScreen(): Promise<readonly BenchRow[]> {
  const columns = makePositions()
  const plain = fill(isolatedScreen(POSITIONS), columns)
  const wasm = wasmIsolatedScreen(POSITIONS)
  if (wasm) fill(wasm, columns)
  const bound = boundOf(columns)
  const ours = timeScan(plain)
  const rows: BenchRow[] = [rowOf('screen, TypeScript', ours, bound, '≤ 2.5 × the bound')]
  if (wasm) {
    const fast = timeScan(wasm)
    if (fast.found !== ours.found) throw new Error(`WebAssembly finds ${fast.found}, TypeScript ${ours.found}`)
    rows.push(rowOf('screen, WebAssembly SIMD', fast, bound, '≤ 1.15 × the bound'))
  }
  if (bound.found !== undefined && bound.found !== ours.found)
    throw new Error(`the bound finds ${bound.found}, TypeScript ${ours.found}`)
  rows.push(indexRow(columns, ours.seconds / MARKS.length))
  return rows
}

type Timed = { readonly seconds: number; readonly found: number }

function rowOf(workload: string, { seconds }: Timed, bound: Bound, goal: string): BenchRow {
  const perPosition = (seconds * 1e9) / (POSITIONS * MARKS.length)
  return {
    workload,
    value: perPosition,
    unit: 'ns each',
    against: `${bound.name} (times its time)`,
    ratio: seconds / bound.seconds,
    goal,
  }
}

/** Longs and shorts with leverages of 2 to 50 around the mark, as lines of slack. */
function makePositions(): Columns {
  const chance = prng('screen bench')
  const columns = {
    base: new Float64Array(POSITIONS),
    slope: new Float64Array(POSITIONS),
    prices: new Float64Array(POSITIONS),
    long: new Uint8Array(POSITIONS),
  }
  for (let id = 0; id < POSITIONS; id++) {
    const sign = chance.next() < 0.5 ? 1 : -1
    const size = 0.01 + chance.exponential(0.5)
    const entry = MARK * (1 + 0.003 * chance.normal())
    const margin = (size * entry) / (2 + 58 * chance.next())
    columns.base[id] = margin - sign * size * entry
    columns.slope[id] = sign * size - size * 0.005
    columns.prices[id] = -(columns.base[id] as number) / (columns.slope[id] as number)
    columns.long[id] = sign === 1 ? 1 : 0
  }
  return columns
}

function fill(screen: IsolatedScreen, { base, slope }: Columns): IsolatedScreen {
  for (let id = 0; id < POSITIONS; id++) screen.set(id, { base: base[id] as number, slope: slope[id] as number })
  return screen
}

function timeScan(screen: IsolatedScreen): Timed {
  let seconds = Number.POSITIVE_INFINITY
  let found = 0
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    found = 0
    for (const mark of MARKS) found += screen.scan(mark)
    seconds = Math.min(seconds, (performance.now() - began) / 1000)
  }
  return { seconds, found }
}

type Bound = { readonly name: string; readonly seconds: number; readonly found?: number }

function boundOf({ base, slope }: Columns): Bound {
  const head = Float64Array.of(POSITIONS, ROUNDS, ...MARKS)
  const words = runC(SOURCE, Buffer.concat([head, base, slope].map((part) => new Uint8Array(part.buffer))))
  if (words) return { name: 'C, cc -O3 -march=native', seconds: Number(words[0]), found: Number(words[1]) }
  let seconds = Number.POSITIVE_INFINITY
  let sum = 0
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    for (let mark = 0; mark < MARKS.length; mark++)
      for (let id = 0; id < POSITIONS; id++) sum += (base[id] as number) + (slope[id] as number)
    seconds = Math.min(seconds, (performance.now() - began) / 1000)
  }
  return { name: `reading the columns in TypeScript (no cc; sum ${sum > 0 ? 'above' : 'not above'} 0)`, seconds }
}

/** A tick that moves by 0.01 % finds what it newly crosses without looking at the others. */
function indexRow({ prices, long }: Columns, scanSeconds: number): BenchRow {
  const index = triggerIndex(POSITIONS, MARK)
  for (let id = 0; id < POSITIONS; id++) {
    const price = prices[id] as number
    index.set(id, { side: long[id] === 1 ? 'long' : 'short', price: price > 0 ? price : 0 })
  }
  const chance = prng('ticks of the screen bench')
  const ticks = Array.from({ length: 20_000 }, () => MARK * (1 + 0.0001 * chance.normal()))
  const began = performance.now()
  let crossed = 0
  for (const mark of ticks) crossed += index.tick(mark)
  const seconds = (performance.now() - began) / 1000 / ticks.length
  return {
    workload: `trigger index, ${Math.round(crossed / ticks.length)} of 1M crossed a tick`,
    value: seconds * 1e6,
    unit: 'µs a tick',
    against: 'the full scan in TypeScript (times as fast)',
    ratio: scanSeconds / seconds,
  }
}
