/** `breakwater stress`: what a shock strikes, what follows on the market, who is next and who pays; paths on workers, grids, tables and pictures. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  type CoinPaths,
  type CoinSummary,
  csvHead,
  csvRows,
  isPartial,
  loanPaths,
  parquetFile,
  positionPaths,
  type StressAnswer,
  type StressParams,
  type StressQuestion,
  stressQuestion,
  subjectOf,
  type WhatIf,
  whatIf,
} from '../api/index.ts'
import { breakwaterError } from '../model/index.ts'
import { isPositionList, monteCarloSummary, parseGrid } from '../sim/index.ts'
import { gridOnWorker, pathsOnWorkers, whatIfOnWorker } from './cascade-workers.ts'
import { EXIT, wholeNumber } from './config.ts'
import { INTERRUPTED, interruptible, progressBar } from './interrupt.ts'
import { cannotWrite, printJson, printLines } from './print.ts'
import { type GridRow, printGrid, readScenario } from './simulate.ts'
import { changeLines, diffLines, solveLines } from './stress-change-lines.ts'
import { pathLines, pictureOf, stressLines } from './stress-lines.ts'
import { refuseIdle } from './stress-options.ts'
import { pathRows, stressColumns, stressRows } from './stress-rows.ts'
import { givenOf, type WhatIfSource } from './what-if-worker.ts'

type StressOptions = Omit<StressParams, 'cascade' | 'json' | 'csv' | 'set' | 'grid' | 'diff' | 'workers'> & {
  readonly diff?: true | readonly string[]
  readonly cascade?: true
  readonly json?: true
  readonly csv?: true
  readonly set?: readonly string[]
  readonly grid?: readonly string[]
  readonly workers: number
}

/** A larger file is refused before it is read. */
const MOST_BYTES = 256 * 1024 * 1024

/** Adds the command. */
export function addStress(program: Command): void {
  program
    .command('stress')
    .description('what if: shocks on a book of loans, on perp positions, or on a scenario')
    .option(
      '--book <file>',
      '`demo`, a table of loans (docs/lending-accounts.md), or a list of perp positions: CSV or JSON',
      'demo',
    )
    .option('--src <name>', '`demo`: the same as --book demo')
    .option('--assets <file>', 'the table of the loans’ assets, when it is a file of its own')
    .option('--protocol <id>', 'rules of rows that name none')
    .option('--scenario <file>', 'a scenario instead of a book: its coins are shocked at the start')
    .option(
      '--shock <shocks>',
      'BTC=-10%,ETH=-15%; kinds market:, only:, depeg:stETH/ETH=-5%; or a day of history: 2020-03-12, incident:black-thursday',
    )
    .option('--compare <shocks>', 'the same book under another shock, and the ratio')
    .option('--cascade', 'with feedback: forced sales move the price')
    .option('--depth <dollars>', 'sales that move a market by 2 %: 50M, or ETH=50M,BTC=200M')
    .option('--half-life <seconds>', 'in which half of a push is refilled, or none')
    .option('--permanent <part>', 'of a push that stays')
    .option('--withdrawal <kappa>', 'makers leave e^(−κ·volatility) of their depth')
    .option('--steps <n>', 'of the market')
    .option('--step-seconds <n>', 'between two of them')
    .option('--least-profit <dollars>', 'for which a liquidator acts')
    .option('--flash <part>', 'fee of a liquidator’s loan')
    .option('--price <pairs>', 'dollars by coin for positions: BTC=60000,ETH=3000')
    .option('--fund <dollars>', 'insurance fund of the positions')
    .option('--limit <n>', 'accounts to name')
    .option('--seed <seed>', 'of the simulated loans, of a scenario, and of the paths')
    .option('--paths <n>', 'Monte Carlo: how many paths of the price')
    .option('--volatility <part>', 'per √day: 4%')
    .option('--drift <part>', 'per day')
    .option('--jumps <n,mean,deviation>', 'a day: 2,-3%,4%')
    .option('--days <n>', 'that the paths last')
    .option('--workers <n>', 'threads of the paths; they change nothing but the time', wholeNumber(1, 64), 2)
    .option(
      '--set <changes...>',
      'changes of the book (ETH.LT=81%, aave-v3:ETH.bonus=6%, closeFactor=100%) or of a scenario (room.param=value, depth=0.5)',
    )
    .option('--rules <id>', 'judge Aave’s loans by the rules of another version: aave-v2')
    .option(
      '--diff [words...]',
      'what --set and --rules change, figure by figure; or this run against another: depth=20M',
    )
    .option('--solve <what>', 'shock, depth, fund, LT, ETH.LT, …: the value at which --until comes true or ends')
    .option('--until <mark>', "a figure and a number: 'badDebt>0', 'debt<=10M', 'overshoot<-5%'")
    .option('--max-bad-debt <dollars>', "the same as --until 'badDebt<=…'")
    .option('--grid <axes...>', 'every combination: depth=0.25,0.5,1,2 halfLife=600,3600 ETH.LT=0.78,0.83')
    .option('--json', 'canonical JSON')
    .option('--csv', 'the parts as CSV')
    .option('--parquet <file>', 'the parts as a Parquet file')
    .option('--svg <file>', 'a picture')
    .action(run)
}

