/**
 * Random lives of Venus, lived twice: by our mechanism while they are drawn, and by the bytecode in one simulated batch afterwards. Every step
 * compares the refusal (a revert, or a code in a Failure event) or the amounts moved, then the touched markets' totals and the accounts in them.
 */
import { type Address, encodeEventTopics, type Hex } from 'viem'
import { type CompoundAction, type CompoundState, venusCore, venusWorld, wasRefused } from '../../mechanisms/index.ts'
import { type FeedAnswer, type Moment, type Prng, prng, type UnixSeconds } from '../../model/index.ts'
import { type Call, type Contract, callOf, type LocalChain, type SimulatedBlock, type SimulatedCall } from './chain.ts'
import { words } from './morpho-chain.ts'
import { revertWord } from './revert-word.ts'
import { parameterCalls, type VenusDeployment, venusCall } from './venus-chain.ts'

/** A mechanism to compare: ours, or one that was spoiled on purpose. */
export type VenusApply = typeof venusCore.apply

/** What a run saw. `differences` name seed, world and step. */
export type VenusRun = {
  readonly steps: number
  readonly liquidations: number
  /** Refusals by the contract's word, of liquidations and of everything. */
  readonly refusedLiquidations: ReadonlyMap<string, number>
  readonly refused: ReadonlyMap<string, number>
  readonly completed: ReadonlyMap<string, number>
  readonly differences: readonly string[]
}

/** Runs worlds until enough liquidations completed, or something differs. */
export async function runVenus(
  chain: LocalChain,
  deployment: VenusDeployment,
  options: { readonly seed: string; readonly liquidations: number; readonly apply?: VenusApply },
): Promise<VenusRun> {
  const run = {
    ...{ steps: 0, liquidations: 0, differences: [] as string[], completed: new Map<string, number>() },
    ...{ refused: new Map<string, number>(), refusedLiquidations: new Map<string, number>() },
  }
  for (let world = 0; run.liquidations < options.liquidations && run.differences.length === 0; world++) {
    const life = drawLife(deployment, prng(`${options.seed}/venus/${world}`), options.apply ?? venusCore.apply)
    const [opened = [], ...results] = await chain.simulate([life.opening, ...life.steps.map(({ block }) => block)])
    if (opened.some(({ ok }) => !ok)) throw new Error(`the parameters of world ${world} are refused`)
    for (const [index, step] of life.steps.entries()) {
      const { action, refusal } = step
      const place = `seed ${options.seed}, world ${world}, step ${index} (${action.do})`
      const wrong = compareStep(deployment, step, results[index] ?? [])
      if (wrong.length > 0) {
        // What follows in this life differs because of it.
        run.differences.push(...wrong.map((one) => `${place}: ${one}`))
        break
      }
      count(refusal === undefined ? run.completed : run.refused, refusal ?? action.do)
      if (action.do === 'liquidate' && refusal === undefined) run.liquidations += 1
      if (action.do === 'liquidate' && refusal !== undefined) count(run.refusedLiquidations, refusal)
      run.steps += 1
    }
  }
  return run
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}

/** A step: what our mechanism did, and the block that shows what the bytecode does. */
type Step = {
  readonly action: CompoundAction
  readonly refusal: string | undefined
  readonly moved: Readonly<Record<string, bigint>> | undefined
  readonly block: SimulatedBlock
  /** What the reads after the action must give. */
  readonly expected: readonly Read[]
  readonly leading: number
}

type Read = { readonly what: string; readonly call: Call; readonly ours: bigint }

const STEPS = 150
/** Seconds of a block. */
const SECONDS = 3

function drawLife(
  deployment: VenusDeployment,
  chance: Prng,
  apply: VenusApply,
): { readonly opening: SimulatedBlock; readonly steps: readonly Step[] } {
  const world = venusWorld(chance)
  const state = openingState(deployment, world.state)
  const blockOf = (time: number) => deployment.block + BigInt(Math.floor((time - deployment.time) / SECONDS))
  let at: Moment = { ...world.at, time: (deployment.time + SECONDS) as UnixSeconds }
  const opening = {
    ...{ time: at.time, number: blockOf(at.time) },
    calls: [...priceCalls(deployment, at), ...parameterCalls(deployment, state)],
  }
  const steps: Step[] = []
  for (let index = 0; index < STEPS; index++) {
    const next = world.next(state, at)
    at = { ...next.at, time: (next.at.time + SECONDS) as UnixSeconds }
    const attack = index >= BEGINNING && chance.int(2) === 0 ? attackOn(state, at, chance) : undefined
    const seen = attack?.at ?? at
    const action = beginning(state, at, index) ?? attack?.action ?? comparable(next.action)
    const done = apply(state, action, seen)
    const leading = priceCalls(deployment, seen)
    const expected = readsOf(deployment, state, action)
    const calls = [...leading, venusCall(deployment, action), ...expected.map(({ call }) => call)]
    steps.push({
      ...{ action, expected, leading: leading.length },
      refusal: wasRefused(done) ? done.refused.code : undefined,
      moved: wasRefused(done) ? undefined : done.moved,
      block: { time: at.time, number: blockOf(at.time), calls },
    })
  }
  return { opening, steps }
}

