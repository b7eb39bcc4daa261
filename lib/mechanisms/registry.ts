/** Every way to be liquidated that stands as a mechanism, with the random worlds in which the conformance suite tries it. */
import type { Prng } from '../model/index.ts'
import {
  aaveV1,
  aaveV1World,
  aaveV2,
  aaveV2World,
  aaveV30,
  aaveV30World,
  aaveV33,
  aaveV33World,
  aaveV34,
  aaveV34World,
  aaveV35,
  aaveV35World,
  aaveV36,
  aaveV36World,
  aaveV37,
  aaveV37World,
} from './aave/index.ts'
import { bamm, bammWorld } from './bamm/index.ts'
import { bob, bobWorld } from './bob/index.ts'
import { compoundV2, compoundWorld } from './compound-v2/index.ts'
import { cometWorld, compoundV3 } from './compound-v3/index.ts'
import { type ConformanceOptions, type ConformanceReport, conformance, type World } from './conformance.ts'
import { eulerV2, eulerWorld } from './euler-v2/index.ts'
import { fraxlend, fraxlendWorld } from './fraxlend/index.ts'
import { fxV1, fxV1World } from './fx-v1/index.ts'
import { fxV2, fxV2World } from './fx-v2/index.ts'
import { infinifi, infinifiWorld } from './infinifi/index.ts'
import { kamino, kaminoWorld } from './kamino/index.ts'
import { liquityV1, liquityV1World } from './liquity-v1/index.ts'
import { liquityV2, liquityV2World } from './liquity-v2/index.ts'
import { llamma, llammaWorld } from './llamma/index.ts'
import { makerClip, makerClipWorld, makerFlip, makerFlipWorld } from './maker/index.ts'
import type { Mechanism } from './mechanism.ts'
import { morphoBlue, morphoPreLiquidation, morphoWorld, preLiquidationWorld } from './morpho-blue/index.ts'
import { venusCore, venusWorld } from './venus/index.ts'

/** A registered mechanism: its id, and the suite run on its own worlds. */
export type RegisteredMechanism = {
  readonly id: string
  /** Promises that its worlds never put to the test, because the rule knows no such thing; each says why. */
  readonly untried?: Partial<Readonly<Record<'offers' | 'healthyAttacked' | 'badDebts' | 'lines', string>>>
  readonly conforms: (options: ConformanceOptions) => ConformanceReport
}

function entry<S, A>(
  mechanism: Mechanism<S, A>,
  world: (chance: Prng) => World<S, A>,
  extra: Pick<RegisteredMechanism, 'untried'> &
    Pick<ConformanceOptions, 'grain' | 'refusalAccrues' | 'lossesShared'> = {},
): RegisteredMechanism {
  const { untried, ...own } = extra
  return {
    id: mechanism.id,
    ...(untried ? { untried } : {}),
    conforms: (options) => conformance(mechanism, world, { ...options, ...own }),
  }
}

const KEPT_BY_BORROWER = 'debt that no collateral covers stays with the borrower: the contracts never write it off'

/** One line a mechanism, in the order of their ids. */
export const MECHANISMS: readonly RegisteredMechanism[] = [
  entry(aaveV1, aaveV1World, { grain: 8, untried: { badDebts: KEPT_BY_BORROWER } }),
  entry(aaveV2, aaveV2World, { grain: 8, untried: { badDebts: KEPT_BY_BORROWER } }),
  entry(aaveV30, aaveV30World, { grain: 8, untried: { badDebts: KEPT_BY_BORROWER } }),
  entry(aaveV33, aaveV33World, { grain: 8 }),
  entry(aaveV34, aaveV34World, { grain: 8 }),
  entry(aaveV35, aaveV35World, { grain: 8 }),
  entry(aaveV36, aaveV36World, { grain: 8 }),
  entry(aaveV37, aaveV37World, { grain: 8 }),
  entry(bamm, bammWorld),
  entry(bob, bobWorld),
  entry(compoundV2, compoundWorld, { untried: { badDebts: KEPT_BY_BORROWER } }),
  entry(compoundV3, cometWorld, { grain: 8 }),
  entry(eulerV2, eulerWorld, { grain: 8 }),
  entry(fraxlend, fraxlendWorld),
  entry(fxV1, fxV1World, {
    untried: { badDebts: 'a loss falls on the f tokens through their price: nothing is written off' },
  }),
  // One sweep from the top tick down may spread the bad debt of another tick than its target's.
  entry(fxV2, fxV2World, { lossesShared: true }),
  entry(infinifi, infinifiWorld, {
    lossesShared: true,
    untried: { healthyAttacked: 'anybody may accrue at any time: without a loss it shares out profit' },
  }),
  entry(kamino, kaminoWorld, { grain: 1_000 }),
  entry(liquityV1, liquityV1World, {
    untried: { badDebts: 'what the pool does not take is redistributed over the other troves, whatever it is worth' },
  }),
  entry(liquityV2, liquityV2World, {
    untried: { badDebts: 'what the pool does not take is redistributed over the other troves, whatever it is worth' },
  }),
  entry(llamma, llammaWorld, {
    untried: {
      badDebts: 'the liquidator pays the whole part of the debt or does not come: nothing is written off',
      lines: 'health follows the curve of the bands, no straight line',
    },
  }),
  entry(makerClip, makerClipWorld),
  entry(makerFlip, makerFlipWorld),
  entry(morphoBlue, morphoWorld),
  entry(morphoPreLiquidation, preLiquidationWorld, {
    untried: { badDebts: 'it is refused unless the debt is within the LLTV, before and after' },
  }),
  entry(venusCore, venusWorld, { refusalAccrues: true, untried: { badDebts: KEPT_BY_BORROWER } }),
]
