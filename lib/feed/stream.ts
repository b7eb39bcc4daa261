/**
 * One stream on the road, live: record, then decode what is safe on disk, then hand on. A slow or failing taker does not grow memory:
 * beyond a bounded queue the stream forgets what it holds and reads it back from its own recording.
 */
import { join } from 'node:path'
import { type Clock, type Instrument, type Log, type Source, silent, type UnixMs } from '../model/index.ts'
import type { Venue } from '../venues/index.ts'
import type { Batch } from './feed.ts'
import { saveInstruments } from './instruments.ts'
import { openRecorder, type Recorder, type RecorderOptions } from './record.ts'
import {
  comparePositions,
  type Position,
  parsePosition,
  readRecording,
  recordingPath,
  START,
  type Stretch,
} from './recording.ts'
import type { Repair } from './repair.ts'
import { openRoad, type Road, type RoadBatch } from './road.ts'
import type { Note } from './segment.ts'
import { pause, systemTimers, type Timers } from './timers.ts'

/** What a stream needs. */
export type StreamOptions = {
  readonly dataDir: string
  readonly venue: Venue
  /** The `venue` of the events, where it differs from `venue.id` (`sim:okx`). */
  readonly venueId?: string | undefined
  readonly stream: string
  readonly channels: readonly string[]
  readonly source: Source
  readonly clock: Clock
  readonly log?: Log | undefined
  readonly timers?: Timers | undefined
  /** Takes a batch; when it throws, the same batch is offered again until it succeeds or the stream stops. */
  readonly onBatch: (batch: Batch) => Promise<void>
  /** Records that may wait in memory for the taker (default 20 000). */
  readonly queueEntries?: number | undefined
  /** Records of one batch (default 5 000). */
  readonly batchEntries?: number | undefined
  readonly recorder?: Partial<Pick<RecorderOptions, 'commitEveryMs' | 'blockChars' | 'segmentBytes' | 'segmentMs' | 'waitingChars' | 'retryMs' | 'openFile'>> | undefined // biome-ignore format: one list
  /** Told of every batch that was taken. */
  readonly onTaken?: ((batch: RoadBatch) => void) | undefined
}

/** Counters of a stream, for its status. */
export type StreamFacts = {
  readonly frames: number
  readonly events: number
  readonly rejected: number
  /** Frames that arrived and could not be kept. */
  readonly dropped: number
  readonly lastEvent: UnixMs | undefined
  /** What is wrong with the recording or the taker now, in words. */
  readonly trouble: string | undefined
  /** The first segment that still holds records not handed on. */
  readonly handed: Position
}

/** A stream that takes frames and notes in order. */
export type Stream = {
  readonly repaired: Repair
  /** Keeps a frame; resolves when it is fsynced, rejects when it was dropped and counted. */
  frame(connection: string, text: string, received: UnixMs, cursor?: string): Promise<void>
  /** Keeps a note, dated `at` (default now). */
  note(note: Note, connection?: string, at?: UnixMs): Promise<void>
  /** Everything heard from here on is decoded with this list. */
  setInstruments(list: readonly Instrument[]): Promise<void>
  facts(): StreamFacts
  /** Resolves when everything appended so far is on disk and handed on (or the taker refused it once while stopping). */
  drain(): Promise<void>
  stop(why: string): Promise<void>
}

type State = {
  readonly queue: Stretch[]
  queued: number
  /** Everything before is handed on. */
  handed: Position
  /** Everything before is on disk. */
  committed: Position
  /** The last position that the taker was told. */
  told: Position
  /** True when blocks were committed that the queue does not hold. */
  lagging: boolean
  wake: () => void
  stopping: boolean
  readonly stop: AbortController
  gaveUp: boolean
  recordTrouble: string | undefined
  takeTrouble: string | undefined
  counts: { frames: number; events: number; rejected: number; lastEvent: UnixMs | undefined }
}
type Open = StreamOptions & { readonly recorderOf: Recorder; readonly state: State; readonly road: Road; readonly folder: string } // biome-ignore format: one line

