/** The live feed: the plans of all venues opened, recorded, decoded and handed on, with a status for every connection. */
import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import {
  type Clock,
  HOUR,
  type Instrument,
  isLiquidation,
  type Log,
  SECOND,
  silent,
  type UnixMs,
} from '../model/index.ts'
import type { Channel, Connection, Venue } from '../venues/index.ts'
import type { Backoff } from './backoff.ts'
import { backoffMs } from './backoff.ts'
import type { Batch, ConnectionStatus, Feed } from './feed.ts'
import { type LogSource, openIntake } from './intake.ts'
import type { Link } from './link.ts'
import { type LoadedInstruments, loadInstruments } from './metadata.ts'
import { openPoll } from './poll.ts'
import { recordingPath } from './recording.ts'
import { forgetSegments } from './repair.ts'
import type { RoadBatch } from './road.ts'
import { type Silence, watchSilence } from './silence.ts'
import { openSocket, type SocketOptions } from './socket.ts'
import { openStream, type Stream, type StreamOptions } from './stream.ts'
import { pause, systemTimers, type Timers } from './timers.ts'

/** What to hear and where to hand it. */
export type FeedOptions = {
  readonly dataDir: string
  readonly venues: readonly Venue[]
  readonly channels: readonly Channel[]
  /** Only these symbols, as each venue names them; default everything a venue lists. */
  readonly symbols?: readonly string[] | undefined
  readonly clock: Clock
  readonly log?: Log | undefined
  /** Takes a batch whose frames are safe on disk; a batch is offered until it is taken. One batch at a time per stream. */
  readonly onBatch: (batch: Batch) => Promise<void>
  /** Told when the state of a connection changed. */
  readonly onStatus?: ((status: ConnectionStatus) => void) | undefined
  /** The address to use instead of a plan's (tests, proxies). */
  readonly urlFor?: ((url: string, venue: string) => string) | undefined
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  readonly timers?: Timers | undefined
  /** Reads chain logs; venues that need them are reported as waiting without it. */
  readonly logs?: LogSource | undefined
  /** Recordings older than this are deleted once they are handed on; default: kept for ever. */
  readonly keepRecordingsMs?: number | undefined
  readonly backoff?: Backoff | undefined
  readonly socket?: Pick<SocketOptions, 'overlapMs' | 'wire'> | undefined
  readonly stream?: Pick<StreamOptions, 'queueEntries' | 'batchEntries' | 'recorder'> | undefined
}

/** How often instrument lists are asked for again; a venue without one is asked sooner. */
const REFRESH_MS = 6 * HOUR
const MISSING_BACKOFF: Backoff = { firstMs: 5_000, mostMs: 300_000 }
const LOOK_EVERY_MS = 5 * SECOND

type Line = {
  readonly venue: Venue
  readonly plan: Connection
  readonly stream: Stream
  readonly link: Link
  /** The state told last. */
  told: string
}
type Running = Omit<FeedOptions, 'log' | 'timers'> & {
  readonly log: Log
  readonly timers: Timers
  readonly lines: Map<string, Line>
  readonly metadata: Map<string, LoadedInstruments & { readonly at: UnixMs }>
  readonly silence: Silence
  readonly aborted: AbortController
}

/**
 * Starts the feed. Resolves when every venue was asked for its instruments once and its connections are being opened; run `catchUp` before.
 * Throws only for the disk (`disk-full`, a folder that cannot be made); a venue that cannot be reached is a status, not an error.
 */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const feed: Running = {
    ...options,
    log: options.log ?? silent,
    timers: options.timers ?? systemTimers,
    lines: new Map(),
    metadata: new Map(),
    silence: watchSilence(),
    aborted: new AbortController(),
  }
  // Every connection and timer of every venue listens to this one signal.
  setMaxListeners(0, feed.aborted.signal)
  const background: Promise<void>[] = []
  await Promise.all(
    options.venues.map(async (venue) => {
      await loadAndOpen(feed, venue)
      background.push(keepInstruments(feed, venue))
    }),
  )
  background.push(lookAround(feed))
  return {
    status: () => statusOf(feed),
    stop: async () => {
      feed.aborted.abort()
      // First of all nobody may open another connection.
      await Promise.all(background)
      await Promise.all([...feed.lines.values()].map(({ link }) => link.stop()))
      await Promise.all([...feed.lines.values()].map(({ stream }) => stream.stop('the feed was stopped')))
    },
  }
}

