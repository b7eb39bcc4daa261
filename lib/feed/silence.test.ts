import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND, type UnixMs } from '../model/index.ts'
import { backoffMs } from './backoff.ts'
import { whyUnreachable } from './reach.ts'
import { watchSilence } from './silence.ts'
import { openSkew } from './skew.ts'

const start = 1_760_000_000_000
const at = (ms: number) => (start + ms) as UnixMs

describe('connected but silent', () => {
  it('is found by a venue’s own habit, and ends with the next event', () => {
    const silence = watchSilence()
    silence.opened('a', at(0))
    for (let n = 0; n < 100; n++) silence.heard('a', at(n * 2 * SECOND), 1)
    expect(silence.why('a', at(200 * SECOND + 4 * MINUTE))).toBeUndefined()
    expect(silence.why('a', at(200 * SECOND + 6 * MINUTE))).toBe('No liquidations in 6 min; normal is 30 a minute')
    silence.heard('a', at(210 * SECOND + 6 * MINUTE), 1)
    expect(silence.why('a', at(211 * SECOND + 6 * MINUTE))).toBeUndefined()
  })

  it('is not said of a venue that is slow by habit', () => {
    const silence = watchSilence()
    silence.opened('slow', at(0))
    for (let n = 0; n < 30; n++) silence.heard('slow', at(n * 4 * MINUTE), 1)
    expect(silence.why('slow', at(30 * 4 * MINUTE + 60 * MINUTE))).toBeUndefined()
  })

  it('is found by comparing venues: others burst, this one says nothing', () => {
    const silence = watchSilence()
    for (const venue of ['a', 'b', 'c']) silence.opened(venue, at(0))
    for (let n = 0; n < 60; n++) silence.heard('a', at(n * SECOND), 1)
    const later = 60 * SECOND + 3 * MINUTE
    expect(silence.why('a', at(later))).toBeUndefined()
    for (const venue of ['b', 'c']) silence.heard(venue, at(later - SECOND), 20)
    expect(silence.why('a', at(later))).toMatch(/^No liquidations in 3 min while 2 other venues burst/)
    expect(silence.why('b', at(later))).toBeUndefined()
  })

  it('is found in a venue that never said anything while the others said much', () => {
    const silence = watchSilence()
    for (const venue of ['dead', 'b', 'c']) silence.opened(venue, at(0))
    for (let n = 0; n < 12; n++) for (const venue of ['b', 'c']) silence.heard(venue, at(n * MINUTE), 10)
    expect(silence.why('dead', at(9 * MINUTE))).toBeUndefined()
    expect(silence.why('dead', at(12 * MINUTE))).toBe('No liquidations since it was opened 12 min ago; 2 other venues reported 240') // biome-ignore format: one sentence
    silence.opened('dead', at(12 * MINUTE))
    expect(silence.why('dead', at(12 * MINUTE + SECOND))).toBeUndefined()
  })
})

describe('the small parts of a connection', () => {
  it('backoff doubles up to its bound and jitters within half of it', () => {
    const bounds = { firstMs: 500, mostMs: 60_000 }
    expect([0, 1, 2, 20].map((attempt) => backoffMs(bounds, attempt, () => 0))).toEqual([250, 500, 1000, 30_000])
    expect([0, 1, 2, 20].map((attempt) => backoffMs(bounds, attempt, () => 1))).toEqual([500, 1000, 2000, 60_000])
  })

  it('skew is the median of send times against receipt', () => {
    const skew = openSkew()
    const frames = ['{"e":"forceOrder","E":%}', '{"op":"ping","ts":"%"}', '{"topic":"x","ts":%,"data":[]}']
    for (const [n, frame] of frames.entries()) {
      expect(skew.median()).toBeUndefined()
      skew.hear(frame.replace('%', String(start + n * 2000 - 40 * (n + 1))), at(n * 2000))
    }
    expect(skew.median()).toBe(-80)
    skew.hear('{"no":"time"}', at(99_000))
    expect(skew.median()).toBe(-80)
  })

  it('says why a venue could not be reached', () => {
    const failed = (code: string, more = {}) => Object.assign(new Error('x'), { code, ...more })
    expect(whyUnreachable(failed('ENOTFOUND', { hostname: 'fstream.binance.com' }))).toMatch(/^DNS: the name fstream\.binance\.com/) // biome-ignore format: one line
    expect(whyUnreachable(new TypeError('fetch failed', { cause: failed('ECONNREFUSED') }))).toMatch(/refused/)
    expect(whyUnreachable(new AggregateError([failed('ECONNREFUSED')]))).toMatch(/refused/)
    expect(whyUnreachable(failed('CERT_HAS_EXPIRED'))).toMatch(/^TLS/)
    expect(whyUnreachable(new Error('Opening handshake has timed out'))).toMatch(/^timeout/)
    expect(whyUnreachable(new Error('Unexpected server response: 429'))).toBe('the venue answered HTTP 429')
  })
})
