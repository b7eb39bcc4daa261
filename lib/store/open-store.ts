/** Which store to open: the one place that knows all three. */
import { breakwaterError } from '../model/index.ts'
import { clickhouseStore } from './clickhouse.ts'
import { embeddedStore } from './embedded.ts'
import { memoryStore } from './memory.ts'
import type { Store } from './store.ts'

/** Where the events are kept: exactly one of `data`, `clickhouse` and `memory`. */
export type StoreOptions = {
  /** A data directory: the embedded store. */
  readonly data?: string | undefined
  /** `http://user:password@host:8123/database`; several, separated by commas, are nodes of one cluster. */
  readonly clickhouse?: string | undefined
  /** The cluster's name in the servers' configuration; without it each address holds the whole store. */
  readonly cluster?: string | undefined
  readonly memory?: boolean | undefined
  /** Where the process that opens the store can be asked: written into the lock for whoever comes second. */
  readonly lockUrl?: string | undefined
}

/** Opens a store. Refuses what {@link embeddedStore} and {@link clickhouseStore} refuse, and `bad-config` when none is named. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.memory) return memoryStore()
  if (options.clickhouse !== undefined)
    return clickhouseStore({ urls: options.clickhouse.split(','), cluster: options.cluster })
  if (options.data !== undefined) return embeddedStore(options.data, { lockUrl: options.lockUrl })
  throw breakwaterError(
    'bad-config',
    'no store was named',
    {},
    { fix: 'Use --data DIR, --clickhouse URL or --store memory.' },
  )
}
