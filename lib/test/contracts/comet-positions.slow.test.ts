/** Comet's positions read from a node that answers as the recorded contracts stood: the state read is the state that was recorded. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Address, getAddress, parseAbi } from 'viem'
import { describe, expect, it } from 'vitest'
import { chainAt, momentOf, readComet } from '../../feed/index.ts'
import { type CometState, compoundV3 } from '../../mechanisms/index.ts'
import { canonical } from '../../model/index.ts'
import { cometStateOf } from '../golden/compound-v3.ts'
import { field, type GoldenFile, integer, type JsonObject } from '../golden/replay.ts'
import { SHARED_REFERENCE } from '../shared-data.ts'
import { answer, type RpcAnswers, startRpcAnswers } from './rpc-answers.ts'

const FILE = join(SHARED_REFERENCE, 'golden/compound-v3.json')
const BLOCK = 20_000_000n
const COMET = addressOf('comet')

const VIEWS = parseAbi([
  'function baseToken() view returns (address)',
  'function baseTokenPriceFeed() view returns (address)',
  'function numAssets() view returns (uint8)',
  'function scalar() view returns (uint256)',
  'function getAssetInfo(uint8) view returns ((uint8 offset, address asset, address priceFeed, uint64 scale, uint64 borrowCollateralFactor, uint64 liquidateCollateralFactor, uint64 liquidationFactor, uint128 supplyCap))',
  'function totalsBasic() view returns ((uint64, uint64, uint64, uint64, uint104, uint104, uint40, uint8))',
  'function totalsCollateral(address) view returns (uint128, uint128)',
  'function userBasic(address) view returns (int104, uint64, uint64, uint16, uint8)',
  'function userCollateral(address, address) view returns (uint128, uint128)',
  'function getPrice(address) view returns (uint256)',
  'function balanceOf(address) view returns (uint256)',
])

describe.skipIf(!existsSync(FILE))('positions of Comet', () => {
  const file = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as GoldenFile) : undefined
  const cases = (file?.cases ?? []).filter((_, index) => index % 6 === 0)

  it(`are what was recorded, in ${cases.length} recorded cases`, async () => {
    let accounts = 0
    for (const one of cases) {
      const recorded = cometStateOf(file as GoldenFile, one.in)
      const { url, stop } = await nodeOf(recorded, one.in)
      try {
        const got = await readComet(await chainAt({ url }), reading(recorded))
        expect(canonical(named(got.state, recorded)), one.branch).toBe(canonical(recorded))
        expect(BigInt(got.time)).toBe(integer(one.in, 'timestamp'))
        for (const target of compoundV3.targets(got.state)) compoundV3.assess(got.state, target, momentOf(got))
        accounts += got.state.accounts.size
      } finally {
        await stop()
      }
    }
    expect(accounts).toBeGreaterThan(cases.length / 3)
  })

  it('that are not there say so', async () => {
    const [one] = cases
    const recorded = cometStateOf(file as GoldenFile, one?.in as JsonObject)
    const { url, stop } = await nodeOf(recorded, one?.in as JsonObject)
    try {
      const at = await chainAt({ url, block: BLOCK })
      await expect(readComet(at, { comet: addressOf('nobody'), accounts: [] })).rejects.toMatchObject({
        ...{ code: 'contract-silent', values: { view: 'baseToken', block: String(BLOCK) } },
      })
      await expect(chainAt({ url, block: BLOCK + 1n })).rejects.toMatchObject({ code: 'block-unavailable' })
    } finally {
      await stop()
    }
  })
})

/** An address that stands for a name. */
function addressOf(name: string): Address {
  return getAddress(`0x${Buffer.from(name.padEnd(20, '.')).toString('hex')}`)
}
const feedOf = (symbol: string) => addressOf(`feed ${symbol}`)

const reading = (state: CometState) => ({
  ...{ comet: COMET, accounts: [...state.accounts.keys()].map((name) => addressOf(`account ${name}`)) },
})

