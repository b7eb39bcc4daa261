/** Loans that pay a liquidator: by arithmetic at the edge of the costs, and unknown where they are too many to try. */
import { describe, expect, it } from 'vitest'
import { isBreakwaterError } from '../model/index.ts'
import { ladderAnswer } from './lending-answers.ts'
import { givenBooks, lendingQuestion } from './lending-question.ts'
import { MOST_VIABLE, viableLoans } from './lending-viable.ts'

const books = givenBooks(
  JSON.stringify({
    assets: [
      { asset: 'ETH', price: '2000', liquidationThreshold: '80%', liquidationBonus: '5%' },
      { asset: 'USDC', price: '1', decimals: 6, liquidationThreshold: '80%', liquidationBonus: '5%' },
    ],
    accounts: [
      // Below $2,000 all of it may be repaid: 1,300 · 5 % = $65 of bonus.
      { account: 'small', collateral: { ETH: '1' }, debt: { USDC: '1300' } },
      { account: 'large', collateral: { ETH: '100' }, debt: { USDC: '130000' } },
    ],
  }),
  undefined,
  undefined,
)
const rows = (words: Record<string, string>) =>
  ladderAnswer(lendingQuestion({ shock: 'ETH=-20%', drops: '10,20', slippage: '0', flash: '0', ...words }, books)).rows

describe('loans that pay a liquidator', () => {
  it('are those whose bonus is above gas, slippage and the loan’s fee', () => {
    const at = (words: Record<string, string>) =>
      rows({ viable: 'true', ...words }).map(({ viable }) => viable?.accounts)
    expect(at({ gas: '64' })).toEqual([0, 2])
    expect(at({ gas: '66' })).toEqual([0, 1])
    // 5 % on top of 65,000: $3,250; 4.6 % of the collateral’s 68,250 is $3,139.5, 4.8 % is $3,276.
    expect(at({ gas: '66', slippage: '4.6%' })).toEqual([0, 1])
    expect(at({ gas: '66', slippage: '4.8%' })).toEqual([0, 0])
    expect(rows({ viable: 'true', gas: '66' })[1]?.viable).toEqual({ accounts: 1, debt: 130_000 })
  })
  it('are not counted where nobody asked, and not known where there are too many', () => {
    expect(rows({}).every((row) => !('viable' in row))).toBe(true)
    const [book] = books.books
    const many = Array.from({ length: MOST_VIABLE + 1 }, () => ({
      book: book ?? expect.unreachable(),
      target: 'large',
    }))
    expect(viableLoans(many, undefined, new Set(), { slippageBps: 0, flashFeeBps: 0, gas: 0n })).toBeUndefined()
    const code = (() => {
      try {
        rows({ viable: 'maybe' })
      } catch (error) {
        return isBreakwaterError(error) && error.code
      }
      return undefined
    })()
    expect(code).toBe('bad-query')
  })
})
