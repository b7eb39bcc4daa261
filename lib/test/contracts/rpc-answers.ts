/** A node that knows one block and fixed answers to views: what a contract would say whose code cannot be had. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Abi, type Address, encodeFunctionData, encodeFunctionResult, type Hex, numberToHex } from 'viem'

/** Answers by contract and call data, both lower case. */
export type RpcAnswers = Map<string, Hex>

/** Adds the answer of a view. `result`: one value, or a list where the view gives several. */
export function answer(
  answers: RpcAnswers,
  { address, abi, name, args = [] }: { address: Address; abi: Abi; name: string; args?: readonly unknown[] },
  result: unknown,
): void {
  const data = encodeFunctionData({ abi, functionName: name, args })
  answers.set(keyOf(address, data), encodeFunctionResult({ abi, functionName: name, result } as never))
}

const keyOf = (to: string, data: string) => `${to}/${data}`.toLowerCase()

type Request = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

/** Starts the node: its address, and its end. What has no answer reverts; other blocks are unknown. */
export async function startRpcAnswers(
  answers: RpcAnswers,
  block: { readonly number: bigint; readonly time: bigint },
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const reply = ({ method, params }: Request): { result: unknown } | { error: { code: number; message: string } } => {
    if (method === 'eth_chainId') return { result: '0x1' }
    if (method === 'eth_getCode') return { result: '0x' }
    if (method === 'eth_getBlockByNumber') {
      const known = params[0] === 'latest' || BigInt(params[0] as string) === block.number
      return { result: known ? blockOf(block) : null }
    }
    if (method !== 'eth_call') return { error: { code: -32601, message: `the method ${method} does not exist` } }
    const { to, data } = params[0] as { to: string; data: string }
    const result = answers.get(keyOf(to, data))
    return result === undefined ? { error: { code: 3, message: 'execution reverted' } } : { result }
  }
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Request | readonly Request[]
      const one = (request: Request) => ({ jsonrpc: '2.0', id: request.id, ...reply(request) })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(Array.isArray(body) ? body.map(one) : one(body as Request)))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}

function blockOf({ number, time }: { readonly number: bigint; readonly time: bigint }) {
  const hash = `0x${'00'.repeat(32)}`
  return {
    ...{ number: numberToHex(number), timestamp: numberToHex(time), hash, parentHash: hash, transactions: [] },
    ...{ gasLimit: '0x0', gasUsed: '0x0', difficulty: '0x0', size: '0x0', nonce: '0x0000000000000000' },
  }
}
