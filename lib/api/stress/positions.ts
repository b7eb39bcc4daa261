/** The what-if of a list of perp positions, coin by coin. */
import type { LendingShock } from '../../analytics/index.ts'
import { breakwaterError } from '../../model/index.ts'
import {
  DEFAULT_MAINTENANCE,
  impactOf,
  monteCarloPlan,
  type PerpPosition,
  type PerpStress,
  type PositionList,
  perpLevels,
  perpStress,
  type RefusedPosition,
} from '../../sim/index.ts'
import { type CoinPaths, pathTerms } from './loans.ts'
import type { StressQuestion } from './question.ts'

/** The answer about positions. `fund` is shared by the coins in the order of the shocks. */
export type PositionStress = {
  readonly book: 'positions'
  readonly kind: 'simulated'
  readonly positions: number
  readonly refusedRows: number
  readonly refused: readonly RefusedPosition[]
  readonly shocks: readonly string[]
  readonly coins: readonly PerpStress[]
  readonly insurance: { readonly before: number; readonly left: number }
  readonly badDebt: number
  readonly assumed: readonly string[]
}

/** Refused rows that are told one by one. */
const MOST_REFUSED = 20

/** Answers. Throws `missing-price` for a coin without --price, `bad-shock` for shocks that are none of a perp. */
export function positionStress(list: PositionList, question: StressQuestion): PositionStress {
  const { positions, refused } = list
  const { fund, limit } = question
  let left = fund
  const coins = coinsOf(positions, question).map(({ coin, own, start, move, impact }) => {
    const outcome = perpStress({ coin, positions: own, start, shock: move, impact, fund: left, limit })
    left = outcome.insurance.left
    return outcome
  })
  return {
    ...{
      book: 'positions',
      kind: 'simulated',
      positions: positions.length,
      refusedRows: refused.length,
      assumed: [...question.said, ...question.assumed, ...assumedOf(list, question)],
      coins,
    },
    refused: refused.slice(0, MOST_REFUSED),
    shocks: coins.map(({ coin, core }) => `${coin} ${core.start} → ${core.external}`),
    insurance: { before: fund, left },
    badDebt: coins.reduce((sum, one) => sum + one.badDebt, 0),
  }
}

function assumedOf({ estimated }: PositionList, { fund }: StressQuestion): readonly string[] {
  return [
    ...(estimated > 0
      ? [
          `The list gives no liquidation price of ${estimated} of its positions: a maintenance rate of ${DEFAULT_MAINTENANCE * 100} % of the notional stands for it.`,
        ]
      : []),
    ...(fund === 0 ? ['There is no insurance fund (--fund).'] : []),
  ]
}

/** A plan of paths for each shocked coin. */
export function positionPaths({ positions }: PositionList, question: StressQuestion): readonly CoinPaths[] {
  const { market, paths, seed } = question
  if (!paths) return []
  return coinsOf(positions, question).map(({ coin, own, start, move, impact }) => ({
    coin,
    plan: monteCarloPlan({ ...pathTerms(market, paths, seed), levels: perpLevels(own), impact, start, shock: move }),
  }))
}

function coinsOf(positions: readonly PerpPosition[], { shocks, prices, market, depthCoins }: StressQuestion) {
  for (const coin of depthCoins) positionsIn(positions, coin)
  return shocks.map((shock) => {
    const { asset: coin, move } = coinShock(shock)
    const own = positionsIn(positions, coin)
    const start = prices.get(coin)
    if (start === undefined)
      throw breakwaterError(
        'missing-price',
        `the list does not say what ${coin} costs now`,
        { coin },
        { fix: `Add --price ${coin}=DOLLARS.` },
      )
    const impact = impactOf({ kind: 'two-percent', usd: market.depthUsd(coin) * market.depth }, start)
    return { coin, own, start, move, impact }
  })
}

function positionsIn(positions: readonly PerpPosition[], coin: string): readonly PerpPosition[] {
  const own = positions.filter((one) => one.coin === coin)
  if (own.length > 0) return own
  const known = [...new Set(positions.map((one) => one.coin))].sort().slice(0, 40)
  throw breakwaterError(
    'unknown-asset',
    `the list has no position in ${coin}`,
    { coin },
    { fix: `It has ${known.join(', ')}.` },
  )
}

function coinShock(shock: LendingShock): { readonly asset: string; readonly move: number } {
  if (shock.kind === 'market') return { asset: shock.asset.toUpperCase(), move: shock.move }
  throw breakwaterError(
    'bad-shock',
    `a perp knows no shock of the kind ${shock.kind}`,
    { kind: shock.kind },
    { fix: 'Write BTC=-10%.' },
  )
}
