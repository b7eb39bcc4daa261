import { describe, expect, it } from 'vitest'
import type { RuleFamily } from '../perp/profile.ts'
import { checkTierTable } from '../perp/tiers.ts'
import { marketOf, perpProfile, perpProfiles, profileOfVenue } from './registry.ts'

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
const DAY = /^\d{4}-\d{2}-\d{2}$/

describe('every profile', () => {
  it.each(
    perpProfiles.map((profile) => [`${profile.id} from ${profile.from}`, profile] as const),
  )('%s', (_, profile) => {
    expect(profile.from).toMatch(DAY)
    expect(profile.until ?? '9999-12-31').toMatch(DAY)
    expect(profile.from < (profile.until ?? '9999')).toBe(true)
    expect(profile.modes.length).toBeGreaterThan(0)
    expect(profile.notes.length).toBeGreaterThan(0)
    const sourced = new Set(profile.sources.flatMap(({ rules }) => rules))
    expect(FAMILIES.filter((family) => !sourced.has(family))).toEqual([])
    for (const { url, date } of profile.sources) {
      expect(url).toMatch(/^https:\/\//)
      expect(date).toMatch(DAY)
    }
    expect(profile.markets.length).toBeGreaterThan(0)
    expect(new Set(profile.markets.map(({ symbol }) => symbol)).size).toBe(profile.markets.length)
    for (const { maintenance, tickSize, lotSize, contractSize, asOf } of profile.markets) {
      expect(asOf).toMatch(DAY)
      expect(Math.min(tickSize, lotSize, contractSize)).toBeGreaterThan(0)
      if (maintenance.kind === 'tiers') expect(checkTierTable(maintenance.table)).toBe(maintenance.table)
    }
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
