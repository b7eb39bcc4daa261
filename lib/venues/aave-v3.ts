/** Aave v3: liquidations, and the deficits that versions from 3.3 on book when debt is left without collateral. */
import { DEFICIT_CREATED, deficitCreated, LIQUIDATION_CALL, liquidationCall } from './evm/aave.ts'
import { AAVE_V2_POOLS, AAVE_V3_POOLS, SPARK_POOLS } from './evm/deployments.ts'
import type { CheckedLog } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import type { Venue } from './venue.ts'

/** Aave v3 on every chain of its address book. */
export const aaveV3: Venue = logVenue({
  id: 'aave-v3',
  name: 'Aave v3',
  kind: 'lending',
  page: 'https://github.com/aave-dao/aave-v3-origin/blob/main/src/contracts/interfaces/IPool.sol',
  note: 'The live feed listens to known pools. Logs of an unknown pool (a new market, or a fork) are taken with its address as market.',
  where: AAVE_V3_POOLS.addresses,
  readers: {
    [LIQUIDATION_CALL]: (log) => {
      const market = marketOf(log)
      return market && liquidationCall(log, 'aave-v3', market)
    },
    [DEFICIT_CREATED]: (log) => {
      const market = marketOf(log)
      return market && deficitCreated(log, 'aave-v3', market)
    },
  },
})

/** The pool's name, its address when it is nobody's we know, or nothing when it belongs to another protocol. */
function marketOf({ chain, address }: CheckedLog): string | undefined {
  if (AAVE_V2_POOLS.at(chain, address) || SPARK_POOLS.at(chain, address)) return undefined
  return AAVE_V3_POOLS.at(chain, address)?.name ?? address
}