/** A node that answers as the contract of a recorded case. */
function nodeOf(state: CometState, input: JsonObject) {
  const answers: RpcAnswers = new Map()
  const { config } = state
  const say = (name: string, args: readonly unknown[], result: unknown, address = COMET) =>
    answer(answers, { address, abi: VIEWS, name, args }, result)
  const number = (name: string, value: bigint) =>
    answer(answers, { address: COMET, abi: parseAbi([`function ${name}() view returns (uint256)`]), name }, value)
  say('baseToken', [], addressOf(config.base.symbol))
  say('baseTokenPriceFeed', [], feedOf(config.base.symbol))
  say('numAssets', [], config.assets.length)
  number('baseScale', config.base.scale)
  for (const name of ['storeFrontPriceFactor', 'targetReserves', 'baseBorrowMin'] as const) number(name, config[name])
  for (const side of ['supply', 'borrow'] as const) {
    const { kink, base, slopeLow, slopeHigh } = config[side]
    number(`${side}Kink`, kink)
    for (const [part, value] of Object.entries({ Base: base, SlopeLow: slopeLow, SlopeHigh: slopeHigh }))
      number(`${side}PerSecondInterestRate${part}`, value)
  }
  for (const [index, { symbol, ...terms }] of config.assets.entries()) {
    const asset = addressOf(symbol)
    say('getAssetInfo', [index], {
      ...terms,
      offset: index,
      asset,
      priceFeed: feedOf(symbol),
      supplyCap: 2n ** 128n - 1n,
    })
    say('totalsCollateral', [asset], [state.owed.get(symbol) ?? 0n, 0n])
    say('balanceOf', [COMET], state.held.get(symbol) ?? 0n, asset)
  }
  const { baseSupplyIndex, baseBorrowIndex, totalSupplyBase, totalBorrowBase, lastAccrualTime } = state
  const indices = [baseSupplyIndex, baseBorrowIndex, 7n, 7n]
  say('totalsBasic', [], [...indices, totalSupplyBase, totalBorrowBase, lastAccrualTime, 0])
  say('balanceOf', [COMET], state.baseBalance, addressOf(config.base.symbol))
  for (const [name, { principal, collateral }] of state.accounts) {
    const account = addressOf(`account ${name}`)
    const bits = config.assets.reduce((map, { symbol }, bit) => map | (collateral.has(symbol) ? 1 << bit : 0), 0)
    say('userBasic', [account], [principal, 5n, 6n, bits, 0])
    for (const [symbol, amount] of collateral) say('userCollateral', [account, addressOf(symbol)], [amount, 0n])
  }
  // A price that is not above zero reverts, as the contract does.
  for (const [symbol, price] of Object.entries(field(input, 'prices') as JsonObject))
    if (BigInt(price as string) > 0n) say('getPrice', [feedOf(symbol)], BigInt(price as string))
  return startRpcAnswers(answers, { number: BLOCK, time: integer(input, 'timestamp') })
}

/** The state that was read, by the names of the recorded one. */
function named(state: CometState, recorded: CometState): CometState {
  const { config } = recorded
  const symbols = new Map([config.base, ...config.assets].map(({ symbol }) => [addressOf(symbol) as string, symbol]))
  const names = new Map([...recorded.accounts.keys()].map((name) => [addressOf(`account ${name}`) as string, name]))
  const symbolOf = (address: string) => symbols.get(address) ?? address
  const byName = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].map(([address, value]) => [symbolOf(address), value]))
  const shown = <T extends { readonly symbol: string; readonly feed: string }>(one: T): T => {
    expect(one.feed).toBe(feedOf(symbolOf(one.symbol)))
    return { ...one, symbol: symbolOf(one.symbol), feed: symbolOf(one.symbol) }
  }
  return {
    ...state,
    config: {
      ...{ ...state.config, base: shown(state.config.base) },
      // The recording has no caps: the node says "no cap" as the largest number.
      assets: state.config.assets.map((asset) => ({ ...shown(asset), supplyCap: undefined })),
    },
    // A recording names the collateral of its case; of the rest the node says zero.
    ...{ owed: only(byName(state.owed), recorded.owed), held: only(byName(state.held), recorded.held) },
    accounts: new Map(
      [...state.accounts].map(([address, { principal, collateral }]) => [
        names.get(address) ?? address,
        { principal, collateral: byName(collateral) },
      ]),
    ),
  }
}

function only(all: ReadonlyMap<string, bigint>, wanted: ReadonlyMap<string, bigint>): Map<string, bigint> {
  for (const [name, amount] of all) if (!wanted.has(name)) expect(amount).toBe(0n)
  return new Map([...all].filter(([name]) => wanted.has(name)))
}
