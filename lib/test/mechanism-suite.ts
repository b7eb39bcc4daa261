/** The conformance suite over every registered mechanism, as tests: a small run with one seed, a large one with another seed for each commit. */
import { describe, expect, it } from 'vitest'
import { MECHANISMS } from '../mechanisms/index.ts'

/** `least`: how often each promise must have been put to the test, so that none is kept by never being tried. */
export function describeMechanisms(options: {
  readonly seed: string | number
  readonly worlds: number
  readonly steps: number
  readonly least: number
  /** Bad debt is rare: a small run may see none. */
  readonly leastBadDebts: number
}): void {
  const { least, leastBadDebts, ...run } = options
  describe(`every mechanism, seed ${run.seed}`, () => {
    it.each(MECHANISMS.map((one) => [one.id, one] as const))('%s keeps its promises', (_id, {
      conforms,
      untried = {},
    }) => {
      const report = conforms(run)
      expect(report.broken).toEqual([])
      expect(report.completed).toBeGreaterThan(run.worlds * 8)
      expect(report.refused).toBeGreaterThan(0)
      for (const key of ['offers', 'healthyAttacked', 'badDebts', 'lines'] as const)
        if (untried[key] === undefined)
          expect(report[key], key).toBeGreaterThanOrEqual(key === 'badDebts' ? leastBadDebts : least)
    })

    it('has an id of its own', () => {
      expect(new Set(MECHANISMS.map(({ id }) => id)).size).toBe(MECHANISMS.length)
      expect(MECHANISMS.map(({ id }) => id)).toEqual(MECHANISMS.map(({ id }) => id).sort())
    })
  })
}
