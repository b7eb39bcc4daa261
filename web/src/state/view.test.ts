import { describe, expect, it } from 'vitest'
import { EMPTY_VIEW, filterWords, formatView, parseView, tidied, type View, windowLabel, windowWords } from './view.ts'

const parse = (url: string) => {
  const { pathname, search } = new URL(url, 'http://here')
  return parseView(pathname, search)
}

describe('the address', () => {
  it('leaves defaults out', () => {
    expect(formatView(EMPTY_VIEW)).toBe('/')
    expect(formatView({ ...EMPTY_VIEW, page: 'tape' })).toBe('/tape')
  })

  it('survives the way there and back', () => {
    const full: View = {
      page: 'records',
      window: '7d',
      at: '2021-05-19T12:00:00Z',
      src: 'recorded',
      venue: ['sim:bybit', 'okx'],
      protocol: ['aave-v2'],
      chain: ['ethereum'],
      coin: ['BTC', 'ETH'],
      side: ['long'],
      kind: 'loan',
      minUsd: 150_000,
      account: '0xAbC',
      event: 'deadbeef',
      order: 'recent',
      table: ['hours', 'coins'],
      position: EMPTY_VIEW.position,
      own: {},
    }
    expect(parse(formatView(full))).toEqual(full)
    expect(formatView(full)).toContain('venue=sim:bybit,okx')
  })

  it('drops what means nothing and keeps the rest', () => {
    const view = parse('/nowhere?window=soon&kind=coffee&side=up,long&minUsd=-5&coin=btc&order=odd')
    expect(view).toEqual({ ...EMPTY_VIEW, side: ['long'], coin: ['BTC'] })
  })

  it('asks for a UTC day by its name, and for anything else by a window that ends there', () => {
    expect(windowWords(parse('/?at=2021-05-19'))).toEqual({ at: '2021-05-19' })
    expect(windowWords(parse('/?at=2021-05-19&window=7d'))).toEqual({ window: '7d', at: '2021-05-19' })
    expect(windowWords(parse('/'))).toEqual({ window: '24h', at: undefined })
    expect(windowLabel(parse('/?at=2021-05-19'))).toBe('2021-05-19 UTC')
    expect(windowLabel(parse('/?window=1h'))).toBe('1 h')
  })

  it('keeps the words of a page that computes, and forgets them on the others', () => {
    const view = parse('/cascade?shock=market:ETH=-20%25&seed=7&table=path&event=abc')
    expect(view).toMatchObject({
      page: 'cascade',
      own: { shock: 'market:ETH=-20%', seed: '7' },
      table: ['path'],
      event: 'abc',
    })
    expect(parse(formatView(view))).toEqual(view)
    expect(formatView({ ...view, own: {}, table: [], event: undefined })).toBe('/cascade')
    expect(formatView(tidied({ ...view, page: 'tape', table: [], event: undefined }))).toBe('/tape')
  })

  it('says both kinds by naming none', () => {
    expect(filterWords(parse('/?coin=ETH'))).toMatchObject({ coin: 'ETH', kind: undefined })
    expect(filterWords(parse('/?coin=ETH'), 'loan')).toMatchObject({ kind: 'loan' })
  })
})
