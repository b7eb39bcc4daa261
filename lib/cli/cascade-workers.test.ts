import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { canonical, isBreakwaterError, prng } from '../model/index.ts'
import { exponentialImpact, monteCarloPlan, monteCarloSummary, parseScenario } from '../sim/index.ts'
import { pathsOnWorkers, scenarioOnWorker } from './cascade-workers.ts'

const chance = prng('workers')
const levels = Array.from({ length: 500 }, () => ({
  side: 'long' as const,
  price: 100 * (0.7 + 0.3 * chance.next()),
  quantity: chance.exponential(10),
}))
const plan = monteCarloPlan({
  ...{ levels, impact: exponentialImpact(1e-5), start: 100, shock: -0.05, steps: 200, seconds: 60, volatility: 0.1 },
  ...{ paths: 2_100, seed: 'workers' },
})
const scenario = parseScenario(readFileSync(new URL('../../docs/scenarios/dai-squeeze.json', import.meta.url), 'utf8'))

describe('workers', () => {
  it('give the same on one and two threads, and count what is done', async () => {
    const counted: number[] = []
    const one = monteCarloSummary(plan, await pathsOnWorkers(plan, 1, { onProgress: (done) => counted.push(done) }))
    expect(counted[counted.length - 1]).toBe(2_100)
    expect(one).toMatchObject({ partial: false, paths: 2_100 })
    expect(canonical(monteCarloSummary(plan, await pathsOnWorkers(plan, 2)))).toBe(canonical(one))
  })

  it('stopped in the middle give what is finished, labelled', async () => {
    const stop = new AbortController()
    const many = { ...plan, paths: 5_000_000 }
    const chunks = await pathsOnWorkers(many, 2, {
      signal: stop.signal,
      onProgress: (done) => done >= 1_000 && stop.abort(),
    })
    const some = monteCarloSummary(many, chunks)
    expect(some?.partial).toBe(true)
    expect(some?.asked).toBe(5_000_000)
    expect(some?.paths).toBeGreaterThanOrEqual(1_000)
  })

  it('run a scenario as this thread would, stop it after the step it is at, and hand its refusal through', async () => {
    const whole = await scenarioOnWorker(scenario, new Map())
    expect(whole.summary.finished).toBe(true)
    expect(whole.rows).toHaveLength(scenario.steps + 1)
    expect(new Set(whole.facts.map(({ venue }) => venue))).toEqual(new Set(['sim:vaults', 'sim:staked']))
    const stop = new AbortController()
    stop.abort()
    const none = await scenarioOnWorker(scenario, new Map(), { signal: stop.signal })
    expect(none.summary).toMatchObject({ finished: false, steps: 1 })
    const bad = {
      ...scenario,
      rooms: scenario.rooms.map((room) => ({ ...room, params: { ...room.params, liquidationRatio: 4 } })),
    }
    await expect(scenarioOnWorker({ ...bad, rooms: bad.rooms.slice(0, 1) }, new Map())).rejects.toSatisfy(
      (error) =>
        isBreakwaterError(error) && error.code === 'bad-scenario' && /rooms\[0\] cannot be/.test(error.message),
    )
  })
})
