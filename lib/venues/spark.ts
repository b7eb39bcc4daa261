/** SparkLend: Aave v3's contracts and events in a pool of its own. */
import { DEFICIT_CREATED, deficitCreated, LIQUIDATION_CALL, liquidationCall } from './evm/aave.ts'
import { SPARK_POOLS } from './evm/deployments.ts'
import { logVenue } from './evm/log-venue.ts'
import type { Venue } from './venue.ts'

/** SparkLend on Ethereum. */
export const spark: Venue = logVenue({
  id: 'spark',
  name: 'SparkLend',
  kind: 'lending',
  page: 'https://docs.spark.fi/dev/sparklend/core-contracts/pool',
  note: 'Known by the address of its pool, as the event is that of Aave v3.',
  where: SPARK_POOLS.addresses,
  readers: {
    [LIQUIDATION_CALL]: (log) => {
      const pool = SPARK_POOLS.at(log.chain, log.address)
      return pool && liquidationCall(log, 'spark', pool.name)
    },
    [DEFICIT_CREATED]: (log) => {
      const pool = SPARK_POOLS.at(log.chain, log.address)
      return pool && deficitCreated(log, 'spark', pool.name)
    },
  },
})
