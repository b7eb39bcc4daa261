/** Incidents as schemas: what happened, what is asked of a run, and what it answers. */
import { z } from 'zod'

const text = z.string()
const number = z.number()
const certainty = z.enum(['S', 'N', 'D', 'K', '?']).meta({
  description:
    'S read in the source, N reported by others, D derived here, K known but not looked up again, ? not verified.',
})
const published = z
  .union([number, z.tuple([number, number])])
  .meta({ description: 'A number, or a range (ends included).' })
const settings = z.record(text, z.union([text, number]))
const point = z.tuple([number, number])

const series = z.array(
  z.strictObject({
    ...{ id: text, title: text, x: text, y: text },
    lines: z.array(z.strictObject({ name: text, points: z.array(point) })),
  }),
)
const named = z.strictObject({ id: text, name: text, unit: text })

const card = {
  ...{ id: text, kind: z.enum(['incident', 'benchmark']), day: text, until: text.optional(), title: text },
  files: z.array(text).meta({ description: 'Data files that some figures need; the server has none of them.' }),
}

/** Path of one incident. */
export const incidentPath = z.strictObject({
  id: text.max(120).meta({
    description: 'Id of an incident, or the part of it that names one alone.',
    examples: ['2026-03-10-wsteth-cap'],
  }),
})

/** The list. */
export const incidentCards = z
  .array(z.strictObject({ ...card, figures: number, counterfactuals: z.array(text) }))
  .meta({ id: 'IncidentCards' })

/** One incident: facts, sources, figures to be met, what may be changed. */
export const incidentFacts = z
  .strictObject({
    ...card,
    story: z.array(text),
    sources: z.array(z.strictObject({ what: text, url: text.optional(), asOf: text, certainty })),
    disputed: z.array(
      z.strictObject({
        figure: text,
        told: z.array(z.strictObject({ value: text, by: text, certainty })),
        says: text.optional(),
      }),
    ),
    ...{ initial: z.array(text), path: text, rules: z.array(text), limits: z.array(text) },
    figures: z.array(
      z.strictObject({
        ...{ id: text, name: text, unit: text, published, certainty, how: text, fitted: text.optional() },
        tolerance: text,
      }),
    ),
    measures: z.array(named),
    fitted: z.array(z.strictObject({ name: text, value: number, unit: text, to: text })),
    settings: z.array(
      z.strictObject({
        ...{ name: text, says: text, value: z.union([text, number]), words: z.array(text).optional() },
        ...{ least: number.optional(), most: number.optional() },
      }),
    ),
    counterfactuals: z.array(z.strictObject({ id: text, says: text, change: settings })),
    compared: z.array(text),
  })
  .meta({ id: 'Incident' })

/** What a run is asked. */
export const incidentBody = z
  .strictObject({
    with: settings.optional().meta({ description: 'Rules changed, by name of setting; the rest as on the date.' }),
    seed: z.union([text.max(64), number]).optional(),
    counterfactuals: z
      .boolean()
      .optional()
      .meta({ description: 'false leaves out the library’s own changes of rules.' }),
  })
  .meta({ id: 'IncidentQuestion' })

const values = z.record(text, number)

/** A run: model against record, and what other rules would have changed. A number that there is not is absent. */
export const incidentRun = z
  .strictObject({
    ...{ id: text, title: text, seed: text, settings },
    figures: z.array(
      z.strictObject({
        ...{ id: text, figure: text, unit: text, published, model: number.optional(), difference: number.optional() },
        ...{ relative: number.optional(), tolerance: text, certainty, how: text, fitted: text.optional() },
        verdict: z.enum(['met', 'missed', 'needs-data', 'no-number']),
      }),
    ),
    compared: z.array(named),
    rules: z.array(z.strictObject({ id: text, says: text, change: settings, values })),
    ...{ series, askedSeries: series.optional(), missing: z.array(text) },
  })
  .meta({ id: 'IncidentRun', description: 'Simulated: model runs beside published figures.' })
