/** Real ClickHouse servers for tests, without installing one: loopback only, no password. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A running server. */
export type ClickhouseServer = {
  readonly httpPort: number
  readonly tcpPort: number
  /** `http://127.0.0.1:PORT/database` for `--clickhouse`. */
  url(database: string): string
  /** Kills the process as a power cut would, and resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same data and ports. */
  start(): Promise<void>
  /** Kills it and removes its data. */
  remove(): Promise<void>
}

const SCRIPT = fileURLToPath(new URL('./clickhouse-process.ts', import.meta.url))
const QUERY =
  "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT * FROM file('-', 'LineAsString', 'l String') FORMAT Null"

/** Ports that nothing listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer()
          server.listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Starts one server; resolves when it answers. */
export async function clickhouseServer(): Promise<ClickhouseServer> {
  const [http, tcp] = await freePorts(2)
  return startServer(http as number, tcp as number, '')
}

/** Starts shards × replicas servers that know each other as the cluster `breakwater`. */
export async function clickhouseCluster(shards: number, replicas: number): Promise<ClickhouseServer[][]> {
  const ports = await freePorts(shards * replicas * 2)
  const at = (shard: number, replica: number) => 2 * (shard * replicas + replica)
  const range = (count: number) => Array.from({ length: count }, (_, i) => i)
  const shardXml = (shard: number) =>
    `<shard><internal_replication>false</internal_replication>${range(replicas)
      .map((replica) => `<replica><host>127.0.0.1</host><port>${ports[at(shard, replica) + 1]}</port></replica>`)
      .join('')}</shard>`
  const xml = `<remote_servers><breakwater>${range(shards).map(shardXml).join('')}</breakwater></remote_servers>`
  return Promise.all(
    range(shards).map((shard) =>
      Promise.all(
        range(replicas).map((replica) =>
          startServer(ports[at(shard, replica)] as number, ports[at(shard, replica) + 1] as number, xml),
        ),
      ),
    ),
  )
}

async function startServer(httpPort: number, tcpPort: number, xml: string): Promise<ClickhouseServer> {
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-clickhouse-'))
  const config = join(directory, 'config.xml')
  writeFileSync(config, `<clickhouse><tcp_port>${tcpPort}</tcp_port>${xml}</clickhouse>`)
  let child: ChildProcess | undefined
  const server: ClickhouseServer = {
    httpPort,
    tcpPort,
    url: (database) => `http://127.0.0.1:${httpPort}/${database}`,
    kill: async () => {
      const running = child
      child = undefined
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
      const gone = new Promise((resolve) => running.once('exit', resolve))
      running.kill('SIGKILL')
      await gone
    },
    start: async () => {
      const args = [
        'clickhouse',
        `--config-file=${config}`,
        `--path=${join(directory, 'data')}`,
        `--http_port=${httpPort}`,
        `--tcp_port=${tcpPort}`,
        '--listen_host=127.0.0.1',
        `--query=${QUERY}`,
      ]
      const running = spawn(process.execPath, ['--import', 'tsx', SCRIPT, ...args], {
        stdio: ['pipe', 'ignore', 'pipe'],
      })
      child = running
      let said = ''
      running.stderr?.on('data', (data) => {
        said = `${said}${data}`.slice(-4000)
      })
      // A node that dies by itself would look like a fault of the store: say what it said.
      running.once('exit', (code, signal) => {
        if (child === running) process.stderr.write(`ClickHouse server ended (${code ?? signal}): ${said}\n`)
      })
      await answers(httpPort, () => {
        if (running.exitCode !== null || running.signalCode !== null)
          throw new Error(`the ClickHouse server ended: ${said}`)
      })
    },
    remove: async () => {
      await server.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** Resolves when the server answers its ping; a server that ended first throws by `check`. */
async function answers(port: number, check: () => void): Promise<void> {
  for (;;) {
    check()
    const ok = await fetch(`http://127.0.0.1:${port}/ping`).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
