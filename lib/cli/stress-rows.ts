/** What-ifs as rows, one a mechanism or coin, and one for the paths of a coin, for CSV and Parquet. */
import type { CoinSummary, StressAnswer } from '../api/index.ts'

/** A row: names of columns with numbers or words. */
export type StressRow = Readonly<Record<string, string | number | undefined>>

/** The rows of an answer. Money in dollars. */
export function stressRows(answer: StressAnswer): readonly StressRow[] {
  if (answer.book === 'positions')
    return answer.coins.map(({ coin, core, insurance, deleveraged, payers, ...one }) => ({
      ...{ part: coin, start: core.start, shocked: core.external, restsAt: core.price, overshoot: core.overshoot },
      ...{ amplification: core.amplification, branching: core.branching, cliffDepth: core.cliff?.depth },
      ...{ positions: one.positions, liquidated: one.liquidated, longUsd: one.longUsd, shortUsd: one.shortUsd },
      ...{ deficit: one.deficit, insurancePaid: insurance.paid, insuranceLeft: insurance.left },
      ...{ deleveragedAccounts: deleveraged.accounts, deleveragedUsd: deleveraged.usd, badDebt: one.badDebt },
      ...payers,
    }))
  const rooms = answer.book === 'scenario' ? answer.rooms : (answer.cascade?.market.rooms ?? [])
  const followed = (room: string) => {
    const { room: _room, ...rest } = rooms.find((one) => one.room === room) ?? { room }
    return rest
  }
  if (answer.book === 'scenario') return rooms.map(({ room }) => ({ part: room, ...followed(room) }))
  const struck = new Map(answer.strike.byMechanism.map((one) => [one.protocol, one]))
  const names = [...new Set([...struck.keys(), ...rooms.map(({ room }) => room)])].sort()
  return names.map((part) => {
    const { accounts = 0, collateral = 0, debt = 0, badDebt = 0 } = struck.get(part) ?? {}
    const rest = Object.fromEntries(Object.entries(followed(part)).map(([name, value]) => [`after_${name}`, value]))
    return { part, accounts, collateral, debt, notCovered: badDebt, ...rest }
  })
}

/** A row a coin of what its paths gave: how many were asked for and followed (`partial`: 1 when interrupted), means and quantiles. Dollars, coins, accounts. */
export function pathRows(paths: readonly CoinSummary[]): readonly StressRow[] {
  return paths.map((one) => ({
    ...{ part: `${one.coin} paths`, asked: one.asked, paths: one.paths, partial: one.partial ? 1 : 0 },
    ...Object.fromEntries(
      SPREADS.flatMap((name) => [
        [`${name}_mean`, one[name].mean],
        ...one[name].quantiles.map(({ share, value }) => [`${name}_p${Math.round(share * 100)}`, value]),
      ]),
    ),
    ...{ shareLiquidating: one.shareLiquidating, shareWithBadDebt: one.shareWithBadDebt },
  }))
}

const SPREADS = ['price', 'lowest', 'highest', 'liquidated', 'accounts', 'badDebt'] as const

/** The columns of rows: every name that occurs, in the order of its first row. */
export function stressColumns(rows: readonly StressRow[]) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return names.map((name) => ({
    name,
    type: rows.some((row) => typeof row[name] === 'string') ? ('STRING' as const) : ('DOUBLE' as const),
    of: (row: StressRow) => row[name],
  }))
}
