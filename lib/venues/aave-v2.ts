/** Aave v2: the event it shares with v3, of its own pools. */
import { LIQUIDATION_CALL, liquidationCall } from './evm/aave.ts'
import { AAVE_V2_POOLS } from './evm/deployments.ts'
import { logVenue } from './evm/log-venue.ts'
import type { Venue } from './venue.ts'

/** Aave v2 on Ethereum (main, AMM, Arc), Polygon and Avalanche. */
export const aaveV2: Venue = logVenue({
  id: 'aave-v2',
  name: 'Aave v2',
  kind: 'lending',
  page: 'https://github.com/aave/protocol-v2/blob/master/contracts/interfaces/ILendingPool.sol',
  note: 'Liquidations of every Aave v2 pool; known by the address, as the event is that of v3.',
  where: AAVE_V2_POOLS.addresses,
  readers: {
    [LIQUIDATION_CALL]: (log) => {
      const pool = AAVE_V2_POOLS.at(log.chain, log.address)
      return pool && liquidationCall(log, 'aave-v2', pool.name)
    },
  },
})
