/** What-ifs in figures: every number of an answer by its name, so that two runs can be compared and a number can be solved for. */
import type { LoanStress } from './loans.ts'
import type { PositionStress } from './positions.ts'
import type { ScenarioStress } from './scenarios.ts'

/** Whatever a what-if answered. */
export type StressAnswer = LoanStress | PositionStress | ScenarioStress

/** A figure. `share`: a fraction; `price` and `usd`: dollars; a figure that is not known has no value. */
export type StressFigure = {
  readonly name: string
  readonly unit: 'usd' | 'count' | 'share' | 'coins' | 'price' | 'multiple'
  readonly value: number | undefined
}

type Told = readonly [name: string, unit: StressFigure['unit'], value: number | undefined]
const figures = (rows: readonly Told[]) => rows.map(([name, unit, value]): StressFigure => ({ name, unit, value }))
const sum = <T>(list: readonly T[], of: (one: T) => number) => list.reduce((total, one) => total + of(one), 0)

/** Figures of an answer, in the order in which they are told. `badDebt` is what the market left uncovered, without feedback what no collateral covers. */
export function stressFigures(answer: StressAnswer): readonly StressFigure[] {
  if (answer.book === 'loans') return loanFiguresOf(answer)
  return answer.book === 'positions' ? positionFigures(answer) : scenarioFigures(answer)
}

/** Figures that need no market to be run: loans at the shocked prices. */
export function strikeFigures({ strike }: Pick<LoanStress, 'strike'>, feedback: boolean): readonly StressFigure[] {
  return figures([
    ['accounts', 'count', strike.accounts],
    ['debt', 'usd', strike.debt],
    ['collateral', 'usd', strike.collateral],
    ['notCovered', 'usd', strike.badDebt],
    ...(feedback ? [] : ([['badDebt', 'usd', strike.badDebt]] as const)),
  ])
}

/** Figures of fixed points alone: where each coin comes to rest. */
export function coinFigures(coins: NonNullable<LoanStress['cascade']>['coins']): readonly StressFigure[] {
  return coins.flatMap(({ coin, price, overshoot, coins: forced, amplification, branching }) =>
    figures([
      [`${coin}.restsAt`, 'price', price],
      [`${coin}.overshoot`, 'share', overshoot],
      [`${coin}.forced`, 'coins', forced],
      [`${coin}.amplification`, 'multiple', amplification],
      [`${coin}.branching`, 'multiple', branching],
    ]),
  )
}

function loanFiguresOf({ strike, cascade }: LoanStress): readonly StressFigure[] {
  return [
    ...strikeFigures({ strike }, cascade !== undefined),
    ...(cascade ? [...coinFigures(cascade.coins), ...marketFigures(cascade.market)] : []),
  ]
}

type Market = Pick<ScenarioStress, 'badDebt' | 'liquidations' | 'assets' | 'payers' | 'unsafeAtEnd' | 'missedBids'>

/** Figures of a market that was run: counts, dollars of each party, and how low each coin went. */
function marketFigures({ badDebt, liquidations, assets, payers, unsafeAtEnd, missedBids }: Market) {
  return figures([
    ['liquidations', 'count', liquidations],
    ['badDebt', 'usd', badDebt],
    ['borrowers', 'usd', payers.borrowers],
    ['lenders', 'usd', payers.lenders],
    ['liquidators', 'usd', payers.liquidators],
    ['overshoot', 'share', Math.min(0, ...assets.map((one) => one.overshoot))],
    ['unsafeAtEnd', 'count', unsafeAtEnd],
    ['missedBids', 'count', missedBids],
    ...assets
      .filter(({ sold, start, lowest }) => sold > 0 || lowest < start * 0.9995)
      .flatMap(({ symbol, lowest, sold }): Told[] => [
        [`${symbol}.lowest`, 'price', lowest],
        [`${symbol}.sold`, 'coins', sold],
      ]),
  ])
}

const scenarioFigures = (answer: ScenarioStress) => marketFigures(answer)

function positionFigures({ coins, insurance, badDebt }: PositionStress): readonly StressFigure[] {
  return [
    ...figures([
      ['liquidated', 'count', sum(coins, (one) => one.liquidated)],
      ['usd', 'usd', sum(coins, (one) => one.longUsd + one.shortUsd)],
      ['insuranceLeft', 'usd', insurance.left],
      ['deleveraged', 'usd', sum(coins, (one) => one.deleveraged.usd)],
      ['badDebt', 'usd', badDebt],
    ]),
    ...coinFigures(coins.map(({ coin, core }) => ({ ...core, coin, pricedAs: coin }))),
  ]
}
