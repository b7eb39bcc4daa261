/** Liquidations one by one: pages by cursor, whole windows as tables, one event, and the raw frame it was read from. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { breakwaterError, canonical, FACT_TYPES, isLiquidation, type MarketEvent } from '../../model/index.ts'
import { type AnswerContext, asked, liquidationsAnswer } from '../../store/index.ts'
import { csvHead, csvRows, formatFor, MEDIA, ndjsonRows, parquetFile } from '../formats.ts'
import { answer, eventPage } from '../schemas/answers.ts'
import { event } from '../schemas/event.ts'
import { eventPath, liquidationsQuery, noQuery } from '../schemas/question.ts'
import { contextOf, headerText, plainAnswer, type Server, sendBody } from '../server.ts'
import { EVENT_COLUMNS } from '../tables.ts'
import { type Params, problems, schemaOf, TABLE_FORMATS } from './ask.ts'

/** Events fetched at a time when a whole window is streamed. */
const PAGE = '1000'
/** A Parquet file is made in memory: at most so many rows. */
const MAX_PARQUET_ROWS = 200_000

/** Adds `/v1/liquidations`, `/v1/liquidations/{id}` and `/v1/liquidations/{id}/raw`. */
export function addLiquidations(app: FastifyInstance, server: Server): void {
  addPages(app, server)
  addOne(app, server)
  addRaw(app, server)
}

function addPages(app: FastifyInstance, server: Server): void {
  const summary =
    'Liquidations, newest first, a page at a time; the whole window as CSV, NDJSON or Parquet without `limit`'
  const schema = schemaOf(
    { url: '/v1/liquidations', summary, query: liquidationsQuery, data: eventPage },
    TABLE_FORMATS,
  )
  app.get('/v1/liquidations', { schema }, async (request, reply) => {
    const format = formatFor(request.headers.accept, TABLE_FORMATS)
    const context = contextOf(server)
    const params = request.query as Params
    const whole = format !== 'json' && params['limit'] === undefined
    const first = await liquidationsAnswer(context, whole ? { ...params, limit: PAGE } : params)
    if (format === 'json') return sendBody(request, reply, context.now, first.provenance, format, canonical(first))
    const pages = pagesFrom(context, params, first.data, whole)
    reply.header('x-breakwater-provenance', headerText(first.provenance))
    reply.header('cache-control', 'private, no-store').header('vary', 'Accept')
    if (format === 'parquet') return reply.type(MEDIA.parquet).send(parquetFile(EVENT_COLUMNS, await allOf(pages)))
    const lines = Readable.from(linesOf(pages, format === 'csv' ? 'csv' : 'ndjson'))
    // Too late for a problem: the connection breaks off, which a client can tell from an end.
    lines.on('error', (error) => server.options.log('error', 'a long list broke off', { error: String(error) }))
    return reply.type(MEDIA[format]).send(lines)
  })
}

type FirstPage = Awaited<ReturnType<typeof liquidationsAnswer>>['data']

/** The first page, then what comes after it, straight from the store: coverage need not be asked again for every page. */
async function* pagesFrom(
  context: AnswerContext,
  params: Params,
  first: FirstPage,
  whole: boolean,
): AsyncGenerator<readonly MarketEvent[]> {
  yield first.events
  const { where } = asked(context, params, ['cursor', 'limit', 'order'])
  const order = params['order'] === 'asc' ? 'asc' : 'desc'
  const types = FACT_TYPES.filter((type) => isLiquidation({ type }))
  let after = whole && first.next !== undefined ? first.events.at(-1) : undefined
  while (after) {
    const page = await context.store.page({ where: { ...where, types }, order, limit: Number(PAGE), after })
    yield page
    after = page.at(-1)
  }
}

async function* linesOf(
  pages: AsyncIterable<readonly MarketEvent[]>,
  format: 'csv' | 'ndjson',
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHead(EVENT_COLUMNS)
  for await (const page of pages)
    if (page.length) yield format === 'csv' ? csvRows(EVENT_COLUMNS, page) : ndjsonRows(page)
}

async function allOf(pages: AsyncIterable<readonly MarketEvent[]>): Promise<readonly MarketEvent[]> {
  const events: MarketEvent[] = []
  for await (const page of pages) {
    events.push(...page)
    if (events.length > MAX_PARQUET_ROWS)
      throw breakwaterError(
        'bad-query',
        `the window holds more than ${MAX_PARQUET_ROWS} events`,
        { most: MAX_PARQUET_ROWS },
        {
          fix: 'Ask for a shorter window, for CSV or NDJSON (they are streamed), or use `breakwater export --format parquet`.',
        },
      )
  }
  return events
}

async function find(server: Server, id: string): Promise<MarketEvent> {
  const found = await server.store.get(id)
  if (!found)
    throw breakwaterError(
      'not-found',
      `there is no event '${id}'`,
      { id },
      { fix: 'Take the id from /v1/liquidations.' },
    )
  return found
}

function addOne(app: FastifyInstance, server: Server): void {
  const summary = 'One event'
  const response = {
    200: { description: summary, content: { 'application/json': { schema: answer(event) } } },
    ...problems(400, 401, 404, 429, 503),
  }
  const schema = {
    summary,
    operationId: 'liquidation',
    tags: ['answers'],
    params: eventPath,
    querystring: noQuery,
    response,
  }
  app.get('/v1/liquidations/:id', { schema }, async (request, reply) => {
    const { id } = request.params as { id: string }
    const found = await find(server, id)
    const now = server.options.clock.now()
    const given = plainAnswer(
      found,
      'event v1',
      `breakwater export --id ${id} --format ndjson`,
      { sources: [found.source] },
      now,
    )
    return sendBody(request, reply, now, given.provenance, 'json', canonical(given))
  })
}

function addRaw(app: FastifyInstance, server: Server): void {
  const summary = 'The raw frame or row that an event was read from, as it came'
  const response = {
    200: { description: summary, content: { 'text/plain': { schema: z.string() } } },
    ...problems(400, 401, 404, 429, 503),
  }
  const schema = {
    summary,
    operationId: 'liquidationRaw',
    tags: ['answers'],
    params: eventPath,
    querystring: noQuery,
    response,
  }
  app.get('/v1/liquidations/:id/raw', { schema }, async (request, reply) => {
    const { receipt, id } = await find(server, (request.params as { id: string }).id)
    const raw = receipt && (await server.options.rawFrame?.(receipt))
    if (raw === undefined) {
      const fix = receipt
        ? `Look for ${receipt.file}: it was moved, or removed by retention.`
        : 'Only events of recordings and files have one.'
      throw breakwaterError(
        'not-found',
        'the raw frame of this event is not here',
        { id, file: receipt?.file },
        { fix },
      )
    }
    return reply.header('cache-control', 'private, no-cache').type('text/plain; charset=utf-8').send(raw)
  })
}
