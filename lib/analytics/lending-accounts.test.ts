import { describe, expect, it } from 'vitest'
import { isBreakwaterError } from '../model/index.ts'
import { parseAccounts } from './lending-accounts.ts'
import { healthFactor } from './lending-health.ts'

const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,0.83,5%,
USDC,6,1,0.78,4.5%,
`
const HEADER = 'account,protocol,eMode,collateral,collateralAmount,debt,debtAmount\n'

/** Codes of every refused row by line. */
const refusals = (text: string, assets = ASSETS) =>
  parseAccounts(text, 'csv', { assets }).refused.map(({ line, problems }) => [
    line,
    ...problems.map(({ code }) => code),
  ])

describe('an account table', () => {
  it('as CSV adds up the rows of an account, one book a protocol', () => {
    const text = `${HEADER}a,,,ETH,1.5,USDC,1000\na,aave-v3,,ETH,0.5,,\nb,aave-v3.3,,ETH,1,USDC,500.25\n"c, d",,,,,USDC,1\n`
    const { books, accounts, rows, refused } = parseAccounts(text, 'csv', { assets: ASSETS, time: 1_700_000_000 })
    expect([rows, accounts, refused, books.map(({ protocol }) => protocol)]).toEqual([
      4,
      3,
      [],
      ['aave-v3', 'aave-v3.3'],
    ])
    const [v36, v33] = books
    if (!v36 || !v33) return expect.unreachable()
    expect(v36.at.time).toBe(1_700_000_000)
    expect(healthFactor(v36.mechanism, v36.state, 'a', v36.at)).toBe((2 * 2_000 * 0.83) / 1_000)
    expect(healthFactor(v36.mechanism, v36.state, 'c, d', v36.at)).toBe(0)
    expect(healthFactor(v33.mechanism, v33.state, 'b', v33.at)).toBeCloseTo(1_660 / 500.25, 9)
  })
  it('as one CSV file with the parameters in the rows', () => {
    const text = `account,collateral,collateralAmount,collateralPrice,liquidationThreshold,liquidationBonus,collateralFollows,debt,debtAmount,debtPrice,debtDecimals
x,wstETH,10,2456.123456789,79%,7%,stETH,GHO,12000,0.9993,18
y,wstETH,1,,,,,GHO,100,,
`
    const { books, refused } = parseAccounts(text, 'csv')
    expect(refused).toEqual([])
    const { mechanism, state, at, map } = books[0] as (typeof books)[number]
    // Prices keep 8 decimals; the rest is cut off.
    expect(at.price('wstETH/USD')).toBe(245_612_345_678n)
    expect(healthFactor(mechanism, state, 'x', at)).toBeCloseTo((10 * 2_456.12345678 * 0.79) / (12_000 * 0.9993), 9)
    expect(map.follows.get('wstETH')).toBe('stETH')
  })
  it('as JSON with e-modes and indices', () => {
    const document = {
      assets: [
        {
          asset: 'WETH',
          price: '2000',
          liquidationThreshold: 0.83,
          decimals: 18,
          borrowIndex: '1050000000000000000000000000',
        },
        { asset: 'wstETH', price: 2400, liquidationThreshold: '81%', liquidityIndex: 1.01 },
      ],
      eModes: [{ id: 1, liquidationThreshold: '95%', liquidationBonus: '1%', collateral: ['wstETH', 'WETH'] }],
      accounts: [
        { account: 'loop', eMode: 1, collateral: { wstETH: 10 }, debt: { WETH: '10' } },
        { account: 'plain', collateral: { wstETH: '10' }, debt: { WETH: 9 } },
      ],
    }
    const { books, refused } = parseAccounts(JSON.stringify(document), 'json')
    expect(refused).toEqual([])
    const { mechanism, state, at } = books[0] as (typeof books)[number]
    expect(healthFactor(mechanism, state, 'loop', at)).toBeCloseTo((10 * 1.01 * 2_400 * 0.95) / (10 * 1.05 * 2_000), 9)
    expect(healthFactor(mechanism, state, 'plain', at)).toBeCloseTo((10 * 1.01 * 2_400 * 0.81) / (9 * 1.05 * 2_000), 9)
  })
  it('refuses every bad row with its reasons, and takes the good ones', () => {
    const text = `${HEADER}good,,,ETH,1,USDC,1
