/** One door to the answers: the store itself, or the running server that owns the data directory. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer } from '../analytics/index.ts'
import { breakwaterError, type ErrorCode, isBreakwaterError, type UnixMs } from '../model/index.ts'
import {
  type AnswerContext,
  coverageAnswer,
  fundingAnswer,
  historyAnswer,
  largestAnswer,
  liquidationsAnswer,
  oiAnswer,
  openStore,
  recordsAnswer,
  reportAnswer,
  type Store,
  totalsAnswer,
  venuesAnswer,
} from '../store/index.ts'
import type { Config } from './config.ts'
import { shippedDays } from './shipped.ts'

/** Parameters in text, the same words as in the HTTP query. */
export type Params = Readonly<Record<string, string | undefined>>

const ANSWERS = {
  totals: totalsAnswer,
  'totals/history': historyAnswer,
  liquidations: liquidationsAnswer,
  largest: largestAnswer,
  records: recordsAnswer,
  report: reportAnswer,
  coverage: coverageAnswer,
  venues: venuesAnswer,
  oi: oiAnswer,
  funding: fundingAnswer,
} as const

/** The questions a door answers: `/v1/<route>` over HTTP. */
export type Route = keyof typeof ANSWERS
/** What a question is answered with. */
export type AnswerOf<R extends Route> = Answer<Awaited<ReturnType<(typeof ANSWERS)[R]>>['data']>

/** An open door. `store` is there when we own the data ourselves. */
export type Door = {
  readonly store: Store | undefined
  ask<R extends Route>(route: R, params: Params): Promise<AnswerOf<R>>
  close(): Promise<void>
}

/** Opens the store; when another process owns the data directory and serves it, asks that process instead. */
export async function openDoor(config: Config): Promise<Door> {
  try {
    const store = await openStore(config)
    const context = async (): Promise<AnswerContext> => ({
      store,
      now: Date.now() as UnixMs,
      silent: [],
      shipped: await shippedDays(),
    })
    return {
      store,
      ask: async (route, params) => (await ANSWERS[route](await context(), params)) as never,
      close: () => store.close(),
    }
  } catch (error) {
    const url =
      isBreakwaterError(error) && error.code === 'data-directory-locked' ? await servingUrl(config.data) : undefined
    if (url === undefined) throw error
    return { store: undefined, ask: (route, params) => askServer(url, route, params), close: async () => undefined }
  }
}

/** Where `breakwater up` says that it serves a data directory: address and, beyond loopback, the token's place. */
export const SERVER_FILE = 'server.json'

/** The address of the server that says it serves a data directory, or `undefined`. */
export async function servingUrl(data: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(join(data, SERVER_FILE), 'utf8')) as { url?: unknown }
    return typeof url === 'string' ? url : undefined
  } catch {
    return undefined
  }
}

async function askServer<T>(url: string, route: Route, params: Params): Promise<Answer<T>> {
  const address = new URL(`/v1/${route}`, url)
  for (const [name, value] of Object.entries(params)) if (value !== undefined) address.searchParams.set(name, value)
  const token = process.env['BREAKWATER_TOKEN']
  const headers = { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  let response: Response
  try {
    response = await fetch(address, { headers })
  } catch (cause) {
    throw breakwaterError(
      'store-unreachable',
      `the server at ${url} does not answer`,
      { url },
      { fix: 'Stop it, or start it again with `breakwater up`.', cause },
    )
  }
  const body = (await response.json()) as Answer<T> & { code?: ErrorCode; detail?: string; fix?: string }
  if (!response.ok)
    throw breakwaterError(
      body.code ?? 'bad-query',
      body.detail ?? `the server answered ${response.status}`,
      { url: String(address) },
      body.fix ? { fix: body.fix } : {},
    )
  return body
}
