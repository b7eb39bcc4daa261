/** Fan-out: how late do 1,000 stream clients hear 1,000 events a second, at what cost, and does memory stay flat? */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'
import { startApi } from '../api/index.ts'
import { type MarketEvent, silent, toWire, type UnixMs } from '../model/index.ts'
import { memoryStore } from '../store/index.ts'
import type { FanoutResult, FanoutTask } from './fanout-clients.ts'
import type { BenchRow } from './row.ts'

/** How much of it. `--clients`, `--rate`, `--seconds` and `--minutes` on the command line say otherwise. */
export type FanoutLoad = { readonly clients: number; readonly eventsPerSecond: number; readonly seconds: number }

const BATCH_MS = 50
const WARM_UP_MS = 3_000
const MB = 1_048_576
/** More than the stream remembers. */
const STREAM_MEMORY = 60_000

/** Runs the bench: first the bare broadcast as the bound, then the API under the same load. */
export async function benchFanout(load: FanoutLoad = loadOf(process.argv)): Promise<readonly BenchRow[]> {
  const bare = await bareBroadcast({ ...load, seconds: Math.min(load.seconds, 10) })
  const api = await throughApi(load)
  const { clients, eventsPerSecond } = load
  const name = `${clients} clients × ${eventsPerSecond} events/s, ${load.seconds} s`
  const bound = `bare broadcast of ready batches every ${BATCH_MS} ms`
  const row = (what: string, value: number, unit: string, than: number, goal?: string): BenchRow => {
    return {
      workload: `fan-out ${what}: ${name}`,
      value,
      unit,
      against: `${bound}: ${than.toFixed(2)} ${unit}`,
      ratio: value / than,
      goal,
    }
  }
  const expected = api.published * clients
  return [
    row('latency p50', api.p50, 'ms', bare.p50),
    row('latency p95', api.p95, 'ms', bare.p95, '≤ 150 ms'),
    row('latency p99', api.p99, 'ms', bare.p99),
    row('server CPU', api.cores, 'cores', bare.cores),
    {
      ...{ workload: `fan-out delivered: ${name}`, value: api.result.events, unit: 'events' },
      ...{
        against: `${expected} published × clients`,
        ratio: api.result.events / expected,
        goal: '= 1, nothing dropped',
      },
    },
    {
      ...{ workload: `fan-out memory growth: ${name}`, value: api.grownMb, unit: 'MB' },
      ...{
        against: `${api.startMb.toFixed(0)} MB resident at most in the middle third`,
        ratio: api.grownMb / api.startMb,
        goal: 'flat',
      },
    },
  ]
}

/** The load that the command line asks for. */
export function loadOf(argv: readonly string[]): FanoutLoad {
  const after = (name: string, fallback: number) => {
    const place = argv.indexOf(name)
    return place < 0 ? fallback : Number(argv[place + 1])
  }
  const seconds = argv.includes('--minutes') ? after('--minutes', 1) * 60 : after('--seconds', 60)
  return { clients: after('--clients', 1_000), eventsPerSecond: after('--rate', 1_000), seconds }
}

type Run = {
  readonly result: FanoutResult
  readonly published: number
  readonly cores: number
  readonly startMb: number
  readonly grownMb: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** The bound: the same sockets and bytes with nothing in between; a batch is timed from the moment it is handed to the sockets. */
async function bareBroadcast(load: FanoutLoad): Promise<Run> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  let seq = 0
  const send = (events: readonly MarketEvent[]) => {
    seq += events.length
    const batch = `{"topic":"liquidations","seq":${seq},"sent":${Date.now()},"data":[${events.map(toWire).join(',')}]}`
    const message = Buffer.from(batch)
    for (const socket of server.clients as Set<WebSocket>) socket.send(message, { binary: false })
  }
  const run = await measure(
    { url: `ws://127.0.0.1:${port}`, clients: load.clients, subscribe: undefined },
    load,
    BATCH_MS,
    send,
  )
  for (const socket of server.clients) socket.terminate()
  server.close()
  return run
}

