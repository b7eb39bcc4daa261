/** Any ClickHouse server or cluster, by its HTTP interface: the same schema and the same SQL as the embedded store. */
import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { breakwaterError, isBreakwaterError } from '../model/index.ts'
import { parseRows } from './embedded.ts'
import type { SqlEngine } from './engine.ts'
import { migrate } from './migrate.ts'
import { SETTINGS } from './settings.ts'
import { sqlStore } from './sql-store.ts'
import type { Store } from './store.ts'

/** How to reach a server or a cluster. */
export type ClickhouseOptions = {
  /** `http://user:password@host:8123/database`, one per node; asked in turn when one does not answer. */
  readonly urls: readonly string[]
  readonly cluster?: string | undefined
  /** How long to wait for an answer, ms. */
  readonly timeoutMs?: number | undefined
}

type Node = { readonly client: ClickHouseClient; readonly place: string }

/**
 * Opens the store of a server, or of a cluster of nodes. Refuses `store-unreachable` when no node answers.
 * In a cluster every address is one node of it: the tables are made on each, and a `Distributed` table spreads events by their id.
 * The servers' configuration should say `internal_replication` false: the `Distributed` table then writes every replica itself
 * (this is what the tests run). Where the tables are to be `Replicated*` with `internal_replication` true, make `events_local` and
 * its sisters yourself (`CREATE TABLE … ON CLUSTER …`, the columns of `schema.ts`) before the first start; that is not tested here.
 */
export async function clickhouseStore(options: ClickhouseOptions): Promise<Store> {
  const nodes = await Promise.all(options.urls.map((url) => nodeOf(url, options)))
  const engine = serverEngine(nodes, options.cluster)
  try {
    await migrate(engine)
    return await sqlStore(engine)
  } catch (cause) {
    await engine.close()
    throw cause
  }
}

async function nodeOf(address: string, options: ClickhouseOptions): Promise<Node> {
  let url: URL
  try {
    url = new URL(address)
  } catch (cause) {
    throw breakwaterError(
      'bad-config',
      `${address} is no address of a ClickHouse server`,
      { address },
      { cause, fix: 'Write --clickhouse http://user:password@host:8123/database.' },
    )
  }
  const database = url.pathname.slice(1) || 'breakwater'
  const common = {
    url: `${url.protocol}//${url.host}`,
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    request_timeout: options.timeoutMs ?? 60_000,
    // An endpoint that closed an idle connection is not an outage.
    keep_alive: { idle_socket_ttl: 1500 },
    // Every failure comes out as an error with advice; the client need not write to the console too.
    log: { level: ClickHouseLogLevel.OFF },
  }
  const settings: Record<string, string | number> = {
    ...SETTINGS,
    distributed_foreground_insert: 0,
    distributed_product_mode: 'global',
  }
  if (/^[A-Za-z_]\w*$/.test(database)) {
    const first = createClient(common)
    // Best effort: a node that is down now is reported by the first statement that needs it.
    await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` }).catch(() => undefined)
    await first.close()
  }
  return { client: createClient({ ...common, database, clickhouse_settings: settings }), place: url.host }
}

function serverEngine(nodes: readonly Node[], cluster: string | undefined): SqlEngine {
  let preferred = 0
  /** Asks the nodes in turn, beginning with the last that answered. A refusal of the server itself ends it. */
  const ask = async <T>(task: (client: ClickHouseClient) => Promise<T>): Promise<T> => {
    let last: unknown
    for (let i = 0; i < nodes.length; i++) {
      const index = (preferred + i) % nodes.length
      try {
        const answer = await task((nodes[index] as Node).client)
        preferred = index
        return answer
      } catch (cause) {
        if (!isUnreachable(cause)) throw refused(cause)
        last = cause
      }
    }
    throw unreachable(nodes, last)
  }
  return {
    name: 'clickhouse',
    cluster,
    rows: (sql, params) =>
      ask(async (client) => {
        const result = await client.query({
          query: sql,
          format: 'JSONEachRow',
          ...(params ? { query_params: { ...params } } : {}),
        })
        return parseRows(await result.text())
      }),
    everywhere: async (sql, need) => {
      if (cluster === undefined) return void (await ask((client) => client.command({ query: sql })))
      const done = await Promise.allSettled(nodes.map(({ client }) => client.command({ query: sql })))
      const errors = done.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
      const wrong = errors.find((cause) => !isUnreachable(cause))
      if (wrong !== undefined) throw refused(wrong)
      if (errors.length === nodes.length || (need === 'all' && errors.length > 0)) throw unreachable(nodes, errors[0])
    },
    insert: (table, columns, lines, token) =>
      ask(async (client) => {
        const { stream } = await client.exec({
          query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT TabSeparated`,
          values: Readable.from([Buffer.from(lines)], { objectMode: false }),
          // A retry after a lost answer sends the same token: the node that has it already keeps one.
          clickhouse_settings: { insert_deduplication_token: token },
        })
        // The answer is empty; reading it to its end frees the connection.
        for await (const _ of stream);
        if (cluster !== undefined) await spread(client, cluster, table)
      }),
    close: async () => {
      await Promise.all(nodes.map(({ client }) => client.close()))
    },
  }
}

