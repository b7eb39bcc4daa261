/** `breakwater compare`: one crash through several mechanisms side by side, the same borrowers and liquidators, and who paid in each. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Command } from 'commander'
import { formatCount, formatShare, formatUsd } from '../analytics/index.ts'
import { csvHead, csvRows } from '../api/index.ts'
import { breakwaterError } from '../model/index.ts'
import {
  ARENA_COLUMNS,
  ARENA_DEFAULTS,
  ARENA_FAILURES,
  ARENA_MEASURES,
  type Arena,
  type ArenaCrash,
  type ArenaMeasure,
  type ArenaRow,
  type ArenaWords,
  arenaOf,
  arenaQuestion,
  arenaRows,
  CRASH_SHAPES,
  crashOfTable,
  ROOM_KINDS,
} from '../sim/index.ts'
import { EXIT } from './config.ts'
import { printJson, printLines, table } from './print.ts'

type CompareOptions = ArenaWords & {
  readonly json?: true
  readonly csv?: true
  readonly from?: string
  readonly to?: string
}

/** Exit code of a run that Ctrl-C ended: what was finished is printed. */
const INTERRUPTED = 130

/** Adds the command. */
export function addCompare(program: Command): void {
  const words = (names: Iterable<string>) => [...names].join(', ')
  program
    .command('compare')
    .description('the same crash, borrowers and liquidators through several mechanisms (simulated): who pays in each')
    .option(
      '--crash <shape|file>',
      `SHAPE:-FALL%:DURATION (${words(Object.keys(CRASH_SHAPES))}), or a CSV file (.gz too) of time,price`,
      ARENA_DEFAULTS.crash,
    )
    .option(
      '--mechanisms <list>',
      `by comma, parameters by colon (llamma:bands=10:fee=0.01); of ${words(ROOM_KINDS.keys())}`,
      ARENA_DEFAULTS.mechanisms,
    )
    .option('--accounts <n>', 'borrowers', ARENA_DEFAULTS.accounts)
    .option('--normalise <usd>', 'debt of all of them in every column', ARENA_DEFAULTS.normalise)
    .option('--ltv <range>', 'their debt per collateral', ARENA_DEFAULTS.ltv)
    .option('--seed <text>', 'the same seed gives the same run', ARENA_DEFAULTS.seed)
    .option('--failure <list>', `switches by comma, each with an optional @TIME: ${words(Object.keys(ARENA_FAILURES))}`)
    .option('--liquidators <n>', 'how many compete', ARENA_DEFAULTS.liquidators)
    .option('--depth <usd>', 'sales that move the price by 1 %', ARENA_DEFAULTS.depth)
    .option('--gas <gwei>', 'gas price', ARENA_DEFAULTS.gas)
    .option('--price <usd>', 'opening price of a shape', ARENA_DEFAULTS.price)
    .option('--from <time>', 'where a file begins to count: 2021-05-19T06:00Z')
    .option('--to <time>', 'where it ends')
    .option('--json', 'canonical JSON, series of every step included')
    .option('--csv', 'one row a mechanism')
    .action(async ({ json, csv, from, to, ...options }: CompareOptions) => {
      const { crash } = options
      const path = crash !== undefined && /\.[a-z]+$/i.test(crash) ? pathOf(crash, { from, to }) : undefined
      const result = await runAll(options, path)
      if (json) printJson(result)
      else if (csv) {
        process.stdout.write(csvHead(ARENA_COLUMNS) + csvRows(ARENA_COLUMNS, result.rows))
        if (!result.finished) process.stderr.write(`${partialLine(result.rows)}\n`)
      } else printLines(linesOf(result))
    })
}

function pathOf(file: string, cut: Parameters<typeof crashOfTable>[2]): ArenaCrash {
  let text: string
  try {
    const bytes = readFileSync(file)
    text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw breakwaterError('bad-config', `the path ${file} cannot be read: ${(error as Error).message}`, { file })
  }
  return crashOfTable(basename(file), text, cut)
}