async function run(options: StressOptions): Promise<void> {
  const words = wordsOf(options)
  // Read here too: what is wrong with the words is said before a file is read.
  const question = stressQuestion(words)
  const source = sourceOf(options)
  if (options.grid) return runGrid(source, words, options)
  // What takes no time takes no worker either.
  const quick = !question.cascade && !question.solve && source.kind !== 'scenario'
  const answer = quick ? whatIf(givenOf(source), words) : await answered(source, words)
  const paths = question.paths ? await followed(plansOf(source, question), options.workers) : []
  const partial = paths.some((one) => one.partial) || isPartial(answer)
  write(answer, paths, options)
  if (partial) process.exitCode = INTERRUPTED
}

/** Answered on a worker, so that Ctrl-C is heard in the middle of a market's steps, and of what is solved. */
async function answered(source: WhatIfSource, words: StressParams): Promise<WhatIf> {
  const bars: { readonly what: string; readonly bar: ReturnType<typeof progressBar> }[] = []
  const at = (what: string, done: number, total: number) => {
    if (bars.at(-1)?.what !== what) {
      bars.at(-1)?.bar.end()
      bars.push({ what, bar: progressBar(what, total) })
    }
    bars.at(-1)?.bar.at(done)
  }
  try {
    return await interruptible((signal) => whatIfOnWorker(source, words, { signal, at }))
  } finally {
    bars.at(-1)?.bar.end()
  }
}

function wordsOf(options: StressOptions): StressParams {
  const { cascade, set, diff, grid, json: _j, csv: _c, workers: _w, ...words } = options
  return {
    ...words,
    // A grid is of what follows, so it asks for it.
    cascade: cascade || grid ? 'true' : undefined,
    set: set?.join(' '),
    diff: diff === undefined ? undefined : diff === true ? 'true' : diff.join(' '),
  }
}

function write(answer: WhatIf, paths: readonly CoinSummary[], options: StressOptions): void {
  const rows = [...stressRows(answer), ...pathRows(paths)]
  const columns = stressColumns(rows)
  if (options['parquet'] !== undefined) writeOut(options['parquet'], parquetFile(columns, rows))
  if (options['svg'] !== undefined) writeOut(options['svg'], pictureOf(answer, paths, provenanceOf(answer, paths)))
  if (options.json) printJson(paths.length > 0 ? { ...answer, paths } : answer)
  else if (options.csv) process.stdout.write(csvHead(columns) + csvRows(columns, rows))
  else
    printLines([
      ...changeLines(answer),
      ...stressLines(answer),
      ...pathLines(paths),
      ...diffLines(answer),
      ...solveLines(answer),
    ])
}

function writeOut(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content)
  } catch (error) {
    throw cannotWrite(file, error)
  }
}

