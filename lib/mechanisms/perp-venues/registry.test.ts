import { describe, expect, it } from 'vitest'
import type { RuleFamily, Tier, TierTable } from '../perp/profile.ts'
import { checkTierTable } from '../perp/tiers.ts'
import { marketOf, PERP_PROFILE_IDS, perpProfile, perpProfiles, profileOfVenue } from './registry.ts'

const FAMILIES: readonly RuleFamily[] = [
  'tiers',
  'trigger',
  'reduction',
  'order',
  'takeover',
  'insurance',
  'deleverage',
  'fees',
  'funding',
  'mark',
  'collateral',
]

/** A day of the calendar: 2025-02-30 is none. */
function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
}

/** Floors out of order, and floors at which the margin jumps by more than 1e-9 of itself (none may in a table with deductions). */
function jumpsOf({ tiers, wholeRate }: TierTable): string[] {
  return tiers.slice(1).flatMap(({ floor, rate, deduction }, at) => {
    const before = tiers[at] as Tier
    if (!(floor > before.floor)) return [`${floor} is not above ${before.floor}`]
    const below = floor * before.rate - before.deduction
    const above = floor * rate - deduction
    return wholeRate || Math.abs(above - below) <= 1e-9 * below ? [] : [`${below} becomes ${above} at ${floor}`]
  })
}

describe('every profile', () => {
  it.each(
    perpProfiles.map((profile) => [`${profile.id} from ${profile.from}`, profile] as const),
  )('%s', (_, profile) => {
    expect([profile.from, profile.until ?? '9999-12-31'].filter((day) => !isDay(day))).toEqual([])
    expect(profile.from < (profile.until ?? '9999')).toBe(true)
    expect(profile.modes.length).toBeGreaterThan(0)
    expect(profile.notes.length).toBeGreaterThan(0)
    const sourced = new Set(profile.sources.flatMap(({ rules }) => rules))
    expect(FAMILIES.filter((family) => !sourced.has(family))).toEqual([])
    for (const { url, date, rules } of profile.sources) {
      expect(URL.canParse(url) && url.startsWith('https://')).toBe(true)
      expect(isDay(date)).toBe(true)
      expect(rules.length).toBeGreaterThan(0)
    }
    expect(profile.markets.length).toBeGreaterThan(0)
    expect(new Set(profile.markets.map(({ symbol }) => symbol)).size).toBe(profile.markets.length)
    for (const { maintenance, tickSize, lotSize, contractSize, asOf } of profile.markets) {
      expect(isDay(asOf)).toBe(true)
      expect(Math.min(tickSize, lotSize, contractSize)).toBeGreaterThan(0)
      if (maintenance.kind === 'tiers') expect(jumpsOf(checkTierTable(maintenance.table))).toEqual([])
    }
  })

  it('has deductions as the venues publish them', () => {
    const deductions = (id: string, symbol: string, on?: string) => {
      const { maintenance } = marketOf(perpProfile(id, on), symbol)
      return maintenance.kind === 'tiers'
        ? maintenance.table.tiers.map((tier) => Number(tier.deduction.toFixed(6)))
        : []
    }
    expect(deductions('binance-usdm', 'BTCUSDT', '2021-04-01').slice(0, 5)).toEqual([0, 50, 1_300, 16_300, 266_300])
    expect(deductions('binance-usdm', 'BTCUSDT').slice(-2)).toEqual([121_481_450, 421_481_450])
    expect(deductions('binance-coinm', 'BTCUSD_PERP', '2020-12-01').slice(3)).toEqual([0.56, 1.81, 6.81, 11.81])
    expect(deductions('gate', 'BTC_USDT')).toEqual([0, 250, 750, 1_500, 2_500])
    expect(deductions('hyperliquid', 'BTC')).toEqual([0, 1_875_000])
    expect(deductions('bybit-linear', 'BTCUSDT', '2025-01-01')).toEqual([
      0, 1_200, 3_020, 4_300, 5_820, 8_460, 15_460, 20_500, 46_000, 66_000, 80_000, 160_000, 300_000, 452_000, 502_000,
      777_000, 837_000, 967_000, 1_107_000, 1_482_000,
    ])
    expect(deductions('bybit-linear', 'BTCUSDT', '2026-09-25').slice(0, 3)).toEqual([0, 510, 1_710])
    expect(deductions('bitmex', 'XBTUSD').every((one) => one === 0)).toBe(true)
  })

  it('is there of every venue', () => {
    expect([...PERP_PROFILE_IDS].sort()).toEqual([
      'binance-coinm',
      'binance-usdm',
      'bitmex',
      'bybit-inverse',
      'bybit-linear',
      'bybit-unified',
      'deribit',
      'dydx-v4',
      'gate',
      'hyperliquid',
      'hyperliquid-hip3',
      'okx',
    ])
  })

  it('of one id follows the one before without overlap', () => {
    for (const id of new Set(perpProfiles.map((profile) => profile.id))) {
      const ofId = perpProfiles.filter((profile) => profile.id === id)
      ofId.slice(1).forEach((next, at) => {
        expect((ofId[at]?.until ?? '9999') <= next.from).toBe(true)
      })
    }
  })
})

