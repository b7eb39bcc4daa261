/** What-ifs as text and as pictures: sentences of the shocks first, then who, how much, what followed, and who paid. */
import { formatCount, formatMultiple, formatNumber, formatShare, formatUsd } from '../analytics/index.ts'
import type { CoinSummary, LoanStress, PositionStress, StressAnswer } from '../api/index.ts'
import { type MonteCarloSummary, type StressPicture, stressPicture } from '../sim/index.ts'
import { counted, changeText as move, table } from './print.ts'
import { payerLine, summaryLines } from './simulate.ts'

/** The answer, for people. */
export function stressLines(answer: StressAnswer): readonly string[] {
  if (answer.book === 'scenario') return summaryLines(answer)
  return answer.book === 'loans' ? loanLines(answer) : positionLines(answer)
}

function loanLines(answer: LoanStress): readonly string[] {
  const { source, strike, compare, next, cascade, loans, unjudged, assumed } = answer
  return [
    `⊢ ${source.says}`,
    ...strikeLines(strike, loans, unjudged),
    ...(compare
      ? [
          '',
          'compared with',
          ...strikeLines(compare, loans, unjudged),
          `ratio of the debts: ${compare.ratio === undefined ? 'none: nothing breaks under the first' : formatMultiple(compare.ratio)}`,
        ]
      : []),
    ...nextLines(next),
    ...(cascade ? ['', ...cascadeLines(cascade)] : []),
    ...assumed.map((one) => `assumed: ${one}`),
  ]
}

function strikeLines(
  { shocks, accounts, collateral, debt, badDebt, byMechanism, listed }: LoanStress['strike'],
  loans: number,
  unjudged: number,
) {
  return [
    ...shocks.map(({ sentence }) => sentence),
    `liquidatable  ${formatCount(accounts)} of ${counted(loans, 'loan')}   debt ${formatUsd(debt)}   collateral ${formatUsd(collateral)}   not covered ${formatUsd(badDebt)}${unjudged > 0 ? `   ${unjudged} could not be judged` : ''}`,
    ...(byMechanism.length > 1
      ? table(
          ['protocol', 'loans', 'debt', 'collateral', 'not covered'],
          byMechanism.map((one) => [
            one.protocol,
            formatCount(one.accounts),
            formatUsd(one.debt),
            formatUsd(one.collateral),
            formatUsd(one.badDebt),
          ]),
          [1, 2, 3, 4],
        )
      : []),
    ...(listed.length > 0
      ? table(
          ['account', 'protocol', 'health', 'debt', 'collateral'],
          listed.map((one) => [
            one.account,
            one.protocol,
            one.healthFactor === undefined ? '·' : one.healthFactor.toFixed(4),
            formatUsd(one.debt),
            formatUsd(one.collateral),
          ]),
          [2, 3, 4],
        )
      : accounts === 0
        ? ['nobody breaks']
        : []),
  ]
}

function nextLines(next: LoanStress['next']): readonly string[] {
  if (next.length === 0) return []
  const rows = next.map((one) => [
    one.account,
    one.protocol,
    (one.healthFactor ?? 0).toFixed(4),
    move(one.further),
    formatUsd(one.debt),
  ])
  return ['', 'who is next', ...table(['account', 'protocol', 'health', 'further', 'debt'], rows, [2, 3, 4])]
}

function cascadeLines({ coins, market }: NonNullable<LoanStress['cascade']>): readonly string[] {
  const { kind: _kind, ...rest } = market
  return [
    'with feedback: each coin’s price as a fixed point, dollars (simulated)',
    ...table(
      ['coin', 'start', 'shocked', 'rests at', 'overshoot', 'amplified', 'branching', 'rounds', 'coins sold', 'cliff'],
      coins.map((one) => [
        one.coin === one.pricedAs ? one.coin : `${one.coin} (as ${one.pricedAs})`,
        ...[one.start, one.external, one.price].map((price) => formatNumber(price, 6)),
        move(one.overshoot),
        one.amplification === undefined ? '·' : `×${one.amplification.toFixed(3)}`,
        one.branching === undefined ? '·' : one.branching.toFixed(3),
        `${one.rounds.length}${one.runaway ? ' runs away' : ''}`,
        formatNumber(one.coins, 5),
        one.cliff === undefined
          ? 'none'
          : `depth ×${formatNumber(one.cliff.depth, 3)}: ${formatNumber(one.cliff.jump, 4)} coins more`,
      ]),
      [1, 2, 3, 4, 5, 6, 7, 8],
    ),
    '',
    'the market, run by every protocol’s own rules (simulated)',
    ...summaryLines({ ...rest, kind: 'simulated', name: 'this book' }).slice(1),
  ]
}

function positionLines({
  coins,
  positions,
  refusedRows,
  refused,
  insurance,
  badDebt,
  assumed,
}: PositionStress): readonly string[] {
  return [
    `⊢ ${counted(positions, 'position')} under a shock · simulated`,
    ...refusedLines(refusedRows, refused),
    ...coins.flatMap((one) => coinLines(one)),
    `insurance ${formatUsd(insurance.before)} → ${formatUsd(insurance.left)}   nobody paid for ${formatUsd(badDebt)}`,
    ...assumed.map((text) => `assumed: ${text}`),
  ]
}

function refusedLines(rows: number, refused: PositionStress['refused']): readonly string[] {
  if (rows === 0) return []
  const told = refused.slice(0, 3).map(({ row, why }) => `row ${row} ${why}`)
  return [`${counted(rows, 'row')} refused: ${told.join('; ')}${rows > told.length ? '; …' : ''}`]
}

