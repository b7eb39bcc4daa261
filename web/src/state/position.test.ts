import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_WORDS,
  formatPosition,
  lastPlace,
  parsePosition,
  placeOf,
  plain,
  readPosition,
  wordAt,
} from './position.ts'
import { formatView, parseView } from './view.ts'

const parse = (query: string) => parsePosition(new URLSearchParams(query))

describe('the address of a position', () => {
  it('leaves defaults out and comes back the same', () => {
    expect(formatPosition(parse(''))).toEqual([])
    const query = 'venue=bybit&symbol=ETHUSDT&side=short&size=2.5&entry=3000&leverage=25&mode=cross&extra=100&days=7'
    const words = parse(query)
    expect(new URLSearchParams(formatPosition(words).map(([key, value]) => [key, value])).toString()).toBe(query)
    expect(words.funding).toBe(DEFAULT_WORDS.funding)
  })

  it('is the address of its page, where venue and side are the position’s, not the filter’s', () => {
    const url = '/position?window=7d&coin=ETH&venue=bybit&side=short&size=-1'
    const view = parseView('/position', '?window=7d&coin=ETH&venue=bybit&side=short&size=-1')
    expect(formatView(view)).toBe(url)
    expect([view.venue, view.side, view.position.venue, view.position.size]).toEqual([[], [], 'bybit', '-1'])
    expect(formatView({ ...view, page: 'tape' })).toBe('/tape?window=7d&coin=ETH')
    expect(parseView('/tape', '?venue=bybit&side=short')).toMatchObject({ venue: ['bybit'], position: DEFAULT_WORDS })
  })
})

describe('the fields', () => {
  it('become numbers; the mark price is the entry price unless it is given', () => {
    const { position, complaints } = readPosition(parse('entry=100&funding=-0.02'))
    expect(complaints).toEqual({})
    expect(position).toMatchObject({ entry: 100, mark: 100, funding: -0.0002, side: 'long', mode: 'isolated' })
    expect(readPosition(parse('entry=100&mark=97')).position?.mark).toBe(97)
  })

  it.each([
    ['size=-1', 'size', '-1 is not above 0.'],
    ['size=NaN', 'size', "'NaN' is not a decimal number"],
    ['size=Infinity', 'size', "'Infinity' is not a decimal number"],
    ['entry=0', 'entry', '0 is not above 0.'],
    ['entry=60,000', 'entry', "'60,000' is not a decimal number"],
    ['mark=x', 'mark', "'x' is not a decimal number"],
    ['leverage=ten', 'leverage', "'ten' is not a decimal number"],
    ['extra=-5', 'extra', '-5 is below 0.'],
    ['days=99999', 'days', '99999 is above 3650.'],
    ['side=up', 'side', "'up' is no side: long or short."],
    ['mode=both', 'mode', "'both' is no margin mode here: isolated or cross."],
  ] as const)('%s is told at its field', (query, field, sentence) => {
    const { position, complaints } = readPosition(parse(query))
    expect(position).toBeUndefined()
    expect(Object.keys(complaints)).toEqual([field])
    expect(complaints[field]).toContain(sentence)
  })

  it('never throw, whatever the address says', () => {
    const words = fc.record(Object.fromEntries(Object.keys(DEFAULT_WORDS).map((field) => [field, fc.string()])))
    fc.assert(
      fc.property(words, (query) => {
        const { position, complaints } = readPosition(parse(new URLSearchParams(query).toString()))
        expect(position === undefined).toBe(Object.keys(complaints).length > 0)
        if (position) expect(Object.values(position).some(Number.isNaN)).toBe(false)
      }),
    )
  })
})

describe('a slider', () => {
  const LOG = { kind: 'log', from: 20_000, to: 180_000, digits: 4 } as const
  const EVEN = { kind: 'linear', from: -0.1, to: 0.1, step: 0.005 } as const
  const words = (scale: typeof LOG | typeof EVEN) =>
    Array.from({ length: lastPlace(scale) + 1 }, (_, place) => wordAt(scale, place))

  it('reaches both ends, and stands at the end for what lies beyond', () => {
    expect([words(LOG)[0], words(LOG).at(-1), words(EVEN)[0], words(EVEN).at(-1)]).toEqual([
      '20000',
      '180000',
      '-0.1',
      '0.1',
    ])
    expect([placeOf(LOG, 1), placeOf(LOG, 1e9), placeOf(EVEN, 5), placeOf(LOG, Number.NaN)]).toEqual([0, 1_000, 40, 0])
  })

  it.each([LOG, EVEN])('moves with every key: each place is another word, and the word is its place (%#)', (scale) => {
    expect(new Set(words(scale)).size).toBe(lastPlace(scale) + 1)
    words(scale).forEach((word, place) => {
      expect(placeOf(scale, Number(word))).toBe(place)
    })
  })

  it('writes words that the fields read', () => {
    expect([plain(1e-7), plain(1e21).length, plain(0.25)]).toEqual(['0.0000001', 22, '0.25'])
    expect(readPosition(parse(`size=${plain(1e-7)}`)).position?.size).toBe(1e-7)
  })
})
