/** The market: rooms of many mechanisms on shared liquidity, liquidators who compete, and who paid. */
export * from './depth.ts'
export * from './ledger.ts'
export * from './room.ts'
export * from './rooms/borrowers.ts'
export * from './rooms/morpho.ts'
export { paramsOf, type RoomKind, type RoomParam, type RoomSetup } from './rooms/room-kind.ts'
export * from './run.ts'
