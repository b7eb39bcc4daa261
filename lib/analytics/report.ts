/** The news article of a day or window: every sentence stands on at least one receipt; without its receipt it is not written. */
import { DAY, HOUR, type Leg, type MarketEvent, type Source } from '../model/index.ts'
import type { DayRecord, ReceiptLine, Report, Sentence, SeriesPoint, Totals } from './answers.ts'
import { commandOf, type Params, venueName } from './filter.ts'
import { formatBound, formatCount, formatMultiple, formatShare, formatSpan, formatTime, formatUsd } from './format.ts'
import { dayOf } from './window.ts'

/** What {@link reportOf} reads. `record` only where the window is one UTC day; `words` are the parameters that ask for the same. */
export type ReportInput = {
  readonly totals: Totals
  readonly hours: readonly SeriesPoint[]
  readonly record: DayRecord | undefined
  readonly recordBegins: string | undefined
  readonly sources: readonly Source[]
  readonly words: Params
}

type Draft = { readonly receipts: ReceiptLine[]; readonly sentences: Sentence[] }

/** Writes the article. */
export function reportOf(input: ReportInput): Report {
  const draft: Draft = { receipts: [], sentences: [] }
  const { totals, sources } = input
  sayTotal(input, draft)
  sayRecord(input, draft)
  sayBusiest(input, draft)
  saySides(input, draft)
  sayLargest(input, draft)
  sayScope(input, draft)
  const source: Source | 'mixed' = sources.length === 1 ? (sources[0] as Source) : 'mixed'
  const headline = headlineOf(input, source)
  const report = {
    window: totals.window,
    scope: totals.scope,
    source,
    headline,
    ...draft,
    totals,
    record: input.record,
  }
  return { ...report, markdown: markdownOf(report) }
}

/** The article without the receipts named: what stood on nothing else is gone. */
export function withoutReceipts(report: Report, removed: readonly number[]): Report {
  const sentences = report.sentences
    .map((sentence) => ({ ...sentence, receipts: sentence.receipts.filter((id) => !removed.includes(id)) }))
    .filter((sentence, index) => sentence.receipts.length === (report.sentences[index] as Sentence).receipts.length)
  const rest = { ...report, sentences, receipts: report.receipts.filter((receipt) => !removed.includes(receipt.id)) }
  return { ...rest, markdown: markdownOf(rest) }
}

function say(draft: Draft, text: string, ...receipts: Omit<ReceiptLine, 'id'>[]): void {
  const ids = receipts.map((receipt) => {
    const known = draft.receipts.find((other) => other.command === receipt.command && other.value === receipt.value)
    if (known) return known.id
    const id = draft.receipts.length + 1
    draft.receipts.push({ id, ...receipt })
    return id
  })
  draft.sentences.push({ text, receipts: ids })
}

function headlineOf({ totals, record, recordBegins, sources }: ReportInput, source: Source | 'mixed'): string {
  const label = source === 'simulated' ? 'SIMULATED. ' : sources.includes('simulated') ? 'PARTLY SIMULATED. ' : ''
  const amount = `${totals.bound === '≥' ? 'at least ' : ''}${formatUsd(totals.usd)}`
  const when = whenOf(totals)
  if (totals.events === 0)
    return totals.coverage.share > 0
      ? `${label}No liquidations were heard ${when}.`
      : `${label}Nobody was listening ${when}: what happened is not in this store.`
  const previous = record?.previousRecord
  if (record && !record.worstSince && previous && previous.multiple >= 1)
    return `${label}${sentenceCase(totals.scope)}: ${amount} ${when}, ${formatMultiple(previous.multiple).replace('×', '')} times the previous record.`
  if (record?.worstSince)
    return `${label}${sentenceCase(totals.scope)}: ${amount} ${when}, the worst day since ${longDay(record.worstSince.day)}.`
  if (record && !previous && recordBegins === record.day)
    return `${label}${sentenceCase(totals.scope)}: ${amount} ${when}, the day this record begins.`
  return `${label}${sentenceCase(totals.scope)}: ${amount} ${when}.`
}

