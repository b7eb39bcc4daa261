/** The answers at the door: every example of the OpenAPI document works and fits its schema; hashes, caches, cursors, tables. */

import type { FastifyInstance } from 'fastify'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { canonical, type MarketEvent, type UnixMs } from '../model/index.ts'
import { apiOptions, loan, NOW, perp } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'
import * as schema from './schemas/answers.ts'
import { arena } from './schemas/arena.ts'
import { event } from './schemas/event.ts'
import { incidentCards, incidentFacts } from './schemas/incidents.ts'
import { health, ladder, oracle, protocols } from './schemas/lending.ts'
import { figures, profiles, walk } from './schemas/perp.ts'
import { sha256 } from './server.ts'

let app: FastifyInstance
beforeAll(async () => {
  const { options } = await apiOptions()
  app = (await buildApp(options)).app
})
afterAll(() => app.close())

const SCHEMAS: Record<string, z.ZodType> = {
  '/v1/totals': schema.answer(schema.totals),
  '/v1/totals/history': schema.answer(schema.series),
  '/v1/liquidations': schema.answer(schema.eventPage),
  '/v1/liquidations/{id}': schema.answer(event),
  '/v1/largest': schema.answer(schema.events),
  '/v1/records': schema.answer(schema.records),
  '/v1/report': schema.answer(schema.report),
  '/v1/coverage': schema.answer(schema.coverage),
  '/v1/venues': schema.answer(schema.venueCards),
  '/v1/oi': schema.answer(schema.events),
  '/v1/funding': schema.answer(schema.events),
  '/v1/perp/liquidation-price': schema.answer(figures),
  '/v1/perp/explain': schema.answer(walk),
  '/v1/perp/profiles': schema.answer(profiles),
  '/v1/lending/protocols': schema.answer(protocols),
  '/v1/lending/health': schema.answer(health),
  '/v1/lending/ladder': schema.answer(ladder),
  '/v1/lending/oracle': schema.answer(oracle),
  '/v1/arena': schema.answer(arena),
  '/v1/incidents': schema.answer(incidentCards),
  '/v1/incidents/{id}': schema.answer(incidentFacts),
  '/v1/status': schema.answer(schema.status),
  '/health': schema.health,
}

/** Paths whose answers are no JSON of their own, or none at all. */
const WITHOUT_DATA = ['/metrics', '/openapi.json', '/v1/liquidations/{id}/raw', '/v1/stream']

/** What a position cannot do without. */
const POSITION = { venue: 'binance', symbol: 'BTCUSDT', side: 'long', size: '1', entry: '60000', leverage: '10' }
const REQUIRED: Record<string, Record<string, string>> = {
  '/v1/perp/liquidation-price': POSITION,
  '/v1/perp/explain': POSITION,
  // A small one: every example runs a market.
  '/v1/arena': { mechanisms: 'stability-pool', accounts: '10', crash: 'v:-30%:1h' },
}

type Parameter = {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: { examples?: string[] }
  examples?: unknown
  example?: unknown
}
type Operation = {
  operationId: string
  summary: string
  parameters?: Parameter[]
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}
type Document = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const documentOf = async () => (await app.inject({ url: '/openapi.json' })).json<Document>()
const ask = (url: string, accept?: string) => app.inject({ url, headers: accept ? { accept } : {} })

function examplesOf(parameter: Parameter): string[] {
  const { examples } = parameter
  if (parameter.schema?.examples) return parameter.schema.examples
  if (Array.isArray(examples)) return examples as string[]
  if (examples && typeof examples === 'object') return Object.values(examples).map(({ value }) => String(value))
  return parameter.example === undefined ? [] : [String(parameter.example)]
}

