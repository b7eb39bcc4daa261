/** The library of incidents: facts as they were published, and runs of the mechanisms under the rules of that date or others. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { canonical } from '../../model/index.ts'
import { INCIDENTS, type Incident, type IncidentRun, incidentOf, toleranceWords } from '../../sim/index.ts'
import { formatFor } from '../formats.ts'
import type { Heavy } from '../heavy.ts'
import { incidentBody, incidentCards, incidentFacts, incidentPath, incidentRun } from '../schemas/incidents.ts'
import { noQuery } from '../schemas/question.ts'
import { plainAnswer, type Server, sendBody } from '../server.ts'
import { operationId, problems, schemaOf } from './ask.ts'

type Asked = z.infer<typeof incidentBody>

/** Adds the routes. */
export function addIncidents(app: FastifyInstance, server: Server, heavy: Heavy): void {
  const send = (request: FastifyRequest, reply: FastifyReply, data: unknown, command: string, simulated = false) => {
    const format = formatFor(request.headers.accept, ['json'])
    const now = server.options.clock.now()
    const from = simulated ? ({ kind: 'computed', sources: ['simulated'] } as const) : ({ kind: 'reported' } as const)
    const given = plainAnswer(data, 'incidents v1', `breakwater incident ${command} --json`, from, now)
    return sendBody(request, reply, now, given.provenance, format, canonical(given))
  }
  const listed = {
    url: '/v1/incidents',
    summary: 'Incidents and benchmarks, oldest first',
    query: noQuery,
    data: incidentCards,
  }
  app.get(listed.url, { schema: schemaOf(listed, ['json']) }, (request, reply) =>
    send(request, reply, INCIDENTS.map(cardOf), 'list'),
  )
  const one = {
    url: '/v1/incidents/:id',
    summary: 'One incident: facts, sources, figures to be met, what may be changed',
    query: noQuery,
    data: incidentFacts,
  }
  app.get(one.url, { schema: withNotFound(schemaOf(one, ['json']), 'incidentsId') }, (request, reply) =>
    send(request, reply, factsOf(incidentOf(idOf(request))), 'list'),
  )
  const run = {
    url: '/v1/incidents/:id/run',
    summary: 'The model against the record, and what other rules would have changed (simulated)',
    query: noQuery,
    data: incidentRun,
  }
  const { querystring: _none, ...schema } = withNotFound(schemaOf(run, ['json']), operationId('/v1/incidents/run'))
  app.post(run.url, { schema: { ...schema, body: incidentBody } }, async (request, reply) => {
    const asked = (request.body ?? {}) as Asked
    const incident = incidentOf(idOf(request))
    const { with: change, seed, counterfactuals } = asked
    const options = { change, seed, counterfactuals }
    const data = withoutGaps(await heavy.run('incident', { id: incident.id, options }))
    return send(request, reply, data, runCommand(incident, asked), true)
  })
}

const idOf = (request: FastifyRequest) => (request.params as { readonly id: string }).id

function withNotFound<S extends { readonly response: object }>(schema: S, operation: string) {
  return {
    ...schema,
    params: incidentPath,
    operationId: operation,
    response: { ...schema.response, ...problems(404, 413, 415) },
  }
}

function cardOf({ id, kind, day, until, title, files, figures, counterfactuals }: Incident) {
  const rules = counterfactuals.map(({ says }) => says)
  return { id, kind, day, until, title, files, figures: figures.length, counterfactuals: rules }
}

function factsOf({ simulate: _code, figures, ...facts }: Incident) {
  return {
    ...facts,
    figures: figures.map((figure) => ({ ...figure, tolerance: toleranceWords(figure.tolerance, figure.unit) })),
  }
}

/** A number that there is not is absent. */
function withoutGaps(run: IncidentRun): IncidentRun {
  const kept = (values: IncidentRun['rules'][number]['values']) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return { ...run, rules: run.rules.map((rules) => ({ ...rules, values: kept(rules.values) })) }
}

function runCommand({ id }: Incident, { with: change = {}, seed, counterfactuals = true }: Asked): string {
  const words = Object.entries(change).map(([name, value]) => `--with ${name}=${value}`)
  return [
    'run',
    id,
    ...words,
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(counterfactuals ? [] : ['--no-counterfactuals']),
  ].join(' ')
}