async function throughApi(load: FanoutLoad): Promise<Run> {
  const api = await startApi({
    ...{ host: '127.0.0.1', port: 0, store: memoryStore(), clock: { now: () => Date.now() as UnixMs }, log: silent },
    ...{ status: () => [], mode: () => 'simulated', version: 'bench', requestsPerMinute: 1_000_000 },
    streamLimits: { maxClients: load.clients },
  })
  // What clients may resume from fills up first, so that only growth without end shows as growth.
  api.publish(Array.from({ length: STREAM_MEMORY }, (_, n) => liquidation(n)))
  const subscribe = JSON.stringify({ op: 'subscribe', args: ['liquidations'] })
  const task = { url: `${api.address.replace('http', 'ws')}/v1/stream`, clients: load.clients, subscribe }
  const run = await measure(task, load, 5, (events) => api.publish(events))
  await api.close()
  return run
}

/** Publishes at the rate asked for, every `everyMs`, and has the clients time it. */
async function measure(
  task: FanoutTask,
  load: FanoutLoad,
  everyMs: number,
  publish: (events: readonly MarketEvent[]) => void,
): Promise<Run> {
  const child = fork(fileURLToPath(new URL('./fanout-clients.ts', import.meta.url)), { serialization: 'advanced' })
  child.send(task)
  await answered(child)
  const publisher = startPublisher(load.eventsPerSecond, everyMs, publish)
  await pause(WARM_UP_MS)
  await publisher.hold()
  child.send('measure')
  await pause(50)
  const before = publisher.published()
  const cpu = process.cpuUsage()
  const began = performance.now()
  publisher.goOn()
  const resident: number[] = []
  const sampler = setInterval(() => resident.push(process.memoryUsage().rss / MB), 250)
  await pause(load.seconds * 1_000)
  clearInterval(sampler)
  const used = process.cpuUsage(cpu)
  const cores = (used.user + used.system) / 1_000 / (performance.now() - began)
  // The highest of the middle third against the highest of the last: garbage that waits for its collection is no growth.
  const third = Math.floor(resident.length / 3)
  const startMb = Math.max(...resident.slice(third, 2 * third))
  const grownMb = Math.max(...resident.slice(2 * third)) - startMb
  await publisher.hold()
  child.send('stop')
  const result = (await answered(child)) as FanoutResult
  const quantile = (q: number) => quantileOf(result.histogram, q)
  const times = { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
  return { result, published: publisher.published() - before, cores, startMb, grownMb, ...times }
}

function startPublisher(eventsPerSecond: number, everyMs: number, publish: (events: readonly MarketEvent[]) => void) {
  let due = 0
  let made = 0
  let last = performance.now()
  let running = true
  const timer = setInterval(() => {
    const now = performance.now()
    if (running) due += ((now - last) * eventsPerSecond) / 1_000
    last = now
    if (due < 1) return
    const count = Math.floor(due)
    due -= count
    publish(Array.from({ length: count }, () => liquidation(made++)))
  }, everyMs)
  timer.unref()
  return {
    published: () => made,
    /** Stops, and waits until what was published has arrived. */
    hold: async () => {
      running = false
      due = 0
      await pause(1_000)
    },
    goOn: () => {
      running = true
    },
  }
}

function liquidation(n: number): MarketEvent {
  const now = Date.now() as UnixMs
  return {
    ...{ id: n.toString(16).padStart(32, '0'), venue: 'sim:bybit', time: now, received: now, source: 'simulated' },
    ...{
      type: 'perp-liquidation',
      instrument: 'BTCUSDT',
      coin: 'BTC',
      side: n % 2 ? 'long' : 'short',
      size: 0.25 + (n % 7),
    },
    ...{ price: 84_000 + (n % 500), priceKind: 'bankruptcy', usd: 21_000 + n, usdBasis: 'notional' },
    receipt: { file: 'bybit/liquidations-1', segment: '00000001', offset: n * 200 },
  }
}

function quantileOf(histogram: readonly number[], q: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  let seen = 0
  for (const [ms, count] of histogram.entries()) {
    seen += count
    if (seen >= total * q) return ms
  }
  return Number.NaN
}

async function answered(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the clients' process ended with ${code}`)
  })
  ended.catch(() => undefined)
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown]
  return message
}
