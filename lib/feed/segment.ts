/**
 * The recording's file format. A segment is a chain of gzip members (RFC 1952), one per block, so `zcat` prints it as NDJSON.
 * Each member carries an extra field `BW` with its own size, its number of records and a crc-32 over the whole member:
 * a torn tail and a flipped bit are both found, and the next sound block is found again by its first 16 bytes.
 */
import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRawSync } from 'node:zlib'
import type { UnixMs } from '../model/index.ts'

/** A frame as it came from the wire. `cursor`: where its source stands (a block number), for sources that can be resumed. */
export type FrameRecord = {
  readonly received: UnixMs
  readonly connection: string
  readonly text: string
  readonly cursor?: string | undefined
}

/** What happened to the stream itself; replayed, it gives the same gap events. */
export type Note =
  /** The first record of every segment: whose it is, which instrument list is in force (a file in the venue's `instruments` folder), where its source stood. */
  | { readonly note: 'stream'; readonly venue: string; readonly stream: string; readonly channels: readonly string[]; readonly instruments?: string | undefined; readonly cursor?: string | undefined } // biome-ignore format: one kind, one line
  | { readonly note: 'opened' | 'subscribed' | 'alive' }
  | { readonly note: 'closed' | 'refused' | 'stopped'; readonly why: string }
  /** Nothing was heard in between; `frames` counts frames that arrived and could not be kept. */
  | { readonly note: 'gap'; readonly channels: readonly string[]; readonly from: UnixMs; readonly to: UnixMs; readonly why: string; readonly frames?: number | undefined } // biome-ignore format: one kind, one line
  | { readonly note: 'cursor'; readonly cursor: string }

/** A note with the time it was written and the connection it is about. */
export type NoteRecord = Note & { readonly received: UnixMs; readonly connection: string }

/** One record of a recording. */
export type Entry = FrameRecord | NoteRecord

/** True for frames, false for notes. */
export function isFrame(entry: Entry): entry is FrameRecord {
  return 'text' in entry
}

/** What stands at one place of a segment. `damaged`: bytes that are no sound block, up to the next one or the end of the file. */
export type Piece =
  | { readonly kind: 'block'; readonly offset: number; readonly next: number; readonly entries: readonly Entry[] }
  | { readonly kind: 'seal'; readonly offset: number; readonly next: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly next: number; readonly atEnd: boolean }

const MAGIC = Buffer.from('1f8b080400000000' + '00ff1400' + '42571000', 'hex')
const HEAD = 32
const TAIL = 8
const CRC_AT = 28
const WINDOW = 1 << 20
/** No block is larger than this; a size beyond it is damage. */
const MAX_BLOCK = 1 << 28
/** A seal is an empty member of this size. */
export const SEAL_BYTES = HEAD + 2 + TAIL

const deflate = promisify(deflateRaw)

/** The bytes of one block. */
export async function encodeBlock(entries: readonly Entry[]): Promise<Buffer> {
  const plain = Buffer.from(`${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`)
  return member(plain, await deflate(plain, { level: 6 }), entries.length)
}

/** The last member of a segment that will never change again; it counts the segment's records. */
export function encodeSeal(records: number): Buffer {
  return member(Buffer.alloc(0), Buffer.from([3, 0]), records)
}

function member(plain: Buffer, packed: Buffer, records: number): Buffer {
  const bytes = Buffer.alloc(HEAD + packed.length + TAIL)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(bytes.length, 16)
  bytes.writeUInt32LE(records, 20)
  bytes.writeUInt32LE(plain.length === 0 ? 1 : 0, 24)
  packed.copy(bytes, HEAD)
  bytes.writeUInt32LE(crc32(plain), HEAD + packed.length)
  bytes.writeUInt32LE(plain.length, HEAD + packed.length + 4)
  bytes.writeUInt32LE(memberCrc(bytes), CRC_AT)
  return bytes
}

function memberCrc(bytes: Buffer): number {
  return crc32(bytes.subarray(HEAD), crc32(bytes.subarray(0, CRC_AT)))
}

/** The entries of a sound block, or `undefined` when the bytes are not exactly one. */
export function decodeBlock(bytes: Buffer): readonly Entry[] | undefined {
  if (!isSound(bytes)) return undefined
  const length = bytes.readUInt32LE(bytes.length - 4)
  if (length === 0) return []
  const plain = inflateRawSync(bytes.subarray(HEAD, bytes.length - TAIL), { maxOutputLength: length })
  const lines = plain.toString('utf8').split('\n')
  lines.pop()
  return lines.map((line) => JSON.parse(line) as Entry)
}

function isSound(bytes: Buffer): boolean {
  return (
    bytes.length >= SEAL_BYTES &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    bytes.readUInt32LE(16) === bytes.length &&
    bytes.readUInt32LE(CRC_AT) === memberCrc(bytes)
  )
}

/** The size that a member at the start of `head` claims, or `undefined` when it does not look like one. */
function claimedSize(head: Buffer): number | undefined {
  if (head.length < HEAD || !head.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const size = head.readUInt32LE(16)
  return size >= SEAL_BYTES && size <= MAX_BLOCK ? size : undefined
}

/** Reads one sound member at `offset`, or `undefined`. */
export async function readMember(file: FileHandle, offset: number): Promise<Buffer | undefined> {
  const { size } = await file.stat()
  return soundAt((position, length) => readAt(file, position, Math.min(length, size - position)), offset)
}

type Read = (position: number, length: number) => Promise<Buffer>

async function soundAt(read: Read, offset: number): Promise<Buffer | undefined> {
  const size = claimedSize(await read(offset, HEAD))
  if (size === undefined) return undefined
  const bytes = await read(offset, size)
  return isSound(bytes) ? bytes : undefined
}

/** Walks a segment from `offset` to `end` (default: the file's end), piece by piece, skipping over damage to the next sound block. */
export async function* walkSegment(file: FileHandle, offset = 0, end?: number): AsyncGenerator<Piece> {
  const stop = end ?? (await file.stat()).size
  const read = windowed(file, stop)
  let at = offset
  while (at < stop) {
    const bytes = await soundAt(read, at)
    if (bytes) {
      const next = at + bytes.length
      if (bytes.readUInt32LE(24) === 1) yield { kind: 'seal', offset: at, next }
      else yield { kind: 'block', offset: at, next, entries: decodeBlock(bytes) ?? [] }
      at = next
    } else {
      const next = await nextSound(read, at + 1, stop)
      yield { kind: 'damaged', offset: at, next, atEnd: next === stop }
      at = next
    }
  }
}

async function nextSound(read: Read, from: number, stop: number): Promise<number> {
  for (let base = from; base < stop; base += WINDOW) {
    const window = await read(base, WINDOW + MAGIC.length - 1)
    for (let hit = window.indexOf(MAGIC); hit >= 0; hit = window.indexOf(MAGIC, hit + 1)) {
      if (await soundAt(read, base + hit)) return base + hit
    }
  }
  return stop
}

/** Reads through a window, because most blocks are small; never beyond `stop`. */
function windowed(file: FileHandle, stop: number): Read {
  let base = 0
  let window: Buffer = Buffer.alloc(0)
  return async (position, length) => {
    const wanted = Math.max(0, Math.min(length, stop - position))
    if (position < base || position + wanted > base + window.length) {
      window = await readAt(file, position, Math.min(Math.max(wanted, WINDOW), stop - position))
      base = position
    }
    return window.subarray(position - base, position - base + wanted)
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, length))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