/** Repairs and opens a stream's recording and starts handing on what is committed from now on. What an earlier run left is `catchUp`'s. */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const { dataDir, venue, venueId = venue.id, stream, channels, clock, log, timers, queueEntries = 20_000 } = options
  const state: State = {
    queue: [],
    queued: 0,
    handed: START,
    committed: START,
    told: START,
    lagging: false,
    wake: () => undefined,
    stopping: false,
    stop: new AbortController(),
    gaveUp: false,
    recordTrouble: undefined,
    takeTrouble: undefined,
    counts: { frames: 0, events: 0, rejected: 0, lastEvent: undefined },
  }
  const recorder = await openRecorder({
    ...options.recorder,
    ...{ dataDir, venue: venueId, stream, channels, clock, log, timers },
    onCommit: (block) => {
      state.committed = block.next
      if (state.lagging || state.queued + block.entries.length > queueEntries) state.lagging = true
      else {
        state.queue.push(block)
        state.queued += block.entries.length
      }
      state.wake()
    },
    onTrouble: (error) => {
      state.recordTrouble = error?.message
    },
  })
  state.handed = state.committed = state.told = recorder.committed()
  const road = openRoad({ dataDir, venue, venueId, stream, source: options.source })
  const open: Open = { ...options, venueId, recorderOf: recorder, state, road, folder: join(dataDir, recordingPath(venueId, stream)) } // biome-ignore format: one line
  const consuming = consume(open)
  return {
    repaired: recorder.repaired,
    frame: (connection, text, received, cursor) =>
      recorder.append(cursor === undefined ? { received, connection, text } : { received, connection, text, cursor }),
    note: (note, connection = '-', at = clock.now()) => recorder.append({ received: at, connection, ...note }),
    setInstruments: async (list) => recorder.setInstruments(await saveInstruments(dataDir, venueId, list, clock.now())),
    facts: () => factsOf(open),
    drain: () => drain(open),
    stop: async (why) => {
      recorder.append({ received: clock.now(), connection: '', note: 'stopped', why })
      await recorder.close()
      state.stopping = true
      state.stop.abort()
      state.wake()
      await consuming
    },
  }
}

function factsOf({ state, recorderOf }: Open): StreamFacts {
  const dropped = recorderOf.dropped().frames
  return { ...state.counts, dropped, trouble: state.recordTrouble ?? state.takeTrouble, handed: state.handed }
}

async function drain(open: Open): Promise<void> {
  const { state, recorderOf, timers = systemTimers } = open
  await recorderOf.flush()
  while (comparePositions(state.handed, state.committed) < 0 && !state.gaveUp) await pause(timers, 5)
}

async function consume(open: Open): Promise<void> {
  const { state, batchEntries = 5_000 } = open
  for (;;) {
    const stretches =
      state.queue.length > 0 ? takeQueued(state, batchEntries) : state.lagging ? await readBack(open) : []
    if (stretches.length > 0) {
      const taken = await handOn(open, await open.road.take(stretches))
      if (!taken) {
        state.gaveUp = true
        return
      }
      state.handed = stretches.at(-1)!.next
    } else if (state.stopping && !state.lagging) return
    else if (!state.lagging) {
      await new Promise<void>((resolve) => {
        state.wake = resolve
        if (state.stopping || state.queue.length > 0 || state.lagging) resolve()
      })
    }
  }
}

function takeQueued(state: State, limit: number): Stretch[] {
  const taken: Stretch[] = []
  for (let count = 0; count < limit && state.queue.length > 0; ) {
    const stretch = state.queue.shift()!
    count += stretch.entries.length
    taken.push(stretch)
  }
  state.queued -= taken.reduce((sum, stretch) => sum + stretch.entries.length, 0)
  return taken
}

/** Reads the next batch back from the recording; at its committed end the queue takes over again. */
async function readBack({ state, folder, batchEntries = 5_000 }: Open): Promise<Stretch[]> {
  const taken: Stretch[] = []
  let count = 0
  const end = state.committed
  for await (const stretch of readRecording(folder, state.handed, end)) {
    taken.push(stretch)
    count += stretch.entries.length
    if (count >= batchEntries) return taken
  }
  // Nothing was committed since `end` was read, so the queue can take over without losing a block.
  if (comparePositions(end, state.committed) === 0) state.lagging = false
  return taken
}

async function handOn(open: Open, batch: RoadBatch): Promise<boolean> {
  const { state, onBatch, onTaken, log = silent, timers = systemTimers } = open
  const { events, rejected, stream, position, frames } = batch
  for (let attempt = 0; ; attempt++) {
    try {
      // A stretch of heartbeats is not worth a checkpoint, a whole segment of them is.
      const worth = events.length > 0 || rejected.length > 0 || parsePosition(position).segment > state.told.segment
      if (worth) await onBatch({ events, rejected, stream, position })
      if (worth) state.told = parsePosition(position)
      break
    } catch (error) {
      state.takeTrouble = `the store does not take what was heard: ${(error as Error).message}`
      log(attempt === 0 ? 'error' : 'debug', state.takeTrouble, { stream, position, attempt })
      if (state.stopping) return false
      await pause(timers, Math.min(30_000, 250 * 2 ** Math.min(attempt, 10)), state.stop.signal)
    }
  }
  state.takeTrouble = undefined
  const { counts } = state
  counts.frames += frames
  counts.events += events.length
  counts.rejected += rejected.length
  for (const event of events) if (event.type !== 'gap') counts.lastEvent = event.received
  onTaken?.(batch)
  return true
}
