/**
 * Curve's LLAMMA on the local chain: markets that curve-stablecoin's own factory makes, from bytecode that Vyper made of it. Coins, outside prices and
 * what a policy looks at are small contracts of our own. The sources are not free, so the project holds neither them nor the bytecode:
 * `BREAKWATER_LLAMMA` names a folder of `vyper -f abi,bytecode X.vy > X.out` (CONTRIBUTING.md says of which files).
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Address,
  concat,
  decodeEventLog,
  decodeFunctionResult,
  type Hex,
  numberToHex,
  pad,
  toFunctionSelector,
} from 'viem'
import type { LlammaAction, LlammaPolicy, LlammaTerms } from '../../mechanisms/index.ts'
import { type LlammaOutcome, type LlammaReading, PEOPLE } from '../llamma-readings.ts'
import { type Call, type Contract, callOf, type LocalChain, type SimulatedCall } from './chain.ts'
import { type Artifact, compile } from './compile.ts'
import { revertWord } from './revert-word.ts'

/** The folder of compiled contracts, where there is one. */
export const LLAMMA_FOLDER = process.env['BREAKWATER_LLAMMA']

const NEEDED = ['AMM', 'Controller', 'ControllerFactory', 'EmaPriceOracle', 'SemilogMonetaryPolicy']
/** The aggregate policy is younger and of another compiler: without it the others are compared all the same. */
const AGGREGATE = 'AggMonetaryPolicy4'

/** Why the folder will not do; undefined when it will. */
export function whyNoLlamma(folder = LLAMMA_FOLDER): string | undefined {
  if (folder === undefined) return 'BREAKWATER_LLAMMA names no folder of compiled contracts'
  const absent = NEEDED.filter((name) => !existsSync(resolve(folder, `${name}.out`)))
  return absent.length === 0 ? undefined : `${folder} has no ${absent.map((name) => `${name}.out`).join(', ')}`
}

/** Why the aggregate policy is not compared. */
export function whyNoAggregate(folder = LLAMMA_FOLDER): string | undefined {
  if (folder !== undefined && existsSync(resolve(folder, `${AGGREGATE}.out`))) return undefined
  return whyNoLlamma(folder) ?? `${folder} has no ${AGGREGATE}.out`
}

