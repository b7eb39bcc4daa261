/** Answers about loans as lines for people. */
import {
  type BrokenCard,
  formatCount,
  formatFactor,
  formatMove,
  formatNumber,
  formatShare,
  formatUsd,
  type HealthAnswer,
  hardnessWords,
  type LadderAnswer,
  LENDING_PROTOCOLS,
  type LegFigures,
  type LoanFigures,
  nearestPrice,
  PROOF_WORDS,
  type PriceFigures,
  type SourceCard,
  STATE_WORDS,
  type Standing,
} from '../analytics/index.ts'
import { counted, table } from './print.ts'

const pair = (name: string, text: string) => `${name.padEnd(16)}${text}`

/** What stands above every answer: which loans these are, and what of them was refused. `⊢`: simulated. */
function sourceLines({ kind, says, refusedRows, refused }: SourceCard): readonly string[] {
  const told = refused.slice(0, 5).map(({ line, why }) => `  refused line ${line}: ${why}`)
  const more =
    refusedRows > told.length && told.length > 0 ? [`  … ${refusedRows - told.length} more (--json tells 20)`] : []
  return [`${kind === 'simulated' ? '⊢ SIM  ' : ''}${says}`, ...told, ...more]
}

/** Loans: one in full, several as a table. */
export function healthLines(answer: HealthAnswer, one: boolean): readonly string[] {
  const { source, loans, unjudged, liquidatable, listed, sentence } = answer
  const head = [...sourceLines(source), ...(sentence ? [sentence] : [])]
  if (one) return [...head, ...listed.flatMap((loan) => ['', ...loanLines(loan)])]
  const rest = unjudged > 0 ? `, ${unjudged} without a price` : ''
  const after = listed.some(({ under }) => under !== undefined)
  return [
    ...head,
    `${counted(loans, 'loan')}, ${liquidatable} liquidatable ${after ? 'after the shock' : 'now'}${rest}; ${listed.length === 1 ? 'the nearest' : `the ${listed.length} nearest`}:`,
    ...loanTable(listed, after),
  ]
}

function loanTable(loans: readonly LoanFigures[], after: boolean): readonly string[] {
  const rows = loans.map((loan) => {
    const near = nearestPrice(loan)
    return [
      ...[loan.account, loan.protocol, assetsOf(loan, 'collateral'), assetsOf(loan, 'debt'), formatUsd(loan.debt)],
      formatFactor(loan.healthFactor),
      ...(after ? [loan.under ? formatFactor(loan.under.healthFactor) : '·'] : []),
      near === undefined ? 'none' : `${near.asset} ${formatNumber(near.price, 6)}`,
      near === undefined ? '' : formatMove(near.move),
      STATE_WORDS[(loan.under ?? loan).state],
    ]
  })
  const header = ['account', 'protocol', 'collateral', 'debt', 'owes', 'health', ...(after ? ['after'] : [])]
  return table(
    [...header, 'liquidation', 'move', after ? 'state after' : 'state'],
    rows,
    after ? [4, 5, 6, 8] : [4, 5, 7],
  )
}

const assetsOf = ({ legs }: LoanFigures, side: 'collateral' | 'debt') =>
  legs.flatMap((leg) => (leg.side === side ? [leg.asset] : [])).join('+') || '—'

function loanLines(loan: LoanFigures): readonly string[] {
  const { legs, prices, breaks, under } = loan
  return [
    `${loan.account} · ${loan.protocol} (${loan.mechanism})`,
    loan.says,
    ...legs.map((leg) => pair(leg.side, legWords(leg, true))),
    ...prices.map((price, index) => pair(index === 0 ? 'liquidation at' : '', priceWords(price))),
    ...breaks.map(({ shock, drop }, index) => pair(index === 0 ? 'bears a fall' : '', breakWords(shock, drop))),
    ...takeLines(loan),
    ...(under ? ['', `After: ${under.sentence}`, under.says, ...takeLines(under)] : []),
    pair('rule', hardnessWords(loan.mechanism)),
  ]
}

function legWords({ asset, amount, usd, counts, threshold }: LegFigures, full: boolean): string {
  const weight =
    !full || threshold === undefined ? '' : counts ? `, counts ${formatShare(threshold)}` : ', backs nothing'
  return `${formatNumber(Number(amount), 9)} ${asset} = ${formatUsd(usd)}${weight}`
}

function priceWords({ asset, quote, now, price, move, direction, always }: PriceFigures): string {
  if (price === undefined)
    return `${asset}: none${always ? ', liquidatable at every price' : ''} (now ${formatNumber(now, 8)} ${quote})`
  return `${asset} ${formatNumber(price, 8)} ${quote}, ${formatMove(move)} from ${formatNumber(now, 8)}, others fixed (a ${direction === 'rise' ? 'rise' : 'fall'} hurts)`
}

