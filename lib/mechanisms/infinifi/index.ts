/** InfiniFi: mechanism, state, actions, its rules as a namespace, and random worlds. */
export * from './mechanism.ts'
export type { DurationPoint, Funded, LockBucket, LossSplit, Ticket, Unwinding, UnwindingPool } from './rules.ts'
export * as infinifiRules from './rules.ts'
export {
  INFINIFI_ASSETS,
  type InfinifiAction,
  type InfinifiFarm,
  type InfinifiState,
  type InfinifiTerms,
  infinifiState,
} from './state.ts'
export * from './world.ts'