const BEGINNING = 14

/** At first somebody supplies a million dollars of everything, then three others a hundred thousand of what they enter. */
function beginning(state: CompoundState, at: Moment, index: number): CompoundAction | undefined {
  const assets = [...state.markets.keys()]
  const worth = (asset: string, dollars: bigint) => (dollars * 10n ** 36n) / (at.price(asset) ?? 1n) + BigInt(index)
  const market = assets[index % assets.length] as string
  if (index < 4) return { do: 'mint', account: 'dot', market, amount: worth(market, 1_000_000n) }
  if (index >= BEGINNING - 2) return undefined
  const account = ['ann', 'bob', 'cid'][index % 3] as string
  const own = assets[index % 3] as string
  if (index < 8) return { do: 'mint', account, market: own, amount: worth(own, 100_000n) }
  return { do: 'enter', account, market: own }
}

/** Factors as drawn, below what Venus takes (threshold · incentive < 1); rate models, reserve factors and totals as deployed. */
function openingState({ opening, block, time }: VenusDeployment, drawn: CompoundState): CompoundState {
  const markets = [...opening].map(([asset, there]) => {
    const wished = drawn.markets.get(asset) ?? there
    const { liquidationIncentive } = wished
    const most = 10n ** 36n / liquidationIncentive - 1n
    const liquidationThreshold = wished.liquidationThreshold < most ? wished.liquidationThreshold : most
    const collateralFactor =
      wished.collateralFactor < liquidationThreshold ? wished.collateralFactor : liquidationThreshold
    return [asset, { ...there, liquidationIncentive, liquidationThreshold, collateralFactor }] as const
  })
  const clock = { time: BigInt(time), block, blocks: 1n, seconds: BigInt(SECONDS) }
  return { ...drawn, clock, markets: new Map(markets) }
}

/** Collateral factors stay as they were opened, and what was seized is redeemed by calls of its own. */
function comparable(action: CompoundAction): CompoundAction {
  if (action.do === 'liquidate') return { ...action, redeem: undefined }
  if (action.do !== 'govern' || action.setting.set !== 'collateral-factor') return action
  return { do: 'accrue', market: action.setting.market }
}

/** A borrower at prices that put him where we want him, now and then without a price; and a call of all, too much, a part, an atom. */
function attackOn(
  state: CompoundState,
  at: Moment,
  chance: Prng,
): { readonly action: CompoundAction; readonly at: Moment } | undefined {
  const account = [...venusCore.targets(state)].sort(() => chance.next() - 0.5)[0]
  if (account === undefined) return undefined
  const positions = [...(state.accounts.get(account) ?? [])]
  const owed = positions.filter(([, { borrowPrincipal }]) => borrowPrincipal > 0n).map(([asset]) => asset)
  const held = positions.filter(([, { tokens }]) => tokens > 0n).map(([asset]) => asset)
  const seen = chance.int(3) === 0 ? at : squeezed(state, account, { at, held, owed, chance })
  const [borrowMarket, collateralMarket] = [chance.pick(owed), chance.pick(held.length > 0 ? held : owed)]
  const offers = venusCore.offers(state, account, seen)
  const offer = offers.length > 0 && chance.int(3) > 0 ? chance.pick(offers).action : undefined
  const liquidator = chance.int(40) === 0 ? account : 'lin'
  const call = { do: 'liquidate', account, borrowMarket, collateralMarket, liquidator } as const
  const debt = positions.find(([asset]) => asset === borrowMarket)?.[1].borrowPrincipal ?? 0n
  const odd = chance.pick([
    0n,
    1n,
    debt,
    debt + debt / 10n,
    2n ** 256n - 1n,
    debt / 2n,
    debt / 3n,
    debt / 7n,
    debt / 29n,
  ])
  if (offer?.do !== 'liquidate') return { action: { ...call, repayAmount: odd }, at: seen }
  const { repayAmount, redeem: _redeem, ...rest } = offer
  const part = chance.pick([repayAmount, repayAmount, repayAmount + 1n, repayAmount / 2n, repayAmount / 17n, 1n])
  return { action: { ...rest, repayAmount: part, liquidator }, at: seen }
}

