/** Runs an incident: the model's numbers against the published ones, and what other rules would have changed. */
import { breakwaterError } from '../../model/index.ts'
import type {
  Incident,
  IncidentFigure,
  IncidentOutcome,
  IncidentSeries,
  IncidentSetting,
  IncidentSettings,
  Tolerance,
} from './incident.ts'
import { incidentOf } from './library.ts'

/** How a run differs from the rules of the date. `change`: settings by name, numbers also as text; `files`: texts of data files by their name in `incident.files`. */
export type IncidentOptions = {
  readonly change?: Readonly<Record<string, string | number>> | undefined
  readonly seed?: string | number | undefined
  readonly files?: ReadonlyMap<string, string> | undefined
  /** False: the counterfactuals are left out, for speed. */
  readonly counterfactuals?: boolean | undefined
}

/** What became of a figure: met or missed, or nothing to compare because a data file is not at hand or the run has no such number. */
export type FigureVerdict = 'met' | 'missed' | 'needs-data' | 'no-number'

/** One line of the table. `difference` = model − published, to the nearer end of a range (0 inside it); `relative`: that as a fraction of it. */
export type FigureRow = {
  readonly id: string
  readonly figure: string
  readonly unit: string
  readonly published: number | readonly [low: number, high: number]
  readonly model?: number | undefined
  readonly difference?: number | undefined
  readonly relative?: number | undefined
  readonly tolerance: string
  readonly verdict: FigureVerdict
  readonly certainty: IncidentFigure['certainty']
  readonly how: string
  readonly fitted?: string | undefined
}

/** One set of rules in the comparison: `recorded` first, then the change that was asked for (`asked`), then the library's own. */
export type RulesRow = {
  readonly id: string
  readonly says: string
  readonly change: IncidentSettings
  readonly values: Readonly<Record<string, number | undefined>>
}

/** A run. */
export type IncidentRun = {
  readonly id: string
  readonly title: string
  readonly seed: string
  readonly settings: IncidentSettings
  readonly figures: readonly FigureRow[]
  readonly compared: readonly { readonly id: string; readonly name: string; readonly unit: string }[]
  readonly rules: readonly RulesRow[]
  readonly series: readonly IncidentSeries[]
  /** Series of the change that was asked for. */
  readonly askedSeries?: readonly IncidentSeries[] | undefined
  /** Data files that were not at hand. */
  readonly missing: readonly string[]
}

