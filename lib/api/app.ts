/** The server put together, not yet listening: plugins, guards, routes, problems. */
import fastifySwagger from '@fastify/swagger'
import fastifyWebsocket from '@fastify/websocket'
import fastify, { type FastifyInstance } from 'fastify'
import {
  createJsonSchemaTransformObject,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { breakwaterError } from '../model/index.ts'
import { installGuards, SECURITY_HEADERS } from './guards.ts'
import { heavyWork } from './heavy.ts'
import { metrics } from './metrics.ts'
import type { ApiOptions } from './options.ts'
import { installProblems, PROBLEM_TYPE, problemOf, sendFailure } from './problem.ts'
import { addArena } from './routes/arena.ts'
import { addCascade } from './routes/cascade.ts'
import { addIncidents } from './routes/incidents.ts'
import { addLending } from './routes/lending.ts'
import { addLiquidations } from './routes/liquidations.ts'
import { addPerp } from './routes/perp.ts'
import { addProgram, pulseOf } from './routes/program.ts'
import { addQuestions } from './routes/questions.ts'
import { addStream } from './routes/stream.ts'
import type { Server } from './server.ts'
import { streamHub } from './stream/hub.ts'
import { MAX_CLIENT_MESSAGE } from './stream/socket.ts'
import { installTerminal } from './terminal.ts'

/** The app and what it serves. */
export type Built = { readonly app: FastifyInstance; readonly server: Server }

/** Builds the app. */
export async function buildApp(options: ApiOptions): Promise<Built> {
  const server = serverOf(options)
  const heavy = heavyWork()
  const app = fastify({
    logger: false,
    bodyLimit: 16_384,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    http: { maxHeaderSize: 16_384 },
    frameworkErrors: (error, request, reply) => {
      sendFailure(error, request, reply.headers(SECURITY_HEADERS), options.log)
    },
    clientErrorHandler: (error, socket) => {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
      const detail = status === 431 ? 'the request head is longer than 16 KiB' : 'the request is not HTTP'
      const body = JSON.stringify(problemOf(breakwaterError('bad-query', detail), '', status))
      if (socket.writable)
        socket.end(
          `HTTP/1.1 ${status} Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
        )
    },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  const hasTerminal = { value: false }
  installProblems(app, options.log, hasTerminal)
  // Before the guards: its first hook marks upgrades, so that a refused one is also ended.
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_CLIENT_MESSAGE, perMessageDeflate: false },
    preClose(done) {
      endSockets(app.websocketServer)
      done()
    },
  })
  await installGuards(app, options)
  await app.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Breakwater', description: DESCRIPTION, version: options.version } },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(transformObject(document)),
  })
  app.addHook('onResponse', (request, reply, done) => {
    server.metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime)
    done()
  })
  addQuestions(app, server)
  addLiquidations(app, server)
  addPerp(app, server)
  addIncidents(app, server, heavy)
  addLending(app, server)
  addArena(app, server, heavy)
  addCascade(app, server, heavy)
  addStream(app, server)
  addProgram(app, server)
  hasTerminal.value = await installTerminal(app, options)
  app.addHook('onClose', async () => heavy.close())
  app.addHook('onClose', async () => server.hub.close())
  return { app, server }
}

/** Says goodbye to every client, and does not wait for those that never read it. */
function endSockets(sockets: FastifyInstance['websocketServer']): void {
  for (const socket of sockets.clients) socket.close(1001, 'the server stops')
  sockets.close()
  setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate()
  }, GOODBYE_MS)
}

/** How long a client may take to close its side, ms. */
const GOODBYE_MS = 500

function serverOf(options: ApiOptions): Server {
  const { clock, status } = options
  const numbers = metrics({ clock, status, stream: () => hub.facts() })
  const hub = streamHub({
    clock,
    limits: options.streamLimits,
    status: () => pulseOf({ options }),
    onFlush: numbers.flushed,
  })
  return { options, hub, metrics: numbers, store: numbers.timed(options.store), startedAt: clock.now() }
}

const DESCRIPTION =
  'Crypto liquidations with their coverage. Every answer is `{ data, provenance }`; errors are problem+json. ' +
  'Times are UTC; unknown values are absent, never zero. Lists also as CSV, NDJSON and Parquet by `Accept`.'

const transformObject = createJsonSchemaTransformObject({})

/** Leaves out component schemas that nothing refers to (each schema is registered for input and for output). */
function withoutUnused<D>(document: D): D {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } }
  const schemas = components?.schemas ?? {}
  for (;;) {
    const text = JSON.stringify(document)
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`))
    if (unused.length === 0) return document
    for (const name of unused) delete schemas[name]
  }
}
