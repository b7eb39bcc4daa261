/** Venus: liquidations at the vTokens of its core pool and of its isolated pools. */
import { LIQUIDATE_BORROW, liquidateBorrow } from './evm/compound.ts'
import type { CheckedLog, LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { V_TOKENS } from './evm/money-markets.ts'
import type { Venue } from './venue.ts'

const TOPICS_OF_ISOLATED = 4

/** Venus on BNB Chain: the core pool by its vTokens, isolated pools by the shape of their event. */
export const venus: Venue = logVenue({
  id: 'venus',
  name: 'Venus',
  kind: 'lending',
  page: 'https://github.com/VenusProtocol/isolated-pools/blob/develop/contracts/VTokenInterfaces.sol',
  note: 'Core pool by the addresses of its vTokens. Isolated pools index three fields; any market on BNB Chain that does so is taken, with its address as market. What is seized are vTokens, not their underlying.',
  where: { bnb: [] },
  readers: { [LIQUIDATE_BORROW]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (log.chain !== 'bnb') return undefined
  if (log.topicCount === TOPICS_OF_ISOLATED) return liquidateBorrow(log, 'venus', V_TOKENS)
  // The core pool's event is that of every fork of Compound: only its own markets are taken.
  if (V_TOKENS.at(log.chain, log.address) === undefined) return undefined
  return log.topicCount === 1
    ? liquidateBorrow(log, 'venus', V_TOKENS)
    : 'a LiquidateBorrow with an odd count of topics'
}
