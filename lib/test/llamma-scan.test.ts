/** What a loan loses: the kernel against its plain twin, and the known shape against A and N on real hourly prices. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  llammaPath,
  llammaRunner,
  type PriceCandle,
  plainLlammaLoss,
  reversedCandles,
  scanLoss,
} from '../kernels/index.ts'
import { llammaRules } from '../mechanisms/index.ts'
import { prng } from '../model/index.ts'
import { SHARED_DATA } from './shared-data.ts'

const FILE = join(SHARED_DATA, 'ohlcv', 'ETHUSDT_1h_2023-06_2026-06.csv.gz')
/** ETH's own scan: fee 0.2 %, oracle average of 600 s, 0.05 % outside, moves of the oracle count over two candles. */
const ETH = { fee: 0.002, outsideFee: 5e-4 }
const PATH = { emaSeconds: 600, delay: 2 }

function hourlyEth(): readonly PriceCandle[] {
  const rows = gunzipSync(readFileSync(FILE)).toString('utf8').trim().split('\n').slice(1)
  return rows.map((row) => {
    const [time = '', open, high, low] = row.split(',')
    return { time: Date.parse(time.replace(' ', 'T')) / 1000, open: Number(open), high: Number(high), low: Number(low) }
  })
}

function randomCandles(count: number, seed: string): readonly PriceCandle[] {
  const chance = prng(seed)
  let price = 2000
  return Array.from({ length: count }, (_, i) => {
    const open = price
    price *= Math.exp(0.01 * chance.normal() - (chance.next() < 0.01 ? 0.2 : 0))
    const [high, low] = [Math.max(open, price) * (1 + 0.003 * chance.next()), Math.min(open, price) * 0.998]
    return { time: 3600 * i, open, high, low }
  })
}

describe('the scan', () => {
  it('gives what its plain twin gives, on any terms and windows', () => {
    const chance = prng('scan')
    let worst = 0
    for (let i = 0; i < 400; i++) {
      const path = llammaPath(randomCandles(200, `candles ${i % 20}`), {
        emaSeconds: 60 + 4000 * chance.next(),
        delay: 1 + chance.int(3),
      })
      const terms = {
        ...{ A: 2 + chance.int(400), bands: 1 + chance.int(50), fee: 0.02 * chance.next() },
        outsideFee: 0.002 * chance.next(),
      }
      const from = chance.int(150)
      const to = from + 1 + chance.int(50)
      worst = Math.max(
        worst,
        Math.abs(llammaRunner(path, terms).run(from, to) - plainLlammaLoss(path, terms, from, to)),
      )
    }
    expect(worst).toBeLessThan(1e-11)
  })

  it('refuses what is no path, no loan and no window', () => {
    const path = llammaPath(randomCandles(10, 'few'), PATH)
    const terms = { A: 100, bands: 10, ...ETH }
    expect(() => llammaPath([], PATH)).toThrow(/no path of 0 candles/)
    expect(() => llammaPath([{ time: 0, open: 1, high: 1, low: 0 }], PATH)).toThrow(/low 0/)
    for (const bad of [{ bands: 0 }, { bands: 51 }, { bands: 4.5 }, { A: 1 }, { fee: 1 }, { fee: Number.NaN }])
      expect(() => llammaRunner(path, { ...terms, ...bad })).toThrow(/are no loan/)
    for (const [from, to] of [
      [0, 11],
      [-1, 3],
      [3, 3],
    ] as const)
      expect(() => llammaRunner(path, terms).run(from, to)).toThrow(/no window/)
    expect(() => scanLoss(path, terms, { length: 11, stride: 1, top: 1 })).toThrow(/does not fit/)
  })
})

describe.skipIf(!existsSync(FILE))('ETH by the hour, June 2023 to June 2026', () => {
  const candles = existsSync(FILE) ? hourlyEth() : []
  const paths = [candles, reversedCandles(candles)].map((one) => (one.length > 0 ? llammaPath(one, PATH) : undefined))
  const mean = (terms: { A: number; bands: number }, length: number, stride: number, key: 'mean' | 'worst') =>
    paths.reduce(
      (sum, path) => sum + (path ? scanLoss(path, { ...terms, ...ETH }, { length, stride, top: 20 })[key] : 0),
      0,
    ) / 2

  it('has its least discount between A 50 and 100, and loses more with greater A', () => {
    const rows = [20, 30, 40, 50, 60, 70, 80, 90, 100, 130, 200, 300, 500].map((A) => {
      const loss = mean({ A, bands: 4 }, 2, 1, 'worst')
      return { A, loss, discount: llammaRules.discountOf(loss, A, 4) }
    })
    console.info(`N 4, windows of 2 h, mean of the 20 worst both ways:\n${rows.map(rowText).join('\n')}`)
    const best = rows.reduce((least, row) => (row.discount < least.discount ? row : least))
    expect(best.A).toBeGreaterThanOrEqual(50)
    expect(best.A).toBeLessThanOrEqual(100)
    for (const [i, row] of rows.entries()) if (i > 0) expect(row.loss).toBeGreaterThan(rows[i - 1]?.loss ?? 1)
  })

  it('loses less the more bands a loan has', () => {
    const daily = [4, 10, 20, 50].map((bands) => ({ bands, loss: mean({ A: 70, bands }, 24, 6, 'mean') }))
    console.info(`A 70, mean loss a day: ${daily.map(({ bands, loss }) => `N ${bands} ${loss.toFixed(5)}`).join(', ')}`)
    for (const [i, { loss }] of daily.entries()) if (i > 0) expect(loss).toBeLessThan(daily[i - 1]?.loss ?? 0)
    expect(daily[0]?.loss).toBeGreaterThan(4 * (daily[3]?.loss ?? 1))
  })
})

const rowText = ({ A, loss, discount }: { A: number; loss: number; discount: number }) =>
  `  A ${String(A).padStart(3)}  loss ${loss.toFixed(4)}  discount ${discount.toFixed(4)}`
