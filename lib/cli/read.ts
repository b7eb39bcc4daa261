/** The commands that read: totals, worst, report, largest, coverage. Thin: words in, the answer's own numbers out. */
import type { Command } from 'commander'
import {
  type CoverageSummary,
  dayOf,
  formatCount,
  formatMultiple,
  formatNumber,
  formatShare,
  formatSpan,
  formatTime,
  formatUsd,
  policyWords,
  type Totals,
} from '../analytics/index.ts'
import { type CommonOptions, configOf, EXIT, withCommon } from './config.ts'
import { type AnswerOf, openDoor, type Params, type Route } from './door.ts'
import { printJson, printLines, table } from './print.ts'
import { tapeLine } from './tape.ts'

type ReadOptions = CommonOptions & Record<string, string | boolean | undefined>

/** Adds the window and filter words that CLI and HTTP share. */
export function withQuestion(command: Command): Command {
  return withCommon(command)
    .option('--window <length>', 'how long: 1h, 24h, 7d …')
    .option('--at <time>', 'a UTC day, or the instant at which the window ends')
    .option('--from <time>', 'start (inclusive)')
    .option('--to <time>', 'end (exclusive)')
    .option('--src <source>', 'one venue or protocol id, or live, recorded, simulated, demo')
    .option('--venue <ids>', 'venue ids, comma list')
    .option('--protocol <ids>', 'protocol ids, comma list')
    .option('--chain <names>', 'chains, comma list')
    .option('--coin <coins>', 'coins (for loans: the collateral), comma list')
    .option('--side <sides>', 'long, short, unknown')
    .option('--kind <kind>', 'perp, loan or both')
    .option('--min-usd <amount>', 'only events of at least this much: 100k, 1.5M')
    .option('--account <id>', 'one account')
    .option('--strict', 'exit with 3 when coverage is below 100 %')
}

const WORDS = [
  'window',
  'at',
  'from',
  'to',
  'src',
  'venue',
  'protocol',
  'chain',
  'coin',
  'side',
  'kind',
  'minUsd',
  'account',
  'by',
  'order',
  'limit',
]

/** Adds the commands. */
export function addReading(program: Command): void {
  withQuestion(program.command('totals'))
    .description('dollars, counts, accounts and the largest, with coverage')
    .option('--by <keys>', 'group by venue, protocol, chain, coin, side, kind, source, minute, hour, day')
    .action((options: ReadOptions) => read('totals', options, totalsLines))
  withQuestion(program.command('worst'))
    .description('the record book: the worst days of a scope')
    .option('--limit <n>', 'how many days', '10')
    .option('--order <order>', 'worst or recent', 'worst')
    .option('--by <unit>', 'day', 'day')
    .option('--since <day>', 'same as --from')
    .action(({ since, ...options }: ReadOptions) =>
      read('records', since === undefined ? options : { ...options, from: since }, recordsLines),
    )
  withQuestion(program.command('report'))
    .description('the article of a day or window, every sentence with its receipts')
    .option('--format <form>', 'md or json', 'md')
    .action((options: ReadOptions) =>
      read('report', options['format'] === 'json' ? { ...options, json: true } : options, ({ data }) => [
        data.markdown.trimEnd(),
      ]),
    )
  withQuestion(program.command('largest'))
    .description('the largest single liquidations')
    .option('--limit <n>', 'how many', '10')
    .action((options: ReadOptions) =>
      read('largest', options, ({ data }) =>
        data.length > 0
          ? data.map((event) => tapeLine(event))
          : ['No liquidation is in the store of this scope and window.'],
      ),
    )
  withQuestion(program.command('coverage'))
    .description(
      'what was heard, what venues hold back, gaps; --policies for every dated policy; --rejected for refused records',
    )
    .option('--policies', 'every venue with its dated policies')
    .option('--rejected', 'refused records by reason')
    .option('--since <time>', 'same as --from')
    .action(coverage)
}

async function read<R extends Route>(
  route: R,
  options: ReadOptions,
  lines: (answer: AnswerOf<R>) => readonly string[],
): Promise<void> {
  const door = await openDoor(configOf({ ...options, demo: options['src'] === 'demo' }))
  try {
    const answer = await door.ask(route, paramsOf(options))
    if (options.json) printJson(answer)
    else printLines(lines(answer))
    if (options['strict'] && answer.provenance.coverage < 1) process.exitCode = EXIT.partial
  } finally {
    await door.close()
  }
}

function paramsOf(options: ReadOptions): Params {
  return Object.fromEntries(WORDS.flatMap((word) => (typeof options[word] === 'string' ? [[word, options[word]]] : [])))
}

const pair = (name: string, text: string) => `${name.padEnd(10)}${text}`