function breakWords(shock: string, drop: number | undefined): string {
  if (drop === undefined) return `${shock}: no fall liquidates`
  return drop === 0
    ? `${shock}: none, it is liquidatable now`
    : `${shock}: liquidatable from −${formatNumber(drop, 4)} % on`
}

function takeLines({ take, liquidatable, healthFactor }: Standing): readonly string[] {
  if (!take) return liquidatable ? [pair('liquidator', 'nothing that is accepted now')] : []
  const side = (legs: readonly LegFigures[]) => legs.map((leg) => legWords(leg, false)).join(' + ') || 'nothing'
  const part = take.part === undefined ? '' : ` (${formatShare(take.part)} of the debt)`
  const end = take.closed
    ? 'the loan is gone'
    : `health factor ${formatFactor(healthFactor)} → ${formatFactor(take.after)}`
  return [
    pair('liquidator', `repays ${side(take.repays)}${part}`),
    pair(
      '',
      `receives ${side(take.receives)}${take.bonus === undefined ? '' : `, ${(take.bonus * 100).toFixed(2)} % more`}`,
    ),
    pair(
      '',
      `left after slippage ${formatUsd(take.slippage)}, flash loan ${formatUsd(take.flashFee)}, gas ${formatUsd(take.gas)}: ${formatUsd(take.profit)}`,
    ),
    pair(
      'afterwards',
      `${end}${take.badDebt ? ', bad debt is left' : ''}; ${take.toxic ? 'TOXIC: less healthy than before' : 'not toxic'}`,
    ),
  ]
}

/** The ladder. */
export function ladderLines(answer: LadderAnswer): readonly string[] {
  const { source, sentence, shock, asked, rows, now, compare } = answer
  const tried = rows.some((row) => 'viable' in row)
  const rung = (name: string, row: LadderAnswer['now'] & Pick<LadderAnswer['rows'][number], 'viable'>) => [
    ...[name, formatCount(row.accounts), formatUsd(row.collateral), formatUsd(row.debt), formatUsd(row.badDebt)],
    formatShare(row.largest),
    ...(tried ? [row.viable ? `${formatCount(row.viable.accounts)} for ${formatUsd(row.viable.debt)}` : '—'] : []),
  ]
  const header = [
    'drop',
    'accounts',
    'collateral',
    'debt',
    'bad debt',
    'largest loan',
    ...(tried ? ['pay a liquidator'] : []),
  ]
  return [
    ...sourceLines(source),
    sentence,
    `${counted(answer.loans, 'loan')}, collateral ${formatUsd(answer.collateral)}, debt ${formatUsd(answer.debt)}${answer.unjudged > 0 ? `; ${answer.unjudged} without a price` : ''}`,
    ...table(header, [rung('now', now), ...rows.map((row) => rung(`−${row.drop} %`, row))], [0, 1, 2, 3, 4, 5, 6]),
    '',
    `${shock}: ${counted(asked.accounts, 'account')}, collateral ${formatUsd(asked.collateral)}, debt ${formatUsd(asked.debt)}, bad debt ${formatUsd(asked.badDebt)}`,
    brokenLine(asked.broken, asked.accounts),
    ...(compare
      ? [
          `same book, other shock: ${compare.sentence}`,
          `${compare.shock}: ${counted(compare.accounts, 'account')}, debt ${formatUsd(compare.debt)}${compare.ratio === undefined ? '' : `, ${compare.ratio.toFixed(2)} times as much`}`,
          ...(compare.why ? [compare.why] : []),
        ]
      : []),
  ]
}

function brokenLine(broken: readonly BrokenCard[], accounts: number): string {
  if (accounts === 0) return 'breaks: none'
  const named = broken.slice(0, 10).map(({ account }) => account)
  return `breaks: ${named.join(', ')}${accounts > named.length ? ` and ${accounts - named.length} more` : ''}`
}

/** Every protocol. */
export function protocolLines(): readonly string[] {
  const rows = LENDING_PROTOCOLS.map(({ id, name, liquidation, proof, reads, says }) => [
    ...[id, name, liquidation, proof, reads.join(' ') || '·', says],
  ])
  return [
    ...table(['id', 'protocol', 'kind', 'proof', 'loans from', 'what happens'], rows),
    '',
    ...Object.entries(PROOF_WORDS).map(([proof, words]) => pair(proof, words)),
  ]
}
