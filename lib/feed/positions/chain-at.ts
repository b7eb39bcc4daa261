/**
 * A chain as it stood at one block: many views of contracts in few requests, and logs by ranges. Views go through Multicall3 where it is deployed
 * at that block, else as a JSON-RPC batch; a request that a provider finds too large is halved.
 */
import {
  type Abi,
  type AbiEvent,
  type Address,
  createPublicClient,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  http,
  multicall3Abi,
  type PublicClient,
} from 'viem'
import { breakwaterError, type UnixSeconds } from '../../model/index.ts'
import { isProviderLimit, messageOf } from '../provider-limits.ts'

/** A view of a contract: what to ask whom. */
export type View = {
  readonly address: Address
  readonly abi: Abi
  readonly name: string
  readonly args?: readonly unknown[] | undefined
}

/** Where and when to read. */
export type ChainAtOptions = {
  /** RPC address, http(s). */
  readonly url: string
  /** Refuse (`wrong-chain`) unless the node serves this chain id. */
  readonly chainId?: number | undefined
  /** Refused (`block-unavailable`) when the node does not know it or no longer has its state. Left out: the latest. */
  readonly block?: bigint | undefined
  /** Views of one request at most (default 200). */
  readonly most?: number | undefined
  /** Requests in flight at most (default 4). */
  readonly inFlight?: number | undefined
}

/** A log of an event with its decoded arguments. */
export type ChainEvent = { readonly block: bigint; readonly args: Readonly<Record<string, unknown>> }

/** A chain at a block. */
export type ChainAt = {
  readonly chainId: number
  readonly block: bigint
  readonly time: UnixSeconds
  /** Every answer in order; `contract-silent` when a contract gives none. */
  all(views: readonly View[]): Promise<readonly unknown[]>
  /** As {@link ChainAt.all}, with `undefined` where a contract gives no answer. */
  any(views: readonly View[]): Promise<readonly unknown[]>
  /** Events of a contract from a block up to this one. */
  events(
    address: Address,
    event: AbiEvent,
    fromBlock: bigint,
    args?: Readonly<Record<string, unknown>>,
  ): Promise<readonly ChainEvent[]>
}

/** Where Multicall3 stands on every chain that has it. */
export const MULTICALL3: Address = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** Opens a chain at a block. */
export async function chainAt(options: ChainAtOptions): Promise<ChainAt> {
  const { url, most = 200, inFlight = 4 } = options
  checkAddress(url)
  const client = createPublicClient({ transport: http(url, { batch: { batchSize: most }, timeout: 60_000 }) })
  const chainId = await client.getChainId().catch((error: unknown) => {
    throw breakwaterError(
      'venue-unreachable',
      `the node does not answer: ${messageOf(error)}`,
      {},
      { cause: error, fix: `Check the network and the address: ${GOOD_ADDRESS}` },
    )
  })
  if (options.chainId !== undefined && options.chainId !== chainId)
    throw breakwaterError('wrong-chain', `the node serves chain ${chainId}, not ${options.chainId}`, { chainId })
  const at = options.block === undefined ? {} : { blockNumber: options.block }
  const { number: block, timestamp } = await client.getBlock(at).catch((error: unknown) => {
    throw noState(options.block, error)
  })
  if (block === null) throw breakwaterError('block-unavailable', 'the node gives a block without a number')
  const code = await client.getCode({ address: MULTICALL3, blockNumber: block }).catch((error: unknown) => {
    throw noState(block, error)
  })
  const reader: Reader = { client, block, aggregates: code !== undefined, most, inFlight }
  return {
    ...{ chainId, block, time: Number(timestamp) as UnixSeconds },
    any: async (views) => (await ask(reader, views)).map((answer) => ('value' in answer ? answer.value : undefined)),
    all: async (views) =>
      (await ask(reader, views)).map((answer, index) => ensured(answer, views[index] as View, block)),
    events: (address, event, fromBlock, args) => events(reader, { address, event, args }, fromBlock, block),
  }
}

const GOOD_ADDRESS =
  'it is the JSON-RPC address of a node, https://HOST/KEY of a provider or http://127.0.0.1:8545 of a node of your own.'

/** Refuses (`bad-config`) what is no address that a node could have. */
function checkAddress(url: string): void {
  if (/^https?:\/\/[^\s/]+/i.test(url) && URL.canParse(url)) return
  const shown = url.slice(0, 60)
  throw breakwaterError(
    'bad-config',
    `'${shown}' is no address of a node`,
    { url: shown },
    { fix: `Give another: ${GOOD_ADDRESS}` },
  )
}

type Reader = {
  readonly client: PublicClient
  readonly block: bigint
  readonly aggregates: boolean
  readonly most: number
  readonly inFlight: number
}
type Answer = { readonly value: unknown } | { readonly silent: string }

