/**
 * The public workload for matching engines and the canonical form of what an engine answers, after the published rules of
 * https://github.com/flash1-dev/matching-engine-benchmark (MIT licence): docs/METHODOLOGY.md, workload/generator.cpp and
 * src/correctness.cpp. The constants and hashes are theirs, the code is ours.
 */
import { createHash } from 'node:crypto'
import { type Book, FILL_WORDS, IOC, LIMIT } from '../kernels/index.ts'

/** Annualised volatility, swing that the path is meant to make, and the SHA-256 published for a million orders of seed 23. */
export const SCENARIOS = {
  static: [0, 0, '9803843ee404fc29c9a0aa5614f8f0d5a58b5c44fcac9ef89067886fcaaa30d1'],
  normal: [0.15, 0.02, 'e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e'],
  'swing-25': [0.5, 0.25, '61a84be9469661bd039e00dbc9a7c011e70b6ace37aadfe60045ea083b05f4df'],
  'swing-40': [0.5, 0.4, '3cb0175e7982ff09ea220d1feaee3844cf9116a5ce455757879dea1d880b9b9f'],
  'flash-crash': [0.5, 0.6, 'cff8d3f94b709fc64a8b2058a6ca4fb6920364904796e46906895e362d2bb16b'],
} as const

export type Scenario = keyof typeof SCENARIOS

/** The seed and the number of new orders that the hashes are published for. */
export const SEED = 23
export const NEW_ORDERS = 1_000_000

export const NEW = 0
export const CANCEL = 1
export const MODIFY = 2

/** Messages in wire order; a message's number is its index. Order numbers run from 1 to `newOrders`. Prices are ticks of half a cent. */
export type Workload = {
  readonly newOrders: number
  readonly length: number
  readonly kind: Uint8Array
  readonly side: Uint8Array
  readonly ioc: Uint8Array
  readonly order: Int32Array
  readonly tick: Int32Array
  readonly lots: Int32Array
}

const TICK = 0.005
const START = 167.52
const DEEPEST = 799

/** The workload of a scenario: the same for the same arguments. */
export function consensusWorkload(scenario: Scenario, newOrders: number = NEW_ORDERS, seed: number = SEED): Workload {
  const uniform = uniforms(seed)
  const [ticks, lots] = passiveOrders(scenario, newOrders, uniform)
  const arrival = Int32Array.from({ length: newOrders }, (_, index) => index)
  for (let at = newOrders - 1; at > 0; at--) {
    const other = Math.floor(uniform() * (at + 1))
    const moved = arrival[at] as number
    arrival[at] = arrival[other] as number
    arrival[other] = moved
  }
  return lives(newOrders, arrival, ticks, lots, uniform)
}

/** Every order on its own side of a price that moves as geometric Brownian motion: buys along the first half, sells along the second. */
function passiveOrders(scenario: Scenario, count: number, uniform: () => number): [Int32Array, Int32Array] {
  const [volatility, swing] = SCENARIOS[scenario]
  const step = volatility > 0 ? volatility * Math.sqrt((swing / volatility) ** 2 / count) : 0
  const cumulated = depthProfile()
  const deepest = cumulated[DEEPEST] as number
  const [ticks, lots] = [new Int32Array(count), new Int32Array(count)]
  let mid = START
  for (let index = 0; index < count; index++) {
    const [first, second] = [Math.max(uniform(), 1e-300), uniform()]
    const normal = Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second)
    mid *= Math.exp(-0.5 * step * step + step * normal)
    const distance = 1 + firstAtLeast(cumulated, uniform() * deepest)
    const tick = Math.round(mid / TICK) + (index < Math.floor(count / 2) ? -distance : distance)
    ticks[index] = Math.max(1, tick)
    lots[index] = 1 + Math.floor(uniform() * 100)
  }
  return [ticks, lots]
}

/** Running sum of the weights of the distances: a power law with a hump about eight ticks out. */
function depthProfile(): Float64Array {
  const cumulated = new Float64Array(DEEPEST + 1)
  let sum = 0
  for (let distance = 0; distance <= DEEPEST; distance++) {
    const off = distance - 8
    sum += 1 / (distance + 1) ** 2.23 + 5 * Math.exp(-0.5 * off * off)
    cumulated[distance] = sum
  }
  return cumulated
}

