/** Loans read from a chain: a node answers as contracts would that hold the simulated book; every figure read is the book's own. */
import { type Abi, type Address, getAddress, pad, parseAbi, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import {
  healthAnswer,
  type LendingBook,
  type LoanFigures,
  lendingQuestion,
  simulatedBooks,
} from '../analytics/index.ts'
import type { AaveState, CometState, MorphoState } from '../mechanisms/index.ts'
import { answer, type RpcAnswers, startRpcAnswers } from '../test/contracts/rpc-answers.ts'
import { type ChainOptions, chainBooks } from './lending-chain.ts'

const BLOCK = 20_000_000n
const MOST = 40
const SHOCK = 'depeg:stETH/ETH=-5%'

/** An address that stands for a name. */
const addressOf = (name: string) => getAddress(`0x${Buffer.from(name.padEnd(20, '.')).toString('hex').slice(0, 40)}`)
const accountOf = (name: string) => addressOf(`account ${name}`)
const { books } = simulatedBooks()
const bookOf = (protocol: string) => books.find((one) => one.protocol === protocol) as LendingBook
const at = (bookOf('aave-v3') as LendingBook).at
const decimals: Readonly<Record<string, number>> = {
  ETH: 18,
  wstETH: 18,
  weETH: 18,
  WBTC: 8,
  LINK: 18,
  USDC: 6,
  USDT: 6,
}
// On a chain it is the wrapped one.
const symbolOf = (asset: string) => (asset === 'ETH' ? 'WETH' : asset)

function node() {
  const answers: RpcAnswers = new Map()
  const say = (address: Address, signature: string, args: readonly unknown[], result: unknown) => {
    const abi = parseAbi([`function ${signature}`] as never) as Abi
    answer(answers, { address, abi, name: signature.slice(0, signature.indexOf('(')), args }, result)
  }
  for (const [asset, places] of Object.entries(decimals)) {
    say(addressOf(asset), 'symbol() view returns (string)', [], symbolOf(asset))
    say(addressOf(asset), 'decimals() view returns (uint8)', [], places)
  }
  return { say, start: () => startRpcAnswers(answers, { number: BLOCK, time: BigInt(at.time) }) }
}

const sorted = <T extends { readonly asset: string; readonly side: string }>(list: readonly T[]) =>
  [...list].sort((a, b) => `${a.side}${a.asset}`.localeCompare(`${b.side}${b.asset}`))

/** Both books' loans under the shock, without the names that differ. */
async function compared(protocol: string, names: ReadonlyMap<string, string>, options: ChainOptions) {
  const words = { shock: SHOCK, limit: '1000' }
  const read = healthAnswer(lendingQuestion(words, await chainBooks(options)))
  expect(read.source).toMatchObject({ kind: 'chain', chain: 1, block: String(BLOCK) })
  const own = healthAnswer(lendingQuestion({ ...words, protocol }, simulatedBooks()))
  const plain = (
    { account, target: _target, legs, breaks, prices, take, under, ...rest }: LoanFigures,
    name: string,
  ) => ({
    ...{
      ...rest,
      account: name,
      prices: sorted(
        prices.map(({ feed: _feed, asset, quote, ...one }) => ({
          ...one,
          asset: symbolOf(asset),
          quote: symbolOf(quote),
        })),
      ),
    },
    // A chain lists assets in the order of its reserves.
    legs: sorted(legs.map((leg) => ({ ...leg, asset: symbolOf(leg.asset) }))),
    breaks: breaks.map(({ drop }) => drop),
    ...{ profit: take?.profit, after: under?.healthFactor, profitAfter: under?.take?.profit, state: under?.state },
  })
  const byName = (loans: readonly LoanFigures[], nameOf: (loan: LoanFigures) => string | undefined) =>
    new Map(
      loans.flatMap((loan) =>
        nameOf(loan) === undefined ? [] : [[nameOf(loan) as string, plain(loan, nameOf(loan) as string)] as const],
      ),
    )
  const wanted = new Set(names.values())
  const expected = byName(own.listed, ({ account }) => (wanted.has(account) ? account : undefined))
  expect(expected.size).toBeGreaterThan(10)
  const got = byName(read.listed, ({ account }) => names.get(account))
  expect([...got.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [name, loan] of expected) expect(got.get(name), name).toEqual(loan)
}

const namesOf = (accounts: readonly string[]) => new Map(accounts.map((name) => [accountOf(name) as string, name]))

describe('loans read from a chain', () => {
  it('of Aave v3 are judged as the same loans of a table', async () => {
    const state = bookOf('aave-v3').state as AaveState
    const names = [...state.accounts.keys()].slice(0, MOST)
    const { say, start } = node()
    serveAave(say, state, names)
    const { url, stop } = await start()
    const options = {
      rpc: url,
      protocol: 'aave-v3',
      market: addressOf('pool'),
      account: names.map(accountOf).join(','),
    }
    await compared('aave-v3', namesOf(names), options).finally(stop)
  })

  it('of Compound v3 too', async () => {
    const state = bookOf('compound-v3').state as CometState
    const names = [...state.accounts.keys()].slice(0, MOST)
    const { say, start } = node()
    serveComet(say, state, names)
    const { url, stop } = await start()
    const options = {
      rpc: url,
      protocol: 'compound-v3',
      market: addressOf('comet'),
      account: names.map(accountOf).join(','),
    }
    await compared('compound-v3', namesOf(names), options).finally(stop)
  })

  it('of Morpho too, with the dollars of its loan assets given', async () => {
    const state = bookOf('morpho-blue').state as MorphoState
    const { say, start } = node()
    const names = [...state.positions.values()].flatMap((positions) =>
      [...positions.keys()].filter((name) => name.startsWith('sim')),
    )
    serveMorpho(say, state, names)
    const { url, stop } = await start()
    const market = [...state.markets.keys()].map(idOf).join(',')
    const account = names.map(accountOf).join(',')
    const options = { rpc: url, protocol: 'morpho-blue', market, account }
    try {
      await expect(chainBooks({ ...options, market: '0x12' })).rejects.toMatchObject({ code: 'bad-config' })
      say(MORPHO, 'feeRecipient() view returns (address)', [], addressOf('fees'))
      await expect(chainBooks({ ...options, price: ['WETH=3000'] })).rejects.toMatchObject({ code: 'missing-price' })
      await compared('morpho-blue', namesOf(names), { ...options, price: ['WETH=3000', 'USDC=1'] })
    } finally {
      await stop()
    }
  })

  it('that are not named, or of no such market, are refused', async () => {
    const { url, stop } = await node().start()
    const codeOf = (options: ChainOptions) => chainBooks({ rpc: url, ...options }).catch(({ code }) => code)
    try {
      expect(await codeOf({ protocol: 'aave-v3' })).toBe('bad-config')
      expect(await codeOf({ protocol: 'aave-v3', account: '0x12' })).toBe('bad-config')
      expect(await codeOf({ protocol: 'aave-v3', account: accountOf('x'), market: 'pool' })).toBe('bad-config')
      expect(await codeOf({ protocol: 'maker-clip', account: accountOf('x') })).toBe('unknown-protocol')
      expect(await codeOf({ protocol: 'aave-v3', account: accountOf('x') })).toBe('contract-silent')
      expect(await codeOf({ protocol: 'aave-v3', account: accountOf('x'), block: '7' })).toBe('block-unavailable')
      expect(await codeOf({ protocol: 'aave-v3', account: accountOf('x'), block: 'seven' })).toBe('bad-config')
    } finally {
      await stop()
    }
  })
})

type Say = ReturnType<typeof node>['say']
const POOL = addressOf('pool')

function serveAave(say: Say, state: AaveState, names: readonly string[]): void {
  const assets = [...state.reserves.keys()]
  const mapOf = (list: readonly string[]) =>
    assets.reduce((map, asset, id) => (list.includes(asset) ? map | (1n << BigInt(id)) : map), 0n)
  say(POOL, 'POOL_REVISION() view returns (uint256)', [], 10n)
  say(POOL, 'ADDRESSES_PROVIDER() view returns (address)', [], addressOf('provider'))
  say(addressOf('provider'), 'getPriceOracle() view returns (address)', [], addressOf('oracle'))
  say(POOL, 'getReservesList() view returns (address[])', [], assets.map(addressOf))
  for (const [id, [asset, reserve]] of [...state.reserves].entries()) {
    const { config, liquidityIndex, variableBorrowIndex, updated, virtualBalance, scaledDebt } = reserve
    const map =
      config.ltv |
      (config.liquidationThreshold << 16n) |
      (config.liquidationBonus << 32n) |
      (config.decimals << 48n) |
      (1n << 56n) |
      (1n << 58n)
    const [aToken, debtToken, strategy] = ['a', 'd', 's'].map((kind) => addressOf(`${kind} ${asset}`)) as [
      Address,
      Address,
      Address,
    ]
    const words = [
      map,
      liquidityIndex,
      0n,
      variableBorrowIndex,
      0n,
      0n,
      updated,
      BigInt(id),
      BigInt(aToken),
      0n,
      BigInt(debtToken),
      BigInt(strategy),
      0n,
      0n,
      0n,
    ]
    say(POOL, 'getReserveData(address) view returns (uint256[15])', [addressOf(asset)], words)
    say(POOL, 'getVirtualUnderlyingBalance(address) view returns (uint256)', [addressOf(asset)], virtualBalance)
    say(POOL, 'getReserveDeficit(address) view returns (uint256)', [addressOf(asset)], 0n)
    say(POOL, 'getLiquidationGracePeriod(address) view returns (uint256)', [addressOf(asset)], 0n)
    const supply = [...state.accounts.values()].reduce(
      (sum, { positions }) => sum + (positions.get(asset)?.scaledCollateral ?? 0n),
      0n,
    )
    say(aToken, 'scaledTotalSupply() view returns (uint256)', [], supply)
    say(debtToken, 'scaledTotalSupply() view returns (uint256)', [], scaledDebt)
    say(aToken, 'RESERVE_TREASURY_ADDRESS() view returns (address)', [], accountOf('treasury'))
    say(
      strategy,
      'getInterestRateDataBps(address) view returns (uint256, uint256, uint256, uint256)',
      [addressOf(asset)],
      [9_000n, 0n, 0n, 0n],
    )
    say(
      addressOf('oracle'),
      'getAssetPrice(address) view returns (uint256)',
      [addressOf(asset)],
      at.price(`${asset}/USD`),
    )
    for (const name of [...names, 'treasury']) {
      const position = state.accounts.get(name)?.positions.get(asset)
      say(
        aToken,
        'scaledBalanceOf(address) view returns (uint256)',
        [accountOf(name)],
        position?.scaledCollateral ?? 0n,
      )
      say(debtToken, 'scaledBalanceOf(address) view returns (uint256)', [accountOf(name)], position?.scaledDebt ?? 0n)
    }
  }
  for (let id = 1; id <= 255; id++) {
    const mode = state.eModes.get(id)
    const terms = mode ? [mode.ltv, mode.liquidationThreshold, mode.liquidationBonus] : [0n, 0n, 0n]
    say(POOL, 'getEModeCategoryCollateralConfig(uint8) view returns (uint256, uint256, uint256)', [id], terms)
    if (!mode) continue
    for (const kind of ['Collateral', 'Borrowable', 'Ltvzero'])
      say(
        POOL,
        `getEModeCategory${kind}Bitmap(uint8) view returns (uint256)`,
        [id],
        kind === 'Ltvzero' ? 0n : mapOf(mode.collateral),
      )
  }
  for (const name of [...names, 'treasury']) {
    const account = state.accounts.get(name)
    const flags = assets.reduce((map, asset, id) => {
      const position = account?.positions.get(asset)
      return (
        map |
        (position?.borrowing ? 1n << BigInt(2 * id) : 0n) |
        (position?.usedAsCollateral ? 1n << BigInt(2 * id + 1) : 0n)
      )
    }, 0n)
    say(POOL, 'getUserConfiguration(address) view returns (uint256)', [accountOf(name)], flags)
    say(POOL, 'getUserEMode(address) view returns (uint256)', [accountOf(name)], BigInt(account?.eMode ?? 0))
  }
}

const COMET = addressOf('comet')

function serveComet(say: Say, state: CometState, names: readonly string[]): void {
  const { config } = state
  const number = (name: string, value: bigint) => say(COMET, `${name}() view returns (uint256)`, [], value)
  const feedOf = (asset: string) => addressOf(`feed ${asset}`)
  say(COMET, 'baseToken() view returns (address)', [], addressOf(config.base.symbol))
  say(COMET, 'baseTokenPriceFeed() view returns (address)', [], feedOf(config.base.symbol))
  say(COMET, 'numAssets() view returns (uint8)', [], config.assets.length)
  number('baseScale', config.base.scale)
  for (const name of ['storeFrontPriceFactor', 'targetReserves', 'baseBorrowMin'] as const) number(name, config[name])
  for (const side of ['supply', 'borrow'] as const) {
    number(`${side}Kink`, config[side].kink)
    for (const part of ['Base', 'SlopeLow', 'SlopeHigh']) number(`${side}PerSecondInterestRate${part}`, 0n)
  }
  const balance = 'balanceOf(address) view returns (uint256)'
  for (const [
    index,
    { symbol, scale, borrowCollateralFactor, liquidateCollateralFactor, liquidationFactor },
  ] of config.assets.entries()) {
    const info = 'getAssetInfo(uint8) view returns ((uint8, address, address, uint64, uint64, uint64, uint64, uint128))'
    say(
      COMET,
      info,
      [index],
      [
        index,
        addressOf(symbol),
        feedOf(symbol),
        scale,
        borrowCollateralFactor,
        liquidateCollateralFactor,
        liquidationFactor,
        2n ** 100n,
      ],
    )
    say(
      COMET,
      'totalsCollateral(address) view returns (uint128, uint128)',
      [addressOf(symbol)],
      [state.owed.get(symbol) ?? 0n, 0n],
    )
    say(addressOf(symbol), balance, [COMET], state.held.get(symbol) ?? 0n)
  }
  const totals = 'totalsBasic() view returns ((uint64, uint64, uint64, uint64, uint104, uint104, uint40, uint8))'
  const { baseSupplyIndex, baseBorrowIndex, totalSupplyBase, totalBorrowBase } = state
  say(
    COMET,
    totals,
    [],
    [baseSupplyIndex, baseBorrowIndex, 0n, 0n, totalSupplyBase, totalBorrowBase, Number(at.time), 0],
  )
  say(addressOf(config.base.symbol), balance, [COMET], state.baseBalance)
  for (const { symbol } of [config.base, ...config.assets])
    say(COMET, 'getPrice(address) view returns (uint256)', [feedOf(symbol)], at.price(`${symbol}/USD`))
  for (const name of names) {
    const { principal = 0n, collateral = new Map<string, bigint>() } = state.accounts.get(name) ?? {}
    const bits = config.assets.reduce((map, { symbol }, bit) => map | (collateral.has(symbol) ? 1 << bit : 0), 0)
    say(
      COMET,
      'userBasic(address) view returns (int104, uint64, uint64, uint16, uint8)',
      [accountOf(name)],
      [principal, 0n, 0n, bits, 0],
    )
    for (const [symbol, amount] of collateral)
      say(
        COMET,
        'userCollateral(address, address) view returns (uint128, uint128)',
        [accountOf(name), addressOf(symbol)],
        [amount, 0n],
      )
  }
}

const MORPHO: Address = '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb'
const NOBODY: Address = `0x${'0'.repeat(40)}`
const idOf = (market: string) => pad(toHex(market), { size: 32 })

function serveMorpho(say: Say, state: MorphoState, names: readonly string[]): void {
  for (const [id, market] of state.markets) {
    const { loan, collateral, feed, lltv, lastUpdate, fee } = market
    const oracle = addressOf(`oracle ${feed}`)
    const params = 'idToMarketParams(bytes32) view returns (address, address, address, address, uint256)'
    say(MORPHO, params, [idOf(id)], [addressOf(loan), addressOf(collateral), oracle, NOBODY, lltv])
    const totals = [
      market.totalSupplyAssets,
      market.totalSupplyShares,
      market.totalBorrowAssets,
      market.totalBorrowShares,
      lastUpdate,
      fee,
    ]
    say(
      MORPHO,
      'market(bytes32) view returns (uint128, uint128, uint128, uint128, uint128, uint128)',
      [idOf(id)],
      totals,
    )
    say(oracle, 'price() view returns (uint256)', [], at.price(feed))
    for (const name of [...names, 'fees']) {
      const { supplyShares = 0n, borrowShares = 0n, collateral: held = 0n } = state.positions.get(id)?.get(name) ?? {}
      const account = name === 'fees' ? addressOf('fees') : accountOf(name)
      say(
        MORPHO,
        'position(bytes32, address) view returns (uint256, uint128, uint128)',
        [idOf(id), account],
        [supplyShares, borrowShares, held],
      )
    }
  }
}
