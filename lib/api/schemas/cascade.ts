/** What-ifs as schemas: the questions that may be posted, and the answers about loans, positions and scenarios. */
import { z } from 'zod'

const text = z.string()
const number = z.number()
const usd = z.number().meta({ description: 'Dollars; signed where it is a change of wealth.' })
const share = z.number().meta({ description: 'A fraction.' })

/** A word of the question; numbers are taken as well, and mean what their text means. */
const word = (description: string) =>
  z
    .union([z.string().min(1).max(400), z.number()])
    .optional()
    .meta({ description })
const rows = (description: string) =>
  z
    .union([z.string(), z.array(z.unknown())])
    .optional()
    .meta({ description })

const SHOCK = z
  .string()
  .min(1)
  .max(1_000)
  .meta({
    description:
      'BTC=-10%,ETH=-15%; kinds market:, only:, depeg:stETH/ETH=-5%; or a day of history: 2020-03-12, incident:black-thursday.',
    examples: ['ETH=-20%'],
  })

const BOOK = {
  accounts: rows(
    'Loans: a table as text (CSV or JSON), or its rows (docs/lending-accounts.md). The simulated loans without it.',
  ),
  assets: rows('Their assets: a table as text, or its rows.'),
  eModes: z.array(z.unknown()).optional().meta({ description: 'E-mode categories, with rows.' }),
  protocol: word('Rules of rows that name none.'),
  positions: rows('Perp positions instead of loans: a list as text, or its rows.'),
  price: word('Dollars by coin for positions: BTC=60000.'),
  fund: word('Insurance fund of the positions, dollars.'),
}

const QUESTION = {
  ...{
    shock: SHOCK,
    compare: word('The same book under another shock.'),
    limit: word('Accounts to name, at most 1000.'),
  },
  seed: word('Of the simulated loans, and of the paths.'),
  set: word('Changes of the book, by space or comma: ETH.LT=81% closeFactor=100%; of a scenario: room.param=value.'),
  rules: word('Judge Aave’s loans by the rules of another version: aave-v2.'),
  diff: word('`true`: what set and rules change, figure by figure; or words of another run: depth=20M.'),
  solve: word('shock, depth, fund, LT, ETH.LT, …: the value at which `until` comes true or ends.'),
  until: word('A figure and a number: badDebt>0, debt<=10M, overshoot<-5%.'),
  maxBadDebt: word('The same as until badDebt<=…'),
}

const MARKET = {
  depth: word('Sales that move a market by 2 %: 50M, or ETH=50M,BTC=200M.'),
  halfLife: word('Seconds in which half of a push is refilled, or none.'),
  permanent: word('Part of a push that stays.'),
  withdrawal: word('Makers leave e^(−κ·volatility) of their depth: κ.'),
  ...{ steps: word('Steps of the market.'), stepSeconds: word('Seconds between two of them.') },
  ...{ flash: word('Fee of a liquidator’s loan.'), leastProfit: word('Dollars for which a liquidator acts.') },
  paths: word('Monte Carlo: how many paths, at most 5000 here.'),
  volatility: word('Per √day.'),
  ...{
    drift: word('Per day.'),
    jumps: word('How many a day, mean, deviation: 2,-3%,4%.'),
    days: word('Days that the paths last.'),
  },
}

/** `POST /v1/stress`. */
export const stressBody = z.strictObject({ ...BOOK, ...QUESTION })

/** `POST /v1/cascade`. */
export const cascadeBody = z.strictObject({
  ...{ ...BOOK, ...QUESTION, ...MARKET },
  scenario: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'A scenario (docs/scenarios.md) instead of a book; its coins are shocked at its start.' }),
})

const struck = { accounts: number, collateral: usd, debt: usd, badDebt: usd }
const loan = {
  ...{ protocol: text, account: text, target: text, healthFactor: number.optional(), collateral: usd, debt: usd },
  before: z.boolean().meta({ description: 'True where it is liquidatable without any shock.' }),
}
const strike = {
  shocks: z.array(z.strictObject({ shock: text, sentence: text })),
  ...struck,
  byMechanism: z.array(z.strictObject({ protocol: text, ...struck })),
  listed: z.array(z.strictObject(loan)),
}

const spread = z.strictObject({
  ...{ mean: number, least: number, greatest: number },
  quantiles: z.array(z.strictObject({ share, value: number })),
})
const paths = z
  .array(
    z.strictObject({
      ...{ coin: text, kind: z.literal('simulated'), seed: text, asked: number, paths: number, partial: z.boolean() },
      ...{ start: number, steps: number, price: spread, lowest: spread, highest: spread, liquidated: spread },
      ...{ accounts: spread, badDebt: spread, shareLiquidating: share, shareWithBadDebt: share },
    }),
  )
  .optional()

