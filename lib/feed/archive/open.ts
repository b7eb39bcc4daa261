/** Opens a file as text bytes, whatever its wrapping: plain, gzip, lz4 frame, or a zip with one file in it. Told by magic bytes, not by name. */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline, Readable, type Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import yauzl from 'yauzl'
import { breakwaterError } from '../../model/index.ts'
import { lz4Frames } from './lz4.ts'

/** A file being read: its decompressed bytes, and how far into the file itself we are. */
export type OpenedFile = { readonly bytes: Readable; readonly total: number; done(): number }

const GZIP = [0x1f, 0x8b]
const LZ4 = [0x04, 0x22, 0x4d, 0x18]
const ZIP = [0x50, 0x4b, 0x03, 0x04]

/** Opens `path` for reading once from the start. Refuses (`bad-file`) what is no file, (`not-found`) what is not there. */
export async function openFile(path: string): Promise<OpenedFile> {
  const facts = await stat(path).catch((cause) => {
    throw breakwaterError('not-found', `there is no file at ${path}`, { path }, { cause })
  })
  if (!facts.isFile()) throw breakwaterError('bad-file', `${path} is not a file`, { path })
  const magic = await firstBytes(path, 4)
  const starts = (pattern: readonly number[]) => pattern.every((byte, index) => magic[index] === byte)
  const total = facts.size
  if (starts(ZIP)) return { bytes: await onlyZipEntry(path), total, done: () => 0 }
  const file = createReadStream(path, { highWaterMark: 1 << 18 })
  const through = (transform: Transform): Readable => pipeline(file, transform, () => undefined)
  const bytes = starts(GZIP) ? through(createGunzip()) : starts(LZ4) ? through(lz4Frames()) : file
  return { bytes, total, done: () => file.bytesRead }
}

/** The first `limit` decompressed bytes as text, for detection. Damage shows up later, when the file is read. */
export async function headOf(path: string, limit = 65_536): Promise<string> {
  const { bytes } = await openFile(path)
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of bytes) {
      parts.push(part as Buffer)
      length += (part as Buffer).length
      if (length >= limit) break
    }
  } catch {
    // Detection works with what could be read.
  } finally {
    bytes.destroy()
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8')
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(count)
    const { bytesRead } = await file.read(buffer, 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The bytes of a zip's single file, as Binance publishes its days. */
function onlyZipEntry(path: string): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string, cause?: unknown) =>
      reject(breakwaterError('bad-file', `${path}: ${why}`, { path }, { cause }))
    yauzl.open(path, { lazyEntries: true, autoClose: true }, (error, zip) => {
      if (error || !zip) return refuse('not a readable zip', error)
      if (zip.entryCount !== 1) return refuse(`a zip with ${zip.entryCount} files; unpack it and import the folder`)
      zip.on('error', (cause) => refuse('a damaged zip', cause))
      zip.on('entry', (entry) =>
        zip.openReadStream(entry, (cause, stream) =>
          stream ? resolve(Readable.from(stream)) : refuse('a damaged zip', cause),
        ),
      )
      zip.readEntry()
    })
  })
}
