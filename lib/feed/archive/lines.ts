/** Lines of a file, one at a time, however long the file; a line beyond the limit is reported, not held in memory. */
import { openFile } from './open.ts'

/** One line (1-based), or word of one that was too long to take: its length in bytes and its beginning. */
export type Line = {
  readonly number: number
  readonly text: string
  readonly tooLong?: { readonly bytes: number } | undefined
  /** Bytes of the file read so far, and its size. */
  readonly done: number
  readonly total: number
}

/** The longest line taken, in bytes. Hyperliquid's longest blocks have a few megabytes. */
export const LONGEST_LINE = 64 * 1024 * 1024
const KEPT_OF_TOO_LONG = 2_048
const NEWLINE = 10

/** The lines of a file, decompressed. A last line without newline counts. `\r` before the newline is removed. */
export async function* readLines(path: string, longest = LONGEST_LINE): AsyncGenerator<Line> {
  const file = await openFile(path)
  const total = file.total
  let number = 0
  let parts: Buffer[] = []
  let length = 0
  const take = (): Line => {
    number++
    const bytes = length
    const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    parts = []
    length = 0
    const end = whole[whole.length - 1] === 13 ? whole.length - 1 : whole.length
    const place = { number, done: file.done(), total }
    if (bytes > longest) return { ...place, text: whole.toString('utf8', 0, KEPT_OF_TOO_LONG), tooLong: { bytes } }
    return { ...place, text: whole.toString('utf8', 0, end) }
  }
  const keep = (part: Buffer) => {
    // Beyond the limit only the length is counted; the beginning stays, to be kept with the refusal.
    if (length <= longest)
      parts.push(
        length + part.length > longest ? part.subarray(0, Math.max(0, longest - length) || KEPT_OF_TOO_LONG) : part,
      )
    length += part.length
  }
  for await (const chunk of file.bytes as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    if (start < chunk.length) keep(chunk.subarray(start))
  }
  if (length > 0) yield take()
}
