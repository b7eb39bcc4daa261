/** The answers over a small store: provenance, paging, refusals, records with and without the shipped table. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DayFigures } from '../analytics/index.ts'
import { canonical, DAY, HOUR, type MarketEvent, prng, type UnixMs } from '../model/index.ts'
import {
  coverageAnswer,
  fundingAnswer,
  historyAnswer,
  largestAnswer,
  liquidationsAnswer,
  oiAnswer,
  totalsAnswer,
  venuesAnswer,
} from './answers.ts'
import type { AnswerContext, ShippedRecord } from './context.ts'
import { memoryStore } from './memory.ts'
import { recordsAnswer, reportAnswer } from './record-answers.ts'
import { randomLiquidation, SAMPLE_TIME } from './sample.ts'

const now = (SAMPLE_TIME + 3 * DAY) as UnixMs
const random = prng('answers')
const EVENTS = Array.from({ length: 250 }, (_, i) => randomLiquidation(random, `e${i}`, i % 3 ? 'bybit' : 'okx'))
let context: AnswerContext
beforeEach(async () => {
  context = { store: memoryStore(), now, silent: ['okx'], shipped: [] }
  await context.store.append(EVENTS)
})

const ANSWERS = {
  totalsAnswer,
  historyAnswer,
  liquidationsAnswer,
  largestAnswer,
  recordsAnswer,
  reportAnswer,
  coverageAnswer,
  venuesAnswer,
  oiAnswer,
  fundingAnswer,
}

describe('every answer', () => {
  it.each(
    Object.entries(ANSWERS),
  )('%s hashes its data, names its command and refuses unknown words', async (_, ask) => {
    const { data, provenance } = await ask(context, {})
    expect(provenance.hash).toBe(createHash('sha256').update(canonical(data)).digest('hex'))
    expect(provenance.command).toMatch(/^breakwater (totals|export|largest|worst|report|coverage)( |$)/)
    expect(provenance.asOf).toBe(new Date(now).toISOString())
    await expect(ask(context, { colour: 'red' })).rejects.toMatchObject({ code: 'bad-query' })
  })
  it('gives the same data for its command tomorrow', async () => {
    const today = await totalsAnswer(context, { window: '12h' })
    expect(today.provenance.command).toBe(`breakwater totals --window 12h --at ${new Date(now).toISOString()}`)
    const tomorrow = { ...context, now: (now + DAY) as UnixMs, silent: [] }
    const again = await totalsAnswer(tomorrow, { window: '12h', at: new Date(now).toISOString() })
    expect(again.data.usd).toBe(today.data.usd)
    expect(again.data.window).toEqual(today.data.window)
  })
})

describe('totals', () => {
  it('agree with the events, their series and their groups', async () => {
    const { data } = await totalsAnswer(context, { window: '7d', by: 'coin,side' })
    const known = EVENTS.flatMap((event) => ('usd' in event && event.usd !== undefined ? [event.usd] : []))
    expect(data.events).toBe(EVENTS.length)
    expect(data.unpriced).toBe(EVENTS.length - known.length)
    expect(data.usd).toBeCloseTo(
      known.reduce((sum, usd) => sum + usd, 0),
      2,
    )
    expect(data.groups.reduce((sum, group) => sum + group.events, 0)).toBe(data.events)
    expect(data.method).toBe('sum-notional v1 + sum-by-repaid v1')
    const series = await historyAnswer(context, { window: '7d', interval: 'hour' })
    expect(series.data.reduce((sum, point) => sum + point.events, 0)).toBe(data.events)
    const largest = await largestAnswer(context, { window: '7d', limit: '1' })
    expect(largest.data[0]).toEqual(data.largest)
  })
  it('are lower bounds while a feed is silent or holds back', async () => {
    const { data, provenance } = await totalsAnswer(context, { window: '24h' })
    expect(data).toMatchObject({ bound: '≥', countBound: '≥' })
    expect(provenance).toMatchObject({ bound: '≥', silent: ['okx'] })
    expect(data.coverage.reasons.join()).toMatch(/OKX is silent now/)
  })
  it('lose the time of a gap from their coverage', async () => {
    const gap: MarketEvent = {
      id: 'gap',
      venue: 'bybit',
      time: (now - 6 * HOUR) as UnixMs,
      received: now,
      source: 'live',
      type: 'gap',
      channel: 'liquidations',
      from: (now - 6 * HOUR) as UnixMs,
      to: now,
      why: 'closed 1006',
    }
    const before = await coverageAnswer(context, { window: '24h', venue: 'bybit' })
    await context.store.append([gap])
    const after = await coverageAnswer(context, { window: '24h', venue: 'bybit' })
    expect(before.data.share - after.data.share).toBeCloseTo(0.25, 9)
  })
})

describe('pages', () => {
  it.each(['asc', 'desc'])('give every event once, %s', async (order) => {
    const seen: MarketEvent[] = []
    let cursor: string | undefined
    do {
      const { data } = await liquidationsAnswer(context, { window: '7d', limit: '37', order, cursor })
      seen.push(...data.events)
      cursor = data.next
    } while (cursor !== undefined)
    const sorted = [...EVENTS].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
    expect(seen.map(({ id }) => id)).toEqual(order === 'asc' ? sorted : sorted.reverse())
  })
  it.each(['x', '', '!!!', Buffer.from('12 a').toString('base64url')])('refuse the cursor %j', async (cursor) => {
    await expect(liquidationsAnswer(context, { cursor })).rejects.toMatchObject({ code: 'bad-cursor' })
  })
  it.each([{ limit: '0' }, { limit: '1001' }, { order: 'up' }, { minUsd: 'lots' }])('refuse %j', async (params) => {
    await expect(liquidationsAnswer(context, params)).rejects.toMatchObject({ code: 'bad-query' })
  })
})

describe('records', () => {
  const figures = (day: string, usd: number): DayFigures => ({
    day,
    usd,
    events: 1,
    unpriced: 0,
    accounts: 1,
    largest: { usd },
    bound: '=',
  })
  const shipped: ShippedRecord = {
    venue: 'aave-v2',
    kind: 'loan',
    from: 'public events',
    method: 'sum-by-repaid v1',
    days: [figures('2021-05-18', 5), figures('2021-05-19', 100)],
  }
  it('work on an empty store with the shipped table, and say so', async () => {
    const fresh = { ...context, store: memoryStore(), shipped: [shipped] }
    const { data, provenance } = await recordsAnswer(fresh, {})
    expect(data.days.map(({ day }) => day)).toEqual(['2021-05-19', '2021-05-18'])
    expect(data.scope).toMatch(/daily table that ships with the program \(public events\)/)
    expect(provenance.sources).toEqual(['recorded'])
  })
  it('never mix the shipped table into another scope', async () => {
    const rich = { ...context, shipped: [shipped] }
    expect((await recordsAnswer(rich, {})).data.scope).not.toMatch(/ships/)
    expect((await recordsAnswer(rich, { src: 'okx' })).data.scope).not.toMatch(/ships/)
    expect((await recordsAnswer(rich, { src: 'aave-v2', coin: 'ETH' })).data.days).toEqual([])
    expect((await recordsAnswer(rich, { src: 'aave-v2' })).data.daysWithEvents).toBe(2)
  })
  it('let a day of the store win over the shipped one', async () => {
    const store = memoryStore()
    const time = Date.UTC(2021, 4, 19, 12) as UnixMs
    const leg = { asset: 'DAI' }
    await store.append([
      {
        id: 'own',
        venue: 'aave-v2',
        time,
        received: time,
        source: 'live',
        type: 'loan-liquidation',
        protocol: 'aave-v2',
        market: '',
        account: 'a',
        repaid: leg,
        seized: leg,
        usd: 7,
      },
    ])
    const { data } = await recordsAnswer({ ...context, store, shipped: [shipped] }, { src: 'aave-v2' })
    expect(data.days.map(({ day, usd }) => [day, usd])).toEqual([
      ['2021-05-19', 7],
      ['2021-05-18', 5],
    ])
  })
  it('are lower bounds on days with a gap, on the first day of a feed and on the day that is not over', async () => {
    const store = memoryStore()
    const start = Date.UTC(2026, 0, 1)
    const at = (day: number) => (start + day * DAY + HOUR) as UnixMs
    const stamp = (day: number) => ({ venue: 'bybit', time: at(day), received: at(day), source: 'live' as const })
    const sold = { type: 'perp-liquidation', instrument: 'B', coin: 'B', side: 'long', size: 1, price: 1 } as const
    await store.append([
      ...[0, 1, 2, 3, 4].map((day) => ({ ...stamp(day), ...sold, id: `d${day}`, usd: 1, priceKind: 'fill' as const })),
      { ...stamp(2), id: 'g', type: 'gap', channel: 'liquidations', from: at(2), to: (at(2) + 1) as UnixMs, why: 'x' },
    ])
    const { data } = await recordsAnswer({ ...context, store, now: (at(4) + 1) as UnixMs }, { order: 'recent' })
    expect(data.days.map(({ bound }) => bound)).toEqual(['≥', '=', '≥', '=', '≥'])
  })
  it('are bounded by from and to, as one could have known them then', async () => {
    const fresh = { ...context, store: memoryStore(), shipped: [shipped] }
    expect((await recordsAnswer(fresh, { to: '2021-05-19' })).data.days.map(({ day }) => day)).toEqual(['2021-05-18'])
    expect((await recordsAnswer(fresh, { from: '2021-05-19' })).data.days.map(({ day }) => day)).toEqual(['2021-05-19'])
    expect((await recordsAnswer(fresh, { at: '2021-05-18' })).data.days).toMatchObject([{ rank: 2, ofDays: 2 }])
    await expect(recordsAnswer(fresh, { by: 'hour' })).rejects.toMatchObject({ code: 'bad-query' })
  })
})

describe('the report', () => {
  it('has a record only for a whole day', async () => {
    expect((await reportAnswer(context, { at: '2021-05-20' })).data.record).toMatchObject({ day: '2021-05-20' })
    expect((await reportAnswer(context, { window: '4h' })).data.record).toBeUndefined()
  })
})