describe('the OpenAPI document', () => {
  it('is whole: version, operations, parameters, references, answers', async () => {
    const document = await documentOf()
    expect(document.openapi).toMatch(/^3\.1\./)
    const operations = Object.entries(document.paths).map(([path, methods]) => ({
      path,
      operation: (methods['get'] ?? methods['post']) as Operation,
    }))
    expect(operations.map(({ path }) => path).sort()).toEqual(
      [...Object.keys(SCHEMAS), ...WITHOUT_DATA, '/v1/incidents/{id}/run', '/v1/stress', '/v1/cascade'].sort(),
    )
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operations) {
      expect(operation.summary, path).toBeTruthy()
      const declared = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name)
      expect([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])).toEqual(declared)
      for (const { name, description } of operation.parameters ?? [])
        expect(description, `${path} ${name}`).toBeTruthy()
      expect(Object.values(operation.responses['200']?.content ?? {})[0]?.schema, path).toBeTruthy()
      if (path !== '/health')
        expect(Object.keys(operation.responses[429]?.content ?? {}), path).toEqual(['application/problem+json'])
    }
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)
    const named = new Set([...references].map((match) => match[1] as string))
    expect([...named].sort()).toEqual(Object.keys(document.components.schemas).sort())
  })

  it('gives examples that work, one by one and without any', async () => {
    const document = await documentOf()
    let tried = 0
    for (const [path, schemaOfPath] of Object.entries(SCHEMAS)) {
      const url = path.replace('{id}', path.startsWith('/v1/incidents') ? '2026-05-28-spacex-hip3' : perp(1).id)
      const parameters =
        document.paths[path]?.['get']?.parameters?.filter((parameter) => parameter.in === 'query') ?? []
      const queries = parameters.flatMap((parameter) =>
        examplesOf(parameter).map((example) => ({ [parameter.name]: example })),
      )
      for (const one of [{}, ...queries]) {
        const query = `?${new URLSearchParams({ ...REQUIRED[path], ...one })}`
        const response = await ask(url + query)
        expect(response.statusCode, `${url}${query}: ${response.body.slice(0, 300)}`).toBe(200)
        const fits = schemaOfPath.safeParse(response.json())
        expect(fits.error?.issues ?? [], url + query).toEqual([])
        tried++
      }
      if (parameters.length) expect(queries.length, path).toBeGreaterThan(1)
    }
    expect(tried).toBeGreaterThan(60)
  })
})

describe('a perp position', () => {
  const position = `?${new URLSearchParams(POSITION)}`
  it('is answered with the figures, the command and that they are computed', async () => {
    const { data, provenance } = (await ask(`/v1/perp/liquidation-price${position}`)).json()
    expect(data.liquidationPrice).toBeCloseTo(53_950 / 0.995, 6)
    expect(provenance).toMatchObject({ kind: 'computed', method: 'perp liquidation-price v1' })
    expect(provenance.command).toBe(
      'breakwater perp liquidation-price --venue binance --symbol BTCUSDT --side long --size 1 --entry 60000 --leverage 10 --json',
    )
  })

  it.each([
    ['size=-1', 400, 'bad-position'],
    ['leverage=500', 400, 'over-leverage'],
    ['symbol=NOSUCH', 404, 'not-found'],
    ['entry=NaN', 400, 'bad-number'],
    ['moon=1', 400, 'bad-query'],
  ])('with %s is refused: %d %s', async (patch, status, code) => {
    const query = new URLSearchParams({ ...POSITION, ...Object.fromEntries(new URLSearchParams(patch)) })
    expect((await ask(`/v1/perp/explain?${query}`)).json()).toMatchObject({ status, code })
  })
})