describe('a profile is found', () => {
  it('by the day: Hyperliquid’s transfer floor and Binance’s window', () => {
    expect(perpProfile('hyperliquid', '2025-03-11').transferFloor).toBeUndefined()
    expect(perpProfile('hyperliquid', '2025-03-12').transferFloor).toBe(0.1)
    expect(perpProfile('binance-usdm', '2025-09-17').mark).toMatchObject({ windowMs: 60_000 })
    expect(perpProfile('binance-usdm').mark).toMatchObject({ windowMs: 30_000 })
    expect(perpProfile('bybit-linear', '2025-12-18').insurance.scope).toBe('contract')
    expect(perpProfile('bybit-linear', '2025-12-19').insurance.scope).toBe('pool')
    expect(perpProfile('okx', '2018-07-31').insurance.socialise).toBe(true)
  })

  it('by the day: BitMEX’s risk limits, and nothing after its end', () => {
    const atFloor = (on: string) => {
      const { maintenance } = marketOf(perpProfile('bitmex', on), 'XBTUSD')
      return maintenance.kind === 'tiers' ? maintenance.table.tiers.slice(0, 4) : []
    }
    expect(atFloor('2019-06-01').map(({ floor, rate }) => [floor, rate])).toEqual([
      [0, 0.005],
      [200, 0.01],
      [300, 0.015],
      [400, 0.02],
    ])
    expect(atFloor('2020-05-05')[0]?.rate).toBe(0.004)
    expect(atFloor('2021-08-31').map(({ floor }) => floor)).toEqual([0, 200, 350, 500])
    expect(atFloor('2021-08-31').map(({ maxLeverage }) => 1 / maxLeverage)).toEqual(
      [0.01, 0.015, 0.02, 0.025].map((rate) => expect.closeTo(rate, 12)),
    )
    expect(() => perpProfile('bitmex', '2026-09-23')).toThrow(/not known for 2026-09-23.*2021-08-31 to 2026-09-23/)
  })

  it('by a venue’s word and the symbol, whatever its case', () => {
    expect(profileOfVenue('binance', 'BTCUSDT').id).toBe('binance-usdm')
    expect(profileOfVenue('Binance', 'btcusd_perp').id).toBe('binance-coinm')
    expect(profileOfVenue('bybit', 'BTCUSD').id).toBe('bybit-inverse')
    expect(profileOfVenue('bybit-unified', 'BTCUSDT').id).toBe('bybit-unified')
    expect(profileOfVenue('hyperliquid', 'xyz:tsla').id).toBe('hyperliquid-hip3')
    expect(profileOfVenue('dydx', 'BTC-USD').id).toBe('dydx-v4')
    expect(marketOf(perpProfile('hyperliquid'), 'btc').symbol).toBe('BTC')
  })

  it('or refused with what is known', () => {
    const refusal = (what: () => unknown, code: string, words: RegExp) =>
      expect(what).toThrow(expect.objectContaining({ code, message: expect.stringMatching(words) }))
    refusal(() => perpProfile('nowhere'), 'not-found', /nowhere.*binance-usdm/)
    refusal(() => profileOfVenue('nowhere', 'BTC'), 'not-found', /nowhere/)
    refusal(() => profileOfVenue('binance', 'BTCUSDT', '2020-01-01'), 'not-found', /not known for 2020-01-01/)
    refusal(() => perpProfile('okx', 'yesterday'), 'bad-time', /no day/)
    refusal(() => marketOf(perpProfile('okx'), 'NOSUCH'), 'not-found', /NOSUCH.*BTC-USDT-SWAP/)
  })
})
