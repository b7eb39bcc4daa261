import { expect, it } from 'vitest'
import { money, percent, price, rate, times } from './position-words.ts'

it('writes prices in the steps of the contract', () => {
  expect([
    price(54_216.8674, { tickSize: 0.1 }),
    price(54_216.8674, { tickSize: 1 }),
    price(0.06591234, { tickSize: 0.00001 }),
  ]).toEqual(['54,216.9', '54,217', '0.06591'])
  expect([price(undefined, { tickSize: 1 }), price(Number.NaN, { tickSize: 1 })]).toEqual(['none', 'none'])
})

it('writes parts with their sign, amounts in their currency', () => {
  expect([percent(-0.0963855), percent(0.1), percent(0.5, 1, false), percent(-0.000001), percent(undefined)]).toEqual([
    '−9.64 %',
    '+10.00 %',
    '50.0 %',
    '0.00 %',
    '—',
  ])
  expect([
    money(-1234.5, { payoff: 'linear' }),
    money(123_456.7, { payoff: 'linear' }),
    money(-0.0123456789, { payoff: 'inverse' }),
  ]).toEqual(['−1,234.50', '123,457', '−0.0123457'])
  expect([rate(0.004), rate(0.0125), times(10), times(9.6385), times(Number.POSITIVE_INFINITY)]).toEqual([
    '0.4 %',
    '1.25 %',
    '10×',
    '9.64×',
    '—',
  ])
})