const core = {
  ...{ side: z.enum(['long', 'short']), start: number, external: number, price: number, overshoot: share },
  ...{ coins: number, fired: number, levels: number, amplification: number.optional(), branching: number.optional() },
  ...{ runaway: z.boolean(), exhausted: z.boolean(), next: number.optional() },
  end: z.enum(['rests', 'depth exhausted']),
  cliff: z.strictObject({ depth: number, jump: number }).optional(),
  rounds: z.array(z.strictObject({ levels: number, coins: number, fill: number, before: number, after: number })),
}

const payers = z.strictObject({
  ...{ borrowers: usd, lenders: usd, liquidators: usd, builders: usd, gas: usd, others: usd, sum: usd },
})
const asset = z.strictObject({
  ...{ symbol: text, start: number, end: number, lowest: number, highest: number, overshoot: share },
  external: z.strictObject({ end: number, lowest: number, highest: number }),
  ...{ amplification: number.optional(), sold: number },
})
const summary = {
  ...{ kind: z.literal('simulated'), seed: text, start: number, seconds: number, steps: number, asked: number },
  ...{ finished: z.boolean(), assets: z.array(asset), badDebt: usd, liquidations: number, missedBids: number },
  ...{
    unsafeAtEnd: number,
    payers,
    rooms: z.array(z.looseObject({ room: text, accounts: number, liquidations: number })),
  },
}

const figureUnit = z.enum(['usd', 'count', 'share', 'coins', 'price', 'multiple'])
const turned = z.strictObject({ accounts: number, debt: usd, listed: z.array(z.strictObject(loan)) }).optional()
const rung = z.strictObject({ accounts: number, debt: usd, badDebt: usd })
const changing = {
  changes: z.array(z.strictObject({ of: text, name: text, before: number, after: number })).optional(),
  diff: z
    .strictObject({
      ...{ before: text, after: text, finished: z.boolean(), now: turned, breaks: turned, spared: turned },
      figures: z.array(
        z.strictObject({
          ...{ name: text, unit: figureUnit, before: number.optional(), after: number.optional() },
          change: number.optional(),
        }),
      ),
      ladder: z.array(z.strictObject({ drop: number, before: rung, after: rung })).optional(),
    })
    .optional()
    .meta({ description: 'This run against another, figure by figure, and whose loans turn.' }),
  solve: z
    .strictObject({
      ...{ knob: text, unit: text, until: text, figure: text, figureUnit, present: number, held: z.boolean() },
      ...{ presentFigure: number.optional(), least: number, most: number, finest: number },
      ...{ found: z.enum(['crossed', 'everywhere', 'nowhere']), monotone: z.boolean(), partial: z.boolean() },
      crossings: z.array(
        z.strictObject({
          ...{ at: number, beside: number, figureAt: number.optional(), figureBeside: number.optional() },
        }),
      ),
      ...{ looked: z.array(z.strictObject({ value: number, figure: number.optional() })), evaluations: number },
    })
    .optional()
    .meta({
      description: 'Where the mark is crossed, the nearest crossing first, and every value that was looked at.',
    }),
}

const loans = z.strictObject({
  ...changing,
  ...{ book: z.literal('loans'), kind: z.literal('simulated'), source: z.looseObject({ kind: text, says: text }) },
  ...{ loans: number, unjudged: number, strike: z.strictObject(strike), assumed: z.array(text), paths },
  compare: z.strictObject({ ...strike, ratio: number.optional() }).optional(),
  next: z.array(z.strictObject({ ...loan, further: share })),
  cascade: z
    .strictObject({
      coins: z.array(z.strictObject({ coin: text, pricedAs: text, ...core })),
      market: z.strictObject(summary),
    })
    .optional(),
})

const perpNamed = z.strictObject({
  ...{ account: text, side: z.enum(['long', 'short']), size: number, liquidation: number, further: share, usd },
})
const positions = z.strictObject({
  ...changing,
  ...{ book: z.literal('positions'), kind: z.literal('simulated'), positions: number, refusedRows: number },
  ...{
    refused: z.array(z.strictObject({ row: number, why: text })),
    shocks: z.array(text),
    assumed: z.array(text),
    paths,
  },
  ...{ insurance: z.strictObject({ before: usd, left: usd }), badDebt: usd },
  coins: z.array(
    z.strictObject({
      ...{ coin: text, positions: number, liquidated: number, longUsd: usd, shortUsd: usd, deficit: usd, badDebt: usd },
      ...{ core: z.strictObject(core), insurance: z.strictObject({ before: usd, paid: usd, left: usd }) },
      ...{
        deleveraged: z.strictObject({ accounts: number, usd }),
        largest: z.array(perpNamed),
        next: z.array(perpNamed),
      },
      payers: z.record(z.string(), usd),
    }),
  ),
})

const scenario = z.strictObject({ ...changing, book: z.literal('scenario'), hash: text, name: text, ...summary })

/** The answer of `POST /v1/stress`: nothing here happened. */
export const stress = z
  .union([loans, positions])
  .meta({ id: 'Stress', description: 'A what-if: nothing here happened.' })
/** The answer of `POST /v1/cascade`. */
export const cascade = z
  .union([loans, positions, scenario])
  .meta({ id: 'Cascade', description: 'A what-if with feedback: nothing here happened.' })
