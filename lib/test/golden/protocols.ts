/** Every protocol whose recorded cases can be replayed, in the order in which they are listed. */
import { aaveV2Replay, aaveV30Replay, aaveV36Replay } from './aave.ts'
import { compoundV2Replay, venusCoreReplay } from './compound-v2.ts'
import { compoundV3Replay } from './compound-v3.ts'
import { eulerV2Replay } from './euler-v2.ts'
import { fraxlendReplay } from './fraxlend.ts'
import { liquityV2Replay } from './liquity-v2.ts'
import { makerClipReplay } from './maker-clip.ts'
import { morphoBlueReplay } from './morpho-blue.ts'
import type { GoldenProtocol } from './replay.ts'

/** One line a protocol. */
export const GOLDEN_PROTOCOLS: readonly GoldenProtocol[] = [
  aaveV2Replay,
  aaveV30Replay,
  aaveV36Replay,
  compoundV2Replay,
  venusCoreReplay,
  compoundV3Replay,
  eulerV2Replay,
  fraxlendReplay,
  liquityV2Replay,
  makerClipReplay,
  morphoBlueReplay,
]
