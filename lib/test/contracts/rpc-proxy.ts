/** A node's RPC behind a gate of our own: counts what is asked, and refuses what a rule refuses, in the words that real nodes use. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A JSON-RPC request. */
export type RpcRequest = { readonly id: number; readonly method: string; readonly params?: readonly unknown[] }

/** The gate: its address, what was asked so far by method, HTTP requests, and its end. */
export type RpcProxy = {
  readonly url: string
  readonly asked: ReadonlyMap<string, number>
  requests(): number
  stop(): Promise<void>
}

/** Starts the gate. `refuse` gives an error's text for a request (and how many came with it), or nothing. */
export async function startRpcProxy(
  target: string,
  refuse: (request: RpcRequest, together: number) => string | undefined = () => undefined,
): Promise<RpcProxy> {
  const asked = new Map<string, number>()
  let requests = 0
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', async () => {
      requests += 1
      const text = Buffer.concat(parts).toString('utf8')
      const body = JSON.parse(text) as RpcRequest | readonly RpcRequest[]
      const all = Array.isArray(body) ? (body as readonly RpcRequest[]) : [body as RpcRequest]
      for (const { method } of all) asked.set(method, (asked.get(method) ?? 0) + 1)
      const said = all.map((request) => refuse(request, all.length))
      response.setHeader('content-type', 'application/json')
      if (said.every((one) => one === undefined)) {
        const answer = await fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: text,
        })
        response.end(await answer.text())
        return
      }
      const errors = all.map(({ id }, index) => ({
        ...{ jsonrpc: '2.0', id, error: { code: -32000, message: said[index] ?? 'refused with the rest' } },
      }))
      response.end(JSON.stringify(Array.isArray(body) ? errors : errors[0]))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    requests: () => requests,
    stop: () =>
      new Promise<void>((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}
