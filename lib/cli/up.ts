/** `breakwater up`: the main job. Live venues (or the demo), recording, store, API and terminal in one process. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { type Api, type Mode, startApi } from '../api/index.ts'
import {
  type Batch,
  type ConnectionStatus,
  catchUp,
  type Feed,
  readFrame,
  startDemo,
  startFeed,
} from '../feed/index.ts'
import { breakwaterError, type Clock, DAY, type Log, type MarketEvent, type UnixMs } from '../model/index.ts'
import { batchingWriter, openStore, type Store } from '../store/index.ts'
import { type Channel, type Venue, venues } from '../venues/index.ts'
import { chainSource } from './chains.ts'
import { type CommonOptions, configOf, numberFrom, stderrLog, wholeNumber, withCommon } from './config.ts'
import { SERVER_FILE } from './door.ts'
import { printLines } from './print.ts'
import { shippedDays } from './shipped.ts'

/** Options of `up`. */
export type UpOptions = CommonOptions & {
  readonly port: number
  readonly host: string
  readonly token?: string
  readonly demo?: boolean
  readonly seed: string
  readonly venues?: string
  readonly rpc?: readonly string[]
  readonly backfillBlocks?: number
  readonly keepDays?: number
  readonly keepRecordingsDays?: number
}

const CHANNELS: readonly Channel[] = ['liquidations', 'open-interest', 'funding', 'mark']
const CLOCK: Clock = { now: () => Date.now() as UnixMs }
/** How long to wait before saying that no venue can be reached. */
const REACH_MS = 12_000
/** What was received longer ago is history, not news. */
const NEWS_MS = 60_000
/** Ids remembered, so that an event heard twice is told once. */
const MOST_TOLD = 100_000
const RETENTION_EVERY_MS = 3_600_000

/** Adds the command. */
export function addUp(program: Command): void {
  withCommon(program.command('up', { isDefault: true }))
    .description('run everything: live venues, recording, store, API and terminal')
    .option('--port <n>', 'port of API and terminal', wholeNumber(0, 65_535), 8787)
    .option('--host <address>', 'address to listen on; beyond loopback a token is required', '127.0.0.1')
    .option('--token <text>', 'token that every request must carry (or BREAKWATER_TOKEN)')
    .option('--demo', 'a simulated market instead of live venues; keeps its data apart')
    .option('--seed <text>', 'seed of the demo', '7')
    .option('--venues <ids>', 'only these venues, comma list')
    .option(
      '--rpc <chain=url...>',
      'read a chain, e.g. --rpc ethereum=https://…; repeatable',
      (value: string, list: string[] = []) => [...list, value],
    )
    .option(
      '--backfill-blocks <n>',
      'blocks to read back when a chain is read for the first time',
      wholeNumber(0, 50_000_000),
      0,
    )
    .option('--keep-days <n>', 'forget events older than this', numberFrom(1))
    .option('--keep-recordings-days <n>', 'delete raw recordings older than this', numberFrom(1))
    .allowExcessArguments()
    .action(async (options: UpOptions, command: Command) => {
      refuseWord(program, command.args[0])
      const running = await up(options, stderrLog(options.verbose))
      printLines([running.greeting])
      await untilStopped()
      process.stderr.write('stopping: finishing what was heard …\n')
      await running.stop()
    })
}

