/**
 * A venue's WebSocket stream, kept: reconnects with backoff, rotates before the venue's cut with both connections open for a while
 * (duplicates vanish by id), and writes down every outage as a gap from the last thing heard to the moment subscribed again.
 */
import type { Clock, Log, UnixMs } from '../model/index.ts'
import type { SocketPlan } from '../venues/index.ts'
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from './backoff.ts'
import type { Link, LinkStatus } from './link.ts'
import { openSkew } from './skew.ts'
import type { Stream } from './stream.ts'
import type { Timers } from './timers.ts'
import { openWire, PARTIAL, type Wire, type WireOptions } from './wire.ts'

/** What a kept socket needs. */
export type SocketOptions = {
  readonly plan: SocketPlan
  readonly stream: Pick<Stream, 'frame' | 'note' | 'repaired'>
  readonly clock: Clock
  readonly timers: Timers
  /** Uniform in [0, 1): the jitter. */
  readonly random: () => number
  readonly log: Log
  readonly onChange: () => void
  /** The address to use instead of the plan's (tests, proxies). */
  readonly urlFor?: ((url: string) => string) | undefined
  readonly backoff?: Backoff | undefined
  /** How long both connections stay open when rotating, ms (default 2000). */
  readonly overlapMs?: number | undefined
  readonly wire?: Pick<WireOptions, 'maxFrameBytes' | 'handshakeMs' | 'acknowledgeMs'> | undefined
}

/** A connection that lived this long had no trouble: the next failure starts the backoff anew. */
const SETTLED_MS = 30_000
/** How often to note that a quiet connection is alive, so that a crash leaves a short gap. */
const ALIVE_EVERY_MS = 30_000
/** A part refused this often in a row is taken as refused for good: the rest is heard, the status says so, and it is asked again later. */
const PARTIALS = 3
const ASK_AGAIN_MS = 600_000
/** Rotation happens at this part of the venue's cut, plus a little jitter. */
const ROTATE_AT = 0.9

type State = {
  plan: SocketPlan
  current: Wire | undefined
  /** A connection being opened: the first, a reconnection, or the successor in a rotation. */
  next: Wire | undefined
  readonly retiring: Set<Wire>
  readonly cancels: Map<string, () => void>
  status: Omit<LinkStatus, 'skewMs'>
  /** Deaf since then, why, and whether a gap is due when heard again. */
  deaf: { readonly since: UnixMs; readonly why: string } | undefined
  attempt: number
  /** How often in a row a part of the subscription was refused. */
  partials: number
  opened: number
  /** When the last thing was recorded. */
  recorded: UnixMs | undefined
  stopped: boolean
}
type Open = SocketOptions & { readonly state: State; readonly skew: ReturnType<typeof openSkew> }

/** Opens the stream of a plan and keeps it open until stopped. */
export function openSocket(options: SocketOptions): Link {
  const { clock, stream } = options
  const before = stream.repaired.last
  const why = before?.stopped ? 'the feed was stopped' : 'the feed was interrupted'
  const state: State = {
    plan: options.plan,
    current: undefined,
    next: undefined,
    retiring: new Set(),
    cancels: new Map(),
    status: { state: 'connecting', why: undefined, since: clock.now(), lastFrame: undefined, reconnects: 0 },
    deaf: before && { since: before.received, why },
    attempt: 0,
    partials: 0,
    opened: 0,
    recorded: undefined,
    stopped: false,
  }
  const socket: Open = { ...options, state, skew: openSkew() }
  connect(socket)
  keepAliveNotes(socket)
  return {
    status: () => ({ ...state.status, skewMs: socket.skew.median() }),
    replan: (plan) => {
      if (plan.kind !== 'socket' || samePlan(plan, state.plan)) return
      state.plan = plan
      if (state.current && !state.next) connect(socket)
    },
    stop: () => stop(socket),
  }
}

function samePlan(a: SocketPlan, b: SocketPlan): boolean {
  return a.url === b.url && JSON.stringify(a.subscribe) === JSON.stringify(b.subscribe)
}

function connect(socket: Open): void {
  const { state, stream, clock, timers, urlFor = (url) => url, skew } = socket
  if (state.stopped || state.next) return
  cancel(state, 'retry')
  const id = String(++state.opened)
  const { plan } = state
  if (!state.current) change(socket, 'connecting', state.status.why)
  const wire: Wire = openWire({
    ...socket.wire,
    ...{ id, plan, clock, timers, url: urlFor(plan.url), acceptPartial: state.partials >= PARTIALS },
    events: {
      opened: () => void stream.note({ note: 'opened' }, id),
      frame: (text, received) => {
        state.status = { ...state.status, lastFrame: received }
        state.recorded = received
        skew.hear(text, received)
        void stream.frame(id, text, received)
      },
      subscribed: (at, why) => promote(socket, wire, at, why),
      closed: (why) => lose(socket, wire, why),
    },
  })
  state.next = wire
}

