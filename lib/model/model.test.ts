/** The model room: numbers survive text, equal values have equal text, chance is repeatable, events survive the wire. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ADVICE,
  atoms,
  breakwaterError,
  canonical,
  coinOf,
  FACT_TYPES,
  fixedToNumber,
  formatFixed,
  fromWire,
  isBreakwaterError,
  isDollar,
  isLiquidation,
  kindOf,
  type MarketEvent,
  mulDivDown,
  mulDivUp,
  parseFixed,
  prng,
  toWire,
  unixMs,
  unixMsOfEither,
  valueContracts,
} from './index.ts'

describe('fixed', () => {
  it('brings any integer at any scale through text unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.integer({ min: 0, max: 27 }), (value, decimals) => {
        expect(parseFixed(formatFixed(value, decimals), decimals)).toBe(value)
      }),
    )
  })
  it('reads exponents and refuses what the scale cannot hold', () => {
    expect(parseFixed('1.5e3', 2)).toBe(150_000n)
    expect(parseFixed('-0.000001', 6)).toBe(-1n)
    expect(parseFixed('1.500', 1)).toBe(15n)
    for (const text of ['', '1,5', '0x10', 'NaN', '1.55', '--1', '1e9999'])
      expect(() => parseFixed(text, 1), text).toThrowError(/decimal/)
  })
  it('gives the nearest float', () => {
    expect(fixedToNumber(123_456_789_012_345_678n, 18)).toBe(0.12345678901234568)
  })
  it('rounds down and up by at most one, and equally when exact', () => {
    const natural = fc.bigInt(0n, 10n ** 30n)
    fc.assert(
      fc.property(natural, natural, fc.bigInt(1n, 10n ** 30n), (a, b, c) => {
        const [down, up] = [mulDivDown(a, b, c), mulDivUp(a, b, c)]
        expect(down * c <= a * b && up * c >= a * b).toBe(true)
        expect(up - down).toBe((a * b) % c === 0n ? 0n : 1n)
      }),
    )
  })
})

describe('time', () => {
  it('takes ms in range, seconds or ms by size, and nothing absurd', () => {
    expect(unixMs(1_541_505_434_123)).toBe(1_541_505_434_123)
    expect(unixMsOfEither(1_541_505_434)).toBe(1_541_505_434_000)
    expect(unixMsOfEither(1_541_505_434_123)).toBe(1_541_505_434_123)
    for (const absurd of [0, -1, Number.NaN, 1e18, 1.5, Number.POSITIVE_INFINITY])
      expect(unixMs(absurd)).toBeUndefined()
  })
})

describe('canonical', () => {
  it('does not see the order of keys, and sees every value', () => {
    expect(canonical({ b: 1n, a: [undefined, 'x'], c: undefined })).toBe('{"a":[null,"x"],"b":"1"}')
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse())
        expect(canonical(turned)).toBe(canonical(record))
        expect(canonical(JSON.parse(canonical(record)))).toBe(canonical(record))
      }),
    )
  })
  it('stops at NaN', () => {
    expect(() => canonical({ x: Number.NaN })).toThrowError(/finite/)
  })
})

describe('prng', () => {
  it('repeats itself, and forks do not depend on draws', () => {
    const [a, b] = [prng(7), prng(7)]
    const first = Array.from({ length: 50 }, () => a.next())
    expect(Array.from({ length: 50 }, () => b.next())).toEqual(first)
    expect(a.fork('x').next()).toBe(prng(7).fork('x').next())
    expect(prng(7).fork('x').next()).not.toBe(prng(7).fork('y').next())
    expect(prng(8).next()).not.toBe(first[0])
  })
  it('is uniform and normal enough to simulate with', () => {
    const random = prng('moments')
    const n = 100_000
    let [sum, squares, mean] = [0, 0, 0]
    const bins = new Array<number>(16).fill(0)
    for (let i = 0; i < n; i++) {
      const z = random.normal()
      sum += z
      squares += z * z
      mean += random.exponential(3)
      const bin = random.int(16)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.02)
    expect(Math.abs(squares / n - 1)).toBeLessThan(0.03)
    expect(Math.abs(mean / n - 3)).toBeLessThan(0.06)
    const chiSquared = bins.reduce((total, count) => total + (count - n / 16) ** 2 / (n / 16), 0)
    expect(chiSquared).toBeLessThan(45)
  })
})

describe('instruments', () => {
  const base = { symbol: 'X', coin: 'BTC', settle: 'USDT' }
  it('value linear, inverse and quanto contracts', () => {
    expect(valueContracts({ ...base, quote: 'USDT', payoff: 'linear', contractSize: 0.01 }, 250, 40_000)).toEqual({
      size: 2.5,
      usd: 100_000,
    })
    expect(valueContracts({ ...base, quote: 'USD', payoff: 'inverse', contractSize: 100 }, 5, 50_000)).toEqual({
      size: 0.01,
      usd: 500,
    })
    expect(valueContracts({ ...base, quote: 'USD', payoff: 'quanto', contractSize: 0.000001 }, 5, 50_000)).toEqual({
      size: undefined,
      usd: undefined,
    })
    expect(valueContracts({ ...base, quote: 'BTC', payoff: 'linear', contractSize: 1 }, 2, 0.05)).toEqual({
      size: 2,
      usd: undefined,
    })
  })
  it('knows dollars and one name for bitcoin', () => {
    expect([isDollar('usdc'), isDollar('EUR'), coinOf('xbt'), coinOf('kPEPE')]).toEqual([true, false, 'BTC', 'KPEPE'])
  })
})

describe('events', () => {
  const event: MarketEvent = {
    id: 'a'.repeat(32),
    venue: 'aave-v3',
    time: 1_700_000_000_000 as MarketEvent['time'],
    received: 1_700_000_000_500 as MarketEvent['received'],
    source: 'recorded',
    type: 'loan-liquidation',
    protocol: 'aave-v3',
    market: 'main',
    account: '0xabc',
    repaid: { asset: 'USDC', amount: '12.5', atoms: atoms(12_500_000n), decimals: 6 },
    seized: { asset: 'WETH', atoms: atoms(2n ** 80n) },
    usd: 12.5,
    usdBasis: 'dollar-par',
  }
  it('survive the wire without loss', () => {
    const back = fromWire(toWire(event))
    expect(back).toEqual(event)
    expect(toWire(back)).toBe(toWire(event))
  })
  it('are refused when they are none', () => {
    for (const line of [
      '',
      '{',
      'null',
      '[]',
      '{"id":"x"}',
      toWire(event).replace('loan-liquidation', 'party'),
      toWire(event).replace('1700000000000', '17'),
    ])
      expect(() => fromWire(line), line).toThrowError(/event|JSON/)
  })
  it('are counted once: an auction when it starts, never when it is taken', () => {
    expect(FACT_TYPES.filter((type) => isLiquidation({ type }))).toEqual([
      'perp-liquidation',
      'loan-liquidation',
      'auction-started',
    ])
    expect(isLiquidation(event) && kindOf(event)).toBe('loan')
  })
})

describe('errors', () => {
  it('say what, with which values, and what to do', () => {
    const error = breakwaterError('port-in-use', 'port 8787 is taken', { port: 8787 })
    expect(isBreakwaterError(error)).toBe(true)
    expect([error.fix, error.retryable]).toEqual([ADVICE['port-in-use'].fix, true])
    for (const [code, advice] of Object.entries(ADVICE)) expect(advice.fix, code).toMatch(/[.…]$/)
  })
})