function ensured(answer: Answer, { address, name, args = [] }: View, block: bigint): unknown {
  if ('value' in answer) return answer.value
  const asked = `${name}(${args.map(String).join(', ')})`
  throw breakwaterError('contract-silent', `${address} does not answer ${asked} at block ${block}: ${answer.silent}`, {
    ...{ address, view: name, block: String(block) },
  })
}

function noState(block: bigint | undefined, error: unknown) {
  const named = block === undefined ? 'the latest block' : `block ${block}`
  const values = { block: block === undefined ? undefined : String(block) }
  return breakwaterError('block-unavailable', `the node does not give ${named}: ${messageOf(error)}`, values, {
    cause: error,
  })
}

/** Asks in chunks, a few at a time. */
async function ask(reader: Reader, views: readonly View[]): Promise<readonly Answer[]> {
  const answers: Answer[] = new Array(views.length)
  let next = 0
  const worker = async () => {
    while (next < views.length) {
      const from = next
      next += reader.most
      const part = await askPart(reader, views.slice(from, from + reader.most))
      for (const [index, answer] of part.entries()) answers[from + index] = answer
    }
  }
  await Promise.all(Array.from({ length: reader.inFlight }, worker))
  return answers
}

async function askPart(reader: Reader, views: readonly View[]): Promise<readonly Answer[]> {
  try {
    const raw = await (reader.aggregates ? aggregated : batched)(reader, views)
    return raw.map((one, index) => decoded(one, views[index] as View))
  } catch (error) {
    if (views.length > 1 && isProviderLimit(error)) {
      const middle = views.length >> 1
      return [...(await askPart(reader, views.slice(0, middle))), ...(await askPart(reader, views.slice(middle)))]
    }
    throw lostState(error) ? noState(reader.block, error) : unreachable(error)
  }
}

const unreachable = (error: unknown) =>
  breakwaterError('venue-unreachable', `the node stopped answering: ${messageOf(error)}`, {}, { cause: error })

type Raw = { readonly success: boolean; readonly returnData: Hex }

const dataOf = ({ abi, name, args = [] }: View) => encodeFunctionData({ abi, functionName: name, args })

function aggregated({ client, block }: Reader, views: readonly View[]): Promise<readonly Raw[]> {
  const calls = views.map((view) => ({ target: view.address, allowFailure: true, callData: dataOf(view) }))
  return client.readContract({
    ...{ address: MULTICALL3, abi: multicall3Abi, functionName: 'aggregate3', args: [calls], blockNumber: block },
  } as never) as Promise<readonly Raw[]>
}

function batched({ client, block }: Reader, views: readonly View[]): Promise<readonly Raw[]> {
  return Promise.all(
    views.map(async (view) => {
      try {
        const { data = '0x' } = await client.call({ to: view.address, data: dataOf(view), blockNumber: block })
        return { success: true, returnData: data }
      } catch (error) {
        if (isRevert(error)) return { success: false, returnData: '0x' as const }
        throw error
      }
    }),
  )
}

/** How nodes say that a contract refused, as against that they could not ask it. */
function isRevert(error: unknown): boolean {
  for (let at = error as { name?: string; code?: number; cause?: unknown } | undefined; at; at = at.cause as typeof at)
    if (at.name === 'ExecutionRevertedError' || at.code === 3) return true
  return /revert|invalid opcode|stack underflow|out of gas/i.test(messageOf(error)) && !lostState(error)
}

/** How nodes say that they no longer have, or do not have yet, the state of a block. */
function lostState(error: unknown): boolean {
  return /missing trie node|header not found|state .*(not available|unavailable|pruned)|pruned|unknown block|block ?out ?of ?range|block not found|historical state/i.test(
    messageOf(error),
  )
}

function decoded({ success, returnData }: Raw, { abi, name }: View): Answer {
  if (!success) return { silent: 'it reverts' }
  if (returnData === '0x') return { silent: 'there is no such contract or no such view' }
  try {
    return { value: decodeFunctionResult({ abi, functionName: name, data: returnData }) }
  } catch (error) {
    return { silent: messageOf(error) }
  }
}

type Wanted = {
  readonly address: Address
  readonly event: AbiEvent
  readonly args: Readonly<Record<string, unknown>> | undefined
}

/** Blocks of one request for logs to begin with. */
const SPAN = 10_000n

async function events(reader: Reader, wanted: Wanted, from: bigint, to: bigint): Promise<readonly ChainEvent[]> {
  const found: ChainEvent[] = []
  let span = SPAN
  for (let next = from; next <= to; ) {
    const last = next + span - 1n < to ? next + span - 1n : to
    try {
      const logs = await reader.client.getLogs({ ...wanted, fromBlock: next, toBlock: last, strict: true } as never)
      for (const log of logs as unknown as { blockNumber: bigint; args: Record<string, unknown> }[])
        found.push({ block: log.blockNumber, args: log.args })
      next = last + 1n
    } catch (error) {
      if (!isProviderLimit(error) || span === 1n) throw unreachable(error)
      span = span / 2n || 1n
    }
  }
  return found
}
