/** What Prometheus reads: the feed, the store, the stream and the requests, in base units (seconds, bytes). */
import { performance } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ConnectionStatus } from '../feed/index.ts'
import type { Clock, MarketEvent } from '../model/index.ts'
import type { Store } from '../store/index.ts'
import type { StreamFacts } from './types.ts'

/** The numbers of one server. */
export type Metrics = {
  readonly contentType: string
  read(): Promise<string>
  published(events: readonly MarketEvent[]): void
  flushed(ms: number): void
  answered(route: string, status: number, ms: number): void
  /** The same store, its calls timed. */
  timed(store: Store): Store
}

/** Where the numbers come from. */
export type MetricsOptions = {
  readonly clock: Clock
  readonly status: () => readonly ConnectionStatus[]
  readonly stream: () => StreamFacts
}

/** Seconds, from a map read to a scan of years. */
const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]

/** Makes the numbers of a server, with a registry of their own. */
export function metrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  feedMetrics(registry, options)
  streamMetrics(registry, options)
  const gaps = new Counter({
    name: 'breakwater_gaps_total',
    help: 'Stretches in which a venue was not heard.',
    labelNames: ['venue'],
    registers,
  })
  const events = new Counter({
    name: 'breakwater_published_total',
    help: 'Events handed to the stream.',
    labelNames: ['venue', 'type'],
    registers,
  })
  const lag = new Histogram({
    name: 'breakwater_publish_lag_seconds',
    help: 'From hearing a live event to handing it to the stream.',
    buckets: SECONDS,
    registers,
  })
  const flush = new Histogram({
    name: 'breakwater_stream_flush_seconds',
    help: 'Making and sending one round of batches.',
    buckets: SECONDS,
    registers,
  })
  const requests = new Histogram({
    name: 'breakwater_http_seconds',
    help: 'Time to answer a request.',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers,
  })
  const store = new Histogram({
    name: 'breakwater_store_seconds',
    help: 'Time of a call of the store.',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers,
  })
  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    published: (batch) => {
      const now = options.clock.now()
      for (const event of batch) {
        events.inc({ venue: event.venue, type: event.type })
        if (event.type === 'gap') gaps.inc({ venue: event.venue })
        else if (event.source === 'live') lag.observe(Math.max(0, now - event.received) / 1_000)
      }
    },
    flushed: (ms) => flush.observe(ms / 1_000),
    answered: (route, status, ms) => requests.observe({ route, status: String(status) }, ms / 1_000),
    timed: (plain) => timedStore(plain, (operation, ms) => store.observe({ operation }, ms / 1_000)),
  }
}

function feedMetrics(registry: Registry, { status, clock }: MetricsOptions): void {
  const registers = [registry]
  const counted = [
    ['frames', 'Frames heard.'],
    ['events', 'Events decoded.'],
    ['rejected', 'Frames or rows refused and kept with their reason.'],
    ['dropped', 'Frames dropped because the program could not keep up.'],
    ['reconnects', 'Times a connection was opened again.'],
  ] as const
  for (const [name, help] of counted) {
    new Counter({
      ...{ name: `breakwater_${name}_total`, help, labelNames: ['venue', 'connection'], registers },
      collect() {
        this.reset()
        for (const one of status()) this.inc({ venue: one.venue, connection: one.name }, one[name])
      },
    })
  }
  new Gauge({
    ...{
      name: 'breakwater_connection_open',
      help: '1 = open and heard from, 0 = not.',
      labelNames: ['venue', 'connection'],
      registers,
    },
    collect() {
      this.reset()
      for (const one of status()) this.set({ venue: one.venue, connection: one.name }, one.state === 'open' ? 1 : 0)
    },
  })
  new Gauge({
    ...{
      name: 'breakwater_frame_age_seconds',
      help: 'Time since the last frame.',
      labelNames: ['venue', 'connection'],
      registers,
    },
    collect() {
      this.reset()
      for (const one of status())
        if (one.lastFrame !== undefined)
          this.set({ venue: one.venue, connection: one.name }, (clock.now() - one.lastFrame) / 1_000)
    },
  })
  new Gauge({
    ...{
      name: 'breakwater_clock_skew_seconds',
      help: "The venue's clock minus ours.",
      labelNames: ['venue', 'connection'],
      registers,
    },
    collect() {
      this.reset()
      for (const one of status())
        if (one.skewMs !== undefined) this.set({ venue: one.venue, connection: one.name }, one.skewMs / 1_000)
    },
  })
}

function streamMetrics(registry: Registry, { stream }: MetricsOptions): void {
  const registers = [registry]
  new Gauge({
    ...{ name: 'breakwater_stream_clients', help: 'Connected stream clients.', registers },
    collect() {
      this.set(stream().clients)
    },
  })
  new Counter({
    ...{
      name: 'breakwater_stream_dropped_total',
      help: 'Events left out for slow clients, and told to them.',
      registers,
    },
    collect() {
      this.reset()
      this.inc(stream().dropped)
    },
  })
}

function timedStore(store: Store, observe: (operation: string, ms: number) => void): Store {
  const timed = <A extends unknown[], R>(operation: string, call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      const began = performance.now()
      try {
        return await call(...args)
      } finally {
        observe(operation, performance.now() - began)
      }
    }
  }
  return {
    ...store,
    page: timed('page', store.page),
    get: timed('get', store.get),
    aggregate: timed('aggregate', store.aggregate),
    latest: timed('latest', store.latest),
    facts: timed('facts', store.facts),
  }
}
