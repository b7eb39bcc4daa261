/** Errors at the door: problem+json (RFC 9457) with the project's code, values and way out. A bug of ours says nothing but that it is one. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import {
  ADVICE,
  type BreakwaterError,
  breakwaterError,
  type ErrorCode,
  isBreakwaterError,
  type Log,
} from '../model/index.ts'
import type { Problem } from './types.ts'

/** The HTTP status of each code. */
export const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  'bad-number': 400,
  'bad-time': 400,
  'bad-frame': 400,
  'bad-config': 400,
  'bad-query': 400,
  'bad-file': 400,
  'bad-cursor': 400,
  'bad-position': 400,
  'bad-tiers': 400,
  'over-leverage': 400,
  'bad-account': 400,
  'bad-state': 400,
  'bad-shock': 400,
  'bad-scenario': 400,
  'missing-price': 400,
  'unknown-asset': 404,
  'unknown-protocol': 404,
  'line-too-long': 400,
  'unknown-venue': 400,
  unauthorised: 401,
  'not-found': 404,
  'unknown-format': 406,
  'store-failed': 500,
  'store-unsupported': 501,
  'contract-silent': 502,
  'venue-refused': 502,
  'wrong-chain': 502,
  'port-in-use': 503,
  'data-directory-damaged': 503,
  'data-directory-locked': 503,
  'store-unreachable': 503,
  'store-closed': 503,
  'venue-unreachable': 503,
  'block-unavailable': 503,
  'provider-limit': 503,
  overloaded: 503,
  'disk-full': 507,
}

/** The media type of every error. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** The problem of an error of the world's. `status` overrules the code's own. */
export function problemOf(error: BreakwaterError, instance: string, status = STATUS_OF[error.code]): Problem {
  return {
    type: `urn:breakwater:error:${error.code}`,
    title: error.code.replaceAll('-', ' '),
    status,
    detail: error.message,
    instance,
    code: error.code,
    values: Object.fromEntries(
      Object.entries(error.values).filter(([, value]) => value !== undefined),
    ) as Problem['values'],
    fix: error.fix,
    retryable: error.retryable,
  }
}

/** True for addresses that the terminal shows as one of its pages. */
function isPage(request: FastifyRequest): boolean {
  const path = pathOf(request)
  return request.method === 'GET' && !path.startsWith('/v1/') && !/\.\w+$/.test(path)
}

/** Where a terminal is served, its pages are found; every failure of a request becomes a problem; what is not the world's is logged whole and told as `internal`. */
export function installProblems(app: FastifyInstance, log: Log, terminal: { readonly value: boolean }): void {
  app.setNotFoundHandler((request, reply) => {
    if (terminal.value && isPage(request)) return reply.header('cache-control', 'no-cache').sendFile('index.html')
    const path = pathOf(request)
    sendProblem(
      request,
      reply,
      breakwaterError('not-found', `there is nothing at ${request.method} ${path}`, {}, NO_ROUTE),
    )
  })
  app.setErrorHandler((error: FastifyError, request, reply) => sendFailure(error, request, reply, log))
}

/** Sends the problem of whatever was thrown. */
export function sendFailure(error: FastifyError, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (isBreakwaterError(error)) {
    if (STATUS_OF[error.code] >= 500 && !isRate(error))
      log('warn', error.message, { code: error.code, path: pathOf(request), ...error.values })
    return sendProblem(request, reply, error, isRate(error) ? 429 : undefined)
  }
  if (hasZodFastifySchemaValidationErrors(error)) return sendProblem(request, reply, refusedQuery(error))
  const status = error.statusCode ?? 500
  if (status < 500) {
    const code = status === 404 ? 'not-found' : status === 401 ? 'unauthorised' : 'bad-query'
    return sendProblem(request, reply, breakwaterError(code, error.message), status)
  }
  log('error', 'a request met a bug', {
    ...{ method: request.method, path: pathOf(request), error: String(error.stack ?? error) },
  })
  return reply
    .code(500)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(internal(pathOf(request))))
}

/** Sends the problem of `error`; what can be tried again says when. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: BreakwaterError,
  status?: number,
): FastifyReply {
  const problem = problemOf(error, pathOf(request), status)
  if (problem.status === 503) reply.header('retry-after', '5')
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="breakwater"')
  return reply.code(problem.status).header('cache-control', 'no-store').type(PROBLEM_TYPE).send(JSON.stringify(problem))
}

/** The path of a request without its query: a token in the query must not come back in an answer or a log. */
export function pathOf(request: Pick<FastifyRequest, 'url'>): string {
  return (request.url.split('?')[0] ?? '').slice(0, 200)
}

const NO_ROUTE = { fix: 'See /openapi.json for what there is.' }

function isRate(error: BreakwaterError): boolean {
  return error.code === 'overloaded' && error.values['status'] === 429
}

function refusedQuery(error: FastifyError): BreakwaterError {
  const first = (
    error as unknown as { validation: { instancePath: string; message?: string; params?: { keys?: string[] } }[] }
  ).validation[0]
  const name = first?.params?.keys?.[0] ?? first?.instancePath.replace(/^\//, '') ?? ''
  return breakwaterError('bad-query', `${name || 'the query'}: ${first?.message ?? 'not understood'}`, {
    parameter: name,
  })
}

function internal(instance: string): Problem {
  return {
    type: 'urn:breakwater:error:internal',
    title: 'internal error',
    status: 500,
    detail: 'The server made a mistake; it has been logged.',
    instance,
    code: 'internal',
    values: {},
    fix: 'Report it with the time and the address asked for; the log of the server holds the details.',
    retryable: ADVICE.overloaded.retryable,
  }
}
