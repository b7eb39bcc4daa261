/**
 * Histories of LLAMMA lived twice: by our mechanism while they are drawn, and by the bytecode in one simulated batch afterwards. Every step compares the
 * refusal's word or the amounts moved, and then every reading there is.
 */
import { type LlammaAction, type LlammaState, type LlammaTerms, llamma } from '../../mechanisms/index.ts'
import { type Moment, prng } from '../../model/index.ts'
import {
  type LlammaOutcome,
  type LlammaReading,
  openingMarket,
  outcomeDifferences,
  ownOutcome,
  readingsOf,
} from '../llamma-readings.ts'
import type { Call, LocalChain, SimulatedBlock, SimulatedCall } from './chain.ts'
import {
  deployLlamma,
  type LlammaDeployment,
  type LlammaKit,
  llammaCall,
  outcomeOf,
  outsideCalls,
  readingCall,
  readingText,
} from './llamma-chain.ts'
import { type LlammaWishes, type LlammaWorld, MARKET, wideLlamma } from './llamma-world.ts'

/** A mechanism to compare: ours, or one that was spoiled on purpose. */
export type LlammaApply = typeof llamma.apply

/** A step as both lived it. */
export type LlammaStep = {
  readonly action: LlammaAction
  readonly time: number
  readonly price: bigint
  readonly ours: LlammaOutcome
  readonly theirs: LlammaOutcome
  readonly readings: readonly LlammaReading[]
  /** The contract's answers to the readings. */
  readonly answers: readonly string[]
}

/** A market, when the factory made it, and what happened in it. */
export type LlammaHistory = {
  readonly terms: LlammaTerms
  readonly made: bigint
  readonly steps: readonly LlammaStep[]
}

/** What a run saw. `differences` name seed, world and step. */
export type LlammaRun = {
  readonly steps: number
  readonly values: number
  readonly completed: ReadonlyMap<string, number>
  readonly refused: ReadonlyMap<string, number>
  readonly differences: readonly string[]
}

/** How much to run. */
export type LlammaRunOptions = {
  readonly seed: string
  readonly worlds: number
  readonly steps: number
  readonly wishes?: LlammaWishes
  readonly apply?: LlammaApply
}

/** Runs worlds until their number is reached or something differs. */
export async function runLlamma(chain: LocalChain, kit: LlammaKit, options: LlammaRunOptions): Promise<LlammaRun> {
  const run = { steps: 0, values: 0, differences: [] as string[] }
  const [completed, refused] = [new Map<string, number>(), new Map<string, number>()]
  for (let index = 0; index < options.worlds && run.differences.length === 0; index++) {
    const world = wideLlamma(prng(`${options.seed}/llamma/${index}`), options.wishes)
    const { steps } = await liveHistory(chain, kit, world, options)
    for (const [number, step] of steps.entries()) {
      const wrong = differencesOf(step)
      const place = `seed ${options.seed}, world ${index}, step ${number} (${step.action.do})`
      run.differences.push(...wrong.map((one) => `${place}: ${one}`))
      // What follows in this history differs because of it.
      if (wrong.length > 0) break
      run.steps += 1
      run.values += step.readings.length + (typeof step.theirs === 'string' ? 1 : Object.keys(step.theirs).length)
      if (typeof step.theirs === 'string') count(refused, step.theirs)
      else count(completed, nameOf(step.action))
    }
  }
  return { ...run, completed, refused }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}

function nameOf(action: LlammaAction): string {
  if (action.do === 'exchange') return action.exact === 'out' ? 'exchange exactly out' : 'exchange'
  if (action.do !== 'liquidate') return action.do
  return action.fraction === undefined || action.fraction >= 10n ** 18n ? 'liquidate' : 'liquidate in part'
}

/** A history of one world, lived by both. */
export async function liveHistory(
  chain: LocalChain,
  kit: LlammaKit,
  { terms, next }: LlammaWorld,
  { steps: length, apply = llamma.apply }: Pick<LlammaRunOptions, 'steps' | 'apply'>,
): Promise<LlammaHistory> {
  const deployment = await deployLlamma(chain, kit, terms)
  const state: LlammaState = { markets: new Map([[MARKET, openingMarket(terms, deployment.made)]]) }
  const drawn: Drawn[] = []
  let time = deployment.latest + 1_000
  for (let index = 0; index < length; index++) {
    const { action, at } = next(state, time)
    time = at.time
    drawn.push(live(deployment, state, { action, at, index, apply }))
  }
  const results = await simulated(chain, drawn)
  const steps = drawn.map(({ action, at, ours, readings, leading }, index) => {
    const calls = results[index] ?? []
    const theirs = outcomeOf(deployment, action, calls[leading] as SimulatedCall)
    const answers = readings.map((one, i) => readingText(deployment, one, calls[leading + 1 + i] as SimulatedCall))
    return { action, time: at.time, price: at.price(MARKET) ?? 0n, ours, theirs, readings, answers }
  })
  return { terms, made: deployment.made, steps }
}

type Drawn = Pick<LlammaStep, 'action' | 'ours' | 'readings'> & {
  readonly at: Moment
  readonly calls: readonly Call[]
  readonly leading: number
}

/** Lives a step with our mechanism and writes down the calls that ask the contracts the same. */
function live(
  deployment: LlammaDeployment,
  state: LlammaState,
  { action, at, index, apply }: { action: LlammaAction; at: Moment; index: number; apply: LlammaApply },
): Drawn {
  const done = apply(state, action, at)
  const market = state.markets.get(MARKET)
  if (!market) throw new Error('the market is gone')
  const readings = readingsOf(market, at, index)
  const outside = outsideCalls(deployment, at.price(MARKET) ?? 0n, market.policy)
  const calls = [...outside, llammaCall(deployment, action), ...readings.map((one) => readingCall(deployment, one))]
  const ours = ownOutcome(done, market)
  return { action, at, ours, readings, calls, leading: outside.length }
}

/** One request; steps of one second share a block. Results by step. */
async function simulated(chain: LocalChain, drawn: readonly Drawn[]): Promise<readonly (readonly SimulatedCall[])[]> {
  const blocks: { time: number; calls: Call[] }[] = []
  const places = drawn.map(({ at, calls }) => {
    if (blocks.at(-1)?.time !== at.time) blocks.push({ time: at.time, calls: [] })
    const block = blocks.at(-1) as { calls: Call[] }
    const from = block.calls.length
    block.calls.push(...calls)
    return { block: blocks.length - 1, from, to: block.calls.length }
  })
  const answers = await chain.simulate(blocks satisfies readonly SimulatedBlock[])
  return places.map(({ block, from, to }) => (answers[block] ?? []).slice(from, to))
}

/** What differs in a step. */
export function differencesOf({ action, ours, theirs, readings, answers }: LlammaStep): readonly string[] {
  const wrong = outcomeDifferences(action, ours, theirs)
  for (const [index, { of, name, args, ours: mine }] of readings.entries())
    if (mine !== answers[index])
      wrong.push(`${of}.${name}(${args.join(', ')}): ours ${mine}, the contract's ${answers[index]}`)
  return wrong
}