/** A word that is no command reaches the default one: said as what it is, and not as an argument too many. */
function refuseWord(program: Command, word: string | undefined): void {
  if (word === undefined) return
  const names = program.commands.map((one) => one.name())
  const near = names.filter((name) => name.startsWith(word.slice(0, 3)))
  throw breakwaterError(
    'bad-config',
    `there is no command '${word.slice(0, 40)}'`,
    { word: word.slice(0, 40) },
    { fix: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Commands are ${names.join(', ')}.` },
  )
}

/** A running house. */
export type Running = { readonly address: string; readonly greeting: string; readonly stop: () => Promise<void> }

/** Opens the store, brings it up to the recordings, starts API and feed. */
export async function up(options: UpOptions, log: Log): Promise<Running> {
  const config = configOf(options)
  const chosen = venuesOf(options.venues)
  const store = await openStore({ ...config, lockUrl: `http://${options.host}:${options.port}` })
  const state: State = {
    mode: options.demo ? 'simulated' : 'offline',
    message: options.demo ? DEMO_MESSAGE : 'Connecting to the venues …',
    feed: undefined,
    api: undefined,
  }
  const take = takerOf(store, state, log)
  const cleanup: (() => Promise<void> | void)[] = [() => store.close()]
  try {
    const caught = await catchUp({
      dataDir: config.data,
      venues,
      checkpoint: (stream) => store.checkpoint(stream),
      onBatch: take.onBatch,
      log,
    })
    if (caught.frames > 0)
      log('info', 'the store was brought up to the recordings', { frames: caught.frames, events: caught.events })
    state.api = await startApi(await apiOptions(options, config.data, store, state, log))
    const { api } = state
    cleanup.unshift(() => api.close())
    await mkdir(config.data, { recursive: true })
    await writeFile(join(config.data, SERVER_FILE), `${JSON.stringify({ url: api.address, pid: process.pid })}\n`)
    state.feed = await startHearing(options, config.data, chosen, take.onBatch, log)
    const { feed } = state
    cleanup.unshift(
      () => feed.stop(),
      () => take.close(),
    )
    cleanup.unshift(watchReach(options, state), keepRetention(options, store, log))
    return { address: api.address, greeting: greet(options, api.address, config.data), stop: () => inOrder(cleanup) }
  } catch (error) {
    await inOrder(cleanup)
    throw error
  }
}

const DEMO_MESSAGE = 'A simulated market in the venues’ own wire formats: no real venue, no real money.'
const OFFLINE_MESSAGE =
  'No venue can be reached from here. What is stored can be read; `npm start -- --demo` shows a simulated market.'

type State = { mode: Mode; message: string; feed: Feed | undefined; api: Api | undefined }

async function inOrder(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const step of steps) await step()
}

/** Stores a batch, then its checkpoint, then tells the stream: what a client sees is safe. */
function takerOf(
  store: Store,
  state: State,
  log: Log,
): { onBatch: (batch: Batch) => Promise<void>; close: () => Promise<void> } {
  const writer = batchingWriter(store)
  const isNews = newsFilter(CLOCK)
  const onBatch = async ({ events, rejected, stream, position }: Batch) => {
    await writer.ready()
    if (events.length > 0) await writer.append(events)
    if (rejected.length > 0) {
      await store.reject(rejected)
      log('debug', 'records were refused', { stream, count: rejected.length, first: rejected[0]?.reason })
    }
    await store.setCheckpoints([{ stream, position }])
    state.api?.publish(events.filter(isNews))
  }
  return { onBatch, close: () => writer.close() }
}

/** News is what was heard just now and for the first time: not the past that is being caught up, not what an overlapping connection repeats. */
export function newsFilter(clock: Clock): (event: MarketEvent) => boolean {
  const told = new Set<string>()
  return ({ id, received }) => {
    if (received < clock.now() - NEWS_MS || told.has(id)) return false
    told.add(id)
    if (told.size > MOST_TOLD) for (const oldest of [...told].slice(0, MOST_TOLD / 2)) told.delete(oldest)
    return true
  }
}

async function startHearing(
  options: UpOptions,
  dataDir: string,
  chosen: readonly Venue[],
  onBatch: (batch: Batch) => Promise<void>,
  log: Log,
): Promise<Feed> {
  if (options.demo)
    return startDemo({
      dataDir,
      seed: options.seed,
      clock: CLOCK,
      log,
      onBatch,
      onCaughtUp: () => log('info', 'the demo is live: its past day is stored'),
    })
  return startFeed({
    dataDir,
    venues: chosen.map((venue) => withoutUnreadChains(venue, options.rpc ?? [])),
    channels: CHANNELS,
    clock: CLOCK,
    log: (level, message, values) => log(level === 'info' || level === 'warn' ? 'debug' : level, message, values),
    onBatch,
    random: Math.random,
    logs: chainSource(options.rpc ?? [], log, options.backfillBlocks),
    keepRecordingsMs: options.keepRecordingsDays === undefined ? undefined : options.keepRecordingsDays * DAY,
  })
}

/** A chain is read when an RPC address is given for it; connections to others are not planned. */
function withoutUnreadChains(venue: Venue, rpc: readonly string[]): Venue {
  const chains = new Set(rpc.map((pair) => pair.slice(0, pair.indexOf('=')).toLowerCase()))
  return { ...venue, plan: (want) => venue.plan(want).filter((plan) => plan.kind !== 'logs' || chains.has(plan.chain)) }
}

function venuesOf(text: string | undefined): readonly Venue[] {
  if (text === undefined) return [...venues.values()]
  return text.split(',').map((id) => {
    const venue = venues.get(id.trim())
    if (!venue)
      throw breakwaterError(
        'unknown-venue',
        `there is no venue '${id}'`,
        { id },
        { fix: `Use some of ${[...venues.keys()].join(', ')}.` },
      )
    return venue
  })
}

async function apiOptions(options: UpOptions, data: string, store: Store, state: State, log: Log) {
  const token = options.token ?? process.env['BREAKWATER_TOKEN']
  return {
    host: options.host,
    port: options.port,
    store,
    clock: CLOCK,
    log,
    status: (): readonly ConnectionStatus[] => state.feed?.status() ?? [],
    mode: () => state.mode,
    message: () => state.message,
    version: version(),
    token,
    webRoot: fileURLToPath(new URL('../../../web/dist', import.meta.url)),
    rawFrame: (receipt: Parameters<typeof readFrame>[1]) => readFrame(data, receipt).catch(() => undefined),
    shipped: await shippedDays(),
  }
}

/** The version of the package. */
export function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string }).version
    } catch {
      // Compiled, the package's own file lies one folder further up.
    }
  }
  return '0.0.0'
}

