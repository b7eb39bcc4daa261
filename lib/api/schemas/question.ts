/** The words of a question in a query, the same as the options of the command line. What they mean is decided where answers are made. */
import { z } from 'zod'

/** A text parameter with its meaning and values that work as they stand. */
function word(description: string, examples: readonly string[], longest = 200) {
  return z
    .string()
    .min(1)
    .max(longest)
    .optional()
    .meta({ description, examples: [...examples] })
}

const WINDOW = {
  window: word('How long: 1h, 4h, 12h, 24h, 7d, 30d …', ['24h', '7d'], 16),
  at: word('A UTC day, or the instant at which the window ends.', ['2021-05-19', '2021-05-19T12:00:00Z'], 40),
  from: word('Start, inclusive: day, instant or ms since 1970.', ['2021-05-01'], 40),
  to: word('End, exclusive: day, instant or ms since 1970.', ['2021-06-01'], 40),
}

const FILTER = {
  src: word('One source: a venue or protocol id, or live, recorded, simulated.', ['recorded', 'aave-v2'], 64),
  venue: word('Venue ids, comma list.', ['bybit,okx']),
  protocol: word('Protocol ids, comma list.', ['aave-v2']),
  chain: word('Chains, comma list.', ['ethereum']),
  coin: word('Coins; for loans the collateral. Comma list.', ['BTC,ETH']),
  side: word('Side of the position closed: long, short, unknown. Comma list.', ['long'], 32),
  kind: word('perp, loan or both.', ['loan'], 16),
  minUsd: word('Only events of at least this many dollars; those of unknown value never pass.', ['100000'], 32),
  account: word('One account id or address.', ['0x0000000000000000000000000000000000000001'], 128),
}

const EVENTS = {
  limit: word('How many, at most 1000.', ['50'], 8),
  order: word('desc (newest first) or asc.', ['desc', 'asc'], 8),
  cursor: word('`next` of the page before.', [], 400),
}

/** `/v1/totals`. */
export const totalsQuery = z.strictObject({
  ...WINDOW,
  ...FILTER,
  by: word('Group by: venue, protocol, chain, coin, side, kind, source, minute, hour, day. Comma list.', [
    'venue',
    'coin,side',
  ]),
})
/** `/v1/totals/history`. */
export const historyQuery = z.strictObject({
  ...WINDOW,
  ...FILTER,
  interval: word('minute, hour or day.', ['hour', 'day'], 16),
})
/** `/v1/liquidations`. */
export const liquidationsQuery = z.strictObject({ ...WINDOW, ...FILTER, ...EVENTS })
/** `/v1/largest`. */
export const largestQuery = z.strictObject({ ...WINDOW, ...FILTER, limit: EVENTS.limit })
/** `/v1/records`. */
export const recordsQuery = z.strictObject({
  ...WINDOW,
  ...FILTER,
  order: word('worst (greatest first) or recent.', ['worst', 'recent'], 8),
  limit: EVENTS.limit,
})
/** `/v1/report`. */
export const reportQuery = z.strictObject({ ...WINDOW, ...FILTER })
/** `/v1/coverage`. */
export const coverageQuery = z.strictObject({ ...WINDOW, ...FILTER })
/** `/v1/oi` and `/v1/funding`. */
export const marketQuery = z.strictObject({ at: WINDOW.at, src: FILTER.src, venue: FILTER.venue, coin: FILTER.coin })
/** Routes without a question. */
export const noQuery = z.strictObject({})
/** `/v1/stream`. */
export const streamQuery = z.strictObject({
  topics: word('liquidations, gaps, status. Comma list.', [], 64),
  coin: FILTER.coin,
  venue: FILTER.venue,
  side: FILTER.side,
  minUsd: FILTER.minUsd,
  token: z.string().max(512).optional().meta({ description: 'The token, where headers cannot be sent.' }),
})
/** The id of an event. */
export const eventPath = z.strictObject({ id: z.string().min(1).max(80).meta({ description: 'Id of an event.' }) })