a,,,ETH,-1,USDC,1
b,,,ETH,NaN,USDC,1e400
c,,,DOGE,1,USDC,1
d,compound,,ETH,1,USDC,1
,,,ETH,1,USDC,1
e,,3,ETH,1,USDC,1
f,,,ETH,,USDC,1
g,,,,,,
h,,,ETH,1,USDC,1,surplus
i,,,ETH,1,USDC,0.0000001
j,,,ETH,1e30,USDC,1
`
    const { accounts, rows, refused } = parseAccounts(text, 'csv', { assets: ASSETS })
    expect([rows, accounts, refused.length]).toEqual([12, 1, 11])
    expect(refused.map(({ line, problems }) => [line, ...problems.map(({ code }) => code)])).toEqual([
      [3, 'bad-account'],
      [4, 'bad-number', 'bad-account'],
      [5, 'unknown-asset'],
      [6, 'unknown-protocol'],
      [7, 'bad-account'],
      [8, 'bad-account'],
      [9, 'bad-account'],
      [10, 'bad-account'],
      [11, 'bad-account'],
      [12, 'bad-number'],
      [13, 'bad-account'],
    ])
    expect(refused[0]?.raw).toBe('a,,,ETH,-1,USDC,1')
    expect(refused[0]?.problems[0]?.message).toMatch(/collateral ETH: an amount of -1 is below 0/)
  })
  it('refuses the rows of an asset that is wrong, with the line that says so', () => {
    const row = `${HEADER}a,,,X,1,USDC,1\nb,,,USDC,1,,\n`
    const asset = (cells: string) => `${ASSETS}X,${cells},\n`
    for (const [cells, code] of [
      ['18,,0.8,5%', 'missing-price'],
      ['18,0,0.8,5%', 'missing-price'],
      ['18,-3,0.8,5%', 'missing-price'],
      ['18,0.000000001,0.8,5%', 'missing-price'],
      ['18,NaN,0.8,5%', 'bad-number'],
      ['37,1,0.8,5%', 'bad-state'],
      ['1.5,1,0.8,5%', 'bad-state'],
      ['18,1,1.2,5%', 'bad-state'],
      ['18,1,0.96,5%', 'bad-state'],
      ['18,1,0.82345,5%', 'bad-number'],
    ] as const)
      expect([cells, refusals(row, asset(cells))]).toEqual([cells, [[2, code]]])
    const index = 'asset,price,liquidityIndex,borrowIndex\nUSDC,1,1,1\n'
    expect(refusals(row, `${index}X,1,0.99,1\n`)).toEqual([[2, 'bad-state']])
    expect(refusals(row, `${index}X,1,1,999999999999999999999999999\n`)).toEqual([[2, 'bad-state']])
    const [first] = parseAccounts(row, 'csv', { assets: `${index}X,2,1,0\nX,3,,\n` }).refused
    expect(first?.problems).toEqual([
      { code: 'bad-state', line: 4, message: 'price of X is 3 here and 2 on line 3' },
      { code: 'bad-state', line: 3, message: expect.stringMatching(/^borrowIndex of X: an index of 0 is below 1 ray/) },
    ])
  })
  it('refuses the whole account with one of its rows: half a loan would be judged wrongly', () => {
    const text = `${HEADER}a,,,ETH,1,,\nb,,,ETH,1,,\na,,,,,DOGE,5\n`
    const { books, refused } = parseAccounts(text, 'csv', { assets: ASSETS })
    expect([...(books[0]?.state.accounts.keys() ?? [])]).toEqual(['b'])
    expect(refused.map(({ line, problems }) => [line, problems[0]?.code, problems[0]?.message])).toEqual([
      [2, 'bad-account', 'line 4 of the same account was refused'],
      [4, 'unknown-asset', 'nothing says what DOGE is'],
    ])
  })
  it('is refused as a whole only when it is none', () => {
    const code = (text: string, format: 'csv' | 'json', assets?: string) => {
      try {
        parseAccounts(text, format, { assets })
      } catch (error) {
        return isBreakwaterError(error) ? [error.code, error.message] : error
      }
      return undefined
    }
    expect(code('', 'csv')).toEqual(['bad-file', expect.stringMatching(/lacks the column account/)])
    expect(code('account,colateral\n', 'csv')).toEqual([
      'bad-file',
      expect.stringMatching(/unknown column 'colateral'/),
    ])
    expect(code('account,debt,debt\n', 'csv')).toEqual(['bad-file', expect.stringMatching(/debt twice/)])
    expect(code('{', 'json')).toEqual(['bad-file', expect.stringMatching(/no JSON/)])
    expect(code('{"accounts": 3}', 'json')).toEqual(['bad-file', expect.stringMatching(/no list of accounts/)])
    expect(code('{"accounts": [], "assets": [3]}', 'json')).toEqual([
      'bad-file',
      expect.stringMatching(/no list of objects/),
    ])
    expect(code(HEADER, 'csv', 'name\n')).toEqual(['bad-file', expect.stringMatching(/lacks the column asset/)])
    expect(parseAccounts(HEADER, 'csv')).toEqual({ books: [], accounts: 0, rows: 0, refused: [] })
    const odd = parseAccounts(
      '[7, {"account": "a", "collateral": 3, "moon": 1}, {"account": "b", "debt": {"ETH": null}}]',
      'json',
    )
    expect(odd.refused.map(({ problems }) => problems.map(({ message }) => message).join('; '))).toEqual([
      expect.stringMatching(/no object.*names no account/),
      expect.stringMatching(/collateral is no object of asset and amount; moon is not known/),
      expect.stringMatching(/nothing says what ETH is/),
    ])
  })
})
