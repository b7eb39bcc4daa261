/** A protocol that speaks in logs: one builder of venues, so that each protocol's file holds only what is its own. */
import type { Connection, Venue, Want } from '../venue.ts'
import { type LogReader, logDecoder } from './log.ts'

/** What tells one protocol from another. */
export type LogVenue = {
  readonly id: string
  readonly name: string
  readonly kind: 'lending' | 'perp-dex'
  /** Where the events are declared. */
  readonly page: string
  /** What is counted and what is not, for the table of coverage. */
  readonly note: string
  /** Chains it lives on, with the contracts to listen to; an empty list: any contract that emits these events. */
  readonly where: Readonly<Record<string, readonly string[]>>
  /** Readers by first topic. */
  readonly readers: Readonly<Record<string, LogReader>>
  readonly ended?: string | undefined
}

/** The venue of a protocol whose every liquidation is a log. Logs are complete: a chain keeps all of them. */
export function logVenue(spec: LogVenue): Venue {
  const { id, name, kind, page, note, where, readers, ended } = spec
  return {
    id,
    name,
    kind,
    page,
    accounts: true,
    coverage: [{ channel: 'liquidations', since: undefined, policy: { kind: 'complete' }, page, note }],
    ...(ended === undefined ? {} : { ended }),
    metadata: [],
    plan: (want) => plans(want, where, Object.keys(readers)),
    decoder: () => logDecoder(readers),
  }
}

function plans(want: Want, where: LogVenue['where'], topics: readonly string[]): readonly Connection[] {
  if (!want.channels.includes('liquidations')) return []
  return Object.entries(where).map(([chain, addresses]) => ({
    kind: 'logs' as const,
    name: `liquidations-${chain}`,
    channels: ['liquidations' as const],
    chain,
    topics,
    ...(addresses.length === 0 ? {} : { addresses }),
  }))
}
