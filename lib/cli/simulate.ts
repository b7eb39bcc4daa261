/** `breakwater simulate`: runs a scenario file and keeps what happened as a summary, events of the one vocabulary, and a row a step. */
import { readFileSync } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { formatCount, formatNumber, formatUsd } from '../analytics/index.ts'
import { csvHead, csvRows, figureText, runHash, type StressFigure } from '../api/index.ts'
import { eventId } from '../feed/index.ts'
import { breakwaterError, canonical, type MarketEvent, toWire, type UnixMs } from '../model/index.ts'
import {
  changedScenario,
  parseChange,
  parseGrid,
  parseScenario,
  type Scenario,
  type ScenarioChange,
  type ScenarioFiles,
  type ScenarioSummary,
  scenarioJsonSchema,
  type ToldFact,
} from '../sim/index.ts'
import type { ScenarioTold } from './cascade-worker.ts'
import { scenarioOnWorker } from './cascade-workers.ts'
import { EXIT } from './config.ts'
import { INTERRUPTED, interruptible, progressBar } from './interrupt.ts'
import { cannotWrite, changeText, counted, printJson, printLines, signedUsd, table } from './print.ts'

type SimulateOptions = {
  readonly out: string
  readonly set?: readonly string[]
  readonly grid?: readonly string[]
  readonly seed?: string
  readonly check?: true
  readonly schema?: true
  readonly json?: true
  readonly csv?: true
}

/** Adds the command. */
export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('run a scenario file: a market with its protocols, liquidators and traders (docs/scenarios.md)')
    .argument('[file]', 'the scenario, JSON')
    .option('--out <dir>', 'where runs are kept, each in a folder named by its hash', 'runs')
    .option('--set <changes...>', 'change something: depth=0.5, aave.bonus=0.08')
    .option('--grid <axes...>', 'run every combination: --grid depth=0.25,0.5,1 halfLife=600,3600; nothing is kept')
    .option('--seed <seed>', 'another seed than the file’s')
    .option('--check', 'only say what is wrong with the file')
    .option('--schema', 'print the JSON Schema of scenario files for editors')
    .option('--json', 'canonical JSON')
    .option('--csv', 'the grid as CSV')
    .action(async (file: string | undefined, options: SimulateOptions) => {
      if (options.schema) return printLines([JSON.stringify(scenarioJsonSchema(), null, 2)])
      if (file === undefined)
        throw breakwaterError('bad-config', 'no scenario file is named', {}, { fix: 'breakwater simulate FILE.json' })
      const { scenario, files } = readScenario(file, options)
      if (options.check) return printLines([`${scenario.name}: nothing is wrong`])
      if (options.grid) return runGrid(scenario, files, options)
      return runOne(scenario, files, options)
    })
}

/** A scenario with the texts of the files that it names beside it, and changes made. Throws `bad-scenario`, `not-found`. */
export function readScenario(
  file: string,
  { set = [], seed }: Pick<SimulateOptions, 'set' | 'seed'>,
): { readonly scenario: Scenario; readonly files: ScenarioFiles } {
  const parsed = parseScenario(textOf(file))
  const changed = changedScenario(seed === undefined ? parsed : { ...parsed, seed }, set.map(parseChange))
  const names = changed.rooms.flatMap(({ book }) => (book.kind === 'file' ? [book.file] : []))
  return { scenario: changed, files: new Map(names.map((name) => [name, textOf(resolve(dirname(file), name))])) }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw breakwaterError('not-found', `${file} cannot be read: ${(error as Error).message}`, { file: basename(file) })
  }
}

