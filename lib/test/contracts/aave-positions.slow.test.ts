/** Aave v3.6's positions read from a chain: the state equals the one that our mechanism reaches by applying the same actions. */
import { type Address, getAddress, pad, toHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AaveV3Read, aaveV3Borrowers, chainAt, momentOf, readAaveV3 } from '../../feed/index.ts'
import { AAVE_V36_BOOK } from '../../mechanisms/aave/v3-book.ts'
import { type AaveState, aaveV36, wasRefused } from '../../mechanisms/index.ts'
import { canonical, type FeedAnswer, prng, type UnixSeconds } from '../../model/index.ts'
import { SEED } from '../seed.ts'
import { drawHistory } from './aave-history.ts'
import { type AaveMarket, deployCoins } from './aave-market.ts'
import { deployAaveOrigin, deployAaveOriginCode } from './aave-origin-market.ts'
import { oursOf } from './aave-ours.ts'
import { decoder, deployReader, stateFrom } from './aave-reading.ts'
import type { AaveStep } from './aave-steps.ts'
import { encode } from './aave-trial.ts'
import { callOf, describeOnChain, type LocalChain, startChain } from './chain.ts'

describeOnChain('positions of Aave v3.6', () => {
  let chain: LocalChain
  let market: AaveMarket
  let lived: Awaited<ReturnType<typeof live>>
  beforeAll(async () => {
    chain = await startChain()
    const coins = await deployCoins(chain, 'v3.6')
    market = await deployAaveOrigin(chain, await deployAaveOriginCode(chain, 'v3.6'), coins, prng(`${SEED}/positions`))
    lived = await live(chain, market)
  })
  afterAll(() => chain?.stop())

  const read = async (block?: bigint, idle?: boolean) =>
    readAaveV3(await chainAt({ url: chain.url, block }), {
      ...{ pool: market.pool.address, accounts: [...market.accounts.values()], idle },
    })

  it(`are what our mechanism reached, at every block that is asked for (seed ${SEED})`, async () => {
    expect(lived.length).toBeGreaterThan(3)
    for (const { block, state, step } of lived) {
      const got = await read(block)
      expect(got.mechanism).toBe('aave-v3.6')
      expect(BigInt(got.time)).toBe(step.time)
      expect(canonical(comparable(named(got, market))), `seed ${SEED}, block ${block}`).toBe(
        canonical(comparable(state)),
      )
      // The oracle of the market refuses to answer zero.
      for (const { id, coin } of market.assets)
        expect(got.prices.get(getAddress(coin.address))).toBe(step.prices.get(id) || undefined)
    }
    const got = await read()
    const targets = [...aaveV36.targets(got.state)]
    expect(targets.length).toBeGreaterThan(0)
    let compared = 0
    for (const target of targets) {
      const health = aaveV36.assess(got.state, target, momentOf(got))
      if (!health) continue
      // The pool's own view of the account.
      const [collateral, debt] = await chain.read<readonly bigint[]>(market.pool, 'getUserAccountData', [target])
      expect(health.equity).toBe((collateral ?? 0n) - (debt ?? 0n))
      compared += 1
    }
    // A history may end while an asset has no price.
    if (got.prices.size === market.assets.length) expect(compared).toBeGreaterThan(0)
  })

  it('are judged alike when what backs nothing is left out', async () => {
    const [whole, lean] = [await read(), await read(undefined, false)]
    const size = ({ state }: AaveV3Read) =>
      [...state.accounts.values()].reduce((sum, one) => sum + one.positions.size, 0)
    expect(size(lean)).toBeLessThanOrEqual(size(whole))
    for (const target of aaveV36.targets(whole.state))
      expect(aaveV36.assess(lean.state, target, momentOf(lean))).toEqual(
        aaveV36.assess(whole.state, target, momentOf(whole)),
      )
  })

  it('borrowers are found in the logs', async () => {
    const at = await chainAt({ url: chain.url })
    const found = await aaveV3Borrowers(at, market.pool.address, 0n)
    const owing = [...(lived.at(-1)?.state.accounts ?? [])]
      .filter(([, { positions }]) => [...positions.values()].some(({ borrowing }) => borrowing))
      .map(([name]) => getAddress(market.accounts.get(name) as Address))
    expect(found).toEqual(expect.arrayContaining(owing))
  })

  it('that cannot be read say why', async () => {
    const at = await chainAt({ url: chain.url })
    const coin = market.assets[0]?.coin.address as Address
    await expect(readAaveV3(at, { pool: coin, accounts: [] })).rejects.toMatchObject({ code: 'contract-silent' })
  })
})

type Snapshot = { readonly block: bigint; readonly state: AaveState; readonly step: AaveStep }

