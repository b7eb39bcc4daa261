/** A local server (ws and http, loopback) that speaks the venues' protocols and does to its clients what venues do: pings, bursts, cuts, silence. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { WebSocket, WebSocketServer } from 'ws'
import { PROTOCOLS, type Protocol } from './venue-protocols.ts'

/** How the server behaves; times in ms. */
export type VenueServerOptions = {
  /** Between two server pings; a client that leaves three unanswered is cut. */
  readonly pingEveryMs: number
  /** A client that must ping and says nothing for this long is cut. */
  readonly clientSilenceMs: number
  /** Every connection is cut after this long (a venue's 24 h), where set. */
  readonly cutAfterMs?: number | undefined
  /** Answers to HTTP requests by venue: instrument lists and polls. Nothing: 404. */
  readonly http?:
    | ((venue: string, path: string) => { status: number; body: string; retryAfter?: number } | undefined)
    | undefined
  readonly protocols?: Readonly<Record<string, Protocol>> | undefined
}

/** A moment in a connection's life, by the server's clock. */
export type Happening = {
  readonly at: number
  readonly venue: string
  readonly client: number
  readonly what: 'opened' | 'subscribed' | 'closed' | 'cut' | 'refused'
}

/** The server's remote control. */
export type VenueServer = {
  /** The local address to use in place of a venue's. */
  readonly urlFor: (url: string, venue: string) => string
  readonly happenings: readonly Happening[]
  /** Resolves when `count` clients of the venue are subscribed (exactly), or at once. */
  subscribers(venue: string, count: number): Promise<void>
  /** Sends frames in one tick to every subscribed client; answers how many there were. */
  send(venue: string, frames: readonly string[]): number
  /** Ends every connection of a venue without a word. */
  drop(venue: string): void
  /** From now on: connections stay open and nothing is said on them, not even pongs (a dead peer). */
  freeze(venue: string, frozen: boolean): void
  /** The next `times` subscriptions are refused. */
  refuse(venue: string, times: number): void
  /** New connections are not accepted. */
  shut(venue: string, shut: boolean): void
  close(): Promise<void>
}

type Client = { readonly id: number; readonly venue: string; readonly socket: WebSocket; subscribed: boolean; heard: number; missed: number } // biome-ignore format: one record
type State = {
  readonly clients: Set<Client>
  readonly happenings: Happening[]
  readonly waiting: Set<() => void>
  readonly frozen: Set<string>
  readonly shut: Set<string>
  readonly refusals: Map<string, number>
  readonly timers: Set<NodeJS.Timeout>
  opened: number
}

