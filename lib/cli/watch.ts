/** `breakwater watch`: the tape in the terminal, from the running server of this data directory, or from a feed of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import WebSocket from 'ws'
import { parseFilter, passes } from '../analytics/index.ts'
import { type Batch, startDemo, startFeed } from '../feed/index.ts'
import { type Clock, fromWire, isLiquidation, type MarketEvent, toWire, type UnixMs } from '../model/index.ts'
import { venues } from '../venues/index.ts'
import { chainSource } from './chains.ts'
import { type CommonOptions, configOf, stderrLog, withCommon } from './config.ts'
import { servingUrl } from './door.ts'
import { tapeLine } from './tape.ts'

type WatchOptions = CommonOptions & {
  coin?: string
  venue?: string
  side?: string
  minUsd?: string
  min?: string
  demo?: boolean
  seed: string
  rpc?: string[]
  all?: boolean
}

const CLOCK: Clock = { now: () => Date.now() as UnixMs }

/** Adds the command. */
export function addWatch(program: Command): void {
  withCommon(program.command('watch'))
    .description('the tape: liquidations and gaps as they are heard')
    .option('--coin <coins>', 'only these coins')
    .option('--venue <ids>', 'only these venues')
    .option('--side <sides>', 'long, short, unknown')
    .option('--min <amount>', 'only from this value on: 100k, 1.5M')
    .option('--demo', 'a simulated market')
    .option('--seed <text>', 'seed of the demo', '7')
    .option('--rpc <chain=url...>', 'read a chain too', (value: string, list: string[] = []) => [...list, value])
    .action(watch)
}

async function watch(options: WatchOptions): Promise<void> {
  const where = parseFilter({ coin: options.coin, venue: options.venue, side: options.side, minUsd: options.min })
  const print = (event: MarketEvent) => {
    if (
      event.type === 'gap'
        ? where.venues && !where.venues.includes(event.venue)
        : !isLiquidation(event) || !passes(event, where)
    )
      return
    process.stdout.write(`${options.json ? toWire(event) : tapeLine(event)}\n`)
  }
  const url = await servingUrl(configOf(options).data)
  const stop = (url && (await fromServer(url, print))) || (await fromFeed(options, print))
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await stop()
}

type Print = (event: MarketEvent) => void

/** Follows the server's stream; `undefined` when it does not answer (a server that was killed leaves its address behind). */
function fromServer(url: string, print: Print): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve) => {
    const token = process.env['BREAKWATER_TOKEN']
    const socket = new WebSocket(
      `${url.replace(/^http/, 'ws')}/v1/stream`,
      token ? { headers: { authorization: `Bearer ${token}` } } : {},
    )
    const lost = () => process.stderr.write('the server closed the stream\n')
    socket.on('open', () => {
      socket.send(JSON.stringify({ op: 'subscribe', args: ['liquidations', 'gaps'] }))
      resolve(async () => {
        socket.removeListener('close', lost)
        socket.close()
      })
    })
    socket.on('message', (bytes) => {
      const message = JSON.parse(String(bytes)) as { data?: unknown; dropped?: number }
      if (message.dropped !== undefined)
        process.stderr.write(`${message.dropped} events were left out: this terminal is too slow\n`)
      if (Array.isArray(message.data)) for (const event of message.data) print(fromWire(JSON.stringify(event)))
    })
    socket.on('close', lost)
    socket.on('error', () => resolve(undefined))
  })
}

/** A feed of its own: frames are recorded as always, in a folder that goes away with the command. */
async function fromFeed(options: WatchOptions, print: Print): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'breakwater-watch-'))
  const log = stderrLog(options.verbose)
  const started = Date.now()
  const onBatch = async ({ events }: Batch) => {
    // The demo's past day is not news.
    for (const event of events) if (event.received >= started - 1_000) print(event)
  }
  const feed = options.demo
    ? await startDemo({ dataDir, seed: options.seed, clock: CLOCK, log, onBatch })
    : await startFeed({
        dataDir,
        venues: [...venues.values()],
        channels: ['liquidations'],
        clock: CLOCK,
        log,
        onBatch,
        random: Math.random,
        logs: chainSource(options.rpc ?? [], log),
      })
  return async () => {
    await feed.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
