import { describe, expect, it } from 'vitest'
import { isBreakwaterError, prng } from '../model/index.ts'
import { parseAccounts } from './lending-accounts.ts'
import { ladderIndex } from './lending-index.ts'
import { type LoanBook, ladder } from './lending-ladder.ts'
import { parseShock } from './lending-shock.ts'

const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,1998.5,79%,6%,ETH
WBTC,8,64000,75%,7%,
USDC,6,1,78%,5%,
`

/** Random accounts with up to two collaterals and two debts. */
function randomBooks(seed: string, protocol: string): readonly LoanBook[] {
  const chance = prng(seed)
  const prices = { ETH: 2_000, stETH: 1_998.5, WBTC: 64_000, USDC: 1 }
  const lines = ['account,collateral,collateralAmount,debt,debtAmount']
  for (let account = 0; account < 150; account++)
    for (let leg = 0; leg < 1 + chance.int(2); leg++) {
      const [have, owe] = [
        chance.pick(['ETH', 'stETH', 'WBTC', 'USDC'] as const),
        chance.pick(['ETH', 'USDC'] as const),
      ]
      const worth = 1_000 * 10 ** (3 * chance.next())
      const debt = worth * (0.3 + 0.5 * chance.next())
      lines.push(`a${account},${have},${(worth / prices[have]).toFixed(6)},${owe},${(debt / prices[owe]).toFixed(6)}`)
    }
  const { books, refused } = parseAccounts(lines.join('\n'), 'csv', { assets: ASSETS, protocol })
  expect(refused).toEqual([])
  return books as readonly LoanBook[]
}

describe('a ladder from the index', () => {
  it.each(['aave-v3.6', 'aave-v2'])('gives the rungs of the exact ladder, %s', (protocol) => {
    const books = randomBooks('index', protocol)
    const drops = Array.from({ length: 45 }, (_, step) => 0.37 + 2.1 * step)
    for (const text of [
      'market:ETH=-1%',
      'only:ETH=-1%',
      'depeg:stETH/ETH=-1%',
      'market:WBTC=-1%',
      'feed:USDC/USD=-1%',
    ]) {
      const shock = parseShock(text)
      const index = ladderIndex(books, shock)
      const exact = ladder(books, shock, drops)
      expect([index.loans, index.unjudged, index.sentence]).toEqual([150, 0, exact.sentence])
      exact.rows.forEach((row) => {
        const quick = index.rung(row.drop)
        // Aave v2 judges by an average threshold rounded down: up to a basis point stricter than the line.
        if (protocol === 'aave-v2') expect(Math.abs(quick.accounts - row.accounts)).toBeLessThanOrEqual(1)
        else {
          expect([text, row.drop, quick.accounts]).toEqual([text, row.drop, row.accounts])
          for (const key of ['collateral', 'debt', 'badDebt'] as const)
            expect(Math.abs(quick[key] - row[key])).toBeLessThan(1e-3)
        }
      })
      expect(exact.rows.at(-1)?.accounts).toBeGreaterThan(text.startsWith('feed') ? 0 : 2)
    }
  })
  it('asks the mechanism where a loan is no line, and refuses drops that are none', () => {
    const books = randomBooks('curved', 'aave-v3.6').map(
      // Worth in a unit that moves with the prices: every value is a curve.
      (book): LoanBook => ({ ...book, worth: (_target, at) => 1e-8 / (Number(at?.price('ETH/USD') ?? 1n) / 2_000e8) }),
    )
    const index = ladderIndex(books, parseShock('market:ETH=-1%'))
    expect(index.curved).toBeGreaterThan(100)
    for (const drop of [5, 25, 60]) {
      const [exact] = ladder(books, parseShock('market:ETH=-1%'), [drop]).rows
      const quick = index.rung(drop)
      expect(quick.accounts).toBe(exact?.accounts)
      expect(Math.abs(quick.debt / (exact?.debt ?? 1) - 1)).toBeLessThan(1e-9)
    }
    for (const drop of [0, 100, Number.NaN])
      expect(() => index.rung(drop)).toSatisfy((ask: () => unknown) => {
        try {
          ask()
        } catch (error) {
          return isBreakwaterError(error) && error.code === 'bad-shock'
        }
        return false
      })
  })
})
