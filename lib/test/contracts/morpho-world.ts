/**
 * Random lives of two Morpho markets, lived twice: by our mechanism while they are drawn, and by the bytecode in one simulated batch afterwards.
 * Every step compares the refusal or the amounts moved, the market's totals, the positions touched and Morpho's token balances.
 */
import { type Hex, pad, toEventHash } from 'viem'
import {
  emptyMorpho,
  type MorphoAction,
  type MorphoMarketParams,
  type MorphoPosition,
  type MorphoState,
  morphoBlue,
  wasRefused,
} from '../../mechanisms/index.ts'
import { type FeedAnswer, type Moment, type Prng, prng, type UnixSeconds } from '../../model/index.ts'
import { type Call, callOf, GENESIS, type LocalChain, type SimulatedBlock, type SimulatedCall } from './chain.ts'
import { absentMarket, nextMorphoAction } from './morpho-actions.ts'
import { ENABLED_LLTVS, type MorphoDeployment, marketIdOf, morphoCall, words } from './morpho-chain.ts'
import { revertWord } from './revert-word.ts'

/** A mechanism to compare: ours, or one that was spoiled on purpose. */
export type MorphoApply = typeof morphoBlue.apply

/** What a run saw. `differences` name seed, world and step. */
export type MorphoRun = {
  readonly steps: number
  readonly liquidations: number
  readonly badDebts: number
  /** Refusals by the contract's word. */
  readonly refused: ReadonlyMap<string, number>
  readonly completed: ReadonlyMap<string, number>
  readonly differences: readonly string[]
}

/** Runs worlds until enough liquidations completed. */
export async function runMorpho(
  chain: LocalChain,
  deployment: MorphoDeployment,
  options: { readonly seed: string | number; readonly liquidations: number; readonly apply?: MorphoApply },
): Promise<MorphoRun> {
  const run = {
    ...{ steps: 0, liquidations: 0, badDebts: 0, differences: [] as string[] },
    ...{ refused: new Map<string, number>(), completed: new Map<string, number>() },
  }
  for (let world = 0; run.liquidations < options.liquidations && run.differences.length === 0; world++) {
    const life = drawLife(deployment, prng(`${options.seed}/morpho/${world}`), options.apply ?? morphoBlue.apply)
    const results = await chain.simulate(life.steps.map(({ block }) => block))
    for (const [index, step] of life.steps.entries()) {
      const place = `seed ${options.seed}, world ${world}, step ${index} (${step.word})`
      run.differences.push(...compareStep(deployment, step, results[index] ?? []).map((one) => `${place}: ${one}`))
      const count = step.refusal === undefined ? run.completed : run.refused
      const key = step.refusal ?? step.word
      count.set(key, (count.get(key) ?? 0) + 1)
      if (step.refusal === undefined && step.word === 'liquidate') run.liquidations += 1
      if ((step.moved?.['badDebtAssets'] ?? 0n) > 0n) run.badDebts += 1
      run.steps += 1
    }
  }
  return run
}

/** A step: what our mechanism did, and the block that shows what the bytecode does. */
type Step = {
  readonly word: MorphoAction['do']
  readonly refusal: string | undefined
  readonly moved: Readonly<Record<string, bigint>> | undefined
  readonly block: SimulatedBlock
  /** What the reads after the action must give, word by word. */
  readonly expected: readonly { readonly what: string; readonly words: readonly bigint[] }[]
  readonly leading: number
}

const STEPS = 120

