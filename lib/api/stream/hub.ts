/** The stream's hub: events in, batches out to every client, on a clock of 50 to 100 ms that stands still when nothing happens. */
import { performance } from 'node:perf_hooks'
import { breakwaterError, type Clock, type MarketEvent } from '../../model/index.ts'
import type { StreamFacts, StreamRequest, StreamTopic } from '../types.ts'
import { type Board, board } from './board.ts'
import { type Lane, lane, type Sink, type StreamLimits } from './lane.ts'
import { type GapEvent, STREAM_TOPICS, sieve, type TapeEvent, topicOf } from './subscription.ts'

/** The limits that hold when nothing else is said. */
export const STREAM_LIMITS: StreamLimits = {
  flushMs: 50,
  ringItems: 50_000,
  ringCharacters: 32_000_000,
  highWater: 1_000_000,
  catchUpCharacters: 256_000,
  maxClients: 2_000,
  pingMs: 20_000,
}

/** One connected client. */
export type StreamClient = {
  ask(request: StreamRequest): void
  leave(): void
}

/** The hub of one server. */
export type Hub = {
  readonly limits: StreamLimits
  publish(events: readonly MarketEvent[]): void
  /** Refuses (`overloaded`) when `maxClients` are here. */
  join(sink: Sink): StreamClient
  /** Looks at the status and sends what is due, now. */
  flush(): void
  /** Keeps quiet, filtered subscriptions resumable. */
  beat(): void
  facts(): StreamFacts
  close(): void
}

/** What the hub is made of. `status` is asked at most every {@link STATUS_MS}, and only while somebody watches it. */
export type HubOptions = {
  readonly clock: Clock
  readonly status: () => unknown
  readonly limits?: Partial<StreamLimits> | undefined
  /** Told how long each flush took, ms. */
  readonly onFlush?: ((ms: number) => void) | undefined
}

/** How often the status is compared with the last one sent, ms. */
export const STATUS_MS = 1_000

type State = {
  readonly options: HubOptions
  readonly limits: StreamLimits
  readonly lanes: { readonly liquidations: Lane; readonly gaps: Lane }
  readonly status: Board
  readonly watchers: Set<Sink>
  readonly clients: Set<Sink>
  timer: NodeJS.Timeout | undefined
  closed: boolean
  pause: number
}

/** Makes a hub. Numbers begin at the present microsecond, so that they grow across restarts and an old one is known to be old. */
export function streamHub(options: HubOptions): Hub {
  const limits = { ...STREAM_LIMITS, ...options.limits }
  const { clock } = options
  const start = clock.now() * 1_000
  const lanes = { liquidations: lane('liquidations', start, limits, clock), gaps: lane('gaps', start, limits, clock) }
  const status = board(start, limits.highWater, clock)
  const state: State = {
    ...{ options, limits, lanes, status, watchers: new Set(), clients: new Set() },
    ...{ timer: undefined, closed: false, pause: limits.flushMs },
  }
  const statusTimer = setInterval(() => lookAtStatus(state), STATUS_MS)
  statusTimer.unref()
  return {
    limits,
    publish: (events) => publish(state, events),
    join: (sink) => join(state, sink),
    flush: () => {
      lookAtStatus(state)
      flush(state)
    },
    beat: () => {
      lanes.liquidations.beat()
      lanes.gaps.beat()
    },
    facts: () => ({
      clients: state.clients.size,
      dropped: lanes.liquidations.dropped() + lanes.gaps.dropped(),
      seq: { liquidations: lanes.liquidations.newest(), gaps: lanes.gaps.newest(), status: status.newest() },
    }),
    close: () => {
      state.closed = true
      clearInterval(statusTimer)
      clearTimeout(state.timer)
    },
  }
}

function publish(state: State, events: readonly MarketEvent[]): void {
  for (const event of events) {
    const topic = topicOf(event)
    if (!topic) continue
    state.lanes[topic].push(event as TapeEvent | GapEvent)
    arm(state)
  }
}

function flush(state: State): void {
  const { lanes, limits, options } = state
  const began = performance.now()
  clearTimeout(state.timer)
  state.timer = undefined
  const behind = [lanes.liquidations.flush(), lanes.gaps.flush(), state.status.flush()].includes(true)
  const took = performance.now() - began
  state.pause = Math.min(Math.max(limits.flushMs, took * 2), limits.flushMs * 2)
  options.onFlush?.(took)
  if (behind) arm(state)
}

function arm(state: State): void {
  if (!state.timer && !state.closed) state.timer = setTimeout(() => flush(state), state.pause)
}

function lookAtStatus(state: State): void {
  if (state.watchers.size && state.status.update(state.options.status())) arm(state)
}

function join(state: State, sink: Sink): StreamClient {
  const { clients, limits } = state
  if (clients.size >= limits.maxClients)
    throw breakwaterError('overloaded', `${limits.maxClients} clients are connected already`, { clients: clients.size })
  clients.add(sink)
  return {
    ask: (request) => ask(state, sink, request),
    leave: () => {
      clients.delete(sink)
      for (const topic of STREAM_TOPICS) leaveTopic(state, topic, sink)
    },
  }
}

function ask(state: State, sink: Sink, request: StreamRequest): void {
  for (const topic of new Set(request.args)) {
    if (request.op === 'unsubscribe') {
      leaveTopic(state, topic, sink)
      sink.send(Buffer.from(JSON.stringify({ topic, unsubscribed: true })), topic, undefined)
    } else if (topic === 'status') {
      state.watchers.add(sink)
      state.status.update(state.options.status())
      state.status.subscribe(sink, request.resume?.status)
    } else state.lanes[topic].subscribe(sink, sieve(request.filter), request.resume?.[topic])
  }
  arm(state)
}

function leaveTopic(state: State, topic: StreamTopic, sink: Sink): void {
  if (topic === 'status') {
    state.watchers.delete(sink)
    state.status.unsubscribe(sink)
  } else state.lanes[topic].unsubscribe(sink)
}
