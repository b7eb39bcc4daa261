/** `breakwater lending oracle`: what an oracle answers while the price runs and something is wrong with it. */
import type { Command } from 'commander'
import { formatNumber, formatSpan } from '../analytics/index.ts'
import { csvHead, csvRows, ORACLE_DEFAULTS, oracleAnswer } from '../api/index.ts'
import { ORACLE_COLUMNS, ORACLE_WORDS, type OracleAnswers } from '../sim/index.ts'
import { numberFrom } from './config.ts'
import { changeText, printJson, printLines, table } from './print.ts'

type OracleOptions = {
  readonly oracle: string
  readonly fault?: readonly string[]
  readonly path: string
  readonly price: string
  readonly rows: number
  readonly json?: true
  readonly csv?: true
}

/** Adds the command. */
export function addLendingOracle(lending: Command): void {
  lending
    .command('oracle')
    .description('what an oracle answers while the price runs and something is wrong with it (simulated)')
    .option(
      '--oracle <kind>',
      `${Object.keys(ORACLE_WORDS).join(', ')}, parameters by colon: push:deviationBps=50:heartbeat=1h`,
      ORACLE_DEFAULTS.oracle,
    )
    .option(
      '--fault <faults...>',
      'KIND@START+DURATION: stale@10m+1h, spike@0s+5m:factor=1.5, stuck@0s+1h:least=1500, delayed@0s+2h:by=1h, down@1h+30m',
    )
    .option(
      '--path <shape>',
      'v:-35%:6h and other shapes, or a day of history with its coin: 2020-03-12/ETH',
      ORACLE_DEFAULTS.path,
    )
    .option('--price <dollars>', 'at the start', ORACLE_DEFAULTS.price)
    .option('--rows <n>', 'looks in the table; JSON and CSV have every one', numberFrom(2), 13)
    .option('--json', 'canonical JSON')
    .option('--csv', 'CSV, a row a look')
    .action((options: OracleOptions) => {
      const { oracle, fault, path, price } = options
      const answers = oracleAnswer({ oracle, fault: fault?.join(','), path, price })
      if (options.json) printJson(answers)
      else if (options.csv) process.stdout.write(csvHead(ORACLE_COLUMNS) + csvRows(ORACLE_COLUMNS, answers.looks))
      else printLines(oracleLines(answers, options.rows))
    })
}

/** The answer, for people. */
export function oracleLines(answers: OracleAnswers, most: number): readonly string[] {
  const { oracle, faults, path, looks, above, below, oldest, silent, changed, seconds } = answers
  const every = Math.max(1, Math.ceil((looks.length - 1) / Math.max(1, most - 1)))
  const shown = looks.filter((_, at) => at % every === 0 || at === looks.length - 1)
  const dollars = (value: number | undefined) => (value === undefined ? 'none' : formatNumber(value, 7))
  const span = (time: number) => formatSpan(time * 1_000)
  const clock = (time: number) =>
    `${Math.floor(time / 3_600)}:${String(Math.floor((time % 3_600) / 60)).padStart(2, '0')} h`
  const gap = ({ gap: one, time }: OracleAnswers['above']['answer']) =>
    one === 0 ? 'none' : `${changeText(one)} after ${clock(time)}`
  return [
    `⊢ simulated: ${oracle} along ${path}, a look every ${formatNumber(seconds, 4)} s`,
    faults.length === 0 ? 'no fault (--fault stale@10m+1h)' : `faults: ${faults.join(', ')}`,
    ...table(
      ['after', 'truth, $', 'as designed', 'answer', 'off the truth', 'age'],
      shown.map(({ time, truth, designed, answer, age }) => [
        ...[clock(time), dollars(truth), dollars(designed), dollars(answer)],
        answer === undefined ? '—' : changeText(answer / truth - 1),
        age === undefined ? '—' : span(age),
      ]),
      [0, 1, 2, 3, 4, 5],
    ),
    '',
    ...table(
      ['farthest off the truth', 'above', 'below'],
      [
        ['as designed', gap(above.designed), gap(below.designed)],
        ...(faults.length === 0 ? [] : [['with the faults', gap(above.answer), gap(below.answer)]]),
      ],
    ),
    `${faults.length === 0 ? '' : `the faults change the answer for ${clock(changed)}; `}no answer for ${clock(silent)}; the oldest answer is ${oldest === undefined ? '—' : span(oldest)} old`,
    'Above the truth loans look safer than they are (bad debt); below it they are liquidated that should stand.',
  ]
}
