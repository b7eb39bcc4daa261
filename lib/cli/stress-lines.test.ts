import { describe, expect, it } from 'vitest'
import { positionPaths, positionStress, stressQuestion } from '../api/index.ts'
import { runPaths } from '../kernels/index.ts'
import { isPositionList, monteCarloSummary, parsePositions } from '../sim/index.ts'
import { changeText, counted, signedUsd } from './print.ts'
import { payerLine } from './simulate.ts'
import { stressLines } from './stress-lines.ts'
import { pathRows, stressColumns } from './stress-rows.ts'

describe('rows', () => {
  it('of paths carry how many there were, and that they are not all', () => {
    const list = parsePositions('coin,side,size,entry,margin,liquidation\nBTC,long,1,60000,6000,54271')
    const question = stressQuestion({ shock: 'BTC=-5%', price: 'BTC=60000', paths: '40', volatility: '5%' })
    const [{ coin, plan } = expect.fail('no plan')] = positionPaths(list, question)
    const summary = monteCarloSummary({ ...plan, paths: 100 }, [runPaths(plan.book, plan.options, 0, 40)])
    const [row] = pathRows(summary ? [{ coin, ...summary }] : [])
    expect(row).toMatchObject({ part: 'BTC paths', asked: 100, paths: 40, partial: 1 })
    expect(row?.['lowest_p1']).toBe(summary?.lowest.quantiles[0]?.value)
    expect(stressColumns(row ? [row] : []).every(({ of }) => row !== undefined && of(row) !== undefined)).toBe(true)
  })
})

describe('what a person reads', () => {
  it.each([
    [-0.0146, '−1.46 %'],
    [0.0002, '+0.02 %'],
    [-0.00001, '0 %'],
    [0, '0 %'],
  ])('a change of %d is %s', (share, text) => expect(changeText(share)).toBe(text))

  it('dollars carry their sign, nothing carries none, a count its noun', () => {
    expect([-2_170_000, 99.5, 0, -0.001].map(signedUsd)).toEqual(['−$2.17 M', '+$99.50', '$0', '$0'])
    expect([counted(1, 'round'), counted(3_754, 'bid')]).toEqual(['1 round', '3,754 bids'])
    expect(payerLine({ lenders: -5, gas: 0, sum: -1e-9 })).toBe('who paid: lenders −$5, gas $0; Σ = $0')
  })

  it('an answer about positions says that it is simulated, which rows were refused and why, and what was assumed', () => {
    const list = parsePositions(
      [
        'coin,side,size,entry,margin,liquidation',
        'BTC,long,1,60000,6000,54271',
        'BTC,long,2,60000,12000,',
        'BTC,long,x,60000,6000,',
        'BTC,long,1,60000,,',
        'BTC,long,-1,60000,6000,',
      ].join('\n'),
    )
    const text = stressLines(
      positionStress(list, stressQuestion({ shock: 'BTC=-5%', price: 'BTC=60000', fund: '0' })),
    ).join('\n')
    expect(text).toMatch(/^⊢ 2 positions under a shock · simulated\n/)
    expect(text).toContain(
      '3 rows refused: row 3 has the size x; row 4 has no margin; row 5 is a long with the size -1: leave the sign or the side out',
    )
    expect(text).toContain(
      'assumed: The list gives no liquidation price of 1 of its positions: a maintenance rate of 0.5 %',
    )
    expect(text).toContain('assumed: There is no insurance fund (--fund).')
    expect(text).not.toMatch(/undefined|NaN|-0\b/)
    const short = 'coin,side,size\nBTC,long,1\n'
    expect(isPositionList(short)).toBe(true)
    expect(isPositionList('account,collateral,collateralAmount,debt,debtAmount\nA,ETH,1,USDC,5\n')).toBe(false)
    expect(() => parsePositions(short)).toThrow('none of the 1 rows is a position: row 1 has no entry price')
  })
})
