/** Compound III (Comet): mechanism, its types, its rules as a namespace, and random worlds for the conformance suite. */
export * from './mechanism.ts'
export type {
  CometAbsorbed,
  CometAccount,
  CometAsset,
  CometConfig,
  CometCurve,
  CometPause,
  CometState,
} from './rules.ts'
export * as cometRules from './rules.ts'
export * from './world.ts'