function firstAtLeast(sorted: Float64Array, wanted: number): number {
  let [low, high] = [0, DEEPEST]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * New orders with what becomes of each: 15 % are immediate-or-cancel; of the others 20 % are modified (one lot more, mostly one tick
 * nearer), 95 % cancelled, and some of those messages are sent twice. The published timestamps only ever grow from message to message, so
 * the published sort by time moves nothing; what they are drawn from is drawn all the same, to leave the generator where it should be.
 */
function lives(
  newOrders: number,
  arrival: Int32Array,
  ticks: Int32Array,
  sizes: Int32Array,
  uniform: () => number,
): Workload {
  const most = newOrders * 5
  const [kind, side, ioc] = [new Uint8Array(most), new Uint8Array(most), new Uint8Array(most)]
  const [order, tick, lots] = [new Int32Array(most), new Int32Array(most), new Int32Array(most)]
  let length = 0
  for (const index of arrival) {
    const itsSide = index < Math.floor(newOrders / 2) ? 0 : 1
    const send = (what: number, atTick: number, itsLots: number) => {
      kind[length] = what
      side[length] = itsSide
      order[length] = index + 1
      tick[length] = atTick
      lots[length++] = itsLots
    }
    const placed = ticks[index] as number
    const size = sizes[index] as number
    const atOnce = uniform() < 0.15
    ioc[length] = atOnce ? 1 : 0
    send(NEW, placed, size)
    if (atOnce) continue
    const modified = uniform() < 0.2
    let nearer = placed
    if (modified) {
      uniform()
      if (uniform() < 0.8) nearer += itsSide === 0 ? 1 : -1
      send(MODIFY, nearer, size + 1)
    }
    if (!(uniform() < 0.95)) continue
    uniform()
    send(CANCEL, placed, size)
    if (uniform() < 0.02) {
      uniform()
      send(CANCEL, placed, size)
    }
    if (modified && uniform() < 0.02) {
      uniform()
      send(MODIFY, nearer, size + 1)
    }
  }
  return { newOrders, length, kind, side, ioc, order, tick, lots }
}

/** Lines of a report's canonical form, hashed as they come: fields in decimal, joined by commas, lines by newlines, none at the end. */
function reportHash(): { line(...fields: number[]): void; hex(): string } {
  const hash = createHash('sha256')
  let text = ''
  let first = true
  return {
    line(...fields) {
      text += first ? fields.join(',') : `\n${fields.join(',')}`
      first = false
      if (text.length < 1 << 16) return
      hash.update(text)
      text = ''
    },
    hex: () => hash.update(text).digest('hex'),
  }
}

/** What a book made of a workload: the hash of its reports and how many of them were trades. */
export type Answers = { readonly sha256: string; readonly trades: number; readonly reports: number }

/** Sends a workload to an empty book whose ladder holds its ticks and whose order numbers reach `newOrders`. */
export function consensusAnswers(book: Book, workload: Workload): Answers {
  const hash = reportHash()
  let [trades, reports] = [0, 0]
  const report = (...fields: number[]) => {
    reports++
    hash.line(...fields)
  }
  const tell = (seq: number, count: number, taker: number) => {
    trades += count
    for (let at = 0; at < count * FILL_WORDS; at += FILL_WORDS)
      report(1, seq, book.fills[at + 2] as number, book.fills[at + 3] as number, book.fills[at] as number, taker)
  }
  for (let seq = 0; seq < workload.length; seq++) {
    const [order, side] = [workload.order[seq] as number, workload.side[seq] as number]
    const [tick, lots] = [workload.tick[seq] as number, workload.lots[seq] as number]
    if (workload.kind[seq] === NEW) {
      const atOnce = workload.ioc[seq] === 1
      const fills = book.place(order, 0, side, tick, lots, atOnce ? IOC : LIMIT)
      if (book.outcome !== 0) throw new Error(`the book refused order ${order} at ${tick}: ${book.outcome}`)
      report(0, seq, side, order, tick, lots)
      tell(seq, fills, order)
      if (atOnce && book.filled < lots) report(2, seq, side, order, tick)
    } else if (workload.kind[seq] === MODIFY) {
      const fills = book.amend(order, tick, lots)
      tell(seq, fills, order)
      if (book.outcome === 0) report(3, seq, side, order, tick, lots)
      else report(5, seq, order)
    } else {
      const resting = book.tickOf(order)
      if (book.cancel(order) > 0) report(2, seq, side, order, resting)
      else report(4, seq, order)
    }
  }
  return { sha256: hash.hex(), trades, reports }
}

/** 53-bit uniforms in [0, 1) from MT19937 (Matsumoto and Nishimura 1998), two words each, as the public generator draws them. */
function uniforms(seed: number): () => number {
  const state = new Uint32Array(624)
  state[0] = seed
  for (let at = 1; at < 624; at++) {
    const before = state[at - 1] as number
    state[at] = Math.imul(before ^ (before >>> 30), 1_812_433_253) + at
  }
  let used = 624
  const word = () => {
    if (used === 624) {
      for (let at = 0; at < 624; at++) {
        const mixed = ((state[at] as number) & 0x80000000) | ((state[(at + 1) % 624] as number) & 0x7fffffff)
        state[at] = (state[(at + 397) % 624] as number) ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
      }
      used = 0
    }
    let drawn = state[used++] as number
    drawn ^= drawn >>> 11
    drawn ^= (drawn << 7) & 0x9d2c5680
    drawn ^= (drawn << 15) & 0xefc60000
    return (drawn ^ (drawn >>> 18)) >>> 0
  }
  return () => ((word() >>> 5) * 67_108_864 + (word() >>> 6)) / 9_007_199_254_740_992
}
