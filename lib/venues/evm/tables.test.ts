/** The tables of contracts and tokens: well-formed, free of doubles, and at one with each other. */
import { describe, expect, it } from 'vitest'
import type { Contracts } from './contracts.ts'
import * as deployments from './deployments.ts'
import { GMX_V2_MARKETS, gmxMarket } from './gmx-markets.ts'
import * as markets from './money-markets.ts'
import { dollarsOf, legOf, TOKEN_ROWS, tokenAt, tokenNamed } from './tokens.ts'

const ADDRESS = /^0x[0-9a-f]{40}$/
const tables = Object.entries({ ...deployments, ...markets }) as [string, Contracts][]

describe('contracts', () => {
  it.each(tables)('%s: addresses in lower case, each once, each with a name', (_, table) => {
    for (const [chain, addresses] of Object.entries(table.addresses)) {
      expect(new Set(addresses).size).toBe(addresses.length)
      for (const address of addresses) {
        expect(address).toMatch(ADDRESS)
        const { name, token } = table.at(chain, address) ?? {}
        expect(name).toBeTruthy()
        if (token !== undefined) expect(token).toMatch(ADDRESS)
        expect(table.at('elsewhere', address)).toBeUndefined()
      }
    }
  })

  it('no pool belongs to two protocols', () => {
    const pools = [
      deployments.AAVE_V1_POOLS,
      deployments.AAVE_V2_POOLS,
      deployments.AAVE_V3_POOLS,
      deployments.SPARK_POOLS,
    ]
    const all = pools.flatMap(({ addresses }) =>
      Object.entries(addresses).flatMap(([chain, list]) => list.map((address) => `${chain}:${address}`)),
    )
    expect(new Set(all).size).toBe(all.length)
  })

  it('every base token of a Comet and every underlying of a cToken is a known token', () => {
    for (const table of [deployments.COMETS, markets.C_TOKENS])
      for (const [chain, list] of Object.entries(table.addresses))
        for (const address of list) {
          const { name, token } = table.at(chain, address) ?? {}
          expect([chain, name, tokenAt(chain, token ?? '')?.decimals]).toEqual([chain, name, expect.any(Number)])
        }
  })
})

describe('tokens', () => {
  it('are well-formed, each once', () => {
    for (const [chain, rows] of Object.entries(TOKEN_ROWS)) {
      const addresses = rows
        .trim()
        .split('\n')
        .map((row) => row.trim().split(' '))
      expect([chain, new Set(addresses.map(([address]) => address)).size]).toEqual([chain, addresses.length])
      for (const [address, symbol, decimals] of addresses) {
        expect(address).toMatch(ADDRESS)
        expect(symbol).toMatch(/^[A-Za-z0-9.]+$/)
        expect(Number(decimals)).toBeGreaterThan(0)
      }
    }
  })

  it('that protocols need by name are there', () => {
    for (const symbol of ['DAI', 'LUSD', 'BOLD', 'crvUSD', 'FRAX', 'fxUSD'])
      expect([symbol, tokenNamed('ethereum', symbol)?.decimals]).toEqual([symbol, 18])
  })

  it('keep the atoms of what is unknown, and count only dollars as dollars', () => {
    const unknown = legOf('ethereum', `0x${'12'.repeat(20)}`, 5n)
    expect(unknown).toEqual({ asset: `0x${'12'.repeat(20)}`, address: `0x${'12'.repeat(20)}`, atoms: 5n })
    expect(dollarsOf(unknown)).toEqual({ usd: undefined })
    expect(dollarsOf(legOf('bnb', '0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d', 10n ** 18n))).toEqual({
      usd: 1,
      usdBasis: 'dollar-par',
    })
    expect(dollarsOf(legOf('ethereum', '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2', 10n ** 18n))).toEqual({
      usd: undefined,
    })
  })

  it('markets of GMX are well-formed and have decimals that prices allow', () => {
    for (const [chain, rows] of Object.entries(GMX_V2_MARKETS))
      for (const row of rows.trim().split('\n')) {
        const [address = ''] = row.trim().split(' ')
        expect(address).toMatch(ADDRESS)
        expect(gmxMarket(chain, address)?.decimals).toBeLessThan(30)
      }
  })
})
