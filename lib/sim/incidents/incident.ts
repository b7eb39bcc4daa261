/**
 * An incident as one type: what happened and who says so, the state and rules of that date, the figures that were published, and a function that runs
 * the mechanisms again under those rules or under others. The same settings and seed give the same numbers.
 */

/** How sure a statement is: S read in the source, N reported by others, D derived here, K known but not looked up again, ? not verified. */
export type Certainty = 'S' | 'N' | 'D' | 'K' | '?'

/** What the letters mean. */
export const CERTAINTY_WORDS: Readonly<Record<Certainty, string>> = {
  S: 'read in the source',
  N: 'reported by others',
  D: 'derived here',
  K: 'known, not looked up again',
  '?': 'not verified',
}

/** Where a statement comes from, and as of when it stood there. */
export type IncidentSource = {
  readonly what: string
  readonly url?: string | undefined
  readonly asOf: string
  readonly certainty: Certainty
}

/** One figure that was told in several ways, side by side. */
export type DisputedFigure = {
  readonly figure: string
  readonly told: readonly { readonly value: string; readonly by: string; readonly certainty: Certainty }[]
  readonly says?: string | undefined
}

/** How near counts as met: the same number, within a fraction of the published one, or within a distance in its unit. A range is widened by it. */
export type Tolerance = 'exact' | { readonly relative: number } | { readonly absolute: number }

/** A published figure to be met. `published`: a number or a range (ends included), in `unit`. */
export type IncidentFigure = {
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly published: number | readonly [low: number, high: number]
  readonly tolerance: Tolerance
  readonly certainty: Certainty
  /** What is run to get the model's number. */
  readonly how: string
  /** Name of the parameter that was fitted to this very figure: meeting it shows nothing then. */
  readonly fitted?: string | undefined
}

/** A number that only the model gives. */
export type IncidentMeasure = { readonly id: string; readonly name: string; readonly unit: string }

/** A parameter that was chosen so that a figure is met. */
export type FittedParameter = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly to: string
}

/** What may be changed: one of some words, or a number between two bounds. */
export type IncidentSetting = { readonly name: string; readonly says: string } & (
  | { readonly value: string; readonly words: readonly string[] }
  | { readonly value: number; readonly least: number; readonly most: number }
)

/** Settings by name. */
export type IncidentSettings = Readonly<Record<string, string | number>>

/** A rule changed: which settings, and what that means. */
export type Counterfactual = { readonly id: string; readonly says: string; readonly change: IncidentSettings }

/** Lines over one axis for a chart; points in order of x. Times in hours, minutes or seconds after `from`, as the label says. */
export type IncidentSeries = {
  readonly id: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[]
}

/** What a simulation is given: settings (all of them), a seed, and the text of the data files that are at hand, by name. */
export type IncidentWorld = {
  readonly word: (setting: string) => string
  readonly number: (setting: string) => number
  readonly seed: string
  readonly file: (name: string) => string | undefined
}

/** What came out, by id of figure or measure; `undefined`: the data for it is not at hand, or there is no such thing in this run. */
export type IncidentOutcome = {
  readonly values: Readonly<Record<string, number | undefined>>
  readonly series: readonly IncidentSeries[]
}

/** An incident, or a published result that a model has to give again. */
export type Incident = {
  readonly id: string
  readonly kind: 'incident' | 'benchmark'
  /** Day on which it began, and on which it ended when that is another (YYYY-MM-DD, UTC). */
  readonly day: string
  readonly until?: string | undefined
  readonly title: string
  /** Five lines at most. */
  readonly story: readonly string[]
  readonly sources: readonly IncidentSource[]
  readonly disputed: readonly DisputedFigure[]
  /** State at the start, path, and rules of that date, in words. */
  readonly initial: readonly string[]
  readonly path: string
  readonly rules: readonly string[]
  readonly figures: readonly IncidentFigure[]
  readonly measures: readonly IncidentMeasure[]
  readonly fitted: readonly FittedParameter[]
  /** What the model leaves out or cannot say. */
  readonly limits: readonly string[]
  readonly settings: readonly IncidentSetting[]
  readonly counterfactuals: readonly Counterfactual[]
  /** Figures and measures that the comparison of rules shows. */
  readonly compared: readonly string[]
  /** Data files that some figures need, as paths below the data directory. */
  readonly files: readonly string[]
  readonly simulate: (world: IncidentWorld) => IncidentOutcome
}
