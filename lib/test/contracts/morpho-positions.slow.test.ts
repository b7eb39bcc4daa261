/** Morpho's positions read from a chain: the state equals the one that our mechanism reaches by applying the same actions; what cannot be read says why. */
import { type Address, getAddress, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainAt, MULTICALL3, momentOf, morphoBorrowers, morphoMarkets, readMorpho } from '../../feed/index.ts'
import { MORPHO_NOBODY, type MorphoState, morphoBlue } from '../../mechanisms/index.ts'
import { canonical } from '../../model/index.ts'
import { SEED } from '../seed.ts'
import { describeOnChain, type LocalChain, startChain } from './chain.ts'
import { compile } from './compile.ts'
import { deployMorpho, type MorphoDeployment } from './morpho-chain.ts'
import { liveMorpho, type MorphoHistory } from './morpho-history.ts'
import { startRpcProxy } from './rpc-proxy.ts'

/** Multicall3's one function that a reading uses. */
const AGGREGATE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
contract Aggregate {
  struct Call { address target; bool allowFailure; bytes callData; }
  struct Result { bool success; bytes returnData; }
  function aggregate3(Call[] calldata calls) external payable returns (Result[] memory results) {
    results = new Result[](calls.length);
    for (uint256 i; i < calls.length; i++) {
      (bool success, bytes memory data) = calls[i].target.call(calls[i].callData);
      require(success || calls[i].allowFailure, "call failed");
      results[i] = Result(success, data);
    }
  }
}`

describeOnChain('positions of Morpho', () => {
  let chain: LocalChain
  let deployment: MorphoDeployment
  let lived: MorphoHistory
  beforeAll(async () => {
    chain = await startChain()
    deployment = await deployMorpho(chain)
    lived = await liveMorpho(chain, deployment, SEED, 120)
  })
  afterAll(() => chain?.stop())

  /** Every market with every user, or with nobody. */
  const everybody = (nobody = false) =>
    new Map(
      [...lived.markets.keys()].map((id) => [
        id,
        nobody ? [] : [MORPHO_NOBODY, ...deployment.users.map((one) => getAddress(one))],
      ]),
    )
  const reading = () => ({
    ...{ morpho: deployment.morpho.address, markets: everybody() },
    rateModels: new Map([[getAddress(deployment.irm.address), 'utilisation' as const]]),
  })
  const read = async (block?: bigint, url = chain.url, most?: number) =>
    readMorpho(await chainAt({ url, block, most }), reading())

  it(`are what our mechanism reached, at every block that is asked for (seed ${SEED})`, async () => {
    expect(lived.snapshots.length).toBe(12)
    for (const { block, time, state, prices } of lived.snapshots) {
      const got = await read(block)
      expect(got.time).toBe(time)
      expect(canonical(comparable(got.state)), `seed ${SEED}, block ${block}`).toBe(canonical(comparable(state)))
      for (const [oracle, price] of prices) expect(got.prices.get(getAddress(oracle))).toBe(price)
    }
    const got = await read()
    const targets = [...morphoBlue.targets(got.state)]
    expect(targets.length).toBeGreaterThan(0)
    for (const target of targets)
      expect(morphoBlue.assess(got.state, target, momentOf(got))?.required).toBeGreaterThan(0n)
  })

  it('markets and borrowers are found in the logs', async () => {
    const at = await chainAt({ url: chain.url })
    const { morpho } = deployment
    expect([...(await morphoMarkets(at, morpho.address, 0n))].sort()).toEqual([...lived.markets.keys()].sort())
    const found = await morphoBorrowers(at, morpho.address, 0n)
    expect(found.size).toBeGreaterThan(0)
    for (const [id, accounts] of found) expect(new Set(accounts)).toEqual(lived.borrowers.get(id))
    const [first = ''] = found.keys()
    expect([...(await morphoBorrowers(at, morpho.address, 0n, [first])).keys()]).toEqual([first])
  })

  it('come in a few requests through Multicall3, and are the same; a request that is too large is halved', async () => {
    const plain = await startRpcProxy(chain.url)
    const limited = await startRpcProxy(chain.url, (_, together) =>
      together > 4 ? 'response size exceeded' : undefined,
    )
    const snapshot = await chain.testClient.snapshot()
    try {
      const alone = canonical((await read(undefined, plain.url)).state)
      const calls = plain.asked.get('eth_call') ?? 0
      expect(canonical((await read(undefined, limited.url)).state)).toBe(alone)
      expect(limited.requests()).toBeGreaterThan(plain.requests())
      expect(canonical((await read(undefined, chain.url, 3)).state)).toBe(alone)
      await placeMulticall(chain)
      expect(canonical((await read(undefined, plain.url)).state)).toBe(alone)
      expect((plain.asked.get('eth_call') ?? 0) - calls).toBeLessThan(calls / 3)
    } finally {
      await chain.testClient.revert({ id: snapshot })
      await plain.stop()
      await limited.stop()
    }
  })

  describe('that cannot be read say why:', () => {
    const refused = async (what: Promise<unknown>, code: string) => expect(what).rejects.toMatchObject({ code })
    const empty = (morpho: Address, markets = new Map<string, readonly string[]>()) => ({ morpho, markets })

    it('another chain, a block to come, nobody listening', async () => {
      await refused(chainAt({ url: chain.url, chainId: 1 }), 'wrong-chain')
      await refused(chainAt({ url: chain.url, block: 10_000_000n }), 'block-unavailable')
      await refused(chainAt({ url: 'http://127.0.0.1:9' }), 'venue-unreachable')
    })

    it('no Morpho there, no such market, a rate model that is none of the known', async () => {
      const at = await chainAt({ url: chain.url, chainId: 31337 })
      const { morpho, users, tokens } = deployment
      await refused(readMorpho(at, empty(users[0] as Address)), 'contract-silent')
      await refused(readMorpho(at, empty(tokens[0].address)), 'contract-silent')
      await refused(readMorpho(at, empty(morpho.address, new Map([[`0x${'12'.repeat(32)}`, []]]))), 'not-found')
      await refused(readMorpho(at, empty(morpho.address, everybody(true))), 'contract-silent')
      // Before the contract was deployed there is nothing, either.
      await refused(readMorpho(await chainAt({ url: chain.url, block: 0n }), reading()), 'contract-silent')
    })

    it('a node that lost the state of the block', async () => {
      const lost = await startRpcProxy(chain.url, ({ method }) =>
        method === 'eth_call' ? 'missing trie node 0x1234' : undefined,
      )
      try {
        await refused(read(undefined, lost.url), 'block-unavailable')
      } finally {
        await lost.stop()
      }
    })
  })
})

/** Puts the aggregator where Multicall3 stands on live chains. */
async function placeMulticall(chain: LocalChain): Promise<void> {
  const artifacts = await compile({
    ...{ compiler: 'solc-0.8.27', entries: [], own: { 'own/aggregate.sol': AGGREGATE } },
    settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'paris' },
  })
  const { address } = await chain.deploy(artifacts('Aggregate'))
  const bytecode = (await chain.publicClient.getCode({ address })) as Hex
  await chain.testClient.setCode({ address: MULTICALL3, bytecode })
  await chain.testClient.mine({ blocks: 1 })
}

/** Without what a chain does not tell: the atoms beyond the total debt, what the owner enabled; addresses in one spelling; empty positions left out. */
function comparable({ markets, positions, feeRecipient }: MorphoState): unknown {
  const spelled = (text: string) => getAddress(text as Address)
  return {
    feeRecipient: spelled(feeRecipient),
    markets: Object.fromEntries(
      [...markets].map(([id, { excess: _, ...market }]) => [
        id,
        {
          ...{ ...market, rateModel: market.rateModel.kind },
          ...{ loan: spelled(market.loan), collateral: spelled(market.collateral), feed: spelled(market.feed) },
        },
      ]),
    ),
    positions: Object.fromEntries(
      [...positions].map(([id, accounts]) => [
        id,
        Object.fromEntries(
          [...accounts]
            .filter(([, { supplyShares, borrowShares, collateral }]) => supplyShares + borrowShares + collateral > 0n)
            .map(([account, position]) => [spelled(account), position]),
        ),
      ]),
    ),
  }
}
