import { describe, expect, it } from 'vitest'
import { parseShock, shockText } from '../../../lib/analytics/index.ts'
import {
  asKind,
  dropOf,
  formatLending,
  LENDING_DEFAULTS,
  otherShock,
  parseLending,
  readShock,
  withDrop,
} from './lending.ts'
import { formatView, parseView } from './view.ts'

const CHOICES = {
  assets: ['ETH', 'BTC', 'USDC'],
  pairs: ['wstETH/stETH', 'stETH/ETH'],
  feeds: ['ETH/USD', 'wstETH/USD'],
}

describe('the address of the page of loans', () => {
  it('leaves defaults out, and a shock survives the way there and back', () => {
    expect(formatLending(parseLending({}))).toEqual({})
    const words = { ...LENDING_DEFAULTS, shock: 'depeg:stETH/ETH=-5%', account: 'sim-a018' }
    expect(parseLending(formatLending(words))).toEqual(words)
    const address = formatView({ ...parseView('/lending', ''), own: formatLending(words) })
    const { pathname, search } = new URL(address, 'http://here')
    expect(parseLending(parseView(pathname, search).own)).toEqual(words)
  })
})

describe('the controls of a shock', () => {
  it.each([
    ['market:ETH=-20%', 'only', 'only:ETH=-20%'],
    ['market:ETH=-20%', 'depeg', 'depeg:stETH/ETH=-20%'],
    ['depeg:stETH/ETH=-5%', 'market', 'market:ETH=-5%'],
    ['depeg:wstETH/stETH=-5%', 'market', 'market:ETH=-5%'],
    ['market:ETH=-20%', 'feed', 'feed:ETH/USD=-20%'],
    ['feed:ETH/USD=-20%', 'market', 'market:ETH=-20%'],
  ] as const)('%s as %s is %s', (text, kind, other) => {
    expect(asKind(parseShock(text), kind, CHOICES)).toBe(other)
  })
  it('move by half percents, within their ends', () => {
    const shock = parseShock('market:ETH=-20%')
    expect(dropOf(shock)).toBe(20)
    expect([withDrop(shock, 33.3), withDrop(shock, 0), withDrop(shock, 99)]).toEqual([
      'market:ETH=-33.5%',
      'market:ETH=-0.5%',
      'market:ETH=-90%',
    ])
  })
  it('compare the market with its collateral alone, and all else with the market', () => {
    const other = (text: string) => {
      const found = otherShock(parseShock(text), CHOICES)
      return found && shockText(found)
    }
    expect(other('market:ETH=-20%')).toBe('only:ETH=-20%')
    expect(other('only:BTC=-20%')).toBe('market:BTC=-20%')
    expect(other('depeg:stETH/ETH=-5%')).toBe('market:ETH=-5%')
  })
  it('say what is wrong', () => {
    expect(readShock('ETH')).toEqual({ problem: expect.stringContaining("'ETH' is no shock") })
  })
})
