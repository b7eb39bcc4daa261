/** Loans: how safe they are, and what a shock makes liquidatable. Computed from the protocols' rules alone, whatever is stored. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  givenBooks,
  type HealthAnswer,
  healthAnswer,
  type LadderAnswer,
  LENDING_PROTOCOLS,
  type LendingBooks,
  type LendingParams,
  type LendingQuestion,
  LOAN_COLUMNS,
  ladderAnswer,
  lendingQuestion,
  PROTOCOL_COLUMNS,
  type Provenance,
  RUNG_COLUMNS,
  simulatedBooks,
} from '../../analytics/index.ts'
import { canonical } from '../../model/index.ts'
import { ORACLE_COLUMNS } from '../../sim/index.ts'
import { formatFor } from '../formats.ts'
import {
  health,
  healthBody,
  healthQuery,
  ladder,
  ladderBody,
  ladderQuery,
  oracle,
  oracleQuery,
  protocols,
} from '../schemas/lending.ts'
import { noQuery } from '../schemas/question.ts'
import { plainAnswer, type Server, sendBody } from '../server.ts'
import { withoutHistory } from '../stress/historic.ts'
import { oracleAnswer } from '../stress/oracle.ts'
import { operationId, type Params, problems, schemaOf, TABLE_FORMATS, type Table, table } from './ask.ts'

/** The largest body that is read: a table of some nine thousand rows, so that no question holds the others up for long. */
const MOST_BODY = 262_144

type Route<T> = {
  readonly name: 'health' | 'ladder'
  readonly command: string
  readonly summary: string
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly data: z.ZodType
  readonly ask: (question: LendingQuestion) => T
  readonly table: (data: T) => Table
}

/** Adds the lending routes. */
export function addLending(app: FastifyInstance, server: Server): void {
  addProtocols(app, server)
  addOracle(app, server)
  add<HealthAnswer>(app, server, {
    ...{ name: 'health', command: 'health', query: healthQuery, body: healthBody, data: health, ask: healthAnswer },
    summary: 'How safe loans are, where they are liquidated, and what a liquidator would do now',
    table: ({ listed }) => table(LOAN_COLUMNS, listed),
  })
  add<LadderAnswer>(app, server, {
    ...{ name: 'ladder', command: 'at-risk', query: ladderQuery, body: ladderBody, data: ladder, ask: ladderAnswer },
    summary: 'What falls of a kind make liquidatable, one rung a drop',
    table: ({ rows }) => table(RUNG_COLUMNS, rows),
  })
}

function addProtocols(app: FastifyInstance, server: Server): void {
  const url = '/v1/lending/protocols'
  const summary = 'Every lending protocol whose rules are built, how each was proven, and where its loans can come from'
  const schema = schemaOf({ url, summary, query: noQuery, data: protocols }, TABLE_FORMATS)
  app.get(url, { schema }, async (request, reply) => {
    const answer = {
      data: LENDING_PROTOCOLS,
      command: 'breakwater lending protocols --json',
      method: 'lending protocols v1',
    }
    return send(server, request, reply, answer, table(PROTOCOL_COLUMNS, LENDING_PROTOCOLS))
  })
}

function addOracle(app: FastifyInstance, server: Server): void {
  const url = '/v1/lending/oracle'
  const summary = 'What an oracle answers while the price runs and something is wrong with it (simulated)'
  const schema = schemaOf({ url, summary, query: oracleQuery, data: oracle }, TABLE_FORMATS)
  app.get(url, { schema }, async (request, reply) => {
    const words = request.query as Params
    const data = oracleAnswer(words)
    const command = ['breakwater lending oracle', ...optionsOf(words), '--json'].join(' ')
    const answer = { data, command, method: 'lending oracle v1', sources: ['simulated'] } as const
    return send(server, request, reply, answer, table(ORACLE_COLUMNS, data.looks))
  })
}

const optionsOf = (words: Params) =>
  Object.entries(words).flatMap(([key, value]) => (value === undefined ? [] : [`--${key} ${value}`]))

function add<T>(app: FastifyInstance, server: Server, route: Route<T>): void {
  const { name, command, summary, query, body, data, ask } = route
  const url = `/v1/lending/${name}`
  const answered = (
    request: FastifyRequest,
    reply: FastifyReply,
    words: LendingParams,
    books: LendingBooks,
    accounts: string,
  ) => {
    const found = ask(lendingQuestion(withoutHistory(words), books))
    const sources = books.source.kind === 'simulated' ? (['simulated'] as const) : []
    const line = ['breakwater lending', command, `--accounts ${accounts}`, ...optionsOf(words), '--json'].join(' ')
    return send(
      server,
      request,
      reply,
      { data: found, command: line, method: `lending ${name} v1`, sources },
      route.table(found),
    )
  }
  app.get(
    url,
    { schema: schemaOf({ url, summary: `${summary}: of simulated loans`, query, data }, TABLE_FORMATS) },
    async (request, reply) => {
      const words = request.query as Params
      return answered(request, reply, words, simulatedBooks(words['seed']), 'demo')
    },
  )
  const schema = postSchema(url, summary, body, data)
  app.post(url, { schema, bodyLimit: MOST_BODY }, async (request, reply) => {
    const { accounts, assets, eModes, ...words } = request.body as Body
    return answered(request, reply, words, booksOf({ accounts, assets, eModes }, words['protocol']), 'FILE')
  })
}

type Body = LendingParams & Given
type Given = {
  readonly accounts: string | readonly unknown[]
  readonly assets?: string | readonly unknown[]
  readonly eModes?: readonly unknown[]
}

/** Rows become the JSON form of the table; text is taken as it is. */
function booksOf({ accounts, assets, eModes }: Given, protocol: string | undefined): LendingBooks {
  const beside = typeof assets === 'string' ? assets : undefined
  if (typeof accounts === 'string') return givenBooks(accounts, beside ?? (assets && JSON.stringify(assets)), protocol)
  const inside = typeof assets === 'string' ? undefined : assets
  return givenBooks(JSON.stringify({ accounts, assets: inside ?? [], eModes: eModes ?? [] }), beside, protocol)
}

function postSchema(url: string, summary: string, body: z.ZodType, data: z.ZodType) {
  const schema = schemaOf({ url, summary, query: z.strictObject({}), data }, TABLE_FORMATS)
  const { querystring: _none, ...rest } = schema
  return {
    ...rest,
    ...{ operationId: `${operationId(url)}Of`, summary: `${summary}: of a table of one’s own`, body },
    response: { ...schema.response, ...problems(404, 413, 415) },
  }
}

type Told = {
  readonly data: unknown
  readonly command: string
  readonly method: string
  readonly sources?: Provenance['sources']
}

function send(
  { options }: Server,
  request: FastifyRequest,
  reply: FastifyReply,
  { data, command, method, sources = [] }: Told,
  rows: Table,
): FastifyReply {
  const format = formatFor(request.headers.accept, TABLE_FORMATS)
  const now = options.clock.now()
  const given = plainAnswer(data, method, command, { kind: 'computed', sources }, now)
  const body = format === 'json' || format === 'markdown' ? canonical(given) : rows.as(format)
  return sendBody(request, reply, now, given.provenance, format, body)
}
