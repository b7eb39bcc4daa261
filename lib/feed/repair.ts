/** After a crash: cut the torn tail off, seal what is sound, and say how far the recording reaches; and, later, let old segments go. */
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { UnixMs } from '../model/index.ts'
import { listSegments, type SegmentFile } from './recording.ts'
import { encodeSeal, isFrame, readMember, SEAL_BYTES, walkSegment } from './segment.ts'

/** What a repair found and did in one stream. */
export type Repair = {
  /** Segments that had not been sealed (0 after a clean stop). */
  readonly repaired: number
  /** Bytes of torn tails that were cut off; nothing in them had been acknowledged. */
  readonly bytesCut: number
  /** Frames in the repaired segments that were kept. */
  readonly framesKept: number
  /** The number of the newest segment, 0 when there is none. */
  readonly newest: number
  /** When the recording last heard its venue, whether it was stopped on purpose, and where its source stood. */
  readonly last:
    | { readonly received: UnixMs; readonly stopped: boolean; readonly cursor: string | undefined }
    | undefined
}

/** Truncates torn tails and seals every segment of a stream's folder. Sound segments are not touched. Needs sole ownership of the folder. */
export async function repair(folder: string): Promise<Repair> {
  const segments = await listSegments(folder)
  let report: Repair = {
    repaired: 0,
    bytesCut: 0,
    framesKept: 0,
    newest: segments.at(-1)?.number ?? 0,
    last: undefined,
  }
  for (const segment of segments) {
    const cut = await repairSegment(join(folder, segment.name))
    if (cut === undefined) continue
    report = {
      ...report,
      repaired: report.repaired + 1,
      bytesCut: report.bytesCut + cut.bytes,
      framesKept: report.framesKept + cut.frames,
    }
  }
  return { ...report, last: await lastRecord(folder) }
}

async function repairSegment(path: string): Promise<{ bytes: number; frames: number } | undefined> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    if (size >= SEAL_BYTES) {
      const tail = await readMember(file, size - SEAL_BYTES)
      if (tail && tail.readUInt32LE(24) === 1) return undefined
    }
    let sound = 0
    let frames = 0
    let records = 0
    for await (const piece of walkSegment(file)) {
      if (piece.kind === 'block') {
        records += piece.entries.length
        frames += piece.entries.filter(isFrame).length
      }
      if (piece.kind !== 'damaged' || !piece.atEnd) sound = piece.next
    }
    if (sound < size) await file.truncate(sound)
    if (sound === 0) await unlink(path)
    else await file.write(encodeSeal(records), 0, SEAL_BYTES, sound)
    await file.sync()
    return { bytes: size - sound, frames }
  } finally {
    await file.close()
  }
}

/** The last record of the newest segment that has one, and the newest cursor in that segment. */
async function lastRecord(folder: string): Promise<Repair['last']> {
  for (const segment of [...(await listSegments(folder))].reverse()) {
    const end = await endOf(folder, segment)
    if (end) return end
  }
  return undefined
}

async function endOf(folder: string, segment: SegmentFile): Promise<Repair['last']> {
  const file = await open(join(folder, segment.name), 'r')
  try {
    let end: Repair['last']
    for await (const piece of walkSegment(file)) {
      if (piece.kind !== 'block') continue
      for (const entry of piece.entries) {
        const cursor = isFrame(entry) || entry.note === 'cursor' || entry.note === 'stream' ? entry.cursor : undefined
        // Only what proves that the venue was heard moves the time; that a connection was opened or closed does not.
        const heard = isFrame(entry) || ['alive', 'subscribed', 'gap', 'cursor'].includes(entry.note)
        const received = heard || !end ? entry.received : end.received
        const stopped = !isFrame(entry) && entry.note === 'stopped'
        end = { received, stopped, cursor: cursor ?? end?.cursor }
      }
    }
    return end
  } finally {
    await file.close()
  }
}

/**
 * Deletes the segments of a stream whose every record is older than `before` (retention), except the newest segment and those at or
 * after `keepFrom`, a segment number that has not been stored yet. Returns how many went.
 */
export async function forgetSegments(folder: string, before: UnixMs, keepFrom: number): Promise<number> {
  const segments = await listSegments(folder)
  let deleted = 0
  for (const [order, segment] of segments.entries()) {
    const next = segments[order + 1]
    if (!next || next.started >= before || segment.number >= keepFrom) break
    await unlink(join(folder, segment.name))
    deleted++
  }
  return deleted
}
