/** `/v1/stream`: WebSocket where the client upgrades, server-sent events where it does not. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { breakwaterError } from '../../model/index.ts'
import { SECURITY_HEADERS } from '../guards.ts'
import { streamQuery } from '../schemas/question.ts'
import type { Server } from '../server.ts'
import { serveSocket } from '../stream/socket.ts'
import { serveEvents } from '../stream/sse.ts'
import { type StreamQuery, subscriptionOfQuery } from '../stream/subscription.ts'
import { problems } from './ask.ts'

const DESCRIPTION = `WebSocket: send \`{"op":"subscribe","args":["liquidations","gaps","status"],"resume":{"liquidations":SEQ},"filter":{"coin":["ETH"],"minUsd":100000}}\`.
Server-sent events: name \`topics\` in the query; \`Last-Event-ID\` resumes. Messages: \`{topic, seq, sent, data}\`; \`{topic, subscribed, seq}\`;
\`{topic, reset, seq}\` when the past asked for is no longer remembered; \`{topic, dropped, from, to}\` when this client was too slow.`

/** Adds the stream. */
export function addStream(app: FastifyInstance, server: Server): void {
  const response = {
    200: { description: 'Server-sent events', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(400, 401, 429, 503),
  }
  app.route({
    method: 'GET',
    url: '/v1/stream',
    exposeHeadRoute: false,
    schema: {
      summary: 'Live events',
      description: DESCRIPTION,
      operationId: 'stream',
      tags: ['stream'],
      querystring: streamQuery,
      response,
    },
    handler: (request, reply) => {
      const first = firstOf(request)
      if (!first)
        throw breakwaterError(
          'bad-query',
          'topics: name at least one',
          { parameter: 'topics' },
          {
            fix: 'Ask for /v1/stream?topics=liquidations,gaps, or open a WebSocket here.',
          },
        )
      serveEvents(reply.raw, server.hub, first, SECURITY_HEADERS)
      reply.hijack()
    },
    wsHandler: (socket, request) => serveSocket(socket, server.hub, firstOf(request)),
  })
}

function firstOf(request: FastifyRequest) {
  const last = request.headers['last-event-id']
  return subscriptionOfQuery(request.query as StreamQuery, typeof last === 'string' ? last : undefined)
}
