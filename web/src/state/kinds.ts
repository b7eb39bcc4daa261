/** Which kind of data is on the screen. */
import type { Mode } from '../../../lib/api/index.ts'

/** Kinds of data; which one it is never leaves the screen. */
export type DataKind = 'live' | 'recorded' | 'simulated'

/** What the kinds are read from. */
export type KindFacts = {
  /** Where the events behind the figures come from. */
  readonly sources: readonly DataKind[]
  /** What the program does now; `undefined` while it has not said, or no longer answers. */
  readonly mode: Mode | undefined
  /** The view follows the present. */
  readonly moving: boolean
}

/**
 * The kinds that the frame shows. Rows that were once heard live are `live` only while the program hears venues now and the view follows
 * the present: read back from a store they are `recorded`.
 */
export function kindsOf({ sources, mode, moving }: KindFacts): readonly DataKind[] {
  const hears = mode === 'live' && moving
  const found = new Set(sources.map((source) => (source === 'live' && !hears ? 'recorded' : source)))
  if (found.size > 0) return [...found]
  return [hears ? 'live' : mode === 'simulated' ? 'simulated' : 'recorded']
}
