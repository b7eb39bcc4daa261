import { describe, expect, it } from 'vitest'
import { chipsOf, narrowed, parseAmount, parseLine } from './grammar.ts'
import { EMPTY_VIEW } from './view.ts'

describe('the line that filters', () => {
  it('reads the grammar of the tape', () => {
    expect(parseLine('coin:ETH >100k side:long venue:bybit,okx kind:loan').patch).toEqual({
      coin: ['ETH'],
      minUsd: 100_000,
      side: ['long'],
      venue: ['bybit', 'okx'],
      kind: 'loan',
    })
  })

  it('understands bare words by their form', () => {
    expect(parseLine('btc 7d short 2021-05-19 0x00000000ab tape').patch).toEqual({
      coin: ['BTC'],
      window: '7d',
      side: ['short'],
      at: '2021-05-19',
      account: '0x00000000ab',
      page: 'tape',
    })
    expect(parseLine('xbt').patch).toEqual({ coin: ['BTC'] })
  })

  it('means the simulated venue where only that one is heard', () => {
    expect(parseLine('venue:bybit', ['sim:bybit']).patch).toEqual({ venue: ['sim:bybit'] })
    expect(parseLine('bybit', ['sim:bybit']).patch).toEqual({ venue: ['sim:bybit'] })
    expect(parseLine('bybit', ['bybit', 'sim:bybit']).patch).toEqual({ venue: ['bybit'] })
    expect(parseLine('bybit').patch).toEqual({ coin: ['BYBIT'] })
  })

  it('names the words it does not understand', () => {
    const { patch, unknown } = parseLine('side:up >lots coin:ETH colour:red @@')
    expect(unknown).toEqual(['side:up', '>lots', 'colour:red', '@@'])
    expect(patch).toEqual({ coin: ['ETH'] })
  })

  it('reads amounts', () => {
    expect([parseAmount('100k'), parseAmount('1.5M'), parseAmount('$2b'), parseAmount('12'), parseAmount('k')]).toEqual(
      [100_000, 1_500_000, 2_000_000_000, 12, undefined],
    )
  })

  it('adds to the lists that are there', () => {
    expect(narrowed({ ...EMPTY_VIEW, coin: ['ETH'] }, { coin: ['BTC'], window: '7d' })).toEqual({
      coin: ['ETH', 'BTC'],
      window: '7d',
    })
  })

  it('prints the filter in force so that it can be typed again', () => {
    const view = { ...EMPTY_VIEW, coin: ['ETH', 'BTC'], minUsd: 150_000, side: ['long'], account: '0xab' }
    const text = chipsOf(view)
      .map((chip) => chip.text)
      .join(' ')
    expect(text).toBe('coin:ETH coin:BTC side:long >150k account:0xab')
    expect({ ...EMPTY_VIEW, ...parseLine('coin:ETH coin:BTC side:long >150k account:0xab').patch }).toEqual(view)
    expect(chipsOf(view)[0]?.without).toEqual({ coin: ['BTC'] })
  })
})
