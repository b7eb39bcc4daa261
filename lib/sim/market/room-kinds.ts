/** The kinds of room that a scenario or an arena may name, by id. */
import { aaveRoom } from './rooms/aave.ts'
import { bammRoom } from './rooms/bamm.ts'
import { bobRoom } from './rooms/bob.ts'
import { fxRoom } from './rooms/fx.ts'
import { fx1Room } from './rooms/fx1.ts'
import { kaminoRoom } from './rooms/kamino.ts'
import { llammaRoom } from './rooms/llamma.ts'
import { clipRoom, flipRoom } from './rooms/maker.ts'
import { morphoRoom } from './rooms/morpho.ts'
import { perpBinanceRoom, perpDydxRoom, perpHyperliquidRoom } from './rooms/perp.ts'
import { preLiquidationRoom } from './rooms/pre-liquidation.ts'
import type { RoomKind } from './rooms/room-kind.ts'
import { stabilityPoolRoom } from './rooms/stability-pool.ts'

/** Every kind, in the order in which they are listed. */
export const ROOM_KINDS: ReadonlyMap<string, RoomKind> = new Map(
  [
    ...[aaveRoom, bammRoom, bobRoom, clipRoom, flipRoom, fxRoom, fx1Room, kaminoRoom, llammaRoom, morphoRoom],
    ...[perpBinanceRoom, perpDydxRoom, perpHyperliquidRoom, preLiquidationRoom, stabilityPoolRoom],
  ].map((kind) => [kind.id, kind]),
)
