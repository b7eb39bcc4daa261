/** Moves of history: against the recorded candles where they are at hand, and what a name means. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isBreakwaterError } from '../../model/index.ts'
import { SHARED_DATA } from '../../test/shared-data.ts'
import { HISTORIC_HOURS, HISTORICS, historicOf, partAt } from './index.ts'

const FILES = {
  BTC: ['BTCUSDT_1h_2017-08_2023-12.csv.gz', 'BTCUSDT_1h_2023-06_2026-06.csv.gz'],
  ETH: ['ETHUSDT_1h_2019-12_2025-11.csv.gz', 'ETHUSDT_1h_2023-06_2026-06.csv.gz'],
}
const path = (name: string) => `${SHARED_DATA}/ohlcv/${name}`
const missing = !Object.values(FILES)
  .flat()
  .every((name) => existsSync(path(name)))

type Candle = { readonly open: number; readonly low: number; readonly close: number }

function candlesOf(coin: 'BTC' | 'ETH'): ReadonlyMap<number, Candle> {
  const found = new Map<number, Candle>()
  for (const name of FILES[coin])
    for (const line of gunzipSync(readFileSync(path(name)))
      .toString('utf8')
      .split('\n')
      .slice(1)) {
      const [time = '', open, , low, close] = line.split(',')
      if (time === '') continue
      const at = Date.parse(`${time.slice(0, 19).replace(' ', 'T')}Z`) / 1_000
      found.set(at, { open: Number(open), low: Number(low), close: Number(close) })
    }
  return found
}

describe('moves of history', () => {
  it.skipIf(missing)('are the candles of their days', () => {
    for (const coin of ['BTC', 'ETH'] as const) {
      const candles = candlesOf(coin)
      for (const [day, hours] of Object.entries(HISTORIC_HOURS)) {
        const begin = Date.parse(`${day}T00:00Z`) / 1_000 - 43_200
        const window = Array.from(
          { length: 48 },
          (_, hour) => candles.get(begin + hour * 3_600) ?? expect.unreachable(day),
        )
        const low = Math.min(...window.map((one) => one.low))
        const [first, ...rest] = hours[coin]
        expect([day, first]).toEqual([day, Number((window[0]?.open ?? 0).toPrecision(5))])
        expect([day, Math.min(...rest)]).toEqual([day, Number(low.toPrecision(5))])
        rest.forEach((price, hour) => {
          const { close = 0, low: own = 0 } = window[hour] ?? {}
          // Two archives of one market may differ by a few of its ticks.
          expect(Math.abs(price / (own === low ? own : close) - 1)).toBeLessThan(2e-3)
        })
      }
    }
  })

  it('begin at nothing, have all of the move at the low, and lie straight between two hours', () => {
    for (const { moves } of HISTORICS)
      for (const { path: points, seconds, from, to } of moves) {
        expect(from).toBeGreaterThan(to)
        if (!points) continue
        expect(points[0]).toEqual([0, 0])
        expect(partAt(points, seconds)).toBe(1)
        expect(Math.max(...points.map(([, part]) => part))).toBe(1)
        const [one, two] = [points[10], points[11]]
        expect(partAt(points, 10.5 * 3_600)).toBeCloseTo(((one?.[1] ?? 0) + (two?.[1] ?? 0)) / 2, 12)
        expect(partAt(points, 1e9)).toBe(points.at(-1)?.[1])
      }
  })

  it('are found by day, by incident and by a part of its name; other days are refused with those that are there', () => {
    const eth = (name: string) => historicOf(name).moves.find(({ coin }) => coin === 'ETH')
    expect(eth('2020-03-12')).toMatchObject({ from: 196.46, to: 86 })
    expect(eth('black-thursday')).toEqual(eth('2020-03-12'))
    // The night of Venus and the day after it.
    expect(eth('2021-05-18-venus-xvs')).toEqual(eth('2021-05-19'))
    expect(historicOf('spacex').moves).toEqual([{ coin: 'SPACEX', from: 2_277, to: 1_254, seconds: 1_800 }])
    expect(historicOf('2025-10-10').moves.map(({ coin }) => coin)).toEqual(['BTC', 'ETH', 'USDe'])
    for (const name of ['2021-01-01', 'almgren', '', 'x']) {
      let told: unknown
      try {
        historicOf(name)
      } catch (error) {
        told = error
      }
      expect([name, isBreakwaterError(told) && told.code]).toEqual([name, 'not-found'])
      expect(isBreakwaterError(told) && told.fix).toContain('2020-03-12')
    }
  })
})
