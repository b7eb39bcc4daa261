/** Replay: a recording taken down the same road as live frames, at any speed, from any position; and the catching-up after a crash. */
import { join } from 'node:path'
import { isBreakwaterError, type Log, type Source, silent, type UnixMs } from '../model/index.ts'
import type { Venue } from '../venues/index.ts'
import type { Batch } from './feed.ts'
import { listStreams, parsePosition, readRecording, recordingPath, START, type Stretch } from './recording.ts'
import { type Repair, repair } from './repair.ts'
import { openRoad, type RoadBatch, streamName } from './road.ts'
import { pause, systemTimers, type Timers } from './timers.ts'

/** What to replay and how. */
export type ReplayOptions = {
  readonly dataDir: string
  readonly venues: ReadonlyMap<string, Venue>
  /** 0 as fast as possible, 1 as it happened, N times as fast. */
  readonly speed: number
  /** How the events are labelled: `live` when a crash interrupted their storing, `recorded` for a replay of its own. Streams of `sim:` venues stay `simulated`. */
  readonly source: Source
  /** Only these streams (`venue/stream`); default all. */
  readonly streams?: readonly string[] | undefined
  /** The position to go on from, by stream; default the beginning. */
  readonly from?: ((stream: string) => Promise<string | undefined> | string | undefined) | undefined
  readonly onBatch: (batch: Batch) => Promise<void>
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined
  readonly timers?: Timers | undefined
  readonly log?: Log | undefined
  readonly signal?: AbortSignal | undefined
  /** Records of one batch at speed 0 (default 5 000). */
  readonly batchEntries?: number | undefined
}

/** How far a replay is: counts so far and the time of receipt it has reached. */
export type ReplayProgress = {
  readonly streams: number
  readonly frames: number
  readonly events: number
  readonly rejected: number
  readonly reached: UnixMs | undefined
  /** Streams that were left where their recording cannot be decoded as it was (their instrument list is gone). */
  readonly failed: readonly string[]
}

/** What `catchUp` needs. */
export type CatchUpOptions = Omit<ReplayOptions, 'speed' | 'source' | 'streams' | 'from'> & {
  /** Where the store stands, by stream (`store.checkpoint`). */
  readonly checkpoint: (stream: string) => Promise<string | undefined>
  readonly source?: Source | undefined
}

type Lane = {
  readonly name: string
  readonly road: ReturnType<typeof openRoad>
  readonly stretches: AsyncGenerator<Stretch>
  head: Stretch | undefined
}

/** Replays the streams of a data directory together, in the order they were received. Refuses (`bad-cursor`) a position that is none. */
export async function replay(options: ReplayOptions): Promise<ReplayProgress> {
  const { speed, onBatch, onProgress, timers = systemTimers, signal, log = silent } = options
  const lanes = await openLanes(options)
  let progress: ReplayProgress = {
    streams: lanes.length,
    frames: 0,
    events: 0,
    rejected: 0,
    reached: undefined,
    failed: [],
  }
  let started: UnixMs | undefined
  try {
    for (let lane = earliest(lanes); lane && !signal?.aborted; lane = earliest(lanes)) {
      const stretches = await takeStretches(lane, speed === 0 ? (options.batchEntries ?? 5_000) : 1)
      const at = receivedOf(stretches[0]!)
      if (speed > 0 && started !== undefined && at > started) await pause(timers, (at - started) / speed, signal)
      if (signal?.aborted) break
      started = at
      const taken = await take(lane, stretches, log)
      if (!taken) {
        progress = { ...progress, failed: [...progress.failed, lane.name] }
        continue
      }
      const { frames, lastFrame, ...batch } = taken
      await onBatch(batch)
      progress = {
        ...progress,
        frames: progress.frames + frames,
        events: progress.events + batch.events.length,
        rejected: progress.rejected + batch.rejected.length,
        reached: lastFrame ?? progress.reached,
      }
      onProgress?.(progress)
    }
  } finally {
    for (const lane of lanes) await lane.stretches.return(undefined)
  }
  return progress
}

async function openLanes(options: ReplayOptions): Promise<Lane[]> {
  const { dataDir, venues, streams, from, source, log = silent } = options
  const lanes: Lane[] = []
  for (const { venue: venueId, stream } of await listStreams(dataDir)) {
    const name = streamName(venueId, stream)
    if (streams && !streams.includes(name)) continue
    const simulated = venueId.startsWith('sim:')
    const venue = venues.get(simulated ? venueId.slice(4) : venueId)
    if (!venue) {
      log('warn', `the recording of ${venueId} is left alone: no venue of this name is known`, { stream: name })
      continue
    }
    const position = await from?.(name)
    const start = position === undefined ? START : parsePosition(position)
    const road = openRoad({ dataDir, venue, venueId, stream, source: simulated ? 'simulated' : source })
    const stretches = readRecording(join(dataDir, recordingPath(venueId, stream)), start)
    lanes.push({ name, road, stretches, head: (await stretches.next()).value ?? undefined })
  }
  return lanes
}

function receivedOf(stretch: Stretch): UnixMs {
  return stretch.damage?.to ?? stretch.entries[0]?.received ?? (0 as UnixMs)
}

function earliest(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    if (lane.head && (!best?.head || receivedOf(lane.head) < receivedOf(best.head))) best = lane
  }
  return best
}

async function takeStretches(lane: Lane, limit: number): Promise<Stretch[]> {
  const taken: Stretch[] = []
  for (let count = 0; lane.head && count < limit; ) {
    taken.push(lane.head)
    count += Math.max(1, lane.head.entries.length)
    lane.head = (await lane.stretches.next()).value ?? undefined
  }
  return taken
}

/** One stream that cannot be read does not keep the others waiting. */
async function take(lane: Lane, stretches: readonly Stretch[], log: Log): Promise<RoadBatch | undefined> {
  try {
    return await lane.road.take(stretches)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    log('error', `${lane.name} is not replayed: ${error.message}`, { stream: lane.name, fix: error.fix })
    lane.head = undefined
    return undefined
  }
}

/** What catching up did: the repairs by stream, and what was handed on. */
export type CaughtUp = ReplayProgress & { readonly repairs: ReadonlyMap<string, Repair> }

/** At start: repairs every stream's torn tail, then hands on what the recording holds beyond the store's checkpoints. Run it before `startFeed`. */
export async function catchUp(options: CatchUpOptions): Promise<CaughtUp> {
  const { dataDir, checkpoint, source = 'live', log = silent } = options
  const repairs = new Map<string, Repair>()
  for (const { venue, stream } of await listStreams(dataDir)) {
    const done = await repair(join(dataDir, recordingPath(venue, stream)))
    repairs.set(streamName(venue, stream), done)
    if (done.repaired > 0)
      log('info', 'a recording that was cut short is repaired', {
        stream: streamName(venue, stream),
        ...done,
        last: undefined,
      })
  }
  const progress = await replay({ ...options, speed: 0, source, from: checkpoint })
  return { ...progress, repairs }
}