function coinLines(one: PositionStress['coins'][number]): readonly string[] {
  const { coin, core, liquidated, positions, longUsd, shortUsd, deficit, insurance, deleveraged, next, payers } = one
  const rows = next.map((row) => [
    row.account,
    row.side,
    formatNumber(row.liquidation, 6),
    move(row.further),
    formatUsd(row.usd),
  ])
  return [
    `${coin} ${move(core.external / core.start - 1)}: ${formatNumber(core.start, 6)} → ${formatNumber(core.external, 6)}, rests at ${formatNumber(core.price, 6)} (overshoot ${move(core.overshoot)}, amplified ${core.amplification === undefined ? '·' : `×${core.amplification.toFixed(3)}`}, ${counted(core.rounds.length, 'round')}${core.runaway ? ', runs away' : ''}${core.end === 'rests' ? '' : `, ${core.end}: the model has no price for so much`})`,
    `liquidated ${formatCount(liquidated)} of ${formatCount(positions)}   ▼ longs ${formatUsd(longUsd)}   ▲ shorts ${formatUsd(shortUsd)}`,
    `beyond margin ${formatUsd(deficit)}: insurance ${formatUsd(insurance.paid)}, deleveraged ${formatUsd(deleveraged.usd)} of ${counted(deleveraged.accounts, 'account')}, unpaid ${formatUsd(one.badDebt)}`,
    `branching ${core.branching === undefined ? '·' : core.branching.toFixed(3)}   cliff ${core.cliff === undefined ? 'none' : `at depth ×${formatNumber(core.cliff.depth, 3)}`}`,
    payerLine(payers),
    ...(rows.length > 0 ? table(['who is next', 'side', 'liquidation', 'further', 'size'], rows, [2, 3, 4]) : []),
  ]
}

/** Quantiles of the paths of each coin. */
export function pathLines(paths: readonly CoinSummary[]): readonly string[] {
  return paths.flatMap((one) => {
    const row = (name: string, spread: MonteCarloSummary['price'], format: (value: number) => string) => [
      ...[name, format(spread.mean)],
      ...spread.quantiles.map(({ value }) => format(value)),
    ]
    const number = (value: number) => formatNumber(value, 6)
    return [
      '',
      `${one.coin}: ${one.partial ? `PARTIAL, ${formatCount(one.paths)} of ${formatCount(one.asked)}` : formatCount(one.paths)} simulated paths of ${formatCount(one.steps)} steps, seed ${one.seed}`,
      ...table(
        ['', 'mean', ...one.price.quantiles.map(({ share }) => `${Math.round(share * 100)} %`)],
        [
          row('final price', one.price, number),
          row('low', one.lowest, number),
          row('liquidated, coins', one.liquidated, number),
          row('liquidated, accounts', one.accounts, number),
          row('loss beyond collateral', one.badDebt, formatUsd),
        ],
        one.price.quantiles.map((_, at) => at + 1).concat(one.price.quantiles.length + 1),
      ),
      `a loss beyond collateral, before any fund, in ${formatShare(one.shareWithBadDebt)} of the paths; liquidations in ${formatShare(one.shareLiquidating)}`,
    ]
  })
}

/** The answer as a picture with its provenance. */
export function pictureOf(answer: StressAnswer, paths: readonly CoinSummary[], provenance: readonly string[]): string {
  const coins =
    answer.book === 'loans'
      ? (answer.cascade?.coins ?? []).map(({ coin, start, external, rounds }) => ({ coin, start, external, rounds }))
      : answer.book === 'positions'
        ? answer.coins.map(({ coin, core }) => ({
            coin,
            start: core.start,
            external: core.external,
            rounds: core.rounds,
          }))
        : answer.assets.map(({ symbol, start, external, lowest, sold }) => ({
            ...{ coin: symbol, start, external: external.lowest },
            rounds: lowest === external.lowest ? [] : [{ after: lowest, coins: sold }],
          }))
  return stressPicture({
    title: titleOf(answer),
    lines: answer.book === 'loans' ? answer.strike.shocks.map(({ sentence }) => sentence) : [],
    coins,
    payers: payersOf(answer),
    spreads: paths.flatMap(({ coin, price, lowest, badDebt }) => [
      { title: `${coin}, final price of the paths`, values: price.quantiles },
      { title: `${coin}, low of the paths`, values: lowest.quantiles },
      { title: `${coin}, loss beyond collateral of the paths, dollars`, values: badDebt.quantiles },
    ]),
    footer: provenance,
  })
}

function titleOf(answer: StressAnswer): string {
  if (answer.book === 'scenario') return `${answer.name} (simulated)`
  if (answer.book === 'positions') return `What if: ${answer.shocks.join(', ')} (simulated)`
  const { accounts, debt } = answer.strike
  return `What if: ${accounts} of ${counted(answer.loans, 'loan')} liquidatable, debt ${formatUsd(debt)} (simulated)`
}

const SYSTEM = new Set(['lenders', 'fund', 'venue', 'deleveraged'])

function payersOf(answer: StressAnswer): StressPicture['payers'] {
  const parts =
    answer.book === 'loans'
      ? answer.cascade?.market.payers
      : answer.book === 'scenario'
        ? answer.payers
        : answer.coins.reduce<Record<string, number>>((sums, { payers }) => {
            for (const [name, usd] of Object.entries(payers)) sums[name] = (sums[name] ?? 0) + usd
            return sums
          }, {})
  return Object.entries(parts ?? {}).flatMap(([name, usd]) =>
    name === 'sum' ? [] : [{ name, usd, system: SYSTEM.has(name) }],
  )
}
