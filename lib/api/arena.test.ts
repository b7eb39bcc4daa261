import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonical } from '../model/index.ts'
import { arena, arenaQuestion } from '../sim/index.ts'
import { apiOptions } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'

const WORDS = { mechanisms: 'morpho,perp-dydx', accounts: '10', crash: 'v:-40%:1h', seed: '9' }

let app: FastifyInstance
beforeAll(async () => {
  const { options } = await apiOptions()
  app = (await buildApp(options)).app
})
afterAll(() => app.close())

const post = (payload: object, accept = 'application/json') =>
  app.inject({ method: 'POST', url: '/v1/arena', payload, headers: { accept } })

describe('/v1/arena', () => {
  it('answers a body and a query alike, with the library’s own result and the command that gives it', async () => {
    const posted = await post({ ...WORDS, accounts: 10, seed: 9 })
    expect(posted.statusCode).toBe(200)
    const { data, provenance } = posted.json()
    expect(canonical(data)).toBe(canonical(arena(arenaQuestion(WORDS))))
    expect(provenance).toMatchObject({ kind: 'computed', sources: ['simulated'] })
    expect(provenance.command).toBe(
      'breakwater compare --crash v:-40%:1h --mechanisms morpho,perp-dydx --accounts 10 --seed 9 --json',
    )
    const asked = await app.inject({ url: `/v1/arena?${new URLSearchParams(WORDS)}` })
    expect(asked.json().data).toEqual(data)
  })

  it('gives a table, a row a mechanism', async () => {
    const { body } = await post(WORDS, 'text/csv')
    const lines = body.trim().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^id,mechanism,exactness,accounts,takenShare,/)
    expect(lines[1]).toMatch(/^morpho,morpho,bytecode,10,.*lltv=0\.86 \(default\)/)
  })

  it('says everything that is wrong, and what is too much for a server', async () => {
    const wrong = await post({ mechanisms: 'nothing', ltv: '120%', failure: 'luck=1' })
    expect(wrong.statusCode).toBe(400)
    expect(wrong.json().detail).toMatch(/'nothing'[\s\S]*120%[\s\S]*luck=1|120%[\s\S]*'nothing'[\s\S]*luck=1/)
    const large = await post({ accounts: '5000' })
    expect(large.statusCode).toBe(400)
    expect(large.json().detail).toMatch(/more than 4000 in all/)
    expect((await post({ mechanism: 'bob' })).statusCode).toBe(400)
  })
})
