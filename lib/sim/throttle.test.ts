import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shownOf, THROTTLES, type Throttled, throttle, throttleOf } from './throttle.ts'

const histories = fc
  .array(
    fc.record({
      symbol: fc.constantFrom('A', 'B', 'C'),
      gap: fc.integer({ min: 0, max: 900 }),
      value: fc.integer({ min: 1, max: 1_000_000 }),
    }),
    { maxLength: 200 },
  )
  .map((drawn) => {
    let time = 1_000
    return drawn.map(({ symbol, gap, value }) => {
      time += gap
      return { symbol, time, value }
    })
  })

const shown = (events: readonly Throttled[], rule: 'all' | 'latest' | 'largest') => {
  const feed = throttle(THROTTLES[rule])
  return [...events.flatMap((event) => feed.push(event)), ...feed.flush()]
}

describe('a throttled feed', () => {
  it('shows one per symbol and second: the latest or the largest, each once, in order of time', () => {
    fc.assert(
      fc.property(histories, (events) => {
        expect(shown(events, 'all')).toEqual(events)
        for (const rule of ['latest', 'largest'] as const) {
          const got = shown(events, rule)
          const windows = new Map<string, Throttled[]>()
          for (const event of events) {
            const key = `${event.symbol} ${Math.floor(event.time / 1_000)}`
            windows.set(key, [...(windows.get(key) ?? []), event])
          }
          expect(got).toHaveLength(windows.size)
          expect(got.map(({ time }) => time)).toEqual(got.map(({ time }) => time).sort((a, b) => a - b))
          for (const one of got) {
            const rivals = windows.get(`${one.symbol} ${Math.floor(one.time / 1_000)}`) ?? []
            if (rule === 'latest') expect(one).toBe(rivals.at(-1))
            else expect(one.value).toBe(Math.max(...rivals.map(({ value }) => value)))
          }
        }
      }),
      { seed: 8, numRuns: 300 },
    )
  })

  it('shows at most 162 of the 11,279 liquidations of one instant in 162 symbols', () => {
    const events = Array.from({ length: 11_279 }, (_, at) => ({ symbol: `S${at % 162}`, time: 5, value: 1 }))
    expect(shownOf(events, THROTTLES.largest)).toMatchObject({
      events: 11_279,
      shownEvents: 162,
      shareOfValue: 162 / 11_279,
    })
    expect(shownOf([], THROTTLES.latest)).toMatchObject({ events: 0, shareOfEvents: 1, shareOfValue: 1 })
  })

  it('knows which throttle a feed had on a day', () => {
    expect(throttleOf('binance', '2021-04-26').shows).toBe('all')
    expect(throttleOf('binance', '2025-10-10').shows).toBe('latest')
    expect(throttleOf('binance', '2026-04-10').shows).toBe('largest')
    expect(throttleOf('hyperliquid', '2025-10-10').shows).toBe('all')
    const both = [
      { symbol: 'A', side: 'long', time: 0, value: 1 },
      { symbol: 'A', side: 'short', time: 1, value: 2 },
      { symbol: 'A', side: 'long', time: 2, value: 3 },
    ] as const
    expect(shownOf(both, throttleOf('bitget', '2026-01-01'))).toMatchObject({ shownEvents: 2, shownValue: 5 })
  })

  it('refuses time that runs backwards', () => {
    const feed = throttle(THROTTLES.latest)
    feed.push({ symbol: 'A', time: 2, value: 1 })
    expect(() => feed.push({ symbol: 'A', time: 1, value: 1 })).toThrow(/came after/)
  })
})
