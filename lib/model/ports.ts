/** What the lower rooms may be given instead of reaching for it themselves: time and a place to write a line. */
import type { UnixMs } from './units.ts'

/** A clock. Tests pass their own. */
export type Clock = { now(): UnixMs }

/** One JSON line on stderr per call; never data. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  values?: Readonly<Record<string, unknown>>,
) => void

/** A log that keeps silent. */
export const silent: Log = () => undefined
