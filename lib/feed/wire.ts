/** One physical WebSocket connection: opened, subscribed at the venue's pace, kept alive by its rules, watched for silence. */
import { gunzipSync } from 'node:zlib'
import { WebSocket } from 'ws'
import type { Clock, UnixMs } from '../model/index.ts'
import type { SocketPlan } from '../venues/index.ts'
import { whyUnreachable } from './reach.ts'
import type { Timers } from './timers.ts'

/** What a connection tells, in the order it happens. `closed` comes exactly once and last. */
export type WireEvents = {
  opened(): void
  /** A frame, decompressed; every frame comes here, heartbeats and acknowledgements too. */
  frame(text: string, received: UnixMs): void
  /** From this moment on everything subscribed is heard. `why`: what the venue refused of it, or that it did not acknowledge. */
  subscribed(at: UnixMs, why: string | undefined): void
  closed(why: string): void
}

/** What a connection needs. */
export type WireOptions = {
  readonly id: string
  readonly plan: SocketPlan
  readonly url: string
  readonly clock: Clock
  readonly timers: Timers
  readonly events: WireEvents
  /** Largest frame accepted, bytes (default 32 MiB, decompressed too). */
  readonly maxFrameBytes?: number | undefined
  /** How long to wait for the opening handshake (default 10 s) and for acknowledgements (default 10 s). */
  readonly handshakeMs?: number | undefined
  /** Stay although the venue refused a part of the subscription; else hang up, so that it is tried again. */
  readonly acceptPartial?: boolean | undefined
  readonly acknowledgeMs?: number | undefined
}

/** A connection under way. */
export type Wire = {
  readonly id: string
  /** When anything at all was last heard on it, protocol pings included. */
  lastHeard(): UnixMs | undefined
  isSubscribed(): boolean
  close(why: string): void
}

type State = {
  readonly socket: WebSocket
  readonly cancels: Set<() => void>
  heard: UnixMs | undefined
  sent: number
  acknowledged: number
  /** Frames that are neither data nor about a subscription: answers to what else is sent when opening (Deribit's set_heartbeat). */
  answers: number
  refusals: string[]
  subscribed: boolean
  why: string | undefined
  over: boolean
}
type Open = WireOptions & { readonly state: State }

/** How a connection says that only a part of its subscription was refused. */
export const PARTIAL = 'the venue refused a part of the subscription'

/** Opens a connection. */
export function openWire(options: WireOptions): Wire {
  const { plan, url, events, clock, handshakeMs = 10_000, maxFrameBytes = 1 << 25 } = options
  const socket = new WebSocket(url, {
    handshakeTimeout: handshakeMs,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    ...(plan.headers ? { headers: plan.headers } : {}),
  })
  const state: State = {
    ...{ socket, cancels: new Set<() => void>(), heard: undefined, sent: 0, acknowledged: 0, answers: 0 },
    ...{ refusals: [], subscribed: false, why: undefined, over: false },
  }
  const wire: Open = { ...options, state }
  const hear = () => {
    state.heard = clock.now()
  }
  socket.on('open', () => {
    hear()
    events.opened()
    watch(wire)
    sendPings(wire)
    sendSubscriptions(wire, 0)
  })
  socket.on('ping', hear)
  socket.on('pong', hear)
  socket.on('message', (data, isBinary) => {
    hear()
    takeFrame(wire, textOf(data as Buffer, isBinary, plan.gzip === true, maxFrameBytes))
  })
  socket.on('error', (error) => {
    state.why ??= whyUnreachable(error)
  })
  socket.on('close', (code, reason) =>
    finish(wire, `closed by the venue (${code}${reason.length ? ` ${reason}` : ''})`),
  )
  return {
    id: options.id,
    lastHeard: () => state.heard,
    isSubscribed: () => state.subscribed && !state.over,
    close: (why) => {
      state.why ??= why
      finish(wire, why)
      if (socket.readyState === WebSocket.OPEN) socket.close(1000)
      // A peer that does not answer the closing handshake is not waited for.
      const cancel = options.timers.after(1000, () => socket.terminate())
      socket.once('close', cancel)
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
    },
  }
}

function finish({ state, events }: Open, why: string): void {
  if (state.over) return
  state.over = true
  for (const cancel of state.cancels) cancel()
  state.cancels.clear()
  events.closed(state.why ?? why)
}

