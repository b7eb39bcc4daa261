/**
 * A chain of one test run: anvil as a child process on a free loopback port, viem's clients on it, deployments, and batches of simulated blocks.
 *
 * Accounts are unlocked: any of `accounts`, and after `testClient.impersonateAccount` any address, sends without a key. Gas costs nothing and blocks
 * have no gas limit. Every transaction is a block of its own; the clock only moves when a test moves it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import {
  type Abi,
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  http,
  numberToHex,
  type PublicClient,
  type TestClient,
  type TransactionReceipt,
  type WalletClient,
} from 'viem'
import { foundry } from 'viem/chains'
import { describe } from 'vitest'
import { type Artifact, linked } from './compile.ts'
import { revertWord } from './revert-word.ts'

/** First block's time, unix seconds: 2023-11-14T22:13:20Z. */
export const GENESIS = 1_700_000_000

/** A deployed contract. */
export type Contract = { readonly address: Address; readonly abi: Abi }

/** A call or transaction. */
export type Call = {
  readonly from?: Address | undefined
  readonly to: Address
  readonly data: Hex
  readonly value?: bigint | undefined
}

/** A block that is only imagined: its time and number, changed storage or code, its calls in order. Each block sees what the ones before did. */
export type SimulatedBlock = {
  readonly time?: number | undefined
  readonly number?: bigint | undefined
  readonly state?: Readonly<Record<Address, { readonly stateDiff?: Record<Hex, Hex>; readonly code?: Hex }>> | undefined
  readonly calls: readonly Call[]
}

/** What a simulated call did. `data` is what it returned or, when not `ok`, its revert data. */
export type SimulatedCall = {
  readonly ok: boolean
  readonly data: Hex
  readonly gas: bigint
  readonly logs: readonly { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }[]
}

/** A running chain. */
export type LocalChain = {
  readonly url: string
  readonly publicClient: PublicClient
  readonly testClient: TestClient
  readonly walletClient: WalletClient
  readonly accounts: readonly Address[]
  /** Deploys from the first account, or `from`. */
  deploy(artifact: Artifact, args?: readonly unknown[], options?: DeployOptions): Promise<Contract>
  /** Sends a transaction and waits for its block; fails with the contract's own word when it reverts. */
  send(call: Call): Promise<TransactionReceipt>
  /** Encodes and sends a call of a contract's function, from the first account or `from`. */
  write(contract: Contract, name: string, args?: readonly unknown[], from?: Address): Promise<TransactionReceipt>
  /** Reads a view of a contract. */
  read<R>(contract: Contract, name: string, args?: readonly unknown[]): Promise<R>
  /** `eth_simulateV1` on top of the latest block (or `block`): nothing is written. Results by block, then by call. */
  simulate(blocks: readonly SimulatedBlock[], block?: bigint): Promise<readonly (readonly SimulatedCall[])[]>
  stop(): Promise<void>
}

type DeployOptions = { readonly from?: Address; readonly libraries?: Readonly<Record<string, Address>> }

/** Encodes a call of a contract's function. */
export function callOf(contract: Contract, name: string, args: readonly unknown[] = [], from?: Address): Call {
  return { from, to: contract.address, data: encodeFunctionData({ abi: contract.abi, functionName: name, args }) }
}

/** Why no chain can run here: anvil's build for this platform is missing or does not start. Undefined when it can. */
export function whyNoChain(): string | undefined {
  verdict ??= { reason: judge() }
  return verdict.reason
}

let verdict: { reason: string | undefined } | undefined

function judge(): string | undefined {
  const program = binary()
  if (program === undefined) return `no build of anvil for ${process.platform} ${process.arch} is installed`
  const tried = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  if (tried.error) return `anvil does not start here: ${tried.error.message}`
  return tried.status === 0 ? undefined : `anvil does not run here: ${tried.stderr.trim().slice(0, 300)}`
}

/** The binary in the package of this platform. */
function binary(): string | undefined {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `@foundry-rs/anvil-${process.platform}-${arch}/package.json`
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(name))
    return resolve(folder, process.platform === 'win32' ? 'bin/anvil.exe' : 'bin/anvil')
  } catch {
    return undefined
  }
}

/** A suite that needs the chain: skipped, with the reason in its name, where none can run. */
export function describeOnChain(title: string, suite: () => void): void {
  const reason = whyNoChain()
  describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, suite)
}