function sayTotal(input: ReportInput, draft: Draft): void {
  const { totals, words } = input
  const receipt = {
    says: 'total of the window',
    query: 'liquidations of the window: sum of known dollars, count, distinct accounts',
    command: commandOf('totals', words),
    value: `${formatBound(totals.bound, totals.usd)}, ${countOf(totals.events, 'event')}, ${totals.unpriced} unpriced${totals.accounts === undefined ? '' : `, ${countOf(totals.accounts, 'account')}`}`,
  }
  if (totals.events === 0) {
    say(draft, `No liquidation was heard ${whenOf(totals)}.`, receipt)
    return
  }
  const who =
    totals.accounts === undefined
      ? ''
      : totals.accountsComplete
        ? ` of ${countOf(totals.accounts, 'account')}`
        : ` (${countOf(totals.accounts, 'distinct account')} where venues give ids)`
  const amount = `${totals.bound === '≥' ? 'at least ' : ''}${formatUsd(totals.usd)}`
  const many = (noun: string) => `${totals.countBound === '≥' ? 'at least ' : ''}${countOf(totals.events, noun)}`
  const text =
    totals.method === 'sum-by-repaid v1'
      ? `Liquidators repaid ${amount} of debt in ${many('liquidation')}${who} ${whenOf(totals)}.`
      : totals.method === 'sum-notional v1'
        ? `Positions worth ${amount} were closed by force in ${many('liquidation order')}${who} ${whenOf(totals)}.`
        : `Perp positions and loans, added up here, of ${amount} were liquidated in ${many('event')}${who} ${whenOf(totals)}.`
  say(draft, text, receipt)
}

function sayRecord({ record, recordBegins, words, totals }: ReportInput, draft: Draft): void {
  if (!record || totals.events === 0) return
  const { at: _at, window: _window, from: _from, to: _to, ...scope } = words
  const receipt = {
    says: 'rank of the day in the record book of this scope',
    query: 'dollars by UTC day over the whole record, ranked',
    command: commandOf('worst', { ...scope, at: record.day }),
    value: `#${record.rank} of ${record.ofDays} days with events since ${recordBegins ?? '—'}`,
  }
  const previous = record.previousRecord
  if (!record.worstSince && previous && previous.multiple >= 1)
    say(
      draft,
      `It is the worst day since this record begins (${longDay(recordBegins ?? record.day)}); the previous record was ${longDay(previous.day)} with ${formatUsd(previous.usd)}, of which it is ${formatMultiple(previous.multiple)}.`,
      { ...receipt, value: `${receipt.value}; before it ${previous.day} ${formatUsd(previous.usd)}` },
    )
  else if (record.worstSince)
    say(
      draft,
      `It is the worst day since ${longDay(record.worstSince.day)} (${formatUsd(record.worstSince.usd)}) and the ${ordinal(record.rank)} worst of ${formatCount(record.ofDays)} days with liquidations in this record.`,
      receipt,
    )
  const versus = record.versus
  if (versus?.meanMultiple !== undefined)
    say(
      draft,
      `That is ${formatMultiple(versus.meanMultiple)} the mean day of the ${versus.days} days before (${formatUsd(versus.mean)})${versus.medianMultiple === undefined ? '' : ` and ${formatMultiple(versus.medianMultiple)} their median day (${formatUsd(versus.median)})`}.`,
      {
        ...receipt,
        says: 'the days before',
        query: `mean and median of the ${versus.days} days before, empty days as zero`,
        value: `mean ${formatUsd(versus.mean)}, median ${formatUsd(versus.median)}`,
      },
    )
}

/** The shortest run of whole hours (at most six) that holds at least half of a day's dollars. */
function sayBusiest({ hours, totals, words }: ReportInput, draft: Draft): void {
  if (totals.usd <= 0 || totals.window.to - totals.window.from < 6 * HOUR) return
  const byHour = new Map(hours.map((point) => [point.time as number, point.usd]))
  for (let length = 1; length <= 6; length++) {
    let best = { from: 0, usd: 0 }
    for (const { time } of hours) {
      let usd = 0
      for (let hour = 0; hour < length; hour++) usd += byHour.get(time + hour * HOUR) ?? 0
      if (usd > best.usd && time + length * HOUR <= totals.window.to) best = { from: time, usd }
    }
    const share = best.usd / totals.usd
    if (share < 0.5 || (length < 4 && share < 0.8)) continue
    const clock = (time: number) =>
      `${totals.window.to - totals.window.from > DAY ? `${dayOf(time)} ` : ''}${new Date(time).toISOString().slice(11, 16)}`
    say(
      draft,
      `${formatShare(share)} of the dollars fell between ${clock(best.from)} and ${clock(best.from + length * HOUR)} UTC.`,
      {
        says: 'busiest hours',
        query: 'dollars by UTC hour of the window',
        command: commandOf('totals', { ...words, by: 'hour' }),
        value: `${formatUsd(best.usd)} of ${formatUsd(totals.usd)}`,
      },
    )
    return
  }
}

