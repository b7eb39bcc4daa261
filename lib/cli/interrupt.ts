/** Ctrl-C as a wish, not an end: the first one asks a computation to stop and to give what it has, a second one kills. */
import { Presets, SingleBar } from 'cli-progress'

/** Exit code of a run that was interrupted and gave a partial result: 128 + SIGINT, as shells have it. */
export const INTERRUPTED = 130

/** Runs `work` with a signal that the first SIGINT or SIGTERM aborts. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const heard = () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED)
    process.stderr.write('\ninterrupted: finishing what is under way; once more to leave at once\n')
    stop.abort()
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
  try {
    return await work(stop.signal)
  } finally {
    process.off('SIGINT', heard)
    process.off('SIGTERM', heard)
  }
}

/** A progress bar on stderr where that is a terminal; elsewhere a line each tenth, so that logs stay short. */
export function progressBar(
  what: string,
  total: number,
): { readonly at: (done: number) => void; readonly end: () => void } {
  if (!process.stderr.isTTY) {
    let tenth = -1
    const at = (done: number) => {
      const now = Math.floor((10 * done) / total)
      if (now <= tenth) return
      tenth = now
      process.stderr.write(`${what} ${done} of ${total}\n`)
    }
    return { at, end: () => undefined }
  }
  const format = `${what} {bar} {value}/{total} {eta_formatted}`
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic)
  bar.start(total, 0)
  return { at: (done) => bar.update(done), end: () => bar.stop() }
}
