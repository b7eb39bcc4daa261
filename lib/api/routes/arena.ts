/** The arena: one crash through several mechanisms side by side. Computed from rules and a seed alone, whatever is stored. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { breakwaterError, canonical } from '../../model/index.ts'
import { ARENA_COLUMNS, type ArenaQuestion, type ArenaWords, arenaCommand, arenaQuestion } from '../../sim/index.ts'
import { formatFor } from '../formats.ts'
import type { Heavy } from '../heavy.ts'
import { arena, arenaBody, arenaQuery } from '../schemas/arena.ts'
import { plainAnswer, type Server, sendBody } from '../server.ts'
import { operationId, problems, schemaOf, TABLE_FORMATS, table } from './ask.ts'

const URL = '/v1/arena'
const SUMMARY = 'One crash through several mechanisms side by side: who pays in each (simulated)'
/** Accounts times columns of one question: what a server lends of itself. The command line has no such bound. */
const MOST = 4_000

/** Adds the routes: words in the query or in the body. */
export function addArena(app: FastifyInstance, server: Server, heavy: Heavy): void {
  const answered = async (request: FastifyRequest, reply: FastifyReply, words: ArenaWords) => {
    const format = formatFor(request.headers.accept, TABLE_FORMATS)
    checkSize(arenaQuestion(words))
    const data = await heavy.run('arena', { words })
    const now = server.options.clock.now()
    const from = { kind: 'computed', sources: ['simulated'] } as const
    const given = plainAnswer(data, 'arena v1', `${arenaCommand(words)} --json`, from, now)
    const body =
      format === 'json' || format === 'markdown' ? canonical(given) : table(ARENA_COLUMNS, data.rows).as(format)
    return sendBody(request, reply, now, given.provenance, format, body)
  }
  const schema = schemaOf({ url: URL, summary: SUMMARY, query: arenaQuery, data: arena }, TABLE_FORMATS)
  app.get(URL, { schema }, (request, reply) => answered(request, reply, request.query as ArenaWords))
  const { querystring: _none, ...rest } = schema
  const posted = {
    ...rest,
    ...{ operationId: `${operationId(URL)}Of`, body: arenaBody },
    response: { ...schema.response, ...problems(413, 415) },
  }
  app.post(URL, { schema: posted }, (request, reply) => {
    const words = Object.entries(request.body as Readonly<Record<string, string | number>>)
    return answered(request, reply, Object.fromEntries(words.map(([name, value]) => [name, String(value)])))
  })
}

function checkSize(question: ArenaQuestion): void {
  const size = question.accounts * question.columns.length
  if (size <= MOST) return
  throw breakwaterError(
    'bad-scenario',
    `${question.accounts} accounts in ${question.columns.length} columns are more than ${MOST} in all`,
    { size, most: MOST },
    { fix: 'Ask for fewer, or run `breakwater compare` on your own machine.' },
  )
}
