import { describe, expect, it } from 'vitest'
import { type MechanismField, readMechanism, tabOf, writeMechanism } from './mechanisms.ts'

const FIELDS: readonly MechanismField[] = [
  { kind: 'number', key: 'n', label: 'N', unit: '', initial: '10', least: 4, most: 50, whole: true },
  { kind: 'number', key: 'price', label: 'price', unit: '$', initial: '1650', over: 0 },
  { kind: 'choice', key: 'way', label: 'way', initial: 'straight', options: ['straight', 'via low'] },
  { kind: 'pairs', key: 'locks', label: 'locks', initial: '1:6,4:14' },
]

describe('words of a mechanism', () => {
  it('are the defaults where the address is silent', () => {
    const { numbers, words, pairs, complaints } = readMechanism(FIELDS, {})
    expect(numbers).toEqual({ n: 10, price: 1650 })
    expect(words).toEqual({ way: 'straight' })
    expect(pairs['locks']).toEqual([
      { weeks: 1, amount: 6 },
      { weeks: 4, amount: 14 },
    ])
    expect(complaints).toEqual({})
  })

  it.each([
    ['n', '3', '3 is below 4.'],
    ['n', '51', '51 is above 50.'],
    ['n', '4.5', '4.5 is no whole number.'],
    ['price', '0', '0 is not above 0.'],
    ['price', 'NaN', "'NaN' is not a decimal number"],
    ['way', 'sideways', "'sideways' is none of straight, via low."],
    ['locks', '1:6,x', "'x' is not a whole number"],
    ['locks', '', "'' is not a whole number"],
  ])('%s=%s is told, and the default takes its place', (key, word, sentence) => {
    const read = readMechanism(FIELDS, { [key]: word })
    expect(read.complaints[key]).toContain(sentence)
    const plain = readMechanism(FIELDS, {})
    expect([read.numbers, read.words, read.pairs]).toEqual([plain.numbers, plain.words, plain.pairs])
  })

  it('go into the address without defaults, and name the tab unless it is the first', () => {
    const words = { n: '10', price: '1700', way: 'via low', unknown: 'x' }
    expect(writeMechanism('llamma', FIELDS, words)).toEqual({ price: '1700', way: 'via low' })
    expect(writeMechanism('bob', FIELDS, { n: '10' })).toEqual({ m: 'bob' })
    expect(tabOf({})).toBe('llamma')
    expect(tabOf({ m: 'bob' })).toBe('bob')
    expect(tabOf({ m: 'nonsense' })).toBe('llamma')
  })
})
