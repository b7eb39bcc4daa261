/**
 * Chain logs through viem: backfill by ranges that are halved on a provider's limits, then the head block by block. A block that is replaced gives its logs
 * back as `removed`; the cursor carries the newest blocks with their logs, so that a replacement during a restart is noticed too.
 */
import { createPublicClient, type EIP1193RequestFn, http, webSocket } from 'viem'
import { breakwaterError, type Clock, type Log, silent } from '../model/index.ts'
import type { ChainLog, LogPlan } from '../venues/index.ts'
import type { IntakeItem, LogSource } from './intake.ts'
import { isProviderLimit, messageOf } from './provider-limits.ts'
import { pause, systemTimers, type Timers } from './timers.ts'

/** How to read chains. */
export type ChainReaderOptions = {
  /** RPC address by chain: http(s) or ws(s). */
  readonly urls: ReadonlyMap<string, string>
  readonly clock: Clock
  readonly log?: Log | undefined
  readonly timers?: Timers | undefined
  /** Blocks to read back on a first start (default 0: from the head on). */
  readonly backfillBlocks?: number | undefined
  /** Blocks of one request at most (default 2 000); halved when a provider refuses, doubled again when it does not. */
  readonly mostBlocks?: number | undefined
  /** How often to look for a new head, ms (default 4 000). */
  readonly pollMs?: number | undefined
  /** Blocks that may still be replaced (default 64). */
  readonly depth?: number | undefined
}

type RpcLog = {
  address: string
  topics: string[]
  data: string
  blockNumber: string
  blockHash: string
  transactionHash: string
  logIndex: string
}
type Header = { number: number; hash: string; parentHash: string; timestamp: number }
/** A block that may still be replaced, with the logs that were handed on from it. */
type Recent = { readonly number: number; readonly hash: string; readonly logs: readonly ChainLog[] }
type Reader = {
  readonly chain: string
  readonly request: EIP1193RequestFn
  readonly plan: LogPlan
  readonly log: Log
  readonly most: number
  span: number
  readonly depth: number
}
type State = { next: number; recent: Recent[] }

/** A log source for {@link startFeed}. A chain without an address throws `venue-unreachable`, which the feed shows as its status. */
export function chainLogs(options: ChainReaderOptions): LogSource {
  return (plan, cursor, signal) => read(options, plan, cursor, signal)
}

