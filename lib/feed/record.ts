/**
 * The recorder: frames go to disk before anybody thinks about them. Records that arrive close together share one block and one fsync
 * (group commit); a block is handed on only after its fsync. When the disk refuses, recording pauses, frames are counted as dropped
 * and become a gap, and recording goes on as soon as the disk takes a block again.
 */
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BreakwaterError, breakwaterError, type Clock, type Log, silent, type UnixMs } from '../model/index.ts'
import { type Position, recordingPath, type Stretch, segmentName } from './recording.ts'
import { type Repair, repair } from './repair.ts'
import { type Entry, encodeBlock, encodeSeal, isFrame } from './segment.ts'
import { systemTimers, type Timers } from './timers.ts'

/** A file as the recorder writes it; tests put a failing disk in its place. */
export type RecordFile = {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>
  datasync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** How to record one stream of one venue. */
export type RecorderOptions = {
  readonly dataDir: string
  readonly venue: string
  readonly stream: string
  readonly channels: readonly string[]
  readonly clock: Clock
  readonly log?: Log | undefined
  readonly timers?: Timers | undefined
  /** At least this long between two fsyncs, ms (default 50). */
  readonly commitEveryMs?: number | undefined
  /** Text of one block, characters (default 1 Mi). */
  readonly blockChars?: number | undefined
  /** A segment is sealed when it reaches this size or age (defaults 16 MiB, 6 hours). */
  readonly segmentBytes?: number | undefined
  readonly segmentMs?: number | undefined
  /** Text that may wait for a slow disk, characters (default 64 Mi); beyond it frames are dropped and counted. */
  readonly waitingChars?: number | undefined
  /** How long to wait before trying a refusing disk again, ms (default 1000). */
  readonly retryMs?: number | undefined
  readonly openFile?: ((path: string) => Promise<RecordFile>) | undefined
  /** Called in order, once per block, right after its fsync. */
  readonly onCommit?: ((block: Stretch) => void) | undefined
  /** Called when recording pauses (with the reason) and when it goes on (`undefined`). */
  readonly onTrouble?: ((error: BreakwaterError | undefined) => void) | undefined
}

/** A recorder that owns its stream's folder. */
export type Recorder = {
  /** What was repaired when the folder was opened. */
  readonly repaired: Repair
  /** Takes a record; resolves when it is fsynced, rejects (`disk-full`, `store-failed`) when it was dropped. Order is kept. */
  append(entry: Entry): Promise<void>
  /** Names the instrument list in force from here on; begins a new segment when it changed. */
  setInstruments(file: string): void
  /** Resolves when everything appended so far is fsynced or counted as dropped. */
  flush(): Promise<void>
  /** Where the next block will stand: everything before is safe. */
  committed(): Position
  /** Frames lost because the disk refused, since opening; and why it refuses now. */
  dropped(): { readonly frames: number; readonly why: string | undefined }
  /** Flushes, seals the segment and closes it. */
  close(): Promise<void>
}

type Segment = { file: RecordFile; name: string; number: number; length: number; records: number; started: UnixMs }
/** Records that share one block, one fsync and one promise. */
type Group = {
  entries: Entry[]
  chars: number
  readonly instruments: string | undefined
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}
/** `gaps`: what the connection had to say about outages of its own while the disk refused. */
type Paused = {
  readonly error: BreakwaterError
  readonly from: UnixMs
  frames: number
  readonly gaps: Entry[]
  trying: boolean
}
type State = {
  readonly groups: Group[]
  chars: number
  segment: Segment | undefined
  number: number
  instruments: string | undefined
  cursor: string | undefined
  lastReceived: UnixMs | undefined
  paused: Paused | undefined
  dropped: number
  committedAt: number
  cancelTimer: (() => void) | undefined
  running: Promise<void> | undefined
  closed: boolean
}
type Open = RecorderOptions & { readonly folder: string; readonly state: State }

/** Repairs the stream's folder and opens it for recording. The first record creates the first segment. */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const folder = join(options.dataDir, recordingPath(options.venue, options.stream))
  const created = await mkdir(folder, { recursive: true })
  if (created)
    for (let path = folder; path.length >= created.length; path = dirname(path)) await syncFolder(dirname(path))
  const repaired = await repair(folder)
  const state: State = {
    groups: [],
    chars: 0,
    segment: undefined,
    number: repaired.newest,
    instruments: undefined,
    cursor: repaired.last?.cursor,
    lastReceived: repaired.last?.received,
    paused: undefined,
    dropped: 0,
    committedAt: 0,
    cancelTimer: undefined,
    running: undefined,
    closed: false,
  }
  const recorder: Open = { ...options, folder, state }
  return {
    repaired,
    append: (entry) => append(recorder, entry),
    setInstruments: (file) => {
      state.groups.push(newGroup(file))
    },
    flush: () => flush(recorder),
    committed: () => placeOf(state),
    dropped: () => ({ frames: state.dropped + (state.paused?.frames ?? 0), why: state.paused?.error.message }),
    close: () => close(recorder),
  }
}

