/**
 * Replays a history on the deployed contracts, in simulated blocks with its times and prices, and compares every call: refused or not and with which
 * word, health before, what moved in underlying tokens, what the events say, and everything stored afterwards. Each liquidation is also computed
 * anew from the state as the chain had it right before, so that nothing depends on our own running state.
 */
import { type Abi, type Address, decodeEventLog, encodeFunctionData, type Hex, pad, parseAbi, toHex } from 'viem'
import type { AaveAction } from '../../mechanisms/aave/action.ts'
import { type Applied, wasRefused } from '../../mechanisms/mechanism.ts'
import { canonical } from '../../model/index.ts'
import type { AaveMarket } from './aave-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import {
  type AaveReader,
  dataOf,
  decoder,
  type Reading,
  readingDifferences,
  readingOf,
  stateFrom,
  wordsOf,
} from './aave-reading.ts'
import type { AaveStep } from './aave-steps.ts'
import { type Call, callOf, type SimulatedBlock, type SimulatedCall } from './chain.ts'
import { revertWord } from './revert-word.ts'

/** What a replay found. A history is compared up to its first difference: what follows builds on it. */
export type AaveTrial = {
  readonly liquidations: { readonly accepted: number; readonly refused: number }
  readonly others: { readonly accepted: number; readonly refused: number }
  /** Refusals by the contract's word. */
  readonly words: ReadonlyMap<string, number>
  readonly differences: readonly string[]
}

const isLiquidation = ({ action }: AaveStep) => action.do === 'liquidate'

/** Steps per request: anvil simulates at most 256 blocks at once, and histories share nothing across requests. */
const MOST_BLOCKS = 256

/** Replays a history on the chain as it stands and compares. */
export async function tryHistory(
  ours: AaveOurs,
  market: AaveMarket,
  reader: AaveReader,
  start: Reading,
  steps: readonly AaveStep[],
): Promise<AaveTrial> {
  const blocks = blocksOf(market, reader, steps)
  if (blocks.length > MOST_BLOCKS) throw new Error(`${blocks.length} blocks are more than one request takes`)
  const answers = (await market.chain.simulate(blocks)).flat()[Symbol.iterator]()
  const next = () => answers.next().value as SimulatedCall
  const decode = decoder(reader)
  const tally = { liquidations: { accepted: 0, refused: 0 }, others: { accepted: 0, refused: 0 } }
  const words = new Map<string, number>()
  let before = start
  for (const [index, step] of steps.entries()) {
    const governed = step.governed.map(() => next())
    const [data, call, read] = [next(), next(), next()]
    const after = decode(read.data)
    const count = tally[isLiquidation(step) ? 'liquidations' : 'others']
    count[call.ok ? 'accepted' : 'refused'] += 1
    if (!call.ok) words.set(wordOf(market, call), (words.get(wordOf(market, call)) ?? 0) + 1)
    const found = [
      ...governed.filter(({ ok }) => !ok).map((one) => `governance was refused with ${wordOf(market, one)}`),
      ...healthDifferences(step, data),
      ...callDifferences(market, step.applied, step.action, call),
      ...readingDifferences(after, step.after),
      ...(isLiquidation(step) ? anewDifferences(ours, market, step, before, after) : []),
    ]
    if (found.length > 0) {
      const place = `step ${index + 1} of ${steps.length}, ${canonical(step.action)}`
      return { ...tally, words, differences: found.map((what) => `${place}: ${what}`) }
    }
    before = after
  }
  return { ...tally, words, differences: [] }
}