/** The connection hears everything from now on: it takes over, and the gap, if there was one, ends. */
function promote(socket: Open, wire: Wire, at: UnixMs, why: string | undefined): void {
  const { state, stream, overlapMs = 2_000 } = socket
  const old = state.current
  if (state.next === wire) state.next = undefined
  state.current = wire
  void stream.note({ note: 'subscribed' }, wire.id, at)
  state.recorded = at
  if (state.deaf) {
    const { since, why } = state.deaf
    state.deaf = undefined
    const from = Math.min(since, at) as UnixMs
    void stream.note({ note: 'gap', channels: state.plan.channels, from, to: at, why }, wire.id, at)
  }
  if (old) {
    state.retiring.add(old)
    later(socket, `retire-${old.id}`, overlapMs, () => old.close('rotated'))
  }
  later(socket, 'settle', SETTLED_MS, () => {
    state.attempt = 0
  })
  if (why?.startsWith(PARTIAL)) void stream.note({ note: 'refused', why }, wire.id)
  else state.partials = 0
  rotateBeforeCut(socket, state.partials > 0)
  change(socket, 'open', why)
}

function rotateBeforeCut(socket: Open, partial: boolean): void {
  const { cutAfterMs = Number.POSITIVE_INFINITY } = socket.state.plan
  const wait = Math.min(
    cutAfterMs * (ROTATE_AT - 0.05 * socket.random()),
    partial ? ASK_AGAIN_MS : Number.POSITIVE_INFINITY,
  )
  if (Number.isFinite(wait)) later(socket, 'rotate', wait, () => connect(socket))
}

function lose(socket: Open, wire: Wire, why: string): void {
  const { state, stream, clock } = socket
  if (state.retiring.delete(wire)) {
    void stream.note({ note: 'closed', why }, wire.id)
    return
  }
  if (state.stopped) return
  void stream.note({ note: 'closed', why }, wire.id)
  if (why.startsWith(PARTIAL)) state.partials++
  if (state.next === wire) state.next = undefined
  if (state.current === wire) {
    state.current = undefined
    state.deaf ??= { since: wire.lastHeard() ?? clock.now(), why }
    cancel(state, 'rotate')
    cancel(state, 'settle')
    state.status = { ...state.status, reconnects: state.status.reconnects + 1 }
  }
  if (!state.current) change(socket, 'waiting', why)
  if (!state.next) retry(socket, why)
}

function retry(socket: Open, why: string): void {
  const { state, backoff = DEFAULT_BACKOFF, random, log } = socket
  const wait = backoffMs(backoff, state.attempt++, random)
  log(state.current ? 'info' : 'warn', `${state.plan.name}: ${why}; next attempt in ${Math.round(wait)} ms`)
  later(socket, 'retry', wait, () => connect(socket))
}

function keepAliveNotes(socket: Open): void {
  const { state, stream } = socket
  later(socket, 'alive', ALIVE_EVERY_MS, () => {
    noteAlive(state, stream)
    keepAliveNotes(socket)
  })
}

/** Protocol pings are not frames, but they prove the connection: the newest one is noted. */
function noteAlive(state: State, stream: SocketOptions['stream']): void {
  const heard = state.current?.lastHeard()
  if (state.current === undefined || heard === undefined || heard <= (state.recorded ?? 0)) return
  state.recorded = heard
  void stream.note({ note: 'alive' }, state.current.id, heard)
}

function later({ state, timers }: Open, name: string, ms: number, run: () => void): void {
  cancel(state, name)
  if (state.stopped) return
  const expire = () => {
    state.cancels.delete(name)
    run()
  }
  state.cancels.set(name, timers.after(ms, expire))
}

function cancel(state: State, name: string): void {
  state.cancels.get(name)?.()
  state.cancels.delete(name)
}

function change({ state, clock, onChange }: Open, to: LinkStatus['state'], why: string | undefined): void {
  if (state.status.state === to && state.status.why === why) return
  state.status = { ...state.status, state: to, why, since: clock.now() }
  onChange()
}

async function stop(socket: Open): Promise<void> {
  const { state, stream } = socket
  if (state.stopped) return
  noteAlive(state, stream)
  state.stopped = true
  for (const name of [...state.cancels.keys()]) cancel(state, name)
  for (const wire of [state.current, state.next, ...state.retiring]) wire?.close('the feed stops')
  change(socket, 'closed', 'the feed was stopped')
}
