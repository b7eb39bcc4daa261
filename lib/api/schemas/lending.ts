/** Questions and answers about loans as schemas. */
import { z } from 'zod'

const text = z.string()
const number = z.number()
const usd = z.number().meta({ description: 'Dollars.' })
const integer = z.string().meta({ description: 'A whole number as decimal text.' })

/** A text parameter with its meaning and values that work as they stand. */
function word(description: string, examples: readonly string[], longest = 200) {
  return z
    .string()
    .min(1)
    .max(longest)
    .optional()
    .meta({ description, examples: [...examples] })
}

const BOOK = {
  protocol: word('Only loans of this protocol, and the rules of rows that name none.', ['aave-v3'], 40),
  shock: word(
    'market:ETH=-20%, only:ETH=-20%, depeg:stETH/ETH=-5%, feed:NAME=-5%; without a kind it is the market; or of history: 2021-05-19/ETH.',
    ['market:ETH=-20%', 'depeg:stETH/ETH=-5%'],
  ),
  limit: word('How many loans to list, at most 1000.', ['25'], 6),
}
const SEED = { seed: word('Seed of the simulated loans.', ['7'], 40) }
const HEALTH = {
  ...BOOK,
  account: word('One account in full.', ['sim-a018'], 128),
  slippage: word('How much less than the oracle the collateral brings.', ['0.3%'], 12),
  flash: word('Fee of the flash loan.', ['0.05%'], 12),
  gas: word('Gas of one liquidation, dollars.', ['20'], 22),
}
const LADDER = {
  ...BOOK,
  viable: word('`true`: count the loans whose liquidation pays after slippage, flash loan and gas.', ['true'], 5),
  slippage: HEALTH.slippage,
  ...{ flash: HEALTH.flash, gas: HEALTH.gas },
  drops: word('Rungs, percents, comma list.', ['10,20,30'], 1_500),
  compare: word('The same book under another shock.', ['only:ETH=-20%']),
}

/** `GET /v1/lending/health`: the simulated loans. */
export const healthQuery = z.strictObject({ ...SEED, ...HEALTH })
/** `GET /v1/lending/ladder`: the simulated loans. */
export const ladderQuery = z.strictObject({ ...SEED, ...LADDER })
/** `GET /v1/lending/oracle`. */
export const oracleQuery = z.strictObject({
  oracle: word('spot, push, twap, ema, osm or bounded, parameters by colon.', ['push:deviationBps=50:heartbeat=1h']),
  fault: word('KIND@START+DURATION, parameters by colon, comma list.', ['stale@1h+2h', 'spike@10m+5m:factor=1.5']),
  path: word('A shape, or a day of history with its coin.', ['slide:-30%:6h', '2020-03-12/ETH']),
  price: word('Dollars at the start.', ['2000'], 22),
})

const TABLE = {
  accounts: z
    .union([z.string(), z.array(z.unknown())])
    .meta({ description: 'Loans: a table as text (CSV or JSON), or its rows. docs/lending-accounts.md.' }),
  assets: z
    .union([z.string(), z.array(z.unknown())])
    .optional()
    .meta({ description: 'Their assets: a table as text, or its rows.' }),
  eModes: z.array(z.unknown()).optional().meta({ description: 'E-mode categories, with rows.' }),
}

/** `POST /v1/lending/health`: loans of one's own. */
export const healthBody = z.strictObject({ ...TABLE, ...HEALTH })
/** `POST /v1/lending/ladder`: loans of one's own. */
export const ladderBody = z.strictObject({ ...TABLE, ...LADDER })

const source = z
  .strictObject({
    ...{ kind: z.enum(['simulated', 'given', 'chain']), says: text, seed: text.optional() },
    ...{ chain: number.optional(), block: text.optional(), rows: number.optional(), refusedRows: number },
    refused: z.array(z.strictObject({ line: number, raw: text, why: text })),
  })
  .meta({
    id: 'LoanSource',
    description: 'Where the loans come from; rows that could not be taken, the first 20 told.',
  })

