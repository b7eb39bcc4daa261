import { describe, expect, it } from 'vitest'
import { MECHANISMS } from './registry.ts'

describe('every mechanism', () => {
  it.each(MECHANISMS.map((one) => [one.id, one] as const))('%s keeps its promises', (_id, {
    conforms,
    untried = {},
  }) => {
    const report = conforms({ seed: 1, worlds: 24, steps: 80 })
    expect(report.broken).toEqual([])
    expect(report.completed).toBeGreaterThan(300)
    expect(report.refused).toBeGreaterThan(0)
    // A promise that was never put to the test is no promise kept.
    for (const key of ['offers', 'healthyAttacked', 'badDebts', 'lines'] as const)
      if (untried[key] === undefined) expect(report[key], key).toBeGreaterThan(10)
  })

  it('has an id of its own', () => {
    expect(new Set(MECHANISMS.map(({ id }) => id)).size).toBe(MECHANISMS.length)
    expect(MECHANISMS.map(({ id }) => id)).toEqual(MECHANISMS.map(({ id }) => id).sort())
  })
})
