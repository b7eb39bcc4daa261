/** f(x) Protocol v2: mechanism, its types, its rules as a namespace, and random worlds. */
export type * from './actions.ts'
export { FX_V2_ASSETS } from './books.ts'
export * from './mechanism.ts'
export type { FxV2Shares, FxV2Side, FxV2Stage } from './rules.ts'
export * as fxV2Rules from './rules.ts'
export {
  emptyFxV2,
  FX_V2_TERMS,
  type FxV2Book,
  type FxV2Feeds,
  type FxV2Node,
  type FxV2Position,
  type FxV2State,
  type FxV2Terms,
} from './state.ts'
export { currentPosition as fxV2PositionNow } from './tree.ts'
export * from './world.ts'
