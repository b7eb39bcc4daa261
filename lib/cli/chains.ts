/** Chain readers for the feed, by the RPC addresses given on the command line. */
import { chainLogs, type LogSource } from '../feed/index.ts'
import { breakwaterError, type Log, type UnixMs } from '../model/index.ts'

/** Reads `chain=url` pairs into one log source. Refuses (`bad-config`) what is no such pair. Without pairs every chain reports that it has no address. */
export function chainSource(pairs: readonly string[], log: Log, backfillBlocks?: number): LogSource {
  const urls = new Map(
    pairs.map((pair): [string, string] => {
      const match = /^([a-z0-9-]{2,30})=((?:https?|wss?):\/\/\S+)$/i.exec(pair)
      if (!match)
        throw breakwaterError(
          'bad-config',
          `'${pair.slice(0, 100)}' is no chain and address`,
          { pair: pair.slice(0, 100) },
          { fix: 'Write --rpc ethereum=https://….' },
        )
      return [(match[1] as string).toLowerCase(), match[2] as string]
    }),
  )
  return chainLogs({ urls, clock: { now: () => Date.now() as UnixMs }, log, backfillBlocks })
}
