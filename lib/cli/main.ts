/** The command line: every command of its own file, one place for errors and exit codes. */
import { Command, CommanderError } from 'commander'
import { breakwaterError, isBreakwaterError, nearest } from '../model/index.ts'
import { addCompare } from './compare.ts'
import { EXIT } from './config.ts'
import { addDoctor } from './doctor.ts'
import { addExport } from './export.ts'
import { addImport } from './import.ts'
import { addIncident } from './incident.ts'
import { addLending } from './lending.ts'
import { addPerp } from './perp.ts'
import { addReading } from './read.ts'
import { addReplay } from './replay.ts'
import { addSimulate } from './simulate.ts'
import { addStress } from './stress.ts'
import { addUp, version } from './up.ts'
import { addWatch } from './watch.ts'

const USAGE_CODES: ReadonlySet<string> = new Set([
  'bad-config',
  'bad-query',
  'bad-time',
  'bad-number',
  'bad-position',
  'bad-tiers',
  'bad-shock',
  'bad-scenario',
  'over-leverage',
  'unknown-venue',
  'unknown-protocol',
  'unknown-asset',
  'unknown-format',
  'not-found',
])

const program = new Command('breakwater')
  .description('Crypto liquidations: observe, simulate, act.')
  .version(version())
  .showHelpAfterError('(run with --help for the options)')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 ok, 1 failed, 2 usage, 3 coverage below 100 % (with --strict), 130 interrupted with a partial result.',
  )
for (const add of [
  addUp,
  addWatch,
  addReading,
  addImport,
  addExport,
  addReplay,
  addPerp,
  addIncident,
  addLending,
  addStress,
  addSimulate,
  addCompare,
  addDoctor,
])
  add(program)
for (const command of program.commands) command.exitOverride()
// One answer has one form.
program.hook('preAction', (_, command) => {
  const { json, csv } = command.opts<{ json?: boolean; csv?: boolean }>()
  if (json && csv)
    throw breakwaterError(
      'bad-config',
      '--json and --csv are two forms of one answer',
      {},
      { fix: 'Leave one of them out.' },
    )
})

// A reader that stops early (head, less) is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})

try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = say(error)
}

/** Says what went wrong, with which values and what to do; a bug keeps its stack. */
function say(error: unknown): number {
  if (error instanceof CommanderError) {
    // What is missing may have been mistyped: the missing one is noticed first.
    if (error.code === 'commander.missingMandatoryOptionValue') process.stderr.write(mistyped(process.argv.slice(2)))
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  if (isBreakwaterError(error)) {
    const json = process.argv.includes('--json')
    const { code, message, fix, values, retryable } = error
    process.stderr.write(
      json
        ? `${JSON.stringify({ error: { code, message, values, fix, retryable } })}\n`
        : `breakwater: ${message} (${code})\n  ${fix}\n`,
    )
    return USAGE_CODES.has(code) ? EXIT.usage : EXIT.failed
  }
  process.stderr.write(
    `breakwater: a mistake of ours, please report it:\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return EXIT.failed
}

/** A line for each option that the command does not have but nearly has. */
function mistyped(words: readonly string[]): string {
  let command = program
  for (const word of words) command = command.commands.find((one) => one.name() === word) ?? command
  const known = command.options.flatMap(({ long }) => (long ? [long] : []))
  const strange = words.flatMap((word) => (word.startsWith('--') ? [word.replace(/=.*/, '')] : []))
  return strange
    .filter((word) => !known.includes(word) && nearest(word, known) !== '')
    .map((word) => `there is no option '${word}'${nearest(word, known)}\n`)
    .join('')
}