function later({ state, timers }: Open, ms: number, run: () => void): void {
  const cancel = timers.after(ms, () => {
    state.cancels.delete(cancel)
    if (!state.over) run()
  })
  state.cancels.add(cancel)
}

/** Text of a message; bytes that should be gzip and are not are kept as they are, so that the recording shows them. */
function textOf(data: Buffer, isBinary: boolean, gzip: boolean, maxOutputLength: number): string {
  const zipped = isBinary && (gzip || (data[0] === 0x1f && data[1] === 0x8b))
  if (!zipped) return data.toString('utf8')
  try {
    return gunzipSync(data, { maxOutputLength }).toString('utf8')
  } catch {
    return `base64:${data.toString('base64')}`
  }
}

function takeFrame(wire: Open, text: string): void {
  const { plan, state, events, clock } = wire
  if (state.over) return
  events.frame(text, state.heard ?? clock.now())
  const answer = plan.reply?.(text)
  if (answer !== undefined) send(wire, answer)
  const control = plan.control?.(text)
  if (control?.kind === 'heartbeat' && state.sent > 0) state.answers++
  if (control?.kind === 'subscribed') state.acknowledged++
  else if (control?.kind === 'refused') {
    if (control.harmless) state.acknowledged++
    else state.refusals.push(control.why)
  } else if (control === undefined && plan.control === undefined && state.sent === plan.subscribe.length) {
    state.acknowledged = Math.max(state.acknowledged, plan.subscribe.length)
  }
  checkSubscribed(wire)
}

function checkSubscribed(wire: Open): void {
  const { plan, state } = wire
  if (state.subscribed || state.over || state.sent < plan.subscribe.length) return
  const spoken = state.acknowledged + state.refusals.length
  if (plan.subscribe.length > 0 && (spoken === 0 || spoken + state.answers < plan.subscribe.length)) return
  const refusal = state.refusals[0]
  if (refusal === undefined) markSubscribed(wire, undefined)
  else if (state.acknowledged === 0) hangUp(wire, `the venue refused the subscription: ${refusal}`)
  else if (!wire.acceptPartial) hangUp(wire, `${PARTIAL}: ${refusal}`)
  else markSubscribed(wire, `${PARTIAL}: ${refusal}`)
}

function markSubscribed({ state, events, clock }: Open, why: string | undefined): void {
  state.subscribed = true
  events.subscribed(clock.now(), why)
}

function sendSubscriptions(wire: Open, index: number): void {
  const { plan, state, acknowledgeMs = 10_000 } = wire
  const message = plan.subscribe[index]
  if (message !== undefined) {
    send(wire, message)
    state.sent = index + 1
    later(wire, plan.subscribeEveryMs, () => sendSubscriptions(wire, index + 1))
  } else if (!state.subscribed) {
    if (plan.subscribe.length > 0) later(wire, acknowledgeMs, () => assumeSubscribed(wire))
    checkSubscribed(wire)
  }
}

/** A venue that answers, but not our subscription: heard from here on as far as one can tell, and the status says so. */
function assumeSubscribed(wire: Open): void {
  const { state } = wire
  if (state.subscribed) return
  if (state.refusals[0] !== undefined && state.acknowledged === 0)
    hangUp(wire, `the venue refused the subscription: ${state.refusals[0]}`)
  else
    markSubscribed(wire, `the venue acknowledged ${state.acknowledged} of ${wire.plan.subscribe.length} subscriptions`)
}

function sendPings(wire: Open): void {
  const { plan, state } = wire
  if (!plan.ping) return
  const { everyMs, send: what } = plan.ping
  const ping = () => {
    if (what === 'protocol') state.socket.ping()
    else send(wire, what.text)
    later(wire, everyMs, ping)
  }
  later(wire, everyMs, ping)
}

/** Hangs up when nothing at all was heard for `deadAfterMs`: a half-open TCP connection never says so itself. */
function watch(wire: Open): void {
  const { plan, state, clock } = wire
  const silence = clock.now() - (state.heard ?? clock.now())
  if (silence >= plan.deadAfterMs) hangUp(wire, `dead: nothing was heard for ${silence} ms`)
  else later(wire, plan.deadAfterMs - silence, () => watch(wire))
}

function hangUp(wire: Open, why: string): void {
  wire.state.why ??= why
  wire.state.socket.terminate()
  finish(wire, why)
}

function send({ state }: Open, text: string): void {
  if (state.socket.readyState === WebSocket.OPEN) state.socket.send(text)
}