const OWN = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;
contract LlammaTestCoin {
  uint256 public immutable decimals;
  mapping(address => uint256) public balanceOf;
  constructor(uint256 d) { decimals = d; }
  function mint(address to, uint256 amount) external returns (bool) { balanceOf[to] += amount; return true; }
  function approve(address, uint256) external pure returns (bool) { return true; }
  function transfer(address to, uint256 amount) external returns (bool) { return move(msg.sender, to, amount); }
  function transferFrom(address from, address to, uint256 amount) external returns (bool) { return move(from, to, amount); }
  function move(address from, address to, uint256 amount) private returns (bool) {
    require(balanceOf[from] >= amount);
    balanceOf[from] -= amount;
    balanceOf[to] += amount;
    return true;
  }
}
contract LlammaTestNumber {
  uint256 private number;
  constructor(uint256 n) { number = n; }
  function set(uint256 n) external { number = n; }
  function price() external view returns (uint256) { return number; }
  function price_w() external view returns (uint256) { return number; }
  function debt() external view returns (uint256) { return number; }
  function total_debt() external view returns (uint256) { return number; }
  function rate_write() external view returns (uint256) { return number; }
}
contract LlammaTestMarkets {
  address[] public controllers;
  uint256 private immutable ceiling;
  constructor(uint256 c) { ceiling = c; }
  function list(address controller) external { controllers.push(controller); }
  function n_collaterals() external view returns (uint256) { return controllers.length; }
  function debt_ceiling(address) external view returns (uint256) { return ceiling; }
}
`

/** What markets are deployed from: artifacts by name, and the blueprints that the factory copies. */
export type LlammaKit = {
  readonly artifact: (name: string) => Artifact
  readonly blueprints: { readonly amm: Address; readonly controller: Address }
}

/** Compiles our own contracts, reads the folder and lays the blueprints. */
export async function llammaKit(chain: LocalChain, folder: string): Promise<LlammaKit> {
  const own = await compile({
    ...{ compiler: 'solc-0.8.19', entries: [], own: { 'LlammaTest.sol': OWN } },
    settings: { evmVersion: 'paris' },
  })
  const artifact = (name: string): Artifact => (name.startsWith('LlammaTest') ? own(name) : vyperArtifact(folder, name))
  const amm = await blueprint(chain, artifact('AMM'))
  return { artifact, blueprints: { amm, controller: await blueprint(chain, artifact('Controller')) } }
}

/** First line: the ABI; second line: the bytecode. */
function vyperArtifact(folder: string, name: string): Artifact {
  const [abi = '', bytecode = ''] = readFileSync(resolve(folder, `${name}.out`), 'utf8')
    .trim()
    .split('\n')
  return { name, abi: JSON.parse(abi) as Artifact['abi'], bytecode, links: [] }
}

/** Creation code kept as code behind the three bytes of ERC-5202. */
async function blueprint(chain: LocalChain, { bytecode }: Artifact): Promise<Address> {
  const kept = concat(['0xfe7100', bytecode as Hex])
  const length = numberToHex((kept.length - 2) / 2, { size: 2 })
  const made = await chain.deploy({
    ...{ name: 'blueprint', abi: [], links: [] },
    bytecode: concat(['0x61', length, '0x3d81600a3d39f3', kept]),
  })
  return made.address
}

/** A market on the chain. `made` is when the factory made it, `latest` the chain's last block, both in unix seconds. */
export type LlammaDeployment = {
  readonly contracts: Readonly<Record<LlammaReading['of'] | 'spot', Contract>>
  /** What an aggregate policy looks at; only then. */
  readonly inputs: Readonly<Record<'price' | 'pegKeeperDebt' | 'otherDebt', Contract>> | undefined
  readonly people: ReadonlyMap<string, Address>
  readonly made: bigint
  readonly latest: number
}

const PLENTY = 10n ** 40n
const NOBODY: Address = '0x0000000000000000000000000000000000000000'

/** Has the factory make a market of these terms. */
export async function deployLlamma(chain: LocalChain, kit: LlammaKit, terms: LlammaTerms): Promise<LlammaDeployment> {
  const { artifact, blueprints } = kit
  const [owner, ...others] = chain.accounts as readonly [Address, ...Address[]]
  const people = new Map(PEOPLE.map((name, index) => [name, others[index] as Address]))
  const borrowed = await chain.deploy(artifact('LlammaTestCoin'), [BigInt(terms.borrowedDecimals ?? 18)])
  const collateral = await chain.deploy(artifact('LlammaTestCoin'), [BigInt(terms.collateralDecimals ?? 18)])
  const spot = await chain.deploy(artifact('LlammaTestNumber'), [terms.basePrice])
  const oracle = terms.emaSeconds === undefined ? spot : await emaOracle(chain, kit, spot, terms.emaSeconds)
  const factory = await chain.deploy(artifact('ControllerFactory'), [borrowed.address, owner, owner, owner])
  await chain.write(factory, 'set_implementations', [blueprints.controller, blueprints.amm])
  const { policy, inputs, listing } = await deployPolicy(chain, kit, terms, { borrowed, owner })
  await chain.write(factory, 'add_market', [
    ...[collateral.address, BigInt(terms.A), terms.fee, terms.adminFee ?? 0n, oracle.address, policy.address],
    ...[terms.loanDiscount, terms.liquidationDiscount, terms.ceiling],
  ])
  const made = (await chain.publicClient.getBlock()).timestamp
  const at = async (name: string, list: string) => ({
    address: await chain.read<Address>(factory, list, [0n]),
    abi: artifact(name).abi,
  })
  const [amm, controller] = [await at('AMM', 'amms'), await at('Controller', 'controllers')]
  if (listing && inputs)
    for (const one of [controller, inputs.otherDebt]) await chain.write(listing, 'list', [one.address])
  for (const holder of people.values())
    for (const coin of [borrowed, collateral]) await chain.write(coin, 'mint', [holder, PLENTY])
  const latest = Number((await chain.publicClient.getBlock()).timestamp)
  return { contracts: { amm, controller, oracle, policy, borrowed, collateral, spot }, inputs, people, made, latest }
}

async function emaOracle(
  chain: LocalChain,
  { artifact }: LlammaKit,
  spot: Contract,
  seconds: bigint,
): Promise<Contract> {
  const selector = pad(toFunctionSelector('price()'), { size: 32 })
  return chain.deploy(artifact('EmaPriceOracle'), [seconds, spot.address, selector])
}

type Policy = {
  readonly policy: Contract
  readonly inputs?: LlammaDeployment['inputs']
  readonly listing?: Contract | undefined
}

async function deployPolicy(
  chain: LocalChain,
  { artifact }: LlammaKit,
  { policy = { kind: 'constant', rate: 0n }, ceiling }: LlammaTerms,
  { borrowed, owner }: { readonly borrowed: Contract; readonly owner: Address },
): Promise<Policy> {
  const number = (value: bigint) => chain.deploy(artifact('LlammaTestNumber'), [value])
  if (policy.kind === 'constant') return { policy: await number(policy.rate) }
  if (policy.kind === 'semilog') {
    const args = [borrowed.address, policy.minRate, policy.maxRate]
    return { policy: await chain.deploy(artifact('SemilogMonetaryPolicy'), args), inputs: undefined }
  }
  const inputs = {
    price: await number(policy.price),
    pegKeeperDebt: await number(policy.pegKeeperDebt),
    otherDebt: await number(0n),
  }
  const listing = await chain.deploy(artifact('LlammaTestMarkets'), [ceiling])
  const keepers = [inputs.pegKeeperDebt.address, NOBODY, NOBODY, NOBODY, NOBODY]
  const { rate0, sigma, targetFraction, extra, ratio } = policy
  const args = [
    owner,
    inputs.price.address,
    listing.address,
    keepers,
    rate0,
    sigma,
    targetFraction,
    extra,
    ratio.seconds,
  ]
  return { policy: await chain.deploy(artifact(AGGREGATE), args), inputs, listing }
}

/** The calls that set the outside price, and what an aggregate policy looks at. */
export function outsideCalls({ contracts, inputs }: LlammaDeployment, price: bigint, policy: LlammaPolicy): Call[] {
  const calls = [callOf(contracts.spot, 'set', [price])]
  if (policy.kind !== 'aggregate' || !inputs) return calls
  for (const name of ['price', 'pegKeeperDebt', 'otherDebt'] as const)
    calls.push(callOf(inputs[name], 'set', [policy[name]]))
  return calls
}

/** The most that an exact amount out may cost where an action names no bound. */
const NO_BOUND = 1n << 112n

/** The call that does an action. */
export function llammaCall({ contracts, people }: LlammaDeployment, action: LlammaAction): Call {
  const { amm, controller } = contracts
  const who = (name: string) => people.get(name) as Address
  const own = (name: string, args: readonly unknown[], by = 'anyone') => callOf(controller, name, args, who(by))
  switch (action.do) {
    case 'create':
      return own('create_loan', [action.collateral, action.debt, BigInt(action.bands)], action.account)
    case 'borrow':
      return own('borrow_more', [action.collateral, action.debt], action.account)
    case 'add':
      return own('add_collateral', [action.collateral, who(action.account)], action.by ?? action.account)
    case 'remove':
      return own('remove_collateral', [action.collateral], action.account)
    case 'repay':
      return own('repay', [action.debt, who(action.account)], action.by ?? action.account)
    case 'exchange': {
      const [i, j] = action.sell === 'borrowed' ? [0n, 1n] : [1n, 0n]
      const [name, bound] = action.exact === 'out' ? ['exchange_dy', NO_BOUND] : ['exchange', 0n]
      return callOf(amm, name as string, [i, j, action.amount, action.bound ?? bound], who('anyone'))
    }
    case 'liquidate': {
      const whole = [who(action.account), action.minimum ?? 0n]
      if (action.fraction === undefined) return own('liquidate', whole, action.by)
      return own('liquidate_extended', [...whole, action.fraction, NOBODY, []], action.by)
    }
    case 'save-rate':
      return own('save_rate', [])
    case 'collect-fees':
      return own('collect_fees', [])
  }
}

/** The call of a reading. */
export function readingCall({ contracts, people }: LlammaDeployment, { of, name, args }: LlammaReading): Call {
  const address = (word: string) =>
    word === 'nobody' ? NOBODY : (people.get(word) ?? contracts[word as 'amm' | 'controller'].address)
  const given = args.map((arg) => (typeof arg === 'string' ? address(arg) : arg))
  return callOf(contracts[of], name, given)
}

/** What a reading gave, as text. */
export function readingText({ contracts }: LlammaDeployment, { of, name }: LlammaReading, call: SimulatedCall): string {
  if (!call.ok) return 'revert'
  const value = decodeFunctionResult({ abi: contracts[of].abi, functionName: name, data: call.data }) as unknown
  const parts = typeof value === 'object' && value !== null ? Object.values(value) : [value]
  return parts.map((part) => (typeof part === 'boolean' ? Number(part) : part)).join(',')
}

/** The contract's own outcome of an action. */
export function outcomeOf(deployment: LlammaDeployment, action: LlammaAction, call: SimulatedCall): LlammaOutcome {
  if (!call.ok) return revertWord(call.data)
  const { contracts, inputs } = deployment
  const average = inputs && tell(contracts.policy, 'EmaUpdate', call)
  return {
    ...amountsOf(deployment, action, call),
    ...(average ? { average: average['prev_value'] ?? 0n, queued: average['queued_value'] ?? 0n } : {}),
  }
}

/** What the first event of a name says. */
function tell({ address, abi }: Contract, eventName: string, call: SimulatedCall): Record<string, bigint> | undefined {
  for (const log of call.logs) {
    if (log.address.toLowerCase() !== address.toLowerCase()) continue
    const event = decodeEventLog({ abi, topics: log.topics as [Hex, ...Hex[]], data: log.data }) as {
      readonly eventName?: string
      readonly args?: unknown
    }
    if (event.eventName === eventName) return event.args as Record<string, bigint>
  }
  return undefined
}

function amountsOf({ contracts }: LlammaDeployment, action: LlammaAction, call: SimulatedCall): Record<string, bigint> {
  const { amm, controller } = contracts
  const told = (eventName: string) => tell(controller, eventName, call)
  const returned = ({ abi }: Contract, functionName: string) =>
    decodeFunctionResult({ abi, functionName, data: call.data }) as unknown
  switch (action.do) {
    case 'exchange': {
      const [sold = 0n, bought = 0n] = returned(amm, action.exact === 'out' ? 'exchange_dy' : 'exchange') as bigint[]
      return { sold, bought }
    }
    case 'liquidate': {
      const {
        debt = 0n,
        stablecoin_received: stablecoin = 0n,
        collateral_received: collateral = 0n,
      } = told('Liquidate') ?? {}
      return { debt, stablecoin, collateral }
    }
    case 'repay':
      return pick(told('Repay'), { repaid: 'loan_decrease' })
    case 'collect-fees':
      return { interest: returned(controller, 'collect_fees') as bigint }
    case 'save-rate':
      return {}
    default:
      return pick(told('UserState'), { n1: 'n1' })
  }
}

function pick(event: Record<string, bigint> | undefined, names: Readonly<Record<string, string>>) {
  if (event === undefined) return {}
  return Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, event[theirs] ?? 0n]))
}