async function runOne(scenario: Scenario, files: ScenarioFiles, { out, json }: SimulateOptions): Promise<void> {
  await makeFolder(resolve(out)).catch((error: unknown) => {
    throw cannotWrite(out, error)
  })
  const bar = progressBar('steps', scenario.steps)
  const told = await interruptible((signal) => scenarioOnWorker(scenario, files, { signal, onProgress: bar.at }))
  bar.end()
  const hash = runHash(scenario, files)
  const folder = join(out, told.summary.finished ? hash : `${hash}-partial`)
  await keepRun(folder, hash, told)
  if (json) printJson({ hash, folder, ...told.summary })
  else printLines([...summaryLines(told.summary), '', `kept in ${folder}: summary.json, events.ndjson, steps.csv`])
  if (!told.summary.finished) process.exitCode = INTERRUPTED
}

/** Makes a folder and those above it, one at a time: asked to do all at once, Node 20 never comes back from a place such as /proc. */
async function makeFolder(path: string): Promise<void> {
  const made = () =>
    mkdir(path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
    })
  await made().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await made()
  })
}

/** Writes a run. The folder appears under its name only when it is whole. */
async function keepRun(folder: string, hash: string, { summary, facts, rows }: ScenarioTold): Promise<void> {
  const partial = `${folder}.writing`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial)
  await writeFile(join(partial, 'summary.json'), `${canonical({ hash, ...summary })}\n`)
  await writeFile(
    join(partial, 'events.ndjson'),
    eventsOf(hash, facts)
      .map((event) => `${toWire(event)}\n`)
      .join(''),
  )
  await writeFile(join(partial, 'steps.csv'), rows.map((row) => `${row.join(',')}\n`).join(''))
  await rm(folder, { recursive: true, force: true })
  await rename(partial, folder)
}

/** Simulated facts as events: the same run gives the same ids, so that importing it twice changes nothing. */
export function eventsOf(hash: string, facts: readonly ToldFact[]): readonly MarketEvent[] {
  return facts.map(({ venue, time, key, fact }) => {
    const ms = (time * 1_000) as UnixMs
    return { id: eventId(venue, `${hash}/${key}`), venue, time: ms, received: ms, source: 'simulated', ...fact }
  })
}

/** A summary for people. */
export function summaryLines(summary: ScenarioSummary): readonly string[] {
  const { name, finished, steps, asked, seconds, assets, rooms, payers } = summary
  // A market in which nothing was sold and nothing moved is not worth a line.
  const moved = assets.filter(
    ({ start, lowest, highest, sold }) => sold > 0 || lowest < start * 0.9995 || highest > start * 1.0005,
  )
  return [
    `⊢ ${name} · simulated, seed ${summary.seed}`,
    finished ? `${steps} steps of ${seconds} s` : `PARTIAL: interrupted after ${steps} of ${asked} steps`,
    '',
    ...table(
      [
        'market',
        'start, $',
        'lowest',
        'without sales',
        'overshoot',
        'amplified',
        'highest',
        'end',
        'coins sold by force',
      ],
      moved.map((one) => [
        one.symbol,
        ...[one.start, one.lowest, one.external.lowest].map((price) => formatNumber(price, 6)),
        changeText(one.overshoot),
        one.amplification === undefined ? '·' : `×${one.amplification.toFixed(3)}`,
        ...[one.highest, one.end].map((price) => formatNumber(price, 6)),
        formatNumber(one.sold, 5),
      ]),
      [1, 2, 3, 4, 5, 6, 7, 8],
    ),
    '',
    ...table(
      ['room', 'liquidations', 'accounts hit', 'seized', 'borrowers', 'lenders', 'penalty', 'bad debt'],
      rooms.map((one) => [
        one.room,
        formatCount(one.liquidations),
        `${formatCount(one.touched)} of ${formatCount(one.accounts)}`,
        formatUsd(one.seized),
        signedUsd(one.borrowers),
        signedUsd(one.lenders),
        formatUsd(one.penalty),
        formatUsd(one.badDebt),
      ]),
      [1, 2, 3, 4, 5, 6, 7],
    ),
    '',
    payerLine(payers),
    `${counted(summary.missedBids, 'bid')} missed, ${counted(summary.unsafeAtEnd, 'account')} unsafe at the end`,
  ]
}

