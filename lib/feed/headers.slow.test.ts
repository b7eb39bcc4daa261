/** Sockets and polls ask with the headers of their plan. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { UnixMs } from '../model/index.ts'
import { type PollPlan, type SocketPlan, venue } from '../venues/index.ts'
import { openPoll } from './poll.ts'
import { systemTimers } from './timers.ts'
import { openWire } from './wire.ts'

const clock = { now: () => Date.now() as UnixMs }
const ignore = async () => undefined
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

it('Gate is asked for sizes with their fractions, by socket and by poll', async () => {
  const asked: ((request: IncomingMessage) => void)[] = []
  const next = () => new Promise<IncomingMessage>((resolve) => asked.push(resolve))
  const http = createServer((request, response) => {
    asked.shift()?.(request)
    response.end('[]')
  })
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (_socket, request) => asked.shift()?.(request))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(http.address() as AddressInfo).port}`
  const plans = venue('gate').plan({ channels: ['liquidations', 'open-interest'], instruments: new Map() })
  const socketPlan = plans.find((plan): plan is SocketPlan => plan.kind === 'socket') as SocketPlan
  const pollPlan = plans.find((plan): plan is PollPlan => plan.kind === 'poll') as PollPlan

  const bySocket = next()
  const events = {
    opened: () => undefined,
    frame: () => undefined,
    subscribed: () => undefined,
    closed: () => undefined,
  }
  const wire = openWire({ id: '1', plan: socketPlan, url: `ws://${address}`, clock, timers: systemTimers, events })
  expect((await bySocket).headers['x-gate-size-decimal']).toBe('1')

  const byPoll = next()
  const poll = openPoll({
    plan: pollPlan,
    stream: { frame: ignore, note: ignore, repaired: { last: undefined } } as never,
    ...{ clock, timers: systemTimers, random: () => 0.5, log: () => undefined, onChange: () => undefined },
    urlFor: () => `http://${address}`,
  })
  closing.push(
    () => wire.close('done'),
    () => poll.stop(),
    () => sockets.close(),
    () => http.close(),
  )
  expect((await byPoll).headers['x-gate-size-decimal']).toBe('1')
})
