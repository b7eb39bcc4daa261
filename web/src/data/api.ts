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

/** An answer that is not there after so long, ms, will not come: the server took the question and hangs. */
export const PATIENCE_MS = 10_000

/** Asks; throws a {@link Failure}. */
export async function ask<R extends Route>(route: R, params: Params, signal?: AbortSignal): Promise<Answers[R]> {
  return (await fetchOrFail(urlOf(route, params), (response) => response.json(), signal)) as Answers[R]
}

/** One event with its provenance. */
export async function askEvent(id: string, signal?: AbortSignal): Promise<Answers['/v1/liquidations/{id}']> {
  const url = `/v1/liquidations/${encodeURIComponent(id)}`
  return (await fetchOrFail(url, (response) => response.json(), signal)) as Answers['/v1/liquidations/{id}']
}

/** The raw frame of an event. */
export function askRaw(id: string, signal?: AbortSignal): Promise<string> {
  return fetchOrFail(`/v1/liquidations/${encodeURIComponent(id)}/raw`, (response) => response.text(), signal)
}

/** True for what {@link ask} throws. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === 'object' && error !== null && 'detail' in error && 'fix' in error
}

/** Fetches and reads the body, both within {@link PATIENCE_MS}: a server may also stop in the middle of an answer. */
async function fetchOrFail<T>(url: string, read: (response: Response) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS)
  const both = signal ? AbortSignal.any([signal, patience.signal]) : patience.signal
  try {
    const response = await fetch(url, { signal: both })
    if (response.ok) return await read(response)
    throw await problemOf(response)
  } catch (error) {
    if (signal?.aborted || isFailure(error)) throw error
    throw patience.signal.aborted ? HANGS : UNREACHABLE
  } finally {
    clearTimeout(timer)
  }
}

async function problemOf(response: Response): Promise<Failure> {
  const problem: unknown = await response.json().catch(() => undefined)
  if (isFailure(problem)) return problem
  const { status } = response
  return { title: `HTTP ${status}`, detail: 'the server gave no reason', fix: 'Look at its log.', status }
}

const UNREACHABLE: Failure = {
  title: 'server unreachable',
  detail: 'the API does not answer',
  fix: 'Is `breakwater up` still running? The page tries on by itself.',
  status: 0,
}

const HANGS: Failure = {
  title: 'server hangs',
  detail: `the API took the question and gave no answer in ${PATIENCE_MS / 1_000} s`,
  fix: 'Look at the log of `breakwater up`. The page tries on by itself.',
  status: 0,
}
