/** What the stream is told: news, once. */
import { expect, it } from 'vitest'
import type { MarketEvent, UnixMs } from '../model/index.ts'
import { newsFilter } from './up.ts'

it('tells an event once, and the past not at all', () => {
  const isNews = newsFilter({ now: () => 1_800_000_000_000 as UnixMs })
  const event = (id: string, age: number) => ({ id, received: 1_800_000_000_000 - age }) as MarketEvent
  expect(isNews(event('a', 10))).toBe(true)
  expect(isNews(event('a', 5))).toBe(false)
  expect(isNews(event('b', 3_600_000))).toBe(false)
  for (let i = 0; i < 100_001; i++) isNews(event(`x${i}`, 0))
  expect(isNews(event('x100000', 0))).toBe(false)
})
