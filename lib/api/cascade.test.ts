/** What-ifs over HTTP: the acceptance book, positions and scenarios in the body, what a server refuses to compute, and the answers' shape. */
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenBooks } from '../analytics/index.ts'
import { canonical } from '../model/index.ts'
import { apiOptions } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'
import { cascade, stress } from './schemas/cascade.ts'
import { loanStress, stressQuestion, whatIf } from './stress/index.ts'

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
const POSITIONS = [
  { account: 'a', coin: 'BTC', side: 'long', size: 10, entry: 60_000, margin: 30_000 },
  { account: 'b', coin: 'BTC', side: 'short', size: 8, entry: 60_000, margin: 100_000 },
]
const scenario = () =>
  JSON.parse(readFileSync(new URL('../../docs/scenarios/dai-squeeze.json', import.meta.url), 'utf8'))
const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload })

describe('POST /v1/stress', () => {
  it.each([
    ['market:ETH=-20%', ['D']],
    ['market:ETH=-40%', ['A', 'D']],
    ['only:ETH=-20%', ['B', 'C', 'D']],
    ['depeg:stETH/ETH=-10%', []],
    ['depeg:stETH/ETH=-15%', ['B', 'C']],
  ])('under %s breaks exactly %j, as the library does', async (shock, broken) => {
    const response = await post('/v1/stress', { accounts: ACCOUNTS, assets: ASSETS, shock })
    expect(response.statusCode, response.body.slice(0, 300)).toBe(200)
    const { data, provenance } = response.json()
    expect(stress.safeParse(data).error?.issues ?? []).toEqual([])
    expect(data.strike.listed.map(({ account }: { account: string }) => account).sort()).toEqual(broken)
    expect(canonical(data)).toBe(
      canonical(loanStress(givenBooks(ACCOUNTS, ASSETS, undefined), stressQuestion({ shock }))),
    )
    expect(provenance).toMatchObject({ kind: 'computed', sources: ['simulated'], method: 'stress v1' })
    expect(provenance.command).toBe(`breakwater stress --book FILE --assets FILE --shock ${shock} --json`)
  })

  it('changes parameters, compares, and solves, as the library does and within what a server computes', async () => {
    const words = {
      shock: 'ETH=-20%',
      set: 'ETH.LT=78%, closeFactor=100%',
      diff: 'true',
      solve: 'shock',
      until: 'debt>=130k',
    }
    const response = await post('/v1/stress', { accounts: ACCOUNTS, assets: ASSETS, ...words })
    expect(response.statusCode, response.body.slice(0, 300)).toBe(200)
    const { data } = response.json()
    expect(stress.safeParse(data).error?.issues ?? []).toEqual([])
    const books = givenBooks(ACCOUNTS, ASSETS, undefined)
    expect(canonical(data)).toBe(canonical(whatIf({ kind: 'loans', books }, words)))
    expect(data.changes.map(({ name }: { name: string }) => name)).toEqual(['ETH.LT', 'closeFactor'])
    // 100 ETH · $2,000 · (1 − x) · 78 % < $130,000 from x > 16.67 % on.
    expect(data.solve.crossings[0]).toMatchObject({ at: -0.1667, beside: -0.1666 })
    const feedback = await post('/v1/cascade', { shock: 'ETH=-20%', solve: 'LT', maxBadDebt: '1M' })
    expect([feedback.statusCode, feedback.json().detail]).toEqual([400, expect.stringContaining('40 times')])
    const wrong = await post('/v1/stress', { shock: 'ETH=-20%', set: 'WETH.LT=81%' })
    expect([wrong.statusCode, wrong.body]).toEqual([400, expect.stringContaining('did you mean ETH.LT')])
  })

  it('takes positions, and refuses words that are none', async () => {
    const response = await post('/v1/stress', {
      positions: POSITIONS,
      shock: 'BTC=-15%',
      price: 'BTC=60000',
      fund: 10_000,
    })
    expect(response.statusCode, response.body.slice(0, 300)).toBe(200)
    const { data } = response.json()
    expect(stress.safeParse(data).error?.issues ?? []).toEqual([])
    expect(data.coins[0]).toMatchObject({
      coin: 'BTC',
      liquidated: 1,
      insurance: { before: 10_000, paid: 10_000, left: 0 },
    })
    for (const [payload, status, code] of [
      [{ shock: 'ETH=-120%' }, 400, 'bad-shock'],
      [{ shock: 'DOGE=-10%' }, 404, 'unknown-asset'],
      [{ shock: 'ETH=-10%', depth: '50M' }, 400, 'bad-query'],
      [{}, 400, 'bad-query'],
      [{ positions: POSITIONS, shock: 'BTC=-15%' }, 400, 'missing-price'],
    ] as const) {
      const refused = await post('/v1/stress', payload)
      expect([payload, refused.statusCode, refused.json().code]).toEqual([payload, status, code])
    }
  })
})

describe('POST /v1/cascade', () => {
  it('follows simulated loans and paths, the same again', async () => {
    const payload = { shock: 'ETH=-25%', depth: '20M', steps: 20, paths: 300, days: 0.25, limit: 2 }
    const [first, second] = [await post('/v1/cascade', payload), await post('/v1/cascade', payload)]
    expect(first.statusCode, first.body.slice(0, 300)).toBe(200)
    const { data, provenance } = first.json()
    expect(cascade.safeParse(data).error?.issues ?? []).toEqual([])
    expect(second.json().provenance.hash).toBe(provenance.hash)
    expect(data.cascade.market.liquidations).toBeGreaterThan(10)
    expect(Math.abs(data.cascade.market.payers.sum)).toBeLessThan(1)
    expect(data.paths[0]).toMatchObject({ coin: 'ETH', paths: 300, partial: false })
    expect(provenance.command).toContain('--depth 20M --steps 20 --paths 300')
  })

  it('runs a scenario, and tells every error of a bad one with its place', async () => {
    const response = await post('/v1/cascade', { scenario: scenario(), shock: 'ETH=-30%' })
    expect(response.statusCode, response.body.slice(0, 300)).toBe(200)
    const { data } = response.json()
    expect(cascade.safeParse(data).error?.issues ?? []).toEqual([])
    expect(data).toMatchObject({ book: 'scenario', finished: true })
    expect(data.hash).toMatch(/^[0-9a-f]{16}$/)
    const bad = { ...scenario(), steps: -1, colour: 'blue' }
    const refused = await post('/v1/cascade', { scenario: bad, shock: 'ETH=-30%' })
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'bad-scenario'])
    expect(refused.json().values).toMatchObject({ problems: 2, places: 'colour, steps' })
  })

  it('computes small questions only', async () => {
    for (const payload of [
      { shock: 'ETH=-25%', steps: 5_000 },
      { shock: 'ETH=-25%', paths: 100_000 },
      { scenario: { ...scenario(), steps: 50_000 }, shock: 'ETH=-30%' },
    ]) {
      const refused = await post('/v1/cascade', payload)
      expect([refused.statusCode, refused.json().code]).toEqual([400, 'bad-query'])
      expect(refused.json().fix).toMatch(/breakwater stress/)
    }
    const file = scenario()
    file.rooms[0].book = { kind: 'file', file: '/etc/passwd' }
    const refused = await post('/v1/cascade', { scenario: file, shock: 'ETH=-30%' })
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'bad-scenario'])
  })
})
