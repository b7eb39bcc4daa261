/** What a C program takes for the same workload on this machine: a ladder of lists, compiled when the bench runs. Without a compiler there is no bound. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workload } from '../test/consensus.ts'

/** Seconds of the fastest round, and lots traded as a check. */
export type Bound = { readonly name: string; readonly seconds: number; readonly traded: number }

const SOURCE = String.raw`
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
typedef struct { int32_t tick, lots, next, prev, side, live; } Order;
static int32_t *head, *tail, maxTick, bid, ask;
static Order *orders;
static void unlinkOrder(int32_t n) {
  Order *o = &orders[n];
  if (o->prev) orders[o->prev].next = o->next; else head[o->tick] = o->next;
  if (o->next) orders[o->next].prev = o->prev; else tail[o->tick] = o->prev;
  o->live = 0;
}
static void settle(void) {
  while (bid >= 0 && !(head[bid] && orders[head[bid]].side == 0)) bid--;
  while (ask <= maxTick && !(head[ask] && orders[head[ask]].side == 1)) ask++;
}
static int64_t place(int32_t n, int32_t side, int32_t tick, int32_t lots, int32_t ioc) {
  int64_t traded = 0;
  while (lots > 0 && (side == 0 ? ask <= tick && ask <= maxTick : bid >= tick && bid >= 0)) {
    int32_t at = side == 0 ? ask : bid;
    while (lots > 0 && head[at]) {
      int32_t m = head[at];
      int32_t fill = orders[m].lots < lots ? orders[m].lots : lots;
      lots -= fill; traded += fill; orders[m].lots -= fill;
      if (orders[m].lots == 0) unlinkOrder(m);
    }
    if (!head[at]) settle();
  }
  if (lots > 0 && !ioc) {
    Order *o = &orders[n];
    o->tick = tick; o->lots = lots; o->side = side; o->live = 1; o->next = 0; o->prev = tail[tick];
    if (tail[tick]) orders[tail[tick]].next = n; else head[tick] = n;
    tail[tick] = n;
    if (side == 0 && tick > bid) bid = tick;
    if (side == 1 && tick < ask) ask = tick;
  }
  return traded;
}
static int64_t run(int32_t length, int32_t newOrders, const uint8_t *kind, const uint8_t *side, const uint8_t *ioc, const int32_t *order, const int32_t *tick, const int32_t *lots) {
  int64_t traded = 0;
  memset(head, 0, 4 * (maxTick + 2)); memset(tail, 0, 4 * (maxTick + 2)); memset(orders, 0, sizeof(Order) * (newOrders + 1));
  bid = -1; ask = maxTick + 1;
  for (int32_t at = 0; at < length; at++) {
    int32_t n = order[at];
    Order *o = &orders[n];
    if (kind[at] == 0) traded += place(n, side[at], tick[at], lots[at], ioc[at]);
    else if (!o->live) continue;
    else if (kind[at] == 1) { unlinkOrder(n); settle(); }
    else if (tick[at] == o->tick && lots[at] <= o->lots) o->lots = lots[at];
    else { int32_t s = o->side; unlinkOrder(n); settle(); traded += place(n, s, tick[at], lots[at], 0); }
  }
  return traded;
}
int main(int argc, char **argv) {
  FILE *f = fopen(argv[1], "rb");
  int32_t h[4];
  if (!f || fread(h, 4, 4, f) != 4) return 1;
  int32_t length = h[0], newOrders = h[1], rounds = h[3];
  maxTick = h[2];
  uint8_t *bytes = malloc(3 * (size_t)length);
  int32_t *ints = malloc(12 * (size_t)length);
  if (fread(bytes, 1, 3 * (size_t)length, f) != 3 * (size_t)length || fread(ints, 4, 3 * (size_t)length, f) != 3 * (size_t)length) return 1;
  head = malloc(4 * (maxTick + 2)); tail = malloc(4 * (maxTick + 2)); orders = malloc(sizeof(Order) * (newOrders + 1));
  double best = 1e9; int64_t traded = 0;
  for (int32_t r = 0; r < rounds; r++) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    traded = run(length, newOrders, bytes, bytes + length, bytes + 2 * (size_t)length, ints, ints + length, ints + 2 * (size_t)length);
    clock_gettime(CLOCK_MONOTONIC, &b);
    double s = (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) * 1e-9;
    if (s < best) best = s;
  }
  printf("%.9f %lld\n", best, (long long)traded);
  return 0;
}
`

/** Compiles a C program into a folder of its own and runs it on a file; its words, or undefined where there is no compiler. */
export function runC(source: string, input: Uint8Array): readonly string[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bound-'))
  try {
    writeFileSync(join(folder, 'bound.c'), source)
    writeFileSync(join(folder, 'input'), input)
    const compiled = spawnSync('cc', [
      '-O3',
      '-march=native',
      '-o',
      join(folder, 'bound'),
      join(folder, 'bound.c'),
      '-lm',
    ])
    if (compiled.error) return undefined
    if (compiled.status !== 0) throw new Error(`cc refused the bound: ${compiled.stderr}`)
    const ran = spawnSync(join(folder, 'bound'), [join(folder, 'input')], { encoding: 'utf8', timeout: 60_000 })
    if (ran.status !== 0) throw new Error(`the bound stopped with ${ran.status ?? ran.signal}`)
    return ran.stdout.trim().split(/\s+/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bound of a workload; `undefined` where there is no C compiler. */
export function boundOf(
  workload: Workload,
  { rounds, maxTick }: { readonly rounds: number; readonly maxTick: number },
): Bound | undefined {
  const { length, newOrders, kind, side, ioc, order, tick, lots } = workload
  const head = Int32Array.of(length, newOrders, maxTick, rounds)
  // The columns are longer than what is used of them.
  const columns = [kind, side, ioc, order, tick, lots].map((column) => column.subarray(0, length))
  const parts = [head, ...columns].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  const words = runC(SOURCE, Buffer.concat(parts))
  return words && { name: 'C, cc -O3, ladder of lists', seconds: Number(words[0]), traded: Number(words[1]) }
}
