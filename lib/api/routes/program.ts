/** About the program itself: status, health, metrics, the OpenAPI document. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { canonical } from '../../model/index.ts'
import { answer, health, status } from '../schemas/answers.ts'
import { noQuery } from '../schemas/question.ts'
import { plainAnswer, type Server, sendBody, silentVenues } from '../server.ts'
import type { Health, Mode, Status } from '../types.ts'
import { problems } from './ask.ts'

/** What a person should know about each mode, when the caller says nothing more precise. */
export const MODE_MESSAGES: Readonly<Record<Mode, string>> = {
  live: 'Hearing venues now.',
  recorded: 'Recorded events only; nothing is heard now.',
  simulated: 'Simulated market: nothing here happened.',
  offline:
    'No venue reachable; run `breakwater up --demo` for a simulated market, or `breakwater import` for recorded events.',
}

/** The part of the status that the stream carries. */
export function pulseOf({ options }: Pick<Server, 'options'>): Pick<Status, 'mode' | 'message' | 'connections'> {
  const mode = options.mode()
  return { mode, message: options.message?.() ?? MODE_MESSAGES[mode], connections: options.status() }
}

/** Adds `/v1/status`, `/health`, `/metrics` and `/openapi.json`. */
export function addProgram(app: FastifyInstance, server: Server): void {
  addStatus(app, server)
  addHealth(app, server)
  const text = (schema: z.ZodType, type: string, description: string) => ({
    200: { description, content: { [type]: { schema } } },
    ...problems(401, 429),
  })
  const metrics = { summary: 'Numbers for Prometheus', operationId: 'metrics', tags: ['program'], querystring: noQuery }
  app.get(
    '/metrics',
    { schema: { ...metrics, response: text(z.string(), 'text/plain', 'Prometheus text') } },
    async (_request, reply) => reply.type(server.metrics.contentType).send(await server.metrics.read()),
  )
  const openapi = { summary: 'This document', operationId: 'openapi', tags: ['program'], querystring: noQuery }
  const document = z.looseObject({ openapi: z.string() })
  app.get(
    '/openapi.json',
    { schema: { ...openapi, response: text(document, 'application/json', 'OpenAPI 3.1') } },
    async (_request, reply) =>
      reply
        .header('cache-control', 'private, no-cache')
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(app.swagger())),
  )
}

function addStatus(app: FastifyInstance, server: Server): void {
  const summary = 'Mode, connections, store and stream'
  const response = {
    200: { description: summary, content: { 'application/json': { schema: answer(status) } } },
    ...problems(401, 429, 503),
  }
  const schema = { summary, operationId: 'status', tags: ['program'], querystring: noQuery, response }
  app.get('/v1/status', { schema }, async (request, reply) => {
    const { options, store, hub, startedAt } = server
    const now = options.clock.now()
    const data: Status = {
      ...pulseOf(server),
      ...{ version: options.version, startedAt, now, store: await store.facts(), stream: hub.facts() },
    }
    const silent = silentVenues(server)
    const venues = new Set(data.connections.map(({ venue }) => venue)).size
    const coverage = venues === 0 ? 0 : 1 - silent.length / venues
    const sources = data.mode === 'offline' ? [] : [data.mode]
    const bound = coverage === 1 ? '=' : '≥'
    const given = plainAnswer(data, 'status v1', 'breakwater doctor', { sources, silent, coverage, bound }, now)
    return sendBody(request, reply, now, given.provenance, 'json', canonical(given))
  })
}

function addHealth(app: FastifyInstance, server: Server): void {
  const summary = 'Whether it serves; needs no token'
  const content = { 'application/json': { schema: health } }
  const response = {
    200: { description: summary, content },
    503: { description: 'The store does not answer.', content },
  }
  const schema = { summary, operationId: 'health', tags: ['program'], querystring: noQuery, response }
  app.get('/health', { schema }, async (_request, reply) => {
    const { options, store } = server
    const failure = await store.facts().then(
      () => undefined,
      (error: unknown) => String(error),
    )
    if (failure) options.log('error', 'the store does not answer', { failure })
    const data: Health = {
      ok: failure === undefined,
      mode: options.mode(),
      version: options.version,
      store: store.engine,
    }
    return reply
      .code(data.ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send(canonical(data))
  })
}
