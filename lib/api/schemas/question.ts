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
const POSITION = {
  venue: word('binance, bybit, okx, gate, hyperliquid …, or the id of a profile.', ['binance'], 40),
  symbol: word('The venue’s own name of the contract.', ['BTCUSDT'], 40),
  side: word('long or short.', ['long'], 8),
  size: word('Coins (linear) or quote units of contract value (inverse).', ['1'], 40),
  entry: word('Entry price, quote per coin.', ['60000'], 40),
  leverage: word('Chosen leverage.', ['10'], 16),
  mark: word('Mark price; the entry price when left out.', ['58000'], 40),
  mode: word('isolated, cross or unified.', ['isolated'], 16),
  extra: word('Margin beyond the initial one, settle currency.', ['500'], 40),
  margin: word('The whole margin, instead of the initial one.', ['6000'], 40),
  funding: word('Funding rate per interval: a fraction, or with %.', ['0.0001', '0.01%'], 24),
  days: word('For how many days it was paid.', ['30'], 16),
  on: word('The rules of a day.', ['2025-10-10'], 16),
}
/** `/v1/perp/liquidation-price`. */
export const positionQuery = z.strictObject(POSITION)
/** `/v1/perp/explain`. */
export const walkQuery = z.strictObject({
  ...POSITION,
  drop: word('How far the mark goes against the position.', ['50%'], 16),
  until: word('The price at which the walk ends, instead.', ['30000'], 40),
  stride: word('Gap between two marks.', ['0', '2%'], 16),
  speed: word('Move per second, for cooldowns.', ['0.1%'], 16),
  depth: word('Part of each liquidation order that the book takes.', ['1', '0'], 16),
  slippage: word('How much worse than the mark it trades.', ['0.05%'], 16),
  fund: word('What the insurance fund may pay, settle currency.', ['1000000'], 40),
})
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
