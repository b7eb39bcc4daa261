/** Loans as lines: the questions stand above their answers, every state in words, nothing that is not there is a zero. */
import { describe, expect, it } from 'vitest'
import {
  givenBooks,
  healthAnswer,
  LENDING_PROTOCOLS,
  ladderAnswer,
  lendingQuestion,
  simulatedBooks,
} from '../analytics/index.ts'
import { MECHANISMS } from '../mechanisms/index.ts'
import { healthLines, ladderLines, protocolLines } from './lending-lines.ts'

const ACCOUNTS = `account,collateral,collateralAmount,debt,debtAmount
A,ETH,100,USDC,100000
B,stETH,100,ETH,70
C,stETH,100,ETH,60
C,,,USDC,20000
D,ETH,100,USDC,130000
saver,ETH,5,,
X,DOGE,1,USDC,5
`
const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,2000,80%,5%,ETH
USDC,6,1,80%,5%,
`
const given = givenBooks(ACCOUNTS, ASSETS, undefined)
const ladder = (words: Record<string, string>) => ladderLines(ladderAnswer(lendingQuestion(words, given))).join('\n')
const health = (words: Record<string, string>, books = given) =>
  healthLines(healthAnswer(lendingQuestion(words, books)), words['account'] !== undefined).join('\n')

describe('the ladder', () => {
  it('says its question, the refused row, what breaks, and the other shock with its ratio', () => {
    const text = ladder({ shock: 'ETH=-20%', compare: 'only:ETH=-20%', drops: '10,20,40' })
    expect(text).toContain('refused line 8: nothing says what DOGE is (unknown-asset)')
    expect(text).toContain('ETH and everything priced in it −20 %, debts in ETH too.')
    expect(text).toMatch(/−20 % +1 +\$160\.0 k +\$130\.0 k +\$0 +100 %/)
    expect(text).toMatch(/−40 % +2 .*\$10\.0 k/)
    expect(text).toContain('breaks: D')
    expect(text).toContain('only:ETH=-20%: 3 accounts, debt $410.0 k, 3.15 times as much')
    expect(text).toContain('51 % of the debt is owed in ETH')
  })
  it('says that nothing breaks', () => {
    expect(ladder({ shock: 'depeg:stETH/ETH=-10%', drops: '5' })).toContain('breaks: none')
  })
})

describe('a loan in full', () => {
  it('has its price, its falls, and what a liquidator would do after the shock', () => {
    const text = health({ account: 'D', shock: 'market:ETH=-20%' })
    expect(text).toContain('Health factor 1.2308: backing covers the debt, nobody may liquidate.')
    // 130,000 / (100 · 0.8)
    expect(text).toMatch(/ETH 1,625 USD, −18\.75 % from 2,000, others fixed \(a fall hurts\)/)
    expect(text).toContain('market:ETH: liquidatable from −18.76 % on')
    expect(text).toContain('After: ETH and everything priced in it −20 %, debts in ETH too.')
    expect(text).toMatch(/repays 65,000 USDC = \$65\.0 k \(50 % of the debt\)/)
    expect(text).toMatch(/receives 42\.65625 ETH = \$68\.3 k, 5\.00 % more/)
    expect(text).toMatch(/health factor 0\.9846 → 1\.\d+; not toxic/)
  })
  it('with the same asset on both sides has no fall of the market, and one of the collateral alone', () => {
    const text = health({ account: 'B', shock: 'only:ETH=-20%' })
    expect(text).toContain('market:ETH: no fall liquidates')
    expect(text).toContain('only:ETH: liquidatable from −12.51 % on')
    expect(text).toContain('depeg:stETH/ETH: liquidatable from −12.51 % on')
  })
  it('under water tells what is missing, and a Comet absorbs', () => {
    expect(health({ account: 'D', shock: 'market:ETH=-40%' })).toContain(
      'the collateral is worth $10.0 k less than the debt',
    )
    const sim = simulatedBooks()
    const text = health({ account: 'sim-c030' }, sim)
    expect(text).toMatch(/^⊢ SIM/)
    expect(text).toContain('the protocol takes all collateral and pays the debt out of its reserves')
    expect(text).toContain('the loan is gone')
  })
})

describe('the list', () => {
  it('begins with the nearest to liquidation and leaves who owes nothing out', () => {
    const lines = health({ shock: 'only:ETH=-20%' }).split('\n')
    const first = lines.findIndex((line) => line.startsWith('account'))
    expect(lines.slice(first + 1).map((line) => line.split(' ')[0])).toEqual(['B', 'C', 'D', 'A'])
    expect(lines.join('\n')).not.toContain('saver')
  })
})

describe('the protocols', () => {
  it('are the lending mechanisms that are registered, each once', () => {
    const lends = /^(aave|compound|euler|frax|fx-v2|kamino|liquity|llamma|maker|morpho|venus)/
    const built = MECHANISMS.map(({ id }) => id).filter((id) => lends.test(id))
    expect(LENDING_PROTOCOLS.map(({ id }) => id).sort()).toEqual(built.sort())
    expect(protocolLines().join('\n')).toContain('bytecode')
  })
})