function drawLife(deployment: MorphoDeployment, chance: Prng, apply: MorphoApply): { readonly steps: readonly Step[] } {
  const state = emptyMorpho()
  state.enabled = { lltvs: [...ENABLED_LLTVS], rateModels: ['utilisation', 'none'] }
  const markets = marketsOf(deployment, chance)
  const known = new Map(markets)
  for (const params of markets.values()) {
    const absent = absentMarket(deployment, params)
    known.set(absent.id, absent.params)
  }
  const prices = new Map<string, bigint>()
  let time = GENESIS + 1_000
  const steps: Step[] = []
  for (let index = 0; index < STEPS; index++) {
    time += waiting(chance)
    const at: Moment = { time: time as UnixSeconds, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
    const next = nextMorphoAction({ deployment, state, markets, prices, at, chance, index })
    const before = new Map(prices)
    for (const [feed, price] of next.prices) prices.set(feed, price)
    const done = apply(state, next.action, at)
    const setPrices = [...prices].filter(([feed, price]) => before.get(feed) !== price)
    const leading = setPrices.map(([feed, price]) => priceCall(deployment, feed, price))
    const reads = readsOf(deployment, state, markets, next.action)
    steps.push({
      word: next.action.do,
      refusal: wasRefused(done) ? done.refused.code : undefined,
      moved: wasRefused(done) ? undefined : done.moved,
      block: {
        time,
        calls: [...leading, morphoCall(deployment, known, next.action), ...reads.map(({ call }) => call)],
      },
      expected: reads,
      leading: leading.length,
    })
  }
  return { steps }
}

/** Seconds between two steps: often the same block's second is left at once, now and then months pass. */
function waiting(chance: Prng): number {
  return 1 + Math.floor(10 ** (chance.next() * (chance.int(12) === 0 ? 7.3 : 4)))
}

function marketsOf(deployment: MorphoDeployment, chance: Prng): Map<string, MorphoMarketParams> {
  const markets = new Map<string, MorphoMarketParams>()
  const [one, other] = deployment.tokens
  for (const [index, oracle] of deployment.oracles.entries()) {
    const [loan, collateral] = index === 0 ? [one.address, other.address] : [other.address, one.address]
    const lltv = chance.pick(ENABLED_LLTVS)
    const rateModel = { kind: chance.pick(['utilisation', 'utilisation', 'none'] as const) }
    const params = { loan, collateral, feed: oracle.address, lltv, rateModel }
    markets.set(marketIdOf(deployment, params), params)
  }
  return markets
}

function priceCall({ oracles }: MorphoDeployment, feed: string, price: bigint): Call {
  const oracle = oracles.find(({ address }) => address === feed)
  if (!oracle) throw new Error(`no oracle at ${feed}`)
  return callOf(oracle, 'setPrice', [price])
}

/** What is read after an action, with what our state says it must give. */
function readsOf(
  { morpho, tokens }: MorphoDeployment,
  state: MorphoState,
  markets: ReadonlyMap<string, MorphoMarketParams>,
  action: MorphoAction,
): readonly { readonly what: string; readonly call: Call; readonly words: readonly bigint[] }[] {
  const held = morphoBlue.holdings(state)
  const balances = tokens.map((token) => ({
    what: `balance of ${token.address}`,
    call: callOf(token, 'balanceOf', [morpho.address]),
    words: [held.get(token.address) ?? 0n],
  }))
  const id = 'market' in action ? action.market : [...markets.keys()][0]
  if (id === undefined) return balances
  const stored = state.markets.get(id)
  const totals = stored
    ? [stored.totalSupplyAssets, stored.totalSupplyShares, stored.totalBorrowAssets, stored.totalBorrowShares]
    : [0n, 0n, 0n, 0n]
  const accounts = new Set([state.feeRecipient, ...('account' in action ? [action.account] : [])])
  return [
    ...balances,
    {
      what: 'market',
      call: callOf(morpho, 'market', [id]),
      words: [...totals, stored?.lastUpdate ?? 0n, stored?.fee ?? 0n],
    },
    ...[...accounts].map((account) => ({
      what: `position of ${account}`,
      call: callOf(morpho, 'position', [id, account]),
      words: positionWords(state.positions.get(id)?.get(account)),
    })),
  ]
}

function positionWords(position: MorphoPosition | undefined): readonly bigint[] {
  return position ? [position.supplyShares, position.borrowShares, position.collateral] : [0n, 0n, 0n]
}

const LIQUIDATE = toEventHash('Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)') as Hex

function compareStep({ morpho }: MorphoDeployment, step: Step, calls: readonly SimulatedCall[]): string[] {
  const wrong: string[] = []
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    if (String(ours) !== String(theirs)) wrong.push(`${what}: ours ${ours}, the contract's ${theirs}`)
  }
  const done = calls[step.leading]
  if (!done) return ['the chain gave no answer']
  compare('refusal', step.refusal, done.ok ? undefined : revertWord(done.data, morpho.abi))
  if (done.ok && step.refusal === undefined) {
    const { moved = {} } = step
    if (step.word === 'liquidate') {
      compare('returned', [moved['seizedAssets'], moved['repaidAssets']], words(done.data))
      const names = ['repaidAssets', 'repaidShares', 'seizedAssets', 'badDebtAssets', 'badDebtShares']
      const event = done.logs.find(({ topics }) => topics[0] === LIQUIDATE)
      compare(
        'event',
        names.map((name) => moved[name]),
        words(event?.data ?? '0x'),
      )
    } else if (moved['shares'] !== undefined) compare('returned', [moved['assets'], moved['shares']], words(done.data))
  }
  for (const [index, { what, words: ours }] of step.expected.entries()) {
    const read = calls[step.leading + 1 + index]
    compare(what, ours, read?.ok ? words(read.data) : `revert ${pad(read?.data ?? '0x')}`)
  }
  return wrong
}
