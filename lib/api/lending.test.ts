/** Loans over HTTP: one's own table as text and as rows, the simulated ones, tables by Accept, limits, and refusals with the way out. */
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenBooks, healthAnswer, ladderAnswer, lendingQuestion, simulatedBooks } from '../analytics/index.ts'
import { canonical } from '../model/index.ts'
import { apiOptions } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'
import { health, ladder, oracle } from './schemas/lending.ts'
import { oracleAnswer } from './stress/index.ts'

let app: FastifyInstance
beforeAll(async () => {
  app = (await buildApp((await apiOptions()).options)).app
})
afterAll(() => app.close())

const ACCOUNTS = `account,collateral,collateralAmount,debt,debtAmount
A,ETH,100,USDC,100000
B,stETH,100,ETH,70
C,stETH,100,ETH,60
C,,,USDC,20000
D,ETH,100,USDC,130000
`
const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,2000,80%,5%,ETH
USDC,6,1,80%,5%,
`
const ROWS = {
  accounts: [
    { account: 'A', collateral: { ETH: 100 }, debt: { USDC: 100_000 } },
    { account: 'B', collateral: { stETH: 100 }, debt: { ETH: 70 } },
    { account: 'C', collateral: { stETH: 100 }, debt: { ETH: 60, USDC: '20000' } },
    { account: 'D', collateral: { ETH: 100 }, debt: { USDC: 130_000 } },
  ],
  assets: [
    { asset: 'ETH', price: 2_000, liquidationThreshold: '80%', liquidationBonus: '5%' },
    { asset: 'stETH', price: 2_000, liquidationThreshold: '80%', liquidationBonus: '5%', follows: 'ETH' },
    { asset: 'USDC', decimals: 6, price: 1, liquidationThreshold: '80%', liquidationBonus: '5%' },
  ],
}
const post = (url: string, payload: object, accept = 'application/json') =>
  app.inject({ method: 'POST', url, payload, headers: { accept } })
const brokenOf = (body: { data: { asked: { broken: readonly { account: string }[] } } }) =>
  body.data.asked.broken.map(({ account }) => account).sort()

describe('a table of one’s own', () => {
  it.each([
    ['market:ETH=-20%', ['D']],
    ['market:ETH=-40%', ['A', 'D']],
    ['only:ETH=-20%', ['B', 'C', 'D']],
    ['depeg:stETH/ETH=-10%', []],
    ['depeg:stETH/ETH=-15%', ['B', 'C']],
  ])('under %s breaks exactly %j, as text and as rows', async (shock, accounts) => {
    for (const table of [{ accounts: ACCOUNTS, assets: ASSETS }, ROWS]) {
      const response = await post('/v1/lending/ladder', { ...table, shock })
      expect(response.statusCode, response.body.slice(0, 300)).toBe(200)
      const body = response.json()
      expect(ladder.safeParse(body.data).error?.issues ?? []).toEqual([])
      expect(brokenOf(body)).toEqual(accounts)
    }
  })
  it('is answered as the question itself is, byte for byte', async () => {
    const words = { shock: 'only:ETH=-20%', compare: 'market:ETH=-20%' }
    const given = givenBooks(ACCOUNTS, ASSETS, undefined)
    const { body } = await post('/v1/lending/ladder', { accounts: ACCOUNTS, assets: ASSETS, ...words })
    expect(body.startsWith(`{"data":${canonical(ladderAnswer(lendingQuestion(words, given)))},`)).toBe(true)
    expect(JSON.parse(body).data.compare.ratio).toBeCloseTo(130 / 410, 12)
    const one = { account: 'D', shock: 'market:ETH=-20%' }
    const answer = await post('/v1/lending/health', { accounts: ACCOUNTS, assets: ASSETS, ...one })
    expect(answer.body.startsWith(`{"data":${canonical(healthAnswer(lendingQuestion(one, given)))},`)).toBe(true)
    expect(health.safeParse(answer.json().data).error?.issues ?? []).toEqual([])
    expect(answer.json().provenance).toMatchObject({
      ...{ kind: 'computed', sources: [], method: 'lending health v1' },
      command: 'breakwater lending health --accounts FILE --shock market:ETH=-20% --account D --json',
    })
  })
  it('tells the rows that it refused, and takes the others', async () => {
    const { data } = (
      await post('/v1/lending/health', { accounts: `${ACCOUNTS}X,DOGE,1,USDC,5\nY,ETH,-1,USDC,5\n`, assets: ASSETS })
    ).json()
    expect(data.loans).toBe(4)
    expect(data.source).toMatchObject({ kind: 'given', rows: 7, refusedRows: 2 })
    expect(data.source.refused[0]).toMatchObject({ line: 7, why: expect.stringContaining('nothing says what DOGE is') })
  })
  it.each([
    [{ accounts: '' }, 400, 'bad-file'],
    [{ accounts: 'account,collateral\nA' }, 400, 'bad-account'],
    [{ accounts: `${ACCOUNTS}` }, 404, 'unknown-asset'],
    [{ accounts: ACCOUNTS, assets: ASSETS, shock: 'market:BTC=-20%' }, 404, 'unknown-asset'],
    [{ accounts: ACCOUNTS, assets: ASSETS, shock: 'ETH=-100%' }, 400, 'bad-shock'],
    [{ accounts: ACCOUNTS, assets: ASSETS, shock: 'depeg:ETH/stETH=-5%' }, 400, 'bad-shock'],
    [{ accounts: ACCOUNTS, assets: ASSETS, protocol: 'maker-clip' }, 404, 'unknown-protocol'],
    [{ accounts: ACCOUNTS, assets: ASSETS, account: 'E' }, 400, 'bad-account'],
    [{ accounts: ACCOUNTS, assets: ASSETS, limit: '0' }, 400, 'bad-query'],
    [{ accounts: ACCOUNTS, assets: ASSETS, gas: '-1' }, 400, 'bad-number'],
    [{ accounts: ACCOUNTS, assets: ASSETS, slippage: '101%' }, 400, 'bad-number'],
    [{ accounts: 7 }, 400, 'bad-query'],
    [{ accounts: ACCOUNTS, moon: '1' }, 400, 'bad-query'],
    [{}, 400, 'bad-query'],
  ])('is refused with the way out: case %#', async (payload, status, code) => {
    const response = await post('/v1/lending/health', payload)
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(response.json()).toMatchObject({ status, code, fix: expect.stringMatching(/\S/) })
  })
  it('is refused when it is too large, before it is read', async () => {
    const response = await post('/v1/lending/health', { accounts: 'x'.repeat(300_000) })
    expect(response.statusCode).toBe(413)
    expect(response.headers['content-type']).toContain('application/problem+json')
  })
  it('is refused as anything but JSON', async () => {
    const headers = { 'content-type': 'text/csv' }
    const response = await app.inject({ method: 'POST', url: '/v1/lending/health', payload: ACCOUNTS, headers })
    expect(response.statusCode).toBe(415)
  })
})

describe('the simulated loans', () => {
  it('are those of the seed, said to be simulated', async () => {
    const of = async (query: string) => (await app.inject({ url: `/v1/lending/ladder${query}` })).json()
    const [seven, again, eight] = [await of(''), await of('?seed=7'), await of('?seed=8')]
    expect(again.provenance.hash).toBe(seven.provenance.hash)
    expect(eight.provenance.hash).not.toBe(seven.provenance.hash)
    expect(seven.provenance.sources).toEqual(['simulated'])
    expect(seven.data.source).toMatchObject({ kind: 'simulated', seed: '7' })
    expect(canonical(seven.data)).toBe(canonical(ladderAnswer(lendingQuestion({}, simulatedBooks()))))
  })
  it('are a table by Accept', async () => {
    const csv = await app.inject({ url: '/v1/lending/ladder?drops=10,20', headers: { accept: 'text/csv' } })
    expect(
      csv.body
        .split('\r\n')
        .slice(0, 3)
        .map((line) => line.split(',')[0]),
    ).toEqual(['drop_percent', '10', '20'])
    const loans = await app.inject({ url: '/v1/lending/health?limit=3', headers: { accept: 'text/csv' } })
    expect(loans.body.trim().split('\r\n')).toHaveLength(4)
    const lines = await app.inject({ url: '/v1/lending/protocols', headers: { accept: 'application/x-ndjson' } })
    expect(lines.body).toContain('"id":"morpho-blue"')
  })
})

describe('an oracle under a fault', () => {
  const of = (query: string, accept = 'application/json') =>
    app.inject({ url: `/v1/lending/oracle?${query}`, headers: { accept } })
  it('answers as the question itself does, with the command that gives the same', async () => {
    const words = { oracle: 'push:heartbeat=1h', fault: 'stale@1h+2h,spike@5h+10m:factor=1.5', path: 'slide:-30%:6h' }
    const response = await of(new URLSearchParams(words).toString())
    expect(response.statusCode, response.body.slice(0, 300)).toBe(200)
    expect(response.body.startsWith(`{"data":${canonical(oracleAnswer(words))},`)).toBe(true)
    const { data, provenance } = response.json()
    expect(oracle.safeParse(data).error?.issues ?? []).toEqual([])
    expect(data.faults).toEqual(['stale@3600s+7200s', 'spike@18000s+600s:factor=1.5'])
    expect(provenance).toMatchObject({
      ...{ kind: 'computed', sources: ['simulated'], method: 'lending oracle v1' },
      command: `breakwater lending oracle --oracle ${words.oracle} --fault ${words.fault} --path ${words.path} --json`,
    })
  })
  it('is a table by Accept, a row a look', async () => {
    const [head, ...rows] = (await of('oracle=osm&path=v:-35%25:6h', 'text/csv')).body.trim().split('\r\n')
    expect(head).toBe('seconds,truth_usd,designed_usd,answer_usd,age_seconds')
    expect(rows).toHaveLength(361)
  })
  it.each([
    ['oracle=moon', 400, 'bad-query'],
    ['oracle=push:moon=1', 400, 'bad-query'],
    ['fault=stale', 400, 'bad-query'],
    ['fault=moon@1h%2B1h', 400, 'bad-scenario'],
    ['path=v', 400, 'bad-scenario'],
    ['path=2020-03-12', 400, 'bad-query'],
    ['price=0', 400, 'bad-number'],
    ['price=moon', 400, 'bad-number'],
    ['moon=1', 400, 'bad-query'],
  ])('%s is refused with the way out', async (query, status, code) => {
    const response = await of(query)
    expect(response.json()).toMatchObject({ status, code, fix: expect.stringMatching(/\S/) })
  })
})
