/** A question route: the query checked by its schema, the answer made where all doors make it, sent in the form asked for. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Answer } from '../../analytics/index.ts'
import { canonical } from '../../model/index.ts'
import type { AnswerContext } from '../../store/index.ts'
import { type Column, csvHead, csvRows, type Format, formatFor, MEDIA, ndjsonRows, parquetFile } from '../formats.ts'
import { answer, problem } from '../schemas/answers.ts'
import { contextOf, type Server, sendBody } from '../server.ts'

/** Parameters in text, the same words as the options of the command line. */
export type Params = Readonly<Record<string, string | undefined>>

/** Rows in one of the table forms. */
export type Table = { as(format: 'csv' | 'ndjson' | 'parquet'): string | Buffer }

/** The table of rows under columns. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Table {
  return {
    as: (format) => {
      if (format === 'csv') return csvHead(columns) + csvRows(columns, rows)
      return format === 'ndjson' ? ndjsonRows(rows) : parquetFile(columns, rows)
    },
  }
}

/** The forms of a route that has a table. */
export const TABLE_FORMATS: readonly Format[] = ['json', 'csv', 'ndjson', 'parquet']

/** One question route. */
export type Question<T> = {
  readonly url: string
  readonly summary: string
  readonly query: z.ZodType
  readonly data: z.ZodType
  readonly ask: (context: AnswerContext, params: Params) => Promise<Answer<T>>
  readonly table?: (data: T) => Table
  readonly markdown?: (data: T) => string
}

/** Adds a question route to the app. */
export function addQuestion<T>(app: FastifyInstance, server: Server, question: Question<T>): void {
  const offered: Format[] = ['json']
  if (question.table) offered.push('csv', 'ndjson', 'parquet')
  if (question.markdown) offered.push('markdown')
  app.get(question.url, { schema: schemaOf(question, offered) }, async (request, reply) => {
    const format = formatFor(request.headers.accept, offered)
    const context = contextOf(server)
    const given = await question.ask(context, request.query as Params)
    return sendBody(request, reply, context.now, given.provenance, format, bodyOf(question, given, format))
  })
}

function bodyOf<T>(question: Question<T>, given: Answer<T>, format: Format): string | Buffer {
  if (format === 'markdown' && question.markdown) return question.markdown(given.data)
  if (format !== 'json' && format !== 'markdown' && question.table) return question.table(given.data).as(format)
  return canonical(given)
}

/** The OpenAPI side of a route. */
export function schemaOf(
  { url, summary, query, data }: Pick<Question<unknown>, 'url' | 'summary' | 'query' | 'data'>,
  offered: readonly Format[],
) {
  const other = offered.filter((format) => format !== 'json')
  const media = Object.fromEntries(other.map((format) => [MEDIA[format].split(';')[0], { schema: z.string() }]))
  return {
    summary,
    operationId: operationId(url),
    tags: ['answers'],
    querystring: query,
    response: {
      200: { description: summary, content: { 'application/json': { schema: answer(data) }, ...media } },
      ...problems(400, 401, 406, 429, 503),
    },
  }
}

/** The problems that a route may answer with. */
export function problems(...statuses: readonly number[]) {
  const content = { 'application/problem+json': { schema: problem } }
  return Object.fromEntries(
    statuses.map((status) => [status, { description: PROBLEM_WORDS[status] ?? 'problem', content }]),
  )
}

/** `/v1/liquidations/{id}` → `liquidationsId`. */
export function operationId(url: string): string {
  const words = url
    .replace(/^\/(v1\/)?/, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '' && word !== 'json')
  return words.map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join('')
}

const PROBLEM_WORDS: Readonly<Record<number, string>> = {
  400: 'A parameter is wrong; `values` and `fix` say which and how.',
  401: 'The token is missing or wrong, or the server was addressed under a foreign name.',
  404: 'There is no such thing.',
  406: 'None of the accepted media types is offered.',
  413: 'The body is larger than the route takes.',
  415: 'The body is no JSON.',
  429: 'Too many requests; see Retry-After.',
  503: 'The store cannot answer now; see Retry-After.',
}