function totalsLines({ data, provenance }: AnswerOf<'totals'>): readonly string[] {
  const { window, coverage, events, unpriced } = data
  const excluded =
    unpriced > 0 ? `   (${formatCount(unpriced)} of ${formatCount(events)} without a price: counted, not summed)` : ''
  const word = data.method === 'sum-by-repaid v1' ? 'repaid' : data.method === 'sum-notional v1' ? 'closed' : 'total'
  return [
    `${data.scope} · ${formatTime(window.from)} to ${formatTime(window.to)} · ${provenance.sources.join(', ') || 'nothing stored'}`,
    pair(word, `${data.bound}${formatUsd(data.usd)}${excluded}`),
    ...(data.method.includes('+')
      ? [pair('', 'perps and loans together; --kind perp or --kind loan separates them')]
      : []),
    pair(
      'orders',
      `${data.countBound}${formatCount(events)}${data.accounts === undefined ? '   accounts — (the feeds give no ids)' : `   accounts ${data.accountsComplete ? data.countBound : '≥'}${formatCount(data.accounts)}`}`,
    ),
    ...(data.longShare === undefined
      ? []
      : [
          pair(
            'sides',
            `▼ long liquidated (sold) ${formatUsd(data.long.usd)} ${formatShare(data.longShare)}   ▲ short liquidated (bought) ${formatUsd(data.short.usd)}   side unknown ${formatUsd(data.unknownSide.usd)}`,
          ),
        ]),
    ...(data.largest ? [pair('largest', tapeLine(data.largest))] : []),
    pair(
      'coverage',
      `${formatShare(coverage.share)} of venue-time heard${coverage.silent.length > 0 ? `; silent now: ${coverage.silent.join(', ')}` : ''}`,
    ),
    ...coverage.reasons.map((reason) => pair('', reason)),
    ...groupLines(data),
    pair('method', `${data.method} · sha256 ${provenance.hash.slice(0, 16)}…`),
  ]
}

function groupLines({ groups }: Totals): readonly string[] {
  if (groups.length === 0) return []
  const keys = Object.keys(groups[0]?.keys ?? {})
  const rows = groups.map((group) => [
    ...keys.map((key) => keyText(key, group.keys[key as keyof typeof group.keys])),
    `${group.bound}${formatUsd(group.usd)}`,
    formatShare(group.share),
    formatCount(group.events),
    formatUsd(group.long.usd),
    formatUsd(group.short.usd),
    group.largest ? formatUsd(group.largest.usd) : '—',
  ])
  const right = [0, 1, 2, 3, 4, 5].map((column) => column + keys.length)
  return ['', ...table([...keys, 'usd', 'share', 'orders', '▼ long', '▲ short', 'largest'], rows, right), '']
}

function keyText(key: string, value: string | number | undefined): string {
  if (typeof value === 'number') return key === 'day' ? dayOf(value) : formatTime(value).slice(0, 16)
  return value === undefined || value === '' ? '·' : value
}

function recordsLines({ data }: AnswerOf<'records'>): readonly string[] {
  const rows = data.days.map((day) => [
    `#${day.rank}`,
    day.day,
    `${day.bound}${formatUsd(day.usd)}`,
    formatCount(day.events),
    formatCount(day.accounts),
    formatUsd(day.largest?.usd),
    formatMultiple(day.versus?.meanMultiple),
    day.worstSince ? `since ${day.worstSince.day}` : 'on record',
  ])
  const right = [0, 2, 3, 4, 5, 6]
  return [
    `${data.scope} · ${data.daysWithEvents} days with events, ${data.begins ?? '—'} to ${data.ends ?? '—'}`,
    ...table(['rank', 'day', 'usd', 'orders', 'accounts', 'largest', 'vs mean 30 d', 'worst'], rows, right),
  ]
}

async function coverage(options: ReadOptions): Promise<void> {
  if (options['rejected']) return rejected(options)
  if (options['policies']) return read('venues', { json: options.json, data: options.data }, policyLines)
  const { since } = options
  return read('coverage', typeof since === 'string' ? { ...options, from: since } : options, ({ data }) =>
    coverageLines(data),
  )
}

function coverageLines(summary: CoverageSummary): readonly string[] {
  const rows = summary.venues.map((venue) => [
    venue.venue,
    policyWords(venue.policy),
    venue.since ?? '—',
    formatShare(venue.share),
    String(venue.gaps.length),
    formatCount(venue.events),
    venue.lastEvent === undefined ? '—' : formatTime(venue.lastEvent),
  ])
  const gaps = summary.venues.flatMap((venue) =>
    venue.gaps
      .slice(-3)
      .map(
        (gap) =>
          `— deaf ${formatTime(gap.from)} to ${formatTime(gap.to)}, ${formatSpan(gap.to - gap.from)} (${venue.venue}: ${gap.why})`,
      ),
  )
  return [
    `${formatShare(summary.share)} of venue-time heard${summary.silent.length > 0 ? `; silent now: ${summary.silent.join(', ')}` : ''}`,
    ...table(['venue', 'publishes', 'since', 'heard', 'gaps', 'events', 'last event'], rows, [3, 4, 5]),
    ...gaps,
    ...summary.reasons.map((reason) => `≥ because ${reason}`),
  ]
}

function policyLines({ data }: AnswerOf<'venues'>): readonly string[] {
  const rows = data.flatMap((venue) =>
    venue.coverage
      .filter((fact) => fact.channel === 'liquidations')
      .map((fact) => [venue.id, fact.since ?? 'always', policyWords(fact.policy), fact.note ?? '', fact.page]),
  )
  return table(['venue', 'since', 'publishes', 'note', 'page'], rows)
}

async function rejected(options: ReadOptions): Promise<void> {
  const door = await openDoor(configOf(options))
  try {
    if (!door.store)
      return printLines(['A running server owns this data directory; its refusals are counted at /metrics.'])
    const { counts, newest } = await door.store.rejected(20)
    if (options.json) return printJson({ counts, newest })
    printLines(
      table(
        ['venue', 'code', 'count'],
        counts.map((row) => [row.venue, row.code, formatNumber(row.count)]),
        [2],
      ),
    )
    printLines(
      newest.map(
        (record) => `${formatTime(record.received)} ${record.venue} ${record.reason}: ${record.raw.slice(0, 120)}`,
      ),
    )
  } finally {
    await door.close()
  }
}
