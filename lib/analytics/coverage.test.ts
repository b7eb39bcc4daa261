/** Coverage: dated policies, clipped and merged gaps, and every reason for a lower bound. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, type MarketEvent, type UnixMs } from '../model/index.ts'
import { venue } from '../venues/index.ts'
import { coverageOf, type HeardVenue, mergeSpans, policiesIn, policyBound } from './coverage.ts'

const from = Date.UTC(2025, 4, 1) as UnixMs
const window = { from, to: (from + DAY) as UnixMs }
const later = (from + 30 * DAY) as UnixMs
const heard = (id: string, more: Partial<HeardVenue> = {}): HeardVenue => ({
  venue: id,
  events: 5,
  sources: ['live'],
  lastEvent: (from + HOUR) as UnixMs,
  first: (from - DAY) as UnixMs,
  last: later,
  ...more,
})
const gap = (id: string, start: number, length: number, channel = 'liquidations'): MarketEvent => ({
  id: `${id}${start}`,
  venue: id,
  time: (from + start) as UnixMs,
  received: (from + start) as UnixMs,
  source: 'live',
  type: 'gap',
  channel,
  from: (from + start) as UnixMs,
  to: (from + start + length) as UnixMs,
  why: 'closed 1006',
})
const cover = (more: Partial<Parameters<typeof coverageOf>[0]>) =>
  coverageOf({
    window,
    heard: [heard('hyperliquid')],
    gaps: [],
    silent: [],
    now: later,
    unpriced: 0,
    kinds: ['loan'],
    ...more,
  })

describe('coverage', () => {
  it('is whole and exact where a complete feed was heard throughout', () => {
    expect(cover({ heard: [heard('bybit')] })).toMatchObject({ share: 1, bound: '=', reasons: [] })
  })
  it('falls by the deaf time inside the window, whatever the overlap', () => {
    const gaps = [gap('bybit', -HOUR, 2 * HOUR), gap('bybit', HOUR / 2, HOUR), gap('bybit', DAY - HOUR, 9 * HOUR)]
    const { share, bound, venues, reasons } = cover({ heard: [heard('bybit')], gaps })
    expect(share).toBeCloseTo(1 - 2.5 / 24, 12)
    expect(bound).toBe('≥')
    expect(venues[0]?.gaps).toHaveLength(2)
    expect(reasons).toEqual(['Bybit was not heard for 3 h in 2 gaps'])
  })
  it('does not count the gaps of other venues, channels and times', () => {
    const gaps = [
      gap('okx', HOUR, HOUR),
      gap('bybit', HOUR, HOUR, 'funding'),
      gap('bybit', DAY, HOUR),
      gap('bybit', -HOUR, HOUR),
    ]
    expect(cover({ heard: [heard('bybit')], gaps })).toMatchObject({ share: 1, bound: '=' })
  })
  it('merges spans to what is deaf at all', () => {
    const span = fc.tuple(fc.integer({ min: -50, max: 150 }), fc.integer({ min: 1, max: 40 }))
    fc.assert(
      fc.property(fc.array(span, { maxLength: 20 }), (list) => {
        const inside = { from: 0 as UnixMs, to: 100 as UnixMs }
        const spans = list.map(([start, length]) => ({
          from: start as UnixMs,
          to: (start + length) as UnixMs,
          why: 'x',
        }))
        const deaf = new Set<number>()
        for (const { from: a, to: b } of spans) for (let t = Math.max(0, a); t < Math.min(100, b); t++) deaf.add(t)
        const merged = mergeSpans(spans, inside)
        expect(merged.reduce((sum, { from: a, to: b }) => sum + b - a, 0)).toBe(deaf.size)
        for (let i = 1; i < merged.length; i++) expect(merged[i]?.from).toBeGreaterThan(merged[i - 1]?.to as number)
      }),
    )
  })
  it('adds known losses and joins reasons of spans that touch', () => {
    const spans = [
      { from: 10 as UnixMs, to: 20 as UnixMs, why: 'closed', lost: 2 },
      { from: 15 as UnixMs, to: 30 as UnixMs, why: 'silent', lost: 3 },
      { from: 30 as UnixMs, to: 31 as UnixMs, why: 'silent' },
    ]
    expect(mergeSpans(spans, window)).toEqual([])
    expect(mergeSpans(spans, { from: 0 as UnixMs, to: 99 as UnixMs })).toEqual([
      { from: 10, to: 31, why: 'closed; silent', lost: 5 },
    ])
  })
  it('takes the policy of the day: Bybit was sampled until 2025-02-20', () => {
    const day = (text: string) => ({ from: Date.parse(text) as UnixMs, to: (Date.parse(text) + DAY) as UnixMs })
    expect(policyBound('bybit', day('2025-02-19'))).toBe('≥')
    expect(policyBound('bybit', day('2025-02-20'))).toBe('=')
    expect(policyBound('sim:bybit', day('2025-02-20'))).toBe('=')
    const across = { from: Date.parse('2025-02-19') as UnixMs, to: Date.parse('2025-02-22') as UnixMs }
    expect(policiesIn(venue('bybit'), across)).toHaveLength(2)
    expect(policyBound('bybit', across)).toBe('≥')
    const sampled = cover({ heard: [heard('okx')] })
    expect(sampled.bound).toBe('≥')
    expect(sampled.reasons[0]).toMatch(/OKX publishes at most one order/)
  })
  it('is a lower bound with unpriced events, with a silent feed, and without any feed', () => {
    const complete = [heard('bybit')]
    expect(cover({ heard: complete, unpriced: 1 }).reasons).toEqual([
      '1 event of unknown dollar value: counted, not summed',
    ])
    const now = window.to
    expect(cover({ heard: complete, silent: ['bybit', 'okx'], now })).toMatchObject({ silent: ['bybit'], bound: '≥' })
    expect(cover({ heard: complete, silent: ['bybit'] })).toMatchObject({ silent: [], bound: '=' })
    expect(cover({ heard: [] })).toMatchObject({ share: 0, bound: '≥', reasons: ['nothing was heard in this window'] })
    const perps = cover({ heard: complete, kinds: undefined })
    expect(perps.without).toContain('kucoin')
    expect(perps.bound).toBe('≥')
  })
  it('does not vouch for the time before the first and after the last record', () => {
    const first = (from + 6 * HOUR) as UnixMs
    expect(cover({ heard: [heard('bybit', { first })] }).share).toBeCloseTo(0.75, 12)
    // A recorded table speaks for whole days.
    const recorded = { sources: ['recorded'] as const, first, last: (from + 7 * HOUR) as UnixMs }
    expect(cover({ heard: [heard('bybit', recorded)] }).share).toBe(1)
    const wide = { from, to: (from + 2 * DAY) as UnixMs }
    expect(cover({ window: wide, heard: [heard('bybit', recorded)] })).toMatchObject({ share: 0.5, bound: '≥' })
    expect(cover({ heard: [heard('bybit', { last: first })], now: (from + 18 * HOUR) as UnixMs }).share).toBeCloseTo(
      0.75,
      12,
    )
  })
})
