/** Recordings on disk: `<data>/recordings/<venue>/<stream>/<number>-<UTC>.ndjson.gz`; positions in them, and reading from one. */
import { open, readdir } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { breakwaterError, type Receipt, type UnixMs } from '../model/index.ts'
import { decodeBlock, type Entry, isFrame, type NoteRecord, readMember, walkSegment } from './segment.ts'

/** A place between two records: the segment's number, the byte offset of a block, and how many of its records lie before the place. */
export type Position = { readonly segment: number; readonly offset: number; readonly index: number }

/** A segment file of a stream. `started` comes from its name. */
export type SegmentFile = { readonly number: number; readonly name: string; readonly started: UnixMs }

/** A stretch of a recording: the entries from `position` to `next`, or damage where a block should be. */
export type Stretch = {
  readonly segment: string
  readonly position: Position
  readonly next: Position
  readonly entries: readonly Entry[]
  /** Set where the bytes are no sound block: the times of receipt around them. */
  readonly damage?: { readonly bytes: number; readonly from: UnixMs; readonly to: UnixMs } | undefined
}

/** The beginning of every recording. */
export const START: Position = { segment: 0, offset: 0, index: 0 }

const POSITION = /^(\d{1,9}):(\d{1,15}):(\d{1,9})$/
const SEGMENT = /^(\d{8})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.ndjson\.gz$/

/** The text of a position, as batches and checkpoints carry it: `segment:block:index`. */
export function formatPosition(position: Position): string {
  return `${position.segment}:${position.offset}:${position.index}`
}

/** The position of a text. Refuses (`bad-cursor`) what {@link formatPosition} did not make. */
export function parsePosition(text: string): Position {
  const match = POSITION.exec(text)
  if (!match) throw breakwaterError('bad-cursor', `'${text.slice(0, 60)}' is no position in a recording`)
  return { segment: Number(match[1]), offset: Number(match[2]), index: Number(match[3]) }
}

/** Negative when `a` lies before `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a.segment - b.segment || a.offset - b.offset || a.index - b.index
}

/** The folder of a venue or stream below `recordings/`; `:` (as in `sim:okx`) is written `~`, which every file system takes. */
export function recordingPath(venue: string, stream?: string): string {
  const clean = (text: string) => text.replaceAll(':', '~').replace(/[^\w.~-]/g, '_')
  return stream === undefined ? join('recordings', clean(venue)) : join('recordings', clean(venue), clean(stream))
}