function saySides({ totals, words }: ReportInput, draft: Draft): void {
  if (totals.longShare === undefined) return
  const more = totals.longShare >= 0.5 ? 'long' : 'short'
  const share = more === 'long' ? totals.longShare : 1 - totals.longShare
  const unknown =
    totals.unknownSide.events > 0 ? ` (the side of ${formatUsd(totals.unknownSide.usd)} is not known)` : ''
  say(
    draft,
    `${formatShare(share)} of the dollars whose side is known were ${more} positions, forced to ${more === 'long' ? 'sell' : 'buy'}${unknown}.`,
    {
      says: 'sides',
      query: 'dollars by side of the position',
      command: commandOf('totals', { ...words, by: 'side' }),
      value: `long ${formatUsd(totals.long.usd)}, short ${formatUsd(totals.short.usd)}, unknown ${formatUsd(totals.unknownSide.usd)}`,
    },
  )
}

function sayLargest({ totals, words }: ReportInput, draft: Draft): void {
  const event = totals.largest
  if (!event || !('usd' in event) || event.usd === undefined) return
  const receipt = {
    says: 'largest event',
    query: 'the event of the greatest known value',
    command: commandOf('largest', { ...words, limit: '1' }),
    value: `${event.id} ${formatUsd(event.usd)}`,
  }
  const when = formatTime(event.time).slice(11)
  say(
    draft,
    `The largest single ${event.type === 'perp-liquidation' ? 'order' : 'repayment'} was ${formatUsd(event.usd)} ${ofWhat(event)} at ${when}.`,
    receipt,
  )
}

function ofWhat(event: MarketEvent): string {
  if (event.type === 'perp-liquidation')
    return `on ${venueName(event.venue)} ${event.instrument}${event.side ? `, a ${event.side}` : ''}`
  if (event.type === 'loan-liquidation') return `of ${name(event.repaid)} against ${name(event.seized)}`
  if (event.type === 'auction-started') return `of ${name(event.due)} against ${name(event.lot)}`
  return ''
}

function name(leg: Leg): string {
  return leg.asset
}

function sayScope({ totals, words, sources }: ReportInput, draft: Draft): void {
  const { coverage } = totals
  const receipt = {
    says: 'coverage',
    query: 'policies in force, gaps and silent feeds of the window',
    command: commandOf('coverage', words),
    value: `${formatShare(coverage.share)} of venue-time heard; ${countOf(coverage.reasons.length, 'reason')} for a lower bound`,
  }
  const simulated = sources.includes('simulated') ? ' These are simulated events of no real market.' : ''
  const rest =
    coverage.reasons.length > 0
      ? ` The figures are lower bounds: ${coverage.reasons.slice(0, 6).join('; ')}${coverage.reasons.length > 6 ? `; and ${coverage.reasons.length - 6} more` : ''}.`
      : ' Nothing is known to be missing.'
  say(draft, `Scope: ${totals.scope}; ${formatShare(coverage.share)} of venue-time heard.${rest}${simulated}`, receipt)
}

function markdownOf({ headline, sentences, receipts }: Pick<Report, 'headline' | 'sentences' | 'receipts'>): string {
  const body = sentences.map(({ text, receipts: ids }) => `${text} ${ids.map((id) => `[${id}]`).join('')}`).join(' ')
  const notes = receipts.map(({ id, says, command, value }) => `[${id}] ${says}: ${value}. \`${command}\``)
  return `# ${headline}\n\n${body}\n\n${notes.join('\n')}\n`
}

function whenOf({ window }: Totals): string {
  if (window.to - window.from === DAY && window.from % DAY === 0) return `on ${longDay(dayOf(window.from))}`
  return `in the ${formatSpan(window.to - window.from)} to ${formatTime(window.to)}`
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

function longDay(day: string): string {
  const [year, month, date] = day.split('-').map(Number)
  return `${date} ${MONTHS[(month ?? 1) - 1]} ${year}`
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

function ordinal(rank: number): string {
  const tail = rank % 100 >= 11 && rank % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th')
  return rank === 1 ? 'very' : `${formatCount(rank)}${tail}`
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
