/** Words for time: windows, instants, and what is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, EARLIEST, HOUR, LATEST, type UnixMs } from '../model/index.ts'
import { dayOf, parseDuration, parseInstant, parseWindow, pinWindow, startOfDay } from './window.ts'

const now = Date.UTC(2026, 10, 20, 19, 24, 7) as UnixMs

describe('a window', () => {
  it('is the last 24 hours, or as long as told', () => {
    expect(parseWindow({}, now)).toEqual({ from: now - DAY, to: now })
    expect(parseWindow({ window: '4h' }, now)).toEqual({ from: now - 4 * HOUR, to: now })
  })
  it('is a whole day where `at` is one, and ends at an instant', () => {
    const from = Date.UTC(2021, 4, 19)
    expect(parseWindow({ at: '2021-05-19' }, now)).toEqual({ from, to: from + DAY })
    expect(parseWindow({ at: '2021-05-19', window: '7d' }, now)).toEqual({ from: from - 6 * DAY, to: from + DAY })
    expect(parseWindow({ at: '2021-05-19T11:00:00Z', window: '1h' }, now)).toEqual({
      from: from + 10 * HOUR,
      to: from + 11 * HOUR,
    })
  })
  it('runs from `from` to before `to`', () => {
    expect(parseWindow({ from: '2021-05-19', to: '2021-05-21' }, now)).toEqual({
      from: Date.UTC(2021, 4, 19),
      to: Date.UTC(2021, 4, 21),
    })
    expect(parseWindow({ from: '2026-11-20' }, now).to).toBe(now)
  })
  it.each([
    [{ from: '2021-05-19', window: '1h' }, 'bad-query'],
    [{ from: '2021-05-20', to: '2021-05-19' }, 'bad-query'],
    [{ window: '0h' }, 'bad-query'],
    [{ window: '24' }, 'bad-query'],
    [{ window: '99999w' }, 'bad-query'],
    [{ at: '2021-02-31' }, 'bad-time'],
    [{ at: '2021-02-31T00:00:00Z' }, 'bad-time'],
    [{ at: 'yesterday' }, 'bad-time'],
    [{ at: '1970-01-01' }, 'bad-time'],
    [{ at: '' }, 'bad-time'],
  ])('refuses %j with %s', (words, code) => {
    expect(() => parseWindow(words, now)).toThrow(expect.objectContaining({ code }))
  })
  it('reads back every instant it can write', () => {
    fc.assert(
      fc.property(fc.integer({ min: EARLIEST, max: LATEST - 1 }), (time) => {
        expect(parseInstant(new Date(time).toISOString(), now)).toBe(time)
        if (time > 1e11) expect(parseInstant(String(time), now)).toBe(time)
        expect(startOfDay(dayOf(time))).toBe(time - (time % DAY))
      }),
    )
  })
  it('takes offsets and texts without a zone as UTC', () => {
    expect(parseInstant('2021-05-19T13:00:00+02:00', now)).toBe(Date.UTC(2021, 4, 19, 11))
    expect(parseInstant('2021-05-19 11:00', now)).toBe(Date.UTC(2021, 4, 19, 11))
    expect(parseDuration('2w')).toBe(14 * DAY)
  })
  it('stays the same tomorrow once pinned', () => {
    const tomorrow = (now + DAY) as UnixMs
    for (const words of [{}, { window: '1h' }, { at: 'now' }, { from: '2026-11-01' }, { at: '2021-05-19' }])
      expect(parseWindow(pinWindow(words, now), tomorrow)).toEqual(parseWindow(words, now))
  })
})