async function* read(
  options: ChainReaderOptions,
  plan: LogPlan,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<IntakeItem> {
  const {
    clock,
    timers = systemTimers,
    backfillBlocks = 0,
    mostBlocks = 2_000,
    pollMs = 4_000,
    depth = 64,
    log = silent,
  } = options
  const url = options.urls.get(plan.chain)
  if (url === undefined)
    throw breakwaterError(
      'venue-unreachable',
      `no RPC address is given for ${plan.chain}`,
      { chain: plan.chain },
      { fix: `Start with --rpc ${plan.chain}=https://…` },
    )
  const client = createPublicClient({
    transport: /^wss?:/.test(url) ? webSocket(url) : http(url, { retryCount: 0, timeout: 20_000 }),
  })
  const reader: Reader = {
    chain: plan.chain,
    request: client.request as EIP1193RequestFn,
    plan,
    log,
    most: mostBlocks,
    span: mostBlocks,
    depth,
  }
  const state = stateOf(cursor) ?? { next: Math.max(0, (await headOf(reader)) - backfillBlocks + 1), recent: [] }
  while (!signal.aborted) {
    const head = await headOf(reader)
    const removed = await replaced(reader, state, head)
    if (removed.length > 0) {
      log('info', 'blocks were replaced', { chain: plan.chain, logs: removed.length, next: state.next })
      yield { frames: removed.map((entry) => rawOf({ ...entry, removed: true }, clock)), cursor: cursorOf(state) }
    }
    while (state.next <= head && !signal.aborted) {
      const logs = await readStretch(reader, state, head)
      // Undefined: the chain moved between two requests; the next look at the head sorts it out.
      if (!logs) break
      yield { frames: logs.map((entry) => rawOf(entry, clock)), cursor: cursorOf(state) }
    }
    await pause(timers, pollMs, signal)
  }
}

function rawOf(entry: ChainLog, clock: Clock) {
  return { received: clock.now(), text: JSON.stringify(entry) }
}

/** Takes blocks off the end that the chain no longer holds; returns their logs, newest first. */
async function replaced(reader: Reader, state: State, head: number): Promise<ChainLog[]> {
  const gone: ChainLog[] = []
  for (let last = state.recent.at(-1); last; last = state.recent.at(-1)) {
    const header = last.number <= head ? await headerOf(reader, last.number) : undefined
    if (header?.hash === last.hash) break
    state.recent.pop()
    state.next = last.number
    gone.push(...[...last.logs].reverse())
  }
  return gone
}

/** Reads the next blocks, moves the state behind them and returns their logs in order. */
async function readStretch(reader: Reader, state: State, head: number): Promise<ChainLog[] | undefined> {
  const settled = head - reader.depth
  // What can no longer be replaced is read in long ranges, the rest block by block with its parents checked.
  const to = state.next < settled ? Math.min(state.next + reader.span - 1, settled) : state.next
  const found = await logsOf(reader, state.next, to)
  const numbers = [...new Set(found.map((entry) => Number(entry.blockNumber)))]
  const headers = new Map<number, Header>()
  for (const number of to > settled ? [to] : numbers) {
    const header = await headerOf(reader, number)
    if (!header) return undefined
    headers.set(number, header)
  }
  const logs = found.map((entry) => chainLogOf(reader.chain, entry, headers.get(Number(entry.blockNumber))))
  if (logs.some((entry) => entry === undefined)) return undefined
  if (to > settled) {
    const header = headers.get(to) as Header
    const parent = state.recent.at(-1)
    if (parent && parent.number === to - 1 && parent.hash !== header.parentHash) return undefined
    state.recent = [...state.recent, { number: to, hash: header.hash, logs: logs as ChainLog[] }].slice(-reader.depth)
  }
  state.next = to + 1
  return logs as ChainLog[]
}

/** The logs of a range; a range that the provider refuses is halved, down to one block. */
async function logsOf(reader: Reader, from: number, to: number): Promise<RpcLog[]> {
  const { topics, addresses } = reader.plan
  const filter = {
    fromBlock: hex(from),
    toBlock: hex(to),
    topics: [topics],
    ...(addresses?.length ? { address: addresses } : {}),
  }
  try {
    const logs = (await reader.request({ method: 'eth_getLogs', params: [filter as never] })) as unknown as RpcLog[]
    reader.span = Math.min(reader.most, reader.span * 2)
    return logs
  } catch (error) {
    if (!isProviderLimit(error) || from === to)
      throw breakwaterError(
        isProviderLimit(error) ? 'provider-limit' : 'venue-unreachable',
        `${reader.chain}: blocks ${from} to ${to}: ${messageOf(error)}`,
        { chain: reader.chain, from, to },
        { cause: error },
      )
    const middle = from + Math.floor((to - from) / 2)
    reader.span = Math.max(1, middle - from + 1)
    reader.log('debug', 'a range was too large', { chain: reader.chain, from, to, says: messageOf(error) })
    return [...(await logsOf(reader, from, middle)), ...(await logsOf(reader, middle + 1, to))]
  }
}

async function headOf({ request }: Reader): Promise<number> {
  return Number(await request({ method: 'eth_blockNumber' } as never))
}

async function headerOf({ request }: Reader, number: number): Promise<Header | undefined> {
  const block = (await request({ method: 'eth_getBlockByNumber', params: [hex(number), false] } as never)) as {
    number: string
    hash: string
    parentHash: string
    timestamp: string
  } | null
  return block
    ? {
        number: Number(block.number),
        hash: block.hash.toLowerCase(),
        parentHash: block.parentHash.toLowerCase(),
        timestamp: Number(block.timestamp),
      }
    : undefined
}

/** The log as decoders take it; `undefined` when it is of another block than the header. */
function chainLogOf(chain: string, entry: RpcLog, header: Header | undefined): ChainLog | undefined {
  if (!header || header.hash !== entry.blockHash.toLowerCase()) return undefined
  return {
    chain,
    address: entry.address.toLowerCase(),
    topics: entry.topics.map((topic) => topic.toLowerCase()),
    data: entry.data.toLowerCase(),
    blockNumber: header.number,
    blockHash: header.hash,
    timestamp: header.timestamp,
    transactionHash: entry.transactionHash.toLowerCase(),
    logIndex: Number(entry.logIndex),
  }
}

function hex(number: number): string {
  return `0x${number.toString(16)}`
}

function cursorOf({ next, recent }: State): string {
  return JSON.stringify({ next, recent })
}

function stateOf(cursor: string | undefined): State | undefined {
  if (cursor === undefined) return undefined
  const { next, recent } = JSON.parse(cursor) as State
  return { next, recent: [...recent] }
}
