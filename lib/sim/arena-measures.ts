/** The measures of a column, in the order in which every door shows them: name, what it is called, its unit, and what it means. */
import type { ArenaRow } from './arena-row.ts'

/** A measure. Unit `share`: a fraction, `usd`: dollars, `price`: dollars per coin, `seconds`, `count`. */
export type ArenaMeasure = {
  readonly name: keyof ArenaRow & string
  readonly title: string
  readonly unit: 'usd' | 'share' | 'price' | 'seconds' | 'count'
  readonly says: string
  readonly of: (row: ArenaRow) => number | undefined
}

type Words = readonly [name: ArenaMeasure['name'], title: string, unit: ArenaMeasure['unit'], says: string]

const WORDS: readonly Words[] = [
  [
    'takenShare',
    'taken from borrowers',
    'share',
    'what acting took from borrowers at the outside prices of its time, per debt: bonuses, fees, slippage; nobody is worth less than nothing; below 0: it shrank their debt by more',
  ],
  ['taken', 'taken, $', 'usd', 'the same in dollars'],
  [
    'lendersCostShare',
    'lenders’ cost',
    'share',
    'what lenders, depositors and who lent liquidity lost at the prices of the time, per debt: debt that was not covered, what arbitrage took, impermanent loss; below 0 a gain',
  ],
  ['lendersCost', 'lenders’ cost, $', 'usd', 'the same in dollars'],
  [
    'protocolCostShare',
    'protocol’s cost',
    'share',
    'the same of the protocol and its insurance fund: deficits it covers, less its fees and penalties',
  ],
  ['protocolCost', 'protocol’s cost, $', 'usd', 'the same in dollars'],
  [
    'socialCostShare',
    'all who pay',
    'share',
    'borrowers, lenders and protocol together, per debt: what liquidators, builders, gas and buyers got of them, and what prices alone put on the lenders',
  ],
  ['socialCost', 'all who pay, $', 'usd', 'the same in dollars'],
  ['slippage', 'to buyers', 'usd', 'what went to whoever bought below or sold above the outside price of the time'],
  ['uncovered', 'uncovered', 'usd', 'what prices alone put on lenders or protocol, because nothing was sold in time'],
  ['waited', 'waited', 'usd', 'what prices did to coins that liquidators had paid for and waited for'],
  [
    'impermanent',
    'impermanent loss',
    'usd',
    'what lent liquidity is worth less at the end than what was lent, beyond what arbitrage had taken; 0 where the price came back',
  ],
  [
    'againstHolding',
    'against holding',
    'usd',
    'what borrowers have at the end more or less than if nobody had acted, at the last outside price',
  ],
  ['badDebtShare', 'bad debt', 'share', 'debt written off, and debt without collateral at the end, per debt'],
  ['badDebt', 'bad debt, $', 'usd', 'the same in dollars'],
  ['lenders', 'lenders', 'usd', 'gain of lenders, depositors and the protocol; below 0 a loss'],
  ['liquidators', 'liquidators', 'usd', 'profit of liquidators, keepers and arbitrageurs after tips and gas'],
  ['builders', 'builders', 'usd', 'tips for being first'],
  ['gas', 'gas', 'usd', 'paid for transactions, failed ones included'],
  ['others', 'everybody else', 'usd', 'gain of whoever traded against the forced orders'],
  ['sold', 'sold by force', 'usd', 'coins sold, at the outside prices of their time'],
  ['peakSold', 'sold in the worst step', 'usd', 'the most of it in one step of the clock'],
  ['low', 'lowest price', 'price', 'lowest price on the market of this column'],
  ['overshoot', 'below outside', 'share', 'how far the market fell below the outside price at worst'],
  ['liquidations', 'liquidations', 'count', 'liquidations, auctions begun and orders of engines'],
  ['medianSize', 'median size', 'usd', 'median of their sizes at the last outside price'],
  ['largestSize', 'largest', 'usd', 'the largest of them'],
  [
    'breached',
    'below the line',
    'count',
    'positions that were below their mechanism’s line at any time: due for liquidation, for a rebalance (f(x)), or converting (LLAMMA)',
  ],
  [
    'secondsToSafe',
    'time to safe',
    'seconds',
    'median from first below the line to above it again, or gone, and settled; 0: within one step of the clock; none where nobody was below, or half were to the end',
  ],
  ['dueAtEnd', 'due at the end', 'count', 'positions that were not above their line and settled at the end'],
  ['touched', 'accounts that lost', 'count', 'borrowers who have less than if nobody had acted'],
  [
    'recovered',
    'equity at the first price',
    'share',
    'borrowers’ equity at the end at the opening price, per equity at the start',
  ],
  ['sum', 'Σ', 'usd', 'all parties together: 0 but for rounding'],
]

/** Every measure. */
export const ARENA_MEASURES: readonly ArenaMeasure[] = WORDS.map(([name, title, unit, says]) => ({
  ...{ name, title, unit, says },
  of: (row) => row[name] as number | undefined,
}))

/** The measures as columns of a table file, after what names the row. */
export const ARENA_COLUMNS: readonly {
  readonly name: string
  readonly type: 'STRING' | 'DOUBLE'
  readonly of: (row: ArenaRow) => string | number | undefined
}[] = [
  { name: 'id', type: 'STRING', of: ({ id }) => id },
  { name: 'mechanism', type: 'STRING', of: ({ mechanism }) => mechanism },
  { name: 'exactness', type: 'STRING', of: ({ exactness }) => exactness },
  { name: 'accounts', type: 'DOUBLE', of: ({ accounts }) => accounts },
  ...ARENA_MEASURES.map(({ name, of }) => ({ name, type: 'DOUBLE', of }) as const),
  {
    ...{ name: 'params', type: 'STRING' },
    of: ({ params }) => params.map((one) => `${one.name}=${one.value}${one.default ? ' (default)' : ''}`).join(' '),
  },
]
