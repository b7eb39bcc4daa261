/** Events as the API writes them: integers beyond 2^53 as decimal text, unknown values absent. */
import { z } from 'zod'
import type { WireEvent } from '../types.ts'

const text = z.string()
const number = z.number()
const optionalText = text.optional()
const optionalNumber = number.optional()
const ms = z.number().int().meta({ description: 'ms since 1970-01-01T00:00:00Z' })
const side = z
  .enum(['long', 'short'])
  .optional()
  .meta({ description: 'Side of the position closed; absent = unknown.' })
const usdBasis = z.enum(['reported', 'notional', 'dollar-par', 'price-join']).optional()
const usd = { usd: optionalNumber.meta({ description: 'Dollars; absent = unknown.' }), usdBasis }

const leg = z.strictObject({
  asset: text,
  address: optionalText,
  amount: optionalText.meta({ description: 'Exact decimal text, whole units.' }),
  atoms: optionalText.meta({ description: 'Smallest units, integer as text.' }),
  decimals: optionalNumber,
  usd: optionalNumber,
})

const place = z.strictObject({
  chain: text,
  block: optionalNumber,
  blockHash: optionalText,
  tx: optionalText,
  logIndex: optionalNumber,
  address: optionalText,
})

const receipt = z.strictObject({
  file: text,
  line: optionalNumber,
  segment: optionalText,
  offset: optionalNumber,
  index: optionalNumber,
})

const stamp = {
  id: text,
  venue: text,
  time: ms,
  timeKind: z.literal('received').optional(),
  received: ms,
  source: z.enum(['live', 'recorded', 'simulated']),
  receipt: receipt.optional(),
  flags: z.array(text).optional(),
}

const contract = { instrument: text, coin: text }
const loan = { protocol: text, market: text }

/** Every kind of event. */
export const event = z
  .discriminatedUnion('type', [
    z.strictObject({
      ...{
        ...stamp,
        type: z.literal('perp-liquidation'),
        ...contract,
        side,
        size: optionalNumber,
        contracts: optionalNumber,
      },
      ...{ price: number, priceKind: z.enum(['fill', 'bankruptcy', 'mark', 'entry', 'limit']), ...usd },
      ...{ account: optionalText, method: z.enum(['market', 'backstop']).optional(), place: place.optional() },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('loan-liquidation'), ...loan, account: text, liquidator: optionalText },
      ...{ repaid: leg, seized: leg, ...usd, badDebt: leg.optional(), place: place.optional() },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('auction-started'), ...loan, auction: text, account: optionalText },
      ...{ lot: leg, due: leg, ...usd, place: place.optional() },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('auction-taken'), ...loan, auction: optionalText, taker: optionalText },
      ...{ paid: leg.optional(), bought: leg.optional(), lotLeft: leg.optional(), dueLeft: leg.optional() },
      ...{ price: optionalNumber, ...usd, place: place.optional() },
    }),
    z.strictObject({
      ...{
        ...stamp,
        type: z.literal('bad-debt'),
        ...loan,
        account: optionalText,
        loss: leg,
        ...usd,
        place: place.optional(),
      },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('auto-deleveraging'), ...contract, side, size: optionalNumber, price: number },
      ...{ ...usd, account: optionalText },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('insurance-draw'), fund: text, currency: text, balance: optionalNumber },
      ...{ drawn: optionalNumber, state: optionalText },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('trade'), ...contract, taker: z.enum(['buy', 'sell']).optional() },
      ...{ size: optionalNumber, price: number, usd: optionalNumber },
    }),
    z.strictObject({ ...stamp, type: z.literal('mark'), ...contract, price: number, index: optionalNumber }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('funding'), ...contract, rate: number, intervalHours: optionalNumber },
      nextAt: ms.optional(),
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('open-interest'), ...contract, size: optionalNumber },
      ...{ contracts: optionalNumber, usd: optionalNumber },
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('position-change'), ...contract, account: text, size: number },
      entryPrice: optionalNumber,
    }),
    z.strictObject({
      ...{ ...stamp, type: z.literal('gap'), channel: text, from: ms, to: ms, why: text, lost: optionalNumber },
    }),
    z.strictObject({ ...stamp, type: z.literal('retraction'), of: text, why: text }),
  ])
  .meta({ id: 'Event' }) satisfies z.ZodType<WireEvent>