/** Where the numbers of a picture come from: what they are, the command, and the seed. */
function provenanceOf(answer: StressAnswer, paths: readonly CoinSummary[]): readonly string[] {
  const source =
    answer.book === 'loans'
      ? answer.source.says
      : answer.book === 'positions'
        ? `${answer.positions} positions`
        : answer.name
  const [first] = paths
  const partial = first?.partial
    ? `; PARTIAL: ${first.paths} of ${first.asked} paths`
    : first
      ? `; ${first.paths} paths, seed ${first.seed}`
      : ''
  const words = process.argv.slice(2).map((word) => (/^[\w.:/=,%+-]+$/.test(word) ? word : `'${word}'`))
  return [`⊢ simulated by Breakwater: ${source}${partial}`, `breakwater ${words.join(' ')}`]
}

function sourceOf(options: StressOptions): WhatIfSource {
  const { scenario: file } = options
  if (file !== undefined) {
    refuseIdle(options, 'scenario')
    return { kind: 'scenario', ...readScenario(file, { seed: options['seed'] }) }
  }
  const name = options['src'] ?? options['book'] ?? 'demo'
  if (name === 'demo') {
    refuseIdle(options, 'demo')
    return { kind: 'demo', seed: options['seed'] }
  }
  const text = fileText(name)
  if (isPositionList(text)) {
    refuseIdle(options, 'positions')
    return { kind: 'positions', text }
  }
  refuseIdle(options, 'loans')
  const assets = options['assets'] === undefined ? undefined : fileText(options['assets'])
  return { kind: 'loans', text, assets, protocol: options['protocol'] }
}

/** Paths are of the book as it was changed. */
function plansOf(source: WhatIfSource, question: StressQuestion): readonly CoinPaths[] {
  const given = givenOf(source)
  const plain = subjectOf(given)
  const heard = plain.heard(question)
  if (given.kind === 'positions') return positionPaths(given.list, heard)
  return loanPaths(plain.changed(question.set, question.rules).subject.books ?? [], heard)
}

function fileText(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw breakwaterError('not-found', `${file} cannot be read: ${(error as Error).message}`, { file })
  }
  if (text.length > MOST_BYTES) throw breakwaterError('bad-file', `${file} is larger than 256 MiB`, { file })
  return text
}

async function followed(plans: readonly CoinPaths[], workers: number): Promise<readonly CoinSummary[]> {
  const summaries: CoinSummary[] = []
  await interruptible(async (signal) => {
    for (const { coin, plan } of plans) {
      if (signal.aborted) return
      const bar = progressBar(`${coin} paths`, plan.paths)
      const chunks = await pathsOnWorkers(plan, workers, { signal, onProgress: bar.at })
      bar.end()
      const summary = monteCarloSummary(plan, chunks)
      if (summary) summaries.push({ coin, ...summary })
    }
  })
  if (summaries.length < plans.length) process.exitCode = INTERRUPTED
  return summaries
}

async function runGrid(source: WhatIfSource, words: StressParams, options: StressOptions): Promise<void> {
  const points = parseGrid(options.grid ?? [])
  const bar = progressBar('what-ifs', points.length)
  const told = await interruptible((signal) => gridOnWorker(source, words, points, { signal, onProgress: bar.at }))
  bar.end()
  const names = [...new Set(told.flatMap((figures) => figures.map(({ name }) => name)))]
  const rows = told.map(
    (figures, at): GridRow => ({
      ...Object.fromEntries((points[at] ?? []).map(({ name, value }) => [name, value])),
      ...Object.fromEntries(names.map((name) => [name, figures.find((one) => one.name === name)?.value])),
    }),
  )
  const partial = rows.length < points.length
  printGrid(rows, {
    json: options.json,
    csv: options.csv,
    units: new Map(told.flatMap((figures) => figures.map(({ name, unit }) => [name, unit] as const))),
    label: partial ? `PARTIAL: ${rows.length} of ${points.length} points` : undefined,
  })
  process.exitCode = partial ? INTERRUPTED : EXIT.ok
}