async function loadAndOpen(feed: Running, venue: Venue): Promise<void> {
  const { dataDir, clock, log, urlFor, channels, symbols, aborted } = feed
  const loaded = await loadInstruments({
    ...{ dataDir, venue, clock, log, signal: aborted.signal },
    urlFor: urlFor && ((url) => urlFor(url, venue.id)),
  })
  if (aborted.signal.aborted) return
  const known = feed.metadata.get(venue.id)
  // A refresh that failed keeps what an earlier one brought.
  if (loaded.from !== 'venue' && known && known.from !== 'none') return
  feed.metadata.set(venue.id, { ...loaded, at: clock.now() })
  const instruments = new Map(loaded.list.map((instrument) => [instrument.symbol, instrument]))
  for (const plan of venue.plan({ channels, symbols, instruments })) {
    if (!aborted.signal.aborted) await openLine(feed, venue, plan, loaded.list)
  }
}

async function openLine(feed: Running, venue: Venue, plan: Connection, list: readonly Instrument[]): Promise<void> {
  const key = `${venue.id}/${plan.name}`
  const existing = feed.lines.get(key)
  if (existing) {
    if (list.length > 0) await existing.stream.setInstruments(list)
    existing.link.replan(plan)
    return
  }
  const { dataDir, clock, log, timers, onBatch, silence } = feed
  const hears = plan.channels.includes('liquidations')
  const stream = await openStream({
    ...feed.stream,
    ...{ dataDir, venue, stream: plan.name, channels: plan.channels, source: 'live', clock, log, timers, onBatch },
    onTaken: hears ? (batch) => hearLiquidations(silence, venue.id, batch) : undefined,
  })
  if (list.length > 0) await stream.setInstruments(list)
  const line: Line = {
    venue,
    plan,
    stream,
    link: openLink(feed, venue, plan, stream, () => tell(feed, line)),
    told: '',
  }
  feed.lines.set(key, line)
  if (hears) silence.opened(venue.id, clock.now())
  tell(feed, line)
}

function openLink(feed: Running, venue: Venue, plan: Connection, stream: Stream, onChange: () => void): Link {
  const { clock, timers, random, log, backoff, urlFor, logs } = feed
  const shared = { stream, clock, timers, random, log, backoff, onChange: () => queueMicrotask(onChange) }
  const address = urlFor && ((url: string) => urlFor(url, venue.id))
  if (plan.kind === 'socket') return openSocket({ ...shared, ...feed.socket, plan, urlFor: address })
  if (plan.kind === 'poll') return openPoll({ ...shared, plan, urlFor: address })
  if (logs) return openIntake({ ...shared, plan, source: logs })
  const since = clock.now()
  const why = `no way to read the logs of ${plan.chain} is configured`
  const status = { state: 'waiting' as const, why, since, lastFrame: undefined, reconnects: 0, skewMs: undefined }
  return { status: () => status, replan: () => undefined, stop: async () => undefined }
}

/** Only what was received just now speaks for a venue's liveness; history repeated after subscribing does not. */
function hearLiquidations(silence: Silence, venue: string, batch: RoadBatch): void {
  const byTime = new Map<UnixMs, number>()
  for (const event of batch.events) {
    const old = event.received - event.time > 60 * SECOND
    if (isLiquidation(event) && !old) byTime.set(event.received, (byTime.get(event.received) ?? 0) + 1)
  }
  for (const [at, events] of byTime) silence.heard(venue, at, events)
}

