import { describe, expect, it } from 'vitest'
import { perpProfiles, walkPosition } from '../mechanisms/index.ts'
import { positionFigures, standingAt } from './perp-position.ts'
import { parseTierTable, positionQuestion, walkQuestion } from './perp-question.ts'
import {
  formatMoney,
  formatMove,
  formatPrice,
  payerWords,
  procedureWords,
  profileCards,
  stepSentence,
} from './perp-words.ts'

const BINANCE = { venue: 'binance', symbol: 'BTCUSDT', side: 'long', size: '1', entry: '60000', leverage: '10' }

describe('a position in words', () => {
  it('gives every figure of Binance’s rules', () => {
    const figures = positionFigures(positionQuestion(BINANCE))
    expect(figures).toMatchObject({
      profile: 'binance-usdm',
      bracket: 2,
      brackets: 12,
      maxLeverage: 100,
      initialMargin: 6_000,
      naiveMove: -0.1,
      liquidatable: false,
    })
    expect(figures.liquidationPrice).toBeCloseTo((60_000 - 6_000 - 50) / (1 - 0.005), 9)
    expect(figures.bankruptcyPrice).toBe(54_000)
    expect(figures.marginRatio).toBeCloseTo(250 / 6_000, 12)
    const { equity, maintenance } = standingAt(positionQuestion(BINANCE), figures.liquidationPrice as number)
    expect(equity).toBeCloseTo(maintenance, 6)
  })

  it('counts funding that was paid, the whole margin, another mark and a table of one’s own', () => {
    const paid = positionFigures(positionQuestion({ ...BINANCE, funding: '0.01%', days: '10' }))
    expect(paid.fundingPerDay).toBeCloseTo(18, 9)
    expect(paid.margin).toBeCloseTo(5_820, 9)
    expect(paid.drainedAfterDays).toBeCloseTo((5_820 - 250) / 18, 6)
    expect(
      positionFigures(positionQuestion({ ...BINANCE, margin: '9000', funding: '0.0001', days: '10' })).margin,
    ).toBeCloseTo(8_820, 9)
    expect(positionFigures(positionQuestion({ ...BINANCE, mark: '54000' })).liquidatable).toBe(true)
    const own = positionFigures(
      positionQuestion(BINANCE, parseTierTable('[[0, 0.01, 50], [50000, 0.02, 20]]', 'linear')),
    )
    expect(own).toMatchObject({ bracket: 2, deduction: 500, maxLeverage: 20 })
    expect(parseTierTable('[{"floor": 0, "rate": 0.01}]', 'inverse')).toMatchObject({
      unit: 'coin',
      tiers: [{ maxLeverage: 100 }],
    })
  })

  it('fixes Bybit’s maintenance at entry when isolated, and adds OKX’s fee', () => {
    const bybit = positionFigures(positionQuestion({ ...BINANCE, venue: 'bybit' }))
    expect(bybit.liquidationPrice).toBeCloseTo(60_000 * (1 - 0.1 + 0.0033), 9)
    const okx = positionFigures(positionQuestion({ ...BINANCE, venue: 'okx', symbol: 'BTC-USDT-SWAP' }))
    expect(okx.liquidationPrice).toBeCloseTo(54_000 / (1 - 0.004 - 0.0005), 9)
    const hyperliquid = positionFigures(positionQuestion({ ...BINANCE, venue: 'hyperliquid', symbol: 'BTC' }))
    expect(hyperliquid.backstopPrice).toBeCloseTo(54_000 / (1 - (0.0125 * 2) / 3), 9)
  })

  it.each([
    [{ size: '-1' }, 'bad-position', /size is -1/],
    [{ size: 'NaN' }, 'bad-number', /size 'NaN'/],
    [{ entry: '0' }, 'bad-position', /entry price is 0/],
    [{ leverage: '126' }, 'over-leverage', /126 is above 100/],
    [{ symbol: 'NOSUCH' }, 'not-found', /NOSUCH/],
    [{ venue: 'nowhere' }, 'not-found', /nowhere/],
    [{ side: 'up' }, 'bad-query', /'up' is none of long, short/],
    [{ mode: 'unified' }, 'bad-config', /no unified margin/],
    [{ entry: undefined }, 'bad-query', /entry is missing/],
    [{ margin: '1', extra: '1' }, 'bad-query', /one of them/],
  ])('refuses %o', (patch, code, words) => {
    expect(() => positionFigures(positionQuestion({ ...BINANCE, ...patch }))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(words) }),
    )
  })

  it.each([
    '{',
    '{}',
    '[1]',
    '[[1, 0.01]]',
    '[["a", 1]]',
    '[[0, 0.02], [100, 0.01]]',
  ])('refuses the tier table %s', (text) => {
    expect(() => parseTierTable(text, 'linear')).toThrow(expect.objectContaining({ code: 'bad-tiers' }))
  })
})

describe('a walk in words', () => {
  it('says each step and who pays', () => {
    const walk = walkQuestion({
      ...BINANCE,
      venue: 'okx',
      symbol: 'BTC-USDT-SWAP',
      depth: '0',
      slippage: '3%',
      fund: '100',
    })
    const says = walkPosition(walk).map((step) => stepSentence(step, walk))
    expect(says[1]).toMatch(/^liquidated: equity .* USDT is at or below maintenance margin and closing fee of/)
    expect(says[2]).toBe('an order for 1 BTC finds nobody within its limit')
    expect(says[3]).toBe('the liquidation engine takes over the remaining 1 BTC at 54,000.0')
    expect(says[4]).toMatch(/^the insurance fund pays 100.00 USDT, and winners .* at the mark price for the remaining/)
  })

  it('writes money, prices and moves', () => {
    expect(formatMoney(-1234.5, { settle: 'USDT', payoff: 'linear' })).toBe('−1,234.50 USDT')
    expect(formatMoney(-0.0000001, { settle: 'BTC', payoff: 'inverse' })).toBe('0.000000 BTC')
    expect(formatPrice(54221.11, { tickSize: 0.1 })).toBe('54,221.1')
    expect(formatPrice(undefined, { tickSize: 0.1 })).toBe('none')
    expect(formatMove(-0.0964)).toBe('−9.64 %')
  })

  it('has words for every profile, and cards without infinity', () => {
    for (const profile of perpProfiles) {
      expect(procedureWords(profile).length).toBeGreaterThan(10)
      expect(payerWords(profile)).toMatch(/^margin/)
    }
    const text = JSON.stringify(profileCards())
    expect(text).not.toMatch(/null/)
    expect(profileCards()).toHaveLength(perpProfiles.length)
  })
})