describe('every answer', () => {
  it('carries the hash of its data as it stands there', async () => {
    for (const url of [
      '/v1/totals',
      '/v1/liquidations?limit=3',
      '/v1/report?at=2021-05-19',
      '/v1/venues',
      '/v1/status',
      `/v1/liquidations/${loan(1).id}`,
    ]) {
      const { body } = await ask(url)
      const end = body.lastIndexOf(',"provenance":')
      const { hash } = (JSON.parse(body) as { provenance: { hash: string } }).provenance
      expect(sha256(body.slice('{"data":'.length, end)), url).toBe(hash)
    }
  })

  it('keeps integers beyond 2^53, and leaves the unknown out', async () => {
    const { data } = (await ask(`/v1/liquidations/${loan(1).id}`)).json()
    expect(data.seized.atoms).toBe('1500000000000000000')
    expect((await ask(`/v1/liquidations/${loan(90).id}`)).json().data).not.toHaveProperty('usd')
  })

  it('is asked again for nothing when it did not change', async () => {
    const first = await ask('/v1/totals')
    const tag = String(first.headers.etag)
    expect(tag).toMatch(/^W\/"/)
    expect(first.headers['cache-control']).toBe('private, no-cache')
    const again = await app.inject({ url: '/v1/totals', headers: { 'if-none-match': tag } })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const csv = await app.inject({ url: '/v1/totals?by=coin', headers: { 'if-none-match': tag, accept: 'text/csv' } })
    expect(csv.statusCode).toBe(200)
  })

  it('is kept for ever only when its window is past and wholly heard', async () => {
    const span = 'from=2021-05-19T11:05:00Z&to=2021-05-19T11:15:00Z&venue=aave-v2'
    const past = await ask(`/v1/totals?${span}`)
    expect(past.json().provenance).toMatchObject({ bound: '=', coverage: 1 })
    expect(past.headers['cache-control']).toBe('private, max-age=31536000, immutable')
    expect(past.headers.etag).toMatch(/^"[0-9a-f]{32}"$/)
    const partly = await ask('/v1/totals?at=2021-05-19&venue=aave-v2')
    expect(partly.json().provenance.bound).toBe('≥')
    expect(partly.headers['cache-control']).toBe('private, no-cache')
    const today = await ask(`/v1/totals?at=${new Date(NOW).toISOString().slice(0, 10)}`)
    expect(today.headers['cache-control']).toBe('private, no-cache')
  })
})

describe('pages', () => {
  it('follow each other without loss or repetition, in both orders', async () => {
    for (const order of ['desc', 'asc']) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const { data } = (
          await ask(`/v1/liquidations?limit=7&order=${order}${cursor ? `&cursor=${cursor}` : ''}`)
        ).json()
        seen.push(...data.events.map(({ id }: MarketEvent) => id))
        cursor = data.next
      } while (cursor)
      const all = Array.from({ length: 60 }, (_, i) => perp(i + 1).id)
      expect(seen).toEqual(order === 'desc' ? all : all.reverse())
    }
  })

  it('refuse cursors that are none', async () => {
    for (const cursor of ['x', '%00', 'AAAA', Buffer.from('1 2 3').toString('base64url'), 'a'.repeat(400)])
      expect((await ask(`/v1/liquidations?cursor=${cursor}`)).json(), cursor).toMatchObject({
        status: 400,
        code: 'bad-cursor',
      })
    expect((await ask('/v1/liquidations?limit=0')).statusCode).toBe(400)
    expect((await ask('/v1/liquidations?limit=1e9')).statusCode).toBe(400)
    expect((await ask('/v1/totals?at=yesterday')).json()).toMatchObject({ status: 400, code: 'bad-time' })
    expect((await ask('/v1/totals?venue=no%20where')).json()).toMatchObject({ status: 400, code: 'unknown-venue' })
  })
})