/** Asks for the list again from time to time: new listings change plans, and a venue that could not be reached comes back. */
async function keepInstruments(feed: Running, venue: Venue): Promise<void> {
  const { timers, random, aborted, log } = feed
  if (venue.metadata.length === 0) return
  for (let attempt = 0; !aborted.signal.aborted; ) {
    const fresh = feed.metadata.get(venue.id)?.from === 'venue'
    attempt = fresh ? 0 : attempt + 1
    const wait = fresh ? REFRESH_MS * (0.9 + 0.2 * random()) : backoffMs(MISSING_BACKOFF, attempt - 1, random)
    await pause(timers, wait, aborted.signal)
    if (aborted.signal.aborted) return
    await loadAndOpen(feed, venue).catch((error: Error) => log('error', `${venue.id}: ${error.message}`))
  }
}

/** Looks for silence, tells changed states, and lets old recordings go. */
async function lookAround(feed: Running): Promise<void> {
  const { timers, aborted, clock, keepRecordingsMs, dataDir, log } = feed
  let forgotten = clock.now()
  while (!aborted.signal.aborted) {
    await pause(timers, LOOK_EVERY_MS, aborted.signal)
    for (const line of feed.lines.values()) tell(feed, line)
    if (keepRecordingsMs === undefined || clock.now() - forgotten < HOUR) continue
    forgotten = clock.now()
    for (const { venue, plan, stream } of feed.lines.values()) {
      const folder = join(dataDir, recordingPath(venue.id, plan.name))
      const before = (forgotten - keepRecordingsMs) as UnixMs
      await forgetSegments(folder, before, stream.facts().handed.segment).catch((error: Error) =>
        log('warn', `old recordings could not be deleted: ${error.message}`, { folder }),
      )
    }
  }
}

function tell(feed: Running, line: Line): void {
  const status = lineStatus(feed, line)
  const now = `${status.state} ${status.why}`
  if (now === line.told) return
  // A venue that comes back is given its whole patience again.
  const back = status.state === 'open' && !/^(open|silent)/.test(line.told)
  if (back && line.plan.channels.includes('liquidations')) feed.silence.opened(line.venue.id, feed.clock.now())
  line.told = now
  feed.onStatus?.(status)
}

function lineStatus(feed: Running, { venue, plan, stream, link }: Line): ConnectionStatus {
  const { clock, silence, metadata } = feed
  const status = link.status()
  const { frames, events, rejected, dropped, lastEvent, trouble } = stream.facts()
  const hears = plan.channels.includes('liquidations')
  const quiet = hears && status.state === 'open' ? silence.why(venue.id, clock.now()) : undefined
  const alive = status.lastFrame === undefined ? '' : `; last frame ${Math.round((clock.now() - status.lastFrame) / SECOND)} s ago` // biome-ignore format: one line
  const why = [quiet && `${quiet}${alive}`, status.why, trouble, listWhy(metadata.get(venue.id), clock.now())]
  return {
    ...status,
    venue: venue.id,
    name: plan.name,
    state: quiet ? 'silent' : status.state,
    why: why.filter((each) => each !== undefined).join('; ') || undefined,
    ...{ lastEvent, frames, events, rejected, dropped },
  }
}

function listWhy(loaded: LoadedInstruments | undefined, now: UnixMs): string | undefined {
  if (!loaded || loaded.from === 'venue') return undefined
  if (loaded.confirmed === undefined) return loaded.why
  return `${loaded.why}; using the list confirmed ${Math.round((now - loaded.confirmed) / HOUR)} h ago`
}

function statusOf(feed: Running): readonly ConnectionStatus[] {
  const lines = [...feed.lines.values()].map((line) => lineStatus(feed, line))
  const opened = new Set(lines.map(({ venue }) => venue))
  // A venue whose plan needs its instrument list has no connection before that list is there.
  const waiting = feed.venues.flatMap((venue): ConnectionStatus[] => {
    const loaded = feed.metadata.get(venue.id)
    if (opened.has(venue.id) || !loaded || loaded.from !== 'none') return []
    const none = { lastFrame: undefined, lastEvent: undefined, skewMs: undefined }
    const zero = { frames: 0, events: 0, rejected: 0, dropped: 0, reconnects: 0 }
    return [
      { venue: venue.id, name: 'instruments', state: 'waiting', why: loaded.why, since: loaded.at, ...none, ...zero },
    ]
  })
  return [...lines, ...waiting]
}