/**
 * Hands what a `Distributed` table holds for other nodes on to them, so that the next read sees it. A replica that is down keeps
 * its share in the queue on disk and gets it later; a shard of which no replica took it is a refusal (a retry is harmless).
 */
async function spread(client: ClickHouseClient, cluster: string, table: string): Promise<void> {
  try {
    await client.command({ query: `SYSTEM FLUSH DISTRIBUTED ${table}` })
    return
  } catch (cause) {
    const answer = await client.query({
      query: `SELECT shard_num AS shard, count() AS replicas,
        (SELECT groupArray(extract(data_path, 'shard(\\\\d+)_')) FROM system.distribution_queue
          WHERE database = currentDatabase() AND table = '${table}' AND data_files > 0) AS stuck
        FROM system.clusters WHERE cluster = '${cluster.replaceAll("'", '')}' GROUP BY shard_num`,
      format: 'JSONEachRow',
    })
    const shards = parseRows<{ shard: number; replicas: number; stuck: string[] }>(await answer.text())
    const lost = shards.find(
      ({ shard, replicas, stuck }) => stuck.filter((one) => one === `${shard}`).length >= replicas,
    )
    if (lost === undefined) return
    throw breakwaterError(
      'store-unreachable',
      `no replica of shard ${lost.shard} of the cluster ${cluster} can be reached`,
      { cluster, shard: lost.shard, said: String((cause as Error).message).slice(0, 200) },
      { cause, fix: 'Start one of its replicas; the batch is sent again then.' },
    )
  }
}

/** True when nothing was said by a server: no connection, a broken one, a timeout, or a proxy without a backend. */
function isUnreachable(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && /^E[A-Z]/.test(code)) return true
  return /ECONN|EPIPE|ENOTFOUND|socket hang up|Timeout error|ALL_CONNECTION_TRIES_FAILED|NETWORK_ERROR|server is shutting down/i.test(
    String(message),
  )
}

function unreachable(nodes: readonly Node[], cause: unknown) {
  const places = nodes.map(({ place }) => place).join(', ')
  return breakwaterError(
    'store-unreachable',
    `no ClickHouse server answers at ${places}`,
    { places, said: String((cause as Error | undefined)?.message ?? cause).slice(0, 200) },
    { cause },
  )
}

function refused(cause: unknown) {
  if (isBreakwaterError(cause)) return cause
  const { message, code, type } = cause as { message?: string; code?: string; type?: string }
  const values = { code, type, said: String(message ?? cause).slice(0, 400) }
  if (/AUTHENTICATION_FAILED|REQUIRED_PASSWORD/.test(`${type} ${message}`))
    return breakwaterError('store-unreachable', 'the ClickHouse server refused the user or password', values, {
      cause,
      fix: 'Write them into the address: --clickhouse http://user:password@host:8123/database.',
    })
  if (/NOT_ENOUGH_SPACE|No space left/.test(`${type} ${message}`))
    return breakwaterError('disk-full', 'the disk of the ClickHouse server is full', values, { cause })
  return breakwaterError('store-failed', `the ClickHouse server refused: ${values.said}`, values, { cause })
}