function placeOf({ segment, number }: State): Position {
  if (!segment) return { segment: number + 1, offset: 0, index: 0 }
  return { segment: segment.number, offset: segment.length, index: 0 }
}

function newGroup(instruments?: string): Group {
  let resolve: () => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  // A caller may ignore the promise: what is dropped is counted and becomes a gap anyway.
  promise.catch(() => undefined)
  return { entries: [], chars: 0, instruments, promise, resolve, reject }
}

function append(recorder: Open, entry: Entry): Promise<void> {
  const { state, blockChars = 1 << 20, waitingChars = 1 << 26 } = recorder
  const chars = isFrame(entry) ? entry.text.length : 100
  if (state.closed) return rejected(breakwaterError('store-closed', 'the recording is closed'))
  if (!state.paused && state.chars > waitingChars)
    pauseRecording(
      recorder,
      breakwaterError('overloaded', 'the disk is slower than the feed'),
      state.groups.at(-1)?.entries.at(-1)?.received ?? entry.received,
    )
  if (state.paused && !state.paused.trying) {
    countLost(state.paused, [entry])
    return rejected(state.paused.error)
  }
  let group = state.groups.at(-1)
  if (!group || group.chars >= blockChars) {
    group = newGroup()
    state.groups.push(group)
  }
  group.entries.push(entry)
  group.chars += chars
  state.chars += chars
  schedule(recorder)
  return group.promise
}

function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error)
  promise.catch(() => undefined)
  return promise
}

function schedule(recorder: Open): void {
  const { state, clock, commitEveryMs = 50, blockChars = 1 << 20, timers = systemTimers } = recorder
  if (state.running || state.paused) return
  const since = clock.now() - state.committedAt
  const now = state.chars >= blockChars || since < 0 || since >= commitEveryMs
  if (state.cancelTimer && !now) return
  state.cancelTimer?.()
  // Even "now" waits for the next turn, so that all frames of this one share the block.
  state.cancelTimer = timers.after(now ? 0 : commitEveryMs - since, () => void run(recorder))
}

function run(recorder: Open): Promise<void> {
  const { state } = recorder
  state.cancelTimer?.()
  state.cancelTimer = undefined
  state.running ??= commitAll(recorder).finally(() => {
    state.running = undefined
    if (state.paused) retryLater(recorder)
    else if (state.groups.length > 0) schedule(recorder)
  })
  return state.running
}

async function commitAll(recorder: Open): Promise<void> {
  const { state } = recorder
  for (let group = state.groups.shift(); group; group = state.groups.shift()) {
    state.chars -= group.chars
    if (!(await commitOrPause(recorder, group))) return
  }
  if (state.paused) await resume(recorder, state.paused)
}

async function commitOrPause(recorder: Open, group: Group): Promise<boolean> {
  const { state, clock } = recorder
  try {
    await commit(recorder, group)
    group.resolve()
    return true
  } catch (cause) {
    pauseRecording(recorder, refusalOf(cause), state.lastReceived ?? group.entries[0]?.received ?? clock.now())
    for (const lost of [group, ...state.groups.splice(0)]) {
      if (state.paused) countLost(state.paused, lost.entries)
      if (lost.instruments) state.groups.push(newGroup(lost.instruments))
      lost.reject(refusalOf(cause))
    }
    state.chars = 0
    await abandonSegment(state)
    return false
  }
}

function pauseRecording(recorder: Open, error: BreakwaterError, from: UnixMs): void {
  const { state, log = silent, onTrouble, venue, stream } = recorder
  if (state.paused) return
  state.paused = { error, from, frames: 0, gaps: [], trying: false }
  log('error', `recording paused: ${error.message}`, { venue, stream, code: error.code, fix: error.fix })
  onTrouble?.(error)
}

function countLost(paused: Paused, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (isFrame(entry)) paused.frames++
    else if (entry.note === 'gap' && entry.connection !== '') paused.gaps.push(entry)
  }
}

function refusalOf(cause: unknown): BreakwaterError {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return breakwaterError('disk-full', 'the disk is full: frames cannot be recorded', { code }, { cause })
  const fix =
    'Check the disk and the permissions of the data directory; recording goes on by itself when it takes writes.'
  return breakwaterError('store-failed', `frames cannot be recorded: ${message}`, { code }, { cause, fix })
}

