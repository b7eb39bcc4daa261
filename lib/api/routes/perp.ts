/** Perp positions: where they are liquidated and what happens then. Computed from the venues' rules alone, whatever is stored. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { positionFigures, positionQuestion, profileCards, stepSentence, walkQuestion } from '../../analytics/index.ts'
import { walkPosition } from '../../mechanisms/index.ts'
import { canonical } from '../../model/index.ts'
import { formatFor } from '../formats.ts'
import { figures, profiles, walk } from '../schemas/perp.ts'
import { noQuery, positionQuery, walkQuery } from '../schemas/question.ts'
import { plainAnswer, type Server, sendBody } from '../server.ts'
import { type Params, schemaOf } from './ask.ts'

type Question = {
  readonly url: string
  readonly summary: string
  readonly query: z.ZodType
  readonly data: z.ZodType
  readonly command: string
  readonly ask: (params: Params) => unknown
}

/** Adds the perp routes. */
export function addPerp(app: FastifyInstance, server: Server): void {
  add(app, server, {
    url: '/v1/perp/liquidation-price',
    summary: 'Where a perp position is liquidated, and everything around it',
    query: positionQuery,
    data: figures,
    command: 'liquidation-price',
    ask: (params) => positionFigures(positionQuestion(params)),
  })
  add(app, server, {
    url: '/v1/perp/explain',
    summary: 'A perp position walked through an adverse price: each step, and who pays',
    query: walkQuery,
    data: walk,
    command: 'explain',
    ask: (params) => {
      const question = walkQuestion(params)
      const steps = walkPosition(question).map((step) => ({ ...step, says: stepSentence(step, question) }))
      return { profile: question.profile.id, symbol: question.market.symbol, position: question.position, steps }
    },
  })
  add(app, server, {
    url: '/v1/perp/profiles',
    summary: 'Every venue’s dated rules of margin and liquidation, with sources',
    query: noQuery,
    data: profiles,
    command: 'profiles',
    ask: () => profileCards(),
  })
}

function add(app: FastifyInstance, server: Server, { url, summary, query, data, command, ask }: Question): void {
  app.get(
    url,
    { schema: schemaOf({ url, summary, query, data }, ['json']) },
    async (request: FastifyRequest, reply: FastifyReply) => {
      const format = formatFor(request.headers.accept, ['json'])
      const params = request.query as Params
      const words = Object.entries(params).flatMap(([word, value]) =>
        value === undefined ? [] : [`--${word} ${value}`],
      )
      const now = server.options.clock.now()
      const line = ['breakwater perp', command, ...words, '--json'].join(' ')
      const given = plainAnswer(ask(params), `perp ${command} v1`, line, { kind: 'computed' }, now)
      return sendBody(request, reply, now, given.provenance, format, canonical(given))
    },
  )
}
