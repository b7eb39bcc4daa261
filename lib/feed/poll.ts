/** An HTTP address asked again and again: every answer is a frame; an outage is a gap from the last good answer to the next. */
import type { Clock, Log, UnixMs } from '../model/index.ts'
import type { PollPlan } from '../venues/index.ts'
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from './backoff.ts'
import type { Link, LinkStatus } from './link.ts'
import { whyUnreachable } from './reach.ts'
import type { Stream } from './stream.ts'
import { pause, type Timers } from './timers.ts'

/** What a poll needs. */
export type PollOptions = {
  readonly plan: PollPlan
  readonly stream: Pick<Stream, 'frame' | 'note' | 'repaired'>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
  readonly onChange: () => void
  readonly urlFor?: ((url: string) => string) | undefined
  readonly backoff?: Backoff | undefined
  /** How long to wait for one answer, ms (default 10 s). */
  readonly timeoutMs?: number | undefined
}

/** Largest answer accepted, characters. */
const MAX_CHARS = 1 << 25

type State = {
  plan: PollPlan
  status: LinkStatus
  heard: UnixMs | undefined
  deaf: string | undefined
  attempt: number
}
type Answer = { readonly text: string } | { readonly why: string; readonly waitMs: number | undefined }

/** Starts asking and keeps asking until stopped. */
export function openPoll(options: PollOptions): Link {
  const { clock, stream, plan } = options
  const before = stream.repaired.last
  const state: State = {
    plan,
    status: { state: 'connecting', why: undefined, since: clock.now(), lastFrame: undefined, reconnects: 0, skewMs: undefined }, // biome-ignore format: one line
    heard: before?.received,
    deaf: before && (before.stopped ? 'the feed was stopped' : 'the feed was interrupted'),
    attempt: 0,
  }
  const aborted = new AbortController()
  const running = askForever(options, state, aborted.signal)
  return {
    status: () => state.status,
    replan: (next) => {
      if (next.kind === 'poll') state.plan = next
    },
    stop: async () => {
      aborted.abort()
      await running
      change(options, state, 'closed', 'the feed was stopped')
    },
  }
}

async function askForever(options: PollOptions, state: State, signal: AbortSignal): Promise<void> {
  const { clock, timers, stream, random, log, backoff = DEFAULT_BACKOFF } = options
  while (!signal.aborted) {
    const answer = await ask(options, state.plan, signal)
    if (signal.aborted) return
    const now = clock.now()
    if ('text' in answer) {
      await stream.frame('poll', answer.text, now).catch(() => undefined)
      if (state.deaf !== undefined && state.heard !== undefined && state.heard < now) {
        const { channels } = state.plan
        void stream.note({ note: 'gap', channels, from: state.heard, to: now, why: state.deaf }, 'poll', now)
      }
      state.heard = now
      state.deaf = undefined
      state.attempt = 0
      state.status = { ...state.status, lastFrame: now }
      change(options, state, 'open', undefined)
      await pause(timers, state.plan.everyMs, signal)
    } else {
      state.deaf ??= answer.why
      const wait = Math.max(answer.waitMs ?? 0, backoffMs(backoff, state.attempt++, random))
      if (state.status.state === 'open') state.status = { ...state.status, reconnects: state.status.reconnects + 1 }
      log('warn', `${state.plan.name}: ${answer.why}; next attempt in ${Math.round(wait)} ms`)
      change(options, state, 'waiting', answer.why)
      await pause(timers, wait, signal)
    }
  }
}

async function ask(
  { urlFor = (url) => url, timeoutMs = 10_000 }: PollOptions,
  plan: PollPlan,
  signal: AbortSignal,
): Promise<Answer> {
  // biome-ignore format: one line
  try {
    const response = await fetch(urlFor(plan.url), {
      method: plan.method ?? 'GET',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: { ...plan.headers, ...(plan.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(plan.body === undefined ? {} : { body: plan.body }),
    })
    const text = await response.text()
    if (!response.ok) return { why: `the venue answered HTTP ${response.status}`, waitMs: retryAfterMs(response) }
    if (text.length > MAX_CHARS) return { why: `the answer is too long: ${text.length} characters`, waitMs: undefined }
    return { text }
  } catch (error) {
    return { why: whyUnreachable(error), waitMs: undefined }
  }
}

/** What `Retry-After` asks for in seconds, as ms; `undefined` when absent or a date. */
function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, 3_600_000) : undefined
}

function change(
  { clock, onChange }: PollOptions,
  state: State,
  to: LinkStatus['state'],
  why: string | undefined,
): void {
  if (state.status.state === to && state.status.why === why) return
  state.status = { ...state.status, state: to, why, since: clock.now() }
  onChange()
}
