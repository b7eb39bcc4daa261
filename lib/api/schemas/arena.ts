/** The arena's question and answer as schemas. */
import { z } from 'zod'

const text = z.string()
const number = z.number()
const usd = z.number().meta({ description: 'Dollars; gains of parties are signed.' })
const share = z.number().meta({ description: 'A fraction.' })

function word(description: string, examples: readonly string[], longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .optional()
    .meta({ description, examples: [...examples] })
}

const WORDS = {
  crash: word('SHAPE:-FALL%:DURATION; shapes v, step, slide, fall.', ['v:-35%:6h'], 60),
  mechanisms: word('Kinds by comma, parameters by colon.', ['stability-pool:pool=0.3', 'morpho'], 2_000),
  accounts: word('Borrowers.', ['30'], 8),
  normalise: word('Debt of all borrowers in every column, dollars.', ['100M'], 20),
  ltv: word('Their debt per collateral.', ['40-80%'], 20),
  seed: word('Seed of the book.', ['7'], 80),
  failure: word(
    'Switches by comma, with an optional @TIME: liquidators=10m, rpc=10m, stale=1h, down=1h, late=10m, congestion=500.',
    ['liquidators=10m', 'congestion=500@1h'],
    300,
  ),
  liquidators: word('How many compete.', ['3'], 4),
  depth: word('Sales that move the price by 1 %, dollars.', ['10M'], 20),
  gas: word('Gas price, gwei.', ['30'], 12),
  price: word('Opening price, dollars per coin.', ['2000'], 20),
}

/** `GET /v1/arena`. */
export const arenaQuery = z.strictObject(WORDS)

/** `POST /v1/arena`: the same words; numbers are taken as well. */
export const arenaBody = z.strictObject(
  Object.fromEntries(
    Object.entries(WORDS).map(([name, schema]) => [
      name,
      z
        .union([schema.unwrap(), number])
        .optional()
        .meta({ description: schema.meta()?.description ?? name }),
    ]),
  ),
)

const row = z.strictObject({
  ...{ id: text, mechanism: text, title: text, exactness: z.enum(['bytecode', 'formula', 'model']) },
  params: z.array(z.strictObject({ name: text, value: number, default: z.boolean(), says: text })),
  ...{ accounts: number, touched: number, taken: usd, takenShare: share, againstHolding: usd, lenders: usd },
  ...{ lendersCost: usd, lendersCostShare: share, protocolCost: usd, protocolCostShare: share },
  ...{ socialCost: usd, socialCostShare: share, slippage: usd, uncovered: usd, waited: usd, impermanent: usd },
  ...{ badDebt: usd, badDebtShare: share, liquidators: usd, builders: usd, gas: usd, others: usd, sum: usd },
  ...{ sold: usd, peakSold: usd, low: number, overshoot: share, liquidations: number },
  ...{
    medianSize: usd.optional(),
    largestSize: usd,
    breached: number,
    secondsToSafe: number.optional(),
    dueAtEnd: number,
  },
  ...{ recovered: share, finished: z.boolean() },
  series: z
    .strictObject({ price: z.array(number), ltv: z.array(number.nullable()), due: z.array(share) })
    .meta({ description: 'One number a step; `ltv` is null where no collateral is left.' }),
})

/** The answer. */
export const arena = z
  .strictObject({
    simulated: z.literal(true),
    words: z.record(text, text),
    conditions: text,
    crash: z.strictObject({ name: text, seconds: number, prices: z.array(number) }),
    rows: z.array(row),
    pareto: z
      .array(
        z.strictObject({
          ...{ id: text, borrowers: share, lenders: share, protocol: share, social: share, behind: z.array(text) },
        }),
      )
      .meta({
        description:
          'What each of the three who can pay lost at the prices of the time, per debt, and all three; `behind`: columns that cost none of them more and one less.',
      }),
    verdict: text,
    finished: z.boolean(),
  })
  .meta({ id: 'Arena', description: 'One crash through several mechanisms, each in a market of its own.' })