/** The name of a new segment. */
export function segmentName(number: number, started: UnixMs): string {
  const utc = `${new Date(started).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  return `${String(number).padStart(8, '0')}-${utc}.ndjson.gz`
}

/** The segments of a folder, oldest first; other files are not touched. */
export async function listSegments(folder: string): Promise<readonly SegmentFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap((name): SegmentFile[] => {
      const match = SEGMENT.exec(name)
      if (!match) return []
      const [, number, year, month, day, hour, minute, second] = match.map(Number)
      const started = Date.UTC(year!, month! - 1, day, hour, minute, second) as UnixMs
      return [{ number: number!, name, started }]
    })
    .sort((a, b) => a.number - b.number)
}

/** Every stream recorded below a data directory, sorted by folder name. */
export async function listStreams(dataDir: string): Promise<readonly { venue: string; stream: string }[]> {
  const found: { venue: string; stream: string }[] = []
  for (const venue of await folders(join(dataDir, 'recordings'))) {
    for (const stream of await folders(join(dataDir, 'recordings', venue))) {
      if (stream !== INSTRUMENTS) found.push({ venue: venue.replaceAll('~', ':'), stream })
    }
  }
  return found
}

/** The folder beside a venue's streams that keeps its instrument lists. */
export const INSTRUMENTS = 'instruments'

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
}

/**
 * The recording of a folder from a position on, in order. Damage between sound blocks, and damage at the end of a segment that
 * is not the last, comes as a stretch of its own; a torn tail of the last segment (a crash, or a write under way) ends the reading.
 */
export async function* readRecording(
  folder: string,
  from: Position = START,
  until?: Position,
): AsyncGenerator<Stretch> {
  const segments = await listSegments(folder)
  for (const [order, segment] of segments.entries()) {
    if (segment.number < from.segment || (until && segment.number > until.segment)) continue
    const start = segment.number === from.segment ? from : { segment: segment.number, offset: 0, index: 0 }
    const end = until && until.segment === segment.number ? until.offset : undefined
    yield* readSegment(folder, segment, start, segments[order + 1]?.started, end)
  }
}

async function* readSegment(
  folder: string,
  segment: SegmentFile,
  start: Position,
  following: UnixMs | undefined,
  end: number | undefined,
): AsyncGenerator<Stretch> {
  const file = await open(join(folder, segment.name), 'r')
  try {
    const place = (offset: number, index = 0): Position => ({ segment: segment.number, offset, index })
    let last: UnixMs | undefined
    let broken: { offset: number; next: number } | undefined
    const damage = (to: UnixMs, from: UnixMs, at: { offset: number; next: number }): Stretch => ({
      segment: segment.name,
      position: place(at.offset),
      next: place(at.next),
      entries: [],
      damage: { bytes: at.next - at.offset, from: Math.min(from, to) as UnixMs, to },
    })
    for await (const piece of walkSegment(file, start.offset, end)) {
      if (piece.kind === 'damaged') broken = piece
      if (piece.kind !== 'block') continue
      const first = piece.entries[0]?.received ?? segment.started
      if (broken) yield damage(first, last ?? (await lastBefore(file, segment, broken.offset)), broken)
      broken = undefined
      const skip = piece.offset === start.offset ? start.index : 0
      const entries = piece.entries.slice(skip)
      last = piece.entries.at(-1)?.received ?? last
      yield { segment: segment.name, position: place(piece.offset, skip), next: place(piece.next), entries }
    }
    if (broken && following !== undefined)
      yield damage(following, last ?? (await lastBefore(file, segment, broken.offset)), broken)
  } finally {
    await file.close()
  }
}

/** When the last record before `offset` was received; the segment's start when there is none. */
async function lastBefore(
  file: Parameters<typeof walkSegment>[0],
  segment: SegmentFile,
  offset: number,
): Promise<UnixMs> {
  let last = segment.started
  for await (const piece of walkSegment(file, 0, offset)) {
    if (piece.kind === 'block') last = piece.entries.at(-1)?.received ?? last
  }
  return last
}

/** The head note of the segment that `position` lies in, or of the nearest readable one before it. */
export async function headBefore(
  folder: string,
  position: Position,
): Promise<(NoteRecord & { note: 'stream' }) | undefined> {
  const segments = (await listSegments(folder)).filter((segment) => segment.number <= position.segment)
  for (const segment of segments.reverse()) {
    const file = await open(join(folder, segment.name), 'r')
    try {
      const bytes = await readMember(file, 0)
      const head = bytes && decodeBlock(bytes)?.[0]
      if (head && !isFrame(head) && head.note === 'stream') return head
    } finally {
      await file.close()
    }
  }
  return undefined
}

/**
 * The text of one frame, by the receipt of an event made from it.
 * Refuses `not-found` when the recording is gone (retention) or the receipt is of another kind, `data-directory-damaged` when the block is.
 */
export async function readFrame(dataDir: string, receipt: Receipt): Promise<string> {
  const path = normalize(join(receipt.file, receipt.segment ?? ''))
  const ours = path.startsWith('recordings') && !path.includes('..') && SEGMENT.test(receipt.segment ?? '')
  if (!ours || receipt.offset === undefined || receipt.index === undefined)
    throw breakwaterError('not-found', 'the receipt does not name a frame of a recording', { file: receipt.file })
  const file = await open(join(dataDir, path), 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT')
      throw breakwaterError('not-found', 'the recording of this frame is no longer kept', { file: path }, { cause })
    throw cause
  })
  try {
    const bytes = await readMember(file, receipt.offset)
    if (!bytes)
      throw breakwaterError('data-directory-damaged', `the block at byte ${receipt.offset} of ${path} is damaged`)
    const entry = decodeBlock(bytes)?.[receipt.index]
    if (entry && isFrame(entry)) return entry.text
    throw breakwaterError('not-found', 'the block has no such frame', { file: path, index: receipt.index })
  } finally {
    await file.close()
  }
}
