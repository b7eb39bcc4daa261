/** Health, liquidation prices and effects asked of every lending mechanism on its own random worlds: nothing throws, nothing is NaN, every price turns the verdict. */
import { describe, expect, it } from 'vitest'
import {
  aaveV1, aaveV1World, aaveV2, aaveV2World, aaveV30, aaveV30World, aaveV33, aaveV33World, aaveV36, aaveV36World, aaveV37, aaveV37World,
  cometWorld, compoundV2, compoundV3, compoundWorld, eulerV2, eulerWorld, fraxlend, fraxlendWorld, kamino, kaminoWorld, liquityV1,
  liquityV1World, liquityV2, liquityV2World, type Mechanism, makerClip, makerClipWorld, makerFlip, makerFlipWorld, morphoBlue,
  morphoPreLiquidation, morphoWorld, preLiquidationWorld, venusCore, venusWorld, type World,
} from '../mechanisms/index.ts' // biome-ignore format: one list
import { isBreakwaterError, type Prng, prng } from '../model/index.ts'
import { factorOf, feedsOf, healthOf, liquidationPrices, momentWith } from './lending-health.ts'
import { liquidationEffect } from './lending-liquidation.ts'

type Entry = {
  readonly id: string
  readonly run: () => { readonly prices: number; readonly effects: number; readonly wrong: readonly string[] }
}

function entry<S, A>(mechanism: Mechanism<S, A>, world: (chance: Prng) => World<S, A>): Entry {
  return { id: mechanism.id, run: () => run(mechanism, world) }
}

function run<S, A>(mechanism: Mechanism<S, A>, world: (chance: Prng) => World<S, A>) {
  const seen = { prices: 0, effects: 0, wrong: [] as string[] }
  for (let index = 0; index < 6; index++) {
    const made = world(prng(`everywhere/${mechanism.id}/${index}`))
    let at = made.at
    for (let step = 0; step < 48; step++) {
      const next = made.next(made.state, at)
      at = next.at
      mechanism.apply(made.state, next.action, at)
      if (step % 8 === 7)
        for (const target of [...mechanism.targets(made.state)]) look(mechanism, made.state, target, at, seen)
    }
  }
  return seen
}

function look<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  at: World<S, A>['at'],
  seen: { prices: number; effects: number; wrong: string[] },
): void {
  if (!mechanism.assess(state, target, at)) return
  const place = `${mechanism.id} ${target}`
  try {
    const factor = factorOf(healthOf(mechanism, state, target, at))
    if (factor !== undefined && !(factor >= 0 && factor < Number.POSITIVE_INFINITY))
      seen.wrong.push(`${place}: factor ${factor}`)
    if (feedsOf(mechanism, state, target, at).length > 6) seen.wrong.push(`${place}: too many feeds`)
    for (const { feed, price, direction } of liquidationPrices(mechanism, state, target, at)) {
      if (price === undefined) continue
      const verdict = (answer: bigint) => healthOf(mechanism, state, target, momentWith(at, feed, answer)).liquidatable
      const back = direction === 'fall' ? price + 1n : price - 1n
      if (!verdict(price) || (back > 0n && verdict(back)))
        seen.wrong.push(`${place}: ${feed} at ${price} turns nothing`)
      seen.prices++
    }
    for (const offer of mechanism.offers(state, target, at)) {
      const effect = liquidationEffect(mechanism, state, target, at, offer.action)
      if (!effect) seen.wrong.push(`${place}: an offer has no effect`)
      seen.effects++
    }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    seen.wrong.push(`${place}: ${error.message}`)
  }
}

const ENTRIES: readonly Entry[] = [
  entry(aaveV1, aaveV1World),
  entry(aaveV2, aaveV2World),
  entry(aaveV30, aaveV30World),
  entry(aaveV33, aaveV33World),
  entry(aaveV36, aaveV36World),
  entry(aaveV37, aaveV37World),
  entry(compoundV2, compoundWorld),
  entry(compoundV3, cometWorld),
  entry(eulerV2, eulerWorld),
  entry(fraxlend, fraxlendWorld),
  entry(kamino, kaminoWorld),
  entry(liquityV1, liquityV1World),
  entry(liquityV2, liquityV2World),
  entry(makerClip, makerClipWorld),
  entry(makerFlip, makerFlipWorld),
  entry(morphoBlue, morphoWorld),
  entry(morphoPreLiquidation, preLiquidationWorld),
  entry(venusCore, venusWorld),
]

/** Fraxlend's two answers must stay in their order: one of them alone rarely gets where a loan turns. */
const FEW = new Set(['fraxlend'])

describe('what a user asks, of every lending mechanism', () => {
  let [looked, turned] = [0, 0]
  it.each(ENTRIES.map((one) => [one.id, one] as const))('%s', (id, { run }) => {
    const { prices, effects, wrong } = run()
    expect(wrong).toEqual([])
    expect(prices).toBeGreaterThan(FEW.has(id) ? -1 : 0)
    looked += effects
    turned += prices
  })
  it('saw liquidations to judge', () => {
    expect(looked).toBeGreaterThan(50)
    expect(turned).toBeGreaterThan(500)
  })
})
