import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { policyAt } from './venue.ts'
import { bingx, kucoin, mexc, pacifica } from './without-feed.ts'

describe('venues without a feed', () => {
  it('say so, ask for nothing and refuse what is not theirs', () => {
    const instruments = new Map()
    const raw = { received: 1_700_000_000_000 as UnixMs, text: '{}' }
    for (const venue of [kucoin, mexc, bingx, pacifica]) {
      expect(policyAt(venue, 'liquidations', raw.received)).toEqual({ kind: 'none' })
      expect(venue.plan({ channels: ['liquidations'], instruments })).toEqual([])
      expect(venue.decoder({ instruments })(raw)).toMatchObject([{ type: 'refused' }])
      expect(venue.page).toMatch(/^https:/)
    }
  })
})
