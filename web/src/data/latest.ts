/** Of many askings only the newest counts: an answer to an older one that comes later is let go. */

/** One asking. */
export type Turn = {
  /** Aborted when a newer asking begins or all are stopped. */
  readonly signal: AbortSignal
  /** True while no newer asking has begun and nobody stopped it. */
  readonly counts: () => boolean
  /** The asking is over, whether it was answered or not. */
  readonly done: () => void
}

/** Askings that take turns. */
export type Turns = {
  /** Begins an asking; the one before it no longer counts. */
  readonly begin: () => Turn
  /** No asking counts any more. */
  readonly stop: () => void
  /** True while an asking is under way. */
  readonly busy: () => boolean
}

/** Makes the askings of one place take turns. */
export function takeTurns(): Turns {
  let running: AbortController | undefined
  const stop = () => {
    const last = running
    running = undefined
    last?.abort()
  }
  return {
    stop,
    busy: () => running !== undefined,
    begin: () => {
      stop()
      const mine = new AbortController()
      running = mine
      return {
        signal: mine.signal,
        counts: () => running === mine,
        done: () => {
          if (running === mine) running = undefined
        },
      }
    },
  }
}
