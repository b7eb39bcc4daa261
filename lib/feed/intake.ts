/** Any sequence of frames on the road: chain logs and other sources that know where they stand and can go on from there. */
import type { Clock, Log, UnixMs } from '../model/index.ts'
import type { LogPlan, Raw } from '../venues/index.ts'
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from './backoff.ts'
import type { Link, LinkStatus } from './link.ts'
import { whyUnreachable } from './reach.ts'
import type { Stream } from './stream.ts'
import { pause, type Timers } from './timers.ts'

/**
 * One thing a source says: frames and where the source stands after them, or a stretch it could not read.
 * `cursor` is the source's own text (for chains: the last block that is complete); it is kept in the recording with the frames.
 */
export type IntakeItem =
  | { readonly frames: readonly Raw[]; readonly cursor?: string | undefined }
  | { readonly gap: { readonly from: UnixMs; readonly to: UnixMs; readonly why: string } }

/** Reads a plan's logs, going on after `cursor` where given, until `signal` aborts. It may throw: it is opened again at the last cursor. */
export type LogSource = (plan: LogPlan, cursor: string | undefined, signal: AbortSignal) => AsyncIterable<IntakeItem>

/** What an intake needs. */
export type IntakeOptions = {
  readonly plan: LogPlan
  readonly source: LogSource
  readonly stream: Pick<Stream, 'frame' | 'note' | 'repaired'>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
  readonly onChange: () => void
  readonly backoff?: Backoff | undefined
}

type State = { status: LinkStatus; cursor: string | undefined; attempt: number }

/** Starts reading and keeps reading until stopped. The next item is asked for only when the last one is fsynced. */
export function openIntake(options: IntakeOptions): Link {
  const { clock, stream } = options
  const state: State = {
    status: { state: 'connecting', why: undefined, since: clock.now(), lastFrame: undefined, reconnects: 0, skewMs: undefined }, // biome-ignore format: one line
    cursor: stream.repaired.last?.cursor,
    attempt: 0,
  }
  const aborted = new AbortController()
  const running = readForever(options, state, aborted.signal)
  return {
    status: () => state.status,
    replan: () => undefined,
    stop: async () => {
      aborted.abort()
      await running
      change(options, state, 'closed', 'the feed was stopped')
    },
  }
}

async function readForever(options: IntakeOptions, state: State, signal: AbortSignal): Promise<void> {
  const { plan, source, timers, random, log, backoff = DEFAULT_BACKOFF } = options
  while (!signal.aborted) {
    let why = 'the source ended'
    try {
      for await (const item of source(plan, state.cursor, signal)) {
        await keep(options, state, item)
        state.attempt = 0
        change(options, state, 'open', undefined)
        if (signal.aborted) return
      }
    } catch (error) {
      why = whyUnreachable(error)
    }
    if (signal.aborted) return
    const wait = backoffMs(backoff, state.attempt++, random)
    state.status = { ...state.status, reconnects: state.status.reconnects + 1 }
    log('warn', `${plan.name}: ${why}; next attempt in ${Math.round(wait)} ms`)
    change(options, state, 'waiting', why)
    await pause(timers, wait, signal)
  }
}

async function keep({ plan, stream, clock }: IntakeOptions, state: State, item: IntakeItem): Promise<void> {
  if ('gap' in item) return stream.note({ note: 'gap', channels: plan.channels, ...item.gap }, plan.name)
  const writes = item.frames.map(({ text, received }) => stream.frame(plan.name, text, received))
  // The cursor follows its frames: after a crash in between, the frames are read again and vanish by id.
  if (item.cursor !== undefined) writes.push(stream.note({ note: 'cursor', cursor: item.cursor }, plan.name))
  await Promise.all(writes)
  state.cursor = item.cursor ?? state.cursor
  state.status = { ...state.status, lastFrame: item.frames.at(-1)?.received ?? clock.now() }
}

function change(
  { clock, onChange }: IntakeOptions,
  state: State,
  to: LinkStatus['state'],
  why: string | undefined,
): void {
  if (state.status.state === to && state.status.why === why) return
  state.status = { ...state.status, state: to, why, since: clock.now() }
  onChange()
}
