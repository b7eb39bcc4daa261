/** The local chain itself: it starts, deploys what was compiled and what is shipped, simulates, says why a call reverted, and stops. */
import { decodeFunctionResult, parseEther } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callOf, describeOnChain, GENESIS, type LocalChain, type SimulatedCall, startChain } from './chain.ts'
import { compile, shipped } from './compile.ts'
import { revertWord } from './revert-word.ts'

const COUNTER = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
library Steps { function next(uint256 n) external pure returns (uint256) { return n + 1; } }
contract Counter {
  error TooMany(uint256 n);
  uint256 public count;
  function step() external returns (uint256) { count = Steps.next(count); return count; }
  function fail(uint256 how) external view returns (uint256) {
    if (how == 0) revert();
    if (how == 1) revert("a word");
    if (how == 2) revert TooMany(7);
    return how / (how - 3);
  }
  function time() external view returns (uint256) { return block.timestamp; }
}`

describeOnChain('the local chain', () => {
  let chain: LocalChain
  beforeAll(async () => {
    chain = await startChain()
  })
  afterAll(() => chain?.stop())

  it('compiles with links, deploys, keeps what a transaction wrote and forgets what a simulation wrote', async () => {
    const artifacts = await compile({
      ...{ compiler: 'solc-0.8.27', entries: [], own: { 'own/counter.sol': COUNTER } },
      settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'cancun' },
    })
    const steps = await chain.deploy(artifacts('Steps'))
    await expect(chain.deploy(artifacts('Counter'))).rejects.toThrow(/address of its library Steps/)
    const counter = await chain.deploy(artifacts('Counter'), [], { libraries: { Steps: steps.address } })
    const step = callOf(counter, 'step')
    const [first, second, third, time] = (
      await chain.simulate([
        { time: GENESIS + 1_000, calls: [step, step] },
        { time: GENESIS + 5_000, calls: [step, callOf(counter, 'time')] },
      ])
    ).flat()
    const value = (call: SimulatedCall | undefined, functionName: string) =>
      decodeFunctionResult({ abi: counter.abi, functionName, data: call?.data ?? '0x' })
    expect([first, second, third].map((call) => value(call, 'step'))).toEqual([1n, 2n, 3n])
    expect(value(time, 'time')).toBe(BigInt(GENESIS + 5_000))
    expect(await chain.read(counter, 'count')).toBe(0n)
    await chain.write(counter, 'step')
    expect(await chain.read(counter, 'count')).toBe(1n)
    const failing = await chain.simulate([{ calls: [0n, 1n, 2n, 3n].map((how) => callOf(counter, 'fail', [how])) }])
    expect(failing[0]?.map(({ ok, data }) => (ok ? 'ok' : revertWord(data, counter.abi)))).toEqual([
      ...['(empty)', 'a word', 'TooMany', 'Panic(0x12)'],
    ])
    await expect(chain.write(counter, 'fail', [2n])).rejects.toThrow('reverted: TooMany')
  })

  it('deploys bytecode that a package ships', async () => {
    const path = '@aave/core-v3/artifacts/contracts/mocks/tokens/MintableERC20.sol/MintableERC20.json'
    const token = await chain.deploy(shipped(path), ['Coin', 'COIN', 6])
    const [, holder] = chain.accounts
    await chain.write(token, 'mint', [parseEther('3')], holder)
    expect(await chain.read(token, 'balanceOf', [holder])).toBe(parseEther('3'))
  })
})
