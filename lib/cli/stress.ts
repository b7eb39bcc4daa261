/** `breakwater stress`: what a shock strikes, what follows on the market, who is next and who pays; paths on workers, grids, tables and pictures. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { givenBooks, type LendingBooks, simulatedBooks, withMove } from '../analytics/index.ts'
import {
  type CoinPaths,
  type CoinSummary,
  csvHead,
  csvRows,
  loanPaths,
  loanStress,
  type PositionStress,
  parquetFile,
  positionPaths,
  positionStress,
  questionedScenario,
  runHash,
  type StressParams,
  type StressQuestion,
  stressQuestion,
} from '../api/index.ts'
import { breakwaterError } from '../model/index.ts'
import {
  isPositionList,
  monteCarloSummary,
  type PositionList,
  parseGrid,
  parsePositions,
  type ScenarioChange,
} from '../sim/index.ts'
import { pathsOnWorkers, scenarioOnWorker } from './cascade-workers.ts'
import { EXIT, wholeNumber } from './config.ts'
import { INTERRUPTED, interruptible, progressBar } from './interrupt.ts'
import { cannotWrite, printJson, printLines } from './print.ts'
import { type GridRow, printGrid, readScenario } from './simulate.ts'
import { pathLines, pictureOf, type StressAnswer, stressLines } from './stress-lines.ts'
import { refuseIdle } from './stress-options.ts'
import { pathRows, stressColumns, stressRows } from './stress-rows.ts'

type StressOptions = Omit<StressParams, 'cascade' | 'json' | 'csv' | 'set' | 'grid' | 'workers'> & {
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
    .requiredOption('--shock <shocks>', 'BTC=-10%,ETH=-15%; kinds market:, only:, depeg:stETH/ETH=-5%')
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
    .option('--set <changes...>', 'of a scenario: room.param=value, depth=0.5')
    .option('--grid <axes...>', 'every combination: depth=0.25,0.5,1,2 halfLife=600,3600')
    .option('--json', 'canonical JSON')
    .option('--csv', 'the parts as CSV')
    .option('--parquet <file>', 'the parts as a Parquet file')
    .option('--svg <file>', 'a picture')
    .action(run)
}

type Asked = {
  readonly ask: (question: StressQuestion) => Promise<StressAnswer> | StressAnswer
  readonly paths: (question: StressQuestion) => readonly CoinPaths[]
}

async function run(options: StressOptions): Promise<void> {
  const question = stressQuestion(wordsOf(options))
  const asked = options['scenario'] === undefined ? bookOf(options) : scenarioOf(options['scenario'], options)
  if (options.grid) return runGrid(asked, question, options)
  const answer = await asked.ask(question)
  const paths = await followed(asked.paths(question), options.workers)
  const partial = paths.some((one) => one.partial) || (answer.book === 'scenario' && !answer.finished)
  write(answer, paths, options)
  if (partial) process.exitCode = INTERRUPTED
}

function wordsOf({ cascade, json: _j, csv: _c, set: _s, grid, workers: _w, ...words }: StressOptions): StressParams {
  // A grid is of what follows, so it asks for it.
  return { ...words, cascade: cascade || grid ? 'true' : undefined }
}

function write(answer: StressAnswer, paths: readonly CoinSummary[], options: StressOptions): void {
  const rows = [...stressRows(answer), ...pathRows(paths)]
  const columns = stressColumns(rows)
  if (options['parquet'] !== undefined) writeOut(options['parquet'], parquetFile(columns, rows))
  if (options['svg'] !== undefined) writeOut(options['svg'], pictureOf(answer, paths, provenanceOf(answer, paths)))
  if (options.json) printJson(paths.length > 0 ? { ...answer, paths } : answer)
  else if (options.csv) process.stdout.write(csvHead(columns) + csvRows(columns, rows))
  else printLines([...stressLines(answer), ...pathLines(paths)])
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

function bookOf(options: StressOptions): Asked {
  const name = options['src'] ?? options['book'] ?? 'demo'
  if (options.set)
    throw breakwaterError(
      'bad-query',
      '--set changes a scenario',
      {},
      { fix: 'Add --scenario FILE, or leave --set out.' },
    )
  if (name === 'demo') {
    refuseIdle(options, 'demo')
    return loans(simulatedBooks(options['seed']))
  }
  const text = fileText(name)
  if (isPositionList(text)) {
    refuseIdle(options, 'positions')
    return positions(parsePositions(text))
  }
  refuseIdle(options, 'loans')
  return loans(
    givenBooks(text, options['assets'] === undefined ? undefined : fileText(options['assets']), options['protocol']),
  )
}

const loans = (books: LendingBooks): Asked => ({
  ask: (question) => loanStress(books, question),
  paths: (question) => loanPaths(books.books, question),
})

const positions = (list: PositionList): Asked => ({
  ask: (question) => positionStress(list, question),
  paths: (question) => positionPaths(list, question),
})

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

/** A scenario whose coins fall at its start. It has no book of levels, so no paths. */
function scenarioOf(file: string, options: StressOptions): Asked {
  refuseIdle(options, 'scenario')
  const { scenario, files } = readScenario(file, { set: options.set, seed: options['seed'] })
  return {
    async ask(question) {
      const changed = questionedScenario(scenario, question)
      const { summary } = await interruptible((signal) => scenarioOnWorker(changed, files, { signal }))
      return { book: 'scenario', hash: runHash(changed, files), ...summary }
    },
    paths: () => [],
  }
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

async function runGrid({ ask }: Asked, question: StressQuestion, options: StressOptions): Promise<void> {
  const points = parseGrid(options.grid ?? [])
  const bar = progressBar('what-ifs', points.length)
  const rows: GridRow[] = []
  await interruptible(async (signal) => {
    for (const point of points) {
      // Between two points the loop turns once, so that Ctrl-C is heard.
      await new Promise((turn) => setImmediate(turn))
      if (signal.aborted) return
      rows.push({
        ...Object.fromEntries(point.map(({ name, value }) => [name, value])),
        ...gridFigures(await ask(changedQuestion(question, point))),
      })
      bar.at(rows.length)
    }
  })
  bar.end()
  const partial = rows.length < points.length
  printGrid(rows, {
    json: options.json,
    csv: options.csv,
    label: partial ? `PARTIAL: ${rows.length} of ${points.length} points` : undefined,
  })
  process.exitCode = partial ? INTERRUPTED : EXIT.ok
}

const AXES = ['depth', 'halfLife', 'permanent', 'withdrawal'] as const

/** Axes of a book's grid: the market's own terms, and `shock`, which multiplies the moves. */
function changedQuestion(question: StressQuestion, point: readonly ScenarioChange[]): StressQuestion {
  let { shocks, market } = question
  for (const { name, value } of point) {
    const least = name === 'depth' || name === 'halfLife' ? Number.MIN_VALUE : 0
    if (name === 'shock') shocks = shocks.map((shock) => withMove(shock, shock.move * value))
    else if (AXES.some((axis) => axis === name) && value >= least) market = { ...market, [name]: value }
    else
      throw breakwaterError(
        'bad-query',
        `'${name}=${value}' is no axis of a book`,
        { name, value },
        {
          fix: 'Use depth (a multiple), halfLife, permanent, withdrawal, shock (a multiple); rooms’ parameters with `simulate --grid`.',
        },
      )
  }
  return { ...question, shocks, market }
}

function gridFigures(answer: StressAnswer): GridRow {
  if (answer.book === 'scenario')
    return {
      ...{ overshoot: Math.min(...answer.assets.map(({ overshoot }) => overshoot)), liquidations: answer.liquidations },
      badDebt: answer.badDebt,
    }
  if (answer.book === 'positions') {
    const total = (of: (one: PositionStress['coins'][number]) => number) =>
      answer.coins.reduce((sum, one) => sum + of(one), 0)
    return {
      ...{ liquidated: total((one) => one.liquidated), usd: total((one) => one.longUsd + one.shortUsd) },
      ...{
        overshoot: Math.min(...answer.coins.map(({ core }) => core.overshoot)),
        insuranceLeft: answer.insurance.left,
      },
      ...{ deleveraged: total((one) => one.deleveraged.usd), badDebt: answer.badDebt },
    }
  }
  const { market, coins } = answer.cascade as NonNullable<typeof answer.cascade>
  const first = coins[0]
  return {
    ...{ atOnce: answer.strike.accounts, liquidations: market.liquidations, badDebt: market.badDebt },
    overshoot: Math.min(...market.assets.map(({ overshoot }) => overshoot)),
    ...{ amplification: first?.amplification ?? 1, forcedCoins: first?.coins ?? 0 },
    ...{ borrowers: market.payers.borrowers, lenders: market.payers.lenders, liquidators: market.payers.liquidators },
  }
}
