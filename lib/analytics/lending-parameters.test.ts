/** Parameters of books: a change gives another book by the same rules, within the contracts' bounds, and leaves the first book as it was. */
import { describe, expect, it } from 'vitest'
import { refusalText } from '../test/refusal-text.ts'
import type { LendingBook } from './lending-book.ts'
import { maxLiquidation } from './lending-liquidation.ts'
import { changedBooks, parseBookChange } from './lending-parameters.ts'
import { givenBooks, simulatedBooks } from './lending-question.ts'

const TABLE = JSON.stringify({
  assets: [
    { asset: 'ETH', price: '2000', liquidationThreshold: '80%', liquidationBonus: '5%' },
    { asset: 'USDC', price: '1', decimals: 6, liquidationThreshold: '80%', liquidationBonus: '5%' },
  ],
  eModes: [{ id: 1, liquidationThreshold: '90%', liquidationBonus: '2%', collateral: ['ETH'] }],
  accounts: [
    { account: 'A', collateral: { ETH: '100' }, debt: { USDC: '161000' } },
    { account: 'E', eMode: 1, collateral: { ETH: '100' }, debt: { USDC: '170000' } },
  ],
})
const table = (protocol?: string) => givenBooks(TABLE, undefined, protocol).books
const set = (books: readonly LendingBook[], ...changes: string[]) => changedBooks(books, changes.map(parseBookChange))
const first = (books: readonly LendingBook[]) => books[0] ?? expect.unreachable()
const broken = (books: readonly LendingBook[]) =>
  books.flatMap(({ mechanism, state, at, targets }) =>
    [...(targets ?? mechanism.targets(state))].filter((id) => mechanism.assess(state, id, at)?.liquidatable),
  )
const open = ({ mechanism, state, at, worthAt }: LendingBook, target: string) =>
  maxLiquidation(mechanism, state, target, at, worthAt(at, target))?.offer

describe('a changed parameter', () => {
  it('decides who is liquidatable, and the book it came from stays as it was', () => {
    const books = table()
    expect(broken(books)).toEqual(['A'])
    // 100 ETH · $2,000 · LT against $161,000 and $170,000
    expect(broken(set(books, 'ETH.LT=81%').books)).toEqual([])
    expect(broken(set(books, 'eMode1.LT=84.99%').books)).toEqual(['A', 'E'])
    expect(broken(set(books, 'eMode1.LT=85%').books)).toEqual(['A'])
    expect(broken(books)).toEqual(['A'])
    expect(set(books, 'ETH.LT=81%', 'eth.lltv=0.82').changed).toEqual([
      { protocol: 'aave-v3', name: 'ETH.LT', before: 0.8, after: 0.81 },
      { protocol: 'aave-v3', name: 'ETH.LT', before: 0.81, after: 0.82 },
    ])
  })

  it('decides what a liquidator receives: the bonus on top, the close factor at most', () => {
    const books = table()
    const sizes = (list: readonly LendingBook[]) => {
      const { pay, receive } = open(first(list), 'A') ?? expect.unreachable()
      return [Number(pay[0]?.atoms) / 1e6, Number(receive[0]?.atoms) / 1e18]
    }
    expect(sizes(books)).toEqual([80_500, (80_500 / 2_000) * 1.05])
    expect(sizes(set(books, 'ETH.bonus=10%').books)).toEqual([80_500, 44.275])
    expect(sizes(set(books, 'closeFactor=20%').books)[0]).toBe(32_200)
    expect(sizes(set(books, 'closeFactor=100%').books)[0]).toBe(161_000)
    // The same again: the contract's own.
    expect(sizes(set(books, 'closeFactor=20%', 'closeFactor=50%').books)).toEqual(sizes(books))
  })

  it('of Comet and Morpho means their own terms, by name or by collateral', () => {
    const { books } = simulatedBooks()
    const { changed, books: after } = set(books, 'wstETH.LT=60%')
    expect(changed.map(({ protocol, name, before }) => [protocol, name, before])).toEqual([
      ['aave-v3', 'wstETH.LT', 0.81],
      ['compound-v3', 'wstETH.LT', 0.87],
      ['morpho-blue', 'wstETH/ETH.LT', 0.945],
      ['morpho-blue', 'wstETH/USDC.LT', 0.86],
    ])
    for (const [at, book] of books.entries())
      expect(broken([after[at] as LendingBook]).length).toBeGreaterThan(broken([book]).length)
    expect(set(books, 'morpho-blue:wstETH/ETH.LT=0.9').changed).toHaveLength(1)
    const absorbed = set(books, 'compound-v3:ETH.penalty=20%', 'storeFrontFactor=1')
    expect(absorbed.changed.map(({ before }) => before)).toEqual([0.05, 0.6])
  })

  it('other rules judge the same loans', () => {
    const book = first(table())
    const by = (id: string) => book.rules?.set(id) ?? expect.unreachable()
    expect(book.rules?.ids).toContain('aave-v2')
    expect(by('aave-v2').mechanism.id).toBe('aave-v2')
    const low = first(set(table(), 'ETH.LT=70%').books)
    // At a health factor below 0.95 v3 lets the whole debt be repaid, v2 half of it.
    const repaid = (one: LendingBook) => Number(open(one, 'A')?.pay[0]?.atoms) / 1e6
    expect(repaid(low)).toBe(161_000)
    expect(repaid(low.rules?.set('aave-v2') ?? expect.unreachable())).toBe(80_500)
  })

  it('is refused where no book has it, beyond the contract’s bounds, and between basis points', () => {
    const books = table()
    expect(refusalText(() => set(books, 'WETH.LT=81%'))).toMatch(
      /nothing in the book is called WETH.LT .*did you mean ETH.LT/,
    )
    expect(refusalText(() => set(books, 'ETH.LT=96%'))).toMatch(
      /ETH.LT of aave-v3 cannot be 96 %.*between 0.01 % and 95.23 %/,
    )
    expect(refusalText(() => set(books, 'ETH.LT=90%', 'ETH.bonus=12%'))).toMatch(/between 0 % and 11.11 %/)
    expect(refusalText(() => set(books, 'maker:ETH.LT=81%'))).toMatch(/no loan here is of maker/)
    expect(refusalText(() => set(table('aave-v2'), 'closeFactor=60%'))).toMatch(
      /nothing in the book is called closeFactor/,
    )
    for (const text of ['ETH.LT', 'ETH.LT=', '=81%', 'ETH LT=81%'])
      expect(refusalText(() => set(books, text))).toMatch(/changes nothing/)
    expect(refusalText(() => set(books, 'ETH.LT=81.005%'))).toMatch(/no whole basis point/)
  })
})