/** A random history in real transactions; our state after every twelfth. What our mechanism refuses is not sent. */
async function live(chain: LocalChain, market: AaveMarket): Promise<readonly Snapshot[]> {
  const reader = await deployReader(market)
  const [[raw] = []] = await chain.simulate([{ calls: [callOf(reader.contract, 'read')] }])
  const reading = decoder(reader)(raw?.data ?? '0x')
  const { timestamp } = await chain.publicClient.getBlock()
  const start = { reading, time: timestamp + 1_000n }
  const steps = drawHistory(oursOf(AAVE_V36_BOOK), market, start, 40, prng(`${SEED}/history`))
  const state = stateFrom(market, reading)
  const snapshots: Snapshot[] = []
  for (const account of market.accounts.values()) await chain.testClient.impersonateAccount({ address: account })
  let [time, prices] = [start.time, new Map<string, bigint>()]
  let done = 0
  for (const step of steps) {
    // Several actions of one second would be one block: here each has a block of its own, two seconds after the last.
    time = step.time > time + 1n ? step.time : time + 2n
    for (const { id, feed } of market.assets) {
      const price = step.prices.get(id) as bigint
      if (prices.get(id) === price) continue
      const word = { index: pad('0x0', { size: 32 }), value: toHex(price, { size: 32 }) } as const
      await chain.testClient.setStorageAt({ address: feed.address, ...word })
    }
    prices = new Map(step.prices)
    const at = {
      time: Number(time) as UnixSeconds,
      price: (feed: string) => prices.get(feed) as FeedAnswer | undefined,
    }
    if (wasRefused(aaveV36.apply(state, step.action, at))) continue
    await chain.testClient.setNextBlockTimestamp({ timestamp: time })
    const from = market.accounts.get(step.sender)
    await chain.send({ from, to: market.pool.address, data: encode(market, step.action) })
    done += 1
    if (done % 12 === 0) {
      const block = await chain.publicClient.getBlock()
      snapshots.push({ block: block.number, state: structuredClone(state), step: { ...step, time } })
      // Storage that is set by hand changes the latest block: the one that is kept must not be it.
      await chain.testClient.setNextBlockTimestamp({ timestamp: time + 1n })
      await chain.testClient.mine({ blocks: 1 })
    }
  }
  return snapshots
}

/** The state that was read, by the names of the market. */
function named({ state }: AaveV3Read, market: AaveMarket): AaveState {
  const assets = new Map(market.assets.map(({ id, coin }) => [getAddress(coin.address) as string, id]))
  const names = new Map([...market.accounts].map(([name, address]) => [getAddress(address) as string, name]))
  const assetOf = (address: string) => assets.get(address) ?? address
  return {
    ...state,
    treasury: names.get(getAddress(state.treasury)) ?? state.treasury,
    reserves: new Map(
      [...state.reserves].map(([asset, { config, ...reserve }]) => [
        assetOf(asset),
        { ...reserve, config: { ...config, asset: assetOf(asset), feed: assetOf(asset) } },
      ]),
    ),
    eModes: new Map(
      [...state.eModes].map(([id, { collateral, borrowable = [], ltvZero = [], ...mode }]) => [
        id,
        {
          ...mode,
          collateral: collateral.map(assetOf),
          borrowable: borrowable.map(assetOf),
          ltvZero: ltvZero.map(assetOf),
        },
      ]),
    ),
    accounts: new Map(
      [...state.accounts].map(([address, { eMode, positions }]) => [
        names.get(getAddress(address as Address)) ?? address,
        { eMode, positions: new Map([...positions].map(([asset, position]) => [assetOf(asset), position])) },
      ]),
    ),
  }
}

/** What both sides say alike: a switch that is left out is off, a limit that is left out is zero, empty positions are left out, lists in one order. */
function comparable(state: AaveState): unknown {
  return {
    treasury: state.treasury,
    reserves: new Map(
      [...state.reserves].map(([id, { config, ...reserve }]) => [
        id,
        {
          ...{ frozen: false, active: true, isolationDebt: 0n, ...reserve },
          config: {
            ...{ borrowing: true, borrowableInIsolation: false, siloed: false },
            ...{ supplyCap: 0n, borrowCap: 0n, debtCeiling: 0n, ...config },
          },
        },
      ]),
    ),
    eModes: new Map(
      [...state.eModes].map(([id, { collateral, borrowable = [], ltvZero = [], ...mode }]) => [
        id,
        {
          ...mode,
          collateral: [...collateral].sort(),
          borrowable: [...borrowable].sort(),
          ltvZero: [...ltvZero].sort(),
        },
      ]),
    ),
    accounts: new Map(
      [...state.accounts].map(([name, { eMode, positions }]) => [
        name,
        {
          eMode,
          positions: new Map(
            [...positions].filter(
              ([, { scaledCollateral, scaledDebt, borrowing, usedAsCollateral }]) =>
                scaledCollateral > 0n || scaledDebt > 0n || borrowing || usedAsCollateral,
            ),
          ),
        },
      ]),
    ),
  }
}