/** Prices of what the account holds or, where it owes all of that too, of what it owes: moved towards a backing of 50 to 110 % of the debt. */
function squeezed(
  state: CompoundState,
  account: string,
  { at, held, owed, chance }: { at: Moment; held: readonly string[]; owed: readonly string[]; chance: Prng },
): Moment {
  const share = BigInt(500 + chance.int(600))
  const absent = chance.int(25) === 0 ? chance.pick([...state.markets.keys()]) : undefined
  const prices = new Map([...state.markets.keys()].map((asset) => [asset, at.price(asset) ?? 0n]))
  const moment: Moment = { ...at, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
  const [only, rest] = [held.filter((one) => !owed.includes(one)), owed.filter((one) => !held.includes(one))]
  // Several times: an asset on both sides makes the first move fall short.
  for (let round = 0; round < 4; round++) {
    const { backing = 0n, required = 0n } = venusCore.assess(state, account, moment) ?? {}
    if (backing === 0n || required === 0n) break
    const [up, down] = only.length > 0 ? [required * share, backing * 1_000n] : [backing * 1_000n, required * share]
    for (const asset of only.length > 0 ? only : rest) {
      const price = prices.get(asset) ?? 0n
      const moved = (price * up) / down + 1n
      if (moved > price / 1_000n && moved < price * 1_000n) prices.set(asset, moved)
    }
  }
  if (absent !== undefined) prices.set(absent, 0n)
  return moment
}

function priceCalls({ oracle, markets }: VenusDeployment, at: Moment): readonly Call[] {
  return [...markets].map(([asset, { address }]) => callOf(oracle, 'set', [address, at.price(asset) ?? 0n]))
}

function touched(action: CompoundAction): readonly string[] {
  if (action.do === 'liquidate') return [...new Set([action.borrowMarket, action.collateralMarket])]
  if (action.do === 'govern') return 'market' in action.setting ? [action.setting.market] : []
  return [action.market]
}

/** What is read after an action, with what our state says it must give. */
function readsOf(deployment: VenusDeployment, state: CompoundState, action: CompoundAction): readonly Read[] {
  const accounts = 'account' in action ? [...new Set([action.account, 'lin'])] : []
  return touched(action).flatMap((asset) => {
    const contract = deployment.markets.get(asset) as Contract
    const market = state.markets.get(asset)
    if (!market) throw new Error(`no market of ${asset}`)
    const read = (name: string, ours: bigint, args: readonly unknown[] = []) => ({
      ...{ what: `${name} of ${asset}`, ours },
      call: callOf(contract, name, args),
    })
    return [
      read('getCash', market.cash),
      read('totalBorrows', market.totalBorrows),
      read('totalReserves', market.totalReserves),
      read('totalSupply', market.totalSupply),
      read('borrowIndex', market.borrowIndex),
      read('accrualBlockNumber', market.accrualBlock),
      ...accounts.flatMap((name) => {
        const who = deployment.people.get(name) as Address
        const held = state.accounts.get(name)?.get(asset)
        const debt =
          held && held.borrowPrincipal > 0n
            ? (held.borrowPrincipal * market.borrowIndex) / held.borrowInterestIndex
            : 0n
        const member = callOf(deployment.comptroller, 'checkMembership', [who, contract.address])
        return [
          read('balanceOf', held?.tokens ?? 0n, [who]),
          read('borrowBalanceStored', debt, [who]),
          { what: `membership of ${name} in ${asset}`, ours: held?.entered ? 1n : 0n, call: member },
        ]
      }),
    ]
  })
}

function compareStep({ comptroller, markets }: VenusDeployment, step: Step, calls: readonly SimulatedCall[]): string[] {
  const wrong: string[] = []
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    if (String(ours) !== String(theirs)) wrong.push(`${what}: ours ${ours}, the contract's ${theirs}`)
  }
  const done = calls[step.leading]
  if (!done) return ['the chain gave no answer']
  const { abi } = [...markets.values()][0] as Contract
  const event = (name: string) => {
    const [topic] = encodeEventTopics({ abi, eventName: name }) as [Hex]
    return done.logs.find(({ topics }) => topics[0] === topic)?.data
  }
  const failure = done.ok ? event('Failure') : undefined
  const code = failure === undefined ? undefined : `Failure(${words(failure).join(',')})`
  compare('refusal', step.refusal, done.ok ? code : revertWord(done.data, [...abi, ...comptroller.abi]))
  if (step.action.do === 'liquidate' && step.moved) {
    const told = words(event('LiquidateBorrow') ?? '0x')
    compare('repaid', step.moved['repayAmount'], told[2])
    compare('seized', step.moved['seizeTokens'], told[4])
  }
  for (const [index, { what, ours }] of step.expected.entries()) {
    const read = calls[step.leading + 1 + index]
    compare(what, ours, read?.ok ? words(read.data)[0] : `revert ${read?.data}`)
  }
  return wrong
}
