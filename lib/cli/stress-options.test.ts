import { describe, expect, it } from 'vitest'
import { isBreakwaterError } from '../model/index.ts'
import { refuseIdle, type SaidOptions, type StressBook } from './stress-options.ts'

const said = (options: SaidOptions, book: StressBook) => {
  try {
    refuseIdle(options, book)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return `${error.code}: ${error.message}`
  }
  return 'fine'
}

describe('an option that would change nothing', () => {
  it.each([
    [{ protocol: 'aave-v3' }, 'demo', '--protocol changes nothing beside simulated loans'],
    [{ fund: '5M' }, 'loans', '--fund changes nothing beside a table of loans'],
    [{ compare: 'BTC=-20%' }, 'positions', '--compare changes nothing beside a list of positions'],
    [{ stepSeconds: '5', cascade: true }, 'positions', '--step-seconds changes nothing beside a list of positions'],
    [{ depth: '5M' }, 'scenario', '--depth changes nothing beside --scenario'],
    [{ volatility: '4%', cascade: true }, 'loans', '--volatility changes nothing without --paths'],
    [{ halfLife: '600' }, 'demo', '--half-life changes nothing without --cascade'],
  ] as const)('%j of %s is refused', (options, book, message) =>
    expect(said(options, book)).toBe(`bad-query: ${message}`))

  it.each([
    [{ protocol: 'aave-v3', assets: 'assets.csv', compare: 'ETH=-1%' }, 'loans'],
    [{ depth: '5M', halfLife: '600', cascade: true }, 'demo'],
    [{ depth: '5M', grid: ['shock=1,2'] }, 'demo'],
    [{ depth: '5M', paths: '100', volatility: '4%' }, 'loans'],
    [{ depth: '5M', fund: '1M', price: 'BTC=60000' }, 'positions'],
    [{ seed: '7', limit: '3', set: ['depth=2'] }, 'scenario'],
  ] as const)('%j of %s is heard', (options, book) => expect(said(options, book)).toBe('fine'))
})