/** Calls of one time at one set of prices share a block. Each step asks for the health, calls, and reads everything. */
function blocksOf(market: AaveMarket, reader: AaveReader, steps: readonly AaveStep[]): SimulatedBlock[] {
  const blocks: { time: number; state: NonNullable<SimulatedBlock['state']>; calls: Call[] }[] = []
  const read = callOf(reader.contract, 'read')
  let last: AaveStep | undefined
  for (const step of steps) {
    const changed = [...step.prices].filter(([asset, price]) => last?.prices.get(asset) !== price)
    if (last?.time !== step.time || changed.length > 0) {
      if (last?.time === step.time && changed.length > 0) throw new Error('prices change with time only')
      const feeds = changed.map(([asset, price]) => {
        const feed = market.assets.find(({ id }) => id === asset)?.feed.address as Address
        return [feed, { stateDiff: { [pad('0x0', { size: 32 })]: toHex(price, { size: 32 }) } }] as const
      })
      blocks.push({ time: Number(step.time), state: Object.fromEntries(feeds), calls: [] })
    }
    blocks
      .at(-1)
      ?.calls.push(
        ...step.governed,
        callOf(market.pool, 'getUserAccountData', [market.accounts.get(step.watched)]),
        { from: market.accounts.get(step.sender), to: market.pool.address, data: encode(market, step.action) },
        read,
      )
    last = step
  }
  return blocks
}

const ACTIONS = parseAbi([
  'function deposit(address asset, uint256 amount, address onBehalfOf, uint16 referral)',
  'function supply(address asset, uint256 amount, address onBehalfOf, uint16 referral)',
  'function withdraw(address asset, uint256 amount, address to)',
  'function borrow(address asset, uint256 amount, uint256 mode, uint16 referral, address onBehalfOf)',
  'function repay(address asset, uint256 amount, uint256 mode, address onBehalfOf)',
  'function setUserUseReserveAsCollateral(address asset, bool use)',
  'function setUserEMode(uint8 category)',
  'function liquidationCall(address collateral, address debt, address user, uint256 debtToCover, bool receiveAToken)',
])

/** A token that no market has. */
const UNLISTED: Address = '0x00000000000000000000000000000000000000f1'

/** The call of an action. */
export function encode(market: AaveMarket, action: AaveAction): Hex {
  const coin = (id: string) => market.assets.find((asset) => asset.id === id)?.coin.address ?? UNLISTED
  const who = (name: string) => market.accounts.get(name) as Address
  const call = (functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: ACTIONS as Abi, functionName, args })
  switch (action.do) {
    case 'supply':
      return call(market.version === 'v2' ? 'deposit' : 'supply', [
        coin(action.asset),
        action.amount,
        who(action.account),
        0,
      ])
    case 'withdraw':
      return call('withdraw', [coin(action.asset), action.amount, who(action.account)])
    case 'borrow':
      return call('borrow', [coin(action.asset), action.amount, modeOf(action.mode), 0, who(action.account)])
    case 'repay':
      return call('repay', [coin(action.asset), action.amount, modeOf(action.mode), who(action.account)])
    case 'set-collateral':
      return call('setUserUseReserveAsCollateral', [coin(action.asset), action.enabled])
    case 'set-emode':
      return call('setUserEMode', [action.category])
    case 'liquidate':
      return call('liquidationCall', [
        ...[coin(action.collateral), coin(action.debt), who(action.borrower)],
        ...[action.debtToCover, action.receiveAToken],
      ])
  }
}

const modeOf = (mode: 'variable' | 'stable' | undefined) => (mode === 'stable' ? 1n : 2n)

function wordOf({ pool }: AaveMarket, { data }: SimulatedCall): string {
  return revertWord(data, pool.abi)
}

function healthDifferences({ before }: AaveStep, { ok, data }: SimulatedCall): string[] {
  const [theirs, ours]: [Reading, Reading] = [new Map(), new Map()]
  dataOf('before')(ok ? wordsOf(data.slice(2)) : undefined, theirs)
  for (const name of theirs.keys()) ours.set(name, before?.[name.slice('before.'.length) as 'healthFactor'])
  return readingDifferences(theirs, ours)
}

