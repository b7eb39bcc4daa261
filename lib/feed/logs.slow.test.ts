/** Chain logs against a small provider of our own: ranges refused, blocks replaced, restarts. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import type { ChainLog, LogPlan } from '../venues/index.ts'
import type { IntakeItem } from './intake.ts'
import { chainLogs } from './logs.ts'

type Block = { hash: string; parent: string; logs: number }

const TOPIC = `0x${'ab'.repeat(32)}`
const ADDRESS = `0x${'11'.repeat(20)}`
const PLAN: LogPlan = { kind: 'logs', name: 'logs-test', channels: ['liquidations'], chain: 'test', topics: [TOPIC] }
const hashOf = (number: number, fork: string) => `0x${`${fork}${number.toString(16)}`.padStart(64, '0')}`

let chain: Block[] = []
let mostBlocks = 100
let mostResults = 10_000
let requests: { method: string; blocks: number }[] = []
let server: Server
let url = ''

function grow(count: number, fork: string, logsEvery = 3): void {
  for (let i = 0; i < count; i++) {
    const number = chain.length
    chain.push({
      hash: hashOf(number, fork),
      parent: chain.at(-1)?.hash ?? `0x${'0'.repeat(64)}`,
      logs: number % logsEvery === 0 ? 2 : 0,
    })
  }
}

function answer(method: string, params: unknown[]): unknown {
  const head = chain.length - 1
  if (method === 'eth_blockNumber') return `0x${head.toString(16)}`
  if (method === 'eth_getBlockByNumber') {
    const number = Number(params[0])
    const block = chain[number]
    return block
      ? {
          number: params[0],
          hash: block.hash,
          parentHash: block.parent,
          timestamp: `0x${(1_700_000_000 + number * 12).toString(16)}`,
        }
      : null
  }
  if (method !== 'eth_getLogs') throw new Error(`unknown ${method}`)
  const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
  const [from, to] = [Number(fromBlock), Number(toBlock)]
  requests.push({ method, blocks: to - from + 1 })
  if (to - from + 1 > mostBlocks) throw new Error('block range is too wide')
  const logs = chain.slice(from, to + 1).flatMap((block, index) =>
    Array.from({ length: block.logs }, (_, logIndex) => ({
      ...{
        address: ADDRESS,
        topics: [TOPIC],
        data: '0x',
        blockHash: block.hash,
        blockNumber: `0x${(from + index).toString(16)}`,
      },
      ...{ transactionHash: block.hash, logIndex: `0x${logIndex.toString(16)}` },
    })),
  )
  if (logs.length > mostResults) throw new Error(`query returned more than ${mostResults} results`)
  return logs
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] }
      let result: object
      try {
        result = { result: answer(method, params ?? []) }
      } catch (error) {
        result = { error: { code: -32005, message: (error as Error).message } }
      }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...result }))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())
beforeEach(() => {
  chain = []
  requests = []
  mostBlocks = 100
  mostResults = 10_000
})

/** Reads until the cursor has reached the head; returns the frames and where it stands. */
async function readToHead(cursor: string | undefined, backfillBlocks: number) {
  const source = chainLogs({
    urls: new Map([['test', url]]),
    clock: { now: () => 1_800_000_000_000 as UnixMs },
    backfillBlocks,
    mostBlocks: 1_000,
    pollMs: 5,
    depth: 16,
  })
  const aborted = new AbortController()
  const logs: ChainLog[] = []
  let at = cursor
  for await (const item of source(PLAN, cursor, aborted.signal) as AsyncIterable<
    Extract<IntakeItem, { frames: unknown }>
  >) {
    logs.push(...item.frames.map((frame) => JSON.parse(frame.text) as ChainLog))
    at = item.cursor
    if (at && (JSON.parse(at) as { next: number }).next >= chain.length) aborted.abort()
  }
  return { logs, cursor: at }
}
const keys = (logs: readonly ChainLog[]) =>
  logs.map((entry) => `${entry.blockNumber}/${entry.blockHash}/${entry.logIndex}${entry.removed ? '/removed' : ''}`)
const expected = (from = 0) =>
  chain.flatMap((block, number) =>
    number < from ? [] : Array.from({ length: block.logs }, (_, index) => `${number}/${block.hash}/${index}`),
  )

describe('chain logs', () => {
  it('come once each, in order, through ranges that the provider refuses', async () => {
    grow(1_000, 'a')
    mostResults = 40
    const { logs } = await readToHead(undefined, 1_000)
    expect(keys(logs)).toEqual(expected())
    expect(requests.some(({ blocks }) => blocks > 100)).toBe(true)
    expect(logs[0]).toMatchObject({ chain: 'test', timestamp: 1_700_000_000, address: ADDRESS })
  })
  it('go on at the cursor after a restart', async () => {
    grow(300, 'a')
    const first = await readToHead(undefined, 300)
    grow(50, 'a')
    const second = await readToHead(first.cursor, 0)
    expect(keys([...first.logs, ...second.logs])).toEqual(expected())
  })
  it('of replaced blocks are withdrawn and read anew, also when it happened during a restart', async () => {
    grow(200, 'a')
    const first = await readToHead(undefined, 200)
    const withdrawn = expected(195)
    chain = chain.slice(0, 195)
    grow(10, 'b')
    const second = await readToHead(first.cursor, 0)
    const removed = second.logs.filter((entry) => entry.removed)
    expect(keys(removed).sort()).toEqual(withdrawn.map((key) => `${key}/removed`).sort())
    const kept = new Set(keys([...first.logs, ...second.logs]).filter((key) => !key.endsWith('/removed')))
    for (const key of withdrawn) kept.delete(key)
    expect([...kept]).toEqual(expected())
  })
  it('of a chain without an address say what is missing', async () => {
    const source = chainLogs({ urls: new Map(), clock: { now: () => 0 as UnixMs } })
    const first = (async () => {
      for await (const _ of source(PLAN, undefined, new AbortController().signal)) return
    })()
    await expect(first).rejects.toThrowError(/no RPC address is given for test/)
  })
})
