/** Perp answers as schemas. */
import { z } from 'zod'

const text = z.string()
const number = z.number()
const side = z.enum(['long', 'short'])
const mode = z.enum(['isolated', 'cross', 'unified'])
const price = number.optional().meta({ description: 'Quote per coin; absent: there is none.' })

/** Figures of one position. */
export const figures = z
  .strictObject({
    ...{ profile: text, venue: text, name: text, symbol: text, coin: text, quote: text, settle: text },
    ...{ payoff: z.enum(['linear', 'inverse']), asOf: text, source: text, side, mode },
    ...{ size: number, entryPrice: number, markPrice: number, leverage: number, maxLeverage: number },
    ...{ notional: number, initialMargin: number, margin: number, unrealised: number, equity: number },
    ...{ maintenanceMargin: number, maintenanceRate: number, deduction: number, bracket: number, brackets: number },
    ...{ marginRatio: number.optional(), effectiveLeverage: number.optional() },
    ...{ liquidationPrice: price, liquidationBracket: number.optional(), distance: number.optional() },
    ...{ moveToLiquidation: number.optional(), naiveMove: number, backstopPrice: price },
    ...{ bankruptcyPrice: price, bankruptcyDistance: number.optional(), liquidatable: z.boolean() },
    ...{ fundingPerDay: number, fundingPaid: number, drainedAfterDays: number.optional() },
  })
  .meta({ id: 'PositionFigures', description: 'Money in the settle currency, distances as signed fractions.' })

const settlement = z.strictObject({
  outcome: z.enum(['surplus-returned', 'rest-kept', 'insurance-draw', 'deleverage', 'socialised', 'bad-debt']),
  ...{ returned: number, kept: number, fund: number, uncovered: number },
})

/** A walk: each step with what is left after it. */
export const walk = z
  .strictObject({
    ...{ profile: text, symbol: text, position: z.strictObject({ side, size: number, entryPrice: number }) },
    steps: z.array(
      z.strictObject({
        ...{ state: text, mark: number, timeMs: number, size: number, margin: number, equity: number },
        ...{ maintenance: number, ordered: number.optional(), closed: number.optional(), fillPrice: number.optional() },
        ...{ fee: number.optional(), takenBy: z.enum(['insurance-fund', 'engine', 'vault']).optional() },
        ...{ takeoverPrice: number.optional(), settlement: settlement.optional(), says: text },
      }),
    ),
  })
  .meta({ id: 'PositionWalk' })

/** Profiles, with every rule as data. */
export const profiles = z.array(
  z.looseObject({
    ...{ id: text, venue: text, name: text, from: text, until: text.optional(), modes: z.array(mode) },
    ...{ hedgeMode: z.boolean(), notes: z.array(text) },
    markets: z.array(z.looseObject({ symbol: text, payoff: z.enum(['linear', 'inverse']) })),
    sources: z.array(z.strictObject({ what: text, rules: z.array(text), url: text, date: text, certainty: text })),
  }),
)
