/** Chain readers for the feed, by the RPC addresses given on the command line. */
import type { LogSource } from '../feed/index.ts'
import { breakwaterError, type Log } from '../model/index.ts'

/** Reads `chain=url` pairs into one log source; `undefined` when there is none. */
export function chainSource(pairs: readonly string[], _log: Log): LogSource | undefined {
  if (pairs.length === 0) return undefined
  throw breakwaterError('bad-config', 'chains cannot be read yet', { pairs: pairs.join(' ') })
}