/** Starts a chain. Stop it in `afterAll`; it also dies with this process. `flags` are anvil's own. */
export async function startChain(flags: readonly string[] = []): Promise<LocalChain> {
  const program = binary()
  if (program === undefined) throw new Error(whyNoChain())
  const child = spawn(program, [...FLAGS, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const url = await listening(child)
  const clients = clientsOf(url)
  const accounts = (await clients.walletClient.getAddresses()) as readonly Address[]
  return {
    ...{ url, accounts, ...clients },
    ...actionsOf(clients, accounts[0] as Address),
    stop: () =>
      new Promise<void>((done) => {
        process.off('exit', kill)
        if (child.exitCode !== null || child.signalCode !== null) return done()
        child.once('close', () => done())
        kill()
      }),
  }
}

const FLAGS = [
  ...['--host', '127.0.0.1', '--port', '0', '--timestamp', String(GENESIS), '--hardfork', 'cancun'],
  ...['--gas-price', '0', '--base-fee', '0', '--disable-min-priority-fee'],
  ...['--no-mining', '--disable-block-gas-limit', '--disable-code-size-limit', '--threads', '1'],
]

function listening(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let said = ''
    const hear = (bytes: Buffer) => {
      said = `${said}${bytes}`.slice(-10_000)
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port !== undefined) done(`http://127.0.0.1:${port}`)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', failed)
    child.once('close', (code) => failed(new Error(`anvil ended with ${code}: ${said.slice(-2_000)}`)))
  })
}

type Clients = Pick<LocalChain, 'publicClient' | 'testClient' | 'walletClient'>

function clientsOf(url: string): Clients {
  const transport = http(url, { retryCount: 0, timeout: 120_000 })
  const common = { chain: foundry, transport, cacheTime: 0, pollingInterval: 5 } as const
  return {
    publicClient: createPublicClient(common) as PublicClient,
    testClient: createTestClient({ ...common, mode: 'anvil' }) as TestClient,
    walletClient: createWalletClient(common) as WalletClient,
  }
}

/** Gas given to every transaction, so that none is estimated first. */
const GAS = 500_000_000n

function actionsOf(
  { publicClient, testClient, walletClient }: Clients,
  owner: Address,
): Pick<LocalChain, 'deploy' | 'send' | 'write' | 'read' | 'simulate'> {
  const submit = async (call: Omit<Call, 'to'> & { readonly to?: Address }, abi?: Abi): Promise<TransactionReceipt> => {
    const { from = owner, to = null, data, value } = call
    const hash = await walletClient.sendTransaction({
      ...{ account: from, to, data, chain: foundry, gas: GAS, gasPrice: 0n },
      ...(value === undefined ? {} : { value }),
    })
    // Mined by hand: an automining anvil that also simulates now and then loses a transaction.
    await testClient.mine({ blocks: 1 })
    const receipt = await publicClient.getTransactionReceipt({ hash })
    if (receipt.status !== 'success')
      throw new Error(`reverted: ${await whyReverted(publicClient, call, receipt, abi)}`)
    return receipt
  }
  return {
    send: submit,
    write: ({ address, abi }, name, args = [], from = owner) => submit(callOf({ address, abi }, name, args, from), abi),
    read: async <R>(contract: Contract, name: string, args: readonly unknown[] = []) =>
      (await publicClient.readContract({ ...contract, functionName: name, args })) as R,
    deploy: async (artifact, args = [], { from = owner, libraries = {} } = {}) => {
      const { abi } = artifact
      const { contractAddress } = await submit(
        { from, data: encodeDeployData({ abi, bytecode: linked(artifact, libraries), args } as never) },
        abi,
      )
      return { address: contractAddress as Address, abi }
    },
    simulate: (blocks, block) => simulate(publicClient, blocks, block),
  }
}

/** The same call on the block before, whose answer carries the revert data that a receipt lacks. */
async function whyReverted(
  client: PublicClient,
  { from, to, data }: Omit<Call, 'to'> & { readonly to?: Address },
  receipt: TransactionReceipt,
  abi: Abi | undefined,
): Promise<string> {
  if (to === undefined) return 'deployment'
  const [calls] = await simulate(client, [{ calls: [{ from, to, data }] }], receipt.blockNumber - 1n)
  return calls?.[0] && !calls[0].ok ? revertWord(calls[0].data, abi) : 'unknown'
}

async function simulate(
  client: PublicClient,
  blocks: readonly SimulatedBlock[],
  block?: bigint,
): Promise<readonly (readonly SimulatedCall[])[]> {
  const blockStateCalls = blocks.map(({ time, number, state, calls }) => ({
    blockOverrides: {
      ...(time === undefined ? {} : { time: numberToHex(time) }),
      ...(number === undefined ? {} : { number: numberToHex(number) }),
    },
    stateOverrides: state ?? {},
    calls: calls.map(({ from, to, data, value }) => ({
      ...{ from, to, input: data, gas: numberToHex(GAS) },
      ...(value === undefined ? {} : { value: numberToHex(value) }),
    })),
  }))
  const answer = await client.request({
    method: 'eth_simulateV1',
    params: [{ blockStateCalls, validation: false }, block === undefined ? 'latest' : numberToHex(block)],
  } as never)
  return (answer as { calls: RawCall[] }[]).map(({ calls }) =>
    calls.map(({ status, returnData, gasUsed, logs, error }) => ({
      ok: status === '0x1',
      data: status === '0x1' ? returnData : (error?.data ?? returnData),
      gas: BigInt(gasUsed),
      logs: logs ?? [],
    })),
  )
}

type RawCall = {
  readonly status: Hex
  readonly returnData: Hex
  readonly gasUsed: Hex
  readonly logs?: SimulatedCall['logs']
  readonly error?: { readonly data?: Hex; readonly message?: string }
}
