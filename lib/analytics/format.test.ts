/** Numbers as people read them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBound,
  formatCount,
  formatMultiple,
  formatNumber,
  formatShare,
  formatSpan,
  formatTime,
  formatUsd,
} from './format.ts'

describe('a number', () => {
  it.each([
    [156_789_012, '$156.8 M'],
    [4_490_000, '$4.49 M'],
    [23_400_000, '$23.4 M'],
    [1_190_000_000, '$1.19 B'],
    [999_950, '$1.00 M'],
    [999_949, '$999.9 k'],
    [999.6, '$1.00 k'],
    [812.4, '$812'],
    [0.5, '$0.50'],
    [0, '$0'],
    [-2_500, '−$2.50 k'],
    [-0.001, '$0'],
    [1e-9, '$0'],
    [undefined, '—'],
    [Number.NaN, '—'],
  ])('%d dollars read %s', (usd, text) => expect(formatUsd(usd)).toBe(text))

  it('is never off by more than half a percent, and never longer than ten characters', () => {
    const scale: Record<string, number> = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 }
    fc.assert(
      fc.property(fc.double({ min: 1, max: 9e14, noNaN: true }), (usd) => {
        const text = formatUsd(usd)
        const [, digits, letter] = /^\$([\d.]+)(?: ([kMBT]))?$/.exec(text) ?? []
        expect(Math.abs((Number(digits) * (scale[letter ?? ''] ?? 1)) / usd - 1)).toBeLessThan(0.0051)
        expect(text.length).toBeLessThanOrEqual(10)
      }),
    )
  })
  it('tells a bound, a share that is not all, a multiple, an age', () => {
    expect([formatBound('≥', 311e6), formatBound('=', undefined)]).toEqual(['≥$311.0 M', '—'])
    expect([-0.0004, 0.0004].map(formatShare)).toEqual(['0 %', '0.0 %'])
    expect([0, 0.0312, 0.84, 0.9996, 1, undefined].map(formatShare)).toEqual([
      '0 %',
      '3.1 %',
      '84 %',
      '99.9 %',
      '100 %',
      '—',
    ])
    expect([6.71, 64.9, undefined].map(formatMultiple)).toEqual(['6.7×', '65×', '—'])
    expect([4_200, 600_000, 3 * 3_600_000, 3 * 86_400_000].map(formatSpan)).toEqual(['4 s', '10 min', '3 h', '3 d'])
    expect([11_484, 0, undefined].map(formatCount)).toEqual(['11,484', '0', '—'])
    expect([84_120.5, 1e-9, undefined].map((value) => formatNumber(value))).toEqual(['84,120.5', '1e-9', '—'])
    expect(formatTime(Date.UTC(2021, 4, 19, 11, 4, 32, 7), true)).toBe('2021-05-19 11:04:32.007Z')
  })
})
