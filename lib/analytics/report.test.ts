/** The article: every sentence on a receipt, simulated events labelled, nothing said that is not known. */
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, type MarketEvent, type Source, type UnixMs } from '../model/index.ts'
import { aggregateEvents } from './aggregate.ts'
import type { CoverageSummary, DayRecord } from './answers.ts'
import { reportOf, withoutReceipts } from './report.ts'
import { pointOf, totalsOf } from './totals.ts'

const from = Date.UTC(2026, 0, 5) as UnixMs
const window = { from, to: (from + DAY) as UnixMs }
const event = (id: string, hour: number, usd: number | undefined, more: object = {}): MarketEvent => ({
  id,
  venue: 'bybit',
  time: (from + hour * HOUR) as UnixMs,
  received: (from + hour * HOUR) as UnixMs,
  source: 'live',
  type: 'perp-liquidation',
  instrument: 'BTCUSDT',
  coin: 'BTC',
  side: 'long',
  size: 1,
  price: 1,
  priceKind: 'bankruptcy',
  usd,
  ...more,
})
const EVENTS = [
  event('a', 3, 800_000),
  event('b', 4, 150_000, { side: 'short' }),
  event('c', 20, 50_000, { side: undefined }),
  event('d', 21, undefined),
]
const record: DayRecord = {
  day: '2026-01-05',
  usd: 1_000_000,
  bound: '≥',
  events: 4,
  unpriced: 1,
  accounts: undefined,
  largest: undefined,
  rank: 2,
  ofDays: 90,
  worstSince: { day: '2025-10-10', usd: 9_000_000 },
  previousRecord: { day: '2025-10-10', usd: 9_000_000, multiple: 1 / 9 },
  versus: { days: 30, mean: 100_000, median: 50_000, meanMultiple: 10, medianMultiple: 20 },
}

function write(
  events: readonly MarketEvent[],
  more: { sources?: readonly Source[]; record?: DayRecord; kinds?: readonly string[]; share?: number } = {},
) {
  const reasons = ['OKX is silent now']
  const { share = 0.83 } = more
  const coverage: CoverageSummary = { share, bound: '≥', venues: [], silent: ['okx'], without: [], reasons }
  const [whole] = aggregateEvents(events, { where: {}, by: [] })
  const largest = events.find(({ id }) => id === whole?.largest?.id)
  const totals = totalsOf({ window, filter: {}, whole, kinds: more.kinds ?? ['perp'], groups: [], largest, coverage })
  const hours = aggregateEvents(events, { where: {}, by: ['hour'] }).map((row) => pointOf(row, 'hour'))
  const { sources = ['live'] } = more
  return reportOf({
    totals,
    hours,
    record: more.record,
    recordBegins: '2025-10-01',
    sources,
    words: { at: '2026-01-05' },
  })
}

describe('a report', () => {
  it('says what is known, with bounds, rank, hours, sides, the largest and the scope', () => {
    const { headline, markdown, receipts } = write(EVENTS, { record })
    expect(headline).toMatch(/at least \$1\.00 M on 5 January 2026, the worst day since 10 October 2025/)
    expect(markdown).toMatch(/at least 4 liquidation orders/)
    expect(markdown).toMatch(/2nd worst of 90 days/)
    expect(markdown).toMatch(/10\.0× the mean day of the 30 days before \(\$100\.0 k\)/)
    expect(markdown).toMatch(/80 % of the dollars fell between 03:00 and 04:00 UTC/)
    expect(markdown).toMatch(/84 % of the dollars whose side is known were long positions/)
    expect(markdown).toMatch(/largest single order was \$800\.0 k on Bybit BTCUSDT, a long/)
    expect(markdown).toMatch(/OKX is silent now/)
    expect(receipts.map(({ id }) => id)).toEqual(receipts.map((_, i) => i + 1))
  })
  it('never speaks of traders or accounts where no id is known', () => {
    expect(write(EVENTS, { record }).markdown).not.toMatch(/trader|account|borrower/i)
    expect(write([event('a', 1, 5, { account: 'x' })]).markdown).toMatch(/of 1 account\b/)
  })
  it('says so where perps and loans are added up', () => {
    const leg = { asset: 'DAI' }
    const loan = event('l', 5, 7, { type: 'loan-liquidation', protocol: 'p', market: '', repaid: leg, seized: leg })
    expect(write([...EVENTS, loan], { kinds: ['loan', 'perp'] }).markdown).toMatch(/Perp positions and loans, added up/)
    expect(write([loan], { kinds: ['loan'] }).markdown).toMatch(/Liquidators repaid at least \$7 of debt/)
  })
  it('loses exactly the sentences whose receipt is taken away', () => {
    const report = write(EVENTS, { record })
    for (const { id } of report.receipts) {
      const rest = withoutReceipts(report, [id])
      expect(rest.sentences).toEqual(report.sentences.filter(({ receipts }) => !receipts.includes(id)))
      expect(rest.sentences.length).toBeLessThan(report.sentences.length)
      for (const { text } of report.sentences.filter(({ receipts }) => receipts.includes(id)))
        expect(rest.markdown).not.toContain(text)
    }
  })
  it('labels simulated events in the headline and in the scope', () => {
    const { headline, markdown, source } = write(EVENTS, { sources: ['simulated'] })
    expect(source).toBe('simulated')
    expect(headline.startsWith('SIMULATED. ')).toBe(true)
    expect(markdown).toMatch(/simulated events of no real market/)
    const mixed = write(EVENTS, { sources: ['live', 'simulated'] })
    expect(mixed.source).toBe('mixed')
    expect(mixed.headline).toMatch(/^PARTLY SIMULATED\. /)
  })
  it('writes of silence that nothing was heard', () => {
    const { headline, sentences } = write([])
    expect(headline).toBe('No liquidations were heard on 5 January 2026.')
    expect(sentences).toHaveLength(2)
  })
  it('does not call it silence when nobody listened', () => {
    expect(write([], { share: 0 }).headline).toMatch(/^Nobody was listening on 5 January 2026/)
  })
  it('does not claim a record without history', () => {
    const first = { ...record, worstSince: undefined, previousRecord: undefined, versus: undefined }
    expect(write(EVENTS, { record: first }).markdown).not.toMatch(/worst|previous record|mean day/)
  })
})
