/** What was changed of a book, what that changed in the answer, and what was solved, as lines for people. */
import { formatCount, formatUsd } from '../analytics/index.ts'
import {
  type FigureChange,
  figureText,
  knobText,
  type RungChange,
  type StressChange,
  solveSentences,
  type Turned,
  type WhatIf,
} from '../api/index.ts'
import { changeText, counted, signedUsd, table } from './print.ts'

/** The changes, above the answer that they led to. */
export function changeLines({ book, changes = [] }: WhatIf): readonly string[] {
  const unit = book === 'loans' ? 'share' : 'number'
  return changes.map(
    ({ of, name, before, after }: StressChange) =>
      `changed: ${name} of ${of} ${knobText(unit, before)} → ${knobText(unit, after)}`,
  )
}

/** The comparison: figures that differ first by name, who turns, and the ladder where it differs. */
export function diffLines({ diff }: WhatIf): readonly string[] {
  if (!diff) return []
  const { before, after, finished, figures, now, breaks, spared, ladder } = diff
  const head = ['', `before: ${before}   after: ${after}`]
  if (!finished) return [...head, 'PARTIAL: interrupted before both runs were finished; nothing is compared']
  const differing = figures.filter(({ change }) => change !== 0)
  const same = figures.length - differing.length
  return [
    ...head,
    ...(differing.length === 0
      ? [`nothing differs: ${counted(figures.length, 'figure')} the same`]
      : table(['figure', 'before', 'after', 'change'], differing.map(figureRow), [1, 2, 3])),
    ...(same > 0 && differing.length > 0 ? [`${counted(same, 'figure')} the same`] : []),
    ...turnedLines('liquidatable without any shock, by the change alone', now),
    ...turnedLines('breaks only after', breaks),
    ...turnedLines('breaks only before', spared),
    ...ladderLines(ladder),
  ]
}

const figureRow = ({ name, unit, before, after, change }: FigureChange) => [
  name,
  figureText(unit, before),
  figureText(unit, after),
  change === undefined
    ? '—'
    : unit === 'usd'
      ? signedUsd(change)
      : unit === 'share'
        ? points(change)
        : signed(figureText(unit, Math.abs(change)), change),
]

const signed = (text: string, value: number) => `${value < 0 ? '−' : '+'}${text.replace('×', '')}`
/** A difference of two fractions: points of a percent. */
const points = (change: number) => changeText(change).replace(' %', ' points')

function turnedLines(title: string, turned: Turned | undefined): readonly string[] {
  if (!turned || turned.accounts === 0) return []
  const { accounts, debt, listed } = turned
  const more = accounts - listed.length
  const names = listed.map(({ account }) => account).join(', ')
  const named = listed.length === 0 ? '' : `: ${names}${more > 0 ? ` and ${formatCount(more)} more` : ''}`
  return [`${title}: ${counted(accounts, 'loan')}, debt ${formatUsd(debt)}${named}`]
}

function ladderLines(ladder: readonly RungChange[] | undefined): readonly string[] {
  const rungs = (ladder ?? []).filter(
    ({ before, after }) =>
      before.accounts !== after.accounts || before.debt !== after.debt || before.badDebt !== after.badDebt,
  )
  if (rungs.length === 0) return []
  const rows = rungs.map(({ drop, before, after }) => [
    `−${drop} %`,
    `${formatCount(before.accounts)} → ${formatCount(after.accounts)}`,
    `${formatUsd(before.debt)} → ${formatUsd(after.debt)}`,
    signedUsd(after.debt - before.debt),
    `${formatUsd(before.badDebt)} → ${formatUsd(after.badDebt)}`,
  ])
  return [
    '',
    'the ladder, where it differs',
    ...table(['drop', 'loans', 'debt', 'change', 'not covered'], rows, [0, 1, 2, 3, 4]),
  ]
}

/** The solution in sentences. */
export function solveLines({ solve }: WhatIf): readonly string[] {
  return solve ? ['', ...solveSentences(solve)] : []
}