const leg = z.strictObject({
  ...{ side: z.enum(['collateral', 'debt']), asset: text, amount: text, usd: usd.optional() },
  ...{ counts: z.boolean(), threshold: number.optional() },
})
const take = z
  .strictObject({
    ...{ repays: z.array(leg), receives: z.array(leg), repaid: usd, received: usd, bonus: number.optional() },
    ...{ part: number.optional(), slippage: usd, flashFee: usd, gas: usd, profit: usd },
    ...{ toxic: z.boolean(), badDebt: z.boolean(), after: number.optional(), closed: z.boolean() },
  })
  .meta({
    id: 'LiquidatorTake',
    description: 'The largest liquidation that is accepted now, and what is left after costs.',
  })
const STANDING = {
  state: z.enum([
    ...(['no-debt', 'healthy', 'liquidatable', 'liquidatable-part', 'liquidatable-whole'] as const),
    ...(['absorbable', 'under-water', 'stuck'] as const),
  ]),
  ...{ says: text, healthFactor: number.optional(), liquidatable: z.boolean(), collateral: usd, debt: usd },
  take: take.optional(),
}
const loan = z
  .strictObject({
    ...{ protocol: text, mechanism: text, account: text, target: text, ...STANDING, legs: z.array(leg) },
    prices: z.array(
      z.strictObject({
        ...{ feed: text, asset: text, quote: text, side: z.enum(['collateral', 'debt', 'both', 'neither']) },
        ...{ direction: z.enum(['fall', 'rise', 'none']), now: number, price: number.optional() },
        ...{ answer: integer.optional(), move: number.optional(), always: z.boolean() },
      }),
    ),
    breaks: z.array(z.strictObject({ shock: text, drop: number.optional() })),
    under: z.strictObject({ shock: text, sentence: text, ...STANDING }).optional(),
  })
  .meta({ id: 'Loan', description: 'A health factor, a price or a drop that is absent does not exist.' })

/** How loans stand. */
export const health = z
  .strictObject({
    ...{ source, shock: text.optional(), sentence: text.optional() },
    ...{ loans: number, unjudged: number, liquidatable: number, listed: z.array(loan) },
  })
  .meta({ id: 'LoanHealth' })

const RUNG = {
  ...{ accounts: number, collateral: usd, today: usd, debt: usd, badDebt: usd, largest: number.optional() },
  groups: z.array(z.strictObject({ protocol: text, asset: text, collateral: usd, today: usd })),
}
/** A ladder. */
export const ladder = z
  .strictObject({
    ...{ source, shock: text, sentence: text, loans: number, unjudged: number, collateral: usd, debt: usd },
    now: z.strictObject(RUNG),
    asked: z.strictObject({
      ...{ move: number, ...RUNG },
      broken: z.array(
        z.strictObject({
          ...{ protocol: text, account: text, target: text, healthFactor: number.optional() },
          ...{ collateral: usd, debt: usd, before: z.boolean() },
        }),
      ),
    }),
    rows: z.array(
      z.strictObject({
        ...{ drop: number, ...RUNG },
        viable: z.strictObject({ accounts: number, debt: usd }).optional(),
      }),
    ),
    compare: z
      .strictObject({
        ...{ shock: text, sentence: text, accounts: number, debt: usd, ratio: number.optional(), why: text.optional() },
      })
      .optional(),
  })
  .meta({ id: 'LoanLadder', description: 'Dollars at the moved prices; `today`: collateral at the prices of now.' })

/** Protocols. */
export const protocols = z.array(
  z.strictObject({
    ...{ id: text, name: text, liquidation: z.enum(['hard', 'soft', 'auction', 'pool']), says: text },
    ...{ proof: z.enum(['bytecode', 'recorded', 'vectors']), source: text },
    reads: z.array(z.enum(['table', 'chain', 'simulated'])),
  }),
)

const gap = z.strictObject({ gap: number, time: number })
const gaps = z.strictObject({ designed: gap, answer: gap })
/** What an oracle answers. */
export const oracle = z
  .strictObject({
    ...{ kind: z.literal('simulated'), oracle: text, faults: z.array(text), path: text, seconds: number },
    looks: z.array(
      z.strictObject({
        ...{ time: number, truth: usd, designed: usd.optional(), answer: usd.optional(), age: number.optional() },
      }),
    ),
    ...{ above: gaps, below: gaps, oldest: number.optional(), silent: number, changed: number },
  })
  .meta({
    id: 'OracleAnswers',
    description:
      'Times in seconds from the start; gaps are fractions of the truth. An answer or an age that is absent does not exist.',
  })
