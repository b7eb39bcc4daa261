/** The venue's clock against ours, from frames that say when they were sent. */
import { type UnixMs, unixMs } from '../model/index.ts'

/** Collects samples of one connection. */
export type Skew = {
  hear(text: string, received: UnixMs): void
  /** Venue's clock minus ours, ms, network delay included; the median of the last samples, `undefined` with fewer than 3. */
  median(): number | undefined
}

const SENT = /"(?:E|ts|time_ms|usOut|timestamp)"\s*:\s*"?(\d{13})(\d{3})?[",}\s]/
const SAMPLES = 31
const EVERY_MS = 1_000
/** The head of a frame is enough: send times stand before the rows. */
const HEAD_CHARS = 400

/** Opens a collection; at most one sample a second is taken, so that bursts cost nothing. */
export function openSkew(): Skew {
  const samples: number[] = []
  let last = 0
  return {
    hear: (text, received) => {
      if (received - last < EVERY_MS) return
      const match = SENT.exec(text.slice(0, HEAD_CHARS))
      const sent = match && unixMs(Number(match[1]))
      if (sent == null) return
      last = received
      samples.push(sent - received)
      if (samples.length > SAMPLES) samples.shift()
    },
    median: () => {
      if (samples.length < 3) return undefined
      const sorted = [...samples].sort((a, b) => a - b)
      return sorted[Math.floor(sorted.length / 2)]
    },
  }
}
