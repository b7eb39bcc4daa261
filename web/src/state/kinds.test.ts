import { describe, expect, it } from 'vitest'
import { kindsOf } from './kinds.ts'

describe('the kind of data', () => {
  it('is live only while the program hears venues and the view follows the present', () => {
    const sources = ['live'] as const
    expect(kindsOf({ sources, mode: 'live', moving: true })).toEqual(['live'])
    expect(kindsOf({ sources, mode: 'live', moving: false })).toEqual(['recorded'])
    for (const mode of ['offline', 'recorded', 'simulated', undefined] as const)
      expect(kindsOf({ sources, mode, moving: true }), String(mode)).toEqual(['recorded'])
  })

  it('is told by the rows where there are any, each kind once', () => {
    expect(kindsOf({ sources: ['simulated'], mode: 'live', moving: true })).toEqual(['simulated'])
    expect(kindsOf({ sources: ['live', 'recorded'], mode: 'offline', moving: true })).toEqual(['recorded'])
    expect(kindsOf({ sources: ['live', 'recorded'], mode: 'live', moving: true })).toEqual(['live', 'recorded'])
  })

  it('is told by the program where there are no rows', () => {
    const of = (mode: 'live' | 'simulated' | 'offline', moving = true) => kindsOf({ sources: [], mode, moving })
    expect([of('live'), of('live', false), of('simulated'), of('offline')]).toEqual([
      ['live'],
      ['recorded'],
      ['simulated'],
      ['recorded'],
    ])
  })
})
