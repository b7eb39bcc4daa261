/** The market: rooms of many mechanisms on shared liquidity, liquidators who compete, and who paid. */
export * from './depth.ts'
export * from './ledger.ts'
export {
  type Chore,
  type ChoresBy,
  type ChoreView,
  type Room,
  type RoomAsset,
  type RoomFeed,
  type RoomMaker,
  type RoomPlan,
  roomOf,
  type Standing,
  UNTRADED,
  unitsOf,
} from './room.ts'
export * from './room-kinds.ts'
export * from './rooms/aave.ts'
export * from './rooms/bamm.ts'
export * from './rooms/bob.ts'
export * from './rooms/borrowers.ts'
export * from './rooms/fx.ts'
export * from './rooms/kamino.ts'
export * from './rooms/llamma.ts'
export * from './rooms/maker.ts'
export * from './rooms/morpho.ts'
export * from './rooms/perp.ts'
export * from './rooms/pre-liquidation.ts'
export { paramsOf, type RoomKind, type RoomParam, type RoomSetup } from './rooms/room-kind.ts'
export * from './rooms/stability-pool.ts'
export * from './run.ts'
export * from './traders/index.ts'
export * from './wrapped-depth.ts'