/** Keeps the mode true: live as soon as one venue is heard, offline with a word of advice when none can be. */
function watchReach(options: UpOptions, state: State): () => void {
  if (options.demo) return () => undefined
  let told = false
  const started = Date.now()
  const look = () => {
    const list = state.feed?.status() ?? []
    const open = list.filter((connection) => connection.state === 'open' || connection.state === 'silent')
    if (open.length > 0) {
      state.mode = 'live'
      state.message = `Hearing ${new Set(open.map(({ venue }) => venue)).size} venues on ${open.length} connections.`
    } else if (Date.now() - started > REACH_MS) {
      state.mode = 'offline'
      state.message = OFFLINE_MESSAGE
      if (!told) process.stderr.write(`${offlineWords(list)}\n`)
      told = true
    }
  }
  const timer = setInterval(look, 1_000)
  return () => clearInterval(timer)
}

/** The commonest reasons, each with an example and the venues it keeps from us. */
function offlineWords(list: readonly ConnectionStatus[]): string {
  const reasons = new Map<string, { example: string; venues: Set<string> }>()
  for (const { venue, why } of list) {
    const example = why?.split(';')[0] ?? 'no connection yet'
    const kind = example.split(':')[0] as string
    const reason = reasons.get(kind) ?? { example, venues: new Set<string>() }
    reason.venues.add(venue)
    reasons.set(kind, reason)
  }
  const lines = [...reasons.values()]
    .sort((a, b) => b.venues.size - a.venues.size)
    .slice(0, 3)
    .map(({ example, venues: ids }) => {
      const more = ids.size > 4 ? ` and ${ids.size - 4} more` : ''
      return `  ${[...ids].slice(0, 4).join(', ')}${more}: ${example}`
    })
  const advice = 'What is stored can be read. For a simulated market without a network: npm start -- --demo'
  return ['No venue can be reached yet; trying on.', ...lines, advice].join('\n')
}

function keepRetention({ keepDays }: UpOptions, store: Store, log: Log): () => void {
  if (keepDays === undefined) return () => undefined
  const forget = () => {
    store
      .forget((Date.now() - keepDays * DAY) as UnixMs)
      .catch((error) => log('error', 'retention failed', { why: String(error) }))
  }
  forget()
  const timer = setInterval(forget, RETENTION_EVERY_MS)
  return () => clearInterval(timer)
}

function greet(options: UpOptions, address: string, data: string): string {
  const kind = options.demo ? 'SIM ⊢ simulated market' : 'live'
  return `breakwater ${version()} · ${kind}\n  terminal  ${address}/\n  API       ${address}/v1/totals   ${address}/openapi.json\n  data      ${data}`
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