/** After a failed write or fsync nobody knows what the file holds beyond the last good block: cut it there and never write to it again. */
async function abandonSegment(state: State): Promise<void> {
  const { segment } = state
  state.segment = undefined
  if (!segment) return
  await segment.file.truncate(segment.length).catch(() => undefined)
  await segment.file.close().catch(() => undefined)
}

function retryLater(recorder: Open): void {
  const { state, retryMs = 1000, timers = systemTimers } = recorder
  if (state.closed || state.cancelTimer) return
  state.cancelTimer = timers.after(retryMs, () => void run(recorder))
}

/** Tries the disk with the note of the gap; frames that arrive meanwhile wait for the outcome. */
async function resume(recorder: Open, paused: Paused): Promise<void> {
  const { state, channels, clock, log = silent, onTrouble, venue, stream } = recorder
  const to = Math.max(clock.now(), paused.from) as UnixMs
  const group = newGroup()
  const { from, frames, error } = paused
  const gaps = paused.gaps.splice(0)
  group.entries.push(...gaps, {
    received: to,
    connection: '',
    note: 'gap',
    channels,
    from,
    to,
    why: error.message,
    frames,
  })
  paused.trying = true
  const resumed = await commitOrPause(recorder, group)
  paused.trying = false
  if (!resumed) return
  state.paused = undefined
  state.dropped += frames
  log('warn', `recording goes on after ${to - from} ms; ${frames} frames were dropped`, { venue, stream })
  onTrouble?.(undefined)
  if (state.groups.length > 0) await commitAll(recorder)
}

async function commit(recorder: Open, group: Group): Promise<void> {
  const { state, clock, segmentBytes = 1 << 24, segmentMs = 21_600_000, onCommit } = recorder
  const { segment: before } = state
  const relisted = group.instruments !== undefined && group.instruments !== state.instruments
  const full = before && (before.length >= segmentBytes || clock.now() - before.started >= segmentMs)
  if (before && (full || relisted)) await sealSegment(state, before)
  if (relisted) state.instruments = group.instruments
  if (group.entries.length === 0) return
  const segment = state.segment ?? (await beginSegment(recorder, group))
  const bytes = await encodeBlock(group.entries)
  await writeAll(segment.file, bytes, segment.length)
  await segment.file.datasync()
  const position = { segment: segment.number, offset: segment.length, index: 0 }
  segment.length += bytes.length
  segment.records += group.entries.length
  state.committedAt = clock.now()
  state.lastReceived = group.entries.at(-1)?.received
  for (const entry of group.entries) if ('cursor' in entry && entry.cursor !== undefined) state.cursor = entry.cursor
  onCommit?.({ segment: segment.name, position, next: placeOf(state), entries: group.entries })
}

async function beginSegment(recorder: Open, group: Group): Promise<Segment> {
  const { state, folder, clock, venue, stream, channels, openFile = createFile } = recorder
  const started = clock.now()
  state.number++
  const name = segmentName(state.number, started)
  const file = await openFile(join(folder, name))
  state.segment = { file, name, number: state.number, length: 0, records: 0, started }
  const { instruments, cursor } = state
  const received = group.entries[0]?.received ?? started
  group.entries.unshift({ received, connection: '', note: 'stream', venue, stream, channels, instruments, cursor })
  return state.segment
}

/** Creates a file and makes its name survive a crash too: the folder is fsynced. */
async function createFile(path: string): Promise<RecordFile> {
  const file = await open(path, 'wx')
  await syncFolder(dirname(path))
  return file
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function writeAll(file: RecordFile, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

async function sealSegment(state: State, segment: Segment): Promise<void> {
  await writeAll(segment.file, encodeSeal(segment.records), segment.length)
  await segment.file.datasync()
  await segment.file.close()
  state.segment = undefined
}

async function flush(recorder: Open): Promise<void> {
  const { state } = recorder
  while (state.groups.length > 0 || state.running) {
    const wasPaused = state.paused !== undefined
    await run(recorder)
    if (wasPaused && state.paused) return
  }
}

async function close(recorder: Open): Promise<void> {
  const { state, log = silent, venue, stream } = recorder
  if (state.closed) return
  await flush(recorder)
  if (state.paused) await run(recorder)
  state.closed = true
  state.cancelTimer?.()
  if (state.segment) await sealSegment(state, state.segment).catch(() => abandonSegment(state))
  if (state.paused)
    log('error', 'the recording ends while the disk refuses', { venue, stream, dropped: state.paused.frames })
}
