/** Asks the API. One function, one kind of failure. */
import type { Answers, Problem } from '../../../lib/api/index.ts'
import type { Params } from '../state/view.ts'

/** Why a question got no answer: the API's own problem, or one of ours when it could not be reached. */
export type Failure = Pick<Problem, 'title' | 'detail' | 'fix' | 'status'>

/** Routes that answer a question in JSON without a name in the path. */
export type Route = Exclude<keyof Answers, '/v1/liquidations/{id}' | '/health'>

/** The address of a question. */
export function urlOf(route: string, params: Params = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== '') query.set(name, value)
  const text = query.toString()
  return text === '' ? route : `${route}?${text}`
}

/** Asks; throws a {@link Failure}. */
export async function ask<R extends Route>(route: R, params: Params, signal?: AbortSignal): Promise<Answers[R]> {
  return (await (await fetchOrFail(urlOf(route, params), signal)).json()) as Answers[R]
}

/** One event with its provenance. */
export async function askEvent(id: string, signal?: AbortSignal): Promise<Answers['/v1/liquidations/{id}']> {
  const response = await fetchOrFail(`/v1/liquidations/${encodeURIComponent(id)}`, signal)
  return (await response.json()) as Answers['/v1/liquidations/{id}']
}

/** The raw frame of an event. */
export async function askRaw(id: string, signal?: AbortSignal): Promise<string> {
  return (await fetchOrFail(`/v1/liquidations/${encodeURIComponent(id)}/raw`, signal)).text()
}

/** True for what {@link ask} throws. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === 'object' && error !== null && 'detail' in error && 'fix' in error
}

async function fetchOrFail(url: string, signal?: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, signal ? { signal } : {})
  } catch (error) {
    if (signal?.aborted) throw error
    throw UNREACHABLE
  }
  if (response.ok) return response
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  throw (
    problem ?? {
      title: `HTTP ${response.status}`,
      detail: 'the server gave no reason',
      fix: 'Look at its log.',
      status: response.status,
    }
  )
}

const UNREACHABLE: Failure = {
  title: 'server unreachable',
  detail: 'the API does not answer',
  fix: 'Is `breakwater up` still running? The page tries on by itself.',
  status: 0,
}