/** Who paid, in a line, with the sum that must be nothing. */
export function payerLine({ sum, ...parts }: Readonly<Record<string, number>> & { readonly sum: number }): string {
  const words = Object.entries(parts).map(([who, usd]) => `${who} ${signedUsd(usd)}`)
  return `who paid: ${words.join(', ')}; Σ = ${signedUsd(sum)}`
}

/** One point of a grid with what came out. */
export type GridRow = Readonly<Record<string, number | undefined>>

async function runGrid(scenario: Scenario, files: ScenarioFiles, options: SimulateOptions): Promise<void> {
  const points = parseGrid(options.grid ?? [])
  const bar = progressBar('runs', points.length)
  const rows: GridRow[] = []
  const done = await interruptible(async (signal) => {
    for (const point of points) {
      if (signal.aborted) return false
      const { summary } = await scenarioOnWorker(changedScenario(scenario, point), files, { signal })
      if (!summary.finished) return false
      rows.push(gridRow(point, summary))
      bar.at(rows.length)
    }
    return true
  })
  bar.end()
  printGrid(rows, { ...options, label: done ? undefined : `PARTIAL: ${rows.length} of ${points.length} points` })
  process.exitCode = done ? EXIT.ok : INTERRUPTED
}

function gridRow(point: readonly ScenarioChange[], summary: ScenarioSummary): GridRow {
  const worst = summary.assets.reduce((low, one) => (one.overshoot < low.overshoot ? one : low))
  return {
    ...Object.fromEntries(point.map(({ name, value }) => [name, value])),
    ...{ overshoot: worst.overshoot, liquidations: summary.liquidations, badDebt: summary.badDebt },
    ...{
      borrowers: summary.payers.borrowers,
      lenders: summary.payers.lenders,
      liquidators: summary.payers.liquidators,
    },
    unsafeAtEnd: summary.unsafeAtEnd,
  }
}

/** Columns of a grid that are dollars; `overshoot` is a part, everything else a count or the axis’ own unit. */
const DOLLARS = new Set(['badDebt', 'borrowers', 'lenders', 'liquidators'])

function gridCell(name: string, value: number | undefined, units: ReadonlyMap<string, StressFigure['unit']>): string {
  if (value === undefined) return '·'
  const unit = units.get(name)
  if (unit !== undefined) return unit === 'share' ? changeText(value) : figureText(unit, value)
  if (name === 'overshoot') return changeText(value)
  if (DOLLARS.has(name)) return value < 0 ? signedUsd(value) : formatUsd(value)
  return formatNumber(value, 5)
}

/** Figures that a table has no room for; JSON and CSV have all. */
const LEFT_OUT = /\.(?:lowest|sold|branching)$|^(?:collateral|missedBids|unsafeAtEnd|notCovered)$/

/** A grid as a table, JSON or CSV. */
export function printGrid(
  rows: readonly GridRow[],
  {
    json,
    csv,
    label,
    units = new Map(),
  }: {
    readonly json?: true | undefined
    readonly csv?: true | undefined
    readonly label?: string | undefined
    readonly units?: ReadonlyMap<string, StressFigure['unit']> | undefined
  },
): void {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map((name) => ({ name, type: 'DOUBLE' as const, of: (row: GridRow) => row[name] }))
  if (json) printJson({ kind: 'simulated', partial: label !== undefined, rows })
  else if (csv) {
    process.stdout.write(csvHead(columns) + csvRows(columns, rows))
    if (label) process.stderr.write(`${label}\n`)
  } else {
    const shown = units.size > 0 ? names.filter((name) => !LEFT_OUT.test(name)) : names
    printLines([
      `⊢ simulated: ${counted(rows.length, 'run')}, one a row`,
      ...(label ? [label] : []),
      ...table(
        shown,
        rows.map((row) => shown.map((name) => gridCell(name, row[name], units))),
        shown.map((_, at) => at),
      ),
    ])
  }
}
