/** Figures as text: one minus sign, and it stands before the unit. */
import { expect, it } from 'vitest'
import { figureText } from './told.ts'

it.each([
  [-4_377_000, 'USD', '−$4.377M'],
  [-1.05e-9, 'USD', '−$1.05e−9'],
  [7.28e-10, 'USD', '$7.28e−10'],
  [-12.5, 'ETH', '−12.5 ETH'],
  [0, 'USD', '$0'],
  [undefined, 'USD', '—'],
])('%s %s is %s', (value, unit, text) => {
  expect(figureText(value, unit)).toBe(text)
})
