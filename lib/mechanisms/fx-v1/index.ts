/** f(x) Protocol v1: mechanism, its types, its rules as a namespace, and random worlds. */
export * from './mechanism.ts'
export type { FxV1Lines, FxV1Mode, FxV1Side } from './rules.ts'
export * as fxV1Rules from './rules.ts'
export {
  emptyFxV1,
  FX_V1_TERMS,
  type FxV1Action,
  type FxV1Book,
  type FxV1Depositor,
  type FxV1Fee,
  type FxV1State,
  type FxV1Terms,
} from './state.ts'
export { FX_V1_ASSETS } from './treasury.ts'
export * from './world.ts'
