import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prng } from '../../model/index.ts'
import type { Trigger } from './line.ts'
import { isTriggered, plainNewlyTriggered } from './plain.ts'
import { triggerIndex } from './trigger-index.ts'

const PLACES = 24

/** What happens to an index: a position comes or changes, one goes, the mark moves. Prices cluster, so that many stand on the mark exactly. */
const price = fc.oneof(
  fc.integer({ min: 95, max: 105 }),
  fc.double({ min: 99.9, max: 100.1, noNaN: true }),
  fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
)
const triggerPrice = fc.oneof(price, price, price, fc.constantFrom(0, Number.POSITIVE_INFINITY))
const step = fc.oneof(
  fc.record({
    id: fc.nat(PLACES - 1),
    trigger: fc.record({ side: fc.constantFrom('long' as const, 'short' as const), price: triggerPrice }),
  }),
  fc.record({ id: fc.nat(PLACES - 1) }),
  fc.record({ mark: price }),
)

describe('the index of trigger prices', () => {
  it('names on every tick exactly those whom the plain twin names, changes interleaved', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const index = triggerIndex(PLACES, 100)
        const twin: (Trigger | undefined)[] = new Array(PLACES).fill(undefined)
        for (const one of steps) {
          if ('mark' in one) {
            const expected = plainNewlyTriggered(twin, index.mark, one.mark)
            const count = index.tick(one.mark)
            expect([...index.hits.subarray(0, count)].sort((a, b) => a - b)).toEqual(expected)
          } else if ('trigger' in one) {
            expect(index.set(one.id, one.trigger)).toBe(isTriggered(one.trigger, index.mark))
            twin[one.id] = one.trigger
          } else {
            index.remove(one.id)
            twin[one.id] = undefined
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('agrees over a long walk of thousands of positions in which the liquidated are replaced', () => {
    const chance = prng('trigger walk')
    const index = triggerIndex(3000, 60_000)
    const twin: (Trigger | undefined)[] = []
    let mark = 60_000
    let found = 0
    const open = (id: number) => {
      const away = 0.001 + 0.1 * chance.next()
      const side = chance.next() < 0.5 ? ('long' as const) : ('short' as const)
      twin[id] = { side, price: mark * (side === 'long' ? 1 - away : 1 + away) }
      index.set(id, twin[id])
    }
    for (let id = 0; id < 3000; id++) open(id)
    for (let tick = 0; tick < 2000; tick++) {
      mark *= 1 + 0.003 * chance.normal()
      const expected = plainNewlyTriggered(twin, index.mark, mark)
      const count = index.tick(mark)
      const hits = [...index.hits.subarray(0, count)].sort((a, b) => a - b)
      expect(hits).toEqual(expected)
      for (const id of hits) open(id)
      found += count
    }
    expect(found).toBeGreaterThan(2000)
  })
})