/** Runs column by column; Ctrl-C ends the one that runs, and what is there is told. */
async function runAll(words: ArenaWords, path: ArenaCrash | undefined): Promise<Arena> {
  const question = arenaQuestion(words, path)
  let stopped = false
  const stop = () => {
    stopped = true
    process.exitCode = INTERRUPTED
  }
  process.once('SIGINT', stop)
  const rows: ArenaRow[] = []
  try {
    for (const row of arenaRows(question, () => !stopped)) {
      rows.push(row)
      if (process.stderr.isTTY) process.stderr.write(`\r${rows.length} of ${question.columns.length} \u001b[K`)
      // A signal is heard between two columns.
      await new Promise((resolve) => setImmediate(resolve))
      if (stopped) break
    }
  } finally {
    process.removeListener('SIGINT', stop)
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }
  if (!stopped) process.exitCode = EXIT.ok
  return arenaOf(question, rows)
}

const FIRST = [
  ...['takenShare', 'lendersCostShare', 'protocolCostShare', 'socialCostShare', 'liquidators', 'builders', 'gas'],
  ...['slippage', 'waited', 'uncovered', 'impermanent', 'badDebt'],
]
const SECOND = ['againstHolding', 'lenders', 'liquidators', 'builders', 'gas', 'others', 'sum']
const THIRD = [
  ...['sold', 'peakSold', 'low', 'overshoot', 'liquidations', 'medianSize', 'largestSize', 'breached', 'secondsToSafe'],
  ...['dueAtEnd', 'recovered'],
]

function linesOf({ rows, verdict, pareto, finished }: Arena): readonly string[] {
  const ahead = finished ? pareto.filter(({ behind }) => behind.length === 0).map(({ id }) => id) : []
  return [
    'SIMULATED: model runs, not what happened anywhere',
    ...(finished ? [] : [partialLine(rows)]),
    '',
    'who pays, at the prices of the time, and who gets it',
    ...tableOf(rows, FIRST),
    '',
    'change of wealth to the end, at the last outside price',
    ...tableOf(rows, SECOND),
    '',
    ...tableOf(rows, THIRD),
    '',
    ...(ahead.length > 0 ? [`behind no other in all three (borrowers, lenders, protocol): ${ahead.join(', ')}`] : []),
    ...rows.flatMap(({ id, exactness, params }) => {
      const own = params.filter((one) => !one.default).map(({ name, value }) => `${name}=${value}`)
      return own.length > 0 ? [`${id} (${exactness}): ${own.join(' ')}, all else default`] : []
    }),
    'Other parameters are each mechanism’s own; --json lists them.',
    '',
    verdict,
  ]
}

const partialLine = (rows: readonly ArenaRow[]) =>
  `PARTIAL: interrupted after ${formatCount(rows.length)} ${rows.length === 1 ? 'column' : 'columns'}; the rest was not run`

function tableOf(rows: readonly ArenaRow[], names: readonly string[]): readonly string[] {
  const measures = ARENA_MEASURES.filter(({ name }) => names.includes(name))
  const cells = rows.map((row) => [
    `${row.id}${row.finished ? '' : ' (unfinished)'}`,
    row.exactness,
    ...measures.map((measure) => cellOf(measure, measure.of(row))),
  ])
  const right = measures.map((_, at) => at + 2)
  return table(['mechanism', 'exactness', ...measures.map(({ title }) => title)], cells, right)
}

function cellOf({ unit }: ArenaMeasure, value: number | undefined): string {
  if (value === undefined) return '—'
  if (unit === 'usd') return Math.abs(value) < 0.005 ? '$0' : formatUsd(value)
  if (unit === 'share') return formatShare(value)
  if (unit === 'count') return formatCount(value)
  if (unit === 'price') return `$${value.toFixed(2)}`
  return value < 120 ? `${value} s` : `${(value / 60).toFixed(0)} min`
}
