/** `breakwater incident`: the library of incidents; a run prints the model's figures beside the published ones and what other rules would have changed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { breakwaterError } from '../model/index.ts'
import {
  CERTAINTY_WORDS,
  differenceText,
  figureText,
  INCIDENTS,
  type Incident,
  type IncidentRun,
  incidentOf,
  publishedText,
  runIncident,
  verdictWords,
} from '../sim/index.ts'
import { printJson, printLines, table } from './print.ts'

type RunOptions = {
  readonly with?: readonly string[]
  readonly seed?: string
  readonly data?: string
  readonly json?: true
  readonly counterfactuals: boolean
}

/** Adds the commands. */
export function addIncident(program: Command): void {
  const incident = program.command('incident').description('what happened, run again under the rules of its date')
  incident
    .command('list')
    .description('every incident and benchmark, oldest first')
    .option('--json', 'canonical JSON, facts, sources and settings included')
    .action(({ json }: { readonly json?: true }) => {
      if (json) printJson(INCIDENTS)
      else printLines(listLines())
    })
  incident
    .command('run <id>')
    .description('the model against the record, and what other rules would have changed (simulated)')
    .option(
      '--with <name=value>',
      'one rule changed: mechanism=maker-clip, guard=0.01; may be given several times',
      (word: string, before: readonly string[] = []) => [...before, word],
    )
    .option('--seed <text>', 'the same seed gives the same run', '1')
    .option('--data <dir>', 'where recorded data lie; figures that need them say so without it')
    .option('--no-counterfactuals', 'leave out the library’s own changes of rules')
    .option('--json', 'canonical JSON, series included')
    .action((id: string, options: RunOptions) => {
      const found = incidentOf(id)
      const { seed, counterfactuals } = options
      const files = filesOf(found, options.data)
      const run = runIncident(found.id, { change: changeOf(options.with ?? []), seed, files, counterfactuals })
      if (options.json) printJson(run)
      else printLines(runLines(found, run))
    })
  for (const command of incident.commands) command.exitOverride()
}

function changeOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const cut = word.indexOf('=')
      if (cut > 0) return [word.slice(0, cut).trim(), word.slice(cut + 1).trim()] as const
      throw breakwaterError('bad-scenario', `'${word}' changes nothing`, { word }, { fix: 'Write --with name=value.' })
    }),
  )
}

/** Texts of the files that an incident knows. A directory that is named must have them. */
function filesOf({ files }: Incident, directory: string | undefined): ReadonlyMap<string, string> {
  if (directory === undefined) return new Map()
  return new Map(
    files.map((name) => {
      const path = join(directory, name)
      try {
        return [name, readFileSync(path, 'utf8')] as const
      } catch (error) {
        throw breakwaterError('bad-config', `the file ${path} cannot be read: ${(error as Error).message}`, { path })
      }
    }),
  )
}

function listLines(): readonly string[] {
  const rows = INCIDENTS.map(({ id, day, until, kind, title, figures, files }) => [
    id,
    kind === 'benchmark' ? 'benchmark' : until && until !== day ? `${day} – ${until}` : day,
    String(figures.length),
    files.length > 0 ? 'data' : '',
    title,
  ])
  return [...table(['id', 'day', 'figures', 'needs', 'title'], rows, [2]), '', 'breakwater incident run ID']
}

function runLines(incident: Incident, run: IncidentRun): readonly string[] {
  return [
    `${incident.title} · ${incident.day}`,
    'SIMULATED: model runs beside published figures',
    '',
    ...incident.story.map((line, at) => `${at + 1}. ${line}`),
    '',
    'Model against record, under the rules of the date:',
    ...figureLines(run),
    ...(run.missing.length > 0 ? ['', `Needs data (--data DIR): ${run.missing.join(', ')}`] : []),
    '',
    'What other rules would have changed:',
    ...rulesLines(run),
    ...listed(
      'Fitted',
      incident.fitted.map(
        ({ name, value, unit, to }) => `${name} = ${figureText(value, unit)}, to meet ${nameOf(incident, to)}`,
      ),
    ),
    ...listed(
      'Told in several ways',
      incident.disputed.map(
        ({ figure, told, says }) =>
          `${figure}: ${told.map(({ value, by }) => `${value} (${by})`).join('; ')}${says ? `. ${says}` : ''}`,
      ),
    ),
    ...listed('Not in the model', incident.limits),
    ...listed(
      'To change with --with name=value',
      incident.settings.map(
        (one) =>
          `${one.name} = ${one.value}: ${one.says}${'words' in one ? ` (${one.words.join(', ')})` : ` (${one.least} to ${one.most})`}`,
      ),
    ),
    ...listed(
      'Sources',
      incident.sources.map(
        ({ what, url, asOf, certainty }) =>
          `${what}${url ? `, ${url}` : ''}, as of ${asOf} (${CERTAINTY_WORDS[certainty]})`,
      ),
    ),
  ]
}

const nameOf = ({ figures }: Incident, id: string) => `'${figures.find((one) => one.id === id)?.name ?? id}'`

const listed = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `- ${line}`)]

function figureLines({ figures }: IncidentRun): readonly string[] {
  const rows = figures.map((row) => [
    row.figure,
    publishedText(row),
    figureText(row.model, row.unit),
    differenceText(row),
    row.tolerance,
    verdictWords(row),
  ])
  return table(['figure', 'published', 'model', 'difference', 'tolerance', 'verdict'], rows, [1, 2, 3, 4])
}

function rulesLines({ rules, compared }: IncidentRun): readonly string[] {
  const rows = compared.map(({ id, name, unit }) => [name, ...rules.map(({ values }) => figureText(values[id], unit))])
  return [
    ...table(
      ['', ...rules.map(({ id }) => id)],
      rows,
      rules.map((_, at) => at + 1),
    ),
    ...rules.map(({ id, says, change }) => {
      const words = Object.entries(change).map(([name, value]) => `${name}=${value}`)
      return `  ${id}: ${says}${words.length > 0 ? ` (${words.join(' ')})` : ''}`
    }),
  ]
}
