import { expect, it } from 'vitest'
import { conformance } from '../conformance.ts'
import { venusCore, venusWorld } from './index.ts'

it('who owes one atom in a forced market is liquidatable and is said to owe', () => {
  const { broken, steps } = conformance(venusCore, venusWorld, {
    seed: '18576',
    worlds: 1,
    steps: 40,
    refusalAccrues: true,
  })
  expect(broken).toEqual([])
  expect(steps).toBe(40)
})
