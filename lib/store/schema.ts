/**
 * The one schema, for a laptop and for a cluster (ClickHouse dialect), and its versions.
 *
 * Rollups are aggregate projections of `events` (https://clickhouse.com/docs/sql-reference/statements/alter/projection): each part
 * on disk carries its own sums and is renamed into place whole, so that sums and rows cannot come apart, whenever the process
 * dies, and a deleted row leaves both. The engine picks the smallest projection that can answer a query.
 */

/** Where the tables of a store live: `local` holds rows, `table` is what is read and written (the same without a cluster). */
export type Place = { readonly cluster: string | undefined }

/** The name of the table that holds rows on this node. */
export function localName(table: string, place: Place): string {
  return place.cluster === undefined ? table : `${table}_local`
}

/** One step from a version to the next. Statements run on every node, in order; each may run twice (a crash in between). */
export type Migration = {
  readonly version: number
  readonly about: string
  readonly statements: (place: Place) => string[]
}

/** Dollars as whole millionths, exactly as `lib/analytics/exact-sum.ts` rounds them. Unknown dollars add nothing. */
export const MICROS = `toInt128(floor(least(9e12, greatest(-9e12, ifNull(usd, 0))) * 1000000 + 0.5))`
/** Sorts the greatest known value first, then the smallest id; `inf` where no value is known. */
export const LARGEST = '(ifNull(-usd, inf), id)'

/** What is summed. A query uses a projection only when it asks for these very expressions. */
export const SUMS = [
  'count()',
  'count(usd)',
  `sum(${MICROS})`,
  'sum(notEmpty(account))',
  `min(${LARGEST})`,
  'min(time)',
  'max(time)',
] as const

const KEYS = 'type, kind, source, venue, protocol, chain, side'
const projection = (name: string, keys: string) =>
  `PROJECTION ${name} (SELECT ${keys}, ${SUMS.join(', ')} GROUP BY ${keys})`

/** Every acknowledged insert is on disk before it is acknowledged; a deletion rebuilds the sums of the part it touches. */
const DURABLE = `fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 10000`
const REBUILD = `lightweight_mutation_projection_mode = 'rebuild', deduplicate_merge_projection_mode = 'rebuild'`

const EVENTS = `(
  id String CODEC(ZSTD(1)),
  time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  venue LowCardinality(String),
  source LowCardinality(String),
  type LowCardinality(String),
  kind LowCardinality(String),
  protocol LowCardinality(String),
  chain LowCardinality(String),
  coin LowCardinality(String),
  side LowCardinality(String),
  instrument LowCardinality(String),
  account String CODEC(ZSTD(1)),
  usd Nullable(Float64) CODEC(ZSTD(1)),
  rest String CODEC(ZSTD(3)),
  INDEX id_bloom id TYPE bloom_filter(0.001) GRANULARITY 1,
  ${projection('by_day', `toStartOfDay(time), ${KEYS}`)},
  ${projection('by_hour', `toStartOfHour(time), ${KEYS}`)}
)`

function tablesOfVersionOne(place: Place): string[] {
  const create = (table: string, columns: string, engine: string, settings = DURABLE) =>
    `CREATE TABLE IF NOT EXISTS ${localName(table, place)} ${columns} ENGINE = ${engine} SETTINGS ${settings}`
  const tables = [
    create('events', EVENTS, 'MergeTree ORDER BY (time, id)', `${DURABLE}, ${REBUILD}`),
    create('tombstones', '(of String, id String)', 'ReplacingMergeTree ORDER BY (of, id)'),
    create(
      'rejects',
      `(key String, venue LowCardinality(String), received DateTime64(3, 'UTC'), code LowCardinality(String), reason String, raw String CODEC(ZSTD(3)), receipt String)`,
      'ReplacingMergeTree ORDER BY key',
    ),
    create(
      'checkpoints',
      '(stream String, position String, version UInt64)',
      'ReplacingMergeTree(version) ORDER BY stream',
    ),
  ]
  if (place.cluster === undefined) return tables
  const spread: Record<string, string> = {
    events: 'cityHash64(id)',
    tombstones: 'cityHash64(of)',
    rejects: 'cityHash64(key)',
    checkpoints: 'cityHash64(stream)',
  }
  const distributed = Object.entries(spread).map(
    ([table, key]) =>
      `CREATE TABLE IF NOT EXISTS ${table} AS ${table}_local ENGINE = Distributed('${place.cluster}', currentDatabase(), ${table}_local, ${key}) SETTINGS fsync_after_insert = 1, fsync_directories = 1`,
  )
  return [...tables, ...distributed]
}

/** Every version there was, oldest first. A released version is never edited; a change is a new one. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    about: 'events with sums by day and hour, tombstones, rejects, checkpoints',
    statements: tablesOfVersionOne,
  },
  {
    version: 2,
    about: 'sums by day and coin',
    statements: (place) => {
      // Coin first: the days of one coin lie together.
      const keys = `coin, toStartOfDay(time), ${KEYS}`
      const events = localName('events', place)
      return [
        `ALTER TABLE ${events} ADD ${projection('by_day_and_coin', keys).replace('PROJECTION', 'PROJECTION IF NOT EXISTS')}`,
        `ALTER TABLE ${events} MATERIALIZE PROJECTION by_day_and_coin SETTINGS mutations_sync = 1`,
      ]
    },
  },
]

/** The version this build writes. */
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version as number
/** The table that remembers which versions were applied. It never changes. */
export const META_TABLE = `CREATE TABLE IF NOT EXISTS schema_versions (version UInt32, about String, applied DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`
