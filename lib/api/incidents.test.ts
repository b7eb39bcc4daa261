/** Incidents over HTTP: the list, the facts of one, a run with a rule changed, and refusals with the way out. */
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INCIDENTS, runIncident } from '../sim/index.ts'
import { apiOptions } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'
import { incidentCards, incidentFacts, incidentRun } from './schemas/incidents.ts'

let app: FastifyInstance
beforeAll(async () => {
  app = (await buildApp((await apiOptions()).options)).app
})
afterAll(() => app.close())

const get = (url: string) => app.inject({ method: 'GET', url })
const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload })

describe('incidents over HTTP', () => {
  it('lists all of them, and tells the facts of each as the schema says', async () => {
    const { data } = (await get('/v1/incidents')).json()
    expect(incidentCards.parse(data).map(({ id }) => id)).toEqual(INCIDENTS.map(({ id }) => id))
    for (const { id } of INCIDENTS) {
      const response = await get(`/v1/incidents/${id}`)
      expect(response.statusCode).toBe(200)
      expect(incidentFacts.parse(response.json().data).id).toBe(id)
    }
  })

  it('answers others while one runs: a question that came later is answered first', async () => {
    const answered: string[] = []
    const note = (name: string) => (response: { readonly statusCode: number }) => {
      answered.push(`${name} ${response.statusCode}`)
    }
    // One simulation, a second or so: nothing could come between two of them.
    const body = { counterfactuals: false }
    const run = post('/v1/incidents/2020-03-12-black-thursday/run', body).then(note('incident'))
    // The server has it before the other one comes.
    await new Promise((resolve) => setTimeout(resolve, 20))
    await Promise.all([run, get('/v1/totals').then(note('totals'))])
    expect(answered).toEqual(['totals 200', 'incident 200'])
  })

  it('runs one with a rule changed, gives what the library gives, and the command that repeats it', async () => {
    const url = '/v1/incidents/2026-03-10-wsteth-cap/run'
    const response = await post(url, { with: { guard: 0.02 }, seed: 3, counterfactuals: false })
    expect(response.statusCode).toBe(200)
    const { data, provenance } = response.json()
    const run = runIncident('2026-03-10-wsteth-cap', { change: { guard: 0.02 }, seed: 3, counterfactuals: false })
    expect(incidentRun.parse(data)).toEqual(JSON.parse(JSON.stringify(run)))
    expect(provenance).toMatchObject({ kind: 'computed', sources: ['simulated'] })
    expect(provenance.command).toBe(
      'breakwater incident run 2026-03-10-wsteth-cap --with guard=0.02 --seed 3 --no-counterfactuals --json',
    )
  })

  it('says of figures that need data what they need, and leaves their numbers out', async () => {
    const { data } = (await post('/v1/incidents/2025-10-10-adl-waves/run', {})).json()
    const run = incidentRun.parse(data)
    expect(run.missing).toHaveLength(2)
    expect(run.figures.every(({ verdict, model }) => verdict === 'needs-data' && model === undefined)).toBe(true)
  })

  it('refuses what there is not', async () => {
    expect((await get('/v1/incidents/none')).statusCode).toBe(404)
    const wrong = await post('/v1/incidents/2026-03-10-wsteth-cap/run', { with: { guard: 7 } })
    expect(wrong.statusCode).toBe(400)
    expect(wrong.json()).toMatchObject({ code: 'bad-scenario', detail: expect.stringContaining('between 0 and 1') })
    expect((await post('/v1/incidents/2026-03-10-wsteth-cap/run', { guard: 0.5 })).statusCode).toBe(400)
  })
})