/** Refused or not, tokens in and out, and the events of a liquidation. */
function callDifferences(market: AaveMarket, applied: Applied, action: AaveAction, call: SimulatedCall): string[] {
  if (wasRefused(applied)) {
    const word = call.ok ? 'nothing' : wordOf(market, call)
    return word === applied.refused.code ? [] : [`refused with ${applied.refused.code} instead of ${word}`]
  }
  if (!call.ok) return [`completed, but the contract refused with ${wordOf(market, call)}`]
  const [theirs, ours]: [Reading, Reading] = [new Map(), new Map()]
  for (const { asset, atoms } of applied.paid ?? []) add(ours, `paid ${asset}`, atoms)
  for (const { asset, atoms } of applied.received ?? []) add(ours, `received ${asset}`, atoms)
  flows(market, call, theirs)
  if (action.do === 'liquidate') {
    events(market, call, theirs)
    factsOf(applied, ours)
  }
  return readingDifferences(without0(theirs), without0(ours))
}

const add = (reading: Reading, name: string, amount: bigint) => reading.set(name, (reading.get(name) ?? 0n) + amount)
const without0 = (reading: Reading): Reading => new Map([...reading].filter(([, amount]) => amount !== 0n))

const EVENTS = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'event DeficitCreated(address indexed user, address indexed debtAsset, uint256 amountCreated)',
])

/** Underlying tokens that came to a pool's aToken contracts and that left them. */
function flows({ assets }: AaveMarket, { logs }: SimulatedCall, into: Reading): void {
  for (const log of logs) {
    const asset = assets.find(({ coin }) => same(coin.address, log.address))
    if (!asset) continue
    const { args } = decodeEventLog({ abi: EVENTS, eventName: 'Transfer', ...log } as never) as unknown as TransferEvent
    if (same(args.to, asset.aToken.address)) add(into, `paid ${asset.id}`, args.value)
    if (same(args.from, asset.aToken.address)) add(into, `received ${asset.id}`, args.value)
  }
}

type TransferEvent = { readonly args: { readonly from: Address; readonly to: Address; readonly value: bigint } }

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** What `LiquidationCall` and `DeficitCreated` say. */
function events({ pool, assets }: AaveMarket, { logs }: SimulatedCall, into: Reading): void {
  for (const log of logs.filter(({ address }) => same(address, pool.address))) {
    const event = eventOf(log)
    const id = (address: unknown) => assets.find(({ coin }) => same(coin.address, String(address)))?.id
    if (event?.eventName === 'LiquidationCall') {
      add(into, `repaid ${id(event.args['debtAsset'])}`, event.args['debtToCover'] as bigint)
      add(into, `seized ${id(event.args['collateralAsset'])}`, event.args['liquidatedCollateralAmount'] as bigint)
    }
    if (event?.eventName === 'DeficitCreated')
      add(into, `deficit ${id(event.args['debtAsset'])}`, event.args['amountCreated'] as bigint)
  }
}

function eventOf(log: SimulatedCall['logs'][number]) {
  try {
    const { topics, data } = log
    const event = decodeEventLog({ abi: EVENTS, topics: topics as [Hex, ...Hex[]], data })
    return event as unknown as { readonly eventName: string; readonly args: Readonly<Record<string, unknown>> }
  } catch {
    return undefined
  }
}

/** The same from our facts. */
function factsOf(applied: Applied, into: Reading): void {
  if (wasRefused(applied)) return
  for (const fact of applied.facts) {
    if (fact.type === 'loan-liquidation') {
      add(into, `repaid ${fact.repaid.asset}`, fact.repaid.atoms ?? 0n)
      add(into, `seized ${fact.seized.asset}`, fact.seized.atoms ?? 0n)
      if (fact.badDebt) add(into, `deficit ${fact.badDebt.asset}`, fact.badDebt.atoms ?? 0n)
    }
    if (fact.type === 'bad-debt') add(into, `deficit ${fact.loss.asset}`, fact.loss.atoms ?? 0n)
  }
}

/** The case computed from the chain's own state right before it. */
function anewDifferences(
  ours: AaveOurs,
  market: AaveMarket,
  step: AaveStep,
  before: Reading,
  after: Reading,
): string[] {
  const state = stateFrom(market, before, step)
  const applied = ours.apply(state, step.action, step)
  const found = readingDifferences(
    after,
    readingOf(market, state, (account) => ours.worth(state, account, step)),
  )
  if (canonical(applied) !== canonical(step.applied)) found.push('the outcome differs from that of the running state')
  return found.map((what) => `from the state as read: ${what}`)
}
