/** Words become a filter, its scope and its command; words that mean nothing are refused by name. */
import { describe, expect, it } from 'vitest'
import { checkWords, commandOf, FILTER_WORDS, parseFilter, parseGroups, parseWhole, scopeOf } from './filter.ts'

describe('a filter', () => {
  it('is read from the words of CLI and HTTP', () => {
    expect(
      parseFilter({ src: 'live', venue: 'bybit, okx', coin: 'eth,btc', side: 'long', kind: 'perp', minUsd: '1.5M' }),
    ).toEqual({
      sources: ['live'],
      venues: ['bybit', 'okx'],
      coins: ['ETH', 'BTC'],
      sides: ['long'],
      kinds: ['perp'],
      minUsd: 1_500_000,
    })
    expect(parseFilter({ src: 'aave-v2' })).toEqual({ venues: ['aave-v2'] })
    expect(parseFilter({ src: 'demo' })).toEqual({ sources: ['simulated'] })
    expect(parseFilter({ kind: 'both' })).toEqual({})
  })
  it.each([
    [{ side: 'up' }, 'bad-query', /long, short, unknown/],
    [{ kind: 'spot' }, 'bad-query', /perp, loan or both/],
    [{ minUsd: '-1' }, 'bad-query', /100k/],
    [{ minUsd: '1e9' }, 'bad-query', /100k/],
    [{ coin: 'ETH,,BTC' }, 'bad-query', /coin=a,b/],
    [{ src: 'aave-v2', venue: 'okx' }, 'bad-query', /one of them/],
    [{ venue: "x'; DROP TABLE" }, 'unknown-venue', /coverage/],
  ])('refuses %j', (params, code, fix) => {
    expect(() => parseFilter(params)).toThrow(
      expect.objectContaining({ code, fix: expect.stringMatching(fix) as string }),
    )
  })
  it('names unknown words and those there are', () => {
    expect(() => checkWords({ coins: 'BTC' }, FILTER_WORDS)).toThrow(
      expect.objectContaining({
        code: 'bad-query',
        message: expect.stringContaining('coins') as string,
        fix: expect.stringContaining('coin,') as string,
      }),
    )
    expect(() => checkWords({ coins: undefined, coin: 'BTC' }, FILTER_WORDS)).not.toThrow()
  })
  it('groups by known keys, each once', () => {
    expect(parseGroups('venue,coin,venue')).toEqual(['venue', 'coin'])
    expect(() => parseGroups('trader')).toThrow(expect.objectContaining({ code: 'bad-query' }))
  })
  it.each(['0', '11', '1.5', 'x', '', ' '])('refuses the whole number %j of 1 to 10', (text) => {
    expect(() => parseWhole('limit', text, 5, 1, 10)).toThrow(expect.objectContaining({ code: 'bad-query' }))
  })
})

describe('a scope and a command', () => {
  it('never call perps and loans one thing silently', () => {
    expect(scopeOf({})).toBe('perp and loan liquidations of every venue in the store')
    expect(scopeOf({ kinds: ['loan'], coins: ['ETH'], sources: ['recorded'] })).toBe(
      'loan liquidations of every venue in the store, coin ETH, recorded',
    )
    expect(scopeOf({ venues: ['sim:bybit'] })).toMatch(/\(simulated\)/)
  })
  it('can be pasted into a shell', () => {
    expect(commandOf('totals', { src: 'aave-v2', minUsd: '100k', by: undefined })).toBe(
      'breakwater totals --src aave-v2 --min-usd 100k',
    )
    expect(commandOf('totals', { account: "a'; rm -rf $HOME" })).toBe(
      "breakwater totals --account 'a'\\''; rm -rf $HOME'",
    )
  })
})