/** Runs one incident by its id. Refuses (`not-found`) an unknown one, (`bad-scenario`) settings it does not have or values out of their bounds. */
export function runIncident(id: string, options: IncidentOptions = {}): IncidentRun {
  const steps = incidentSteps(id, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same, one simulation after the other, so that whoever runs it can do something else in between: yields how many are done, of how many. */
export function* incidentSteps(
  id: string,
  options: IncidentOptions = {},
): Generator<{ readonly done: number; readonly of: number }, IncidentRun> {
  const incident = incidentOf(id)
  const { seed = 1, files = new Map(), counterfactuals = true } = options
  const change = checkedChange(incident, options.change ?? {})
  const own = defaultsOf(incident)
  const others = counterfactuals ? incident.counterfactuals : []
  const changes: readonly Omit<RulesRow, 'values'>[] = [
    { id: 'recorded', says: 'rules of the date', change: {} },
    ...(Object.keys(change).length > 0 ? [{ id: 'asked', says: 'the change asked for', change }] : []),
    ...others,
  ]
  const outcomes: IncidentOutcome[] = []
  for (const [at, rules] of changes.entries()) {
    if (at > 0) yield { done: at, of: changes.length }
    outcomes.push(simulateWith(incident, { ...own, ...rules.change }, String(seed), files))
  }
  const base = outcomes[0] as IncidentOutcome
  const missing = incident.files.filter((name) => !files.has(name))
  const asked = changes.findIndex((rules) => rules.id === 'asked')
  return {
    ...{ id: incident.id, title: incident.title, seed: String(seed), settings: { ...own, ...change }, missing },
    figures: incident.figures.map((figure) => figureRow(figure, base.values, missing)),
    compared: incident.compared.map((name) => named(incident, name)),
    rules: changes.map((rules, at) => ({ ...rules, values: chosen(incident, outcomes[at] as IncidentOutcome) })),
    series: base.series,
    askedSeries: asked < 0 ? undefined : outcomes[asked]?.series,
  }
}

function simulateWith(
  incident: Incident,
  settings: IncidentSettings,
  seed: string,
  files: ReadonlyMap<string, string>,
): IncidentOutcome {
  const setting = (name: string) => {
    const value = settings[name]
    if (value === undefined) throw breakwaterError('bad-scenario', `${incident.id} has no setting ${name}`, { name })
    return value
  }
  return incident.simulate({
    word: (name) => String(setting(name)),
    number: (name) => Number(setting(name)),
    seed,
    file: (name) => files.get(name),
  })
}

/** Settings of the date. */
export function defaultsOf({ settings }: Pick<Incident, 'settings'>): IncidentSettings {
  return Object.fromEntries(settings.map(({ name, value }) => [name, value]))
}

/** Reads changed settings; every wrong one is named at once. */
function checkedChange(incident: Incident, given: Readonly<Record<string, string | number>>): IncidentSettings {
  const wrong: string[] = []
  const change = Object.entries(given).map(([name, value]) => {
    const setting = incident.settings.find((one) => one.name === name)
    const read = setting && readSetting(setting, value)
    if (!setting)
      wrong.push(`there is no '${name}' (there is ${incident.settings.map((one) => one.name).join(', ') || 'nothing'})`)
    else if (read === undefined)
      wrong.push(
        'words' in setting
          ? `${name} is one of ${setting.words.join(', ')}, not '${value}'`
          : `${name} lies between ${setting.least} and ${setting.most}, not '${value}'`,
      )
    return [name, read ?? value] as const
  })
  if (wrong.length > 0)
    throw breakwaterError('bad-scenario', `${incident.id}: ${wrong.join('; ')}`, { incident: incident.id })
  return Object.fromEntries(change)
}

function readSetting(setting: IncidentSetting, value: string | number): string | number | undefined {
  if ('words' in setting) return setting.words.includes(String(value)) ? String(value) : undefined
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value)
  return number >= setting.least && number <= setting.most ? number : undefined
}

function named({ figures, measures }: Incident, id: string): { id: string; name: string; unit: string } {
  const found = figures.find((one) => one.id === id) ?? measures.find((one) => one.id === id)
  return { id, name: found?.name ?? id, unit: found?.unit ?? '' }
}

function chosen({ compared }: Incident, { values }: IncidentOutcome): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(compared.map((id) => [id, values[id]]))
}

function figureRow(figure: IncidentFigure, values: IncidentOutcome['values'], missing: readonly string[]): FigureRow {
  const { id, name, unit, published, tolerance, certainty, how, fitted } = figure
  const model = values[id]
  const row = { id, figure: name, unit, published, certainty, how, fitted, tolerance: toleranceWords(tolerance, unit) }
  if (model === undefined || !Number.isFinite(model))
    return { ...row, verdict: missing.length > 0 ? 'needs-data' : 'no-number' }
  const [low, high] = typeof published === 'number' ? [published, published] : published
  const nearer = model < low ? low : model > high ? high : model
  const difference = model - nearer
  const allowed =
    tolerance === 'exact' ? 0 : 'relative' in tolerance ? tolerance.relative * Math.abs(nearer) : tolerance.absolute
  return {
    ...{ ...row, model, difference },
    relative: nearer === 0 ? undefined : difference / Math.abs(nearer),
    verdict: Math.abs(difference) <= allowed ? 'met' : 'missed',
  }
}

/** A tolerance in words: `exact`, `±5 %`, `±0.02 share`. */
export function toleranceWords(tolerance: Tolerance, unit: string): string {
  if (tolerance === 'exact') return 'exact'
  if ('relative' in tolerance) {
    const percent = tolerance.relative * 100
    return `±${percent >= 0.01 ? Number(percent.toPrecision(3)) : percent.toExponential(0)} %`
  }
  return `±${tolerance.absolute} ${unit}`.trim()
}
