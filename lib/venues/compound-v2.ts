/** Compound v2: liquidations at its cTokens. */
import { LIQUIDATE_BORROW, liquidateBorrow } from './evm/compound.ts'
import { logVenue } from './evm/log-venue.ts'
import { C_TOKENS } from './evm/money-markets.ts'
import type { Venue } from './venue.ts'

/** Compound v2 on Ethereum. */
export const compoundV2: Venue = logVenue({
  id: 'compound-v2',
  name: 'Compound v2',
  kind: 'lending',
  page: 'https://github.com/compound-finance/compound-protocol/blob/master/contracts/CTokenInterfaces.sol',
  note: 'Known by the address of the cToken, as Venus and many forks log the same event. What is seized are cTokens, not their underlying.',
  where: C_TOKENS.addresses,
  readers: {
    [LIQUIDATE_BORROW]: (log) => {
      if (C_TOKENS.at(log.chain, log.address) === undefined) return undefined
      return log.topicCount === 1
        ? liquidateBorrow(log, 'compound-v2', C_TOKENS)
        : 'a LiquidateBorrow with indexed fields'
    },
  },
})
