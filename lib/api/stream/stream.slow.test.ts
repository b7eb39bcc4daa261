/** The stream over real sockets: batches, resuming, slow clients, tokens, other sites' pages, server-sent events. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { MarketEvent, UnixMs } from '../../model/index.ts'
import { apiOptions, perp } from '../../test/api-fixture.ts'
import type { ApiOptions } from '../options.ts'
import { type Api, startApi } from '../start.ts'
import type { StreamMessage } from '../types.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function started(more: Partial<ApiOptions> = {}): Promise<Api> {
  // A clock that runs: the stream's numbers begin with it.
  const { options } = await apiOptions({ clock: { now: () => Date.now() as UnixMs }, ...more })
  const api = await startApi(options)
  closers.push(() => api.close())
  return api
}

type Heard = {
  socket: WebSocket
  messages: StreamMessage[]
  until(done: (all: StreamMessage[]) => boolean): Promise<void>
}

async function open(api: Api, query = '', options = {}): Promise<Heard> {
  const socket = new WebSocket(`${api.address.replace('http', 'ws')}/v1/stream${query}`, options)
  closers.push(() => socket.terminate())
  const messages: StreamMessage[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data) => {
    messages.push(JSON.parse(data.toString()) as StreamMessage)
    for (const look of waiting) look()
  })
  await once(socket, 'open')
  const until = (done: (all: StreamMessage[]) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!done(messages)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { socket, messages, until }
}

const idsOf = (messages: readonly StreamMessage[]) =>
  messages.flatMap((m) => ('data' in m && m.topic === 'liquidations' ? m.data.map(({ id }) => id) : []))
const seqOf = (messages: readonly StreamMessage[]) => Math.max(...messages.flatMap((m) => ('seq' in m ? [m.seq] : [])))
const batch = (from: number, count: number) => Array.from({ length: count }, (_, i) => perp(from + i))
const ids = (events: readonly MarketEvent[]) => events.map(({ id }) => id)

describe('the stream over WebSocket', () => {
  it('delivers what is published, and a client that comes back misses and repeats nothing', async () => {
    const api = await started()
    const first = await open(api)
    first.socket.send(JSON.stringify({ op: 'subscribe', args: ['liquidations', 'status'] }))
    await first.until((all) => all.some((m) => 'data' in m && m.topic === 'status'))
    api.publish(batch(1, 10))
    await first.until((all) => idsOf(all).length === 10)
    first.socket.terminate()
    api.publish(batch(11, 10))
    const resume = { liquidations: seqOf(first.messages.filter((m) => 'topic' in m && m.topic === 'liquidations')) }
    const again = await open(api)
    again.socket.send(JSON.stringify({ op: 'subscribe', args: ['liquidations'], resume }))
    api.publish(batch(21, 10))
    await again.until((all) => idsOf(all).length >= 20)
    expect([...idsOf(first.messages), ...idsOf(again.messages)]).toEqual(ids(batch(1, 30)))
  })

  it('resumes from a server that was started anew with a reset, not with silence', async () => {
    const old = await started()
    const before = await open(old, '?topics=liquidations')
    old.publish(batch(1, 5))
    await before.until((all) => idsOf(all).length === 5)
    const seq = seqOf(before.messages)
    await old.close()
    const fresh = await started({ clock: { now: () => (Date.now() + 1_000) as UnixMs } })
    const after = await open(fresh)
    after.socket.send(JSON.stringify({ op: 'subscribe', args: ['liquidations'], resume: { liquidations: seq } }))
    await after.until((all) => all.length >= 2)
    expect(after.messages[0]).toMatchObject({ topic: 'liquidations', reset: true })
  })

  it('conflates a client that does not read, tells it what it missed, and gives it that on asking', async () => {
    const api = await started({ streamLimits: { highWater: 50_000, catchUpCharacters: 20_000 } })
    const [slow, quick] = [await open(api), await open(api)]
    for (const one of [slow, quick]) {
      one.socket.send(JSON.stringify({ op: 'subscribe', args: ['liquidations'] }))
      await one.until((all) => all.length === 1)
    }
    slow.socket.pause()
    // More than the kernel's buffers hold: until the quick client has all of it, the slow one has stalled.
    const pad = 'x'.repeat(2_000)
    const total = 12_000
    for (let n = 0; n < total; n += 500) {
      api.publish(batch(n, 500).map((event) => ({ ...event, flags: [pad] }) as MarketEvent))
      await quick.until((all) => idsOf(all).length === n + 500)
    }
    slow.socket.resume()
    await slow.until((all) => idsOf(all).at(-1) === perp(total - 1).id)
    const dropped = slow.messages.flatMap((m) => ('dropped' in m ? [m] : []))
    const had = idsOf(slow.messages)
    expect(dropped.length).toBeGreaterThan(0)
    expect(had.length + dropped.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(total)
    expect(new Set(had).size).toBe(had.length)

    const { from } = dropped[0] as (typeof dropped)[number]
    const fetching = await open(api)
    fetching.socket.send(
      JSON.stringify({ op: 'subscribe', args: ['liquidations'], resume: { liquidations: from - 1 } }),
    )
    await fetching.until((all) => idsOf(all).at(-1) === perp(total - 1).id)
    const known = new Set([...had, ...idsOf(fetching.messages)])
    expect(ids(batch(0, total)).filter((id) => !known.has(id))).toEqual([])
  })

  it('says what is wrong with a message and goes on', async () => {
    const api = await started()
    const one = await open(api)
    for (const text of [
      '{',
      '{"op":"dance"}',
      '{"op":"subscribe","args":["weather"]}',
      '{"op":"subscribe","args":["gaps"],"filter":{"colour":1}}',
    ])
      one.socket.send(text)
    await one.until((all) => all.length === 4)
    expect(one.messages.every((m) => 'error' in m && m.error.code === 'bad-query' && m.error.fix !== '')).toBe(true)
    one.socket.send('{"op":"subscribe","args":["gaps"]}')
    await one.until((all) => all.length === 5)
    one.socket.send('x'.repeat(20_000))
    const [code] = (await once(one.socket, 'close')) as [number]
    expect(code).toBe(1009)
  })

  it('ends with one who floods it with requests', async () => {
    const api = await started()
    const one = await open(api)
    for (let i = 0; i < 70; i++) one.socket.send('{"op":"subscribe","args":["gaps"]}')
    const [code] = (await once(one.socket, 'close')) as [number]
    expect(code).toBe(1008)
  })

  it('takes no more than its clients', async () => {
    const api = await started({ streamLimits: { maxClients: 1 } })
    await open(api)
    const second = await open(api)
    const [code] = (await once(second.socket, 'close')) as [number]
    expect(code).toBe(1013)
    expect(second.messages).toMatchObject([{ error: { code: 'overloaded' } }])
  })

  it('asks for the token, and refuses pages of other sites', async () => {
    const token = 'open sesame'
    const api = await started({ token })
    const refused = async (query: string, options = {}) => {
      const socket = new WebSocket(`${api.address.replace('http', 'ws')}/v1/stream${query}`, options)
      socket.on('error', () => undefined)
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
      response.resume()
      return response.statusCode
    }
    expect(await refused('')).toBe(401)
    expect(await refused('?token=wrong')).toBe(401)
    expect(await refused(`?token=${encodeURIComponent(token)}`, { headers: { origin: 'https://evil.example' } })).toBe(
      401,
    )
    expect(await refused(`?token=${encodeURIComponent(token)}`, { headers: { host: 'evil.example' } })).toBe(401)
    await open(api, `?token=${encodeURIComponent(token)}`)
    await open(api, '', { headers: { authorization: `Bearer ${token}` } })
  })

  it('closes its clients when it stops, and does not wait for one that reads nothing', async () => {
    const api = await started()
    const [one, deaf] = [await open(api), await open(api, '?topics=liquidations')]
    await deaf.until((all) => all.length === 1)
    deaf.socket.pause()
    const gone = once(one.socket, 'close')
    await api.close()
    expect((await gone)[0]).toBe(1001)
  }, 15_000)
})

async function events(api: Api, query: string, headers = {}) {
  const request = get(`${api.address}/v1/stream${query}`, { headers })
  closers.push(() => request.destroy())
  request.on('error', () => undefined)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  let text = ''
  let look = () => {}
  response.on('data', (chunk: string) => {
    text += chunk
    look()
  })
  const until = (done: (text: string) => boolean) =>
    new Promise<string>((resolve) => {
      look = () => done(text) && resolve(text)
      look()
    })
  return { request, response, until }
}

describe('the stream as server-sent events', () => {
  it('delivers, and resumes by Last-Event-ID', async () => {
    const api = await started()
    const first = await events(api, '?topics=liquidations,gaps')
    expect(first.response.headers['content-type']).toContain('text/event-stream')
    api.publish(batch(1, 3))
    const text = await first.until((all) => all.includes(perp(3).id))
    const last = text
      .split('\n')
      .filter((line) => line.startsWith('id: '))
      .at(-1)
      ?.slice(4) as string
    expect(last).toMatch(/^liquidations:\d+,gaps:\d+$/)
    first.request.destroy()
    api.publish(batch(4, 3))
    const again = await events(api, '?topics=liquidations,gaps', { 'last-event-id': last })
    const rest = await again.until((all) => all.includes(perp(6).id))
    expect(rest).toContain(perp(4).id)
    expect(rest).not.toContain(perp(3).id)
  })

  it('filters by its query, and refuses a wrong one', async () => {
    const api = await started()
    const eth = await events(api, '?topics=liquidations&coin=ETH&minUsd=4000')
    await eth.until((all) => all.includes('subscribed'))
    api.publish(batch(1, 6))
    const text = await eth.until((all) => all.includes(perp(6).id))
    expect(text).not.toContain(perp(3).id)
    for (const query of ['', '?topics=weather', '?topics=liquidations&minUsd=lots', '?topics=gaps&side=up'])
      expect((await events(api, query)).response.statusCode, query).toBe(400)
  })

  it('says so when its place is taken', async () => {
    const api = await started({ streamLimits: { maxClients: 1 } })
    await events(api, '?topics=gaps')
    expect((await events(api, '?topics=gaps')).response.statusCode).toBe(503)
  })
})

describe('the listener', () => {
  it('says that a port is in use, and refuses a head without end', async () => {
    const api = await started()
    const port = Number(new URL(api.address).port)
    const { options } = await apiOptions({ port })
    await expect(startApi(options)).rejects.toMatchObject({ code: 'port-in-use', values: { port } })

    const socket = connect(port, '127.0.0.1')
    closers.push(() => socket.destroy())
    socket.write(`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 431 /)
    expect(answer.toString()).toContain('application/problem+json')
  })
})