describe('other forms', () => {
  it('NDJSON and CSV hold the whole window, Parquet reads back equal', async () => {
    const url = '/v1/liquidations?at=2021-05-19'
    const lines = (await ask(url, 'application/x-ndjson')).body.trim().split('\n')
    expect(lines).toHaveLength(21)
    expect(lines[0]).toBe(canonical(loan(90, { usd: undefined, usdBasis: undefined })))
    const csv = await ask(url, 'text/csv')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(JSON.parse(String(csv.headers['x-breakwater-provenance']))).toMatchObject({ kind: 'reported' })
    const rows = csv.body.trim().split('\r\n')
    expect(rows).toHaveLength(22)
    expect(rows[0]).toMatch(/^id,time,time_ms/)
    const { rawPayload } = await ask(url, 'application/vnd.apache.parquet')
    const bytes = new Uint8Array(rawPayload)
    const table = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    })
    expect(table).toHaveLength(21)
    expect(table.find((row) => row['id'] === loan(3).id)).toMatchObject({
      usd: 1500,
      repaid_asset: 'USDC',
      repaid_amount: '1500',
      coin: 'WETH',
    })
    expect(table.find((row) => row['id'] === loan(90).id)?.['usd'] ?? null).toBeNull()
    expect((await ask(`${url}&limit=2`, 'text/csv')).body.trim().split('\r\n')).toHaveLength(3)
  })

  it('a long window comes whole, page after page, in the order asked for', async () => {
    const { options, store } = await apiOptions()
    await store.append(
      Array.from({ length: 2_300 }, (_, i) =>
        loan(i, { id: `long${i}`, time: (NOW - 40 * 86_400_000 + Math.floor(i / 3)) as UnixMs }),
      ),
    )
    const long = (await buildApp(options)).app
    const url = '/v1/liquidations?window=60d&venue=aave-v2'
    const idsOf = async (order: string) => {
      const { body } = await long.inject({ url: `${url}&order=${order}`, headers: { accept: 'application/x-ndjson' } })
      return body
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id)
    }
    const [down, up] = [await idsOf('desc'), await idsOf('asc')]
    expect(new Set(down).size).toBe(2_300)
    expect(down).toEqual(up.toReversed())
    const parquet = await long.inject({ url, headers: { accept: 'application/vnd.apache.parquet' } })
    const bytes = new Uint8Array(parquet.rawPayload)
    expect(await parquetReadObjects({ file: bytes.buffer })).toHaveLength(2_300)
    await long.close()
  })

  it('every table route answers in every table form', async () => {
    for (const url of [
      '/v1/totals?by=venue,coin',
      '/v1/totals/history',
      '/v1/largest',
      '/v1/records',
      '/v1/coverage',
      '/v1/venues',
      '/v1/oi',
      '/v1/funding',
    ]) {
      const csv = (await ask(url, 'text/csv')).body.trim().split('\r\n')
      expect(csv.length, url).toBeGreaterThan(1)
      const columns = (csv[0] as string).split(',').length
      expect(columns, url).toBeGreaterThan(3)
      expect((await ask(url, 'application/x-ndjson')).body.trim().split('\n').length, url).toBe(csv.length - 1)
      expect((await ask(url, 'application/vnd.apache.parquet')).rawPayload.subarray(0, 4).toString(), url).toBe('PAR1')
    }
  })

  it('the report is an article where Markdown is accepted; what is not offered is refused', async () => {
    const article = await ask('/v1/report?at=2021-05-19', 'text/markdown')
    expect(article.headers['content-type']).toBe('text/markdown; charset=utf-8')
    expect(article.body).toBe((await ask('/v1/report?at=2021-05-19')).json().data.markdown)
    expect((await ask('/v1/totals', 'image/png')).json()).toMatchObject({ status: 406, code: 'unknown-format' })
    expect((await ask('/v1/totals', 'text/html,application/xhtml+xml,*/*;q=0.8')).headers['content-type']).toContain(
      'application/json',
    )
    expect((await ask('/v1/totals', 'text/csv;q=0.1, application/json')).headers['content-type']).toContain(
      'application/json',
    )
  })
})

describe('one event', () => {
  it('and the raw frame it was read from', async () => {
    const raw = await ask(`/v1/liquidations/${perp(1).id}/raw`)
    expect([raw.body, raw.headers['content-type']]).toEqual([
      '{"topic":"allLiquidation.BTCUSDT"}',
      'text/plain; charset=utf-8',
    ])
    for (const id of [perp(2).id, loan(1).id]) {
      const gone = (await ask(`/v1/liquidations/${id}/raw`)).json()
      expect(gone).toMatchObject({ status: 404, code: 'not-found' })
      expect(gone.fix.length).toBeGreaterThan(10)
    }
    expect((await ask('/v1/liquidations/nobody')).json()).toMatchObject({ status: 404, values: { id: 'nobody' } })
  })
})

describe('metrics', () => {
  it('say what the feed, the store and the stream do', async () => {
    await ask('/v1/totals')
    const { body } = await ask('/metrics')
    expect(body).toContain('breakwater_events_total{venue="bybit",connection="liquidations-1"} 7')
    expect(body).toContain('breakwater_connection_open{venue="okx",connection="liquidations-1"} 0')
    for (const name of [
      'rejected_total',
      'dropped_total',
      'gaps_total',
      'store_seconds_bucket',
      'stream_clients',
      'publish_lag_seconds',
    ])
      expect(body, name).toContain(`breakwater_${name}`)
    expect(body).toMatch(/breakwater_store_seconds_count\{operation="aggregate"\} [1-9]/)
    expect(body).toMatch(/breakwater_http_seconds_count\{route="\/v1\/totals",status="200"\} [1-9]/)
  })
})
