/** A total and its groups, over random events and the definition of the question. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MarketEvent, UnixMs } from '../model/index.ts'
import { aggregateEvents } from './aggregate.ts'
import type { CoverageSummary } from './answers.ts'
import type { GroupKey } from './question.ts'
import { methodOf, totalsOf } from './totals.ts'

const coverage: CoverageSummary = { share: 1, bound: '=', venues: [], silent: [], without: [], reasons: [] }
const window = { from: 1_600_000_000_000 as UnixMs, to: 1_600_100_000_000 as UnixMs }
const event = fc
  .record({
    coin: fc.constantFrom('BTC', 'ETH', 'SOL'),
    venue: fc.constantFrom('bybit', 'hyperliquid'),
    side: fc.constantFrom('long' as const, 'short' as const, undefined),
    usd: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
    at: fc.integer({ min: 0, max: 99_999_999 }),
    account: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  })
  .map(({ at, ...rest }) => ({ ...rest, time: (window.from + at) as UnixMs }))
const events = fc.array(event, { maxLength: 60 }).map((list) =>
  list.map(
    (fields, i): MarketEvent => ({
      ...fields,
      id: String(i),
      received: fields.time,
      source: 'live',
      type: 'perp-liquidation',
      instrument: `${fields.coin}USDT`,
      size: 1,
      price: 1,
      priceKind: 'fill',
    }),
  ),
)

function total(list: readonly MarketEvent[], by: readonly GroupKey[], more: Partial<CoverageSummary> = {}) {
  const [whole] = aggregateEvents(list, { where: {}, by: [] })
  const largest = list.find(({ id }) => id === whole?.largest?.id)
  const groups = aggregateEvents(list, { where: {}, by })
  return totalsOf({ window, filter: {}, whole, kinds: ['perp'], groups, largest, coverage: { ...coverage, ...more } })
}

describe('a total', () => {
  it('is the sum of its groups and of its sides', () => {
    const keys = fc.constantFrom<GroupKey>('coin', 'venue', 'side', 'hour', 'source')
    fc.assert(
      fc.property(events, fc.uniqueArray(keys, { minLength: 1 }), (list, by) => {
        const { groups, usd, events: count, unpriced, long, short, unknownSide } = total(list, by)
        const sum = (of: (group: (typeof groups)[number]) => number) =>
          groups.reduce((all, group) => all + of(group), 0)
        expect(sum((group) => group.usd)).toBe(usd)
        expect(sum((group) => group.events)).toBe(count)
        expect(sum((group) => group.unpriced)).toBe(unpriced)
        expect(long.usd + short.usd + unknownSide.usd).toBe(usd)
        expect(long.events + short.events + unknownSide.events).toBe(count)
        if (usd > 0) expect(sum((group) => group.share ?? 0)).toBeCloseTo(1, 9)
      }),
    )
  })
  it('does not know what nobody said', () => {
    const none = total([], ['coin'])
    expect(none).toMatchObject({
      usd: 0,
      events: 0,
      accounts: undefined,
      accountsComplete: false,
      longShare: undefined,
    })
    expect(none.largest).toBeUndefined()
    expect(none.groups).toEqual([])
  })
  it('counts exactly what it cannot price', () => {
    const reasons = ['2 events of unknown dollar value: counted, not summed']
    expect(total([], [], { bound: '≥', reasons })).toMatchObject({ bound: '≥', countBound: '=' })
    expect(total([], [], { bound: '≥', reasons: [...reasons, 'okx is silent now'] })).toMatchObject({ countBound: '≥' })
  })
  it('names how it summed', () => {
    expect([methodOf(['perp']), methodOf(['loan']), methodOf(['loan', 'perp']), methodOf([])]).toEqual([
      'sum-notional v1',
      'sum-by-repaid v1',
      'sum-notional v1 + sum-by-repaid v1',
      'sum v1',
    ])
  })
})
