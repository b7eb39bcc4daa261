/** Answers about loans as tables: the columns of their CSV, NDJSON and Parquet forms. */
import type { LadderAnswer } from './lending-answers.ts'
import type { LoanFigures } from './lending-loan.ts'
import type { ProtocolCard } from './lending-protocols.ts'

/** A column; an empty cell is what is not known. */
export type LendingColumn<Row> = {
  readonly name: string
  readonly type: 'STRING' | 'DOUBLE' | 'BOOLEAN'
  readonly of: (row: Row) => string | number | boolean | undefined
}

const text = <Row>(name: string, of: (row: Row) => string | undefined): LendingColumn<Row> => ({
  name,
  type: 'STRING',
  of,
})
const number = <Row>(name: string, of: (row: Row) => number | undefined): LendingColumn<Row> => ({
  name,
  type: 'DOUBLE',
  of,
})
const flag = <Row>(name: string, of: (row: Row) => boolean | undefined): LendingColumn<Row> => ({
  name,
  type: 'BOOLEAN',
  of,
})

/** Rungs of a ladder, dollars at the moved prices. */
export const RUNG_COLUMNS: readonly LendingColumn<LadderAnswer['rows'][number]>[] = [
  number('drop_percent', ({ drop }) => drop),
  number('accounts', ({ accounts }) => accounts),
  number('collateral_usd', ({ collateral }) => collateral),
  number('collateral_today_usd', ({ today }) => today),
  number('debt_usd', ({ debt }) => debt),
  number('bad_debt_usd', ({ badDebt }) => badDebt),
  number('largest_share', ({ largest }) => largest),
  number('viable_accounts', ({ viable }) => viable?.accounts),
  number('viable_debt_usd', ({ viable }) => viable?.debt),
]

/** The price that is nearest of a loan's liquidation prices, seen from where it stands. */
export function nearestPrice({ prices }: Pick<LoanFigures, 'prices'>): LoanFigures['prices'][number] | undefined {
  return prices
    .filter(({ move, side }) => move !== undefined && side !== 'debt')
    .sort((a, b) => Math.abs(a.move as number) - Math.abs(b.move as number))[0]
}

/** Loans, one a row. */
export const LOAN_COLUMNS: readonly LendingColumn<LoanFigures>[] = [
  text('protocol', ({ protocol }) => protocol),
  text('account', ({ account }) => account),
  text('target', ({ target }) => target),
  text('state', ({ state }) => state),
  number('health_factor', ({ healthFactor }) => healthFactor),
  flag('liquidatable', ({ liquidatable }) => liquidatable),
  number('collateral_usd', ({ collateral }) => collateral),
  number('debt_usd', ({ debt }) => debt),
  text('liquidation_feed', (loan) => nearestPrice(loan)?.feed),
  number('liquidation_price', (loan) => nearestPrice(loan)?.price),
  number('liquidation_move', (loan) => nearestPrice(loan)?.move),
  number('repays_usd', ({ take }) => take?.repaid),
  number('receives_usd', ({ take }) => take?.received),
  number('profit_usd', ({ take }) => take?.profit),
  flag('toxic', ({ take }) => take?.toxic),
  text('shock', ({ under }) => under?.shock),
  text('state_after', ({ under }) => under?.state),
  number('health_factor_after', ({ under }) => under?.healthFactor),
  number('profit_after_usd', ({ under }) => under?.take?.profit),
]

/** Protocols. */
export const PROTOCOL_COLUMNS: readonly LendingColumn<ProtocolCard>[] = [
  text('id', ({ id }) => id),
  text('name', ({ name }) => name),
  text('liquidation', ({ liquidation }) => liquidation),
  text('says', ({ says }) => says),
  text('proof', ({ proof }) => proof),
  text('reads', ({ reads }) => reads.join(' ')),
  text('source', ({ source }) => source),
]
