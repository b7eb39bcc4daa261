/**
 * The demo feed: a simulated market's frames, in the venues' own wire formats, on the same road as live ones: recorded, decoded, stamped `simulated`.
 * The past day comes as fast as it can be taken, then the market goes on in real time. A restart continues the same session where its recording ends.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, HOUR, type Log, type UnixMs } from '../model/index.ts'
import { DEMO_VENUES, type DemoItem, demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { venue } from '../venues/index.ts'
import type { Batch, ConnectionStatus, Feed } from './feed.ts'
import { openStream, type Stream } from './stream.ts'
import { pause, systemTimers, type Timers } from './timers.ts'

/** What the demo needs. */
export type DemoFeedOptions = {
  readonly dataDir: string
  readonly seed: string | number
  readonly clock: Clock
  readonly log: Log
  readonly timers?: Timers | undefined
  readonly onBatch: (batch: Batch) => Promise<void>
  /** Called once, when the past day has been handed on. */
  readonly onCaughtUp?: (() => void) | undefined
}

type Voice = {
  readonly venueId: string
  readonly connection: string
  readonly stream: Stream
  readonly heardUntil: number
  /** The session's own clock on this stream: a recording of the past is dated in the past. */
  readonly time: { now: UnixMs }
  lastFrame: UnixMs | undefined
}

const PAST = 25 * HOUR
/** Items given to the recorders before waiting for the disk. */
const IN_FLIGHT = 2_000

/** Starts (or continues) the demo of a data directory. The seed of a directory that has one already wins. */
export async function startDemo(options: DemoFeedOptions): Promise<Feed> {
  const { dataDir, clock, timers = systemTimers } = options
  const session = await sessionOf(options)
  const voices = await openVoices(options, session.from)
  const aborted = new AbortController()
  const started = clock.now()
  let caughtUp = false
  const run = async () => {
    let inFlight: Promise<unknown>[] = []
    for (const item of demoSession(session)) {
      const due = receivedAt(item)
      if (due > clock.now()) {
        if (!caughtUp) {
          caughtUp = true
          await Promise.all(voices.map(({ stream }) => stream.drain()))
          options.onCaughtUp?.()
        }
        await pause(timers, Math.max(0, due - clock.now()), aborted.signal)
      }
      if (aborted.signal.aborted) return
      const voice = voices.find(
        (candidate) => candidate.venueId === `sim:${item.venue}` && candidate.connection === item.connection,
      )
      if (!voice || due < voice.heardUntil) continue
      inFlight.push(give(voice, item))
      if (inFlight.length >= IN_FLIGHT || caughtUp) {
        await Promise.all(inFlight)
        inFlight = []
      }
    }
  }
  // A frame that could not be kept is counted by its stream and becomes a gap; the session goes on.
  const running = run().catch((error) => options.log('error', 'the demo stopped', { dataDir, why: String(error) }))
  return {
    status: () => voices.map((voice) => statusOf(voice, started, clock.now())),
    stop: async () => {
      aborted.abort()
      await running
      await Promise.all(voices.map(({ stream }) => stream.stop('the demo was stopped')))
    },
  }
}

type Session = { readonly seed: string | number; readonly from: UnixMs }

/** A directory keeps its session, so that a restart goes on with the same one. */
async function sessionOf({ dataDir, seed, clock }: DemoFeedOptions): Promise<Session> {
  const path = join(dataDir, 'demo.json')
  try {
    const kept = JSON.parse(await readFile(path, 'utf8')) as Partial<Session>
    if (typeof kept.from === 'number' && kept.seed !== undefined) return { seed: kept.seed, from: kept.from }
  } catch {
    // The first start in this directory.
  }
  const session = { seed, from: (Math.floor((clock.now() - PAST) / HOUR) * HOUR) as UnixMs }
  await mkdir(dataDir, { recursive: true })
  await writeFile(`${path}.new`, JSON.stringify(session))
  await rename(`${path}.new`, path)
  return session
}

async function openVoices(options: DemoFeedOptions, from: UnixMs): Promise<Voice[]> {
  const voices: Voice[] = []
  for (const id of DEMO_VENUES) {
    const connections =
      id === 'aave-v3'
        ? ['logs-ethereum']
        : ['binance-um', 'bybit', 'okx'].includes(id)
          ? ['liquidations-1', 'pressure-1']
          : ['liquidations-1']
    for (const connection of connections) {
      const channels = connection === 'pressure-1' ? ['open-interest', 'funding', 'mark'] : ['liquidations']
      const { dataDir, log, timers, onBatch } = options
      const time = { now: from }
      const clock = { now: () => time.now }
      const stream = await openStream({
        dataDir,
        venue: venue(id),
        venueId: `sim:${id}`,
        stream: connection,
        channels,
        source: 'simulated',
        clock,
        log,
        timers,
        onBatch,
      })
      time.now = stream.repaired.last?.received ?? from
      await stream.setInstruments([...demoInstruments(id).values()])
      voices.push({
        venueId: `sim:${id}`,
        connection,
        stream,
        heardUntil: time.now,
        time,
        lastFrame: undefined,
      })
    }
  }
  return voices
}

function give(voice: Voice, item: DemoItem): Promise<unknown> {
  voice.time.now = receivedAt(item)
  if (item.kind === 'frame') {
    voice.lastFrame = item.received
    return voice.stream.frame(item.connection, item.text, item.received).catch(() => undefined)
  }
  return voice.stream.note(
    { note: 'gap', channels: ['liquidations'], from: item.from, to: item.to, why: item.why },
    item.connection,
  )
}

function statusOf(voice: Voice, started: UnixMs, now: UnixMs): ConnectionStatus {
  const { frames, events, rejected, dropped, lastEvent, trouble } = voice.stream.facts()
  return {
    venue: voice.venueId,
    name: voice.connection,
    state: trouble === undefined ? 'open' : 'waiting',
    why: trouble,
    since: started,
    lastFrame: voice.lastFrame !== undefined && voice.lastFrame <= now ? voice.lastFrame : undefined,
    lastEvent,
    frames,
    events,
    rejected,
    dropped,
    reconnects: 0,
    skewMs: undefined,
  }
}
