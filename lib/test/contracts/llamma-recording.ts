/** What the recorded form of LLAMMA keeps: which histories, drawn until each reaches the corners it is for, as the contracts lived them. */
import { type LlammaMarket, llamma } from '../../mechanisms/index.ts'
import { prng } from '../../model/index.ts'
import { marksOf, openingMarket, ownOutcome } from '../llamma-readings.ts'
import { type Corner, type RecordedHistory, type RecordedStep, replay } from '../llamma-recorded.ts'
import { GENESIS, type LocalChain } from './chain.ts'
import type { LlammaKit } from './llamma-chain.ts'
import { type LlammaHistory, liveHistory } from './llamma-run.ts'
import { AGGREGATE, type LlammaWishes, type LlammaWorld, MARKET, wideLlamma } from './llamma-world.ts'

type Plan = { readonly name: string; readonly wishes: LlammaWishes; readonly reaches: readonly Corner[] }

const SOFT = ['soft liquidation', 'conversion back'] as const
const COINS = { collateralDecimals: 18, borrowedDecimals: 18, emaSeconds: undefined } as const
const FLAT = { kind: 'constant', rate: 43_959_106_799n } as const

const PLANS: readonly Plan[] = [
  {
    name: 'four bands, liquidated wholly and in part',
    wishes: { ...COINS, A: 100, bands: 4, policy: FLAT },
    reaches: [...SOFT, '4 bands', 'hard liquidation', 'partial liquidation'],
  },
  {
    name: 'fifty bands, amounts exactly out',
    wishes: { ...COINS, A: 200, bands: 50, policy: FLAT, adminFee: 5n * 10n ** 17n },
    reaches: [...SOFT, '50 bands', 'exactly out'],
  },
  {
    name: 'collateral of 8 decimals, bands below zero',
    wishes: { ...COINS, A: 50, collateralDecimals: 8, policy: FLAT },
    reaches: [...SOFT, '8 decimals', 'bands below zero'],
  },
  {
    name: 'stablecoin of 6 decimals, fees of moving prices',
    wishes: { ...COINS, borrowedDecimals: 6, policy: FLAT },
    reaches: [...SOFT, '6 decimals of stablecoin', 'fee of a moving price'],
  },
  {
    name: 'moving average',
    wishes: { ...COINS, A: 100, emaSeconds: 600n, policy: FLAT },
    reaches: [...SOFT, 'moving average', 'skipped bands'],
  },
  {
    name: 'semi-logarithmic rate, limited prices',
    wishes: {
      ...{ ...COINS, policy: { kind: 'semilog', minRate: 317_097_919n, maxRate: 15_854_895_991n } },
      ceiling: 10n ** 23n,
    },
    reaches: [...SOFT, 'semi-logarithmic rate', 'limited price', 'fees collected'],
  },
  {
    name: 'aggregate rate',
    wishes: { ...COINS, policy: { ...AGGREGATE, ratio: { ...AGGREGATE.ratio, seconds: 3_600n } }, ceiling: 10n ** 23n },
    reaches: [...SOFT, 'aggregate rate', 'fees collected'],
  },
  { name: 'A of 2', wishes: { A: 2, policy: FLAT }, reaches: ['soft liquidation', 'hard liquidation'] },
  { name: 'A of 1,000', wishes: { A: 1_000, policy: FLAT }, reaches: [...SOFT, 'skipped bands'] },
  { name: 'anything', wishes: {}, reaches: [...SOFT, 'bands below zero'] },
]

/** Steps of each; together under 150 kB. */
const STEPS = 40
const MOST_TRIES = 400

/** Lives every plan on the chain until its corners are reached; fails where our mechanism differs. */
export async function recordLlamma(chain: LocalChain, kit: LlammaKit): Promise<readonly RecordedHistory[]> {
  const recorded: RecordedHistory[] = []
  for (const plan of PLANS) recorded.push(await recordPlan(chain, kit, plan))
  return recorded
}

async function recordPlan(
  chain: LocalChain,
  kit: LlammaKit,
  { name, wishes, reaches }: Plan,
): Promise<RecordedHistory> {
  const missing = (history: RecordedHistory) => {
    const { corners } = replay(history)
    return reaches.filter((corner) => !corners.has(corner))
  }
  for (let index = 0; index < MOST_TRIES; index++) {
    const world = () => wideLlamma(prng(`recorded/${name}/${index}`), wishes)
    // Our mechanism alone says quickly which draw is worth living on the chain.
    if (missing(drawn(name, world())).length > 0) continue
    const history = recordedOf(name, await liveHistory(chain, kit, world(), { steps: STEPS }))
    const { differences } = replay(history)
    if (differences.length > 0) throw new Error(differences.join('\n'))
    if (missing(history).length === 0) return history
  }
  throw new Error(`${MOST_TRIES} draws of ${name} did not reach ${reaches.join(', ')}`)
}

/** A history lived by our mechanism alone, without marks. */
function drawn(name: string, { terms, next }: LlammaWorld): RecordedHistory {
  const made = BigInt(GENESIS + 100)
  const state = { markets: new Map([[MARKET, openingMarket(terms, made)]]) }
  const steps: RecordedStep[] = []
  let time = GENESIS + 1_100
  for (let index = 0; index < STEPS; index++) {
    const { action, at } = next(state, time)
    time = at.time
    const outcome = ownOutcome(llamma.apply(state, action, at), state.markets.get(MARKET) as LlammaMarket)
    steps.push({ time, price: at.price(MARKET) ?? 0n, action, outcome, letters: '', mark: '' })
  }
  return { name, terms, made, steps }
}

function recordedOf(name: string, { terms, made, steps }: LlammaHistory): RecordedHistory {
  return {
    ...{ name, terms, made },
    steps: steps.map(({ time, price, action, theirs, readings, answers }) => ({
      ...{ time, price, action, outcome: theirs, ...marksOf(readings, answers) },
    })),
  }
}
