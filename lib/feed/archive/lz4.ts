/** Streams LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md) block by block; Hyperliquid's archives are written so. */
import { Transform } from 'node:stream'
import * as lz4 from 'lz4js'
import { breakwaterError } from '../../model/index.ts'

const MAGIC = 0x184d2204
const SKIPPABLE_FIRST = 0x184d2a50
const WINDOW = 65_536
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }

type Frame = {
  readonly blockSize: number
  readonly linked: boolean
  readonly blockChecksum: boolean
  readonly contentChecksum: boolean
}

/** A transform from LZ4 frames to plain bytes. Memory: two blocks. Destroys itself with `bad-file` on damage. */
export function lz4Frames(): Transform {
  let pending: Buffer = Buffer.alloc(0)
  let frame: Frame | undefined
  let history: Uint8Array = new Uint8Array(0)
  /** Takes one header or block off the front; false: more bytes are needed. */
  const advance = (emit: (bytes: Buffer) => void): boolean => {
    if (!frame) {
      const header = readHeader(pending)
      if (!header) return false
      frame = header.frame
      history = new Uint8Array(0)
      pending = pending.subarray(header.length)
      return true
    }
    if (pending.length < 4) return false
    const word = pending.readUInt32LE(0)
    if (word === 0) {
      const end = 4 + (frame.contentChecksum ? 4 : 0)
      if (pending.length < end) return false
      frame = undefined
      pending = pending.subarray(end)
      return true
    }
    const size = word & 0x7fffffff
    if (size > frame.blockSize) throw damaged('a block larger than its frame allows')
    const end = 4 + size + (frame.blockChecksum ? 4 : 0)
    if (pending.length < end) return false
    const block = pending.subarray(4, 4 + size)
    const plain = word >= 0x80000000 ? block : unpack(block, history, frame.blockSize)
    if (frame.linked) history = Buffer.concat([history, plain]).subarray(-WINDOW)
    emit(Buffer.from(plain))
    pending = pending.subarray(end)
    return true
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
        while (advance((bytes) => this.push(bytes)));
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    flush(done) {
      done(frame || pending.length > 0 ? damaged('it ends in the middle of a frame') : null)
    },
  })
}

function readHeader(bytes: Buffer): { frame: Frame | undefined; length: number } | undefined {
  if (bytes.length < 8) return undefined
  const magic = bytes.readUInt32LE(0)
  if (magic >= SKIPPABLE_FIRST && magic < SKIPPABLE_FIRST + 16) {
    const length = 8 + bytes.readUInt32LE(4)
    return bytes.length < length ? undefined : { frame: undefined, length }
  }
  if (magic !== MAGIC) throw damaged('a frame that does not begin with the LZ4 magic number')
  const flags = bytes[4] as number
  const blockSize = BLOCK_SIZES[((bytes[5] as number) >> 4) & 7]
  if (flags >> 6 !== 1 || blockSize === undefined) throw damaged('a frame header of an unknown version or block size')
  const length = 6 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0) + 1
  if (bytes.length < length) return undefined
  return {
    frame: {
      blockSize,
      linked: (flags & 0x20) === 0,
      blockChecksum: (flags & 0x10) !== 0,
      contentChecksum: (flags & 4) !== 0,
    },
    length,
  }
}

/** One compressed block; linked blocks may copy from the 64 KiB before them. */
function unpack(block: Buffer, history: Uint8Array, blockSize: number): Uint8Array {
  const out = new Uint8Array(history.length + blockSize)
  out.set(history)
  const end = lz4.decompressBlock(block, out, 0, block.length, history.length)
  if (end > out.length) throw damaged('a block that unpacks to more than its frame allows')
  return out.subarray(history.length, end)
}

function damaged(why: string): Error {
  return breakwaterError('bad-file', `damaged lz4: ${why}`, {}, { fix: 'Fetch the file again.' })
}