/** Starts a server on a free loopback port. */
export async function startVenueServer(options: VenueServerOptions): Promise<VenueServer> {
  const state: State = {
    ...{ clients: new Set(), happenings: [], waiting: new Set(), frozen: new Set(), shut: new Set() },
    ...{ refusals: new Map(), timers: new Set(), opened: 0 },
  }
  const http = createServer((request, response) => {
    const { venue, path } = placeOf(request)
    const answer = options.http?.(venue, path) ?? { status: 404, body: '{}' }
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', String(answer.retryAfter))
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
  const server = new WebSocketServer({ noServer: true, autoPong: false })
  http.on('upgrade', (request, socket, head) => {
    const { venue, path } = placeOf(request)
    if (state.shut.has(venue)) socket.destroy()
    else server.handleUpgrade(request, socket, head, (each) => welcome(options, state, each, venue, path))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    urlFor: (url, venue) => {
      const { protocol, pathname, search } = new URL(url)
      return `${protocol.startsWith('ws') ? 'ws' : 'http'}://127.0.0.1:${port}/${venue}${pathname}${search}`
    },
    happenings: state.happenings,
    subscribers: (venue, count) => subscribers(state, venue, count),
    send: (venue, frames) => sendAll(options, state, venue, frames),
    drop: (venue) => {
      for (const client of state.clients) if (client.venue === venue) client.socket.terminate()
    },
    freeze: (venue, frozen) => {
      if (frozen) state.frozen.add(venue)
      else state.frozen.delete(venue)
    },
    refuse: (venue, times) => {
      state.refusals.set(venue, times)
    },
    shut: (venue, shut) => {
      if (shut) state.shut.add(venue)
      else state.shut.delete(venue)
    },
    close: async () => {
      for (const timer of state.timers) clearInterval(timer)
      for (const { socket } of state.clients) socket.terminate()
      server.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

function placeOf(request: IncomingMessage): { venue: string; path: string } {
  const [, venue = '', path = ''] = /^\/([^/]+)(.*)$/.exec(request.url ?? '') ?? []
  return { venue, path }
}

function happen(state: State, client: Client, what: Happening['what']): void {
  state.happenings.push({ at: Date.now(), venue: client.venue, client: client.id, what })
  for (const check of [...state.waiting]) check()
}

function subscribers(state: State, venue: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      const subscribed = [...state.clients].filter((client) => client.venue === venue && client.subscribed)
      if (subscribed.length !== count) return
      state.waiting.delete(check)
      resolve()
    }
    state.waiting.add(check)
    check()
  })
}

function say(options: VenueServerOptions, state: State, client: Client, text: string): void {
  if (state.frozen.has(client.venue) || client.socket.readyState !== WebSocket.OPEN) return
  client.socket.send(protocolOf(options, client.venue).gzip ? gzipSync(text) : text)
}

function sendAll(options: VenueServerOptions, state: State, venue: string, frames: readonly string[]): number {
  const clients = [...state.clients].filter((client) => client.venue === venue && client.subscribed)
  for (const client of clients) for (const frame of frames) say(options, state, client, frame)
  return clients.length
}

function protocolOf({ protocols = PROTOCOLS }: VenueServerOptions, venue: string): Protocol {
  return protocols[venue] ?? { answer: () => ({ say: [] }) }
}

function welcome(options: VenueServerOptions, state: State, socket: WebSocket, venue: string, path: string): void {
  const protocol = protocolOf(options, venue)
  const client: Client = { id: ++state.opened, venue, socket, subscribed: false, heard: Date.now(), missed: 0 }
  state.clients.add(client)
  happen(state, client, 'opened')
  for (const text of protocol.greeting ?? []) say(options, state, client, text)
  if (protocol.pathSubscribes?.(path)) {
    client.subscribed = true
    happen(state, client, 'subscribed')
  }
  socket.on('ping', (data) => {
    client.heard = Date.now()
    if (!state.frozen.has(venue)) socket.pong(data)
  })
  socket.on('pong', () => {
    client.missed = 0
  })
  socket.on('message', (data) => {
    client.heard = Date.now()
    hear(options, state, client, String(data))
  })
  const timer = setInterval(() => keep(options, state, client), options.pingEveryMs)
  state.timers.add(timer)
  const cut = options.cutAfterMs === undefined ? undefined : setTimeout(() => end(state, client), options.cutAfterMs)
  if (cut) state.timers.add(cut)
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clearInterval(timer)
    clearTimeout(cut)
    state.clients.delete(client)
    happen(state, client, 'closed')
  })
}

function hear(options: VenueServerOptions, state: State, client: Client, text: string): void {
  const protocol = protocolOf(options, client.venue)
  if (protocol.ping?.isAnswer(text)) client.missed = 0
  const reply = protocol.answer(text)
  const refusals = state.refusals.get(client.venue) ?? 0
  if (reply.subscribes && refusals > 0) {
    state.refusals.set(client.venue, refusals - 1)
    happen(state, client, 'refused')
    const refusal = protocol.refusal?.(text)
    if (refusal === undefined) client.socket.close(1008, 'refused')
    else say(options, state, client, refusal)
    return
  }
  for (const each of reply.say) say(options, state, client, each)
  if (reply.cut) end(state, client)
  else if (reply.subscribes && !client.subscribed) {
    client.subscribed = true
    happen(state, client, 'subscribed')
  }
}

function keep(options: VenueServerOptions, state: State, client: Client): void {
  const { ping, clientMustPing } = protocolOf(options, client.venue)
  if (state.frozen.has(client.venue)) return
  const mute = clientMustPing === true && Date.now() - client.heard > options.clientSilenceMs
  if (mute || (ping && client.missed >= 3)) end(state, client)
  else if (ping) {
    client.missed++
    if (ping.text === 'protocol') client.socket.ping()
    else say(options, state, client, ping.text(Date.now()))
  }
}

/** The venue ends a connection, with a closing frame. */
function end(state: State, client: Client): void {
  happen(state, client, 'cut')
  client.socket.close(1001, 'connection expired')
}
